//! A transport to a real server over plain HTTP, for tests: no broker in the way, no checks, no retries.

use super::super::http::{HttpError, Method, Request, Response};
use std::time::Duration;

/// The largest answer that is read.
const MAX_BYTES: u64 = 16 << 20;

/// How long a server may take.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Sends each request. `prepare` may change what is sent (add a credential, dial another address), so that what a
/// [`super::Recorder`] around it keeps is what the plugin asked.
pub fn live(mut prepare: impl FnMut(&mut Request)) -> impl FnMut(&Request) -> Result<Response, HttpError> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(TIMEOUT))
        .proxy(None)
        .build()
        .into();
    let mut exchange = 0;
    move |request| {
        let mut request = request.clone();
        prepare(&mut request);
        exchange += 1;
        send(&agent, &request, exchange - 1)
    }
}

fn send(agent: &ureq::Agent, request: &Request, exchange: u64) -> Result<Response, HttpError> {
    let method = match request.method {
        Method::Get => ureq::http::Method::GET,
        Method::Head => ureq::http::Method::HEAD,
        Method::Post => ureq::http::Method::POST,
    };
    let mut builder = ureq::http::Request::builder().method(method).uri(&request.url);
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    let sent = builder
        .body(request.body.clone().unwrap_or_default())
        .map_err(|error| HttpError::Other(format!("the request is none: {error}")))?;
    let mut answer = agent.run(sent).map_err(error)?;
    let headers = answer.headers().iter().map(|(name, value)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    Ok(Response {
        status: answer.status().as_u16(),
        headers: headers.collect(),
        body: answer.body_mut().with_config().limit(MAX_BYTES).read_to_vec().map_err(error)?,
        exchange,
    })
}

fn error(error: ureq::Error) -> HttpError {
    match error {
        ureq::Error::Timeout(_) => HttpError::TimedOut,
        ureq::Error::HostNotFound => HttpError::Dns,
        ureq::Error::ConnectionFailed | ureq::Error::Io(_) => HttpError::Connect,
        ureq::Error::BodyExceedsLimit(bytes) => HttpError::TooLarge(bytes),
        other => HttpError::Other(other.to_string()),
    }
}
