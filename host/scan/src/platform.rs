//! What differs between operating systems: the identity of a file and opening one without surprises.
//!
//! Linux today; macOS and Windows are additions to this file.

use cap_std::fs::{Dir, File, OpenOptions, OpenOptionsExt as _};
use rustix::fs::{AtFlags, FileType, OFlags, RawDir, Stat as RawStat};
use std::ffi::OsStr;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt as _;

/// What tells that a file is still the file it was: if all of it is equal, the content is taken to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct FileIdentity {
    pub(crate) size: u64,
    pub(crate) mtime_ns: i64,
    pub(crate) ctime_ns: i64,
    pub(crate) inode: u64,
    pub(crate) device: u64,
}

impl FileIdentity {
    /// Of an entry of an open directory, links not followed. One system call.
    pub(crate) fn of_entry(dir: &Dir, name: &OsStr) -> io::Result<Self> {
        Ok(Self::from_raw(&rustix::fs::statat(dir.as_fd(), name, AtFlags::SYMLINK_NOFOLLOW)?))
    }

    /// Of an open file; an error if it is not a regular one.
    pub(crate) fn of_file(file: &File) -> io::Result<Self> {
        let raw = rustix::fs::fstat(file.as_fd())?;
        match FileType::from_raw_mode(raw.st_mode) {
            FileType::RegularFile => Ok(Self::from_raw(&raw)),
            _ => Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no longer a regular file")),
        }
    }

    fn from_raw(raw: &RawStat) -> Self {
        let nanos = |seconds: i64, nanos: i64| seconds.saturating_mul(1_000_000_000).saturating_add(nanos);
        Self {
            size: u64::try_from(raw.st_size).unwrap_or(0),
            mtime_ns: nanos(raw.st_mtime, raw.st_mtime_nsec as i64),
            ctime_ns: nanos(raw.st_ctime, raw.st_ctime_nsec as i64),
            inode: raw.st_ino,
            device: raw.st_dev,
        }
    }

    /// Appends all of it.
    pub(crate) fn write_to(&self, out: &mut Vec<u8>) {
        for number in [self.size, self.mtime_ns as u64, self.ctime_ns as u64, self.inode, self.device] {
            out.extend_from_slice(&number.to_le_bytes());
        }
    }

    /// When anything of it was last changed.
    pub(crate) fn changed_ns(&self) -> i64 {
        self.mtime_ns.max(self.ctime_ns)
    }

    /// Whether it was changed so shortly before `now_ns` that a later change could look the same.
    pub(crate) fn is_fresh(&self, now_ns: i64, window_ns: i64) -> bool {
        self.changed_ns() > now_ns.saturating_sub(window_ns)
    }
}

/// What an entry of a folder is, without following it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EntryKind {
    File,
    Folder,
    Link,
    Special,
}

/// An entry of a folder.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry<'a> {
    pub(crate) name: &'a OsStr,
    pub(crate) kind: EntryKind,
}

/// The entries of one folder, in memory that is used again for the next.
#[derive(Debug, Default)]
pub(crate) struct FolderListing {
    buffer: Vec<MaybeUninit<u8>>,
    names: Vec<u8>,
    /// Where each name ends.
    entries: Vec<(usize, EntryKind)>,
}

impl FolderListing {
    /// Lists a folder that [`open_folder`] opened and nobody listed yet, in the order that the system gives.
    pub(crate) fn read(&mut self, dir: &Dir) -> io::Result<()> {
        self.names.clear();
        self.entries.clear();
        self.buffer.resize(32 << 10, MaybeUninit::uninit());
        let mut raw = RawDir::new(dir.as_fd(), &mut self.buffer);
        while let Some(entry) = raw.next() {
            let entry = entry?;
            let name = entry.file_name();
            if matches!(name.to_bytes(), b"." | b"..") {
                continue;
            }
            let kind = match entry.file_type() {
                FileType::Unknown => {
                    let stat = rustix::fs::statat(dir.as_fd(), name, AtFlags::SYMLINK_NOFOLLOW)?;
                    FileType::from_raw_mode(stat.st_mode)
                }
                known => known,
            };
            self.names.extend_from_slice(name.to_bytes());
            let kind = match kind {
                FileType::RegularFile => EntryKind::File,
                FileType::Directory => EntryKind::Folder,
                FileType::Symlink => EntryKind::Link,
                _ => EntryKind::Special,
            };
            self.entries.push((self.names.len(), kind));
        }
        Ok(())
    }

    /// What was listed.
    pub(crate) fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        let mut start = 0;
        self.entries.iter().map(move |(end, kind)| {
            let name = OsStr::from_bytes(&self.names[start..*end]);
            start = *end;
            Entry { name, kind: *kind }
        })
    }
}

/// Opens a folder below `root` (empty: the root itself) so that it can be listed: not through a link as the last
/// component, never out of the root.
pub(crate) fn open_folder(root: &Dir, path: &str) -> io::Result<Dir> {
    let path = if path.is_empty() { "." } else { path };
    let flags = (OFlags::DIRECTORY | OFlags::NOFOLLOW).bits();
    let file = root.open_with(path, OpenOptions::new().read(true).custom_flags(flags as i32))?;
    Ok(Dir::from_std_file(file.into_std()))
}

/// Opens a file below `root` for reading: no link as the last component, never out of the root, and without waiting
/// should it have become a pipe.
pub(crate) fn open_file(root: &Dir, path: &str) -> io::Result<File> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY).bits();
    root.open_with(path, OpenOptions::new().read(true).custom_flags(flags as i32))
}

/// Reads at an offset until `buffer` is full or the file ends; how much was read.
pub(crate) fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match rustix::io::pread(file.as_fd(), &mut buffer[filled..], offset + filled as u64) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(filled)
}

/// A file's bytes in memory that is used again for the next file.
#[derive(Default)]
pub(crate) struct Buffer {
    bytes: Vec<u8>,
    len: usize,
}

impl Buffer {
    /// What was read.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// Reads the first `len` bytes of a file: `first` of them, and the rest if `go_on` says so of those.
    pub(crate) fn fill(
        &mut self,
        file: &File,
        len: usize,
        first: usize,
        go_on: impl FnOnce(&[u8]) -> bool,
    ) -> io::Result<Filled> {
        if self.bytes.len() < len {
            // Grown in large steps, so that the zeroing is not repeated for every file.
            self.bytes.resize(len.next_power_of_two().max(64 << 10), 0);
        }
        let first = first.min(len);
        self.len = read_at(file, &mut self.bytes[..first], 0)?;
        if self.len < first {
            return Ok(Filled::Short);
        }
        if !go_on(self.bytes()) {
            return Ok(Filled::Dismissed);
        }
        self.len += read_at(file, &mut self.bytes[first..len], first as u64)?;
        Ok(if self.len == len { Filled::Full } else { Filled::Short })
    }
}

/// How far [`Buffer::fill`] got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Filled {
    /// All that was asked for.
    Full,
    /// The first bytes showed that nobody wants the rest.
    Dismissed,
    /// The file is shorter than it said.
    Short,
}

/// A file with a NUL byte in its first so many bytes is not text.
pub(crate) const TEXT_PROBE_BYTES: usize = 8 << 10;

/// Whether literals and regexes apply to this content.
pub(crate) fn is_text(content: &[u8]) -> bool {
    memchr::memchr(0, &content[..content.len().min(TEXT_PROBE_BYTES)]).is_none()
}
