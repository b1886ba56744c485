//! What the tests stand on: a server, a way to it, and short ways to say things.

use inventar_broker::{
    Credential, CredentialError, Incoming, Later, Outgoing, SignFor, Surroundings, Transport,
};
use inventar_model::{CredentialKind, CredentialSlot, CredentialSource, HttpError, HttpMethod};
use std::io::Write;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A request as the server saw it.
#[derive(Clone, Default)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    pub(crate) fn form(&self, name: &str) -> String {
        let mut pairs = url::form_urlencoded::parse(&self.body);
        pairs.find(|(known, _)| known == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
    }
}

/// A server on this machine that answers as it is told, once a connection.
pub(crate) struct Server {
    pub(crate) address: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    pub(crate) async fn start(answer: impl Fn(&Asked) -> (u16, String) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(vec![]));
        let (log, answer) = (Arc::clone(&asked), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                tokio::spawn(async move {
                    let (head, body) = message(&mut stream).await;
                    let mut words = head.lines().next().unwrap_or_default().split(' ');
                    let mut asked = Asked { headers: headers(&head), body, ..Asked::default() };
                    asked.method = words.next().unwrap_or_default().into();
                    asked.target = words.next().unwrap_or_default().into();
                    let (status, text) = answer(&asked);
                    log.lock().unwrap().push(asked);
                    let length = text.len();
                    let head = format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\n\r\n");
                    stream.write_all(format!("{head}{text}").as_bytes()).await.unwrap();
                });
            }
        });
        Self { address, asked }
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

/// Plain HTTP to wherever the address says.
pub(crate) struct Direct;

impl Transport for Direct {
    fn exchange<'a>(&'a self, request: &'a Outgoing) -> Later<'a, Result<Incoming, HttpError>> {
        Box::pin(async move {
            let (host, port) =
                (request.url.host_str().unwrap(), request.url.port_or_known_default().unwrap());
            let mut stream = TcpStream::connect((host, port)).await.map_err(|_| HttpError::Connect)?;
            let query = request.url.query().map(|query| format!("?{query}")).unwrap_or_default();
            let mut head = format!("{} {}{query} HTTP/1.1\r\n", request.method, request.url.path());
            let host = request.url.port().map_or(host.to_owned(), |port| format!("{host}:{port}"));
            head.push_str(&format!("host: {host}\r\nconnection: close\r\n"));
            head.push_str(&format!("content-length: {}\r\n", request.body.len()));
            for (name, value) in &request.headers {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
            let sent = [head.as_bytes(), b"\r\n", &request.body].concat();
            stream.write_all(&sent).await.map_err(|_| HttpError::Connect)?;
            let (head, body) = message(&mut stream).await;
            let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
            let status = status.ok_or(HttpError::Connect)?;
            Ok(Incoming { status, headers: headers(&head), wire_bytes: body.len() as u64, body })
        })
    }
}

/// No way out.
pub(crate) struct Nowhere;

impl Transport for Nowhere {
    fn exchange<'a>(&'a self, _: &'a Outgoing) -> Later<'a, Result<Incoming, HttpError>> {
        Box::pin(async { Err(HttpError::Dns) })
    }
}

async fn message(stream: &mut TcpStream) -> (String, Vec<u8>) {
    let mut bytes = vec![];
    loop {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        if let Some(end) = end {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let length = headers(&head).iter().find(|(name, _)| name == "content-length").cloned();
            let length: Option<usize> = length.and_then(|(_, value)| value.parse().ok());
            let have = bytes.len() - end - 4;
            if length.is_some_and(|length| have >= length) {
                return (head, bytes[end + 4..].to_vec());
            }
        }
        let mut part = [0; 4096];
        match stream.read(&mut part).await {
            Ok(0) | Err(_) => {
                let end = end.unwrap_or(bytes.len());
                let body = bytes.get(end + 4..).unwrap_or_default().to_vec();
                return (String::from_utf8_lossy(&bytes[..end]).into_owned(), body);
            }
            Ok(n) => bytes.extend(&part[..n]),
        }
    }
}

fn headers(head: &str) -> Vec<(String, String)> {
    let pairs = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    pairs.map(|(name, value)| (name.to_lowercase(), value.trim().to_owned())).collect()
}

pub(crate) fn slot(kind: CredentialKind) -> CredentialSlot {
    CredentialSlot {
        slot: "main".into(),
        kinds: vec![kind],
        header: (kind == CredentialKind::Header).then(|| "api-key".into()),
        optional: false,
        reason: "A test".into(),
    }
}

pub(crate) fn source(kind: CredentialKind, reference: &str, options: &[(&str, &str)]) -> CredentialSource {
    let options = options.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    CredentialSource { kind, reference: reference.to_owned(), options }
}

pub(crate) fn credential(
    kind: CredentialKind,
    reference: &str,
    options: &[(&str, &str)],
    surroundings: Surroundings,
) -> Result<Credential, CredentialError> {
    let actions = ["sagemaker:ListModels".to_owned(), "iam:GetRole".to_owned()];
    Credential::within(&source(kind, reference, options), &slot(kind), &actions, surroundings)
}

pub(crate) fn get(url: &str) -> Outgoing {
    Outgoing { method: HttpMethod::Get, url: url.parse().unwrap(), headers: vec![], body: vec![] }
}

/// The address of a real server, from its variable; without it the test is left out, and says so.
pub(crate) fn rig(variable: &str) -> Option<String> {
    let address = std::env::var(variable).ok().filter(|address| !address.is_empty());
    if address.is_none() {
        // Past the test harness, which keeps what a test prints to itself.
        let mut stderr = std::io::stderr().lock();
        _ = writeln!(stderr, "SKIP: {variable} names no server; `cargo xtask rigs --all` starts one");
    }
    address
}

/// Signs a request for nothing in particular and gives its headers, sorted.
pub(crate) async fn signed(
    credential: &Credential,
    transport: &dyn Transport,
) -> Result<Vec<(String, String)>, CredentialError> {
    let slot = slot(credential.kind());
    let mut request = get("https://service.example/");
    let what = SignFor { service: "service", region: None, slot: &slot };
    credential.sign(&mut request, &what, transport).await?;
    request.headers.sort();
    Ok(request.headers)
}

pub(crate) async fn authorization(credential: &Credential, transport: &dyn Transport) -> String {
    let headers = signed(credential, transport).await.unwrap();
    headers.into_iter().find(|(name, _)| name == "authorization").unwrap().1
}

pub(crate) fn secrets(credential: &Credential) -> Vec<String> {
    use secrecy::ExposeSecret;
    credential.secrets().iter().map(|secret| secret.expose_secret().to_owned()).collect()
}

/// A path as it is written in a reference.
pub(crate) fn written(path: &std::path::Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// A file that only its owner can read.
pub(crate) fn private(path: &std::path::Path, text: &str) -> String {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
    written(path)
}

/// A program that prints a text.
pub(crate) fn program(path: &std::path::Path, script: &str) -> String {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700)).unwrap();
    written(path)
}
