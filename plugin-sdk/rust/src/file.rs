//! One candidate.

use crate::bindings::blobs::Blob;
use crate::evidence::{Evidence, Method, Span, Usage};
use crate::excerpt::Excerpt;
use crate::lines::Lines;
use std::cell::OnceCell;
use std::ops::Range;

/// What of the manifest matched, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The claim's name.
    pub claim: String,
    /// The matched bytes; empty at 0 when a glob was enough.
    pub bytes: Range<u64>,
}

/// The bytes of a file.
#[derive(Debug)]
pub enum Content {
    /// All of them.
    Whole(Vec<u8>),
    /// The first ones, and a way to the rest: the file is larger than the manifest's `inline-max`.
    Large {
        /// The first bytes, as many as the manifest's `head`.
        head: Vec<u8>,
        /// Reads the rest, at most 1 MiB a call.
        blob: Blob,
    },
    /// In native tests: a large file whose bytes are at hand.
    #[doc(hidden)]
    Memory { head: usize, bytes: Vec<u8> },
}

/// One candidate: a file that a claim of the manifest matched.
#[derive(Debug)]
pub struct File {
    /// From the source root, '/'-separated; a member of an archive is `outer!inner`.
    pub path: String,
    /// Why it is here.
    pub hits: Vec<Hit>,
    /// Its bytes.
    pub content: Content,
    lines: OnceCell<Lines>,
    /// Where the content stands in the file, when it was taken out of one.
    excerpt: Option<Excerpt>,
}

impl File {
    /// A file.
    pub fn new(path: impl Into<String>, hits: Vec<Hit>, content: Content) -> Self {
        Self { path: path.into(), hits, content, lines: OnceCell::new(), excerpt: None }
    }

    /// A whole file without hits, for tests.
    pub fn of(path: &str, content: impl Into<Vec<u8>>) -> Self {
        Self::new(path, vec![], Content::Whole(content.into()))
    }

    /// A text that was taken out of the file at `path`, whose lines are given: places are those of the file.
    pub fn of_excerpt(path: &str, excerpt: Excerpt, lines: Lines) -> Self {
        let content = Content::Whole(excerpt.text().as_bytes().to_vec());
        Self {
            path: path.to_owned(),
            hits: vec![],
            content,
            lines: OnceCell::from(lines),
            excerpt: Some(excerpt),
        }
    }

    /// The last part of the path; of an archive's member, its own.
    pub fn name(&self) -> &str {
        self.path.rsplit(['/', '!']).next().unwrap_or(&self.path)
    }

    /// The folder it is in, without a trailing '/'; empty at the root.
    pub fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// The bytes at hand: all of a small file, the head of a large one.
    pub fn head(&self) -> &[u8] {
        match &self.content {
            Content::Whole(bytes) => bytes,
            Content::Large { head, .. } => head,
            Content::Memory { head, bytes } => &bytes[..(*head).min(bytes.len())],
        }
    }

    /// All bytes, if the file came whole.
    pub fn bytes(&self) -> Option<&[u8]> {
        match &self.content {
            Content::Whole(bytes) => Some(bytes),
            Content::Large { .. } | Content::Memory { .. } => None,
        }
    }

    /// All bytes as UTF-8 without a byte-order mark, if the file came whole and is that.
    ///
    /// Offsets into this text are offsets into the file only when the file has no byte-order mark; see
    /// [`File::at`], which corrects them.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.bytes()?[self.bom()..]).ok()
    }

    fn bom(&self) -> usize {
        if self.head().starts_with(b"\xef\xbb\xbf") { 3 } else { 0 }
    }

    /// The size in bytes.
    pub fn size(&self) -> u64 {
        match &self.content {
            Content::Whole(bytes) | Content::Memory { bytes, .. } => bytes.len() as u64,
            Content::Large { blob, .. } => blob.size(),
        }
    }

    /// Up to `len` bytes from `offset`; fewer only at the end of the file. Reads in steps of 1 MiB.
    pub fn read(&self, offset: u64, len: usize) -> Vec<u8> {
        let slice = |bytes: &[u8]| {
            let start = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
            bytes[start..start.saturating_add(len).min(bytes.len())].to_vec()
        };
        match &self.content {
            Content::Whole(bytes) | Content::Memory { bytes, .. } => slice(bytes),
            Content::Large { head, .. } if offset.saturating_add(len as u64) <= head.len() as u64 => {
                slice(head)
            }
            Content::Large { blob, .. } => {
                let mut all = Vec::new();
                while all.len() < len {
                    let step = (len - all.len()).min(1 << 20) as u32;
                    let bytes = blob.read(offset + all.len() as u64, step);
                    if bytes.is_empty() {
                        break;
                    }
                    all.extend_from_slice(&bytes);
                }
                all
            }
        }
    }

    /// A range of [`File::text`] as a span of the file, with its line.
    pub fn at(&self, text: Range<usize>) -> Span {
        let bom = self.bom();
        let bytes = self.head();
        let lines = self.lines.get_or_init(|| Lines::of(bytes));
        let mut at = text.start + bom..text.end + bom;
        if let Some(excerpt) = &self.excerpt {
            at = excerpt.place(at);
        }
        let line = lines.line(at.start);
        Span::new(at, line)
    }

    /// Evidence at a range of [`File::text`], with the (trimmed) line it starts on as its snippet.
    pub fn evidence(&self, text: Range<usize>, rule: &str, method: Method, usage: Usage) -> Evidence {
        let bytes = self.head();
        let start = (text.start + self.bom()).min(bytes.len());
        let span = self.at(text);
        let from =
            bytes[..start.min(bytes.len())].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let to = bytes[start.min(bytes.len())..]
            .iter()
            .position(|byte| *byte == b'\n')
            .map_or(bytes.len(), |at| start + at);
        // A minified line is shown around the place, not from its start.
        let from = from.max(start.saturating_sub(80));
        let line = String::from_utf8_lossy(&bytes[from..to.min(from + 240).max(from)]);
        Evidence::new(span, rule, method, usage).snippet(line.trim())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_places_of_a_file_with_a_byte_order_mark() {
        let file = File::of("a.py", b"\xef\xbb\xbfone\ntwo".to_vec());
        assert_eq!(file.text(), Some("one\ntwo"));
        let span = file.at(4..7);
        assert_eq!((span.start, span.end, span.line), (7, 10, 2));
        let evidence = file.evidence(4..7, "r", Method::Parsed, Usage::Runtime);
        assert_eq!(evidence.snippet.as_deref(), Some("two"));
    }

    #[test]
    fn reads_stop_at_the_end() {
        let file = File::new("w", vec![], Content::Memory { head: 2, bytes: vec![1, 2, 3, 4] });
        assert_eq!(file.bytes(), None);
        assert_eq!(file.head(), [1, 2]);
        assert_eq!(file.read(3, 9), [4]);
        assert_eq!(file.read(u64::MAX, 9), [0; 0]);
        assert_eq!(file.size(), 4);
    }
}
