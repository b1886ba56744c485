//! Documents inside other texts: templates that make YAML, front matter above Markdown.

use crate::Format;
use std::borrow::Cow;
use std::ops::Range;

/// What a filled-in value is replaced by, byte for byte.
const FILLER: u8 = b'_';

/// A Helm or Jinja template with what is filled in later blanked out, so that the rest can be parsed and every byte
/// keeps its place: a line of `{{ … }}` or `{% … %}` alone becomes blank, inside a line it becomes underscores.
pub fn without_templates(text: &str) -> Cow<'_, str> {
    if !text.contains("{{") && !text.contains("{%") {
        return Cow::Borrowed(text);
    }
    let mut bytes = text.as_bytes().to_vec();
    let mut at = 0;
    while let Some((open, close)) = next(text, at) {
        // Only blanks are passed over, so that a line of many templates is read once.
        let is_blank = |byte: &&u8| matches!(**byte, b' ' | b'\t' | b'\r');
        let is_first =
            bytes[..open].iter().rev().find(|byte| !is_blank(byte)).is_none_or(|byte| *byte == b'\n');
        let is_last = bytes[close..].iter().find(|byte| !is_blank(byte)).is_none_or(|byte| *byte == b'\n');
        let is_value = bytes.get(open + 1) == Some(&b'{') && !(is_first && is_last);
        for byte in &mut bytes[open..close] {
            if *byte != b'\n' {
                *byte = if is_value { FILLER } else { b' ' };
            }
        }
        at = close;
    }
    // Whole characters were replaced, so it is still UTF-8.
    String::from_utf8(bytes).map_or(Cow::Borrowed(text), Cow::Owned)
}

fn next(text: &str, from: usize) -> Option<(usize, usize)> {
    let mut at = from;
    loop {
        let open = at + text[at..].find('{')?;
        // `${{ … }}` is an expression of a workflow, a value like any other.
        let is_expression = open > 0 && text.as_bytes()[open - 1] == b'$';
        let close = match text.as_bytes().get(open + 1) {
            Some(b'{') if is_expression => {
                at = open + 2;
                continue;
            }
            Some(b'{') => "}}",
            Some(b'%') => "%}",
            _ => {
                at = open + 1;
                continue;
            }
        };
        let end = text[open..].find(close)?;
        return Some((open, open + end + close.len()));
    }
}

/// The YAML (`---`) or TOML (`+++`) at the top of a text: where it stands between its fences, and its format.
pub fn front_matter(text: &str) -> Option<(Range<usize>, Format)> {
    let (fence, format) = match text.get(..3)? {
        "---" => ("---", Format::Yaml),
        "+++" => ("+++", Format::Toml),
        _ => return None,
    };
    let from = text.find('\n')? + 1;
    if !text[3..from].trim().is_empty() {
        return None;
    }
    let mut at = from;
    for line in text[from..].split_inclusive('\n') {
        if line.trim_end() == fence {
            return Some((from..at, format));
        }
        at += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn templates() {
        for (text, bare) in [
            ("a: 1\n", "a: 1\n"),
            ("{{- if .x }}\na: {{ .b }}\n{{- end }}\n", "            \na: ________\n          \n"),
            ("i: \"{{ .r }}:{{ .t }}\"", "i: \"________:________\""),
            ("{% for x in y %}\n- é{{ é }}\n", "                \n- é________\n"),
            ("a: {{ open", "a: {{ open"),
            ("a: {b: {c: d}}", "a: {b: {c: d}}"),
            ("a: ${{ secrets.B }}", "a: ${{ secrets.B }}"),
        ] {
            assert_eq!(without_templates(text), bare, "{text}");
        }
    }

    #[test]
    fn fences() {
        let matter = |text: &'static str| front_matter(text).map(|(at, _)| &text[at]);
        assert_eq!(matter("---\nname: x\n---\nbody"), Some("name: x\n"));
        assert_eq!(matter("---\r\nname: x\r\n---\r\nbody"), Some("name: x\r\n"));
        assert_eq!(matter("+++\na = 1\n+++\n"), Some("a = 1\n"));
        assert_eq!(matter("---\n---\n"), Some(""));
        assert_eq!(matter("---\nname: x\n"), None);
        assert_eq!(matter("--- a\n---\n"), None);
        assert_eq!(matter("# head\n---\n"), None);
        assert_eq!(matter(""), None);
    }

    proptest! {
        #[test]
        fn bytes_keep_their_places(text in "[{}%a:é\\n \"-]{0,60}") {
            let bare = without_templates(&text);
            prop_assert_eq!(bare.len(), text.len());
            for (at, c) in bare.char_indices().filter(|(_, c)| !matches!(c, '_' | ' ')) {
                prop_assert!(text[at..].starts_with(c));
            }
        }
    }
}
