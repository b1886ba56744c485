//! What a file tells others, and what it asks of them, in the words of [`inventar_analysis::link`].
//!
//! A fact is an exported name and what it holds; where an import leads, [`crate::resolve`] says.

use crate::flow::{Found, Value};
use crate::look::Look;
use crate::module::{ClassId, Exported, FunctionId, Import, NodeId};
use crate::resolve::{may_be_own, module_paths};
use crate::words;
use inventar_analysis::link::{QUESTIONS, usage_number};
use inventar_analysis::words::Role;
use inventar_plugin_sdk::{Value as Fact, Want};
use oxc_span::Span;
use rustc_hash::FxHashSet;
use serde_json::{Map, Value as Json, json};

/// All facts of a file together, in bytes; the contract allows 16 KiB.
const MAX_FACTS: usize = 14 * 1024;
/// Names of one file; the contract allows 256.
const MAX_NAMES: usize = 240;
/// Re-exports and questions of one file.
const MAX_WANTS: usize = 96;
/// Texts are told in part.
const MAX_TEXT: usize = 200;
/// Wants by index, each with how much of the rest its name uses up.
type Answering = Vec<(usize, usize)>;

impl<'a> Look<'_, '_, 'a> {
    /// Writes facts and wants.
    pub(crate) fn share(&mut self) {
        let module = self.module();
        let mut wants = Vec::new();
        let mut questions = self.questions(&mut wants);
        let mut spent = 0;
        if !questions.is_empty() {
            // Questions come first, but leave room for what others ask of this file.
            let mut text = Json::Array(questions.clone()).to_string();
            while text.len() > MAX_FACTS / 2 {
                questions.truncate(questions.len() / 2);
                text = Json::Array(questions.clone()).to_string();
            }
            spent += text.len();
            self.out.answer().fact(QUESTIONS, Fact::Json(text));
        }
        let path = self.out.file().path.clone();
        for (from, name) in &module.stars {
            let paths = module_paths(&path, from);
            if paths.is_empty() || wants.len() >= MAX_WANTS {
                continue;
            }
            // `*` serves every name, under that name.
            wants.push(Want { serves: Some(name.unwrap_or("*").to_owned()), name: None, paths });
        }
        let mut facts = 0;
        let mut told = FxHashSet::default();
        for export in &module.exports {
            if export.name.is_empty() || export.name.len() > 100 || !told.insert(export.name) {
                continue;
            }
            let fact = match export.value {
                Exported::Value(value) => self.value_fact(export.name, export.name, value, 0),
                Exported::Local(local) => {
                    let defs = module.scopes[0].names.get(local).into_iter().flatten();
                    defs.rev().find_map(|def| self.value_fact(local, local, *def, 0))
                }
            };
            let Some(fact) = fact else { continue };
            if let Some(import) = fact["i"].as_u64() {
                self.hand_on(export.name, import as usize, &mut wants);
                // A plain re-export needs no fact: the want answers.
                if fact["x"].as_str().is_some_and(str::is_empty) {
                    continue;
                }
            }
            let text = fact.to_string();
            spent += text.len() + export.name.len();
            facts += 1;
            if spent > MAX_FACTS || facts > MAX_NAMES {
                break;
            }
            self.out.answer().fact(export.name, Fact::Json(text));
        }
        self.out.answer().wants = wants;
    }

    /// `export const settings = makeSettings()` with an imported function: who asks for `settings` needs that function.
    fn hand_on(&self, name: &str, import: usize, wants: &mut Vec<Want>) {
        let Some(import) = self.module().imports.get(import) else { return };
        let paths = module_paths(&self.out.file().path, import.module);
        if !paths.is_empty() && wants.len() < MAX_WANTS {
            let there = import.name.map(str::to_owned);
            wants.push(Want { serves: Some(name.to_owned()), name: there, paths });
        }
    }

    fn value_fact(&self, name: &str, full: &str, value: NodeId, depth: u8) -> Option<Json> {
        self.flow.values(value).iter().find_map(|found| self.found_fact(name, full, found, depth))
    }

    fn found_fact(&self, name: &str, full: &str, found: &Found<'a>, depth: u8) -> Option<Json> {
        let module = self.module();
        match &found.value {
            Value::Text { text, whole } => {
                let useful = words::role(name) == Some(Role::Model)
                    || text.contains("://")
                    || text.split_whitespace().nth(2).is_some() && text.len() >= 12
                    || text.len() <= 100 && inventar_catalogue::model(text).is_some();
                useful.then(|| {
                    let mut cut = text.len().min(MAX_TEXT);
                    while !text.is_char_boundary(cut) {
                        cut -= 1;
                    }
                    // What other files call it is what this one calls it.
                    let full = found.name.filter(|_| depth == 0).unwrap_or(full);
                    let mut fact = json!({ "t": &text[..cut], "s": self.place(found.at), "q": full });
                    if !whole {
                        fact["p"] = json!(true);
                    }
                    fact
                })
            }
            // With a default, the default says more; it comes next.
            Value::Env(name) => Some(json!({ "e": name, "s": self.place(found.at) })),
            Value::Made(call) => {
                if let Some(key) = self.made.get(call) {
                    return Some(json!({ "f": full, "k": key, "s": self.place(found.at), "q": full }));
                }
                let class = self.flow.class_called(*call)?;
                self.class_fact(class, depth)
            }
            Value::Object(object) if depth < 2 => {
                let mut all = Map::new();
                for prop in module.members(*object).iter().take(40) {
                    let Some(key) = prop.name else { continue };
                    if let Some(fact) = self.value_fact(key, &format!("{full}.{key}"), prop.value, depth + 1)
                    {
                        all.insert(key.to_owned(), fact);
                    }
                }
                (!all.is_empty()).then(|| json!({ "o": all }))
            }
            Value::Foreign(import, rest) => {
                let of = &module.imports[*import as usize];
                (of.name.is_some() && may_be_own(of.module)).then(|| json!({ "i": import, "x": rest }))
            }
            Value::Function(function) => self.function_fact(*function, full, depth),
            Value::Class(class) => self.class_fact(*class, depth),
            _ => None,
        }
    }

    fn function_fact(&self, function: FunctionId, full: &str, depth: u8) -> Option<Json> {
        let info = &self.module().functions[function as usize];
        let name = info.name.unwrap_or(full);
        let mut fact = json!({ "f": name, "s": self.place(info.name_at), "q": name });
        if let Some(key) = self.made_functions.get(&function) {
            fact["k"] = json!(key);
        }
        // A class whose method makes the class would never end.
        let returns = if depth > 3 { &[][..] } else { &info.returns[..] };
        let result = returns.iter().take(4).find_map(|value| {
            let found = self.flow.values(*value);
            found.iter().find_map(|found| match &found.value {
                Value::Text { .. } | Value::Foreign(..) | Value::Env(_) => {
                    self.found_fact(name, name, found, depth + 1)
                }
                // `export const search = ({ session }) => tool({ … })`.
                Value::Made(call) => {
                    if let Some(key) = self.made.get(call) {
                        Some(json!({ "f": name, "k": key, "s": self.place(info.name_at), "q": name }))
                    } else {
                        self.found_fact(name, name, found, depth + 1)
                    }
                }
                _ => None,
            })
        });
        if let Some(mut result) = result {
            // A prompt that a function makes stands where the function does.
            if result["t"].as_str().is_some_and(|text| text.split_whitespace().nth(2).is_some()) {
                result["s"] = self.place(info.name_at);
                result["q"] = json!(name);
            }
            // Whose import it is only this file knows.
            if result.get("i").is_none() {
                fact["r"] = result;
            }
        }
        Some(fact)
    }

    fn class_fact(&self, class: ClassId, depth: u8) -> Option<Json> {
        if depth > 2 {
            return None;
        }
        let info = &self.module().classes[class as usize];
        let name = info.name;
        let mut all = Map::new();
        let mut attrs: Vec<_> = info.attrs.iter().collect();
        attrs.sort_unstable_by_key(|(attr, _)| **attr);
        for (attr, values) in attrs.into_iter().take(60) {
            let full = format!("{name}.{attr}");
            if let Some(fact) = values.iter().find_map(|value| self.value_fact(attr, &full, *value, 3)) {
                all.insert((*attr).to_owned(), fact);
            }
        }
        let mut methods: Vec<_> = info.methods.iter().collect();
        methods.sort_unstable_by_key(|(method, _)| **method);
        for (method, function) in methods.into_iter().take(60) {
            if let Some(fact) = self.function_fact(*function, &format!("{name}.{method}"), 3)
                && fact.get("r").is_some()
            {
                all.insert((*method).to_owned(), fact);
            }
        }
        let mut fact = json!({ "o": all, "f": name, "s": self.place(info.name_at) });
        if let Some(key) = self.made_classes.get(&class) {
            fact["k"] = json!(key);
        }
        (!all.is_empty() || fact.get("k").is_some()).then_some(fact)
    }

    fn place(&self, at: Span) -> Json {
        let (start, end, line) = self.out.line(crate::imports::extent(at));
        json!([start, end, line])
    }

    /// The open questions, with their wants.
    fn questions(&self, wants: &mut Vec<Want>) -> Vec<Json> {
        let module = self.module();
        let mut questions = Vec::new();
        let mut asked: Vec<(String, u32, Answering)> = Vec::new();
        for pending in &self.pending {
            let import = &module.imports[pending.import as usize];
            let first = pending.rest.strip_prefix('.').unwrap_or_default();
            let first = &first[..first.find(['.', '(', '[']).unwrap_or(first.len())];
            // `import * as config` needs a name of that file; what is done with the module itself tells which.
            if import.name.is_none() && first.is_empty() {
                continue;
            }
            let same = asked
                .iter()
                .find(|(name, of, _)| *of == pending.import && (import.name.is_some() || name == first));
            let of = match same {
                Some((_, _, of)) => of.clone(),
                None => {
                    let of = self.want(import, first, wants);
                    asked.push((first.to_owned(), pending.import, of.clone()));
                    of
                }
            };
            if of.is_empty() {
                continue;
            }
            questions.push(json!({
                "k": pending.sink.word(), "w": of, "x": pending.rest, "s": self.place(pending.at),
                "u": usage_number(self.usage), "o": pending.owner,
            }));
        }
        questions
    }

    /// The wants that answer for an import; with each, how much of the rest its name uses up.
    fn want(&self, import: &Import<'_>, first: &str, wants: &mut Vec<Want>) -> Answering {
        let paths = module_paths(&self.out.file().path, import.module);
        if paths.is_empty() || wants.len() >= MAX_WANTS {
            return vec![];
        }
        let (name, used) = match import.name {
            Some(name) => (name, 0),
            None => (first, first.len() + 1),
        };
        wants.push(Want::name(name, paths));
        vec![(wants.len() - 1, used)]
    }
}
