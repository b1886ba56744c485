//! `package-lock.json` and `npm-shrinkwrap.json`, versions 1 to 3.

use crate::dependency::{Lock, Locked};
use crate::json::{self, Step};

/// Reads a lock. What another package brought along for itself (`node_modules/a/node_modules/b`) is left out.
pub fn parse(text: &str) -> Lock {
    let mut lock = Lock::default();
    let result = json::walk(text, |path, value| {
        let [Step::Key(table, _), Step::Key(key, at), Step::Key(field, _)] = path else { return };
        let (true, Some(version)) = (field == "version", value.text()) else { return };
        let (name, folder, at) = match table.as_ref() {
            "packages" => {
                let Some((folder, name)) = key.rsplit_once("node_modules/") else { return };
                if folder.contains("node_modules/") {
                    return;
                }
                // The name is the end of the key, and has no escapes.
                (name, folder.trim_end_matches('/'), at.end.saturating_sub(name.len()).max(at.start)..at.end)
            }
            "dependencies" => (key.as_ref(), "", at.clone()),
            _ => return,
        };
        // Version 2 tells everything twice.
        if table == "packages"
            || !lock.entries.iter().any(|entry: &Locked| entry.name == name && entry.for_whom.is_empty())
        {
            lock.entries.push(Locked {
                name: name.to_owned(),
                version: version.to_owned(),
                for_whom: folder.to_owned(),
                at,
            });
        }
    });
    lock.problems.extend(result.err());
    lock
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, &str, &str, &str)]) {
        let lock = parse(text);
        let found: Vec<_> = lock
            .entries
            .iter()
            .map(|e| (e.name.as_str(), e.version.as_str(), e.for_whom.as_str(), &text[e.at.clone()]))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn version_3() {
        check(
            r#"{"lockfileVersion": 3, "packages": {"": {"version": "0.1"},
                "node_modules/openai": {"version": "4.1.0", "dependencies": {"version": "9"}},
                "node_modules/@ai-sdk/react": {"version": "2.0.1"},
                "node_modules/langchain/node_modules/openai": {"version": "3.0.0"},
                "packages/a": {"version": "1.0.0"},
                "packages/a/node_modules/openai": {"version": "4.2.0"}}}"#,
            &[
                ("openai", "4.1.0", "", "openai"),
                ("@ai-sdk/react", "2.0.1", "", "@ai-sdk/react"),
                ("openai", "4.2.0", "packages/a", "openai"),
            ],
        );
    }

    #[test]
    fn version_1() {
        check(
            r#"{"dependencies": {"openai": {"version": "3.3.0", "requires": {"axios": "1"}, "dependencies": {"ollama": {"version": "1.0.0"}}}}}"#,
            &[("openai", "3.3.0", "", "openai")],
        );
    }
}
