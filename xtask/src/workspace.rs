//! Where things are, and how commands are run.

use anyhow::{Context, Result, bail};
use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The checkout and its target folder.
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    pub(crate) target: PathBuf,
}

impl Workspace {
    pub(crate) fn find() -> Result<Self> {
        let manifest = env::var_os("CARGO_MANIFEST_DIR").context("run this as `cargo xtask`")?;
        let root = PathBuf::from(manifest).parent().context("xtask is not in a workspace")?.to_owned();
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(dir) => env::current_dir()?.join(dir),
            None => root.join("target"),
        };
        std::fs::create_dir_all(&target).with_context(|| format!("cannot create {}", target.display()))?;
        Ok(Self { root, target })
    }

    /// The program with its plugins inside.
    pub(crate) fn program(&self) -> PathBuf {
        self.target.join("release").join("inventar")
    }

    /// The first-party plugins as components, for tests.
    pub(crate) fn components(&self) -> PathBuf {
        self.target.join("plugins")
    }

    /// The misbehaving plugins of the stories, as components.
    pub(crate) fn guests(&self) -> PathBuf {
        self.target.join("guests")
    }

    /// The folder beside the clone that conformance uses, when it is there.
    pub(crate) fn shared(&self) -> Option<PathBuf> {
        let beside = || Some(self.root.parent()?.join("shared"));
        let shared = env::var_os("INVENTAR_SHARED").map(PathBuf::from).or_else(beside)?;
        shared.join("rigs").is_dir().then_some(shared)
    }

    /// A command that runs at the root, with the target folder of this run.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root).env("CARGO_TARGET_DIR", &self.target);
        command
    }

    /// The cargo that runs us.
    pub(crate) fn cargo(&self, args: &[&str]) -> Command {
        let mut command = self.command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(args);
        command
    }

    /// The tests in files of those names, of all crates that have one. Never by crate: what cargo builds for some
    /// crates it would build once more, with other features, for all.
    pub(crate) fn tests(&self, names: &[&str]) -> Command {
        let mut command = self.cargo(&["test", "--release", "--workspace", "--no-fail-fast"]);
        for name in names {
            command.args(["--test", name]);
        }
        command
    }

    /// A path as a person would type it from the root.
    pub(crate) fn short<'a>(&self, path: &'a Path) -> std::path::Display<'a> {
        path.strip_prefix(&self.root).unwrap_or(path).display()
    }
}

/// Whether a CI machine runs us.
pub(crate) fn in_ci() -> bool {
    env::var("CI").is_ok_and(|value| !value.is_empty() && value != "false")
}

/// A headline of what is going on, for people.
pub(crate) fn say(text: impl AsRef<str>) {
    eprintln!("\n── {}", text.as_ref());
}

/// Runs a command with our own streams; its failure is an error that names it.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let line = line_of(command);
    eprintln!("   $ {line}");
    let status = command.status().with_context(|| format!("cannot start `{line}`"))?;
    if !status.success() {
        bail!("`{line}` ended with {status}");
    }
    Ok(())
}

/// What a command writes to stdout; its failure is an error with its stderr.
pub(crate) fn capture(command: &mut Command) -> Result<String> {
    let line = line_of(command);
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot start `{line}`"))?;
    if !output.status.success() {
        bail!("`{line}` ended with {}\n{}", output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{line}` wrote something that is not UTF-8"))
}

/// Whether a program of that name is in the search path.
pub(crate) fn which(name: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|dir| dir.join(name)).find(|path| path.is_file())
}

fn line_of(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    let line = words.join(" ");
    match line.char_indices().nth(200) {
        Some((end, _)) => format!("{} …", &line[..end]),
        None => line,
    }
}
