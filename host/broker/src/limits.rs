//! The bounds of everything that comes from outside.

use std::time::Duration;

/// What one request, and one session at a time, may take.
#[derive(Debug, Clone)]
pub struct Limits {
    /// For a connection, its encryption included.
    pub connect: Duration,
    /// Until the head of the answer is there, counted from when the connection may be used.
    pub first_byte: Duration,
    /// Between two pieces of a body.
    pub between_bytes: Duration,
    /// For the whole exchange.
    pub total: Duration,
    /// Bytes a guest may send.
    pub request_bytes: usize,
    /// Bytes of an answer's headers.
    pub header_bytes: usize,
    /// An answer's headers.
    pub headers: usize,
    /// Bytes of a body, compressed and decompressed each.
    pub body_bytes: u64,
    /// The same for bodies that are read piecewise.
    pub stream_bytes: u64,
    /// How many times larger than it came a body may become, beyond its first mebibyte.
    pub ratio: u64,
    /// Redirects followed.
    pub redirects: u32,
    /// Requests of one session at a time.
    pub concurrent: usize,
    /// Tries when a service asks to wait.
    pub throttled_tries: u32,
    /// Tries when a service fails.
    pub failed_tries: u32,
    /// The first pause before another try; it doubles, up to `longest_backoff`.
    pub backoff: Duration,
    /// The longest pause of our own choice.
    pub longest_backoff: Duration,
    /// The longest pause that a service may ask for: when it wants a longer one, the request fails.
    pub longest_wait: Duration,
    /// Calls a second of one operation, when the manifest does not say.
    pub per_second: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            first_byte: Duration::from_secs(15),
            between_bytes: Duration::from_secs(10),
            total: Duration::from_secs(60),
            request_bytes: 1 << 20,
            header_bytes: 64 << 10,
            headers: 100,
            body_bytes: 8 << 20,
            stream_bytes: 256 << 20,
            ratio: 100,
            redirects: 3,
            concurrent: 16,
            throttled_tries: 14,
            failed_tries: 6,
            backoff: Duration::from_millis(100),
            longest_backoff: Duration::from_secs(20),
            longest_wait: Duration::from_secs(60),
            per_second: 50,
        }
    }
}
