//! Joins an author's types to the generated ones, once for both worlds.

use crate::answer::{
    Answer, Asset, AssetRef, Finding, Gap, GapReason, Property, Relation, Severity, Value, Version, Want,
};
use crate::bindings::{detect, link, types};
use crate::evidence::{Evidence, Method, Place, Usage};
use crate::file::{Content, File, Hit};
use crate::subject::{Part, Subject, Wanted};
use crate::{Detector, LinkingDetector};

pub mod collect;

fn settings<T: serde::de::DeserializeOwned + Default>(text: &str) -> Result<T, types::Problem> {
    if text.is_empty() {
        return Ok(T::default());
    }
    serde_json::from_str(text)
        .map_err(|error| types::Problem { code: "settings".into(), message: error.to_string() })
}

pub fn scan<D: Detector>(
    text: &str,
    batch: Vec<detect::Candidate>,
) -> Result<Vec<detect::Answer>, types::Problem> {
    let settings: D::Settings = settings(text)?;
    Ok(batch
        .into_iter()
        .map(|candidate| {
            let hits = candidate.hits.into_iter();
            let hits = hits.map(|hit| Hit { claim: hit.claim, bytes: hit.start..hit.end }).collect();
            let content = match candidate.content {
                detect::Content::Inline(bytes) => Content::Whole(bytes),
                detect::Content::Large((head, blob)) => Content::Large { head, blob },
            };
            let mut answer = D::scan(&settings, &File::new(candidate.path, hits, content));
            detect::Answer {
                facts: std::mem::take(&mut answer.facts).into_iter().map(property).collect(),
                wants: std::mem::take(&mut answer.wants)
                    .into_iter()
                    .map(|Want { serves, name, paths }| detect::Want { serves, name, paths })
                    .collect(),
                report: report(candidate.id, answer),
            }
        })
        .collect())
}

pub fn link<D: LinkingDetector>(
    text: &str,
    batch: Vec<link::Subject>,
) -> Result<Vec<types::Report>, types::Problem> {
    let settings: D::Settings = settings(text)?;
    let wanted =
        |wanted: link::Wanted| Wanted { serves: wanted.serves, name: wanted.name, part: wanted.part };
    Ok(batch
        .into_iter()
        .map(|subject| {
            let parts = subject.parts.into_iter().map(|part| Part {
                path: part.path,
                facts: part.facts.into_iter().map(fact).collect(),
                wants: part.wants.into_iter().map(wanted).collect(),
            });
            let answer = D::link(&settings, &Subject { parts: parts.collect() });
            report(subject.id, answer)
        })
        .collect())
}

fn report(id: u32, answer: Answer) -> types::Report {
    types::Report {
        id,
        assets: answer.assets.into_iter().map(asset).collect(),
        relations: answer.relations.into_iter().map(relation).collect(),
        findings: answer.findings.into_iter().map(finding).collect(),
        gaps: answer.gaps.into_iter().map(gap).collect(),
    }
}

fn asset(asset: Asset) -> types::Asset {
    types::Asset {
        key: asset.key,
        kind: asset.kind,
        name: asset.name,
        version: asset.version.map(|version| match version {
            Version::Exact(text) => types::Version::Exact(text),
            Version::Range(text) => types::Version::Range(text),
            Version::Floating(text) => types::Version::Floating(text),
        }),
        identifiers: asset.identifiers.into_iter().map(identifier).collect(),
        properties: asset.properties.into_iter().map(property).collect(),
        evidence: asset.evidence.into_iter().map(evidence).collect(),
    }
}

fn relation(relation: Relation) -> types::Relation {
    types::Relation {
        source: asset_ref(relation.source),
        kind: relation.kind,
        target: asset_ref(relation.target),
        properties: relation.properties.into_iter().map(property).collect(),
        evidence: relation.evidence.into_iter().map(evidence).collect(),
    }
}

fn finding(finding: Finding) -> types::Finding {
    types::Finding {
        rule: finding.rule,
        severity: match finding.severity {
            Severity::Info => types::Severity::Info,
            Severity::Low => types::Severity::Low,
            Severity::Medium => types::Severity::Medium,
            Severity::High => types::Severity::High,
            Severity::Critical => types::Severity::Critical,
        },
        title: finding.title,
        about: finding.about.into_iter().map(asset_ref).collect(),
        properties: finding.properties.into_iter().map(property).collect(),
        evidence: finding.evidence.into_iter().map(evidence).collect(),
    }
}

fn gap(gap: Gap) -> types::CoverageGap {
    types::CoverageGap {
        at: gap.at,
        reason: match gap.reason {
            GapReason::TooLarge(bytes) => types::GapReason::TooLarge(bytes),
            GapReason::Unparsable => types::GapReason::Unparsable,
            GapReason::Unsupported(what) => types::GapReason::Unsupported(what),
            GapReason::Other(what) => types::GapReason::Other(what),
        },
        detail: gap.detail,
        retriable: false,
    }
}

fn asset_ref(reference: AssetRef) -> types::AssetRef {
    match reference {
        AssetRef::Local { part, key } => types::AssetRef::Local(types::Local { part, key }),
        AssetRef::Identifier(id) => types::AssetRef::Identifier(identifier(id)),
    }
}

fn identifier(identifier: crate::Identifier) -> types::Identifier {
    types::Identifier { scheme: identifier.scheme, value: identifier.value }
}

fn property(property: Property) -> types::Property {
    let value = match property.value {
        Value::Text(text) => types::Value::Text(text),
        Value::Integer(number) => types::Value::Integer(number),
        Value::Number(number) => types::Value::Number(number),
        Value::Boolean(yes) => types::Value::Boolean(yes),
        Value::Texts(texts) => types::Value::Texts(texts),
        Value::Json(json) => types::Value::Json(json),
    };
    types::Property { name: property.name, value }
}

fn fact(property: types::Property) -> Property {
    let value = match property.value {
        types::Value::Text(text) => Value::Text(text),
        types::Value::Integer(number) => Value::Integer(number),
        types::Value::Number(number) => Value::Number(number),
        types::Value::Boolean(yes) => Value::Boolean(yes),
        types::Value::Texts(texts) => Value::Texts(texts),
        types::Value::Json(json) => Value::Json(json),
    };
    Property { name: property.name, value }
}

fn evidence(evidence: Evidence) -> types::Evidence {
    types::Evidence {
        place: match evidence.place {
            Place::File(span) => types::Place::File(types::Span {
                part: span.part,
                start_byte: span.start,
                end_byte: span.end,
                line: span.line,
            }),
            Place::Exchange(number) => types::Place::Exchange(number),
            Place::Object(name) => types::Place::Object(name),
        },
        rule: evidence.rule,
        method: match evidence.method {
            Method::Declared => types::Method::Declared,
            Method::Parsed => types::Method::Parsed,
            Method::Flow => types::Method::Flow,
            Method::Matched => types::Method::Matched,
            Method::Header => types::Method::Header,
            Method::Api => types::Method::Api,
        },
        usage: match evidence.usage {
            Usage::Runtime => types::Usage::Runtime,
            Usage::Optional => types::Usage::Optional,
            Usage::Development => types::Usage::Development,
            Usage::Test => types::Usage::Test,
            Usage::Example => types::Usage::Example,
            Usage::Docs => types::Usage::Docs,
            Usage::Mentioned => types::Usage::Mentioned,
        },
        confidence: evidence.confidence,
        snippet: evidence.snippet,
    }
}
