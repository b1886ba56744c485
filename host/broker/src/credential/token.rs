//! Asking a token service: an address that may be asked, a form, an answer.

use super::Context;
use super::fault::Fault;
use crate::message::{Incoming, Outgoing};
use inventar_model::{Denial, HttpError, HttpMethod};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::time::Duration;
use url::Url;

/// Waits before an ask is repeated.
const PAUSES: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(1)];
/// Bytes of an answer.
const MAX_ANSWER: usize = 256 * 1024;
/// How long a token lives whose service does not say.
const USUAL_LIFE: i64 = 600;
const MAX_LIFE: i64 = 7 * 24 * 3600;

/// An address that an operator wrote: https, or http on this machine.
pub(super) fn address(written: &str, what: &str) -> Result<Url, Fault> {
    let wrong = |why: &str| Err(Fault::options(format!("{what} {why}"), "write https://HOST/PATH"));
    let Ok(url) = Url::parse(written) else {
        return wrong("is no URL");
    };
    let here = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => return wrong("has no host"),
    };
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return wrong("holds a user, a password or a fragment");
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if here => Ok(url),
        _ => wrong("is not https (http is for this machine only)"),
    }
}

/// One ask, repeated when the service is busy or the way is broken.
pub(super) async fn ask(request: &Outgoing, whom: &str, context: &Context<'_>) -> Result<Incoming, Fault> {
    let mut pauses = PAUSES.iter();
    loop {
        let outcome = context.transport.exchange(request).await;
        let again = match &outcome {
            Ok(answer) => answer.status == 429 || answer.status >= 500,
            Err(HttpError::Connect | HttpError::TimedOut) => true,
            Err(_) => false,
        };
        match pauses.next().filter(|_| again) {
            Some(pause) => tokio::time::sleep(*pause).await,
            None => {
                return match outcome {
                    Ok(answer) if answer.body.len() > MAX_ANSWER => Err(Fault::too_large(MAX_ANSWER)),
                    Ok(answer) => Ok(answer),
                    Err(error) => Err(unreachable(&error, whom, request)),
                };
            }
        }
    }
}

fn unreachable(error: &HttpError, whom: &str, request: &Outgoing) -> Fault {
    let host = request.url.host_str().unwrap_or_default();
    match error {
        HttpError::TimedOut => {
            Fault::timed_out(format!("{whom} at `{host}` did not answer in time"), "try again later")
        }
        HttpError::Denied(Denial::Address) => Fault::unreachable(
            format!("{whom} at `{host}` has a private address"),
            "connect the source with --allow-private and its network",
        ),
        error => Fault::unreachable(
            format!("{whom} at `{host}` cannot be asked ({})", error.as_str()),
            "check its address and the way there",
        ),
    }
}

pub(super) fn unexpected(whom: &str, status: u16) -> Fault {
    match status {
        429 => Fault::unreachable(format!("{whom} asks to wait"), "try again later"),
        500.. => Fault::unreachable(format!("{whom} answered with status {status}"), "try again later"),
        _ => Fault::refused(
            format!("{whom} answered with status {status}"),
            "check the reference and its options",
        ),
    }
}

/// A form, posted; the answer may be of that type.
pub(super) fn post(url: Url, form: &[(&str, &str)], accept: &str) -> Outgoing {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(form);
    let headers = vec![
        ("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned()),
        ("accept".to_owned(), accept.to_owned()),
    ];
    // Emulators of AWS sign over a body that they write again, as Python's libraries do: with the star escaped.
    let body = body.finish().replace('*', "%2A").into_bytes();
    Outgoing { method: HttpMethod::Post, url, headers, body }
}

/// A token and the seconds it lives.
pub(super) struct Token {
    pub(super) text: SecretString,
    pub(super) seconds: i64,
}

/// What OAuth calls the errors of a token service, and what to do.
const ERRORS: &[(&str, &str)] = &[
    ("invalid_client", "check the client's id and secret; the secret may have ended"),
    ("invalid_grant", "check the key, the clock of this machine and that the account is enabled"),
    ("invalid_scope", "check the option `scope`"),
    ("invalid_target", "check the option `audience`"),
    ("invalid_request", "check the options"),
    ("unauthorized_client", "allow the client this kind of sign-in"),
    ("unsupported_grant_type", "check the token service's address"),
    ("access_denied", "grant the client access"),
];

/// Asks for a token the OAuth way.
pub(super) async fn grant(request: &Outgoing, context: &Context<'_>) -> Result<Token, Fault> {
    let whom = "the token service";
    let answer = ask(request, whom, context).await?;
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    if answer.status != 200 {
        let said = body.get("error").and_then(Value::as_str).unwrap_or_default();
        // Only known words are repeated: an answer may hold what was sent.
        return Err(match ERRORS.iter().find(|(word, _)| *word == said) {
            Some((word, next)) => {
                Fault::refused(format!("{whom} refuses it (`{word}`{})", entra_code(&body)), *next)
            }
            None => unexpected(whom, answer.status),
        });
    }
    let text = body.get("access_token").and_then(Value::as_str).unwrap_or_default();
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Fault::malformed(format!("{whom} gave no token"), "check its address"));
    }
    if let Some(kind) = body.get("token_type").and_then(Value::as_str)
        && !kind.eq_ignore_ascii_case("bearer")
    {
        return Err(Fault::unsupported(
            format!("{whom} gave a token that is no bearer token"),
            "ask for one",
        ));
    }
    let seconds = match body.get("expires_in") {
        Some(Value::Number(number)) => number.as_i64(),
        Some(Value::String(text)) => text.parse().ok(),
        _ => None,
    };
    let seconds = seconds.filter(|seconds| *seconds > 0).unwrap_or(USUAL_LIFE).min(MAX_LIFE);
    Ok(Token { text: SecretString::from(text), seconds })
}

/// The number of Microsoft Entra's errors, which its documentation explains.
fn entra_code(body: &Value) -> String {
    let code = body.pointer("/error_codes/0").and_then(Value::as_u64).filter(|code| *code < 10_000_000);
    code.map_or_else(String::new, |code| format!(", AADSTS{code}"))
}

/// A header for HTTP basic authentication, its parts form-encoded as OAuth has it.
pub(super) fn basic(user: &str, password: &SecretString) -> String {
    use base64::Engine;
    let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = zeroize::Zeroizing::new(format!("{}:{}", encode(user), encode(password.expose_secret())));
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair.as_bytes()))
}
