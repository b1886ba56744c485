//! The kinds of objects that are looked at: the table behind the scopes and behind the permissions of the manifest.

use inventar_catalogue::{ResourceType, resource_type};

/// What is made of the objects of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// A controller of pods, AI when its pods are.
    Controller,
    /// AI by its type; what it is in the inventory.
    Custom(&'static str),
}

/// A resource of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resource {
    /// `core` for the first one.
    pub group: &'static str,
    /// As in paths.
    pub plural: &'static str,
    /// As in `kind:`.
    pub kind: &'static str,
    /// What is made of it.
    pub reading: Reading,
    /// Whether its objects stand in a namespace.
    pub is_namespaced: bool,
}

impl Resource {
    /// `apps/deployments`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.group, self.plural)
    }

    /// The permission that listing it needs.
    pub fn action(&self) -> String {
        list_action(self.group, self.plural)
    }

    /// What the catalogue knows of a custom resource.
    pub fn known(&self) -> Option<&'static ResourceType> {
        resource_type("kubernetes", &format!("{}/{}", self.group, self.kind))
    }
}

/// `list apps/deployments`: a permission as the manifest and the operator read it.
pub fn list_action(group: &str, plural: &str) -> String {
    format!("list {group}/{plural}")
}

const fn controller(group: &'static str, plural: &'static str, kind: &'static str) -> Resource {
    Resource { group, plural, kind, reading: Reading::Controller, is_namespaced: true }
}

const fn custom(
    group: &'static str,
    plural: &'static str,
    kind: &'static str,
    asset: &'static str,
) -> Resource {
    Resource { group, plural, kind, reading: Reading::Custom(asset), is_namespaced: true }
}

const fn cluster_wide(
    group: &'static str,
    plural: &'static str,
    kind: &'static str,
    asset: &'static str,
) -> Resource {
    Resource { group, plural, kind, reading: Reading::Custom(asset), is_namespaced: false }
}

/// Every resource that has a scope of its own.
pub const RESOURCES: &[Resource] = &[
    controller("apps", "deployments", "Deployment"),
    controller("apps", "statefulsets", "StatefulSet"),
    controller("apps", "daemonsets", "DaemonSet"),
    controller("batch", "jobs", "Job"),
    controller("batch", "cronjobs", "CronJob"),
    controller("argoproj.io", "rollouts", "Rollout"),
    controller("batch.volcano.sh", "jobs", "Job"),
    controller("jobset.x-k8s.io", "jobsets", "JobSet"),
    controller("serving.knative.dev", "services", "Service"),
    custom("leaderworkerset.x-k8s.io", "leaderworkersets", "LeaderWorkerSet", "workload"),
    custom("serving.kserve.io", "inferenceservices", "InferenceService", "workload"),
    custom("serving.kserve.io", "llminferenceservices", "LLMInferenceService", "workload"),
    custom("serving.kserve.io", "inferencegraphs", "InferenceGraph", "pipeline"),
    custom("serving.kserve.io", "trainedmodels", "TrainedModel", "deployment"),
    custom("serving.kserve.io", "servingruntimes", "ServingRuntime", "runtime"),
    cluster_wide("serving.kserve.io", "clusterservingruntimes", "ClusterServingRuntime", "runtime"),
    cluster_wide("serving.kserve.io", "localmodelcaches", "LocalModelCache", "store"),
    custom("ray.io", "rayservices", "RayService", "workload"),
    custom("ray.io", "rayclusters", "RayCluster", "workload"),
    custom("ray.io", "rayjobs", "RayJob", "workload"),
    custom("ray.io", "raycronjobs", "RayCronJob", "workload"),
    custom("machinelearning.seldon.io", "seldondeployments", "SeldonDeployment", "workload"),
    custom("mlops.seldon.io", "models", "Model", "deployment"),
    custom("mlops.seldon.io", "pipelines", "Pipeline", "pipeline"),
    custom("mlops.seldon.io", "experiments", "Experiment", "endpoint"),
    custom("mlops.seldon.io", "servers", "Server", "workload"),
    custom("kubeflow.org", "pytorchjobs", "PyTorchJob", "training-run"),
    custom("kubeflow.org", "tfjobs", "TFJob", "training-run"),
    custom("kubeflow.org", "mpijobs", "MPIJob", "training-run"),
    custom("kubeflow.org", "xgboostjobs", "XGBoostJob", "training-run"),
    custom("kubeflow.org", "jaxjobs", "JAXJob", "training-run"),
    custom("kubeflow.org", "paddlejobs", "PaddleJob", "training-run"),
    custom("kubeflow.org", "experiments", "Experiment", "training-run"),
    custom("kubeflow.org", "notebooks", "Notebook", "notebook"),
    custom("kubeflow.org", "scheduledworkflows", "ScheduledWorkflow", "pipeline"),
    custom("trainer.kubeflow.org", "trainjobs", "TrainJob", "training-run"),
    custom("trainer.kubeflow.org", "trainingruntimes", "TrainingRuntime", "runtime"),
    cluster_wide("trainer.kubeflow.org", "clustertrainingruntimes", "ClusterTrainingRuntime", "runtime"),
    custom("pipelines.kubeflow.org", "pipelines", "Pipeline", "pipeline"),
    custom("production-stack.vllm.ai", "vllmruntimes", "VLLMRuntime", "workload"),
    custom("production-stack.vllm.ai", "vllmrouters", "VLLMRouter", "workload"),
    custom("production-stack.vllm.ai", "loraadapters", "LoraAdapter", "deployment"),
    custom("inference.networking.k8s.io", "inferencepools", "InferencePool", "endpoint"),
    custom("inference.networking.x-k8s.io", "inferencepools", "InferencePool", "endpoint"),
    custom("inference.networking.x-k8s.io", "inferencemodels", "InferenceModel", "endpoint"),
    custom("kaito.sh", "workspaces", "Workspace", "workload"),
    custom("kaito.sh", "ragengines", "RAGEngine", "workload"),
    custom("kaito.sh", "inferencesets", "InferenceSet", "workload"),
    custom("apps.nvidia.com", "nimservices", "NIMService", "workload"),
    custom("apps.nvidia.com", "nimcaches", "NIMCache", "store"),
    custom("apps.nvidia.com", "nimpipelines", "NIMPipeline", "pipeline"),
    custom("apps.nvidia.com", "nemoguardrails", "NemoGuardrail", "guardrail"),
    custom("nvidia.com", "dynamographdeployments", "DynamoGraphDeployment", "workload"),
    custom("ollama.ayaka.io", "models", "Model", "workload"),
    custom("kubeai.org", "models", "Model", "workload"),
    custom("gmc.opea.io", "gmconnectors", "GMConnector", "pipeline"),
    custom("kagent.dev", "agents", "Agent", "agent"),
    custom("kagent.dev", "modelconfigs", "ModelConfig", "config"),
    custom("kagent.dev", "mcpservers", "MCPServer", "mcp-server"),
    custom("kagent.dev", "remotemcpservers", "RemoteMCPServer", "mcp-server"),
    custom("kagent.dev", "toolservers", "ToolServer", "mcp-server"),
    custom("toolhive.stacklok.dev", "mcpservers", "MCPServer", "mcp-server"),
    custom("toolhive.stacklok.dev", "virtualmcpservers", "VirtualMCPServer", "mcp-server"),
    custom("aigateway.envoyproxy.io", "aigatewayroutes", "AIGatewayRoute", "endpoint"),
    custom("aigateway.envoyproxy.io", "aiservicebackends", "AIServiceBackend", "endpoint"),
    custom("aigateway.envoyproxy.io", "mcproutes", "MCPRoute", "endpoint"),
    custom("milvus.io", "milvuses", "Milvus", "vector-store"),
    custom("feast.dev", "featurestores", "FeatureStore", "feature-set"),
];

/// The pods themselves, and what is behind the scopes that join several resources: group, plural, whether its objects
/// stand in a namespace.
pub const SUPPORTING: &[(&str, &str, bool)] = &[
    ("core", "pods", true),
    ("core", "nodes", false),
    ("core", "services", true),
    ("core", "serviceaccounts", true),
    ("networking.k8s.io", "ingresses", true),
    ("gateway.networking.k8s.io", "httproutes", true),
    ("networking.istio.io", "virtualservices", true),
    ("rbac.authorization.k8s.io", "rolebindings", true),
    ("rbac.authorization.k8s.io", "roles", true),
    ("rbac.authorization.k8s.io", "clusterrolebindings", false),
    ("rbac.authorization.k8s.io", "clusterroles", false),
];

/// The resource of an owner reference, when it is one that is reported by itself.
pub fn of_kind(group: &str, kind: &str) -> Option<&'static Resource> {
    RESOURCES.iter().find(|resource| resource.group == group && resource.kind == kind)
}

/// The resource of that name: `apps/deployments`.
pub fn named(name: &str) -> Option<&'static Resource> {
    let (group, plural) = name.split_once('/')?;
    RESOURCES.iter().find(|resource| resource.group == group && resource.plural == plural)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_catalogue_knows_every_custom_resource() {
        for resource in RESOURCES {
            match resource.reading {
                Reading::Custom(_) => assert!(resource.known().is_some(), "{}", resource.name()),
                Reading::Controller => assert!(resource.known().is_none(), "{}", resource.name()),
            }
        }
    }

    #[test]
    fn the_manifest_asks_for_exactly_what_is_listed() {
        let manifest: toml::Table = toml::from_str(include_str!("../plugin.toml")).unwrap();
        let rules = manifest["egress"].as_array().unwrap();
        let asked: BTreeSet<String> = rules
            .iter()
            .flat_map(|rule| rule["operations"].as_array().unwrap())
            .map(|operation| operation.as_str().unwrap().to_owned())
            .filter(|operation| operation.starts_with("list "))
            .collect();
        let listed = RESOURCES.iter().map(Resource::action);
        let supporting = SUPPORTING.iter().map(|(group, plural, _)| list_action(group, plural));
        let listed: BTreeSet<String> = listed.chain(supporting).collect();
        assert_eq!(asked, listed);
        assert!(listed.iter().all(|action| !action.contains("secrets")));
    }

    #[test]
    fn names() {
        assert_eq!(named("apps/deployments").map(|found| found.kind), Some("Deployment"));
        assert_eq!(named("core/secrets"), None);
        assert_eq!(
            of_kind("ray.io", "RayCluster").map(Resource::action),
            Some("list ray.io/rayclusters".into())
        );
        assert_eq!(of_kind("apps", "ReplicaSet"), None);
    }
}
