//! `inventar source`: connect clouds, clusters and registries.

mod consent;
mod test;

use super::collect::{self, How, Way, cluster};
use super::get::{pretty, print};
use super::{Context, block_on, store_failed};
use crate::cli;
use crate::connect::{self, budget_in_words};
use crate::exit::{Ending, Stop};
use crate::moment;
use crate::plugins;
use crate::present::{Format, Grid, Output, clean, format_among};
use consent::{Consent, agreed};
use console::Style;
use inventar_model::{Budget, Connection, CredentialKind, ENDPOINT, SourceName};
use inventar_runtime::{Manifest, Plugin, Trust, World};
use inventar_store::{OpenOptions, SourceRow, Store, StoreError};
use std::collections::BTreeMap;
use std::path::Path;

/// Runs the command.
pub(crate) fn run(args: &cli::Source, context: &Context) -> anyhow::Result<Ending> {
    match args {
        cli::Source::Add(args) => add(args, context)?,
        cli::Source::List { output } => list(output.as_ref(), context)?,
        cli::Source::Test { name, output } => return test::run(name, output.as_ref(), context),
        cli::Source::Grant { name, yes } => grant(name, *yes, context)?,
        cli::Source::Remove { name, yes } => remove(name, *yes, context)?,
    }
    Ok(Ending::SUCCESS)
}

fn add(args: &cli::SourceAdd, context: &Context) -> Result<(), Stop> {
    let name = connect::name(&args.name)?;
    if context.config.sources.get(name.as_str()).is_some_and(|source| source.path.is_some()) {
        return Err(
            Stop::usage(format!("`{name}` is a folder in the configuration")).hint("take another name")
        );
    }
    let plugin = plugins::find(&args.plugin, &context.config)?;
    let manifest = plugin.manifest();
    if manifest.world != World::Collector {
        return Err(Stop::usage(format!("`{}` looks at files: there is nothing to connect", manifest.id))
            .hint("scan a folder with it: `inventar scan DIR`"));
    }
    let mut connection = Connection {
        name,
        plugin: manifest.id.clone(),
        permissions: connect::permissions(manifest),
        endpoint: args.endpoint.as_deref().map(connect::endpoint).transpose()?,
        allow_private: args
            .allow_private
            .iter()
            .map(|text| connect::private_network(text))
            .collect::<Result<_, _>>()?,
        authority: args.authority.as_deref().map(authority).transpose()?,
        credentials: connect::credentials(&args.credential, &manifest.credentials)?,
        settings: connect::settings(&args.setting, manifest)?,
        budget: connect::budget(&args.budget)?,
    };
    if connection.endpoint.is_none() {
        connection.endpoint = block_on(cluster(&connection, manifest))??;
    }
    needs_endpoint(&connection, manifest)?;
    same_place_for_roles(&mut connection);
    let identities = who(&connection, manifest)?;
    show(&plugin, &connection, &identities, context)?;
    agreed(&question(&connection), args.yes, context)?;
    put(&connection, context)?;
    let name = &connection.name;
    context
        .console
        .note(&format!("Connected {name}. Next: inventar source test {name}  ·  inventar scan {name}"));
    Ok(())
}

/// Who we are, by slot.
fn who(connection: &Connection, manifest: &Manifest) -> Result<BTreeMap<String, String>, Stop> {
    block_on(async {
        let way = Way::open(connection, manifest, &How::default())?;
        Ok(way.identities().await)
    })?
}

/// Who speaks to an emulator or a private address of AWS asks there too who it is, or where the environment says now: a
/// later scan has to ask at the same place.
fn same_place_for_roles(connection: &mut Connection) {
    let Some(endpoint) = &connection.endpoint else { return };
    let said = |name| std::env::var(name).ok().filter(|url| !url.is_empty());
    let place = said("AWS_ENDPOINT_URL_STS").or_else(|| said("AWS_ENDPOINT_URL"));
    let place = place.unwrap_or_else(|| endpoint.clone());
    for source in connection.credentials.values_mut().filter(|source| source.kind == CredentialKind::Aws) {
        source.options.entry("sts-url".into()).or_insert_with(|| place.clone());
    }
}

/// A plugin that speaks to what is connected has to know where that is.
fn needs_endpoint(connection: &Connection, manifest: &Manifest) -> Result<(), Stop> {
    let only_connected = manifest.egress.iter().any(|rule| rule.hosts.iter().all(|host| host == ENDPOINT));
    match &connection.endpoint {
        None if only_connected => {
            Err(Stop::usage(format!("`{}` has to know where the service is", manifest.id))
                .hint("add --endpoint https://HOST[:PORT]"))
        }
        Some(endpoint) if endpoint.starts_with("http://") && connection.allow_private.is_empty() => {
            Err(Stop::usage("without encryption only a private network may be reached")
                .hint("write https://, or name the network as well: --allow-private 127.0.0.1/32"))
        }
        _ => Ok(()),
    }
}

/// The file is read when the service is called; that it is there is checked now.
fn authority(path: &Path) -> Result<String, Stop> {
    let wrong =
        |why: String| Stop::usage(format!("cannot take the authority: {why}")).at(path.display().to_string());
    let path = path.canonicalize().map_err(|error| wrong(error.to_string()))?;
    let text = std::fs::read_to_string(&path).map_err(|error| wrong(error.to_string()))?;
    if !text.contains("-----BEGIN CERTIFICATE-----") {
        return Err(wrong("it holds no certificate in PEM form".into()));
    }
    path.into_os_string().into_string().map_err(|_| wrong("its path is no text".into()))
}

fn show(
    plugin: &Plugin,
    connection: &Connection,
    identities: &BTreeMap<String, String>,
    context: &Context,
) -> Result<(), Stop> {
    let consent = Consent {
        manifest: plugin.manifest(),
        signed: plugin.trust() != Trust::Unsigned,
        connection,
        identities,
    };
    if context.console.speaks() {
        print(&consent.screen(console::colors_enabled()))?;
    }
    Ok(())
}

fn question(connection: &Connection) -> String {
    format!("Connect `{}` like this?", connection.name)
}

fn put(connection: &Connection, context: &Context) -> Result<(), Stop> {
    context.data.create().map_err(|error| context.data.unusable(&error))?;
    block_on(async {
        let store = Store::open(context.data.path(), OpenOptions::default()).await?;
        store.put_connection(connection).await?;
        store.close().await
    })?
    .map_err(|error| store_failed(&error))
}

fn grant(name: &str, yes: bool, context: &Context) -> Result<(), Stop> {
    let mut connection = collect::connection(name, context)?;
    let plugin = collect::collector(&connection, &[], context)?;
    let permissions = connect::permissions(plugin.manifest());
    if permissions == connection.permissions {
        context.console.note(&format!("`{name}` has all that `{}` asks for", connection.plugin));
        return Ok(());
    }
    connection.permissions = permissions;
    let identities = who(&connection, plugin.manifest())?;
    show(&plugin, &connection, &identities, context)?;
    agreed(&format!("Grant this to `{}`?", connection.plugin), yes, context)?;
    put(&connection, context)?;
    context.console.note(&format!("Granted. Next: inventar scan {name}"));
    Ok(())
}

fn remove(name: &str, yes: bool, context: &Context) -> Result<(), Stop> {
    let connection = collect::connection(name, context)?;
    agreed(&format!("Disconnect `{name}`? What was recorded of it stays."), yes, context)?;
    block_on(async {
        let store = Store::open(context.data.path(), OpenOptions::default()).await?;
        store.remove_connection(&connection.name).await?;
        store.close().await
    })?
    .map_err(|error| store_failed(&error))?;
    context.console.note(&format!("Disconnected {name}."));
    Ok(())
}

/// A connected source and its last run.
struct Listed {
    connection: Connection,
    row: Option<SourceRow>,
    needs_review: bool,
}

fn list(output: Option<&Output>, context: &Context) -> Result<(), Stop> {
    let format = format_among(output, &[Format::Table, Format::Json])?;
    let listed = listed(context)?;
    if format == Format::Json {
        return print(&pretty(&listed.iter().map(json).collect()));
    }
    if listed.is_empty() {
        context.console.note("No source is connected; `inventar source add --help` shows how.");
    }
    let mut grid =
        Grid::new(&["SOURCE", "PLUGIN", "WHERE", "ASSETS", "LAST RUN", "NOTE"], console::colors_enabled());
    for Listed { connection, row, needs_review } in &listed {
        let schedule =
            context.config.sources.get(connection.name.as_str()).and_then(|source| source.schedule.as_ref());
        let note = match schedule {
            _ if *needs_review => format!("needs review: inventar source grant {}", connection.name),
            Some(schedule) => schedule.value.to_string(),
            None => String::new(),
        };
        grid.row(
            [
                connection.name.to_string(),
                connection.plugin.to_string(),
                connection
                    .endpoint
                    .as_deref()
                    .map_or("public".into(), |endpoint| clean(endpoint).into_owned()),
                row.as_ref().map_or("-".into(), |row| row.assets.to_string()),
                row.as_ref().map_or("never".into(), |row| {
                    format!("{}, {}", moment::in_words(row.latest.ended), row.latest.status)
                }),
                note,
            ],
            Style::new(),
        );
    }
    print(&grid.render(crate::console::stdout_width()))
}

fn listed(context: &Context) -> Result<Vec<Listed>, Stop> {
    let (connections, rows) = block_on(async {
        let options = OpenOptions { read_only: true, ..OpenOptions::default() };
        match Store::open(context.data.path(), options).await {
            Ok(store) => Ok((store.connections().await?, store.sources().await?)),
            Err(StoreError::Missing { .. } | StoreError::Outdated { .. }) => Ok((vec![], vec![])),
            Err(error) => Err(error),
        }
    })?
    .map_err(|error| store_failed(&error))?;
    if connections.is_empty() {
        return Ok(vec![]);
    }
    let plugins = plugins::load(&plugins::runtime(None)?, &context.config.plugin_files.value)?;
    let mut rows: BTreeMap<SourceName, SourceRow> =
        rows.into_iter().map(|row| (row.name.clone(), row)).collect();
    let list = connections.into_iter().map(|connection| {
        let plugin = plugins.iter().find(|plugin| plugin.manifest().id == connection.plugin);
        let needs_review =
            plugin.is_none_or(|plugin| connect::permissions(plugin.manifest()) != connection.permissions);
        Listed { row: rows.remove(&connection.name), connection, needs_review }
    });
    Ok(list.collect())
}

fn json(listed: &Listed) -> serde_json::Value {
    let Listed { connection, row, needs_review } = listed;
    let credentials: serde_json::Map<String, serde_json::Value> = connection
        .credentials
        .iter()
        .map(|(slot, source)| {
            let value = serde_json::json!({
                "kind": source.kind.as_str(), "reference": source.reference, "options": source.options,
            });
            (slot.clone(), value)
        })
        .collect();
    let Budget { calls, bytes, cost_microusd, seconds } = connection.budget;
    serde_json::json!({
        "source": connection.name.as_str(), "plugin": connection.plugin.as_str(),
        "endpoint": connection.endpoint, "allow_private": connection.allow_private,
        "authority": connection.authority, "credentials": credentials,
        "settings": serde_json::from_str::<serde_json::Value>(&connection.settings).ok(),
        "budget": {
            "calls": calls, "bytes": bytes, "cost_microusd": cost_microusd, "seconds": seconds,
            "words": budget_in_words(&connection.budget),
        },
        "permissions": format!("blake3:{}", connection.permissions), "needs_review": needs_review,
        "assets": row.as_ref().map(|row| row.assets),
        "last_run": row.as_ref().map(|row| serde_json::json!({
            "run": row.latest.id.0, "status": row.latest.status.as_str(), "ended": moment::rfc3339(row.latest.ended),
        })),
    })
}
