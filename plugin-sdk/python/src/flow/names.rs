//! Names, attributes and members: what they are bound to.

use super::{Flow, Found, Value, Way, is_option_for, is_static, members};
use crate::module::{ClassId, Def, FunctionId, Pick, ScopeId, ScopeKind, last_part};
use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::Ranged;
use std::borrow::Cow;

/// How many `import *` may have brought a name.
const MAX_STARS: usize = 4;

impl<'m, 'a> Flow<'m, 'a> {
    pub(super) fn name(
        &self,
        name: &'a str,
        expr: &'a Expr,
        scope: ScopeId,
        way: Way<'a>,
        out: &mut Vec<Found<'a>>,
    ) {
        let Some(defs) = self.defs(name, scope) else {
            for star in self.module.stars.iter().take(MAX_STARS) {
                let rest = format!(".{name}");
                out.push(way.through(name).found(Value::Foreign(*star, rest), expr.range()));
            }
            return;
        };
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
            let is_seen = at == scope || !matches!(here.kind, ScopeKind::Class(_));
            if let Some(defs) = here.names.get(name).filter(|_| is_seen) {
                return Some(defs);
            }
            at = here.parent?;
        }
    }

    pub(super) fn each(&self, value: &'a Expr, scope: ScopeId, way: Way<'a>, out: &mut Vec<Found<'a>>) {
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

    pub(super) fn item(
        &self,
        value: &'a Expr,
        scope: ScopeId,
        at: u32,
        way: Way<'a>,
        out: &mut Vec<Found<'a>>,
    ) {
        let mut found = Vec::new();
        self.eval(value, scope, way.deeper(), &mut found);
        for found in found {
            match found.value {
                Value::List(items, scope) => {
                    if let Some(item) = items.get(at as usize) {
                        self.eval(item, scope, way.deeper(), out);
                    }
                }
                Value::Foreign(import, rest) if rest.len() < 80 => {
                    out.push(Found { value: Value::Foreign(import, format!("{rest}[{at}]")), ..found });
                }
                _ => {}
            }
        }
    }

    /// A parameter: its default, and what calls in this file pass.
    pub(super) fn param(&self, function: FunctionId, at: u32, way: Way<'a>, out: &mut Vec<Found<'a>>) {
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
    pub(super) fn command_line(&self, function: FunctionId, name: &str) -> Vec<&'a Expr> {
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

    pub(super) fn attribute(
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
    pub(super) fn self_class(&self, name: &str, scope: ScopeId) -> Option<ClassId> {
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
    pub(super) fn class_attr(&self, class: ClassId, name: &'a str, way: Way<'a>, out: &mut Vec<Found<'a>>) {
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
    pub(super) fn parsed_argument(&self, name: &'a str, way: Way<'a>, out: &mut Vec<Found<'a>>) {
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

    pub(super) fn subscript(
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
}
