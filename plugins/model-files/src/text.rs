//! Models and descriptions that are lines of text: LightGBM, MLflow, ncnn, and templates on their own.

use crate::bytes::ReadAt;
use crate::card;
use crate::model::{Danger, Model};
use crate::pickle::is_standard;
use crate::template;
use serde_json::Value as Json;

/// A description is read up to here; LightGBM's trees follow behind what is wanted.
const MAX_TEXT: usize = 1 << 20;

/// Reads a text. None: it is no model.
pub fn read(bytes: &dyn ReadAt) -> Option<Model> {
    let head = bytes.read_at(0, MAX_TEXT);
    let text = String::from_utf8_lossy(&head);
    let mut model = if text.starts_with("tree\nversion=") {
        lightgbm(&text)
    } else if text.starts_with("7767517\n") {
        Model::new("ncnn")
    } else if text.starts_with("MODEL_NAME") || text.lines().take(40).any(|line| line == "flavors:") {
        mlflow(&text)?
    } else if is_template(&text) {
        jinja(&text)
    } else {
        return None;
    };
    model.is_judged = true;
    Some(model)
}

/// A chat template under any name: it goes through messages, by their roles.
fn is_template(text: &str) -> bool {
    (text.contains("{%") || text.contains("{{"))
        && text.contains("messages")
        && (text.contains("add_generation_prompt") || text.contains("'role'") || text.contains(".role"))
}

fn lightgbm(text: &str) -> Model {
    let mut model = Model::new("lightgbm");
    model.set("framework", "lightgbm");
    let line = |key: &str| text.lines().take(64).find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    model.set("version", line("version"));
    model.set("objective", line("objective").and_then(|text| text.split(' ').next()));
    model.set("classes", line("num_class").and_then(|text| text.parse::<u64>().ok()));
    model.set(
        "features",
        line("max_feature_idx").and_then(|text| text.parse::<u64>().ok()).map(|last| last + 1),
    );
    model
}

/// `MLmodel`: which loaders there are, and what they load with.
fn mlflow(text: &str) -> Option<Model> {
    let yaml = card::yaml(text)?;
    let flavors = yaml.get("flavors")?.as_object()?;
    if yaml.get("mlflow_version").is_none()
        && yaml.get("artifact_path").is_none()
        && !flavors.contains_key("python_function")
    {
        return None;
    }
    let mut model = Model::new("mlflow");
    model.set("framework", "mlflow");
    model.set("flavors", flavors.keys().cloned().collect::<Vec<_>>());
    for key in ["mlflow_version", "model_uuid", "run_id", "artifact_path"] {
        model.set(key, yaml.get(key).and_then(Json::as_str));
    }
    for (flavor, entries) in flavors {
        for key in [
            "sklearn_version",
            "pytorch_version",
            "xgb_version",
            "lgb_version",
            "keras_version",
            "transformers_version",
            "python_version",
            "onnx_version",
        ] {
            model.set(key, entries.get(key).and_then(Json::as_str));
        }
        if let Some(loader) = entries.get("loader_module").and_then(Json::as_str) {
            let at = text.find(loader).unwrap_or(0) as u64;
            if loader == "mlflow" || loader.starts_with("mlflow.") {
                // Its own loaders read what the other flavours describe.
            } else if is_standard(loader) {
                model.flag(Danger::Unsafe, "loader-module", loader, at);
            } else {
                model.flag(Danger::Suspicious, "loader-module", loader, at);
            }
        }
        for key in ["code", "code_paths"] {
            if let Some(code) = entries.get(key).filter(|code| !code.is_null()) {
                let code = code.as_str().map_or_else(|| code.to_string(), str::to_owned);
                model.flag(Danger::Suspicious, "bundled-code", format!("{flavor}: {code}"), 0);
            }
        }
    }
    Some(model)
}

/// A template in a file of its own.
pub fn jinja(text: &str) -> Model {
    let mut model = Model::new("chat-template");
    model.set("chat_template", true);
    template::judge(text, "chat_template", 0, &mut model);
    model.is_judged = true;
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
    fn texts() {
        check(
            "tree\nversion=v4\nnum_class=1\nmax_feature_idx=3\nobjective=binary sigmoid:1\n",
            Some(("lightgbm", "benign")),
        );
        check(
            "artifact_path: m\nflavors:\n  python_function:\n    loader_module: mlflow.sklearn\nmlflow_version: 2.16.0\n",
            Some(("mlflow", "benign")),
        );
        check("flavors:\n  python_function:\n    loader_module: os\n", Some(("mlflow", "unsafe")));
        check(
            "flavors:\n  python_function:\n    loader_module: mine\n    code: code\n",
            Some(("mlflow", "suspicious")),
        );
        check("flavors:\n  - vanilla\n", None);
        check("hello\n", None);
        check("{% for m in messages %}{{ m['role'] }}{% endfor %}", Some(("chat-template", "benign")));
        check(
            "{% for m in messages %}{{ m['role'].__class__ }}{% endfor %}",
            Some(("chat-template", "unsafe")),
        );
    }
}
