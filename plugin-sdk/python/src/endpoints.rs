//! Endpoints: base URLs of clients, requests to hosts of known services, payloads that only a model takes.

use crate::flow::{Found, Value, member, members};
use crate::look::{Look, extent};
use crate::module::{Literal, ScopeId, SlotKind};
use inventar_analysis::endpoint::{self, clean, host_of, is_model_host, is_model_server, is_service, is_url};
use inventar_analysis::link::Sink;
use inventar_analysis::{Seen, model, words};
use inventar_catalogue::endpoint_of_url;
use inventar_plugin_sdk::Method;
use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::Ranged;

impl<'a> Look<'_, '_, 'a> {
    /// What stands where a base URL is expected. In a library's call every URL counts, elsewhere only known hosts.
    pub(crate) fn endpoint_value(&mut self, value: &'a Expr, scope: ScopeId, ai: bool, path: Option<&str>) {
        let found = self.flow.values(value, scope);
        let any_text = found.iter().any(|found| found.text().is_some_and(is_url));
        for found in &found {
            match &found.value {
                Value::Text { .. } => {
                    self.endpoint_found(found, ai, "base-url", path);
                }
                // Known only by the variable that holds it.
                Value::Env(name) if !any_text && (ai || is_model_host(name)) => {
                    let seen = self.seen(found.at, "base-url-variable", found.hops, 80);
                    self.out.see(&endpoint::variable_key(name), seen, |key| endpoint::variable(key, name));
                }
                Value::Foreign(..) => self.ask(found, Sink::Url { sure: ai }, value.range(), None),
                _ => {}
            }
        }
    }

    fn endpoint_found(&mut self, found: &Found<'a>, any_host: bool, rule: &'static str, path: Option<&str>) {
        let Some(text) = found.text() else { return };
        let Some(url) = clean(text) else { return };
        let known = endpoint_of_url(&url);
        if known.is_none() && (!any_host || host_of(&url).contains(['{', '}'])) {
            return;
        }
        if known.is_some_and(|known| known.kind == "model-hub") && !any_host {
            return;
        }
        let library =
            path.and_then(|path| inventar_catalogue::import("python", path)).map(|package| package.name);
        let seen = self.seen(found.at, rule, found.hops, if known.is_some() { 95 } else { 80 });
        let key = self.out.endpoint(&url, library, seen);
        if let Some(env) = found.env {
            self.out.property(&key, "env", env);
        }
        self.taken.insert(found.at.start());
        self.busy.push(found.at);
    }

    /// `kwargs["openai_api_base"] = …`, `OPENAI_BASE_URL = "…"`: known hosts only.
    pub(crate) fn url_slot(&mut self, name: &str, value: &'a Expr, scope: ScopeId, kind: SlotKind<'a>) {
        if matches!(kind, SlotKind::Keyword) {
            return;
        }
        for found in self.flow.values(value, scope) {
            match &found.value {
                Value::Text { .. } if found.hops == 0 => {
                    self.endpoint_found(&found, words::is_strong_url(name), "base-url", None);
                }
                Value::Env(variable) if found.hops == 0 && is_model_host(variable) => {
                    let seen = self.seen(found.at, "base-url-variable", 0, 75);
                    let known = self.out.assets().iter().any(|asset| {
                        asset.kind == "endpoint"
                            && asset.properties.iter().any(|property| {
                                property.name == "env"
                                    && property.value
                                        == inventar_plugin_sdk::Value::Text((*variable).to_owned())
                            })
                    });
                    if !known {
                        let key = endpoint::variable_key(variable);
                        self.out.see(&key, seen, |key| endpoint::variable(key, variable));
                    }
                }
                _ => {}
            }
        }
    }

    /// A literal URL of a known host that no rule has taken.
    pub(crate) fn url_literal(&mut self, node: &'a ast::ExprStringLiteral) {
        if self.taken.contains(&node.range.start()) {
            return;
        }
        self.known_url(node.value.to_str(), node.range);
    }

    /// `f"https://api.openai.com/v1/files/{id}"`: the host is known, whatever follows it.
    pub(crate) fn url_in_parts(&mut self, node: &'a Expr, scope: ScopeId) {
        if self.taken.contains(&node.range().start()) {
            return;
        }
        for found in self.flow.values(node, scope) {
            if let Some(text) = found.text() {
                self.known_url(text, node.range());
            }
        }
    }

    fn known_url(&mut self, text: &str, at: ruff_text_size::TextRange) {
        let Some(url) = clean(text) else { return };
        if !(is_service(&url) || is_model_server(&url) && self.speaks_of_models()) {
            return;
        }
        let usage = self.usage;
        let seen =
            Seen { at: extent(at), rule: "known-host", method: Method::Matched, usage, confidence: 75 };
        self.out.endpoint(&url, None, seen);
        self.busy.push(at);
    }

    /// Whether the file has to do with models: it uses a library for them, or names one.
    fn speaks_of_models(&self) -> bool {
        let names_model = |literal: &Literal<'_>| model::is_known(literal.node.value.to_str());
        self.ai || self.module().literals.iter().take(2_000).any(names_model)
    }

    /// `requests.post(url, json={"model": …, "messages": …})`.
    pub(crate) fn http_call(&mut self, call: &'a ast::ExprCall, scope: ScopeId, last: &str) {
        let at = match last {
            "post" | "apost" | "urlopen" | "get" | "stream" | "ws_connect" | "connect" | "put"
            | "Request" => 0,
            "request" => 1,
            _ => return,
        };
        let url = call
            .arguments
            .find_keyword("url")
            .map(|keyword| &keyword.value)
            .or_else(|| call.arguments.args.get(at));
        let Some(url) = url.filter(|url| !url.is_number_literal_expr() && !url.is_starred_expr()) else {
            return;
        };
        let payload = match last {
            "get" | "urlopen" | "connect" => false,
            _ => ["json", "data", "content"].iter().any(|name| {
                call.arguments.find_keyword(name).is_some_and(|keyword| self.payload(&keyword.value, scope))
            }),
        };
        for found in self.flow.values(url, scope) {
            if found.text().is_some_and(is_url) {
                self.endpoint_found(&found, payload, "http-call", None);
            }
        }
    }

    /// Whether a dictionary is what model APIs take; the model in it is one.
    fn payload(&mut self, value: &'a Expr, scope: ScopeId) -> bool {
        let value = match value {
            // `data=json.dumps({…})`.
            Expr::Call(call) if call.arguments.args.len() == 1 => &call.arguments.args[0],
            other => other,
        };
        let mut is_payload = false;
        for found in self.flow.values(value, scope) {
            let Value::Dict(dict, of) = found.value else { continue };
            let has = |name: &str| members(dict).any(|(key, _)| key == name);
            let model = ["model", "model_id", "model_name"].into_iter().find_map(|name| member(dict, name));
            let takes = has("messages") && (model.is_some() || has("stream") || has("temperature"))
                || has("prompt")
                    && (model.is_some() || has("max_tokens") || has("n_predict") || has("stream"))
                || has("inputs") && has("parameters")
                || has("input") && model.is_some();
            if takes {
                is_payload = true;
                if let Some(model) = model {
                    let place = crate::models::Place { rule: "model-in-payload", sure: true, path: "" };
                    for found in self.flow.values(model, of) {
                        self.model_found(&found, place);
                    }
                }
            }
        }
        is_payload
    }
}
