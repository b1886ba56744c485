//! The schema's life: numbered migrations, a backup before an upgrade, and a refusal of what is not ours.
//!
//! The number is SQLite's own `user_version`, the proof that a file is ours its `application_id`: both are in the
//! first 100 bytes, so a foreign or newer file is refused without being opened. sqlx's migrator would add a table of
//! its own, take three statements more at every start, and neither backs up nor tells a newer database from a damaged
//! one.

use crate::error::{Blame, StoreError};
use sqlx::{Connection, Row, SqliteConnection, raw_sql};
use std::io::Read;
use std::path::{Path, PathBuf};

/// "INVR", in the header of every database of ours.
const APPLICATION_ID: u32 = 0x494E_5652;

/// The file at position N leads from schema N to N + 1. Never edit one that was released: add one.
pub(crate) const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001_inventories.sql"),
    include_str!("../migrations/0002_connected_sources.sql"),
    include_str!("../migrations/0003_revisions.sql"),
];

/// What a file's first 100 bytes say (<https://www.sqlite.org/fileformat.html>, section 1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Header {
    /// No file, or an empty one.
    Empty,
    /// A database of ours, or one that SQLite has not written to yet.
    Ours,
}

/// Looks at a file without opening it as a database.
pub(crate) fn inspect(path: &Path, known: u32) -> Result<Header, StoreError> {
    let mut header = Vec::with_capacity(100);
    match std::fs::File::open(path).and_then(|file| file.take(100).read_to_end(&mut header)) {
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Header::Empty),
        Err(error) => return Err(StoreError::Denied { path: path.to_owned(), why: error.to_string() }),
    }
    if header.is_empty() {
        return Ok(Header::Empty);
    }
    let not_ours = |why: &str| Err(StoreError::NotOurs { path: path.to_owned(), why: why.into() });
    let number = |at: usize| u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
    if header.len() < 100 || !header.starts_with(b"SQLite format 3\0") {
        return not_ours("it does not begin like one");
    }
    match (number(60), number(68)) {
        // One of ours whose first transaction is still in its log has neither, and one page.
        (0, 0) if number(28) <= 1 => Ok(Header::Ours),
        (_, id) if id != APPLICATION_ID => not_ours("another program made it"),
        (found, _) if found > known => Err(StoreError::Newer { path: path.to_owned(), found, known }),
        _ => Ok(Header::Ours),
    }
}

/// The schema of an open database; 0 for a new one.
pub(crate) async fn version(db: &mut SqliteConnection, blame: &Blame) -> Result<u32, StoreError> {
    let row = sqlx::query(
        "SELECT v.user_version AS version, a.application_id AS owner, (SELECT count(*) FROM sqlite_schema) AS things
         FROM pragma_user_version v, pragma_application_id a",
    )
    .fetch_one(&mut *db)
    .await
    .map_err(|error| blame.error(error))?;
    let (version, owner, things): (u32, u32, i64) = (row.get("version"), row.get("owner"), row.get("things"));
    if owner != APPLICATION_ID && things > 0 {
        return Err(StoreError::NotOurs { path: blame.path.clone(), why: "another program made it".into() });
    }
    Ok(version)
}

/// Brings the database to the newest of `migrations`, all of it or nothing.
pub(crate) async fn upgrade(
    db: &mut SqliteConnection,
    blame: &Blame,
    migrations: &'static [&'static str],
) -> Result<(), StoreError> {
    let newest = migrations.len() as u32;
    loop {
        let found = version(db, blame).await?;
        if found > newest {
            return Err(StoreError::Newer { path: blame.path.clone(), found, known: newest });
        }
        if found == newest {
            return Ok(());
        }
        let fail = |error| match found {
            0 => error,
            _ => StoreError::Upgrade { path: blame.path.clone(), to: newest, source: Box::new(error) },
        };
        let before = data_version(db, blame).await?;
        let backup = if found > 0 { Some(backup(db, blame, found).await.map_err(fail)?) } else { None };
        if apply(db, blame, migrations, found, before).await.map_err(fail)? {
            if let Some(backup) = backup {
                tracing::info!(from = found, to = newest, backup = %backup.display(), "upgraded the database");
            }
            return Ok(());
        }
        // Somebody wrote between our backup and our transaction: the backup is no longer the whole of it.
    }
}

/// A number that changes when another connection has written.
async fn data_version(db: &mut SqliteConnection, blame: &Blame) -> Result<i64, StoreError> {
    sqlx::query_scalar("PRAGMA data_version").fetch_one(db).await.map_err(|error| blame.error(error))
}

/// Runs what is missing in one transaction; false when the database is not what it was at `before`.
async fn apply(
    db: &mut SqliteConnection,
    blame: &Blame,
    migrations: &'static [&'static str],
    found: u32,
    before: i64,
) -> Result<bool, StoreError> {
    let mut transaction = db.begin_with("BEGIN IMMEDIATE").await.map_err(|error| blame.error(error))?;
    if version(&mut transaction, blame).await? != found
        || found > 0 && data_version(&mut transaction, blame).await? != before
    {
        transaction.rollback().await.map_err(|error| blame.error(error))?;
        return Ok(false);
    }
    for migration in &migrations[found as usize..] {
        raw_sql(*migration).execute(&mut *transaction).await.map_err(|error| blame.error(error))?;
    }
    // Pragmas take no parameters; both are numbers.
    let stamp =
        format!("PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {}", migrations.len());
    raw_sql(sqlx::AssertSqlSafe(stamp))
        .execute(&mut *transaction)
        .await
        .map_err(|error| blame.error(error))?;
    transaction.commit().await.map_err(|error| blame.error(error))?;
    Ok(true)
}

/// Writes a whole copy beside the database, under the number of its schema. A half-written copy never has that name.
async fn backup(db: &mut SqliteConnection, blame: &Blame, version: u32) -> Result<PathBuf, StoreError> {
    let named = |ending: &str| {
        let mut name = blame.path.clone().into_os_string();
        name.push(ending);
        PathBuf::from(name)
    };
    let (part, whole) = (named(".backup-part"), named(&format!(".backup-{version}")));
    let failed = |source| StoreError::Folder { path: part.clone(), source };
    match std::fs::remove_file(&part) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    // An empty file may be there, and keeps its permissions.
    crate::store::make_private_file(&part)?;
    let target = part.to_string_lossy().into_owned();
    sqlx::query("VACUUM INTO ?").bind(target).execute(db).await.map_err(|error| blame.error(error))?;
    std::fs::File::open(&part).and_then(|file| file.sync_all()).map_err(failed)?;
    std::fs::rename(&part, &whole).map_err(failed)?;
    Ok(whole)
}

#[cfg(test)]
mod tests;
