//! Text that may go to a terminal: nothing in it can move the cursor, and its width is known.

use console::measure_text_width;
use std::borrow::Cow;

/// Whether a character changes how a terminal or a reader sees other characters: controls and text direction marks.
fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// `text` with every control and direction mark made visible.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    if !text.contains(is_harmful) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => clean.push(' '),
            c if is_harmful(c) => clean.extend(c.escape_unicode()),
            c => clean.push(c),
        }
    }
    Cow::Owned(clean)
}

/// The columns `text` takes.
pub(crate) fn width(text: &str) -> usize {
    measure_text_width(text)
}

/// `text` cut at the end to `columns`.
pub(crate) fn fit(text: &str, columns: usize) -> Cow<'_, str> {
    console::truncate_str(text, columns, "…")
}

/// `text` cut at the beginning to `columns`: of a path the end matters.
pub(crate) fn fit_end(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let mut kept = text;
    while width(kept) + 1 > columns {
        let mut rest = kept.chars();
        if rest.next().is_none() {
            break;
        }
        kept = rest.as_str();
    }
    Cow::Owned(if columns == 0 { String::new() } else { format!("…{kept}") })
}

/// `text` with spaces up to `columns`.
pub(crate) fn pad(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_clean(text: &str, expected: &str) {
        assert_eq!(clean(text), expected);
    }

    #[test]
    fn nothing_that_moves_the_cursor_stays() {
        check_clean("gpt-4o", "gpt-4o");
        check_clean("a\u{1b}[2Jb", "a\\u{1b}[2Jb");
        check_clean("a\nb\tc\r", "a b c ");
        check_clean("a\u{202e}b", "a\\u{202e}b");
        check_clean("\u{9b}31m", "\\u{9b}31m");
        check_clean("größe 模型", "größe 模型");
    }

    #[track_caller]
    fn check_fit(text: &str, columns: usize, from_start: &str, from_end: &str) {
        assert_eq!(fit(text, columns), from_start);
        assert_eq!(fit_end(text, columns), from_end);
    }

    #[test]
    fn cuts_by_columns_not_by_bytes() {
        check_fit("abc", 3, "abc", "abc");
        check_fit("abcd", 3, "ab…", "…cd");
        check_fit("größer", 4, "grö…", "…ßer");
        check_fit("模型文件", 5, "模型…", "…文件");
        check_fit("模型文件", 4, "模…", "…件");
        check_fit("abc", 1, "…", "…");
        assert_eq!(width(&pad("模型", 6)), 6);
    }
}
