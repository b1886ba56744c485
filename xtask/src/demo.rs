//! `cargo xtask demo`: the sample estate, from nothing to a page.

use crate::build;
use crate::workspace::{Workspace, run, say};
use anyhow::{Result, bail};
use std::fs;
use std::io::IsTerminal;

pub(crate) fn demo(workspace: &Workspace, args: &[String]) -> Result<()> {
    let serve = match args {
        [] => std::io::stdin().is_terminal() && std::io::stdout().is_terminal(),
        [flag] if flag == "--no-serve" => false,
        _ => bail!("demo takes --no-serve and nothing else"),
    };
    let program = build::build(workspace)?;
    let estate = workspace.root.join("tests/fixtures/estate");
    let data = workspace.target.join("demo");
    fs::create_dir_all(&data)?;
    let bom = data.join("estate.cdx.json");

    let inventar = |args: &[&str]| {
        let mut command = workspace.command(&program);
        command.args(args).arg("--data").arg(&data);
        command
    };
    say("scanning the sample estate");
    let output = format!("cyclonedx={}", bom.display());
    run(inventar(&["scan", "--source", "estate", "-o", "table", "-o", &output]).arg(&estate))?;
    say("what was looked at, and what was not");
    run(&mut inventar(&["coverage", "--source", "estate"]))?;
    say(format!("the bill of materials: {}", bom.display()));
    if serve {
        say("serving the inventory until Ctrl-C");
        run(&mut inventar(&["serve"]))?;
    } else {
        eprintln!("   to see it in a browser: {} serve --data {}", program.display(), data.display());
    }
    Ok(())
}
