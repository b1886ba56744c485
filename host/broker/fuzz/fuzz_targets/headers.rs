//! Any headers of a guest: refused, or nothing in them ends a line or belongs to the host.
#![no_main]

use inventar_broker::{declared, outgoing};
use inventar_model::Header;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|pairs: Vec<(String, String)>| {
    let headers: Vec<Header> = pairs.into_iter().map(|(name, value)| Header { name, value }).collect();
    let Ok(kept) = outgoing(&headers) else { return };
    for (name, value) in &kept {
        assert!(name.bytes().chain(value.bytes()).all(|b| (0x20..0x7f).contains(&b)));
        assert!(name != "authorization" && name != "host" && name != "cookie");
    }
    let _ = declared(&kept, &[]);
});
