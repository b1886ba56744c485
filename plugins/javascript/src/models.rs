//! Models: by the place they stand at, and where none says so, as mentioned.

use crate::flow::{Found, Value};
use crate::look::Look;
use crate::module::{Kind, NONE, NodeId, SlotKind};
use crate::path;
use crate::words::{self, snake};
use inventar_analysis::Seen;
use inventar_analysis::link::Sink;
use inventar_analysis::model::{Sighted, is_hub_id, is_model_word, is_strong_word, may_be_known, named};
use inventar_analysis::words::Role;
use inventar_catalogue::{model, model_at_model_place};
use inventar_plugin_sdk::{Method, Usage};
use oxc_span::Span;

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
    pub(crate) fn model_value(&mut self, value: NodeId, ai: bool, path: &str, word: Option<&str>) {
        let sure = ai && word.is_none_or(|word| is_model_word(&snake(word))) && !makes_types(path);
        let place = Place { rule: "model-argument", sure, path };
        let at = self.module().at(value);
        for found in self.flow.values(value) {
            match &found.value {
                Value::Text { .. } => {
                    self.model_found(&found, place);
                }
                Value::Foreign(..) => self.ask(&found, Sink::Model { sure }, at, None),
                _ => {}
            }
        }
    }

    /// One text at the place of a model; the key of its asset.
    pub(crate) fn model_found(&mut self, found: &Found<'a>, place: Place<'_>) -> Option<String> {
        let Value::Text { text, whole } = &found.value else { return None };
        // `openai/${name}` names no model.
        if !whole {
            return None;
        }
        let provider = match place.path {
            "" => None,
            path => self.library_of(path).and_then(|library| library.provider),
        };
        // `defineModel("echoModel")`: names of the project's own.
        let sure = place.sure && !text.ends_with("Model");
        let (sighting, confidence) = named(text, sure, || provider)?;
        let seen = self.seen(found.at, place.rule, found.hops, confidence);
        let key = self.out.model(sighting, seen);
        if let Some(env) = found.env {
            self.out.property(&key, "env", env);
        }
        self.taken.insert(found.at.start);
        self.busy.push(found.at);
        Some(key)
    }

    /// `openai("gpt-4o")`, `google.embedding("…")`, `createOpenAI()("…")`, `gateway("…")`: providers are functions of ids.
    pub(crate) fn provider_call(&mut self, path: &str, call: NodeId) {
        let module = path::module_of(path);
        let last = path::last_of(path);
        if path.contains(".tools.") && is_provider(module, path) {
            return self.provider_tool(last, call);
        }
        let Some(first) = self.module().arguments(call).first() else { return };
        if !is_provider(module, path) {
            return;
        }
        // What a custom provider calls its models is not what they are; what else a package does with a text is seen
        // by the text.
        let sure = makes_model(last, path)
            && !path.contains("customProvider")
            && !path.contains("createProviderRegistry");
        self.model_value(*first, sure, path, None);
    }

    /// Models in slots: `DEFAULT_MODEL = "…"`, `{ model: "…" }`, `(model = "…") =>`.
    pub(crate) fn model_slot(&mut self, name: &str, value: NodeId, kind: SlotKind) {
        let place = Place { rule: "model-name", sure: false, path: "" };
        let word = snake(name);
        // `{ modelId: "…", modelName: "…" }`: the name is for people.
        if let SlotKind::Member(object) = kind
            && word.ends_with("name")
            && ["modelId", "id", "model", "modelID"].iter().any(|id| {
                self.module()
                    .member(object, id)
                    .and_then(|id| self.module().text(id))
                    .is_some_and(|id| model(id).is_some())
            })
        {
            return;
        }
        for found in self.flow.values(value) {
            // What another name holds is reported where that name got it.
            if found.hops > 0 && found.env.is_none() {
                continue;
            }
            let Some(text) = found.whole() else { continue };
            let known = if is_strong_word(&word) { model_at_model_place(text) } else { model(text) };
            if known.is_some() {
                if self.module().compared.contains(&found.node) {
                    continue;
                }
                self.model_found(&found, place);
            } else if is_hub_id(text)
                && !text.contains("..")
                && (self.ai || word.contains("embed"))
                && is_strong_word(&word)
                && !matches!(kind, SlotKind::Default)
                && inventar_catalogue::hub_organisation(text.split('/').next().unwrap_or_default()).is_some()
            {
                self.model_found(&found, Place { sure: true, ..place });
            }
        }
    }

    /// An object whose values are models, or a list of models under such a name, is something to pick from.
    pub(crate) fn model_registry(&mut self, object: NodeId) {
        let module = self.module();
        let mut models = Vec::new();
        let mut others = 0;
        for prop in module.members(object) {
            match module.text(prop.value) {
                Some(text) if may_be_known(text) && model(text).is_some() => {
                    models.push((prop.name, prop.value))
                }
                _ => others += 1,
            }
        }
        // Models by models is a table of what each is also called.
        let aliases =
            models.iter().filter(|(name, _)| name.is_some_and(|name| model(name).is_some())).count();
        if models.len() < 2 || others > models.len() || aliases * 2 > models.len() {
            return;
        }
        for (_, node) in models {
            self.model_literal(node, "model-registry", self.usage, 80);
        }
    }

    /// A literal that the catalogue knows, with the usage that its place says.
    fn model_literal(&mut self, node: NodeId, rule: &'static str, usage: Usage, confidence: u8) {
        let at = self.module().at(node);
        let Some(text) = self.module().text(node) else { return };
        if !self.taken.insert(at.start) {
            return;
        }
        let Some(known) = model(text) else { return };
        let sighting = Sighted::known(text, &known);
        let seen = Seen { method: Method::Matched, usage, ..self.seen(at, rule, 0, confidence) };
        self.out.model(sighting, seen);
        if usage != Usage::Mentioned {
            self.busy.push(at);
        }
    }

    /// Texts that name a model anywhere else.
    pub(crate) fn literals(&mut self) {
        let module = self.module();
        let mut by_function: Vec<Span> = module
            .functions
            .iter()
            .filter(|function| function.name.is_some_and(|name| words::role(name) == Some(Role::Model)))
            .flat_map(|function| function.returns.iter().map(|value| module.at(*value)))
            .collect();
        by_function.sort_by_key(|at| at.start);
        for url in &module.urls {
            self.url_literal(*url);
        }
        for literal in &module.literals {
            let Some(text) = module.text(*literal) else { continue };
            let at = module.at(*literal);
            if text.starts_with("http") || text.starts_with("ws") {
                self.url_literal(*literal);
                continue;
            }
            if self.taken.contains(&at.start) || !may_be_known(text) || model(text).is_none() {
                continue;
            }
            let compared = module.compared.contains(literal);
            let returned = by_function.iter().any(|value| value.start <= at.start && at.end <= value.end);
            let (rule, usage, confidence) = if compared {
                ("model-mention", Usage::Mentioned, 70)
            } else if returned {
                ("model-result", self.usage, 80)
            } else if self.is_offered(*literal) {
                ("model-registry", self.usage, 75)
            } else if self.is_passed(*literal) {
                ("model-passed", self.usage, 75)
            } else {
                ("model-mention", Usage::Mentioned, 70)
            };
            self.model_literal(*literal, rule, usage, confidence);
        }
    }

    /// Whether a literal stands among things that a user picks from.
    fn is_offered(&self, literal: NodeId) -> bool {
        let module = self.module();
        if let Some(value) = module.keys.get(&literal) {
            return self.is_entry(*value);
        }
        let parent = module.node(literal).parent;
        if parent == NONE {
            return false;
        }
        match module.kind(parent) {
            // `{ id: "…", name: "…" }`.
            Kind::Object(_) => {
                module.targets.get(&literal).is_some_and(|name| names_entry(name)) && self.is_entry(parent)
            }
            // `<SelectItem value="…">`.
            Kind::Element(of, _) => match module.kind(of) {
                Kind::Name(of) => {
                    let of = of.to_ascii_lowercase();
                    ["option", "item", "radio", "model"].iter().any(|word| of.contains(word))
                        && module.targets.get(&literal).is_some_and(|name| names_entry(name))
                }
                _ => false,
            },
            // `z.enum(["…", "…"])`, `const MODELS = ["…"]`.
            Kind::Array(_) => {
                let call = module.node(parent).parent;
                let of_enum = call != NONE
                    && matches!(
                        module.called(call),
                        Some("enum" | "choices" | "picklist" | "enumType" | "StringEnum")
                    );
                of_enum || module.targets.get(&parent).is_some_and(|name| is_offer(&snake(name)))
            }
            _ => false,
        }
    }

    /// The value of an entry that a user can pick: members that describe, and no prices.
    fn is_entry(&self, value: NodeId) -> bool {
        let describes = |name: &str| {
            matches!(
                name,
                "name"
                    | "provider"
                    | "label"
                    | "displayName"
                    | "description"
                    | "title"
                    | "apiKey"
                    | "baseURL"
                    | "baseUrl"
                    | "model"
                    | "client"
                    | "apiIdentifier"
                    | "providerId"
                    | "enabled"
            )
        };
        let measures = |name: &str| {
            let name = snake(name);
            ["cost", "price", "token", "context", "pricing", "window", "max_"]
                .iter()
                .any(|word| name.contains(word))
        };
        let members = self.module().members(value);
        members.iter().any(|prop| prop.name.is_some_and(describes))
            && !members.iter().any(|prop| prop.name.is_some_and(measures))
    }

    /// Whether a literal is passed to a call that uses it, and does not look for it, count it or show it.
    fn is_passed(&self, literal: NodeId) -> bool {
        let module = self.module();
        let parent = module.node(literal).parent;
        // A call of very many arguments is a table.
        let arguments = if parent == NONE { &[] } else { module.arguments(parent) };
        if arguments.len() > 64 || !arguments.contains(&literal) {
            return false;
        }
        takes_model(module.called(parent).unwrap_or_default())
    }
}

/// Members that hold the id of an entry.
fn names_entry(name: &str) -> bool {
    matches!(
        name,
        "id" | "value" | "model" | "modelId" | "key" | "slug" | "name" | "apiIdentifier" | "modelName"
    )
}

/// `MODELS`, `AVAILABLE_MODELS`, `fallbackModels`: lists that are picked from, and not lists of what lacks a feature.
pub(crate) fn is_offer(word: &str) -> bool {
    matches!(
        word,
        "models" | "model_ids" | "model_names" | "chat_models" | "llm_models" | "model_list" | "llms"
    ) || word.contains("model")
        && ["available", "fallback", "allowed", "default", "selectable", "preferred", "supported_models"]
            .iter()
            .any(|part| word.contains(part))
}

/// Modules whose functions make models of ids.
fn is_provider(module: &str, path: &str) -> bool {
    const PARTS: &[&str] = &[
        "provider",
        "provider-utils",
        "react",
        "vue",
        "svelte",
        "solid",
        "angular",
        "rsc",
        "ui-utils",
        "mcp",
        "langchain",
        "llamaindex",
        "devtools",
        "codemod",
        "valibot",
    ];
    if let Some(part) = module.strip_prefix("@ai-sdk/") {
        let part = part.split('/').next().unwrap_or(part);
        return !PARTS.contains(&part);
    }
    if module == "ai" {
        return ["ai:gateway", "ai:createGateway", "ai:customProvider", "ai:createProviderRegistry"]
            .iter()
            .any(|front| path.starts_with(front))
            || path.starts_with("ai:experimental_customProvider");
    }
    module.contains("ai-provider")
        || module.contains("ai-sdk-provider")
        || module == "@openrouter/ai-sdk-provider"
        || module.starts_with("@genkit-ai/")
        || module.starts_with("genkitx-")
}

/// The methods of a provider that take an id; the provider itself is one.
fn makes_model(last: &str, path: &str) -> bool {
    let (module, rest) = path.split_once(':').unwrap_or((path, ""));
    if !rest.contains('.') {
        // The provider itself, or what makes one: `openai`, `createOpenAI`, `vertex` of `@ai-sdk/google-vertex`.
        let name = rest.to_ascii_lowercase();
        let module = module.to_ascii_lowercase().replace('-', "");
        return rest.starts_with("create")
            || module.contains(&name)
            || module == "ai"
            || name.contains("provider");
    }
    matches!(
        last,
        "chat"
            | "chatModel"
            | "completion"
            | "completionModel"
            | "responses"
            | "embedding"
            | "embeddingModel"
            | "textEmbedding"
            | "textEmbeddingModel"
            | "image"
            | "imageModel"
            | "speech"
            | "speechModel"
            | "transcription"
            | "transcriptionModel"
            | "languageModel"
            | "reranking"
            | "rerankingModel"
            | "video"
            | "videoModel"
            | "model"
            | "embedder"
    )
}

/// What describes a model does not use it: `new ModelInfo({ model })`.
fn makes_types(path: &str) -> bool {
    let last = path::last_of(path);
    ["Metadata", "Info", "Result", "Event", "Error", "Card", "Response", "Exception"]
        .iter()
        .any(|end| last.ends_with(end))
}

fn takes_model(last: &str) -> bool {
    const NOT: &[&str] = &[
        "",
        "startsWith",
        "endsWith",
        "includes",
        "indexOf",
        "lastIndexOf",
        "split",
        "replace",
        "replaceAll",
        "match",
        "matchAll",
        "test",
        "search",
        "log",
        "debug",
        "info",
        "warn",
        "error",
        "trace",
        "push",
        "unshift",
        "add",
        "has",
        "get",
        "delete",
        "set",
        "expect",
        "toBe",
        "toEqual",
        "toContain",
        "toStrictEqual",
        "toMatch",
        "toHaveBeenCalledWith",
        "describe",
        "it",
        "literal",
        "Set",
        "Map",
        "localeCompare",
        "concat",
        "join",
        "t",
        "encodingForModel",
        "encoding_for_model",
        "get_encoding",
        "is",
        "equal",
        "strictEqual",
        "deepEqual",
        "RegExp",
        "cn",
        "clsx",
        "getItem",
        "setItem",
        "toHaveText",
        "find",
        "filter",
        "getByText",
        "queryByText",
        "RegExp",
        "skip",
        "only",
        "throw",
        "assert",
        "ok",
        "fail",
        "i18n",
        "emit",
        "on",
        "track",
        "capture",
    ];
    !NOT.contains(&last)
        && !last.ends_with("Error")
        && !last.to_ascii_lowercase().contains("token")
        && !last.to_ascii_lowercase().contains("cost")
        && !last.to_ascii_lowercase().contains("price")
        && !last.starts_with("is")
        && !last.starts_with("supports")
        && !last.starts_with("to")
}
