//! Reads what a reference points at.

mod exec;
mod file;
mod keyring;
mod vault;

pub(super) use exec::{Run, run};
pub(super) use file::{contents, others_can_read};

use super::Context;
use super::fault::Fault;
use super::reference::Reference;
use jiff::SignedDuration;
use secrecy::{ExposeSecret, SecretString};

/// Bytes of anything that is read: a kubeconfig with many clusters is the longest.
pub(super) const MAX_BYTES: usize = 1024 * 1024;

/// What was read.
pub(super) struct Read {
    /// Without the line break at its end.
    pub(super) text: SecretString,
    /// After this it is worth another look; none: it never changes.
    pub(super) fresh_for: Option<SignedDuration>,
    /// What else was used to get it.
    pub(super) secrets: Vec<SecretString>,
    /// What the operator should know.
    pub(super) warnings: Vec<String>,
}

impl Read {
    fn new(text: SecretString, fresh_for: Option<SignedDuration>) -> Self {
        Self { text, fresh_for, secrets: vec![], warnings: vec![] }
    }

    /// The text and what was used to get it.
    pub(super) fn all_secrets(&self) -> Vec<SecretString> {
        let mut secrets = self.secrets.clone();
        secrets.push(self.text.clone());
        secrets
    }
}

/// Reads a text that is not empty.
pub(super) async fn read(reference: &Reference, context: &Context<'_>) -> Result<Read, Fault> {
    let mut read = match reference {
        Reference::Env(name) => match context.surroundings.variable(name) {
            Some(text) => Read::new(text, None),
            None => {
                return Err(Fault::missing(
                    format!("the variable `{name}` is not set"),
                    "set it for this program, or name another place",
                ));
            }
        },
        Reference::File { path, field } => file::read(path, field.as_deref(), context).await?,
        Reference::Exec(command) => exec::read(command, context).await?,
        Reference::Vault { path, field } => vault::read(path, field.as_deref(), context).await?,
        Reference::Keyring { service, user } => keyring::read(service, user).await?,
        Reference::Profile(_) | Reference::WebIdentity => {
            return Err(Fault::reference("it holds no text", "use env:, file:, exec:, vault: or keyring:"));
        }
    };
    let text = read.text.expose_secret();
    let trimmed = text.trim_end_matches(['\n', '\r']);
    if trimmed.trim().is_empty() {
        return Err(Fault::missing("it is empty", "put the credential there"));
    }
    if trimmed.len() != text.len() {
        read.text = SecretString::from(trimmed);
    }
    Ok(read)
}

/// A member of a JSON document, by names joined by dots; strings as they are, anything else as JSON.
fn member(document: &str, names: &str) -> Result<SecretString, Fault> {
    // The parser's own words would repeat what is in the document.
    let root: serde_json::Value =
        serde_json::from_str(document).map_err(|error| not_json(error.line(), error.column()))?;
    let found = names.split('.').try_fold(&root, |value, name| value.get(name));
    match found {
        Some(serde_json::Value::String(text)) => Ok(SecretString::from(text.as_str())),
        Some(serde_json::Value::Null) | None => {
            Err(Fault::missing(format!("it has no field `{names}`"), "name a field that is there"))
        }
        Some(other) => Ok(SecretString::from(other.to_string())),
    }
}

pub(super) fn not_json(line: usize, column: usize) -> Fault {
    Fault::malformed(
        format!("it is not JSON (line {line}, column {column})"),
        "check what the reference points at",
    )
}

/// Bytes as text.
fn text(bytes: zeroize::Zeroizing<Vec<u8>>) -> Result<SecretString, Fault> {
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(SecretString::from(text)),
        Err(_) => Err(Fault::malformed("it is not UTF-8", "check what the reference points at")),
    }
}
