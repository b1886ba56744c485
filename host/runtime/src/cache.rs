//! Compiled code on disk, believed only when this installation wrote it.
//!
//! Loading compiled code is running it, and wasmtime's own checks accept most flipped bits. So a file is used only if
//! its keyed digest is right: keyed with a secret that only this user can read, over the name it should have and every
//! byte of it. What is checked is in memory, and those very bytes are loaded; the file is not opened again.

use crate::platform;
use inventar_model::Digest;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::SystemTime;

const MAGIC: &[u8; 16] = b"inventar code 1\n";
const MAC: usize = blake3::OUT_LEN;

/// A folder of compiled code. Nothing in it is worth keeping, and no trouble with it stops a scan.
#[derive(Debug)]
pub(crate) struct Cache {
    folder: PathBuf,
    most_bytes: u64,
    /// Read or made when it is first needed; none when the folder cannot be used.
    secret: OnceLock<Option<Secret>>,
}

/// What the digests are keyed with.
struct Secret([u8; 32]);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

impl Cache {
    pub(crate) fn new(folder: PathBuf, most_bytes: u64) -> Self {
        Self { folder, most_bytes, secret: OnceLock::new() }
    }

    /// The code of that key, if it is there and ours.
    pub(crate) fn get(&self, key: &Digest) -> Option<Vec<u8>> {
        let secret = self.secret()?;
        let path = self.path(key);
        match read(&path, self.most_bytes) {
            Ok(bytes) => match open(&bytes, key, secret) {
                Some(code) => Some(code.to_vec()),
                None => {
                    tracing::warn!(
                        "`{}` was not written by this installation, compiling again",
                        path.display()
                    );
                    self.remove(&path);
                    None
                }
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                tracing::warn!("cannot use `{}`, compiling again: {error}", path.display());
                self.remove(&path);
                None
            }
        }
    }

    /// Keeps code for next time.
    pub(crate) fn put(&self, key: &Digest, code: &[u8]) {
        let Some(secret) = self.secret() else { return };
        if let Err(error) = self.write(key, code, secret) {
            tracing::warn!("cannot keep compiled code in `{}`: {error}", self.folder.display());
        }
    }

    fn path(&self, key: &Digest) -> PathBuf {
        self.folder.join(format!("{key}.code"))
    }

    fn secret(&self) -> Option<&Secret> {
        let secret = self.secret.get_or_init(|| match secret(&self.folder) {
            Ok(secret) => Some(secret),
            Err(error) => {
                tracing::warn!("compiled plugins are not kept in `{}`: {error}", self.folder.display());
                None
            }
        });
        secret.as_ref()
    }

    fn write(&self, key: &Digest, code: &[u8], secret: &Secret) -> io::Result<()> {
        self.prune(code.len() as u64)?;
        let temporary = self.folder.join(format!("{key}.{}.new", std::process::id()));
        let written = (|| {
            let mut file = platform::create_private(&temporary)?;
            file.write_all(MAGIC)?;
            file.write_all(mac(key, code, secret).as_bytes())?;
            file.write_all(code)?;
            std::fs::rename(&temporary, self.path(key))
        })();
        if written.is_err() {
            self.remove(&temporary);
        }
        written
    }

    /// Makes room: the oldest go first.
    fn prune(&self, coming: u64) -> io::Result<()> {
        let mut files: Vec<(SystemTime, u64, PathBuf)> = vec![];
        for entry in std::fs::read_dir(&self.folder)? {
            let entry = entry?;
            let about = entry.metadata()?;
            if entry.file_name() != SECRET && about.is_file() {
                files.push((about.modified()?, about.len(), entry.path()));
            }
        }
        files.sort();
        let mut total = coming + files.iter().map(|(_, size, _)| size).sum::<u64>();
        for (_, size, path) in files {
            if total <= self.most_bytes {
                break;
            }
            self.remove(&path);
            total -= size;
        }
        Ok(())
    }

    fn remove(&self, path: &Path) {
        if let Err(error) = std::fs::remove_file(path) {
            tracing::debug!("cannot remove `{}`: {error}", path.display());
        }
    }
}

fn mac(key: &Digest, code: &[u8], secret: &Secret) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new_keyed(&secret.0);
    hasher.update(MAGIC).update(key.as_bytes()).update(code);
    hasher.finalize()
}

/// The code in a file of the cache, if its digest is right. `blake3::Hash` compares in constant time.
fn open<'a>(bytes: &'a [u8], key: &Digest, secret: &Secret) -> Option<&'a [u8]> {
    let (found, code) = bytes.strip_prefix(MAGIC.as_slice())?.split_first_chunk::<MAC>()?;
    (mac(key, code, secret) == *found).then_some(code)
}

fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let file = platform::open_private(path)?;
    let mut bytes = vec![];
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

const SECRET: &str = "secret";

/// The secret of this installation, made at first use. It appears under its name only when it is complete.
fn secret(folder: &Path) -> io::Result<Secret> {
    platform::private_folder(folder)?;
    let path = folder.join(SECRET);
    if let Some(secret) = read_secret(&path)? {
        return Ok(secret);
    }
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    let temporary = folder.join(format!("{SECRET}.{}", std::process::id()));
    let made = (|| {
        platform::create_private(&temporary)?.write_all(&bytes)?;
        std::fs::hard_link(&temporary, &path)
    })();
    let removed = std::fs::remove_file(&temporary);
    match made {
        Ok(()) => removed.map(|()| Secret(bytes)),
        // Another process was first: its secret holds.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            read_secret(&path)?.ok_or_else(|| io::ErrorKind::InvalidData.into())
        }
        Err(error) => Err(error),
    }
}

/// None when there is none, or when it cannot have stayed secret: then everything signed with it is worthless too.
fn read_secret(path: &Path) -> io::Result<Option<Secret>> {
    let file = match platform::open_private(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            tracing::warn!("`{}` is not a secret of ours, making a new one: {error}", path.display());
            std::fs::remove_file(path)?;
            return Ok(None);
        }
    };
    let readable_by_others = platform::readable_by_others(&file)?;
    let mut bytes = vec![];
    file.take(64).read_to_end(&mut bytes)?;
    match <[u8; 32]>::try_from(bytes) {
        Ok(bytes) if !readable_by_others => Ok(Some(Secret(bytes))),
        _ => {
            std::fs::remove_file(path)?;
            Ok(None)
        }
    }
}
