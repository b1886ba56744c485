//! The XML of EC2, IAM, STS and S3, as the JSON it would have been.
//!
//! An element with children is an object, one with text a string, an empty one null. A name that repeats makes an array;
//! a list whose entries are called `member` or `item` is an array whatever its length.

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Map, Value};

/// Deeper documents are not AWS's.
const MAX_DEPTH: usize = 64;

/// What the root element holds.
pub(crate) fn parse(bytes: &[u8]) -> Result<Value, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Element> = vec![];
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(start) => {
                if open.len() == MAX_DEPTH {
                    return Err(format!("more than {MAX_DEPTH} elements inside each other"));
                }
                open.push(Element::new(start.local_name().as_ref()));
            }
            Event::Empty(empty) => {
                let element = Element::new(empty.local_name().as_ref());
                match open.last_mut() {
                    Some(parent) => parent.add(element),
                    None => return Ok(Value::Null),
                }
            }
            Event::Text(piece) => {
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&piece);
                }
            }
            Event::CData(piece) => {
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&piece);
                }
            }
            Event::GeneralRef(entity) => {
                if let Some(element) = open.last_mut() {
                    let character = match entity.resolve_char_ref() {
                        Ok(Some(character)) => character.to_string(),
                        _ => quick_xml::escape::resolve_predefined_entity(&entity)
                            .unwrap_or_default()
                            .to_owned(),
                    };
                    element.text.push_str(&character);
                }
            }
            Event::End(_) => {
                let Some(element) = open.pop() else { return Err("an element ends that never began".into()) };
                match open.last_mut() {
                    Some(parent) => parent.add(element),
                    None => return Ok(element.value()),
                }
            }
            Event::Eof => return Err("the document ends early".into()),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

struct Element {
    name: String,
    text: String,
    children: Map<String, Value>,
}

impl Element {
    fn new(name: &str) -> Self {
        Self { name: name.to_owned(), text: String::new(), children: Map::new() }
    }

    fn add(&mut self, child: Self) {
        let name = child.name.clone();
        let value = child.value();
        match self.children.get_mut(&name) {
            None => {
                let is_entry = name == "member" || name == "item";
                self.children.insert(name, if is_entry { Value::Array(vec![value]) } else { value });
            }
            Some(Value::Array(values)) => values.push(value),
            Some(known) => *known = Value::Array(vec![known.take(), value]),
        }
    }

    fn value(mut self) -> Value {
        let entries = match self.children.len() {
            1 => self.children.remove("member").or_else(|| self.children.remove("item")),
            _ => None,
        };
        match entries {
            Some(entries) => entries,
            None if !self.children.is_empty() => Value::Object(self.children),
            None if self.text.trim().is_empty() => Value::Null,
            None => Value::String(self.text.trim().to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[track_caller]
    fn check(text: &str, expected: Value) {
        assert_eq!(parse(text.as_bytes()).unwrap(), expected, "{text}");
    }

    #[test]
    fn documents() {
        check("<a/>", json!(null));
        check("<?xml version=\"1.0\"?><a><b>x</b><c/></a>", json!({"b": "x", "c": null}));
        check("<a><l><member>x</member></l></a>", json!({"l": ["x"]}));
        check("<a><l><item>x</item><item>y</item></l></a>", json!({"l": ["x", "y"]}));
        check("<a><b>1</b><b>2</b></a>", json!({"b": ["1", "2"]}));
        check("<a xmlns=\"urn\"><n:b>1 &lt; 2 &#65;&amp;</n:b></a>", json!({"b": "1 < 2 A&"}));
        check("<a><![CDATA[<x>]]></a>", json!("<x>"));
    }

    #[test]
    fn broken_documents() {
        for text in ["", "<a>", "<a></b>", "text", "</a>"] {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
        assert!(parse("<a>".repeat(100).as_bytes()).is_err());
        assert!(parse(b"<a>\xff</a>").is_err());
    }

    proptest! {
        #[test]
        fn nothing_breaks_it(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = parse(&bytes);
        }

        #[test]
        fn markup_breaks_nothing(text in "[<>/a-c&;#!\\[\\]\"= -]{0,120}") {
            let _ = parse(text.as_bytes());
        }
    }
}
