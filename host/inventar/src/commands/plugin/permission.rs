//! What a collector may call and which credentials it uses, in words an operator can decide by.

use crate::policy::{self, Authority};
use crate::present::{bold, clean, dim};
use inventar_model::{CredentialSlot, ENDPOINT, Egress};
use inventar_runtime::Manifest;
use std::fmt::Write;

/// No more operations than this are named a rule.
const NAMED: usize = 6;

/// Slots, then rules, each with its reason.
pub(crate) fn in_words(manifest: &Manifest, colour: bool) -> String {
    let mut out = format!("\n{}\n", bold("Credentials (it never sees them)", colour));
    for slot in &manifest.credentials {
        let _ = writeln!(out, "  {}", slot_in_words(slot));
    }
    if manifest.credentials.is_empty() {
        out.push_str("  none\n");
    }
    let _ = writeln!(out, "\n{}", bold("May call, reading only", colour));
    out.push_str(&calls(manifest, colour));
    out.push_str(&dim("\nIt has no files, no sockets, no environment, and no other host.\n", colour));
    if manifest.egress.iter().any(|rule| policy::authority(manifest, rule) != Authority::Other) {
        out.push_str(&dim(
            &format!("The policy to grant: inventar plugin policy {}\n", manifest.id.name()),
            colour,
        ));
    }
    out
}

/// One line for the service, one for its operations, for every rule.
pub(crate) fn calls(manifest: &Manifest, colour: bool) -> String {
    let mut out = String::new();
    for rule in &manifest.egress {
        let _ = writeln!(out, "  {}  {}", rule.service, hosts(rule));
        let _ = writeln!(out, "    {}", clean(&rule.reason));
        let _ = writeln!(out, "    {}", dim(&clean(&operations(rule)), colour));
    }
    out
}

/// `aws (aws): Reads the account's AI services`
pub(crate) fn slot_in_words(slot: &CredentialSlot) -> String {
    let kinds: Vec<&str> = slot.kinds.iter().map(|kind| kind.as_str()).collect();
    let optional = if slot.optional { ", optional" } else { "" };
    format!("{} ({}{optional}): {}", slot.slot, kinds.join(" or "), clean(&slot.reason))
}

fn hosts(rule: &Egress) -> String {
    let host = |host: &String| {
        if host == ENDPOINT { "the address you connect".to_owned() } else { format!("https://{host}") }
    };
    let as_whom =
        rule.credential.as_ref().map_or("without a credential".to_owned(), |slot| format!("as `{slot}`"));
    format!("{} {as_whom}", rule.hosts.iter().map(host).collect::<Vec<_>>().join(", "))
}

fn operations(rule: &Egress) -> String {
    let names: Vec<&str> = rule.operations.iter().map(|operation| operation.name.as_str()).collect();
    match names.len() {
        n if n > NAMED => format!("{} and {} more", names[..NAMED - 1].join(", "), n + 1 - NAMED),
        _ => names.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::tests::manifest;

    #[test]
    fn every_slot_and_rule_is_told_with_its_reason() {
        let text = in_words(&manifest(), false);
        for words in [
            "aws (aws): Reads the account",
            "login (basic or bearer, optional): Signs in",
            "sagemaker  https://api.sagemaker.*.amazonaws.com as `aws`",
            "kubernetes  the address you connect as `cluster`",
            "ListModels, DescribeModel",
            "inventar plugin policy estate",
        ] {
            assert!(text.contains(words), "no `{words}` in\n{text}");
        }
    }
}
