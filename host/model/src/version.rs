//! What a place says about a version.

use std::fmt;

/// A version as one place states it. Only [`Version::Exact`] is a version; a range never becomes one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// Fixed by a pin or a lock: `1.40.0`.
    Exact(String),
    /// A constraint: `>=1.0,<2`.
    Range(String),
    /// A name that moves: `latest`, a branch, a model alias.
    Floating(String),
}

impl Version {
    /// The text as written.
    pub fn text(&self) -> &str {
        match self {
            Self::Exact(text) | Self::Range(text) | Self::Floating(text) => text,
        }
    }

    /// The text when it is exact.
    pub fn exact(&self) -> Option<&str> {
        match self {
            Self::Exact(text) => Some(text),
            Self::Range(_) | Self::Floating(_) => None,
        }
    }

    /// "exact", "range" or "floating".
    pub fn form(&self) -> &'static str {
        match self {
            Self::Exact(_) => "exact",
            Self::Range(_) => "range",
            Self::Floating(_) => "floating",
        }
    }

    /// The inverse of [`Version::form`] and [`Version::text`].
    pub fn from_form(form: &str, text: String) -> Option<Self> {
        match form {
            "exact" => Some(Self::Exact(text)),
            "range" => Some(Self::Range(text)),
            "floating" => Some(Self::Floating(text)),
            _ => None,
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}
