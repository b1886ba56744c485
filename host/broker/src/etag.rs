//! Conditional requests: an answer with an `etag` is kept for the session, and asked for again as `if-none-match`.

use inventar_model::{Header, HttpMethod, HttpResponse};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

const MAX_KEPT: usize = 512;
const MAX_BODY: usize = 64 << 10;
const MAX_BYTES: usize = 8 << 20;

/// What was answered before, after redaction.
#[derive(Debug, Default)]
pub(crate) struct Etags {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    answers: HashMap<String, HttpResponse>,
    bytes: usize,
}

/// What an answer depends on; none: it is not to be kept.
pub(crate) fn key(
    method: HttpMethod,
    url: &str,
    headers: &[(String, String)],
    slot: Option<&str>,
) -> Option<String> {
    let conditional = headers.iter().any(|(name, _)| name.starts_with("if-") || name == "range");
    if method != HttpMethod::Get || conditional {
        return None;
    }
    let headers: Vec<String> = headers.iter().map(|(name, value)| format!("{name}:{value}")).collect();
    Some(format!("{url}\n{}\n{}", slot.unwrap_or_default(), headers.join("\n")))
}

impl Etags {
    pub(crate) fn tag(&self, key: &str) -> Option<String> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.answers.get(key).and_then(|answer| tag_of(&answer.headers)).map(str::to_owned)
    }

    pub(crate) fn answer(&self, key: &str) -> Option<HttpResponse> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).answers.get(key).cloned()
    }

    pub(crate) fn keep(&self, key: String, answer: &HttpResponse) {
        if answer.status != 200 || answer.body.len() > MAX_BODY || tag_of(&answer.headers).is_none() {
            return;
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let old = kept.answers.remove(&key).map_or(0, |old| old.body.len());
        kept.bytes = kept.bytes - old + answer.body.len();
        if kept.answers.len() >= MAX_KEPT || kept.bytes > MAX_BYTES {
            kept.bytes -= answer.body.len();
            return;
        }
        kept.answers.insert(key, answer.clone());
    }
}

fn tag_of(headers: &[Header]) -> Option<&str> {
    headers.iter().find(|header| header.name == "etag").map(|header| header.value.as_str())
}
