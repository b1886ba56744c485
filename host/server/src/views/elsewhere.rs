//! What other sources say of the same thing.

use super::asset::{IdentifierView, KindView};
use inventar_store as store;
use serde::Serialize;
use utoipa::ToSchema;

/// An asset of another source that belongs to the one that was asked for: inferred from an identifier, never merged.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Elsewhere)]
pub(crate) struct ElsewhereView {
    /// How it belongs to it.
    pub(crate) link: LinkView,
    /// The kind of edge; null where both are the same thing.
    pub(crate) relation: Option<String>,
    /// The identifier that both have, or that the edge names.
    pub(crate) because: IdentifierView,
    /// What that identifier is worth.
    pub(crate) basis: BasisView,
    /// So many assets have the name, and the edge means one of them; null: only this one.
    pub(crate) one_of: Option<u64>,
    /// Where it lives.
    pub(crate) source: String,
    /// Its public id.
    pub(crate) uid: String,
    /// What it is.
    pub(crate) kind: KindView,
    /// What people call it.
    pub(crate) name: String,
}

/// How an asset of another source belongs to the one that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = Link)]
pub(crate) enum LinkView {
    /// The same thing, seen from another side.
    Same,
    /// An edge leads there.
    Out,
    /// An edge comes from there.
    In,
}

/// What an identifier is worth as a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = Basis)]
pub(crate) enum BasisView {
    /// It is the same thing wherever it is written.
    Exact,
    /// It is a name that another account, registry or network may have given to something else.
    Name,
}

impl From<&store::Elsewhere> for ElsewhereView {
    fn from(there: &store::Elsewhere) -> Self {
        let (link, relation) = match &there.link {
            store::Link::Same => (LinkView::Same, None),
            store::Link::To(kind) => (LinkView::Out, Some(kind)),
            store::Link::From(kind) => (LinkView::In, Some(kind)),
        };
        Self {
            link,
            relation: relation.map(|kind| kind.as_str().to_owned()),
            because: (&there.identifier).into(),
            basis: match there.basis {
                store::Basis::Exact => BasisView::Exact,
                store::Basis::Name { .. } => BasisView::Name,
            },
            one_of: there.basis.one_of(),
            source: there.source.as_str().to_owned(),
            uid: there.uid.to_string(),
            kind: (&there.kind).into(),
            name: there.name.clone(),
        }
    }
}
