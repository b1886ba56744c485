//! Lock files that are lists of TOML tables: `uv.lock`, `poetry.lock`, `pdm.lock`, `pylock.toml`, `Cargo.lock`.
//!
//! Package managers write them, one `name = "…"` and one `version = "…"` a table, and they may be large: they are read
//! line by line rather than into a tree.

use crate::dependency::{Lock, Locked};

/// Reads the packages of a lock that lists them as `[[package]]` or `[[packages]]`.
pub fn parse(text: &str) -> Lock {
    let mut lock = Lock::default();
    let mut inside = false;
    let mut name: Option<(&str, usize)> = None;
    let mut version: Option<&str> = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let at = start;
        start += line.len();
        let line = line.trim_end();
        if line.starts_with('[') {
            inside = matches!(line, "[[package]]" | "[[packages]]");
            if inside {
                (name, version) = (None, None);
            }
            continue;
        }
        if !inside {
            continue;
        }
        let value = |key: &str| {
            line.strip_prefix(key)?
                .trim_start()
                .strip_prefix('=')?
                .trim()
                .strip_prefix('"')?
                .strip_suffix('"')
        };
        if let Some(text) = value("name") {
            name = Some((text, at));
        } else if let Some(text) = value("version") {
            version = Some(text);
        } else {
            continue;
        }
        if let (Some((name, at)), Some(version)) = (name, version) {
            let from = at + "name = \"".len().min(line.len());
            let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
            let at = from.min(end)..(from + name.len()).min(end);
            lock.entries.push(Locked {
                name: name.to_owned(),
                version: version.to_owned(),
                for_whom: String::new(),
                at,
            });
        }
    }
    lock
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages() {
        let text = "version = 1\n\n[[package]]\nname = \"openai\"\nversion = \"1.2.3\"\nsource = { registry = \"x\" }\ndependencies = [\n    { name = \"httpx\" },\n]\n\n[package.metadata]\nversion = \"9\"\n\n[[package]]\nname = \"app\"\nsource = { virtual = \".\" }\n\n[[package]]\nname = \"mcp\"\nversion = \"1.0\"\n";
        let found: Vec<(String, String, &str)> =
            parse(text).entries.into_iter().map(|e| (e.name, e.version, &text[e.at])).collect();
        assert_eq!(found, [("openai".into(), "1.2.3".into(), "openai"), ("mcp".into(), "1.0".into(), "mcp")]);
    }
}
