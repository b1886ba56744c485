//! The one place through which every string passes on its way out of a guest.

mod clean;
mod named;
mod shape;

use clean::{clean_line, clean_text, cut};
use std::borrow::Cow;

/// What stands where a secret was.
const MARK: &str = "…[redacted]";

/// How much longer than its limit a text is read, so that a secret at the cut is still recognised.
const SLACK: usize = 4 << 10;

/// Takes secrets out of a text: tokens of known shape, credentials in URLs and connection strings, values beside names
/// such as `api_key`. What is left shows the shape, not the value: `sk-…[redacted]`. Harmless texts come back as they
/// are; redacting twice changes nothing more.
pub fn redact(text: &str) -> Cow<'_, str> {
    match shape::redact(text) {
        Cow::Borrowed(text) => named::redact(text),
        Cow::Owned(text) => match named::redact(&text) {
            Cow::Borrowed(_) => Cow::Owned(text),
            Cow::Owned(text) => Cow::Owned(text),
        },
    }
}

/// Takes secrets out of a value that has a name: beside `password` anything that is no reference or placeholder goes.
pub fn redact_value<'a>(key: &str, text: &'a str) -> Cow<'a, str> {
    match named::redact_value(key, text) {
        Some(redacted) => Cow::Owned(redacted),
        None => redact(text),
    }
}

/// One line for people: no control characters, redacted, cut.
pub(crate) fn line(text: &str, most: usize) -> String {
    cut(&redact(&clean_line(head(text, most))), most)
}

/// A snippet. A plugin cuts it out of a line, and may cut through a token: what is left of one at either end has lost
/// the name or prefix that would tell, so there randomness alone is enough.
pub(crate) fn snippet(text: &str, most: usize) -> String {
    let redacted = redact(&clean_text(head(text, most))).into_owned();
    let part = |c: char| !(c.is_ascii_alphanumeric() || "_-+/=".contains(c));
    let first = redacted.find(part).unwrap_or(redacted.len());
    let last =
        redacted.rfind(part).map_or(0, |at| at + redacted[at..].chars().next().map_or(1, char::len_utf8));
    let middle = &redacted[if shape::is_piece(&redacted[..first]) { first } else { 0 }..];
    let skipped = redacted.len() - middle.len();
    let end = if last >= skipped && shape::is_piece(&redacted[last..]) { last } else { redacted.len() };
    let mark = |gone: bool| if gone { MARK } else { "" };
    let kept = &redacted[skipped.min(end)..end];
    cut(&format!("{}{kept}{}", mark(skipped > 0), mark(end < redacted.len())), most)
}

/// The value of a property or fact.
pub(crate) fn value(key: &str, text: &str, most: usize) -> String {
    cut(&redact_value(key, &clean_text(head(text, most))), most)
}

/// A list of values: arguments of a command, where `--api-key` says what the next one is.
pub(crate) fn texts(key: &str, texts: &[String], most: usize) -> Vec<String> {
    let names = std::iter::once(key).chain(texts.iter().map(String::as_str));
    names.zip(texts).map(|(before, text)| value(flag(before).unwrap_or(key), text, most)).collect()
}

/// The name in `--api-key` or `-token`.
fn flag(text: &str) -> Option<&str> {
    let name = text.strip_prefix('-')?.trim_start_matches('-');
    (!name.is_empty() && !name.contains('=')).then_some(name)
}

/// A key, which must stay unique when a secret in it goes.
pub(crate) fn key(key: &str) -> String {
    let clean = clean_line(key);
    match redact(&clean) {
        Cow::Borrowed(same) => same.to_owned(),
        Cow::Owned(redacted) => format!("{redacted}#{}", &blake3::hash(key.as_bytes()).to_hex()[..8]),
    }
}

/// Every string of a document, with the name it stands under. None: nested deeper than `depth`.
pub(crate) fn json(key: &str, value: serde_json::Value, depth: usize) -> Option<serde_json::Value> {
    use serde_json::Value;
    let deeper = depth.checked_sub(1);
    Some(match value {
        Value::String(text) => Value::String(redact_value(key, &clean_text(&text)).into_owned()),
        Value::Array(items) => {
            let mut before = None;
            let items = items.into_iter().map(|item| {
                let name = before.take();
                before = item.as_str().and_then(flag).map(str::to_owned);
                json(name.as_deref().unwrap_or(key), item, deeper?)
            });
            Value::Array(items.collect::<Option<_>>()?)
        }
        Value::Object(fields) => {
            // {"name": "API_KEY", "value": "…"}
            let named =
                ["name", "key"].iter().find_map(|name| fields.get(*name)?.as_str().map(str::to_owned));
            let fields = fields.into_iter().map(|(name, item)| {
                let about = if name == "value" { named.as_deref().unwrap_or(&name) } else { &name };
                let item = json(about, item, deeper?)?;
                Some((redact(&clean_line(&name)).into_owned(), item))
            });
            Value::Object(fields.collect::<Option<_>>()?)
        }
        plain => plain,
    })
}

/// As much of a text as matters.
fn head(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most.saturating_add(SLACK))]
}

#[cfg(test)]
mod tests;
