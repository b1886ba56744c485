//! `cargo xtask build`: one executable with the console and the first-party plugins inside.

use crate::setup::{self, WASM};
use crate::workspace::{Workspace, run, say};
use anyhow::{Context, Result, bail};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// A folder below plugins/ with a manifest.
struct PluginCrate {
    name: String,
    folder: PathBuf,
    core: PathBuf,
}

/// Builds everything and returns the program.
pub(crate) fn build(workspace: &Workspace) -> Result<PathBuf> {
    setup::wasm_target(workspace)?;
    console(workspace)?;
    let plugins = plugin_crates(workspace)?;
    build_cores(workspace, &plugins)?;
    say("building the program");
    run(&mut workspace.cargo(&["build", "--release", "--workspace", "--bin", "inventar"]))?;
    bundle(workspace, &plugins)?;
    let program = workspace.program();
    eprintln!(
        "   {} ({} MB, {} plugins inside)",
        workspace.short(&program),
        megabytes(&program)?,
        plugins.len()
    );
    Ok(program)
}

/// Puts the bundled program back where `cargo test` has linked the bare one.
pub(crate) fn restore_program(workspace: &Workspace) -> Result<()> {
    replace(&bundled(workspace), &workspace.program())
}

/// The console, for the server crate to embed.
fn console(workspace: &Workspace) -> Result<()> {
    let web = workspace.root.join("web");
    if !web.join("package.json").is_file() {
        eprintln!("   no web/package.json: the program is built without the console");
        return Ok(());
    }
    setup::npm_packages(workspace, &web)?;
    let dist = web.join("dist/index.html");
    let built = modified(&dist);
    let sources = newest(&web, &["dist", "node_modules"])?;
    if built.is_some_and(|built| built > sources) {
        return Ok(());
    }
    say("building the console");
    let mut npm = workspace.command("npm");
    run(npm.args(["run", "--silent", "build"]).current_dir(&web))
}

fn plugin_crates(workspace: &Workspace) -> Result<Vec<PluginCrate>> {
    let mut plugins = Vec::new();
    for entry in fs::read_dir(workspace.root.join("plugins"))? {
        let folder = entry?.path();
        if !folder.join("plugin.toml").is_file() {
            continue;
        }
        let name = folder
            .file_name()
            .and_then(|name| name.to_str())
            .context("a plugin folder has a strange name")?;
        let core = workspace
            .target
            .join(WASM)
            .join("plugin")
            .join(format!("{}.wasm", crate_name(name).replace('-', "_")));
        plugins.push(PluginCrate { name: name.to_owned(), folder: folder.clone(), core });
    }
    plugins.sort_by(|a, b| a.name.cmp(&b.name));
    if plugins.is_empty() {
        bail!("there is no folder with a plugin.toml below plugins/");
    }
    Ok(plugins)
}

fn crate_name(plugin: &str) -> String {
    format!("inventar-plugin-{plugin}")
}

fn build_cores(workspace: &Workspace, plugins: &[PluginCrate]) -> Result<()> {
    say("building the plugins");
    let mut cargo = workspace.cargo(&["build", "--profile", "plugin", "--target", WASM]);
    for plugin in plugins {
        cargo.args(["--package", &crate_name(&plugin.name)]);
    }
    run(&mut cargo)
}

/// The bundled program is kept apart: every cargo command that builds `inventar` links the bare one into `release/`.
fn bundled(workspace: &Workspace) -> PathBuf {
    workspace.target.join("bundle").join("inventar")
}

/// Packs the plugins into a copy of the program, unless nothing that goes into it has changed.
fn bundle(workspace: &Workspace, plugins: &[PluginCrate]) -> Result<()> {
    let bare = workspace.program();
    let bundled = bundled(workspace);
    let stamp_file = bundled.with_extension("stamp");
    let stamp = stamp(&bare, plugins)?;
    let current = bundled.is_file() && fs::read_to_string(&stamp_file).is_ok_and(|made_of| made_of == stamp);
    if !current {
        say("putting the plugins into the program");
        fs::create_dir_all(bundled.with_file_name(""))?;
        fs::create_dir_all(workspace.components())?;
        let mut command = workspace.command(&bare);
        // Written to another file first: what is at `bundled` always runs.
        let fresh = fresh(&bundled);
        fs::copy(&bare, &fresh)?;
        command
            .args(["plugin", "bundle", "--into"])
            .arg(&fresh)
            .arg("--components")
            .arg(workspace.components());
        for plugin in plugins {
            let mut pair = plugin.folder.clone().into_os_string();
            pair.push("=");
            pair.push(&plugin.core);
            command.arg("--plugin").arg(pair);
        }
        run(&mut command)?;
        fs::rename(&fresh, &bundled)?;
        fs::write(&stamp_file, stamp)?;
    }
    replace(&bundled, &bare)
}

/// What a bundled program was made of: names, sizes and times.
fn stamp(bare: &Path, plugins: &[PluginCrate]) -> Result<String> {
    let mut text = String::new();
    let mut add = |path: &Path| -> Result<()> {
        let data = fs::metadata(path).with_context(|| format!("{} was not built", path.display()))?;
        let since = data.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        Ok(writeln!(text, "{} {} {since}", path.display(), data.len())?)
    };
    add(bare)?;
    for plugin in plugins {
        add(&plugin.core)?;
        let mut beside: Vec<PathBuf> =
            fs::read_dir(&plugin.folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
        beside.sort();
        for file in beside.iter().filter(|path| path.is_file()) {
            add(file)?;
        }
    }
    Ok(text)
}

/// Where a file is written before it takes its place; another build at the same time has one of its own.
fn fresh(file: &Path) -> PathBuf {
    file.with_extension(format!("fresh-{}", std::process::id()))
}

/// A copy in place of what is there, by rename: never half a program, never a write into cargo's own file.
fn replace(from: &Path, to: &Path) -> Result<()> {
    let fresh = fresh(to);
    fs::copy(from, &fresh)?;
    fs::rename(&fresh, to).with_context(|| format!("cannot write {}", to.display()))
}

fn modified(path: &Path) -> Option<std::time::SystemTime> {
    fs::metadata(path).and_then(|data| data.modified()).ok()
}

/// The latest change below a folder.
fn newest(folder: &Path, except: &[&str]) -> Result<std::time::SystemTime> {
    let mut latest = UNIX_EPOCH;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if except.iter().any(|name| entry.file_name() == *name) {
            continue;
        }
        let time = if entry.file_type()?.is_dir() {
            newest(&entry.path(), except)?
        } else {
            modified(&entry.path()).unwrap_or(UNIX_EPOCH)
        };
        latest = latest.max(time);
    }
    Ok(latest)
}

fn megabytes(path: &Path) -> Result<u64> {
    Ok(fs::metadata(path)?.len().div_ceil(1 << 20))
}
