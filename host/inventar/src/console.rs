//! The two streams: data for programs on stdout, words for people on stderr.

use crate::config::LogFormat;
use console::{Style, Term};
use indicatif::ProgressBar;
use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// How loud and how colourful the words for people are.
#[derive(Debug, Clone)]
pub(crate) struct Console {
    quiet: bool,
    json: bool,
    stderr_is_terminal: bool,
    /// What is drawn now: it steps aside for every line. Held only for one line.
    bar: Arc<Mutex<Option<ProgressBar>>>,
}

impl Console {
    /// Looks at the terminal once.
    pub(crate) fn new(quiet: bool, log_format: LogFormat) -> Self {
        let json = log_format == LogFormat::Json;
        if json {
            console::set_colors_enabled_stderr(false);
        }
        Self { quiet, json, stderr_is_terminal: io::stderr().is_terminal(), bar: Arc::default() }
    }

    /// Whether moving progress may be drawn.
    pub(crate) fn draws(&self) -> bool {
        self.stderr_is_terminal && !self.quiet && !self.json && !console::is_dumb()
    }

    /// Whether notes are shown at all.
    pub(crate) const fn speaks(&self) -> bool {
        !self.quiet
    }

    /// From now on `bar` is drawn.
    pub(crate) fn attach(&self, bar: &ProgressBar) {
        *self.bar.lock().unwrap_or_else(PoisonError::into_inner) = Some(bar.clone());
    }

    /// Nothing is drawn any more.
    pub(crate) fn detach(&self) {
        *self.bar.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Writes to stderr while nothing is drawn over it.
    fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        match &*self.bar.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
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
        self.aside(|| {
            let mut stderr = io::stderr().lock();
            // Nobody is left to tell when stderr is closed.
            let _ = if self.json {
                let message = console::strip_ansi_codes(plain);
                writeln!(stderr, "{}", serde_json::json!({ "level": level, "message": message }))
            } else {
                writeln!(stderr, "{styled}")
            };
        });
    }
}

/// Where log lines go.
impl Write for Console {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.aside(|| io::stderr().write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// Sends what the libraries and plugins log to stderr: warnings, with `-v` information, with `-vv` everything of ours.
pub(crate) fn start_logging(console: &Console, verbose: u8, log_format: LogFormat) {
    use tracing_subscriber::filter::{LevelFilter, Targets};
    use tracing_subscriber::layer::SubscriberExt;
    use tracing_subscriber::util::SubscriberInitExt;
    let ours = match (console.quiet, verbose) {
        (true, _) => LevelFilter::ERROR,
        (_, 0) => LevelFilter::WARN,
        (_, 1) => LevelFilter::INFO,
        (_, 2) => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    let others = if verbose > 2 { LevelFilter::DEBUG } else { LevelFilter::WARN.min(ours) };
    let crates = ["inventar", "inventar_runtime", "inventar_scan", "inventar_store", "inventar_server"];
    let filter = Targets::new().with_default(others).with_targets(crates.map(|name| (name, ours)));
    let console = console.clone();
    let layer = tracing_subscriber::fmt::layer().with_writer(move || console.clone());
    let registry = tracing_subscriber::registry().with(filter);
    match log_format {
        LogFormat::Json => registry.with(layer.json().flatten_event(true)).init(),
        LogFormat::Text => {
            let layer =
                layer.without_time().with_target(verbose > 1).with_ansi(console::colors_enabled_stderr());
            registry.with(layer).init();
        }
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
