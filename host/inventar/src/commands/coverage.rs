//! `inventar coverage`: what was looked at, and what was not.

mod missing;

use super::get::{facts, pretty, print};
use super::{Context, block_on, open_recorded, sources, store_failed};
use crate::cli;
use crate::exit::{Ending, Stop};
use crate::moment;
use crate::present::{Format, GapRecord, Grid, LeftOutRecord, bold, clean, dim, format_among};
use console::Style;
use inventar_model::{Gap, StampedGap, Unseen};
use inventar_store::RunDetail;
use std::fmt::Write;

/// No more gaps than this are listed for people.
const LISTED_GAPS: usize = 50;

/// Runs the command.
pub(crate) fn run(args: &cli::Coverage, context: &Context) -> anyhow::Result<Ending> {
    if args.missing {
        return missing::run(args, context);
    }
    let format = format_among(args.output.as_ref(), &[Format::Table, Format::Json, Format::Ndjson])?;
    let as_of = args.of.as_of.as_deref().map(|text| moment::time(text, moment::now())).transpose()?;
    let runs = block_on(async {
        let store = open_recorded(context).await?;
        let mut runs = Vec::new();
        for source in sources(&store, args.of.source.as_deref()).await? {
            runs.extend(store.latest_run(&source, as_of).await.map_err(|error| store_failed(&error))?);
        }
        Ok::<_, Stop>(runs)
    })??;
    match format {
        Format::Json => match runs.as_slice() {
            [run] => print(&pretty(&json(run)))?,
            runs => print(&pretty(&runs.iter().map(json).collect()))?,
        },
        Format::Ndjson => print(&runs.iter().map(ndjson).collect::<String>())?,
        _ => print(
            &runs.iter().map(|run| text(run, console::colors_enabled())).collect::<Vec<_>>().join("\n"),
        )?,
    }
    Ok(Ending::SUCCESS)
}

fn ndjson(run: &RunDetail) -> String {
    let gaps = run.gaps.iter().map(|gap| serde_json::to_string(&GapRecord::new(gap)));
    let left_out = run.left_out.iter().map(|left_out| serde_json::to_string(&LeftOutRecord::new(left_out)));
    gaps.chain(left_out).filter_map(Result::ok).map(|line| line + "\n").collect()
}

fn json(run: &RunDetail) -> serde_json::Value {
    let facts = facts(run);
    let gaps: Vec<GapRecord<'_>> = run.gaps.iter().map(GapRecord::new).collect();
    let left_out: Vec<LeftOutRecord<'_>> = facts.left_out.iter().map(LeftOutRecord::new).collect();
    let plugins: Vec<_> = run
        .plugins
        .iter()
        .map(|used| {
            serde_json::json!({
                "id": used.id.as_str(), "version": used.version, "signed": used.signed,
                "files": used.files, "cached": used.cached, "guest_micros": used.guest_micros,
            })
        })
        .collect();
    let unseen: Vec<_> = run
        .unseen
        .iter()
        .map(|unseen| serde_json::json!({ "path": unseen.path, "plugin": unseen.plugin.as_ref().map(|plugin| plugin.as_str()) }))
        .collect();
    serde_json::json!({
        "source": run.source.as_str(), "run": run.id.0, "status": run.status.as_str(),
        "started": moment::rfc3339(run.started), "ended": moment::rfc3339(run.ended),
        "revision": run.revision.as_ref().map(|revision| &revision.commit),
        "files_seen": run.files_seen, "files_inspected": run.files_inspected, "bytes_read": run.bytes_read,
        "plugins": plugins, "left_out": left_out, "unseen": unseen, "gaps": gaps,
    })
}

fn text(run: &RunDetail, colour: bool) -> String {
    let mut out = String::new();
    let _ = write!(
        out,
        "{}  run #{}, {}, {}",
        bold(&clean(run.source.as_str()), colour),
        run.id,
        run.status,
        moment::in_words(run.ended)
    );
    match &run.revision {
        Some(revision) => {
            _ = writeln!(out, ", commit {}", clean(revision.commit.get(..12).unwrap_or(&revision.commit)))
        }
        None => out.push('\n'),
    }
    let _ = writeln!(
        out,
        "  {} files seen, {} handed to plugins, {} MB read\n",
        run.files_seen,
        run.files_inspected,
        run.bytes_read / 1_000_000
    );
    out.push_str(&plugins(run, colour));
    out.push_str(&gaps(&run.gaps, colour));
    out.push_str(&left_out(run, colour));
    out.push_str(&unseen(&run.unseen, colour));
    out
}

fn plugins(run: &RunDetail, colour: bool) -> String {
    let mut grid = Grid::new(&["  PLUGIN", "VERSION", "FILES", "FROM CACHE", "IN THE SANDBOX"], colour);
    for used in &run.plugins {
        let mark = if used.signed { "" } else { " (unsigned)" };
        grid.row(
            [
                format!("  {}{mark}", used.id),
                clean(&used.version).into_owned(),
                used.files.to_string(),
                used.cached.to_string(),
                format!("{} ms", used.guest_micros / 1000),
            ],
            Style::new(),
        );
    }
    grid.render(crate::console::stdout_width())
}

fn gaps(all: &[StampedGap], colour: bool) -> String {
    if all.is_empty() {
        return format!("\n{}\n", bold("No gaps", colour));
    }
    let mut grid = Grid::new(&["  WHERE", "REASON", "PLUGIN", "DETAIL"], colour);
    for (class, heading) in
        [(Gap::Failure, "We could not look"), (Gap::Declared, "Not readable, or over a declared limit")]
    {
        let of_class: Vec<_> = all.iter().filter(|stamped| stamped.gap.class() == class).collect();
        if of_class.is_empty() {
            continue;
        }
        grid.heading(format!("{heading} ({})", of_class.len()));
        for stamped in of_class.iter().take(LISTED_GAPS) {
            let gap = &stamped.gap;
            let argument =
                gap.reason.argument().map_or(String::new(), |argument| format!(" ({})", clean(&argument)));
            grid.row(
                [
                    format!("  {}", clean(&gap.at)),
                    format!("{}{argument}", gap.reason.as_str()),
                    stamped.plugin.as_ref().map_or("-".into(), ToString::to_string),
                    clean(&gap.detail).into_owned(),
                ],
                Style::new(),
            );
        }
        if let Some(more @ 1..) = of_class.len().checked_sub(LISTED_GAPS) {
            grid.heading(format!("  … and {more} more: -o json"));
        }
    }
    format!("\n{}", grid.render(crate::console::stdout_width()))
}

fn left_out(run: &RunDetail, colour: bool) -> String {
    if run.left_out.is_empty() {
        return String::new();
    }
    let mut out = format!("\n{}\n", bold("Not looked at", colour));
    for rule in &run.left_out {
        let more = if rule.count > 3 { " …" } else { "" };
        let examples: Vec<_> = rule.examples.iter().take(3).map(|example| clean(example)).collect();
        let _ = writeln!(
            out,
            "  {:>6}  {}  {}",
            rule.count,
            rule.rule,
            dim(&format!("{}{more}", examples.join(", ")), colour)
        );
    }
    let _ = writeln!(out, "  {}", dim("--no-ignore looks there too", colour));
    out
}

fn unseen(all: &[Unseen], colour: bool) -> String {
    if all.is_empty() {
        return String::new();
    }
    let mut out =
        format!("\n{}\n", bold("Nobody answered for these: what was known of them still stands", colour));
    for unseen in all.iter().take(LISTED_GAPS) {
        let place = if unseen.path.is_empty() { "everything".into() } else { clean(&unseen.path) };
        let plugin = unseen.plugin.as_ref().map_or(String::new(), |plugin| format!("  {plugin}"));
        let _ = writeln!(out, "  {place}{plugin}");
    }
    out
}
