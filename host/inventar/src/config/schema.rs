//! What may stand in `inventar.yaml`: one table for reading, suggesting, showing and describing it.

use serde_json::{Value, json};

/// A key of the configuration that stands for one value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Key {
    /// In `inventar.yaml`.
    pub(crate) name: &'static str,
    /// On the command line.
    pub(crate) flag: &'static str,
    /// In the environment.
    pub(crate) variable: &'static str,
    /// What it does.
    pub(crate) about: &'static str,
}

macro_rules! keys {
    ($($constant:ident $name:literal $flag:literal $variable:literal $about:literal;)*) => {
        $(pub(crate) const $constant: Key =
            Key { name: $name, flag: $flag, variable: $variable, about: $about };)*

        /// Every key with one value.
        pub(crate) const KEYS: &[Key] = &[$($constant),*];
    };
}

keys! {
    DATA "data" "--data" "INVENTAR_DATA" "The data folder: database, cache";
    OUTPUT "output" "--output" "INVENTAR_OUTPUT" "FORMAT or FORMAT=FILE, a list";
    PLUGIN_FILES "plugin-files" "--plugin" "INVENTAR_PLUGIN_FILES" "Unsigned plugins to add, a list of files";
    THREADS "threads" "--threads" "INVENTAR_THREADS" "Worker threads; 0: one a core";
    STRICT "strict" "--strict" "INVENTAR_STRICT" "Declared gaps also end with code 3";
    NO_IGNORE "no-ignore" "--no-ignore" "INVENTAR_NO_IGNORE" "Also look at ignored files and into dependency folders";
    BIND "bind" "--bind" "INVENTAR_BIND" "Where `inventar serve` listens";
    LOG_FORMAT "log-format" "--log-format" "INVENTAR_LOG_FORMAT" "What stderr speaks: text or json";
}

/// The top-level maps beside them.
pub(crate) const PLUGINS: &str = "plugins";
/// See [`PLUGINS`].
pub(crate) const SOURCES: &str = "sources";
/// The keys of a source.
pub(crate) const SOURCE_KEYS: &[&str] = &["path", "no-ignore", "plugins", "schedule"];
/// Names a configuration file; not itself a key.
pub(crate) const CONFIG_VARIABLE: &str = "INVENTAR_CONFIG";

/// Everything that may stand at the top.
pub(crate) fn top_level() -> impl Iterator<Item = &'static str> + Clone {
    KEYS.iter().map(|key| key.name).chain([SOURCES, PLUGINS])
}

/// A JSON Schema of the file, for editors.
pub(crate) fn json_schema() -> Value {
    let settings = json!({
        "type": "object",
        "description": "Settings of plugins, by plugin id; each plugin has its own schema",
        "additionalProperties": { "type": "object" },
    });
    let mut properties = serde_json::Map::new();
    for key in KEYS {
        let mut schema = match key.name {
            "output" | "plugin-files" => json!({ "type": "array", "items": { "type": "string" } }),
            "threads" => json!({ "type": "integer", "minimum": 0 }),
            "strict" | "no-ignore" => json!({ "type": "boolean" }),
            "log-format" => json!({ "enum": ["text", "json"] }),
            _ => json!({ "type": "string" }),
        };
        schema["description"] = key.about.into();
        properties.insert(key.name.into(), schema);
    }
    properties.insert(PLUGINS.into(), settings.clone());
    let source = json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "path": { "type": "string", "description": "The folder, from this file" },
            "no-ignore": { "type": "boolean" },
            "plugins": settings,
            "schedule": {
                "type": "string",
                "description": "When `inventar serve` looks at it: `every 6h`, or minute, hour, day, month and weekday",
            },
        },
    });
    properties.insert(
        SOURCES.into(),
        json!({ "type": "object", "description": "What `inventar scan NAME` scans", "additionalProperties": source }),
    );
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "inventar.yaml",
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    })
}
