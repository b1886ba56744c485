//! Edges, seen from one of their ends.

use super::asset::{IdentifierView, KindView, PropertyView};
use super::evidence::EvidenceView;
use inventar_store as store;
use serde::Serialize;
use utoipa::ToSchema;

/// An edge of the asset that was asked for.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Relation)]
pub(crate) struct RelationView {
    /// `uses`, `imports`, `reads-secret` …
    pub(crate) kind: String,
    /// Which way it points.
    pub(crate) direction: Direction,
    /// The other end.
    pub(crate) other: OtherEnd,
    /// Sorted by name.
    pub(crate) properties: Vec<PropertyView>,
    /// Why we believe in it.
    pub(crate) evidence: Vec<EvidenceView>,
}

/// Which way an edge points, seen from the asset that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Direction {
    /// From it to the other end.
    Out,
    /// From the other end to it.
    In,
}

/// What is at the other end of an edge.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub(crate) enum OtherEnd {
    /// An asset of the same source.
    Asset {
        /// Its public id.
        uid: String,
        /// Its name.
        name: String,
        /// What it is.
        kind: KindView,
    },
    /// Something that no asset of the source claims to be.
    Unresolved {
        /// What is known of it.
        identifier: IdentifierView,
    },
}

impl RelationView {
    pub(crate) fn new(direction: Direction, row: &store::RelationRow) -> Self {
        let other = match &row.other {
            store::RelationEnd::Asset { uid, kind, name } => {
                OtherEnd::Asset { uid: uid.to_string(), name: name.clone(), kind: kind.into() }
            }
            store::RelationEnd::Unresolved(identifier) => {
                OtherEnd::Unresolved { identifier: identifier.into() }
            }
        };
        Self {
            kind: row.kind.as_str().to_owned(),
            direction,
            other,
            properties: row.properties.iter().map(PropertyView::from).collect(),
            evidence: row.evidence.iter().map(EvidenceView::from).collect(),
        }
    }
}
