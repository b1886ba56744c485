//! Follow: a redirect is another request, which passes every step again.

use crate::permit::Permitted;
use crate::send::{Request, permitted};
use crate::session::Inner;
use crate::url::{MAX_URL, canonical};
use inventar_model::{Denial, HttpMethod};
use url::Url;

/// The request that a redirect asks for.
pub(crate) fn followed(
    inner: &Inner,
    request: &Request,
    by: &Permitted<'_>,
    status: u16,
    location: &str,
) -> Result<Request, Denial> {
    let refused = |what: &str| Err(Denial::Redirect(what.to_owned()));
    let plain = location.len() <= MAX_URL
        && location.bytes().all(|b| b.is_ascii_graphic())
        && !location.contains('\\');
    let joined = by.dial.join(location).ok().filter(|_| plain);
    let Some(joined) = joined.and_then(|mut url| {
        url.set_fragment(None);
        canonical(url.as_str()).ok()
    }) else {
        return refused("to what is no acceptable URL");
    };
    if by.dial.scheme() == "https" && joined.scheme() != "https" {
        return refused("from https to http");
    }
    // Where an endpoint stands for a public host, so does what it redirects to below itself.
    let url = if by.dial != request.url && same_host(&joined, &by.dial) {
        below(&joined, &by.dial, &request.url).unwrap_or(joined)
    } else {
        joined
    };
    let to_get = status == 303 || (status < 303 && request.method == HttpMethod::Post);
    let (method, body) = match request.method {
        HttpMethod::Head => (HttpMethod::Head, vec![]),
        _ if to_get => (HttpMethod::Get, vec![]),
        method => (method, request.body.clone()),
    };
    let headers =
        request.headers.iter().filter(|(name, _)| !(to_get && name == "content-type")).cloned().collect();
    let mut next =
        Request { method, url, headers, body, slot: request.slot.clone(), timeout: request.timeout };
    // The credential stays behind unless the new place has the same slot.
    if let Err(Denial::Slot(_)) = permitted(inner, &next) {
        next.slot = None;
    }
    Ok(next)
}

fn same_host(one: &Url, other: &Url) -> bool {
    one.host() == other.host() && one.port_or_known_default() == other.port_or_known_default()
}

/// The public URL of one at an endpoint: its path without the endpoint's base.
fn below(at_endpoint: &Url, dialled: &Url, public: &Url) -> Option<Url> {
    let base = dialled.path().strip_suffix(public.path())?;
    let path = at_endpoint.path().strip_prefix(base).filter(|path| path.starts_with('/'))?;
    let mut url = public.clone();
    url.set_path(path);
    url.set_query(at_endpoint.query());
    Some(url)
}
