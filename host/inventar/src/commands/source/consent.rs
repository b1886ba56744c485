//! One screen with everything a grant means, and the question.

use crate::commands::Context;
use crate::connect::budget_in_words;
use crate::exit::Stop;
use crate::present::{bold, clean, dim};
use inventar_model::{Connection, ENDPOINT, Egress};
use inventar_runtime::Manifest;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead as _, IsTerminal, Write as _};

/// No more rules than this are told one by one.
const TOLD_RULES: usize = 14;

/// What is asked for.
pub(super) struct Consent<'a> {
    /// What the plugin says of itself.
    pub(super) manifest: &'a Manifest,
    /// Whether somebody vouches for it.
    pub(super) signed: bool,
    /// The grant.
    pub(super) connection: &'a Connection,
    /// Who we are, by slot.
    pub(super) identities: &'a BTreeMap<String, String>,
}

impl Consent<'_> {
    /// The screen.
    pub(super) fn screen(&self, colour: bool) -> String {
        let Self { manifest, connection, .. } = self;
        let mut out = String::new();
        let mark = if self.signed { "" } else { "  UNSIGNED: nobody vouches for it" };
        let _ = writeln!(
            out,
            "{}  {} {}{mark}",
            bold(connection.name.as_str(), colour),
            manifest.id,
            clean(&manifest.version)
        );
        let _ = writeln!(out, "  {}", clean(&manifest.description));
        let _ = writeln!(out, "\n{}", bold("May call, reading only", colour));
        out.push_str(&self.rules(colour));
        let _ = writeln!(out, "\n{}", bold("As", colour));
        out.push_str(&self.credentials());
        let _ = writeln!(out, "\n{}", bold("Within", colour));
        let _ = writeln!(out, "  budget   {}", budget_in_words(&connection.budget));
        if !connection.allow_private.is_empty() {
            let _ = writeln!(out, "  private  {}", connection.allow_private.join(", "));
        }
        if let Some(authority) = &connection.authority {
            let _ = writeln!(out, "  trusts   {}", clean(authority));
        }
        if !connection.settings.is_empty() {
            let _ = writeln!(out, "  settings {}", clean(&connection.settings));
        }
        let _ = writeln!(
            out,
            "{}",
            dim(
                "  It sees answers, never a credential; it has no files, no sockets and no other host.",
                colour
            )
        );
        out
    }

    fn rules(&self, colour: bool) -> String {
        let mut out = String::new();
        let rules = &self.manifest.egress;
        for rule in rules.iter().take(TOLD_RULES) {
            let n = rule.operations.len();
            let operations = if n == 1 { "1 operation".to_owned() } else { format!("{n} operations") };
            let _ = writeln!(
                out,
                "  {:<14} {operations:<14} {}  {}",
                rule.service,
                self.place(rule),
                dim(&clean(&rule.reason), colour)
            );
        }
        if let Some(more @ 1..) = rules.len().checked_sub(TOLD_RULES) {
            let _ = writeln!(
                out,
                "  … and {more} more services: inventar plugin inspect {}",
                self.manifest.id.name()
            );
        }
        out
    }

    /// What is dialled for a rule.
    fn place(&self, rule: &Egress) -> String {
        match &self.connection.endpoint {
            Some(endpoint) if rule.hosts.iter().any(|host| host == ENDPOINT) => endpoint.clone(),
            Some(endpoint) => format!("{} at {endpoint}", rule.hosts.join(", ")),
            None => rule.hosts.join(", "),
        }
    }

    fn credentials(&self) -> String {
        let mut out = String::new();
        for (slot, source) in &self.connection.credentials {
            let who = self.identities.get(slot).map_or(String::new(), |who| format!(": {}", clean(who)));
            let options: Vec<String> =
                source.options.iter().map(|(key, value)| format!(", {key} {}", clean(value))).collect();
            let _ = writeln!(
                out,
                "  {slot:<8} {} from {}{}{who}",
                source.kind,
                clean(&source.reference),
                options.concat()
            );
        }
        if self.connection.credentials.is_empty() {
            out.push_str("  nobody: without a credential\n");
        }
        out
    }
}

/// Asks on the terminal; without one, `--yes` has to be given.
pub(super) fn agreed(question: &str, yes: bool, context: &Context) -> Result<(), Stop> {
    if yes {
        return Ok(());
    }
    let mut stdin = std::io::stdin().lock();
    if !stdin.is_terminal() || !std::io::stderr().is_terminal() || !context.console.speaks() {
        return Err(Stop::usage("nobody is there to agree").hint("read what is shown above, then add --yes"));
    }
    {
        let mut stderr = std::io::stderr().lock();
        // Nobody is asked when stderr is closed: the answer is then no.
        let _ = write!(stderr, "{question} [y/N] ").and_then(|()| stderr.flush());
    }
    let mut answer = String::new();
    let read = stdin.read_line(&mut answer);
    match (read, answer.trim().to_lowercase().as_str()) {
        (Ok(_), "y" | "yes") => Ok(()),
        _ => Err(Stop::usage("not agreed: nothing was changed")),
    }
}
