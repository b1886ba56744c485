//! Joins a collector's types to the generated ones.

use super::{asset, finding, relation, settings};
use crate::bindings::{collect, types};
use crate::collector::{Collector, Context, Cursor, Gap, Problem, Reason, Scope, Sink, Step};

fn context<C: Collector>(context: collect::Context) -> Result<Context<C::Settings>, types::Problem> {
    Ok(Context { now_ms: context.now, settings: settings(&context.settings)?, full_sync: context.full_sync })
}

fn problem(problem: Problem) -> types::Problem {
    types::Problem { code: problem.code, message: problem.message }
}

pub fn probe<C: Collector>(given: collect::Context) -> Result<Vec<collect::Scope>, types::Problem> {
    let scopes = C::probe(&context::<C>(given)?).map_err(problem)?;
    let lower = |scope: Scope| collect::Scope { id: scope.id, kind: scope.kind, label: scope.label };
    Ok(scopes.into_iter().map(lower).collect())
}

pub fn run<C: Collector>(
    given: collect::Context,
    scope: collect::Scope,
    at: Option<collect::Cursor>,
) -> Result<collect::Step, types::Problem> {
    let context = context::<C>(given)?;
    let scope = Scope { id: scope.id, kind: scope.kind, label: scope.label };
    let at = at.map(|cursor| Cursor { version: cursor.version, data: cursor.data });
    let mut sink = Sink::default();
    let step = C::run(&context, &scope, at.as_ref(), &mut sink).map_err(problem)?;
    flush(sink)?;
    let lower = |cursor: Cursor| collect::Cursor { version: cursor.version, data: cursor.data };
    Ok(match step {
        Step::More(cursor) => collect::Step::More(lower(cursor)),
        Step::Complete(cursor) => collect::Step::Complete(cursor.map(lower)),
        Step::Partial(cursor) => collect::Step::Partial(cursor.map(lower)),
    })
}

/// What the sink holds goes to the host at the end of a slice: a slice that fails leaves nothing there.
#[cfg(target_arch = "wasm32")]
fn flush(sink: Sink) -> Result<(), types::Problem> {
    use crate::bindings::sink as host;
    if let Some((done, total)) = sink.progress {
        host::progress(done, total);
    }
    let assets: Vec<_> = sink.assets.into_iter().map(asset).collect();
    host::assets(&assets)?;
    let relations: Vec<_> = sink.relations.into_iter().map(relation).collect();
    host::relations(&relations)?;
    let findings: Vec<_> = sink.findings.into_iter().map(finding).collect();
    host::findings(&findings)?;
    let gaps: Vec<_> = sink.gaps.into_iter().map(gap).collect();
    host::gaps(&gaps)
}

/// Outside the sandbox there is no host to take the rows; the conversions are checked all the same.
#[cfg(not(target_arch = "wasm32"))]
fn flush(sink: Sink) -> Result<(), types::Problem> {
    sink.assets.into_iter().map(asset).for_each(drop);
    sink.relations.into_iter().map(relation).for_each(drop);
    sink.findings.into_iter().map(finding).for_each(drop);
    sink.gaps.into_iter().map(gap).for_each(drop);
    Ok(())
}

fn gap(gap: Gap) -> types::CoverageGap {
    types::CoverageGap {
        at: gap.at,
        reason: match gap.reason {
            Reason::AccessDenied => types::GapReason::AccessDenied,
            Reason::CredentialMissing => types::GapReason::CredentialMissing,
            Reason::RateLimited(seconds) => types::GapReason::RateLimited(seconds),
            Reason::Unreachable => types::GapReason::Unreachable,
            Reason::TimedOut => types::GapReason::TimedOut,
            Reason::TooLarge(bytes) => types::GapReason::TooLarge(bytes),
            Reason::Unparsable => types::GapReason::Unparsable,
            Reason::Unsupported(what) => types::GapReason::Unsupported(what),
            Reason::BudgetExhausted => types::GapReason::BudgetExhausted,
            Reason::Other(what) => types::GapReason::Other(what),
        },
        detail: gap.detail,
        retriable: gap.retriable,
    }
}

#[cfg(target_arch = "wasm32")]
pub fn send_all(
    requests: Vec<crate::collector::Request>,
) -> Vec<Result<crate::collector::Response, crate::collector::Failure>> {
    use crate::bindings::http;
    use crate::collector::http::Method;
    use crate::collector::{Failure, Response};
    let lower = |request: crate::collector::Request| http::Request {
        method: match request.method {
            Method::Get => http::Method::Get,
            Method::Head => http::Method::Head,
            Method::Post => http::Method::Post,
        },
        url: request.url,
        headers: request.headers.into_iter().map(|(name, value)| http::Header { name, value }).collect(),
        body: request.body,
        credential: request.credential,
        timeout_ms: request.timeout_ms,
    };
    let lift = |response: http::Response| Response {
        status: response.status,
        headers: response.headers.into_iter().map(|header| (header.name, header.value)).collect(),
        body: response.body,
        exchange: response.exchange,
    };
    let mut requests: Vec<http::Request> = requests.into_iter().map(lower).collect();
    let answers = match requests.len() {
        1 => requests.pop().map(|request| vec![http::send(&request)]).unwrap_or_default(),
        _ => http::send_all(&requests),
    };
    answers
        .into_iter()
        .map(|answer| answer.map(lift).map_err(|error| Failure::Error(failure(error))))
        .collect()
}

#[cfg(target_arch = "wasm32")]
fn failure(error: crate::bindings::http::HttpError) -> crate::collector::HttpError {
    use crate::bindings::http::{Denial as D, HttpError as E};
    use crate::collector::{Denial, HttpError};
    match error {
        E::Denied(denial) => HttpError::Denied(match denial {
            D::Host(what) => Denial::Host(what),
            D::Method => Denial::Method,
            D::Path(what) => Denial::Path(what),
            D::Operation(what) => Denial::Operation(what),
            D::Address => Denial::Address,
            D::Slot(what) => Denial::Slot(what),
            D::Redirect(what) => Denial::Redirect(what),
            D::Header(what) => Denial::Header(what),
        }),
        E::CredentialUnavailable(why) => HttpError::CredentialUnavailable(why),
        E::Dns => HttpError::Dns,
        E::Connect => HttpError::Connect,
        E::Tls => HttpError::Tls,
        E::TimedOut => HttpError::TimedOut,
        E::TooLarge(bytes) => HttpError::TooLarge(bytes),
        E::RateLimited(seconds) => HttpError::RateLimited(seconds),
        E::BudgetExhausted => HttpError::BudgetExhausted,
        E::Other(why) => HttpError::Other(why),
    }
}
