//! Calls: what they return, read from the environment, format, or construct.

use super::{Flow, Found, MAX_TEXT, Value, Way, members, open_texts};
use crate::module::{ClassId, FunctionId, ScopeId, last_part};
use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::Ranged;
use std::borrow::Cow;

impl<'a> Flow<'_, 'a> {
    pub(super) fn call(
        &self,
        call: &'a ast::ExprCall,
        scope: ScopeId,
        way: Way<'a>,
        out: &mut Vec<Found<'a>>,
    ) {
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
    pub(super) fn joined(
        &self,
        call: &'a ast::ExprCall,
        scope: ScopeId,
        way: Way<'a>,
        out: &mut Vec<Found<'a>>,
    ) {
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

    pub(super) fn environment(
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

    pub(super) fn returns(&self, function: FunctionId, way: Way<'a>, out: &mut Vec<Found<'a>>) {
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

    pub(super) fn called_class(
        &self,
        call: &'a ast::ExprCall,
        scope: ScopeId,
        way: Way<'a>,
    ) -> Option<ClassId> {
        let mut callees = Vec::new();
        self.eval(&call.func, scope, Way { depth: way.depth + 1, ..Way::default() }, &mut callees);
        callees.into_iter().find_map(|callee| match callee.value {
            Value::Class(class) => Some(class),
            _ => None,
        })
    }
}
