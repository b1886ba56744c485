//! The JSON of an inventory: the records of ndjson and the members of a JSON document.
//!
//! This is a published shape: keys are added, not renamed. `schema` in the summary counts breaking changes.

use super::{RunFacts, View};
use inventar_model::{
    Asset, Change, Evidence, Finding, Gap, Identifier, Inventory, LeftOut, Place, PluginId, Property,
    Relation, StampedGap, Target, Value, Version,
};
use serde::Serialize;
use serde_json::Map;
use std::collections::{BTreeMap, BTreeSet};

/// Counts breaking changes of these shapes.
pub(super) const SCHEMA: u32 = 1;

/// An identifier.
#[derive(Debug, Serialize)]
pub(crate) struct IdentifierRecord<'a> {
    scheme: &'a str,
    value: &'a str,
}

impl<'a> IdentifierRecord<'a> {
    fn new(identifier: &'a Identifier) -> Self {
        Self { scheme: identifier.scheme(), value: identifier.value() }
    }
}

/// A piece of evidence.
#[derive(Debug, Serialize)]
pub(crate) struct EvidenceRecord<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<[u64; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exchange: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<&'a str>,
    rule: &'a str,
    method: &'static str,
    usage: &'static str,
    confidence: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    snippet: Option<&'a str>,
}

impl<'a> EvidenceRecord<'a> {
    pub(crate) fn new(evidence: &'a Evidence) -> Self {
        let mut record = Self {
            path: evidence.path(),
            line: evidence.line(),
            bytes: None,
            exchange: None,
            object: None,
            rule: &evidence.rule,
            method: evidence.method.as_str(),
            usage: evidence.usage.as_str(),
            confidence: evidence.confidence.percent(),
            snippet: evidence.snippet.as_deref(),
        };
        match &evidence.place {
            Place::File { start_byte, end_byte, .. } => record.bytes = Some([*start_byte, *end_byte]),
            Place::Exchange(exchange) => record.exchange = Some(*exchange),
            Place::Object(object) => record.object = Some(object),
        }
        record
    }

    fn all(evidence: &'a [Evidence]) -> Vec<Self> {
        evidence.iter().map(Self::new).collect()
    }
}

/// An asset.
#[derive(Debug, Serialize)]
pub(crate) struct AssetRecord<'a> {
    record: &'static str,
    kind: &'a str,
    name: &'a str,
    /// Only an exact version is one.
    version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_form: Option<&'static str>,
    /// What is written where no exact version is: `>=1,<2`, `latest`.
    #[serde(skip_serializing_if = "Option::is_none")]
    version_text: Option<&'a str>,
    identifiers: Vec<IdentifierRecord<'a>>,
    usage: &'static str,
    confidence: u8,
    properties: Map<String, serde_json::Value>,
    evidence: Vec<EvidenceRecord<'a>>,
    uid: String,
    plugins: Vec<&'a str>,
    /// Only there when nobody vouches for any plugin that reports it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    unsigned: bool,
}

impl<'a> AssetRecord<'a> {
    pub(crate) fn new(asset: &'a Asset, unsigned: &BTreeSet<&PluginId>) -> Self {
        let version = asset.version.as_ref();
        Self {
            record: "asset",
            kind: asset.kind.as_str(),
            name: &asset.name,
            version: version.and_then(Version::exact),
            version_form: version.map(Version::form),
            version_text: version.filter(|version| version.exact().is_none()).map(Version::text),
            identifiers: asset.identifiers.iter().map(IdentifierRecord::new).collect(),
            usage: asset.usage().as_str(),
            confidence: asset.confidence().percent(),
            properties: property_map(&asset.properties),
            evidence: EvidenceRecord::all(&asset.evidence),
            uid: asset.uid.to_string(),
            plugins: asset.plugins.iter().map(PluginId::as_str).collect(),
            unsigned: is_unsigned(asset, unsigned),
        }
    }
}

/// Whether an asset stands on unsigned plugins alone.
pub(super) fn is_unsigned(asset: &Asset, unsigned: &BTreeSet<&PluginId>) -> bool {
    !asset.plugins.is_empty() && asset.plugins.iter().all(|plugin| unsigned.contains(plugin))
}

/// What a relation or finding points at.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum TargetRecord<'a> {
    Asset(String),
    Unresolved { unresolved: IdentifierRecord<'a> },
}

impl<'a> TargetRecord<'a> {
    fn new(target: &'a Target) -> Self {
        match target {
            Target::Asset(uid) => Self::Asset(uid.to_string()),
            Target::Unresolved(identifier) => {
                Self::Unresolved { unresolved: IdentifierRecord::new(identifier) }
            }
        }
    }
}

/// A relation.
#[derive(Debug, Serialize)]
pub(crate) struct RelationRecord<'a> {
    record: &'static str,
    kind: &'a str,
    source: String,
    target: TargetRecord<'a>,
    properties: Map<String, serde_json::Value>,
    evidence: Vec<EvidenceRecord<'a>>,
}

impl<'a> RelationRecord<'a> {
    pub(crate) fn new(relation: &'a Relation) -> Self {
        Self {
            record: "relation",
            kind: relation.kind.as_str(),
            source: relation.source.to_string(),
            target: TargetRecord::new(&relation.target),
            properties: property_map(&relation.properties),
            evidence: EvidenceRecord::all(&relation.evidence),
        }
    }
}

/// A finding.
#[derive(Debug, Serialize)]
pub(super) struct FindingRecord<'a> {
    record: &'static str,
    rule: &'a str,
    severity: &'static str,
    title: &'a str,
    about: Vec<TargetRecord<'a>>,
    properties: Map<String, serde_json::Value>,
    evidence: Vec<EvidenceRecord<'a>>,
    plugin: &'a str,
}

impl<'a> FindingRecord<'a> {
    pub(super) fn new(finding: &'a Finding) -> Self {
        Self {
            record: "finding",
            rule: &finding.rule,
            severity: finding.severity.as_str(),
            title: &finding.title,
            about: finding.about.iter().map(TargetRecord::new).collect(),
            properties: property_map(&finding.properties),
            evidence: EvidenceRecord::all(&finding.evidence),
            plugin: finding.plugin.as_str(),
        }
    }
}

/// A place that was not looked at.
#[derive(Debug, Serialize)]
pub(crate) struct GapRecord<'a> {
    record: &'static str,
    path: &'a str,
    reason: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    argument: Option<String>,
    detail: &'a str,
    /// "failure": we failed to look; "declared": the content or a limit says so.
    class: &'static str,
    retriable: bool,
    plugin: Option<&'a str>,
}

impl<'a> GapRecord<'a> {
    pub(crate) fn new(stamped: &'a StampedGap) -> Self {
        let gap = &stamped.gap;
        Self {
            record: "gap",
            path: &gap.at,
            reason: gap.reason.as_str(),
            argument: gap.reason.argument(),
            detail: &gap.detail,
            class: match gap.class() {
                Gap::Failure => "failure",
                Gap::Declared => "declared",
            },
            retriable: gap.retriable,
            plugin: stamped.plugin.as_ref().map(PluginId::as_str),
        }
    }
}

/// What a rule of the walk left out.
#[derive(Debug, Serialize)]
pub(crate) struct LeftOutRecord<'a> {
    record: &'static str,
    rule: &'a str,
    count: u64,
    examples: &'a [String],
}

impl<'a> LeftOutRecord<'a> {
    pub(crate) fn new(left_out: &'a LeftOut) -> Self {
        Self { record: "left-out", rule: &left_out.rule, count: left_out.count, examples: &left_out.examples }
    }
}

/// What became of an asset between two runs.
#[derive(Debug, Serialize)]
pub(crate) struct ChangeRecord<'a> {
    record: &'static str,
    change: &'static str,
    kind: &'a str,
    name: &'a str,
    uid: String,
    reason: &'static str,
    fields: &'a [String],
}

impl<'a> ChangeRecord<'a> {
    pub(crate) fn new(change: &'a Change) -> Self {
        Self {
            record: "change",
            change: change.change.as_str(),
            kind: change.kind.as_str(),
            name: &change.name,
            uid: change.uid.to_string(),
            reason: change.reason.as_str(),
            fields: &change.fields,
        }
    }
}

/// A plugin that took part.
#[derive(Debug, Serialize)]
struct PluginRecord<'a> {
    id: &'a str,
    version: &'a str,
    signed: bool,
}

/// Gaps by class.
#[derive(Debug, Serialize)]
struct GapCounts {
    failure: usize,
    declared: usize,
}

/// The last record: counts, and how far the run got. No clock, no timing, no absolute path.
#[derive(Debug, Serialize)]
pub(super) struct SummaryRecord<'a> {
    record: &'static str,
    schema: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
    status: &'static str,
    assets: usize,
    by_kind: BTreeMap<&'a str, usize>,
    relations: usize,
    findings: usize,
    gaps: GapCounts,
    files_seen: u64,
    files_inspected: u64,
    plugins: Vec<PluginRecord<'a>>,
}

impl<'a> SummaryRecord<'a> {
    pub(super) fn new(inventory: &'a Inventory, run: &'a RunFacts) -> Self {
        let mut by_kind = BTreeMap::new();
        for asset in &inventory.assets {
            *by_kind.entry(asset.kind.as_str()).or_default() += 1;
        }
        let failure = inventory.gaps.iter().filter(|gap| gap.gap.class() == Gap::Failure).count();
        Self {
            record: "summary",
            schema: SCHEMA,
            source: public_source(inventory),
            status: run.status.as_str(),
            assets: inventory.assets.len(),
            by_kind,
            relations: inventory.relations.len(),
            findings: inventory.findings.len(),
            gaps: GapCounts { failure, declared: inventory.gaps.len() - failure },
            files_seen: run.files_seen,
            files_inspected: run.files_inspected,
            plugins: run
                .plugins
                .iter()
                .map(|(id, version, signed)| PluginRecord { id: id.as_str(), version, signed: *signed })
                .collect(),
        }
    }
}

/// The source's name, unless it is only a path of this machine.
fn public_source(inventory: &Inventory) -> Option<&str> {
    let name = inventory.source.as_str();
    (!std::path::Path::new(name).is_absolute()).then_some(name)
}

/// Everything, as one document.
#[derive(Debug, Serialize)]
pub(super) struct Document<'a> {
    schema: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<SummaryRecord<'a>>,
    assets: Vec<AssetRecord<'a>>,
    relations: Vec<RelationRecord<'a>>,
    findings: Vec<FindingRecord<'a>>,
    gaps: Vec<GapRecord<'a>>,
    left_out: Vec<LeftOutRecord<'a>>,
}

impl<'a> Document<'a> {
    pub(super) fn new(view: &'a View<'_>) -> Self {
        let inventory = view.inventory;
        let unsigned = view.unsigned();
        Self {
            schema: "inventar/1",
            source: public_source(inventory),
            summary: view.run.as_ref().map(|run| SummaryRecord::new(inventory, run)),
            assets: inventory.assets.iter().map(|asset| AssetRecord::new(asset, &unsigned)).collect(),
            relations: inventory.relations.iter().map(RelationRecord::new).collect(),
            findings: inventory.findings.iter().map(FindingRecord::new).collect(),
            gaps: inventory.gaps.iter().map(GapRecord::new).collect(),
            left_out: view.run.iter().flat_map(|run| &run.left_out).map(LeftOutRecord::new).collect(),
        }
    }
}

/// Properties by name.
pub(crate) fn property_map(properties: &[Property]) -> Map<String, serde_json::Value> {
    properties.iter().map(|property| (property.name.clone(), value(&property.value))).collect()
}

fn value(value: &Value) -> serde_json::Value {
    match value {
        Value::Text(text) => text.as_str().into(),
        Value::Integer(number) => (*number).into(),
        Value::Number(number) => (*number).into(),
        Value::Boolean(yes) => (*yes).into(),
        Value::Texts(texts) => texts.as_slice().into(),
        Value::Json(text) => serde_json::from_str(text).unwrap_or_else(|_| text.as_str().into()),
    }
}
