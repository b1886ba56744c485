//! Compressed files: joblib and pandas open them as if they were not.

use crate::bytes::ReadAt;
use crate::container::Budget;
use crate::format;
use crate::model::{Danger, Model};
use std::io::Read;

/// A first look inflates so much.
const PEEK: usize = 4096;
/// Dictionary of a decoder, in KiB: xz -9 has 64 MiB.
pub const MAX_DICTIONARY: u32 = 80 << 10;
/// The members of a gzip file and the frames of a zstd file that are read as one stream; ordinary files have one, and
/// those that were written in parallel some hundreds.
const MAX_MEMBERS: u32 = 4096;

/// How a file is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrapper {
    Gzip(u64),
    Zlib,
    Bzip2,
    Xz,
    Lzma,
    Lz4,
    Zstd,
}

impl Wrapper {
    fn of(head: &[u8]) -> Option<Self> {
        let word = |at: usize| head.get(at..at + 2).map(|word| u16::from_be_bytes([word[0], word[1]]));
        Some(match head {
            [0x1f, 0x8b, 8, ..] => Self::Gzip(gzip_header(head)?),
            [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] if word(0)? % 31 == 0 => Self::Zlib,
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, ..] => Self::Bzip2,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Self::Xz,
            [0x5d, 0, 0, _, _, ..] if head.len() > 13 && head[3..5] != [0, 0] => Self::Lzma,
            [0x04, 0x22, 0x4d, 0x18, ..] => Self::Lz4,
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            _ => return None,
        })
    }

    fn name(self) -> &'static str {
        match self {
            Self::Gzip(_) => "gzip",
            Self::Zlib => "zlib",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
            Self::Lzma => "lzma",
            Self::Lz4 => "lz4",
            Self::Zstd => "zstd",
        }
    }

    /// The first `most` bytes, and whether the stream is whole up to there.
    fn open(self, bytes: &dyn ReadAt, most: usize) -> (Vec<u8>, bool) {
        let source = Source::new(bytes);
        match self {
            Self::Gzip(_) => gzip_members(bytes, most),
            Self::Zlib => {
                let inflated = inflate(bytes, 2, most);
                (inflated.bytes, inflated.is_whole)
            }
            Self::Bzip2 => drain(bzip2::read::MultiBzDecoder::new(source), most),
            Self::Xz => drain(lzma_rust2::XzReader::new_mem_limit(source, true, MAX_DICTIONARY), most),
            Self::Lzma => match lzma_rust2::LzmaReader::new_mem_limit(source, MAX_DICTIONARY, None) {
                Ok(reader) => drain(reader, most),
                Err(_) => (vec![], false),
            },
            Self::Lz4 => drain(lz4_flex::frame::FrameDecoder::new(source), most),
            Self::Zstd => zstd_frames(bytes, most),
        }
    }
}

/// Whether the file is compressed.
pub fn is_wrapped(head: &[u8]) -> bool {
    Wrapper::of(head).is_some()
}

/// Reads what is inside. None: nothing of ours is.
pub fn read(bytes: &dyn ReadAt, head: &[u8], budget: &Budget) -> Option<Model> {
    let wrapper = Wrapper::of(head)?;
    let deeper = budget.deeper()?;
    let (peek, _) = wrapper.open(bytes, PEEK);
    if peek.is_empty() || !format::is_worth_opening(&peek) {
        return None;
    }
    let most = budget.bytes();
    let (inner, is_whole) = wrapper.open(bytes, most);
    budget.spend(inner.len());
    let mut model = format::inside(&inner, &deeper);
    if !model.is_known() {
        return None;
    }
    if inner.len() >= most {
        model.cut(most as u64, "it inflates to more than is read");
    } else if !is_whole && model.flags.is_empty() {
        model.flag(Danger::Suspicious, "broken-compression", wrapper.name(), 0);
    }
    model.set("compression", wrapper.name());
    Some(model)
}

/// Bytes by ranges as a stream.
pub struct Source<'a> {
    bytes: &'a dyn ReadAt,
    at: u64,
}

impl<'a> Source<'a> {
    /// From the first byte.
    pub fn new(bytes: &'a dyn ReadAt) -> Self {
        Self { bytes, at: 0 }
    }
}

impl std::fmt::Debug for Source<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source").field("at", &self.at).finish_non_exhaustive()
    }
}

impl Read for Source<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let bytes = self.bytes.read_at(self.at, buffer.len().min(64 << 10));
        buffer[..bytes.len()].copy_from_slice(&bytes);
        self.at += bytes.len() as u64;
        Ok(bytes.len())
    }
}

/// The first `most` bytes of a stream, and whether it had no error up to there.
pub fn drain(reader: impl Read, most: usize) -> (Vec<u8>, bool) {
    let mut out = vec![];
    let is_whole = reader.take(most as u64).read_to_end(&mut out).is_ok();
    (out, is_whole)
}

/// What a deflate stream holds.
#[derive(Debug)]
pub struct Inflated {
    /// As much of it as was wanted.
    pub bytes: Vec<u8>,
    /// Whether it had no error up to there.
    pub is_whole: bool,
    /// Where the stream ended.
    pub end: u64,
}

/// Inflates a deflate stream, a piece at a time, up to `most` bytes.
pub fn inflate(bytes: &dyn ReadAt, start: u64, most: usize) -> Inflated {
    use miniz_oxide::inflate::TINFLStatus;
    use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};
    let mut state = Box::<DecompressorOxide>::default();
    let mut out = vec![0; most.min(4 << 10)];
    let (mut at, mut len) = (start, 0);
    let is_whole = 'stream: loop {
        let packed = bytes.read_at(at, 64 << 10);
        let is_last = packed.is_empty() || at + packed.len() as u64 >= bytes.size();
        let more = if is_last { 0 } else { inflate_flags::TINFL_FLAG_HAS_MORE_INPUT };
        let flags = inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF | more;
        let mut used = 0;
        loop {
            let (status, eaten, made) = decompress(&mut state, &packed[used..], &mut out, len, flags);
            used += eaten;
            len += made;
            match status {
                TINFLStatus::HasMoreOutput if out.len() < most => {
                    let larger = (out.len() * 2).min(most);
                    out.resize(larger, 0);
                }
                TINFLStatus::NeedsMoreInput if !is_last && used > 0 => break,
                TINFLStatus::Done | TINFLStatus::HasMoreOutput => {
                    at += used as u64;
                    break 'stream true;
                }
                _ => break 'stream false,
            }
        }
        at += used as u64;
    };
    out.truncate(len);
    Inflated { bytes: out, is_whole, end: at }
}

/// A gzip file's members, one after another: who opens it sees one stream (RFC 1952, section 2.2).
fn gzip_members(bytes: &dyn ReadAt, most: usize) -> (Vec<u8>, bool) {
    const TRAILER: u64 = 8;
    let (mut all, mut at) = (vec![], 0);
    for _ in 0..MAX_MEMBERS {
        // What follows the last member is padding.
        let Some(Wrapper::Gzip(start)) = Wrapper::of(&bytes.read_at(at, PEEK)) else { return (all, at > 0) };
        let member = inflate(bytes, at + start, most - all.len());
        all.extend(member.bytes);
        if !member.is_whole || all.len() >= most {
            return (all, member.is_whole);
        }
        at = member.end + TRAILER;
    }
    (all, false)
}

/// A zstd file's frames, one after another, without those to be skipped (RFC 8878, section 3.1).
fn zstd_frames(bytes: &dyn ReadAt, most: usize) -> (Vec<u8>, bool) {
    let mut all = vec![];
    let mut source = Source::new(bytes);
    for _ in 0..MAX_MEMBERS {
        match *bytes.read_at(source.at, 8) {
            [0x50..=0x5f, 0x2a, 0x4d, 0x18, a, b, c, d] => {
                source.at += 8 + u64::from(u32::from_le_bytes([a, b, c, d]));
                continue;
            }
            [0x28, 0xb5, 0x2f, 0xfd, ..] => {}
            _ => return (all, source.at > 0),
        }
        let Ok(mut frame) = ruzstd::decoding::StreamingDecoder::new(source) else { return (all, false) };
        let room = (most - all.len()) as u64;
        let is_whole = frame.by_ref().take(room).read_to_end(&mut all).is_ok();
        if !is_whole || all.len() >= most {
            return (all, is_whole);
        }
        source = frame.into_inner();
    }
    (all, false)
}

/// Where the compressed data of a gzip file begins.
fn gzip_header(head: &[u8]) -> Option<u64> {
    let flags = *head.get(3)?;
    let mut at = 10;
    if flags & 4 != 0 {
        let len = head.get(at..at + 2)?;
        at += 2 + usize::from(u16::from_le_bytes([len[0], len[1]]));
    }
    for flag in [8, 16] {
        if flags & flag != 0 {
            at += head.get(at..)?.iter().position(|byte| *byte == 0)? + 1;
        }
    }
    Some(at as u64 + if flags & 2 != 0 { 2 } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PAYLOAD: &[u8] = b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x04true\x85R.";

    fn zlib(bytes: &[u8]) -> Vec<u8> {
        miniz_oxide::deflate::compress_to_vec_zlib(bytes, 6)
    }

    #[test]
    fn compressed_pickles() {
        let gzip = [
            &b"\x1f\x8b\x08\x08\0\0\0\0\0\x03name\0"[..],
            &miniz_oxide::deflate::compress_to_vec(PAYLOAD, 6),
            &[0; 8],
        ]
        .concat();
        let twice = zlib(&zlib(PAYLOAD));
        let (one, other) = PAYLOAD.split_at(9);
        let member = |part: &[u8]| {
            let packed = miniz_oxide::deflate::compress_to_vec(part, 6);
            [&b"\x1f\x8b\x08\0\0\0\0\0\0\x03"[..], &packed, &[0; 8]].concat()
        };
        let members = [member(one), member(b""), member(other), vec![0; 512]].concat();
        let frame = |part: &[u8]| {
            ruzstd::encoding::compress_to_vec(part, ruzstd::encoding::CompressionLevel::Fastest)
        };
        let frames = [&b"\x50\x2a\x4d\x18\x03\0\0\0abc"[..], &frame(one), &frame(other)].concat();
        for file in [zlib(PAYLOAD), gzip, twice, members, frames] {
            let model = format::read(&file);
            assert_eq!((model.format, model.verdict()), ("pickle", Some("unsafe")));
            assert!(model.text("compression").is_some());
        }
        assert_eq!(format::read(&zlib(b"hello world, this is a text")).format, "unknown");
    }

    #[test]
    fn a_bomb_costs_its_limit() {
        let bomb = zlib(&[&b"\x80\x04"[..], &vec![b'N'; 40 << 20]].concat());
        let model = format::read(&bomb);
        assert_eq!(model.verdict(), Some("not-analysable"), "{:?}", model.unread);
    }

    #[test]
    fn inflating_in_pieces_is_inflating() {
        let text: Vec<u8> =
            (0..500_000u32).flat_map(|n| (n.wrapping_mul(2_654_435_761) >> 20).to_le_bytes()).collect();
        let packed = miniz_oxide::deflate::compress_to_vec(&text, 6);
        let whole = inflate(&packed, 0, usize::MAX >> 8);
        assert_eq!((whole.bytes.len(), whole.end), (text.len(), packed.len() as u64));
        assert_eq!(inflate(&packed, 0, 1000).bytes, text[..1000]);
        assert!(!inflate(&packed[..packed.len() / 2].to_vec(), 0, 1 << 24).is_whole);
    }

    proptest! {
        #[test]
        fn nothing_panics(magic in 0..7usize, tail in proptest::collection::vec(any::<u8>(), 0..200)) {
            let heads: [&[u8]; 7] = [b"\x1f\x8b\x08\0", b"\x78\x9c", b"BZh91AY&SY", b"\xfd7zXZ\0", b"\x5d\0\0\x80\0\xff\xff\xff\xff\xff\xff\xff\xff\0", b"\x04\x22\x4d\x18", b"\x28\xb5\x2f\xfd"];
            format::read(&[heads[magic], &tail[..]].concat());
        }
    }
}
