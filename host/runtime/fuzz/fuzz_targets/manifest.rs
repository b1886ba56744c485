//! Any text as a manifest: refused, or the same after a round through JSON.
#![no_main]

use inventar_runtime::Manifest;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let beside = |_: &str| Ok("{\"type\": \"object\"}".to_owned());
    for manifest in [Manifest::from_toml(text, beside), Manifest::from_json(text)].into_iter().flatten() {
        let json = manifest.to_json();
        assert_eq!(Manifest::from_json(&json).expect("what was written can be read"), manifest);
        let _ = manifest.check_settings(text);
    }
});
