//! Sets up what is missing on a fresh machine.

use crate::workspace::{Workspace, capture, in_ci, run, say, which};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// The target that plugins are built for. rust-toolchain.toml names it, but rustup may be told not to install.
pub(crate) fn wasm_target(workspace: &Workspace) -> Result<()> {
    let sysroot = capture(workspace.command("rustc").args(["--print", "sysroot"]))?;
    if Path::new(sysroot.trim()).join("lib/rustlib").join(WASM).is_dir() {
        return Ok(());
    }
    say(format!("installing the Rust target {WASM}"));
    run(workspace.command("rustup").args(["target", "add", WASM]))
        .with_context(|| format!("plugins need the Rust target {WASM}: `rustup target add {WASM}`"))
}

/// Installs the npm packages that a folder's lock file names, once per lock file.
pub(crate) fn npm_packages(workspace: &Workspace, folder: &Path) -> Result<()> {
    let lock = fs::read(folder.join("package-lock.json"))
        .with_context(|| format!("{} has no package-lock.json", workspace.short(folder)))?;
    let stamp = folder.join("node_modules/.installed-lock.json");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    if which("npm").is_none() {
        bail!(
            "the console is built with Node and npm, which are not installed\n  hint: apt-get install nodejs npm"
        );
    }
    say(format!("installing the npm packages of {}", workspace.short(folder)));
    let mut npm = workspace.command("npm");
    npm.args(["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]).current_dir(folder);
    run(&mut npm)?;
    fs::write(stamp, lock)?;
    Ok(())
}

/// What the story in a browser needs: its packages from npm, and the system's Chromium, whose path this is.
pub(crate) fn browser(workspace: &Workspace) -> Result<PathBuf> {
    let chromium = chromium(workspace)?;
    npm_packages(workspace, &workspace.root.join("tests/browser"))?;
    Ok(chromium)
}

fn chromium(workspace: &Workspace) -> Result<PathBuf> {
    let installed = || ["chromium", "chromium-browser", "google-chrome"].iter().find_map(|name| which(name));
    if let Some(path) = installed() {
        return Ok(path);
    }
    apt_install(workspace, &["chromium"])?;
    installed().context("chromium was installed, but is not in the search path")
}

/// The registry that the stories of images push to and pull from.
pub(crate) fn registry(workspace: &Workspace) -> Result<()> {
    if which("docker-registry").is_none() {
        apt_install(workspace, &["docker-registry"])?;
    }
    Ok(())
}

/// Debian packages: installed when that is ours to do, else the line to run is the error.
fn apt_install(workspace: &Workspace, packages: &[&str]) -> Result<()> {
    let line = format!("apt-get install --yes --no-install-recommends {}", packages.join(" "));
    let root = nix::unistd::geteuid().is_root();
    if which("apt-get").is_none() || !(root || in_ci()) {
        bail!("{} missing\n  hint: sudo {line}", packages.join(", "));
    }
    say(format!("installing {}", packages.join(", ")));
    let apt = |args: &str| {
        let mut command = workspace.command(if root { "apt-get" } else { "sudo" });
        if !root {
            command.arg("apt-get");
        }
        command.args(args.split_whitespace()).env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    run(&mut apt("update --quiet"))?;
    run(&mut apt(line.trim_start_matches("apt-get ")))
}
