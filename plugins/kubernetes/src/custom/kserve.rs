//! KServe.

use super::{like_container, variant};
use crate::object::{Identity, at, entries, items, text};
use crate::report::{Report, SCHEME, Share, Subject};
use crate::signs::Named;
use inventar_plugin_sdk::{AssetRef, Relation};
use serde_json::Value;

/// Predictors of the older form, each with a key of its own.
const FRAMEWORKS: &[&str] = &[
    "sklearn",
    "xgboost",
    "tensorflow",
    "pytorch",
    "triton",
    "onnx",
    "huggingface",
    "pmml",
    "lightgbm",
    "paddle",
];

/// The framework of a predictor in the older form.
pub(super) fn framework(object: &Value) -> Option<String> {
    let predictor = at(object, &["spec", "predictor"])?;
    FRAMEWORKS.iter().find(|name| predictor.get(name).is_some()).map(|name| (*name).to_owned())
}

pub(super) fn read(report: &mut Report<'_>, identity: &Identity, object: &Value) {
    match identity.kind.as_str() {
        "InferenceService" | "LLMInferenceService" => service(report, identity, object),
        "InferenceGraph" => graph(report, identity, object),
        "TrainedModel" => trained(report, identity, object),
        _ => {}
    }
}

fn service(report: &mut Report<'_>, identity: &Identity, object: &Value) {
    let subject = Subject::object(identity);
    for component in ["predictor", "transformer", "explainer"] {
        let Some(component) = at(object, &["spec", component]) else { continue };
        if let Some(account) = text(component, &["serviceAccountName"]) {
            report.runs_as(&subject, account);
        }
        let models = std::iter::once("model").chain(FRAMEWORKS.iter().copied());
        models
            .filter_map(|name| component.get(name))
            .for_each(|model| like_container(report, &subject, model));
    }
    let urls = [text(object, &["status", "url"]), text(object, &["status", "address", "url"])];
    urls.into_iter().flatten().for_each(|url| report.address(&subject, url, "service-url"));
    let named = text(object, &["spec", "model", "name"]);
    if let Some(name) = named.filter(|_| text(object, &["spec", "model", "uri"]).is_none()) {
        report.model(&subject, "serves", &Named { text: name.to_owned(), is_sure: true }, "served-model");
    }
    traffic(report, identity, &subject, object);
}

/// Revisions and their shares: what the status says, else what the specification asks for.
fn traffic(report: &mut Report<'_>, identity: &Identity, subject: &Subject, object: &Value) {
    let stated = items(object, &["status", "components", "predictor", "traffic"]);
    let wanted = at(object, &["spec", "predictor", "canaryTrafficPercent"]).and_then(Value::as_f64);
    let mut shares = vec![];
    let mut latest = None;
    for share in stated {
        let Some(name) = text(share, &["revisionName"]) else { continue };
        let target = variant(report, subject, identity, name);
        if share["latestRevision"].as_bool() == Some(true) {
            latest = Some(target.clone());
        }
        shares.push(Share { target, weight: Some(share["percent"].as_f64().unwrap_or(0.0)) });
    }
    if shares.is_empty()
        && let Some(percent) = wanted.filter(|percent| (0.0..=100.0).contains(percent))
    {
        let target = variant(report, subject, identity, "latest");
        latest = Some(target.clone());
        shares.push(Share { target, weight: Some(percent) });
        let target = variant(report, subject, identity, "previous");
        shares.push(Share { target, weight: Some(100.0 - percent) });
    }
    // What lies where is known of the latest revision only.
    if let (Some(latest), Some(model)) = (latest, at(object, &["spec", "predictor"]).and_then(storage)) {
        let of_latest = Subject { from: latest, ..subject.clone() };
        report.model(&of_latest, "serves", &Named { text: model.to_owned(), is_sure: true }, "served-model");
    }
    report.split(subject, &shares, "traffic");
}

fn storage(predictor: &Value) -> Option<&str> {
    std::iter::once("model")
        .chain(FRAMEWORKS.iter().copied())
        .find_map(|name| text(predictor, &[name, "storageUri"]))
}

fn graph(report: &mut Report<'_>, identity: &Identity, object: &Value) {
    let subject = Subject::object(identity);
    let service = |name: &str| {
        let target =
            Identity::new("serving.kserve.io", "InferenceService", identity.namespace.as_deref(), name);
        AssetRef::known_as(SCHEME, target.id())
    };
    for (_, node) in entries(object, &["spec", "nodes"]) {
        let is_splitter = text(node, &["routerType"]) == Some("Splitter");
        let mut shares = vec![];
        for step in items(node, &["steps"]).iter().chain(items(node, &["routes"])) {
            let Some(name) = text(step, &["serviceName"]).or_else(|| text(step, &["service"])) else {
                continue;
            };
            match step["weight"].as_f64().filter(|_| is_splitter) {
                Some(weight) => shares.push(Share { target: service(name), weight: Some(weight) }),
                None => report.edge(&subject, "calls", service(name), "graph-step"),
            }
        }
        report.split(&subject, &shares, "graph-splitter");
    }
    if let Some(url) = text(object, &["status", "url"]) {
        report.address(&subject, url, "service-url");
    }
}

/// A model that is served by an inference service of its own.
fn trained(report: &mut Report<'_>, identity: &Identity, object: &Value) {
    let Some(name) = text(object, &["spec", "inferenceService"]) else { return };
    let server = Identity::new("serving.kserve.io", "InferenceService", identity.namespace.as_deref(), name);
    let subject = Subject::object(identity);
    let target = AssetRef::known_as(SCHEME, identity.id());
    let relation = Relation::new(AssetRef::known_as(SCHEME, server.id()), "serves", target);
    report.relation(relation, &subject, "trained-model");
}
