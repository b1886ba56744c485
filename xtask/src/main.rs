//! What developers and CI run. One file per verb:
//!
//! | verb | what it leaves behind |
//! |---|---|
//! | `cargo xtask build` | the release program with the first-party plugins inside |
//! | `cargo xtask demo` | the same, a scan of the sample estate, and the page in a browser |
//! | `cargo xtask test` | a verdict; needs nothing beside the clone |
//! | `cargo xtask conformance` | what ../shared can check: validators, labelled repositories, corpora, accounts, clusters |
//! | `cargo xtask rigs` | real servers to test against, until Enter |
//! | `cargo xtask accuracy` | what is found in labelled trees, what is missed and what is too much |
//! | `cargo xtask bench` | the table of times, side by side with others |
//! | `cargo xtask check` | format, lints, licences, duplicates, documents |
//!
//! What needs no root goes into the target folder. System packages are installed when run as root or where CI is
//! set; else the one line to run is printed.

#[allow(clippy::print_stdout, reason = "the table is its data")]
mod bench;
mod build;
mod check;
mod conformance;
mod corpus;
mod demo;
mod labelled;
mod measure;
mod python;
mod rigs;
mod setup;
mod tally;
mod test;
mod workspace;

use anyhow::{Result, bail};
use std::process::ExitCode;
use workspace::Workspace;

const USAGE: &str = "\
usage: cargo xtask VERB

  build                                   the release program with its plugins inside
  demo [--no-serve] [--cloud]             build, scan the sample estate, serve the page until stopped;
                                          --cloud: an emulated account and a vector store beside it
  test [FILTER]                           set up what is missing and run every test; FILTER: only stories with that name
  conformance [--trees DIR] [--full] [--only PART]
                                          what ../shared can check (INVENTAR_SHARED, INVENTAR_TREES)
  rigs [--all]                            start the servers of the tests and keep them until Enter is pressed
  accuracy [LABELS TREES]                 judge scans of labelled trees: LABELS/NAME.jsonl, TREES/NAME/; ours without arguments
  bench [--trees DIR]... [--rivals VENV]  times, CPU and memory, side by side
  check                                   format, lints, licences, duplicates, documents";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match run(&args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether everything went well.
fn run(args: &[String]) -> Result<bool> {
    let Some((verb, rest)) = args.split_first() else { bail!("no verb given\n\n{USAGE}") };
    if let Some(code) = measure::hidden_verb(verb, rest)? {
        std::process::exit(code);
    }
    let workspace = Workspace::find()?;
    match verb.as_str() {
        "build" => build::build(&workspace).map(|_| true),
        "demo" => demo::demo(&workspace, rest).map(|()| true),
        "test" => test::test(&workspace, rest),
        "conformance" => conformance::conformance(&workspace, rest),
        "rigs" => rigs::rigs(&workspace, rest),
        "accuracy" => labelled::accuracy(&workspace, rest),
        "bench" => bench::bench(&workspace, rest).map(|()| true),
        "check" => check::check(&workspace),
        "help" | "--help" | "-h" => {
            eprintln!("{USAGE}");
            Ok(true)
        }
        _ => bail!("`{verb}` is not a verb\n\n{USAGE}"),
    }
}
