//! ZIP archives by ranges: the directory, and each member's own header beside it.
//!
//! `rawzip` reads the directory through positioned reads, as a blob gives them, and does not believe it; the `zip`
//! crate wants a file to seek in and hides the local headers, whose disagreement with the directory is how payloads
//! are hidden from scanners.

use crate::bytes::{Broken, Cursor, ReadAt, Window};
use crate::model::{Danger, Flag};
use rawzip::{ReaderAt, ZipArchive, ZipLocator};

/// Members that are looked at.
const MAX_MEMBERS: usize = 20_000;
/// A member is inflated up to here.
const MAX_INFLATED: usize = 32 << 20;
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
    start: u64,
}

/// An archive's directory.
#[derive(Debug, Default)]
pub struct Archive {
    /// In the directory's order.
    pub members: Vec<Member>,
    /// Disagreements and traps.
    pub flags: Vec<Flag>,
    /// There are more than are listed.
    pub is_cut: bool,
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
    /// Reads the directory.
    pub fn open(bytes: &dyn ReadAt) -> Result<Self, Broken> {
        let mut buffer = vec![0; 64 << 10];
        let archive = ZipLocator::new()
            .locate_in_reader(Adapter(bytes), &mut buffer, bytes.size())
            .map_err(|(_, error)| Broken::new(0, format!("the archive has no directory: {error}")))?;
        let mut found = Self::default();
        if let Err(broken) = found.list(&archive, bytes, &mut buffer) {
            if found.members.is_empty() {
                return Err(broken);
            }
            found.flag("broken-directory", broken.why, broken.at);
        }
        Ok(found)
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
                start: 0,
                name,
            };
            let flags = entry.flags().bits();
            self.member(member, method, flags, header, bytes);
        }
    }

    fn member(&mut self, mut member: Member, method: u16, flags: u16, header: u64, bytes: &dyn ReadAt) {
        let name = member.name.clone();
        if name.starts_with(['/', '\\'])
            || name.split(['/', '\\']).any(|part| part == "..")
            || name.as_bytes().get(1) == Some(&b':')
        {
            self.danger(Danger::Unsafe, "member-path-traversal", &name, header);
        }
        if flags & 0x61 != 0 {
            self.flag("encrypted-or-patched-member", &name, header);
        }
        if self.members.iter().rev().take(64).any(|other| other.name == name) {
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
            }
            Err(broken) => {
                self.flag("broken-member", format!("{name}: {}", broken.why), broken.at);
                return;
            }
        }
        self.members.push(member);
    }

    fn flag(&mut self, technique: &'static str, what: impl Into<String>, at: u64) {
        self.danger(Danger::Suspicious, technique, what, at);
    }

    fn danger(&mut self, danger: Danger, technique: &'static str, what: impl Into<String>, at: u64) {
        if self.flags.len() < 64 {
            self.flags.push(Flag { danger, technique, what: what.into(), at, member: None });
        }
    }

    /// The first member whose name ends so, whole segments.
    pub fn find(&self, end: &str) -> Option<&Member> {
        self.members.iter().find(|member| ends_with(&member.name, end))
    }

    /// A member's bytes, and what is wrong with them.
    pub fn content<'a>(
        &self,
        member: &Member,
        bytes: &'a dyn ReadAt,
    ) -> (Option<Content<'a>>, Option<&'static str>) {
        let window = Window::new(bytes, member.start, member.compressed);
        let (content, mut wrong) = if member.is_stored {
            (Content::Stored(window), None)
        } else if member.is_deflated {
            let packed = window.read_at(0, MAX_INFLATED);
            match miniz_oxide::inflate::decompress_to_vec_with_limit(&packed, MAX_INFLATED) {
                Ok(bytes) => (Content::Inflated(bytes), None),
                Err(failed) => (Content::Inflated(failed.output), Some("member-not-inflatable")),
            }
        } else {
            return (None, Some("member-method-unknown"));
        };
        if wrong.is_none() && content.size() <= MAX_CHECKED {
            let all = content.read_at(0, MAX_CHECKED as usize);
            if rawzip::crc32(&all) != member.crc {
                wrong = Some("member-crc-differs");
            }
        }
        (Some(content), wrong)
    }
}

/// Whether a member's name is `end`, or ends with it behind a slash.
pub fn ends_with(name: &str, end: &str) -> bool {
    name.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
}

struct Local {
    name: String,
    method: u16,
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
        cursor.skip(16)?;
        let (name, extra) = (cursor.u16()?, cursor.u16()?);
        let name = String::from_utf8_lossy(cursor.take(name.into())?).into_owned();
        cursor.skip(extra.into())?;
        Ok(Self { name, method, start: cursor.at() })
    }
}
