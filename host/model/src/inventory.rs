//! The merged result of one source.

use crate::asset::{Asset, Finding, Relation, Uid};
use crate::gap::CoverageGap;
use crate::merge;
use crate::name::{PluginId, SourceName};
use crate::report::FileReport;

/// Everything known of one source, in a fixed order: equal reports give equal inventories, whatever their order was.
#[derive(Debug, Clone, PartialEq)]
pub struct Inventory {
    /// Of what.
    pub source: SourceName,
    /// Sorted by kind (registry order), name, uid.
    pub assets: Vec<Asset>,
    /// Sorted by source, kind, target.
    pub relations: Vec<Relation>,
    /// Sorted by severity (worst first), rule, place.
    pub findings: Vec<Finding>,
    /// Sorted by place.
    pub gaps: Vec<StampedGap>,
}

/// A gap with the plugin it concerns; none: the walk itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct StampedGap {
    /// The gap.
    pub gap: CoverageGap,
    /// Whose.
    pub plugin: Option<PluginId>,
}

impl Inventory {
    /// An inventory of nothing.
    pub fn empty(source: SourceName) -> Self {
        Self { source, assets: vec![], relations: vec![], findings: vec![], gaps: vec![] }
    }

    /// Joins reports into assets. Order-free and idempotent in its input.
    ///
    /// Sightings of one kind that share an identifying [`crate::Identifier`] become one asset, through any chain of
    /// shared identifiers; a sighting without one stands alone as (plugin, path, key). Relations and findings are
    /// carried over to the merged assets; a target that only another plugin can know is looked up by identifier.
    /// `gaps` are those of the walk and of plugins that failed; a report brings its own.
    pub fn merge<'a>(
        source: &SourceName,
        reports: impl IntoIterator<Item = &'a FileReport>,
        gaps: impl IntoIterator<Item = &'a StampedGap>,
    ) -> Self {
        merge::merge(source, reports.into_iter().collect(), gaps.into_iter().collect())
    }

    /// The asset with that id.
    pub fn asset(&self, uid: &Uid) -> Option<&Asset> {
        self.assets.iter().find(|asset| asset.uid == *uid)
    }
}
