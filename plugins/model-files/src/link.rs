//! Weights and configuration, once the rest of their folder has spoken.

use crate::FACT;
use crate::asset::{self, Known};
use crate::folder::Role;
use crate::place::Shard;
use inventar_plugin_sdk::{Answer, AssetRef, Method, Part, Relation, Subject, Usage};
use serde_json::Value as Json;

/// What each kind of file may add, where the weights themselves say nothing.
fn keys(role: Role) -> &'static [&'static str] {
    match role {
        Role::Config => &[
            "architecture",
            "model_type",
            "context_length",
            "quantisation",
            "vocab_size",
            "main_dtype",
            "remote_code",
            "library_version",
        ],
        Role::Adapter => &["type", "adapter_type", "base_model", "task"],
        Role::Card => &[
            "license",
            "license_link",
            "base_model",
            "base_model_relation",
            "datasets",
            "languages",
            "library",
            "task",
            "tags",
            "name",
            "metrics",
            "evaluations",
        ],
        Role::Tokenizer | Role::Template => &["tokenizer", "chat_template", "remote_code"],
        Role::Index | Role::Manifest | Role::Ref => &[],
    }
}

/// The asset of the file again, with what its folder says.
pub fn link(subject: &Subject) -> Answer {
    let mut answer = Answer::default();
    let file = subject.file();
    let Some(mut known) = known(file) else { return answer };
    let name = file_name(file);
    let usage = Usage::of_path(&file.path);
    let role = Role::of(&file.path);
    if role == Some(Role::Manifest) {
        return stored(subject, known, usage);
    }
    let is_config = role == Some(Role::Config);
    let (key, rule, method) = match is_config {
        true => (asset::CONFIG, "model-config", Method::Parsed),
        false => (asset::WEIGHTS, "weights-header", Method::Header),
    };
    let own = known.evidence(0, rule, method, usage);
    let mut evidence = vec![];
    let mut last = own.clone();
    for (part, role, other) in side_files(subject) {
        let before = known.metadata.len();
        // The folder is loaded together: what is wrong with one part of it is wrong with the model.
        if is_config && other.verdict.as_deref().is_some_and(|verdict| verdict != "benign") {
            known.verdict = worse(known.verdict.take(), other.verdict.clone());
            known.techniques.extend(other.techniques.iter().cloned());
        }
        known.complete_with(&other, keys(role));
        if known.metadata.len() == before {
            continue;
        }
        let rule = match role {
            Role::Card => "model-card",
            Role::Adapter => "adapter-config",
            Role::Tokenizer => "tokenizer-config",
            _ => "model-config",
        };
        let seen = other.evidence(part, rule, Method::Parsed, usage);
        if matches!(role, Role::Card | Role::Adapter) {
            last = seen.clone();
        }
        evidence.push(seen);
        if role == Role::Config && !is_config {
            let config = AssetRef::Local { part, key: asset::CONFIG.to_owned() };
            answer.relation(Relation::new(AssetRef::here(key), "uses", config).seen(own.clone()));
        }
    }
    if Shard::of(name).is_some() {
        add_up(subject, &mut known);
    }
    if evidence.is_empty() && Shard::of(name).is_none() {
        return answer;
    }
    let mut asset =
        if is_config { asset::config(&file.path, &known) } else { asset::weights(&file.path, &known) };
    asset.evidence.push(own);
    asset.evidence.extend(evidence);
    answer.asset(asset);
    // What the file said by itself stands already.
    let said = self::known(file).unwrap_or_else(|| known.clone());
    for key in ["base_model", "datasets", "license"] {
        if said.metadata.contains_key(key) {
            known.metadata.remove(key);
        }
    }
    asset::relate(key, "", &known, &last, &mut answer);
    answer
}

/// A model of an Ollama store, with what its blob says.
fn stored(subject: &Subject, mut known: Known, usage: Usage) -> Answer {
    let mut answer = Answer::default();
    let file = subject.file();
    let blob = file.wants.iter().find_map(|wanted| subject.part(wanted));
    let Some((part, blob)) = blob.and_then(|(at, part)| Some((at, self::known(part)?))) else {
        return answer;
    };
    let keys: Vec<&str> = blob.metadata.keys().map(String::as_str).filter(|key| *key != "format").collect();
    known.complete_with(&blob, &keys);
    known.techniques.extend(blob.techniques.iter().cloned());
    known.verdict = worse(known.verdict.take(), blob.verdict.clone());
    let own = known.evidence(0, "model-store", Method::Parsed, usage);
    let seen = blob.evidence(part, "weights-header", Method::Header, usage);
    answer.asset(asset::stored(&file.path, &known).seen(own.clone()).seen(seen));
    let target = AssetRef::Local { part, key: asset::WEIGHTS.to_owned() };
    answer.relation(Relation::new(AssetRef::here(asset::WEIGHTS), "has-artifact", target).seen(own.clone()));
    asset::relate(asset::WEIGHTS, "", &known, &own, &mut answer);
    answer
}

/// The worse of two verdicts.
fn worse(one: Option<String>, other: Option<String>) -> Option<String> {
    let rank = |verdict: &Option<String>| match verdict.as_deref() {
        Some("unsafe") => 4,
        Some("suspicious") => 3,
        Some("not-analysable") => 2,
        None => 1,
        _ => 0,
    };
    if rank(&other) > rank(&one) { other } else { one }
}

fn known(part: &Part) -> Option<Known> {
    serde_json::from_str(part.text(FACT)?).ok()
}

fn file_name(part: &Part) -> &str {
    part.path.rsplit('/').next().unwrap_or(&part.path)
}

/// What the file itself asked for, in the order in which it may speak.
fn side_files(subject: &Subject) -> Vec<(u32, Role, Known)> {
    let mut found: Vec<(u32, Role, Known)> = subject
        .file()
        .wants
        .iter()
        .filter_map(|wanted| subject.part(wanted))
        .filter_map(|(at, part)| Some((at, Role::of(&part.path)?, known(part)?)))
        .collect();
    found.sort_by_key(|(at, role, _)| {
        let order = match role {
            Role::Adapter => 0,
            Role::Config => 1,
            Role::Card => 2,
            _ => 3,
        };
        (order, *at)
    });
    found
}

/// The sums over a set, if all of it is there.
fn add_up(subject: &Subject, known: &mut Known) {
    let Some(own) = Shard::of(file_name(subject.file())) else { return };
    let mut others: Vec<Known> = vec![];
    for wanted in &subject.file().wants {
        let Some((_, part)) = subject.part(wanted) else { continue };
        let is_of_set = Shard::of(file_name(part))
            .is_some_and(|shard| shard.set == own.set && shard.of == own.of && shard.number > 1);
        if is_of_set {
            others.extend(self::known(part));
        }
    }
    let is_whole = others.len() + 1 == own.of as usize;
    for key in ["parameters", "tensor_count"] {
        let number = |known: &Known| known.metadata.get(key).and_then(Json::as_u64);
        let sum = number(known)
            .and_then(|own| others.iter().try_fold(own, |sum, other| sum.checked_add(number(other)?)));
        match sum.filter(|_| is_whole) {
            Some(sum) => known.metadata.insert(key.to_owned(), sum.into()),
            // The numbers of one file of a set are not the set's.
            None => known.metadata.remove(key),
        };
    }
    known.size = others.iter().fold(known.size, |sum, other| sum.saturating_add(other.size));
    for other in others {
        known.techniques.extend(other.techniques);
        known.verdict = worse(known.verdict.take(), other.verdict);
    }
    known.techniques.sort();
    known.techniques.dedup();
}
