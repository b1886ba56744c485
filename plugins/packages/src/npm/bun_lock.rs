//! Bun's text lock, `bun.lock`. (`bun.lockb` is binary and superseded.)

use crate::dependency::{Lock, Locked};
use crate::json::{self, Step};

/// Reads a lock: `"openai": ["openai@4.1.0", …]`.
pub fn parse(text: &str) -> Lock {
    let mut lock = Lock::default();
    let result = json::walk(text, |path, value| {
        let [Step::Key(table, _), Step::Key(key, at), Step::Index(0)] = path else { return };
        let (true, Some(resolved)) = (table == "packages", value.text()) else { return };
        let Some((name, version)) = resolved.rsplit_once('@').filter(|(name, _)| !name.is_empty()) else {
            return;
        };
        // `a/openai` is what `a` brought along for itself.
        if key.as_ref() == name && version.starts_with(|c: char| c.is_ascii_digit()) {
            lock.entries.push(Locked {
                name: name.to_owned(),
                version: version.to_owned(),
                for_whom: String::new(),
                at: at.clone(),
            });
        }
    });
    lock.problems.extend(result.err());
    lock
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages() {
        let text = "{\n  \"lockfileVersion\": 1,\n  \"workspaces\": { \"\": { \"dependencies\": { \"openai\": \"^4\", }, }, },\n  \"packages\": {\n    \"openai\": [\"openai@4.1.0\", \"\", { \"dependencies\": {} }, \"sha512-x\"],\n    \"langchain/openai\": [\"openai@3.0.0\", \"\"],\n    \"own\": [\"own@workspace:packages/own\"],\n  }\n}\n";
        let found: Vec<(String, String)> =
            parse(text).entries.into_iter().map(|e| (e.name, e.version)).collect();
        assert_eq!(found, [("openai".into(), "4.1.0".into())]);
    }
}
