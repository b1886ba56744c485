//! What a ZIP archive is, by its members, and what they say: PyTorch, TorchScript, TorchServe, Keras, skops, NumPy.

use crate::archive::{Archive, Member, ends_with};
use crate::bytes::ReadAt;
use crate::container::{self, Budget};
use crate::model::{Danger, Model, Unread};
use crate::{format, keras, numpy, pickle, skops};
use serde_json::Value as Json;

/// A TorchScript source is searched up to here.
const MAX_SCRIPT: usize = 4 << 20;
/// The first bytes of a member that tell whether it is worth opening.
const PEEK: usize = 512;

/// Reads the archive.
pub fn read(bytes: &dyn ReadAt, budget: &Budget) -> Model {
    let archive = match Archive::open(bytes) {
        Ok(archive) => archive,
        Err(broken) => {
            let mut model = Model::new("zip");
            model.broken(broken.why.into_owned(), broken.at);
            return model;
        }
    };
    let mut model = Model::new(kind(&archive));
    model.flags.extend(archive.flags.iter().cloned());
    if archive.is_cut {
        let listed = archive.members.len() as u64;
        model.unread.push(Unread::TooLarge(listed, "the archive has more members than are listed".into()));
    }
    let before = model.flags.len();
    match model.format {
        "pytorch-zip" | "pytorch-package" => model.set("framework", "pytorch"),
        "torchscript" => model.set("framework", "torchscript"),
        "keras" => keras::archive(&archive, bytes, budget, &mut model),
        "skops" => match container::json(&archive, "schema.json", bytes, budget) {
            Some(tree) => skops::read(&tree, &mut model),
            None => model.broken("the schema is not JSON", 0),
        },
        "torchserve-mar" => served(&archive, bytes, budget, &mut model),
        _ => {}
    }
    let described = described(model.format);
    for flag in &mut model.flags[before..] {
        flag.member = described.first().map(|name| (*name).to_owned());
    }
    members(&archive, bytes, budget, &mut model);
    model.is_judged = true;
    model
}

/// The members that a format's own reader has read: the description first.
fn described(format: &str) -> &'static [&'static str] {
    match format {
        "keras" => &["config.json", "metadata.json", "model.weights.h5"],
        "skops" => &["schema.json"],
        "torchserve-mar" => &["MAR-INF/MANIFEST.json"],
        _ => &[],
    }
}

fn kind(archive: &Archive) -> &'static str {
    let has = |end: &str| archive.find(end).is_some();
    let is_top = |name: &str| archive.members.iter().any(|member| member.name == name);
    let mut suspects = archive.flags.iter().filter(|flag| flag.technique == "member-name-differs");
    // PyTorch's members stand in a folder of the archive's name, or beside a version.
    let is_torch = archive.members.iter().any(|member| member.name.ends_with("/data.pkl"))
        || is_top("data.pkl") && is_top("version");
    if has(".data/extern_modules") {
        return "pytorch-package";
    }
    if is_top("MAR-INF/MANIFEST.json") {
        return "torchserve-mar";
    }
    if is_torch || suspects.any(|flag| flag.what.ends_with("/data.pkl")) {
        let is_script =
            has("constants.pkl") || archive.members.iter().any(|member| member.name.contains("/code/"));
        return if is_script { "torchscript" } else { "pytorch-zip" };
    }
    if is_top("config.json") && is_top("metadata.json") {
        "keras"
    } else if is_top("schema.json") {
        "skops"
    } else if !archive.members.is_empty()
        && archive.members.iter().all(|member| member.name.ends_with(".npy"))
    {
        "npz"
    } else {
        "zip"
    }
}

/// Looks into the members that could hold a pickle or a model.
fn members(archive: &Archive, bytes: &dyn ReadAt, budget: &Budget, model: &mut Model) {
    let is_torch = matches!(model.format, "pytorch-zip" | "torchscript" | "pytorch-package");
    let mut elements = Some(0u64);
    for member in &archive.members {
        // PyTorch's tensors: `archive/data/17`.
        let is_tensor = is_torch
            && member.name.rsplit('/').nth(1) == Some("data")
            && !ends_with(&member.name, "data.pkl")
            && member
                .name
                .rsplit('/')
                .next()
                .is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_digit()));
        if is_tensor || member.size == 0 || described(model.format).contains(&member.name.as_str()) {
            continue;
        }
        if is_torch && member.name.contains("/code/") && member.name.ends_with(".py") {
            script(archive, member, bytes, budget, model);
            continue;
        }
        if is_torch && member.name.ends_with(".py") && model.format == "pytorch-package" {
            model.flag(Danger::Suspicious, "source-code", &member.name, 0);
            continue;
        }
        let head = archive.peek(member, bytes, PEEK);
        let is_main = is_torch && ends_with(&member.name, "data.pkl");
        if !format::is_worth_opening(&head) && !is_main && (model.format == "zip" || head.is_empty()) {
            continue;
        }
        if !budget.member() {
            return container::too_many(model);
        }
        let (content, wrong) = archive.content(member, bytes, budget.bytes());
        if let Some(technique) = wrong {
            model.flag(Danger::Suspicious, technique, &member.name, 0);
        }
        let Some(content) = content else { continue };
        budget.spend(content.cost());
        let is_cut = content.cost() > 0 && (content.cost() as u64) < member.size && wrong.is_none();
        let cut = is_cut.then_some(content.cost() as u64);
        if is_cut && member.is_bomb() {
            model.flag(Danger::Suspicious, "compression-bomb", &member.name, 0);
        }
        if head.starts_with(b"\x93NUMPY") {
            let mut inner = numpy::read(&content);
            if let Some(limit) = cut {
                inner.cut(limit, format!("`{}` is larger than is read", member.name));
            }
            elements = elements.zip(inner.number("parameters")).and_then(|(sum, more)| sum.checked_add(more));
            container::adopt(model, &inner, &member.name, &head);
            model.metadata.remove("models");
        } else if let Some(walk) = (is_torch && cut.is_none()).then(|| pickle::walk(&content)).flatten() {
            pickle::describe(&walk, Some(&member.name), model);
        } else {
            container::look_cut(&member.name, &content, cut, budget, model);
        }
    }
    if let ("npz", Some(elements)) = (model.format, elements) {
        model.set("parameters", elements);
    }
}

/// Operators of TorchScript that read and write files.
const FILE_OPERATORS: &[&str] =
    &["aten.save(", "aten.from_file(", "torch.save(", "torch.from_file(", "aten::save", "aten::from_file"];

fn script(archive: &Archive, member: &Member, bytes: &dyn ReadAt, budget: &Budget, model: &mut Model) {
    let (content, wrong) = archive.content(member, bytes, budget.bytes().min(MAX_SCRIPT));
    if let Some(technique) = wrong {
        model.flag(Danger::Suspicious, technique, &member.name, 0);
    }
    let Some(content) = content else { return };
    budget.spend(content.cost());
    let code = content.read_at(0, MAX_SCRIPT);
    for operator in FILE_OPERATORS {
        if let Some(at) = code.windows(operator.len()).position(|window| window == operator.as_bytes()) {
            let name = operator.trim_end_matches('(');
            let what = format!("{name} in {}", member.name);
            model.flag(Danger::Unsafe, "torchscript-file-operator", what, at as u64);
        }
    }
}

/// Handlers that TorchServe brings itself.
const HANDLERS: &[&str] = &[
    "image_classifier",
    "image_segmenter",
    "object_detector",
    "text_classifier",
    "text_handler",
    "base_handler",
];

/// A TorchServe archive: its handler is code that the server runs.
fn served(archive: &Archive, bytes: &dyn ReadAt, budget: &Budget, model: &mut Model) {
    let Some(manifest) = container::json(archive, "MAR-INF/MANIFEST.json", bytes, budget) else {
        return model.broken("the manifest is not JSON", 0);
    };
    let text = |key: &str| manifest["model"][key].as_str().map(str::to_owned);
    model.set("framework", "pytorch");
    model.set("model_name", text("modelName"));
    model.set("model_version", text("modelVersion"));
    model.set("serialized_file", text("serializedFile"));
    if let Some(handler) = text("handler") {
        if !HANDLERS.contains(&handler.trim_end_matches(".py")) {
            model.flag(Danger::Suspicious, "custom-handler", &handler, 0);
        }
        model.set("handler", handler);
    }
    model.set("runtime", manifest.get("runtime").and_then(Json::as_str));
}
