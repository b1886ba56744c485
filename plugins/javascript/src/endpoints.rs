//! Endpoints: base URLs of clients, requests to hosts of known services, payloads that only a model takes.

use crate::flow::{Found, Value};
use crate::look::Look;
use crate::module::{Kind, NodeId, SlotKind};
use crate::words;
use inventar_analysis::Seen;
use inventar_analysis::endpoint::{self, clean, host_of, is_model_host, is_model_server, is_service, is_url};
use inventar_analysis::link::Sink;
use inventar_analysis::model::is_known;
use inventar_catalogue::endpoint_of_url;
use inventar_plugin_sdk::Method;

/// What `gateway("…")` and bare `"provider/model"` ids of the AI SDK talk to.
const GATEWAY: &str = "https://ai-gateway.vercel.sh";

impl<'a> Look<'_, '_, 'a> {
    /// What stands where a base URL is expected. In a library's call every URL counts, elsewhere only known hosts.
    pub(crate) fn endpoint_value(&mut self, value: NodeId, ai: bool, path: Option<&str>) {
        let found = self.flow.values(value);
        let any_text = found.iter().any(|found| found.text().is_some_and(is_url));
        let at = self.module().at(value);
        for found in &found {
            match &found.value {
                Value::Text { .. } => {
                    self.endpoint_found(found, ai, "base-url", path);
                }
                // Known only by the variable that holds it.
                Value::Env(name) if !any_text && (ai && reads_like_url(name) || is_model_host(name)) => {
                    self.endpoint_variable(name, found, 80);
                }
                Value::Foreign(..) => self.ask(found, Sink::Url { sure: ai }, at, None),
                _ => {}
            }
        }
    }

    fn endpoint_variable(&mut self, name: &str, found: &Found<'a>, confidence: u8) {
        let seen = self.seen(found.at, "base-url-variable", found.hops, confidence);
        self.out.see(&endpoint::variable_key(name), seen, |key| endpoint::variable(key, name));
    }

    fn endpoint_found(&mut self, found: &Found<'a>, any_host: bool, rule: &'static str, path: Option<&str>) {
        let Some(text) = found.text() else { return };
        let Some(url) = clean(text) else { return };
        let known = endpoint_of_url(&url);
        if known.is_none() && (!any_host || host_of(&url).contains(['{', '}'])) {
            return;
        }
        if rule != "http-call" && is_page(&url) {
            return;
        }
        if known.is_some_and(|known| known.kind == "model-hub") && !any_host {
            return;
        }
        let library = path.and_then(|path| self.library_of(path)).map(|library| library.name);
        let seen = self.seen(found.at, rule, found.hops, if known.is_some() { 95 } else { 80 });
        let key = self.out.endpoint(&url, library.as_deref(), seen);
        if let Some(env) = found.env {
            self.out.property(&key, "env", env);
        }
        self.taken.insert(found.at.start);
        self.busy.push(found.at);
    }

    /// `config.baseURL = "…"`, `OPENAI_BASE_URL = "…"`: known hosts only.
    pub(crate) fn url_slot(&mut self, name: &str, value: NodeId, kind: SlotKind) {
        let strong = words::is_strong_url(name);
        for found in self.flow.values(value) {
            match &found.value {
                Value::Text { .. } if found.hops == 0 => {
                    self.endpoint_found(&found, strong, "base-url", None);
                }
                Value::Env(variable)
                    if found.hops == 0 && is_model_host(variable) && !matches!(kind, SlotKind::Default) =>
                {
                    let known = self.out.assets().iter().any(|asset| {
                        asset.kind == "endpoint"
                            && asset.properties.iter().any(|property| {
                                property.name == "env"
                                    && property.value
                                        == inventar_plugin_sdk::Value::Text((*variable).to_owned())
                            })
                    });
                    if !known {
                        self.endpoint_variable(variable, &found, 75);
                    }
                }
                _ => {}
            }
        }
    }

    /// A literal URL of a known host that no rule has taken, or a template that begins with one.
    pub(crate) fn url_literal(&mut self, node: NodeId) {
        let at = self.module().at(node);
        if self.taken.contains(&at.start) || !self.is_called_url(node) {
            return;
        }
        let url = match self.module().text(node) {
            Some(text) => clean(text),
            None => self.flow.values(node).iter().find_map(Found::text).and_then(clean),
        };
        let Some(url) = url.filter(|url| !is_page(url)) else { return };
        if !(is_service(&url) || is_model_server(&url) && self.speaks_of_models()) {
            return;
        }
        let seen = Seen { method: Method::Matched, ..self.seen(at, "known-host", 0, 75) };
        self.out.endpoint(&url, None, seen);
        self.busy.push(at);
    }

    /// Whether the file has to do with models: it uses a library for them, or names one.
    fn speaks_of_models(&self) -> bool {
        let module = self.module();
        self.ai
            || module.literals.iter().take(2_000).any(|literal| module.text(*literal).is_some_and(is_known))
    }

    /// Whether a URL may be called: not a link that a page shows.
    fn is_called_url(&self, node: NodeId) -> bool {
        let module = self.module();
        let parent = module.node(node).parent;
        if parent == crate::module::NONE {
            return true;
        }
        let shown = |name: &str| {
            matches!(
                name,
                "href"
                    | "src"
                    | "link"
                    | "docs"
                    | "docsUrl"
                    | "website"
                    | "homepage"
                    | "icon"
                    | "apiKeyUrl"
                    | "getApiKeyUrl"
                    | "helpUrl"
                    | "documentation"
                    | "placeholder"
                    | "description"
            )
        };
        match module.kind(parent) {
            Kind::Element(..) => module.targets.get(&node).is_none_or(|name| !shown(name) && *name != "to"),
            Kind::Object(_) => module.targets.get(&node).is_none_or(|name| !shown(name)),
            _ => true,
        }
    }

    /// `fetch(url, { body: JSON.stringify({ model, messages }) })`, `axios.post(url, { … })`.
    pub(crate) fn http_call(&mut self, call: NodeId, last: &str) {
        let module = self.module();
        let arguments = module.arguments(call);
        let url = match last {
            "fetch" | "post" | "got" | "ofetch" | "$fetch" | "request" | "put" | "get" | "axios" | "ky"
            | "fetchEventSource" | "WebSocket" | "EventSource" | "stream" | "undici" | "makeRequest" => {
                arguments.first().copied()
            }
            _ => return,
        };
        let Some(mut url) = url else { return };
        if matches!(module.kind(url), Kind::Object(_)) {
            // `axios({ url, data })`.
            match self.flow.keyword(call, "url") {
                Some(inner) => url = inner,
                None => return,
            }
        }
        let values = self.flow.values(url);
        if !values.iter().any(|found| found.text().is_some_and(is_url)) {
            return;
        }
        let mut payload = false;
        for argument in arguments.iter().skip(1).take(2) {
            payload |= self.payload(*argument);
        }
        for word in ["body", "data", "json"] {
            if let Some(body) = self.flow.keyword(call, word) {
                payload |= self.payload(body);
            }
        }
        for found in values {
            if found.text().is_some_and(is_url) {
                self.endpoint_found(&found, payload, "http-call", None);
            }
        }
    }

    /// Whether an object is what model APIs take; the model in it is one.
    fn payload(&mut self, value: NodeId) -> bool {
        let module = self.module();
        // `JSON.stringify({ … })`.
        let value = match module.called(value) {
            Some("stringify") => match module.arguments(value).first() {
                Some(first) => *first,
                None => return false,
            },
            _ => value,
        };
        let entries = self.flow.entries(value);
        let has = |name: &str| entries.iter().any(|(key, _)| *key == name);
        let model = entries.iter().find(|(key, _)| matches!(*key, "model" | "modelId" | "model_id"));
        let takes = has("messages") && (model.is_some() || has("stream") || has("temperature"))
            || has("prompt") && (model.is_some() || has("max_tokens") || has("n_predict") || has("stream"))
            || has("inputs") && has("parameters")
            || has("contents") && has("generationConfig")
            || has("input") && model.is_some();
        if takes && let Some((_, model)) = model {
            self.model_value(*model, true, "", Some("model"));
        }
        takes
    }

    /// The gateway of the AI SDK is an endpoint that no URL in the code names.
    pub(crate) fn gateway(&mut self, path: &str, call: NodeId) {
        let module = self.module();
        let own = path.starts_with("@ai-sdk/gateway:gateway")
            || path.starts_with("@ai-sdk/gateway:createGateway")
            || path.starts_with("ai:gateway")
            || path.starts_with("ai:createGateway");
        let implicit = !own
            && path.starts_with("ai:")
            && self.flow.keyword(call, "model").is_some_and(|model| {
                self.flow.values(model).iter().any(|found| {
                    found.whole().is_some_and(|text| {
                        text.contains('/') && inventar_catalogue::model(text).is_some() && !text.contains(' ')
                    })
                })
            });
        if own && module.arguments(call).is_empty() && !path.contains("createGateway") || !own && !implicit {
            return;
        }
        if own && self.flow.keyword(call, "baseURL").is_some() {
            return;
        }
        let seen = self.seen(module.at(call), "provider-default", 0, if own { 90 } else { 80 });
        self.out.see(&endpoint::key(GATEWAY), seen, |key| {
            endpoint::asset(key, GATEWAY, None).property("implicit", true)
        });
    }
}

/// Whether a URL of a service leads to a page for people: its console, its documentation.
fn is_page(url: &str) -> bool {
    let path = url.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or("", |(_, path)| path);
    path.split('/').any(|part| {
        matches!(
            part,
            "settings"
                | "console"
                | "docs"
                | "dashboard"
                | "signup"
                | "sign-up"
                | "login"
                | "pricing"
                | "billing"
                | "api-keys"
                | "apikeys"
                | "apikey"
                | "blog"
                | "terms"
                | "privacy"
                | "playground"
                | "account"
        )
    })
}

/// Whether a variable may hold a URL.
fn reads_like_url(name: &str) -> bool {
    ["URL", "ENDPOINT", "HOST", "BASE", "URI", "PATH", "SERVER", "RESOURCE", "PROXY"]
        .iter()
        .any(|word| name.contains(word))
}
