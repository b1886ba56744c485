//! One tree for JSON, TOML and YAML, in which everything knows its bytes.

use std::ops::Range;

/// A value and where it stands in the text.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What it is.
    pub value: Value,
    /// Its bytes.
    pub span: Range<usize>,
}

/// What the three formats have in common.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Null, or something that says nothing here: a date, an alias.
    Nothing,
    /// Yes or no.
    Bool(bool),
    /// A number, as written.
    Number(String),
    /// A text.
    Text(String),
    /// Values in order.
    List(Vec<Node>),
    /// Names and values in order; a name may repeat.
    Table(Vec<Entry>),
}

/// A name and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The name.
    pub key: String,
    /// The name's bytes.
    pub key_span: Range<usize>,
    /// The value.
    pub node: Node,
}

impl Node {
    /// The value of a name; of a repeated name the last, as readers of these formats do.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.node)
    }

    /// The name with its value.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().rev().find(|entry| entry.key == key)
    }

    /// The first of several names that is there.
    pub fn any(&self, keys: &[&str]) -> Option<&Node> {
        keys.iter().find_map(|key| self.get(key))
    }

    /// A table's entries; nothing of anything else.
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Table(entries) => entries,
            _ => &[],
        }
    }

    /// A list's values; nothing of anything else.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// A text's text.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A text or a number, as written.
    pub fn scalar(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) | Value::Number(text) => Some(text),
            Value::Bool(true) => Some("true"),
            Value::Bool(false) => Some("false"),
            _ => None,
        }
    }

    /// Yes or no; also the words in quotes, as some clients accept.
    pub fn bool(&self) -> Option<bool> {
        match &self.value {
            Value::Bool(yes) => Some(*yes),
            Value::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Value::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// The same tree with everything at one place: a document inside a text of another stands where that text does.
    pub fn placed(mut self, at: &Range<usize>) -> Self {
        self.span = at.clone();
        match &mut self.value {
            Value::List(items) => {
                *items = std::mem::take(items).into_iter().map(|item| item.placed(at)).collect();
            }
            Value::Table(entries) => {
                for entry in entries {
                    entry.key_span = at.clone();
                    let node = std::mem::replace(&mut entry.node, Node { value: Value::Nothing, span: 0..0 });
                    entry.node = node.placed(at);
                }
            }
            _ => {}
        }
        self
    }

    /// A list's scalars.
    pub fn scalars(&self) -> Vec<&str> {
        self.items().iter().filter_map(Node::scalar).collect()
    }
}
