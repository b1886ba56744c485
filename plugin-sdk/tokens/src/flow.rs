//! What may stand at a place, and what a path leads to.

mod calls;
mod values;

use crate::outline::{Binding, Import, Outline, Range};
use crate::scan::Kind;
use inventar_analysis::{Extent, prompt};
use inventar_catalogue::Package;
use rustc_hash::FxHashMap;
use std::cell::{Cell, RefCell};

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// A text; `whole` when nothing of it is known only at run time.
    Text { text: String, whole: bool },
    /// What a variable of the environment holds.
    Env(String),
    /// A name of another file or library, by its words.
    Path(Vec<String>),
    /// What a call makes.
    Object(u32),
    /// The elements of a list.
    List(Vec<Range>),
    /// A function of this file.
    Function(u32),
    /// What another file holds, by its path: `include_str!("system.md")`, `//go:embed system.md`.
    File(String),
}

/// A value, and how it came to the place.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) value: Value,
    /// Where it is written.
    pub(crate) at: Extent,
    /// The tokens it is.
    pub(crate) token: u32,
    /// Over how many names it was followed.
    pub(crate) hops: u8,
    /// The variable that it is the default of.
    pub(crate) env: Option<String>,
    /// The last name that held it.
    pub(crate) name: Option<u32>,
}

impl Found {
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text { text, .. } => Some(text),
            _ => None,
        }
    }

    pub(crate) fn whole(&self) -> Option<&str> {
        match &self.value {
            Value::Text { text, whole: true } => Some(text),
            _ => None,
        }
    }

    /// Whether it is a prompt where a name says that it is one.
    pub(crate) fn instructs_by_name(&self) -> bool {
        matches!(&self.value, Value::Text { text, whole } if prompt::instructs_by_name(text, *whole && !text.contains('{')))
    }
}

/// What a path leads to: the module or type it is imported as, and what is asked of that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) module: String,
    pub(crate) rest: String,
}

const MAX_FOUND: usize = 16;
const MAX_DEPTH: u8 = 8;
/// Tokens that one file may cost when its values are followed.
const MAX_STEPS: u32 = 600_000;

#[derive(Debug)]
pub(crate) struct Flow<'o, 't> {
    pub(crate) outline: &'o Outline<'t>,
    aliases: FxHashMap<&'o str, &'o Import>,
    packages: RefCell<FxHashMap<String, Option<&'static Package>>>,
    steps: Cell<u32>,
}

impl<'o, 't> Flow<'o, 't> {
    pub(crate) fn new(outline: &'o Outline<'t>) -> Self {
        let mut aliases = FxHashMap::default();
        for import in &outline.imports {
            if !import.alias.is_empty() {
                aliases.entry(import.alias.as_str()).or_insert(import);
            }
        }
        Self { outline, aliases, packages: RefCell::default(), steps: Cell::new(MAX_STEPS) }
    }

    pub(crate) fn is_exhausted(&self) -> bool {
        self.steps.get() == 0
    }

    fn spend(&self, steps: u32) -> bool {
        let left = self.steps.get().saturating_sub(steps);
        self.steps.set(left);
        left > 0
    }

    pub(crate) fn language(&self) -> &'static str {
        self.outline.language().name
    }

    /// The file that Go puts into a variable, by the directive on the line above.
    pub(crate) fn embedded(&self, name: u32) -> Option<String> {
        const MAX_LINE: usize = 400;
        if self.language() != "go" {
            return None;
        }
        let source = self.outline.tokens.source;
        let before = &source[..self.outline.tokens.bytes(name, name).0 as usize];
        let before = &before[before.ceil_char_boundary(before.len().saturating_sub(2 * MAX_LINE))..];
        let path = before.lines().rev().nth(1)?.trim().strip_prefix("//go:embed ")?.trim();
        let is_one = !path.is_empty() && path.len() < MAX_LINE && !path.contains(['*', '?', '[', ' ']);
        (is_one && path.contains('.')).then(|| path.trim_matches('"').to_owned())
    }

    /// The listed package that a module belongs to.
    pub(crate) fn package(&self, module: &str) -> Option<&'static Package> {
        if let Some(known) = self.packages.borrow().get(module) {
            return *known;
        }
        let found = inventar_catalogue::import(self.language(), module);
        if self.packages.borrow().len() < 4_000 {
            self.packages.borrow_mut().insert(module.to_owned(), found);
        }
        found
    }

    /// Whether a module is of a listed package or family.
    pub(crate) fn is_listed(&self, module: &str) -> bool {
        self.package(module).is_some()
            || self.language() == "go" && inventar_catalogue::family("golang", module).is_some()
    }

    /// What the words of a path lead to, at a place.
    pub(crate) fn target(&self, words: &[&str], at: u32) -> Option<Target> {
        self.target_at(words, at, 0)
    }

    fn target_at(&self, words: &[&str], at: u32, depth: u8) -> Option<Target> {
        let (first, rest) = words.split_first()?;
        if depth > 4 || !self.spend(4) {
            return None;
        }
        if matches!(*first, "this" | "self" | "Self" | "super" | "crate") {
            return if rest.is_empty() || *first == "crate" {
                None
            } else {
                self.target_at(rest, at, depth + 1)
            };
        }
        if let Some(binding) = self.outline.binding(first, at)
            && let Some(target) = self.type_of(binding, depth)
        {
            let rest = if target.rest.is_empty() {
                rest.join(".")
            } else {
                format!("{}.{}", target.rest, rest.join("."))
            };
            return Some(Target { module: target.module, rest });
        }
        if let Some(import) = self.aliases.get(first) {
            return Some(Target { module: import.path.clone(), rest: rest.join(".") });
        }
        if self.outline.declaration(first).is_some() {
            return None;
        }
        let joined = match self.language() {
            "go" => return None,
            "rust" => words.join("::"),
            _ => words.join("."),
        };
        if words.len() > 1 && self.package(&joined).is_some() {
            return Some(Target { module: joined, rest: String::new() });
        }
        // A class of a package that is imported whole; of .NET that is every class.
        if first.starts_with(|c: char| c.is_ascii_uppercase())
            && self.language() != "csharp"
            && self.language() != "dotnet"
        {
            let separator = if self.language() == "rust" { "::" } else { "." };
            return self.outline.imports.iter().filter(|import| import.all).take(32).find_map(|import| {
                let module = format!("{}{separator}{first}", import.path);
                self.package(&module).map(|_| Target { module, rest: rest.join(".") })
            });
        }
        None
    }

    /// What a name was declared as or is given.
    fn type_of(&self, binding: &Binding, depth: u8) -> Option<Target> {
        if let Some(typed) = binding.typed
            && let Some(words) = self.type_words(typed)
            && let Some(target) = self.target_at(&words, binding.name, depth + 1)
        {
            return Some(target);
        }
        let value = binding.value?;
        let call = self.last_call(value)?;
        let root = &self.outline.calls[self.outline.calls[call as usize].root as usize];
        if root.start < value.0 {
            return None;
        }
        self.target_at(&self.outline.path(root), root.first, depth + 1)
    }

    /// The call that a value is, or whose result it is.
    pub(crate) fn last_call(&self, value: Range) -> Option<u32> {
        let tokens = &self.outline.tokens;
        let mut last = value.1.checked_sub(1)?;
        for _ in 0..6 {
            if last <= value.0 {
                return None;
            }
            match tokens.kind(last) {
                Kind::Close => return self.outline.call_at(last),
                Kind::Word | Kind::Mark => last -= 1,
                _ => return None,
            }
        }
        None
    }

    /// The path of a type as written: of `Arc<Option<openai::Client>>` the innermost.
    pub(crate) fn type_words(&self, typed: Range) -> Option<Vec<&'t str>> {
        const AROUND: &[&str] = &[
            "Arc",
            "Box",
            "Option",
            "Rc",
            "Mutex",
            "RwLock",
            "List",
            "Optional",
            "Task",
            "ValueTask",
            "Lazy",
            "Result",
            "Vec",
            "IEnumerable",
            "IList",
            "Supplier",
            "Provider",
            "ObjectProvider",
            "Mono",
            "Flow",
            "Set",
            "Collection",
            "dyn",
            "impl",
            "mut",
            "final",
            "std",
            "sync",
            "OnceLock",
            "OnceCell",
            "LazyLock",
            "Deferred",
            "Maybe",
        ];
        let tokens = &self.outline.tokens;
        let mut at = typed.0;
        let mut words = Vec::new();
        while at < typed.1 && at < typed.0 + 40 {
            if tokens.is_word(at) {
                words.push(tokens.text(at));
                if !matches!(tokens.text(at + 1), "." | "::") {
                    if words.last().is_some_and(|last| AROUND.contains(last)) {
                        words.clear();
                    } else {
                        break;
                    }
                }
            }
            at += 1;
        }
        (!words.is_empty()).then_some(words)
    }
}

/// How a value came so far.
#[derive(Debug, Clone, Default)]
struct Way {
    hops: u8,
    depth: u8,
    env: Option<String>,
    name: Option<u32>,
}
