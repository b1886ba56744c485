//! An observation's payload: a plugin's report of one file.

use super::DecodeError;
use super::parts::{EvidenceDoc, IdentifierDoc, PropertyDoc, VersionDoc, all, word};
use inventar_model::{
    AssetKind, AssetRef, CoverageGap, GapReason, RelationKind, Report, ReportedFinding, ReportedRelation,
    Severity, Sighting,
};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ReportDoc<'a> {
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    assets: Vec<SightingDoc<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    relations: Vec<RelationDoc<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    findings: Vec<FindingDoc<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    gaps: Vec<GapDoc<'a>>,
}

#[derive(Debug, Serialize, Deserialize)]
struct SightingDoc<'a> {
    #[serde(borrow)]
    key: Cow<'a, str>,
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    version: Option<VersionDoc<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    identifiers: Vec<IdentifierDoc<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    properties: Vec<PropertyDoc<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    evidence: Vec<EvidenceDoc<'a>>,
}

/// `{"local": ["a.py", "key"]}` or `{"identifier": ["env", "X"]}`
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum RefDoc<'a> {
    Local(#[serde(borrow)] Cow<'a, str>, #[serde(borrow)] Cow<'a, str>),
    Identifier(#[serde(borrow)] IdentifierDoc<'a>),
}

#[derive(Debug, Serialize, Deserialize)]
struct RelationDoc<'a> {
    #[serde(borrow)]
    source: RefDoc<'a>,
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    target: RefDoc<'a>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    properties: Vec<PropertyDoc<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    evidence: Vec<EvidenceDoc<'a>>,
}

#[derive(Debug, Serialize, Deserialize)]
struct FindingDoc<'a> {
    #[serde(borrow)]
    rule: Cow<'a, str>,
    #[serde(borrow)]
    severity: Cow<'a, str>,
    #[serde(borrow)]
    title: Cow<'a, str>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    about: Vec<RefDoc<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    properties: Vec<PropertyDoc<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    evidence: Vec<EvidenceDoc<'a>>,
}

#[derive(Debug, Serialize, Deserialize)]
struct GapDoc<'a> {
    #[serde(borrow)]
    at: Cow<'a, str>,
    #[serde(borrow)]
    reason: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    argument: Option<String>,
    #[serde(borrow)]
    detail: Cow<'a, str>,
    retriable: bool,
}

impl<'a> From<&'a Report> for ReportDoc<'a> {
    fn from(report: &'a Report) -> Self {
        Self {
            assets: report.assets.iter().map(Into::into).collect(),
            relations: report.relations.iter().map(Into::into).collect(),
            findings: report.findings.iter().map(Into::into).collect(),
            gaps: report.gaps.iter().map(Into::into).collect(),
        }
    }
}

impl TryFrom<ReportDoc<'_>> for Report {
    type Error = DecodeError;
    fn try_from(doc: ReportDoc<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            assets: all(doc.assets, TryInto::try_into)?,
            relations: all(doc.relations, TryInto::try_into)?,
            findings: all(doc.findings, TryInto::try_into)?,
            gaps: all(doc.gaps, TryInto::try_into)?,
        })
    }
}

impl<'a> From<&'a Sighting> for SightingDoc<'a> {
    fn from(sighting: &'a Sighting) -> Self {
        Self {
            key: (&sighting.key).into(),
            kind: sighting.kind.as_str().into(),
            name: (&sighting.name).into(),
            version: sighting.version.as_ref().map(Into::into),
            identifiers: sighting.identifiers.iter().map(Into::into).collect(),
            properties: sighting.properties.iter().map(Into::into).collect(),
            evidence: sighting.evidence.iter().map(Into::into).collect(),
        }
    }
}

impl TryFrom<SightingDoc<'_>> for Sighting {
    type Error = DecodeError;
    fn try_from(doc: SightingDoc<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            key: doc.key.into_owned(),
            kind: AssetKind::new(doc.kind)?,
            name: doc.name.into_owned(),
            version: doc.version.map(TryInto::try_into).transpose()?,
            identifiers: all(doc.identifiers, TryInto::try_into)?,
            properties: all(doc.properties, TryInto::try_into)?,
            evidence: all(doc.evidence, TryInto::try_into)?,
        })
    }
}

impl<'a> From<&'a AssetRef> for RefDoc<'a> {
    fn from(reference: &'a AssetRef) -> Self {
        match reference {
            AssetRef::Local { path, key } => Self::Local(path.into(), key.into()),
            AssetRef::Identifier(identifier) => Self::Identifier(identifier.into()),
        }
    }
}

impl TryFrom<RefDoc<'_>> for AssetRef {
    type Error = DecodeError;
    fn try_from(doc: RefDoc<'_>) -> Result<Self, DecodeError> {
        Ok(match doc {
            RefDoc::Local(path, key) => Self::Local { path: path.into_owned(), key: key.into_owned() },
            RefDoc::Identifier(identifier) => Self::Identifier(identifier.try_into()?),
        })
    }
}

impl<'a> From<&'a ReportedRelation> for RelationDoc<'a> {
    fn from(relation: &'a ReportedRelation) -> Self {
        Self {
            source: (&relation.source).into(),
            kind: relation.kind.as_str().into(),
            target: (&relation.target).into(),
            properties: relation.properties.iter().map(Into::into).collect(),
            evidence: relation.evidence.iter().map(Into::into).collect(),
        }
    }
}

impl TryFrom<RelationDoc<'_>> for ReportedRelation {
    type Error = DecodeError;
    fn try_from(doc: RelationDoc<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            source: doc.source.try_into()?,
            kind: RelationKind::new(doc.kind)?,
            target: doc.target.try_into()?,
            properties: all(doc.properties, TryInto::try_into)?,
            evidence: all(doc.evidence, TryInto::try_into)?,
        })
    }
}

impl<'a> From<&'a ReportedFinding> for FindingDoc<'a> {
    fn from(finding: &'a ReportedFinding) -> Self {
        Self {
            rule: (&finding.rule).into(),
            severity: finding.severity.as_str().into(),
            title: (&finding.title).into(),
            about: finding.about.iter().map(Into::into).collect(),
            properties: finding.properties.iter().map(Into::into).collect(),
            evidence: finding.evidence.iter().map(Into::into).collect(),
        }
    }
}

impl TryFrom<FindingDoc<'_>> for ReportedFinding {
    type Error = DecodeError;
    fn try_from(doc: FindingDoc<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            rule: doc.rule.into_owned(),
            severity: word("severity", &doc.severity, Severity::from_word)?,
            title: doc.title.into_owned(),
            about: all(doc.about, TryInto::try_into)?,
            properties: all(doc.properties, TryInto::try_into)?,
            evidence: all(doc.evidence, TryInto::try_into)?,
        })
    }
}

impl<'a> From<&'a CoverageGap> for GapDoc<'a> {
    fn from(gap: &'a CoverageGap) -> Self {
        Self {
            at: (&gap.at).into(),
            reason: gap.reason.as_str().into(),
            argument: gap.reason.argument(),
            detail: (&gap.detail).into(),
            retriable: gap.retriable,
        }
    }
}

impl TryFrom<GapDoc<'_>> for CoverageGap {
    type Error = DecodeError;
    fn try_from(doc: GapDoc<'_>) -> Result<Self, DecodeError> {
        let argument = doc.argument.as_deref();
        Ok(Self {
            at: doc.at.into_owned(),
            reason: word("gap reason", &doc.reason, |text| GapReason::from_parts(text, argument))?,
            detail: doc.detail.into_owned(),
            retriable: doc.retriable,
        })
    }
}
