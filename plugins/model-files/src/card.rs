//! The front matter of a model card: the YAML between two `---` lines of a README.

use granit_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Value as Json};

/// The longest front matter that is read; the hub allows far less.
const MAX_BYTES: usize = 256 << 10;
/// Nesting that is kept; evaluation results nest six deep.
const MAX_DEPTH: usize = 16;

/// The front matter of a text. None: it has none, or a broken one.
pub fn front_matter(text: &str) -> Option<Map<String, Json>> {
    let rest = text.strip_prefix("---")?;
    let rest = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n'))?;
    let end = rest
        .match_indices("\n---")
        .map(|(at, _)| at)
        .find(|at| rest[at + 4..].is_empty() || rest[at + 4..].starts_with(['\n', '\r', ' ']))?;
    if end > MAX_BYTES {
        return None;
    }
    match yaml(&rest[..=end])? {
        Json::Object(entries) => Some(entries),
        _ => None,
    }
}

/// A document as JSON. Aliases are null: nothing grows beyond its text.
pub(crate) fn yaml(text: &str) -> Option<Json> {
    let mut open: Vec<(bool, Vec<Json>)> = vec![];
    for next in Parser::new_from_str(text) {
        let done = match next.ok()?.0 {
            Event::SequenceStart(..) => {
                open.push((false, vec![]));
                None
            }
            Event::MappingStart(..) => {
                open.push((true, vec![]));
                None
            }
            Event::SequenceEnd | Event::MappingEnd => {
                open.pop().map(|(is_table, items)| collection(is_table, items))
            }
            Event::Scalar(text, style, ..) => Some(scalar(&text, style)),
            Event::Alias(_) => Some(Json::Null),
            _ => None,
        };
        if open.len() > MAX_DEPTH {
            return None;
        }
        match (done, open.last_mut()) {
            (Some(value), Some((_, items))) => items.push(value),
            (Some(value), None) => return Some(value),
            (None, _) => {}
        }
    }
    None
}

fn collection(is_table: bool, items: Vec<Json>) -> Json {
    if !is_table {
        return Json::Array(items);
    }
    let mut entries = Map::new();
    let mut items = items.into_iter();
    while let (Some(key), Some(value)) = (items.next(), items.next()) {
        if let Json::String(key) = key {
            entries.insert(key, value);
        }
    }
    Json::Object(entries)
}

/// Texts stay texts: the licence `no` and the language `no` are words here.
fn scalar(text: &str, style: ScalarStyle) -> Json {
    match text {
        "" | "~" | "null" if style == ScalarStyle::Plain => Json::Null,
        _ => Json::String(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(text: &str, expected: Option<Json>) {
        assert_eq!(front_matter(text).map(Json::Object), expected, "{text:?}");
    }

    #[test]
    fn cards() {
        check(
            "---\nlicense: mit\nlanguage:\n- en\n- no\n---\n# Title\n",
            Some(json!({"license": "mit", "language": ["en", "no"]})),
        );
        check("---\r\nlicense: mit\r\n---\r\n", Some(json!({"license": "mit"})));
        check("---\na: &x [1]\nb: *x\n---", Some(json!({"a": ["1"], "b": null})));
        check("# Title\n", None);
        check("---\nnever closed\n", None);
        check("---\n[\n---\n", None);
        check(&format!("---\n{}\n---\n", "[".repeat(1000)), None);
    }
}
