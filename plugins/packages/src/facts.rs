//! What manifests and locks tell each other: facts, as small as they can be.

use crate::dependency::{Dependency, Locked, Requirement, Variable};
use crate::page::Page;
use inventar_plugin_sdk::{Part, Span, Usage};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A file may tell 16 KiB; this leaves room for the names of the facts.
const MAX_BYTES: usize = 15 << 10;

/// Rows of JSON under one name, as many as fit.
#[derive(Debug, Default)]
pub struct Rows {
    rows: Vec<Value>,
    bytes: usize,
    /// Whether some did not fit.
    pub cut: bool,
}

impl Rows {
    fn push(&mut self, row: Value) {
        let bytes = row.to_string().len() + 1;
        if self.bytes + bytes > MAX_BYTES {
            self.cut = true;
            return;
        }
        self.bytes += bytes;
        self.rows.push(row);
    }

    /// As a fact's value; none when there are no rows.
    pub fn into_json(self) -> Option<Value> {
        (!self.rows.is_empty()).then_some(Value::Array(self.rows))
    }
}

/// What a manifest asks for, told to its own link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Canonical, or an accessor.
    pub name: String,
    /// The requirement as written, or the variable that stands for it.
    pub requirement: String,
    /// Whether another file says the version.
    pub inherited: bool,
    /// How it is used.
    pub usage: Usage,
    /// The group.
    pub scope: String,
    /// Where it is asked.
    pub span: Span,
    /// The line.
    pub snippet: String,
}

/// The dependencies as a fact.
pub fn asked<'d>(dependencies: impl Iterator<Item = (&'d Dependency, Usage)>, page: &Page<'_>) -> Rows {
    let mut rows = Rows::default();
    for (dependency, usage) in dependencies {
        let (requirement, inherited) = match &dependency.requirement {
            Requirement::Inherited(variable) => (variable.as_str(), true),
            other => (other.text(), false),
        };
        let span = page.span(dependency.at.clone());
        rows.push(json!([
            dependency.name,
            requirement,
            inherited,
            usage as u8,
            dependency.scope,
            span.start,
            span.end,
            span.line,
            page.snippet(&dependency.at, 80)
        ]));
    }
    rows
}

/// Reads [`asked`] back.
pub fn asked_by(part: &Part) -> Vec<Asked> {
    rows_of(part, "asked")
        .iter()
        .filter_map(|row| {
            Some(Asked {
                name: row.get(0)?.as_str()?.to_owned(),
                requirement: row.get(1)?.as_str()?.to_owned(),
                inherited: row.get(2)?.as_bool()?,
                usage: usage(row.get(3)?.as_u64()?),
                scope: row.get(4)?.as_str()?.to_owned(),
                span: span(row, 5)?,
                snippet: row.get(8)?.as_str()?.to_owned(),
            })
        })
        .collect()
}

/// A version that a lock or another manifest states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stated {
    /// As written there.
    pub name: String,
    /// Its version.
    pub requirement: Requirement,
    /// For whom: see [`Locked::for_whom`]; several behind one version.
    pub for_whom: Vec<String>,
    /// Where.
    pub span: Span,
    /// The line.
    pub snippet: String,
}

/// What a lock fixes, or a manifest offers, as a fact. Equal versions for several are one row.
pub fn stated<'l>(entries: impl Iterator<Item = (&'l Locked, char)>, page: &Page<'_>) -> Rows {
    let mut groups: BTreeMap<(&str, char, &str), (&Locked, Vec<&str>)> = BTreeMap::new();
    for (entry, form) in entries {
        let group = groups.entry((&entry.name, form, &entry.version)).or_insert((entry, vec![]));
        group.1.push(&entry.for_whom);
    }
    let mut rows = Rows::default();
    for ((name, form, version), (entry, mut for_whom)) in groups {
        for_whom.sort_unstable();
        for_whom.dedup();
        let span = page.span(entry.at.clone());
        rows.push(json!([
            name,
            form.to_string(),
            version,
            for_whom,
            span.start,
            span.end,
            span.line,
            page.snippet(&entry.at, 80)
        ]));
    }
    rows
}

/// Reads [`stated`] back.
pub fn stated_by(part: &Part) -> Vec<Stated> {
    rows_of(part, "stated")
        .iter()
        .filter_map(|row| {
            let version = row.get(2)?.as_str()?.to_owned();
            let requirement = match row.get(1)?.as_str()? {
                "e" => Requirement::Exact(version),
                "r" => Requirement::Range(version),
                "f" => Requirement::Floating(version),
                "i" => Requirement::Inherited(version),
                _ => Requirement::Any,
            };
            let for_whom =
                row.get(3)?.as_array()?.iter().filter_map(|text| Some(text.as_str()?.to_owned())).collect();
            Some(Stated {
                name: row.get(0)?.as_str()?.to_owned(),
                requirement,
                for_whom,
                span: span(row, 4)?,
                snippet: row.get(7)?.as_str()?.to_owned(),
            })
        })
        .collect()
}

/// The letter under which a requirement is told.
pub fn form(requirement: &Requirement) -> char {
    match requirement {
        Requirement::Exact(_) => 'e',
        Requirement::Range(_) => 'r',
        Requirement::Floating(_) => 'f',
        Requirement::Inherited(_) => 'i',
        Requirement::Any => 'a',
    }
}

/// Named versions as a fact.
pub fn variables(variables: &[Variable], page: &Page<'_>) -> Rows {
    let mut rows = Rows::default();
    for variable in variables {
        let span = page.span(variable.at.clone());
        let snippet = page.snippet(&variable.at, 80);
        rows.push(json!([variable.name, variable.value, span.start, span.end, span.line, snippet]));
    }
    rows
}

/// Reads [`variables`] back: the value of one, with its place and line.
pub fn variable(part: &Part, name: &str) -> Option<(String, Span, String)> {
    let rows = rows_of(part, "variables");
    let row = rows.iter().find(|row| row.get(0).and_then(Value::as_str) == Some(name))?;
    Some((row.get(1)?.as_str()?.to_owned(), span(row, 2)?, row.get(5)?.as_str()?.to_owned()))
}

fn rows_of(part: &Part, fact: &str) -> Vec<Value> {
    part.text(fact).and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

fn span(row: &Value, from: usize) -> Option<Span> {
    Some(Span {
        part: 0,
        start: row.get(from)?.as_u64()?,
        end: row.get(from + 1)?.as_u64()?,
        line: u32::try_from(row.get(from + 2)?.as_u64()?).ok()?,
    })
}

fn usage(number: u64) -> Usage {
    const ALL: [Usage; 7] = [
        Usage::Runtime,
        Usage::Optional,
        Usage::Development,
        Usage::Test,
        Usage::Example,
        Usage::Docs,
        Usage::Mentioned,
    ];
    ALL.iter().copied().find(|usage| *usage as u64 == number).unwrap_or(Usage::Mentioned)
}
