//! The state of one file while its tables are read, and the order in which that happens.

use crate::flow::{Flow, Found, Value};
use crate::imports::{Library, extent, library};
use crate::module::{FunctionId, Kind, Module, NONE, NodeId, ScopeKind};
use crate::path;
use crate::rules;
use crate::words;
use inventar_analysis::calls::{First, Makes, Rule};
use inventar_analysis::link::Sink;
use inventar_analysis::place::usage_of;
use inventar_analysis::words::Role;
use inventar_analysis::{Seen, Sightings};
use inventar_plugin_sdk::{Answer, File, GapReason, Method, Usage};
use oxc_span::Span;
use rustc_hash::{FxHashMap, FxHashSet};

/// An open question of this file.
#[derive(Debug)]
pub(crate) struct Pending {
    pub(crate) sink: Sink,
    pub(crate) import: crate::module::ImportId,
    /// What is done with the import.
    pub(crate) rest: String,
    pub(crate) at: Span,
    /// The agent it belongs to.
    pub(crate) owner: Option<String>,
}

/// One file while it is read.
#[derive(Debug)]
pub(crate) struct Look<'f, 'm, 'a> {
    pub(crate) flow: Flow<'m, 'a>,
    pub(crate) out: Sightings<'f>,
    /// What the file's place says about everything in it.
    pub(crate) usage: Usage,
    /// The file imports an AI library.
    pub(crate) ai: bool,
    /// Literals that are reported for what they are used for.
    pub(crate) taken: FxHashSet<u32>,
    /// Where AI is in use: clients, models, endpoints.
    pub(crate) busy: Vec<Span>,
    /// Where a model is told something by the system.
    pub(crate) told: Vec<Span>,
    /// What must be asked of other files.
    pub(crate) pending: Vec<Pending>,
    /// The functions that are in no other function, in order.
    pub(crate) bodies: Vec<Span>,
    /// The packages seen, each with its strongest usage.
    pub(crate) packages: FxHashMap<String, Usage>,
    libraries: FxHashMap<&'a str, Option<Library>>,
    paths: FxHashMap<NodeId, Option<String>>,
    /// What calls, classes and functions made: the key of the asset.
    pub(crate) made: FxHashMap<NodeId, String>,
    /// The same by function and by class.
    pub(crate) made_functions: FxHashMap<FunctionId, String>,
    pub(crate) made_classes: FxHashMap<crate::module::ClassId, String>,
    /// The agent whose arguments are read.
    owner: Option<String>,
}

impl<'f, 'm, 'a> Look<'f, 'm, 'a> {
    /// Reads all tables of a module.
    pub(crate) fn at(file: &'f File, module: &'m Module<'a>) -> Answer {
        let mut look = Self {
            flow: Flow::new(module),
            out: Sightings::new(file),
            usage: usage_of(&file.path).at_most(usage_of_name(&file.path)),
            ai: false,
            taken: FxHashSet::default(),
            busy: vec![],
            told: vec![],
            pending: vec![],
            bodies: bodies(module),
            packages: FxHashMap::default(),
            libraries: FxHashMap::default(),
            paths: FxHashMap::default(),
            made: FxHashMap::default(),
            made_functions: FxHashMap::default(),
            made_classes: FxHashMap::default(),
            owner: None,
        };
        look.imports();
        look.classes();
        look.calls();
        look.objects();
        look.elements();
        look.slots();
        look.prompt_texts();
        look.literals();
        look.secrets();
        look.uses();
        look.share();
        if module.is_cut() || look.flow.is_exhausted() {
            let reason = GapReason::Unsupported("a file of this many expressions".to_owned());
            look.out.answer().gap(
                &file.path,
                reason,
                "read in part: the rest of its values was not followed",
            );
        }
        look.out.finish()
    }

    pub(crate) fn module(&self) -> &'m Module<'a> {
        self.flow.module
    }

    /// The library of a module, asked for once.
    pub(crate) fn library(&mut self, module: &'a str) -> Option<Library> {
        self.libraries.entry(module).or_insert_with(|| library(module)).clone()
    }

    /// A place, as seen by a parser or, when names were followed, by flow.
    pub(crate) fn seen(&self, at: Span, rule: &'static str, hops: u8, confidence: u8) -> Seen {
        let method = if hops == 0 { Method::Parsed } else { Method::Flow };
        Seen { at: extent(at), rule, method, usage: self.usage, confidence }
    }

    /// The path of what a call calls.
    pub(crate) fn path_of(&mut self, call: NodeId) -> Option<String> {
        if let Some(path) = self.paths.get(&call) {
            return path.clone();
        }
        let path = self.module().callee(call).and_then(|callee| self.flow.path(callee));
        self.paths.insert(call, path.clone());
        path
    }

    /// Whether a path leads into a library of the catalogue.
    pub(crate) fn is_ai(&self, path: &str) -> bool {
        !path::is_own(path) && self.library_of(path).is_some()
    }

    pub(crate) fn library_of(&self, path: &str) -> Option<Library> {
        let module = path::module_of(path);
        match self.libraries.get(module) {
            Some(known) => known.clone(),
            None => library(module),
        }
    }

    /// Whether a place is in the body of a function.
    pub(crate) fn is_in_function(&self, at: Span) -> bool {
        self.body_around(at).is_some()
    }

    pub(crate) fn body_around(&self, at: Span) -> Option<Span> {
        let before = self.bodies.partition_point(|body| body.start <= at.start);
        let body = *self.bodies.get(before.checked_sub(1)?)?;
        (at.end <= body.end).then_some(body)
    }

    /// A name for what a call makes: what it is assigned to, else the function around it.
    pub(crate) fn name_of(&self, call: NodeId) -> Option<&'a str> {
        // `const graph = new StateGraph(…).addNode(…).compile()` names the first of the chain too.
        let mut of = call;
        for _ in 0..40 {
            if let Some(target) = self.module().targets.get(&of)
                && *target != "default"
            {
                return Some(target);
            }
            let member = self.module().node(of).parent;
            if member == NONE || !matches!(self.module().kind(member), Kind::Member(base, _) if base == of) {
                break;
            }
            let outer = self.module().node(member).parent;
            if outer == NONE || self.module().callee(outer) != Some(member) {
                break;
            }
            of = outer;
        }
        let function = self.module().named_function_of(self.module().node(call).scope)?;
        self.module().functions[function as usize].name
    }

    fn calls(&mut self) {
        let module = self.module();
        for call in &module.calls {
            let call = *call;
            let last = module.called(call).unwrap_or_default();
            let known = rules::is_known_name(last) || last.ends_with("Agent") && last.len() > 5;
            let arguments = module.arguments(call);
            let worded = arguments.iter().take(6).any(|argument| match module.kind(*argument) {
                Kind::Object(_) => module.members(*argument).iter().any(|prop| match prop.name {
                    Some(name) => words::role(name).is_some(),
                    None => prop.spread,
                }),
                Kind::Name(_) | Kind::Member(..) => !arguments.is_empty(),
                _ => false,
            });
            // `openai("gpt-4o")`, `createOpenAI()(…)`.
            let names_model = arguments.first().is_some_and(|first| {
                !matches!(module.kind(*first), Kind::Object(_) | Kind::Function(_) | Kind::Number(_))
            });
            // `openai.tools.webSearch({})`.
            let of_tools = match module.callee(call).map(|callee| module.kind(callee)) {
                Some(Kind::Member(base, _)) => matches!(module.kind(base), Kind::Member(_, "tools")),
                _ => false,
            };
            if known || worded || names_model || of_tools {
                let path = self.path_of(call);
                let ai = path.as_deref().is_some_and(|path| self.is_ai(path));
                // A framework that nobody has listed.
                let unlisted = !ai && is_given_as_agent(module, call, last);
                let ai = ai || unlisted;
                if let Some(path) = &path {
                    if let Some(rule) = rules::rule(path) {
                        self.make(rule, path, call);
                    } else if ai
                        && is_agent_class(path)
                        && matches!(module.kind(call), Kind::Call { new: true, .. })
                    {
                        self.agent(path, call, false);
                    } else if ai {
                        self.provider_call(path, call);
                    }
                }
                if unlisted && !self.made.contains_key(&call) {
                    self.agent(path.as_deref().unwrap_or_default(), call, false);
                }
                if worded {
                    self.arguments(call, path.as_deref(), ai || is_client_call(module, call, last));
                }
                // `new GoogleGenerativeAI(process.env.API_KEY)`.
                if let Some(first) = arguments.first()
                    && matches!(module.kind(call), Kind::Call { new: true, .. })
                    && (ai || self.ai && last == "AzureKeyCredential")
                    && !matches!(module.kind(*first), Kind::Object(_))
                {
                    self.key_value(*first, true);
                }
                if ai {
                    self.busy.push(module.at(call));
                    self.gateway(path.as_deref().unwrap_or_default(), call);
                }
            }
            // `llm.bindTools([…])`, `new ToolNode([…])`.
            if self.ai
                && matches!(last, "bindTools" | "ToolNode")
                && let Some(first) = arguments.first()
            {
                self.tools(*first, None);
            }
            self.server_call(call, last);
            self.http_call(call, last);
        }
    }

    /// What a call of a known library makes.
    fn make(&mut self, rule: &'static Rule, path: &str, call: NodeId) {
        let module = self.module();
        let first = module.arguments(call).first().copied();
        match rule.makes {
            Makes::Agent => self.agent(path, call, rule.first == First::Name),
            Makes::AgentLoop => self.agent_loop(path, call),
            Makes::Flow => {
                let at = module.at(call);
                let given = |slot: &crate::module::Slot<'_>| {
                    let inside = module.at(slot.value);
                    slot.name == "tools" && at.start <= inside.start && inside.end <= at.end
                };
                if module.slots.iter().any(given) {
                    self.agent(path, call, true);
                }
            }
            Makes::NamedPrompt => {
                if self.flow.keyword(call, "tools").is_some() {
                    self.agent(path, call, false);
                }
                let text = self.flow.keyword(call, "prompt").or(module.arguments(call).get(1).copied());
                if let Some(text) = text {
                    self.prompt(text, "template", "prompt-template");
                }
            }
            Makes::AgentAround(keyword) => {
                let inner = self.flow.keyword(call, keyword);
                if !inner.is_some_and(|inner| self.is_made(inner)) {
                    self.agent(path, call, false);
                }
            }
            Makes::Tool => self.tool_object(path, call),
            Makes::VectorStore => self.store(path, call),
            Makes::McpServer => self.mcp_server(path, call),
            Makes::McpClient => self.mcp_client(path, call),
            Makes::Guardrail => self.plain("guardrail", "guardrail", path, call),
            Makes::Evaluation => self.plain("evaluation", "evaluation", path, call),
            Makes::Training => self.plain("training-run", "training", path, call),
            Makes::Dataset => self.dataset(path, call),
            Makes::Prompt(keyword) => {
                let value = match first {
                    // Its messages are pairs.
                    Some(_) if path.ends_with("fromMessages") => None,
                    Some(first) if !matches!(module.kind(first), Kind::Object(_)) => Some(first),
                    _ => self.flow.keyword(call, keyword),
                };
                if let Some(value) = value {
                    let role = if rule.last.starts_with("System") { "system" } else { "template" };
                    self.prompt(value, role, "prompt-template");
                }
            }
            Makes::HubPrompt => self.hub_prompt(call),
            Makes::Plain => {}
        }
        match rule.first {
            First::Model => {
                if let Some(first) = first {
                    self.model_value(first, true, path, None);
                }
            }
            First::SecondModel => {
                if let Some(second) = module.arguments(call).get(1) {
                    self.model_value(*second, true, path, None);
                }
            }
            First::Url => {
                if let Some(first) = first {
                    self.endpoint_value(first, true, Some(path));
                }
            }
            First::Nothing | First::Name | First::Function => {}
        }
    }

    /// The named arguments of a call, by their words.
    pub(crate) fn arguments(&mut self, call: NodeId, path: Option<&str>, ai: bool) {
        // What an agent is given by another file is drawn as an edge when that file has answered.
        self.owner = self.made.get(&call).filter(|key| key.starts_with("agent:")).cloned();
        let keywords = self.flow.keywords(call);
        let told = keywords.iter().any(|(name, _)| words::role(name) == Some(Role::System));
        for (name, value) in keywords {
            let Some(role) = words::role(name) else { continue };
            match role {
                Role::Model => self.model_value(value, ai, path.unwrap_or_default(), Some(name)),
                Role::Models => {
                    for item in self.flow.elements(value) {
                        self.model_value(item, ai, path.unwrap_or_default(), Some(name));
                    }
                }
                Role::Url if ai || words::is_strong_url(name) => {
                    let sure = ai
                        && match name {
                            "url" | "uri" => self.opens(call, path),
                            _ => words::is_base_url(name),
                        };
                    self.endpoint_value(value, sure, path);
                }
                Role::Key if ai || name == "apiKey" => self.key_value(value, ai),
                Role::System if ai || words::is_strong_system(name) => {
                    self.prompt(value, "system", "system-prompt");
                }
                Role::Template if ai => {
                    self.template(value, "prompt-argument");
                    if name == "prompt" && !told {
                        self.whole_prompt(value);
                    }
                }
                Role::Agents if ai && name == "agents" => self.agent_list(value, path.unwrap_or_default()),
                Role::Tools if ai || self.ai => {
                    let owner = self.made.get(&call).cloned();
                    self.tools(value, owner.as_deref());
                }
                _ => {}
            }
        }
        self.owner = None;
    }

    /// Whether a call opens a connection, so that its `url` is where it leads.
    fn opens(&self, call: NodeId, path: Option<&str>) -> bool {
        let last = path.map(path::last_of).unwrap_or_default();
        matches!(self.module().kind(call), Kind::Call { new: true, .. })
            || ["lient", "ransport", "onnect", "ClientFrom"].iter().any(|part| last.contains(part))
    }

    /// Whether a value is something that a call in this file made.
    pub(crate) fn is_made(&self, node: NodeId) -> bool {
        !self.made_by(node).is_empty()
    }

    /// The keys of the assets of this file that may stand at a value.
    pub(crate) fn made_by(&self, node: NodeId) -> Vec<String> {
        let keys = |found: &Found<'a>| match found.value {
            Value::Function(function) => self.made_functions.get(&function),
            Value::Class(class) => self.made_classes.get(&class),
            _ => self.made.get(&found.node),
        };
        self.flow.values(node).iter().filter_map(keys).cloned().collect()
    }

    /// Remembers what must be asked of another file.
    pub(crate) fn ask(&mut self, found: &Found<'a>, sink: Sink, at: Span, owner: Option<String>) {
        if let Value::Foreign(import, rest) = &found.value
            && self.pending.len() < 200
            && crate::resolve::may_be_own(self.module().imports[*import as usize].module)
        {
            let owner = owner.or_else(|| self.owner.clone());
            self.pending.push(Pending { sink, import: *import, rest: rest.clone(), at, owner });
        }
    }
}

/// `anything.chat.completions.create({ model })`: the shape of the clients that everybody copies.
fn is_client_call(module: &Module<'_>, call: NodeId, last: &str) -> bool {
    if !matches!(last, "create" | "stream" | "parse" | "generate" | "complete" | "generateContent") {
        return false;
    }
    let Some(Kind::Member(base, _)) = module.callee(call).map(|callee| module.kind(callee)) else {
        return false;
    };
    match module.last_part(base) {
        Some("completions") => true,
        Some(
            "messages" | "responses" | "embeddings" | "images" | "chat" | "transcriptions" | "models"
            | "speech",
        ) => module.arguments(call).first().is_some_and(|first| module.member(*first, "model").is_some()),
        _ => false,
    }
}

/// `@ai-sdk/workflow:WorkflowAgent`: whatever library it is of.
fn is_agent_class(path: &str) -> bool {
    let last = path::last_of(path);
    last.ends_with("Agent")
        && last.len() > 5
        && !matches!(last, "HttpAgent" | "HttpsAgent" | "UserAgent" | "ProxyAgent")
}

/// `new Agent({ name, instructions, tools })`: told what it is, and given a name, a model or tools.
fn is_given_as_agent(module: &Module<'_>, call: NodeId, last: &str) -> bool {
    const TOLD: &[&str] = &["instructions", "systemPrompt", "system_prompt", "systemMessage", "backstory"];
    const GIVEN: &[&str] = &["name", "role", "model", "llm", "tools", "functions", "handoffs"];
    let has = |words: &[&str]| {
        let given = module.arguments(call).first().copied();
        given.is_some_and(|given| {
            module.members(given).iter().any(|prop| prop.name.is_some_and(|name| words.contains(&name)))
        })
    };
    (last == "Agent" || is_agent_class(last))
        && matches!(module.kind(call), Kind::Call { new: true, .. })
        && module.arguments(call).first().is_some_and(|first| matches!(module.kind(*first), Kind::Object(_)))
        && has(TOLD)
        && has(GIVEN)
}

fn bodies(module: &Module<'_>) -> Vec<Span> {
    let outermost = |function: &&crate::module::Function<'_>| {
        let mut scope = Some(function.outer);
        while let Some(at) = scope {
            if matches!(module.scopes[at as usize].kind, ScopeKind::Function(_)) {
                return false;
            }
            scope = module.scopes[at as usize].parent;
        }
        true
    };
    let mut bodies: Vec<Span> =
        module.functions.iter().filter(outermost).map(|function| function.at).collect();
    bodies.sort_by_key(|body| body.start);
    bodies
}

/// What JavaScript's own names for files say: stories, mocks, type declarations.
fn usage_of_name(path: &str) -> Usage {
    let lower = path.to_ascii_lowercase();
    let file = lower.rsplit('/').next().unwrap_or(&lower);
    if lower.contains("__mocks__/")
        || lower.contains("__fixtures__/")
        || file.contains(".test-d.")
        || file.contains(".vitest.")
        || file.contains("vitest.")
        || file.contains("jest.")
        || lower.contains("test-helpers/")
        || lower.contains("test-utils/")
        || lower.contains("/mocks/")
        || file.contains(".mock.")
        || file.contains(".e2e.")
    {
        Usage::Test
    } else if file.contains(".stories.") || file.contains(".story.") {
        Usage::Example
    } else {
        Usage::Runtime
    }
}
