//! The labelled model files: nothing in them may upset a detector, and what their headers say must be found.

use crate::conformance::fresh;
use crate::tally::Tally;
use crate::workspace::Workspace;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::process::Stdio;

/// Formats that header reads answer for today.
const FORMATS: &[&str] = &["safetensors", "gguf", "onnx"];

/// Facts of the labels and the properties that hold them.
const FACTS: &[(&str, &str)] = &[
    ("architecture", "architecture"),
    ("parameters", "parameters"),
    ("tensor_count", "tensors"),
    ("quantisation", "quantization"),
    ("license", "license"),
];

/// The least share of facts that must be right.
const FLOOR: f64 = 0.85;

pub(crate) fn check(workspace: &Workspace, program: &Path, corpus: &Path, tally: &mut Tally) -> Result<()> {
    let data = fresh(&workspace.target.join("conformance/corpus"))?;
    let mut scan = workspace.command(program);
    scan.arg("scan")
        .arg(corpus)
        .arg("--data")
        .arg(&data)
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
    tally.note("the facts of benign model files are found", facts(&records, corpus));
    Ok(())
}

fn facts(records: &[Value], corpus: &Path) -> Result<()> {
    let mut by_path: HashMap<&str, Vec<&Value>> = HashMap::new();
    for asset in
        records.iter().filter(|record| record["record"] == "asset" && record["kind"] == "model-artifact")
    {
        for evidence in asset["evidence"].as_array().into_iter().flatten() {
            by_path.entry(evidence["path"].as_str().unwrap_or_default()).or_default().push(asset);
        }
    }
    let (mut right, mut all, mut wrong) = (0_u32, 0_u32, Vec::new());
    for line in fs::read_to_string(corpus.join("labels.jsonl"))?.lines() {
        let label: Value = serde_json::from_str(line)?;
        let (path, format) =
            (label["path"].as_str().unwrap_or_default(), label["format"].as_str().unwrap_or_default());
        if label["verdict"] != "benign" || label["kind"] != "file" || !FORMATS.contains(&format) {
            continue;
        }
        let empty = Vec::new();
        let assets = by_path.get(path).unwrap_or(&empty);
        for (expected, property) in FACTS {
            let Some(want) = label["expected"].get(expected) else { continue };
            all += 1;
            let got: Vec<&Value> =
                assets.iter().filter_map(|asset| asset["properties"].get(property)).collect();
            if got.iter().any(|got| same(want, got)) {
                right += 1;
            } else {
                wrong.push(format!("{path}: {expected} is {want}, not {got:?}"));
            }
        }
    }
    let share = f64::from(right) / f64::from(all.max(1));
    eprintln!("         {right} of {all} facts");
    for line in &wrong {
        eprintln!("         {line}");
    }
    if all == 0 || share < FLOOR {
        bail!("{right} of {all} facts, which is less than {FLOOR}");
    }
    Ok(())
}

fn same(want: &Value, got: &Value) -> bool {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned).to_lowercase();
    text(want) == text(got)
}
