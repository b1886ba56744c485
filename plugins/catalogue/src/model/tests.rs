//! What is a model and what is not.

use super::pattern::{TAIL_WORDS, best_pattern};
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
fn ids_of_bedrock() {
    let nova = "amazon.nova-lite-v1:0";
    for (text, id) in [
        ("anthropic.claude-sonnet-4-6", Some("anthropic.claude-sonnet-4-6")),
        (
            "us.anthropic.claude-3-5-sonnet-20240620-v1:0",
            Some("us.anthropic.claude-3-5-sonnet-20240620-v1:0"),
        ),
        ("bedrock/EU.anthropic.claude-sonnet-4-6", Some("eu.anthropic.claude-sonnet-4-6")),
        ("bedrock_converse:amazon.nova-lite-v1:0", Some(nova)),
        ("arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0", Some(nova)),
        ("bedrock/claude-sonnet-4-6", None),
        ("bedrock/openai.gpt-oss-120b", Some("openai.gpt-oss-120b")),
        ("openai.gpt-oss-120b-1:0", Some("openai.gpt-oss-120b-1:0")),
        ("us.meta.llama4-scout-17b-instruct-v1:0", Some("us.meta.llama4-scout-17b-instruct-v1:0")),
        ("cohere.embed-english-v3", Some("cohere.embed-english-v3")),
        // Of other clouds.
        ("google.gemini-2.5-pro", None),
        ("openai.gpt-4o", None),
        ("cohere.command-r-plus", None),
        ("cohere.embed-english-v3.0", None),
        ("claude-sonnet-4.6", None),
        ("deepseek-r1", None),
    ] {
        assert_eq!(model(text).and_then(|model| model.bedrock).as_deref(), id, "{text}");
        assert!(model(text).is_some(), "{text}");
    }
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
    check("mistral-7b-instruct-v0.2-q4_k_m.gguf", "mistral/mistral-7b-instruct-v0.2-q4_k_m.gguf", None, None);
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
        ("sonnet", "anthropic/sonnet"),
        ("gpt-4o", "openai/gpt-4o"),
        ("openrouter/moonshotai/kimi-k9.7-code", "moonshot/kimi-k9.7-code"),
    ] {
        assert_eq!(
            model_at_model_place(text).map(|model| model.identity()).as_deref(),
            Some(identity),
            "{text}"
        );
    }
    for text in ["my-own-deployment", "claude-code", "gemini-cli"] {
        assert_eq!(model_at_model_place(text), None, "{text}");
    }
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
