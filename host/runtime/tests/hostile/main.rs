//! Guests that misbehave, each with the cap that ends it.
//!
//! Every guest is a core module in WebAssembly text, made into a component the way real ones are. After each, the host
//! must still answer for another plugin and hold nothing of the one that fell. Limits are low, so that nothing here
//! waits; a test asserts *which* limit ended the guest, never how long it took.
#![allow(clippy::unwrap_used)]

mod boundary;
#[cfg(unix)]
mod cache;
mod compute;
mod data;
mod files;
mod guest;
mod image;
