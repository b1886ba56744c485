//! What a request costs a collector beside the network: from a service's answer until its next request arrives there,
//! through the broker, into the sandbox, through the guest and back, against a transport that answers at once.
//!
//! `cargo run --release -p inventar-testkit --example overhead`

use anyhow::{Context as _, ensure};
use inventar_broker::{Broker, BrokerConfig, ConnectOptions, Incoming, Limits, Line, Outgoing, Transport};
use inventar_model::{
    Budget, Connection, CredentialKind, CredentialSource, Digest, HttpError, HttpMethod, HttpRequest,
    HttpResponse, PluginId, Scope, SourceName, Timestamp,
};
use inventar_runtime::{CollectContext, Later, Opened, Outbound, Plugin, Runtime, RuntimeConfig, Trust};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A service on no network: it answers at once, and notes when it did and how long nobody asked before.
struct AtOnce {
    body: Vec<u8>,
    state: Mutex<(Option<Instant>, Vec<Duration>)>,
}

impl AtOnce {
    fn new(body: usize) -> Self {
        let listed = b"{\"ModelName\":\"a-model-with-a-name\"},";
        Self { body: listed.repeat(body / listed.len()), state: Mutex::default() }
    }

    /// The pauses so far, sorted; the next request begins a new series.
    fn pauses(&self) -> Vec<Duration> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.0 = None;
        let mut pauses = std::mem::take(&mut state.1);
        pauses.sort();
        pauses
    }
}

impl Transport for AtOnce {
    fn exchange<'a>(&'a self, _: &'a Outgoing) -> Later<'a, Result<Incoming, HttpError>> {
        let asked = Instant::now();
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        let (body, wire_bytes) = (self.body.clone(), self.body.len() as u64);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let answered = state.0.replace(Instant::now());
        state.1.extend(answered.map(|answered| asked - answered));
        drop(state);
        Box::pin(async move { Ok(Incoming { status: 200, headers, body, wire_bytes }) })
    }
}

/// A line of the broker, as the sandbox knows it.
struct Out(Line);

impl Outbound for Out {
    fn send(&self, request: HttpRequest) -> Later<'_, Result<HttpResponse, HttpError>> {
        Box::pin(self.0.send(request))
    }

    fn open(&self, _: HttpRequest) -> Later<'_, Result<Opened, HttpError>> {
        Box::pin(async { Err(HttpError::Connect) })
    }
}

const ENDPOINT: &str = "https://models.test";

fn connect(plugin: &Plugin, secret: &Path, service: &Arc<AtOnce>) -> anyhow::Result<Line> {
    let manifest = plugin.manifest();
    let login = CredentialSource {
        kind: CredentialKind::Bearer,
        reference: format!("file:{}", secret.display()),
        options: BTreeMap::new(),
    };
    let connection = Connection {
        name: SourceName::new("measure")?,
        plugin: PluginId::new("stories/rogue")?,
        permissions: Digest::of(b""),
        endpoint: Some(ENDPOINT.into()),
        allow_private: vec![],
        authority: None,
        credentials: BTreeMap::from([("login".to_owned(), login)]),
        settings: String::new(),
        budget: Budget { calls: Some(1 << 40), ..Budget::default() },
    };
    let transport: Arc<dyn Transport> = Arc::<AtOnce>::clone(service);
    let config = BrokerConfig {
        limits: Limits { per_second: 1_000_000, ..Limits::default() },
        transport: Some(transport),
        ..BrokerConfig::default()
    };
    let broker = Broker::new(config);
    let session =
        broker.connect(&connection, &manifest.egress, &manifest.credentials, ConnectOptions::default())?;
    Ok(session.scope("calls"))
}

/// The same request without a guest.
async fn alone(line: &Line, calls: usize) -> anyhow::Result<()> {
    for _ in 0..calls {
        let request = HttpRequest {
            method: HttpMethod::Get,
            url: format!("{ENDPOINT}/models"),
            headers: vec![],
            body: None,
            credential: Some("login".into()),
            timeout_ms: None,
        };
        line.send(request).await.map_err(|error| anyhow::anyhow!("{error:?}"))?;
    }
    Ok(())
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let guests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/guests");
    let component = inventar_testkit::build_example(&guests, "rogue")?;
    let runtime = Runtime::new(RuntimeConfig::default())?;
    let plugin = runtime.load(&component, Trust::Unsigned)?;
    plugin.prepare()?;
    let settings = plugin.manifest().check_settings(&format!(r#"{{"endpoint":"{ENDPOINT}"}}"#))?;
    let context = CollectContext { now: Timestamp(0), settings, full_sync: true };
    let scope = Scope { id: "calls".into(), kind: "registry".into(), label: "registry".into() };
    let mut secret = tempfile::NamedTempFile::new()?;
    secret.write_all(b"a-secret-of-the-usual-length-1234567890")?;

    for (name, size) in [("1 KiB", 1 << 10), ("16 KiB", 16 << 10), ("256 KiB", 256 << 10)] {
        let service = Arc::new(AtOnce::new(size));
        let line = connect(&plugin, secret.path(), &service)?;
        alone(&line, 2_000).await?;
        let brokered = service.pauses();
        let out: Arc<dyn Outbound> = Arc::new(Out(line));
        for _ in 0..2 {
            let slice = plugin.run_slice(&context, &scope, None, Arc::clone(&out)).await;
            slice.map_err(|fault| anyhow::anyhow!("{fault}")).context("the guest")?;
        }
        let sandboxed = service.pauses();
        ensure!(sandboxed.len() >= 1_000, "the guest asked {} times only", sandboxed.len());
        let at = |pauses: &[Duration], share: usize| {
            pauses[(pauses.len() - 1) * share / 100].as_nanos() as f64 / 1e3
        };
        let mut stdout = std::io::stdout().lock();
        writeln!(
            stdout,
            "answers of {name:>7}: broker p50 {:6.1} µs, p99 {:6.1} µs; with the sandbox p50 {:6.1} µs, p99 {:6.1} µs",
            at(&brokered, 50),
            at(&brokered, 99),
            at(&sandboxed, 50),
            at(&sandboxed, 99),
        )?;
    }
    Ok(())
}
