//! How many assets there are by each value, for the filters of a list.

use crate::params::{AssetParams, Params};
use crate::problem::{Failed, Problem};
use crate::router::App;
use axum::Json;
use axum::extract::State;
use inventar_store::{Count, Facets};
use serde::Serialize;
use utoipa::ToSchema;

/// A value of a filter and how many assets have it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FacetValue {
    /// What the filter takes.
    value: String,
    /// What people call it.
    label: String,
    /// How many assets.
    count: u64,
}

impl FacetValue {
    fn of<T>(counts: &[Count<T>], name: impl Fn(&T) -> (&str, &str)) -> Vec<Self> {
        counts
            .iter()
            .map(|Count { value, count }| {
                let (value, label) = name(value);
                Self { value: value.to_owned(), label: label.to_owned(), count: *count }
            })
            .collect()
    }
}

/// Counts by value. Those of one filter ignore what was chosen in it, so that a second value can be added.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FacetsView {
    /// By name.
    source: Vec<FacetValue>,
    /// In the order of lists.
    kind: Vec<FacetValue>,
    /// Strongest first.
    usage: Vec<FacetValue>,
    /// Surest first.
    confidence: Vec<FacetValue>,
    /// Most frequent first.
    provider: Vec<FacetValue>,
    /// By id.
    plugin: Vec<FacetValue>,
}

/// Counts for the filters of `/api/v1/assets`, which takes the same parameters; order and page do not matter here.
#[utoipa::path(
    get, operation_id = "count_facets", path = "/api/v1/facets", tag = "assets", params(AssetParams),
    responses((status = 200, body = FacetsView), Failed)
)]
pub(crate) async fn facets(
    State(App { store }): State<App>,
    Params(params): Params<AssetParams>,
) -> Result<Json<FacetsView>, Problem> {
    let facets: Facets = store.facets(&params.query()?).await?;
    Ok(Json(FacetsView {
        source: FacetValue::of(&facets.sources, |source| (source.as_str(), source.as_str())),
        kind: FacetValue::of(&facets.kinds, |kind| (kind.as_str(), kind.label())),
        usage: FacetValue::of(&facets.usages, |usage| (usage.as_str(), usage.as_str())),
        confidence: FacetValue::of(&facets.confidence, |band| (band.as_str(), band.as_str())),
        provider: FacetValue::of(&facets.providers, |provider| (provider, provider)),
        plugin: FacetValue::of(&facets.plugins, |plugin| (plugin.as_str(), plugin.as_str())),
    }))
}
