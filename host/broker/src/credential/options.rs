//! Which options and references fit a kind.

use super::fault::Fault;
use super::reference::Reference;
use inventar_model::{CredentialKind, CredentialSlot};
use std::collections::BTreeMap;

/// What can be known without reading anything.
pub(super) fn check(
    kind: CredentialKind,
    reference: &Reference,
    options: &BTreeMap<String, String>,
    slot: &CredentialSlot,
) -> Result<(), Fault> {
    if !slot.kinds.contains(&kind) {
        let takes: Vec<&str> = slot.kinds.iter().map(|kind| kind.as_str()).collect();
        return Err(Fault::options(
            format!("the slot takes {}, not {kind}", takes.join(" or ")),
            "name another kind",
        ));
    }
    if kind == CredentialKind::Header && slot.header.is_none() {
        return Err(Fault::options("the slot names no header", "name another kind"));
    }
    let only_aws = matches!(reference, Reference::Profile(_) | Reference::WebIdentity);
    if only_aws && kind != CredentialKind::Aws {
        return Err(Fault::reference(
            "only the kind aws has profiles and web identities",
            "use env:, file:, exec:, vault: or keyring:",
        ));
    }
    let (required, allowed): (&[&str], &[&str]) = match kind {
        CredentialKind::Bearer | CredentialKind::Header => (&[], &[]),
        CredentialKind::Basic => (&[], &["user"]),
        CredentialKind::Aws => {
            (&[], &["role", "external-id", "session-name", "duration", "region", "sts-url"])
        }
        CredentialKind::OAuth2 => (&["token-url", "client-id"], &["scope", "audience", "client-auth"]),
        CredentialKind::Gcp => (&[], &["scope", "token-url"]),
        CredentialKind::Azure => (&["tenant", "client-id", "scope"], &["authority"]),
        CredentialKind::Kubeconfig => (&[], &["context"]),
    };
    let of_vault: &[&str] = if matches!(reference, Reference::Vault { .. }) {
        &["vault-address", "vault-namespace"]
    } else {
        &[]
    };
    let known: Vec<&str> = required.iter().chain(allowed).chain(of_vault).copied().collect();
    // An unknown option is not repeated: it may be a secret that was meant to be kept elsewhere.
    if options.keys().any(|name| !known.contains(&name.as_str())) {
        let next =
            if known.is_empty() { "leave it out".to_owned() } else { format!("use {}", known.join(", ")) };
        return Err(Fault::options(format!("an option that {kind} does not have"), next));
    }
    if options.values().any(|value| value.len() > 2048 || value.chars().any(char::is_control)) {
        return Err(Fault::options("an option is longer than 2048 bytes or not printable", "shorten it"));
    }
    match required.iter().find(|name| options.get(**name).is_none_or(String::is_empty)) {
        Some(name) => Err(Fault::options(format!("{kind} needs the option `{name}`"), "add it")),
        None => Ok(()),
    }
}
