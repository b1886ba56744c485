//! What the place of a file, and what it says of itself, tell of everything in it.

use inventar_plugin_sdk::Usage;

/// What the place of a file says; the names of scripts that measure or show count as well as their folders.
pub fn usage_of(path: &str) -> Usage {
    let file = path.rsplit(['/', '!']).next().unwrap_or(path).to_ascii_lowercase();
    let stem = file.split('.').next().unwrap_or_default();
    let words: Vec<&str> = stem.split(['_', '-']).collect();
    let either_end = |names: &[&str]| {
        words.first().is_some_and(|word| names.contains(word))
            || words.last().is_some_and(|word| names.contains(word))
    };
    let by_name = if either_end(&["benchmark", "benchmarks", "eval", "evals", "test", "tests"]) {
        Usage::Test
    } else if either_end(&["example", "examples", "demo", "sample"]) {
        Usage::Example
    } else {
        Usage::Runtime
    };
    // `Acme.Core.Tests/`, `acme_test/`, `tutorials-and-examples/`: folders whose words say it.
    let lower = path.to_ascii_lowercase();
    let mut by_folder = Usage::Runtime;
    for folder in lower.split('/').rev().skip(1) {
        let mut words = folder.split(['.', '-', '_']);
        if words.clone().any(|word| matches!(word, "examples" | "tutorials" | "samples" | "quickstarts")) {
            by_folder = by_folder.at_most(Usage::Example);
        }
        if words
            .next_back()
            .is_some_and(|word| matches!(word, "tests" | "test" | "unittests" | "testdata" | "promptfoo"))
        {
            by_folder = by_folder.at_most(Usage::Test);
        }
    }
    Usage::of_path(path).at_most(by_name).at_most(by_folder)
}

/// What a file's documentation says of it in its first line.
pub fn usage_of_summary(text: &str) -> Usage {
    let summary = text.trim().lines().next().unwrap_or_default().to_ascii_lowercase();
    let is_bench = summary
        .split(|c: char| !c.is_ascii_alphabetic())
        .any(|word| matches!(word, "bench" | "benchmark" | "benchmarks"));
    if is_bench { Usage::Test } else { Usage::Runtime }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_by_file_name() {
        for (path, usage) in [
            ("app/agent.py", Usage::Runtime),
            ("app/benchmark.py", Usage::Test),
            ("app/report_benchmark.py", Usage::Test),
            ("app/research/example.py", Usage::Example),
            ("app/evaluate.py", Usage::Runtime),
            ("tests/a.py", Usage::Test),
            ("dotnet/Acme.Core.Tests/Prompts/a.txt", Usage::Test),
            ("contests/a.py", Usage::Runtime),
            ("tutorials-and-examples/a.yaml", Usage::Example),
            ("security_test/a.yaml", Usage::Test),
            ("promptfoo/prompts/a.txt", Usage::Test),
        ] {
            assert_eq!(usage_of(path), usage, "{path}");
        }
    }
}
