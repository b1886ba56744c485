//! Expressions, evaluated as far as they are constant: names built from pieces are names.

use super::lexer::Token;
use super::names::{self, Access};
use std::collections::HashMap;

/// Brackets in brackets.
const MAX_DEPTH: u32 = 64;
/// The longest text that is computed.
const MAX_TEXT: usize = 4096;
/// The longest list that is computed.
const MAX_LIST: usize = 256;

/// What is known of a value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Known {
    Nothing,
    Text(String),
    Number(i64),
    List(Vec<Known>),
    /// One of Jinja's own functions, not called.
    Function(String),
}

impl Known {
    fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// What `str` makes of it.
    fn shown(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    fn is_empty_literal(&self) -> bool {
        matches!(self, Self::Text(text) if text.is_empty())
            || matches!(self, Self::List(items) if items.is_empty())
    }
}

/// One expression on its way.
pub(super) struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
    depth: u32,
    pub(super) names: &'a HashMap<String, Known>,
    /// What was reached that no template needs.
    pub(super) accesses: Vec<Access>,
    /// Constant texts, in their order.
    pub(super) texts: Vec<String>,
    /// Something is no expression of Jinja's.
    pub(super) is_broken: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(tokens: &'a [Token], names: &'a HashMap<String, Known>) -> Self {
        Self { tokens, at: 0, depth: 0, names, accesses: vec![], texts: vec![], is_broken: false }
    }

    /// Evaluates everything that is left, one expression after the other.
    pub(super) fn all(&mut self) -> Known {
        let mut last = Known::Nothing;
        while self.at < self.tokens.len() {
            let before = self.at;
            last = self.tuple();
            if self.at == before {
                // A keyword's assignment, a stray bracket.
                self.at += 1;
            }
        }
        last
    }

    fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.at)
    }

    fn takes(&mut self, operator: &str) -> bool {
        let is_next = matches!(self.peek(), Some(Token::Operator(next)) if *next == operator);
        self.at += usize::from(is_next);
        is_next
    }

    fn takes_name(&mut self, name: &str) -> bool {
        let is_next = matches!(self.peek(), Some(Token::Name(next)) if next == name);
        self.at += usize::from(is_next);
        is_next
    }

    fn tuple(&mut self) -> Known {
        let first = self.condition();
        if !matches!(self.peek(), Some(Token::Operator(","))) {
            return first;
        }
        let mut items = vec![first];
        while self.takes(",") {
            let before = self.at;
            let item = self.condition();
            if self.at > before && items.len() < MAX_LIST {
                items.push(item);
            }
        }
        Known::List(items)
    }

    /// `a if b else c`: either may be the value; the one that is known is taken.
    fn condition(&mut self) -> Known {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            self.is_broken = true;
            self.at = self.tokens.len();
        }
        let mut value = self.operators();
        while self.takes_name("if") {
            self.operators();
            if self.takes_name("else") {
                let other = self.operators();
                if value == Known::Nothing {
                    value = other;
                }
            }
        }
        self.depth -= 1;
        value
    }

    /// Operators of all levels from left to right: only `~`, `+`, `*`, `%` matter, and for texts.
    fn operators(&mut self) -> Known {
        let mut left = self.unary();
        loop {
            let Some(token) = self.peek() else { return left };
            let operator = match token {
                Token::Operator(
                    op @ ("~" | "+" | "*" | "%" | "-" | "/" | "//" | "**" | "==" | "!=" | "<" | ">" | "<="
                    | ">="),
                ) => *op,
                Token::Name(word) if matches!(word.as_str(), "and" | "or" | "in" | "not" | "is") => "word",
                _ => return left,
            };
            let is_choice = matches!(token, Token::Name(word) if matches!(word.as_str(), "and" | "or"));
            self.at += 1;
            let mut right = self.unary();
            if operator == "~" || operator == "+" {
                // `*` and `%` bind closer.
                while let Some(Token::Operator(op @ ("*" | "%"))) = self.peek() {
                    self.at += 1;
                    let more = self.unary();
                    right = self.computed(op, right, more);
                }
            }
            left = match (is_choice, &left) {
                (true, Known::Nothing) => right,
                (true, _) => left,
                _ => self.computed(operator, left, right),
            };
        }
    }

    fn computed(&mut self, operator: &str, left: Known, right: Known) -> Known {
        let value = match (operator, &left, &right) {
            ("~", _, _) => left.shown().zip(right.shown()).map(|(a, b)| Known::Text(a + &b)),
            ("+", Known::Text(a), Known::Text(b)) => Some(Known::Text(format!("{a}{b}"))),
            ("+", Known::Number(a), Known::Number(b)) => Some(Known::Number(a.saturating_add(*b))),
            ("-", Known::Number(a), Known::Number(b)) => Some(Known::Number(a.saturating_sub(*b))),
            ("*", Known::Number(a), Known::Number(b)) => Some(Known::Number(a.saturating_mul(*b))),
            ("+", Known::List(a), Known::List(b)) if a.len() + b.len() <= MAX_LIST => {
                Some(Known::List([&a[..], &b[..]].concat()))
            }
            ("*", Known::Text(text), Known::Number(times))
            | ("*", Known::Number(times), Known::Text(text))
                if usize::try_from(*times)
                    .is_ok_and(|times| times.saturating_mul(text.len()) <= MAX_TEXT) =>
            {
                Some(Known::Text(text.repeat(*times as usize)))
            }
            ("%", Known::Text(format), _) => {
                let items = match &right {
                    Known::List(items) => items.clone(),
                    other => vec![other.clone()],
                };
                percent(format, &items).map(Known::Text)
            }
            _ => None,
        };
        self.kept(value)
    }

    fn kept(&mut self, value: Option<Known>) -> Known {
        match value {
            Some(Known::Text(text)) if text.len() <= MAX_TEXT => {
                self.constant(&text);
                Known::Text(text)
            }
            Some(Known::Text(_)) | None => Known::Nothing,
            Some(other) => other,
        }
    }

    fn constant(&mut self, text: &str) {
        self.accesses.extend(names::in_text(text));
        if self.texts.len() < MAX_LIST {
            self.texts.push(text.to_owned());
        }
    }

    fn unary(&mut self) -> Known {
        loop {
            match self.peek() {
                Some(Token::Operator("-")) => {
                    self.at += 1;
                    return match self.unary_deeper() {
                        Known::Number(number) => Known::Number(number.saturating_neg()),
                        _ => Known::Nothing,
                    };
                }
                Some(Token::Operator("+")) => self.at += 1,
                Some(Token::Name(word)) if word == "not" => self.at += 1,
                _ => return self.postfix(),
            }
        }
    }

    fn unary_deeper(&mut self) -> Known {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            self.is_broken = true;
            self.at = self.tokens.len();
        }
        let value = self.unary();
        self.depth -= 1;
        value
    }

    fn postfix(&mut self) -> Known {
        let (mut value, mut name) = self.primary();
        loop {
            if self.takes(".") {
                match self.peek() {
                    Some(Token::Name(attribute)) => {
                        self.at += 1;
                        self.accesses.extend(names::attribute(attribute, &value));
                        value = match self.takes("(") {
                            true => {
                                let args = self.arguments();
                                self.accesses.extend(names::method(attribute));
                                let result = method(attribute, &value, &args);
                                self.kept(result)
                            }
                            false => Known::Nothing,
                        };
                        name = Some(attribute.clone());
                    }
                    Some(Token::Number(_)) => {
                        self.at += 1;
                        value = Known::Nothing;
                    }
                    _ => {
                        self.is_broken = true;
                        return value;
                    }
                }
            } else if self.takes("[") {
                value = self.subscript(&value);
                name = None;
            } else if self.takes("(") {
                let args = self.arguments();
                self.accesses.extend(name.take().and_then(|name| names::call(&name)));
                let result = call(&value, &args);
                value = self.kept(result);
            } else if self.takes("|") {
                let Some(Token::Name(filter)) = self.peek() else {
                    self.is_broken = true;
                    return value;
                };
                self.at += 1;
                let args = if self.takes("(") { self.arguments() } else { Arguments::default() };
                self.accesses.extend(names::filter(filter, &args.values, &args.named));
                let result = filtered(filter, &value, &args.values);
                value = self.kept(result);
                name = None;
            } else {
                return value;
            }
        }
    }

    fn primary(&mut self) -> (Known, Option<String>) {
        let Some(token) = self.peek() else { return (Known::Nothing, None) };
        match token {
            Token::Text(text) => {
                self.at += 1;
                self.constant(text);
                (Known::Text(text.clone()), None)
            }
            Token::Number(number) => {
                self.at += 1;
                (Known::Number(*number), None)
            }
            Token::Name(word) if matches!(word.as_str(), "if" | "else" | "and" | "or" | "in" | "is") => {
                (Known::Nothing, None)
            }
            Token::Name(word) => {
                self.at += 1;
                self.accesses.extend(names::variable(word));
                let value = self.names.get(word).cloned().unwrap_or_else(|| {
                    if names::is_function(word) { Known::Function(word.clone()) } else { Known::Nothing }
                });
                (value, Some(word.clone()))
            }
            Token::Operator("(" | "[") => {
                self.at += 1;
                let is_list = matches!(token, Token::Operator("["));
                let close = if is_list { "]" } else { ")" };
                if self.takes(close) {
                    return (Known::List(vec![]), None);
                }
                let inner = self.tuple();
                self.is_broken |= !self.takes(close);
                let value = match inner {
                    Known::List(items) => Known::List(items),
                    one if is_list => Known::List(vec![one]),
                    one => one,
                };
                (value, None)
            }
            Token::Operator("{") => {
                self.at += 1;
                while !self.takes("}") {
                    let before = self.at;
                    self.condition();
                    let _ = self.takes(":") || self.takes(",");
                    if self.at == before {
                        self.is_broken = true;
                        break;
                    }
                }
                (Known::Nothing, None)
            }
            Token::Operator(_) => (Known::Nothing, None),
        }
    }

    fn arguments(&mut self) -> Arguments {
        let mut args = Arguments::default();
        while !self.takes(")") {
            let before = self.at;
            if let (Some(Token::Name(name)), Some(Token::Operator("="))) =
                (self.peek(), self.tokens.get(self.at + 1))
            {
                self.at += 2;
                let value = self.condition();
                args.named.push((name.clone(), value));
            } else {
                let _ = self.takes("**") || self.takes("*");
                let value = self.condition();
                args.values.push(value);
            }
            self.takes(",");
            if self.at == before || args.values.len() + args.named.len() > MAX_LIST {
                self.is_broken = true;
                break;
            }
        }
        args
    }

    fn subscript(&mut self, base: &Known) -> Known {
        let mut parts: Vec<Option<Known>> = vec![];
        let mut is_slice = false;
        loop {
            if self.takes("]") {
                break;
            }
            if self.takes(":") {
                is_slice = true;
                parts.push(None);
                continue;
            }
            let before = self.at;
            let value = self.tuple();
            if self.at == before {
                self.is_broken = true;
                break;
            }
            match parts.last_mut() {
                Some(last @ None) if !is_slice => *last = Some(value),
                _ => parts.push(Some(value)),
            }
        }
        if is_slice {
            // Only the whole, and the whole reversed, are followed.
            let is_reversed = matches!(parts.last(), Some(Some(Known::Number(-1))));
            let numbers = parts.iter().flatten().count();
            return match base {
                Known::Text(text) if is_reversed && numbers == 1 => {
                    let result = Some(Known::Text(text.chars().rev().collect()));
                    self.kept(result)
                }
                _ => Known::Nothing,
            };
        }
        let index = parts.into_iter().flatten().next().unwrap_or(Known::Nothing);
        match (&index, base) {
            (Known::Text(text), _) => {
                self.accesses.extend(names::key(text, base));
                Known::Nothing
            }
            (Known::Number(at), Known::List(items)) => {
                usize::try_from(*at).ok().and_then(|at| items.get(at).cloned()).unwrap_or(Known::Nothing)
            }
            (Known::Number(at), Known::Text(text)) => {
                let letter = usize::try_from(*at).ok().and_then(|at| text.chars().nth(at));
                letter.map_or(Known::Nothing, |letter| Known::Text(letter.to_string()))
            }
            (Known::Number(_), _) => Known::Nothing,
            _ => {
                if base.is_empty_literal() || matches!(base, Known::Function(_)) {
                    self.accesses.push(Access::certain("a computed attribute"));
                }
                Known::Nothing
            }
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Arguments {
    values: Vec<Known>,
    named: Vec<(String, Known)>,
}

fn join(items: &[Known], between: &str) -> Option<String> {
    let parts = items.iter().map(Known::shown).collect::<Option<Vec<_>>>()?;
    Some(parts.join(between))
}

/// `'%s%c' % (…)`
fn percent(format: &str, items: &[Known]) -> Option<String> {
    let mut out = String::new();
    let mut items = items.iter();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        match chars.next()? {
            '%' => out.push('%'),
            'c' => match items.next()? {
                Known::Number(code) => out.push(char::from_u32(u32::try_from(*code).ok()?)?),
                other => out.push_str(&other.shown()?),
            },
            's' | 'd' | 'r' => out.push_str(&items.next()?.shown()?),
            _ => return None,
        }
    }
    Some(out)
}

/// `'{}{0}'.format(…)`
fn braces(format: &str, items: &[Known]) -> Option<String> {
    let mut out = String::new();
    let (mut rest, mut next) = (format, 0);
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        let close = rest[open..].find('}')? + open;
        let (field, spec) = rest[open + 1..close].split_once(':').unwrap_or((&rest[open + 1..close], ""));
        let at = if field.is_empty() { next } else { field.parse().ok()? };
        next += 1;
        match (items.get(at)?, spec) {
            (Known::Number(code), "c") => out.push(char::from_u32(u32::try_from(*code).ok()?)?),
            (item, "" | "s") => out.push_str(&item.shown()?),
            _ => return None,
        }
        rest = &rest[close + 1..];
    }
    out.push_str(rest);
    Some(out)
}

fn method(name: &str, base: &Known, args: &Arguments) -> Option<Known> {
    let text = base.text()?;
    let arg = |at: usize| args.values.get(at).and_then(Known::text);
    Some(Known::Text(match name {
        "join" => match args.values.first()? {
            Known::List(items) => join(items, text)?,
            _ => return None,
        },
        "replace" => text.replace(arg(0)?, arg(1)?),
        "format" => braces(text, &args.values)?,
        "lower" | "casefold" => text.to_lowercase(),
        "upper" => text.to_uppercase(),
        "swapcase" => text.chars().map(swapped).collect(),
        "strip" if args.values.is_empty() => text.trim().to_owned(),
        "strip" => text.trim_matches(|c| arg(0).is_some_and(|set| set.contains(c))).to_owned(),
        _ => return None,
    }))
}

fn swapped(c: char) -> char {
    if c.is_ascii_uppercase() { c.to_ascii_lowercase() } else { c.to_ascii_uppercase() }
}

fn call(base: &Known, args: &Arguments) -> Option<Known> {
    match base {
        Known::Function(name) if name == "dict" => {
            Some(Known::List(args.named.iter().map(|(name, _)| Known::Text(name.clone())).collect()))
        }
        Known::Function(name) if name == "chr" => match args.values.first()? {
            Known::Number(code) => Some(Known::Text(char::from_u32(u32::try_from(*code).ok()?)?.to_string())),
            _ => None,
        },
        _ => None,
    }
}

fn filtered(filter: &str, base: &Known, args: &[Known]) -> Option<Known> {
    let arg = |at: usize| args.get(at).and_then(Known::text);
    Some(match (filter, base) {
        ("join", Known::List(items)) => Known::Text(join(items, arg(0).unwrap_or_default())?),
        ("join", Known::Text(text)) => {
            Known::Text(text.chars().map(String::from).collect::<Vec<_>>().join(arg(0).unwrap_or_default()))
        }
        ("reverse", Known::Text(text)) => Known::Text(text.chars().rev().collect()),
        ("reverse", Known::List(items)) => Known::List(items.iter().rev().cloned().collect()),
        ("replace", Known::Text(text)) => Known::Text(text.replace(arg(0)?, arg(1)?)),
        ("lower", Known::Text(text)) => Known::Text(text.to_lowercase()),
        ("upper", Known::Text(text)) => Known::Text(text.to_uppercase()),
        ("trim", Known::Text(text)) => Known::Text(
            text.trim_matches(|c: char| arg(0).map_or(c.is_whitespace(), |set| set.contains(c))).to_owned(),
        ),
        ("string" | "safe" | "e" | "escape", Known::Text(text)) => Known::Text(text.clone()),
        ("format", Known::Text(text)) => Known::Text(percent(text, args)?),
        ("list", Known::Text(text)) if text.len() <= MAX_LIST => {
            Known::List(text.chars().map(|c| Known::Text(c.to_string())).collect())
        }
        ("list", Known::List(items)) => Known::List(items.clone()),
        ("first", Known::List(items)) => items.first()?.clone(),
        ("last", Known::List(items)) => items.last()?.clone(),
        ("first", Known::Text(text)) => Known::Text(text.chars().next()?.to_string()),
        ("last", Known::Text(text)) => Known::Text(text.chars().next_back()?.to_string()),
        ("default" | "d", Known::Nothing) => args.first()?.clone(),
        ("default" | "d", other) => other.clone(),
        _ => return None,
    })
}
