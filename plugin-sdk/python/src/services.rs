//! MCP servers and clients, vector stores, datasets, and what is only named: guardrails, training runs, evaluations.

use crate::flow::{Value, member, members};
use crate::look::Look;
use crate::module::{ClassId, Function, ScopeId, last_part};
use inventar_plugin_sdk::Asset;
use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::{Ranged, TextRange};

impl<'a> Look<'_, '_, 'a> {
    fn first_text(&self, value: &'a Expr, scope: ScopeId) -> Option<String> {
        self.flow.values(value, scope).iter().find_map(|found| found.whole().map(str::to_owned))
    }

    /// `FastMCP("name")`, `Server("name")`.
    pub(crate) fn mcp_server(&mut self, path: &str, call: &'a ast::ExprCall, scope: ScopeId) {
        let first = call.arguments.args.first().map(|first| (first, scope));
        let name = self
            .flow
            .keyword(call, scope, "name")
            .or(first)
            .and_then(|(value, of)| self.first_text(value, of))
            .filter(|name| !name.is_empty() && name.len() < 120);
        let name = name
            .or_else(|| self.name_of(call, scope).map(str::to_owned))
            .unwrap_or_else(|| "server".to_owned());
        self.see_made("mcp-server", &name, call.range(), "mcp-server", path, 95);
        if let Some((instructions, of)) = self.flow.keyword(call, scope, "instructions") {
            self.prompt(instructions, of, "system", "server-instructions");
        }
    }

    /// A class that extends a server: its name is the default that the constructor gives, else the class's own.
    pub(crate) fn mcp_server_class(&mut self, class: ClassId, path: &str) {
        let module = self.module();
        let class = module.classes[class as usize].node;
        let constructor = module
            .functions
            .iter()
            .find(|function| {
                function.node.name.as_str() == "__init__"
                    && class.range().contains_range(function.node.range())
            })
            .and_then(|function| {
                function.node.parameters.iter_non_variadic_params().find(|param| param.name() == "name")
            })
            .and_then(|param| param.default.as_deref())
            .and_then(Expr::as_string_literal_expr)
            .map(|text| text.value.to_str());
        let name = constructor.filter(|name| !name.is_empty() && name.len() < 120);
        self.see_made("mcp-server", name.unwrap_or(&class.name), class.name.range, "mcp-server", path, 90);
    }

    /// `ClientSession(…)`, `MultiServerMCPClient({…})`, `StdioServerParameters(command=…)`.
    pub(crate) fn mcp_client(&mut self, path: &str, call: &'a ast::ExprCall, scope: ScopeId) {
        let last = path.rsplit('.').next().unwrap_or(path);
        let key = format!("mcp-client:{last}");
        let seen = self.seen(call.range(), "mcp-client", 0, 90);
        let package = inventar_catalogue::import("python", path).map(|package| package.name);
        self.out.see(&key, seen, |key| Asset::new(key, "mcp-client", last).maybe("framework", package));
        self.made.insert(call.range(), key.clone());
        if let Some(command) =
            self.flow.keyword(call, scope, "command").and_then(|(value, of)| self.first_text(value, of))
        {
            self.out.property(&key, "command", command);
        }
        let first = call.arguments.args.first().map(|first| (first, scope));
        if let Some((servers, of)) =
            ["connections", "config"].iter().find_map(|word| self.flow.keyword(call, scope, word)).or(first)
        {
            self.mcp_servers(path, servers, of, true);
        }
    }

    /// `{"name": {"command": …}}`, also under `mcpServers`: the servers that a client is told.
    fn mcp_servers(&mut self, path: &str, servers: &'a Expr, scope: ScopeId, is_outermost: bool) {
        for found in self.flow.values(servers, scope) {
            let Value::Dict(dict, of) = found.value else { continue };
            // Once only: a name may be bound to a dictionary that has the name in it.
            if let Some(inner) = member(dict, "mcpServers") {
                if is_outermost {
                    self.mcp_servers(path, inner, of, false);
                }
                continue;
            }
            for (name, server) in members(dict).take(64) {
                let is_place = |key: &str| matches!(key, "command" | "url" | "transport");
                let is_server = self.flow.values(server, of).iter().any(|found| match &found.value {
                    Value::Dict(server, _) => members(server).any(|(key, _)| is_place(key)),
                    Value::Object(call, of) => {
                        self.flow.keywords(call, *of).iter().any(|(key, ..)| is_place(key))
                    }
                    _ => false,
                });
                // A library's connection, which the flow knows only as foreign, says it in keywords.
                let is_server = is_server
                    || matches!(server, Expr::Call(call) if self.flow.keywords(call, of).iter().any(|(key, ..)| is_place(key)));
                if is_server && !name.is_empty() && name.len() <= 120 {
                    self.see_made("mcp-server", name, server.range(), "mcp-client-server", path, 90);
                }
            }
        }
    }

    /// `@mcp.prompt()`, `@mcp.resource("uri")`.
    pub(crate) fn mcp_part(
        &mut self,
        last: &str,
        callee: &'a Expr,
        call: Option<&'a ast::ExprCall>,
        function: &Function<'a>,
    ) {
        let Expr::Attribute(attribute) = callee else { return };
        let path = self.flow.path(callee, function.outer).unwrap_or_default();
        let of_server = path.starts_with("mcp.") || path.starts_with("fastmcp.");
        let of_other_file = path.is_empty() || path.starts_with('.');
        let named = matches!(last_part(&attribute.value), Some("mcp" | "server" | "mcp_server" | "app"));
        if !(of_server || of_other_file && named) {
            return;
        }
        let first = call.and_then(|call| {
            call.arguments
                .find_keyword(if last == "resource" { "uri" } else { "name" })
                .map(|keyword| &keyword.value)
                .or_else(|| call.arguments.args.first())
        });
        let given = first.and_then(Expr::as_string_literal_expr).map(|text| text.value.to_str());
        let name = given.unwrap_or(function.node.name.as_str());
        let kind = if last == "resource" { "mcp-resource" } else { "mcp-prompt" };
        let confidence = if of_server { 95 } else { 75 };
        self.see_made(kind, name, function.node.name.range, kind, &path, confidence);
    }

    /// A vector store that is constructed or opened.
    pub(crate) fn store(&mut self, path: &str, call: &'a ast::ExprCall, scope: ScopeId) {
        let name = store_name(path);
        self.see_store(name, call.range(), path, "vector-store");
        let key = format!("vector-store:{name}");
        for word in ["collection_name", "index_name", "table_name", "collection"] {
            if let Some(text) =
                self.flow.keyword(call, scope, word).and_then(|(value, of)| self.first_text(value, of))
            {
                self.out.property(&key, "collection", text);
            }
        }
    }

    pub(crate) fn see_store(&mut self, name: &str, at: TextRange, path: &str, rule: &'static str) {
        let key = format!("vector-store:{name}");
        let seen = self.seen(at, rule, 0, 90);
        let package = inventar_catalogue::import("python", path).map(|package| package.name);
        self.out.see(&key, seen, |key| Asset::new(key, "vector-store", name).maybe("framework", package));
        self.made.insert(at, key);
        self.busy.push(at);
    }

    /// `load_dataset("org/name")`.
    pub(crate) fn dataset(&mut self, call: &'a ast::ExprCall, scope: ScopeId) {
        let first = call.arguments.args.first().map(|first| (first, scope));
        let keyword = |name| self.flow.keyword(call, scope, name);
        let Some((value, of)) = keyword("path").or_else(|| keyword("repo_id")).or(first) else { return };
        for found in self.flow.values(value, of) {
            let Some(name) = found.whole() else { continue };
            // `load_dataset("csv", data_files=…)` names a format.
            if matches!(name, "csv" | "json" | "parquet" | "text" | "imagefolder" | "audiofolder" | "arrow")
                || name.len() > 200
            {
                continue;
            }
            let hub = (inventar_analysis::model::is_hub_id(name) && !name.ends_with(".jsonl"))
                .then(|| name.to_owned());
            let seen = self.seen(found.at, "load-dataset", found.hops, 90);
            let key = format!("dataset:{name}");
            let name = name.to_owned();
            self.taken.insert(found.at.start());
            self.out.see(&key, seen, |key| {
                let asset = Asset::new(key, "dataset", name);
                match hub {
                    Some(hub) => asset.identifier("hf", format!("datasets/{hub}")),
                    None => asset,
                }
            });
        }
    }

    /// Something that a call of a known library makes and that has no more to say.
    pub(crate) fn plain(
        &mut self,
        kind: &'static str,
        rule: &'static str,
        path: &str,
        call: &'a ast::ExprCall,
        scope: ScopeId,
    ) {
        let last = path.rsplit('.').next().unwrap_or(path);
        let name = match self.module().function_of(scope) {
            Some(function) if kind != "guardrail" => {
                self.module().functions[function as usize].node.name.as_str()
            }
            _ => last,
        };
        self.see_plain(kind, name, call.range(), rule, path);
    }

    pub(crate) fn see_plain(
        &mut self,
        kind: &'static str,
        name: &str,
        at: TextRange,
        rule: &'static str,
        path: &str,
    ) {
        self.see_made(kind, name, at, rule, path, 85);
    }

    pub(crate) fn see_made(
        &mut self,
        kind: &'static str,
        name: &str,
        at: TextRange,
        rule: &'static str,
        path: &str,
        confidence: u8,
    ) {
        let key = format!("{kind}:{name}");
        let seen = self.seen(at, rule, 0, confidence);
        let package = inventar_catalogue::import("python", path).map(|package| package.name);
        self.out.see(&key, seen, |key| Asset::new(key, kind, name).maybe("framework", package));
        self.made.insert(at, key);
    }

    /// Calls of this project's own classes and functions with a model's id are followed by name alone; nothing to add
    /// for the callee itself, but its texts are taken so that they do not count as mentioned.
    pub(crate) fn constructs(&mut self, call: &'a ast::ExprCall, scope: ScopeId, last: &str) {
        // `parser.add_argument("--model", default="…", choices=[…])`: a user picks from them.
        if last != "add_argument" && last != "option" {
            return;
        }
        let about_models = call.arguments.args.iter().filter_map(Expr::as_string_literal_expr).any(|text| {
            inventar_analysis::words::role(text.value.to_str().trim_start_matches('-'))
                == Some(inventar_analysis::words::Role::Model)
        });
        if !about_models {
            return;
        }
        for word in ["default", "choices"] {
            let Some((value, of)) = self.flow.keyword(call, scope, word) else { continue };
            for found in self.flow.values(value, of) {
                match &found.value {
                    Value::List(items, of) => {
                        for item in items.iter().take(64) {
                            self.model_value(item, *of, false, "", None);
                        }
                    }
                    _ => self.model_value(value, of, false, "", None),
                }
            }
        }
    }
}

/// `FAISS` of `….FAISS.from_texts`; what only opens a client is known by its package.
fn store_name(path: &str) -> &str {
    if path.starts_with("openai.") {
        return "OpenAI vector store";
    }
    let mut parts = path.rsplit('.');
    let last = parts.next().unwrap_or(path);
    let is_class = |part: &str| part.starts_with(|c: char| c.is_ascii_uppercase());
    match (is_class(last), last) {
        (true, "Client" | "HttpClient" | "PersistentClient" | "EphemeralClient" | "WeaviateClient")
        | (false, _) => parts.find(|part| is_class(part)).or_else(|| path.split('.').next()).unwrap_or(last),
        _ => last,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_stores() {
        for (path, name) in [
            ("langchain_community.vectorstores.FAISS.from_texts", "FAISS"),
            ("chromadb.PersistentClient", "chromadb"),
            ("lancedb.connect", "lancedb"),
            ("llama_index.vector_stores.chroma.ChromaVectorStore", "ChromaVectorStore"),
            ("openai.OpenAI.vector_stores.create", "OpenAI vector store"),
            ("qdrant_client.QdrantClient", "QdrantClient"),
        ] {
            assert_eq!(store_name(path), name, "{path}");
        }
    }
}
