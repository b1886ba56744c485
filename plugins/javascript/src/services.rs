//! MCP servers and clients, what a server offers, vector stores, and what is only named: guardrails, evaluations.

use crate::flow::Value;
use crate::look::Look;
use crate::module::{Kind, NodeId};
use crate::path;
use crate::tools::is_tool_name;
use inventar_plugin_sdk::Asset;
use oxc_span::Span;

impl<'a> Look<'_, '_, 'a> {
    /// `new McpServer({ name, version })`, `new FastMCP({ name })`, `createMcpHandler(server => …)`.
    pub(crate) fn mcp_server(&mut self, path: &str, call: NodeId) {
        let module = self.module();
        let name = self
            .flow
            .keyword(call, "name")
            .or_else(|| {
                // `createMcpHandler(server => …, { serverInfo: { name } })`.
                let info = self.flow.keyword(call, "serverInfo")?;
                self.flow.entries(info).into_iter().find(|(key, _)| *key == "name").map(|(_, value)| value)
            })
            .and_then(|value| self.flow.whole_text(value))
            .filter(|name| !name.is_empty() && name.len() < 120);
        let name =
            name.or_else(|| self.name_of(call).map(str::to_owned)).unwrap_or_else(|| "server".to_owned());
        let key = self.see_made("mcp-server", &name, module.at(call), "mcp-server", path, 95);
        self.made.insert(call, key);
        if let Some(instructions) = self.flow.keyword(call, "instructions") {
            self.prompt(instructions, "system", "server-instructions");
        }
    }

    /// `new Client({ name })`, `createMCPClient({ transport })`, `new MultiServerMCPClient({ … })`.
    pub(crate) fn mcp_client(&mut self, path: &str, call: NodeId) {
        let module = self.module();
        let last = path::last_of(path);
        let own = self
            .flow
            .keyword(call, "name")
            .filter(|_| last == "Client")
            .and_then(|name| self.flow.whole_text(name))
            .filter(|name| !name.is_empty() && name.len() < 120);
        let name = own.unwrap_or_else(|| last.to_owned());
        let key = format!("mcp-client:{name}");
        let seen = self.seen(module.at(call), "mcp-client", 0, 90);
        let package = self.library_of(path).map(|library| library.name);
        self.out.see(&key, seen, |key| Asset::new(key, "mcp-client", name).maybe("framework", package));
        self.made.insert(call, key.clone());
        let command = self.flow.keyword(call, "command").and_then(|value| self.flow.whole_text(value));
        if let Some(command) = command {
            self.out.property(&key, "command", command);
        }
        self.servers_of_client(path, call);
    }

    /// The servers a client is told of: `servers: { files: { command: "npx" }, docs: { url } }`.
    fn servers_of_client(&mut self, path: &str, call: NodeId) {
        let module = self.module();
        let listed = ["servers", "mcpServers"].iter().filter_map(|word| self.flow.keyword(call, word));
        let servers: Vec<_> = listed.flat_map(|servers| self.flow.entries(servers)).collect();
        for (name, server) in servers {
            let entries = self.flow.entries(server);
            let is_server = entries.iter().any(|(key, _)| matches!(*key, "command" | "url" | "transport"));
            if !is_server || name.is_empty() || name.len() > 120 {
                continue;
            }
            let key = self.see_made("mcp-server", name, module.at(server), "mcp-client-server", path, 90);
            let command = entries.iter().find(|(key, _)| *key == "command");
            if let Some(command) = command.and_then(|(_, value)| self.flow.whole_text(*value)) {
                self.out.property(&key, "command", command);
            }
        }
    }

    /// `{ type: "mcp", server_label: "…", server_url: "…" }`: a server that the provider's own client connects to.
    pub(crate) fn hosted_server(&mut self, object: NodeId) {
        let module = self.module();
        let place = ["server_url", "connector_id"].iter().any(|word| module.member(object, word).is_some());
        let label = module.member(object, "server_label").filter(|_| place);
        let label = label.and_then(|label| self.flow.whole_text(label));
        if let Some(label) = label.filter(|label| !label.is_empty() && label.len() <= 120) {
            let key = self.see_made("mcp-server", &label, module.at(object), "hosted-mcp-server", "", 90);
            self.made.insert(object, key);
        }
    }

    /// What is registered with a server: `server.tool("…", …)`, `server.registerPrompt("…", …)`, `server.addTool({ … })`.
    pub(crate) fn server_call(&mut self, call: NodeId, last: &str) {
        let module = self.module();
        let kind = match last {
            "tool" | "registerTool" | "addTool" | "registerAppTool" => "tool",
            "prompt" | "registerPrompt" | "addPrompt" => "mcp-prompt",
            "resource"
            | "registerResource"
            | "addResource"
            | "addResourceTemplate"
            | "registerAppResource" => "mcp-resource",
            "setRequestHandler" => return self.request_handler(call),
            _ => return,
        };
        let Some(Kind::Member(base, _)) = module.callee(call).map(|callee| module.kind(callee)) else {
            return self.app_call(call, last, kind);
        };
        let path = self.path_of(call).unwrap_or_default();
        let of_server = is_mcp(&path);
        let named = module.last_part(base).is_some_and(|base| {
            let base = base.to_ascii_lowercase();
            base.contains("server") || base.contains("mcp")
        });
        if !(of_server || named && (path.is_empty() || path::is_own(&path) || !self.is_ai(&path))) {
            return;
        }
        let arguments = module.arguments(call);
        let Some(first) = arguments.first() else { return };
        let words: &[&str] = if kind == "mcp-resource" { &["uriTemplate", "uri", "name"] } else { &["name"] };
        let name = match module.kind(*first) {
            Kind::Object(_) => words
                .iter()
                .find_map(|word| module.member(*first, word))
                .and_then(|value| self.flow.whole_text(value)),
            _ if arguments.len() < 2 => None,
            _ => self.flow.whole_text(*first),
        };
        let Some(name) = name.filter(|name| !name.is_empty() && name.len() <= 160) else { return };
        // Without a library in sight the call must look like a registration: something is run.
        if !of_server && !self.registers(call) {
            return;
        }
        let confidence = if of_server { 95 } else { 80 };
        let at = module.at(call);
        let key = match kind {
            "tool" if is_tool_name(&name) => self.see_tool(&name, at, "mcp-tool", &path, confidence),
            "tool" => return,
            _ => self.see_made(kind, &name, at, kind, &path, confidence),
        };
        self.made.insert(call, key);
        if let Kind::Object(_) = module.kind(*first) {
            let key = self.made[&call].clone();
            self.made.insert(*first, key);
        }
    }

    /// `registerAppTool(server, "name", …)`.
    fn app_call(&mut self, call: NodeId, last: &str, kind: &'static str) {
        if !last.starts_with("registerApp") {
            return;
        }
        let module = self.module();
        let Some(name) = module.arguments(call).get(1).and_then(|name| self.flow.whole_text(*name)) else {
            return;
        };
        let path = self.path_of(call).unwrap_or_default();
        let key = match kind {
            "tool" => self.see_tool(&name, module.at(call), "mcp-tool", &path, 90),
            _ => self.see_made(kind, &name, module.at(call), kind, &path, 90),
        };
        self.made.insert(call, key);
    }

    fn registers(&self, call: NodeId) -> bool {
        let module = self.module();
        let runs = |node: NodeId| match module.kind(node) {
            Kind::Function(_) => true,
            Kind::Name(_) | Kind::Member(..) => self
                .flow
                .values(node)
                .iter()
                .any(|found| matches!(found.value, Value::Function(_) | Value::Foreign(..))),
            Kind::Object(_) => module
                .members(node)
                .iter()
                .any(|prop| matches!(prop.name, Some("execute" | "handler" | "load"))),
            _ => false,
        };
        module.arguments(call).iter().any(|argument| runs(*argument))
    }

    /// `setRequestHandler(ListPromptsRequestSchema, async () => ({ prompts: [{ name }] }))`; tools are seen by their
    /// schemas.
    fn request_handler(&mut self, call: NodeId) {
        let module = self.module();
        let [schema, handler, ..] = module.arguments(call) else { return };
        let (list, kind, words): (&str, &'static str, &[&str]) = match module.last_part(*schema) {
            Some("ListPromptsRequestSchema") => ("prompts", "mcp-prompt", &["name"]),
            Some("ListResourcesRequestSchema") => ("resources", "mcp-resource", &["uri", "name"]),
            Some("ListResourceTemplatesRequestSchema") => {
                ("resourceTemplates", "mcp-resource", &["uriTemplate", "name"])
            }
            Some("ListToolsRequestSchema") => ("tools", "tool", &["name"]),
            _ => return,
        };
        let Some(function) = self.flow.function_at(*handler) else { return };
        let path = self.path_of(call).unwrap_or_default();
        for value in module.functions[function as usize].returns.iter().take(4) {
            let items: Vec<NodeId> = self
                .flow
                .entries(*value)
                .into_iter()
                .filter(|(name, _)| *name == list)
                .flat_map(|(_, value)| self.flow.elements(value))
                .collect();
            for item in items {
                let at = module.at(item);
                let entries = self.flow.entries(item);
                let name = words.iter().find_map(|word| {
                    let (_, value) = entries.iter().find(|(key, _)| key == word)?;
                    self.flow.whole_text(*value)
                });
                let Some(name) = name.filter(|name| !name.is_empty() && name.len() <= 160) else { continue };
                if kind == "tool" {
                    let key = self.see_tool(&name, at, "mcp-tool", &path, 95);
                    self.made.insert(item, key);
                } else {
                    let key = self.see_made(kind, &name, at, kind, &path, 95);
                    self.made.insert(item, key);
                }
            }
        }
    }

    /// `{ name: "…", description: "…", arguments: [{ name: "…", required: true }] }`: a prompt as the protocol describes
    /// it, where its SDK is used.
    pub(crate) fn prompt_entry(&mut self, object: NodeId) {
        let module = self.module();
        let member = |word: &str| module.member(object, word);
        let (Some(name), Some(_), Some(arguments)) =
            (member("name"), member("description"), member("arguments"))
        else {
            return;
        };
        let is_argument = |item: &NodeId| {
            module.member(*item, "name").is_some()
                && ["required", "description"].iter().any(|word| module.member(*item, word).is_some())
        };
        let Kind::Array(items) = module.kind(arguments) else { return };
        let items = module.list(items);
        let is_prompt = !items.is_empty() && items.iter().all(is_argument);
        if !is_prompt
            || self.made.contains_key(&object)
            || !module.imports.iter().any(|import| is_mcp(import.module))
        {
            return;
        }
        let name = self.flow.whole_text(name).filter(|name| !name.is_empty() && name.len() <= 160);
        if let Some(name) = name {
            let key = self.see_made("mcp-prompt", &name, module.at(object), "mcp-prompt", "", 90);
            self.made.insert(object, key);
        }
    }

    /// A vector store that is constructed or opened.
    pub(crate) fn store(&mut self, path: &str, call: NodeId) {
        let name = store_name(path);
        self.see_store(&name, self.module().at(call), path, "vector-store");
        let key = format!("vector-store:{name}");
        self.made.insert(call, key.clone());
        for word in ["collectionName", "indexName", "tableName", "collection", "index"] {
            let text = self.flow.keyword(call, word).and_then(|value| self.flow.whole_text(value));
            if let Some(text) = text {
                self.out.property(&key, "collection", text);
            }
        }
    }

    pub(crate) fn see_store(&mut self, name: &str, at: Span, path: &str, rule: &'static str) {
        let key = format!("vector-store:{name}");
        let seen = self.seen(at, rule, 0, 90);
        let package = self.library_of(path).map(|library| library.name);
        self.out.see(&key, seen, |key| Asset::new(key, "vector-store", name).maybe("framework", package));
        self.busy.push(at);
    }

    /// `langfuse.getDataset("questions")`, `initDataset({ dataset: "…" })`.
    pub(crate) fn dataset(&mut self, path: &str, call: NodeId) {
        let module = self.module();
        let first = module.arguments(call).first().copied();
        let named = ["dataset", "name", "datasetName"].iter().find_map(|word| self.flow.keyword(call, word));
        let name = named.or(first).and_then(|value| self.flow.whole_text(value));
        if let Some(name) = name.filter(|name| !name.is_empty() && name.len() < 120) {
            self.see_plain("dataset", &name, module.at(call), "load-dataset", path);
        }
    }

    /// Something that a call of a known library makes and that has no more to say.
    pub(crate) fn plain(&mut self, kind: &'static str, rule: &'static str, path: &str, call: NodeId) {
        let module = self.module();
        let given = self.flow.keyword(call, "name").and_then(|value| self.flow.whole_text(value));
        let name = given
            .filter(|name| !name.is_empty() && name.len() < 80)
            .or_else(|| self.name_of(call).filter(|_| kind != "guardrail").map(str::to_owned))
            .unwrap_or_else(|| path::last_of(path.trim_end_matches(".create")).to_owned());
        self.see_plain(kind, &name, module.at(call), rule, path);
    }

    pub(crate) fn see_plain(
        &mut self,
        kind: &'static str,
        name: &str,
        at: Span,
        rule: &'static str,
        path: &str,
    ) {
        self.see_made(kind, name, at, rule, path, 85);
    }

    fn see_made(
        &mut self,
        kind: &'static str,
        name: &str,
        at: Span,
        rule: &'static str,
        path: &str,
        confidence: u8,
    ) -> String {
        let key = format!("{kind}:{name}");
        let seen = self.seen(at, rule, 0, confidence);
        let package = self.library_of(path).map(|library| library.name);
        self.out.see(&key, seen, |key| Asset::new(key, kind, name).maybe("framework", package));
        key
    }
}

/// Whether a path leads into a library that servers are made with.
fn is_mcp(path: &str) -> bool {
    let module = path::module_of(path);
    module.starts_with("@modelcontextprotocol/")
        || matches!(
            module,
            "fastmcp" | "mcp-framework" | "mcp-handler" | "@vercel/mcp-adapter" | "mcp-use" | "xmcp"
        )
        || module.starts_with("@mastra/mcp")
        || module.starts_with("agents/mcp")
        || module.starts_with("mcp-use/")
}

/// `PineconeStore` of `….PineconeStore.fromDocuments`; what only opens a client is known by its package.
fn store_name(path: &str) -> String {
    let (module, rest) = path.split_once(':').unwrap_or((path, ""));
    let class = rest.split('.').next().unwrap_or(rest);
    let is_class = class.starts_with(|c: char| c.is_ascii_uppercase());
    match class {
        _ if module == "openai" => "OpenAI vector store".to_owned(),
        "vector" | "halfvec" if module.starts_with("drizzle-orm") => "pgvector".to_owned(),
        "Client" | "Index" | "CloudClient" => module.rsplit('/').next().unwrap_or(module).to_owned(),
        _ if is_class => class.to_owned(),
        _ => module.split('/').next_back().unwrap_or(module).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_stores() {
        for (path, name) in [
            ("@langchain/pinecone:PineconeStore.fromDocuments", "PineconeStore"),
            ("chromadb:ChromaClient", "ChromaClient"),
            ("@lancedb/lancedb:connect", "lancedb"),
            ("@upstash/vector:Index", "vector"),
            ("drizzle-orm/pg-core:vector", "pgvector"),
            ("openai:OpenAI.vectorStores.create", "OpenAI vector store"),
        ] {
            assert_eq!(store_name(path), name, "{path}");
        }
    }
}
