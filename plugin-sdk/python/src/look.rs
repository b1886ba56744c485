//! The state of one file while its tables are read, and the order in which that happens.

use crate::flow::{Flow, Found};
use crate::module::{Module, ScopeId, ScopeKind, last_part};
use crate::rules;
use inventar_analysis::calls::{First, Makes, Rule};
use inventar_analysis::place::{usage_of, usage_of_summary};
use inventar_analysis::words::{self, Role};
use inventar_analysis::{Extent, Seen, Sightings};
use inventar_plugin_sdk::{Answer, File, GapReason, Method, Usage};
use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::{Ranged, TextRange, TextSize};
use rustc_hash::{FxHashMap, FxHashSet};

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
    pub(crate) taken: FxHashSet<TextSize>,
    /// Where AI is in use: clients, models, endpoints.
    pub(crate) busy: Vec<TextRange>,
    /// Where a model is told something by the system.
    pub(crate) told: Vec<TextRange>,
    /// Users' messages that are prompts where the system tells nothing.
    pub(crate) asked: Vec<(Found<'a>, ScopeId, &'static str)>,
    /// What must be asked of other files.
    pub(crate) pending: Vec<crate::share::Pending>,
    /// The functions that are in no other function, in order.
    pub(crate) bodies: Vec<TextRange>,
    /// Examples in schemas: `Field(examples=[…])`.
    samples: Vec<TextRange>,
    /// The packages seen, each with its strongest usage.
    pub(crate) packages: FxHashMap<&'static str, Usage>,
    /// Top modules that could be the project's own and are a library's, by what is imported from them.
    pub(crate) common: Vec<&'a str>,
    paths: FxHashMap<TextRange, Option<String>>,
    /// What calls made: the key of the asset.
    pub(crate) made: FxHashMap<TextRange, String>,
}

impl<'f, 'm, 'a> Look<'f, 'm, 'a> {
    /// Reads all tables of a module.
    pub(crate) fn at(file: &'f File, module: &'m Module<'a>, about: Option<&str>) -> Answer {
        let mut look = Self {
            flow: Flow::new(module),
            out: Sightings::new(file),
            usage: usage_of(&file.path).at_most(about.map_or(Usage::Runtime, usage_of_summary)),
            ai: false,
            taken: FxHashSet::default(),
            busy: vec![],
            told: vec![],
            asked: vec![],
            pending: vec![],
            bodies: bodies(module),
            samples: samples(module),
            packages: FxHashMap::default(),
            common: vec![],
            paths: FxHashMap::default(),
            made: FxHashMap::default(),
        };
        look.imports();
        look.classes();
        look.functions();
        look.calls();
        look.dicts();
        look.pairs();
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

    /// Whether a place is in an example that a schema shows.
    pub(crate) fn is_sample(&self, at: TextRange) -> bool {
        self.samples.iter().any(|sample| sample.contains_range(at))
    }

    pub(crate) fn module(&self) -> &'m Module<'a> {
        self.flow.module
    }

    /// A place, as seen by a parser or, when names were followed, by flow.
    pub(crate) fn seen(&self, at: TextRange, rule: &'static str, hops: u8, confidence: u8) -> Seen {
        let method = if hops == 0 { Method::Parsed } else { Method::Flow };
        Seen { at: extent(at), rule, method, usage: self.usage, confidence }
    }

    /// The path of what a call calls.
    pub(crate) fn path_of(&mut self, call: &'a ast::ExprCall, scope: ScopeId) -> Option<String> {
        if let Some(path) = self.paths.get(&call.func.range()) {
            return path.clone();
        }
        let path = self.flow.path(&call.func, scope);
        self.paths.insert(call.func.range(), path.clone());
        path
    }

    /// Whether a place is in the body of a function.
    pub(crate) fn is_in_function(&self, at: TextRange) -> bool {
        self.body_around(at).is_some()
    }

    fn body_around(&self, at: TextRange) -> Option<TextRange> {
        let before = self.bodies.partition_point(|body| body.start() <= at.start());
        let body = *self.bodies.get(before.checked_sub(1)?)?;
        body.contains_range(at).then_some(body)
    }

    /// Whether a model is told something by the system in the function around a place.
    pub(crate) fn is_told(&self, at: TextRange) -> bool {
        let body = self.body_around(at);
        body.is_some_and(|body| self.told.iter().any(|told| body.contains_range(*told)))
    }

    /// A name for what a call makes: what it is assigned to, else the function around it.
    pub(crate) fn name_of(&self, call: &ast::ExprCall, scope: ScopeId) -> Option<&'a str> {
        if let Some(target) = self.module().targets.get(&call.range()) {
            return Some(target);
        }
        let function = self.module().function_of(scope)?;
        Some(&self.module().functions[function as usize].node.name.id)
    }

    fn calls(&mut self) {
        let module = self.module();
        for call in &module.calls {
            let (node, scope) = (call.node, call.scope);
            let last = last_part(&node.func).unwrap_or_default();
            let known = rules::is_known_name(last);
            let worded = node.arguments.keywords.iter().any(|keyword| match &keyword.arg {
                Some(name) => words::role(name).is_some(),
                None => true,
            });
            if known || worded {
                let path = self.path_of(node, scope);
                let ai = path.as_deref().is_some_and(|path| self.is_ai(path));
                // A framework that nobody has listed; a class of this file says itself what it is.
                let is_imported = path.as_deref().is_some_and(|path| path.contains('.'));
                let unlisted = !ai && is_imported && is_given_as_agent(last, node);
                let ai = ai || unlisted;
                if known
                    && let Some(path) = &path
                    && !self.is_perhaps_own(path)
                    && let Some(rule) = rules::rule(path)
                {
                    self.make(rule, path, node, scope);
                }
                if unlisted && !self.made.contains_key(&node.range()) {
                    self.agent(path.as_deref().unwrap_or_default(), node, scope, false);
                }
                self.arguments(node, scope, path.as_deref(), ai);
                if self.made.get(&node.range()).is_some_and(|key| key.starts_with("agent:"))
                    && let Some((prompt, of)) = self.flow.keyword(node, scope, "prompt")
                {
                    // An agent's prompt is what it is told before every conversation.
                    self.prompt(prompt, of, "system", "system-prompt");
                }
                if ai {
                    self.busy.push(node.range());
                }
            }
            self.service_call(node, scope, last);
            self.http_call(node, scope, last);
            self.constructs(node, scope, last);
            self.registered_tool(node, scope, last);
            self.appended_tool(node, scope, last);
            self.bound_tools(node, scope, last);
        }
    }

    /// What a call of a known library makes.
    fn make(&mut self, rule: &'static Rule, path: &str, call: &'a ast::ExprCall, scope: ScopeId) {
        let first = call.arguments.args.first();
        match rule.makes {
            Makes::Agent => self.agent(path, call, scope, rule.first == First::Name),
            Makes::AgentAround(keyword) => {
                let inner =
                    self.flow.keyword(call, scope, keyword).or_else(|| first.map(|first| (first, scope)));
                if !inner.is_some_and(|(inner, scope)| self.is_made(inner, scope)) {
                    self.agent(path, call, scope, false);
                }
            }
            Makes::Tool => self.tool_object(path, call, scope, rule.first == First::Function),
            Makes::VectorStore => self.store(path, call, scope),
            Makes::Dataset => self.dataset(call, scope),
            Makes::McpServer => self.mcp_server(path, call, scope),
            Makes::McpClient => self.mcp_client(path, call, scope),
            Makes::Guardrail => self.plain("guardrail", "guardrail", path, call, scope),
            Makes::Training => self.plain("training-run", "training", path, call, scope),
            Makes::Evaluation => self.plain("evaluation", "evaluation", path, call, scope),
            Makes::Prompt(keyword) => {
                let value =
                    self.flow.keyword(call, scope, keyword).or_else(|| first.map(|first| (first, scope)));
                if let Some((value, scope)) = value {
                    let role = if rule.last.starts_with("System") { "system" } else { "template" };
                    self.prompt(value, scope, role, "prompt-template");
                }
            }
            Makes::HubPrompt => self.hub_prompt(call, scope),
            // No library of Python makes these.
            Makes::AgentLoop | Makes::Flow | Makes::NamedPrompt => {}
            Makes::Plain => {}
        }
        match rule.first {
            First::Model if repository(call).is_some_and(|kind| kind != "model") => {
                if repository(call) == Some("dataset") {
                    self.dataset(call, scope);
                }
            }
            First::Model => {
                if let Some(first) = first.filter(|first| !first.is_starred_expr()) {
                    self.model_value(first, scope, true, path, None);
                }
            }
            First::SecondModel => {
                if let Some(second) = call.arguments.args.get(1) {
                    self.model_value(second, scope, true, path, None);
                }
            }
            First::Url => {
                if let Some(first) = first {
                    self.endpoint_value(first, scope, true, Some(path));
                }
            }
            First::Nothing | First::Name | First::Function => {}
        }
    }

    /// The keyword arguments of a call, by their words.
    fn arguments(&mut self, call: &'a ast::ExprCall, scope: ScopeId, path: Option<&str>, ai: bool) {
        for (name, value, of) in self.flow.keywords(call, scope) {
            let Some(role) = words::role(name) else { continue };
            match role {
                // The name in a registry, not that of a model of the library.
                Role::Model if name == "registered_model_name" => {}
                Role::Model if name == "repo_id" && repository(call).is_some_and(|kind| kind != "model") => {}
                Role::Model => self.model_value(value, of, ai, path.unwrap_or_default(), Some(name)),
                Role::Models => {
                    for (item, of) in self.flow.elements(value, of) {
                        self.model_value(item, of, ai, path.unwrap_or_default(), Some(name));
                    }
                }
                Role::Url if path.is_some_and(reads_pages) => {}
                Role::Url if ai || words::is_strong_url(name) => self.endpoint_value(value, of, ai, path),
                Role::Key if ai || name == "api_key" => self.key_value(value, of, ai),
                Role::System if ai || words::is_strong_system(name) || self.ai && makes_agent(call) => {
                    self.prompt(value, of, "system", "system-prompt");
                }
                Role::Template if ai => {
                    self.template(value, of, "prompt-argument");
                    if name == "prompt" {
                        self.whole_prompt(value, of);
                    }
                }
                Role::Tools if ai || self.ai => self.tools(value, of, call),
                _ => {}
            }
        }
    }

    /// Whether a path leads into a library of the catalogue.
    pub(crate) fn is_ai(&self, path: &str) -> bool {
        !path.starts_with('.')
            && (inventar_catalogue::import("python", path).is_some() || self.is_common(path))
    }

    fn is_common(&self, path: &str) -> bool {
        let top = path.split('.').next().unwrap_or(path);
        self.common.contains(&top)
    }

    /// A module whose name a library has too, and nothing here says that it is the library.
    fn is_perhaps_own(&self, path: &str) -> bool {
        let top = path.split('.').next().unwrap_or(path);
        inventar_catalogue::import("python", path).is_none()
            && !self.common.contains(&top)
            && inventar_catalogue::common_imports("python", path).next().is_some()
    }

    /// Whether an expression is something that a call in this file made.
    pub(crate) fn is_made(&self, expr: &'a Expr, scope: ScopeId) -> bool {
        !self.made_by(expr, scope).is_empty()
    }

    /// The keys of the assets that calls in this file made and that may stand at an expression.
    pub(crate) fn made_by(&self, expr: &'a Expr, scope: ScopeId) -> Vec<String> {
        let found = self.flow.values(expr, scope);
        found.iter().filter_map(|found| self.made.get(&found.at)).cloned().collect()
    }

    /// Remembers what must be asked of another file.
    pub(crate) fn ask(
        &mut self,
        found: &Found<'a>,
        sink: inventar_analysis::link::Sink,
        at: TextRange,
        owner: Option<String>,
    ) {
        if let crate::flow::Value::Foreign(import, rest) = &found.value
            && self.pending.len() < 200
        {
            // A list has a name and is handed on: each of its members is asked for once.
            let is_same = |asked: &crate::share::Pending| {
                (asked.at, asked.import, &asked.rest, asked.sink.word()) == (at, *import, rest, sink.word())
            };
            let is_asked = owner.is_none() && self.pending.iter().any(is_same);
            if !is_asked {
                let pending = crate::share::Pending { sink, import: *import, rest: rest.clone(), at, owner };
                self.pending.push(pending);
            }
        }
    }
}

/// `create_triage_agent(instructions=…)`: the project's own way to make an agent.
fn makes_agent(call: &ast::ExprCall) -> bool {
    last_part(&call.func).is_some_and(|last| last.to_ascii_lowercase().contains("agent"))
}

/// What a hub's repository holds, where a call says so: `snapshot_download("a/b", repo_type="dataset")`.
fn repository(call: &ast::ExprCall) -> Option<&str> {
    let kind = call.arguments.find_keyword("repo_type")?;
    Some(kind.value.as_string_literal_expr()?.value.to_str())
}

/// What reads pages takes the URLs of pages (`WebBaseLoader`, `WebsiteSearchTool`), a part of a message those of images.
fn reads_pages(path: &str) -> bool {
    const ENDS: &[&str] = &[
        "Loader",
        "Reader",
        "Scraper",
        "Crawler",
        "SearchTool",
        "Block",
        "Content",
        "Part",
        "Image",
        "ImageUrl",
        "Document",
        "Citation",
        "Source",
    ];
    let mut parts = path.rsplit('.');
    let last = parts.next().unwrap_or(path);
    ENDS.iter().any(|end| last.ends_with(end))
        // `AsyncWebCrawler().arun(url=…)`, `Firecrawl().scrape(url=…)`.
        || parts.next().is_some_and(|class| class.ends_with("Crawler") || class.ends_with("Scraper"))
        || ["scrape", "crawl"].iter().any(|start| last.starts_with(start))
}

/// The place of a node, as the collector takes it.
pub(crate) fn extent(at: TextRange) -> Extent {
    Extent::new(at.start().into(), at.end().into())
}

fn bodies(module: &Module<'_>) -> Vec<TextRange> {
    let outermost = |outer: ScopeId| {
        let mut scope = Some(outer);
        while let Some(at) = scope {
            if matches!(module.scopes[at as usize].kind, ScopeKind::Function(_)) {
                return false;
            }
            scope = module.scopes[at as usize].parent;
        }
        true
    };
    let mut bodies: Vec<TextRange> = module
        .functions
        .iter()
        .filter(|function| outermost(function.outer))
        .map(|function| function.node.range())
        .collect();
    bodies.sort_by_key(|body| body.start());
    bodies
}

fn samples(module: &Module<'_>) -> Vec<TextRange> {
    const NAMES: &[&str] = &["examples", "example", "json_schema_extra", "openapi_examples", "schema_extra"];
    let named = module.slots.iter().filter(|slot| NAMES.contains(&slot.name));
    named.map(|slot| slot.value.range()).take(200).collect()
}

/// `Agent(name=…, instructions=…, functions=[…])`: told what it is, and given a name, a model or tools; or described and
/// given tools.
fn is_given_as_agent(last: &str, call: &ast::ExprCall) -> bool {
    const TOLD: &[&str] = &["instructions", "system_prompt", "system_message", "backstory", "instruction"];
    const GIVEN: &[&str] = &["name", "role", "model", "llm", "tools", "functions", "handoffs"];
    let has = |words: &[&str]| {
        let mut keywords = call.arguments.keywords.iter().filter_map(|keyword| keyword.arg.as_ref());
        keywords.any(|name| words.contains(&name.as_str()))
    };
    let is_described = has(&["description"]) && has(&["tools", "functions"]);
    last.ends_with("Agent")
        && last.starts_with(|c: char| c.is_ascii_uppercase())
        && (has(TOLD) && has(GIVEN) || is_described)
}
