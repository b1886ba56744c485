//! Tests a plugin with the production host: the real walk, the real sandbox, the real merge.
//!
//! A plugin keeps its cases beside its code:
//!
//! ```text
//! plugins/acme/
//!     plugin.toml
//!     src/lib.rs
//!     fixtures/
//!         two-flows/
//!             source/…          a small tree, as a user would have it
//!             expected.txt      what the scan says of it, reviewed by a person
//!     tests/fixtures.rs         #[test] fn fixtures() { inventar_testkit::fixtures(env!("CARGO_MANIFEST_DIR")) }
//! ```
//!
//! `INVENTAR_BLESS=1 cargo test -p …` writes `expected.txt` anew; read the difference before you commit it.
//!
//! Each case is also scanned with one file per batch and on several threads, and once more from the cache: a plugin
//! whose answer depends on anything but the file, its path and its settings is found out here.

mod build;
mod listing;

pub use build::{build, build_example};
pub use inventar_scan::{ARCHIVES, DEPENDENCY_FOLDERS, MAX_ARCHIVE_DEPTH};
pub use listing::listing;

use anyhow::{Context as _, bail, ensure};
use inventar_model::{Inventory, SourceName, Timestamp};
use inventar_runtime::{Plugin, Runtime, RuntimeConfig, Trust};
use inventar_scan::{Detector, Options, Outcome, Silent, Source};
use std::path::{Path, PathBuf};

/// Runs every case in `fixtures/` of a plugin folder and panics with a difference if one is not as expected.
#[expect(clippy::panic, reason = "a test fails by panicking")]
pub fn fixtures(plugin_dir: &str) {
    if let Err(error) = try_fixtures(Path::new(plugin_dir)) {
        panic!("{error:?}");
    }
}

fn try_fixtures(plugin_dir: &Path) -> anyhow::Result<()> {
    let plugin = load(plugin_dir)?;
    let mut cases: Vec<PathBuf> = std::fs::read_dir(plugin_dir.join("fixtures"))
        .context("a plugin needs a folder `fixtures`")?
        .map(|entry| Ok(entry?.path()))
        .collect::<std::io::Result<_>>()?;
    cases.retain(|case| case.join("source").is_dir());
    cases.sort();
    ensure!(!cases.is_empty(), "no case in {}/fixtures", plugin_dir.display());
    let bless = std::env::var_os("INVENTAR_BLESS").is_some();
    let mut wrong = Vec::new();
    for case in &cases {
        let name = case.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let found =
            scan_every_way(&plugin, &case.join("source")).with_context(|| format!("case `{name}`"))?;
        let expected_file = case.join("expected.txt");
        let expected = std::fs::read_to_string(&expected_file).unwrap_or_default();
        if bless {
            std::fs::write(&expected_file, &found)?;
        } else if found != expected {
            wrong.push(format!(
                "case `{name}` ({}):\n{}",
                expected_file.display(),
                difference(&expected, &found)
            ));
        }
    }
    if !wrong.is_empty() {
        bail!(
            "{} of {} cases differ; INVENTAR_BLESS=1 accepts what is new\n{}",
            wrong.len(),
            cases.len(),
            wrong.join("\n")
        );
    }
    Ok(())
}

/// Builds and loads the plugin in a folder, as the program would.
pub fn load(plugin_dir: &Path) -> anyhow::Result<Plugin> {
    let component = build(plugin_dir)?;
    let runtime = Runtime::new(RuntimeConfig::default())?;
    Ok(runtime.load(&component, Trust::Unsigned)?)
}

/// Scans a tree with one plugin.
pub fn scan(
    plugin: &Plugin,
    settings: &str,
    tree: &Path,
    change: impl FnOnce(&mut Options),
) -> anyhow::Result<Outcome> {
    let source = Source::open(tree, Some(SourceName::new("fixture")?))?;
    let settings = plugin.manifest().check_settings(settings)?;
    let detectors = [Detector { plugin: plugin.clone(), settings }];
    let mut options = Options { clock: || Timestamp(0), ..Options::default() };
    change(&mut options);
    Ok(inventar_scan::scan(&source, &detectors, &options, &Silent, &Default::default())?)
}

/// What a scan found, in the form of `expected.txt`.
pub fn inventory(outcome: &Outcome) -> Inventory {
    Inventory::merge(&outcome.run.source, &outcome.run.reports, &outcome.run.gaps)
}

/// Scans a case as the program would, one file at a time, and from the cache; all must agree.
fn scan_every_way(plugin: &Plugin, tree: &Path) -> anyhow::Result<String> {
    let usual = listing(&inventory(&scan(plugin, "", tree, |_| ())?));
    let single = scan(plugin, "", tree, |options| {
        options.limits.max_batch_files = 1;
        options.threads = 3;
    })?;
    same(&usual, &listing(&inventory(&single)), "one file per batch")?;
    let cache = tempfile::tempdir()?;
    for round in ["with an empty cache", "from the cache"] {
        let outcome = scan(plugin, "", tree, |options| {
            options.cache = Some(cache.path().to_owned());
            options.limits.fresh_ns = 0;
        })?;
        same(&usual, &listing(&inventory(&outcome)), round)?;
    }
    Ok(usual)
}

fn same(usual: &str, other: &str, how: &str) -> anyhow::Result<()> {
    ensure!(usual == other, "the answer is another {how}:\n{}", difference(usual, other));
    Ok(())
}

/// Lines that are only on one side.
fn difference(expected: &str, found: &str) -> String {
    let mut out = String::new();
    let (old, new): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), found.lines().collect());
    let start = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let end = old[start..].iter().rev().zip(new[start..].iter().rev()).take_while(|(a, b)| a == b).count();
    for line in &old[start..old.len() - end] {
        out.push_str(&format!("  - {line}\n"));
    }
    for line in &new[start..new.len() - end] {
        out.push_str(&format!("  + {line}\n"));
    }
    out
}
