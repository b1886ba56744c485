//! Names that say what stands beside them: `model=`, `base_url=`, `api_key=`, `system_prompt=` …
//!
//! In a call into an AI library such a name is the library's own word. Elsewhere it is a hint that the value must
//! confirm: a model that the catalogue knows, a URL of a known host.

/// What a named place holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Model,
    /// Several models.
    Models,
    Url,
    Key,
    /// A text for the system position.
    System,
    /// A template that becomes a message.
    Template,
    Tools,
    Agents,
}

/// The role of a keyword, a member or a variable.
pub fn role(name: &str) -> Option<Role> {
    if name.len() > 60 || name.is_empty() {
        return None;
    }
    let spelled: String;
    let mut name = name;
    if name.bytes().any(|byte| byte.is_ascii_uppercase() || byte == b'-') {
        spelled = name.to_ascii_lowercase().replace('-', "_");
        name = &spelled;
    }
    let name = name.trim_matches('_');
    Some(match name {
        "model"
        | "model_name"
        | "modelname"
        | "model_id"
        | "modelid"
        | "engine"
        | "deployment"
        | "deployment_name"
        | "deployment_id"
        | "azure_deployment"
        | "llm"
        | "repo_id"
        | "pretrained_model_name_or_path"
        | "embedding"
        | "embeddings"
        | "checkpoint"
        | "model_name_or_path"
        | "model_path"
        | "base_model"
        | "llm_name" => Role::Model,
        "models" | "fallbacks" | "model_names" | "fallback_models" | "model_list" | "model_ids" => {
            Role::Models
        }
        "base_url"
        | "api_base"
        | "openai_api_base"
        | "openai_base_url"
        | "azure_endpoint"
        | "endpoint"
        | "endpoint_url"
        | "server_url"
        | "host"
        | "api_url"
        | "baseurl"
        | "inference_server_url"
        | "ollama_base_url"
        | "uri"
        | "url"
        | "api_host"
        | "api_endpoint"
        | "base"
        | "model_url" => Role::Url,
        "api_key"
        | "apikey"
        | "token"
        | "hf_token"
        | "auth_token"
        | "credential"
        | "access_token"
        | "api_token"
        | "huggingfacehub_api_token"
        | "api_key_env_var"
        | "use_auth_token" => Role::Key,
        "system"
        | "system_prompt"
        | "system_message"
        | "system_instruction"
        | "system_instructions"
        | "instructions"
        | "instruction"
        | "sys_prompt"
        | "system_content"
        | "backstory"
        | "state_modifier"
        | "developer_message"
        | "developer_prompt"
        | "global_instruction"
        | "static_prompt"
        | "system_template"
        | "systemprompt" => Role::System,
        "prompt_template"
        | "template"
        | "prompt"
        | "qa_template"
        | "text_qa_template"
        | "refine_template"
        | "context_prompt"
        | "condense_question_prompt"
        | "messages_modifier"
        | "messages"
        | "input"
        | "contents" => Role::Template,
        "tools" | "functions" | "toolkits" => Role::Tools,
        "agents" | "sub_agents" | "subagents" | "participants" | "handoffs" | "members"
        | "managed_agents" => Role::Agents,
        _ if name.ends_with("_api_key") => Role::Key,
        _ if name.ends_with("_api_base") || name.ends_with("_base_url") || name.ends_with("_endpoint") => {
            Role::Url
        }
        _ if name.ends_with("_url") || name.ends_with("_api_url") || name.ends_with("_host") => Role::Url,
        _ if is_model_word(name) => Role::Model,
        _ if name.ends_with("_models") => Role::Models,
        _ if name.ends_with("system_prompt") || name.ends_with("system_message") => Role::System,
        _ => return None,
    })
}

/// `FAST_LLM`, `default_model`, `embedding_model_name`, `model_fast`.
fn is_model_word(name: &str) -> bool {
    const ENDS: &[&str] = &[
        "_model",
        "_llm",
        "_model_name",
        "_model_id",
        "_embedding",
        "_embeddings",
        "_deployment",
        "_deployment_name",
        "_llm_name",
        "_reranker",
        "_model_default",
        "_engine",
        "_llm_model",
        "_model_path",
    ];
    ENDS.iter().any(|end| name.ends_with(end))
        || ["model_name_", "model_id_", "llm_model_", "default_model_", "model_", "llm_", "embedding_model_"]
            .iter()
            .any(|start| name.starts_with(start))
}

/// As `starts_with`, for parts that mostly differ in their first bytes: a call that compares memory costs more than they do.
#[inline]
pub(crate) fn begins_with(text: &[u8], part: &str) -> bool {
    text.len() >= part.len() && text.iter().zip(part.as_bytes()).all(|(a, b)| a == b)
}

/// Whether a text has one of these in it. For short parts and many texts: no table is made for each part.
pub fn has_any(text: &str, parts: &[&str]) -> bool {
    let text = text.as_bytes();
    // A bit for each byte that a part begins with.
    let mut firsts = [0u64; 4];
    for part in parts {
        match part.bytes().next() {
            Some(first) => firsts[usize::from(first >> 6)] |= 1 << (first & 63),
            None => return true,
        }
    }
    text.iter().enumerate().any(|(at, byte)| {
        firsts[usize::from(byte >> 6)] >> (byte & 63) & 1 == 1
            && parts.iter().any(|part| begins_with(&text[at..], part))
    })
}

/// Words of that role that hold a system text in any call, also in calls of this project's own functions.
pub fn is_strong_system(name: &str) -> bool {
    matches!(
        name,
        "system_prompt"
            | "system_message"
            | "system_instruction"
            | "system_instructions"
            | "sys_prompt"
            | "system_content"
    )
}

/// Words that hold an endpoint of a model in any call.
pub fn is_strong_url(name: &str) -> bool {
    matches!(name, "openai_api_base" | "azure_endpoint" | "api_base" | "openai_base_url" | "ollama_base_url")
}

/// Words of code that imports no library itself: settings, prompts, raw requests, tables of models, in any language that
/// is read as tokens. Their detectors claim the files that have one.
pub const SPOKEN_WORDS: &[&str] = &[
    "\"system\"",
    ".gguf",
    ":11434",
    ":19530",
    ":6333",
    "::vector",
    "AI(\"",
    "ANTHROPIC",
    "Act as a",
    "AgentTool",
    "Ai(\"",
    "Anthropic",
    "BaseAgent",
    "CHROMA_",
    "Claude",
    "EXISTS vector",
    "Gemini",
    "HF_TOKEN",
    "InputSchema",
    "LLM",
    "Llm",
    "MILVUS_",
    "Mistral",
    "OLLAMA",
    "OPENAI",
    "Ollama",
    "OpenAI",
    "OpenAi",
    "PINECONE_",
    "PROMPT",
    "Prompt(",
    "QDRANT_",
    "SYSTEM_PROMPT",
    "SystemPrompt",
    "VectorDB",
    "VectorDb",
    "VectorStore",
    "WEAVIATE_",
    "You are a",
    "You are the",
    "Your task",
    "_API_KEY",
    "anthropic",
    "chat/completions",
    "claude",
    "clientInfo",
    "client_info",
    "codestral",
    "dall-e",
    "deepseek",
    "embedding-",
    "fal-ai/",
    "gemini",
    "ggml-",
    "gpt-",
    "images/generations",
    "inputSchema",
    "input_schema",
    "llama",
    "llm",
    "mistral",
    "nomic-embed",
    "ollama",
    "openai",
    "qwen",
    "rompt = \"",
    "rompt = $",
    "rompt = @",
    "rompt = `",
    "rompt = r",
    "rompt string = ",
    "rompt: \"",
    "rompt: &str = ",
    "rompt: String = ",
    "rompt: `",
    "serverInfo",
    "server_info",
    "stable-diffusion",
    "systemPrompt",
    "system_prompt",
    "text-embedding",
    "whisper-",
    "your task",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts() {
        assert!(has_any("say what you are for", &["we are", "you are"]));
        assert!(!has_any("say what you ar", &["we are", "you are"]));
        assert!(has_any("", &[""]) && !has_any("", &["a"]) && !has_any("a", &[]));
    }

    #[test]
    fn roles() {
        for (name, expected) in [
            ("model", Some(Role::Model)),
            ("FAST_LLM", Some(Role::Model)),
            ("embedding-model", Some(Role::Model)),
            ("GEMINI_IMAGE_MODELS", Some(Role::Models)),
            ("openai_api_base", Some(Role::Url)),
            ("ANTHROPIC_API_KEY", Some(Role::Key)),
            ("DEFAULT_SYSTEM_PROMPT", Some(Role::System)),
            ("tools", Some(Role::Tools)),
            ("remodel", None),
            ("title", None),
            ("", None),
        ] {
            assert_eq!(role(name), expected, "{name}");
        }
    }
}
