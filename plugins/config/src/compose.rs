//! Compose files: services with their images, environments and commands, and the models that Docker serves.

use crate::look::Look;
use crate::settings::{self, Context};
use inventar_catalogue::{container_image, secret};
use inventar_documents::{Node, Value};
use inventar_plugin_sdk::Usage;

/// By its name, or because its services have images or are built.
pub(crate) fn is_compose(path: &str, root: &Node) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let Some(services) = root.get("services") else {
        return name.contains("compose") && root.get("models").is_some();
    };
    name.contains("compose")
        || services.entries().iter().any(|service| service.node.any(&["image", "build"]).is_some())
}

pub(crate) fn read(look: &mut Look<'_>, root: &Node) {
    for entry in root.entries() {
        match entry.key.as_str() {
            "services" => {
                for service in entry.node.entries() {
                    read_service(look, &service.key, &service.key_span, &service.node);
                }
            }
            // Docker Model Runner.
            "models" => {
                for model in entry.node.entries() {
                    let id = model.node.get("model").unwrap_or(&model.node);
                    if let Some(text) = id.text() {
                        look.model(text, &id.span, true, "compose-model");
                    }
                }
            }
            _ => settings::walk(look, &entry.node, Context::default()),
        }
    }
}

fn read_service(look: &mut Look<'_>, name: &str, at: &std::ops::Range<usize>, service: &Node) {
    let usage = usage(name, service);
    let image = service.get("image").and_then(Node::text).and_then(crate::value::default_of);
    let is_known = image.as_deref().is_some_and(|image| container_image(image).is_some());
    let keys = has_key(service, 0);
    let has_gpu = has_gpu(service);
    let provider = service.get("provider").and_then(|provider| provider.get("type")).and_then(Node::text);
    look.within(usage, |look| {
        let is_ai = is_known || has_gpu || provider == Some("model") || keys && usage == Usage::Runtime;
        if is_ai {
            let confidence = if is_known { 95 } else { 80 };
            let key = look.workload(name, "compose-service", at, confidence);
            if has_gpu {
                look.out.property(&key, "accelerator", "gpu");
            }
            look.owner = Some(key);
        }
        if let (Some(text), Some(node)) = (&image, service.get("image")) {
            look.image(text, &node.span);
        }
        if provider == Some("model")
            && let Some(model) =
                service.get("provider").and_then(|node| node.get("options")).and_then(|o| o.get("model"))
            && let Some(text) = model.text()
        {
            look.model(text, &model.span, true, "compose-model");
        }
        if let (Some(image), Some(node)) = (image.as_deref(), service.get("image")) {
            if is_gateway(image) {
                gateway(look, image, service);
            } else if is_mcp_server(image) {
                look.mcp_service(name, image, &node.span);
            }
        }
        settings::walk(look, service, Context::of_ai(is_known));
        look.owner = None;
    });
}

/// Docker's gateway to MCP servers.
fn is_gateway(image: &str) -> bool {
    inventar_catalogue::repository(image).rsplit('/').next() == Some("mcp-gateway")
}

/// `ghcr.io/acme/tickets-mcp:2`, `mcp/postgres`, `acme/mcp-server-jira`: an image that is named as an MCP server.
fn is_mcp_server(image: &str) -> bool {
    let repository = inventar_catalogue::repository(image);
    let mut parts = repository.rsplit('/');
    let says = |part: &str| part.split(['-', '_', '.']).any(|word| word == "mcp");
    let (last, owner) = (parts.next().unwrap_or_default(), parts.next());
    // What speaks to servers, or looks into them, is none.
    let is_other = ["client", "inspector", "proxy", "gateway", "ui", "frontend", "host"];
    (says(last) || owner == Some("mcp"))
        && !last.split(['-', '_', '.']).any(|word| is_other.contains(&word))
        && !repository.contains(['$', '{', ' '])
}

/// `--servers=duckduckgo,fetch`: the servers of the catalogue that a gateway starts.
fn gateway(look: &mut Look<'_>, image: &str, service: &Node) {
    let Some(command) = service.get("command") else { return };
    let words: Vec<(&str, &std::ops::Range<usize>)> = match &command.value {
        Value::List(items) => {
            items.iter().take(200).filter_map(|item| Some((item.text()?, &item.span))).collect()
        }
        Value::Text(text) => text.split_whitespace().take(200).map(|word| (word, &command.span)).collect(),
        _ => return,
    };
    for (index, (word, at)) in words.iter().enumerate() {
        let Some(rest) = word.strip_prefix("--servers") else { continue };
        let (names, at) = match rest.strip_prefix('=') {
            Some(names) => (names, *at),
            None if rest.is_empty() => words.get(index + 1).map_or(("", *at), |(names, at)| (*names, *at)),
            None => continue,
        };
        let is_name = |name: &&str| {
            !name.is_empty()
                && name.len() <= 100
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/'))
        };
        for name in names.split(',').map(str::trim).filter(is_name).take(100) {
            look.mcp_server(name, image, at);
        }
    }
}

/// A service that starts only with a test profile, or is called one.
fn usage(name: &str, service: &Node) -> Usage {
    let is_test = |text: &str| {
        text.split(['-', '_', '.'])
            .any(|word| matches!(word, "test" | "tests" | "e2e" | "ci" | "benchmark" | "eval"))
    };
    let profiles = service.get("profiles").map(Node::scalars).unwrap_or_default();
    if is_test(name) || !profiles.is_empty() && profiles.iter().all(|profile| is_test(profile)) {
        Usage::Test
    } else if !profiles.is_empty() {
        Usage::Optional
    } else {
        Usage::Runtime
    }
}

/// Whether anything below sets or takes the key of an AI service.
pub(crate) fn has_key(node: &Node, depth: usize) -> bool {
    if depth > 40 {
        return false;
    }
    let is_key = |name: &str| {
        secret(name).is_some_and(|secret| secret.kind != "search" && secret.kind != "observability")
    };
    match &node.value {
        Value::Table(entries) => {
            entries.iter().any(|entry| is_key(&entry.key) || has_key(&entry.node, depth + 1))
        }
        Value::List(items) => items.iter().any(|item| has_key(item, depth + 1)),
        Value::Text(text) => is_key(text.split('=').next().unwrap_or(text)),
        _ => false,
    }
}

fn has_gpu(service: &Node) -> bool {
    let devices = ["deploy", "resources", "reservations", "devices"]
        .iter()
        .try_fold(service, |node, key| node.get(key))
        .map(Node::items)
        .unwrap_or_default();
    let asks = |node: &Node| {
        node.get("capabilities").is_some_and(|list| list.scalars().contains(&"gpu"))
            || node.get("driver").and_then(Node::text) == Some("nvidia")
    };
    devices.iter().any(asks)
        || service
            .get("runtime")
            .and_then(Node::text)
            .is_some_and(|runtime| matches!(runtime, "nvidia" | "habana"))
        || service.get("gpus").is_some()
}
