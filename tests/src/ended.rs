//! A run of the program that has ended.

use serde_json::Value;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Output;

/// What the program said and how it ended.
#[derive(Debug, Clone)]
pub struct Ended {
    /// The exit code; -1 for a signal.
    pub code: i32,
    /// Data, byte for byte.
    pub stdout: String,
    /// Words for people.
    pub stderr: String,
    scratch: PathBuf,
}

impl Ended {
    pub(crate) fn of(output: Output, scratch: &Path) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            scratch: scratch.to_owned(),
        }
    }

    /// Fails the story unless the program ended with `code`.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self}");
        self
    }

    /// Fails the story unless stderr says each of these.
    #[track_caller]
    pub fn says(self, words: &[&str]) -> Self {
        for word in words {
            assert!(self.stderr.contains(word), "stderr does not say `{word}`\n{self}");
        }
        self
    }

    /// The records of `-o ndjson`.
    #[track_caller]
    pub fn records(&self) -> Vec<Value> {
        let parse =
            |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}\n{self}"));
        self.stdout.lines().map(parse).collect()
    }

    /// The records of one sort: `asset`, `relation`, `gap` …
    #[track_caller]
    pub fn of_sort(&self, sort: &str) -> Vec<Value> {
        self.records().into_iter().filter(|record| record["record"] == sort).collect()
    }

    /// The asset of that kind and name.
    #[track_caller]
    pub fn asset(&self, kind: &str, name: &str) -> Value {
        let found =
            self.of_sort("asset").into_iter().find(|asset| asset["kind"] == kind && asset["name"] == name);
        found.unwrap_or_else(|| panic!("no {kind} `{name}`\n{self}"))
    }

    /// Whether there is an asset of that kind and name.
    #[track_caller]
    pub fn has_asset(&self, kind: &str, name: &str) -> bool {
        self.of_sort("asset").iter().any(|asset| asset["kind"] == kind && asset["name"] == name)
    }

    /// Gaps as `path reason`, sorted.
    #[track_caller]
    pub fn gaps(&self) -> Vec<String> {
        let text = |gap: &Value, key: &str| gap[key].as_str().unwrap_or_default().to_owned();
        let gaps = self.of_sort("gap");
        let mut gaps: Vec<String> =
            gaps.iter().map(|gap| format!("{} {}", text(gap, "path"), text(gap, "reason"))).collect();
        gaps.sort();
        gaps
    }

    /// The last record.
    #[track_caller]
    pub fn summary(&self) -> Value {
        self.of_sort("summary").pop().unwrap_or_else(|| panic!("no summary\n{self}"))
    }

    /// A text without the scratch folder's path.
    fn cleaned(&self, text: &str) -> String {
        text.replace(&*self.scratch.to_string_lossy(), "SCRATCH")
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stdout = self.cleaned(&self.stdout);
        let shown: String = stdout.chars().take(20_000).collect();
        write!(f, "exit code {}\n--- stdout\n{shown}\n--- stderr\n{}", self.code, self.cleaned(&self.stderr))
    }
}
