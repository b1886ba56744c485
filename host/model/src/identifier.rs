//! Strong identities: what makes two sightings the same thing.

use crate::name::{InvalidName, is_kebab};
use std::fmt;

/// A strong identity in one scheme. Two assets of one kind in one source that share an *identifying* one are the same
/// asset; the other schemes only let relations find their target.
///
/// | scheme | value | identifies |
/// |---|---|---|
/// | `purl` | package URL without a version | yes |
/// | `model` | `provider/model-id`, lower case | yes |
/// | `hf` | `org/name` on a model hub | yes |
/// | `arn` | Amazon resource name | yes |
/// | `oci` | image reference without a tag | yes |
/// | `sha256` | digest of a file's bytes, hex | yes |
/// | `env` | name of an environment variable | yes |
/// | `url` | endpoint, canonical | yes |
/// | `path` | path from the source root | no |
/// | `import` | `language:module` | no |
/// | `x-…` | a vendor's own | yes |
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identifier {
    scheme: String,
    value: String,
}

/// Identifying schemes first, best first: an asset takes its identity from the first scheme it has.
const SCHEMES: &[(&str, bool)] = &[
    ("purl", true),
    ("arn", true),
    ("hf", true),
    ("model", true),
    ("oci", true),
    ("sha256", true),
    ("url", true),
    ("env", true),
    ("path", false),
    ("import", false),
];

impl Identifier {
    /// The longest value in bytes.
    pub const MAX_BYTES: usize = 1024;

    /// Checks the scheme and that the value is printable and not empty.
    pub fn new(scheme: impl Into<String>, value: impl Into<String>) -> Result<Self, InvalidName> {
        let (scheme, value) = (scheme.into(), value.into());
        let known = SCHEMES.iter().any(|(name, _)| *name == scheme);
        if !known && !scheme.strip_prefix("x-").is_some_and(is_kebab) {
            return Err(InvalidName::new("identifier scheme", &scheme, "it is neither registered nor `x-…`"));
        }
        if value.is_empty() || value.len() > Self::MAX_BYTES || value.chars().any(char::is_control) {
            let why = "it is empty, longer than 1,024 bytes, or has control characters";
            return Err(InvalidName::new("identifier", &value, why));
        }
        Ok(Self { scheme, value })
    }

    /// The scheme.
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// The value in that scheme.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Whether two assets of one kind that share it are one asset.
    pub fn identifies(&self) -> bool {
        SCHEMES.iter().find(|(name, _)| *name == self.scheme).is_none_or(|(_, identifies)| *identifies)
    }

    /// Order of preference for naming an asset; lower is better.
    pub fn rank(&self) -> usize {
        SCHEMES.iter().position(|(name, _)| *name == self.scheme).unwrap_or(SCHEMES.len())
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.scheme, self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes() {
        assert!(Identifier::new("purl", "pkg:pypi/openai").unwrap().identifies());
        assert!(!Identifier::new("path", "a/b").unwrap().identifies());
        assert!(Identifier::new("x-acme", "7").unwrap().identifies());
        assert!(Identifier::new("mail", "a").is_err());
        assert!(Identifier::new("purl", "").is_err());
        assert!(Identifier::new("purl", "a\0b").is_err());
    }
}
