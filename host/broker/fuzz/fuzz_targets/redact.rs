//! Any text with a secret in it, in any pieces: it does not come through, and pieces change nothing of that.
#![no_main]

use inventar_broker::Redactor;
use libfuzzer_sys::fuzz_target;
use secrecy::SecretString;

const SECRET: &str = "canary/7Yx+Qw9~Zk\"3pLm";

fuzz_target!(|parts: (Vec<u8>, Vec<u8>, u8)| {
    let (before, after, size) = parts;
    let text = [&before[..], SECRET.as_bytes(), &after[..]].concat();
    let redactor = || Redactor::new(&[SecretString::from(SECRET)]);
    let has = |text: &[u8]| text.windows(SECRET.len()).any(|window| window == SECRET.as_bytes());
    assert!(!has(&redactor().redact(&text)));
    let mut stream = redactor().stream();
    let mut out = vec![];
    for piece in text.chunks(usize::from(size).max(1)) {
        out.extend(stream.push(piece));
    }
    out.extend(stream.end());
    assert!(!has(&out));
});
