//! Text to tokens, in one pass and without recursion.

use crate::language::{Interpolation, Language, Quote, Triple, Word, Words};
use memchr::{memchr, memchr2};

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An identifier or keyword.
    Word,
    /// A number.
    Number,
    /// A string in any form, with prefix and quotes.
    Text,
    /// A character, a lifetime, a label.
    Character,
    /// `(`, `[` or `{`.
    Open,
    /// `)`, `]` or `}`.
    Close,
    /// An operator or separator; those of two characters are one token.
    Mark,
}

/// A piece of the text that means something.
#[derive(Debug, Clone, Copy)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// It is the first on its line.
    pub starts_line: bool,
    /// Of a word, what it is for.
    pub word: Word,
    /// Its first byte.
    pub start: u32,
    /// The byte behind its last.
    pub end: u32,
    /// Of a bracket, the token of its partner; its own place when there is none.
    pub mate: u32,
}

/// A text as tokens.
#[derive(Debug)]
pub struct Tokens<'t> {
    /// The text.
    pub source: &'t str,
    /// Its language.
    pub language: &'static Language,
    list: Vec<Token>,
}

/// Whether two characters are one operator.
fn is_pair(pair: [u8; 2]) -> bool {
    matches!(
        &pair,
        b"::"
            | b"->"
            | b"=>"
            | b":="
            | b"??"
            | b"?."
            | b"?:"
            | b"!!"
            | b"=="
            | b"!="
            | b"<="
            | b">="
            | b"&&"
            | b"||"
            | b"+="
            | b"-="
            | b"*="
            | b"/="
            | b".."
            | b"|>"
            | b"<-"
    )
}

impl<'t> Tokens<'t> {
    /// Scans a text.
    pub fn of(source: &'t str, language: &'static Language) -> Self {
        let mut scanner = Scanner { bytes: source.as_bytes(), at: 0, language, line: true };
        let mut list: Vec<Token> = Vec::with_capacity(source.len() / 5);
        let mut open: Vec<u32> = Vec::new();
        let words = Words::of(language);
        while let Some((kind, start)) = scanner.next(list.last()) {
            let (start, end, at) = (start as u32, scanner.at as u32, list.len() as u32);
            let mut token =
                Token { kind, starts_line: scanner.line, word: Word::default(), start, end, mate: at };
            scanner.line = false;
            match kind {
                Kind::Word => token.word = words.word(&scanner.bytes[start as usize..end as usize]),
                Kind::Open => open.push(at),
                Kind::Close => {
                    let wanted = match scanner.bytes[start as usize] {
                        b')' => b'(',
                        b']' => b'[',
                        _ => b'{',
                    };
                    // A bracket that was never closed is skipped when one further out fits.
                    let depth = open
                        .iter()
                        .rev()
                        .take(4)
                        .position(|open| scanner.bytes[list[*open as usize].start as usize] == wanted);
                    for _ in 0..depth.map_or(0, |depth| depth + 1) {
                        if let Some(partner) = open.pop() {
                            list[partner as usize].mate = at;
                            token.mate = partner;
                        }
                    }
                }
                _ => {}
            }
            list.push(token);
        }
        // What is never closed reaches to the end.
        let end = (list.len() as u32).saturating_sub(1);
        for partner in open {
            list[partner as usize].mate = end.max(partner);
        }
        Self { source, language, list }
    }

    /// How many there are.
    pub fn len(&self) -> u32 {
        self.list.len() as u32
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// A token, if there is one at that place.
    pub fn get(&self, at: u32) -> Option<&Token> {
        self.list.get(at as usize)
    }

    /// What a token is; an operator where there is none.
    pub fn kind(&self, at: u32) -> Kind {
        self.get(at).map_or(Kind::Mark, |token| token.kind)
    }

    /// The text of a token; empty where there is none.
    pub fn text(&self, at: u32) -> &'t str {
        self.get(at).map_or("", |token| &self.source[token.start as usize..token.end as usize])
    }

    /// Whether a token reads so.
    #[inline]
    pub fn is(&self, at: u32, text: &str) -> bool {
        self.get(at).is_some_and(|token| {
            self.source.as_bytes()[token.start as usize..token.end as usize] == *text.as_bytes()
        })
    }

    /// Whether a token is a word that is for that in its language.
    #[inline]
    pub fn is_for(&self, at: u32, word: Word) -> bool {
        self.get(at).is_some_and(|token| token.word.is(word))
    }

    /// Whether a token is an identifier or keyword.
    pub fn is_word(&self, at: u32) -> bool {
        self.kind(at) == Kind::Word
    }

    /// The partner of a bracket; else the place itself.
    pub fn mate(&self, at: u32) -> u32 {
        self.get(at).map_or(at, |token| token.mate)
    }

    /// The token behind: of an opening bracket the one behind its partner.
    pub fn after(&self, at: u32) -> u32 {
        match self.kind(at) {
            Kind::Open => self.mate(at).max(at) + 1,
            _ => at + 1,
        }
    }

    /// Whether a token is the first on its line.
    pub fn starts_line(&self, at: u32) -> bool {
        self.get(at).is_some_and(|token| token.starts_line)
    }

    /// The bytes from one token to another, both included.
    pub fn bytes(&self, first: u32, last: u32) -> (u32, u32) {
        let start = self.get(first).map_or(0, |token| token.start);
        (start, self.get(last).map_or(start, |token| token.end))
    }
}

#[derive(Debug)]
struct Scanner<'t> {
    bytes: &'t [u8],
    at: usize,
    language: &'static Language,
    line: bool,
}

impl Scanner<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn starts(&self, text: &[u8]) -> bool {
        self.bytes[self.at.min(self.bytes.len())..].starts_with(text)
    }

    /// The kind and start of the next token; the scanner stands behind it.
    fn next(&mut self, before: Option<&Token>) -> Option<(Kind, usize)> {
        self.skip();
        let start = self.at;
        let byte = *self.bytes.get(start)?;
        let kind = match byte {
            b'(' | b'[' | b'{' => self.one(Kind::Open),
            b')' | b']' | b'}' => self.one(Kind::Close),
            b'"' => self.text(Form::default()),
            b'\'' => self.quote(before),
            b'`' if self.language.backtick_text => self.until(b'`', Kind::Text),
            b'`' => self.until_in_line(b'`', Kind::Word),
            b'@' | b'$' if self.language.interpolation == Interpolation::DollarPrefix => self.prefixed(),
            b'$' if self.language.interpolation == Interpolation::Dollar && self.peek(1) == b'$' => {
                self.dollars()
            }
            b'0'..=b'9' => self.number(),
            _ if is_word(byte) => self.word(),
            _ => {
                let pair = [byte, self.peek(1)];
                self.at += if is_pair(pair) { 2 } else { 1 };
                Kind::Mark
            }
        };
        Some((kind, start))
    }

    fn one(&mut self, kind: Kind) -> Kind {
        self.at += 1;
        kind
    }

    /// Blanks and comments.
    fn skip(&mut self) {
        loop {
            match self.peek(0) {
                b'\n' => {
                    self.line = true;
                    self.at += 1;
                }
                b' ' | b'\t' | b'\r' | 0x0b | 0x0c => self.at += 1,
                0 if self.at < self.bytes.len() => self.at += 1,
                b'/' if self.peek(1) == b'/' => self.skip_line(),
                b'/' if self.peek(1) == b'*' => self.block(b"/*", b"*/"),
                b'(' if self.language.paren_comments && self.peek(1) == b'*' && self.peek(2) != b')' => {
                    self.block(b"(*", b"*)");
                }
                b'#' if self.language.hash_lines && self.line => self.skip_line(),
                b'\'' if self.language.quote == Quote::Comment => self.skip_line(),
                _ => return,
            }
        }
    }

    fn skip_line(&mut self) {
        let rest = &self.bytes[self.at..];
        self.at += memchr(b'\n', rest).unwrap_or(rest.len());
    }

    fn block(&mut self, open: &[u8], close: &[u8]) {
        let mut depth = 1u32;
        let begun = self.at;
        self.at += 2;
        // Only where one of the two marks begins is there anything to look at.
        while let Some(next) = self.bytes.get(self.at..).and_then(|rest| memchr2(open[0], close[0], rest)) {
            self.at += next;
            if self.starts(close) {
                self.at += 2;
                depth -= 1;
                if depth == 0 {
                    break;
                }
            } else if self.language.nested_comments && self.starts(open) {
                self.at += 2;
                depth += 1;
            } else {
                self.at += 1;
            }
        }
        if depth > 0 {
            self.at = self.bytes.len();
        }
        self.line |= memchr(b'\n', &self.bytes[begun..self.at]).is_some();
    }

    fn number(&mut self) -> Kind {
        while is_word(self.peek(0)) || self.peek(0) == b'.' && self.peek(1).is_ascii_digit() {
            self.at += 1;
        }
        Kind::Number
    }

    fn word(&mut self) -> Kind {
        let start = self.at;
        let rest = &self.bytes[start..];
        self.at += rest.iter().position(|byte| !is_word(*byte)).unwrap_or(rest.len());
        let word = &self.bytes[start..self.at];
        if self.language.raw_prefix
            && matches!(word, b"r" | b"br" | b"cr")
            && matches!(self.peek(0), b'"' | b'#')
        {
            let hashes = self.bytes[self.at..].iter().take(64).take_while(|byte| **byte == b'#').count();
            if self.peek(hashes) == b'"' {
                return self.raw_hashes(hashes);
            }
            if hashes == 1 && is_word(self.peek(1)) {
                // `r#type` is an identifier.
                self.at += 1;
                while self.at < self.bytes.len() && is_word(self.bytes[self.at]) {
                    self.at += 1;
                }
                return Kind::Word;
            }
        } else if self.language.raw_prefix && matches!(word, b"b" | b"c") && self.peek(0) == b'"' {
            return self.text(Form::default());
        } else if self.language.interpolation == Interpolation::WordPrefix
            && self.peek(0) == b'"'
            && matches!(word, b"s" | b"f" | b"raw" | b"md" | b"sql" | b"json")
        {
            return self.text(Form { values: 1, ..Form::default() });
        }
        Kind::Word
    }

    fn raw_hashes(&mut self, hashes: usize) -> Kind {
        self.at += hashes + 1;
        while self.at < self.bytes.len() {
            if self.bytes[self.at] == b'"'
                && self.bytes[self.at + 1..].iter().take(hashes).filter(|byte| **byte == b'#').count()
                    == hashes
            {
                self.at += 1 + hashes;
                return Kind::Text;
            }
            self.at += 1;
        }
        Kind::Text
    }

    fn until(&mut self, end: u8, kind: Kind) -> Kind {
        self.at += 1;
        while self.at < self.bytes.len() {
            self.at += 1;
            if self.bytes[self.at - 1] == end {
                break;
            }
        }
        kind
    }

    fn until_in_line(&mut self, end: u8, kind: Kind) -> Kind {
        let rest = &self.bytes[self.at + 1..];
        match rest.iter().take(200).position(|byte| *byte == end || *byte == b'\n') {
            Some(len) if rest[len] == end => {
                self.at += len + 2;
                kind
            }
            _ => self.one(Kind::Mark),
        }
    }

    /// `'c'`, `'\u{1F600}'`; `'static`; `'text'`.
    fn quote(&mut self, before: Option<&Token>) -> Kind {
        match self.language.quote {
            Quote::Text => return self.text(Form { quote: b'\'', ..Form::default() }),
            // `x'` of F#.
            Quote::CharacterOrTick
                if self.language.paren_comments
                    && before
                        .is_some_and(|token| token.end as usize == self.at && token.kind == Kind::Word) =>
            {
                return self.one(Kind::Character);
            }
            _ => {}
        }
        let rest = &self.bytes[self.at + 1..];
        let escaped = rest.first() == Some(&b'\\');
        let from = if escaped { 2 } else { 0 };
        let end = rest.iter().enumerate().skip(from).take(14).find(|(_, byte)| matches!(byte, b'\'' | b'\n'));
        let first = rest.first().copied().unwrap_or(0);
        match end {
            // One character of up to four bytes, or an escape.
            Some((len, b'\'')) if escaped || len == 1 || len <= 4 && first >= 0x80 => {
                self.at += len + 2;
            }
            _ => {
                self.at += 1;
                while self.at < self.bytes.len() && is_word(self.bytes[self.at]) {
                    self.at += 1;
                }
            }
        }
        Kind::Character
    }

    /// `$"`, `@"`, `$@"`, `@$"`, `$$"""`, `@name`.
    fn prefixed(&mut self) -> Kind {
        let marks =
            self.bytes[self.at..].iter().take(16).take_while(|byte| matches!(byte, b'@' | b'$')).count();
        let prefix = &self.bytes[self.at..self.at + marks];
        if self.peek(marks) != b'"' {
            return self.one(Kind::Mark);
        }
        let values = prefix.iter().filter(|byte| **byte == b'$').count() as u8;
        let verbatim = prefix.contains(&b'@');
        self.at += marks;
        self.text(Form { values, verbatim, ..Form::default() })
    }

    /// Kotlin's `$$"""…"""`, in which a value begins with as many `$`.
    fn dollars(&mut self) -> Kind {
        let marks = self.bytes[self.at..].iter().take(16).take_while(|byte| **byte == b'$').count();
        if self.peek(marks) != b'"' {
            return self.one(Kind::Mark);
        }
        self.at += marks;
        self.text(Form { values: marks as u8, ..Form::default() })
    }

    /// A string from its first quote on.
    fn text(&mut self, form: Form) -> Kind {
        let quote = form.quote;
        let quotes = self.bytes[self.at..].iter().take(32).take_while(|byte| **byte == quote).count();
        let language = self.language;
        let triple = quotes >= 3 && language.triple != Triple::None && !form.verbatim;
        let (len, escapes) = match (triple, language.triple) {
            (true, Triple::Escaped) => (3, true),
            (true, _) => (quotes, false),
            (false, _) => (1, !form.verbatim && !language.doubled_quotes),
        };
        // Of Kotlin and Scala, quotes above three belong to the text.
        let len = if triple && language.interpolation != Interpolation::DollarPrefix { 3 } else { len };
        self.at += len;
        let doubled = form.verbatim || language.doubled_quotes;
        let many_lines =
            triple || form.verbatim || language.raw_prefix || language.doubled_quotes && form.values > 0;
        let mut values = Values::default();
        while self.at < self.bytes.len() {
            let byte = self.bytes[self.at];
            if values.is_inside() {
                values.step(self);
                continue;
            }
            if !matches!(byte, b'\\' | b'\n' | b'{' | b'$') && byte != quote {
                // Most of a string: no mark of any language.
                self.at += 1;
            } else if byte == b'\\' && escapes {
                self.at += 2;
            } else if byte == quote {
                let run = self.bytes[self.at..].iter().take(64).take_while(|byte| **byte == quote).count();
                if doubled && len == 1 && run >= 2 {
                    self.at += 2;
                } else if run >= len {
                    // `""""` at the end of a text block: the first belongs to the text.
                    self.at += if triple { run } else { 1 };
                    break;
                } else {
                    self.at += run;
                }
            } else if byte == b'\n' && !many_lines {
                // Not closed: the rest of the line is lost, not the rest of the file.
                break;
            } else if self.opens_value(&form, triple) {
                values.enter(self);
            } else {
                self.at += 1;
            }
        }
        self.at = self.at.min(self.bytes.len());
        Kind::Text
    }

    /// Whether a value begins here; the scanner then stands behind the bracket that opens it.
    fn opens_value(&mut self, form: &Form, triple: bool) -> bool {
        match self.language.interpolation {
            Interpolation::DollarPrefix if form.values > 0 && self.peek(0) == b'{' => {
                let braces = self.bytes[self.at..].iter().take(16).take_while(|byte| **byte == b'{').count();
                let needed = if triple { form.values as usize } else { 1 };
                if !triple && braces >= 2 {
                    self.at += 1;
                    return false;
                }
                if braces < needed {
                    self.at += braces - 1;
                    return false;
                }
                self.at += braces;
                true
            }
            Interpolation::Dollar | Interpolation::WordPrefix
                if (self.language.interpolation == Interpolation::Dollar && form.quote == b'"'
                    || form.values > 0)
                    && self.peek(0) == b'$'
                    && self.peek(1) == b'{' =>
            {
                self.at += 2;
                true
            }
            _ => false,
        }
    }
}

/// How a string begins.
#[derive(Debug)]
struct Form {
    quote: u8,
    /// How many marks a value needs; 0: none.
    values: u8,
    verbatim: bool,
}

impl Default for Form {
    fn default() -> Self {
        Self { quote: b'"', values: 0, verbatim: false }
    }
}

/// A value inside a string: skipped, with the strings and brackets in it.
#[derive(Debug, Default)]
struct Values {
    braces: u32,
    in_text: bool,
}

impl Values {
    fn is_inside(&self) -> bool {
        self.braces > 0
    }

    fn enter(&mut self, _scanner: &mut Scanner<'_>) {
        self.braces = 1;
        self.in_text = false;
    }

    fn step(&mut self, scanner: &mut Scanner<'_>) {
        match scanner.bytes[scanner.at] {
            b'\\' if self.in_text => scanner.at += 1,
            b'"' => self.in_text = !self.in_text,
            b'{' if !self.in_text => self.braces += 1,
            b'}' if !self.in_text => self.braces -= 1,
            // No value goes over a line while a string in it is open: the quote was the end of the outer string.
            b'\n' if self.in_text => self.in_text = false,
            _ => {}
        }
        scanner.at += 1;
    }
}

/// The bytes that words are made of.
const WORD: [bool; 256] = {
    let mut word = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let ascii = byte as u8;
        word[byte] = ascii.is_ascii_alphanumeric() || ascii == b'_' || ascii >= 0x80;
        byte += 1;
    }
    word
};

fn is_word(byte: u8) -> bool {
    WORD[byte as usize]
}
