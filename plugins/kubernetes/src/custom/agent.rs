//! Agents and their tools, MCP servers, and gateways that route to models.

use super::{like_container, name_model};
use crate::object::{Identity, at, items, text};
use crate::report::{Report, SCHEME, Share, Subject};
use crate::signs::Named;
use inventar_analysis::endpoint;
use inventar_plugin_sdk::AssetRef;
use serde_json::Value;

pub(super) fn read(report: &mut Report<'_>, identity: &Identity, object: &Value) {
    let subject = Subject::object(identity);
    match identity.kind.as_str() {
        "Agent" => agent(report, identity, &subject, object),
        "ModelConfig" => {
            name_model(report, &subject, "uses", text(object, &["spec", "model"]), "model-name");
            for service in ["openAI", "azureOpenAI", "anthropic", "ollama"] {
                let urls = [
                    ["spec", service, "baseUrl"],
                    ["spec", service, "azureEndpoint"],
                    ["spec", service, "host"],
                ];
                for url in urls.iter().filter_map(|path| endpoint::clean(text(object, path)?)) {
                    report.endpoint(&subject, &url, "base-url");
                }
            }
        }
        "MCPServer" | "ToolServer" | "RemoteMCPServer" | "VirtualMCPServer" => {
            for url in [["spec", "url"], ["status", "url"]].iter().filter_map(|path| text(object, path)) {
                report.address(&subject, url, "mcp-url");
            }
            for part in [&["spec"][..], &["spec", "deployment"]] {
                if let Some(part) = at(object, part) {
                    like_container(report, &subject, part);
                    for secret in
                        items(part, &["secrets"]).iter().filter_map(|secret| text(secret, &["name"]))
                    {
                        report.secret(&subject, secret, std::iter::empty());
                    }
                }
            }
        }
        "AIGatewayRoute" | "MCPRoute" => {
            for rule in items(object, &["spec", "rules"]) {
                let shares = backends(rule, "aigateway.envoyproxy.io", "AIServiceBackend", identity);
                report.split(&subject, &shares, "route-weights");
            }
        }
        "InferenceModel" => {
            let mut shares = vec![];
            for target in items(object, &["spec", "targetModels"]) {
                let Some(name) = text(target, &["name"]) else { continue };
                let named = Named { text: name.to_owned(), is_sure: true };
                // An edge without a weight would stand beside the one with it.
                if let Some(model) = report.named_model(&subject, &named, "target-model") {
                    shares.push(Share {
                        target: model,
                        weight: Some(target["weight"].as_f64().unwrap_or(1.0)),
                    });
                }
            }
            if shares.is_empty() {
                name_model(report, &subject, "serves", text(object, &["spec", "modelName"]), "model-name");
            }
            report.split(&subject, &shares, "target-models");
        }
        _ => {}
    }
}

fn agent(report: &mut Report<'_>, identity: &Identity, subject: &Subject, object: &Value) {
    let namespace = identity.namespace.as_deref();
    let other = |kind: &str, name: &str| {
        AssetRef::known_as(SCHEME, Identity::new("kagent.dev", kind, namespace, name).id())
    };
    for part in [&["spec"][..], &["spec", "declarative"]] {
        let Some(part) = at(object, part) else { continue };
        if let Some(name) = text(part, &["modelConfig"]) {
            report.edge(subject, "uses", other("ModelConfig", name), "model-config");
        }
        for tool in items(part, &["tools"]) {
            if let Some(name) =
                text(tool, &["mcpServer", "name"]).or_else(|| text(tool, &["mcpServer", "toolServer"]))
            {
                let kind = text(tool, &["mcpServer", "kind"]).unwrap_or("RemoteMCPServer");
                report.edge(subject, "uses", other(kind, name), "agent-tool");
            }
            if let Some(name) = text(tool, &["agent", "name"]) {
                report.edge(subject, "calls", other("Agent", name), "agent-tool");
            }
        }
    }
}

/// The backends of a rule with their weights; equal ones where none are given.
fn backends(rule: &Value, group: &str, kind: &str, route: &Identity) -> Vec<Share> {
    let share = |backend: &Value| {
        let kind = text(backend, &["kind"]).unwrap_or(kind);
        let group = text(backend, &["group"]).unwrap_or(group);
        let namespace = text(backend, &["namespace"]).or(route.namespace.as_deref());
        let target = Identity::new(group, kind, namespace, text(backend, &["name"])?);
        let weight = backend["weight"].as_f64().unwrap_or(1.0);
        Some(Share { target: AssetRef::known_as(SCHEME, target.id()), weight: Some(weight) })
    };
    items(rule, &["backendRefs"]).iter().filter_map(share).collect()
}
