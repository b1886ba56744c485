//! The JSON in the database's document columns: mirrors of the model's types, private to this crate.
//!
//! One struct serves both directions: borrowed when written, borrowed from the row where possible when read. Fields
//! that are empty are left out, and the order of fields is fixed, so equal values have equal bytes and equal digests.
//! A new optional field is compatible both ways; anything else needs a migration.

mod asset;
mod parts;
mod report;

use inventar_model::{Asset, Digest, Finding, Relation, Report};
use serde::{Deserialize, Serialize};

/// A document that no version of this program wrote.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct DecodeError(String);

impl DecodeError {
    pub(crate) fn new(what: impl std::fmt::Display) -> Self {
        Self(what.to_string())
    }
}

impl From<serde_json::Error> for DecodeError {
    fn from(error: serde_json::Error) -> Self {
        Self::new(error)
    }
}

impl From<inventar_model::InvalidName> for DecodeError {
    fn from(error: inventar_model::InvalidName) -> Self {
        Self::new(error)
    }
}

/// A document and the digest of its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Document {
    pub(crate) text: String,
    pub(crate) digest: Digest,
}

impl Document {
    /// Encoding cannot fail: no map has keys that are not strings, and writing to memory succeeds.
    fn of(value: &impl Serialize) -> Self {
        let text = serde_json::to_string(value).unwrap_or_default();
        let digest = Digest::of(text.as_bytes());
        Self { text, digest }
    }

    pub(crate) fn of_report(report: &Report) -> Self {
        Self::of(&report::ReportDoc::from(report))
    }

    pub(crate) fn of_asset(asset: &Asset) -> Self {
        Self::of(&asset::AssetDoc::from(asset))
    }

    /// What hangs on an edge.
    pub(crate) fn of_relation(relation: &Relation) -> Self {
        Self::of(&asset::EdgeDoc::from(relation))
    }

    pub(crate) fn of_finding(finding: &Finding) -> Self {
        Self::of(&asset::FindingDoc::from(finding))
    }
}

pub(crate) fn report(text: &str) -> Result<Report, DecodeError> {
    serde_json::from_str::<report::ReportDoc<'_>>(text)?.try_into()
}

pub(crate) fn asset(uid: inventar_model::Uid, text: &str) -> Result<Asset, DecodeError> {
    serde_json::from_str::<asset::AssetDoc<'_>>(text)?.into_asset(uid)
}

pub(crate) use asset::Edge;

pub(crate) fn edge(text: &str) -> Result<Edge, DecodeError> {
    serde_json::from_str::<asset::EdgeDoc<'_>>(text)?.try_into()
}

pub(crate) fn finding(text: &str) -> Result<Finding, DecodeError> {
    serde_json::from_str::<asset::FindingDoc<'_>>(text)?.try_into()
}

/// A small list as JSON text: examples of what was left out, an asset's plugins, the fields of a change.
pub(crate) fn list<T: Serialize>(items: &[T]) -> String {
    Document::of(&items).text
}

/// The inverse of [`list`].
pub(crate) fn read_list<'a, T: Deserialize<'a>>(text: &'a str) -> Result<Vec<T>, DecodeError> {
    Ok(serde_json::from_str(text)?)
}

#[cfg(test)]
mod tests;
