//! From the JSON strings of a cell to its text, with the place of every byte.

use inventar_plugin_sdk::Excerpt;
use serde_json::value::RawValue;

/// The text of a cell whose source (a JSON string or a list of them, a part of `text`) is `source`.
pub(crate) fn text_of(text: &str, source: &str) -> Excerpt {
    let mut cell = Excerpt::default();
    if source.starts_with('"') {
        push_string(&mut cell, source, place(text, source));
    } else if let Ok(lines) = serde_json::from_str::<Vec<&RawValue>>(source) {
        for line in lines.iter().map(|line| line.get()).filter(|line| line.starts_with('"')) {
            push_string(&mut cell, line, place(text, line));
        }
    }
    cell
}

/// Where a part of a text begins in it.
fn place(text: &str, part: &str) -> usize {
    (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize)
}

/// Adds a valid JSON string, quotes and all, that stands at `at`.
fn push_string(cell: &mut Excerpt, raw: &str, at: usize) {
    let inner = raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"')).unwrap_or_default();
    let (bytes, at) = (inner.as_bytes(), at + 1);
    let mut done = 0;
    while let Some(escape) = bytes[done..].iter().position(|byte| *byte == b'\\').map(|found| done + found) {
        cell.push(&inner[done..escape], at + done..at + escape);
        let (character, len) = unescape(&inner[escape..]);
        let end = (escape + len).min(inner.len());
        cell.push(character.encode_utf8(&mut [0; 4]), at + escape..at + end);
        done = end;
    }
    cell.push(&inner[done..], at + done..at + inner.len());
}

/// The character of an escape, and how many bytes it is written in.
fn unescape(text: &str) -> (char, usize) {
    let unit = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    match text.as_bytes().get(1) {
        Some(b'n') => ('\n', 2),
        Some(b't') => ('\t', 2),
        Some(b'r') => ('\r', 2),
        Some(b'b') => ('\u{8}', 2),
        Some(b'f') => ('\u{c}', 2),
        Some(b'u') => {
            let units = [unit(0).unwrap_or(0xfffd), unit(6).unwrap_or_default()];
            match char::decode_utf16(units).next() {
                Some(Ok(character)) => (character, if character.len_utf16() == 2 { 12 } else { 6 }),
                // Half of a pair.
                _ => ('\u{fffd}', 6),
            }
        }
        Some(byte) if byte.is_ascii() => (*byte as char, 2),
        _ => ('\u{fffd}', 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: &str, expected: &str) {
        let text = format!("{{\"source\": {source}}}");
        let cell = text_of(&text, &text[11..text.len() - 1]);
        assert_eq!(cell.text(), expected, "{source}");
        // Every character stands where JSON says the same character.
        for (at, character) in cell.text().char_indices() {
            let place = cell.place(at..at + character.len_utf8());
            let written: String = serde_json::from_str(&format!("\"{}\"", &text[place])).unwrap();
            assert_eq!(written, character.to_string(), "{source} at {at}");
        }
    }

    #[test]
    fn sources() {
        check(r#""import os\nx = \"y\"""#, "import os\nx = \"y\"");
        check(r#"["a = 1\n",  "b = '\\n'"]"#, "a = 1\nb = '\\n'");
        check(r#""\u00e9 \ud83d\ude00 é \/ \t""#, "é 😀 é / \t");
        check("[]", "");
        check("\"\"", "");
    }

    #[test]
    fn half_a_pair_is_a_character() {
        let cell = text_of(r#""\ud83d x""#, r#""\ud83d x""#);
        assert_eq!(cell.text(), "\u{fffd} x");
    }
}
