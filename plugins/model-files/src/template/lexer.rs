//! The pieces of a Jinja template, as Jinja2's own lexer cuts them.

/// A token inside `{{ … }}` or `{% … %}`.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Name(String),
    /// With its escapes read; neighbours are one text, as in Python.
    Text(String),
    Number(i64),
    /// An operator of one or two characters.
    Operator(&'static str),
}

/// A piece of a template.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Piece<'a> {
    Raw(&'a str),
    /// Tokens with the offset of the piece.
    Print(Vec<Token>, usize),
    Statement(Vec<Token>, usize),
    /// A tag that is not closed, or holds what Jinja does not know.
    Broken(usize),
}

/// The longest template that is cut; the longest that people publish has 20 kB.
pub(super) const MAX_TEMPLATE: usize = 1 << 20;
const MAX_TOKENS: usize = 200_000;

/// Cuts a template into its pieces.
pub(super) fn pieces(template: &str) -> Vec<Piece<'_>> {
    let mut out = vec![];
    let (mut at, mut n_tokens) = (0, 0);
    while let Some((start, kind)) = next_tag(template, at) {
        if start > at {
            out.push(Piece::Raw(&template[at..start]));
        }
        if kind == b'#' {
            let Some(end) = template[start..].find("#}") else {
                out.push(Piece::Broken(start));
                return out;
            };
            at = start + end + 2;
            continue;
        }
        let close = if kind == b'{' { "}}" } else { "%}" };
        match tokens(template, start + 2, close) {
            Some((tokens, end)) => {
                n_tokens += tokens.len();
                let is_raw = kind == b'%' && tokens == [Token::Name("raw".into())];
                out.push(if kind == b'{' {
                    Piece::Print(tokens, start)
                } else {
                    Piece::Statement(tokens, start)
                });
                at = end;
                if is_raw && let Some(end) = raw_end(template, at) {
                    out.push(Piece::Raw(&template[at..end]));
                    at = end;
                }
            }
            None => {
                out.push(Piece::Broken(start));
                return out;
            }
        }
        if n_tokens > MAX_TOKENS {
            out.push(Piece::Broken(at));
            return out;
        }
    }
    if at < template.len() {
        out.push(Piece::Raw(&template[at..]));
    }
    out
}

fn next_tag(template: &str, from: usize) -> Option<(usize, u8)> {
    let bytes = template.as_bytes();
    (from..bytes.len().saturating_sub(1))
        .find(|at| bytes[*at] == b'{' && matches!(bytes[at + 1], b'{' | b'%' | b'#'))
        .map(|at| (at, bytes[at + 1]))
}

fn raw_end(template: &str, from: usize) -> Option<usize> {
    template[from..].match_indices("{%").map(|(at, _)| from + at).find(|at| {
        template[at + 2..].trim_start_matches(['-', '+', ' ', '\t', '\n', '\r']).starts_with("endraw")
    })
}

const OPERATORS: &[&str] = &[
    "**", "//", "==", "!=", "<=", ">=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<",
    "=", ".", ":", "|", ",", ";",
];

/// The tokens up to `close`, and where it ends.
fn tokens(template: &str, from: usize, close: &str) -> Option<(Vec<Token>, usize)> {
    let bytes = template.as_bytes();
    let mut out: Vec<Token> = vec![];
    let mut open = 0usize;
    let mut at = from;
    if matches!(bytes.get(at), Some(b'-' | b'+')) {
        at += 1;
    }
    loop {
        let rest = template.get(at..)?;
        let byte = *bytes.get(at)?;
        if byte.is_ascii_whitespace() {
            at += 1;
            continue;
        }
        let trimmed = rest.strip_prefix(['-', '+']).unwrap_or(rest);
        if open == 0 && (rest.starts_with(close) || trimmed.starts_with(close)) {
            let dash = if rest.starts_with(close) { 0 } else { 1 };
            return Some((out, at + dash + close.len()));
        }
        if matches!(byte, b'\'' | b'"') {
            let (text, end) = text(template, at)?;
            at = end;
            match out.last_mut() {
                Some(Token::Text(before)) => before.push_str(&text),
                _ => out.push(Token::Text(text)),
            }
            continue;
        }
        let first = rest.chars().next()?;
        if first.is_alphabetic() || first == '_' {
            let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
            out.push(Token::Name(normal(&rest[..end])));
            at += end;
            continue;
        }
        if first.is_ascii_digit() {
            let is_digit = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let mut end = rest.find(|c: char| !is_digit(c)).unwrap_or(rest.len());
            let fraction = &rest[end..];
            if fraction.starts_with('.') && fraction[1..].starts_with(|c: char| c.is_ascii_digit()) {
                end += 1 + fraction[1..].find(|c: char| !is_digit(c)).unwrap_or(fraction.len() - 1);
            }
            out.push(Token::Number(number(&rest[..end])));
            at += end;
            continue;
        }
        let operator = OPERATORS.iter().find(|operator| rest.starts_with(**operator))?;
        match *operator {
            "(" | "[" | "{" => open += 1,
            ")" | "]" | "}" => open = open.saturating_sub(1),
            _ => {}
        }
        out.push(Token::Operator(operator));
        at += operator.len();
    }
}

/// Python reads identifiers in their compatibility form: full-width letters are letters.
fn normal(name: &str) -> String {
    let ascii = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        _ => c,
    };
    name.chars().map(ascii).collect()
}

fn number(text: &str) -> i64 {
    let text = text.replace('_', "");
    let radix = |prefix: &str, radix| {
        text.to_ascii_lowercase()
            .strip_prefix(prefix)
            .and_then(|digits| i64::from_str_radix(digits, radix).ok())
    };
    text.parse()
        .ok()
        .or_else(|| radix("0x", 16))
        .or_else(|| radix("0o", 8))
        .or_else(|| radix("0b", 2))
        .unwrap_or(-1)
}

/// A text with its escapes read, and where it ends.
fn text(template: &str, from: usize) -> Option<(String, usize)> {
    let rest = &template[from..];
    let quote = rest.chars().next()?;
    let mut out = String::new();
    let mut chars = rest.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        if c == quote {
            return Some((out, from + at + 1));
        }
        if c != '\\' {
            out.push(c);
            continue;
        }
        let (at, escape) = chars.next()?;
        let mut coded = |digits: usize, skip: usize| {
            let digits = rest.get(at + skip..at + skip + digits)?;
            let code = u32::from_str_radix(digits, if skip == 1 { 16 } else { 8 }).ok()?;
            for _ in 0..digits.len() + skip - 1 {
                chars.next();
            }
            char::from_u32(code)
        };
        match escape {
            'x' => out.push(coded(2, 1).unwrap_or('x')),
            'u' => out.push(coded(4, 1).unwrap_or('u')),
            'U' => out.push(coded(8, 1).unwrap_or('U')),
            '0'..='7' => {
                let digits =
                    rest[at..].bytes().take(3).take_while(|byte| (b'0'..=b'7').contains(byte)).count();
                out.push(coded(digits, 0).unwrap_or('0'));
            }
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            't' => out.push('\t'),
            '\n' => {}
            other => out.push(other),
        }
    }
    None
}
