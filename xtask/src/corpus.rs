//! The labelled model files: nothing in them may upset a detector, what their headers say must be found, and what would
//! run code must be called so.

use crate::conformance::fresh;
use crate::tally::Tally;
use crate::workspace::{Workspace, capture};
use anyhow::{Context, Result};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// The least shares of what must be right, and the greatest of benign files that are called unsafe.
const BARS: [&str; 10] =
    ["--min-detect", "1", "--min-strict", "1", "--max-fp", "0", "--min-format", "0.97", "--min-meta", "0.99"];

/// Worst last.
const VERDICTS: [&str; 4] = ["benign", "not-analysable", "suspicious", "unsafe"];

/// `score` is the scorer, to be given labels and results.
pub(crate) fn check(
    workspace: &Workspace,
    program: &Path,
    corpus: &Path,
    mut score: Command,
    tally: &mut Tally,
) -> Result<()> {
    let folder = fresh(&workspace.target.join("conformance/models"))?;
    let tree = folder.join("tree");
    copy_with_links(corpus, &tree)?;
    let mut scan = workspace.command(program);
    scan.arg("scan")
        .arg(&tree)
        .arg("--data")
        .arg(folder.join("data"))
        .args(["--source", "corpus", "--quiet", "-o", "ndjson"]);
    let output = scan.stdin(Stdio::null()).output()?;
    let records: Vec<Value> = String::from_utf8(output.stdout)?
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()
        .context("a scan of the corpus wrote no ndjson")?;
    let upset: Vec<String> = records
        .iter()
        .filter(|record| record["record"] == "gap" && record["class"] == "failure")
        .map(|gap| format!("{} {} {}", gap["path"], gap["reason"], gap["detail"]))
        .collect();
    let calm = if upset.is_empty() && output.status.success() {
        Ok(())
    } else {
        Err(anyhow::anyhow!("{}: {}", output.status, upset.join("; ")))
    };
    tally.note("no file of the model corpus upsets a detector", calm);

    let labels = corpus.join("labels.jsonl");
    let results = folder.join("results.jsonl");
    fs::write(&results, findings(&records, &fs::read_to_string(&labels)?)?)?;
    let scored = capture(score.arg(&labels).arg(&results).args(BARS));
    if let Ok(said) = &scored {
        eprintln!("         {}", said.trim());
    }
    tally.note("formats, facts and verdicts of the model corpus", scored.map(|_| ()));
    Ok(())
}

/// One line a label: what the scan says of that file, or of everything in that folder.
fn findings(records: &[Value], labels: &str) -> Result<String> {
    let mut assets: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for asset in records.iter().filter(|record| record["record"] == "asset") {
        for evidence in asset["evidence"].as_array().into_iter().flatten() {
            assets.entry(evidence["path"].as_str().unwrap_or_default()).or_default().push(asset);
        }
    }
    let mut lines = String::new();
    for label in labels.lines() {
        let label: Value = serde_json::from_str(label)?;
        let path = label["path"].as_str().context("a label without a path")?;
        let below = format!("{path}/");
        let mine = assets
            .iter()
            .filter(|(at, _)| **at == path || at.starts_with(&below))
            .flat_map(|(_, assets)| assets);
        let mut result = json!({ "path": path, "verdict": "skipped", "metadata": {} });
        let mut metadata = Map::new();
        let mut worst = None;
        for asset in mine {
            let properties = &asset["properties"];
            if result["format"].is_null() {
                result["format"] = properties["format"].clone();
            }
            let verdict = properties["verdict"].as_str();
            worst =
                worst.max(verdict.and_then(|verdict| VERDICTS.iter().position(|known| *known == verdict)));
            for (key, value) in properties["metadata"].as_object().into_iter().flatten() {
                metadata.entry(key.clone()).or_insert_with(|| value.clone());
            }
        }
        result["metadata"] = metadata.into();
        if let Some(worst) = worst {
            result["verdict"] =
                if VERDICTS[worst] == "not-analysable" { "error".into() } else { VERDICTS[worst].into() };
        }
        lines.push_str(&result.to_string());
        lines.push('\n');
    }
    Ok(lines)
}

/// A file whose name ends in `.LINK` holds the target of a symbolic link.
fn copy_with_links(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_with_links(&entry.path(), &target)?;
        } else if target.extension().is_some_and(|extension| extension == "LINK") {
            let points_at = fs::read_to_string(entry.path())?;
            std::os::unix::fs::symlink(points_at.trim(), target.with_extension(""))?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
