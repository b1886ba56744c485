//! From a connected service to observations: probe, plan, lease, slices, a run.
//!
//! ```text
//!   probe ──► plan ──► lease ──► slice, slice, … ──► gather ──► Run
//!   lists     once     one       fresh instance,     everything
//!   scopes             holder    rows and cursor     that was
//!                                committed together  committed
//! ```
//!
//! A *scope* is what a plugin can list completely; a *slice* is some dozens of its calls. Every slice is committed to a
//! [`Ledger`] before the next one starts, so a stop at any moment (Ctrl-C, power) costs the slices under way: whoever
//! collects the source next goes on from there, with the same `now`, and gets what an undisturbed collection would have
//! got. Scopes are leased, so several processes can share the work and do nothing twice.
//!
//! An observation is one asset of one scope; its path is [`Scope::path`]. A scope that was not listed completely is
//! *unseen*: nothing of it retires. What could not be looked at is a gap, never an error; [`CollectError`] is for a
//! collection that cannot go on, and loses nothing.

mod assemble;
mod guest;
mod line;
mod schedule;
mod status;
#[cfg(test)]
mod tests;

pub use line::{Line, Lines};

use crate::progress::Progress;
use guest::Guest;
use inventar_model::{
    Budget, CollectionId, CollectionKey, Connection, Digest, Ledger, LedgerError, OperationUse, PluginId,
    Run, ScopeRun, Spent, Standstill, Timestamp,
};
use inventar_runtime::{Plugin, Trust};
use schedule::Schedule;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// A plugin of world `collector` as it takes part in a collection.
#[derive(Debug, Clone)]
pub struct Collector {
    /// The plugin.
    pub plugin: Plugin,
    /// Its settings as canonical JSON, checked against its schema, the endpoint filled in; empty: none.
    pub settings: String,
}

/// How to collect.
#[derive(Debug, Clone)]
pub struct CollectOptions {
    /// Scopes at once, at least one: many, since those of a throttled service mostly wait, in every region, and must leave
    /// room for the others. How many requests are on their way is bounded elsewhere.
    pub concurrency: usize,
    /// The clock.
    pub clock: fn() -> Timestamp,
    /// An unfinished collection that is older is given up, and a new one begun. Zero: always.
    pub resume_within: Duration,
    /// Caps.
    pub limits: CollectLimits,
}

impl Default for CollectOptions {
    fn default() -> Self {
        Self {
            concurrency: 32,
            clock: crate::system_clock,
            resume_within: Duration::from_secs(24 * 3600),
            limits: CollectLimits::default(),
        }
    }
}

/// What bounds a collection. Caps on a guest are the runtime's, caps on its calls the broker's.
#[derive(Debug, Clone)]
pub struct CollectLimits {
    /// Slices of one scope.
    pub max_slices: u64,
    /// Rows of one scope: assets, relations, findings and gaps, by this process.
    pub max_rows: u64,
    /// Scopes that may end by a fault before the plugin is not called any more.
    pub max_faults: u32,
    /// How long a scope stays with a process that says nothing.
    pub lease: Duration,
    /// How often Ctrl-C, and scopes that others hold, are looked for.
    pub poll: Duration,
}

impl Default for CollectLimits {
    fn default() -> Self {
        Self {
            max_slices: 10_000,
            max_rows: 2_000_000,
            max_faults: 5,
            lease: Duration::from_secs(120),
            poll: Duration::from_millis(100),
        }
    }
}

/// A finished collection, to be recorded.
#[derive(Debug, Clone)]
pub struct Collected {
    /// Under which the ledger knows it.
    pub id: CollectionId,
    /// What was seen. `files_seen` are its scopes, `files_inspected` those that were tried.
    pub run: Run,
    /// Every scope, sorted by id.
    pub scopes: Vec<ScopeRun>,
    /// What everything took, the probe and earlier processes included.
    pub spent: Spent,
    /// What was called; sorted.
    pub used: Vec<OperationUse>,
    /// A budget was spent before everything was looked at.
    pub budget_spent: bool,
    /// How far an earlier process had come; none: this one began it.
    pub resumed: Option<Standstill>,
}

/// Why a collection stopped. What was committed is kept: the next one goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// The ledger cannot be read or written.
    #[error("cannot keep what was collected: {0}")]
    Ledger(#[source] LedgerError),
    /// Somebody asked to stop.
    #[error(
        "stopped with {done} of {scopes} scopes done; what was collected is kept, and collecting again goes on from there"
    )]
    Interrupted {
        /// Scopes that are done.
        done: u64,
        /// Scopes planned; 0: the probe was not answered yet.
        scopes: u64,
    },
    /// Another process finished it.
    #[error("another process has finished this collection; its run is the latest one of the source")]
    Closed,
}

/// Who collects, as runs and ledgers know it.
#[derive(Debug, Clone)]
struct Who {
    id: PluginId,
    version: String,
    /// Component and settings.
    digest: Digest,
    signed: bool,
}

impl Collector {
    fn who(&self) -> Who {
        let manifest = self.plugin.manifest();
        Who {
            id: manifest.id.clone(),
            version: manifest.version.clone(),
            digest: Digest::of_parts([
                b"inventar collector 0.1".as_slice(),
                self.plugin.digest().as_bytes(),
                self.settings.as_bytes(),
            ]),
            signed: self.plugin.trust() != Trust::Unsigned,
        }
    }
}

/// Collects a connected source, or goes on where the last process stopped.
///
/// `cancel` may be set from another thread. Record the result with the store's `record_collection`, which also ends the
/// collection; without that the next call returns it again.
pub async fn collect(
    connection: &Connection,
    collector: &Collector,
    lines: &dyn Lines,
    ledger: &dyn Ledger,
    options: &CollectOptions,
    progress: &dyn Progress,
    cancel: &AtomicBool,
) -> Result<Collected, CollectError> {
    let who = collector.who();
    let by = By { guest: &collector.plugin, settings: &collector.settings, who: &who };
    collect_by(connection, by, lines, ledger, options, progress, cancel).await
}

/// A plugin, or in tests a script.
#[derive(Clone, Copy)]
struct By<'a> {
    guest: &'a dyn Guest,
    settings: &'a str,
    who: &'a Who,
}

async fn collect_by(
    connection: &Connection,
    by: By<'_>,
    lines: &dyn Lines,
    ledger: &dyn Ledger,
    options: &CollectOptions,
    progress: &dyn Progress,
    cancel: &AtomicBool,
) -> Result<Collected, CollectError> {
    let now = (options.clock)();
    let within = i64::try_from(options.resume_within.as_millis()).unwrap_or(i64::MAX);
    let oldest = match within {
        0 => Timestamp(i64::MAX),
        within => Timestamp(now.0.saturating_sub(within)),
    };
    let key = key(connection, by.who);
    let collection = ledger.open(&key, now, oldest).await.map_err(CollectError::Ledger)?;
    lines.resume(collection.spent);
    if let Some(standstill) = &collection.resumed {
        progress.resumed(standstill, &collection.spent);
    }
    let mut schedule =
        Schedule::new(by, lines, ledger, options, progress, cancel, &collection, connection.budget);
    let work = schedule.work().await;
    if work.is_err() {
        // The first error tells more; a lease that stays ends by itself.
        let _ = ledger.release(collection.id).await;
    }
    let probe = work?;
    let gathered = ledger.gather(collection.id).await.map_err(CollectError::Ledger)?;
    let gathered = gathered.ok_or(CollectError::Closed)?;
    let assembled =
        assemble::assemble(&key.source, by.who, gathered, &probe, collection.now, (options.clock)());
    Ok(Collected {
        id: collection.id,
        budget_spent: assembled.budget_spent,
        run: assembled.run,
        scopes: assembled.scopes,
        spent: assembled.spent,
        used: assembled.used,
        resumed: collection.resumed,
    })
}

/// A collection is taken up again only by the same plugin with the same settings, for the same service, with the same
/// rights.
fn key(connection: &Connection, who: &Who) -> CollectionKey {
    let digest = Digest::of_parts([
        who.digest.as_bytes().as_slice(),
        connection.permissions.as_bytes(),
        connection.endpoint.as_deref().unwrap_or_default().as_bytes(),
    ]);
    CollectionKey { source: connection.name.clone(), plugin: who.id.clone(), digest }
}

/// Whether that much is at least what may be used.
fn is_spent(budget: &Budget, spent: &Spent, elapsed: Duration) -> bool {
    let over = |limit: Option<u64>, used: u64| limit.is_some_and(|limit| used >= limit);
    over(budget.calls, spent.calls)
        || over(budget.bytes, spent.bytes)
        || over(budget.cost_microusd, spent.cost_microusd)
        || over(budget.seconds, elapsed.as_secs())
}
