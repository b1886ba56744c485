//! A service that an operator connected: what a collector is given to look at.

use crate::digest::Digest;
use crate::name::{PluginId, SourceName};
use crate::permission::CredentialKind;
use std::collections::BTreeMap;

/// A connected source. It holds no secret: credentials are named by where they are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// The source's name.
    pub name: SourceName,
    /// Who looks.
    pub plugin: PluginId,
    /// A digest of what the operator granted: the manifest's egress and credential slots then. A manifest that asks for
    /// something else waits for another grant.
    pub permissions: Digest,
    /// Where the service is, for rules on `{endpoint}`; for any other rule the address that is dialled instead of the
    /// public one. `https`, or `http` when its address is in `allow_private`.
    pub endpoint: Option<String>,
    /// Networks in CIDR form that may be dialled although they are private or loopback.
    pub allow_private: Vec<String>,
    /// A PEM file with the authorities that sign for the endpoint, beside the public ones.
    pub authority: Option<String>,
    /// By slot.
    pub credentials: BTreeMap<String, CredentialSource>,
    /// For the plugin: canonical JSON, checked against its schema; empty: none.
    pub settings: String,
    /// What one run may use.
    pub budget: Budget,
}

/// Where a credential comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialSource {
    /// How it is used.
    pub kind: CredentialKind,
    /// `env:NAME`, `file:PATH`, `exec:COMMAND`, `vault:PATH#FIELD`, `keyring:SERVICE/USER`; for [`CredentialKind::Aws`]
    /// also `profile:NAME`, `web-identity:`, and `env:AWS` for the usual `AWS_…` variables.
    pub reference: String,
    /// What is not secret about it: `role`, `external-id`, `tenant`, `client-id`, `token-url`, `scope`, `context` …
    pub options: BTreeMap<String, String>,
}

/// What one run of a source may use. None: as much as it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Budget {
    /// Requests, retries included.
    pub calls: Option<u64>,
    /// Bytes received.
    pub bytes: Option<u64>,
    /// Millionths of a US dollar.
    pub cost_microusd: Option<u64>,
    /// Wall time.
    pub seconds: Option<u64>,
}
