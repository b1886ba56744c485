//! One token scanner for many languages.

pub mod language;
pub mod outline;
pub mod scan;
pub mod text;
