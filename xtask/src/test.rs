//! `cargo xtask test`: every test, on a machine that has nothing yet.

use crate::rigs::Rigs;
use crate::tally::Tally;
use crate::workspace::{Workspace, run, say};
use crate::{build, check, setup};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::PathBuf;

pub(crate) fn test(workspace: &Workspace, args: &[String]) -> Result<bool> {
    let filter = match args {
        [] => None,
        [filter] => Some(filter),
        _ => bail!("test takes one filter at most"),
    };
    let chromium = setup::browser(workspace)?;
    setup::registry(workspace)?;
    let program = build::build(workspace)?;
    guests(workspace)?;

    let mut tally = Tally::default();
    let rigs = Rigs::small(workspace, &mut tally);
    if filter.is_none() {
        say("housekeeping");
        check::housekeeping(workspace, &mut tally);
        say("tests of every crate");
        let args = ["test", "--release", "--workspace", "--exclude", "inventar-stories", "--no-fail-fast"];
        let mut crates = workspace.cargo(&args);
        rigs.pass_to(&mut crates);
        tally.run(&mut crates)?;
        build::restore_program(workspace)?;
        console(workspace, &mut tally);
    }
    say("stories");
    let mut stories = workspace.tests(&["stories"]);
    stories
        .env("INVENTAR_PROGRAM", program)
        .env("INVENTAR_GUESTS", workspace.guests())
        .env("CHROMIUM", chromium);
    rigs.pass_to(&mut stories);
    if let Some(filter) = filter {
        stories.args(["--", filter]);
    }
    tally.run(&mut stories)?;
    Ok(tally.close())
}

/// The console's own checks, with the packages that its build installed.
fn console(workspace: &Workspace, tally: &mut Tally) {
    say("the console");
    for (what, script) in [("its types", "check"), ("its tests", "test")] {
        let mut npm = workspace.command("npm");
        npm.args(["run", "--silent", script]).current_dir(workspace.root.join("web"));
        tally.note(&format!("the console: {what}"), run(&mut npm));
    }
}

/// Builds the misbehaving plugins of the stories: each folder of tests/guests is one.
fn guests(workspace: &Workspace) -> Result<()> {
    say("building the guests of the stories");
    let folder = workspace.root.join("tests/guests");
    let args = [
        "build",
        "--profile",
        "plugin",
        "--target",
        setup::WASM,
        "--package",
        "inventar-guests",
        "--examples",
    ];
    run(&mut workspace.cargo(&args))?;
    fs::create_dir_all(workspace.guests())?;
    for entry in fs::read_dir(&folder)? {
        let guest: PathBuf = entry?.path();
        if !guest.join("plugin.toml").is_file() {
            continue;
        }
        let name =
            guest.file_name().and_then(|name| name.to_str()).context("a guest folder has a strange name")?;
        let core = workspace
            .target
            .join(setup::WASM)
            .join("plugin/examples")
            .join(format!("{}.wasm", name.replace('-', "_")));
        let component = workspace.guests().join(format!("{name}.wasm"));
        let mut pack = workspace.command(workspace.program());
        run(pack.args(["plugin", "pack"]).arg(&guest).arg(core).arg("--output").arg(component))?;
    }
    Ok(())
}
