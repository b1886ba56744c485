//! MCP servers that describe themselves: the manifest of a bundle that desktop programs install (`manifest.json` of MCPB,
//! formerly DXT), and what a server tells the registry (`server.json`).

use inventar_documents::Node;
use inventar_plugin_sdk::{Answer, Asset, AssetRef, Evidence, File, Method, Relation, Usage, Version};
use std::ops::Range;

/// More tools and prompts of one server are not looked at.
const MAX_PARTS: usize = 500;

/// Longer names are none.
const MAX_NAME: usize = 200;

const KEY: &str = "server";

/// Whether a document describes a server, which is then reported.
pub fn report(file: &File, root: &Node, answer: &mut Answer) -> bool {
    let is_bundle = file.name() == "manifest.json"
        && root.get("server").and_then(|server| server.get("mcp_config")).is_some();
    let is_registered = file.name() == "server.json"
        && root
            .get("$schema")
            .and_then(Node::text)
            .is_some_and(|schema| schema.contains("modelcontextprotocol"));
    let Some((name, at)) = name(root).filter(|_| is_bundle || is_registered) else { return false };
    let rule = if is_bundle { "mcp-bundle" } else { "mcp-registry-entry" };
    let usage = Usage::of_path(&file.path);
    let seen = |at: Range<usize>| {
        let (rule, usage) = (rule, usage);
        Evidence::new(file.at(at), rule, Method::Declared, usage).confidence(95)
    };
    let mut server = Asset::new(KEY, "mcp-server", name).seen(seen(at.clone()).snippet(name));
    if is_bundle {
        server = server.property("transport", "stdio");
    }
    for package in root.get("packages").map(Node::items).unwrap_or_default().iter().take(10) {
        if let Some(purl) = purl(package) {
            server = server.identifier("purl", purl);
        }
    }
    server.version = text(root, "version")
        .filter(|version| version.starts_with(|c: char| c.is_ascii_digit()) && version.len() <= MAX_NAME)
        .map(|version| Version::Exact(version.to_owned()));
    answer.asset(server);
    for (list, kind) in [("tools", "tool"), ("prompts", "mcp-prompt")] {
        for part in root.get(list).map(Node::items).unwrap_or_default().iter().take(MAX_PARTS) {
            let Some((name, at)) = self::name(part) else { continue };
            let key = format!("{kind}:{name}");
            answer.sight(&key, seen(at.clone()).snippet(name), || Asset::new(&key, kind, name));
            let edge = Relation::new(AssetRef::here(KEY), "uses", AssetRef::here(&key));
            answer.relation(edge.seen(seen(at).snippet(name)));
        }
    }
    true
}

fn name(node: &Node) -> Option<(&str, Range<usize>)> {
    let name = node.get("name")?;
    let text = name.text().filter(|text| !text.trim().is_empty() && text.len() <= MAX_NAME)?;
    Some((text, name.span.clone()))
}

fn text<'n>(node: &'n Node, key: &str) -> Option<&'n str> {
    node.get(key).and_then(Node::text)
}

/// The package by which the registry says that a server is started.
fn purl(package: &Node) -> Option<String> {
    let kind = package.any(&["registryType", "registry_type", "registry_name"]).and_then(Node::text)?;
    let name = package.any(&["identifier", "name"]).and_then(Node::text)?;
    let is_name = name.len() <= MAX_NAME
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"@/._-".contains(&byte));
    let ecosystem = match kind {
        "npm" | "pypi" | "nuget" | "cargo" => kind,
        _ => return None,
    };
    is_name.then(|| inventar_catalogue::purl(ecosystem, name))
}
