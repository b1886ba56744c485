//! Model ids: whose model a text names, in the spellings of SDKs, gateways, clouds and hubs.
//!
//! A text is taken apart in three steps. *Routes* in front are dropped (`openai:`, `azure/`, `models/`, `us.anthropic.`,
//! an ARN), an organisation of a model hub is remembered, and what is left is compared with the patterns. A pattern is
//! a literal head; `#` stands for digits and a final `*` for anything that reads like a model's name. Behind a pattern
//! that is not open, only what makers and quantisers append may follow: dates, sizes, `preview`, `instruct`, `q4_k_m` …

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
    /// The day they were last compared with the source.
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
    })
}

const fn is_id_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':' | b'/' | b'@' | b'+')
}

/// A text, taken apart.
#[derive(Debug, Default)]
struct Spelling {
    route: Option<&'static str>,
    hub: Option<String>,
    bare: String,
}

impl Spelling {
    fn of(text: &str) -> Self {
        let mut spelling = Self::default();
        let mut rest = text;
        if let Some(arn) = rest.strip_prefix("arn:aws") {
            spelling.route = Some("bedrock");
            rest = arn.rsplit('/').next().unwrap_or(arn);
        }
        // projects/…/publishers/google/models/gemini-2.5-pro, accounts/fireworks/models/…, models/…
        if let Some(at) = rest.rfind("models/").filter(|at| *at == 0 || rest.as_bytes()[at - 1] == b'/') {
            spelling.route = match () {
                () if rest.starts_with("accounts/fireworks/") || rest.starts_with("fireworks") => {
                    Some("fireworks")
                }
                () if rest.starts_with("projects/") || rest.starts_with("publishers/") => Some("vertex"),
                () if at == 0 => Some("google"),
                () => spelling.route,
            };
            rest = &rest[at + "models/".len()..];
        }
        while let Some((route, after)) = route_of(rest) {
            // The outermost route is through whom it is reached.
            spelling.hub =
                Some(rest.to_owned()).filter(|rest| rest.as_bytes()[rest.len() - after.len() - 1] == b'/');
            spelling.route.get_or_insert(route);
            rest = after;
        }
        if let Some((organisation, name)) = rest.split_once('/')
            && hub_organisation(organisation).is_some()
            && !name.contains('/')
        {
            spelling.hub = Some(rest.to_owned());
            rest = name;
        }
        spelling.hub = spelling.hub.filter(|hub| {
            hub.split_once('/').is_some_and(|(organisation, name)| {
                !name.contains('/') && !name.contains(':') && hub_organisation(organisation).is_some()
            })
        });
        let lower = rest.to_ascii_lowercase();
        let bare = without_bedrock_vendor(&lower);
        if bare.len() != lower.len() {
            spelling.route.get_or_insert("bedrock");
        }
        spelling.bare = one_spelling(bare);
        spelling
    }
}

/// `openai:…`, `azure/…`, `@cf/…`: a known route and what follows it.
fn route_of(text: &str) -> Option<(&'static str, &str)> {
    let end = text.find([':', '/'])?;
    let name = text[..end].to_ascii_lowercase();
    let at = ROUTES.binary_search_by(|(route, _)| (*route).cmp(&name)).ok()?;
    let rest = &text[end + 1..];
    (!rest.is_empty()).then_some((ROUTES[at].0, rest))
}

/// `us.anthropic.claude-…` → `claude-…`.
fn without_bedrock_vendor(text: &str) -> &str {
    const REGIONS: &[&str] = &["us-gov", "us", "eu", "apac", "jp", "au", "ca", "global"];
    let mut rest = text;
    if let Some((region, after)) = rest.split_once('.')
        && REGIONS.contains(&region)
    {
        rest = after;
    }
    match rest.split_once('.') {
        Some((vendor, after)) if row(BEDROCK, vendor).is_some() && !after.is_empty() => after,
        _ => text,
    }
}

/// Makers, clouds and resellers write one id several ways; this is the one that identifies it.
fn one_spelling(id: &str) -> String {
    // Bedrock: `claude-3-5-sonnet-20240620-v1:0`, `nova-pro-v1:0:300k`. Behind a date the number is the reseller's.
    let id = match id.rsplit_once("-v") {
        Some((front, version))
            if version.starts_with(|c: char| c.is_ascii_digit()) && version.contains(':') =>
        {
            let dated = front.len() > 9 && front.as_bytes()[front.len() - 8..].iter().all(u8::is_ascii_digit);
            if dated || front.starts_with("claude-") {
                front
            } else {
                &id[..id.len() - version.len() + version.find(':').unwrap_or(0)]
            }
        }
        _ => id,
    };
    let mut id = id.replace('@', "-");
    if let Some(rest) = id.strip_prefix("gpt-35") {
        id = format!("gpt-3.5{rest}");
    }
    if id.starts_with("claude") {
        id = dotted_version(&id);
    }
    id
}

/// `claude-3-5-sonnet` → `claude-3.5-sonnet`: a hyphen between two single digits is a point.
fn dotted_version(id: &str) -> String {
    let bytes = id.as_bytes();
    let single = |at: usize| {
        bytes.get(at).is_some_and(u8::is_ascii_digit)
            && at.checked_sub(1).is_none_or(|before| !bytes[before].is_ascii_digit())
            && !bytes.get(at + 1).is_some_and(u8::is_ascii_digit)
    };
    id.char_indices()
        .map(|(at, c)| if c == '-' && at > 0 && single(at - 1) && single(at + 1) { '.' } else { c })
        .collect()
}

/// The pattern with the longest head that accepts the id.
fn best_pattern(id: &str, words: bool) -> Option<&'static Pattern> {
    // The last pattern at or before the key is a prefix of the id, or shares less with it than any prefix would:
    // cutting the key to what they share skips everything between.
    let mut key = id;
    loop {
        let end = PATTERNS.partition_point(|pattern| pattern.head <= key);
        let last = PATTERNS.get(end.checked_sub(1)?)?;
        if id.starts_with(last.head) {
            let start = PATTERNS.partition_point(|pattern| pattern.head < last.head);
            let accepts =
                |pattern: &&Pattern| (words || !pattern.word) && accepts(pattern, &id[last.head.len()..]);
            if let Some(pattern) = PATTERNS[start..end].iter().rev().find(accepts) {
                return Some(pattern);
            }
            key = &key[..last.head.len() - 1];
        } else {
            let shared = last.head.bytes().zip(key.bytes()).take_while(|(a, b)| a == b).count();
            key = &key[..shared];
        }
        if key.is_empty() {
            return None;
        }
    }
}

/// Whether a pattern's rest and the usual tails explain what follows its head.
fn accepts(pattern: &Pattern, mut tail: &str) -> bool {
    let mut rest = pattern.rest;
    loop {
        match rest.as_bytes().first() {
            None => return is_usual_tail(tail),
            Some(b'*') => return is_open_tail(tail),
            Some(b'#') => {
                let digits = tail.bytes().take_while(u8::is_ascii_digit).count();
                if digits == 0 {
                    return false;
                }
                tail = &tail[digits..];
            }
            Some(byte) => match tail.as_bytes().first() {
                Some(first) if first == byte => tail = &tail[1..],
                _ => return false,
            },
        }
        rest = &rest[1..];
    }
}

/// Nothing, or words that are appended to any model's id, each behind a separator.
fn is_usual_tail(tail: &str) -> bool {
    if tail.is_empty() {
        return true;
    }
    let mut words = tail.split(['-', '_', ':', '.', '/']);
    words.next() == Some("") && words.all(is_tail_word)
}

/// Anything that reads like the rest of a model's name: words of letters and digits, none of which speaks of
/// something that merely has to do with models.
fn is_open_tail(tail: &str) -> bool {
    // Fine-tunes leave parts empty: `ft:gpt-4o:acme::abc`.
    let tail = tail.replace("::", ":");
    let mut words = tail.split(['-', '_', ':', '.', '/', '+']).peekable();
    words.next_if(|word| word.is_empty());
    words.all(|word| !word.is_empty() && word.len() <= 24 && !NOT_A_MODEL.contains(&word))
}

/// Words of texts that look like a model id and name something else: a tool, a setting, a file.
const NOT_A_MODEL: &[&str] = &[
    "adapter",
    "agent",
    "agents",
    "api",
    "apis",
    "app",
    "apps",
    "auth",
    "backend",
    "bin",
    "bot",
    "button",
    "cli",
    "client",
    "code",
    "config",
    "cookbook",
    "cpp",
    "css",
    "csv",
    "demo",
    "desktop",
    "docker",
    "docs",
    "engine",
    "engineer",
    "example",
    "examples",
    "factory",
    "finetune",
    "finetuning",
    "generator",
    "go",
    "guide",
    "handler",
    "html",
    "hub",
    "icon",
    "index",
    "js",
    "json",
    "key",
    "keys",
    "lib",
    "library",
    "local",
    "log",
    "logo",
    "logs",
    "md",
    "migrator",
    "parse",
    "parser",
    "pilot",
    "plugin",
    "png",
    "prompt",
    "prompts",
    "proxy",
    "py",
    "python",
    "recipes",
    "researcher",
    "responses",
    "router",
    "rs",
    "runner",
    "sdk",
    "server",
    "service",
    "settings",
    "skill",
    "skills",
    "stack",
    "svg",
    "swift",
    "template",
    "test",
    "tests",
    "tokenizer",
    "tokens",
    "tool",
    "tools",
    "trainer",
    "ts",
    "tutorial",
    "txt",
    "ui",
    "usage",
    "utils",
    "web",
    "wrapper",
    "yaml",
    "yml",
];

fn is_tail_word(word: &str) -> bool {
    let bytes = word.as_bytes();
    let digits = |from: usize| from < bytes.len() && bytes[from..].iter().all(u8::is_ascii_digit);
    if digits(0) || bytes.first() == Some(&b'v') && digits(1) {
        return true;
    }
    is_size(word) || is_quantisation(word) || TAIL_WORDS.binary_search(&word).is_ok()
}

/// `8b`, `0.5b` (its halves), `8x7b`, `a22b`, `137m`, `128k`, `e4b`.
fn is_size(word: &str) -> bool {
    let word = word.strip_prefix(['a', 'e']).unwrap_or(word);
    let Some(number) = word.strip_suffix(['b', 'm', 'k', 't']) else { return false };
    !number.is_empty()
        && number.split('x').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}

/// `q4`, `iq2`, `int8`, `fp16`, `bf16`, `4bit`, `w4a16`, `mxfp4`, `nvfp4`.
fn is_quantisation(word: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    ["q", "iq", "int", "fp", "bf", "mxfp", "nvfp", "f", "w4a", "w8a"]
        .iter()
        .any(|front| word.strip_prefix(front).is_some_and(number))
        || word.strip_suffix("bit").is_some_and(number)
}

/// Sorted.
const TAIL_WORDS: &[&str] = &[
    "alpha",
    "audio",
    "awq",
    "base",
    "beta",
    "bnb",
    "chat",
    "cloud",
    "coder",
    "codex",
    "customtools",
    "de",
    "deep",
    "distill",
    "dpo",
    "dynamic",
    "en",
    "es",
    "exl2",
    "exp",
    "experimental",
    "fast",
    "flash",
    "fr",
    "free",
    "ft",
    "ga",
    "ggml",
    "gguf",
    "gptq",
    "hd",
    "hf",
    "high",
    "hq",
    "hybrid",
    "image",
    "instant",
    "instruct",
    "it",
    "ja",
    "k",
    "l",
    "large",
    "latest",
    "legacy",
    "light",
    "lite",
    "live",
    "long",
    "lora",
    "low",
    "m",
    "max",
    "medium",
    "mini",
    "minimal",
    "mlx",
    "multi",
    "multilingual",
    "nano",
    "native",
    "net",
    "nitro",
    "nonthinking",
    "nothink",
    "online",
    "onnx",
    "oss",
    "plus",
    "preview",
    "pro",
    "prod",
    "pt",
    "quant",
    "realtime",
    "reasoner",
    "reasoning",
    "research",
    "s",
    "search",
    "sft",
    "small",
    "stable",
    "text",
    "think",
    "thinking",
    "tiny",
    "today",
    "transcribe",
    "tts",
    "turbo",
    "ultra",
    "uncensored",
    "vision",
    "vl",
    "xl",
    "xs",
    "xxs",
    "zh",
];

fn row<'a, V>(table: &'a [(&'static str, V)], key: &str) -> Option<&'a V> {
    table.binary_search_by(|(name, _)| (*name).cmp(key)).ok().map(|at| &table[at].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, identity: &str, route: Option<&str>, hub: Option<&str>) {
        let model = model(text).unwrap_or_else(|| panic!("`{text}` is no model"));
        assert_eq!(
            (model.identity().as_str(), model.route, model.hub.as_deref()),
            (identity, route, hub),
            "{text}"
        );
    }

    #[test]
    fn spellings() {
        check("gpt-4o", "openai/gpt-4o", None, None);
        check("GPT-4o", "openai/gpt-4o", None, None);
        check("gpt-4o-2024-08-06", "openai/gpt-4o-2024-08-06", None, None);
        check("openai:gpt-4o", "openai/gpt-4o", Some("openai"), None);
        check("openai/gpt-4o", "openai/gpt-4o", Some("openai"), None);
        check("openai/gpt-oss-20b", "openai/gpt-oss-20b", Some("openai"), Some("openai/gpt-oss-20b"));
        check("gpt-35-turbo", "openai/gpt-3.5-turbo", None, None);
        check("azure/gpt-4o", "openai/gpt-4o", Some("azure"), None);
        check("azure_openai:gpt-4.1-mini", "openai/gpt-4.1-mini", Some("azure_openai"), None);
        check("openrouter/openai/o3-mini", "openai/o3-mini", Some("openrouter"), None);
        check("openai:o3", "openai/o3", Some("openai"), None);
        check("models/gemini-1.5-pro", "google/gemini-1.5-pro", Some("google"), None);
        check("google-gla:gemini-2.5-flash", "google/gemini-2.5-flash", Some("google-gla"), None);
        check("vertex_ai/gemini-2.0-flash-001", "google/gemini-2.0-flash-001", Some("vertex_ai"), None);
        check("publishers/google/models/gemini-2.5-pro", "google/gemini-2.5-pro", Some("vertex"), None);
        check(
            "accounts/fireworks/models/llama-v3p1-8b-instruct",
            "meta/llama-v3p1-8b-instruct",
            Some("fireworks"),
            None,
        );
        check("anthropic/claude-sonnet-4-5", "anthropic/claude-sonnet-4.5", Some("anthropic"), None);
        check("anthropic/claude-sonnet-4.5", "anthropic/claude-sonnet-4.5", Some("anthropic"), None);
        check("claude-sonnet-4-5-20250929", "anthropic/claude-sonnet-4.5-20250929", None, None);
        check("claude-3-5-sonnet-latest", "anthropic/claude-3.5-sonnet-latest", None, None);
        check("claude-3-opus-20240229", "anthropic/claude-3-opus-20240229", None, None);
        check("claude-3-5-sonnet@20240620", "anthropic/claude-3.5-sonnet-20240620", None, None);
        let sonnet = "anthropic/claude-3.5-sonnet-20240620";
        check("anthropic.claude-3-5-sonnet-20240620-v1:0", sonnet, Some("bedrock"), None);
        check("us.anthropic.claude-3-5-sonnet-20240620-v1:0", sonnet, Some("bedrock"), None);
        check("bedrock/eu.anthropic.claude-3-5-sonnet-20240620-v1:0", sonnet, Some("bedrock"), None);
        check(
            "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0",
            "amazon/nova-lite-v1",
            Some("bedrock"),
            None,
        );
        check("amazon.titan-embed-text-v2:0", "amazon/titan-embed-text-v2", Some("bedrock"), None);
        check("deepseek.r1-v1:0", "deepseek/r1-v1", Some("bedrock"), None);
        check("ollama/llama3.1:8b", "meta/llama3.1:8b", Some("ollama"), None);
        check("ollama:mistral", "mistral/mistral", Some("ollama"), None);
        check("llama3.2", "meta/llama3.2", None, None);
        check("groq/llama-3.3-70b-versatile", "meta/llama-3.3-70b-versatile", Some("groq"), None);
        check("@cf/meta/llama-3.1-8b-instruct", "meta/llama-3.1-8b-instruct", Some("@cf"), None);
        check("deepseek-reasoner", "deepseek/deepseek-reasoner", None, None);
        check("xai/grok-4", "xai/grok-4", Some("xai"), None);
        check("grok-code-fast-1", "xai/grok-code-fast-1", None, None);
        let hub = "meta-llama/Llama-3.1-8B-Instruct";
        check(hub, "meta/llama-3.1-8b-instruct", None, Some(hub));
        let hub = "sentence-transformers/all-MiniLM-L6-v2";
        check(hub, "sentence-transformers/all-minilm-l6-v2", None, Some(hub));
        check("BAAI/bge-m3", "baai/bge-m3", None, Some("BAAI/bge-m3"));
        check("text-embedding-3-small", "openai/text-embedding-3-small", None, None);
        check("nomic-embed-text", "nomic/nomic-embed-text", None, None);
        check("whisper-1", "openai/whisper-1", None, None);
        check("eleven_multilingual_v2", "elevenlabs/eleven_multilingual_v2", None, None);
        check(
            "ft:gpt-4o-mini-2024-07-18:acme::abc123",
            "openai/ft:gpt-4o-mini-2024-07-18:acme::abc123",
            None,
            None,
        );
        check(
            "mistral-7b-instruct-v0.2-q4_k_m.gguf",
            "mistral/mistral-7b-instruct-v0.2-q4_k_m.gguf",
            None,
            None,
        );
    }

    #[test]
    fn no_models() {
        for text in [
            "",
            "a",
            "gpt",
            "gpt-researcher",
            "gpt-engineer",
            "gpt-4-api-key",
            "openai",
            "openai/openai-python",
            "anthropic",
            "claude",
            "claude-code",
            "claude-desktop",
            "claude-agent-sdk",
            "claude.ai",
            "gemini",
            "gemini-cli",
            "google/gemini.py",
            "llama",
            "llama-index",
            "llama_index",
            "llama.cpp",
            "llama-cpp-python",
            "mistral",
            "mistralai",
            "cohere",
            "command",
            "command-line",
            "sonar",
            "nova",
            "o1",
            "o3",
            "ada",
            "flux",
            "whisper",
            "embedding",
            "chat-model",
            "chat-model-reasoning",
            "mock-model",
            "title-model",
            "text-davinci",
            "deepseek",
            "qwen",
            "grok",
            "phi",
            "falcon",
            "a sentence about gpt-4o",
            "https://api.openai.com/v1/chat",
            "pkg:npm/openai",
            "python:3.12",
            "node:20",
            "redis:7",
            "gpt-4o/",
            "model/gpt",
            "meta-llama/llama-stack",
            "facebook/react",
            "google/guava",
            "microsoft/vscode",
            "t5",
            "gpt4all",
            "ollama",
        ] {
            assert_eq!(model(text), None, "{text}");
        }
    }

    #[test]
    fn words_are_models_where_models_stand() {
        for (text, identity) in [
            ("o3", "openai/o3"),
            ("mistral", "mistral/mistral"),
            ("sonar", "perplexity/sonar"),
            ("command", "cohere/command"),
            ("qwen", "alibaba/qwen"),
            ("gpt-4o", "openai/gpt-4o"),
        ] {
            assert_eq!(
                model_at_model_place(text).map(|model| model.identity()).as_deref(),
                Some(identity),
                "{text}"
            );
        }
        assert_eq!(model_at_model_place("my-own-deployment"), None);
    }

    #[test]
    fn longer_heads_win() {
        for (text, kind) in [
            ("gpt-4o-mini-tts", "speech"),
            ("gpt-4o-transcribe", "transcription"),
            ("gpt-4o-realtime-preview-2024-12-17", "speech"),
            ("gemini-2.5-flash-image-preview", "image"),
            ("gemini-embedding-001", "embedding"),
            ("qwen3-embedding-0.6b", "embedding"),
            ("o3-deep-research", "reasoning"),
        ] {
            assert_eq!(model(text).map(|model| model.kind), Some(kind), "{text}");
        }
    }

    #[test]
    fn tables_are_sorted() {
        assert!(PATTERNS.is_sorted_by_key(|pattern| pattern.head));
        assert!(ROUTES.is_sorted_by_key(|route| route.0));
        assert!(HUB.is_sorted_by_key(|row| row.0) && BEDROCK.is_sorted_by_key(|row| row.0));
        assert!(TAIL_WORDS.is_sorted());
    }

    #[test]
    fn every_pattern_is_found_by_what_it_stands_for() {
        for pattern in PATTERNS {
            let digits = format!("{}{}", pattern.head, pattern.rest).replace('#', "7");
            let next = if digits.ends_with(['-', '_', '.', '*'])
                && !digits.trim_end_matches('*').ends_with(['-', '_', '.'])
            {
                "-next"
            } else {
                "next"
            };
            let text = digits.replace('*', next);
            let found = best_pattern(&text, true);
            assert!(found.is_some(), "{text}");
        }
        assert!(PATTERNS.len() >= 1000, "{}", PATTERNS.len());
    }
}
