//! The way out: every request of a collector is checked, signed, sent, redacted, metered and recorded here.
//!
//! A guest names an address and a credential *slot*; what fills the slot never leaves this crate. One request passes
//! eight steps, in this order:
//!
//! ```text
//!   url      one canonical URL, rebuilt from its parts
//!   rule     host, port, method, path and operation against the manifest; what only reads
//!   header   those a guest may set
//!   address  resolve, drop what is private, dial the address that was checked
//!   sign     fill the slot: header, signature, token, client certificate
//!   follow   a redirect passes every step again, without the credential unless its rule binds the same slot
//!   receive  caps on bytes, ratio, headers and each phase of time; echoed secrets replaced
//!   account  budgets, rate limits, counts, the record
//! ```
//!
//! The first three steps and the redaction are pure functions, tested and fuzzed as such. Everything is a message:
//! nothing here knows of WebAssembly, and a guest could as well ask over a socket.
//!
//! A [`Broker`] connects a source and gives a [`Session`]; a [`Line`] of it is the way out for one scope:
//!
//! ```
//! use inventar_broker::{Broker, BrokerConfig, ConnectOptions, Replay};
//! use inventar_model::*;
//! use std::sync::Arc;
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! let rule = Egress {
//!     service: "acme".into(),
//!     hosts: vec!["api.acme.com".into()],
//!     protocol: Protocol::Rest,
//!     target: None,
//!     credential: None,
//!     operations: vec![Operation::parse("List GET /v1/models", Protocol::Rest, "acme")?],
//!     headers: vec![],
//!     per_second: None,
//!     cost_microusd: 0,
//!     reason: "Lists models".into(),
//! };
//! let connection = Connection {
//!     name: SourceName::new("acme")?,
//!     plugin: PluginId::new("acme/models")?,
//!     permissions: Digest::of(b"what was granted"),
//!     endpoint: None,
//!     allow_private: vec![],
//!     authority: None,
//!     credentials: Default::default(),
//!     settings: String::new(),
//!     budget: Budget { calls: Some(100), ..Budget::default() },
//! };
//! let recording = r#"{"request":{"method":"GET","url":"https://api.acme.com/v1/models"},"response":{"status":200}}"#;
//! let options = ConnectOptions { replay: Some(Arc::new(Replay::read(recording)?)), ..Default::default() };
//! let session = Broker::new(BrokerConfig::default()).connect(&connection, &[rule], &[], options)?;
//!
//! let ask = |url: &str| HttpRequest {
//!     method: HttpMethod::Get,
//!     url: url.into(),
//!     headers: vec![],
//!     body: None,
//!     credential: None,
//!     timeout_ms: None,
//! };
//! let line = session.scope("acme/models");
//! assert_eq!(line.send(ask("https://api.acme.com/v1/models")).await.map(|answer| answer.status), Ok(200));
//! let elsewhere = line.send(ask("https://api.acme.com.evil.example/v1/models")).await;
//! assert!(matches!(elsewhere, Err(HttpError::Denied(Denial::Host(_)))));
//! assert_eq!(session.remaining().calls, Some(99));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod address;
mod body;
mod broker;
mod credential;
mod decode;
mod dial;
mod etag;
mod fault;
mod follow;
mod forecast;
mod headers;
mod limits;
mod message;
mod meter;
mod pace;
mod permit;
mod record;
mod redact;
mod resolve;
#[cfg(test)]
#[path = "../tests/requests/rule.rs"]
mod rule;
mod send;
mod session;
mod url;
mod verdict;

pub use address::{Reach, allowed, reach};
pub use body::{Body, Opened};
pub use broker::{Broker, BrokerConfig, ConnectError, ConnectOptions};
pub use credential::{
    ClientTls, Cluster, Credential, CredentialError, Identity, Problem, Reference, SignFor, Surroundings,
};
pub use fault::Faults;
pub use forecast::{Expected, Forecast};
pub use headers::{declared, incoming, outgoing};
pub use limits::Limits;
pub use message::{Arriving, Incoming, Later, Outgoing, Pieces, Transport};
pub use meter::Live;
pub use permit::{Asked, Permit, Permitted};
pub use record::{Recording, Replay, ReplayError};
pub use redact::{Redactor, Stream};
pub use resolve::{Resolver, SystemResolver};
pub use session::{Line, Session};
pub use url::canonical;
