//! Agents: constructed by a framework, extended from one, listed as data, a loop of calls with tools, or a class of the
//! project that is one.

use crate::flow::Value;
use crate::look::Look;
use crate::module::{Class, ClassId, Kind, NodeId};
use crate::path;
use crate::rules;
use inventar_analysis::calls::Makes;
use inventar_analysis::link::Sink;
use inventar_plugin_sdk::Asset;
use oxc_span::Span;

impl<'a> Look<'_, '_, 'a> {
    /// `new Agent({ name: "…" })`, `createReactAgent({ … })`, `new StateGraph(…)`.
    pub(crate) fn agent(&mut self, path: &str, call: NodeId, first_is_name: bool) {
        let module = self.module();
        let first = module.arguments(call).first().copied().filter(|_| first_is_name);
        let named = first
            .into_iter()
            .chain(["name", "id", "agentName"].iter().filter_map(|word| self.flow.keyword(call, word)))
            .find_map(|value| self.flow.whole_text(value).filter(|name| is_name(name)));
        let name = named
            .or_else(|| self.name_of(call).map(|name| self.place_of(name).to_owned()))
            .unwrap_or_else(|| path::last_of(path).to_owned());
        let key = self.see_agent(&name, module.at(call), "agent-construction", path, 95);
        self.made.insert(call, key);
    }

    /// A variable that says only what everything of its kind is called takes the name of its file.
    fn place_of<'n>(&'n self, name: &'n str) -> &'n str {
        match name {
            "graph" | "builder" | "workflow" | "graphBuilder" | "workflowBuilder" | "app" | "POST"
            | "GET" | "main" | "handler" => route_of(&self.out.file().path).unwrap_or(name),
            _ => name,
        }
    }

    /// `streamText({ model, tools, stopWhen })`: the model calls tools until it is done.
    pub(crate) fn agent_loop(&mut self, path: &str, call: NodeId) {
        let module = self.module();
        let (Some(tools), Some(_)) = (
            self.flow.keyword(call, "tools"),
            ["stopWhen", "maxSteps", "prepareStep", "maxToolRoundtrips"]
                .iter()
                .find_map(|word| self.flow.keyword(call, word)),
        ) else {
            return;
        };
        if matches!(module.kind(tools), Kind::Object(props) if props.len() == 0) {
            return;
        }
        // The loop of an agent that is a class is that agent's.
        let at = module.at(call);
        let class = module.classes.iter().find(|class| class.at.start <= at.start && at.end <= class.at.end);
        let key = class.map(|class| format!("agent:{}", class.name)).filter(|key| self.out.has(key));
        if let Some(key) = key {
            self.made.insert(call, key);
            return;
        }
        let last = path::last_of(path);
        let around = self.name_of(call).filter(|name| {
            !matches!(*name, "POST" | "GET" | "PUT" | "default" | "handler" | "execute" | "result" | "stream")
        });
        let name = match around {
            Some(name) => name.to_owned(),
            None => route_of(&self.out.file().path).unwrap_or(last).to_owned(),
        };
        let key = self.see_agent(&name, module.at(call), "tool-loop", path, 85);
        self.made.insert(call, key);
    }

    fn see_agent(&mut self, name: &str, at: Span, rule: &'static str, path: &str, confidence: u8) -> String {
        let key = self.out.fresh_key(format!("agent:{name}"));
        let seen = self.seen(at, rule, 0, confidence);
        let framework = self.library_of(path).map(|library| library.name);
        let made_by = (!path.is_empty()).then(|| path::last_of(path));
        self.out.see(&key, seen, |key| {
            Asset::new(key, "agent", name).maybe("framework", framework).maybe("made-by", made_by)
        });
        self.busy.push(at);
        key
    }

    /// Classes that extend an agent, a tool or a server of a framework.
    pub(crate) fn classes(&mut self) {
        self.decorated();
        let module = self.module();
        for (id, class) in module.classes.iter().enumerate() {
            let Some(extends) = class.extends else { continue };
            let Some(path) = self.flow.path(extends) else { continue };
            let last = path::last_of(&path).to_owned();
            let ai = self.is_ai(&path);
            if ai && matches!(&*last, "McpAgent" | "MCPServer" | "McpServer") {
                self.see_plain("mcp-server", class.name, class.name_at, "mcp-server", &path);
            } else if ai
                && matches!(&*last, "Tool" | "StructuredTool" | "MCPTool" | "DynamicTool" | "BaseTool")
            {
                self.tool_class(id as ClassId, &path);
            } else if let Some(rule) = rules::rule(&path).filter(|rule| rule.makes == Makes::Agent) {
                if rule.last != "StateGraph" && rule.last != "Workflow" {
                    self.agent_class(id as ClassId, class, &path);
                }
            } else if ai
                && (last.ends_with("Agent")
                    || class.name.ends_with("Agent") && class.name.len() > 5 && !last.ends_with("Model"))
            {
                self.agent_class(id as ClassId, class, &path);
            } else if ai && last == "VectorStore" {
                self.see_store(class.name, class.name_at, &path, "vector-store-class");
            }
        }
    }

    /// `@Tool({ name: "…" })` above a method of a server.
    fn decorated(&mut self) {
        let module = self.module();
        for class in &module.classes {
            for (decorator, function) in &class.decorators {
                let (Some(last), Some(function)) = (module.called(*decorator), function) else { continue };
                if !matches!(last, "Tool" | "Prompt" | "Resource" | "McpTool") {
                    continue;
                }
                let Some(path) = self.path_of(*decorator).filter(|path| path.contains("mcp")) else {
                    continue;
                };
                let info = &module.functions[*function as usize];
                let named = ["name", "uri"].iter().find_map(|word| self.flow.keyword(*decorator, word));
                let name = named.and_then(|name| self.flow.whole_text(name));
                let Some(name) = name.or(info.name.map(str::to_owned)) else { continue };
                match last {
                    "Prompt" => self.see_plain("mcp-prompt", &name, info.name_at, "mcp-prompt", &path),
                    "Resource" => self.see_plain("mcp-resource", &name, info.name_at, "mcp-resource", &path),
                    _ => {
                        let key = self.see_tool(&name, info.name_at, "mcp-tool", &path, 90);
                        self.made_functions.insert(*function, key);
                    }
                }
            }
        }
    }

    fn agent_class(&mut self, id: ClassId, class: &Class<'a>, path: &str) {
        if class.name.is_empty() {
            return;
        }
        let key = self.see_agent(class.name, class.name_at, "agent-class", path, 85);
        self.made_classes.insert(id, key);
    }

    /// This project's own agents: a class that is called one and talks to a model itself.
    fn own_agents(&mut self) {
        let module = self.module();
        let named = module.classes.iter().enumerate().filter(|(_, class)| is_agent_name(class.name));
        for (id, class) in named.take(200) {
            if self.made_classes.contains_key(&(id as ClassId))
                || !is_agent_name(class.name)
                || class.is_abstract
            {
                continue;
            }
            let within = |at: Span| class.at.start <= at.start && at.end <= class.at.end;
            let talks = self.busy.iter().any(|place| within(*place))
                || module.objects.iter().any(|object| within(module.at(*object)) && self.is_message(*object))
                || self.calls_model(class.at);
            if talks {
                let key = self.see_agent(class.name, class.name_at, "agent-class-of-the-project", "", 70);
                self.made_classes.insert(id as ClassId, key);
            }
        }
    }

    fn is_message(&self, object: NodeId) -> bool {
        let module = self.module();
        module.member(object, "role").is_some() && module.member(object, "content").is_some()
    }

    /// Whether a class calls a function that asks a model: `llm.invoke(…)`, `generateText(…)`.
    fn calls_model(&self, class: Span) -> bool {
        const CALLS: &[&str] = &[
            "invoke",
            "callModel",
            "callLLM",
            "chatCompletion",
            "createChatCompletion",
            "generateContent",
            "generateText",
            "streamText",
            "askLLM",
            "generateObject",
            "streamObject",
        ];
        let module = self.module();
        CALLS.iter().flat_map(|name| module.calls_of.get(name).into_iter().flatten()).any(|call| {
            let at = module.at(*call);
            class.start <= at.start && at.end <= class.end
        })
    }

    /// `{ name, description, instructions | systemPrompt, tools }`: an agent as data.
    pub(crate) fn agent_entry(&mut self, object: NodeId) {
        let module = self.module();
        let members = module.members(object);
        if !self.ai || members.len() < 3 || self.made.contains_key(&module.node(object).parent) {
            return;
        }
        // An argument of a call belongs to what the call makes.
        let parent = module.node(object).parent;
        if parent != crate::module::NONE
            && matches!(module.kind(parent), Kind::Call { .. } | Kind::Element(..))
        {
            return;
        }
        let prompt = ["systemPrompt", "instructions", "systemMessage", "system_prompt"]
            .iter()
            .find_map(|word| module.member(object, word));
        let name = module.member(object, "name").or_else(|| module.member(object, "id"));
        let (Some(name), Some(prompt)) = (name, prompt) else { return };
        let described =
            ["description", "tools", "model"].iter().any(|word| module.member(object, word).is_some());
        // A prompt also has a name, a description and a text.
        let is_agent =
            |name: &String| described && is_name(name) && !name.to_ascii_lowercase().contains("prompt");
        if let Some(name) = self.flow.whole_text(name).filter(is_agent) {
            let key = self.see_agent(&name, module.at(object), "agent-entry", "", 80);
            self.made.insert(object, key);
            self.prompt(prompt, "system", "system-prompt");
            if let Some(tools) = module.member(object, "tools") {
                self.tools(tools, None);
            }
        }
    }

    /// `agents: [{ name: "…", description: "…" }]`: agents that run elsewhere.
    pub(crate) fn agent_list(&mut self, value: NodeId, path: &str) {
        let module = self.module();
        for item in self.flow.elements(value) {
            let (Some(name), Some(_)) = (module.member(item, "name"), module.member(item, "description"))
            else {
                continue;
            };
            if let Some(name) =
                self.flow.whole_text(name).filter(|name| is_name(name) && !self.made.contains_key(&item))
            {
                let key = self.see_agent(&name, module.at(item), "agent-entry", path, 80);
                self.made.insert(item, key);
            }
        }
    }

    /// `<CopilotChat instructions="…">` and other elements of libraries.
    pub(crate) fn elements(&mut self) {
        let module = self.module();
        for element in &module.elements {
            let Kind::Element(name, _) = module.kind(*element) else { continue };
            let Some(path) = self.flow.path(name).filter(|path| self.is_ai(path)) else { continue };
            self.arguments(*element, Some(&path), true);
        }
    }

    /// Draws the edges from agents to models, tools, prompts and other agents.
    pub(crate) fn uses(&mut self) {
        self.own_agents();
        let module = self.module();
        let mut made: Vec<(NodeId, String)> = self
            .made
            .iter()
            .filter(|(_, key)| key.starts_with("agent:"))
            .map(|(node, key)| (*node, key.clone()))
            .collect();
        made.sort_unstable();
        for (node, key) in made {
            let seen = self.seen(module.at(node), "agent-argument", 1, 90);
            let keywords = match module.kind(node) {
                Kind::Call { .. } => self.flow.keywords(node),
                _ => self.flow.entries(node),
            };
            for (name, value) in keywords {
                let targets = match name {
                    "system" | "systemPrompt" | "instructions" | "prompt" | "stateModifier"
                    | "messageModifier" => self.prompts_at(value),
                    "model" | "llm" | "languageModel" => {
                        // `model: openai(MODEL)` with a constant of another file.
                        let within = module.at(value);
                        let open = self.pending.iter_mut().filter(|pending| {
                            matches!(pending.sink, Sink::Model { .. })
                                && within.start <= pending.at.start
                                && pending.at.end <= within.end
                        });
                        open.for_each(|pending| {
                            pending.owner.get_or_insert_with(|| key.clone());
                        });
                        self.models_at(value, 0)
                    }
                    "tools" | "agents" | "subagents" | "subAgents" | "handoffs" | "mcpServers"
                    | "workflows" | "vectorStore" | "memory" => self.parts_at(value),
                    _ => continue,
                };
                for target in targets {
                    self.out.edge(&key, "uses", &target, seen);
                }
            }
            for argument in module.arguments(node).iter().take(3) {
                if matches!(module.kind(*argument), Kind::Array(_)) {
                    for target in self.parts_at(*argument) {
                        self.out.edge(&key, "uses", &target, seen);
                    }
                }
            }
        }
        self.tool_secrets();
        self.code_imports();
    }

    /// The models that a value is or was made with.
    fn models_at(&self, value: NodeId, depth: u8) -> Vec<String> {
        let module = self.module();
        let mut keys = Vec::new();
        for found in self.flow.values(value) {
            match &found.value {
                Value::Text { text, whole: true } => {
                    if let Some(model) = inventar_catalogue::model_at_model_place(text) {
                        keys.push(format!("model:{}", model.identity()));
                    }
                }
                Value::Made(call) if depth < 3 => {
                    for (name, value) in self.flow.keywords(*call) {
                        if matches!(name, "model" | "modelName" | "modelId" | "deploymentName" | "modelID") {
                            keys.extend(self.models_at(value, depth + 1));
                        }
                    }
                    if let Some(first) = module.arguments(*call).first()
                        && !matches!(module.kind(*first), Kind::Object(_))
                    {
                        keys.extend(self.models_at(*first, depth + 1));
                    }
                }
                Value::Object(object) if depth < 3 => {
                    if let Some(value) =
                        module.member(*object, "model").or_else(|| module.member(*object, "id"))
                    {
                        keys.extend(self.models_at(value, depth + 1));
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

    /// The assets that the elements of a list or the members of an object are.
    fn parts_at(&self, value: NodeId) -> Vec<String> {
        let mut items = self.flow.elements(value);
        items.extend(self.flow.entries(value).into_iter().map(|(_, value)| value));
        if items.is_empty() {
            items.push(value);
        }
        items.into_iter().take(64).flat_map(|item| self.made_by(item)).collect()
    }

    /// Clients and agents import the packages they come from.
    fn code_imports(&mut self) {
        let made: Vec<(String, String, inventar_plugin_sdk::Span)> = self
            .out
            .assets()
            .iter()
            .filter(|asset| {
                matches!(asset.kind.as_str(), "agent" | "mcp-server" | "vector-store" | "mcp-client")
            })
            .filter_map(|asset| {
                let framework = asset.properties.iter().find(|property| property.name == "framework")?;
                let first = asset.evidence.first()?;
                match &framework.value {
                    inventar_plugin_sdk::Value::Text(name) => {
                        Some((asset.key.clone(), format!("package:{name}"), first.span().clone()))
                    }
                    _ => None,
                }
            })
            .collect();
        for (from, to, span) in made {
            let seen = self.seen(Span::new(span.start as u32, span.end as u32), "framework", 0, 95);
            self.out.edge(&from, "imports", &to, seen);
        }
    }
}

/// A name a person would give: a few words.
pub(crate) fn is_name(text: &str) -> bool {
    (1..=80).contains(&text.trim().len()) && !text.contains('\n') && text != "default"
}

/// `WriterAgent`; not `UserAgent`, `AgentConfig`, `AgentResult`.
fn is_agent_name(name: &str) -> bool {
    const NOT: &[&str] = &[
        "UserAgent",
        "BaseAgent",
        "MockAgent",
        "FakeAgent",
        "IAgent",
        "AbstractAgent",
        "HttpAgent",
        "HttpsAgent",
        "ProxyAgent",
    ];
    name.ends_with("Agent") && name.len() > 5 && !NOT.contains(&name) && !name.ends_with("ProxyAgent")
}

/// `chat` of `app/(chat)/api/chat/route.ts`: what a file that is a route answers.
fn route_of(path: &str) -> Option<&str> {
    let (folder, file) = path.rsplit_once('/')?;
    let stem = file.split('.').next().unwrap_or(file);
    if matches!(stem, "route" | "index" | "page" | "+server" | "handler" | "agent") {
        folder
            .rsplit('/')
            .find(|part| !part.starts_with(['(', '[']))
            .filter(|part| !matches!(*part, "src" | "lib" | "app" | "server" | "api"))
    } else {
        Some(stem)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes() {
        assert_eq!(route_of("app/(chat)/api/chat/route.ts"), Some("chat"));
        assert_eq!(route_of("src/answer.ts"), Some("answer"));
        assert_eq!(route_of("answer.ts"), None);
    }
}
