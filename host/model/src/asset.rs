//! Merged assets and what joins them.

use crate::digest::Digest;
use crate::evidence::{Confidence, Evidence, Usage, words};
use crate::identifier::Identifier;
use crate::kind::{AssetKind, RelationKind};
use crate::name::{PluginId, SourceName};
use crate::property::Property;
use crate::version::Version;
use std::fmt;

/// The public id of an asset: a UUIDv8 made of its source, kind and identity, so that it is the same in every database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uid(uuid::Uuid);

impl Uid {
    /// `identity` is an identifier's text, or plugin, path and key of a sighting without one.
    pub fn of(source: &SourceName, kind: &AssetKind, identity: &str) -> Self {
        Self::from_digest(&Digest::of_parts([
            b"inventar asset".as_slice(),
            source.as_str().as_bytes(),
            kind.as_str().as_bytes(),
            identity.as_bytes(),
        ]))
    }

    /// The first 16 bytes of a digest as a UUIDv8 (RFC 9562, section 5.8).
    pub fn from_digest(digest: &Digest) -> Self {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest.as_bytes()[..16]);
        Self(uuid::Uuid::new_v8(bytes))
    }

    /// Parses the hyphenated form.
    pub fn parse(text: &str) -> Option<Self> {
        uuid::Uuid::try_parse(text).ok().map(Self)
    }

    /// The 16 bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// An id that was stored.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(uuid::Uuid::from_bytes(bytes))
    }
}

impl fmt::Display for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// One thing in one source, with everything that was said of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Asset {
    /// The public id.
    pub uid: Uid,
    /// What it is.
    pub kind: AssetKind,
    /// The name a person would give it.
    pub name: String,
    /// The best-founded version: exact before range before floating, then the strongest usage.
    pub version: Option<Version>,
    /// Sorted; the first identifying one is the asset's identity.
    pub identifiers: Vec<Identifier>,
    /// Sorted by name, each name once.
    pub properties: Vec<Property>,
    /// Never empty; sorted by usage, then place.
    pub evidence: Vec<Evidence>,
    /// Who reported it, sorted.
    pub plugins: Vec<PluginId>,
}

impl Asset {
    /// The strongest usage of its evidence.
    pub fn usage(&self) -> Usage {
        self.evidence.iter().map(|evidence| evidence.usage).min().unwrap_or(Usage::Mentioned)
    }

    /// The highest confidence of its evidence.
    pub fn confidence(&self) -> Confidence {
        self.evidence.iter().map(|evidence| evidence.confidence).max().unwrap_or(Confidence::new(0))
    }

    /// The property of that name.
    pub fn property(&self, name: &str) -> Option<&Property> {
        self.properties.iter().find(|property| property.name == name)
    }
}

/// What a relation points at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// An asset of the same inventory.
    Asset(Uid),
    /// Something that no asset of the source claims to be: kept, not dropped.
    Unresolved(Identifier),
}

/// An edge between two things.
#[derive(Debug, Clone, PartialEq)]
pub struct Relation {
    /// From.
    pub source: Uid,
    /// How.
    pub kind: RelationKind,
    /// To.
    pub target: Target,
    /// Sorted by name.
    pub properties: Vec<Property>,
    /// Sorted by place.
    pub evidence: Vec<Evidence>,
}

words! {
    /// How bad a finding is.
    Severity {
        /// Good to know.
        Info = "info",
        /// Of little harm alone.
        Low = "low",
        /// Should be looked at.
        Medium = "medium",
        /// Should be mended.
        High = "high",
        /// Should be mended now.
        Critical = "critical",
    }
}

/// Something about assets that a person should know.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The rule's id.
    pub rule: String,
    /// How bad.
    pub severity: Severity,
    /// One sentence.
    pub title: String,
    /// The assets it speaks of.
    pub about: Vec<Target>,
    /// Sorted by name.
    pub properties: Vec<Property>,
    /// Where it was seen.
    pub evidence: Vec<Evidence>,
    /// Who says so.
    pub plugin: PluginId,
}
