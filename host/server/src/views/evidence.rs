//! Why we believe it, as the API shows it.

use inventar_model as model;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a thing stands at a place, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = Usage)]
pub(crate) enum UsageView {
    /// Part of what runs.
    Runtime,
    /// Runs only with an extra or a switch.
    Optional,
    /// Used to build or develop.
    Development,
    /// Used by tests or evaluations.
    Test,
    /// In an example.
    Example,
    /// In documentation.
    Docs,
    /// Only named, for example in a price table.
    Mentioned,
}

impl From<model::Usage> for UsageView {
    fn from(usage: model::Usage) -> Self {
        match usage {
            model::Usage::Runtime => Self::Runtime,
            model::Usage::Optional => Self::Optional,
            model::Usage::Development => Self::Development,
            model::Usage::Test => Self::Test,
            model::Usage::Example => Self::Example,
            model::Usage::Docs => Self::Docs,
            model::Usage::Mentioned => Self::Mentioned,
        }
    }
}

/// How it was learned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = Method)]
pub(crate) enum MethodView {
    /// A manifest or lock says so.
    Declared,
    /// A parser saw it.
    Parsed,
    /// A value was followed to where it is used.
    Flow,
    /// A pattern matched.
    Matched,
    /// A file header says so.
    Header,
    /// A service said so.
    Api,
}

impl From<model::Method> for MethodView {
    fn from(method: model::Method) -> Self {
        match method {
            model::Method::Declared => Self::Declared,
            model::Method::Parsed => Self::Parsed,
            model::Method::Flow => Self::Flow,
            model::Method::Matched => Self::Matched,
            model::Method::Header => Self::Header,
            model::Method::Api => Self::Api,
        }
    }
}

/// How sure a rule is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Confidence)]
pub(crate) struct ConfidenceView {
    /// 0 to 100.
    pub(crate) percent: u8,
    /// The word for it.
    pub(crate) label: ConfidenceLabel,
}

/// A confidence in a word: certain from 90, likely from 60.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ConfidenceLabel {
    /// 90 and more.
    Certain,
    /// 60 to 89.
    Likely,
    /// Below 60.
    Possible,
}

impl From<model::Confidence> for ConfidenceView {
    fn from(confidence: model::Confidence) -> Self {
        let label = match confidence.label() {
            "certain" => ConfidenceLabel::Certain,
            "likely" => ConfidenceLabel::Likely,
            _ => ConfidenceLabel::Possible,
        };
        Self { percent: confidence.percent(), label }
    }
}

/// Where something was seen.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "kebab-case")]
#[schema(as = Place)]
pub(crate) enum PlaceView {
    /// A range of a file.
    File {
        /// From the source root; a member of an archive is `outer!inner`.
        path: String,
        /// 1-based; null when the file has no lines.
        line: Option<u32>,
        /// First byte.
        start_byte: u64,
        /// The byte after the last.
        end_byte: u64,
    },
    /// A recorded exchange with a service.
    Exchange {
        /// Its number in the record.
        id: u64,
    },
    /// A vendor's object.
    Object {
        /// An ARN, a self-link.
        path: String,
    },
}

impl From<&model::Place> for PlaceView {
    fn from(place: &model::Place) -> Self {
        match place {
            model::Place::File { path, start_byte, end_byte, line } => Self::File {
                path: path.clone(),
                line: (*line > 0).then_some(*line),
                start_byte: *start_byte,
                end_byte: *end_byte,
            },
            model::Place::Exchange(id) => Self::Exchange { id: *id },
            model::Place::Object(path) => Self::Object { path: path.clone() },
        }
    }
}

/// One reason to believe.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Evidence)]
pub(crate) struct EvidenceView {
    /// Where.
    pub(crate) place: PlaceView,
    /// The plugin's rule that saw it.
    pub(crate) rule: String,
    /// How it was learned.
    pub(crate) method: MethodView,
    /// How the thing stands here.
    pub(crate) usage: UsageView,
    /// How sure the rule is.
    pub(crate) confidence: ConfidenceView,
    /// The text there, redacted, from the start of its line.
    pub(crate) snippet: Option<String>,
}

impl From<&model::Evidence> for EvidenceView {
    fn from(evidence: &model::Evidence) -> Self {
        Self {
            place: (&evidence.place).into(),
            rule: evidence.rule.clone(),
            method: evidence.method.into(),
            usage: evidence.usage.into(),
            confidence: evidence.confidence.into(),
            snippet: evidence.snippet.clone(),
        }
    }
}
