//! `cargo xtask bench`: times, CPU and memory, side by side in one run.

use crate::build;
use crate::conformance::fresh;
use crate::measure::{Cost, files, floor};
use crate::python;
use crate::workspace::{Workspace, run, say};
use anyhow::{Context, Result, bail};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Each measurement is the best of so many runs.
const RUNS: u32 = 3;
/// From so many files on, matching and rescanning have bars of their own.
const LARGE: u64 = 100_000;

pub(crate) fn bench(workspace: &Workspace, args: &[String]) -> Result<()> {
    let (trees, rivals) = arguments(args)?;
    let bench = Bench::set_up(workspace, rivals)?;
    println!(
        "# Inventar's bench: CPU seconds of all processes, best of {RUNS}; peak is the largest process\n"
    );
    bench.start_up()?;
    let trees = if trees.is_empty() { default_trees(workspace)? } else { trees };
    for tree in &trees {
        bench.tree(tree)?;
    }
    bench.guest(&trees)?;
    Ok(())
}

fn arguments(args: &[String]) -> Result<(Vec<PathBuf>, Option<PathBuf>)> {
    let (mut trees, mut rivals) = (Vec::new(), None);
    let mut args = args.iter();
    while let Some(flag) = args.next() {
        let value = args.next().with_context(|| format!("{flag} needs a value"))?;
        match flag.as_str() {
            "--trees" => trees.push(fs::canonicalize(value).with_context(|| format!("there is no {value}"))?),
            "--rivals" => {
                rivals = Some(fs::canonicalize(value).with_context(|| format!("there is no {value}"))?)
            }
            _ => bail!("bench takes --trees DIR and --rivals VENV, not `{flag}`"),
        }
    }
    Ok((trees, rivals))
}

/// Without `--trees`: the sources of our own dependencies (a large real tree that is on every machine that built us),
/// and the sample estate.
fn default_trees(workspace: &Workspace) -> Result<Vec<PathBuf>> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    let sources = home.context("no home folder")?.join("registry/src");
    Ok([workspace.root.join("tests/fixtures/estate"), sources]
        .into_iter()
        .filter(|tree| tree.is_dir())
        .collect())
}

struct Bench<'a> {
    workspace: &'a Workspace,
    program: PathBuf,
    /// The folder of the programs that measure parts.
    examples: PathBuf,
    ripgrep: PathBuf,
    rivals: Option<PathBuf>,
    /// Files of 500 and 5,000 literals.
    literals: [PathBuf; 2],
    folder: PathBuf,
}

impl<'a> Bench<'a> {
    fn set_up(workspace: &'a Workspace, rivals: Option<PathBuf>) -> Result<Self> {
        let program = build::build(workspace)?;
        say("building what measures");
        let mut build = workspace.cargo(&["build", "--release", "--workspace"]);
        for example in ["probe", "ratio", "overhead", "waiting"] {
            build.args(["--example", example]);
        }
        run(&mut build)?;
        build::restore_program(workspace)?;
        let ripgrep = python::environment(workspace, "ripgrep", &["ripgrep>=15,<16"])?.join("bin/rg");
        let folder = workspace.target.join("bench");
        fs::create_dir_all(&folder)?;
        let literals = literals(workspace, &folder)?;
        let examples = workspace.target.join("release/examples");
        Ok(Self { workspace, program, examples, ripgrep, rivals, literals, folder })
    }

    /// What there is before any file.
    fn start_up(&self) -> Result<()> {
        let empty = fresh(&self.folder.join("empty"))?;
        let data = self.folder.join("empty-data");
        println!("## Start-up\n");
        let mut table = Table::new();
        let mut new_data = || {
            fresh(&data)?;
            Ok(self.scan(&empty, &data, false))
        };
        table.row("empty folder, new data folder", Cost::best_of(RUNS, &mut new_data)?, "");
        let known = Cost::best_of(RUNS, || Ok(self.scan(&empty, &data, false)))?;
        table.row("empty folder, known data folder", known, limit("CPU ms", known.cpu * 1e3, 40.0));
        let one = fresh(&self.folder.join("one"))?;
        fs::write(one.join("app.py"), "import openai\n")?;
        let first = Cost::best_of(RUNS, || {
            fresh(&data)?;
            Ok(self.scan(&one, &data, false))
        })?;
        table.row("one file, new data folder (the first answer)", first, limit("wall s", first.wall, 1.0));
        table.print();
        Ok(())
    }

    fn tree(&self, tree: &Path) -> Result<()> {
        let files = files(tree);
        println!("## {}, {files} files\n", tree.file_name().unwrap_or_default().to_string_lossy());
        // Below, starting a process costs more than the work.
        let large = |what: &str, figure: f64, bar: f64| {
            if files >= LARGE { limit(what, figure, bar) } else { format!("{figure:.2} {what}") }
        };
        let mut table = Table::new();
        let floor = Cost::best_of(RUNS, || floor(tree))?;
        table.row("walk + stat, one thread", floor, "");
        table.row("our walk", Cost::best_of(RUNS, || Ok(self.probe(tree, &["walk".as_ref()])))?, "");

        let mut ripgrep_500 = None;
        for (file, (n, bar)) in self.literals.iter().zip([(500, 1.15), (5_000, 0.6)]) {
            let theirs = Cost::best_of(RUNS, || Ok(self.ripgrep(tree, file)))?;
            let ours =
                Cost::best_of(RUNS, || Ok(self.probe(tree, &["literals".as_ref(), file.as_os_str()])))?;
            table.row(&format!("ripgrep, {n} literals"), theirs, "");
            table.row(
                &format!("walk + read + match, {n} literals"),
                ours,
                large("of ripgrep", ours.cpu / theirs.cpu, bar),
            );
            ripgrep_500.get_or_insert(theirs);
        }
        let plugins = self.plugin_folders()?;
        let mut words = vec!["claims".as_ref()];
        words.extend(plugins.iter().map(|folder| folder.as_os_str()));
        let claims = Cost::best_of(RUNS, || Ok(self.probe(tree, &words)))?;
        let against = ripgrep_500.context("ripgrep was not measured")?;
        table.row(
            "walk + read + match, our claims",
            claims,
            large("of ripgrep, 500", claims.cpu / against.cpu, 0.7),
        );

        let data = self.folder.join("data");
        let cold = Cost::best_of(RUNS, || {
            fresh(&data)?;
            Ok(self.scan(tree, &data, files >= LARGE))
        })?;
        table.row("cold scan", cold, limit("peak MB", cold.peak_mb, 120.0));
        let plugins = self.per_plugin(&data)?;
        let again = Cost::best_of(RUNS, || Ok(self.scan(tree, &data, files >= LARGE)))?;
        let note = if files >= LARGE {
            limit("of walk + stat", again.cpu / floor.cpu, 1.5)
        } else {
            limit("of the cold scan", again.cpu / cold.cpu, 0.15)
        };
        table.row("unchanged rescan", again, note);
        for (program, args) in self.rivals(tree) {
            let theirs = Cost::best_of(RUNS, || {
                let mut command = Command::new(&program);
                command.args(&args);
                Ok(command)
            })?;
            let name = program.file_name().unwrap_or_default().to_string_lossy();
            table.row(&name, theirs, limit("our cold scan of it", cold.cpu / theirs.cpu, 0.5));
        }
        table.print();
        println!("{plugins}");
        Ok(())
    }

    /// Time inside the sandbox, as the last run of that data folder recorded it.
    fn per_plugin(&self, data: &Path) -> Result<String> {
        let mut coverage = self.workspace.command(&self.program);
        coverage.args(["coverage", "--source", "bench", "-o", "json", "--data"]).arg(data);
        let text = crate::workspace::capture(&mut coverage)?;
        let coverage: serde_json::Value = serde_json::from_str(&text)?;
        let mut text = String::from("| plugin | files | ms in the sandbox, cold |\n|---|---:|---:|\n");
        for plugin in coverage["plugins"].as_array().into_iter().flatten() {
            let number = |key: &str| plugin[key].as_u64().unwrap_or(0);
            let id = plugin["id"].as_str().unwrap_or_default();
            let ms = number("guest_micros") as f64 / 1e3;
            text.push_str(&format!("| {id} | {} | {ms:.1} |\n", number("files")));
        }
        Ok(text)
    }

    /// One detector as wasm and as native code on the same files.
    fn guest(&self, trees: &[PathBuf]) -> Result<()> {
        let mut ratio = self.workspace.command(self.examples.join("ratio"));
        ratio.arg(self.workspace.components().join("python.wasm")).args(trees);
        println!("## The sandbox\n");
        run(&mut ratio)?;
        // What a request costs beside the network (at most 50 µs), and what a slice holds that waits (at most 200 KB).
        for example in ["overhead", "waiting"] {
            run(&mut self.workspace.command(self.examples.join(example)))?;
        }
        Ok(())
    }

    /// `everything`: also what the walk leaves out otherwise, as the other rows of the table do.
    fn scan(&self, tree: &Path, data: &Path, everything: bool) -> Command {
        let mut command = self.workspace.command(&self.program);
        command
            .arg("scan")
            .arg(tree)
            .arg("--data")
            .arg(data)
            .args(["--source", "bench", "--quiet", "-o", "ndjson"]);
        if everything {
            command.arg("--no-ignore");
        }
        command
    }

    fn probe(&self, tree: &Path, words: &[&std::ffi::OsStr]) -> Command {
        let mut command = self.workspace.command(self.examples.join("probe"));
        command.arg(tree).args(words);
        command
    }

    /// Everything but binaries, two threads, as many counts as there are files: the same work as ours.
    fn ripgrep(&self, tree: &Path, literals: &Path) -> Command {
        let mut command = self.workspace.command(&self.ripgrep);
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        command.args(["-uu", "--count", "--fixed-strings", "--no-messages", "--no-config"]);
        command.arg(format!("--threads={threads}")).arg("--file").arg(literals).arg(tree);
        command
    }

    /// Other scanners, as far as the virtual environment has them: program and arguments.
    fn rivals(&self, tree: &Path) -> Vec<(PathBuf, Vec<String>)> {
        let Some(bin) = self.rivals.as_ref().map(|venv| venv.join("bin")) else { return vec![] };
        let out = self.folder.join("rival.json").display().to_string();
        let tree = tree.display().to_string();
        let known: [(&str, &[&str]); 4] = [
            ("airom", &["fs", &tree, "--offline", "--no-progress", "-q", "-o", &format!("json={out}")]),
            ("ai-bom", &["scan", &tree, "-f", "json", "-o", &out, "--quiet", "--no-telemetry"]),
            ("aibom-scanner", &["scan", "-p", &tree, "-f", "json", "-o", &out]),
            ("agent-bom", &["code", &tree, "-f", "json", "-o", &out, "-q"]),
        ];
        let rivals =
            known.map(|(name, args)| (bin.join(name), args.iter().map(|arg| (*arg).to_owned()).collect()));
        rivals.into_iter().filter(|(program, _)| program.is_file()).collect()
    }

    fn plugin_folders(&self) -> Result<Vec<PathBuf>> {
        let folders = fs::read_dir(self.workspace.root.join("plugins"))?;
        let mut folders: Vec<PathBuf> = folders
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.join("plugin.toml").is_file())
            .collect();
        folders.sort();
        Ok(folders)
    }
}

/// Names of real AI packages, from the catalogue; the longer list goes on with their variations.
fn literals(workspace: &Workspace, folder: &Path) -> Result<[PathBuf; 2]> {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(workspace.root.join("plugins/catalogue/data"))? {
        let path = entry?.path();
        if !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("packages-")) {
            continue;
        }
        // One package a line: `langchain = { … }`, `"@langchain/core" = { … }`.
        for line in fs::read_to_string(path)?.lines() {
            let Some((name, _)) = line.split_once(" = {") else { continue };
            let name = name.trim().trim_matches('"');
            if name.len() >= 5 && name.bytes().all(|byte| byte.is_ascii_graphic()) {
                names.insert(name.to_owned());
            }
        }
    }
    let names: Vec<String> = names.into_iter().collect();
    if names.len() < 500 {
        bail!("the catalogue has only {} names", names.len());
    }
    // Evenly over the alphabet, not its first letters.
    let few: Vec<&String> = (0..500).map(|n| &names[n * names.len() / 500]).collect();
    let mut many = names.clone();
    for suffix in
        ["-core", "-community", "-client", "-sdk", "-api", "-utils", "-server", "-tools", "-rs", "-js"]
    {
        many.extend(names.iter().map(|name| format!("{name}{suffix}")));
    }
    many.truncate(5_000);
    let files = [folder.join("500.txt"), folder.join("5000.txt")];
    fs::write(&files[0], few.into_iter().map(|name| format!("{name}\n")).collect::<String>())?;
    fs::write(&files[1], many.into_iter().map(|name| format!("{name}\n")).collect::<String>())?;
    Ok(files)
}

/// A figure, its bar, and whether it is under it.
fn limit(what: &str, figure: f64, bar: f64) -> String {
    let verdict = if figure <= bar { "ok" } else { "OVER" };
    format!("{figure:.2} {what} (at most {bar}) {verdict}")
}

/// Rows of costs, printed with aligned columns.
struct Table {
    rows: Vec<[String; 5]>,
}

impl Table {
    fn new() -> Self {
        let head = ["", "CPU s", "wall s", "peak MB", "against its bar"].map(str::to_owned);
        Self { rows: vec![head] }
    }

    fn row(&mut self, what: &str, cost: Cost, note: impl Into<String>) {
        eprintln!("   {what}: {:.3} s", cost.cpu);
        let note =
            if cost.code == 0 { note.into() } else { format!("{} (ended with {})", note.into(), cost.code) };
        let figures =
            [format!("{:.3}", cost.cpu), format!("{:.3}", cost.wall), format!("{:.1}", cost.peak_mb)];
        let [cpu, wall, peak] = figures;
        self.rows.push([what.to_owned(), cpu, wall, peak, note]);
    }

    fn print(&self) {
        let width =
            |column: usize| self.rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..5).map(width).collect();
        for (n, row) in self.rows.iter().enumerate() {
            let [what, cpu, wall, peak, note] = row;
            let [a, b, c, d, e] = widths[..] else { return };
            println!("| {what:a$} | {cpu:>b$} | {wall:>c$} | {peak:>d$} | {note:e$} |");
            if n == 0 {
                let dash = |width: usize| "-".repeat(width);
                println!("|-{}-|-{}:|-{}:|-{}:|-{}-|", dash(a), dash(b), dash(c), dash(d), dash(e));
            }
        }
        println!();
    }
}
