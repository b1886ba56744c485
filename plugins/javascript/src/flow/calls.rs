//! Calls: what they return, read from the environment, put together, or construct.

use super::{Flow, Found, MAX_TEXT, Value, Way, open_texts};
use crate::module::{ClassId, FunctionId, Kind, NodeId};
use std::borrow::Cow;

impl<'a> Flow<'_, 'a> {
    pub(super) fn call(&self, call: NodeId, way: Way<'a>, out: &mut Vec<Found<'a>>) {
        let module = self.module;
        let Kind::Call { callee, new, .. } = module.kind(call) else { return };
        let arguments = module.arguments(call);
        let first = arguments.first().copied();
        let last = module.last_part(callee).unwrap_or_default();
        let base = match module.kind(callee) {
            Kind::Member(base, _) => Some(base),
            _ => None,
        };
        // `getEnv("NAME", "default")`, noted when the file was walked.
        if let Some(first) = first
            && let Some(name) = module.text(first)
            && module.variables.binary_search_by_key(&call, |(_, node)| *node).is_ok()
        {
            out.push(Found { env: Some(name), ..way.found(Value::Env(name), call, module.at(call)) });
            if let Some(default) = arguments.get(1) {
                self.eval(*default, Way { env: Some(name), ..way.deeper() }, out);
            }
            return;
        }
        match (last, base) {
            (
                "repeat" | "replace" | "replaceAll" | "concat" | "slice" | "substring" | "format" | "compile",
                Some(base),
            ) => {
                let start = out.len();
                self.eval(base, way.deeper(), out);
                open_texts(&mut out[start..]);
                if out.len() > start || last != "format" {
                    return;
                }
            }
            ("join", Some(base)) => return self.joined(base, way, out),
            (
                "trim" | "trimStart" | "trimEnd" | "toString" | "toLowerCase" | "valueOf" | "normalize"
                | "optional" | "nullable" | "nullish" | "describe" | "min" | "max" | "url" | "bind"
                | "filter" | "reverse" | "sort",
                Some(base),
            ) => {
                let start = out.len();
                self.eval(base, way.deeper(), out);
                // `z.string().describe("…")`: a schema is no text.
                if last == "describe" {
                    out.truncate(start);
                }
                return;
            }
            // `z.string().default("…")`, `option("--model").default("…")`.
            ("default" | "prefault" | "catch", Some(_)) => {
                if let Some(first) = first {
                    self.eval(first, way.deeper(), out);
                }
                return;
            }
            (
                "freeze" | "String" | "dedent" | "stripIndent" | "stripIndents" | "outdent" | "trimIndent"
                | "from" | "useMemo" | "memo" | "cache" | "resolve" | "URL" | "computed" | "observable"
                | "signal",
                _,
            ) if first.is_some() => {
                if let Some(first) = first {
                    self.eval(first, way.deeper(), out);
                    // `new URL("/v1", base)`, `useMemo(() => value)`.
                    let made: Vec<FunctionId> = out
                        .iter()
                        .filter_map(|found| match found.value {
                            Value::Function(function) => Some(function),
                            _ => None,
                        })
                        .collect();
                    for function in made {
                        self.returns(function, way.deeper(), out);
                    }
                    if !out.is_empty() {
                        return;
                    }
                }
            }
            _ => {}
        }
        let mut callees = Vec::new();
        self.eval(callee, Way { depth: way.depth + 1, ..Way::default() }, &mut callees);
        let mut constructed = callees.is_empty();
        for found in callees {
            match found.value {
                Value::Function(function) if !new => {
                    let before = out.len();
                    self.returns(function, way, out);
                    constructed |= out.len() == before;
                }
                Value::Foreign(import, mut rest) => {
                    constructed = true;
                    if rest.len() < 80 {
                        rest.push_str("()");
                        out.push(way.deeper().found(Value::Foreign(import, rest), call, module.at(call)));
                    }
                }
                _ => constructed = true,
            }
        }
        if constructed {
            out.push(way.found(Value::Made(call), call, module.at(call)));
        }
    }

    /// `["…", "…"].join("\n")`.
    fn joined(&self, base: NodeId, way: Way<'a>, out: &mut Vec<Found<'a>>) {
        let mut lists = Vec::new();
        self.eval(base, way.deeper(), &mut lists);
        for found in lists {
            let Value::List(list) = found.value else { continue };
            let Kind::Array(items) = self.module.kind(list) else { continue };
            let mut all = String::new();
            let mut whole = true;
            for item in self.module.list(items).iter().take(500) {
                match self.one_text(*item, way.deeper()) {
                    Some(text) if all.len() < MAX_TEXT => {
                        all.push_str(&text);
                        all.push('\n');
                    }
                    _ => whole = false,
                }
            }
            if !all.is_empty() {
                out.push(Found { value: Value::Text { text: Cow::Owned(all), whole }, ..found });
            }
        }
    }

    pub(super) fn returns(&self, function: FunctionId, way: Way<'a>, out: &mut Vec<Found<'a>>) {
        let info = &self.module.functions[function as usize];
        let way = match info.name {
            Some(name) => Way { function: Some(function), ..way.through(name) },
            None => way.deeper(),
        };
        for value in info.returns.iter().take(12) {
            self.eval(*value, way, out);
        }
    }

    /// The class of this file that a call makes an instance of.
    pub(crate) fn class_called(&self, call: NodeId) -> Option<ClassId> {
        self.begin();
        self.called_class(call, Way::default())
    }

    pub(super) fn called_class(&self, call: NodeId, way: Way<'a>) -> Option<ClassId> {
        let callee = self.module.callee(call)?;
        let mut callees = Vec::new();
        self.eval(callee, Way { depth: way.depth + 1, ..Way::default() }, &mut callees);
        callees.into_iter().find_map(|callee| match callee.value {
            Value::Class(class) => Some(class),
            _ => None,
        })
    }
}
