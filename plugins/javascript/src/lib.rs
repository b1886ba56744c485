//! Finds AI in JavaScript and TypeScript code.
#![cfg_attr(test, allow(clippy::unwrap_used))]
#![allow(dead_code)]

mod module;
mod nesting;
mod parse;
mod source;
