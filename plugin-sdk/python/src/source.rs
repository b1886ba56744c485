//! Bytes to a syntax tree, in bounded stack.
//!
//! The parser recovers from errors, so a Python 2 file, a template or half a file still yields what can be read. Two
//! things are mended before: bytes that are not UTF-8 (each becomes one `?`, so no offset moves) and nesting so deep
//! that the stack of the sandbox would end before it (the inner part becomes blanks).

use crate::escapes::Escapes;
use inventar_plugin_sdk::File;
use ruff_python_ast::ModModule;
use ruff_python_parser::{Mode, ParseOptions, Parsed, parse_unchecked};
use std::borrow::Cow;

/// The text of a file, ready to be parsed.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    /// Offsets into it are offsets into [`File::text`].
    pub(crate) text: Cow<'a, str>,
    /// Something was nested too deep and is blank in `text`.
    pub(crate) cut: bool,
}

/// Why a file has no text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotText(pub(crate) &'static str);

/// The text of a file that came whole; of cells, without the escapes, which are found.
pub(crate) fn read<'f>(file: &'f File, escapes: Option<&mut Escapes>) -> Result<Source<'f>, NotText> {
    let bytes = file.bytes().unwrap_or_default();
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(NotText("UTF-16 text"));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let nuls = bytes.iter().filter(|byte| **byte == 0).count();
    if nuls * 20 > bytes.len() {
        return Err(NotText("binary content"));
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) if nuls == 0 => Cow::Borrowed(text),
        _ => Cow::Owned(mend(bytes)),
    };
    let text = match escapes {
        Some(escapes) => {
            *escapes = Escapes::of(&text);
            Cow::Owned(escapes.without(&text))
        }
        None => text,
    };
    Ok(Source { text, cut: false }.tamed())
}

impl Source<'_> {
    /// Without what is nested too deep.
    fn tamed(self) -> Self {
        match tame(&self.text) {
            Some(tamed) => Source { text: Cow::Owned(tamed), cut: true },
            None => self,
        }
    }
}

/// Parses; a file with errors yields what could be read.
pub(crate) fn parse(text: &str) -> Parsed<ModModule> {
    let parsed = parse_unchecked(text, ParseOptions::from(Mode::Module));
    // `Mode::Module` always yields a module.
    parsed.try_into_module().unwrap_or_else(|| {
        parse_unchecked("", ParseOptions::from(Mode::Module))
            .try_into_module()
            .expect("an empty module parses")
    })
}

/// UTF-8 of the same length: a byte that is not part of a character becomes `?`, a NUL a blank.
fn mend(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.extend(chunk.valid().chars().map(|c| if c == '\0' { ' ' } else { c }));
        text.extend(chunk.invalid().iter().map(|_| '?'));
    }
    text
}

/// What one level of brackets, indentation or prefix operator costs of [`BUDGET`].
const LEVEL: u32 = 8;
/// What one link of `a + b + c` or `a.b().c` costs: the parser loops, but the tree is as deep as the chain.
const LINK: u32 = 1;
/// 60 levels of brackets, or 480 operands in a row.
const BUDGET: u32 = 60 * LEVEL;

/// The text with everything blank that is nested deeper than the stack allows; `None` when nothing is.
///
/// A scan over bytes that knows strings, comments, brackets, lines and operators is enough to bound the depth of the
/// tree from above, and it is linear.
fn tame(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut tamer = Tamer { levels: vec![0], indents: vec![0], spent: 0, blank: None, out: None };
    let mut at = 0;
    let mut line_start = true;
    // Whether an operator here would be a prefix.
    let mut operand_next = true;
    while at < bytes.len() {
        let byte = bytes[at];
        if line_start && tamer.levels.len() == 1 {
            let width = bytes[at..].iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\x0c')).count();
            let first = bytes.get(at + width).copied();
            if !matches!(first, None | Some(b'\n' | b'\r' | b'#')) {
                tamer.indent(width as u32);
            }
            tamer.new_line();
            tamer.pass(bytes, at, at + width);
            at += width;
            line_start = false;
            operand_next = true;
            continue;
        }
        let mut end = at + 1;
        match byte {
            b'\n' => line_start = true,
            b'#' => end = memchr(b'\n', bytes, at),
            b'\\' => end = (at + 2).min(bytes.len()),
            b'"' | b'\'' => {
                end = string_end(bytes, at);
                let prefix = &bytes[at.saturating_sub(2)..at];
                if prefix.iter().any(|byte| matches!(byte, b'f' | b'F' | b't' | b'T')) {
                    tamer.spent += LEVEL;
                    if cost_inside(&bytes[at..end]) + tamer.spent > BUDGET {
                        tamer.blank_out(bytes, at + 1, end.saturating_sub(1));
                    }
                    tamer.spent -= LEVEL;
                }
                operand_next = false;
            }
            b'(' | b'[' | b'{' => {
                tamer.open();
                operand_next = true;
            }
            b')' | b']' | b'}' => {
                tamer.close();
                operand_next = false;
            }
            b',' | b';' => {
                tamer.new_operand();
                operand_next = true;
            }
            b'.' => tamer.spend(LINK),
            b'+' | b'-' | b'*' | b'/' | b'%' | b'@' | b'&' | b'|' | b'^' | b'~' | b'<' | b'>' => {
                tamer.spend(if operand_next { LEVEL } else { LINK });
                operand_next = true;
            }
            b'=' | b':' | b'!' => operand_next = true,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. => {
                while end < bytes.len()
                    && (bytes[end].is_ascii_alphanumeric() || bytes[end] == b'_' || bytes[end] >= 0x80)
                {
                    end += 1;
                }
                match &bytes[at..end] {
                    b"not" | b"await" | b"lambda" | b"else" | b"async" | b"yield" | b"case" => {
                        tamer.spend(LEVEL);
                        operand_next = true;
                    }
                    b"and" | b"or" | b"if" | b"in" | b"is" | b"for" => {
                        tamer.spend(LINK);
                        operand_next = true;
                    }
                    _ => operand_next = false,
                }
            }
            b' ' | b'\t' | b'\r' => {
                while end < bytes.len() && bytes[end] == b' ' {
                    end += 1;
                }
            }
            _ => operand_next = false,
        }
        tamer.pass(bytes, at, end);
        at = end;
    }
    let out = tamer.out?;
    Some(String::from_utf8(out).unwrap_or_else(|error| mend(error.as_bytes())))
}

/// The state of [`tame`].
struct Tamer {
    /// What each open bracket has spent, the line itself first.
    levels: Vec<u32>,
    indents: Vec<u32>,
    spent: u32,
    /// While set, what is passed becomes blank; ends when so many levels are left or the operand ends.
    blank: Option<Blank>,
    out: Option<Vec<u8>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Blank {
    /// Until so many levels are open again.
    Levels(usize),
    /// Until the operand of the level ends.
    Operand(usize),
    /// Until a line is indented less.
    Indent,
}

impl Tamer {
    fn indent(&mut self, width: u32) {
        while self.indents.len() > 1 && self.indents.last().is_some_and(|last| *last > width) {
            self.indents.pop();
        }
        if self.indents.last().is_some_and(|last| *last < width) {
            self.indents.push(width);
        }
        let deep = self.indents.len() as u32 * LEVEL > BUDGET;
        if deep && self.blank.is_none() {
            self.blank = Some(Blank::Indent);
        } else if !deep && self.blank == Some(Blank::Indent) {
            self.blank = None;
        }
    }

    fn new_line(&mut self) {
        self.levels.truncate(1);
        self.levels[0] = 0;
        self.spent = self.indents.len() as u32 * LEVEL;
        if matches!(self.blank, Some(Blank::Operand(_) | Blank::Levels(_))) {
            self.blank = None;
        }
    }

    fn new_operand(&mut self) {
        let level = self.levels.len();
        if let Some(last) = self.levels.last_mut() {
            self.spent = self.spent.saturating_sub(*last);
            *last = 0;
        }
        if self.blank == Some(Blank::Operand(level)) {
            self.blank = None;
        }
    }

    fn spend(&mut self, cost: u32) {
        self.spent += cost;
        let level = self.levels.len();
        if let Some(last) = self.levels.last_mut() {
            *last += cost;
        }
        if self.spent > BUDGET && self.blank.is_none() {
            self.blank = Some(Blank::Operand(level));
        }
    }

    fn open(&mut self) {
        self.spend(LINK);
        self.spent += LEVEL;
        self.levels.push(LEVEL);
        if self.spent > BUDGET && self.blank.is_none() {
            self.blank = Some(Blank::Levels(self.levels.len() - 1));
        }
    }

    fn close(&mut self) {
        if self.levels.len() > 1 {
            self.spent = self.spent.saturating_sub(self.levels.pop().unwrap_or_default());
        }
        let level = self.levels.len();
        match self.blank {
            Some(Blank::Levels(until)) if level <= until => self.blank = None,
            Some(Blank::Operand(of)) if level < of => self.blank = None,
            _ => {}
        }
    }

    /// Lets bytes through, or blanks them.
    fn pass(&mut self, bytes: &[u8], from: usize, to: usize) {
        if self.blank.is_some() {
            self.blank_out(bytes, from, to);
        }
    }

    fn blank_out(&mut self, bytes: &[u8], from: usize, to: usize) {
        let out = self.out.get_or_insert_with(|| bytes.to_vec());
        for byte in &mut out[from.min(to)..to] {
            if !matches!(byte, b'\n' | b'\r') {
                *byte = b' ';
            }
        }
    }
}

pub(crate) fn memchr(byte: u8, bytes: &[u8], from: usize) -> usize {
    bytes[from..].iter().position(|other| *other == byte).map_or(bytes.len(), |at| from + at)
}

/// The end of the string that starts at `at`; an unterminated one ends with its line.
pub(crate) fn string_end(bytes: &[u8], at: usize) -> usize {
    let quote = bytes[at];
    let triple = bytes[at..].starts_with(&[quote; 3]);
    let mut end = at + if triple { 3 } else { 1 };
    while end < bytes.len() {
        match bytes[end] {
            b'\\' => end += 1,
            b'\n' if !triple => return end,
            byte if byte == quote && !triple => return end + 1,
            byte if byte == quote && bytes[end..].starts_with(&[quote; 3]) => return end + 3,
            _ => {}
        }
        end += 1;
    }
    bytes.len()
}

/// What the replacement fields of an f-string cost, from above: brackets as levels, operators as links.
fn cost_inside(string: &[u8]) -> u32 {
    let (mut depth, mut links, mut most) = (0u32, 0u32, 0u32);
    for byte in string {
        match byte {
            b'{' => depth += 1,
            b'(' | b'[' if depth > 0 => depth += 1,
            b'-' | b'+' | b'~' | b'*' | b'.' if depth > 0 => links += 1,
            b'}' => (depth, links) = (0, 0),
            b')' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        most = most.max(depth * LEVEL + links * LINK);
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(bytes: &[u8]) -> Result<(String, bool), NotText> {
        let file = File::of("a.py", bytes.to_vec());
        read(&file, None).map(|source| (source.text.into_owned(), source.cut))
    }

    #[test]
    fn encodings_keep_their_offsets() {
        for (bytes, text) in [
            (&b"x = 'caf\xe9'"[..], "x = 'caf?'"),
            (b"\xef\xbb\xbfx = 1", "x = 1"),
            ("x = 'é'".as_bytes(), "x = 'é'"),
            (b"x = 'a\0b'  # one NUL in a long line", "x = 'a b'  # one NUL in a long line"),
        ] {
            assert_eq!(read_text(bytes), Ok((text.to_owned(), false)));
        }
        assert!(read_text(b"\xff\xfex\0=\0").is_err());
        assert!(read_text(&[0; 64]).is_err());
    }

    #[test]
    fn ordinary_nesting_is_left_alone() {
        let deep = format!("x = {}1{}", "(".repeat(40), ")".repeat(40));
        let chain = format!("x = {}1", "'a' + ".repeat(300));
        let table = format!("x = [{}]", "{'a': [1, -2, 3 + 4]},".repeat(5000));
        let lines = "x.a.b(1).c = y.z(2) if not q else -w\n".repeat(5000);
        let rule = format!("x = f\"{{red('{}')}} {{a - b}}\"", "-".repeat(80));
        for text in [&deep, &chain, &table, &lines, &rule] {
            assert_eq!(tame(text), None, "{}", &text[..40]);
        }
    }

    #[test]
    fn bottomless_nesting_is_cut_and_what_follows_is_read() {
        let n = 100_000;
        let mut blocks = String::new();
        for depth in 0..300 {
            blocks.push_str(&" ".repeat(depth));
            blocks.push_str("if x:\n");
        }
        blocks.push_str(&" ".repeat(300));
        blocks.push_str("y = 1\n");
        for head in [
            format!("x = {}1{}\n", "(".repeat(n), ")".repeat(n)),
            format!("x = {}\n", "[{".repeat(n)),
            format!("x = {}1\n", "not ".repeat(n)),
            format!("x = {}1\n", "-".repeat(n)),
            format!("x = {}1\n", "lambda: ".repeat(n)),
            format!("x = {}1\n", "a + ".repeat(n)),
            format!("x = {}1\n", "a ** ".repeat(n)),
            format!("x = a{}\n", ".b".repeat(n)),
            format!("x = a{}\n", "()".repeat(n)),
            format!("x = {}1\n", "1 if a else ".repeat(n)),
            format!("x = f'{}1{}'\n", "{(".repeat(n), ")}".repeat(n)),
            blocks,
        ] {
            // An unclosed bracket swallows the rest of the file, as it does in Python.
            let closed = !head.contains("[{");
            let text = format!("{head}marker = 1\n");
            let tamed = tame(&text).unwrap_or_else(|| panic!("{} is cut", &text[..30]));
            assert_eq!(tamed.len(), text.len());
            assert!(!closed || tamed.ends_with("marker = 1\n"), "{}", &text[..30]);
            let parsed = parse(&tamed);
            assert!(!parsed.syntax().body.is_empty());
        }
    }
}
