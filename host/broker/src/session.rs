//! A session: one connected source for one run. A line is its way out for one scope.

use crate::body::Opened;
use crate::broker::ConnectOptions;
use crate::credential::{ClientTls, Credential, CredentialError, Identity};
use crate::dial::Dialer;
use crate::etag::Etags;
use crate::fault::Mischief;
use crate::limits::Limits;
use crate::message::{Incoming, Later, Outgoing, Transport};
use crate::meter::{Live, Meter};
use crate::pace::Pace;
use crate::permit::Permit;
use crate::record::Recording;
use crate::redact::Redactor;
use crate::resolve::Guard;
use inventar_model::{Budget, HttpError, HttpRequest, HttpResponse, OperationUse, Spent};
use secrecy::{ExposeSecret, SecretString};
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// A connected source. Clones are the same session.
#[derive(Clone)]
pub struct Session {
    inner: Arc<Inner>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Session({} credentials)", self.inner.credentials.len())
    }
}

impl Session {
    pub(crate) fn new(inner: Inner) -> Self {
        Self { inner: Arc::new(inner) }
    }

    /// The way out that accounts to a scope, by its id; empty for the probe.
    pub fn scope(&self, id: &str) -> Line {
        Line { inner: Arc::clone(&self.inner), scope: id.into() }
    }

    /// What it cost so far, all scopes together.
    pub fn spent(&self) -> Spent {
        self.inner.meter.spent()
    }

    /// What was called so far, sorted.
    pub fn used(&self) -> Vec<OperationUse> {
        self.inner.meter.used()
    }

    /// The session at this moment, for a progress line.
    pub fn live(&self) -> Live {
        self.inner.meter.live()
    }

    /// What is left of the budget.
    pub fn remaining(&self) -> Budget {
        self.live().remaining()
    }

    /// Earlier processes already spent that much of the budget on this run.
    pub fn resume(&self, already: Spent) {
        self.inner.meter.resume(already);
    }

    /// Whose credential fills a slot; none: nothing fills it.
    pub async fn identity(&self, slot: &str) -> Option<Result<Identity, CredentialError>> {
        let credential = self.inner.credentials.get(slot)?;
        let transport = match self.inner.dialers.for_tokens() {
            Ok(transport) => transport,
            Err(why) => {
                tracing::warn!("no way to ask whose credential it is: {why}");
                return None;
            }
        };
        Some(credential.identity(transport.as_ref()).await)
    }

    /// Requests to token services so far: to fill slots, and to say whose credentials they are. No budget pays them.
    pub fn token_calls(&self) -> u64 {
        self.inner.dialers.token_calls.load(Ordering::Relaxed)
    }

    /// Replaces every secret of this session in a text that goes anywhere else.
    pub fn redact(&self, text: String) -> String {
        self.inner.redactor().redact_text(text)
    }
}

/// A way out for one scope. Clones account to the same scope.
#[derive(Clone)]
pub struct Line {
    pub(crate) inner: Arc<Inner>,
    pub(crate) scope: Arc<str>,
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Line({})", self.scope)
    }
}

impl Line {
    /// One request through every step. Waits for rate limits, tries again, follows redirects.
    pub async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        crate::send::send(&self.inner, &self.scope, request).await
    }

    /// The same for a body that is read piecewise.
    pub async fn open(&self, request: HttpRequest) -> Result<Opened, HttpError> {
        crate::send::open(&self.inner, &self.scope, request).await
    }

    /// What this scope cost so far.
    pub fn spent(&self) -> Spent {
        self.inner.meter.spent_of(&self.scope)
    }
}

/// What the lines of a session share.
pub(crate) struct Inner {
    pub(crate) limits: Arc<Limits>,
    pub(crate) permit: Permit,
    pub(crate) credentials: BTreeMap<String, Arc<Credential>>,
    pub(crate) dialers: Dialers,
    pub(crate) meter: Meter,
    pub(crate) pace: Pace,
    pub(crate) etags: Etags,
    /// Bounds the requests on their way.
    pub(crate) gate: Semaphore,
    pub(crate) record: Option<Arc<Recording>>,
    pub(crate) is_replay: bool,
    exchanges: AtomicU64,
    /// Building one costs more than looking: kept until the secrets change.
    redactor: Mutex<(Vec<SecretString>, Arc<Redactor>)>,
}

impl Inner {
    pub(crate) fn new(
        limits: Arc<Limits>,
        permit: Permit,
        credentials: BTreeMap<String, Arc<Credential>>,
        dialers: Dialers,
        budget: Budget,
        options: ConnectOptions,
    ) -> Self {
        Self {
            gate: Semaphore::new(limits.concurrent.max(1)),
            limits,
            permit,
            credentials,
            dialers,
            meter: Meter::new(budget),
            pace: Pace::default(),
            etags: Etags::default(),
            record: options.record,
            is_replay: options.replay.is_some(),
            exchanges: AtomicU64::new(options.first_exchange),
            redactor: Mutex::default(),
        }
    }

    pub(crate) fn next_exchange(&self) -> u64 {
        self.exchanges.fetch_add(1, Ordering::Relaxed)
    }

    /// For everything that any credential holds now.
    pub(crate) fn redactor(&self) -> Arc<Redactor> {
        let secrets: Vec<SecretString> = self.credentials.values().flat_map(|held| held.secrets()).collect();
        let mut kept = self.redactor.lock().unwrap_or_else(PoisonError::into_inner);
        let same = secrets.len() == kept.0.len()
            && secrets.iter().zip(&kept.0).all(|(one, other)| one.expose_secret() == other.expose_secret());
        if !same {
            let redactor = Arc::new(Redactor::new(&secrets));
            *kept = (secrets, redactor);
        }
        Arc::clone(&kept.1)
    }
}

/// The transports of a session: one for each credential that brings its own encryption, one for all others, one for
/// token services.
pub(crate) struct Dialers {
    guard: Guard,
    limits: Arc<Limits>,
    authorities: Vec<String>,
    instead: Option<Arc<dyn Transport>>,
    mischief: Option<Arc<Mischief>>,
    made: Mutex<HashMap<Option<String>, Made>>,
    tokens: Mutex<Option<Arc<dyn Transport>>>,
    token_calls: Arc<AtomicU64>,
}

struct Made {
    tls: Option<ClientTls>,
    transport: Arc<dyn Transport>,
}

impl Dialers {
    pub(crate) fn new(
        guard: Guard,
        limits: Arc<Limits>,
        authorities: Vec<String>,
        instead: Option<Arc<dyn Transport>>,
        mischief: Option<Arc<Mischief>>,
    ) -> Self {
        let (made, tokens) = (Mutex::default(), Mutex::default());
        Self { guard, limits, authorities, instead, mischief, made, tokens, token_calls: Arc::default() }
    }

    pub(crate) fn is_instead(&self) -> bool {
        self.instead.is_some()
    }

    /// For a slot, with what its credential needs.
    pub(crate) fn of(
        &self,
        slot: Option<&str>,
        tls: Option<ClientTls>,
    ) -> Result<Arc<dyn Transport>, String> {
        // A client certificate is shown only where its slot is bound; all others share their connections.
        let slot = slot.filter(|_| tls.is_some()).map(str::to_owned);
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = made.get(&slot)
            && same(known.tls.as_ref(), tls.as_ref())
        {
            return Ok(Arc::clone(&known.transport));
        }
        let plain: Arc<dyn Transport> = match &self.instead {
            Some(transport) => Arc::clone(transport),
            None => {
                let (guard, limits) = (self.guard.clone(), Arc::clone(&self.limits));
                Arc::new(Dialer::new(guard, limits, &self.authorities, tls.as_ref())?)
            }
        };
        let transport = match &self.mischief {
            Some(mischief) => mischief.around(plain),
            None => plain,
        };
        made.insert(slot, Made { tls, transport: Arc::clone(&transport) });
        Ok(transport)
    }

    /// For token services, which the operator named and no guest can: private networks are theirs to use, metadata
    /// services and unencrypted ways to public addresses are not.
    pub(crate) fn for_tokens(&self) -> Result<Arc<dyn Transport>, String> {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = tokens.as_ref() {
            return Ok(Arc::clone(known));
        }
        let made: Arc<dyn Transport> = match &self.instead {
            Some(transport) => Arc::clone(transport),
            None => {
                let everywhere =
                    [std::net::Ipv4Addr::UNSPECIFIED.into(), std::net::Ipv6Addr::UNSPECIFIED.into()]
                        .into_iter()
                        .filter_map(|address| ipnet::IpNet::new(address, 0).ok());
                let granted = everywhere.chain(self.guard.granted.iter().copied()).collect();
                let guard = Guard { granted, ..self.guard.clone() };
                Arc::new(Dialer::new(guard, Arc::clone(&self.limits), &self.authorities, None)?)
            }
        };
        let made = Arc::new(Counted { calls: Arc::clone(&self.token_calls), inner: made });
        *tokens = Some(Arc::clone(&made) as _);
        Ok(made)
    }
}

/// A transport that counts what is sent.
struct Counted {
    calls: Arc<AtomicU64>,
    inner: Arc<dyn Transport>,
}

impl Transport for Counted {
    fn exchange<'a>(&'a self, request: &'a Outgoing) -> Later<'a, Result<Incoming, HttpError>> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.inner.exchange(request)
    }
}

fn same(one: Option<&ClientTls>, other: Option<&ClientTls>) -> bool {
    let key = |tls: &ClientTls| tls.key.as_ref().map(|key| key.expose_secret().to_owned());
    match (one, other) {
        (None, None) => true,
        (Some(one), Some(other)) => {
            one.authority == other.authority && one.certificate == other.certificate && key(one) == key(other)
        }
        _ => false,
    }
}
