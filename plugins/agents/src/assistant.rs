//! Files of assistants: rules, skills, commands, agents, settings, packages.

use crate::conventions::{Convention, Purpose};
use crate::look::Look;
use crate::prompts;
use inventar_documents::lines::{self, Line};
use inventar_documents::{Entry, Format, Node, Value, front_matter, parse};
use std::ops::Range;

/// What a file of a convention says. None: it could be read; else why not.
pub(crate) fn read(look: &mut Look<'_>, convention: &Convention, text: &str) -> Option<String> {
    match convention.purpose {
        Purpose::Settings => return settings(look, convention, text),
        Purpose::Package => return package(look, convention, text),
        Purpose::Agent if !look.path().ends_with(".md") => return agents(look, convention, text),
        _ => {}
    }
    let (matter, body, body_at) = split(text);
    if body.trim().is_empty() && matter.is_none() {
        return None;
    }
    let matter = matter.as_ref();
    let first = first_line(text);
    let has = |key: &str| matter.is_some_and(|matter| matter.get(key).is_some());
    let purpose = match convention.purpose {
        Purpose::PackagedAgent if has("name") && has("description") && !has("title") => Purpose::Agent,
        Purpose::PackagedCommand
            if has("description") && (has("allowed-tools") || has("argument-hint") || has("model")) =>
        {
            Purpose::Command
        }
        Purpose::PackagedAgent | Purpose::PackagedCommand => return None,
        purpose => purpose,
    };
    let name_node = matter.and_then(|matter| matter.get("name")).filter(|name| name.text().is_some());
    let at = name_node.map_or(first, |name| name.span.clone());
    match purpose {
        Purpose::Rules => {
            look.is_for_development();
            let key = look.prompt(look.path(), "assistant-rules", text, &at, "assistant-rules", 95);
            look.out.property(&key, "product", convention.product);
            described(look, &key, matter);
        }
        Purpose::Skill => {
            look.is_for_development();
            let key = look.prompt(look.path(), "skill", text, &at, "assistant-skill", 95);
            look.out.property(&key, "product", convention.product);
            look.out.property(&key, "skill", name_node.and_then(Node::text).unwrap_or(look.stem()));
            described(look, &key, matter);
            model_of(look, &key, matter);
        }
        Purpose::Command => {
            let is_product = matches!(convention.product, "Prompty" | "Dotprompt");
            if !is_product {
                look.is_for_development();
            }
            let name = if is_product { look.stem() } else { look.path() };
            let body = if body.trim().is_empty() { text } else { body };
            let at = if is_product { at } else { body_start(body, &body_at).unwrap_or(at) };
            let key = look.prompt(name, "template", body, &at, "prompt-file", 95);
            look.out.property(&key, "product", convention.product);
            described(look, &key, matter);
            model_of(look, &key, matter);
            prompts::template_model(look, &key, matter);
        }
        Purpose::Agent | Purpose::Workflow => {
            let is_workflow = purpose == Purpose::Workflow;
            // Other documents lie there too.
            if is_workflow && matter.is_none_or(|matter| matter.get("on").or(matter.get("true")).is_none()) {
                return None;
            }
            look.is_for_development();
            let name = name_node.and_then(Node::text).unwrap_or(look.stem()).to_owned();
            let key = if is_workflow {
                look.other("ci-agent", &name, &at, "agentic-workflow")
            } else {
                look.agent(&name, convention.product, &at, "assistant-agent", 95)
            };
            look.out.property(&key, "product", convention.product);
            look.out.property(&key, "characters", body.chars().count());
            described(look, &key, matter);
            model_of(look, &key, matter);
        }
        Purpose::Settings | Purpose::Package | Purpose::PackagedAgent | Purpose::PackagedCommand => {}
    }
    None
}

/// Front matter, the text behind it, and where that begins.
fn split(text: &str) -> (Option<Node>, &str, usize) {
    let Some((range, format)) = front_matter(text) else { return (None, text, 0) };
    let fence = text[range.end..].find('\n').map_or(text.len(), |end| range.end + end + 1);
    let inner = &text[range.clone()];
    let matter = match parse(inner, format) {
        Ok(matter) => matter,
        // `description: Use this when… user: "…"`: the assistants read it all the same.
        Err(_) if format == Format::Yaml => Some(by_lines(inner)),
        Err(_) => None,
    };
    let matter = matter.map(|node| moved(node, range.start));
    (matter, &text[fence..], fence)
}

/// What the lines that are not indented say, of front matter that is no YAML.
fn by_lines(text: &str) -> Node {
    let is_outer =
        |line: &Line<'_>| !line.is_comment && (line.at.start == 0 || text[..line.at.start].ends_with('\n'));
    let entry = |line: Line<'_>| Entry {
        key: line.name.to_owned(),
        key_span: line.at,
        node: Node { value: Value::Text(line.value.to_owned()), span: line.value_at },
    };
    Node {
        value: Value::Table(lines::read(text).into_iter().filter(is_outer).map(entry).collect()),
        span: 0..text.len(),
    }
}

/// The tree with its places moved by what stands before it.
pub(crate) fn moved(mut node: Node, by: usize) -> Node {
    node.span = node.span.start + by..node.span.end + by;
    match &mut node.value {
        Value::List(items) => {
            *items = std::mem::take(items).into_iter().map(|item| moved(item, by)).collect();
        }
        Value::Table(entries) => {
            for entry in entries {
                entry.key_span = entry.key_span.start + by..entry.key_span.end + by;
                let empty = Node { value: Value::Nothing, span: 0..0 };
                entry.node = moved(std::mem::replace(&mut entry.node, empty), by);
            }
        }
        _ => {}
    }
    node
}

fn first_line(text: &str) -> Range<usize> {
    let start = text.len() - text.trim_start().len();
    let end = text[start..].find('\n').map_or(text.len(), |end| start + end);
    start..end.min(start + 200)
}

/// Where the text behind the front matter begins.
fn body_start(body: &str, body_at: &usize) -> Option<Range<usize>> {
    let start = body.len() - body.trim_start().len();
    (start < body.len()).then(|| {
        let line = first_line(body);
        body_at + line.start..body_at + line.end
    })
}

fn described(look: &mut Look<'_>, key: &str, matter: Option<&Node>) {
    let Some(matter) = matter else { return };
    for (name, keys) in [
        ("description", &["description"][..]),
        ("applies-to", &["applyTo", "globs", "paths", "trigger"]),
        ("tools", &["tools", "allowed-tools", "allowed_tools"]),
    ] {
        let Some(node) = matter.any(keys) else { continue };
        let texts = node.scalars().join(", ");
        let text = node.scalar().unwrap_or(&texts);
        if !text.is_empty() {
            look.out.property(key, name, &text[..text.floor_char_boundary(400)]);
        }
    }
}

fn model_of(look: &mut Look<'_>, key: &str, matter: Option<&Node>) {
    let Some(node) = matter.and_then(|matter| matter.any(&["model", "engine"])) else { return };
    let nodes = if node.items().is_empty() { vec![node] } else { node.items().iter().collect() };
    for node in nodes {
        let inner = node.any(&["model", "id", "name"]).unwrap_or(node);
        let Some(text) = inner.text() else { continue };
        // `GPT-4.1 (copilot)`, `Claude Sonnet 4`.
        let plain = text.split(" (").next().unwrap_or(text).trim().replace(' ', "-");
        match look.model(&plain, &inner.span, false) {
            Some(model) => look.uses(key, &model, &inner.span),
            None => look.out.property(key, "model", text),
        }
    }
}

/// Settings of an assistant: one configuration, with the models it names.
fn settings(look: &mut Look<'_>, convention: &Convention, text: &str) -> Option<String> {
    look.is_for_development();
    let format = Format::of(look.path()).unwrap_or(Format::Json);
    let root = match parse(text, format) {
        Ok(Some(root)) => root,
        Ok(None) => return None,
        Err(broken) => return Some(problem(text, &broken)),
    };
    // Weights & Biases calls a search for parameters by the same name.
    if convention.product == "Sweep" && root.get("parameters").is_some() {
        return None;
    }
    let at = root.entries().first().map_or(0..1, |entry| entry.key_span.clone());
    let name = look.path().to_owned();
    let key = look.other("config", &name, &at, "assistant-settings");
    look.out.property(&key, "product", convention.product);
    if let Some(permissions) = root.get("permissions") {
        for (name, list) in [("allows", "allow"), ("denies", "deny"), ("asks", "ask")] {
            let texts: Vec<String> = permissions
                .get(list)
                .map(Node::scalars)
                .unwrap_or_default()
                .into_iter()
                .take(50)
                .map(|text| text[..text.floor_char_boundary(120)].to_owned())
                .collect();
            if !texts.is_empty() {
                look.out.property(&key, name, texts);
            }
        }
    }
    if let Some(hooks) = root.get("hooks") {
        let events: Vec<String> = hooks.entries().iter().take(50).map(|entry| entry.key.clone()).collect();
        if !events.is_empty() {
            look.out.property(&key, "hooks", events);
        }
    }
    models_below(look, &key, &root, 0);
    if root.get("agent").is_some() || root.get("agents").is_some() {
        crate::definition::read(look, &root);
    }
    None
}

fn models_below(look: &mut Look<'_>, key: &str, node: &Node, depth: usize) {
    if depth > 12 {
        return;
    }
    for entry in node.entries() {
        let name = entry.key.to_ascii_lowercase().replace('-', "_");
        let is_model =
            name == "model" || name.ends_with("_model") || name.ends_with("model") && name.len() < 24;
        if let Some(text) = entry.node.text().filter(|_| is_model)
            && let Some(model) = look.model(text, &entry.node.span, true)
        {
            look.uses(key, &model, &entry.node.span);
        }
        models_below(look, key, &entry.node, depth + 1);
    }
    node.items().iter().take(500).for_each(|item| models_below(look, key, item, depth + 1));
}

/// A package of skills, commands, agents and servers.
fn package(look: &mut Look<'_>, convention: &Convention, text: &str) -> Option<String> {
    look.is_for_development();
    let root = match parse(text, Format::Json) {
        Ok(Some(root)) => root,
        Ok(None) => return None,
        Err(broken) => return Some(problem(text, &broken)),
    };
    let name = root.get("name")?;
    let key = look.other("agent-plugin", name.text()?, &name.span, "assistant-package");
    look.out.property(&key, "product", convention.product);
    if let Some(version) = root.get("version").and_then(Node::text) {
        look.out.property(&key, "version", version);
    }
    described(look, &key, Some(&root));
    None
}

/// Agents as data: `.roomodes`, Kiro's and Amazon Q's JSON, Codex's TOML.
fn agents(look: &mut Look<'_>, convention: &Convention, text: &str) -> Option<String> {
    look.is_for_development();
    let format = Format::of(look.path()).unwrap_or(if text.trim_start().starts_with('{') {
        Format::Json
    } else {
        Format::Yaml
    });
    let root = match parse(text, format) {
        Ok(Some(root)) => root,
        Ok(None) => return None,
        Err(broken) => return Some(problem(text, &broken)),
    };
    if let Some(modes) = root.get("customModes") {
        for mode in modes.items() {
            if let Some(name) = mode.any(&["slug", "name"])
                && let Some(text) = name.text()
            {
                look.agent(text, convention.product, &name.span, "assistant-agent", 95);
            }
        }
        return None;
    }
    let name = root.get("name");
    let at = name.map_or(0..1, |name| name.span.clone());
    let stem = look.stem();
    let key =
        look.agent(name.and_then(Node::text).unwrap_or(stem), convention.product, &at, "assistant-agent", 95);
    described(look, &key, Some(&root));
    model_of(look, &key, Some(&root));
    None
}

pub(crate) fn problem(text: &str, broken: &inventar_documents::Broken) -> String {
    let line = text[..broken.at.min(text.len())].matches('\n').count() + 1;
    format!("line {line}: {}", broken.why)
}
