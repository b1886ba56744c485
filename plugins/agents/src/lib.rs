//! Agents and prompts that are files: what assistants read by convention, agents defined as data, exports of flow
//! builders, prompt files.
//!
//! ```text
//! path ──conventions──► whose file, and what ──► assistant: rules, skills, commands, agents, settings, packages
//!      └─ else bytes ──documents──► Node ──► flow: exports of builders
//!                                       └──► definition: agents, tasks, messages, system texts
//!                   └──────────────────────► prompts: texts and templates
//! ```
//!
//! | part | what it is |
//! |---|---|
//! | [`conventions`] | the table: which file is whose |
//! | `assistant` | what those files say |
//! | `definition` | CrewAI, AutoGen, LangGraph, ADK, A2A, promptfoo and whatever names an agent with its instructions |
//! | `flow` | Flowise, Langflow, n8n, Dify |
//! | `prompts` | prompt files; system texts in settings |
//! | `library` | lists and tables of prompts to choose from |
//! | `dataset` | records that a model learns from |
//! | `tools` | what is offered to a model: name, description, schema |
//!
//! What an assistant of the developers reads is for development; it does not run with the product.
//!
//! ```
//! use inventar_plugin_agents::Agents;
//! use inventar_plugin_sdk::{Detector, File, NoSettings};
//!
//! let file = File::of("langgraph.json", r#"{"graphs": {"support": "./app.py:graph"}}"#);
//! let answer = Agents::scan(&NoSettings::default(), &file);
//! assert_eq!((&*answer.assets[0].kind, &*answer.assets[0].name), ("agent", "support"));
//! ```

mod assistant;
pub mod conventions;
mod dataset;
mod definition;
mod flow;
mod library;
mod look;
mod prompts;
mod tools;

use inventar_documents::{Format, parse_all, without_templates};
use inventar_plugin_sdk::{Answer, Content, Detector, File, GapReason, NoSettings};
use look::Look;

/// The plugin.
#[derive(Debug)]
pub struct Agents;

impl Detector for Agents {
    type Settings = NoSettings;

    fn scan(_settings: &NoSettings, file: &File) -> Answer {
        let mut answer = Answer::default();
        if file.bytes().is_none() {
            // Texts of this size are data: whether to learn from, their beginning tells.
            let mut head = file.read(0, dataset::HEAD_BYTES);
            head.truncate(std::str::from_utf8(&head).map_or_else(|cut| cut.valid_up_to(), str::len));
            let head = File::new(file.path.clone(), file.hits.clone(), Content::Whole(head));
            let mut look = Look::at(&head);
            dataset::read(&mut look, head.text().unwrap_or_default());
            return look.finish();
        }
        let Some(text) = file.text() else {
            answer.gap(&file.path, GapReason::Unsupported("not UTF-8".to_owned()), "save it as UTF-8");
            return answer;
        };
        let mut look = Look::at(file);
        let problem = match conventions::convention(&file.path) {
            Some(convention) => assistant::read(&mut look, convention, text),
            None => other(&mut look, text),
        };
        let mut answer = look.finish();
        if let Some(problem) = problem {
            answer.unparsable(&file.path, problem);
        }
        answer
    }
}

/// Manifests and locks say nothing of agents; words for people are no prompts.
fn is_other(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let name = lower.rsplit('/').next().unwrap_or_default();
    matches!(
        name,
        "package.json"
            | "package-lock.json"
            | "tsconfig.json"
            | "pnpm-lock.yaml"
            | "composer.json"
            | "pyproject.toml"
            | "cargo.toml"
            | "cargo.lock"
            | "poetry.lock"
            | "uv.lock"
            | "mkdocs.yml"
            | "tokenizer_config.json"
            | "tokenizer.json"
    ) || name.ends_with(".schema.json")
        || lower.split('/').any(|folder| {
            matches!(
                folder,
                "locales"
                    | "locale"
                    | "i18n"
                    | "lang"
                    | "translations"
                    | "cassettes"
                    | "__snapshots__"
                    | "node_modules"
                    | "schemas"
            )
        })
}

fn other(look: &mut Look<'_>, text: &str) -> Option<String> {
    if is_other(look.path()) {
        return None;
    }
    if look.path().to_ascii_lowercase().ends_with(".csv") {
        library::table(look, text);
        return None;
    }
    if dataset::read(look, text) || look.path().to_ascii_lowercase().ends_with(".jsonl") {
        return None;
    }
    let Some(format) = Format::of(look.path()).filter(|format| *format != Format::Hcl) else {
        prompts::file(look, text);
        return None;
    };
    let is_template = format == Format::Yaml && text.contains("{{") && look.path().contains("/templates/");
    let bare = if is_template { without_templates(text) } else { text.into() };
    // What the settings of the file say otherwise, and whether it can be read at all, is told by another detector.
    let (documents, _) = parse_all(&bare, format);
    for document in &documents {
        match flow::builder(document) {
            Some(builder) => flow::read(look, document, builder),
            None => definition::read(look, document),
        }
    }
    None
}

inventar_plugin_sdk::detector!(Agents);
