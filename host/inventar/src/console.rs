//! The two streams: data for programs on stdout, words for people on stderr.

use crate::config::LogFormat;
use console::{Style, Term};
use std::io::{self, IsTerminal, Write};

/// How loud and how colourful the words for people are.
#[derive(Debug, Clone)]
pub(crate) struct Console {
    quiet: bool,
    json: bool,
    stderr_is_terminal: bool,
}

impl Console {
    /// Looks at the terminal once.
    pub(crate) fn new(quiet: bool, log_format: LogFormat) -> Self {
        let json = log_format == LogFormat::Json;
        if json {
            console::set_colors_enabled_stderr(false);
        }
        Self { quiet, json, stderr_is_terminal: io::stderr().is_terminal() }
    }

    /// Whether moving progress may be drawn.
    pub(crate) fn draws(&self) -> bool {
        self.stderr_is_terminal && !self.quiet && !self.json && !console::is_dumb()
    }

    /// Whether notes are shown at all.
    pub(crate) const fn speaks(&self) -> bool {
        !self.quiet
    }

    /// A line of information; not with `--quiet`.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet {
            self.line("info", text, text);
        }
    }

    /// Something that went wrong without stopping us.
    pub(crate) fn warn(&self, text: &str) {
        let styled = format!("{} {text}", Style::new().for_stderr().yellow().bold().apply_to("warning:"));
        self.line("warn", text, &styled);
    }

    /// What stopped us.
    pub(crate) fn error(&self, text: &str) {
        let styled = format!("{} {text}", Style::new().for_stderr().red().bold().apply_to("error:"));
        self.line("error", text, &styled);
    }

    /// A line as it is, for the last word.
    pub(crate) fn last(&self, text: &str) {
        self.line("error", text, text);
    }

    fn line(&self, level: &str, plain: &str, styled: &str) {
        let mut stderr = io::stderr().lock();
        // Nobody is left to tell when stderr is closed.
        let _ = if self.json {
            let message = console::strip_ansi_codes(plain);
            writeln!(stderr, "{}", serde_json::json!({ "level": level, "message": message }))
        } else {
            writeln!(stderr, "{styled}")
        };
    }
}

/// The width of the terminal that stdout is; none: not a terminal, never truncate.
pub(crate) fn stdout_width() -> Option<usize> {
    let (_, columns) = Term::stdout().size_checked()?;
    io::stdout().is_terminal().then_some(usize::from(columns))
}

/// Writes data to stdout. A reader that has had enough (`| head`) is not an error.
pub(crate) fn write_stdout(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
