//! As much of an HTTP server as the services of the stories need: a free port, a request at a time, the answer.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;

/// Serves each connection on a thread of its own, for as long as the process runs; where.
pub(crate) fn listen(serve: impl Fn(TcpStream) -> io::Result<()> + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    let serve = Arc::new(serve);
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let serve = Arc::clone(&serve);
            // A client that went away is none of our business.
            std::thread::spawn(move || _ = serve(stream));
        }
    });
    address
}

/// Reads a request and answers it; then the connection has served.
pub(crate) fn answer(
    stream: &mut (impl Read + Write),
    respond: impl FnOnce(&Request) -> Answer,
) -> io::Result<()> {
    let Answer { status, headers, body } = respond(&Request::read(stream)?);
    write!(
        stream,
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )?;
    stream.flush()
}

/// What is said to a request.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Lines, each with its end, beside those that every answer has.
    pub(crate) headers: String,
    pub(crate) body: String,
}

impl Answer {
    /// Without headers of its own.
    pub(crate) fn new(status: u16, body: impl ToString) -> Self {
        Self { status, headers: String::new(), body: body.to_string() }
    }
}

/// A request as it came.
pub(crate) struct Request {
    head: String,
    body: String,
}

impl Request {
    fn read(stream: &mut impl Read) -> io::Result<Self> {
        let mut reader = BufReader::new(stream);
        let mut head = String::new();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
                break;
            }
            head.push_str(&line);
        }
        let mut request = Self { head, body: String::new() };
        let mut body = vec![0; request.header("content-length").parse().unwrap_or(0)];
        reader.read_exact(&mut body)?;
        request.body = String::from_utf8_lossy(&body).into_owned();
        Ok(request)
    }

    /// Path and query.
    pub(crate) fn target(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }

    /// A header's value; empty: there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        let mut pairs = self.head.lines().skip(1).filter_map(|line| line.split_once(':'));
        pairs.find(|(known, _)| known.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value.trim())
    }

    /// All of it.
    pub(crate) fn text(&self) -> String {
        format!("{}\n{}", self.head, self.body)
    }
}
