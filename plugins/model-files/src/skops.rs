//! skops: a model as a tree of named classes in `schema.json`. Its loader makes what the tree names, so the tree is
//! walked for names that no model needs.

use crate::model::Model;
use crate::pickle::{Use, danger};
use serde_json::Value as Json;

/// Nesting that is walked; serde_json itself stops at 128.
const MAX_DEPTH: u32 = 128;

/// Reads skops' schema.
pub fn read(tree: &Json, model: &mut Model) {
    let text = |key: &str| tree.get(key).and_then(Json::as_str).unwrap_or_default();
    let class = format!("{}.{}", text("__module__"), text("__class__"));
    if class.starts_with("sklearn.") {
        model.set("framework", "scikit-learn");
    }
    model.set("model_class", class);
    model.set("skops_version", text("_skops_version"));
    node(tree, 0, model);
}

fn node(tree: &Json, depth: u32, model: &mut Model) {
    if depth > MAX_DEPTH {
        return;
    }
    match tree {
        Json::Array(items) => items.iter().for_each(|item| node(item, depth + 1, model)),
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
                if let Some((danger, _)) = danger(&key, Use::Called).filter(|_| !is_known) {
                    model.flag(danger, "skops-callable", key.replace('\0', "."), 0);
                }
            }
            entries.values().for_each(|value| node(value, depth + 1, model));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        let mut model = Model::new("skops");
        read(&serde_json::from_str(text).unwrap(), &mut model);
        model.is_judged = true;
        assert_eq!(model.verdict(), expected, "{text}: {:?}", model.flags);
    }

    #[test]
    fn schemas() {
        check(
            r#"{"__module__":"sklearn.svm._classes","__class__":"SVC","__loader__":"ObjectNode","content":{}}"#,
            Some("benign"),
        );
        check(r#"{"__module__":"os","__class__":"system","__loader__":"FunctionNode"}"#, Some("unsafe"));
        check(
            r#"{"a":[{"__module__":"builtins","__class__":"eval","__loader__":"TypeNode"}]}"#,
            Some("unsafe"),
        );
    }
}
