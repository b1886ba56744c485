//! Bounds the stack: statements nested deeper than the parser of the sandbox can follow become blank.
//!
//! A scan over bytes that knows strings, templates, comments, regular expressions, brackets and what recurses without
//! one is enough to bound the depth of the tree from above, and it is linear.

use crate::source::blank;

/// What one bracket, element, prefix operator or right-associative operator costs of [`BUDGET`].
const LEVEL: u32 = 1;
/// 100 levels.
const BUDGET: u32 = 100;

/// The text with every statement at the left margin blank that is nested too deep; `None` when none is.
pub(crate) fn tame(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut out: Option<Vec<u8>> = None;
    let mut from = 0;
    while let Some(deep) = too_deep(bytes, from) {
        let (start, end) = statement_around(bytes, deep);
        // What came before `from` has been read and was in order.
        blank(out.get_or_insert_with(|| bytes.to_vec()), start.max(from), end);
        from = end;
    }
    String::from_utf8(out?).ok()
}

/// The statement around a place: from the last line that starts at the margin to the next one.
pub(crate) fn statement_around(bytes: &[u8], at: usize) -> (usize, usize) {
    let at = at.min(bytes.len());
    let starts = |line: usize| {
        bytes.get(line).is_some_and(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'@' | b'_' | b'$'))
    };
    let mut start = 0;
    let mut before = at;
    while let Some(newline) = bytes[..before].iter().rposition(|byte| *byte == b'\n') {
        if starts(newline + 1) && newline < at {
            start = newline + 1;
            break;
        }
        before = newline;
    }
    let mut end = bytes.len();
    let mut after = at;
    while let Some(newline) = bytes[after..].iter().position(|byte| *byte == b'\n') {
        after += newline + 1;
        if starts(after) {
            end = after;
            break;
        }
    }
    (start, end)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Bracket,
    /// `${` in a template: its end resumes the template.
    Hole,
}

struct Level {
    open: Open,
    /// What operators and elements of this level have spent.
    spent: u32,
    elements: u32,
    /// Open `<` of types; comparisons count too, until their statement ends.
    angles: u32,
}

/// The first place from `from` on that is nested too deep.
fn too_deep(bytes: &[u8], from: usize) -> Option<usize> {
    let mut levels = vec![Level { open: Open::Bracket, spent: 0, elements: 0, angles: 0 }];
    let mut total = 0u32;
    let mut at = from;
    // Whether a value is expected here: an operator is a prefix, a slash starts a regular expression.
    let mut operand = true;
    let mut newline = false;
    while at < bytes.len() {
        let byte = bytes[at];
        let mut end = at + 1;
        let starts_line = std::mem::take(&mut newline);
        match byte {
            b'\n' => newline = true,
            b' ' | b'\t' | b'\r' => newline = starts_line,
            b'/' if bytes.get(end) == Some(&b'/') => end = find(bytes, b"\n", at),
            b'/' if bytes.get(end) == Some(&b'*') => end = find(bytes, b"*/", at + 2) + 2,
            b'/' if bytes.get(end) == Some(&b'>') => {
                operand = close_element(&mut levels, &mut total);
                end += 1;
            }
            b'/' if operand => {
                end = regex_end(bytes, at);
                operand = false;
            }
            b'"' | b'\'' if byte == b'\'' && is_apostrophe(bytes, at) => {}
            b'"' | b'\'' => {
                end = string_end(bytes, at);
                operand = false;
            }
            b'`' => {
                (end, operand) = template(bytes, at + 1, &mut levels, &mut total);
            }
            b'(' | b'[' | b'{' => {
                levels.push(Level { open: Open::Bracket, spent: LEVEL, elements: 0, angles: 0 });
                total += LEVEL;
                operand = true;
            }
            b')' | b']' | b'}' => {
                let mut hole = false;
                if levels.len() > 1
                    && let Some(level) = levels.pop()
                {
                    total -= level.spent + level.elements + level.angles;
                    hole = level.open == Open::Hole;
                }
                operand = false;
                if hole {
                    (end, operand) = template(bytes, end, &mut levels, &mut total);
                }
            }
            // `if (a) b(); else if …` goes on.
            b';' if starts_else(bytes, end) => operand = true,
            b',' | b';' => {
                reset(&mut levels, &mut total);
                if byte == b';' {
                    end_types(&mut levels, &mut total);
                }
                operand = true;
            }
            b'<' if bytes.get(end) == Some(&b'/') => {
                operand = close_element(&mut levels, &mut total);
                end = find(bytes, b">", at) + 1;
            }
            b'<' if opens_element(bytes, at) => {
                if let Some(level) = levels.last_mut() {
                    level.elements += LEVEL;
                    total += LEVEL;
                }
                operand = true;
            }
            // Comparisons, `??`, `?.` and `<=` do not recurse to the right.
            b'=' | b'!' | b'<' | b'>' if bytes.get(end) == Some(&b'=') => {
                end += if bytes.get(end + 1) == Some(&b'=') { 2 } else { 1 };
                operand = true;
            }
            b'?' if matches!(bytes.get(end), Some(b'?' | b'.')) => {
                end += 1;
                operand = true;
            }
            b'<' => {
                if let Some(level) = levels.last_mut() {
                    level.angles += LEVEL;
                    total += LEVEL;
                }
                operand = true;
            }
            b'>' if at > 0
                && bytes[at - 1] != b'='
                && levels.last().is_some_and(|level| level.angles > 0) =>
            {
                if let Some(level) = levels.last_mut() {
                    level.angles -= LEVEL;
                    total -= LEVEL;
                }
                operand = false;
            }
            b'?' | b'!' | b'~' | b'=' => {
                spend(&mut levels, &mut total);
                operand = true;
            }
            b'+' | b'-' if operand => spend(&mut levels, &mut total),
            b'*' if bytes.get(end) == Some(&b'*') => {
                spend(&mut levels, &mut total);
                end += 1;
                operand = true;
            }
            b'+' | b'-' | b'*' | b'/' | b'%' | b'&' | b'|' | b'^' | b'>' | b':' | b'.' | b'@' => {
                operand = true;
            }
            _ if is_word(byte) => {
                while end < bytes.len() && is_word(bytes[end]) {
                    end += 1;
                }
                let word = &bytes[at..end];
                let goes_on = matches!(word, b"else" | b"instanceof" | b"in" | b"of" | b"as" | b"extends");
                if starts_line && !operand && !goes_on {
                    reset(&mut levels, &mut total);
                    end_types(&mut levels, &mut total);
                    if let [top] = levels.as_mut_slice() {
                        // A statement starts; what looked like an element was the parameter of a type.
                        (top.elements, total) = (0, 0);
                    }
                }
                if matches!(
                    word,
                    b"typeof"
                        | b"void"
                        | b"delete"
                        | b"await"
                        | b"new"
                        | b"yield"
                        | b"else"
                        | b"if"
                        | b"for"
                        | b"while"
                        | b"do"
                        | b"async"
                        | b"function"
                        | b"class"
                        | b"keyof"
                        | b"extends"
                        | b"infer"
                ) {
                    spend(&mut levels, &mut total);
                }
                operand = is_operator_word(word);
            }
            _ => operand = false,
        }
        if total > BUDGET {
            return Some(at);
        }
        at = end;
    }
    None
}

fn starts_else(bytes: &[u8], at: usize) -> bool {
    let blanks = bytes[at..].iter().take(200).take_while(|byte| byte.is_ascii_whitespace()).count();
    bytes[at + blanks..].starts_with(b"else")
}

fn spend(levels: &mut [Level], total: &mut u32) {
    if let Some(level) = levels.last_mut() {
        level.spent += LEVEL;
        *total += LEVEL;
    }
}

/// What an operator reaches ends here.
fn reset(levels: &mut [Level], total: &mut u32) {
    let base = if levels.len() > 1 { LEVEL } else { 0 };
    if let Some(level) = levels.last_mut() {
        *total -= level.spent - base.min(level.spent);
        level.spent = base.min(level.spent);
    }
}

fn end_types(levels: &mut [Level], total: &mut u32) {
    if let Some(level) = levels.last_mut() {
        *total -= level.angles;
        level.angles = 0;
    }
}

/// Whether another element is still open, so that text or a child comes next.
fn close_element(levels: &mut [Level], total: &mut u32) -> bool {
    let Some(level) = levels.last_mut() else { return false };
    if level.elements >= LEVEL {
        level.elements -= LEVEL;
        *total -= LEVEL;
    }
    level.elements > 0
}

/// Reads the text of a template from `at`: to its end, or into a hole.
fn template(bytes: &[u8], mut at: usize, levels: &mut Vec<Level>, total: &mut u32) -> (usize, bool) {
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'`' => return (at + 1, false),
            b'$' if bytes.get(at + 1) == Some(&b'{') => {
                levels.push(Level { open: Open::Hole, spent: LEVEL, elements: 0, angles: 0 });
                *total += LEVEL;
                return (at + 2, true);
            }
            _ => {}
        }
        at += 1;
    }
    (bytes.len(), false)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | 0x80..)
}

fn is_operator_word(word: &[u8]) -> bool {
    matches!(
        word,
        b"return"
            | b"typeof"
            | b"void"
            | b"delete"
            | b"await"
            | b"new"
            | b"yield"
            | b"else"
            | b"in"
            | b"of"
            | b"case"
            | b"instanceof"
            | b"throw"
            | b"do"
            | b"default"
            | b"from"
            | b"import"
            | b"export"
            | b"as"
            | b"extends"
    )
}

/// `don't`, not the start of a string.
fn is_apostrophe(bytes: &[u8], at: usize) -> bool {
    let before = bytes[..at].iter().rev().take_while(|byte| is_word(**byte)).count();
    before > 0
        && !is_operator_word(&bytes[at - before..at])
        && bytes.get(at + 1).is_some_and(u8::is_ascii_alphabetic)
}

/// `<div`, `<>`; not `a < b`, and not the `<` of `Array<string>`.
fn opens_element(bytes: &[u8], at: usize) -> bool {
    let next = bytes.get(at + 1).copied().unwrap_or_default();
    let before = at.checked_sub(1).map_or(b' ', |at| bytes[at]);
    (next.is_ascii_alphabetic() || next == b'>') && !is_word(before) && !matches!(before, b')' | b']' | b'<')
}

fn find(bytes: &[u8], what: &[u8], from: usize) -> usize {
    let from = from.min(bytes.len());
    bytes[from..].windows(what.len()).position(|window| window == what).map_or(bytes.len(), |at| from + at)
}

/// The end of the string that starts at `at`; an unterminated one ends with its line.
fn string_end(bytes: &[u8], at: usize) -> usize {
    let quote = bytes[at];
    let mut end = at + 1;
    while end < bytes.len() {
        match bytes[end] {
            b'\\' => end += 1,
            b'\n' => return end,
            byte if byte == quote => return end + 1,
            _ => {}
        }
        end += 1;
    }
    bytes.len()
}

/// The end of a regular expression; one that its line does not close was a division.
fn regex_end(bytes: &[u8], at: usize) -> usize {
    let mut end = at + 1;
    let mut class = false;
    while end < bytes.len() {
        match bytes[end] {
            b'\\' => end += 1,
            b'\n' => return at + 1,
            b'[' => class = true,
            b']' => class = false,
            b'/' if !class => return end + 1,
            _ => {}
        }
        end += 1;
    }
    at + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_code_is_left_alone() {
        let deep = format!("x = {}1{}", "(".repeat(80), ")".repeat(80));
        let chain = format!("x = {}1", "'a' + ".repeat(3_000));
        let table = format!("x = [{}]", "{'a': [1, -2, !b, c ? d : e]},".repeat(5_000));
        let lines = "x.a.b(1).c = y.z(2) ? !q : -w\nconst a = <T,>(b: Array<T>) => b\n".repeat(5_000);
        let elements = "const A = () => <p>I don't {a} <br/> mind</p>\n".repeat(5_000);
        let tests = format!("x = {}d", "a === b || a !== c && a?.b ?? c <= d || ".repeat(3_000));
        let types = "type A = B<C, D<E>>\nconst a: F<G> = b < c ? d : e > f\n".repeat(5_000);
        let regexes = "if (/[(/]{2}\\//.test(a)) { b = c / d / e }\n".repeat(5_000);
        let templates = "const a = `(${b(`{${c}`)}`\n".repeat(5_000);
        for text in [&deep, &chain, &table, &lines, &elements, &tests, &types, &regexes, &templates] {
            assert!(tame(text).is_none(), "{}", &text[..40]);
        }
    }

    #[test]
    fn bottomless_nesting_is_cut_and_what_follows_is_read() {
        let n = 100_000;
        for head in [
            format!("x = {}1{}\n", "(".repeat(n), ")".repeat(n)),
            format!("x = {}\n", "[{".repeat(n)),
            format!("x = {}1\n", "!".repeat(n)),
            format!("x = {}1\n", "- ".repeat(n)),
            format!("x = {}1\n", "typeof ".repeat(n)),
            format!("x = {}1\n", "a => ".repeat(n)),
            format!("x = {}1\n", "a = ".repeat(n)),
            format!("x = {}1\n", "a ** ".repeat(n)),
            format!("x = {}1\n", "a ? b : ".repeat(n)),
            format!("x = {}1{}\n", "`${".repeat(n), "}`".repeat(n)),
            format!("x = {}{}\n", "<a>".repeat(n), "</a>".repeat(n)),
            format!("{}\n", "if (a) b(); else ".repeat(n)),
            format!("let x: {}\n", "A<B, ".repeat(n)),
            format!("x = {}1\n", "(')))))))))'+".repeat(n)),
        ] {
            let text = format!("{head}marker = 1\n");
            let tamed = tame(&text).unwrap_or_else(|| panic!("{} is cut", &text[..30]));
            assert_eq!(tamed.len(), text.len());
            assert!(tamed.ends_with("marker = 1\n"), "{}", &text[..30]);
            assert!(tamed.trim() == "marker = 1", "{}", &text[..30]);
        }
    }
}
