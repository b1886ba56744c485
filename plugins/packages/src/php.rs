//! `composer.json` and `composer.lock`.

use crate::dependency::{Dependency, Lock, Locked, Manifest, Requirement};
use crate::json::{self, Step};
use inventar_plugin_sdk::Usage;

/// Reads a `composer.json`.
pub fn manifest(text: &str) -> Manifest {
    let mut manifest = Manifest::default();
    let result = json::walk(text, |path, value| {
        let ([Step::Key(group, _), Step::Key(name, at)], Some(version)) = (path, value.text()) else {
            return;
        };
        let usage = match group.as_ref() {
            "require" => Usage::Runtime,
            "require-dev" => Usage::Development,
            "suggest" => Usage::Optional,
            _ => return,
        };
        let requirement = if usage == Usage::Optional { Requirement::Any } else { requirement(version) };
        manifest.dependencies.push(Dependency::new(name.as_ref(), requirement, usage, group, at.clone()));
    });
    manifest.problems.extend(result.err());
    manifest
}

fn requirement(text: &str) -> Requirement {
    let text = text.trim();
    let plain = text.trim_start_matches(['=', 'v']);
    let is_full = plain.matches('.').count() >= 2
        && plain.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
        && plain.starts_with(|c: char| c.is_ascii_digit());
    if is_full {
        Requirement::Exact(plain.to_owned())
    } else if text.is_empty() || text == "*" {
        Requirement::Any
    } else if text.starts_with("dev-") || text.starts_with('@') {
        Requirement::Floating(text.to_owned())
    } else {
        Requirement::Range(text.to_owned())
    }
}

/// Reads a `composer.lock`: the packages for running, then those for developing.
pub fn lock(text: &str) -> Lock {
    let mut lock = Lock::default();
    let mut name: Option<(String, std::ops::Range<usize>, usize)> = None;
    let result = json::walk(text, |path, value| {
        let [Step::Key(group, _), Step::Index(index), Step::Key(field, _)] = path else { return };
        if !group.starts_with("packages") {
            return;
        }
        match (field.as_ref(), value) {
            ("name", json::Value::Text(text, at)) => name = Some((text.into_owned(), at, *index)),
            ("version", json::Value::Text(version, _)) => {
                if let Some((name, at, _)) = name.take().filter(|(_, _, of)| of == index) {
                    let version = version.trim_start_matches('v').to_owned();
                    lock.entries.push(Locked { name, version, for_whom: String::new(), at });
                }
            }
            _ => {}
        }
    });
    lock.problems.extend(result.err());
    lock
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifests_and_locks() {
        let text = r#"{"require": {"php": ">=8.1", "openai-php/client": "^0.10", "prism-php/prism": "0.71.0"}, "require-dev": {"mcp/sdk": "dev-main"}}"#;
        let found: Vec<_> =
            manifest(text).dependencies.into_iter().map(|d| (d.name, d.requirement, d.usage)).collect();
        assert_eq!(
            found[1..],
            [
                ("openai-php/client".into(), Requirement::Range("^0.10".into()), Usage::Runtime),
                ("prism-php/prism".into(), Requirement::Exact("0.71.0".into()), Usage::Runtime),
                ("mcp/sdk".into(), Requirement::Floating("dev-main".into()), Usage::Development),
            ]
        );
        let text = r#"{"packages": [{"name": "openai-php/client", "version": "v0.10.3", "require": {"a": "1"}}], "packages-dev": []}"#;
        let found: Vec<_> = lock(text).entries.into_iter().map(|e| (e.name, e.version)).collect();
        assert_eq!(found, [("openai-php/client".into(), "0.10.3".into())]);
    }
}
