//! The walk over names and values: what a name holds decides what its value is asked.

use crate::look::{Look, has_size, pair};
use crate::names::{Signs, is_ai_word, is_base_word, is_command, is_documentation, is_of_model, is_part};
use crate::servers;
use crate::value::{parts, snake};
use crate::{command, dotnet};
use inventar_analysis::names::Address;
use inventar_analysis::words::{Role, role};
use inventar_analysis::{endpoint, model, secret};
use inventar_documents::lines::Line;
use inventar_documents::{Entry, Node, Value};
use inventar_plugin_sdk::Usage;
use std::ops::Range;

/// Deeper settings are not walked; the parser bounds them too.
const MAX_DEPTH: usize = 64;

/// What the tables above say of a place.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Context {
    /// It belongs to AI software: an unknown id where a model stands is a model, any host is an endpoint.
    pub(crate) is_ai: bool,
    depth: usize,
}

impl Context {
    /// At the top of something that is AI, or is not.
    pub(crate) fn of_ai(is_ai: bool) -> Self {
        Self { is_ai, depth: 0 }
    }
}

/// A whole document of settings.
pub(crate) fn read(look: &mut Look<'_>, root: &Node) {
    spring_stores(look, root);
    servers::of_tree(look, root);
    if dotnet::is_settings(look.path()) {
        dotnet::keys(look, root);
    }
    walk(look, root, Context::default());
}

/// The environment of a program.
pub(crate) fn environment(look: &mut Look<'_>, lines: &[Line<'_>]) {
    for line in lines {
        let usage = if line.is_comment { Usage::Optional } else { Usage::Runtime };
        let name = line.name.trim_start_matches("NEXT_PUBLIC_");
        look.within(usage, |look| {
            let variable =
                Place { name, at: &line.at, value_at: &line.value_at, context: Context::default() };
            assign(look, &variable, line.value);
        });
    }
}

/// Java properties and INI: the path to a name says whose it is.
pub(crate) fn properties(look: &mut Look<'_>, lines: &[Line<'_>]) {
    servers::of_lines(look, lines);
    for line in lines.iter().filter(|line| !line.is_comment) {
        if let Some(rest) = line.name.strip_prefix(SPRING_STORES) {
            spring_store(look, rest, line.value, &line.at);
        }
        let path = line.name.rsplit_once('.').map_or("", |(path, _)| path);
        let is_ai = path.split('.').chain([line.section]).any(is_ai_word);
        let name = line.name.rsplit('.').next().unwrap_or(line.name);
        let place = Place {
            name,
            at: &line.at,
            value_at: &line.value_at,
            context: Context { is_ai, ..Context::default() },
        };
        assign(look, &place, line.value);
        // A name for a key of the program's own; what refers to a variable is told by that, and words are for people.
        if !line.value.contains(['$', ' ']) && inventar_catalogue::setting(line.bare_name()).is_some() {
            look.secret_setting(line.name, &line.at);
        }
    }
}

/// Where Spring AI is told which vector store to use.
const SPRING_STORES: &str = "spring.ai.vectorstore.";

/// `spring.ai.vectorstore.chroma.client.host`, `spring.ai.vectorstore.type=pgvector`.
fn spring_store(look: &mut Look<'_>, rest: &str, value: &str, at: &Range<usize>) {
    let name = match rest.split('.').next().unwrap_or(rest) {
        "type" => value.trim(),
        name => name,
    };
    let is_store = name.len() > 2
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if is_store && !matches!(name, "observations" | "none") {
        look.vector_store(name, "org.springframework.ai:spring-ai-vector-store", at);
    }
}

/// The same as a tree: `spring: {ai: {vectorstore: {qdrant: …}}}`.
pub(crate) fn spring_stores(look: &mut Look<'_>, root: &Node) {
    let stores = root.get("spring").and_then(|node| node.get("ai")).and_then(|node| node.get("vectorstore"));
    for entry in stores.map(Node::entries).unwrap_or_default().iter().take(50) {
        spring_store(look, &entry.key, entry.node.scalar().unwrap_or_default(), &entry.key_span);
    }
}

/// Tables, lists and scalars, with what the tables above said.
pub(crate) fn walk(look: &mut Look<'_>, node: &Node, context: Context) {
    if context.depth > MAX_DEPTH {
        return;
    }
    let below = Context { depth: context.depth + 1, ..context };
    match &node.value {
        Value::Table(entries) => {
            if let Some((name, value)) = pair(node) {
                named(look, name, value, below);
            }
            let signs = Signs::of(entries);
            let context = Context { is_ai: context.is_ai || signs.is_ai, ..below };
            let usage = if signs.is_comparison { Usage::Mentioned } else { Usage::Runtime };
            look.within(usage, |look| {
                for entry in entries {
                    walk_entry(look, entry, context);
                }
            });
        }
        Value::List(items) => items.iter().for_each(|item| walk(look, item, below)),
        _ => {}
    }
}

pub(crate) fn walk_entry(look: &mut Look<'_>, entry: &Entry, context: Context) {
    let name = entry.key.rsplit(['.', '/']).next().unwrap_or(&entry.key);
    if is_documentation(name) {
        return;
    }
    let below = Context { is_ai: context.is_ai || is_ai_word(&entry.key), ..context };
    let place = |value: &'_ Node| (entry.key_span.clone(), value.span.clone());
    match &entry.node.value {
        Value::Text(_) | Value::Number(_) | Value::Bool(_) => {
            let (at, value_at) = place(&entry.node);
            let Some(text) = entry.node.scalar() else { return };
            assign(look, &Place { name, at: &at, value_at: &value_at, context }, text);
            if is_command(name) {
                command::line(look, text, &value_at);
            }
        }
        // A name without a value: the variable is handed through.
        Value::Nothing => {
            look.secret(name, &entry.key_span, false);
        }
        Value::List(items) => {
            for item in items.iter().filter(|item| item.text().is_some()) {
                let text = item.text().unwrap_or_default();
                listed(look, name, item, text, context);
            }
            if is_command(name) {
                command::words(look, items);
            }
            let are_models = role(&snake(name)) == Some(Role::Models);
            for item in items.iter().filter(|item| item.text().is_none()) {
                if are_models {
                    registered(look, item);
                }
                walk(look, item, below);
            }
        }
        Value::Table(_) => {
            // `model: {name: gpt-4o, format: OpenAI}`.
            if role(&snake(name)) == Some(Role::Model)
                && let Some(id) = entry.node.any(&["name", "id", "model_id", "repo_id", "repo"])
                && let Some(text) = id.text().and_then(|text| parts(text).text)
            {
                let is_sure = context.is_ai && model::is_strong_word(name);
                look.model(text, &id.span, is_sure && model::is_hub_id(text), "model-setting");
            }
            // `model: {type: string, enum: [gpt-4o, gpt-4.1]}`.
            if let Some(Role::Model | Role::Models) = role(&snake(name)) {
                choices(look, &snake(name), &entry.node, below);
            }
            // `supported_models: {org/model-7b: {…}}`.
            if role(&snake(name)) == Some(Role::Models) {
                for model in
                    entry.node.entries().iter().filter(|model| is_sized_hub_id(&model.key)).take(MAX_CHOICES)
                {
                    look.model(&model.key, &model.key_span, true, "model-list");
                }
            }
            // `chatModel: {value: gpt-4o}`: a parameter with its value, or its default.
            if matches!(role(&snake(name)), Some(Role::Model | Role::Models | Role::Url))
                && let Some(value) = entry.node.any(&["value", "default", "defaultValue", "Default"])
                && let Some(text) = value.scalar()
            {
                assign(look, &Place { name, at: &entry.key_span, value_at: &value.span, context }, text);
            }
            // Helm: `image: {registry, repository, tag}`.
            if let Some(repository) = entry.node.get("repository")
                && repository.text().is_some()
            {
                let text =
                    |key: &str| entry.node.get(key).and_then(Node::scalar).filter(|text| !text.is_empty());
                let tag = text("tag").map_or(String::new(), |tag| format!(":{tag}"));
                let registry = text("registry").map_or(String::new(), |registry| format!("{registry}/"));
                let full = format!("{registry}{}{tag}", repository.text().unwrap_or_default());
                look.image(&full, &repository.span);
            }
            walk(look, &entry.node, below);
        }
    }
}

/// An element of a list under a name: a model of a list of models, `NAME=value` of an environment.
fn listed(look: &mut Look<'_>, name: &str, item: &Node, text: &str, context: Context) {
    let at = &item.span;
    if let Some((variable, value)) = text.split_once('=').filter(|(name, _)| crate::value::is_variable(name))
    {
        assign(look, &Place { name: variable, at, value_at: at, context }, value);
        return;
    }
    if crate::value::is_variable(text) && look.secret(text, at, false) {
        return;
    }
    if let Some(Role::Model | Role::Models) = role(&snake(name)) {
        let Some(text) = parts(text).text else { return };
        look.model(text, at, context.is_ai, "model-list");
    } else if endpoint::is_url(text) && !is_documentation(name) {
        look.endpoint(text, at, false);
    }
}

/// More choices of one setting are not looked at.
const MAX_CHOICES: usize = 500;

/// What a setting for a model may be set to: a schema's `enum`, a form's `options`.
pub(crate) fn choices(look: &mut Look<'_>, snake: &str, node: &Node, context: Context) {
    if is_of_model(snake) || is_part(snake) {
        return;
    }
    const LISTS: &[&str] = &["enum", "options", "choices", "allowedValues", "allowed_values"];
    let Some(list) = node.any(LISTS).or_else(|| node.get("items")?.any(LISTS)) else { return };
    for item in list.items().iter().take(MAX_CHOICES) {
        let id = item.any(&["value", "const", "id"]).unwrap_or(item);
        let Some(text) = id.text().and_then(|text| parts(text).text) else { continue };
        let is_sure = model::is_tagged_id(text) || context.is_ai && model::is_hub_id(text);
        look.model(text, &id.span, is_sure, "model-choice");
    }
}

/// `org/model-7b`: an id of a hub with the size of a model in it.
pub(crate) fn is_sized_hub_id(text: &str) -> bool {
    model::is_hub_id(text) && has_size(text)
}

/// Words that settings of other programs have, too.
fn is_common_word(word: &str) -> bool {
    matches!(
        word,
        "agent" | "agents" | "providers" | "endpoints" | "completion" | "completions" | "inference"
    )
}

/// An entry of a list of models to pick from: its id says which, unless it says so under a model's own name.
fn registered(look: &mut Look<'_>, item: &Node) {
    let usage = if Signs::of(item.entries()).is_comparison { Usage::Mentioned } else { Usage::Runtime };
    // Beside a model's own name the entry's is an alias.
    let is_alias = item.entries().iter().any(|entry| {
        let name = snake(&entry.key);
        name == "litellm_params" || name == "model_url" || name.ends_with("model") || name == "model_id"
    });
    if let Some(id) = item.any(&["id", "slug", "name"]).filter(|_| !is_alias)
        && let Some(text) = id.text().and_then(|text| parts(text).text)
        && !text.contains(' ')
    {
        look.within(usage, |look| {
            let is_sure = inventar_catalogue::model(text).is_some() || is_sized_hub_id(text);
            look.model(text, &id.span, is_sure, "model-list");
        });
    }
}

/// `{name: X, value: Y}` in a list is `X: Y`; with `valueFrom` it is a reference to a secret.
fn named(look: &mut Look<'_>, name: &Node, value: Option<&Node>, context: Context) {
    let Some(variable) = name.text().filter(|name| crate::value::is_variable(name)) else { return };
    match value.filter(|value| value.scalar().is_some()) {
        Some(value) => {
            let text = value.scalar().unwrap_or_default();
            assign(look, &Place { name: variable, at: &name.span, value_at: &value.span, context }, text);
        }
        None => {
            look.secret(variable, &name.span, false);
            if endpoint::is_model_host(variable) {
                look.endpoint_variable(variable, &name.span);
            }
        }
    }
}

/// A name and where it and its value stand.
pub(crate) struct Place<'a> {
    pub(crate) name: &'a str,
    pub(crate) at: &'a Range<usize>,
    pub(crate) value_at: &'a Range<usize>,
    pub(crate) context: Context,
}

/// A name is given a value.
pub(crate) fn assign(look: &mut Look<'_>, place: &Place<'_>, value: &str) {
    let Place { name, at, value_at, context } = *place;
    // A whole document in a text: `MODELS='[{"id": …}]'`.
    let bare = value.trim();
    if bare.len() > 8 && bare.len() < 64 << 10 && bare.starts_with(['[', '{']) && bare.ends_with([']', '}']) {
        if let Ok(Some(inner)) = inventar_documents::parse(bare, inventar_documents::Format::Json) {
            let entry = Entry { key: name.to_owned(), key_span: at.clone(), node: inner.placed(value_at) };
            walk_entry(look, &entry, Context { depth: context.depth + 8, ..context });
        }
        return;
    }
    if value.len() > 4096 {
        return;
    }
    if let Some(pairs) = connection(value) {
        let is_ai = context.is_ai || pairs.iter().any(|(name, _)| role(&snake(name)) == Some(Role::Model));
        for (name, value) in pairs {
            let context = Context { is_ai, depth: context.depth + 1 };
            assign(look, &Place { name, at, value_at, context }, value);
        }
        return;
    }
    let snake = snake(name);
    let role = role(&snake);
    let parts = parts(value);
    let is_secret = look.secret(name, at, false);
    // Prose may speak of variables; a setting names them.
    let is_prose = value.len() > 300 || value.contains('\n') || value.split(' ').count() > 6;
    for variable in parts.variables.iter().filter(|_| !is_prose) {
        // `API_KEY: ${API_KEY}` hands a variable through; `api_key: ${X}` says what it is.
        let is_own_word = name.bytes().any(|byte| byte.is_ascii_lowercase());
        // `openai_api_key: env:ACME_KEY`: the setting is called like a key that is known.
        let is_known = inventar_catalogue::secret(&snake.to_ascii_uppercase()).is_some();
        let is_key_place = (context.is_ai && role == Some(Role::Key) || is_known) && is_own_word;
        look.secret(variable, if is_secret { at } else { value_at }, is_key_place);
    }
    if is_secret || role == Some(Role::Key) {
        return;
    }
    let Some(text) = parts.text else {
        return unknown_address(look, place, role, &parts.variables);
    };
    if matches!(snake.as_str(), "image" | "container_image" | "image_uri" | "docker_image" | "base_image") {
        look.image(text, value_at);
        return;
    }
    // `models:/churn@champion` names a registered model whatever the setting is called.
    if Address::read(text).is_some() {
        look.model(text, value_at, true, "model-uri");
        return;
    }
    // `OPENAI_API_BASE_URLS=http://a/v1;http://b/v1`.
    if let Some(one) = name.strip_suffix(['s', 'S']).filter(|one| endpoint::is_model_host(one))
        && text.split([';', ',']).all(|url| endpoint::is_url(url.trim()))
    {
        for url in text.split([';', ',']).take(16) {
            assign(look, &Place { name: one, ..*place }, url.trim());
        }
        return;
    }
    match role {
        Some(Role::Model | Role::Models) if is_of_model(&snake) => {}
        Some(Role::Model | Role::Models) => {
            let is_strong = model::is_strong_word(&snake) && !is_part(&snake);
            // `SGLANG_MODEL`: the variable says whose model it is.
            let says_ai = snake.split('_').any(|word| is_ai_word(word) && !is_common_word(word));
            let is_sure = is_strong && (context.is_ai || says_ai || is_sized_hub_id(text));
            let is_list = text.contains(',') && !text.contains(' ') || role == Some(Role::Models);
            let texts = if is_list { text.split([',', ';']).collect() } else { vec![text] };
            for text in texts.into_iter().take(32) {
                look.model(text, value_at, is_sure, "model-setting");
            }
        }
        Some(Role::Url) if matches!(snake.as_str(), "model_url" | "model_uri") && model::is_hub_id(text) => {
            look.model(text, value_at, true, "model-setting");
        }
        Some(Role::Url) => {
            // `llamaCppUrl`: called like a variable that is known, and no page about a model.
            let host = endpoint::host_of(text);
            let is_page = ["huggingface.co", "hf.co", "modelscope.cn", "ollama.com"].contains(&host);
            let is_base = context.is_ai && is_base_word(&snake) && !secret::is_of_another_service(name)
                || endpoint::is_model_host(name)
                || !is_page && endpoint::is_model_host(&snake.to_ascii_uppercase());
            let with_scheme = endpoint::is_model_host(name) && !text.contains("://") && text.contains(':');
            let text = if with_scheme { format!("http://{text}") } else { text.to_owned() };
            look.endpoint(&text, value_at, is_base);
        }
        _ if endpoint::is_url(text) => {
            look.endpoint(text, value_at, false);
        }
        // `storageUri: hf://…`; a gateway's id says by its route that it is a model.
        _ if text.starts_with("hf://") || text.starts_with("ollama://") => {
            look.model(text, value_at, true, "model-uri");
        }
        _ => {}
    }
}

/// A connection string of .NET: `Endpoint=https://…;Key=…;Deployment=gpt-4o`.
fn connection(value: &str) -> Option<Vec<(&str, &str)>> {
    if !value.contains(';') || !value.contains('=') || value.contains('\n') {
        return None;
    }
    let parts = value.trim().trim_end_matches(';').split(';').take(33);
    let pairs: Vec<(&str, &str)> = parts.map(|part| part.trim().split_once('=')).collect::<Option<_>>()?;
    let is_name = |name: &str| {
        (2..=40).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b' ')
    };
    ((2..=32).contains(&pairs.len())
        && pairs.iter().all(|(name, value)| is_name(name) && !value.trim_end_matches('=').contains('=')))
    .then_some(pairs)
}

/// `OPENAI_BASE_URL: ${OPENAI_BASE_URL}`: known only by its variable.
fn unknown_address(look: &mut Look<'_>, place: &Place<'_>, role: Option<Role>, variables: &[&str]) {
    if role != Some(Role::Url) {
        return;
    }
    let host = variables.iter().find(|variable| endpoint::is_model_host(variable));
    match host {
        Some(variable) => look.endpoint_variable(variable, place.value_at),
        None if endpoint::is_model_host(place.name) => look.endpoint_variable(place.name, place.at),
        None => {}
    }
}
