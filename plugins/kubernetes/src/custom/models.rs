//! What any custom resource says alike: where models and data sets lie, and which secrets it names.

use crate::location::Location;
use crate::object::at;
use crate::report::{Report, Subject};
use crate::signs::Named;
use inventar_analysis::model;
use serde_json::Value;

/// How deep a resource is looked into.
const MAX_DEPTH: usize = 16;

/// Keys whose value says where a model or a data set lies, whatever its scheme.
const PLACES: &[&str] = &["storageUri", "modelUri", "sourceModelUri", "modelURL", "modelUrl", "model_source"];

/// Keys that hold such an address beside others.
const ADDRESSES: &[&str] = &["uri", "url", "source", "path", "artifactUri"];

/// Keys that name a secret, as a text or as `{name}`.
const SECRETS: &[&str] = &[
    "authSecret",
    "apiKeySecret",
    "apiKeySecretRef",
    "ngcAPISecret",
    "hfTokenSecret",
    "secretName",
    "secretRef",
    "envSecretRefName",
];

pub(super) fn read(report: &mut Report<'_>, subject: &Subject, object: &Value, relation: &str) {
    // Kaito's workspaces have no `spec`.
    for part in ["spec", "inference", "tuning"] {
        if let Some(part) = at(object, &[part]) {
            walk(report, subject, part, relation, 0);
        }
    }
}

fn walk(report: &mut Report<'_>, subject: &Subject, value: &Value, relation: &str, depth: usize) {
    if depth > MAX_DEPTH {
        return;
    }
    match value {
        Value::Object(table) => {
            for (key, value) in table {
                let is_data = key.to_ascii_lowercase().contains("dataset");
                if matches!(key.as_str(), "template" | "containers" | "initContainers" | "imagePullSecrets") {
                    // Pods are read as pods; only what they mount is named by these keys too.
                    continue;
                }
                let relation = if is_data { "trained-on" } else { relation };
                if let Some(text) = value.as_str() {
                    place(report, subject, key, text, relation);
                }
                if SECRETS.contains(&key.as_str())
                    && let Some(name) = value.as_str().or_else(|| value.get("name")?.as_str())
                {
                    report.secret(subject, name, std::iter::empty());
                }
                walk(report, subject, value, relation, depth + 1);
            }
        }
        Value::Array(list) => {
            list.iter().for_each(|value| walk(report, subject, value, relation, depth + 1));
        }
        _ => {}
    }
}

fn place(report: &mut Report<'_>, subject: &Subject, key: &str, text: &str, relation: &str) {
    let is_place = PLACES.contains(&key);
    if !is_place && !ADDRESSES.contains(&key) {
        return;
    }
    match Location::of(text) {
        // Any address may stand behind `url`; only stores and hubs hold models.
        Some(Location::Artifact(url)) if !is_place && url.starts_with("http") => {}
        Some(Location::Artifact(url) | Location::Model(url)) if relation == "trained-on" => {
            let target = report.stored(subject, "dataset", &url, "data-set");
            report.edge(subject, relation, target, "data-set");
        }
        Some(_) => {
            let named = Named { text: text.to_owned(), is_sure: true };
            report.model(subject, relation, &named, "served-model");
        }
        None if is_place && model::is_hub_id(text) => {
            let named = Named { text: text.to_owned(), is_sure: true };
            report.model(subject, relation, &named, "served-model");
        }
        None => {}
    }
}
