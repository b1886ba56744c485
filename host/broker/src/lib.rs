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
