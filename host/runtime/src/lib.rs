//! Turns a component file into answers: the only crate that knows WebAssembly.
//!
//! A plugin is a component with a manifest inside. Its life here:
//!
//! ```text
//!   bytes ──► Runtime::load ──► Plugin ──► scan / link ──► answers in the words of `inventar-model`
//!             form, imports,    compiled    fresh store       checked, bounded, redacted
//!             manifest          once        and instance
//! ```
//!
//! A guest can compute and answer, and it can call `log` and read the blobs it was handed; there is nothing else to
//! import. Whatever it does wrong ends in a [`Fault`] with its [`FaultKind`]: the instance is gone, the host and the
//! other plugins go on.
//!
//! ```no_run
//! use inventar_runtime::*;
//!
//! let runtime = Runtime::new(RuntimeConfig::default())?;
//! let plugin = runtime.load(&std::fs::read("flow.wasm")?, Trust::Unsigned)?;
//! let settings = plugin.manifest().check_settings("{}")?;
//! let file = Candidate {
//!     path: "src/app.py".into(),
//!     hits: vec![],
//!     content: Content::Inline(b"import acme".to_vec()),
//! };
//! match plugin.scan(&settings, vec![file]) {
//!     Ok(scanned) => println!("{:?}", scanned.answers),
//!     Err(fault) => println!("no answer: {fault}"),
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | part | what it is |
//! |---|---|
//! | [`Manifest`] | what a plugin claims, emits and asks for; `plugin.toml` and its packed form |
//! | [`pack`] | from a core module to a component |
//! | [`Runtime`], [`RuntimeConfig`] | where plugins are loaded; engine, code cache, compiler |
//! | [`Plugin`] | a loaded plugin; [`Plugin::scan`] and [`Plugin::link`] are its questions |
//! | [`Limits`] | every cap by name |
//! | [`redact`] | takes secrets out of a text; every string of a guest passes it |

mod bindings;
mod bytes;
mod cache;
mod call;
mod collect;
mod compile;
mod component;
mod engine;
mod error;
mod lift;
mod limits;
mod lower;
mod manifest;
mod outbound;
mod pack;
mod platform;
mod plugin;
mod redact;
mod runtime;

pub use bytes::Bytes;
pub use collect::{CollectContext, Probed, Slice};
pub use compile::{Compiler, compile_stdin};
pub use error::{CompileError, Fault, FaultKind, LoadError, LogLevel, LogLine, PackError, RuntimeError};
pub use limits::Limits;
pub use manifest::{Claim, LinkRules, Magic, Manifest, ManifestError, RequestedLimits, SettingsError, World};
pub use outbound::{BodyReader, Later, Opened, Outbound};
pub use pack::pack;
pub use plugin::{Blob, BundledPlugin, Candidate, Content, Hit, Linked, Plugin, Problem, Scanned, Trust};
pub use redact::{redact, redact_value};
pub use runtime::{InUse, Runtime, RuntimeConfig};
