//! Weaviate: the schema has every class, the nodes how many objects each holds.

use crate::ask::Client;
use crate::collection::{self, Collection};
use inventar_plugin_sdk::collector::{Problem, Sink, Step};
use serde_json::Value;
use std::collections::BTreeMap;

/// Its one scope.
pub const SCOPE: &str = "weaviate";
/// What only it answers.
pub const QUESTION: &str = "/v1/meta";

/// Whether the answer to [`QUESTION`] is Weaviate's.
pub fn answers(body: &Value) -> bool {
    body["version"].is_string() && body.get("hostname").is_some()
}

/// All of it: two calls whatever its size.
pub fn run(client: &Client, sink: &mut Sink) -> Result<Step, Problem> {
    let schema = match client.get("/v1/schema") {
        Ok(schema) => schema,
        Err(trouble) => {
            sink.gap(trouble.gap("vector-stores:GetWeaviateSchema"));
            return Ok(Step::partial());
        }
    };
    let meta = client.get(QUESTION).ok();
    let version = meta.as_ref().and_then(|read| read.body["version"].as_str());
    collection::server(client.address(), "Weaviate", version, &schema.response, sink);
    let counts = match client.get("/v1/nodes?output=verbose") {
        Ok(nodes) => Some(counts(&nodes.body)),
        Err(trouble) => {
            sink.gap(trouble.gap("vector-stores:ListWeaviateNodes"));
            None
        }
    };
    for class in schema.body["classes"].as_array().into_iter().flatten() {
        let mut found = read(class);
        // A class without a shard is empty; without nodes nothing is known.
        found.count = counts.as_ref().map(|counts| counts.get(&found.name).copied().unwrap_or_default());
        if !found.name.is_empty() {
            collection::report(&found, "Weaviate", &schema.response, sink);
        }
    }
    Ok(if counts.is_some() { Step::complete() } else { Step::partial() })
}

/// Objects by class. A shard has a copy on several nodes: the fullest counts.
fn counts(body: &Value) -> BTreeMap<String, u64> {
    let mut shards: BTreeMap<(String, String), u64> = BTreeMap::new();
    let nodes = body["nodes"].as_array().into_iter().flatten();
    for shard in nodes.flat_map(|node| node["shards"].as_array().into_iter().flatten()) {
        let part = |key: &str| shard[key].as_str().unwrap_or_default().to_owned();
        let known = shards.entry((part("class"), part("name"))).or_default();
        *known = (*known).max(shard["objectCount"].as_u64().unwrap_or_default());
    }
    let mut classes = BTreeMap::new();
    for ((class, _), count) in shards {
        let sum: &mut u64 = classes.entry(class).or_default();
        *sum = sum.saturating_add(count);
    }
    classes
}

fn read(class: &Value) -> Collection {
    let mut found = Collection {
        name: class["class"].as_str().unwrap_or_default().to_owned(),
        function: class["vectorizer"].as_str().filter(|name| *name != "none").map(str::to_owned),
        distance: class["vectorIndexConfig"]["distance"].as_str().map(str::to_owned),
        ..Collection::default()
    };
    let model = |config: &Value| {
        ["model", "modelId", "baseModel"].iter().find_map(|key| config[*key].as_str().map(str::to_owned))
    };
    if let Some(function) = &found.function {
        found.models.extend(model(&class["moduleConfig"][function]));
    }
    // Since 1.24 a class may have several kinds of vectors, each with its own model.
    for kind in class["vectorConfig"].as_object().into_iter().flat_map(|kinds| kinds.values()) {
        for (function, config) in kind["vectorizer"].as_object().into_iter().flatten() {
            if function != "none" {
                found.function.get_or_insert_with(|| function.clone());
                found.models.extend(model(config));
            }
        }
        if found.distance.is_none() {
            found.distance = kind["vectorIndexConfig"]["distance"].as_str().map(str::to_owned);
        }
    }
    found.models.sort();
    found.models.dedup();
    found
}
