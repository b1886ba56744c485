//! `cargo xtask accuracy`: labelled trees are scanned, and what was found is judged.

use crate::conformance::fresh;
use crate::workspace::{Workspace, capture, say};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use xtask::accuracy::{Bars, Label, Score, faults, findings, table};

/// Our own trees without arguments; else a folder of `NAME.jsonl` and a folder with `NAME/`.
pub(crate) fn accuracy(workspace: &Workspace, args: &[String]) -> Result<bool> {
    let ours = args.is_empty();
    let trees = match args {
        [] => own(&workspace.root.join("tests/fixtures/labelled"))?,
        [labels, trees] => given(Path::new(labels), Path::new(trees))?,
        _ => bail!("accuracy takes LABELS and TREES, or nothing for the trees of tests/fixtures/labelled"),
    };
    let program = std::env::var_os("INVENTAR_PROGRAM").map_or_else(|| workspace.program(), PathBuf::from);
    if !program.is_file() {
        bail!("{} is not there: run `cargo xtask build`", program.display());
    }
    let scores =
        trees.iter().map(|tree| tree.scan_and_judge(workspace, &program)).collect::<Result<Vec<_>>>()?;
    print(&scores);
    let missed = if ours { Bars::missed_together(&scores) } else { Bars::missed_by_each(&scores) };
    for bar in &missed {
        eprintln!("   FAIL  {bar}");
    }
    Ok(missed.is_empty())
}

/// Prints the page and everything that is wrong.
#[allow(clippy::print_stdout, reason = "the table is its data")]
pub(crate) fn print(scores: &[Score]) {
    println!("{}\n{}", table(scores), faults(scores));
}

/// What a scan's `-o ndjson` is worth.
pub(crate) fn judge(name: &str, labels: &Path, found: &Path) -> Result<Score> {
    let read =
        |path: &Path| fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()));
    let rows = Label::read(&read(labels)?).with_context(|| format!("in {}", labels.display()))?;
    Ok(Score::of(name, &rows, &findings(&read(found)?)?))
}

struct Labelled {
    name: String,
    labels: PathBuf,
    tree: PathBuf,
}

impl Labelled {
    fn scan_and_judge(&self, workspace: &Workspace, program: &Path) -> Result<Score> {
        say(format!("scanning {}", self.name));
        let folder = fresh(&workspace.target.join("accuracy").join(&self.name))?;
        let found = folder.join("found.ndjson");
        let mut scan = workspace.command(program);
        scan.arg("scan").arg(&self.tree).arg("--data").arg(folder.join("data"));
        scan.args(["--source", "accuracy", "--quiet", "-o"]).arg(format!("ndjson={}", found.display()));
        capture(&mut scan)?;
        judge(&self.name, &self.labels, &found)
    }
}

/// `NAME/{tree/, labels.jsonl}`
fn own(folder: &Path) -> Result<Vec<Labelled>> {
    let mut trees = Vec::new();
    for name in names(folder)? {
        let labels = folder.join(&name).join("labels.jsonl");
        let tree = folder.join(&name).join("tree");
        trees.push(Labelled { name, labels, tree });
    }
    Ok(trees)
}

/// `LABELS/NAME.jsonl` and `TREES/NAME/`
fn given(labels: &Path, trees: &Path) -> Result<Vec<Labelled>> {
    let mut found = Vec::new();
    for file in names(labels)? {
        let Some(name) = file.strip_suffix(".jsonl") else { continue };
        let tree = trees.join(name);
        if !tree.is_dir() {
            bail!("{file} has no tree: {} is not there", tree.display());
        }
        // The scan runs at the root of the checkout.
        found.push(Labelled {
            name: name.to_owned(),
            labels: labels.join(&file),
            tree: fs::canonicalize(tree)?,
        });
    }
    if found.is_empty() {
        bail!("there is no NAME.jsonl in {}", labels.display());
    }
    Ok(found)
}

/// What is in a folder, sorted.
fn names(folder: &Path) -> Result<Vec<String>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    let mut names: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    Ok(names)
}
