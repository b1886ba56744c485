//! Any text is redacted without a panic, and once is enough.
#![no_main]

use inventar_runtime::{redact, redact_value};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let once = redact(text).into_owned();
    assert_eq!(redact(&once), once);
    let value = redact_value("api_key", text).into_owned();
    assert_eq!(redact_value("api_key", &value), value);
});
