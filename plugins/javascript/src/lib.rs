//! Finds AI in JavaScript and TypeScript code, and in the scripts of Vue, Svelte and Astro components.
//!
//! A file is parsed once and walked once ([`module`]); everything after reads the tables that the walk left behind:
//!
//! ```text
//! bytes ── source, nesting ──► text ── parse ──► tree ── module ──► tables ── flow, path ──► "what may stand here?"
//!                                                                     │
//!              imports · models · prompts · agents · tools · endpoints · secrets · services   each at its own places
//!                                                                     │
//!                                        share ──► facts and wants ──► link, once other files have answered
//! ```
//!
//! What is a model, a prompt or an endpoint is decided by where a value flows: into the arguments of a client, the
//! system position of a conversation, a list of tools. Names of variables are hints that the value must confirm. A model
//! that is only listed, compared with or priced is *mentioned* and not in use.
//!
//! ```
//! use inventar_plugin_javascript::JavaScript;
//! use inventar_plugin_sdk::{Detector, File, NoSettings};
//!
//! let file = File::of("app.ts", "import { openai } from '@ai-sdk/openai'\nconst model = openai('gpt-4o')\n");
//! let answer = JavaScript::scan(&NoSettings::default(), &file);
//! let seen: Vec<(&str, &str)> = answer.assets.iter().map(|asset| (&*asset.kind, &*asset.name)).collect();
//! assert_eq!(seen, [("sdk", "@ai-sdk/openai"), ("model-reference", "gpt-4o")]);
//! ```

mod agents;
mod endpoints;
mod flow;
mod imports;
mod look;
mod models;
mod module;
mod nesting;
mod parse;
mod path;
mod prompts;
mod resolve;
mod rules;
mod secrets;
mod services;
mod share;
mod slots;
mod source;
mod tools;
mod words;

use inventar_plugin_sdk::{Answer, Detector, File, GapReason, LinkingDetector, NoSettings, Subject};
use oxc_allocator::Allocator;

/// The plugin.
#[derive(Debug)]
pub struct JavaScript;

impl Detector for JavaScript {
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
        if source::is_vendored(&file.path) {
            return answer;
        }
        let source = match source::read(file) {
            Ok(source) => source,
            Err(source::NotRead(what)) => {
                answer.gap(&file.path, GapReason::Unsupported(what.to_owned()), "not read");
                return answer;
            }
        };
        let allocator = Allocator::default();
        let parsed = parse::parse(&allocator, &source.text, source::Language::of_path(&file.path));
        if parsed.program.body.is_empty()
            && let Some(error) = parsed.error
        {
            answer.unparsable(&file.path, format!("no statement could be read: {error}"));
            return answer;
        }
        let module = module::Module::of(&parsed.program);
        let mut answer = look::Look::at(file, &module);
        if source.cut {
            let reason = GapReason::Unsupported("nesting this deep".to_owned());
            answer.gap(&file.path, reason, "statements nested deeper than 100 levels were not read");
        }
        answer
    }
}

impl LinkingDetector for JavaScript {
    fn link(_settings: &NoSettings, subject: &Subject) -> Answer {
        inventar_analysis::link::link(subject, prompts::SCHEME)
    }
}

inventar_plugin_sdk::linking_detector!(JavaScript);
