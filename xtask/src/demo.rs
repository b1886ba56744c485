//! `cargo xtask demo`: the sample estate, from nothing to a page; with `--cloud`, services too.

use crate::build;
use crate::rigs::Rigs;
use crate::tally::Tally;
use crate::workspace::{Workspace, run, say};
use anyhow::{Result, bail};
use std::fs;
use std::io::IsTerminal;
use std::process::Command;

pub(crate) fn demo(workspace: &Workspace, args: &[String]) -> Result<()> {
    if let Some(other) = args.iter().find(|arg| !["--no-serve", "--cloud"].contains(&arg.as_str())) {
        bail!("demo takes --no-serve and --cloud, not `{other}`");
    }
    let has = |flag: &str| args.iter().any(|arg| arg == flag);
    let terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let serve = terminal && !has("--no-serve");
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
    // Dropped, and so stopped, when the demo ends.
    let _rigs = if has("--cloud") { Some(cloud(workspace, &inventar)?) } else { None };
    if serve {
        say("serving the inventory until Ctrl-C");
        run(&mut inventar(&["serve"]))?;
    } else {
        eprintln!("   to see it in a browser: {} serve --data {}", program.display(), data.display());
    }
    Ok(())
}

/// A service of the demo: its name as a source, its plugin, the variable with its address, and what it is connected with.
const SERVICES: &[(&str, &str, &str, &[&str])] = &[
    ("cloud", "aws", "INVENTAR_MOTO", &["--credential", "aws=env:AWS", "--budget", "calls=20000,time=10m"]),
    ("vectors", "vector-stores", "INVENTAR_CHROMA", &[]),
];

/// Emulators started, seeded, connected, scanned: inventory, coverage, budget and policy.
fn cloud(workspace: &Workspace, inventar: &dyn Fn(&[&str]) -> Command) -> Result<Rigs> {
    let rigs = Rigs::small(workspace, &mut Tally::default());
    for (name, plugin, variable, options) in SERVICES {
        let Some(address) = rigs.variable(variable) else {
            say(format!("{name}: not here, so it is left out"));
            continue;
        };
        // The emulator believes any key; a real account gets the policy below.
        let with_key = |args: &[&str]| {
            let mut command = inventar(args);
            command.envs([
                ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
                ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
                ("AWS_REGION", "us-east-1"),
            ]);
            command
        };
        say(format!("the permissions that {plugin} needs"));
        run(&mut inventar(&["plugin", "inspect", plugin]))?;
        if *plugin == "aws" {
            run(&mut inventar(&["plugin", "policy", plugin]))?;
        }
        say(format!("connecting {name}"));
        let mut add = with_key(&["source", "add", name, "--plugin", plugin, "--endpoint", address]);
        add.args(["--allow-private", "127.0.0.0/8", "--yes"]).args(*options);
        run(&mut add)?;
        say(format!("what a scan of {name} will take"));
        run(&mut with_key(&["plan", name]))?;
        say(format!("scanning {name}"));
        let status = with_key(&["scan", name]).status()?;
        // 3: an emulator does not have every service, and coverage says which.
        if !matches!(status.code(), Some(0 | 3)) {
            bail!("the scan of {name} ended with {status}");
        }
        run(&mut inventar(&["coverage", "--source", name]))?;
    }
    Ok(rigs)
}
