//! Servers to assets.

use crate::clients::Client;
use crate::config::{Approved, Config, Server, Setting, UNNAMED};
use crate::launch::{Launch, Pin};
use crate::secret::{
    canonical_url, clean_url, is_placeholder, is_secret_name, is_variable, masked, secret_parameters,
    variables,
};
use inventar_plugin_sdk::{
    Answer, Asset, AssetRef, Evidence, File, GapReason, IntoValue, Method, Relation, Usage, Value, Version,
};
use std::collections::BTreeSet;
use std::ops::Range;

/// The key of the client's own asset.
const CLIENT: &str = "client";

/// Everything a configuration says. `client` is none when the file is nobody's we know.
pub fn report(file: &File, config: &Config, client: Option<&Client>, answer: &mut Answer) {
    let Some(key) = config.key.clone() else { return };
    let client = client.filter(|_| !config.is_by_word).map(|client| client.name);
    let rule = if client.is_some() { "mcp-client-config" } else { "mcp-servers-key" };
    // Whoever writes `mcpServers` with commands below means it, but who reads it is not known.
    let confidence = if client.is_some() { 95 } else { 80 };
    let usage = Usage::of_path(&file.path);
    let usage = if is_ci(&file.path) { usage.at_most(Usage::Development) } else { usage };
    let place = Place { file, rule, confidence, usage };
    let name = client.map_or_else(|| file.name().to_owned(), str::to_owned);
    answer.asset(
        Asset::new(CLIENT, "mcp-client", name)
            .identifier("path", &file.path)
            .maybe("client", client)
            .maybe("servers-file", config.elsewhere.as_ref().map(|file| clipped(file, MAX_TEXT)))
            .property("servers", config.servers.len())
            .seen(place.at(key, place.usage, &format!("{} MCP servers", config.servers.len()))),
    );
    for (index, server) in config.servers.iter().enumerate() {
        place.server(index, server, answer);
    }
    if config.is_cut {
        let detail = "only the first servers were read; split the file to have the rest listed";
        answer.gap(&file.path, GapReason::Unsupported("more than 2,000 servers".into()), detail);
    }
}

/// Whether a file is CI's.
fn is_ci(path: &str) -> bool {
    path.contains(".github/") || path.contains(".gitlab-ci") || path.contains(".circleci/")
}

struct Place<'a> {
    file: &'a File,
    rule: &'static str,
    confidence: u8,
    usage: Usage,
}

impl Place<'_> {
    /// Evidence with a snippet of our own making: a line of such a file may hold a secret.
    fn at(&self, bytes: Range<usize>, usage: Usage, snippet: &str) -> Evidence {
        Evidence::new(self.file.at(bytes), self.rule, Method::Declared, usage)
            .confidence(self.confidence)
            .snippet(snippet)
    }

    fn server(&self, index: usize, server: &Server, answer: &mut Answer) {
        // A server that is switched off runs only when someone switches it on.
        let usage = if server.is_disabled { self.usage.at_most(Usage::Optional) } else { self.usage };
        let launch =
            server.command.as_deref().map(|command| Launch::of(command, &server.args)).unwrap_or_default();
        let args = masked(&server.args);
        let url = server.url.as_deref().or(launch.url.as_deref());
        let shown = match (&server.command, url) {
            (Some(command), _) => format!("{}: {command} {}", server.name, args.join(" ")),
            (None, Some(url)) => format!("{}: {}", server.name, clean_url(url)),
            (None, None) => server.name.clone(),
        };
        let key = if server.path.len() <= 200 && server.name != UNNAMED {
            format!("server:{}", server.path)
        } else {
            format!("server#{index}")
        };
        let name = match &launch.package {
            Some(package) if server.name == UNNAMED => package.id.rsplit('/').next().unwrap_or(UNNAMED),
            _ => &server.name,
        };
        let mut asset = Asset::new(&key, "mcp-server", clipped(name, MAX_NAME))
            .maybe("transport", server.transport)
            .maybe(
                "command",
                server.command.as_ref().map(|command| masked(std::slice::from_ref(command)).concat()),
            )
            .maybe("url", url.map(|url| clipped(&clean_url(url), MAX_TEXT)))
            .maybe("module", launch.module.as_ref().map(|module| clipped(module, MAX_NAME)))
            .maybe("registered-as", launch.registered.as_ref().map(|name| clipped(name, MAX_NAME)))
            .seen(self.at(server.name_span.clone(), usage, shown.trim()));
        if let Some(url) = url.and_then(canonical_url).filter(|url| url.len() <= 1024) {
            asset = asset.identifier("url", url);
        }
        if let Some(module) = launch.module.as_ref().filter(|module| module.len() <= MAX_NAME) {
            asset = asset.identifier("import", format!("python:{module}"));
        }
        if let Some(package) = launch.package.as_ref().filter(|package| package.id.len() <= MAX_TEXT) {
            asset = asset.identifier(package.scheme, &package.id);
            asset.version = package.version.as_ref().map(|pin| match pin {
                Pin::Exact(text) => Version::Exact(clipped(text, MAX_NAME)),
                Pin::Range(text) => Version::Range(clipped(text, MAX_NAME)),
                Pin::Floating(text) => Version::Floating(clipped(text, MAX_NAME)),
            });
        }
        for (name, texts) in [
            ("args", args),
            ("env", names(&server.variables, &launch.variables)),
            ("headers", names(&server.headers, &[])),
            ("inline-secrets", inline_secrets(server, url)),
        ] {
            if !texts.is_empty() {
                asset = asset.property(name, listed(texts));
            }
        }
        if server.is_disabled {
            asset = asset.property("disabled", true);
        }
        asset = asset.maybe("auto-approve", approved(&server.approved));
        answer.asset(asset);
        answer.relation(Relation::new(AssetRef::here(CLIENT), "uses", AssetRef::here(&key)).seen(self.at(
            server.name_span.clone(),
            usage,
            &server.name,
        )));
        self.secrets(&key, server, &launch, usage, answer);
    }

    fn secrets(&self, key: &str, server: &Server, launch: &Launch, usage: Usage, answer: &mut Answer) {
        let mut seen = BTreeSet::new();
        let mut found: Vec<(&str, Range<usize>)> = vec![];
        for setting in &server.variables {
            found.push((&setting.name, setting.span.clone()));
            found.extend(variables(&setting.value).into_iter().map(|name| (name, setting.span.clone())));
        }
        let command = server.name_span.clone();
        found.extend(launch.variables.iter().map(|name| (name.as_str(), command.clone())));
        for text in server.args.iter().chain(&server.url) {
            found.extend(variables(text).into_iter().map(|name| (name, command.clone())));
        }
        found.retain(|(name, _)| is_secret_name(name));
        for header in server.headers.iter().filter(|header| is_secret_name(&header.name)) {
            // Whatever is sent as `Authorization` is a secret, whatever its variable is called.
            found.extend(variables(&header.value).into_iter().map(|name| (name, header.span.clone())));
        }
        for (name, span) in found {
            // What CI signs itself in with is nobody's secret.
            let is_of_ci = is_ci(&self.file.path) && matches!(name, "GITHUB_TOKEN" | "CI_JOB_TOKEN");
            if is_of_ci || !is_variable(name) || !seen.insert(name) {
                continue;
            }
            let secret = format!("env:{name}");
            let snippet = format!("{}: {name}", server.name);
            let evidence = self.at(span, usage, &snippet);
            answer.sight(&secret, evidence.clone(), || {
                let known = inventar_catalogue::secret(name);
                Asset::new(&secret, "secret-reference", name)
                    .identifier("env", name)
                    .maybe("provider", known.map(|known| known.provider))
                    .maybe("secret-kind", known.map(|known| known.kind))
            });
            answer.relation(
                Relation::new(AssetRef::here(key), "reads-secret", AssetRef::here(&secret)).seen(evidence),
            );
        }
    }
}

/// The host refuses a row that is too large; nobody reads that far.
const MAX_NAME: usize = 256;
const MAX_TEXT: usize = 1024;
const MAX_LIST: usize = 4096;

fn clipped(text: &str, most: usize) -> String {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}

fn listed(texts: Vec<String>) -> Vec<String> {
    let mut left = MAX_LIST;
    let fits = |text: &String| {
        left = left.saturating_sub(text.len() + 1);
        left > 0
    };
    texts.into_iter().map(|text| clipped(&text, MAX_TEXT)).take_while(fits).collect()
}

fn names(settings: &[Setting], more: &[String]) -> Vec<String> {
    let mut names: Vec<String> = settings.iter().map(|setting| &setting.name).chain(more).cloned().collect();
    names.sort();
    names.dedup();
    names
}

/// Names whose secret stands in the file itself instead of a reference to it.
fn inline_secrets(server: &Server, url: Option<&str>) -> Vec<String> {
    let is_inline = |setting: &&Setting| is_secret_name(&setting.name) && !is_placeholder(&setting.value);
    let settings = server.variables.iter().chain(&server.headers).filter(is_inline);
    let mut names: Vec<String> = settings.map(|setting| setting.name.clone()).collect();
    names.extend(secret_parameters(url.unwrap_or_default()).into_iter().map(str::to_owned));
    names.sort();
    names.dedup();
    names
}

fn approved(approved: &Approved) -> Option<Value> {
    match approved {
        Approved::Unsaid => None,
        Approved::All(yes) => Some((*yes).into_value()),
        Approved::Tools(tools) => Some(listed(tools.clone()).into_value()),
    }
}
