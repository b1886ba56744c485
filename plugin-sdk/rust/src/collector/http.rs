//! Requests. The host checks each against the manifest, signs it, sends it, redacts the answer and records it.

use super::{Gap, Problem, Reason};
use crate::evidence::{Evidence, Method as Learned, Place, Usage};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;

/// What may be done to a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// GET.
    Get,
    /// HEAD.
    Head,
    /// POST, where a service reads by POST.
    Post,
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// How.
    pub method: Method,
    /// Absolute, `https`; for what the operator connected, whatever scheme it has.
    pub url: String,
    /// Only those that the host or the manifest allows.
    pub headers: Vec<(String, String)>,
    /// What is sent.
    pub body: Option<Vec<u8>>,
    /// A slot of the manifest.
    pub credential: Option<String>,
    /// May shorten the host's limit.
    pub timeout_ms: Option<u32>,
}

impl Request {
    /// A GET.
    pub fn get(url: impl Into<String>) -> Self {
        Self::new(Method::Get, url)
    }

    /// A POST of JSON.
    pub fn post_json(url: impl Into<String>, body: &impl Serialize) -> Result<Self, Problem> {
        let body = serde_json::to_vec(body).map_err(|error| Problem::new("request", error.to_string()))?;
        Ok(Self::post(url, "application/json", body))
    }

    /// A POST.
    pub fn post(url: impl Into<String>, content_type: &str, body: Vec<u8>) -> Self {
        let mut request = Self::new(Method::Post, url).header("content-type", content_type);
        request.body = Some(body);
        request
    }

    fn new(method: Method, url: impl Into<String>) -> Self {
        Self { method, url: url.into(), headers: vec![], body: None, credential: None, timeout_ms: None }
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Names the slot that signs it.
    pub fn credential(mut self, slot: &str) -> Self {
        self.credential = Some(slot.to_owned());
        self
    }

    /// Sends it and waits. Retries, rate limits and redirects are the host's.
    pub fn send(self) -> Result<Response, Failure> {
        let mut answers = send_all(vec![self]);
        answers
            .pop()
            .unwrap_or_else(|| Err(Failure::Error(HttpError::Other("the host gave no answer".into()))))
    }
}

/// Sends several at once; the answers are in order.
pub fn send_all(requests: Vec<Request>) -> Vec<Result<Response, Failure>> {
    #[cfg(target_arch = "wasm32")]
    return crate::export::collect::send_all(requests);
    #[cfg(not(target_arch = "wasm32"))]
    return super::native::send_all(requests);
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// Of the last answer, redirects followed.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// Decompressed.
    pub body: Vec<u8>,
    /// Its number in the host's record.
    pub exchange: u64,
}

impl Response {
    /// Itself if the status is 2xx, else a failure.
    pub fn ok(self) -> Result<Self, Failure> {
        if (200..300).contains(&self.status) { Ok(self) } else { Err(Failure::Status(Box::new(self))) }
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        serde_json::from_slice(&self.body)
            .map_err(|error| Problem::new("answer", format!("the answer is not as expected: {error}")))
    }

    /// Evidence that this answer said so.
    pub fn evidence(&self, rule: &str) -> Evidence {
        Evidence::at(Place::Exchange(self.exchange), rule, Learned::Api, Usage::Runtime)
    }
}

/// Which check of the host refused a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Denial {
    /// No rule has this host.
    Host(String),
    /// The method is not allowed.
    Method,
    /// The path is not allowed.
    Path(String),
    /// The operation is not allowed.
    Operation(String),
    /// The address is not allowed.
    Address,
    /// The slot may not be used here.
    Slot(String),
    /// A redirect led where it may not.
    Redirect(String),
    /// A header that plugins may not set.
    Header(String),
}

/// Why there is no response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HttpError {
    /// Refused by the host.
    Denied(Denial),
    /// Nothing fills the slot.
    CredentialUnavailable(String),
    /// The name does not resolve.
    Dns,
    /// No connection.
    Connect,
    /// No trusted encryption.
    Tls,
    /// A clock ended it.
    TimedOut,
    /// Over a limit, in bytes.
    TooLarge(u64),
    /// The service asks to wait for longer than the host does.
    RateLimited(Option<u64>),
    /// The source's budget is spent.
    BudgetExhausted,
    /// Anything else.
    Other(String),
}

/// A call that led to nothing: an error of the way, or a status that is no success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// No response.
    Error(HttpError),
    /// A response that is not 2xx.
    Status(Box<Response>),
}

impl Failure {
    /// The status, if there was a response.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Status(response) => Some(response.status),
            Self::Error(_) => None,
        }
    }

    /// The reason for a gap, by what HTTP says: 401 and 403 are missing permissions, 404 and 501 missing features.
    pub fn reason(&self) -> Reason {
        match self {
            Self::Error(error) => match error {
                HttpError::Denied(_) => Reason::AccessDenied,
                HttpError::CredentialUnavailable(_) => Reason::CredentialMissing,
                HttpError::Dns | HttpError::Connect | HttpError::Tls => Reason::Unreachable,
                HttpError::TimedOut => Reason::TimedOut,
                HttpError::TooLarge(bytes) => Reason::TooLarge(*bytes),
                HttpError::RateLimited(seconds) => Reason::RateLimited(*seconds),
                HttpError::BudgetExhausted => Reason::BudgetExhausted,
                HttpError::Other(why) => Reason::Other(why.clone()),
            },
            Self::Status(response) => match response.status {
                401 | 403 => Reason::AccessDenied,
                404 | 405 | 501 => Reason::Unsupported(format!("status {}", response.status)),
                429 => Reason::RateLimited(None),
                status => Reason::Other(format!("status {status}")),
            },
        }
    }

    /// The gap for it.
    pub fn gap(&self, at: &str) -> Gap {
        let retriable = match self {
            Self::Error(error) => !matches!(error, HttpError::Denied(_) | HttpError::TooLarge(_)),
            Self::Status(response) => response.status == 429 || response.status >= 500,
        };
        Gap { at: at.to_owned(), reason: self.reason(), detail: self.to_string(), retriable }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error(error) => match error {
                HttpError::Denied(denial) => write!(f, "the host refused the request: {denial:?}"),
                HttpError::CredentialUnavailable(why) => write!(f, "no credential: {why}"),
                HttpError::Dns => f.write_str("the name does not resolve"),
                HttpError::Connect => f.write_str("no connection"),
                HttpError::Tls => f.write_str("no trusted encryption"),
                HttpError::TimedOut => f.write_str("no answer in time"),
                HttpError::TooLarge(bytes) => write!(f, "the answer is over {bytes} bytes"),
                HttpError::RateLimited(_) => f.write_str("the service asks to wait"),
                HttpError::BudgetExhausted => f.write_str("the source's budget is spent"),
                HttpError::Other(why) => f.write_str(why),
            },
            Self::Status(response) => {
                let text = String::from_utf8_lossy(&response.body);
                let text: String =
                    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect();
                write!(f, "status {}: {}", response.status, text.trim())
            }
        }
    }
}
