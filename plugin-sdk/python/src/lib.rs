//! Finds AI in Python: what detectors of scripts and of notebooks share.
//!
//! A file is parsed once and walked once ([`module`]); everything after reads the tables that the walk left behind:
//!
//! ```text
//! bytes ── source ──► tree ── module ──► tables ── flow, path ──► "what may stand here?", "what is this called?"
//!                                          │
//!        imports · models · prompts · agents · tools · endpoints · secrets · services · names   each asks at its own places
//!                                          │
//!                          share ──► facts and wants ──► link, once other files have answered
//! ```
//!
//! What is a model, a prompt or an endpoint is decided by where a value flows: into the arguments of a client, the
//! system position of a conversation, a list of tools. Names of variables are hints that the value must confirm. A model
//! that is only listed, compared with or priced is *mentioned* and not in use.
//!
//! ```
//! use inventar_plugin_sdk::File;
//!
//! let file = File::of("app.py", "from openai import OpenAI\nOpenAI().responses.create(model='gpt-4o', input='hi')\n");
//! let answer = inventar_python::scan(&file);
//! let seen: Vec<(&str, &str)> = answer.assets.iter().map(|asset| (&*asset.kind, &*asset.name)).collect();
//! assert_eq!(seen, [("sdk", "openai"), ("model-reference", "gpt-4o")]);
//! ```
//!
//! [`scan`] reads a script, [`scan_cells`] what is typed into IPython, where `%magics` and `!commands` stand between the
//! statements; [`link`] answers what a file asked of those it imports from.

mod agents;
mod endpoints;
mod escapes;
mod flow;
mod imports;
mod look;
mod models;
mod module;
mod names;
mod path;
mod prompts;
mod rules;
mod secrets;
mod services;
mod share;
mod slots;
mod source;
mod tools;

use escapes::Escapes;
use inventar_plugin_sdk::{Answer, File, GapReason, Subject};
use ruff_python_ast::ModModule;
use std::ops::Range;

/// What a script says.
pub fn scan(file: &File) -> Answer {
    read(file, None)
}

/// What cells of a notebook say, written one below the other, and where commands to IPython stand between them:
/// `%pip install x`, `!ls`, `?help`. Ranges are of the file's text.
pub fn scan_cells(file: &File) -> (Answer, Vec<Range<usize>>) {
    let mut escapes = Escapes::default();
    let answer = read(file, Some(&mut escapes));
    (answer, escapes.commands)
}

/// Whether a cell ends inside of a string or of brackets, so that whatever follows it would be read as part of that.
pub fn is_unfinished(cell: &str) -> bool {
    Escapes::of(cell).unfinished
}

/// Answers what `subject.file()` asked of other files.
pub fn link(subject: &Subject) -> Answer {
    inventar_analysis::link::link(subject, "x-python")
}

fn read(file: &File, escapes: Option<&mut Escapes>) -> Answer {
    let mut answer = Answer::default();
    if file.bytes().is_none() {
        answer.gap(
            &file.path,
            GapReason::TooLarge(file.size()),
            "source files of this size are generated; not read",
        );
        return answer;
    }
    let source = match source::read(file, escapes) {
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

/// The text at the top of a module.
fn documentation(tree: &ModModule) -> Option<&str> {
    let statement = tree.body.first()?.as_expr_stmt()?;
    Some(statement.value.as_string_literal_expr()?.value.to_str())
}
