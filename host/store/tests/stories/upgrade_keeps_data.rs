//! A database of every released schema opens in this program with everything that was in it.
//!
//! `tests/fixtures/schema-N.sql` is what a database of schema N held. When a schema is released, its fixture is made by
//! `INVENTAR_MAKE_FIXTURE=1 cargo test -p inventar-store upgrade`, and never again.

use crate::bench::*;
use inventar_model::*;
use inventar_store::{AssetQuery, Standing, Store};
use sqlx::Connection as _;
use std::path::{Path, PathBuf};

/// A short life with everything a table can hold.
fn life() -> Vec<Look> {
    let agent = || {
        let mut report = Report { assets: vec![thing("agent", "helper", "a.py", 4)], ..Report::default() };
        report.assets[0].properties.push(Property::text("provider", "openai"));
        report.relations.push(ReportedRelation {
            source: AssetRef::Local { path: "a.py".into(), key: "agent helper".into() },
            kind: RelationKind::new("reads-secret").unwrap(),
            target: AssetRef::Identifier(Identifier::new("env", "OPENAI_API_KEY").unwrap()),
            properties: vec![],
            evidence: vec![seen("a.py", 5, Usage::Runtime, 90)],
        });
        report.findings.push(ReportedFinding {
            rule: "unsafe".into(),
            severity: Severity::High,
            title: "an agent may run anything".into(),
            about: vec![AssetRef::Local { path: "a.py".into(), key: "agent helper".into() }],
            properties: vec![],
            evidence: vec![],
        });
        report
    };
    vec![
        Look::at(1)
            .report(PYTHON, "a.py", "a", agent())
            .file(PYTHON, "lib/b.py", "b", vec![sdk("cohere", "lib/b.py")])
            .file(
                PACKAGES,
                "uv.lock",
                "c",
                vec![pinned("openai", "uv.lock", "1.0"), sdk("anthropic", "uv.lock")],
            ),
        Look::at(2)
            .report(PYTHON, "a.py", "a", agent())
            .file(PACKAGES, "uv.lock", "d", vec![pinned("openai", "uv.lock", "2.0")])
            .unseen("lib/", Some(PYTHON))
            .gap("lib/"),
    ]
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// A database with the rows of a fixture: made by the migrations up to its schema, then filled.
async fn fill(folder: &Path, schema: usize) {
    let path = folder.join("inventar.db");
    std::fs::write(&path, b"").unwrap();
    let mut db = connect(&path).await;
    let mut migrations: Vec<PathBuf> =
        std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
    migrations.sort();
    sqlx::raw_sql("PRAGMA foreign_keys = OFF").execute(&mut db).await.unwrap();
    for migration in &migrations[..schema] {
        let sql = std::fs::read_to_string(migration).unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut db).await.unwrap();
    }
    let rows = std::fs::read_to_string(fixtures().join(format!("schema-{schema}.sql"))).unwrap();
    let stamp = format!("PRAGMA application_id = {}; PRAGMA user_version = {schema}", 0x494E_5652);
    for sql in [rows, stamp] {
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut db).await.unwrap();
    }
    db.close().await.unwrap();
}

#[tokio::test]
async fn every_released_schema_opens_with_everything_in_it() {
    let bench = Bench::new().await;
    let mut expected = Vec::new();
    for look in life() {
        expected.push(bench.record(&look).await);
    }
    let schema = bench.store.check().await.unwrap().schema as usize;
    let newest = fixtures().join(format!("schema-{schema}.sql"));
    if std::env::var_os("INVENTAR_MAKE_FIXTURE").is_some() && !newest.exists() {
        std::fs::write(&newest, bench.dump().await).unwrap();
    }

    for old in 1..=schema {
        let folder = tempfile::tempdir().unwrap();
        fill(folder.path(), old).await;
        let store = Store::open(folder.path(), options()).await.unwrap();
        store.check().await.unwrap();
        assert_eq!(folder.path().join(format!("inventar.db.backup-{old}")).exists(), old < schema);
        for recorded in &expected {
            let at = inventar_store::Moment::Run(recorded.run_id);
            let then = store.inventory_at(&source(), at).await.unwrap().unwrap();
            assert_eq!(then, recorded.inventory, "schema {old}");
            assert_eq!(store.delta(recorded.run_id).await.unwrap(), recorded.delta);
        }
        for text in ["cohere", "helper", "uv.lock"] {
            let query = AssetQuery { text: Some(text.into()), ..Default::default() };
            let page = store.assets(&query).await.unwrap();
            assert_eq!(page.items.len(), 1, "schema {old}: {text}");
            let detail = store.asset(page.items[0].uid).await.unwrap().unwrap();
            assert_eq!(&detail, &bench.store.asset(page.items[0].uid).await.unwrap().unwrap());
            assert_eq!(detail.standing == Standing::Unseen, text == "cohere");
        }
        // And life goes on from there.
        let next = Look::at(3);
        let recorded = store.record(&next.run()).await.unwrap();
        assert_eq!(told(&recorded.delta).len(), 3, "schema {old}");
    }
}
