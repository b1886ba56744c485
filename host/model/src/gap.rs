//! What could not be looked at: a result, not an absence of one.

/// Why a place was not looked at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GapReason {
    /// The operating system or a service refused.
    AccessDenied,
    /// No credential was configured.
    CredentialMissing,
    /// A service asked us to wait, perhaps so many seconds.
    RateLimited(Option<u64>),
    /// No answer.
    Unreachable,
    /// A clock ended it.
    TimedOut,
    /// Over a declared limit, in bytes.
    TooLarge(u64),
    /// The content is broken.
    Unparsable,
    /// A format, encoding or feature that is not understood.
    Unsupported(String),
    /// A budget of calls, bytes, memory or rows ran out.
    BudgetExhausted,
    /// The plugin crashed, answered wrongly, or was skipped after faults.
    PluginFault(String),
    /// The file vanished or changed while it was looked at.
    Changed,
    /// Anything else.
    Other(String),
}

impl GapReason {
    /// The word used in the API and the database.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::AccessDenied => "access-denied",
            Self::CredentialMissing => "credential-missing",
            Self::RateLimited(_) => "rate-limited",
            Self::Unreachable => "unreachable",
            Self::TimedOut => "timed-out",
            Self::TooLarge(_) => "too-large",
            Self::Unparsable => "unparsable",
            Self::Unsupported(_) => "unsupported",
            Self::BudgetExhausted => "budget-exhausted",
            Self::PluginFault(_) => "plugin-fault",
            Self::Changed => "changed",
            Self::Other(_) => "other",
        }
    }

    /// The number or text that some reasons carry.
    pub fn argument(&self) -> Option<String> {
        match self {
            Self::RateLimited(seconds) => seconds.map(|seconds| seconds.to_string()),
            Self::TooLarge(bytes) => Some(bytes.to_string()),
            Self::Unsupported(what) | Self::PluginFault(what) | Self::Other(what) => Some(what.clone()),
            _ => None,
        }
    }

    /// The inverse of [`GapReason::as_str`] and [`GapReason::argument`].
    pub fn from_parts(word: &str, argument: Option<&str>) -> Option<Self> {
        let text = || argument.unwrap_or_default().to_owned();
        Some(match word {
            "access-denied" => Self::AccessDenied,
            "credential-missing" => Self::CredentialMissing,
            "rate-limited" => Self::RateLimited(argument.and_then(|text| text.parse().ok())),
            "unreachable" => Self::Unreachable,
            "timed-out" => Self::TimedOut,
            "too-large" => Self::TooLarge(argument.and_then(|text| text.parse().ok()).unwrap_or(0)),
            "unparsable" => Self::Unparsable,
            "unsupported" => Self::Unsupported(text()),
            "budget-exhausted" => Self::BudgetExhausted,
            "plugin-fault" => Self::PluginFault(text()),
            "changed" => Self::Changed,
            "other" => Self::Other(text()),
            _ => return None,
        })
    }
}

/// A place that was not looked at, as a plugin or the walk reports it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CoverageGap {
    /// A path or a scope.
    pub at: String,
    /// Why.
    pub reason: GapReason,
    /// What to do or know, redacted.
    pub detail: String,
    /// Whether looking again may help.
    pub retriable: bool,
}

/// How a gap counts: did *we* fail to look, or is the content simply not readable?
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gap {
    /// We failed to look: the run is partial (exit code 3).
    Failure,
    /// Unparsable content or a declared limit: shown, and counted only with `--strict`.
    Declared,
}

impl CoverageGap {
    /// Whether this gap makes the run partial.
    pub fn class(&self) -> Gap {
        match self.reason {
            GapReason::Unparsable | GapReason::TooLarge(_) | GapReason::Unsupported(_) => Gap::Declared,
            _ => Gap::Failure,
        }
    }
}
