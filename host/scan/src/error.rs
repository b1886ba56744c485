//! Why a scan could not begin.

use std::path::PathBuf;

/// What stops a scan before it has looked at anything. Whatever happens later is a gap, not an error.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// The target is not there, not a folder, or may not be read.
    #[error("cannot open `{}` for scanning: {source}", path.display())]
    Open {
        /// As given.
        path: PathBuf,
        /// The operating system's word.
        source: std::io::Error,
    },
    /// The name of the source, given or derived, is not usable.
    #[error("{0}; name the source with --source")]
    Name(#[from] inventar_model::InvalidName),
    /// There is no room for what is inside archives.
    #[error("cannot unpack into a temporary folder: {0}; set TMPDIR to a folder with room")]
    Spool(std::io::Error),
    /// A manifest's claim does not compile.
    #[error("claim `{claim}` of plugin `{plugin}`: {message}")]
    Claim {
        /// Whose.
        plugin: String,
        /// Which.
        claim: String,
        /// What is wrong with it.
        message: String,
    },
}
