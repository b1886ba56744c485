//! `file:PATH#FIELD`.

use super::{MAX_BYTES, Read, member, text};
use crate::credential::Context;
use crate::credential::fault::Fault;
use jiff::SignedDuration;
use secrecy::{ExposeSecret, SecretString};
use std::path::Path;
use tokio::io::AsyncReadExt;
use zeroize::Zeroizing;

/// Tokens that a platform projects into files change about once an hour; a minute is what its own clients use.
const FRESH_FOR: SignedDuration = SignedDuration::from_secs(60);

pub(super) async fn read(path: &str, field: Option<&str>, context: &Context<'_>) -> Result<Read, Fault> {
    let path = context.surroundings.path(path);
    let whole = contents(&path).await?;
    let text = match field {
        Some(field) => member(whole.expose_secret(), field)?,
        None => whole,
    };
    let mut read = Read::new(text, Some(FRESH_FOR));
    read.warnings.extend(others_can_read(&path).await);
    Ok(read)
}

/// A regular file of a bounded length.
pub(in crate::credential) async fn contents(path: &Path) -> Result<SecretString, Fault> {
    let shown = path.display();
    let unreadable = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            Fault::missing(format!("`{shown}` is not there"), "check the path, or put the credential there")
        }
        std::io::ErrorKind::PermissionDenied => Fault::unreadable(
            format!("`{shown}` cannot be read by the user that runs this program"),
            "give that user the right to read it",
        ),
        kind => Fault::unreadable(format!("`{shown}` cannot be read: {kind}"), "check the path"),
    };
    // A pipe or a device would wait for ever.
    let about = tokio::fs::metadata(path).await.map_err(unreadable)?;
    if !about.is_file() {
        return Err(Fault::unreadable(format!("`{shown}` is no regular file"), "name a file"));
    }
    let file = tokio::fs::File::open(path).await.map_err(unreadable)?;
    let capacity = usize::try_from(about.len()).unwrap_or(MAX_BYTES).min(MAX_BYTES) + 1;
    let mut bytes = Zeroizing::new(Vec::with_capacity(capacity));
    file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).await.map_err(unreadable)?;
    if bytes.len() > MAX_BYTES {
        return Err(Fault::too_large(MAX_BYTES));
    }
    text(bytes)
}

/// A warning when the file's mode lets others read it.
pub(in crate::credential) async fn others_can_read(path: &Path) -> Option<String> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = tokio::fs::metadata(path).await.ok()?.permissions().mode();
        (mode & 0o044 != 0).then(|| {
            let whom = if mode & 0o004 != 0 { "every user of this machine" } else { "its group" };
            format!(
                "`{path}` can be read by {whom}; `chmod 600` keeps it to its owner",
                path = path.display()
            )
        })
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        None
    }
}
