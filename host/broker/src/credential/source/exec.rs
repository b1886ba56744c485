//! `exec:COMMAND`: what a program prints.

use super::{MAX_BYTES, Read, text};
use crate::credential::Context;
use crate::credential::fault::Fault;
use crate::credential::reference::Command;
use crate::credential::surroundings::Surroundings;
use jiff::SignedDuration;
use secrecy::SecretString;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use zeroize::Zeroizing;

/// How long a program may take: sign-in helpers call their cloud.
const MAX_TIME: Duration = Duration::from_secs(30);
/// Programs print tokens that live an hour or so, and do not say so.
const FRESH_FOR: SignedDuration = SignedDuration::from_mins(10);

pub(super) async fn read(command: &Command, context: &Context<'_>) -> Result<Read, Fault> {
    let run =
        Run { program: command.program(), arguments: command.arguments(), variables: &[], folder: None };
    Ok(Read::new(self::run(&run, context.surroundings, MAX_TIME).await?, Some(FRESH_FOR)))
}

/// A program to run.
pub(in crate::credential) struct Run<'a> {
    pub(in crate::credential) program: &'a str,
    pub(in crate::credential) arguments: &'a [String],
    /// Beside those of the surroundings.
    pub(in crate::credential) variables: &'a [(String, String)],
    /// Where a relative program is.
    pub(in crate::credential) folder: Option<&'a Path>,
}

/// What it prints. Neither its arguments nor what it says on its error stream is repeated: both may hold secrets.
pub(in crate::credential) async fn run(
    run: &Run<'_>,
    surroundings: &Surroundings,
    max_time: Duration,
) -> Result<SecretString, Fault> {
    let name = run.program;
    let by_hand = "run the command by hand to see why";
    let program = match run.folder {
        Some(folder) if name.contains('/') && !name.starts_with('/') => folder.join(name),
        _ => surroundings.path(name),
    };
    let mut command = tokio::process::Command::new(program);
    surroundings.pass_to(&mut command);
    command.args(run.arguments).envs(run.variables.iter().map(|(name, value)| (name, value)));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    let mut child = command.spawn().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Fault::missing(
            format!("the program `{name}` is not there"),
            "install it, or write its whole path",
        ),
        kind => Fault::unreadable(format!("the program `{name}` cannot be started: {kind}"), by_hand),
    })?;
    let Some(output) = child.stdout.take() else {
        return Err(Fault::unreadable(format!("`{name}` has no output"), by_hand));
    };
    let work = async {
        let mut bytes = Zeroizing::new(Vec::with_capacity(16 * 1024));
        output.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).await.map_err(|error| {
            Fault::unreadable(format!("`{name}` cannot be read: {}", error.kind()), by_hand)
        })?;
        if bytes.len() > MAX_BYTES {
            return Err(Fault::too_large(MAX_BYTES));
        }
        match child.wait().await {
            Ok(status) if status.success() => text(bytes),
            Ok(status) => Err(Fault::unreadable(format!("`{name}` ended with {status}"), by_hand)),
            Err(error) => Err(Fault::unreadable(format!("`{name}` was lost: {}", error.kind()), by_hand)),
        }
    };
    match tokio::time::timeout(max_time, work).await {
        Ok(outcome) => outcome,
        Err(_) => Err(Fault::timed_out(
            format!("`{name}` took longer than {} s", max_time.as_secs()),
            "it may wait for somebody: use a form of it that asks nothing",
        )),
    }
}
