//! Pure translation between an inventory and the documents that other tools read.
//!
//! ```text
//!   Inventory ──► cyclonedx() ──► CycloneDX 1.7 or 1.6, JSON
//! ```
//!
//! The document is a function of the source alone: equal inventories give equal bytes, wherever and whenever they were
//! made. There is no clock, no absolute path and no random number in it; the serial number is a UUID of the source and
//! the content, and `bom-ref`s are the assets' own ids.
//!
//! ```
//! use inventar_bom::{BomContext, SpecVersion, cyclonedx};
//! use inventar_model::{Inventory, SourceName};
//!
//! let inventory = Inventory::empty(SourceName::new("github.com/acme/app").unwrap());
//! let context =
//!     BomContext { spec: SpecVersion::V1_7, epoch: None, revision: None, tool_version: "0.1.0", complete: true };
//! let bom = cyclonedx(&inventory, &context).unwrap();
//! assert!(bom.contains(r#""specVersion": "1.7""#));
//! ```
//!
//! | part | what it is |
//! |---|---|
//! | [`cyclonedx()`] | the whole document |
//! | `document` | CycloneDX's own words as types; nothing of ours in it |
//! | `vocabulary` | which of our kinds is which of its objects |
//! | `component`, `service` | one asset |
//! | `evidence`, `license`, `model_card`, `property` | the parts of one |
//! | `graph` | dependencies and compositions |

mod cyclonedx;

pub use cyclonedx::cyclonedx;

use inventar_model::{Revision, Timestamp};
use std::str::FromStr;

/// Which CycloneDX to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum SpecVersion {
    /// For readers that do not know 1.7 yet: the same content without what 1.7 brought.
    V1_6,
    /// The default.
    #[default]
    V1_7,
}

impl SpecVersion {
    /// "1.6" or "1.7".
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V1_6 => "1.6",
            Self::V1_7 => "1.7",
        }
    }

    /// The media type of the JSON document.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::V1_6 => "application/vnd.cyclonedx+json; version=1.6",
            Self::V1_7 => "application/vnd.cyclonedx+json; version=1.7",
        }
    }
}

impl FromStr for SpecVersion {
    type Err = BomError;

    fn from_str(text: &str) -> Result<Self, BomError> {
        match text {
            "1.6" => Ok(Self::V1_6),
            "1.7" => Ok(Self::V1_7),
            _ => Err(BomError::UnknownVersion(text.to_owned())),
        }
    }
}

/// What the document says beside the inventory. Everything in it must follow from the source, not from this run.
#[derive(Debug, Clone)]
pub struct BomContext<'a> {
    /// Which CycloneDX.
    pub spec: SpecVersion,
    /// The time that SOURCE_DATE_EPOCH asks for.
    pub epoch: Option<Timestamp>,
    /// The version of what was looked at. Its time is the document's if `epoch` names no other; without either, the
    /// document has none.
    pub revision: Option<Revision>,
    /// Inventar's own version.
    pub tool_version: &'a str,
    /// Whether everything in scope was looked at. A gap in the inventory makes it incomplete too.
    pub complete: bool,
}

/// Why there is no document.
#[derive(Debug, thiserror::Error)]
pub enum BomError {
    /// Not a version that can be written.
    #[error("cannot write CycloneDX `{0}`: the versions are 1.7 and 1.6")]
    UnknownVersion(String),
    /// The timestamp is outside the years that can be written.
    #[error("cannot write the time {0} ms: it is outside the years that a date can name")]
    Time(i64),
    /// The serialiser refused.
    #[error("cannot write the BOM")]
    Json(#[from] serde_json::Error),
}
