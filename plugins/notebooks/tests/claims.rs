//! The claim's literals: Python's, as JSON writes them, and the words of installs and of other languages.

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
    inventar_trial::literals::are_up_to_date(env!("CARGO_MANIFEST_DIR"), lines);
}
