//! Model files: what they are and what they say of themselves, from their headers alone.
//!
//! ```text
//! weights ──format::read──► Model ──asset::weights──► model-artifact ◄──link──┐
//!                                                                             │ facts
//! config.json, README.md, tokenizer_config.json … ──folder::read──► Model ────┘
//! ```
//!
//! | part | what it is |
//! |---|---|
//! | [`bytes`] | bytes by ranges; a cursor whose every step is checked |
//! | [`format`] | what a file is, by content alone |
//! | [`container`], [`archive`], [`zip`], [`tarball`], [`sevenz`], [`wrapped`] | what stands inside of what, on one budget |
//! | [`safetensors`], [`gguf`], [`numpy`], [`hdf5`], [`msgpack`] | readers of tensors |
//! | [`pickle`], [`skops`] | what a pickle would do, without doing it |
//! | [`onnx`], [`tensorflow`], [`tflite`], [`protos`], [`keras`] | readers of graphs and layers |
//! | [`xml`], [`json`], [`text`], [`template`] | documents that loaders act on |
//! | [`folder`], [`card`], [`place`] | what stands beside the weights, and what their path says |
//! | [`claim`] | which members of archives are files of their own |
//! | [`signing`] | who vouches for a model, and for which files |
//! | [`asset`], [`link`] | files as Inventar lists them, completed by their folder |
//!
//! Nothing is loaded and no file is read whole: a file of two gigabytes costs some kilobytes. Every length comes from
//! a stranger; every sum of them is checked, every count has a limit, and what lies beyond a limit is a gap.
//!
//! An archive's verdict and techniques are those of all its members. What a member does is a finding about the member
//! where the host hands it over as a file of its own, `models.zip!a.pkl`, and about the archive where it does not: in
//! containers of models (PyTorch, Keras, NumPy …), in archives that are not called so, and in those that hide
//! something, whose members the host need not see as a loader does.

pub mod archive;
pub mod asset;
pub mod bytes;
pub mod card;
pub mod claim;
pub mod container;
pub mod folder;
pub mod format;
pub mod gguf;
pub mod hdf5;
pub mod json;
pub mod keras;
pub mod link;
pub mod model;
pub mod msgpack;
pub mod numpy;
pub mod onnx;
pub mod pickle;
pub mod place;
pub mod protobuf;
pub mod protos;
pub mod safetensors;
pub mod sevenz;
mod signed;
pub mod signing;
pub mod skops;
pub mod tarball;
pub mod template;
pub mod tensorflow;
pub mod text;
pub mod tflite;
pub mod wrapped;
pub mod xml;
pub mod zip;

use asset::Known;
use folder::Role;
use inventar_plugin_sdk::{
    Answer, Content, Detector, File, GapReason, LinkingDetector, Method, Subject, Usage, Want,
};
use place::Shard;
use serde::Deserialize;

/// The name of the fact that every file of ours tells.
pub(crate) const FACT: &str = "known";
/// The largest JSON beside weights that is read: indexes of big models reach some megabytes.
const MAX_SIDE_FILE: u64 = 8 << 20;
/// Shards that one wants of its set.
const MAX_SHARDS: u32 = 48;

/// What an operator may set.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Settings {
    /// Read every model file whole and report its SHA-256.
    pub digests: bool,
    /// Keys and roots in PEM that signatures are checked with.
    pub trusted_keys: Vec<String>,
}

/// The plugin.
#[derive(Debug)]
pub struct ModelFiles;

impl Detector for ModelFiles {
    type Settings = Settings;

    fn scan(settings: &Settings, file: &File) -> Answer {
        let mut answer = Answer::default();
        match Role::of(&file.path) {
            Some(role) => side_file(role, file, &mut answer),
            None if signed::is_bundle(file) => signed::bundle(file, &mut answer),
            None if signed::is_key(file) => signed::key(file, &mut answer),
            None => weights(file, &mut answer),
        }
        signed::digest(settings, file, &mut answer);
        answer
    }
}

impl LinkingDetector for ModelFiles {
    fn link(settings: &Settings, subject: &Subject) -> Answer {
        let mut answer = link::link(subject);
        signed::link(settings, subject, &mut answer);
        answer
    }
}

fn weights(file: &File, answer: &mut Answer) {
    let mut model = format::read(file);
    if model.format == "text" {
        model = pointer(file).unwrap_or(model);
    }
    if model.format == "tar" && place::claimed_digest(&file.path).is_some() {
        // A tar among blobs is a layer of an image.
        model.format = "oci-layout";
    }
    if !model.is_model() {
        return;
    }
    let known = Known::of(&model, file.size(), (0, file.size().min(64), 0));
    let usage = Usage::of_path(&file.path);
    let evidence = known.evidence(0, "weights-header", Method::Header, usage);
    let shard = Shard::of(file.name());
    let mut shown = known.clone();
    if shard.is_some() {
        // The numbers of one file of a set are not the set's; `link` adds them up.
        shown.metadata.retain(|key, _| key != "parameters" && key != "tensor_count");
    }
    answer.asset(asset::weights(&file.path, &shown).seen(evidence.clone()));
    asset::relate(asset::WEIGHTS, &file.path, &known, &evidence, answer);
    asset::report(asset::WEIGHTS, &file.path, &model, &evidence, answer);
    answer.fact(FACT, serde_json::to_value(&known).unwrap_or_default());
    if shard.as_ref().is_none_or(|shard| shard.number == 1) {
        wants(file, &["config.json", "adapter_config.json", "README.md", "tokenizer_config.json"], answer);
        for shard in shard.iter() {
            for number in 2..=shard.of.min(MAX_SHARDS) {
                answer
                    .want(Want::file(vec![place::beside(file.folder(), &shard.name(number)).swap_remove(0)]));
            }
        }
    }
}

/// Git LFS leaves a text where the weights would be.
fn pointer(file: &File) -> Option<model::Model> {
    let text = std::str::from_utf8(file.bytes().filter(|bytes| bytes.len() < 1024)?).ok()?;
    let rest = text.strip_prefix("version https://git-lfs.github.com/spec/v1\n")?;
    let line = |key: &str| rest.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' '));
    let sha256 = line("oid")?.strip_prefix("sha256:")?;
    let is_digest = sha256.len() == 64 && sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut model = model::Model::new("git-lfs-pointer");
    model.set("sha256", is_digest.then(|| sha256.to_ascii_lowercase())?);
    model.set("total_size", line("size")?.parse::<u64>().ok()?);
    Some(model)
}

fn wants(file: &File, names: &[&str], answer: &mut Answer) {
    for name in names.iter().filter(|name| **name != file.name()) {
        answer.want(Want::file(place::beside(file.folder(), name)));
    }
}

fn side_file(role: Role, file: &File, answer: &mut Answer) {
    if file.size() > MAX_SIDE_FILE {
        let detail = "a description of a model of this size is not read";
        return answer.gap(&file.path, GapReason::TooLarge(MAX_SIDE_FILE), detail);
    }
    let whole;
    let file = match file.bytes() {
        Some(_) => file,
        None => {
            let bytes = file.read(0, file.size() as usize);
            whole = File::new(file.path.clone(), file.hits.clone(), Content::Whole(bytes));
            &whole
        }
    };
    // A pickle may be called `config.json`; what it is called is all that it has of one.
    let Some(text) = file.text() else { return weights(file, answer) };
    let model = match folder::read(role, text) {
        Ok(Some(model)) => model,
        Ok(None) => return,
        Err(_) if format::read(file).is_model() => return weights(file, answer),
        Err(error) => return answer.unparsable(&file.path, error.to_string()),
    };
    let span = file.at(key_span(role, text));
    let known = Known::of(&model, file.size(), (span.start, span.end, span.line));
    answer.fact(FACT, serde_json::to_value(&known).unwrap_or_default());
    let usage = Usage::of_path(&file.path);
    let (key, rule, asset) = match role {
        Role::Config => (asset::CONFIG, "model-config", asset::config(&file.path, &known)),
        Role::Index => (asset::WEIGHTS, "weights-index", asset::set(&file.path, &known)),
        Role::Manifest => (asset::WEIGHTS, "model-store", asset::stored(&file.path, &known)),
        Role::Ref => (asset::WEIGHTS, "hub-cache", asset::cached(&file.path, &known)),
        Role::Tokenizer | Role::Template
            if known.metadata.contains_key("chat_template") || !model.flags.is_empty() =>
        {
            (asset::CONFIG, "chat-template", asset::template(&file.path, &known))
        }
        Role::Card if folder::is_strong(&model) => {
            (asset::CARD, "model-card", asset::card(&file.path, &known))
        }
        Role::Adapter => (asset::CONFIG, "adapter-config", asset::config(&file.path, &known)),
        Role::Tokenizer | Role::Template | Role::Card => return,
    };
    let evidence = known.evidence(0, rule, Method::Parsed, usage);
    answer.asset(asset.seen(evidence.clone()));
    if matches!(role, Role::Config | Role::Adapter) {
        asset::relate(key, &file.path, &known, &evidence, answer);
    }
    asset::report(key, &file.path, &model, &evidence, answer);
    match role {
        Role::Config => wants(file, &["README.md", "tokenizer_config.json", "adapter_config.json"], answer),
        Role::Manifest => {
            let blob = known
                .text("blob_sha256")
                .and_then(|sha256| Some(place::Stored::of(&file.path)?.blob(sha256)));
            blob.into_iter().for_each(|blob| answer.want(Want::file(vec![blob])));
        }
        _ => {}
    }
}

/// The place that shows what a file is.
fn key_span(role: Role, text: &str) -> std::ops::Range<usize> {
    let keys: &[&str] = match role {
        Role::Config => &["\"architectures\"", "\"_class_name\"", "\"model_type\""],
        Role::Adapter => &["\"peft_type\""],
        Role::Tokenizer => &["\"chat_template\"", "\"tokenizer_class\""],
        Role::Index => &["\"weight_map\""],
        Role::Card => &["license:", "base_model:", "library_name:", "pipeline_tag:", "task_categories:"],
        Role::Manifest => &["application/vnd.ollama.image.model"],
        Role::Template | Role::Ref => &[],
    };
    keys.iter().find_map(|key| text.find(key).map(|at| at..at + key.len())).unwrap_or(0..0)
}

inventar_plugin_sdk::linking_detector!(ModelFiles);
