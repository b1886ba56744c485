//! What must be found, and what must not.

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// A row of a list of labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Stable among all lists.
    pub id: String,
    /// Whether a scanner must find it.
    pub expect: Expect,
    /// The type of asset: `sdk`, `model`, `prompt` …; a trap may be of `any` type.
    pub asset_type: String,
    /// What a person would call it.
    pub name: String,
    /// Other names that are as good.
    pub aliases: Vec<String>,
    /// Only where a pin or a lock says it.
    pub version: Option<String>,
    /// How much it counts.
    pub tier: Tier,
    /// Not only listed, documented, tested or evaluated.
    pub in_use: bool,
    /// Where it stands.
    pub places: Vec<Place>,
}

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Relative to the tree.
    pub file: String,
    /// From 1.
    pub line: u64,
}

/// Whether a row is a wish or a trap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// It must be found.
    Present,
    /// It must not be reported.
    Absent,
}

/// How much a row counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tier {
    /// A miss costs recall.
    Core,
    /// Right when it is found, no loss when it is not; of a trap, known to be hit.
    Extended,
    /// Named in a table only: right when it is found and not said to be in use.
    Mention,
    /// A trap.
    Negative,
}

/// Types whose assets have no settled name: the place decides, too.
const BY_PLACE: &[&str] = &[
    "prompt",
    "agent",
    "tool",
    "endpoint",
    "vector_store",
    "mcp_server",
    "mcp_client",
    "mcp_prompt",
    "mcp_resource",
    "dataset",
    "guardrail",
    "config",
    "ci_agent",
    "agent_plugin",
    "agent_capability",
    "infra",
];

impl Label {
    /// Reads a list: one JSON object a line.
    pub fn read(text: &str) -> Result<Vec<Self>> {
        let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        lines.map(|(i, line)| Self::parse(line).with_context(|| format!("line {}", i + 1))).collect()
    }

    fn parse(line: &str) -> Result<Self> {
        let row: Value = serde_json::from_str(line)?;
        let text = |key: &str| {
            row[key].as_str().map(str::to_owned).with_context(|| format!("a row without `{key}`"))
        };
        let expect = match text("expect")?.as_str() {
            "present" => Expect::Present,
            "absent" => Expect::Absent,
            other => bail!("`{other}` is not something to expect"),
        };
        let tier = match text("tier")?.as_str() {
            "core" => Tier::Core,
            "extended" => Tier::Extended,
            "mention" => Tier::Mention,
            "negative" => Tier::Negative,
            other => bail!("`{other}` is not a tier"),
        };
        let only_named = matches!(row["scope"].as_str(), Some("catalog-table" | "docs" | "test" | "eval"));
        let aliases = row["aliases"].as_array().into_iter().flatten();
        let places = row["evidence"].as_array().into_iter().flatten();
        Ok(Self {
            id: text("id")?,
            expect,
            asset_type: text("type")?,
            name: text("name")?,
            aliases: aliases.filter_map(|alias| alias.as_str().map(str::to_owned)).collect(),
            version: row["version"].as_str().map(str::to_owned),
            tier,
            in_use: !only_named && tier != Tier::Mention,
            places: places.map(place).collect::<Result<_>>()?,
        })
    }

    /// Whether findings at its lines count, whatever they are called.
    pub(super) fn is_known_by_place(&self) -> bool {
        BY_PLACE.contains(&self.asset_type.as_str())
    }

    /// The first place, as `file:line`.
    pub(super) fn at(&self) -> String {
        self.places.first().map(|place| format!("{}:{}", place.file, place.line)).unwrap_or_default()
    }
}

fn place(value: &Value) -> Result<Place> {
    Ok(Place {
        file: value["file"].as_str().context("evidence without `file`")?.to_owned(),
        line: value["line"].as_u64().context("evidence without `line`")?,
    })
}

/// What is before the colon in `openai:gpt-4o`.
const ROUTES: &[&str] = &[
    "openai",
    "anthropic",
    "google_genai",
    "google",
    "gemini",
    "azure",
    "azure_openai",
    "bedrock",
    "bedrock_converse",
    "ollama",
    "groq",
    "mistral",
    "mistralai",
    "cohere",
    "vertexai",
    "google_vertexai",
    "xai",
    "deepseek",
    "openrouter",
    "huggingface",
    "together",
    "fireworks",
    "nvidia",
    "dashscope",
    "gigachat",
    "litellm",
    "perplexity",
    "watsonx",
    "cerebras",
    "anyscale",
    "novita",
    "minimax",
];

/// A name as it is compared: case, `_` and spaces make no difference, nor does a model's way to its provider.
pub(super) fn normalised(name: &str, asset_type: &str) -> String {
    let mut name = name.to_lowercase().trim().to_owned();
    if asset_type == "model" && !name.starts_with("http") {
        let mut model = name.strip_prefix("models/").unwrap_or(&name);
        if let Some((route, rest)) = model.split_once(':')
            && ROUTES.contains(&route)
        {
            model = rest;
        }
        if let Some((_, last)) = model.split_once('/')
            && !last.contains('/')
        {
            model = last;
        }
        name = dotted(model);
    }
    let words: Vec<&str> = name.split(|c: char| c.is_whitespace() || c == '_').collect();
    let last = words.len() - 1;
    // A run of separators is one; at the ends it stays.
    let inner = words.iter().enumerate().filter(|(i, word)| !word.is_empty() || *i == 0 || *i == last);
    inner.map(|(_, word)| *word).collect::<Vec<_>>().join("-")
}

/// `4-5` is `4.5`.
fn dotted(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let digit = |i: usize| chars.get(i).is_some_and(char::is_ascii_digit);
    let one =
        |(i, c): (usize, &char)| if *c == '-' && i > 0 && digit(i - 1) && digit(i + 1) { '.' } else { *c };
    chars.iter().enumerate().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::{Label, normalised};

    #[track_caller]
    fn same(asset_type: &str, names: &[&str]) {
        let first = normalised(names[0], asset_type);
        for name in names {
            assert_eq!(normalised(name, asset_type), first, "{name}");
        }
    }

    #[test]
    fn names() {
        same(
            "model",
            &[
                "claude-haiku-4.5",
                "Claude-Haiku-4-5",
                "anthropic/claude-haiku-4-5",
                "anthropic:claude-haiku-4-5",
            ],
        );
        same("model", &["gemini-2.0-flash", "models/gemini-2.0-flash", "google_genai:gemini-2-0-flash"]);
        same("model", &["Qwen/Qwen3-8B", "qwen3-8b"]);
        same("sdk", &["scikit-learn", "Scikit_Learn", " scikit  learn "]);
        assert_ne!(normalised("org/tool", "tool"), normalised("tool", "tool"));
        assert_ne!(normalised("a/b/gpt-4o", "model"), normalised("gpt-4o", "model"));
        assert_ne!(normalised("llama3:8b", "model"), normalised("8b", "model"));
        assert_eq!(normalised("", "sdk"), "");
        assert_eq!(normalised("_private", "tool"), "-private");
    }

    #[test]
    fn rows_that_say_too_little_are_refused() {
        for row in [
            "{",
            r#"{"id":"a"}"#,
            r#"{"id":"a","expect":"perhaps","type":"sdk","name":"x","tier":"core"}"#,
            r#"{"id":"a","expect":"present","type":"sdk","name":"x","tier":"gold"}"#,
            r#"{"id":"a","expect":"present","type":"sdk","name":"x","tier":"core","evidence":[{"file":"a"}]}"#,
        ] {
            let error = Label::read(&format!("\n{row}")).expect_err("too little");
            assert!(format!("{error:#}").starts_with("line 2: "), "{error:#}");
        }
    }
}
