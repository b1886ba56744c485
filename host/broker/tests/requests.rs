//! Requests of a hostile or unlucky collector, against a real server on this machine: what leaves, what comes back, and
//! what it costs.
#![allow(clippy::unwrap_used)]

#[path = "requests/answers.rs"]
mod answers;
#[path = "requests/budgets.rs"]
mod budgets;
#[path = "requests/egress.rs"]
mod egress;
#[path = "requests/rig.rs"]
mod rig;
#[path = "requests/rule.rs"]
mod rule;
#[path = "requests/secrets.rs"]
mod secrets;
