//! What a collector asks of a service and what comes back: the messages between a guest, the runtime and the broker.
//!
//! They hold no secret: a request names a credential *slot*, and a response has passed the broker's redaction.

use crate::evidence::words;

words! {
    /// What may be done to a service. Nothing that writes.
    HttpMethod {
        /// GET.
        Get = "GET",
        /// HEAD.
        Head = "HEAD",
        /// POST, where a service reads by POST.
        Post = "POST",
    }
}

/// A header as it travels: the name in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Header {
    /// Lower case.
    pub name: String,
    /// Printable.
    pub value: String,
}

/// What a guest asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// How.
    pub method: HttpMethod,
    /// Absolute, as the guest wrote it; nothing about it is believed.
    pub url: String,
    /// As the guest wrote them.
    pub headers: Vec<Header>,
    /// What is sent.
    pub body: Option<Vec<u8>>,
    /// A credential slot of the manifest.
    pub credential: Option<String>,
    /// May shorten the host's limit.
    pub timeout_ms: Option<u32>,
}

/// What came back, redacted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpResponse {
    /// Of the last answer, redirects followed.
    pub status: u16,
    /// Without cookies and challenges.
    pub headers: Vec<Header>,
    /// Decompressed.
    pub body: Vec<u8>,
    /// The number of the exchange in the record, for [`crate::Place::Exchange`].
    pub exchange: u64,
}

/// Which check refused a request, with what it refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Denial {
    /// No rule of the manifest has this host, or the URL is not acceptable.
    Host(String),
    /// The method is not allowed here.
    Method,
    /// The path is not allowed here.
    Path(String),
    /// The operation is not allowed, or not a reading one.
    Operation(String),
    /// The name resolves to addresses that are not allowed.
    Address,
    /// The slot may not be used here, or is not in the manifest.
    Slot(String),
    /// A redirect led where it may not.
    Redirect(String),
    /// A header that guests may not set, or a value that is none.
    Header(String),
}

impl Denial {
    /// The word used in gaps and records.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Host(_) => "host",
            Self::Method => "method",
            Self::Path(_) => "path",
            Self::Operation(_) => "operation",
            Self::Address => "address",
            Self::Slot(_) => "slot",
            Self::Redirect(_) => "redirect",
            Self::Header(_) => "header",
        }
    }
}

/// Why there is no response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HttpError {
    /// Refused before anything was sent.
    Denied(Denial),
    /// The slot is empty, or its source gave nothing: which slot and why, without the secret.
    CredentialUnavailable(String),
    /// The name does not resolve.
    Dns,
    /// No connection.
    Connect,
    /// No trusted encryption.
    Tls,
    /// A clock ended it.
    TimedOut,
    /// More than so many bytes, headers, or too steep a compression.
    TooLarge(u64),
    /// The service asks to wait, perhaps so many seconds; retries are used up.
    RateLimited(Option<u64>),
    /// The source's budget is spent.
    BudgetExhausted,
    /// Anything else, in words.
    Other(String),
}

impl HttpError {
    /// The word used in gaps and records.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Denied(_) => "denied",
            Self::CredentialUnavailable(_) => "credential-unavailable",
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::TimedOut => "timed-out",
            Self::TooLarge(_) => "too-large",
            Self::RateLimited(_) => "rate-limited",
            Self::BudgetExhausted => "budget-exhausted",
            Self::Other(_) => "other",
        }
    }
}
