//! A service that is connected to the built program, which alone is driven.

use crate::workspace::{Workspace, capture};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The name of every source here: what is recorded is compared.
pub(super) const NAME: &str = "connected";

/// A data folder with one source, or with none yet.
#[derive(Clone)]
pub(super) struct Connected<'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) program: &'a Path,
    pub(super) data: PathBuf,
    /// Where the credential is.
    pub(super) environment: Vec<(&'static str, String)>,
}

impl Connected<'_> {
    pub(super) fn inventar(&self, args: &[&str]) -> Command {
        let mut command = self.workspace.command(self.program);
        command.args(args).arg("--data").arg(&self.data);
        // What is set for whoever runs us is nobody's business there.
        for name in ["INVENTAR_SHARED", "INVENTAR_TREES", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_REGION"] {
            command.env_remove(name);
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Connects a server on this machine.
    pub(super) fn add<S: AsRef<OsStr>>(&self, plugin: &str, address: &str, more: &[S]) -> Result<()> {
        let mut add = self.inventar(&["source", "add", NAME, "--plugin", plugin, "--yes"]);
        add.args(["--endpoint", address, "--allow-private", "127.0.0.1/32"]);
        capture(add.args(more)).map(|_| ())
    }

    /// What the program says must be granted.
    pub(super) fn policy(&self, plugin: &str) -> Result<String> {
        capture(&mut self.inventar(&["plugin", "policy", plugin]))
    }

    /// Scans; whether everything could be looked at must be as expected.
    pub(super) fn scan(&self, more: &[&str], is_complete: bool) -> Result<Scanned> {
        let output = self.inventar(&[&["scan", NAME], more].concat()).output()?;
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        match (output.status.code(), is_complete) {
            (Some(0), true) | (Some(3), false) => {}
            (code, _) => {
                let lines: Vec<&str> = stderr.lines().collect();
                bail!("the scan ended with {code:?}: {}", lines[lines.len().saturating_sub(3)..].join("; "))
            }
        }
        let stdout =
            String::from_utf8(output.stdout).context("the scan wrote something that is not UTF-8")?;
        Ok(Scanned { stdout, stderr })
    }

    pub(super) fn recorded(&self) -> Result<Value> {
        let text = capture(&mut self.inventar(&["get", "all", "--source", NAME, "-o", "json"]))?;
        Ok(serde_json::from_str(&text)?)
    }

    pub(super) fn uids(&self) -> Result<BTreeSet<String>> {
        let recorded = self.recorded()?;
        let assets = recorded["assets"].as_array().context("no assets are recorded")?;
        Ok(assets.iter().filter_map(|asset| asset["uid"].as_str().map(str::to_owned)).collect())
    }

    /// After a permission was taken away: one scope is denied for it, all others are complete, and nothing went.
    pub(super) fn only_denied(&self, scope: &str, permission: &str, before: &BTreeSet<String>) -> Result<()> {
        self.scan(&["--quiet"], false)?;
        let text = capture(&mut self.inventar(&["coverage", "--missing", "--source", NAME, "-o", "json"]))?;
        let coverage: Value = serde_json::from_str(&text)?;
        let missing = coverage["missing"].as_array().context("coverage says nothing of what is missing")?;
        let is_it = |row: &Value| {
            row["scope"].as_str().is_some_and(|id| id.ends_with(scope))
                && row["status"] == "denied"
                && row["missing"] == serde_json::json!([permission])
        };
        if !matches!(missing.as_slice(), [row] if is_it(row)) {
            let rows: Vec<String> = missing
                .iter()
                .map(|row| format!("{} {} {}", row["scope"], row["status"], row["missing"]))
                .collect();
            bail!("not complete are {rows:?}");
        }
        let gone = before.difference(&self.uids()?).count();
        if gone > 0 {
            bail!("{gone} assets went with the permission");
        }
        Ok(())
    }
}

/// What a scan wrote.
pub(super) struct Scanned {
    pub(super) stdout: String,
    pub(super) stderr: String,
}
