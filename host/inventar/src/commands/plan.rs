//! `inventar plan`: calls, cost, permissions and time, before anything but the probe is called.

mod estimate;

use super::collect::{self, probe};
use super::get::{pretty, print};
use super::{Context, block_on, store_failed};
use crate::cli;
use crate::connect::{budget_in_words, bytes_in_words, cost_in_words, time_in_words};
use crate::exit::{Ending, Exit, Stop};
use crate::policy::{self, Authority};
use crate::present::{Format, Grid, bold, clean, dim, format_among, grouped};
use console::Style;
use estimate::{Basis, Row, Total, rows, too_little, total};
use inventar_model::{Connection, ScopeRun};
use inventar_runtime::Manifest;
use inventar_store::{OpenOptions, Store};
use serde_json::json;
use std::fmt::Write;

/// No more scopes than this are listed for people: the dearest.
const LISTED: usize = 15;

/// Runs the command.
pub(crate) fn run(args: &cli::Plan, context: &Context) -> anyhow::Result<Ending> {
    let format = format_among(args.output.as_ref(), &[Format::Table, Format::Json])?;
    let connection = collect::connection(&args.source, context)?;
    let collector = collect::granted(&connection, &[], context)?;
    let manifest = collector.plugin.manifest();
    let probed = probe(&connection, &collector)?.scopes;
    let last = last_run(&connection, context)?;
    let (scopes, problem) = match probed {
        Ok(scopes) => (scopes, None),
        // What is known from before is better than nothing.
        Err(problem) => (last.iter().map(|run| run.scope.clone()).collect(), Some(problem)),
    };
    if let (true, Some(problem)) = (scopes.is_empty(), &problem) {
        return Ok(unanswered(problem));
    }
    let plan = Plan { connection: &connection, manifest, rows: rows(&scopes, &last, &manifest.egress) };
    match format {
        Format::Json => print(&pretty(&plan.json()))?,
        _ => print(&plan.text(console::colors_enabled()))?,
    }
    Ok(match problem {
        Some(problem) => unanswered(&problem),
        None => Ending::SUCCESS,
    })
}

fn unanswered(problem: &str) -> Ending {
    Ending::because(Exit::Partial, format!("the source does not say what there is: {}", clean(problem)))
}

fn last_run(connection: &Connection, context: &Context) -> Result<Vec<ScopeRun>, Stop> {
    let options = OpenOptions { read_only: true, ..OpenOptions::default() };
    let scopes =
        block_on(async { Store::open(context.data.path(), options).await?.scopes(&connection.name).await })?;
    Ok(scopes.map_err(|error| store_failed(&error))?.into_iter().map(|row| row.latest).collect())
}

struct Plan<'a> {
    connection: &'a Connection,
    manifest: &'a Manifest,
    rows: Vec<Row>,
}

impl Plan<'_> {
    fn actions(&self) -> Vec<&str> {
        let of = |authority| policy::actions(self.manifest, authority);
        [Authority::Aws, Authority::Kubernetes, Authority::Other].into_iter().flat_map(of).collect()
    }

    fn json(&self) -> serde_json::Value {
        let Total { calls, bytes, cost_microusd, millis } = total(&self.rows);
        let scopes: Vec<_> = self
            .rows
            .iter()
            .map(|row| {
                json!({
                    "scope": row.scope.id, "kind": row.scope.kind, "calls": row.calls, "bytes": row.bytes,
                    "cost_microusd": row.cost_microusd, "millis": row.millis, "basis": row.basis,
                })
            })
            .collect();
        json!({
            "source": self.connection.name.as_str(), "plugin": self.manifest.id.as_str(),
            "calls": calls, "bytes": bytes, "cost_microusd": cost_microusd, "millis": millis,
            "budget_too_small": too_little(&total(&self.rows), &self.connection.budget),
            "permissions": self.actions(), "scopes": scopes,
        })
    }

    fn text(&self, colour: bool) -> String {
        let name = &self.connection.name;
        let all = total(&self.rows);
        let mut out = format!(
            "{}  {} {}\n",
            bold(name.as_str(), colour),
            self.manifest.id,
            clean(&self.manifest.version)
        );
        let known = self.rows.iter().all(|row| row.basis != Basis::Manifest);
        let about = if known { "about " } else { "at least " };
        let bytes = if all.bytes > 0 { format!(", {}", bytes_in_words(all.bytes)) } else { String::new() };
        let _ = writeln!(
            out,
            "  {about}{} calls in {} scopes{bytes}, {}, {}",
            grouped(all.calls),
            grouped(self.rows.len() as u64),
            cost_in_words(all.cost_microusd),
            time_in_words(all.millis)
        );
        if !known {
            let words = "scopes that were never listed count one call for each operation that lists; what there is decides the rest";
            let _ = writeln!(out, "  {}", dim(words, colour));
        }
        let _ = writeln!(out, "  budget: {}", budget_in_words(&self.connection.budget));
        let short = too_little(&all, &self.connection.budget);
        if !short.is_empty() {
            let _ = writeln!(
                out,
                "  {}",
                bold(
                    &format!(
                        "the budget of {} is too small: the scan would stop with code 6",
                        short.join(" and ")
                    ),
                    colour
                )
            );
        }
        let actions = self.actions();
        let _ = writeln!(
            out,
            "  permissions: {} {}",
            actions.len(),
            dim(&format!("(inventar plugin policy {})", self.manifest.id.name()), colour)
        );
        out.push('\n');
        out.push_str(&self.scopes(colour));
        out
    }

    fn scopes(&self, colour: bool) -> String {
        let mut grid = Grid::new(&["SCOPE", "CALLS", "COST", "TIME", "FROM"], colour);
        let mut rows: Vec<&Row> = self.rows.iter().collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.calls));
        for row in rows.iter().take(LISTED) {
            let basis = match row.basis {
                Basis::LastRun => "the last run",
                Basis::LikeOthers => "others like it",
                Basis::Manifest => "the manifest",
            };
            grid.row(
                [
                    clean(&row.scope.id).into_owned(),
                    grouped(row.calls),
                    cost_in_words(row.cost_microusd),
                    time_in_words(row.millis),
                    basis.into(),
                ],
                Style::new(),
            );
        }
        if let Some(more @ 1..) = rows.len().checked_sub(LISTED) {
            grid.heading(format!("… and {more} more: -o json"));
        }
        grid.render(crate::console::stdout_width())
    }
}
