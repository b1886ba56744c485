//! One server: started on a free port, waited for, stopped.

use super::servers::Recipe;
use crate::workspace::which;
use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a server may take to answer: MLflow needs a minute on a busy machine.
const START: Duration = Duration::from_secs(240);
/// How long it may take to stop by itself.
const STOP: Duration = Duration::from_secs(10);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(100);

/// A running server.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    pub(crate) address: String,
}

impl Server {
    pub(crate) fn start(recipe: &Recipe<'_>, environment: &Path, folder: &Path) -> Result<Self> {
        for (name, content) in recipe.files {
            fs::write(folder.join(name), content)?;
        }
        let port = free_port()?;
        let log = folder.join("server.log");
        let program = environment.join("bin").join(recipe.program);
        // Should we be killed, the server is told; where this is not Linux, it stays.
        let mut command = match which("setpriv") {
            Some(setpriv) => {
                let mut command = Command::new(setpriv);
                command.args(["--pdeathsig", "TERM", "--"]).arg(program);
                command
            }
            None => Command::new(program),
        };
        command
            .args(recipe.arguments.iter().map(|argument| argument.replace("PORT", &port.to_string())))
            .envs(recipe.environment.iter().copied())
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(File::create(&log)?)
            .stderr(File::options().append(true).open(&log)?);
        let child = command.spawn().with_context(|| format!("cannot start `{}`", recipe.program))?;
        let mut server = Self { child, address: format!("http://127.0.0.1:{port}") };
        server.wait(port, recipe.ready).with_context(|| tail(&log))?;
        Ok(server)
    }

    fn wait(&mut self, port: u16, path: &str) -> Result<()> {
        let begun = Instant::now();
        while begun.elapsed() < START {
            if let Some(status) = self.child.try_wait()? {
                bail!("it ended with {status}");
            }
            // Asked for a login, it is there, too.
            if matches!(status_of(port, path), Some(200 | 401)) {
                return Ok(());
            }
            sleep(PAUSE);
        }
        bail!("it did not answer within {} seconds", START.as_secs());
    }
}

impl Drop for Server {
    /// A server with workers must be asked: killed, it would leave them behind.
    fn drop(&mut self) {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status();
        let begun = Instant::now();
        while asked.as_ref().is_ok_and(|status| status.success()) && begun.elapsed() < STOP {
            match self.child.try_wait() {
                Ok(None) => sleep(PAUSE),
                _ => return,
            }
        }
        // Nobody is left to tell.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A port that nobody listens at now.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// The status of a GET; none while nobody answers.
fn status_of(port: u16, path: &str) -> Option<u16> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    write!(stream, "GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n\r\n").ok()?;
    let mut head = [0; 12];
    match stream.read_exact(&mut head) {
        Ok(()) => std::str::from_utf8(&head).ok()?.split(' ').nth(1)?.parse().ok(),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => None,
        Err(_) => None,
    }
}

/// The last lines of its log, for people.
fn tail(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let last = lines[lines.len().saturating_sub(5)..].join("\n");
    format!("see {}\n{last}\n", log.display())
}
