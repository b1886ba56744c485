//! An object of the API: who it is, and to whom it belongs.

use crate::resource::{self, Resource};
use serde_json::Value;

/// A text below a path of keys.
pub fn text<'v>(value: &'v Value, path: &[&str]) -> Option<&'v str> {
    at(value, path)?.as_str().filter(|text| !text.is_empty())
}

/// What stands below a path of keys.
pub fn at<'v>(value: &'v Value, path: &[&str]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, key| value.get(key))
}

/// The items of a list below a path of keys.
pub fn items<'v>(value: &'v Value, path: &[&str]) -> &'v [Value] {
    at(value, path).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The entries of a table below a path of keys.
pub fn entries<'v>(value: &'v Value, path: &[&str]) -> impl Iterator<Item = (&'v str, &'v Value)> + use<'v> {
    at(value, path).and_then(Value::as_object).into_iter().flatten().map(|(key, value)| (key.as_str(), value))
}

/// A label of an object.
pub fn label<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    text(value, &["metadata", "labels", name])
}

/// Who an object is: enough to speak of one that was not read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    /// `core` for the first group.
    pub group: String,
    /// As in `kind:`.
    pub kind: String,
    /// None: of the cluster.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
}

/// Kinds that several groups have: whose is meant is told by the group.
const SHARED_KINDS: &[&str] =
    &["Job", "Service", "Model", "Experiment", "Pipeline", "MCPServer", "InferencePool", "Server"];

/// Groups whose kinds need no telling apart.
const PLAIN_GROUPS: &[&str] = &["core", "apps", "batch"];

impl Identity {
    /// An object of a resource.
    pub fn new(group: &str, kind: &str, namespace: Option<&str>, name: &str) -> Self {
        Self {
            group: group.to_owned(),
            kind: kind.to_owned(),
            namespace: namespace.map(str::to_owned),
            name: name.to_owned(),
        }
    }

    /// Of an object that was read. None: it has no name.
    pub fn of(group: &str, kind: &str, object: &Value) -> Option<Self> {
        let name = text(object, &["metadata", "name"])?;
        Some(Self::new(group, kind, text(object, &["metadata", "namespace"]), name))
    }

    /// `namespace/kind/name`, the identifier of scheme `x-kubernetes`; without a namespace `kind/name`.
    pub fn id(&self) -> String {
        let mut kind = self.kind.to_ascii_lowercase();
        if SHARED_KINDS.contains(&self.kind.as_str()) && !PLAIN_GROUPS.contains(&self.group.as_str()) {
            kind = format!("{kind}.{}", self.group);
        }
        match &self.namespace {
            Some(namespace) => format!("{namespace}/{kind}/{}", self.name),
            None => format!("{kind}/{}", self.name),
        }
    }

    /// The object for people and for evidence: `apps Deployment fraud/vllm`.
    pub fn place(&self) -> String {
        let name = match &self.namespace {
            Some(namespace) => format!("{namespace}/{}", self.name),
            None => self.name.clone(),
        };
        format!("{} {} {name}", self.group, self.kind)
    }

    /// The row of the table that reports it.
    pub fn resource(&self) -> Option<&'static Resource> {
        resource::of_kind(&self.group, &self.kind)
    }
}

/// The group of an `apiVersion`.
fn group_of(version: &str) -> &str {
    version.split_once('/').map_or("core", |(group, _)| group)
}

/// Who controls an object, as its owner reference says.
fn controller(object: &Value) -> Option<Identity> {
    let references = items(object, &["metadata", "ownerReferences"]);
    let of_controller = |reference: &&Value| reference["controller"].as_bool() == Some(true);
    let reference = references.iter().find(of_controller).or_else(|| references.first())?;
    Some(Identity::new(
        group_of(text(reference, &["apiVersion"])?),
        text(reference, &["kind"])?,
        text(object, &["metadata", "namespace"]),
        text(reference, &["name"])?,
    ))
}

/// Labels by which operators mark what they made, several steps down: label, group, kind.
const MARKS: &[(&str, &str, &str)] = &[
    ("serving.kserve.io/inferenceservice", "serving.kserve.io", "InferenceService"),
    ("serving.kserve.io/inferencegraph", "serving.kserve.io", "InferenceGraph"),
    ("seldon-deployment-id", "machinelearning.seldon.io", "SeldonDeployment"),
    ("notebook-name", "kubeflow.org", "Notebook"),
    ("leaderworkerset.sigs.k8s.io/name", "leaderworkerset.x-k8s.io", "LeaderWorkerSet"),
    ("serving.knative.dev/service", "serving.knative.dev", "Service"),
    ("jobset.sigs.k8s.io/jobset-name", "jobset.x-k8s.io", "JobSet"),
    ("volcano.sh/job-name", "batch.volcano.sh", "Job"),
    ("ray.io/cluster", "ray.io", "RayCluster"),
];

/// The object that people made and that this one belongs to; none: people made this one.
pub fn owner(object: &Value) -> Option<Identity> {
    let namespace = text(object, &["metadata", "namespace"]);
    // What a label says counts only for what has an owner: anybody can write a label.
    let direct = controller(object)?;
    if let (Some(name), Some(kind)) =
        (label(object, "ray.io/originated-from-cr-name"), label(object, "ray.io/originated-from-crd"))
    {
        return Some(Identity::new("ray.io", kind, namespace, name));
    }
    for (mark, group, kind) in MARKS {
        if let Some(name) = label(object, mark) {
            return Some(Identity::new(group, kind, namespace, name));
        }
    }
    // A replica set is named after its deployment and the hash of the template.
    if direct.kind == "ReplicaSet" {
        let of = |mark: &str| {
            let hash = label(object, mark)?;
            direct.name.strip_suffix(hash)?.strip_suffix('-')
        };
        if let Some(name) = of("rollouts-pod-template-hash") {
            return Some(Identity::new("argoproj.io", "Rollout", namespace, name));
        }
        if let Some(name) = of("pod-template-hash") {
            return Some(Identity::new("apps", "Deployment", namespace, name));
        }
    }
    // A cron job names its jobs after the minute for which they were due.
    if direct.kind == "Job"
        && direct.group == "batch"
        && let Some((name, minute)) = direct.name.rsplit_once('-')
        && (8..=10).contains(&minute.len())
        && minute.bytes().all(|byte| byte.is_ascii_digit())
    {
        return Some(Identity::new("batch", "CronJob", namespace, name));
    }
    // The node itself runs it: a static pod.
    (direct.kind != "Node").then_some(direct)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(labels: Value, owner_version: &str, kind: &str, name: &str, expected: Option<&str>) {
        let object = json!({"metadata": {"namespace": "ml", "name": "x", "labels": labels, "ownerReferences":
            [{"apiVersion": owner_version, "kind": kind, "name": name, "controller": true}]}});
        assert_eq!(owner(&object).map(|owner| owner.id()).as_deref(), expected);
    }

    #[test]
    fn owners() {
        check(
            json!({"pod-template-hash": "6c9f"}),
            "apps/v1",
            "ReplicaSet",
            "bot-6c9f",
            Some("ml/deployment/bot"),
        );
        check(
            json!({"rollouts-pod-template-hash": "1a"}),
            "apps/v1",
            "ReplicaSet",
            "b-1a",
            Some("ml/rollout/b"),
        );
        check(json!({}), "apps/v1", "ReplicaSet", "alone", Some("ml/replicaset/alone"));
        check(json!({}), "apps/v1", "StatefulSet", "db", Some("ml/statefulset/db"));
        check(json!({}), "batch/v1", "Job", "nightly-28394820", Some("ml/cronjob/nightly"));
        check(json!({}), "batch/v1", "Job", "train-1", Some("ml/job/train-1"));
        check(json!({}), "batch.volcano.sh/v1alpha1", "Job", "t", Some("ml/job.batch.volcano.sh/t"));
        check(json!({}), "v1", "Node", "n1", None);
        check(
            json!({"serving.kserve.io/inferenceservice": "iris", "pod-template-hash": "6"}),
            "apps/v1",
            "ReplicaSet",
            "iris-predictor-6",
            Some("ml/inferenceservice/iris"),
        );
        check(
            json!({"ray.io/originated-from-cr-name": "rs", "ray.io/originated-from-crd": "RayService"}),
            "ray.io/v1",
            "RayCluster",
            "rs-raycluster-x",
            Some("ml/rayservice/rs"),
        );
        // Nobody owns it, whatever its labels say.
        assert_eq!(owner(&json!({"metadata": {"labels": {"ray.io/cluster": "c"}}})), None);
    }
}
