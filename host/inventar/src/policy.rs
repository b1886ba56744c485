//! The smallest policy under which a collector works, from its manifest alone.
//!
//! A manifest names every operation, and for each what the operator must grant: an IAM action, or a verb on a
//! Kubernetes resource. From the same list come the whole policy (`inventar plugin policy`) and the statement that
//! is missing (`inventar coverage --missing --fix-policy`).

mod iam;
mod rbac;

pub(crate) use iam::{LIMITS as IAM_LIMITS, parts as iam_parts, policy as iam_policy, size as iam_size};
pub(crate) use rbac::{ServiceAccount, cluster_role, rules};

use inventar_model::{CredentialKind, Egress, Protocol};
use inventar_runtime::Manifest;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// How a policy is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum PolicyFormat {
    /// An IAM policy document of AWS.
    Iam,
    /// A Kubernetes cluster role with its binding.
    Rbac,
    /// The operations with their methods, paths and actions.
    Json,
}

/// Who grants the actions of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Authority {
    /// IAM of AWS.
    Aws,
    /// The roles of a Kubernetes cluster.
    Kubernetes,
    /// Whoever runs the service; there is no policy to print.
    Other,
}

/// Who grants what a rule calls.
pub(crate) fn authority(manifest: &Manifest, rule: &Egress) -> Authority {
    let slot = manifest.credentials.iter().find(|slot| Some(&slot.slot) == rule.credential.as_ref());
    let takes = |kind| slot.is_some_and(|slot| slot.kinds.contains(&kind));
    match rule.protocol {
        Protocol::Kubernetes => Authority::Kubernetes,
        Protocol::AwsJson | Protocol::AwsQuery => Authority::Aws,
        Protocol::Rest if takes(CredentialKind::Aws) => Authority::Aws,
        Protocol::Rest => Authority::Other,
    }
}

/// The format that fits a manifest.
pub(crate) fn usual_format(manifest: &Manifest) -> PolicyFormat {
    let has = |wanted| manifest.egress.iter().any(|rule| authority(manifest, rule) == wanted);
    if has(Authority::Kubernetes) {
        PolicyFormat::Rbac
    } else if has(Authority::Aws) {
        PolicyFormat::Iam
    } else {
        PolicyFormat::Json
    }
}

/// Every action of the rules that `wanted` grants, sorted.
pub(crate) fn actions(manifest: &Manifest, wanted: Authority) -> BTreeSet<&str> {
    let rules = manifest.egress.iter().filter(|rule| authority(manifest, rule) == wanted);
    rules
        .flat_map(|rule| &rule.operations)
        .flat_map(|operation| &operation.actions)
        .map(String::as_str)
        .collect()
}

/// What a manifest calls, for programs.
pub(crate) fn operations(manifest: &Manifest) -> Value {
    let rules = manifest.egress.iter().map(|rule| {
        let operations = rule.operations.iter().map(|operation| {
            json!({
                "name": operation.name, "method": operation.method.map(|method| method.as_str()),
                "paths": operation.paths, "actions": operation.actions,
            })
        });
        json!({
            "service": rule.service, "hosts": rule.hosts, "protocol": rule.protocol.as_str(),
            "credential": rule.credential, "reason": rule.reason, "operations": operations.collect::<Vec<_>>(),
        })
    });
    Value::Array(rules.collect())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A manifest with one rule of each kind.
    pub(crate) fn manifest() -> Manifest {
        let toml = r#"
schema = 1
id = "acme/estate"
version = "0.1.0"
world = "collector"
description = "Everything"
kinds = ["model-version"]

[[credential]]
slot = "aws"
kinds = ["aws"]
reason = "Reads the account"

[[credential]]
slot = "login"
kinds = ["basic", "bearer"]
optional = true
reason = "Signs in"

[[credential]]
slot = "cluster"
kinds = ["kubeconfig"]
reason = "Reads the cluster"

[[egress]]
service = "sagemaker"
hosts = ["api.sagemaker.*.amazonaws.com"]
protocol = "aws-json"
target = "SageMaker"
credential = "aws"
reason = "Lists models"
operations = ["ListModels", "DescribeModel"]

[[egress]]
service = "bedrock-agent"
hosts = ["bedrock-agent.*.amazonaws.com"]
credential = "aws"
reason = "Lists agents"
operations = ["ListAgents POST /agents/ = bedrock:ListAgents"]

[[egress]]
service = "kubernetes"
hosts = ["{endpoint}"]
protocol = "kubernetes"
credential = "cluster"
reason = "Lists workloads"
operations = ["list apps/deployments", "list core/pods", "get core/nodes", "list core/nodes", "get /version"]

[[egress]]
service = "registry"
hosts = ["registry.acme.com"]
credential = "login"
reason = "Lists registered models"
operations = ["ListRegistered GET /models"]
"#;
        Manifest::from_toml(toml, |name| Err(std::io::Error::other(name.to_owned()))).unwrap()
    }

    #[test]
    fn every_action_goes_to_who_grants_it() {
        let manifest = manifest();
        let of = |wanted| actions(&manifest, wanted).into_iter().collect::<Vec<_>>().join(" | ");
        assert_eq!(of(Authority::Aws), "bedrock:ListAgents | sagemaker:DescribeModel | sagemaker:ListModels");
        assert_eq!(
            of(Authority::Kubernetes),
            "get /version | get core/nodes | list apps/deployments | list core/nodes | list core/pods"
        );
        assert_eq!(of(Authority::Other), "registry:ListRegistered");
        assert_eq!(usual_format(&manifest), PolicyFormat::Rbac);
    }
}
