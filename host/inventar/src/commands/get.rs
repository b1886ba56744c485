//! `inventar get`: list what was recorded.

use super::{Context, block_on, open_recorded, sources, store_failed};
use crate::cli;
use crate::exit::{Ending, Stop};
use crate::present::{self, Bom, Format, Grid, Output, RunFacts, View, clean, format_among};
use crate::{console as streams, kinds, moment};
use console::Style;
use inventar_model::{Asset, AssetKind, Inventory};
use inventar_store::{RunDetail, RunRow, SourceRow, Store};

/// Runs the command.
pub(crate) fn run(args: &cli::Get, context: &Context) -> anyhow::Result<Ending> {
    block_on(async {
        let store = open_recorded(context).await?;
        match args.kind.to_lowercase().as_str() {
            "sources" | "source" => list_sources(args, &store).await,
            "runs" | "run" => list_runs(args, &store).await,
            _ => list_assets(args, &store, context).await,
        }
    })??;
    Ok(Ending::SUCCESS)
}

async fn list_assets(args: &cli::Get, store: &Store, context: &Context) -> Result<(), Stop> {
    let kinds = kinds::parse(&args.kind)?;
    let outputs = present::outputs(&context.config.output.value)?;
    let as_of = args.of.as_of.as_deref().map(|text| moment::time(text, moment::now())).transpose()?;
    let mut found = Vec::new();
    for source in sources(store, args.of.source.as_deref()).await? {
        let Some(inventory) = store.inventory(&source, as_of).await.map_err(|error| store_failed(&error))?
        else {
            continue;
        };
        let run = store.latest_run(&source, as_of).await.map_err(|error| store_failed(&error))?;
        let whole = kinds.is_none() && args.name.is_none();
        let inventory =
            if whole { inventory } else { narrow(inventory, kinds.as_deref(), args.name.as_deref()) };
        found.push((inventory, run));
    }
    if found.is_empty() {
        return Err(Stop::usage("nothing was recorded by then")
            .hint("`inventar get runs` shows since when there is something"));
    }
    let several = found.len() > 1;
    let views: Vec<View<'_>> = found
        .iter()
        // Of several sources those that have nothing to say stay silent.
        .filter(|(inventory, _)| !several || !inventory.assets.is_empty())
        .map(|(inventory, run)| View { inventory, run: run.as_ref().map(facts), bom: Bom::default() })
        .collect();
    if views.iter().all(|view| view.inventory.assets.is_empty()) {
        context.console.note(&nothing(args));
    }
    present::write(&views, &outputs)
}

fn nothing(args: &cli::Get) -> String {
    let named = args.name.as_ref().map_or(String::new(), |name| format!(" with the name `{name}`"));
    format!("No {} recorded{named}.", if args.kind == "all" { "assets" } else { &args.kind })
}

/// What a stored run says beside its assets.
pub(crate) fn facts(run: &RunDetail) -> RunFacts {
    RunFacts {
        status: run.status,
        files_seen: run.files_seen,
        files_inspected: run.files_inspected,
        left_out: run.left_out.clone(),
        plugins: run
            .plugins
            .iter()
            .map(|used| (used.id.clone(), used.version.clone(), used.signed))
            .collect(),
    }
}

/// The assets of these kinds and that name, without what is around them.
fn narrow(inventory: Inventory, kinds: Option<&[AssetKind]>, name: Option<&str>) -> Inventory {
    let wanted = |asset: &Asset| {
        kinds.is_none_or(|kinds| kinds.contains(&asset.kind))
            && name.is_none_or(|name| matches(&asset.name, name))
    };
    let assets = inventory.assets.into_iter().filter(wanted).collect();
    Inventory { assets, ..Inventory::empty(inventory.source) }
}

/// Whether a name fits a pattern in which `*` stands for anything; case does not matter.
pub(crate) fn matches(name: &str, pattern: &str) -> bool {
    let (name, pattern) = (name.to_lowercase(), pattern.to_lowercase());
    let Some((first, rest)) = pattern.split_once('*') else { return name == pattern };
    let Some(mut left) = name.strip_prefix(first) else { return false };
    let mut parts = rest.split('*').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return left.ends_with(part);
        }
        match left.find(part) {
            Some(at) => left = &left[at + part.len()..],
            None => return false,
        }
    }
    true
}

async fn list_sources(args: &cli::Get, store: &Store) -> Result<(), Stop> {
    let format = format_of(args)?;
    let rows = store.sources().await.map_err(|error| store_failed(&error))?;
    let text = match format {
        Format::Json => {
            let list: Vec<_> = rows.iter().map(source_json).collect();
            pretty(&list.into())
        }
        _ => {
            let colour = console::colors_enabled();
            let mut grid = Grid::new(&["SOURCE", "ASSETS", "RUNS", "STATUS", "LAST RUN"], colour);
            for row in &rows {
                grid.row(
                    [
                        clean(row.name.as_str()).into_owned(),
                        row.assets.to_string(),
                        row.runs.to_string(),
                        row.latest.status.to_string(),
                        moment::in_words(row.latest.ended),
                    ],
                    Style::new(),
                );
            }
            grid.render(streams::stdout_width())
        }
    };
    print(&text)
}

fn source_json(row: &SourceRow) -> serde_json::Value {
    serde_json::json!({
        "name": row.name.as_str(), "assets": row.assets, "runs": row.runs,
        "latest": run_json(&row.latest),
    })
}

async fn list_runs(args: &cli::Get, store: &Store) -> Result<(), Stop> {
    let format = format_of(args)?;
    let mut all = Vec::new();
    for source in sources(store, args.of.source.as_deref()).await? {
        let runs = store.runs(&source).await.map_err(|error| store_failed(&error))?;
        all.push((source, runs));
    }
    let text = match format {
        Format::Json => {
            let list = all.iter().map(|(source, runs)| {
                let runs: Vec<_> = runs.iter().map(run_json).collect();
                serde_json::json!({ "source": source.as_str(), "runs": runs })
            });
            pretty(&list.collect())
        }
        _ => {
            let header = ["RUN", "ENDED", "STATUS", "ASSETS", "NEW", "CHANGED", "GONE", "GAPS"];
            let mut grid = Grid::new(&header, console::colors_enabled());
            for (source, runs) in &all {
                grid.heading(clean(source.as_str()).into_owned());
                for run in runs {
                    let counts = &run.counts;
                    let number = |n: u64| n.to_string();
                    grid.row(
                        [
                            format!("#{}", run.id),
                            moment::in_words(run.ended),
                            run.status.to_string(),
                            number(counts.assets),
                            number(counts.new),
                            number(counts.changed),
                            number(counts.gone),
                            number(counts.gaps),
                        ],
                        Style::new(),
                    );
                }
            }
            grid.render(streams::stdout_width())
        }
    };
    print(&text)
}

fn run_json(run: &RunRow) -> serde_json::Value {
    let counts = &run.counts;
    serde_json::json!({
        "run": run.id.0, "status": run.status.as_str(),
        "started": moment::rfc3339(run.started), "ended": moment::rfc3339(run.ended),
        "assets": counts.assets, "relations": counts.relations, "findings": counts.findings, "gaps": counts.gaps,
        "new": counts.new, "changed": counts.changed, "gone": counts.gone, "by_detector": counts.by_detector,
        "kept": counts.kept, "held": counts.held,
    })
}

fn format_of(args: &cli::Get) -> Result<Format, Stop> {
    match args.output.as_slice() {
        [] => Ok(Format::Table),
        [output] => format_among(Some::<&Output>(output), &[Format::Table, Format::Json]),
        _ => Err(Stop::usage("this list has one output")),
    }
}

/// JSON for people and programs.
pub(crate) fn pretty(value: &serde_json::Value) -> String {
    format!("{value:#}\n")
}

/// Puts text on stdout.
pub(crate) fn print(text: &str) -> Result<(), Stop> {
    streams::write_stdout(text.as_bytes())
        .map_err(|error| Stop::new(crate::exit::Exit::Store, format!("cannot write to stdout: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, pattern: &str, expected: bool) {
        assert_eq!(matches(name, pattern), expected, "{name} {pattern}");
    }

    #[test]
    fn patterns() {
        check("gpt-4o", "gpt-4o", true);
        check("GPT-4o", "gpt-4O", true);
        check("gpt-4o", "gpt-4", false);
        check("gpt-4o", "gpt-*", true);
        check("gpt-4o", "*4o", true);
        check("gpt-4o", "*-*o", true);
        check("gpt-4o", "*", true);
        check("gpt-4o", "g*p*x", false);
        check("aa", "a*a*a", false);
        check("größe", "gr*e", true);
    }
}
