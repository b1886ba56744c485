//! Walks a tree and counts what matches, as a scan does, without any plugin: for `cargo xtask bench` and for authors of
//! claims.
//!
//!     probe TREE walk                      only walks
//!     probe TREE literals FILE             every file, for the literals of a file
//!     probe TREE claims PLUGIN-FOLDER...   for the claims of these plugins
//!
//! Ignored files count, so that the work is the same as `rg -uu`'s.

use inventar_runtime::{Claim, Manifest};
use inventar_scan::{Interest, Options, Probe, Source, probe};
use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let (tree, interests) = match words[..] {
        [tree, "walk"] => (tree, None),
        [tree, "literals", file] => (tree, Some(vec![literals(file.as_ref())?])),
        [tree, "claims", ref plugins @ ..] if !plugins.is_empty() => {
            let interests = plugins.iter().map(|folder| claims(folder.as_ref())).collect::<Result<_, _>>()?;
            (tree, Some(interests))
        }
        _ => return Err("usage: probe TREE walk | literals FILE | claims PLUGIN-FOLDER...".into()),
    };
    let source = Source::open(tree.as_ref(), None)?;
    let options = Options { no_ignore: true, ..Options::default() };
    let read = interests.is_some();
    let Probe { files, opened, candidates, bytes } =
        probe(&source, interests.unwrap_or_default(), &options, read)?;
    eprintln!("{files} files, {opened} opened, {bytes} bytes read, {candidates} match");
    Ok(())
}

/// One claim on every file.
fn literals(file: &Path) -> Result<Interest, Box<dyn Error>> {
    let text = std::fs::read_to_string(file)?;
    let claim = Claim {
        name: "literals".into(),
        globs: vec![],
        literals: text.lines().filter(|line| !line.is_empty()).map(|line| line.as_bytes().to_vec()).collect(),
        ignore_case: false,
        regexes: vec![],
        magic: vec![],
        ignored: true,
        max_size: None,
    };
    Ok(Interest { plugin: "bench/literals".into(), claims: vec![claim], pulls: vec![] })
}

fn claims(folder: &Path) -> Result<Interest, Box<dyn Error>> {
    let text = std::fs::read_to_string(folder.join("plugin.toml"))?;
    let manifest = Manifest::from_toml(&text, |beside| std::fs::read_to_string(folder.join(beside)))?;
    Ok(Interest::of(&manifest))
}
