//! Which scope is asked when: leases, slices, retries, and when to stop.
//!
//! Slices of several scopes wait for their services at the same time, on one thread; a scope's own slices follow each
//! other. Everything is written by the loop below, one commit after the other.

use super::line::{Line, Lines, Watched};
use super::{By, CollectError, CollectOptions, is_spent};
use crate::progress::Progress;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use inventar_model::{
    Budget, Collection, CoverageGap, Cursor, Digest, Ended, GapReason, Lease, Leased, Ledger, Next, Report,
    Scope, ScopePlan, SliceRows, Spent, Step, Timestamp,
};
use inventar_runtime::{CollectContext, Fault, FaultKind, Later, Outbound, Slice};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How the probe went: none was needed, it was answered, or it failed for this reason.
pub(super) type ProbeOutcome = Result<(), CoverageGap>;

pub(super) struct Schedule<'a> {
    by: By<'a>,
    lines: &'a dyn Lines,
    ledger: &'a dyn Ledger,
    options: &'a CollectOptions,
    progress: &'a dyn Progress,
    cancel: &'a AtomicBool,
    collection: &'a Collection,
    budget: Budget,
    context: CollectContext,
    begun: Instant,
    /// What scopes that this process let go of cost it, and the probe.
    settled: Spent,
    /// Lines of the scopes under way, with what they had cost before.
    active: HashMap<String, (Arc<dyn Line>, Spent)>,
    scopes: u64,
    done: u64,
    /// Scopes that ended by a fault.
    faults: u32,
    budget_spent: bool,
}

/// A scope under way.
struct Work {
    lease: Lease,
    line: Arc<dyn Line>,
    /// What the scope had cost before this process took it.
    before: Spent,
    millis_before: u64,
    begun: Instant,
    rows: u64,
    /// The slice is being tried again.
    retried: bool,
    /// Digests of every cursor of this scope since it was leased.
    cursors: HashSet<Digest>,
}

type Asked = (Work, Result<Slice, Fault>);

/// Why no further scope is asked.
enum Halt {
    Budget,
    Faults(u32),
}

impl Halt {
    fn gap(&self, scope: &Scope) -> CoverageGap {
        let (reason, detail) = match self {
            Self::Budget => (GapReason::BudgetExhausted, "the budget of the source was spent".to_owned()),
            Self::Faults(faults) => (
                GapReason::PluginFault("paused".into()),
                format!("the plugin failed in {faults} scopes and was not called any more"),
            ),
        };
        CoverageGap { at: scope.id.clone(), reason, detail, retriable: true }
    }
}

impl<'a> Schedule<'a> {
    #[expect(clippy::too_many_arguments, reason = "everything that a collection knows meets here, once")]
    pub(super) fn new(
        by: By<'a>,
        lines: &'a dyn Lines,
        ledger: &'a dyn Ledger,
        options: &'a CollectOptions,
        progress: &'a dyn Progress,
        cancel: &'a AtomicBool,
        collection: &'a Collection,
        budget: Budget,
    ) -> Self {
        let context =
            CollectContext { now: collection.now, settings: by.settings.to_owned(), full_sync: true };
        let standstill = collection.resumed.unwrap_or_default();
        Self {
            by,
            lines,
            ledger,
            options,
            progress,
            cancel,
            collection,
            budget,
            context,
            begun: Instant::now(),
            settled: Spent::default(),
            active: HashMap::new(),
            scopes: standstill.scopes,
            done: standstill.done,
            faults: 0,
            budget_spent: false,
        }
    }

    /// Probes if nobody has, then asks until every scope has ended.
    pub(super) async fn work(&mut self) -> Result<ProbeOutcome, CollectError> {
        if !self.collection.planned
            && let Err(gap) = self.plan().await?
        {
            return Ok(Err(gap));
        }
        self.progress.scopes(self.done, self.scopes);
        let mut asked: FuturesUnordered<Later<'a, Asked>> = FuturesUnordered::new();
        let mut clock = tokio::time::interval(self.options.limits.poll);
        clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut renewed = Instant::now();
        let mut is_idle = false;
        let mut others = false;
        loop {
            while !is_idle && asked.len() < self.options.concurrency.max(1) {
                match self.next_scope().await? {
                    Leased::Scope(lease) => asked.extend(self.begin(*lease).await?),
                    Leased::Elsewhere(held) => {
                        others = held > asked.len() as u64;
                        is_idle = true;
                    }
                    Leased::Nothing if asked.is_empty() => return Ok(Ok(())),
                    Leased::Nothing => is_idle = true,
                    Leased::Closed => return Err(CollectError::Closed),
                }
            }
            tokio::select! {
                // Answers first: a clock that is always due would starve them.
                biased;
                Some((work, outcome)) = asked.next() => {
                    asked.extend(self.take(work, outcome).await?);
                    is_idle = false;
                }
                _ = clock.tick() => is_idle &= !others,
            }
            if self.cancel.load(Ordering::Relaxed) {
                return Err(CollectError::Interrupted { done: self.done, scopes: self.scopes });
            }
            if renewed.elapsed() > self.options.limits.lease / 4 {
                renewed = Instant::now();
                let until = self.lease_end();
                self.ledger.renew(self.collection.id, until).await.map_err(CollectError::Ledger)?;
            }
        }
    }

    /// Asks which scopes there are, and writes them down. A probe that fails says why.
    async fn plan(&mut self) -> Result<ProbeOutcome, CollectError> {
        let line = self.lines.line("");
        let watched = Arc::new(Watched::new(Arc::clone(&line)));
        let way: Arc<dyn Outbound> = Arc::clone(&watched) as _;
        let guest = self.by.guest;
        let context = self.context.clone();
        let probing = guest.probe(&context, way);
        let mut clock = tokio::time::interval(self.options.limits.poll);
        tokio::pin!(probing);
        let probed = loop {
            tokio::select! {
                probed = &mut probing => break probed,
                _ = clock.tick() => if self.cancel.load(Ordering::Relaxed) {
                    return Err(CollectError::Interrupted { done: 0, scopes: 0 });
                }
            }
        };
        self.settled += line.spent();
        match probed {
            Ok(probed) => {
                self.say(&probed.log);
                let plan = ScopePlan {
                    scopes: probed.scopes,
                    believed: watched.refused().is_none(),
                    spent: line.spent(),
                };
                self.scopes = plan.scopes.len() as u64;
                self.ledger.plan(self.collection.id, &plan).await.map_err(CollectError::Ledger)?;
                Ok(Ok(()))
            }
            Err(fault) => {
                self.say(&fault.log);
                Ok(Err(probe_gap(&fault, watched.refused())))
            }
        }
    }

    async fn next_scope(&self) -> Result<Leased, CollectError> {
        let now = (self.options.clock)();
        self.ledger.lease(self.collection.id, now, self.lease_end()).await.map_err(CollectError::Ledger)
    }

    fn lease_end(&self) -> Timestamp {
        let lease = i64::try_from(self.options.limits.lease.as_millis()).unwrap_or(i64::MAX);
        Timestamp((self.options.clock)().0.saturating_add(lease))
    }

    /// The first slice of a scope; none when nothing is asked any more.
    async fn begin(&mut self, lease: Lease) -> Result<Option<Later<'a, Asked>>, CollectError> {
        let line = self.lines.line(&lease.scope.id);
        self.active.insert(lease.scope.id.clone(), (Arc::clone(&line), line.spent()));
        let work = Work {
            before: lease.spent,
            millis_before: lease.millis,
            begun: Instant::now(),
            rows: 0,
            retried: false,
            cursors: lease.cursor.iter().map(digest).collect(),
            line,
            lease,
        };
        self.count_budget();
        match self.halt() {
            Some(halt) => {
                let gap = halt.gap(&work.lease.scope);
                let why = gap.detail.clone();
                let report = Report { gaps: vec![gap], ..Report::default() };
                let how = if work.lease.slices == 0 { Ended::Skipped } else { Ended::Partial };
                self.commit(work, report, Next::End(how, why)).await
            }
            None => Ok(Some(self.ask(work))),
        }
    }

    fn halt(&self) -> Option<Halt> {
        if self.budget_spent {
            Some(Halt::Budget)
        } else if self.faults >= self.options.limits.max_faults {
            Some(Halt::Faults(self.faults))
        } else {
            None
        }
    }

    fn ask(&self, work: Work) -> Later<'a, Asked> {
        let (guest, context) = (self.by.guest, self.context.clone());
        Box::pin(async move {
            let way: Arc<dyn Outbound> = Arc::clone(&work.line) as _;
            let lease = &work.lease;
            let outcome = guest.run_slice(&context, &lease.scope, lease.cursor.as_ref(), way).await;
            (work, outcome)
        })
    }

    /// What a slice led to: the next one of its scope, or none.
    async fn take(
        &mut self,
        mut work: Work,
        outcome: Result<Slice, Fault>,
    ) -> Result<Option<Later<'a, Asked>>, CollectError> {
        let guest = match &outcome {
            Ok(slice) => slice.guest,
            Err(fault) => fault.guest,
        };
        work.lease.guest_micros = work.lease.guest_micros.saturating_add(micros(guest));
        let slice = match outcome.and_then(|slice| self.check(&mut work, slice)) {
            Ok(slice) => slice,
            Err(fault) => return self.failed(work, &fault).await,
        };
        work.retried = false;
        self.say(&slice.log);
        if let Some((done, total)) = slice.progress {
            self.progress.listed(&work.lease.scope, done, total);
        }
        let mut report = slice.report;
        let refused = slice.problems.iter().map(|problem| CoverageGap {
            at: work.lease.scope.id.clone(),
            reason: GapReason::PluginFault(FaultKind::Lift.as_str().into()),
            detail: problem.clone(),
            retriable: false,
        });
        report.gaps.extend(refused);
        work.rows = work.rows.saturating_add(rows(&report));
        self.budget_spent |= report.gaps.iter().any(|gap| gap.reason == GapReason::BudgetExhausted);
        self.count_budget();
        let next = match slice.step {
            Step::Complete(_) => Next::End(Ended::Complete, String::new()),
            Step::Partial(_) => Next::End(Ended::Partial, String::new()),
            Step::More(cursor) => match self.enough(&work) {
                None => Next::More(cursor),
                Some(gap) => {
                    let why = gap.detail.clone();
                    report.gaps.push(gap);
                    Next::End(Ended::Partial, why)
                }
            },
        };
        self.commit(work, report, next).await
    }

    /// A cursor that was there before would never end.
    fn check(&self, work: &mut Work, slice: Slice) -> Result<Slice, Fault> {
        match &slice.step {
            Step::More(cursor) if !work.cursors.insert(digest(cursor)) => Err(Fault {
                kind: FaultKind::Lift,
                message: "the slice ended where one had begun before: the cursor does not move".into(),
                guest: Duration::ZERO,
                log: slice.log,
            }),
            _ => Ok(slice),
        }
    }

    /// Why a scope that has more is not asked for it.
    fn enough(&self, work: &Work) -> Option<CoverageGap> {
        let limits = &self.options.limits;
        if self.budget_spent {
            return Some(Halt::Budget.gap(&work.lease.scope));
        }
        let detail = if work.lease.slices + 1 >= limits.max_slices {
            format!("more than {} slices", limits.max_slices)
        } else if work.rows > limits.max_rows {
            format!("more than {} rows", limits.max_rows)
        } else {
            return None;
        };
        let at = work.lease.scope.id.clone();
        Some(CoverageGap { at, reason: GapReason::Other("limit".into()), detail, retriable: false })
    }

    /// Once more from where the slice began; then the scope stays as far as it came.
    async fn failed(
        &mut self,
        mut work: Work,
        fault: &Fault,
    ) -> Result<Option<Later<'a, Asked>>, CollectError> {
        self.say(&fault.log);
        self.count_budget();
        if !work.retried && self.halt().is_none() {
            work.retried = true;
            return Ok(Some(self.ask(work)));
        }
        if !fault.kind.is_host() {
            self.faults += 1;
        }
        let why = format!("the plugin failed: {fault}");
        // Without a budget the plugin could not have gone on, whatever it says of that.
        let gap = if self.budget_spent {
            Halt::Budget.gap(&work.lease.scope)
        } else {
            CoverageGap {
                at: work.lease.scope.id.clone(),
                reason: fault_reason(fault),
                detail: fault.message.clone(),
                retriable: fault.kind.is_clock(),
            }
        };
        let report = Report { gaps: vec![gap], ..Report::default() };
        self.commit(work, report, Next::End(Ended::Partial, why)).await
    }

    /// Rows and cursor together; then the next slice, if there is one.
    async fn commit(
        &mut self,
        mut work: Work,
        report: Report,
        next: Next,
    ) -> Result<Option<Later<'a, Asked>>, CollectError> {
        let id = work.lease.scope.id.clone();
        let here = match self.active.get(&id) {
            Some((line, before)) => since(line.spent(), before),
            None => Spent::default(),
        };
        let mut spent = work.before;
        spent += here;
        let elapsed = u64::try_from(work.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let slice = SliceRows {
            report,
            next,
            spent,
            millis: work.millis_before.saturating_add(elapsed),
            guest_micros: work.lease.guest_micros,
            used: self.lines.used(),
        };
        let is_kept = self.ledger.commit(&work.lease, &slice).await.map_err(CollectError::Ledger)?;
        if is_kept && let Next::More(cursor) = slice.next {
            work.lease.slices += 1;
            work.lease.cursor = Some(cursor);
            self.progress.spent(&self.spent());
            return Ok(Some(self.ask(work)));
        }
        self.active.remove(&id);
        self.settled += here;
        if is_kept && let Next::End(how, why) = &slice.next {
            self.done += 1;
            self.progress.ended(&work.lease.scope, *how, why);
            self.progress.scopes(self.done, self.scopes.max(self.done));
        }
        self.progress.spent(&self.spent());
        Ok(None)
    }

    /// Everything so far, earlier processes included.
    fn spent(&self) -> Spent {
        let mut spent = self.collection.spent;
        spent += self.settled;
        for (line, before) in self.active.values() {
            spent += since(line.spent(), before);
        }
        spent
    }

    fn count_budget(&mut self) {
        self.budget_spent |= is_spent(&self.budget, &self.spent(), self.begun.elapsed());
    }

    fn say(&self, log: &[inventar_runtime::LogLine]) {
        for line in log {
            self.progress.log(&self.by.who.id, line);
        }
    }
}

/// Why there is no list of scopes: what the plugin says, else what it was refused.
fn probe_gap(fault: &Fault, refused: Option<GapReason>) -> CoverageGap {
    let said = match fault.kind {
        FaultKind::Problem => {
            let code = fault.message.split(':').next().unwrap_or_default();
            GapReason::from_parts(code, None).filter(|reason| !matches!(reason, GapReason::Other(_)))
        }
        _ => None,
    };
    let reason = said.or(refused).unwrap_or_else(|| fault_reason(fault));
    CoverageGap { at: "probe".into(), reason, detail: fault.message.clone(), retriable: true }
}

/// A budget is the source's here: what a guest used too much of is its own fault.
fn fault_reason(fault: &Fault) -> GapReason {
    if fault.kind.is_clock() {
        GapReason::TimedOut
    } else {
        GapReason::PluginFault(fault.kind.as_str().to_owned())
    }
}

fn digest(cursor: &Cursor) -> Digest {
    Digest::of_parts([cursor.version.to_le_bytes().as_slice(), &cursor.data])
}

fn rows(report: &Report) -> u64 {
    (report.assets.len() + report.relations.len() + report.findings.len() + report.gaps.len()) as u64
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

fn since(now: Spent, before: &Spent) -> Spent {
    Spent {
        calls: now.calls.saturating_sub(before.calls),
        retries: now.retries.saturating_sub(before.retries),
        throttled: now.throttled.saturating_sub(before.throttled),
        bytes: now.bytes.saturating_sub(before.bytes),
        cost_microusd: now.cost_microusd.saturating_sub(before.cost_microusd),
    }
}
