//! Who compiles: this process, or a child of it that cannot take much with it when it falls.

use crate::engine;
use crate::error::CompileError;
use crate::limits::Limits;
use crate::platform;
use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;

/// Where components are compiled. A component can be made to take a compiler minutes and gigabytes, so the program uses
/// a child process.
#[derive(Debug, Clone, Default)]
pub enum Compiler {
    /// Here.
    #[default]
    InProcess,
    /// In a child: this program with these arguments calls [`compile_stdin`].
    Child(PathBuf, Vec<OsString>),
}

impl Compiler {
    pub(crate) fn compile(&self, component: &[u8], limits: &Limits) -> Result<Vec<u8>, CompileError> {
        match self {
            Self::InProcess => engine::compile(component, limits),
            Self::Child(program, arguments) => in_child(program, arguments, component, limits),
        }
    }
}

/// The child's whole work: confine itself for good, read a component from standard input, write code to standard output.
///
/// For a process that does nothing else. On an error the caller prints it to standard error and exits with a failure.
pub fn compile_stdin(limits: &Limits) -> Result<(), CompileError> {
    platform::confine(limits.compile_cpu_secs, limits.compile_memory)?;
    let mut component = vec![];
    io::stdin().lock().take(limits.component_bytes.saturating_add(1)).read_to_end(&mut component)?;
    let code = engine::compile(&component, limits)?;
    let mut out = io::stdout().lock();
    out.write_all(&code)?;
    out.flush()?;
    Ok(())
}

fn in_child(
    program: &Path,
    arguments: &[OsString],
    component: &[u8],
    limits: &Limits,
) -> Result<Vec<u8>, CompileError> {
    let mut child = Command::new(program)
        .args(arguments)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let result = talk(&mut child, component, limits);
    if result.is_err() {
        // It may have ended by itself; then there is nothing to kill.
        let _ = child.kill();
    }
    let status = child.wait()?;
    let (code, complaint) = result?;
    if !status.success() {
        let complaint = complaint.trim();
        return Err(match (status.code(), complaint.is_empty()) {
            (Some(_), false) => CompileError::Refused(complaint.to_owned()),
            _ => CompileError::Ended(format!("with {status}, at a limit of CPU time or memory")),
        });
    }
    if code.len() as u64 > limits.code_bytes {
        return Err(CompileError::TooLarge(limits.code_bytes));
    }
    Ok(code)
}

/// Feeds the child and listens to it, all at once, so that no full pipe stops either, until the clock says enough.
fn talk(child: &mut Child, component: &[u8], limits: &Limits) -> Result<(Vec<u8>, String), CompileError> {
    let (Some(mut stdin), Some(stdout), Some(stderr)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(CompileError::Process(io::Error::other("no pipes to the compiler process")));
    };
    let component = component.to_vec();
    std::thread::spawn(move || {
        // A child that ends early closes the pipe; its exit status says why.
        let _ = stdin.write_all(&component);
    });
    let complaint = listen(stderr, 4 << 10);
    let code = listen(stdout, limits.code_bytes.saturating_add(1));
    match code.recv_timeout(limits.compile_wall) {
        Ok(code) => {
            let complaint = complaint.recv_timeout(limits.compile_wall).unwrap_or_else(|_| Ok(vec![]))?;
            Ok((code?, String::from_utf8_lossy(&complaint).into_owned()))
        }
        Err(_) => Err(CompileError::Ended(format!("by the clock after {:?}", limits.compile_wall))),
    }
}

fn listen(pipe: impl Read + Send + 'static, most: u64) -> mpsc::Receiver<io::Result<Vec<u8>>> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = vec![];
        let read = pipe.take(most).read_to_end(&mut bytes);
        // Nobody listens any more once the clock has run out.
        let _ = sender.send(read.map(|_| bytes));
    });
    receiver
}
