//! Bytes to a [`Node`], whatever the format.

mod json;
mod toml;
mod yaml;

use crate::tree::Node;

/// How deep a configuration may nest. Real ones stay below ten; the parsers and every walk over a tree are recursive.
const MAX_DEPTH: usize = 128;

/// The formats in which clients keep their configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JSON, with comments and trailing commas where people leave them.
    Json,
    /// TOML 1.1.
    Toml,
    /// YAML 1.2, the first document.
    Yaml,
}

impl Format {
    /// By a file's extension.
    pub fn of(path: &str) -> Option<Self> {
        let extension = path.rsplit(['/', '!']).next()?.rsplit_once('.')?.1;
        match extension.to_ascii_lowercase().as_str() {
            "json" | "jsonc" | "json5" | "code-workspace" => Some(Self::Json),
            "toml" => Some(Self::Toml),
            "yaml" | "yml" => Some(Self::Yaml),
            _ => None,
        }
    }

    /// The word for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Toml => "toml",
            Self::Yaml => "yaml",
        }
    }
}

/// Why a text could not be read, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Byte offset.
    pub at: usize,
    /// In words.
    pub why: String,
}

/// Reads a text. An empty one is no error and says nothing.
pub fn parse(text: &str, format: Format) -> Result<Option<Node>, Broken> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    match format {
        Format::Json => json::parse(text),
        Format::Toml => toml::parse(text).map(Some),
        Format::Yaml => yaml::parse(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Value;
    use proptest::prelude::*;

    /// The text at each name and each scalar, so that a wrong span shows.
    fn spans(text: &str, format: Format) -> Vec<String> {
        fn walk(text: &str, node: &Node, out: &mut Vec<String>) {
            if let Value::Text(_) | Value::Number(_) | Value::Bool(_) = node.value {
                out.push(text[node.span.clone()].to_owned());
            }
            for entry in node.entries() {
                out.push(format!("{}:", &text[entry.key_span.clone()]));
                walk(text, &entry.node, out);
            }
            node.items().iter().for_each(|item| walk(text, item, out));
        }
        let mut out = vec![];
        walk(text, &parse(text, format).unwrap().unwrap(), &mut out);
        out
    }

    #[test]
    fn spans_of_every_format() {
        let json = "// ä\n{ \"ß\": [1, true, \"x\\n\"], /* c */ \"b\": \"é\", }";
        assert_eq!(spans(json, Format::Json), ["\"ß\":", "1", "true", "\"x\\n\"", "\"b\":", "\"é\""]);
        let toml = "# ä\n[a.b]\nc = 'é'\nd = [1, true]\n";
        assert_eq!(spans(toml, Format::Toml), ["a:", "b:", "c:", "'é'", "d:", "1", "true"]);
        let yaml = "# ä\nß:\n  - é\n  - 'x'\nb: 3\n";
        assert_eq!(spans(yaml, Format::Yaml), ["ß:", "é", "'x'", "b:", "3"]);
    }

    #[test]
    fn broken_texts_say_where() {
        for (format, text, line) in [
            (Format::Json, "{\n \"a\": ,\n}", 2),
            (Format::Json, "{\n \"a\": 1", 1),
            (Format::Toml, "a = 1\nb = = 2\n", 2),
            (Format::Yaml, "a: 1\nb: [1,\nc: 2\n", 2),
        ] {
            let broken = parse(text, format).expect_err(text);
            let found = text[..broken.at.min(text.len())].matches('\n').count() + 1;
            assert_eq!(found, line, "{text:?}: {broken:?}");
            assert!(!broken.why.is_empty());
        }
    }

    #[test]
    fn nesting_is_bounded() {
        for (format, text) in [
            (Format::Json, "[".repeat(200_000)),
            (Format::Json, "{\"a\":".repeat(200_000)),
            (Format::Json, "[".repeat(300) + &"]".repeat(300)),
            (Format::Toml, format!("a = {}", "[".repeat(200_000))),
            (Format::Toml, format!("a{} = 1", ".a".repeat(200_000))),
            (Format::Toml, format!("[a{}]", ".a".repeat(200_000))),
            (Format::Yaml, "[".repeat(200_000)),
            (Format::Yaml, "- ".repeat(20_000)),
            (Format::Yaml, "{a: ".repeat(20_000)),
        ] {
            assert!(parse(&text, format).is_err(), "{format:?} {}", &text[..20]);
        }
    }

    #[test]
    fn aliases_are_not_copied() {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x]\n");
        for level in 1..40 {
            text += &format!("a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 8].join(", "));
        }
        assert!(parse(&text, Format::Yaml).is_ok());
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "[\\[\\]{}:,\"'#*&\\-= \\n\\tab1é/|>!%@.\\\\]{0,80}") {
            for format in [Format::Json, Format::Toml, Format::Yaml] {
                if let Err(broken) = parse(&text, format) {
                    prop_assert!(broken.at <= text.len());
                }
            }
        }
    }
}
