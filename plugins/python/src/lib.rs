//! Finds AI in Python code.
//!
//! A file is parsed once and walked once ([`module`]); everything after reads the tables that the walk left behind:
//!
//! ```text
//! bytes ── source ──► tree ── module ──► tables ── flow, path ──► "what may stand here?", "what is this called?"
//!                                          │
//!        imports · models · prompts · agents · tools · endpoints · secrets · services   each asks at its own places
//!                                          │
//!                          share ──► facts and wants ──► link, once other files have answered
//! ```
//!
//! What is a model, a prompt or an endpoint is decided by where a value flows: into the arguments of a client, the
//! system position of a conversation, a list of tools. Names of variables are hints that the value must confirm. A model
//! that is only listed, compared with or priced is *mentioned* and not in use.
//!
//! ```
//! use inventar_plugin_python::Python;
//! use inventar_plugin_sdk::{Detector, File, NoSettings};
//!
//! let file = File::of("app.py", "from openai import OpenAI\nOpenAI().responses.create(model='gpt-4o', input='hi')\n");
//! let answer = Python::scan(&NoSettings::default(), &file);
//! let seen: Vec<(&str, &str)> = answer.assets.iter().map(|asset| (&*asset.kind, &*asset.name)).collect();
//! assert_eq!(seen, [("sdk", "openai"), ("model-reference", "gpt-4o")]);
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod agents;
mod endpoints;
mod flow;
mod imports;
mod look;
mod models;
mod module;
mod path;
mod prompts;
mod rules;
mod secrets;
mod services;
mod share;
mod slots;
mod source;
mod tools;

use inventar_plugin_sdk::{Answer, Detector, File, GapReason, LinkingDetector, NoSettings, Subject};

/// The plugin.
#[derive(Debug)]
pub struct Python;

impl Detector for Python {
    type Settings = NoSettings;

    fn scan(_settings: &NoSettings, file: &File) -> Answer {
        let mut answer = Answer::default();
        if file.bytes().is_none() {
            answer.gap(
                &file.path,
                GapReason::TooLarge(file.size()),
                "source files of this size are generated; not read",
            );
            return answer;
        }
        let source = match source::read(file) {
            Ok(source) => source,
            Err(source::NotText(what)) => {
                answer.gap(&file.path, GapReason::Unsupported(what.to_owned()), "save it as UTF-8");
                return answer;
            }
        };
        let parsed = source::parse(&source.text);
        let tree = parsed.syntax();
        if tree.body.is_empty()
            && let Some(error) = parsed.errors().first()
        {
            answer.unparsable(&file.path, format!("no statement could be read: {}", error.error));
            return answer;
        }
        let module = module::Module::of(tree);
        let mut answer = look::Look::at(file, &module, documentation(tree));
        if source.cut {
            let reason = GapReason::Unsupported("nesting this deep".to_owned());
            answer.gap(&file.path, reason, "expressions nested deeper than 60 levels were not read");
        }
        answer
    }
}

/// The text at the top of a module.
fn documentation(tree: &ruff_python_ast::ModModule) -> Option<&str> {
    let statement = tree.body.first()?.as_expr_stmt()?;
    Some(statement.value.as_string_literal_expr()?.value.to_str())
}

impl LinkingDetector for Python {
    fn link(_settings: &NoSettings, subject: &Subject) -> Answer {
        inventar_analysis::link::link(subject, "x-python")
    }
}

inventar_plugin_sdk::linking_detector!(Python);
