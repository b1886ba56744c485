use super::*;

#[test]
fn tokens() {
    assert_eq!(redact("key sk-abcdefghijklmnopqrstuvwx here"), "key sk-…[redacted] here");
}
