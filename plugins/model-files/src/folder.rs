//! The files beside the weights of a Hugging Face repository: what each says of the model they belong to.

use crate::card::front_matter;
use crate::model::{Danger, Model};
use crate::place::{Cached, Stored};
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
    /// `chat_template.jinja`.
    Template,
    /// A manifest of an Ollama store.
    Manifest,
    /// A name in a hub cache that stands for a commit: `refs/main`.
    Ref,
}

impl Role {
    /// By a file's path.
    pub fn of(path: &str) -> Option<Self> {
        let name = path.rsplit(['/', '!']).next().unwrap_or(path);
        Some(match name {
            "config.json" | "model_index.json" => Self::Config,
            "adapter_config.json" => Self::Adapter,
            "tokenizer_config.json" | "chat_template.json" | "processor_config.json" => Self::Tokenizer,
            "README.md" | "readme.md" | "Readme.md" => Self::Card,
            _ if name.ends_with(".index.json") => Self::Index,
            _ if name.ends_with(".jinja") => Self::Template,
            _ if is_ref(path) => Self::Ref,
            _ if Stored::of(path).is_some() => Self::Manifest,
            _ => return None,
        })
    }
}

fn is_ref(path: &str) -> bool {
    let in_cache = Cached::of(path).is_some() || Cached::dataset(path).is_some();
    in_cache && path.rsplit('/').nth(1) == Some("refs")
}

/// What the file says. None: it is something else of that name. An error: it should be JSON and is not.
pub fn read(role: Role, text: &str) -> Result<Option<Model>, serde_json::Error> {
    match role {
        Role::Card => return Ok(front_matter(text).and_then(|entries| card(&entries))),
        Role::Template => return Ok(Some(crate::text::jinja(text))),
        Role::Ref => return Ok(reference(text)),
        _ => {}
    }
    let Json::Object(entries) = serde_json::from_str(text)? else { return Ok(None) };
    Ok(of_object(role, &entries, text))
}

/// What a description says, by its entries; `text` is where they stand.
pub fn of_object(role: Role, entries: &Map<String, Json>, text: &str) -> Option<Model> {
    match role {
        Role::Config => config(entries),
        Role::Adapter => adapter(entries),
        Role::Tokenizer => tokenizer(entries, text),
        Role::Index => index(entries),
        Role::Manifest => manifest(entries),
        Role::Card | Role::Template | Role::Ref => None,
    }
}

/// The commit that a name of a hub cache stands for.
fn reference(text: &str) -> Option<Model> {
    let commit = text.trim();
    let is_commit = commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut model = Model::new("hf-cache");
    model.set("revision", is_commit.then_some(commit)?);
    model.is_judged = true;
    Some(model)
}

/// The layers of a model that Ollama has pulled: each is kept under its digest.
fn manifest(entries: &Map<String, Json>) -> Option<Model> {
    let mut model = Model::new("ollama-store");
    let layers: Vec<&Json> = entries.get("layers")?.as_array()?.iter().chain(entries.get("config")).collect();
    let mut is_ollama = false;
    for layer in layers.into_iter().take(MAX_LISTED) {
        let kind = layer["mediaType"].as_str().unwrap_or_default();
        let kind = kind.strip_prefix("application/vnd.ollama.image.");
        is_ollama |= kind.is_some();
        let digest = layer["digest"].as_str().unwrap_or_default();
        // The digest becomes a path: whatever else it is leads out of the store.
        let hex = digest.strip_prefix("sha256:").or_else(|| digest.strip_prefix("sha256-"));
        let is_digest =
            hex.is_some_and(|hex| hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
        if !is_digest {
            model.flag(Danger::Unsafe, "digest-path-traversal", digest, 0);
        } else if kind == Some("model") {
            model.set("blob_sha256", hex);
            model.set("total_size", layer["size"].as_u64());
        }
    }
    model.is_judged = true;
    is_ollama.then_some(model)
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
    model.is_judged = true;
    Some(model)
}

fn tokenizer(entries: &Map<String, Json>, text: &str) -> Option<Model> {
    let mut model = Model::new("hf-repo");
    model.set("tokenizer", self::text(entries, "tokenizer_class"));
    for (key, value) in entries {
        // `chat_template`, `default_chat_template`; processors have more.
        if key.ends_with("chat_template") {
            let at = text.find(&format!("\"{key}\"")).unwrap_or(0) as u64;
            templates(key, value, at, &mut model);
        }
    }
    let code = remote_code(entries);
    for file in &code {
        model.flag(Danger::Suspicious, "remote-code", file, 0);
    }
    model.set("remote_code", code);
    model.is_judged = true;
    Some(model)
}

/// One template, a list of them with names, or a table of them.
fn templates(key: &str, value: &Json, at: u64, model: &mut Model) {
    let mut judge = |name: &str, template: &Json| {
        if let Some(template) = template.as_str() {
            let key = if name.is_empty() { key.to_owned() } else { format!("{key}.{name}") };
            model.set("chat_template", true);
            crate::template::judge(template, &key, at, model);
        }
    };
    match value {
        Json::Array(items) => {
            for item in items.iter().take(MAX_LISTED) {
                judge(item["name"].as_str().unwrap_or("?"), &item["template"]);
            }
        }
        Json::Object(entries) => {
            entries.iter().take(MAX_LISTED).for_each(|(name, template)| judge(name, template))
        }
        one => judge("", one),
    }
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

/// Keys that make it a dataset's.
const DATASET_KEYS: &[&str] = &[
    "dataset_info",
    "task_categories",
    "size_categories",
    "annotations_creators",
    "source_datasets",
    "pretty_name",
];

fn card(entries: &Map<String, Json>) -> Option<Model> {
    let has = |key: &&str| entries.contains_key(*key);
    let is_dataset = DATASET_KEYS.iter().any(has);
    // A space's card names its SDK.
    let is_other = ["sdk", "app_file"].iter().any(has);
    if is_other || !is_dataset && (!CARD_KEYS.iter().any(has) || has(&"configs")) {
        return None;
    }
    let mut model = Model::new(if is_dataset { "dataset-card" } else { "model-card" });
    let license = texts(entries, "license").into_iter().next();
    let license = match license.as_deref() {
        Some("other") => text(entries, "license_name").or(license),
        _ => license,
    };
    model.set("license", license);
    model.set("license_link", text(entries, "license_link"));
    let languages = texts(entries, "language");
    model.set("languages", if languages.is_empty() { texts(entries, "languages") } else { languages });
    model.set("tags", texts(entries, "tags"));
    if is_dataset {
        model.set("name", text(entries, "pretty_name"));
        for key in [
            "task_categories",
            "task_ids",
            "size_categories",
            "annotations_creators",
            "source_datasets",
            "multilinguality",
        ] {
            model.set(key, texts(entries, key));
        }
        let splits = entries.get("dataset_info").map(splits).unwrap_or_default();
        model.set("splits", splits);
        return Some(model);
    }
    model.set("base_model", texts(entries, "base_model"));
    model.set("base_model_relation", text(entries, "base_model_relation"));
    model.set("datasets", texts(entries, "datasets"));
    model.set("library", text(entries, "library_name"));
    model.set("task", text(entries, "pipeline_tag"));
    model.set("metrics", texts(entries, "metrics"));
    model.set("evaluations", entries.get("model-index").map(evaluations).unwrap_or_default());
    model.set(
        "co2_eq_emissions",
        entries
            .get("co2_eq_emissions")
            .and_then(|value| value.get("emissions").or(Some(value)))
            .and_then(Json::as_str),
    );
    model.set("gated", text(entries, "extra_gated_heading"));
    let index = entries.get("model-index").and_then(|index| index[0]["name"].as_str().map(str::to_owned));
    model.set("name", text(entries, "model_name").or(index));
    Some(model)
}

/// Whether a card speaks of a model or a dataset so clearly that it is worth a line of its own: a licence and tags, a
/// blog has too.
pub fn is_strong(card: &Model) -> bool {
    let has = |key: &&str| card.metadata.contains_key(*key);
    card.format == "dataset-card"
        && ["task_categories", "size_categories", "splits", "annotations_creators"].iter().any(has)
        || ["library", "task", "base_model", "evaluations"].iter().any(has)
}

/// What a model was measured with: `task on dataset: metric = value`.
fn evaluations(index: &Json) -> Vec<String> {
    let mut out = vec![];
    let results =
        index.as_array().into_iter().flatten().filter_map(|model| model["results"].as_array()).flatten();
    for result in results {
        let named = |value: &Json| value["name"].as_str().or(value["type"].as_str()).map(str::to_owned);
        let (task, dataset) = (named(&result["task"]), named(&result["dataset"]));
        for metric in result["metrics"].as_array().into_iter().flatten() {
            let (Some(name), Some(value)) = (named(metric), metric["value"].as_str()) else { continue };
            let on = dataset.as_deref().map(|dataset| format!(" on {dataset}")).unwrap_or_default();
            let line = format!("{}{on}: {name} = {value}", task.as_deref().unwrap_or("task"));
            if out.len() < MAX_LISTED && line.len() <= MAX_TEXT {
                out.push(line);
            }
        }
    }
    out
}

/// `train: 1000 examples`
fn splits(info: &Json) -> Vec<String> {
    let infos = match info {
        Json::Array(items) => items.iter().collect(),
        one => vec![one],
    };
    let splits = infos.into_iter().filter_map(|info| info["splits"].as_array()).flatten();
    splits
        .filter_map(|split| {
            Some(format!("{}: {} examples", split["name"].as_str()?, split["num_examples"].as_str()?))
        })
        .take(MAX_LISTED)
        .collect()
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
