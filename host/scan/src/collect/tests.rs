//! The scheduler with a scripted plugin and a real store: stops at every moment, shared work, failures at random.

use super::*;
use crate::Silent;
use inventar_model::*;
use inventar_runtime::{CollectContext, Fault, FaultKind, Later, Opened, Outbound, Probed, Slice};
use inventar_store::{OpenOptions, RecordOptions, Store};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

/// What happens in a slice beside what it reports.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Turn {
    /// It fails so many times before it succeeds.
    Fails(u32),
    /// It ends where it began.
    Stands,
    /// It was refused something, and the scope ends.
    Denied,
    /// The budget ended it.
    Broke,
    /// It waits until the scope `quick` was listed.
    Waits,
}

/// A plugin by script: so many slices a scope, one asset each, and turns by (scope, slice).
#[derive(Default)]
struct Script {
    scopes: Vec<(&'static str, u32)>,
    turns: BTreeMap<(String, u32), Turn>,
    probe_fails: Option<&'static str>,
    /// The probe makes a call, which gets this status.
    probe_status: Option<u16>,
    /// The n-th slice never comes back.
    dies_at: Option<u64>,
    died: Notify,
    asked: AtomicU64,
    /// Every slice that was asked for, with how often.
    calls: Mutex<BTreeMap<(String, u32), u32>>,
}

fn scope(id: &str) -> Scope {
    Scope { id: id.into(), kind: "region".into(), label: id.to_uppercase() }
}

fn request() -> HttpRequest {
    HttpRequest {
        method: HttpMethod::Get,
        url: "https://api.example/".into(),
        headers: vec![],
        body: None,
        credential: None,
        timeout_ms: None,
    }
}

fn fault(kind: FaultKind, message: &str) -> Fault {
    Fault { kind, message: message.into(), guest: Duration::ZERO, log: vec![] }
}

/// A model that slice `n` of a scope lists, seen in a numbered exchange, with an edge to the one before.
fn page(of: &Scope, n: u32, exchange: u64) -> Report {
    let evidence = Evidence {
        place: Place::Exchange(exchange),
        rule: "list".into(),
        method: Method::Api,
        usage: Usage::Runtime,
        confidence: Confidence::new(100),
        snippet: None,
    };
    let key = format!("model/{n}");
    let mut report = Report::default();
    if n > 0 {
        report.relations.push(ReportedRelation {
            source: AssetRef::Local { path: of.path(&key), key: key.clone() },
            kind: RelationKind::new("derived-from").unwrap(),
            target: AssetRef::Local {
                path: of.path(&format!("model/{}", n - 1)),
                key: format!("model/{}", n - 1),
            },
            properties: vec![],
            evidence: vec![evidence.clone()],
        });
    }
    report.assets.push(Sighting {
        kind: AssetKind::new("model-version").unwrap(),
        name: format!("{} {n}", of.id),
        version: None,
        identifiers: vec![Identifier::new("arn", format!("arn:{}:{key}", of.id)).unwrap()],
        properties: vec![],
        evidence: vec![evidence],
        key,
    });
    report
}

impl Guest for Script {
    fn probe<'a>(
        &'a self,
        _: &'a CollectContext,
        way: Arc<dyn Outbound>,
    ) -> Later<'a, Result<Probed, Fault>> {
        Box::pin(async move {
            let _ = way.send(request()).await;
            match self.probe_fails {
                Some(why) => Err(fault(FaultKind::Problem, why)),
                None => Ok(Probed {
                    scopes: self.scopes.iter().map(|(id, _)| scope(id)).collect(),
                    log: vec![],
                    guest: Duration::ZERO,
                }),
            }
        })
    }

    fn run_slice<'a>(
        &'a self,
        _: &'a CollectContext,
        scope: &'a Scope,
        at: Option<&'a Cursor>,
        way: Arc<dyn Outbound>,
    ) -> Later<'a, Result<Slice, Fault>> {
        Box::pin(async move {
            let n = at.map_or(0, |at| u32::from_le_bytes(at.data.as_slice().try_into().unwrap()));
            let slices = self.scopes.iter().find(|(id, _)| *id == scope.id).unwrap().1;
            let key = (scope.id.clone(), n);
            let times = {
                let mut calls = self.calls.lock().unwrap();
                let times = calls.entry(key.clone()).or_default();
                *times += 1;
                *times
            };
            let asked = self.asked.fetch_add(1, Ordering::Relaxed);
            if self.dies_at == Some(asked) {
                self.died.notify_one();
                std::future::pending::<()>().await;
            }
            let answer = way.send(request()).await.unwrap();
            let mut report = page(scope, n, answer.exchange);
            let gap = |reason| CoverageGap {
                at: "svc:List".into(),
                reason,
                detail: String::new(),
                retriable: false,
            };
            let cursor = |n: u32| Cursor { version: 1, data: n.to_le_bytes().to_vec() };
            let mut step = if n + 1 < slices { Step::More(cursor(n + 1)) } else { Step::Complete(None) };
            match self.turns.get(&key) {
                Some(Turn::Waits) => {
                    while !self.calls.lock().unwrap().contains_key(&("quick".to_owned(), 0)) {
                        tokio::time::sleep(Duration::from_millis(1)).await;
                    }
                }
                Some(Turn::Fails(n)) if times <= *n => return Err(fault(FaultKind::Trap, "it fell")),
                Some(Turn::Fails(_)) | None => {}
                Some(Turn::Stands) => step = Step::More(at.cloned().unwrap_or_else(|| cursor(0))),
                Some(Turn::Denied) => {
                    report.gaps.push(gap(GapReason::AccessDenied));
                    step = Step::Partial(None);
                }
                Some(Turn::Broke) => {
                    report.gaps.push(gap(GapReason::BudgetExhausted));
                    step = Step::Partial(None);
                }
            }
            Ok(Slice { step, report, problems: vec![], progress: None, log: vec![], guest: Duration::ZERO })
        })
    }
}

/// Answers everything, and counts.
struct Wires {
    exchanges: Arc<AtomicU64>,
    probe_status: u16,
    lines: Mutex<BTreeMap<String, Arc<Wire>>>,
}

struct Wire {
    exchanges: Arc<AtomicU64>,
    calls: AtomicU64,
    status: u16,
}

impl Wires {
    /// Exchanges are numbered from anywhere: no result may depend on it.
    fn new(probe_status: u16, first: u64) -> Self {
        Self { exchanges: Arc::new(AtomicU64::new(first)), probe_status, lines: Mutex::default() }
    }
}

impl Lines for Wires {
    fn line(&self, scope: &str) -> Arc<dyn Line> {
        let mut lines = self.lines.lock().unwrap();
        let status = if scope.is_empty() { self.probe_status } else { 200 };
        let new =
            || Arc::new(Wire { exchanges: Arc::clone(&self.exchanges), calls: AtomicU64::new(0), status });
        Arc::clone(lines.entry(scope.to_owned()).or_insert_with(new)) as _
    }

    fn used(&self) -> Vec<OperationUse> {
        let calls = self.lines.lock().unwrap().values().map(|wire| wire.calls.load(Ordering::Relaxed)).sum();
        let (service, operation) = ("svc".into(), "List".into());
        vec![OperationUse { service, operation, actions: vec!["svc:List".into()], calls, denied: 0 }]
    }

    fn resume(&self, _: Spent) {}
}

impl Outbound for Wire {
    fn send(&self, _: HttpRequest) -> Later<'_, Result<HttpResponse, HttpError>> {
        Box::pin(async move {
            // Others get their turn in between, as with a real service.
            tokio::task::yield_now().await;
            self.calls.fetch_add(1, Ordering::Relaxed);
            let exchange = self.exchanges.fetch_add(1, Ordering::Relaxed);
            Ok(HttpResponse { status: self.status, headers: vec![], body: vec![], exchange })
        })
    }

    fn open(&self, _: HttpRequest) -> Later<'_, Result<Opened, HttpError>> {
        Box::pin(async { Err(HttpError::Connect) })
    }
}

impl Line for Wire {
    fn spent(&self) -> Spent {
        let calls = self.calls.load(Ordering::Relaxed);
        Spent { calls, bytes: calls * 100, ..Spent::default() }
    }
}

fn connection(budget: Budget) -> Connection {
    Connection {
        name: SourceName::new("prod").unwrap(),
        plugin: PluginId::new("acme/cloud").unwrap(),
        permissions: Digest::of(b"granted"),
        endpoint: None,
        allow_private: vec![],
        authority: None,
        credentials: BTreeMap::new(),
        settings: String::new(),
        budget,
    }
}

fn who() -> Who {
    Who {
        id: PluginId::new("acme/cloud").unwrap(),
        version: "1.0.0".into(),
        digest: Digest::of(b"component"),
        signed: true,
    }
}

/// A data folder with an open store.
struct Bench {
    _folder: tempfile::TempDir,
    store: Store,
    first_exchange: u64,
    concurrency: usize,
}

impl Bench {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), OpenOptions::default()).await.unwrap();
        Self { _folder: folder, store, first_exchange: 1, concurrency: 3 }
    }

    async fn collect(&self, script: &Script) -> Result<Collected, CollectError> {
        self.collect_with(script, Budget::default(), &AtomicBool::new(false)).await
    }

    async fn collect_with(
        &self,
        script: &Script,
        budget: Budget,
        cancel: &AtomicBool,
    ) -> Result<Collected, CollectError> {
        let options = CollectOptions {
            concurrency: self.concurrency,
            clock: || Timestamp(1_000_000),
            limits: CollectLimits { poll: Duration::from_millis(1), ..CollectLimits::default() },
            ..CollectOptions::default()
        };
        let who = who();
        let by = By { guest: script, settings: "", who: &who };
        let lines = Wires::new(script.probe_status.unwrap_or(200), self.first_exchange);
        let ledger = self.store.ledger();
        let connection = connection(budget);
        let work = collect_by(&connection, by, &lines, &ledger, &options, &Silent, cancel);
        tokio::select! {
            collected = work => collected,
            // The process is killed: nothing of it runs any more.
            () = script.died.notified() => Err(CollectError::Closed),
        }
    }

    async fn record(&self, collected: &Collected) -> inventar_store::Recorded {
        let options = RecordOptions::default();
        self.store.record_collection(collected.id, &collected.run, &collected.scopes, options).await.unwrap()
    }
}

fn statuses(collected: &Collected) -> Vec<String> {
    let told = |run: &ScopeRun| format!("{} {} {} {}", run.scope.id, run.status, run.seen, run.detail);
    collected.scopes.iter().map(|run| told(run).trim_end().to_owned()).collect()
}

fn paths(run: &Run) -> Vec<&str> {
    run.reports.iter().map(|report| report.path.as_str()).collect()
}

const THREE: &[(&str, u32)] = &[("a/one", 3), ("a/two", 1), ("b", 4)];

fn script(scopes: &[(&'static str, u32)], turns: &[(&str, u32, Turn)]) -> Script {
    Script {
        scopes: scopes.to_vec(),
        turns: turns.iter().map(|(scope, n, turn)| (((*scope).to_owned(), *n), *turn)).collect(),
        ..Script::default()
    }
}

/// A service that is throttled in every region of a large account keeps no other one waiting.
#[tokio::test]
async fn scopes_that_wait_leave_room_for_others() {
    let slow: Vec<String> = (0..20).map(|n| format!("slow/{n:02}")).collect();
    let mut scopes: Vec<(&'static str, u32)> = slow.iter().map(|id| (&*id.clone().leak(), 1)).collect();
    scopes.push(("quick", 1));
    let turns: Vec<(&str, u32, Turn)> = slow.iter().map(|id| (id.as_str(), 0, Turn::Waits)).collect();
    let bench = Bench { concurrency: CollectOptions::default().concurrency, ..Bench::new().await };
    let script = script(&scopes, &turns);
    let collected = tokio::time::timeout(Duration::from_secs(30), bench.collect(&script)).await;
    let collected = collected.expect("the quick scope has to wait for the slow ones").unwrap();
    assert!(collected.scopes.iter().all(|run| run.status == ScopeStatus::Complete));
}

#[tokio::test]
async fn a_source_is_listed_scope_by_scope() {
    let bench = Bench::new().await;
    let collected = bench.collect(&script(THREE, &[])).await.unwrap();
    assert_eq!(statuses(&collected), ["a/one complete 3", "a/two complete 1", "b complete 4"]);
    let expected = [
        "a/one//model/0",
        "a/one//model/1",
        "a/one//model/2",
        "a/two//model/0",
        "b//model/0",
        "b//model/1",
        "b//model/2",
        "b//model/3",
    ];
    assert_eq!(paths(&collected.run), expected);
    assert_eq!(collected.run.status, RunStatus::Complete);
    assert_eq!(collected.spent.calls, 9);
    assert_eq!(collected.used[0].calls, 9);
    let recorded = bench.record(&collected).await;
    assert_eq!((recorded.inventory.assets.len(), recorded.inventory.relations.len()), (8, 5));
    let stored = bench.store.scopes(&collected.run.source).await.unwrap();
    assert_eq!(stored.iter().map(|row| row.latest.clone()).collect::<Vec<_>>(), collected.scopes);
    assert_eq!(bench.store.operations(recorded.run_id).await.unwrap(), collected.used);
}

#[tokio::test]
async fn a_killed_collection_goes_on_at_every_slice_as_if_nothing_had_been() {
    let undisturbed = Bench::new().await.collect(&script(THREE, &[])).await.unwrap();
    for dies_at in 0..8 {
        let mut bench = Bench::new().await;
        let dying = Script { dies_at: Some(dies_at), ..script(THREE, &[]) };
        assert!(bench.collect(&dying).await.is_err());
        bench.first_exchange = 77;
        let next = script(THREE, &[]);
        let collected = bench.collect(&next).await.unwrap();
        assert!(collected.resumed.is_some(), "{dies_at}");
        assert_eq!(collected.run, undisturbed.run, "{dies_at}");
        assert_eq!(statuses(&collected), statuses(&undisturbed));
        // Only what was under way is asked twice: one slice for each of the three scopes at once.
        let mut asked = dying.calls.into_inner().unwrap();
        for (slice, times) in next.calls.into_inner().unwrap() {
            *asked.entry(slice).or_default() += times;
        }
        assert_eq!(asked.len(), 8);
        let twice = asked.values().filter(|times| **times > 1).count();
        assert!(twice <= 3, "{dies_at}: {asked:?}");
        let recorded = bench.record(&collected).await;
        assert_eq!(recorded.inventory.assets.len(), 8);
        assert_eq!(bench.store.unfinished(&collected.run.source).await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_stop_is_kept_and_gone_on_from() {
    let bench = Bench::new().await;
    let cancel = AtomicBool::new(true);
    let stopped = bench.collect_with(&script(THREE, &[]), Budget::default(), &cancel).await.unwrap_err();
    assert!(matches!(stopped, CollectError::Interrupted { .. }), "{stopped}");
    let collected = bench.collect(&script(THREE, &[])).await.unwrap();
    assert_eq!(statuses(&collected).len(), 3);
}

#[tokio::test]
async fn two_processes_share_the_scopes_and_do_nothing_twice() {
    const MANY: &[(&str, u32)] =
        &[("a", 2), ("b", 2), ("c", 2), ("d", 2), ("e", 2), ("f", 2), ("g", 2), ("h", 2), ("i", 2)];
    let bench = Bench::new().await;
    let script = script(MANY, &[]);
    let (one, two) = tokio::join!(bench.collect(&script), bench.collect(&script));
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!(one.run, two.run);
    assert_eq!(one.scopes.len(), 9);
    let calls = script.calls.lock().unwrap().clone();
    assert!(calls.len() == 18 && calls.values().all(|times| *times == 1), "{calls:?}");
    let (first, second) = (bench.record(&one).await, bench.record(&two).await);
    assert_eq!(first, second);
    assert_eq!(bench.store.runs(&one.run.source).await.unwrap().len(), 1);
}

/// What the turns of one scope among three lead to.
async fn check(turns: &[(&str, u32, Turn)], expected: [&str; 3]) {
    let collected = Bench::new().await.collect(&script(THREE, turns)).await.unwrap();
    assert_eq!(statuses(&collected), expected, "{turns:?}");
    let unseen: Vec<&str> = collected.run.unseen.iter().map(|unseen| unseen.path.as_str()).collect();
    let incomplete: Vec<String> = collected
        .scopes
        .iter()
        .filter(|run| run.status != ScopeStatus::Complete)
        .map(|run| run.scope.prefix())
        .collect();
    assert_eq!(unseen, incomplete);
}

#[tokio::test]
async fn what_goes_wrong_costs_its_own_scope() {
    let (one, two, b) = ("a/one complete 3", "a/two complete 1", "b complete 4");
    check(&[("a/one", 1, Turn::Fails(1))], [one, two, b]).await;
    let fell = "a/one partial 1 the plugin failed: trap: it fell";
    check(&[("a/one", 1, Turn::Fails(2))], [fell, two, b]).await;
    check(&[("b", 2, Turn::Denied)], [one, two, "b denied 3 svc:List: access-denied"]).await;
    let stands = "b partial 1 the plugin failed: invalid answer: the slice ended where one had begun before: the \
                  cursor does not move";
    check(&[("b", 1, Turn::Stands)], [one, two, stands]).await;
}

#[tokio::test]
async fn a_plugin_that_fails_everywhere_is_left_alone() {
    const SEVEN: &[(&str, u32)] =
        &[("a", 1), ("b", 1), ("c", 1), ("d", 1), ("e", 1), ("f", 1), ("g", 1), ("h", 1)];
    let turns: Vec<(&str, u32, Turn)> = SEVEN.iter().map(|(id, _)| (*id, 0, Turn::Fails(9))).collect();
    let script = script(SEVEN, &turns);
    let collected = Bench::new().await.collect(&script).await.unwrap();
    let of = |status| collected.scopes.iter().filter(|run| run.status == status).count();
    assert_eq!((of(ScopeStatus::Partial) + of(ScopeStatus::Skipped), of(ScopeStatus::Complete)), (8, 0));
    assert!(of(ScopeStatus::Skipped) >= 1);
    assert!(script.asked.load(Ordering::Relaxed) <= 14);
}

#[tokio::test]
async fn a_spent_budget_ends_it_and_says_so() {
    let bench = Bench::new().await;
    let budget = Budget { calls: Some(4), ..Budget::default() };
    let collected = bench.collect_with(&script(THREE, &[]), budget, &AtomicBool::new(false)).await.unwrap();
    assert!(collected.budget_spent && collected.spent.calls <= 7, "{:?}", collected.spent);
    assert_eq!(collected.run.status, RunStatus::Partial);
    // What it took is no more than what it might take: everything is there.
    let budget = Budget { calls: Some(9), ..Budget::default() };
    let whole = Bench::new().await.collect_with(&script(THREE, &[]), budget, &AtomicBool::new(false)).await;
    assert!(!whole.unwrap().budget_spent);
    let broke = Bench::new().await.collect(&script(THREE, &[("a/one", 0, Turn::Broke)])).await.unwrap();
    assert!(broke.budget_spent);
}

/// Whatever a plugin says of it that gets no more answers: the budget ended it, and it is not asked again.
#[tokio::test]
async fn a_plugin_that_fails_for_want_of_a_budget_has_spent_it() {
    const ONE: &[(&str, u32)] = &[("a", 2)];
    // One call is for the probe, one for each slice.
    for (calls, times, is_spent) in [(Some(3), 1, true), (None, 2, false)] {
        let script = script(ONE, &[("a", 1, Turn::Fails(9))]);
        let budget = Budget { calls, ..Budget::default() };
        let bench = Bench::new().await;
        let collected = bench.collect_with(&script, budget, &AtomicBool::new(false)).await.unwrap();
        assert_eq!(statuses(&collected), ["a partial 1 the plugin failed: trap: it fell"]);
        assert_eq!(script.calls.lock().unwrap()[&("a".to_owned(), 1)], times);
        assert_eq!(collected.budget_spent, is_spent);
    }
    let probe = Script { probe_fails: Some("budget-exhausted: no more calls"), ..script(ONE, &[]) };
    assert!(Bench::new().await.collect(&probe).await.unwrap().budget_spent);
}

#[tokio::test]
async fn what_a_complete_look_does_not_see_is_missing_first_and_then_gone() {
    let bench = Bench::new().await;
    bench.record(&bench.collect(&script(THREE, &[])).await.unwrap()).await;
    const LESS: &[(&str, u32)] = &[("a/one", 2), ("a/two", 1), ("b", 4)];
    // A look that was refused retires nothing, however often.
    for _ in 0..3 {
        let denied = script(LESS, &[("a/one", 1, Turn::Denied)]);
        let recorded = bench.record(&bench.collect(&denied).await.unwrap()).await;
        assert_eq!((recorded.inventory.assets.len(), recorded.delta.held), (8, None));
    }
    let missing = bench.record(&bench.collect(&script(LESS, &[])).await.unwrap()).await;
    assert_eq!((missing.inventory.assets.len(), missing.delta.held), (8, Some(1)));
    let gone = bench.record(&bench.collect(&script(LESS, &[])).await.unwrap()).await;
    assert_eq!((gone.inventory.assets.len(), gone.delta.held), (7, None));
    assert_eq!(gone.delta.changes.iter().filter(|change| change.change == ChangeKind::Gone).count(), 1);
}

#[tokio::test]
async fn a_scope_that_is_no_longer_listed_goes_only_when_the_list_is_believed() {
    const TWO: &[(&str, u32)] = &[("a/one", 3), ("a/two", 1)];
    let bench = Bench::new().await;
    bench.record(&bench.collect(&script(THREE, &[])).await.unwrap()).await;
    for _ in 0..3 {
        let refused = Script { probe_status: Some(403), ..script(TWO, &[]) };
        let collected = bench.collect(&refused).await.unwrap();
        let why = "b skipped 0 not listed this time, and the listing was refused in part";
        assert_eq!(statuses(&collected), ["a/one complete 3", "a/two complete 1", why]);
        assert!(collected.run.gaps.iter().any(|stamped| stamped.gap.at == "probe"));
        assert_eq!(bench.record(&collected).await.inventory.assets.len(), 8);
    }
    let failed = Script { probe_fails: Some("access-denied: no"), ..script(TWO, &[]) };
    let collected = bench.collect(&failed).await.unwrap();
    assert_eq!(statuses(&collected)[0], "a/one denied 0 access-denied: no");
    assert_eq!(bench.record(&collected).await.inventory.assets.len(), 8);
    for expected in [8, 4] {
        let recorded = bench.record(&bench.collect(&script(TWO, &[])).await.unwrap()).await;
        assert_eq!(recorded.inventory.assets.len(), expected);
    }
}

#[tokio::test]
async fn a_list_is_believed_when_every_status_was_an_answer() {
    const TWO: &[(&str, u32)] = &[("a/one", 3), ("a/two", 1)];
    let believed = async |status| {
        let bench = Bench::new().await;
        bench.record(&bench.collect(&script(THREE, &[])).await.unwrap()).await;
        let less = Script { probe_status: Some(status), ..script(TWO, &[]) };
        !bench.collect(&less).await.unwrap().scopes.iter().any(|run| run.status == ScopeStatus::Skipped)
    };
    for status in [200, 204, 304, 400, 404, 405, 410, 501] {
        assert!(believed(status).await, "{status}");
    }
    for status in [401, 402, 403, 407, 408, 409, 423, 429, 451, 500, 502, 503, 504] {
        assert!(!believed(status).await, "{status}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whatever fails once, and wherever it is killed: the result is that of an undisturbed collection.
    #[test]
    fn failures_and_kills_change_nothing(
        falls in proptest::collection::btree_set((0_usize..3, 0_u32..4), 0..5),
        kills in proptest::collection::vec(0_u64..6, 0..4),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let undisturbed = Bench::new().await.collect(&script(THREE, &[])).await.unwrap();
            let mut bench = Bench::new().await;
            let turns: Vec<(&str, u32, Turn)> =
                falls.iter().map(|(scope, n)| (THREE[*scope].0, *n, Turn::Fails(1))).collect();
            let mut collected = None;
            for dies_at in kills.iter().map(|at| Some(*at)).chain([None]) {
                let script = Script { dies_at, ..script(THREE, &turns) };
                bench.first_exchange += 100;
                collected = bench.collect(&script).await.ok().or(collected);
            }
            // What was tried again was received again.
            let run = Run { bytes_read: undisturbed.run.bytes_read, ..collected.unwrap().run };
            prop_assert_eq!(run, undisturbed.run);
            Ok(())
        })?;
    }
}
