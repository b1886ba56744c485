//! Sources and runs as the API shows them.

use super::time::rfc3339;
use inventar_model as model;
use inventar_store as store;
use serde::Serialize;
use utoipa::ToSchema;

/// Something that was looked at.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Source)]
pub(crate) struct SourceView {
    /// A given name, a git remote with the folder in it, or a path.
    pub(crate) name: String,
    /// Assets present.
    pub(crate) assets: u64,
    /// Runs recorded.
    pub(crate) runs: u64,
    /// The latest run.
    pub(crate) latest_run: RunView,
}

impl From<&store::SourceRow> for SourceView {
    fn from(row: &store::SourceRow) -> Self {
        Self {
            name: row.name.as_str().to_owned(),
            assets: row.assets,
            runs: row.runs,
            latest_run: (&row.latest).into(),
        }
    }
}

/// How far a run got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = RunStatus)]
pub(crate) enum RunStatusView {
    /// Everything in scope was looked at.
    Complete,
    /// Something could not be looked at.
    Partial,
    /// Stopped by a person.
    Interrupted,
}

impl From<model::RunStatus> for RunStatusView {
    fn from(status: model::RunStatus) -> Self {
        match status {
            model::RunStatus::Complete => Self::Complete,
            model::RunStatus::Partial => Self::Partial,
            model::RunStatus::Interrupted => Self::Interrupted,
        }
    }
}

/// One look at a source.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Run)]
pub(crate) struct RunView {
    /// Its number in this database.
    pub(crate) id: i64,
    /// How far it got.
    pub(crate) status: RunStatusView,
    /// When it began, RFC 3339.
    pub(crate) started: String,
    /// When it ended, RFC 3339.
    pub(crate) ended: String,
    /// Assets present when it had ended.
    pub(crate) assets: u64,
    /// Relations then.
    pub(crate) relations: u64,
    /// Findings then.
    pub(crate) findings: u64,
    /// Gaps then.
    pub(crate) gaps: u64,
    /// Assets seen for the first time, or again.
    pub(crate) new: u64,
    /// Assets that differ.
    pub(crate) changed: u64,
    /// Assets no longer there.
    pub(crate) gone: u64,
    /// Of new, changed and gone: because a detector changed, not the source.
    pub(crate) by_detector: u64,
    /// Assets that stay because nobody looked at their files.
    pub(crate) kept: u64,
    /// Assets whose retirement waits for confirmation, because so much disappeared at once.
    pub(crate) held: u64,
}

impl RunView {
    fn new(
        id: store::RunId,
        status: model::RunStatus,
        (started, ended): (model::Timestamp, model::Timestamp),
        counts: &store::RunCounts,
    ) -> Self {
        Self {
            id: id.0,
            status: status.into(),
            started: rfc3339(started),
            ended: rfc3339(ended),
            assets: counts.assets,
            relations: counts.relations,
            findings: counts.findings,
            gaps: counts.gaps,
            new: counts.new,
            changed: counts.changed,
            gone: counts.gone,
            by_detector: counts.by_detector,
            kept: counts.kept,
            held: counts.held,
        }
    }
}

impl From<&store::RunRow> for RunView {
    fn from(row: &store::RunRow) -> Self {
        Self::new(row.id, row.status, (row.started, row.ended), &row.counts)
    }
}

impl From<&store::RunDetail> for RunView {
    fn from(run: &store::RunDetail) -> Self {
        Self::new(run.id, run.status, (run.started, run.ended), &run.counts)
    }
}

/// A plugin as it took part in a run.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = PluginUse)]
pub(crate) struct PluginUseView {
    /// `publisher/name`
    pub(crate) id: String,
    /// The manifest's version.
    pub(crate) version: String,
    /// Component, claims and settings together, hex.
    pub(crate) digest: String,
    /// Whether somebody we trust vouches for it.
    pub(crate) signed: bool,
    /// Files handed to it.
    pub(crate) files: u64,
    /// Of those, answered from the cache.
    pub(crate) cached: u64,
    /// Compute time inside the sandbox.
    pub(crate) guest_micros: u64,
}

impl From<&model::PluginUse> for PluginUseView {
    fn from(plugin: &model::PluginUse) -> Self {
        Self {
            id: plugin.id.as_str().to_owned(),
            version: plugin.version.clone(),
            digest: plugin.digest.to_string(),
            signed: plugin.signed,
            files: plugin.files,
            cached: plugin.cached,
            guest_micros: plugin.guest_micros,
        }
    }
}

/// What a rule of the walk left out.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = LeftOut)]
pub(crate) struct LeftOutView {
    /// `gitignored`, `dependency-folder`, `symbolic-link` …
    pub(crate) rule: String,
    /// Entries left out; a folder that was not entered is one.
    pub(crate) count: u64,
    /// Some of them.
    pub(crate) examples: Vec<String>,
}

impl From<&model::LeftOut> for LeftOutView {
    fn from(left_out: &model::LeftOut) -> Self {
        Self { rule: left_out.rule.clone(), count: left_out.count, examples: left_out.examples.clone() }
    }
}

/// A place no answer covers: what was seen there before still stands.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Unseen)]
pub(crate) struct UnseenView {
    /// A file, or a folder with a trailing '/'. Empty: everything.
    pub(crate) path: String,
    /// The plugin that did not look; null: none did.
    pub(crate) plugin: Option<String>,
}

impl From<&model::Unseen> for UnseenView {
    fn from(unseen: &model::Unseen) -> Self {
        Self {
            path: unseen.path.clone(),
            plugin: unseen.plugin.as_ref().map(|plugin| plugin.as_str().to_owned()),
        }
    }
}
