//! ZIP archives by ranges: the directory, and each member's own header beside it.
//!
//! `rawzip` reads the directory through positioned reads, as a blob gives them, and does not believe it; the `zip`
//! crate wants a file to seek in and hides the local headers, whose disagreement with the directory is how payloads
//! are hidden from scanners.

use crate::bytes::{Broken, Cursor, ReadAt, Window};
use crate::container::leaves_folder;
use crate::model::{Danger, Flags};
use crate::wrapped::inflate;
use rawzip::{ReaderAt, ZipArchive, ZipLocator};
use std::collections::HashSet;

/// Members that are looked at.
const MAX_MEMBERS: usize = 20_000;
/// A member's checksum is compared up to here.
const MAX_CHECKED: u64 = 4 << 20;

/// A file in an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// As the directory spells it.
    pub name: String,
    /// Uncompressed.
    pub size: u64,
    compressed: u64,
    is_stored: bool,
    is_deflated: bool,
    crc: u32,
    /// Of its own header.
    header: u64,
    start: u64,
}

impl Member {
    /// Whether it inflates to hundreds of times its size: deflate can, weights do not.
    pub fn is_bomb(&self) -> bool {
        self.size / 200 > self.compressed
    }
}

/// An archive's directory.
#[derive(Debug, Default)]
pub struct Archive {
    /// In the directory's order.
    pub members: Vec<Member>,
    /// Disagreements and traps.
    pub flags: Flags,
    /// There are more than are listed.
    pub is_cut: bool,
    /// Names so far, in lower case.
    names: HashSet<String>,
}

/// A member's bytes.
#[derive(Debug)]
pub enum Content<'a> {
    /// Where they stand in the archive.
    Stored(Window<'a>),
    /// Inflated, perhaps not to the end.
    Inflated(Vec<u8>),
}

impl ReadAt for Content<'_> {
    fn size(&self) -> u64 {
        match self {
            Self::Stored(window) => window.size(),
            Self::Inflated(bytes) => bytes.size(),
        }
    }
    fn read_at(&self, offset: u64, len: usize) -> Vec<u8> {
        match self {
            Self::Stored(window) => window.read_at(offset, len),
            Self::Inflated(bytes) => ReadAt::read_at(bytes, offset, len),
        }
    }
}

impl Content<'_> {
    /// How many bytes were made of fewer.
    pub fn cost(&self) -> usize {
        match self {
            Self::Stored(_) => 0,
            Self::Inflated(bytes) => bytes.len(),
        }
    }
}

struct Adapter<'a>(&'a dyn ReadAt);

impl ReaderAt for Adapter<'_> {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> std::io::Result<usize> {
        let bytes = self.0.read_at(offset, buf.len());
        let len = bytes.len().min(buf.len());
        buf[..len].copy_from_slice(&bytes[..len]);
        Ok(len)
    }
}

impl Archive {
    /// Reads the directory, or the members' own headers where there is none.
    pub fn open(bytes: &dyn ReadAt) -> Result<Self, Broken> {
        let mut buffer = vec![0; 64 << 10];
        let mut found = Self::default();
        let located = ZipLocator::new().locate_in_reader(Adapter(bytes), &mut buffer, bytes.size());
        let listed = match &located {
            Ok(archive) => found.list(archive, bytes, &mut buffer),
            Err((_, error)) => Err(Broken::new(0, format!("the archive has no directory: {error}"))),
        };
        let directory = located.as_ref().map_or(bytes.size(), |archive| archive.directory_offset());
        if let Err(broken) = listed {
            found.flag("broken-directory", broken.why.clone(), broken.at);
            if found.members.is_empty() && !found.hidden(0, bytes.size(), bytes) {
                return Err(broken);
            }
        } else {
            found.gaps(directory, bytes);
        }
        Ok(found)
    }

    /// Bytes that no member of the directory owns: in front, or between two members.
    fn gaps(&mut self, directory: u64, bytes: &dyn ReadAt) {
        let mut places: Vec<(u64, u64)> = self
            .members
            .iter()
            .map(|member| (member.header, member.start.saturating_add(member.compressed)))
            .collect();
        places.sort_unstable();
        let mut at = 0;
        for (header, end) in places.into_iter().chain([(directory, directory)]) {
            if header > at && at == 0 && !is_program(bytes) {
                self.flag("prefix-bytes", format!("{header} bytes in front of the archive"), 0);
            }
            // Behind a member there may be a descriptor of 12 to 24 bytes, and padding.
            if header >= at.saturating_add(30) && at > 0 {
                self.hidden(at, header, bytes);
            }
            at = at.max(end);
        }
    }

    /// Members that stand in the file and not in its directory.
    fn hidden(&mut self, from: u64, to: u64, bytes: &dyn ReadAt) -> bool {
        let mut at = from;
        let mut has_any = false;
        while at < to && self.members.len() < MAX_MEMBERS {
            let block = bytes.read_at(at, (to - at).min(64 << 10) as usize);
            let Some(offset) = block.windows(4).position(|window| window == b"PK\x03\x04") else { break };
            at += offset as u64;
            let Ok(local) = Local::read(bytes, at) else { break };
            has_any = true;
            self.flag("hidden-member", &local.name, at);
            let compressed = if local.compressed > 0 { local.compressed } else { to - local.start.min(to) };
            let member = Member {
                name: local.name,
                size: local.size.max(1),
                compressed,
                is_stored: local.method == 0,
                is_deflated: local.method == 8,
                crc: local.crc,
                header: at,
                start: local.start,
            };
            at = member.start.saturating_add(if local.compressed > 0 { compressed } else { 0 }).max(at + 4);
            self.members.push(member);
        }
        has_any
    }

    fn list(
        &mut self,
        archive: &ZipArchive<Adapter<'_>>,
        bytes: &dyn ReadAt,
        buffer: &mut [u8],
    ) -> Result<(), Broken> {
        let mut entries = archive.entries(buffer);
        loop {
            let entry = match entries.next_entry() {
                Ok(Some(entry)) => entry,
                Ok(None) => return Ok(()),
                Err(error) => {
                    return Err(Broken::new(
                        archive.directory_offset(),
                        format!("the directory is broken: {error}"),
                    ));
                }
            };
            if self.members.len() >= MAX_MEMBERS {
                self.is_cut = true;
                return Ok(());
            }
            let name = String::from_utf8_lossy(entry.file_path().as_bytes()).into_owned();
            let method = entry.compression_method().as_u16();
            let header = entry.local_header_offset();
            let member = Member {
                size: entry.uncompressed_size_hint(),
                compressed: entry.compressed_size_hint(),
                is_stored: method == 0,
                is_deflated: method == 8,
                crc: entry.crc32(),
                header,
                start: 0,
                name,
            };
            let flags = entry.flags().bits();
            self.member(member, method, flags, header, bytes);
        }
    }

    fn member(&mut self, mut member: Member, method: u16, flags: u16, header: u64, bytes: &dyn ReadAt) {
        let name = member.name.clone();
        if leaves_folder(&name) {
            self.flags.add(Danger::Unsafe, "member-path-traversal", &name, header);
        }
        if flags & 0x61 != 0 {
            self.flag("encrypted-or-patched-member", &name, header);
        }
        if self.names.len() < MAX_MEMBERS && !self.names.insert(name.to_lowercase()) {
            self.flag("duplicate-member", &name, header);
        }
        match Local::read(bytes, header) {
            Ok(local) => {
                member.start = local.start;
                if local.name != name {
                    self.flag("member-name-differs", format!("{name} / {}", local.name), header);
                }
                if local.method != method {
                    self.flag("member-method-differs", &name, header);
                }
                // Bit 3: what is 0 here stands behind the content; writers leave it at 0 without saying so, too.
                let differs =
                    |local: u64, listed: u64| local != 0 && local != u64::from(u32::MAX) && local != listed;
                if differs(local.size, member.size) || differs(local.compressed, member.compressed) {
                    self.flag("member-size-differs", &name, header);
                }
                if differs(local.crc.into(), member.crc.into()) {
                    self.flag("member-crc-differs", &name, header);
                }
            }
            Err(broken) => {
                self.flag("broken-member", format!("{name}: {}", broken.why), broken.at);
                return;
            }
        }
        self.members.push(member);
    }

    fn flag(&mut self, technique: &'static str, what: impl Into<String>, at: u64) {
        self.flags.add(Danger::Suspicious, technique, what, at);
    }

    /// The first member whose name ends so, whole segments.
    pub fn find(&self, end: &str) -> Option<&Member> {
        self.members.iter().find(|member| ends_with(&member.name, end))
    }

    /// A member's bytes, at most `most` of a compressed one, and what is wrong with them.
    pub fn content<'a>(
        &self,
        member: &Member,
        bytes: &'a dyn ReadAt,
        most: usize,
    ) -> (Option<Content<'a>>, Option<&'static str>) {
        let window = Window::new(bytes, member.start, member.compressed);
        let (content, mut wrong) = if member.is_stored {
            (Content::Stored(window), None)
        } else if member.is_deflated {
            let inflated = inflate(&window, 0, most);
            let wrong = (!inflated.is_whole).then_some("member-not-inflatable");
            (Content::Inflated(inflated.bytes), wrong)
        } else {
            return (None, Some("member-method-unknown"));
        };
        if wrong.is_none() && content.size() <= MAX_CHECKED && content.size() >= member.size {
            let all = content.read_at(0, MAX_CHECKED as usize);
            if rawzip::crc32(&all) != member.crc {
                wrong = Some("member-crc-differs");
            }
        }
        (Some(content), wrong)
    }

    /// The first bytes of a member.
    pub fn peek(&self, member: &Member, bytes: &dyn ReadAt, len: usize) -> Vec<u8> {
        let window = Window::new(bytes, member.start, member.compressed);
        if member.is_stored { window.read_at(0, len) } else { inflate(&window, 0, len).bytes }
    }
}

/// Whether the file is a program that carries an archive behind it.
fn is_program(bytes: &dyn ReadAt) -> bool {
    let head = bytes.read_at(0, 4);
    head.starts_with(b"MZ") || head.starts_with(b"\x7fELF") || head.starts_with(b"#!")
}

/// Whether a member's name is `end`, or ends with it behind a slash.
pub fn ends_with(name: &str, end: &str) -> bool {
    name.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
}

struct Local {
    name: String,
    method: u16,
    crc: u32,
    compressed: u64,
    size: u64,
    start: u64,
}

impl Local {
    fn read(bytes: &dyn ReadAt, at: u64) -> Result<Self, Broken> {
        let mut cursor = Cursor::new(bytes, at);
        if cursor.array()? != *b"PK\x03\x04" {
            return Err(Broken::new(at, "there is no member at its place"));
        }
        cursor.skip(4)?;
        let method = cursor.u16()?;
        cursor.skip(4)?;
        let (crc, compressed, size) = (cursor.u32()?, cursor.u32()?, cursor.u32()?);
        let (name, extra) = (cursor.u16()?, cursor.u16()?);
        let name = String::from_utf8_lossy(cursor.take(name.into())?).into_owned();
        cursor.skip(extra.into())?;
        Ok(Self { name, method, crc, compressed: compressed.into(), size: size.into(), start: cursor.at() })
    }
}
