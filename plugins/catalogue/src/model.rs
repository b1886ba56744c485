//! Model ids: whose model a text names, in the spellings of SDKs, gateways, clouds and hubs.
//!
//! A text is taken apart in three steps. *Routes* in front are dropped (`openai:`, `azure/`, `models/`, `us.anthropic.`,
//! an ARN), an organisation of a model hub is remembered, and what is left is compared with the patterns. A pattern is
//! a literal head; `#` stands for digits and a final `*` for anything that reads like a model's name. Behind a pattern
//! that is not open, only what makers and quantisers append may follow: dates, sizes, `preview`, `instruct`, `q4_k_m` …

mod pattern;
mod spelling;
#[cfg(test)]
mod tests;

use pattern::best_pattern;
use spelling::Spelling;

include!(concat!(env!("OUT_DIR"), "/models.rs"));

#[derive(Debug)]
struct FamilyRow {
    provider: &'static str,
    family: &'static str,
    kind: &'static str,
    open: bool,
    source: &'static str,
    reviewed: &'static str,
}

#[derive(Debug)]
struct Pattern {
    head: &'static str,
    rest: &'static str,
    family: usize,
    word: bool,
}

/// A model that a text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    /// Who made it.
    pub provider: &'static str,
    /// The family: `gpt-4o`, `claude-sonnet`, `llama-3.1` …
    pub family: &'static str,
    /// `chat`, `completion`, `reasoning`, `embedding`, `rerank`, `image`, `video`, `speech`, `transcription`, `music`,
    /// `moderation`, `vision`, `code`, `translation`, `classification`.
    pub kind: &'static str,
    /// The id without routes, lower case, spelled one way: `claude-sonnet-4.5-20250929`.
    pub id: String,
    /// Through whom it is reached where the text says so: `azure`, `ollama`, `bedrock` …
    pub route: Option<&'static str>,
    /// `org/name` as written, when the text names a repository of a model hub.
    pub hub: Option<String>,
    /// The id by which Amazon Bedrock has it, when the text is one, with the region that an inference profile keeps to:
    /// `us.anthropic.claude-sonnet-4-5-20250929-v1:0`.
    pub bedrock: Option<String>,
}

impl Model {
    /// `provider/id`: the value of the identifier scheme `model`.
    pub fn identity(&self) -> String {
        format!("{}/{}", self.provider, self.id)
    }
}

/// A family with where its entry comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelFamily {
    /// Who made it.
    pub provider: &'static str,
    /// Its name.
    pub family: &'static str,
    /// What its models do.
    pub kind: &'static str,
    /// Where the ids are listed.
    pub source: &'static str,
    /// The day they were last looked at.
    pub reviewed: &'static str,
    /// Its patterns as the data writes them.
    pub patterns: Vec<String>,
}

/// The model that a text names wherever it stands. Ordinary words, labels and package names are none.
pub fn model(text: &str) -> Option<Model> {
    find(text, false)
}

/// The model that a text names at a place that holds a model id (`model="…"`): also ids that are words elsewhere
/// (`o3`, `mistral`, `sonar`, `command`).
pub fn model_at_model_place(text: &str) -> Option<Model> {
    find(text, true)
}

/// Whose models stand under an organisation of a model hub: `meta-llama` → `meta`.
pub fn hub_organisation(organisation: &str) -> Option<&'static str> {
    row(HUB, &organisation.to_ascii_lowercase()).copied()
}

/// Every family with its patterns.
pub fn model_families() -> Vec<ModelFamily> {
    let mut families: Vec<ModelFamily> = FAMILIES
        .iter()
        .map(|row| ModelFamily {
            provider: row.provider,
            family: row.family,
            kind: row.kind,
            source: row.source,
            reviewed: row.reviewed,
            patterns: vec![],
        })
        .collect();
    for pattern in PATTERNS {
        families[pattern.family].patterns.push(format!("{}{}", pattern.head, pattern.rest));
    }
    families
}

/// How many patterns there are.
pub fn model_pattern_count() -> usize {
    PATTERNS.len()
}

/// Longer texts are not ids.
const MAX_BYTES: usize = 200;

fn find(text: &str, model_place: bool) -> Option<Model> {
    if text.len() < 2 || text.len() > MAX_BYTES || !text.bytes().all(is_id_byte) {
        return None;
    }
    let spelling = Spelling::of(text);
    // A route in front says that a model follows.
    let words = model_place || spelling.route.is_some();
    let pattern = best_pattern(&spelling.bare, words)?;
    let family = &FAMILIES[pattern.family];
    // `openai/gpt-4o` is a route to its maker, `openai/gpt-oss-20b` also a repository.
    let hub = spelling.hub.filter(|_| family.open);
    Some(Model {
        provider: family.provider,
        family: family.family,
        kind: family.kind,
        id: spelling.bare,
        route: spelling.route,
        hub,
        bedrock: spelling.bedrock,
    })
}

const fn is_id_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':' | b'/' | b'@' | b'+')
}

fn row<'a, V>(table: &'a [(&'static str, V)], key: &str) -> Option<&'a V> {
    table.binary_search_by(|(name, _)| (*name).cmp(key)).ok().map(|at| &table[at].1)
}
