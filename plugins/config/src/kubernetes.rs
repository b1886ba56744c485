//! Kubernetes manifests: resources of AI operators, and workloads that run AI images, ask for accelerators or take keys.

use crate::compose::has_key;
use crate::look::Look;
use crate::settings::{self, Context};
use inventar_analysis::model;
use inventar_catalogue::{container_image, resource_type};
use inventar_documents::{Node, Value};
use std::ops::Range;

/// What an accelerator is called where a container asks for one.
const ACCELERATORS: &[&str] = &[
    "nvidia.com/gpu",
    "amd.com/gpu",
    "gpu.intel.com/xe",
    "gpu.intel.com/i915",
    "habana.ai/gaudi",
    "google.com/tpu",
    "aws.amazon.com/neuron",
    "aws.amazon.com/neuroncore",
    "cloud-tpus.google.com/v5e",
    "huawei.com/Ascend910",
    "nvidia.com/mig-1g.5gb",
    "intel.com/gpu",
];

const WORKLOADS: &[&str] =
    &["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Pod", "ReplicaSet", "Rollout", "Service"];

/// It has a version and a kind, and is about something.
pub(crate) fn is_manifest(root: &Node) -> bool {
    let has = |key: &str| root.get(key).and_then(Node::text).is_some();
    has("apiVersion") && has("kind")
}

pub(crate) fn read(look: &mut Look<'_>, root: &Node) {
    let text = |key: &str| root.get(key).and_then(Node::text).unwrap_or_default();
    let (version, kind) = (text("apiVersion"), text("kind"));
    if kind == "List" {
        root.get("items")
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .filter(|item| is_manifest(item))
            .for_each(|item| {
                read(look, item);
            });
        return;
    }
    // Definitions of types describe fields, they set nothing.
    if matches!(
        kind,
        "CustomResourceDefinition" | "ClusterRole" | "Role" | "RoleBinding" | "ClusterRoleBinding"
    ) {
        return;
    }
    let group = version.split('/').next().unwrap_or_default();
    let known = resource_type("kubernetes", &format!("{group}/{kind}"));
    let name = root.get("metadata").and_then(|metadata| metadata.get("name"));
    let at = name.map_or_else(|| kind_span(root), |name| name.span.clone());
    let name = name.and_then(Node::text).filter(|name| !name.contains("__"));
    // A template is named after its file.
    let file = look.path().rsplit('/').next().unwrap_or_default().split('.').next().unwrap_or_default();
    let name = name.unwrap_or(if file.is_empty() { kind } else { file }).to_owned();
    if let Some(known) = known {
        let key = look.workload(&name, kind, &at, 95);
        look.out.property(&key, "provider", known.provider);
        look.out.property(&key, "category", known.category);
        look.owner = Some(key);
    } else if WORKLOADS.contains(&kind) && kind != "Service" {
        let mut found = Found::default();
        find(root, &mut found, 0);
        if found.has_image || found.accelerator.is_some() || has_key(root, 0) {
            let confidence = if found.has_image { 95 } else { 80 };
            let key = look.workload(&name, kind, &at, confidence);
            if let Some(accelerator) = found.accelerator {
                look.out.property(&key, "accelerator", accelerator);
            }
            look.owner = Some(key);
        }
    }
    let is_ai = look.owner.is_some();
    served(look, root);
    for entry in root.entries().iter().filter(|entry| entry.key != "metadata") {
        // A file inside a ConfigMap is settings of its own.
        if kind == "ConfigMap" && entry.key == "data" {
            for file in entry.node.entries() {
                embedded(look, &file.key, &file.node);
            }
        }
        settings::walk(look, &entry.node, Context::of_ai(is_ai && known.is_some()));
    }
    look.owner = None;
}

fn kind_span(root: &Node) -> Range<usize> {
    root.get("kind").map_or(root.span.clone(), |kind| kind.span.clone())
}

#[derive(Debug, Default)]
struct Found {
    has_image: bool,
    accelerator: Option<&'static str>,
}

fn find(node: &Node, found: &mut Found, depth: usize) {
    if depth > 40 {
        return;
    }
    for entry in node.entries() {
        if entry.key == "image" && entry.node.text().is_some_and(|image| container_image(image).is_some()) {
            found.has_image = true;
        }
        if let Some(name) = ACCELERATORS.iter().find(|name| **name == entry.key) {
            found.accelerator = Some(name);
        }
        find(&entry.node, found, depth + 1);
    }
    node.items().iter().for_each(|item| find(item, found, depth + 1));
}

/// KServe and its kin: where the served model lies.
fn served(look: &mut Look<'_>, root: &Node) {
    let mut queue = vec![(root, 0)];
    while let Some((node, depth)) = queue.pop() {
        for entry in node.entries() {
            if matches!(
                entry.key.as_str(),
                "storageUri" | "sourceModelUri" | "modelUri" | "modelURL" | "model_uri" | "uri" | "url"
            ) && let Some(text) = entry.node.text()
                && (text.starts_with("hf://")
                    || text.starts_with("ollama://")
                    || entry.key == "modelURL" && model::is_hub_id(text))
            {
                look.model(text, &entry.node.span, true, "served-model");
            }
            if depth < 30 {
                queue.push((&entry.node, depth + 1));
            }
        }
        if depth < 30 {
            queue.extend(node.items().iter().map(|item| (item, depth + 1)));
        }
    }
}

/// `data: {OPENAI_MODEL: gpt-4o, config.yaml: |…}`: what a file in it says, at the place of its text.
fn embedded(look: &mut Look<'_>, name: &str, node: &Node) {
    let Value::Text(text) = &node.value else { return };
    let Some(format) = inventar_documents::Format::of(name) else { return };
    let Ok(Some(inner)) = inventar_documents::parse(text, format) else { return };
    // The places inside are those of the inner text; all of it is shown at the outer one.
    let inner = inner.placed(&node.span);
    settings::walk(look, &inner, Context::default());
}
