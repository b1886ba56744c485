//! Prints what the plugin says of the JavaScript and TypeScript files of a folder, natively and without a host: `look_at_javascript FOLDER [--json]`.
#![allow(clippy::print_stdout, clippy::unwrap_used, unreachable_pub)]

#[path = "../tests/tree/mod.rs"]
mod tree;

use std::collections::BTreeMap;
use std::path::Path;

const ENDS: &[&str] = &["js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx", "vue", "svelte", "astro"];

fn read(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            if !path.ends_with(".git") && !path.ends_with("node_modules") {
                read(root, &path, files);
            }
        } else if path.extension().is_some_and(|end| ENDS.iter().any(|known| end == *known)) {
            let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
            files.insert(name, std::fs::read(&path).unwrap());
        }
    }
}

fn main() {
    let mut args = std::env::args().skip(1);
    let root = args.next().expect("a folder");
    let json = args.next().is_some();
    let mut files = BTreeMap::new();
    read(Path::new(&root), Path::new(&root), &mut files);
    let start = std::time::Instant::now();
    let answers = tree::scan(&files);
    let bytes: usize = files.values().map(Vec::len).sum();
    eprintln!("{} files, {bytes} bytes, {:?}", files.len(), start.elapsed());
    for (path, (answer, parts)) in answers {
        for asset in &answer.assets {
            let word = |usage| format!("{usage:?}").to_ascii_lowercase();
            if json {
                let evidence: Vec<_> = asset
                    .evidence
                    .iter()
                    .map(|seen| {
                        serde_json::json!({"path": parts[seen.span().part as usize], "line": seen.span().line, "usage": word(seen.usage)})
                    })
                    .collect();
                let identifiers: Vec<_> = asset.identifiers.iter().map(|id| id.value.clone()).collect();
                let record = serde_json::json!({"record": "asset", "kind": asset.kind, "name": asset.name, "identifiers": identifiers, "evidence": evidence});
                println!("{record}");
            } else {
                for seen in &asset.evidence {
                    let part = &parts[seen.span().part as usize];
                    let usage = word(seen.usage);
                    println!(
                        "{}\t{}\t{part}:{}\t{usage}\t{}\t{}",
                        asset.kind, asset.name, seen.span().line, seen.rule, seen.confidence
                    );
                }
            }
        }
        for gap in &answer.gaps {
            println!("GAP\t{:?}\t{path}\t{}", gap.reason, gap.detail);
        }
    }
}
