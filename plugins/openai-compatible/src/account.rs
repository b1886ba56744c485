//! What an account of OpenAI holds besides models.

use crate::ask::Address;
use inventar_plugin_sdk::collector::{Cursor, Problem, Request, Response, Sink, Step};
use inventar_plugin_sdk::{Asset, AssetRef, Relation};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Pages of one slice.
const PAGES: usize = 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Part {
    FineTuning,
    Assistants,
    VectorStores,
}

impl Part {
    const fn next(self) -> Option<Self> {
        match self {
            Self::FineTuning => Some(Self::Assistants),
            Self::Assistants => Some(Self::VectorStores),
            Self::VectorStores => None,
        }
    }

    const fn path(self) -> &'static str {
        match self {
            Self::FineTuning => "/fine_tuning/jobs",
            Self::Assistants => "/assistants",
            Self::VectorStores => "/vector_stores",
        }
    }

    const fn action(self) -> &'static str {
        match self {
            Self::FineTuning => "openai-compatible:ListFineTuningJobs",
            Self::Assistants => "openai-compatible:ListAssistants",
            Self::VectorStores => "openai-compatible:ListVectorStores",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct At {
    part: Part,
    after: Option<String>,
    is_partial: bool,
}

/// Goes on with the account after the models.
pub fn first(is_partial: bool) -> Result<Step, Problem> {
    Step::more(&At { part: Part::FineTuning, after: None, is_partial })
}

/// One slice.
pub fn run(address: &Address, at: Option<&Cursor>, sink: &mut Sink) -> Result<Step, Problem> {
    let start = At { part: Part::FineTuning, after: None, is_partial: false };
    let mut at: At = at.map_or(Ok(start), Cursor::read)?;
    for _ in 0..PAGES {
        let after = at.after.as_ref().map(|id| format!("&after={id}")).unwrap_or_default();
        let url = format!("{}?limit=100{after}", address.v1(at.part.path()));
        let request = Request::get(url).header("openai-beta", "assistants=v2").credential("key");
        let next = match request.send().and_then(Response::ok) {
            Ok(response) => page(at.part, &response, sink),
            // OpenAI has closed interfaces before.
            Err(failure) if matches!(failure.status(), Some(404 | 405 | 410)) => None,
            Err(failure) => {
                sink.gap(failure.gap(at.part.action()));
                at.is_partial = true;
                None
            }
        };
        if next.is_some() && next == at.after {
            return Err(Problem::new("answer", "the server repeats a page"));
        }
        at.after = next;
        if at.after.is_none() {
            match at.part.next() {
                Some(part) => at.part = part,
                None if at.is_partial => return Ok(Step::partial()),
                None => return Ok(Step::complete()),
            }
        }
    }
    Step::more(&at)
}

/// Reports a page; the id after which the next begins.
fn page(part: Part, response: &Response, sink: &mut Sink) -> Option<String> {
    let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    let rows = body["data"].as_array().map(Vec::as_slice).unwrap_or_default();
    for row in rows {
        let Some(id) = row["id"].as_str().filter(|id| is_id(id)) else { continue };
        let (kind, key) = match part {
            Part::FineTuning => ("training-run", format!("fine-tuning/{id}")),
            Part::Assistants => ("agent", format!("assistant/{id}")),
            Part::VectorStores => ("vector-store", format!("vector-store/{id}")),
        };
        let name = row["name"].as_str().filter(|name| !name.is_empty()).unwrap_or(id);
        let mut asset = Asset::new(&key, kind, name)
            .property("provider", "openai")
            .maybe("status", row["status"].as_str())
            .maybe("created", row["created_at"].as_i64())
            .maybe("training-file", row["training_file"].as_str())
            .maybe("trained-tokens", row["trained_tokens"].as_u64())
            .maybe("size-bytes", row["usage_bytes"].as_u64())
            .maybe("files", row["file_counts"]["total"].as_u64())
            .seen(response.evidence("account"));
        let tools: Vec<String> = row["tools"]
            .as_array()
            .map(|tools| tools.iter().filter_map(|tool| tool["type"].as_str().map(str::to_owned)).collect())
            .unwrap_or_default();
        if !tools.is_empty() {
            asset = asset.property("tools", tools);
        }
        sink.asset(asset);
        let mut edge = |from: AssetRef, kind: &str, to: AssetRef| {
            sink.relation(Relation::new(from, kind, to).seen(response.evidence("account")));
        };
        if let Some(base) = row["model"].as_str() {
            let kind = if part == Part::FineTuning { "derived-from" } else { "uses" };
            edge(AssetRef::here(&key), kind, AssetRef::here(format!("model/{base}")));
        }
        if let Some(tuned) = row["fine_tuned_model"].as_str() {
            edge(AssetRef::here(format!("model/{tuned}")), "derived-from", AssetRef::here(&key));
        }
        let stores = row["tool_resources"]["file_search"]["vector_store_ids"].as_array();
        for store in stores.into_iter().flatten().filter_map(Value::as_str) {
            edge(AssetRef::here(&key), "uses", AssetRef::here(format!("vector-store/{store}")));
        }
    }
    let last = rows.last()?["id"].as_str().filter(|id| is_id(id))?;
    (body["has_more"] == Value::Bool(true)).then(|| last.to_owned())
}

/// Fit to stand in an address.
fn is_id(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 200
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
}
