//! Real services that `cargo xtask test` starts beside the stories.

use std::io::Write;

/// The address of a service, from its variable; without it the story is left out, and says so.
pub fn rig(variable: &str) -> Option<String> {
    let address = std::env::var(variable).ok().filter(|address| !address.is_empty());
    if address.is_none() {
        // Past the test harness, which keeps what a test prints to itself.
        let mut stderr = std::io::stderr().lock();
        _ = writeln!(stderr, "SKIP: {variable} names no service; `cargo xtask test` starts one");
    }
    address
}
