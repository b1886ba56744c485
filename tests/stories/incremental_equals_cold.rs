//! A rescan costs what changed, and says exactly what a first look would have said.

use inventar_stories::Workbench;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// A small generator: the same numbers for the same seed, everywhere.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % n as u64).unwrap()
    }

    fn pick<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }
}

const PACKAGES: &[&str] = &["app", "app/core", "app/agents", "lib", "lib/deep/er"];
const NAMES: &[&str] = &["config", "models", "client", "tools", "agent", "prompts"];
const MODELS: &[&str] =
    &["gpt-4o", "gpt-4o-mini", "claude-3-5-sonnet-20241022", "gemini-1.5-pro", "mistral-large-latest"];
const CONSTANTS: &[&str] = &["MODEL", "FALLBACK", "BASE_URL"];

fn module(dice: &mut Dice) -> String {
    let package = dice.pick(PACKAGES).to_owned();
    if dice.below(4) == 0 {
        format!("{package}/__init__.py")
    } else {
        format!("{package}/{}.py", dice.pick(NAMES))
    }
}

/// A Python file with constants, imports, re-exports and calls, some of which resolve.
fn source(dice: &mut Dice) -> String {
    let mut text = String::new();
    for _ in 0..dice.below(3) {
        let dotted = dice.pick(PACKAGES).replace('/', ".");
        let name = dice.pick(NAMES);
        let constant = dice.pick(CONSTANTS);
        _ = match dice.below(5) {
            0 => writeln!(text, "from {dotted} import {constant}"),
            1 => writeln!(text, "from .{name} import {constant}"),
            2 => writeln!(text, "from {dotted}.{name} import *"),
            3 => writeln!(text, "from {dotted}.{name} import {constant} as {}", dice.pick(CONSTANTS)),
            _ => writeln!(text, "import {dotted}.{name}"),
        };
    }
    if dice.below(2) == 0 {
        _ = writeln!(text, "{} = \"{}\"", dice.pick(CONSTANTS), dice.pick(MODELS));
    }
    if dice.below(2) == 0 {
        let constant = dice.pick(CONSTANTS);
        _ = match dice.below(3) {
            0 => writeln!(
                text,
                "from openai import OpenAI\nc = OpenAI(base_url=BASE_URL)\nc.chat.completions.create(model={constant})"
            ),
            1 => {
                writeln!(text, "from langchain_openai import ChatOpenAI\nllm = ChatOpenAI(model={constant})")
            }
            _ => writeln!(
                text,
                "import anthropic\nanthropic.Anthropic().messages.create(model={constant}, max_tokens=1)"
            ),
        };
    }
    text
}

fn manifest(dice: &mut Dice) -> (String, String) {
    let folder = dice.pick(&["", "app/", "lib/"]).to_owned();
    let minor = dice.below(4);
    match dice.below(4) {
        0 => (format!("{folder}requirements.txt"), format!("openai==1.{minor}.0\nlangchain>=0.{minor}\n")),
        1 => {
            let text = format!(
                "[project]\nname = \"x\"\nversion = \"1\"\ndependencies = [\"openai>=1.{minor}\", \"anthropic\"]\n"
            );
            (format!("{folder}pyproject.toml"), text)
        }
        2 => {
            let text = format!(
                "version = 1\n\n[[package]]\nname = \"openai\"\nversion = \"1.{minor}.2\"\n\n[[package]]\nname = \"anthropic\"\nversion = \"0.{minor}.0\"\n"
            );
            (format!("{folder}uv.lock"), text)
        }
        _ => (
            format!("{folder}.cursor/mcp.json"),
            format!(
                "{{\"mcpServers\": {{\"s{minor}\": {{\"command\": \"npx\", \"args\": [\"-y\", \"pkg-{minor}@1.0.{minor}\"]}}}}}}\n"
            ),
        ),
    }
}

/// One edit, rename, addition or deletion; says what it did.
fn change(dice: &mut Dice, bench: &Workbench, files: &mut BTreeSet<String>) -> String {
    let all: Vec<&str> = files.iter().map(String::as_str).collect();
    match dice.below(8) {
        0 if all.len() > 6 => {
            let path = dice.pick(&all).to_owned();
            bench.remove(&path);
            files.remove(&path);
            format!("remove {path}")
        }
        1 if all.len() > 6 => {
            let from = dice.pick(&all).to_owned();
            let to = if from.ends_with(".py") { module(dice) } else { format!("moved/{from}") };
            bench.rename(&from, &to);
            files.remove(&from);
            let done = format!("rename {from} to {to}");
            files.insert(to);
            done
        }
        2 => {
            let (path, text) = manifest(dice);
            bench.write(&path, text);
            let done = format!("write {path}");
            files.insert(path);
            done
        }
        _ => {
            let path = module(dice);
            bench.write(&path, source(dice));
            let done = format!("write {path}");
            files.insert(path);
            done
        }
    }
}

/// The same world for the incremental and the cold look: the newest data folder is named after the step.
fn sequence(seed: u64, steps: usize) {
    let mut dice = Dice(seed);
    let mut bench = Workbench::new();
    let mut files = BTreeSet::new();
    let mut done = Vec::new();
    for _ in 0..24 {
        done.push(change(&mut dice, &bench, &mut files));
    }
    let mut found = 0;
    for step in 0..steps {
        bench.use_data("kept");
        let incremental = bench.scan(["-o", "ndjson", "--confirm-gone"]);
        bench.use_data(&format!("fresh-{step}"));
        let cold = bench.scan(["-o", "ndjson"]);
        assert_eq!(incremental.code, cold.code, "seed {seed}, step {step}\n{incremental}\n{cold}");
        assert!(
            incremental.stdout == cold.stdout,
            "seed {seed}, step {step}: the rescan differs from a first look\n{}\nlast changes: {:#?}",
            differing(&incremental.stdout, &cold.stdout),
            &done[done.len().saturating_sub(5)..],
        );
        found += cold.of_sort("asset").len();
        for _ in 0..=dice.below(4) {
            done.push(change(&mut dice, &bench, &mut files));
        }
    }
    assert!(found > steps * 5, "seed {seed}: hardly anything was found, so hardly anything was compared");
}

fn differing(incremental: &str, cold: &str) -> String {
    let only = |mine: &str, other: &str, sign: &str| -> String {
        mine.lines()
            .filter(|line| !other.lines().any(|o| o == *line))
            .map(|line| format!("{sign} {line}\n"))
            .collect()
    };
    only(cold, incremental, "cold:  ") + &only(incremental, cold, "again: ")
}

/// INVENTAR_SEED tries another sequence.
#[test]
fn over_random_edits_renames_additions_and_deletions() {
    let seeds = match std::env::var("INVENTAR_SEED") {
        Ok(seed) => vec![seed.parse().expect("INVENTAR_SEED is a number")],
        Err(_) => vec![0x5eed, 7_919, 104_729],
    };
    for seed in seeds {
        sequence(seed, 12);
    }
}

#[test]
fn a_change_behind_two_reexports_reaches_the_call() {
    let bench = Workbench::new();
    bench.write("app/config.py", "MODEL = \"gpt-4o\"\n");
    bench.write("app/core.py", "from app.config import MODEL\n");
    bench.write("app/__init__.py", "from .core import MODEL\n");
    bench.write("main.py", "from app import MODEL\nfrom openai import OpenAI\nOpenAI().chat.completions.create(model=MODEL, messages=[])\n");
    let used = |scan: &inventar_stories::Ended, model: &str| {
        scan.asset("model-reference", model)["evidence"]
            .as_array()
            .unwrap()
            .iter()
            .any(|evidence| evidence["path"] == "main.py")
    };
    assert!(used(&bench.scan(["-o", "ndjson"]).expect(0), "gpt-4o"));
    bench.write("app/config.py", "MODEL = \"gpt-4.1\"\n");
    let again = bench.scan(["-o", "ndjson"]).expect(0);
    assert!(used(&again, "gpt-4.1") && !again.has_asset("model-reference", "gpt-4o"), "{again}");
}
