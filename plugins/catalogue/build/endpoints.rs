//! `data/endpoints.toml`.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    date: String,
    group: Vec<Group>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    kind: String,
    hosts: BTreeMap<String, Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    provider: String,
    source: String,
    #[serde(default)]
    paths: Vec<String>,
}

pub(crate) fn tables(files: Vec<File>) -> String {
    let mut exact = BTreeMap::new();
    let mut patterns = BTreeMap::new();
    for file in files {
        for group in file.group {
            for (host, entry) in group.hosts {
                let (source, date) = crate::provenance(&host, &entry.source, &file.date);
                assert_eq!(host, host.to_ascii_lowercase(), "hosts are lower case");
                let row = format!(
                    "Endpoint {{ host: {host:?}, paths: &{:?}, provider: {:?}, kind: {:?}, source: {source:?}, reviewed: {date:?} }}",
                    entry.paths, entry.provider, group.kind,
                );
                let table = if host.contains('*') { &mut patterns } else { &mut exact };
                let twice = table.insert(host.clone(), row);
                assert!(twice.is_none(), "endpoint `{host}` is there twice");
            }
        }
    }
    let mut out = String::new();
    for (table, rows) in [("EXACT", exact), ("PATTERNS", patterns)] {
        let _ = writeln!(out, "static {table}: &[Endpoint] = &[");
        for row in rows.values() {
            let _ = writeln!(out, "    {row},");
        }
        out.push_str("];\n");
    }
    out
}
