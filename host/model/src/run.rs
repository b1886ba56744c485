//! One look at a source, and what it changed.

use crate::asset::Uid;
use crate::digest::Digest;
use crate::evidence::words;
use crate::inventory::StampedGap;
use crate::kind::AssetKind;
use crate::name::{PluginId, SourceName};
use crate::report::FileReport;

/// Milliseconds since the Unix epoch, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

words! {
    /// How far a look got.
    RunStatus {
        /// Everything in scope was looked at.
        Complete = "complete",
        /// Something could not be looked at: see the gaps.
        Partial = "partial",
        /// Stopped by a person.
        Interrupted = "interrupted",
    }
}

/// A plugin as it took part in a run. A change of any digest makes what it no longer reports *detector changed*.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PluginUse {
    /// Who.
    pub id: PluginId,
    /// The manifest's version.
    pub version: String,
    /// Component, claims and settings together.
    pub digest: Digest,
    /// Whether somebody we trust vouches for it; `--plugin FILE` does not.
    pub signed: bool,
    /// Files handed to it, and how many of those answers came from the cache.
    pub files: u64,
    /// Of `files`, answered from the cache.
    pub cached: u64,
    /// Compute time inside the sandbox.
    pub guest_micros: u64,
}

/// Files that the rules of the walk left out, counted by rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOut {
    /// "gitignored", "dependency-folder", "symlink", "special-file" …
    pub rule: String,
    /// How many entries (an unentered folder is one).
    pub count: u64,
    /// At most 20 of them, for people.
    pub examples: Vec<String>,
}

/// One look at a source: what was seen, what was not, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Of what.
    pub source: SourceName,
    /// One per (plugin, file) that said anything, links included; sorted by plugin and path.
    pub reports: Vec<FileReport>,
    /// A digest of `reports`: equal digests, nothing new.
    pub reports_digest: Digest,
    /// Gaps of the walk and of plugins that failed; the reports carry their own. Sorted.
    pub gaps: Vec<StampedGap>,
    /// How far it got.
    pub status: RunStatus,
    /// The commit that was looked at; none: no work tree, or one that differs from its commit.
    pub revision: Option<Revision>,
    /// When it began.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// Who took part, sorted by id.
    pub plugins: Vec<PluginUse>,
    /// Regular files the walk saw.
    pub files_seen: u64,
    /// Files that at least one plugin was asked about.
    pub files_inspected: u64,
    /// Bytes read by the host.
    pub bytes_read: u64,
    /// What the walk's rules left out, sorted by rule.
    pub left_out: Vec<LeftOut>,
    /// What no answer covers: what was reported from there before still stands. Sorted.
    pub unseen: Vec<Unseen>,
}

/// A commit of a version control system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// Its hash, in hexadecimal.
    pub commit: String,
    /// When it was made.
    pub committed: Timestamp,
}

/// A place a plugin did not answer for: everything it said there before still stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unseen {
    /// A file, or a directory with a trailing '/'. Empty: everything.
    pub path: String,
    /// None: no plugin saw it.
    pub plugin: Option<PluginId>,
}

impl Unseen {
    /// Whether an observation of `plugin` in `path` is covered by this.
    pub fn covers(&self, plugin: &PluginId, path: &str) -> bool {
        self.plugin.as_ref().is_none_or(|mine| mine == plugin)
            && (self.path.is_empty()
                || self.path == path
                || self.path.ends_with('/') && path.starts_with(&self.path))
    }
}

words! {
    /// What became of an asset.
    ChangeKind {
        /// Seen for the first time, or again after it was gone.
        New = "new",
        /// Something about it differs.
        Changed = "changed",
        /// No longer there.
        Gone = "gone",
    }
}

words! {
    /// Why an asset is no longer listed, or why it changed.
    Retirement {
        /// Its file no longer says so.
        Source = "source-changed",
        /// The plugin, its settings or its claims changed: the world may be the same.
        Detector = "detector-changed",
    }
}

/// One asset's change in a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Which.
    pub uid: Uid,
    /// Its kind.
    pub kind: AssetKind,
    /// Its name.
    pub name: String,
    /// What became of it.
    pub change: ChangeKind,
    /// Because of the source or of the detector.
    pub reason: Retirement,
    /// For a changed asset: the fields that differ, sorted ("version", "usage", "evidence", "property:dtype" …).
    pub fields: Vec<String>,
}

/// What a run changed against the last state of its source.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RunDelta {
    /// Whether the source had been looked at before.
    pub first: bool,
    /// Sorted by kind and name.
    pub changes: Vec<Change>,
    /// Assets that stay because their file was not looked at this time.
    pub kept: u64,
    /// Set when so much disappeared at once that the retirement waits for confirmation: how many.
    pub held: Option<u64>,
}
