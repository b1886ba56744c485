//! What can go wrong, for whom.

use crate::manifest::{ManifestError, World};
use std::fmt;
use std::io;
use std::time::Duration;

/// A runtime that cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeError {
    /// The sandbox itself does not start here.
    #[error("cannot start the WebAssembly engine: {0}")]
    Engine(String),
    /// The folder of compiled code cannot be used.
    #[error("cannot use the folder of compiled plugins: {0}")]
    Cache(#[from] io::Error),
}

/// A file that is not a plugin for this host.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// More bytes than [`crate::Limits::component_bytes`].
    #[error("the component has {size} bytes, more than the limit of {limit}")]
    TooLarge {
        /// Its size.
        size: u64,
        /// The limit.
        limit: u64,
    },
    /// Something else than a component.
    #[error("this is {0}, not a WebAssembly component; make one with `inventar plugin pack`")]
    NotAComponent(&'static str),
    /// A component that is broken or uses features that plugins may not.
    #[error("the component is not valid: {0}")]
    Invalid(String),
    /// No manifest inside.
    #[error("the component has no manifest; make it with `inventar plugin pack`")]
    NoManifest,
    /// More than one manifest inside.
    #[error("the component has {0} manifests; there must be one")]
    Manifests(usize),
    /// A manifest that cannot stand.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// It is written for another track of the contract.
    #[error("the component is built for contract {found}; this program serves {served}")]
    Track {
        /// Its track.
        found: String,
        /// Ours.
        served: &'static str,
    },
    /// It wants something that no plugin gets.
    #[error("the component imports `{0}`; a detector may import `log`, `types` and `blobs` and nothing else")]
    Import(String),
    /// It exports something else than its manifest says.
    #[error("the manifest says `{declared}`, but the component {exported}")]
    World {
        /// What the manifest says.
        declared: World,
        /// What the component is.
        exported: String,
    },
}

/// Compiling a component failed.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// The engine does not start here.
    #[error(transparent)]
    Engine(#[from] RuntimeError),
    /// It does not compile.
    #[error("the component does not compile: {0}")]
    Refused(String),
    /// The child process that compiles could not be run.
    #[error("cannot run the compiler process: {0}")]
    Process(#[from] io::Error),
    /// The child process was stopped or failed.
    #[error("the compiler process ended {0}")]
    Ended(String),
    /// More code than [`crate::Limits::code_bytes`].
    #[error("the component compiles to more than {0} bytes")]
    TooLarge(u64),
    /// The code does not fit this engine.
    #[error("the compiled code does not load: {0}")]
    Code(String),
}

/// A core module that cannot become a plugin.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// No component can be made of it.
    #[error("cannot make a component of this module: {0}")]
    Encode(String),
    /// The component would not load.
    #[error(transparent)]
    Load(#[from] LoadError),
}

/// One log line of a guest, redacted and cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// How loud.
    pub level: LogLevel,
    /// One line.
    pub message: String,
}

/// How loud a log line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogLevel {
    /// For authors, every step.
    Trace,
    /// For authors.
    Debug,
    /// For operators who ask.
    Info,
    /// For operators.
    Warn,
    /// For operators, now.
    Error,
}

/// Why a call gave no answer at all. The instance is gone; the plugin can be called again.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{kind}: {message}")]
pub struct Fault {
    /// What ended it.
    pub kind: FaultKind,
    /// For people: redacted, one line.
    pub message: String,
    /// CPU time spent in the sandbox.
    pub guest: Duration,
    /// What it logged before.
    pub log: Vec<LogLine>,
}

/// What ended a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FaultKind {
    /// The guest crashed: unreachable code, a bad access, a panic.
    Trap,
    /// [`crate::Limits::compute`].
    Compute,
    /// [`crate::Limits::call`].
    Call,
    /// [`crate::Limits::memory_bytes`] or [`crate::Limits::memories`].
    Memory,
    /// [`crate::Limits::tables`] or [`crate::Limits::table_elements`].
    Tables,
    /// [`crate::Limits::instances`].
    Instances,
    /// [`crate::Limits::stack_bytes`].
    Stack,
    /// [`crate::Limits::hostcall_bytes`].
    HostcallBytes,
    /// [`crate::Limits::host_calls`].
    HostCalls,
    /// [`crate::Limits::handles`], or a handle that is not open.
    Handles,
    /// [`crate::Limits::blob_reads`] or [`crate::Limits::blob_bytes`].
    BlobBytes,
    /// [`crate::Limits::log_flood`].
    Log,
    /// The host could not read a blob: the file vanished, changed or broke.
    Blob,
    /// The guest broke the component model: a bad pointer, length, discriminant or text.
    Abi,
    /// The guest returned its own error.
    Problem,
    /// The answer does not fit the question: an id that was not asked, more rows than allowed.
    Lift,
    /// The component cannot be instantiated.
    Link,
    /// The component does not compile, or its compiled code does not load.
    Compile,
    /// The host asked for what the plugin is not: `link` of a plain detector.
    Host,
}

impl FaultKind {
    /// Whether a clock ended it, so that the same question may be answered another time: such an outcome is not cached.
    pub const fn is_clock(self) -> bool {
        matches!(self, Self::Compute | Self::Call)
    }

    /// Whether a named limit ended it, clocks included.
    pub const fn is_limit(self) -> bool {
        matches!(
            self,
            Self::Compute
                | Self::Call
                | Self::Memory
                | Self::Tables
                | Self::Instances
                | Self::Stack
                | Self::HostcallBytes
                | Self::HostCalls
                | Self::Handles
                | Self::BlobBytes
                | Self::Log
        )
    }

    /// Whether the cause lies outside the plugin and its input, so that it counts no strike.
    pub const fn is_host(self) -> bool {
        matches!(self, Self::Blob | Self::Host)
    }

    /// The word used in gaps and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trap => "trap",
            Self::Compute => "compute limit",
            Self::Call => "call time limit",
            Self::Memory => "memory limit",
            Self::Tables => "table limit",
            Self::Instances => "instance limit",
            Self::Stack => "stack limit",
            Self::HostcallBytes => "transfer limit",
            Self::HostCalls => "host call limit",
            Self::Handles => "handle limit",
            Self::BlobBytes => "read limit",
            Self::Log => "log limit",
            Self::Blob => "unreadable file",
            Self::Abi => "broken boundary",
            Self::Problem => "problem",
            Self::Lift => "invalid answer",
            Self::Link => "instantiation",
            Self::Compile => "compilation",
            Self::Host => "wrong question",
        }
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
