//! What the plugin says of each server, from recordings, and of a real LiteLLM where there is one.
//!
//! `INVENTAR_LITELLM` is its address, configured by tests/seeds/litellm_gateway.yaml, and `INVENTAR_LITELLM_LOGIN` its key.
//! With `INVENTAR_RECORD` the exchanges go to that file.
#![allow(clippy::unwrap_used)]

use inventar_plugin_openai_compatible::{OpenAiCompatible, Settings};
use inventar_plugin_sdk::collector::native::{Collected, Recorder, Replay, collect, live};
use inventar_plugin_sdk::collector::{HttpError, Reason, Request, Response};
use inventar_plugin_sdk::{AssetRef, Value};
use std::collections::BTreeSet;
use std::fs::File;

const ENDPOINT: &str = "https://llm.acme.example";

fn run(
    endpoint: &'static str,
    transport: impl FnMut(&Request) -> Result<Response, HttpError> + 'static,
) -> Collected {
    collect::<OpenAiCompatible>(move || Settings { endpoint: endpoint.into() }, transport).unwrap()
}

fn replay(name: &str) -> Replay {
    Replay::open(format!("{}/recordings/{name}.jsonl", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn shown(reference: &AssetRef) -> String {
    match reference {
        AssetRef::Local { key, .. } => key.clone(),
        AssetRef::Identifier(id) => format!("{}:{}", id.scheme, id.value),
    }
}

/// Assets with their identifiers, and edges, as sorted lines.
fn lines(collected: &Collected) -> Vec<String> {
    let assets = collected.assets.iter().map(|(_, asset)| {
        let ids: Vec<String> =
            asset.identifiers.iter().map(|id| format!("{}:{}", id.scheme, id.value)).collect();
        format!("{} {} [{}]", asset.kind, asset.key, ids.join(" "))
    });
    let edges = collected.relations.iter().map(|(_, edge)| {
        let target = shown(&edge.target);
        format!("{} -{}-> {target}", shown(&edge.source), edge.kind)
    });
    assets.chain(edges).collect::<BTreeSet<String>>().into_iter().collect()
}

fn property(collected: &Collected, key: &str, name: &str) -> Option<Value> {
    let (_, asset) = collected.assets.iter().find(|(_, asset)| asset.key == key)?;
    asset.properties.iter().find(|property| property.name == name).map(|property| property.value.clone())
}

fn check(name: &str, endpoint: &'static str, server: &str, version: Option<&str>, expected: &[&str]) {
    let collected = run(endpoint, replay(name).transport());
    assert_eq!(lines(&collected), expected, "{name}");
    assert_eq!(property(&collected, "server", "server"), Some(Value::Text(server.into())), "{name}");
    assert_eq!(
        property(&collected, "server", "server-version"),
        version.map(|version| Value::Text(version.into())),
        "{name}"
    );
    assert!(collected.gaps.is_empty(), "{name}: {:?}", collected.gaps);
    assert!(collected.scopes.iter().all(|(_, is_complete)| *is_complete), "{name}");
}

#[test]
fn vllm() {
    check(
        "vllm",
        ENDPOINT,
        "vLLM",
        Some("0.9.1"),
        &[
            "endpoint server [url:https://llm.acme.example]",
            "model-reference model/meta-llama/Llama-3.1-8B-Instruct [model:meta/llama-3.1-8b-instruct hf:meta-llama/Llama-3.1-8B-Instruct]",
            "model-reference model/support-lora []",
            "model/support-lora -derived-from-> model/meta-llama/Llama-3.1-8B-Instruct",
            "server -serves-> model/meta-llama/Llama-3.1-8B-Instruct",
            "server -serves-> model/support-lora",
        ],
    );
}

#[test]
fn ollama() {
    check(
        "ollama",
        ENDPOINT,
        "Ollama",
        Some("0.12.3"),
        &[
            "endpoint server [url:https://llm.acme.example]",
            "model-reference model/llama3.1:8b [model:meta/llama3.1:8b]",
            "model-reference model/nomic-embed-text:latest [model:nomic/nomic-embed-text:latest]",
            "server -serves-> model/llama3.1:8b",
            "server -serves-> model/nomic-embed-text:latest",
        ],
    );
    let collected = run(ENDPOINT, replay("ollama").transport());
    let running: Vec<&Value> =
        collected.relations.iter().flat_map(|(_, edge)| edge.properties.iter().map(|p| &p.value)).collect();
    assert_eq!(running, [&Value::Boolean(true), &Value::Boolean(false)]);
}

#[test]
fn text_generation_inference() {
    check(
        "tgi",
        ENDPOINT,
        "text-generation-inference",
        Some("3.0.1"),
        &[
            "endpoint server [url:https://llm.acme.example]",
            "model-reference model/HuggingFaceH4/zephyr-7b-beta [model:huggingface/zephyr-7b-beta hf:HuggingFaceH4/zephyr-7b-beta]",
            "server -serves-> model/HuggingFaceH4/zephyr-7b-beta",
        ],
    );
}

#[test]
fn llama_cpp() {
    check(
        "llama-cpp",
        ENDPOINT,
        "llama.cpp",
        Some("b6600-abcdef12"),
        &[
            "endpoint server [url:https://llm.acme.example]",
            "model-reference model//models/qwen2.5-7b-instruct-q4_k_m.gguf []",
            "server -serves-> model//models/qwen2.5-7b-instruct-q4_k_m.gguf",
        ],
    );
}

#[test]
fn azure_openai() {
    check(
        "azure",
        "https://acme.openai.azure.com/",
        "Azure OpenAI",
        None,
        &[
            "deployment deployment/search []",
            "deployment deployment/support-chat []",
            "deployment/search -resolves-to-> model/text-embedding-3-large",
            "deployment/support-chat -resolves-to-> model/gpt-4o",
            "endpoint server [url:https://acme.openai.azure.com]",
            "model-reference model/gpt-4o [model:openai/gpt-4o]",
            "model-reference model/text-embedding-3-large [model:openai/text-embedding-3-large]",
            "server -serves-> deployment/search",
            "server -serves-> deployment/support-chat",
        ],
    );
}

#[test]
fn openai() {
    check(
        "openai",
        "https://api.openai.com/v1",
        "OpenAI",
        None,
        &[
            "agent assistant/asst_1 []",
            "assistant/asst_1 -uses-> model/gpt-4o",
            "assistant/asst_1 -uses-> vector-store/vs_1",
            "endpoint server [url:https://api.openai.com/v1]",
            "fine-tuning/ftjob-1 -derived-from-> model/gpt-4o-mini-2024-07-18",
            "fine-tuning/ftjob-2 -derived-from-> model/gpt-4o-mini-2024-07-18",
            "model-reference model/ft:gpt-4o-mini-2024-07-18:acme::AbC123 [model:openai/ft:gpt-4o-mini-2024-07-18:acme::abc123]",
            "model-reference model/gpt-4o [model:openai/gpt-4o]",
            "model/ft:gpt-4o-mini-2024-07-18:acme::AbC123 -derived-from-> fine-tuning/ftjob-1",
            "server -serves-> model/ft:gpt-4o-mini-2024-07-18:acme::AbC123",
            "server -serves-> model/gpt-4o",
            "training-run fine-tuning/ftjob-1 []",
            "training-run fine-tuning/ftjob-2 []",
            "vector-store vector-store/vs_1 []",
        ],
    );
}

const LITELLM: &[&str] = &[
    "deployment deployment/chat []",
    "deployment deployment/claude []",
    "deployment deployment/embeddings []",
    "deployment deployment/local []",
    "deployment/chat -resolves-to-> model/openai/gpt-4o-mini",
    "deployment/claude -resolves-to-> model/anthropic/claude-3-5-sonnet-20240620",
    "deployment/claude -resolves-to-> model/bedrock/anthropic.claude-3-5-sonnet-20240620-v1:0",
    "deployment/embeddings -calls-> upstream/https://acme.openai.azure.com",
    "deployment/embeddings -resolves-to-> model/azure/text-embedding-3-small",
    "deployment/local -calls-> upstream/http://127.0.0.1:11434",
    "deployment/local -resolves-to-> model/ollama/llama3.1",
    "endpoint server [url:https://llm.acme.example]",
    "endpoint upstream/http://127.0.0.1:11434 [url:http://127.0.0.1:11434]",
    "endpoint upstream/https://acme.openai.azure.com [url:https://acme.openai.azure.com]",
    "model-reference model/anthropic/claude-3-5-sonnet-20240620 [model:anthropic/claude-3.5-sonnet-20240620]",
    "model-reference model/azure/text-embedding-3-small [model:openai/text-embedding-3-small]",
    "model-reference model/bedrock/anthropic.claude-3-5-sonnet-20240620-v1:0 [model:anthropic/claude-3.5-sonnet-20240620]",
    "model-reference model/ollama/llama3.1 [model:meta/llama3.1]",
    "model-reference model/openai/gpt-4o-mini [model:openai/gpt-4o-mini]",
    "server -serves-> deployment/chat",
    "server -serves-> deployment/claude",
    "server -serves-> deployment/embeddings",
    "server -serves-> deployment/local",
];

#[test]
fn litellm() {
    check("litellm", ENDPOINT, "LiteLLM", None, LITELLM);
}

#[test]
fn a_real_litellm() {
    let Ok(server) = std::env::var("INVENTAR_LITELLM") else {
        eprintln!("SKIP a real LiteLLM: INVENTAR_LITELLM is not set");
        return;
    };
    let key = std::env::var("INVENTAR_LITELLM_LOGIN").unwrap();
    let transport = live(move |request| {
        request.url = request.url.replacen(ENDPOINT, &server, 1);
        request.headers.push(("authorization".into(), format!("Bearer {key}")));
    });
    let collected = match std::env::var("INVENTAR_RECORD") {
        Ok(path) => run(ENDPOINT, Recorder::new(transport, File::create(path).unwrap()).transport()),
        Err(_) => run(ENDPOINT, transport),
    };
    assert_eq!(lines(&collected), LITELLM);
}

fn gaps(answer: impl Fn(&str) -> Response + 'static) -> Vec<(String, Reason)> {
    let collected = run(ENDPOINT, move |request| Ok(answer(&request.url)));
    assert!(collected.scopes.iter().all(|(_, is_complete)| !is_complete));
    collected.gaps.into_iter().map(|gap| (gap.at, gap.reason)).collect()
}

fn answer(status: u16, body: &str) -> Response {
    Response { status, headers: vec![], body: body.as_bytes().to_vec(), exchange: 0 }
}

#[test]
fn what_is_refused_is_named() {
    let models = "openai-compatible:ListModels".to_owned();
    assert_eq!(gaps(|_| answer(401, "{}")), [(models.clone(), Reason::AccessDenied)]);
    assert_eq!(gaps(|_| answer(200, "<html>")), [(models.clone(), Reason::Unparsable)]);
    assert_eq!(gaps(|_| answer(404, "")), [(models, Reason::Unsupported("status 404".into()))]);
    // A key that sees LiteLLM's names, but not what is behind them.
    let restricted = |url: &str| match url.rsplit_once('/').unwrap().1 {
        "models" => answer(200, r#"{"data":[{"id":"chat","owned_by":"openai"}]}"#),
        "liveliness" => answer(200, "\"I'm alive!\""),
        _ => answer(403, ""),
    };
    assert_eq!(gaps(restricted), [("openai-compatible:GetLiteLlmModels".to_owned(), Reason::AccessDenied)]);
}

proptest::proptest! {
    #[test]
    fn any_answer_is_survived(body in "[\\[\\]{}\":,a-z0-9 ]{0,200}") {
        run(ENDPOINT, move |_| Ok(answer(200, &body)));
    }
}
