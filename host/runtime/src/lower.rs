//! From the host's types to the contract's, on the way into a guest.

use crate::bindings::{detect, link, types};
use crate::call::{State, Stop};
use crate::plugin::{Candidate, Content};
use inventar_model::{Part, Property, Subject, Value, Wanted};

/// The id of a candidate is its index: it means nothing beyond the call.
fn id(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

pub(crate) fn candidates(state: &mut State, batch: Vec<Candidate>) -> Result<Vec<detect::Candidate>, Stop> {
    batch
        .into_iter()
        .enumerate()
        .map(|(at, candidate)| {
            let hits = candidate.hits.into_iter();
            let hits =
                hits.map(|hit| detect::Hit { claim: hit.claim, start: hit.start, end: hit.end }).collect();
            let content = match candidate.content {
                Content::Inline(bytes) => detect::Content::Inline(bytes),
                Content::Large { head, blob } => detect::Content::Large((head, state.open(blob)?)),
            };
            Ok(detect::Candidate { id: id(at), path: candidate.path, hits, content })
        })
        .collect()
}

pub(crate) fn subjects(batch: Vec<Subject>) -> Vec<link::Subject> {
    let subject = |(at, subject): (usize, Subject)| link::Subject {
        id: id(at),
        parts: subject.parts.into_iter().map(part).collect(),
    };
    batch.into_iter().enumerate().map(subject).collect()
}

fn part(part: Part) -> link::Part {
    let wanted =
        |wanted: Wanted| link::Wanted { serves: wanted.serves, name: wanted.name, part: wanted.part };
    link::Part {
        path: part.path,
        facts: part.facts.into_iter().map(property).collect(),
        wants: part.wants.into_iter().map(wanted).collect(),
    }
}

fn property(property: Property) -> types::Property {
    let value = match property.value {
        Value::Text(text) => types::Value::Text(text),
        Value::Integer(number) => types::Value::Integer(number),
        Value::Number(number) => types::Value::Number(number),
        Value::Boolean(yes) => types::Value::Boolean(yes),
        Value::Texts(texts) => types::Value::Texts(texts),
        Value::Json(json) => types::Value::Json(json),
    };
    types::Property { name: property.name, value }
}
