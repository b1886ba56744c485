//! Which server answers so.

use crate::ask::{Address, Answers, Question};
use serde_json::Value;

/// A server, or nothing more than that it speaks the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Server {
    OpenAi,
    AzureOpenAi,
    LiteLlm,
    Ollama,
    LlamaCpp,
    TextGenerationInference,
    TextEmbeddingsInference,
    Vllm,
    SgLang,
    Unknown,
}

impl Server {
    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OpenAi => "OpenAI",
            Self::AzureOpenAi => "Azure OpenAI",
            Self::LiteLlm => "LiteLLM",
            Self::Ollama => "Ollama",
            Self::LlamaCpp => "llama.cpp",
            Self::TextGenerationInference => "text-generation-inference",
            Self::TextEmbeddingsInference => "text-embeddings-inference",
            Self::Vllm => "vLLM",
            Self::SgLang => "SGLang",
            Self::Unknown => "OpenAI-compatible",
        }
    }

    /// Whether a name like `org/name` is a repository of the model hub there.
    pub const fn loads_from_hub(self) -> bool {
        matches!(
            self,
            Self::Vllm | Self::SgLang | Self::TextGenerationInference | Self::TextEmbeddingsInference
        )
    }
}

/// The server, by its address or by what only it says.
pub fn of(address: &Address, answers: &Answers) -> Server {
    if address.is_azure() {
        return Server::AzureOpenAi;
    }
    if address.is_openai() {
        return Server::OpenAi;
    }
    let has = |question, key: &str| answers.json(question).is_some_and(|body| body.get(key).is_some());
    let is_alive = answers.json(Question::Liveliness).and_then(Value::as_str) == Some("I'm alive!");
    let info = answers.json(Question::ModelInfo).and_then(|body| body["data"].as_array());
    let owner = owner(answers);
    if is_alive || info.is_some_and(|models| models.iter().any(|model| model["litellm_params"].is_object())) {
        Server::LiteLlm
    } else if has(Question::OllamaVersion, "version") && has(Question::OllamaTags, "models") {
        Server::Ollama
    } else if has(Question::Properties, "default_generation_settings") || owner == Some("llamacpp") {
        Server::LlamaCpp
    } else if has(Question::Info, "model_id") && has(Question::Info, "model_type") {
        Server::TextEmbeddingsInference
    } else if has(Question::Info, "model_id") {
        Server::TextGenerationInference
    } else {
        match owner {
            Some("vllm") => Server::Vllm,
            Some("sglang") => Server::SgLang,
            _ => Server::Unknown,
        }
    }
}

/// Who owns the first model of `/v1/models`: servers write their own name there.
fn owner(answers: &Answers) -> Option<&str> {
    answers.json(Question::Models)?["data"].as_array()?.first()?["owned_by"].as_str()
}

/// The server's version, where it says one.
pub fn version(server: Server, answers: &Answers) -> Option<String> {
    let (question, key) = match server {
        Server::Ollama => (Question::OllamaVersion, "version"),
        Server::Vllm | Server::SgLang => (Question::Version, "version"),
        Server::TextGenerationInference | Server::TextEmbeddingsInference => (Question::Info, "version"),
        Server::LlamaCpp => (Question::Properties, "build_info"),
        Server::OpenAi | Server::AzureOpenAi | Server::LiteLlm | Server::Unknown => return None,
    };
    let version = answers.json(question)?.get(key)?.as_str()?;
    Some(version.chars().filter(|c| !c.is_control()).take(64).collect())
}
