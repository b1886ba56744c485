//! Calls of a collector: they wait for services, so they are asynchronous, and many wait at once.
//!
//! A slice runs on a fresh instance. Its requests go through [`Outbound`]; its rows stay in the host until the guest
//! has said how the slice ended, and are lifted then: a slice that fails leaves nothing.

use crate::bindings::{collect, http, sink, types};
use crate::call::{Metered, Payer, State, Stop, stop};
use crate::error::{Fault, FaultKind, LogLine};
use crate::lift::Lift;
use crate::limits::Limits;
use crate::outbound::{BodyReader, Later, Outbound};
use crate::plugin::{Exports, Plugin, Ready, classify, lift_fault, wrong_question};
use crate::redact;
use futures_util::StreamExt as _;
use inventar_model::{
    Cursor, Denial, Header, HttpError, HttpMethod, HttpRequest, HttpResponse, Report, Scope, Step, Timestamp,
};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use wasmtime::Store;
use wasmtime::component::{Instance, Resource};

/// What a slice is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectContext {
    /// When the run of the source began: the same for all its slices, also after it was taken up again.
    pub now: Timestamp,
    /// What [`crate::Manifest::check_settings`] returned.
    pub settings: String,
    /// Cursors of earlier runs do not count.
    pub full_sync: bool,
}

/// What a probe found.
#[derive(Debug, Clone, PartialEq)]
pub struct Probed {
    /// The scopes, in the plugin's order, each id once.
    pub scopes: Vec<Scope>,
    /// What the guest logged.
    pub log: Vec<LogLine>,
    /// CPU time spent in the sandbox.
    pub guest: Duration,
}

/// What a slice led to.
#[derive(Debug, Clone, PartialEq)]
pub struct Slice {
    /// How it ended.
    pub step: Step,
    /// What it saw. Local references have the path [`Scope::path`] of their key.
    pub report: Report,
    /// Rows that were refused, in words; the rest stands, but the scope is not complete.
    pub problems: Vec<String>,
    /// How far the scope is, as the guest says: done, and of how many.
    pub progress: Option<(u64, Option<u64>)>,
    /// What the guest logged.
    pub log: Vec<LogLine>,
    /// CPU time spent in the sandbox.
    pub guest: Duration,
}

/// The host's side of a slice, beside what every call has.
pub(crate) struct Collecting {
    way: Arc<dyn Outbound>,
    requests: u32,
    /// A probe reports nothing.
    may_report: bool,
    rows: types::Report,
    progress: Option<(u64, Option<u64>)>,
}

/// A body that a guest reads piecewise. `pub` because the generated code re-exports it, inside its private module.
#[allow(unreachable_pub)]
pub struct OpenBody(Mutex<Box<dyn BodyReader>>);

impl fmt::Debug for OpenBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OpenBody").finish()
    }
}

impl Plugin {
    /// Tests the connection and lists the scopes.
    pub async fn probe(&self, context: &CollectContext, way: Arc<dyn Outbound>) -> Result<Probed, Fault> {
        let asked = lower_context(context);
        let (scopes, _, log, guest) = self
            .wait(way, false, async |ready, store, instance| {
                let Exports::Collector(collect) = &ready.exports else { return Err(wrong_question("probe")) };
                let guest = collect.load(&mut *store, instance)?;
                guest.call_probe(&mut *store, &asked).await
            })
            .await?;
        let limits = &self.inner().runtime.limits;
        if scopes.len() > limits.scopes {
            return Err(lift_fault(format!("more than {} scopes", limits.scopes), guest, &log));
        }
        let lift = Lift::new(limits, self.manifest());
        let mut seen = BTreeSet::new();
        let mut lifted = Vec::with_capacity(scopes.len());
        for scope in scopes {
            let scope =
                lift.scope(scope).map_err(|refusal| lift_fault(refusal.into_message(), guest, &log))?;
            if !seen.insert(scope.id.clone()) {
                return Err(lift_fault(format!("the scope `{}` is there twice", scope.id), guest, &log));
            }
            lifted.push(scope);
        }
        Ok(Probed { scopes: lifted, log, guest })
    }

    /// One slice of a scope, from where the last one stopped.
    pub async fn run_slice(
        &self,
        context: &CollectContext,
        scope: &Scope,
        at: Option<&Cursor>,
        way: Arc<dyn Outbound>,
    ) -> Result<Slice, Fault> {
        let asked = lower_context(context);
        let of =
            collect::Scope { id: scope.id.clone(), kind: scope.kind.clone(), label: scope.label.clone() };
        let from = at.map(|cursor| collect::Cursor { version: cursor.version, data: cursor.data.clone() });
        let (step, collecting, log, guest) = self
            .wait(way, true, async |ready, store, instance| {
                let Exports::Collector(collect) = &ready.exports else { return Err(wrong_question("run")) };
                let guest = collect.load(&mut *store, instance)?;
                guest.call_run(&mut *store, &asked, &of, from.as_ref()).await
            })
            .await?;
        let mut lift = Lift::new(&self.inner().runtime.limits, self.manifest());
        let cursor =
            |cursor| lift.cursor(cursor).map_err(|refusal| lift_fault(refusal.into_message(), guest, &log));
        let step = match step {
            collect::Step::More(at) => Step::More(cursor(at)?),
            collect::Step::Complete(at) => Step::Complete(at.map(cursor).transpose()?),
            collect::Step::Partial(at) => Step::Partial(at.map(cursor).transpose()?),
        };
        let (report, problems) = lift.collected(collecting.rows, scope);
        Ok(Slice { step, report, problems, progress: collecting.progress, log, guest })
    }

    /// One call in a store of its own, which may wait.
    async fn wait<T>(
        &self,
        way: Arc<dyn Outbound>,
        may_report: bool,
        ask: impl AsyncFnOnce(&Ready, &mut Store<State>, &Instance) -> wasmtime::Result<Result<T, types::Problem>>,
    ) -> Result<(T, Collecting, Vec<LogLine>, Duration), Fault> {
        let ready = self.ready()?;
        let engine = self.engine()?;
        let _permit = engine.gate.enter();
        let limits = &self.inner().runtime.limits;
        let budget = self.budget();
        let mut store = State::store(&engine.wasmtime, limits, budget);
        let rows = types::Report { id: 0, assets: vec![], relations: vec![], findings: vec![], gaps: vec![] };
        store.data_mut().collecting = Some(Collecting { way, requests: 0, may_report, rows, progress: None });
        let meter = store.data().meter();
        let work = async {
            let instance = ready.pre.instantiate_async(&mut store).await.map_err(|error| (true, error))?;
            ask(&ready, &mut store, &instance).await.map_err(|error| (false, error))
        };
        let metered = Metered { future: Box::pin(work), meter, payer: Payer::Guest };
        let result = match tokio::time::timeout(budget.call, metered).await {
            Ok(result) => result,
            Err(_) => {
                let message = format!("the slice took longer than {:?}", budget.call);
                Err((false, wasmtime::Error::new(Stop { kind: FaultKind::Call, message })))
            }
        };
        let guest = store.data().guest_time();
        let log = store.data_mut().take_log();
        let (kind, message) = match result {
            Ok(Ok(answer)) => match store.data_mut().collecting.take() {
                Some(collecting) => return Ok((answer, collecting, log, guest)),
                None => (FaultKind::Host, "the rows of the slice are gone".to_owned()),
            },
            Ok(Err(problem)) => (FaultKind::Problem, format!("{}: {}", problem.code, problem.message)),
            Err((instantiating, error)) => classify(&error, instantiating),
        };
        Err(Fault { kind, message: redact::line(&message, limits.detail_bytes), guest, log })
    }
}

fn lower_context(context: &CollectContext) -> collect::Context {
    collect::Context {
        now: u64::try_from(context.now.0).unwrap_or(0),
        settings: context.settings.clone(),
        full_sync: context.full_sync,
    }
}

impl State {
    fn collecting(&mut self) -> wasmtime::Result<&mut Collecting> {
        match &mut self.collecting {
            Some(collecting) => Ok(collecting),
            None => stop(FaultKind::Host, "this call collects nothing"),
        }
    }

    /// Counts requests and takes them over; the first that is too large ends the call.
    fn requests(
        &mut self,
        requests: Vec<http::Request>,
    ) -> wasmtime::Result<(Arc<dyn Outbound>, Vec<HttpRequest>)> {
        self.host(|state| {
            let limits = Arc::clone(state.limits());
            let collecting = state.collecting()?;
            let count = u32::try_from(requests.len()).unwrap_or(u32::MAX);
            collecting.requests = collecting.requests.saturating_add(count);
            if collecting.requests > limits.requests {
                return stop(
                    FaultKind::HostCalls,
                    format!("more than {} requests in a slice", limits.requests),
                );
            }
            let requests = requests.into_iter().map(|request| lift_request(request, &limits));
            Ok((Arc::clone(&collecting.way), requests.collect::<wasmtime::Result<_>>()?))
        })
    }

    /// Waits for the host's own work: its time is not the guest's.
    async fn outside<T>(&mut self, work: Later<'_, T>) -> T {
        Metered { future: work, meter: self.meter(), payer: Payer::Host }.await
    }

    fn rows(
        &mut self,
        add: impl FnOnce(&mut types::Report, &Limits) -> Result<(), String>,
    ) -> wasmtime::Result<Result<(), types::Problem>> {
        self.host(|state| {
            let limits = Arc::clone(state.limits());
            let collecting = state.collecting()?;
            if !collecting.may_report {
                let problem =
                    types::Problem { code: "probe".into(), message: "a probe reports nothing".into() };
                return Ok(Err(problem));
            }
            match add(&mut collecting.rows, &limits) {
                Ok(()) => Ok(Ok(())),
                Err(message) => stop(FaultKind::Lift, message),
            }
        })
    }
}

fn lift_request(request: http::Request, limits: &Limits) -> wasmtime::Result<HttpRequest> {
    let headers: usize =
        request.headers.iter().map(|header| header.name.len() + header.value.len() + 4).sum();
    let size = request.url.len() + headers + request.body.as_ref().map_or(0, Vec::len);
    if size > limits.request_bytes {
        return stop(
            FaultKind::HostcallBytes,
            format!("a request has more than {} bytes", limits.request_bytes),
        );
    }
    let headers = request.headers.into_iter();
    Ok(HttpRequest {
        method: match request.method {
            http::Method::Get => HttpMethod::Get,
            http::Method::Head => HttpMethod::Head,
            http::Method::Post => HttpMethod::Post,
        },
        url: request.url,
        headers: headers.map(|header| Header { name: header.name, value: header.value }).collect(),
        body: request.body,
        credential: request.credential,
        timeout_ms: request.timeout_ms,
    })
}

fn lower_headers(headers: Vec<Header>) -> Vec<http::Header> {
    headers.into_iter().map(|header| http::Header { name: header.name, value: header.value }).collect()
}

fn lower_answer(answer: Result<HttpResponse, HttpError>) -> Result<http::Response, http::HttpError> {
    answer.map_err(lower_error).map(|response| http::Response {
        status: response.status,
        headers: lower_headers(response.headers),
        body: response.body,
        exchange: response.exchange,
    })
}

fn lower_error(error: HttpError) -> http::HttpError {
    use http::HttpError as E;
    match error {
        HttpError::Denied(denial) => E::Denied(match denial {
            Denial::Host(what) => http::Denial::Host(what),
            Denial::Method => http::Denial::Method,
            Denial::Path(what) => http::Denial::Path(what),
            Denial::Operation(what) => http::Denial::Operation(what),
            Denial::Address => http::Denial::Address,
            Denial::Slot(what) => http::Denial::Slot(what),
            Denial::Redirect(what) => http::Denial::Redirect(what),
            Denial::Header(what) => http::Denial::Header(what),
        }),
        HttpError::CredentialUnavailable(why) => E::CredentialUnavailable(why),
        HttpError::Dns => E::Dns,
        HttpError::Connect => E::Connect,
        HttpError::Tls => E::Tls,
        HttpError::TimedOut => E::TimedOut,
        HttpError::TooLarge(bytes) => E::TooLarge(bytes),
        HttpError::RateLimited(seconds) => E::RateLimited(seconds),
        HttpError::BudgetExhausted => E::BudgetExhausted,
        HttpError::Other(why) => E::Other(why),
    }
}

impl http::Host for State {
    async fn send(
        &mut self,
        request: http::Request,
    ) -> wasmtime::Result<Result<http::Response, http::HttpError>> {
        let mut answers = self.send_all(vec![request]).await?;
        match answers.pop() {
            Some(answer) => Ok(answer),
            None => stop(FaultKind::Host, "a request without an answer"),
        }
    }

    async fn send_all(
        &mut self,
        requests: Vec<http::Request>,
    ) -> wasmtime::Result<Vec<Result<http::Response, http::HttpError>>> {
        let at_once = self.limits().requests_at_once.max(1);
        let (way, requests) = self.requests(requests)?;
        let work = async move {
            let way = &way;
            let sending = requests.into_iter().map(|request| way.send(request));
            futures_util::stream::iter(sending).buffered(at_once).collect::<Vec<_>>().await
        };
        let answers = self.outside(Box::pin(work)).await;
        Ok(answers.into_iter().map(lower_answer).collect())
    }

    async fn open(
        &mut self,
        request: http::Request,
    ) -> wasmtime::Result<Result<http::Opened, http::HttpError>> {
        let (way, mut requests) = self.requests(vec![request])?;
        let Some(request) = requests.pop() else { return stop(FaultKind::Host, "no request") };
        let opened = self.outside(Box::pin(async move { way.open(request).await })).await;
        let opened = match opened {
            Ok(opened) => opened,
            Err(error) => return Ok(Err(lower_error(error))),
        };
        let body = match self.table().push(OpenBody(Mutex::new(opened.body))) {
            Ok(body) => body,
            Err(error) => return stop(FaultKind::Handles, error.to_string()),
        };
        Ok(Ok(http::Opened {
            status: opened.head.status,
            headers: lower_headers(opened.head.headers),
            body,
            exchange: opened.head.exchange,
        }))
    }
}

impl http::HostBody for State {
    async fn read(
        &mut self,
        handle: Resource<OpenBody>,
        max: u32,
    ) -> wasmtime::Result<Result<Option<Vec<u8>>, http::HttpError>> {
        let most = self.limits().blob_read_bytes;
        self.host(|_| Ok(()))?;
        let meter = self.meter();
        let body = match self.table().get_mut(&handle) {
            Ok(body) => body,
            Err(error) => return stop(FaultKind::Handles, error.to_string()),
        };
        let reader = body.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        let work = reader.read(max.min(most));
        let piece = Metered { future: work, meter, payer: Payer::Host }.await;
        Ok(piece.map_err(lower_error))
    }

    async fn drop(&mut self, handle: Resource<OpenBody>) -> wasmtime::Result<()> {
        match self.table().delete(handle) {
            Ok(_) => Ok(()),
            Err(error) => stop(FaultKind::Handles, error.to_string()),
        }
    }
}

/// Adds rows up to a cap.
fn add<T>(rows: &mut Vec<T>, more: Vec<T>, most: usize, what: &str) -> Result<(), String> {
    if rows.len().saturating_add(more.len()) > most {
        return Err(format!("more than {most} {what} in one slice"));
    }
    rows.extend(more);
    Ok(())
}

impl sink::Host for State {
    async fn assets(&mut self, items: Vec<types::Asset>) -> wasmtime::Result<Result<(), types::Problem>> {
        self.rows(|rows, limits| add(&mut rows.assets, items, limits.assets, "assets"))
    }

    async fn relations(
        &mut self,
        items: Vec<types::Relation>,
    ) -> wasmtime::Result<Result<(), types::Problem>> {
        self.rows(|rows, limits| add(&mut rows.relations, items, limits.relations, "relations"))
    }

    async fn findings(&mut self, items: Vec<types::Finding>) -> wasmtime::Result<Result<(), types::Problem>> {
        self.rows(|rows, limits| add(&mut rows.findings, items, limits.findings, "findings"))
    }

    async fn gaps(&mut self, items: Vec<types::CoverageGap>) -> wasmtime::Result<Result<(), types::Problem>> {
        self.rows(|rows, limits| add(&mut rows.gaps, items, limits.gaps, "gaps"))
    }

    async fn progress(&mut self, done: u64, total: Option<u64>) -> wasmtime::Result<()> {
        self.host(|state| {
            state.collecting()?.progress = Some((done, total));
            Ok(())
        })
    }
}
