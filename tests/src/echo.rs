//! A service that repeats every secret it knows, in every usual spelling: the token service that a credential is fetched
//! from, and the API that it is shown to, in collusion.

use crate::http::{Answer, Request, answer, listen};
use crate::hunt::{Canary, spellings};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Whoever does not ask for so long has ended, or never will.
const PATIENCE: Duration = Duration::from_secs(120);
/// What every answer says beside the secrets, so that somebody who looks can tell that he sees anything at all.
const MARKER: &str = "the echo was here: 31e0c7";

/// A service on two free ports of this machine, one of them encrypted; it goes with the process.
#[derive(Debug, Clone)]
pub struct Echo {
    /// `http://127.0.0.1:PORT`
    pub url: String,
    /// `https://127.0.0.1:PORT`, signed for by [`Echo::authority`]; it asks for a client certificate.
    pub secure: String,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    /// Short reads and writes; requests wait on `changed` with it.
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// What is known of each source, by the first part of its paths.
    sources: BTreeMap<String, Known>,
    /// Every request as it came.
    asked: Vec<String>,
    /// Paths that are not answered yet, by what they contain.
    held: Option<String>,
    /// Token services say no.
    stern: bool,
}

/// What is known of a source.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// What is repeated.
    pub secrets: Vec<Canary>,
    /// What the token service gives.
    pub issued: String,
    /// What Vault keeps.
    pub kept: String,
}

impl Echo {
    /// Starts it. It knows nothing yet.
    pub fn start() -> Self {
        let shared = Arc::<Shared>::default();
        let tls = Arc::new(encryption());
        let (serving, serving_securely) = (Arc::clone(&shared), Arc::clone(&shared));
        let plain = listen(move |mut stream| answer(&mut stream, |request| respond(&serving, request)));
        let secure = listen(move |stream| {
            let connection =
                rustls::ServerConnection::new(Arc::clone(&tls)).map_err(std::io::Error::other)?;
            let mut stream = rustls::StreamOwned::new(connection, stream);
            answer(&mut stream, |request| respond(&serving_securely, request))?;
            stream.conn.send_close_notify();
            stream.flush()
        });
        Self { url: format!("http://{plain}"), secure: format!("https://{secure}"), shared }
    }

    /// Tells it what to repeat below `/NAME`.
    pub fn know(&self, name: &str, known: Known) {
        self.state().sources.insert(name.to_owned(), known);
    }

    /// From now on its token services refuse, and repeat the secrets while they do.
    pub fn refuse(&self) {
        self.state().stern = true;
    }

    /// From now on paths that contain this get no answer.
    pub fn hold(&self, part: &str) {
        self.state().held = Some(part.to_owned());
    }

    /// Everything is answered again.
    pub fn release(&self) {
        self.state().held = None;
        self.shared.changed.notify_all();
    }

    /// Waits until a path that contains this is asked for, after so many requests.
    #[track_caller]
    pub fn wait_for(&self, part: &str, after: usize) {
        let asked = |state: &mut State| state.asked[after..].iter().any(|request| request.contains(part));
        let waited = self.shared.changed.wait_timeout_while(self.state(), PATIENCE, |state| !asked(state));
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        assert!(asked(&mut state), "nobody asked for `{part}`");
    }

    /// Every request so far, with its headers and body.
    pub fn asked(&self) -> Vec<String> {
        self.state().asked.clone()
    }

    /// PEM with the authority that signs for [`Echo::secure`].
    pub fn authority() -> PathBuf {
        keys("authority.pem")
    }

    /// PEM with a client certificate that the service accepts, and with the key to it.
    pub fn client() -> (PathBuf, PathBuf) {
        (keys("client.pem"), keys("client-key.pem"))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn keys(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/tls").join(name)
}

fn encryption() -> rustls::ServerConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let certificate = |path: PathBuf| CertificateDer::from_pem_file(path).expect("a certificate");
    let mut authorities = rustls::RootCertStore::empty();
    authorities.add(certificate(Echo::authority())).expect("an authority");
    let clients = rustls::server::WebPkiClientVerifier::builder_with_provider(
        Arc::new(authorities),
        Arc::clone(&provider),
    );
    let key = PrivateKeyDer::from_pem_file(keys("server.pem")).expect("a key");
    rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("protocols")
        .with_client_cert_verifier(clients.build().expect("a verifier"))
        .with_single_cert(vec![certificate(keys("server.pem"))], key)
        .expect("a certificate and its key")
}

fn respond(shared: &Shared, request: &Request) -> Answer {
    let mut state = shared.state.lock().unwrap_or_else(PoisonError::into_inner);
    state.asked.push(request.text());
    shared.changed.notify_all();
    let path = request.target();
    while state.held.as_ref().is_some_and(|part| path.contains(part)) {
        state = shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
    }
    let mut parts = path.trim_start_matches('/').split('/');
    let known = parts.next().and_then(|name| state.sources.get(name)).cloned().unwrap_or_default();
    let rest: Vec<&str> = parts.collect();
    let said = repeated(&known.secrets);
    match rest.as_slice() {
        // What nobody can keep from a guest that asks for it: a text that is there, and bytes that are each one more.
        ["needles"] => {
            let shifted = |text: &str| text.bytes().map(|byte| u16::from(byte) + 1).collect::<Vec<_>>();
            let needles: Vec<Vec<u16>> = said.values().filter_map(Value::as_str).map(shifted).collect();
            Answer::new(200, json!({ "needles": needles, "marker": shifted(MARKER) }))
        }
        ["repeat", how] => {
            let mut body = said;
            body.insert("marker".into(), MARKER.into());
            let lines = known.secrets.iter().filter(|secret| !secret.value.contains('\n')).enumerate();
            let headers: String = lines
                .map(|(n, secret)| {
                    format!("x-echo-{n}: {} {}\r\n", secret.value, STANDARD.encode(&secret.value))
                })
                .collect();
            let status = if *how == "denied" { 401 } else { 200 };
            Answer { headers, ..Answer::new(status, Value::Object(body)) }
        }
        // Vault.
        ["v1", "sys", ..] => {
            Answer::new(200, json!({"data": {"options": {"version": "2"}, "path": "secret/", "type": "kv"}}))
        }
        ["v1", ..] if state.stern => Answer::new(403, Value::Object(said)),
        ["v1", ..] => {
            Answer::new(200, json!({"data": {"data": {"key": known.kept}, "metadata": {"version": 1}}}))
        }
        ["sts", ..] if state.stern => {
            let message =
                said["plain 0"].as_str().unwrap_or_default().replace('&', "&amp;").replace('<', "&lt;");
            let body = format!(
                "<ErrorResponse><Error><Code>AccessDenied</Code><Message>{message}</Message></Error></ErrorResponse>"
            );
            Answer::new(403, body)
        }
        ["sts", ..] => Answer::new(200, session(&known.issued)),
        _ if state.stern => Answer::new(401, json!({"error": "invalid_client", "error_description": said})),
        _ => Answer::new(
            200,
            json!({"access_token": known.issued, "token_type": "Bearer", "expires_in": 3600, "also": said}),
        ),
    }
}

/// Every secret in every spelling.
fn repeated(secrets: &[Canary]) -> Map<String, Value> {
    let mut said = Map::new();
    for (n, secret) in secrets.iter().enumerate() {
        for (at, (spelling, text)) in spellings(&secret.value).into_iter().enumerate() {
            let name = if at == 0 { format!("{spelling} {n}") } else { format!("{spelling} {n}.{at}") };
            said.insert(name, text.into());
        }
        said.insert(format!("basic {n}"), STANDARD.encode(format!("user:{}", secret.value)).into());
    }
    said
}

/// What the token service of AWS answers, whichever of its operations was asked for.
fn session(issued: &str) -> String {
    format!(
        "<Response><Result><Arn>arn:aws:sts::123456789012:assumed-role/audit/inventar</Arn><Account>123456789012</Account>\
         <Credentials><AccessKeyId>ASIA0123456789012345</AccessKeyId><SecretAccessKey>{issued}</SecretAccessKey>\
         <SessionToken>session-{issued}</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>\
         </Result></Response>"
    )
}
