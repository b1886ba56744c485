//! Prints what a detector says of the files of a folder: an example program in three lines.
//!
//! ```text
//! fn main() -> std::io::Result<()> {
//!     inventar_trial::look::detector::<Go>(|path, _| path.ends_with(".go"))
//! }
//! ```
//!
//! `… FOLDER` prints a line for each place, `… FOLDER --json` a record for each asset, as a scorer of findings reads it.
#![expect(clippy::print_stdout, reason = "the findings are its data")]

use crate::tree;
use inventar_plugin_sdk::{Answer, Detector, File, LinkingDetector};
use std::collections::BTreeMap;
use std::io::{Error, Result};
use std::path::Path;
use std::time::{Duration, Instant};

/// A snippet is cut at so many bytes.
const MAX_SNIPPET_BYTES: usize = 90;

/// Asks about each file that `is_mine` says yes to, knowing its path and content.
pub fn detector<D: Detector>(is_mine: impl Fn(&str, &[u8]) -> bool) -> Result<()> {
    let (files, json) = arguments(is_mine)?;
    let bytes: usize = files.values().map(Vec::len).sum();
    let (start, count) = (Instant::now(), files.len());
    let mut slowest = (Duration::ZERO, String::new());
    for (path, content) in files {
        let begun = Instant::now();
        let answer = D::scan(&D::Settings::default(), &File::of(&path, content));
        slowest = slowest.max((begun.elapsed(), path.clone()));
        print(&answer, &[path], json);
    }
    eprintln!("{count} files, {bytes} bytes, {:?}; slowest {slowest:?}", start.elapsed());
    Ok(())
}

/// As [`detector`], with what files say of each other.
pub fn linking_detector<D: LinkingDetector>(is_mine: impl Fn(&str, &[u8]) -> bool) -> Result<()> {
    let (files, json) = arguments(is_mine)?;
    let bytes: usize = files.values().map(Vec::len).sum();
    let start = Instant::now();
    let answers = tree::scan::<D>(&files);
    eprintln!("{} files, {bytes} bytes, {:?}", files.len(), start.elapsed());
    for (answer, parts) in answers.values() {
        print(answer, parts, json);
    }
    Ok(())
}

/// Whether a path ends in one of these, as in `py`.
pub fn has_ending(path: &str, endings: &[&str]) -> bool {
    path.rsplit_once('.').is_some_and(|(_, ending)| endings.contains(&ending))
}

fn arguments(is_mine: impl Fn(&str, &[u8]) -> bool) -> Result<(BTreeMap<String, Vec<u8>>, bool)> {
    let mut args = std::env::args().skip(1);
    let root = args.next().ok_or_else(|| Error::other("say which folder"))?;
    let mut files = BTreeMap::new();
    read(Path::new(&root), Path::new(&root), &is_mine, &mut files)?;
    Ok((files, args.next().is_some()))
}

fn read(
    root: &Path,
    folder: &Path,
    is_mine: &impl Fn(&str, &[u8]) -> bool,
    files: &mut BTreeMap<String, Vec<u8>>,
) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        if kind.is_dir() && !path.ends_with(".git") && !path.ends_with("node_modules") {
            read(root, &path, is_mine, files)?;
        } else if kind.is_file() {
            let name = path.strip_prefix(root).map_err(Error::other)?.to_string_lossy().into_owned();
            let content = std::fs::read(&path)?;
            if is_mine(&name, &content) {
                files.insert(name, content);
            }
        }
    }
    Ok(())
}

/// `parts` are the paths that places speak of; the first is the file's own.
fn print(answer: &Answer, parts: &[String], json: bool) {
    for asset in &answer.assets {
        let usage = |usage| format!("{usage:?}").to_ascii_lowercase();
        if json {
            let places = asset.evidence.iter().map(|seen| {
                let span = seen.span();
                serde_json::json!({"path": parts[span.part as usize], "line": span.line, "usage": usage(seen.usage)})
            });
            let identifiers: Vec<&str> = asset.identifiers.iter().map(|id| id.value.as_str()).collect();
            let record = serde_json::json!({
                "record": "asset", "kind": asset.kind, "name": asset.name,
                "identifiers": identifiers, "evidence": places.collect::<Vec<_>>(),
            });
            println!("{record}");
            continue;
        }
        for seen in &asset.evidence {
            let (span, snippet) = (seen.span(), seen.snippet.as_deref().unwrap_or_default());
            let (kind, name, path, line) = (&asset.kind, &asset.name, &parts[span.part as usize], span.line);
            let (usage, rule, confidence) = (usage(seen.usage), &seen.rule, seen.confidence);
            let snippet = &snippet[..snippet.floor_char_boundary(MAX_SNIPPET_BYTES)];
            println!("{kind}\t{name}\t{path}:{line}\t{usage}\t{rule}\t{confidence}\t{snippet}");
        }
    }
    for gap in answer.gaps.iter().filter(|_| !json) {
        println!("GAP\t{:?}\t{}\t{}", gap.reason, parts[0], gap.detail);
    }
}
