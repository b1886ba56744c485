//! Remembers collections of connected sources from slice to slice, and who holds which scope.
//!
//! Everything is one short transaction of the store's writer. A holder that died is told by a lock on a file beside the
//! database, which the system takes back with the process: whoever finds that nobody else has it frees all leases at
//! once. Where files cannot be locked, a lease that is not renewed ends by its time.

mod read;

pub(crate) use read::{operation, scope_of, spent, used};

use crate::document::{self, Document};
use crate::error::{Blame, StoreError};
use crate::row::{Cells, int, write_rows};
use crate::store::Store;
use inventar_model::{
    Collection, CollectionId, CollectionKey, Cursor, Digest, Gathered, Kept, Lease, Leased, Ledger, Next,
    Scope, ScopePlan, SliceRows, SourceName, Spent, Standstill, Timestamp,
};
use read::{gather, spent_of, standstill};
use sqlx::{Connection as _, SqliteConnection, query, query_scalar};
use std::collections::HashMap;
use std::fs::{File, TryLockError};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// One holder of leases in a store. Dropping it lets others take over at once.
#[derive(Debug)]
pub struct CollectionLedger {
    store: Store,
    holder: String,
    lock: Mutex<Option<File>>,
}

impl Store {
    /// The memory of collections, for one process that collects.
    pub fn ledger(&self) -> CollectionLedger {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let holder = format!("{}-{}-{number}", std::process::id(), since.as_nanos());
        CollectionLedger { store: self.clone(), holder, lock: Mutex::new(None) }
    }

    /// When the unfinished collection of a source began and how far it is.
    pub async fn unfinished(
        &self,
        source: &SourceName,
    ) -> Result<Option<(Timestamp, Standstill)>, StoreError> {
        let mut db = self.read().await?;
        let row = query(
            "SELECT id, started FROM collection WHERE state = 'open' AND source = (SELECT id FROM source WHERE name = ?)",
        )
        .bind(source.as_str())
        .fetch_optional(&mut *db)
        .await;
        let Some(row) = self.blamed(row)? else { return Ok(None) };
        let cells = Cells::new(&row, self.blame());
        let standstill = standstill(&mut db, self.blame(), cells.get("id")?).await?;
        Ok(Some((Timestamp(cells.get("started")?), standstill)))
    }
}

impl Ledger for CollectionLedger {
    fn open<'a>(&'a self, key: &'a CollectionKey, now: Timestamp, oldest: Timestamp) -> Kept<'a, Collection> {
        Box::pin(async move {
            let is_alone = self.take_lock(&key.source)?;
            let collection = self.open_in(key, now, oldest, is_alone).await?;
            self.share_lock().await;
            Ok(collection)
        })
    }

    fn plan<'a>(&'a self, id: CollectionId, plan: &'a ScopePlan) -> Kept<'a, ()> {
        Box::pin(async move { Ok(self.plan_in(id, plan).await?) })
    }

    fn lease(&self, id: CollectionId, now: Timestamp, until: Timestamp) -> Kept<'_, Leased> {
        Box::pin(async move { Ok(self.lease_in(id, now, until).await?) })
    }

    fn renew(&self, id: CollectionId, until: Timestamp) -> Kept<'_, ()> {
        Box::pin(async move {
            let mut writer = self.store.write().await?;
            let done = query("UPDATE collection_scope SET until = ? WHERE collection = ? AND holder = ?")
                .bind(until.0)
                .bind(id.0)
                .bind(&self.holder)
                .execute(&mut *writer)
                .await;
            self.store.blamed(done)?;
            Ok(())
        })
    }

    fn commit<'a>(&'a self, lease: &'a Lease, slice: &'a SliceRows) -> Kept<'a, bool> {
        Box::pin(async move {
            let mut writer = self.store.write().await?;
            let mut transaction = self.store.blamed(writer.begin_with("BEGIN IMMEDIATE").await)?;
            let is_kept = self.store.blamed(commit(&mut transaction, &self.holder, lease, slice).await)?;
            if is_kept {
                self.store.blamed(transaction.commit().await)?;
            }
            Ok(is_kept)
        })
    }

    fn release(&self, id: CollectionId) -> Kept<'_, ()> {
        Box::pin(async move {
            let mut writer = self.store.write().await?;
            let done = query(
                "UPDATE collection_scope SET holder = NULL, until = NULL WHERE collection = ? AND holder = ?",
            )
            .bind(id.0)
            .bind(&self.holder)
            .execute(&mut *writer)
            .await;
            self.store.blamed(done)?;
            Ok(())
        })
    }

    fn gather(&self, id: CollectionId) -> Kept<'_, Option<Gathered>> {
        Box::pin(async move {
            let mut db = self.store.read().await?;
            Ok(gather(&mut db, self.store.blame(), id).await?)
        })
    }
}

impl CollectionLedger {
    /// Tries to be the only process that collects this source. Where files cannot be locked, nobody is alone.
    fn take_lock(&self, source: &SourceName) -> Result<bool, StoreError> {
        let digest = Digest::of(source.as_str().as_bytes()).to_string();
        let name = format!("collect-{}.lock", &digest[..16]);
        let path: PathBuf = self.store.path().with_file_name(name);
        crate::store::make_private_file(&path)?;
        let file = File::options().append(true).open(&path);
        let file = file.map_err(|error| StoreError::Denied { path: path.clone(), why: error.to_string() })?;
        let is_alone = match file.try_lock() {
            Ok(()) => true,
            Err(TryLockError::WouldBlock) => false,
            Err(TryLockError::Error(error)) => {
                tracing::debug!("cannot lock `{}`: {error}", path.display());
                false
            }
        };
        *self.lock.lock().unwrap_or_else(PoisonError::into_inner) = Some(file);
        Ok(is_alone)
    }

    /// From being the only one to being one of several, before any scope is leased: somebody who is alone for a moment
    /// in between frees nothing.
    async fn share_lock(&self) {
        let try_share = || {
            let lock = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(file) = lock.as_ref() else { return Ok(()) };
            // Unlocking what is not locked is no error anywhere.
            let _ = file.unlock();
            file.try_lock_shared()
        };
        while let Err(TryLockError::WouldBlock) = try_share() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }

    async fn open_in(
        &self,
        key: &CollectionKey,
        now: Timestamp,
        oldest: Timestamp,
        is_alone: bool,
    ) -> Result<Collection, StoreError> {
        let blame = self.store.blame();
        let mut writer = self.store.write().await?;
        let mut db = self.store.blamed(writer.begin_with("BEGIN IMMEDIATE").await)?;
        let source = crate::record::source(&mut db, blame, &key.source).await?;
        let open = query("SELECT * FROM collection WHERE source = ? AND state = 'open'")
            .bind(source)
            .fetch_optional(&mut *db)
            .await;
        if let Some(row) = self.store.blamed(open)? {
            let cells = Cells::new(&row, blame);
            let (id, started): (i64, i64) = (cells.get("id")?, cells.get("started")?);
            let is_same = cells.get::<&str>("plugin")? == key.plugin.as_str()
                && cells.digest("digest")? == key.digest
                && started >= oldest.0;
            if is_same {
                if is_alone {
                    let sql = "UPDATE collection_scope SET holder = NULL, until = NULL WHERE collection = ?";
                    self.store.blamed(query(sql).bind(id).execute(&mut *db).await)?;
                }
                let planned: bool = cells.get("planned")?;
                let standstill = standstill(&mut db, blame, id).await?;
                let spent = spent_of(&mut db, blame, id).await?;
                self.store.blamed(db.commit().await)?;
                return Ok(Collection {
                    id: CollectionId(id),
                    now: Timestamp(started),
                    planned,
                    spent,
                    resumed: planned.then_some(standstill),
                });
            }
            self.store.blamed(close(&mut db, id, "given-up", None).await)?;
        }
        let new = query(
            "INSERT INTO collection (source, plugin, digest, started, state, planned, believed, calls, retries,
                 throttled, bytes, cost_microusd) VALUES (?, ?, ?, ?, 'open', 0, 0, 0, 0, 0, 0, 0)",
        )
        .bind(source)
        .bind(key.plugin.as_str())
        .bind(key.digest.as_bytes().as_slice())
        .bind(now.0)
        .execute(&mut *db)
        .await;
        let id = CollectionId(self.store.blamed(new)?.last_insert_rowid());
        self.store.blamed(db.commit().await)?;
        Ok(Collection { id, now, planned: false, spent: Spent::default(), resumed: None })
    }

    async fn plan_in(&self, id: CollectionId, plan: &ScopePlan) -> Result<(), StoreError> {
        let blame = self.store.blame();
        let mut writer = self.store.write().await?;
        let mut db = self.store.blamed(writer.begin_with("BEGIN IMMEDIATE").await)?;
        let row = query("SELECT source FROM collection WHERE id = ? AND state = 'open' AND planned = 0")
            .bind(id.0)
            .fetch_optional(&mut *db)
            .await;
        let Some(row) = self.store.blamed(row)? else { return Ok(()) };
        let source: i64 = Cells::new(&row, blame).get("source")?;
        self.store.blamed(scopes(&mut db, source, &plan.scopes).await)?;
        let ids = scope_ids(&mut db, blame, source).await?;
        let planned: Vec<(usize, i64)> =
            plan.scopes.iter().filter_map(|scope| ids.get(&scope.id).copied()).enumerate().collect();
        let head =
            "INSERT INTO collection_scope (collection, position, scope, slices, detail, calls, retries,
            throttled, bytes, cost_microusd, millis, guest_micros) ";
        let rows = write_rows(&mut db, head, "", &planned, |row, (position, scope)| {
            row.push_bind(id.0).push_bind(int(*position)).push_bind(*scope).push_bind(0).push_bind("");
            for _ in 0..7 {
                row.push_bind(0);
            }
        });
        self.store.blamed(rows.await)?;
        let spent = &plan.spent;
        let done = query(
            "UPDATE collection SET planned = 1, believed = ?, calls = ?, retries = ?, throttled = ?, bytes = ?,
                 cost_microusd = ? WHERE id = ?",
        )
        .bind(plan.believed)
        .bind(int(spent.calls))
        .bind(int(spent.retries))
        .bind(int(spent.throttled))
        .bind(int(spent.bytes))
        .bind(int(spent.cost_microusd))
        .bind(id.0)
        .execute(&mut *db)
        .await;
        self.store.blamed(done)?;
        self.store.blamed(db.commit().await)
    }

    async fn lease_in(
        &self,
        id: CollectionId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Leased, StoreError> {
        let blame = self.store.blame();
        let mut writer = self.store.write().await?;
        let mut db = self.store.blamed(writer.begin_with("BEGIN IMMEDIATE").await)?;
        let is_open =
            query_scalar::<_, i64>("SELECT count(*) FROM collection WHERE id = ? AND state = 'open'");
        if self.store.blamed(is_open.bind(id.0).fetch_one(&mut *db).await)? == 0 {
            return Ok(Leased::Closed);
        }
        let row = query(
            "SELECT c.*, s.name AS scope_name, s.kind AS scope_kind, s.label AS scope_label
             FROM collection_scope c JOIN scope s ON s.id = c.scope
             WHERE c.collection = ? AND c.ended IS NULL
                 AND (c.holder IS NULL OR c.until < ? AND c.holder <> ?)
             ORDER BY c.position LIMIT 1",
        )
        .bind(id.0)
        .bind(now.0)
        .bind(&self.holder)
        .fetch_optional(&mut *db)
        .await;
        let Some(row) = self.store.blamed(row)? else {
            let left = "SELECT count(*) FROM collection_scope WHERE collection = ? AND ended IS NULL";
            let left: i64 = self.store.blamed(query_scalar(left).bind(id.0).fetch_one(&mut *db).await)?;
            return Ok(if left == 0 { Leased::Nothing } else { Leased::Elsewhere(left.unsigned_abs()) });
        };
        let cells = Cells::new(&row, blame);
        let cursor = match cells.get::<Option<i64>>("cursor_version")? {
            Some(version) => Some(Cursor {
                version: u32::try_from(version).map_err(|_| blame.corrupt("a cursor's version"))?,
                data: cells.get("cursor")?,
            }),
            None => None,
        };
        let taken =
            query("UPDATE collection_scope SET holder = ?, until = ? WHERE collection = ? AND position = ?")
                .bind(&self.holder)
                .bind(until.0)
                .bind(id.0)
                .bind(cells.get::<i64>("position")?)
                .execute(&mut *db)
                .await;
        self.store.blamed(taken)?;
        let lease = Lease {
            collection: id,
            scope: scope_of(&cells)?,
            slices: cells.count("slices")?,
            cursor,
            spent: spent(&cells)?,
            millis: cells.count("millis")?,
            guest_micros: cells.count("guest_micros")?,
        };
        self.store.blamed(db.commit().await)?;
        Ok(Leased::Scope(Box::new(lease)))
    }
}

/// Writes rows and cursor if the lease still holds; false and nothing otherwise.
async fn commit(
    db: &mut SqliteConnection,
    holder: &str,
    lease: &Lease,
    slice: &SliceRows,
) -> Result<bool, sqlx::Error> {
    let position: Option<i64> = query_scalar(
        "SELECT c.position FROM collection_scope c
         JOIN collection o ON o.id = c.collection AND o.state = 'open' JOIN scope s ON s.id = c.scope
         WHERE c.collection = ? AND s.name = ? AND s.source = o.source AND c.holder = ? AND c.slices = ?
             AND c.ended IS NULL",
    )
    .bind(lease.collection.0)
    .bind(&lease.scope.id)
    .bind(holder)
    .bind(int(lease.slices))
    .fetch_optional(&mut *db)
    .await?;
    let Some(position) = position else { return Ok(false) };
    let (cursor, ended, detail) = match &slice.next {
        Next::More(cursor) => (Some(cursor), None, ""),
        Next::End(how, why) => (None, Some(how.as_str()), why.as_str()),
    };
    query(
        "UPDATE collection_scope SET slices = slices + 1, cursor_version = ?1, cursor = ?2, ended = ?3, detail = ?4,
             calls = ?5, retries = ?6, throttled = ?7, bytes = ?8, cost_microusd = ?9, millis = ?10,
             guest_micros = ?11, holder = CASE WHEN ?3 IS NULL THEN holder END
         WHERE collection = ?12 AND position = ?13",
    )
    .bind(cursor.map(|cursor| i64::from(cursor.version)))
    .bind(cursor.map(|cursor| cursor.data.as_slice()))
    .bind(ended)
    .bind(detail)
    .bind(int(slice.spent.calls))
    .bind(int(slice.spent.retries))
    .bind(int(slice.spent.throttled))
    .bind(int(slice.spent.bytes))
    .bind(int(slice.spent.cost_microusd))
    .bind(int(slice.millis))
    .bind(int(slice.guest_micros))
    .bind(lease.collection.0)
    .bind(position)
    .execute(&mut *db)
    .await?;
    if !slice.report.is_empty() {
        query("INSERT INTO collection_slice (collection, position, number, report) VALUES (?, ?, ?, ?)")
            .bind(lease.collection.0)
            .bind(position)
            .bind(int(lease.slices))
            .bind(Document::of_report(&slice.report).text)
            .execute(&mut *db)
            .await?;
    }
    let head =
        "INSERT INTO collection_operation (collection, holder, service, operation, actions, calls, denied) ";
    let tail = " ON CONFLICT DO UPDATE SET calls = excluded.calls, denied = excluded.denied";
    write_rows(db, head, tail, &slice.used, |row, used| {
        row.push_bind(lease.collection.0).push_bind(holder.to_owned()).push_bind(used.service.clone());
        row.push_bind(used.operation.clone()).push_bind(document::list(&used.actions));
        row.push_bind(int(used.calls)).push_bind(int(used.denied));
    })
    .await?;
    Ok(true)
}

/// Ends a collection: what it staged goes.
pub(crate) async fn close(
    db: &mut SqliteConnection,
    id: i64,
    state: &str,
    run: Option<i64>,
) -> Result<(), sqlx::Error> {
    query("UPDATE collection SET state = ?, run = ? WHERE id = ?")
        .bind(state)
        .bind(run)
        .bind(id)
        .execute(&mut *db)
        .await?;
    for sql in [
        "DELETE FROM collection_slice WHERE collection = ?",
        "DELETE FROM collection_scope WHERE collection = ?",
        "DELETE FROM collection_operation WHERE collection = ?",
    ] {
        query(sql).bind(id).execute(&mut *db).await?;
    }
    Ok(())
}

/// Makes scopes known, and brings their words up to date.
pub(crate) async fn scopes(
    db: &mut SqliteConnection,
    source: i64,
    scopes: &[Scope],
) -> Result<(), sqlx::Error> {
    let head = "INSERT INTO scope (source, name, kind, label) ";
    let tail = " ON CONFLICT (source, name) DO UPDATE SET kind = excluded.kind, label = excluded.label";
    write_rows(db, head, tail, scopes, |row, scope| {
        row.push_bind(source).push_bind(scope.id.clone());
        row.push_bind(scope.kind.clone()).push_bind(scope.label.clone());
    })
    .await
}

/// The numbers of all scopes of a source.
pub(crate) async fn scope_ids(
    db: &mut SqliteConnection,
    blame: &Blame,
    source: i64,
) -> Result<HashMap<String, i64>, StoreError> {
    let rows = query("SELECT id, name FROM scope WHERE source = ?").bind(source).fetch_all(db).await;
    rows.map_err(|error| blame.error(error))?
        .iter()
        .map(|row| {
            let cells = Cells::new(row, blame);
            Ok((cells.get("name")?, cells.get("id")?))
        })
        .collect()
}
