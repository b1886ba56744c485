//! The second phase: open questions of a file, answered from the facts of the files it imports from.
//!
//! A **fact** is a name of a module and what it holds, as small JSON: `t` a text (`p`: known in part), `e` an environment
//! variable, `o` members by name (of a class, an object), `c` the class that it is an instance of, `f` a function with
//! its result `r`, `i` an import and what is done with it `x`; `k` the key of the asset that it is. A text or function
//! also says where it stands, `s`: `[start, end, line]`, and its full name `q`.
//!
//! The **questions** of a file are one fact, [`QUESTIONS`]: a list of `{"k": Sink::word, "w": [[want, used], …], "x": what
//! is done with the import ("" | ".member" | "()" …), "s": the place, "u": usage_number, "o": the key of the owner}`;
//! `used` is how many bytes of `x` the name of the want stands for.

use crate::model::Sighted;
use crate::names::{Address, Name, Which, is_name};
use crate::place::usage_of;
use crate::{endpoint, model, secret};
use inventar_plugin_sdk::{Answer, Asset, AssetRef, Evidence, Method, Part, Relation, Span, Subject, Usage};
use serde_json::Value as Json;

/// The fact that holds the file's open questions.
pub const QUESTIONS: &str = "?";

/// Where a value of another file is put to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sink {
    /// The model of a call; `sure`: of an AI library.
    Model {
        /// Any id is a model there.
        sure: bool,
    },
    /// A base URL.
    Url {
        /// Any URL is an endpoint there.
        sure: bool,
    },
    /// A key.
    Key,
    /// A prompt.
    Prompt {
        /// `system` or `template`.
        role: &'static str,
    },
    /// A tool of an agent.
    Tool,
    /// The name of a registered model of MLflow.
    RegisteredModel,
    /// The name of an endpoint of Amazon SageMaker.
    SagemakerEndpoint,
}

impl Sink {
    /// As it stands in a question.
    pub fn word(self) -> &'static str {
        match self {
            Self::Model { sure: true } => "model!",
            Self::Model { sure: false } => "model",
            Self::Url { sure: true } => "url!",
            Self::Url { sure: false } => "url",
            Self::Key => "key",
            Self::Prompt { role: "system" } => "system",
            Self::Prompt { .. } => "template",
            Self::Tool => "tool",
            Self::RegisteredModel => "registered-model",
            Self::SagemakerEndpoint => "sagemaker-endpoint",
        }
    }
}

const USAGES: [Usage; 7] = [
    Usage::Runtime,
    Usage::Optional,
    Usage::Development,
    Usage::Test,
    Usage::Example,
    Usage::Docs,
    Usage::Mentioned,
];

/// A usage as it stands in a question.
pub fn usage_number(usage: Usage) -> u8 {
    USAGES.iter().position(|other| *other == usage).unwrap_or_default() as u8
}

/// The usage that a number stands for.
pub fn usage_of_number(number: usize) -> Usage {
    USAGES[number.min(USAGES.len() - 1)]
}

/// How many files one name is followed through.
const MAX_HOPS: u8 = 6;

/// Answers the questions of `subject.file()`. Symbols of the language are identified under `scheme` (`x-python`).
pub fn link(subject: &Subject, scheme: &'static str) -> Answer {
    let mut answer = Answer::default();
    let Some(questions) = subject.file().text(QUESTIONS) else { return answer };
    let Ok(Json::Array(questions)) = serde_json::from_str(questions) else { return answer };
    for question in &questions {
        let rest = question["x"].as_str().unwrap_or_default();
        for want in question["w"].as_array().into_iter().flatten() {
            let at = want[0].as_u64().unwrap_or_default() as usize;
            let used = want[1].as_u64().unwrap_or_default() as usize;
            let Some(wanted) = subject.file().wants.get(at) else { continue };
            let (Some(name), Some(part)) = (&wanted.name, wanted.part) else { continue };
            if let Some((part, fact)) = find(subject, part, name, rest.get(used..).unwrap_or_default(), 0) {
                use_fact(&mut answer, subject, question, part, &fact, name, scheme);
                break;
            }
        }
    }
    answer
}

/// What a name of a part holds after `rest` is done with it.
fn find(subject: &Subject, part: u32, name: &str, rest: &str, hops: u8) -> Option<(u32, Json)> {
    if hops > MAX_HOPS {
        return None;
    }
    let here: &Part = subject.parts.get(part as usize)?;
    if let Some(text) = here.text(name) {
        let fact: Json = serde_json::from_str(text).ok()?;
        return walk(subject, (part, name), fact, rest, hops);
    }
    // Of several, one is the import and others are stars.
    let mut serving = here.wants.iter().filter(|wanted| wanted.serves.as_deref() == Some(name));
    serving.find_map(|wanted| find(subject, wanted.part?, wanted.name.as_deref()?, rest, hops + 1))
}

/// Goes from what `name` of a part holds to what `rest` makes of it.
fn walk(subject: &Subject, from: (u32, &str), fact: Json, rest: &str, hops: u8) -> Option<(u32, Json)> {
    if hops > MAX_HOPS {
        return None;
    }
    let (part, name) = from;
    if fact.get("i").is_some() {
        let rest = format!("{}{rest}", fact["x"].as_str().unwrap_or_default());
        let here = subject.parts.get(part as usize)?;
        let mut serving = here.wants.iter().filter(|wanted| wanted.serves.as_deref() == Some(name));
        return serving
            .find_map(|wanted| find(subject, wanted.part?, wanted.name.as_deref()?, &rest, hops + 1));
    }
    if rest.is_empty() {
        return Some((part, fact));
    }
    if let Some(rest) = rest.strip_prefix("()") {
        // A class that is called is an instance; its members stay.
        return match fact.get("r") {
            Some(result) => walk(subject, from, result.clone(), rest, hops + 1),
            None if fact.get("o").is_some() || fact.get("f").is_some() => {
                walk(subject, from, fact, rest, hops + 1)
            }
            None => None,
        };
    }
    if let Some(class) = fact["c"].as_str() {
        return find(subject, part, class, rest, hops + 1);
    }
    let after = rest.strip_prefix('.')?;
    let end = after.find(['.', '(', '[']).unwrap_or(after.len());
    let (member, rest) = after.split_at(end);
    // `Model.FAST.value`, `TEMPLATE.format(…)`.
    if matches!(member, "value" | "format" | "strip" | "get_secret_value")
        && (fact.get("t").is_some() || fact.get("e").is_some())
    {
        return walk(subject, from, fact, rest.strip_prefix("()").unwrap_or(rest), hops + 1);
    }
    walk(subject, from, fact["o"].get(member)?.clone(), rest, hops + 1)
}

/// `[start, end, line]` in the subject.
fn span(place: &Json) -> Option<Span> {
    let number = |at: usize| place[at].as_u64();
    let (start, end, line) = (number(0)?, number(1)?, number(2)?);
    Some(Span { part: 0, start, end, line: line as u32 })
}

/// Adds what the `fact` of a `part` says to the `question` of the subject, which knows it as `name`.
fn use_fact(
    answer: &mut Answer,
    subject: &Subject,
    question: &Json,
    part: u32,
    fact: &Json,
    name: &str,
    scheme: &'static str,
) {
    let usage = usage_of_number(question["u"].as_u64().unwrap_or_default() as usize);
    let (Some(here), text) = (span(&question["s"]), fact["t"].as_str()) else { return };
    let Some(there) = span(&fact["s"]).map(|span| span.in_part(part)) else { return };
    let path = &subject.parts[part as usize].path;
    let there_usage = usage.at_most(usage_of(path));
    let evidence =
        |span: Span, rule: &str, usage: Usage| Evidence::new(span, rule, Method::Flow, usage).confidence(90);
    let kind = question["k"].as_str().unwrap_or_default();
    let env = fact["e"].as_str();
    match (kind, text) {
        ("model" | "model!", Some(text)) if fact.get("p").is_none() => {
            let Some((model, confidence)) = model::named(text, kind == "model!", || None) else { return };
            let key = format!("linked-{}", model.key);
            let shown = evidence(there, "imported-model", there_usage).confidence(confidence).snippet(text);
            if let Some(home) = model.home(&key) {
                answer.relation(home.seen(shown.clone()));
            }
            answer.sight(&key.clone(), shown, || Asset { key: key.clone(), ..model.asset() });
            answer.sight(&key, evidence(here.clone(), "imported-model", usage).snippet(name), || {
                unreachable_asset(&key)
            });
            if let Some(owner) = question["o"].as_str() {
                let edge = Relation::new(AssetRef::here(owner), "uses", AssetRef::here(key));
                answer.relation(edge.seen(evidence(here, "imported-model", usage).snippet(name)));
            }
        }
        ("registered-model", Some(text)) if fact.get("p").is_none() && is_name(text) => {
            let model = Sighted::registered(&Address::Model(text.to_owned(), Which::Any));
            let key = format!("linked-{}", model.key);
            let shown = evidence(there, "imported-model", there_usage).snippet(text);
            if let Some(home) = model.home(&key) {
                answer.relation(home.seen(shown.clone()));
            }
            answer.sight(&key.clone(), shown, || Asset { key, ..model.asset() });
        }
        ("sagemaker-endpoint", _) => {
            let shown = evidence(there, "imported-endpoint", there_usage);
            match (text, env) {
                (Some(text), _) if fact.get("p").is_none() && is_name(text) => {
                    let name = Name::sagemaker_endpoint(text);
                    let key = format!("linked-{}", endpoint::named_key(&name));
                    let shown = shown.snippet(text);
                    let home = Relation::new(AssetRef::here(&key), "resolves-to", name.reference());
                    answer.relation(home.seen(shown.clone()));
                    answer.sight(&key.clone(), shown, || endpoint::named(key, &name, text, None));
                }
                (None, Some(env)) => {
                    let key = format!("linked-{}", endpoint::variable_key(env));
                    answer.sight(&key.clone(), shown.snippet(env), || endpoint::variable(key, env));
                }
                _ => {}
            }
        }
        ("url" | "url!", Some(text)) => {
            let Some(url) = endpoint::clean(text) else { return };
            if inventar_catalogue::endpoint_of_url(&url).is_none() && kind == "url" {
                return;
            }
            let key = format!("linked-endpoint:{url}");
            let shown = evidence(there, "imported-base-url", there_usage).snippet(&url);
            if let Some(home) = endpoint::home(&key, &url) {
                answer.relation(home.seen(shown.clone()));
            }
            answer.sight(&key.clone(), shown, || endpoint::asset(key, &url, None));
        }
        ("key", _) => {
            let Some(env) = env else { return };
            if !secret::reads_like_key(env) {
                return;
            }
            let key = format!("linked-secret:{env}");
            let shown = evidence(there, "imported-key", there_usage).snippet(env);
            answer.sight(&key.clone(), shown, || secret::asset(key, env));
        }
        ("system" | "template", Some(text)) => {
            let shown = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
            if text.split_whitespace().count() < 3 || kind == "template" && text.len() < 60 {
                return;
            }
            // The result of a function stands where the function is defined.
            let symbol = fact["q"].as_str().unwrap_or(name);
            let key = format!("linked-prompt:{path}#{symbol}");
            let role = if kind == "system" { "system" } else { "template" };
            answer.sight(
                &key.clone(),
                evidence(there, "imported-prompt", there_usage).snippet(shown),
                || {
                    Asset::new(key.clone(), "prompt", symbol.rsplit('.').next().unwrap_or(symbol))
                        .identifier(scheme, format!("{path}#{symbol}"))
                        .property("role", role)
                },
            );
            if let Some(owner) = question["o"].as_str() {
                let edge = Relation::new(AssetRef::here(owner), "uses", AssetRef::here(key));
                answer.relation(edge.seen(evidence(here, "imported-prompt", usage).snippet(symbol)));
            }
        }
        ("tool", _) => {
            let Some(function) = fact["f"].as_str() else { return };
            let owner = question["o"].as_str();
            let target = match fact["k"].as_str() {
                // The other file says that it is a tool; the edge is what is new.
                Some(key) => AssetRef::Local { part, key: key.to_owned() },
                None => {
                    let key = format!("linked-tool:{path}#{function}");
                    answer.sight(
                        &key.clone(),
                        evidence(there, "imported-tool", there_usage).snippet(function),
                        || {
                            Asset::new(key.clone(), "tool", function)
                                .identifier(scheme, format!("{path}#{function}"))
                        },
                    );
                    AssetRef::here(key)
                }
            };
            if let Some(owner) = owner {
                let edge = Relation::new(AssetRef::here(owner), "uses", target);
                answer.relation(edge.seen(evidence(here, "imported-tool", usage).snippet(function)));
            }
        }
        _ => {}
    }
}

/// `Answer::sight` asks for an asset to make; this key is there already.
fn unreachable_asset(key: &str) -> Asset {
    Asset::new(key, "model-reference", key)
}
