//! Exchanges kept as readable JSON lines, to be answered from again without a network.
//!
//! One exchange a line, what happened in the order in which it happened:
//!
//! ```json
//! {"request":{"method":"GET","url":"https://api.acme.com/v1/models?page=0"},"response":{"status":200,"body":["a"]}}
//! {"request":{"method":"GET","url":"https://api.acme.com/v1/models?page=1"},"error":"timed-out"}
//! ```
//!
//! A body is JSON where the text is JSON, else a text, else `{"base64": …}`; it is left out when empty. Nothing secret is in
//! it: the request is the plugin's, before anything signed it. The host's `inventar plugin record` writes the same.

use super::super::http::{Denial, HttpError, Method, Request, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::io::Write;
use std::path::Path;

/// The largest recording that is read.
const MAX_BYTES: u64 = 64 << 20;

/// Headers of an answer that say nothing about it, or differ each time.
const PASSING: &[&str] = &[
    "connection",
    "content-encoding",
    "content-length",
    "date",
    "keep-alive",
    "proxy-authenticate",
    "server",
    "set-cookie",
    "transfer-encoding",
    "www-authenticate",
];

/// The header by which AWS' JSON services tell their operations apart: same address, same body, another question.
const TARGET: &str = "x-amz-target";

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Exchange {
    request: Asked,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    response: Option<Answered>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    operation: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Asked {
    method: String,
    url: String,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    headers: Map<String, Value>,
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    body: Option<Value>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Answered {
    status: u16,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    headers: Map<String, Value>,
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    body: Option<Value>,
}

/// A body of `null` is a body.
fn present<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(from).map(Some)
}

/// Answers from a recording: by method, address and body (and `x-amz-target`), in order among equals; the last one
/// repeats.
#[derive(Debug)]
pub struct Replay {
    exchanges: Vec<Exchange>,
    used: Vec<bool>,
}

impl Replay {
    /// Reads a recording. The error says which line is none.
    pub fn read(text: &str) -> Result<Self, String> {
        let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let exchanges: Vec<Exchange> = lines
            .map(|(at, line)| {
                let exchange: Exchange =
                    serde_json::from_str(line).map_err(|error| format!("line {}: {error}", at + 1))?;
                match (&exchange.response, &exchange.error) {
                    (Some(_), None) | (None, Some(_)) => Ok(exchange),
                    _ => Err(format!("line {}: it has not exactly one of `response` and `error`", at + 1)),
                }
            })
            .collect::<Result<_, _>>()?;
        let used = vec![false; exchanges.len()];
        Ok(Self { exchanges, used })
    }

    /// Reads a recording from a file.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, String> {
        let path = path.as_ref();
        let at = |why: &dyn std::fmt::Display| format!("cannot read the recording {}: {why}", path.display());
        let size = std::fs::metadata(path).map_err(|error| at(&error))?.len();
        if size > MAX_BYTES {
            return Err(at(&format!("it has {size} bytes, more than {MAX_BYTES}")));
        }
        let text = std::fs::read_to_string(path).map_err(|error| at(&error))?;
        Self::read(&text).map_err(|why| at(&why))
    }

    /// As a transport for [`super::collect`].
    pub fn transport(mut self) -> impl FnMut(&Request) -> Result<Response, HttpError> {
        move |request| self.answer(request)
    }

    /// What was answered to this request; an error when it was never asked.
    pub fn answer(&mut self, request: &Request) -> Result<Response, HttpError> {
        let asked = Asked::of(request);
        let equal = |at: &usize| self.exchanges[*at].request.asks_as(&asked);
        let equals: Vec<usize> = (0..self.exchanges.len()).filter(equal).collect();
        let next = equals.iter().find(|at| !self.used[**at]).or(equals.last());
        let Some(&at) = next else {
            let target = asked.target().map(|target| format!(" ({target})")).unwrap_or_default();
            return Err(HttpError::Other(format!(
                "the recording has no answer to {} {}{target}",
                asked.method, asked.url
            )));
        };
        self.used[at] = true;
        let exchange = &self.exchanges[at];
        match (&exchange.response, &exchange.error) {
            (Some(answered), _) => Ok(answered.response(at as u64)),
            (None, error) => Err(error_of(error.as_deref().unwrap_or_default())),
        }
    }

    /// Requests of the recording that nobody has made, for a test that wants every one asked.
    pub fn unused(&self) -> Vec<String> {
        let unused = self.exchanges.iter().zip(&self.used).filter(|(_, used)| !**used);
        unused.map(|(exchange, _)| format!("{} {}", exchange.request.method, exchange.request.url)).collect()
    }
}

/// Writes every exchange of another transport as a line.
#[derive(Debug)]
pub struct Recorder<T, W> {
    transport: T,
    to: W,
}

impl<T, W> Recorder<T, W>
where
    T: FnMut(&Request) -> Result<Response, HttpError>,
    W: Write,
{
    /// Records what `transport` answers.
    pub fn new(transport: T, to: W) -> Self {
        Self { transport, to }
    }

    /// As a transport for [`super::collect`].
    pub fn transport(mut self) -> impl FnMut(&Request) -> Result<Response, HttpError> {
        move |request| self.answer(request)
    }

    /// Asks and records. A line that cannot be written is the request's failure: half a recording helps nobody.
    pub fn answer(&mut self, request: &Request) -> Result<Response, HttpError> {
        let answer = (self.transport)(request);
        let asked = Asked::of(request);
        let operation = asked.target().and_then(|target| target.rsplit('.').next()).map(str::to_owned);
        let exchange = Exchange {
            operation,
            request: asked,
            response: answer.as_ref().ok().map(Answered::of),
            error: answer.as_ref().err().map(|error| word_of(error).to_owned()),
        };
        let written = serde_json::to_string(&exchange)
            .map_err(|error| error.to_string())
            .and_then(|line| writeln!(self.to, "{line}").map_err(|error| error.to_string()));
        match written {
            Ok(()) => answer,
            Err(why) => Err(HttpError::Other(format!("cannot record the exchange: {why}"))),
        }
    }
}

impl Asked {
    fn of(request: &Request) -> Self {
        let method = match request.method {
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Post => "POST",
        };
        Self {
            method: method.to_owned(),
            url: request.url.clone(),
            headers: headers(&request.headers, &[]),
            body: request.body.as_deref().and_then(body),
        }
    }

    fn target(&self) -> Option<&str> {
        self.headers.get(TARGET).and_then(Value::as_str)
    }

    fn asks_as(&self, other: &Self) -> bool {
        self.method == other.method
            && self.url == other.url
            && self.body == other.body
            && self.target() == other.target()
    }
}

impl Answered {
    fn of(response: &Response) -> Self {
        Self {
            status: response.status,
            headers: headers(&response.headers, PASSING),
            body: body(&response.body),
        }
    }

    fn response(&self, exchange: u64) -> Response {
        let text = |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
        Response {
            status: self.status,
            headers: self.headers.iter().filter_map(text).collect(),
            body: self.body.as_ref().map(bytes).unwrap_or_default(),
            exchange,
        }
    }
}

fn headers(all: &[(String, String)], without: &[&str]) -> Map<String, Value> {
    let lower = all.iter().map(|(name, value)| (name.to_ascii_lowercase(), Value::from(value.as_str())));
    lower.filter(|(name, _)| !without.contains(&name.as_str())).collect()
}

/// A body as it is written; none when it is empty.
fn body(bytes: &[u8]) -> Option<Value> {
    if bytes.is_empty() {
        return None;
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Some(serde_json::json!({ "base64": BASE64.encode(bytes) }));
    };
    // A text that is a JSON string would come back as another text; so would an object that looks like our own.
    match serde_json::from_str(text) {
        Ok(value @ (Value::Object(_) | Value::Array(_))) if encoded(&value).is_none() => Some(value),
        Ok(Value::Null | Value::Bool(_) | Value::Number(_)) => serde_json::from_str(text).ok(),
        _ => Some(Value::from(text)),
    }
}

/// The inverse of [`body`], but for the white space of JSON.
fn bytes(body: &Value) -> Vec<u8> {
    match body {
        Value::String(text) => text.clone().into_bytes(),
        other => encoded(other).unwrap_or_else(|| other.to_string().into_bytes()),
    }
}

fn encoded(value: &Value) -> Option<Vec<u8>> {
    let object = value.as_object().filter(|object| object.len() == 1)?;
    BASE64.decode(object.get("base64")?.as_str()?).ok()
}

fn word_of(error: &HttpError) -> &'static str {
    match error {
        HttpError::Denied(_) => "denied",
        HttpError::CredentialUnavailable(_) => "credential-unavailable",
        HttpError::Dns => "dns",
        HttpError::Connect => "connect",
        HttpError::Tls => "tls",
        HttpError::TimedOut => "timed-out",
        HttpError::TooLarge(_) => "too-large",
        HttpError::RateLimited(_) => "rate-limited",
        HttpError::BudgetExhausted => "budget-exhausted",
        HttpError::Other(_) => "other",
    }
}

/// The inverse of [`word_of`]; a word that is none of them is an error in words.
fn error_of(word: &str) -> HttpError {
    match word {
        "denied" => HttpError::Denied(Denial::Operation("as recorded".into())),
        "credential-unavailable" => HttpError::CredentialUnavailable("as recorded".into()),
        "dns" => HttpError::Dns,
        "connect" => HttpError::Connect,
        "tls" => HttpError::Tls,
        "timed-out" => HttpError::TimedOut,
        "too-large" => HttpError::TooLarge(0),
        "rate-limited" => HttpError::RateLimited(None),
        "budget-exhausted" => HttpError::BudgetExhausted,
        other => HttpError::Other(other.to_owned()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn replay(lines: &[&str]) -> Replay {
        Replay::read(&lines.join("\n")).unwrap()
    }

    fn text(answer: Result<Response, HttpError>) -> String {
        match answer {
            Ok(response) => format!("{} {}", response.status, String::from_utf8_lossy(&response.body)),
            Err(error) => format!("{error:?}"),
        }
    }

    #[test]
    fn answers_come_in_order_and_the_last_repeats() {
        let mut replay = replay(&[
            r#"{"request":{"method":"GET","url":"https://a/x"},"response":{"status":429}}"#,
            r#"{"request":{"method":"GET","url":"https://a/x"},"response":{"status":200,"body":{"n":[1,2]}}}"#,
            r#"{"request":{"method":"GET","url":"https://a/y"},"error":"timed-out"}"#,
        ]);
        let mut ask = |url: &str| text(replay.answer(&Request::get(url)));
        assert_eq!(ask("https://a/x"), "429 ");
        assert_eq!(ask("https://a/x"), r#"200 {"n":[1,2]}"#);
        assert_eq!(ask("https://a/x"), r#"200 {"n":[1,2]}"#);
        assert_eq!(ask("https://a/z"), r#"Other("the recording has no answer to GET https://a/z")"#);
        assert_eq!(replay.unused(), ["GET https://a/y"]);
        assert_eq!(text(replay.answer(&Request::get("https://a/y"))), "TimedOut");
    }

    #[test]
    fn a_question_is_its_method_address_body_and_target() {
        let mut replay = replay(&[
            r#"{"request":{"method":"POST","url":"https://a/","headers":{"x-amz-target":"S.ListA"},"body":{"a":1,"b":2}},"response":{"status":200,"body":"A"}}"#,
            r#"{"request":{"method":"POST","url":"https://a/","headers":{"x-amz-target":"S.ListB"},"body":{"a":1,"b":2}},"response":{"status":200,"body":"B"}}"#,
        ]);
        let mut ask = |target: &str, body: &str| {
            let request = Request::post("https://a/", "application/json", body.as_bytes().to_vec());
            text(replay.answer(&request.header("X-Amz-Target", target)))
        };
        assert_eq!(ask("S.ListB", r#"{"b": 2, "a": 1}"#), "200 B");
        assert_eq!(ask("S.ListA", r#"{"a":1,"b":2}"#), "200 A");
        assert!(ask("S.ListA", r#"{"a":1}"#).contains("no answer to POST https://a/ (S.ListA)"));
    }

    #[test]
    fn what_was_recorded_is_replayed() {
        for sent in [
            &b""[..],
            b"plain",
            b"{\"a\":null}",
            b"[1]",
            b"null",
            b"\"s\"",
            b"\xff\x00",
            br#"{"base64":"AA=="}"#,
        ] {
            let answer = Response {
                status: 207,
                headers: vec![
                    ("content-type".into(), "text/plain".into()),
                    ("set-cookie".into(), "session=1".into()),
                ],
                body: sent.to_vec(),
                exchange: 7,
            };
            let request = Request::post("http://h/p?q=1", "text/plain", sent.to_vec()).credential("login");
            let mut lines = vec![];
            let mut recorder = Recorder::new(|_: &Request| Ok(answer.clone()), &mut lines);
            recorder.answer(&request).unwrap();
            let line = String::from_utf8(lines).unwrap();
            assert!(!line.contains("session") && !line.contains("login"), "{line}");
            let again = Replay::read(&line).unwrap().answer(&request).unwrap();
            assert_eq!((again.status, again.body.as_slice()), (207, sent), "{line}");
            assert_eq!(again.headers, [("content-type".to_owned(), "text/plain".to_owned())]);
        }
    }

    #[test]
    fn errors_are_recorded_by_their_words() {
        for error in [
            HttpError::Dns,
            HttpError::Connect,
            HttpError::Tls,
            HttpError::TimedOut,
            HttpError::BudgetExhausted,
        ] {
            let mut lines = vec![];
            let mut recorder = Recorder::new(|_: &Request| Err(error.clone()), &mut lines);
            recorder.answer(&Request::get("https://a/")).unwrap_err();
            let mut replay = Replay::read(&String::from_utf8(lines).unwrap()).unwrap();
            assert_eq!(replay.answer(&Request::get("https://a/")), Err(error));
        }
    }

    #[test]
    fn a_line_that_is_none() {
        for (line, why) in [
            ("{", "line 1: EOF"),
            (r#"{"request":{"method":"GET","url":"u"}}"#, "line 1: it has not exactly one of"),
            (
                r#"{"request":{"method":"GET","url":"u"},"error":"dns","response":{"status":1}}"#,
                "not exactly",
            ),
        ] {
            let error = Replay::read(line).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }
}
