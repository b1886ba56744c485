//! What a reader learns of a file.

use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};

/// How bad something in a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Danger {
    /// Tampered with, malformed, or nobody knows what it does.
    Suspicious,
    /// The ordinary loader would run, read, write or fetch what the file says.
    Unsafe,
}

/// Something in a file that should not be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// How bad.
    pub danger: Danger,
    /// By what means; kebab-case.
    pub technique: &'static str,
    /// What: the callable, the member, the key.
    pub what: String,
    /// Byte offset in the file or in the member.
    pub at: u64,
    /// The member of an archive.
    pub member: Option<String>,
    /// The host may hand over the member as a file of its own: [`crate::claim`].
    pub is_members_own: bool,
}

/// What should not be in a file: the first so many, which tell the story.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Flags(Vec<Flag>);

impl Flags {
    const MAX: usize = 64;

    /// One more, unless there are enough.
    pub fn push(&mut self, flag: Flag) {
        if self.0.len() < Self::MAX {
            self.0.push(flag);
        }
    }

    /// One more of the file itself.
    pub fn add(&mut self, danger: Danger, technique: &'static str, what: impl Into<String>, at: u64) {
        self.push(Flag { danger, technique, what: what.into(), at, member: None, is_members_own: false });
    }
}

impl Deref for Flags {
    type Target = [Flag];

    fn deref(&self) -> &[Flag] {
        &self.0
    }
}

impl DerefMut for Flags {
    fn deref_mut(&mut self) -> &mut [Flag] {
        &mut self.0
    }
}

impl Extend<Flag> for Flags {
    fn extend<T: IntoIterator<Item = Flag>>(&mut self, flags: T) {
        flags.into_iter().for_each(|flag| self.push(flag));
    }
}

impl IntoIterator for Flags {
    type Item = Flag;
    type IntoIter = std::vec::IntoIter<Flag>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// What cannot be said, because the file was not read to the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unread {
    /// Over one of our limits, in the limit's unit.
    TooLarge(u64, String),
    /// The content is broken.
    Broken(String),
    /// Something we do not read.
    Unsupported(String),
}

/// A model file, as far as its headers say.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Model {
    /// What kind of file, by content alone.
    pub format: &'static str,
    /// What it says of itself; the keys are documented in the README.
    pub metadata: Map<String, Json>,
    /// What should not be there.
    pub flags: Flags,
    /// What could not be read.
    pub unread: Vec<Unread>,
    /// Everything that the format's loader would act on was looked at: no flag then means benign.
    pub is_judged: bool,
}

impl Model {
    /// A file of that format, of which nothing is known yet.
    pub fn new(format: &'static str) -> Self {
        Self { format, ..Self::default() }
    }

    /// Sets what is known; null and empty values are not knowledge.
    pub fn set(&mut self, key: &str, value: impl Into<Json>) {
        let value = value.into();
        let is_empty = match &value {
            Json::Null => true,
            Json::String(text) => text.is_empty(),
            Json::Array(items) => items.is_empty(),
            Json::Object(entries) => entries.is_empty(),
            _ => false,
        };
        if !is_empty {
            self.metadata.insert(key.to_owned(), value);
        }
    }

    /// A text that is known.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.metadata.get(key)?.as_str()
    }

    /// A number that is known.
    pub fn number(&self, key: &str) -> Option<u64> {
        self.metadata.get(key)?.as_u64()
    }

    /// A list that is known.
    pub fn texts(&self, key: &str) -> Vec<String> {
        let items = self.metadata.get(key).and_then(Json::as_array);
        items.into_iter().flatten().filter_map(Json::as_str).map(str::to_owned).collect()
    }

    /// Flags something.
    pub fn flag(&mut self, danger: Danger, technique: &'static str, what: impl Into<String>, at: u64) {
        self.flags.add(danger, technique, what, at);
    }

    /// Something is malformed: the file is suspicious, and only partly read.
    pub fn broken(&mut self, why: impl Into<String>, at: u64) {
        let why = why.into();
        self.flag(Danger::Suspicious, "malformed", why.clone(), at);
        self.unread.push(Unread::Broken(format!("{why} (at byte {at})")));
    }

    /// The content was cut at one of our limits: that it ends early says nothing of the file.
    pub fn cut(&mut self, limit: u64, why: impl Into<String>) {
        self.flags.0.retain(|flag| flag.technique != "malformed");
        self.unread.retain(|unread| !matches!(unread, Unread::Broken(_)));
        self.unread.push(Unread::TooLarge(limit, why.into()));
    }

    /// Whether the file is anything that we know.
    pub fn is_known(&self) -> bool {
        !matches!(self.format, "unknown" | "text" | "")
    }

    /// Whether it is a model: an archive or plain data are not, unless something in them is.
    pub fn is_model(&self) -> bool {
        match self.format {
            "unknown" | "text" | "" => false,
            "zip" | "tar" | "7z" | "oci-layout" => {
                self.metadata.contains_key("models")
                    || self.metadata.contains_key("globals")
                    || self.flags.iter().any(|flag| flag.danger == Danger::Unsafe)
            }
            "hdf5" => self.metadata.contains_key("parameters") || !self.flags.is_empty(),
            _ => true,
        }
    }

    /// "unsafe", "suspicious", "benign", "not-analysable"; none for what is nothing we know. What nobody looked at is
    /// never benign.
    pub fn verdict(&self) -> Option<&'static str> {
        match self.flags.iter().map(|flag| flag.danger).max() {
            Some(Danger::Unsafe) => Some("unsafe"),
            Some(Danger::Suspicious) => Some("suspicious"),
            None if !self.is_known() || matches!(self.format, "model-card" | "dataset-card" | "hf-cache") => {
                None
            }
            None if self.unread.is_empty() && self.is_judged => Some("benign"),
            None => Some("not-analysable"),
        }
    }
}

/// Tensors, counted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tensors {
    /// How many.
    pub count: u64,
    /// Elements of all of them; none after an overflow.
    elements: Option<u64>,
    /// Elements by type.
    types: BTreeMap<String, u64>,
}

impl Tensors {
    /// None counted yet.
    pub fn new() -> Self {
        Self { count: 0, elements: Some(0), types: BTreeMap::new() }
    }

    /// Counts one; returns its elements unless the shape overflows.
    pub fn add(&mut self, dtype: &str, shape: &[u64]) -> Option<u64> {
        self.count += 1;
        let elements = shape.iter().try_fold(1u64, |all, dim| all.checked_mul(*dim));
        self.elements = self.elements.zip(elements).and_then(|(sum, more)| sum.checked_add(more));
        if self.types.len() < 64 || self.types.contains_key(dtype) {
            let of_type = self.types.entry(dtype.to_owned()).or_default();
            *of_type = of_type.saturating_add(elements.unwrap_or(0));
        }
        elements
    }

    /// Adds what others counted.
    pub fn merge(&mut self, other: &Tensors) {
        self.count += other.count;
        self.elements = self.elements.zip(other.elements).and_then(|(sum, more)| sum.checked_add(more));
        for (dtype, elements) in &other.types {
            let of_type = self.types.entry(dtype.clone()).or_default();
            *of_type = of_type.saturating_add(*elements);
        }
    }

    /// The type that most elements have.
    pub fn main_type(&self) -> Option<&str> {
        self.types.iter().max_by_key(|(_, elements)| **elements).map(|(dtype, _)| dtype.as_str())
    }

    /// Writes `parameters`, `tensor_count` and `dtypes`.
    pub fn describe(&self, model: &mut Model) {
        if self.count == 0 {
            return;
        }
        model.set("tensor_count", self.count);
        if let Some(elements) = self.elements {
            model.set("parameters", elements);
        }
        model.set("dtypes", self.types.keys().cloned().collect::<Vec<_>>());
        if let Some(main) = self.main_type() {
            model.set("main_dtype", main);
        }
    }
}
