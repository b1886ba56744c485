//! `data/infrastructure.toml`, `data/images.toml`, `data/actions.toml`.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Types {
    date: String,
    group: Vec<TypeGroup>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TypeGroup {
    dialect: String,
    provider: String,
    source: String,
    types: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Images {
    date: String,
    group: Vec<ImageGroup>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ImageGroup {
    category: String,
    images: BTreeMap<String, Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    provider: String,
    source: String,
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Actions {
    date: String,
    actions: BTreeMap<String, Entry>,
    programs: BTreeMap<String, Entry>,
}

/// Keys with their rows.
type Rows = Vec<(String, String)>;

pub(crate) fn tables(types: Vec<Types>, images: Vec<Images>, actions: Vec<Actions>) -> String {
    let mut out = String::new();
    table(&mut out, "RESOURCE_TYPES", "ResourceType", resource_types(types));
    table(&mut out, "IMAGES", "Image", image_rows(images));
    let (actions, programs) = action_rows(actions);
    table(&mut out, "ACTIONS", "CiTool", actions);
    table(&mut out, "PROGRAMS", "CiTool", programs);
    out
}

/// Sorted by key; a key twice stops the build.
fn table(out: &mut String, name: &str, of: &str, rows: Rows) {
    let count = rows.len();
    let rows: BTreeMap<String, String> = rows.into_iter().collect();
    assert_eq!(rows.len(), count, "an entry of {name} is there twice");
    let _ = writeln!(out, "static {name}: &[{of}] = &[");
    for row in rows.values() {
        let _ = writeln!(out, "    {of} {{ {row} }},");
    }
    out.push_str("];\n");
}

fn resource_types(files: Vec<Types>) -> Rows {
    let mut rows = vec![];
    for file in files {
        for group in file.group {
            for (category, names) in group.types {
                for name in names {
                    let (source, date) = crate::provenance(&name, &group.source, &file.date);
                    rows.push((
                        format!("{} {name}", group.dialect),
                        format!(
                            "dialect: {:?}, name: {name:?}, provider: {:?}, category: {category:?}, source: {source:?}, reviewed: {date:?}",
                            group.dialect, group.provider
                        ),
                    ));
                }
            }
        }
    }
    rows
}

fn image_rows(files: Vec<Images>) -> Rows {
    let mut rows = vec![];
    for file in files {
        for group in file.group {
            for (name, entry) in group.images {
                let (source, date) = crate::provenance(&name, &entry.source, &file.date);
                assert_eq!(name, name.to_ascii_lowercase(), "repositories are lower case");
                rows.push((
                    name.clone(),
                    format!(
                        "name: {name:?}, provider: {:?}, category: {:?}, source: {source:?}, reviewed: {date:?}",
                        entry.provider, group.category
                    ),
                ));
            }
        }
    }
    rows
}

fn action_rows(files: Vec<Actions>) -> (Rows, Rows) {
    let (mut actions, mut programs) = (vec![], vec![]);
    for file in files {
        for (rows, entries) in [(&mut actions, file.actions), (&mut programs, file.programs)] {
            for (pattern, entry) in entries {
                let (source, date) = crate::provenance(&pattern, &entry.source, &file.date);
                assert_eq!(pattern, pattern.to_ascii_lowercase(), "patterns are lower case");
                let name = entry.name.unwrap_or_else(|| pattern.clone());
                rows.push((
                    pattern.clone(),
                    format!(
                        "pattern: {pattern:?}, name: {name:?}, provider: {:?}, source: {source:?}, reviewed: {date:?}",
                        entry.provider
                    ),
                ));
            }
        }
    }
    (actions, programs)
}
