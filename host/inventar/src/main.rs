//! The program: arguments, configuration, wiring, progress, exit codes.
#![cfg_attr(test, allow(clippy::unwrap_used))]
#![allow(dead_code)]
mod bundle;
mod cli;
mod config;
mod console;
mod data;
mod exit;
mod present;
mod target;
fn main() {}
