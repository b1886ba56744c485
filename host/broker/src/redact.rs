//! Redaction: a secret that a service sends back never reaches a guest, a record or a log, in whatever usual spelling.
//!
//! A text is searched as it is and as it reads after undoing escapes, one kind or two after one another: percent
//! escapes, those of JSON (and once more, for what was JSON in JSON already), those of HTML, and line breaks within
//! it; in each reading for the secret itself, for its base64 (both alphabets, at any offset within a longer text) and
//! for its hex. What is found is replaced where it stands in the text as it came.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use std::borrow::Cow;
use std::ops::Range;
use zeroize::{Zeroize, Zeroizing};

/// What stands in its place.
const REPLACED: &[u8] = b"[redacted]";
/// Shorter secrets would take ordinary words with them.
const MIN_SECRET: usize = 4;
/// Shorter pieces of base64 or hex are found in anything.
const MIN_ENCODED: usize = 6;
/// How much longer a letter can get by escaping it twice: each letter of `\u0041` as `%5C`.
const LONGEST_ESCAPE: usize = 18;

/// Looks for some secrets.
#[derive(Default)]
pub struct Redactor {
    needles: Vec<Needle>,
    starts: Starts,
    longest: usize,
}

struct Needle {
    bytes: Zeroizing<Vec<u8>>,
    /// The letters next to a find may carry bits of the secret, too.
    base64: bool,
}

/// Where a needle may begin: one pass over a text, however many needles there are.
#[derive(Default)]
struct Starts {
    /// A bit for each hash of three bytes that some needle begins with; empty without needles.
    bits: Vec<u64>,
    /// Hash and number of each needle, sorted.
    needles: Vec<(u16, u32)>,
}

impl Starts {
    fn hash(bytes: &[u8]) -> u16 {
        let [a, b, c] = [bytes[0], bytes[1], bytes[2]].map(u32::from);
        ((a | b << 8 | c << 16).wrapping_mul(0x9e37_79b1) >> 16) as u16
    }

    /// Where one may begin, in order.
    fn places<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = (usize, u16)> + 'a {
        // As large as all hashes, or empty: the compiler sees that no index lies beyond it.
        let bits: Option<&[u64; 1 << 10]> = self.bits.as_slice().try_into().ok();
        let hashes = text.windows(3).map(Self::hash).enumerate();
        bits.into_iter().flat_map(move |bits| {
            hashes.clone().filter(|(_, hash)| bits[usize::from(hash >> 6)] >> (hash & 63) & 1 == 1)
        })
    }

    fn add(&mut self, needle: &[u8], number: usize) {
        let hash = Self::hash(needle);
        if self.bits.is_empty() {
            self.bits = vec![0; 1 << 10];
        }
        self.bits[usize::from(hash >> 6)] |= 1 << (hash & 63);
        let at = self.needles.partition_point(|(known, _)| *known < hash);
        self.needles.insert(at, (hash, u32::try_from(number).unwrap_or(u32::MAX)));
    }

    /// The needles whose first three bytes have that hash.
    fn of(&self, hash: u16) -> impl Iterator<Item = usize> + '_ {
        let from = self.needles.partition_point(|(known, _)| *known < hash);
        self.needles[from..]
            .iter()
            .take_while(move |(known, _)| *known == hash)
            .map(|(_, number)| *number as usize)
    }
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
        if secret.contains(' ') {
            // A form has a plus for a space, and a secret may have a plus itself.
            self.needle(secret.replace(' ', "+").into_bytes(), false);
        }
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
        if bytes.len() < MIN_SECRET
            || (base64 && bytes.len() < MIN_ENCODED)
            || self.needles.iter().any(|known| *known.bytes == *bytes)
        {
            return;
        }
        self.longest = self.longest.max(bytes.len());
        self.starts.add(&bytes, self.needles.len());
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
        let plain = View::of(text);
        self.find_in(&plain, &mut finds);
        for escape in ESCAPES {
            let Some(once) = plain.without(escape) else { continue };
            self.find_in(&once, &mut finds);
            // Line breaks are put in last, so that nothing is escaped after them.
            for escape in ESCAPES.iter().filter(|_| escape != &Escape::LineBreak) {
                let Some(twice) = once.without(escape) else { continue };
                self.find_in(&twice, &mut finds);
                if let (Escape::Backslash, Some(thrice)) = (escape, twice.without(escape)) {
                    self.find_in(&thrice, &mut finds);
                }
            }
        }
        merged(finds)
    }

    fn find_in(&self, view: &View<'_>, finds: &mut Vec<Range<usize>>) {
        let text = &*view.text;
        for (at, hash) in self.starts.places(text) {
            for needle in self.starts.of(hash).map(|number| &self.needles[number]) {
                if !text[at..].starts_with(&needle.bytes) {
                    continue;
                }
                let (mut start, mut end) = (at, at + needle.bytes.len());
                if needle.base64 {
                    let letter = |at: usize, more: &[u8]| {
                        text.get(at).is_some_and(|b| b.is_ascii_alphanumeric() || more.contains(b))
                    };
                    start -= usize::from(start > 0 && letter(start - 1, b"+/-_"));
                    while end < text.len() && end - at <= needle.bytes.len() + 2 && letter(end, b"+/-_=") {
                        end += 1;
                    }
                }
                finds.push(view.place(start, false)..view.place(end, true));
            }
        }
    }

    /// For a text that comes in pieces.
    pub fn stream(self) -> Stream {
        Stream { hold: self.longest * LONGEST_ESCAPE, redactor: self, carry: Zeroizing::new(vec![]) }
    }
}

/// A way of writing letters so that they stand for others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Escape {
    Percent,
    Backslash,
    Entity,
    /// Breaks a long text into lines, as base64 often is.
    LineBreak,
}

const ESCAPES: &[Escape] = &[Escape::Percent, Escape::Backslash, Escape::Entity, Escape::LineBreak];

impl Escape {
    /// Where the next one may be.
    fn next(self, text: &[u8]) -> Option<usize> {
        match self {
            Self::Percent => memchr::memchr(b'%', text),
            Self::Backslash => memchr::memchr(b'\\', text),
            Self::Entity => memchr::memchr(b'&', text),
            Self::LineBreak => memchr::memchr2(b'\n', b'\r', text),
        }
    }

    /// What the beginning of a text stands for, and how long that beginning is; none: for itself.
    fn read(self, text: &[u8]) -> Option<(Letter, usize)> {
        match (self, text) {
            (Self::Percent, [b'%', high, low, ..]) => Some((Letter::byte(hex(*high)? << 4 | hex(*low)?), 3)),
            (Self::Backslash, [b'\\', b'u', digits @ ..]) => utf16(digits),
            (Self::Backslash, [b'\\', b'x', high, low, ..]) => {
                Some((Letter::byte(hex(*high)? << 4 | hex(*low)?), 4))
            }
            (Self::Backslash, [b'\\', letter, ..]) => {
                let byte = match letter {
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'b' => 8,
                    b'f' => 12,
                    b'"' | b'\'' | b'\\' | b'/' => *letter,
                    _ => return None,
                };
                Some((Letter::byte(byte), 2))
            }
            (Self::Entity, [b'&', rest @ ..]) => entity(rest),
            (Self::LineBreak, [b'\n' | b'\r', ..]) => Some((Letter::default(), 1)),
            _ => None,
        }
    }
}

/// The bytes of one letter, or none.
#[derive(Default)]
struct Letter {
    bytes: [u8; 4],
    length: usize,
}

impl Letter {
    fn byte(byte: u8) -> Self {
        Self { bytes: [byte, 0, 0, 0], length: 1 }
    }

    fn of(number: u32) -> Option<Self> {
        let mut bytes = [0; 4];
        let length = char::from_u32(number)?.encode_utf8(&mut bytes).len();
        Some(Self { bytes, length })
    }
}

/// The letter of `0041` after `\u`, or of two such halves.
fn utf16(text: &[u8]) -> Option<(Letter, usize)> {
    let unit = |text: &[u8]| number(text.get(..4)?, 16);
    let high = unit(text)?;
    if let Some(letter) = Letter::of(high) {
        return Some((letter, 6));
    }
    let low = text.get(4..)?.strip_prefix(b"\\u").and_then(unit)?;
    let both = 0x1_0000 + ((high.checked_sub(0xd800)? & 0x3ff) << 10) + (low.checked_sub(0xdc00)? & 0x3ff);
    Some((Letter::of(both)?, 12))
}

/// The letter of `amp;`, `#65;` or `#x41;` after `&`.
fn entity(text: &[u8]) -> Option<(Letter, usize)> {
    let end = text.iter().take(10).position(|b| *b == b';')?;
    let letter = match &text[..end] {
        b"amp" => Letter::byte(b'&'),
        b"lt" => Letter::byte(b'<'),
        b"gt" => Letter::byte(b'>'),
        b"quot" => Letter::byte(b'"'),
        b"apos" => Letter::byte(b'\''),
        [b'#', b'x' | b'X', digits @ ..] => Letter::of(number(digits, 16)?)?,
        [b'#', digits @ ..] => Letter::of(number(digits, 10)?)?,
        _ => return None,
    };
    Some((letter, end + 2))
}

fn number(digits: &[u8], base: u32) -> Option<u32> {
    let digit = |byte: &u8| char::from(*byte).to_digit(base);
    let all = (!digits.is_empty()).then_some(digits)?;
    all.iter().try_fold(0_u32, |number, byte| number.checked_mul(base)?.checked_add(digit(byte)?))
}

/// A text as it reads after undoing escapes, and where each letter of it stands in the text as it came.
struct View<'a> {
    text: Cow<'a, [u8]>,
    /// What it was made of.
    below: Option<&'a View<'a>>,
    /// After each escape, the place in this text and in the one below; between them both go on alike.
    breaks: Vec<(usize, usize)>,
    /// What was undone stood for nothing.
    joins: bool,
}

impl<'a> View<'a> {
    fn of(text: &'a [u8]) -> Self {
        Self { text: Cow::Borrowed(text), below: None, breaks: vec![], joins: false }
    }

    /// Where a letter stands in the text as it came, or where what is before it ends.
    fn place(&self, at: usize, is_end: bool) -> usize {
        let Some(below) = self.below else { return at };
        // A line break after the last letter is not its own.
        let before = |here: usize| here < at || (here == at && !(is_end && self.joins));
        let after = self.breaks.partition_point(|(here, _)| before(*here));
        let (here, there) = after.checked_sub(1).map_or((0, 0), |last| self.breaks[last]);
        below.place(there + (at - here), is_end)
    }

    /// None: there is nothing to undo.
    fn without(&'a self, escape: &Escape) -> Option<View<'a>> {
        let from = &*self.text;
        escape.next(from)?;
        let (mut text, mut breaks) = (Vec::with_capacity(from.len()), vec![]);
        let mut at = 0;
        while let Some(next) = escape.next(&from[at..]).map(|next| at + next) {
            text.extend_from_slice(&from[at..next]);
            match escape.read(&from[next..]) {
                Some((letter, length)) => {
                    text.extend_from_slice(&letter.bytes[..letter.length]);
                    at = next + length;
                    breaks.push((text.len(), at));
                }
                None => {
                    text.push(from[next]);
                    at = next + 1;
                }
            }
        }
        if breaks.is_empty() {
            return None;
        }
        text.extend_from_slice(&from[at..]);
        let joins = escape == &Escape::LineBreak;
        Some(View { text: Cow::Owned(text), below: Some(self), breaks, joins })
    }
}

impl Drop for View<'_> {
    fn drop(&mut self) {
        if let Cow::Owned(text) = &mut self.text {
            text.zeroize();
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
        // Not for every byte that drips in: what is searched again is never more than what is new.
        if self.carry.len() < 2 * self.hold {
            return vec![];
        }
        let safe = self.carry.len() - self.hold;
        // Backslashes stay together, or the rest would read as something else.
        let safe = safe - self.carry[..safe].iter().rev().take_while(|b| **b == b'\\').count() % 8;
        let finds = self.redactor.find(&self.carry);
        let crossing = finds.iter().find(|find| find.start < safe && find.end > safe);
        let cut = crossing.map_or(safe, |find| find.end);
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
