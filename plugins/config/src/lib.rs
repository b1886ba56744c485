//! AI in settings: environment files, YAML, TOML, JSON, INI and properties, containers, Kubernetes, infrastructure as
//! code, CI.
//!
//! ```text
//! bytes ──format──► Node, Line or Instruction (all know their bytes)
//!                     │
//!     compose · image_config · kubernetes · terraform · templates · workflow · dockerfile    what the file is: workloads, resources, agents
//!                     │
//!                  settings ──► "what does this name hold, and what is written there?" ──► look: assets
//! ```
//!
//! | part | what it is |
//! |---|---|
//! | [`format`] | which reader a file gets, by its name and by what stands in it |
//! | `settings` | the walk over every name and value, whatever the format |
//! | `names` | what the names of tables and settings say |
//! | `servers` | the MCP server that a framework makes of the program |
//! | `value` | `${NAME:-default}` taken apart |
//! | `command` | command lines: servers started with a model, packages installed, agents called |
//! | `compose`, `image_config`, `kubernetes`, `terraform`, `templates`, `workflow`, `dockerfile` | what those files declare |
//! | `extension` | what an editor's extension may be set to, and what it adds to the editor's assistant |
//! | `look` | what is reported, and under which key |
//!
//! A model counts where a model is chosen; beside prices and context windows it is only mentioned. Values of keys are
//! never looked at: only names of variables leave this plugin.
//!
//! ```
//! use inventar_plugin_config::Config;
//! use inventar_plugin_sdk::{Detector, File, NoSettings};
//!
//! let file = File::of("compose.yaml", "services:\n  llm:\n    image: ollama/ollama:0.5\n");
//! let answer = Config::scan(&NoSettings::default(), &file);
//! let seen: Vec<(&str, &str)> = answer.assets.iter().map(|asset| (&*asset.kind, &*asset.name)).collect();
//! assert_eq!(seen, [("workload", "llm"), ("image", "ollama/ollama")]);
//! ```

mod bicep;
mod command;
mod compose;
mod dockerfile;
mod dotnet;
mod extension;
pub mod format;
mod image_config;
mod kubernetes;
mod look;
mod names;
mod servers;
mod settings;
mod sql;
mod templates;
mod terraform;
mod value;
mod workflow;

use format::Reader;
use inventar_documents::{Format, Node, lines, parse_all, without_templates};
use inventar_plugin_sdk::{Answer, Detector, File, GapReason, NoSettings};
use look::Look;
use std::borrow::Cow;

/// The plugin.
#[derive(Debug)]
pub struct Config;

impl Detector for Config {
    type Settings = NoSettings;

    fn scan(_settings: &NoSettings, file: &File) -> Answer {
        let mut answer = Answer::default();
        let Some(reader) = Reader::of(&file.path) else { return answer };
        if file.bytes().is_none() {
            answer.gap(
                &file.path,
                GapReason::TooLarge(file.size()),
                "settings of this size are data; not read",
            );
            return answer;
        }
        let Some(text) = file.text() else {
            answer.gap(&file.path, GapReason::Unsupported("not UTF-8".to_owned()), "save it as UTF-8");
            return answer;
        };
        let mut look = Look::at(file, text);
        let problem = match reader {
            Reader::Environment => {
                settings::environment(&mut look, &lines::read(text));
                None
            }
            Reader::Lines => {
                settings::properties(&mut look, &lines::read(text));
                None
            }
            Reader::Dockerfile => {
                dockerfile::read(&mut look, text);
                None
            }
            Reader::Modelfile => {
                dockerfile::modelfile(&mut look, text);
                None
            }
            Reader::Shell => {
                command::script(&mut look, text);
                // What a script pipes into a database.
                sql::read(&mut look, text);
                None
            }
            Reader::Sql => {
                sql::read(&mut look, text);
                None
            }
            Reader::Extension => {
                if extension::is_extension(text)
                    && let Ok(Some(root)) = inventar_documents::parse(text, Format::Json)
                {
                    extension::read(&mut look, &root);
                }
                // Whether a manifest can be read is told by who lists its packages.
                None
            }
            Reader::Bicep => {
                bicep::read(&mut look, text);
                None
            }
            Reader::Tree(format) => tree(&mut look, text, format),
        };
        let mut answer = look.finish();
        if let Some(problem) = problem {
            answer.unparsable(&file.path, problem);
        }
        answer
    }
}

/// Every document of the text, each by what it is. Says what could not be read, unless a template explains it.
fn tree(look: &mut Look<'_>, text: &str, format: Format) -> Option<String> {
    // Exports are large: what they are is seen before they are parsed.
    if format == Format::Json
        && text.contains("\"nodes\"")
        && ["\"connections\"", "\"edges\""].iter().any(|key| text.contains(key))
    {
        return None;
    }
    let bare = if format == Format::Yaml { without_templates(text) } else { text.into() };
    let is_template = matches!(&bare, Cow::Owned(bare) if bare != text);
    let bare = if format == Format::Yaml { without_definitions(bare) } else { bare };
    let (documents, broken) = parse_all(&bare, format);
    for document in &documents {
        document_of(look, document, format);
    }
    let broken = broken.filter(|_| !is_template && !look.path().ends_with(".tpl"))?;
    let line = text[..broken.at.min(text.len())].matches('\n').count() + 1;
    Some(format!("line {line}: {} ({})", broken.why, format.as_str()))
}

/// Definitions of Kubernetes types are a megabyte of fields each; they set nothing, and are blanked out before parsing.
fn without_definitions(text: Cow<'_, str>) -> Cow<'_, str> {
    const KIND: &str = "\nkind: CustomResourceDefinition";
    if !text.contains(KIND) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = &*text;
    while !rest.is_empty() {
        let end = rest.find("\n---").map_or(rest.len(), |end| end + 1);
        let (document, behind) = rest.split_at(end);
        if document.contains(KIND) {
            // Lines stay lines.
            out.extend(document.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
        } else {
            out.push_str(document);
        }
        let fence = behind.find('\n').map_or(behind.len(), |end| end + 1);
        out.push_str(&behind[..fence]);
        rest = &behind[fence..];
    }
    Cow::Owned(out)
}

fn document_of(look: &mut Look<'_>, root: &Node, format: Format) {
    look.learn_aliases(root);
    if format == Format::Hcl {
        terraform::read(look, root);
    } else if is_flow(root) {
        // An export of a flow builder: every field's choices stand beside what was chosen. The agents plugin reads it.
    } else if workflow::is_workflow(look.path(), root) {
        workflow::read(look, root);
    } else if kubernetes::is_manifest(root) {
        kubernetes::read(look, root);
    } else if compose::is_compose(look.path(), root) {
        compose::read(look, root);
    } else if image_config::is_image_config(root) {
        image_config::read(look, root);
    } else if templates::is_template(root) {
        templates::read(look, root);
    } else {
        settings::read(look, root);
    }
}

/// Nodes and what joins them.
fn is_flow(root: &Node) -> bool {
    let joined = |node: &Node| {
        node.get("nodes").is_some_and(|nodes| !nodes.items().is_empty())
            && node.any(&["edges", "connections"]).is_some()
    };
    joined(root)
        || root.get("data").is_some_and(joined)
        || root.get("app").is_some_and(|app| app.get("mode").is_some())
}

inventar_plugin_sdk::detector!(Config);
