//! YAML as a tree that remembers its lines.

use crate::exit::Stop;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;
use std::fmt;
use std::path::{Path, PathBuf};

/// A value and its line.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// 1-based.
    pub(crate) line: u64,
    /// What is there.
    pub(crate) value: Yaml,
}

/// What YAML can say.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Yaml {
    /// Nothing.
    Null,
    /// true, false
    Boolean(bool),
    /// 3, 0.5
    Number(serde_json::Number),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// Keys with their lines, in order.
    Map(Vec<(String, u64, Node)>),
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

/// A file that was parsed.
#[derive(Debug, Clone)]
pub(crate) struct File {
    /// As a person would write it.
    pub(crate) path: PathBuf,
    /// Whether it was found lying in the working folder: it may be somebody else's, as everything in a clone is.
    pub(crate) found: bool,
    /// Its top-level keys; an empty file has none.
    pub(crate) keys: Vec<(String, u64, Node)>,
}

impl File {
    /// Parses the text of a configuration file.
    pub(crate) fn parse(path: &Path, found: bool, text: &str) -> Result<Self, Stop> {
        let path = path.to_owned();
        let content = text.lines().any(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
        if !content {
            return Ok(Self { path, found, keys: vec![] });
        }
        let node: Node = serde_saphyr::from_str(text).map_err(|error| {
            let line = error.location().map_or(1, |location| location.line());
            let what = error.without_snippet().to_string();
            let what = what.lines().next().unwrap_or_default();
            Stop::usage(format!("cannot read the configuration: {what}"))
                .at(format!("{}:{line}", path.display()))
        })?;
        match node.value {
            Yaml::Map(keys) => Ok(Self { path, found, keys }),
            Yaml::Null => Ok(Self { path, found, keys: vec![] }),
            _ => Err(Stop::usage("a configuration is a list of `key: value`").at(format!(
                "{}:{}",
                path.display(),
                node.line
            ))),
        }
    }
}

impl Node {
    /// "a list", "a text" …
    pub(crate) fn what(&self) -> &'static str {
        match self.value {
            Yaml::Null => "nothing",
            Yaml::Boolean(_) => "true or false",
            Yaml::Number(_) => "a number",
            Yaml::Text(_) => "a text",
            Yaml::List(_) => "a list",
            Yaml::Map(_) => "keys and values",
        }
    }

    /// The same as JSON, for a plugin's settings.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Yaml::Null => serde_json::Value::Null,
            Yaml::Boolean(value) => (*value).into(),
            Yaml::Number(value) => value.clone().into(),
            Yaml::Text(value) => value.clone().into(),
            Yaml::List(items) => items.iter().map(Self::to_json).collect(),
            Yaml::Map(keys) => keys.iter().map(|(key, _, node)| (key.clone(), node.to_json())).collect(),
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Yaml>::deserialize(deserializer)?;
        Ok(Self { line: spanned.referenced.line(), value: spanned.value })
    }
}

impl<'de> Deserialize<'de> for Yaml {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Yaml;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Yaml, E> {
        Ok(Yaml::Null)
    }

    fn visit_none<E>(self) -> Result<Yaml, E> {
        Ok(Yaml::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Yaml, D::Error> {
        Yaml::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Yaml, E> {
        Ok(Yaml::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Yaml, E> {
        Ok(Yaml::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Yaml, E> {
        Ok(Yaml::Number(value.into()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Yaml, E> {
        serde_json::Number::from_f64(value).map(Yaml::Number).ok_or_else(|| E::custom("not a finite number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Yaml, E> {
        Ok(Yaml::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Yaml, A::Error> {
        let mut list = Vec::new();
        while let Some(node) = items.next_element::<Node>()? {
            list.push(node);
        }
        Ok(Yaml::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Yaml, A::Error> {
        let mut keys: Vec<(String, u64, Node)> = Vec::new();
        while let Some(key) = entries.next_key::<Spanned<String>>()? {
            let node = entries.next_value::<Node>()?;
            keys.push((key.value, key.referenced.line(), node));
        }
        Ok(Yaml::Map(keys))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<File, Stop> {
        File::parse(Path::new("inventar.yaml"), false, text)
    }

    #[test]
    fn keys_and_values_keep_their_lines() {
        let file =
            parse("# comment\ndata: /x\n\nplugins:\n  inventar/python:\n    deep: [1, true, a]\n").unwrap();
        let (key, line, node) = &file.keys[1];
        assert_eq!((key.as_str(), *line), ("plugins", 4));
        let Yaml::Map(plugins) = &node.value else { panic!("{node:?}") };
        assert_eq!((plugins[0].0.as_str(), plugins[0].1), ("inventar/python", 5));
        assert_eq!(plugins[0].2.to_json(), serde_json::json!({ "deep": [1, true, "a"] }));
    }

    #[test]
    fn files_without_content() {
        for text in ["", "\n\n", "# nothing\n", "---\n", "~\n"] {
            assert_eq!(parse(text).unwrap().keys.len(), 0, "{text:?}");
        }
    }

    #[test]
    fn broken_files_name_their_line() {
        for (text, line) in [
            ("a: 1\nb: [1\n", "inventar.yaml:"),
            ("- a\n", "inventar.yaml:1"),
            ("a: 1\na: 2\n", "inventar.yaml:2"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(line), "{text:?}: {error}");
        }
    }
}
