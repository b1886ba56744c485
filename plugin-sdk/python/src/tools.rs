//! Tools: functions that a decorator or a list hands to a model, classes that extend a framework's tool, schemas.
//! The decorators of MCP servers, of prompts and of guardrails are read in the same pass.

use crate::flow::{Found, Value, member};
use crate::look::Look;
use crate::module::{ClassId, Function, FunctionId, ScopeId, last_part};
use crate::rules;
use inventar_analysis::calls::Makes;
use inventar_plugin_sdk::Asset;
use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::{Ranged, TextRange};

impl<'a> Look<'_, '_, 'a> {
    /// What decorators say of functions.
    pub(crate) fn functions(&mut self) {
        let module = self.module();
        for (id, function) in module.functions.iter().enumerate() {
            for decorator in &function.node.decorator_list {
                let (callee, call) = match &decorator.expression {
                    Expr::Call(call) => (&*call.func, Some(call)),
                    other => (other, None),
                };
                let Some(last) = last_part(callee) else { continue };
                match last {
                    "prompt" | "resource" => self.mcp_part(last, callee, call, function),
                    "system_prompt" | "instructions" => {
                        if self.flow.path(callee, function.outer).is_some_and(|path| self.is_ai(&path)) {
                            for (value, of) in &function.returns {
                                self.prompt(value, *of, "system", "system-prompt");
                            }
                        }
                    }
                    "entrypoint" => {
                        let path = self.flow.path(callee, function.outer);
                        if let Some(path) = path.filter(|path| path.starts_with("langgraph.")) {
                            let name = &function.node.name;
                            self.see_agent(name.as_str(), name.range, "agent-function", &path, 90);
                        }
                    }
                    "input_guardrail" | "output_guardrail" => {
                        let (name, at) = (function.node.name.as_str(), function.node.name.range);
                        self.see_plain("guardrail", name, at, "guardrail", "");
                    }
                    _ => self.decorated_tool(id as FunctionId, last, callee, call, function),
                }
            }
        }
    }

    fn decorated_tool(
        &mut self,
        id: FunctionId,
        last: &str,
        callee: &'a Expr,
        call: Option<&'a ast::ExprCall>,
        function: &Function<'a>,
    ) {
        let path = self.flow.path(callee, function.outer);
        if !rules::is_tool_decorator(last, path.as_deref()) {
            return;
        }
        let (library, confidence) = match &path {
            Some(path) if self.is_ai(path) => (true, 95),
            // An object of another file: `@mcp.tool()`.
            Some(path) if path.starts_with('.') => (true, 80),
            Some(_) => (callee.is_attribute_expr() && self.ai, 75),
            None => (self.ai || callee.is_attribute_expr(), 75),
        };
        if !library {
            return;
        }
        let given = call.and_then(|call| {
            call.arguments
                .find_keyword("name")
                .map(|keyword| &keyword.value)
                .or_else(|| call.arguments.args.first())
        });
        let given = given.and_then(Expr::as_string_literal_expr).map(|text| text.value.to_str());
        // AutoGen's `register_for_llm(description=…)` and LangChain's `tool("name")` differ in what comes first.
        let name = given.filter(|name| is_tool_name(name)).unwrap_or(function.node.name.as_str());
        let kind = if last == "kernel_function" { "kernel-function" } else { "tool-decorator" };
        self.see_tool(name, function.node.name.range, kind, path.as_deref().unwrap_or_default(), confidence);
        self.describe(id, name);
    }

    fn describe(&mut self, function: FunctionId, name: &str) {
        let info = &self.module().functions[function as usize];
        let params: Vec<String> = info
            .params
            .iter()
            .map(|(param, _)| param.name.to_string())
            .filter(|name| !matches!(name.as_str(), "self" | "cls" | "ctx" | "context"))
            .take(32)
            .collect();
        let Some(key) = self.made.get(&info.node.name.range).cloned() else { return };
        if !params.is_empty() {
            self.out.property(&key, "parameters", params);
        }
        if name != info.node.name.as_str() {
            self.out.property(&key, "handler", info.node.name.as_str());
        }
    }

    pub(crate) fn see_tool(
        &mut self,
        name: &str,
        at: TextRange,
        rule: &'static str,
        path: &str,
        confidence: u8,
    ) {
        let key = format!("tool:{name}");
        let seen = self.seen(at, rule, 0, confidence);
        let framework = inventar_catalogue::import("python", path).map(|package| package.name);
        self.out.see(&key, seen, |key| Asset::new(key, "tool", name).maybe("framework", framework));
        self.made.insert(at, key);
    }

    /// A class that extends a framework's tool.
    pub(crate) fn tool_class(&mut self, class: ClassId, path: &str) {
        let info = &self.module().classes[class as usize];
        let mut name = info.node.name.as_str().to_owned();
        if let Some((value, scope)) = info.attrs.get("name").and_then(|values| values.first())
            && let Some(found) =
                self.flow.values(value, *scope).iter().find_map(|found| found.whole().map(str::to_owned))
            && is_tool_name(&found)
        {
            name = found;
        }
        self.see_tool(&name, info.node.name.range, "tool-class", path, 90);
    }

    /// `Tool(name=…, func=…)`, `StructuredTool.from_function(f)`, `FunctionTool(f)`.
    pub(crate) fn tool_object(
        &mut self,
        path: &str,
        call: &'a ast::ExprCall,
        scope: ScopeId,
        first_is_function: bool,
    ) {
        let text = |look: &Self, value: &'a Expr, of: ScopeId| {
            look.flow.values(value, of).iter().find_map(|found| found.whole().map(str::to_owned))
        };
        // `@tool("name")` is a decorator, which is read where the function stands.
        if path.ends_with(".tool") && call.arguments.args.first().is_none_or(Expr::is_string_literal_expr) {
            return;
        }
        let mut given = self.flow.keyword(call, scope, "name");
        if given.is_none()
            && let Some((metadata, of)) = self.flow.keyword(call, scope, "metadata")
            && let Expr::Call(metadata) = metadata
        {
            given = self.flow.keyword(metadata, of, "name");
        }
        let name = given.and_then(|(value, of)| text(self, value, of).or_else(|| self.pattern(value, of)));
        // A name that only run time knows is no name of the function either.
        if name.is_none() && given.is_some() {
            return;
        }
        let function = ["func", "fn", "function", "coroutine", "async_fn"]
            .iter()
            .find_map(|word| self.flow.keyword(call, scope, word))
            .or_else(|| {
                call.arguments
                    .args
                    .first()
                    .filter(|_| first_is_function || name.is_none())
                    .map(|first| (first, scope))
            });
        let names = match (name, function) {
            (Some(name), _) => vec![name],
            (None, Some((Expr::StringLiteral(text), _))) => vec![text.value.to_str().to_owned()],
            (None, Some((function, of))) => self.function_names(function, of),
            // `QueryEngineTool.from_defaults(query_engine=…, description=…)`: known by what it is assigned to.
            (None, None) => {
                let target = self.module().targets.get(&call.range());
                target.map(|target| (*target).to_owned()).into_iter().collect()
            }
        };
        for name in names.iter().filter(|name| is_tool_name(name)) {
            self.see_tool(name, call.range(), "tool-construction", path, 90);
        }
    }

    /// A name that is known in part, with `{}` for the rest: one tool for each of something.
    fn pattern(&self, value: &'a Expr, scope: ScopeId) -> Option<String> {
        let found = self.flow.values(value, scope);
        let mut texts = found.iter().filter_map(Found::text);
        let known = |text: &&str| text.bytes().filter(u8::is_ascii_alphabetic).count() >= 3;
        texts.find(|text| known(text) && text.contains("{}") && is_tool_name(text)).map(str::to_owned)
    }

    /// The names of a function, a method or an import, also of those that a loop goes through; what a caller passes has
    /// none here.
    fn function_names(&self, value: &'a Expr, scope: ScopeId) -> Vec<String> {
        if value.is_attribute_expr() {
            return last_part(value).map(str::to_owned).into_iter().collect();
        }
        let mut names = Vec::new();
        for found in self.flow.values(value, scope) {
            let name = match &found.value {
                Value::Function(function) => {
                    self.module().functions[*function as usize].node.name.as_str().to_owned()
                }
                Value::Class(class) => self.module().classes[*class as usize].node.name.as_str().to_owned(),
                Value::Foreign(import, rest) => {
                    let import = &self.module().imports[*import as usize];
                    match rest.rsplit_once('.') {
                        Some((_, method)) if is_word(method) => method.to_owned(),
                        Some(_) => continue,
                        None => import.name.unwrap_or(import.bound).to_owned(),
                    }
                }
                _ => continue,
            };
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// `server.tool(find, name="…")`, `server.add_tool(find)`: a function that is handed to an MCP server, also to the
    /// server that the class around is.
    pub(crate) fn registered_tool(&mut self, call: &'a ast::ExprCall, scope: ScopeId, last: &str) {
        if !matches!(last, "tool" | "add_tool") {
            return;
        }
        let Expr::Attribute(method) = &*call.func else { return };
        let Some(first) =
            call.arguments.args.first().filter(|first| first.is_name_expr() || first.is_attribute_expr())
        else {
            return;
        };
        let path = match &*method.value {
            Expr::Name(name) if name.id.as_str() == "self" => self
                .module()
                .class_of(scope)
                .and_then(|class| self.server_base(class))
                .map(|base| format!("{base}.{last}")),
            _ => self.path_of(call, scope),
        };
        let Some(path) = path.filter(|path| is_mcp(path)) else { return };
        let given = self.flow.keyword(call, scope, "name").map(|(value, of)| {
            self.flow.values(value, of).iter().find_map(|found| found.whole().map(str::to_owned))
        });
        let names = match given {
            Some(given) => given.into_iter().collect(),
            None => self.function_names(first, scope),
        };
        for name in names.iter().filter(|name| is_tool_name(name)) {
            self.see_tool(name, call.range(), "mcp-tool", &path, 90);
        }
    }

    /// The path of the MCP server that a class extends.
    pub(crate) fn server_base(&self, class: ClassId) -> Option<String> {
        let class = &self.module().classes[class as usize];
        class
            .node
            .bases()
            .iter()
            .filter_map(|base| self.flow.path(base, class.outer))
            .find(|path| is_mcp(path) && rules::rule(path).is_some_and(|rule| rule.makes == Makes::McpServer))
    }

    /// `tools=[…]` of a call.
    pub(crate) fn tools(&mut self, value: &'a Expr, scope: ScopeId, call: &'a ast::ExprCall) {
        let owner = self.made.get(&call.range()).cloned();
        for (item, of) in self.flow.elements(value, scope) {
            self.tool_item(item, of, owner.as_deref());
        }
    }

    /// A list of tools that belongs to no call.
    pub(crate) fn tool_list(&mut self, value: &'a Expr, scope: ScopeId) {
        for (item, of) in self.flow.elements(value, scope) {
            self.tool_item(item, of, None);
        }
    }

    fn tool_item(&mut self, item: &'a Expr, scope: ScopeId, owner: Option<&str>) {
        for found in self.flow.values(item, scope).into_iter().take(4) {
            match &found.value {
                Value::Function(function) => {
                    let node = &self.module().functions[*function as usize].node.name;
                    if !self.made.contains_key(&node.range) {
                        self.see_tool(node.as_str(), node.range, "tool-list", "", 90);
                        self.describe(*function, node.as_str());
                    }
                }
                Value::Class(class) => {
                    let node = &self.module().classes[*class as usize].node.name;
                    if !self.made.contains_key(&node.range) {
                        self.see_tool(node.as_str(), node.range, "tool-list", "", 85);
                    }
                }
                Value::Object(call, of) => self.tool_instance(call, *of),
                Value::Foreign(import, rest) => self.foreign_tool(&found, *import, rest, item, owner),
                Value::Dict(dict, _) => self.hosted_tool(dict),
                _ => {}
            }
        }
    }

    /// A tool that the provider runs: `{"google_search": {}}`, `{"type": "web_search_20250305", …}`.
    pub(crate) fn hosted_tool(&mut self, dict: &'a ast::ExprDict) {
        const NAMED: &[&str] =
            &["google_search", "google_search_retrieval", "code_execution", "url_context", "google_maps"];
        let named = NAMED.iter().find(|name| dict.len() == 1 && member(dict, name).is_some()).copied();
        let typed = member(dict, "type").and_then(Expr::as_string_literal_expr);
        let typed = typed.map(|text| text.value.to_str()).filter(|kind| {
            let starts = ["web_search", "file_search", "code_interpreter", "code_execution", "computer"];
            starts.iter().any(|start| kind.starts_with(start))
        });
        if let Some(name) = named.or(typed).filter(|_| !self.made.contains_key(&dict.range)) {
            self.see_tool(name, dict.range, "tool-list", "", 85);
        }
    }

    /// `{"type": "mcp", "server_label": "…", "server_url": "…"}`: a server that the provider's own client connects to.
    pub(crate) fn hosted_server(&mut self, dict: &'a ast::ExprDict, scope: ScopeId) {
        let is_mcp = member(dict, "type").and_then(Expr::as_string_literal_expr);
        if is_mcp.is_none_or(|kind| kind.value.to_str() != "mcp")
            || member(dict, "server_url").or_else(|| member(dict, "connector_id")).is_none()
        {
            return;
        }
        let Some(label) = member(dict, "server_label") else { return };
        let label = self.flow.values(label, scope).iter().find_map(|found| found.whole().map(str::to_owned));
        if let Some(label) = label.filter(|label| !label.is_empty() && label.len() <= 120) {
            self.see_made("mcp-server", &label, dict.range, "hosted-mcp-server", "", 90);
        }
    }

    /// `tools.append(search)`.
    pub(crate) fn appended_tool(&mut self, call: &'a ast::ExprCall, scope: ScopeId, last: &str) {
        if last != "append" || !self.ai {
            return;
        }
        let Expr::Attribute(method) = &*call.func else { return };
        let list = last_part(&method.value).unwrap_or_default();
        if let Some(first) =
            call.arguments.args.first().filter(|_| list == "tools" || list.ends_with("_tools"))
        {
            self.tool_item(first, scope, None);
        }
    }

    /// `model.bind_tools([Search, lookup])`: whatever the list is called.
    pub(crate) fn bound_tools(&mut self, call: &'a ast::ExprCall, scope: ScopeId, last: &str) {
        if last == "bind_tools"
            && self.ai
            && let Some(first) = call.arguments.args.first().filter(|first| !first.is_starred_expr())
        {
            self.tools(first, scope, call);
        }
    }

    /// An instance in a list of tools: `DuckDuckGoSearchRun()`, `WebSearchTool()`.
    fn tool_instance(&mut self, call: &'a ast::ExprCall, scope: ScopeId) {
        if self.made.contains_key(&call.range()) {
            return;
        }
        if let Some(class) = self.flow.class_called(call, scope) {
            let node = &self.module().classes[class as usize].node.name;
            if !self.made.contains_key(&node.range) {
                self.see_tool(node.as_str(), node.range, "tool-list", "", 85);
            }
            return;
        }
        let Some(path) = self.path_of(call, scope) else { return };
        if let Some(class) = class_in(&path).filter(|_| self.is_ai(&path) && may_be_tool(&path)) {
            self.see_tool(class, call.range(), "tool-list", &path, 85);
        }
    }

    fn foreign_tool(
        &mut self,
        found: &Found<'a>,
        import: u32,
        rest: &str,
        item: &'a Expr,
        owner: Option<&str>,
    ) {
        let import = &self.module().imports[import as usize];
        let path = format!("{}.{}", import.module, import.name.unwrap_or_default());
        if import.level == 0 && self.is_ai(&path) {
            let whole = format!("{path}{}", rest.replace("()", ""));
            let name = match (class_in(&whole), item) {
                (Some(class), _) => class,
                (None, Expr::Name(name)) => name.id.as_str(),
                (None, _) => import.name.unwrap_or(import.bound),
            };
            if is_tool_name(name) && may_be_tool(&whole) && !self.made.contains_key(&found.at) {
                self.see_tool(name, found.at, "tool-list", &path, 85);
            }
        } else if rest.contains("()")
            && let Expr::Name(name) = item
        {
            // What a function of another file hands out keeps the name it has here.
            self.see_tool(&name.id, item.range(), "tool-list", "", 75);
        } else {
            self.ask_tool(found, item.range(), owner.map(str::to_owned));
        }
    }

    /// `{"name": …, "description": …, "parameters": {…}}`.
    pub(crate) fn tool_schema(&mut self, dict: &'a ast::ExprDict, scope: ScopeId) {
        let schema = member(dict, "parameters")
            .or_else(|| member(dict, "input_schema"))
            .or_else(|| member(dict, "inputSchema"));
        let (Some(name), Some(schema)) = (member(dict, "name"), schema) else { return };
        if member(dict, "description").is_none() {
            return;
        }
        let is_schema = self.flow.values(schema, scope).iter().any(|found| match found.value {
            Value::Dict(schema, _) => {
                // Bedrock and Strands wrap the schema: `{"json": {…}}`.
                ["type", "properties", "json"].iter().any(|word| member(schema, word).is_some())
            }
            Value::Object(..) | Value::Foreign(..) => true,
            _ => false,
        });
        let name = self.flow.values(name, scope).iter().find_map(|found| found.whole().map(str::to_owned));
        if let Some(name) = name.filter(|name| is_schema && is_tool_name(name)) {
            self.see_tool(&name, dict.range, "tool-schema", "", 85);
        }
    }
}

/// The last part of a path that is a class: `Search` of `tools.Search.from_settings`.
fn class_in(path: &str) -> Option<&str> {
    path.rsplit('.').take(2).find(|part| part.starts_with(|c: char| c.is_ascii_uppercase()))
}

/// Whether a class of a library may be a tool: an agent, a store or a client that some list holds is none, nor is what
/// its methods make of it (`create_agent(…).with_config(…)`).
fn may_be_tool(path: &str) -> bool {
    let front = path.rsplit_once('.').map_or(path, |(front, _)| front);
    [path, front]
        .iter()
        .all(|path| rules::rule(path).is_none_or(|rule| matches!(rule.makes, Makes::Tool | Makes::Plain)))
}

fn is_mcp(path: &str) -> bool {
    path.starts_with("mcp.") || path.starts_with("fastmcp.")
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Names of tools are words, often with hyphens; descriptions are not.
fn is_tool_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && !name.contains('\n')
        && name.split_whitespace().count() <= 5
        && name.bytes().any(|byte| byte.is_ascii_alphabetic())
}
