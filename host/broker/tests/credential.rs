//! Credentials against real sockets, files and programs: every source, every kind, and that nothing leaks.
//!
//! Two tests ask servers that `cargo xtask rigs --all` starts: a moto that nobody else asks, in `INVENTAR_MOTO_GUARDED`, and
//! OpenBao in dev mode, in `INVENTAR_OPENBAO` with its root token in `INVENTAR_OPENBAO_LOGIN`.
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
