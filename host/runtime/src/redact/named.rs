//! Values that are secret because of the name beside them.
//!
//! `api_key = "…"`, `"token": "…"`, `PASSWORD=…`, `--api-key …`, `<password>…</password>`, `Password=…;`. A scanner goes
//! from one key word to the next, takes the whole name around it, judges its words, and looks at what stands behind.

mod judge;
mod value;

pub(super) use value::is_placeholder;

use super::MARK;
use aho_corasick::AhoCorasick;
use judge::judge;
use std::borrow::Cow;
use std::sync::LazyLock;

/// How much of a name is looked at; longer ones are looked at from their key word on.
const MAX_NAME: usize = 96;

static WORDS: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(["pass", "pwd", "secret", "key", "token", "credential", "auth", "pat"])
        .expect("a handful of words makes an automaton")
});

/// Whether a value of that name is a secret; `text` is the value alone.
pub(super) fn redact_value(key: &str, text: &str) -> Option<String> {
    let strength = judge(key)?;
    if !value::is_secret(strength, text, true) {
        return None;
    }
    // A known shape tells more than nothing.
    let shaped = super::shape::redact(text);
    match shaped.strip_suffix(MARK) {
        Some(kept) if kept.len() <= 16 => Some(shaped.into_owned()),
        _ => Some(MARK.to_owned()),
    }
}

pub(super) fn redact(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut done = 0;
    let mut looked = 0;
    for word in WORDS.find_iter(text) {
        if word.start() < looked {
            continue;
        }
        let name = around(text, looked, word.start(), word.end());
        looked = name.end;
        let Some(strength) = judge(&text[name.clone()]) else { continue };
        let Some(found) = value::behind(text, &name) else { continue };
        if value::is_secret(strength, &text[found.range.clone()], !found.bare) {
            out.push_str(&text[done..found.range.start]);
            out.push_str(MARK);
            done = found.end(text);
            looked = done;
        }
    }
    if done == 0 { Cow::Borrowed(text) } else { Cow::Owned(out + &text[done..]) }
}

/// The whole name around a key word, not before `from`.
fn around(text: &str, from: usize, start: usize, end: usize) -> std::ops::Range<usize> {
    let bytes = text.as_bytes();
    let part = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.".contains(byte);
    let left =
        bytes[from.max(start.saturating_sub(MAX_NAME))..start].iter().rev().take_while(|b| part(b)).count();
    let right = bytes[end..bytes.len().min(end + MAX_NAME)].iter().take_while(|b| part(b)).count();
    start - left..end + right
}
