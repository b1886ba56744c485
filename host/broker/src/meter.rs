//! Account: what a session spends, of its budget and by scope and operation.

use inventar_model::{Budget, Egress, HttpError, OperationUse, Spent};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// A session's account.
#[derive(Debug)]
pub(crate) struct Meter {
    budget: Budget,
    begun: Instant,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    spent: Spent,
    /// Of earlier processes, for the same run.
    earlier: Spent,
    scopes: BTreeMap<Arc<str>, Spent>,
    used: BTreeMap<(String, String), Used>,
    in_flight: u64,
    waiting: u64,
}

#[derive(Debug, Default)]
struct Used {
    actions: Vec<String>,
    calls: u64,
    denied: u64,
}

/// A session at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Live {
    /// Spent so far, by this run also in earlier processes.
    pub spent: Spent,
    /// What the run may spend.
    pub budget: Budget,
    /// Since the session began.
    pub elapsed: Duration,
    /// Requests on their way.
    pub in_flight: u64,
    /// Requests that wait for a rate limit.
    pub waiting: u64,
}

impl Live {
    /// What is left. None: no limit.
    pub fn remaining(&self) -> Budget {
        let left = |limit: Option<u64>, spent: u64| limit.map(|limit| limit.saturating_sub(spent));
        Budget {
            calls: left(self.budget.calls, self.spent.calls),
            bytes: left(self.budget.bytes, self.spent.bytes),
            cost_microusd: left(self.budget.cost_microusd, self.spent.cost_microusd),
            seconds: left(self.budget.seconds, self.elapsed.as_secs()),
        }
    }

    /// Whether any part of the budget is spent.
    pub fn exhausted(&self) -> bool {
        let Budget { calls, bytes, cost_microusd, seconds } = self.remaining();
        [calls, bytes, cost_microusd, seconds].contains(&Some(0))
    }
}

impl Meter {
    pub(crate) fn new(budget: Budget) -> Self {
        Self { budget, begun: Instant::now(), held: Mutex::default() }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn resume(&self, already: Spent) {
        self.held().earlier = already;
    }

    /// When the time is spent.
    pub(crate) fn end(&self) -> Option<Instant> {
        self.budget.seconds.and_then(|seconds| self.begun.checked_add(Duration::from_secs(seconds)))
    }

    /// Takes one call out of the budget, or says that it is spent: whichever of many asks last gets nothing.
    pub(crate) fn take(
        &self,
        scope: &Arc<str>,
        rule: &Egress,
        operation: &inventar_model::Operation,
        retry: bool,
    ) -> Result<(), HttpError> {
        let mut held = self.held();
        let cost = rule.cost_microusd;
        let mut total = held.earlier;
        total += held.spent;
        let over = |limit: Option<u64>, spent: u64| limit.is_some_and(|limit| spent > limit);
        if over(self.budget.calls, total.calls + 1)
            || over(self.budget.cost_microusd, total.cost_microusd.saturating_add(cost))
            || self.budget.bytes.is_some_and(|limit| total.bytes >= limit)
            || self.end().is_some_and(|end| Instant::now() >= end)
        {
            return Err(HttpError::BudgetExhausted);
        }
        let spent = Spent { calls: 1, retries: u64::from(retry), cost_microusd: cost, ..Spent::default() };
        held.add(scope, spent);
        let key = (rule.service.clone(), operation.name.clone());
        let used = held.used.entry(key).or_default();
        used.calls += 1;
        if used.actions.is_empty() {
            used.actions.clone_from(&operation.actions);
        }
        held.in_flight += 1;
        Ok(())
    }

    /// The call has ended, with so many bytes.
    pub(crate) fn ended(&self, scope: &Arc<str>, bytes: u64, throttled: bool) {
        let mut held = self.held();
        held.in_flight = held.in_flight.saturating_sub(1);
        held.add(scope, Spent { bytes, throttled: u64::from(throttled), ..Spent::default() });
    }

    /// More bytes of a body that comes in pieces; the budget may end it.
    pub(crate) fn bytes(&self, scope: &Arc<str>, bytes: u64) -> Result<(), HttpError> {
        let mut held = self.held();
        held.add(scope, Spent { bytes, ..Spent::default() });
        let total = held.earlier.bytes.saturating_add(held.spent.bytes);
        let spent = self.budget.bytes.is_some_and(|limit| total > limit);
        if spent { Err(HttpError::BudgetExhausted) } else { Ok(()) }
    }

    pub(crate) fn denied(&self, service: &str, operation: &str) {
        if let Some(used) = self.held().used.get_mut(&(service.to_owned(), operation.to_owned())) {
            used.denied += 1;
        }
    }

    /// Counts a waiting request for as long as the value lives.
    pub(crate) fn waiting(&self) -> Waiting<'_> {
        self.held().waiting += 1;
        Waiting(self)
    }

    pub(crate) fn spent(&self) -> Spent {
        self.held().spent
    }

    pub(crate) fn spent_of(&self, scope: &str) -> Spent {
        self.held().scopes.get(scope).copied().unwrap_or_default()
    }

    pub(crate) fn used(&self) -> Vec<OperationUse> {
        let held = self.held();
        let used = held.used.iter().map(|((service, operation), used)| OperationUse {
            service: service.clone(),
            operation: operation.clone(),
            actions: used.actions.clone(),
            calls: used.calls,
            denied: used.denied,
        });
        used.collect()
    }

    pub(crate) fn live(&self) -> Live {
        let held = self.held();
        let mut spent = held.earlier;
        spent += held.spent;
        Live {
            spent,
            budget: self.budget,
            elapsed: self.begun.elapsed(),
            in_flight: held.in_flight,
            waiting: held.waiting,
        }
    }
}

impl Held {
    fn add(&mut self, scope: &Arc<str>, more: Spent) {
        self.spent += more;
        match self.scopes.get_mut(scope) {
            Some(spent) => *spent += more,
            None => {
                self.scopes.insert(Arc::clone(scope), more);
            }
        }
    }
}

/// A request that waits.
pub(crate) struct Waiting<'a>(&'a Meter);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut held = self.0.held();
        held.waiting = held.waiting.saturating_sub(1);
    }
}
