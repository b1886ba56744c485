//! Prints what the plugin says of the files of a folder, natively and without a host: `look_at_go FOLDER [--json]`.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use inventar_plugin_go::Go;
use inventar_plugin_sdk::{Detector, File, NoSettings};
use std::path::Path;

fn read(root: &Path, folder: &Path, files: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            if !path.ends_with(".git") {
                read(root, &path, files);
            }
        } else if path.extension().is_some_and(|end| matches!(end.to_str(), Some("go"))) {
            let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
            files.push((name, std::fs::read(&path).unwrap()));
        }
    }
}

fn main() {
    let mut args = std::env::args().skip(1);
    let root = args.next().expect("a folder");
    let json = args.next().is_some();
    let mut files = Vec::new();
    read(Path::new(&root), Path::new(&root), &mut files);
    files.sort();
    let start = std::time::Instant::now();
    let bytes: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
    let count = files.len();
    let mut slowest = (std::time::Duration::ZERO, String::new());
    for (path, bytes) in files {
        let begun = std::time::Instant::now();
        let answer = Go::scan(&NoSettings::default(), &File::of(&path, bytes));
        slowest = slowest.max((begun.elapsed(), path.clone()));
        for asset in &answer.assets {
            let word = |usage| format!("{usage:?}").to_ascii_lowercase();
            if json {
                let evidence: Vec<_> = asset
                    .evidence
                    .iter()
                    .map(|seen| serde_json::json!({"path": path, "line": seen.span().line, "usage": word(seen.usage)}))
                    .collect();
                let identifiers: Vec<_> = asset.identifiers.iter().map(|id| id.value.clone()).collect();
                println!(
                    "{}",
                    serde_json::json!({"record": "asset", "kind": asset.kind, "name": asset.name, "identifiers": identifiers, "evidence": evidence})
                );
                continue;
            }
            for seen in &asset.evidence {
                let (line, usage) = (seen.span().line, word(seen.usage));
                println!(
                    "{}\t{}\t{path}:{line}\t{usage}\t{}\t{}",
                    asset.kind, asset.name, seen.rule, seen.confidence
                );
            }
        }
        for gap in &answer.gaps {
            println!("GAP\t{:?}\t{path}\t{}", gap.reason, gap.detail);
        }
    }
    eprintln!("{count} files, {bytes} bytes, {:?}; slowest {slowest:?}", start.elapsed());
}
