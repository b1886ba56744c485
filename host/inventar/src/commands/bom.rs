//! `inventar bom generate`: the bill of materials of what was recorded.

use super::get::print;
use super::{Context, block_on, only_source, open_recorded, store_failed};
use crate::cli;
use crate::exit::{Ending, Exit, Stop};
use crate::moment;
use crate::present::{self, Bom};
use inventar_model::RunStatus;

/// Runs the command.
pub(crate) fn generate(args: &cli::BomGenerate, context: &Context) -> anyhow::Result<Ending> {
    let as_of = args.of.as_of.as_deref().map(|text| moment::time(text, moment::now())).transpose()?;
    let epoch = present::source_date_epoch(std::env::var("SOURCE_DATE_EPOCH").ok().as_deref())?;
    let (inventory, run) = block_on(async {
        let store = open_recorded(context).await?;
        let source = only_source(&store, args.of.source.as_deref()).await?;
        let inventory = store.inventory(&source, as_of).await.map_err(|error| store_failed(&error))?;
        let run = store.latest_run(&source, as_of).await.map_err(|error| store_failed(&error))?;
        inventory.zip(run).ok_or_else(|| Stop::usage(format!("nothing of `{source}` was recorded by then")))
    })??;
    let complete = run.status == RunStatus::Complete;
    let bom = Bom { spec: args.spec.parse()?, epoch, revision: run.revision, complete };
    let text = present::generate_bom(&inventory, &bom)?;
    match &args.output {
        None => print(&text)?,
        Some(file) => {
            present::write_atomically(file, text.as_bytes()).map_err(|error| {
                Stop::new(Exit::Store, format!("cannot write `{}`: {error}", file.display()))
            })?;
            context.console.note(&format!("Wrote CycloneDX {} to {}.", args.spec, file.display()));
        }
    }
    Ok(Ending::SUCCESS)
}
