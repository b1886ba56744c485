//! Recording a run: one transaction from what stood before to what stands now.
//!
//! ```text
//!   run.reports ─┐
//!                ├─► retire::plan ─► Inventory::merge ─► compare ─► rows
//!   open rows  ──┘   keep, replace,   what stands         what       only of what differs
//!                    close, open      now                 changed
//! ```
//!
//! Everything is read and decided before the first row is written. A run that says exactly what the last one said
//! skips all of it and leaves one row of its own.

mod compare;
mod load;
mod write;

pub(crate) use load::source;

use crate::document::Document;
use crate::error::StoreError;
use crate::retire::{self, Fresh, Key, Look, Open, Plan};
use crate::row::int;
use crate::runs::{RunCounts, RunId};
use crate::store::Store;
use inventar_model::{ChangeKind, FileReport, Inventory, Report, Retirement, Run, RunDelta, RunStatus, Uid};
use sqlx::{Connection as _, SqliteConnection};
use std::collections::{BTreeMap, HashMap, HashSet};

/// So many assets must go at once before it is a mass disappearance …
const MASS_ASSETS: usize = 20;
/// … and more than so many of a hundred.
const MASS_PERCENT: usize = 40;

/// How to record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RecordOptions {
    /// A person says that what disappeared is gone: nothing is held back for confirmation.
    pub confirm_gone: bool,
}

/// What a recorded run led to.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// The run's number in this database.
    pub run_id: RunId,
    /// Everything that stands now: what the run reported, and what it did not look at.
    pub inventory: Inventory,
    /// What changed against the last run.
    pub delta: RunDelta,
}

impl Store {
    /// Records a run: all of it, or nothing and an error. A second writer waits for the first.
    pub async fn record(&self, run: &Run) -> Result<Recorded, StoreError> {
        self.record_with(run, RecordOptions::default()).await
    }

    /// [`Store::record`] with options.
    pub async fn record_with(&self, run: &Run, options: RecordOptions) -> Result<Recorded, StoreError> {
        let mut writer = self.write().await?;
        let mut transaction = self.blamed(writer.begin_with("BEGIN IMMEDIATE").await)?;
        match self.record_in(&mut transaction, run, options, false).await {
            Ok(recorded) => {
                self.blamed(transaction.commit().await)?;
                Ok(recorded)
            }
            Err(error) => {
                // The first error tells more, and a failed roll-back leaves nothing behind either.
                let _ = transaction.rollback().await;
                Err(error)
            }
        }
    }

    /// With `grace`, whatever vanished stays as missing until another look does not see it either.
    pub(crate) async fn record_in(
        &self,
        db: &mut SqliteConnection,
        run: &Run,
        options: RecordOptions,
        grace: bool,
    ) -> Result<Recorded, StoreError> {
        let blame = self.blame();
        let source = load::source(db, blame, &run.source).await?;
        let last = load::last_run(db, blame, source).await?;
        let id = load::next_run(db, blame).await?;
        if last.as_ref().is_some_and(|last| last.says_the_same(run)) {
            let inventory = Inventory::merge(&run.source, &run.reports, &run.gaps);
            let delta = RunDelta::default();
            self.blamed(write::run(db, source, id, run, &counts(&inventory, &delta), 0).await)?;
            return Ok(Recorded { run_id: RunId(id), inventory, delta });
        }

        let last = last.map(|last| last.id);
        let open = load::open_observations(db, blame, source, last).await?;
        let look = Look {
            run: id,
            first: last.is_none(),
            interrupted: run.status == RunStatus::Interrupted,
            confirm_gone: options.confirm_gone,
            unseen: &run.unseen,
            detectors: run.plugins.iter().map(|plugin| (&plugin.id, plugin.digest)).collect(),
            detectors_before: load::detectors(db, blame, last).await?,
        };
        let fresh = load::fresh(db, blame, run, &open).await?;
        let mut plan = retire::plan(&open, &fresh, &look);
        let old = load::old_reports(db, blame, &open, &plan).await?;
        let before = load::assets(db, blame, source).await?;

        let view = View { run, open: &open, fresh: &fresh, old: &old };
        if grace && !look.confirm_gone {
            plan.hold(&open, &look);
        }
        let mut inventory = view.inventory(plan.kept());
        if !grace && !look.confirm_gone && is_mass_disappearance(&view, &plan, &before, &inventory) {
            plan.hold(&open, &look);
            inventory = view.inventory(plan.kept());
        }

        let changes = compare::compare(db, blame, &look, &view, &plan, before, &inventory).await?;
        let delta = changes.delta(look.first);
        let counts = counts(&inventory, &delta);
        self.blamed(write::run(db, source, id, run, &counts, plan.unconfirmed()).await)?;
        self.blamed(write::observations(db, source, id, &view, &plan).await)?;
        self.blamed(write::assets(db, source, id, &changes).await)?;
        self.blamed(write::findings(db, source, &inventory, &changes).await)?;
        Ok(Recorded { run_id: RunId(id), inventory, delta })
    }
}

/// Everything that is known of the source's files: what this run says and what was said before.
pub(crate) struct View<'a> {
    run: &'a Run,
    open: &'a [Open],
    fresh: &'a BTreeMap<Key<'a>, Fresh<'a>>,
    /// By index into `open`: the reports of all observations that this run did not simply confirm.
    old: &'a HashMap<usize, Report>,
}

impl View<'_> {
    /// What stands when those of the open observations are kept.
    fn inventory(&self, kept: impl Iterator<Item = usize>) -> Inventory {
        let fresh = self.fresh.values().map(|fresh| &*fresh.report);
        let kept = kept.filter_map(|at| {
            let Open { plugin, path, content, .. } = &self.open[at];
            let report = self.old.get(&at)?.clone();
            Some(FileReport { plugin: plugin.clone(), path: path.clone(), content: *content, report })
        });
        let kept: Vec<FileReport> = kept.collect();
        Inventory::merge(&self.run.source, fresh.chain(&kept), &self.run.gaps)
    }
}

/// Whether files vanished with so many assets that an unmounted folder is likelier than a clean-up.
fn is_mass_disappearance(
    view: &View<'_>,
    plan: &Plan<'_>,
    before: &[load::AssetHead],
    now: &Inventory,
) -> bool {
    let is_mass = |n: usize, all: usize| n >= MASS_ASSETS && n * 100 > all * MASS_PERCENT;
    let now: HashSet<Uid> = now.assets.iter().map(|asset| asset.uid).collect();
    let present = before.iter().filter(|head| head.present);
    let gone: HashSet<Uid> = present.clone().map(|head| head.uid).filter(|uid| !now.contains(uid)).collect();
    let waiting: Vec<usize> =
        plan.close.iter().filter(|close| close.may_wait()).map(|close| close.at).collect();
    if waiting.is_empty() || !is_mass(gone.len(), present.clone().count()) {
        return false;
    }
    // Files that still exist and say less are not a disappearance: count what comes back with the vanished ones.
    let held = view.inventory(plan.kept().chain(waiting));
    let held = held.assets.iter().filter(|asset| gone.contains(&asset.uid)).count();
    is_mass(held, present.count())
}

fn counts(inventory: &Inventory, delta: &RunDelta) -> RunCounts {
    let of = |kind| of_usize(delta.changes.iter().filter(|change| change.change == kind).count());
    RunCounts {
        assets: of_usize(inventory.assets.len()),
        relations: of_usize(inventory.relations.len()),
        findings: of_usize(inventory.findings.len()),
        gaps: of_usize(inventory.gaps.len()),
        new: of(ChangeKind::New),
        changed: of(ChangeKind::Changed),
        gone: of(ChangeKind::Gone),
        by_detector: of_usize(delta.changes.iter().filter(|c| c.reason == Retirement::Detector).count()),
        kept: delta.kept,
        held: delta.held.unwrap_or(0),
    }
}

fn of_usize(n: usize) -> u64 {
    int(n).unsigned_abs()
}
