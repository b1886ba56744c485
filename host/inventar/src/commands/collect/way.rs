//! The way out of a collection: a session of the broker, as collections and plugins know it.

use crate::exit::{Exit, Stop};
use inventar_broker::{
    Body, Broker, BrokerConfig, ConnectError, ConnectOptions, Credential, Faults, Incoming, Outgoing,
    Recording, Replay, Session, Transport,
};
use inventar_model::{
    Connection, CredentialKind, Denial, HttpError, HttpRequest, HttpResponse, OperationUse, Spent,
};
use inventar_runtime::{BodyReader, Later, Manifest, Opened, Outbound};
use inventar_scan::{Line, Lines};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How requests are answered, and what is kept of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct How {
    /// From these recorded exchanges: nothing is called.
    pub(crate) replay: Option<PathBuf>,
    /// Writes every exchange there.
    pub(crate) record: Option<PathBuf>,
    /// Breaks answers on purpose.
    pub(crate) fault: Option<String>,
}

/// A connected source, ready to be asked. Open it where it is used: its connections live as long as that runtime.
#[derive(Debug)]
pub(crate) struct Way {
    session: Session,
    slots: Vec<String>,
    record: Option<Written>,
}

impl Way {
    /// Connects. Nothing is called yet.
    pub(crate) fn open(connection: &Connection, manifest: &Manifest, how: &How) -> Result<Self, Stop> {
        let broker = Broker::new(BrokerConfig::default());
        let record = how.record.as_deref().map(Written::create).transpose()?;
        let options = ConnectOptions {
            record: record.as_ref().map(Written::recording).transpose()?.map(Arc::new),
            replay: how.replay.as_deref().map(replay).transpose()?.map(Arc::new),
            faults: how.fault.as_deref().map(faults).transpose()?,
            ..ConnectOptions::default()
        };
        let session = broker
            .connect(connection, &manifest.egress, &manifest.credentials, options)
            .map_err(|error| refused(connection, &error))?;
        Ok(Self { session, slots: connection.credentials.keys().cloned().collect(), record })
    }

    /// Who we are, by slot: never what proves it.
    pub(crate) async fn identities(&self) -> BTreeMap<String, String> {
        let mut identities = BTreeMap::new();
        for slot in &self.slots {
            let words = match self.session.identity(slot).await {
                Some(Ok(identity)) => {
                    let who = if identity.who.is_empty() { "a token".to_owned() } else { identity.who };
                    let account = identity.account.map_or(String::new(), |account| format!(" in {account}"));
                    let warnings = identity.warnings.iter().map(|warning| format!("; {warning}"));
                    format!("{who}{account}{}", warnings.collect::<String>())
                }
                Some(Err(error)) => format!("not known: {error}"),
                None => "not known".to_owned(),
            };
            identities.insert(slot.clone(), self.session.redact(words));
        }
        identities
    }

    /// What it cost so far.
    pub(crate) fn spent(&self) -> Spent {
        self.session.spent()
    }

    /// Requests to token services so far.
    pub(crate) fn token_calls(&self) -> u64 {
        self.session.token_calls()
    }

    /// Ends a recording; how many exchanges it holds.
    pub(crate) fn finish(self) -> Result<u64, Stop> {
        drop(self.session);
        self.record.map_or(Ok(0), Written::finish)
    }
}

/// Where a kubeconfig among the credentials says that the service is.
pub(crate) async fn cluster(connection: &Connection, manifest: &Manifest) -> Result<Option<String>, Stop> {
    for slot in &manifest.credentials {
        let Some(source) = connection.credentials.get(&slot.slot) else { continue };
        if source.kind != CredentialKind::Kubeconfig {
            continue;
        }
        let unreadable =
            |error| Stop::usage(format!("cannot read the kubeconfig for `{}`: {error}", slot.slot));
        let credential = Credential::new(source, slot, &[]).map_err(unreadable)?;
        credential.prepare(&Nowhere).await.map_err(unreadable)?;
        return Ok(credential.cluster().map(|cluster| cluster.server));
    }
    Ok(None)
}

/// A file or a program needs no network.
struct Nowhere;

impl Transport for Nowhere {
    fn exchange<'a>(&'a self, _: &'a Outgoing) -> inventar_broker::Later<'a, Result<Incoming, HttpError>> {
        Box::pin(async {
            Err(HttpError::Denied(Denial::Host("only a file or a program is read here".into())))
        })
    }
}

impl Lines for Way {
    fn line(&self, scope: &str) -> Arc<dyn Line> {
        Arc::new(Out(self.session.scope(scope)))
    }

    fn used(&self) -> Vec<OperationUse> {
        self.session.used()
    }

    fn resume(&self, already: Spent) {
        self.session.resume(already);
    }
}

/// A line of the broker, as the sandbox knows it.
struct Out(inventar_broker::Line);

impl Outbound for Out {
    fn send(&self, request: HttpRequest) -> Later<'_, Result<HttpResponse, HttpError>> {
        Box::pin(self.0.send(request))
    }

    fn open(&self, request: HttpRequest) -> Later<'_, Result<Opened, HttpError>> {
        Box::pin(async move {
            let opened = self.0.open(request).await?;
            Ok(Opened { head: opened.head, body: Box::new(Rest(opened.body)) })
        })
    }
}

impl Line for Out {
    fn spent(&self) -> Spent {
        self.0.spent()
    }
}

/// The rest of a body.
struct Rest(Body);

impl BodyReader for Rest {
    fn read(&mut self, max: u32) -> Later<'_, Result<Option<Vec<u8>>, HttpError>> {
        Box::pin(self.0.read(max))
    }
}

fn refused(connection: &Connection, error: &ConnectError) -> Stop {
    let stop = Stop::usage(format!("cannot connect `{}`: {error}", connection.name));
    match error {
        ConnectError::Slot { .. } => stop.hint(format!("`inventar source grant {}`", connection.name)),
        _ => stop,
    }
}

fn replay(path: &Path) -> Result<Replay, Stop> {
    let wrong = |why: String| Stop::usage(format!("cannot replay: {why}")).at(path.display().to_string());
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    Replay::read(&text).map_err(|error| wrong(error.to_string()))
}

fn faults(text: &str) -> Result<Faults, Stop> {
    Faults::parse(text).map_err(|why| Stop::usage(format!("cannot take --fault: {why}")))
}

/// A recording on its way to a file, which is complete or absent.
#[derive(Debug)]
struct Written {
    part: PathBuf,
    whole: PathBuf,
    lines: Arc<AtomicU64>,
}

impl Written {
    fn create(whole: &Path) -> Result<Self, Stop> {
        let mut part = whole.as_os_str().to_owned();
        part.push(".part");
        Ok(Self { part: part.into(), whole: whole.to_owned(), lines: Arc::default() })
    }

    fn recording(&self) -> Result<Recording, Stop> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        // It holds what the service said.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&self.part).map_err(|error| self.unwritable(&error))?;
        Ok(Recording::to(Counted { file, lines: Arc::clone(&self.lines) }))
    }

    fn finish(self) -> Result<u64, Stop> {
        std::fs::rename(&self.part, &self.whole).map_err(|error| self.unwritable(&error))?;
        Ok(self.lines.load(Ordering::Relaxed))
    }

    fn unwritable(&self, error: &io::Error) -> Stop {
        Stop::new(Exit::Store, format!("cannot write `{}`: {error}", self.whole.display()))
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        // After a rename there is nothing left to remove.
        _ = std::fs::remove_file(&self.part);
    }
}

struct Counted {
    file: File,
    lines: Arc<AtomicU64>,
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.file.write(bytes)?;
        let lines = bytes[..n].iter().filter(|byte| **byte == b'\n').count();
        self.lines.fetch_add(lines as u64, Ordering::Relaxed);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
