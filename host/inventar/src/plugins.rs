//! The plugins of a run: those in the program, and files that a person adds.

use crate::bundle::{Bundle, Reader};
use crate::config::{Config, Origin};
use crate::data::DataFolder;
use crate::exit::{Exit, Stop};
use inventar_model::PluginId;
use inventar_runtime::{
    BundledPlugin, Bytes, Compiler, Limits, LoadError, Manifest, Plugin, Runtime, RuntimeConfig, Trust,
};
use inventar_scan::Detector;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The runtime of this program. `compiled` is where code of added plugins is kept; none: nowhere.
pub(crate) fn runtime(compiled: Option<PathBuf>) -> Result<Runtime, Stop> {
    let compiler = match std::env::current_exe() {
        // Compiling untrusted code is the riskiest thing we do: it gets a process of its own.
        Ok(program) => Compiler::Child(program, ["plugin", "compile"].map(Into::into).to_vec()),
        Err(_) => Compiler::InProcess,
    };
    Runtime::new(RuntimeConfig { limits: Limits::default(), cache: compiled, compiler })
        .map_err(|error| Stop::new(Exit::Partial, error.to_string()).hint("run `inventar doctor`"))
}

/// Every plugin of a run: the bundled ones, then the added files. An added file replaces a bundled plugin of its id.
pub(crate) fn load(runtime: &Runtime, files: &[PathBuf]) -> Result<Vec<Plugin>, Stop> {
    let mut plugins = bundled(runtime)?;
    let mut added = BTreeSet::new();
    for file in files {
        let plugin = from_file(runtime, file)?;
        let id = plugin.manifest().id.clone();
        if !added.insert(id.clone()) {
            return Err(Stop::usage(format!("plugin `{id}` is added twice")).at(file.display().to_string()));
        }
        let before = plugins.len();
        plugins.retain(|other| other.manifest().id != id);
        if plugins.len() < before {
            tracing::warn!("`{}` takes the place of the bundled plugin `{id}`", file.display());
        }
        plugins.push(plugin);
    }
    plugins.sort_by(|a, b| a.manifest().id.cmp(&b.manifest().id));
    Ok(plugins)
}

/// A plugin by its id or the part behind the slash, bundled or added by the configuration; else a file.
pub(crate) fn find(which: &str, config: &Config) -> Result<Plugin, Stop> {
    let runtime = runtime(None)?;
    let plugins = load(&runtime, &config.plugin_files.value)?;
    let named =
        |plugin: &&Plugin| plugin.manifest().id.as_str() == which || plugin.manifest().id.name() == which;
    if let Some(plugin) = plugins.iter().find(named) {
        return Ok(plugin.clone());
    }
    if Path::new(which).exists() {
        return from_file(&runtime, Path::new(which));
    }
    let ids: Vec<&str> = plugins.iter().map(|plugin| plugin.manifest().id.as_str()).collect();
    Err(Stop::usage(format!("`{which}` is neither a bundled plugin nor a file"))
        .hint(crate::config::hint_for(which, ids.iter().copied())))
}

/// The plugins inside the program; none in a development build.
pub(crate) fn bundled(runtime: &Runtime) -> Result<Vec<Plugin>, Stop> {
    let Some(bundle) = Bundle::of_this_program()? else { return Ok(vec![]) };
    bundle.plugins().iter().map(|entry| load_bundled(runtime, bundle.reader(entry))).collect()
}

fn load_bundled(runtime: &Runtime, reader: Reader) -> Result<Plugin, Stop> {
    let damaged = |what: String| Stop::new(Exit::Integrity, what).hint("install inventar again");
    let entry = reader.entry();
    let manifest = Manifest::from_json(&entry.manifest)
        .map_err(|error| damaged(format!("a bundled plugin has a wrong manifest: {error}")))?;
    let (digest, size_bytes) =
        entry.component().ok_or_else(|| damaged("a bundled plugin has no digest".to_owned()))?;
    let imports = entry.imports.clone();
    Ok(runtime.load_bundled(BundledPlugin {
        manifest,
        imports,
        digest,
        size_bytes,
        component: part(reader.clone(), Reader::component),
        code: part(reader, Reader::code),
    }))
}

/// A part of the pack that is read when the plugin runs: most scans need only some of the plugins.
fn part(reader: Reader, read: fn(&Reader) -> std::io::Result<Bytes>) -> Bytes {
    Bytes::deferred(move || {
        read(&reader).unwrap_or_else(|error| {
            // No code means: compile the component; no component: the plugin fails, and that is a gap.
            tracing::warn!("a bundled plugin cannot be read: {error}");
            Bytes::from(vec![])
        })
    })
}

/// A component file that a person names. Nobody vouches for it.
pub(crate) fn from_file(runtime: &Runtime, file: &Path) -> Result<Plugin, Stop> {
    let wrong =
        |what: String| Stop::usage(format!("cannot load plugin: {what}")).at(file.display().to_string());
    let limit = Limits::default().component_bytes;
    let size = std::fs::metadata(file).map_err(|error| wrong(error.to_string()))?.len();
    if size > limit {
        return Err(wrong(LoadError::TooLarge { size, limit }.to_string()));
    }
    let bytes = std::fs::read(file).map_err(|error| wrong(error.to_string()))?;
    runtime.load(&bytes, Trust::Unsigned).map_err(|error| wrong(error.to_string()))
}

/// The plugins with the settings of a source, checked against their schemas.
pub(crate) fn configure(
    plugins: Vec<Plugin>,
    config: &Config,
    source: Option<&str>,
) -> Result<Vec<Detector>, Stop> {
    check_names(&plugins, config)?;
    let configure_one = |plugin: Plugin| {
        let manifest = plugin.manifest();
        let Some(setting) = config.plugin_settings(source, &manifest.id) else {
            return Ok(Detector { plugin, settings: String::new() });
        };
        let settings = manifest.check_settings(&setting.value.to_string()).map_err(|error| {
            Stop::usage(format!("the settings of `{}` are wrong: {error}", manifest.id))
                .at(setting.origin.to_string())
                .hint(format!("`inventar plugin inspect {}` shows what it takes", manifest.id))
        })?;
        Ok(Detector { plugin, settings })
    };
    plugins.into_iter().map(configure_one).collect()
}

/// Settings for a plugin that is not there are a mistake.
fn check_names(plugins: &[Plugin], config: &Config) -> Result<(), Stop> {
    let known = || plugins.iter().map(|plugin| plugin.manifest().id.as_str());
    let unknown = |(id, _): &(&PluginId, &Origin)| known().all(|known| known != id.as_str());
    match config.configured_plugins().find(unknown) {
        Some((id, origin)) => Err(Stop::usage(format!("there is no plugin `{id}` to give settings to"))
            .at(origin.to_string())
            .hint(crate::config::hint_for(id.as_str(), known()))),
        None => Ok(()),
    }
}

/// Where code of added plugins may be kept, once the data folder is there.
pub(crate) fn compiled_folder(data: &DataFolder) -> Option<PathBuf> {
    Some(data.compiled()).filter(|folder| folder.is_dir())
}
