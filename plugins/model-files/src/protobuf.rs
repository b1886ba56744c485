//! Protocol buffers on the wire, by ranges: what is not asked for is skipped, never copied.
//!
//! prost would copy gigabytes of tensor bytes into messages; a model needs six fields of its file.

use crate::bytes::{Broken, Cursor, ReadAt};

/// A field of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// A number.
    Number(u64),
    /// Bytes, a text or a message: where.
    Range {
        /// First byte.
        start: u64,
        /// The byte after the last.
        end: u64,
    },
}

impl Field {
    /// A number's value.
    pub fn number(self) -> Option<u64> {
        match self {
            Self::Number(number) => Some(number),
            Self::Range { .. } => None,
        }
    }

    /// Where its content begins; 0 for a number.
    pub fn start(self) -> u64 {
        self.range().map_or(0, |(start, _)| start)
    }

    /// A range's ends.
    pub fn range(self) -> Option<(u64, u64)> {
        match self {
            Self::Range { start, end } => Some((start, end)),
            Self::Number(_) => None,
        }
    }
}

/// The fields of a message, one after the other.
#[derive(Debug)]
pub struct Message<'a> {
    cursor: Cursor<'a>,
    source: Source<'a>,
}

/// Kept apart so that sub-messages can start cursors of their own.
#[derive(Clone, Copy)]
struct Source<'a>(&'a dyn ReadAt);

impl std::fmt::Debug for Source<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Source")
    }
}

impl<'a> Message<'a> {
    /// The message in a range.
    pub fn new(bytes: &'a dyn ReadAt, start: u64, end: u64) -> Self {
        Self { cursor: Cursor::new(bytes, start).until(end), source: Source(bytes) }
    }

    /// The next field; none at the end.
    pub fn field(&mut self) -> Result<Option<(u32, Field)>, Broken> {
        if self.cursor.left() == 0 {
            return Ok(None);
        }
        let tag = self.varint()?;
        let number = u32::try_from(tag >> 3).ok().filter(|number| (1..1 << 29).contains(number));
        let number = number.ok_or_else(|| self.cursor.broken("a field has an impossible number"))?;
        let field = match tag & 7 {
            0 => Field::Number(self.varint()?),
            1 => Field::Number(self.cursor.u64()?),
            2 => {
                let len = self.varint()?;
                let start = self.cursor.at();
                self.cursor.skip(len)?;
                Field::Range { start, end: start + len }
            }
            5 => Field::Number(self.cursor.u32()?.into()),
            kind => return Err(self.cursor.broken(format!("a field has the wire type {kind}"))),
        };
        Ok(Some((number, field)))
    }

    /// The message in a field.
    pub fn message(&self, field: Field) -> Option<Message<'a>> {
        let (start, end) = field.range()?;
        Some(Message::new(self.source.0, start, end))
    }

    /// A field's text, if it is one of at most `most` bytes.
    pub fn text(&self, field: Field, most: u64) -> Option<String> {
        let (start, end) = field.range()?;
        let len = usize::try_from(end - start).ok().filter(|len| *len as u64 <= most)?;
        String::from_utf8(self.cursor.peek_at(start, len)).ok()
    }

    /// The numbers of a packed field, or the one number of a plain one; at most `most`.
    pub fn numbers(&self, field: Field, most: usize) -> Result<Vec<u64>, Broken> {
        let Some((start, end)) = field.range() else { return Ok(field.number().into_iter().collect()) };
        let mut inner = Message::new(self.source.0, start, end);
        let mut numbers = vec![];
        while inner.cursor.left() > 0 {
            if numbers.len() >= most {
                return Err(inner.cursor.broken("a list is too long"));
            }
            numbers.push(inner.varint()?);
        }
        Ok(numbers)
    }

    fn varint(&mut self) -> Result<u64, Broken> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.cursor.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(self.cursor.broken("a number does not end"))
    }
}
