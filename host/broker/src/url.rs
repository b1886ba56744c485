//! One parser, one spelling: a URL as a guest wrote it becomes the one that is dialled, or is refused.
//!
//! Whatever two parsers could read differently is refused rather than repaired: what was checked must be what a server
//! sees.

use inventar_model::Denial;
use std::net::IpAddr;
use url::{Host, Url};

/// The longest URL.
pub(crate) const MAX_URL: usize = 8 * 1024;
const MAX_NAME: usize = 253;

/// Reads an absolute URL. The result is ASCII, has no user information and no fragment, and its path has no segment
/// that anybody could take for another one.
///
/// ```
/// use inventar_broker::canonical;
///
/// let url = canonical("https://API.acme.com:443/v1/models?page=2")?;
/// assert_eq!(url.as_str(), "https://api.acme.com/v1/models?page=2");
/// assert!(canonical("https://api.acme.com@evil.example/").is_err());
/// assert!(canonical("https://api.acme.com/v1/%2e%2e/admin").is_err());
/// # Ok::<(), inventar_model::Denial>(())
/// ```
pub fn canonical(text: &str) -> Result<Url, Denial> {
    let host_refused = |why: &str| Err(Denial::Host(why.to_owned()));
    if text.len() > MAX_URL {
        return host_refused("the URL is longer than 8 KiB");
    }
    if !text.bytes().all(|b| b.is_ascii_graphic()) {
        return host_refused("the URL has spaces, control characters or letters beyond ASCII");
    }
    if text.contains(['\\', '#']) {
        return host_refused("the URL has a backslash or a fragment");
    }
    let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else {
        return host_refused("the URL does not begin with `https://`");
    };
    let (authority, rest) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let (name, port) = authority_of(authority)?;
    let (path, query) = rest.split_once('?').map_or((rest, None), |(path, query)| (path, Some(query)));
    if let Some(why) = path_fault(path) {
        return Err(Denial::Path(format!("a segment {why}")));
    }
    if query.is_some_and(|query| escapes(query).is_none()) {
        return host_refused("the query has an incomplete escape");
    }
    let Ok(url) = Url::parse(text) else {
        return host_refused("it is no URL");
    };
    // The parser agrees with what was checked above, letter by letter, or somebody else might not.
    let same_host = match url.host() {
        Some(Host::Domain(domain)) => domain == name,
        Some(Host::Ipv4(address)) => address.to_string() == name,
        Some(Host::Ipv6(address)) => {
            name.strip_prefix('[').and_then(|n| n.strip_suffix(']')).and_then(|n| n.parse().ok())
                == Some(IpAddr::V6(address))
        }
        None => false,
    };
    let same_port = url.port_or_known_default() == port.or(url.port_or_known_default());
    let same_path = url.path() == if path.is_empty() { "/" } else { path };
    if same_host && same_port && same_path {
        Ok(url)
    } else {
        host_refused("the URL can be read in two ways")
    }
}

/// The host in lower case and the port.
fn authority_of(authority: &str) -> Result<(String, Option<u16>), Denial> {
    let refused = |why: &str| Err(Denial::Host(why.to_owned()));
    if authority.contains('@') {
        return refused("the URL has user information");
    }
    let end_of_name = authority.rfind(']').map_or(0, |at| at + 1);
    let (name, port) = match authority[end_of_name..].find(':') {
        Some(at) => (&authority[..end_of_name + at], Some(&authority[end_of_name + at + 1..])),
        None => (authority, None),
    };
    let port = match port {
        None => None,
        Some(digits)
            if !digits.is_empty()
                && digits.bytes().all(|b| b.is_ascii_digit())
                && !digits.starts_with('0') =>
        {
            match digits.parse::<u16>() {
                Ok(port) => Some(port),
                Err(_) => return refused("the port is none"),
            }
        }
        Some(_) => return refused("the port is none"),
    };
    let name = name.to_ascii_lowercase();
    let address = name.starts_with('[') && name.ends_with(']');
    let plain = !name.is_empty()
        && name.len() <= MAX_NAME
        && name.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && !label.starts_with("xn--")
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        });
    if address || plain {
        Ok((name, port))
    } else {
        refused("the host is no plain name: no escapes, no dot at the end, no internationalised labels")
    }
}

/// What is wrong with a path.
fn path_fault(path: &str) -> Option<&'static str> {
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    segments.iter().enumerate().find_map(|(at, segment)| {
        if segment.is_empty() && at + 1 < segments.len() {
            return Some("is empty");
        }
        if matches!(*segment, "." | "..") {
            return Some("is `.` or `..`");
        }
        if segment.contains(['"', '<', '>', '^', '`', '{', '|', '}', ';', '[', ']']) {
            return Some("has a character that belongs escaped");
        }
        match escapes(segment) {
            None => Some("has an incomplete escape"),
            Some(bytes)
                if bytes
                    .iter()
                    .any(|b| matches!(b, b'/' | b'\\' | b'.' | b'%' | b';') || b.is_ascii_control()) =>
            {
                Some("has an escaped slash, dot, percent sign, semicolon or control character")
            }
            Some(_) => None,
        }
    })
}

/// The bytes that are written as escapes; none when one is incomplete.
fn escapes(text: &str) -> Option<Vec<u8>> {
    text.split('%')
        .skip(1)
        .map(|after| {
            let digits = after.get(..2).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
            u8::from_str_radix(digits, 16).ok()
        })
        .collect()
}

/// The parameters of a query or a form, decoded the usual way.
pub(crate) fn parameters(text: &[u8]) -> impl Iterator<Item = (String, String)> + '_ {
    url::form_urlencoded::parse(text).map(|(name, value)| (name.into_owned(), value.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let outcome = match canonical(text) {
            Ok(url) => url.to_string(),
            Err(Denial::Path(why)) => format!("path: {why}"),
            Err(Denial::Host(why)) => why,
            Err(other) => format!("{other:?}"),
        };
        assert!(outcome.starts_with(expected), "{text}\n  gave     {outcome}\n  expected {expected}");
    }

    #[test]
    fn spellings_of_one_url() {
        check("https://a.example", "https://a.example/");
        check("https://A.Example:443/x", "https://a.example/x");
        check("http://localhost:5566/", "http://localhost:5566/");
        check("http://127.0.0.1:5566/", "http://127.0.0.1:5566/");
        check("https://[::1]:6443/api", "https://[::1]:6443/api");
        check("https://a.example/x?a=1&b=%20%2F", "https://a.example/x?a=1&b=%20%2F");
        check("https://a.example/arn:aws:x%3Ay/z", "https://a.example/arn:aws:x%3Ay/z");
        check("https://a_b.example/~x/$y/a+b,c=d@e!f*(g)'/", "https://a_b.example/~x/$y/a+b,c=d@e!f*(g)'/");
    }

    #[test]
    fn look_alikes_are_refused() {
        check("https://good.example@evil.example/", "the URL has user information");
        check("https://user:pass@good.example/", "the URL has user information");
        check("https://good.example#@evil.example/", "the URL has a backslash");
        check("https://good.example\\@evil.example/", "the URL has a backslash");
        check("https:\\\\good.example/", "the URL has a backslash");
        check("https://good.example./", "the host is no plain name");
        check("https://good..example/", "the host is no plain name");
        check("https://xn--80ak6aa92e.example/", "the host is no plain name");
        check("https://gооd.example/", "the URL has spaces, control characters or letters beyond ASCII");
        check("https://good%2eexample/", "the host is no plain name");
        check("https://good.ex\tample/", "the URL has spaces");
        check("https://good.example/\n", "the URL has spaces");
        check(" https://good.example/", "the URL has spaces");
        check("https://good.example:/", "the port is none");
        check("https://good.example:0443/", "the port is none");
        check("https://good.example:99999/", "the port is none");
        check("https://good.example:443:80/", "the port is none");
        check("https:good.example/", "the URL does not begin");
        check("HTTPS://good.example/", "the URL does not begin");
        check("//good.example/", "the URL does not begin");
        check("ftp://good.example/", "the URL does not begin");
        check("file:///etc/passwd", "the URL does not begin");
        check("https:///good.example/", "the host is no plain name");
        check("https://", "the host is no plain name");
    }

    #[test]
    fn addresses_have_one_spelling() {
        check("https://2130706433/", "the URL can be read in two ways");
        check("https://0x7f000001/", "the URL can be read in two ways");
        check("https://0177.0.0.1/", "the URL can be read in two ways");
        check("https://127.1/", "the URL can be read in two ways");
        check("https://127.0.0.1./", "the host is no plain name");
        check("https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/");
        check("https://[fe80::1%25eth0]/", "it is no URL");
        check("https://[::1/", "the port is none");
        check("https://[::1]evil/", "the host is no plain name");
    }

    #[test]
    fn paths_say_one_thing() {
        for path in
            ["/a/../b", "/..", "/.", "/a/./b", "//", "/a//b", "/a/%2e%2e/b", "/%2E/", "/a%2fb", "/a%5Cb"]
        {
            check(&format!("https://a.example{path}"), "path: a segment");
        }
        for path in
            ["/a%252fb", "/a%00b", "/a%0ab", "/a;x=1/b", "/a%3bx", "/%zz", "/%2", "/a|b", "/{a}", "/a\"b"]
        {
            check(&format!("https://a.example{path}"), "path: a segment");
        }
        check("https://a.example/?x=%", "the query has an incomplete escape");
    }

    proptest! {
        #[test]
        fn what_is_accepted_is_a_fixed_point(text in "https?://[a-zA-Z0-9.@:%/?#\\[\\]_;\\\\-]{0,60}") {
            if let Ok(url) = canonical(&text) {
                prop_assert_eq!(canonical(url.as_str()).expect("once canonical, always"), url.clone());
                prop_assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none());
                prop_assert!(!url.path().contains("/../") && !url.path().contains("//"));
            }
        }

        #[test]
        fn any_text_is_read_without_a_panic(text in "\\PC{0,200}") {
            let _ = canonical(&text);
        }
    }
}
