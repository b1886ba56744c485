//! The part of a manifest that says what a collector may call.

use super::ManifestError;
use super::check::{at_most, invalid, is_kebab};
use super::wire;
use inventar_model::{CredentialKind, CredentialSlot, ENDPOINT, Egress, Operation, Protocol};

const MAX_SLOTS: usize = 8;
const MAX_RULES: usize = 64;
const MAX_HOSTS: usize = 16;
const MAX_OPERATIONS: usize = 512;
const MAX_HEADERS: usize = 16;
const MAX_REASON: usize = 240;
const MAX_PER_SECOND: u32 = 1_000;

/// Headers that belong to the host or to the transport, whatever a manifest says.
const RESERVED: &[&str] = &[
    "authorization",
    "connection",
    "content-length",
    "cookie",
    "expect",
    "host",
    "keep-alive",
    "metadata",
    "metadata-flavor",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
];
const RESERVED_PREFIXES: &[&str] =
    &["proxy-", "x-forwarded-", "x-amz-security-", "x-aws-ec2-", "impersonate-", "sec-"];

fn reason(at: &str, text: String) -> Result<String, ManifestError> {
    let text = text.trim().to_owned();
    if text.is_empty() || text.len() > MAX_REASON || text.chars().any(char::is_control) {
        return invalid(
            at,
            format!("it must be one line of 1 to {MAX_REASON} bytes: an operator decides by it"),
        );
    }
    Ok(text)
}

fn header(at: &str, name: String) -> Result<String, ManifestError> {
    let token = !name.is_empty()
        && name.len() <= 64
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if !token {
        return invalid(at, "a header is lower-case letters, digits and hyphens");
    }
    if RESERVED.contains(&name.as_str()) || RESERVED_PREFIXES.iter().any(|prefix| name.starts_with(prefix)) {
        return invalid(at, format!("`{name}` is the host's own"));
    }
    Ok(name)
}

pub(super) fn slots(wire: Vec<wire::Credential>) -> Result<Vec<CredentialSlot>, ManifestError> {
    at_most("credential", wire.len(), MAX_SLOTS)?;
    let mut slots: Vec<CredentialSlot> = vec![];
    for wire::Credential { slot, kinds, header: name, optional, reason: why, .. } in wire {
        if !is_kebab(&slot) {
            return invalid("credential.slot", "it must be lower-case words joined by hyphens");
        }
        let at = |key: &str| format!("credential.{slot}.{key}");
        if slots.iter().any(|other| other.slot == slot) {
            return invalid("credential.slot", format!("`{slot}` is there twice"));
        }
        let kinds = kinds
            .iter()
            .map(|word| match CredentialKind::from_word(word) {
                Some(kind) => Ok(kind),
                None => invalid(
                    at("kinds"),
                    "it is none of bearer, basic, header, aws, oauth2, gcp, azure and kubeconfig",
                ),
            })
            .collect::<Result<Vec<_>, _>>()?;
        if kinds.is_empty() {
            return invalid(at("kinds"), "a slot that nothing fits");
        }
        let name = match (kinds.contains(&CredentialKind::Header), name) {
            (true, Some(name)) => Some(header(&at("header"), name)?),
            (true, None) => return invalid(at("header"), "which header the secret goes into"),
            (false, Some(_)) => return invalid(at("header"), "only the kind `header` has one"),
            (false, None) => None,
        };
        let why = reason(&at("reason"), why)?;
        slots.push(CredentialSlot { slot, kinds, header: name, optional, reason: why });
    }
    Ok(slots)
}

pub(super) fn egress(
    wire: Vec<wire::Egress>,
    slots: &[CredentialSlot],
) -> Result<Vec<Egress>, ManifestError> {
    at_most("egress", wire.len(), MAX_RULES)?;
    let rules: Vec<Egress> = wire.into_iter().map(|wire| rule(wire, slots)).collect::<Result<_, _>>()?;
    match slots.iter().find(|slot| rules.iter().all(|rule| rule.credential.as_ref() != Some(&slot.slot))) {
        Some(slot) => invalid(format!("credential.{}", slot.slot), "no egress rule uses it"),
        None => Ok(rules),
    }
}

fn rule(wire: wire::Egress, slots: &[CredentialSlot]) -> Result<Egress, ManifestError> {
    if !is_kebab(&wire.service) {
        return invalid("egress.service", "it must be lower-case words joined by hyphens");
    }
    let service = wire.service;
    let at = |key: &str| format!("egress.{service}.{key}");
    at_most(&at("hosts"), wire.hosts.len(), MAX_HOSTS)?;
    at_most(&at("operations"), wire.operations.len(), MAX_OPERATIONS)?;
    at_most(&at("headers"), wire.headers.len(), MAX_HEADERS)?;
    if wire.hosts.is_empty() || wire.operations.is_empty() {
        return invalid(format!("egress.{service}"), "it needs `hosts` and `operations`");
    }
    for host in &wire.hosts {
        self::host(&at("hosts"), host)?;
    }
    let Some(protocol) = Protocol::from_word(wire.protocol.as_deref().unwrap_or("rest")) else {
        return invalid(at("protocol"), "it is none of rest, aws-json, aws-query and kubernetes");
    };
    if (protocol == Protocol::AwsJson) != wire.target.is_some() {
        return invalid(at("target"), "exactly `aws-json` has one: what `x-amz-target` begins with");
    }
    if wire.target.as_ref().is_some_and(|target| {
        target.is_empty()
            || target.len() > 128
            || !target.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    }) {
        return invalid(at("target"), "it must be letters, digits and underscores");
    }
    if let Some(slot) = &wire.credential
        && slots.iter().all(|known| known.slot != *slot)
    {
        return invalid(at("credential"), "no [[credential]] has this slot");
    }
    let operations: Vec<Operation> = wire
        .operations
        .iter()
        .map(|text| match Operation::parse(text, protocol, &service) {
            Ok(operation) => Ok(operation),
            Err(why) => invalid(at("operations"), why),
        })
        .collect::<Result<_, _>>()?;
    if let Some((_, twice)) = operations.iter().enumerate().find(|(n, operation)| {
        operations[..*n].iter().any(|other| other.name == operation.name && other.paths == operation.paths)
    }) {
        return invalid(at("operations"), format!("`{}` is there twice", twice.name));
    }
    if wire.per_second.is_some_and(|rate| !(1..=MAX_PER_SECOND).contains(&rate)) {
        return invalid(at("per-second"), format!("it must be 1 to {MAX_PER_SECOND}"));
    }
    Ok(Egress {
        headers: wire
            .headers
            .into_iter()
            .map(|name| header(&at("headers"), name))
            .collect::<Result<_, _>>()?,
        reason: reason(&at("reason"), wire.reason)?,
        hosts: wire.hosts,
        protocol,
        target: wire.target,
        credential: wire.credential,
        operations,
        per_second: wire.per_second,
        cost_microusd: wire.cost_microusd,
        service,
    })
}

/// A name of at least two labels, none of the last two a wildcard, or what the operator connected.
fn host(at: &str, host: &str) -> Result<(), ManifestError> {
    if host == ENDPOINT {
        return Ok(());
    }
    let labels: Vec<&str> = host.split('.').collect();
    let plain = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    let last_two = labels.len().saturating_sub(2);
    let good = labels.len() >= 2
        && host.len() <= 253
        && labels.iter().enumerate().all(|(n, label)| plain(label) || *label == "*" && n < last_two)
        && labels.last().is_some_and(|label| label.bytes().any(|b| b.is_ascii_alphabetic()));
    if good {
        Ok(())
    } else {
        invalid(
            at,
            "a host is a lower-case name whose labels, but for the last two, may be `*`, or it is `{endpoint}`",
        )
    }
}
