//! What a collection remembers from slice to slice, so that a stop costs one slice: stated here, kept by the store.
//!
//! ```text
//!   open ──► plan ──► lease ──► commit, commit, … ──► gather ──► record
//!   begin,   scopes,  one       rows and cursor       all rows   the run, and the end of
//!   or go    once     holder    in one transaction    in order   the collection
//!   on
//! ```
//!
//! Several processes may work on one collection: each scope has one holder at a time, and a holder that died loses its
//! leases.

use crate::collect::{Cursor, Scope, ScopeStatus, Spent};
use crate::digest::Digest;
use crate::evidence::words;
use crate::name::{PluginId, SourceName};
use crate::report::Report;
use crate::run::Timestamp;
use std::future::Future;
use std::pin::Pin;

/// The number of a collection in its database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CollectionId(pub i64);

/// What is collected and by whom. A collection is taken up again only when all of it is the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectionKey {
    /// Of what.
    pub source: SourceName,
    /// By whom.
    pub plugin: PluginId,
    /// The plugin's component, its settings and what it may do.
    pub digest: Digest,
}

/// A collection that is under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collection {
    /// Its number.
    pub id: CollectionId,
    /// When it began, also when it was taken up again.
    pub now: Timestamp,
    /// Its scopes are known: the probe was answered.
    pub planned: bool,
    /// What it took so far.
    pub spent: Spent,
    /// How far it was when it was taken up; none: it is new.
    pub resumed: Option<Standstill>,
}

/// How far a collection was when it was taken up again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standstill {
    /// Scopes planned.
    pub scopes: u64,
    /// Of those, ended.
    pub done: u64,
}

/// Scopes as a probe listed them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopePlan {
    /// Each id once.
    pub scopes: Vec<Scope>,
    /// Every call of the probe was answered: what it does not list is no longer there.
    pub believed: bool,
    /// What the probe took.
    pub spent: Spent,
}

/// A scope that this process may work on, and nobody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Of which collection.
    pub collection: CollectionId,
    /// Which.
    pub scope: Scope,
    /// Slices committed.
    pub slices: u64,
    /// Where the last one stopped.
    pub cursor: Option<Cursor>,
    /// What they took.
    pub spent: Spent,
    /// Wall time in milliseconds.
    pub millis: u64,
    /// Compute time inside the sandbox.
    pub guest_micros: u64,
}

/// What there is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leased {
    /// This scope.
    Scope(Box<Lease>),
    /// Nothing now: others hold the scopes that are left.
    Elsewhere(u64),
    /// Nothing: every scope has ended.
    Nothing,
    /// Nothing: somebody recorded or gave up the collection.
    Closed,
}

words! {
    /// How the work on a scope ended, before its gaps are weighed.
    Ended {
        /// The plugin listed everything.
        Complete = "complete",
        /// The plugin stopped early, or failed.
        Partial = "partial",
        /// Not tried, or not to its end: a budget was spent, or the plugin failed too often.
        Skipped = "skipped",
    }
}

/// What a slice leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// There is more, from here.
    More(Cursor),
    /// The scope has ended, and why, when it is not complete.
    End(Ended, String),
}

/// What one call did, since the collection began and by this process.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OperationUse {
    /// The service of the rule.
    pub service: String,
    /// The operation.
    pub operation: String,
    /// What must be granted for it.
    pub actions: Vec<String>,
    /// Calls.
    pub calls: u64,
    /// Of those, refused by the service.
    pub denied: u64,
}

/// A slice to commit. Its numbers are those of the scope so far, this slice included.
#[derive(Debug, Clone, PartialEq)]
pub struct SliceRows {
    /// What it saw.
    pub report: Report,
    /// Where it leads.
    pub next: Next,
    /// What the scope took.
    pub spent: Spent,
    /// Wall time of the scope in milliseconds.
    pub millis: u64,
    /// Compute time of the scope inside the sandbox.
    pub guest_micros: u64,
    /// What this process called so far, all scopes together.
    pub used: Vec<OperationUse>,
}

/// A scope with all that was committed of it.
#[derive(Debug, Clone, PartialEq)]
pub struct GatheredScope {
    /// Which.
    pub scope: Scope,
    /// How it ended; none: it has not.
    pub ended: Option<Ended>,
    /// Why, when it is not complete.
    pub detail: String,
    /// What its slices saw, in order.
    pub reports: Vec<Report>,
    /// What it took.
    pub spent: Spent,
    /// Wall time in milliseconds.
    pub millis: u64,
    /// Compute time inside the sandbox.
    pub guest_micros: u64,
}

/// All that was committed of a collection.
#[derive(Debug, Clone, PartialEq)]
pub struct Gathered {
    /// Sorted by scope id.
    pub scopes: Vec<GatheredScope>,
    /// Scopes of the source's last run that this collection does not have, with how they stood then.
    pub unlisted: Vec<(Scope, ScopeStatus)>,
    /// See [`ScopePlan::believed`].
    pub believed: bool,
    /// What everything took, the probe included.
    pub spent: Spent,
    /// What was called, all processes together; sorted.
    pub used: Vec<OperationUse>,
}

/// Why the memory of a collection failed: the keeper's own error.
pub type LedgerError = Box<dyn std::error::Error + Send + Sync>;

/// An answer of a [`Ledger`].
pub type Kept<'a, T> = Pin<Box<dyn Future<Output = Result<T, LedgerError>> + Send + 'a>>;

/// Remembers a collection. One value is one holder of leases.
pub trait Ledger: Send + Sync {
    /// Takes up the unfinished collection with that key, unless it began before `oldest`; else gives up whatever is
    /// unfinished of the source and begins a new one.
    fn open<'a>(&'a self, key: &'a CollectionKey, now: Timestamp, oldest: Timestamp) -> Kept<'a, Collection>;

    /// Writes down the scopes, once: of two processes the first is right, and the other goes on with its plan.
    fn plan<'a>(&'a self, id: CollectionId, plan: &'a ScopePlan) -> Kept<'a, ()>;

    /// Takes the next free scope until then. A lease that ended before `now` is free.
    fn lease(&self, id: CollectionId, now: Timestamp, until: Timestamp) -> Kept<'_, Leased>;

    /// Holds all leases of this holder for longer.
    fn renew(&self, id: CollectionId, until: Timestamp) -> Kept<'_, ()>;

    /// Rows and cursor in one transaction. False: the lease was lost, and nothing was written.
    fn commit<'a>(&'a self, lease: &'a Lease, slice: &'a SliceRows) -> Kept<'a, bool>;

    /// Lets go of all leases of this holder.
    fn release(&self, id: CollectionId) -> Kept<'_, ()>;

    /// Everything that was committed; none: the collection is closed.
    fn gather(&self, id: CollectionId) -> Kept<'_, Option<Gathered>>;
}
