//! Any text as a URL: refused, or one that reads the same to everybody.
#![no_main]

use inventar_broker::canonical;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(url) = canonical(text) else { return };
    assert_eq!(canonical(url.as_str()).as_ref(), Ok(&url), "once canonical, always");
    assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none());
    assert!(!url.path().contains("//") && !url.path().split('/').any(|segment| segment == ".."));
});
