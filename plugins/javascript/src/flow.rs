//! What a value is: follows names, members, defaults and returns back to texts, environment variables and calls.
//!
//! The question is always "what may stand here?", so alternatives add up: `x ?? "a"`, both branches of a condition, each
//! assignment, a default and what callers pass. It is a small flow analysis without order or loops, bounded in depth,
//! in answers and, for a whole file, in steps.

mod calls;
mod names;

use crate::module::{ClassId, FunctionId, ImportId, Kind, List, Module, NodeId};
use oxc_span::Span;
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::cell::{Cell, RefCell};

/// One thing that may stand at a place.
#[derive(Debug, Clone)]
pub(crate) struct Found<'a> {
    pub(crate) value: Value<'a>,
    /// The literal, the call, the definition.
    pub(crate) node: NodeId,
    pub(crate) at: Span,
    /// The last name that was followed to it.
    pub(crate) name: Option<&'a str>,
    /// The last function whose result it is.
    pub(crate) function: Option<FunctionId>,
    /// The environment variable it stands in for.
    pub(crate) env: Option<&'a str>,
    /// How many names were followed.
    pub(crate) hops: u8,
}

/// What it is.
#[derive(Debug, Clone)]
pub(crate) enum Value<'a> {
    /// A text; not `whole` when parts of it are only known at run time.
    Text {
        text: Cow<'a, str>,
        whole: bool,
    },
    /// The value of an environment variable.
    Env(&'a str),
    /// What a call returns or constructs.
    Made(NodeId),
    /// The members of an object, the attributes of an element.
    Object(NodeId),
    List(NodeId),
    Function(FunctionId),
    Class(ClassId),
    /// Something of another file: an import, and what is done with it (`.member`, `()`).
    Foreign(ImportId, String),
}

impl<'a> Found<'a> {
    /// The text, whole or in part.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The text when all of it is known.
    pub(crate) fn whole(&self) -> Option<&str> {
        match &self.value {
            Value::Text { text, whole: true } => Some(text),
            _ => None,
        }
    }
}

/// How far one question goes.
const MAX_DEPTH: u8 = 16;
/// How many answers one question has.
const MAX_FOUND: usize = 32;
/// How many steps all questions of a file take together; the answers after that are empty.
const MAX_STEPS: u32 = 2_000_000;
/// How often one question may go through one definition.
const MAX_TIMES: u8 = 4;
/// Steps of one question.
const STEPS_A_QUESTION: u32 = 600;
/// A text that grows beyond this is cut.
const MAX_TEXT: usize = 64 * 1024;

/// Answers questions about one module.
#[derive(Debug)]
pub(crate) struct Flow<'m, 'a> {
    pub(crate) module: &'m Module<'a>,
    steps: Cell<u32>,
    question: Cell<u32>,
    /// How often one question went through a definition: names that define each other go round.
    been: RefCell<FxHashMap<NodeId, u8>>,
}

/// How one came to a value.
#[derive(Debug, Clone, Copy, Default)]
struct Way<'a> {
    depth: u8,
    hops: u8,
    name: Option<&'a str>,
    function: Option<FunctionId>,
    env: Option<&'a str>,
}

impl<'a> Way<'a> {
    fn deeper(self) -> Self {
        Self { depth: self.depth + 1, ..self }
    }

    fn through(self, name: &'a str) -> Self {
        Self { depth: self.depth + 1, hops: self.hops.saturating_add(1), name: Some(name), ..self }
    }

    fn found(self, value: Value<'a>, node: NodeId, at: Span) -> Found<'a> {
        Found { value, node, at, name: self.name, function: self.function, env: self.env, hops: self.hops }
    }
}

impl<'m, 'a> Flow<'m, 'a> {
    pub(crate) fn new(module: &'m Module<'a>) -> Self {
        Self { module, steps: Cell::new(0), question: Cell::new(0), been: RefCell::default() }
    }

    /// Whether the steps ran out, so that some answers are missing.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.steps.get() >= MAX_STEPS
    }

    /// Everything that may stand at a value.
    pub(crate) fn values(&self, node: NodeId) -> Vec<Found<'a>> {
        let mut out = Vec::new();
        self.begin();
        self.eval(node, Way::default(), &mut out);
        out
    }

    /// The first whole text that may stand there.
    pub(crate) fn whole_text(&self, node: NodeId) -> Option<String> {
        self.values(node).iter().find_map(|found| found.whole().map(str::to_owned))
    }

    /// The elements of the lists that may stand at a value, spreads included.
    pub(crate) fn elements(&self, node: NodeId) -> Vec<NodeId> {
        let mut out = Vec::new();
        self.elements_into(node, 0, &mut out);
        out
    }

    fn elements_into(&self, node: NodeId, depth: u8, out: &mut Vec<NodeId>) {
        for found in self.values(node) {
            let Value::List(list) = found.value else { continue };
            let Kind::Array(items) = self.module.kind(list) else { continue };
            for item in self.module.list(items) {
                match self.module.kind(*item) {
                    Kind::Spread(inner) if depth < 4 => self.elements_into(inner, depth + 1, out),
                    _ => out.push(*item),
                }
                if out.len() >= 200 {
                    return;
                }
            }
        }
    }

    /// The members of the objects that may stand at a value, spreads included: names and values.
    pub(crate) fn entries(&self, node: NodeId) -> Vec<(&'a str, NodeId)> {
        let mut out = Vec::new();
        self.entries_into(node, 0, &mut out);
        out
    }

    fn entries_into(&self, node: NodeId, depth: u8, out: &mut Vec<(&'a str, NodeId)>) {
        for found in self.values(node) {
            let Value::Object(object) = found.value else { continue };
            for prop in self.module.members(object) {
                match prop.name {
                    Some(name) => out.push((name, prop.value)),
                    None if prop.spread && depth < 4 => self.entries_into(prop.value, depth + 1, out),
                    None => {}
                }
                if out.len() >= 200 {
                    return;
                }
            }
        }
    }

    /// The named arguments of a call: the members of the objects among its arguments.
    pub(crate) fn keywords(&self, call: NodeId) -> Vec<(&'a str, NodeId)> {
        let mut out = Vec::new();
        for argument in self.module.arguments(call).iter().take(6) {
            match self.module.kind(*argument) {
                Kind::Text(_) | Kind::Template(_) | Kind::Function(_) | Kind::Number(_) | Kind::Array(_) => {}
                _ => self.entries_into(*argument, 0, &mut out),
            }
        }
        if let Kind::Element(_, props) = self.module.kind(call) {
            for prop in self.module.props(props) {
                match prop.name {
                    Some(name) => out.push((name, prop.value)),
                    None => self.entries_into(prop.value, 0, &mut out),
                }
            }
        }
        out
    }

    /// One named argument.
    pub(crate) fn keyword(&self, call: NodeId, name: &str) -> Option<NodeId> {
        self.keywords(call).into_iter().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// Starts a question.
    fn begin(&self) {
        self.question.set(0);
        self.been.borrow_mut().clear();
    }

    /// Whether a definition may be entered once more.
    fn enter(&self, def: NodeId) -> bool {
        let mut been = self.been.borrow_mut();
        let times = been.entry(def).or_default();
        *times += 1;
        *times <= MAX_TIMES
    }

    fn step(&self, way: Way<'a>, out: &[Found<'a>]) -> bool {
        let (steps, question) = (self.steps.get() + 1, self.question.get() + 1);
        self.steps.set(steps);
        self.question.set(question);
        way.depth < MAX_DEPTH && out.len() < MAX_FOUND && question < STEPS_A_QUESTION && steps < MAX_STEPS
    }

    fn eval(&self, node: NodeId, way: Way<'a>, out: &mut Vec<Found<'a>>) {
        if !self.step(way, out) {
            return;
        }
        let at = self.module.at(node);
        match self.module.kind(node) {
            Kind::Text(text) => {
                out.push(way.found(Value::Text { text: Cow::Borrowed(text), whole: true }, node, at));
            }
            Kind::Template(parts) => out.push(way.found(self.template(parts, way), node, at)),
            Kind::Tagged(tag, text) => {
                // Languages of their own, not texts.
                let own = matches!(
                    self.module.last_part(tag),
                    Some(
                        "sql"
                            | "css"
                            | "gql"
                            | "graphql"
                            | "html"
                            | "keyframes"
                            | "svg"
                            | "glsl"
                            | "injectGlobal"
                    )
                );
                if !own {
                    self.eval(text, way.deeper(), out);
                }
            }
            Kind::Name(name) => self.name(name, node, way, out),
            Kind::Member(object, name) => self.member(node, object, name, way, out),
            Kind::Index(object, index) => self.index(object, index, way, out),
            Kind::Item(value, at) => self.item(value, at, way, out),
            Kind::Each(value) => self.each(value, way, out),
            Kind::Call { .. } => self.call(node, way, out),
            Kind::Object(_) | Kind::Element(..) => out.push(way.found(Value::Object(node), node, at)),
            Kind::Array(_) => out.push(way.found(Value::List(node), node, at)),
            Kind::Function(function) => {
                let name_at = self.module.functions[function as usize].name_at;
                out.push(way.found(Value::Function(function), node, name_at));
            }
            Kind::Class(class) => {
                let name_at = self.module.classes[class as usize].name_at;
                out.push(way.found(Value::Class(class), node, name_at));
            }
            Kind::Param(function, at) => self.param(function, at, way, out),
            Kind::Import(import) => {
                out.push(way.found(Value::Foreign(import, String::new()), node, at));
            }
            Kind::Or(first, second) => {
                let start = out.len();
                self.eval(first, way.deeper(), out);
                // What stands behind a variable is its default.
                let env = out[start..].iter().find_map(|found| match found.value {
                    Value::Env(name) => Some(name),
                    _ => None,
                });
                self.eval(second, Way { env: env.or(way.env), ..way.deeper() }, out);
            }
            Kind::Then(value) | Kind::Spread(value) => self.eval(value, way.deeper(), out),
            Kind::Sum(parts) => self.sum(parts, node, way, out),
            Kind::This | Kind::Number(_) | Kind::Other => {}
        }
    }

    fn template(&self, parts: List, way: Way<'a>) -> Value<'a> {
        let mut all = String::new();
        let mut whole = true;
        for part in self.module.list(parts) {
            match self.module.kind(*part) {
                Kind::Text(text) => all.push_str(text),
                _ => match self.one_text(*part, way.deeper()) {
                    Some(text) => all.push_str(&text),
                    None => {
                        whole = false;
                        all.push_str("{}");
                    }
                },
            }
            if all.len() > MAX_TEXT {
                whole = false;
                break;
            }
        }
        Value::Text { text: Cow::Owned(all), whole }
    }

    /// The text of a value that can be but one.
    fn one_text(&self, node: NodeId, way: Way<'a>) -> Option<Cow<'a, str>> {
        let mut found = Vec::new();
        self.eval(node, way, &mut found);
        if found.len() != 1 {
            return None;
        }
        match found.pop()?.value {
            Value::Text { text, whole: true } => Some(text),
            _ => None,
        }
    }

    fn sum(&self, parts: List, node: NodeId, way: Way<'a>, out: &mut Vec<Found<'a>>) {
        let parts = self.module.list(parts);
        let Some((first, rest)) = parts.split_first() else { return };
        let mut starts = Vec::new();
        self.eval(*first, way.deeper(), &mut starts);
        let mut tail = String::new();
        let mut whole = true;
        for part in rest {
            match self.one_text(*part, way.deeper()) {
                Some(text) if tail.len() < MAX_TEXT => tail.push_str(&text),
                _ => {
                    whole = false;
                    if !tail.ends_with("{}") {
                        tail.push_str("{}");
                    }
                }
            }
        }
        if starts.is_empty() && tail.len() > 2 {
            let text = Cow::Owned(format!("{{}}{tail}"));
            out.push(way.found(Value::Text { text, whole: false }, node, self.module.at(node)));
            return;
        }
        for mut start in starts {
            match &mut start.value {
                Value::Text { text, whole: known } => {
                    text.to_mut().push_str(&tail);
                    *known &= whole;
                    out.push(start);
                }
                Value::Env(_) => out.push(start),
                _ => {}
            }
        }
    }
}

/// What is put together at run time is no longer all known.
fn open_texts(found: &mut [Found<'_>]) {
    for found in found {
        if let Value::Text { whole, .. } = &mut found.value {
            *whole = false;
        }
    }
}
