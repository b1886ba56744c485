//! Merged assets, edges and findings, as their current state is kept.

use super::DecodeError;
use super::parts::{EvidenceDoc, IdentifierDoc, PropertyDoc, VersionDoc, all, word};
use inventar_model::{
    Asset, AssetKind, Evidence, Finding, PluginId, Property, Relation, Severity, Target, Uid,
};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct AssetDoc<'a> {
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
    plugins: Vec<Cow<'a, str>>,
}

impl<'a> From<&'a Asset> for AssetDoc<'a> {
    fn from(asset: &'a Asset) -> Self {
        Self {
            kind: asset.kind.as_str().into(),
            name: (&asset.name).into(),
            version: asset.version.as_ref().map(Into::into),
            identifiers: asset.identifiers.iter().map(Into::into).collect(),
            properties: asset.properties.iter().map(Into::into).collect(),
            evidence: asset.evidence.iter().map(Into::into).collect(),
            plugins: asset.plugins.iter().map(|plugin| plugin.as_str().into()).collect(),
        }
    }
}

impl AssetDoc<'_> {
    pub(super) fn into_asset(self, uid: Uid) -> Result<Asset, DecodeError> {
        Ok(Asset {
            uid,
            kind: AssetKind::new(self.kind)?,
            name: self.name.into_owned(),
            version: self.version.map(TryInto::try_into).transpose()?,
            identifiers: all(self.identifiers, TryInto::try_into)?,
            properties: all(self.properties, TryInto::try_into)?,
            evidence: all(self.evidence, TryInto::try_into)?,
            plugins: all(self.plugins, |plugin| Ok(PluginId::new(plugin)?))?,
        })
    }
}

/// What hangs on a relation; its ends and its kind are columns.
#[derive(Debug)]
pub(crate) struct Edge {
    pub(crate) properties: Vec<Property>,
    pub(crate) evidence: Vec<Evidence>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct EdgeDoc<'a> {
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    properties: Vec<PropertyDoc<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    evidence: Vec<EvidenceDoc<'a>>,
}

impl<'a> From<&'a Relation> for EdgeDoc<'a> {
    fn from(relation: &'a Relation) -> Self {
        Self {
            properties: relation.properties.iter().map(Into::into).collect(),
            evidence: relation.evidence.iter().map(Into::into).collect(),
        }
    }
}

impl TryFrom<EdgeDoc<'_>> for Edge {
    type Error = DecodeError;
    fn try_from(doc: EdgeDoc<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            properties: all(doc.properties, TryInto::try_into)?,
            evidence: all(doc.evidence, TryInto::try_into)?,
        })
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct FindingDoc<'a> {
    #[serde(borrow)]
    rule: Cow<'a, str>,
    #[serde(borrow)]
    severity: Cow<'a, str>,
    #[serde(borrow)]
    title: Cow<'a, str>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    about: Vec<TargetDoc<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    properties: Vec<PropertyDoc<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    evidence: Vec<EvidenceDoc<'a>>,
    #[serde(borrow)]
    plugin: Cow<'a, str>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum TargetDoc<'a> {
    Asset(String),
    Unresolved(#[serde(borrow)] IdentifierDoc<'a>),
}

impl<'a> From<&'a Target> for TargetDoc<'a> {
    fn from(target: &'a Target) -> Self {
        match target {
            Target::Asset(uid) => Self::Asset(uid.to_string()),
            Target::Unresolved(identifier) => Self::Unresolved(identifier.into()),
        }
    }
}

impl TryFrom<TargetDoc<'_>> for Target {
    type Error = DecodeError;
    fn try_from(doc: TargetDoc<'_>) -> Result<Self, DecodeError> {
        Ok(match doc {
            TargetDoc::Asset(uid) => Self::Asset(word("uid", &uid, Uid::parse)?),
            TargetDoc::Unresolved(identifier) => Self::Unresolved(identifier.try_into()?),
        })
    }
}

impl<'a> From<&'a Finding> for FindingDoc<'a> {
    fn from(finding: &'a Finding) -> Self {
        Self {
            rule: (&finding.rule).into(),
            severity: finding.severity.as_str().into(),
            title: (&finding.title).into(),
            about: finding.about.iter().map(Into::into).collect(),
            properties: finding.properties.iter().map(Into::into).collect(),
            evidence: finding.evidence.iter().map(Into::into).collect(),
            plugin: finding.plugin.as_str().into(),
        }
    }
}

impl TryFrom<FindingDoc<'_>> for Finding {
    type Error = DecodeError;
    fn try_from(doc: FindingDoc<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            rule: doc.rule.into_owned(),
            severity: word("severity", &doc.severity, Severity::from_word)?,
            title: doc.title.into_owned(),
            about: all(doc.about, TryInto::try_into)?,
            properties: all(doc.properties, TryInto::try_into)?,
            evidence: all(doc.evidence, TryInto::try_into)?,
            plugin: PluginId::new(doc.plugin)?,
        })
    }
}
