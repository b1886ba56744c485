//! What a file tells others, and what it asks of them.
//!
//! Facts and questions have the form of [`inventar_analysis::link`]. Only what another file could put to use is told.

use crate::flow::{Found, Value, members};
use crate::look::{Look, extent};
use crate::module::{ClassId, Def, FunctionId, Import, ImportId, ScopeId, last_part};
use inventar_analysis::link::{QUESTIONS, Sink, usage_number};
use inventar_analysis::words::{self, Role};
use inventar_plugin_sdk::{Value as Fact, Want};
use ruff_text_size::TextRange;
use serde_json::{Map, Value as Json, json};

/// All facts of a file together, in bytes; the contract allows 16 KiB.
const MAX_FACTS: usize = 14 * 1024;
/// Re-exports and questions of one file.
const MAX_WANTS: usize = 96;
/// Wants by index, each with how much of the rest its name uses up.
type Answering = Vec<(usize, usize)>;

/// Texts are told in part.
const MAX_TEXT: usize = 200;

/// An open question, before its wants are known.
#[derive(Debug)]
pub(crate) struct Pending {
    pub(crate) sink: Sink,
    pub(crate) import: ImportId,
    /// What is done with the import.
    pub(crate) rest: String,
    pub(crate) at: TextRange,
    /// The agent it belongs to.
    pub(crate) owner: Option<String>,
}

impl<'a> Look<'_, '_, 'a> {
    /// Writes facts and wants.
    pub(crate) fn share(&mut self) {
        let mut wants = Vec::new();
        let questions = self.questions(&mut wants);
        let mut spent = 0;
        if !questions.is_empty() {
            // Questions come first, but leave room for what others ask of this file.
            let mut text = Json::Array(questions.clone()).to_string();
            let mut questions = questions;
            while text.len() > MAX_FACTS / 2 {
                questions.truncate(questions.len() / 2);
                text = Json::Array(questions.clone()).to_string();
            }
            spent += text.len();
            self.out.answer().fact(QUESTIONS, Fact::Json(text));
        }
        self.re_exports(&mut wants);
        self.out.answer().wants = wants;

        let module = self.module();
        let mut schemas = Vec::new();
        let mut names: Vec<_> = module.scopes[0].names.iter().collect();
        names.sort_unstable_by_key(|(name, _)| **name);
        for (name, defs) in names {
            // Recovery from a syntax error leaves definitions without a name.
            if name.is_empty() || name.len() > 100 {
                continue;
            }
            let Some(fact) = defs.iter().rev().find_map(|def| self.fact(name, def)) else {
                schemas.extend(defs.iter().rev().find_map(|def| Some((*name, self.schema_fact(def)?))));
                continue;
            };
            self.hand_on(name, &fact);
            let text = fact.to_string();
            spent += text.len() + name.len();
            if spent > MAX_FACTS {
                break;
            }
            self.out.answer().fact(*name, Fact::Json(text));
        }
        // What only a list of tools can put to use comes last.
        for (name, fact) in schemas {
            let text = fact.to_string();
            spent += text.len() + name.len();
            if spent > MAX_FACTS {
                break;
            }
            self.out.answer().fact(name, Fact::Json(text));
        }
    }

    /// A class that is nothing but a schema: handed to a model it is a tool.
    fn schema_fact(&self, def: &Def<'a>) -> Option<Json> {
        let Def::Class(class) = *def else { return None };
        let node = self.module().classes[class as usize].node;
        let is_schema = |base: &ruff_python_ast::Expr| {
            matches!(last_part(base), Some("BaseModel" | "TypedDict" | "BaseTool" | "Struct"))
        };
        let fact = || json!({ "f": node.name.as_str(), "s": self.place(node.name.range) });
        node.bases().iter().any(is_schema).then(fact)
    }

    /// `settings = make_settings()` with an imported function: who asks for `settings` needs that function.
    fn hand_on(&mut self, name: &str, fact: &Json) {
        let Some(bound) = fact["i"].as_str() else { return };
        let import = self.module().imports.iter().find(|import| import.bound == bound && import.global);
        let Some(import) = import.filter(|import| import.level > 0 || may_be_own(import.module)) else {
            return;
        };
        let paths = module_paths(&self.out.file().path, import.module, import.level);
        let there = import.name.map(str::to_owned);
        let wants = &mut self.out.answer().wants;
        if !paths.is_empty() && wants.len() < MAX_WANTS {
            wants.push(Want { serves: Some(name.to_owned()), name: there, paths });
        }
    }

    fn fact(&self, name: &str, def: &Def<'a>) -> Option<Json> {
        match *def {
            Def::Value(value, scope, crate::module::Pick::Whole) => {
                self.value_fact(name, name, value, scope, 0)
            }
            Def::Function(function) => self.function_fact(function, name),
            Def::Class(class) => self.class_fact(class),
            _ => None,
        }
    }

    fn value_fact(
        &self,
        name: &str,
        full: &str,
        value: &'a ruff_python_ast::Expr,
        scope: ScopeId,
        depth: u8,
    ) -> Option<Json> {
        self.flow
            .values(value, scope)
            .iter()
            .filter_map(|found| self.found_fact(name, full, found, depth))
            .next()
    }

    fn found_fact(&self, name: &str, full: &str, found: &Found<'a>, depth: u8) -> Option<Json> {
        match &found.value {
            Value::Text { text, whole } => {
                let useful = words::role(name) == Some(Role::Model)
                    || inventar_catalogue::model(text).is_some()
                    || text.contains("://")
                    || text.starts_with("models:/")
                    || name.to_ascii_lowercase().contains("endpoint")
                    || text.split_whitespace().nth(2).is_some() && text.len() >= 12;
                useful.then(|| {
                    let mut cut = text.len().min(MAX_TEXT);
                    while !text.is_char_boundary(cut) {
                        cut -= 1;
                    }
                    let mut fact = json!({ "t": &text[..cut], "s": self.place(found.at), "q": full });
                    if !whole {
                        fact["p"] = json!(true);
                    }
                    if text.len() > cut {
                        fact["n"] = json!(text.chars().count());
                    }
                    fact
                })
            }
            // With a default, the default says more; it comes next.
            Value::Env(name) => Some(json!({ "e": name, "s": self.place(found.at) })),
            Value::Object(call, scope) => {
                let class = self.flow.class_called(call, *scope)?;
                Some(json!({ "c": self.module().classes[class as usize].node.name.as_str() }))
            }
            Value::Dict(dict, scope) if depth < 2 => {
                let mut all = Map::new();
                for (key, value) in members(dict).take(40) {
                    if let Some(fact) =
                        self.value_fact(key, &format!("{full}.{key}"), value, *scope, depth + 1)
                    {
                        all.insert(key.to_owned(), fact);
                    }
                }
                (!all.is_empty()).then(|| json!({ "o": all }))
            }
            Value::Foreign(import, rest) => {
                let import = &self.module().imports[*import as usize];
                // What a star brings is served by the star.
                import.name.filter(|name| *name != "*").map(|_| json!({ "i": import.bound, "x": rest }))
            }
            Value::Function(function) => self.function_fact(*function, full),
            Value::Class(class) => self.class_fact(*class),
            _ => None,
        }
    }

    fn function_fact(&self, function: FunctionId, full: &str) -> Option<Json> {
        let info = &self.module().functions[function as usize];
        let at = info.node.name.range;
        let mut fact = json!({ "f": info.node.name.as_str(), "s": self.place(at), "q": full });
        if let Some(key) = self.made.get(&at) {
            fact["k"] = json!(key);
        }
        let result = info.returns.iter().take(4).find_map(|(value, scope)| {
            let found = self.flow.values(value, *scope);
            found.iter().find_map(|found| match &found.value {
                Value::Text { .. } | Value::Foreign(..) | Value::Object(..) | Value::Env(_) => {
                    self.found_fact(full, full, found, 1)
                }
                _ => None,
            })
        });
        if let Some(mut result) = result {
            // A prompt that a function makes stands where the function does.
            if result["t"].as_str().is_some_and(|text| text.split_whitespace().nth(2).is_some()) {
                result["s"] = self.place(at);
            }
            fact["r"] = result;
        }
        (fact.get("r").is_some() || fact.get("k").is_some() || info.node.name.as_str() == full)
            .then_some(fact)
    }

    fn class_fact(&self, class: ClassId) -> Option<Json> {
        let info = &self.module().classes[class as usize];
        let name = info.node.name.as_str();
        let mut all = Map::new();
        let mut attrs: Vec<_> = info.attrs.iter().collect();
        attrs.sort_unstable_by_key(|(attr, _)| **attr);
        for (attr, values) in attrs.into_iter().take(60) {
            let full = format!("{name}.{attr}");
            if let Some(fact) =
                values.iter().find_map(|(value, scope)| self.value_fact(attr, &full, value, *scope, 1))
            {
                all.insert((*attr).to_owned(), fact);
            }
        }
        let mut methods: Vec<_> = self.module().scopes[info.scope as usize].names.iter().collect();
        methods.sort_unstable_by_key(|(method, _)| **method);
        for (method, defs) in methods.into_iter().take(60) {
            if let Some(Def::Function(function)) = defs.last()
                && let Some(fact) = self.function_fact(*function, &format!("{name}.{method}"))
                && fact.get("r").is_some()
            {
                all.insert((*method).to_owned(), fact);
            }
        }
        let mut fact = json!({ "o": all, "f": name, "s": self.place(info.node.name.range) });
        if let Some(key) = self.made.get(&info.node.name.range) {
            fact["k"] = json!(key);
        }
        (!all.is_empty() || fact.get("k").is_some()).then_some(fact)
    }

    fn place(&self, at: TextRange) -> Json {
        let (start, end, line) = self.out.line(extent(at));
        json!([start, end, line])
    }

    /// The open questions, each with the wants that may answer it.
    fn questions(&mut self, wants: &mut Vec<Want>) -> Vec<Json> {
        let mut asked: Vec<(String, u32, Answering)> = Vec::new();
        let mut questions = Vec::new();
        for pending in std::mem::take(&mut self.pending) {
            let import = &self.module().imports[pending.import as usize];
            let first =
                pending.rest.trim_start_matches('.').split(['.', '(', '[']).next().unwrap_or_default();
            // `import config` needs a name of that file; what is done with the module itself tells which.
            if matches!(import.name, None | Some("*")) && (first.is_empty() || !pending.rest.starts_with('.'))
            {
                continue;
            }
            let asked_for = (first.to_owned(), pending.import);
            let found =
                asked.iter().find(|(first, import, _)| *first == asked_for.0 && *import == asked_for.1);
            let of = match found {
                Some((_, _, of)) => of.clone(),
                None => {
                    let of = self.want(import, first, pending.rest.starts_with('.'), wants);
                    asked.push((asked_for.0, asked_for.1, of.clone()));
                    of
                }
            };
            if of.is_empty() {
                continue;
            }
            questions.push(json!({
                "k": pending.sink.word(), "w": of, "x": pending.rest, "s": self.place(pending.at),
                "u": self.usage_word(), "o": pending.owner,
            }));
        }
        questions
    }

    fn usage_word(&self) -> u8 {
        usage_number(self.usage)
    }

    /// The wants that answer for an import; with each, how much of the rest its name uses up.
    fn want(&self, import: &Import<'_>, first: &str, has_first: bool, wants: &mut Vec<Want>) -> Answering {
        let path = &self.out.file().path;
        let mut of = Vec::new();
        let mut push = |name: &str, paths: Vec<String>, used: usize| {
            if !paths.is_empty() && wants.len() < MAX_WANTS {
                of.push((wants.len(), used));
                wants.push(Want::name(name, paths));
            }
        };
        match import.name {
            // `from module import *`.
            Some("*") => push(first, module_paths(path, import.module, import.level), first.len() + 1),
            Some(name) => {
                if !import.module.is_empty() || import.level > 0 {
                    push(name, module_paths(path, import.module, import.level), 0);
                }
                // `from package import module`, then `module.NAME`.
                if has_first && !first.is_empty() {
                    let module = if import.module.is_empty() {
                        name.to_owned()
                    } else {
                        format!("{}.{name}", import.module)
                    };
                    push(first, module_files(path, &module, import.level), first.len() + 1);
                }
            }
            None => push(first, module_paths(path, import.module, 0), first.len() + 1),
        }
        of
    }

    /// `from .models import MODEL` in a file from which others import `MODEL`.
    fn re_exports(&mut self, wants: &mut Vec<Want>) {
        let path = &self.out.file().path;
        for import in &self.module().imports {
            let Some(name) = import.name else { continue };
            if name.is_empty() || import.bound.is_empty() {
                continue;
            }
            if !import.global || wants.len() >= MAX_WANTS || import.bound.starts_with("__") {
                continue;
            }
            if import.level == 0 && !may_be_own(import.module) {
                continue;
            }
            let paths = module_paths(path, import.module, import.level);
            if !paths.is_empty() {
                // `*` serves every name, under that name.
                let there = (name != "*").then(|| name.to_owned());
                wants.push(Want { serves: Some(import.bound.to_owned()), name: there, paths });
            }
        }
    }
}

/// Whether an absolute import may be of this project: not of a library that everybody knows.
fn may_be_own(module: &str) -> bool {
    const KNOWN: &[&str] = &[
        "__future__",
        "abc",
        "aiohttp",
        "argparse",
        "ast",
        "asyncio",
        "base64",
        "bs4",
        "click",
        "collections",
        "concurrent",
        "contextlib",
        "copy",
        "csv",
        "dataclasses",
        "datetime",
        "decimal",
        "django",
        "dotenv",
        "enum",
        "fastapi",
        "flask",
        "functools",
        "glob",
        "hashlib",
        "html",
        "http",
        "httpx",
        "importlib",
        "inspect",
        "io",
        "itertools",
        "jinja2",
        "json",
        "logging",
        "loguru",
        "math",
        "matplotlib",
        "multiprocessing",
        "numpy",
        "operator",
        "os",
        "pandas",
        "pathlib",
        "pickle",
        "PIL",
        "platform",
        "pprint",
        "pydantic",
        "pydantic_settings",
        "pytest",
        "queue",
        "random",
        "re",
        "requests",
        "rich",
        "scipy",
        "shutil",
        "signal",
        "socket",
        "sqlalchemy",
        "sqlite3",
        "starlette",
        "string",
        "struct",
        "subprocess",
        "sys",
        "tempfile",
        "tenacity",
        "textwrap",
        "threading",
        "time",
        "tqdm",
        "traceback",
        "typer",
        "types",
        "typing",
        "typing_extensions",
        "unittest",
        "urllib",
        "uuid",
        "warnings",
        "yaml",
        "zipfile",
    ];
    let top = module.split('.').next().unwrap_or(module);
    !KNOWN.contains(&top) && inventar_catalogue::import("python", module).is_none()
}

/// The files that a module may be, best first: itself, then the package of that name.
fn module_paths(path: &str, module: &str, level: u32) -> Vec<String> {
    let mut paths = module_files(path, module, level);
    if level > 0 {
        let folder = folder_of(path, level);
        if module.is_empty()
            && let Some(folder) = folder
        {
            paths = vec![join(folder, "__init__.py")];
        }
    }
    paths
}

fn module_files(path: &str, module: &str, level: u32) -> Vec<String> {
    let tail = module.replace('.', "/");
    if tail.is_empty() {
        return vec![];
    }
    let of =
        |folder: &str| [join(folder, &format!("{tail}.py")), join(folder, &format!("{tail}/__init__.py"))];
    if level > 0 {
        return folder_of(path, level).map(|folder| of(folder).to_vec()).unwrap_or_default();
    }
    if !may_be_own(module) {
        return vec![];
    }
    let mut paths = Vec::new();
    let mut folder = folder_of(path, 1);
    while let Some(here) = folder {
        paths.extend(of(here));
        folder = here.rsplit_once('/').map(|(parent, _)| parent).or((!here.is_empty()).then_some(""));
        if paths.len() >= 12 {
            break;
        }
    }
    // A `src` or `backend` folder on the path that no import names.
    if tail.contains('/') || paths.len() < 12 {
        paths.push(format!("**/{tail}.py"));
        paths.push(format!("**/{tail}/__init__.py"));
    }
    paths.truncate(16);
    paths
}

/// The folder that so many dots mean.
fn folder_of(path: &str, level: u32) -> Option<&str> {
    let mut folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    for _ in 1..level {
        if folder.is_empty() {
            return None;
        }
        folder = folder.rsplit_once('/').map_or("", |(parent, _)| parent);
    }
    Some(folder)
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_modules_are() {
        assert_eq!(
            module_paths("pkg/app/main.py", "config", 1),
            ["pkg/app/config.py", "pkg/app/config/__init__.py"]
        );
        assert_eq!(module_paths("pkg/app/main.py", "", 1), ["pkg/app/__init__.py"]);
        assert_eq!(module_paths("pkg/app/main.py", "a.b", 2), ["pkg/a/b.py", "pkg/a/b/__init__.py"]);
        assert_eq!(module_paths("main.py", "x", 3), [""; 0]);
        assert_eq!(
            module_paths("pkg/main.py", "own.config", 0),
            [
                "pkg/own/config.py",
                "pkg/own/config/__init__.py",
                "own/config.py",
                "own/config/__init__.py",
                "**/own/config.py",
                "**/own/config/__init__.py"
            ]
        );
        assert_eq!(module_paths("main.py", "os.path", 0), [""; 0]);
    }
}
