//! A server that answers as it is told, and a source connected to it.

use crate::rule::rule;
use inventar_broker::{Broker, BrokerConfig, ConnectOptions, Limits, Line, Resolver, Session};
use inventar_model::{
    Budget, Connection, CredentialKind, CredentialSlot, CredentialSource, Digest, ENDPOINT, Egress, Header,
    HttpError, HttpMethod, HttpRequest, HttpResponse, PluginId, Protocol, SourceName,
};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The secret of every test: it must come back nowhere.
pub(crate) const SECRET: &str = "canary/7Yx+Qw9~Zk\"3pLm";

/// Where it is kept: written once, since a source outlives the rig that connected it.
static KEPT: LazyLock<PathBuf> = LazyLock::new(|| {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("canary");
    std::fs::write(&path, SECRET).unwrap();
    path
});

/// What a server does with a connection, in order.
#[derive(Clone)]
pub(crate) enum Act {
    Send(Vec<u8>),
    /// Again and again, for as long as somebody reads.
    Endless(Vec<u8>),
    /// A byte, a pause, a byte, a pause.
    Drip(Vec<u8>, Duration),
    /// Nothing, for as long as the other side stays.
    Hang,
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) connections: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<String>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// `answer` is told the request and how many came before.
    pub(crate) async fn start(answer: impl Fn(&str, usize) -> Vec<Act> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (connections, requests) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(vec![])));
        let (count, seen, answer) = (Arc::clone(&connections), Arc::clone(&requests), Arc::new(answer));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream, Arc::clone(&seen), Arc::clone(&answer)));
            }
        });
        Self { address, connections, requests, task }
    }

    /// Answers everything with a status, headers and a body.
    pub(crate) async fn fixed(status: u16, headers: &'static str, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        Self::start(move |_, _| vec![Act::Send(answer(status, headers, &body))]).await
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

/// An answer and the end of the connection.
pub(crate) fn answer(status: u16, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

async fn serve<F: Fn(&str, usize) -> Vec<Act>>(
    mut stream: TcpStream,
    seen: Arc<Mutex<Vec<String>>>,
    answer: Arc<F>,
) {
    let Some(request) = read(&mut stream).await else { return };
    let acts = {
        let mut seen = seen.lock().unwrap();
        seen.push(request.clone());
        answer(&request, seen.len() - 1)
    };
    for act in acts {
        let gone = match act {
            Act::Send(bytes) => stream.write_all(&bytes).await.is_err(),
            Act::Endless(bytes) => loop {
                if stream.write_all(&bytes).await.is_err() {
                    break true;
                }
            },
            Act::Drip(bytes, pause) => {
                let mut gone = false;
                for byte in bytes {
                    gone = stream.write_all(&[byte]).await.is_err();
                    tokio::time::sleep(pause).await;
                    if gone {
                        break;
                    }
                }
                gone
            }
            Act::Hang => {
                let mut nothing = [0; 64];
                while stream.read(&mut nothing).await.is_ok_and(|n| n > 0) {}
                true
            }
        };
        if gone {
            return;
        }
    }
    let _ = stream.shutdown().await;
}

async fn read(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = vec![];
    loop {
        let mut piece = [0; 4096];
        match stream.read(&mut piece).await {
            Ok(0) | Err(_) => return None,
            Ok(n) => bytes.extend_from_slice(&piece[..n]),
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        // Somebody wants encryption, and gets an answer without.
        if bytes.first() == Some(&0x16) {
            return Some(text);
        }
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.to_ascii_lowercase().split_once("content-length: ").map_or(0, |(_, rest)| {
            rest.split("\r\n").next().unwrap_or_default().parse::<usize>().unwrap_or(0)
        });
        if body.len() >= length {
            return Some(text);
        }
    }
}

/// A connected source, before it is connected.
pub(crate) struct Rig {
    pub(crate) connection: Connection,
    pub(crate) limits: Limits,
    pub(crate) options: ConnectOptions,
    pub(crate) resolver: Option<Arc<dyn Resolver>>,
}

pub(crate) fn rules() -> Vec<Egress> {
    let rest = Protocol::Rest;
    let both: &[&str] = &["Read GET /v1/{path+}", "Search POST /v1/search"];
    let rules = [
        rule("acme", &["api.acme.com", "*.eu.acme.com"], rest, both),
        Egress { credential: None, ..rule("open", &["open.acme.com"], rest, &["Look GET /v1/{path+}"]) },
        rule("sagemaker", &["api.sagemaker.*.amazonaws.com"], Protocol::AwsJson, &["ListModels"]),
        rule("iam", &["iam.amazonaws.com"], Protocol::AwsQuery, &["ListRoles"]),
        rule("here", &[ENDPOINT], rest, both),
    ];
    rules.map(|rule| Egress { headers: vec!["x-acme".into()], cost_microusd: 10, ..rule }).into()
}

impl Rig {
    /// With an endpoint and this machine allowed.
    pub(crate) fn at(endpoint: &str) -> Self {
        let source = CredentialSource {
            kind: CredentialKind::Bearer,
            reference: format!("file:{}", KEPT.display()),
            options: BTreeMap::new(),
        };
        let connection = Connection {
            name: SourceName::new("test").unwrap(),
            plugin: PluginId::new("acme/test").unwrap(),
            permissions: Digest::of(b"test"),
            endpoint: Some(endpoint.into()),
            allow_private: vec!["127.0.0.0/8".into()],
            authority: None,
            credentials: BTreeMap::from([("key".to_owned(), source)]),
            settings: String::new(),
            budget: Budget::default(),
        };
        let limits = Limits {
            connect: Duration::from_millis(2000),
            first_byte: Duration::from_millis(1500),
            between_bytes: Duration::from_millis(300),
            total: Duration::from_millis(4000),
            backoff: Duration::from_millis(1),
            longest_wait: Duration::from_secs(2),
            per_second: 10_000,
            body_bytes: 1 << 20,
            ..Limits::default()
        };
        Self { connection, limits, options: ConnectOptions::default(), resolver: None }
    }

    pub(crate) fn connect(&self) -> Session {
        let default = BrokerConfig::default();
        let config = BrokerConfig {
            limits: self.limits.clone(),
            resolver: self.resolver.clone().unwrap_or(default.resolver),
            transport: None,
        };
        Broker::new(config).connect(&self.connection, &rules(), &[slot()], self.options.clone()).unwrap()
    }

    pub(crate) fn line(&self) -> Line {
        self.connect().scope("s")
    }
}

pub(crate) fn slot() -> CredentialSlot {
    CredentialSlot {
        slot: "key".into(),
        kinds: vec![CredentialKind::Bearer, CredentialKind::Aws],
        header: None,
        optional: false,
        reason: "a test".into(),
    }
}

pub(crate) fn get(url: &str) -> HttpRequest {
    HttpRequest {
        method: HttpMethod::Get,
        url: url.into(),
        headers: vec![],
        body: None,
        credential: None,
        timeout_ms: None,
    }
}

pub(crate) fn signed(url: &str) -> HttpRequest {
    HttpRequest { credential: Some("key".into()), ..get(url) }
}

pub(crate) fn post(url: &str, headers: &[(&str, &str)], body: &str) -> HttpRequest {
    let headers =
        headers.iter().map(|(name, value)| Header { name: (*name).into(), value: (*value).into() }).collect();
    HttpRequest { method: HttpMethod::Post, headers, body: Some(body.into()), ..signed(url) }
}

/// An outcome in a line.
pub(crate) fn said(outcome: &Result<HttpResponse, HttpError>) -> String {
    match outcome {
        Ok(response) => format!("{} {}", response.status, String::from_utf8_lossy(&response.body)),
        Err(HttpError::Denied(denial)) => format!("denied {}", denial.as_str()),
        Err(HttpError::Other(why)) => format!("other: {why}"),
        Err(HttpError::TooLarge(bytes)) => format!("too-large {bytes}"),
        Err(HttpError::RateLimited(wait)) => format!("rate-limited {wait:?}"),
        Err(error) => error.as_str().into(),
    }
}
