//! Header: what a guest may set, and what it may see.

use inventar_model::{Denial, Header};

const MAX_HEADERS: usize = 32;
const MAX_VALUE: usize = 4 * 1024;

/// Allowed on every rule; anything else has to be in the manifest. Nothing here can carry an identity.
const ALLOWED: &[&str] =
    &["accept", "accept-language", "content-type", "if-modified-since", "if-none-match", "x-amz-target"];

/// Never a guest's, whatever a manifest says.
const HOST_ONLY: &[&str] = &[
    "accept-encoding",
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "cookie",
    "expect",
    "forwarded",
    "host",
    "keep-alive",
    "metadata",
    "metadata-flavor",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "via",
    "x-host",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "x-real-ip",
    "x-rewrite-url",
];
const HOST_ONLY_PREFIXES: &[&str] =
    &["proxy-", "x-forwarded-", "x-original-", "x-amz-security-", "x-aws-ec2-", "impersonate-", "sec-"];

/// Of answers: cookies, challenges, and what belongs to one connection only.
const HIDDEN: &[&str] = &[
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "set-cookie",
    "set-cookie2",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "www-authenticate",
];

/// The headers of a request, names in lower case, each once, none of them the host's own.
pub fn outgoing(headers: &[Header]) -> Result<Vec<(String, String)>, Denial> {
    if headers.len() > MAX_HEADERS {
        return Err(Denial::Header(format!("more than {MAX_HEADERS}")));
    }
    let mut kept: Vec<(String, String)> = Vec::with_capacity(headers.len());
    for header in headers {
        let name = header.name.to_ascii_lowercase();
        let refused = |why: &str| Err(Denial::Header(format!("{}{why}", shown(&name))));
        let token = !name.is_empty()
            && name.len() <= 64
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !token {
            return refused(": the name is none");
        }
        if HOST_ONLY.contains(&name.as_str()) || HOST_ONLY_PREFIXES.iter().any(|p| name.starts_with(p)) {
            return refused("");
        }
        let value = header.value.trim_matches(' ');
        if value.len() > MAX_VALUE || !value.bytes().all(|b| b == b' ' || b.is_ascii_graphic()) {
            return refused(": the value is longer than 4 KiB or not printable");
        }
        if kept.iter().any(|(known, _)| *known == name) {
            return refused(": it is there twice");
        }
        kept.push((name, value.to_owned()));
    }
    Ok(kept)
}

/// Whether each header is on the list of all rules or on the rule's own.
pub fn declared(headers: &[(String, String)], rule: &[String]) -> Result<(), Denial> {
    match headers.iter().find(|(name, _)| !ALLOWED.contains(&name.as_str()) && !rule.contains(name)) {
        Some((name, _)) => Err(Denial::Header(shown(name))),
        None => Ok(()),
    }
}

/// The headers of an answer that a guest may see.
pub fn incoming(headers: Vec<(String, String)>) -> Vec<(String, String)> {
    headers.into_iter().filter(|(name, _)| !HIDDEN.contains(&name.as_str())).collect()
}

fn shown(name: &str) -> String {
    name.chars().take(64).map(|c| if c.is_ascii_graphic() { c } else { '?' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(headers: &[(&str, &str)], expected: &str) {
        let headers: Vec<Header> = headers
            .iter()
            .map(|(name, value)| Header { name: (*name).to_owned(), value: (*value).to_owned() })
            .collect();
        let kept = outgoing(&headers).and_then(|kept| {
            declared(&kept, &["x-acme".to_owned()])?;
            Ok(kept)
        });
        let outcome = match kept {
            Ok(kept) => kept.iter().map(|(name, value)| format!("{name}={value};")).collect(),
            Err(Denial::Header(what)) => format!("refused {what}"),
            Err(other) => format!("{other:?}"),
        };
        assert_eq!(outcome, expected, "{headers:?}");
    }

    #[test]
    fn what_a_guest_may_set() {
        check(&[], "");
        check(&[("Accept", "application/json")], "accept=application/json;");
        check(&[("X-Acme", " a b ")], "x-acme=a b;");
        check(&[("x-other", "1")], "refused x-other");
        check(&[("accept", "a"), ("ACCEPT", "b")], "refused accept: it is there twice");
    }

    #[test]
    fn what_only_the_host_sets() {
        for name in HOST_ONLY {
            check(&[(name, "1")], &format!("refused {name}"));
            check(&[(&name.to_uppercase(), "1")], &format!("refused {name}"));
        }
        for prefix in HOST_ONLY_PREFIXES {
            check(&[(&format!("{prefix}x"), "1")], &format!("refused {prefix}x"));
        }
    }

    #[test]
    fn no_line_breaks() {
        for value in ["a\r\nHost: evil", "a\nb", "a\rb", "a\0b", "ä", "a\tb"] {
            check(&[("accept", value)], "refused accept: the value is longer than 4 KiB or not printable");
        }
        check(&[("accept\r\nhost", "x")], "refused accept??host: the name is none");
        check(&[("", "x")], "refused : the name is none");
        check(&[("accept ", "x")], "refused accept?: the name is none");
        check(&[("accept:", "x")], "refused accept:: the name is none");
    }

    #[test]
    fn what_a_guest_may_see() {
        let headers: Vec<(String, String)> =
            ["etag", "set-cookie", "www-authenticate", "content-type"].map(|n| (n.into(), "v".into())).into();
        let seen: Vec<String> = incoming(headers).into_iter().map(|(name, _)| name).collect();
        assert_eq!(seen, ["etag", "content-type"]);
    }

    proptest! {
        #[test]
        fn nothing_that_could_end_a_line_passes(name in "\\PC{0,20}", value in any::<String>()) {
            if let Ok(kept) = outgoing(&[Header { name, value }]) {
                for (name, value) in kept {
                    prop_assert!(name.bytes().chain(value.bytes()).all(|b| (0x20..0x7f).contains(&b)));
                    prop_assert!(!HOST_ONLY.contains(&name.as_str()));
                }
            }
        }
    }
}
