//! Real servers to test collectors against: installed from PyPI below the target folder, filled by tests/seeds, stopped at
//! the end.
//!
//! Stories and crates' tests get at them by environment variables: `INVENTAR_MOTO` is an address,
//! `INVENTAR_MOTO_EXPECTED` the file with what the seed says must be found, `INVENTAR_MLFLOW_LOGIN` a login where one is
//! needed. A server that cannot be had is a skip that everybody sees, and its variables are not set.

mod server;
mod servers;

use crate::tally::Tally;
use crate::workspace::{Workspace, capture, say};
use anyhow::{Context, Result, bail};
pub(crate) use server::Server;
use servers::{LARGE, SMALL};
pub(crate) use servers::{MOTO, Recipe};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// `cargo xtask rigs`: the servers for a test by hand, or for a look.
#[allow(clippy::print_stdout, reason = "the variables are its data")]
pub(crate) fn rigs(workspace: &Workspace, args: &[String]) -> Result<bool> {
    let mut tally = Tally::default();
    let rigs = match args {
        [] => Rigs::small(workspace, &mut tally),
        [all] if all == "--all" => Rigs::large(workspace, &mut tally),
        _ => bail!("rigs takes --all and nothing else"),
    };
    for (name, value) in &rigs.variables {
        println!("export {name}={value}");
    }
    eprintln!("\n   Enter stops them");
    std::io::stdin().read_line(&mut String::new())?;
    Ok(tally.skipped == 0)
}

/// The tests that ask these servers, by the names of their files.
const ASKING: &[&str] = &["collects", "credential"];

/// Running servers. Dropping it stops them.
#[derive(Default)]
pub(crate) struct Rigs {
    servers: Vec<Server>,
    variables: Vec<(String, String)>,
}

impl Rigs {
    /// What `cargo xtask test` runs against: quick to install and to start.
    pub(crate) fn small(workspace: &Workspace, tally: &mut Tally) -> Self {
        Self::start(workspace, SMALL, tally)
    }

    /// What `cargo xtask conformance` runs against: those of [`Rigs::small`] and the heavy ones.
    pub(crate) fn large(workspace: &Workspace, tally: &mut Tally) -> Self {
        let all: Vec<Recipe<'_>> = SMALL.iter().chain(LARGE).copied().collect();
        Self::start(workspace, &all, tally)
    }

    /// Where something is, as the tests are told; none: it could not be had.
    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        self.variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Tells a command where the servers are.
    pub(crate) fn pass_to(&self, command: &mut Command) {
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
    }

    /// Runs the tests that ask the servers that are there.
    pub(crate) fn run_tests(&self, workspace: &Workspace, tally: &mut Tally) -> Result<()> {
        let mut tests = workspace.tests(ASKING);
        self.pass_to(&mut tests);
        tally.run(&mut tests)
    }

    /// Runs the stories of that name with the program, which asks the servers that are there.
    pub(crate) fn run_stories(
        &self,
        workspace: &Workspace,
        program: &Path,
        name: &str,
        tally: &mut Tally,
    ) -> Result<()> {
        let mut stories = workspace.tests(&["stories"]);
        stories.args(["--", name]);
        stories.env("INVENTAR_PROGRAM", program);
        self.pass_to(&mut stories);
        tally.run(&mut stories)
    }

    fn start(workspace: &Workspace, recipes: &[Recipe<'_>], tally: &mut Tally) -> Self {
        let mut rigs = Self::default();
        for recipe in recipes {
            say(format!("starting {}", recipe.title));
            if let Err(error) = rigs.add(workspace, recipe) {
                tally.skip(&format!("tests against {}", recipe.title), &format!("{error:#}"));
            }
        }
        rigs
    }

    fn add(&mut self, workspace: &Workspace, recipe: &Recipe<'_>) -> Result<()> {
        let environment = recipe.install(workspace)?;
        let folder = crate::conformance::fresh(&workspace.target.join("rigs").join(recipe.name))?;
        let server = Server::start(recipe, &environment, &folder)?;
        let expected = match recipe.seed {
            Some(seed) => {
                let script = workspace.root.join("tests/seeds").join(seed);
                let mut python = workspace.command(environment.join("bin/python"));
                python.arg(script).arg(&server.address);
                if let Some(login) = recipe.login {
                    python.args(["--user", login]);
                }
                Some(key(&folder, &mut python).with_context(|| format!("cannot fill it by {seed}"))?)
            }
            None => None,
        };
        let variable = |suffix: &str| format!("INVENTAR_{}{suffix}", recipe.name.to_uppercase());
        eprintln!("   {}={}", variable(""), server.address);
        self.variables.push((variable(""), server.address.clone()));
        self.variables
            .extend(expected.map(|path| (variable("_EXPECTED"), path.to_string_lossy().into_owned())));
        self.variables.extend(recipe.login.map(|login| (variable("_LOGIN"), login.to_owned())));
        self.servers.push(server);
        Ok(())
    }
}

/// Runs a seed and keeps what it says must be found.
fn key(folder: &Path, seed: &mut Command) -> Result<PathBuf> {
    let path = folder.join("expected.json");
    fs::write(&path, capture(seed)?)?;
    Ok(path)
}
