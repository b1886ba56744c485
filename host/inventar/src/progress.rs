//! How far a scan is: a line that moves on a terminal, else a line every ten seconds.

mod collecting;

pub(crate) use collecting::CollectMeter;

use crate::console::Console;
use crate::present::clean;
use indicatif::{ProgressBar, ProgressStyle};
use inventar_model::PluginId;
use inventar_runtime::{LogLevel, LogLine};
use inventar_scan::Progress;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How often a log without a terminal hears of us.
const QUIET_PERIOD: Duration = Duration::from_secs(10);

/// Shows a scan's progress on stderr.
#[derive(Debug)]
pub(crate) struct Meter<'a> {
    console: &'a Console,
    bar: Option<ProgressBar>,
    started: Instant,
    /// Milliseconds after `started` at which the next line is due.
    due_ms: AtomicU64,
}

impl<'a> Meter<'a> {
    /// A meter for a scan that begins now.
    pub(crate) fn new(console: &'a Console) -> Self {
        let bar = console.draws().then(|| {
            let bar = ProgressBar::new_spinner();
            // A scan that is done at once draws nothing.
            bar.enable_steady_tick(Duration::from_millis(120));
            bar.set_style(spinner());
            console.attach(&bar);
            bar
        });
        let due_ms = AtomicU64::new(QUIET_PERIOD.as_millis() as u64);
        Self { console, bar, started: Instant::now(), due_ms }
    }

    fn step(&self, doing: &str, done: u64, total: Option<u64>) {
        match (&self.bar, total) {
            (Some(bar), Some(total)) => {
                if bar.length() != Some(total) {
                    bar.set_style(counting());
                    bar.set_length(total);
                    bar.set_message(doing.to_owned());
                }
                bar.set_position(done);
            }
            (Some(bar), None) => bar.set_message(format!("{doing} {done} files")),
            (None, _) => self.line(doing, done, total),
        }
    }

    fn line(&self, doing: &str, done: u64, total: Option<u64>) {
        let now = self.started.elapsed().as_millis() as u64;
        let due = self.due_ms.load(Ordering::Relaxed);
        let next = now + QUIET_PERIOD.as_millis() as u64;
        let mine = now >= due
            && self.due_ms.compare_exchange(due, next, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        if mine {
            let of = total.map_or(String::new(), |total| format!(" of {total}"));
            self.console.note(&format!("{doing}: {done}{of} files, {} s", now / 1000));
        }
    }
}

impl Drop for Meter<'_> {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
            self.console.detach();
        }
    }
}

impl Progress for Meter<'_> {
    fn walked(&self, files: u64) {
        self.step("listing", files, None);
    }

    fn inspected(&self, done: u64, total: u64) {
        self.step("inspecting", done, Some(total));
    }

    fn linked(&self, done: u64, total: u64) {
        self.step("linking", done, Some(total));
    }

    fn log(&self, plugin: &PluginId, line: &LogLine) {
        log(plugin, line);
    }
}

/// A plugin's line, in our log.
pub(crate) fn log(plugin: &PluginId, line: &LogLine) {
    let message = clean(&line.message);
    match line.level {
        LogLevel::Error => tracing::error!(%plugin, "{message}"),
        LogLevel::Warn => tracing::warn!(%plugin, "{message}"),
        LogLevel::Info => tracing::info!(%plugin, "{message}"),
        LogLevel::Debug => tracing::debug!(%plugin, "{message}"),
        LogLevel::Trace => tracing::trace!(%plugin, "{message}"),
    }
}

fn spinner() -> ProgressStyle {
    ProgressStyle::default_spinner()
}

fn counting() -> ProgressStyle {
    // The template is a constant; if it were wrong a plain bar would do.
    ProgressStyle::with_template("{msg:10} {bar:32} {pos}/{len} files {elapsed}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("━╸─")
}
