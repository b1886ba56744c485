//! What became of assets, as the API shows it.

use super::asset::KindView;
use super::time::rfc3339;
use inventar_model as model;
use inventar_store as store;
use serde::Serialize;
use utoipa::ToSchema;

/// What became of an asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ChangeWord {
    /// Seen for the first time, or again after it was gone.
    New,
    /// Something about it differs.
    Changed,
    /// No longer there.
    Gone,
}

impl From<model::ChangeKind> for ChangeWord {
    fn from(change: model::ChangeKind) -> Self {
        match change {
            model::ChangeKind::New => Self::New,
            model::ChangeKind::Changed => Self::Changed,
            model::ChangeKind::Gone => Self::Gone,
        }
    }
}

/// Why an asset changed or is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = Reason)]
pub(crate) enum ReasonView {
    /// The source says something else.
    SourceChanged,
    /// The plugin, its settings or its claims changed: the world may be the same.
    DetectorChanged,
}

impl From<model::Retirement> for ReasonView {
    fn from(reason: model::Retirement) -> Self {
        match reason {
            model::Retirement::Source => Self::SourceChanged,
            model::Retirement::Detector => Self::DetectorChanged,
        }
    }
}

/// One asset's change in a run.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Change)]
pub(crate) struct ChangeView {
    /// Which.
    pub(crate) uid: String,
    /// Its kind.
    pub(crate) kind: KindView,
    /// Its name.
    pub(crate) name: String,
    /// What became of it.
    pub(crate) change: ChangeWord,
    /// Because of the source or of the detector.
    pub(crate) reason: ReasonView,
    /// For a changed asset: the fields that differ.
    pub(crate) fields: Vec<String>,
}

impl From<&model::Change> for ChangeView {
    fn from(change: &model::Change) -> Self {
        Self {
            uid: change.uid.to_string(),
            kind: (&change.kind).into(),
            name: change.name.clone(),
            change: change.change.into(),
            reason: change.reason.into(),
            fields: change.fields.clone(),
        }
    }
}

/// What a run did to one asset.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = History)]
pub(crate) struct HistoryView {
    /// Which run.
    pub(crate) run: i64,
    /// When it ended, RFC 3339.
    pub(crate) at: String,
    /// What became of the asset.
    pub(crate) change: ChangeWord,
    /// Because of the source or of the detector.
    pub(crate) reason: ReasonView,
    /// For a changed asset: what differs.
    pub(crate) fields: Vec<FieldChangeView>,
}

impl From<&store::HistoryRow> for HistoryView {
    fn from(row: &store::HistoryRow) -> Self {
        Self {
            run: row.run.0,
            at: rfc3339(row.at),
            change: row.change.into(),
            reason: row.reason.into(),
            fields: row.fields.iter().map(FieldChangeView::from).collect(),
        }
    }
}

/// One field before and after.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = FieldChange)]
pub(crate) struct FieldChangeView {
    /// `version`, `usage`, `evidence`, `property:NAME` …
    pub(crate) field: String,
    /// Null: it was not there, or it is a list.
    pub(crate) before: Option<String>,
    /// Null: it is no longer there, or it is a list.
    pub(crate) after: Option<String>,
}

impl From<&store::FieldChange> for FieldChangeView {
    fn from(change: &store::FieldChange) -> Self {
        Self { field: change.field.clone(), before: change.before.clone(), after: change.after.clone() }
    }
}
