//! The HTTP face of an inventory: a JSON API that only reads, and the console.
//!
//! ```text
//!   request ──► guard ──► handler ──► store
//!               Host,      extract, ask, answer       views: JSON shapes of their own
//!               headers                               problem: bad news (RFC 9457)
//!                  └────► console: the files of web/, built into the program
//! ```
//!
//! The program decides where to listen and when to stop; both are handed in:
//!
//! ```no_run
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use inventar_server::{ServerConfig, router, serve};
//! use inventar_store::{OpenOptions, Store};
//!
//! let store = Store::open("data".as_ref(), OpenOptions::default()).await?;
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//! let router = router(store, ServerConfig::new(listener.local_addr()?));
//! serve(listener, router, async { drop(tokio::signal::ctrl_c().await) }).await?;
//! # Ok(())
//! # }
//! ```
//!
//! | part | what it is |
//! |---|---|
//! | [`router()`] | every path with its handler and its description |
//! | [`description()`] | the OpenAPI document, generated from the handlers |
//! | `assets`, `facets`, `coverage`, `changes`, `sources`, `boms`, `health` | one feature each |
//! | `guard` | who may ask, and what a browser may do with the answer |
//! | `console` | the files of `web/` |
//!
//! Deliberately absent: writing, sign-in and CORS. Whoever reaches the address reads the inventory, so it is a loopback
//! address unless the program is told otherwise.

mod assets;
mod boms;
mod changes;
mod config;
mod console;
mod coverage;
mod facets;
mod guard;
mod health;
mod params;
mod problem;
mod router;
mod sources;
mod views;

pub use config::ServerConfig;
pub use console::is_built_in as console_is_built_in;
pub use problem::Problem;
pub use router::{description, router, serve};
