//! Prompts, by where a text flows: the system message of a conversation, an argument that is one, a template.
//!
//! Texts that no flow in the file explains (a module of prompts that others import) are told by how they speak.

use crate::flow::{Found, Value};
use crate::look::Look;
use crate::module::{Exported, FunctionId, Kind, NONE, NodeId, ScopeKind, SlotKind};
use crate::words::snake;
use inventar_analysis::Seen;
use inventar_analysis::link::Sink;
use inventar_analysis::prompt::{
    self, asks, asset, instructs, instructs_in_function, is_infill, is_prose, is_sentence,
};
use inventar_plugin_sdk::Method;
use oxc_span::Span;

/// More texts of collections are not looked at.
const MAX_COLLECTED: usize = 200;

/// The scheme under which other files know a symbol of this one.
pub(crate) const SCHEME: &str = "x-javascript";

impl<'a> Look<'_, '_, 'a> {
    /// What stands where a system text or template is expected; the keys of the prompts.
    pub(crate) fn prompt(&mut self, value: NodeId, role: &'static str, rule: &'static str) -> Vec<String> {
        let mut keys = Vec::new();
        let at = self.module().at(value);
        if role == "system" {
            self.told.push(at);
            self.ask_parts(value);
        }
        for found in self.flow.values(self.handed_on(value)) {
            self.prompt_value(&found, at, role, rule, 0, &mut keys);
        }
        keys
    }

    /// `START + POLICY`, `${START} …`: the parts of a prompt that other files hold, when they are texts of some length.
    fn ask_parts(&mut self, value: NodeId) {
        let module = self.module();
        let (Kind::Sum(parts) | Kind::Template(parts)) = module.kind(value) else { return };
        for part in module.list(parts).iter().take(8) {
            for found in self.flow.values(*part) {
                if let Value::Foreign(_, rest) = &found.value
                    && !rest.contains('(')
                {
                    self.ask(&found, Sink::Prompt { role: "template" }, module.at(*part), None);
                }
            }
        }
    }

    fn prompt_value(
        &mut self,
        found: &Found<'a>,
        at: Span,
        role: &'static str,
        rule: &'static str,
        depth: u8,
        keys: &mut Vec<String>,
    ) {
        let module = self.module();
        match &found.value {
            Value::Text { text, .. } if is_prose(text) => {
                keys.push(self.prompt_found(found, role, rule));
            }
            Value::Foreign(..) => self.ask(found, Sink::Prompt { role }, at, None),
            // `system: [{ type: "text", text: "…" }]`, a list of instructions.
            Value::List(list) if depth < 2 && keys.len() < 8 => {
                let Kind::Array(items) = module.kind(*list) else { return };
                for item in module.list(items).iter().take(8) {
                    for inner in self.flow.values(*item) {
                        self.prompt_value(&inner, at, role, rule, depth + 1, keys);
                    }
                }
            }
            Value::Object(object) if depth < 2 => {
                for word in ["text", "content", "default"] {
                    if let Some(text) = module.member(*object, word) {
                        for inner in self.flow.values(text) {
                            self.prompt_value(&inner, at, role, rule, depth + 1, keys);
                        }
                        break;
                    }
                }
            }
            // Instructions that a function makes when asked.
            Value::Function(function) if depth < 2 => {
                let returns = &module.functions[*function as usize].returns;
                for value in returns.iter().take(4) {
                    for mut inner in self.flow.values(*value) {
                        if inner.function.is_none() && module.functions[*function as usize].name.is_some() {
                            inner.function = Some(*function);
                        }
                        self.prompt_value(&inner, at, role, rule, depth + 1, keys);
                    }
                }
            }
            _ => {}
        }
    }

    /// A user's message: only what is kept as a template, a constant or the result of a function, is a prompt.
    pub(crate) fn template(&mut self, value: NodeId, rule: &'static str) {
        let at = self.module().at(value);
        let value = self.handed_on(value);
        for found in self.flow.values(value) {
            match &found.value {
                Value::Text { text, whole } if text.len() >= 60 && is_prose(text) => {
                    let kept = found.hops > 0 && (found.function.is_some() || !self.is_in_function(found.at));
                    // A template with holes that instructs is one wherever it stands.
                    let called_so = found.name.is_some_and(|name| snake(name).contains("prompt"));
                    let least = if rule == "prompt-argument" || called_so { 2 } else { 4 };
                    let inline = !whole && text.len() >= 100 && instructs(text) >= least;
                    if kept && (instructs(text) >= 1 || text.len() >= 200 && text.contains('{')) || inline {
                        self.prompt_found(&found, "template", rule);
                    }
                }
                Value::Foreign(..) => self.ask(&found, Sink::Prompt { role: "template" }, at, None),
                _ => {}
            }
        }
    }

    /// `generateObject({ prompt: `Offer flights from ${from} to ${to}` })`: all that a model is told, with holes.
    pub(crate) fn whole_prompt(&mut self, value: NodeId) {
        for found in self.flow.values(value) {
            if let Value::Text { text, whole: false } = &found.value
                && found.hops == 0
                && is_sentence(text)
            {
                self.prompt_found(&found, "template", "prompt-argument");
            }
        }
    }

    /// `trimPrompt(`…`)`: a text that a function of the project is handed on its way.
    fn handed_on(&self, value: NodeId) -> NodeId {
        let module = self.module();
        let Kind::Call { callee, new: false, .. } = module.kind(value) else { return value };
        match (module.kind(callee), module.arguments(value)) {
            (Kind::Name(_), [first, ..])
                if matches!(module.kind(*first), Kind::Template(_) | Kind::Text(_))
                    && self.flow.values(*first).iter().any(|found| found.text().is_some_and(is_prose)) =>
            {
                *first
            }
            _ => value,
        }
    }

    /// One text; it stands where it is written, or, made by a function, where that is defined.
    fn prompt_found(&mut self, found: &Found<'a>, role: &'static str, rule: &'static str) -> String {
        let module = self.module();
        let text = found.text().unwrap_or_default();
        let (at, name) = match found.function.map(|function| &module.functions[function as usize]) {
            Some(function) => (function.name_at, function.name.unwrap_or("prompt").to_owned()),
            None => (found.at, self.prompt_name(found, role)),
        };
        let key = prompt::key(at.start);
        let seen = self.seen(at, rule, found.hops, 90);
        let symbol =
            self.symbol(at, &name, found.function).filter(|_| found.hops > 0 || found.function.is_some());
        self.see_prompt(&key, seen, &name, role, text, symbol);
        key
    }

    /// The constant's name, else whose text it is.
    fn prompt_name(&self, found: &Found<'a>, role: &str) -> String {
        let module = self.module();
        match found.name {
            Some(name) if found.hops > 0 => name.to_owned(),
            _ => match module.named_function_of(module.node(found.node).scope) {
                Some(function) => {
                    format!("{} {role} prompt", module.functions[function as usize].name.unwrap_or_default())
                }
                None => format!("{role} prompt"),
            },
        }
    }

    /// What other files call a text or function of this one.
    fn symbol(&self, at: Span, name: &str, function: Option<FunctionId>) -> Option<String> {
        let module = self.module();
        match function {
            Some(function) => match module.scopes[module.functions[function as usize].outer as usize].kind {
                ScopeKind::Module => {}
                _ => return None,
            },
            None if self.is_in_function(at) => return None,
            None => {}
        }
        // A default export is imported under any name.
        let default = module.exports.iter().any(|export| {
            export.name == "default" && matches!(export.value, Exported::Value(value) if matches!(module.kind(value), Kind::Name(local) if local == name))
        });
        let name = if default { "default" } else { name };
        Some(format!("{}#{name}", self.out.file().path))
    }

    fn see_prompt(
        &mut self,
        key: &str,
        seen: Seen,
        name: &str,
        role: &'static str,
        text: &str,
        symbol: Option<String>,
    ) {
        self.out.see(key, seen, |key| {
            let asset = asset(key, name, role, text);
            match symbol {
                Some(symbol) => asset.identifier(SCHEME, symbol),
                None => asset,
            }
        });
    }

    /// `{ role: "system", content: … }`, tables of models, schemas of tools, agents as data.
    pub(crate) fn objects(&mut self) {
        let module = self.module();
        for object in &module.objects {
            let object = *object;
            self.model_registry(object);
            self.tool_schema(object);
            self.hosted_tool(object);
            self.agent_entry(object);
            self.prompt_entry(object);
            // LangChain's `{ type: "system", content: … }` is the same.
            let Some(role) = module.member(object, "role").or_else(|| module.member(object, "type")) else {
                continue;
            };
            let content = module.member(object, "content").or_else(|| module.member(object, "parts"));
            let (Some(role), Some(content)) = (module.text(role), content) else { continue };
            self.message(role, content, object);
        }
        // `["system", "…"]` in a list of messages.
        for array in &module.arrays {
            let Kind::Array(items) = module.kind(*array) else { continue };
            let [role, content] = module.list(items) else { continue };
            match module.text(*role) {
                Some("system" | "developer") if self.ai => {
                    self.prompt(*content, "system", "system-message");
                }
                Some("human" | "user") if self.ai => self.template(*content, "user-message"),
                _ => {}
            }
        }
    }

    fn message(&mut self, role: &str, content: NodeId, object: NodeId) {
        match role {
            // What a program shows in its own chat is also said by the system; a model is told something.
            "system" | "developer" if self.ai || self.instructs_model(content, object) => {
                self.prompt(content, "system", "system-message");
            }
            "user" | "human" => {
                self.template(content, "user-message");
                self.named_parts(content);
            }
            _ => {}
        }
    }

    /// `const QUESTIONS = `…`` that stands in what a model is asked: told what to do in its own words, it is a prompt.
    fn named_parts(&mut self, content: NodeId) {
        let module = self.module();
        let of_constants = |found: &Found<'a>| found.hops > 0 && found.function.is_none();
        for found in self.flow.values(content) {
            let Kind::Template(parts) = module.kind(found.node) else { continue };
            for part in
                module.list(parts).iter().filter(|part| matches!(module.kind(**part), Kind::Name(_))).take(16)
            {
                for inner in self.flow.values(*part) {
                    let Value::Text { text, whole: true } = &inner.value else { continue };
                    let is_told = text.len() >= 100 && instructs(text) >= 2 && is_prose(text);
                    if is_told && of_constants(&inner) && !self.is_in_function(inner.at) {
                        self.prompt_found(&inner, "template", "prompt-part");
                    }
                }
            }
        }
    }

    fn instructs_model(&self, content: NodeId, object: NodeId) -> bool {
        let module = self.module();
        let parent = module.node(object).parent;
        let among_messages = parent != NONE
            && matches!(module.kind(parent), Kind::Array(items) if module.list(items).iter().take(8).any(|item| {
                module.member(*item, "role").and_then(|role| module.text(role)).is_some_and(|role| role != "system")
            }));
        among_messages
            || self.flow.values(content).iter().any(|found| match &found.value {
                Value::Text { text, .. } => instructs(text) >= 1 && text.len() >= 40,
                Value::Foreign(..) => true,
                _ => false,
            })
    }

    /// `hub.pull("owner/prompt")`, `langfuse.getPrompt("…")`.
    pub(crate) fn hub_prompt(&mut self, call: NodeId) {
        let Some(first) = self.module().arguments(call).first() else { return };
        for found in self.flow.values(*first) {
            if let Some(name) = found.whole().filter(|name| !name.is_empty() && name.len() < 200) {
                let seen = self.seen(found.at, "hub-prompt", found.hops, 95);
                let key = format!("prompt-hub:{name}");
                let name = name.to_owned();
                self.out.see(&key, seen, |key| {
                    inventar_plugin_sdk::Asset::new(key, "prompt", name).property("role", "hub")
                });
            }
        }
    }

    /// Texts that no flow here explains: constants of the module and members of its objects, and functions that return
    /// a text.
    pub(crate) fn prompt_texts(&mut self) {
        let module = self.module();
        for slot in &module.slots {
            if !self.may_be_text(slot.value) || !module.is_top(slot.value) {
                continue;
            }
            let constant =
                module.scopes[0].names.get(slot.name).is_some_and(|defs| defs.contains(&slot.value));
            self.constant(slot.name, slot.value, constant);
        }
        for (id, function) in module.functions.iter().enumerate() {
            let Some(name) = function.name else { continue };
            let key = prompt::key(function.name_at.start);
            if self.out.has(&key) || function.returns.is_empty() || function.returns.len() > 6 {
                continue;
            }
            let word = snake(name);
            if is_shown(&word) {
                continue;
            }
            let named = ["prompt", "instruction", "system_message"].iter().any(|part| word.contains(part));
            for value in &function.returns {
                if !self.may_be_text(*value)
                    && !matches!(module.kind(*value), Kind::Name(_) | Kind::Or(..) | Kind::Call { .. })
                {
                    continue;
                }
                let found = self.flow.values(*value);
                let text = found
                    .iter()
                    // A text from elsewhere is a prompt there.
                    .filter(|found| found.function.is_none() && (named || within(function.at, found.at)))
                    .filter_map(Found::text)
                    .find(|text| {
                        let cues = instructs(text);
                        let speaks = cues >= 3 && text.len() >= 120
                            || named && (cues >= 2 && text.len() >= 120 || cues >= 1 && text.len() >= 40)
                            || named && text.len() >= 60 && text.contains("{}");
                        speaks && is_prose(text)
                    })
                    .map(str::to_owned);
                if let Some(text) = text {
                    let seen = Seen {
                        method: Method::Matched,
                        ..self.seen(function.name_at, "prompt-function", 0, 70)
                    };
                    let symbol = self.symbol(function.name_at, name, Some(id as FunctionId));
                    self.see_prompt(&key, seen, name, "template", &text, symbol);
                    break;
                }
            }
        }
        self.local_prompts();
        self.collections();
        self.openings();
        self.infills();
    }

    /// `export const prompts = { recap: "…", reply: "…" }`, `const promptPresets = [{ label, prompt: "…" }]`: texts to choose from, whoever
    /// they are sent to. What a program asks at a screen is short, or a question.
    fn collections(&mut self) {
        let module = self.module();
        let mut texts: Vec<(NodeId, Found<'a>, &'a str)> = Vec::new();
        for slot in &module.slots {
            let SlotKind::Member(object) = slot.kind else { continue };
            if !module.is_top(slot.value) || is_shown(&snake(slot.name)) || slot.name == "name" {
                continue;
            }
            let list = module.node(object).parent;
            let holder = [object, list].into_iter().find(|holder| {
                let name = module.targets.get(holder).map(|name| snake(name)).unwrap_or_default();
                name.split('_').any(|word| word == "prompts") && (*holder == object || list != NONE)
            });
            let Some(holder) = holder else { continue };
            let is_told = |text: &str| {
                text.chars().count() >= 40 && is_prose(text) && !asks(text) && !asks_to_enter(text)
            };
            let told = |found: &Found<'a>| found.hops == 0 && found.text().is_some_and(is_told);
            if let Some(found) = self.flow.values(slot.value).into_iter().find(told) {
                texts.push((holder, found, slot.name));
                if texts.len() == MAX_COLLECTED {
                    break;
                }
            }
        }
        for (holder, found, name) in &texts {
            let of_holder = || texts.iter().filter(|(other, ..)| other == holder);
            let speaks = self.ai
                || of_holder().any(|(_, found, _)| found.text().is_some_and(|text| instructs(text) >= 1));
            let key = prompt::key(found.at.start);
            if of_holder().count() < 3 || !speaks || self.out.has(&key) {
                continue;
            }
            let seen = Seen { method: Method::Matched, ..self.seen(found.at, "prompt-list", 0, 70) };
            self.see_prompt(&key, seen, name, "template", found.text().unwrap_or_default(), None);
        }
    }

    /// `<PRE> ${before} <SUF> ${after} <MID>`: what a model of code is asked.
    fn infills(&mut self) {
        let module = self.module();
        for node in &module.infills {
            let mut whole = *node;
            loop {
                let parent = module.node(whole).parent;
                if parent == NONE || !matches!(module.kind(parent), Kind::Sum(_) | Kind::Template(_)) {
                    break;
                }
                whole = parent;
            }
            for found in self.flow.values(whole) {
                let Value::Text { text, whole: false } = &found.value else { continue };
                let key = prompt::key(found.at.start);
                if is_infill(text) && !self.out.has(&key) && !self.is_in_prompt(*node) {
                    let name = self.prompt_name(&found, "infill");
                    let seen = self.seen(found.at, "infill-prompt", 0, 85);
                    self.see_prompt(&key, seen, &name, "template", text, None);
                }
            }
        }
    }

    /// `const prompt = `…``: a text in a function that is called a prompt and instructs, whoever it is handed to. Beside
    /// what the system says it is only a message.
    fn local_prompts(&mut self) {
        let module = self.module();
        for slot in &module.slots {
            if !matches!(slot.kind, SlotKind::Assign)
                || !self.may_be_text(slot.value)
                || module.is_top(slot.value)
                || !snake(slot.name).contains("prompt")
                || self.is_told(module.at(slot.value))
                || self.is_in_prompt(slot.value)
            {
                continue;
            }
            for found in self.flow.values(slot.value) {
                let Value::Text { text, whole } = &found.value else { continue };
                let key = prompt::key(found.at.start);
                if found.hops == 0 && instructs_in_function(text, *whole, self.ai) && !self.out.has(&key) {
                    let seen = Seen { method: Method::Matched, ..self.seen(found.at, "prompt-text", 0, 70) };
                    self.see_prompt(&key, seen, slot.name, "template", text, None);
                }
            }
        }
    }

    /// Whether a model is told something by the system in the function around a place.
    fn is_told(&self, at: Span) -> bool {
        self.body_around(at).is_some_and(|body| self.told.iter().any(|told| within(body, *told)))
    }

    /// Whether a function around a value is reported as what makes a prompt.
    fn is_in_prompt(&self, node: NodeId) -> bool {
        let module = self.module();
        let mut scope = module.node(node).scope;
        while let Some(function) = module.function_of(scope) {
            let function = &module.functions[function as usize];
            if self.out.has(&prompt::key(function.name_at.start)) {
                return true;
            }
            scope = function.outer;
        }
        false
    }

    /// Texts that open like an instruction and that nothing else explains: `prompt += "You are a …"`, an argument.
    fn openings(&mut self) {
        let module = self.module();
        for node in &module.openings {
            let mut around = *node;
            let mut shown = false;
            for _ in 0..12 {
                shown |= module.compared.contains(&around)
                    || self.out.has(&prompt::key(module.at(around).start))
                    || module.targets.get(&around).is_some_and(|name| is_shown(&snake(name)));
                around = module.node(around).parent;
                if shown || around == NONE {
                    break;
                }
                shown |= matches!(module.kind(around), Kind::Element(..));
            }
            if shown || self.is_in_prompt(*node) {
                continue;
            }
            for found in self.flow.values(*node) {
                let Some(text) = found.text().filter(|text| instructs(text) >= 5 && is_prose(text)) else {
                    continue;
                };
                let name = self.prompt_name(&found, "inline");
                let key = prompt::key(found.at.start);
                let seen = Seen { method: Method::Matched, ..self.seen(found.at, "prompt-text", 0, 65) };
                self.see_prompt(&key, seen, &name, "template", text, None);
            }
        }
    }

    fn constant(&mut self, name: &str, value: NodeId, constant: bool) {
        for found in self.flow.values(value) {
            if found.hops > 0 {
                continue;
            }
            let Some(text) = found.text() else { continue };
            let cues = instructs(text);
            let word = snake(name);
            let named = ["prompt", "instruction", "system", "template", "persona"]
                .iter()
                .any(|part| word.contains(part));
            // What a page shows also instructs.
            let shown = is_shown(&word);
            let speaks = cues >= 4 && constant && !shown
                || named && (cues >= 2 || cues == 1 && text.len() >= 200)
                || cues >= 6 && text.len() >= 200 && !shown;
            if text.len() >= 60 && speaks && is_prose(text) {
                let key = prompt::key(found.at.start);
                if !self.out.has(&key) {
                    let seen = Seen { method: Method::Matched, ..self.seen(found.at, "prompt-text", 0, 70) };
                    let symbol = self.symbol(found.at, name, None);
                    self.see_prompt(&key, seen, name, "template", text, symbol);
                }
            }
        }
    }

    /// Prompts among what a value holds: for the edge from an agent.
    pub(crate) fn prompts_at(&self, value: NodeId) -> Vec<String> {
        let key = |at: Span| prompt::key(at.start);
        self.flow
            .values(value)
            .iter()
            .map(|found| match found.function {
                Some(function) => key(self.module().functions[function as usize].name_at),
                None => key(found.at),
            })
            .filter(|key| self.out.has(key))
            .collect()
    }

    /// A text or something that puts texts together.
    fn may_be_text(&self, value: NodeId) -> bool {
        let module = self.module();
        match module.kind(value) {
            Kind::Text(text) => text.len() >= 60,
            Kind::Template(_) | Kind::Sum(_) | Kind::Tagged(..) => true,
            Kind::Call { .. } => {
                matches!(module.called(value), Some("dedent" | "trim" | "join" | "stripIndent" | "replace"))
            }
            _ => false,
        }
    }
}

fn within(outer: Span, inner: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// `Enter the key …`: said to somebody at a screen.
fn asks_to_enter(text: &str) -> bool {
    let text = text.trim_start();
    let text = text.strip_prefix("Please ").unwrap_or(text);
    let first = text.split(' ').next().unwrap_or_default().to_ascii_lowercase();
    matches!(&*first, "enter" | "select" | "choose" | "press" | "type" | "pick")
}

/// Names of texts that a person reads, and of what a tool says of itself.
fn is_shown(word: &str) -> bool {
    word.ends_with("description")
        || word.ends_with("_desc")
        || word.starts_with("how_to")
        || word.contains("usage")
        || word.contains("help")
        || matches!(
            word,
            "title" | "label" | "placeholder" | "message" | "help" | "text" | "error" | "tooltip" | "summary"
        )
}
