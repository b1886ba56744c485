//! Counting what passed, failed and was left out, over several test programs.

use anyhow::{Context, Result};
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

/// The sum of several test runs.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl Tally {
    /// Notes one check and says how it went.
    pub(crate) fn note(&mut self, what: &str, result: Result<()>) {
        match result {
            Ok(()) => {
                self.passed += 1;
                eprintln!("   ok    {what}");
            }
            Err(error) => {
                self.failed += 1;
                eprintln!("   FAIL  {what}: {error:#}");
            }
        }
    }

    /// Notes what could not be checked here, and why.
    pub(crate) fn skip(&mut self, what: &str, why: &str) {
        self.skipped += 1;
        eprintln!("   SKIP  {what}: {why}");
    }

    /// Runs a test program, passes its output on, and adds its closing lines. It fails without them, too.
    pub(crate) fn run(&mut self, command: &mut Command) -> Result<()> {
        let mut child = command.stdout(Stdio::piped()).spawn().context("cannot start the tests")?;
        let output = child.stdout.take().context("the tests have no output")?;
        let before = *self;
        let mut shown = std::io::stdout().lock();
        for line in BufReader::new(output).lines() {
            let line = line.context("cannot read the tests' output")?;
            writeln!(shown, "{line}")?;
            self.add(&line);
        }
        let status = child.wait()?;
        if !status.success() && self.failed == before.failed {
            eprintln!("   FAIL  the test program ended with {status}");
            self.failed += 1;
        }
        Ok(())
    }

    /// Adds a line such as `test result: ok. 3 passed; 0 failed; 1 ignored; …`.
    fn add(&mut self, line: &str) {
        let Some((_, counts)) = line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". "))
        else {
            return;
        };
        for part in counts.split("; ") {
            match part.split_once(' ') {
                Some((number, "passed")) => self.passed += number.parse().unwrap_or(0),
                Some((number, "failed")) => self.failed += number.parse().unwrap_or(0),
                Some((number, "ignored")) => self.skipped += number.parse().unwrap_or(0),
                _ => {}
            }
        }
    }

    /// The closing line, and whether all is well.
    pub(crate) fn close(self) -> bool {
        // On stdout: a runner reads it.
        let mut stdout = std::io::stdout().lock();
        let Self { passed, failed, skipped } = self;
        _ = writeln!(stdout, "\n{passed} passed, {failed} failed, {skipped} skipped");
        failed == 0 && passed > 0
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[test]
    fn closing_lines_add_up() {
        let mut tally = Tally::default();
        tally.add(
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s",
        );
        tally.add("test result: FAILED. 2 passed; 4 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.1s");
        tally.add("test walk ... ok");
        assert_eq!(tally, Tally { passed: 5, failed: 4, skipped: 1 });
    }
}
