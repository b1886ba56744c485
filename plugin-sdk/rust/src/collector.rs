//! A plugin that asks services instead of files.
//!
//! A collector lists *scopes* (an account and a region and a service, a namespace, a registry) and looks at each in
//! *slices*: one bounded piece of work on a fresh instance, from a cursor to the next. It sends requests through
//! [`http`], never holds a credential, and says what it saw to a [`Sink`]; the host keeps a slice's rows and its
//! cursor together or not at all.
//!
//! ```
//! use inventar_plugin_sdk::collector::*;
//! use inventar_plugin_sdk::{Asset, NoSettings};
//!
//! struct Acme;
//!
//! impl Collector for Acme {
//!     type Settings = NoSettings;
//!
//!     fn probe(_: &Context<NoSettings>) -> Result<Vec<Scope>, Problem> {
//!         Ok(vec![Scope::new("acme", "registry", "Acme registry")])
//!     }
//!
//!     fn run(_: &Context<NoSettings>, _: &Scope, at: Option<&Cursor>, sink: &mut Sink) -> Result<Step, Problem> {
//!         let page: u32 = at.map_or(Ok(0), Cursor::read)?;
//!         let request = Request::get(format!("https://api.acme.com/v1/models?page={page}")).credential("login");
//!         let response = match request.send().and_then(Response::ok) {
//!             Ok(response) => response,
//!             Err(failure) => return sink.failed("models", &failure),
//!         };
//!         let models: Vec<String> = response.json()?;
//!         for name in &models {
//!             let seen = response.evidence("registry-model");
//!             sink.asset(Asset::new(format!("model/{name}"), "model-version", name.as_str()).seen(seen));
//!         }
//!         Ok(if models.is_empty() { Step::complete() } else { Step::more(&(page + 1))? })
//!     }
//! }
//!
//! inventar_plugin_sdk::collector!(Acme);
//! ```
//!
//! Two rules keep the inventory true. [`Step::Complete`] says that *everything* of the scope was listed: what the host
//! saw there before and not now is gone. And a key must be the same in every run: an ARN, a path of names.

use crate::answer::{Asset, Finding, Relation};
use crate::evidence::{Evidence, Method, Place, Usage};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub mod http;
#[cfg(not(target_arch = "wasm32"))]
pub mod native;

pub use http::{Denial, Failure, HttpError, Request, Response, send_all};

/// A plugin of world `collector`.
pub trait Collector {
    /// Deserialised from the operator's settings. A property `endpoint` in the manifest's schema is filled with the
    /// address that the operator connected, when there is one.
    type Settings: DeserializeOwned + Default;

    /// Tests the connection and lists the scopes: few calls, nothing reported.
    fn probe(context: &Context<Self::Settings>) -> Result<Vec<Scope>, Problem>;

    /// One slice of a scope: at most some dozens of calls. `at` is where the last slice stopped; none: at the start.
    fn run(
        context: &Context<Self::Settings>,
        scope: &Scope,
        at: Option<&Cursor>,
        sink: &mut Sink,
    ) -> Result<Step, Problem>;
}

/// What a slice knows.
#[derive(Debug, Clone)]
pub struct Context<S> {
    /// When this run of the source began, in milliseconds since 1970, UTC: the same for all its slices.
    pub now_ms: u64,
    /// The operator's.
    pub settings: S,
    /// Cursors of earlier runs do not count: list everything.
    pub full_sync: bool,
}

/// The smallest unit that can be listed completely.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scope {
    /// Stable and unique: `aws/123456789012/eu-west-1/sagemaker`. At most 512 bytes.
    pub id: String,
    /// "region", "namespace", "registry" …
    pub kind: String,
    /// For people.
    pub label: String,
}

impl Scope {
    /// A scope.
    pub fn new(id: impl Into<String>, kind: &str, label: impl Into<String>) -> Self {
        Self { id: id.into(), kind: kind.to_owned(), label: label.into() }
    }
}

/// Where a slice stopped: at most 64 KiB.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The plugin's own schema number; a host hands back only what it was given.
    pub version: u32,
    /// Whatever the plugin wrote.
    pub data: Vec<u8>,
}

impl Cursor {
    /// Schema 1, as JSON.
    pub fn write(state: &impl Serialize) -> Result<Self, Problem> {
        let data = serde_json::to_vec(state).map_err(|error| Problem::new("cursor", error.to_string()))?;
        Ok(Self { version: 1, data })
    }

    /// The inverse of [`Cursor::write`].
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        serde_json::from_slice(&self.data).map_err(|error| Problem::new("cursor", error.to_string()))
    }
}

/// How a slice ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// There is more.
    More(Cursor),
    /// The scope was listed completely. A cursor is kept for the next run.
    Complete(Option<Cursor>),
    /// Something of the scope was not listed: nothing of it may retire. A gap says what.
    Partial(Option<Cursor>),
}

impl Step {
    /// Go on from this state.
    pub fn more(state: &impl Serialize) -> Result<Self, Problem> {
        Ok(Self::More(Cursor::write(state)?))
    }

    /// Everything was listed.
    pub fn complete() -> Self {
        Self::Complete(None)
    }

    /// Not everything was listed.
    pub fn partial() -> Self {
        Self::Partial(None)
    }
}

/// The plugin cannot go on at all. What a single call was refused is a gap, not a problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Kebab-case, stable.
    pub code: String,
    /// What to know or to do.
    pub message: String,
}

impl Problem {
    /// A problem.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into() }
    }
}

/// Why a part of a scope was not looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// A permission is missing.
    AccessDenied,
    /// The credential is not there.
    CredentialMissing,
    /// The service asks to wait, perhaps so many seconds.
    RateLimited(Option<u64>),
    /// No answer.
    Unreachable,
    /// A clock ended it.
    TimedOut,
    /// Over a limit, in bytes.
    TooLarge(u64),
    /// The answer is broken.
    Unparsable,
    /// A feature that the service or the plugin does not have.
    Unsupported(String),
    /// The source's budget is spent.
    BudgetExhausted,
    /// Anything else.
    Other(String),
}

/// A part of a scope that was not looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// What: `sagemaker:ListModels`, a path, an object.
    pub at: String,
    /// Why.
    pub reason: Reason,
    /// What to do or know.
    pub detail: String,
    /// Whether looking again may help.
    pub retriable: bool,
}

/// Where a slice puts what it saw. References by [`crate::AssetRef::here`] mean keys of the same scope.
#[derive(Debug, Default)]
pub struct Sink {
    pub(crate) assets: Vec<Asset>,
    pub(crate) relations: Vec<Relation>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) gaps: Vec<Gap>,
    pub(crate) progress: Option<(u64, Option<u64>)>,
}

impl Sink {
    /// A thing seen. The same key again replaces it.
    pub fn asset(&mut self, asset: Asset) {
        self.assets.push(asset);
    }

    /// An edge seen.
    pub fn relation(&mut self, relation: Relation) {
        self.relations.push(relation);
    }

    /// A finding.
    pub fn finding(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Something that was not looked at.
    pub fn gap(&mut self, gap: Gap) {
        self.gaps.push(gap);
    }

    /// How far the scope is, for people.
    pub fn progress(&mut self, done: u64, total: Option<u64>) {
        self.progress = Some((done, total));
    }

    /// Notes what a call was refused and ends the scope as partial.
    pub fn failed(&mut self, at: &str, failure: &Failure) -> Result<Step, Problem> {
        self.gap(failure.gap(at));
        Ok(Step::partial())
    }
}

/// Evidence for what a service said of an object, by the object's own name: an ARN, a self-link.
pub fn said_of(object: impl Into<String>, rule: &str) -> Evidence {
    Evidence::at(Place::Object(object.into()), rule, Method::Api, Usage::Runtime)
}

/// Exports a [`Collector`] as a component of world `collector`.
#[macro_export]
macro_rules! collector {
    ($plugin:ident) => {
        impl $crate::bindings::collect::Guest for $plugin {
            fn probe(
                context: $crate::bindings::collect::Context,
            ) -> ::std::result::Result<
                ::std::vec::Vec<$crate::bindings::collect::Scope>,
                $crate::bindings::types::Problem,
            > {
                $crate::export::collect::probe::<$plugin>(context)
            }

            fn run(
                context: $crate::bindings::collect::Context,
                scope: $crate::bindings::collect::Scope,
                at: ::std::option::Option<$crate::bindings::collect::Cursor>,
            ) -> ::std::result::Result<$crate::bindings::collect::Step, $crate::bindings::types::Problem> {
                $crate::export::collect::run::<$plugin>(context, scope, at)
            }
        }
        #[cfg(target_arch = "wasm32")]
        $crate::bindings::export_collector!($plugin with_types_in $crate::bindings::collector);
    };
}
