//! Repeats everything that a service says, wherever a text fits, and looks through its own memory for secrets.

use inventar_plugin_sdk::collector::{
    Collector, Context, Gap, Problem, Reason, Request, Response, Scope, Sink, Step,
};
use inventar_plugin_sdk::{Asset, AssetRef, Finding, Relation, Severity, log};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Default, Deserialize)]
pub struct Settings {
    endpoint: String,
}

/// Texts to look for, each byte of them one more than it is: a guest that holds them does not hold what it looks for.
#[derive(Deserialize)]
struct Needles {
    needles: Vec<Vec<u16>>,
    marker: Vec<u16>,
}

#[derive(Debug)]
pub struct Parrot;

impl Collector for Parrot {
    type Settings = Settings;

    fn probe(context: &Context<Settings>) -> Result<Vec<Scope>, Problem> {
        let answer = ask(context, "repeat/probe")?;
        let labels = text(&answer);
        let label = labels.get(..400.min(labels.len())).unwrap_or_default();
        Ok(["words", "memory", "denied", "problem", "panic", "slow"]
            .map(|id| Scope::new(id, "manner", label))
            .into())
    }

    fn run(
        context: &Context<Settings>,
        scope: &Scope,
        _: Option<&inventar_plugin_sdk::collector::Cursor>,
        sink: &mut Sink,
    ) -> Result<Step, Problem> {
        match scope.id.as_str() {
            "memory" => {
                let words = ask(context, "repeat/memory")?;
                let wanted: Needles = ask(context, "needles")?.json()?;
                let (pages, found) = search(&wanted.needles);
                let (_, marked) = search(&[wanted.marker]);
                let told = Asset::new("memory", "model-version", "memory")
                    .property("bytes", pages.to_string())
                    .property("found", found.to_string())
                    .property("marked", marked.to_string());
                sink.asset(told.seen(words.evidence("looked")));
                Ok(Step::complete())
            }
            "denied" => {
                let answer = Request::get(format!("{}/repeat/denied", context.settings.endpoint));
                match answer.credential("login").send().and_then(Response::ok) {
                    Ok(_) => Ok(Step::complete()),
                    Err(failure) => {
                        let detail = failure.to_string();
                        log::warn(&detail);
                        sink.gap(Gap {
                            at: detail.clone(),
                            reason: Reason::Other(detail.clone()),
                            detail,
                            retriable: false,
                        });
                        sink.failed("echo:Repeat", &failure)
                    }
                }
            }
            "problem" => Err(Problem::new("parrot", text(&ask(context, "repeat/problem")?))),
            "panic" => panic!("{}", text(&ask(context, "repeat/panic")?)),
            manner => {
                let answer = ask(context, &format!("repeat/{manner}"))?;
                repeat(manner, &answer, sink)?;
                Ok(Step::complete())
            }
        }
    }
}

fn ask(context: &Context<Settings>, path: &str) -> Result<Response, Problem> {
    let request = Request::get(format!("{}/{path}", context.settings.endpoint)).credential("login");
    request.send().and_then(Response::ok).map_err(|failure| Problem::new("echo", failure.to_string()))
}

/// Headers and body.
fn text(answer: &Response) -> String {
    format!("{:?} {}", answer.headers, String::from_utf8_lossy(&answer.body))
}

/// Each word of an answer as a name, a property, an identifier, a finding, a gap and a line of the log.
fn repeat(manner: &str, answer: &Response, sink: &mut Sink) -> Result<(), Problem> {
    let mut words: BTreeMap<String, String> = answer.json()?;
    words.extend(answer.headers.iter().cloned());
    for (n, (name, said)) in words.iter().enumerate() {
        log::warn(said);
        // Long keys come in parts, as names go.
        let short: String = said.chars().take(200).collect();
        let key = format!("{manner}-{n}");
        let asset = Asset::new(&key, "model-version", &short).property(name, said.as_str());
        sink.asset(asset.seen(answer.evidence("said")));
        sink.relation(Relation::new(
            AssetRef::here(&key),
            "derived-from",
            AssetRef::known_as("url", format!("https://models.example/{short}")),
        ));
        sink.finding(Finding {
            rule: "said".into(),
            severity: Severity::Info,
            title: short.clone(),
            about: vec![AssetRef::here(&key)],
            properties: vec![],
            evidence: vec![answer.evidence("said")],
        });
        sink.gap(Gap {
            at: short,
            reason: Reason::Other(said.clone()),
            detail: said.clone(),
            retriable: false,
        });
    }
    Ok(())
}

/// How many bytes of memory there are, and at how many places one of the needles lies.
fn search(needles: &[Vec<u16>]) -> (usize, usize) {
    let bytes = memory::bytes();
    let at = |address: usize| u16::from(memory::at(address)) + 1;
    let mut first = [const { Vec::new() }; 257];
    for needle in needles.iter().filter(|needle| !needle.is_empty()) {
        if let Some(same) = first.get_mut(usize::from(needle[0])) {
            same.push(needle);
        }
    }
    let lies = |start: usize, needle: &[u16]| {
        start + needle.len() <= bytes && needle.iter().enumerate().all(|(n, byte)| at(start + n) == *byte)
    };
    let found =
        (1..bytes).filter(|start| first[usize::from(at(*start))].iter().any(|needle| lies(*start, needle)));
    let found = found.count();
    (bytes, found)
}

/// All memory of the guest, also what no value owns any more.
#[cfg(target_arch = "wasm32")]
mod memory {
    pub(crate) fn bytes() -> usize {
        core::arch::wasm32::memory_size::<0>() << 16
    }

    #[allow(unsafe_code, reason = "nothing else sees memory that no value owns")]
    pub(crate) fn at(address: usize) -> u8 {
        // SAFETY: every address below the size of a linear memory can be read, and nothing runs beside this.
        unsafe { core::ptr::read_volatile(address as *const u8) }
    }
}

/// Only a guest has a memory of its own.
#[cfg(not(target_arch = "wasm32"))]
mod memory {
    pub(crate) fn bytes() -> usize {
        0
    }

    pub(crate) fn at(_: usize) -> u8 {
        0
    }
}

inventar_plugin_sdk::collector!(Parrot);
