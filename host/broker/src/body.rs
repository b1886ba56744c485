//! A body that is read piecewise: redacted, metered and recorded as it goes.

use crate::message::Pieces;
use crate::redact::Stream;
use crate::send::{record, redacted};
use crate::session::Inner;
use inventar_model::{HttpError, HttpRequest, HttpResponse};
use std::sync::Arc;

/// An answer whose body is read piecewise.
#[derive(Debug)]
pub struct Opened {
    /// Everything but the body.
    pub head: HttpResponse,
    /// The body.
    pub body: Body,
}

/// The rest of a body.
pub struct Body {
    inner: Arc<Inner>,
    scope: Arc<str>,
    reader: Reader,
    /// What was read and not yet taken.
    ready: Vec<u8>,
    /// The head, and the body so far, while there is a recording and the body is not too large for it.
    record: Option<(HttpRequest, HttpResponse, String)>,
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Body({} bytes ready)", self.ready.len())
    }
}

/// Pieces and their redaction.
pub(crate) struct Reader {
    pieces: Option<Box<dyn Pieces>>,
    stream: Stream,
    wire: u64,
    first: Vec<u8>,
}

impl Reader {
    pub(crate) fn new(pieces: Box<dyn Pieces>, stream: Stream) -> Self {
        Self { pieces: Some(pieces), stream, wire: 0, first: vec![] }
    }

    /// Of a body that is there and redacted.
    pub(crate) fn whole(body: Vec<u8>) -> Self {
        Self { pieces: None, stream: crate::redact::Redactor::default().stream(), wire: 0, first: body }
    }

    pub(crate) fn opened(
        mut self,
        inner: &Arc<Inner>,
        scope: &Arc<str>,
        head: HttpResponse,
        request: HttpRequest,
        operation: String,
    ) -> Opened {
        let ready = std::mem::take(&mut self.first);
        let record = inner.record.is_some().then(|| {
            let mut whole = head.clone();
            whole.body.extend(&ready);
            (request, whole, operation)
        });
        let body = Body { inner: Arc::clone(inner), scope: Arc::clone(scope), reader: self, ready, record };
        Opened { head, body }
    }
}

impl Body {
    /// At most `max` bytes; none at the end.
    pub async fn read(&mut self, max: u32) -> Result<Option<Vec<u8>>, HttpError> {
        while self.ready.is_empty() {
            match self.more().await {
                Ok(true) => {}
                Ok(false) => return Ok(None),
                Err(error) => {
                    self.reader.pieces = None;
                    let error = redacted(&self.inner, error);
                    self.write(Some(&error))?;
                    return Err(error);
                }
            }
        }
        let rest = self.ready.split_off(self.ready.len().min(max.max(1) as usize));
        Ok(Some(std::mem::replace(&mut self.ready, rest)))
    }

    /// Gets the next piece; false at the end.
    async fn more(&mut self) -> Result<bool, HttpError> {
        let Some(pieces) = &mut self.reader.pieces else {
            self.write(None)?;
            return Ok(false);
        };
        let piece = match self.inner.meter.end() {
            Some(end) => tokio::time::timeout_at(end, pieces.next())
                .await
                .map_err(|_| HttpError::BudgetExhausted)??,
            None => pieces.next().await?,
        };
        let wire = pieces.wire_bytes();
        let came = wire - self.reader.wire;
        self.reader.wire = wire;
        self.inner.meter.bytes(&self.scope, came)?;
        let out = match piece {
            Some(piece) => self.reader.stream.push(&piece),
            None => {
                self.reader.pieces = None;
                self.reader.stream.end()
            }
        };
        if let Some((_, whole, _)) = &mut self.record {
            whole.body.extend(&out);
        }
        if self
            .record
            .as_ref()
            .is_some_and(|(_, whole, _)| whole.body.len() as u64 > self.inner.limits.body_bytes)
        {
            let too_large = HttpError::TooLarge(self.inner.limits.body_bytes);
            self.write(Some(&too_large))?;
        }
        self.ready = out;
        Ok(true)
    }

    /// Records the exchange, once.
    fn write(&mut self, error: Option<&HttpError>) -> Result<(), HttpError> {
        let Some((request, whole, operation)) = self.record.take() else { return Ok(()) };
        let outcome = error.map_or(Ok(&whole), Err);
        record(&self.inner, &request, whole.exchange, Some(&operation), outcome)
    }
}
