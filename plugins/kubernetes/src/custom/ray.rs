//! Ray: the applications that a service runs, the command of a job.

use super::name_model;
use crate::command::Command;
use crate::object::text;
use crate::report::{Report, Subject};
use inventar_documents::{Format, Node, parse};
use serde_json::Value;

/// A longer configuration is not read.
const MAX_BYTES: usize = 256 << 10;

/// How deep a configuration is looked into.
const MAX_DEPTH: usize = 24;

pub(super) fn read(report: &mut Report<'_>, subject: &Subject, object: &Value) {
    if let Some(config) = text(object, &["spec", "serveConfigV2"]).filter(|text| text.len() <= MAX_BYTES)
        && let Ok(Some(root)) = parse(config, Format::Yaml)
    {
        walk(report, subject, &root, 0);
    }
    let entrypoints = [&["spec", "entrypoint"][..], &["spec", "jobTemplate", "spec", "entrypoint"]];
    for entrypoint in entrypoints.iter().filter_map(|path| text(object, path)) {
        let words: Vec<&str> = entrypoint.split_whitespace().collect();
        for model in Command::read(&words).models {
            name_model(report, subject, "uses", Some(model), "model-argument");
        }
    }
}

/// `model_loading_config: {model_id, model_source}`, `MODEL_ID: …` in `env_vars`.
fn walk(report: &mut Report<'_>, subject: &Subject, node: &Node, depth: usize) {
    if depth > MAX_DEPTH {
        return;
    }
    let source = node.get("model_source").and_then(Node::text);
    let id = node.any(&["model_id", "model", "MODEL_ID", "MODEL"]).and_then(Node::text);
    name_model(report, subject, "serves", source.or(id), "serve-config");
    for entry in node.entries() {
        walk(report, subject, &entry.node, depth + 1);
    }
    for item in node.items() {
        walk(report, subject, item, depth + 1);
    }
}
