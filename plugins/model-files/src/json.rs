//! Models and descriptions in JSON, told by their keys, whatever the file is called.

use crate::bytes::ReadAt;
use crate::folder::{self, Role};
use crate::keras;
use crate::model::{Model, Unread};
use serde_json::{Map, Value as Json};

/// A document is read up to here: XGBoost's models are long.
const MAX_DOCUMENT: u64 = 16 << 20;

/// Reads a document. None: it is no model's.
pub fn read(bytes: &dyn ReadAt) -> Option<Model> {
    let head = bytes.read_at(0, 64);
    if head.trim_ascii_start().first() != Some(&b'{') {
        return None;
    }
    if bytes.size() > MAX_DOCUMENT {
        let is_xgboost = bytes.read_at(0, 64).windows(9).any(|window| window == b"\"learner\"");
        let mut model = is_xgboost.then(|| Model::new("xgboost-json"))?;
        model.set("framework", "xgboost");
        model.unread.push(Unread::TooLarge(MAX_DOCUMENT, "the document is longer than is read".into()));
        return Some(model);
    }
    let text = bytes.read_at(0, MAX_DOCUMENT as usize);
    let Json::Object(entries) = serde_json::from_slice(&text).ok()? else { return None };
    let mut model = document(&entries, &text)?;
    model.is_judged = true;
    Some(model)
}

fn document(entries: &Map<String, Json>, text: &[u8]) -> Option<Model> {
    let has = |key: &str| entries.contains_key(key);
    if let Some(learner) = entries.get("learner").filter(|_| has("version")) {
        return Some(xgboost(learner, &entries["version"]));
    }
    if has("oblivious_trees") || has("trees") && has("model_info") {
        let mut model = Model::new("catboost-json");
        model.set("framework", "catboost");
        model.set(
            "version",
            entries["model_info"]["catboost_version_info"]
                .as_str()
                .and_then(|text| text.split_whitespace().next()),
        );
        return Some(model);
    }
    if has("tree_info") && has("feature_names") {
        let mut model = Model::new("lightgbm-json");
        model.set("framework", "lightgbm");
        model.set("version", entries.get("version").cloned());
        model.set("objective", entries.get("objective").cloned());
        return Some(model);
    }
    if let Some(topology) = entries.get("modelTopology") {
        let mut model = Model::new("tfjs");
        model.set("framework", "tensorflow.js");
        model.set("generated_by", entries.get("generatedBy").and_then(Json::as_str));
        keras::describe(topology.get("model_config").unwrap_or(topology), &mut model);
        return Some(model);
    }
    let is_keras = matches!(
        entries.get("class_name").and_then(Json::as_str),
        Some("Sequential" | "Functional" | "Model")
    ) && entries.get("config").is_some_and(Json::is_object);
    if is_keras {
        let mut model = Model::new("keras-json");
        model.set("framework", "keras");
        model.set("keras_version", entries.get("keras_version").and_then(Json::as_str));
        keras::describe(&Json::Object(entries.clone()), &mut model);
        return Some(model);
    }
    if has("tree_metadata")
        && (has("use_zarr3") || has("use_ocdbt") || has("store_array_data_equal_to_fill_value"))
    {
        let mut model = Model::new("orbax");
        model.set("framework", "orbax");
        model.set("tensor_count", entries["tree_metadata"].as_object().map(Map::len));
        return Some(model);
    }
    let role = role(entries)?;
    folder::of_object(role, entries, std::str::from_utf8(text).unwrap_or_default())
}

/// What a description is by its keys.
pub fn role(entries: &Map<String, Json>) -> Option<Role> {
    let has = |key: &str| entries.contains_key(key);
    if has("weight_map") {
        Some(Role::Index)
    } else if has("peft_type") {
        Some(Role::Adapter)
    } else if has("chat_template") || has("tokenizer_class") {
        Some(Role::Tokenizer)
    } else if has("architectures")
        || has("_class_name")
        || has("model_type") && (has("vocab_size") || has("hidden_size") || has("auto_map"))
    {
        Some(Role::Config)
    } else {
        None
    }
}

fn xgboost(learner: &Json, version: &Json) -> Model {
    let mut model = Model::new("xgboost-json");
    model.set("framework", "xgboost");
    let numbers = version.as_array().into_iter().flatten().filter_map(Json::as_u64);
    model.set("version", numbers.map(|number| number.to_string()).collect::<Vec<_>>().join("."));
    model.set("objective", learner["objective"]["name"].as_str());
    model.set("booster", learner["gradient_booster"]["name"].as_str());
    let param = |key: &str| {
        learner["learner_model_param"][key].as_str().and_then(|number| number.parse::<u64>().ok())
    };
    model.set("features", param("num_feature"));
    model.set("classes", param("num_class"));
    model
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(&str, &str)>) {
        let found = read(&text.as_bytes().to_vec());
        let found = found.as_ref().map(|model| (model.format, model.verdict().unwrap_or_default()));
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn documents() {
        check(
            r#"{"version": [2, 1, 0], "learner": {"objective": {"name": "reg:squarederror"}}}"#,
            Some(("xgboost-json", "benign")),
        );
        check(r#"{"oblivious_trees": [], "model_info": {}}"#, Some(("catboost-json", "benign")));
        check(
            r#"{"class_name": "Sequential", "config": {"layers": [{"class_name": "Lambda"}]}}"#,
            Some(("keras-json", "unsafe")),
        );
        check(
            r#"{"format": "layers-model", "modelTopology": {"model_config": {"class_name": "Sequential"}}}"#,
            Some(("tfjs", "benign")),
        );
        check(r#"{"chat_template": "{{ x.__class__ }}"}"#, Some(("hf-repo", "unsafe")));
        check(
            r#"{"architectures": ["A"], "auto_map": {"AutoModel": "m.M"}}"#,
            Some(("hf-repo", "suspicious")),
        );
        check(r#"{"name": "app", "version": "1.0.0"}"#, None);
        check("[1]", None);
        check("{", None);
    }
}
