//! Assets as the API shows them.

use super::change::{HistoryView, ReasonView};
use super::elsewhere::ElsewhereView;
use super::evidence::{ConfidenceView, EvidenceView, UsageView};
use super::finding::FindingView;
use super::relation::{Direction, RelationView};
use super::time::rfc3339;
use inventar_model as model;
use inventar_store as store;
use serde::Serialize;
use utoipa::ToSchema;

/// A kind with the words people use for it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Kind)]
pub(crate) struct KindView {
    /// `mcp-server`
    pub(crate) id: String,
    /// "MCP server"
    pub(crate) label: String,
}

impl From<&model::AssetKind> for KindView {
    fn from(kind: &model::AssetKind) -> Self {
        Self { id: kind.as_str().to_owned(), label: kind.label().to_owned() }
    }
}

/// A version as a place states it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Version)]
pub(crate) struct VersionView {
    /// As written.
    pub(crate) text: String,
    /// Only an exact version is one; a range or a floating name is what somebody asked for.
    pub(crate) form: VersionForm,
}

/// How firmly a version is stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum VersionForm {
    /// Fixed by a pin or a lock.
    Exact,
    /// A constraint.
    Range,
    /// A name that moves.
    Floating,
}

impl From<&model::Version> for VersionView {
    fn from(version: &model::Version) -> Self {
        let form = match version {
            model::Version::Exact(_) => VersionForm::Exact,
            model::Version::Range(_) => VersionForm::Range,
            model::Version::Floating(_) => VersionForm::Floating,
        };
        Self { text: version.text().to_owned(), form }
    }
}

/// A strong identity in one scheme.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Identifier)]
pub(crate) struct IdentifierView {
    /// `purl`, `hf`, `model`, `env` …
    pub(crate) scheme: String,
    /// `pkg:pypi/openai`
    pub(crate) value: String,
}

impl From<&model::Identifier> for IdentifierView {
    fn from(identifier: &model::Identifier) -> Self {
        Self { scheme: identifier.scheme().to_owned(), value: identifier.value().to_owned() }
    }
}

/// A named value beside the fixed fields.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Property)]
pub(crate) struct PropertyView {
    /// Kebab-case by convention.
    pub(crate) name: String,
    /// A text, a number, a boolean, a list of texts or a JSON document.
    pub(crate) value: serde_json::Value,
}

impl From<&model::Property> for PropertyView {
    fn from(property: &model::Property) -> Self {
        use serde_json::Value as Json;
        let value = match &property.value {
            model::Value::Text(text) => Json::from(text.as_str()),
            model::Value::Integer(number) => Json::from(*number),
            model::Value::Number(number) => Json::from(*number),
            model::Value::Boolean(yes) => Json::from(*yes),
            model::Value::Texts(texts) => Json::from(texts.clone()),
            model::Value::Json(text) => {
                serde_json::from_str(text).unwrap_or_else(|_| Json::from(text.as_str()))
            }
        };
        Self { name: property.name.clone(), value }
    }
}

/// What the source's last run said of an asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Mark {
    /// Not seen before the last run.
    New,
    /// Something about it differs since the last run.
    Changed,
}

/// How well we know that an asset is still there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = Standing)]
pub(crate) enum StandingView {
    /// The latest run saw it.
    Seen,
    /// The latest run did not look there; it was there the last time somebody looked.
    Unseen,
    /// The latest run did not find it, among so much else that the retirement waits for confirmation.
    Missing,
    /// Retired.
    Gone,
}

impl From<store::Standing> for StandingView {
    fn from(standing: store::Standing) -> Self {
        match standing {
            store::Standing::Seen => Self::Seen,
            store::Standing::Unseen => Self::Unseen,
            store::Standing::Missing => Self::Missing,
            store::Standing::Gone => Self::Gone,
        }
    }
}

/// An asset as a list shows it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = AssetRow)]
pub(crate) struct AssetRowView {
    /// The public id, the same in every database.
    pub(crate) uid: String,
    /// Where it lives.
    pub(crate) source: String,
    /// What it is.
    pub(crate) kind: KindView,
    /// What people call it.
    pub(crate) name: String,
    /// The best-founded version.
    pub(crate) version: Option<VersionView>,
    /// The strongest usage of its evidence.
    pub(crate) usage: UsageView,
    /// The highest confidence of its evidence.
    pub(crate) confidence: ConfidenceView,
    /// Who runs the model or makes the library.
    pub(crate) provider: Option<String>,
    /// Who reported it.
    pub(crate) plugins: Vec<String>,
    /// The file of its best evidence.
    pub(crate) path: Option<String>,
    /// The line there.
    pub(crate) line: Option<u32>,
    /// Pieces of evidence.
    pub(crate) evidence_count: u64,
    /// How well we know that it is still there.
    pub(crate) standing: StandingView,
    /// When it was last changed, or first seen; RFC 3339.
    pub(crate) changed: String,
    /// What the last run of its source said of it; null: nothing new.
    pub(crate) mark: Option<Mark>,
}

impl AssetRowView {
    pub(crate) fn new(row: &store::AssetRow, mark: Option<Mark>) -> Self {
        Self {
            uid: row.uid.to_string(),
            source: row.source.as_str().to_owned(),
            kind: (&row.kind).into(),
            name: row.name.clone(),
            version: row.version.as_ref().map(VersionView::from),
            usage: row.usage.into(),
            confidence: row.confidence.into(),
            provider: row.provider.clone(),
            plugins: row.plugins.iter().map(|plugin| plugin.as_str().to_owned()).collect(),
            path: row.path.clone(),
            line: row.line,
            evidence_count: row.evidence,
            standing: row.standing.into(),
            changed: rfc3339(row.changed),
            mark,
        }
    }
}

/// Everything about one asset.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = AssetDetail)]
pub(crate) struct AssetDetailView {
    /// The public id, the same in every database.
    pub(crate) uid: String,
    /// Where it lives.
    pub(crate) source: String,
    /// What it is.
    pub(crate) kind: KindView,
    /// What people call it.
    pub(crate) name: String,
    /// The best-founded version.
    pub(crate) version: Option<VersionView>,
    /// The strongest usage of its evidence.
    pub(crate) usage: UsageView,
    /// The highest confidence of its evidence.
    pub(crate) confidence: ConfidenceView,
    /// How well we know that it is still there.
    pub(crate) standing: StandingView,
    /// The end of the first run that saw it, RFC 3339.
    pub(crate) first_seen: String,
    /// The end of the last run that saw it, RFC 3339.
    pub(crate) last_seen: String,
    /// Why it is gone.
    pub(crate) retirement: Option<ReasonView>,
    /// Best first.
    pub(crate) identifiers: Vec<IdentifierView>,
    /// Sorted by name.
    pub(crate) properties: Vec<PropertyView>,
    /// Strongest usage first, then by place.
    pub(crate) evidence: Vec<EvidenceView>,
    /// Who reported it.
    pub(crate) plugins: Vec<String>,
    /// Both ways.
    pub(crate) relations: Vec<RelationView>,
    /// What other sources say of it, at most 50 of each link.
    pub(crate) elsewhere: Vec<ElsewhereView>,
    /// Worst first.
    pub(crate) findings: Vec<FindingView>,
    /// Newest first.
    pub(crate) history: Vec<HistoryView>,
}

impl AssetDetailView {
    pub(crate) fn new(detail: &store::AssetDetail, elsewhere: &[store::Elsewhere]) -> Self {
        let asset = &detail.asset;
        let out = detail.relations_out.iter().map(|row| RelationView::new(Direction::Out, row));
        let into = detail.relations_in.iter().map(|row| RelationView::new(Direction::In, row));
        Self {
            uid: asset.uid.to_string(),
            source: detail.source.as_str().to_owned(),
            kind: (&asset.kind).into(),
            name: asset.name.clone(),
            version: asset.version.as_ref().map(VersionView::from),
            usage: asset.usage().into(),
            confidence: asset.confidence().into(),
            standing: detail.standing.into(),
            first_seen: rfc3339(detail.first_seen),
            last_seen: rfc3339(detail.last_seen),
            retirement: detail.retirement.map(ReasonView::from),
            identifiers: asset.identifiers.iter().map(IdentifierView::from).collect(),
            properties: asset.properties.iter().map(PropertyView::from).collect(),
            evidence: asset.evidence.iter().map(EvidenceView::from).collect(),
            plugins: asset.plugins.iter().map(|plugin| plugin.as_str().to_owned()).collect(),
            relations: out.chain(into).collect(),
            elsewhere: elsewhere.iter().map(ElsewhereView::from).collect(),
            findings: detail.findings.iter().map(FindingView::from).collect(),
            history: detail.history.iter().map(HistoryView::from).collect(),
        }
    }
}
