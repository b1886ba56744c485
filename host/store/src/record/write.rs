//! The rows of a run, in an order in which every reference already exists.

use super::compare::{AssetWrite, Changes};
use super::{HashSet, Inventory, Plan, Run, RunCounts, View};
use crate::document::{self, Document};
use crate::query::Standing;
use crate::retire::{Close, New, Update};
use crate::row::{delete_of, int, position, write_rows};
use inventar_model::{Asset, ChangeKind, Evidence, Property, Severity, Target, Usage, Value};
use sqlx::{Row as _, SqliteConnection, query};
use std::collections::BTreeSet;

/// Text of an asset's properties that search looks at.
const MAX_SEARCHED_BYTES: usize = 4096;

type Done = Result<(), sqlx::Error>;

/// The run itself and what it did not see.
pub(super) async fn run(
    db: &mut SqliteConnection,
    source: i64,
    id: i64,
    run: &Run,
    counts: &RunCounts,
    unconfirmed: u64,
) -> Done {
    query(
        "INSERT INTO run (id, source, status, started, ended, reports_digest, files_seen, files_inspected, bytes_read,
             unconfirmed, assets, relations, findings, gaps, new, changed, gone, by_detector, kept, held,
             revision, committed)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(id)
    .bind(source)
    .bind(run.status.as_str())
    .bind(run.started.0)
    .bind(run.ended.0)
    .bind(run.reports_digest.as_bytes().as_slice())
    .bind(int(run.files_seen))
    .bind(int(run.files_inspected))
    .bind(int(run.bytes_read))
    .bind(int(unconfirmed))
    .bind(int(counts.assets))
    .bind(int(counts.relations))
    .bind(int(counts.findings))
    .bind(int(counts.gaps))
    .bind(int(counts.new))
    .bind(int(counts.changed))
    .bind(int(counts.gone))
    .bind(int(counts.by_detector))
    .bind(int(counts.kept))
    .bind(int(counts.held))
    .bind(run.revision.as_ref().map(|revision| &revision.commit))
    .bind(run.revision.as_ref().map(|revision| revision.committed.0))
    .execute(&mut *db)
    .await?;
    let head = "INSERT INTO run_plugin (run, plugin, version, digest, signed, files, cached, guest_micros) ";
    write_rows(db, head, " ON CONFLICT DO NOTHING", &run.plugins, |row, plugin| {
        row.push_bind(id).push_bind(plugin.id.as_str().to_owned()).push_bind(plugin.version.clone());
        row.push_bind(plugin.digest.as_bytes().to_vec()).push_bind(plugin.signed);
        row.push_bind(int(plugin.files)).push_bind(int(plugin.cached)).push_bind(int(plugin.guest_micros));
    })
    .await?;
    let gaps: Vec<_> = run.gaps.iter().enumerate().collect();
    let head = "INSERT INTO run_gap (run, position, place, reason, argument, detail, retriable, plugin) ";
    write_rows(db, head, "", &gaps, |row, (at, stamped)| {
        let gap = &stamped.gap;
        row.push_bind(id).push_bind(int(*at)).push_bind(gap.at.clone()).push_bind(gap.reason.as_str());
        row.push_bind(gap.reason.argument()).push_bind(gap.detail.clone()).push_bind(gap.retriable);
        row.push_bind(stamped.plugin.as_ref().map(|plugin| plugin.as_str().to_owned()));
    })
    .await?;
    let head = "INSERT INTO run_left_out (run, rule, count, examples) ";
    write_rows(db, head, " ON CONFLICT DO NOTHING", &run.left_out, |row, left_out| {
        row.push_bind(id).push_bind(left_out.rule.clone()).push_bind(int(left_out.count));
        row.push_bind(document::list(&left_out.examples));
    })
    .await?;
    let unseen: Vec<_> = run.unseen.iter().enumerate().collect();
    write_rows(
        db,
        "INSERT INTO run_unseen (run, position, path, plugin) ",
        "",
        &unseen,
        |row, (at, unseen)| {
            row.push_bind(id).push_bind(int(*at)).push_bind(unseen.path.clone());
            row.push_bind(unseen.plugin.as_ref().map(|plugin| plugin.as_str().to_owned()));
        },
    )
    .await
}

/// Closes before it opens: a replaced observation has the same key.
pub(super) async fn observations(
    db: &mut SqliteConnection,
    source: i64,
    run: i64,
    view: &View<'_>,
    plan: &Plan<'_>,
) -> Done {
    let head = "UPDATE observation SET closed_run = v.column1, closed_reason = v.column2 FROM (";
    write_rows(
        db,
        head,
        ") AS v WHERE observation.id = v.column3",
        &plan.close,
        |row, Close { at, reason, .. }| {
            row.push_bind(run).push_bind(reason.as_str()).push_bind(view.open[*at].id);
        },
    )
    .await?;
    let head =
        "UPDATE observation SET content = v.column1, standing = v.column2, since_run = v.column3 FROM (";
    write_rows(db, head, ") AS v WHERE observation.id = v.column4", &plan.update, |row, update| {
        let Update { id, content, standing, since } = update;
        row.push_bind(content.as_bytes().to_vec())
            .push_bind(standing.as_str())
            .push_bind(*since)
            .push_bind(*id);
    })
    .await?;
    let new: Vec<_> =
        plan.open.iter().filter_map(|new| view.fresh.get(&new.key).map(|fresh| (new, fresh))).collect();
    let head = "INSERT INTO observation
        (source, plugin, path, content, report, gaps, opened_run, standing, since_run, payload) ";
    write_rows(db, head, "", &new, |row, (New { standing, .. }, fresh)| {
        let report = &fresh.report;
        row.push_bind(source).push_bind(report.plugin.as_str().to_owned()).push_bind(report.path.clone());
        row.push_bind(report.content.as_bytes().to_vec()).push_bind(fresh.digest.as_bytes().to_vec());
        row.push_bind(int(report.report.gaps.len())).push_bind(run).push_bind(standing.as_str());
        row.push_bind((*standing != Standing::Seen).then_some(run))
            .push_bind(Document::of_report(&report.report).text);
    })
    .await
}

/// Assets, what hangs on them, and their history.
pub(super) async fn assets(db: &mut SqliteConnection, source: i64, run: i64, changes: &Changes<'_>) -> Done {
    let rewritten: Vec<i64> =
        changes.writes.iter().filter(|write| !write.is_new).map(|write| write.id).collect();
    let gone: Vec<i64> = changes.gone.iter().map(|gone| gone.id).collect();
    for head in [
        "DELETE FROM asset_plugin WHERE asset IN",
        "DELETE FROM asset_identifier WHERE asset IN",
        "DELETE FROM asset_path WHERE asset IN",
        "DELETE FROM asset_text WHERE rowid IN",
        "DELETE FROM relation WHERE from_asset IN",
    ] {
        delete_of(db, head, &rewritten).await?;
    }
    delete_of(db, "DELETE FROM relation WHERE from_asset IN", &gone).await?;

    asset_rows(db, source, run, &changes.writes).await?;
    let head = "UPDATE asset SET standing = v.column1, since_run = v.column2 FROM (";
    write_rows(
        db,
        head,
        ") AS v WHERE asset.id = v.column3",
        &changes.stand,
        |row, (id, standing, since)| {
            row.push_bind(standing.as_str()).push_bind(*since).push_bind(*id);
        },
    )
    .await?;
    let head = "UPDATE asset SET present = 0, standing = 'gone', changed_run = v.column1,
        since_run = coalesce(since_run, v.column1), gone_reason = v.column2 FROM (";
    write_rows(db, head, ") AS v WHERE asset.id = v.column3", &changes.gone, |row, gone| {
        row.push_bind(run).push_bind(gone.reason.as_str()).push_bind(gone.id);
    })
    .await?;
    facets(db, &changes.writes).await?;
    texts(db, &changes.writes).await?;
    relations(db, changes).await?;
    history(db, run, changes).await
}

async fn asset_rows(db: &mut SqliteConnection, source: i64, run: i64, writes: &[AssetWrite<'_>]) -> Done {
    let head = "INSERT INTO asset (id, source, uid, present, rank, kind, name, version_form, version, usage,
        confidence, provider, plugins, path, line, n_evidence, standing, since_run, first_run, changed_run, digest,
        relations_digest, document) ";
    let tail = " ON CONFLICT (id) DO UPDATE SET present = 1, rank = excluded.rank, name = excluded.name,
        version_form = excluded.version_form, version = excluded.version, usage = excluded.usage,
        confidence = excluded.confidence, provider = excluded.provider, plugins = excluded.plugins,
        path = excluded.path, line = excluded.line, n_evidence = excluded.n_evidence, standing = excluded.standing,
        since_run = excluded.since_run, changed_run = excluded.changed_run, gone_reason = NULL,
        digest = excluded.digest, relations_digest = excluded.relations_digest, document = excluded.document";
    write_rows(db, head, tail, writes, |row, write| {
        let asset = write.asset;
        let plugins: Vec<&str> = asset.plugins.iter().map(|plugin| plugin.as_str()).collect();
        let best = asset.evidence.iter().find(|evidence| evidence.path().is_some());
        row.push_bind(write.id).push_bind(source).push_bind(asset.uid.as_bytes().to_vec()).push_bind(1);
        row.push_bind(rank(asset)).push_bind(asset.kind.as_str().to_owned()).push_bind(asset.name.clone());
        row.push_bind(asset.version.as_ref().map(|version| version.form()));
        row.push_bind(asset.version.as_ref().map(|version| version.text().to_owned()));
        row.push_bind(position(Usage::ALL, &asset.usage())).push_bind(asset.confidence().percent());
        row.push_bind(provider(asset)).push_bind(document::list(&plugins));
        row.push_bind(best.and_then(Evidence::path).map(str::to_owned))
            .push_bind(best.and_then(Evidence::line));
        row.push_bind(int(asset.evidence.len())).push_bind(write.standing.as_str()).push_bind(write.since);
        row.push_bind(run).push_bind(write.changed_run).push_bind(write.digest.as_bytes().to_vec());
        row.push_bind(write.relations_digest.as_bytes().to_vec()).push_bind(Document::of_asset(asset).text);
    })
    .await
}

/// Vendors' kinds come last, however many the registry has by then.
const LAST_RANK: i64 = 1_000_000;

pub(crate) fn rank(asset: &Asset) -> i64 {
    match int(asset.kind.rank()) {
        rank if rank < int(inventar_model::KINDS.len()) => rank,
        _ => LAST_RANK,
    }
}

fn provider(asset: &Asset) -> Option<String> {
    match asset.property("provider") {
        Some(Property { value: Value::Text(text), .. }) => Some(text.clone()),
        _ => None,
    }
}

async fn facets(db: &mut SqliteConnection, writes: &[AssetWrite<'_>]) -> Done {
    let plugins: Vec<_> = writes
        .iter()
        .flat_map(|write| write.asset.plugins.iter().map(move |plugin| (write.id, plugin)))
        .collect();
    write_rows(db, "INSERT INTO asset_plugin (asset, plugin) ", "", &plugins, |row, (id, plugin)| {
        row.push_bind(*id).push_bind(plugin.as_str().to_owned());
    })
    .await?;
    let identifiers: Vec<_> = writes
        .iter()
        .flat_map(|write| write.asset.identifiers.iter().map(move |one| (write.id, one)))
        .collect();
    let head = "INSERT INTO asset_identifier (asset, scheme, value) ";
    write_rows(db, head, " ON CONFLICT DO NOTHING", &identifiers, |row, (id, identifier)| {
        row.push_bind(*id).push_bind(identifier.scheme().to_owned()).push_bind(identifier.value().to_owned());
    })
    .await?;
    let paths: Vec<_> = writes
        .iter()
        .flat_map(|write| paths(write.asset).into_iter().map(move |path| (write.id, path)))
        .collect();
    write_rows(db, "INSERT INTO asset_path (asset, path) ", "", &paths, |row, (id, path)| {
        row.push_bind(*id).push_bind((*path).to_owned());
    })
    .await
}

/// The files of an asset's evidence, each once.
fn paths(asset: &Asset) -> BTreeSet<&str> {
    asset.evidence.iter().filter_map(Evidence::path).collect()
}

async fn texts(db: &mut SqliteConnection, writes: &[AssetWrite<'_>]) -> Done {
    let head = "INSERT INTO asset_text (rowid, name, identifiers, properties, paths) ";
    write_rows(db, head, "", writes, |row, write| {
        let identifiers: Vec<&str> =
            write.asset.identifiers.iter().map(|identifier| identifier.value()).collect();
        let paths: Vec<&str> = paths(write.asset).into_iter().collect();
        row.push_bind(write.id).push_bind(write.asset.name.clone()).push_bind(identifiers.join("\n"));
        row.push_bind(searched(&write.asset.properties)).push_bind(paths.join("\n"));
    })
    .await
}

fn searched(properties: &[Property]) -> String {
    let mut text = String::new();
    for property in properties {
        let values: &[String] = match &property.value {
            Value::Text(value) => std::slice::from_ref(value),
            Value::Texts(values) => values,
            Value::Integer(_) | Value::Number(_) | Value::Boolean(_) | Value::Json(_) => continue,
        };
        for value in values {
            if text.len() + value.len() > MAX_SEARCHED_BYTES {
                return text;
            }
            text.push_str(value);
            text.push('\n');
        }
    }
    text
}

async fn relations(db: &mut SqliteConnection, changes: &Changes<'_>) -> Done {
    let relations: Vec<_> = changes
        .writes
        .iter()
        .flat_map(|write| write.relations.iter().map(move |one| (write.id, *one)))
        .collect();
    let head = "INSERT INTO relation (from_asset, kind, to_asset, to_scheme, to_value, document) ";
    write_rows(db, head, "", &relations, |row, (id, relation)| {
        let (to_asset, unresolved) = match &relation.target {
            Target::Asset(uid) => (changes.ids.get(uid).copied(), None),
            Target::Unresolved(identifier) => (None, Some(identifier)),
        };
        row.push_bind(*id).push_bind(relation.kind.as_str().to_owned()).push_bind(to_asset);
        row.push_bind(unresolved.map(|identifier| identifier.scheme().to_owned()));
        row.push_bind(unresolved.map(|identifier| identifier.value().to_owned()));
        row.push_bind(Document::of_relation(relation).text);
    })
    .await
}

async fn history(db: &mut SqliteConnection, run: i64, changes: &Changes<'_>) -> Done {
    let head = "INSERT INTO asset_history (run, asset, change, reason, kind, name, fields) ";
    let told: Vec<_> =
        changes.writes.iter().filter_map(|write| write.change.as_ref().map(|told| (write, told))).collect();
    write_rows(db, head, "", &told, |row, (write, told)| {
        row.push_bind(run).push_bind(write.id).push_bind(told.kind.as_str()).push_bind(told.reason.as_str());
        row.push_bind(write.asset.kind.as_str().to_owned()).push_bind(write.asset.name.clone());
        row.push_bind(document::list(&told.fields));
    })
    .await?;
    write_rows(db, head, "", &changes.gone, |row, gone| {
        row.push_bind(run)
            .push_bind(gone.id)
            .push_bind(ChangeKind::Gone.as_str())
            .push_bind(gone.reason.as_str());
        row.push_bind(gone.asset.kind.as_str().to_owned()).push_bind(gone.asset.name.clone());
        row.push_bind("[]");
    })
    .await
}

/// Findings have no life of their own yet: those that are no longer said go, new ones come.
pub(super) async fn findings(
    db: &mut SqliteConnection,
    source: i64,
    inventory: &Inventory,
    changes: &Changes<'_>,
) -> Done {
    let known =
        query("SELECT id, digest FROM finding WHERE source = ?").bind(source).fetch_all(&mut *db).await?;
    let mut known: std::collections::BTreeMap<Vec<u8>, i64> =
        known.iter().map(|row| (row.get("digest"), row.get("id"))).collect();
    let mut seen = HashSet::new();
    let mut new = Vec::new();
    for finding in &inventory.findings {
        let document = Document::of_finding(finding);
        if known.remove(document.digest.as_bytes().as_slice()).is_none() && seen.insert(document.digest) {
            new.push((finding, document));
        }
    }
    let stale: Vec<i64> = known.into_values().collect();
    delete_of(db, "DELETE FROM finding WHERE id IN", &stale).await?;
    if new.is_empty() {
        return Ok(());
    }
    let next: i64 = query("SELECT coalesce(max(id), 0) + 1 FROM finding").fetch_one(&mut *db).await?.get(0);
    let new: Vec<_> = new.into_iter().zip(next..).collect();
    let head = "INSERT INTO finding (id, source, digest, severity, rule, plugin, document) ";
    write_rows(db, head, "", &new, |row, ((finding, document), id)| {
        row.push_bind(*id).push_bind(source).push_bind(document.digest.as_bytes().to_vec());
        row.push_bind(position(Severity::ALL, &finding.severity)).push_bind(finding.rule.clone());
        row.push_bind(finding.plugin.as_str().to_owned()).push_bind(document.text.clone());
    })
    .await?;
    let about: Vec<(i64, i64)> = new
        .iter()
        .flat_map(|((finding, _), id)| {
            finding.about.iter().filter_map(move |target| match target {
                Target::Asset(uid) => Some((*id, *changes.ids.get(uid)?)),
                Target::Unresolved(_) => None,
            })
        })
        .collect();
    let head = "INSERT INTO finding_about (finding, asset) ";
    write_rows(db, head, " ON CONFLICT DO NOTHING", &about, |row, (finding, asset)| {
        row.push_bind(*finding).push_bind(*asset);
    })
    .await
}
