//! `inventar plugin`: what finds things here, and how the build puts it in.

mod permission;
mod policy;

use super::Context;
use super::get::{pretty, print};
use crate::bundle::{self, Packed};
use crate::cli;
use crate::exit::{Ending, Exit, Stop};
use crate::plugins;
use crate::present::{Format, Grid, Output, bold, clean, counted, dim, format_among, write_atomically};
use console::Style;
use inventar_runtime::{BundledPlugin, Claim, Limits, Manifest, Plugin, Trust, compile_stdin, pack};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Runs the command.
pub(crate) fn run(args: &cli::Plugin, context: &Context) -> anyhow::Result<Ending> {
    match args {
        cli::Plugin::List { output, .. } => list(output.as_ref(), context)?,
        cli::Plugin::Inspect { plugin, output } => inspect(plugin, output.as_ref(), context)?,
        cli::Plugin::Policy(args) => policy::run(args, context)?,
        cli::Plugin::Record(args) => return super::collect::record(args, context),
        cli::Plugin::Bundle { into, plugins, components } => {
            bundle(into, plugins, components.as_deref(), context)?
        }
        cli::Plugin::Pack { folder, core, output } => {
            let (component, manifest) = pack_folder(folder, core)?;
            write(output, &component)?;
            context.console.note(&format!(
                "Packed {} {} into {}.",
                manifest.id,
                manifest.version,
                output.display()
            ));
        }
        cli::Plugin::Compile => compile()?,
    }
    Ok(Ending::SUCCESS)
}

/// The child process of the runtime: a component in, code out, under limits it sets itself.
pub(crate) fn compile() -> Result<(), Stop> {
    compile_stdin(&Limits::default()).map_err(|error| Stop::new(Exit::Partial, error.to_string()))
}

fn list(output: Option<&Output>, context: &Context) -> Result<(), Stop> {
    let format = format_among(output, &[Format::Table, Format::Json])?;
    let plugins = plugins::load(&plugins::runtime(None)?, &context.config.plugin_files.value)?;
    if format == Format::Json {
        return print(&pretty(&plugins.iter().map(json).collect()));
    }
    let mut grid = Grid::new(&["PLUGIN", "VERSION", "TRUST", "SIZE", "FINDS"], console::colors_enabled());
    for plugin in &plugins {
        let manifest = plugin.manifest();
        grid.row(
            [
                manifest.id.to_string(),
                clean(&manifest.version).into_owned(),
                trust(plugin).into(),
                kibibytes(plugin.size_bytes()),
                clean(&manifest.description).into_owned(),
            ],
            Style::new(),
        );
    }
    if plugins.is_empty() {
        context.console.note("This program has no plugins inside; `cargo xtask build` makes one that has.");
    }
    print(&grid.render(crate::console::stdout_width()))
}

fn inspect(which: &str, output: Option<&Output>, context: &Context) -> Result<(), Stop> {
    let format = format_among(output, &[Format::Table, Format::Json])?;
    let plugin = plugins::find(which, &context.config)?;
    match format {
        Format::Json => print(&pretty(&json(&plugin))),
        _ => print(&text(&plugin, console::colors_enabled())),
    }
}

fn trust(plugin: &Plugin) -> &'static str {
    match plugin.trust() {
        Trust::Bundled => "bundled",
        Trust::Unsigned => "unsigned",
    }
}

fn json(plugin: &Plugin) -> serde_json::Value {
    let manifest: serde_json::Value = serde_json::from_str(&plugin.manifest().to_json()).unwrap_or_default();
    serde_json::json!({
        "id": plugin.manifest().id.as_str(), "version": plugin.manifest().version,
        "trust": trust(plugin), "digest": format!("blake3:{}", plugin.digest()),
        "size_bytes": plugin.size_bytes(), "imports": plugin.imports(), "manifest": manifest,
    })
}

fn text(plugin: &Plugin, colour: bool) -> String {
    let manifest = plugin.manifest();
    let mut out = String::new();
    let _ = writeln!(out, "{}  {}", bold(manifest.id.as_str(), colour), clean(&manifest.version));
    let _ = writeln!(out, "  {}\n", clean(&manifest.description));
    let mut row = |label: &str, value: &str| {
        let _ = writeln!(out, "  {label:<10} {}", clean(value));
    };
    row(
        "trust",
        if plugin.trust() == Trust::Bundled {
            "bundled with this program"
        } else {
            "unsigned: nobody vouches for it"
        },
    );
    row("world", manifest.world.as_str());
    row("size", &kibibytes(plugin.size_bytes()));
    row("digest", &format!("blake3:{}", plugin.digest()));
    let imports = plugin.imports();
    row("imports", &if imports.is_empty() { "nothing".to_owned() } else { imports.join(", ") });
    row("may emit", &manifest.kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", "));
    if let Some(link) = &manifest.link {
        row("links", &format!("{} ({} hops)", link.pulls.join(", "), link.hops));
    }
    row(
        "settings",
        if manifest.settings_schema.is_some() { "a JSON Schema: -o json shows it" } else { "none" },
    );
    if !manifest.egress.is_empty() {
        out.push_str(&permission::in_words(manifest, colour));
        return out;
    }
    let _ = writeln!(out, "\n{}", bold("Claims", colour));
    for claim in &manifest.claims {
        let _ = writeln!(out, "  {}  {}", clean(&claim.name), dim(&clean(&claim_in_words(claim)), colour));
    }
    out
}

/// "files named **/*.py with any of 212 literals".
fn claim_in_words(claim: &Claim) -> String {
    let mut words = match claim.globs.as_slice() {
        [] => "any file".to_owned(),
        globs if globs.len() > 6 => {
            format!("files named {} and {} more", globs[..5].join(", "), globs.len() - 5)
        }
        globs => format!("files named {}", globs.join(", ")),
    };
    let content = [
        (claim.literals.len(), "literal"),
        (claim.regexes.len(), "pattern"),
        (claim.magic.len(), "magic number"),
    ];
    let content: Vec<String> =
        content.iter().filter(|(n, _)| *n > 0).map(|(n, what)| counted(*n as u64, what)).collect();
    if !content.is_empty() {
        words.push_str(&format!(" with any of {}", content.join(" or ")));
    }
    if claim.ignored {
        words.push_str(", ignored ones too");
    }
    words
}

fn kibibytes(bytes: u64) -> String {
    format!("{} KiB", bytes.div_ceil(1024))
}

fn bundle(into: &Path, pairs: &[String], components: Option<&Path>, context: &Context) -> Result<(), Stop> {
    let runtime = plugins::runtime(None)?;
    let mut packed = Vec::new();
    for pair in pairs {
        let Some((folder, core)) = pair.split_once('=') else {
            return Err(Stop::usage(format!("`{pair}` is not DIR=CORE.wasm")));
        };
        let (component, manifest) = pack_folder(Path::new(folder), Path::new(core))?;
        if let Some(components) = components {
            std::fs::create_dir_all(components).map_err(|error| cannot_write(components, &error))?;
            write(&components.join(format!("{}.wasm", manifest.id.name())), &component)?;
        }
        let code = runtime.precompile(&component).map_err(|error| {
            Stop::new(Exit::Partial, format!("cannot compile `{}`: {error}", manifest.id))
        })?;
        let bundled = BundledPlugin::new(component.clone(), vec![])
            .map_err(|error| Stop::new(Exit::Partial, format!("`{}` does not load: {error}", manifest.id)))?;
        packed.push(Packed { manifest: manifest.to_json(), imports: bundled.imports, component, code });
    }
    let size = bundle::append(into, &packed)?;
    context.console.note(&format!(
        "Plugins in {}: {} ({} with their code).",
        into.display(),
        packed.len(),
        kibibytes(size)
    ));
    Ok(())
}

/// A component of a plugin's folder and the core module that was built from it.
fn pack_folder(folder: &Path, core: &Path) -> Result<(Vec<u8>, Manifest), Stop> {
    let file = folder.join("plugin.toml");
    let place = || file.display().to_string();
    let text = std::fs::read_to_string(&file)
        .map_err(|error| Stop::usage(format!("cannot read the manifest: {error}")).at(place()))?;
    let manifest = Manifest::from_toml(&text, |name| std::fs::read_to_string(beside(folder, name)?))
        .map_err(|error| Stop::usage(error.to_string()).at(place()))?;
    let bytes = std::fs::read(core).map_err(|error| {
        Stop::usage(format!("cannot read the core module: {error}"))
            .at(core.display().to_string())
            .hint("build it: cargo build --profile plugin --target wasm32-unknown-unknown")
    })?;
    let component = pack(&bytes, &manifest).map_err(|error| {
        Stop::usage(format!("cannot pack `{}`: {error}", manifest.id)).at(core.display().to_string())
    })?;
    Ok((component, manifest))
}

/// A file that a manifest names is in its folder.
fn beside(folder: &Path, name: &str) -> std::io::Result<PathBuf> {
    let plain = Path::new(name).components().all(|part| matches!(part, std::path::Component::Normal(_)));
    if plain {
        Ok(folder.join(name))
    } else {
        Err(std::io::Error::other("it is outside the plugin's folder"))
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Stop> {
    write_atomically(path, bytes).map_err(|error| cannot_write(path, &error))
}

fn cannot_write(path: &Path, error: &std::io::Error) -> Stop {
    Stop::new(Exit::Store, format!("cannot write `{}`: {error}", path.display()))
}
