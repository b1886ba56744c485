//! `Package.swift` and `Package.resolved`.

use crate::dependency::{Dependency, Lock, Locked, Manifest, Requirement};
use crate::json::{self, Step};
use crate::ruby::quoted;
use inventar_plugin_sdk::Usage;

/// Reads a `Package.swift`: `.package(url: "https://github.com/a/b", from: "1.0.0")`.
pub fn manifest(text: &str) -> Manifest {
    let mut manifest = Manifest::default();
    let mut from = 0;
    while let Some(open) = text[from..].find(".package(").map(|open| from + open) {
        from = open + ".package(".len();
        let end = text[from..].find("\n\n").map_or(text.len(), |end| from + end).min(from + 400);
        let end = text.floor_char_boundary(end);
        let body = &text[from..end];
        // Up to the parenthesis that closes the call.
        let close = closing(body);
        let body = &body[..close];
        let is_comment =
            text[..open].rsplit('\n').next().is_some_and(|line| line.trim_start().starts_with("//"));
        let texts = quoted(body);
        let Some((url, at)) = texts.iter().find(|(text, _)| text.contains("://") || text.starts_with("git@"))
        else {
            continue;
        };
        if is_comment {
            continue;
        }
        let version = texts.iter().map(|(text, _)| *text).skip_while(|text| text != url).nth(1);
        let requirement = match version {
            Some(version) if body.contains("exact:") || body.contains(".exact(") => {
                Requirement::Exact(version.to_owned())
            }
            Some(version) if body.contains("branch") || body.contains("revision") => {
                Requirement::Floating(version.to_owned())
            }
            Some(version) => Requirement::Range(format!(">={version}")),
            None => Requirement::Any,
        };
        let at = from + at;
        manifest.dependencies.push(Dependency::new(
            name(url),
            requirement,
            Usage::Runtime,
            "package",
            at..at + url.len(),
        ));
    }
    manifest
}

fn closing(body: &str) -> usize {
    let mut depth = 1;
    for (at, c) in body.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    body.len()
}

/// `https://github.com/a/b.git` → `github.com/a/b`.
fn name(url: &str) -> String {
    let bare = url.split_once("://").map_or(url, |(_, rest)| rest);
    let bare = bare.strip_prefix("git@").unwrap_or(bare).replacen(':', "/", 1);
    bare.trim_end_matches('/').trim_end_matches(".git").to_owned()
}

/// Reads a `Package.resolved` of any version.
pub fn lock(text: &str) -> Lock {
    let mut lock = Lock::default();
    let mut url: Option<(String, std::ops::Range<usize>)> = None;
    let result = json::walk(text, |path, value| {
        let json::Value::Text(value, at) = value else { return };
        match path.last().map(Step::key) {
            Some("location" | "repositoryURL") => url = Some((name(&value), at)),
            Some("version") => {
                if let Some((name, at)) = url.take() {
                    lock.entries.push(Locked {
                        name,
                        version: value.into_owned(),
                        for_whom: String::new(),
                        at,
                    });
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
        let text = "let package = Package(\n  dependencies: [\n    .package(url: \"https://github.com/MacPaw/OpenAI.git\", from: \"0.2.4\"),\n    .package(url: \"https://github.com/argmaxinc/WhisperKit\", exact: \"0.9.0\"),\n    // .package(url: \"https://github.com/a/b\", from: \"1\"),\n    .package(path: \"../own\"),\n    .package(url: \"https://github.com/c/d\", branch: \"main\"),\n  ]\n)\n";
        let found: Vec<_> =
            manifest(text).dependencies.into_iter().map(|d| (d.name, d.requirement)).collect();
        assert_eq!(
            found,
            [
                ("github.com/MacPaw/OpenAI".into(), Requirement::Range(">=0.2.4".into())),
                ("github.com/argmaxinc/WhisperKit".into(), Requirement::Exact("0.9.0".into())),
                ("github.com/c/d".into(), Requirement::Floating("main".into())),
            ]
        );
        let text = r#"{"pins": [{"identity": "openai", "location": "https://github.com/MacPaw/OpenAI.git", "state": {"revision": "x", "version": "0.2.5"}}], "version": 2}"#;
        let found = lock(text).entries;
        assert_eq!((&*found[0].name, &*found[0].version), ("github.com/MacPaw/OpenAI", "0.2.5"));
    }
}
