//! JSON and JSONC, told value by value with their places, in one pass and without a tree: a lock file may have a
//! million lines. Comments and trailing commas pass, as package managers let them.

use crate::dependency::Problem;
use std::borrow::Cow;
use std::ops::Range;

/// One step of the way to a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step<'a> {
    /// A member, with the place of its name.
    Key(Cow<'a, str>, Range<usize>),
    /// An element.
    Index(usize),
}

impl Step<'_> {
    /// The member's name; of an element, nothing.
    pub fn key(&self) -> &str {
        match self {
            Self::Key(key, _) => key,
            Self::Index(_) => "",
        }
    }

    /// Where the member's name stands.
    pub fn at(&self) -> Range<usize> {
        match self {
            Self::Key(_, at) => at.clone(),
            Self::Index(_) => 0..0,
        }
    }
}

/// A value without members; objects and arrays are told when they begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// A text, with its place without the quotes.
    Text(Cow<'a, str>, Range<usize>),
    /// `true` or `false`.
    Boolean(bool),
    /// A number or `null`, as written.
    Other(&'a str),
    /// An object or an array begins.
    Opens,
}

impl Value<'_> {
    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text, _) => Some(text),
            _ => None,
        }
    }
}

/// Deeper nesting is refused.
const MAX_DEPTH: usize = 64;

/// Calls `visit` for every value of a document, in order, with the way to it. Ends at the first error; what came
/// before it has been told.
pub fn walk<'a>(text: &'a str, mut visit: impl FnMut(&[Step<'a>], Value<'a>)) -> Result<(), Problem> {
    let mut reader = Reader { text, bytes: text.as_bytes(), at: 0 };
    let mut path: Vec<Step<'a>> = Vec::new();
    // Whether each open bracket is an object, innermost last.
    let mut open: Vec<bool> = Vec::new();
    reader.skip_space();
    loop {
        // A value begins here.
        let opened = match reader.value()? {
            Token::Open(object) => {
                visit(&path, Value::Opens);
                if open.len() == MAX_DEPTH {
                    return Err(reader.problem("nested more than 64 deep"));
                }
                open.push(object);
                true
            }
            Token::Value(value) => {
                visit(&path, value);
                false
            }
        };
        let mut first = opened;
        // Then a comma, the end of what is open, or the end of all.
        loop {
            let Some(object) = open.last().copied() else {
                reader.skip_space();
                return if reader.at == reader.bytes.len() {
                    Ok(())
                } else {
                    Err(reader.problem("more follows the end"))
                };
            };
            if !first {
                advance(&mut path);
            }
            reader.skip_space();
            let closing = if object { b'}' } else { b']' };
            if !first && reader.peek() == Some(b',') {
                reader.at += 1;
                reader.skip_space();
                if reader.peek() != Some(closing) {
                    begin(&mut path, &mut reader, object, false)?;
                    break;
                }
            }
            match reader.peek() {
                Some(byte) if byte == closing => {
                    reader.at += 1;
                    open.pop();
                    if !first {
                        path.pop();
                    }
                    first = false;
                }
                Some(_) if first => {
                    begin(&mut path, &mut reader, object, true)?;
                    break;
                }
                Some(_) => return Err(reader.problem("expected `,` or the end of the object or array")),
                None => return Err(reader.problem("the file ends inside an object or array")),
            }
        }
    }
}

/// The next element's number; a member's step is replaced by its successor's.
fn advance(path: &mut [Step<'_>]) {
    if let Some(Step::Index(index)) = path.last_mut() {
        *index += 1;
    }
}

/// Puts the step of the next member or element on the path.
fn begin<'a>(
    path: &mut Vec<Step<'a>>,
    reader: &mut Reader<'a>,
    object: bool,
    first: bool,
) -> Result<(), Problem> {
    if object {
        let (key, at) = reader.string()?;
        reader.skip_space();
        if reader.peek() != Some(b':') {
            return Err(reader.problem("expected `:` behind a name"));
        }
        reader.at += 1;
        reader.skip_space();
        if !first {
            path.pop();
        }
        path.push(Step::Key(key, at));
    } else if first {
        path.push(Step::Index(0));
    }
    Ok(())
}

enum Token<'a> {
    Open(bool),
    Value(Value<'a>),
}

struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn problem(&self, what: &str) -> Problem {
        Problem { at: self.at.min(self.bytes.len()), what: what.to_owned() }
    }

    fn skip_space(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\r' | b'\n') => self.at += 1,
                Some(b'/') if self.bytes.get(self.at + 1) == Some(&b'/') => {
                    self.at += self.bytes[self.at..]
                        .iter()
                        .position(|b| *b == b'\n')
                        .unwrap_or(self.bytes.len() - self.at);
                }
                Some(b'/') if self.bytes.get(self.at + 1) == Some(&b'*') => {
                    let rest = &self.text[self.at + 2..];
                    self.at += rest.find("*/").map_or(self.bytes.len() - self.at, |end| end + 4);
                }
                _ => return,
            }
        }
    }

    fn value(&mut self) -> Result<Token<'a>, Problem> {
        match self.peek() {
            Some(b'{') => {
                self.at += 1;
                Ok(Token::Open(true))
            }
            Some(b'[') => {
                self.at += 1;
                Ok(Token::Open(false))
            }
            Some(b'"') => self.string().map(|(text, at)| Token::Value(Value::Text(text, at))),
            Some(_) => {
                let start = self.at;
                while self
                    .peek()
                    .is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.'))
                {
                    self.at += 1;
                }
                match &self.text[start..self.at] {
                    "" => Err(self.problem("expected a value")),
                    "true" => Ok(Token::Value(Value::Boolean(true))),
                    "false" => Ok(Token::Value(Value::Boolean(false))),
                    other => Ok(Token::Value(Value::Other(other))),
                }
            }
            None => Err(self.problem("the file ends where a value is expected")),
        }
    }

    /// A text and its place, without the quotes.
    fn string(&mut self) -> Result<(Cow<'a, str>, Range<usize>), Problem> {
        if self.peek() != Some(b'"') {
            return Err(self.problem("expected a name in quotes"));
        }
        let start = self.at + 1;
        let mut end = start;
        let mut escaped = false;
        loop {
            match self.bytes.get(end) {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    end += 2;
                }
                Some(b'\n') | None => return Err(self.problem("a text has no closing quote")),
                Some(_) => end += 1,
            }
        }
        self.at = end + 1;
        let raw = &self.text[start..end];
        let text = match escaped {
            false => Cow::Borrowed(raw),
            true => serde_json::from_str(&self.text[start - 1..=end]).map_or(Cow::Borrowed(raw), Cow::Owned),
        };
        Ok((text, start..end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> (Vec<String>, Result<(), Problem>) {
        let mut values = vec![];
        let result = walk(text, |path, value| {
            let way: Vec<String> = path
                .iter()
                .map(|step| match step {
                    Step::Key(key, _) => key.to_string(),
                    Step::Index(index) => index.to_string(),
                })
                .collect();
            let value = match value {
                Value::Text(value, at) => format!("{value}@{}", at.start),
                Value::Boolean(value) => value.to_string(),
                Value::Other(value) => value.to_owned(),
                Value::Opens => return,
            };
            values.push(format!("{}={value}", way.join("/")));
        });
        (values, result)
    }

    #[test]
    fn values_with_their_ways() {
        for (text, values) in [
            (r#""a""#, vec!["=a@1"]),
            (
                r#"{"a": "b", "c": [1, {"d": true}, []], "e": null}"#,
                vec!["a=b@7", "c/0=1", "c/1/d=true", "e=null"],
            ),
            ("{ // note\n \"a\": [ \"x\", ], /* two */ }", vec!["a/0=x@19"]),
            (r#"[[["x"]], "y"]"#, vec!["0/0/0=x@4", "1=y@11"]),
            (r#"{"a\"b": {"c": {}}, "d": "\u00e9"}"#, vec!["d=é@26"]),
            ("{}", vec![]),
        ] {
            assert_eq!(told(text), (values.iter().map(|v| (*v).to_owned()).collect(), Ok(())), "{text}");
        }
    }

    #[test]
    fn broken_texts_tell_what_came_before() {
        for (text, values, at) in [
            (r#"{"a": "b", "c" "d"}"#, vec!["a=b@7"], 15),
            (r#"{"a": "b""#, vec!["a=b@7"], 9),
            ("", vec![], 0),
            (r#"{"a": }"#, vec![], 6),
            (r#"["a" "b"]"#, vec!["0=a@2"], 5),
            ("{} x", vec![], 3),
            ("\"a", vec![], 0),
        ] {
            let (told, result) = told(text);
            assert_eq!(told, values, "{text}");
            assert_eq!(result.map_err(|problem| problem.at), Err(at), "{text}");
        }
        assert!(walk(&"[".repeat(100_000), |_, _| {}).is_err());
    }
}
