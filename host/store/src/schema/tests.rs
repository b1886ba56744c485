//! Upgrades: whole or not at all, with the old state beside it.

use super::*;
use crate::store::{OpenOptions, Store};
use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;
use std::time::Duration;

const NEXT: &[&str] = &[
    MIGRATIONS[0],
    MIGRATIONS[1],
    MIGRATIONS[2],
    "CREATE TABLE later (x INTEGER) STRICT; INSERT INTO later VALUES (7)",
];
const BROKEN: &[&str] = &[
    MIGRATIONS[0],
    MIGRATIONS[1],
    MIGRATIONS[2],
    "CREATE TABLE later (x INTEGER) STRICT; INSERT INTO nowhere VALUES (7)",
];

/// A database of schema 1 with a source in it.
async fn old_database(folder: &Path) -> (SqliteConnection, Blame) {
    let path = folder.join("inventar.db");
    let mut db = connect(&path, true).await;
    let blame = Blame::new(&path, Duration::from_secs(1));
    upgrade(&mut db, &blame, &MIGRATIONS[..1]).await.unwrap();
    raw_sql("INSERT INTO source (name) VALUES ('mine')").execute(&mut db).await.unwrap();
    (db, blame)
}

async fn connect(path: &Path, create: bool) -> SqliteConnection {
    SqliteConnectOptions::new().filename(path).create_if_missing(create).connect().await.unwrap()
}

async fn number(db: &mut SqliteConnection, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(db).await.unwrap()
}

#[tokio::test]
async fn an_upgrade_keeps_the_old_state_beside_the_new() {
    let folder = tempfile::tempdir().unwrap();
    let (mut db, blame) = old_database(folder.path()).await;
    upgrade(&mut db, &blame, NEXT).await.unwrap();
    assert_eq!(number(&mut db, "SELECT x FROM later").await, 7);
    assert_eq!(version(&mut db, &blame).await.unwrap(), 4);

    let mut backup = connect(&folder.path().join("inventar.db.backup-1"), false).await;
    assert_eq!(version(&mut backup, &blame).await.unwrap(), 1);
    assert_eq!(number(&mut backup, "SELECT count(*) FROM source").await, 1);
    // Doing it again does nothing.
    upgrade(&mut db, &blame, NEXT).await.unwrap();
    assert!(!folder.path().join("inventar.db.backup-3").exists());
}

#[tokio::test]
async fn an_upgrade_that_fails_leaves_everything_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let (mut db, blame) = old_database(folder.path()).await;
    let error = upgrade(&mut db, &blame, BROKEN).await.unwrap_err();
    assert!(matches!(error, StoreError::Upgrade { to: 4, .. }), "{error:?}");
    assert_eq!(version(&mut db, &blame).await.unwrap(), 1);
    assert_eq!(number(&mut db, "SELECT count(*) FROM sqlite_schema WHERE name = 'later'").await, 0);
    assert_eq!(number(&mut db, "SELECT count(*) FROM source").await, 1);
    assert!(folder.path().join("inventar.db.backup-1").exists());
}

#[tokio::test]
async fn no_backup_of_nothing_and_no_upgrade_without_a_backup() {
    let folder = tempfile::tempdir().unwrap();
    Store::open(folder.path(), OpenOptions::default()).await.unwrap().close().await.unwrap();
    let names: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["inventar.db"]);

    let mut db = connect(&folder.path().join("inventar.db"), false).await;
    let blame = Blame::new(&folder.path().join("inventar.db"), Duration::from_secs(1));
    // Something else has the backup's name, so that it cannot be written.
    std::fs::create_dir_all(folder.path().join("inventar.db.backup-3/in the way")).unwrap();
    let error = upgrade(&mut db, &blame, NEXT).await.unwrap_err();
    assert!(matches!(error, StoreError::Upgrade { .. }), "{error:?}");
    assert_eq!(version(&mut db, &blame).await.unwrap(), 3);
}

/// Ranks are stored: kinds may be added at the end of the registry, any other change needs a migration.
#[test]
fn the_registry_begins_as_schema_1_stored_it() {
    let ids: Vec<&str> = inventar_model::KINDS.iter().take(47).map(|kind| kind.id).collect();
    assert_eq!(ids.first(), Some(&"model-reference"));
    assert_eq!(ids.last(), Some(&"control-evidence"));
    let digest = inventar_model::Digest::of(ids.join(" ").as_bytes()).to_string();
    assert_eq!(&digest[..16], "0831abdde480adc8", "bring stored ranks up to date in a migration");
}
