//! Seldon Core: deployments of version 1, experiments of version 2.

use super::{like_container, variant};
use crate::object::{Identity, at, items, text};
use crate::report::{Report, SCHEME, Share, Subject};
use crate::signs::Named;
use inventar_plugin_sdk::AssetRef;
use serde_json::Value;

/// How deep a graph of models may be.
const MAX_DEPTH: usize = 16;

pub(super) fn read(report: &mut Report<'_>, identity: &Identity, object: &Value) {
    match identity.kind.as_str() {
        "SeldonDeployment" => deployment(report, identity, object),
        "Experiment" => experiment(report, identity, object),
        _ => {}
    }
}

fn deployment(report: &mut Report<'_>, identity: &Identity, object: &Value) {
    let subject = Subject::object(identity);
    let predictors = items(object, &["spec", "predictors"]);
    let mut shares = vec![];
    for predictor in predictors {
        let Some(name) = text(predictor, &["name"]) else { continue };
        let target = variant(report, &subject, identity, name);
        let of_variant = Subject { from: target.clone(), ..subject.clone() };
        if let Some(graph) = predictor.get("graph") {
            unit(report, &of_variant, graph, 0);
        }
        let is_shadow = predictor["shadow"].as_bool() == Some(true);
        let traffic = predictor["traffic"].as_f64();
        // One predictor alone takes everything without saying so.
        let weight = traffic.or((predictors.len() == 1).then_some(100.0)).unwrap_or(0.0);
        shares.push(Share { target, weight: (!is_shadow).then_some(weight) });
    }
    report.split(&subject, &shares, "predictor-traffic");
    if let Some(url) = text(object, &["status", "address", "url"]) {
        report.address(&subject, url, "service-url");
    }
}

fn unit(report: &mut Report<'_>, subject: &Subject, graph: &Value, depth: usize) {
    if let Some(uri) = text(graph, &["modelUri"]) {
        let named = Named { text: uri.to_owned(), is_sure: true };
        report.model(subject, "serves", &named, "served-model");
    }
    if let Some(account) = text(graph, &["serviceAccountName"]) {
        report.runs_as(subject, account);
    }
    if let Some(secret) = text(graph, &["envSecretRefName"]) {
        report.secret(subject, secret, std::iter::empty());
    }
    like_container(report, subject, graph);
    if depth < MAX_DEPTH {
        items(graph, &["children"]).iter().for_each(|child| unit(report, subject, child, depth + 1));
    }
}

fn experiment(report: &mut Report<'_>, identity: &Identity, object: &Value) {
    let subject = Subject::object(identity);
    let kind = if text(object, &["spec", "resourceType"]) == Some("pipeline") { "Pipeline" } else { "Model" };
    let target = |name: &str| {
        let model = Identity::new("mlops.seldon.io", kind, identity.namespace.as_deref(), name);
        AssetRef::known_as(SCHEME, model.id())
    };
    let candidates = items(object, &["spec", "candidates"]).iter().filter_map(|candidate| {
        Some(Share {
            target: target(text(candidate, &["name"])?),
            weight: Some(candidate["weight"].as_f64().unwrap_or(1.0)),
        })
    });
    let mut shares: Vec<Share> = candidates.collect();
    if let Some(name) = at(object, &["spec", "mirror"]).and_then(|mirror| text(mirror, &["name"])) {
        shares.push(Share { target: target(name), weight: None });
    }
    report.split(&subject, &shares, "experiment");
}
