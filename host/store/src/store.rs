//! Opening and closing: the data folder, the writer, and the readers.

use crate::error::{Blame, StoreError};
use crate::schema::{self, Header, MIGRATIONS};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, MutexGuard};

/// The database's name in the data folder.
const FILE: &str = "inventar.db";

/// Connections for reading, opened when they are first needed.
const MAX_READERS: u32 = 4;

/// How to open a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenOptions {
    /// Nothing is created, upgraded or written; works in a folder that cannot be written.
    pub read_only: bool,
    /// How long to wait for another writer.
    pub patience: Duration,
    /// Page cache of each connection.
    pub cache_bytes: u32,
    /// The database file never grows beyond this.
    pub max_bytes: Option<u64>,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self { read_only: false, patience: Duration::from_secs(30), cache_bytes: 16 << 20, max_bytes: None }
    }
}

/// The database of one data folder. Cheap to clone; clones share connections.
#[derive(Debug, Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// The only connection that writes; none when the store is read-only. Locked for a whole transaction.
    writer: Option<Mutex<SqliteConnection>>,
    /// Readers see the last committed state and never wait for the writer (write-ahead log).
    readers: SqlitePool,
    blame: Blame,
}

impl Store {
    /// Opens `inventar.db` in `folder`, making both if need be (the folder for its owner only).
    ///
    /// An older database is upgraded, after a backup beside it. A newer one, or a file that is something else, is
    /// refused and left untouched.
    pub async fn open(folder: &Path, options: OpenOptions) -> Result<Self, StoreError> {
        let path = folder.join(FILE);
        let blame = Blame::new(&path, options.patience);
        let known = MIGRATIONS.len() as u32;
        if options.read_only {
            if schema::inspect(&path, known)? == Header::Empty {
                return Err(StoreError::Missing { path });
            }
            let (connect, found) = open_to_read(&path, &options, &blame).await?;
            return match found {
                // The first opener had no time, or no space, to make it.
                0 => Err(StoreError::Missing { path }),
                found if found < known => Err(StoreError::Outdated { path, found, known }),
                found if found > known => Err(StoreError::Newer { path, found, known }),
                _ => Ok(Self::assemble(None, connect, blame)),
            };
        }
        make_folder(folder)?;
        schema::inspect(&path, known)?;
        // Also tells, in the system's words, that a file cannot be written: SQLite would open it for reading instead.
        make_private_file(&path)?;
        let mut writer = open_to_write(&path, &options, &blame).await?;
        schema::upgrade(&mut writer, &blame, MIGRATIONS).await?;
        Ok(Self::assemble(Some(writer), connect_options(&path, &options).read_only(true), blame))
    }

    fn assemble(writer: Option<SqliteConnection>, readers: SqliteConnectOptions, blame: Blame) -> Self {
        // No idle or lifetime limits: those start a task that runs for ever.
        let readers = SqlitePoolOptions::new()
            .max_connections(MAX_READERS)
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_lazy_with(readers);
        Self { inner: Arc::new(Inner { writer: writer.map(Mutex::new), readers, blame }) }
    }

    /// The database file.
    pub fn path(&self) -> &Path {
        &self.inner.blame.path
    }

    /// Moves the write-ahead log into the one file and closes it, for all clones. Dropping the store loses nothing
    /// either, but may leave the log beside the file.
    pub async fn close(self) -> Result<(), StoreError> {
        self.inner.readers.close().await;
        match Arc::try_unwrap(self.inner) {
            Ok(Inner { writer: Some(writer), blame, .. }) => {
                writer.into_inner().close().await.map_err(|error| blame.error(error))
            }
            _ => Ok(()),
        }
    }

    /// Whether the file is sound, and how large: for `inventar doctor`.
    pub async fn check(&self) -> Result<Health, StoreError> {
        let mut db = self.read().await?;
        let verdict: String =
            self.blamed(sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(&mut *db).await)?;
        if verdict != "ok" {
            return Err(self.blame().corrupt(verdict));
        }
        let size: i64 = self.blamed(
            sqlx::query_scalar("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
                .fetch_one(&mut *db)
                .await,
        )?;
        Ok(Health { schema: MIGRATIONS.len() as u32, size_bytes: size.unsigned_abs() })
    }

    pub(crate) fn blame(&self) -> &Blame {
        &self.inner.blame
    }

    pub(crate) fn blamed<T>(&self, result: Result<T, sqlx::Error>) -> Result<T, StoreError> {
        result.map_err(|error| self.inner.blame.error(error))
    }

    /// One consistent view of everything committed so far.
    pub(crate) async fn read(&self) -> Result<sqlx::Transaction<'static, sqlx::Sqlite>, StoreError> {
        self.blamed(self.inner.readers.begin().await)
    }

    pub(crate) async fn write(&self) -> Result<MutexGuard<'_, SqliteConnection>, StoreError> {
        match &self.inner.writer {
            Some(writer) => Ok(writer.lock().await),
            None => Err(StoreError::ReadOnly { path: self.path().to_owned() }),
        }
    }
}

/// A database that answered a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Health {
    /// Its schema's number.
    pub schema: u32,
    /// Its pages together.
    pub size_bytes: u64,
}

fn connect_options(path: &Path, options: &OpenOptions) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(options.patience)
        .foreign_keys(true)
        .synchronous(SqliteSynchronous::Normal)
        // Negative: in KiB.
        .pragma("cache_size", format!("-{}", options.cache_bytes / 1024))
        .pragma("mmap_size", "0")
        .pragma("temp_store", "MEMORY")
        .thread_name(|id| format!("store-{id}"))
        .disable_statement_logging()
}

async fn open_to_write(
    path: &Path,
    options: &OpenOptions,
    blame: &Blame,
) -> Result<SqliteConnection, StoreError> {
    let connect = connect_options(path, options).journal_mode(SqliteJournalMode::Wal);
    let begun = Instant::now();
    let mut writer = loop {
        // Only the first opener ever changes the journal mode; SQLite asks others to come back without waiting itself.
        match connect.connect().await.map_err(|error| blame.error(error)) {
            Err(StoreError::Busy { .. }) if begun.elapsed() < options.patience => {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            Err(error) => return Err(error),
            Ok(writer) => break writer,
        }
    };
    if let Some(max_bytes) = options.max_bytes {
        let page: i64 = sqlx::query_scalar("PRAGMA page_size")
            .fetch_one(&mut writer)
            .await
            .map_err(|error| blame.error(error))?;
        // A pragma takes no parameters; this is a number.
        let limit = format!("PRAGMA max_page_count = {}", (max_bytes / page.unsigned_abs().max(1)).max(1));
        sqlx::raw_sql(sqlx::AssertSqlSafe(limit))
            .execute(&mut writer)
            .await
            .map_err(|error| blame.error(error))?;
    }
    Ok(writer)
}

/// Finds the way in which the file can be read, and its schema.
async fn open_to_read(
    path: &Path,
    options: &OpenOptions,
    blame: &Blame,
) -> Result<(SqliteConnectOptions, u32), StoreError> {
    let connect = connect_options(path, options).read_only(true);
    match probe(&connect, blame).await {
        // In a folder that cannot be written SQLite cannot make its shared index. Without a log there is nothing in
        // it that we would miss.
        Err(StoreError::Denied { .. } | StoreError::ReadOnly { .. }) if !has_log(path) => {
            let connect = connect.immutable(true);
            let found = probe(&connect, blame).await?;
            Ok((connect, found))
        }
        found => Ok((connect, found?)),
    }
}

async fn probe(connect: &SqliteConnectOptions, blame: &Blame) -> Result<u32, StoreError> {
    let mut db = connect.connect().await.map_err(|error| blame.error(error))?;
    let found = schema::version(&mut db, blame).await?;
    db.close().await.map_err(|error| blame.error(error))?;
    Ok(found)
}

fn has_log(path: &Path) -> bool {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    std::fs::metadata(PathBuf::from(log)).is_ok_and(|log| log.len() > 0)
}

#[cfg(unix)]
fn make_folder(folder: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|source| StoreError::Folder { path: folder.to_owned(), source })
}

#[cfg(not(unix))]
fn make_folder(folder: &Path) -> Result<(), StoreError> {
    std::fs::create_dir_all(folder).map_err(|source| StoreError::Folder { path: folder.to_owned(), source })
}

/// SQLite gives its other files the permissions of this one.
pub(crate) fn make_private_file(path: &Path) -> Result<(), StoreError> {
    let mut open = std::fs::OpenOptions::new();
    open.append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        open.mode(0o600);
    }
    match open.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::ReadOnlyFilesystem => {
            Err(StoreError::ReadOnly { path: path.to_owned() })
        }
        Err(error) if error.kind() == std::io::ErrorKind::StorageFull => {
            Err(StoreError::Full { path: path.to_owned() })
        }
        Err(error) => Err(StoreError::Denied { path: path.to_owned(), why: error.to_string() }),
    }
}
