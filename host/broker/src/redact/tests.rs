use super::*;
use proptest::prelude::*;

const SECRET: &str = "hunter2/Tr0ub4dor+3 correct\"horse";

fn redactor(secret: &str) -> Redactor {
    Redactor::new(&[SecretString::from(secret)])
}

/// Every way of writing a secret that the redactor knows.
fn spellings(secret: &str) -> Vec<(&'static str, String)> {
    let percent = |all: bool| {
        secret
            .bytes()
            .map(|b| {
                if all || !b.is_ascii_alphanumeric() {
                    format!("%{b:02x}")
                } else {
                    char::from(b).to_string()
                }
            })
            .collect::<String>()
    };
    let json = serde_json::to_string(secret).expect("a string");
    let json = json[1..json.len() - 1].to_owned();
    vec![
        ("plain", secret.to_owned()),
        ("base64", STANDARD_NO_PAD.encode(secret)),
        ("base64 with padding", base64::engine::general_purpose::STANDARD.encode(secret)),
        ("base64 for URLs", URL_SAFE_NO_PAD.encode(secret)),
        ("base64 of user:secret", STANDARD_NO_PAD.encode(format!("user:{secret}"))),
        ("base64 at offset 1", STANDARD_NO_PAD.encode(format!("a{secret}b"))),
        ("base64 at offset 2", URL_SAFE_NO_PAD.encode(format!("ab{secret}"))),
        (
            "base64, escaped for a form",
            STANDARD_NO_PAD.encode(secret).replace('/', "%2F").replace('+', "%2B"),
        ),
        ("base64, escaped for JSON", STANDARD_NO_PAD.encode(secret).replace('/', "\\/")),
        ("percent", percent(false)),
        ("percent, all of it", percent(true)),
        ("percent, upper case", percent(true).to_uppercase()),
        ("form", url::form_urlencoded::byte_serialize(secret.as_bytes()).collect()),
        ("json", json.clone()),
        ("json, slashes", json.replace('/', "\\/")),
        ("json, all of it", secret.bytes().map(|b| format!("\\u{b:04x}")).collect()),
        ("percent of json", percent_of(&json)),
        ("hex", secret.bytes().map(|b| format!("{b:02x}")).collect()),
        ("HEX", secret.bytes().map(|b| format!("{b:02X}")).collect()),
    ]
}

fn percent_of(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[test]
fn every_spelling_is_replaced_wherever_it_stands() {
    for (name, spelling) in spellings(SECRET) {
        for (before, after) in [("", ""), ("{\"echo\":\"", "\"}"), ("a=", "&b=1"), ("Bearer ", "\r\n")] {
            let out = redactor(SECRET).redact_text(format!("{before}{spelling}{after}"));
            let kept = out.strip_prefix(before).and_then(|rest| rest.strip_suffix(after)).expect(name);
            // Beside it, only letters of base64 that say something about its neighbours may stay.
            let beside = kept.replace("[redacted]", "").len();
            let most = if name.contains("offset") || name.contains("user") { 7 } else { 0 };
            assert!(kept.contains("[redacted]") && beside <= most, "{name}: {out}");
        }
    }
}

#[test]
fn the_rest_stays_as_it_was() {
    let text = "100 % of \\u0041 and hunter2 in aHVudGVy and 68756e746572";
    assert!(matches!(redactor(SECRET).redact(text.as_bytes()), Cow::Borrowed(_)));
    assert_eq!(redactor("abc").redact_text("abcabc".into()), "abcabc", "too short to be a secret");
    assert_eq!(Redactor::new(&[]).redact_text(SECRET.into()), SECRET);
}

#[test]
fn neighbours_of_base64_carry_bits_and_go_too() {
    // The same secret inside two texts: whatever is left must not tell it from another one.
    let left = |secret: &str| redactor(secret).redact_text(STANDARD_NO_PAD.encode(format!("x{secret}y")));
    assert_eq!(left("AAAAAAAAAA"), left("ZZZZZZZZZZ").replace('Z', "A"));
}

#[test]
fn lines_of_a_key_are_secrets_too() {
    let pem = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nAQEFAASCBKcwggSjAgEAAoIB\n-----END KEY-----\n";
    let out = redactor(pem).redact_text("got AQEFAASCBKcwggSjAgEAAoIB".into());
    assert_eq!(out, "got [redacted]");
}

#[test]
fn a_long_text_is_searched_in_linear_time() {
    let text = "\\%".repeat(1 << 19);
    let begun = std::time::Instant::now();
    redactor(SECRET).redact(text.as_bytes());
    assert!(begun.elapsed() < std::time::Duration::from_secs(20), "{:?} for 1 MiB", begun.elapsed());
}

proptest! {
    /// Whatever the secret, the spelling, the surroundings and the pieces it comes in.
    #[test]
    fn a_secret_never_passes_under_any_split(
        secret in "[!-~]{8,60}",
        before in "[ -~]{0,40}",
        after in "[ -~]{0,40}",
        which in 0_usize..19,
        cuts in prop::collection::vec(1_usize..30, 0..20),
    ) {
        let (name, spelling) = spellings(&secret).swap_remove(which);
        // A backslash or percent sign just before would begin another escape and so another text.
        let before = before.replace(['\\', '%'], "-");
        let text = format!("{before} {spelling} {after}");
        let whole = redactor(&secret).redact(text.as_bytes()).into_owned();
        let mut stream = redactor(&secret).stream();
        let mut out = vec![];
        let mut rest = text.as_bytes();
        for cut in cuts {
            let (piece, more) = rest.split_at(cut.min(rest.len()));
            out.extend(stream.push(piece));
            rest = more;
        }
        out.extend(stream.push(rest));
        out.extend(stream.end());
        prop_assert_eq!(String::from_utf8_lossy(&out), String::from_utf8_lossy(&whole), "{}", name);
        let out = String::from_utf8_lossy(&out).into_owned();
        prop_assert!(!out.contains(&spelling), "{}: {}", name, out);
        prop_assert!(out.contains("[redacted]"), "{}: {}", name, out);
    }

    /// The redactor finds at least what a plain search finds.
    #[test]
    fn nothing_is_left_for_a_plain_search(secret in "[a-c]{4,6}", text in "[a-c\\\\%]{0,60}") {
        let out = redactor(&secret).redact_text(text);
        prop_assert!(!out.replace("[redacted]", "|").contains(&secret), "{}", out);
    }

    #[test]
    fn any_bytes_are_redacted_without_a_panic(text in prop::collection::vec(any::<u8>(), 0..300)) {
        redactor(SECRET).redact(&text);
    }
}
