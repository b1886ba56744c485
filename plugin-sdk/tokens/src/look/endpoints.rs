//! Endpoints: base URLs of clients and requests to known hosts or routes.

use super::Look;
use crate::flow::{Found, Value};
use crate::outline::{Range, SlotKind};
use crate::scan::Kind;
use crate::text;
use inventar_analysis::words::{self, is_strong_url};
use inventar_analysis::{Seen, endpoint, model};
use inventar_catalogue::endpoint_of_url;
use inventar_plugin_sdk::Asset;

impl Look<'_, '_, '_> {
    /// What stands where a base URL is expected. In a library's call every URL counts, elsewhere only known hosts.
    pub(super) fn url_place(
        &mut self,
        word: &str,
        value: Range,
        ai: bool,
        owner: Option<u32>,
        kind: SlotKind,
    ) {
        let found = self.flow.values(value);
        let given = matches!(kind, SlotKind::Argument | SlotKind::Field);
        let library = owner.filter(|_| ai).and_then(|owner| self.framework(owner, None));
        let any_text = found.iter().any(|found| found.text().is_some_and(endpoint::is_url));
        for found in &found {
            match &found.value {
                Value::Text { .. } if given || found.hops == 0 => {
                    self.endpoint_found(found, value.0, ai || is_strong_url(word), "base-url", library);
                }
                Value::Env(name)
                    if !any_text
                        && (given || found.hops == 0)
                        && (ai && is_variable(name) || endpoint::is_model_host(name)) =>
                {
                    let seen = self.seen(found.at, "base-url-variable", found.hops, 80);
                    self.out.see(&endpoint::variable_key(name), seen, |key| endpoint::variable(key, name));
                }
                _ => {}
            }
        }
    }

    pub(super) fn endpoint_found(
        &mut self,
        found: &Found,
        place: u32,
        any_host: bool,
        rule: &'static str,
        library: Option<&str>,
    ) {
        let Some(url) =
            found.text().and_then(endpoint::clean).filter(|url| !is_placeholder(endpoint::host_of(url)))
        else {
            return;
        };
        let known = endpoint_of_url(&url);
        if known.is_none() && (!any_host || endpoint::host_of(&url).contains(['{', '}'])) {
            return;
        }
        if known.is_some_and(|known| known.kind == "model-hub") && !any_host {
            return;
        }
        let seen = self.seen_from(found.at, place, rule, found.hops, if known.is_some() { 95 } else { 80 });
        self.database(&url, &seen);
        let key = self.out.endpoint(&url, library, seen);
        if let Some(env) = &found.env {
            self.out.property(&key, "env", env.as_str());
        }
        self.taken.insert(found.at.start);
        self.busy.push(found.at);
    }

    /// Remembers that a URL leads to a vector database.
    pub(super) fn database(&mut self, url: &str, seen: &Seen) {
        if let Some(database) = endpoint_of_url(url).filter(|known| endpoint::is_vector_database(known)) {
            let seen = Seen { rule: "vector-database-host", confidence: 65, ..*seen };
            self.databases.push((database.provider, seen));
        }
    }

    /// Vector databases that are called without a library: their addresses are all there is of them.
    pub(super) fn databases(&mut self) {
        if self.has_store() {
            return;
        }
        for (name, seen) in std::mem::take(&mut self.databases) {
            self.out.see(&format!("vector-store:{name}"), seen, |key| Asset::new(key, "vector-store", name));
        }
    }

    /// `http.NewRequest("POST", url, …)`, `client.post(url)`, `HttpRequest.newBuilder(URI.create(url))`.
    pub(super) fn http_call(&mut self, id: u32) {
        let call = self.call(id);
        let outline = self.outline();
        if !matches!(
            outline.name(call),
            "post"
                | "Post"
                | "PostAsync"
                | "NewRequest"
                | "NewRequestWithContext"
                | "url"
                | "uri"
                | "create"
                | "get"
                | "GetAsync"
                | "HttpRequestMessage"
                | "request"
                | "PostAsJsonAsync"
                | "Get"
                | "SendAsync"
                | "newBuilder"
                | "PostForm"
                | "preparePost"
                | "submitForm"
                | "postForObject"
                | "postForEntity"
                | "exchange"
                | "put"
        ) {
            return;
        }
        for (_, value) in outline.arguments(call).into_iter().take(4) {
            if value.1 - value.0 > 60 {
                continue;
            }
            for found in self.flow.values(value) {
                let Some(text) = found.text().filter(|text| endpoint::is_url(text)) else { continue };
                let route = is_model_route(text)
                    || endpoint::clean(text).is_some_and(|url| endpoint::is_model_server(&url))
                        && self.speaks_of_models();
                self.endpoint_found(&found, value.0, route, "http-call", None);
            }
        }
    }
}

/// More strings of a file are not asked whether they name a model.
const MAX_TEXTS: usize = 2_000;

impl Look<'_, '_, '_> {
    /// Whether the file has to do with models: it uses a library for them, has found one in use, or names one.
    pub(super) fn speaks_of_models(&mut self) -> bool {
        if self.ai || !self.busy.is_empty() {
            return true;
        }
        if let Some(known) = self.speaks {
            return known;
        }
        let outline = self.outline();
        let tokens = &outline.tokens;
        let texts = (0..tokens.len()).filter(|at| tokens.kind(*at) == Kind::Text);
        let known = texts.take(MAX_TEXTS).any(|at| {
            let raw = tokens.text(at);
            let is_short = (4..=110).contains(&raw.len()) && model::may_be_known(raw);
            is_short && {
                let text = text::read(raw, outline.language()).text;
                model::is_known(&text) || endpoint::is_service(&text)
            }
        });
        self.speaks = Some(known);
        known
    }
}

/// Paths that only servers of models have.
fn is_model_route(url: &str) -> bool {
    const ROUTES: &[&str] = &[
        "/chat/completions",
        "/v1/completions",
        "/v1/embeddings",
        "/v1/messages",
        "/api/generate",
        "/api/chat",
        "/api/embed",
        "/v1/responses",
        "/v1/images/generations",
        "/v1/audio/",
        "/v1/rerank",
        ":generateContent",
        "/v1/models",
        "/api/tags",
    ];
    words::has_any(url, ROUTES)
}

fn is_variable(name: &str) -> bool {
    words::has_any(name, &["URL", "HOST", "ENDPOINT", "URI", "BASE", "Endpoint", "Url", "Uri", "Host"])
}

/// Hosts that stand for another one.
pub(super) fn is_placeholder(host: &str) -> bool {
    let name = host.split(':').next().unwrap_or(host);
    host.contains(['<', '>', '[', '*'])
        || [".test", ".invalid", ".example"].iter().any(|end| name.ends_with(end))
}
