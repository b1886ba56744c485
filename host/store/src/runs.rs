//! Sources and runs: what was looked at, when, how far, and what it changed.

use crate::document;
use crate::error::{Blame, StoreError};
use crate::row::Cells;
use crate::store::Store;
use inventar_model::{
    Change, ChangeKind, CoverageGap, Digest, GapReason, LeftOut, PluginUse, Retirement, Revision, RunDelta,
    RunStatus, SourceName, StampedGap, Timestamp, Unseen,
};
use sqlx::sqlite::SqliteRow;
use sqlx::{SqliteConnection, query, query_scalar};
use std::collections::BTreeSet;
use std::fmt;

/// The number of a run in this database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(pub i64);

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A point in the life of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The latest run.
    Now,
    /// The last run that had ended by then.
    At(Timestamp),
    /// That run.
    Run(RunId),
}

impl From<Option<Timestamp>> for Moment {
    fn from(as_of: Option<Timestamp>) -> Self {
        as_of.map_or(Self::Now, Self::At)
    }
}

/// A source as a list shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceRow {
    /// Its name.
    pub name: SourceName,
    /// Assets present.
    pub assets: u64,
    /// Runs recorded.
    pub runs: u64,
    /// The latest.
    pub latest: RunRow,
}

/// A run as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRow {
    /// Its number.
    pub id: RunId,
    /// How far it got.
    pub status: RunStatus,
    /// When it began.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// What it found and changed.
    pub counts: RunCounts,
}

/// What a run found and changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RunCounts {
    /// Assets present when it had ended.
    pub assets: u64,
    /// Relations.
    pub relations: u64,
    /// Findings.
    pub findings: u64,
    /// Gaps, those of the reports included.
    pub gaps: u64,
    /// Assets seen for the first time, or again.
    pub new: u64,
    /// Assets that differ.
    pub changed: u64,
    /// Assets no longer there.
    pub gone: u64,
    /// Of `new`, `changed` and `gone`: because a detector changed.
    pub by_detector: u64,
    /// Assets that stay because nobody looked at their files.
    pub kept: u64,
    /// Assets whose retirement waits for confirmation.
    pub held: u64,
}

/// Everything about one run but its assets.
#[derive(Debug, Clone, PartialEq)]
pub struct RunDetail {
    /// Its number.
    pub id: RunId,
    /// Of what.
    pub source: SourceName,
    /// How far it got.
    pub status: RunStatus,
    /// When it began.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// The commit that was looked at, if it was exactly one.
    pub revision: Option<Revision>,
    /// What it found and changed.
    pub counts: RunCounts,
    /// The digest of its reports.
    pub reports_digest: Digest,
    /// Regular files the walk saw.
    pub files_seen: u64,
    /// Files that at least one plugin was asked about.
    pub files_inspected: u64,
    /// Bytes read by the host.
    pub bytes_read: u64,
    /// Who took part, sorted by id.
    pub plugins: Vec<PluginUse>,
    /// What the walk's rules left out, sorted by rule.
    pub left_out: Vec<LeftOut>,
    /// What no answer covers, sorted.
    pub unseen: Vec<Unseen>,
    /// Gaps of the walk, of plugins, and of the reports that stood when it had ended; sorted.
    pub gaps: Vec<StampedGap>,
}

impl Store {
    /// Every source with its latest run, by name.
    pub async fn sources(&self) -> Result<Vec<SourceRow>, StoreError> {
        let mut db = self.read().await?;
        let rows = query(
            "SELECT r.*, s.name AS source_name, (SELECT count(*) FROM run WHERE source = s.id) AS runs
             FROM source s JOIN run r ON r.id = (SELECT max(id) FROM run WHERE source = s.id) ORDER BY s.name",
        )
        .fetch_all(&mut *db)
        .await;
        self.blamed(rows)?
            .iter()
            .map(|row| {
                let cells = Cells::new(row, self.blame());
                let latest = run_row(&cells)?;
                Ok(SourceRow {
                    name: cells.name("source_name", SourceName::new)?,
                    assets: latest.counts.assets,
                    runs: cells.count("runs")?,
                    latest,
                })
            })
            .collect()
    }

    /// The runs of a source, newest first.
    pub async fn runs(&self, source: &SourceName) -> Result<Vec<RunRow>, StoreError> {
        let mut db = self.read().await?;
        let rows =
            query("SELECT * FROM run WHERE source = (SELECT id FROM source WHERE name = ?) ORDER BY id DESC")
                .bind(source.as_str())
                .fetch_all(&mut *db)
                .await;
        self.blamed(rows)?.iter().map(|row| run_row(&Cells::new(row, self.blame()))).collect()
    }

    /// The latest run of a source, or the latest that had ended by then, with its coverage.
    pub async fn latest_run(
        &self,
        source: &SourceName,
        as_of: Option<Timestamp>,
    ) -> Result<Option<RunDetail>, StoreError> {
        self.run(source, as_of.into()).await
    }

    /// The run of a source at that moment, with its coverage.
    pub async fn run(&self, source: &SourceName, at: Moment) -> Result<Option<RunDetail>, StoreError> {
        let mut db = self.read().await?;
        let blame = self.blame();
        let Some(source_id) = find_source(&mut db, blame, source).await? else { return Ok(None) };
        let Some(id) = find_run(&mut db, blame, source_id, at).await? else { return Ok(None) };
        let row = self.blamed(query("SELECT * FROM run WHERE id = ?").bind(id).fetch_one(&mut *db).await)?;
        let cells = Cells::new(&row, blame);
        let RunRow { id: run, status, started, ended, counts } = run_row(&cells)?;
        let mut gaps: BTreeSet<StampedGap> = gaps_of_run(&mut db, blame, id).await?.into_iter().collect();
        gaps.extend(gaps_of_reports(&mut db, blame, source_id, id).await?);
        Ok(Some(RunDetail {
            id: run,
            source: source.clone(),
            status,
            started,
            ended,
            revision: revision(&cells)?,
            counts,
            reports_digest: cells.digest("reports_digest")?,
            files_seen: cells.count("files_seen")?,
            files_inspected: cells.count("files_inspected")?,
            bytes_read: cells.count("bytes_read")?,
            plugins: plugins_of_run(&mut db, blame, id).await?,
            left_out: left_out_of_run(&mut db, blame, id).await?,
            unseen: unseen_of_run(&mut db, blame, id).await?,
            gaps: gaps.into_iter().collect(),
        }))
    }

    /// What a run changed, as [`Store::record`] told it.
    pub async fn delta(&self, run: RunId) -> Result<RunDelta, StoreError> {
        let mut db = self.read().await?;
        let blame = self.blame();
        let row = query(
            "SELECT r.kept, r.held, NOT EXISTS (SELECT 1 FROM run b WHERE b.source = r.source AND b.id < r.id) AS first
             FROM run r WHERE r.id = ?",
        )
        .bind(run.0)
        .fetch_optional(&mut *db)
        .await;
        let Some(row) = self.blamed(row)? else {
            return Err(StoreError::NoSuchRun { run: run.0 });
        };
        let cells = Cells::new(&row, blame);
        let (kept, held, first) = (cells.count("kept")?, cells.count("held")?, cells.get("first")?);
        let rows = query(
            "SELECT a.uid, h.kind, h.name, h.change, h.reason, h.fields FROM asset_history h
             JOIN asset a ON a.id = h.asset WHERE h.run = ?",
        )
        .bind(run.0)
        .fetch_all(&mut *db)
        .await;
        let changes =
            self.blamed(rows)?.iter().map(|row| change(&Cells::new(row, blame))).collect::<Result<_, _>>();
        let mut changes: Vec<Change> = changes?;
        crate::delta::sort(&mut changes);
        Ok(RunDelta { first, changes, kept, held: (held > 0).then_some(held) })
    }
}

fn change(cells: &Cells<'_>) -> Result<Change, StoreError> {
    let fields: Vec<crate::query::FieldChange> =
        document::read_list(cells.get("fields")?).map_err(|error| cells.blame.corrupt(error))?;
    Ok(Change {
        uid: cells.uid("uid")?,
        kind: cells.name("kind", inventar_model::AssetKind::new)?,
        name: cells.get("name")?,
        change: cells.word("change", ChangeKind::from_word)?,
        reason: cells.word("reason", Retirement::from_word)?,
        fields: fields.into_iter().map(|field| field.field).collect(),
    })
}

fn run_row(cells: &Cells<'_>) -> Result<RunRow, StoreError> {
    Ok(RunRow {
        id: RunId(cells.get("id")?),
        status: cells.word("status", RunStatus::from_word)?,
        started: Timestamp(cells.get("started")?),
        ended: Timestamp(cells.get("ended")?),
        counts: RunCounts {
            assets: cells.count("assets")?,
            relations: cells.count("relations")?,
            findings: cells.count("findings")?,
            gaps: cells.count("gaps")?,
            new: cells.count("new")?,
            changed: cells.count("changed")?,
            gone: cells.count("gone")?,
            by_detector: cells.count("by_detector")?,
            kept: cells.count("kept")?,
            held: cells.count("held")?,
        },
    })
}

fn revision(cells: &Cells<'_>) -> Result<Option<Revision>, StoreError> {
    let (commit, committed): (Option<String>, Option<i64>) =
        (cells.get("revision")?, cells.get("committed")?);
    let pair = commit.zip(committed);
    Ok(pair.map(|(commit, ms)| Revision { commit, committed: Timestamp(ms) }))
}

/// The number of a source.
pub(crate) async fn find_source(
    db: &mut SqliteConnection,
    blame: &Blame,
    name: &SourceName,
) -> Result<Option<i64>, StoreError> {
    let id =
        query_scalar("SELECT id FROM source WHERE name = ?").bind(name.as_str()).fetch_optional(db).await;
    id.map_err(|error| blame.error(error))
}

/// The run of a source at a moment. A run that is not of this source is an error, not an absence.
pub(crate) async fn find_run(
    db: &mut SqliteConnection,
    blame: &Blame,
    source: i64,
    at: Moment,
) -> Result<Option<i64>, StoreError> {
    let found = match at {
        Moment::Now => {
            query_scalar("SELECT id FROM run WHERE source = ? ORDER BY id DESC LIMIT 1").bind(source)
        }
        Moment::At(time) => {
            query_scalar("SELECT id FROM run WHERE source = ? AND ended <= ? ORDER BY id DESC LIMIT 1")
                .bind(source)
                .bind(time.0)
        }
        Moment::Run(run) => {
            query_scalar("SELECT id FROM run WHERE source = ? AND id = ?").bind(source).bind(run.0)
        }
    };
    match (found.fetch_optional(db).await.map_err(|error| blame.error(error))?, at) {
        (None, Moment::Run(run)) => Err(StoreError::NoSuchRun { run: run.0 }),
        (found, _) => Ok(found),
    }
}

/// Gaps of the walk and of plugins that failed.
pub(crate) async fn gaps_of_run(
    db: &mut SqliteConnection,
    blame: &Blame,
    run: i64,
) -> Result<Vec<StampedGap>, StoreError> {
    let rows = query("SELECT * FROM run_gap WHERE run = ? ORDER BY position").bind(run).fetch_all(db).await;
    rows.map_err(|error| blame.error(error))?
        .iter()
        .map(|row| {
            let cells = Cells::new(row, blame);
            let argument: Option<&str> = cells.get("argument")?;
            let gap = CoverageGap {
                at: cells.get("place")?,
                reason: cells.word("reason", |word| GapReason::from_parts(word, argument))?,
                detail: cells.get("detail")?,
                retriable: cells.get("retriable")?,
            };
            let plugin = cells.get::<Option<&str>>("plugin")?.map(|_| cells.plugin("plugin")).transpose()?;
            Ok(StampedGap { gap, plugin })
        })
        .collect()
}

/// Gaps of the reports that stood when a run had ended.
async fn gaps_of_reports(
    db: &mut SqliteConnection,
    blame: &Blame,
    source: i64,
    run: i64,
) -> Result<Vec<StampedGap>, StoreError> {
    let rows = query(
        "SELECT plugin, payload FROM observation
         WHERE source = ?1 AND closed_run IS NULL AND opened_run <= ?2 AND gaps > 0
         UNION ALL
         SELECT plugin, payload FROM observation
         WHERE source = ?1 AND closed_run > ?2 AND opened_run <= ?2 AND gaps > 0",
    )
    .bind(source)
    .bind(run)
    .fetch_all(db)
    .await;
    let mut gaps = Vec::new();
    for row in rows.map_err(|error| blame.error(error))? {
        let cells = Cells::new(&row, blame);
        let plugin = cells.plugin("plugin")?;
        let report = document::report(cells.get("payload")?).map_err(|error| blame.corrupt(error))?;
        gaps.extend(report.gaps.into_iter().map(|gap| StampedGap { gap, plugin: Some(plugin.clone()) }));
    }
    Ok(gaps)
}

async fn plugins_of_run(
    db: &mut SqliteConnection,
    blame: &Blame,
    run: i64,
) -> Result<Vec<PluginUse>, StoreError> {
    let read = |row: &SqliteRow| {
        let cells = Cells::new(row, blame);
        Ok(PluginUse {
            id: cells.plugin("plugin")?,
            version: cells.get("version")?,
            digest: cells.digest("digest")?,
            signed: cells.get("signed")?,
            files: cells.count("files")?,
            cached: cells.count("cached")?,
            guest_micros: cells.count("guest_micros")?,
        })
    };
    let rows = query("SELECT * FROM run_plugin WHERE run = ? ORDER BY plugin").bind(run).fetch_all(db).await;
    rows.map_err(|error| blame.error(error))?.iter().map(read).collect()
}

async fn left_out_of_run(
    db: &mut SqliteConnection,
    blame: &Blame,
    run: i64,
) -> Result<Vec<LeftOut>, StoreError> {
    let read = |row: &SqliteRow| {
        let cells = Cells::new(row, blame);
        let examples = document::read_list(cells.get("examples")?).map_err(|error| blame.corrupt(error))?;
        Ok(LeftOut { rule: cells.get("rule")?, count: cells.count("count")?, examples })
    };
    let rows = query("SELECT * FROM run_left_out WHERE run = ? ORDER BY rule").bind(run).fetch_all(db).await;
    rows.map_err(|error| blame.error(error))?.iter().map(read).collect()
}

async fn unseen_of_run(
    db: &mut SqliteConnection,
    blame: &Blame,
    run: i64,
) -> Result<Vec<Unseen>, StoreError> {
    let read = |row: &SqliteRow| {
        let cells = Cells::new(row, blame);
        let plugin = cells.get::<Option<&str>>("plugin")?.map(|_| cells.plugin("plugin")).transpose()?;
        Ok(Unseen { path: cells.get("path")?, plugin })
    };
    let rows =
        query("SELECT * FROM run_unseen WHERE run = ? ORDER BY position").bind(run).fetch_all(db).await;
    rows.map_err(|error| blame.error(error))?.iter().map(read).collect()
}
