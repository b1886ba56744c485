//! What says that a thing of general use is used for AI: its image, its environment, its layers, its hardware, its name.
//!
//! A workload counts only by what it runs or is given, never by rights alone: roles are shared.

use inventar_analysis::names::Address;
use inventar_catalogue as catalogue;

/// Words that only AI software has in its name.
const SOFTWARE: &[&str] = &[
    "anthropic",
    "autogen",
    "autogluon",
    "bedrock",
    "bentoml",
    "chroma",
    "chromadb",
    "claude",
    "clip",
    "cohere",
    "comfyui",
    "crewai",
    "deepseek",
    "deepspeed",
    "diffusers",
    "djl",
    "embedding",
    "embeddings",
    "faiss",
    "gemini",
    "genai",
    "gpt",
    "huggingface",
    "inference",
    "kserve",
    "langchain",
    "langflow",
    "langfuse",
    "langgraph",
    "langsmith",
    "lightgbm",
    "litellm",
    "llama",
    "llamaindex",
    "llm",
    "lmi",
    "milvus",
    "mistral",
    "mlflow",
    "mlserver",
    "mxnet",
    "neuronx",
    "ollama",
    "onnx",
    "onnxruntime",
    "openai",
    "paddlepaddle",
    "pinecone",
    "pytorch",
    "qdrant",
    "qwen",
    "rag",
    "sagemaker",
    "seldon",
    "sglang",
    "sklearn",
    "stablediffusion",
    "tei",
    "tensorflow",
    "tensorrt",
    "tgi",
    "torch",
    "torchserve",
    "transformers",
    "triton",
    "tritonserver",
    "vertexai",
    "vllm",
    "weaviate",
    "whisper",
    "xgboost",
    "yolo",
];

/// Words in the name of a database that say what is searched in it.
const VECTORS: &[&str] = &[
    "embedding",
    "embeddings",
    "genai",
    "knn",
    "llm",
    "rag",
    "semantic",
    "vector",
    "vectors",
    "vectorstore",
];

/// Options of model servers behind which a model stands.
const MODEL_OPTIONS: &[&str] = &[
    "--model",
    "--model-id",
    "--model-name",
    "--model-path",
    "--served-model-name",
    "--model-repository",
    "-m",
];

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
}

fn has_word(text: &str, known: &[&str]) -> bool {
    words(text).any(|word| known.binary_search(&word.as_str()).is_ok())
}

/// `anthropic`, `meta`: what stands before the dot of a Bedrock model.
pub(crate) fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

/// `organisation/name` as a model hub has them.
pub(crate) fn is_hub_name(text: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty()
            && part.len() <= 96
            && part.starts_with(|c: char| c.is_ascii_alphanumeric())
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    matches!(text.split_once('/'), Some((organisation, name)) if part(organisation) && part(name) && !name.contains('/'))
}

/// Whether an image is one that serves, trains or calls models.
pub(crate) fn image(reference: &str) -> bool {
    if catalogue::container_image(reference).is_some() {
        return true;
    }
    let repository = catalogue::repository(reference);
    // What a registry's host is called says nothing.
    let name = match repository.split_once('/') {
        Some((host, name)) if host.contains('.') || host.contains(':') => name,
        _ => repository,
    };
    repository_name(name)
}

/// Whether a repository holds such images, by its name.
pub(crate) fn repository_name(name: &str) -> bool {
    catalogue::container_image(name).is_some() || has_word(name, SOFTWARE)
}

/// Whether a Lambda layer brings an AI library: `arn:…:layer:NAME:VERSION`.
pub(crate) fn layer(arn: &str) -> bool {
    let name = arn.split(':').nth(6).unwrap_or_default();
    has_word(name, SOFTWARE)
        || catalogue::package("pypi", name).is_some()
        || catalogue::package("npm", name).is_some()
}

/// Whether a search domain is one for vectors, by its name.
pub(crate) fn vector_name(name: &str) -> bool {
    has_word(name, VECTORS)
}

/// Whether a bucket is made by or for AI services, by its name.
pub(crate) fn bucket_name(name: &str) -> bool {
    has_word(name, &["bedrock", "jumpstart", "sagemaker"])
}

/// GPUs and AI accelerators by the family of an instance type: `p4d.24xlarge`, `ml.g5.xlarge`, `inf2.xlarge`.
pub(crate) fn accelerated(instance_type: &str) -> bool {
    let bare = instance_type.strip_prefix("ml.").unwrap_or(instance_type);
    let Some((family, _)) = bare.split_once('.') else { return false };
    let letters: String = family.chars().take_while(char::is_ascii_alphabetic).collect();
    let is_numbered = family[letters.len()..].starts_with(|c: char| c.is_ascii_digit());
    is_numbered && matches!(letters.as_str(), "p" | "g" | "gr" | "inf" | "trn" | "dl")
}

/// What an environment says. Values leave here only where they name a model, an endpoint or an object of AWS.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Environment {
    /// Models by the ids as written.
    pub(crate) models: Vec<String>,
    /// Addresses of model services, without user and query.
    pub(crate) endpoints: Vec<String>,
    /// Names of SageMaker endpoints.
    pub(crate) sagemaker: Vec<String>,
    /// Objects of Bedrock and SageMaker by ARN.
    pub(crate) objects: Vec<String>,
    /// Models of an MLflow registry, as the registry calls them.
    pub(crate) registered: Vec<String>,
    /// Variables that hold keys of AI services.
    pub(crate) keys: Vec<String>,
    /// Variables that only AI software reads.
    pub(crate) variables: Vec<String>,
}

impl Environment {
    /// Whether anything in it speaks of AI.
    pub(crate) fn speaks(&self) -> bool {
        *self != Self::default()
    }

    pub(crate) fn of<'a>(variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut found = Self::default();
        for (name, value) in variables {
            found.read(name, value);
        }
        for list in [
            &mut found.models,
            &mut found.endpoints,
            &mut found.sagemaker,
            &mut found.objects,
            &mut found.registered,
            &mut found.keys,
            &mut found.variables,
        ] {
            list.sort();
            list.dedup();
        }
        found
    }

    fn read(&mut self, name: &str, value: &str) {
        let value = value.trim();
        if catalogue::secret(name).is_some() {
            self.keys.push(name.to_owned());
            return;
        }
        let speaks_of_ai = has_word(name, SOFTWARE);
        if speaks_of_ai {
            self.variables.push(name.to_owned());
        }
        let has = |word: &str| words(name).any(|known| known == word);
        if let Some(address) = Address::read(value) {
            self.registered.push(address.name().to_string());
        } else if let Some(arn) = crate::arn::Arn::parse(value) {
            if matches!(arn.kind(), "foundation-model" | "inference-profile") {
                self.models.push(value.to_owned());
            } else if matches!(arn.service, "bedrock" | "sagemaker" | "bedrock-agentcore") {
                self.objects.push(value.to_owned());
            }
        } else if value.starts_with("https://") || value.starts_with("http://") {
            if speaks_of_ai || catalogue::endpoint_of_url(value).is_some() {
                self.endpoints.extend(address(value));
            }
        } else if catalogue::model(value).is_some()
            || (has("model") || has("llm")) && catalogue::model_at_model_place(value).is_some()
        {
            self.models.push(value.to_owned());
        } else if has("sagemaker") && has("endpoint") && is_endpoint_name(value) {
            self.sagemaker.push(value.to_owned());
        }
    }
}

fn is_endpoint_name(value: &str) -> bool {
    (1..=63).contains(&value.len())
        && value.starts_with(|c: char| c.is_ascii_alphanumeric())
        && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// Scheme, host, port and path.
fn address(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let rest = rest.split(['?', '#']).next()?;
    let (authority, path) = rest.split_once('/').map_or((rest, None), |(host, path)| (host, Some(path)));
    let host = authority.rsplit('@').next()?;
    let good = !host.is_empty()
        && host.len() <= 253
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.:[]".contains(&b));
    let path = path.map(|path| format!("/{}", path.trim_end_matches('/'))).unwrap_or_default();
    good.then(|| format!("{scheme}://{}{}", host.to_ascii_lowercase(), path.trim_end_matches('/')))
}

/// Models that a command line serves.
pub(crate) fn command_models<'a>(words: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let words: Vec<&str> = words.into_iter().flat_map(str::split_ascii_whitespace).collect();
    let is_model = |text: &str| is_hub_name(text) || catalogue::model_at_model_place(text).is_some();
    let mut models: Vec<String> = vec![];
    for (at, word) in words.iter().enumerate() {
        let (option, attached) =
            word.split_once('=').map_or((*word, None), |(option, value)| (option, Some(value)));
        let is_serve = *word == "serve" && at > 0 && words[at - 1].ends_with("vllm");
        if is_serve || MODEL_OPTIONS.contains(&option) {
            let value = attached.or(words.get(at + 1).copied());
            models.extend(value.filter(|value| is_model(value)).map(str::to_owned));
        }
    }
    models.dedup();
    models
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted() {
        for table in [SOFTWARE, VECTORS] {
            assert!(table.is_sorted(), "{table:?}");
        }
    }

    #[test]
    fn instance_types() {
        for (name, expected) in [
            ("p4d.24xlarge", true),
            ("ml.g5.2xlarge", true),
            ("g6e.xlarge", true),
            ("inf2.xlarge", true),
            ("trn1.32xlarge", true),
            ("t3.micro", false),
            ("m5.large", false),
            ("c7gn.large", false),
            ("i4g.large", false),
            ("ml.t3.medium", false),
            ("gpu", false),
        ] {
            assert_eq!(accelerated(name), expected, "{name}");
        }
    }

    #[test]
    fn images() {
        for (name, expected) in [
            ("vllm/vllm-openai:v0.6.3", true),
            ("123456789012.dkr.ecr.us-east-1.amazonaws.com/ml/xgboost-serving:1", true),
            ("123456789012.dkr.ecr.us-east-1.amazonaws.com/team/triton", true),
            ("763104351884.dkr.ecr.us-east-1.amazonaws.com/huggingface-pytorch-tgi-inference:2.4", true),
            ("nginx:1.27", false),
            ("123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/storage-api", false),
            ("registry.openai.example.com/shop/web", false),
        ] {
            assert_eq!(image(name), expected, "{name}");
        }
    }

    #[test]
    fn environments() {
        let check = |name: &str, value: &str, expected: Environment| {
            assert_eq!(Environment::of([(name, value)]), expected, "{name}={value}");
        };
        let one = |text: &str| vec![text.to_owned()];
        let none = Environment::default;
        check(
            "MODEL_ID",
            "anthropic.claude-3-haiku-20240307-v1:0",
            Environment { models: one("anthropic.claude-3-haiku-20240307-v1:0"), ..none() },
        );
        check("OPENAI_API_KEY", "sk-secret", Environment { keys: one("OPENAI_API_KEY"), ..none() });
        check(
            "OPENAI_BASE_URL",
            "https://user:pass@api.openai.example/v1/?key=x",
            Environment {
                endpoints: one("https://api.openai.example/v1"),
                variables: one("OPENAI_BASE_URL"),
                ..none()
            },
        );
        check(
            "SAGEMAKER_ENDPOINT",
            "fraud-ep",
            Environment { sagemaker: one("fraud-ep"), variables: one("SAGEMAKER_ENDPOINT"), ..none() },
        );
        check(
            "SCORER",
            "models:/churn@champion",
            Environment { registered: one("mlflow/model/churn@champion"), ..none() },
        );
        check("TABLE", "orders", none());
        check("API_URL", "https://shop.example/v1", none());
        check("STORAGE_MODEL", "relational", none());
        check(
            "AGENT",
            "arn:aws:bedrock:us-east-1:1:agent/X",
            Environment { objects: one("arn:aws:bedrock:us-east-1:1:agent/X"), ..none() },
        );
    }

    #[test]
    fn commands() {
        let check = |words: &[&str], expected: &[&str]| {
            assert_eq!(command_models(words.iter().copied()), expected, "{words:?}");
        };
        check(
            &["--model", "meta-llama/Llama-3.1-8B-Instruct", "--tensor-parallel-size", "1"],
            &["meta-llama/Llama-3.1-8B-Instruct"],
        );
        check(&["vllm serve Qwen/Qwen2.5-7B --port 8000"], &["Qwen/Qwen2.5-7B"]);
        check(&["--model-id=mistralai/Mistral-7B"], &["mistralai/Mistral-7B"]);
        check(&["nginx", "-m", "off"], &[]);
        check(&["--model"], &[]);
    }
}
