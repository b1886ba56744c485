//! Bytes that several owners share, wherever they are.

use crate::platform::Mapping;
use std::fmt;
use std::fs::File;
use std::io;
use std::ops::Deref;
use std::ptr::NonNull;
use std::sync::{Arc, OnceLock};

/// Bytes that several owners share: a vector, a static, a part of a mapped file, or something that is fetched when it is
/// first read.
#[derive(Clone)]
pub struct Bytes(Arc<Held>);

enum Held {
    Owned(Box<dyn AsRef<[u8]> + Send + Sync>),
    Mapped(Mapping),
    Deferred { fetch: Box<dyn Fn() -> Bytes + Send + Sync>, bytes: OnceLock<Bytes> },
}

impl Bytes {
    /// Shares what holds bytes.
    pub fn new(owner: impl AsRef<[u8]> + Send + Sync + 'static) -> Self {
        Self(Arc::new(Held::Owned(Box::new(owner))))
    }

    /// Bytes that are fetched once, when they are first read.
    pub fn deferred(fetch: impl Fn() -> Self + Send + Sync + 'static) -> Self {
        Self(Arc::new(Held::Deferred { fetch: Box::new(fetch), bytes: OnceLock::new() }))
    }

    /// A part of a file that nobody changes while the program runs, such as the program itself. Only what is looked at is
    /// read; compiled code in it runs where it is.
    pub fn of_file(file: &File, offset: u64, len: u64) -> io::Result<Self> {
        Ok(Self(Arc::new(Held::Mapped(Mapping::new(file, offset, len)?))))
    }

    /// The bytes as they are mapped, where a page begins with them.
    pub(crate) fn pages(&self) -> Option<NonNull<[u8]>> {
        match &*self.0 {
            Held::Mapped(mapping) => mapping.pages(),
            Held::Deferred { .. } => self.fetched()?.pages(),
            Held::Owned(_) => None,
        }
    }

    fn fetched(&self) -> Option<&Self> {
        match &*self.0 {
            Held::Deferred { fetch, bytes } => Some(bytes.get_or_init(fetch)),
            Held::Owned(_) | Held::Mapped(_) => None,
        }
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &*self.0 {
            Held::Owned(owner) => (**owner).as_ref(),
            Held::Mapped(mapping) => mapping.bytes(),
            Held::Deferred { .. } => self.fetched().map_or(&[], |bytes| bytes),
        }
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self::new(bytes)
    }
}

impl fmt::Debug for Bytes {
    /// Does not fetch.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Held::Deferred { .. } => f.write_str("bytes that are fetched when they are needed"),
            Held::Owned(_) | Held::Mapped(_) => write!(f, "{} bytes", self.len()),
        }
    }
}
