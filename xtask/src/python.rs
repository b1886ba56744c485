//! Python tools from PyPI, in virtual environments below the target folder.

use crate::workspace::{Workspace, run, say};
use anyhow::Result;
use std::fs;
use std::path::PathBuf;

/// The environment of that name with these packages, made once.
pub(crate) fn environment(workspace: &Workspace, name: &str, packages: &[&str]) -> Result<PathBuf> {
    let folder = workspace.target.join("python").join(name);
    let stamp = folder.join("installed");
    let wanted = packages.join("\n");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(folder);
    }
    say(format!("installing {}", packages.join(", ")));
    run(workspace.command("python3").args(["-m", "venv"]).arg(&folder))?;
    let mut pip = workspace.command(folder.join("bin/pip"));
    run(pip.args(["install", "--quiet", "--disable-pip-version-check"]).args(packages))?;
    fs::write(stamp, wanted)?;
    Ok(folder)
}
