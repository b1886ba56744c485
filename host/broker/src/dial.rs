//! The transport to the network: one connection pool per identity, no proxy, no redirects, no cookies, each phase of
//! time bounded.

use crate::credential::ClientTls;
use crate::decode::Decoder;
use crate::limits::Limits;
use crate::message::{Arriving, Incoming, Later, Outgoing, Pieces, Transport};
use crate::resolve::{Forbidden, Guard, Unknown};
use inventar_model::{HttpError, HttpMethod};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Certificate, Client, Identity, Method, Request, Response};
use secrecy::ExposeSecret;
use std::error::Error;
use std::sync::{Arc, Once};
use tokio::time::{Instant, timeout_at};

/// Dials what its guard allows.
pub(crate) struct Dialer {
    encrypted: Client,
    plain: Client,
    guard: Guard,
    limits: Arc<Limits>,
}

/// What a cut connection is called.
pub(crate) const ENDED: &str = "the connection ended before the answer did";

static PROVIDER: Once = Once::new();

impl Dialer {
    /// With authorities beside the public ones, each a PEM text, and what a credential needs for its connections.
    pub(crate) fn new(
        guard: Guard,
        limits: Arc<Limits>,
        authorities: &[String],
        tls: Option<&ClientTls>,
    ) -> Result<Self, String> {
        PROVIDER.call_once(|| {
            // It is an error only when somebody chose a provider before, which is as good.
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let mut roots = vec![];
        for pem in authorities.iter().chain(tls.and_then(|tls| tls.authority.as_ref())) {
            let found = Certificate::from_pem_bundle(pem.as_bytes())
                .ok()
                .filter(|found| !found.is_empty())
                .ok_or("the authority's file holds no certificate in PEM form")?;
            roots.extend(found);
        }
        let identity = match tls {
            Some(ClientTls { certificate: Some(certificate), key: Some(key), .. }) => {
                let pem = zeroize::Zeroizing::new(format!("{certificate}\n{}", key.expose_secret()));
                let identity = Identity::from_pem(pem.as_bytes());
                Some(identity.map_err(|_| "the client certificate or its key is not in PEM form")?)
            }
            _ => None,
        };
        let client = |plain: bool| {
            let mut builder = Client::builder()
                .no_proxy()
                .redirect(reqwest::redirect::Policy::none())
                .referer(false)
                .retry(reqwest::retry::never())
                .http1_only()
                .http1_max_headers(limits.headers)
                .https_only(!plain)
                .connect_timeout(limits.connect)
                .pool_max_idle_per_host(limits.concurrent)
                .pool_idle_timeout(std::time::Duration::from_secs(30))
                .dns_resolver(Guard { plain, ..guard.clone() })
                .tls_certs_merge(roots.clone());
            if let Some(identity) = identity.clone().filter(|_| !plain) {
                builder = builder.identity(identity);
            }
            // The client's own words may repeat what it was built from.
            builder.build().map_err(|_| "the encryption cannot be set up with these certificates".to_owned())
        };
        Ok(Self { encrypted: client(false)?, plain: client(true)?, guard, limits })
    }

    async fn arrive(&self, outgoing: &Outgoing, cap: u64) -> Result<(Response, Body), HttpError> {
        let is_plain = outgoing.url.scheme() == "http";
        // A name's addresses are checked where they are resolved; an address has no such step.
        let literal = match outgoing.url.host() {
            Some(url::Host::Ipv4(address)) => Some(address.into()),
            Some(url::Host::Ipv6(address)) => Some(address.into()),
            _ => None,
        };
        let guard = Guard { plain: is_plain, ..self.guard.clone() };
        if literal.is_some_and(|address| !guard.allows(address)) {
            return Err(HttpError::Denied(inventar_model::Denial::Address));
        }
        let request = request(outgoing)?;
        let begun = Instant::now();
        let end = begun + self.limits.total;
        let head = end.min(begun + self.limits.connect + self.limits.first_byte);
        let client = if is_plain { &self.plain } else { &self.encrypted };
        let response = match timeout_at(head, client.execute(request)).await {
            Ok(answer) => answer.map_err(|error| fault(&error, &self.limits))?,
            Err(_) => return Err(HttpError::TimedOut),
        };
        let size: usize =
            response.headers().iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
        if size > self.limits.header_bytes {
            return Err(HttpError::TooLarge(self.limits.header_bytes as u64));
        }
        if response.content_length().is_some_and(|length| length > cap) && outgoing.method != HttpMethod::Head
        {
            return Err(HttpError::TooLarge(cap));
        }
        let mut encodings = response.headers().get_all("content-encoding").iter();
        let encoding = encodings.next().map(|value| value.to_str().unwrap_or("?").to_owned());
        if encodings.next().is_some() {
            return Err(HttpError::Other("the answer is encoded in a way that was not asked for".into()));
        }
        let decoder = Decoder::new(encoding.as_deref(), cap, self.limits.ratio)?;
        Ok((response, Body { decoder, end, limits: Arc::clone(&self.limits), response: None }))
    }
}

impl Transport for Dialer {
    fn exchange<'a>(&'a self, request: &'a Outgoing) -> Later<'a, Result<Incoming, HttpError>> {
        Box::pin(async move {
            let (response, mut pieces) = self.arrive(request, self.limits.body_bytes).await?;
            let (status, headers) = head(&response);
            pieces.response = Some(response);
            let mut body = vec![];
            while let Some(piece) = pieces.next().await? {
                body.extend(piece);
            }
            Ok(Incoming { status, headers, body, wire_bytes: pieces.wire_bytes() })
        })
    }

    fn open<'a>(&'a self, request: &'a Outgoing) -> Later<'a, Result<Arriving, HttpError>> {
        Box::pin(async move {
            let (response, mut pieces) = self.arrive(request, self.limits.stream_bytes).await?;
            let (status, headers) = head(&response);
            pieces.response = Some(response);
            Ok(Arriving { status, headers, pieces: Box::new(pieces) })
        })
    }
}

/// A body on its way.
struct Body {
    response: Option<Response>,
    decoder: Decoder,
    end: Instant,
    limits: Arc<Limits>,
}

impl Pieces for Body {
    fn next(&mut self) -> Later<'_, Result<Option<Vec<u8>>, HttpError>> {
        Box::pin(async move {
            let Some(response) = &mut self.response else { return Ok(None) };
            let until = self.end.min(Instant::now() + self.limits.between_bytes);
            match timeout_at(until, response.chunk()).await {
                Err(_) => Err(HttpError::TimedOut),
                Ok(Err(error)) => Err(fault(&error, &self.limits)),
                Ok(Ok(Some(piece))) => self.decoder.push(&piece).map(Some),
                Ok(Ok(None)) => {
                    self.response = None;
                    self.decoder.finish().map(Some)
                }
            }
        })
    }

    fn wire_bytes(&self) -> u64 {
        self.decoder.came()
    }
}

fn request(outgoing: &Outgoing) -> Result<Request, HttpError> {
    let method = match outgoing.method {
        HttpMethod::Get => Method::GET,
        HttpMethod::Head => Method::HEAD,
        HttpMethod::Post => Method::POST,
    };
    let mut request = Request::new(method, outgoing.url.clone());
    let mut headers = HeaderMap::with_capacity(outgoing.headers.len());
    // A signature covers the name of the host, which is the transport's to write.
    for (name, value) in
        outgoing.headers.iter().filter(|(name, _)| name != "host" && name != "content-length")
    {
        let pair = HeaderName::from_bytes(name.as_bytes()).ok().zip(HeaderValue::from_str(value).ok());
        let Some((name, mut value)) = pair else {
            return Err(HttpError::Other("a header that cannot be sent".into()));
        };
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    *request.headers_mut() = headers;
    if !outgoing.body.is_empty() || outgoing.method == HttpMethod::Post {
        *request.body_mut() = Some(outgoing.body.clone().into());
    }
    Ok(request)
}

fn head(response: &Response) -> (u16, Vec<(String, String)>) {
    let headers = response.headers().iter().map(|(name, value)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    (response.status().as_u16(), headers.collect())
}

/// What an error of the client means. Its text is never passed on: it names the URL.
fn fault(error: &reqwest::Error, limits: &Limits) -> HttpError {
    if within::<Forbidden>(error).is_some() {
        return HttpError::Denied(inventar_model::Denial::Address);
    }
    if within::<Unknown>(error).is_some() {
        return HttpError::Dns;
    }
    if within::<rustls::Error>(error).is_some() {
        return HttpError::Tls;
    }
    if error.is_timeout() {
        return HttpError::TimedOut;
    }
    if error.is_connect() {
        return HttpError::Connect;
    }
    // hyper's error has a method for this, on a type that reqwest does not export.
    let mut cause = error.source();
    while let Some(inner) = cause {
        if inner.to_string() == "message head is too large" {
            return HttpError::TooLarge(limits.header_bytes as u64);
        }
        cause = inner.source();
    }
    HttpError::Other(ENDED.into())
}

/// An error among the causes, also where an I/O error carries it.
fn within<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    if let Some(found) = error.downcast_ref::<E>() {
        return Some(found);
    }
    let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    let inner = inner.map(|inner| inner as &(dyn Error + 'static));
    inner.and_then(within::<E>).or_else(|| error.source().and_then(within::<E>))
}
