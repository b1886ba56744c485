//! Prints what the plugin says of the files of a folder, natively and without a host: `settings FOLDER [--json]`.
//! Lines of `--json` are what a scorer of findings reads.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use inventar_plugin_config::Config;
use inventar_plugin_sdk::{Detector, File, NoSettings};
use std::path::{Path, PathBuf};

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        let name = entry.file_name();
        if path.is_symlink() || name == ".git" || name == "node_modules" {
            continue;
        }
        if path.is_dir() { files(&path, out) } else { out.push(path) }
    }
}

fn main() {
    let mut args = std::env::args().skip(1);
    let root = args.next().expect("a folder");
    let json = args.next().is_some();
    let literals: Vec<&str> = include_str!("../literals.txt").lines().collect();
    let mut paths = vec![];
    files(Path::new(&root), &mut paths);
    paths.sort();
    let (mut read, mut bytes, start) = (0, 0, std::time::Instant::now());
    for path in paths {
        let name = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
        if inventar_plugin_config::format::Reader::of(&name).is_none() {
            continue;
        }
        let content = std::fs::read(&path).unwrap();
        let lower = String::from_utf8_lossy(&content).to_lowercase();
        if content.len() > 1 << 20 || !literals.iter().any(|literal| lower.contains(literal)) {
            continue;
        }
        read += 1;
        bytes += content.len();
        let answer = Config::scan(&NoSettings::default(), &File::of(&name, content));
        for asset in &answer.assets {
            for seen in &asset.evidence {
                let usage = format!("{:?}", seen.usage).to_ascii_lowercase();
                if json {
                    let identifiers: Vec<_> = asset.identifiers.iter().map(|id| id.value.clone()).collect();
                    let place = serde_json::json!({"path": name, "line": seen.span().line, "usage": usage});
                    let record = serde_json::json!({"record": "asset", "kind": asset.kind, "name": asset.name, "identifiers": identifiers, "evidence": [place]});
                    println!("{record}");
                } else {
                    let snippet = seen.snippet.as_deref().unwrap_or_default();
                    println!(
                        "{}\t{}\t{name}:{}\t{usage}\t{}\t{}\t{}",
                        asset.kind,
                        asset.name,
                        seen.span().line,
                        seen.rule,
                        seen.confidence,
                        &snippet[..snippet.floor_char_boundary(90)]
                    );
                }
            }
        }
        for gap in &answer.gaps {
            if !json {
                println!("GAP\t{:?}\t{name}\t{}", gap.reason, gap.detail);
            }
        }
    }
    eprintln!("{read} files, {bytes} bytes, {:?}", start.elapsed());
}
