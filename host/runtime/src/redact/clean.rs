//! Characters that could fool a terminal or a reader.

use std::borrow::Cow;

/// Stands for a character that was taken out.
const GONE: char = '\u{fffd}';

/// Control characters (an escape sequence starts with one), marks that change the direction of text, and characters
/// that show nothing but make two texts differ.
fn is_unfit(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

/// Without unfit characters; line breaks and tabs become spaces.
pub(super) fn clean_line(text: &str) -> Cow<'_, str> {
    clean(text, |c| match c {
        '\n' | '\r' | '\t' => ' ',
        _ => GONE,
    })
}

/// Without unfit characters; line breaks and tabs stay.
pub(super) fn clean_text(text: &str) -> Cow<'_, str> {
    clean(text, |c| match c {
        '\n' | '\t' => c,
        '\r' => '\n',
        _ => GONE,
    })
}

fn clean(text: &str, instead: impl Fn(char) -> char) -> Cow<'_, str> {
    if !text.chars().any(is_unfit) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        // A Windows line break is one.
        if c == '\r' && rest.peek() == Some(&'\n') {
            continue;
        }
        out.push(if is_unfit(c) { instead(c) } else { c });
    }
    Cow::Owned(out)
}

/// At most so many bytes, with `…` where it was cut.
pub(super) fn cut(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let room = most.saturating_sub('…'.len_utf8());
    format!("{}…", text[..text.floor_char_boundary(room)].trim_end_matches('…'))
}
