//! Answers and reports as bytes, for the report cache. Private to this crate: the shape changes with its format number.
//!
//! Decoding goes through the model's constructors; bytes that do not give valid values decode to nothing.

use inventar_model as model;
use serde::{Deserialize, Serialize};

/// Raised whenever anything in this file changes; older cache files are dropped.
pub(crate) const FORMAT: u32 = 2;

#[derive(Serialize, Deserialize)]
struct Answer {
    report: Report,
    facts: Vec<Property>,
    wants: Vec<(Option<String>, Option<String>, Vec<String>)>,
}

#[derive(Serialize, Deserialize)]
struct Report {
    assets: Vec<Sighting>,
    relations: Vec<Relation>,
    findings: Vec<Finding>,
    gaps: Vec<CoverageGap>,
}

#[derive(Serialize, Deserialize)]
struct Sighting {
    key: String,
    kind: String,
    name: String,
    version: Option<(u8, String)>,
    identifiers: Vec<(String, String)>,
    properties: Vec<Property>,
    evidence: Vec<Evidence>,
}

#[derive(Serialize, Deserialize)]
struct Relation {
    source: AssetRef,
    kind: String,
    target: AssetRef,
    properties: Vec<Property>,
    evidence: Vec<Evidence>,
}

#[derive(Serialize, Deserialize)]
struct Finding {
    rule: String,
    severity: u8,
    title: String,
    about: Vec<AssetRef>,
    properties: Vec<Property>,
    evidence: Vec<Evidence>,
}

#[derive(Serialize, Deserialize)]
enum AssetRef {
    Local(String, String),
    Identifier(String, String),
}

#[derive(Serialize, Deserialize)]
struct CoverageGap {
    at: String,
    reason: (String, Option<String>),
    detail: String,
    retriable: bool,
}

#[derive(Serialize, Deserialize)]
struct Property(String, Value);

#[derive(Serialize, Deserialize)]
enum Value {
    Text(String),
    Integer(i64),
    Number(f64),
    Boolean(bool),
    Texts(Vec<String>),
    Json(String),
}

#[derive(Serialize, Deserialize)]
struct Evidence {
    place: Place,
    rule: String,
    method: u8,
    usage: u8,
    confidence: u8,
    snippet: Option<String>,
}

#[derive(Serialize, Deserialize)]
enum Place {
    File(String, u64, u64, u32),
    Exchange(u64),
    Object(String),
}

#[derive(Serialize, Deserialize)]
struct FileReport {
    plugin: String,
    path: String,
    content: [u8; 32],
    report: Report,
}

/// An answer as bytes.
pub(crate) fn encode_answer(answer: &model::Answer) -> Vec<u8> {
    encode(&Answer {
        report: Report::from(&answer.report),
        facts: answer.facts.iter().map(Property::from).collect(),
        wants: answer
            .wants
            .iter()
            .map(|want| (want.serves.clone(), want.name.clone(), want.paths.clone()))
            .collect(),
    })
}

/// The answer of some bytes.
pub(crate) fn decode_answer(bytes: &[u8]) -> Option<model::Answer> {
    let answer: Answer = postcard::from_bytes(bytes).ok()?;
    Some(model::Answer {
        report: answer.report.into_model()?,
        facts: answer.facts.into_iter().map(Property::into_model).collect(),
        wants: answer
            .wants
            .into_iter()
            .map(|(serves, name, paths)| model::Want { serves, name, paths })
            .collect(),
    })
}

/// A report as bytes.
pub(crate) fn encode_report(report: &model::Report) -> Vec<u8> {
    encode(&Report::from(report))
}

/// The report of some bytes.
pub(crate) fn decode_report(bytes: &[u8]) -> Option<model::Report> {
    postcard::from_bytes::<Report>(bytes).ok()?.into_model()
}

/// Facts as bytes: what a link's key is made of.
pub(crate) fn encode_facts(facts: &[model::Property]) -> Vec<u8> {
    encode(&facts.iter().map(Property::from).collect::<Vec<_>>())
}

/// A run's reports as bytes.
pub(crate) fn encode_file_reports(reports: &[model::FileReport]) -> Vec<u8> {
    let reports: Vec<FileReport> = reports
        .iter()
        .map(|report| FileReport {
            plugin: report.plugin.to_string(),
            path: report.path.clone(),
            content: *report.content.as_bytes(),
            report: Report::from(&report.report),
        })
        .collect();
    encode(&reports)
}

/// The reports of some bytes.
pub(crate) fn decode_file_reports(bytes: &[u8]) -> Option<Vec<model::FileReport>> {
    let reports: Vec<FileReport> = postcard::from_bytes(bytes).ok()?;
    reports
        .into_iter()
        .map(|report| {
            Some(model::FileReport {
                plugin: model::PluginId::new(report.plugin).ok()?,
                path: report.path,
                content: model::Digest::from_bytes(report.content),
                report: report.report.into_model()?,
            })
        })
        .collect()
}

/// Gaps as bytes.
pub(crate) fn encode_gaps(gaps: &[model::StampedGap]) -> Vec<u8> {
    let plugin = |gap: &model::StampedGap| gap.plugin.as_ref().map(ToString::to_string);
    encode(&gaps.iter().map(|gap| (plugin(gap), CoverageGap::from(&gap.gap))).collect::<Vec<_>>())
}

/// The gaps of some bytes.
pub(crate) fn decode_gaps(bytes: &[u8]) -> Option<Vec<model::StampedGap>> {
    let gaps: Vec<(Option<String>, CoverageGap)> = postcard::from_bytes(bytes).ok()?;
    gaps.into_iter()
        .map(|(plugin, gap)| {
            let plugin = plugin.map(model::PluginId::new).transpose().ok()?;
            Some(model::StampedGap { gap: gap.into_model()?, plugin })
        })
        .collect()
}

/// What was left out as bytes.
pub(crate) fn encode_left_out(left_out: &[model::LeftOut]) -> Vec<u8> {
    encode(&left_out.iter().map(|out| (&out.rule, out.count, &out.examples)).collect::<Vec<_>>())
}

/// What was left out of some bytes.
pub(crate) fn decode_left_out(bytes: &[u8]) -> Option<Vec<model::LeftOut>> {
    let all: Vec<(String, u64, Vec<String>)> = postcard::from_bytes(bytes).ok()?;
    Some(all.into_iter().map(|(rule, count, examples)| model::LeftOut { rule, count, examples }).collect())
}

fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    // Fails only for types that cannot say their length; there are none here.
    postcard::to_stdvec(value).unwrap_or_default()
}

impl From<&model::Report> for Report {
    fn from(report: &model::Report) -> Self {
        Self {
            assets: report.assets.iter().map(Sighting::from).collect(),
            relations: report.relations.iter().map(Relation::from).collect(),
            findings: report.findings.iter().map(Finding::from).collect(),
            gaps: report.gaps.iter().map(CoverageGap::from).collect(),
        }
    }
}

impl Report {
    fn into_model(self) -> Option<model::Report> {
        Some(model::Report {
            assets: self.assets.into_iter().map(Sighting::into_model).collect::<Option<_>>()?,
            relations: self.relations.into_iter().map(Relation::into_model).collect::<Option<_>>()?,
            findings: self.findings.into_iter().map(Finding::into_model).collect::<Option<_>>()?,
            gaps: self.gaps.into_iter().map(CoverageGap::into_model).collect::<Option<_>>()?,
        })
    }
}

impl From<&model::Sighting> for Sighting {
    fn from(sighting: &model::Sighting) -> Self {
        let version = sighting.version.as_ref().map(|version| match version {
            model::Version::Exact(text) => (0, text.clone()),
            model::Version::Range(text) => (1, text.clone()),
            model::Version::Floating(text) => (2, text.clone()),
        });
        Self {
            key: sighting.key.clone(),
            kind: sighting.kind.to_string(),
            name: sighting.name.clone(),
            version,
            identifiers: sighting.identifiers.iter().map(identifier).collect(),
            properties: sighting.properties.iter().map(Property::from).collect(),
            evidence: sighting.evidence.iter().map(Evidence::from).collect(),
        }
    }
}

impl Sighting {
    fn into_model(self) -> Option<model::Sighting> {
        let version = match self.version {
            None => None,
            Some((0, text)) => Some(model::Version::Exact(text)),
            Some((1, text)) => Some(model::Version::Range(text)),
            Some((2, text)) => Some(model::Version::Floating(text)),
            Some(_) => return None,
        };
        Some(model::Sighting {
            key: self.key,
            kind: model::AssetKind::new(self.kind).ok()?,
            name: self.name,
            version,
            identifiers: self
                .identifiers
                .into_iter()
                .map(|(scheme, value)| model::Identifier::new(scheme, value).ok())
                .collect::<Option<_>>()?,
            properties: self.properties.into_iter().map(Property::into_model).collect(),
            evidence: evidence(self.evidence)?,
        })
    }
}

impl From<&model::ReportedRelation> for Relation {
    fn from(relation: &model::ReportedRelation) -> Self {
        Self {
            source: AssetRef::from(&relation.source),
            kind: relation.kind.to_string(),
            target: AssetRef::from(&relation.target),
            properties: relation.properties.iter().map(Property::from).collect(),
            evidence: relation.evidence.iter().map(Evidence::from).collect(),
        }
    }
}

impl Relation {
    fn into_model(self) -> Option<model::ReportedRelation> {
        Some(model::ReportedRelation {
            source: self.source.into_model()?,
            kind: model::RelationKind::new(self.kind).ok()?,
            target: self.target.into_model()?,
            properties: self.properties.into_iter().map(Property::into_model).collect(),
            evidence: evidence(self.evidence)?,
        })
    }
}

impl From<&model::ReportedFinding> for Finding {
    fn from(finding: &model::ReportedFinding) -> Self {
        Self {
            rule: finding.rule.clone(),
            severity: finding.severity as u8,
            title: finding.title.clone(),
            about: finding.about.iter().map(AssetRef::from).collect(),
            properties: finding.properties.iter().map(Property::from).collect(),
            evidence: finding.evidence.iter().map(Evidence::from).collect(),
        }
    }
}

impl Finding {
    fn into_model(self) -> Option<model::ReportedFinding> {
        Some(model::ReportedFinding {
            rule: self.rule,
            severity: *model::Severity::ALL.get(usize::from(self.severity))?,
            title: self.title,
            about: self.about.into_iter().map(AssetRef::into_model).collect::<Option<_>>()?,
            properties: self.properties.into_iter().map(Property::into_model).collect(),
            evidence: evidence(self.evidence)?,
        })
    }
}

impl From<&model::AssetRef> for AssetRef {
    fn from(reference: &model::AssetRef) -> Self {
        match reference {
            model::AssetRef::Local { path, key } => Self::Local(path.clone(), key.clone()),
            model::AssetRef::Identifier(id) => {
                let (scheme, value) = identifier(id);
                Self::Identifier(scheme, value)
            }
        }
    }
}

impl AssetRef {
    fn into_model(self) -> Option<model::AssetRef> {
        Some(match self {
            Self::Local(path, key) => model::AssetRef::Local { path, key },
            Self::Identifier(scheme, value) => {
                model::AssetRef::Identifier(model::Identifier::new(scheme, value).ok()?)
            }
        })
    }
}

impl From<&model::CoverageGap> for CoverageGap {
    fn from(gap: &model::CoverageGap) -> Self {
        Self {
            at: gap.at.clone(),
            reason: (gap.reason.as_str().to_owned(), gap.reason.argument()),
            detail: gap.detail.clone(),
            retriable: gap.retriable,
        }
    }
}

impl CoverageGap {
    fn into_model(self) -> Option<model::CoverageGap> {
        let (word, argument) = self.reason;
        let reason = model::GapReason::from_parts(&word, argument.as_deref())?;
        Some(model::CoverageGap { at: self.at, reason, detail: self.detail, retriable: self.retriable })
    }
}

impl From<&model::Property> for Property {
    fn from(property: &model::Property) -> Self {
        let value = match &property.value {
            model::Value::Text(text) => Value::Text(text.clone()),
            model::Value::Integer(number) => Value::Integer(*number),
            model::Value::Number(number) => Value::Number(*number),
            model::Value::Boolean(yes) => Value::Boolean(*yes),
            model::Value::Texts(texts) => Value::Texts(texts.clone()),
            model::Value::Json(json) => Value::Json(json.clone()),
        };
        Self(property.name.clone(), value)
    }
}

impl Property {
    fn into_model(self) -> model::Property {
        let value = match self.1 {
            Value::Text(text) => model::Value::Text(text),
            Value::Integer(number) => model::Value::Integer(number),
            Value::Number(number) => model::Value::Number(number),
            Value::Boolean(yes) => model::Value::Boolean(yes),
            Value::Texts(texts) => model::Value::Texts(texts),
            Value::Json(json) => model::Value::Json(json),
        };
        model::Property { name: self.0, value }
    }
}

impl From<&model::Evidence> for Evidence {
    fn from(evidence: &model::Evidence) -> Self {
        let place = match &evidence.place {
            model::Place::File { path, start_byte, end_byte, line } => {
                Place::File(path.clone(), *start_byte, *end_byte, *line)
            }
            model::Place::Exchange(index) => Place::Exchange(*index),
            model::Place::Object(object) => Place::Object(object.clone()),
        };
        Self {
            place,
            rule: evidence.rule.clone(),
            method: evidence.method as u8,
            usage: evidence.usage as u8,
            confidence: evidence.confidence.percent(),
            snippet: evidence.snippet.clone(),
        }
    }
}

impl Evidence {
    fn into_model(self) -> Option<model::Evidence> {
        let place = match self.place {
            Place::File(path, start_byte, end_byte, line) => {
                model::Place::File { path, start_byte, end_byte, line }
            }
            Place::Exchange(index) => model::Place::Exchange(index),
            Place::Object(object) => model::Place::Object(object),
        };
        Some(model::Evidence {
            place,
            rule: self.rule,
            method: *model::Method::ALL.get(usize::from(self.method))?,
            usage: *model::Usage::ALL.get(usize::from(self.usage))?,
            confidence: model::Confidence::new(self.confidence),
            snippet: self.snippet,
        })
    }
}

fn evidence(evidence: Vec<Evidence>) -> Option<Vec<model::Evidence>> {
    evidence.into_iter().map(Evidence::into_model).collect()
}

fn identifier(identifier: &model::Identifier) -> (String, String) {
    (identifier.scheme().to_owned(), identifier.value().to_owned())
}
