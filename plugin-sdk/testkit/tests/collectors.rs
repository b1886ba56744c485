//! The collector world against a guest that does everything wrong, in the real sandbox.

#![allow(clippy::unwrap_used, clippy::panic)]

use inventar_model::{HttpError, HttpRequest, HttpResponse, Scope, Step, Timestamp};
use inventar_runtime::{
    CollectContext, Fault, FaultKind, Later, Limits, Opened, Outbound, Plugin, Runtime, RuntimeConfig, Slice,
    Trust,
};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Answers every request at once, or never.
#[derive(Default)]
struct Way {
    asked: AtomicU32,
    silent: bool,
}

impl Outbound for Way {
    fn send(&self, request: HttpRequest) -> Later<'_, Result<HttpResponse, HttpError>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            if self.silent {
                std::future::pending::<()>().await;
            }
            let body = format!("{} as {}", request.url, request.credential.unwrap_or_default()).into_bytes();
            Ok(HttpResponse { status: 200, headers: vec![], body, exchange: 7 })
        })
    }

    fn open(&self, _: HttpRequest) -> Later<'_, Result<Opened, HttpError>> {
        Box::pin(async { Err(HttpError::Connect) })
    }
}

fn plugin() -> &'static Plugin {
    static PLUGIN: OnceLock<Plugin> = OnceLock::new();
    PLUGIN.get_or_init(|| {
        let guests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/guests");
        let component = inventar_testkit::build_example(&guests, "rogue").unwrap();
        let limits = Limits {
            compute: Duration::from_millis(300),
            slice: Duration::from_secs(3),
            ..Limits::default()
        };
        let runtime = Runtime::new(RuntimeConfig { limits, ..RuntimeConfig::default() }).unwrap();
        runtime.load(&component, Trust::Unsigned).unwrap()
    })
}

fn context(settings: &str) -> CollectContext {
    let settings = plugin().manifest().check_settings(settings).unwrap();
    CollectContext { now: Timestamp(1), settings, full_sync: true }
}

fn scope(id: &str) -> Scope {
    Scope { id: id.into(), kind: "behaviour".into(), label: id.into() }
}

async fn slice(id: &str, way: &Arc<Way>) -> Result<Slice, Fault> {
    let context = context(r#"{"endpoint":"https://models.test"}"#);
    let way: Arc<dyn Outbound> = Arc::<Way>::clone(way);
    plugin().run_slice(&context, &scope(id), None, way).await
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

#[test]
fn scopes_and_slices() {
    runtime().block_on(async {
        let way = Arc::new(Way::default());
        let outbound: Arc<dyn Outbound> = Arc::<Way>::clone(&way);
        let probed =
            plugin().probe(&context(r#"{"scopes":["good","pages"]}"#), Arc::clone(&outbound)).await.unwrap();
        assert_eq!(probed.scopes, [scope("good"), scope("pages")]);

        let slice = slice("good", &way).await.unwrap();
        assert_eq!(slice.step, Step::Complete(None));
        let told = format!("{:?}", slice.report.assets[0].properties);
        assert!(told.contains("https://models.test/models as login"), "{told}");
        assert_eq!(way.asked.load(Ordering::Relaxed), 1);

        let (mut at, mut seen) = (None, vec![]);
        loop {
            let slice = plugin()
                .run_slice(&context("{}"), &scope("pages"), at.as_ref(), Arc::clone(&outbound))
                .await
                .unwrap();
            seen.extend(slice.report.assets.into_iter().map(|asset| asset.key));
            match slice.step {
                Step::More(next) => at = Some(next),
                step => break assert_eq!(step, Step::Complete(None)),
            }
        }
        assert_eq!(seen, ["page-0", "page-1", "page-2", "page-3", "page-4"]);
    });
}

#[test]
fn two_scopes_of_one_name_are_refused() {
    let way: Arc<dyn Outbound> = Arc::new(Way::default());
    for settings in [r#"{"scopes":["a","a"]}"#, r#"{"scopes":[""]}"#, r#"{"scopes":["a//b"]}"#] {
        let probed = runtime().block_on(plugin().probe(&context(settings), Arc::clone(&way)));
        assert_eq!(probed.unwrap_err().kind, FaultKind::Lift, "{settings}");
    }
}

#[test]
fn misbehaviour_ends_the_slice_and_nothing_else() {
    let way = Arc::new(Way::default());
    let check = |id: &str, expected: FaultKind| {
        let fault = runtime().block_on(slice(id, &way)).unwrap_err();
        assert_eq!(fault.kind, expected, "{id}: {fault}");
    };
    check("spin", FaultKind::Compute);
    check("trap", FaultKind::Trap);
    check("flood", FaultKind::Lift);
    check("large-cursor", FaultKind::Lift);
    check("storm", FaultKind::HostCalls);
    check("hoard", FaultKind::Memory);
    check("problem", FaultKind::Problem);
    assert!(runtime().block_on(slice("good", &way)).is_ok());
}

#[test]
fn a_row_that_is_refused_costs_itself() {
    let slice = runtime().block_on(slice("undeclared-kind", &Arc::default())).unwrap();
    assert_eq!(slice.report.assets.iter().map(|asset| &*asset.key).collect::<Vec<_>>(), ["kept"]);
    assert!(slice.problems[0].contains("does not declare the kind `endpoint`"), "{:?}", slice.problems);
}

#[test]
fn a_service_that_never_answers_is_left() {
    let way = Arc::new(Way { silent: true, ..Way::default() });
    let fault = runtime().block_on(slice("good", &way)).unwrap_err();
    assert_eq!(fault.kind, FaultKind::Call, "{fault}");
    assert!(fault.guest < Duration::from_millis(300), "waiting is not computing: {:?}", fault.guest);
}

#[test]
fn slices_wait_side_by_side_and_may_be_moved_between_threads() {
    runtime().block_on(async {
        let way = Arc::new(Way { silent: true, ..Way::default() });
        let waiting: Vec<_> = (0..200)
            .map(|_| {
                let way = Arc::clone(&way);
                tokio::spawn(async move { slice("good", &way).await })
            })
            .collect();
        while way.asked.load(Ordering::Relaxed) < 200 {
            tokio::task::yield_now().await;
        }
        for task in waiting {
            task.abort();
        }
        assert!(slice("pages", &way).await.is_ok());
    });
}
