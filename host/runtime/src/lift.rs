//! From a guest's answer to the model's types: checked, bounded, redacted.
//!
//! Three outcomes for what a guest says. Text for people is *cut* at its limit. An answer that breaks a rule is
//! *refused*: that file becomes a gap, the others stand. More rows than a call may return end the *call*.

use crate::bindings::{collect, detect, types};
use crate::limits::Limits;
use crate::manifest::Manifest;
use crate::redact;
use inventar_model::{
    Answer, AssetKind, AssetRef, Confidence, CoverageGap, Cursor, Evidence, GapReason, Identifier, Method,
    Place, Property, RelationKind, Report, ReportedFinding, ReportedRelation, Scope, Severity, Sighting,
    Usage, Value, Version, Want,
};
use std::collections::{BTreeSet, HashMap};

/// Why something was not taken over.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// This answer is not taken over.
    Row(String),
    /// None of the call's answers is.
    Call(String),
}

impl Refusal {
    /// What was wrong.
    pub(crate) fn into_message(self) -> String {
        match self {
            Self::Row(why) | Self::Call(why) => why,
        }
    }
}

type Lifted<T> = Result<T, Refusal>;

fn refuse<T>(why: impl Into<String>) -> Lifted<T> {
    Err(Refusal::Row(why.into()))
}

/// Lifts the answers of one call and counts their rows.
#[derive(Debug)]
pub(crate) struct Lift<'a> {
    limits: &'a Limits,
    manifest: &'a Manifest,
    assets: usize,
    relations: usize,
    findings: usize,
    gaps: usize,
    evidence: usize,
}

/// What spans and local references of an answer may speak of.
#[derive(Debug, Clone, Copy)]
enum Parts<'a> {
    /// Files; the first is the file itself.
    Files(&'a [&'a str]),
    /// What a scope was asked: it has no files, and its things have a path each.
    Scope(&'a Scope),
}

impl Parts<'_> {
    fn file(&self, part: u32) -> Lifted<String> {
        match self {
            Self::Scope(_) => refuse("a collector sees no files"),
            Self::Files(files) => match files.get(part as usize) {
                Some(path) => Ok((*path).to_owned()),
                None => refuse(format!("it speaks of part {part} of {}", files.len())),
            },
        }
    }

    fn local(&self, part: u32, key: &str) -> Lifted<String> {
        match self {
            Self::Scope(scope) if part == 0 => Ok(scope.path(key)),
            Self::Scope(_) => refuse("a scope has one part"),
            Self::Files(_) => self.file(part),
        }
    }
}

impl<'a> Lift<'a> {
    pub(crate) fn new(limits: &'a Limits, manifest: &'a Manifest) -> Self {
        Self { limits, manifest, assets: 0, relations: 0, findings: 0, gaps: 0, evidence: 0 }
    }

    /// An answer of `scan`.
    pub(crate) fn answer(&mut self, answer: detect::Answer, path: &str) -> Lifted<Answer> {
        let facts = self.properties("a fact", answer.facts)?;
        if facts.iter().map(size).sum::<usize>() > self.limits.facts_bytes {
            return refuse(format!("its facts have more than {} bytes", self.limits.facts_bytes));
        }
        if answer.wants.len() > self.limits.wants {
            return refuse(format!("it has more than {} wants", self.limits.wants));
        }
        let wants = answer.wants.into_iter().map(|want| self.want(want)).collect::<Lifted<_>>()?;
        Ok(Answer { report: self.report(answer.report, Parts::Files(&[path]))?, facts, wants })
    }

    /// A report of `link`.
    pub(crate) fn linked(&mut self, report: types::Report, parts: &[String]) -> Lifted<Report> {
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        self.report(report, Parts::Files(&parts))
    }

    /// The rows of a slice. A row that is refused costs itself: the problems say what.
    pub(crate) fn collected(&mut self, rows: types::Report, scope: &Scope) -> (Report, Vec<String>) {
        let mut problems = vec![];
        let mut report = Report::default();
        let mut places: HashMap<String, usize> = HashMap::new();
        for asset in rows.assets {
            match self.asset(asset, Parts::Scope(scope)) {
                // The same key again replaces the first: a page may be listed twice.
                Ok(asset) => match places.get(&asset.key) {
                    Some(at) => report.assets[*at] = asset,
                    None => {
                        places.insert(asset.key.clone(), report.assets.len());
                        report.assets.push(asset);
                    }
                },
                Err(refusal) => problems.push(refusal.into_message()),
            }
        }
        for relation in rows.relations {
            match self.relation(relation, Parts::Scope(scope)) {
                Ok(relation) => report.relations.push(relation),
                Err(refusal) => problems.push(refusal.into_message()),
            }
        }
        for finding in rows.findings {
            match self.finding(finding, Parts::Scope(scope)) {
                Ok(finding) => report.findings.push(finding),
                Err(refusal) => problems.push(refusal.into_message()),
            }
        }
        for gap in rows.gaps {
            match self.gap(gap) {
                Ok(gap) => report.gaps.push(gap),
                Err(refusal) => problems.push(refusal.into_message()),
            }
        }
        (report, problems)
    }

    /// A scope that a probe listed.
    pub(crate) fn scope(&self, scope: collect::Scope) -> Lifted<Scope> {
        let id = redact::line(&scope.id, self.limits.scope_bytes);
        if scope.id.is_empty() || id != scope.id || id.contains("//") || id.ends_with('/') {
            return refuse(
                "the id of a scope is empty, too long, or has `//`, a last `/` or characters that cannot stand",
            );
        }
        Ok(Scope { id, kind: self.name("a scope", &scope.kind)?, label: self.name("a scope", &scope.label)? })
    }

    /// A cursor to go on from.
    pub(crate) fn cursor(&self, cursor: collect::Cursor) -> Lifted<Cursor> {
        if cursor.data.len() > self.limits.cursor_bytes {
            return refuse(format!("a cursor has more than {} bytes", self.limits.cursor_bytes));
        }
        Ok(Cursor { version: cursor.version, data: cursor.data })
    }

    fn report(&mut self, report: types::Report, parts: Parts<'_>) -> Lifted<Report> {
        let count = |total: &mut usize, more: usize, most: usize, what: &str| {
            *total = total.saturating_add(more);
            if *total > most {
                Err(Refusal::Call(format!("more than {most} {what} in one call")))
            } else {
                Ok(())
            }
        };
        let limits = self.limits;
        count(&mut self.assets, report.assets.len(), limits.assets, "assets")?;
        count(&mut self.relations, report.relations.len(), limits.relations, "relations")?;
        count(&mut self.findings, report.findings.len(), limits.findings, "findings")?;
        count(&mut self.gaps, report.gaps.len(), limits.gaps, "gaps")?;
        let evidence = report.assets.iter().map(|asset| asset.evidence.len()).sum::<usize>()
            + report.relations.iter().map(|relation| relation.evidence.len()).sum::<usize>()
            + report.findings.iter().map(|finding| finding.evidence.len()).sum::<usize>();
        count(&mut self.evidence, evidence, limits.evidence, "pieces of evidence")?;

        let assets: Vec<Sighting> =
            report.assets.into_iter().map(|asset| self.asset(asset, parts)).collect::<Lifted<_>>()?;
        let mut keys = BTreeSet::new();
        if let Some(twice) = assets.iter().find(|asset| !keys.insert(asset.key.as_str())) {
            return refuse(format!("the key `{}` is there twice", twice.key));
        }
        Ok(Report {
            relations: report
                .relations
                .into_iter()
                .map(|row| self.relation(row, parts))
                .collect::<Lifted<_>>()?,
            findings: report
                .findings
                .into_iter()
                .map(|row| self.finding(row, parts))
                .collect::<Lifted<_>>()?,
            gaps: report.gaps.into_iter().map(|gap| self.gap(gap)).collect::<Lifted<_>>()?,
            assets,
        })
    }

    fn asset(&self, asset: types::Asset, parts: Parts<'_>) -> Lifted<Sighting> {
        let kind = AssetKind::new(asset.kind).or_else(|error| refuse(error.to_string()))?;
        if !self.manifest.kinds.contains(&kind) {
            return refuse(format!("its manifest does not declare the kind `{kind}`"));
        }
        if asset.evidence.is_empty() {
            return refuse("an asset has no evidence");
        }
        if asset.identifiers.len() > self.limits.identifiers {
            return refuse(format!("an asset has more than {} identifiers", self.limits.identifiers));
        }
        let mut identifiers: Vec<Identifier> =
            asset.identifiers.into_iter().map(|id| self.identifier(id)).collect::<Lifted<_>>()?;
        identifiers.sort();
        identifiers.dedup();
        let sighting = Sighting {
            key: self.key(&asset.key)?,
            kind,
            name: self.name("an asset", &asset.name)?,
            version: asset.version.map(|version| self.version(version)).transpose()?,
            identifiers,
            properties: self.properties("a property", asset.properties)?,
            evidence: self.evidence(asset.evidence, parts)?,
        };
        let ids: usize = sighting.identifiers.iter().map(|id| id.scheme().len() + id.value().len()).sum();
        let version = sighting.version.as_ref().map_or(0, |version| version.text().len());
        self.fits(sighting.key.len() + sighting.name.len() + version + ids, &sighting.properties)?;
        Ok(sighting)
    }

    fn relation(&self, row: types::Relation, parts: Parts<'_>) -> Lifted<ReportedRelation> {
        let relation = ReportedRelation {
            source: self.reference(row.source, parts)?,
            kind: RelationKind::new(row.kind).or_else(|error| refuse(error.to_string()))?,
            target: self.reference(row.target, parts)?,
            properties: self.properties("a property", row.properties)?,
            evidence: self.evidence(row.evidence, parts)?,
        };
        self.fits(0, &relation.properties)?;
        Ok(relation)
    }

    fn finding(&self, row: types::Finding, parts: Parts<'_>) -> Lifted<ReportedFinding> {
        if row.about.len() > self.limits.about {
            return refuse(format!("a finding speaks of more than {} things", self.limits.about));
        }
        let finding = ReportedFinding {
            rule: self.rule(&row.rule)?,
            severity: match row.severity {
                types::Severity::Info => Severity::Info,
                types::Severity::Low => Severity::Low,
                types::Severity::Medium => Severity::Medium,
                types::Severity::High => Severity::High,
                types::Severity::Critical => Severity::Critical,
            },
            title: self.name("a finding", &row.title)?,
            about: row.about.into_iter().map(|row| self.reference(row, parts)).collect::<Lifted<_>>()?,
            properties: self.properties("a property", row.properties)?,
            evidence: self.evidence(row.evidence, parts)?,
        };
        self.fits(finding.title.len(), &finding.properties)?;
        Ok(finding)
    }

    fn gap(&self, gap: types::CoverageGap) -> Lifted<CoverageGap> {
        if gap.at.len() > self.limits.path_bytes {
            return refuse("the place of a gap is too long");
        }
        let text = |text: String| redact::line(&text, self.limits.detail_bytes);
        Ok(CoverageGap {
            at: redact::line(&gap.at, self.limits.path_bytes),
            reason: match gap.reason {
                types::GapReason::AccessDenied => GapReason::AccessDenied,
                types::GapReason::CredentialMissing => GapReason::CredentialMissing,
                types::GapReason::RateLimited(seconds) => GapReason::RateLimited(seconds),
                types::GapReason::Unreachable => GapReason::Unreachable,
                types::GapReason::TimedOut => GapReason::TimedOut,
                types::GapReason::TooLarge(bytes) => GapReason::TooLarge(bytes),
                types::GapReason::Unparsable => GapReason::Unparsable,
                types::GapReason::Unsupported(what) => GapReason::Unsupported(text(what)),
                types::GapReason::BudgetExhausted => GapReason::BudgetExhausted,
                types::GapReason::Other(what) => GapReason::Other(text(what)),
            },
            detail: text(gap.detail),
            retriable: gap.retriable,
        })
    }

    fn want(&self, want: detect::Want) -> Lifted<Want> {
        if want.paths.is_empty() || want.paths.len() > self.limits.want_paths {
            return refuse(format!(
                "a want has {} paths; 1 to {} are allowed",
                want.paths.len(),
                self.limits.want_paths
            ));
        }
        if let Some(path) = want.paths.iter().find(|path| !is_inside(path, self.limits.path_bytes)) {
            let shown = redact::line(path, 80);
            return refuse(format!("a want asks for `{shown}`, which is no path below the source root"));
        }
        let name = |name: Option<String>| match name {
            Some(name) if name.len() > self.limits.key_bytes => refuse("the name of a want is too long"),
            Some(name) => Ok(Some(redact::line(&name, self.limits.key_bytes))),
            None => Ok(None),
        };
        let paths = want.paths.iter().map(|path| redact::line(path, self.limits.path_bytes)).collect();
        Ok(Want { serves: name(want.serves)?, name: name(want.name)?, paths })
    }

    fn reference(&self, reference: types::AssetRef, parts: Parts<'_>) -> Lifted<AssetRef> {
        Ok(match reference {
            types::AssetRef::Local(local) => {
                let key = self.key(&local.key)?;
                AssetRef::Local { path: parts.local(local.part, &key)?, key }
            }
            types::AssetRef::Identifier(id) => AssetRef::Identifier(self.identifier(id)?),
        })
    }

    fn evidence(&self, rows: Vec<types::Evidence>, parts: Parts<'_>) -> Lifted<Vec<Evidence>> {
        if rows.len() > self.limits.evidence_per_row {
            return refuse(format!(
                "more than {} pieces of evidence for one thing",
                self.limits.evidence_per_row
            ));
        }
        rows.into_iter().map(|row| self.piece(row, parts)).collect()
    }

    fn piece(&self, row: types::Evidence, parts: Parts<'_>) -> Lifted<Evidence> {
        let place = match row.place {
            types::Place::File(span) if span.end_byte < span.start_byte => {
                return refuse("a span ends before it starts");
            }
            types::Place::File(span) => Place::File {
                path: parts.file(span.part)?,
                start_byte: span.start_byte,
                end_byte: span.end_byte,
                line: span.line,
            },
            types::Place::Exchange(number) if matches!(parts, Parts::Scope(_)) => Place::Exchange(number),
            types::Place::Exchange(_) => return refuse("a detector has no exchanges to point at"),
            types::Place::Object(path) => Place::Object(self.name("a place", &path)?),
        };
        if row.confidence > 100 {
            return refuse("a confidence is above 100");
        }
        Ok(Evidence {
            place,
            rule: self.rule(&row.rule)?,
            method: match row.method {
                types::Method::Declared => Method::Declared,
                types::Method::Parsed => Method::Parsed,
                types::Method::Flow => Method::Flow,
                types::Method::Matched => Method::Matched,
                types::Method::Header => Method::Header,
                types::Method::Api => Method::Api,
            },
            usage: match row.usage {
                types::Usage::Runtime => Usage::Runtime,
                types::Usage::Optional => Usage::Optional,
                types::Usage::Development => Usage::Development,
                types::Usage::Test => Usage::Test,
                types::Usage::Example => Usage::Example,
                types::Usage::Docs => Usage::Docs,
                types::Usage::Mentioned => Usage::Mentioned,
            },
            confidence: Confidence::new(row.confidence),
            snippet: row.snippet.map(|text| redact::snippet(&text, self.limits.snippet_bytes)),
        })
    }

    fn version(&self, version: types::Version) -> Lifted<Version> {
        Ok(match version {
            types::Version::Exact(text) => Version::Exact(self.name("a version", &text)?),
            types::Version::Range(text) => Version::Range(self.name("a version", &text)?),
            types::Version::Floating(text) => Version::Floating(self.name("a version", &text)?),
        })
    }

    fn identifier(&self, id: types::Identifier) -> Lifted<Identifier> {
        if id.value.len() > Identifier::MAX_BYTES {
            return refuse("the value of an identifier is too long");
        }
        let value = redact::line(&id.value, Identifier::MAX_BYTES);
        Identifier::new(id.scheme, value).or_else(|error| refuse(error.to_string()))
    }

    fn properties(&self, what: &str, rows: Vec<types::Property>) -> Lifted<Vec<Property>> {
        if rows.len() > self.limits.properties_per_row {
            return refuse(format!("more than {} of {what}", self.limits.properties_per_row));
        }
        rows.into_iter().map(|row| self.property(what, row)).collect()
    }

    fn property(&self, what: &str, row: types::Property) -> Lifted<Property> {
        if row.name.is_empty() || row.name.len() > self.limits.property_name_bytes {
            return refuse(format!("the name of {what} has {} bytes", row.name.len()));
        }
        let name = redact::line(&row.name, self.limits.property_name_bytes);
        let most = self.limits.row_bytes.max(self.limits.facts_bytes);
        let text = |text: &str| match text.len() > most {
            true => refuse(format!("{what} has more than {most} bytes")),
            false => Ok(redact::value(&name, text, most)),
        };
        let value = match row.value {
            types::Value::Text(value) => Value::Text(text(&value)?),
            types::Value::Integer(number) => Value::Integer(number),
            types::Value::Number(number) if number.is_finite() => Value::Number(number),
            types::Value::Number(number) => Value::Text(number.to_string()),
            types::Value::Boolean(yes) => Value::Boolean(yes),
            types::Value::Texts(values) => {
                if values.iter().map(|value| value.len() + 1).sum::<usize>() > most {
                    return refuse(format!("{what} has more than {most} bytes"));
                }
                Value::Texts(redact::texts(&name, &values, most))
            }
            types::Value::Json(json) => Value::Json(self.json(what, &name, &json, most)?),
        };
        Ok(Property { name, value })
    }

    /// A document is parsed, redacted string by string, and written again.
    fn json(&self, what: &str, name: &str, json: &str, most: usize) -> Lifted<String> {
        if json.len() > most {
            return refuse(format!("{what} has more than {most} bytes"));
        }
        let value: serde_json::Value = serde_json::from_str(json)
            .or_else(|_| refuse(format!("{what} is said to be JSON and is not")))?;
        match redact::json(name, value, self.limits.json_depth) {
            Some(value) => Ok(value.to_string()),
            None => refuse(format!("{what} is nested deeper than {}", self.limits.json_depth)),
        }
    }

    fn key(&self, key: &str) -> Lifted<String> {
        if key.is_empty() || key.len() > self.limits.key_bytes {
            return refuse(format!(
                "a key has {} bytes; 1 to {} are allowed",
                key.len(),
                self.limits.key_bytes
            ));
        }
        Ok(redact::key(key))
    }

    fn name(&self, what: &str, name: &str) -> Lifted<String> {
        let name = redact::line(name, self.limits.name_bytes);
        if name.trim().is_empty() { refuse(format!("{what} has no name")) } else { Ok(name) }
    }

    fn rule(&self, rule: &str) -> Lifted<String> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:".contains(&byte);
        if (1..=128).contains(&rule.len()) && rule.bytes().all(plain) {
            Ok(redact::line(rule, 256))
        } else {
            refuse("a rule's name must be 1 to 128 letters, digits and `-_./:`")
        }
    }

    fn fits(&self, texts: usize, properties: &[Property]) -> Lifted<()> {
        if texts + properties.iter().map(size).sum::<usize>() > self.limits.row_bytes {
            return refuse(format!("one thing has more than {} bytes", self.limits.row_bytes));
        }
        Ok(())
    }
}

fn size(property: &Property) -> usize {
    let value = match &property.value {
        Value::Text(text) | Value::Json(text) => text.len(),
        Value::Texts(texts) => texts.iter().map(|text| text.len() + 1).sum(),
        Value::Integer(_) | Value::Number(_) | Value::Boolean(_) => 8,
    };
    property.name.len() + value
}

/// A path from the source root, perhaps starting with `**/`; nothing that could leave it.
fn is_inside(path: &str, most: usize) -> bool {
    let rest = path.strip_prefix("**/").unwrap_or(path);
    !rest.is_empty()
        && path.len() <= most
        && !rest.contains(['\\', '*'])
        && !rest.chars().any(char::is_control)
        && rest.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
}

#[cfg(test)]
mod tests;
