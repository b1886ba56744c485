//! Lines for the operator. The host redacts, counts and cuts them; on a native test run they go to standard error.

use crate::bindings::log::Level;

/// Something that helps an author, shown with `-v`.
pub fn debug(message: &str) {
    write(Level::Debug, message);
}

/// Something an operator should know.
pub fn warn(message: &str) {
    write(Level::Warn, message);
}

#[cfg(target_arch = "wasm32")]
fn write(level: Level, message: &str) {
    crate::bindings::log::write(level, message);
}

#[cfg(not(target_arch = "wasm32"))]
fn write(level: Level, message: &str) {
    eprintln!("{level:?}: {message}");
}
