//! What a waiting slice holds: starts N slices of a collector whose service never answers, and reads this process's
//! resident memory before and after.
//!
//! `cargo run --release -p inventar-testkit --example waiting -- [N]`

use anyhow::Context as _;
use inventar_model::{HttpError, HttpRequest, HttpResponse, Scope, Timestamp};
use inventar_runtime::{CollectContext, Later, Opened, Outbound, Runtime, RuntimeConfig, Trust};
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

#[derive(Default)]
struct Never(AtomicU32);

impl Outbound for Never {
    fn send(&self, _: HttpRequest) -> Later<'_, Result<HttpResponse, HttpError>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Box::pin(std::future::pending())
    }

    fn open(&self, _: HttpRequest) -> Later<'_, Result<Opened, HttpError>> {
        Box::pin(std::future::pending())
    }
}

/// In KiB, from /proc.
fn resident() -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

fn main() -> anyhow::Result<()> {
    let count: u32 = std::env::args().nth(1).map_or(Ok(1_000), |text| text.parse())?;
    let guests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/guests");
    let component = inventar_testkit::build_example(&guests, "rogue")?;
    let runtime = Runtime::new(RuntimeConfig::default())?;
    let plugin = runtime.load(&component, Trust::Unsigned)?;
    plugin.prepare()?;
    let settings = plugin.manifest().check_settings(r#"{"endpoint":"https://models.test"}"#)?;
    let context = CollectContext { now: Timestamp(0), settings, full_sync: true };
    let scope = Scope { id: "good".into(), kind: "registry".into(), label: "registry".into() };
    let way = Arc::new(Never::default());
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let start = |more: u32, from: u32| {
            let tasks: Vec<_> = (0..more)
                .map(|_| {
                    let (plugin, context, scope) = (plugin.clone(), context.clone(), scope.clone());
                    let way: Arc<dyn Outbound> = Arc::<Never>::clone(&way);
                    tokio::spawn(async move { plugin.run_slice(&context, &scope, None, way).await })
                })
                .collect();
            let way = Arc::clone(&way);
            async move {
                while way.0.load(Ordering::Relaxed) < from + more {
                    tokio::task::yield_now().await;
                }
                tasks
            }
        };
        // The first ones pay for what all share.
        let _warm = start(10, 0).await;
        let before = resident()?;
        let _waiting = start(count, 10).await;
        let after = resident()?;
        writeln!(
            std::io::stdout(),
            "{count} waiting slices: {} KiB resident more, {} KiB each",
            after.saturating_sub(before),
            after.saturating_sub(before) / u64::from(count)
        )?;
        anyhow::Ok(())
    })?;
    // The slices wait for ever.
    std::process::exit(0);
}
