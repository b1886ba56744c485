//! Software that serves, trains or surrounds models, by the words of its images, programs, modules and labels.
//!
//! The catalogue knows images by their place in public registries. Organisations copy and rebuild them; what is left then
//! is a word in the name.

/// What a workload does with models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Asks for an accelerator; for what is not known.
    Accelerated,
    /// Calls models.
    Client,
    /// Anything else that the catalogue calls AI.
    Other(&'static str),
    /// Is worked in.
    Notebook,
    /// Makes models.
    Training,
    /// Stands before models.
    Gateway,
    /// Is a tool for models.
    Mcp,
    /// Serves models.
    Inference,
}

impl Role {
    /// The word for the property `category`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Accelerated => "accelerated",
            Self::Client => "client",
            Self::Other(word) => word,
            Self::Notebook => "notebook",
            Self::Training => "training",
            Self::Gateway => "gateway",
            Self::Mcp => "mcp",
            Self::Inference => "inference",
        }
    }

    /// By the catalogue's category of an image or a type.
    pub fn of_category(category: &'static str) -> Self {
        match category {
            "model-server" | "inference" => Self::Inference,
            "gateway" => Self::Gateway,
            "training" => Self::Training,
            "mcp" => Self::Mcp,
            other => Self::Other(other),
        }
    }
}

/// A row of the table.
#[derive(Debug)]
pub struct Server {
    /// The name people know.
    pub name: &'static str,
    /// Whose it is.
    pub provider: &'static str,
    /// What it does.
    pub role: Role,
    /// Words in the last part of an image's name, and values of the label that names the software.
    words: &'static [&'static str],
    /// Programs.
    programs: &'static [&'static str],
    /// Python modules behind `-m`, and what is below them.
    modules: &'static [&'static str],
}

const fn row(
    name: &'static str,
    provider: &'static str,
    role: Role,
    words: &'static [&'static str],
    programs: &'static [&'static str],
    modules: &'static [&'static str],
) -> Server {
    Server { name, provider, role, words, programs, modules }
}

const SERVERS: &[Server] = &[
    row("vLLM", "vllm", Role::Inference, &["vllm"], &["vllm"], &["vllm"]),
    row(
        "Triton",
        "nvidia",
        Role::Inference,
        &["tritonserver", "triton-inference-server"],
        &["tritonserver"],
        &[],
    ),
    row(
        "Text Generation Inference",
        "huggingface",
        Role::Inference,
        &["text-generation-inference", "tgi"],
        &["text-generation-launcher", "text-generation-server"],
        &[],
    ),
    row(
        "Text Embeddings Inference",
        "huggingface",
        Role::Inference,
        &["text-embeddings-inference", "tei"],
        &["text-embeddings-router"],
        &[],
    ),
    row("Ollama", "ollama", Role::Inference, &["ollama"], &["ollama"], &[]),
    row("SGLang", "sglang", Role::Inference, &["sglang"], &["sglang"], &["sglang"]),
    row("LMDeploy", "lmdeploy", Role::Inference, &["lmdeploy"], &["lmdeploy"], &["lmdeploy"]),
    row(
        "llama.cpp",
        "llama.cpp",
        Role::Inference,
        &["llama-server", "llama-cpp", "llama.cpp", "llamacpp"],
        &["llama-server"],
        &["llama_cpp"],
    ),
    row("LocalAI", "localai", Role::Inference, &["localai", "local-ai"], &["local-ai"], &[]),
    row(
        "Xinference",
        "xinference",
        Role::Inference,
        &["xinference"],
        &["xinference-local", "xinference"],
        &[],
    ),
    row("TorchServe", "pytorch", Role::Inference, &["torchserve"], &["torchserve"], &[]),
    row(
        "TensorFlow Serving",
        "tensorflow",
        Role::Inference,
        &["tensorflow-serving", "tf-serving"],
        &["tensorflow_model_server"],
        &[],
    ),
    row("MLServer", "seldon", Role::Inference, &["mlserver"], &["mlserver"], &["mlserver"]),
    row(
        "BentoML",
        "bentoml",
        Role::Inference,
        &["bentoml", "openllm"],
        &["bentoml", "openllm"],
        &["bentoml"],
    ),
    row("Ray Serve", "ray", Role::Inference, &["ray-llm", "ray-serve", "rayserve"], &["serve-llm"], &[]),
    row("FastChat", "fastchat", Role::Inference, &["fastchat"], &[], &["fastchat"]),
    row("LoRAX", "predibase", Role::Inference, &["lorax"], &["lorax-launcher"], &[]),
    row("Aphrodite", "aphrodite", Role::Inference, &["aphrodite-engine"], &["aphrodite"], &["aphrodite"]),
    row("faster-whisper", "speaches", Role::Inference, &["faster-whisper", "whisper-asr"], &[], &[]),
    row("ComfyUI", "comfyui", Role::Inference, &["comfyui"], &[], &[]),
    row("LiteLLM", "litellm", Role::Gateway, &["litellm"], &["litellm"], &["litellm"]),
    row(
        "torchrun",
        "pytorch",
        Role::Training,
        &[],
        &["torchrun", "accelerate", "deepspeed", "axolotl", "llamafactory-cli", "horovodrun"],
        &["torch.distributed", "axolotl", "trl"],
    ),
    row("Ray", "ray", Role::Other("distributed-computing"), &[], &["ray"], &[]),
    row(
        "Jupyter",
        "jupyter",
        Role::Notebook,
        &[],
        &["start-notebook.sh", "start-notebook.py", "jupyterhub-singleuser"],
        &[],
    ),
    row("Qdrant", "qdrant", Role::Other("vector-database"), &["qdrant"], &["qdrant"], &[]),
    row("Milvus", "milvus", Role::Other("vector-database"), &["milvus"], &["milvus"], &[]),
    row("Weaviate", "weaviate", Role::Other("vector-database"), &["weaviate"], &["weaviate"], &[]),
    row("Chroma", "chroma", Role::Other("vector-database"), &["chromadb"], &[], &["chromadb"]),
    row("Langfuse", "langfuse", Role::Other("observability"), &["langfuse"], &[], &[]),
    row("MLflow", "mlflow", Role::Other("observability"), &["mlflow"], &["mlflow"], &["mlflow"]),
    row(
        "LangGraph",
        "langchain",
        Role::Other("agent-platform"),
        &["langgraph", "langgraph-api"],
        &["langgraph"],
        &[],
    ),
    row("Open WebUI", "open-webui", Role::Other("agent-platform"), &["open-webui"], &["open-webui"], &[]),
    row("Langflow", "langflow", Role::Other("agent-platform"), &["langflow"], &["langflow"], &["langflow"]),
    row("Flowise", "flowise", Role::Other("agent-platform"), &["flowise"], &["flowise"], &[]),
    row(
        "MCP server",
        "modelcontextprotocol",
        Role::Mcp,
        &["mcp-server", "mcp-proxy"],
        &["mcp-proxy", "fastmcp"],
        &[],
    ),
];

impl Server {
    /// Whether a label's value is its name and nothing more.
    pub fn is_named(&self, value: &str) -> bool {
        self.words.iter().any(|word| value.eq_ignore_ascii_case(word))
            || value.eq_ignore_ascii_case(self.name)
    }
}

/// The software that the last part of an image's name, or a label that names software, speaks of.
pub fn of_words(name: &str) -> Option<&'static Server> {
    let name = name.to_ascii_lowercase();
    SERVERS.iter().find(|server| server.words.iter().any(|word| has_word(&name, word)))
}

/// The software whose program this is.
pub fn of_program(path: &str) -> Option<&'static Server> {
    let name = path.rsplit('/').next().unwrap_or(path);
    SERVERS.iter().find(|server| server.programs.contains(&name))
}

/// The software of a Python module.
pub fn of_module(module: &str) -> Option<&'static Server> {
    let below = |known: &&str| {
        module.strip_prefix(*known).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    SERVERS.iter().find(|server| server.modules.iter().any(below))
}

/// Whether a word stands in a name by itself.
fn has_word(name: &str, word: &str) -> bool {
    let is_edge = |c: Option<char>| c.is_none_or(|c| !c.is_ascii_alphanumeric());
    name.match_indices(word).any(|(start, found)| {
        is_edge(name[..start].chars().next_back()) && is_edge(name[start + found.len()..].chars().next())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        let check = |name, expected: Option<&str>| {
            assert_eq!(of_words(name).map(|server| server.name), expected, "{name}");
        };
        check("vllm-openai", Some("vLLM"));
        check("my-vllm-cuda12", Some("vLLM"));
        check("llama.cpp-server", Some("llama.cpp"));
        check("github-mcp-server", Some("MCP server"));
        check("nginx", None);
        check("thumbnailer", None);
        check("ollamas", None);
        check("strategist", None);
    }

    #[test]
    fn programs_and_modules() {
        assert_eq!(of_program("/usr/bin/vllm").map(|server| server.name), Some("vLLM"));
        assert!(of_program("serve").is_none());
        assert_eq!(of_module("vllm.entrypoints.openai.api_server").map(|server| server.name), Some("vLLM"));
        assert!(of_module("vllmish").is_none());
    }
}
