//! `pnpm-lock.yaml`, versions 5 to 9. Only what the projects themselves asked for is read: it stands above `packages:`,
//! so that the large rest is never looked at.

use crate::dependency::{Lock, Locked};

const GROUPS: &[&str] = &["dependencies", "devDependencies", "optionalDependencies"];

/// Reads a lock; `for_whom` is the folder of the project that asked, empty at the root.
pub fn parse(text: &str) -> Lock {
    let mut lock = Lock::default();
    // The way to the current line: (indent, key, place of the key).
    let mut way: Vec<(usize, &str, usize)> = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let line_at = start;
        start += line.len();
        let content = line.trim_end();
        let indent = content.len() - content.trim_start().len();
        let content = content.trim_start();
        if content.is_empty() || content.starts_with('#') || content == "---" {
            continue;
        }
        if indent == 0 && (content == "packages:" || content == "snapshots:") {
            break;
        }
        let Some((key, value)) = key_and_value(content) else { continue };
        while way.last().is_some_and(|(above, _, _)| *above >= indent) {
            way.pop();
        }
        let at = line_at + indent + usize::from(content.starts_with(['\'', '"']));
        way.push((indent, key, at));
        if value.is_empty() {
            continue;
        }
        let keys: Vec<&str> = way.iter().map(|(_, key, _)| *key).collect();
        let (folder, name, place) = match keys.as_slice() {
            ["importers", folder, group, name] if GROUPS.contains(group) => (*folder, *name, way[3].2),
            ["importers", folder, group, name, "version"] if GROUPS.contains(group) => {
                (*folder, *name, way[3].2)
            }
            [group, name] if GROUPS.contains(group) => ("", *name, way[1].2),
            [group, name, "version"] if GROUPS.contains(group) => ("", *name, way[1].2),
            _ => continue,
        };
        let Some((real, version)) = resolved(name, value) else { continue };
        let folder = if folder == "." { "" } else { folder };
        lock.entries.push(Locked {
            name: real.to_owned(),
            version: version.to_owned(),
            for_whom: folder.to_owned(),
            at: place..place + name.len(),
        });
    }
    lock
}

fn key_and_value(content: &str) -> Option<(&str, &str)> {
    let (key, rest) = match content.strip_prefix('\'') {
        Some(quoted) => quoted.split_once('\'')?,
        None => match content.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => {
                let end = content.find(": ").or_else(|| content.ends_with(':').then(|| content.len() - 1))?;
                (&content[..end], &content[end..])
            }
        },
    };
    Some((key, rest.strip_prefix(':')?.trim().trim_matches(['\'', '"'])))
}

/// `4.1.0(zod@3.23.8)`, `4.1.0_zod@3`, `openai@4.1.0` behind an alias, `/openai/4.1.0`; `link:…` is no version.
fn resolved<'a>(name: &'a str, value: &'a str) -> Option<(&'a str, &'a str)> {
    let value = value.split('(').next().unwrap_or(value);
    let value = value.strip_prefix("npm:").unwrap_or(value);
    let value = value.split('_').next().unwrap_or(value);
    let (name, version) = if value.starts_with(|c: char| c.is_ascii_digit()) {
        (name, value)
    } else {
        let value = value.strip_prefix('/').unwrap_or(value);
        value.rsplit_once(['@', '/']).filter(|(name, _)| !name.is_empty() && !name.contains(':'))?
    };
    semver::Version::parse(version).is_ok().then_some((name, version))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, &str, &str, usize)]) {
        let lock = parse(text);
        let found: Vec<_> = lock
            .entries
            .iter()
            .map(|e| (&*e.name, &*e.version, &*e.for_whom, text[..e.at.start].matches('\n').count() + 1))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn version_9() {
        check(
            "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      '@ai-sdk/react':\n        specifier: ^3\n        version: 3.0.39(react@19.0.1)(zod@3.25.76)\n      ai:\n        specifier: 6.0.37\n        version: 6.0.37(zod@3.25.76)\n      own:\n        specifier: workspace:*\n        version: link:../own\n\n  packages/a:\n    devDependencies:\n      llm:\n        specifier: npm:openai@4\n        version: openai@4.1.0\n\npackages:\n\n  openai@4.1.0:\n    resolution: {}\n",
            &[
                ("@ai-sdk/react", "3.0.39", "", 7),
                ("ai", "6.0.37", "", 10),
                ("openai", "4.1.0", "packages/a", 19),
            ],
        );
    }

    #[test]
    fn versions_5_and_6() {
        check(
            "lockfileVersion: 5.4\n\nspecifiers:\n  openai: ^4\n\ndependencies:\n  openai: 4.1.0_zod@3.1.0\n\npackages:\n",
            &[("openai", "4.1.0", "", 7)],
        );
        check(
            "lockfileVersion: '6.0'\n\ndependencies:\n  openai:\n    specifier: ^4\n    version: 4.1.0\n",
            &[("openai", "4.1.0", "", 4)],
        );
    }
}
