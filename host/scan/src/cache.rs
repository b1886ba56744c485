//! The report cache: what was answered for which content, so that a rescan costs what changed.
//!
//! One file per source, private, disposable: deleting it loses nothing. It begins with a snapshot, which is all that is
//! read when nothing changed. It is replaced whole (by rename) at the end of a scan, with only what that scan used; a
//! file of another format, or one whose checksum is wrong, is as good as none.

use crate::platform::FileIdentity;
use inventar_model::{Digest, SourceName};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// A larger cache is not written.
const MAX_BYTES: u64 = 512 << 20;
const MAGIC: &[u8; 8] = b"INVCACHE";

/// A key or content digest.
pub(crate) type Key = [u8; 32];

/// What is known of one file that somebody could want.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct FileRecord {
    pub(crate) path: String,
    pub(crate) identity: FileIdentity,
    /// Git ignored it, so that fewer claims applied.
    pub(crate) ignored: bool,
    /// It was changed so shortly before it was read that a later change could have the same identity.
    pub(crate) fresh: bool,
    /// Of the bytes; none for a file that nobody was asked about, or that was not read whole.
    pub(crate) content: Option<Key>,
    /// Per detector that has a claim on the path or pulled the file.
    pub(crate) states: Vec<State>,
    /// Detectors for which it was too large, with the size they look at.
    pub(crate) too_large: Vec<(u16, u64)>,
}

/// What is known of a file and a detector.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct State {
    /// Index into [`Cache::detectors`].
    pub(crate) detector: u16,
    /// A claim matched.
    pub(crate) claimed: bool,
    /// The key of its answer, if it was asked.
    pub(crate) key: Option<Key>,
    /// For a file handed over as head and handle: what was read of it.
    pub(crate) ranges: Vec<ReadRange>,
}

/// A range that a guest read, and what was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ReadRange {
    pub(crate) offset: u64,
    pub(crate) len: u32,
    pub(crate) digest: Key,
}

/// The outcome of a scan in which everything was answered: all that a scan needs in which nothing changed.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Snapshot {
    /// Of everything the walk saw; none: a file was changed so shortly before that it must be read again.
    pub(crate) fingerprint: Option<[u64; 4]>,
    /// As [`Cache::detectors`].
    pub(crate) detectors: Vec<Key>,
    pub(crate) inspected: u64,
    /// Members of archives that were seen.
    pub(crate) members: u64,
    /// Per detector: files it answered for.
    pub(crate) per_detector: Vec<u64>,
    /// Encoded gaps, those of the walk left out.
    pub(crate) gaps: Vec<u8>,
    /// Encoded, what the walk left out.
    pub(crate) left_out: Vec<u8>,
    /// Encoded file reports.
    pub(crate) reports: Vec<u8>,
    pub(crate) reports_digest: Key,
}

/// What is known of the files of one source.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Cache {
    /// Keys of the detectors that the records speak of: component and settings.
    pub(crate) detectors: Vec<Key>,
    pub(crate) files: Vec<FileRecord>,
    /// Encoded answers of phase one.
    pub(crate) answers: HashMap<Key, Vec<u8>>,
    /// Encoded reports of phase two.
    pub(crate) links: HashMap<Key, Vec<u8>>,
}

/// A cache file, of which only the snapshot was read.
#[derive(Debug, Default)]
pub(crate) struct Stored {
    pub(crate) snapshot: Snapshot,
    rest: Option<(std::fs::File, Key)>,
}

/// Where the cache of a source is.
pub(crate) fn file_of(folder: &Path, source: &SourceName) -> PathBuf {
    let digest = Digest::of(source.as_str().as_bytes()).to_string();
    folder.join(format!("{}.reports", &digest[..32]))
}

/// Magic, format, length of the snapshot, checksum of the rest; then the checksum of these and the snapshot.
const HEADER_BYTES: usize = 8 + 4 + 8 + 32;

impl Stored {
    /// Opens a cache; an empty one if there is none that can be used.
    pub(crate) fn open(path: &Path) -> Self {
        Self::try_open(path).unwrap_or_else(|error| {
            tracing::debug!(%error, "no report cache");
            Self::default()
        })
    }

    fn try_open(path: &Path) -> std::io::Result<Self> {
        let mut file = std::fs::File::open(path)?;
        let size = file.metadata()?.len();
        let mut header = [0; HEADER_BYTES + 32];
        file.read_exact(&mut header)?;
        let (header, checksum) = header.split_at(HEADER_BYTES);
        let (front, rest) = header.split_at(8 + 4);
        let (len, rest_checksum) = rest.split_at(8);
        let len = u64::from_le_bytes(len.try_into().map_err(std::io::Error::other)?);
        let invalid = |what: &str| std::io::Error::new(std::io::ErrorKind::InvalidData, what.to_owned());
        if front != [MAGIC.as_slice(), &crate::wire::FORMAT.to_le_bytes()].concat() {
            return Err(invalid("of another format"));
        }
        if size > MAX_BYTES || len > size {
            return Err(invalid("too large"));
        }
        let mut snapshot = vec![0; len as usize];
        file.read_exact(&mut snapshot)?;
        if checksum != Digest::of_parts([header, &snapshot]).as_bytes() {
            return Err(invalid("damaged"));
        }
        let snapshot = postcard::from_bytes(&snapshot).map_err(std::io::Error::other)?;
        let rest_checksum = rest_checksum.try_into().map_err(std::io::Error::other)?;
        Ok(Self { snapshot, rest: Some((file, rest_checksum)) })
    }

    /// Reads the rest; empty if it cannot be used.
    pub(crate) fn rest(&mut self) -> Cache {
        let Some((mut file, checksum)) = self.rest.take() else { return Cache::default() };
        let mut bytes = Vec::new();
        match file.read_to_end(&mut bytes) {
            Ok(_) if Digest::of(&bytes).as_bytes() == &checksum => {
                postcard::from_bytes(&bytes).unwrap_or_default()
            }
            _ => Cache::default(),
        }
    }
}

impl Cache {
    /// Replaces the cache file.
    pub(crate) fn save(&self, snapshot: &Snapshot, path: &Path) -> std::io::Result<()> {
        let body = postcard::to_stdvec(self).map_err(std::io::Error::other)?;
        let snapshot = postcard::to_stdvec(snapshot).map_err(std::io::Error::other)?;
        if (snapshot.len() + body.len() + HEADER_BYTES + 32) as u64 > MAX_BYTES {
            tracing::debug!(bytes = body.len(), "the report cache would be too large and is not kept");
            return std::fs::remove_file(path).or(Ok(()));
        }
        let header = [
            MAGIC.as_slice(),
            &crate::wire::FORMAT.to_le_bytes(),
            &(snapshot.len() as u64).to_le_bytes(),
            Digest::of(&body).as_bytes(),
        ]
        .concat();
        let folder = path.parent().unwrap_or(Path::new("."));
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let temporary = path.with_extension(format!("{}.new", std::process::id()));
        let written = (|| {
            let mut file = std::fs::OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(&temporary)?;
            file.write_all(&header)?;
            file.write_all(Digest::of_parts([header.as_slice(), &snapshot]).as_bytes())?;
            file.write_all(&snapshot)?;
            file.write_all(&body)?;
            file.flush()?;
            drop(file);
            std::fs::rename(&temporary, path)
        })();
        if written.is_err() {
            // What is left of a failed write is of no use to anybody; the error that counts is the first one.
            let _ = std::fs::remove_file(&temporary);
        }
        written
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cache_survives_a_round_trip_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("deep/x.reports");
        let mut cache = Cache { detectors: vec![[7; 32]], ..Cache::default() };
        cache.answers.insert([1; 32], vec![1, 2, 3]);
        let snapshot = Snapshot { inspected: 4, ..Snapshot::default() };
        cache.save(&snapshot, &path).unwrap();
        let mut back = Stored::open(&path);
        assert_eq!(back.snapshot.inspected, 4);
        let back = back.rest();
        assert_eq!(back.detectors, [[7; 32]]);
        assert_eq!(back.answers[&[1; 32]], [1, 2, 3]);

        let good = std::fs::read(&path).unwrap();
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            std::fs::write(&path, &bad).unwrap();
            let mut read = Stored::open(&path);
            let is_noticed = read.snapshot.inspected == 0 || read.rest().detectors.is_empty();
            assert!(is_noticed, "a flipped bit at {at} went unnoticed");
        }
        for len in 0..good.len() {
            std::fs::write(&path, &good[..len]).unwrap();
            assert!(Stored::open(&path).rest().detectors.is_empty());
        }
    }

    #[test]
    fn it_is_private() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("cache/x.reports");
        Cache::default().save(&Snapshot::default(), &path).unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    }
}
