//! What a string says: without prefix, quotes and escapes, with `{}` where a value stands.

use crate::language::{Interpolation, Language, Triple};

/// A string as run time has it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text {
    /// The text; `{}` for each value.
    pub text: String,
    /// Names and expressions of the values: byte ranges of the token's text, in order.
    pub values: Vec<(u32, u32)>,
}

/// More of a string is not read.
const MAX: usize = 1 << 20;

/// Reads the text of a string token.
pub fn read(token: &str, language: &Language) -> Text {
    let bytes = token.as_bytes();
    let quote = bytes.iter().position(|byte| matches!(byte, b'"' | b'\'' | b'`')).unwrap_or(0);
    let mark = bytes.get(quote).copied().unwrap_or(b'"');
    // `r##"…"##`: what is in front of the quote and not a letter stands behind it too.
    let hashes = bytes[..quote].iter().filter(|byte| **byte == b'#').count();
    let prefix = &bytes[..quote];
    let run = bytes[quote..].iter().take_while(|byte| **byte == mark).count();
    let triple = language.triple != Triple::None && run >= 3 && !prefix.contains(&b'@');
    let len = match (triple, language.interpolation) {
        (true, Interpolation::DollarPrefix) => run,
        (true, _) => 3,
        (false, _) => 1,
    };
    let start = (quote + len).min(bytes.len());
    let end = bytes.len().saturating_sub(len + hashes);
    let closed = end >= start && bytes[end..].first() == Some(&mark);
    let body = token.get(start..if closed { end } else { bytes.len() }).unwrap_or_default();
    let body = &body[..body.floor_char_boundary(MAX)];
    let raw = mark == b'`' || prefix.contains(&b'r') || prefix.ends_with(b"raw");
    let doubled = language.doubled_quotes || prefix.contains(&b'@');
    let escapes = !raw && !doubled && (!triple || language.triple == Triple::Escaped);
    let dollars = prefix.iter().filter(|byte| **byte == b'$').count();
    let style = Style {
        escapes,
        doubled,
        braces: match language.interpolation {
            Interpolation::DollarPrefix if dollars > 0 && triple => dollars,
            Interpolation::DollarPrefix if dollars > 0 => 1,
            _ => 0,
        },
        dollar: match language.interpolation {
            Interpolation::Dollar => mark == b'"',
            Interpolation::WordPrefix => quote > 0,
            _ => false,
        },
    };
    let mut text = style.read(body, start);
    if triple {
        text.text = dedent(&text.text);
    }
    text
}

#[derive(Debug)]
struct Style {
    escapes: bool,
    doubled: bool,
    braces: usize,
    dollar: bool,
}

impl Style {
    fn read(&self, body: &str, offset: usize) -> Text {
        let bytes = body.as_bytes();
        let mut out = Text { text: String::with_capacity(body.len()), values: vec![] };
        let mut at = 0;
        while at < bytes.len() {
            let plain = bytes[at..]
                .iter()
                .position(|byte| matches!(byte, b'\\' | b'"' | b'{' | b'}' | b'$'))
                .unwrap_or(bytes.len() - at);
            out.text.push_str(body.get(at..at + plain).unwrap_or_default());
            at += plain;
            let Some(byte) = bytes.get(at) else { break };
            match byte {
                b'\\' if self.escapes => at = escape(body, at, &mut out.text),
                b'"' if self.doubled && bytes.get(at + 1) == Some(&b'"') => {
                    out.text.push('"');
                    at += 2;
                }
                b'{' if self.braces > 0 => {
                    let run = bytes[at..].iter().take_while(|byte| **byte == b'{').count();
                    if self.braces == 1 && run >= 2 {
                        out.text.push('{');
                        at += 2;
                    } else if run < self.braces {
                        out.text.push_str(&body[at..at + run]);
                        at += run;
                    } else {
                        at = value(body, at + run, offset, &mut out);
                        at += bytes[at..]
                            .iter()
                            .take(self.braces - 1)
                            .take_while(|byte| **byte == b'}')
                            .count();
                    }
                }
                b'}' if self.braces == 1 && bytes.get(at + 1) == Some(&b'}') => {
                    out.text.push('}');
                    at += 2;
                }
                b'$' if self.dollar && bytes.get(at + 1) == Some(&b'{') => {
                    at = value(body, at + 2, offset, &mut out);
                }
                b'$' if self.dollar
                    && bytes.get(at + 1).is_some_and(|byte| is_name(*byte) && !byte.is_ascii_digit()) =>
                {
                    let name = bytes[at + 1..].iter().take_while(|byte| is_name(**byte)).count();
                    out.values.push(((offset + at + 1) as u32, (offset + at + 1 + name) as u32));
                    out.text.push_str("{}");
                    at += 1 + name;
                }
                other => {
                    out.text.push(char::from(*other));
                    at += 1;
                }
            }
        }
        out
    }
}

/// A value up to its closing bracket; where the text goes on.
fn value(body: &str, from: usize, offset: usize, out: &mut Text) -> usize {
    let (mut depth, mut in_text, mut at) = (1u32, false, from);
    let bytes = body.as_bytes();
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if in_text => at += 1,
            b'"' => in_text = !in_text,
            b'\n' if in_text => in_text = false,
            b'{' if !in_text => depth += 1,
            b'}' if !in_text => {
                depth -= 1;
                if depth == 0 {
                    break;
                }
            }
            _ => {}
        }
        at += 1;
    }
    let at = at.min(bytes.len());
    out.values.push(((offset + from) as u32, (offset + at) as u32));
    out.text.push_str("{}");
    (at + 1).min(bytes.len())
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// One escape; where the text goes on.
fn escape(body: &str, at: usize, out: &mut String) -> usize {
    let Some(c) = body[at + 1..].chars().next() else { return at + 1 };
    let behind = at + 1 + c.len_utf8();
    match c {
        'n' => out.push('\n'),
        't' => out.push('\t'),
        'r' => out.push('\r'),
        // A line that goes on; Rust drops the blanks in front of the next one.
        '\n' => {
            let blanks = body[behind..].len() - body[behind..].trim_start_matches([' ', '\t']).len();
            return behind + blanks;
        }
        's' => out.push(' '),
        '0' => {}
        'x' | 'u' | 'U' => {
            let rest = &body[behind..];
            let (digits, end) = match rest.strip_prefix('{') {
                Some(inner) => {
                    let len = inner.bytes().take(8).take_while(u8::is_ascii_hexdigit).count();
                    (&inner[..len], behind + 1 + len + usize::from(inner[len..].starts_with('}')))
                }
                None => {
                    let most = if c == 'x' {
                        2
                    } else if c == 'u' {
                        4
                    } else {
                        8
                    };
                    let len = rest.bytes().take(most).take_while(u8::is_ascii_hexdigit).count();
                    (&rest[..len], behind + len)
                }
            };
            if let Some(c) = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32) {
                out.push(c);
            }
            return end;
        }
        other => out.push(other),
    }
    behind
}

/// A text block without the margin that all its lines have.
fn dedent(text: &str) -> String {
    let text = text.strip_prefix('\r').unwrap_or(text);
    let Some(text) = text.strip_prefix('\n') else { return text.to_owned() };
    let margin = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.len() - line.trim_start_matches([' ', '\t']).len())
        .min()
        .unwrap_or(0);
    let lines: Vec<&str> = text.lines().map(|line| line.get(margin..).unwrap_or("").trim_end()).collect();
    lines.join("\n").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::{CSHARP, GO, JAVA, KOTLIN, RUST, SCALA, VISUAL_BASIC};

    #[test]
    fn strings() {
        for (language, token, text) in [
            (&GO, r#""a\n\"b\"""#, "a\n\"b\""),
            (&GO, "`a\\n`", "a\\n"),
            (&JAVA, "\"\"\"\n    You are\n      a bot\n    \"\"\"", "You are\n  a bot"),
            (&JAVA, r#""\u0041""#, "A"),
            (&KOTLIN, r#""$name is ${a.b("}")} here""#, "{} is {} here"),
            (&KOTLIN, "\"\"\"raw \\n $x\"\"\"", "raw \\n {}"),
            (&SCALA, r#"s"$x!""#, "{}!"),
            (&SCALA, r#""$x!""#, "$x!"),
            (&CSHARP, r#""a{b}""#, "a{b}"),
            (&CSHARP, r#"$"a{b}{{c}}""#, "a{}{c}"),
            (&CSHARP, r#"@"C:\x ""q""""#, "C:\\x \"q\""),
            (&CSHARP, r#"$@"{x} ""q"" \n""#, "{} \"q\" \\n"),
            (&CSHARP, "\"\"\"\n  a \"\"b\"\"\n  c\n  \"\"\"", "a \"\"b\"\"\nc"),
            (&CSHARP, "$$\"\"\"{\"k\": {{v}}}\"\"\"", "{\"k\": {}}"),
            (&RUST, r##"r#"a "b" \n"#"##, "a \"b\" \\n"),
            (&RUST, "\"a \\\n   b\"", "a b"),
            (&RUST, r#"b"x\x41""#, "xA"),
            (&VISUAL_BASIC, r#""say ""yes""""#, "say \"yes\""),
            (&GO, "\"open", "open"),
            (&GO, "\"", ""),
        ] {
            assert_eq!(read(token, language).text, text, "{token}");
        }
    }

    #[test]
    fn values_have_places() {
        let token = r#"$"{host}/v1/{id}""#;
        let text = read(token, &CSHARP);
        let values: Vec<&str> =
            text.values.iter().map(|(start, end)| &token[*start as usize..*end as usize]).collect();
        assert_eq!(values, ["host", "id"]);
    }
}
