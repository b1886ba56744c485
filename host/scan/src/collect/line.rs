//! The ways out of a collection, scope by scope, and what they tell of themselves.

use inventar_model::{Denial, GapReason, HttpError, HttpRequest, HttpResponse, OperationUse, Spent};
use inventar_runtime::{Later, Opened, Outbound};
use std::sync::{Arc, Mutex, PoisonError};

/// The connections of one collection: what a session of the broker is.
pub trait Lines: Send + Sync {
    /// A way out that accounts to one scope, by its id; to the probe, when it is empty.
    fn line(&self, scope: &str) -> Arc<dyn Line>;

    /// What was called so far, all lines together.
    fn used(&self) -> Vec<OperationUse>;

    /// Earlier processes already spent that much of the budget on this collection.
    fn resume(&self, already: Spent);
}

/// A way out with its bill.
pub trait Line: Outbound {
    /// What it cost so far.
    fn spent(&self) -> Spent;
}

/// A line that remembers what was refused on it: whether a probe's list is to be believed, and why there is none.
pub(super) struct Watched {
    line: Arc<dyn Line>,
    refused: Mutex<Option<GapReason>>,
}

impl Watched {
    pub(super) fn new(line: Arc<dyn Line>) -> Self {
        Self { line, refused: Mutex::new(None) }
    }

    /// The first thing that was refused.
    pub(super) fn refused(&self) -> Option<GapReason> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, outcome: Result<&HttpResponse, &HttpError>) {
        let reason = match outcome {
            Ok(response) => match response.status {
                401 | 403 => GapReason::AccessDenied,
                429 => GapReason::RateLimited(None),
                // Services in Amazon's style refuse with 400, too.
                400 if says_denied(&response.body) => GapReason::AccessDenied,
                // That something is not there, or not to be asked so, is an answer.
                ..=400 | 404 | 405 | 410 | 501 => return,
                status => GapReason::Other(format!("status {status}")),
            },
            Err(error) => reason_of(error),
        };
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        if refused.is_none() {
            *refused = Some(reason);
        }
    }
}

/// Whether the beginning of an error's body has one of the words for a missing right.
fn says_denied(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(&body[..body.len().min(2048)]);
    ["AccessDenied", "UnauthorizedOperation", "NotAuthorized", "UnrecognizedClient", "InvalidClientTokenId"]
        .iter()
        .any(|word| text.contains(word))
}

fn reason_of(error: &HttpError) -> GapReason {
    match error {
        HttpError::Denied(Denial::Slot(_)) | HttpError::CredentialUnavailable(_) => {
            GapReason::CredentialMissing
        }
        HttpError::Denied(_) => GapReason::AccessDenied,
        HttpError::Dns | HttpError::Connect | HttpError::Tls => GapReason::Unreachable,
        HttpError::TimedOut => GapReason::TimedOut,
        HttpError::TooLarge(bytes) => GapReason::TooLarge(*bytes),
        HttpError::RateLimited(seconds) => GapReason::RateLimited(*seconds),
        HttpError::BudgetExhausted => GapReason::BudgetExhausted,
        HttpError::Other(why) => GapReason::Other(why.clone()),
    }
}

impl Outbound for Watched {
    fn send(&self, request: HttpRequest) -> Later<'_, Result<HttpResponse, HttpError>> {
        Box::pin(async move {
            let outcome = self.line.send(request).await;
            self.note(outcome.as_ref());
            outcome
        })
    }

    fn open(&self, request: HttpRequest) -> Later<'_, Result<Opened, HttpError>> {
        Box::pin(async move {
            let outcome = self.line.open(request).await;
            self.note(outcome.as_ref().map(|opened| &opened.head));
            outcome
        })
    }
}
