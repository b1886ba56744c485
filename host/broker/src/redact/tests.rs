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
        ("json in json", quoted(&json)),
        ("json in json in json", quoted(&quoted(&json))),
        ("json, by a printer of Python", secret.bytes().map(|b| format!("\\x{b:02x}")).collect()),
        ("percent twice", percent(false).replace('%', "%25")),
        ("percent as of a path", path_of(secret)),
        (
            "all of json in percent",
            percent_of(&secret.bytes().map(|b| format!("\\u{b:04x}")).collect::<String>()),
        ),
        (
            "html",
            secret.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('\'', "&#39;"),
        ),
        ("html, all of it", secret.bytes().map(|b| format!("&#x{b:X};")).collect()),
        ("html, all of it, in decimals", secret.bytes().map(|b| format!("&#{b};")).collect()),
        ("base64 in lines", lines_of(&STANDARD_NO_PAD.encode(secret), "\r\n")),
        ("base64 in lines in json", lines_of(&STANDARD_NO_PAD.encode(secret), "\\n")),
        ("hex", secret.bytes().map(|b| format!("{b:02x}")).collect()),
        ("HEX", secret.bytes().map(|b| format!("{b:02X}")).collect()),
    ]
}

/// As it stands in a string of JSON.
fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// Plus signs, slashes and some others stay, as in `encodeURI`.
fn path_of(text: &str) -> String {
    let stays = |b: u8| b.is_ascii_alphanumeric() || b";,/?:@&=+$-_.!~*'()#".contains(&b);
    text.bytes().map(|b| if stays(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

fn lines_of(text: &str, end: &str) -> String {
    let lines: Vec<&str> =
        text.as_bytes().chunks(20).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    lines.join(end)
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
fn letters_beyond_ascii_are_escaped_too() {
    let secret = "pässword-𝄞-日本";
    let json = "p\\u00e4ssword-\\ud834\\udd1e-\\u65e5\\u672c";
    let html = "p&#228;ssword-&#x1D11E;-&#26085;&#26412;";
    for text in [secret, json, html, &path_of(secret)] {
        assert_eq!(redactor(secret).redact_text(format!("<{text}>")), "<[redacted]>", "{text}");
    }
}

/// A quotation mark is the longest letter of a secret in JSON, and stands at its end.
#[test]
fn a_secret_that_ends_in_an_escape_goes_with_all_of_it() {
    for secret in ["AA0!!!0\"", "\"AA0!!!0", "AA0!!!0\\", "\\\"&%'<>+/"] {
        for (name, spelling) in spellings(secret) {
            for text in [format!(" {spelling} "), spelling.clone(), format!("\"{spelling}\"")] {
                let out = redactor(secret).redact_text(text.clone());
                let (before, after) = text.split_once(&spelling).expect("it is in there");
                // What base64 says of its neighbours may stay.
                let (begins, ends) = if name.contains("base64") { ("", "") } else { (before, after) };
                assert!(out.contains(&format!("{begins}[redacted]{ends}")), "{name} of {secret}: {out}");
                assert!(!out.contains(&spelling), "{name} of {secret}: {out}");
            }
        }
    }
}

/// What a piece begins with depends on the backslashes before it, wherever the text is cut.
#[test]
fn backslashes_before_a_secret_hide_nothing_in_pieces() {
    let spelled: String = SECRET.bytes().map(|b| format!("\\u{b:04x}")).collect();
    for before in 0..9 {
        for fill in 0..40 {
            let text = format!(
                "{}{}{spelled}{}",
                "-".repeat(6000 + fill),
                "\\".repeat(before * 2),
                "-".repeat(6000)
            );
            let mut stream = redactor(SECRET).stream();
            let mut out = vec![];
            for piece in text.as_bytes().chunks(31) {
                out.extend(stream.push(piece));
            }
            out.extend(stream.end());
            assert!(out.windows(10).any(|part| part == b"[redacted]"), "{before} {fill}");
        }
    }
}

/// The backslash is the secret's own, wherever the text is cut.
#[test]
fn a_secret_that_ends_in_a_backslash_passes_in_no_pieces() {
    let secret = "hunter2-hunter2\\";
    let hold = redactor(secret).stream().hold;
    for after in hold - 4..hold + 40 {
        let mut stream = redactor(secret).stream();
        let text = format!("{}{secret}{}", "-".repeat(2 * hold), "-".repeat(after));
        let mut out = stream.push(text.as_bytes());
        out.extend(stream.end());
        assert!(!String::from_utf8_lossy(&out).contains("hunter2"), "{after}");
    }
}

/// A service that sends byte after byte does not make the host search everything again for each.
#[test]
fn drops_cost_no_more_than_a_stream() {
    let key = format!(
        "-----BEGIN KEY-----\n{}-----END KEY-----\n",
        "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIB\n".repeat(30)
    );
    let mut stream = redactor(&key).stream();
    let out: Vec<usize> = (0..1 << 20).map(|_| stream.push(b"%").len()).filter(|out| *out > 0).collect();
    assert!(out.iter().sum::<usize>() > 1 << 19, "most of it has passed");
    // After each search something passes.
    assert!(out.iter().all(|out| *out >= stream.hold), "searched {} times", out.len());
}

#[test]
fn a_long_text_is_searched_in_linear_time() {
    // Nothing to undo, and something to undo twice everywhere.
    for text in ["\\%&", "\\/%25&amp;\n"] {
        let text = text.repeat((1 << 18) / text.len());
        let begun = std::time::Instant::now();
        redactor(SECRET).redact(text.as_bytes());
        let took = begun.elapsed();
        assert!(took < std::time::Duration::from_secs(20), "{took:?} for 256 KiB");
    }
}

proptest! {
    /// Whatever the secret, the spelling, the surroundings and the pieces it comes in.
    #[test]
    fn a_secret_never_passes_under_any_split(
        secret in "[!-~]{8,60}",
        before in "[ -~]{0,40}",
        after in "[ -~]{0,40}",
        which in 0_usize..30,
        cuts in prop::collection::vec(1_usize..600, 0..40),
    ) {
        let (name, spelling) = spellings(&secret).swap_remove(which);
        // A backslash, percent sign or ampersand just before would begin another escape and so another text.
        let before = before.replace(['\\', '%', '&'], "-");
        // More than is held back, or nothing would be decided before the end.
        let filler = "-".repeat(4 * redactor(&secret).longest * LONGEST_ESCAPE);
        let text = format!("{filler}{before} {spelling} {after}{filler}");
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
