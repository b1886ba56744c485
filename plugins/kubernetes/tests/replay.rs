//! What the plugin says of recorded clusters, against lists that people have reviewed.
//!
//! `recordings/estate.jsonl` was recorded from a real API server to which `recordings/estate.yaml` had been applied;
//! `refused.jsonl` from the same one with a role that may list everything but deployments. `INVENTAR_BLESS=1` writes the lists
//! anew.

#![allow(clippy::unwrap_used)]

use inventar_plugin_kubernetes::{Kubernetes, Settings};
use inventar_plugin_sdk::collector::native::{Collected, Replay, collect};
use inventar_plugin_sdk::{AssetRef, Property, Value, Version};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

fn recording(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("recordings").join(name)
}

fn replay(name: &str, namespaces: &[&str]) -> Collected {
    let replay = Replay::open(recording(&format!("{name}.jsonl"))).unwrap();
    let namespaces: Vec<String> = namespaces.iter().map(|name| (*name).to_owned()).collect();
    let settings =
        move || Settings { endpoint: "https://cluster.test".to_owned(), namespaces: namespaces.clone() };
    collect::<Kubernetes>(settings, replay.transport()).unwrap()
}

fn shown(properties: &[Property]) -> String {
    let mut text = String::new();
    for property in properties {
        let value = match &property.value {
            Value::Text(value) => value.clone(),
            Value::Integer(value) => value.to_string(),
            Value::Boolean(value) => value.to_string(),
            Value::Texts(values) => values.join(", "),
            other => format!("{other:?}"),
        };
        write!(text, " {}=[{value}]", property.name).unwrap();
    }
    text
}

/// Everything that was said: assets joined by their identifiers over the scopes, as a host joins them.
fn list(collected: &Collected) -> String {
    let mut lines = vec![];
    let mut names = BTreeMap::new();
    for (scope, asset) in &collected.assets {
        let identity = asset.identifiers.first().map(|id| format!("{}:{}", id.scheme, id.value));
        let identity = identity.unwrap_or_else(|| asset.key.clone());
        names.insert((*scope, asset.key.clone()), identity.clone());
        let version = match &asset.version {
            Some(Version::Exact(version)) => format!(" ={version}"),
            Some(Version::Range(version) | Version::Floating(version)) => format!(" ~{version}"),
            None => String::new(),
        };
        let why: Vec<String> =
            asset.evidence.iter().map(|seen| format!("{}({})", seen.rule, seen.confidence)).collect();
        let scope = &collected.scopes[*scope].0.id;
        lines.push(format!(
            "{} {identity}{version}{}\n    {} in {scope}",
            asset.kind,
            shown(&asset.properties),
            why.join(" ")
        ));
    }
    for (scope, relation) in &collected.relations {
        let name = |end: &AssetRef| match end {
            AssetRef::Identifier(id) => format!("{}:{}", id.scheme, id.value),
            AssetRef::Local { key, .. } => names[&(*scope, key.clone())].clone(),
        };
        lines.push(format!(
            "{} --{}-> {}{}",
            name(&relation.source),
            relation.kind,
            name(&relation.target),
            shown(&relation.properties)
        ));
    }
    lines.extend(
        collected.findings.iter().map(|finding| format!("finding {}: {}", finding.rule, finding.title)),
    );
    lines.extend(collected.gaps.iter().map(|gap| format!("gap {}: {:?}", gap.at, gap.reason)));
    for (scope, is_complete) in collected.scopes.iter().filter(|(_, is_complete)| !is_complete) {
        lines.push(format!("not complete {} {is_complete}", scope.id));
    }
    lines.sort();
    lines.dedup();
    lines.join("\n") + "\n"
}

#[track_caller]
fn check(name: &str, collected: &Collected) {
    let (found, path) = (list(collected), recording(&format!("{name}.txt")));
    if std::env::var_os("INVENTAR_BLESS").is_some() {
        fs::write(&path, found).unwrap();
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    let differs = |(at, (found, expected)): (usize, (&str, &str))| {
        (found != expected).then(|| format!("line {}: found\n{found}\nexpected\n{expected}", at + 1))
    };
    let first = found.lines().zip(expected.lines()).enumerate().find_map(differs);
    assert!(found == expected, "{name}.txt differs; {}", first.unwrap_or_else(|| "its length".to_owned()));
}

#[test]
fn an_estate() {
    check("estate", &replay("estate", &[]));
}

#[test]
fn a_refused_permission_denies_its_own_scope_only() {
    let collected = replay("refused", &[]);
    check("refused", &collected);
    let incomplete: Vec<&str> = collected
        .scopes
        .iter()
        .filter(|(_, complete)| !complete)
        .map(|(scope, _)| scope.id.as_str())
        .collect();
    assert_eq!(incomplete, ["cluster/apps/deployments"]);
    assert_eq!(
        collected.gaps.iter().map(|gap| gap.at.as_str()).collect::<Vec<_>>(),
        ["list apps/deployments"]
    );
}

#[test]
fn no_value_of_a_variable_leaves() {
    let collected = replay("estate", &[]);
    let everything = format!("{collected:?}");
    for hidden in ["not-a-secret", "postgres://", "API_KEY)"] {
        assert!(!everything.contains(hidden), "{hidden}");
    }
    assert!(!everything.contains("storefront"), "a decoy");
}

#[test]
fn twice_the_same() {
    assert_eq!(list(&replay("estate", &[])), list(&replay("estate", &[])));
}
