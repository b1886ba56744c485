//! Where a service is, and which private networks may be dialled for it.

use super::{a_secret_in, looks_secret};
use crate::exit::Stop;
use std::net::IpAddr;

/// An address of the form `https://HOST[:PORT][/BASE]`. What the broker thinks of it is checked there again.
pub(crate) fn endpoint(text: &str) -> Result<String, Stop> {
    let wrong = |why: &str| {
        Stop::usage(format!("the --endpoint is no address to connect to: {why}")).hint(
            "write https://HOST, https://HOST:PORT or https://HOST/BASE; http:// only with --allow-private",
        )
    };
    if text.contains('@') {
        // User and password in an address are a secret in an argument.
        return Err(a_secret_in("--endpoint"));
    }
    let Some((scheme, rest)) = text.split_once("://") else { return Err(wrong("it has no https://")) };
    if !matches!(scheme, "https" | "http") {
        return Err(wrong("it is neither https nor http"));
    }
    if looks_secret(text) {
        return Err(a_secret_in("--endpoint"));
    }
    let plain = |c: char| c.is_ascii_graphic() && !"?#\\\"'<>{}|^`%".contains(c);
    if rest.is_empty() || rest.starts_with('/') || text.len() > 2_048 || !text.chars().all(plain) {
        return Err(wrong("it has no host, or a query, a fragment or other signs"));
    }
    Ok(text.trim_end_matches('/').to_owned())
}

/// A network in CIDR form, or a single address.
pub(crate) fn private_network(text: &str) -> Result<String, Stop> {
    let wrong = || {
        Stop::usage(format!("`{}` is no network", text.escape_debug()))
            .hint("write --allow-private 10.0.0.0/8, or 127.0.0.1/32 for this machine")
    };
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(bits.parse::<u8>().map_err(|_| wrong())?)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().map_err(|_| wrong())?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    match bits.unwrap_or(most) {
        bits if bits <= most => Ok(format!("{address}/{bits}")),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints() {
        for (text, expected) in [
            ("https://mlflow.example", Some("https://mlflow.example")),
            ("http://127.0.0.1:5555/", Some("http://127.0.0.1:5555")),
            ("https://gw.example/mlflow/", Some("https://gw.example/mlflow")),
            ("mlflow.example", None),
            ("ftp://mlflow.example", None),
            ("https://", None),
            ("https:///x", None),
            ("https://a.example/?token=x", None),
            ("https://a.example/#x", None),
            ("https://user:word@a.example", None),
            ("https://a.example/a b", None),
        ] {
            assert_eq!(endpoint(text).ok().as_deref(), expected, "{text}");
        }
        let stop = endpoint("https://user:word@a.example").unwrap_err().to_string();
        assert!(!stop.contains("word@"), "{stop}");
    }

    #[test]
    fn networks() {
        for (text, expected) in [
            ("10.0.0.0/8", Some("10.0.0.0/8")),
            ("127.0.0.1", Some("127.0.0.1/32")),
            ("::1", Some("::1/128")),
            ("10.0.0.0/33", None),
            ("10.0.0/8", None),
            ("here", None),
        ] {
            assert_eq!(private_network(text).ok().as_deref(), expected, "{text}");
        }
    }
}
