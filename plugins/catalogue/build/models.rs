//! `data/models-*.toml` and `data/routes.toml`.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    date: String,
    source: String,
    family: Vec<Family>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Family {
    provider: String,
    family: String,
    kind: String,
    /// Whether weights are published under an organisation of a model hub.
    #[serde(default)]
    open: bool,
    /// Ids that are a model wherever they stand.
    #[serde(default)]
    ids: Vec<String>,
    /// Ids that are also ordinary words or labels: a model only where a model must stand.
    #[serde(default)]
    words: Vec<String>,
    source: Option<String>,
    date: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Routes {
    /// `openai:`, `azure/` …: who serves, and whose models they are when that is certain.
    route: BTreeMap<String, Route>,
    /// Vendors in Bedrock's dotted ids.
    bedrock: BTreeMap<String, String>,
    /// Organisations on model hubs.
    hub: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Route {
    provider: Option<String>,
}

pub(crate) fn tables(files: Vec<File>, routes: Vec<Routes>) -> String {
    let mut families = Vec::new();
    let mut patterns = BTreeMap::new();
    for file in &files {
        for family in &file.family {
            let what = format!("model family `{}`", family.family);
            let source = family.source.as_ref().unwrap_or(&file.source);
            let (source, date) = crate::provenance(&what, source, family.date.as_ref().unwrap_or(&file.date));
            assert!(!family.ids.is_empty() || !family.words.is_empty(), "{what} has no ids");
            let all =
                family.ids.iter().map(|id| (id, false)).chain(family.words.iter().map(|word| (word, true)));
            for (pattern, word) in all {
                assert!(
                    pattern
                        .bytes()
                        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-._:*#".contains(&b)),
                    "{what}: `{pattern}`"
                );
                let head = pattern.split(['*', '#']).next().unwrap_or_default();
                assert!(head.len() > 1, "{what}: `{pattern}` would match almost anything");
                let row = format!(
                    "Pattern {{ head: {head:?}, rest: {:?}, family: {}, word: {word} }}",
                    &pattern[head.len()..],
                    families.len()
                );
                let twice = patterns.insert((head.to_owned(), pattern.clone()), row);
                assert!(twice.is_none(), "{what}: `{pattern}` is there twice");
            }
            families.push(format!(
                "FamilyRow {{ provider: {:?}, family: {:?}, kind: {:?}, open: {}, source: {source:?}, reviewed: {date:?} }}",
                family.provider, family.family, family.kind, family.open,
            ));
        }
    }

    let mut out = String::new();
    let _ = writeln!(out, "static FAMILIES: &[FamilyRow] = &[");
    for row in families {
        let _ = writeln!(out, "    {row},");
    }
    let _ = writeln!(out, "];\nstatic PATTERNS: &[Pattern] = &[");
    for row in patterns.values() {
        let _ = writeln!(out, "    {row},");
    }
    let _ = writeln!(out, "];");
    let mut route = BTreeMap::new();
    let mut bedrock = BTreeMap::new();
    let mut hub = BTreeMap::new();
    for file in routes {
        route.extend(file.route);
        bedrock.extend(file.bedrock);
        hub.extend(file.hub.into_iter().map(|(org, provider)| (org.to_ascii_lowercase(), provider)));
    }
    let _ = writeln!(out, "static ROUTES: &[(&str, Option<&str>)] = &[");
    for (name, route) in route {
        let _ = writeln!(out, "    ({name:?}, {:?}),", route.provider);
    }
    for (table, rows) in [("BEDROCK", bedrock), ("HUB", hub)] {
        let _ = writeln!(out, "];\nstatic {table}: &[(&str, &str)] = &[");
        for row in rows {
            let _ = writeln!(out, "    {row:?},");
        }
    }
    out.push_str("];\n");
    out
}
