//! Exchanges as readable JSON lines, written after redaction, and answered from again without a network.
//!
//! ```json
//! {"request":{"method":"GET","url":"https://api.acme.com/v1/models"},"response":{"status":200,"body":{"models":[]}},"operation":"List"}
//! {"request":{"method":"GET","url":"https://api.acme.com/v1/models/a"},"error":"timed-out","operation":"Get"}
//! ```
//!
//! A body is JSON where the text is JSON, else a text, else `{"base64": …}`, and left out when empty. The request is the
//! guest's own, before anything signed it. A plugin author's replay reads the same lines.

use crate::message::{Incoming, Later, Outgoing, Transport};
use crate::url::canonical;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use inventar_model::{Denial, HttpError, HttpMethod, HttpResponse};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::io::Write;
use std::sync::{Mutex, PoisonError};

/// The largest recording that is read.
const MAX_RECORDING: usize = 256 << 20;
/// Headers of an answer that differ each time and say nothing about it.
const PASSING: &[&str] =
    &["date", "server", "x-amz-request-id", "x-amzn-requestid", "x-amz-id-2", "x-request-id"];
const TARGET: &str = "x-amz-target";

#[derive(Serialize, Deserialize)]
struct Line {
    request: Asked,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    response: Option<Answered>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    operation: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    exchange: Option<u64>,
}

#[derive(Serialize, Deserialize)]
struct Asked {
    method: String,
    url: String,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    headers: Map<String, Value>,
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    body: Option<Value>,
}

#[derive(Serialize, Deserialize)]
struct Answered {
    status: u16,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    headers: Map<String, Value>,
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    body: Option<Value>,
}

/// A body of `null` is a body.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// Where exchanges are written.
pub struct Recording {
    to: Mutex<Box<dyn Write + Send>>,
}

impl std::fmt::Debug for Recording {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Recording")
    }
}

/// One exchange as a guest saw it.
pub(crate) struct Exchange<'a> {
    pub(crate) number: u64,
    pub(crate) method: HttpMethod,
    pub(crate) url: &'a str,
    pub(crate) headers: &'a [(String, String)],
    pub(crate) body: &'a [u8],
    pub(crate) operation: Option<&'a str>,
    pub(crate) outcome: Result<&'a HttpResponse, &'a HttpError>,
}

impl Recording {
    /// To a file, or anything else that takes bytes. Each line is flushed.
    pub fn to(writer: impl Write + Send + 'static) -> Self {
        Self { to: Mutex::new(Box::new(writer)) }
    }

    pub(crate) fn write(&self, exchange: &Exchange<'_>) -> Result<(), HttpError> {
        let headers = |pairs: &mut dyn Iterator<Item = (&str, &str)>| -> Map<String, Value> {
            pairs.map(|(name, value)| (name.to_owned(), Value::from(value))).collect()
        };
        let line = Line {
            request: Asked {
                method: exchange.method.to_string(),
                url: exchange.url.to_owned(),
                headers: headers(
                    &mut exchange.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())),
                ),
                body: body(exchange.body),
            },
            response: exchange.outcome.ok().map(|response| Answered {
                status: response.status,
                headers: headers(
                    &mut response
                        .headers
                        .iter()
                        .map(|header| (header.name.as_str(), header.value.as_str()))
                        .filter(|(name, _)| !PASSING.contains(name)),
                ),
                body: body(&response.body),
            }),
            error: exchange.outcome.err().map(|error| error.as_str().to_owned()),
            operation: exchange.operation.map(str::to_owned),
            exchange: Some(exchange.number),
        };
        let failed = || HttpError::Other("the exchange cannot be recorded: is the disk full?".into());
        let mut text = serde_json::to_vec(&line).map_err(|_| failed())?;
        text.push(b'\n');
        let mut to = self.to.lock().unwrap_or_else(PoisonError::into_inner);
        to.write_all(&text).and_then(|()| to.flush()).map_err(|_| failed())
    }
}

/// Why a recording cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// Too large.
    #[error("the recording is larger than 256 MiB")]
    TooLarge,
    /// A line is none.
    #[error("line {0} of the recording is not an exchange: {1}")]
    Line(usize, String),
}

/// Answers requests from a recording: equal ones in order, and the last one again.
#[derive(Debug)]
pub struct Replay {
    exchanges: Mutex<HashMap<String, Vec<Kept>>>,
}

struct Kept {
    asked: Option<Value>,
    outcome: Result<Incoming, HttpError>,
    used: bool,
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kept").field("used", &self.used).finish_non_exhaustive()
    }
}

impl Replay {
    /// Reads JSON lines; empty ones and those that begin with `//` are passed over.
    pub fn read(text: &str) -> Result<Self, ReplayError> {
        if text.len() > MAX_RECORDING {
            return Err(ReplayError::TooLarge);
        }
        let mut exchanges: HashMap<String, Vec<Kept>> = HashMap::new();
        for (number, line) in text.lines().enumerate() {
            if line.trim().is_empty() || line.starts_with("//") {
                continue;
            }
            let bad = |why: String| ReplayError::Line(number + 1, why);
            let line: Line = serde_json::from_str(line).map_err(|error| bad(error.to_string()))?;
            if HttpMethod::from_word(&line.request.method).is_none() {
                return Err(bad(format!("`{}` is no method that reads", line.request.method)));
            }
            let outcome = match (line.response, line.error) {
                (Some(answered), None) => Ok(answered.incoming()),
                (None, Some(word)) => Err(error_of(&word)),
                _ => return Err(bad("it has neither or both of `response` and `error`".into())),
            };
            let target = line.request.headers.get(TARGET).and_then(Value::as_str);
            let key = key(&line.request.method, &line.request.url, target);
            let kept = Kept { asked: line.request.body, outcome, used: false };
            exchanges.entry(key).or_default().push(kept);
        }
        Ok(Self { exchanges: Mutex::new(exchanges) })
    }

    /// Recorded exchanges that nobody asked for, as `METHOD URL`; sorted.
    pub fn unused(&self) -> Vec<String> {
        let exchanges = self.exchanges.lock().unwrap_or_else(PoisonError::into_inner);
        let mut unused: Vec<String> = exchanges
            .iter()
            .flat_map(|(key, kept)| kept.iter().filter(|kept| !kept.used).map(move |_| key.clone()))
            .collect();
        unused.sort();
        unused
    }

    fn answer(&self, request: &Outgoing) -> Result<Incoming, HttpError> {
        let target = request.headers.iter().find(|(name, _)| name == TARGET).map(|(_, value)| value.as_str());
        let key = key(request.method.as_str(), request.url.as_str(), target);
        let asked = body(&request.body);
        let mut exchanges = self.exchanges.lock().unwrap_or_else(PoisonError::into_inner);
        let equals: Vec<&mut Kept> =
            exchanges.get_mut(&key).into_iter().flatten().filter(|kept| kept.asked == asked).collect();
        let last = equals.len().saturating_sub(1);
        let next = equals.into_iter().enumerate().find(|(at, kept)| !kept.used || *at == last);
        match next {
            Some((_, kept)) => {
                kept.used = true;
                kept.outcome.clone()
            }
            None => Err(HttpError::Other(format!("the recording has no answer to {key}"))),
        }
    }
}

impl Transport for Replay {
    fn exchange<'a>(&'a self, request: &'a Outgoing) -> Later<'a, Result<Incoming, HttpError>> {
        Box::pin(async move { self.answer(request) })
    }
}

impl Answered {
    fn incoming(self) -> Incoming {
        let headers = self.headers.into_iter().filter_map(|(name, value)| match value {
            Value::String(text) => Some((name.to_ascii_lowercase(), text)),
            _ => None,
        });
        let headers = headers.filter(|(name, _)| name != "content-encoding").collect();
        let body = self.body.as_ref().map(bytes).unwrap_or_default();
        Incoming { status: self.status, headers, wire_bytes: body.len() as u64, body }
    }
}

/// What tells a request, but for its body.
fn key(method: &str, url: &str, target: Option<&str>) -> String {
    let url = canonical(url).map_or_else(|_| url.to_owned(), |url| url.to_string());
    match target {
        Some(target) => format!("{method} {url} {target}"),
        None => format!("{method} {url}"),
    }
}

/// A body as it is written.
fn body(bytes: &[u8]) -> Option<Value> {
    if bytes.is_empty() {
        return None;
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Some(serde_json::json!({ "base64": STANDARD.encode(bytes) }));
    };
    // A JSON string would come back without its quotes, and an object that looks like ours as bytes.
    match serde_json::from_str(text) {
        Ok(Value::String(_)) | Err(_) => Some(Value::from(text)),
        Ok(value) if encoded(&value).is_some() => Some(Value::from(text)),
        Ok(value) => Some(value),
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
    STANDARD.decode(object.get("base64")?.as_str()?).ok()
}

/// The inverse of [`HttpError::as_str`]; any other word is an error in words.
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
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ask(replay: &Replay, method: HttpMethod, url: &str, body: &str) -> String {
        let url = canonical(url).expect("canonical");
        let request = Outgoing { method, url, headers: vec![], body: body.into() };
        match replay.answer(&request) {
            Ok(answer) => format!("{} {}", answer.status, String::from_utf8_lossy(&answer.body)),
            Err(error) => format!("{error:?}"),
        }
    }

    #[test]
    fn equal_requests_are_answered_in_order() {
        let replay = Replay::read(
            r#"// made by hand
{"request":{"method":"GET","url":"https://a.example/x"},"response":{"status":200,"body":{"n":1}}}
{"request":{"method":"GET","url":"https://a.example/x"},"response":{"status":200,"body":"two"}}

{"request":{"method":"POST","url":"https://a.example","body":{"a":1,"b":2}},"error":"timed-out"}"#,
        )
        .expect("a recording");
        assert_eq!(ask(&replay, HttpMethod::Get, "https://a.example/x", ""), r#"200 {"n":1}"#);
        assert_eq!(replay.unused().len(), 2);
        assert_eq!(ask(&replay, HttpMethod::Get, "https://a.example/x", ""), "200 two");
        assert_eq!(ask(&replay, HttpMethod::Get, "https://a.example/x", ""), "200 two");
        assert_eq!(ask(&replay, HttpMethod::Post, "https://a.example/", r#"{"b":2, "a":1}"#), "TimedOut");
        let none = ask(&replay, HttpMethod::Get, "https://a.example/y", "");
        assert_eq!(none, r#"Other("the recording has no answer to GET https://a.example/y")"#);
        assert_eq!(replay.unused(), Vec::<String>::new());
    }

    #[test]
    fn lines_that_are_none() {
        #[track_caller]
        fn check(line: &str, expected: &str) {
            let error = Replay::read(line).expect_err("refused").to_string();
            assert!(error.starts_with(expected), "{error}");
        }
        check("x", "line 1 of the recording is not an exchange: expected value");
        check("\n{}", "line 2 of the recording is not an exchange: missing field");
        check(
            r#"{"request":{"method":"PUT","url":"https://a"},"error":"dns"}"#,
            "line 1 of the recording is not an exchange: `PUT`",
        );
        check(
            r#"{"request":{"method":"GET","url":"https://a"}}"#,
            "line 1 of the recording is not an exchange: it has neither",
        );
    }

    proptest! {
        #[test]
        fn bodies_come_back(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let written = body(&bytes);
            let read = written.as_ref().map(super::bytes).unwrap_or_default();
            // JSON may come back with other white space or digits, but as the same value.
            let same = read == bytes || body(&read) == written;
            prop_assert!(same, "{:?} {:?}", bytes, read);
        }

        #[test]
        fn texts_come_back(text in "\\PC{0,40}|\"[a-z]{0,5}\"|\\{\"base64\":\"[a-z]{4}\"\\}|null|[0-9]{1,5}") {
            prop_assert_eq!(body(text.as_bytes()).as_ref().map(super::bytes).unwrap_or_default(), text.into_bytes());
        }
    }
}
