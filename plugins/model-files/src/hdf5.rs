//! HDF5 by ranges: names, shapes, attributes, and what points out of the file.
//!
//! The crates that read HDF5 (hdf5-reader, hdf5-pure) want a storage that threads share, which a blob of the sandbox is
//! not, or the whole file. Of the format only object headers matter here: no chunk, filter or B-tree of data is read.

mod messages;

use crate::bytes::{Broken, Cursor, ReadAt};
use messages::{Found, Target};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Where a superblock may stand.
const PLACES: &[u64] = &[0, 512, 1024, 2048, 4096, 8192];
const SIGNATURE: &[u8] = b"\x89HDF\r\n\x1a\n";
/// Groups and datasets that are visited.
const MAX_OBJECTS: usize = 50_000;
/// Messages of one object.
const MAX_MESSAGES: usize = 4096;
/// Nodes of the tree of one group.
const MAX_NODES: usize = 4096;
/// An attribute's text is read up to here.
const MAX_TEXT: u64 = 8 << 20;

/// A file as far as its headers say.
#[derive(Debug, Default)]
pub struct Hdf5 {
    /// Texts of attributes: `path@name`.
    pub attributes: BTreeMap<String, String>,
    /// Path, type and shape of each dataset.
    pub datasets: Vec<(String, String, Vec<u64>)>,
    /// Where something leads out of the file: how, and to what.
    pub outside: Vec<(&'static str, String)>,
    /// What was not read.
    pub unread: Vec<String>,
}

/// Where the superblock stands, behind a user block of somebody else's bytes.
pub fn superblock(bytes: &dyn ReadAt) -> Option<u64> {
    PLACES.iter().copied().find(|at| bytes.read_at(*at, 8) == SIGNATURE)
}

/// Reads the headers.
pub fn read(bytes: &dyn ReadAt) -> Result<Hdf5, Broken> {
    let start = superblock(bytes).ok_or_else(|| Broken::new(0, "there is no superblock"))?;
    let mut cursor = Cursor::new(bytes, start + 8);
    let version = cursor.byte()?;
    let (offset_size, length_size);
    let root;
    let mut reader;
    if version < 2 {
        cursor.skip(4)?;
        (offset_size, length_size) = (cursor.byte()?, cursor.byte()?);
        cursor.skip(if version == 1 { 13 } else { 9 })?;
        reader = Reader::new(bytes, offset_size, length_size)?;
        reader.base = reader.offset(&mut cursor)?;
        cursor.skip(u64::from(offset_size) * 4)?;
        root = reader.offset(&mut cursor)?;
    } else {
        (offset_size, length_size) = (cursor.byte()?, cursor.byte()?);
        cursor.skip(1)?;
        reader = Reader::new(bytes, offset_size, length_size)?;
        reader.base = reader.offset(&mut cursor)?;
        cursor.skip(u64::from(offset_size) * 2)?;
        root = reader.offset(&mut cursor)?;
    }
    // Addresses count from the superblock's base; old files say 0 behind a user block.
    if reader.base == 0 {
        reader.base = start;
    }
    let mut hdf5 = Hdf5::default();
    reader.walk(root, &mut hdf5)?;
    Ok(hdf5)
}

/// Reads numbers of the file's own widths.
struct Reader<'a> {
    bytes: &'a dyn ReadAt,
    base: u64,
    offset_size: u8,
    length_size: u8,
}

impl<'a> Reader<'a> {
    fn new(bytes: &'a dyn ReadAt, offset_size: u8, length_size: u8) -> Result<Self, Broken> {
        if ![2, 4, 8].contains(&offset_size) || ![2, 4, 8].contains(&length_size) {
            return Err(Broken::new(0, "addresses have an impossible size"));
        }
        Ok(Self { bytes, base: 0, offset_size, length_size })
    }

    fn number(&self, cursor: &mut Cursor<'_>, size: u8) -> Result<u64, Broken> {
        let bytes = cursor.take(size.into())?;
        Ok(bytes.iter().rev().fold(0, |all, byte| all << 8 | u64::from(*byte)))
    }
    fn offset(&self, cursor: &mut Cursor<'_>) -> Result<u64, Broken> {
        self.number(cursor, self.offset_size)
    }
    fn length(&self, cursor: &mut Cursor<'_>) -> Result<u64, Broken> {
        self.number(cursor, self.length_size)
    }

    /// A cursor at an address.
    fn at(&self, address: u64) -> Cursor<'a> {
        Cursor::new(self.bytes, self.base.saturating_add(address))
    }

    fn walk(&self, root: u64, hdf5: &mut Hdf5) -> Result<(), Broken> {
        let mut seen = BTreeSet::from([root]);
        let mut open = VecDeque::from([(String::new(), root)]);
        while let Some((path, address)) = open.pop_front() {
            let object = match self.object(address) {
                Ok(object) => object,
                // A broken leaf is a note, a broken root is a broken file.
                Err(broken) if path.is_empty() => return Err(broken),
                Err(broken) => {
                    hdf5.unread.push(format!("{path}: {}", broken.why));
                    continue;
                }
            };
            for (name, text) in object.attributes {
                if hdf5.attributes.len() < MAX_OBJECTS {
                    hdf5.attributes.insert(format!("{path}@{name}"), text);
                }
            }
            hdf5.outside.extend(object.outside.into_iter().map(|(how, what)| {
                let what = if what.is_empty() { path.clone() } else { what };
                (how, what)
            }));
            hdf5.unread.extend(object.unread.map(|what| format!("{path}: {what}")));
            if let (Some(shape), Some(dtype)) = (object.shape, object.dtype)
                && object.has_layout
            {
                hdf5.datasets.push((path.clone(), dtype, shape));
            }
            for (name, target) in object.links {
                match target {
                    Target::Object(address) if seen.len() < MAX_OBJECTS => {
                        if seen.insert(address) {
                            open.push_back((format!("{path}/{name}"), address));
                        }
                    }
                    Target::Object(_) => {
                        hdf5.unread.push("more objects than are visited".into());
                        return Ok(());
                    }
                    Target::External(file) => hdf5.outside.push(("external-link", file)),
                }
            }
            hdf5.outside.truncate(256);
            hdf5.unread.truncate(16);
        }
        Ok(())
    }

    /// Everything that one object's header says.
    fn object(&self, address: u64) -> Result<Found, Broken> {
        let mut cursor = self.at(address);
        let mut found = Found::default();
        let mut blocks = VecDeque::new();
        let is_new = cursor.peek_at(cursor.at(), 4) == b"OHDR";
        let mut tracks_order = false;
        if is_new {
            cursor.skip(5)?;
            let flags = cursor.byte()?;
            cursor.skip(if flags & 0x20 != 0 { 16 } else { 0 })?;
            cursor.skip(if flags & 0x10 != 0 { 4 } else { 0 })?;
            tracks_order = flags & 4 != 0;
            let size = self.number(&mut cursor, 1 << (flags & 3))?;
            blocks.push_back((cursor.at(), size));
        } else {
            if cursor.byte()? != 1 {
                return Err(cursor.broken("an object has no header"));
            }
            cursor.skip(7)?;
            let size = cursor.u32()?;
            cursor.skip(4)?;
            blocks.push_back((cursor.at(), size.into()));
        }
        let mut count = 0;
        while let Some((start, size)) = blocks.pop_front() {
            let mut cursor = Cursor::new(self.bytes, start).until(start.saturating_add(size));
            let head = if is_new { 4 + 2 * u64::from(tracks_order) } else { 8 };
            while cursor.left() >= head {
                count += 1;
                if count > MAX_MESSAGES {
                    return Err(cursor.broken("an object has too many messages"));
                }
                let kind = if is_new { u16::from(cursor.byte()?) } else { cursor.u16()? };
                let size = cursor.u16()?;
                let flags = cursor.byte()?;
                cursor.skip(if is_new { 2 * u64::from(tracks_order) } else { 3 })?;
                let at = cursor.at();
                cursor.skip(size.into())?;
                let mut message = Cursor::new(self.bytes, at).until(at + u64::from(size));
                match kind {
                    0x10 => {
                        let (next, len) = (self.offset(&mut message)?, self.length(&mut message)?);
                        let next = self.base.saturating_add(next);
                        // The new form frames a block with a signature and a checksum.
                        let frame = if is_new { (4, 8) } else { (0, 0) };
                        blocks.push_back((next.saturating_add(frame.0), len.saturating_sub(frame.1)));
                    }
                    // What is shared with other objects stands elsewhere; only types are, in practice.
                    _ if flags & 2 != 0 => {}
                    0x11 => self.symbols(&mut message, &mut found)?,
                    _ => self.message(kind, &mut message, &mut found)?,
                }
            }
        }
        Ok(found)
    }

    /// The links of a group in the old form: a tree of tables, and a heap of names.
    fn symbols(&self, message: &mut Cursor<'_>, found: &mut Found) -> Result<(), Broken> {
        let (tree, heap) = (self.offset(message)?, self.offset(message)?);
        let mut cursor = self.at(heap);
        if cursor.array()? != *b"HEAP" {
            return Err(cursor.broken("a group has no heap"));
        }
        cursor.skip(4 + 2 * u64::from(self.length_size))?;
        let names = self.offset(&mut cursor)?;
        let mut open = vec![tree];
        let mut n_nodes = 0;
        while let Some(node) = open.pop() {
            n_nodes += 1;
            if n_nodes > MAX_NODES {
                return Err(cursor.broken("a group has too many nodes"));
            }
            let mut cursor = self.at(node);
            match &cursor.array()? {
                b"TREE" => {
                    cursor.skip(2)?;
                    let count = cursor.u16()?;
                    cursor.skip(2 * u64::from(self.offset_size))?;
                    for _ in 0..count {
                        cursor.skip(self.length_size.into())?;
                        open.push(self.offset(&mut cursor)?);
                    }
                }
                b"SNOD" => {
                    cursor.skip(2)?;
                    let count = cursor.u16()?;
                    for _ in 0..count {
                        let name = self.offset(&mut cursor)?;
                        let address = self.offset(&mut cursor)?;
                        let kind = cursor.u32()?;
                        cursor.skip(20)?;
                        let name = self.heap_text(names.saturating_add(name));
                        // 2: a symbolic link, which stays inside.
                        if kind != 2 {
                            found.links.push((name, Target::Object(address)));
                        }
                    }
                }
                _ => return Err(cursor.broken("a group's tree is broken")),
            }
        }
        Ok(())
    }

    fn heap_text(&self, address: u64) -> String {
        let bytes = self.bytes.read_at(self.base.saturating_add(address), 512);
        let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
        String::from_utf8_lossy(&bytes[..end]).into_owned()
    }

    /// An object of a global heap: where texts of any length are kept.
    fn global(&self, address: u64, index: u32) -> Option<Vec<u8>> {
        let mut cursor = self.at(address);
        if cursor.array().ok()? != *b"GCOL" {
            return None;
        }
        cursor.skip(4).ok()?;
        let size = self.length(&mut cursor).ok()?;
        let end = self.base.saturating_add(address).saturating_add(size);
        for _ in 0..4096 {
            if cursor.at() + 16 > end {
                return None;
            }
            let at = cursor.u16().ok()?;
            cursor.skip(6).ok()?;
            let size = self.length(&mut cursor).ok()?;
            if u32::from(at) == index {
                return (size <= MAX_TEXT).then(|| self.bytes.read_at(cursor.at(), size as usize));
            }
            cursor.skip(size.checked_next_multiple_of(8)?).ok()?;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A file of today's form: a root with an attribute, a link to a dataset, and one out of the file.
    fn file() -> Vec<u8> {
        let message = |kind: u8, body: &[u8]| [&[kind, body.len() as u8, 0, 0][..], body].concat();
        let object = |messages: Vec<Vec<u8>>| {
            let body = messages.concat();
            [&b"OHDR\x02\x00"[..], &[body.len() as u8], &body, &[0; 4]].concat()
        };
        let dataset = object(vec![
            message(1, &[2, 1, 0, 1, 5, 0, 0, 0, 0, 0, 0, 0]),
            message(3, &[0x11, 0, 0, 0, 4, 0, 0, 0]),
            message(8, &[3, 1, 0, 0, 0, 0, 0, 0, 0, 0]),
        ]);
        let at = 48 + 20u8;
        let mut head = [SIGNATURE, &[2, 8, 8, 0], &[0; 8], &[0xff; 8], &[0; 8]].concat();
        head.extend([48 + 20 + dataset.len() as u64].iter().flat_map(|number| number.to_le_bytes()));
        head.resize(at.into(), 0);
        let attribute =
            [&[3, 0, 2, 0, 8, 0, 4, 0, 0][..], b"a\0", &[0x13, 0, 0, 0, 2, 0, 0, 0], &[2, 0, 0, 0], b"hi"]
                .concat();
        let root = object(vec![
            message(0x0c, &attribute),
            message(6, &[&[1, 0, 1][..], b"w", &u64::from(at).to_le_bytes()].concat()),
            message(6, &[&[1, 8, 64, 1][..], b"x", &[9, 0, 0], b"out.h5\0\0"].concat()),
        ]);
        [head, dataset, root].concat()
    }

    #[test]
    fn headers() {
        let hdf5 = read(&file()).unwrap();
        assert_eq!(hdf5.attributes.get("@a").map(String::as_str), Some("hi"));
        assert_eq!(hdf5.datasets, [("/w".to_owned(), "F32".to_owned(), vec![5])]);
        assert_eq!(hdf5.outside, [("external-link", "out.h5".to_owned())]);
        let behind = [vec![b'#'; 512], file()].concat();
        assert_eq!(read(&behind).unwrap().datasets.len(), 1);
    }

    proptest! {
        #[test]
        fn mutations_do_not_panic(at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>()) {
            let mut bytes = file();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            let _ = read(&bytes);
            bytes.truncate(cut.index(bytes.len()));
            let _ = read(&bytes);
        }
    }
}
