//! What `cargo xtask accuracy` and the stories share: how a scan is judged against labels.

pub mod accuracy;
