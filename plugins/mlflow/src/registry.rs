//! The scope of models, prompts and gateway endpoints.

use crate::api::{self, Model, Server, Trouble, Version};
use crate::location::{self, Location};
use crate::text;
use inventar_analysis::names::{self, Name};
use inventar_plugin_sdk::collector::{Cursor, Problem, Response, Sink, Step};
use inventar_plugin_sdk::{Asset, AssetRef, Relation, Version as AssetVersion};
use serde::{Deserialize, Serialize};

/// Pages of one slice.
const PAGES: usize = 10;

/// What is listed, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Part {
    Models,
    Versions,
    Prompts,
    PromptVersions,
    Gateway,
}

impl Part {
    const fn next(self) -> Option<Self> {
        match self {
            Self::Models => Some(Self::Versions),
            Self::Versions => Some(Self::Prompts),
            Self::Prompts => Some(Self::PromptVersions),
            Self::PromptVersions => Some(Self::Gateway),
            Self::Gateway => None,
        }
    }

    /// What the login must be allowed.
    const fn action(self) -> &'static str {
        match self {
            Self::Models | Self::Prompts => "mlflow:SearchRegisteredModels",
            Self::Versions | Self::PromptVersions => "mlflow:SearchModelVersions",
            Self::Gateway => "mlflow:ListGatewayEndpoints",
        }
    }
}

/// Where a slice stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct At {
    part: Part,
    token: Option<String>,
    /// Something was refused before.
    is_partial: bool,
}

/// One slice.
pub fn run(server: &Server, at: Option<&Cursor>, sink: &mut Sink) -> Result<Step, Problem> {
    let start = At { part: Part::Models, token: None, is_partial: false };
    let mut at: At = at.map_or(Ok(start), Cursor::read)?;
    for _ in 0..PAGES {
        let next = match page(server, &at, sink) {
            Ok(next) => api::next(at.token.as_deref(), next)?,
            // Older servers know no prompts and no gateway.
            Err(trouble) if at.part != Part::Models && trouble.is_unknown_here() => None,
            Err(trouble) => {
                sink.gap(trouble.gap(at.part.action()));
                at.is_partial = true;
                None
            }
        };
        at.token = next;
        if at.token.is_none() {
            match at.part.next() {
                Some(part) => at.part = part,
                None if at.is_partial => return Ok(Step::partial()),
                None => return Ok(Step::complete()),
            }
        }
    }
    Step::more(&at)
}

/// Reports a page and returns the token of the next.
fn page(server: &Server, at: &At, sink: &mut Sink) -> Result<Option<String>, Trouble> {
    let token = at.token.as_deref();
    Ok(match at.part {
        Part::Models | Part::Prompts => {
            let is_prompt = at.part == Part::Prompts;
            let read = server.models(is_prompt, token)?;
            for model in read.registered_models.iter().filter(|model| !model.name.is_empty()) {
                family(model, is_prompt, &read.response, sink);
            }
            read.page.next_page_token
        }
        Part::Versions => {
            let read = server.versions(false, token)?;
            for found in &read.model_versions {
                version(found, &read.response, sink);
            }
            read.page.next_page_token
        }
        Part::PromptVersions => {
            let read = server.versions(true, token)?;
            for found in &read.model_versions {
                prompt_version(found, &read.response, sink);
            }
            read.page.next_page_token
        }
        Part::Gateway => {
            let read = server.gateway()?;
            for endpoint in &read.endpoints {
                gateway(endpoint, &read.response, sink);
            }
            None
        }
    })
}

/// A registered model or a prompt, with its aliases.
fn family(model: &Model, is_prompt: bool, response: &Response, sink: &mut Sink) {
    let name = text::name(&model.name);
    let (kind, rule) =
        if is_prompt { ("prompt", "registered-prompt") } else { ("model-family", "registered-model") };
    let key = format!("model/{name}");
    let tags = text::of_tags(model.tags.iter().filter(|tag| !tag.key.starts_with("mlflow.")));
    let aliases: Vec<String> =
        model.aliases.iter().map(|alias| format!("{}={}", text::name(&alias.alias), alias.version)).collect();
    let mut asset = Asset::new(&key, kind, &name)
        .identifier("x-mlflow", &name)
        .maybe("description", text::text(&model.description))
        .maybe("created", model.creation_timestamp)
        .maybe("changed", model.last_updated_timestamp)
        .maybe("tags", tags.kept)
        .maybe("tags-omitted", tags.dropped)
        .seen(response.evidence(rule));
    if !aliases.is_empty() {
        asset = asset.property("aliases", aliases);
    }
    if !is_prompt {
        asset = asset.identifier(names::SCHEME, Name::mlflow_model(&name).to_string());
    }
    sink.asset(asset);
    for alias in &model.aliases {
        let called = Name::mlflow_alias(&name, &text::name(&alias.alias));
        let name = format!("{name}@{}", text::name(&alias.alias));
        let alias_key = format!("alias/{name}");
        sink.asset(
            Asset::new(&alias_key, "model-reference", format!("models:/{name}"))
                .identifier("x-mlflow", &name)
                .identifier(names::SCHEME, called.to_string())
                .property("provider", "mlflow")
                .seen(response.evidence("alias")),
        );
        let version = AssetRef::here(version_key(&model.name, &alias.version));
        sink.relation(
            Relation::new(AssetRef::here(alias_key), "resolves-to", version).seen(response.evidence("alias")),
        );
    }
}

fn version_key(name: &str, version: &str) -> String {
    format!("version/{}/{}", text::name(name), text::name(version))
}

fn instance(found: &Version, kind: &str, rule: &str, response: &Response) -> (String, Asset, Relation) {
    let key = version_key(&found.name, &found.version);
    let name = text::name(&found.name);
    let shown = |key: &str| !key.starts_with("mlflow.") && !key.starts_with("_mlflow") && !key.is_empty();
    let tags = text::of_tags(found.tags.iter().filter(|tag| shown(&tag.key)));
    let stage = Some(found.current_stage.as_str()).filter(|stage| !stage.is_empty() && *stage != "None");
    let asset = Asset::new(&key, kind, &name)
        .version(AssetVersion::Exact(text::name(&found.version)))
        .identifier("x-mlflow", format!("{name}/{}", text::name(&found.version)))
        .maybe("description", text::text(&found.description))
        .maybe("status", text::text(&found.status))
        .maybe("stage", stage.and_then(text::text))
        .maybe("created", found.creation_timestamp)
        .maybe("tags", tags.kept)
        .maybe("tags-omitted", tags.dropped)
        .seen(response.evidence(rule));
    let of = Relation::new(AssetRef::here(&key), "instance-of", AssetRef::here(format!("model/{name}")))
        .seen(response.evidence(rule));
    (key, asset, of)
}

/// A version of a model: what it is of, where it lies, which run made it.
fn version(found: &Version, response: &Response, sink: &mut Sink) {
    const RULE: &str = "model-version";
    let (key, asset, of) = instance(found, "model-version", RULE, response);
    let name = text::name(&found.name);
    let mut asset = asset
        .identifier(names::SCHEME, Name::mlflow_version(&name, &text::name(&found.version)).to_string())
        .maybe("source", text::text(&found.source));
    if let Some(stage) = names::stage(&found.current_stage) {
        asset = asset.identifier(names::SCHEME, Name::mlflow_version(&name, stage).to_string());
    }
    sink.asset(asset);
    sink.relation(of);
    let mut edge = |kind: &str, to: AssetRef| {
        sink.relation(Relation::new(AssetRef::here(&key), kind, to).seen(response.evidence(RULE)));
    };
    if !found.run_id.is_empty() {
        edge("derived-from", run_known_as(&found.run_id));
    }
    let logged = found.model_id.as_deref().filter(|id| !id.is_empty());
    let place = location::read(&found.source);
    match (&place, logged) {
        (Location::Logged(id), _) => edge("has-artifact", logged_model(id)),
        (_, Some(id)) => edge("has-artifact", logged_model(id)),
        _ => {}
    }
    match place {
        Location::Run(id) if id != found.run_id => edge("derived-from", run_known_as(&id)),
        Location::Registered(name) => {
            edge("derived-from", AssetRef::known_as("x-mlflow", text::name(&name)));
        }
        Location::Url(url) => {
            edge("has-artifact", AssetRef::here(format!("artifact/{url}")));
            artifact(&url, response, sink);
        }
        _ => {}
    }
}

/// The place of a model in an object store, by the name that others know it by.
fn artifact(url: &str, response: &Response, sink: &mut Sink) {
    let name = url.rsplit_once("://").map_or(url, |(_, rest)| rest);
    sink.asset(
        Asset::new(format!("artifact/{url}"), "model-artifact", text::name(name))
            .identifier("url", url)
            .seen(response.evidence("model-source")),
    );
}

/// A version of a prompt. Its text is not kept: how long it is and what it asks for tells enough.
fn prompt_version(found: &Version, response: &Response, sink: &mut Sink) {
    let (_, asset, of) = instance(found, "prompt", "prompt-version", response);
    let tag = |key: &str| found.tags.iter().find(|tag| tag.key == key).map(|tag| tag.value.as_str());
    let template = tag("mlflow.prompt.text").unwrap_or_default();
    let variables = variables(template);
    let mut asset = asset
        .maybe("prompt-type", tag("_mlflow_prompt_type").and_then(text::text))
        .property("characters", template.chars().count());
    if !variables.is_empty() {
        asset = asset.property("variables", variables);
    }
    sink.asset(asset);
    sink.relation(of);
}

/// The names in `{{…}}`, each once, at most 64.
fn variables(template: &str) -> Vec<String> {
    let mut names: Vec<String> = vec![];
    for part in template.split("{{").skip(1) {
        let Some((name, _)) = part.split_once("}}") else { continue };
        let name = text::name(name);
        if name.len() <= 64 && !names.contains(&name) && names.len() < 64 {
            names.push(name);
        }
    }
    names
}

/// An endpoint of the gateway: the models behind it, and the secrets by their names.
fn gateway(endpoint: &api::GatewayEndpoint, response: &Response, sink: &mut Sink) {
    const RULE: &str = "gateway-endpoint";
    let name = text::name(&endpoint.name);
    let key = format!("gateway/{}", text::name(&endpoint.endpoint_id));
    sink.asset(
        Asset::new(&key, "endpoint", &name).property("provider", "mlflow").seen(response.evidence(RULE)),
    );
    for mapping in &endpoint.model_mappings {
        let definition = &mapping.model_definition;
        let written = text::name(&definition.model_name);
        let provider = text::name(&definition.provider).to_lowercase();
        let model_key = format!("gateway-model/{provider}/{written}");
        let known = inventar_catalogue::model_at_model_place(&written);
        let mut model = Asset::new(&model_key, "model-reference", &written)
            .property("provider", known.as_ref().map_or(provider.as_str(), |known| known.provider))
            .maybe("model-kind", known.as_ref().map(|known| known.kind))
            .property("route", provider.as_str())
            .seen(response.evidence(RULE));
        if let Some(known) = &known {
            model = model.identifier("model", known.identity());
        }
        sink.asset(model);
        let role = if mapping.linkage_type == "FALLBACK" { "fallback" } else { "primary" };
        let mut serves = Relation::new(AssetRef::here(&key), "serves", AssetRef::here(model_key))
            .property("role", role)
            .seen(response.evidence(RULE));
        if let Some(weight) = mapping.weight {
            serves = serves.property("weight", weight);
        }
        sink.relation(serves);
        if let Some(secret) = definition.secret_name.as_deref().and_then(text::text) {
            let secret_key = format!("secret/{secret}");
            sink.asset(
                Asset::new(&secret_key, "secret-reference", secret).seen(response.evidence("gateway-secret")),
            );
            sink.relation(
                Relation::new(AssetRef::here(&key), "reads-secret", AssetRef::here(secret_key))
                    .seen(response.evidence(RULE)),
            );
        }
    }
}

/// A run of any experiment.
pub fn run_known_as(id: &str) -> AssetRef {
    AssetRef::known_as("x-mlflow-run", text::name(id))
}

/// A logged model of any experiment.
pub fn logged_model(id: &str) -> AssetRef {
    AssetRef::known_as("x-mlflow-logged-model", text::name(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_of_a_prompt() {
        for (template, names) in [
            ("Greet {{name}} in {{ language }}, {{name}}.", "name language"),
            ("nothing {here}", ""),
            ("{{open", ""),
            ("{{{{a}}", "a"),
        ] {
            assert_eq!(variables(template).join(" "), names, "{template}");
        }
    }
}
