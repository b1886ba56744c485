//! Places with a name: fields, arguments, builder methods, constants. The name says what to expect, the value decides.

use super::Look;
use super::marks::is_name;
use crate::names;
use crate::outline::{Form, Range, Slot, SlotKind};
use crate::scan::Kind;
use crate::text;
use inventar_analysis::model::{is_model_word, is_tagged_id};
use inventar_analysis::words::{self, Role};
use inventar_plugin_sdk::Asset;

/// Libraries of the Model Context Protocol, as a rule names its roots.
pub(super) const MCP: &str = "ModelContextProtocol|modelcontextprotocol|rmcp|/mcp";

/// What stands beside the model in the body of a request.
const MESSAGES: &[&str] = &["messages", "Messages"];

/// The role of a name in any of the languages' spellings.
pub(super) fn role(name: &str) -> Option<(Role, String)> {
    let snake = names::snake(name);
    let short = snake.strip_prefix("default_").unwrap_or(&snake);
    let found = match short {
        "preamble" | "system" | "instructions" | "instruction" | "system_text" | "append_preamble"
        | "developer" => Some(Role::System),
        "server_address" | "service_url" | "endpoint_uri" | "ollama_url" | "base_address" => Some(Role::Url),
        "persona" | "personality" => Some(Role::Template),
        "tool" | "default_tools" | "default_tool" | "tool_registry" | "tool_sources" => Some(Role::Tools),
        // A template of text, a host of anything.
        "base" | "input" | "host" => None,
        _ if is_of_page(&snake) => None,
        _ if snake.ends_with("_token") && !snake.contains("max") => Some(Role::Key),
        _ => words::role(&snake),
    };
    found.map(|role| (role, snake))
}

impl<'o, 't> Look<'_, 'o, 't> {
    /// Every slot and every builder method whose name has a role.
    pub(super) fn slots(&mut self) {
        let outline = self.outline();
        for (id, slot) in outline.slots.iter().enumerate() {
            let named = outline.tokens.text(slot.name);
            // A key is a string without escapes.
            let Some((role, snake)) = self.role_of(named.trim_matches(['"', '\'', '`'])) else { continue };
            let ai = match (slot.kind, slot.owner) {
                (SlotKind::Field | SlotKind::Argument, Some(owner)) => self.is_ai(owner).unwrap_or(false),
                (SlotKind::Value, None) => self.is_member_of_library(slot.name),
                _ => false,
            };
            // `{"model": …, "system": "…"}`: the body of a request.
            let ai = ai || role == Role::System && snake == "system" && self.has_sibling(id, &["model"]);
            let ai = ai || role == Role::Model && snake == "model" && self.is_of_request(id);
            // `{"model": …, "prompt": "Describe the picture"}`.
            // `new { model = …, prompt = … }` has no name.
            let is_nameless = |owner: u32| outline.name(self.call(owner)) == "new";
            let is_sent = named.starts_with('"')
                || slot.owner.is_some_and(|owner| is_nameless(owner) || self.is_request(owner).is_some());
            if role == Role::Template
                && snake == "prompt"
                && is_sent
                && self.has_sibling(id, &["model", "Model"])
            {
                self.prompt_sent(slot.value);
            }
            let kind = if ai && slot.owner.is_none() { SlotKind::Field } else { slot.kind };
            // A mark's own words are read with the mark.
            if slot.owner.is_some_and(|owner| self.call(owner).form == Form::Mark) && !ai {
                continue;
            }
            self.named_place(role, &snake, slot.value, ai, slot.owner, kind);
        }
        for id in 0..outline.calls.len() as u32 {
            let call = &outline.calls[id as usize];
            let has_role = matches!(call.form, Form::Call) && call.close > call.open + 1;
            if !has_role {
                continue;
            }
            let name = outline.name(call);
            let Some((role, snake)) = self.role_of(name) else { continue };
            let arguments = outline.arguments(call);
            let Some((None, value)) = arguments.first() else { continue };
            // `RenderSystemMessage("…")` shows one.
            if role == Role::System && !is_system_setter(name) {
                continue;
            }
            // `client.chat(model)`, `.model("…")`, `llms.WithModel("…")`, `setApiKey(…)`.
            let is_setter = call.receiver.is_some()
                || call.first != call.name
                || role == Role::System && makes_system(&snake)
                || name.starts_with("With")
                || name.starts_with("with");
            if arguments.len() > 2 || !is_setter {
                continue;
            }
            let ai = self.is_ai(id).unwrap_or(self.ai && matches!(role, Role::System));
            // A method of the project's own may tell its user something.
            if role == Role::System && self.target(id).is_none() && !self.instructs(*value) {
                continue;
            }
            self.named_place(role, &snake, *value, ai, Some(id), SlotKind::Argument);
        }
    }

    /// `ChatRequest { model: …, messages }`: what is sent to a model, in a type of the project's own; what it asks for.
    fn is_request(&self, owner: u32) -> Option<String> {
        const ASKED: &[&str] = &[
            "chat",
            "completion",
            "completions",
            "generate",
            "generation",
            "content",
            "embed",
            "embedding",
            "embeddings",
        ];
        let name = self.outline().name(self.call(owner));
        if !name.contains("Request") {
            return None;
        }
        let mut words = names::words(name);
        let request = words.iter().rposition(|word| word == "request")?;
        let asked = request.checked_sub(1).map(|at| words.swap_remove(at))?;
        ASKED.contains(&asked.as_str()).then_some(asked)
    }

    /// Whether the model that a slot holds is one of a request to a model, also where nobody lists it.
    fn is_of_request(&mut self, id: usize) -> bool {
        let slot = &self.outline().slots[id];
        let Some(owner) = slot.owner else { return false };
        let has_messages = self.has_sibling(id, MESSAGES);
        let asked = self.is_request(owner);
        let said = ["prompt", "Prompt", "input", "Input", "contents", "Contents", "stream", "Stream"];
        if asked.is_some() && (has_messages || self.has_sibling(id, &said)) {
            return true;
        }
        // `{"model": …, "messages": …}`: so have reports on what was checked; an id has a size or a version.
        let is_body = self.outline().tokens.kind(slot.name) == Kind::Text
            || self.sibling(id, MESSAGES).is_some_and(|messages| self.has_roles(messages.value));
        is_body
            && has_messages
            && self.flow.values(slot.value).iter().any(|found| {
                found.whole().is_some_and(|text| {
                    is_tagged_id(text) || text.contains('-') && text.bytes().any(|byte| byte.is_ascii_digit())
                })
            })
    }

    /// Whether messages that are written there say whose they are.
    fn has_roles(&self, value: Range) -> bool {
        let tokens = &self.outline().tokens;
        (value.0..value.1.min(value.0 + 200))
            .any(|at| matches!(tokens.text(at).trim_matches(['"', '\'', '`']), "role" | "Role"))
    }

    /// Whether a slot of one of those names stands beside a slot, in the same literal.
    fn has_sibling(&self, id: usize, names: &[&str]) -> bool {
        self.sibling(id, names).is_some()
    }

    /// The slot of one of those names beside a slot.
    fn sibling(&self, id: usize, names: &[&str]) -> Option<&'o Slot> {
        const NEAR: usize = 12;
        let outline = self.outline();
        let slot = &outline.slots[id];
        let from = id.saturating_sub(NEAR);
        outline.slots[from..].iter().take(2 * NEAR).find(|other| {
            other.owner == slot.owner
                && other.name != slot.name
                && names.contains(&outline.tokens.text(other.name).trim_matches(['"', '\'', '`']))
        })
    }

    /// `{"name": "get_stock", "description": …, "parameters": …}`: a tool as its schema, in a request or a server of
    /// the project's own; so the prompts and resources of such a server.
    pub(super) fn schema_tables(&mut self) {
        // A program introduces itself once.
        const MAX_PARTIES: usize = 16;
        let outline = self.outline();
        let mut parties = 0;
        for (id, slot) in outline.slots.iter().enumerate() {
            let name = outline.tokens.text(slot.name).trim_matches(['"', '\'', '`']);
            let found = match name {
                "name" | "Name" => self.named_table(id),
                "serverInfo" | "server_info" | "ServerInfo" | "clientInfo" | "client_info" | "ClientInfo" => {
                    let kind = if name.starts_with(['s', 'S']) { "mcp-server" } else { "mcp-client" };
                    parties += 1;
                    if parties <= MAX_PARTIES && self.speaks_protocol(id) {
                        self.party(slot.value, kind);
                    }
                    None
                }
                "uri_template" | "uriTemplate" | "URITemplate" | "UriTemplate" => Some("mcp-resource"),
                _ => None,
            };
            let Some(kind) =
                found.filter(|_| !slot.owner.is_some_and(|owner| self.made.contains_key(&owner)))
            else {
                continue;
            };
            let is_name =
                |name: &String| kind == "mcp-resource" && name.contains("://") || is_tool_name(name);
            let given = self.flow.first_text(slot.value).filter(is_name);
            let hinted = given.is_none().then(|| self.tool_constant(slot.value)).flatten();
            let confidence = if given.is_some() { 80 } else { 60 };
            let Some(name) = given.or(hinted.filter(|_| kind == "tool")) else { continue };
            let at = self.extent(slot.name, slot.name);
            let seen = self.seen(at, "schema", 0, confidence);
            let key = format!("{kind}:{name}");
            if !self.out.has(&key) {
                self.out.see(&key, seen, |key| Asset::new(key, kind, &name));
                self.given.push((slot.name, key));
            }
        }
    }

    /// Whether what a slot belongs to says which version of the protocol it speaks: language servers have the rest of
    /// `initialize` as well.
    fn speaks_protocol(&mut self, id: usize) -> bool {
        const MAX_TOKENS: u32 = 800;
        if self.imports_root(MCP) {
            return true;
        }
        let outline = self.outline();
        let slot = &outline.slots[id];
        let (from, to) = match slot.owner.map(|owner| self.call(owner)) {
            Some(owner) => (owner.open, owner.close.min(owner.open + MAX_TOKENS)),
            None => (slot.name.saturating_sub(MAX_TOKENS / 8), slot.name + MAX_TOKENS / 8),
        };
        let versions = ["protocolVersion", "protocol_version", "ProtocolVersion"];
        (from..to.min(outline.tokens.len()))
            .any(|at| versions.contains(&outline.tokens.text(at).trim_matches(['"', '\'', '`'])))
    }

    /// What `initialize` says of a server or client without a library: `serverInfo: ServerInfo { name: "…" }`.
    fn party(&mut self, value: Range, kind: &'static str) {
        let outline = self.outline();
        if self.has_made(kind) {
            return;
        }
        let from = outline.slots.partition_point(|slot| slot.name < value.0);
        let inner = outline.slots[from..].iter().take(8).take_while(|slot| slot.name < value.1);
        let mut names = inner.filter(|slot| {
            matches!(outline.tokens.text(slot.name).trim_matches(['"', '`']), "name" | "Name")
        });
        let Some(slot) = names.next() else { return };
        let Some(name) = self.flow.first_text(slot.value).filter(|name| is_name(name)) else { return };
        let seen = self.seen(self.extent(slot.name, slot.name), kind, 0, 85);
        let key = format!("{kind}:{name}");
        self.out.see(&key, seen, |key| Asset::new(key, kind, &name));
    }

    /// `Name: ToolNameReadFile`, a constant of another file: what it says is all that is known of the name.
    fn tool_constant(&self, value: Range) -> Option<String> {
        let words = self.outline().words(value);
        let constant = words.last().filter(|_| value.1 - value.0 <= 3)?;
        // A variable is called `toolName`, and holds any.
        let is_constant = constant.starts_with(|c: char| c.is_ascii_uppercase())
            && self.outline().binding(constant, value.0).is_none();
        let mut parts = names::words(constant);
        let is_tool = parts.iter().any(|part| part == "tool");
        parts.retain(|part| !matches!(part.as_str(), "tool" | "name"));
        (is_constant && is_tool && !parts.is_empty()).then(|| parts.join("_"))
    }

    /// What a table with a name is by what else it has: a tool, a prompt of a server, nothing of AI.
    fn named_table(&self, id: usize) -> Option<&'static str> {
        let outline = self.outline();
        let is_described = self.has_sibling(id, &["description", "Description"]);
        let owner = outline.slots[id].owner.map_or("", |owner| outline.name(self.call(owner)));
        let is_schema = self.has_sibling(id, &["input_schema", "inputSchema", "InputSchema"])
            || self.has_sibling(id, &["parameters", "Parameters"]) && (self.ai || !self.busy.is_empty());
        // `[]ServerTools{{Name: "…", Description: "…", Handler: list}}`.
        let is_handled = (owner.ends_with("Tool") || owner.ends_with("Tools"))
            && self.has_sibling(
                id,
                &["Handler", "handler", "Handle", "Execute", "execute", "Function", "Run", "run"],
            );
        let is_prompt = owner == "Prompt"
            && (self.has_sibling(id, &["arguments", "Arguments"])
                || outline.imports.iter().take(500).any(|import| Self::is_rooted(MCP, &import.path)));
        match is_described {
            true if is_schema || is_handled => Some("tool"),
            true if is_prompt => Some("mcp-prompt"),
            _ => None,
        }
    }

    /// `config.BaseURL = …`, where what is in front came from a library.
    fn is_member_of_library(&self, name: u32) -> bool {
        let tokens = &self.outline().tokens;
        let Some(front) = name.checked_sub(2).filter(|front| tokens.is_word(*front)) else { return false };
        tokens.is(name - 1, ".")
            && !tokens.is(front.wrapping_sub(1), ".")
            && self
                .flow
                .target(&[tokens.text(front)], front)
                .is_some_and(|target| self.flow.is_listed(&target.module))
    }

    /// The role of a name, remembered.
    fn role_of(&mut self, name: &'t str) -> Option<(Role, String)> {
        self.roles.entry(name).or_insert_with(|| role(name)).clone()
    }

    fn named_place(
        &mut self,
        role: Role,
        snake: &str,
        value: Range,
        ai: bool,
        owner: Option<u32>,
        kind: SlotKind,
    ) {
        match role {
            Role::Model => {
                let of_library = matches!(kind, SlotKind::Field | SlotKind::Argument | SlotKind::Key);
                let sure = ai && is_model_word(snake);
                self.model_place(snake, value, sure, of_library, owner);
            }
            Role::Models if ai || is_offer(snake) || matches!(snake, "model_ids" | "model_names") => {
                for item in self.elements(value) {
                    self.model_place("model", item, ai, false, owner);
                }
            }
            Role::Url => self.url_place(snake, value, ai, owner, kind),
            Role::Key if ai || snake.ends_with("api_key") || snake.ends_with("_token") => {
                self.key_place(value, ai)
            }
            Role::System
                if ai
                    || words::is_strong_system(snake)
                    || makes_system(snake)
                    || snake.ends_with("_system_prompt")
                    || self.ai
                        && matches!(snake, "system" | "instructions" | "preamble" | "default_system") =>
            {
                self.prompt_place(value, "system", "system-prompt");
            }
            Role::Template if ai => {
                self.template_place(value, "prompt-argument");
                if snake.ends_with("prompt") {
                    self.prompt_assigned(value);
                }
            }
            Role::Template if snake.ends_with("prompt") || matches!(snake, "persona" | "personality") => {
                self.prompt_assigned(value)
            }
            Role::Tools if ai => self.tools_place(value),
            _ => {}
        }
    }

    /// The elements of a list, or the value itself.
    pub(super) fn elements(&self, value: Range) -> Vec<Range> {
        let mut all = Vec::new();
        for found in self.flow.values(value) {
            match found.value {
                crate::flow::Value::List(items) => all.extend(items.into_iter().take(64)),
                _ => all.push(value),
            }
        }
        all.truncate(128);
        all
    }

    /// `flag.String("model", "gpt-4o", "…")`, `cmd.Flags().StringVarP(&m, "model", "m", "gpt-4o", "…")`,
    /// `viper.SetDefault("model", "…")`: what somebody gets who says nothing.
    fn flag(&mut self, id: u32) -> bool {
        let call = self.call(id);
        let outline = self.outline();
        let form = outline.name(call);
        if !matches!(form, "String" | "StringP" | "StringVar" | "StringVarP" | "SetDefault" | "StringFlag") {
            return false;
        }
        let values: Vec<Range> = outline.arguments(call).iter().map(|(_, value)| *value).collect();
        let is_text = |value: &Range| value.1 == value.0 + 1 && outline.tokens.kind(value.0) == Kind::Text;
        let Some(named) = values.iter().position(is_text) else { return true };
        let name = text::read(outline.tokens.text(values[named].0), outline.language()).text;
        let name = name.rsplit('.').next().unwrap_or_default().to_owned();
        let Some(value) = values.get(named + 1 + usize::from(form.ends_with('P'))).copied() else {
            return true;
        };
        match role(&name) {
            Some((Role::Model, _)) => self.model_place(&name, value, false, true, None),
            Some((Role::System, _)) => self.prompt_place(value, "system", "system-prompt"),
            Some((Role::Template, _)) if self.ai => self.prompt_place(value, "template", "prompt-argument"),
            Some((Role::Url, _)) => self.url_place(&name, value, false, None, SlotKind::Argument),
            _ => {}
        }
        true
    }

    /// `#[arg(long, default_value = "gpt-4o")] model: String`.
    pub(super) fn option_mark(&mut self, id: u32) {
        let call = self.call(id);
        let outline = self.outline();
        if !matches!(outline.name(call), "arg" | "clap" | "structopt" | "Option" | "Parameters" | "Parameter")
        {
            return;
        }
        let tokens = &outline.tokens;
        let mut behind = call.close + 1;
        while matches!(
            tokens.text(behind),
            "]" | "pub" | "private" | "public" | "String" | "static" | "final" | "(" | "crate" | ")"
        ) {
            behind += 1;
        }
        if !tokens.is_word(behind) {
            return;
        }
        let name = tokens.text(behind).to_owned();
        for (word, value) in outline.arguments(call) {
            let is_default = word.is_some_and(|word| {
                matches!(tokens.text(word), "default_value" | "default_value_t" | "defaultValue")
            });
            match role(&name) {
                _ if !is_default => {}
                Some((Role::Model, _)) => self.model_place(&name, value, false, true, None),
                Some((Role::Url, _)) => self.url_place(&name, value, false, None, SlotKind::Argument),
                Some((Role::System, _)) => self.prompt_place(value, "system", "system-prompt"),
                _ => {}
            }
        }
    }

    /// `Map.of("model", x, "messages", y)`, `.put("model", x)`, `("model", x)`.
    pub(super) fn pair(&mut self, id: u32) {
        if self.flag(id) {
            return;
        }
        let call = self.call(id);
        let outline = self.outline();
        if !matches!(
            outline.name(call),
            "of" | "put"
                | "add"
                | "Add"
                | "insert"
                | "addProperty"
                | "with"
                | "mapOf"
                | "set"
                | "Set"
                | "putIfAbsent"
                | "ofEntries"
                | "entry"
                | "append"
        ) {
            return;
        }
        let arguments = outline.arguments(call);
        let mut pairs = arguments.chunks_exact(2);
        for pair in pairs.by_ref().take(16) {
            let (name, value) = (pair[0].1, pair[1].1);
            if name.1 == name.0 + 1 && outline.tokens.kind(name.0) == Kind::Text {
                let name = text::read(outline.tokens.text(name.0), outline.language()).text;
                if let Some((role @ (Role::Model | Role::System), snake)) = role(&name) {
                    self.named_place(role, &snake, value, false, Some(id), SlotKind::Key);
                }
            }
        }
    }
}

/// What a model may be given as the name of a tool.
pub(super) fn is_tool_name(name: &str) -> bool {
    (2..=64).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/'))
}

/// URLs that a client names and does not call: `site_url` says who asks, `image_url` what is looked at.
fn is_of_page(name: &str) -> bool {
    const PAGES: &[&str] = &[
        "site",
        "app",
        "homepage",
        "website",
        "repo",
        "repository",
        "referer",
        "referrer",
        "redirect",
        "callback",
        "image",
        "logo",
        "icon",
        "avatar",
        "docs",
        "documentation",
        "help",
        "license",
    ];
    ["_url", "_uri"]
        .iter()
        .filter_map(|end| name.strip_suffix(end))
        .any(|front| PAGES.contains(&front.rsplit('_').next().unwrap_or(front)))
}

/// `AVAILABLE_MODELS`, `fallback_models`: lists that are picked from, and not lists of what lacks a feature.
fn is_offer(name: &str) -> bool {
    words::has_any(name, &["available", "fallback", "allowed", "default", "selectable", "preferred"])
}

/// `NewSystemMessage`, in the spelling that languages share.
fn makes_system(snake: &str) -> bool {
    ["new_", "create_", "make_"]
        .iter()
        .filter_map(|front| snake.strip_prefix(front))
        .any(words::is_strong_system)
}

/// Methods that give somebody a system text.
fn is_system_setter(name: &str) -> bool {
    const FRONTS: &[&str] = &[
        "with",
        "With",
        "set",
        "add",
        "Add",
        "system",
        "System",
        "instruct",
        "default",
        "preamble",
        "append",
        "developer",
        "New",
        "new",
        "create",
        "Create",
        "make",
    ];
    FRONTS.iter().any(|front| name.starts_with(front))
}
