//! What each run changed.

use crate::params::Params;
use crate::problem::{Failed, Problem};
use crate::router::App;
use crate::sources::one;
use crate::views::{ChangeView, RunView};
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// The most changes listed for one run; the counts in the run are exact.
const MAX_CHANGES: usize = 1000;
/// Runs in an answer when nothing is said, and at most.
const RUNS: std::ops::RangeInclusive<usize> = 1..=50;
const DEFAULT_RUNS: usize = 10;

/// Of which source, and how far back.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(crate) struct ChangeParams {
    /// Of this source; it may be left out when there is only one.
    source: Option<String>,
    /// So many runs, 1 to 50; 10 when it is left out.
    #[param(minimum = 1, maximum = 50)]
    limit: Option<usize>,
}

/// What the latest runs of a source changed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChangeList {
    /// Of what.
    source: String,
    /// Newest first.
    items: Vec<RunChanges>,
}

/// What one run changed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RunChanges {
    /// The run.
    run: RunView,
    /// Whether it was the source's first: then everything is new.
    first: bool,
    /// At most 1,000, by kind and name.
    changes: Vec<ChangeView>,
    /// Whether there are more.
    truncated: bool,
}

/// What the latest runs of a source changed.
#[utoipa::path(
    get, operation_id = "list_changes", path = "/api/v1/changes", tag = "sources", params(ChangeParams),
    responses(
        (status = 200, body = ChangeList),
        Failed
    )
)]
pub(crate) async fn changes(
    State(App { store }): State<App>,
    Params(params): Params<ChangeParams>,
) -> Result<Json<ChangeList>, Problem> {
    let limit = params.limit.unwrap_or(DEFAULT_RUNS);
    if !RUNS.contains(&limit) {
        return Err(Problem::bad_request(format!("`limit` is {limit}, which is not 1 to 50")));
    }
    let source = one(&store, params.source.as_deref()).await?;
    let mut items = Vec::new();
    for run in store.runs(&source).await?.iter().take(limit) {
        let delta = store.delta(run.id).await?;
        items.push(RunChanges {
            run: run.into(),
            first: delta.first,
            changes: delta.changes.iter().take(MAX_CHANGES).map(ChangeView::from).collect(),
            truncated: delta.changes.len() > MAX_CHANGES,
        });
    }
    Ok(Json(ChangeList { source: source.as_str().to_owned(), items }))
}
