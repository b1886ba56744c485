//! A request on its way out and an answer on its way in, inside the broker.

use inventar_model::{HttpError, HttpMethod};
use std::future::Future;
use std::pin::Pin;

/// A request after every check, before and after it is signed. It may hold a secret, so it cannot be printed.
#[derive(Clone)]
pub struct Outgoing {
    /// How.
    pub method: HttpMethod,
    /// Canonical; what is dialled, byte for byte.
    pub url: url::Url,
    /// Names in lower case, each once; `host` is the transport's.
    pub headers: Vec<(String, String)>,
    /// What is sent.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.url.path())
    }
}

/// An answer as it came, decompressed, within every cap, not yet redacted: it may hold a secret too.
#[derive(Clone)]
pub struct Incoming {
    /// The status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// Decompressed.
    pub body: Vec<u8>,
    /// Bytes of the body as they came.
    pub wire_bytes: u64,
}

impl std::fmt::Debug for Incoming {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} with {} bytes", self.status, self.body.len())
    }
}

/// A boxed future.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Sends one request to an address that passed the checks: no redirects, no retries. Token services of credentials are
/// asked this way too.
pub trait Transport: Send + Sync {
    /// Sends and receives within the caps.
    fn exchange<'a>(&'a self, request: &'a Outgoing) -> Later<'a, Result<Incoming, HttpError>>;

    /// Sends, and leaves the body to be read piecewise.
    fn open<'a>(&'a self, request: &'a Outgoing) -> Later<'a, Result<Arriving, HttpError>> {
        Box::pin(async move {
            let Incoming { status, headers, body, wire_bytes } = self.exchange(request).await?;
            let pieces = Box::new(Whole { body: Some(body), wire_bytes });
            Ok(Arriving { status, headers, pieces })
        })
    }
}

/// An answer whose body is still on its way, not yet redacted.
pub struct Arriving {
    /// The status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub pieces: Box<dyn Pieces>,
}

impl std::fmt::Debug for Arriving {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} and more", self.status)
    }
}

/// A body that comes in pieces, decompressed and within the caps.
pub trait Pieces: Send {
    /// The next one, perhaps empty; none at the end.
    fn next(&mut self) -> Later<'_, Result<Option<Vec<u8>>, HttpError>>;

    /// Bytes so far as they came.
    fn wire_bytes(&self) -> u64;
}

/// A body that is there already.
struct Whole {
    body: Option<Vec<u8>>,
    wire_bytes: u64,
}

impl Pieces for Whole {
    fn next(&mut self) -> Later<'_, Result<Option<Vec<u8>>, HttpError>> {
        let body = self.body.take();
        Box::pin(async move { Ok(body) })
    }

    fn wire_bytes(&self) -> u64 {
        self.wire_bytes
    }
}
