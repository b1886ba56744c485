//! From a plugin folder to a component.

use anyhow::{Context as _, bail};
use inventar_runtime::{Manifest, pack};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Builds a Rust plugin for the sandbox and packs it with its manifest.
pub fn build(plugin_dir: &Path) -> anyhow::Result<Vec<u8>> {
    packed(plugin_dir, plugin_dir, &["--lib"])
}

/// Builds a plugin that is an example of the package in `package_dir`; its manifest is in the folder of its name there.
pub fn build_example(package_dir: &Path, name: &str) -> anyhow::Result<Vec<u8>> {
    packed(package_dir, &package_dir.join(name), &["--example", name])
}

fn packed(package_dir: &Path, plugin_dir: &Path, which: &[&str]) -> anyhow::Result<Vec<u8>> {
    let read = |name: &str| std::fs::read_to_string(plugin_dir.join(name));
    let text =
        read("plugin.toml").with_context(|| format!("cannot read {}/plugin.toml", plugin_dir.display()))?;
    let manifest = Manifest::from_toml(&text, read)?;
    let core = std::fs::read(core_module(package_dir, which)?)?;
    Ok(pack(&core, &manifest)?)
}

/// Runs cargo and returns the path of the core module it made.
fn core_module(plugin_dir: &Path, which: &[&str]) -> anyhow::Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["build", "--quiet", "--target", "wasm32-unknown-unknown", "--profile", "plugin"])
        .args(which)
        .arg("--message-format=json-render-diagnostics")
        .arg("--manifest-path")
        .arg(plugin_dir.join("Cargo.toml"))
        .output()
        .context("cannot run cargo")?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        bail!(
            "cannot build {} for wasm32-unknown-unknown (rustup target add it?)\n{errors}",
            plugin_dir.display()
        );
    }
    let wanted = plugin_dir.canonicalize()?;
    let messages = String::from_utf8_lossy(&output.stdout).into_owned();
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|message| message["reason"] == "compiler-artifact")
        .filter(|message| {
            let manifest = message["manifest_path"].as_str().map(Path::new);
            manifest.and_then(Path::parent).and_then(|dir| dir.canonicalize().ok()).as_deref()
                == Some(&wanted)
        })
        .flat_map(|message| message["filenames"].as_array().cloned().unwrap_or_default())
        .filter_map(|file| file.as_str().map(PathBuf::from))
        .find(|file| file.extension().is_some_and(|extension| extension == "wasm"))
        .with_context(|| {
            format!("{} made no .wasm file; its crate-type needs `cdylib`", plugin_dir.display())
        })
}
