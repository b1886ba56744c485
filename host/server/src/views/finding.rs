//! What a person should know, as the API shows it.

use super::evidence::EvidenceView;
use inventar_model as model;
use serde::Serialize;
use utoipa::ToSchema;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = Severity)]
pub(crate) enum SeverityView {
    /// Good to know.
    Info,
    /// Of little harm alone.
    Low,
    /// Should be looked at.
    Medium,
    /// Should be mended.
    High,
    /// Should be mended now.
    Critical,
}

impl From<model::Severity> for SeverityView {
    fn from(severity: model::Severity) -> Self {
        match severity {
            model::Severity::Info => Self::Info,
            model::Severity::Low => Self::Low,
            model::Severity::Medium => Self::Medium,
            model::Severity::High => Self::High,
            model::Severity::Critical => Self::Critical,
        }
    }
}

/// Something about an asset that a person should know.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Finding)]
pub(crate) struct FindingView {
    /// The rule's id.
    pub(crate) rule: String,
    /// How bad.
    pub(crate) severity: SeverityView,
    /// One sentence.
    pub(crate) title: String,
    /// Who says so.
    pub(crate) plugin: String,
    /// Where it was seen.
    pub(crate) evidence: Vec<EvidenceView>,
}

impl From<&model::Finding> for FindingView {
    fn from(finding: &model::Finding) -> Self {
        Self {
            rule: finding.rule.clone(),
            severity: finding.severity.into(),
            title: finding.title.clone(),
            plugin: finding.plugin.as_str().to_owned(),
            evidence: finding.evidence.iter().map(EvidenceView::from).collect(),
        }
    }
}
