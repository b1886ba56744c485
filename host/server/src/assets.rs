//! The assets: a list with filters, and one with everything that was said of it.

use crate::coverage::CoverageSummary;
use crate::params::{AssetParams, Params};
use crate::problem::{Failed, Problem};
use crate::router::App;
use crate::views::{AssetDetailView, AssetRowView, Mark, TotalView};
use axum::Json;
use axum::extract::{Path, State};
use inventar_model::{ChangeKind, SourceName, Uid};
use inventar_store::{AssetRow, SourceRow, Store, StoreError};
use serde::Serialize;
use std::collections::{BTreeSet, HashMap};
use utoipa::ToSchema;

/// A page of assets.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AssetPage {
    /// In the order asked for.
    items: Vec<AssetRowView>,
    /// Null: this was the last page.
    next_page_token: Option<String>,
    /// Of all pages together.
    total: TotalView,
    /// How far the looks behind this list got.
    coverage: CoverageSummary,
}

/// The assets that match, a page at a time.
#[utoipa::path(
    get, operation_id = "list_assets", path = "/api/v1/assets", tag = "assets", params(AssetParams),
    responses((status = 200, body = AssetPage), Failed)
)]
pub(crate) async fn list(
    State(App { store }): State<App>,
    Params(params): Params<AssetParams>,
) -> Result<Json<AssetPage>, Problem> {
    let query = params.query()?;
    let sources = store.sources().await?;
    let page = store.assets(&query).await?;
    let marks = marks(&store, &sources, &page.items).await?;
    Ok(Json(AssetPage {
        items: page.items.iter().map(|row| AssetRowView::new(row, marks.get(&row.uid).copied())).collect(),
        next_page_token: page.next.map(|token| token.to_string()),
        total: page.total.into(),
        coverage: CoverageSummary::of(&sources, query.source.as_ref()),
    }))
}

/// One asset with its evidence, relations, findings, history, and what other sources say of it.
#[utoipa::path(
    get, operation_id = "get_asset", path = "/api/v1/assets/{uid}", tag = "assets",
    params(("uid" = String, Path, description = "The public id of the asset, a UUID")),
    responses(
        (status = 200, body = AssetDetailView),
        Failed
    )
)]
pub(crate) async fn detail(
    State(App { store }): State<App>,
    Path(uid): Path<String>,
) -> Result<Json<AssetDetailView>, Problem> {
    let id = Uid::parse(&uid).ok_or_else(|| Problem::no_asset(&shown(&uid)))?;
    let detail = store.asset(id).await?.ok_or_else(|| Problem::no_asset(&shown(&uid)))?;
    let elsewhere = store.elsewhere(id).await?;
    Ok(Json(AssetDetailView::new(&detail, &elsewhere)))
}

/// What the latest run of each source on the page said of its assets. In a first run everything is new, which says
/// nothing, so it marks nothing.
async fn marks(
    store: &Store,
    sources: &[SourceRow],
    rows: &[AssetRow],
) -> Result<HashMap<Uid, Mark>, StoreError> {
    let touched = |source: &SourceRow| {
        let fresh = source.latest.counts.new + source.latest.counts.changed > 0;
        source.runs > 1 && fresh
    };
    let fresh: BTreeSet<&SourceName> = rows
        .iter()
        .filter(|row| {
            let source = sources.iter().find(|source| source.name == row.source);
            source.is_some_and(|source| touched(source) && row.changed >= source.latest.ended)
        })
        .map(|row| &row.source)
        .collect();
    let mut marks = HashMap::new();
    for source in sources.iter().filter(|source| fresh.contains(&source.name)) {
        for change in store.delta(source.latest.id).await?.changes {
            match change.change {
                ChangeKind::New => marks.insert(change.uid, Mark::New),
                ChangeKind::Changed => marks.insert(change.uid, Mark::Changed),
                ChangeKind::Gone => None,
            };
        }
    }
    Ok(marks)
}

/// At most as much of it as a message needs.
fn shown(text: &str) -> String {
    text.chars().take(80).collect()
}
