//! One file a command: each reads its arguments, asks the parts, and says how it ended.

pub(crate) mod bom;
pub(crate) mod collect;
pub(crate) mod completion;
pub(crate) mod config;
pub(crate) mod coverage;
pub(crate) mod describe;
pub(crate) mod diff;
pub(crate) mod doctor;
pub(crate) mod get;
pub(crate) mod plan;
pub(crate) mod plugin;
pub(crate) mod scan;
pub(crate) mod serve;
pub(crate) mod source;

use crate::config::Config;
use crate::console::Console;
use crate::data::DataFolder;
use crate::exit::{Exit, Stop};
use inventar_model::SourceName;
use inventar_store::{OpenOptions, Store, StoreError};
use std::future::Future;
use std::path::PathBuf;

/// What every command gets.
#[derive(Debug)]
pub(crate) struct Context {
    /// The merged configuration.
    pub(crate) config: Config,
    /// The configuration file that was named; none: what lies about.
    pub(crate) config_file: Option<PathBuf>,
    /// The words for people.
    pub(crate) console: Console,
    /// Where everything is.
    pub(crate) data: DataFolder,
}

/// Runs what waits for the database or the network on this thread.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> Result<T, Stop> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Stop::new(Exit::Store, format!("cannot start: {error}")))?;
    Ok(runtime.block_on(future))
}

/// Opens what was recorded, for reading alone.
pub(crate) async fn open_recorded(context: &Context) -> Result<Store, Stop> {
    let options = OpenOptions { read_only: true, ..OpenOptions::default() };
    Store::open(context.data.path(), options).await.map_err(|error| store_failed(&error))
}

/// The store's words, with its advice.
pub(crate) fn store_failed(error: &StoreError) -> Stop {
    let mut what = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        what.push_str(": ");
        what.push_str(&inner.to_string());
        cause = inner.source();
    }
    let exit = if matches!(error, StoreError::Missing { .. } | StoreError::NoSuchRun { .. }) {
        Exit::Usage
    } else {
        Exit::Store
    };
    let stop = Stop::new(exit, what);
    match error.advice() {
        "" => stop,
        advice => stop.hint(advice),
    }
}

/// The sources asked for: the one named, else all that were recorded.
pub(crate) async fn sources(store: &Store, named: Option<&str>) -> Result<Vec<SourceName>, Stop> {
    let all: Vec<SourceName> = store
        .sources()
        .await
        .map_err(|error| store_failed(&error))?
        .into_iter()
        .map(|source| source.name)
        .collect();
    let Some(named) = named else {
        return if all.is_empty() {
            Err(Stop::usage("nothing was recorded yet").hint("scan something first: `inventar scan .`"))
        } else {
            Ok(all)
        };
    };
    match all.iter().find(|source| source.as_str() == named) {
        Some(source) => Ok(vec![source.clone()]),
        None => {
            let names: Vec<&str> = all.iter().map(SourceName::as_str).collect();
            Err(Stop::usage(format!("there is no source `{named}`"))
                .hint(crate::config::hint_for(named, names.iter().copied())))
        }
    }
}

/// The one source asked for: the one named, else the only one.
pub(crate) async fn only_source(store: &Store, named: Option<&str>) -> Result<SourceName, Stop> {
    let mut sources = sources(store, named).await?;
    if sources.len() > 1 {
        let names: Vec<&str> = sources.iter().map(SourceName::as_str).collect();
        return Err(Stop::usage(format!("there are {} sources", sources.len()))
            .hint(format!("name one with --source: {}", names.join(", "))));
    }
    Ok(sources.remove(0))
}
