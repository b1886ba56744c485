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

/// What schema 2 brought: a connected source with a run of its own and a collection under way.
async fn connect_a_cloud(store: &Store) {
    store.put_connection(&cloud()).await.unwrap();
    let key = CollectionKey {
        source: cloud().name,
        plugin: cloud().plugin,
        digest: Digest::of(b"component, settings, rights"),
    };
    let scope = |id: &str| Scope { id: id.into(), kind: "region".into(), label: id.into() };
    let plan = ScopePlan {
        scopes: vec![scope("aws/1/eu-west-1"), scope("aws/1/us-east-1")],
        believed: true,
        spent: Spent { calls: 2, ..Spent::default() },
    };
    let used = OperationUse {
        service: "sagemaker".into(),
        operation: "ListModels".into(),
        actions: vec!["sagemaker:ListModels".into()],
        calls: 3,
        denied: 1,
    };
    let mut report = Report { assets: vec![thing("model-version", "churn", "x", 1)], ..Report::default() };
    report.assets[0].evidence[0].place = Place::Object("arn:churn".into());
    let slice = |next| SliceRows {
        report: report.clone(),
        next,
        spent: Spent { calls: 1, retries: 1, throttled: 1, bytes: 9, cost_microusd: 7 },
        millis: 5,
        guest_micros: 6,
        used: vec![used.clone()],
    };
    let ledger = store.ledger();
    for is_whole in [true, false] {
        let now = Timestamp(4 * 60_000);
        let collection = ledger.open(&key, now, Timestamp(0)).await.unwrap();
        ledger.plan(collection.id, &plan).await.unwrap();
        let next = |more| match more {
            true => Next::More(Cursor { version: 1, data: vec![0, 255] }),
            false => Next::End(Ended::Complete, String::new()),
        };
        while let Leased::Scope(lease) = ledger.lease(collection.id, now, Timestamp(now.0 + 1)).await.unwrap()
        {
            assert!(ledger.commit(&lease, &slice(next(!is_whole))).await.unwrap());
        }
        if is_whole {
            let gathered = ledger.gather(collection.id).await.unwrap().unwrap();
            let scopes: Vec<ScopeRun> = gathered
                .scopes
                .iter()
                .map(|one| ScopeRun {
                    scope: one.scope.clone(),
                    status: ScopeStatus::Complete,
                    detail: String::new(),
                    seen: 1,
                    spent: one.spent,
                    millis: one.millis,
                })
                .collect();
            let look = Look::at(5).of("cloud").file(
                "acme/cloud",
                "aws/1/eu-west-1//churn",
                "c",
                report.assets.clone(),
            );
            let look = look.with("acme/cloud", "1").without(PYTHON).without(PACKAGES);
            store.record_collection(collection.id, &look.run(), &scopes, Default::default()).await.unwrap();
        }
    }
}

fn cloud() -> Connection {
    let credential = CredentialSource {
        kind: CredentialKind::Aws,
        reference: "env:AWS".into(),
        options: [("role".to_owned(), "arn:aws:iam::1:role/reader".to_owned())].into(),
    };
    Connection {
        name: SourceName::new("cloud").unwrap(),
        plugin: plugin("acme/cloud"),
        permissions: Digest::of(b"asked"),
        endpoint: Some("http://127.0.0.1:5000".into()),
        allow_private: vec!["127.0.0.0/8".into()],
        authority: Some("ca.pem".into()),
        credentials: [("aws".to_owned(), credential)].into(),
        settings: "{}".into(),
        budget: Budget { calls: Some(100), bytes: None, cost_microusd: Some(7), seconds: Some(60) },
    }
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
    connect_a_cloud(&bench.store).await;
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
        let source = cloud().name;
        let (is_known, scopes) =
            (store.connection(&source).await.unwrap(), store.scopes(&source).await.unwrap());
        let unfinished = store.unfinished(&source).await.unwrap();
        if old >= 2 {
            assert_eq!(is_known, Some(cloud()));
            assert_eq!(scopes, bench.store.scopes(&source).await.unwrap());
            assert_eq!(scopes.len(), 2);
            assert_eq!(unfinished.map(|(_, at)| (at.scopes, at.done)), Some((2, 0)));
            assert!(store.remove_connection(&source).await.unwrap());
        }
        assert_eq!(store.connections().await.unwrap(), []);
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
