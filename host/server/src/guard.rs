//! What stands before every answer: who may ask, and what a browser may do with it.
//!
//! A page of another site can make a browser connect to this machine under a name of its own (DNS rebinding), and would
//! then read the inventory as if it were its own. So a request must name this machine in `Host`. There is no CORS, no
//! inline script and no frame, and only reads are served.

use crate::config::ServerConfig;
use crate::problem::Problem;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// Headers of every answer.
const HEADERS: [(HeaderName, &str); 8] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; \
         require-trusted-types-for 'script'; trusted-types svelte-trusted-html",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(), usb=()"),
    (HeaderName::from_static("x-robots-tag"), "noindex"),
];

/// The names under which the server may be asked for.
#[derive(Debug, Clone)]
pub(crate) struct Hosts {
    names: Arc<[String]>,
    /// Bound to every address of the machine: then any address may be one of them. Only a *name* can be led here.
    any_address: bool,
}

impl Hosts {
    pub(crate) fn new(config: &ServerConfig) -> Self {
        let bound = config.bound.ip();
        let own = (!bound.is_unspecified()).then(|| bound.to_string());
        Self {
            names: config.hosts.iter().map(|host| host.to_ascii_lowercase()).chain(own).collect(),
            any_address: bound.is_unspecified(),
        }
    }

    /// Whether a `Host` header names this machine; the port does not matter, since only the name can be foreign.
    fn know(&self, host: &str) -> bool {
        let name = name_of(host).to_ascii_lowercase();
        let address = name.parse::<IpAddr>().is_ok_and(|address| self.any_address || address.is_loopback());
        name == "localhost" || address || self.names.contains(&name)
    }
}

/// The name in `name`, `name:port`, `address`, `address:port` or `[address]:port`, without brackets.
fn name_of(host: &str) -> &str {
    if host.parse::<SocketAddr>().is_err() && host.parse::<IpAddr>().is_ok() {
        return host;
    }
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    let name = name.map_or(host, |(name, _)| name);
    name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name)
}

/// Refuses requests under a foreign name, and puts [`HEADERS`] on every answer.
pub(crate) async fn guard(State(hosts): State<Hosts>, request: Request, next: Next) -> Response {
    let mut response = if asked_for(&request).is_some_and(|host| hosts.know(host)) {
        next.run(request).await
    } else {
        Problem::foreign_host().into_response()
    };
    protect(response.headers_mut());
    response
}

/// The name the request was sent to: exactly one `Host` header.
fn asked_for(request: &Request) -> Option<&str> {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let host = hosts.next()?.to_str().ok()?;
    hosts.next().is_none().then_some(host)
}

fn protect(headers: &mut HeaderMap) {
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        let mut config = ServerConfig::new(([192, 168, 7, 7], 8080).into());
        config.hosts = vec!["Inventar.example".to_owned()];
        let hosts = Hosts::new(&config);
        let check = |host, expected| assert_eq!(hosts.know(host), expected, "{host}");
        for ours in [
            "localhost",
            "LOCALHOST:8080",
            "127.0.0.1",
            "127.0.0.1:80",
            "127.8.8.8:1",
            "[::1]",
            "[::1]:8080",
            "192.168.7.7:8080",
            "192.168.7.7",
            "inventar.example:8080",
        ] {
            check(ours, true);
        }
        for foreign in [
            "",
            ":8080",
            "evil.example",
            "localhost.evil.example",
            "evil.example:8080",
            "192.168.7.8",
            "10.0.0.1:80",
            "127.0.0.1.evil.example",
            "[::2]:80",
            "localhost@evil.example",
            "evil.example#localhost",
            "::ffff:8.8.8.8",
        ] {
            check(foreign, false);
        }
    }

    #[test]
    fn bound_to_every_address_any_address_will_do_but_no_name() {
        let hosts = Hosts::new(&ServerConfig::new(([0, 0, 0, 0], 8080).into()));
        let check = |host, expected| assert_eq!(hosts.know(host), expected, "{host}");
        check("192.168.7.7:8080", true);
        check("[fe80::1]:8080", true);
        check("localhost:8080", true);
        check("evil.example:8080", false);
        check("192.168.7.7.evil.example:8080", false);
    }
}
