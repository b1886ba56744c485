//! The state of one file while it is read, and the order in which that happens.

mod agents;
mod endpoints;
mod functions;
mod imports;
mod made;
mod marks;
mod messages;
mod models;
mod own;
mod prompts;
mod secrets;
mod slots;
mod spoken;

use crate::flow::{Flow, Target};
use crate::language::Language;
use crate::outline::{Call, Declares, Form, Outline, Range};
use crate::rules::{Dialect, Rule};
use inventar_analysis::words::{self, Role};
use inventar_analysis::{Extent, Seen, Sightings};
use inventar_plugin_sdk::{Answer, File, GapReason, Method, Usage};
use rustc_hash::{FxHashMap, FxHashSet};
use std::rc::Rc;

/// What a source file says.
pub fn inspect(file: &File, language: &'static Language, dialect: &'static Dialect) -> Answer {
    let mut answer = Answer::default();
    let Some(bytes) = file.bytes() else {
        let detail = "source files of this size are generated; not read";
        answer.gap(&file.path, GapReason::TooLarge(file.size()), detail);
        return answer;
    };
    let Some(text) = file.text() else {
        // Latin-1 in a comment is no reason to leave the code unread: bytes keep their places.
        let start = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        if bytes.contains(&0) {
            answer.gap(&file.path, GapReason::Unsupported("not UTF-8".to_owned()), "save it as UTF-8");
            return answer;
        }
        let text: String =
            bytes[start..].iter().map(|byte| if byte.is_ascii() { char::from(*byte) } else { '?' }).collect();
        return Look::at(file, &Outline::of(&text, language), dialect);
    };
    Look::at(file, &Outline::of(text, language), dialect)
}

#[derive(Debug)]
struct Look<'f, 'o, 't> {
    flow: Flow<'o, 't>,
    out: Sightings<'f>,
    dialect: &'static Dialect,
    /// What the file's place says about everything in it.
    usage: Usage,
    /// The file is called prompts.
    holds_prompts: bool,
    /// The file imports an AI library.
    ai: bool,
    /// Strings that are reported for what they are used for, by their first byte.
    taken: FxHashSet<u32>,
    /// Where AI is in use.
    busy: Vec<Extent>,
    /// Whether a text of the file names a model, once that was asked.
    speaks: Option<bool>,
    /// What calls made: the key of the asset.
    made: FxHashMap<u32, String>,
    /// What declarations are: the key of the asset.
    declared: FxHashMap<u32, String>,
    /// What the declarations of a name, or inside a type of that name, are.
    by_name: FxHashMap<&'t str, Vec<String>>,
    /// The roles of names that were asked for.
    roles: FxHashMap<&'t str, Option<(Role, String)>>,
    /// Where something was given a model, prompt or tool: the token, and what it is.
    given: Vec<(u32, String)>,
    /// The calls of each chain behind its first.
    chains: FxHashMap<u32, Vec<u32>>,
    targets: FxHashMap<u32, Option<Rc<Target>>>,
    rooted: FxHashMap<&'static str, bool>,
    /// The name that a value starting at a token is given to.
    assigned: FxHashMap<u32, u32>,
    /// The name that a value starting at a token is a constant or variable of.
    bound: FxHashMap<u32, u32>,
    /// Where a vector database is reached by its address, and whose it is.
    databases: Vec<(&'static str, Seen)>,
    /// The packages seen, each with its strongest usage.
    packages: FxHashMap<String, Usage>,
    /// Declarations that are there for tests, as tokens.
    tests: Vec<Range>,
}

impl<'f, 'o, 't> Look<'f, 'o, 't> {
    fn at(file: &'f File, outline: &'o Outline<'t>, dialect: &'static Dialect) -> Answer {
        let mut chains: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
        for (id, call) in outline.calls.iter().enumerate() {
            if call.receiver.is_some() {
                chains.entry(call.root).or_default().push(id as u32);
            }
        }
        let assigned = outline.slots.iter().map(|slot| (slot.value.0, slot.name)).collect();
        let bound =
            outline.bindings.iter().filter_map(|binding| Some((binding.value?.0, binding.name))).collect();
        let tests = outline
            .declarations
            .iter()
            .filter(|declaration| declaration.declares == Declares::Tests)
            .map(|declaration| (declaration.keyword, declaration.body.1))
            .collect();
        let mut look = Look {
            flow: Flow::new(outline),
            out: Sightings::new(file),
            dialect,
            usage: usage_of(&file.path),
            holds_prompts: is_called_prompts(&file.path),
            ai: false,
            taken: FxHashSet::default(),
            busy: vec![],
            speaks: None,
            made: FxHashMap::default(),
            declared: FxHashMap::default(),
            by_name: FxHashMap::default(),
            roles: FxHashMap::default(),
            given: vec![],
            chains,
            targets: FxHashMap::default(),
            rooted: FxHashMap::default(),
            assigned,
            bound,
            databases: vec![],
            packages: FxHashMap::default(),
            tests,
        };
        look.imports();
        look.marks();
        look.bases();
        look.calls();
        look.slots();
        look.schema_tables();
        look.messages();
        look.constants();
        look.prompt_functions();
        look.literals();
        look.secrets();
        look.stores_by_type();
        look.databases();
        look.own_stores();
        look.own_agents();
        look.own_tools();
        look.tools_of_base();
        look.described_tools();
        look.edges();
        if look.flow.is_exhausted() {
            let reason = GapReason::Unsupported("a file of this many expressions".to_owned());
            look.out.answer().gap(
                &file.path,
                reason,
                "read in part: the rest of its values was not followed",
            );
        }
        look.out.finish()
    }

    fn outline(&self) -> &'o Outline<'t> {
        self.flow.outline
    }

    /// Whether AI is at work in the file: a library of it, a model, or a prompt.
    fn speaks_of_ai(&self) -> bool {
        self.ai || !self.busy.is_empty() || self.out.assets().iter().any(|asset| asset.kind == "prompt")
    }

    fn call(&self, id: u32) -> &'o Call {
        &self.outline().calls[id as usize]
    }

    fn extent(&self, first: u32, last: u32) -> Extent {
        let (start, end) = self.outline().tokens.bytes(first, last);
        Extent::new(start, end)
    }

    /// The call with its path, without its arguments.
    fn callee_extent(&self, call: &Call) -> Extent {
        let first = if call.form == Form::Mark { call.first } else { call.first.max(call.start) };
        self.extent(first.min(call.name), call.name)
    }

    fn usage_at(&self, at: Extent) -> Usage {
        if self.usage < Usage::Test && !self.tests.is_empty() {
            let tokens = &self.outline().tokens;
            let inside = self.tests.iter().take(64).any(|(first, last)| {
                let (start, end) = tokens.bytes(*first, *last);
                start <= at.start && at.end <= end
            });
            if inside {
                return self.usage.at_most(Usage::Test);
            }
        }
        self.usage
    }

    /// A place, as it stands there and where it is used.
    fn seen_from(&self, at: Extent, place: u32, rule: &'static str, hops: u8, confidence: u8) -> Seen {
        let seen = self.seen(at, rule, hops, confidence);
        if hops == 0 {
            return seen;
        }
        Seen { usage: seen.usage.at_most(self.usage_at(self.extent(place, place))), ..seen }
    }

    /// A place, as read or, when names were followed, by flow.
    fn seen(&self, at: Extent, rule: &'static str, hops: u8, confidence: u8) -> Seen {
        let method = if hops == 0 { Method::Parsed } else { Method::Flow };
        Seen { at, rule, method, usage: self.usage_at(at), confidence }
    }

    /// What the first call of a call's chain leads to.
    fn target(&mut self, id: u32) -> Option<Rc<Target>> {
        let root = self.call(id).root;
        if let Some(known) = self.targets.get(&root) {
            return known.clone();
        }
        let call = self.call(root);
        let words = self.outline().path(call);
        let target = self.flow.target(&words, call.first).map(Rc::new);
        self.targets.insert(root, target.clone());
        target
    }

    /// Whether a path of imports leads to one of the roots.
    fn is_rooted(roots: &str, path: &str) -> bool {
        let path = path.as_bytes();
        roots.as_bytes().split(|byte| *byte == b'|').any(|root| {
            let Some(first) = root.first() else { return true };
            let within_word = |at: usize| {
                at.checked_sub(1).is_some_and(|before| path[before].is_ascii_lowercase())
                    && first.is_ascii_lowercase()
            };
            (0..(path.len() + 1).saturating_sub(root.len()))
                .any(|at| path[at] == *first && path[at..].starts_with(root) && !within_word(at))
        })
    }

    /// Whether the file imports one of the roots.
    fn imports_root(&mut self, roots: &'static str) -> bool {
        if roots.is_empty() {
            return true;
        }
        if let Some(known) = self.rooted.get(roots) {
            return *known;
        }
        let outline = self.outline();
        let known = outline.imports.iter().take(500).any(|import| Self::is_rooted(roots, &import.path));
        self.rooted.insert(roots, known);
        known
    }

    /// The rule for a call.
    fn rule(&mut self, id: u32) -> Option<&'static Rule> {
        let call = self.call(id);
        let name = self.made_type(call);
        let rules = self.dialect.rules(name);
        if rules.is_empty() {
            return None;
        }
        let target = self.target(id);
        // `prompt("id") { system("…") }`: the block's own words.
        let around = match call.inside {
            Some(around) if target.is_none() && call.receiver.is_none() && call.first == call.name => {
                self.target(around)
            }
            _ => None,
        };
        rules.iter().find(|rule| match &target {
            _ if rule.roots.is_empty() => true,
            Some(target) => {
                Self::is_rooted(rule.roots, &target.module) || Self::is_rooted(rule.roots, &target.rest)
            }
            None => {
                let path = self.flow.outline.path(self.flow.outline.calls.get(id as usize).unwrap_or(call));
                let own = path.len() == 1
                    && call.receiver.is_none()
                    && self.flow.outline.declaration(path[0]).is_some();
                // `new` and `from` say nothing without what is in front.
                !own && (Self::is_rooted(rule.roots, &path.join("."))
                    || around.as_ref().is_some_and(|around| Self::is_rooted(rule.roots, &around.module))
                    || !is_common(rule.name) && self.imports_root(rule.roots)
                    || self.outline().language().name == "csharp"
                        && is_telling(rule.name)
                        && !Self::is_rooted(rule.roots, &self.outline().package))
            }
        })
    }

    /// The last name of what a call calls; of C#'s `new(…)` the type that its place has.
    fn made_type(&self, call: &Call) -> &'t str {
        let outline = self.outline();
        let name = outline.name(call);
        if name != "new" || call.form != Form::New {
            return name;
        }
        let typed = self
            .assigned
            .get(&call.start)
            .and_then(|holder| outline.binding(outline.tokens.text(*holder), call.start))
            .and_then(|binding| self.flow.type_words(binding.typed?));
        typed.and_then(|words| words.last().copied()).unwrap_or(name)
    }

    /// Whether a call leads into a library of the catalogue; none when that cannot be told.
    fn is_ai(&mut self, id: u32) -> Option<bool> {
        match self.target(id) {
            Some(target) => Some(self.flow.is_listed(&target.module)),
            None => {
                let root = self.call(id).root;
                (self.rule(root).is_some() || self.rule(id).is_some()).then_some(true)
            }
        }
    }

    /// The name of the package that a call comes from.
    fn framework(&mut self, id: u32, rule: Option<&Rule>) -> Option<&'static str> {
        if let Some(target) = self.target(id) {
            return self.flow.package(&target.module).map(|package| package.name);
        }
        let roots = rule?.roots;
        let outline = self.outline();
        // The roots are in the order of how much they say.
        let import = roots.split('|').find_map(|root| {
            outline.imports.iter().take(500).find(|import| Self::is_rooted(root, &import.path))
        })?;
        self.flow.package(&import.path).map(|package| package.name)
    }

    /// Every call: what it makes, and what it is given.
    fn calls(&mut self) {
        let outline = self.outline();
        for id in 0..outline.calls.len() as u32 {
            let call = &outline.calls[id as usize];
            if call.form == Form::Mark {
                self.option_mark(id);
                continue;
            }
            if let Some(rule) = self.rule(id) {
                self.make(rule, id);
                let at = self.extent(call.start, call.close);
                self.busy.push(at);
            }
            if !self.made.contains_key(&id) {
                self.store_by_name(id);
                self.agent_by_name(id);
                self.prompt_by_name(id);
                self.own_client(id);
            }
            if !self.made.contains_key(&id) {
                self.tool_by_name(id);
            }
            self.http_call(id);
            self.asked(id);
            self.pair(id);
            self.message_pair(id);
            self.own_message(id);
            self.system_call(id);
        }
    }

    /// What the chain, the literal or the arguments of a call give a name: `.name("x")`, `Name: "x"`, `name = "x"`.
    fn named(&self, id: u32, names: &[&str]) -> Option<Range> {
        let outline = self.outline();
        let call = self.call(id);
        for (name, value) in outline.arguments(call) {
            if name.is_some_and(|name| is_one_of(outline.tokens.text(name), names)) {
                return Some(value);
            }
        }
        let mut chain = self.chains.get(&call.root).into_iter().flatten().take(200);
        if let Some(found) = chain.find_map(|other| {
            let other = &outline.calls[*other as usize];
            let first = outline.arguments(other).first().map(|(_, value)| *value)?;
            is_one_of(outline.name(other), names).then_some(first)
        }) {
            return Some(found);
        }
        let from = outline.slots.partition_point(|slot| slot.name < call.open);
        let own = |nested: bool| {
            outline.slots[from..].iter().take(64).take_while(|slot| slot.name < call.close).find(|slot| {
                (slot.owner == Some(id) || nested)
                    && is_one_of(outline.tokens.text(slot.name).trim_matches('"'), names)
            })
        };
        own(false).or_else(|| own(true)).map(|slot| slot.value)
    }

    /// What an expression is assigned to, else the function around it.
    fn holder(&self, call: &Call) -> Option<&'t str> {
        let outline = self.outline();
        let tokens = &outline.tokens;
        let mut start = call.start;
        for _ in 0..3 {
            if let Some(name) = self.assigned.get(&start) {
                let name = tokens.text(*name).trim_matches('"');
                // `let result = client.agent(…).build().prompt(…)`: what came of it has the name.
                if is_outcome(name) {
                    break;
                }
                return Some(name);
            }
            if start > 0 && matches!(tokens.text(start - 1), "&" | "await" | "new" | "*") {
                start -= 1;
            } else {
                break;
            }
        }
        let function = outline.function(call.within)?;
        Some(tokens.text(function.name))
    }
}

/// Whether a name is that of what a call handed out, not of what made it.
fn is_outcome(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "_", "answer", "e", "err", "error", "ok", "out", "output", "reply", "res", "resp", "response",
        "result", "stream",
    ];
    NAMES.contains(&name)
}

/// Names that only AI libraries have: a project of .NET may import for all its files in one of them.
fn is_telling(name: &str) -> bool {
    const PARTS: &[&str] = &[
        "OpenAI",
        "ChatCompletion",
        "McpServer",
        "Ollama",
        "AIAgent",
        "Anthropic",
        "SystemChatMessage",
        "PromptStreaming",
    ];
    words::has_any(name, PARTS)
}

/// Names that any library may have.
fn is_common(name: &str) -> bool {
    matches!(
        name,
        "new"
            | "from"
            | "default"
            | "builder"
            | "create"
            | "content"
            | "system"
            | "model"
            | "connect"
            | "New"
            | "Create"
            | "start"
            | "Builder"
            | "sync"
            | "async"
            | "Tool"
            | "Prompt"
            | "Resource"
            | "function"
            | "from_documents"
            | "Initialize"
            | "Fit"
    )
}

/// Whether a name is one of those, also as `withName` or `setName`.
fn is_one_of(name: &str, names: &[&str]) -> bool {
    let short = ["with_", "with", "With", "set"]
        .iter()
        .find_map(|front| name.strip_prefix(front))
        .filter(|rest| !rest.is_empty());
    names.iter().any(|other| *other == name || short.is_some_and(|short| short.eq_ignore_ascii_case(other)))
}

/// `prompts.rs`, `ReviewPrompts.kt`, `prompts/mod.rs`: a file that prompts are kept in.
fn is_called_prompts(path: &str) -> bool {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = file.split('.').next().unwrap_or_default();
    let folder = folder.rsplit('/').next().unwrap_or_default();
    let is = |name: &str| {
        crate::names::words(name).last().is_some_and(|last| matches!(last.as_str(), "prompts" | "prompt"))
    };
    is(stem) || folder.eq_ignore_ascii_case("prompts")
}

/// What the place of a file says; below a source root the folders of JVM packages say nothing.
fn usage_of(path: &str) -> Usage {
    let mut path = path;
    let shorter: String;
    for root in ["src/main/java/", "src/main/kotlin/", "src/main/scala/", "src/main/groovy/"] {
        if let Some(at) = path.find(root) {
            let name = path.rsplit('/').next().unwrap_or(path);
            shorter = format!("{}{root}{name}", &path[..at]);
            path = &shorter;
            break;
        }
    }
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let within = |ends: &[&str]| folder.split('/').any(|folder| ends.iter().any(|end| folder.ends_with(end)));
    let by_folder = if within(&[
        "test_utils",
        "testutil",
        "testutils",
        "test-utils",
        "mocks",
        ".Tests",
        ".Test",
        "Tests",
        "-tests",
        "-test",
        "_test",
        ".IntegrationTests",
        ".UnitTests",
        "Test",
        "-benchmarks",
        ".Benchmarks",
    ]) {
        Usage::Test
    } else if within(&[
        "-examples",
        "-example",
        "-samples",
        "-sample",
        "Samples",
        ".Sample",
        "Examples",
        "-demo",
        "-demos",
        "Concepts",
        "GettingStarted",
        "getting-started",
        "-tutorials",
    ]) {
        Usage::Example
    } else {
        Usage::Runtime
    };
    inventar_analysis::place::usage_of(path).at_most(by_folder)
}
