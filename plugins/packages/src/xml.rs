//! XML as a small tree with places, for project files.

use crate::dependency::Problem;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::ops::Range;

/// An element.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Element {
    /// Without a prefix.
    pub name: String,
    /// Names and values.
    pub attributes: Vec<(String, String)>,
    /// Its own text, trimmed.
    pub text: String,
    /// Where that text stands; of an element without text, where its tag stands.
    pub at: Range<usize>,
    /// In order.
    pub children: Vec<Element>,
}

/// Deeper elements are read over.
const MAX_DEPTH: usize = 64;

impl Element {
    /// The first child of that name.
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// Every child of that name.
    pub fn all<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The text of the first child of that name.
    pub fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.as_str())
    }

    /// The value of an attribute, whatever the case of its name.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Every element below, this one first.
    pub fn descendants(&self) -> Vec<&Element> {
        let mut all = vec![self];
        let mut next = 0;
        while let Some(element) = all.get(next).copied() {
            all.extend(element.children.iter());
            next += 1;
        }
        all
    }
}

/// Reads a document: a root without a name, whose children are what was read. Ends at the first error.
pub fn parse(source: &str) -> (Element, Option<Problem>) {
    let mut reader = Reader::from_str(source);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    let mut open = vec![Element::default()];
    let mut skipped = 0_usize;
    let mut problem = None;
    loop {
        let before = reader.buffer_position() as usize;
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) => {
                problem = Some(Problem { at: before.min(source.len()), what: error.to_string() });
                break;
            }
        };
        let after = reader.buffer_position() as usize;
        match event {
            Event::Start(_) if open.len() > MAX_DEPTH => skipped += 1,
            Event::Start(start) => open.push(element(&start, before..after)),
            Event::Empty(start) => {
                let child = element(&start, before..after);
                if let Some(parent) = open.last_mut() {
                    parent.children.push(child);
                }
            }
            Event::End(_) if skipped > 0 => skipped -= 1,
            Event::End(_) => close(&mut open),
            Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) => {
                add_text(&mut open, source, before..after)
            }
            Event::Eof => {
                if open.len() > 1 {
                    let name = open.last().map(|element| element.name.clone()).unwrap_or_default();
                    problem = Some(Problem { at: source.len(), what: format!("`<{name}>` is not closed") });
                }
                break;
            }
            _ => {}
        }
    }
    while open.len() > 1 {
        close(&mut open);
    }
    (open.pop().unwrap_or_default(), problem)
}

fn close(open: &mut Vec<Element>) {
    if open.len() > 1
        && let Some(done) = open.pop()
        && let Some(parent) = open.last_mut()
    {
        parent.children.push(done);
    }
}

fn element(start: &BytesStart<'_>, at: Range<usize>) -> Element {
    let attributes = start
        .attributes()
        .flatten()
        .map(|attribute| (local(attribute.key.as_ref()), unescape(&attribute.value)));
    Element { name: local(start.name().as_ref()), attributes: attributes.collect(), at, ..Element::default() }
}

fn add_text(open: &mut [Element], source: &str, at: Range<usize>) {
    let Some(raw) = source.get(at.clone()) else { return };
    let raw = raw.strip_prefix("<![CDATA[").and_then(|raw| raw.strip_suffix("]]>")).unwrap_or(raw);
    let text = raw.trim();
    if let (false, Some(element)) = (text.is_empty(), open.last_mut()) {
        if element.text.is_empty() {
            let from = at.start + source[at.clone()].find(text).unwrap_or(0);
            element.at = from..from + text.len();
        }
        element.text.push_str(&unescape(text));
    }
}

fn local(name: &str) -> String {
    name.rsplit(':').next().unwrap_or(name).to_owned()
}

fn unescape(text: &str) -> String {
    quick_xml::escape::unescape(text).map_or_else(|_| text.to_owned(), std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trees() {
        let source =
            "<?xml version=\"1.0\"?>\n<a:p x='1'><!-- c --><b> t &amp; u </b><c Include=\"OpenAI\"/></a:p>";
        let (root, problem) = parse(source);
        assert_eq!(problem, None);
        let p = root.child("p").unwrap();
        assert_eq!(p.attribute("X"), Some("1"));
        assert_eq!(p.child("c").unwrap().attribute("include"), Some("OpenAI"));
        assert!(p.text_of("b").unwrap().starts_with('t'));
        assert!(source[p.child("c").unwrap().at.clone()].starts_with("<c"));
    }

    #[test]
    fn broken_documents_keep_what_was_read() {
        let (root, problem) = parse("<p><d><a>x</a></d><d><a>y");
        assert!(problem.is_some());
        assert_eq!(root.child("p").unwrap().all("d").count(), 2);
        let deep = "<a>".repeat(10_000);
        assert!(parse(&deep).1.is_some());
    }
}
