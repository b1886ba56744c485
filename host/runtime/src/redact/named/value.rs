//! What stands behind a name, and whether it is a secret or only speaks of one.

use super::judge::Strength;
use crate::redact::shape::is_random;
use std::ops::Range;

/// How far a value is looked at to judge it; what is taken out may be longer. Keeps the work of a text in which every
/// word is a name in proportion to its length.
const LOOK: usize = 256;

/// A value and how it was written.
#[derive(Debug)]
pub(super) struct Found {
    /// At most about [`LOOK`] bytes of it.
    pub(super) range: Range<usize>,
    /// Without quotes: it may be code rather than text.
    pub(super) bare: bool,
}

/// What ends a value in shells, queries, connection strings and code.
const STOPS: &[u8] = b" \t\r\n;&,\"'`<>|";

impl Found {
    /// Where the value really ends.
    pub(super) fn end(&self, text: &str) -> usize {
        if self.range.len() < LOOK {
            return self.range.end;
        }
        let quoted = self.range.start > 0 && b"\"'`".contains(&text.as_bytes()[self.range.start - 1]);
        let stops: &[u8] = if quoted { b"\"'`\n" } else { STOPS };
        let more = text.as_bytes()[self.range.end..].iter().take_while(|byte| !stops.contains(byte)).count();
        self.range.end + more
    }
}

/// The value that belongs to the name at `name`, if there is one.
pub(super) fn behind(text: &str, name: &Range<usize>) -> Option<Found> {
    let flag = text[name.clone()].starts_with("--");
    let mut rest = Rest { text, at: name.end };
    let quoted = rest.quote().is_some();
    if quoted {
        rest.eat(b"]");
    }
    let spaces = rest.spaces();
    let after = rest.at;
    // PASSWORD=…, as shells and env files have it: what follows is no code.
    if spaces == 0 && !quoted && rest.bytes().starts_with(b"=") && !rest.bytes().starts_with(b"==") {
        let upper = !text[name.clone()].bytes().any(|byte| byte.is_ascii_lowercase());
        rest.at += 1;
        rest.spaces();
        let found = rest.value()?;
        return Some(Found { bare: found.bare && !upper, ..found });
    }
    if rest.word(":=") || rest.word("=>") || rest.word("===") || rest.word("==") || rest.word("=") {
        rest.spaces();
        return rest.value();
    }
    // Neither `Token::Comma`, nor the second colon of `arn:…:secret:name`, nor `$token:ident` says what it is.
    if !text[..name.start].ends_with([':', '$']) && !rest.bytes().starts_with(b"::") && rest.word(":") {
        rest.spaces();
        return rest.annotated();
    }
    // <password>…</password>
    if !quoted && text[..name.start].ends_with('<') && rest.word(">") {
        return rest.until(b"<").filter(|found| text[found.range.end..].starts_with("</"));
    }
    // ["--api-key", "…"], setenv("API_KEY", "…"), {"name": "API_KEY", "value": "…"}
    if quoted && rest.word(",") {
        rest.spaces();
        let open = rest.at;
        let quote = rest.quote()?;
        if rest.word("value") && rest.quote().is_some() {
            rest.spaces();
            if rest.word(":") {
                rest.spaces();
                return rest.value();
            }
        }
        rest.at = open + quote.len();
        let found = rest.quoted(&quote)?;
        let value = rest.look(&found.range);
        let random = is_random(value) && value.bytes().any(|byte| byte.is_ascii_digit());
        return (flag || random).then_some(found);
    }
    // --api-key …
    if flag && spaces > 0 && after < text.len() && !text[after..].starts_with('-') {
        rest.at = after;
        return rest.value().filter(|found| !rest.is_prose(found));
    }
    None
}

/// A cursor behind a name.
struct Rest<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Rest<'a> {
    fn bytes(&self) -> &'a [u8] {
        &self.text.as_bytes()[self.at..]
    }

    fn look(&self, range: &Range<usize>) -> &'a str {
        let end = self.text.floor_char_boundary(range.end.min(range.start + LOOK));
        &self.text[range.start..end]
    }

    fn eat(&mut self, any: &[u8]) {
        if self.bytes().first().is_some_and(|byte| any.contains(byte)) {
            self.at += 1;
        }
    }

    fn word(&mut self, word: &str) -> bool {
        let there = self.bytes().starts_with(word.as_bytes());
        if there {
            self.at += word.len();
        }
        there
    }

    fn spaces(&mut self) -> usize {
        let spaces =
            self.bytes().iter().take(64).take_while(|byte| **byte == b' ' || **byte == b'\t').count();
        self.at += spaces;
        spaces
    }

    /// An opening quote, perhaps escaped.
    fn quote(&mut self) -> Option<String> {
        let escapes = self.bytes().iter().take(4).take_while(|byte| **byte == b'\\').count();
        let quote = *self.bytes().get(escapes)?;
        if !b"\"'`".contains(&quote) {
            return None;
        }
        let found = self.text[self.at..=self.at + escapes].to_owned();
        self.at += found.len();
        Some(found)
    }

    /// The value, past the type in `api_key: str = "…"`.
    fn annotated(&mut self) -> Option<Found> {
        let start = self.at;
        let part = |byte: &&u8| byte.is_ascii_alphanumeric() || b"_[]|&.?<>:".contains(*byte);
        self.at += self.bytes().iter().take(64).take_while(part).count();
        if self.at > start {
            self.spaces();
            if !self.bytes().starts_with(b"==") && self.word("=") {
                self.spaces();
                return self.value();
            }
        }
        self.at = start;
        let found = self.value()?;
        if self.is_prose(&found) {
            return None;
        }
        // A type: `token: Option<…>`, `fn f(token: C1)`.
        let value = &self.text[found.range.clone()];
        let digits = value.bytes().filter(u8::is_ascii_digit).count();
        let typed =
            self.text[found.range.end..].starts_with(['<', ',', ';', ')', '[']) && is_identifier(value);
        if found.bare
            && typed
            && digits <= 1
            && value.starts_with(|c: char| c.is_ascii_uppercase() || c == '_')
        {
            return None;
        }
        Some(found)
    }

    /// Prose goes on behind a word: "the api key: see below", "the --token flag, which".
    fn is_prose(&self, found: &Found) -> bool {
        let value = &self.text[found.range.clone()];
        let more = self.text[found.range.end..].trim_start_matches([' ', '\t']);
        let on =
            more.starts_with(|c: char| c.is_alphanumeric() || "`(\"'".contains(c)) || value.ends_with('.');
        found.bare && on && !value.bytes().any(|byte| byte.is_ascii_digit())
    }

    fn value(&mut self) -> Option<Found> {
        // f"…", b'…'
        let start = self.at;
        let letters = self.bytes().iter().take(2).take_while(|byte| b"fbruFBRU@$".contains(byte)).count();
        self.at += letters;
        if let Some(quote) = self.quote() {
            // """…""" opens with an empty text.
            if self.bytes().starts_with(quote.repeat(2).as_bytes()) {
                self.at += 2 * quote.len();
            }
            return self.quoted(&quote);
        }
        self.at = start;
        self.bare()
    }

    /// Up to the closing quote of the same kind, or the end of the line.
    fn quoted(&mut self, quote: &str) -> Option<Found> {
        let bytes = self.bytes();
        let mark = quote.as_bytes()[quote.len() - 1];
        let mut at = 0;
        while at < bytes.len().min(LOOK) && bytes[at] != b'\n' {
            if bytes[at..].starts_with(quote.as_bytes()) {
                break;
            }
            // An escaped quote inside an unescaped text belongs to it.
            at += if bytes[at] == b'\\' && quote.len() == 1 && bytes.get(at + 1) == Some(&mark) {
                2
            } else {
                1
            };
        }
        let end = self.text.ceil_char_boundary((self.at + at).min(self.text.len()));
        (end > self.at).then_some(Found { range: self.at..end, bare: false })
    }

    /// Up to one of [`STOPS`].
    fn bare(&mut self) -> Option<Found> {
        let value = self.until(STOPS)?;
        let text = &self.text[value.range.clone()];
        let opened = |open: char, close: char| text.matches(open).count() < text.matches(close).count();
        let mut end = value.range.end;
        // The bracket that closes the call around it is not part of it.
        while end > value.range.start
            && (self.text[..end].ends_with(')') && opened('(', ')')
                || self.text[..end].ends_with(']') && opened('[', ']')
                || self.text[..end].ends_with('}') && opened('{', '}')
                || self.text[..end].ends_with(':'))
        {
            end -= 1;
        }
        (end > value.range.start).then_some(Found { range: value.range.start..end, bare: true })
    }

    fn until(&mut self, stops: &[u8]) -> Option<Found> {
        let len = self.bytes().iter().take(LOOK).take_while(|byte| !stops.contains(byte)).count();
        let end = self.text.ceil_char_boundary(self.at + len);
        (len > 0).then_some(Found { range: self.at..end, bare: true })
    }
}

/// Whether a value beside such a name is a secret; `literal`: it was quoted or stands alone, so it is no code.
pub(super) fn is_secret(strength: Strength, text: &str, literal: bool) -> bool {
    let value = &text[..text.floor_char_boundary(LOOK)];
    if value.starts_with(' ') && strength != Strength::Password {
        return false;
    }
    let value = value.trim();
    let last = value.split_whitespace().next_back().unwrap_or_default();
    if value.is_empty()
        || is_placeholder(last) && strength != Strength::Password
        || is_placeholder(value)
        || is_reference(value)
    {
        return false;
    }
    if !literal && is_code(value) {
        return false;
    }
    let words = value.split_whitespace().count();
    match strength {
        Strength::Password => true,
        Strength::Token => words <= 2 && !is_small_number(value) && !is_name(value) && !is_template(value),
        Strength::Key => words == 1 && looks_like_nothing_else(value),
    }
}

/// Whole values that are no secret.
const PLACEHOLDERS: &str = "\
    none null nil undefined true false yes no on off str string int bool bytes any object password \
    passwd pass pwd secret token key apikey api_key api-key required optional changeme change-me \
    change_me placeholder example dummy test todo tbd xxx secretstr self this input hidden env empty \
    unset default function number boolean text sensitive redacted ~ - * ? ! | > |- >- read write always \
    never inherit include same-origin omit char varchar uuid integer usize isize u8 u16 u32 u64 u128 i8 \
    i16 i32 i64 i128 f32 f64 __u32 __u64 c_int void float ( [ xxxyyyzzz foo bar payload result";

/// Stands for a value rather than being one.
pub(in crate::redact) fn is_placeholder(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let wrapped = |open: &str, close: &str| value.starts_with(open) && value.ends_with(close);
    PLACEHOLDERS.split(' ').any(|word| word == lower)
        || value.contains('…')
        || value.contains("[redacted]")
        || ["your", "my_", "my-", "insert", "replace", "<your", "enter"]
            .iter()
            .any(|start| lower.starts_with(start))
            && !value.bytes().any(|byte| byte.is_ascii_digit())
        || wrapped("<", ">")
        || wrapped("{", "}")
        || wrapped("[", "]")
        || wrapped("%", "%")
        || value.starts_with("${")
        || value.starts_with("$(")
        || value.starts_with("{{")
        || value.starts_with("{")
        || value.starts_with("<|")
        || value.strip_prefix('$').is_some_and(is_identifier)
        || value.strip_prefix("%(").is_some()
        || value == "%s"
        || value.len() <= 16 && value.ends_with("...")
        || is_number(value)
        || value
            .strip_prefix('#')
            .is_some_and(|hex| hex.len() <= 8 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
        || value.bytes().all(|byte| b"*.xX-_#?".contains(&byte))
}

/// Says where the secret is.
fn is_reference(value: &str) -> bool {
    let starts = [
        "os.environ",
        "os.getenv",
        "process.env",
        "import.meta.env",
        "Deno.env",
        "System.getenv",
        "std::env",
        "env::",
        "env.",
        "env:",
        "ENV[",
        "getenv(",
        "env(",
        "secrets.",
        "vars.",
        "vault:",
        "op://",
        "ssm:",
        "ref+",
        "arn:aws:",
        "projects/",
        "@Microsoft.KeyVault",
        "!vault",
        "!secret",
        "!Ref",
        "file:",
        "keyring:",
        "sops:",
        "sha256:",
        "sha512:",
        "sha1:",
        "sha256-",
        "sha384-",
        "sha512-",
        "http://",
        "https://",
        "secretref:",
    ];
    starts.iter().any(|start| value.starts_with(start))
        || is_variable(value)
        || is_path(value)
        || is_range(value)
}

/// `OPENAI_API_KEY`: the name of an environment variable.
fn is_variable(value: &str) -> bool {
    let words: Vec<&str> = value.split('_').collect();
    let upper = |word: &&str| {
        !word.is_empty()
            && word.len() <= 16
            && word.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    };
    let with_digits = words.iter().filter(|word| word.bytes().any(|b| b.is_ascii_digit())).count();
    words.len() >= 2
        && words.iter().all(upper)
        && value.starts_with(|c: char| c.is_ascii_uppercase())
        && with_digits <= 1
}

/// `/run/secrets/db`, `./key.pem`, `~/.aws/credentials`.
fn is_path(value: &str) -> bool {
    let rooted = ["/", "./", "../", "~/"].iter().any(|start| value.starts_with(start));
    let plain = |part: &str| {
        part.len() <= 32
            && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-~".contains(&b))
    };
    rooted && value.split('/').all(plain)
}

/// `^1.2.3`, `>=2.0`: what a manifest says behind the name of a package.
fn is_range(value: &str) -> bool {
    let number = value.trim_start_matches(['^', '~', '=', '<', '>', ' ', 'v']);
    let dots = number.matches('.').count();
    (1..=3).contains(&dots)
        && number.len() <= 24
        && number
            .split(['.', '-', '+'])
            .take(2)
            .all(|part| (1..=4).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()))
}

/// An expression: a call, an index, a path of names, a name that speaks of a secret.
fn is_code(value: &str) -> bool {
    const WORDS: &[&str] = &[
        "await", "new", "not", "lambda", "yield", "typeof", "if", "move", "async", "match", "range",
        "unsafe", "loop", "fn", "func", "class", "struct", "mut", "ref", "case", "const", "let", "dyn",
        "impl", "return", "Some", "Ok", "()",
    ];
    if WORDS.contains(&value.trim_start_matches(['*', '&'])) {
        return true;
    }
    let head = value.trim_start_matches(['&', '*', '!', '(']);
    let opening = head.find(['(', '[', '{']);
    let called = opening.is_some();
    let name = head[..opening.unwrap_or(head.len())].trim_end_matches(['?', '!', ')', ':']);
    let dotted = |separator: &str| name.contains(separator) && name.split(separator).all(is_identifier);
    let speaks = || {
        let lower = name.to_ascii_lowercase();
        let about = ["key", "token", "secret", "pass", "pwd", "cred", "auth"];
        is_identifier(name)
            && !lower.bytes().any(|b| b.is_ascii_digit())
            && about.iter().any(|word| lower.contains(word))
    };
    called && (is_identifier(name) || dotted(".") || dotted("::"))
        || dotted(".") && !name.bytes().any(|b| b.is_ascii_digit())
        || dotted("::")
        || dotted("->")
        || dotted("?.")
        || speaks()
}

fn is_identifier(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// `3`, `0x02`, `400u32`: numbers of code.
fn is_number(value: &str) -> bool {
    let value = value.trim_start_matches('-');
    let (digits, rest) = value.split_at(value.bytes().take_while(u8::is_ascii_digit).count());
    let typed =
        rest.starts_with(['u', 'i']) && rest.len() <= 4 && rest[1..].bytes().all(|b| b.is_ascii_digit());
    let hex = digits == "0" && rest.starts_with('x') && rest.len() <= 9;
    !digits.is_empty() && (rest.is_empty() && digits.len() <= 3 || typed && rest.len() > 1 || hex)
}

/// `Bearer {}`: something is put in later.
fn is_template(value: &str) -> bool {
    value.contains("%s") || value.find('{').is_some_and(|open| value[open..].contains('}'))
}

fn is_small_number(value: &str) -> bool {
    value.len() <= 7 && value.bytes().all(|byte| byte.is_ascii_digit() || b"_.,".contains(&byte))
}

/// `openai-api-key`: words that name a secret in a store, a header, a field.
fn is_name(value: &str) -> bool {
    let words: Vec<&str> = value.split(['-', '_', '.', '/', ':']).collect();
    let plain = |word: &&str| (1..=16).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_alphabetic());
    let about = ["key", "token", "secret", "password", "credential", "auth", "bearer", "header"];
    let lower = value.to_ascii_lowercase();
    words.iter().all(plain) && about.iter().any(|word| lower.contains(word))
}

/// For the weakest names: long, random, no digest, no id, no path.
fn looks_like_nothing_else(value: &str) -> bool {
    let hex = value.bytes().all(|byte| byte.is_ascii_hexdigit());
    let plain = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=_".contains(&byte));
    let digest = hex && matches!(value.len(), 40 | 56 | 64 | 96 | 128);
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    value.len() >= 24 && plain && !digest && digits >= 2 && !value.contains("__") && is_random(value)
}
