//! JSON views: what the API shows, with small conversions from what the store and the model say. Nothing here is stored.

mod asset;
mod change;
mod elsewhere;
mod evidence;
mod finding;
mod gap;
mod relation;
mod run;
mod time;

pub(crate) use asset::{AssetDetailView, AssetRowView, Mark};
pub(crate) use change::ChangeView;
pub(crate) use gap::{GapGroup, group};
pub(crate) use run::{LeftOutView, PluginUseView, RunStatusView, RunView, SourceView, UnseenView};
pub(crate) use time::rfc3339;

use inventar_store::Total;
use serde::Serialize;
use utoipa::ToSchema;

/// How many there are of all pages together.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Total)]
pub(crate) struct TotalView {
    /// The number.
    pub(crate) count: u64,
    /// Whether it is exact; counting stops at 10,000.
    #[serde(rename = "type")]
    pub(crate) kind: TotalType,
}

/// What a total means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TotalType {
    /// So many.
    Exact,
    /// So many or more.
    AtLeast,
}

impl From<Total> for TotalView {
    fn from(total: Total) -> Self {
        let kind = match total {
            Total::Exact(_) => TotalType::Exact,
            Total::AtLeast(_) => TotalType::AtLeast,
        };
        Self { count: total.count(), kind }
    }
}
