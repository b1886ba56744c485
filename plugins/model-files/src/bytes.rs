//! Bytes by ranges: a file that is never read whole, a member of an archive, or some memory.

use inventar_plugin_sdk::File;
use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;

/// Where bytes come from.
pub trait ReadAt {
    /// How many there are.
    fn size(&self) -> u64;
    /// Up to `len` bytes from `offset`; fewer only at the end.
    fn read_at(&self, offset: u64, len: usize) -> Vec<u8>;
}

impl ReadAt for File {
    fn size(&self) -> u64 {
        File::size(self)
    }
    fn read_at(&self, offset: u64, len: usize) -> Vec<u8> {
        self.read(offset, len)
    }
}

impl ReadAt for [u8] {
    fn size(&self) -> u64 {
        self.len() as u64
    }
    fn read_at(&self, offset: u64, len: usize) -> Vec<u8> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(self.len());
        self[start..start.saturating_add(len).min(self.len())].to_vec()
    }
}

impl ReadAt for Vec<u8> {
    fn size(&self) -> u64 {
        self.len() as u64
    }
    fn read_at(&self, offset: u64, len: usize) -> Vec<u8> {
        self.as_slice().read_at(offset, len)
    }
}

/// A part of other bytes: a stored member of an archive.
#[derive(Clone, Copy)]
pub struct Window<'a> {
    bytes: &'a dyn ReadAt,
    start: u64,
    len: u64,
}

impl<'a> Window<'a> {
    /// At most `len` bytes from `start`.
    pub fn new(bytes: &'a dyn ReadAt, start: u64, len: u64) -> Self {
        let start = start.min(bytes.size());
        Self { bytes, start, len: len.min(bytes.size() - start) }
    }
}

impl ReadAt for Window<'_> {
    fn size(&self) -> u64 {
        self.len
    }
    fn read_at(&self, offset: u64, len: usize) -> Vec<u8> {
        let left = self.len.saturating_sub(offset);
        let len = usize::try_from(left).unwrap_or(usize::MAX).min(len);
        if len == 0 { vec![] } else { self.bytes.read_at(self.start.saturating_add(offset), len) }
    }
}

impl fmt::Debug for Window<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Window").field("start", &self.start).field("len", &self.len).finish_non_exhaustive()
    }
}

/// Other bytes, read a block at a time: many small structures close together cost one read.
pub struct Blocks<'a> {
    bytes: &'a dyn ReadAt,
    size: u64,
    slots: RefCell<Vec<Option<Block>>>,
}

/// A block's number and bytes.
type Block = (u64, Vec<u8>);

const BLOCK: u64 = 64 << 10;
const SLOTS: u64 = 32;

impl<'a> Blocks<'a> {
    /// Keeps up to 2 MiB.
    pub fn new(bytes: &'a dyn ReadAt) -> Self {
        Self { bytes, size: bytes.size(), slots: RefCell::new(vec![None; SLOTS as usize]) }
    }
}

impl ReadAt for Blocks<'_> {
    fn size(&self) -> u64 {
        self.size
    }
    fn read_at(&self, offset: u64, len: usize) -> Vec<u8> {
        let end = offset.saturating_add(len as u64).min(self.size);
        if len as u64 > BLOCK {
            return self.bytes.read_at(offset, len);
        }
        let mut out = Vec::with_capacity(end.saturating_sub(offset) as usize);
        let mut at = offset;
        while at < end {
            let number = at / BLOCK;
            let mut slots = self.slots.borrow_mut();
            let slot = &mut slots[(number % SLOTS) as usize];
            if slot.as_ref().is_none_or(|(held, _)| *held != number) {
                *slot = Some((number, self.bytes.read_at(number * BLOCK, BLOCK as usize)));
            }
            let block = slot.as_ref().map_or(&[][..], |(_, block)| block);
            let from = (at % BLOCK) as usize;
            let to = ((end - number * BLOCK).min(BLOCK) as usize).min(block.len());
            if from >= to {
                break;
            }
            out.extend_from_slice(&block[from..to]);
            at += (to - from) as u64;
        }
        out
    }
}

impl fmt::Debug for Blocks<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Blocks").field("size", &self.size).finish_non_exhaustive()
    }
}

/// Why bytes are not what they should be, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Offset.
    pub at: u64,
    /// In words.
    pub why: Cow<'static, str>,
}

impl Broken {
    /// A reason at a place.
    pub fn new(at: u64, why: impl Into<Cow<'static, str>>) -> Self {
        Self { at, why: why.into() }
    }
}

/// The first read after a jump: most headers end within it.
const FIRST_READ: usize = 8 << 10;
/// Reads grow up to this while the walk is sequential.
const LAST_READ: usize = 1 << 20;
/// The most that can be asked for at once.
pub const MAX_TAKE: usize = 16 << 20;

/// A place in some bytes, moving forward.
pub struct Cursor<'a> {
    bytes: &'a dyn ReadAt,
    end: u64,
    buffer: Vec<u8>,
    /// Where the buffer starts.
    start: u64,
    /// Where we are, inside the buffer or behind it.
    at: u64,
    step: usize,
    /// Bytes asked for so far.
    read: u64,
}

impl fmt::Debug for Cursor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cursor").field("at", &self.at).field("end", &self.end).finish_non_exhaustive()
    }
}

impl<'a> Cursor<'a> {
    /// From `at` to the end.
    pub fn new(bytes: &'a dyn ReadAt, at: u64) -> Self {
        Self { bytes, end: bytes.size(), buffer: vec![], start: at, at, step: FIRST_READ, read: 0 }
    }

    /// The same, ending earlier.
    pub fn until(mut self, end: u64) -> Self {
        self.end = self.end.min(end);
        self
    }

    /// The offset of the next byte.
    pub fn at(&self) -> u64 {
        self.at
    }

    /// How much is left.
    pub fn left(&self) -> u64 {
        self.end.saturating_sub(self.at)
    }

    /// How many bytes were read from below.
    pub fn bytes_read(&self) -> u64 {
        self.read
    }

    /// Goes elsewhere.
    pub fn seek(&mut self, at: u64) {
        self.at = at;
        if at < self.start || at > self.start + self.buffer.len() as u64 {
            self.step = FIRST_READ;
        }
    }

    /// Passes over bytes; they must exist.
    pub fn skip(&mut self, len: u64) -> Result<(), Broken> {
        if len > self.left() {
            return Err(self.broken("it ends early"));
        }
        self.seek(self.at + len);
        Ok(())
    }

    /// An error here.
    pub fn broken(&self, why: impl Into<Cow<'static, str>>) -> Broken {
        Broken::new(self.at, why)
    }

    /// The next `len` bytes.
    pub fn take(&mut self, len: usize) -> Result<&[u8], Broken> {
        if len as u64 > self.left() {
            return Err(self.broken("it ends early"));
        }
        if len > MAX_TAKE {
            return Err(self.broken("a value is larger than 16 MiB"));
        }
        self.fill(len)?;
        let from = (self.at - self.start) as usize;
        self.at += len as u64;
        Ok(&self.buffer[from..from + len])
    }

    /// Makes `len` bytes from here stand in the buffer.
    fn fill(&mut self, len: usize) -> Result<(), Broken> {
        let have = self.start + self.buffer.len() as u64;
        if self.at >= self.start && self.at + len as u64 <= have {
            return Ok(());
        }
        if self.at != have {
            self.step = if self.at >= self.start && self.at < have { self.step } else { FIRST_READ };
        }
        let wanted = (len.max(self.step) as u64).min(self.end - self.at) as usize;
        self.step = (self.step * 2).min(LAST_READ);
        self.buffer = self.bytes.read_at(self.at, wanted);
        self.read += wanted as u64;
        self.start = self.at;
        if self.buffer.len() < len {
            return Err(self.broken("it ends early"));
        }
        Ok(())
    }

    /// One byte; the fast way of walks over many.
    #[inline]
    pub fn byte(&mut self) -> Result<u8, Broken> {
        let from = self.at.wrapping_sub(self.start);
        if self.at < self.end
            && let Some(byte) = usize::try_from(from).ok().and_then(|from| self.buffer.get(from))
        {
            self.at += 1;
            return Ok(*byte);
        }
        Ok(self.take(1)?[0])
    }

    /// A fixed number of bytes.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Broken> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    /// Up to and past the next newline, without it; at most `most` bytes.
    pub fn line(&mut self, most: usize) -> Result<&[u8], Broken> {
        let mut len = 0;
        loop {
            let look = (len + 256).min(most).min(usize::try_from(self.left()).unwrap_or(usize::MAX));
            if look <= len {
                return Err(self.broken("a line does not end"));
            }
            self.fill(look)?;
            let from = (self.at - self.start) as usize;
            if let Some(end) = self.buffer[from + len..from + look].iter().position(|byte| *byte == b'\n') {
                let end = len + end;
                self.at += end as u64 + 1;
                return Ok(&self.buffer[from..from + end]);
            }
            len = look;
        }
    }

    /// The next byte, without moving.
    pub fn peek(&mut self) -> Option<u8> {
        let byte = self.byte().ok()?;
        self.at -= 1;
        Some(byte)
    }

    /// Up to `len` bytes from anywhere, without moving.
    pub fn peek_at(&self, at: u64, len: usize) -> Vec<u8> {
        let from = at.checked_sub(self.start).and_then(|from| usize::try_from(from).ok());
        let held = from.and_then(|from| self.buffer.get(from..)?.get(..len));
        held.map_or_else(|| self.bytes.read_at(at, len), <[u8]>::to_vec)
    }
}

macro_rules! numbers {
    ($($name:ident $type:ty;)*) => {
        impl Cursor<'_> {
            $(#[doc = concat!("A little-endian `", stringify!($type), "`.")]
            pub fn $name(&mut self) -> Result<$type, Broken> {
                Ok(<$type>::from_le_bytes(self.array()?))
            })*
        }
    };
}
numbers! { u16 u16; u32 u32; u64 u64; i32 i32; }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_held_at_the_end_of_all_addresses() {
        let bytes = vec![1, 2, 3];
        let cursor = Cursor::new(&bytes, u64::MAX);
        assert!(cursor.peek_at(u64::MAX, 4).is_empty());
        assert_eq!(Cursor::new(&bytes, 0).peek_at(1, 4), [2, 3]);
    }
    use proptest::prelude::*;

    #[test]
    fn ends_are_kept() {
        let bytes = b"ab\ncd".to_vec();
        let mut cursor = Cursor::new(&bytes, 0);
        assert_eq!(cursor.line(10).unwrap(), b"ab");
        assert!(cursor.skip(u64::MAX).is_err());
        assert!(cursor.take(3).is_err());
        assert_eq!(cursor.take(2).unwrap(), b"cd");
        assert!(cursor.byte().is_err());
        assert!(Cursor::new(&bytes, 3).line(10).is_err());
        assert!(Cursor::new(&bytes, 9).byte().is_err());
        assert_eq!(Cursor::new(&bytes, 0).until(1).left(), 1);
        let window = Window::new(&bytes, 3, u64::MAX);
        assert_eq!((window.size(), window.read_at(1, 9)), (2, b"d".to_vec()));
        assert_eq!(Window::new(&bytes, u64::MAX, 5).size(), 0);
    }

    #[test]
    fn blocks_read_as_what_is_below() {
        let bytes: Vec<u8> = (0..200_000u32).map(|at| (at / 7) as u8).collect();
        let blocks = Blocks::new(&bytes);
        for (at, len) in [
            (0, 10),
            (65_530, 20),
            (131_072, 65_536),
            (199_990, 100),
            (10, 70_000),
            (u64::MAX, 4),
            (200_000, 1),
        ] {
            assert_eq!(blocks.read_at(at, len), bytes.read_at(at, len), "{at} {len}");
        }
    }

    proptest! {
        #[test]
        fn a_walk_sees_what_is_there(bytes in proptest::collection::vec(any::<u8>(), 0..40_000), cuts in proptest::collection::vec(0usize..5000, 0..40)) {
            let mut cursor = Cursor::new(&bytes, 0);
            let mut at = 0usize;
            for cut in cuts {
                if cut % 3 == 0 {
                    let there = at + cut <= bytes.len();
                    prop_assert_eq!(cursor.skip(cut as u64).is_ok(), there);
                    if there { at += cut }
                } else {
                    match cursor.take(cut) {
                        Ok(found) => { prop_assert_eq!(found, &bytes[at..at + cut]); at += cut }
                        Err(_) => prop_assert!(at + cut > bytes.len()),
                    }
                }
                if at < bytes.len() {
                    prop_assert_eq!(cursor.byte().unwrap(), bytes[at]);
                    at += 1;
                }
                prop_assert_eq!(cursor.at(), at as u64);
            }
        }
    }
}
