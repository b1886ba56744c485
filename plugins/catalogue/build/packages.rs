//! `data/packages-*.toml`.

use crate::ecosystem::Ecosystem;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    ecosystem: String,
    date: String,
    group: Vec<Group>,
    #[serde(default)]
    family: Vec<Family>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    kind: String,
    category: String,
    provider: Option<String>,
    packages: BTreeMap<String, Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    provider: Option<String>,
    imports: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Family {
    prefix: String,
    kind: String,
    category: String,
    provider: Option<String>,
}

pub(crate) fn tables(files: Vec<File>) -> String {
    let mut packages = BTreeMap::new();
    let mut families = BTreeMap::new();
    for file in files {
        let ecosystem =
            Ecosystem::of(&file.ecosystem).unwrap_or_else(|| panic!("no ecosystem `{}`", file.ecosystem));
        for group in file.group {
            for (name, entry) in group.packages {
                let listed =
                    entry.imports.unwrap_or_else(|| ecosystem.usual_import(&name).into_iter().collect());
                let (common, imports): (Vec<String>, Vec<String>) =
                    listed.into_iter().partition(|module| module.ends_with('?'));
                let common: Vec<String> =
                    common.iter().map(|module| module.trim_end_matches('?').to_owned()).collect();
                crate::provenance(&name, &ecosystem.page(&name), &file.date);
                let row = format!(
                    "Package {{ ecosystem: {:?}, key: {:?}, name: {name:?}, kind: {:?}, category: {:?}, provider: {:?}, imports: &{imports:?}, common_imports: &{common:?}, reviewed: {:?} }}",
                    ecosystem.id,
                    ecosystem.canonical(&name),
                    group.kind,
                    group.category,
                    entry.provider.or_else(|| group.provider.clone()),
                    file.date,
                );
                let twice =
                    packages.insert((ecosystem.id, ecosystem.canonical(&name)), (imports, common, row));
                assert!(twice.is_none(), "package `{name}` of {} is there twice", ecosystem.id);
            }
        }
        for family in file.family {
            let row = format!(
                "Family {{ ecosystem: {:?}, prefix: {:?}, kind: {:?}, category: {:?}, provider: {:?} }}",
                ecosystem.id, family.prefix, family.kind, family.category, family.provider,
            );
            let twice = families.insert((ecosystem.id, family.prefix.clone()), row);
            assert!(twice.is_none(), "family `{}` is there twice", family.prefix);
        }
    }

    // By language: module and index of the package, once for modules that tell their package and once for the others.
    let mut imports: BTreeSet<(&str, &str, usize)> = BTreeSet::new();
    let mut common_imports = BTreeSet::new();
    for (at, ((ecosystem, _), (certain, common, _))) in packages.iter().enumerate() {
        let language = Ecosystem::of(ecosystem).map_or("", |ecosystem| ecosystem.language);
        imports.extend(certain.iter().map(|module| (language, module.as_str(), at)));
        common_imports.extend(common.iter().map(|module| (language, module.as_str(), at)));
    }

    let mut out = String::new();
    let _ = writeln!(out, "static PACKAGES: &[Package] = &[");
    for (_, _, row) in packages.values() {
        let _ = writeln!(out, "    {row},");
    }
    let _ = writeln!(out, "];\nstatic FAMILIES: &[Family] = &[");
    for row in families.values() {
        let _ = writeln!(out, "    {row},");
    }
    out.push_str("];\n");
    for (table, rows) in [("IMPORTS", imports), ("COMMON_IMPORTS", common_imports)] {
        let mut by_language: BTreeMap<&str, Vec<(&str, usize)>> = BTreeMap::new();
        for (language, module, at) in rows {
            by_language.entry(language).or_default().push((module, at));
        }
        let _ = writeln!(out, "static {table}: &[(&str, Modules)] = &[");
        for (language, modules) in by_language {
            let _ = writeln!(out, "    ({language:?}, &{modules:?}),");
        }
        out.push_str("];\n");
    }
    out
}
