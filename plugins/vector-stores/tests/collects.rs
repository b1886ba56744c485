//! What the plugin says of each store, from recordings, and of a real Chroma where there is one.
//!
//! `INVENTAR_CHROMA` is its address and `INVENTAR_CHROMA_EXPECTED` what tests/seeds/chroma_collections.py printed when it
//! filled it. With `INVENTAR_RECORD` the exchanges go to that file.
#![allow(clippy::unwrap_used)]

use inventar_plugin_sdk::collector::native::{Collected, Recorder, Replay, collect, live};
use inventar_plugin_sdk::collector::{HttpError, Reason, Request, Response};
use inventar_plugin_sdk::{Asset, AssetRef, Value};
use inventar_plugin_vector_stores::{Settings, VectorStores};
use std::collections::BTreeSet;
use std::fs::File;

const ENDPOINT: &str = "https://vectors.acme.example";

fn settings() -> Settings {
    Settings { endpoint: format!("{ENDPOINT}/"), ..Settings::default() }
}

fn run(transport: impl FnMut(&Request) -> Result<Response, HttpError> + 'static) -> Collected {
    collect::<VectorStores>(settings, transport).unwrap()
}

fn recording(name: &str) -> String {
    format!("{}/recordings/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn replay(name: &str) -> Replay {
    Replay::open(recording(&format!("{name}.jsonl"))).unwrap()
}

fn property(asset: &Asset, name: &str) -> Option<String> {
    let value = &asset.properties.iter().find(|property| property.name == name)?.value;
    Some(match value {
        Value::Text(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Texts(texts) => texts.join("+"),
        other => format!("{other:?}"),
    })
}

/// A collection a line: its key, records, dimension, distance, function, aliases, and the edges from it.
fn lines(collected: &Collected) -> Vec<String> {
    let stores = collected.assets.iter().map(|(_, asset)| asset).filter(|asset| asset.kind == "vector-store");
    let line = |asset: &Asset| {
        let shown =
            ["records", "dimension", "dimensions", "distance", "embedding-function", "aliases", "status"];
        let properties = shown.iter().filter_map(|name| property(asset, name));
        let edges = collected.relations.iter().filter_map(|(_, edge)| match (&edge.source, &edge.target) {
            (AssetRef::Local { key: from, .. }, AssetRef::Local { key: to, .. })
                if *from == asset.key && edge.kind != "stored-in" =>
            {
                Some(format!("{}→{to}", edge.kind))
            }
            _ => None,
        });
        let words: Vec<String> = properties.chain(edges).collect();
        format!("{} {}", asset.key, words.join(" "))
    };
    let mut lines: Vec<String> = stores.map(line).collect();
    lines.sort();
    lines
}

fn check(name: &str, product: &str, version: Option<&str>, expected: &[&str]) {
    let collected = run(replay(name).transport());
    assert_eq!(lines(&collected), expected, "{name}");
    let (_, server) = collected.assets.iter().find(|(_, asset)| asset.key == "server").unwrap();
    assert_eq!(property(server, "server").as_deref(), Some(product));
    assert_eq!(property(server, "server-version").as_deref(), version);
    assert!(collected.gaps.is_empty(), "{name}: {:?}", collected.gaps);
    assert!(collected.scopes.iter().all(|(_, is_complete)| *is_complete), "{name}");
}

#[test]
fn qdrant() {
    check(
        "qdrant",
        "Qdrant",
        Some("1.12.4"),
        &["collection/docs/2026 7 1536+512 Cosine docs yellow", "collection/tickets 1200 768 Cosine green"],
    );
}

#[test]
fn weaviate() {
    check(
        "weaviate",
        "Weaviate",
        Some("1.27.0"),
        &[
            "collection/Article 42 cosine text2vec-openai uses→model/text-embedding-3-small",
            "collection/Empty 0 cosine",
            "collection/Photo 5 dot text2vec-cohere uses→model/embed-multilingual-v3.0",
        ],
    );
}

#[test]
fn milvus() {
    check(
        "milvus",
        "Milvus",
        None,
        &[
            "collection/default/faq 88 1536 COSINE openai help LoadStateLoaded uses→model/text-embedding-3-small",
            "collection/default/images 0 512 IP LoadStateNotLoad",
        ],
    );
}

/// Everything that the seed says it made.
fn judge(collected: &Collected, expected: &str) {
    let expected: serde_json::Value = serde_json::from_str(expected).unwrap();
    let whole = |value: &serde_json::Value| value.as_u64().map(|number| number.to_string());
    let wanted: BTreeSet<_> = expected["collections"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let key =
                format!("collection/{}/{}", row["database"].as_str().unwrap(), row["name"].as_str().unwrap());
            (key, whole(&row["count"]), whole(&row["dimension"]), row["model"].as_str().map(str::to_owned))
        })
        .collect();
    let stores = collected.assets.iter().map(|(_, asset)| asset).filter(|asset| asset.kind == "vector-store");
    let found: BTreeSet<_> = stores
        .map(|asset| {
            let model = collected.relations.iter().find_map(|(_, edge)| match (&edge.source, &edge.target) {
                (AssetRef::Local { key: from, .. }, AssetRef::Local { key: to, .. })
                    if *from == asset.key && edge.kind == "uses" =>
                {
                    to.strip_prefix("model/").map(str::to_owned)
                }
                _ => None,
            });
            (asset.key.clone(), property(asset, "records"), property(asset, "dimension"), model)
        })
        .collect();
    assert_eq!(found, wanted);
    assert!(collected.gaps.is_empty(), "{:?}", collected.gaps);
    assert!(collected.scopes.iter().all(|(_, is_complete)| *is_complete));
}

#[test]
fn chroma() {
    let collected = run(replay("chroma").transport());
    judge(&collected, &std::fs::read_to_string(recording("chroma.expected.json")).unwrap());
    let secret = collected.assets.iter().find(|(_, asset)| asset.kind == "secret-reference").unwrap();
    assert_eq!(secret.1.name, "OPENAI_API_KEY");
}

#[test]
fn a_real_chroma() {
    let Ok(server) = std::env::var("INVENTAR_CHROMA") else {
        eprintln!("SKIP a real Chroma: INVENTAR_CHROMA is not set");
        return;
    };
    let expected = std::env::var("INVENTAR_CHROMA_EXPECTED").unwrap();
    let transport = live(move |request| request.url = request.url.replacen(ENDPOINT, &server, 1));
    let collected = match std::env::var("INVENTAR_RECORD") {
        Ok(path) => run(Recorder::new(transport, File::create(path).unwrap()).transport()),
        Err(_) => run(transport),
    };
    judge(&collected, &std::fs::read_to_string(expected).unwrap());
}

/// Replays with another status for one path; the gaps, and whether every scope was complete.
fn refused(name: &str, path: &'static str, status: u16) -> (Vec<(String, Reason)>, bool) {
    let mut replay = replay(name);
    let collected = run(move |request| {
        let mut answer = replay.answer(request)?;
        if request.url.ends_with(path) {
            (answer.status, answer.body) = (status, vec![]);
        }
        Ok(answer)
    });
    let gaps = collected.gaps.into_iter().map(|gap| (gap.at, gap.reason)).collect();
    (gaps, collected.scopes.iter().all(|(_, is_complete)| *is_complete))
}

#[test]
fn what_is_refused_is_named_and_the_rest_goes_on() {
    for (name, path, action) in [
        ("qdrant", "/collections", "vector-stores:ListQdrantCollections"),
        ("qdrant", "/collections/tickets", "vector-stores:GetQdrantCollection"),
        ("weaviate", "/v1/schema", "vector-stores:GetWeaviateSchema"),
        ("weaviate", "/v1/nodes?output=verbose", "vector-stores:ListWeaviateNodes"),
        ("milvus", "/collections/list", "vector-stores:ListMilvusCollections"),
    ] {
        assert_eq!(
            refused(name, path, 403),
            (vec![(action.to_owned(), Reason::AccessDenied)], false),
            "{path}"
        );
    }
    // Milvus answers an error with 200.
    let mut replay = replay("milvus");
    let collected = run(move |request| {
        let mut answer = replay.answer(request)?;
        if request.url.ends_with("/get_stats") {
            answer.body = br#"{"code":65535,"message":"PrivilegeGetStatistics: permission deny"}"#.to_vec();
        }
        Ok(answer)
    });
    assert!(
        collected.gaps.iter().all(|gap| gap.reason == Reason::AccessDenied && gap.at.ends_with("Statistics"))
    );
    assert_eq!((collected.gaps.len(), lines(&collected).len()), (2, 2));
}

#[test]
fn a_server_that_is_none_of_them() {
    let code = |status: u16| {
        let transport =
            move |_: &Request| Ok(Response { status, headers: vec![], body: b"{}".to_vec(), exchange: 0 });
        collect::<VectorStores>(settings, transport).unwrap_err().code
    };
    assert_eq!(code(200), "unknown-server");
    assert_eq!(code(404), "unknown-server");
    assert_eq!(code(401), "access-denied");
    let dead = collect::<VectorStores>(settings, |_: &Request| Err(HttpError::Connect)).unwrap_err();
    assert_eq!(dead.code, "unreachable");
}

proptest::proptest! {
    #[test]
    fn any_answer_is_survived(body in "[\\[\\]{}\":,a-z0-9 ]{0,200}", store in 0..4usize) {
        let name = ["chroma", "qdrant", "weaviate", "milvus"][store];
        let mut replay = replay(name);
        let mut n = 0;
        let transport = move |request: &Request| {
            let mut answer = replay.answer(request)?;
            n += 1;
            // The first questions find out which store it is.
            if n > 5 {
                answer.body = body.clone().into_bytes();
            }
            Ok(answer)
        };
        drop(collect::<VectorStores>(settings, transport));
    }
}
