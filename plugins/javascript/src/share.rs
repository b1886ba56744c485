//! What a file tells others, and what it asks of them, in the words of [`inventar_analysis::link`].
//!
//! A fact is an exported name and what it holds. Where an import leads is tried: beside the file, from the roots that an
//! alias such as `@/` usually means, in the packages of a workspace.

use crate::flow::{Found, Value};
use crate::imports::library;
use crate::look::Look;
use crate::module::{ClassId, Exported, FunctionId, Import, NodeId};
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

/// Whether a module may be of this project: relative, through an alias, or a package of the workspace.
pub(crate) fn may_be_own(module: &str) -> bool {
    if module.starts_with('.') || alias(module).is_some() {
        return true;
    }
    module.starts_with('@') && module.contains('/') && library(module).is_none() && !is_known_scope(module)
}

fn is_known_scope(module: &str) -> bool {
    const SCOPES: &[&str] = &[
        "@types/",
        "@radix-ui/",
        "@tanstack/",
        "@babel/",
        "@mui/",
        "@emotion/",
        "@aws-sdk/",
        "@azure/",
        "@google-cloud/",
        "@nestjs/",
        "@angular/",
        "@vue/",
        "@nuxt/",
        "@sveltejs/",
        "@testing-library/",
        "@playwright/",
        "@storybook/",
        "@prisma/",
        "@trpc/",
        "@hookform/",
        "@supabase/",
        "@vercel/",
        "@octokit/",
        "@sentry/",
        "@opentelemetry/",
        "@headlessui/",
        "@heroicons/",
        "@tabler/",
        "@fortawesome/",
        "@codemirror/",
        "@lezer/",
        "@tiptap/",
        "@dnd-kit/",
        "@clerk/",
        "@auth/",
        "@next/",
        "@remix-run/",
        "@hono/",
        "@fastify/",
        "@apollo/",
        "@graphql-tools/",
        "@reduxjs/",
        "@ant-design/",
        "@chakra-ui/",
        "@mantine/",
        "@nextui-org/",
        "@heroui/",
        "@react-native/",
        "@expo/",
        "@tauri-apps/",
        "@electron/",
        "@vitejs/",
        "@rollup/",
        "@swc/",
        "@biomejs/",
        "@typescript-eslint/",
        "@eslint/",
        "@jest/",
        "@vitest/",
        "@faker-js/",
        "@slack/",
        "@stripe/",
        "@paypal/",
        "@upstash/",
        "@neondatabase/",
        "@libsql/",
        "@elastic/",
        "@grpc/",
        "@bufbuild/",
        "@noble/",
        "@solana/",
        "@ethersproject/",
        "@walletconnect/",
        "@lit/",
        "@microsoft/",
        "@fluentui/",
        "@t3-oss/",
        "@sindresorhus/",
        "@xyflow/",
        "@visx/",
        "@nivo/",
        "@monaco-editor/",
        "@lobehub/ui",
        "@lobehub/icons",
    ];
    SCOPES.iter().any(|scope| module.starts_with(scope))
}

/// What stands behind an alias for a root of the project.
fn alias(module: &str) -> Option<&str> {
    ["@/", "~/", "~~/", "#/", "$/", "@@/", "src/", "@src/", "#src/", "/src/"]
        .iter()
        .find_map(|front| module.strip_prefix(front))
        .or_else(|| module.strip_prefix("$lib/").map(|_| &module[1..]))
        .or_else(|| module.starts_with("@lib/").then(|| &module[1..]))
        .or_else(|| module.starts_with("#lib/").then(|| &module[1..]))
}

/// The files that a module may be, best first.
fn module_paths(path: &str, module: &str) -> Vec<String> {
    let mut paths = Vec::new();
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    if module.starts_with('.') {
        if let Some(whole) = join(folder, module) {
            files(&whole, &mut paths);
        }
    } else if let Some(rest) = alias(module) {
        for root in roots(path) {
            files(&join(&root, rest).unwrap_or_default(), &mut paths);
            paths.truncate(10);
        }
        files(&format!("**/{rest}"), &mut paths);
    } else if may_be_own(module) {
        // A package of the workspace: `@acme/ai/models`.
        let mut parts = module.splitn(3, '/').skip(1);
        let (name, rest) = (parts.next().unwrap_or_default(), parts.next().unwrap_or("index"));
        for folder in ["packages/", "**/packages/", "**/"] {
            for source in ["src/", ""] {
                for end in ["ts", "tsx"] {
                    if folder != "**/" || source == "src/" {
                        paths.push(format!("{folder}{name}/{source}{rest}.{end}"));
                    }
                }
            }
        }
        paths.push(format!("packages/{name}/src/{rest}/index.ts"));
    }
    paths.truncate(16);
    paths
}

/// The files that a path without its ending may be.
fn files(whole: &str, paths: &mut Vec<String>) {
    if whole.is_empty() {
        paths.extend(["index.ts", "index.js"].map(str::to_owned));
        return;
    }
    let (stem, end) = match whole.rsplit_once('.') {
        Some((stem, end @ ("js" | "mjs" | "cjs" | "jsx"))) => (stem, Some(end)),
        Some((_, "ts" | "tsx" | "mts" | "cts" | "vue" | "svelte")) => {
            paths.push(whole.to_owned());
            return;
        }
        _ => (whole, None),
    };
    match end {
        // TypeScript is imported by the name it will have.
        Some("mjs") => paths.extend([format!("{stem}.mts"), whole.to_owned()]),
        Some("cjs") => paths.extend([format!("{stem}.cts"), whole.to_owned()]),
        Some(_) => paths.extend([format!("{stem}.ts"), format!("{stem}.tsx"), whole.to_owned()]),
        None => paths.extend(
            [".ts", "/index.ts", ".tsx", ".js", "/index.js", "/index.tsx"].map(|end| format!("{stem}{end}")),
        ),
    }
}

/// The folders that an alias for the root may mean, best first: before a folder that roots have, and its `src`.
fn roots(path: &str) -> Vec<String> {
    const TOPS: &[&str] = &[
        "app",
        "pages",
        "components",
        "lib",
        "server",
        "hooks",
        "actions",
        "artifacts",
        "features",
        "routes",
        "utils",
        "api",
        "modules",
        "ai",
        "services",
        "agents",
        "tools",
    ];
    let folders: Vec<&str> = path.split('/').collect();
    let folders = &folders[..folders.len() - 1];
    let mut roots: Vec<String> = Vec::new();
    if let Some(at) = folders.iter().rposition(|folder| *folder == "src") {
        roots.push(folders[..=at].join("/"));
    }
    if let Some(at) = folders.iter().position(|folder| TOPS.contains(folder)) {
        let root = folders[..at].join("/");
        if !roots.contains(&root) {
            roots.push(root);
        }
    }
    if roots.is_empty() {
        roots.push(folders.join("/"));
    }
    roots.truncate(2);
    roots
}

/// A relative path from a folder; none above the root.
fn join(folder: &str, relative: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_modules_are() {
        for (path, module, first) in [
            ("app/chat/route.ts", "./tools", &["app/chat/tools.ts", "app/chat/tools/index.ts"][..]),
            ("app/chat/route.ts", "../lib/x.js", &["app/lib/x.ts", "app/lib/x.tsx", "app/lib/x.js"]),
            ("app/(chat)/api/route.ts", "@/lib/ai/models", &["lib/ai/models.ts", "lib/ai/models/index.ts"]),
            ("apps/web/src/app/a.ts", "@/lib/b", &["apps/web/src/lib/b.ts"]),
            ("src/routes/+page.server.ts", "$lib/ai", &["src/lib/ai.ts"]),
            ("apps/web/a.ts", "@acme/ai", &["packages/ai/src/index.ts"]),
            ("a.ts", "..", &[]),
            ("a.ts", "openai", &[]),
            ("a.ts", "@ai-sdk/openai", &[]),
        ] {
            let paths = module_paths(path, module);
            assert_eq!(&paths[..first.len()], first, "{module} from {path}");
            assert!(paths.len() <= 16);
            assert_eq!(first.is_empty(), paths.is_empty(), "{module}");
        }
    }
}
