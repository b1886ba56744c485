//! The words of the field as types that cannot lie.
//!
//! Everything Inventar finds passes through this crate on its way from a plugin to a table, a page or a document:
//!
//! ```text
//!   plugin ──► Answer ──► Inventory ──► rows, JSON, BOM
//!              report     merged         (the conversions live at those edges)
//!              facts, wants
//! ```
//!
//! A plugin answers for one file with an [`Answer`]: a [`Report`] of sightings, plus *facts* it tells other files and
//! *wants* it has of them. [`Inventory::merge`] joins all reports of one source into assets with stable identities.
//! A [`Run`] is one look at a source and [`RunDelta`] what it changed.
//!
//! A plugin that asks services instead of files says in its manifest what it may call ([`Egress`], [`CredentialSlot`]) and
//! asks with [`HttpRequest`].
//!
//! No I/O, no clock, no wire format: a type here has no opinion on how it is stored or shown.
//!
//! ```
//! use inventar_model::*;
//!
//! let mut report = Report::default();
//! report.assets.push(Sighting {
//!     key: "openai".into(),
//!     kind: AssetKind::new("sdk").unwrap(),
//!     name: "openai".into(),
//!     version: Some(Version::Exact("1.40.0".into())),
//!     identifiers: vec![Identifier::new("purl", "pkg:pypi/openai").unwrap()],
//!     properties: vec![],
//!     evidence: vec![],
//! });
//! let source = SourceName::new("demo").unwrap();
//! let plugin = PluginId::new("inventar/packages").unwrap();
//! let content = Digest::of(b"the lock file's bytes");
//! let inventory = Inventory::merge(&source, &[FileReport { plugin, path: "uv.lock".into(), content, report }], &[]);
//! assert_eq!(inventory.assets[0].name, "openai");
//! ```

mod asset;
mod collect;
mod connection;
mod digest;
mod evidence;
mod exchange;
mod gap;
mod identifier;
mod inventory;
mod kind;
mod ledger;
mod merge;
mod name;
mod permission;
mod property;
mod report;
mod run;
mod version;

pub use asset::{Asset, Finding, Relation, Severity, Target, Uid};
pub use collect::{Cursor, Scope, ScopeRun, ScopeStatus, Spent, Step};
pub use connection::{Budget, Connection, CredentialSource};
pub use digest::{Digest, NotADigest};
pub use evidence::{Confidence, Evidence, Method, Place, Usage};
pub use exchange::{Denial, Header, HttpError, HttpMethod, HttpRequest, HttpResponse};
pub use gap::{CoverageGap, Gap, GapReason};
pub use identifier::{Identifier, Reach};
pub use inventory::{Inventory, StampedGap};
pub use kind::{AssetKind, KINDS, KindInfo, RELATION_KINDS, RelationKind};
pub use ledger::{
    Collection, CollectionId, CollectionKey, Ended, Gathered, GatheredScope, Kept, Lease, Leased, Ledger,
    LedgerError, Next, OperationUse, ScopePlan, SliceRows, Standstill,
};
pub use name::{InvalidName, PluginId, SourceName};
pub use permission::{CredentialKind, CredentialSlot, ENDPOINT, Egress, Operation, Protocol};
pub use property::{Property, Value};
pub use report::{
    Answer, AssetRef, FileReport, Part, Report, ReportedFinding, ReportedRelation, Sighting, Subject, Want,
    Wanted,
};
pub use run::{
    Change, ChangeKind, LeftOut, PluginUse, Retirement, Revision, Run, RunDelta, RunStatus, Timestamp, Unseen,
};
pub use version::Version;
