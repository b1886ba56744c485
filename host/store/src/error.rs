//! What can go wrong with the database, said so that a person can act on it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Why the store could not do it. The text says what and where, [`StoreError::advice`] what to do next.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Nothing was recorded here yet, and reading alone does not create anything.
    #[error("there is no inventory in `{}`", .path.display())]
    Missing {
        /// The database that is not there.
        path: PathBuf,
    },
    /// The data folder could not be made or entered.
    #[error("cannot use the data folder `{}`", .path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is something else.
    #[error("`{}` is not an inventar database: {why}", .path.display())]
    NotOurs {
        /// The file, untouched.
        path: PathBuf,
        /// How we know.
        why: String,
    },
    /// A newer program wrote it.
    #[error("`{}` was written by a newer inventar: its schema is {found}, this program knows {known}", .path.display())]
    Newer {
        /// The database, untouched.
        path: PathBuf,
        /// Its schema.
        found: u32,
        /// The newest schema of this program.
        known: u32,
    },
    /// It has to be upgraded first, which reading alone does not do.
    #[error("`{}` has schema {found}, this program reads {known}", .path.display())]
    Outdated {
        /// The database.
        path: PathBuf,
        /// Its schema.
        found: u32,
        /// The schema of this program.
        known: u32,
    },
    /// An upgrade failed; nothing of it was kept.
    #[error("cannot upgrade `{}` to schema {to}; it stays as it was", .path.display())]
    Upgrade {
        /// The database.
        path: PathBuf,
        /// The schema that was the aim.
        to: u32,
        /// Why.
        source: Box<StoreError>,
    },
    /// Another process is writing.
    #[error("`{}` is in use by another process, waited {}", .path.display(), Seconds(*.waited))]
    Busy {
        /// The database.
        path: PathBuf,
        /// How long we waited.
        waited: Duration,
    },
    /// The disk is full, or the size limit is reached.
    #[error("no space left to write `{}`; nothing of this run was recorded", .path.display())]
    Full {
        /// The database.
        path: PathBuf,
    },
    /// The file or its folder cannot be written.
    #[error("cannot write `{}`: it is read-only", .path.display())]
    ReadOnly {
        /// The database.
        path: PathBuf,
    },
    /// The file or its folder cannot be opened.
    #[error("cannot open `{}`: {why}", .path.display())]
    Denied {
        /// The database.
        path: PathBuf,
        /// What the system said.
        why: String,
    },
    /// The database is damaged, or holds a row that no version of this program writes.
    #[error("`{}` is damaged: {what}", .path.display())]
    Corrupt {
        /// The database.
        path: PathBuf,
        /// What was found.
        what: String,
    },
    /// The disk failed.
    #[error("the disk failed under `{}`: {why}", .path.display())]
    Disk {
        /// The database.
        path: PathBuf,
        /// What the system said.
        why: String,
    },
    /// A page token that this query did not make.
    #[error("the page token does not belong to this query")]
    PageToken,
    /// No such run, or it is a run of another source.
    #[error("there is no run {run} of this source")]
    NoSuchRun {
        /// The run asked for.
        run: i64,
    },
    /// The collection was given up, or was never begun.
    #[error("the collection {collection} is no longer under way")]
    NoSuchCollection {
        /// Its number.
        collection: i64,
    },
    /// Anything else the database says.
    #[error("the database `{}` failed", .path.display())]
    Database {
        /// The database.
        path: PathBuf,
        /// Its words.
        source: sqlx::Error,
    },
}

impl StoreError {
    /// What to do about it, one sentence; empty when there is nothing to say.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Missing { .. } => {
                "scan something first: `inventar scan .`, or name the folder with `--data DIR`"
            }
            Self::Folder { .. } | Self::Denied { .. } => {
                "check its owner and permissions, or use `--data DIR`"
            }
            Self::NotOurs { .. } => "move the file away, or use another folder with `--data DIR`",
            Self::Newer { .. } => "update inventar, or use another folder with `--data DIR`",
            Self::Outdated { .. } => {
                "run a command that writes, such as `inventar scan`, once with write access"
            }
            Self::Upgrade { .. } => {
                "mend the cause and try again; the backup beside the database is complete"
            }
            Self::Busy { .. } => "wait for the other scan to end and try again, or use `--data DIR`",
            Self::Full { .. } => "free some space and try again; what was recorded before is intact",
            Self::ReadOnly { .. } => "check its permissions and the mount, or use `--data DIR`",
            Self::Corrupt { .. } => {
                "restore a backup (`inventar.db.backup-N`), or move the file away and scan again"
            }
            Self::Disk { .. } => "check the disk; what was recorded before is intact unless the disk lost it",
            Self::PageToken => "start again from the first page",
            Self::NoSuchRun { .. } => "list the runs of the source",
            Self::NoSuchCollection { .. } => "collect the source again",
            Self::Database { .. } => "",
        }
    }

    /// Whether trying again later may help.
    pub fn is_retriable(&self) -> bool {
        matches!(self, Self::Busy { .. } | Self::Full { .. })
    }
}

/// Turns what SQLite says into what a person can use. Knows the file, so that callers need not.
#[derive(Debug, Clone)]
pub(crate) struct Blame {
    pub(crate) path: PathBuf,
    pub(crate) patience: Duration,
}

impl Blame {
    pub(crate) fn new(path: &Path, patience: Duration) -> Self {
        Self { path: path.to_owned(), patience }
    }

    pub(crate) fn corrupt(&self, what: impl fmt::Display) -> StoreError {
        StoreError::Corrupt { path: self.path.clone(), what: what.to_string() }
    }

    pub(crate) fn error(&self, error: sqlx::Error) -> StoreError {
        let path = self.path.clone();
        let Some(code) = primary_code(&error) else {
            return match error {
                sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => self.corrupt(error),
                source => StoreError::Database { path, source },
            };
        };
        let why = error.as_database_error().map(|error| error.message().to_owned()).unwrap_or_default();
        match code {
            SQLITE_BUSY | SQLITE_LOCKED => StoreError::Busy { path, waited: self.patience },
            SQLITE_FULL => StoreError::Full { path },
            SQLITE_READONLY => StoreError::ReadOnly { path },
            SQLITE_CANTOPEN | SQLITE_PERM | SQLITE_AUTH => StoreError::Denied { path, why },
            SQLITE_NOTADB => StoreError::NotOurs { path, why },
            SQLITE_CORRUPT => StoreError::Corrupt { path, what: why },
            SQLITE_IOERR => StoreError::Disk { path, why },
            _ => StoreError::Database { path, source: error },
        }
    }
}

// Primary result codes, https://www.sqlite.org/rescode.html; the low byte of an extended code.
const SQLITE_PERM: u32 = 3;
const SQLITE_BUSY: u32 = 5;
const SQLITE_LOCKED: u32 = 6;
const SQLITE_READONLY: u32 = 8;
const SQLITE_IOERR: u32 = 10;
const SQLITE_CORRUPT: u32 = 11;
const SQLITE_FULL: u32 = 13;
const SQLITE_CANTOPEN: u32 = 14;
const SQLITE_AUTH: u32 = 23;
const SQLITE_NOTADB: u32 = 26;

fn primary_code(error: &sqlx::Error) -> Option<u32> {
    let code: u32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(code & 0xff)
}

struct Seconds(Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} s", self.0.as_secs_f64())
    }
}
