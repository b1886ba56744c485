//! The models of each server's own lists, in one shape.

use crate::ask::{Answers, Question};
use crate::fingerprint::Server;
use serde_json::Value;

/// The most models of one server that are read.
const MODELS: usize = 5_000;
/// Bytes of a name.
const NAME: usize = 256;

/// A model that a server offers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Served {
    /// What a caller writes.
    pub name: String,
    /// What is behind the name, where that is something else.
    pub behind: Option<String>,
    /// Through whom it is reached: `azure`, `bedrock`.
    pub route: Option<String>,
    /// Another server that this one calls for it.
    pub upstream: Option<String>,
    /// The model that this one adapts.
    pub parent: Option<String>,
    /// Whether the name is a deployment's: a name of the operator's own choice.
    pub is_deployment: bool,
    /// The state of the weights: a hub's commit, a digest.
    pub revision: Option<String>,
    /// Loaded now. None: the server does not tell.
    pub is_running: Option<bool>,
    /// Tokens that fit.
    pub context: Option<u64>,
    /// Whatever else the list says, by the names of properties.
    pub more: Vec<(&'static str, Value)>,
}

/// Reads one server's own list.
type Reader = fn(&Answers, &Value) -> Option<Vec<Served>>;

/// The list of a server and the question it answered; none when it gave no list.
pub fn of(server: Server, answers: &Answers) -> Option<(Question, Vec<Served>)> {
    let (question, read): (_, Reader) = match server {
        Server::AzureOpenAi => (Question::Deployments, azure),
        Server::LiteLlm if answers.json(Question::ModelInfo).is_some() => (Question::ModelInfo, litellm),
        Server::Ollama => (Question::OllamaTags, ollama),
        Server::TextGenerationInference | Server::TextEmbeddingsInference => (Question::Info, hub_server),
        Server::LlamaCpp if answers.json(Question::Models).is_none() => (Question::Properties, llama_cpp),
        _ => (Question::Models, models),
    };
    let mut list = read(answers, answers.json(question)?)?;
    list.retain(|served| !served.name.is_empty());
    list.truncate(MODELS);
    Some((question, list))
}

fn text(value: &Value) -> Option<String> {
    let text: String = value.as_str()?.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let text = text.trim();
    let text = &text[..text.floor_char_boundary(NAME)];
    (!text.is_empty()).then(|| text.to_owned())
}

fn named(value: &Value) -> Served {
    Served { name: text(value).unwrap_or_default(), ..Served::default() }
}

/// Those of `pairs` that have a value worth showing.
fn more(pairs: &[(&'static str, &Value)]) -> Vec<(&'static str, Value)> {
    let shown = pairs.iter().filter_map(|(name, value)| {
        Some(match value {
            Value::String(_) => (*name, Value::from(text(value)?)),
            Value::Number(_) | Value::Bool(_) => (*name, (*value).clone()),
            _ => return None,
        })
    });
    shown.collect()
}

/// `/v1/models`: vLLM adds `root`, `parent` and `max_model_len`, llama.cpp `meta`.
fn models(_: &Answers, body: &Value) -> Option<Vec<Served>> {
    let one = |model: &Value| {
        let served = named(&model["id"]);
        Served {
            behind: text(&model["root"]).filter(|root| *root != served.name),
            parent: text(&model["parent"]),
            context: model["max_model_len"].as_u64().or(model["meta"]["n_ctx_train"].as_u64()),
            more: more(&[
                ("owned-by", &model["owned_by"]),
                ("created", &model["created"]),
                ("parameters", &model["meta"]["n_params"]),
                ("size-bytes", &model["meta"]["size"]),
            ]),
            ..served
        }
    };
    Some(body["data"].as_array()?.iter().map(one).collect())
}

/// LiteLLM tells what is behind each name; one name may stand for several.
fn litellm(_: &Answers, body: &Value) -> Option<Vec<Served>> {
    let one = |model: &Value| {
        let (parameters, info) = (&model["litellm_params"], &model["model_info"]);
        let behind = text(&parameters["model"]);
        let route = text(&info["litellm_provider"]).or_else(|| {
            let (route, _) = behind.as_deref()?.split_once('/')?;
            Some(route.to_owned())
        });
        Served {
            behind,
            route,
            upstream: text(&parameters["api_base"]),
            is_deployment: true,
            context: info["max_input_tokens"].as_u64(),
            more: more(&[
                ("mode", &info["mode"]),
                ("region", &parameters["aws_region_name"]),
                ("api-version", &parameters["api_version"]),
                ("weight", &parameters["weight"]),
            ]),
            ..named(&model["model_name"])
        }
    };
    Some(body["data"].as_array()?.iter().map(one).collect())
}

/// Ollama's store, with what of it is in memory.
fn ollama(answers: &Answers, body: &Value) -> Option<Vec<Served>> {
    let running = answers.json(Question::OllamaRunning).and_then(|body| body["models"].as_array());
    let one = |model: &Value| {
        let now = running.map(|all| all.iter().find(|one| one["name"] == model["name"]));
        let now_or = now.flatten().unwrap_or(&Value::Null);
        let details = &model["details"];
        Served {
            revision: text(&model["digest"]),
            parent: text(&details["parent_model"]),
            is_running: now.map(|found| found.is_some()),
            context: now_or["context_length"].as_u64(),
            more: more(&[
                ("size-bytes", &model["size"]),
                ("format", &details["format"]),
                ("architecture", &details["family"]),
                ("parameters", &details["parameter_size"]),
                ("quantization", &details["quantization_level"]),
                ("changed", &model["modified_at"]),
                ("vram-bytes", &now_or["size_vram"]),
            ]),
            ..named(&model["name"])
        }
    };
    Some(body["models"].as_array()?.iter().map(one).collect())
}

/// text-generation-inference and text-embeddings-inference serve exactly one.
fn hub_server(_: &Answers, info: &Value) -> Option<Vec<Served>> {
    Some(vec![Served {
        revision: text(&info["model_sha"]),
        is_running: Some(true),
        context: info["max_total_tokens"].as_u64().or(info["max_input_length"].as_u64()),
        more: more(&[("format", &info["model_dtype"]), ("task", &info["model_pipeline_tag"])]),
        ..named(&info["model_id"])
    }])
}

/// llama.cpp without a list tells the file that it loaded.
fn llama_cpp(_: &Answers, properties: &Value) -> Option<Vec<Served>> {
    let path = text(&properties["model_path"])?;
    let name = path.rsplit(['/', '\\']).next().unwrap_or(&path).to_owned();
    Some(vec![Served {
        name,
        is_running: Some(true),
        context: properties["default_generation_settings"]["n_ctx"].as_u64(),
        more: more(&[("path", &properties["model_path"]), ("slots", &properties["total_slots"])]),
        ..Served::default()
    }])
}

/// Azure's deployments: a name of one's own for a model.
fn azure(_: &Answers, body: &Value) -> Option<Vec<Served>> {
    let one = |deployment: &Value| Served {
        behind: text(&deployment["model"]),
        route: Some("azure".into()),
        is_deployment: true,
        is_running: deployment["status"].as_str().map(|status| status == "succeeded"),
        more: more(&[
            ("status", &deployment["status"]),
            ("scale", &deployment["scale_settings"]["scale_type"]),
            ("created", &deployment["created_at"]),
        ]),
        ..named(&deployment["id"])
    };
    Some(body["data"].as_array()?.iter().map(one).collect())
}
