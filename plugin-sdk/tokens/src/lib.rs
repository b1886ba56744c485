//! One token scanner for many languages.

mod flow;
pub mod language;
mod look;
mod names;
pub mod outline;
pub mod rules;
pub mod scan;
pub mod text;

pub use look::inspect;
