//! What a plugin says about itself: who it is, what it wants to see, what it may emit.
//!
//! Authors write `plugin.toml`; packing embeds it in the component as canonical JSON in the custom section
//! `inventar:manifest`. Both spellings have the same keys and go through the same checks, so a [`Manifest`] that exists is valid.

mod check;
mod permission;
mod schema;
mod wire;

pub use schema::SettingsError;

use inventar_model::{AssetKind, CredentialSlot, Egress, PluginId};
use std::fmt;
use std::io;

/// The custom section of a component that holds its manifest.
pub(crate) const SECTION: &str = "inventar:manifest";

/// What the section may hold in bytes.
pub(crate) const MAX_BYTES: usize = 1 << 20;

/// A valid manifest.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// Who: `publisher/name`.
    pub id: PluginId,
    /// A semantic version.
    pub version: String,
    /// What it exports.
    pub world: World,
    /// One line for people.
    pub description: String,
    /// The oldest host that can run it.
    pub min_host: Option<String>,
    /// Features that a host must know or refuse the plugin.
    pub must_understand: Vec<String>,
    /// The asset kinds it may emit; anything else is refused at the lift.
    pub kinds: Vec<AssetKind>,
    /// A file is a candidate when any of them matches.
    pub claims: Vec<Claim>,
    /// Larger files come as head and blob.
    pub inline_max: u64,
    /// How many bytes of a large file come at once.
    pub head: u64,
    /// How its files are linked; `Some` exactly for [`World::LinkingDetector`].
    pub link: Option<LinkRules>,
    /// The places for credentials; only of a collector.
    pub credentials: Vec<CredentialSlot>,
    /// What it may call; not empty exactly for [`World::Collector`].
    pub egress: Vec<Egress>,
    /// A JSON Schema of its settings, canonical JSON.
    pub settings_schema: Option<String>,
    /// What it asks of the host's limits.
    pub limits: RequestedLimits,
}

/// What a component exports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum World {
    /// `scan`.
    Detector,
    /// `scan` and `link`.
    LinkingDetector,
    /// `probe` and `run`.
    Collector,
}

impl World {
    /// The word used in manifests.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Detector => "detector",
            Self::LinkingDetector => "linking-detector",
            Self::Collector => "collector",
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        [Self::Detector, Self::LinkingDetector, Self::Collector]
            .into_iter()
            .find(|world| world.as_str() == word)
    }
}

impl fmt::Display for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What files a plugin wants to see: (no globs, or one matches) and (nothing about content, or any of it hits).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Claim {
    /// Kebab-case, unique in the manifest; hits carry it.
    pub name: String,
    /// Any of them, from the source root. None: every file.
    pub globs: Vec<String>,
    /// Any of them, byte for byte.
    pub literals: Vec<Vec<u8>>,
    /// Whether ASCII case counts in the literals.
    pub ignore_case: bool,
    /// Any of them, in the Rust `regex` syntax over bytes.
    pub regexes: Vec<String>,
    /// Any of them.
    pub magic: Vec<Magic>,
    /// Also git-ignored files.
    pub ignored: bool,
    /// Larger files become a declared gap.
    pub max_size: Option<u64>,
}

impl Claim {
    /// Whether the name of a file is enough.
    pub fn by_name_alone(&self) -> bool {
        self.literals.is_empty() && self.regexes.is_empty() && self.magic.is_empty()
    }
}

/// Bytes at a fixed place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Magic {
    /// From the start of the file; offset and length stay below [`Magic::REACH`].
    pub offset: u64,
    /// The bytes there.
    pub bytes: Vec<u8>,
}

impl Magic {
    /// How far into a file magic bytes may reach.
    pub const REACH: u64 = 4096;
}

/// Which files a want can bring in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkRules {
    /// Globs: a file reached by a want and matching one is scanned even if no claim matched it.
    pub pulls: Vec<String>,
    /// Rounds of pulling, 0 to [`LinkRules::MAX_HOPS`].
    pub hops: u8,
}

impl LinkRules {
    /// The most rounds of pulling.
    pub const MAX_HOPS: u8 = 3;
}

/// What a plugin asks of the limits; the host's ceilings hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RequestedLimits {
    /// Linear memory.
    pub memory_mib: Option<u32>,
    /// Guest compute per batch.
    pub compute_ms: Option<u32>,
}

/// Why a text is not a manifest.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// Not TOML, or a value of the wrong type.
    #[error("cannot read the manifest: {0}")]
    Syntax(String),
    /// A key that means nothing.
    #[error("unknown key `{key}` in the manifest{}", hint.as_ref().map(|hint| format!("; did you mean `{hint}`?")).unwrap_or_default())]
    UnknownKey {
        /// With its table.
        key: String,
        /// The nearest known key.
        hint: Option<String>,
    },
    /// A value that cannot stand.
    #[error("`{at}` in the manifest: {why}")]
    Invalid {
        /// Which key.
        at: String,
        /// What it breaks.
        why: String,
    },
    /// A file named by the manifest cannot be read.
    #[error("cannot read `{file}`, which the manifest names: {source}")]
    Beside {
        /// Which file.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// Too many bytes.
    #[error("the manifest has {0} bytes, more than {MAX_BYTES}")]
    TooLarge(usize),
    /// Made for a newer host.
    #[error("the plugin needs {what}; this host is {}", env!("CARGO_PKG_VERSION"))]
    Newer {
        /// A version or a feature.
        what: String,
    },
}

impl Manifest {
    /// The default of `inline_max`.
    pub const INLINE_DEFAULT: u64 = 1 << 20;
    /// The most a file can be handed over at once.
    pub const INLINE_CEILING: u64 = 4 << 20;
    /// The default of `head`.
    pub const HEAD_DEFAULT: u64 = 64 << 10;
    /// The longest head.
    pub const HEAD_CEILING: u64 = 1 << 20;

    /// Reads a `plugin.toml`. `read_beside` reads a file that it names, from the folder it is in.
    pub fn from_toml(
        text: &str,
        read_beside: impl Fn(&str) -> io::Result<String>,
    ) -> Result<Self, ManifestError> {
        let wire = wire::Wire::from_toml(text)?;
        check::manifest(wire.with_files(read_beside)?)
    }

    /// Reads the manifest of a component. Keys that this host does not know are passed over, as long as
    /// `must-understand` does not name them.
    pub fn from_json(json: &str) -> Result<Self, ManifestError> {
        check::manifest(wire::Wire::from_json(json)?)
    }

    /// Canonical JSON: equal manifests give equal bytes.
    pub fn to_json(&self) -> String {
        wire::to_json(self)
    }

    /// Checks an operator's settings against the schema; returns them as canonical JSON, nothing for `{}`.
    pub fn check_settings(&self, settings: &str) -> Result<String, SettingsError> {
        schema::check(self.settings_schema.as_deref(), settings)
    }
}

#[cfg(test)]
mod tests;
