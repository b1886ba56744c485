//! Collections of vector stores: how many records of which dimension, and which model embeds for them. Never a record.
//!
//! | part | what it is |
//! |---|---|
//! | [`ask`] | requests with their answers as JSON |
//! | [`chroma`], [`qdrant`], [`weaviate`], [`milvus`] | one store each: its scopes, and its lists in one shape |
//! | [`collection`] | that shape, and how Inventar lists it |
//!
//! Which store it is, it says itself: each has a page of its own that the others do not have.

pub mod ask;
pub mod chroma;
pub mod collection;
pub mod milvus;
pub mod qdrant;
pub mod weaviate;

use ask::{Client, Trouble};
use inventar_plugin_sdk::collector::{Collector, Context, Cursor, Failure, Problem, Scope, Sink, Step};
use serde::Deserialize;

/// What an operator may set.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The server's address, filled by the host.
    pub endpoint: String,
    /// Tenants of a Chroma server.
    pub tenants: Vec<String>,
}

/// The plugin.
#[derive(Debug)]
pub struct VectorStores;

impl Collector for VectorStores {
    type Settings = Settings;

    fn probe(context: &Context<Settings>) -> Result<Vec<Scope>, Problem> {
        let client = Client::new(&context.settings.endpoint)?;
        let questions = [chroma::QUESTION, qdrant::QUESTION, weaviate::QUESTION];
        let answers = client.get_all(&questions);
        let [chroma, qdrant, weaviate] = answers.as_slice() else {
            return Err(Problem::new("host", "the host left questions without an answer"));
        };
        if chroma.as_ref().is_ok_and(|read| chroma::answers(&read.body)) {
            chroma::scopes(&client, &context.settings.tenants)
        } else if qdrant.as_ref().is_ok_and(|read| qdrant::answers(&read.body)) {
            Ok(vec![Scope::new(qdrant::SCOPE, "server", "Qdrant")])
        } else if weaviate.as_ref().is_ok_and(|read| weaviate::answers(&read.body)) {
            Ok(vec![Scope::new(weaviate::SCOPE, "server", "Weaviate")])
        } else {
            match milvus::scopes(&client) {
                Ok(scopes) => Ok(scopes),
                Err(milvus) => Err(unknown(answers.iter().filter_map(|a| a.as_ref().err()).chain([&milvus]))),
            }
        }
    }

    fn run(
        context: &Context<Settings>,
        scope: &Scope,
        at: Option<&Cursor>,
        sink: &mut Sink,
    ) -> Result<Step, Problem> {
        let client = Client::new(&context.settings.endpoint)?;
        match scope.id.split_once('/').map_or(scope.id.as_str(), |(store, _)| store) {
            chroma::STORE => chroma::run(&client, &scope.id, at, sink),
            qdrant::SCOPE => qdrant::run(&client, at, sink),
            weaviate::SCOPE => weaviate::run(&client, sink),
            milvus::STORE => milvus::run(&client, &scope.id, at, sink),
            _ => Err(Problem::new("scope", format!("`{}` is no scope of this plugin", scope.id))),
        }
    }
}

/// None of the four, or none that lets us in.
fn unknown<'a>(troubles: impl Iterator<Item = &'a Trouble>) -> Problem {
    let mut unreachable = None;
    for trouble in troubles {
        match trouble {
            Trouble::Refused(failure) if matches!(failure.status(), Some(401 | 403)) => {
                return Problem::new("access-denied", format!("the server lets nobody in: {failure}"));
            }
            Trouble::Refused(failure @ Failure::Error(_)) => unreachable = Some(failure.to_string()),
            _ => {}
        }
    }
    match unreachable {
        Some(why) => Problem::new("unreachable", why),
        None => Problem::new("unknown-server", "it is none of Chroma (v2), Qdrant, Weaviate and Milvus"),
    }
}

inventar_plugin_sdk::collector!(VectorStores);
