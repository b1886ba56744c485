//! CI: steps that ask a model, with their models, prompts and keys.

use crate::command;
use crate::look::Look;
use crate::settings::{self, Context};
use inventar_analysis::secret::is_of_another_service;
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
    let name = root.get("name").and_then(Node::text);
    look.within(Usage::Development, |look| node(look, root, &[name], 0));
}

/// `above`: the names of the workflow and of the job.
fn node(look: &mut Look<'_>, at: &Node, above: &[Option<&str>], depth: usize) {
    if depth > 40 {
        return;
    }
    if at.get("uses").is_some() || at.get("run").is_some() || at.any(&["script", "command"]).is_some() {
        step(look, at, above);
        return;
    }
    let job = at.get("steps").and_then(|_| at.get("name")).and_then(Node::text);
    let within = [above[0], job];
    let above = if job.is_some() { &within[..] } else { above };
    match &at.value {
        Value::Table(entries) => {
            for entry in entries {
                match entry.key.as_str() {
                    "env" | "variables" | "environment" | "inputs" => {
                        settings::walk(look, &entry.node, Context::default())
                    }
                    "image" | "services" | "container" => images(look, &entry.node),
                    _ => node(look, &entry.node, above, depth + 1),
                }
            }
        }
        Value::List(items) => items.iter().for_each(|item| node(look, item, above, depth + 1)),
        _ => {}
    }
}

fn step(look: &mut Look<'_>, step: &Node, above: &[Option<&str>]) {
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
            command::interpret(look, &words, command::Way::default());
        }
    }
    let mut owner = agents.into_iter().take(8).map(|(tool, at)| see(look, tool, step, &at)).next();
    if owner.is_none() && own_agent(step, above) {
        let at = step.any(&["run", "script"]).map_or(&step.span, |run| &run.span);
        let name = above[0].map(str::trim).filter(|name| !name.is_empty() && name.len() <= 100);
        let name = name.unwrap_or_else(|| look.path().rsplit('/').next().unwrap_or_default()).to_owned();
        owner = Some(look.ci_agent(&name, step.get("name").and_then(Node::text), at));
        look.owner = owner.clone();
        handed_keys(look, step);
    }
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
            node(look, &entry.node, above, 1);
        }
    }
    look.owner = None;
}

/// Whether a step runs an agent of one's own: a program that is told about the repository and where to ask a model, in a
/// step that is called after what an agent does, and not after building or testing one.
fn own_agent(step: &Node, above: &[Option<&str>]) -> bool {
    let Some(run) = step.any(&["run", "script"]).and_then(Node::text) else { return false };
    let environment = step.any(&["env", "environment", "variables"]).map(Node::entries).unwrap_or_default();
    let asks_model = environment.iter().any(|entry| {
        let text = entry.node.text().unwrap_or_default();
        let value = crate::value::parts(text).text.unwrap_or_default().trim_matches(['\'', '"']);
        inventar_catalogue::secret(&entry.key)
            .is_some_and(|secret| matches!(secret.kind, "model-api" | "gateway"))
            || inventar_catalogue::endpoint_of_url(value)
                .is_some_and(|known| matches!(known.kind, "model-api" | "gateway"))
    });
    let is_repository = |text: &str| {
        ["github.event.", "GITHUB_TOKEN", "GH_TOKEN", "github.token", "CI_MERGE_REQUEST"]
            .iter()
            .any(|word| text.contains(word))
    };
    let knows_repository = is_repository(run)
        || environment
            .iter()
            .any(|entry| is_repository(&entry.key) || entry.node.text().is_some_and(is_repository));
    let own = step.get("name").and_then(Node::text);
    let names = || above.iter().copied().chain([own]).flatten().flat_map(words);
    asks_model
        && knows_repository
        && names().any(|word| is_work(&word))
        && !names().any(|word| is_making(&word))
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase)
}

/// What agents do in a repository.
fn is_work(word: &str) -> bool {
    ["agent", "bot"].iter().any(|end| word.ends_with(end))
        || ["review", "triag", "summar", "assist"].iter().any(|begin| word.starts_with(begin))
        || matches!(word, "ai" | "llm" | "gpt" | "chatgpt" | "openai" | "claude" | "gemini" | "copilot")
}

/// What is done with the program itself.
fn is_making(word: &str) -> bool {
    ["test", "eval", "deploy", "build", "lint", "bench", "publish", "integration"]
        .iter()
        .any(|begin| word.starts_with(begin))
        || matches!(word, "ci" | "e2e" | "smoke" | "coverage" | "check" | "checks" | "install" | "setup")
}

/// The keys that a step hands to an agent: `AI_API_KEY: ${{ secrets.AI_API_KEY }}`, .NET's `Section__ApiKey`.
fn handed_keys(look: &mut Look<'_>, step: &Node) {
    let environment = step.any(&["env", "environment", "variables"]).map(Node::entries).unwrap_or_default();
    for entry in environment.iter().take(200) {
        let Some(text) = entry.node.text().filter(|text| text.contains("secrets.")) else { continue };
        let is_api_key = |name: &str| {
            let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
            plain.to_ascii_uppercase().ends_with("APIKEY")
                && !is_of_another_service(&name.to_ascii_uppercase())
        };
        for variable in crate::value::parts(text).variables.into_iter().filter(|name| is_api_key(name)) {
            look.secret(variable, &entry.node.span, true);
        }
        if entry.key.contains("__") && is_api_key(&entry.key) {
            look.secret_setting(&entry.key, &entry.key_span);
        }
    }
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
