//! How a service is looked at: scope by scope, slice by slice.

use crate::evidence::words;

/// The smallest unit that a collector can list completely: account and region and service, a namespace, a registry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope {
    /// Stable, unique in the source: `aws/123456789012/eu-west-1/sagemaker`.
    pub id: String,
    /// What it is, for people: "region", "namespace".
    pub kind: String,
    /// Its name, for people.
    pub label: String,
}

impl Scope {
    /// The path of an observation in this scope: what a file's path is to a detector. No key: what belongs to the scope
    /// as a whole.
    pub fn path(&self, key: &str) -> String {
        format!("{}{key}", self.prefix())
    }

    /// What the paths of all its observations begin with, and no other scope's.
    pub fn prefix(&self) -> String {
        format!("{}//", self.id)
    }

    /// The scope's id and the key of an observation's path, or of a gap's place; none: it is neither.
    pub fn parts(path: &str) -> Option<(&str, &str)> {
        path.split_once("//")
    }
}

/// Where a collector stopped: opaque, its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The plugin's own schema number.
    pub version: u32,
    /// At most 64 KiB.
    pub data: Vec<u8>,
}

/// What a slice of work led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// There is more: call again with this.
    More(Cursor),
    /// The scope was listed completely: what was not seen may retire.
    Complete(Option<Cursor>),
    /// Stopped early: nothing may retire.
    Partial(Option<Cursor>),
}

words! {
    /// How an attempt at a scope ended.
    ScopeStatus {
        /// Listed completely.
        Complete = "complete",
        /// Listed in part.
        Partial = "partial",
        /// A permission is missing.
        Denied = "denied",
        /// The service asked to wait for longer than we do.
        Throttled = "throttled",
        /// No answer.
        Unreachable = "unreachable",
        /// Not tried: a budget was spent, or somebody stopped the run.
        Skipped = "skipped",
    }
}

/// What calls cost, of a scope or of a whole source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spent {
    /// Requests sent, retries included.
    pub calls: u64,
    /// Requests sent again.
    pub retries: u64,
    /// Answers that asked to wait.
    pub throttled: u64,
    /// Bytes received, compressed as they came.
    pub bytes: u64,
    /// Millionths of a US dollar, by the manifest's prices.
    pub cost_microusd: u64,
}

impl std::ops::AddAssign for Spent {
    fn add_assign(&mut self, more: Self) {
        self.calls = self.calls.saturating_add(more.calls);
        self.retries = self.retries.saturating_add(more.retries);
        self.throttled = self.throttled.saturating_add(more.throttled);
        self.bytes = self.bytes.saturating_add(more.bytes);
        self.cost_microusd = self.cost_microusd.saturating_add(more.cost_microusd);
    }
}

/// One attempt at a scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeRun {
    /// Which.
    pub scope: Scope,
    /// How it ended.
    pub status: ScopeStatus,
    /// Why, when it is not complete: one line, redacted.
    pub detail: String,
    /// Assets reported.
    pub seen: u64,
    /// What it took.
    pub spent: Spent,
    /// Wall time in milliseconds.
    pub millis: u64,
}
