//! Tools: what a framework's constructor, a method of a server, a list or a schema hands to a model.

use crate::flow::{Found, Value};
use crate::look::Look;
use crate::module::{ClassId, Kind, NONE, NodeId};
use crate::path;
use crate::rules;
use crate::words::snake;
use inventar_analysis::calls::Makes;
use inventar_analysis::link::Sink;
use inventar_plugin_sdk::Asset;
use oxc_span::Span;

impl<'a> Look<'_, '_, 'a> {
    pub(crate) fn see_tool(
        &mut self,
        name: &str,
        at: Span,
        rule: &'static str,
        path: &str,
        confidence: u8,
    ) -> String {
        let key = format!("tool:{name}");
        let seen = self.seen(at, rule, 0, confidence);
        let framework = self.library_of(path).map(|library| library.name);
        self.out.see(&key, seen, |key| Asset::new(key, "tool", name).maybe("framework", framework));
        key
    }

    /// `tool({ description, inputSchema, execute })`, `createTool({ id })`, `tool(fn, { name })`, `new DynamicTool({ name })`.
    pub(crate) fn tool_object(&mut self, path: &str, call: NodeId) {
        let module = self.module();
        // What is asked of the user, or decided about a tool, makes none.
        if self.made.contains_key(&call) {
            return;
        }
        let keywords = self.flow.keywords(call);
        let text = |look: &Self, value: NodeId| look.flow.whole_text(value).filter(|name| is_tool_name(name));
        let given = ["name", "id", "toolName"]
            .iter()
            .find_map(|word| keywords.iter().find(|(key, _)| key == word).map(|(_, value)| *value));
        // `tool("name", "description", schema, handler)`.
        let first = module.arguments(call).first().copied();
        let first_text = first.filter(|first| !matches!(module.kind(*first), Kind::Object(_)));
        let mut name = given.and_then(|value| text(self, value));
        if name.is_none() && given.is_none() {
            name = first_text.and_then(|first| text(self, first));
        }
        // A name that only run time knows is no name of the variable either.
        if name.is_none() && given.is_some() && !self.is_foreign(given.unwrap_or(NONE)) {
            return;
        }
        if name.is_none() {
            let known = keywords.iter().any(|(key, _)| {
                matches!(
                    *key,
                    "description" | "inputSchema" | "parameters" | "execute" | "schema" | "args" | "func"
                )
            }) || first.is_some()
                || path::last_of(path).ends_with("Tool") && path::last_of(path) != "tool";
            if !known {
                return;
            }
            name = self.name_of(call).map(str::to_owned);
        }
        let last = path::last_of(path);
        let name = match name.filter(|name| is_tool_name(name) && !is_plain_word(name)) {
            Some(name) => name,
            // `webSearchTool()` is what it is.
            None if last.len() > 6 && last.ends_with("Tool") && !last.starts_with("create") => {
                last.trim_end_matches("Tool").to_owned()
            }
            None => return,
        };
        let key = self.see_tool(&name, module.at(call), "tool-construction", path, 90);
        self.describe(&key, call);
        self.made.insert(call, key);
    }

    fn is_foreign(&self, value: NodeId) -> bool {
        self.flow.values(value).iter().any(|found| matches!(found.value, Value::Foreign(..)))
    }

    /// The names of a tool's parameters.
    fn describe(&mut self, key: &str, call: NodeId) {
        let schema = ["inputSchema", "parameters", "schema", "input"]
            .iter()
            .find_map(|word| self.flow.keyword(call, word));
        let Some(schema) = schema else { return };
        let module = self.module();
        // `z.object({ … })`, `jsonSchema({ properties })`, `{ … }`.
        let shape = match module.kind(schema) {
            Kind::Call { .. } => module.arguments(schema).first().copied(),
            _ => Some(schema),
        };
        let Some(shape) = shape else { return };
        let members = self.flow.entries(shape);
        let members = match members.iter().find(|(name, _)| *name == "properties") {
            Some((_, properties)) => self.flow.entries(*properties),
            None => members,
        };
        let names: Vec<String> = members.iter().map(|(name, _)| (*name).to_owned()).take(32).collect();
        if !names.is_empty() && !names.iter().any(|name| name == "type") {
            self.out.property(key, "parameters", names);
        }
    }

    /// `openai.tools.webSearch()`: a tool that the provider runs.
    pub(crate) fn provider_tool(&mut self, last: &str, call: NodeId) {
        let path = self.path_of(call).unwrap_or_default();
        if path.matches('.').count() != 2
            || matches!(last, "map" | "filter" | "forEach" | "push" | "find" | "length")
        {
            return;
        }
        let key = self.see_tool(last, self.module().at(call), "provider-tool", &path, 90);
        self.made.insert(call, key);
    }

    /// A class that extends a framework's tool.
    pub(crate) fn tool_class(&mut self, class: ClassId, path: &str) {
        let info = &self.module().classes[class as usize];
        let own = info.attrs.get("name").and_then(|values| values.first());
        let name = own
            .and_then(|value| self.flow.whole_text(*value))
            .filter(|name| is_tool_name(name))
            .unwrap_or_else(|| info.name.to_owned());
        if info.is_abstract || name.is_empty() || name.starts_with('_') {
            return;
        }
        let key = self.see_tool(&name, info.name_at, "tool-class", path, 90);
        self.made_classes.insert(class, key);
    }

    /// `tools: [a, b]`, `tools: { a, b: c() }`.
    pub(crate) fn tools(&mut self, value: NodeId, owner: Option<&str>) {
        for item in self.flow.elements(value) {
            self.tool_item(item, None, owner);
        }
        for (name, item) in self.flow.entries(value) {
            self.tool_item(item, Some(name), owner);
        }
    }

    fn tool_item(&mut self, item: NodeId, name: Option<&'a str>, owner: Option<&str>) {
        let module = self.module();
        for found in self.flow.values(item).into_iter().take(4) {
            match &found.value {
                Value::Function(function) if name.is_none() => {
                    let info = &module.functions[*function as usize];
                    if let Some(own) = info.name
                        && !self.made_functions.contains_key(function)
                        && !self.made.contains_key(&found.node)
                    {
                        let key = self.see_tool(own, info.name_at, "tool-list", "", 85);
                        self.made_functions.insert(*function, key);
                    }
                }
                Value::Made(call) => self.tool_instance(*call, name),
                // A literal with a description and what runs it.
                Value::Object(object) => self.tool_literal(*object, name),
                Value::Foreign(import, rest) => self.foreign_tool(&found, *import, rest, item, name, owner),
                _ => {}
            }
        }
    }

    /// `tools: { weather: { description, inputSchema, execute } }`.
    fn tool_literal(&mut self, object: NodeId, name: Option<&str>) {
        let module = self.module();
        if self.made.contains_key(&object) {
            return;
        }
        let has = |word: &str| module.member(object, word).is_some();
        let runs = has("execute")
            || has("handler")
            || has("inputSchema")
            || has("parameters")
            || has("func")
            || has("schema");
        // `{ type: "web_search_20250305", name: "web_search" }`: a tool that the provider runs.
        let hosted = module.member(object, "type").and_then(|kind| module.text(kind)).filter(|kind| {
            !matches!(*kind, "function" | "custom" | "object" | "mcp") && kind.contains(['_', '-'])
        });
        if !runs && hosted.is_none() {
            return;
        }
        let name = hosted.or(name);
        let own = module.member(object, "name").and_then(|value| self.flow.whole_text(value));
        if let Some(name) = own.or(name.map(str::to_owned)).filter(|name| is_tool_name(name)) {
            let key = self.see_tool(&name, module.at(object), "tool-list", "", 85);
            self.made.insert(object, key);
        }
    }

    /// An instance in a list of tools: `new TavilySearch()`.
    fn tool_instance(&mut self, call: NodeId, name: Option<&str>) {
        if self.made.contains_key(&call) {
            return;
        }
        if let Some(class) = self.flow.class_called(call) {
            if let std::collections::hash_map::Entry::Vacant(_) = self.made_classes.entry(class) {
                let info = &self.module().classes[class as usize];
                let key = self.see_tool(info.name, info.name_at, "tool-list", "", 80);
                self.made_classes.insert(class, key);
            }
            return;
        }
        let Some(path) = self.path_of(call) else { return };
        if rules::rule(&path).is_some_and(|rule| rule.makes == Makes::Tool) {
            self.tool_object(&path, call);
            if self.made.contains_key(&call) {
                return;
            }
        }
        let last = path::last_of(&path);
        let is_new = matches!(self.module().kind(call), Kind::Call { new: true, .. });
        if self.is_ai(&path)
            && (is_new || last.to_ascii_lowercase().ends_with("tool"))
            && last.starts_with(|c: char| c.is_ascii_alphabetic())
        {
            let name = if is_new { last } else { name.unwrap_or(last) };
            let key = self.see_tool(name, self.module().at(call), "tool-list", &path, 85);
            self.made.insert(call, key);
        }
    }

    fn foreign_tool(
        &mut self,
        found: &Found<'a>,
        import: u32,
        rest: &str,
        item: NodeId,
        name: Option<&'a str>,
        owner: Option<&str>,
    ) {
        let module = self.module();
        let import = &module.imports[import as usize];
        let at = module.at(item);
        if self.library(import.module).is_some() {
            // A tool of a library: by the name it has there.
            let own = import.name.filter(|name| *name != "default").unwrap_or(import.bound);
            if rest.is_empty() && own.to_ascii_lowercase().contains("tool") && is_tool_name(own) {
                let path = format!("{}:{own}", import.module);
                let key = self.see_tool(own, at, "tool-list", &path, 80);
                self.made.entry(found.node).or_insert(key);
            }
            return;
        }
        if name.is_none() && !rest.is_empty() && rest.contains("()") {
            return;
        }
        self.ask(found, Sink::Tool, at, owner.map(str::to_owned));
    }

    /// `{ name, description, parameters | inputSchema | input_schema }`, also as `{ type: "function", function: … }`.
    pub(crate) fn tool_schema(&mut self, object: NodeId) {
        let module = self.module();
        let runs = ["handler", "execute", "run", "func", "callback", "call"]
            .iter()
            .any(|word| module.member(object, word).is_some());
        let schema = ["parameters", "input_schema", "inputSchema"]
            .iter()
            .find_map(|word| module.member(object, word))
            // Projects have words of their own for it; then what runs stands beside.
            .or_else(|| {
                let words = ["parametersSchema", "paramsSchema", "argsSchema", "schema", "paramSchema"];
                words.iter().find_map(|word| module.member(object, word)).filter(|_| runs)
            });
        let (Some(name), Some(schema)) = (module.member(object, "name"), schema) else { return };
        if module.member(object, "description").is_none() || self.made.contains_key(&object) {
            return;
        }
        // What is an argument of a constructor is read there.
        let parent = module.node(object).parent;
        if parent != NONE && self.made.contains_key(&parent) {
            return;
        }
        let sure = self.ai
            || module.member(object, "parameters") != Some(schema)
            || parent != NONE && module.member(parent, "function") == Some(object);
        // `toolsList = [{ name, description, parameters: { city: { type } } }]`: the schema is made of it later.
        let among_tools = self.is_among_tools(object);
        let is_schema = self.flow.values(schema).iter().any(|found| match found.value {
            Value::Object(schema) => {
                among_tools
                    || module.member(schema, "type").is_some()
                    || module.member(schema, "properties").is_some()
                    || module
                        .members(schema)
                        .iter()
                        .any(|prop| matches!(module.kind(prop.value), Kind::Call { .. }))
            }
            // `parameters: makeParameters()` may be of anything, where AI is not in sight.
            Value::Made(_) | Value::Foreign(..) => sure,
            _ => false,
        });
        let name = self.flow.whole_text(name).or_else(|| self.member_name(name));
        let name = name.filter(|name| is_schema && is_tool_name(name) && !name.contains(' '));
        if let Some(name) = name {
            let key = self.see_tool(&name, module.at(object), "tool-schema", "", 85);
            self.made.insert(object, key);
        }
    }

    /// Whether an object is called a tool, stands in a list that is called so, or is added to one.
    fn is_among_tools(&self, object: NodeId) -> bool {
        let module = self.module();
        // `{ tool: { type } }` turns one into another.
        let is_tools = |name: &str| name != "tool" && snake(name).contains("tool");
        let called_so = |node: NodeId| module.targets.get(&node).is_some_and(|name| is_tools(name));
        let parent = module.node(object).parent;
        if called_so(object) || parent == NONE {
            return called_so(object);
        }
        match module.kind(parent) {
            Kind::Array(_) => called_so(parent),
            // `tools.push({ … })`.
            Kind::Call { callee, .. } if module.called(parent) == Some("push") => match module.kind(callee) {
                Kind::Member(base, _) => module.last_part(base).is_some_and(is_tools),
                _ => false,
            },
            _ => false,
        }
    }

    /// What the provider runs: `{ type: "web_search" }` among tools, `{ type: "mcp", server_label, server_url }`.
    pub(crate) fn hosted_tool(&mut self, object: NodeId) {
        let module = self.module();
        let kind = module.member(object, "type").and_then(|kind| module.text(kind));
        let Some(kind) = kind.filter(|_| !self.made.contains_key(&object)) else { return };
        if kind == "mcp" {
            return self.hosted_server(object);
        }
        if is_hosted_tool(kind) && self.is_among_tools(object) {
            let key = self.see_tool(kind, module.at(object), "tool-list", "", 85);
            self.made.insert(object, key);
        }
    }

    /// `ToolNames.ReadFile` of another file: the member stands for the name.
    fn member_name(&self, value: NodeId) -> Option<String> {
        let foreign = self.is_foreign(value);
        match self.module().kind(value) {
            Kind::Member(_, name) if foreign => Some(name.to_owned()),
            _ => None,
        }
    }

    /// Tools whose code reads a key: `tool → reads-secret → KEY`.
    pub(crate) fn tool_secrets(&mut self) {
        let module = self.module();
        let mut edges = Vec::new();
        for (node, key) in &self.made {
            if !key.starts_with("tool:") {
                continue;
            }
            let at = module.at(*node);
            for (name, variable) in module.variables.iter().take(2_000) {
                let inside = module.at(*variable);
                let secret = inventar_analysis::secret::key(name);
                if at.start <= inside.start && inside.end <= at.end && self.out.has(&secret) {
                    edges.push((key.clone(), secret, inside));
                }
            }
            if edges.len() > 200 {
                break;
            }
        }
        edges.sort_unstable_by(|a, b| (&a.0, &a.1, a.2.start).cmp(&(&b.0, &b.1, b.2.start)));
        for (tool, secret, at) in edges {
            let seen = self.seen(at, "tool-reads-key", 0, 90);
            self.out.edge(&tool, "reads-secret", &secret, seen);
        }
    }
}

/// Names of tools are words, often with hyphens; descriptions are not.
pub(crate) fn is_tool_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && !name.contains(['\n', '{', '<'])
        && name.split_whitespace().count() <= 5
        && name.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// Whether that is the type of a tool that a provider runs.
fn is_hosted_tool(kind: &str) -> bool {
    const STARTS: &[&str] = &[
        "code_execution",
        "code_interpreter",
        "computer_use",
        "file_search",
        "image_generation",
        "web_fetch",
        "web_search",
    ];
    STARTS.iter().any(|start| kind.starts_with(start)) && !kind.contains("call") && !kind.contains("result")
}

/// What a variable or function is called that is not what the tool is called.
fn is_plain_word(name: &str) -> bool {
    matches!(
        name,
        "tool" | "tools" | "default" | "execute" | "result" | "server" | "main" | "constructor" | "map"
    )
}
