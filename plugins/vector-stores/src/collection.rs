//! A collection in one shape, and how Inventar lists it.

use inventar_plugin_sdk::collector::{Response, Sink};
use inventar_plugin_sdk::{Asset, AssetRef, Relation};

/// Bytes of a name.
const NAME: usize = 256;

/// A name from a server, fit to be shown and kept.
pub fn name(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let clean = clean.trim();
    clean[..clean.floor_char_boundary(NAME)].to_owned()
}

/// A collection, class or table of vectors.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Collection {
    /// The database that it is in; empty: the store has none.
    pub database: String,
    /// Its name.
    pub name: String,
    /// Components of its vectors, one for each kind of vector that it holds.
    pub dimensions: Vec<u64>,
    /// Records.
    pub count: Option<u64>,
    /// How vectors are compared.
    pub distance: Option<String>,
    /// What embeds: `openai`, `text2vec-openai`.
    pub function: Option<String>,
    /// The model that embeds.
    pub models: Vec<String>,
    /// The environment variable with the key of whoever embeds.
    pub secret: Option<String>,
    /// Other names of it.
    pub aliases: Vec<String>,
    /// Whatever the store says of its state.
    pub status: Option<String>,
}

/// The server: of all its scopes the same asset, by its address.
pub fn server(address: &str, product: &str, version: Option<&str>, response: &Response, sink: &mut Sink) {
    sink.asset(
        Asset::new("server", "store", address)
            .identifier("url", address)
            .property("server", product)
            .maybe("server-version", version.map(name))
            .seen(response.evidence("server")),
    );
}

/// The collection, the model that embeds for it, and the name of the secret that this takes.
pub fn report(collection: &Collection, product: &str, response: &Response, sink: &mut Sink) {
    const RULE: &str = "collection";
    let database = match collection.database.as_str() {
        "" => String::new(),
        database => format!("{}/", name(database)),
    };
    let shown = name(&collection.name);
    let key = format!("collection/{database}{shown}");
    let mut asset = Asset::new(&key, "vector-store", &shown)
        .property("server", product)
        .maybe("database", (!database.is_empty()).then(|| name(&collection.database)))
        .maybe("records", collection.count)
        .maybe("distance", collection.distance.as_deref().map(name))
        .maybe("embedding-function", collection.function.as_deref().map(name))
        .maybe("status", collection.status.as_deref().map(name))
        .seen(response.evidence(RULE));
    asset = match collection.dimensions.as_slice() {
        [] => asset,
        [one] => asset.property("dimension", *one),
        several => asset.property("dimensions", several.iter().map(u64::to_string).collect::<Vec<_>>()),
    };
    if !collection.aliases.is_empty() {
        asset =
            asset.property("aliases", collection.aliases.iter().map(|alias| name(alias)).collect::<Vec<_>>());
    }
    sink.asset(asset);
    let mut edge = |kind: &str, to: String| {
        sink.relation(
            Relation::new(AssetRef::here(&key), kind, AssetRef::here(to)).seen(response.evidence(RULE)),
        );
    };
    edge("stored-in", "server".into());
    for model in &collection.models {
        edge("uses", format!("model/{}", name(model)));
    }
    if let Some(secret) = &collection.secret {
        edge("reads-secret", format!("secret/{}", name(secret)));
    }
    for model in collection.models.iter().map(|model| name(model)) {
        sink.asset(embedder(&model, response));
    }
    if let Some(secret) = collection.secret.as_deref().map(name) {
        let asset = Asset::new(format!("secret/{secret}"), "secret-reference", &secret);
        sink.asset(asset.identifier("env", &secret).seen(response.evidence("embedding-key")));
    }
}

fn embedder(model: &str, response: &Response) -> Asset {
    let known = inventar_catalogue::model_at_model_place(model);
    let mut asset = Asset::new(format!("model/{model}"), "model-reference", model)
        .property("model-kind", known.as_ref().map_or("embedding", |known| known.kind))
        .maybe("provider", known.as_ref().map(|known| known.provider))
        .seen(response.evidence("embedding-model"));
    if let Some(known) = known {
        asset = asset.identifier("model", known.identity());
        if let Some(hub) = known.hub {
            asset = asset.identifier("hf", hub);
        }
    }
    asset
}
