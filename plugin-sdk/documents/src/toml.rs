//! TOML.

use crate::tree::{Entry, Node, Value};
use crate::{Broken, MAX_DEPTH};
use ::toml::Spanned;
use ::toml::de::{DeTable, DeValue};

pub(super) fn parse(text: &str) -> Result<Node, Broken> {
    let table = DeTable::parse(text).map_err(|error| Broken {
        at: error.span().map_or(0, |span| span.start).min(text.len()),
        why: error.message().to_owned(),
    })?;
    let span = table.span();
    Ok(Node { value: Value::Table(entries(table.into_inner(), 0)?), span })
}

/// In the order of the file; the parser sorts by name.
fn entries(table: DeTable<'_>, depth: usize) -> Result<Vec<Entry>, Broken> {
    let entry = |(key, value): (Spanned<std::borrow::Cow<'_, str>>, _)| {
        let key_span = key.span();
        Ok(Entry { key: key.into_inner().into_owned(), key_span, node: node(value, depth + 1)? })
    };
    let mut entries: Vec<Entry> = table.into_iter().map(entry).collect::<Result<_, Broken>>()?;
    entries.sort_by_key(|entry| entry.key_span.start);
    Ok(entries)
}

fn node(value: Spanned<DeValue<'_>>, depth: usize) -> Result<Node, Broken> {
    let span = value.span();
    if depth > MAX_DEPTH {
        return Err(Broken { at: span.start, why: "nested too deeply".into() });
    }
    let value = match value.into_inner() {
        DeValue::String(text) => Value::Text(text.into_owned()),
        DeValue::Integer(number) => Value::Number(number.to_string()),
        DeValue::Float(number) => Value::Number(number.to_string()),
        DeValue::Boolean(yes) => Value::Bool(yes),
        DeValue::Datetime(_) => Value::Nothing,
        DeValue::Array(items) => {
            Value::List(items.into_iter().map(|item| node(item, depth + 1)).collect::<Result<_, _>>()?)
        }
        DeValue::Table(table) => Value::Table(entries(table, depth)?),
    };
    Ok(Node { value, span })
}
