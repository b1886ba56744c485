//! Models that an OpenAI-compatible server offers, and what that server is.
//!
//! ```text
//! ask everything a server could be ──► fingerprint ──► served models ──► endpoint ─serves─► model-reference
//! (one burst of small questions)        vLLM, Ollama …                        └─serves─► deployment ─resolves-to─┘
//! ```
//!
//! | part | what it is |
//! |---|---|
//! | [`ask`] | the questions, and their answers as JSON |
//! | [`fingerprint`] | which server answers so; knows nothing of Inventar |
//! | [`served`] | the models of each server's own lists, in one shape; knows nothing of Inventar either |
//! | [`asset`] | server and models as Inventar lists them |
//! | [`account`] | what an account of OpenAI holds besides models: fine-tuning, assistants, vector stores |
//!
//! A model's identity is the catalogue's (`model`) and the hub's (`hf`) where the server loads from the hub, so that code
//! that names the model and the server that runs it meet.

pub mod account;
pub mod ask;
pub mod asset;
pub mod fingerprint;
pub mod served;

use fingerprint::Server;
use inventar_plugin_sdk::collector::{Collector, Context, Cursor, Problem, Scope, Sink, Step};
use serde::Deserialize;

/// What an operator may set.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The server's address, filled by the host.
    pub endpoint: String,
}

/// The plugin.
#[derive(Debug)]
pub struct OpenAiCompatible;

impl Collector for OpenAiCompatible {
    type Settings = Settings;

    fn probe(context: &Context<Settings>) -> Result<Vec<Scope>, Problem> {
        let address = ask::Address::new(&context.settings.endpoint)?;
        Ok(vec![Scope::new("models", "server", address.shown())])
    }

    fn run(
        context: &Context<Settings>,
        _scope: &Scope,
        at: Option<&Cursor>,
        sink: &mut Sink,
    ) -> Result<Step, Problem> {
        let address = ask::Address::new(&context.settings.endpoint)?;
        if at.is_some() {
            return account::run(&address, at, sink);
        }
        let answers = ask::everything(&address);
        let server = fingerprint::of(&address, &answers);
        asset::server(&address, server, &answers, sink);
        let is_partial = asset::models(server, &answers, sink);
        match server {
            Server::OpenAi => account::first(is_partial),
            _ if is_partial => Ok(Step::partial()),
            _ => Ok(Step::complete()),
        }
    }
}

inventar_plugin_sdk::collector!(OpenAiCompatible);
