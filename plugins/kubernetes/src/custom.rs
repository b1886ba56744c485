//! Custom resources of AI operators: what they say beyond the pods that they make.
//!
//! | part | what it reads |
//! |---|---|
//! | [`kserve`] | inference services with their canaries, graphs, models served by others |
//! | [`seldon`] | deployments with predictors and shadows, experiments |
//! | [`ray`] | the applications of a service, the command of a job |
//! | [`agent`] | agents, their models and tools; MCP servers; gateways for models |
//! | [`models`] | any resource: where models and data sets lie, which secrets it names |

mod agent;
mod kserve;
mod models;
mod ray;
mod seldon;

use crate::object::{Identity, at, items, text};
use crate::pod::Container;
use crate::report::{Report, SCHEME, Share, Subject};
use crate::resource::Resource;
use crate::signs::Named;
use inventar_plugin_sdk::{Asset, AssetRef};
use serde_json::Value;

/// Edges and assets beyond the object itself. `relation`: how it stands to the models that it names.
pub fn read(
    report: &mut Report<'_>,
    resource: &Resource,
    identity: &Identity,
    object: &Value,
    relation: &str,
) {
    let subject = Subject::object(identity);
    match (resource.group, resource.kind) {
        ("serving.kserve.io", _) => kserve::read(report, identity, object),
        ("machinelearning.seldon.io" | "mlops.seldon.io", _) => seldon::read(report, identity, object),
        ("ray.io", _) => ray::read(report, &subject, object),
        ("kagent.dev" | "toolhive.stacklok.dev" | "aigateway.envoyproxy.io", _)
        | ("inference.networking.x-k8s.io" | "inference.networking.k8s.io", _) => {
            agent::read(report, identity, object);
        }
        ("ollama.ayaka.io", _) => {
            let named = text(object, &["spec", "image"]);
            name_model(report, &subject, relation, named, "served-model");
        }
        ("kaito.sh", _) => {
            for part in ["inference", "tuning"] {
                let preset = text(object, &[part, "preset", "name"])
                    .or_else(|| text(object, &["spec", part, "preset", "name"]));
                let relation = if part == "tuning" { "derived-from" } else { relation };
                name_model(report, &subject, relation, preset, "preset");
            }
        }
        ("apps.nvidia.com", _) => {
            let repository = text(object, &["spec", "image", "repository"]);
            if let (Some(repository), tag) = (repository, text(object, &["spec", "image", "tag"])) {
                let reference = tag.map_or(repository.to_owned(), |tag| format!("{repository}:{tag}"));
                report.image(&subject, &reference, None);
            }
        }
        _ => {}
    }
    models::read(report, &subject, object, relation);
}

/// Properties that only custom resources have.
pub fn describe(asset: Asset, resource: &Resource, object: &Value) -> Asset {
    let spec = |path: &[&str]| at(object, &["spec"]).and_then(|spec| text(spec, path)).map(str::to_owned);
    match resource.group {
        "serving.kserve.io" => asset
            .maybe(
                "model-format",
                spec(&["predictor", "model", "modelFormat", "name"]).or_else(|| kserve::framework(object)),
            )
            .maybe("runtime", spec(&["predictor", "model", "runtime"]))
            .maybe(
                "canary-percent",
                at(object, &["spec", "predictor", "canaryTrafficPercent"]).and_then(Value::as_u64),
            ),
        "ray.io" => asset.maybe(
            "ray-version",
            spec(&["rayClusterConfig", "rayVersion"])
                .or_else(|| spec(&["rayVersion"]))
                .or_else(|| spec(&["rayClusterSpec", "rayVersion"])),
        ),
        "trainer.kubeflow.org" => asset.maybe("runtime", spec(&["runtimeRef", "name"])),
        "kagent.dev" => asset
            .maybe("agent-type", spec(&["type"]))
            .maybe("model-provider", spec(&["provider"]))
            .maybe("transport", spec(&["transportType"]).or_else(|| spec(&["protocol"]))),
        "toolhive.stacklok.dev" => asset.maybe("transport", spec(&["transport"])),
        "aigateway.envoyproxy.io" => asset.maybe("schema", spec(&["schema", "name"])),
        _ => asset,
    }
}

/// How it is, in the operator's words.
pub fn state(object: &Value) -> Option<String> {
    let status = object.get("status")?;
    let conditions = items(status, &["conditions"]);
    let holds = |name: &str| {
        conditions.iter().any(|condition| {
            text(condition, &["type"]) == Some(name) && text(condition, &["status"]) == Some("True")
        })
    };
    let ended = ["Failed", "Succeeded", "Complete", "Completed", "Ready", "Running"];
    let by_condition = ended.iter().find(|name| holds(name)).map(|name| name.to_ascii_lowercase());
    let words = ["jobStatus", "jobDeploymentStatus", "serviceStatus", "state", "phase"];
    by_condition.or_else(|| words.iter().find_map(|word| text(status, &[word])).map(str::to_ascii_lowercase))
}

/// An Argo rollout in the middle of a canary.
pub fn rollout(report: &mut Report<'_>, identity: &Identity, object: &Value) {
    let subject = Subject::object(identity);
    let mut shares = vec![];
    for part in ["stable", "canary"] {
        let weights = at(object, &["status", "canary", "weights", part]);
        let Some(weight) = weights.and_then(|weights| weights.get("weight")?.as_f64()) else { continue };
        let hash = weights.and_then(|weights| text(weights, &["podTemplateHash"]));
        let name = hash.map_or(part.to_owned(), |hash| format!("{}-{hash}", identity.name));
        shares.push(Share { target: variant(report, &subject, identity, &name), weight: Some(weight) });
    }
    report.split(&subject, &shares, "rollout-weights");
}

/// A revision, predictor or subset that takes a share of the traffic.
pub fn variant(report: &mut Report<'_>, subject: &Subject, of: &Identity, name: &str) -> AssetRef {
    let id = format!("{}/{name}", of.id());
    report.asset(
        Asset::new(id.clone(), "deployment", name)
            .identifier(SCHEME, id.clone())
            .maybe("namespace", of.namespace.as_deref())
            .property("of", of.id())
            .seen(subject.said("traffic")),
    );
    AssetRef::here(id)
}

/// The edge to a model whose id stands where only ids stand.
fn name_model(report: &mut Report<'_>, subject: &Subject, relation: &str, id: Option<&str>, rule: &str) {
    if let Some(id) = id {
        let named = Named { text: id.to_owned(), is_sure: true };
        report.model(subject, relation, &named, rule);
    }
}

/// What is written like a container where no pod specification stands.
fn like_container(report: &mut Report<'_>, subject: &Subject, value: &Value) {
    let container = Container::read(value);
    if let Some(image) = container.image {
        report.image(subject, image, None);
    }
    for variable in &container.env {
        if let Some((secret, _)) = variable.secret {
            report.secret(subject, secret, std::iter::once(variable.name));
        }
    }
    let command = crate::command::Command::read(&container.words);
    for model in command.models {
        name_model(report, subject, "serves", Some(model), "model-argument");
    }
}
