//! What a callee is called in its library: `client.chat.completions.create` is `openai:OpenAI.chat.completions.create`
//! when `const client = new OpenAI()` and `import OpenAI from "openai"`.

use crate::flow::Flow;
use crate::module::{FunctionId, ImportId, Kind, NodeId};

/// How many names and members one question follows.
const MAX_DEPTH: u8 = 12;

impl<'a> Flow<'_, 'a> {
    /// The path of a value from the import it comes from, `module:name.member`. Calls on the way are left out: an
    /// instance has the path of its class, and a result that of the function.
    pub(crate) fn path(&self, node: NodeId) -> Option<String> {
        let mut path = self.path_at(node, 0)?;
        // `const OpenAI = require("openai")`.
        if path.ends_with(':') {
            path.push_str(self.module.last_part(node).unwrap_or("default"));
        }
        Some(path)
    }

    fn path_at(&self, node: NodeId, depth: u8) -> Option<String> {
        if depth > MAX_DEPTH {
            return None;
        }
        let module = self.module;
        match module.kind(node) {
            Kind::Import(import) => Some(self.path_of_import(import)),
            Kind::Name(name) => {
                let mut best = None;
                for def in module.defs(name, module.node(node).scope)?.iter().rev() {
                    if *def == node {
                        continue;
                    }
                    let path = match module.kind(*def) {
                        Kind::Function(_) => None,
                        _ => self.path_at(*def, depth + 1),
                    };
                    let path = path.map(|path| if path.ends_with(':') { path + name } else { path });
                    if path.as_ref().is_some_and(|path| !is_own(path)) {
                        return path;
                    }
                    best = best.or(path);
                }
                best
            }
            Kind::Member(object, name) => {
                if matches!(module.kind(object), Kind::This) {
                    return self.path_of_field(node, name, depth);
                }
                if let Some(mut path) = self.path_at(object, depth + 1) {
                    if !path.ends_with(':') {
                        path.push('.');
                    }
                    path.push_str(name);
                    return (path.len() < 400).then_some(path);
                }
                self.path_of_member(object, name, depth)
            }
            Kind::Call { callee, .. } => match self.path_at(callee, depth + 1) {
                Some(path) if path.ends_with(':') => {
                    Some(path + module.last_part(callee).unwrap_or("default"))
                }
                Some(path) => Some(path),
                // A result of a function of this file.
                None => self.path_of_result(self.function_at(callee)?, depth),
            },
            Kind::Or(first, second) => {
                self.path_at(first, depth + 1).or_else(|| self.path_at(second, depth + 1))
            }
            Kind::Then(value) | Kind::Spread(value) => self.path_at(value, depth + 1),
            Kind::Index(object, index) if !matches!(module.kind(index), Kind::Text(_)) => {
                self.path_at(object, depth + 1)
            }
            Kind::Class(class) => self.path_at(module.classes[class as usize].extends?, depth + 1),
            Kind::Param(function, at) => {
                let param = module.functions[function as usize].params.get(at as usize)?;
                param
                    .annotation
                    .and_then(|annotation| self.path_at(annotation, depth + 1))
                    .or_else(|| param.default.and_then(|default| self.path_at(default, depth + 1)))
            }
            Kind::Item(value, _) => self.path_at(value, depth + 1),
            _ => None,
        }
    }

    fn path_of_import(&self, import: ImportId) -> String {
        let import = &self.module.imports[import as usize];
        let name = match import.name {
            // A default has no name of its own; people call it what it is.
            Some("default") if !import.bound.is_empty() => import.bound,
            Some(name) => name,
            None => "",
        };
        format!("{}:{name}", import.module)
    }

    fn path_of_field(&self, node: NodeId, name: &str, depth: u8) -> Option<String> {
        let class = self.module.class_of(self.module.node(node).scope)?;
        let class = &self.module.classes[class as usize];
        let values = class.attrs.get(name).into_iter().flatten();
        values
            .filter_map(|value| self.path_at(*value, depth + 1))
            .next()
            .or_else(|| self.path_at(*class.types.get(name)?, depth + 1))
    }

    /// `clients.openai` with `const clients = { openai: new OpenAI() }`.
    fn path_of_member(&self, object: NodeId, name: &str, depth: u8) -> Option<String> {
        let Kind::Name(base) = self.module.kind(object) else { return None };
        let defs = self.module.defs(base, self.module.node(object).scope)?;
        defs.iter().find_map(|def| self.path_at(self.module.member(*def, name)?, depth + 1))
    }

    fn path_of_result(&self, function: FunctionId, depth: u8) -> Option<String> {
        let returns = &self.module.functions[function as usize].returns;
        returns.iter().take(4).find_map(|value| self.path_at(*value, depth + 2))
    }

    /// The function of this file that a name or `this.name` is.
    pub(crate) fn function_at(&self, node: NodeId) -> Option<FunctionId> {
        match self.module.kind(node) {
            Kind::Function(function) => Some(function),
            Kind::Name(name) => {
                let defs = self.module.defs(name, self.module.node(node).scope)?;
                defs.iter().find_map(|def| match self.module.kind(*def) {
                    Kind::Function(function) => Some(function),
                    _ => None,
                })
            }
            Kind::Member(object, name) if matches!(self.module.kind(object), Kind::This) => {
                let class = self.module.class_of(self.module.node(node).scope)?;
                self.module.classes[class as usize].methods.get(name).copied()
            }
            _ => None,
        }
    }
}

/// Whether a path leads to another file of the project.
pub(crate) fn is_own(path: &str) -> bool {
    path.starts_with(['.', '/', '~', '#', '$']) || path.starts_with("@/") || path.starts_with("src/")
}

/// The module of a path.
pub(crate) fn module_of(path: &str) -> &str {
    path.split_once(':').map_or(path, |(module, _)| module)
}

/// The last part of a path: the class, the function, the method.
pub(crate) fn last_of(path: &str) -> &str {
    path.rsplit([':', '.']).next().unwrap_or(path)
}
