//! The registries of asset kinds and relation kinds.

use crate::name::{InvalidName, is_kebab};
use std::fmt;

/// What people call a kind, and how it is introduced in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KindInfo {
    /// The kebab-case id used in the contract, the API and the database.
    pub id: &'static str,
    /// "MCP server".
    pub label: &'static str,
    /// "MCP servers".
    pub plural: &'static str,
}

macro_rules! kinds {
    ($($id:literal $label:literal $plural:literal;)*) => {
        /// Every kind that has a meaning of its own here, in the order in which lists show them.
        pub const KINDS: &[KindInfo] = &[$(KindInfo { id: $id, label: $label, plural: $plural }),*];
    };
}

kinds! {
    "model-reference" "model reference" "model references";
    "model-artifact" "model file" "model files";
    "model-version" "model version" "model versions";
    "model-family" "model family" "model families";
    "sdk" "SDK" "SDKs";
    "framework" "framework" "frameworks";
    "package" "package" "packages";
    "runtime" "runtime" "runtimes";
    "provider" "provider" "providers";
    "endpoint" "endpoint" "endpoints";
    "deployment" "deployment" "deployments";
    "agent" "agent" "agents";
    "ci-agent" "CI agent" "CI agents";
    "tool" "tool" "tools";
    "mcp-server" "MCP server" "MCP servers";
    "mcp-client" "MCP client" "MCP clients";
    "mcp-prompt" "MCP prompt" "MCP prompts";
    "mcp-resource" "MCP resource" "MCP resources";
    "prompt" "prompt" "prompts";
    "skill" "skill" "skills";
    "config" "configuration" "configurations";
    "guardrail" "guardrail" "guardrails";
    "dataset" "dataset" "datasets";
    "dataset-version" "dataset version" "dataset versions";
    "feature-set" "feature set" "feature sets";
    "vector-store" "vector store" "vector stores";
    "training-run" "training run" "training runs";
    "evaluation" "evaluation" "evaluations";
    "metric" "metric" "metrics";
    "drift-monitor" "drift monitor" "drift monitors";
    "pipeline" "pipeline" "pipelines";
    "notebook" "notebook" "notebooks";
    "secret-reference" "secret reference" "secret references";
    "api-key" "API key" "API keys";
    "image" "image" "images";
    "repository" "repository" "repositories";
    "host" "host" "hosts";
    "cluster" "cluster" "clusters";
    "workload" "workload" "workloads";
    "iac-resource" "IaC resource" "IaC resources";
    "identity" "identity" "identities";
    "store" "store" "stores";
    "network-exposure" "network exposure" "network exposures";
    "account" "account" "accounts";
    "site" "site" "sites";
    "document" "document" "documents";
    "control-evidence" "control evidence" "control evidence";
    "agent-plugin" "agent plugin" "agent plugins";
}

/// The relations that have a meaning of their own here.
pub const RELATION_KINDS: &[&str] = &[
    "uses",
    "declares",
    "imports",
    "calls",
    "resolves-to",
    "has-artifact",
    "instance-of",
    "serves",
    "derived-from",
    "trained-on",
    "evaluated-by",
    "runs-as",
    "exposes",
    "stored-in",
    "reads-secret",
    "licensed-as",
    "owned-by",
];

/// `x-vendor.kind`: both halves in kebab-case.
fn is_vendor(text: &str) -> bool {
    text.strip_prefix("x-")
        .and_then(|rest| rest.split_once('.'))
        .is_some_and(|(vendor, kind)| is_kebab(vendor) && is_kebab(kind))
}

/// The longest kind id.
const MAX_BYTES: usize = 64;

/// A kind of the registry, or `x-vendor.kind`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AssetKind(String);

impl AssetKind {
    /// Accepts a registered kind or a vendor's own.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidName> {
        let text = text.into();
        if text.len() <= MAX_BYTES && (is_vendor(&text) || KINDS.iter().any(|kind| kind.id == text)) {
            Ok(Self(text))
        } else {
            Err(InvalidName::new("asset kind", &text, "it is neither in the registry nor `x-vendor.kind`"))
        }
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What people call it; a vendor's kind is its own label.
    pub fn label(&self) -> &str {
        KINDS.iter().find(|kind| kind.id == self.0).map_or(&self.0, |kind| kind.label)
    }

    /// Its place in lists: the registry's order, vendors' kinds last.
    pub fn rank(&self) -> usize {
        KINDS.iter().position(|kind| kind.id == self.0).unwrap_or(KINDS.len())
    }
}

impl fmt::Display for AssetKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A relation of the registry, or `x-vendor.relation`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RelationKind(String);

impl RelationKind {
    /// Accepts a registered relation or a vendor's own.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidName> {
        let text = text.into();
        if text.len() <= MAX_BYTES && (is_vendor(&text) || RELATION_KINDS.contains(&text.as_str())) {
            Ok(Self(text))
        } else {
            Err(InvalidName::new(
                "relation kind",
                &text,
                "it is neither in the registry nor `x-vendor.relation`",
            ))
        }
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RelationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds() {
        for good in ["sdk", "mcp-server", "x-acme.flow", "x-acme-corp.fine-tune"] {
            assert!(AssetKind::new(good).is_ok(), "{good}");
        }
        for bad in ["", "SDK", "model", "x-acme", "x-.flow", "x-Acme.flow", "acme.flow"] {
            assert!(AssetKind::new(bad).is_err(), "{bad}");
        }
        assert_eq!(AssetKind::new("mcp-server").unwrap().label(), "MCP server");
    }

    #[test]
    fn every_registered_kind_is_kebab_case_and_listed_once() {
        for (at, kind) in KINDS.iter().enumerate() {
            assert!(is_kebab(kind.id), "{}", kind.id);
            assert!(KINDS[..at].iter().all(|other| other.id != kind.id), "{} twice", kind.id);
        }
        for relation in RELATION_KINDS {
            assert!(RelationKind::new(*relation).is_ok(), "{relation}");
        }
    }
}
