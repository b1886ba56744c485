//! The eight steps, in order, for one request of a guest.

use crate::body::{Opened, Reader};
use crate::credential::SignFor;
use crate::dial::ENDED;
use crate::etag;
use crate::follow::followed;
use crate::headers;
use crate::message::{Arriving, Outgoing, Transport};
use crate::pace::{LaneKey, backoff};
use crate::permit::{Asked, Permitted};
use crate::record::Exchange;
use crate::redact::Redactor;
use crate::session::Inner;
use crate::url::canonical;
use crate::verdict::{Verdict, is_unknown_to_stand_in, verdict};
use inventar_model::{Denial, Header, HttpError, HttpMethod, HttpRequest, HttpResponse};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use url::Url;

const USER_AGENT: &str = concat!("inventar/", env!("CARGO_PKG_VERSION"));
/// Headers of a signature that are no secret.
const NO_SECRET: &[&str] = &["host", "x-amz-content-sha256", "x-amz-date", "x-amz-target"];
/// Tries when nothing came back in time: each may have cost a minute.
const TIMED_OUT_TRIES: u32 = 2;
/// Tries when nobody is there: seldom somebody comes within seconds.
const UNREACHED_TRIES: u32 = 4;

/// A guest's request after its form was checked.
pub(crate) struct Request {
    pub(crate) method: HttpMethod,
    pub(crate) url: Url,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) slot: Option<String>,
    pub(crate) timeout: Option<Duration>,
}

/// What came back, redacted but for a body that is still on its way.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Came,
    pub(crate) operation: String,
}

pub(crate) enum Came {
    Whole(Vec<u8>),
    Pieces(Reader),
}

/// How a body is wanted.
#[derive(Clone, Copy, PartialEq)]
enum Mode {
    Whole,
    Pieces,
}

pub(crate) async fn send(
    inner: &Arc<Inner>,
    scope: &Arc<str>,
    request: HttpRequest,
) -> Result<HttpResponse, HttpError> {
    let number = inner.next_exchange();
    let (outcome, operation) = match run(inner, scope, &request, Mode::Whole).await {
        Ok(Answer { status, headers, body: Came::Whole(body), operation }) => {
            (Ok(HttpResponse { status, headers: listed(headers), body, exchange: number }), Some(operation))
        }
        Ok(_) => (Err(HttpError::Other("a body in pieces that was not asked for".into())), None),
        Err(error) => (Err(redacted(inner, error)), None),
    };
    record(inner, &request, number, operation.as_deref(), outcome.as_ref())?;
    outcome
}

pub(crate) async fn open(
    inner: &Arc<Inner>,
    scope: &Arc<str>,
    request: HttpRequest,
) -> Result<Opened, HttpError> {
    let number = inner.next_exchange();
    match run(inner, scope, &request, Mode::Pieces).await {
        Ok(Answer { status, headers, body, operation }) => {
            let head = HttpResponse { status, headers: listed(headers), body: vec![], exchange: number };
            let reader = match body {
                Came::Pieces(reader) => reader,
                Came::Whole(body) => Reader::whole(body),
            };
            Ok(reader.opened(inner, scope, head, request, operation))
        }
        Err(error) => {
            let error = redacted(inner, error);
            record(inner, &request, number, None, Err(&error))?;
            Err(error)
        }
    }
}

pub(crate) fn record(
    inner: &Inner,
    request: &HttpRequest,
    number: u64,
    operation: Option<&str>,
    outcome: Result<&HttpResponse, &HttpError>,
) -> Result<(), HttpError> {
    let Some(recording) = &inner.record else { return Ok(()) };
    let redactor = inner.redactor();
    let headers: Vec<(String, String)> = request
        .headers
        .iter()
        .map(|header| (header.name.to_ascii_lowercase(), redactor.redact_text(header.value.clone())))
        .collect();
    recording.write(&Exchange {
        number,
        method: request.method,
        url: &redactor.redact_text(request.url.clone()),
        headers: &headers,
        body: &redactor.redact(request.body.as_deref().unwrap_or_default()),
        operation,
        outcome,
    })
}

fn listed(headers: Vec<(String, String)>) -> Vec<Header> {
    headers.into_iter().map(|(name, value)| Header { name, value }).collect()
}

/// An error's words come from a guest's request, a credential's source or a service: they are looked through, too.
pub(crate) fn redacted(inner: &Inner, error: HttpError) -> HttpError {
    let text = |text: String| inner.redactor().redact_text(text);
    match error {
        HttpError::Other(why) => HttpError::Other(text(why)),
        HttpError::CredentialUnavailable(why) => HttpError::CredentialUnavailable(text(why)),
        HttpError::Denied(denial) => HttpError::Denied(match denial {
            Denial::Host(what) => Denial::Host(text(what)),
            Denial::Path(what) => Denial::Path(text(what)),
            Denial::Operation(what) => Denial::Operation(text(what)),
            Denial::Slot(what) => Denial::Slot(text(what)),
            Denial::Redirect(what) => Denial::Redirect(text(what)),
            Denial::Header(what) => Denial::Header(text(what)),
            same @ (Denial::Method | Denial::Address) => same,
        }),
        same => same,
    }
}

async fn run(
    inner: &Arc<Inner>,
    scope: &Arc<str>,
    request: &HttpRequest,
    mode: Mode,
) -> Result<Answer, HttpError> {
    let mut request = formed(inner, request).map_err(HttpError::Denied)?;
    let mut hops = 0;
    loop {
        let permitted = permitted(inner, &request).map_err(|denial| {
            HttpError::Denied(match denial {
                _ if hops > 0 => Denial::Redirect(request.url.host_str().unwrap_or_default().to_owned()),
                denial => denial,
            })
        })?;
        let answer = tries(inner, scope, &request, &permitted, mode).await?;
        let location = answer.headers.iter().find(|(name, _)| name == "location").map(|(_, value)| value);
        let Some(location) = location.filter(|_| matches!(answer.status, 301 | 302 | 303 | 307 | 308)) else {
            return Ok(answer);
        };
        hops += 1;
        if hops > inner.limits.redirects {
            let most = format!("more than {} in a row", inner.limits.redirects);
            return Err(HttpError::Denied(Denial::Redirect(most)));
        }
        let next = followed(inner, &request, &permitted, answer.status, location);
        request = next.map_err(HttpError::Denied)?;
    }
}

/// Step 1 and the first half of step 3: what can be said without any rule.
fn formed(inner: &Inner, request: &HttpRequest) -> Result<Request, Denial> {
    let url = canonical(&request.url)?;
    let headers = headers::outgoing(&request.headers)?;
    let body = request.body.clone().unwrap_or_default();
    if body.len() > inner.limits.request_bytes {
        return Err(Denial::Operation(format!("a body of more than {} bytes", inner.limits.request_bytes)));
    }
    Ok(Request {
        method: request.method,
        url,
        headers,
        body,
        slot: request.credential.clone(),
        timeout: request.timeout_ms.map(|ms| Duration::from_millis(ms.into())),
    })
}

/// Step 2 and the rest of step 3.
pub(crate) fn permitted<'a>(inner: &'a Inner, request: &Request) -> Result<Permitted<'a>, Denial> {
    let permitted = inner.permit.check(Asked {
        method: request.method,
        url: &request.url,
        headers: &request.headers,
        body: &request.body,
        slot: request.slot.as_deref(),
    })?;
    headers::declared(&request.headers, &permitted.rule.headers)?;
    Ok(permitted)
}

/// What one try led to.
enum Tried {
    Done(Answer),
    Again { pause: Option<Duration>, throttled: bool, otherwise: Result<Answer, HttpError> },
}

/// Steps 4, 5, 7 and 8, as often as the service's answers ask for it and the limits allow.
async fn tries(
    inner: &Arc<Inner>,
    scope: &Arc<str>,
    request: &Request,
    permitted: &Permitted<'_>,
    mode: Mode,
) -> Result<Answer, HttpError> {
    let limits = &inner.limits;
    let (mut throttled_tries, mut failed_tries, mut renewed) = (0, 0, false);
    let host = request.url.authority().to_owned();
    let service = permitted.rule.service.clone();
    let lane = LaneKey { host, service, operation: Some(permitted.operation.name.clone()) };
    let mut lanes = vec![(lane.clone(), permitted.rule.per_second.unwrap_or(limits.per_second))];
    if let Some(rate) = permitted.rule.per_second {
        lanes.push((LaneKey { operation: None, ..lane.clone() }, rate));
    }
    loop {
        if !inner.is_replay {
            wait_until(inner, inner.pace.take(&lanes, Instant::now())).await?;
        }
        let place =
            inner.gate.acquire().await.map_err(|_| HttpError::Other("the session has ended".into()))?;
        let retry = throttled_tries + failed_tries > 0;
        let (pause, n) = match once(inner, scope, request, permitted, mode, retry, &mut renewed).await? {
            Tried::Done(answer) => {
                inner.pace.widen(&lane);
                return Ok(answer);
            }
            Tried::Again { pause, throttled: true, otherwise } => {
                throttled_tries += 1;
                inner.pace.narrow(&lane, pause, Instant::now());
                let long = pause.is_some_and(|pause| pause > limits.longest_wait);
                if throttled_tries >= limits.throttled_tries || long {
                    return otherwise;
                }
                (pause, throttled_tries)
            }
            Tried::Again { pause, throttled: false, otherwise } => {
                failed_tries += 1;
                let most = match otherwise {
                    Err(HttpError::TimedOut) => limits.failed_tries.min(TIMED_OUT_TRIES),
                    Err(HttpError::Connect) => limits.failed_tries.min(UNREACHED_TRIES),
                    _ => limits.failed_tries,
                };
                if failed_tries >= most {
                    return otherwise;
                }
                (pause, failed_tries)
            }
        };
        drop(place);
        let pause = backoff(n, limits.backoff, limits.longest_backoff).max(pause.unwrap_or_default());
        if !inner.is_replay {
            wait_until(inner, Instant::now() + pause.min(limits.longest_wait)).await?;
        }
    }
}

/// Waits, but not beyond the budget.
async fn wait_until(inner: &Inner, when: Instant) -> Result<(), HttpError> {
    if when <= Instant::now() {
        return Ok(());
    }
    if inner.meter.end().is_some_and(|end| when > end) {
        return Err(HttpError::BudgetExhausted);
    }
    let _waiting = inner.meter.waiting();
    tokio::time::sleep_until(when).await;
    Ok(())
}

/// One try: sign, take from the budget, send, judge.
async fn once(
    inner: &Arc<Inner>,
    scope: &Arc<str>,
    request: &Request,
    permitted: &Permitted<'_>,
    mode: Mode,
    retry: bool,
    renewed: &mut bool,
) -> Result<Tried, HttpError> {
    let mut outgoing = Outgoing {
        method: request.method,
        url: if inner.is_replay { request.url.clone() } else { permitted.dial.clone() },
        headers: request.headers.clone(),
        body: request.body.clone(),
    };
    outgoing.headers.push(("user-agent".into(), USER_AGENT.into()));
    outgoing.headers.push(("accept-encoding".into(), "gzip, deflate".into()));
    let remembered =
        etag::key(request.method, request.url.as_str(), &request.headers, request.slot.as_deref())
            .filter(|_| mode == Mode::Whole && !inner.is_replay);
    if let Some(tag) = remembered.as_deref().and_then(|key| inner.etags.tag(key)) {
        outgoing.headers.push(("if-none-match".into(), tag));
    }
    let transport = signed(inner, &mut outgoing, permitted).await?;
    inner.meter.take(scope, permitted.rule, permitted.operation, retry)?;
    let mut in_flight = InFlight { inner, scope, bytes: 0, throttled: false };

    let came = arrived(inner, request, &outgoing, transport.as_ref(), mode).await;
    let (status, headers, came, bytes) = match came {
        Ok(came) => came,
        Err(error) => {
            let again = matches!(error, HttpError::TimedOut | HttpError::Connect)
                || matches!(&error, HttpError::Other(why) if why == ENDED);
            return match again {
                true => Ok(Tried::Again { pause: None, throttled: false, otherwise: Err(error) }),
                false => Err(error),
            };
        }
    };
    in_flight.bytes = bytes;

    let redactor = inner.redactor();
    let signature = Signature::of(&outgoing.headers, request);
    let headers: Vec<(String, String)> = headers::incoming(headers)
        .into_iter()
        .map(|(name, value)| (redactor.redact_text(name), signature.redact(redactor.redact_text(value))))
        .collect();
    let (verdict, body) = match came {
        Raw::Whole(body) => {
            let verdict = match verdict(status, &headers, &body, jiff::Timestamp::now()) {
                Verdict::Failed(_) if permitted.stands_in && is_unknown_to_stand_in(status, &headers) => {
                    Verdict::Take
                }
                verdict => verdict,
            };
            (verdict, Came::Whole(signature.redact_bytes(redactor.redact(&body).into_owned())))
        }
        Raw::Pieces(arriving) => {
            (Verdict::Take, Came::Pieces(Reader::new(arriving.pieces, signature.stream(&redactor))))
        }
    };
    let operation = permitted.operation.name.clone();
    let mut answer = Answer { status, headers, body, operation };
    if let Some(key) = remembered {
        remember(inner, key, &mut answer);
    }
    in_flight.throttled = matches!(verdict, Verdict::Wait(_));
    drop(in_flight);
    Ok(match verdict {
        Verdict::Take => Tried::Done(answer),
        Verdict::Refused => {
            let credential = permitted.slot.and_then(|slot| inner.credentials.get(&slot.slot));
            // It may have been replaced at its source since it was read.
            let may_renew = status == 401 && !*renewed && !inner.is_replay;
            if may_renew && credential.is_some_and(|credential| credential.refresh()) {
                *renewed = true;
                return Ok(Tried::Again {
                    pause: Some(Duration::ZERO),
                    throttled: false,
                    otherwise: Ok(answer),
                });
            }
            inner.meter.denied(&permitted.rule.service, &permitted.operation.name);
            Tried::Done(answer)
        }
        Verdict::Wait(pause) => Tried::Again {
            pause,
            throttled: true,
            otherwise: Err(HttpError::RateLimited(pause.map(|pause| pause.as_secs()))),
        },
        Verdict::Failed(pause) => Tried::Again { pause, throttled: false, otherwise: Ok(answer) },
    })
}

/// A call on its way: its end is accounted for also when nobody waits for it any more.
struct InFlight<'a> {
    inner: &'a Inner,
    scope: &'a Arc<str>,
    bytes: u64,
    throttled: bool,
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.inner.meter.ended(self.scope, self.bytes, self.throttled);
    }
}

/// Step 5: fills the slot, and finds the transport that goes with it.
async fn signed(
    inner: &Inner,
    outgoing: &mut Outgoing,
    permitted: &Permitted<'_>,
) -> Result<Arc<dyn Transport>, HttpError> {
    let unavailable = HttpError::CredentialUnavailable;
    let mut tls = None;
    if let Some(slot) = permitted.slot.filter(|_| !inner.is_replay) {
        match inner.credentials.get(&slot.slot) {
            Some(credential) => {
                let tokens = inner.dialers.for_tokens().map_err(unavailable)?;
                let service = signing_name(&permitted.rule.service);
                let what = SignFor { service, region: permitted.region.as_deref(), slot };
                let outcome = credential.sign(outgoing, &what, tokens.as_ref()).await;
                outcome.map_err(|error| unavailable(error.to_string()))?;
                tls = credential.tls();
            }
            None if slot.optional => {}
            None => return Err(unavailable(format!("nothing fills the slot `{}`", slot.slot))),
        }
    }
    inner.dialers.of(permitted.slot.map(|slot| slot.slot.as_str()), tls).map_err(HttpError::Other)
}

/// What AWS signs a service's requests for, where its address has another name.
fn signing_name(service: &str) -> &str {
    match service {
        // AgentCore's control and data planes are a service of their own.
        _ if service.starts_with("bedrock-agentcore") => "bedrock-agentcore",
        _ if service.starts_with("bedrock") => "bedrock",
        _ if service.starts_with("sagemaker") => "sagemaker",
        "api-ecr" => "ecr",
        "opensearch" => "es",
        "cloudwatch" => "monitoring",
        "resource-groups-tagging" | "resource-groups-tagging-api" => "tagging",
        "cloudwatch-logs" => "logs",
        "opensearch-serverless" => "aoss",
        other => other,
    }
}

enum Raw {
    Whole(Vec<u8>),
    Pieces(Arriving),
}

type CameIn = (u16, Vec<(String, String)>, Raw, u64);

/// Sends, within the guest's own limit and the budget's.
async fn arrived(
    inner: &Inner,
    request: &Request,
    outgoing: &Outgoing,
    transport: &dyn Transport,
    mode: Mode,
) -> Result<CameIn, HttpError> {
    let now = Instant::now();
    let total = request.timeout.map_or(inner.limits.total, |own| own.min(inner.limits.total));
    let budget_end = inner.meter.end();
    let until = budget_end.map_or(now + total, |end| end.min(now + total));
    let exchange = async {
        if mode == Mode::Whole {
            let came = transport.exchange(outgoing).await?;
            return Ok((came.status, came.headers, Raw::Whole(came.body), came.wire_bytes));
        }
        let mut arriving = transport.open(outgoing).await?;
        let (status, headers) = (arriving.status, std::mem::take(&mut arriving.headers));
        if (200..300).contains(&status) {
            return Ok((status, headers, Raw::Pieces(arriving), 0));
        }
        // What is no success is short, and may ask for another try.
        let mut body = vec![];
        while let Some(piece) = arriving.pieces.next().await? {
            body.extend(piece);
            if body.len() as u64 > inner.limits.body_bytes {
                return Err(HttpError::TooLarge(inner.limits.body_bytes));
            }
        }
        Ok((status, headers, Raw::Whole(body), arriving.pieces.wire_bytes()))
    };
    match tokio::time::timeout_at(until, exchange).await {
        Ok(came) => came,
        Err(_) if budget_end == Some(until) => Err(HttpError::BudgetExhausted),
        Err(_) => Err(HttpError::TimedOut),
    }
}

/// Keeps an answer with an `etag`, or finds the one that is still true.
fn remember(inner: &Inner, key: String, answer: &mut Answer) {
    let Came::Whole(body) = &mut answer.body else { return };
    if answer.status == 304
        && let Some(known) = inner.etags.answer(&key)
    {
        answer.status = known.status;
        answer.headers = known.headers.into_iter().map(|header| (header.name, header.value)).collect();
        *body = known.body;
    } else if answer.status == 200 && answer.headers.iter().any(|(name, _)| name == "etag") {
        let headers = listed(answer.headers.clone());
        let kept = HttpResponse { status: 200, headers, body: body.clone(), exchange: 0 };
        inner.etags.keep(key, &kept);
    }
}

/// What signing added to this one request: it changes each time, and is no guest's either.
struct Signature(Option<Redactor>);

impl Signature {
    fn of(headers: &[(String, String)], request: &Request) -> Self {
        let added = headers.iter().filter(|(name, value)| {
            !NO_SECRET.contains(&name.as_str())
                && value.len() >= 8
                && !request.headers.iter().any(|(known, _)| known == name)
                && !matches!(name.as_str(), "user-agent" | "accept-encoding" | "if-none-match")
        });
        let values: Vec<&str> = added.map(|(_, value)| value.as_str()).collect();
        Self((!values.is_empty()).then(|| Redactor::exactly(&values)))
    }

    fn redact(&self, text: String) -> String {
        match &self.0 {
            Some(redactor) => redactor.redact_text(text),
            None => text,
        }
    }

    fn redact_bytes(&self, bytes: Vec<u8>) -> Vec<u8> {
        match &self.0 {
            Some(redactor) => match redactor.redact(&bytes) {
                std::borrow::Cow::Borrowed(_) => bytes,
                std::borrow::Cow::Owned(redacted) => redacted,
            },
            None => bytes,
        }
    }

    fn stream(&self, redactor: &Redactor) -> crate::redact::Stream {
        redactor.with(self.0.as_ref()).stream()
    }
}
