//! Connecting: a manifest's rules, an operator's grant and the credentials it names become a session.

use crate::credential::Credential;
use crate::fault::{Faults, Mischief};
use crate::limits::Limits;
use crate::message::Transport;
use crate::permit::Permit;
use crate::record::{Recording, Replay};
use crate::resolve::{Guard, Resolver, SystemResolver};
use crate::session::{Dialers, Inner, Session};
use crate::url::canonical;
use inventar_model::{Connection, CredentialSlot, ENDPOINT, Egress};
use ipnet::IpNet;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const MAX_AUTHORITY: u64 = 1 << 20;

/// What all sessions share.
pub struct BrokerConfig {
    /// Of each session.
    pub limits: Limits,
    /// Finds addresses.
    pub resolver: Arc<dyn Resolver>,
    /// Instead of the network.
    pub transport: Option<Arc<dyn Transport>>,
}

impl Default for BrokerConfig {
    fn default() -> Self {
        Self { limits: Limits::default(), resolver: Arc::new(SystemResolver), transport: None }
    }
}

impl std::fmt::Debug for BrokerConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BrokerConfig").field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// What a session does beside its work.
#[derive(Debug, Clone, Default)]
pub struct ConnectOptions {
    /// Writes every exchange.
    pub record: Option<Arc<Recording>>,
    /// Answers from a recording: nothing is resolved, signed or sent.
    pub replay: Option<Arc<Replay>>,
    /// Makes things go wrong.
    pub faults: Option<Faults>,
    /// The number of the first exchange.
    pub first_exchange: u64,
}

/// Why a source cannot be connected.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The endpoint is no URL, or one that nobody should dial.
    #[error("the endpoint is not acceptable: {0}")]
    Endpoint(String),
    /// The plugin speaks to what the operator connected, and nothing is.
    #[error("the plugin needs an endpoint: add one with `--endpoint URL`")]
    NoEndpoint,
    /// A network is none.
    #[error("`{0}` is no network: write it as ADDRESS/BITS, such as 10.0.0.0/8")]
    Network(String),
    /// The authority's file.
    #[error("cannot use the authority's file {path}: {why}")]
    Authority {
        /// The file.
        path: String,
        /// Why.
        why: String,
    },
    /// A credential for no slot.
    #[error("the plugin has no credential slot `{slot}`; it has {known}")]
    Slot {
        /// What was given.
        slot: String,
        /// What there is.
        known: String,
    },
    /// A credential that cannot be.
    #[error(transparent)]
    Credential(#[from] crate::credential::CredentialError),
    /// The encryption cannot be set up.
    #[error("{0}")]
    Tls(String),
}

/// Makes sessions.
#[derive(Debug)]
pub struct Broker {
    config: BrokerConfig,
    limits: Arc<Limits>,
}

impl Broker {
    /// A broker. It opens nothing.
    pub fn new(config: BrokerConfig) -> Self {
        Self { limits: Arc::new(config.limits.clone()), config }
    }

    /// Its limits.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Connects a source for one run. Nothing is read or sent but the authority's file: a credential is fetched when
    /// the first request needs it.
    pub fn connect(
        &self,
        connection: &Connection,
        rules: &[Egress],
        slots: &[CredentialSlot],
        options: ConnectOptions,
    ) -> Result<Session, ConnectError> {
        let endpoint = connection.endpoint.as_deref().map(endpoint).transpose()?;
        let needs = rules.iter().all(|rule| rule.hosts.iter().all(|host| host == ENDPOINT));
        if needs && !rules.is_empty() && endpoint.is_none() {
            return Err(ConnectError::NoEndpoint);
        }
        let granted: Vec<IpNet> =
            connection.allow_private.iter().map(|text| network(text)).collect::<Result<_, _>>()?;
        let authorities: Vec<String> =
            connection.authority.iter().map(|path| authority(path)).collect::<Result<_, _>>()?;
        let mut credentials = BTreeMap::new();
        for (name, source) in &connection.credentials {
            let slot = slots.iter().find(|slot| slot.slot == *name).ok_or_else(|| ConnectError::Slot {
                slot: name.clone(),
                known: match slots.iter().map(|slot| slot.slot.as_str()).collect::<Vec<_>>() {
                    none if none.is_empty() => "none".into(),
                    some => some.join(", "),
                },
            })?;
            let actions: BTreeSet<String> = rules
                .iter()
                .filter(|rule| rule.credential.as_deref() == Some(name))
                .flat_map(|rule| {
                    rule.operations.iter().flat_map(|operation| operation.actions.iter().cloned())
                })
                .collect();
            let actions: Vec<String> = actions.into_iter().collect();
            credentials.insert(name.clone(), Arc::new(Credential::new(source, slot, &actions)?));
        }
        let guard =
            Guard { resolver: Arc::clone(&self.config.resolver), granted: granted.into(), plain: false };
        let mischief = options.faults.map(|faults| Arc::new(Mischief::new(faults)));
        let instead: Option<Arc<dyn Transport>> = match (&options.replay, &self.config.transport) {
            (Some(replay), _) => Some(Arc::clone(replay) as Arc<dyn Transport>),
            (None, Some(transport)) => Some(Arc::clone(transport)),
            (None, None) => None,
        };
        let dialers = Dialers::new(guard, Arc::clone(&self.limits), authorities, instead, mischief);
        // What cannot work is said now, not at the first request.
        if !dialers.is_instead() {
            dialers.of(None, None).map_err(ConnectError::Tls)?;
        }
        let permit = Permit::new(rules, slots, endpoint);
        Ok(Session::new(Inner::new(
            Arc::clone(&self.limits),
            permit,
            credentials,
            dialers,
            connection.budget,
            options,
        )))
    }
}

/// What an operator connected: a URL without a query.
fn endpoint(text: &str) -> Result<url::Url, ConnectError> {
    let refused = |why: &str| ConnectError::Endpoint(why.to_owned());
    let url = canonical(text).map_err(|denial| match denial {
        inventar_model::Denial::Host(why) | inventar_model::Denial::Path(why) => refused(&why),
        _ => refused("it is no URL"),
    })?;
    if url.query().is_some() { Err(refused("it has a query")) } else { Ok(url) }
}

fn network(text: &str) -> Result<IpNet, ConnectError> {
    let address = || text.parse::<std::net::IpAddr>().map(IpNet::from);
    text.parse::<IpNet>().or_else(|_| address()).map_err(|_| ConnectError::Network(text.to_owned()))
}

fn authority(path: &str) -> Result<String, ConnectError> {
    let fault = |why: String| ConnectError::Authority { path: path.to_owned(), why };
    let size = std::fs::metadata(path).map_err(|error| fault(error.to_string()))?.len();
    if size > MAX_AUTHORITY {
        return Err(fault("it is larger than 1 MiB".into()));
    }
    let text = std::fs::read_to_string(path).map_err(|error| fault(error.to_string()))?;
    if text.contains("-----BEGIN CERTIFICATE-----") {
        Ok(text)
    } else {
        Err(fault("it holds no certificate in PEM form".into()))
    }
}
