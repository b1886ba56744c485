//! Prompts, by where a text flows: the system message of a conversation, an argument that is one, a template.
//!
//! Texts that no flow in the file explains (a module of prompts that others import) are told by how they speak.

use crate::flow::{Found, Value, member, members};
use crate::look::Look;
use crate::module::{ClassId, FunctionId, Pick, ScopeId, ScopeKind, SlotKind};
use inventar_analysis::Seen;
use inventar_analysis::link::Sink;
use inventar_analysis::prompt::{self, instructs, instructs_in_function, is_infill, is_prose, is_sentence};
use inventar_plugin_sdk::{Asset, Method};
use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::{Ranged, TextRange};

impl<'a> Look<'_, '_, 'a> {
    /// What stands where a system text or template is expected; the keys of the prompts.
    pub(crate) fn prompt(
        &mut self,
        value: &'a Expr,
        scope: ScopeId,
        role: &'static str,
        rule: &'static str,
    ) -> Vec<String> {
        let mut keys = Vec::new();
        if role == "system" {
            self.told.push(value.range());
            self.ask_parts(value, scope);
        }
        for found in self.flow.values(value, scope) {
            match &found.value {
                Value::Text { text, .. } if is_prose(text) => {
                    keys.push(self.prompt_found(&found, scope, role, rule));
                }
                Value::Foreign(..) => self.ask(&found, Sink::Prompt { role }, value.range(), None),
                Value::List(items, of) if keys.len() < 8 => {
                    // Anthropic's `system=[{"type": "text", "text": …}]`, a list of instructions.
                    for item in items.iter().take(8) {
                        for inner in self.flow.values(item, *of) {
                            match &inner.value {
                                Value::Dict(dict, of) => {
                                    if let Some(text) = member(dict, "text") {
                                        for inner in self.flow.values(text, *of) {
                                            if inner.text().is_some_and(is_prose) {
                                                keys.push(self.prompt_found(&inner, scope, role, rule));
                                            }
                                        }
                                    }
                                }
                                Value::Text { text, .. } if is_prose(text) && keys.is_empty() => {
                                    keys.push(self.prompt_found(&inner, scope, role, rule));
                                }
                                _ => {}
                            }
                        }
                    }
                }
                Value::Function(function) => {
                    // Instructions that a function makes when asked.
                    let returned = self.module().functions[*function as usize].returns.first().copied();
                    if let Some((value, of)) = returned {
                        for mut inner in self.flow.values(value, of) {
                            if inner.text().is_some_and(is_prose) {
                                inner.function = Some(*function);
                                keys.push(self.prompt_found(&inner, of, role, rule));
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        keys
    }

    /// `START + POLICY`, `f"{START} …"`: the parts of a prompt that other files hold, when they are texts of some length.
    fn ask_parts(&mut self, value: &'a Expr, scope: ScopeId) {
        let mut parts = Vec::new();
        match value {
            Expr::BinOp(sum) if sum.op == ast::Operator::Add => parts.extend([&*sum.left, &*sum.right]),
            Expr::FString(text) => {
                let holes = text.value.elements().filter_map(|element| element.as_interpolation());
                parts.extend(holes.map(|hole| &*hole.expression));
            }
            _ => {}
        }
        for part in parts.into_iter().take(8) {
            if matches!(part, Expr::BinOp(_)) {
                self.ask_parts(part, scope);
            }
            for found in self.flow.values(part, scope) {
                if let Value::Foreign(_, rest) = &found.value
                    && !rest.contains('(')
                {
                    self.ask(&found, Sink::Prompt { role: "template" }, part.range(), None);
                }
            }
        }
    }

    /// A user's message: what is kept as a template, a constant or the result of a function, is a prompt; what instructs
    /// and has holes may be one.
    pub(crate) fn template(&mut self, value: &'a Expr, scope: ScopeId, rule: &'static str) {
        for found in self.flow.values(value, scope) {
            match &found.value {
                Value::Text { text, whole } if text.len() >= 60 && is_prose(text) => {
                    let kept = found.hops > 0 && (found.function.is_some() || !self.is_in_function(found.at));
                    let called_so =
                        found.name.is_some_and(|name| name.to_ascii_lowercase().contains("prompt"));
                    let least = if rule == "prompt-argument" || called_so { 2 } else { 4 };
                    if kept && (instructs(text) >= 1 || text.len() >= 200 && text.contains('{')) {
                        self.prompt_found(&found, scope, "template", rule);
                    } else if !whole && text.len() >= 100 && instructs(text) >= least {
                        self.asked.push((found, scope, rule));
                    }
                }
                Value::Foreign(..) => {
                    self.ask(&found, Sink::Prompt { role: "template" }, value.range(), None)
                }
                _ => {}
            }
        }
    }

    /// `complete(prompt=f"Offer flights from {a} to {b}")`: all that a model is told, with holes.
    pub(crate) fn whole_prompt(&mut self, value: &'a Expr, scope: ScopeId) {
        for found in self.flow.values(value, scope) {
            if let Value::Text { text, whole: false } = &found.value
                && found.hops == 0
                && is_sentence(text)
            {
                self.asked.push((found, scope, "prompt-argument"));
            }
        }
    }

    /// One text; it stands where it is written, or, made by a function, where that is defined.
    fn prompt_found(
        &mut self,
        found: &Found<'a>,
        scope: ScopeId,
        role: &'static str,
        rule: &'static str,
    ) -> String {
        let text = found.text().unwrap_or_default();
        let (at, name) = match found.function {
            Some(function) => {
                let name = &self.module().functions[function as usize].node.name;
                (name.range, name.as_str().to_owned())
            }
            None => (found.at, self.prompt_name(found, scope, role)),
        };
        let key = prompt::key(u32::from(at.start()));
        let seen = self.seen(at, rule, found.hops, 90);
        let symbol =
            self.symbol(at, &name, found.function).filter(|_| found.hops > 0 || found.function.is_some());
        self.see_prompt(&key, seen, &name, role, text, symbol);
        key
    }

    /// The constant's name, else whose text it is.
    fn prompt_name(&self, found: &Found<'a>, scope: ScopeId, role: &str) -> String {
        match found.name {
            Some(name) if found.hops > 0 => name.to_owned(),
            _ => match self.module().function_of(scope) {
                Some(function) => {
                    format!("{} {role} prompt", self.module().functions[function as usize].node.name.id)
                }
                None => format!("{role} prompt"),
            },
        }
    }

    /// What other files call a text or function of this one: `NAME`, `Class.NAME`.
    fn symbol(&self, at: TextRange, name: &str, function: Option<FunctionId>) -> Option<String> {
        let module = self.module();
        let class = match function {
            Some(function) => match module.scopes[module.functions[function as usize].outer as usize].kind {
                ScopeKind::Module => None,
                ScopeKind::Class(class) => Some(class),
                ScopeKind::Function(_) => return None,
            },
            None if self.is_in_function(at) => return None,
            None => (0..module.classes.len() as ClassId)
                .find(|class| module.classes[*class as usize].node.range().contains_range(at)),
        };
        let path = &self.out.file().path;
        Some(match class {
            Some(class) => format!("{path}#{}.{name}", module.classes[class as usize].node.name),
            None => format!("{path}#{name}"),
        })
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
            let asset = prompt::asset(key, name, role, text);
            match symbol {
                Some(symbol) => asset.identifier("x-python", symbol),
                None => asset,
            }
        });
    }

    /// `{"role": "system", "content": …}` and the tables of a provider's payload.
    pub(crate) fn dicts(&mut self) {
        for (dict, scope) in &self.module().dicts {
            let (dict, scope) = (*dict, *scope);
            if self.is_sample(dict.range) {
                continue;
            }
            self.model_registry(dict);
            self.tool_schema(dict, scope);
            // `config={"tools": [{"google_search": {}}]}`.
            if self.ai
                && let Some(Expr::List(tools)) = crate::flow::member(dict, "tools")
            {
                for tool in tools.elts.iter().filter_map(Expr::as_dict_expr).take(32) {
                    self.hosted_tool(tool);
                }
            }
            self.hosted_server(dict, scope);
            self.agent_entry(dict, scope);
            let Some(role) = member(dict, "role").and_then(role) else { continue };
            let Some(content) = member(dict, "content").or_else(|| member(dict, "parts")) else { continue };
            self.message(role, content, scope);
        }
        // `dict(role="system", content=…)`, `ChatMessage(role="system", content=…)`.
        let module = self.module();
        for call in &module.calls {
            let arguments = &call.node.arguments;
            if let Some(named) = arguments.find_keyword("role").and_then(|named| role(&named.value))
                && let Some(content) = arguments.find_keyword("content")
            {
                self.message(named, &content.value, call.scope);
            }
        }
    }

    fn message(&mut self, role: &str, content: &'a Expr, scope: ScopeId) {
        match role {
            "system" | "developer" => {
                self.prompt(content, scope, "system", "system-message");
            }
            "user" | "human" => self.template(content, scope, "user-message"),
            _ => {}
        }
    }

    /// `("system", "…")` in a list of messages.
    pub(crate) fn pairs(&mut self) {
        for (pair, scope) in &self.module().pairs {
            let [named, content] = pair.elts.as_slice() else { continue };
            if matches!(role(named), Some("system" | "developer")) && self.ai {
                self.prompt(content, *scope, "system", "system-message");
            }
        }
    }

    /// `hub.pull("owner/prompt")`.
    pub(crate) fn hub_prompt(&mut self, call: &'a ast::ExprCall, scope: ScopeId) {
        let Some(first) = call.arguments.args.first() else { return };
        for found in self.flow.values(first, scope) {
            if let Some(name) = found.whole().filter(|name| !name.is_empty() && name.len() < 200) {
                let seen = self.seen(found.at, "hub-prompt", found.hops, 95);
                let key = format!("prompt-hub:{name}");
                let name = name.to_owned();
                self.out.see(&key, seen, |key| Asset::new(key, "prompt", name).property("role", "hub"));
            }
        }
    }

    /// Texts that no flow here explains: constants and members of classes, and functions that return a text.
    pub(crate) fn prompt_texts(&mut self) {
        let module = self.module();
        for scope in &module.scopes {
            if matches!(scope.kind, ScopeKind::Function(_)) {
                continue;
            }
            let mut names: Vec<_> = scope.names.iter().collect();
            names.sort_unstable_by_key(|(name, _)| **name);
            for (name, defs) in names {
                for def in defs {
                    if let crate::module::Def::Value(value, of, Pick::Whole) = def
                        && may_be_text(value)
                    {
                        self.constant(name, value, *of);
                    }
                }
            }
        }
        for (id, function) in module.functions.iter().enumerate() {
            let at = function.node.name.range;
            if self.out.has(&prompt::key(u32::from(at.start())))
                || function.returns.len() > 6
                || is_registered(function.node)
            {
                continue;
            }
            let name = function.node.name.as_str();
            for (value, of) in &function.returns {
                if !may_be_returned_text(value) {
                    continue;
                }
                let found = self.flow.values(value, *of);
                let text =
                    found.iter().filter(|found| found.function.is_none()).filter_map(Found::text).find(
                        |text| {
                            let cues = instructs(text);
                            text.len() >= 120
                                && (cues >= 3 || cues >= 2 && name.contains("prompt"))
                                && is_prose(text)
                        },
                    );
                if let Some(text) = text {
                    let seen = Seen { method: Method::Matched, ..self.seen(at, "prompt-function", 0, 70) };
                    let key = prompt::key(u32::from(at.start()));
                    let symbol = self.symbol(at, name, Some(id as FunctionId));
                    self.see_prompt(&key, seen, name, "template", text, symbol);
                    break;
                }
            }
        }
        self.local_prompts();
        self.infills();
    }

    /// `f"<PRE> {before} <SUF>{after} <MID>"`: what a model of code is asked for the middle.
    fn infills(&mut self) {
        if !self.out.file().text().is_some_and(prompt::may_infill) {
            return;
        }
        let module = self.module();
        let assigned = module.slots.iter().map(|slot| (slot.value, slot.scope));
        let returned = module.functions.iter().flat_map(|function| function.returns.iter().copied());
        for (value, scope) in assigned.chain(returned) {
            if !may_be_text(value) {
                continue;
            }
            for found in self.flow.values(value, scope) {
                let key = prompt::key(u32::from(found.at.start()));
                let is_asked = matches!(&found.value, Value::Text { text, whole: false } if is_infill(text));
                if is_asked && found.function.is_none() && !self.out.has(&key) {
                    self.prompt_found(&found, scope, "template", "infill-prompt");
                }
            }
        }
    }

    /// `prompt = f"…"`: a text in a function that is called a prompt and instructs, whoever it is handed to. Beside what
    /// the system says it is only a message.
    fn local_prompts(&mut self) {
        for (found, scope, rule) in std::mem::take(&mut self.asked) {
            if !self.is_told(found.at) {
                self.prompt_found(&found, scope, "template", rule);
            }
        }
        let module = self.module();
        for slot in &module.slots {
            if !matches!(slot.kind, SlotKind::Assign)
                || !may_be_text(slot.value)
                || !slot.name.to_ascii_lowercase().contains("prompt")
                || !self.is_in_function(slot.value.range())
                || self.is_told(slot.value.range())
                || self.is_in_prompt(slot.scope)
            {
                continue;
            }
            for found in self.flow.values(slot.value, slot.scope) {
                let Value::Text { text, whole } = &found.value else { continue };
                let key = prompt::key(u32::from(found.at.start()));
                if found.hops == 0 && instructs_in_function(text, *whole, self.ai) && !self.out.has(&key) {
                    let seen = Seen { method: Method::Matched, ..self.seen(found.at, "prompt-text", 0, 70) };
                    self.see_prompt(&key, seen, slot.name, "template", text, None);
                }
            }
        }
    }

    /// Whether the function around a scope is reported as what makes a prompt.
    fn is_in_prompt(&self, scope: ScopeId) -> bool {
        self.module().function_of(scope).is_some_and(|function| {
            let at = self.module().functions[function as usize].node.name.range;
            self.out.has(&prompt::key(u32::from(at.start())))
        })
    }

    fn constant(&mut self, name: &str, value: &'a Expr, scope: ScopeId) {
        for found in self.flow.values(value, scope) {
            if found.hops > 0 {
                continue;
            }
            let Some(text) = found.text() else { continue };
            let cues = instructs(text);
            let lower = name.to_ascii_lowercase();
            let named = ["prompt", "instruction", "system", "template", "persona"]
                .iter()
                .any(|word| lower.contains(word));
            let speaks = cues >= 4 || named && (cues >= 2 || cues == 1 && text.len() >= 200);
            if text.len() >= 60 && speaks && is_prose(text) {
                let seen = Seen { method: Method::Matched, ..self.seen(found.at, "prompt-text", 0, 70) };
                let key = prompt::key(u32::from(found.at.start()));
                if !self.out.has(&key) {
                    let symbol = self.symbol(found.at, name, None);
                    self.see_prompt(&key, seen, name, "template", text, symbol);
                }
            }
        }
    }

    /// The docstring of a DSPy signature, which is what the model is told.
    pub(crate) fn signature(&mut self, class: ClassId) {
        let node = self.module().classes[class as usize].node;
        let Some(ast::Stmt::Expr(first)) = node.body.first() else { return };
        let Expr::StringLiteral(text) = &*first.value else { return };
        if is_prose(text.value.to_str()) {
            let name = node.name.as_str();
            let key = prompt::key(u32::from(text.range().start()));
            let seen = self.seen(text.range(), "signature", 0, 90);
            let symbol = self.symbol(text.range(), name, None);
            self.see_prompt(&key, seen, name, "system", text.value.to_str(), symbol);
        }
    }

    /// Prompts among the messages that a value holds: for the edge from an agent.
    pub(crate) fn prompts_at(&self, value: &'a Expr, scope: ScopeId) -> Vec<String> {
        let key = |at: TextRange| prompt::key(u32::from(at.start()));
        self.flow
            .values(value, scope)
            .iter()
            .map(|found| match found.function {
                Some(function) => key(self.module().functions[function as usize].node.name.range),
                None => key(found.at),
            })
            .filter(|key| self.out.has(key))
            .collect()
    }
}

/// Whether a decorator hands the function to somebody else, to whom its result goes: a tool, a route, a command.
fn is_registered(node: &ast::StmtFunctionDef) -> bool {
    node.decorator_list.iter().any(|decorator| {
        let name = match &decorator.expression {
            Expr::Call(call) => crate::module::last_part(&call.func),
            other => crate::module::last_part(other),
        };
        !matches!(
            name,
            Some(
                "staticmethod"
                    | "classmethod"
                    | "property"
                    | "cached_property"
                    | "cache"
                    | "lru_cache"
                    | "override"
            )
        )
    })
}

/// A text or something that puts texts together.
fn may_be_text(value: &Expr) -> bool {
    match value {
        Expr::StringLiteral(text) => text.value.len() >= 60,
        Expr::FString(_) => true,
        Expr::BinOp(sum) => sum.op == ast::Operator::Add,
        Expr::Call(call) => {
            matches!(crate::module::last_part(&call.func), Some("dedent" | "cleandoc" | "strip" | "format"))
        }
        _ => false,
    }
}

fn may_be_returned_text(value: &Expr) -> bool {
    may_be_text(value) || matches!(value, Expr::Name(_) | Expr::If(_))
}

/// Whether a dictionary holds a role and a content.
pub(crate) fn is_message(dict: &ast::ExprDict) -> bool {
    members(dict).any(|(name, _)| name == "role") && members(dict).any(|(name, _)| name == "content")
}

/// Who speaks: `"system"`, `MessageRole.SYSTEM`, `Role.SYSTEM.value`.
fn role(named: &Expr) -> Option<&str> {
    match named {
        Expr::StringLiteral(role) => Some(role.value.to_str()),
        Expr::Attribute(role) if role.attr.id.eq_ignore_ascii_case("system") => Some("system"),
        Expr::Attribute(role) if role.attr.id.eq_ignore_ascii_case("developer") => Some("developer"),
        Expr::Attribute(role) if role.attr.id.eq_ignore_ascii_case("user") => Some("user"),
        Expr::Attribute(value) if value.attr.id.as_str() == "value" => self::role(&value.value),
        _ => None,
    }
}
