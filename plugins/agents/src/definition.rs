//! Agents as data: CrewAI, AutoGen, LangGraph, ADK, cagent, goose, A2A cards, declarative agents, promptfoo.

use crate::look::Look;
use crate::{library, prompts, tools};
use inventar_analysis::words::{Role, role};
use inventar_documents::{Entry, Node, Value};
use std::ops::Range;

/// Deeper documents are not walked.
const MAX_DEPTH: usize = 48;

/// Everything a document defines.
pub(crate) fn read(look: &mut Look<'_>, root: &Node) {
    look.learn_aliases(root);
    let name = look.path().rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    if name == "langgraph.json" {
        return graphs(look, root);
    }
    if name.contains("promptfoo")
        || root.get("providers").is_some() && root.get("tests").is_some() && root.get("prompts").is_some()
    {
        return promptfoo(look, root);
    }
    if (name.starts_with("agent") && name.ends_with("card.json") || name == "agent.json") && is_card(root) {
        return card(look, root);
    }
    if let Some((name, at)) = custom_tool(root) {
        look.tool(&name, "flowise", &at);
        return;
    }
    if let Some((text, at)) = prompts::training_template(root) {
        let name = look.path().rsplit('/').next().unwrap_or_default().to_owned();
        look.prompt(&name, "template", text, &at, "training-template", 85);
        return;
    }
    walk(look, root, &Way { entry: None, above: "", owner: None, is_item: false, depth: 0 });
}

/// Flowise's export of a tool: its code and the schema of what it takes.
fn custom_tool(root: &Node) -> Option<(String, Range<usize>)> {
    let text = |key: &str| root.get(key).and_then(Node::text);
    text("func")?;
    text("schema")?;
    text("description")?;
    let name = root.get("name")?;
    Some((name.text()?.to_owned(), name.span.clone()))
}

/// How a table was reached.
struct Way<'w> {
    entry: Option<&'w Entry>,
    /// The name of the table above.
    above: &'w str,
    /// The agent that what is read belongs to.
    owner: Option<&'w str>,
    /// One of a list.
    is_item: bool,
    depth: usize,
}

fn walk(look: &mut Look<'_>, node: &Node, way: &Way<'_>) {
    if way.depth > MAX_DEPTH {
        return;
    }
    match &node.value {
        Value::Table(_) if tools::is_answer(node) => {}
        Value::Table(entries) => {
            tool(look, node, way);
            let found = agent(node, way).map(|(name, at, framework, confidence)| {
                let key = look.agent(&name, framework, &at, "agent-definition", confidence);
                (key, name)
            });
            let key = found.as_ref().map_or(way.owner, |(key, _)| Some(key.as_str()));
            let name = key.and_then(|key| key.strip_prefix("agent:"));
            if let (None, Some(task)) = (&found, crew_task(node, way)) {
                look.prompt(&task.0, "template", &task.1, &task.2, "agent-task", 85);
            }
            message(look, node, key);
            let is_record = way.is_item && tools::is_record(entries);
            let among = if node.get("template_format").is_some() {
                Some(0)
            } else {
                way.entry.filter(|entry| prompts::holds_prompts(&entry.key)).map(|_| 2)
            };
            for entry in entries {
                member(look, entry, key, name, found.is_some(), among);
                let above = way.entry.map_or("", |entry| entry.key.as_str());
                let below =
                    Way { entry: Some(entry), above, owner: key, is_item: false, depth: way.depth + 1 };
                // What was offered in each of many conversations is data.
                let is_data = is_record && tools::is_offer(&entry.key);
                if !is_description(entry) && !is_data {
                    walk(look, &entry.node, &below);
                }
            }
        }
        Value::List(items) => {
            let is_library = library::list(look, items);
            for item in items.iter().filter(|item| !is_library || !library::is_prompt(item)) {
                walk(look, item, &Way { is_item: true, depth: way.depth + 1, ..*way });
            }
        }
        _ => {}
    }
}

/// A table that is a tool.
fn tool(look: &mut Look<'_>, node: &Node, way: &Way<'_>) {
    let above = way.entry.map(|entry| entry.key.as_str());
    let found = tools::tool(node, above, tools::speaks_of_tools(look.stem()));
    let Some(tool) = found.or_else(|| tools::bare(node)) else { return };
    let Some(key) = look.tool(tool.name, tool.form, &tool.at) else { return };
    if let Some(owner) = way.owner {
        look.uses(owner, &key, &tool.at);
    }
}

/// Below these a schema or an API description describes fields.
fn is_description(entry: &Entry) -> bool {
    // Of an API its schemas; of a pipeline what it is made of.
    if entry.key == "components" {
        return ["schemas", "securitySchemes", "responses"].iter().any(|key| entry.node.get(key).is_some());
    }
    matches!(
        entry.key.as_str(),
        "properties"
            | "definitions"
            | "$defs"
            | "examples"
            | "paths"
            | "parameters"
            | "inputSchema"
            | "input_schema"
    )
}

type Found = (String, Range<usize>, &'static str, u8);

/// Whether a table is an agent: name, place, framework, confidence.
fn agent(node: &Node, way: &Way<'_>) -> Option<Found> {
    let text = |key: &str| node.get(key).and_then(Node::text).filter(|text| !text.trim().is_empty());
    let named = |node: &Node, key: &str| {
        let name = node.get(key)?;
        let text =
            name.text().filter(|text| (1..=80).contains(&text.trim().len()) && !text.contains('\n'))?;
        Some((text.to_owned(), name.span.clone()))
    };
    let by_key = || way.entry.map(|entry| (entry.key.clone(), entry.key_span.clone()));
    // CrewAI.
    if text("role").is_some()
        && text("goal").is_some()
        && ["backstory", "instructions", "llm", "tools"].iter().any(|key| node.get(key).is_some())
    {
        let (name, at) = by_key()
            .filter(|(name, _)| name != "agents")
            .or_else(|| named(node, "name"))
            .or_else(|| named(node, "role"))?;
        return Some((name, at, "crewai", 95));
    }
    // AutoGen components.
    if let Some(provider) = text("provider").filter(|provider| provider.starts_with("autogen")) {
        let kind = text("component_type").unwrap_or_default();
        if kind == "agent" || kind == "team" || provider.contains(".agents.") && kind.is_empty() {
            let config = node.get("config")?;
            let (name, at) = named(config, "name").or_else(|| named(node, "label"))?;
            return Some((name, at, "autogen", 95));
        }
        return None;
    }
    // The `config` of a component is the component.
    if way.owner.is_some() && way.entry.is_some_and(|entry| entry.key == "config") {
        return None;
    }
    // OpenAI's export of an assistant, ADK, declarative agents, goose.
    let instructs = [
        "instructions",
        "instruction",
        "system_prompt",
        "systemPrompt",
        "system_message",
        "systemMessage",
        "system",
    ]
    .iter()
    .find_map(|key| text(key).map(|text| (*key, text)));
    let (_, instruction) =
        instructs.filter(|(_, text)| inventar_analysis::prompt::is_prose(text) || text.starts_with('$'))?;
    let parts = [
        "tools",
        "model",
        "sub_agents",
        "toolsets",
        "capabilities",
        "actions",
        "handoffs",
        "extensions",
        "agent_class",
        "model_client",
        "mcp_servers",
        "conversation_starters",
        "llm",
        "skills",
        "knowledge",
    ];
    let has_parts = parts.iter().any(|key| node.get(key).is_some());
    // `agents: {root: {model, instruction}}`: the key is the name.
    if matches!(way.above, "agents" | "agent" | "sub_agents" | "assistants") {
        let (name, at) = named(node, "name").or_else(by_key)?;
        return Some((name, at, framework(node), 90));
    }
    let under_agents = way.entry.is_some_and(|entry| {
        matches!(entry.key.as_str(), "agents" | "sub_agents" | "assistants" | "subagents")
    });
    let (name, at) = named(node, "name").or_else(|| named(node, "title"))?;
    let is_described =
        node.get("description").is_some() && inventar_analysis::prompt::instructs(instruction) >= 2;
    (has_parts || under_agents || is_described)
        .then(|| (name, at, framework(node), if has_parts { 90 } else { 75 }))
}

fn framework(node: &Node) -> &'static str {
    let has = |key: &str| node.get(key).is_some();
    if has("sub_agents") && has("instruction") || has("agent_class") {
        "google-adk"
    } else if has("extensions") && has("title") {
        "goose"
    } else if has("conversation_starters")
        || node.get("$schema").and_then(Node::text).is_some_and(|text| text.contains("declarative-agent"))
    {
        "microsoft-365-copilot"
    } else if has("toolsets") {
        "docker-cagent"
    } else {
        "declared"
    }
}

/// CrewAI's task: what an agent is told to do.
fn crew_task(node: &Node, way: &Way<'_>) -> Option<(String, String, Range<usize>)> {
    let description = node.get("description")?;
    let text = description.text()?;
    let entry = way.entry?;
    (node.get("expected_output").is_some() && inventar_analysis::prompt::is_prose(text))
        .then(|| (entry.key.clone(), text.to_owned(), entry.key_span.clone()))
}

/// What stands under a name of an agent, or anywhere a prompt may stand.
fn member(
    look: &mut Look<'_>,
    entry: &Entry,
    owner: Option<&str>,
    name: Option<&str>,
    is_agent: bool,
    among: Option<u8>,
) {
    let lower = entry.key.to_ascii_lowercase();
    if let Some(prompt) = prompts::setting(look, entry, name, is_agent, among) {
        if let Some(owner) = owner {
            look.uses(owner, &prompt, &entry.key_span);
        }
        return;
    }
    let Some(owner) = owner else { return };
    match role(&lower.replace('-', "_")) {
        Some(Role::Model) => {
            // Several may stand in one text, to be taken in turn.
            for text in entry.node.text().unwrap_or_default().split(',').map(str::trim).take(8) {
                if let Some(model) = look.model(text, &entry.node.span, true) {
                    look.uses(owner, &model, &entry.node.span);
                }
            }
        }
        Some(Role::Tools) if is_agent => tools(look, &entry.node, owner),
        _ => {}
    }
}

/// Names of a list of tools; a tool with a schema of its own says its name.
fn tools(look: &mut Look<'_>, list: &Node, owner: &str) {
    for item in list.items().iter().take(200) {
        let inner = item.get("function").unwrap_or(item);
        let config = inner.get("config").unwrap_or(inner);
        let named = config.any(&["name"]).or_else(|| inner.any(&["name", "type", "label"]));
        let node = if item.text().is_some() {
            item
        } else if let Some(named) = named {
            named
        } else {
            continue;
        };
        let Some(text) = node.text().filter(|text| text.len() <= 80 && !text.contains(' ')) else { continue };
        if let Some(tool) = look.tool(text, "declared", &node.span) {
            look.uses(owner, &tool, &node.span);
        }
    }
}

/// `{role: system, content: …}`.
fn message(look: &mut Look<'_>, node: &Node, owner: Option<&str>) {
    let says = |key: &str| node.get(key).and_then(Node::text);
    let Some(role) = says("role").filter(|role| matches!(*role, "system" | "developer")) else { return };
    let Some(entry) = node.entry("content").or_else(|| node.entry("text")) else { return };
    let Some(text) = entry.node.text().filter(|text| inventar_analysis::prompt::is_prose(text)) else {
        return;
    };
    let stem = look.stem().to_owned();
    let key = look.prompt(&format!("{stem} {role}"), "system", text, &entry.key_span, "prompt-message", 90);
    if let Some(owner) = owner {
        look.uses(owner, &key, &entry.key_span);
    }
}

/// `langgraph.json`.
fn graphs(look: &mut Look<'_>, root: &Node) {
    // What the store finds by meaning is embedded by a model.
    let index = root.get("store").and_then(|store| store.get("index"));
    if let Some(embed) = index.and_then(|index| index.get("embed"))
        && let Some(text) = embed.text()
    {
        look.model(text, &embed.span, !text.contains(".py"));
    }
    let Some(graphs) = root.get("graphs") else { return };
    for graph in graphs.entries() {
        let key = look.agent(&graph.key, "langgraph", &graph.key_span, "langgraph-graph", 95);
        let target = graph.node.text().or_else(|| graph.node.get("path").and_then(Node::text));
        if let Some(target) = target {
            look.out.property(&key, "entrypoint", target);
        }
    }
}

/// An A2A agent card.
fn is_card(root: &Node) -> bool {
    root.get("name").is_some()
        && (root.get("skills").is_some() || root.get("capabilities").is_some())
        && (root.get("url").is_some()
            || root.get("protocolVersion").is_some()
            || root.get("supportedInterfaces").is_some())
}

fn card(look: &mut Look<'_>, root: &Node) {
    let Some(name) = root.get("name") else { return };
    let key = look.agent(name.text().unwrap_or_default(), "a2a", &name.span, "agent-card", 95);
    if let Some(url) = root.get("url").and_then(Node::text) {
        look.out.property(&key, "url", url);
    }
    let skills: Vec<String> = root
        .get("skills")
        .map(Node::items)
        .unwrap_or_default()
        .iter()
        .filter_map(|skill| skill.any(&["name", "id"]).and_then(Node::text).map(str::to_owned))
        .take(50)
        .collect();
    if !skills.is_empty() {
        look.out.property(&key, "skills", skills);
    }
}

/// promptfoo: an evaluation with its prompts and the models it compares.
fn promptfoo(look: &mut Look<'_>, root: &Node) {
    look.is_for_tests();
    let at = root.entries().first().map_or(0..1, |entry| entry.key_span.clone());
    let name = root.get("description").and_then(Node::text).unwrap_or(look.path()).to_owned();
    let key = look.other("evaluation", &name, &at, "promptfoo-evaluation");
    for provider in root.any(&["providers", "targets"]).map(Node::items).unwrap_or_default() {
        let id = provider.get("id").unwrap_or(provider);
        let Some(text) = id.text() else { continue };
        // `openai:chat:gpt-4o`.
        let last = text.rsplit(':').next().unwrap_or(text);
        let model = look.model(text, &id.span, false).or_else(|| look.model(last, &id.span, false));
        if let Some(model) = model {
            look.uses(&key, &model, &id.span);
        }
    }
    for prompt in root.get("prompts").map(Node::items).unwrap_or_default() {
        let node = prompt.any(&["raw", "content"]).unwrap_or(prompt);
        let Some(text) = node
            .text()
            .filter(|text| !text.starts_with("file://") && inventar_analysis::prompt::is_prose(text))
        else {
            continue;
        };
        let prompt = look.prompt("promptfoo prompt", "template", text, &node.span, "promptfoo-prompt", 85);
        look.uses(&key, &prompt, &node.span);
    }
}
