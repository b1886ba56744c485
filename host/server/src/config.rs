//! What the program decides for the server.

use std::net::SocketAddr;
use std::time::Duration;

/// How the server behaves; everything with a number has a name.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// The address it listens on: its host is a name under which it may be asked for.
    pub bound: SocketAddr,
    /// More names under which it may be asked for, without a port. `localhost` and loopback addresses always may.
    pub hosts: Vec<String>,
    /// The longest time one answer may take.
    pub request_timeout: Duration,
    /// The largest request body in bytes; nothing here needs one.
    pub max_body_bytes: usize,
}

impl ServerConfig {
    /// The defaults for that address.
    pub fn new(bound: SocketAddr) -> Self {
        Self { bound, hosts: vec![], request_timeout: Duration::from_secs(20), max_body_bytes: 4096 }
    }
}
