//! Questions about assets, and the shapes of their answers.

use crate::error::StoreError;
use crate::runs::RunId;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use inventar_model::{
    Asset, AssetKind, ChangeKind, Confidence, Evidence, Finding, Identifier, PluginId, Property,
    RelationKind, Retirement, SourceName, Timestamp, Uid, Usage, Version,
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Which assets, in which order, and which page of them. The default is the first page of everything present.
/// Several values of one field widen the answer; several fields narrow it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AssetQuery {
    /// Of this source only.
    pub source: Option<SourceName>,
    /// Of any of these kinds.
    pub kinds: Vec<AssetKind>,
    /// Of any of these usages.
    pub usages: Vec<Usage>,
    /// Reported by any of these plugins.
    pub plugins: Vec<PluginId>,
    /// In any of these bands.
    pub confidence: Vec<ConfidenceBand>,
    /// With any of these values of the property `provider`.
    pub providers: Vec<String>,
    /// With evidence in this file, or below this folder when it ends with '/'.
    pub path: Option<String>,
    /// Every word must begin a word of the name, an identifier, a property or a path.
    pub text: Option<String>,
    /// What is there, or what is gone.
    pub presence: Presence,
    /// In which order.
    pub sort: Sort,
    /// Behind the page that gave this token.
    pub after: Option<PageToken>,
    /// Rows a page: 1 to [`AssetQuery::MAX_LIMIT`]; 0 means [`AssetQuery::DEFAULT_LIMIT`].
    pub limit: u32,
}

impl AssetQuery {
    /// The most rows a page can have.
    pub const MAX_LIMIT: u32 = 1000;
    /// Rows a page when nothing is said.
    pub const DEFAULT_LIMIT: u32 = 100;
    /// Totals are counted up to this.
    pub const EXACT_TOTAL: u64 = 10_000;

    /// Everything present in one source.
    pub fn of(source: SourceName) -> Self {
        Self { source: Some(source), ..Self::default() }
    }
}

/// Whether an asset is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Presence {
    /// Listed now.
    #[default]
    Present,
    /// Retired.
    Gone,
}

/// The words people use for confidence; the same bands as [`Confidence::label`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConfidenceBand {
    /// 90 and above.
    Certain,
    /// 60 to 89.
    Likely,
    /// Below 60.
    Possible,
}

impl ConfidenceBand {
    /// Surest first.
    pub const ALL: [Self; 3] = [Self::Certain, Self::Likely, Self::Possible];

    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Certain => "certain",
            Self::Likely => "likely",
            Self::Possible => "possible",
        }
    }

    /// The band for a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|band| band.as_str() == word)
    }

    /// Lowest and highest percentage.
    pub(crate) const fn range(self) -> (u8, u8) {
        match self {
            Self::Certain => (90, 100),
            Self::Likely => (60, 89),
            Self::Possible => (0, 59),
        }
    }
}

/// Orders that an index serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// Kind (in the registry's order), then name.
    #[default]
    Kind,
    /// Name, regardless of case.
    Name,
    /// Strongest usage first, then name.
    Usage,
    /// Surest first, then name.
    Confidence,
    /// Last changed first.
    Changed,
}

impl Sort {
    /// Every order.
    pub const ALL: [Self; 5] = [Self::Kind, Self::Name, Self::Usage, Self::Confidence, Self::Changed];

    /// The word used in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::Name => "name",
            Self::Usage => "usage",
            Self::Confidence => "confidence",
            Self::Changed => "changed",
        }
    }

    /// The order for a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.as_str() == word)
    }
}

/// Where a page ended. Opaque to callers: it goes out as text and comes back as text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PageToken(pub(crate) Bookmark);

/// The sort key of a page's last row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Bookmark {
    pub(crate) sort: String,
    pub(crate) number: i64,
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) uid: [u8; 16],
}

impl PageToken {
    /// Reads a token that an earlier page gave.
    pub fn parse(text: &str) -> Result<Self, StoreError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| StoreError::PageToken)?;
        serde_json::from_slice(&bytes).map_err(|_| StoreError::PageToken)
    }
}

impl fmt::Display for PageToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let json = serde_json::to_vec(self).map_err(|_| fmt::Error)?;
        f.write_str(&URL_SAFE_NO_PAD.encode(json))
    }
}

/// Some rows, how to get more, and how many there are.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// In the order asked for.
    pub items: Vec<T>,
    /// None: this was the last page.
    pub next: Option<PageToken>,
    /// Of all pages together.
    pub total: Total,
}

/// A count that stops at [`AssetQuery::EXACT_TOTAL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Total {
    /// So many.
    Exact(u64),
    /// So many or more.
    AtLeast(u64),
}

impl Total {
    /// The number without its meaning.
    pub const fn count(self) -> u64 {
        match self {
            Self::Exact(count) | Self::AtLeast(count) => count,
        }
    }
}

/// An asset as a list shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct AssetRow {
    /// The public id.
    pub uid: Uid,
    /// Where it lives.
    pub source: SourceName,
    /// What it is.
    pub kind: AssetKind,
    /// What people call it.
    pub name: String,
    /// The best-founded version.
    pub version: Option<Version>,
    /// The strongest.
    pub usage: Usage,
    /// The highest.
    pub confidence: Confidence,
    /// The property `provider`.
    pub provider: Option<String>,
    /// Sorted.
    pub plugins: Vec<PluginId>,
    /// The file of its best evidence.
    pub path: Option<String>,
    /// The line there.
    pub line: Option<u32>,
    /// Pieces of evidence.
    pub evidence: u64,
    /// How well we know that it is still there.
    pub standing: Standing,
    /// The end of the run that changed it last (or first saw it).
    pub changed: Timestamp,
}

/// How well we know that something is still there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// The latest run saw it.
    Seen,
    /// The latest run did not look there; it was there the last time somebody looked.
    Unseen,
    /// The latest run did not find it, among so much else that the retirement waits for confirmation.
    Missing,
    /// Retired.
    Gone,
}

impl Standing {
    /// Every standing.
    pub const ALL: [Self; 4] = [Self::Seen, Self::Unseen, Self::Missing, Self::Gone];

    /// The word used in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Seen => "seen",
            Self::Unseen => "unseen",
            Self::Missing => "missing",
            Self::Gone => "gone",
        }
    }

    /// The standing for a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.as_str() == word)
    }
}

/// How many assets there are by each value. A facet's counts ignore the query's own choice in that facet, so that a
/// second value can be added.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Facets {
    /// By source name.
    pub sources: Vec<Count<SourceName>>,
    /// In the registry's order.
    pub kinds: Vec<Count<AssetKind>>,
    /// Strongest first.
    pub usages: Vec<Count<Usage>>,
    /// By id.
    pub plugins: Vec<Count<PluginId>>,
    /// Surest first.
    pub confidence: Vec<Count<ConfidenceBand>>,
    /// Most frequent first, at most 50.
    pub providers: Vec<Count<String>>,
}

/// A value and how many assets have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count<T> {
    /// The value.
    pub value: T,
    /// So many.
    pub count: u64,
}

/// Everything about one asset.
#[derive(Debug, Clone, PartialEq)]
pub struct AssetDetail {
    /// As it is, or as it last was.
    pub asset: Asset,
    /// Where it lives.
    pub source: SourceName,
    /// How well we know that it is still there.
    pub standing: Standing,
    /// The end of the first run that saw it.
    pub first_seen: Timestamp,
    /// The end of the last run that saw it.
    pub last_seen: Timestamp,
    /// Why it is gone.
    pub retirement: Option<Retirement>,
    /// Edges from it, by kind and other end.
    pub relations_out: Vec<RelationRow>,
    /// Edges to it.
    pub relations_in: Vec<RelationRow>,
    /// Findings that speak of it, worst first.
    pub findings: Vec<Finding>,
    /// Newest first.
    pub history: Vec<HistoryRow>,
}

/// An edge, seen from one of its ends.
#[derive(Debug, Clone, PartialEq)]
pub struct RelationRow {
    /// How.
    pub kind: RelationKind,
    /// The other end.
    pub other: RelationEnd,
    /// Sorted by name.
    pub properties: Vec<Property>,
    /// Sorted by place.
    pub evidence: Vec<Evidence>,
}

/// The other end of an edge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RelationEnd {
    /// An asset of the same source.
    Asset {
        /// Its id.
        uid: Uid,
        /// Its kind.
        kind: AssetKind,
        /// Its name.
        name: String,
    },
    /// Nothing in the source claims to be this.
    Unresolved(Identifier),
}

/// What a run did to an asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryRow {
    /// Which run.
    pub run: RunId,
    /// When it ended.
    pub at: Timestamp,
    /// What became of the asset.
    pub change: ChangeKind,
    /// Because of the source or of the detector.
    pub reason: Retirement,
    /// For a changed asset: what differs.
    pub fields: Vec<FieldChange>,
}

/// One field before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// "version", "usage", "confidence", "name", "identifiers", "evidence", "relations" or "property:NAME".
    pub field: String,
    /// None: it was not there, or it is a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// None: it is no longer there, or it is a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}
