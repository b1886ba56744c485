//! `yarn.lock`, of Yarn 1 and of Berry: blocks that begin with the ranges they answer.

use crate::dependency::{Lock, Locked};

/// Reads a lock: one entry for each range, with the range as `for_whom`.
pub fn parse(text: &str) -> Lock {
    let mut lock = Lock::default();
    let mut header: Option<(&str, usize)> = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let at = start;
        start += line.len();
        let content = line.trim_end();
        if content.starts_with('#') || content.is_empty() {
            continue;
        }
        if !content.starts_with([' ', '\t']) {
            header = content.strip_suffix(':').map(|header| (header, at));
            continue;
        }
        let Some((descriptors, header_at)) = header else { continue };
        let Some(version) = content.trim_start().strip_prefix("version") else { continue };
        let version = version.trim_start_matches(':').trim().trim_matches('"');
        header = None;
        if !version.starts_with(|c: char| c.is_ascii_digit()) || version == "0.0.0-use.local" {
            continue;
        }
        let mut offset = 0;
        for descriptor in descriptors.split(',') {
            let place = header_at + offset;
            offset += descriptor.len() + 1;
            let lead = descriptor.len() - descriptor.trim_start_matches([' ', '"']).len();
            let descriptor = descriptor.trim().trim_matches('"');
            let Some((name, range)) = name_and_range(descriptor) else { continue };
            let at = place + lead..place + lead + name.len();
            lock.entries.push(Locked {
                name: name.to_owned(),
                version: version.to_owned(),
                for_whom: range.to_owned(),
                at,
            });
        }
    }
    lock
}

/// `@ai-sdk/openai@npm:^1.0.0` → `@ai-sdk/openai`, `^1.0.0`. Of an alias, the package behind it.
fn name_and_range(descriptor: &str) -> Option<(&str, &str)> {
    let at = descriptor.get(1..)?.find('@')? + 1;
    let (name, range) = (&descriptor[..at], &descriptor[at + 1..]);
    let range = range.strip_prefix("npm:").unwrap_or(range);
    Some((name, range))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, &str, &str)]) {
        let found: Vec<(String, String, String)> = parse(text)
            .entries
            .into_iter()
            .map(|e| {
                assert_eq!(text[e.at.clone()], e.name);
                (e.name, e.version, e.for_whom)
            })
            .collect();
        let expected: Vec<_> =
            expected.iter().map(|(a, b, c)| ((*a).into(), (*b).into(), (*c).into())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn yarn_1() {
        check(
            "# yarn lockfile v1\n\n\n\"@ai-sdk/openai@^1.0.0\":\n  version \"1.0.4\"\n  dependencies:\n    zod \"^3\"\n\nopenai@^4.0.0, openai@^4.1.0:\n  version \"4.1.0\"\n",
            &[
                ("@ai-sdk/openai", "1.0.4", "^1.0.0"),
                ("openai", "4.1.0", "^4.0.0"),
                ("openai", "4.1.0", "^4.1.0"),
            ],
        );
    }

    #[test]
    fn berry() {
        check(
            "__metadata:\n  version: 8\n\n\"openai@npm:^4.0.0, openai@npm:^4.1.0\":\n  version: 4.1.0\n  resolution: \"openai@npm:4.1.0\"\n\n\"app@workspace:.\":\n  version: 0.0.0-use.local\n",
            &[("openai", "4.1.0", "^4.0.0"), ("openai", "4.1.0", "^4.1.0")],
        );
    }
}
