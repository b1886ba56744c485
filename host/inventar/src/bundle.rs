//! The pack of first-party plugins behind the program's own bytes.
//!
//! ```text
//!   executable │ component, code, component, code … │ index (JSON) │ footer
//!                                                                    index length · digest of the index · magic
//! ```
//!
//! At start only the footer and the index are read; a plugin's component and compiled code when they are needed, and the
//! code runs where it is mapped: every part begins with a page.
//! Offsets count from the beginning of the pack, so that signing or wrapping tools may move it. The code in the pack
//! is as trusted as the program itself: whoever can change one can change the other. The digests find accidents.

use crate::exit::{Exit, Stop};
use inventar_model::Digest;
use inventar_runtime::Bytes;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

const MAGIC: &[u8; 16] = b"inventar-pack-1\n";
/// Index length, digest of the index, magic.
const FOOTER_BYTES: u64 = 8 + 32 + 16;
/// No index is longer.
const MAX_INDEX_BYTES: u64 = 16 << 20;

/// Where a pack and each of its blobs begin: a page's beginning, so that code runs where it is mapped.
const ALIGNMENT: usize = 16 << 10;

/// What a pack says of itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Index {
    /// Bytes of the pack before the index.
    blobs: u64,
    plugins: Vec<Entry>,
}

/// One plugin of a pack.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// The manifest, canonical JSON.
    pub(crate) manifest: String,
    /// What the component imports.
    pub(crate) imports: Vec<String>,
    component: Blob,
    code: Blob,
}

impl Entry {
    /// The component's digest and size.
    pub(crate) fn component(&self) -> Option<(Digest, u64)> {
        Some((self.component.digest.parse().ok()?, self.component.len))
    }
}

/// Some bytes of a pack.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Blob {
    offset: u64,
    len: u64,
    digest: String,
}

/// A pack, opened.
#[derive(Debug, Clone)]
pub(crate) struct Bundle {
    file: PathBuf,
    start: u64,
    plugins: Vec<Entry>,
}

/// A plugin that goes into a pack.
#[derive(Debug, Clone)]
pub(crate) struct Packed {
    /// The manifest, canonical JSON.
    pub(crate) manifest: String,
    /// What the component imports.
    pub(crate) imports: Vec<String>,
    /// The component.
    pub(crate) component: Vec<u8>,
    /// Its code, compiled for the target's baseline.
    pub(crate) code: Vec<u8>,
}

impl Bundle {
    /// The pack of the running program; none: it has none (a development build).
    pub(crate) fn of_this_program() -> Result<Option<Self>, Stop> {
        // On Linux the link stays right when the file is replaced by an update while we run.
        let file = if cfg!(target_os = "linux") {
            PathBuf::from("/proc/self/exe")
        } else {
            std::env::current_exe().map_err(|error| unreadable(Path::new("the program"), &error))?
        };
        Self::open(&file)
    }

    /// The pack at the end of a file.
    pub(crate) fn open(path: &Path) -> Result<Option<Self>, Stop> {
        let mut file = File::open(path).map_err(|error| unreadable(path, &error))?;
        let Some((start, index)) = read_index(&mut file).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => damaged(&error.to_string()),
            _ => unreadable(path, &error),
        })?
        else {
            return Ok(None);
        };
        Ok(Some(Self { file: path.to_owned(), start, plugins: index.plugins }))
    }

    /// The plugins.
    pub(crate) fn plugins(&self) -> &[Entry] {
        &self.plugins
    }

    /// The file behind it and a plugin's places in it, for reading later.
    pub(crate) fn reader(&self, entry: &Entry) -> Reader {
        Reader { file: self.file.clone(), start: self.start, entry: entry.clone() }
    }
}

/// Reads the bytes of one plugin when they are needed.
#[derive(Debug, Clone)]
pub(crate) struct Reader {
    file: PathBuf,
    start: u64,
    entry: Entry,
}

impl Reader {
    /// What the pack says of the plugin.
    pub(crate) fn entry(&self) -> &Entry {
        &self.entry
    }

    /// The component, checked against its digest.
    pub(crate) fn component(&self) -> io::Result<Bytes> {
        self.blob(&self.entry.component)
    }

    /// The compiled code, checked against its digest.
    pub(crate) fn code(&self) -> io::Result<Bytes> {
        self.blob(&self.entry.code)
    }

    fn blob(&self, blob: &Blob) -> io::Result<Bytes> {
        let bytes = Bytes::of_file(&File::open(&self.file)?, self.start + blob.offset, blob.len)?;
        if Digest::of(&bytes).to_string() != blob.digest {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "a bundled plugin is not what its digest says",
            ));
        }
        Ok(bytes)
    }
}

/// Appends a pack to an executable, in the place of one that is there; the file is complete or as it was.
pub(crate) fn append(executable: &Path, plugins: &[Packed]) -> Result<u64, Stop> {
    let mut bytes = std::fs::read(executable).map_err(|error| unreadable(executable, &error))?;
    let mut file = File::open(executable).map_err(|error| unreadable(executable, &error))?;
    if let Some((start, _)) = read_index(&mut file).ok().flatten() {
        bytes.truncate(usize::try_from(start).unwrap_or(bytes.len()));
    }
    drop(file);
    bytes.resize(bytes.len().next_multiple_of(ALIGNMENT), 0);
    let pack = encode(plugins);
    let size = pack.len() as u64;
    bytes.extend(pack);
    crate::present::write_atomically(executable, &bytes).map_err(|error| {
        Stop::new(Exit::Store, format!("cannot write `{}`: {error}", executable.display()))
    })?;
    Ok(size)
}

fn encode(plugins: &[Packed]) -> Vec<u8> {
    let mut pack = Vec::new();
    let mut add = |bytes: &[u8]| {
        pack.resize(pack.len().next_multiple_of(ALIGNMENT), 0);
        let blob = Blob {
            offset: pack.len() as u64,
            len: bytes.len() as u64,
            digest: Digest::of(bytes).to_string(),
        };
        pack.extend_from_slice(bytes);
        blob
    };
    let plugins = plugins
        .iter()
        .map(|plugin| Entry {
            manifest: plugin.manifest.clone(),
            imports: plugin.imports.clone(),
            component: add(&plugin.component),
            code: add(&plugin.code),
        })
        .collect();
    let index = Index { blobs: pack.len() as u64, plugins };
    // Text keys and whole numbers: this cannot fail.
    let index = serde_json::to_vec(&index).unwrap_or_default();
    pack.extend_from_slice(&index);
    pack.extend((index.len() as u64).to_le_bytes());
    pack.extend(Digest::of(&index).as_bytes());
    pack.extend(MAGIC);
    pack
}

/// The index at the end of a file and where its pack begins; none: there is no pack.
fn read_index(file: &mut File) -> io::Result<Option<(u64, Index)>> {
    let end = file.seek(SeekFrom::End(0))?;
    let Some(footer_at) = end.checked_sub(FOOTER_BYTES) else { return Ok(None) };
    file.seek(SeekFrom::Start(footer_at))?;
    let mut footer = [0; FOOTER_BYTES as usize];
    file.read_exact(&mut footer)?;
    let (len, rest) = footer.split_at(8);
    let (digest, magic) = rest.split_at(32);
    if magic != MAGIC {
        return Ok(None);
    }
    let invalid = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    let len = len.try_into().map(u64::from_le_bytes).map_err(io::Error::other)?;
    let index_at =
        footer_at.checked_sub(len).filter(|_| len <= MAX_INDEX_BYTES).ok_or_else(|| invalid("its length"))?;
    file.seek(SeekFrom::Start(index_at))?;
    let mut bytes = vec![0; usize::try_from(len).map_err(io::Error::other)?];
    file.read_exact(&mut bytes)?;
    if Digest::of(&bytes).as_bytes() != digest {
        return Err(invalid("its digest"));
    }
    let index: Index = serde_json::from_slice(&bytes).map_err(|_| invalid("its index"))?;
    let start = index_at.checked_sub(index.blobs).ok_or_else(|| invalid("its length"))?;
    let inside = |blob: &Blob| blob.offset.checked_add(blob.len).is_some_and(|end| end <= index.blobs);
    if !index.plugins.iter().all(|plugin| inside(&plugin.component) && inside(&plugin.code)) {
        return Err(invalid("its places"));
    }
    Ok(Some((start, index)))
}

fn unreadable(path: &Path, error: &io::Error) -> Stop {
    Stop::new(Exit::Integrity, format!("cannot read the bundled plugins from `{}`: {error}", path.display()))
}

fn damaged(what: &str) -> Stop {
    Stop::new(Exit::Integrity, format!("the pack of bundled plugins is damaged: {what} is wrong"))
        .hint("install inventar again")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(name: &str) -> Packed {
        Packed {
            manifest: format!("{{\"id\":\"a/{name}\"}}"),
            imports: vec![],
            component: format!("component of {name}").into_bytes(),
            code: format!("code of {name}").into_bytes(),
        }
    }

    struct Executable(PathBuf);

    impl Executable {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("inventar-bundle-{name}-{}", std::process::id()));
            std::fs::write(&path, b"\x7fELF the program").unwrap();
            Self(path)
        }

        fn damage(&self, at_from_end: usize) {
            let mut bytes = std::fs::read(&self.0).unwrap();
            let at = bytes.len() - at_from_end;
            bytes[at] ^= 1;
            std::fs::write(&self.0, bytes).unwrap();
        }
    }

    impl Drop for Executable {
        fn drop(&mut self) {
            let _ = std::fs::remove_file(&self.0);
        }
    }

    #[test]
    fn what_was_appended_is_read_back_and_replaced() {
        let executable = Executable::new("round");
        assert!(Bundle::open(&executable.0).unwrap().is_none());
        append(&executable.0, &[packed("one"), packed("two")]).unwrap();
        let size = std::fs::metadata(&executable.0).unwrap().len();
        append(&executable.0, &[packed("one"), packed("two")]).unwrap();
        assert_eq!(std::fs::metadata(&executable.0).unwrap().len(), size);
        let bundle = Bundle::open(&executable.0).unwrap().unwrap();
        let reader = bundle.reader(&bundle.plugins()[1]);
        assert_eq!(&*reader.component().unwrap(), b"component of two");
        assert_eq!(&*reader.code().unwrap(), b"code of two");
        assert!(std::fs::read(&executable.0).unwrap().starts_with(b"\x7fELF the program"));
    }

    #[test]
    fn a_flipped_bit_is_found_wherever_it_is() {
        let executable = Executable::new("damage");
        append(&executable.0, &[packed("one")]).unwrap();
        let whole = std::fs::read(&executable.0).unwrap();
        // Between the parts lies nothing but zeroes.
        let places = (b"\x7fELF the program".len()..whole.len()).filter(|at| whole[*at] != 0);
        for at in places.map(|at| whole.len() - at) {
            executable.damage(at);
            let found = match Bundle::open(&executable.0) {
                Err(stop) => stop.exit() == Exit::Integrity,
                // Without its magic it is no pack at all.
                Ok(None) => at <= MAGIC.len(),
                Ok(Some(bundle)) => {
                    let reader = bundle.reader(&bundle.plugins()[0]);
                    reader.component().is_err() || reader.code().is_err()
                }
            };
            assert!(found, "byte {at} from the end");
            executable.damage(at);
        }
    }
}
