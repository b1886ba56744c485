//! 7z archives: where payloads hide from scanners that open zip alone.
//!
//! The crate sevenz-rust2 imports JavaScript when it is built for WebAssembly, which the sandbox refuses; so the
//! headers are read here and the streams decoded by the crates that decode them elsewhere.

mod headers;

use crate::bytes::{Broken, ReadAt, Window};
use crate::container::{self, Budget};
use crate::model::{Danger, Model, Unread};
use crate::wrapped::{MAX_DICTIONARY, Source, drain, inflate};
use headers::{Coder, Folder, Header};
use std::io::Read;

/// A header is read up to here.
const MAX_HEADER: u64 = 8 << 20;

/// Reads the members.
pub fn read(bytes: &dyn ReadAt, budget: &Budget) -> Model {
    let mut model = Model::new("7z");
    model.is_judged = true;
    match header(bytes, budget) {
        Ok(header) => members(bytes, &header, budget, &mut model),
        Err(Stop::Broken(broken)) => model.broken(broken.why.into_owned(), broken.at),
        Err(Stop::Unsupported(what)) => model.unread.push(Unread::Unsupported(what)),
    }
    model
}

enum Stop {
    Broken(Broken),
    Unsupported(String),
}

impl From<Broken> for Stop {
    fn from(broken: Broken) -> Self {
        Self::Broken(broken)
    }
}

fn header(bytes: &dyn ReadAt, budget: &Budget) -> Result<Header, Stop> {
    let start = bytes.read_at(12, 16);
    let number = |at: usize| {
        let part: [u8; 8] = start.get(at..at + 8)?.try_into().ok()?;
        Some(u64::from_le_bytes(part))
    };
    let (offset, size) = number(0).zip(number(8)).ok_or_else(|| Broken::new(0, "the archive ends early"))?;
    let at = offset.saturating_add(32);
    if size == 0 || size > MAX_HEADER || at.saturating_add(size) > bytes.size() {
        return Err(Broken::new(12, "the directory is not where the archive says").into());
    }
    let mut raw = bytes.read_at(at, size as usize);
    // A header may be packed, and that one again; four times is more than anybody does.
    for _ in 0..4 {
        match headers::parse(&raw)? {
            headers::Parsed::Plain(header) => return Ok(header),
            headers::Parsed::Packed(streams) => {
                let folder = streams
                    .folders
                    .first()
                    .ok_or_else(|| Broken::new(at, "a packed directory has no stream"))?;
                let at = streams.pack_offset.saturating_add(32);
                let window = Window::new(bytes, at, streams.pack_sizes.first().copied().unwrap_or(0));
                let (unpacked, is_whole) =
                    decode(&window, folder, (MAX_HEADER as usize).min(budget.bytes()))?;
                budget.spend(unpacked.len());
                if !is_whole && unpacked.is_empty() {
                    return Err(Broken::new(at, "a packed directory cannot be read").into());
                }
                raw = unpacked;
            }
        }
    }
    Err(Broken::new(at, "the directory is packed too often").into())
}

fn members(bytes: &dyn ReadAt, header: &Header, budget: &Budget, model: &mut Model) {
    for name in &header.names {
        if container::leaves_folder(name) {
            model.flag(Danger::Unsafe, "member-path-traversal", name, 0);
        }
    }
    let mut files = header
        .names
        .iter()
        .enumerate()
        .filter(|(at, _)| !header.empty.get(*at).copied().unwrap_or(false))
        .map(|(_, name)| name);
    let mut at = header.streams.pack_offset.saturating_add(32);
    let mut packs = header.streams.pack_sizes.iter();
    for (folder, sizes) in header.streams.folders.iter().zip(&header.streams.sizes) {
        let packed: u64 = packs.by_ref().take(folder.packed_streams.max(1)).sum();
        let window = Window::new(bytes, at, packed);
        at = at.saturating_add(packed);
        let most = budget.bytes();
        let decoded = decode(&window, folder, most);
        let (content, is_whole) = match decoded {
            Ok(decoded) => decoded,
            Err(Stop::Unsupported(what)) => {
                model.unread.push(Unread::Unsupported(what));
                files.by_ref().take(sizes.len()).for_each(|_| {});
                continue;
            }
            Err(Stop::Broken(broken)) => {
                model.broken(broken.why.into_owned(), broken.at);
                (vec![], true)
            }
        };
        budget.spend(content.len());
        let mut start = 0usize;
        for size in sizes {
            let Some(name) = files.next() else { break };
            let wanted = usize::try_from(*size).unwrap_or(usize::MAX);
            let end = start.saturating_add(wanted);
            let part =
                content.get(start.min(content.len())..end.min(content.len())).unwrap_or_default().to_vec();
            let is_cut = part.len() < wanted;
            if !part.is_empty() {
                let cut = (is_cut && content.len() >= most).then_some(most as u64);
                container::look_cut(name, &part, cut, budget, model);
            }
            if is_cut && is_whole && model.flags.is_empty() {
                model.flag(Danger::Suspicious, "member-not-inflatable", name, 0);
            }
            start = end;
        }
    }
}

/// The content of a folder, up to `most` bytes, and whether it decoded without an error.
fn decode(packed: &Window<'_>, folder: &Folder, most: usize) -> Result<(Vec<u8>, bool), Stop> {
    let Some(chain) = folder.chain() else {
        return Err(Stop::Unsupported("a part of the 7z archive passes filters that are not undone".into()));
    };
    let most = most.min(usize::try_from(folder.size).unwrap_or(usize::MAX));
    let mut reader: Box<dyn Read + '_> = Box::new(Source::new(packed));
    for (coder, size) in chain {
        reader = match coder {
            Coder::Copy => reader,
            Coder::Lzma(props, dictionary) => {
                fits(*dictionary)?;
                let decoder = lzma_rust2::LzmaReader::new_with_props(reader, size, *props, *dictionary, None);
                let decoder = decoder.map_err(|error| {
                    Stop::Unsupported(format!("a part of the 7z archive is not read: {error}"))
                })?;
                Box::new(decoder)
            }
            Coder::Lzma2(bits) => {
                let dictionary =
                    if *bits >= 40 { u32::MAX } else { (2 | u32::from(bits & 1)) << (bits / 2 + 11) };
                fits(dictionary)?;
                Box::new(lzma_rust2::Lzma2Reader::new(reader, dictionary, None))
            }
            Coder::Deflate => {
                let mut all = vec![];
                let _ = reader.take(MAX_PACKED).read_to_end(&mut all);
                Box::new(std::io::Cursor::new(inflate(&all, 0, most).bytes))
            }
            Coder::Bzip2 => Box::new(bzip2::read::BzDecoder::new(reader)),
            Coder::Jumps => Box::new(lzma_rust2::filter::bcj::BcjReader::new_x86(reader, 0)),
            Coder::Delta(distance) => {
                Box::new(lzma_rust2::filter::delta::DeltaReader::new(reader, usize::from(*distance) + 1))
            }
            Coder::Other(id) => {
                return Err(Stop::Unsupported(format!(
                    "a part of the 7z archive is packed by method {id:x}"
                )));
            }
        };
    }
    Ok(drain(reader, most))
}

/// A deflated part is read up to here.
const MAX_PACKED: u64 = 32 << 20;

fn fits(dictionary: u32) -> Result<(), Stop> {
    if dictionary > MAX_DICTIONARY << 10 {
        return Err(Stop::Unsupported("the dictionary of a 7z archive is larger than 80 MiB".into()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::format;
    use proptest::prelude::*;

    /// One stored member of that name.
    fn archive(name: &str, content: &[u8]) -> Vec<u8> {
        let name: Vec<u8> = name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
        let len = content.len() as u8;
        let streams = [0x04, 0x06, 0, 1, 0x09, len, 0, 0x07, 0x0b, 1, 0, 1, 1, 0, 0x0c, len, 0, 0x08, 0, 0];
        let files = [&[0x05, 1, 0x11, name.len() as u8 + 1, 0][..], &name, &[0, 0]].concat();
        let header = [&[1][..], &streams, &files].concat();
        let mut out = b"7z\xbc\xaf\x27\x1c\0\x04\0\0\0\0".to_vec();
        out.extend(u64::from(len).to_le_bytes());
        out.extend((header.len() as u64).to_le_bytes());
        out.extend([0; 4]);
        out.extend(content);
        out.extend(header);
        out
    }

    const PAYLOAD: &[u8] = b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x04true\x85R.";

    #[test]
    fn members() {
        let model = format::read(&archive("a/data.pkl", PAYLOAD));
        assert_eq!((model.format, model.verdict()), ("7z", Some("unsafe")), "{:?}", model.unread);
        assert_eq!(model.flags[0].member.as_deref(), Some("a/data.pkl"));
        assert_eq!(format::read(&archive("a.txt", b"hello")).verdict(), Some("benign"));
        assert_eq!(format::read(&archive("../a", b"hello")).verdict(), Some("unsafe"));
    }

    proptest! {
        #[test]
        fn mutations_do_not_panic(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let mut bytes = archive("a.pkl", PAYLOAD);
            let at = at.index(bytes.len());
            bytes[at] = byte;
            format::read(&bytes);
        }

        #[test]
        fn nothing_panics(tail in proptest::collection::vec(any::<u8>(), 0..200)) {
            format::read(&[&b"7z\xbc\xaf\x27\x1c\0\x04"[..], &tail].concat());
        }
    }
}
