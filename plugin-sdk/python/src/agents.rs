//! Agents: constructed by a framework, subclassed from one, listed as data, or a class of the project that is one.

use crate::flow::{Value, member, members};
use crate::look::Look;
use crate::module::{ClassId, ScopeId, last_part};
use crate::rules;
use inventar_analysis::calls::Makes;
use inventar_analysis::link::Sink;
use inventar_plugin_sdk::Asset;
use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::Ranged;

impl<'a> Look<'_, '_, 'a> {
    /// `Agent(name="…", …)`, `create_react_agent(…)`, `StateGraph(…)`.
    pub(crate) fn agent(&mut self, path: &str, call: &'a ast::ExprCall, scope: ScopeId, first_is_name: bool) {
        let named = self
            .flow
            .keyword(call, scope, "name")
            .or_else(|| self.flow.keyword(call, scope, "role"))
            .or_else(|| call.arguments.args.first().filter(|_| first_is_name).map(|first| (first, scope)))
            .and_then(|(value, scope)| {
                let found = self.flow.values(value, scope);
                found.iter().filter_map(|found| found.whole()).find(|name| is_name(name)).map(str::to_owned)
            });
        let last = path.rsplit('.').next().unwrap_or(path);
        let name =
            named.or_else(|| self.name_of(call, scope).map(str::to_owned)).unwrap_or_else(|| last.to_owned());
        self.see_agent(&name, call.range(), "agent-construction", path, 95);
        self.agent_parts(call, scope);
    }

    pub(crate) fn see_agent(
        &mut self,
        name: &str,
        at: ruff_text_size::TextRange,
        rule: &'static str,
        path: &str,
        confidence: u8,
    ) {
        let key = self.out.fresh_key(format!("agent:{name}"));
        let seen = self.seen(at, rule, 0, confidence);
        let framework = inventar_catalogue::import("python", path)
            .or_else(|| inventar_catalogue::common_imports("python", path).next())
            .map(|package| package.name);
        let made_by = (!path.is_empty()).then(|| path.rsplit('.').next().unwrap_or(path));
        self.out.see(&key, seen, |key| {
            Asset::new(key, "agent", name).maybe("framework", framework).maybe("made-by", made_by)
        });
        self.made.insert(at, key);
        self.busy.push(at);
    }

    /// Edges to what an agent is made of; drawn at the end, when everything has a key.
    fn agent_parts(&mut self, call: &'a ast::ExprCall, scope: ScopeId) {
        for argument in call.arguments.args.iter().take(4) {
            let is_list = argument.is_list_expr();
            if is_list {
                self.tools(argument, scope, call);
            }
        }
        if let Some(kind) = call.arguments.find_keyword("llm_config") {
            // AutoGen keeps the model one list deeper: `{"config_list": [{"model": …}]}`.
            for found in self.flow.values(&kind.value, scope) {
                if let Value::Dict(dict, of) = found.value
                    && let Some(list) = member(dict, "config_list")
                {
                    for (item, of) in self.flow.elements(list, of) {
                        if let Expr::Dict(dict) = item
                            && let Some(model) = member(dict, "model")
                        {
                            self.model_value(model, of, true, "", Some("model"));
                        }
                    }
                }
            }
        }
    }

    /// Classes that extend an agent, a tool or a guardrail of a framework, and this project's own agents.
    pub(crate) fn classes(&mut self) {
        let module = self.module();
        for (id, class) in module.classes.iter().enumerate() {
            let name = class.node.name.as_str();
            let at = class.node.name.range;
            for base in class.node.bases() {
                let Some(path) = self.flow.path(base, class.outer) else { continue };
                let Some(last) = last_part(base) else { continue };
                if last.ends_with("BaseTool") || last == "BaseToolkit" || last == "Tool" && self.is_ai(&path)
                {
                    self.tool_class(id as ClassId, &path);
                } else if let Some(base) = self.server_base(id as ClassId) {
                    self.mcp_server_class(id as ClassId, &base);
                } else if rules::rule(&path).is_some_and(|rule| rule.makes == Makes::McpClient) {
                    let key = format!("mcp-client:{name}");
                    let seen = self.seen(at, "mcp-client-class", 0, 90);
                    let package = inventar_catalogue::import("python", &path).map(|package| package.name);
                    self.out.see(&key, seen, |key| {
                        Asset::new(key, "mcp-client", name).maybe("framework", package)
                    });
                    self.made.insert(at, key);
                } else if last == "Signature" && path.starts_with("dspy.") {
                    self.signature(id as ClassId);
                } else if let Some(rule) = rules::rule(&path).filter(|rule| rule.makes == Makes::Agent) {
                    if rule.last != "StateGraph" && rule.last != "Workflow" {
                        self.see_agent(name, at, "agent-class", &path, 85);
                    }
                } else if self.is_ai(&path)
                    && (last.ends_with("Agent")
                        || last == "AgentBase"
                        || is_agent_name(name)
                            && !["Model", "Event", "Config"].iter().any(|end| last.ends_with(end)))
                {
                    self.see_agent(name, at, "agent-class", &path, 85);
                } else if self.is_ai(&path) && last == "VectorStore" {
                    self.see_store(name, at, &path, "vector-store-class");
                }
            }
        }
    }

    /// This project's own agents: a class that is called one and talks to a model itself or passes messages on.
    pub(crate) fn own_agents(&mut self) {
        let module = self.module();
        for (id, class) in module.classes.iter().enumerate() {
            let (name, at) = (class.node.name.as_str(), class.node.name.range);
            if self.made.contains_key(&at)
                || !is_agent_name(name)
                || is_exception(class.node)
                || is_abstract(class.node)
            {
                continue;
            }
            let range = class.node.range();
            let talks = self.busy.iter().any(|place| range.contains_range(*place))
                || module
                    .dicts
                    .iter()
                    .any(|(dict, _)| range.contains_range(dict.range) && crate::prompts::is_message(dict))
                || self.is_graph_node(id as ClassId)
                || self.calls_model(range);
            let data = class.node.bases().iter().any(|base| {
                matches!(
                    last_part(base),
                    Some(
                        "BaseModel"
                            | "TypedDict"
                            | "Enum"
                            | "Protocol"
                            | "NamedTuple"
                            | "SQLModel"
                            | "Base"
                            | "TestCase"
                            | "StrEnum"
                    )
                )
            });
            if talks && !data {
                self.see_agent(name, at, "agent-class-of-the-project", "", 70);
            }
        }
    }

    /// Whether a class calls a function that asks a model: `call_model(prompt, model=…)`, `llm.invoke(…)`.
    fn calls_model(&self, range: ruff_text_size::TextRange) -> bool {
        const CALLS: &[&str] = &[
            "invoke",
            "ainvoke",
            "astream",
            "call_model",
            "call_llm",
            "create_chat_completion",
            "chat_completion",
            "get_chat_response",
            "acompletion",
            "generate_content",
            "ask_llm",
            "llm_call",
            "query_llm",
        ];
        let module = self.module();
        CALLS
            .iter()
            .flat_map(|name| module.calls_of.get(name).into_iter().flatten())
            .any(|at| range.contains_range(module.calls[*at as usize].node.range()))
    }

    /// `graph.add_node("writer", writer.run)`: an instance of a class that is called an agent is one.
    fn is_graph_node(&self, class: ClassId) -> bool {
        let module = self.module();
        module.calls_of.get("add_node").into_iter().flatten().take(100).any(|at| {
            let call = &module.calls[*at as usize];
            call.node.arguments.args.iter().any(|argument| match argument {
                Expr::Attribute(attribute) => self.flow.values(&attribute.value, call.scope).iter().any(|found| {
                    matches!(found.value, Value::Object(made, of) if self.flow.class_called(made, of) == Some(class))
                }),
                _ => false,
            })
        })
    }

    /// Nodes of a graph whose work an agent class of another file does.
    pub(crate) fn graph_nodes(&mut self) {
        let module = self.module();
        for at in module.calls_of.get("add_node").into_iter().flatten().take(200) {
            let call = &module.calls[*at as usize];
            let arguments = &call.node.arguments.args;
            let Some(Expr::StringLiteral(name)) = arguments.first() else { continue };
            let Some(Expr::Attribute(method)) = arguments.get(1) else { continue };
            let agents: Vec<&str> = self
                .flow
                .values(&method.value, call.scope)
                .iter()
                .filter_map(|found| match found.value {
                    Value::Object(made, _) => last_part(&made.func).filter(|class| is_agent_name(class)),
                    _ => None,
                })
                .collect();
            if let Some(class) = agents.first() {
                let key = self.out.fresh_key(format!("agent:{}", name.value.to_str()));
                let seen = self.seen(call.node.range(), "graph-node", 1, 80);
                let (name, class) = (name.value.to_str().to_owned(), (*class).to_owned());
                self.out.see(&key, seen, |key| Asset::new(key, "agent", name).property("class", class));
            }
        }
    }

    /// `{"name": …, "description": …, "system_prompt": …}`: an agent as data.
    pub(crate) fn agent_entry(&mut self, dict: &'a ast::ExprDict, scope: ScopeId) {
        if !self.ai || dict.items.len() < 2 {
            return;
        }
        let prompt = members(dict)
            .find(|(name, _)| matches!(*name, "system_prompt" | "instructions" | "system_message"));
        let (Some(name), Some((_, prompt))) = (member(dict, "name"), prompt) else { return };
        let described = member(dict, "description").is_some()
            || member(dict, "tools").is_some()
            || member(dict, "model").is_some();
        let name = self.flow.values(name, scope).iter().find_map(|found| found.whole().map(str::to_owned));
        if let Some(name) = name.filter(|name| described && is_name(name)) {
            self.see_agent(&name, dict.range, "agent-entry", "", 85);
            self.prompt(prompt, scope, "system", "system-prompt");
            if let Some(tools) = member(dict, "tools") {
                self.tool_list(tools, scope);
            }
        }
    }

    /// Draws the edges from agents to models, tools, prompts and other agents.
    pub(crate) fn uses(&mut self) {
        self.own_agents();
        self.graph_nodes();
        let module = self.module();
        let mut made: Vec<_> = self.made.iter().map(|(at, key)| (*at, key.clone())).collect();
        made.sort_by_key(|(at, _)| (at.start(), at.end()));
        for call in &module.calls {
            let Ok(found) = made
                .binary_search_by_key(&(call.node.range().start(), call.node.range().end()), |(at, _)| {
                    (at.start(), at.end())
                })
            else {
                continue;
            };
            let (at, key) = made[found].clone();
            if !key.starts_with("agent:") {
                continue;
            }
            let seen = self.seen(at, "agent-argument", 1, 90);
            for (name, value, of) in self.flow.keywords(call.node, call.scope) {
                let targets = match name {
                    "system_prompt" | "instructions" | "system_message" | "prompt" | "backstory"
                    | "instruction" => self.prompts_at(value, of),
                    "model" | "llm" | "llm_config" | "model_client" | "language_model" | "model_name" => {
                        self.models_at(value, of, 0)
                    }
                    "tools" | "agents" | "sub_agents" | "subagents" | "participants" | "handoffs"
                    | "managed_agents" | "mcp_servers" | "toolsets" => self.parts_at(value, of),
                    _ => continue,
                };
                for target in targets {
                    self.out.edge(&key, "uses", &target, seen);
                }
            }
            for argument in call.node.arguments.args.iter().take(3) {
                let mut targets = self.models_at(argument, call.scope, 0);
                targets.extend(self.parts_at(argument, call.scope));
                for target in targets {
                    self.out.edge(&key, "uses", &target, seen);
                }
            }
        }
        self.code_imports();
    }

    /// The models that a value is or was made with.
    fn models_at(&self, value: &'a Expr, scope: ScopeId, depth: u8) -> Vec<String> {
        let mut keys = Vec::new();
        for found in self.flow.values(value, scope) {
            match &found.value {
                Value::Text { text, whole: true } => {
                    if let Some(model) = inventar_catalogue::model_at_model_place(text) {
                        keys.push(format!("model:{}", model.identity()));
                    }
                }
                Value::Object(call, of) if depth < 3 => {
                    for (name, value, of) in self.flow.keywords(call, *of) {
                        if matches!(
                            name,
                            "model" | "model_name" | "model_id" | "deployment_name" | "azure_deployment"
                        ) {
                            keys.extend(self.models_at(value, of, depth + 1));
                        }
                    }
                    if let Some(first) = call.arguments.args.first() {
                        keys.extend(self.models_at(first, *of, depth + 1));
                    }
                }
                Value::Dict(dict, of) if depth < 3 => {
                    for name in ["model", "config_list"] {
                        if let Some(value) = member(dict, name) {
                            keys.extend(self.models_at(value, *of, depth + 1));
                        }
                    }
                }
                Value::List(items, of) if depth < 3 => {
                    for item in items.iter().take(8) {
                        keys.extend(self.models_at(item, *of, depth + 1));
                    }
                }
                _ => {}
            }
            if keys.len() > 8 {
                break;
            }
        }
        keys
    }

    /// The assets that the elements of a list are.
    fn parts_at(&self, value: &'a Expr, scope: ScopeId) -> Vec<String> {
        let mut keys = Vec::new();
        for (item, of) in self.flow.elements(value, scope).into_iter().take(64) {
            for found in self.flow.values(item, of) {
                let key = match &found.value {
                    Value::Function(function) => {
                        let name = self.module().functions[*function as usize].node.name.range;
                        self.made.get(&name).cloned()
                    }
                    Value::Class(class) => {
                        self.made.get(&self.module().classes[*class as usize].node.name.range).cloned()
                    }
                    _ => self.made.get(&found.at).cloned(),
                };
                keys.extend(key);
            }
        }
        keys
    }

    /// Tools that come from another file: asked for, when the list is read.
    pub(crate) fn ask_tool(
        &mut self,
        found: &crate::flow::Found<'a>,
        at: ruff_text_size::TextRange,
        owner: Option<String>,
    ) {
        self.ask(found, Sink::Tool, at, owner);
    }

    /// Clients and agents import the packages they come from.
    fn code_imports(&mut self) {
        let made: Vec<(String, String)> = self
            .out
            .assets()
            .iter()
            .filter(|asset| {
                matches!(asset.kind.as_str(), "agent" | "mcp-server" | "vector-store" | "mcp-client")
            })
            .filter_map(|asset| {
                let framework = asset.properties.iter().find(|property| property.name == "framework")?;
                match &framework.value {
                    inventar_plugin_sdk::Value::Text(name) => {
                        Some((asset.key.clone(), format!("package:{name}")))
                    }
                    _ => None,
                }
            })
            .collect();
        for (from, to) in made {
            if let Some((at, _)) = self.made.iter().find(|(_, key)| **key == from) {
                let seen = self.seen(*at, "framework", 0, 95);
                self.out.edge(&from, "imports", &to, seen);
            }
        }
    }
}

/// A name a person would give: a few words.
fn is_name(text: &str) -> bool {
    (1..=80).contains(&text.trim().len()) && !text.contains('\n')
}

/// `WriterAgent`, `ChatAgentWithMemory`; not `UserAgent`, `AgentConfig`, `AgentResult`.
pub(crate) fn is_agent_name(name: &str) -> bool {
    const NOT: &[&str] = &[
        "UserAgent",
        "BaseAgent",
        "AgentBase",
        "MockAgent",
        "FakeAgent",
        "IAgent",
        "AbstractAgent",
        "HttpAgent",
    ];
    let ends = name.ends_with("Agent") && name.len() > 5;
    let with = name.find("AgentWith").is_some_and(|at| at > 0);
    (ends || with) && !NOT.contains(&name) && !name.starts_with('_')
}

fn is_exception(node: &ast::StmtClassDef) -> bool {
    node.bases().iter().any(|base| {
        last_part(base).is_some_and(|base| base.ends_with("Error") || base.ends_with("Exception"))
    })
}

fn is_abstract(node: &ast::StmtClassDef) -> bool {
    node.bases().iter().any(|base| matches!(last_part(base), Some("ABC" | "Protocol")))
}
