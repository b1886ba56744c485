//! What was looked at, and when.

use crate::params::{Params, SourceParams, source};
use crate::problem::{Failed, Problem};
use crate::router::App;
use crate::views::{RunView, SourceView};
use axum::Json;
use axum::extract::State;
use inventar_model::SourceName;
use inventar_store::{SourceRow, Store};
use serde::Serialize;
use utoipa::ToSchema;

/// Every source.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SourceList {
    /// By name.
    items: Vec<SourceView>,
}

/// Every run of a source.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RunList {
    /// Of what.
    source: String,
    /// Newest first.
    items: Vec<RunView>,
}

/// Every source with its latest run.
#[utoipa::path(
    get, operation_id = "list_sources", path = "/api/v1/sources", tag = "sources",
    responses((status = 200, body = SourceList), Failed)
)]
pub(crate) async fn list(State(App { store }): State<App>) -> Result<Json<SourceList>, Problem> {
    let items = store.sources().await?.iter().map(SourceView::from).collect();
    Ok(Json(SourceList { items }))
}

/// The runs of a source; it may be left out when there is only one source.
#[utoipa::path(
    get, operation_id = "list_runs", path = "/api/v1/runs", tag = "sources", params(SourceParams),
    responses(
        (status = 200, body = RunList),
        Failed
    )
)]
pub(crate) async fn runs(
    State(App { store }): State<App>,
    Params(params): Params<SourceParams>,
) -> Result<Json<RunList>, Problem> {
    let name = one(&store, params.source.as_deref()).await?;
    let items = store.runs(&name).await?.iter().map(RunView::from).collect();
    Ok(Json(RunList { source: name.as_str().to_owned(), items }))
}

/// The source of that name; without one, the only source there is.
pub(crate) async fn one(store: &Store, named: Option<&str>) -> Result<SourceName, Problem> {
    let rows = store.sources().await?;
    match (named, rows.as_slice()) {
        (Some(name), _) => Ok(known(&rows, name)?.name.clone()),
        (None, [only]) => Ok(only.name.clone()),
        (None, []) => Err(Problem::no_source("")),
        (None, _) => Err(Problem::bad_request("there are several sources: say which with `source`")),
    }
}

/// The row of a source that was recorded.
pub(crate) fn known<'a>(rows: &'a [SourceRow], name: &str) -> Result<&'a SourceRow, Problem> {
    let name = source(name)?;
    rows.iter().find(|row| row.name == name).ok_or_else(|| Problem::no_source(name.as_str()))
}
