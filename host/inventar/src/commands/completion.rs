//! `inventar completion`: scripts for shells.

use super::get::print;
use crate::cli::Cli;
use crate::exit::Ending;
use clap::CommandFactory;
use clap_complete::Shell;

/// Runs the command.
pub(crate) fn run(shell: Shell) -> anyhow::Result<Ending> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "inventar", &mut script);
    print(&String::from_utf8_lossy(&script))?;
    Ok(Ending::SUCCESS)
}
