//! Keeps inventories, runs and history: the home of every line of SQL.
//!
//! ```text
//!   Run ──► Store::record ──► observations    the record: what a plugin said of a file, from one run to another
//!                         ├─► assets …        the current state, for lists, facets and search
//!                         └─► asset_history   what each run changed, and why
//! ```
//!
//! An *observation* is one plugin's report of one file. It is written when it differs and closed when it no longer
//! holds; the observations that stood at any moment, merged by [`inventar_model::Inventory::merge`], are the inventory
//! of that moment. Everything else could be made from them again. When something was last seen is worked out from the
//! runs, never written.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let folder = folder.path();
//! # use inventar_model::*;
//! # let run = Run {
//! #     source: SourceName::new("demo")?, reports: vec![], reports_digest: Digest::of(b""), gaps: vec![],
//! #     status: RunStatus::Complete, revision: None, started: Timestamp(0), ended: Timestamp(1), plugins: vec![], files_seen: 0,
//! #     files_inspected: 0, bytes_read: 0, left_out: vec![], unseen: vec![],
//! # };
//! use inventar_store::{AssetQuery, OpenOptions, Store};
//!
//! let store = Store::open(folder, OpenOptions::default()).await?;
//! let recorded = store.record(&run).await?;
//! println!("{} changes", recorded.delta.changes.len());
//! let page = store.assets(&AssetQuery::of(run.source.clone())).await?;
//! # assert!(page.items.is_empty() && recorded.delta.first);
//! store.close().await?;
//! # Ok(())
//! # }
//! ```
//!
//! | part | what it does |
//! |---|---|
//! | [`Store`], `schema` | opens, upgrades, refuses; one writer, a few readers |
//! | `record`, `retire`, `delta` | a run becomes rows: what stays, what goes and why, what is told |
//! | `assets`, `asset` | pages, facets and search; one asset with everything around it |
//! | `runs`, `history` | coverage; the inventory of any moment; differences |
//! | `connections` | what an operator connected, without a secret |
//! | `ledger`, `scopes` | collections under way, slice by slice; how each scope of a run ended |
//! | `elsewhere` | what other sources say of the same thing |
//! | `document`, `row` | the edge: JSON documents and columns to the model's types |
//! | [`StoreError`] | what went wrong, where, and what to do |

mod asset;
mod assets;
mod connections;
mod delta;
mod document;
mod elsewhere;
mod error;
mod history;
mod ledger;
mod query;
mod record;
mod retire;
mod row;
mod runs;
mod schema;
mod scopes;
mod store;

pub use elsewhere::{Basis, Elsewhere, Link};
pub use error::StoreError;
pub use ledger::CollectionLedger;
pub use query::{
    AssetDetail, AssetQuery, AssetRow, ConfidenceBand, Count, Facets, FieldChange, HistoryRow, Page,
    PageToken, Presence, RelationEnd, RelationRow, Sort, Standing, Total,
};
pub use record::{RecordOptions, Recorded};
pub use runs::{Moment, RunCounts, RunDetail, RunId, RunRow, SourceRow};
pub use scopes::ScopeRow;
pub use store::{Health, OpenOptions, Store};
