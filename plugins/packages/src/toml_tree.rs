//! TOML with places: the `toml` crate's tree, read piece by piece so that a mistake in one place does not hide the rest.

use crate::dependency::Problem;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A table of a document.
pub type Table<'a> = DeTable<'a>;
/// A value with its place.
pub type Value<'a> = Spanned<DeValue<'a>>;

/// Parses as much as can be parsed.
pub fn parse(text: &str) -> (Table<'_>, Vec<Problem>) {
    let (table, errors) = DeTable::parse_recoverable(text);
    let problem = |error: &toml::de::Error| Problem {
        at: error.span().map_or(0, |span| span.start),
        what: error.message().to_owned(),
    };
    (table.into_inner(), errors.iter().take(1).map(problem).collect())
}

/// The table at a dotted path.
pub fn table<'t, 'a>(table: &'t Table<'a>, path: &str) -> Option<&'t Table<'a>> {
    path.split('.').try_fold(table, |table, key| table.get(key)?.get_ref().as_table())
}

/// The value of a key as a text.
pub fn text<'t>(table: &'t Table<'_>, key: &str) -> Option<&'t str> {
    table.get(key)?.get_ref().as_str()
}

/// Whether a key is `true`.
pub fn is_true(table: &Table<'_>, key: &str) -> bool {
    table.get(key).and_then(|value| value.get_ref().as_bool()) == Some(true)
}

/// The members with the places of their names.
pub fn members<'t, 'a>(
    table: &'t Table<'a>,
) -> impl Iterator<Item = (&'t str, Range<usize>, &'t DeValue<'a>)> {
    let mut members: Vec<_> =
        table.iter().map(|(key, value)| (key.get_ref().as_ref(), key.span(), value.get_ref())).collect();
    members.sort_by_key(|(_, at, _)| at.start);
    members.into_iter()
}

/// The texts of an array with their places, without the quotes.
pub fn texts<'t>(value: Option<&'t DeValue<'_>>) -> impl Iterator<Item = (&'t str, Range<usize>)> {
    value.and_then(DeValue::as_array).into_iter().flat_map(|array| array.iter()).filter_map(|item| {
        let text = item.get_ref().as_str()?;
        let span = item.span();
        Some((text, span.start + 1..span.end.saturating_sub(1).max(span.start + 1)))
    })
}
