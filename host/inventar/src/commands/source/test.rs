//! `inventar source test`: who we are there, what there is to look at, what is not allowed.

use crate::commands::Context;
use crate::commands::collect::{self, Probe, probe, spent_in_words};
use crate::commands::get::{pretty, print};
use crate::exit::{Ending, Exit};
use crate::present::{Format, Output, bold, clean, dim, format_among, grouped};
use inventar_model::{OperationUse, Scope};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// No more scopes than this are named.
const NAMED: usize = 12;

/// Runs the command.
pub(super) fn run(name: &str, output: Option<&Output>, context: &Context) -> anyhow::Result<Ending> {
    let format = format_among(output, &[Format::Table, Format::Json])?;
    let connection = collect::connection(name, context)?;
    let collector = collect::granted(&connection, &[], context)?;
    let manifest = collector.plugin.manifest();
    let Probe { scopes, identities, used, spent, token_calls } = probe(&connection, &collector)?;
    let denied: Vec<&OperationUse> = used.iter().filter(|used| used.denied > 0).collect();
    let missing: BTreeSet<&str> = denied.iter().flat_map(|used| &used.actions).map(String::as_str).collect();
    let (scopes, problem) = match &scopes {
        Ok(scopes) => (scopes.as_slice(), None),
        Err(problem) => (&[][..], Some(problem.as_str())),
    };
    match format {
        Format::Json => print(&pretty(&json!({
            "source": name, "identities": identities, "problem": problem, "missing": missing,
            "scopes": scopes.iter().map(|scope| json!({
                "id": scope.id, "kind": scope.kind, "label": scope.label
            })).collect::<Vec<_>>(),
            "calls": spent.calls, "bytes": spent.bytes, "token_calls": token_calls,
        })))?,
        _ => {
            let colour = console::colors_enabled();
            let mut out = format!("{}  {}\n", bold(name, colour), manifest.id);
            for (slot, who) in &identities {
                let _ = writeln!(out, "  as       {slot}: {}", clean(who));
            }
            let _ = writeln!(out, "  calls    {}{}", spent_in_words(&spent), tokens_in_words(token_calls));
            out.push_str(&scopes_in_words(scopes, colour));
            if !missing.is_empty() {
                let _ = writeln!(out, "\n{}", bold("Not allowed", colour));
                for action in &missing {
                    let _ = writeln!(out, "  {}", clean(action));
                }
                let _ = writeln!(
                    out,
                    "{}",
                    dim(
                        &format!("  The whole policy: inventar plugin policy {}", manifest.id.name()),
                        colour
                    )
                );
            }
            print(&out)?;
        }
    }
    Ok(ending(problem, &missing))
}

/// ` 2 more to token services.`
fn tokens_in_words(calls: u64) -> String {
    match calls {
        0 => String::new(),
        1 => " 1 more to a token service.".to_owned(),
        calls => format!(" {} more to token services.", grouped(calls)),
    }
}

fn ending(problem: Option<&str>, missing: &BTreeSet<&str>) -> Ending {
    match (problem, missing.first()) {
        (Some(problem), _) => {
            Ending::because(Exit::Partial, format!("the source does not answer: {}", clean(problem)))
        }
        (None, Some(action)) => Ending::because(Exit::Partial, format!("not allowed: {}", clean(action))),
        (None, None) => Ending::SUCCESS,
    }
}

fn scopes_in_words(scopes: &[Scope], colour: bool) -> String {
    if scopes.is_empty() {
        return String::new();
    }
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for scope in scopes {
        *kinds.entry(&scope.kind).or_default() += 1;
    }
    let kinds: Vec<String> = kinds.iter().map(|(kind, n)| format!("{n} {}", clean(kind))).collect();
    let mut out = format!(
        "\n{}\n",
        bold(&format!("{} scopes to look at ({})", scopes.len(), kinds.join(", ")), colour)
    );
    for scope in scopes.iter().take(NAMED) {
        let _ = writeln!(out, "  {}  {}", clean(&scope.id), dim(&clean(&scope.label), colour));
    }
    if let Some(more @ 1..) = scopes.len().checked_sub(NAMED) {
        let _ = writeln!(out, "  … and {more} more: -o json");
    }
    out
}
