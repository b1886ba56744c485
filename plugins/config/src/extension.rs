//! Extensions of editors: what a user may set, and what they add to the editor's assistant.

use crate::look::Look;
use crate::names::is_ai_word;
use crate::settings::{self, Context, Place};
use crate::value::snake;
use inventar_analysis::words::{Role, role};
use inventar_documents::{Entry, Node};

/// More settings, tools or participants of one extension are not looked at.
const MAX_MEMBERS: usize = 1_000;

/// Whether a manifest is an editor's extension.
pub(crate) fn is_extension(text: &str) -> bool {
    text.contains("\"contributes\"") && text.contains("\"engines\"")
}

pub(crate) fn read(look: &mut Look<'_>, root: &Node) {
    let Some(contributes) = root.get("contributes") else { return };
    let is_ai = speaks_of_ai(root);
    let configuration = contributes.get("configuration");
    let groups = configuration.map_or(&[][..], Node::items).iter().chain(configuration);
    for group in groups.take(MAX_MEMBERS) {
        let properties = group.get("properties").map(Node::entries).unwrap_or_default();
        properties.iter().take(MAX_MEMBERS).for_each(|property| setting(look, property, is_ai));
    }
    let members =
        |key: &str| contributes.get(key).map(Node::items).unwrap_or_default().iter().take(MAX_MEMBERS);
    for tool in members("languageModelTools") {
        offered(look, tool, "tool", &["name"]);
    }
    for participant in members("chatParticipants") {
        offered(look, participant, "agent", &["name", "id"]);
    }
    for provider in members("mcpServerDefinitionProviders") {
        offered(look, provider, "mcp-server", &["label", "id"]);
    }
}

fn offered(look: &mut Look<'_>, item: &Node, kind: &'static str, names: &[&str]) {
    if let Some(name) = item.any(names)
        && let Some(text) = name.text().map(str::trim).filter(|text| !text.is_empty() && text.len() <= 120)
    {
        look.offered(kind, text, &name.span);
    }
}

/// A setting with what it is if nobody sets it, and what it may be set to.
fn setting(look: &mut Look<'_>, entry: &Entry, is_ai: bool) {
    let name = entry.key.rsplit('.').next().unwrap_or(&entry.key);
    let snake = snake(name);
    let context = Context::of_ai(is_ai || entry.key.split('.').any(is_ai_word));
    if inventar_catalogue::setting(&entry.key).is_some() {
        return look.secret_setting(&entry.key, &entry.key_span);
    }
    let role = role(&snake);
    if let Some(default) = entry.node.get("default")
        && let Some(text) = default.text().filter(|text| !text.trim().is_empty())
    {
        if matches!(role, Some(Role::System | Role::Template)) || snake.ends_with("prompt") {
            look.prompt(&entry.key, text, &default.span, role == Some(Role::System));
        } else {
            let place = Place { name, at: &entry.key_span, value_at: &default.span, context };
            settings::assign(look, &place, text);
        }
    }
    if matches!(role, Some(Role::Model | Role::Models)) {
        settings::choices(look, &snake, &entry.node, context);
    }
}

/// Whether an extension says of itself that it is about AI.
fn speaks_of_ai(root: &Node) -> bool {
    const WORDS: &[&str] = &[
        "ai",
        "llm",
        "llms",
        "gpt",
        "chatgpt",
        "openai",
        "claude",
        "gemini",
        "ollama",
        "copilot",
        "codellama",
    ];
    let texts = ["name", "displayName", "description"].iter().filter_map(|key| root.get(key)?.text());
    let lists = ["categories", "keywords"].iter().filter_map(|key| root.get(key)).flat_map(Node::scalars);
    texts.chain(lists).any(|text| {
        text.split(|c: char| !c.is_ascii_alphanumeric())
            .any(|word| WORDS.contains(&&*word.to_ascii_lowercase()))
    })
}
