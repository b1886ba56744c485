//! Requests with their answers as JSON.

use inventar_plugin_sdk::collector::{Failure, Gap, Problem, Reason, Request, Response, send_all};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// What stays as it is in a segment of a path.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A name as a segment of a path. Dots alone would climb.
pub fn segment(name: &str) -> String {
    if name.chars().all(|c| c == '.') {
        return name.replace('.', "%2E");
    }
    utf8_percent_encode(name, SEGMENT).to_string()
}

/// A server at an address.
#[derive(Debug, Clone)]
pub struct Client {
    base: String,
}

/// An answer that was read.
#[derive(Debug)]
pub struct Read {
    /// What it says.
    pub body: Value,
    /// For evidence.
    pub response: Response,
}

/// Why there is none.
#[derive(Debug)]
pub enum Trouble {
    /// No answer, or one that is no success.
    Refused(Failure),
    /// An answer that is not as expected.
    Odd(String),
}

impl Trouble {
    /// The gap for it.
    pub fn gap(&self, at: &str) -> Gap {
        match self {
            Self::Refused(failure) => failure.gap(at),
            Self::Odd(why) => {
                Gap { at: at.into(), reason: Reason::Unparsable, detail: why.clone(), retriable: false }
            }
        }
    }
}

/// What came of a question.
pub type Answer = Result<Read, Trouble>;

impl Client {
    /// Of what was connected.
    pub fn new(endpoint: &str) -> Result<Self, Problem> {
        let base = endpoint.trim().trim_end_matches('/');
        if base.is_empty() {
            return Err(Problem::new("no-endpoint", "connect the server's address: --endpoint https://…"));
        }
        Ok(Self { base: base.to_owned() })
    }

    /// For people and as an identity.
    pub fn address(&self) -> &str {
        &self.base
    }

    /// One GET.
    pub fn get(&self, path: &str) -> Answer {
        read(Request::get(format!("{}{path}", self.base)).credential("login").send())
    }

    /// Several at once; the answers are in order.
    pub fn get_all(&self, paths: &[impl AsRef<str>]) -> Vec<Answer> {
        let request = |path: &_| {
            Request::get(format!("{}{}", self.base, AsRef::<str>::as_ref(path))).credential("login")
        };
        send_all(paths.iter().map(request).collect()).into_iter().map(read).collect()
    }

    /// Several POSTs of JSON at once; the answers are in order.
    pub fn post_all(&self, requests: &[(&str, Value)]) -> Vec<Answer> {
        let request = |(path, body): &(&str, Value)| {
            let body = body.to_string().into_bytes();
            Request::post(format!("{}{path}", self.base), "application/json", body).credential("login")
        };
        send_all(requests.iter().map(request).collect()).into_iter().map(read).collect()
    }
}

fn read(answer: Result<Response, Failure>) -> Answer {
    let response = answer.and_then(Response::ok).map_err(Trouble::Refused)?;
    match serde_json::from_slice(&response.body) {
        Ok(body) => Ok(Read { body, response }),
        Err(error) => Err(Trouble::Odd(format!("the answer is no JSON: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::segment;

    #[test]
    fn segments() {
        for (name, written) in
            [("docs", "docs"), ("a b/c?", "a%20b%2Fc%3F"), ("..", "%2E%2E"), ("v1.0-x_y", "v1.0-x_y")]
        {
            assert_eq!(segment(name), written);
        }
    }
}
