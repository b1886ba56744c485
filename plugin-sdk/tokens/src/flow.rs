//! What may stand at a place, and what a path leads to.

use crate::language::Interpolation;
use crate::outline::{Binding, Call, Form, Import, Outline, Range};
use crate::scan::Kind;
use crate::text;
use inventar_analysis::Extent;
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

    /// Everything that may stand at a range of tokens.
    pub(crate) fn values(&self, range: Range) -> Vec<Found> {
        let mut found = Vec::new();
        self.collect(range, &Way::default(), &mut found);
        found
    }

    /// The first text that may stand there.
    pub(crate) fn first_text(&self, range: Range) -> Option<String> {
        self.values(range).iter().find_map(|found| found.whole().map(str::to_owned))
    }

    fn collect(&self, range: Range, way: &Way, out: &mut Vec<Found>) {
        let (mut start, mut end) = range;
        let tokens = &self.outline.tokens;
        if way.depth > MAX_DEPTH
            || out.len() >= MAX_FOUND
            || start >= end
            || !self.spend((end - start).min(64))
        {
            return;
        }
        let way = &Way { depth: way.depth + 1, ..way.clone() };
        loop {
            match tokens.text(start) {
                "&" | "*" | "await" | "return" | "mut" | "ref" | "yield" | "move" | "||" | "out" | "..." => {
                    start += 1
                }
                "(" if tokens.mate(start) + 1 == end => {
                    start += 1;
                    end -= 1;
                }
                // A cast.
                "(" if self.outline.language().type_first
                    && tokens.mate(start) + 1 < end
                    && tokens.mate(start) - start <= 6
                    && matches!(
                        tokens.kind(tokens.mate(start) + 1),
                        Kind::Word | Kind::Text | Kind::Open
                    )
                    && tokens.is_word(start + 1) =>
                {
                    start = tokens.mate(start) + 1;
                }
                _ => break,
            }
            if start >= end {
                return;
            }
        }
        while end > start + 1 && matches!(tokens.text(end - 1), "!" | "?" | "!!") {
            end -= 1;
        }
        if end == start + 1 && tokens.kind(start) == Kind::Text {
            self.literal(start, way, out);
            return;
        }
        if self.operators((start, end), way, out) {
            return;
        }
        match tokens.kind(end - 1) {
            Kind::Word => self.path((start, end), way, out),
            Kind::Close => self.bracketed((start, end), way, out),
            _ => {}
        }
    }

    fn push(&self, value: Value, tokens: Range, way: &Way, out: &mut Vec<Found>) {
        if out.len() < MAX_FOUND && tokens.1 > tokens.0 {
            let (start, end) = self.outline.tokens.bytes(tokens.0, tokens.1 - 1);
            out.push(Found {
                value,
                at: Extent::new(start, end),
                token: tokens.0,
                hops: way.hops,
                env: way.env.clone(),
                name: way.name,
            });
        }
    }

    fn literal(&self, at: u32, way: &Way, out: &mut Vec<Found>) {
        let token = self.outline.tokens.text(at);
        let read = text::read(token, self.outline.language());
        let mut whole = read.values.is_empty();
        let mut text = read.text;
        if !whole && self.outline.language().interpolation != Interpolation::None {
            // A name among the values that is a constant here.
            let mut filled = String::with_capacity(text.len());
            let mut rest = text.as_str();
            whole = true;
            for (start, end) in read.values.iter().take(64) {
                let Some((front, back)) = rest.split_once("{}") else { break };
                filled.push_str(front);
                let name = token.get(*start as usize..*end as usize).unwrap_or_default();
                match self.constant(name, at, way) {
                    Some(value) => filled.push_str(&value),
                    None => {
                        filled.push_str("{}");
                        whole = false;
                    }
                }
                rest = back;
            }
            filled.push_str(rest);
            text = filled;
        }
        self.push(Value::Text { text, whole }, (at, at + 1), way, out);
    }

    /// The text of a name, where the file gives it one.
    fn constant(&self, name: &str, at: u32, way: &Way) -> Option<String> {
        let binding = self.outline.binding(name.trim(), at)?;
        let mut found = Vec::new();
        self.collect(binding.value?, &Way { hops: way.hops + 1, env: None, ..way.clone() }, &mut found);
        found.iter().find_map(|found| found.whole()).filter(|text| text.len() < 2_000).map(str::to_owned)
    }

    /// Alternatives and sums; whether there were any.
    fn operators(&self, range: Range, way: &Way, out: &mut Vec<Found>) -> bool {
        let tokens = &self.outline.tokens;
        let (start, end) = range;
        match tokens.text(start) {
            "if" => {
                self.blocks(range, way, out);
                return true;
            }
            "match" | "when" | "switch" => {
                self.arms(range, way, out);
                return true;
            }
            "|" => {
                // A closure.
                if let Some(close) = (start + 1..end.min(start + 12)).find(|at| tokens.is(*at, "|")) {
                    self.collect((close + 1, end), way, out);
                }
                return true;
            }
            "{" if tokens.mate(start) + 1 == end && self.outline.call_at(start).is_none() => {
                self.push(Value::List(self.outline.items(start, end - 1)), range, way, out);
                return true;
            }
            _ => {}
        }
        let (mut cuts, mut sum, mut question, mut steps) = (Vec::new(), Vec::new(), None, 0);
        let mut at = start;
        while at < end && steps < 300 {
            match tokens.text(at) {
                "??" | "?:" | "||" => cuts.push(at),
                "+" => sum.push(at),
                "?" if self.outline.language().type_first && question.is_none() && at > start => {
                    question = Some(at)
                }
                ":" if question.is_some() => cuts.push(at),
                "=>" | "->" => {
                    self.collect((at + 1, end), way, out);
                    return true;
                }
                "switch" if at > start => {
                    self.arms((at, end), way, out);
                    return true;
                }
                _ => {}
            }
            at = tokens.after(at);
            steps += 1;
        }
        if !self.spend(steps) {
            return true;
        }
        if let Some(question) = question.filter(|_| !cuts.is_empty()) {
            cuts.retain(|cut| *cut > question);
            self.split((question + 1, end), &cuts, way, out);
            return true;
        }
        if !cuts.is_empty() {
            self.split(range, &cuts, way, out);
            return true;
        }
        if !sum.is_empty() {
            self.sum(range, &sum, way, out);
            return true;
        }
        false
    }

    /// Alternatives; one of the environment says whose default the others are.
    fn split(&self, range: Range, cuts: &[u32], way: &Way, out: &mut Vec<Found>) {
        let mut start = range.0;
        let mut env = way.env.clone();
        for cut in cuts.iter().copied().chain([range.1]).take(12) {
            let before = out.len();
            self.collect((start, cut), &Way { env: env.clone(), ..way.clone() }, out);
            for found in &out[before..] {
                if let Value::Env(name) = &found.value {
                    env = env.or_else(|| Some(name.clone()));
                }
            }
            start = cut + 1;
        }
    }

    fn sum(&self, range: Range, cuts: &[u32], way: &Way, out: &mut Vec<Found>) {
        let mut text = String::new();
        let mut whole = true;
        let mut any = false;
        let mut start = range.0;
        for cut in cuts.iter().copied().chain([range.1]).take(200) {
            let mut parts = Vec::new();
            self.collect((start, cut), way, &mut parts);
            match parts
                .iter()
                .find_map(|part| Some((part.text()?, matches!(part.value, Value::Text { whole: true, .. }))))
            {
                Some((part, is_whole)) if text.len() < 100_000 => {
                    any = true;
                    whole &= is_whole;
                    text.push_str(part);
                }
                _ => {
                    whole = false;
                    text.push_str("{}");
                }
            }
            start = cut + 1;
        }
        if any {
            self.push(Value::Text { text, whole }, range, way, out);
        }
    }

    /// `if c { a } else { b }`, `if (c) a else b`.
    fn blocks(&self, range: Range, way: &Way, out: &mut Vec<Found>) {
        let tokens = &self.outline.tokens;
        let mut at = range.0;
        let mut steps = 0;
        while at < range.1 && steps < 100 {
            if tokens.is(at, "{") {
                let (open, close) = (at, tokens.mate(at));
                let last = (open + 1..close).rev().take(60).find(|at| tokens.is(*at, ";"));
                self.collect((last.map_or(open + 1, |last| last + 1), close), way, out);
            } else if tokens.is(at, "else") && !tokens.is(at + 1, "{") && !tokens.is(at + 1, "if") {
                self.collect((at + 1, range.1), way, out);
                if tokens.is(range.0 + 1, "(") {
                    self.collect((tokens.after(range.0 + 1), at), way, out);
                }
                return;
            }
            at = tokens.after(at);
            steps += 1;
        }
    }

    /// The arms of a `match`, `when` or `switch`.
    fn arms(&self, range: Range, way: &Way, out: &mut Vec<Found>) {
        let tokens = &self.outline.tokens;
        let Some(open) = (range.0..range.1).take(60).find(|at| tokens.is(*at, "{")) else { return };
        let mut at = open + 1;
        let mut steps = 0;
        while at < tokens.mate(open) && steps < 400 {
            if matches!(tokens.text(at), "=>" | "->") {
                let mut end = at + 1;
                while end < tokens.mate(open)
                    && !matches!(tokens.text(end), "," | ";" | "=>" | "->")
                    && steps < 400
                {
                    if end > at + 1 && self.outline.language().newline_ends && tokens.starts_line(end) {
                        break;
                    }
                    end = tokens.after(end);
                    steps += 1;
                }
                self.collect((at + 1, end), way, out);
                at = end;
            } else {
                at = tokens.after(at);
            }
            steps += 1;
        }
    }

    /// `name`, `Type.NAME`, `a.b.C`.
    fn path(&self, range: Range, way: &Way, out: &mut Vec<Found>) {
        let tokens = &self.outline.tokens;
        let (start, end) = range;
        if end - start > 24 {
            return;
        }
        let plain = (start..end)
            .all(|at| tokens.is_word(at) || matches!(tokens.text(at), "." | "::" | "?." | "!" | "!!"));
        if !plain {
            // `f(…).await`, `config["x"].Value`.
            let last = tokens.text(end - 1);
            if end - start > 2 && matches!(last, "await" | "Value" | "value" | "Length") {
                self.collect((start, end - 2), way, out);
            }
            return;
        }
        let words = self.outline.words(range);
        let last = words.len() - 1;
        let binding = match words.as_slice() {
            [name] => self.outline.binding(name, start),
            ["this" | "self" | "Self", name] => {
                self.outline.binding(name, start).filter(|found| found.member)
            }
            [.., of, name] if self.outline.declaration(of).is_some() => self.outline.member(of, name),
            _ => None,
        };
        let way = &Way { hops: way.hops + 1, ..way.clone() };
        if let Some(binding) = binding {
            if let Some(value) = binding.value {
                self.collect(value, &Way { name: Some(binding.name), ..way.clone() }, out);
            }
            return;
        }
        if let Some(declaration) = self.outline.declaration(words[last]).filter(|_| words.len() <= 2) {
            let id = self.outline.declarations.iter().position(|other| other.name == declaration.name);
            if let Some(id) = id.filter(|_| self.spend(32)) {
                self.push(Value::Function(id as u32), (start, end), way, out);
                return;
            }
        }
        self.push(Value::Path(words.iter().map(|word| (*word).to_owned()).collect()), (start, end), way, out);
    }

    fn bracketed(&self, range: Range, way: &Way, out: &mut Vec<Found>) {
        let tokens = &self.outline.tokens;
        let (start, end) = range;
        let last = end - 1;
        let open = tokens.mate(last);
        if tokens.is(open, "[") {
            if open == start {
                self.push(Value::List(self.outline.items(open, last)), range, way, out);
                return;
            }
            if let Some(call) = self.outline.call_at(open).map(|id| &self.outline.calls[id as usize])
                && call.form == Form::Macro
            {
                self.push(Value::List(self.outline.items(open, last)), range, way, out);
                return;
            }
            // `configuration["OpenAI:Key"]`, `System.getenv()["KEY"]`.
            if tokens.kind(open + 1) == Kind::Text && open + 2 == last && open > start {
                let base = (start..open)
                    .rev()
                    .take(4)
                    .find(|at| tokens.is_word(*at))
                    .map(|at| tokens.text(at).to_ascii_lowercase());
                if base.is_some_and(|base| {
                    base.contains("config")
                        || base.contains("env")
                        || base.contains("secret")
                        || base.contains("settings")
                }) {
                    let name = text::read(tokens.text(open + 1), self.outline.language()).text;
                    self.push(Value::Env(name), range, way, out);
                }
            }
            return;
        }
        let Some(id) = self.outline.call_at(open) else { return };
        let call = &self.outline.calls[id as usize];
        if call.start < start && call.open < start {
            return;
        }
        match call.form {
            Form::List => self.push(Value::List(self.outline.items(open, last)), range, way, out),
            Form::Literal => self.push(Value::Object(id), range, way, out),
            _ => self.called(id, call, range, way, out),
        }
    }

    /// What a call hands out: what it was given, what the environment holds, or something new.
    fn called(&self, id: u32, call: &Call, range: Range, way: &Way, out: &mut Vec<Found>) {
        let name = self.outline.name(call);
        let arguments = self.outline.arguments(call);
        let first = arguments.first().map(|(_, value)| *value);
        let dot = call.name.saturating_sub(1);
        let receiver = (matches!(self.outline.tokens.text(dot), "." | "?." | "::") && dot > range.0)
            .then_some((range.0, dot));
        let path = self.outline.path(call);
        if let Some((name, default)) = self.environment(call, name, &path, &arguments, way.depth) {
            self.push(Value::Env(name.clone()), range, way, out);
            if let Some(default) = default {
                self.collect(default, &Way { env: Some(name), ..way.clone() }, out);
            }
            return;
        }
        match name {
            "format" | "Sprintf" | "Format" | "formatted" | "println" | "formatArgs" | "Sprint" => {
                let (template, values) = match receiver {
                    // `"…".formatted(x)`.
                    Some(receiver)
                        if self.outline.tokens.kind(receiver.0) == Kind::Text || name == "formatted" =>
                    {
                        (Some(receiver), &arguments[..])
                    }
                    _ => (first, arguments.get(1..).unwrap_or_default()),
                };
                if let Some(template) = template {
                    self.fill(template, values, way, out);
                }
            }
            "unwrap_or" | "unwrap_or_else" | "orElse" | "orElseGet" | "getOrElse" | "ifBlank" | "ifEmpty"
            | "or_else" | "GetValueOrDefault" | "map_or" => {
                if let Some(receiver) = receiver {
                    let before = out.len();
                    self.collect(receiver, way, out);
                    let env = out[before..].iter().find_map(|found| match &found.value {
                        Value::Env(name) => Some(name.clone()),
                        _ => None,
                    });
                    if let Some(first) = first {
                        self.collect(
                            first,
                            &Way { env: env.or_else(|| way.env.clone()), ..way.clone() },
                            out,
                        );
                    }
                }
            }
            _ if receiver.is_some() && arguments.len() <= 1 && is_through(name) => {
                if let Some(receiver) = receiver {
                    self.collect(receiver, way, out);
                }
            }
            "listOf" | "asList" | "setOf" | "arrayOf" | "mutableListOf" | "List" | "Seq" | "Set" | "vec"
            | "arrayListOf" => {
                self.push(Value::List(arguments.iter().map(|(_, value)| *value).collect()), range, way, out);
            }
            "of" if matches!(
                path.first(),
                Some(&"List" | &"Set" | &"Stream" | &"Arrays" | &"ImmutableList")
            ) =>
            {
                self.push(Value::List(arguments.iter().map(|(_, value)| *value).collect()), range, way, out);
            }
            "Or" | "coalesce" | "firstNonEmpty" | "firstNonBlank" | "Coalesce" => {
                let ends: Vec<u32> = arguments.iter().map(|(_, value)| value.1).collect();
                if let (Some(first), Some((_, rest))) =
                    (first, ends.split_last().map(|(last, rest)| (*last, rest)))
                {
                    self.split((first.0, ends[ends.len() - 1]), rest, way, out);
                }
            }
            _ if is_wrapper(name, &path, self.outline.tokens.text(call.start)) && first.is_some() => {
                if let Some(first) = first {
                    self.collect(first, way, out);
                }
            }
            _ => {
                let own = path.len() <= 2 && call.receiver.is_none() && call.form != Form::New;
                let function =
                    self.outline.declaration(name).filter(|found| own && found.parameters.is_some());
                match function.and_then(|function| {
                    self.outline.declarations.binary_search_by_key(&function.name, |other| other.name).ok()
                }) {
                    Some(function) => self.push(Value::Function(function as u32), range, way, out),
                    None => self.push(Value::Object(id), range, way, out),
                }
            }
        }
    }

    /// `os.Getenv("X")`, `System.getenv().getOrDefault("X", "d")`, `env::var("X")`: the variable and its default.
    fn environment(
        &self,
        call: &Call,
        name: &str,
        path: &[&str],
        arguments: &[(Option<u32>, Range)],
        depth: u8,
    ) -> Option<(String, Option<Range>)> {
        let before = path.len().checked_sub(2).map_or("", |at| path[at]);
        let reads = match name {
            "Getenv"
            | "LookupEnv"
            | "getenv"
            | "GetEnvironmentVariable"
            | "var_os"
            | "GetEnv"
            | "getEnv"
            | "get_env"
            | "getEnvOrDefault"
            | "getenvOrDefault"
            | "envOr"
            | "EnvOr"
            | "getEnvOr"
            | "GetEnvOrDefault"
            | "env_or"
            | "option_env"
            | "mustGetenv"
            | "MustGetenv"
            | "requireEnv"
            | "MustGetEnv"
            | "getEnvVar"
            | "getEnvOrThrow"
            | "GetRequiredEnv"
            | "require_env"
            | "env_var"
            | "getEnvironmentVariable"
            | "getEnvVariable" => true,
            "env" => call.form == Form::Macro || call.receiver.is_none(),
            "var" => {
                before == "env"
                    || self
                        .target(&["var"], call.name)
                        .is_some_and(|target| target.module.ends_with("env::var"))
            }
            "get" | "getOrDefault" | "getOrElse" => {
                call.receiver.is_some_and(|receiver| {
                    self.outline.name(&self.outline.calls[receiver as usize]) == "getenv"
                }) || matches!(before, "env" | "dotenv" | "environment")
            }
            "getProperty" => matches!(before, "System" | "env" | "environment"),
            "GetString" | "GetValue" | "BindEnv" => {
                matches!(before, "viper" | "config" | "Configuration" | "configuration")
            }
            _ => false,
        };
        if !reads {
            return None;
        }
        let (_, first) = arguments.first()?;
        let name = if first.1 == first.0 + 1 && self.outline.tokens.kind(first.0) == Kind::Text {
            text::read(self.outline.tokens.text(first.0), self.outline.language()).text
        } else {
            let mut found = Vec::new();
            self.collect(*first, &Way { depth: depth.max(MAX_DEPTH - 3), ..Way::default() }, &mut found);
            found.iter().find_map(|found| found.whole().map(str::to_owned))?
        };
        let is_name = !name.is_empty() && name.len() < 100 && !name.contains(char::is_whitespace);
        is_name.then(|| (name, arguments.get(1).map(|(_, value)| *value)))
    }

    /// A template with its values, as far as they are known.
    fn fill(&self, template: Range, values: &[(Option<u32>, Range)], way: &Way, out: &mut Vec<Found>) {
        let mut found = Vec::new();
        self.collect(template, way, &mut found);
        let Some(template) = found.into_iter().find(|found| found.text().is_some()) else { return };
        let text = template.text().unwrap_or_default();
        let mut filled = String::with_capacity(text.len());
        let mut values = values.iter();
        let mut whole = true;
        let mut rest = text;
        let mut count = 0;
        let rust = self.language() == "rust";
        while let Some(at) = rest.find(if rust { '{' } else { '%' }) {
            let hole = &rest[at..];
            let len = if rust {
                hole.find('}').map_or(0, |end| end + 1)
            } else {
                hole[1..].find(|c: char| c.is_ascii_alphabetic() || c == '%').map_or(0, |end| end + 2)
            };
            count += 1;
            if len == 0 || len > 40 || count > 64 {
                break;
            }
            filled.push_str(&rest[..at]);
            let inner = &hole[1..len];
            let name = inner.trim_end_matches('}').split(':').next().unwrap_or_default();
            let value = if rust
                && !name.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            {
                self.constant(name, template.token, way)
            } else {
                values.next().and_then(|(_, value)| {
                    let mut found = Vec::new();
                    self.collect(*value, way, &mut found);
                    found.iter().find_map(|found| found.whole().map(str::to_owned))
                })
            };
            match value {
                Some(value) if value.len() < 2_000 => filled.push_str(&value),
                _ => {
                    filled.push_str("{}");
                    whole = false;
                }
            }
            rest = &rest[at + len..];
        }
        filled.push_str(rest);
        let token = template.token;
        out.push(Found { value: Value::Text { text: filled, whole }, token, ..template });
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

/// Methods that hand out what they are called on.
fn is_through(name: &str) -> bool {
    matches!(
        name,
        "to_string"
            | "to_owned"
            | "into"
            | "as_str"
            | "clone"
            | "as_ref"
            | "unwrap"
            | "expect"
            | "ok"
            | "trim"
            | "strip"
            | "stripIndent"
            | "trimIndent"
            | "trimMargin"
            | "toString"
            | "getValue"
            | "value"
            | "asString"
            | "Trim"
            | "ToString"
            | "unwrap_or_default"
            | "ok_or"
            | "ok_or_else"
            | "context"
            | "with_context"
            | "orElseThrow"
            | "get"
            | "intern"
            | "as_deref"
            | "map_err"
            | "toLowerCase"
            | "ToLower"
            | "TrimEnd"
            | "TrimStart"
            | "as_bytes"
            | "Value"
            | "getName"
            | "trim_end"
            | "replace"
            | "Replace"
            | "build"
            | "Ptr"
            | "to_vec"
            | "lines"
            | "strip_suffix"
            | "trim_end_matches"
            | "trim_start"
            | "removeSuffix"
            | "stripMargin"
            | "cloned"
            | "into_boxed_str"
    ) && name != "build"
}

/// Functions that hand out their first argument.
fn is_wrapper(name: &str, path: &[&str], start: &str) -> bool {
    match name {
        "String" | "F" | "Ptr" | "StringPtr" | "Opt" | "NewOpt" | "Some" | "Ok" | "ApiKeyCredential"
        | "AzureKeyCredential" | "SecretString" | "URL" | "parse" | "TrimSpace" | "TrimSuffix"
        | "TrimPrefix" | "requireNonNull" | "notNull" | "ThrowIfNull" | "TrimRight" | "Raw" | "ToPtr"
        | "To" | "toPtr" | "ptr" | "PtrTo" | "StringValue" | "Pointer" | "F_" | "Secret" | "byte"
        | "KeyCredential" | "ApiKey" | "concat" | "Str" | "Must" | "Int" => true,
        "Uri" => start == "new",
        "create" => path.first() == Some(&"URI"),
        "new" => matches!(path.first(), Some(&"Arc" | &"Box" | &"Rc" | &"Cow" | &"SecretString")),
        "from" => matches!(
            path.first(),
            Some(&"String" | &"Cow" | &"Arc" | &"Url" | &"Box" | &"SecretString" | &"Some")
        ),
        "of" => matches!(
            path.first(),
            Some(&"Optional" | &"ChatModel" | &"Model" | &"ResponsesModel" | &"EmbeddingModel")
        ),
        "ofNullable" | "valueOf" | "From" | "FromStr" | "from_str" | "from_static" | "asChatModel" => true,
        // `openai.ChatModel("…")`, `anthropic.Model("…")` are conversions.
        _ => {
            path.len() == 2
                && matches!(
                    name,
                    "ChatModel" | "Model" | "EmbeddingModel" | "ResponsesModel" | "ImageModel" | "AudioModel"
                )
        }
    }
}

impl Flow<'_, '_> {
    /// The variable of the environment that a call reads.
    pub(crate) fn variable(&self, call: &Call) -> Option<String> {
        let name = self.outline.name(call);
        let path = self.outline.path(call);
        if call.close <= call.open + 1 || !may_read(name) {
            return None;
        }
        self.environment(call, name, &path, &self.outline.arguments(call), 0).map(|(name, _)| name)
    }
}

/// Names of calls that may read the environment; spares looking at the arguments of all others.
fn may_read(name: &str) -> bool {
    let ends =
        |end: &str| name.len() >= end.len() && name[name.len() - end.len()..].eq_ignore_ascii_case(end);
    matches!(
        name,
        "var"
            | "get"
            | "env"
            | "getOrDefault"
            | "getOrElse"
            | "getProperty"
            | "GetString"
            | "GetValue"
            | "BindEnv"
            | "var_os"
            | "LookupEnv"
            | "GetEnvironmentVariable"
            | "envOr"
            | "EnvOr"
            | "env_or"
            | "option_env"
            | "env_var"
    ) || name.is_ascii()
        && (ends("env")
            || ends("env_var")
            || ends("variable")
            || ends("EnvOr")
            || ends("EnvOrDefault")
            || ends("envOrThrow")
            || ends("EnvVar"))
}
