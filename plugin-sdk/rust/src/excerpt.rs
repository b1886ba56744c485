//! Texts that stand in a file in pieces: cells of a notebook, scripts of a page.

use std::ops::Range;

/// A text put together from pieces of a file, which knows where each of its bytes stands there.
///
/// ```
/// use inventar_plugin_sdk::{Excerpt, File, Lines};
///
/// // The cell "import os\nx" of a notebook, as JSON writes it.
/// let json = r#"{"source": "import os\nx"}"#;
/// let mut cell = Excerpt::default();
/// cell.push("import os", 12..21);
/// cell.push("\n", 21..23);
/// cell.push("x", 23..24);
/// let file = File::of_excerpt("a.ipynb", cell, Lines::of(json.as_bytes()));
/// assert_eq!(file.text(), Some("import os\nx"));
/// let span = file.at(10..11);
/// assert_eq!(&json[span.start as usize..span.end as usize], "x");
/// ```
#[derive(Debug, Clone, Default)]
pub struct Excerpt {
    text: String,
    pieces: Vec<Piece>,
}

/// Bytes that stand in the file as in the text, or, where the lengths differ, one thing that is written differently.
#[derive(Debug, Clone, Copy)]
struct Piece {
    text: usize,
    text_len: usize,
    file: usize,
    file_len: usize,
}

impl Excerpt {
    /// Adds a text that stands at `file`: as it is, when the lengths are equal, else escaped, as one unit.
    pub fn push(&mut self, text: &str, file: Range<usize>) {
        let piece =
            Piece { text: self.text.len(), text_len: text.len(), file: file.start, file_len: file.len() };
        self.text.push_str(text);
        self.join(piece);
    }

    /// Adds a part of another excerpt of the same file.
    pub fn push_part(&mut self, of: &Self, part: Range<usize>) {
        let Some(text) = of.text.get(part.clone()) else { return };
        let start = self.text.len();
        self.text.push_str(text);
        let first = of.pieces.partition_point(|piece| piece.text + piece.text_len <= part.start);
        for piece in of.pieces[first..].iter().take_while(|piece| piece.text < part.end) {
            let (from, to) = (piece.text.max(part.start), (piece.text + piece.text_len).min(part.end));
            let text = start + (from - part.start);
            self.join(if piece.text_len == piece.file_len {
                let file = piece.file + (from - piece.text);
                Piece { text, text_len: to - from, file, file_len: to - from }
            } else {
                Piece { text, text_len: to - from, ..*piece }
            });
        }
    }

    fn join(&mut self, piece: Piece) {
        if piece.text_len == 0 {
            return;
        }
        match self.pieces.last_mut() {
            Some(last)
                if last.text_len == last.file_len
                    && piece.text_len == piece.file_len
                    && last.file + last.file_len == piece.file
                    && last.text + last.text_len == piece.text =>
            {
                last.text_len += piece.text_len;
                last.file_len += piece.file_len;
            }
            _ => self.pieces.push(piece),
        }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where a range of the text stands in the file.
    pub fn place(&self, text: Range<usize>) -> Range<usize> {
        let start = self.piece(text.start).map_or(0, |piece| {
            let within = text.start - piece.text;
            piece.file + if piece.text_len == piece.file_len { within.min(piece.file_len) } else { 0 }
        });
        if text.end <= text.start {
            return start..start;
        }
        let end = self.piece(text.end - 1).map_or(start, |piece| {
            let within = text.end - piece.text;
            piece.file
                + if piece.text_len == piece.file_len { within.min(piece.file_len) } else { piece.file_len }
        });
        start..end.max(start)
    }

    /// The piece that a byte of the text is in; behind the end, the last.
    fn piece(&self, at: usize) -> Option<&Piece> {
        self.pieces[..self.pieces.partition_point(|piece| piece.text <= at)].last()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `ab\n"é` as JSON writes it: `ab\n\"\u00e9`, from byte 10.
    fn sample() -> Excerpt {
        let mut excerpt = Excerpt::default();
        for (text, file) in [("a", 10..11), ("b", 11..12), ("\n", 12..14), ("\"", 14..16), ("é", 16..22)] {
            excerpt.push(text, file);
        }
        excerpt
    }

    #[test]
    fn places() {
        let excerpt = sample();
        assert_eq!(excerpt.text(), "ab\n\"é");
        for (text, file) in [
            (0..2, 10..12),
            (1..2, 11..12),
            (2..3, 12..14),
            (3..4, 14..16),
            (4..6, 16..22),
            (0..6, 10..22),
            (3..3, 14..14),
        ] {
            assert_eq!(excerpt.place(text.clone()), file, "{text:?}");
        }
        assert_eq!(Excerpt::default().place(3..9), 0..0);
    }

    #[test]
    fn parts_keep_their_places() {
        let excerpt = sample();
        let mut other = Excerpt::default();
        other.push("!", 7..7);
        other.push_part(&excerpt, 1..4);
        assert_eq!(other.text(), "!b\n\"");
        assert_eq!(other.place(1..4), 11..16);
        assert_eq!(other.place(0..2), 7..12);
        other.push_part(&excerpt, 4..6);
        assert_eq!(other.place(4..6), 16..22);
    }
}
