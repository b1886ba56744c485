//! The questions, and their answers.

use inventar_plugin_sdk::collector::{Failure, Problem, Request, Response, send_all};
use serde_json::Value;

/// A version of Azure's interface that lists deployments; later ones leave that to the management interface.
const AZURE_VERSION: &str = "2022-12-01";

/// Where the server is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    base: String,
}

impl Address {
    /// Of what was connected.
    pub fn new(endpoint: &str) -> Result<Self, Problem> {
        let base = endpoint.trim().trim_end_matches('/');
        if base.is_empty() {
            return Err(Problem::new("no-endpoint", "connect the server's address: --endpoint https://…"));
        }
        Ok(Self { base: base.to_owned() })
    }

    /// For people and as an identity.
    pub fn shown(&self) -> &str {
        &self.base
    }

    /// The host, lower case, without a port.
    pub fn host(&self) -> String {
        let rest = self.base.split_once("://").map_or(self.base.as_str(), |(_, rest)| rest);
        let authority = rest.split('/').next().unwrap_or_default();
        authority.rsplit_once(':').map_or(authority, |(host, _)| host).to_ascii_lowercase()
    }

    /// Whether the address that was connected is what clients call their base address.
    fn ends_in_v1(&self) -> bool {
        self.base.ends_with("/v1")
    }

    /// The address of a path of the OpenAI interface, without its `/v1`.
    pub fn v1(&self, path: &str) -> String {
        let version = if self.ends_in_v1() { "" } else { "/v1" };
        format!("{}{version}{path}", self.base)
    }

    /// Whether this is Azure's.
    pub fn is_azure(&self) -> bool {
        let host = self.host();
        [".openai.azure.com", ".cognitiveservices.azure.com", ".services.ai.azure.com"]
            .iter()
            .any(|end| host.ends_with(end))
    }

    /// Whether this is OpenAI's own.
    pub fn is_openai(&self) -> bool {
        let host = self.host();
        host == "api.openai.com" || host.ends_with(".api.openai.com")
    }
}

/// One question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// `/v1/models`, of all.
    Models,
    /// Of LiteLLM: whether it lives.
    Liveliness,
    /// Of LiteLLM: what is behind each name.
    ModelInfo,
    /// Of Ollama: its version.
    OllamaVersion,
    /// Of Ollama: what it has.
    OllamaTags,
    /// Of Ollama: what it runs now.
    OllamaRunning,
    /// Of vLLM and SGLang: the version.
    Version,
    /// Of text-generation-inference and text-embeddings-inference: everything.
    Info,
    /// Of llama.cpp: everything.
    Properties,
    /// Of Azure OpenAI: its deployments.
    Deployments,
}

const ELSEWHERE: &[(Question, &str)] = &[
    (Question::Liveliness, "/health/liveliness"),
    (Question::ModelInfo, "/model/info"),
    (Question::OllamaVersion, "/api/version"),
    (Question::OllamaTags, "/api/tags"),
    (Question::OllamaRunning, "/api/ps"),
    (Question::Version, "/version"),
    (Question::Info, "/info"),
    (Question::Properties, "/props"),
];

impl Question {
    /// The operation of the manifest.
    pub const fn operation(self) -> &'static str {
        match self {
            Self::Models => "openai-compatible:ListModels",
            Self::Liveliness => "openai-compatible:GetHealth",
            Self::ModelInfo => "openai-compatible:GetLiteLlmModels",
            Self::OllamaVersion => "openai-compatible:GetOllamaVersion",
            Self::OllamaTags => "openai-compatible:ListOllamaModels",
            Self::OllamaRunning => "openai-compatible:ListOllamaRunning",
            Self::Version => "openai-compatible:GetVersion",
            Self::Info => "openai-compatible:GetTgiInfo",
            Self::Properties => "openai-compatible:GetLlamaCppProperties",
            Self::Deployments => "openai-compatible:ListAzureDeployments",
        }
    }
}

/// What was answered.
#[derive(Debug, Default)]
pub struct Answers {
    all: Vec<(Question, Answer)>,
}

type Answer = Result<(Value, Response), Failure>;

impl Answers {
    /// For tests and [`everything`].
    pub fn new(all: Vec<(Question, Result<Response, Failure>)>) -> Self {
        let read = |answer: Result<Response, Failure>| {
            let response = answer.and_then(Response::ok)?;
            let body = serde_json::from_slice(&response.body).unwrap_or(Value::Null);
            Ok((body, response))
        };
        Self { all: all.into_iter().map(|(question, answer)| (question, read(answer))).collect() }
    }

    /// The JSON of an answer; none when there was none, or it was something else.
    pub fn json(&self, question: Question) -> Option<&Value> {
        self.answer(question)?.as_ref().ok().map(|(body, _)| body).filter(|body| !body.is_null())
    }

    /// The answer itself, for evidence.
    pub fn response(&self, question: Question) -> Option<&Response> {
        self.answer(question)?.as_ref().ok().map(|(_, response)| response)
    }

    /// Why there is none.
    pub fn failure(&self, question: Question) -> Option<&Failure> {
        self.answer(question)?.as_ref().err()
    }

    fn answer(&self, question: Question) -> Option<&Answer> {
        self.all.iter().find(|(asked, _)| *asked == question).map(|(_, answer)| answer)
    }
}

/// Asks whatever could tell: at most nine small questions at once.
pub fn everything(address: &Address) -> Answers {
    let mut questions = vec![];
    if address.is_azure() {
        let url = format!("{}/openai/deployments?api-version={AZURE_VERSION}", address.base);
        questions.push((Question::Deployments, url));
    } else {
        questions.push((Question::Models, address.v1("/models")));
        if !address.is_openai() && !address.ends_in_v1() {
            let elsewhere = ELSEWHERE.iter();
            questions
                .extend(elsewhere.map(|(question, path)| (*question, format!("{}{path}", address.base))));
        }
    }
    let requests = questions.iter().map(|(_, url)| Request::get(url).credential("key")).collect();
    let asked = questions.iter().map(|(question, _)| *question);
    Answers::new(asked.zip(send_all(requests)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (endpoint, host, models) in [
            ("http://10.0.0.1:8000/", "10.0.0.1", "http://10.0.0.1:8000/v1/models"),
            ("https://api.openai.com/v1", "api.openai.com", "https://api.openai.com/v1/models"),
            ("https://Gate.example/llm", "gate.example", "https://Gate.example/llm/v1/models"),
        ] {
            let address = Address::new(endpoint).unwrap();
            assert_eq!((address.host().as_str(), address.v1("/models").as_str()), (host, models));
        }
        assert!(Address::new("https://acme.openai.azure.com").unwrap().is_azure());
        assert!(Address::new("https://eu.api.openai.com/v1").unwrap().is_openai());
        assert!(!Address::new("https://api.openai.com.evil.example").unwrap().is_openai());
        assert_eq!(Address::new(" ").unwrap_err().code, "no-endpoint");
    }
}
