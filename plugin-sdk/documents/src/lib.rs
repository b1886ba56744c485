//! JSON, TOML, YAML and HCL as one tree in which everything knows its bytes, and files of `NAME=value` lines.
//!
//! A detector that reads settings asks what stands under a name, and where; in which format it was written does not
//! matter to the question. So every format becomes a [`Node`]: tables, lists and scalars with their places.
//!
//! ```
//! use inventar_documents::{Format, parse};
//!
//! let text = "llm:\n  model: gpt-4o\n";
//! let root = parse(text, Format::Yaml).expect("it is YAML").expect("it is not empty");
//! let model = root.get("llm").and_then(|llm| llm.get("model")).expect("both are there");
//! assert_eq!((model.text(), &text[model.span.clone()]), (Some("gpt-4o"), "gpt-4o"));
//! ```
//!
//! | part | what it is |
//! |---|---|
//! | [`Node`], [`Entry`], [`Value`] | the tree |
//! | [`parse`], [`parse_all`] | text to tree; the second reads every document of a YAML stream |
//! | [`without_templates`] | a Helm or Jinja template with what is filled in later blanked out, byte for byte |
//! | [`lines`] | environment files, properties, INI: names and values line by line |
//! | [`front_matter`] | the YAML or TOML at the top of a Markdown file |
//!
//! The parsers come from libraries; nesting is bounded and nothing is copied by an alias, so that no document costs
//! more than its bytes.

mod hcl;
mod json;
pub mod lines;
mod template;
mod toml;
mod tree;
mod yaml;

pub use template::{front_matter, without_templates};
pub use tree::{Entry, Node, Value};

/// How deep a document may nest. Real ones stay below twenty; the parsers and every walk over a tree are recursive.
const MAX_DEPTH: usize = 128;

/// The formats that become a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JSON, with comments and trailing commas where people leave them.
    Json,
    /// TOML 1.1.
    Toml,
    /// YAML 1.2.
    Yaml,
    /// HCL 2, as Terraform writes it: a block is a table below its type and its labels.
    Hcl,
}

impl Format {
    /// By a file's extension.
    pub fn of(path: &str) -> Option<Self> {
        let extension = path.rsplit(['/', '!']).next()?.rsplit_once('.')?.1;
        match extension.to_ascii_lowercase().as_str() {
            "json" | "jsonc" | "json5" | "code-workspace" => Some(Self::Json),
            "toml" => Some(Self::Toml),
            "yaml" | "yml" => Some(Self::Yaml),
            "tf" | "tofu" | "hcl" | "tfvars" => Some(Self::Hcl),
            _ => None,
        }
    }

    /// The word for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Toml => "toml",
            Self::Yaml => "yaml",
            Self::Hcl => "hcl",
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

/// Reads a text; of YAML, the first document. An empty text is no error and says nothing.
pub fn parse(text: &str, format: Format) -> Result<Option<Node>, Broken> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    match format {
        Format::Json => json::parse(text),
        Format::Toml => toml::parse(text).map(Some),
        Format::Yaml => match yaml::parse(text, 1) {
            (_, Some(broken)) => Err(broken),
            (documents, None) => Ok(documents.into_iter().next()),
        },
        Format::Hcl => hcl::parse(text).map(Some),
    }
}

/// Every document of a text, and why what follows them could not be read.
pub fn parse_all(text: &str, format: Format) -> (Vec<Node>, Option<Broken>) {
    if format == Format::Yaml {
        return yaml::parse(text, usize::MAX);
    }
    match parse(text, format) {
        Ok(document) => (document.into_iter().collect(), None),
        Err(broken) => (vec![], Some(broken)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
        let hcl = "# ä\nresource \"aws_x\" \"é\" {\n  b = \"ß\"\n  c { d = [1, true] }\n}\n";
        assert_eq!(
            spans(hcl, Format::Hcl),
            ["resource:", "\"aws_x\":", "\"é\":", "b:", "\"ß\"", "c:", "d:", "1", "true"]
        );
    }

    #[test]
    fn broken_texts_say_where() {
        for (format, text, line) in [
            (Format::Json, "{\n \"a\": ,\n}", 2),
            (Format::Json, "{\n \"a\": 1", 1),
            (Format::Toml, "a = 1\nb = = 2\n", 2),
            (Format::Yaml, "a: 1\nb: [1,\nc: 2\n", 2),
            (Format::Hcl, "a = 1\nb = = 2\n", 2),
        ] {
            let broken = parse(text, format).expect_err(text);
            let found = text[..broken.at.min(text.len())].matches('\n').count() + 1;
            assert_eq!(found, line, "{text:?}: {broken:?}");
            assert!(!broken.why.is_empty());
        }
    }

    #[test]
    fn documents_of_a_stream() {
        let (documents, broken) = parse_all("a: 1\n---\n---\nb: 2\n---\nc: [\n", Format::Yaml);
        assert_eq!(documents.iter().filter(|document| !document.entries().is_empty()).count(), 2);
        assert!(broken.is_some());
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
            (Format::Hcl, format!("a = {}", "[".repeat(200_000))),
            (Format::Hcl, "a {\n".repeat(20_000)),
            (Format::Hcl, format!("a = \"{}", "${\"".repeat(20_000))),
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
            for format in [Format::Json, Format::Toml, Format::Yaml, Format::Hcl] {
                let (documents, broken) = parse_all(&text, format);
                prop_assert!(documents.iter().all(|document| document.span.end <= text.len()));
                prop_assert!(broken.is_none_or(|broken| broken.at <= text.len()));
            }
        }
    }
}
