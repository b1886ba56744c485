//! What comes back without the secret, however it is written.

use crate::rig::{Act, Rig, SECRET, Server, answer, said, signed};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use inventar_broker::{Recording, Replay};
use inventar_model::HttpResponse;
use std::io::Write;
use std::sync::{Arc, Mutex};

/// A file that a test can look into.
#[derive(Clone, Default)]
pub(crate) struct Page(Arc<Mutex<Vec<u8>>>);

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Page {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

fn hex(text: &str) -> String {
    text.bytes().map(|b| format!("{b:02x}")).collect()
}

fn percent(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

fn json(text: &str) -> String {
    serde_json::to_string(text).unwrap().trim_matches('"').to_owned()
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(vec![], flate2::Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

#[track_caller]
fn clean(text: &str) {
    let (inner, b64) = (&SECRET[2..SECRET.len() - 2], STANDARD.encode(SECRET));
    for part in [inner, &json(inner), &percent(inner), &hex(inner), &b64[4..b64.len() - 4]] {
        assert!(!text.contains(part), "{part} in {text}");
    }
}

/// What an echo sends, and that neither the guest nor the record has the secret.
async fn echo(headers: &str, body: Vec<u8>) -> HttpResponse {
    let bytes = answer(200, headers, &body);
    let server = Server::start(move |_, _| vec![Act::Send(bytes.clone())]).await;
    let page = Page::default();
    let mut rig = Rig::at(&server.url());
    rig.options.record = Some(Arc::new(Recording::to(page.clone())));
    let line = rig.line();
    let response = line.send(signed("https://api.acme.com/v1/echo")).await.unwrap();
    let seen = format!("{:?} {}", response.headers, String::from_utf8_lossy(&response.body));
    clean(&seen);
    clean(&page.text());
    assert!(seen.contains("[redacted]"), "{seen}");
    assert!(server.requests()[0].contains(SECRET), "it was sent");

    // The same in pieces, as small as they come.
    let mut opened = line.open(signed("https://api.acme.com/v1/echo")).await.unwrap();
    let mut pieces = vec![];
    while let Some(piece) = opened.body.read(7).await.unwrap() {
        assert!(piece.len() <= 7);
        pieces.extend(piece);
    }
    // The whole header may be recognised where it comes in pieces, and only the secret in it elsewhere.
    let same = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace("Bearer [", "[");
    assert_eq!(same(&pieces), same(&response.body));
    clean(&page.text());
    assert_eq!(page.text().lines().count(), 2);
    response
}

#[tokio::test]
async fn an_echo_in_any_spelling_is_redacted() {
    for spelling in [
        SECRET.to_owned(),
        format!("{{\"headers\":{{\"authorization\":\"Bearer {}\"}}}}", json(SECRET)),
        json(SECRET).replace('/', "\\/"),
        SECRET.chars().map(|c| format!("\\u{:04x}", c as u32)).collect(),
        STANDARD.encode(SECRET),
        STANDARD.encode(format!("Bearer {SECRET}")),
        URL_SAFE_NO_PAD.encode(format!("x{SECRET}y")),
        percent(SECRET),
        url::form_urlencoded::byte_serialize(SECRET.as_bytes()).collect(),
        hex(SECRET),
        hex(SECRET).to_uppercase(),
    ] {
        echo("", format!("before {spelling} after").into_bytes()).await;
    }
}

#[tokio::test]
async fn an_echo_in_a_compressed_answer_is_redacted() {
    let response = echo("content-encoding: gzip\r\n", gzip(format!("it is {SECRET}!").as_bytes())).await;
    assert_eq!(response.body, b"it is [redacted]!");
    assert!(response.headers.iter().all(|header| header.name != "content-encoding"));
}

#[tokio::test]
async fn an_echo_in_a_header_is_redacted() {
    let headers = Box::leak(
        format!("x-echo: Bearer {SECRET}\r\nx-b: {}\r\n", STANDARD.encode(SECRET)).into_boxed_str(),
    );
    let response = echo(headers, b"nothing".to_vec()).await;
    let value = |name| response.headers.iter().find(|header| header.name == name).unwrap().value.clone();
    assert_eq!((value("x-echo").as_str(), value("x-b").as_str()), ("Bearer [redacted]", "[redacted]"));
}

#[tokio::test]
async fn an_echo_cut_into_pieces_is_redacted() {
    let server = Server::start(|_, _| {
        let body = format!("x {SECRET} y");
        let mut acts = vec![Act::Send(b"HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n".to_vec())];
        acts.extend(body.bytes().map(|b| Act::Send(format!("1\r\n{}\r\n", char::from(b)).into_bytes())));
        acts.push(Act::Send(b"0\r\n\r\n".to_vec()));
        acts
    })
    .await;
    let line = Rig::at(&server.url()).line();
    assert_eq!(said(&line.send(signed("https://api.acme.com/v1/echo")).await), "200 x [redacted] y");
    let mut opened = line.open(signed("https://api.acme.com/v1/echo")).await.unwrap();
    let mut text = String::new();
    while let Some(piece) = opened.body.read(1024).await.unwrap() {
        text.push_str(&String::from_utf8(piece).unwrap());
    }
    assert_eq!(text, "x [redacted] y");
}

#[tokio::test]
async fn an_echo_in_a_redirect_is_redacted() {
    let server = Server::start(|_, _| {
        vec![Act::Send(answer(302, &format!("location: https://evil.example/{}\r\n", percent(SECRET)), b""))]
    })
    .await;
    let outcome = Rig::at(&server.url()).line().send(signed("https://api.acme.com/v1/a")).await;
    clean(&format!("{outcome:?}"));
    assert_eq!(said(&outcome), "denied redirect");
}

#[tokio::test]
async fn challenges_and_cookies_stay_outside() {
    let server =
        Server::fixed(401, "www-authenticate: Basic realm=x\r\nset-cookie: s=1\r\nx-a: 1\r\n", "no").await;
    let response = Rig::at(&server.url()).line().send(signed("https://api.acme.com/v1/a")).await.unwrap();
    let names: Vec<&str> = response.headers.iter().map(|header| header.name.as_str()).collect();
    assert_eq!((response.status, names), (401, vec!["x-a"]));
    assert_eq!(server.requests().len(), 1, "the credential was read a moment ago: there is no newer one");
}

#[tokio::test]
async fn a_missing_secret_is_told_without_any() {
    let server = Server::fixed(200, "", "").await;
    let mut rig = Rig::at(&server.url());
    rig.connection.credentials.get_mut("key").unwrap().reference = "file:/nowhere/at/all".into();
    let outcome = rig.line().send(signed("https://api.acme.com/v1/a")).await;
    assert_eq!(said(&outcome), "credential-unavailable");
    rig.connection.credentials.clear();
    let outcome = rig.line().send(signed("https://api.acme.com/v1/a")).await;
    assert_eq!(said(&outcome), "credential-unavailable");
    assert_eq!(server.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn nothing_prints_a_secret() {
    let server = Server::fixed(200, "", SECRET).await;
    let rig = Rig::at(&server.url());
    let session = rig.connect();
    let line = session.scope("s");
    let opened = line.open(signed("https://api.acme.com/v1/a")).await.unwrap();
    clean(&format!("{session:?} {line:?} {opened:?} {:?}", session.live()));
    assert_eq!(session.redact(format!("panicked at {SECRET}")), "panicked at [redacted]");
}

#[tokio::test]
async fn a_record_replays_to_the_same_answers() {
    let server = Server::start(|request, n| {
        let status = if request.contains("/v1/gone") { 404 } else { 200 };
        vec![Act::Send(answer(
            status,
            "content-type: application/json\r\n",
            format!("{{\"n\":{n}}}").as_bytes(),
        ))]
    })
    .await;
    let page = Page::default();
    let mut rig = Rig::at(&server.url());
    rig.options.record = Some(Arc::new(Recording::to(page.clone())));
    let urls = ["https://api.acme.com/v1/a", "https://api.acme.com/v1/a", "https://api.acme.com/v1/gone"];
    let mut live = vec![];
    let line = rig.line();
    for url in urls {
        live.push(said(&line.send(signed(url)).await));
    }
    assert_eq!(said(&line.send(signed("https://evil.example/")).await), "denied host");
    clean(&page.text());
    assert!(!page.text().to_ascii_lowercase().contains("authorization"));

    rig.options.record = None;
    rig.options.replay = Some(Arc::new(Replay::read(&page.text()).unwrap()));
    rig.connection.credentials.clear();
    let before = server.requests().len();
    let line = rig.line();
    for (url, live) in urls.iter().zip(live) {
        assert_eq!(said(&line.send(signed(url)).await), live);
    }
    assert_eq!(said(&line.send(signed("https://evil.example/")).await), "denied host");
    assert_eq!(
        said(&line.send(signed("https://api.acme.com/v1/new")).await),
        "other: the recording has no answer to GET https://api.acme.com/v1/new"
    );
    assert_eq!(server.requests().len(), before);
}
