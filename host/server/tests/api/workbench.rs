//! A server over a store of its own, asked without a network.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use inventar_model::Run;
use inventar_server::{ServerConfig, router};
use inventar_store::{OpenOptions, Store};
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt;

/// A running program, as far as a request can tell.
pub(crate) struct Served {
    router: Router,
    _folder: TempDir,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

pub(crate) fn config() -> ServerConfig {
    ServerConfig::new(([127, 0, 0, 1], 8740).into())
}

impl Served {
    /// A server of everything these runs found.
    pub(crate) async fn of(runs: &[Run]) -> Self {
        Self::with(runs, config()).await
    }

    pub(crate) async fn with(runs: &[Run], config: ServerConfig) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path(), OpenOptions::default()).await.expect("a store");
        for run in runs {
            store.record(run).await.expect("a recorded run");
        }
        Self { router: router(store, config), _folder: folder }
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(Request::get(path)).await
    }

    /// The answer as JSON, which it must be.
    pub(crate) async fn json(&self, path: &str) -> Value {
        let reply = self.get(path).await;
        assert_eq!(reply.status, StatusCode::OK, "{path}: {}", reply.text());
        assert_eq!(reply.header("content-type"), "application/json", "{path}");
        reply.json()
    }

    pub(crate) async fn method(&self, method: Method, path: &str) -> Reply {
        self.send(Request::builder().method(method).uri(path)).await
    }

    /// Sends a request, to `localhost` unless it says otherwise.
    pub(crate) async fn send(&self, mut request: axum::http::request::Builder) -> Reply {
        if !request.headers_ref().is_some_and(|headers| headers.contains_key(header::HOST)) {
            request = request.header(header::HOST, "localhost:8740");
        }
        let request = request.body(Body::empty()).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a body").to_bytes().to_vec();
        Reply { status: parts.status, headers: parts.headers, body }
    }
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a readable header"))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The problem document, which it must be: with a title, a detail and a hint.
    pub(crate) fn problem(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["status"], status);
        for field in ["type", "title", "detail", "hint"] {
            assert!(problem[field].as_str().is_some_and(|text| !text.is_empty()), "{field} in {problem}");
        }
        problem
    }
}

/// The `items` of an answer.
pub(crate) fn items(answer: &Value) -> &[Value] {
    answer["items"].as_array().expect("items")
}

/// One field of every item, as text.
pub(crate) fn each<'a>(answer: &'a Value, pointer: &str) -> Vec<&'a str> {
    items(answer).iter().map(|item| item.pointer(pointer).and_then(Value::as_str).unwrap_or("")).collect()
}
