//! What a value is: follows names, members, defaults and returns back to texts, environment variables and calls.
//!
//! The question is always "what may stand here?", so alternatives add up: `x or "a"`, both branches of a condition, each
//! assignment, a default and what callers pass. It is a small flow analysis without order or loops, bounded in depth,
//! in answers and, for a whole file, in steps.

mod calls;
mod names;

use crate::module::{ClassId, FunctionId, ImportId, Module, ScopeId, last_part};
use ruff_python_ast::{self as ast, Expr, Operator};
use ruff_text_size::{Ranged, TextRange};
use std::borrow::Cow;
use std::cell::Cell;

/// One thing that may stand at a place.
#[derive(Debug, Clone)]
pub(crate) struct Found<'a> {
    pub(crate) value: Value<'a>,
    /// Where the literal, the call, the definition stands.
    pub(crate) at: TextRange,
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
    Object(&'a ast::ExprCall, ScopeId),
    Dict(&'a ast::ExprDict, ScopeId),
    List(&'a [Expr], ScopeId),
    Function(FunctionId),
    Class(ClassId),
    /// Something of another file: an import, and what is done with it (`.attr`, `()`, `[0]`).
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
const MAX_DEPTH: u8 = 14;
/// How many answers one question has.
const MAX_FOUND: usize = 32;
/// How many steps all questions of a file take together; the answers after that are empty.
const MAX_STEPS: u32 = 2_000_000;
/// Lists that are spread in lists.
const MAX_SPREADS: u8 = 4;
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
}

/// How one came to an expression.
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

    fn found(self, value: Value<'a>, at: TextRange) -> Found<'a> {
        Found { value, at, name: self.name, function: self.function, env: self.env, hops: self.hops }
    }
}

impl<'m, 'a> Flow<'m, 'a> {
    pub(crate) fn new(module: &'m Module<'a>) -> Self {
        Self { module, steps: Cell::new(0), question: Cell::new(0) }
    }

    /// Whether the steps ran out, so that some answers are missing.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.steps.get() >= MAX_STEPS
    }

    /// Everything that may stand at an expression.
    pub(crate) fn values(&self, expr: &'a Expr, scope: ScopeId) -> Vec<Found<'a>> {
        let mut out = Vec::new();
        self.question.set(0);
        self.eval(expr, scope, Way::default(), &mut out);
        out
    }

    /// The members of a dictionary or the elements of a list that may stand at an expression, one level deep.
    pub(crate) fn elements(&self, expr: &'a Expr, scope: ScopeId) -> Vec<(&'a Expr, ScopeId)> {
        let mut out = Vec::new();
        self.add_elements(expr, scope, 0, &mut out);
        out
    }

    /// `depth`: lists in lists so far; one that holds itself has no end.
    fn add_elements(&self, expr: &'a Expr, scope: ScopeId, depth: u8, out: &mut Vec<(&'a Expr, ScopeId)>) {
        for found in self.values(expr, scope) {
            let Value::List(items, scope) = found.value else { continue };
            for item in items {
                match item {
                    Expr::Starred(starred) if depth < MAX_SPREADS => {
                        self.add_elements(&starred.value, scope, depth + 1, out);
                    }
                    Expr::Starred(_) => {}
                    _ => out.push((item, scope)),
                }
                if out.len() >= 200 {
                    return;
                }
            }
        }
    }

    /// The keyword arguments of a call, those of `**{…}` included.
    pub(crate) fn keywords(
        &self,
        call: &'a ast::ExprCall,
        scope: ScopeId,
    ) -> Vec<(&'a str, &'a Expr, ScopeId)> {
        let mut out = Vec::new();
        for keyword in &call.arguments.keywords {
            match &keyword.arg {
                Some(name) => out.push((name.as_str(), &keyword.value, scope)),
                None => {
                    for found in self.values(&keyword.value, scope) {
                        if let Value::Dict(dict, scope) = found.value {
                            out.extend(members(dict).map(|(name, value)| (name, value, scope)));
                        }
                    }
                }
            }
        }
        out
    }

    /// One keyword argument.
    pub(crate) fn keyword(
        &self,
        call: &'a ast::ExprCall,
        scope: ScopeId,
        name: &str,
    ) -> Option<(&'a Expr, ScopeId)> {
        if let Some(keyword) = call.arguments.find_keyword(name) {
            return Some((&keyword.value, scope));
        }
        if call.arguments.keywords.iter().all(|keyword| keyword.arg.is_some()) {
            return None;
        }
        self.keywords(call, scope)
            .into_iter()
            .find(|(key, ..)| *key == name)
            .map(|(_, value, scope)| (value, scope))
    }

    fn step(&self, way: Way<'a>, out: &[Found<'a>]) -> bool {
        let (steps, question) = (self.steps.get() + 1, self.question.get() + 1);
        self.steps.set(steps);
        self.question.set(question);
        way.depth < MAX_DEPTH && out.len() < MAX_FOUND && question < STEPS_A_QUESTION && steps < MAX_STEPS
    }

    fn eval(&self, expr: &'a Expr, scope: ScopeId, way: Way<'a>, out: &mut Vec<Found<'a>>) {
        if !self.step(way, out) {
            return;
        }
        let at = expr.range();
        match expr {
            Expr::StringLiteral(node) => {
                out.push(
                    way.found(Value::Text { text: Cow::Borrowed(node.value.to_str()), whole: true }, at),
                );
            }
            Expr::FString(node) => out.push(way.found(self.f_string(node, scope, way), at)),
            Expr::Name(name) => self.name(&name.id, expr, scope, way, out),
            Expr::Attribute(attribute) => self.attribute(attribute, scope, way, out),
            Expr::Call(call) => self.call(call, scope, way, out),
            Expr::Subscript(subscript) => self.subscript(subscript, scope, way, out),
            Expr::BoolOp(node) => match node.op {
                ast::BoolOp::Or => {
                    node.values.iter().for_each(|value| self.eval(value, scope, way.deeper(), out))
                }
                ast::BoolOp::And => {
                    if let Some(last) = node.values.last() {
                        self.eval(last, scope, way.deeper(), out);
                    }
                }
            },
            Expr::If(node) => {
                self.eval(&node.body, scope, way.deeper(), out);
                self.eval(&node.orelse, scope, way.deeper(), out);
            }
            Expr::BinOp(node) => match node.op {
                Operator::Add => self.sum(node, scope, way, out),
                Operator::Mod => {
                    let start = out.len();
                    self.eval(&node.left, scope, way.deeper(), out);
                    open_texts(&mut out[start..]);
                }
                // `a | b`: chains of runnables, unions of dictionaries.
                Operator::BitOr => {
                    self.eval(&node.left, scope, way.deeper(), out);
                    self.eval(&node.right, scope, way.deeper(), out);
                }
                _ => {}
            },
            Expr::Named(node) => self.eval(&node.value, scope, way.deeper(), out),
            Expr::Await(node) => self.eval(&node.value, scope, way.deeper(), out),
            Expr::Dict(node) => out.push(way.found(Value::Dict(node, scope), at)),
            Expr::List(node) => out.push(way.found(Value::List(&node.elts, scope), at)),
            Expr::Tuple(node) => out.push(way.found(Value::List(&node.elts, scope), at)),
            Expr::Set(node) => out.push(way.found(Value::List(&node.elts, scope), at)),
            Expr::ListComp(node) => self.eval(&node.elt, scope, way.deeper(), out),
            _ => {}
        }
    }

    fn f_string(&self, node: &'a ast::ExprFString, scope: ScopeId, way: Way<'a>) -> Value<'a> {
        let mut all = String::new();
        let mut whole = true;
        for part in node.value.iter() {
            match part {
                ast::FStringPart::Literal(literal) => all.push_str(&literal.value),
                ast::FStringPart::FString(string) => {
                    for element in &string.elements {
                        match element {
                            ast::InterpolatedStringElement::Literal(literal) => all.push_str(&literal.value),
                            ast::InterpolatedStringElement::Interpolation(inner) => {
                                match self.one_text(&inner.expression, scope, way.deeper()) {
                                    Some(text) => all.push_str(&text),
                                    None => {
                                        whole = false;
                                        all.push_str("{}");
                                    }
                                }
                            }
                        }
                    }
                }
            }
            if all.len() > MAX_TEXT {
                whole = false;
                break;
            }
        }
        Value::Text { text: Cow::Owned(all), whole }
    }

    /// The text of an expression that can be but one.
    fn one_text(&self, expr: &'a Expr, scope: ScopeId, way: Way<'a>) -> Option<Cow<'a, str>> {
        let mut found = Vec::new();
        self.eval(expr, scope, way, &mut found);
        let mut texts = found.into_iter().filter_map(|found| match found.value {
            Value::Text { text, whole: true } => Some(text),
            _ => None,
        });
        let first = texts.next()?;
        texts.next().is_none().then_some(first)
    }

    fn sum(&self, node: &'a ast::ExprBinOp, scope: ScopeId, way: Way<'a>, out: &mut Vec<Found<'a>>) {
        // Left-deep chains are flattened: a prompt of two hundred lines is one text.
        let mut parts = vec![&*node.right];
        let mut left = &*node.left;
        while let Expr::BinOp(inner) = left
            && inner.op == Operator::Add
        {
            parts.push(&inner.right);
            left = &inner.left;
        }
        parts.push(left);
        let mut starts = Vec::new();
        self.eval(parts.pop().unwrap_or(left), scope, way.deeper(), &mut starts);
        let mut tail = String::new();
        let mut whole = true;
        for part in parts.iter().rev() {
            match self.one_text(part, scope, way.deeper()) {
                Some(text) if tail.len() < MAX_TEXT => tail.push_str(&text),
                _ => {
                    whole = false;
                    if !tail.ends_with("{}") {
                        tail.push_str("{}");
                    }
                }
            }
        }
        if starts.is_empty() && whole && tail.len() > 1 {
            out.push(
                way.found(Value::Text { text: Cow::Owned(format!("{{}}{tail}")), whole: false }, node.range),
            );
            return;
        }
        for mut start in starts {
            match &mut start.value {
                Value::Text { text, whole: known } => {
                    text.to_mut().push_str(&tail);
                    *known &= whole;
                    out.push(start);
                }
                Value::Env(_) | Value::List(..) => out.push(start),
                _ => {}
            }
        }
    }
}

/// What is formatted is no longer all known.
fn open_texts(found: &mut [Found<'_>]) {
    for found in found {
        if let Value::Text { whole, .. } = &mut found.value {
            *whole = false;
        }
    }
}

fn is_static(node: &ast::StmtFunctionDef) -> bool {
    node.decorator_list.iter().any(|decorator| last_part(&decorator.expression) == Some("staticmethod"))
}

/// `"--api-base"` for `api_base`.
fn is_option_for(argument: &Expr, name: &str) -> bool {
    let Expr::StringLiteral(text) = argument else { return false };
    let option = text.value.to_str().trim_start_matches('-');
    option.len() == name.len()
        && option.bytes().zip(name.bytes()).all(|(a, b)| a == b || a == b'-' && b == b'_')
}

/// The members of a dictionary whose keys are texts.
pub(crate) fn members(dict: &ast::ExprDict) -> impl Iterator<Item = (&str, &Expr)> {
    dict.items.iter().filter_map(|item| match &item.key {
        Some(Expr::StringLiteral(key)) => Some((key.value.to_str(), &item.value)),
        _ => None,
    })
}

/// One member of a dictionary.
pub(crate) fn member<'a>(dict: &'a ast::ExprDict, name: &str) -> Option<&'a Expr> {
    members(dict).find(|(key, _)| *key == name).map(|(_, value)| value)
}
