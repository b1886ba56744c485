//! `cargo xtask conformance`: what only the folder beside the clone can check.

mod aws;
mod connected;
mod kubernetes;

use crate::tally::Tally;
use crate::workspace::{Workspace, capture, run, say, which};
use crate::{build, corpus, labelled, rigs};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use xtask::accuracy::Bars;

pub(crate) fn conformance(workspace: &Workspace, args: &[String]) -> Result<bool> {
    let mut trees = std::env::var_os("INVENTAR_TREES").map(PathBuf::from);
    let (mut is_full, mut only) = (false, None);
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--full" => is_full = true,
            "--trees" => trees = Some(args.next().context("--trees takes a folder")?.into()),
            "--only" => {
                let part = args.next().filter(|part| PARTS.contains(&part.as_str()));
                only = Some(part.with_context(|| format!("--only takes one of {}", PARTS.join(", ")))?);
            }
            other => bail!("conformance takes --trees DIR, --full and --only PART, not `{other}`"),
        }
    }
    let wanted = |part: &str| only.is_none_or(|only: &String| only == part);
    let Some(shared) = workspace.shared() else {
        eprintln!(
            "SKIP conformance: there is no ../shared beside the clone (INVENTAR_SHARED names another place)"
        );
        return Ok(true);
    };
    let program = build::build(workspace)?;
    let mut tally = Tally::default();
    if ["documents", "models", "trees"].into_iter().any(wanted) {
        let rigs = Rigs::set_up(workspace, &shared)?;
        let bench = Bench { workspace, program: program.clone(), rigs, shared: shared.clone() };
        if wanted("documents") {
            bench.documents(&mut tally)?;
        }
        if wanted("models") {
            say("model corpus");
            let score = bench.rigs.python("score_model_scan.py");
            corpus::check(workspace, &bench.program, &bench.shared.join("data/models"), score, &mut tally)?;
        }
        if wanted("trees") {
            bench.trees(trees.as_deref(), &mut tally)?;
        }
    }
    if wanted("kubernetes") {
        kubernetes::check(workspace, &program, &shared, &mut tally);
    }
    if wanted("aws") {
        aws::check(workspace, &program, &shared, is_full, &mut tally);
    }
    if wanted("collectors") {
        say("collectors against real servers");
        let rigs = rigs::Rigs::large(workspace, &mut tally);
        rigs.run_tests(workspace, &mut tally)?;
        // With a registry that answers; `cargo xtask test` has the recording of one.
        rigs.run_stories(workspace, &program, "code_cloud_and_registry", &mut tally)?;
    }
    Ok(tally.close())
}

/// What `--only` names.
const PARTS: &[&str] = &["documents", "models", "trees", "kubernetes", "aws", "collectors"];

struct Bench<'a> {
    workspace: &'a Workspace,
    program: PathBuf,
    rigs: Rigs,
    shared: PathBuf,
}

/// The validators: third-party programs, installed once.
struct Rigs {
    scripts: PathBuf,
    home: PathBuf,
}

impl Rigs {
    fn set_up(workspace: &Workspace, shared: &Path) -> Result<Self> {
        let rigs = Self { scripts: shared.join("rigs"), home: workspace.target.join("rigs") };
        let setup = fs::read(rigs.scripts.join("setup.sh"))?;
        let stamp = rigs.home.join("installed.sh");
        if !fs::read(&stamp).is_ok_and(|installed| installed == setup) {
            say("installing the validators");
            let mut install = rigs.script("setup.sh");
            install.arg("core");
            if let Some(prefix) = node_headers() {
                install.env("npm_config_nodedir", prefix);
            }
            run(&mut install)?;
            fs::write(stamp, setup)?;
        }
        Ok(rigs)
    }

    fn script(&self, name: &str) -> Command {
        let mut command = Command::new("bash");
        command.arg(self.scripts.join(name)).env("RIGS_HOME", &self.home);
        command
    }

    fn python(&self, name: &str) -> Command {
        let mut command = Command::new(self.home.join("py/bin/python"));
        command.arg(self.scripts.join(name)).env("RIGS_HOME", &self.home);
        command
    }

    /// Whether every validator accepts a document; their reasons when one does not.
    fn validate(&self, bom: &Path) -> Result<()> {
        let output = self.script("validate_bom.sh").arg(bom).stdin(Stdio::null()).output()?;
        if !output.status.success() {
            bail!("{}", String::from_utf8_lossy(&output.stdout).trim());
        }
        Ok(())
    }
}

/// The prefix that Node is installed at, if its headers are there too: one validator is compiled against them, and
/// npm would fetch them from elsewhere.
fn node_headers() -> Option<PathBuf> {
    let node = fs::canonicalize(which("node")?).ok()?;
    let prefix = node.parent()?.parent()?;
    prefix.join("include/node/node.h").is_file().then(|| prefix.to_owned())
}

impl Bench<'_> {
    /// Every form of the estate's document, and one that must be refused, so that a broken validator is noticed.
    fn documents(&self, tally: &mut Tally) -> Result<()> {
        say("documents of the estate");
        let estate = self.workspace.root.join("tests/fixtures/estate");
        let folder = self.workspace.target.join("conformance/estate");
        let data = fresh(&folder.join("data"))?;
        for (spec, epoch) in
            [("1.7", None), ("1.6", None), ("1.7", Some("1700000000")), ("1.6", Some("1700000000"))]
        {
            let name = format!("estate-{spec}{}.json", if epoch.is_some() { "-timed" } else { "" });
            let bom = folder.join(&name);
            let mut scan = self.scan(&estate, &data);
            scan.args(["--spec", spec, "-o"]).arg(format!("cyclonedx={}", bom.display()));
            scan.envs(epoch.map(|epoch| ("SOURCE_DATE_EPOCH", epoch)));
            tally
                .note(&format!("{name} is accepted"), succeeds(scan).and_then(|()| self.rigs.validate(&bom)));
        }
        let good = fs::read_to_string(folder.join("estate-1.7.json"))?;
        let mut broken: serde_json::Value = serde_json::from_str(&good)?;
        let components = broken["components"].as_array_mut().context("a BOM without components")?;
        let twice = components.first().context("a BOM of nothing")?.clone();
        components.push(twice);
        let bom = folder.join("broken.json");
        fs::write(&bom, broken.to_string())?;
        let refused =
            if self.rigs.validate(&bom).is_err() { Ok(()) } else { Err(anyhow::anyhow!("it was accepted")) };
        tally.note("a document with a component twice is refused", refused);
        Ok(())
    }

    /// Real repositories: each document is valid and the same from two data folders; labelled ones are scored.
    fn trees(&self, trees: Option<&Path>, tally: &mut Tally) -> Result<()> {
        say("real repositories");
        let Some(trees) = trees else {
            tally.skip("scores and documents of real repositories", "no --trees DIR with their work trees");
            return Ok(());
        };
        let mut folders: Vec<PathBuf> =
            fs::read_dir(trees)?.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
        folders.sort();
        let mut scores = Vec::new();
        for tree in folders {
            let name = tree.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let out = self.workspace.target.join("conformance").join(&name);
            let boms = ["a", "b"].map(|data| self.bom(&tree, &out, data));
            let [Ok(a), Ok(b)] = boms else {
                tally.note(
                    &format!("{name} is scanned"),
                    boms.into_iter().collect::<Result<Vec<_>>>().map(|_| ()),
                );
                continue;
            };
            let same = if fs::read(&a)? == fs::read(&b)? {
                Ok(())
            } else {
                Err(anyhow::anyhow!("{} differs", b.display()))
            };
            tally.note(&format!("{name}: the same document from two data folders"), same);
            tally.note(&format!("{name}: the document is accepted"), self.rigs.validate(&a));
            let labels = self.shared.join("labels").join(format!("{name}.jsonl"));
            if labels.is_file() {
                scores.push(labelled::judge(&name, &labels, &out.join("found.ndjson"))?);
            }
        }
        if scores.is_empty() {
            tally.skip("accuracy", "none of the trees is labelled");
            return Ok(());
        }
        say("accuracy");
        labelled::print(&scores);
        let missed = Bars::missed_by_each(&scores);
        let reached = if missed.is_empty() { Ok(()) } else { Err(anyhow::anyhow!(missed.join("; "))) };
        tally.note("what is found in the labelled repositories", reached);
        Ok(())
    }

    /// Scans into a fresh data folder; leaves findings and the document.
    fn bom(&self, tree: &Path, out: &Path, data: &str) -> Result<PathBuf> {
        let data_folder = fresh(&out.join(data))?;
        let bom = out.join(format!("{data}.json"));
        let mut scan = self.scan(tree, &data_folder);
        scan.arg("-o").arg(format!("cyclonedx={}", bom.display()));
        scan.arg("-o").arg(format!("ndjson={}", out.join("found.ndjson").display()));
        succeeds(scan)?;
        Ok(bom)
    }

    fn scan(&self, tree: &Path, data: &Path) -> Command {
        let mut command = self.workspace.command(&self.program);
        command.arg("scan").arg(tree).arg("--data").arg(data).args(["--source", "conformance", "--quiet"]);
        command
    }
}

/// A new, empty folder.
pub(crate) fn fresh(folder: &Path) -> Result<PathBuf> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    Ok(folder.to_owned())
}

fn succeeds(mut command: Command) -> Result<()> {
    capture(&mut command).map(|_| ())
}
