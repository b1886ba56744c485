//! How far a collection is: scopes and what they cost, live.

use super::QUIET_PERIOD;
use crate::connect::{bytes_in_words, cost_in_words};
use crate::console::Console;
use crate::present::{clean, grouped};
use indicatif::{ProgressBar, ProgressStyle};
use inventar_model::{Budget, Ended, PluginId, Scope, Spent, Standstill};
use inventar_runtime::LogLine;
use inventar_scan::Progress;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Shows a collection's progress on stderr.
#[derive(Debug)]
pub(crate) struct CollectMeter<'a> {
    console: &'a Console,
    bar: Option<ProgressBar>,
    budget: Budget,
    /// What is known so far; held for a moment only.
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    done: u64,
    scopes: u64,
    spent: Spent,
    /// The scope that said something last, and how far it is.
    listing: String,
    due: Instant,
    begun: Instant,
}

impl<'a> CollectMeter<'a> {
    /// A meter for a collection that begins now.
    pub(crate) fn new(console: &'a Console, budget: Budget) -> Self {
        let bar = console.draws().then(|| {
            let bar = ProgressBar::new_spinner();
            bar.enable_steady_tick(Duration::from_millis(120));
            bar.set_style(ProgressStyle::default_spinner());
            console.attach(&bar);
            bar
        });
        let begun = Instant::now();
        let state = State {
            done: 0,
            scopes: 0,
            spent: Spent::default(),
            listing: String::new(),
            due: begun + QUIET_PERIOD,
            begun,
        };
        Self { console, bar, budget, state: Mutex::new(state) }
    }

    fn update(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut state);
        match &self.bar {
            Some(bar) => bar.set_message(format!("{}{}", words(&state, &self.budget), state.listing)),
            None if Instant::now() >= state.due => {
                state.due = Instant::now() + QUIET_PERIOD;
                let seconds = state.begun.elapsed().as_secs();
                self.console.note(&format!("{}, {seconds} s", words(&state, &self.budget)));
            }
            None => {}
        }
    }
}

/// `12 of 40 scopes, 1,204 of 5,000 calls, 1.4 MB, $0.004`
fn words(state: &State, budget: &Budget) -> String {
    let spent = &state.spent;
    let mut words = match state.scopes {
        0 => "asking what there is".to_owned(),
        scopes => format!("{} of {} scopes", grouped(state.done), grouped(scopes)),
    };
    let of = budget.calls.map_or(String::new(), |calls| format!(" of {}", grouped(calls)));
    words.push_str(&format!(", {}{of} calls, {}", grouped(spent.calls), bytes_in_words(spent.bytes)));
    if spent.cost_microusd > 0 || budget.cost_microusd.is_some() {
        let of = budget.cost_microusd.map_or(String::new(), |cost| format!(" of {}", cost_in_words(cost)));
        words.push_str(&format!(", {}{of}", cost_in_words(spent.cost_microusd)));
    }
    if spent.throttled > 0 {
        words.push_str(&format!(", {} throttled", grouped(spent.throttled)));
    }
    words
}

impl Drop for CollectMeter<'_> {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
            self.console.detach();
        }
    }
}

impl Progress for CollectMeter<'_> {
    fn resumed(&self, at: &Standstill, spent: &Spent) {
        let calls = if spent.calls == 1 { "call" } else { "calls" };
        let scopes = match at.scopes {
            0 => String::new(),
            scopes => format!(" with {} of {} scopes done", grouped(at.done), grouped(scopes)),
        };
        let calls = format!("{} {calls}", grouped(spent.calls));
        self.console.note(&format!("going on with a collection that was stopped after {calls}{scopes}"));
    }

    fn scopes(&self, done: u64, total: u64) {
        self.update(|state| (state.done, state.scopes) = (done, total));
    }

    fn listed(&self, scope: &Scope, done: u64, total: Option<u64>) {
        let of = total.map_or(String::new(), |total| format!(" of {}", grouped(total)));
        let listing = format!("  {} {}{of}", clean(&scope.label), grouped(done));
        self.update(|state| state.listing = listing);
    }

    fn ended(&self, scope: &Scope, how: Ended, why: &str) {
        let (id, why) = (clean(&scope.id), clean(why));
        match how {
            Ended::Complete => tracing::info!("{id} is complete"),
            how => tracing::info!("{id} is {how}: {why}"),
        }
    }

    fn spent(&self, spent: &Spent) {
        self.update(|state| state.spent = *spent);
    }

    fn log(&self, plugin: &PluginId, line: &LogLine) {
        super::log(plugin, line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_a_collection() {
        let now = Instant::now();
        let mut state = State {
            done: 0,
            scopes: 0,
            spent: Spent { calls: 3, bytes: 1_400, ..Spent::default() },
            listing: String::new(),
            due: now,
            begun: now,
        };
        assert_eq!(words(&state, &Budget::default()), "asking what there is, 3 calls, 1.4 KB");
        (state.done, state.scopes) = (12, 40);
        state.spent.throttled = 2;
        let budget = Budget { calls: Some(5_000), cost_microusd: Some(1_000_000), ..Budget::default() };
        assert_eq!(
            words(&state, &budget),
            "12 of 40 scopes, 3 of 5,000 calls, 1.4 KB, $0 of $1, 2 throttled"
        );
    }
}
