//! The claim's literals: Python's, as JSON writes them, and the words of installs and of other languages.

use std::fmt::Write;

/// Words of notebooks that import no library of AI.
const WORDS: &[&str] =
    &["pip install", "pip3 install", "conda install", "uv add", "ollama pull", "#r \\\"nuget:"];

#[test]
fn literals_are_those_of_python_and_of_installs() {
    let python = include_str!("../../python/literals.txt");
    let mut lines: Vec<String> = WORDS.iter().map(|word| (*word).to_owned()).collect();
    // In JSON a quote has a backslash before it.
    lines.extend(python.lines().map(|line| line.replace('"', "\\\"")));
    for module in inventar_catalogue::names("cran") {
        let calls = ["library(", "require(", "install.packages(\\\"", "install.packages('"];
        lines.extend(calls.map(|call| format!("{call}{module}")));
    }
    for module in inventar_catalogue::names("julia") {
        lines.extend(["using ", "import ", "Pkg.add(\\\""].map(|call| format!("{call}{module}")));
    }
    lines.sort();
    lines.dedup();
    let mut expected = String::new();
    // A longer literal that starts with a shorter one adds nothing.
    let mut last: Option<String> = None;
    for line in lines {
        if last.as_ref().is_none_or(|last| !line.starts_with(last.as_str())) {
            let _ = writeln!(expected, "{line}");
            last = Some(line);
        }
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/literals.txt");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &expected).expect("the file is writable");
    }
    let actual = std::fs::read_to_string(path).expect("literals.txt is there");
    assert!(actual == expected, "literals.txt is out of date: run the test with UPDATE=1");
}
