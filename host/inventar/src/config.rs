//! Configuration: flag, then `INVENTAR_*`, then `./inventar.yaml`, then the user's file, then the default.
//!
//! Read once, here, into one typed struct in which every value remembers where it came from. An unknown key is an
//! error with its line and a suggestion. Paths in a file start at that file's folder.
//!
//! A file that merely lies in the working folder may have come with a clone. It may not say where results are written,
//! where data is kept (compiled code among it), which plugins run, who may reach the server, or when something is called.

mod origin;
mod schema;
mod suggest;
mod yaml;

pub(crate) use origin::{Origin, Setting};
pub(crate) use schema::{CONFIG_VARIABLE, KEYS, json_schema};
pub(crate) use suggest::{hint as hint_for, suggest};

use crate::exit::Stop;
use crate::present::Output;
use crate::schedule::Schedule;
use inventar_model::PluginId;
use schema::{Key, SOURCE_KEYS};
use serde_json::Value;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use yaml::{File, Node, Yaml};

/// The name of a configuration file.
pub(crate) const FILE_NAME: &str = "inventar.yaml";

/// What stderr speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(crate) enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

impl FromStr for LogFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err("it is neither text nor json".into()),
        }
    }
}

/// Every setting, each with its origin.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    /// The data folder; none: the platform's place for it.
    pub(crate) data: Setting<Option<PathBuf>>,
    /// Where results go.
    pub(crate) output: Setting<Vec<Output>>,
    /// Unsigned plugins to add.
    pub(crate) plugin_files: Setting<Vec<PathBuf>>,
    /// 0: one a core.
    pub(crate) threads: Setting<usize>,
    /// Declared gaps also end with code 3.
    pub(crate) strict: Setting<bool>,
    /// Also look at ignored files.
    pub(crate) no_ignore: Setting<bool>,
    /// Where the server listens.
    pub(crate) bind: Setting<SocketAddr>,
    /// What stderr speaks.
    pub(crate) log_format: Setting<LogFormat>,
    /// Settings of plugins for every source.
    pub(crate) plugins: BTreeMap<PluginId, Setting<Value>>,
    /// Sources by name.
    pub(crate) sources: BTreeMap<String, SourceConfig>,
}

/// A source of the configuration.
#[derive(Debug, Clone, Default)]
pub(crate) struct SourceConfig {
    /// The folder.
    pub(crate) path: Option<Setting<PathBuf>>,
    /// Also look at ignored files there.
    pub(crate) no_ignore: Option<Setting<bool>>,
    /// Settings of plugins there, over the global ones.
    pub(crate) plugins: BTreeMap<PluginId, Setting<Value>>,
    /// When `inventar serve` looks at it.
    pub(crate) schedule: Option<Setting<Schedule>>,
}

/// What the command line says; none or empty: nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Flags {
    pub(crate) data: Option<PathBuf>,
    pub(crate) output: Vec<Output>,
    pub(crate) plugin_files: Vec<PathBuf>,
    pub(crate) threads: Option<usize>,
    pub(crate) strict: bool,
    pub(crate) no_ignore: bool,
    pub(crate) bind: Option<SocketAddr>,
    pub(crate) log_format: Option<LogFormat>,
}

/// Looks up an environment variable.
pub(crate) type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

impl Config {
    /// Reads the files that exist and merges everything. `files` are tried in order, strongest first.
    pub(crate) fn load(flags: Flags, env: Environment<'_>, files: &[ConfigFile]) -> Result<Self, Stop> {
        let mut parsed = Vec::new();
        for ConfigFile { path, found } in files {
            match std::fs::read_to_string(path) {
                Ok(text) => parsed.push(File::parse(path, *found, &text)?),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => {
                    return Err(Stop::usage(format!("cannot read the configuration: {error}"))
                        .at(path.display().to_string()));
                }
            }
        }
        Self::merge(flags, env, &parsed)
    }

    fn merge(flags: Flags, env: Environment<'_>, files: &[File]) -> Result<Self, Stop> {
        for file in files {
            check_keys(file)?;
        }
        let layers = Layers { env, files };
        let bind = SocketAddr::from((Ipv4Addr::LOCALHOST, 7070));
        Ok(Self {
            data: layers.one(
                &schema::DATA,
                flags.data.map(Some),
                None,
                |text| Ok(Some(text.into())),
                |node, dir| Ok(Some(dir.join(text_of(node)?))),
            )?,
            output: layers.one(
                &schema::OUTPUT,
                some_if_any(flags.output),
                vec![],
                |text| text.split_whitespace().map(str::parse).collect(),
                |node, _| texts_of(node)?.iter().map(|text| text.parse()).collect(),
            )?,
            plugin_files: layers.one(
                &schema::PLUGIN_FILES,
                some_if_any(flags.plugin_files),
                vec![],
                |text| Ok(std::env::split_paths(text).filter(|path| !path.as_os_str().is_empty()).collect()),
                |node, dir| Ok(texts_of(node)?.iter().map(|text| dir.join(text)).collect()),
            )?,
            threads: layers.one(&schema::THREADS, flags.threads, 0, number, |node, _| number_of(node))?,
            strict: layers
                .one(&schema::STRICT, flags.strict.then_some(true), false, yes, |node, _| yes_of(node))?,
            no_ignore: layers.one(
                &schema::NO_IGNORE,
                flags.no_ignore.then_some(true),
                false,
                yes,
                |node, _| yes_of(node),
            )?,
            bind: layers.one(&schema::BIND, flags.bind, bind, address, |node, _| address(text_of(node)?))?,
            log_format: layers.one(
                &schema::LOG_FORMAT,
                flags.log_format,
                LogFormat::Text,
                str::parse,
                |node, _| text_of(node)?.parse(),
            )?,
            plugins: plugins(files)?,
            sources: sources(files)?,
        })
    }

    /// The settings of a plugin for a source: its own keys over the global ones.
    pub(crate) fn plugin_settings(&self, source: Option<&str>, plugin: &PluginId) -> Option<Setting<Value>> {
        let global = self.plugins.get(plugin);
        let own =
            source.and_then(|name| self.sources.get(name)).and_then(|source| source.plugins.get(plugin));
        match (global, own) {
            (Some(global), Some(own)) => {
                let mut value = global.value.clone();
                if let (Some(merged), Some(own)) = (value.as_object_mut(), own.value.as_object()) {
                    merged.extend(own.clone());
                }
                Some(Setting::new(value, own.origin.clone()))
            }
            (global, own) => own.or(global).cloned(),
        }
    }

    /// Every plugin that has settings somewhere, with where.
    pub(crate) fn configured_plugins(&self) -> impl Iterator<Item = (&PluginId, &Origin)> {
        let of_sources = self.sources.values().flat_map(|source| &source.plugins);
        self.plugins.iter().chain(of_sources).map(|(plugin, setting)| (plugin, &setting.origin))
    }
}

/// A file that may hold configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConfigFile {
    path: PathBuf,
    /// Nobody named it.
    found: bool,
}

/// The files to read: the one named, else `./inventar.yaml`; then the user's.
pub(crate) fn files(named: Option<&Path>, user_dir: Option<&Path>) -> Vec<ConfigFile> {
    let local = match named {
        Some(path) => ConfigFile { path: path.to_owned(), found: false },
        None => ConfigFile { path: FILE_NAME.into(), found: true },
    };
    let user = user_dir.map(|dir| ConfigFile { path: dir.join("inventar").join(FILE_NAME), found: false });
    [Some(local), user].into_iter().flatten().collect()
}

/// Variables that look like ours and are not.
pub(crate) fn unknown_variables<'a>(
    names: impl Iterator<Item = &'a str>,
) -> Vec<(&'a str, Option<&'static str>)> {
    let known = || KEYS.iter().map(|key| key.variable).chain([CONFIG_VARIABLE]);
    names
        .filter(|name| name.starts_with("INVENTAR_") && known().all(|known| known != *name))
        .map(|name| (name, suggest(name, known())))
        .collect()
}

struct Layers<'a> {
    env: Environment<'a>,
    files: &'a [File],
}

impl Layers<'_> {
    /// The strongest layer that has the key.
    fn one<T>(
        &self,
        key: &Key,
        flag: Option<T>,
        default: T,
        from_text: impl Fn(&str) -> Result<T, String>,
        from_node: impl Fn(&Node, &Path) -> Result<T, String>,
    ) -> Result<Setting<T>, Stop> {
        if let Some(value) = flag {
            return Ok(Setting::new(value, Origin::Flag(key.flag)));
        }
        if let Some(text) = (self.env)(key.variable).filter(|text| !text.is_empty()) {
            let value = from_text(&text).map_err(|why| {
                Stop::usage(format!("`{}` is not a value for {}: {why}", shorten(&text), key.variable))
                    .hint(key.about.to_owned())
            })?;
            return Ok(Setting::new(value, Origin::Variable(key.variable)));
        }
        for file in self.files {
            let Some((_, line, node)) = file.keys.iter().find(|(name, ..)| name == key.name) else {
                continue;
            };
            let value = from_node(node, folder(&file.path)).map_err(|why| {
                Stop::usage(format!("cannot take `{}`: {why}", key.name))
                    .at(format!("{}:{}", file.path.display(), node.line))
                    .hint(key.about.to_owned())
            })?;
            return Ok(Setting::new(value, Origin::File(file.path.clone(), *line)));
        }
        Ok(Setting::new(default, Origin::Default))
    }
}

fn check_keys(file: &File) -> Result<(), Stop> {
    for (key, line, node) in &file.keys {
        if schema::top_level().all(|known| known != key) {
            return Err(unknown(key, file, *line, &schema::top_level().collect::<Vec<_>>()));
        }
        if file.found && reaches_out(key, node) {
            return Err(not_from_here(key, file, *line));
        }
    }
    Ok(())
}

fn not_from_here(key: &str, file: &File, line: u64) -> Stop {
    Stop::usage(format!("`{key}` may not be set by a file that lies in the working folder"))
        .at(format!("{}:{line}", file.path.display()))
        .hint(format!("it may have come with a clone; if it is yours, say --config {}", file.path.display()))
}

/// Whether a key decides where something is written, what runs, or who may reach us.
fn reaches_out(key: &str, node: &Node) -> bool {
    [schema::DATA.name, schema::BIND.name, schema::PLUGIN_FILES.name].contains(&key)
        || key == schema::OUTPUT.name
            && texts_of(node).is_ok_and(|texts| texts.iter().any(|text| text.contains('=')))
}

fn unknown(key: &str, file: &File, line: u64, known: &[&str]) -> Stop {
    Stop::usage(format!("unknown key `{}`", shorten(key)))
        .at(format!("{}:{line}", file.path.display()))
        .hint(hint_for(key, known.iter().copied()))
}

/// The global plugin settings; a plugin named in two files takes the stronger file's.
fn plugins(files: &[File]) -> Result<BTreeMap<PluginId, Setting<Value>>, Stop> {
    let mut all = BTreeMap::new();
    for file in files.iter().rev() {
        if let Some((_, _, node)) = file.keys.iter().find(|(key, ..)| key == schema::PLUGINS) {
            all.extend(plugin_map(file, node)?);
        }
    }
    Ok(all)
}

fn plugin_map(file: &File, node: &Node) -> Result<BTreeMap<PluginId, Setting<Value>>, Stop> {
    let mut all = BTreeMap::new();
    for (id, line, settings) in map_of(file, node)? {
        let place = || format!("{}:{line}", file.path.display());
        let plugin = PluginId::new(id.as_str()).map_err(|error| {
            Stop::usage(error.to_string()).at(place()).hint("`inventar plugin list` shows the plugins")
        })?;
        let value = match settings.value {
            Yaml::Null => Value::Object(serde_json::Map::new()),
            Yaml::Map(_) => settings.to_json(),
            _ => {
                return Err(
                    Stop::usage(format!("the settings of `{id}` are {}", settings.what())).at(place())
                );
            }
        };
        all.insert(plugin, Setting::new(value, Origin::File(file.path.clone(), *line)));
    }
    Ok(all)
}

fn sources(files: &[File]) -> Result<BTreeMap<String, SourceConfig>, Stop> {
    let mut all = BTreeMap::new();
    for file in files.iter().rev() {
        let Some((_, _, node)) = file.keys.iter().find(|(key, ..)| key == schema::SOURCES) else { continue };
        for (name, _, source) in map_of(file, node)? {
            all.insert(name.clone(), source_config(file, source)?);
        }
    }
    Ok(all)
}

fn source_config(file: &File, node: &Node) -> Result<SourceConfig, Stop> {
    let mut source = SourceConfig::default();
    for (key, line, value) in map_of(file, node)? {
        let place = || Origin::File(file.path.clone(), *line);
        let wrong = |why: String| {
            Stop::usage(format!("cannot take `{key}`: {why}")).at(format!(
                "{}:{}",
                file.path.display(),
                value.line
            ))
        };
        match key.as_str() {
            "path" => {
                let path = folder(&file.path).join(text_of(value).map_err(wrong)?);
                source.path = Some(Setting::new(path, place()));
            }
            "no-ignore" => source.no_ignore = Some(Setting::new(yes_of(value).map_err(wrong)?, place())),
            "plugins" => source.plugins = plugin_map(file, value)?,
            "schedule" if file.found => return Err(not_from_here(key, file, *line)),
            "schedule" => {
                let schedule = text_of(value).and_then(str::parse).map_err(wrong)?;
                source.schedule = Some(Setting::new(schedule, place()));
            }
            _ => return Err(unknown(key, file, *line, SOURCE_KEYS)),
        }
    }
    Ok(source)
}

fn map_of<'a>(file: &File, node: &'a Node) -> Result<&'a [(String, u64, Node)], Stop> {
    match &node.value {
        Yaml::Map(keys) => Ok(keys),
        Yaml::Null => Ok(&[]),
        _ => Err(Stop::usage(format!("here stand keys and values, not {}", node.what())).at(format!(
            "{}:{}",
            file.path.display(),
            node.line
        ))),
    }
}

fn text_of(node: &Node) -> Result<&str, String> {
    match &node.value {
        Yaml::Text(text) => Ok(text),
        _ => Err(format!("it is {}, not a text", node.what())),
    }
}

fn texts_of(node: &Node) -> Result<Vec<&str>, String> {
    match &node.value {
        Yaml::List(items) => items.iter().map(text_of).collect(),
        _ => text_of(node).map(|text| vec![text]),
    }
}

fn yes_of(node: &Node) -> Result<bool, String> {
    match node.value {
        Yaml::Boolean(value) => Ok(value),
        _ => Err(format!("it is {}, not true or false", node.what())),
    }
}

fn number_of(node: &Node) -> Result<usize, String> {
    match &node.value {
        Yaml::Number(value) => value.as_u64().and_then(|value| value.try_into().ok()),
        _ => None,
    }
    .ok_or_else(|| "it is not a whole number".to_owned())
}

fn number(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| "it is not a whole number".to_owned())
}

fn yes(text: &str) -> Result<bool, String> {
    match text.to_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Ok(true),
        "0" | "false" | "no" | "off" => Ok(false),
        _ => Err("it is neither true nor false".into()),
    }
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "it is not ADDRESS:PORT, such as 127.0.0.1:7070".to_owned())
}

fn some_if_any<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

fn folder(file: &Path) -> &Path {
    file.parent().unwrap_or(Path::new(""))
}

fn shorten(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(60).collect()
}

#[cfg(test)]
mod tests;
