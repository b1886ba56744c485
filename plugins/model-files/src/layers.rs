//! Models that are a tree of named classes: Keras' `config.json`, the attribute of its HDF5 files, skops' `schema.json`.
//! Their loaders make what the tree names, so the tree is walked for names that are no layer.

use crate::bytes::ReadAt;
use crate::model::{Danger, Model};
use crate::pickle::{danger, is_standard};
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;

/// A tree is read up to here.
const MAX_TREE: usize = 8 << 20;
/// Nesting that is walked; serde_json itself stops at 128.
const MAX_DEPTH: u32 = 128;
/// Custom classes that are listed.
const MAX_LISTED: usize = 64;

/// Packages whose modules a Keras configuration may name.
const KERAS: &[&str] =
    &["keras", "tf_keras", "keras_hub", "keras_nlp", "keras_cv", "keras_core", "tensorflow", "keras_tuner"];

/// Modules whose functions a configuration may name: everything else a function can be is not part of a layer.
const FUNCTIONS_OF: &[&str] =
    &["activations", "losses", "metrics", "initializers", "regularizers", "constraints", "ops"];

/// Reads Keras' configuration.
pub fn keras(bytes: &dyn ReadAt, model: &mut Model) {
    let Some(tree) = parse(&bytes.read_at(0, MAX_TREE)) else {
        return model.broken("the configuration is not JSON", 0);
    };
    describe_keras(&tree, model);
    model.is_judged = true;
}

/// Reads the configuration that an HDF5 file keeps in an attribute, by finding it: the attribute's text is whole in
/// the file, wherever the file's own structure has put it.
pub fn keras_in_hdf5(bytes: &dyn ReadAt, model: &mut Model) {
    let head = bytes.read_at(0, MAX_TREE);
    let find = |text: &[u8]| head.windows(text.len()).position(|window| window == text);
    let starts: [&[u8]; 2] = [b"{\"class_name\":", b"{\"module\":"];
    if let Some(at) = starts.iter().filter_map(|start| find(start)).min() {
        match serde_json::Deserializer::from_slice(&head[at..]).into_iter().next() {
            Some(Ok(tree)) => describe_keras(&tree, model),
            _ => model.broken("the configuration is not JSON", at as u64),
        }
    }
    if let Some(at) = find(b"keras_version") {
        let behind = &head[at + 13..(at + 200).min(head.len())];
        model.set("keras_version", version_in(behind));
    }
}

fn version_in(bytes: &[u8]) -> Option<String> {
    let words = bytes.split(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'.'));
    let mut words = words.filter_map(|word| std::str::from_utf8(word).ok());
    words
        .find(|word| word.split('.').count() >= 3 && word.starts_with(|c: char| c.is_ascii_digit()))
        .map(str::to_owned)
}

fn parse(text: &[u8]) -> Option<Json> {
    serde_json::from_slice(text).ok()
}

fn describe_keras(tree: &Json, model: &mut Model) {
    model.set("architecture", tree.get("class_name").and_then(Json::as_str));
    let mut custom = BTreeSet::new();
    keras_node(tree, 0, &mut custom, model);
    model.set("custom_layers", custom.into_iter().collect::<Vec<_>>());
}

fn keras_node(node: &Json, depth: u32, custom: &mut BTreeSet<String>, model: &mut Model) {
    if depth > MAX_DEPTH {
        return;
    }
    match node {
        Json::Array(items) => items.iter().for_each(|item| keras_node(item, depth + 1, custom, model)),
        Json::Object(entries) => {
            keras_object(entries, custom, model);
            entries.values().for_each(|value| keras_node(value, depth + 1, custom, model));
        }
        _ => {}
    }
}

fn keras_object(entries: &Map<String, Json>, custom: &mut BTreeSet<String>, model: &mut Model) {
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
    if class == "function" && !module.is_empty() {
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

/// Reads skops' schema.
pub fn skops(bytes: &dyn ReadAt, model: &mut Model) {
    let Some(tree) = parse(&bytes.read_at(0, MAX_TREE)) else {
        return model.broken("the schema is not JSON", 0);
    };
    let text = |key: &str| tree.get(key).and_then(Json::as_str).unwrap_or_default();
    let class = format!("{}.{}", text("__module__"), text("__class__"));
    if class.starts_with("sklearn.") {
        model.set("framework", "scikit-learn");
    }
    model.set("model_class", class);
    model.set("skops_version", text("_skops_version"));
    skops_node(&tree, 0, model);
    model.is_judged = true;
}

fn skops_node(node: &Json, depth: u32, model: &mut Model) {
    if depth > MAX_DEPTH {
        return;
    }
    match node {
        Json::Array(items) => items.iter().for_each(|item| skops_node(item, depth + 1, model)),
        Json::Object(entries) => {
            let text = |key: &str| entries.get(key).and_then(Json::as_str).unwrap_or_default();
            let loader = text("__loader__");
            let key = format!("{}\0{}", text("__module__"), text("__class__"));
            let is_call = ["FunctionNode", "MethodNode", "OperatorFuncNode", "ReduceNode", "TypeNode"]
                .contains(&loader);
            if is_call || loader == "ObjectNode" {
                // `builtins.dict` and the like are values; numpy and scipy functions are named by scorers and kernels.
                let is_known =
                    ["numpy", "scipy"].contains(&key.split(['.', '\0']).next().unwrap_or_default());
                if let Some((danger, _)) = danger(&key, true).filter(|_| !is_known) {
                    model.flag(danger, "skops-callable", key.replace('\0', "."), 0);
                }
            }
            entries.values().for_each(|value| skops_node(value, depth + 1, model));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(read: fn(&dyn ReadAt, &mut Model), text: &str, expected: &str) {
        let mut model = Model::new("test");
        read(&text.as_bytes().to_vec(), &mut model);
        assert_eq!(model.verdict(), Some(expected), "{text}: {:?}", model.flags);
    }

    #[test]
    fn keras_configurations() {
        let layer = |layer: &str| {
            format!(r#"{{"class_name":"Sequential","module":"keras","config":{{"layers":[{layer}]}}}}"#)
        };
        for (text, expected) in [
            (r#"{"class_name":"Dense","module":"keras.layers","config":{"activation":"relu"}}"#, "benign"),
            (r#"{"class_name":"function","module":"keras.activations","config":"relu"}"#, "benign"),
            (r#"{"class_name":"Mine","module":null,"registered_name":"acme>Mine"}"#, "benign"),
            (r#"{"class_name":"Lambda","config":{}}"#, "unsafe"),
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
            check(keras, &layer(text), expected);
        }
        check(keras, "{", "suspicious");
        check(keras, &"[".repeat(100_000), "suspicious");
    }

    #[test]
    fn skops_schemas() {
        check(
            skops,
            r#"{"__module__":"sklearn.svm._classes","__class__":"SVC","__loader__":"ObjectNode","content":{}}"#,
            "benign",
        );
        check(skops, r#"{"__module__":"os","__class__":"system","__loader__":"FunctionNode"}"#, "unsafe");
        check(
            skops,
            r#"{"a":[{"__module__":"builtins","__class__":"eval","__loader__":"TypeNode"}]}"#,
            "unsafe",
        );
    }

    #[test]
    fn a_configuration_inside_hdf5() {
        let mut model = Model::new("keras-h5");
        let bytes = b"\x89HDF\r\n\x1a\n\0\0keras_version\0\0\x012.15.0\0model_config\0{\"class_name\": \"Lambda\"}\0\0".to_vec();
        keras_in_hdf5(&bytes, &mut model);
        assert_eq!((model.text("keras_version"), model.verdict()), (Some("2.15.0"), Some("unsafe")));
    }
}
