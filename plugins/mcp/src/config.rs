//! A tree to servers: plain values, nothing of Inventar yet.
//!
//! Clients differ in where the servers stand and in what they call things, not in what they say. So one reader knows
//! every spelling of a command, an address, a variable, and the table of clients only says where to look.

use crate::clients::{COMMON_KEYS, Client};
use crate::launch::Launch;
use inventar_documents::{Entry, Node};
use std::ops::Range;

/// The most servers read from one file.
pub const MAX_SERVERS: usize = 2_000;

/// What a server without a name is called.
pub const UNNAMED: &str = "(unnamed)";

/// How deep the common keys are looked for.
const SEARCH_DEPTH: usize = 6;

/// What a file configures.
#[derive(Debug, Default, PartialEq)]
pub struct Config {
    /// Where the servers' key is; none: the file has none.
    pub key: Option<Range<usize>>,
    /// Another file that the key points to.
    pub elsewhere: Option<String>,
    /// In the file's order.
    pub servers: Vec<Server>,
    /// There were more than [`MAX_SERVERS`].
    pub is_cut: bool,
    /// Only a key that speaks of MCP says what they are, whosever file it is.
    pub is_by_word: bool,
}

/// One server as a client knows it.
#[derive(Debug, Default, PartialEq)]
pub struct Server {
    /// Its name in this file.
    pub name: String,
    /// The names of the tables down to it.
    pub path: String,
    /// Where its name is.
    pub name_span: Range<usize>,
    /// All of it.
    pub span: Range<usize>,
    /// "stdio", "http", "sse", "websocket", "builtin".
    pub transport: Option<&'static str>,
    /// The program.
    pub command: Option<String>,
    /// Its arguments as written.
    pub args: Vec<String>,
    /// The address as written.
    pub url: Option<String>,
    /// Variables set for it.
    pub variables: Vec<Setting>,
    /// Headers sent to it.
    pub headers: Vec<Setting>,
    /// Switched off.
    pub is_disabled: bool,
    /// Tools that run without asking.
    pub approved: Approved,
}

/// A variable or header. The value may be a secret: it is looked at, never shown.
#[derive(Debug, PartialEq)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// Where the name is.
    pub span: Range<usize>,
    /// Empty when only the name is given.
    pub value: String,
}

/// What may run without asking.
#[derive(Debug, Default, PartialEq, Eq)]
pub enum Approved {
    /// Nothing is said.
    #[default]
    Unsaid,
    /// All of it, or nothing.
    All(bool),
    /// These tools.
    Tools(Vec<String>),
}

/// Reads a configuration, all documents of it: at the client's own keys, else at the keys that clients share, else where a
/// key speaks of MCP.
pub fn read(documents: &[Node], client: Option<&Client>) -> Config {
    let mut config = Config::default();
    for root in documents {
        for keys in client.map_or(&[][..], |client| client.keys) {
            descend(root, keys, &mut vec![], &mut |entry, path| config.take(entry, path, Trust::Client));
        }
    }
    if config.key.is_none() {
        for root in documents {
            search(root, &mut vec![], &mut |entry, path| config.take(entry, path, Trust::Key));
        }
    }
    if config.key.is_none() {
        documents.iter().for_each(|root| embedded(root, &mut config, 0));
    }
    if config.key.is_none() {
        documents.iter().for_each(|root| spoken(root, &mut vec![], false, &mut config));
    }
    config
}

/// Why the entries of a table or list are taken for servers.
#[derive(Clone, Copy)]
enum Trust {
    /// The client keeps servers here and nothing else, so an entry need not look like one.
    Client,
    /// The key holds servers wherever it stands.
    Key,
    /// A key on the path speaks of MCP, and whether this one speaks of servers.
    Word { says_servers: bool },
}

/// Settings of a program: `ModelContextProtocol: {StdioServers: [{Name, Command, Arguments}]}`, `mcp: {servers: …}`.
fn spoken<'b>(node: &'b Node, path: &mut Vec<&'b str>, speaks: bool, config: &mut Config) {
    if path.len() > SEARCH_DEPTH {
        return;
    }
    let is_passed = |key: &str| DESCRIPTIONS.contains(&key) || is_of_deployment(key);
    for entry in node.entries().iter().filter(|entry| !is_passed(&entry.key)) {
        path.push(&entry.key);
        let speaks = speaks || speaks_of_mcp(&entry.key);
        let before = config.servers.len();
        if speaks {
            let key = entry.key.to_ascii_lowercase();
            // One server is the program's own, and has tables of its own.
            let says_servers = ["servers", "clients", "connections"].iter().any(|word| key.contains(word));
            config.take(entry, path, Trust::Word { says_servers });
        }
        if config.servers.len() == before {
            spoken(&entry.node, path, speaks, config);
        }
        path.pop();
    }
    for item in node.items() {
        path.push("[]");
        spoken(item, path, speaks, config);
        path.pop();
    }
}

/// What a deployment runs beside a server, or to see how it is: `livenessProbe: {exec: {command: […]}}`.
fn is_of_deployment(key: &str) -> bool {
    let key: String =
        key.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    key.ends_with("probe")
        || matches!(
            &*key,
            "lifecycle"
                | "healthcheck"
                | "exec"
                | "hooks"
                | "job"
                | "jobs"
                | "migration"
                | "migrations"
                | "initcontainers"
        )
}

/// `mcp`, `McpClients`, `my-mcp`, `ModelContextProtocolConfiguration`.
fn speaks_of_mcp(key: &str) -> bool {
    // The path of a module in a lock file.
    if key.contains('/') {
        return false;
    }
    let lower = key.to_ascii_lowercase();
    let bare: String = lower.chars().filter(char::is_ascii_alphanumeric).collect();
    bare.contains("modelcontextprotocol")
        || key.contains("Mcp")
        || key.contains("MCP")
        || bare.starts_with("mcp")
        || lower.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == "mcp")
}

/// A step of CI, or a variable, is handed a whole configuration as a text of JSON.
fn embedded(node: &Node, config: &mut Config, depth: usize) {
    if let Some(text) = node.text().filter(|text| text.trim_start().starts_with('{'))
        && COMMON_KEYS.iter().any(|key| text.contains(key))
        && let Ok(Some(inner)) = inventar_documents::parse(text, inventar_documents::Format::Json)
    {
        search(&inner.placed(&node.span), &mut vec![], &mut |entry, path| {
            config.take(entry, path, Trust::Key)
        });
    }
    if depth <= 2 * SEARCH_DEPTH {
        for inner in node.entries().iter().filter(|entry| !DESCRIPTIONS.contains(&entry.key.as_str())) {
            embedded(&inner.node, config, depth + 1);
        }
        node.items().iter().for_each(|item| embedded(item, config, depth + 1));
    }
}

/// Below these a schema or an API description describes a configuration, or shows one.
const DESCRIPTIONS: &[&str] = &[
    "properties",
    "definitions",
    "$defs",
    "components",
    "example",
    "examples",
    "paths",
    "patternProperties",
    "default",
];

type Found<'a, 'b> = &'a mut dyn FnMut(&'b Entry, &[&str]);

fn descend<'b>(node: &'b Node, keys: &[&str], path: &mut Vec<&'b str>, found: Found<'_, 'b>) {
    let Some((key, rest)) = keys.split_first() else { return };
    let entries = node.entries().iter().filter(|entry| *key == "*" || entry.key == *key);
    for entry in entries {
        path.push(&entry.key);
        if rest.is_empty() {
            found(entry, path);
        } else {
            descend(&entry.node, rest, path, found);
        }
        path.pop();
    }
}

fn search<'b>(node: &'b Node, path: &mut Vec<&'b str>, found: Found<'_, 'b>) {
    if path.len() > SEARCH_DEPTH {
        return;
    }
    for entry in node.entries().iter().filter(|entry| !DESCRIPTIONS.contains(&entry.key.as_str())) {
        path.push(&entry.key);
        if COMMON_KEYS.contains(&entry.key.as_str()) {
            found(entry, path);
        } else {
            search(&entry.node, path, found);
        }
        path.pop();
    }
    for item in node.items() {
        path.push("[]");
        search(item, path, found);
        path.pop();
    }
}

impl Config {
    fn take(&mut self, entry: &Entry, path: &[&str], trust: Trust) {
        let servers: Vec<Server> = entry
            .node
            .entries()
            .iter()
            .map(|server| (server.key.as_str(), server.key_span.clone(), &server.node))
            .chain(entry.node.items().iter().map(|item| {
                let name = any(item, &["name", "id", "uses"]).filter(|name| name.text().is_some());
                (
                    name.and_then(Node::text).unwrap_or_default(),
                    name.map_or(item.span.clone(), |name| name.span.clone()),
                    item,
                )
            }))
            .filter(|(_, _, node)| !node.entries().is_empty())
            .map(|(name, name_span, node)| (Server::read(name, name_span, node, path), node))
            .filter(|(server, node)| match trust {
                Trust::Client => true,
                Trust::Key => (server.command.is_some() || server.url.is_some()) && server.name != UNNAMED,
                Trust::Word { says_servers } => server.is_plain(node, says_servers),
            })
            .map(|(server, _)| server)
            .collect();
        let may_be_elsewhere = match trust {
            Trust::Client => true,
            Trust::Key => entry.node.text().is_some() && path.len() == 1,
            Trust::Word { .. } => false,
        };
        if servers.is_empty() && !may_be_elsewhere {
            return;
        }
        self.is_by_word |= matches!(trust, Trust::Word { .. });
        self.key.get_or_insert(entry.key_span.clone());
        self.elsewhere = self.elsewhere.take().or_else(|| entry.node.text().map(str::to_owned));
        for server in servers {
            // Of a repeated name the last counts, as for the client.
            let known =
                self.servers.iter().position(|known| known.path == server.path && known.name == server.name);
            match known {
                Some(at) if server.name != UNNAMED => self.servers[at] = server,
                _ if self.servers.len() == MAX_SERVERS => self.is_cut = true,
                _ => self.servers.push(server),
            }
        }
    }
}

impl Server {
    fn read(name: &str, name_span: Range<usize>, node: &Node, path: &[&str]) -> Self {
        // Some clients put all or part of it one level down: `transport: {type, command}`, `command: {path, args}`.
        let inner = ["transport", "command", "config"]
            .iter()
            .filter_map(|key| node.get(key))
            .find(|node| !node.entries().is_empty());
        let any = |keys: &[&str]| any(node, keys).or_else(|| inner.and_then(|inner| any(inner, keys)));
        let mut line = command_line(any(&["command", "cmd", "path"]), inner);
        line.extend(
            any(&["args", "arguments"]).map(Node::scalars).unwrap_or_default().into_iter().map(str::to_owned),
        );
        let command = (!line.is_empty()).then(|| line.remove(0));
        let url =
            any(&["url", "serverUrl", "httpUrl", "uri", "endpoint"]).and_then(Node::text).map(str::to_owned);
        let word = any(&["type"])
            .or_else(|| node.get("transport"))
            .or_else(|| node.get("transportType"))
            .and_then(Node::text);
        let mut variables = settings(any(&["env", "environment", "envs"]));
        variables.extend(names(any(&["env_keys", "env_vars"])));
        variables.extend(any(&["bearer_token_env_var", "api_key_env"]).into_iter().filter_map(bare));
        variables.extend(settings(any(&["env_http_headers"])).into_iter().map(|header| Setting {
            name: header.value,
            span: header.span,
            value: String::new(),
        }));
        let mut headers = settings(any(&["headers", "http_headers"]));
        headers
            .extend(settings(any(&["requestInit", "requestOptions"]).and_then(|init| init.get("headers"))));
        let off = any(&["disabled"]).and_then(Node::bool) == Some(true);
        let on = any(&["enabled", "isActive", "active"]).and_then(Node::bool);
        Self {
            name: if name.is_empty() { UNNAMED.to_owned() } else { name.to_owned() },
            path: format!("{}.{name}", path.join(".")),
            name_span,
            span: node.span.clone(),
            transport: transport(word, command.is_some(), url.as_deref(), node.get("httpUrl").is_some()),
            command,
            args: line,
            url,
            variables,
            headers,
            is_disabled: off || on == Some(false),
            approved: approved(any(&["autoApprove", "alwaysAllow", "trust"])),
        }
    }

    /// Whether an entry below a key that only speaks of MCP is a server, and not settings or words that people read.
    fn is_plain(&self, node: &Node, says_servers: bool) -> bool {
        // Containers have commands too.
        if self.name == UNNAMED || any(node, &["image", "build"]).is_some() {
            return false;
        }
        let is_list = |keys: &[&str]| any(node, keys).is_some_and(|node| !node.items().is_empty());
        let has_line =
            self.command.is_some() && (is_list(&["args", "arguments"]) || is_list(&["command", "cmd"]));
        let word = any(node, &["transport", "transportType", "type"]).and_then(Node::text);
        let is_transported = word.is_some_and(is_transport);
        // A job beside a server has a command too.
        let starts = has_line && (says_servers || is_transported || self.is_launched());
        let is_address = |url: &String| {
            let schemes = ["http://", "https://", "ws://", "wss://", "$", "{", "%"];
            schemes.iter().any(|scheme| url.starts_with(scheme))
        };
        // A type that is no transport is a kind of something else.
        let is_served = if word.is_some() { is_transported } else { says_servers };
        // One that is called `server` or `http` is the program's own.
        let is_own =
            matches!(&*self.name.to_ascii_lowercase(), "server" | "http" | "sse" | "stdio" | "client");
        starts || !is_own && is_served && self.url.as_ref().is_some_and(is_address)
    }

    /// Whether the command says of what it starts that it is a server: something that is fetched to be started, or
    /// whose name speaks of MCP.
    fn is_launched(&self) -> bool {
        let Some(command) = &self.command else { return false };
        let launch = Launch::of(command, &self.args);
        launch.package.is_some()
            || launch.url.is_some()
            || launch.registered.is_some()
            || self
                .args
                .iter()
                .chain([command])
                .any(|word| speaks_of_mcp(word.rsplit('/').next().unwrap_or(word)))
    }
}

/// The first of several names that is there, in whatever case, with or without `_` and `-`.
fn any<'n>(node: &'n Node, keys: &[&str]) -> Option<&'n Node> {
    let bare = |name: &str| -> String {
        name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
    };
    node.any(keys).or_else(|| {
        keys.iter().find_map(|key| {
            let found = node.entries().iter().rev().find(|entry| bare(&entry.key) == bare(key));
            found.map(|entry| &entry.node)
        })
    })
}

/// A program in one text, a list with its arguments, or a table with a path.
fn command_line(command: Option<&Node>, inner: Option<&Node>) -> Vec<String> {
    let Some(command) = command else { return vec![] };
    let from_list = command.scalars();
    let from_table = inner.and_then(|inner| inner.any(&["path", "command"])).and_then(Node::text);
    match command.text().or(from_table) {
        Some(text) if !text.trim().is_empty() => vec![text.to_owned()],
        _ => from_list.into_iter().map(str::to_owned).collect(),
    }
}

fn transport(
    word: Option<&str>,
    has_command: bool,
    url: Option<&str>,
    is_http_url: bool,
) -> Option<&'static str> {
    let word = word.unwrap_or_default().to_ascii_lowercase().replace(['-', '_'], "");
    Some(match word.as_str() {
        "stdio" | "local" => "stdio",
        "sse" => "sse",
        "http" | "streamablehttp" | "remote" | "streamable" => "http",
        "ws" | "websocket" => "websocket",
        "builtin" | "platform" | "frontend" => "builtin",
        _ if has_command => "stdio",
        _ if is_http_url => "http",
        _ => match url? {
            url if url.starts_with("ws") => "websocket",
            url if url.split(['?', '#']).next()?.trim_end_matches('/').ends_with("/sse") => "sse",
            _ => "http",
        },
    })
}

/// Whether a word says how a server is reached; that of a licence or a sponsor does not.
fn is_transport(word: &str) -> bool {
    transport(Some(word), false, None, false).is_some()
}

/// A table of names and values, or a list of `NAME=value` or `{name, value}`.
fn settings(node: Option<&Node>) -> Vec<Setting> {
    let Some(node) = node else { return vec![] };
    let mut settings: Vec<Setting> = node
        .entries()
        .iter()
        .map(|entry| Setting {
            name: entry.key.clone(),
            span: entry.key_span.clone(),
            value: entry.node.scalar().unwrap_or_default().to_owned(),
        })
        .collect();
    for item in node.items() {
        let pair = match item.text() {
            Some(text) => {
                text.split_once('=').map(|(name, value)| (name, value, item)).or(Some((text, "", item)))
            }
            None => item.get("name").and_then(|name| {
                Some((name.text()?, item.get("value").and_then(Node::scalar).unwrap_or_default(), name))
            }),
        };
        if let Some((name, value, node)) = pair {
            settings.push(Setting {
                name: name.to_owned(),
                span: node.span.clone(),
                value: value.to_owned(),
            });
        }
    }
    settings
}

fn names(node: Option<&Node>) -> Vec<Setting> {
    node.map_or(&[][..], Node::items).iter().filter_map(bare).collect()
}

fn bare(node: &Node) -> Option<Setting> {
    Some(Setting { name: node.text()?.to_owned(), span: node.span.clone(), value: String::new() })
}

fn approved(node: Option<&Node>) -> Approved {
    match node {
        None => Approved::Unsaid,
        Some(node) => match node.bool() {
            Some(yes) => Approved::All(yes),
            None if node.items().is_empty() => Approved::Unsaid,
            None => match node.scalars() {
                tools if tools.contains(&"*") => Approved::All(true),
                tools => Approved::Tools(tools.into_iter().map(str::to_owned).collect()),
            },
        },
    }
}

#[cfg(test)]
mod tests {
    use super::speaks_of_mcp;

    #[test]
    fn keys_that_speak_of_mcp() {
        for key in ["mcp", "McpClients", "my-mcp", "ModelContextProtocolConfiguration"] {
            assert!(speaks_of_mcp(key), "{key}");
        }
        for key in ["node_modules/@modelcontextprotocol/sdk/node_modules/express", "servers", "compact"] {
            assert!(!speaks_of_mcp(key), "{key}");
        }
    }
}
