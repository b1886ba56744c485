//! A file's text with its lines, whole also where it came in pieces.

use inventar_plugin_sdk::{Evidence, File, GapReason, Lines, Method, Span, Usage};
use std::borrow::Cow;
use std::ops::Range;

/// Larger files are not read: a lock of that size is no lock any more, and a guest has 64 MiB.
pub const MAX_BYTES: u64 = 24 << 20;

/// A text and where its lines begin.
#[derive(Debug)]
pub struct Page<'f> {
    /// Without a byte-order mark.
    pub text: Cow<'f, str>,
    /// The first line that is not UTF-8, if one is; what is not stands as `?` in the text.
    pub broken: Option<u32>,
    /// The bytes before the text.
    bom: usize,
    lines: Lines,
}

impl<'f> Page<'f> {
    /// Reads a file, or says why not and what to do.
    pub fn of(file: &'f File) -> Result<Self, (GapReason, String)> {
        let bytes = match file.bytes() {
            Some(bytes) => Cow::Borrowed(bytes),
            None if file.size() > MAX_BYTES => {
                let detail =
                    format!("the file is larger than {} MiB; nothing of it was read", MAX_BYTES >> 20);
                return Err((GapReason::TooLarge(file.size()), detail));
            }
            None => Cow::Owned(read_all(file)),
        };
        let bom = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
            return Err((
                GapReason::Unsupported("UTF-16".into()),
                "the file is UTF-16; save it as UTF-8".into(),
            ));
        }
        let lines = Lines::of(&bytes);
        let broken =
            std::str::from_utf8(&bytes[bom..]).err().map(|error| lines.line(bom + error.valid_up_to()));
        let text = match (bytes, broken) {
            (Cow::Borrowed(bytes), None) => String::from_utf8_lossy(&bytes[bom..]),
            (bytes, _) => {
                let mut bytes = bytes.into_owned();
                bytes.drain(..bom);
                Cow::Owned(readable(bytes))
            }
        };
        Ok(Self { text, broken, bom, lines })
    }

    /// The 1-based line of a place in the text.
    pub fn line(&self, at: usize) -> u32 {
        self.lines.line(at + self.bom)
    }

    /// A range of the text as a span of the file.
    pub fn span(&self, at: Range<usize>) -> Span {
        Span::new(at.start + self.bom..at.end + self.bom, self.line(at.start))
    }

    /// The line a range starts on, without the spaces around it; of a long one, what is around the place.
    pub fn snippet(&self, at: &Range<usize>, max: usize) -> &str {
        let start = self.text[..at.start].rfind('\n').map_or(0, |end| end + 1);
        let end = self.text[at.start..].find('\n').map_or(self.text.len(), |end| at.start + end);
        let from = self.boundary(start.max(at.start.saturating_sub(max / 3)));
        let to = self.boundary(end.min(from + max)).max(from);
        self.text[from..to].trim()
    }

    /// Evidence that a manifest gives.
    pub fn evidence(&self, at: &Range<usize>, rule: &str, usage: Usage) -> Evidence {
        Evidence::new(self.span(at.clone()), rule, Method::Declared, usage).snippet(self.snippet(at, 240))
    }

    fn boundary(&self, mut at: usize) -> usize {
        at = at.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}

/// The text of bytes, each that is not UTF-8 as `?`, so that places stay what they are.
fn readable(mut bytes: Vec<u8>) -> String {
    let mut from = 0;
    loop {
        match std::str::from_utf8(&bytes[from..]) {
            Ok(_) => return String::from_utf8(bytes).unwrap_or_default(),
            Err(error) => {
                let start = from + error.valid_up_to();
                from = start + error.error_len().unwrap_or(bytes.len() - start);
                bytes[start..from].fill(b'?');
            }
        }
    }
}

/// All bytes, into one allocation: growing would take half as much again.
fn read_all(file: &File) -> Vec<u8> {
    const STEP: usize = 1 << 20;
    let mut bytes = Vec::with_capacity(file.size() as usize);
    loop {
        let step = file.read(bytes.len() as u64, STEP);
        if step.is_empty() {
            return bytes;
        }
        bytes.extend_from_slice(&step);
    }
}
