//! Prints what the plugin says of the notebooks of a folder, natively and without a host: `look_at_notebooks FOLDER`.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use inventar_plugin_notebooks::Notebooks;
use inventar_plugin_sdk::{Detector, File, NoSettings};
use std::path::Path;

fn look(root: &Path, folder: &Path) {
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() && !path.is_symlink() {
            look(root, &path);
        } else if path.extension().is_some_and(|end| end == "ipynb") {
            let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
            let answer =
                Notebooks::scan(&NoSettings::default(), &File::of(&name, std::fs::read(&path).unwrap()));
            for asset in &answer.assets {
                for seen in &asset.evidence {
                    let (usage, shown) =
                        (format!("{:?}", seen.usage), seen.snippet.as_deref().unwrap_or_default());
                    println!(
                        "{}\t{}\t{name}:{}\t{usage}\t{}\t{shown}",
                        asset.kind, asset.name, seen.span().line, seen.rule
                    );
                }
            }
            for gap in &answer.gaps {
                println!("GAP\t{:?}\t{name}\t{}", gap.reason, gap.detail);
            }
        }
    }
}

fn main() {
    let root = std::env::args().nth(1).expect("a folder");
    look(Path::new(&root), Path::new(&root));
}
