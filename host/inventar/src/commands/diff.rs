//! `inventar diff`: what changed between two moments.

use super::get::{pretty, print};
use super::{Context, block_on, only_source, open_recorded, store_failed};
use crate::cli;
use crate::exit::{Ending, Stop};
use crate::moment;
use crate::present::{ChangeRecord, Format, Grid, clean, format_among};
use console::Style;
use inventar_model::{ChangeKind, Retirement, RunDelta, SourceName};
use inventar_store::{Moment, Store};

/// Runs the command.
pub(crate) fn run(args: &cli::Diff, context: &Context) -> anyhow::Result<Ending> {
    let format = format_among(args.output.as_ref(), &[Format::Table, Format::Json, Format::Ndjson])?;
    let (delta, words) = block_on(async {
        let store = open_recorded(context).await?;
        let source = only_source(&store, args.source.as_deref()).await?;
        let (from, to) = moments(args, &store, &source).await?;
        let delta = store.diff(&source, from, to).await.map_err(|error| store_failed(&error))?;
        Ok::<_, Stop>((delta, format!("{source}, {} → {}", in_words(from), in_words(to))))
    })??;
    match format {
        Format::Json => {
            let changes: Vec<ChangeRecord<'_>> = delta.changes.iter().map(ChangeRecord::new).collect();
            print(&pretty(&serde_json::json!({ "schema": "inventar/1", "changes": changes })))?;
        }
        Format::Ndjson => {
            let lines = delta.changes.iter().map(ChangeRecord::new);
            let lines = lines.map(|record| serde_json::to_string(&record).unwrap_or_default() + "\n");
            print(&lines.collect::<String>())?;
        }
        _ => {
            print(&table(&delta, console::colors_enabled()))?;
            context.console.note(&summary(&delta, &words));
        }
    }
    Ok(Ending::SUCCESS)
}

async fn moments(args: &cli::Diff, store: &Store, source: &SourceName) -> Result<(Moment, Moment), Stop> {
    let now = moment::now();
    if let Some(since) = &args.since {
        return Ok((Moment::At(moment::time(since, now)?), Moment::Now));
    }
    let to = args.to.as_deref().map(|text| moment::moment(text, now)).transpose()?.unwrap_or(Moment::Now);
    if let Some(from) = &args.from {
        return Ok((moment::moment(from, now)?, to));
    }
    let runs = store.runs(source).await.map_err(|error| store_failed(&error))?;
    match runs.as_slice() {
        [last, before, ..] => Ok((Moment::Run(before.id), Moment::Run(last.id))),
        _ => Err(Stop::usage(format!("`{source}` was scanned only once"))
            .hint("scan it again, then there is something to compare")),
    }
}

fn in_words(at: Moment) -> String {
    match at {
        Moment::Now => "now".into(),
        Moment::At(time) => moment::in_words(time),
        Moment::Run(run) => format!("run #{run}"),
    }
}

fn table(delta: &RunDelta, colour: bool) -> String {
    let mut grid = Grid::new(&["  ASSET", "WHAT CHANGED", "WHY"], colour);
    for (kind, heading, style) in [
        (ChangeKind::New, "New", Style::new().green()),
        (ChangeKind::Changed, "Changed", Style::new().yellow()),
        (ChangeKind::Gone, "Gone", Style::new().red()),
    ] {
        let changes: Vec<_> = delta.changes.iter().filter(|change| change.change == kind).collect();
        if changes.is_empty() {
            continue;
        }
        grid.heading(format!("{heading} ({})", changes.len()));
        for change in changes {
            let what = if change.fields.is_empty() {
                "-".into()
            } else {
                clean(&change.fields.join(", ")).into_owned()
            };
            let why = match change.reason {
                Retirement::Source => "the source changed",
                Retirement::Detector => "a detector changed",
            };
            grid.row([format!("  {}/{}", change.kind, clean(&change.name)), what, why.into()], style.clone());
        }
    }
    grid.render(crate::console::stdout_width())
}

fn summary(delta: &RunDelta, words: &str) -> String {
    let what = match delta.changes.len() {
        0 => "nothing changed".to_owned(),
        1 => "1 change".to_owned(),
        n => format!("{n} changes"),
    };
    format!("{words}: {what}.")
}
