//! The built program and what was built beside it.

use crate::ended::Ended;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;

/// INVENTAR_PROGRAM, else the release program of the target folder.
pub(crate) fn program() -> PathBuf {
    let program = built("INVENTAR_PROGRAM", "release/inventar");
    assert!(program.is_file(), "{} is not there: run `cargo xtask build`", program.display());
    program
}

/// A misbehaving plugin of tests/guests as a component.
pub fn guest(name: &str) -> PathBuf {
    let guest = built("INVENTAR_GUESTS", "guests").join(format!("{name}.wasm"));
    assert!(guest.is_file(), "{} is not there: run `cargo xtask test`", guest.display());
    guest
}

fn built(variable: &str, below_target: &str) -> PathBuf {
    if let Some(path) = std::env::var_os(variable) {
        return path.into();
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    target.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target")).join(below_target)
}

/// A program that runs; killed when it is dropped.
#[derive(Debug)]
pub struct Running {
    child: Child,
    lines: Receiver<String>,
    stderr: Option<JoinHandle<String>>,
    scratch: PathBuf,
}

impl Running {
    pub(crate) fn start(mut command: Command, scratch: &Path) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {}: {error}", program().display()));
        let stderr = child.stderr.take().expect("a pipe");
        let (send, lines) = channel();
        let stderr = std::thread::spawn(move || {
            let mut all = String::new();
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                all.push_str(&line);
                all.push('\n');
                // Nobody waits for lines any more: keep them for the end.
                _ = send.send(line);
            }
            all
        });
        Self { child, lines, stderr: Some(stderr), scratch: scratch.to_owned() }
    }

    /// Waits for a line of stderr that contains `word`.
    #[track_caller]
    pub fn wait_for(&self, word: &str) -> String {
        let mut seen = Vec::new();
        for line in self.lines.iter() {
            if line.contains(word) {
                return line;
            }
            seen.push(line);
        }
        panic!("the program ended without saying `{word}`:\n{}", seen.join("\n"))
    }

    /// What Ctrl-C does.
    pub fn interrupt(&self) {
        self.signal("-INT");
    }

    /// What a machine that loses power does.
    pub fn kill(&self) {
        self.signal("-KILL");
    }

    /// The number of its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args([signal, &pid]).status().expect("kill");
        assert!(sent.success(), "no process to signal");
    }

    /// Waits for its end.
    pub fn end(mut self) -> Ended {
        let mut stdout = Vec::new();
        if let Some(mut pipe) = self.child.stdout.take() {
            pipe.read_to_end(&mut stdout).expect("a readable pipe");
        }
        let status = self.child.wait().expect("a child to wait for");
        let stderr = self.stderr.take().and_then(|thread| thread.join().ok()).unwrap_or_default();
        Ended::of(Output { status, stdout, stderr: stderr.into_bytes() }, &self.scratch)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended, or it ends now.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}
