//! What differs between operating systems: the identity of a file and opening one without surprises.
//!
//! Linux today; macOS and Windows are additions to this file.

use cap_std::fs::{Dir, File, OpenOptions, OpenOptionsExt as _};
use rustix::fs::{AtFlags, OFlags, Stat as RawStat};
use std::ffi::OsStr;
use std::io;
use std::os::fd::AsFd;

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
        match rustix::fs::FileType::from_raw_mode(raw.st_mode) {
            rustix::fs::FileType::RegularFile => Ok(Self::from_raw(&raw)),
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

    /// Whether it was changed so shortly before `now_ns` that a later change could look the same.
    pub(crate) fn is_fresh(&self, now_ns: i64, window_ns: i64) -> bool {
        self.mtime_ns.max(self.ctime_ns) > now_ns.saturating_sub(window_ns)
    }
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

    /// Reads the first `len` bytes of a file. With `text_only` it stops after the first block if that is not text.
    /// False: the file is shorter.
    pub(crate) fn fill(&mut self, file: &File, len: usize, text_only: bool) -> io::Result<bool> {
        self.len = 0;
        if self.bytes.len() < len {
            // Grown in large steps, so that the zeroing is not repeated for every file.
            self.bytes.resize(len.next_power_of_two().max(64 << 10), 0);
        }
        let first = if text_only { len.min(TEXT_PROBE_BYTES) } else { len };
        self.len = read_at(file, &mut self.bytes[..first], 0)?;
        if self.len < first || first == len || !is_text(self.bytes()) {
            return Ok(self.len >= first);
        }
        self.len += read_at(file, &mut self.bytes[first..len], first as u64)?;
        Ok(self.len == len)
    }
}

/// A file with a NUL byte in its first so many bytes is not text.
pub(crate) const TEXT_PROBE_BYTES: usize = 8 << 10;

/// Whether literals and regexes apply to this content.
pub(crate) fn is_text(content: &[u8]) -> bool {
    memchr::memchr(0, &content[..content.len().min(TEXT_PROBE_BYTES)]).is_none()
}
