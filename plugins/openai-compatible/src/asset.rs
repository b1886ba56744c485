//! Server and models as Inventar lists them.

use crate::ask::{Address, Answers, Question};
use crate::fingerprint::{self, Server};
use crate::served::{self, Served};
use inventar_plugin_sdk::collector::{Gap, Reason, Response, Sink};
use inventar_plugin_sdk::{Asset, AssetRef, Relation, Version};
use serde_json::Value as Json;

const SERVER: &str = "server";

/// The server itself: seen in the first answer that it gave.
pub fn server(address: &Address, server: Server, answers: &Answers, sink: &mut Sink) {
    const TELLING: [Question; 7] = [
        Question::Models,
        Question::Deployments,
        Question::ModelInfo,
        Question::OllamaTags,
        Question::Info,
        Question::Properties,
        Question::Liveliness,
    ];
    let Some(response) = TELLING.iter().find_map(|question| answers.response(*question)) else { return };
    let known = inventar_catalogue::endpoint_of_url(address.shown());
    sink.asset(
        Asset::new(SERVER, "endpoint", address.shown())
            .identifier("url", address.shown())
            .property("server", server.name())
            .maybe("server-version", fingerprint::version(server, answers))
            .maybe("provider", known.map(|known| known.provider))
            .property("protocol", "openai")
            .seen(response.evidence("server")),
    );
}

/// The models that it serves. True: the list could not be had.
pub fn models(server: Server, answers: &Answers, sink: &mut Sink) -> bool {
    match served::of(server, answers) {
        Some((question, list)) => {
            if let Some(response) = answers.response(question) {
                for served in &list {
                    // What is served itself says more of a parent than its adapters do.
                    let parent = served.parent.as_ref();
                    let parent = parent.filter(|parent| list.iter().all(|other| other.name != **parent));
                    if let Some(parent) = parent {
                        let plain = Served { name: parent.clone(), ..Served::default() };
                        sink.asset(reference(server, &plain, &format!("model/{parent}"), response));
                    }
                    one(server, served, response, sink);
                }
            }
            // LiteLLM may show its names to a key that may not see what is behind them.
            match (server, question, answers.failure(Question::ModelInfo)) {
                (Server::LiteLlm, Question::Models, Some(failure)) => {
                    sink.gap(failure.gap(Question::ModelInfo.operation()));
                    true
                }
                _ => false,
            }
        }
        None => {
            sink.gap(missing(server, answers));
            true
        }
    }
}

/// Why there is no list.
fn missing(server: Server, answers: &Answers) -> Gap {
    let question = match server {
        Server::AzureOpenAi => Question::Deployments,
        Server::Ollama => Question::OllamaTags,
        _ => Question::Models,
    };
    match answers.failure(question) {
        Some(failure) => failure.gap(question.operation()),
        None => Gap {
            at: question.operation().to_owned(),
            reason: Reason::Unparsable,
            detail: "the answer is no list of models: is this the address of an OpenAI-compatible server?"
                .into(),
            retriable: false,
        },
    }
}

fn one(server: Server, served: &Served, response: &Response, sink: &mut Sink) {
    let mut serves = |to: String, is_running: Option<bool>| {
        let mut edge = Relation::new(AssetRef::here(SERVER), "serves", AssetRef::here(to))
            .seen(response.evidence("served-model"));
        if let Some(is_running) = is_running {
            edge = edge.property("running", is_running);
        }
        sink.relation(edge);
    };
    if !served.is_deployment {
        let key = format!("model/{}", served.name);
        serves(key.clone(), served.is_running);
        sink.asset(with_facts(reference(server, served, &key, response), served));
        if let Some(parent) = &served.parent {
            let parent_key = format!("model/{parent}");
            sink.relation(
                Relation::new(AssetRef::here(key), "derived-from", AssetRef::here(parent_key))
                    .seen(response.evidence("adapter")),
            );
        }
        return;
    }
    let key = format!("deployment/{}", served.name);
    serves(key.clone(), served.is_running);
    let behind = served.behind.clone().unwrap_or_else(|| served.name.clone());
    let behind_key = format!("model/{behind}");
    sink.asset(
        Asset::new(&key, "deployment", &served.name)
            .property("server", server.name())
            .seen(response.evidence("deployment")),
    );
    let plain = Served { name: behind, route: served.route.clone(), ..Served::default() };
    sink.asset(reference(server, &plain, &behind_key, response));
    let mut edge = Relation::new(AssetRef::here(&key), "resolves-to", AssetRef::here(behind_key))
        .seen(response.evidence("deployment"));
    for (name, value) in &served.more {
        edge = edge.property(name, shown(value));
    }
    sink.relation(edge);
    if let Some(upstream) = &served.upstream {
        let upstream = without_secrets(upstream);
        let upstream_key = format!("upstream/{upstream}");
        sink.asset(
            Asset::new(&upstream_key, "endpoint", &upstream)
                .identifier("url", &upstream)
                .seen(response.evidence("upstream")),
        );
        sink.relation(
            Relation::new(AssetRef::here(key), "calls", AssetRef::here(upstream_key))
                .seen(response.evidence("upstream")),
        );
    }
}

/// A model by its name, with the identities that others know it by.
fn reference(server: Server, served: &Served, key: &str, response: &Response) -> Asset {
    let written = served.behind.as_deref().unwrap_or(&served.name);
    let known = inventar_catalogue::model_at_model_place(written);
    let hub = known.as_ref().and_then(|known| known.hub.clone());
    let hub = hub.or_else(|| (server.loads_from_hub() && is_repository(written)).then(|| written.to_owned()));
    let mut asset = Asset::new(key, "model-reference", &served.name)
        .maybe("provider", known.as_ref().map(|known| known.provider))
        .maybe("model-kind", known.as_ref().map(|known| known.kind))
        .maybe("route", served.route.as_deref().or(known.as_ref().and_then(|known| known.route)))
        .seen(response.evidence("served-model"));
    // The name of a file is the file's: others quantised and called it as they liked.
    let is_file = written.starts_with('/') || written.ends_with(".gguf");
    if let Some(known) = known.as_ref().filter(|_| !is_file) {
        asset = asset.identifier("model", known.identity());
    }
    if let Some(hub) = hub {
        asset = asset.identifier("hf", hub);
    }
    asset
}

fn with_facts(asset: Asset, served: &Served) -> Asset {
    let asset = asset.maybe("context-tokens", served.context).maybe("loaded-from", served.behind.clone());
    let asset = match &served.revision {
        Some(revision) => asset.version(Version::Exact(revision.clone())),
        None => asset,
    };
    let facts = served.more.iter();
    facts.fold(asset, |asset, (name, value)| asset.property(name, shown(value)))
}

fn shown(value: &Json) -> inventar_plugin_sdk::Value {
    use inventar_plugin_sdk::IntoValue;
    match value {
        Json::String(text) => text.into_value(),
        Json::Bool(yes) => (*yes).into_value(),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => whole.into_value(),
            None => number.as_f64().unwrap_or_default().into_value(),
        },
        other => other.clone().into_value(),
    }
}

/// `org/name`, as repositories of the hub are called.
fn is_repository(text: &str) -> bool {
    let word = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
    };
    text.split_once('/').is_some_and(|(organisation, name)| word(organisation) && word(name))
}

/// An address without a user, a query and a fragment.
fn without_secrets(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let plain = match url.split_once("://") {
        Some((scheme, rest)) => {
            let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
            format!("{scheme}://{}{path}", authority.rsplit('@').next().unwrap_or_default())
        }
        None => url.to_owned(),
    };
    plain.trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lose_what_is_secret() {
        for (url, plain) in [
            ("https://acme.openai.azure.com/", "https://acme.openai.azure.com"),
            ("https://u:p@h:1/x?key=1#f", "https://h:1/x"),
            ("h/x", "h/x"),
        ] {
            assert_eq!(without_secrets(url), plain);
        }
    }

    #[test]
    fn repositories() {
        for (text, yes) in [
            ("meta-llama/Llama-3.1-8B", true),
            ("/models/x", false),
            ("gpt2", false),
            ("a/b/c", false),
            ("../x", false),
        ] {
            assert_eq!(is_repository(text), yes, "{text}");
        }
    }
}
