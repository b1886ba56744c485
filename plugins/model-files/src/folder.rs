//! The files beside the weights of a Hugging Face repository: what each says of the model they belong to.

use crate::card::front_matter;
use crate::model::{Danger, Model};
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;

/// The longest text that is kept of a file.
const MAX_TEXT: usize = 256;
/// Tags, datasets, languages that are kept.
const MAX_LISTED: usize = 32;

/// What a file is in its folder, by its name; whether it is that, its content says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// `config.json`, `model_index.json`.
    Config,
    /// `adapter_config.json`.
    Adapter,
    /// `tokenizer_config.json`.
    Tokenizer,
    /// `model.safetensors.index.json`.
    Index,
    /// `README.md`.
    Card,
}

impl Role {
    /// By a file's name.
    pub fn of(name: &str) -> Option<Self> {
        Some(match name {
            "config.json" | "model_index.json" => Self::Config,
            "adapter_config.json" => Self::Adapter,
            "tokenizer_config.json" => Self::Tokenizer,
            "README.md" | "readme.md" | "Readme.md" => Self::Card,
            _ if name.ends_with(".index.json") => Self::Index,
            _ => return None,
        })
    }
}

/// What the file says. None: it is something else of that name. An error: it should be JSON and is not.
pub fn read(role: Role, text: &str) -> Result<Option<Model>, serde_json::Error> {
    if role == Role::Card {
        return Ok(front_matter(text).and_then(|entries| card(&entries)));
    }
    let Json::Object(entries) = serde_json::from_str(text)? else { return Ok(None) };
    Ok(match role {
        Role::Config => config(&entries),
        Role::Adapter => adapter(&entries),
        Role::Tokenizer => tokenizer(&entries),
        Role::Index => index(&entries),
        Role::Card => None,
    })
}

fn text(entries: &Map<String, Json>, key: &str) -> Option<String> {
    entries.get(key)?.as_str().filter(|text| !text.is_empty() && text.len() <= MAX_TEXT).map(str::to_owned)
}

/// One text or a list of them.
fn texts(entries: &Map<String, Json>, key: &str) -> Vec<String> {
    let list = match entries.get(key) {
        Some(Json::String(one)) => vec![one.as_str()],
        Some(Json::Array(items)) => items.iter().filter_map(Json::as_str).collect(),
        _ => vec![],
    };
    list.into_iter()
        .filter(|text| !text.is_empty() && text.len() <= MAX_TEXT)
        .take(MAX_LISTED)
        .map(str::to_owned)
        .collect()
}

fn config(entries: &Map<String, Json>) -> Option<Model> {
    let architecture =
        texts(entries, "architectures").into_iter().next().or_else(|| text(entries, "_class_name"));
    let model_type = text(entries, "model_type");
    if architecture.is_none() && model_type.is_none() {
        return None;
    }
    let mut model = Model::new("hf-repo");
    model.set("architecture", architecture);
    model.set("model_type", model_type);
    // Models of several parts keep the language model's numbers one level down.
    let parts = ["text_config", "llm_config", "language_config"]
        .iter()
        .filter_map(|key| entries.get(*key)?.as_object());
    let levels: Vec<&Map<String, Json>> = std::iter::once(entries).chain(parts).collect();
    let number =
        |keys: &[&str]| levels.iter().find_map(|level| keys.iter().find_map(|key| level.get(*key)?.as_u64()));
    let said = |keys: &[&str]| levels.iter().find_map(|level| keys.iter().find_map(|key| text(level, key)));
    model.set(
        "context_length",
        number(&[
            "max_position_embeddings",
            "n_positions",
            "max_sequence_length",
            "seq_length",
            "n_ctx",
            "max_seq_len",
        ]),
    );
    model.set("vocab_size", number(&["vocab_size", "padded_vocab_size"]));
    model.set("main_dtype", said(&["torch_dtype", "dtype"]).map(|dtype| dtype_name(&dtype)));
    model.set(
        "library_version",
        text(entries, "transformers_version").or_else(|| text(entries, "_diffusers_version")),
    );
    model.set("name_or_path", text(entries, "_name_or_path"));
    if let Some(quantisation) = entries
        .get("quantization_config")
        .or_else(|| entries.get("compression_config"))
        .and_then(Json::as_object)
    {
        model.set("quantisation", quantisation_name(quantisation));
    }
    let code = remote_code(entries);
    for file in &code {
        model.flag(Danger::Suspicious, "remote-code", file, 0);
    }
    model.set("remote_code", code);
    model.is_judged = true;
    Some(model)
}

/// `auto_map` names classes in Python files of the repository, or of another: `org/repo--modeling_x.Model`.
fn remote_code(entries: &Map<String, Json>) -> Vec<String> {
    let mut files = BTreeSet::new();
    let mut add = |value: &Json| {
        for class in
            value.as_str().into_iter().chain(value.as_array().into_iter().flatten().filter_map(Json::as_str))
        {
            if let Some((module, _)) =
                class.rsplit_once('.').filter(|_| class.len() <= MAX_TEXT && files.len() < MAX_LISTED)
            {
                files.insert(format!("{module}.py"));
            }
        }
    };
    entries.get("auto_map").and_then(Json::as_object).into_iter().flatten().for_each(|(_, value)| add(value));
    if let Some(pipelines) = entries.get("custom_pipelines").and_then(Json::as_object) {
        pipelines.values().filter_map(|pipeline| pipeline.get("impl")).for_each(&mut add);
    }
    files.into_iter().collect()
}

fn quantisation_name(entries: &Map<String, Json>) -> Option<String> {
    let is_set = |key: &str| entries.get(key).and_then(Json::as_bool) == Some(true);
    let method = text(entries, "quant_method").unwrap_or_default();
    let bits = entries.get("bits").or_else(|| entries.get("w_bit")).and_then(Json::as_u64);
    Some(match bits {
        Some(bits) if !method.is_empty() => format!("{method}-{bits}bit"),
        _ if is_set("load_in_4bit") || is_set("_load_in_4bit") => "bitsandbytes-4bit".to_owned(),
        _ if is_set("load_in_8bit") || is_set("_load_in_8bit") => "bitsandbytes-8bit".to_owned(),
        _ if method.is_empty() => return None,
        _ => method,
    })
}

/// PyTorch's name of a type in the spelling of weights.
fn dtype_name(dtype: &str) -> String {
    match dtype.trim_start_matches("torch.") {
        "bfloat16" => "BF16",
        "float16" | "half" => "F16",
        "float32" | "float" => "F32",
        "float64" => "F64",
        "float8_e4m3fn" => "F8_E4M3",
        other => other,
    }
    .to_owned()
}

fn adapter(entries: &Map<String, Json>) -> Option<Model> {
    let kind = text(entries, "peft_type")?;
    let mut model = Model::new("hf-repo");
    model.set("type", "adapter");
    model.set("adapter_type", kind.to_ascii_lowercase());
    model.set("base_model", text(entries, "base_model_name_or_path").into_iter().collect::<Vec<_>>());
    model.set("task", text(entries, "task_type"));
    Some(model)
}

fn tokenizer(entries: &Map<String, Json>) -> Option<Model> {
    let mut model = Model::new("hf-repo");
    model.set("tokenizer", text(entries, "tokenizer_class"));
    if entries.get("chat_template").is_some_and(|template| !template.is_null()) {
        model.set("chat_template", true);
    }
    let code = remote_code(entries);
    for file in &code {
        model.flag(Danger::Suspicious, "remote-code", file, 0);
    }
    model.set("remote_code", code);
    Some(model)
}

fn index(entries: &Map<String, Json>) -> Option<Model> {
    let map = entries.get("weight_map")?.as_object()?;
    let files: BTreeSet<&str> = map.values().filter_map(Json::as_str).collect();
    let mut model = Model::new("hf-repo");
    model.set("shards", files.len());
    model.set("tensor_count", map.len());
    let metadata = entries.get("metadata").and_then(Json::as_object);
    let number = |key: &str| {
        metadata
            .and_then(|metadata| metadata.get(key))
            .and_then(|value| value.as_u64().or_else(|| value.as_f64().map(|v| v as u64)))
    };
    model.set("parameters", number("total_parameters"));
    model.set("total_size", number("total_size"));
    for file in files {
        if file.starts_with(['/', '\\']) || file.split(['/', '\\']).any(|part| part == "..") {
            model.flag(Danger::Unsafe, "index-path-traversal", file, 0);
        }
    }
    model.is_judged = true;
    Some(model)
}

/// Keys that make front matter a model card's.
const CARD_KEYS: &[&str] = &[
    "library_name",
    "pipeline_tag",
    "base_model",
    "license",
    "datasets",
    "tags",
    "model_name",
    "model-index",
];

fn card(entries: &Map<String, Json>) -> Option<Model> {
    // A space's card names its SDK, a dataset's its features.
    let is_other = ["sdk", "app_file", "dataset_info", "task_categories", "configs"]
        .iter()
        .any(|key| entries.contains_key(*key));
    if is_other || !CARD_KEYS.iter().any(|key| entries.contains_key(*key)) {
        return None;
    }
    let mut model = Model::new("hf-repo");
    let license = texts(entries, "license").into_iter().next();
    let license = match license.as_deref() {
        Some("other") => text(entries, "license_name").or(license),
        _ => license,
    };
    model.set("license", license);
    model.set("license_link", text(entries, "license_link"));
    model.set("base_model", texts(entries, "base_model"));
    model.set("base_model_relation", text(entries, "base_model_relation"));
    model.set("datasets", texts(entries, "datasets"));
    let languages = texts(entries, "language");
    model.set("languages", if languages.is_empty() { texts(entries, "languages") } else { languages });
    model.set("library", text(entries, "library_name"));
    model.set("task", text(entries, "pipeline_tag"));
    model.set("tags", texts(entries, "tags"));
    model.set("name", text(entries, "model_name"));
    Some(model)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(role: Role, text: &str, expected: Option<Json>) {
        let found = read(role, text).unwrap().map(|model| Json::Object(model.metadata));
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn files_of_a_folder() {
        check(Role::Config, r#"{"name": "tsconfig"}"#, None);
        check(
            Role::Config,
            r#"{"architectures": ["LlamaForCausalLM"], "model_type": "llama", "torch_dtype": "bfloat16", "max_position_embeddings": 4096,
                "quantization_config": {"quant_method": "gptq", "bits": 4}, "auto_map": {"AutoModel": "o/r--modeling_x.X", "AutoTokenizer": ["tok.T", null]}}"#,
            Some(
                json!({"architecture": "LlamaForCausalLM", "model_type": "llama", "context_length": 4096, "main_dtype": "BF16",
                "quantisation": "gptq-4bit", "remote_code": ["o/r--modeling_x.py", "tok.py"]}),
            ),
        );
        check(
            Role::Config,
            r#"{"model_type": "mllama", "text_config": {"max_position_embeddings": 8, "dtype": "float16"}}"#,
            Some(json!({"model_type": "mllama", "context_length": 8, "main_dtype": "F16"})),
        );
        check(
            Role::Adapter,
            r#"{"peft_type": "LORA", "base_model_name_or_path": "o/m"}"#,
            Some(json!({"type": "adapter", "adapter_type": "lora", "base_model": ["o/m"]})),
        );
        check(
            Role::Index,
            r#"{"metadata": {"total_size": 8}, "weight_map": {"a": "x-1", "b": "x-2", "c": "x-2"}}"#,
            Some(json!({"shards": 2, "tensor_count": 3, "total_size": 8})),
        );
        check(
            Role::Card,
            "---\nlicense: other\nlicense_name: llama3\nbase_model: o/m\nlanguage: [en]\npipeline_tag: text-generation\n---\n",
            Some(
                json!({"license": "llama3", "base_model": ["o/m"], "languages": ["en"], "task": "text-generation"}),
            ),
        );
        check(Role::Card, "---\ntitle: Demo\nsdk: gradio\nlicense: mit\n---\n", None);
        check(Role::Card, "---\nlayout: post\n---\n", None);
        assert!(read(Role::Config, "{").is_err());
    }
}
