//! One screen with everything a grant means, and the question.

use crate::commands::Context;
use crate::connect::budget_in_words;
use crate::exit::Stop;
use crate::present::{bold, clean, counted, dim};
use inventar_model::{Connection, ENDPOINT};
use inventar_runtime::Manifest;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{BufRead as _, IsTerminal, Write as _};

/// No more rules than this are told one by one.
const TOLD_RULES: usize = 14;

/// No more hosts than this are told one by one.
const TOLD_HOSTS: usize = 40;

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
        let _ = writeln!(out, "\n{}\n  {}", bold("At", colour), self.places().join("\n  "));
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
        let told = || rules.iter().take(TOLD_RULES);
        let widest = told().map(|rule| rule.service.len()).max().unwrap_or(0);
        for rule in told() {
            let operations = counted(rule.operations.len() as u64, "operation");
            let reason = dim(&clean(&rule.reason), colour);
            let _ = writeln!(out, "  {:<widest$}  {operations:<13}  {reason}", rule.service);
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

    /// What is dialled: the hosts of the manifest, or what is connected instead.
    fn places(&self) -> Vec<String> {
        let hosts = self.manifest.egress.iter().flat_map(|rule| &rule.hosts);
        let public: BTreeSet<&str> = hosts.map(String::as_str).filter(|host| *host != ENDPOINT).collect();
        match (&self.connection.endpoint, public.is_empty()) {
            (Some(endpoint), true) => vec![endpoint.clone()],
            (Some(endpoint), false) => vec![format!("{endpoint} instead of the public addresses")],
            (None, _) => {
                let mut places: Vec<String> =
                    public.iter().take(TOLD_HOSTS).map(|host| format!("https://{host}")).collect();
                if let Some(more @ 1..) = public.len().checked_sub(TOLD_HOSTS) {
                    let name = self.manifest.id.name();
                    places.push(format!("… and {more} more hosts: inventar plugin inspect {name}"));
                }
                places
            }
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
