//! Which of our kinds is which of CycloneDX's objects.

use inventar_model::Asset;

/// How an asset appears in the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Component(Form),
    Service,
}

/// The type of a component, and what `data` says of it when the type is `data`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) kind: &'static str,
    pub(super) data: Option<&'static str>,
}

pub(super) const MODEL: &str = "machine-learning-model";
pub(super) const CRYPTO: &str = "cryptographic-asset";
pub(super) const FILE: &str = "file";

pub(super) fn shape(asset: &Asset) -> Shape {
    let has = |scheme: &str| asset.identifiers.iter().any(|identifier| identifier.scheme() == scheme);
    let component = |kind| Shape::Component(Form { kind, data: None });
    let data = |data| Shape::Component(Form { kind: "data", data: Some(data) });
    match asset.kind.as_str() {
        "model-reference" | "model-artifact" | "model-version" | "model-family" => component(MODEL),
        "sdk" | "package" => component("library"),
        "framework" => component("framework"),
        "runtime" => component(if has("purl") { "library" } else { "platform" }),
        "provider" | "endpoint" | "deployment" | "network-exposure" => Shape::Service,
        "mcp-server" if has("url") => Shape::Service,
        // The client library of a vector store is a library; the store itself is something that answers.
        "vector-store" if has("purl") => component("library"),
        "vector-store" => Shape::Service,
        "agent" | "ci-agent" | "mcp-server" | "mcp-client" | "pipeline" | "workload" => {
            component("application")
        }
        "tool" | "mcp-resource" => data("definition"),
        "prompt" | "mcp-prompt" | "skill" | "config" | "guardrail" => data("configuration"),
        "dataset" | "dataset-version" | "feature-set" => data("dataset"),
        "notebook" => component(FILE),
        "secret-reference" | "api-key" => component(CRYPTO),
        "image" => component("container"),
        "host" => component("device"),
        "cluster" | "account" | "site" => component("platform"),
        _ => data("other"),
    }
}

/// Relations that are more than a dependency to CycloneDX.
pub(super) const DERIVED_FROM: &str = "derived-from";
pub(super) const TRAINED_ON: &str = "trained-on";
