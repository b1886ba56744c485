//! Wrong files, full disks, locked databases, cut power: a clear word, and nothing lost or half-written.

use crate::bench::*;
use inventar_store::{OpenOptions, Store, StoreError};
use sqlx::Connection as _;
use std::path::{Path, PathBuf};
use std::task::{Context, Waker};
use std::time::Duration;

/// Everything in a folder, byte for byte.
fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

async fn execute(path: &Path, sql: &'static str) {
    let mut db = connect(path).await;
    sqlx::raw_sql(sql).execute(&mut db).await.unwrap();
    db.close().await.unwrap();
}

/// Opening fails, says something fitting, and touches nothing.
async fn refused(folder: &Path, fits: impl Fn(&StoreError) -> bool) {
    let before = contents(folder);
    for read_only in [false, true] {
        let error = Store::open(folder, OpenOptions { read_only, ..options() }).await.unwrap_err();
        assert!(fits(&error), "{error:?}");
        assert!(error.to_string().contains("inventar.db"), "{error}");
        assert!(!error.advice().is_empty(), "{error}");
        assert_eq!(contents(folder), before, "{error}");
    }
}

#[tokio::test]
async fn a_newer_database_is_left_alone() {
    let bench = Bench::new().await;
    bench.record(&Look::at(1).file(PYTHON, "a.py", "a", vec![sdk("openai", "a.py")])).await;
    let path = bench.store.path().to_owned();
    bench.store.close().await.unwrap();
    execute(&path, "PRAGMA user_version = 99").await;
    refused(bench.folder.path(), |error| matches!(error, StoreError::Newer { found: 99, .. })).await;
}

#[tokio::test]
async fn files_of_others_are_left_alone() {
    let not_ours = |error: &StoreError| matches!(error, StoreError::NotOurs { .. });
    for bytes in [&b"my diary"[..], &[0; 4096], b"SQLite format 3\0"] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("inventar.db"), bytes).unwrap();
        refused(folder.path(), not_ours).await;
    }
    for sql in ["CREATE TABLE diary (day TEXT)", "CREATE TABLE diary (day TEXT); PRAGMA user_version = 1"] {
        let folder = tempfile::tempdir().unwrap();
        execute(&touch(folder.path()), sql).await;
        refused(folder.path(), not_ours).await;
    }
}

#[tokio::test]
async fn a_damaged_database_is_told_apart() {
    // From the second page on, which the schema needs, or only where the rows are.
    for from in [1, 12] {
        let bench = Bench::new().await;
        bench.record(&Look::at(1).file(PYTHON, "a.py", "a", vec![sdk("openai", "a.py")])).await;
        let path = bench.store.path().to_owned();
        bench.store.close().await.unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        for at in (4096 * from..bytes.len()).step_by(4096) {
            bytes[at] = 0x77;
        }
        std::fs::write(&path, bytes).unwrap();
        let error = match Store::open(bench.folder.path(), options()).await {
            Err(error) => error,
            Ok(store) => store.check().await.unwrap_err(),
        };
        assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn a_folder_that_cannot_be_made() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, b"").unwrap();
    let error = Store::open(&file.join("data"), options()).await.unwrap_err();
    assert!(matches!(error, StoreError::Folder { .. }), "{error:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn what_is_recorded_is_for_its_owner() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("deep/data");
    let store = Store::open(&data, options()).await.unwrap();
    store.record(&Look::at(1).run()).await.unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    for (path, _) in contents(&data) {
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[tokio::test]
async fn reading_alone_makes_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let read_only = || OpenOptions { read_only: true, ..options() };
    let error = Store::open(folder.path(), read_only()).await.unwrap_err();
    assert!(matches!(error, StoreError::Missing { .. }), "{error:?}");
    assert_eq!(contents(folder.path()), []);

    let bench = Bench::new().await;
    bench.record(&Look::at(1).file(PYTHON, "a.py", "a", vec![sdk("openai", "a.py")])).await;
    let reader = Store::open(bench.folder.path(), read_only()).await.unwrap();
    assert_eq!(names(&reader.inventory(&source(), None).await.unwrap().unwrap()), ["openai"]);
    let error = reader.record(&Look::at(2).run()).await.unwrap_err();
    assert!(matches!(error, StoreError::ReadOnly { .. }), "{error:?}");

    // A file that nobody had the space to fill yet.
    let empty = tempfile::tempdir().unwrap();
    execute(&touch(empty.path()), "PRAGMA journal_mode = WAL").await;
    let error = Store::open(empty.path(), read_only()).await.unwrap_err();
    assert!(matches!(error, StoreError::Missing { .. }), "{error:?}");
}

fn touch(folder: &Path) -> PathBuf {
    let path = folder.join("inventar.db");
    std::fs::write(&path, b"").unwrap();
    path
}

#[tokio::test]
async fn a_full_disk_loses_only_the_run_that_did_not_fit() {
    let bench = Bench::new().await;
    bench.record(&Look::at(1).file(PYTHON, "a.py", "a", vec![sdk("openai", "a.py")])).await;
    let before = bench.dump().await;
    let big = (0..400).fold(Look::at(2), |look, n| {
        let path = format!("a/rather/long/path/{n}.py");
        look.file(PYTHON, &path, "c", vec![sdk(&format!("lib{n}"), &path)])
    });
    let size = bench.store.check().await.unwrap().size_bytes;
    for more in [0, 20_000, 100_000, 300_000] {
        let max_bytes = Some(size + more);
        let small = Store::open(bench.folder.path(), OpenOptions { max_bytes, ..options() }).await.unwrap();
        let error = small.record(&big.run()).await.unwrap_err();
        assert!(matches!(error, StoreError::Full { .. }), "{error:?}");
        assert!(error.is_retriable());
        small.close().await.unwrap();
        assert_eq!(bench.dump().await, before, "{more}");
    }
    assert_eq!(bench.record(&big).await.inventory.assets.len(), 400);
    bench.store.check().await.unwrap();
}

#[tokio::test]
async fn a_locked_database_is_named() {
    let bench = Bench::new().await;
    bench.record(&Look::at(1).file(PYTHON, "a.py", "a", vec![sdk("openai", "a.py")])).await;
    let patience = Duration::from_millis(30);
    let hasty = Store::open(bench.folder.path(), OpenOptions { patience, ..options() }).await.unwrap();
    let mut other = bench.peek().await;
    let lock = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let error = hasty.record(&Look::at(2).run()).await.unwrap_err();
    assert!(matches!(error, StoreError::Busy { .. }), "{error:?}");
    assert!(error.is_retriable());
    // Readers do not mind, and the store is whole once the lock is gone.
    assert_eq!(names(&hasty.inventory(&source(), None).await.unwrap().unwrap()), ["openai"]);
    lock.rollback().await.unwrap();
    hasty.record(&Look::at(2).run()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_may_open_and_record_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let scans: Vec<_> = (0..8)
        .map(|n| {
            let folder = folder.path().to_owned();
            tokio::spawn(async move {
                let store = Store::open(&folder, options()).await.unwrap();
                for minute in 1..4 {
                    let name = format!("lib{n}-{minute}");
                    let look = Look::at(minute).of(&format!("source {}", n % 3));
                    store
                        .record(&look.file(PYTHON, "a.py", &name, vec![sdk(&name, "a.py")]).run())
                        .await
                        .unwrap();
                }
                store.close().await.unwrap();
            })
        })
        .collect();
    for scan in scans {
        scan.await.unwrap();
    }
    let store = Store::open(folder.path(), options()).await.unwrap();
    store.check().await.unwrap();
    let sources = store.sources().await.unwrap();
    assert_eq!(
        sources.iter().map(|row| (row.runs, row.assets)).collect::<Vec<_>>(),
        [(9, 1), (9, 1), (6, 1)]
    );
    for source in sources {
        let listed = store.assets(&inventar_store::AssetQuery::of(source.name.clone())).await.unwrap();
        let inventory = store.inventory(&source.name, None).await.unwrap().unwrap();
        assert_eq!(listed.items[0].uid, inventory.assets[0].uid);
    }
}

/// A recording that is dropped half-way, at many points, happened in full or not at all.
#[tokio::test]
async fn a_recording_cut_short_leaves_all_or_nothing() {
    let look = |minute, names: &[&str]| {
        let assets = names.iter().map(|name| sdk(name, "a.py")).collect();
        Look::at(minute).file(PYTHON, "a.py", &names.join(" "), assets)
    };
    let bench = Bench::new().await;
    bench.record(&look(1, &["a", "b"])).await;
    let before = bench.dump().await;
    let after = {
        let other = Bench::new().await;
        other.record(&look(1, &["a", "b"])).await;
        other.record(&look(2, &["b", "c"])).await;
        other.dump().await
    };
    let (run, mut cut) = (look(2, &["b", "c"]).run(), 0);
    for steps in (0..).map(|n| 1 << n) {
        let finished = {
            let mut recording = std::pin::pin!(bench.store.record(&run));
            let mut context = Context::from_waker(Waker::noop());
            (0..steps).any(|_| recording.as_mut().poll(&mut context).is_ready())
        };
        let now = bench.dump().await;
        assert!(now == after || now == before && !finished, "after {steps} steps:\n{now}");
        if now == after {
            break;
        }
        cut += 1;
    }
    assert!(cut > 0, "nothing was cut short");
}
