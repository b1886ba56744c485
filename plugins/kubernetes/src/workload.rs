//! Workloads: what a controller of pods, a custom resource or a pod itself becomes in the inventory.

use crate::custom;
use crate::object::{Identity, at, entries, label, owner, text};
use crate::pod::PodSpec;
use crate::report::{Report, SCHEME, Subject};
use crate::resource::{Reading, Resource};
use crate::server::Role;
use crate::signs::{Reason, Signs};
use inventar_plugin_sdk::{Asset, AssetRef};
use serde_json::Value;

/// Labels that queueing systems read.
const QUEUES: &[&str] = &["kueue.x-k8s.io/queue-name", "volcano.sh/queue-name", "kai.scheduler/queue"];

/// Reports an object of a resource, if it is AI and people made it.
pub fn report(report: &mut Report<'_>, resource: &Resource, object: &Value) {
    let Some(identity) = Identity::of(resource.group, resource.kind, object) else { return };
    let specs = PodSpec::all(object);
    match resource.reading {
        Reading::Controller => {
            let signs = Signs::of(&specs, false);
            if !signs.is_ai() {
                return;
            }
            // What another controller made is said of that one.
            let owner = owner(object).unwrap_or_else(|| identity.clone());
            self::controller(report, &owner, object, &signs);
            if owner == identity && resource.kind == "Rollout" {
                custom::rollout(report, &identity, object);
            }
        }
        Reading::Custom(kind) => {
            let owner = owner(object).filter(|owner| owner.resource().is_some());
            let signs = Signs::of(&specs, true);
            if let Some(owner) = owner.filter(|owner| *owner != identity) {
                let subject = Subject::object(&owner);
                report.surroundings(&subject, &signs, relation_to_models(&signs));
                return;
            }
            self::custom(report, resource, kind, &identity, object, &signs);
        }
    }
}

/// Reports the pods' controller, or a pod that has none, from what its pods are.
pub fn controller(report: &mut Report<'_>, identity: &Identity, object: &Value, signs: &Signs) {
    let kind = match identity.resource().map(|resource| resource.reading) {
        Some(Reading::Custom(kind)) => kind,
        _ => "workload",
    };
    let known = identity.resource().and_then(Resource::known);
    let category = known.map(|known| known.category).or(signs.role.map(Role::word));
    report.object(identity, kind, &signs.reasons, |asset| {
        let asset = asset
            .maybe("provider", known.map(|known| known.provider).or(signs.provider))
            .maybe("category", category);
        // What a pod or a replica says of itself is not what its owner says.
        let is_itself = text(object, &["metadata", "name"]) == Some(identity.name.as_str());
        described(asset, if is_itself { object } else { &Value::Null }, signs)
    });
    let subject = Subject::object(identity);
    report.surroundings(&subject, signs, relation_to_models(signs));
    mcp(report, identity, &subject, signs);
}

fn custom(
    report: &mut Report<'_>,
    resource: &Resource,
    kind: &str,
    identity: &Identity,
    object: &Value,
    signs: &Signs,
) {
    let known = resource.known();
    let by_type = Reason {
        rule: "custom-resource",
        confidence: 95,
        says: format!("{}/{}", resource.group, resource.kind),
    };
    let mut reasons = vec![by_type];
    reasons.extend(signs.reasons.iter().cloned());
    report.object(identity, kind, &reasons, |asset| {
        let asset = asset
            .maybe("provider", known.map(|known| known.provider))
            .maybe("category", known.map(|known| known.category));
        let asset = described(asset, object, signs).maybe("state", custom::state(object));
        custom::describe(asset, resource, object)
    });
    let subject = Subject::object(identity);
    let relation = match kind {
        "workload" | "deployment" | "endpoint" => "serves",
        _ => "uses",
    };
    report.surroundings(&subject, signs, relation);
    custom::read(report, resource, identity, object, relation);
}

/// Properties that any workload may have.
fn described(asset: Asset, object: &Value, signs: &Signs) -> Asset {
    let replicas = at(object, &["spec", "replicas"]).and_then(Value::as_u64);
    let queue = QUEUES.iter().find_map(|name| label(object, name));
    let team = entries(object, &["metadata", "labels"])
        .find(|(name, _)| matches!(*name, "team" | "owner" | "app.kubernetes.io/managed-by"))
        .and_then(|(_, value)| value.as_str());
    let accelerators: Vec<String> =
        signs.accelerators.iter().map(|(name, count)| format!("{name}: {count}")).collect();
    let mut asset = asset
        .maybe("software", signs.software)
        .maybe("replicas", replicas)
        .maybe("queue", queue)
        .maybe("owner", team)
        .maybe("scheduler", signs.scheduler.as_deref())
        .maybe("accelerator-product", signs.accelerator_product.as_deref());
    if !accelerators.is_empty() {
        asset = asset.property("accelerators", accelerators);
    }
    if !signs.served_names.is_empty() {
        let names: Vec<String> = signs.served_names.iter().cloned().collect();
        asset = asset.property("served-model-names", names);
    }
    if !signs.inline_secrets.is_empty() {
        let names: Vec<String> = signs.inline_secrets.iter().cloned().collect();
        asset = asset.property("inline-secrets", names);
    }
    asset
}

/// How a workload stands to the models that it names.
fn relation_to_models(signs: &Signs) -> &'static str {
    match signs.role {
        Some(Role::Inference) => "serves",
        _ => "uses",
    }
}

/// A workload that is an MCP server is one in the inventory too.
fn mcp(report: &mut Report<'_>, identity: &Identity, subject: &Subject, signs: &Signs) {
    if signs.role != Some(Role::Mcp) {
        return;
    }
    let key = format!("{}/mcp", identity.id());
    let mut asset = Asset::new(key.clone(), "mcp-server", identity.name.as_str())
        .identifier(SCHEME, key.clone())
        .maybe("namespace", identity.namespace.as_deref())
        .maybe("package", signs.mcp_package.as_deref());
    for reason in signs.reasons.iter().take(2) {
        asset = asset.seen(subject.said(reason.rule).confidence(reason.confidence).snippet(&reason.says));
    }
    report.asset(asset);
    report.edge(subject, "serves", AssetRef::here(key), "mcp-server");
}
