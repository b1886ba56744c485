//! `Pipfile.lock`.

use crate::dependency::{Lock, Locked};
use crate::json::{self, Step};

/// Reads a `Pipfile.lock`.
pub fn parse(text: &str) -> Lock {
    let mut lock = Lock::default();
    let result = json::walk(text, |path, value| {
        if let ([Step::Key(section, _), Step::Key(name, at), Step::Key(field, _)], Some(version)) =
            (path, value.text())
            && section != "_meta"
            && field == "version"
        {
            let version = version.trim_start_matches('=').to_owned();
            lock.entries.push(Locked {
                name: name.to_string(),
                version,
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
        let text = r#"{"_meta": {"a": {"version": "1"}}, "default": {"openai": {"hashes": [], "version": "==1.2.3"}}, "develop": {"ragas": {"version": "==0.1"}}}"#;
        let found: Vec<(String, String)> =
            parse(text).entries.into_iter().map(|e| (e.name, e.version)).collect();
        assert_eq!(found, [("openai".into(), "1.2.3".into()), ("ragas".into(), "0.1".into())]);
    }
}
