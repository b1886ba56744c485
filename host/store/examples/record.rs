//! How long it takes to keep a large cloud: `cargo run --release -p inventar-store --example record -- 20000`.

#![allow(clippy::print_stdout, reason = "an example that prints what it measured")]

use inventar_model::*;
use inventar_store::{OpenOptions, Store};
use std::time::Instant;

const SLICE: usize = 50;

fn evidence(key: &str) -> Evidence {
    Evidence {
        place: Place::Object(key.to_owned()),
        rule: "describe".into(),
        method: Method::Api,
        usage: Usage::Runtime,
        confidence: Confidence::new(100),
        snippet: None,
    }
}

/// An asset with three properties and an edge to the one before.
fn asset(scope: &Scope, n: usize, version: usize) -> Result<Report, InvalidName> {
    let key = |n: usize| format!("arn:aws:sagemaker:eu-west-1:123456789012:model/churn-{n}");
    let local = |n: usize| AssetRef::Local { path: scope.path(&key(n)), key: key(n) };
    let property = |name: &str, value: String| Property { name: name.into(), value: Value::Text(value) };
    let mut report = Report::default();
    report.assets.push(Sighting {
        key: key(n),
        kind: AssetKind::new("model-version")?,
        name: format!("churn-{n}"),
        version: Some(Version::Exact(version.to_string())),
        identifiers: vec![Identifier::new("arn", key(n))?],
        properties: vec![
            property("region", "eu-west-1".into()),
            property("role", format!("arn:aws:iam::123456789012:role/{}", n % 40)),
            property("image", format!("123456789012.dkr.ecr.eu-west-1.amazonaws.com/serve:{}", n % 7)),
        ],
        evidence: vec![evidence(&key(n))],
    });
    if n > 0 {
        report.relations.push(ReportedRelation {
            source: local(n),
            kind: RelationKind::new("derived-from")?,
            target: local(n - 1),
            properties: vec![],
            evidence: vec![evidence(&key(n))],
        });
    }
    Ok(report)
}

fn run(
    source: &SourceName,
    plugin: &PluginId,
    scope: &Scope,
    assets: usize,
    changed: usize,
) -> Result<Run, InvalidName> {
    let mut reports = Vec::with_capacity(assets);
    for n in 0..assets {
        let report = asset(scope, n, usize::from(n < changed))?;
        let path = scope.path(&report.assets[0].key);
        reports.push(FileReport {
            plugin: plugin.clone(),
            content: Digest::of(path.as_bytes()),
            path,
            report,
        });
    }
    reports.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Run {
        source: source.clone(),
        reports_digest: Digest::of(format!("{assets} {changed}").as_bytes()),
        reports,
        gaps: vec![],
        status: RunStatus::Complete,
        revision: None,
        started: Timestamp(1),
        ended: Timestamp(2),
        plugins: vec![PluginUse {
            id: plugin.clone(),
            version: "1.0.0".into(),
            digest: Digest::of(b"plugin"),
            signed: true,
            files: 1,
            cached: 0,
            guest_micros: 0,
        }],
        files_seen: 1,
        files_inspected: 1,
        bytes_read: 0,
        left_out: vec![],
        unseen: vec![],
    })
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let assets: usize = std::env::args().nth(1).map_or(Ok(20_000), |text| text.parse())?;
    let folder = tempfile::tempdir()?;
    let store = Store::open(folder.path(), OpenOptions::default()).await?;
    let (source, plugin) = (SourceName::new("prod")?, PluginId::new("acme/cloud")?);
    let scope =
        Scope { id: "aws/1/eu-west-1/sagemaker".into(), kind: "region".into(), label: "eu-west-1".into() };
    let key = CollectionKey { source: source.clone(), plugin: plugin.clone(), digest: Digest::of(b"plugin") };
    for (what, changed) in [("first", 0), ("1 % changed", assets / 100), ("nothing changed", assets / 100)] {
        let ledger = store.ledger();
        let begun = Instant::now();
        let collection = ledger.open(&key, Timestamp(1), Timestamp(0)).await?;
        let plan = ScopePlan { scopes: vec![scope.clone()], believed: true, spent: Spent::default() };
        ledger.plan(collection.id, &plan).await?;
        let Leased::Scope(mut lease) = ledger.lease(collection.id, Timestamp(1), Timestamp(9)).await? else {
            return Err("the scope is not free".into());
        };
        for first in (0..assets).step_by(SLICE) {
            let mut report = Report::default();
            for n in first..(first + SLICE).min(assets) {
                let mut one = asset(&scope, n, usize::from(n < changed))?;
                report.assets.append(&mut one.assets);
                report.relations.append(&mut one.relations);
            }
            let cursor = Cursor { version: 1, data: first.to_le_bytes().to_vec() };
            let is_last = first + SLICE >= assets;
            let next = if is_last { Next::End(Ended::Complete, String::new()) } else { Next::More(cursor) };
            let (spent, used) = (Spent::default(), vec![]);
            let slice = SliceRows { report, next, spent, millis: 0, guest_micros: 0, used };
            if !ledger.commit(&lease, &slice).await? {
                return Err("the lease was lost".into());
            }
            lease.slices += 1;
        }
        let staged = begun.elapsed();
        let gathered = ledger.gather(collection.id).await?.ok_or("the collection is gone")?;
        let read = begun.elapsed() - staged;
        let run = run(&source, &plugin, &scope, assets, changed)?;
        let done = gathered.scopes.iter().map(|one| ScopeRun {
            scope: one.scope.clone(),
            status: ScopeStatus::Complete,
            detail: String::new(),
            seen: assets as u64,
            spent: one.spent,
            millis: one.millis,
        });
        let scopes: Vec<ScopeRun> = done.collect();
        let clock = Instant::now();
        let recorded = store.record_collection(collection.id, &run, &scopes, Default::default()).await?;
        println!(
            "{what}: {} slices committed in {staged:.2?}, gathered in {read:.2?}, {} assets recorded in {:.2?} with {} \
             changes",
            assets.div_ceil(SLICE),
            recorded.inventory.assets.len(),
            clock.elapsed(),
            recorded.delta.changes.len(),
        );
    }
    Ok(())
}
