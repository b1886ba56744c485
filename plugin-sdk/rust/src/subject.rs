//! The question of phase two: a file with the facts of the files it asked for.

use crate::answer::{Property, Value};

/// A want of a part and the part that answers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The re-exported name this serves; none: the file itself needs it.
    pub serves: Option<String>,
    /// The name needed there; none: the whole file.
    pub name: Option<String>,
    /// Index into [`Subject::parts`]; none: nothing in the source answers it.
    pub part: Option<u32>,
}

/// A file, its facts, and what its wants resolved to.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// From the source root.
    pub path: String,
    /// What its `scan` told.
    pub facts: Vec<Property>,
    /// Its wants.
    pub wants: Vec<Wanted>,
}

impl Part {
    /// The first fact of that name.
    pub fn fact(&self, name: &str) -> Option<&Value> {
        self.facts.iter().find(|fact| fact.name == name).map(|fact| &fact.value)
    }

    /// The first fact of that name as a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.fact(name) {
            Some(Value::Text(text) | Value::Json(text)) => Some(text),
            _ => None,
        }
    }
}

/// The file in question is part 0; the rest is breadth-first, at most 64.
#[derive(Debug, Clone, PartialEq)]
pub struct Subject {
    /// At least one.
    pub parts: Vec<Part>,
}

impl Subject {
    /// The file in question: the only one that may own assets.
    pub fn file(&self) -> &Part {
        &self.parts[0]
    }

    /// The part that answers a want.
    pub fn part(&self, wanted: &Wanted) -> Option<(u32, &Part)> {
        let at = wanted.part?;
        Some((at, self.parts.get(at as usize)?))
    }
}
