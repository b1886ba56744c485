//! Exports of flow builders: Flowise, Langflow, n8n, Dify.
//!
//! Each is a list of nodes; a node says by its type what it is. The flow is one agent; its nodes' agents, tools, vector
//! stores, models and prompts are what it uses.

use crate::look::Look;
use inventar_analysis::prompt::is_prose;
use inventar_documents::{Entry, Node, Value};
use std::ops::Range;

/// Whether a document is an export, and of what.
pub(crate) fn builder(root: &Node) -> Option<&'static str> {
    let nodes = |node: &Node| node.get("nodes").map(Node::items).unwrap_or_default().len();
    if root.get("app").is_some_and(|app| app.get("mode").is_some()) {
        return Some("dify");
    }
    if root.get("data").is_some_and(|data| nodes(data) > 0 && data.get("edges").is_some()) {
        return Some("langflow");
    }
    if nodes(root) == 0 {
        return None;
    }
    if root.get("connections").is_some() {
        let is_ai = |node: &Node| node.get("type").and_then(Node::text).is_some_and(is_n8n_ai);
        return root.get("nodes")?.items().iter().any(is_ai).then_some("n8n");
    }
    let has_data = |node: &Node| {
        node.get("data").is_some_and(|data| data.get("inputs").is_some() || data.get("inputParams").is_some())
    };
    (root.get("edges").is_some() && root.get("nodes")?.items().iter().any(has_data)).then_some("flowise")
}

pub(crate) fn read(look: &mut Look<'_>, root: &Node, builder: &'static str) {
    let (name, at) = name(look, root, builder);
    // A workflow that only calls a model in one of its steps is no agent.
    let has_agent =
        builder != "n8n" || root.get("nodes").map(Node::items).unwrap_or_default().iter().any(is_n8n_agent);
    let flow = if has_agent {
        look.agent(&name, builder, &at, "flow-export", 90)
    } else {
        let key = look.other("pipeline", &name, &at, "flow-export");
        look.out.property(&key, "framework", builder);
        key
    };
    match builder {
        "dify" => dify(look, root, &flow),
        "langflow" => each(look, root.get("data"), &flow, langflow),
        "n8n" => each(look, Some(root), &flow, n8n),
        _ => each(look, Some(root), &flow, flowise),
    }
}

fn name(look: &Look<'_>, root: &Node, builder: &str) -> (String, Range<usize>) {
    let inner = if builder == "dify" { root.get("app") } else { Some(root) };
    let name = inner.and_then(|node| node.get("name"));
    let file = look.path().rsplit('/').next().unwrap_or_default();
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    match name {
        Some(node) if node.text().is_some() => (node.text().unwrap_or(stem).to_owned(), node.span.clone()),
        _ => (stem.to_owned(), root.entries().first().map_or(0..1, |entry| entry.key_span.clone())),
    }
}

fn each(look: &mut Look<'_>, of: Option<&Node>, flow: &str, read: fn(&mut Look<'_>, &Node, &str)) {
    let nodes = of.and_then(|node| node.get("nodes")).map(Node::items).unwrap_or_default();
    for node in nodes.iter().take(2_000) {
        read(look, node, flow);
    }
}

fn flowise(look: &mut Look<'_>, node: &Node, flow: &str) {
    let Some(data) = node.get("data") else { return };
    let text = |key: &str| data.get(key).and_then(Node::text).unwrap_or_default();
    let (category, kind) = (text("category"), text("name"));
    let label = data.any(&["label", "name"]);
    let at = label.map_or(data.span.clone(), |label| label.span.clone());
    let label = label.and_then(Node::text).unwrap_or(kind);
    let is_agent = category == "Agents"
        || matches!(text("type"), "Agent" | "LLM" | "ConditionAgent") && category == "Agent Flows";
    let part = part(look, label, kind, category, is_agent, &at, flow, "flowise");
    if let Some(inputs) = data.get("inputs") {
        values(look, inputs, part.as_deref().unwrap_or(flow), label, 0);
    }
}

fn langflow(look: &mut Look<'_>, node: &Node, flow: &str) {
    let Some(data) = node.get("data") else { return };
    let kind = data.get("type").and_then(Node::text).unwrap_or_default();
    let inner = data.get("node").unwrap_or(data);
    let label = inner.get("display_name");
    let at = label.map_or(data.span.clone(), |label| label.span.clone());
    let label = label.and_then(Node::text).unwrap_or(kind);
    let is_tool = kind.ends_with("Tool") || kind.contains("Search") && !kind.contains("Vector");
    let category = if is_tool {
        "Tools"
    } else if is_store(kind) {
        "Vector Stores"
    } else {
        ""
    };
    let part = part(look, label, kind, category, kind.contains("Agent"), &at, flow, "langflow");
    for field in inner.get("template").map(Node::entries).unwrap_or_default() {
        if let Some(value) = field.node.entry("value") {
            let named =
                Entry { key: field.key.clone(), key_span: value.key_span.clone(), node: value.node.clone() };
            value_of(look, &named, part.as_deref().unwrap_or(flow), label);
        }
    }
}

fn is_n8n_agent(node: &Node) -> bool {
    let kind = node.get("type").and_then(Node::text).unwrap_or_default();
    ["langchain.agent", "langchain.openAiAssistant", "langchain.chatTrigger", "langchain.agentTool"]
        .iter()
        .any(|end| kind.ends_with(end))
}

fn is_n8n_ai(kind: &str) -> bool {
    kind.starts_with("@n8n/n8n-nodes-langchain.")
        || kind == "n8n-nodes-base.openAi"
        || kind == "n8n-nodes-base.openai"
}

fn n8n(look: &mut Look<'_>, node: &Node, flow: &str) {
    let kind = node.get("type").and_then(Node::text).unwrap_or_default();
    if !is_n8n_ai(kind) {
        return;
    }
    let short = kind.rsplit('.').next().unwrap_or(kind);
    let label = node.get("name");
    let at = label.map_or(node.span.clone(), |label| label.span.clone());
    let label = label.and_then(Node::text).unwrap_or(short);
    let category = if short.starts_with("tool") || short == "mcpClientTool" {
        "Tools"
    } else if short.starts_with("vectorStore") {
        "Vector Stores"
    } else {
        ""
    };
    let part =
        part(look, label, short, category, short == "agent" || short == "openAiAssistant", &at, flow, "n8n");
    if let Some(parameters) = node.get("parameters") {
        values(look, parameters, part.as_deref().unwrap_or(flow), label, 0);
    }
}

/// What a node is, when it is more than a step.
#[allow(clippy::too_many_arguments)]
fn part(
    look: &mut Look<'_>,
    label: &str,
    kind: &str,
    category: &str,
    is_agent: bool,
    at: &Range<usize>,
    flow: &str,
    builder: &'static str,
) -> Option<String> {
    let key = if is_agent {
        look.agent(label, builder, at, "flow-node", 85)
    } else if category.starts_with("Tools") || category == "MCP" {
        look.tool(label, builder, at)?
    } else if category == "Vector Stores" || is_store(kind) {
        look.other("vector-store", label, at, "flow-node")
    } else {
        return None;
    };
    look.out.property(&key, "node-type", kind);
    look.uses(flow, &key, at);
    Some(key)
}

fn is_store(kind: &str) -> bool {
    let lower = kind.to_ascii_lowercase();
    ["pinecone", "qdrant", "weaviate", "milvus", "chroma", "faiss", "pgvector", "vectara", "astradb"]
        .iter()
        .any(|store| lower.contains(store))
}

fn dify(look: &mut Look<'_>, root: &Node, flow: &str) {
    if let Some(config) = root.get("model_config") {
        values(look, config, flow, "model_config", 0);
    }
    let nodes = root.get("workflow").and_then(|flow| flow.get("graph")).and_then(|graph| graph.get("nodes"));
    for node in nodes.map(Node::items).unwrap_or_default().iter().take(2_000) {
        let Some(data) = node.get("data") else { continue };
        let kind = data.get("type").and_then(Node::text).unwrap_or_default();
        let title = data.get("title");
        let at = title.map_or(data.span.clone(), |title| title.span.clone());
        let title = title.and_then(Node::text).unwrap_or(kind);
        let category = match kind {
            "tool" => "Tools",
            "knowledge-retrieval" => "Vector Stores",
            _ => "",
        };
        let tool = data.get("tool_name").and_then(Node::text).unwrap_or(title);
        let label = if kind == "tool" { tool } else { title };
        let part = part(look, label, kind, category, kind == "agent", &at, flow, "dify");
        values(look, data, part.as_deref().unwrap_or(flow), title, 0);
    }
}

/// Models and prompts among a node's values.
fn values(look: &mut Look<'_>, node: &Node, owner: &str, label: &str, depth: usize) {
    if depth > 10 {
        return;
    }
    // `{role: system, text: …}`, `{role: system, content: …}`.
    let is_system = node.get("role").and_then(Node::text) == Some("system");
    for entry in node.entries() {
        if is_system && matches!(entry.key.as_str(), "text" | "content") {
            prompt(look, entry, owner, label);
        } else {
            value_of(look, entry, owner, label);
        }
        values(look, &entry.node, owner, label, depth + 1);
    }
    node.items().iter().take(500).for_each(|item| values(look, item, owner, label, depth + 1));
}

fn value_of(look: &mut Look<'_>, entry: &Entry, owner: &str, label: &str) {
    let lower = entry.key.to_ascii_lowercase().replace('_', "");
    let inner = match &entry.node.value {
        // n8n: `model: {__rl: true, value: gpt-4o}`; Dify: `model: {provider, name}`.
        Value::Table(_) if lower.ends_with("model") => {
            entry.node.any(&["value", "name"]).unwrap_or(&entry.node)
        }
        _ => &entry.node,
    };
    let Some(text) = inner.text() else { return };
    if matches!(
        lower.as_str(),
        "model" | "modelname" | "modelid" | "embeddingmodel" | "modelnameorpath" | "deploymentname"
    ) {
        if let Some(model) = look.model(text, &inner.span, true) {
            look.uses(owner, &model, &inner.span);
        }
    } else if is_prompt(&lower, text) {
        prompt(look, entry, owner, label);
    }
}

/// A system text by its name, another by what it says.
fn is_prompt(name: &str, text: &str) -> bool {
    name.contains("systemmessage")
        || name.contains("systemprompt")
        || name == "preprompt"
        || name.ends_with("instructions")
        || matches!(name, "template" | "prompt" | "text" | "agentmessages")
            && inventar_analysis::prompt::instructs(text) >= 4
}

fn prompt(look: &mut Look<'_>, entry: &Entry, owner: &str, label: &str) {
    let Some(text) = entry.node.text().filter(|text| is_prose(text)) else { return };
    let key =
        look.prompt(&format!("{label} {}", entry.key), "system", text, &entry.key_span, "flow-prompt", 85);
    look.uses(owner, &key, &entry.key_span);
}
