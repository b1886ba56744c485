//! This project's own agents, and the edges between what was seen.

use super::Look;
use super::marks::is_name;
use crate::outline::{Declaration, Declares};
use inventar_analysis::Extent;
use inventar_plugin_sdk::{Asset, Value};

impl Look<'_, '_, '_> {
    /// A type that is called an agent, where a model is at work.
    pub(super) fn own_agents(&mut self) {
        let outline = self.outline();
        let is_at_work = self.ai && !self.busy.is_empty();
        let prompts = self.out.assets().iter().filter(|asset| !is_at_work && asset.kind == "prompt");
        let texts: Vec<Extent> = prompts.filter_map(place).collect();
        if !is_at_work && texts.is_empty() {
            return;
        }
        for (id, declaration) in outline.declarations.iter().enumerate() {
            let name = outline.tokens.text(declaration.name);
            let keyword = outline.tokens.text(declaration.keyword);
            if declaration.declares != Declares::Type
                || !is_agent_name(name)
                || self.declared.contains_key(&(id as u32))
                || matches!(keyword, "impl" | "interface" | "trait" | "mod" | "namespace" | "enum")
            {
                continue;
            }
            let (first, last) = self.declaration_extent(id as u32);
            let around = self.extent(first, last.saturating_sub(1));
            let methods_elsewhere = matches!(keyword, "type" | "struct");
            let talks = match is_at_work {
                true => {
                    methods_elsewhere || self.busy.iter().take(4_000).any(|place| around.contains(*place))
                }
                // `class PlanningAgent : BaseAgent` with its prompt: the model is asked where the base is.
                false => {
                    self.is_of_agent(declaration) && texts.iter().take(200).any(|text| around.contains(*text))
                }
            };
            if talks && !self.out.has(&format!("agent:{name}")) {
                let at = self.extent(declaration.name, declaration.name);
                let seen = self.seen(at, "agent-class-of-the-project", 0, 70);
                let key = format!("agent:{name}");
                self.out.see(&key, seen, |key| Asset::new(key, "agent", name));
                self.declared.insert(id as u32, key);
            }
        }
    }

    /// Whether a type extends or implements one that is called an agent.
    fn is_of_agent(&self, declaration: &Declaration) -> bool {
        let outline = self.outline();
        outline.bases(declaration).into_iter().any(|base| {
            let name = outline.tokens.text(base);
            name.ends_with("Agent") || name.ends_with("AgentBase")
        })
    }

    /// Go's tools implement an interface without saying so: a type with a name, a description and a call.
    pub(super) fn own_tools(&mut self) {
        const CALLS: &[&str] = &["Call", "Execute", "Run", "Invoke", "InvokableRun", "Handle"];
        let outline = self.outline();
        if !self.ai || outline.language().name != "go" {
            return;
        }
        let tokens = &outline.tokens;
        // `func (t *Search) Call(…)`.
        let methods = || {
            outline.declarations.iter().filter_map(|method| {
                let receiver = (tokens.is(method.keyword + 1, "(") && tokens.is(method.name - 1, ")"))
                    .then(|| tokens.text(method.name - 2));
                Some((receiver?, tokens.text(method.name)))
            })
        };
        let has = |of: &str, name: &str| methods().any(|method| method == (of, name));
        for (of, _) in methods().filter(|(_, name)| CALLS.contains(name)).take(64) {
            let declared = outline.declarations.iter().position(|declaration| {
                declaration.declares == Declares::Type && tokens.is(declaration.name, of)
            });
            let Some(id) = declared.filter(|_| has(of, "Name") && has(of, "Description")) else { continue };
            if self.declared.contains_key(&(id as u32)) {
                continue;
            }
            let at = self.extent(outline.declarations[id].name, outline.declarations[id].name);
            let seen = self.seen(at, "tool-class", 0, 80);
            let key = format!("tool:{of}");
            self.out.see(&key, seen, |key| Asset::new(key, "tool", of));
            self.declare(id as u32, key);
        }
    }

    /// `class WriteFile implements AgentTool`: tools of an interface of the project's own, in the languages that name it.
    pub(super) fn tools_of_base(&mut self) {
        /// More than one file has.
        const MAX_TOOLS: usize = 256;
        const BASES: &[&str] = &["AgentTool", "AiTool", "AITool", "LlmTool", "LLMTool", "McpTool"];
        /// What drawing programs have as well.
        const COMMON: &[&str] = &["ITool", "BaseTool"];
        const CALLS: &[&str] = &[
            "execute",
            "Execute",
            "ExecuteAsync",
            "run",
            "RunAsync",
            "call",
            "invoke",
            "InvokeAsync",
            "CallAsync",
            "apply",
        ];
        const NAMES: &[&str] =
            &["toolId", "getName", "name", "Name", "getToolName", "toolName", "ToolName", "id", "Id"];
        let outline = self.outline();
        if !matches!(outline.language().name, "java" | "kotlin" | "csharp" | "scala" | "groovy") {
            return;
        }
        let tokens = &outline.tokens;
        let speaks = self.speaks_of_ai();
        let mut tools = 0;
        for (id, declaration) in outline.declarations.iter().enumerate() {
            let id = id as u32;
            let is_base = |name| BASES.contains(&name) || speaks && COMMON.contains(&name);
            let is_tool = declaration.declares == Declares::Type
                && !matches!(tokens.text(declaration.keyword), "interface" | "enum")
                && !self.declared.contains_key(&id)
                && outline.bases(declaration).into_iter().any(|base| is_base(tokens.text(base)));
            if !is_tool || tools == MAX_TOOLS {
                continue;
            }
            tools += 1;
            let inner = |names: &[&str]| {
                outline.declarations.iter().position(|method| {
                    method.within == Some(id)
                        && method.declares == Declares::Function
                        && names.contains(&tokens.text(method.name))
                })
            };
            if inner(CALLS).is_none() {
                continue;
            }
            let given = inner(NAMES)
                .and_then(|method| self.returned_text(method as u32))
                .filter(|name| is_name(name));
            let name = given.unwrap_or_else(|| tokens.text(declaration.name).to_owned());
            let seen = self.seen(self.extent(declaration.name, declaration.name), "tool-class", 0, 75);
            let key = format!("tool:{name}");
            self.out.see(&key, seen, |key| Asset::new(key, "tool", &name));
            self.declare(id, key);
        }
    }

    /// From agents to what they are given, from tools to the keys they read, from code to its packages.
    pub(super) fn edges(&mut self) {
        let outline = self.outline();
        self.given.sort();
        let mut agents: Vec<(u32, String)> = self
            .made
            .iter()
            .filter(|(_, key)| key.starts_with("agent:"))
            .map(|(id, key)| (*id, key.clone()))
            .collect();
        agents.sort();
        for (id, key) in agents {
            let call = self.call(id);
            let chain = self.chains.get(&call.root).into_iter().flatten().take(500);
            let last = chain.map(|id| outline.calls[*id as usize].close).max().unwrap_or(0).max(call.close);
            let seen = self.seen(self.callee_extent(call), "agent-argument", 1, 90);
            self.edges_within(&key, (call.start, last), seen);
        }
        let mut declared: Vec<(u32, String)> =
            self.declared.iter().map(|(id, key)| (*id, key.clone())).collect();
        declared.sort();
        for (id, key) in declared {
            let (first, last) = self.declaration_extent(id);
            let name = outline.declarations[id as usize].name;
            let seen = self.seen(self.extent(name, name), "declaration", 0, 85);
            if key.starts_with("agent:") {
                self.edges_within(&key, (first, last), seen);
            } else if key.starts_with("tool:") {
                self.secrets_within(&key, (first, last), seen);
            }
        }
        self.code_imports();
    }

    fn edges_within(&mut self, key: &str, range: (u32, u32), seen: inventar_analysis::Seen) {
        let from = self.given.partition_point(|(at, _)| *at < range.0);
        let targets: Vec<String> = self.given[from..]
            .iter()
            .take(400)
            .take_while(|(at, _)| *at <= range.1)
            .map(|(_, key)| key.clone())
            .collect();
        for target in targets {
            self.out.edge(key, "uses", &target, seen);
        }
    }

    fn secrets_within(&mut self, key: &str, range: (u32, u32), seen: inventar_analysis::Seen) {
        let (start, end) = self.outline().tokens.bytes(range.0, range.1.saturating_sub(1));
        let secrets: Vec<String> =
            self.out
                .assets()
                .iter()
                .filter(|asset| asset.kind == "secret-reference")
                .filter(|asset| {
                    asset.evidence.iter().any(|seen| {
                        seen.span().start >= u64::from(start) && seen.span().end <= u64::from(end)
                    })
                })
                .take(16)
                .map(|asset| asset.key.clone())
                .collect();
        for secret in secrets {
            self.out.edge(key, "reads-secret", &secret, seen);
        }
    }

    fn code_imports(&mut self) {
        let made: Vec<(String, String)> = self
            .out
            .assets()
            .iter()
            .filter(|asset| {
                matches!(asset.kind.as_str(), "agent" | "mcp-server" | "vector-store" | "mcp-client")
            })
            .filter_map(|asset| {
                let framework = asset.properties.iter().find(|property| property.name == "framework")?;
                match &framework.value {
                    Value::Text(name) => Some((asset.key.clone(), format!("package:{name}"))),
                    _ => None,
                }
            })
            .collect();
        for (from, to) in made {
            let at = self.made.iter().filter(|(_, key)| **key == from).map(|(id, _)| *id).min();
            if let Some(at) = at {
                let seen = self.seen(self.callee_extent(self.call(at)), "framework", 0, 95);
                self.out.edge(&from, "imports", &to, seen);
            }
        }
    }
}

/// Where an asset was first seen.
fn place(asset: &Asset) -> Option<Extent> {
    let span = asset.evidence.first()?.span();
    Some(Extent::new(u32::try_from(span.start).ok()?, u32::try_from(span.end).ok()?))
}

/// `WriterAgent`; not `UserAgent`, `BaseAgent`.
fn is_agent_name(name: &str) -> bool {
    const NOT: &[&str] = &[
        "UserAgent",
        "BaseAgent",
        "MockAgent",
        "FakeAgent",
        "IAgent",
        "AbstractAgent",
        "HttpAgent",
        "TestAgent",
        "AIAgent",
    ];
    name.ends_with("Agent")
        && name.len() > 5
        && !NOT.contains(&name)
        && name.starts_with(|c: char| c.is_ascii_uppercase())
}
