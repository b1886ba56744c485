//! Keras: a tree of layers by name in `config.json` or in an attribute of HDF5. Its loader makes what the tree names, so
//! the tree is walked for names that are no layer.

use crate::archive::Archive;
use crate::bytes::ReadAt;
use crate::container::{self, Budget};
use crate::hdf5::{self, Hdf5};
use crate::model::{Danger, Model, Tensors, Unread};
use crate::pickle::is_standard;
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;

/// Nesting that is walked; serde_json itself stops at 128.
const MAX_DEPTH: u32 = 128;
/// Custom classes that are listed.
const MAX_LISTED: usize = 64;
/// A configuration that the headers do not lead to is looked for up to here.
const MAX_SEARCHED: usize = 8 << 20;

/// Packages whose modules a Keras configuration may name.
const KERAS: &[&str] =
    &["keras", "tf_keras", "keras_hub", "keras_nlp", "keras_cv", "keras_core", "tensorflow", "keras_tuner"];

/// Modules whose functions a configuration may name: everything else a function can be is not part of a layer.
const FUNCTIONS_OF: &[&str] =
    &["activations", "losses", "metrics", "initializers", "regularizers", "constraints", "ops"];

/// Reads the archive of Keras 3.
pub fn archive(archive: &Archive, bytes: &dyn ReadAt, budget: &Budget, model: &mut Model) {
    model.set("framework", "keras");
    match container::json(archive, "config.json", bytes, budget) {
        Some(tree) => describe(&tree, model),
        None => model.broken("the configuration is not JSON", 0),
    }
    if let Some(metadata) = container::json(archive, "metadata.json", bytes, budget) {
        model.set("keras_version", metadata["keras_version"].as_str());
    }
    let weights =
        archive.find("model.weights.h5").and_then(|member| archive.content(member, bytes, budget.bytes()).0);
    if let Some(content) = weights {
        budget.spend(content.cost());
        match hdf5::read(&content) {
            Ok(hdf5) => weigh(&hdf5, Danger::Unsafe, model),
            Err(broken) => model.broken(format!("model.weights.h5: {}", broken.why), broken.at),
        }
    }
}

/// Reads HDF5, and what Keras keeps in it.
pub fn hdf5(bytes: &dyn ReadAt) -> Model {
    let mut model = Model::new("hdf5");
    model.is_judged = true;
    let found = match hdf5::read(bytes) {
        Ok(found) => found,
        Err(broken) => {
            model.broken(broken.why.into_owned(), broken.at);
            Hdf5::default()
        }
    };
    let attribute = |name: &str| {
        found
            .attributes
            .iter()
            .find(|(at, _)| at.rsplit('@').next() == Some(name))
            .map(|(_, text)| text.as_str())
    };
    let is_keras =
        ["model_config", "keras_version", "layer_names"].iter().any(|name| attribute(name).is_some())
            || found
                .datasets
                .iter()
                .any(|(path, ..)| path.starts_with("/layers/") || path.starts_with("/_layer_checkpoint"));
    let config = attribute("model_config");
    let lost = (config.is_none()).then(|| configuration(bytes)).flatten();
    if is_keras || lost.is_some() {
        model.format = "keras-h5";
        model.set("framework", "keras");
        model.set("keras_version", attribute("keras_version"));
        model.set("backend", attribute("backend"));
        match config.map(serde_json::from_str::<Json>).or_else(|| lost.map(Ok)) {
            Some(Ok(tree)) => describe(&tree, &mut model),
            Some(Err(_)) => model.broken("the configuration is not JSON", 0),
            // Weights alone.
            None => {}
        }
    }
    let danger = if model.format == "keras-h5" { Danger::Unsafe } else { Danger::Suspicious };
    weigh(&found, danger, &mut model);
    model
}

/// Counts weights, and flags what leads out of the file.
fn weigh(hdf5: &Hdf5, danger: Danger, model: &mut Model) {
    let mut tensors = Tensors::new();
    for (_, dtype, shape) in &hdf5.datasets {
        tensors.add(dtype, shape);
    }
    tensors.describe(model);
    for (how, what) in &hdf5.outside {
        model.flag(danger, how, what, 0);
    }
    for what in &hdf5.unread {
        model.unread.push(Unread::Unsupported(what.clone()));
    }
}

/// A configuration that stands whole in the file, wherever the file's structure has put it.
fn configuration(bytes: &dyn ReadAt) -> Option<Json> {
    let head = bytes.read_at(0, MAX_SEARCHED);
    let find = |text: &[u8]| head.windows(text.len()).position(|window| window == text);
    let starts: [&[u8]; 3] = [b"{\"class_name\":", b"{\"module\":", b"{\"class_name\" :"];
    let at = starts.iter().filter_map(|start| find(start)).min()?;
    serde_json::Deserializer::from_slice(&head[at..]).into_iter().next()?.ok()
}

/// Walks a configuration.
pub fn describe(tree: &Json, model: &mut Model) {
    model.set("architecture", tree.get("class_name").and_then(Json::as_str));
    let mut custom = BTreeSet::new();
    node(tree, 0, &mut custom, model);
    model.set("custom_layers", custom.into_iter().collect::<Vec<_>>());
}

fn node(tree: &Json, depth: u32, custom: &mut BTreeSet<String>, model: &mut Model) {
    if depth > MAX_DEPTH {
        return;
    }
    match tree {
        Json::Array(items) => items.iter().for_each(|item| node(item, depth + 1, custom, model)),
        Json::Object(entries) => {
            object(entries, custom, model);
            entries.values().for_each(|value| node(value, depth + 1, custom, model));
        }
        _ => {}
    }
}

fn object(entries: &Map<String, Json>, custom: &mut BTreeSet<String>, model: &mut Model) {
    let text = |key: &str| entries.get(key).and_then(Json::as_str).unwrap_or_default();
    if !text("vocabulary").is_empty() {
        model.flag(Danger::Unsafe, "keras-reads-file", text("vocabulary"), 0);
    }
    if entries.contains_key("enable_unsafe_deserialization") {
        model.flag(Danger::Unsafe, "keras-unsafe-deserialization", "enable_unsafe_deserialization", 0);
    }
    let class = text("class_name");
    if class.is_empty() {
        return;
    }
    if matches!(class, "Lambda" | "__lambda__") {
        return model.flag(Danger::Unsafe, "keras-lambda", class, 0);
    }
    if class == "TorchModuleWrapper" {
        return model.flag(Danger::Unsafe, "keras-torch-module", class, 0);
    }
    let module = text("module");
    let root = module.split('.').next().unwrap_or_default();
    let named = match (class, entries.get("config").and_then(Json::as_str)) {
        ("function", Some(function)) => format!("{module}.{function}"),
        _ => format!("{module}.{class}"),
    };
    let is_function = class == "function"
        || class.starts_with(|c: char| c.is_ascii_lowercase())
            && !matches!(class, "set" | "slice" | "dtype" | "list" | "tuple" | "dict");
    if is_function && !module.is_empty() {
        let is_known = KERAS.contains(&root)
            && FUNCTIONS_OF.iter().any(|part| module.split('.').any(|segment| segment == *part));
        if !is_known {
            model.flag(Danger::Unsafe, "keras-function", named, 0);
        }
    } else if is_standard(root)
        && !matches!(class, "__tuple__" | "set" | "slice" | "__numpy__" | "__tensor__")
    {
        model.flag(Danger::Unsafe, "keras-foreign-class", named, 0);
    } else if !module.is_empty() && !KERAS.contains(&root) && custom.len() < MAX_LISTED {
        model.flag(Danger::Suspicious, "keras-foreign-class", &named, 0);
        custom.insert(named);
    } else if module.is_empty() && custom.len() < MAX_LISTED {
        // `package>Class`: registered by the program that loads it.
        let registered = text("registered_name");
        custom.extend(registered.contains('>').then(|| registered.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let mut model = Model::new("keras");
        model.is_judged = true;
        describe(&serde_json::from_str(text).unwrap(), &mut model);
        assert_eq!(model.verdict(), Some(expected), "{text}: {:?}", model.flags);
    }

    #[test]
    fn configurations() {
        let layer = |layer: &str| {
            format!(r#"{{"class_name":"Sequential","module":"keras","config":{{"layers":[{layer}]}}}}"#)
        };
        for (text, expected) in [
            (r#"{"class_name":"Dense","module":"keras.layers","config":{"activation":"relu"}}"#, "benign"),
            (r#"{"class_name":"function","module":"keras.activations","config":"relu"}"#, "benign"),
            (r#"{"class_name":"Mine","module":null,"registered_name":"acme>Mine"}"#, "benign"),
            (r#"{"class_name":"DTypePolicy","module":"keras","config":{"name":"float32"}}"#, "benign"),
            (r#"{"class_name":"Lambda","config":{}}"#, "unsafe"),
            (r#"{"class_name":"get_file","module":"keras.utils","config":{}}"#, "unsafe"),
            (r#"{"class_name":"function","module":"keras.utils","config":"get_file"}"#, "unsafe"),
            (r#"{"class_name":"function","module":"os","config":"system"}"#, "unsafe"),
            (r#"{"class_name":"Popen","module":"subprocess","config":{}}"#, "unsafe"),
            (
                r#"{"class_name":"StringLookup","module":"keras.layers","config":{"vocabulary":"/etc/hosts"}}"#,
                "unsafe",
            ),
            (
                r#"{"class_name":"StringLookup","module":"keras.layers","config":{"vocabulary":["a"]}}"#,
                "benign",
            ),
            (r#"{"class_name":"Net","module":"acme.layers"}"#, "suspicious"),
        ] {
            check(&layer(text), expected);
        }
    }

    #[test]
    fn a_configuration_inside_hdf5() {
        let bytes = b"\x89HDF\r\n\x1a\n\0\0keras_version\0\0\x012.15.0\0model_config\0{\"class_name\": \"Lambda\"}\0\0".to_vec();
        assert_eq!(hdf5(&bytes).verdict(), Some("unsafe"));
    }
}
