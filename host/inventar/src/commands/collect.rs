//! Looking at connected sources: `inventar scan NAME` and `inventar plugin record`.

mod summary;
mod way;

pub(super) use summary::spent_in_words;
pub(super) use way::{How, Way, cluster};

use super::scan::{self, listen_for_interrupt};
use super::{Context, block_on, store_failed};
use crate::cli;
use crate::connect;
use crate::exit::{Ending, Exit, Stop};
use crate::moment;
use crate::plugins;
use crate::present::{self, Bom, RunFacts, View};
use crate::progress::{self, CollectMeter};
use inventar_bom::SpecVersion;
use inventar_model::{Connection, Inventory, OperationUse, RunStatus, Scope, SourceName, Spent};
use inventar_runtime::{CollectContext, Outbound, Plugin, World};
use inventar_scan::{CollectError, CollectOptions, Collected, Collector, Lines as _, collect};
use inventar_store::{OpenOptions, RecordOptions, Recorded, Store, StoreError};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use tempfile::TempDir;

/// The connected source of that name, unless the configuration says that it is a folder.
pub(super) fn connected(name: &str, context: &Context) -> Result<Option<Connection>, Stop> {
    let is_folder = context.config.sources.get(name).is_some_and(|source| source.path.is_some());
    let Some(name) = connect::name(name).ok().filter(|_| !is_folder) else { return Ok(None) };
    block_on(find(&name, context))?
}

/// The connected source of that name, which has to be there.
pub(super) fn connection(name: &str, context: &Context) -> Result<Connection, Stop> {
    let wanted = connect::name(name)?;
    match block_on(find(&wanted, context))?? {
        Some(connection) => Ok(connection),
        None => Err(Stop::usage(format!("no source `{name}` is connected"))
            .hint("`inventar source list` shows what is; `inventar source add` connects another")),
    }
}

async fn find(name: &SourceName, context: &Context) -> Result<Option<Connection>, Stop> {
    let options = OpenOptions { read_only: true, ..OpenOptions::default() };
    match Store::open(context.data.path(), options).await {
        Ok(store) => store.connection(name).await.map_err(|error| store_failed(&error)),
        // Nothing was ever recorded, or nothing since sources could be connected.
        Err(StoreError::Missing { .. } | StoreError::Outdated { .. }) => Ok(None),
        Err(error) => Err(store_failed(&error)),
    }
}

/// The collector of a connection as it is granted: a plugin that asks for more than it was granted is not run.
pub(super) fn granted(
    connection: &Connection,
    more: &[PathBuf],
    context: &Context,
) -> Result<Collector, Stop> {
    let plugin = collector(connection, more, context)?;
    if connect::permissions(plugin.manifest()) != connection.permissions {
        return Err(Stop::usage(format!(
            "needs review: `{}` {} asks for something else than was granted to `{}`",
            connection.plugin,
            plugin.manifest().version,
            connection.name
        ))
        .hint(format!("`inventar source grant {}` shows what it asks for now", connection.name)));
    }
    let settings = settings(connection, &plugin, context)?;
    Ok(Collector { plugin, settings })
}

/// The plugin of a connection.
pub(super) fn collector(
    connection: &Connection,
    more: &[PathBuf],
    context: &Context,
) -> Result<Plugin, Stop> {
    let runtime = plugins::runtime(plugins::compiled_folder(&context.data))?;
    let files: Vec<PathBuf> = context.config.plugin_files.value.iter().chain(more).cloned().collect();
    let plugin =
        plugins::load(&runtime, &files)?.into_iter().find(|plugin| plugin.manifest().id == connection.plugin);
    match plugin {
        Some(plugin) if plugin.manifest().world == World::Collector => Ok(plugin),
        _ => Err(Stop::usage(format!("there is no collector `{}` in this program", connection.plugin))
            .hint("name its file: --plugin FILE.wasm, or `plugin-files` in the configuration")),
    }
}

/// The configuration's settings for the plugin, over them the connection's own, and where the service is.
fn settings(connection: &Connection, plugin: &Plugin, context: &Context) -> Result<String, Stop> {
    let manifest = plugin.manifest();
    let configured = context.config.plugin_settings(Some(connection.name.as_str()), &manifest.id);
    let mut settings = match configured {
        Some(setting) => setting.value.as_object().cloned().unwrap_or_default(),
        None => serde_json::Map::new(),
    };
    if let Ok(Value::Object(own)) = serde_json::from_str(&connection.settings) {
        settings.extend(own);
    }
    if let Some(endpoint) = &connection.endpoint
        && connect::takes(manifest, "endpoint")
    {
        settings.insert("endpoint".into(), endpoint.as_str().into());
    }
    manifest.check_settings(&Value::Object(settings).to_string()).map_err(|error| {
        Stop::usage(format!("the settings of `{}` for `{}` are wrong: {error}", manifest.id, connection.name))
            .hint(format!("`inventar plugin inspect {} -o json` shows what it takes", manifest.id))
    })
}

/// `inventar scan NAME` of a connected source.
pub(super) fn scan(args: &cli::Scan, connection: &Connection, context: &Context) -> anyhow::Result<Ending> {
    let outputs = present::outputs(&context.config.output.value)?;
    let spec: SpecVersion = args.spec.parse()?;
    let epoch = present::source_date_epoch(std::env::var("SOURCE_DATE_EPOCH").ok().as_deref())?;
    refuse_folder_flags(args)?;
    let how = How { replay: args.replay.clone(), record: None, fault: args.fault.clone() };
    let (collected, recorded) = match look(connection, &how, args, context)? {
        Looked::Whole(whole) => *whole,
        Looked::Stopped(stopped) => {
            return Ok(Ending::because(Exit::Interrupted, stopped));
        }
    };
    let complete = collected.run.status == RunStatus::Complete;
    let bom = Bom { spec, epoch, revision: None, complete };
    let view = View { inventory: &recorded.inventory, run: Some(facts(&collected)), bom };
    present::write(&[view], &outputs)?;
    say(connection, &collected, &recorded, &outputs, context);
    Ok(summary::ending(&collected))
}

/// `inventar plugin record`: a scan whose exchanges are written.
pub(super) fn record(args: &cli::PluginRecord, context: &Context) -> anyhow::Result<Ending> {
    let connection = connection(&args.source, context)?;
    let how = How { record: Some(args.output.clone()), ..How::default() };
    let collector = granted(&connection, &[], context)?;
    // A recording is of everything: nothing is taken up, and nothing is recorded in the inventory.
    context.data.create().map_err(|error| context.data.unusable(&error))?;
    let folder = TempDir::with_prefix_in("record-", context.data.cache())
        .map_err(|error| context.data.unusable(&error))?;
    let options = CollectOptions {
        clock: moment::now,
        resume_within: std::time::Duration::ZERO,
        ..CollectOptions::default()
    };
    let cancel = Arc::new(AtomicBool::new(false));
    listen_for_interrupt(&cancel, "stopping", context);
    let meter = CollectMeter::new(&context.console, connection.budget);
    let (collected, exchanges) = block_on(async {
        let way = Way::open(&connection, collector.plugin.manifest(), &how)?;
        let store =
            Store::open(folder.path(), OpenOptions::default()).await.map_err(|error| store_failed(&error))?;
        let ledger = store.ledger();
        let outcome = collect(&connection, &collector, &way, &ledger, &options, &meter, &cancel).await;
        let collected = outcome.map_err(|error| Stop::new(Exit::Partial, error.to_string()))?;
        Ok::<_, Stop>((collected, way.finish()?))
    })??;
    drop(meter);
    context.console.note(&format!(
        "Wrote {} exchanges to {file}; replay them with `inventar scan {} --replay {file}`.",
        present::grouped(exchanges),
        connection.name,
        file = args.output.display(),
    ));
    Ok(summary::ending(&collected))
}

/// What a source says of itself.
pub(super) struct Probe {
    /// What there is to look at; else why it does not say, in words.
    pub(super) scopes: Result<Vec<Scope>, String>,
    /// Who we are, by slot.
    pub(super) identities: BTreeMap<String, String>,
    /// What was called.
    pub(super) used: Vec<OperationUse>,
    /// What that took.
    pub(super) spent: Spent,
    /// What the credentials' token services were asked besides.
    pub(super) token_calls: u64,
}

/// Asks a source what there is: the few calls of a probe, and who we are.
pub(super) fn probe(connection: &Connection, collector: &Collector) -> Result<Probe, Stop> {
    let asked = CollectContext { now: moment::now(), settings: collector.settings.clone(), full_sync: true };
    let manifest = collector.plugin.manifest();
    block_on(async {
        let way = Way::open(connection, manifest, &How::default())?;
        let identities = way.identities().await;
        let line: Arc<dyn Outbound> = way.line("");
        let scopes = match collector.plugin.probe(&asked, line).await {
            Ok(probed) => {
                for line in &probed.log {
                    progress::log(&manifest.id, line);
                }
                Ok(probed.scopes)
            }
            Err(fault) => Err(fault.message),
        };
        Ok(Probe { scopes, identities, used: way.used(), spent: way.spent(), token_calls: way.token_calls() })
    })?
}

/// How a look ended.
enum Looked {
    /// Everything was tried, and recorded.
    Whole(Box<(Collected, Recorded)>),
    /// A person stopped it; why, in words. What was collected is kept.
    Stopped(String),
}

fn look(connection: &Connection, how: &How, args: &cli::Scan, context: &Context) -> Result<Looked, Stop> {
    context.data.create().map_err(|error| context.data.unusable(&error))?;
    let collector = granted(connection, &[], context)?;
    let cancel = Arc::new(AtomicBool::new(false));
    listen_for_interrupt(&cancel, "stopping: what was collected so far is kept", context);
    let mut options = CollectOptions { clock: moment::now, ..CollectOptions::default() };
    if how.replay.is_some() {
        // What a living service said is not gone on with from a file.
        options.resume_within = std::time::Duration::ZERO;
    }
    let meter = CollectMeter::new(&context.console, connection.budget);
    let looked = block_on(async {
        let way = Way::open(connection, collector.plugin.manifest(), how)?;
        let store = Store::open(context.data.path(), OpenOptions::default())
            .await
            .map_err(|error| store_failed(&error))?;
        let ledger = store.ledger();
        let outcome = collect(connection, &collector, &way, &ledger, &options, &meter, &cancel).await;
        let collected = match outcome {
            Ok(collected) => collected,
            Err(stopped @ CollectError::Interrupted { .. }) => {
                return Ok(Looked::Stopped(stopped.to_string()));
            }
            Err(CollectError::Ledger(error)) => return Err(ledger_failed(&*error)),
            Err(closed @ CollectError::Closed) => return Err(Stop::new(Exit::Store, closed.to_string())),
        };
        let options = RecordOptions { confirm_gone: args.confirm_gone };
        let recorded = store
            .record_collection(collected.id, &collected.run, &collected.scopes, options)
            .await
            .map_err(|error| store_failed(&error))?;
        drop(ledger);
        store.close().await.map_err(|error| store_failed(&error))?;
        Ok(Looked::Whole(Box::new((collected, recorded))))
    })?;
    drop(meter);
    looked
}

fn ledger_failed(error: &(dyn std::error::Error + 'static)) -> Stop {
    match error.downcast_ref::<StoreError>() {
        Some(error) => store_failed(error),
        None => Stop::new(Exit::Store, format!("cannot keep what was collected: {error}")),
    }
}

/// Some flags say how to walk a folder; here they would mean nothing.
fn refuse_folder_flags(args: &cli::Scan) -> Result<(), Stop> {
    let wrong =
        [(args.no_ignore, "--no-ignore"), (args.no_cache, "--no-cache"), (args.source.is_some(), "--source")];
    match wrong.iter().find(|(given, _)| *given) {
        Some((_, flag)) => Err(Stop::usage(format!("{flag} means nothing for a connected source"))),
        None => Ok(()),
    }
}

fn facts(collected: &Collected) -> RunFacts {
    scan::facts(&collected.run)
}

fn say(
    connection: &Connection,
    collected: &Collected,
    recorded: &Recorded,
    outputs: &[present::Output],
    context: &Context,
) {
    let console = &context.console;
    if !console.speaks() {
        return;
    }
    let colour = console::colors_enabled_stderr();
    let inventory: &Inventory = &recorded.inventory;
    if outputs.iter().any(|output| output.file.is_none()) && !inventory.assets.is_empty() {
        console.note("");
    }
    console.note(&present::bold(&present::outcome_in_words(inventory), colour));
    for line in present::changes_in_words(&recorded.delta, colour) {
        console.note(&line);
    }
    for line in summary::in_words(collected) {
        console.note(&line);
    }
    for (format, file) in outputs.iter().filter_map(|output| Some((output.format, output.file.as_ref()?))) {
        console.note(&format!("Wrote {} to {}.", format.as_str(), file.display()));
    }
    let name = &connection.name;
    let next = if collected.run.status == RunStatus::Complete {
        format!("inventar get all --source {name}  ·  inventar serve")
    } else {
        format!("inventar coverage --missing --source {name}  ·  inventar serve")
    };
    console.note(&present::dim(&format!("Next: {next}"), colour));
}
