//! How requests are taken: names, headers, methods, bad ones, slow ones.

use crate::estate::runs;
use crate::workbench::{Served, config};
use axum::http::{Method, Request, StatusCode};
use serde_json::Value;
use std::time::Duration;

#[tokio::test]
async fn every_described_path_is_served() {
    let served = Served::of(&runs()[..1]).await;
    let description = served.json("/api/openapi.json").await;
    assert_eq!(description["openapi"].as_str().map(|version| &version[..3]), Some("3.1"));
    let list = served.json("/api/v1/assets?limit=1").await;
    let uid = list["items"][0]["uid"].as_str().expect("uid");
    let paths = description["paths"].as_object().expect("paths");
    assert!(paths.len() >= 12, "{:?}", paths.keys());
    for (path, operations) in paths {
        let operations = operations.as_object().expect("operations");
        assert_eq!(operations.keys().collect::<Vec<_>>(), ["get"], "{path} only reads");
        assert!(operations["get"]["responses"]["200"].is_object(), "{path}");
        let reply = served.get(&path.replace("{uid}", uid)).await;
        assert_eq!(reply.status, StatusCode::OK, "{path}: {}", reply.text());
    }
}

#[tokio::test]
async fn what_is_not_described_is_not_served() {
    let served = Served::of(&[]).await;
    for path in [
        "/api",
        "/api/",
        "/api/v1",
        "/api/v1/",
        "/api/v1/asset",
        "/api/v2/assets",
        "/api/v1/assets/",
        "/api/x.html",
    ] {
        served.get(path).await.problem(404);
    }
}

#[tokio::test]
async fn only_reads_are_served() {
    let served = Served::of(&[]).await;
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
        for path in ["/api/v1/assets", "/", "/coverage"] {
            served.method(method.clone(), path).await.problem(405);
        }
    }
    let head = served.method(Method::HEAD, "/api/v1/assets").await;
    assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
}

#[tokio::test]
async fn only_names_of_this_machine_are_answered() {
    let served = Served::of(&runs()[..1]).await;
    let under = async |host: &str, path: &str| served.send(Request::get(path).header("host", host)).await;
    for host in ["localhost", "localhost:1", "127.0.0.1:8740", "[::1]:8740"] {
        assert_eq!(under(host, "/api/v1/assets").await.status, StatusCode::OK, "{host}");
    }
    for host in [
        "evil.example",
        "evil.example:8740",
        "localhost.evil.example",
        "10.0.0.1:8740",
        "8740",
        "localhost, evil.example",
    ] {
        for path in ["/", "/api/v1/assets", "/livez", "/static/x.js"] {
            let problem = under(host, path).await.problem(421);
            assert!(!problem.to_string().contains("evil"), "a foreign name is not repeated");
        }
    }
    let twice = Request::get("/livez").header("host", "localhost").header("host", "evil.example");
    served.send(twice).await.problem(421);
}

#[tokio::test]
async fn every_answer_is_protected() {
    let served = Served::of(&[]).await;
    let foreign = served.send(Request::get("/").header("host", "evil.example")).await;
    let cross = served.send(Request::get("/api/v1/assets").header("origin", "https://evil.example")).await;
    let replies = [
        served.get("/").await,
        served.get("/coverage").await,
        served.get("/api/v1/assets").await,
        served.get("/api/nothing").await,
        served.get("/api/v1/assets?limit=0").await,
        foreign,
        cross,
    ];
    for reply in replies {
        let policy = reply.header("content-security-policy");
        assert!(policy.starts_with("default-src 'self';"), "{policy}");
        assert!(!policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"), "{policy}");
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        assert_eq!(reply.header("x-frame-options"), "DENY");
        assert_eq!(reply.header("referrer-policy"), "no-referrer");
        assert_eq!(reply.header("cross-origin-resource-policy"), "same-origin");
        assert_eq!(reply.header("access-control-allow-origin"), "");
        assert!(matches!(reply.header("cache-control"), "no-store" | "no-cache"));
    }
}

#[tokio::test]
async fn what_cannot_be_understood_is_said() {
    let served = Served::of(&runs()[..1]).await;
    let check = async |query: &str, status: u16, says: &str| {
        let problem = served.get(query).await.problem(status);
        let detail = problem["detail"].as_str().unwrap_or("");
        assert!(detail.contains(says), "{query}: {detail}");
    };
    check("/api/v1/assets?limit=0", 400, "`limit` is 0").await;
    check("/api/v1/assets?limit=1001", 400, "`limit` is 1001").await;
    check("/api/v1/assets?limit=x", 400, "invalid digit").await;
    check("/api/v1/assets?kind=SDK", 400, "`SDK` is not a valid asset kind").await;
    check("/api/v1/assets?kind=sdk,nonsense", 400, "`nonsense`").await;
    check("/api/v1/assets?usage=often", 400, "`often` is not a usage").await;
    check("/api/v1/assets?confidence=90", 400, "`90` is not a confidence").await;
    check("/api/v1/assets?plugin=python", 400, "`python` is not a valid plugin id").await;
    check("/api/v1/assets?sort=size", 400, "unknown variant `size`").await;
    check("/api/v1/assets?knid=sdk", 400, "unknown field `knid`").await;
    check("/api/v1/facets?usage=often", 400, "`often` is not a usage").await;
    check("/api/v1/assets?page_token=nonsense", 400, "`page_token`").await;
    check("/api/v1/assets?source=%00", 400, "control characters").await;
    check("/api/v1/assets/nonsense", 404, "`nonsense`").await;
    check("/api/v1/assets/00000000-0000-8000-8000-000000000000", 404, "00000000").await;
    check("/api/v1/coverage?source=elsewhere", 404, "`elsewhere`").await;
    check("/api/v1/runs?source=elsewhere", 404, "`elsewhere`").await;
    check("/api/v1/bom?source=elsewhere", 404, "`elsewhere`").await;
    check("/api/v1/bom?spec=2.0", 400, "`2.0`").await;
    check("/api/v1/changes?limit=51", 400, "`limit` is 51").await;
}

#[tokio::test]
async fn a_token_belongs_to_its_order() {
    let served = Served::of(&runs()[..1]).await;
    let page = served.json("/api/v1/assets?sort=name&limit=2").await;
    let token = page["next_page_token"].as_str().expect("a second page");
    served.get(&format!("/api/v1/assets?sort=usage&limit=2&page_token={token}")).await.problem(400);
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_ended() {
    let mut config = config();
    config.request_timeout = Duration::ZERO;
    let served = Served::with(&[], config).await;
    let problem = served.get("/api/v1/assets").await.problem(504);
    assert!(problem["hint"].as_str().is_some_and(|hint| hint.contains("limit")));
}

#[tokio::test]
async fn a_body_is_refused_before_it_is_read() {
    let served = Served::of(&[]).await;
    served.send(Request::get("/api/v1/assets").header("content-length", "1000000")).await.problem(413);
}

#[tokio::test]
async fn health() {
    let served = Served::of(&[]).await;
    assert_eq!(served.json("/livez").await["status"], "ok");
    assert_eq!(served.json("/readyz").await["status"], "ok");
    let version = served.json("/api/v1/version").await;
    assert_eq!(version["version"], env!("CARGO_PKG_VERSION"));
}

#[tokio::test]
async fn long_answers_are_compressed_for_those_who_ask() {
    let served = Served::of(&runs()[..1]).await;
    let reply = served.send(Request::get("/api/v1/assets").header("accept-encoding", "gzip")).await;
    assert_eq!(reply.header("content-encoding"), "gzip");
    assert_eq!(reply.body[..2], [0x1f, 0x8b]);
    assert_eq!(served.get("/api/v1/assets").await.header("content-encoding"), "");
}

#[tokio::test]
async fn pages_of_the_console_are_one_file_and_missing_files_are_missing() {
    let served = Served::of(&[]).await;
    let page = served.get("/").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.header("content-type").starts_with("text/html"), "{}", page.header("content-type"));
    for path in ["/coverage", "/assets/0190-some-uid", "/anything/else"] {
        assert_eq!(served.get(path).await.body, page.body, "{path}");
    }
    served.get("/static/index-00000000.js").await.problem(404);
    assert!(!page.text().contains("<script>"), "no script stands in the page itself");
    if inventar_server::console_is_built_in() {
        let text = page.text();
        let script = text
            .split('"')
            .find(|part| part.starts_with("/static/") && part.ends_with(".js"))
            .expect("a script");
        let request = |encoding| Request::get(script).header("accept-encoding", encoding);
        let packed = served.send(request("gzip, br")).await;
        assert_eq!(packed.header("content-encoding"), "br");
        assert!(packed.header("cache-control").contains("immutable"));
        assert!(packed.header("content-type").contains("javascript"));
        let plain = served.send(request("identity")).await;
        assert!(plain.body.len() > 2 * packed.body.len());
        let etag = plain.header("etag").to_owned();
        let again = served.send(Request::get(script).header("if-none-match", etag)).await;
        assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0));
    } else {
        assert!(page.text().contains("cargo xtask build"));
    }
}

#[tokio::test]
async fn it_stops_when_told_to() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let folder = tempfile::tempdir().expect("a folder");
    let store = inventar_store::Store::open(folder.path(), inventar_store::OpenOptions::default())
        .await
        .expect("a store");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let router = inventar_server::router(store, inventar_server::ServerConfig::new(address));
    let server = tokio::spawn(inventar_server::serve(listener, router, async { drop(stopped.await) }));

    let mut connection = tokio::net::TcpStream::connect(address).await.expect("a connection");
    let request = format!("GET /livez HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    connection.write_all(request.as_bytes()).await.expect("a sent request");
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.expect("an answer");
    let body: Value =
        answer.rsplit("\r\n\r\n").next().and_then(|body| serde_json::from_str(body).ok()).expect("JSON");
    assert_eq!(body["status"], "ok");

    stop.send(()).expect("a server that listens");
    server.await.expect("no panic").expect("a clean end");
}
