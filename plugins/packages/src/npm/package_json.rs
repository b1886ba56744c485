//! `package.json`.

use crate::dependency::{Dependency, Manifest, Requirement};
use crate::json::{self, Step};
use inventar_plugin_sdk::Usage;
use std::collections::BTreeSet;

/// Reads a `package.json`.
pub fn parse(text: &str) -> Manifest {
    let mut manifest = Manifest::default();
    let mut optional_peers = BTreeSet::new();
    let result = json::walk(text, |path, value| match path {
        [Step::Key(group, _), Step::Key(name, at)] => {
            let (Some(usage), Some(text)) = (usage_of(group), value.text()) else { return };
            // A package of the same repository is the project itself.
            if ["workspace:", "file:", "link:", "portal:"].iter().any(|front| text.starts_with(front)) {
                return;
            }
            let (name, requirement) = requirement(name, text);
            manifest.dependencies.push(Dependency::new(name, requirement, usage, group, at.clone()));
        }
        [Step::Key(group, _), Step::Key(name, _), Step::Key(field, _)]
            if group == "peerDependenciesMeta"
                && field == "optional"
                && value == json::Value::Boolean(true) =>
        {
            optional_peers.insert(name.to_string());
        }
        _ => {}
    });
    for dependency in &mut manifest.dependencies {
        if dependency.scope == "peerDependencies" && optional_peers.contains(&dependency.name) {
            dependency.usage = Usage::Optional;
        }
    }
    manifest.problems.extend(result.err());
    manifest
}

fn usage_of(group: &str) -> Option<Usage> {
    match group {
        // Whoever installs the package must bring its peers: they run.
        "dependencies" | "peerDependencies" => Some(Usage::Runtime),
        "devDependencies" => Some(Usage::Development),
        "optionalDependencies" => Some(Usage::Optional),
        _ => None,
    }
}

/// What a value asks, and of which package: `npm:other@1.2` is another name.
fn requirement(name: &str, text: &str) -> (String, Requirement) {
    let text = text.trim();
    if let Some(alias) = text.strip_prefix("npm:") {
        let (name, version) = match alias.rfind('@') {
            Some(at) if at > 0 => (&alias[..at], &alias[at + 1..]),
            _ => (alias, "*"),
        };
        return (name.to_owned(), version_of(version));
    }
    (name.to_owned(), version_of(text))
}

fn version_of(text: &str) -> Requirement {
    let plain = text.strip_prefix(['=', 'v']).unwrap_or(text);
    if semver::Version::parse(plain).is_ok() {
        Requirement::Exact(plain.to_owned())
    } else if text.is_empty() || text == "*" {
        Requirement::Any
    } else if text.starts_with("catalog:") {
        Requirement::Inherited(String::new())
    } else if text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '^' | '~' | '<' | '>' | '='))
        || text.contains("||")
        || text.contains(" - ")
    {
        Requirement::Range(text.to_owned())
    } else {
        // A tag, a repository, an archive, a folder.
        Requirement::Floating(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups() {
        let text = r#"{
  "name": "app",
  "dependencies": {
    "openai": "4.1.0",
    "@ai-sdk/react": "^2.0.0",
    "lang": "npm:langchain@0.1.0",
    "mcp": "github:a/b",
    "ai": "latest",
    "@scope/own": "workspace:*"
  },
  "devDependencies": { "promptfoo": "~1.2" },
  "peerDependencies": { "zod": "*", "ollama": ">=0.5 <1" },
  "peerDependenciesMeta": { "ollama": { "optional": true } },
  "optionalDependencies": { "onnxruntime-node": "1.x" },
  "overrides": { "openai": "1.0.0" }
}"#;
        let found: Vec<(String, Requirement, Usage, usize)> = parse(text)
            .dependencies
            .into_iter()
            .map(|d| (d.name, d.requirement, d.usage, text[..d.at.start].matches('\n').count() + 1))
            .collect();
        let exact = |v: &str| Requirement::Exact(v.into());
        let range = |v: &str| Requirement::Range(v.into());
        let floating = |v: &str| Requirement::Floating(v.into());
        let expected = [
            ("openai", exact("4.1.0"), Usage::Runtime, 4),
            ("@ai-sdk/react", range("^2.0.0"), Usage::Runtime, 5),
            ("langchain", exact("0.1.0"), Usage::Runtime, 6),
            ("mcp", floating("github:a/b"), Usage::Runtime, 7),
            ("ai", floating("latest"), Usage::Runtime, 8),
            ("promptfoo", range("~1.2"), Usage::Development, 11),
            ("zod", Requirement::Any, Usage::Runtime, 12),
            ("ollama", range(">=0.5 <1"), Usage::Optional, 12),
            ("onnxruntime-node", range("1.x"), Usage::Optional, 14),
        ];
        assert_eq!(
            found,
            expected.map(|(name, requirement, usage, line)| (name.to_owned(), requirement, usage, line))
        );
    }

    #[test]
    fn merge_conflicts_keep_what_stands_above() {
        let manifest = parse("{\n \"dependencies\": {\n  \"openai\": \"1.0.0\",\n<<<<<<< HEAD\n");
        assert_eq!((manifest.dependencies.len(), manifest.problems.len()), (1, 1));
    }
}
