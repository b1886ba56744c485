//! Names that are valid once they exist.

use std::fmt;

/// Why a text is not a name of that kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a valid {what}: {why}")]
pub struct InvalidName {
    /// What it should have been: "asset kind", "plugin id" …
    pub what: &'static str,
    /// The text as given, cut at 80 characters.
    pub text: String,
    /// The rule it broke.
    pub why: &'static str,
}

impl InvalidName {
    pub(crate) fn new(what: &'static str, text: &str, why: &'static str) -> Self {
        Self { what, text: text.chars().take(80).collect(), why }
    }
}

/// Words of lower-case letters and digits, joined by single hyphens.
pub(crate) fn is_kebab(text: &str) -> bool {
    !text.is_empty()
        && text.split('-').all(|word| {
            !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
}

/// `publisher/name`, both in kebab-case, at most 80 bytes together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PluginId(String);

impl PluginId {
    /// The longest plugin id.
    pub const MAX_BYTES: usize = 80;

    /// Parses `publisher/name`.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidName> {
        let text = text.into();
        let invalid = |why| Err(InvalidName::new("plugin id", &text, why));
        if text.len() > Self::MAX_BYTES {
            return invalid("it is longer than 80 bytes");
        }
        match text.split_once('/') {
            Some((publisher, name)) if is_kebab(publisher) && is_kebab(name) => Ok(Self(text)),
            _ => invalid("it is not `publisher/name` in lower-case letters, digits and hyphens"),
        }
    }

    /// The whole id, `publisher/name`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part behind the slash.
    pub fn name(&self) -> &str {
        self.0.split_once('/').map_or(&self.0, |(_, name)| name)
    }
}

impl fmt::Display for PluginId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What was scanned, the same wherever it was scanned: a given name, a normalised git remote with the folder in the
/// repository, or a canonical path. At most 1,024 bytes, no control characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceName(String);

impl SourceName {
    /// The longest source name.
    pub const MAX_BYTES: usize = 1024;

    /// Takes any printable text.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidName> {
        let text = text.into();
        let invalid = |why| Err(InvalidName::new("source name", &text, why));
        if text.trim().is_empty() {
            return invalid("it is empty");
        }
        if text.len() > Self::MAX_BYTES {
            return invalid("it is longer than 1,024 bytes");
        }
        if text.chars().any(char::is_control) {
            return invalid("it has control characters");
        }
        Ok(Self(text))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plugin_ids() {
        for good in ["inventar/python", "acme/model-files", "a/b2"] {
            assert!(PluginId::new(good).is_ok(), "{good}");
        }
        for bad in ["", "python", "Acme/x", "a/b/c", "a/", "/b", "a/b--c", "a/ü", "a/b\n"] {
            assert!(PluginId::new(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn source_names() {
        assert!(SourceName::new("github.com/acme/app").is_ok());
        assert!(SourceName::new(" ").is_err());
        assert!(SourceName::new("a\u{1b}[31m").is_err());
        assert!(SourceName::new("x".repeat(1025)).is_err());
    }
}
