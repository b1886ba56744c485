//! Pod specifications, wherever an object holds them.

use crate::object::{at, entries, items, text};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// How deep a pod specification may stand in an object.
const MAX_DEPTH: usize = 12;

/// How many pod specifications of one object are looked at.
const MAX_SPECS: usize = 64;

/// Words of one container's command that are looked at.
const MAX_WORDS: usize = 2_000;

/// What accelerators are called where a container asks for one: a whole name, or with `*` its beginning.
const ACCELERATORS: &[&str] = &[
    "nvidia.com/gpu*",
    "nvidia.com/mig-*",
    "amd.com/gpu",
    "gpu.intel.com/*",
    "intel.com/gpu*",
    "habana.ai/gaudi*",
    "google.com/tpu",
    "cloud-tpus.google.com/*",
    "aws.amazon.com/neuron*",
    "huawei.com/Ascend*",
    "qualcomm.com/qaic",
    "furiosa.ai/*",
    "rebellions.ai/*",
    "cambricon.com/*",
    "volcano.sh/vgpu-*",
    "tencent.com/vcuda-core",
];

/// Labels of nodes that say which accelerator they have.
const ACCELERATOR_LABELS: &[&str] = &[
    "nvidia.com/gpu.product",
    "cloud.google.com/gke-accelerator",
    "cloud.google.com/gke-tpu-accelerator",
    "amd.com/gpu.product-name",
    "amd.com/gpu.family",
    "habana.ai/device-type",
    "k8s.amazonaws.com/accelerator",
    "karpenter.k8s.aws/instance-gpu-name",
    "accelerator",
];

/// Whether a resource is an accelerator.
pub fn is_accelerator(resource: &str) -> bool {
    ACCELERATORS.iter().any(|known| match known.strip_suffix('*') {
        Some(front) => resource.starts_with(front),
        None => resource == *known,
    })
}

/// The product that labels or selectors of nodes name.
pub fn accelerator_product(labels: &Value) -> Option<&str> {
    ACCELERATOR_LABELS.iter().find_map(|name| labels.get(name)?.as_str()).filter(|text| !text.is_empty())
}

/// Accelerators and how many of each, in a table of resources.
pub fn accelerators(resources: &Value) -> BTreeMap<String, u64> {
    entries(resources, &[])
        .filter(|(name, _)| is_accelerator(name))
        .filter_map(|(name, count)| {
            let count = count.as_u64().or_else(|| count.as_str()?.parse().ok())?;
            (count > 0).then(|| (name.to_owned(), count))
        })
        .collect()
}

/// A container.
#[derive(Debug, Default)]
pub struct Container<'v> {
    /// Its name in the pod.
    pub name: &'v str,
    /// The image's reference as written.
    pub image: Option<&'v str>,
    /// Command and arguments; lines for a shell are taken apart.
    pub words: Vec<&'v str>,
    /// Variables.
    pub env: Vec<Variable<'v>>,
    /// Secrets whose keys all become variables.
    pub env_from: Vec<&'v str>,
    /// Ports it listens on.
    pub ports: BTreeSet<u64>,
    /// What it asks for.
    pub accelerators: BTreeMap<String, u64>,
}

/// A variable of a container.
#[derive(Debug)]
pub struct Variable<'v> {
    /// Its name.
    pub name: &'v str,
    /// What the specification itself says.
    pub value: Option<&'v str>,
    /// The secret that holds it, and under which key.
    pub secret: Option<(&'v str, &'v str)>,
}

/// A pod specification.
#[derive(Debug, Default)]
pub struct PodSpec<'v> {
    /// Those that start it up come last.
    pub containers: Vec<Container<'v>>,
    /// Under which it runs.
    pub service_account: Option<&'v str>,
    /// Secrets that are mounted.
    pub mounted_secrets: Vec<&'v str>,
    /// The accelerator that its node must have.
    pub accelerator_product: Option<&'v str>,
    /// Whether it claims a device of a class that sounds like an accelerator.
    pub runtime_class: Option<&'v str>,
    /// Who places it, when it is not the usual scheduler.
    pub scheduler: Option<&'v str>,
    /// Labels of the pods.
    pub labels: BTreeMap<&'v str, &'v str>,
}

impl<'v> Container<'v> {
    /// Of anything that is written like a container.
    pub fn read(value: &'v Value) -> Self {
        let mut words = vec![];
        for list in ["command", "args"] {
            for word in items(value, &[list]).iter().filter_map(Value::as_str) {
                if word.trim().contains([' ', '\n', '\t']) {
                    words.extend(
                        word.split_whitespace().map(|word| word.trim_matches(['"', '\'', '\\', ';'])),
                    );
                } else {
                    words.push(word.trim());
                }
                words.truncate(MAX_WORDS);
            }
        }
        let variable = |variable: &'v Value| {
            let reference = at(variable, &["valueFrom", "secretKeyRef"]);
            Some(Variable {
                name: text(variable, &["name"])?,
                value: text(variable, &["value"]),
                secret: reference
                    .and_then(|secret| Some((text(secret, &["name"])?, text(secret, &["key"])?))),
            })
        };
        let mut accelerators = accelerators(&value["resources"]["requests"]);
        accelerators.extend(self::accelerators(&value["resources"]["limits"]));
        Self {
            name: text(value, &["name"]).unwrap_or_default(),
            image: text(value, &["image"]),
            words: words.into_iter().filter(|word| !word.is_empty()).collect(),
            env: items(value, &["env"]).iter().filter_map(variable).collect(),
            env_from: items(value, &["envFrom"])
                .iter()
                .filter_map(|from| text(from, &["secretRef", "name"]))
                .collect(),
            ports: items(value, &["ports"])
                .iter()
                .filter_map(|port| port.get("containerPort")?.as_u64())
                .collect(),
            accelerators,
        }
    }
}

impl<'v> PodSpec<'v> {
    /// Of a value with `containers`; `template` is what it is the `spec` of.
    fn read(spec: &'v Value, template: Option<&'v Value>) -> Self {
        let containers = ["containers", "initContainers"]
            .iter()
            .flat_map(|list| items(spec, &[list]))
            .map(Container::read)
            .collect();
        let mut mounted_secrets = vec![];
        for volume in items(spec, &["volumes"]) {
            mounted_secrets.extend(text(volume, &["secret", "secretName"]));
            let sources = items(volume, &["projected", "sources"]);
            mounted_secrets.extend(sources.iter().filter_map(|source| text(source, &["secret", "name"])));
        }
        let labels = template.map(|template| entries(template, &["metadata", "labels"]));
        Self {
            containers,
            service_account: text(spec, &["serviceAccountName"]).or_else(|| text(spec, &["serviceAccount"])),
            mounted_secrets,
            accelerator_product: spec.get("nodeSelector").and_then(accelerator_product),
            runtime_class: text(spec, &["runtimeClassName"]),
            scheduler: text(spec, &["schedulerName"]).filter(|name| *name != "default-scheduler"),
            labels: labels
                .into_iter()
                .flatten()
                .filter_map(|(name, value)| Some((name, value.as_str()?)))
                .collect(),
        }
    }

    /// Every pod specification of an object, in the order in which they stand in it.
    pub fn all(object: &'v Value) -> Vec<Self> {
        let mut found = vec![];
        find(object, None, 0, &mut found);
        found
    }
}

fn find<'v>(value: &'v Value, parent: Option<&'v Value>, depth: usize, found: &mut Vec<PodSpec<'v>>) {
    if depth > MAX_DEPTH || found.len() >= MAX_SPECS {
        return;
    }
    match value {
        Value::Object(table) => {
            let containers = items(value, &["containers"]);
            if containers
                .iter()
                .any(|container| container.get("image").is_some() || container.get("name").is_some())
            {
                found.push(PodSpec::read(value, parent));
                return;
            }
            for (key, inner) in table {
                if !matches!(key.as_str(), "status" | "metadata" | "managedFields") {
                    find(inner, Some(value), depth + 1, found);
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|inner| find(inner, parent, depth + 1, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn specifications_are_found_where_they_stand() {
        let ray = json!({"spec": {"headGroupSpec": {"template": {"metadata": {"labels": {"a": "b"}},
            "spec": {"containers": [{"name": "head", "image": "rayproject/ray"}]}}},
            "workerGroupSpecs": [{"template": {"spec": {"containers": [{"name": "worker"}]}}}]},
            "status": {"containers": [{"name": "no"}]}});
        let specs = PodSpec::all(&ray);
        let names: Vec<&str> = specs.iter().map(|spec| spec.containers[0].name).collect();
        assert_eq!(names, ["head", "worker"]);
        assert_eq!(specs[0].labels.get("a"), Some(&"b"));
    }

    #[test]
    fn containers() {
        let value = json!({"name": "m", "image": "x", "command": ["sh", "-c", "exec vllm serve \"org/name\" "],
            "args": ["--port=80"], "env": [{"name": "K", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}],
            "envFrom": [{"secretRef": {"name": "all"}}, {"configMapRef": {"name": "no"}}],
            "ports": [{"containerPort": 11434}],
            "resources": {"requests": {"nvidia.com/mig-1g.5gb": 1, "cpu": "1"}, "limits": {"nvidia.com/gpu": "0"}}});
        let container = Container::read(&value);
        assert_eq!(container.words, ["sh", "-c", "exec", "vllm", "serve", "org/name", "--port=80"]);
        assert_eq!(container.env[0].secret, Some(("s", "k")));
        assert_eq!(container.env_from, ["all"]);
        assert_eq!(container.accelerators, BTreeMap::from([("nvidia.com/mig-1g.5gb".to_owned(), 1)]));
    }

    #[test]
    fn accelerator_names() {
        for name in ["nvidia.com/gpu", "nvidia.com/gpu.shared", "gpu.intel.com/i915", "google.com/tpu"] {
            assert!(is_accelerator(name), "{name}");
        }
        for name in ["cpu", "memory", "example.com/gpu-ish", "hugepages-2Mi"] {
            assert!(!is_accelerator(name), "{name}");
        }
    }
}
