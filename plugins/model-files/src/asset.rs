//! What was learned, as Inventar lists it.

use crate::claim;
use crate::model::{Danger, Flag, Model, Unread};
use crate::place::{Cached, Shard, Stored, claimed_digest, display_name};
use inventar_plugin_sdk::{
    Answer, Asset, AssetRef, Evidence, Finding, GapReason, Method, Place, Relation, Severity, Span, Usage,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

/// The key of the one asset of a weight file.
pub const WEIGHTS: &str = "weights";
/// The key of the one asset of a `config.json`.
pub const CONFIG: &str = "config";
/// The key of the one asset of a card.
pub const CARD: &str = "card";

/// The most bytes of metadata that one asset or fact carries.
const MAX_METADATA: usize = 12 << 10;
/// Keys that are dropped, in this order, when metadata is larger than that.
const DROPPABLE: &[&str] = &[
    "metadata",
    "ops",
    "globals",
    "tags",
    "inputs",
    "outputs",
    "datasets",
    "languages",
    "external_files",
    "custom_ops",
    "evaluations",
    "models",
];

/// What `scan` tells `link` of a file: enough to make its asset again with more known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Known {
    /// The format.
    pub format: String,
    /// What it says of itself.
    pub metadata: Map<String, Json>,
    /// "benign" and so on.
    pub verdict: Option<String>,
    /// By what means it is dangerous.
    pub techniques: Vec<String>,
    /// Of the file.
    pub size: u64,
    /// The bytes and the line that show it.
    pub span: (u64, u64, u32),
}

impl Known {
    /// Of a file of that size, shown by those bytes.
    pub fn of(model: &Model, size: u64, span: (u64, u64, u32)) -> Self {
        let mut techniques: Vec<String> = model.flags.iter().map(|flag| flag.technique.to_owned()).collect();
        techniques.sort();
        techniques.dedup();
        let mut known = Self {
            format: model.format.to_owned(),
            metadata: model.metadata.clone(),
            verdict: model.verdict().map(str::to_owned),
            techniques,
            size,
            span,
        };
        known.shrink();
        known
    }

    /// Drops what is too much to carry.
    fn shrink(&mut self) {
        for key in DROPPABLE {
            if Json::Object(self.metadata.clone()).to_string().len() <= MAX_METADATA {
                return;
            }
            self.metadata.remove(*key);
        }
        let mut left = MAX_METADATA;
        self.metadata.retain(|key, value| {
            left = left.saturating_sub(key.len() + value.to_string().len() + 8);
            left > 0
        });
    }

    /// Adds what another file of the folder says, where this one says nothing.
    pub fn complete_with(&mut self, other: &Known, keys: &[&str]) {
        for key in keys {
            if let Some(value) = other.metadata.get(*key) {
                self.metadata.entry((*key).to_owned()).or_insert_with(|| value.clone());
            }
        }
        self.shrink();
    }

    /// A text.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.metadata.get(key)?.as_str()
    }

    /// A list of texts.
    pub fn texts(&self, key: &str) -> Vec<&str> {
        self.metadata
            .get(key)
            .and_then(Json::as_array)
            .into_iter()
            .flatten()
            .filter_map(Json::as_str)
            .collect()
    }

    /// The evidence that these bytes are, in a part of a subject.
    pub fn evidence(&self, part: u32, rule: &str, method: Method, usage: Usage) -> Evidence {
        let (start, end, line) = self.span;
        Evidence::new(Span { part, start, end, line }, rule, method, usage).snippet(&self.summary())
    }

    /// "gguf, llama, Q4_K_M, 7241732096 parameters"
    fn summary(&self) -> String {
        let mut parts = vec![self.format.clone()];
        for key in ["architecture", "model_class", "quantisation", "license"] {
            parts.extend(self.text(key).map(str::to_owned));
        }
        if let Some(count) = self.metadata.get("parameters").and_then(Json::as_u64) {
            parts.push(format!("{count} parameters"));
        }
        parts.join(", ")
    }
}

/// The asset of a weight file, without evidence yet.
pub fn weights(path: &str, known: &Known) -> Asset {
    let name = path.rsplit(['/', '!']).next().unwrap_or(path);
    let shard = Shard::of(name);
    let shown = shard.as_ref().map_or(name, |shard| shard.set.as_str());
    let mut asset =
        Asset::new(WEIGHTS, "model-artifact", clipped(&display_name(path, shown, known.text("name")), 400))
            .identifier("path", path);
    if let Some(shard) = &shard {
        // Every file of a set says this: the host joins them into one asset.
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        asset = asset.identifier("x-model-set", set_id(folder, &shard.set)).property("shards", shard.of);
        if shard.number > 1 {
            return asset;
        }
    }
    if let Some(sha256) = known.text("sha256") {
        asset = asset.identifier("sha256", sha256);
    }
    asset = asset.maybe("claimed-sha256", claimed_digest(path));
    // A pointer knows the size of what it points to.
    let size = known.metadata.get("total_size").and_then(Json::as_u64).unwrap_or(known.size);
    described(asset, known, Cached::of(path).as_ref()).property("size-bytes", size)
}

/// The identifier of a set of shards.
pub fn set_id(folder: &str, set: &str) -> String {
    format!("{folder}/{set}")
}

/// The asset of a `config.json`, without evidence yet.
pub fn config(path: &str, known: &Known) -> Asset {
    let folder = path.rsplit('/').nth(1).unwrap_or_default();
    let cached = Cached::of(path);
    let name = cached.as_ref().map(|cached| cached.repository.as_str()).unwrap_or(folder);
    let name = if name.is_empty() { known.text("architecture").unwrap_or("config.json") } else { name };
    described(
        Asset::new(CONFIG, "config", clipped(name, 400)).identifier("path", path),
        known,
        cached.as_ref(),
    )
}

/// The asset of a chat template in a file beside the weights, without evidence yet.
pub fn template(path: &str, known: &Known) -> Asset {
    let folder = owner(path);
    let name = if folder.is_empty() { "chat template".to_owned() } else { format!("{folder} chat template") };
    described(Asset::new(CONFIG, "config", clipped(&name, 400)).identifier("path", path), known, None)
}

/// The asset of a card, without evidence yet: a dataset's is the dataset, a model's a document about it.
pub fn card(path: &str, known: &Known) -> Asset {
    let owner = known.text("name").map_or_else(|| owner(path), str::to_owned);
    let asset = if known.format == "dataset-card" {
        let name = if owner.is_empty() { "dataset".to_owned() } else { owner };
        Asset::new(CARD, "dataset", clipped(&name, 400))
    } else {
        let name = if owner.is_empty() { "model card".to_owned() } else { format!("{owner} model card") };
        Asset::new(CARD, "document", clipped(&name, 400))
    };
    described(asset.identifier("path", path), known, None)
}

/// The asset of a model that an Ollama store names, without evidence yet.
pub fn stored(path: &str, known: &Known) -> Asset {
    let name = Stored::of(path).map_or_else(|| path.to_owned(), |stored| stored.name);
    let mut known = known.clone();
    known.metadata.insert("models".to_owned(), vec![name.clone()].into());
    let short = name.strip_prefix("library/").unwrap_or(&name);
    described(Asset::new(WEIGHTS, "model-artifact", clipped(&name, 400)), &known, None)
        .identifier("x-ollama", short)
        .property("store", "ollama")
        .maybe("claimed-sha256", known.text("blob_sha256"))
        .maybe("size-bytes", known.metadata.get("total_size").and_then(Json::as_u64))
}

/// The asset of a repository in a hub cache, by one of its refs, without evidence yet.
pub fn cached(path: &str, known: &Known) -> Asset {
    let (kind, prefix, cached) = match Cached::of(path) {
        Some(cached) => ("model-artifact", "", Some(cached)),
        None => ("dataset", "datasets/", Cached::dataset(path)),
    };
    let repository = cached.map(|cached| cached.repository).unwrap_or_default();
    let reference = path.rsplit('/').next().unwrap_or_default();
    let mut known = known.clone();
    known.metadata.insert("repo_id".to_owned(), repository.clone().into());
    let asset = Asset::new(WEIGHTS, kind, clipped(&repository, 400))
        .identifier("hf", format!("{prefix}{repository}"));
    described(asset, &known, None)
        .property("store", "hugging-face")
        .property("reference", reference)
        .maybe("revision", known.text("revision"))
}

/// The folder that a file stands in, or the repository of a hub cache.
fn owner(path: &str) -> String {
    let cached = Cached::of(path).or_else(|| Cached::dataset(path)).map(|cached| cached.repository);
    cached.unwrap_or_else(|| path.rsplit('/').nth(1).unwrap_or_default().to_owned())
}

/// The asset of a set, as its index knows it.
pub fn set(path: &str, known: &Known) -> Asset {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let set = name.strip_suffix(".index.json").unwrap_or(name);
    let mut asset = Asset::new(WEIGHTS, "model-artifact", clipped(&display_name(path, set, None), 400))
        .identifier("x-model-set", set_id(folder, set))
        .property("index", path);
    for (property, key) in [("shards", "shards"), ("parameters", "parameters")] {
        asset = asset.maybe(property, known.metadata.get(key).and_then(Json::as_u64));
    }
    asset
}

fn described(mut asset: Asset, known: &Known, cached: Option<&Cached>) -> Asset {
    asset =
        asset.property("format", &known.format).property("metadata", Json::Object(known.metadata.clone()));
    for (property, key) in [
        ("architecture", "architecture"),
        ("quantization", "quantisation"),
        ("dtype", "main_dtype"),
        ("license", "license"),
        ("framework", "framework"),
        ("model-class", "model_class"),
        ("task", "task"),
        ("tokenizer", "tokenizer"),
        ("adapter-type", "adapter_type"),
        ("library", "library"),
        ("keras-version", "keras_version"),
        ("objective", "objective"),
    ] {
        asset = asset.maybe(property, known.text(key));
    }
    for (property, key) in [
        ("parameters", "parameters"),
        ("context-length", "context_length"),
        ("tensors", "tensor_count"),
        ("opset", "opset"),
    ] {
        asset = asset.maybe(property, known.metadata.get(key).and_then(Json::as_u64));
    }
    for (property, key) in [
        ("base-model", "base_model"),
        ("datasets", "datasets"),
        ("tags", "tags"),
        ("globals", "globals"),
        ("external-files", "external_files"),
        ("remote-code", "remote_code"),
        ("languages", "languages"),
        ("metrics", "metrics"),
        ("evaluations", "evaluations"),
        ("models", "models"),
        ("task-categories", "task_categories"),
    ] {
        let texts: Vec<String> = known.texts(key).into_iter().map(str::to_owned).collect();
        if !texts.is_empty() {
            asset = asset.property(property, texts);
        }
    }
    if let Some(cached) = cached {
        asset = asset.property("repository", &cached.repository).maybe("revision", cached.revision.as_ref());
    }
    asset = asset.maybe("verdict", known.verdict.as_ref());
    if !known.techniques.is_empty() {
        asset = asset.property("techniques", known.techniques.clone());
    }
    asset
}

/// Base models, licence, datasets and repository as edges of the asset with that key.
pub fn relate(key: &str, path: &str, known: &Known, evidence: &Evidence, answer: &mut Answer) {
    let mut relate = |kind: &str, scheme: &str, value: String| {
        if value.len() <= 1024 && !value.chars().any(char::is_control) {
            let target = AssetRef::known_as(scheme, value);
            answer.relation(Relation::new(AssetRef::here(key), kind, target).seen(evidence.clone()));
        }
    };
    for base in known.texts("base_model").into_iter().filter(|base| is_hub_id(base)) {
        relate("derived-from", "hf", base.to_owned());
    }
    for dataset in known.texts("datasets") {
        relate("trained-on", "hf", format!("datasets/{dataset}"));
    }
    if let Some(license) = known.text("license") {
        relate("licensed-as", "x-license", license.to_owned());
    }
    if let Some(cached) = Cached::of(path) {
        relate("instance-of", "hf", cached.repository);
    }
}

/// `org/name`, and no path of a machine.
fn is_hub_id(text: &str) -> bool {
    let is_word = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    text.split_once('/').is_some_and(|(org, name)| is_word(org) && is_word(name) && !org.starts_with('.'))
}

/// What should not be in a file, and what could not be read of it.
pub fn report(key: &str, path: &str, model: &Model, evidence: &Evidence, answer: &mut Answer) {
    // What a member does is said about the member, if it is a file of its own and the archive can be believed.
    let is_plain =
        matches!(model.format, "zip" | "tar") && model.flags.iter().all(|flag| flag.member.is_some());
    let is_said = |flag: &Flag| {
        let handed_over = |member: &String| claim::is_handed_over(path, member);
        is_plain && flag.is_members_own && flag.member.as_ref().is_some_and(handed_over)
    };
    let of = |danger: Danger| {
        let shown = model.flags.iter().filter(|flag| flag.danger == danger && !is_said(flag));
        shown.collect::<Vec<_>>()
    };
    for (danger, severity, rule) in [
        (Danger::Unsafe, Severity::High, "unsafe-model-file"),
        (Danger::Suspicious, Severity::Medium, "suspicious-model-file"),
    ] {
        let flags = of(danger);
        let Some(first) = flags.first() else { continue };
        let details: Vec<Json> = flags
            .iter()
            .take(16)
            .map(|flag| serde_json::json!({ "technique": flag.technique, "what": clipped(&flag.what, 200), "at": flag.at, "member": flag.member }))
            .collect();
        answer.finding(Finding {
            rule: rule.to_owned(),
            severity,
            title: clipped(&title(first), 300),
            about: vec![AssetRef::here(key)],
            properties: vec![inventar_plugin_sdk::Property::new("details", Json::Array(details))],
            evidence: vec![flag_evidence(first, evidence)],
        });
    }
    for unread in &model.unread {
        let (reason, detail) = match unread {
            Unread::TooLarge(limit, what) => (GapReason::TooLarge(*limit), what),
            Unread::Broken(what) => (GapReason::Unparsable, what),
            Unread::Unsupported(what) => (GapReason::Unsupported(clipped(what, 200)), what),
        };
        answer.gap(path, reason, clipped(detail, 500));
    }
}

/// The bytes of the flag where they are the file's own, else those that show the format.
fn flag_evidence(flag: &Flag, evidence: &Evidence) -> Evidence {
    let mut evidence = evidence.clone();
    if flag.member.is_none() && flag.at > 0 {
        let (start, end) = (flag.at, flag.at.saturating_add(1));
        evidence.place = Place::File(Span { start, end, ..evidence.span().clone() });
    }
    evidence.rule = flag.technique.to_owned();
    evidence.snippet(&flag.what)
}

fn title(flag: &Flag) -> String {
    let at = flag.member.as_ref().map(|member| format!(" (in {member})")).unwrap_or_default();
    match flag.technique {
        "unsafe-callable" => format!("Loading this file calls `{}`{at}", flag.what),
        "remote-code" => format!("Loading this model with remote code trusted runs `{}`", flag.what),
        "external-data-traversal" => format!("This model reads `{}`, outside its folder", flag.what),
        "malformed" => format!("This model file is malformed: {}{at}", flag.what),
        technique => format!("This model file has {}: {}{at}", technique.replace('-', " "), flag.what),
    }
}

fn clipped(text: &str, most: usize) -> String {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
