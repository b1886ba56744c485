//! `data/secrets.toml`.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    date: String,
    begins: BTreeMap<String, String>,
    group: Vec<Group>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    kind: String,
    names: BTreeMap<String, Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    provider: String,
    source: String,
}

pub(crate) fn tables(files: Vec<File>) -> String {
    let mut names = BTreeMap::new();
    let mut begins = BTreeMap::new();
    for file in files {
        begins.extend(file.begins);
        for group in file.group {
            for (name, entry) in group.names {
                let (source, date) = crate::provenance(&name, &entry.source, &file.date);
                let row = format!(
                    "Secret {{ name: {name:?}, provider: {:?}, kind: {:?}, source: {source:?}, reviewed: {date:?} }}",
                    entry.provider, group.kind,
                );
                let twice = names.insert(name.clone(), row);
                assert!(twice.is_none(), "secret `{name}` is there twice");
            }
        }
    }
    let mut out = String::from("static SECRETS: &[Secret] = &[\n");
    for row in names.values() {
        let _ = writeln!(out, "    {row},");
    }
    out.push_str("];\nstatic BEGINS: &[(&str, usize)] = &[\n");
    for (begin, name) in &begins {
        let at = names.keys().position(|known| known == name);
        let at = at.unwrap_or_else(|| panic!("`{begin}` is told by `{name}`, which is no entry"));
        let _ = writeln!(out, "    ({begin:?}, {at}),");
    }
    out.push_str("];\n");
    out
}
