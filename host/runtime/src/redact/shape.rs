//! Tokens that are recognised by their shape alone.
//!
//! A table of shapes. An automaton over their markers finds the few that a text may contain, most texts none, and only
//! their patterns run. In every pattern the group `gone` is what is taken out.

use super::MARK;
use aho_corasick::AhoCorasick;
use base64::Engine as _;
use regex::Regex;
use std::borrow::Cow;
use std::sync::{LazyLock, OnceLock};

/// One shape of secret.
struct Shape {
    /// One of them is in every token of this shape; ASCII case does not count here.
    markers: &'static [&'static str],
    /// With a group `gone`.
    pattern: &'static str,
    /// A second look at what the pattern found.
    check: fn(&str) -> bool,
}

const fn shape(markers: &'static [&'static str], pattern: &'static str) -> Shape {
    Shape { markers, pattern, check: |_| true }
}

const fn checked(markers: &'static [&'static str], pattern: &'static str, check: fn(&str) -> bool) -> Shape {
    Shape { markers, pattern, check }
}

// `(?-u:\b)` also holds beside letters beyond ASCII; `_` is allowed before a token because names end in it.
const SHAPES: &[Shape] = &[
    // Keys and whatever else is in armour; cut short, the rest of the text goes.
    shape(
        &["private key"],
        r"(?s)-----BEGIN (?P<gone>[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|\z))",
    ),
    shape(&["age-secret-key-"], r"(?i)AGE-SECRET-KEY-(?P<gone>[0-9A-Z]{16,})"),
    // Model providers.
    checked(
        &["sk-"],
        r"(?:(?-u:\b)|_)sk-(?:ant-(?:[a-z]{3,6}[0-9]{2}-)?|proj-|svcacct-|admin-|None-|or-v1-|or-|lf-|[a-z]{2,12}-)?(?P<gone>[A-Za-z0-9_\-]{16,})",
        is_random,
    ),
    checked(&["sk_"], r"(?:(?-u:\b)|_)sk_(?P<gone>[0-9a-f]{32,})", is_random),
    shape(&["hf_", "api_org_"], r"(?:hf_|api_org_)(?P<gone>[A-Za-z0-9]{30,})"),
    shape(&["aiza"], r"AIza(?P<gone>[A-Za-z0-9_\-]{30,})"),
    shape(&["aq."], r"(?-u:\b)AQ\.(?P<gone>[A-Za-z0-9_\-]{30,})"),
    shape(&["gsk_"], r"gsk_(?P<gone>[A-Za-z0-9]{20,})"),
    shape(&["r8_"], r"(?:(?-u:\b)|_)r8_(?P<gone>[A-Za-z0-9]{30,})"),
    shape(&["pplx-"], r"pplx-(?P<gone>[A-Za-z0-9]{32,})"),
    shape(&["xai-"], r"xai-(?P<gone>[A-Za-z0-9]{32,})"),
    shape(&["nvapi-"], r"nvapi-(?P<gone>[A-Za-z0-9_\-]{32,})"),
    shape(&["tvly-"], r"tvly-(?:dev-|prod-)?(?P<gone>[A-Za-z0-9]{16,})"),
    shape(&["pcsk_"], r"pcsk_(?P<gone>[A-Za-z0-9_]{32,})"),
    shape(&["lsv2_", "ls__"], r"(?:lsv2_(?:pt|sk)_|ls__)(?P<gone>[A-Za-z0-9_]{32,})"),
    shape(&["csk-"], r"(?-u:\b)csk-(?P<gone>[A-Za-z0-9]{32,})"),
    shape(&["llx-"], r"(?-u:\b)llx-(?P<gone>[A-Za-z0-9]{32,})"),
    shape(&["jina_"], r"jina_(?P<gone>[A-Za-z0-9_\-]{32,})"),
    shape(&["e2b_"], r"e2b_(?P<gone>[0-9a-f]{32,})"),
    shape(&["fc-"], r"(?-u:\b)fc-(?P<gone>[0-9a-f]{32})(?-u:\b)"),
    checked(&["fw_"], r"(?:(?-u:\b)|_)fw_(?P<gone>[A-Za-z0-9]{20,})", is_random),
    shape(&["tgp_v1_"], r"tgp_v1_(?P<gone>[A-Za-z0-9_\-]{32,})"),
    checked(&["pa-"], r"(?-u:\b)pa-(?P<gone>[A-Za-z0-9_\-]{40,})", is_random),
    shape(&["dapi", "dkea"], r"(?:dapi|dkea)(?P<gone>[0-9a-f]{32}(?:-[0-9])?)"),
    shape(&["bb_live_", "bb_test_"], r"bb_(?:live|test)_(?P<gone>[A-Za-z0-9_\-]{16,})"),
    // Clouds.
    shape(&["akia", "asia", "abia", "acca"], r"(?:AKIA|ASIA|ABIA|ACCA)(?P<gone>[A-Z0-9]{16,})"),
    shape(&["ya29."], r"ya29\.(?P<gone>[A-Za-z0-9_\-.]{20,})"),
    shape(&["gocspx-"], r"GOCSPX-(?P<gone>[A-Za-z0-9_\-]{20,})"),
    shape(&["1//0"], r"(?-u:\b)1//0(?P<gone>[A-Za-z0-9_\-]{30,})"),
    shape(&["jqqj"], r"(?P<gone>[A-Za-z0-9]{32,}JQQJ[A-Za-z0-9]{20,})"),
    shape(&["q~"], r"(?-u:\b)(?P<gone>[A-Za-z0-9_~.]{3}[0-9]Q~[A-Za-z0-9_~.\-]{31,})"),
    shape(&["sig="], r"(?i)[?&;](?:amp;)?sig=(?P<gone>[A-Za-z0-9%+/=_\-]{20,})"),
    shape(&["ltai"], r"(?-u:\b)LTAI(?P<gone>[A-Za-z0-9]{16,})"),
    shape(&["akid"], r"(?-u:\b)AKID(?P<gone>[A-Za-z0-9]{16,})"),
    shape(&["dop_v1_", "doo_v1_", "dor_v1_"], r"do[por]_v1_(?P<gone>[0-9a-f]{32,})"),
    shape(&["hvs.", "hvb.", "hvr."], r"hv[sbr]\.(?P<gone>[A-Za-z0-9_\-]{20,})"),
    shape(&[".atlasv1."], r"(?P<gone>[A-Za-z0-9]{8,20}\.atlasv1\.[A-Za-z0-9_\-=]{32,})"),
    shape(
        &["dp."],
        r"(?-u:\b)dp\.(?:pt|st|ct|sa|scim|audit)\.(?:[a-z0-9_\-]{2,35}\.)?(?P<gone>[A-Za-z0-9]{40,})",
    ),
    shape(&["fm1_", "fm2_"], r"fm[12]_(?P<gone>[A-Za-z0-9+/=_\-]{40,})"),
    shape(&["hrku-"], r"HRKU-(?P<gone>[A-Za-z0-9_\-]{30,})"),
    // Code hosts and registries.
    shape(&["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], r"gh[pousr]_(?P<gone>[A-Za-z0-9]{30,})"),
    shape(&["github_pat_"], r"github_pat_(?P<gone>[A-Za-z0-9_]{30,})"),
    shape(
        &["glpat-", "gldt-", "glptt-", "glrt-", "glcbt-", "glft-", "glsoat-", "glimt-", "glagent-", "gloas-"],
        r"gl(?:pat|dt|ptt|rt|cbt|ft|soat|imt|agent|oas)-(?P<gone>[A-Za-z0-9_.\-]{20,})",
    ),
    shape(&["npm_"], r"npm_(?P<gone>[A-Za-z0-9]{30,})"),
    checked(&["pypi-"], r"pypi-(?P<gone>[A-Za-z0-9_\-]{32,})", is_random),
    shape(&["dckr_pat_", "dckr_oat_"], r"dckr_[po]at_(?P<gone>[A-Za-z0-9_\-]{20,})"),
    shape(&["rubygems_"], r"rubygems_(?P<gone>[0-9a-f]{32,})"),
    shape(&["sgp_"], r"sgp_(?P<gone>(?:[A-Za-z0-9]{16}_)?[0-9a-f]{40})"),
    shape(&["atatt3", "atctt3"], r"AT[AC]TT3(?P<gone>[A-Za-z0-9_\-=]{32,})"),
    // Messages, money, services.
    shape(&["xox"], r"xox[abeoprs](?:\.xox[bp])?-(?P<gone>[A-Za-z0-9\-]{10,})"),
    shape(&["xapp-"], r"xapp-(?P<gone>[A-Za-z0-9\-]{16,})"),
    shape(
        &["hooks.slack.com"],
        r"hooks\.slack\.com/(?:services|workflows|triggers)/(?P<gone>[A-Za-z0-9/_\-]{16,})",
    ),
    shape(
        &["sk_live_", "sk_test_", "rk_live_", "rk_test_"],
        r"[sr]k_(?:live|test)_(?P<gone>[A-Za-z0-9]{10,})",
    ),
    shape(&["whsec_"], r"whsec_(?P<gone>[A-Za-z0-9+/=]{16,})"),
    shape(&["sk"], r"(?-u:\b)SK(?P<gone>[0-9a-f]{32})(?-u:\b)"),
    shape(&["sg."], r"SG\.(?P<gone>[A-Za-z0-9_\-]{16,}\.[A-Za-z0-9_\-]{16,})"),
    shape(&["key-"], r"(?-u:\b)key-(?P<gone>[0-9a-f]{32})(?-u:\b)"),
    shape(&["-us"], r"(?-u:\b)(?P<gone>[0-9a-f]{32})-us[0-9]{1,2}(?-u:\b)"),
    shape(
        &["0:", "1:", "2:", "3:", "4:", "5:", "6:", "7:", "8:", "9:"],
        r"(?-u:\b)[0-9]{8,10}:(?P<gone>[A-Za-z0-9_\-]{35})(?:[^A-Za-z0-9_\-]|\z)",
    ),
    checked(
        &["."],
        r"(?-u:\b)(?P<gone>[MNO][A-Za-z0-9_\-]{23,27}\.[A-Za-z0-9_\-]{6}\.[A-Za-z0-9_\-]{27,})",
        is_random,
    ),
    shape(&["/api/webhooks/"], r"/api/webhooks/[0-9]+/(?P<gone>[A-Za-z0-9_\-]{30,})"),
    shape(&["shpat_", "shpca_", "shppa_", "shpss_"], r"shp(?:at|ca|pa|ss)_(?P<gone>[0-9A-Fa-f]{32})"),
    shape(&["secret_", "ntn_"], r"(?-u:\b)(?:secret|ntn)_(?P<gone>[A-Za-z0-9]{40,})"),
    shape(&["lin_api_", "lin_oauth_"], r"lin_(?:api|oauth)_(?P<gone>[A-Za-z0-9]{30,})"),
    shape(&["pat"], r"(?-u:\b)pat(?P<gone>[A-Za-z0-9]{14}\.[0-9a-f]{64})"),
    shape(&["pmak-"], r"PMAK-(?P<gone>[0-9a-f]{24}-[0-9a-f]{34})"),
    shape(&["nrak-"], r"NRAK-(?P<gone>[A-Z0-9]{27})"),
    shape(&["glsa_", "glc_"], r"gl(?:sa|c)_(?P<gone>[A-Za-z0-9_+/=]{32,})"),
    shape(&["sntrys_", "sntryu_"], r"sntry[su]_(?P<gone>[A-Za-z0-9_+/=\-]{32,})"),
    shape(&["sbp_", "sb_secret_"], r"(?:sbp_|sb_secret_)(?P<gone>[A-Za-z0-9_\-]{20,})"),
    shape(&["pscale_"], r"pscale_(?:tkn|pw|oauth)_(?P<gone>[A-Za-z0-9_.=\-]{32,})"),
    shape(&["figd_"], r"figd_(?P<gone>[A-Za-z0-9_\-]{32,})"),
    shape(&["sq0atp-", "sq0csp-"], r"sq0(?:atp|csp)-(?P<gone>[A-Za-z0-9_\-]{22,})"),
    // Headers and whatever stands in them.
    shape(&["eyj"], r"(?-u:\b)eyJ(?P<gone>[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{4,}(?:\.[A-Za-z0-9_\-]*)*)"),
    checked(&["basic"], r"(?i)(?-u:\b)basic\s+(?P<gone>[A-Za-z0-9+/]{6,}={0,2})", is_basic),
    checked(&["bearer"], r"(?i)(?-u:\b)bearer\s+(?P<gone>[A-Za-z0-9_~+/.=\-]{12,})", is_random),
    checked(
        &["authorization"],
        r#"(?i)authorization\\?["']?\s*[:=,]\s*\\?["']?(?:(?:token|apikey|api-key|key|digest|basic|bearer|[a-z0-9\-]+)\s+)?(?P<gone>[A-Za-z0-9_~+/.=:\-]{12,})"#,
        is_random,
    ),
    // Credentials in URLs; a password may hold `@`, and even `/` when something stands before it.
    checked(&["://"], r#"://[^\s/?#'"<>@:`]*:(?P<gone>[^\s/?#'"<>`]+)@"#, is_password),
    checked(&["://"], r#"://[^\s/?#'"<>@:`]*:(?P<gone>[^\s'"<>@`]+)@"#, is_password),
    checked(&["://"], r#"://(?P<gone>[^\s/?#'"<>@:`]{16,})@"#, is_random),
];

/// Has a digit beside letters, or letters of both cases: what words joined by hyphens do not have.
pub(super) fn is_random(text: &str) -> bool {
    let any = |test: fn(&u8) -> bool| text.as_bytes().iter().any(&test);
    let lower = any(u8::is_ascii_lowercase);
    let upper = any(u8::is_ascii_uppercase);
    any(u8::is_ascii_digit) && (lower || upper) && !is_words(text) || lower && upper && !is_words(text)
}

/// Whether this is a long piece of something random: lower case, upper case and digits take turns faster than words do.
/// Digests have their lengths.
pub(super) fn is_piece(text: &str) -> bool {
    let kind = |byte: &u8| match byte {
        b'0'..=b'9' => 0,
        b'a'..=b'z' => 1,
        b'A'..=b'Z' => 2,
        _ => 3,
    };
    let bytes = text.as_bytes();
    let pairs =
        || bytes.windows(2).map(|pair| (kind(&pair[0]), kind(&pair[1]))).filter(|(a, b)| *a < 3 && *b < 3);
    let turns = pairs().filter(|(a, b)| a != b).count();
    let digest =
        matches!(bytes.len(), 32 | 40 | 56 | 64 | 96 | 128) && bytes.iter().all(u8::is_ascii_hexdigit);
    bytes.len() >= 16
        && turns * 100 > (bytes.len() - 1) * 45
        && !digest
        && !is_words(text)
        && !text.contains("//")
}

/// `learn-contrib-2`, `YOUR_API_KEY_HERE`: words or numbers of one case, joined.
fn is_words(text: &str) -> bool {
    let words: Vec<&str> = text.split(['-', '_', '.', '/']).collect();
    let plain = |word: &&str| {
        word.len() <= 14
            && (word.bytes().all(|b| b.is_ascii_lowercase())
                || word.bytes().all(|b| b.is_ascii_uppercase())
                || word.len() <= 4 && word.bytes().all(|b| b.is_ascii_digit()))
    };
    words.len() >= 3 && words.iter().all(plain)
}

/// `user:password` in base64.
fn is_basic(text: &str) -> bool {
    let decode =
        |text: &str| base64::engine::general_purpose::STANDARD_NO_PAD.decode(text.trim_end_matches('=')).ok();
    decode(text).is_some_and(|bytes| bytes.contains(&b':') && bytes.is_ascii())
}

/// A password in a URL: no placeholder, and no port with a path behind it.
fn is_password(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let port = (1..=5).contains(&digits) && text[digits..].starts_with(['/', '?', '#']);
    !port && !super::named::is_placeholder(text)
}

/// The automaton of all markers.
struct Markers {
    automaton: AhoCorasick,
    /// For every marker the shape it belongs to.
    owner: Vec<usize>,
}

/// Compiled when a text first has their marker: most runs meet few of them.
static PATTERNS: [OnceLock<Regex>; SHAPES.len()] = [const { OnceLock::new() }; SHAPES.len()];

static MARKERS: LazyLock<Markers> = LazyLock::new(|| {
    let owner =
        SHAPES.iter().enumerate().flat_map(|(at, shape)| shape.markers.iter().map(move |_| at)).collect();
    let markers = SHAPES.iter().flat_map(|shape| shape.markers);
    let automaton = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(markers)
        .expect("a few hundred short markers make an automaton");
    Markers { automaton, owner }
});

/// The pattern of a shape. They are constants, and a test compiles each.
fn pattern(at: usize) -> &'static Regex {
    PATTERNS[at].get_or_init(|| Regex::new(SHAPES[at].pattern).expect("a constant pattern compiles"))
}

pub(super) fn redact(text: &str) -> Cow<'_, str> {
    let markers = &*MARKERS;
    let mut hit = [false; SHAPES.len()];
    for found in markers.automaton.find_overlapping_iter(text) {
        hit[markers.owner[found.pattern().as_usize()]] = true;
    }
    let mut result = Cow::Borrowed(text);
    for at in (0..SHAPES.len()).filter(|at| hit[*at]) {
        if let Some(changed) = replace(&result, pattern(at), SHAPES[at].check) {
            result = Cow::Owned(changed);
        }
    }
    result
}

fn replace(text: &str, pattern: &Regex, check: fn(&str) -> bool) -> Option<String> {
    let mut out = String::new();
    let mut done = 0;
    for found in pattern.captures_iter(text) {
        let Some(gone) = found.name("gone").filter(|gone| check(gone.as_str())) else { continue };
        out.push_str(&text[done..gone.start()]);
        out.push_str(MARK);
        done = gone.end();
    }
    (done > 0).then(|| out + &text[done..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles_and_names_what_goes() {
        for (at, shape) in SHAPES.iter().enumerate() {
            assert!(pattern(at).capture_names().any(|name| name == Some("gone")), "{}", shape.pattern);
            assert!(!shape.markers.is_empty() && shape.markers.iter().all(|marker| !marker.is_empty()));
        }
        assert!(SHAPES.len() >= 70);
    }
}
