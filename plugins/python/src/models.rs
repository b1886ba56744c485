//! Models: by the place they stand at, and where none says so, as mentioned.

use crate::flow::{Found, Value, members};
use crate::link::Sink;
use crate::look::Look;
use crate::module::{ScopeId, SlotKind, last_part};
use crate::sightings::Seen;
use crate::words::{self, Role};
use inventar_catalogue::{Model, model, model_at_model_place};
use inventar_plugin_sdk::{Asset, Method, Usage};
use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::{Ranged, TextRange};

/// How a text came to be taken for a model.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'p> {
    pub(crate) rule: &'static str,
    /// It is an argument of an AI library: a text the catalogue does not know is a model too.
    pub(crate) sure: bool,
    /// The path of the callee, for the provider of unknown models.
    pub(crate) path: &'p str,
}

impl<'a> Look<'_, '_, 'a> {
    /// What stands where a model is expected, in a call.
    pub(crate) fn model_value(
        &mut self,
        value: &'a Expr,
        scope: ScopeId,
        ai: bool,
        path: &str,
        word: Option<&str>,
    ) {
        let sure = ai && word.is_none_or(is_model_keyword) && !makes_types(path);
        let place = Place { rule: "model-argument", sure, path };
        for found in self.flow.values(value, scope) {
            match &found.value {
                Value::Text { .. } => {
                    self.model_found(&found, place);
                }
                Value::Foreign(..) => self.ask(&found, Sink::Model { sure: ai }, value.range(), None),
                _ => {}
            }
        }
    }

    /// One text at the place of a model; the key of its asset.
    pub(crate) fn model_found(&mut self, found: &Found<'a>, place: Place<'_>) -> Option<String> {
        let Value::Text { text, whole } = &found.value else { return None };
        // `f"openai/{name}"` names no model, `f"{PREFIX}gpt-4o"` was put together.
        if !whole {
            return None;
        }
        let (sighting, confidence) = named_model(text, place)?;
        let seen = self.seen(found.at, place.rule, found.hops, confidence);
        let key = sighting.key.clone();
        self.out.see(&key, seen, |_| sighting.asset());
        if let Some(env) = found.env {
            self.out.property(&key, "env", env);
        }
        self.taken.insert(found.at.start());
        self.busy.push(found.at);
        Some(key)
    }

    /// Models in slots: `DEFAULT_MODEL = "…"`, `{"model": "…"}`, `def f(model="…")`, settings and their defaults.
    pub(crate) fn model_slot(&mut self, name: &str, value: &'a Expr, scope: ScopeId, kind: SlotKind<'a>) {
        let place = Place { rule: "model-name", sure: false, path: "" };
        for found in self.flow.values(value, scope) {
            // What another name holds is reported where that name got it.
            if found.hops > 0 && found.env.is_none() {
                continue;
            }
            let Some(text) = found.whole() else { continue };
            let known = if is_strong(name) { model_at_model_place(text) } else { model(text) };
            if known.is_some() {
                self.model_found(&found, place);
            } else if is_hub_id(text)
                && (self.ai || name.to_ascii_lowercase().contains("embed"))
                && is_strong(name)
            {
                let place = Place { sure: true, ..place };
                if matches!(kind, SlotKind::Assign | SlotKind::Default | SlotKind::Member(_)) {
                    self.model_found(&found, place);
                }
            }
        }
    }

    /// A dictionary whose values are models is a list to pick from.
    pub(crate) fn model_registry(&mut self, dict: &'a ast::ExprDict) {
        let mut models = Vec::new();
        let mut others = 0;
        for (name, value) in members(dict) {
            match value {
                Expr::StringLiteral(text) if model(text.value.to_str()).is_some() => {
                    models.push((name, text))
                }
                _ => others += 1,
            }
        }
        // Models by models is a table of what each is also called.
        let aliases = models.iter().filter(|(name, _)| model(name).is_some()).count();
        if models.len() < 2 || others > models.len() || aliases * 2 > models.len() {
            return;
        }
        for (_, text) in models {
            self.model_literal(text, "model-registry", self.usage, 80);
        }
    }

    /// A literal that the catalogue knows, with the usage that its place says.
    fn model_literal(
        &mut self,
        text: &ast::ExprStringLiteral,
        rule: &'static str,
        usage: Usage,
        confidence: u8,
    ) {
        if !self.taken.insert(text.range.start()) {
            return;
        }
        let Some(known) = model(text.value.to_str()) else { return };
        let sighting = Sighted::known(text.value.to_str(), &known);
        let seen = Seen { at: text.range, rule, method: Method::Matched, usage, confidence };
        let key = sighting.key.clone();
        self.out.see(&key, seen, |_| sighting.asset());
        if usage != Usage::Mentioned {
            self.busy.push(text.range);
        }
    }

    /// Texts that name a model anywhere else.
    pub(crate) fn literals(&mut self) {
        let module = self.module();
        let mut by_function: Vec<TextRange> = module
            .functions
            .iter()
            .filter(|function| words::role(&function.node.name.id) == Some(Role::Model))
            .flat_map(|function| function.returns.iter().map(|(value, _)| value.range()))
            .collect();
        by_function.sort_by_key(|range| range.start());
        for literal in &module.literals {
            let text = literal.node.value.to_str();
            if text.starts_with("http") || text.starts_with("ws") {
                self.url_literal(literal.node);
                continue;
            }
            if self.taken.contains(&literal.node.range.start())
                || !may_be_model(text)
                || model(text).is_none()
            {
                continue;
            }
            let range = literal.node.range;
            let returned = by_function.iter().any(|value| value.contains_range(range));
            if returned && !module.compared.contains(&range) {
                self.model_literal(literal.node, "model-result", self.usage, 80);
            } else if literal.key_of.is_some_and(is_entry) {
                self.model_literal(literal.node, "model-registry", self.usage, 75);
            } else if literal.argument_of.is_some_and(takes_model) {
                self.model_literal(literal.node, "model-passed", self.usage, 75);
            } else {
                self.model_literal(literal.node, "model-mention", Usage::Mentioned, 70);
            }
        }
    }
}

/// A model as it will be reported.
#[derive(Debug)]
pub(crate) struct Sighted {
    pub(crate) key: String,
    name: String,
    identity: Option<String>,
    hub: Option<String>,
    provider: Option<String>,
    kind: Option<&'static str>,
    family: Option<&'static str>,
    route: Option<&'static str>,
}

impl Sighted {
    pub(crate) fn known(text: &str, model: &Model) -> Self {
        Self {
            key: format!("model:{}", model.identity()),
            name: text.to_owned(),
            identity: Some(model.identity()),
            hub: model.hub.clone(),
            provider: Some(model.provider.to_owned()),
            kind: Some(model.kind),
            family: Some(model.family),
            route: model.route,
        }
    }

    fn unknown(text: &str, provider: Option<&str>) -> Self {
        let hub = is_hub_id(text).then(|| text.to_owned());
        let organisation =
            hub.as_ref().and_then(|hub| hub.split_once('/')).map(|(organisation, _)| organisation);
        let provider = organisation.and_then(inventar_catalogue::hub_organisation).or(if hub.is_some() {
            None
        } else {
            provider
        });
        let identity = match (&hub, provider) {
            (None, Some(provider)) => Some(format!("{provider}/{}", text.to_ascii_lowercase())),
            _ => None,
        };
        Self {
            key: format!("model:{}", identity.as_deref().unwrap_or(text)),
            name: text.to_owned(),
            identity,
            hub,
            provider: provider.map(str::to_owned),
            kind: None,
            family: None,
            route: None,
        }
    }

    pub(crate) fn asset(self) -> Asset {
        let mut asset = Asset::new(self.key, "model-reference", self.name);
        if let Some(identity) = self.identity {
            asset = asset.identifier("model", identity);
        }
        if let Some(hub) = self.hub {
            asset = asset.identifier("hf", hub);
        }
        asset
            .maybe("provider", self.provider)
            .maybe("model-kind", self.kind)
            .maybe("family", self.family)
            .maybe("route", self.route)
    }
}

/// The model that a text names at a place, and how sure that is.
pub(crate) fn named_model(text: &str, place: Place<'_>) -> Option<(Sighted, u8)> {
    let text = text.trim();
    if let Some(model) = model_at_model_place(text) {
        return Some((Sighted::known(text, &model), if place.sure { 95 } else { 85 }));
    }
    let provider = inventar_catalogue::import("python", place.path).and_then(|package| package.provider);
    (place.sure && is_id(text)).then(|| (Sighted::unknown(text, provider), 75))
}

/// Words that hold a model's id; `llm` and `embedding` may hold a name of the project's own.
fn is_strong(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    lower.contains("model")
        || lower.contains("deployment")
        || lower.contains("engine")
        || lower.contains("repo_id")
}

/// Keywords whose value is a model's id in any library; `llm` and `embedding_model` may take an object's name.
fn is_model_keyword(word: &str) -> bool {
    is_strong(word) || matches!(word, "llm" | "llm_name")
}

/// What describes a model does not use it, and schemas of data are called models too: `create_model("Answer")`, `schema_to_pydantic_model(…, model_name=…)`.
fn makes_types(path: &str) -> bool {
    let last = path.rsplit('.').next().unwrap_or(path);
    ["Metadata", "Info", "Result", "Event", "Error", "Card", "Response"].iter().any(|end| last.ends_with(end))
        || last.contains("pydantic")
        || last.contains("schema")
        || last == "create_model" && !path.starts_with("timm")
}

/// Whether an unknown text reads like an id and not like a placeholder, a path or a sentence.
fn is_id(text: &str) -> bool {
    const NOT: &[&str] = &[
        "none",
        "default",
        "auto",
        "custom",
        "test",
        "model",
        "string",
        "null",
        "local",
        "mock",
        "fake",
        "dummy",
        "foo",
        "main",
        "base",
        "cpu",
        "cuda",
        "true",
        "false",
        "unknown",
        "gpt",
        "any",
        "text",
        "chat",
        "your-model",
    ];
    let lower = text.to_ascii_lowercase();
    (3..=120).contains(&text.len())
        && text.bytes().all(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':' | b'/' | b'@')
        })
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
        && !text.starts_with(['.', '/', '-', '_'])
        && !text.contains("://")
        && text.matches('/').count() <= 3
        && !NOT.contains(&lower.as_str())
        && !["mock", "fake", "dummy", "your-", "your_", "test-", "my-", "my_", "some-", "s3:"]
            .iter()
            .any(|front| lower.starts_with(front))
        && ![".py", ".json", ".yaml", ".txt", ".pt", ".bin", ".csv"].iter().any(|end| lower.ends_with(end))
}

/// `org/name`.
pub(crate) fn is_hub_id(text: &str) -> bool {
    let word = |part: &str| {
        part.len() >= 2
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
            && part.bytes().any(|byte| byte.is_ascii_alphabetic())
            && !part.starts_with('.')
    };
    is_id(text) && text.split_once('/').is_some_and(|(organisation, name)| word(organisation) && word(name))
}

/// Spares the catalogue: an id has a digit, a hyphen or a route.
fn may_be_model(text: &str) -> bool {
    text.len() <= 100 && text.bytes().any(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'/' | b':'))
}

/// The value of an entry that a user can pick: members that describe, and no prices.
fn is_entry(value: &Expr) -> bool {
    let Expr::Dict(dict) = value else { return false };
    let describes = |name: &str| {
        matches!(
            name,
            "name"
                | "provider"
                | "label"
                | "display_name"
                | "api_key"
                | "base_url"
                | "model"
                | "client"
                | "class"
        )
    };
    let measures = |name: &str| {
        ["cost", "price", "token", "context", "pricing", "window", "max_"]
            .iter()
            .any(|word| name.contains(word))
    };
    members(dict).any(|(name, _)| describes(name)) && !members(dict).any(|(name, _)| measures(name))
}

/// Whether a literal passed to this call is used, and not looked for, counted or shown.
fn takes_model(call: &ast::ExprCall) -> bool {
    const NOT: &[&str] = &[
        "startswith",
        "endswith",
        "removeprefix",
        "removesuffix",
        "split",
        "replace",
        "find",
        "index",
        "count",
        "print",
        "debug",
        "info",
        "warning",
        "error",
        "exception",
        "log",
        "append",
        "add",
        "get",
        "pop",
        "encoding_for_model",
        "isinstance",
        "len",
        "strip",
        "match",
        "search",
        "compile",
        "sub",
        "join",
        "frozenset",
        "set",
        "Literal",
        "insert",
        "remove",
        "discard",
        "ValueError",
        "echo",
        "setdefault",
        "getattr",
        "setattr",
        "hasattr",
        "ljust",
        "rjust",
        "write",
        "assertEqual",
        "assertIn",
        "lstrip",
        "rstrip",
        "TypeVar",
        "NewType",
        "getenv",
        "NamedTuple",
        "namedtuple",
        "warn",
        "ModelInfo",
        "field",
        "extend",
        "parametrize",
        "tuple",
        "list",
        "get_encoding",
        "partition",
        "rpartition",
        "rsplit",
    ];
    let last = last_part(&call.func).unwrap_or_default();
    !NOT.contains(&last) && !last.ends_with("Error") && !last.contains("token") && !last.contains("cost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids() {
        for id in ["gpt-next", "acme/llama-tune", "ft:gpt-4o:acme::1", "qwen-max"] {
            assert!(is_id(id), "{id}");
        }
        for other in ["", "a b", "./model", "model", "https://x.y/z", "my-model", "weights.pt", "123"] {
            assert!(!is_id(other), "{other}");
        }
        assert!(is_hub_id("BAAI/bge-m3"));
        assert!(!is_hub_id("a/b/c"));
    }
}
