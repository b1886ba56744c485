//! `cargo xtask check`: what a reviewer should not have to look for.

use crate::tally::Tally;
use crate::workspace::{Workspace, capture, run, say};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Licences that an Apache-2.0 program can carry.
const LICENSES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "Unlicense",
    "Zlib",
    "bzip2-1.0.6",
];

pub(crate) fn check(workspace: &Workspace) -> Result<bool> {
    let mut tally = Tally::default();
    say("format and lints");
    tally.note("cargo fmt", run(&mut workspace.cargo(&["fmt", "--all", "--check"])));
    let clippy = ["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"];
    tally.note("cargo clippy", run(&mut workspace.cargo(&clippy)));
    say("housekeeping");
    housekeeping(workspace, &mut tally);
    Ok(tally.close())
}

/// The checks that need no compiler.
pub(crate) fn housekeeping(workspace: &Workspace, tally: &mut Tally) {
    tally.note("every dependency's licence may be carried", licenses(workspace));
    tally.note("no dependency is in the program twice without a reason", duplicates(workspace));
    tally.note("the documents mention every plugin", documented_plugins(workspace));
    if workspace.program().is_file() {
        tally.note("the documents mention every command", documented_commands(workspace));
    } else {
        tally.skip("the documents mention every command", "the program is not built");
    }
}

fn licenses(workspace: &Workspace) -> Result<()> {
    let metadata = capture(&mut workspace.cargo(&["metadata", "--format-version=1", "--locked"]))?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let mut refused = Vec::new();
    for package in metadata["packages"].as_array().context("cargo metadata has no packages")? {
        let license = package["license"].as_str().unwrap_or_default();
        if !may_be_carried(license) {
            refused.push(format!("{} ({license})", package["name"].as_str().unwrap_or_default()));
        }
    }
    list("not on the list of licences", refused)
}

fn may_be_carried(license: &str) -> bool {
    let Ok(expression) = spdx::Expression::parse_mode(license, spdx::ParseMode::LAX) else { return false };
    expression.evaluate(|wanted| wanted.license.id().is_some_and(|id| LICENSES.contains(&id.name)))
}

/// xtask/duplicates.txt says why some crates are in the program in two versions.
fn duplicates(workspace: &Workspace) -> Result<()> {
    let args = [
        "tree",
        "--package",
        "inventar",
        "--edges",
        "normal",
        "--prefix",
        "none",
        "--format",
        "{p}",
        "--locked",
    ];
    let tree = capture(&mut workspace.cargo(&args))?;
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for line in tree.lines() {
        let mut words = line.split_whitespace();
        if let (Some(name), Some(version)) = (words.next(), words.next()) {
            versions.entry(name).or_default().insert(version);
        }
    }
    let reasons = fs::read_to_string(workspace.root.join("xtask/duplicates.txt"))?;
    let excused: BTreeSet<&str> = reasons
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(':').map(|(name, _)| name.trim()))
        .collect();
    let twice: BTreeSet<&str> =
        versions.iter().filter(|(_, versions)| versions.len() > 1).map(|(name, _)| *name).collect();
    list(
        "in the program twice",
        twice.difference(&excused).map(|name| format!("{name} {:?}", versions[name])).collect(),
    )?;
    list(
        "excused in xtask/duplicates.txt without need",
        excused.difference(&twice).map(|name| (*name).to_owned()).collect(),
    )
}

fn documented_plugins(workspace: &Workspace) -> Result<()> {
    let documents = documents(workspace)?;
    let mut missing = Vec::new();
    for entry in fs::read_dir(workspace.root.join("plugins"))? {
        let folder = entry?.path();
        if folder.join("plugin.toml").is_file() {
            let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if !documents.contains(&format!("inventar/{name}")) {
                missing.push(format!("inventar/{name}"));
            }
        }
    }
    list("in no document", missing)
}

fn documented_commands(workspace: &Workspace) -> Result<()> {
    let documents = documents(workspace)?;
    let help = capture(workspace.command(workspace.program()).arg("--help"))?;
    let commands =
        help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let missing: Vec<String> = commands
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .map(|command| format!("inventar {command}"))
        .filter(|command| !documents.contains(command))
        .collect();
    list("in no document", missing)
}

/// README.md and everything below docs/, as one text.
fn documents(workspace: &Workspace) -> Result<String> {
    let mut text = fs::read_to_string(workspace.root.join("README.md")).context("there is no README.md")?;
    fn add(folder: &Path, text: &mut String) -> Result<()> {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                add(&path, text)?;
            } else if path.extension().is_some_and(|extension| extension == "md") {
                text.push_str(&fs::read_to_string(path)?);
            }
        }
        Ok(())
    }
    add(&workspace.root.join("docs"), &mut text)?;
    Ok(text)
}

fn list(what: &str, found: Vec<String>) -> Result<()> {
    if found.is_empty() {
        return Ok(());
    }
    bail!("{what}: {}", found.join(", "))
}

#[cfg(test)]
mod tests {
    use super::may_be_carried;

    #[test]
    fn licenses() {
        for good in [
            "MIT",
            "MIT/Apache-2.0",
            "Apache-2.0 WITH LLVM-exception OR MIT",
            "(MIT OR GPL-3.0-only) AND Zlib",
        ] {
            assert!(may_be_carried(good), "{good}");
        }
        for bad in ["", "GPL-3.0-only", "MIT AND GPL-3.0-only", "Proprietary"] {
            assert!(!may_be_carried(bad), "{bad}");
        }
    }
}
