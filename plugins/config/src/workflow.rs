//! CI: steps that ask a model, with their models, prompts and keys.

use crate::command;
use crate::look::Look;
use crate::settings::{self, Context};
use inventar_catalogue::{CiTool, ci_action, container_image};
use inventar_documents::{Node, Value};
use inventar_plugin_sdk::{Asset, Usage};
use std::ops::Range;

/// GitHub, Gitea, GitLab, CircleCI, Azure Pipelines, Bitbucket; a GitHub action of one's own.
pub(crate) fn is_workflow(path: &str, root: &Node) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let has = |key: &str| root.get(key).is_some();
    path.contains(".github/workflows/")
        || path.contains(".gitea/workflows/")
        || path.contains(".circleci/")
        || name.contains(".gitlab-ci")
        || name.starts_with("azure-pipelines")
        || name == "bitbucket-pipelines.yml"
        || has("jobs") && (has("on") || has("true"))
        || has("runs") && root.get("runs").is_some_and(|runs| runs.get("using").is_some())
}

pub(crate) fn read(look: &mut Look<'_>, root: &Node) {
    look.within(Usage::Development, |look| node(look, root, 0));
}

fn node(look: &mut Look<'_>, at: &Node, depth: usize) {
    if depth > 40 {
        return;
    }
    if at.get("uses").is_some() || at.get("run").is_some() || at.any(&["script", "command"]).is_some() {
        step(look, at);
        return;
    }
    match &at.value {
        Value::Table(entries) => {
            for entry in entries {
                match entry.key.as_str() {
                    "env" | "variables" | "environment" | "inputs" => {
                        settings::walk(look, &entry.node, Context::default())
                    }
                    "image" | "services" | "container" => images(look, &entry.node),
                    _ => node(look, &entry.node, depth + 1),
                }
            }
        }
        Value::List(items) => items.iter().for_each(|item| node(look, item, depth + 1)),
        _ => {}
    }
}

fn step(look: &mut Look<'_>, step: &Node) {
    let mut agents: Vec<(&'static CiTool, Range<usize>)> = vec![];
    if let Some(uses) = step.get("uses")
        && let Some(text) = uses.text()
    {
        agents.extend(ci_action(text).map(|tool| (tool, uses.span.clone())));
    }
    for script in ["run", "script", "before_script", "after_script", "command"] {
        let Some(script) = step.get(script) else { continue };
        for (text, at) in texts(script) {
            let words = command::split_at(look, text, at);
            agents.extend(command::programs(&words));
            command::interpret(look, &words, false);
        }
    }
    let owner = agents.into_iter().take(8).map(|(tool, at)| see(look, tool, step, &at)).next();
    let is_ai = owner.is_some();
    look.owner = owner.or(look.owner.take());
    for entry in step.entries() {
        if matches!(entry.key.as_str(), "with" | "env" | "variables" | "inputs" | "environment") {
            settings::walk(look, &entry.node, Context::of_ai(is_ai));
            if is_ai {
                arguments(look, &entry.node);
            }
        } else if matches!(entry.key.as_str(), "image" | "services" | "container") {
            images(look, &entry.node);
        } else if entry.key == "steps" {
            node(look, &entry.node, 1);
        }
    }
    look.owner = None;
}

/// `claude_args: --model X`.
fn arguments(look: &mut Look<'_>, with: &Node) {
    for entry in with.entries().iter().filter(|entry| entry.key.ends_with("args")) {
        if let Some(text) = entry.node.text() {
            command::line(look, text, &entry.node.span);
        }
    }
}

fn see(look: &mut Look<'_>, tool: &'static CiTool, step: &Node, at: &Range<usize>) -> String {
    let key = format!("ci-agent:{}", tool.name);
    let seen = look.seen(at, "ci-agent", 95);
    let label = step.get("name").and_then(Node::text).map(str::to_owned);
    let uses = step.get("uses").and_then(Node::text).map(str::to_owned);
    look.out.see(&key, seen, |key| {
        Asset::new(key, "ci-agent", tool.name)
            .property("provider", tool.provider)
            .maybe("step", label)
            .maybe("action", uses)
    });
    key
}

fn texts(node: &Node) -> Vec<(&str, &Range<usize>)> {
    let one = |node: &'_ Node| node.text().is_some();
    match node.text() {
        Some(text) => vec![(text, &node.span)],
        None => node
            .items()
            .iter()
            .filter(|item| one(item))
            .map(|item| (item.text().unwrap_or_default(), &item.span))
            .collect(),
    }
}

fn images(look: &mut Look<'_>, at: &Node) {
    let mut queue = vec![(at, 0)];
    while let Some((node, depth)) = queue.pop() {
        if let Some(text) = node.text().filter(|text| container_image(text).is_some()) {
            look.image(text, &node.span);
        }
        if depth < 6 {
            queue.extend(node.entries().iter().map(|entry| (&entry.node, depth + 1)));
            queue.extend(node.items().iter().map(|item| (item, depth + 1)));
        }
    }
}
