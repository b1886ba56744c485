//! Names: what a table, a sibling or an ending says of what stands there.

use crate::value::snake;
use inventar_analysis::words::has_any;
use inventar_documents::Entry;

/// Names of tables and prefixes that AI software has.
pub(crate) fn is_ai_word(word: &str) -> bool {
    const WHOLE: &[&str] = &[
        "ai",
        "llm",
        "llms",
        "genai",
        "gen-ai",
        "openai",
        "azureopenai",
        "azure_openai",
        "azure-openai",
        "azopenai",
        "anthropic",
        "claude",
        "gemini",
        "google_genai",
        "googlegenai",
        "vertexai",
        "vertex-ai",
        "vertex",
        "bedrock",
        "sagemaker",
        "mistral",
        "mistralai",
        "cohere",
        "groq",
        "ollama",
        "llamacpp",
        "llama-cpp",
        "llama_cpp",
        "vllm",
        "sglang",
        "huggingface",
        "hf",
        "openailike",
        "openai-compatible",
        "openai_compatible",
        "openrouter",
        "deepseek",
        "dashscope",
        "zhipuai",
        "moonshot",
        "minimax",
        "qianfan",
        "watsonx",
        "litellm",
        "litellm_params",
        "model_list",
        "embedding",
        "embeddings",
        "embedder",
        "embedding_model",
        "embedding_models",
        "rerank",
        "reranker",
        "chat_model",
        "chat-model",
        "chatmodel",
        "completion",
        "completions",
        "language_model",
        "languagemodel",
        "modelspec",
        "servingengine",
        "servingenginespec",
        "inference",
        "inferenceservice",
        "tgi",
        "tei",
        "lmstudio",
        "localai",
        "xinference",
        "stt",
        "tts",
        "whisper",
        "transformers",
        "semantickernel",
        "semantic_kernel",
        "langchain",
        "langchain4j",
        "graphrag",
        "rag",
        "copilot",
        "agent",
        "agents",
        "providers",
        "endpoints",
    ];
    let lower = word.to_ascii_lowercase();
    WHOLE.contains(&lower.as_str())
        || has_any(
            &lower,
            &["openai", "anthropic", "ollama", "llm", "embedding", "bedrock", "gemini", "huggingface"],
        )
}

/// What the names of a table's entries say of all of it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Signs {
    /// One is a name that only settings of a model have.
    pub(crate) is_ai: bool,
    /// One is a price or a capability: the table compares models.
    pub(crate) is_comparison: bool,
}

impl Signs {
    pub(crate) fn of(entries: &[Entry]) -> Self {
        entries.iter().fold(Self::default(), |signs, entry| {
            let name = snake(&entry.key);
            Self {
                is_ai: signs.is_ai || is_of_model_settings(&name),
                is_comparison: signs.is_comparison || compares(&name),
            }
        })
    }
}

fn is_of_model_settings(name: &str) -> bool {
    const SIGNS: &[&str] = &[
        "temperature",
        "top_p",
        "topp",
        "max_tokens",
        "maxtokens",
        "max_new_tokens",
        "max_completion_tokens",
        "api_base",
        "litellm_params",
        "system_prompt",
        "systemprompt",
        "prompt_template",
        "num_ctx",
        "context_size",
        "context_window",
        "presence_penalty",
        "frequency_penalty",
        "reasoning_effort",
        "max_model_len",
        "maxmodellen",
        "modelurl",
        "gpu_layers",
        "tensor_parallel_size",
        "tensorparallelsize",
        "model_kwargs",
        "embedding_dimensions",
        "modelformat",
        "llm_provider",
        "openai_api_base",
        "stop_sequences",
        "hf_token",
        "vllmconfig",
        "hftoken",
        "torch_dtype",
        "load_in_8bit",
        "load_in_4bit",
        "lora_alpha",
        "lora_dropout",
        "attn_implementation",
        "model_name_or_path",
    ];
    SIGNS.contains(&name)
}

fn compares(name: &str) -> bool {
    name.split('_').any(|word| matches!(word, "cost" | "costs" | "price" | "prices" | "pricing"))
        || matches!(
            name,
            "context_length"
                | "knowledge_cutoff"
                | "supports_vision"
                | "supports_function_calling"
                | "deprecation_date"
        )
}

/// Names under which people are shown something.
pub(crate) fn is_documentation(name: &str) -> bool {
    matches!(
        name,
        "description"
            | "homepage"
            | "documentation"
            | "docs"
            | "icon"
            | "logo"
            | "href"
            | "$schema"
            | "schema"
            | "website"
            | "repository_url"
            | "license"
            | "changelog"
            | "summary"
            | "help"
            | "tooltip"
            | "placeholder"
            | "title"
            | "comment"
            | "_comment"
            | "keywords"
            | "tags"
            | "label"
            | "example"
            | "examples"
            | "x-examples"
            | "readme"
            | "sources"
            | "maintainers"
            | "urls"
            | "links"
            | "$id"
            | "$ref"
            | "externalDocs"
            | "author"
            | "authors"
            | "html_url"
            | "console_url"
            | "signup_url"
            | "docs_url"
            | "website_url"
            | "references"
    )
}

/// Words whose value is a line for a shell or its words.
pub(crate) fn is_command(name: &str) -> bool {
    matches!(
        name,
        "command"
            | "cmd"
            | "args"
            | "entrypoint"
            | "run"
            | "script"
            | "before_script"
            | "after_script"
            | "extraArgs"
            | "vllmArgs"
            | "extra_args"
            | "arguments"
            | "postCreateCommand"
            | "user_data"
    )
}

/// `model_type: gpt2`: says something of a model whatever stands there.
pub(crate) fn is_of_model(snake: &str) -> bool {
    [
        "type", "format", "class", "version", "provider", "kind", "size", "dtype", "mode", "label",
        "revision", "impl", "loader",
    ]
    .iter()
    .any(|end| snake.strip_suffix(end).is_some_and(|front| front.ends_with('_')))
}

/// `model_type`, `model_format`: of a model, not the model.
pub(crate) fn is_part(snake: &str) -> bool {
    [
        "type", "format", "dir", "path", "file", "class", "version", "provider", "kind", "size", "cache",
        "impl", "loader", "revision", "dtype", "source", "uri", "url", "args", "config", "len", "label",
        "mode", "store",
    ]
    .iter()
    .any(|end| snake.ends_with(&format!("_{end}")))
}

/// Words for where a client connects to.
pub(crate) fn is_base_word(snake: &str) -> bool {
    [
        "base_url",
        "api_base",
        "endpoint",
        "api_url",
        "baseurl",
        "server_url",
        "api_host",
        "base_path",
        "openai_api_base",
    ]
    .iter()
    .any(|end| snake.ends_with(end))
}
