//! What a value is: follows names, members, defaults and returns back to texts, environment variables and calls.
//!
//! The question is always "what may stand here?", so alternatives add up: `x or "a"`, both branches of a condition, each
//! assignment, a default and what callers pass. It is a small flow analysis without order or loops, bounded in depth,
//! in answers and, for a whole file, in steps.

use crate::module::{ClassId, Def, FunctionId, ImportId, Module, Pick, ScopeId, ScopeKind, last_part};
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
        for found in self.values(expr, scope) {
            if let Value::List(items, scope) = found.value {
                for item in items {
                    match item {
                        Expr::Starred(starred) => out.extend(self.elements(&starred.value, scope)),
                        _ => out.push((item, scope)),
                    }
                    if out.len() >= 200 {
                        return out;
                    }
                }
            }
        }
        out
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

    fn name(&self, name: &'a str, expr: &'a Expr, scope: ScopeId, way: Way<'a>, out: &mut Vec<Found<'a>>) {
        let Some(defs) = self.defs(name, scope) else { return };
        for def in defs {
            match *def {
                Def::Import(import) => {
                    let way = way.through(name);
                    out.push(way.found(Value::Foreign(import, String::new()), expr.range()));
                }
                Def::Value(value, of, pick) => {
                    // `x = x or "a"` would never end; `values` bounds it, this spares the steps.
                    if value.range() == expr.range() {
                        continue;
                    }
                    match pick {
                        Pick::Whole => self.eval(value, of, way.through(name), out),
                        Pick::Each => self.each(value, of, way.through(name), out),
                        Pick::Item(at) => self.item(value, of, at, way.through(name), out),
                    }
                }
                Def::Param(function, at) => self.param(function, at, way.through(name), out),
                Def::Function(function) => {
                    let at = self.module.functions[function as usize].node.name.range;
                    out.push(way.through(name).found(Value::Function(function), at));
                }
                Def::Class(class) => {
                    let at = self.module.classes[class as usize].node.name.range;
                    out.push(way.through(name).found(Value::Class(class), at));
                }
            }
        }
    }

    /// What a name is bound to, from the inside out; the body of a class is seen only from itself.
    pub(crate) fn defs(&self, name: &str, scope: ScopeId) -> Option<&'m [Def<'a>]> {
        let mut at = scope;
        loop {
            let here = &self.module.scopes[at as usize];
            if at == scope || !matches!(here.kind, ScopeKind::Class(_)) {
                if let Some(defs) = here.names.get(name) {
                    return Some(defs);
                }
            }
            at = here.parent?;
        }
    }

    fn each(&self, value: &'a Expr, scope: ScopeId, way: Way<'a>, out: &mut Vec<Found<'a>>) {
        let mut found = Vec::new();
        self.eval(value, scope, way.deeper(), &mut found);
        for found in found {
            match found.value {
                Value::List(items, scope) => {
                    items.iter().for_each(|item| self.eval(item, scope, way.deeper(), out));
                }
                Value::Dict(dict, scope) => {
                    dict.items.iter().filter_map(|item| item.key.as_ref()).for_each(|key| {
                        self.eval(key, scope, way.deeper(), out);
                    });
                }
                _ => {}
            }
        }
    }

    fn item(&self, value: &'a Expr, scope: ScopeId, at: u32, way: Way<'a>, out: &mut Vec<Found<'a>>) {
        let mut found = Vec::new();
        self.eval(value, scope, way.deeper(), &mut found);
        for found in found {
            match found.value {
                Value::List(items, scope) => {
                    if let Some(item) = items.get(at as usize) {
                        self.eval(item, scope, way.deeper(), out);
                    }
                }
                Value::Foreign(import, mut rest) => {
                    if rest.len() < 80 {
                        rest.push_str(&format!("[{at}]"));
                        out.push(Found { value: Value::Foreign(import, rest), ..found });
                    }
                }
                _ => {}
            }
        }
    }

    /// A parameter: its default, and what calls in this file pass.
    fn param(&self, function: FunctionId, at: u32, way: Way<'a>, out: &mut Vec<Found<'a>>) {
        let info = &self.module.functions[function as usize];
        let Some((param, default)) = info.params.get(at as usize) else { return };
        if let Some(default) = default {
            self.eval(default, info.outer, way, out);
        }
        let name = match info.class {
            // A constructor is called by its class's name.
            Some(class) if info.node.name.id == "__init__" => {
                self.module.classes[class as usize].node.name.id.as_str()
            }
            _ => info.node.name.id.as_str(),
        };
        let skip = usize::from(info.class.is_some() && !is_static(info.node));
        let Some(position) = (at as usize).checked_sub(skip) else { return };
        for call in self.module.calls_of.get(name).into_iter().flatten().take(6) {
            let call = &self.module.calls[*call as usize];
            let arguments = &call.node.arguments;
            if let Some(keyword) = arguments.find_keyword(&param.name.id) {
                self.eval(&keyword.value, call.scope, way.deeper(), out);
            } else if let Some(value) = arguments.args.get(position)
                && !arguments.args[..=position].iter().any(Expr::is_starred_expr)
            {
                self.eval(value, call.scope, way.deeper(), out);
            }
        }
        for option in self.command_line(function, &param.name.id) {
            self.eval(option, info.outer, way.deeper(), out);
        }
    }

    /// `@click.option("--model", default=…)` above a function.
    fn command_line(&self, function: FunctionId, name: &str) -> Vec<&'a Expr> {
        let mut out = Vec::new();
        for decorator in &self.module.functions[function as usize].node.decorator_list {
            if let Expr::Call(call) = &decorator.expression
                && matches!(last_part(&call.func), Some("option" | "argument"))
                && call.arguments.args.iter().any(|arg| is_option_for(arg, name))
            {
                out.extend(call.arguments.find_keyword("default").map(|keyword| &keyword.value));
            }
        }
        out
    }

    fn attribute(
        &self,
        node: &'a ast::ExprAttribute,
        scope: ScopeId,
        way: Way<'a>,
        out: &mut Vec<Found<'a>>,
    ) {
        let name = node.attr.as_str();
        if let Expr::Name(base) = &*node.value {
            if let Some(class) = self.self_class(&base.id, scope) {
                return self.class_attr(class, name, way.through(name), out);
            }
            if matches!(base.id.as_str(), "args" | "opts" | "options" | "opt" | "cli_args" | "parsed_args") {
                self.parsed_argument(name, way.through(name), out);
            }
        }
        let mut bases = Vec::new();
        self.eval(&node.value, scope, way.deeper(), &mut bases);
        for base in bases {
            match base.value {
                Value::Class(class) => self.class_attr(class, name, way.through(name), out),
                Value::Object(call, of) => match self.called_class(call, of, way) {
                    Some(class) => self.class_attr(class, name, way.through(name), out),
                    None => {
                        if last_part(&call.func) == Some("parse_args") {
                            self.parsed_argument(name, way.through(name), out);
                        }
                    }
                },
                Value::Foreign(import, mut rest) if rest.len() < 80 => {
                    rest.push('.');
                    rest.push_str(name);
                    out.push(way.through(name).found(Value::Foreign(import, rest), node.range));
                }
                // `Model.FAST.value`, `settings.key.get_secret_value`.
                value @ (Value::Text { .. } | Value::Env(_))
                    if matches!(name, "value" | "get_secret_value") =>
                {
                    out.push(Found { value, ..base });
                }
                _ => {}
            }
        }
    }

    /// The class whose instance `name` is inside a method: `self`, `cls`.
    fn self_class(&self, name: &str, scope: ScopeId) -> Option<ClassId> {
        let mut at = scope;
        loop {
            let here = &self.module.scopes[at as usize];
            if let ScopeKind::Function(function) = here.kind {
                let info = &self.module.functions[function as usize];
                if info.params.first().is_some_and(|(param, _)| param.name.id == name)
                    && !is_static(info.node)
                {
                    return info.class;
                }
            }
            at = here.parent?;
        }
    }

    /// What an attribute of a class or of its instances may be; its bases are asked when it has none itself.
    fn class_attr(&self, class: ClassId, name: &'a str, way: Way<'a>, out: &mut Vec<Found<'a>>) {
        if !self.step(way, out) {
            return;
        }
        let info = &self.module.classes[class as usize];
        let start = out.len();
        for (value, scope) in info.attrs.get(name).into_iter().flatten() {
            self.eval(value, *scope, way.deeper(), out);
        }
        for def in self.module.scopes[info.scope as usize].names.get(name).into_iter().flatten() {
            if let Def::Function(function) = def {
                let node = self.module.functions[*function as usize].node;
                if node.decorator_list.iter().any(|decorator| {
                    matches!(
                        last_part(&decorator.expression),
                        Some("property" | "cached_property" | "computed_field")
                    )
                }) {
                    self.returns(*function, way, out);
                } else {
                    out.push(way.found(Value::Function(*function), node.name.range));
                }
            }
        }
        if out.len() == start {
            for base in info.node.bases() {
                let mut bases = Vec::new();
                self.eval(base, info.outer, way.deeper(), &mut bases);
                for base in bases {
                    match base.value {
                        Value::Class(base) if base != class => self.class_attr(base, name, way.deeper(), out),
                        Value::Foreign(import, rest) if rest.len() < 80 => {
                            out.push(way.found(Value::Foreign(import, format!("{rest}.{name}")), base.at));
                        }
                        _ => {}
                    }
                }
            }
        }
    }

    /// `parser.add_argument("--model", default=…)` for `args.model`.
    fn parsed_argument(&self, name: &'a str, way: Way<'a>, out: &mut Vec<Found<'a>>) {
        for call in self.module.calls_of.get("add_argument").into_iter().flatten().take(400) {
            let call = &self.module.calls[*call as usize];
            let named = match call.node.arguments.find_keyword("dest") {
                Some(dest) => {
                    dest.value.as_string_literal_expr().is_some_and(|dest| dest.value.to_str() == name)
                }
                None => call.node.arguments.args.iter().any(|arg| is_option_for(arg, name)),
            };
            if named && let Some(default) = call.node.arguments.find_keyword("default") {
                self.eval(&default.value, call.scope, way.deeper(), out);
            }
        }
    }

    fn subscript(
        &self,
        node: &'a ast::ExprSubscript,
        scope: ScopeId,
        way: Way<'a>,
        out: &mut Vec<Found<'a>>,
    ) {
        if last_part(&node.value) == Some("environ")
            && let Expr::StringLiteral(name) = &*node.slice
        {
            let name = name.value.to_str();
            out.push(Found { env: Some(name), ..way.found(Value::Env(name), node.range) });
            return;
        }
        let mut bases = Vec::new();
        self.eval(&node.value, scope, way.deeper(), &mut bases);
        let key = match &*node.slice {
            Expr::StringLiteral(key) => Some(Cow::Borrowed(key.value.to_str())),
            Expr::NumberLiteral(_) => None,
            other => self.one_text(other, scope, way.deeper()),
        };
        for base in bases {
            match base.value {
                Value::Dict(dict, of) => match &key {
                    Some(key) => {
                        for (name, value) in members(dict).filter(|(name, _)| name == key) {
                            self.eval(value, of, way.through(name), out);
                        }
                    }
                    // Whatever the reader picks.
                    None => {
                        for (_, value) in members(dict).take(24) {
                            self.eval(value, of, way.deeper(), out);
                        }
                    }
                },
                Value::List(items, of) => match &*node.slice {
                    Expr::NumberLiteral(ast::ExprNumberLiteral { value: ast::Number::Int(at), .. }) => {
                        if let Some(item) = at.as_usize().and_then(|at| items.get(at)) {
                            self.eval(item, of, way.deeper(), out);
                        }
                    }
                    _ => items.iter().take(24).for_each(|item| self.eval(item, of, way.deeper(), out)),
                },
                Value::Foreign(import, mut rest) if rest.len() < 80 => {
                    if let Some(key) = &key {
                        rest.push('.');
                        rest.push_str(key);
                        out.push(way.deeper().found(Value::Foreign(import, rest), node.range));
                    }
                }
                _ => {}
            }
        }
    }

    fn call(&self, call: &'a ast::ExprCall, scope: ScopeId, way: Way<'a>, out: &mut Vec<Found<'a>>) {
        let arguments = &call.arguments;
        let first = arguments.args.first();
        let default =
            || arguments.args.get(1).or_else(|| arguments.find_keyword("default").map(|k| &k.value));
        let last = last_part(&call.func).unwrap_or_default();
        let base = match &*call.func {
            Expr::Attribute(attribute) => Some(&*attribute.value),
            _ => None,
        };
        match last {
            "getenv" | "env" | "config" | "get_env" | "get_from_env" | "require_env"
            | "getenv_or_default" | "environ_get"
                if first.is_some_and(|first| first.is_string_literal_expr()) =>
            {
                return self.environment(first, default(), call, scope, way, out);
            }
            "get" | "pop" | "setdefault" if base.is_some() => {
                let Some(base) = base else { return };
                if last_part(base) == Some("environ") {
                    return self.environment(first, default(), call, scope, way, out);
                }
                let start = out.len();
                let mut bases = Vec::new();
                self.eval(base, scope, way.deeper(), &mut bases);
                let key = first.and_then(|first| self.one_text(first, scope, way.deeper()));
                for base in bases {
                    if let Value::Dict(dict, of) = base.value {
                        for (name, value) in members(dict) {
                            if key.as_ref().is_none_or(|key| key == name) && out.len() - start < 16 {
                                self.eval(value, of, way.through(name), out);
                            }
                        }
                    }
                }
                if let Some(default) = default() {
                    self.eval(default, scope, way.deeper(), out);
                }
                return;
            }
            "format" | "replace" | "format_map" | "safe_substitute" | "substitute" | "partial" | "join"
                if base.is_some() =>
            {
                let start = out.len();
                base.into_iter().for_each(|base| self.eval(base, scope, way.deeper(), out));
                if last != "join" {
                    open_texts(&mut out[start..]);
                } else {
                    out.truncate(start);
                    self.joined(call, scope, way, out);
                }
                return;
            }
            "strip" | "lstrip" | "rstrip" | "lower" | "removesuffix" | "removeprefix"
            | "get_secret_value" | "copy" | "encode" | "expandtabs"
                if base.is_some() =>
            {
                base.into_iter().for_each(|base| self.eval(base, scope, way.deeper(), out));
                return;
            }
            "dedent" | "cleandoc" | "str" | "SecretStr" | "Secret" | "Path" | "AnyHttpUrl" | "HttpUrl"
            | "expanduser" | "list" | "tuple" | "indent" => {
                if let Some(first) = first {
                    self.eval(first, scope, way.deeper(), out);
                }
                return;
            }
            "cast" => {
                if let Some(value) = arguments.args.get(1) {
                    self.eval(value, scope, way.deeper(), out);
                }
                return;
            }
            "Field" | "Option" | "Argument" | "field" | "Query" | "Body" | "Form" | "attrib"
            | "Parameter" | "BooleanVar" => {
                let value = arguments.find_keyword("default").map(|keyword| &keyword.value).or(first);
                if let Some(value) = value {
                    self.eval(value, scope, way.deeper(), out);
                }
                if let Some(keyword) =
                    arguments.find_keyword("default_factory").or_else(|| arguments.find_keyword("factory"))
                {
                    match &keyword.value {
                        Expr::Lambda(lambda) => self.eval(&lambda.body, scope, way.deeper(), out),
                        other => self.eval(other, scope, way.deeper(), out),
                    }
                }
                return;
            }
            "dict" if !arguments.keywords.is_empty() => {
                out.push(way.found(Value::Object(call, scope), call.range()));
                return;
            }
            _ => {}
        }
        let mut callees = Vec::new();
        self.eval(&call.func, scope, Way { depth: way.depth + 1, ..Way::default() }, &mut callees);
        let mut constructed = callees.is_empty();
        for callee in callees {
            match callee.value {
                Value::Function(function) => {
                    let before = out.len();
                    self.returns(function, way, out);
                    constructed |= out.len() == before;
                }
                Value::Foreign(import, mut rest) => {
                    constructed = true;
                    if rest.len() < 80 {
                        rest.push_str("()");
                        out.push(way.deeper().found(Value::Foreign(import, rest), call.range()));
                    }
                }
                _ => constructed = true,
            }
        }
        if constructed {
            out.push(way.found(Value::Object(call, scope), call.range()));
        }
    }

    /// `"\n".join([…])`.
    fn joined(&self, call: &'a ast::ExprCall, scope: ScopeId, way: Way<'a>, out: &mut Vec<Found<'a>>) {
        let Some(first) = call.arguments.args.first() else { return };
        let mut lists = Vec::new();
        self.eval(first, scope, way.deeper(), &mut lists);
        for list in lists {
            if let Value::List(items, of) = list.value {
                let mut all = String::new();
                let mut whole = true;
                for item in items.iter().take(500) {
                    match self.one_text(item, of, way.deeper()) {
                        Some(text) if all.len() < MAX_TEXT => {
                            all.push_str(&text);
                            all.push('\n');
                        }
                        _ => whole = false,
                    }
                }
                if !all.is_empty() {
                    out.push(Found { value: Value::Text { text: Cow::Owned(all), whole }, ..list });
                }
            }
        }
    }

    fn environment(
        &self,
        name: Option<&'a Expr>,
        default: Option<&'a Expr>,
        call: &'a ast::ExprCall,
        scope: ScopeId,
        way: Way<'a>,
        out: &mut Vec<Found<'a>>,
    ) {
        let name = match name {
            Some(Expr::StringLiteral(name)) => Some(name.value.to_str()),
            Some(other) => match self.one_text(other, scope, way.deeper()) {
                Some(Cow::Borrowed(name)) => Some(name),
                _ => None,
            },
            None => None,
        };
        if let Some(name) = name {
            out.push(Found { env: Some(name), ..way.found(Value::Env(name), call.range()) });
        }
        if let Some(default) = default {
            self.eval(default, scope, Way { env: name.or(way.env), ..way.deeper() }, out);
        }
    }

    fn returns(&self, function: FunctionId, way: Way<'a>, out: &mut Vec<Found<'a>>) {
        let info = &self.module.functions[function as usize];
        let way = Way { function: Some(function), ..way.through(&info.node.name.id) };
        for (value, scope) in info.returns.iter().take(12) {
            self.eval(value, *scope, way, out);
        }
    }

    /// The class of this file that a call makes an instance of.
    pub(crate) fn class_called(&self, call: &'a ast::ExprCall, scope: ScopeId) -> Option<ClassId> {
        self.question.set(0);
        self.called_class(call, scope, Way::default())
    }

    fn called_class(&self, call: &'a ast::ExprCall, scope: ScopeId, way: Way<'a>) -> Option<ClassId> {
        let mut callees = Vec::new();
        self.eval(&call.func, scope, Way { depth: way.depth + 1, ..Way::default() }, &mut callees);
        callees.into_iter().find_map(|callee| match callee.value {
            Value::Class(class) => Some(class),
            _ => None,
        })
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
