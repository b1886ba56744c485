//! What fills a slot: read where the operator keeps it, held until shortly before it expires, put into requests, and
//! never shown.
//!
//! ```text
//!   reference   env: file: exec: vault: keyring: profile: web-identity:     where it is kept
//!   kind        bearer basic header aws oauth2 gcp azure kubeconfig         what is made of it
//!   material    a header, keys that sign, a client certificate              what a request gets
//! ```
//!
//! [`Credential::new`] reads nothing: it checks the form of a reference and of its options. The first
//! [`Credential::sign`] fetches, and later ones fetch again when what is held is about to expire; one at a time,
//! however many requests wait. [`Credential::secrets`] is everything that must not come back out: what was read and
//! what was derived from it, the last few generations of each. [`Credential::identity`] is what a person may see.
//!
//! Tokens are fetched through the caller's [`Transport`], so their addresses pass the same checks as any other.

mod aws;
mod fault;
mod gcp;
mod kubeconfig;
mod oauth;
mod options;
mod reference;
mod source;
mod surroundings;
mod token;

pub use fault::{CredentialError, Problem};
pub use reference::Reference;
pub use surroundings::Surroundings;

use crate::message::{Later, Outgoing, Transport};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fault::Fault;
use inventar_model::{CredentialKind, CredentialSlot, CredentialSource};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Secrets that are looked for in answers: those in use and the last that they replaced.
const MAX_SECRETS: usize = 64;
/// How long before its end a token is replaced; a fifth of its life when that is shorter.
const MARGIN: SignedDuration = SignedDuration::from_secs(300);
/// How long a failure is taken as an answer before the source is asked again.
const FAILURE_HOLDS: SignedDuration = SignedDuration::from_secs(5);
/// How young a credential is when a refusal cannot mean that it is old.
const YOUNG: SignedDuration = SignedDuration::from_secs(5);
/// Bytes of a secret that goes into a header.
const MAX_HEADER_SECRET: usize = 16 * 1024;

/// What a request is signed for.
#[derive(Debug, Clone, Copy)]
pub struct SignFor<'a> {
    /// The service's signing name.
    pub service: &'a str,
    /// The region; none: `us-east-1`.
    pub region: Option<&'a str>,
    /// The slot of the manifest.
    pub slot: &'a CredentialSlot,
}

/// What a connection needs for its encryption, from a kubeconfig.
#[derive(Clone)]
pub struct ClientTls {
    /// PEM with the authorities that sign for the server.
    pub authority: Option<String>,
    /// PEM with the client's certificate chain.
    pub certificate: Option<String>,
    /// PEM with the certificate's key.
    pub key: Option<SecretString>,
}

impl std::fmt::Debug for ClientTls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientTls")
            .field("authority", &self.authority.is_some())
            .field("certificate", &self.certificate.is_some())
            .finish_non_exhaustive()
    }
}

/// The cluster of a kubeconfig's context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// The context's name.
    pub context: String,
    /// The server's address.
    pub server: String,
    /// PEM with the authorities that sign for it.
    pub authority: Option<String>,
}

/// Whose credential it is: what a person may see.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Identity {
    /// An ARN, a user, a service account's mail, an application's id; empty for a plain token.
    pub who: String,
    /// The account, tenant, project or cluster.
    pub account: Option<String>,
    /// When what is held ends.
    pub expires: Option<Timestamp>,
    /// What the operator should know, such as a file that others can read.
    pub warnings: Vec<String>,
}

/// A slot that is filled. Printing shows where it is kept, never what it is.
pub struct Credential {
    kind: CredentialKind,
    slot: String,
    header: Option<String>,
    reference: Reference,
    options: BTreeMap<String, String>,
    actions: Vec<String>,
    surroundings: Surroundings,
    /// Short reads and writes; never held over an await.
    held: Mutex<Held>,
    /// Whoever holds it fetches; the others wait and find the result.
    fetching: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Held {
    material: Option<Arc<Material>>,
    /// When to fetch again.
    until: Option<Timestamp>,
    fetched: Option<Timestamp>,
    failed: Option<(Timestamp, Fault)>,
    secrets: Vec<SecretString>,
}

/// What is made of a source.
#[derive(Default)]
struct Material {
    put: Put,
    tls: Option<ClientTls>,
    cluster: Option<Cluster>,
    /// After this it is worth nothing.
    expires: Option<Timestamp>,
    /// After this it is worth another look.
    fresh_for: Option<SignedDuration>,
    secrets: Vec<SecretString>,
    who: Identity,
}

/// What a request gets.
#[derive(Default)]
enum Put {
    #[default]
    Nothing,
    Header(String, SecretString),
    Aws(aws::Keys),
}

/// What a fetch may use.
#[derive(Clone, Copy)]
struct Context<'a> {
    options: &'a BTreeMap<String, String>,
    surroundings: &'a Surroundings,
    transport: &'a dyn Transport,
}

impl Context<'_> {
    fn option(&self, name: &str) -> Option<&str> {
        self.options.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }
}

impl Credential {
    /// Checks the reference's form and the options; reads nothing. `actions` is what the manifest needs, for the
    /// session policy of an assumed role.
    pub fn new(
        source: &CredentialSource,
        slot: &CredentialSlot,
        actions: &[String],
    ) -> Result<Self, CredentialError> {
        Self::within(source, slot, actions, Surroundings::of_process())
    }

    /// The same with an environment and a clock of the caller's.
    pub fn within(
        source: &CredentialSource,
        slot: &CredentialSlot,
        actions: &[String],
        surroundings: Surroundings,
    ) -> Result<Self, CredentialError> {
        let kind = source.kind;
        let reference = Reference::parse(&source.reference)
            .and_then(|reference| {
                options::check(kind, &reference, &source.options, slot)?;
                Ok(reference)
            })
            .map_err(|fault| CredentialError::new(&slot.slot, "", fault))?;
        Ok(Self {
            kind,
            slot: slot.slot.clone(),
            header: slot.header.clone(),
            reference,
            options: source.options.clone(),
            actions: actions.to_vec(),
            surroundings,
            held: Mutex::default(),
            fetching: tokio::sync::Mutex::new(()),
        })
    }

    /// How it is used.
    pub fn kind(&self) -> CredentialKind {
        self.kind
    }

    /// Fetches unless it is held already. What [`Credential::tls`], [`Credential::cluster`] and
    /// [`Credential::secrets`] say is known after this.
    pub fn prepare<'a>(&'a self, transport: &'a dyn Transport) -> Later<'a, Result<(), CredentialError>> {
        Box::pin(async move { self.current(transport).await.map(drop) })
    }

    /// Puts the credential into a request: the last thing that may change it.
    pub fn sign<'a>(
        &'a self,
        request: &'a mut Outgoing,
        what: &'a SignFor<'_>,
        transport: &'a dyn Transport,
    ) -> Later<'a, Result<(), CredentialError>> {
        Box::pin(async move {
            let material = self.current(transport).await?;
            match &material.put {
                Put::Nothing => Ok(()),
                Put::Header(name, value) => {
                    set_header(&mut request.headers, name, value.expose_secret());
                    Ok(())
                }
                Put::Aws(keys) => {
                    aws::sign(keys, request, what, self.surroundings.now()).map_err(|fault| self.error(fault))
                }
            }
        })
    }

    /// The service refused it: the next request fetches afresh, unless that was done a moment ago. False: it was.
    pub fn refresh(&self) -> bool {
        let now = self.surroundings.now();
        let mut held = self.held();
        if held.fetched.is_some_and(|when| now.duration_since(when) < YOUNG) {
            return false;
        }
        held.until = Some(Timestamp::MIN);
        held.failed = None;
        true
    }

    /// Everything to look for in answers: what was read, what was derived, and what either replaced.
    pub fn secrets(&self) -> Vec<SecretString> {
        self.held().secrets.clone()
    }

    /// What the connection's encryption needs.
    pub fn tls(&self) -> Option<ClientTls> {
        self.held().material.as_ref().and_then(|material| material.tls.clone())
    }

    /// Where a kubeconfig points.
    pub fn cluster(&self) -> Option<Cluster> {
        self.held().material.as_ref().and_then(|material| material.cluster.clone())
    }

    /// Whose it is. For AWS the account is asked with `sts:GetCallerIdentity`, which needs no permission.
    pub fn identity<'a>(
        &'a self,
        transport: &'a dyn Transport,
    ) -> Later<'a, Result<Identity, CredentialError>> {
        Box::pin(async move {
            let material = self.current(transport).await?;
            let mut who = material.who.clone();
            who.expires = material.expires;
            if let Put::Aws(keys) = &material.put {
                let caller =
                    aws::caller(keys, &self.context(transport)).await.map_err(|fault| self.error(fault))?;
                (who.who, who.account) = (caller.arn, Some(caller.account));
            }
            Ok(who)
        })
    }

    async fn current(&self, transport: &dyn Transport) -> Result<Arc<Material>, CredentialError> {
        if let Some(answer) = self.known() {
            return answer;
        }
        let _fetching = self.fetching.lock().await;
        if let Some(answer) = self.known() {
            return answer;
        }
        let outcome = self.fetch(&self.context(transport)).await;
        let now = self.surroundings.now();
        let outcome = outcome.and_then(|material| match material.expires {
            Some(end) if end <= now => {
                Err(Fault::refused("it has already ended", "sign in again where it is kept"))
            }
            _ => Ok(material),
        });
        let mut held = self.held();
        match outcome {
            Ok(material) => {
                held.remember(material.secrets.iter());
                held.until = fresh_until(&material, now);
                held.fetched = Some(now);
                held.failed = None;
                let material = Arc::new(material);
                held.material = Some(Arc::clone(&material));
                Ok(material)
            }
            Err(fault) => {
                // What is about to expire still works: the next request tries to replace it again.
                let usable = held
                    .material
                    .as_ref()
                    .filter(|m| m.expires.is_some_and(|end| now < end) && held.until != Some(Timestamp::MIN));
                if let Some(material) = usable.cloned() {
                    tracing::warn!(slot = self.slot, "cannot renew a credential before it expires: {fault}");
                    held.until = Some(now + FAILURE_HOLDS);
                    return Ok(material);
                }
                held.failed = Some((now, fault.clone()));
                drop(held);
                Err(self.error(fault))
            }
        }
    }

    /// What is held, or the failure of a moment ago; none: it is time to fetch.
    fn known(&self) -> Option<Result<Arc<Material>, CredentialError>> {
        let now = self.surroundings.now();
        let held = self.held();
        if let Some((when, fault)) = &held.failed
            && now.duration_since(*when) < FAILURE_HOLDS
        {
            return Some(Err(self.error(fault.clone())));
        }
        let fresh = held.until.is_none_or(|until| now < until);
        held.material.as_ref().filter(|_| fresh).map(|material| Ok(Arc::clone(material)))
    }

    async fn fetch(&self, context: &Context<'_>) -> Result<Material, Fault> {
        match self.kind {
            CredentialKind::Bearer | CredentialKind::Basic | CredentialKind::Header => {
                let text = source::read(&self.reference, context).await?;
                self.plain(text, context)
            }
            CredentialKind::Aws => aws::fetch(&self.reference, &self.actions, context).await,
            CredentialKind::OAuth2 => oauth::client(&self.reference, context).await,
            CredentialKind::Azure => oauth::azure(&self.reference, context).await,
            CredentialKind::Gcp => gcp::fetch(&self.reference, context).await,
            CredentialKind::Kubeconfig => kubeconfig::fetch(&self.reference, context).await,
        }
    }

    /// A secret that goes into a header as it is.
    fn plain(&self, read: source::Read, context: &Context<'_>) -> Result<Material, Fault> {
        let secret = read.text.expose_secret();
        let mut secrets = read.all_secrets();
        let (name, value, who) = match self.kind {
            CredentialKind::Basic => {
                let pair = match context.option("user") {
                    Some(user) => SecretString::from(format!("{user}:{secret}")),
                    None => read.text.clone(),
                };
                let Some((user, password)) = pair.expose_secret().split_once(':') else {
                    return Err(Fault::malformed(
                        "it is not `user:password`",
                        "keep both in it, or name the user with the option `user`",
                    ));
                };
                secrets.push(SecretString::from(password));
                secrets.push(pair.clone());
                let value = format!("Basic {}", STANDARD.encode(pair.expose_secret()));
                ("authorization".to_owned(), value, user.to_owned())
            }
            CredentialKind::Header => {
                let name = self.header.clone().unwrap_or_default();
                (name, secret.to_owned(), String::new())
            }
            _ => ("authorization".to_owned(), format!("Bearer {secret}"), String::new()),
        };
        let put = Put::Header(name, header_value(value)?);
        let who = Identity { who, warnings: read.warnings, ..Identity::default() };
        Ok(Material { put, fresh_for: read.fresh_for, secrets, who, ..Material::default() })
    }

    fn context<'a>(&'a self, transport: &'a dyn Transport) -> Context<'a> {
        Context { options: &self.options, surroundings: &self.surroundings, transport }
    }

    fn error(&self, fault: Fault) -> CredentialError {
        CredentialError::new(&self.slot, &self.reference.to_string(), fault)
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Credential({} from {})", self.kind, self.reference)
    }
}

impl Held {
    fn remember<'a>(&mut self, secrets: impl Iterator<Item = &'a SecretString>) {
        for secret in secrets.filter(|secret| !secret.expose_secret().is_empty()) {
            self.secrets.retain(|known| known.expose_secret() != secret.expose_secret());
            self.secrets.push(secret.clone());
        }
        let old = self.secrets.len().saturating_sub(MAX_SECRETS);
        self.secrets.drain(..old);
    }
}

/// When to fetch again: at the source's wish or shortly before the end, whichever is first.
fn fresh_until(material: &Material, now: Timestamp) -> Option<Timestamp> {
    let wish = material.fresh_for.and_then(|after| now.checked_add(after).ok());
    let end = material.expires.map(|end| {
        let margin = MARGIN.min(end.duration_since(now) / 5);
        end.checked_sub(margin).unwrap_or(end)
    });
    [wish, end].into_iter().flatten().min()
}

/// A value that may stand in a header: the error never repeats it.
fn header_value(value: String) -> Result<SecretString, Fault> {
    let value = SecretString::from(value);
    let text = value.expose_secret();
    if text.len() > MAX_HEADER_SECRET {
        return Err(Fault::too_large(MAX_HEADER_SECRET));
    }
    if !text.bytes().all(|b| (0x20..0x7f).contains(&b)) {
        return Err(Fault::malformed(
            "it holds line breaks, control characters or letters beyond ASCII",
            "a secret for a header is one line of printable ASCII: check what the reference points at",
        ));
    }
    Ok(value)
}

fn set_header(headers: &mut Vec<(String, String)>, name: &str, value: &str) {
    headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    headers.push((name.to_owned(), value.to_owned()));
}
