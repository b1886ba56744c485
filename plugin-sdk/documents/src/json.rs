//! JSON with comments.

use crate::tree::{Entry, Node, Value};
use crate::{Broken, MAX_DEPTH};
use jsonc_parser::ast;
use jsonc_parser::common::{Range, Ranged};
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

pub(super) fn parse(text: &str) -> Result<Option<Node>, Broken> {
    // What the clients themselves accept: comments and trailing commas, nothing of JSON5 beyond that.
    let options = ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let parsed = parse_to_ast(text, &CollectOptions::default(), &options)
        .map_err(|error| Broken { at: error.range().start.min(text.len()), why: error.kind().to_string() })?;
    parsed.value.map(|value| node(value, 0)).transpose()
}

fn node(value: ast::Value<'_>, depth: usize) -> Result<Node, Broken> {
    let Range { start, end } = value.range();
    if depth > MAX_DEPTH {
        return Err(Broken { at: start, why: "nested too deeply".into() });
    }
    let value = match value {
        ast::Value::StringLit(text) => Value::Text(text.value.into_owned()),
        ast::Value::NumberLit(number) => Value::Number(number.value.to_owned()),
        ast::Value::BooleanLit(yes) => Value::Bool(yes.value),
        ast::Value::NullKeyword(_) => Value::Nothing,
        ast::Value::Array(array) => Value::List(
            array.elements.into_iter().map(|item| node(item, depth + 1)).collect::<Result<_, _>>()?,
        ),
        ast::Value::Object(object) => {
            let entry = |property: ast::ObjectProp<'_>| {
                let Range { start, end } = property.name.range();
                let node = node(property.value, depth + 1)?;
                Ok(Entry { key: property.name.into_string(), key_span: start..end, node })
            };
            Value::Table(object.properties.into_iter().map(entry).collect::<Result<_, _>>()?)
        }
    };
    Ok(Node { value, span: start..end })
}
