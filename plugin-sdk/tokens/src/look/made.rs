//! What calls of known libraries make.

use super::Look;
use super::marks::is_name;
use crate::flow::Value;
use crate::names;
use crate::outline::{Declares, Form, Range, SlotKind};
use crate::rules::{Makes, Rule};
use crate::scan::Kind;
use inventar_plugin_sdk::Asset;

impl Look<'_, '_, '_> {
    /// What a call makes, and what its arguments are.
    pub(super) fn make(&mut self, rule: &'static Rule, id: u32) {
        let call = self.call(id);
        let arguments = self.outline().arguments(call);
        let positional: Vec<Range> =
            arguments.iter().filter(|(name, _)| name.is_none()).map(|(_, value)| *value).collect();
        let at = |word: &str| {
            rule.arguments
                .split(',')
                .position(|argument| argument.trim() == word)
                .and_then(|at| positional.get(at))
                .copied()
        };
        match rule.makes {
            Makes::Agent => self.agent(rule, id, at("name"), at("class")),
            Makes::Tool => match rule.arguments.strip_prefix('=') {
                Some(name) => self.see_made(rule, id, "tool", name, "hosted-tool", 85),
                None => self.tool(rule, id, at("name"), at("fn").or(at("class"))),
            },
            Makes::Store => self.store(rule, id),
            Makes::McpServer => {
                let name = self.given_name(id, at("name"), &["name", "Name", "serverName", "ServerName"]);
                let name = name.or_else(|| {
                    let info = self.named(id, &["serverInfo", "ServerInfo", "server_info"])?;
                    self.flow.first_text(info).or_else(|| self.object_name(info))
                });
                let name = name.unwrap_or_else(|| self.place_name());
                self.see_made(rule, id, "mcp-server", &name, "mcp-server", 90);
            }
            Makes::McpClient => {
                let given = self.given_name(id, at("name"), &["clientInfo", "ClientInfo", "name", "Name"]);
                let name = given.unwrap_or_else(|| self.long_name(id));
                self.see_made(rule, id, "mcp-client", &name, "mcp-client", 90);
            }
            Makes::McpPrompt | Makes::McpResource => {
                let uri = rule.makes == Makes::McpResource;
                let names: &[&str] = if uri {
                    &["uri", "URI", "Uri", "uriTemplate", "URITemplate", "UriTemplate"]
                } else {
                    &["name", "Name"]
                };
                let name = self.given_name(id, at("name"), names).or_else(|| {
                    // What is filled in at run time: `"slack://"+team+"/users"` is `slack://{}/users`.
                    let given = at("name").or_else(|| self.named(id, names)).filter(|_| uri)?;
                    self.flow.values(given).iter().find_map(|found| {
                        found.text().filter(|text| text.contains("://") && is_name(text)).map(str::to_owned)
                    })
                });
                if let Some(name) = name {
                    let kind = if uri { "mcp-resource" } else { "mcp-prompt" };
                    self.see_made(rule, id, kind, &name, kind, 90);
                }
            }
            Makes::Guardrail => self.plain(rule, id, "guardrail", "guardrail"),
            Makes::Training => self.plain(rule, id, "training-run", "training"),
            Makes::Evaluation => self.plain(rule, id, "evaluation", "evaluation"),
            Makes::Dataset => {
                if let Some(name) =
                    at("dataset").and_then(|value| self.flow.first_text(value)).filter(|name| is_name(name))
                {
                    self.see_made(rule, id, "dataset", &name, "load-dataset", 85);
                }
            }
            Makes::System | Makes::Template => {}
            Makes::Plain => {}
        }
        self.positional(rule, id, &positional);
        if rule.arguments == "block" {
            self.block_prompt(id);
        }
    }

    fn positional(&mut self, rule: &'static Rule, id: u32, positional: &[Range]) {
        for (word, value) in rule.arguments.split(',').zip(positional) {
            match word.trim() {
                "model" => self.model_place("model", *value, true, true, Some(id)),
                "known-model" => self.model_place("model", *value, false, true, Some(id)),
                "url" => self.url_place("base_url", *value, true, Some(id), SlotKind::Argument),
                "key" => self.key_place(*value, true),
                "system" => {
                    let rule_name =
                        if rule.makes == Makes::System { "system-message" } else { "system-prompt" };
                    self.prompt_place(*value, "system", rule_name);
                }
                "template" if rule.makes == Makes::Template => {
                    self.prompt_place(*value, "template", "prompt-template")
                }
                "template" => self.template_place(*value, "prompt-argument"),
                "said" => self.said_place(*value),
                "tools" => self.tools_place(*value),
                _ => {}
            }
        }
    }

    fn see_made(
        &mut self,
        rule: &'static Rule,
        id: u32,
        kind: &'static str,
        name: &str,
        rule_name: &'static str,
        confidence: u8,
    ) {
        let call = self.call(id);
        let at = self.callee_extent(call);
        let framework = self.framework(id, Some(rule));
        let key = format!("{kind}:{name}");
        let seen = self.seen(at, rule_name, 0, confidence);
        self.out.see(&key, seen, |key| Asset::new(key, kind, name).maybe("framework", framework));
        self.made.insert(id, key.clone());
        self.given.push((call.start, key));
    }

    /// The name a call is given: at a position, as an argument, in a literal, by a builder.
    pub(super) fn given_name(&self, id: u32, position: Option<Range>, names: &[&str]) -> Option<String> {
        let named = position.into_iter().chain(self.named(id, names));
        named
            .into_iter()
            .find_map(|value| match self.flow.first_text(value) {
                Some(text) => Some(text),
                None => self.object_name(value),
            })
            .filter(|name| is_name(name) && !name.trim().is_empty())
    }

    /// `Name: "…"` of the literal that stands as an argument: `&mcp.Implementation{Name: "…"}`.
    fn object_name(&self, value: Range) -> Option<String> {
        self.flow.values(value).iter().find_map(|found| match found.value {
            Value::Object(id) => {
                let value = self
                    .named(id, &["name", "Name"])
                    .or_else(|| self.outline().arguments(self.call(id)).first().map(|(_, value)| *value))?;
                self.flow.first_text(value)
            }
            _ => None,
        })
    }

    /// A name for what has none: the folder that the file is in.
    pub(super) fn place_name(&self) -> String {
        let path = &self.out.file().path;
        let path = path.split("/src/main/").next().unwrap_or(path);
        let folders = path.rsplit('/').skip(usize::from(path == self.out.file().path));
        let plain = |folder: &&str| {
            !matches!(*folder, "src" | "main" | "cmd" | "app" | "lib" | "java" | "kotlin" | "internal")
        };
        folders.into_iter().find(plain).unwrap_or("server").to_owned()
    }

    fn long_name(&self, id: u32) -> String {
        let path = self.outline().path(self.call(id));
        let class = path.iter().rev().find(|part| part.starts_with(|c: char| c.is_ascii_uppercase()));
        // `McpClient.CreateAsync(…)` is named by the type.
        let front = path.len().checked_sub(2).map(|at| &path[at]).filter(|name| {
            let last = path.last().copied().unwrap_or_default();
            name.starts_with(|c: char| c.is_ascii_uppercase())
                && (self.outline().language().name == "csharp" || matches!(last, "Builder" | "builder"))
        });
        let name = front.or(class).or(path.last()).map_or("client", |name| *name);
        name.strip_prefix("New").filter(|rest| !rest.is_empty()).unwrap_or(name).to_owned()
    }

    fn plain(&mut self, rule: &'static Rule, id: u32, kind: &'static str, rule_name: &'static str) {
        let name = self.holder(self.call(id)).unwrap_or(rule.name).to_owned();
        self.see_made(rule, id, kind, &name, rule_name, 85);
    }

    fn agent(&mut self, rule: &'static Rule, id: u32, name: Option<Range>, class: Option<Range>) {
        let call = self.call(id);
        let outline = self.outline();
        // `AiServices.builder(Assistant.class)`.
        let class = class.and_then(|value| {
            let words = outline.words(value);
            words
                .iter()
                .rev()
                .find(|word| !matches!(**word, "class" | "java" | "javaClass"))
                .map(|word| (*word).to_owned())
        });
        let name = class
            .or_else(|| self.given_name(id, name, &["name", "Name", "agentName", "AgentName", "agent_name"]))
            .or_else(|| self.holder(call).map(str::to_owned))
            .unwrap_or_else(|| rule.name.to_owned());
        let key = self.out.fresh_key(format!("agent:{name}"));
        let framework = self.framework(id, Some(rule));
        let seen = self.seen(self.callee_extent(call), "agent-construction", 0, 90);
        self.out.see(&key, seen, |key| {
            Asset::new(key, "agent", &name).maybe("framework", framework).property("made-by", rule.name)
        });
        self.made.insert(id, key);
    }

    fn tool(&mut self, rule: &'static Rule, id: u32, name: Option<Range>, function: Option<Range>) {
        let call = self.call(id);
        let given =
            self.given_name(id, name, &["name", "Name", "functionName", "FunctionName", "function_name"]);
        let name = given.or_else(|| function.and_then(|value| self.handler(value)));
        // What only run time names is not counted here.
        let Some(name) = name else { return };
        let framework = self.framework(id, Some(rule));
        let seen = self.seen(self.callee_extent(call), "tool-construction", 0, 90);
        let key = format!("tool:{name}");
        self.out.see(&key, seen, |key| Asset::new(key, "tool", &name).maybe("framework", framework));
        if let Some(handler) =
            function.and_then(|value| self.handler(value)).filter(|handler| *handler != name)
        {
            self.out.property(&key, "handler", handler);
        }
        self.made.insert(id, key.clone());
        self.given.push((call.start, key));
    }

    /// The name of a function or class that stands as a value.
    fn handler(&self, value: Range) -> Option<String> {
        let outline = self.outline();
        let tokens = &outline.tokens;
        // `new Context(x).Search`.
        if value.1 > value.0 + 2
            && tokens.is_word(value.1 - 1)
            && tokens.is(value.1 - 2, ".")
            && tokens.kind(value.1 - 3) == Kind::Close
        {
            return Some(tokens.text(value.1 - 1).to_owned());
        }
        if value.1 - value.0 > 8
            || (value.0..value.1).any(|at| {
                matches!(tokens.kind(at), Kind::Text | Kind::Open | Kind::Number)
                    || matches!(tokens.text(at), "=>" | "->")
            })
        {
            return None;
        }
        let words = outline.words(value);
        let name = words.iter().rev().find(|word| !matches!(**word, "class" | "java" | "new" | "typeof"))?;
        let declared = outline.declaration(name).is_some();
        // What a parameter or loop hands on has its name elsewhere.
        let handed_on = outline.binding(name, value.0).is_some()
            || outline.language().name == "csharp" && !name.starts_with(|c: char| c.is_uppercase());
        (declared || words.len() > 1 || name.len() > 3 && !handed_on).then(|| (*name).to_owned())
    }

    /// A list of tools.
    pub(super) fn tools_place(&mut self, value: Range) {
        let outline = self.outline();
        for at in value.0..value.1.min(value.0 + 200) {
            if outline.tokens.is_word(at)
                && let Some(keys) = self.by_name.get(outline.tokens.text(at)).cloned()
            {
                self.given.extend(keys.into_iter().take(64).map(|key| (value.0, key)));
            }
        }
        for item in self.elements(value) {
            for found in self.flow.values(item).into_iter().take(4) {
                match found.value {
                    Value::Object(id) => {
                        if let Some(key) = self.made.get(&id).cloned() {
                            self.given.push((value.0, key));
                        }
                    }
                    Value::Function(id) => {
                        if let Some(key) = self.declared.get(&id).cloned() {
                            self.given.push((value.0, key));
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    fn store(&mut self, rule: &'static Rule, id: u32) {
        let call = self.call(id);
        let outline = self.outline();
        let path = outline.path(call);
        let class = |part: &&&str| {
            part.starts_with(|c: char| c.is_ascii_uppercase())
                && !matches!(**part, "New" | "NewClient" | "Builder")
        };
        let name = path
            .iter()
            .rev()
            .find(class)
            .map(|part| part.trim_start_matches("New").trim_start_matches("Add"));
        let name = match (name, self.target(id)) {
            (
                Some(
                    "Client" | "" | "Store" | "Indexer" | "Retriever" | "HTTPClient" | "GrpcClient" | "DB"
                    | "PersistentDB",
                )
                | None,
                Some(target),
            ) => {
                let module = target
                    .module
                    .rsplit(['/', ':', '.'])
                    .find(|part| {
                        let version = part
                            .strip_prefix('v')
                            .is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
                        !part.is_empty() && *part != "client" && !version
                    })
                    .unwrap_or("store");
                module.to_owned()
            }
            // Entity Framework over PostgreSQL.
            (Some("UseVector"), _) => "pgvector".to_owned(),
            (Some(name), _) => name.to_owned(),
            (None, None) => rule.name.to_owned(),
        };
        self.see_made(rule, id, "vector-store", &name, "vector-store", 90);
        let key = format!("vector-store:{name}");
        for words in [
            ["collectionName", "CollectionName", "collection_name"],
            ["indexName", "IndexName", "index_name"],
            ["tableName", "TableName", "vectorTableName"],
        ] {
            if let Some(text) = self.named(id, &words).and_then(|value| self.flow.first_text(value)) {
                self.out.property(&key, "collection", text);
            }
        }
    }

    /// Stores that no table lists, by what their types are called: `WeaviateEmbeddingStore.builder()`,
    /// `new InMemoryVectorStore()`, `services.AddQdrantVectorStore()`.
    pub(super) fn store_by_name(&mut self, id: u32) {
        let call = self.call(id);
        let outline = self.outline();
        let name = outline.name(call);
        if !is_store(name) && !is_factory(name) {
            return;
        }
        let path = outline.path(call);
        let made = match path.as_slice() {
            [.., class] if is_store(class) && call.form == Form::New => Some(*class),
            [.., class] if is_store(class) && outline.language().name == "kotlin" => Some(*class),
            [.., class, method] if is_store(class) && is_factory(method) => Some(*class),
            _ if name.starts_with("Add") && is_store(name) => name.strip_prefix("Add"),
            _ => None,
        };
        let Some(name) = made.filter(|name| !matches!(*name, "VectorStore" | "EmbeddingStore")) else {
            return;
        };
        let known = match self.target(id) {
            Some(target) => self.flow.is_listed(&target.module),
            None => self.ai && outline.declaration(name).is_none(),
        };
        if known {
            let at = self.callee_extent(call);
            let framework = self
                .target(id)
                .and_then(|target| self.flow.package(&target.module))
                .map(|package| package.name);
            let key = format!("vector-store:{name}");
            let seen = self.seen(at, "vector-store", 0, 85);
            self.out
                .see(&key, seen, |key| Asset::new(key, "vector-store", name).maybe("framework", framework));
            self.made.insert(id, key.clone());
            self.given.push((call.start, key));
        }
    }

    /// What registers a tool in a server's own words: `mcpTool("read_notes", "…") { … }`, `server.mcpTool<ReadNotes>("…")`.
    pub(super) fn tool_by_name(&mut self, id: u32) {
        const NOT: &[&str] = &[
            "call", "execute", "run", "invoke", "get", "find", "has", "is", "remove", "delete", "use",
            "test", "handle",
        ];
        let call = self.call(id);
        let outline = self.outline();
        let name = outline.name(call);
        if call.form != Form::Call || !name.ends_with("ool") || !self.imports_root(super::slots::MCP) {
            return;
        }
        let words = names::words(name);
        let first = words.first().map_or("", String::as_str);
        if words.last().is_none_or(|last| last != "tool") || NOT.contains(&first) {
            return;
        }
        let tokens = &outline.tokens;
        let generic = call.name + 2;
        let is_generic = tokens.is(call.name + 1, "<")
            && tokens.is_word(generic)
            && !is_type_parameter(tokens.text(generic))
            && tokens.is(generic + 1, ">");
        let given = if is_generic {
            Some(names::words(tokens.text(generic)).join("_"))
        } else {
            // A name, and behind it what it is for.
            let arguments = outline.arguments(call);
            let text = |at: usize| {
                arguments.get(at).filter(|(name, value)| name.is_none() && tokens.kind(value.0) == Kind::Text)
            };
            match (text(0), text(1)) {
                (Some((_, name)), Some(_)) => {
                    self.flow.first_text(*name).filter(|name| super::slots::is_tool_name(name))
                }
                _ => None,
            }
        };
        let Some(name) = given else { return };
        let seen = self.seen(self.callee_extent(call), "tool-registration", 0, 75);
        let key = format!("tool:{name}");
        self.out.see(&key, seen, |key| Asset::new(key, "tool", &name));
        self.made.insert(id, key.clone());
        self.given.push((call.start, key));
    }

    /// Whether a call of a library has made one of that kind.
    pub(super) fn has_made(&self, kind: &str) -> bool {
        self.made.values().any(|key| key.strip_prefix(kind).is_some_and(|rest| rest.starts_with(':')))
    }

    /// Stores that a framework hands in: `private final PgVectorEmbeddingStore store`.
    pub(super) fn stores_by_type(&mut self) {
        if self.has_made("vector-store") {
            return;
        }
        let outline = self.outline();
        for binding in &outline.bindings {
            let Some(typed) = binding.typed else { continue };
            let Some(name) = self.flow.type_words(typed).and_then(|words| words.last().copied()) else {
                continue;
            };
            if !is_store(name) || matches!(name, "VectorStore" | "EmbeddingStore" | "IVectorStore") {
                continue;
            }
            let Some(target) = self.flow.target(&[name], binding.name) else { continue };
            if !self.flow.is_listed(&target.module) {
                continue;
            }
            let framework = self.flow.package(&target.module).map(|package| package.name);
            let seen = self.seen(self.extent(binding.name, binding.name), "vector-store-type", 0, 75);
            let key = format!("vector-store:{name}");
            self.out
                .see(&key, seen, |key| Asset::new(key, "vector-store", name).maybe("framework", framework));
        }
    }

    /// Agents that no table lists, by what their types are called and what they are given:
    /// `&swarm.Agent{Name: "…", Instructions: "…"}`.
    pub(super) fn agent_by_name(&mut self, id: u32) {
        const TEXTS: &[&str] = &[
            "Instructions",
            "instructions",
            "Instruction",
            "instruction",
            "SystemPrompt",
            "systemPrompt",
            "system_prompt",
            "SystemMessage",
            "systemMessage",
        ];
        let call = self.call(id);
        let outline = self.outline();
        let type_name = outline.name(call);
        if !matches!(call.form, Form::Literal | Form::New) || !type_name.ends_with("Agent") {
            return;
        }
        let Some(name) = self.given_name(id, None, &["Name", "name"]) else { return };
        let text = self.named(id, TEXTS);
        let is_told =
            text.is_some_and(|text| self.flow.values(text).iter().any(|found| found.text().is_some()));
        let is_foreign = self.target(id).is_some() || outline.declaration(type_name).is_none();
        if !is_told || !is_foreign && !self.ai {
            return;
        }
        let key = self.out.fresh_key(format!("agent:{name}"));
        let seen = self.seen(self.callee_extent(call), "agent-construction", 0, 75);
        self.out.see(&key, seen, |key| Asset::new(key, "agent", &name).property("made-by", type_name));
        self.made.insert(id, key);
        if let Some(text) = text {
            self.prompt_place(text, "system", "system-prompt");
        }
        let at = self.extent(call.start, call.close);
        self.busy.push(at);
    }

    /// Declarations by their place, for what is inside them.
    pub(super) fn declaration_extent(&self, id: u32) -> Range {
        let declaration = &self.outline().declarations[id as usize];
        debug_assert!(declaration.declares != Declares::Tests || declaration.keyword <= declaration.name);
        (declaration.keyword, declaration.body.1.max(declaration.name) + 1)
    }
}

/// `T`, `TTool`: a name that stands for any type; `TTSTool` is one.
fn is_type_parameter(name: &str) -> bool {
    let mut rest = name.strip_prefix('T').unwrap_or_default().chars();
    name.len() == 1
        || rest.next().is_some_and(|c| c.is_ascii_uppercase())
            && rest.next().is_some_and(|c| c.is_ascii_lowercase())
}

/// Types that are called a vector store.
fn is_store(name: &str) -> bool {
    const ENDS: &[&str] = &[
        "VectorStore",
        "EmbeddingStore",
        "VectorStoreIndex",
        "VectorStorage",
        "VectorDb",
        "AISearchCollection",
        "VectorDB",
    ];
    ENDS.iter().any(|end| name.ends_with(end)) && name.starts_with(|c: char| c.is_ascii_uppercase())
}

/// Methods of a type that make one.
fn is_factory(name: &str) -> bool {
    matches!(
        name,
        "builder"
            | "create"
            | "new"
            | "default"
            | "Builder"
            | "from"
            | "fromFile"
            | "fromJson"
            | "Create"
            | "connect"
    ) || name.starts_with("from_")
}
