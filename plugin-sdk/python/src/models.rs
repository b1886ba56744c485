//! Models: by the place they stand at, and where none says so, as mentioned.

use crate::flow::{Found, Value, members};
use crate::look::{Look, extent};
use crate::module::{ScopeId, SlotKind, last_part};
use inventar_analysis::Seen;
use inventar_analysis::link::Sink;
use inventar_analysis::model::{Sighted, is_hub_id, is_model_word, is_strong_word, may_be_known, named};
use inventar_analysis::words::{self, Role};
use inventar_catalogue::{model, model_at_model_place};
use inventar_plugin_sdk::{Method, Usage};
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

impl Place<'_> {
    /// The model that a text names here, and how sure that is.
    pub(crate) fn named(self, text: &str) -> Option<(Sighted, u8)> {
        let library = || inventar_catalogue::import("python", self.path).and_then(|package| package.provider);
        named(text, self.sure, library)
    }
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
        let sure = ai && word.is_none_or(is_model_word) && !makes_types(path);
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
        let (sighting, confidence) = place.named(text)?;
        let seen = self.seen(found.at, place.rule, found.hops, confidence);
        let key = self.out.model(sighting, seen);
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
            let known = if is_strong_word(name) { model_at_model_place(text) } else { model(text) };
            if known.is_some() {
                self.model_found(&found, place);
            } else if is_hub_id(text)
                && (self.ai || name.to_ascii_lowercase().contains("embed"))
                && is_strong_word(name)
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

    /// `class Model(str, Enum): FAST = "gpt-4o-mini"`: an enumeration of models is a list to pick from.
    fn model_enums(&mut self) {
        for class in &self.module().classes {
            let named = |base: &Expr| matches!(last_part(base), Some("Enum" | "StrEnum"));
            if !class.node.bases().iter().any(named) {
                continue;
            }
            let literals =
                class.attrs.values().flatten().filter_map(|(value, _)| value.as_string_literal_expr());
            let models: Vec<_> = literals.filter(|text| model(text.value.to_str()).is_some()).collect();
            if models.len() >= 2 || class.node.name.to_ascii_lowercase().contains("model") {
                for text in models {
                    self.model_literal(text, "model-registry", self.usage, 80);
                }
            }
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
        let seen = Seen { at: extent(text.range), rule, method: Method::Matched, usage, confidence };
        self.out.model(sighting, seen);
        if usage != Usage::Mentioned {
            self.busy.push(text.range);
        }
    }

    /// Texts that name a model anywhere else.
    pub(crate) fn literals(&mut self) {
        self.model_enums();
        let module = self.module();
        for (url, scope) in &module.urls {
            self.url_in_parts(url, *scope);
        }
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
            if text.starts_with("models:/") {
                self.address_literal(literal.node);
                continue;
            }
            if self.taken.contains(&literal.node.range.start())
                || !may_be_known(text)
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

/// What describes a model does not use it, and schemas of data are called models too: `create_model("Answer")`, `schema_to_pydantic_model(…, model_name=…)`.
fn makes_types(path: &str) -> bool {
    let last = path.rsplit('.').next().unwrap_or(path);
    ["Metadata", "Info", "Result", "Event", "Error", "Card", "Response"].iter().any(|end| last.ends_with(end))
        || last.contains("pydantic")
        || last.contains("schema")
        || last == "create_model" && !path.starts_with("timm")
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
