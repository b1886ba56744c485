//! Redaction: a secret that a service sends back never reaches a guest, a record or a log, in whatever usual spelling.
//!
//! A text is searched as it is and as it reads after undoing percent escapes, JSON escapes, or both; in each reading
//! for the secret itself, for its base64 (both alphabets, at any offset within a longer text) and for its hex. What is
//! found is replaced where it stands in the text as it came.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use memchr::memmem::Finder;
use secrecy::{ExposeSecret, SecretString};
use std::borrow::Cow;
use std::ops::Range;
use zeroize::Zeroizing;

/// What stands in its place.
const REPLACED: &[u8] = b"[redacted]";
/// Shorter secrets would take ordinary words with them.
const MIN_SECRET: usize = 4;
/// Shorter pieces of base64 or hex are found in anything.
const MIN_ENCODED: usize = 6;
/// How much longer a secret can get by escaping: `\u0041` for each letter.
const LONGEST_ESCAPE: usize = 6;

/// Looks for some secrets.
#[derive(Default)]
pub struct Redactor {
    needles: Vec<Needle>,
    longest: usize,
}

struct Needle {
    bytes: Zeroizing<Vec<u8>>,
    /// The letters next to a find may carry bits of the secret, too.
    base64: bool,
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Redactor({} spellings)", self.needles.len())
    }
}

impl Redactor {
    /// For these secrets, and for each line of one that has several (a key in PEM).
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a SecretString>) -> Self {
        let mut redactor = Self::default();
        for secret in secrets {
            let secret = secret.expose_secret();
            redactor.add(secret);
            if secret.contains('\n') {
                secret.lines().filter(|line| line.len() >= 16 && !line.starts_with("-----")).for_each(
                    |line| {
                        redactor.add(line);
                    },
                );
            }
        }
        redactor
    }

    /// For these texts as they are, in no other spelling: what changes with every request.
    pub(crate) fn exactly(texts: &[&str]) -> Self {
        let mut redactor = Self::default();
        texts.iter().for_each(|text| redactor.needle(text.as_bytes().to_vec(), false));
        redactor
    }

    /// For what either looks for.
    pub(crate) fn with(&self, other: Option<&Self>) -> Self {
        let mut both = Self::default();
        for needle in self.needles.iter().chain(other.into_iter().flat_map(|other| &other.needles)) {
            both.needle(needle.bytes.to_vec(), needle.base64);
        }
        both
    }

    fn add(&mut self, secret: &str) {
        let secret = secret.trim();
        if secret.len() < MIN_SECRET {
            return;
        }
        self.needle(secret.as_bytes().to_vec(), false);
        for offset in 0..3 {
            let shifted = Zeroizing::new([&b"\0\0"[..offset], secret.as_bytes()].concat());
            // Whole letters of the secret only: the first and the last may be shared with what stands beside it.
            let start = [0, 2, 3][offset];
            let end = shifted.len() * 8 / 6;
            for text in [STANDARD_NO_PAD.encode(&shifted), URL_SAFE_NO_PAD.encode(&shifted)] {
                let text = Zeroizing::new(text);
                self.needle(text.as_bytes()[start..end.max(start)].to_vec(), true);
            }
        }
        let lower: String = secret.bytes().map(|b| format!("{b:02x}")).collect();
        self.needle(lower.to_uppercase().into_bytes(), false);
        self.needle(lower.into_bytes(), false);
    }

    fn needle(&mut self, bytes: Vec<u8>, base64: bool) {
        let bytes = Zeroizing::new(bytes);
        if (base64 && bytes.len() < MIN_ENCODED) || self.needles.iter().any(|known| *known.bytes == *bytes) {
            return;
        }
        self.longest = self.longest.max(bytes.len());
        self.needles.push(Needle { bytes, base64 });
    }

    /// The text without them.
    pub fn redact<'a>(&self, text: &'a [u8]) -> Cow<'a, [u8]> {
        let finds = self.find(text);
        if finds.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(replaced(text, &finds)) }
    }

    /// The text without them.
    pub fn redact_text(&self, text: String) -> String {
        match self.redact(text.as_bytes()) {
            Cow::Borrowed(_) => text,
            Cow::Owned(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    /// Where they stand: sorted, none touching another.
    fn find(&self, text: &[u8]) -> Vec<Range<usize>> {
        let mut finds = vec![];
        if self.needles.is_empty() || text.len() < MIN_SECRET {
            return finds;
        }
        self.find_in(&View::of(text), &mut finds);
        let percent = memchr::memchr(b'%', text).map(|_| View::of(text).without_percent());
        let json = memchr::memchr(b'\\', text).map(|_| View::of(text).without_backslash());
        if let Some(view) = &json {
            self.find_in(view, &mut finds);
            if memchr::memchr(b'%', &view.text).is_some() {
                self.find_in(&view.without_percent(), &mut finds);
            }
        }
        if let Some(view) = &percent {
            self.find_in(view, &mut finds);
            if memchr::memchr(b'\\', &view.text).is_some() {
                self.find_in(&view.without_backslash(), &mut finds);
            }
        }
        merged(finds)
    }

    fn find_in(&self, view: &View<'_>, finds: &mut Vec<Range<usize>>) {
        for needle in &self.needles {
            for at in Finder::new(needle.bytes.as_slice()).find_iter(&view.text) {
                let (mut start, mut end) = (at, at + needle.bytes.len());
                if needle.base64 {
                    let letter = |at: usize, more: &[u8]| {
                        view.text.get(at).is_some_and(|b| b.is_ascii_alphanumeric() || more.contains(b))
                    };
                    start -= usize::from(start > 0 && letter(start - 1, b"+/-_"));
                    while end < view.text.len() && end - at <= needle.bytes.len() + 2 && letter(end, b"+/-_=")
                    {
                        end += 1;
                    }
                }
                finds.push(view.place(start)..view.place(end));
            }
        }
    }

    /// For a text that comes in pieces.
    pub fn stream(self) -> Stream {
        Stream {
            hold: self.longest * LONGEST_ESCAPE + LONGEST_ESCAPE,
            redactor: self,
            carry: Zeroizing::new(vec![]),
        }
    }
}

/// A text as it reads after undoing escapes, and where each letter of it stands in the text as it came.
struct View<'a> {
    text: Cow<'a, [u8]>,
    /// None: each where it is. Else one place per letter, and the end.
    places: Option<Vec<usize>>,
}

impl<'a> View<'a> {
    fn of(text: &'a [u8]) -> Self {
        Self { text: Cow::Borrowed(text), places: None }
    }

    fn place(&self, at: usize) -> usize {
        self.places.as_ref().map_or(at, |places| places[at])
    }

    fn without_percent(&self) -> View<'static> {
        self.decoded(|rest| match rest {
            [b'%', high, low, ..] => Some((hex(*high)? << 4 | hex(*low)?, 3)),
            [b'+', ..] => Some((b' ', 1)),
            _ => None,
        })
    }

    fn without_backslash(&self) -> View<'static> {
        self.decoded(|rest| match rest {
            [b'\\', b'u', b'0', b'0', high, low, ..] => Some((hex(*high)? << 4 | hex(*low)?, 6)),
            [b'\\', letter, ..] => Some(match letter {
                b'n' => (b'\n', 2),
                b'r' => (b'\r', 2),
                b't' => (b'\t', 2),
                b'b' => (8, 2),
                b'f' => (12, 2),
                b'"' | b'\\' | b'/' => (*letter, 2),
                _ => return None,
            }),
            _ => None,
        })
    }

    fn decoded(&self, escape: impl Fn(&[u8]) -> Option<(u8, usize)>) -> View<'static> {
        let (mut text, mut places) = (Vec::with_capacity(self.text.len()), vec![]);
        let mut at = 0;
        while at < self.text.len() {
            let (byte, length) = escape(&self.text[at..]).unwrap_or((self.text[at], 1));
            text.push(byte);
            places.push(self.place(at));
            at += length;
        }
        places.push(self.place(self.text.len()));
        View { text: Cow::Owned(text), places: Some(places) }
    }
}

impl Drop for View<'_> {
    fn drop(&mut self) {
        if let Cow::Owned(text) = &mut self.text {
            zeroize::Zeroize::zeroize(text);
        }
    }
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

fn merged(mut finds: Vec<Range<usize>>) -> Vec<Range<usize>> {
    finds.sort_by_key(|find| find.start);
    let mut merged: Vec<Range<usize>> = vec![];
    for find in finds {
        match merged.last_mut() {
            Some(last) if find.start <= last.end => last.end = last.end.max(find.end),
            _ => merged.push(find),
        }
    }
    merged
}

fn replaced(text: &[u8], finds: &[Range<usize>]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(text.len());
    let mut from = 0;
    for find in finds {
        kept.extend_from_slice(&text[from..find.start]);
        kept.extend_from_slice(REPLACED);
        from = find.end;
    }
    kept.extend_from_slice(&text[from..]);
    kept
}

/// Redacts a text that comes in pieces: as much is held back as could be the beginning of a secret.
#[derive(Debug)]
pub struct Stream {
    redactor: Redactor,
    hold: usize,
    carry: Zeroizing<Vec<u8>>,
}

impl Stream {
    /// The next piece; what comes out may be shorter or empty.
    pub fn push(&mut self, piece: &[u8]) -> Vec<u8> {
        self.carry.extend_from_slice(piece);
        let safe = self.carry.len().saturating_sub(self.hold);
        if safe == 0 {
            return vec![];
        }
        let finds = self.redactor.find(&self.carry);
        let cut =
            finds.iter().find(|find| find.start < safe && find.end > safe).map_or(safe, |find| find.end);
        self.take(cut, finds)
    }

    /// What was held back.
    pub fn end(&mut self) -> Vec<u8> {
        let finds = self.redactor.find(&self.carry);
        self.take(self.carry.len(), finds)
    }

    fn take(&mut self, cut: usize, mut finds: Vec<Range<usize>>) -> Vec<u8> {
        finds.retain(|find| find.end <= cut);
        let out = replaced(&self.carry[..cut], &finds);
        self.carry = Zeroizing::new(self.carry.split_off(cut));
        out
    }
}

#[cfg(test)]
#[path = "redact/tests.rs"]
mod tests;
