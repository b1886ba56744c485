//! YAML, built from events: an alias stays an alias, so that no document grows beyond its text.

use crate::tree::{Entry, Node, Value};
use crate::{Broken, MAX_DEPTH};
use granit_parser::{Event, Parser, ScalarStyle, Span};
use std::ops::Range;

/// A collection that is still open.
struct Open {
    start: usize,
    items: Vec<Node>,
    is_table: bool,
}

/// At most `most` documents, and why the next could not be read.
pub(super) fn parse(text: &str, most: usize) -> (Vec<Node>, Option<Broken>) {
    let mut documents = vec![];
    let broken = read(text, most, &mut documents).err();
    (documents, broken)
}

fn read(text: &str, most: usize, documents: &mut Vec<Node>) -> Result<(), Broken> {
    let mut open: Vec<Open> = vec![];
    for next in Parser::new_from_str(text) {
        let (event, span) = next.map_err(|error| Broken {
            at: error.marker().byte_offset().unwrap_or(0).min(text.len()),
            why: error.info().to_owned(),
        })?;
        let bytes = bytes(span, text);
        let done = match event {
            Event::SequenceStart(..) | Event::MappingStart(..) => {
                if open.len() > MAX_DEPTH {
                    return Err(Broken { at: bytes.start, why: "nested too deeply".into() });
                }
                let is_table = matches!(event, Event::MappingStart(..));
                open.push(Open { start: bytes.start, items: vec![], is_table });
                None
            }
            Event::SequenceEnd | Event::MappingEnd => open.pop().map(|closed| closed.into_node(bytes.end)),
            Event::Scalar(text, style, ..) => Some(Node { value: scalar(&text, style), span: bytes }),
            Event::Alias(_) => Some(Node { value: Value::Nothing, span: bytes }),
            _ => None,
        };
        match (done, open.last_mut()) {
            (Some(node), Some(parent)) => parent.items.push(node),
            (Some(node), None) => {
                documents.push(node);
                if documents.len() >= most {
                    return Ok(());
                }
            }
            (None, _) => {}
        }
    }
    Ok(())
}

impl Open {
    fn into_node(self, end: usize) -> Node {
        let span = self.start..end.max(self.start);
        if !self.is_table {
            return Node { value: Value::List(self.items), span };
        }
        let mut entries = vec![];
        let mut items = self.items.into_iter();
        while let (Some(key), Some(node)) = (items.next(), items.next()) {
            if let Some(text) = key.scalar() {
                entries.push(Entry { key: text.to_owned(), key_span: key.span, node });
            }
        }
        Node { value: Value::Table(entries), span }
    }
}

/// The core schema, as far as it matters here.
fn scalar(text: &str, style: ScalarStyle) -> Value {
    if style != ScalarStyle::Plain {
        return Value::Text(text.to_owned());
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Nothing,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ if text.parse::<f64>().is_ok() && text.starts_with(|c: char| c.is_ascii_digit() || c == '-') => {
            Value::Number(text.to_owned())
        }
        _ => Value::Text(text.to_owned()),
    }
}

fn bytes(span: Span, text: &str) -> Range<usize> {
    let Range { start, end } = span.byte_range().unwrap_or(0..0);
    let start = start.min(text.len());
    start..end.clamp(start, text.len())
}
