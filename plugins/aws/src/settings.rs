//! What an operator may set.

use serde::Deserialize;

/// The settings, as `settings.schema.json` describes them.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Settings {
    /// Regions to look at. Empty: all that the account has enabled.
    pub regions: Vec<String>,
    /// Services to look at, by the names in scopes. Empty: all.
    pub services: Vec<String>,
    /// The region that is asked who we are; `us-east-1` when it is not set.
    pub home_region: Option<String>,
}
