//! What was committed, read back.

use crate::document;
use crate::error::{Blame, StoreError};
use crate::row::Cells;
use inventar_model::{
    CollectionId, Ended, Gathered, GatheredScope, OperationUse, Report, Scope, ScopeStatus, Spent, Standstill,
};
use sqlx::sqlite::SqliteRow;
use sqlx::{SqliteConnection, query};
use std::collections::HashMap;

/// All that was committed of a collection; none: it is closed.
pub(super) async fn gather(
    db: &mut SqliteConnection,
    blame: &Blame,
    id: CollectionId,
) -> Result<Option<Gathered>, StoreError> {
    let row = query("SELECT * FROM collection WHERE id = ? AND state = 'open'").bind(id.0);
    let Some(row) = row.fetch_optional(&mut *db).await.map_err(|error| blame.error(error))? else {
        return Ok(None);
    };
    let cells = Cells::new(&row, blame);
    let source: i64 = cells.get("source")?;
    let mut reports: HashMap<i64, Vec<Report>> = HashMap::new();
    let slices =
        query("SELECT position, report FROM collection_slice WHERE collection = ? ORDER BY position, number")
            .bind(id.0)
            .fetch_all(&mut *db)
            .await;
    for row in slices.map_err(|error| blame.error(error))? {
        let cells = Cells::new(&row, blame);
        let report = document::report(cells.get("report")?).map_err(|error| blame.corrupt(error))?;
        reports.entry(cells.get("position")?).or_default().push(report);
    }
    let rows = query(
        "SELECT c.*, s.name AS scope_name, s.kind AS scope_kind, s.label AS scope_label
         FROM collection_scope c JOIN scope s ON s.id = c.scope WHERE c.collection = ? ORDER BY s.name",
    )
    .bind(id.0)
    .fetch_all(&mut *db)
    .await;
    let mut scopes = Vec::new();
    for row in rows.map_err(|error| blame.error(error))? {
        let cells = Cells::new(&row, blame);
        let ended = match cells.get::<Option<&str>>("ended")? {
            Some(_) => Some(cells.word("ended", Ended::from_word)?),
            None => None,
        };
        scopes.push(GatheredScope {
            scope: scope_of(&cells)?,
            ended,
            detail: cells.get("detail")?,
            reports: reports.remove(&cells.get("position")?).unwrap_or_default(),
            spent: spent(&cells)?,
            millis: cells.count("millis")?,
            guest_micros: cells.count("guest_micros")?,
        });
    }
    let rows = query(
        "SELECT s.name AS scope_name, s.kind AS scope_kind, s.label AS scope_label, r.status
         FROM scope_run r JOIN scope s ON s.id = r.scope
         WHERE r.run = (SELECT max(id) FROM run WHERE source = ?1)
             AND r.scope NOT IN (SELECT scope FROM collection_scope WHERE collection = ?2) ORDER BY s.name",
    )
    .bind(source)
    .bind(id.0)
    .fetch_all(&mut *db)
    .await;
    let mut unlisted = Vec::new();
    for row in rows.map_err(|error| blame.error(error))? {
        let cells = Cells::new(&row, blame);
        unlisted.push((scope_of(&cells)?, cells.word("status", ScopeStatus::from_word)?));
    }
    Ok(Some(Gathered {
        scopes,
        unlisted,
        believed: cells.get("believed")?,
        spent: spent_of(db, blame, id.0).await?,
        used: used(db, blame, id).await?,
    }))
}

/// What was called, all holders together.
pub(crate) async fn used(
    db: &mut SqliteConnection,
    blame: &Blame,
    id: CollectionId,
) -> Result<Vec<OperationUse>, StoreError> {
    let rows = query(
        "SELECT service, operation, max(actions) AS actions, sum(calls) AS calls, sum(denied) AS denied
         FROM collection_operation WHERE collection = ? GROUP BY service, operation ORDER BY service, operation",
    )
    .bind(id.0)
    .fetch_all(db)
    .await;
    rows.map_err(|error| blame.error(error))?.iter().map(|row| operation(row, blame)).collect()
}

pub(crate) fn operation(row: &SqliteRow, blame: &Blame) -> Result<OperationUse, StoreError> {
    let cells = Cells::new(row, blame);
    Ok(OperationUse {
        service: cells.get("service")?,
        operation: cells.get("operation")?,
        actions: document::read_list(cells.get("actions")?).map_err(|error| blame.corrupt(error))?,
        calls: cells.count("calls")?,
        denied: cells.count("denied")?,
    })
}

pub(crate) fn scope_of(cells: &Cells<'_>) -> Result<Scope, StoreError> {
    Ok(Scope {
        id: cells.get("scope_name")?,
        kind: cells.get("scope_kind")?,
        label: cells.get("scope_label")?,
    })
}

pub(crate) fn spent(cells: &Cells<'_>) -> Result<Spent, StoreError> {
    Ok(Spent {
        calls: cells.count("calls")?,
        retries: cells.count("retries")?,
        throttled: cells.count("throttled")?,
        bytes: cells.count("bytes")?,
        cost_microusd: cells.count("cost_microusd")?,
    })
}

/// What a collection took, its probe included.
pub(super) async fn spent_of(db: &mut SqliteConnection, blame: &Blame, id: i64) -> Result<Spent, StoreError> {
    let row = query(
        "SELECT o.calls + coalesce(sum(c.calls), 0) AS calls, o.retries + coalesce(sum(c.retries), 0) AS retries,
             o.throttled + coalesce(sum(c.throttled), 0) AS throttled, o.bytes + coalesce(sum(c.bytes), 0) AS bytes,
             o.cost_microusd + coalesce(sum(c.cost_microusd), 0) AS cost_microusd
         FROM collection o LEFT JOIN collection_scope c ON c.collection = o.id WHERE o.id = ? GROUP BY o.id",
    )
    .bind(id)
    .fetch_one(db)
    .await;
    spent(&Cells::new(&row.map_err(|error| blame.error(error))?, blame))
}

/// How far a collection is.
pub(super) async fn standstill(
    db: &mut SqliteConnection,
    blame: &Blame,
    id: i64,
) -> Result<Standstill, StoreError> {
    let row =
        query("SELECT count(*) AS scopes, count(ended) AS done FROM collection_scope WHERE collection = ?")
            .bind(id)
            .fetch_one(db)
            .await
            .map_err(|error| blame.error(error))?;
    let cells = Cells::new(&row, blame);
    Ok(Standstill { scopes: cells.count("scopes")?, done: cells.count("done")? })
}
