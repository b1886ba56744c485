//! Credentials against real sockets, files and programs: every source, every kind, and that nothing leaks.
//!
//! What is marked as ignored asks servers that are started elsewhere; their addresses are in `INVENTAR_MOTO`
//! (moto with IAM enforced, fresh) and `INVENTAR_OPENBAO` (a dev server with the root token `root`).
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

#[path = "credential/aws.rs"]
mod aws;
#[path = "credential/bench.rs"]
mod bench;
#[path = "credential/kubeconfig.rs"]
mod kubeconfig;
#[path = "credential/life.rs"]
mod life;
#[path = "credential/plain.rs"]
mod plain;
#[path = "credential/silence.rs"]
mod silence;
#[path = "credential/tokens.rs"]
mod tokens;
#[path = "credential/vault.rs"]
mod vault;
