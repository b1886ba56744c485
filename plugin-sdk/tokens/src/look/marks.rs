//! What marks and bases say of declarations: `@Tool`, `[KernelFunction]`, `#[tool]`, `impl Tool for X`.

use super::Look;
use crate::names;
use crate::outline::{Call, Declaration, Declares, Range};
use crate::rules::{Makes, MarkRule};
use crate::scan::Kind;
use inventar_plugin_sdk::Asset;

/// The roots of marks that an MCP server's framework collects by itself.
const SERVERS: &[&str] = &["io.quarkiverse.mcp", "io.micronaut.mcp"];

impl Look<'_, '_, '_> {
    /// Every declaration with marks.
    pub(super) fn marks(&mut self) {
        let outline = self.outline();
        for (id, declaration) in outline.declarations.iter().enumerate() {
            for mark in declaration.marks.0..declaration.marks.1.min(declaration.marks.0 + 16) {
                let mark = outline.marks[mark as usize];
                if let Some(rule) = self.mark_rule(mark) {
                    self.marked(rule, mark, id as u32, declaration);
                }
            }
        }
        // Texts in marks count wherever the mark stands.
        for mark in &outline.marks {
            if let Some(rule) = self.mark_rule(*mark) {
                self.mark_text(rule, *mark);
            }
        }
    }

    /// `[Description("…")] string Find([Description("…")] string name)`: what is described down to its parameters, and
    /// marked as nothing else, is read by a model; reflection hands it out from somewhere else.
    pub(super) fn described_tools(&mut self) {
        /// What describes methods to people as well.
        const SHOWN: &[&str] = &[
            "CommandLine",
            "ConsoleAppFramework",
            "DSharpPlus",
            "Discord",
            "GraphQL",
            "HotChocolate",
            "NetCord",
            "Spectre",
            "Swashbuckle",
        ];
        let outline = self.outline();
        if outline.language().name != "csharp"
            || outline
                .imports
                .iter()
                .take(500)
                .any(|import| SHOWN.iter().any(|shown| import.path.starts_with(shown)))
        {
            return;
        }
        let is_description = |mark: &u32| {
            let name = outline.name(self.call(*mark));
            matches!(name, "Description" | "DescriptionAttribute")
        };
        // Of each function with this mark alone, whether its parameters are described, or it has none.
        let described: Vec<(u32, bool, bool)> = outline
            .declarations
            .iter()
            .enumerate()
            .filter_map(|(id, function)| {
                let (from, to) = (function.marks.0 as usize, function.marks.1 as usize);
                let marks = outline.marks.get(from..to).filter(|marks| !marks.is_empty())?;
                let (open, close) = function.parameters?;
                let is_alone = function.declares == Declares::Function
                    && marks.iter().all(is_description)
                    && !self.declared.contains_key(&(id as u32));
                let mut inner =
                    outline.marks[to..].iter().take(32).take_while(|mark| self.call(**mark).first < close);
                let is_told = inner.any(|mark| is_description(mark) && self.call(*mark).first > open);
                is_alone.then_some((id as u32, is_told, close == open + 1))
            })
            .collect();
        let holders: Vec<Option<u32>> = described
            .iter()
            .filter(|(_, is_told, _)| *is_told)
            .map(|(id, ..)| outline.declarations[*id as usize].within)
            .collect();
        for (id, is_told, is_bare) in described {
            let function = &outline.declarations[id as usize];
            let name = outline.tokens.text(function.name);
            let key = format!("tool:{name}");
            if !(is_told || is_bare && holders.contains(&function.within)) || self.out.has(&key) {
                continue;
            }
            let confidence = if self.ai { 80 } else { 65 };
            let seen =
                self.seen(self.extent(function.name, function.name), "described-method", 0, confidence);
            let parameters = self.parameters(function);
            self.out.see(&key, seen, |key| {
                Asset::new(key, "tool", name)
                    .maybe("parameters", (!parameters.is_empty()).then_some(parameters))
            });
            self.declare(id, key);
        }
    }

    fn mark_rule(&mut self, mark: u32) -> Option<&'static MarkRule> {
        let outline = self.outline();
        let call = self.call(mark);
        let name = outline.name(call);
        let name = name.strip_suffix("Attribute").filter(|short| !short.is_empty()).unwrap_or(name);
        let start = self.dialect.marks.partition_point(|rule| rule.name < name);
        self.dialect.marks[start..].iter().take_while(|rule| rule.name == name).find(|rule| {
            rule.roots.is_empty()
                || match self.target(mark) {
                    Some(target) => Self::is_rooted(rule.roots, &target.module),
                    None => self.imports_root(rule.roots),
                }
        })
    }

    fn texts(&self, mark: &Call) -> Vec<(Option<u32>, Range)> {
        self.outline().arguments(mark)
    }

    fn mark_text(&mut self, rule: &MarkRule, mark: u32) {
        let role = match rule.makes {
            Makes::System => "system",
            Makes::Template => "template",
            _ => return,
        };
        let outline = self.outline();
        for (name, value) in self.texts(self.call(mark)) {
            if name.is_none_or(|name| {
                matches!(
                    outline.tokens.text(name),
                    "value" | "text" | "system" | "instructions" | "systemMessage"
                )
            }) {
                self.prompt_place(
                    value,
                    role,
                    if role == "system" { "system-message" } else { "user-message" },
                );
            }
        }
    }

    fn marked(&mut self, rule: &'static MarkRule, mark: u32, id: u32, declaration: &Declaration) {
        let outline = self.outline();
        let tokens = &outline.tokens;
        let call = self.call(mark);
        let arguments = self.texts(call);
        let named = arguments
            .iter()
            .find(|(name, _)| name.is_some_and(|name| matches!(tokens.text(name), "name" | "Name")));
        let first = arguments.iter().find(|(name, value)| {
            name.is_none() && value.1 == value.0 + 1 && tokens.kind(value.0) == Kind::Text
        });
        // LangChain4j's `@Tool("…")` describes.
        let first = first.filter(|_| !rule.roots.contains("langchain4j"));
        let given = match rule.makes {
            Makes::Tool | Makes::McpPrompt => named.or(first),
            Makes::McpResource => arguments
                .iter()
                .find(|(name, _)| {
                    name.is_some_and(|name| matches!(tokens.text(name), "uri" | "UriTemplate" | "Uri"))
                })
                .or(named)
                .or(first),
            _ => named,
        };
        let positional = given.is_some_and(|(name, _)| name.is_none());
        // A text with blanks describes.
        let given = given
            .and_then(|(_, value)| self.flow.first_text(*value))
            .filter(|name| is_name(name) && !(positional && name.contains(char::is_whitespace)));
        let is_function =
            declaration.declares == Declares::Function || declaration.declares == Declares::Tests;
        // A method that is an agent belongs to a type that is called like one.
        let holder = declaration.within.filter(|_| is_function && rule.makes == Makes::Agent);
        let named = holder.map_or(declaration.name, |holder| outline.declarations[holder as usize].name);
        // `#[derive(Tool)] #[tool(…)] struct RunTests`: Rust's type is the tool, and models call it in its snake case.
        let is_type = matches!(rule.makes, Makes::Tool) && tokens.is(declaration.keyword, "struct") && {
            outline.language().name == "rust"
        };
        let name = given.unwrap_or_else(|| match is_type {
            true => names::words(tokens.text(named)).join("_"),
            false => tokens.text(named).to_owned(),
        });
        match rule.makes {
            Makes::Tool if is_type => self.see_declared(id, "tool", &name, "tool-mark", mark, 95),
            Makes::Tool | Makes::McpPrompt | Makes::McpResource if !is_function => {
                // A class that only holds tools.
            }
            Makes::Tool => {
                self.see_declared(id, "tool", &name, "tool-mark", mark, 95);
                self.server_of(rule, mark, declaration);
            }
            Makes::McpPrompt => self.see_declared(id, "mcp-prompt", &name, "mcp-prompt", mark, 95),
            Makes::McpResource => self.see_declared(id, "mcp-resource", &name, "mcp-resource", mark, 95),
            Makes::McpServer => self.see_declared(id, "mcp-server", &name, "mcp-server", mark, 90),
            Makes::Agent => self.see_declared(id, "agent", &name, "agent-mark", mark, 90),
            Makes::Guardrail => self.see_declared(id, "guardrail", &name, "guardrail", mark, 85),
            _ => {}
        }
    }

    /// A library whose marks alone make a server: no call names it, so it is called like its module.
    fn server_of(&mut self, rule: &'static MarkRule, mark: u32, declaration: &Declaration) {
        let Some(holder) = declaration.within.filter(|_| SERVERS.contains(&rule.roots)) else { return };
        let name = self.place_name();
        let key = format!("mcp-server:{name}");
        let framework = self.target(mark).and_then(|target| self.flow.package(&target.module));
        let framework = framework.map(|package| package.name);
        let holder = self.outline().declarations[holder as usize].name;
        let seen = self.seen(self.extent(holder, holder), "mcp-server", 0, 80);
        if !self.out.has(&key) {
            self.out
                .see(&key, seen, |key| Asset::new(key, "mcp-server", &name).maybe("framework", framework));
        }
    }

    fn see_declared(
        &mut self,
        id: u32,
        kind: &'static str,
        name: &str,
        rule: &'static str,
        mark: u32,
        confidence: u8,
    ) {
        let outline = self.outline();
        let declaration = &outline.declarations[id as usize];
        if self.declared.contains_key(&id) {
            return;
        }
        let framework = match self.target(mark) {
            Some(target) => self.flow.package(&target.module).map(|package| package.name),
            None => {
                let roots = self.mark_rule(mark).map(|rule| rule.roots).unwrap_or_default();
                let import = outline
                    .imports
                    .iter()
                    .take(500)
                    .find(|import| !roots.is_empty() && Self::is_rooted(roots, &import.path));
                import.and_then(|import| self.flow.package(&import.path)).map(|package| package.name)
            }
        };
        let at = self.extent(declaration.name, declaration.name);
        let seen = self.seen(at, rule, 0, confidence);
        let key = format!("{kind}:{name}");
        let handler = tokens_text(self, declaration.name);
        let parameters = self.parameters(declaration);
        self.out.see(&key, seen, |key| {
            let asset = Asset::new(key, kind, name).maybe("framework", framework);
            let asset =
                asset.maybe("parameters", (!parameters.is_empty() && kind == "tool").then_some(parameters));
            asset.maybe("handler", (handler != name).then_some(handler))
        });
        self.declare(id, key);
    }

    /// Remembers what a declaration is, by its place, its name and the name of the type it is in.
    pub(super) fn declare(&mut self, id: u32, key: String) {
        let outline = self.outline();
        let declaration = &outline.declarations[id as usize];
        let around = declaration.within.map(|around| outline.declarations[around as usize].name);
        for name in [Some(declaration.name), around].into_iter().flatten() {
            self.by_name.entry(outline.tokens.text(name)).or_default().push(key.clone());
        }
        self.declared.insert(id, key);
    }

    fn parameters(&self, declaration: &Declaration) -> Vec<String> {
        let outline = self.outline();
        let Some((open, close)) = declaration.parameters else { return vec![] };
        let from = outline
            .bindings
            .iter()
            .take(20_000)
            .filter(|binding| binding.name > open && binding.name < close);
        from.take(32)
            .map(|binding| outline.tokens.text(binding.name).to_owned())
            .filter(|name| {
                !matches!(
                    name.as_str(),
                    "self" | "ctx" | "context" | "cancellationToken" | "kernel" | "toolContext"
                )
            })
            .collect()
    }

    /// Types by what they extend or implement.
    pub(super) fn bases(&mut self) {
        let outline = self.outline();
        for (id, declaration) in outline.declarations.iter().enumerate() {
            let is_bound = matches!(outline.tokens.text(declaration.keyword), "trait" | "interface")
                || outline.tokens.text(declaration.name).len() == 1;
            if is_bound || declaration.declares != Declares::Type || self.declared.contains_key(&(id as u32))
            {
                continue;
            }
            for base in outline.bases(declaration) {
                self.base(id as u32, base);
            }
        }
    }

    fn base(&mut self, id: u32, at: u32) {
        let outline = self.outline();
        let tokens = &outline.tokens;
        let name = tokens.text(at);
        let start = self.dialect.bases.partition_point(|rule| rule.name < name);
        for rule in self.dialect.bases[start..].iter().take_while(|rule| rule.name == name) {
            let mut first = at;
            while first > 1 && matches!(tokens.text(first - 1), "." | "::") && tokens.is_word(first - 2) {
                first -= 2;
            }
            let words = outline.words((first, at + 1));
            let target = self.flow.target(&words, at);
            let fits = match &target {
                Some(target) => {
                    Self::is_rooted(rule.roots, &target.module) || Self::is_rooted(rule.roots, &target.rest)
                }
                None => rule.roots.is_empty() || self.imports_root(rule.roots),
            };
            if !fits {
                continue;
            }
            let declaration = &outline.declarations[id as usize];
            let framework =
                target.and_then(|target| self.flow.package(&target.module)).map(|package| package.name);
            let (kind, rule_name) = match rule.makes {
                Makes::Tool => ("tool", "tool-class"),
                Makes::Agent => ("agent", "agent-class"),
                Makes::McpServer => ("mcp-server", "mcp-server"),
                Makes::McpClient => ("mcp-client", "mcp-client"),
                Makes::Guardrail => ("guardrail", "guardrail"),
                Makes::Store => ("vector-store", "vector-store-class"),
                _ => continue,
            };
            let name =
                self.own_name(declaration, kind).unwrap_or_else(|| tokens.text(declaration.name).to_owned());
            let place = self.extent(declaration.name, declaration.name);
            let seen = self.seen(place, rule_name, 0, 90);
            let key = format!("{kind}:{name}");
            self.out.see(&key, seen, |key| Asset::new(key, kind, &name).maybe("framework", framework));
            self.declare(id, key);
            return;
        }
    }

    /// `const NAME: &str = "add";`, `override val name = "add"`: what a tool's type calls itself.
    fn own_name(&self, declaration: &Declaration, kind: &str) -> Option<String> {
        if kind != "tool" {
            return None;
        }
        let outline = self.outline();
        let (open, close) = declaration.body;
        for name in ["NAME", "name", "Name"] {
            let found = outline
                .slots
                .iter()
                .skip_while(|slot| slot.name < open)
                .take(40)
                .take_while(|slot| slot.name < close)
                .find(|slot| outline.tokens.is(slot.name, name));
            if let Some(text) =
                found.and_then(|slot| self.flow.first_text(slot.value)).filter(|text| is_name(text))
            {
                return Some(text);
            }
        }
        None
    }
}

fn tokens_text<'t>(look: &Look<'_, '_, 't>, at: u32) -> &'t str {
    look.outline().tokens.text(at)
}

/// Names of tools are words, often with hyphens; descriptions are not.
pub(super) fn is_name(name: &str) -> bool {
    (1..=100).contains(&name.len())
        && !name.contains('\n')
        && name.split_whitespace().count() <= 5
        && name.bytes().any(|byte| byte.is_ascii_alphabetic())
}
