//! Settings and the JSON Schema that describes them.

use super::ManifestError;
use serde_json::Value;

/// Why settings were refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// Not a JSON object.
    #[error("settings must be a JSON object: {0}")]
    Syntax(String),
    /// The plugin has no settings.
    #[error("the plugin has no settings, so `{0}` means nothing")]
    NoSettings(String),
    /// The schema says no. The value itself is never shown: it may be a secret.
    #[error("setting `{at}`: {why}")]
    Invalid {
        /// Where, as a path; empty for the whole.
        at: String,
        /// What the schema says.
        why: String,
    },
}

const MAX_SETTINGS_BYTES: usize = 256 << 10;
const MAX_SCHEMA_BYTES: usize = 64 << 10;

/// The schema as canonical JSON, if it is one and describes an object.
pub(super) fn schema(value: &Value) -> Result<String, ManifestError> {
    let invalid = |why: String| Err(ManifestError::Invalid { at: "settings.schema".into(), why });
    let text = canonical(value);
    if text.len() > MAX_SCHEMA_BYTES {
        return invalid(format!("it has more than {MAX_SCHEMA_BYTES} bytes"));
    }
    if value.get("type").and_then(Value::as_str) != Some("object") {
        return invalid("its `type` must be `object`".into());
    }
    match validator(value) {
        Ok(_) => Ok(text),
        Err(why) => invalid(why),
    }
}

/// A linear-time pattern engine, because a plugin writes the patterns; a schema never fetches another.
fn validator(schema: &Value) -> Result<jsonschema::Validator, String> {
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .with_pattern_options(jsonschema::PatternOptions::regex())
        .build(schema)
        .map_err(|error| error.to_string())
}

pub(super) fn check(schema: Option<&str>, settings: &str) -> Result<String, SettingsError> {
    if settings.len() > MAX_SETTINGS_BYTES {
        return Err(SettingsError::Syntax(format!("more than {MAX_SETTINGS_BYTES} bytes")));
    }
    let text = if settings.trim().is_empty() { "{}" } else { settings };
    let value: Value =
        serde_json::from_str(text).map_err(|error| SettingsError::Syntax(error.to_string()))?;
    let Some(object) = value.as_object() else {
        return Err(SettingsError::Syntax("it is something else".into()));
    };
    match schema {
        Some(schema) => validate(schema, &value)?,
        None => {
            if let Some(key) = object.keys().next() {
                return Err(SettingsError::NoSettings(key.clone()));
            }
        }
    }
    Ok(if object.is_empty() { String::new() } else { canonical(&value) })
}

fn validate(schema: &str, value: &Value) -> Result<(), SettingsError> {
    let invalid = |at: String, why: String| SettingsError::Invalid { at, why };
    let schema = serde_json::from_str(schema).map_err(|error| invalid(String::new(), error.to_string()))?;
    let validator = validator(&schema).map_err(|why| invalid(String::new(), why))?;
    match validator.validate(value) {
        Ok(()) => Ok(()),
        Err(error) => {
            let at = error.instance_path().to_string();
            Err(invalid(at.trim_start_matches('/').replace('/', "."), error.masked().to_string()))
        }
    }
}

/// JSON with sorted keys and nothing between tokens.
pub(super) fn canonical(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            let entries = entries
                .into_iter()
                .map(|(key, value)| format!("{}:{}", Value::String(key.clone()), canonical(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
        }
        Value::Array(values) => format!("[{}]", values.iter().map(canonical).collect::<Vec<_>>().join(",")),
        plain => plain.to_string(),
    }
}
