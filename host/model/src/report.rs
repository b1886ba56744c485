//! What a plugin answers, before anything is joined.

use crate::asset::Severity;
use crate::digest::Digest;
use crate::evidence::Evidence;
use crate::gap::CoverageGap;
use crate::identifier::Identifier;
use crate::kind::{AssetKind, RelationKind};
use crate::name::PluginId;
use crate::property::Property;
use crate::version::Version;

/// One plugin's sight of one thing in one file.
#[derive(Debug, Clone, PartialEq)]
pub struct Sighting {
    /// Unique inside (source, plugin, file).
    pub key: String,
    /// What it is.
    pub kind: AssetKind,
    /// The name a person would give it.
    pub name: String,
    /// As this place states it.
    pub version: Option<Version>,
    /// Strong identities.
    pub identifiers: Vec<Identifier>,
    /// Anything else.
    pub properties: Vec<Property>,
    /// Where and why.
    pub evidence: Vec<Evidence>,
}

/// What a relation or finding points at, as a plugin says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AssetRef {
    /// A sighting of the same plugin, by the path of its file and its key.
    Local {
        /// From the source root.
        path: String,
        /// The sighting's key.
        key: String,
    },
    /// Whatever has this identifier.
    Identifier(Identifier),
}

/// An edge as a plugin says it.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportedRelation {
    /// From.
    pub source: AssetRef,
    /// How.
    pub kind: RelationKind,
    /// To.
    pub target: AssetRef,
    /// Anything else.
    pub properties: Vec<Property>,
    /// Where and why.
    pub evidence: Vec<Evidence>,
}

/// A finding as a plugin says it.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportedFinding {
    /// The rule's id.
    pub rule: String,
    /// How bad.
    pub severity: Severity,
    /// One sentence.
    pub title: String,
    /// What it speaks of.
    pub about: Vec<AssetRef>,
    /// Anything else.
    pub properties: Vec<Property>,
    /// Where it was seen.
    pub evidence: Vec<Evidence>,
}

/// Everything one plugin says of one file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Report {
    /// Things seen.
    pub assets: Vec<Sighting>,
    /// Edges seen.
    pub relations: Vec<ReportedRelation>,
    /// Findings.
    pub findings: Vec<ReportedFinding>,
    /// What could not be looked at.
    pub gaps: Vec<CoverageGap>,
}

impl Report {
    /// Whether it says nothing at all.
    pub fn is_empty(&self) -> bool {
        self.assets.is_empty()
            && self.relations.is_empty()
            && self.findings.is_empty()
            && self.gaps.is_empty()
    }

    /// The report of a file after its link: a sighting whose key was already there replaces it, all else is added.
    pub fn linked_with(mut self, link: Report) -> Report {
        for sighting in link.assets {
            match self.assets.iter_mut().find(|mine| mine.key == sighting.key) {
                Some(mine) => *mine = sighting,
                None => self.assets.push(sighting),
            }
        }
        self.relations.extend(link.relations);
        self.findings.extend(link.findings);
        self.gaps.extend(link.gaps);
        self
    }
}

/// "I can say more once I know what another file says."
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Want {
    /// A re-export: followed only if another file wants this name from this file. None: the file itself needs it.
    pub serves: Option<String>,
    /// The name needed there. None: the whole file.
    pub name: Option<String>,
    /// Best first, from the source root, at most 16; `**/x/y.py` counts when exactly one path ends so.
    pub paths: Vec<String>,
}

/// Phase 1's result for one file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Answer {
    /// What the file says by itself.
    pub report: Report,
    /// What it tells other files; at most 16 KiB.
    pub facts: Vec<Property>,
    /// What it would know of other files.
    pub wants: Vec<Want>,
}

/// A want of a part and the part that answers it; none: nothing in the source does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// See [`Want::serves`].
    pub serves: Option<String>,
    /// See [`Want::name`].
    pub name: Option<String>,
    /// Index into [`Subject::parts`].
    pub part: Option<u32>,
}

/// A file in a link: its facts, and what its wants resolved to.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// From the source root.
    pub path: String,
    /// What it told.
    pub facts: Vec<Property>,
    /// Its wants as resolved.
    pub wants: Vec<Wanted>,
}

/// Phase 2's question: `parts[0]` is the file itself, the rest breadth-first, at most 64.
#[derive(Debug, Clone, PartialEq)]
pub struct Subject {
    /// At least one.
    pub parts: Vec<Part>,
}

/// A report with its author and its file: one *observation*, the unit that is recorded, kept and retired.
#[derive(Debug, Clone, PartialEq)]
pub struct FileReport {
    /// Who says so.
    pub plugin: PluginId,
    /// Of which file, from the source root.
    pub path: String,
    /// The file as it was then: tells a change of the source from a change of the detector.
    pub content: Digest,
    /// What, links included.
    pub report: Report,
}
