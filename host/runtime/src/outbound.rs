//! What the runtime asks of its caller for a collector: a way out. It carries messages and no secret.

use inventar_model::{HttpError, HttpRequest, HttpResponse};
use std::future::Future;
use std::pin::Pin;

/// A boxed future.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Sends a guest's requests: checked, signed, metered, redacted and recorded by whoever implements it.
pub trait Outbound: Send + Sync {
    /// One request. Waiting here costs the guest none of its compute time.
    fn send(&self, request: HttpRequest) -> Later<'_, Result<HttpResponse, HttpError>>;

    /// For bodies that come in pieces.
    fn open(&self, request: HttpRequest) -> Later<'_, Result<Opened, HttpError>>;
}

/// An answer whose body is read piecewise.
pub struct Opened {
    /// Everything but the body.
    pub head: HttpResponse,
    /// The body.
    pub body: Box<dyn BodyReader>,
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened").field("status", &self.head.status).finish_non_exhaustive()
    }
}

/// The rest of a body.
pub trait BodyReader: Send {
    /// At most `max` bytes, redacted; none at the end.
    fn read(&mut self, max: u32) -> Later<'_, Result<Option<Vec<u8>>, HttpError>>;
}
