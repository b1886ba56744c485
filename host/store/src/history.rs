//! As it was: inventories of any moment, and what differs between two of them.

use crate::delta;
use crate::document;
use crate::error::StoreError;
use crate::row::Cells;
use crate::runs::{Moment, find_run, find_source, gaps_of_run};
use crate::store::Store;
use inventar_model::{
    Asset, ChangeKind, FileReport, Inventory, Relation, Retirement, RunDelta, SourceName, Timestamp, Uid,
};
use sqlx::{SqliteConnection, query};
use std::collections::HashMap;

/// The observations that stood when run `?2` of source `?1` had ended. Both halves use an index.
const STANDING: &str = "
    SELECT plugin, path, content, payload FROM observation
    WHERE source = ?1 AND closed_run IS NULL AND opened_run <= ?2
    UNION ALL
    SELECT plugin, path, content, payload FROM observation
    WHERE source = ?1 AND closed_run > ?2 AND opened_run <= ?2";

impl Store {
    /// What stands now, or stood then; none when there was no run by then.
    pub async fn inventory(
        &self,
        source: &SourceName,
        as_of: Option<Timestamp>,
    ) -> Result<Option<Inventory>, StoreError> {
        self.inventory_at(source, as_of.into()).await
    }

    /// What stood at that moment; none when there was no run by then.
    pub async fn inventory_at(
        &self,
        source: &SourceName,
        at: Moment,
    ) -> Result<Option<Inventory>, StoreError> {
        let mut db = self.read().await?;
        let Some(source_id) = find_source(&mut db, self.blame(), source).await? else { return Ok(None) };
        match find_run(&mut db, self.blame(), source_id, at).await? {
            Some(run) => Ok(Some(self.inventory_of_run(&mut db, source, source_id, run).await?)),
            None => Ok(None),
        }
    }

    /// What differs between two moments of a source, the later second. No run by then counts as nothing.
    pub async fn diff(&self, source: &SourceName, from: Moment, to: Moment) -> Result<RunDelta, StoreError> {
        let mut db = self.read().await?;
        let blame = self.blame();
        let Some(source_id) = find_source(&mut db, blame, source).await? else {
            return Ok(RunDelta::default());
        };
        let from = find_run(&mut db, blame, source_id, from).await?;
        let to = find_run(&mut db, blame, source_id, to).await?;
        let before = match from {
            Some(run) => self.inventory_of_run(&mut db, source, source_id, run).await?,
            None => Inventory::empty(source.clone()),
        };
        let after = match to {
            Some(run) => self.inventory_of_run(&mut db, source, source_id, run).await?,
            None => Inventory::empty(source.clone()),
        };
        let (from, to) = (from.unwrap_or(0), to.unwrap_or(0));
        let reasons = self.reasons_between(&mut db, source_id, from.min(to), from.max(to)).await?;
        Ok(RunDelta { first: from == 0, ..difference(&before, &after, &reasons) })
    }

    async fn inventory_of_run(
        &self,
        db: &mut SqliteConnection,
        name: &SourceName,
        source: i64,
        run: i64,
    ) -> Result<Inventory, StoreError> {
        let blame = self.blame();
        let rows = self.blamed(query(STANDING).bind(source).bind(run).fetch_all(&mut *db).await)?;
        let mut reports = Vec::with_capacity(rows.len());
        for row in &rows {
            let cells = Cells::new(row, blame);
            reports.push(FileReport {
                plugin: cells.plugin("plugin")?,
                path: cells.get("path")?,
                content: cells.digest("content")?,
                report: document::report(cells.get("payload")?).map_err(|error| blame.corrupt(error))?,
            });
        }
        drop(rows);
        Ok(Inventory::merge(name, &reports, &gaps_of_run(db, blame, run).await?))
    }

    /// Why each asset last changed in those runs.
    async fn reasons_between(
        &self,
        db: &mut SqliteConnection,
        source: i64,
        after: i64,
        until: i64,
    ) -> Result<HashMap<Uid, Retirement>, StoreError> {
        let rows = query(
            "SELECT a.uid, h.reason FROM asset_history h JOIN asset a ON a.id = h.asset
             WHERE h.run > ? AND h.run <= ? AND a.source = ? ORDER BY h.id",
        )
        .bind(after)
        .bind(until)
        .bind(source)
        .fetch_all(db)
        .await;
        self.blamed(rows)?
            .iter()
            .map(|row| {
                let cells = Cells::new(row, self.blame());
                Ok((cells.uid("uid")?, cells.word("reason", Retirement::from_word)?))
            })
            .collect()
    }
}

fn difference(before: &Inventory, after: &Inventory, reasons: &HashMap<Uid, Retirement>) -> RunDelta {
    let (relations_before, relations_after) = (by_source(before), by_source(after));
    let mut old: HashMap<Uid, &Asset> = before.assets.iter().map(|asset| (asset.uid, asset)).collect();
    let reason = |uid: &Uid| reasons.get(uid).copied().unwrap_or(Retirement::Source);
    let mut changes = Vec::new();
    for asset in &after.assets {
        let uid = &asset.uid;
        match old.remove(uid) {
            None => changes.push(delta::change(asset, ChangeKind::New, reason(uid), &[])),
            Some(was) => {
                let mut fields = delta::fields(was, asset);
                let before = relations_before.get(uid).map_or(&[][..], |edges| edges);
                let after = relations_after.get(uid).map_or(&[][..], |edges| edges);
                delta::add_relations(&mut fields, before, after);
                if !fields.is_empty() {
                    changes.push(delta::change(asset, ChangeKind::Changed, reason(uid), &fields));
                }
            }
        }
    }
    changes.extend(old.values().map(|was| delta::change(was, ChangeKind::Gone, reason(&was.uid), &[])));
    delta::sort(&mut changes);
    RunDelta { changes, ..RunDelta::default() }
}

fn by_source(inventory: &Inventory) -> HashMap<Uid, Vec<&Relation>> {
    let mut by_source: HashMap<Uid, Vec<&Relation>> = HashMap::new();
    for relation in &inventory.relations {
        by_source.entry(relation.source).or_default().push(relation);
    }
    by_source
}
