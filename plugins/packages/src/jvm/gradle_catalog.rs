//! Gradle's version catalogue, `libs.versions.toml`.

use crate::dependency::{Locked, Manifest, Requirement};
use crate::jvm::pom::version_of;
use crate::toml_tree::{self, Table, members, table, text};
use toml::de::DeValue;

/// Reads a catalogue: what it offers, with the accessor as `for_whom`; of a bundle one entry a member.
pub fn parse(source: &str) -> Manifest {
    let (root, problems) = toml_tree::parse(source);
    let mut manifest = Manifest { problems, ..Manifest::default() };
    for (alias, at, value) in table(&root, "libraries").into_iter().flat_map(members) {
        let Some((name, requirement)) = library(value, &root) else { continue };
        let offered =
            Locked { name, version: requirement.text().to_owned(), for_whom: accessor("libs", alias), at };
        manifest.offered.push((offered, requirement));
    }
    let mut bundled = Vec::new();
    for (bundle, _, value) in table(&root, "bundles").into_iter().flat_map(members) {
        for (alias, _) in toml_tree::texts(Some(value)) {
            let member = accessor("libs", alias);
            let found = manifest.offered.iter().find(|(offered, _)| offered.for_whom == member);
            bundled.extend(found.map(|(offered, requirement)| {
                (
                    Locked { for_whom: accessor("libs.bundles", bundle), ..offered.clone() },
                    requirement.clone(),
                )
            }));
        }
    }
    manifest.offered.extend(bundled);
    manifest
}

/// `openai-java` is used as `libs.openai.java`.
fn accessor(front: &str, alias: &str) -> String {
    format!("{front}.{}", alias.replace(['-', '_'], "."))
}

fn library(value: &DeValue<'_>, root: &Table<'_>) -> Option<(String, Requirement)> {
    let entry = match value {
        DeValue::String(coordinates) => {
            let mut parts = coordinates.splitn(3, ':');
            let name = format!("{}:{}", parts.next()?, parts.next()?);
            return Some((name, parts.next().map_or(Requirement::Inherited(String::new()), version_of)));
        }
        DeValue::Table(entry) => entry,
        _ => return None,
    };
    let name = match text(entry, "module") {
        Some(module) => module.to_owned(),
        None => format!("{}:{}", text(entry, "group")?, text(entry, "name")?),
    };
    let requirement = match entry.get("version").map(|version| version.get_ref()) {
        Some(DeValue::String(version)) => version_of(version),
        Some(DeValue::Table(version)) => match text(version, "ref") {
            Some(reference) => version_entry(table(root, "versions")?.get(reference)?.get_ref()),
            None => version_table(version),
        },
        _ => Requirement::Inherited(String::new()),
    };
    Some((name, requirement))
}

fn version_entry(value: &DeValue<'_>) -> Requirement {
    match value {
        DeValue::String(version) => version_of(version),
        DeValue::Table(version) => version_table(version),
        _ => Requirement::Inherited(String::new()),
    }
}

/// `{ strictly = "[1, 2)", prefer = "1.5" }`.
fn version_table(version: &Table<'_>) -> Requirement {
    ["strictly", "require", "prefer"]
        .iter()
        .find_map(|key| text(version, key))
        .map_or(Requirement::Inherited(String::new()), version_of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn catalogues() {
        let text = "[versions]\nlc4j = \"1.0.1\"\n[libraries]\nopenai-java = \"com.openai:openai-java:2.0.0\"\nlangchain4j_core = { module = \"dev.langchain4j:langchain4j\", version.ref = \"lc4j\" }\nqdrant = { group = \"io.qdrant\", name = \"client\", version = \"1.+\" }\n[bundles]\nai = [\"openai-java\", \"qdrant\"]\n";
        let found: Vec<_> = parse(text)
            .offered
            .into_iter()
            .map(|(o, r)| (o.for_whom, o.name, r, text[..o.at.start].matches('\n').count() + 1))
            .collect();
        let exact = |v: &str| Requirement::Exact(v.into());
        let row = |a: &str, b: &str, c, d| (a.to_owned(), b.to_owned(), c, d);
        assert_eq!(
            found,
            [
                row("libs.openai.java", "com.openai:openai-java", exact("2.0.0"), 4),
                row("libs.langchain4j.core", "dev.langchain4j:langchain4j", exact("1.0.1"), 5),
                row("libs.qdrant", "io.qdrant:client", Requirement::Range("1.+".into()), 6),
                row("libs.bundles.ai", "com.openai:openai-java", exact("2.0.0"), 4),
                row("libs.bundles.ai", "io.qdrant:client", Requirement::Range("1.+".into()), 6),
            ]
        );
    }
}
