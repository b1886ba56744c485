//! Turns `data/*.toml` into sorted static tables. A wrong entry stops the build with its file and name.

// Cargo is told on standard output.
#![allow(clippy::print_stdout)]

#[path = "../src/ecosystem.rs"]
pub mod ecosystem;
mod endpoints;
mod infrastructure;
mod models;
mod packages;
mod secrets;

use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=data");
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed=src/ecosystem.rs");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    fs::write(out.join("packages.rs"), packages::tables(read("packages")?))?;
    fs::write(out.join("models.rs"), models::tables(read("models")?, read("routes")?))?;
    fs::write(out.join("endpoints.rs"), endpoints::tables(read("endpoints")?))?;
    let infrastructure = infrastructure::tables(read("infrastructure")?, read("images")?, read("actions")?);
    fs::write(out.join("infrastructure.rs"), infrastructure)?;
    fs::write(out.join("secrets.rs"), secrets::tables(read("secrets")?))?;
    Ok(())
}

/// Every data file whose name starts so, in order of names.
fn read<T: DeserializeOwned>(stem: &str) -> io::Result<Vec<T>> {
    let mut paths: Vec<PathBuf> = fs::read_dir(Path::new("data"))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    paths.sort();
    let ours = |path: &PathBuf| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        name == stem || name.starts_with(&format!("{stem}-"))
    };
    paths
        .iter()
        .filter(|path| ours(path))
        .map(|path| {
            let text = fs::read_to_string(path)?;
            toml::from_str(&text).map_err(|error| io::Error::other(format!("{}: {error}", path.display())))
        })
        .collect()
}

/// Source and date of an entry, checked.
fn provenance<'a>(what: &str, source: &'a str, date: &'a str) -> (&'a str, &'a str) {
    assert!(source.starts_with("https://"), "{what}: the source `{source}` is no https URL");
    let shape: Vec<usize> = date.split('-').map(str::len).collect();
    assert!(shape == [4, 2, 2], "{what}: the date `{date}` is not YYYY-MM-DD");
    (source, date)
}
