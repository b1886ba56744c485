//! `Cargo.toml`. Its lock is one of [`crate::locks`].

use crate::dependency::{Dependency, Locked, Manifest, Requirement};
use crate::toml_tree::{self, Table, is_true, members, table, text};
use inventar_plugin_sdk::Usage;
use toml::de::DeValue;

/// Reads a `Cargo.toml`. What a workspace offers its members is no dependency until one takes it.
pub fn parse(source: &str) -> Manifest {
    let (root, problems) = toml_tree::parse(source);
    let mut manifest = Manifest { problems, ..Manifest::default() };
    sections(&root, "", &mut manifest);
    for (platform, _, value) in table(&root, "target").into_iter().flat_map(members) {
        if let Some(value) = value.as_table() {
            sections(value, platform, &mut manifest);
        }
    }
    for (alias, at, value) in table(&root, "workspace.dependencies").into_iter().flat_map(members) {
        if value.as_table().is_some_and(|entry| entry.contains_key("path")) {
            continue;
        }
        let (name, requirement, _) = entry(alias, value);
        let offered = Locked { name, version: requirement.text().to_owned(), for_whom: alias.to_owned(), at };
        manifest.offered.push((offered, requirement));
    }
    manifest.dependencies.sort_by_key(|dependency| dependency.at.start);
    manifest
}

fn sections(root: &Table<'_>, platform: &str, manifest: &mut Manifest) {
    for (section, usage) in [
        ("dependencies", Usage::Runtime),
        ("build-dependencies", Usage::Development),
        ("dev-dependencies", Usage::Development),
    ] {
        for (alias, at, value) in table(root, section).into_iter().flat_map(members) {
            // A crate of the same repository is the project itself.
            if value.as_table().is_some_and(|entry| entry.contains_key("path")) {
                continue;
            }
            let (name, requirement, optional) = entry(alias, value);
            let usage = if optional { usage.at_most(Usage::Optional) } else { usage };
            let scope =
                if platform.is_empty() { section.to_owned() } else { format!("{section} for {platform}") };
            manifest.dependencies.push(Dependency::new(name, requirement, usage, &scope, at));
        }
    }
}

/// The package behind an alias, what is asked of it, and whether it is optional.
fn entry(alias: &str, value: &DeValue<'_>) -> (String, Requirement, bool) {
    let version = |text: &str| match text.trim().strip_prefix('=') {
        Some(pin) if semver::Version::parse(pin.trim()).is_ok() => Requirement::Exact(pin.trim().to_owned()),
        _ if text.trim() == "*" => Requirement::Any,
        _ => Requirement::Range(text.trim().to_owned()),
    };
    match value {
        DeValue::String(requirement) => (alias.to_owned(), version(requirement), false),
        DeValue::Table(entry) => {
            let requirement = match (text(entry, "version"), text(entry, "git")) {
                _ if is_true(entry, "workspace") => Requirement::Inherited(String::new()),
                (Some(requirement), _) => version(requirement),
                (None, Some(place)) => Requirement::Floating(place.to_owned()),
                (None, None) => Requirement::Any,
            };
            (text(entry, "package").unwrap_or(alias).to_owned(), requirement, is_true(entry, "optional"))
        }
        _ => (alias.to_owned(), Requirement::Any, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_and_workspaces() {
        let text = r#"[package]
name = "app"
[dependencies]
async-openai = "0.23"
rig = { package = "rig-core", version = "=0.5.0" }
candle-core = { workspace = true, optional = true }
mistralrs = { git = "https://github.com/a/b" }
rig-lancedb = { path = "../rig-lancedb", version = "0.1" }
[dev-dependencies]
ollama-rs = "0.2"
[target.'cfg(unix)'.dependencies]
ort = "2"
[workspace.dependencies]
candle-core = "0.8"
"#;
        let manifest = parse(text);
        let found: Vec<_> = manifest
            .dependencies
            .iter()
            .map(|d| (&*d.name, d.requirement.clone(), d.usage, text[..d.at.start].matches('\n').count() + 1))
            .collect();
        let range = |v: &str| Requirement::Range(v.into());
        assert_eq!(
            found,
            [
                ("async-openai", range("0.23"), Usage::Runtime, 4),
                ("rig-core", Requirement::Exact("0.5.0".into()), Usage::Runtime, 5),
                ("candle-core", Requirement::Inherited(String::new()), Usage::Optional, 6),
                ("mistralrs", Requirement::Floating("https://github.com/a/b".into()), Usage::Runtime, 7),
                ("ollama-rs", range("0.2"), Usage::Development, 10),
                ("ort", range("2"), Usage::Runtime, 12),
            ]
        );
        assert_eq!((&*manifest.offered[0].0.name, &manifest.offered[0].1), ("candle-core", &range("0.8")));
    }
}
