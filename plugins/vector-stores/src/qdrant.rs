//! Qdrant: a list of names, then each collection by its name.

use crate::ask::{Client, segment};
use crate::collection::{self, Collection};
use inventar_plugin_sdk::collector::{Cursor, Problem, Sink, Step};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Its one scope.
pub const SCOPE: &str = "qdrant";
/// What only it answers.
pub const QUESTION: &str = "/";

/// Collections of a slice.
const SLICE: usize = 40;

/// Whether the answer to [`QUESTION`] is Qdrant's.
pub fn answers(body: &Value) -> bool {
    body["title"].as_str().is_some_and(|title| title.starts_with("qdrant"))
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct At {
    after: Option<String>,
    is_partial: bool,
}

/// One slice: the names after the last one. They are listed again each time, which is one call.
pub fn run(client: &Client, at: Option<&Cursor>, sink: &mut Sink) -> Result<Step, Problem> {
    let mut at: At = at.map_or(Ok(At::default()), Cursor::read)?;
    let list = match client.get("/collections") {
        Ok(list) => list,
        Err(trouble) => {
            sink.gap(trouble.gap("vector-stores:ListQdrantCollections"));
            return Ok(Step::partial());
        }
    };
    if at.after.is_none() {
        let root = client.get(QUESTION).ok();
        let version = root.as_ref().and_then(|read| read.body["version"].as_str());
        collection::server(client.address(), "Qdrant", version, &list.response, sink);
    }
    let names = list.body["result"]["collections"].as_array().into_iter().flatten();
    let mut names: Vec<&str> = names.filter_map(|row| row["name"].as_str()).collect();
    names.sort_unstable();
    names.retain(|name| at.after.as_deref().is_none_or(|after| *name > after));
    let rest = names.len() > SLICE;
    names.truncate(SLICE);
    // Qdrant's aliases are few, and no reason to fail.
    let aliases = client.get("/aliases").ok().map(|read| read.body).unwrap_or_default();
    let paths: Vec<String> = names.iter().map(|name| format!("/collections/{}", segment(name))).collect();
    for (name, answer) in names.iter().zip(client.get_all(&paths)) {
        match answer {
            Ok(answer) => {
                let found = read(name, &answer.body["result"], &aliases);
                collection::report(&found, "Qdrant", &answer.response, sink);
            }
            // It exists; only its shape is unknown.
            Err(trouble) => {
                sink.gap(trouble.gap("vector-stores:GetQdrantCollection"));
                at.is_partial = true;
                let bare = Collection { name: (*name).to_owned(), ..Collection::default() };
                collection::report(&bare, "Qdrant", &list.response, sink);
            }
        }
    }
    at.after = names.last().map(|last| (*last).to_owned());
    match (rest, at.is_partial) {
        (true, _) => Step::more(&at),
        (false, true) => Ok(Step::partial()),
        (false, false) => Ok(Step::complete()),
    }
}

fn read(name: &str, result: &Value, aliases: &Value) -> Collection {
    let vectors = &result["config"]["params"]["vectors"];
    // One kind of vector, or several by their names.
    let kinds: Vec<&Value> = match vectors.get("size") {
        Some(_) => vec![vectors],
        None => vectors.as_object().map(|named| named.values().collect()).unwrap_or_default(),
    };
    let alias = |row: &Value| {
        (row["collection_name"] == name).then(|| row["alias_name"].as_str().map(str::to_owned)).flatten()
    };
    Collection {
        name: name.to_owned(),
        dimensions: kinds.iter().filter_map(|kind| kind["size"].as_u64()).collect(),
        count: result["points_count"].as_u64(),
        distance: kinds.iter().find_map(|kind| kind["distance"].as_str().map(str::to_owned)),
        aliases: aliases["result"]["aliases"].as_array().into_iter().flatten().filter_map(alias).collect(),
        status: result["status"].as_str().map(str::to_owned),
        ..Collection::default()
    }
}
