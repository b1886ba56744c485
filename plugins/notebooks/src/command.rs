//! Shell lines as far as notebooks use them: commands, and their words with places.

use std::ops::Range;

/// A word of a command, without its quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word<'t> {
    pub(crate) text: &'t str,
    pub(crate) at: Range<usize>,
}

/// Longer scripts are read up to there.
const MAX_WORDS: usize = 20_000;

/// The commands of a script, which begins at `start` of a text. Words in quotes are one word; what a shell would expand
/// stays as written.
pub(crate) fn commands(script: &str, start: usize) -> Vec<Vec<Word<'_>>> {
    let bytes = script.as_bytes();
    let mut commands = vec![vec![]];
    let (mut at, mut words) = (0, 0);
    while at < bytes.len() && words < MAX_WORDS {
        match bytes[at] {
            b'\n' | b';' | b'&' | b'|' => {
                at += 1;
                if commands.last().is_some_and(|command| !command.is_empty()) {
                    commands.push(vec![]);
                }
            }
            // A command goes on in the next line.
            b'\\' if matches!(bytes.get(at + 1), Some(b'\n' | b'\r')) => at += 2,
            b' ' | b'\t' | b'\r' | b'\\' => at += 1,
            b'#' => at += line(&bytes[at..]),
            _ => {
                let (word, end) = word(script, at, start);
                at = end;
                words += 1;
                if let Some(command) = commands.last_mut() {
                    command.push(word);
                }
            }
        }
    }
    commands.retain(|command| !command.is_empty());
    commands
}

fn line(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len())
}

/// The word that begins at a byte, and where it ends.
fn word(script: &str, at: usize, start: usize) -> (Word<'_>, usize) {
    let bytes = script.as_bytes();
    let quote = bytes[at];
    if quote == b'"' || quote == b'\'' {
        let inner = &bytes[at + 1..];
        let len = inner.iter().position(|byte| *byte == quote || *byte == b'\n').unwrap_or(inner.len());
        let range = at + 1..at + 1 + len;
        let text = script.get(range.clone()).unwrap_or_default();
        return (Word { text, at: start + range.start..start + range.end }, (range.end + 1).min(bytes.len()));
    }
    // `{sys.executable}` and `$(…)` are one word, whatever is in them; `x[a,b]` and `x>=1` too.
    let mut end = at;
    let mut braces = 0_usize;
    while end < bytes.len() {
        match bytes[end] {
            b'{' | b'(' => braces += 1,
            b'}' | b')' => braces = braces.saturating_sub(1),
            b'\n' | b'"' | b'\'' => break,
            b' ' | b'\t' | b'\r' | b';' | b'|' | b'&' if braces == 0 => break,
            _ => {}
        }
        end += 1;
    }
    // A quote in the middle belongs to the word: `KEY="…"`, `openai=="1.0"`.
    if end < bytes.len() && (bytes[end] == b'"' || bytes[end] == b'\'') && end > at {
        let inner = &bytes[end + 1..];
        let len = inner.iter().position(|byte| *byte == bytes[end] || *byte == b'\n').unwrap_or(inner.len());
        end = (end + 1 + len + 1).min(bytes.len());
        if bytes[end - 1] == b'\n' {
            end -= 1;
        }
    }
    let end = end.max(at + 1);
    let end = (end..=bytes.len()).find(|end| script.is_char_boundary(*end)).unwrap_or(bytes.len());
    (Word { text: script.get(at..end).unwrap_or_default(), at: start + at..start + end }, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(script: &str, expected: &[&[&str]]) {
        let found = commands(script, 7);
        let texts: Vec<Vec<&str>> =
            found.iter().map(|command| command.iter().map(|word| word.text).collect()).collect();
        assert_eq!(texts, expected, "{script}");
        for word in found.iter().flatten() {
            assert_eq!(&script[word.at.start - 7..word.at.end - 7], word.text);
        }
    }

    #[test]
    fn words() {
        check("pip install -q openai>=1.0 # x", &[&["pip", "install", "-q", "openai>=1.0"]]);
        check("cd a && pip install 'b[c, d]'; ls", &[&["cd", "a"], &["pip", "install", "b[c, d]"], &["ls"]]);
        check("pip install \\\n  a \\\n  b\npwd", &[&["pip", "install", "a", "b"], &["pwd"]]);
        check(
            "{sys.executable} -m pip install $(x y)",
            &[&["{sys.executable}", "-m", "pip", "install", "$(x y)"]],
        );
        check("export A=\"b c\" é", &[&["export", "A=\"b c\"", "é"]]);
        check("it's\n'", &[&["it's"], &[""]]);
        check("", &[]);
    }
}
