//! What was looked at, what was not, and what to do about it.

use crate::params::{Params, SourceParams};
use crate::problem::{Failed, Problem};
use crate::router::App;
use crate::sources::known;
use crate::views::{
    GapGroup, LeftOutView, PluginUseView, RunStatusView, RunView, UnseenView, group, rfc3339,
};
use axum::Json;
use axum::extract::State;
use inventar_model::{RunStatus, SourceName};
use inventar_store::{RunDetail, SourceRow};
use serde::Serialize;
use utoipa::ToSchema;

/// How far the looks behind an answer got.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct CoverageSummary {
    /// The worst of its sources.
    state: CoverageState,
    /// Sources that were looked at.
    sources: u64,
    /// Of those, looked at completely by their latest run.
    complete: u64,
    /// Of those, looked at in part, or stopped.
    partial: u64,
    /// Gaps of their latest runs together.
    gaps: u64,
    /// The end of the oldest latest run, RFC 3339.
    oldest: Option<String>,
    /// What their latest runs found for the first time; those of first runs do not count.
    new: u64,
    /// What their latest runs found changed.
    changed: u64,
    /// What their latest runs no longer found.
    gone: u64,
}

/// How far a look got, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum CoverageState {
    /// Nothing was scanned yet.
    NotLooked,
    /// Everything in scope was looked at.
    Complete,
    /// Something was not.
    Partial,
}

impl CoverageSummary {
    /// The summary of one source, or of all.
    pub(crate) fn of(rows: &[SourceRow], only: Option<&SourceName>) -> Self {
        let rows: Vec<&SourceRow> =
            rows.iter().filter(|row| only.is_none_or(|name| row.name == *name)).collect();
        let complete = rows.iter().filter(|row| row.latest.status == RunStatus::Complete).count();
        let later = || rows.iter().filter(|row| row.runs > 1);
        Self {
            state: match (rows.len(), complete) {
                (0, _) => CoverageState::NotLooked,
                (all, complete) if all == complete => CoverageState::Complete,
                _ => CoverageState::Partial,
            },
            sources: rows.len() as u64,
            complete: complete as u64,
            partial: (rows.len() - complete) as u64,
            gaps: rows.iter().map(|row| row.latest.counts.gaps).sum(),
            oldest: rows.iter().map(|row| row.latest.ended).min().map(rfc3339),
            new: later().map(|row| row.latest.counts.new).sum(),
            changed: later().map(|row| row.latest.counts.changed).sum(),
            gone: later().map(|row| row.latest.counts.gone).sum(),
        }
    }
}

/// The coverage of every source.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CoverageList {
    /// By name.
    items: Vec<CoverageView>,
}

/// What the latest run of a source looked at, and what it did not.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CoverageView {
    /// Of what.
    source: String,
    /// How far the run got.
    status: RunStatusView,
    /// The run.
    run: RunView,
    /// Regular files the walk saw.
    files_seen: u64,
    /// Files that at least one plugin was asked about.
    files_inspected: u64,
    /// Bytes read by the host.
    bytes_read: u64,
    /// Who took part.
    plugins: Vec<PluginUseView>,
    /// What could not be looked at, by reason: our failures first.
    gaps: Vec<GapGroup>,
    /// What the rules of the walk left out.
    left_out: Vec<LeftOutView>,
    /// At most 500 places that no answer covers: what was seen there before still stands.
    unseen: Vec<UnseenView>,
    /// How many such places.
    unseen_count: u64,
}

/// The most unseen places in an answer.
const MAX_UNSEEN: usize = 500;

impl From<&RunDetail> for CoverageView {
    fn from(run: &RunDetail) -> Self {
        Self {
            source: run.source.as_str().to_owned(),
            status: run.status.into(),
            run: run.into(),
            files_seen: run.files_seen,
            files_inspected: run.files_inspected,
            bytes_read: run.bytes_read,
            plugins: run.plugins.iter().map(PluginUseView::from).collect(),
            gaps: group(&run.gaps),
            left_out: run.left_out.iter().map(LeftOutView::from).collect(),
            unseen: run.unseen.iter().take(MAX_UNSEEN).map(UnseenView::from).collect(),
            unseen_count: run.unseen.len() as u64,
        }
    }
}

/// What the latest run of each source looked at, and what it did not.
#[utoipa::path(
    get, operation_id = "get_coverage", path = "/api/v1/coverage", tag = "coverage", params(SourceParams),
    responses(
        (status = 200, body = CoverageList),
        Failed
    )
)]
pub(crate) async fn coverage(
    State(App { store }): State<App>,
    Params(params): Params<SourceParams>,
) -> Result<Json<CoverageList>, Problem> {
    let rows = store.sources().await?;
    let asked = match params.source.as_deref() {
        Some(name) => std::slice::from_ref(known(&rows, name)?),
        None => rows.as_slice(),
    };
    let mut items = Vec::with_capacity(asked.len());
    for row in asked {
        if let Some(run) = store.latest_run(&row.name, None).await? {
            items.push(CoverageView::from(&run));
        }
    }
    Ok(Json(CoverageList { items }))
}
