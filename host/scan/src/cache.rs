//! The report cache: what was answered for which content, so that a rescan costs what changed.
//!
//! One file per source, private, disposable: deleting it loses nothing. It is read whole at the start of a scan and
//! replaced whole (by rename) at its end, with only what that scan used; a file of another format, or one whose
//! checksum is wrong, is as good as none.

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

/// The outcome of a scan in which everything was answered.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Snapshot {
    pub(crate) paths_digest: [u64; 4],
    pub(crate) n_files: u64,
    pub(crate) inspected: u64,
    /// Per detector: files it answered for.
    pub(crate) per_detector: Vec<u64>,
    /// Encoded file reports.
    pub(crate) reports: Vec<u8>,
    pub(crate) reports_digest: Key,
}

/// The cache of one source.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Cache {
    /// Keys of the detectors that the records speak of: component and settings.
    pub(crate) detectors: Vec<Key>,
    pub(crate) files: Vec<FileRecord>,
    /// Encoded answers of phase one.
    pub(crate) answers: HashMap<Key, Vec<u8>>,
    /// Encoded reports of phase two.
    pub(crate) links: HashMap<Key, Vec<u8>>,
    pub(crate) snapshot: Option<Snapshot>,
}

/// Where the cache of a source is.
pub(crate) fn file_of(folder: &Path, source: &SourceName) -> PathBuf {
    let digest = Digest::of(source.as_str().as_bytes()).to_string();
    folder.join(format!("{}.reports", &digest[..32]))
}

impl Cache {
    /// Reads a cache; an empty one if there is none that can be used.
    pub(crate) fn load(path: &Path) -> Self {
        match Self::try_load(path) {
            Ok(Some(cache)) => cache,
            Ok(None) => Self::default(),
            Err(error) => {
                tracing::debug!(%error, "no report cache");
                Self::default()
            }
        }
    }

    fn try_load(path: &Path) -> std::io::Result<Option<Self>> {
        let mut file = std::fs::File::open(path)?;
        if file.metadata()?.len() > MAX_BYTES {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let Some((header, body)) = bytes.split_at_checked(8 + 4 + 32) else { return Ok(None) };
        let (magic, rest) = header.split_at(8);
        let (format, checksum) = rest.split_at(4);
        if magic != MAGIC
            || format != crate::wire::FORMAT.to_le_bytes()
            || checksum != Digest::of(body).as_bytes()
        {
            return Ok(None);
        }
        Ok(postcard::from_bytes(body).ok())
    }

    /// Replaces the cache file.
    pub(crate) fn save(&self, path: &Path) -> std::io::Result<()> {
        let body = postcard::to_stdvec(self).map_err(std::io::Error::other)?;
        if body.len() as u64 > MAX_BYTES {
            tracing::debug!(bytes = body.len(), "the report cache would be too large and is not kept");
            return std::fs::remove_file(path).or(Ok(()));
        }
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
            file.write_all(MAGIC)?;
            file.write_all(&crate::wire::FORMAT.to_le_bytes())?;
            file.write_all(Digest::of(&body).as_bytes())?;
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
        cache.save(&path).unwrap();
        let back = Cache::load(&path);
        assert_eq!(back.detectors, [[7; 32]]);
        assert_eq!(back.answers[&[1; 32]], [1, 2, 3]);

        let good = std::fs::read(&path).unwrap();
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            std::fs::write(&path, &bad).unwrap();
            assert!(Cache::load(&path).detectors.is_empty(), "a flipped bit at {at} went unnoticed");
        }
        for len in 0..good.len() {
            std::fs::write(&path, &good[..len]).unwrap();
            assert!(Cache::load(&path).detectors.is_empty());
        }
    }

    #[test]
    fn it_is_private() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("cache/x.reports");
        Cache::default().save(&path).unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    }
}
