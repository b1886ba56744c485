//! What stood before a run.

use super::{Document, Fresh, HashMap, Key, Open, Plan, Report, Run, StoreError};
use crate::document;
use crate::error::Blame;
use crate::query::Standing;
use crate::retire::{self, Covered};
use crate::row::{Cells, rows_of};
use inventar_model::{Asset, Digest, Identifier, PluginId, Relation, RelationKind, SourceName, Target, Uid};
use sqlx::{Row as _, SqliteConnection, query, query_scalar};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The last run of a source.
pub(super) struct LastRun {
    pub(super) id: i64,
    reports_digest: Digest,
    unconfirmed: u64,
}

impl LastRun {
    /// Whether nothing can differ: the same reports, everything confirmed then, everything looked at now.
    pub(super) fn says_the_same(&self, run: &Run) -> bool {
        self.reports_digest == run.reports_digest && self.unconfirmed == 0 && run.unseen.is_empty()
    }
}

/// The number of the source, new if it is.
pub(crate) async fn source(
    db: &mut SqliteConnection,
    blame: &Blame,
    name: &SourceName,
) -> Result<i64, StoreError> {
    let known = query_scalar("SELECT id FROM source WHERE name = ?")
        .bind(name.as_str())
        .fetch_optional(&mut *db)
        .await;
    if let Some(id) = known.map_err(|error| blame.error(error))? {
        return Ok(id);
    }
    let new = query("INSERT INTO source (name) VALUES (?)").bind(name.as_str()).execute(db).await;
    Ok(new.map_err(|error| blame.error(error))?.last_insert_rowid())
}

pub(super) async fn last_run(
    db: &mut SqliteConnection,
    blame: &Blame,
    source: i64,
) -> Result<Option<LastRun>, StoreError> {
    let row =
        query("SELECT id, reports_digest, unconfirmed FROM run WHERE source = ? ORDER BY id DESC LIMIT 1")
            .bind(source)
            .fetch_optional(db)
            .await
            .map_err(|error| blame.error(error))?;
    row.map(|row| {
        let cells = Cells::new(&row, blame);
        Ok(LastRun {
            id: cells.get("id")?,
            reports_digest: cells.digest("reports_digest")?,
            unconfirmed: cells.count("unconfirmed")?,
        })
    })
    .transpose()
}

/// Known before it is written: the transaction has the write lock.
pub(super) async fn next_run(db: &mut SqliteConnection, blame: &Blame) -> Result<i64, StoreError> {
    let next = query_scalar("SELECT coalesce(max(id), 0) + 1 FROM run").fetch_one(db).await;
    next.map_err(|error| blame.error(error))
}

/// Who took part in a run, as which digest.
pub(super) async fn detectors(
    db: &mut SqliteConnection,
    blame: &Blame,
    run: Option<i64>,
) -> Result<HashMap<PluginId, Digest>, StoreError> {
    let rows = query("SELECT plugin, digest FROM run_plugin WHERE run = ?").bind(run).fetch_all(db).await;
    rows.map_err(|error| blame.error(error))?
        .iter()
        .map(|row| {
            let cells = Cells::new(row, blame);
            Ok((cells.plugin("plugin")?, cells.digest("digest")?))
        })
        .collect()
}

/// The observations that stand, without their payloads.
pub(super) async fn open_observations(
    db: &mut SqliteConnection,
    blame: &Blame,
    source: i64,
    last: Option<i64>,
) -> Result<Vec<Open>, StoreError> {
    let Some(last) = last else { return Ok(vec![]) };
    let rows = query(
        "SELECT id, plugin, path, content, report, standing, since_run FROM observation
         WHERE source = ? AND closed_run IS NULL ORDER BY plugin, path",
    )
    .bind(source)
    .fetch_all(&mut *db)
    .await
    .map_err(|error| blame.error(error))?;
    let mut open = Vec::with_capacity(rows.len());
    // A seen observation was confirmed by the last run, any other by the last one before it was not.
    let mut confirmed: HashMap<(PluginId, Option<i64>), Option<Digest>> = HashMap::new();
    for row in &rows {
        let cells = Cells::new(row, blame);
        let (plugin, since) = (cells.plugin("plugin")?, cells.get::<Option<i64>>("since_run")?);
        let key = (plugin.clone(), since);
        let confirmed_by = match confirmed.get(&key) {
            Some(digest) => *digest,
            None => {
                let digest = detector_before(db, blame, source, &plugin, since.unwrap_or(last + 1)).await?;
                *confirmed.entry(key).or_insert(digest)
            }
        };
        open.push(Open {
            id: cells.get("id")?,
            plugin,
            path: cells.get("path")?,
            content: cells.digest("content")?,
            report: cells.digest("report")?,
            standing: cells.word("standing", Standing::from_word)?,
            since,
            confirmed_by,
        });
    }
    Ok(open)
}

/// A plugin's digest in the last run of the source before that one.
async fn detector_before(
    db: &mut SqliteConnection,
    blame: &Blame,
    source: i64,
    plugin: &PluginId,
    run: i64,
) -> Result<Option<Digest>, StoreError> {
    let row = query(
        "SELECT p.digest FROM run r JOIN run_plugin p ON p.run = r.id AND p.plugin = ?
         WHERE r.source = ? AND r.id < ? ORDER BY r.id DESC LIMIT 1",
    )
    .bind(plugin.as_str())
    .bind(source)
    .bind(run)
    .fetch_optional(db)
    .await
    .map_err(|error| blame.error(error))?;
    row.map(|row| Cells::new(&row, blame).digest("digest")).transpose()
}

/// What this run says, file by file. Where a plugin could not finish a file, on top of what it said before.
pub(super) async fn fresh<'a>(
    db: &mut SqliteConnection,
    blame: &Blame,
    run: &'a Run,
    open: &[Open],
) -> Result<BTreeMap<Key<'a>, Fresh<'a>>, StoreError> {
    let covered = Covered::new(&run.unseen);
    let mut fresh: BTreeMap<Key<'a>, Fresh<'a>> = BTreeMap::new();
    for report in &run.reports {
        let partial = covered.covers(&report.plugin, &report.path);
        let digest = Document::of_report(&report.report).digest;
        fresh
            .insert((&report.plugin, &report.path), Fresh { report: Cow::Borrowed(report), digest, partial });
    }
    let known: HashMap<Key<'_>, usize> =
        open.iter().enumerate().map(|(at, old)| ((&old.plugin, old.path.as_str()), at)).collect();
    let unfinished: HashMap<usize, Key<'a>> = fresh
        .iter()
        .filter(|(_, fresh)| fresh.partial)
        .filter_map(|(key, _)| Some((*known.get(key)?, *key)))
        .collect();
    for (at, old) in payloads(db, blame, open, unfinished.keys().copied().collect()).await? {
        if let Some(fresh) = fresh.get_mut(&unfinished[&at]) {
            let both = retire::on_top(old, &fresh.report);
            fresh.digest = Document::of_report(&both.report).digest;
            fresh.report = Cow::Owned(both);
        }
    }
    Ok(fresh)
}

/// The reports of all observations that this run did not simply confirm.
pub(super) async fn old_reports(
    db: &mut SqliteConnection,
    blame: &Blame,
    open: &[Open],
    plan: &Plan<'_>,
) -> Result<HashMap<usize, Report>, StoreError> {
    let wanted = plan.kept().chain(plan.close.iter().map(|close| close.at)).collect();
    payloads(db, blame, open, wanted).await
}

async fn payloads(
    db: &mut SqliteConnection,
    blame: &Blame,
    open: &[Open],
    wanted: Vec<usize>,
) -> Result<HashMap<usize, Report>, StoreError> {
    let at: HashMap<i64, usize> = wanted.into_iter().map(|at| (open[at].id, at)).collect();
    let mut ids: Vec<i64> = at.keys().copied().collect();
    ids.sort_unstable();
    let rows = rows_of(db, "SELECT id, payload FROM observation WHERE id IN", &ids).await;
    rows.map_err(|error| blame.error(error))?
        .iter()
        .map(|row| {
            let cells = Cells::new(row, blame);
            let report = document::report(cells.get("payload")?).map_err(|error| blame.corrupt(error))?;
            Ok((at[&row.get::<i64, _>("id")], report))
        })
        .collect()
}

/// An asset's row without its document.
#[derive(Debug, Clone)]
pub(super) struct AssetHead {
    pub(super) id: i64,
    pub(super) uid: Uid,
    pub(super) present: bool,
    pub(super) digest: Digest,
    pub(super) relations_digest: Digest,
    pub(super) standing: Standing,
    pub(super) since: Option<i64>,
    pub(super) changed_run: i64,
}

/// All assets of a source, present or gone.
pub(super) async fn assets(
    db: &mut SqliteConnection,
    blame: &Blame,
    source: i64,
) -> Result<Vec<AssetHead>, StoreError> {
    let rows = query(
        "SELECT id, uid, present, digest, relations_digest, standing, since_run, changed_run FROM asset
         WHERE source = ? ORDER BY id",
    )
    .bind(source)
    .fetch_all(db)
    .await
    .map_err(|error| blame.error(error))?;
    rows.iter()
        .map(|row| {
            let cells = Cells::new(row, blame);
            Ok(AssetHead {
                id: cells.get("id")?,
                uid: cells.uid("uid")?,
                present: cells.get("present")?,
                digest: cells.digest("digest")?,
                relations_digest: cells.digest("relations_digest")?,
                standing: cells.word("standing", Standing::from_word)?,
                since: cells.get("since_run")?,
                changed_run: cells.get("changed_run")?,
            })
        })
        .collect()
}

/// The number that the next new asset gets.
pub(super) async fn next_asset(db: &mut SqliteConnection, blame: &Blame) -> Result<i64, StoreError> {
    let next = query_scalar("SELECT coalesce(max(id), 0) + 1 FROM asset").fetch_one(db).await;
    next.map_err(|error| blame.error(error))
}

/// Those assets as they were.
pub(super) async fn old_assets(
    db: &mut SqliteConnection,
    blame: &Blame,
    ids: &[i64],
) -> Result<HashMap<i64, Asset>, StoreError> {
    let rows = rows_of(db, "SELECT id, uid, document FROM asset WHERE id IN", ids).await;
    rows.map_err(|error| blame.error(error))?
        .iter()
        .map(|row| {
            let cells = Cells::new(row, blame);
            let asset = document::asset(cells.uid("uid")?, cells.get("document")?);
            Ok((cells.get("id")?, asset.map_err(|error| blame.corrupt(error))?))
        })
        .collect()
}

/// The edges from those assets as they were, in the inventory's order.
pub(super) async fn old_relations(
    db: &mut SqliteConnection,
    blame: &Blame,
    ids: &[i64],
) -> Result<HashMap<i64, Vec<Relation>>, StoreError> {
    let head =
        "SELECT r.from_asset, f.uid AS from_uid, r.kind, t.uid AS to_uid, r.to_scheme, r.to_value, r.document
                FROM relation r JOIN asset f ON f.id = r.from_asset LEFT JOIN asset t ON t.id = r.to_asset
                WHERE r.from_asset IN";
    let mut relations: HashMap<i64, Vec<Relation>> = HashMap::new();
    for row in rows_of(db, head, ids).await.map_err(|error| blame.error(error))? {
        let cells = Cells::new(&row, blame);
        let target = match cells.get::<Option<&str>>("to_scheme")? {
            None => Target::Asset(cells.uid("to_uid")?),
            Some(scheme) => Target::Unresolved(
                Identifier::new(scheme, cells.get::<String>("to_value")?)
                    .map_err(|error| blame.corrupt(error))?,
            ),
        };
        let edge = document::edge(cells.get("document")?).map_err(|error| blame.corrupt(error))?;
        relations.entry(cells.get("from_asset")?).or_default().push(Relation {
            source: cells.uid("from_uid")?,
            kind: cells.name("kind", RelationKind::new)?,
            target,
            properties: edge.properties,
            evidence: edge.evidence,
        });
    }
    for relations in relations.values_mut() {
        relations.sort_by(|a, b| (&a.kind, &a.target).cmp(&(&b.kind, &b.target)));
    }
    Ok(relations)
}
