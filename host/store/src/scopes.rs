//! Coverage of connected sources: how each scope stood, what was called, and the run that a collection becomes.

use crate::document;
use crate::error::StoreError;
use crate::ledger::{self, scope_of, spent};
use crate::record::{RecordOptions, Recorded};
use crate::row::{Cells, int, write_rows};
use crate::runs::{Moment, RunId};
use crate::store::Store;
use inventar_model::{
    CollectionId, Inventory, OperationUse, PluginId, Run, ScopeRun, ScopeStatus, SourceName, Timestamp,
};
use sqlx::{Connection as _, SqliteConnection, query};

/// A scope of a source as its latest run left it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeRow {
    /// How the attempt ended.
    pub latest: ScopeRun,
    /// The end of the last run that listed it completely; none: there was none.
    pub last_complete: Option<Timestamp>,
}

impl Store {
    /// Records what a collection found and ends it: all of it, or nothing and an error.
    ///
    /// An asset that a completely listed scope no longer has is *missing* first, and gone when the next complete look
    /// does not see it either. When another process recorded the collection already, its record is the answer.
    pub async fn record_collection(
        &self,
        id: CollectionId,
        run: &Run,
        scopes: &[ScopeRun],
        options: RecordOptions,
    ) -> Result<Recorded, StoreError> {
        let recorded = {
            let mut writer = self.write().await?;
            let mut transaction = self.blamed(writer.begin_with("BEGIN IMMEDIATE").await)?;
            let recorded = self.record_collection_in(&mut transaction, id, run, scopes, options).await;
            match recorded {
                Ok(Some(recorded)) => {
                    self.blamed(transaction.commit().await)?;
                    Ok(recorded)
                }
                Ok(None) => Err(None),
                Err(error) => Err(Some(error)),
            }
        };
        match recorded {
            Ok(recorded) => Ok(recorded),
            Err(Some(error)) => Err(error),
            Err(None) => self.recorded_before(id, &run.source).await,
        }
    }

    async fn record_collection_in(
        &self,
        db: &mut SqliteConnection,
        id: CollectionId,
        run: &Run,
        scopes: &[ScopeRun],
        options: RecordOptions,
    ) -> Result<Option<Recorded>, StoreError> {
        let blame = self.blame();
        let open = query(
            "SELECT o.source FROM collection o JOIN source s ON s.id = o.source
             WHERE o.id = ? AND o.state = 'open' AND s.name = ?",
        )
        .bind(id.0)
        .bind(run.source.as_str())
        .fetch_optional(&mut *db)
        .await;
        let Some(row) = self.blamed(open)? else { return Ok(None) };
        let source: i64 = Cells::new(&row, blame).get("source")?;
        let recorded = self.record_in(db, run, options, true).await?;
        let of_run = recorded.run_id.0;

        let known: Vec<_> = scopes.iter().map(|run| run.scope.clone()).collect();
        self.blamed(ledger::scopes(db, source, &known).await)?;
        let ids = ledger::scope_ids(db, blame, source).await?;
        let rows: Vec<(i64, &ScopeRun)> =
            scopes.iter().filter_map(|run| Some((*ids.get(&run.scope.id)?, run))).collect();
        self.blamed(scope_runs(db, of_run, &rows).await)?;
        let used = ledger::used(db, blame, id).await?;
        self.blamed(operations(db, of_run, &used).await)?;
        self.blamed(ledger::close(db, id.0, "recorded", Some(of_run)).await)?;
        Ok(Some(recorded))
    }

    /// What another process made of the same collection.
    async fn recorded_before(&self, id: CollectionId, source: &SourceName) -> Result<Recorded, StoreError> {
        let mut db = self.read().await?;
        let row = query("SELECT run FROM collection WHERE id = ? AND run IS NOT NULL")
            .bind(id.0)
            .fetch_optional(&mut *db)
            .await;
        let Some(row) = self.blamed(row)? else {
            return Err(StoreError::NoSuchCollection { collection: id.0 });
        };
        let run_id = RunId(Cells::new(&row, self.blame()).get("run")?);
        drop(db);
        let inventory = self.inventory_at(source, Moment::Run(run_id)).await?;
        let inventory = inventory.unwrap_or_else(|| Inventory::empty(source.clone()));
        Ok(Recorded { run_id, inventory, delta: self.delta(run_id).await? })
    }

    /// How each scope of a run ended, by scope id; nothing for a run over files.
    pub async fn scope_runs(&self, run: RunId) -> Result<Vec<ScopeRun>, StoreError> {
        let mut db = self.read().await?;
        let rows = query(
            "SELECT r.*, s.name AS scope_name, s.kind AS scope_kind, s.label AS scope_label
             FROM scope_run r JOIN scope s ON s.id = r.scope WHERE r.run = ? ORDER BY s.name",
        )
        .bind(run.0)
        .fetch_all(&mut *db)
        .await;
        self.blamed(rows)?.iter().map(|row| scope_run(&Cells::new(row, self.blame()))).collect()
    }

    /// The scopes of a source as its latest run left them, by scope id.
    pub async fn scopes(&self, source: &SourceName) -> Result<Vec<ScopeRow>, StoreError> {
        let mut db = self.read().await?;
        let rows = query(
            "SELECT r.*, s.name AS scope_name, s.kind AS scope_kind, s.label AS scope_label, c.ended AS last_complete
             FROM source o JOIN scope_run r ON r.run = (SELECT max(id) FROM run WHERE source = o.id)
                 JOIN scope s ON s.id = r.scope LEFT JOIN run c ON c.id = s.last_complete_run
             WHERE o.name = ? ORDER BY s.name",
        )
        .bind(source.as_str())
        .fetch_all(&mut *db)
        .await;
        self.blamed(rows)?
            .iter()
            .map(|row| {
                let cells = Cells::new(row, self.blame());
                Ok(ScopeRow {
                    latest: scope_run(&cells)?,
                    last_complete: cells.get::<Option<i64>>("last_complete")?.map(Timestamp),
                })
            })
            .collect()
    }

    /// What a run called, by service and operation.
    pub async fn operations(&self, run: RunId) -> Result<Vec<OperationUse>, StoreError> {
        let mut db = self.read().await?;
        let rows = query("SELECT * FROM run_operation WHERE run = ? ORDER BY service, operation")
            .bind(run.0)
            .fetch_all(&mut *db)
            .await;
        self.blamed(rows)?.iter().map(|row| ledger::operation(row, self.blame())).collect()
    }

    /// What a plugin ever called, all its runs together: what of its permissions is used.
    pub async fn operations_of(&self, plugin: &PluginId) -> Result<Vec<OperationUse>, StoreError> {
        let mut db = self.read().await?;
        let rows = query(
            "SELECT o.service, o.operation, max(o.actions) AS actions, sum(o.calls) AS calls, sum(o.denied) AS denied
             FROM run_operation o JOIN run_plugin p ON p.run = o.run
             WHERE p.plugin = ? GROUP BY o.service, o.operation ORDER BY o.service, o.operation",
        )
        .bind(plugin.as_str())
        .fetch_all(&mut *db)
        .await;
        self.blamed(rows)?.iter().map(|row| ledger::operation(row, self.blame())).collect()
    }
}

fn scope_run(cells: &Cells<'_>) -> Result<ScopeRun, StoreError> {
    Ok(ScopeRun {
        scope: scope_of(cells)?,
        status: cells.word("status", ScopeStatus::from_word)?,
        detail: cells.get("detail")?,
        seen: cells.count("seen")?,
        spent: spent(cells)?,
        millis: cells.count("millis")?,
    })
}

async fn scope_runs(
    db: &mut SqliteConnection,
    run: i64,
    rows: &[(i64, &ScopeRun)],
) -> Result<(), sqlx::Error> {
    let head = "INSERT INTO scope_run (run, scope, status, detail, seen, calls, retries, throttled, bytes,
        cost_microusd, millis) ";
    write_rows(db, head, " ON CONFLICT DO NOTHING", rows, |row, (scope, done)| {
        row.push_bind(run).push_bind(*scope).push_bind(done.status.as_str()).push_bind(done.detail.clone());
        row.push_bind(int(done.seen)).push_bind(int(done.spent.calls)).push_bind(int(done.spent.retries));
        row.push_bind(int(done.spent.throttled)).push_bind(int(done.spent.bytes));
        row.push_bind(int(done.spent.cost_microusd)).push_bind(int(done.millis));
    })
    .await?;
    query(
        "UPDATE scope SET last_complete_run = ?1
         WHERE id IN (SELECT scope FROM scope_run WHERE run = ?1 AND status = 'complete')",
    )
    .bind(run)
    .execute(db)
    .await?;
    Ok(())
}

async fn operations(db: &mut SqliteConnection, run: i64, used: &[OperationUse]) -> Result<(), sqlx::Error> {
    let head = "INSERT INTO run_operation (run, service, operation, actions, calls, denied) ";
    write_rows(db, head, "", used, |row, used| {
        row.push_bind(run).push_bind(used.service.clone()).push_bind(used.operation.clone());
        row.push_bind(document::list(&used.actions)).push_bind(int(used.calls)).push_bind(int(used.denied));
    })
    .await
}
