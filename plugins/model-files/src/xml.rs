//! Models in XML: PMML and OpenVINO, and what an XML parser would fetch for them.

use crate::bytes::ReadAt;
use crate::model::{Danger, Model, Unread};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::collections::BTreeSet;

/// A document is read up to here.
const MAX_DOCUMENT: usize = 16 << 20;
/// Elements in elements.
const MAX_DEPTH: u32 = 512;

/// Reads a document. None: it is no model.
pub fn read(bytes: &dyn ReadAt) -> Option<Model> {
    let head = bytes.read_at(0, 4096);
    let head = decoded(&head);
    let text = head.trim_start_matches('\u{feff}').trim_start();
    if !text.starts_with('<') || text.starts_with("<!DOCTYPE html") || text.starts_with("<html") {
        return None;
    }
    let whole = bytes.read_at(0, MAX_DOCUMENT);
    let text = decoded(&whole);
    let mut model = document(text.trim_start_matches('\u{feff}'))?;
    if bytes.size() > MAX_DOCUMENT as u64 {
        model
            .unread
            .push(Unread::TooLarge(MAX_DOCUMENT as u64, "the document is longer than is read".into()));
    }
    Some(model)
}

/// UTF-16 is what hides `<!ENTITY` from who searches for it.
fn decoded(bytes: &[u8]) -> String {
    let wide = |from: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).map(|pair| from([pair[0], pair[1]]));
        char::decode_utf16(units).map(|c| c.unwrap_or('\u{fffd}')).collect()
    };
    match bytes {
        [0xff, 0xfe, ..] | [b'<', 0, ..] => wide(u16::from_le_bytes),
        [0xfe, 0xff, ..] | [0, b'<', ..] => wide(u16::from_be_bytes),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

fn document(text: &str) -> Option<Model> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    let mut model: Option<Model> = None;
    let mut doctype = None;
    let mut ops = BTreeSet::new();
    let mut depth = 0u32;
    loop {
        let at = reader.buffer_position();
        match reader.read_event() {
            Ok(Event::DocType(declaration)) => doctype = Some((declaration.into_owned(), at)),
            Ok(event @ (Event::Start(_) | Event::Empty(_))) => {
                let (Event::Start(element) | Event::Empty(element)) = &event else { continue };
                let name = element.local_name();
                let name = String::from_utf8_lossy(name.as_ref().as_ref()).into_owned();
                match &mut model {
                    None => model = Some(root(&name, element)?),
                    Some(model) => inside(&name, element, depth, model, &mut ops),
                }
                depth += u32::from(matches!(event, Event::Start(_)));
                if depth > MAX_DEPTH {
                    break;
                }
            }
            Ok(Event::End(_)) => depth = depth.saturating_sub(1),
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(error) => {
                model.as_mut()?.broken(format!("the document is not XML: {error}"), at);
                break;
            }
        }
    }
    let mut model = model?;
    if model.format == "openvino" && ops.is_empty() {
        return None;
    }
    if let Some((declaration, at)) = doctype {
        let text = String::from_utf8_lossy(declaration.as_ref().as_ref()).into_owned();
        judge(&text, at, &mut model);
    }
    model.set("ops", ops.into_iter().take(256).collect::<Vec<_>>());
    model.is_judged = true;
    Some(model)
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = element.attributes().flatten().find(|attribute| {
        let key: &[u8] = attribute.key.as_ref().as_ref();
        key == name.as_bytes()
    })?;
    let value: &[u8] = attribute.value.as_ref().as_ref();
    Some(String::from_utf8_lossy(value.get(..value.len().min(512))?).into_owned())
}

fn root(name: &str, element: &BytesStart<'_>) -> Option<Model> {
    match name {
        "PMML" => {
            let mut model = Model::new("pmml");
            model.set("framework", "pmml");
            model.set("pmml_version", attribute(element, "version"));
            Some(model)
        }
        "net" => {
            let version = attribute(element, "version")?;
            let mut model = Model::new("openvino");
            model.set("framework", "openvino");
            model.set("ir_version", version);
            model.set("name", attribute(element, "name"));
            Some(model)
        }
        _ => None,
    }
}

/// PMML's models that are not called so.
const MODELS: &[&str] = &["NeuralNetwork", "Scorecard"];

fn inside(name: &str, element: &BytesStart<'_>, depth: u32, model: &mut Model, ops: &mut BTreeSet<String>) {
    if model.format == "pmml" {
        if depth == 1 && (name.ends_with("Model") || MODELS.contains(&name)) {
            model.set("architecture", name);
            model.set("task", attribute(element, "functionName"));
        } else if name == "Application" {
            model.set("producer", attribute(element, "name"));
            model.set("producer_version", attribute(element, "version"));
        }
        return;
    }
    if name == "layer"
        && let Some(op) = attribute(element, "type")
    {
        let set = attribute(element, "version").unwrap_or_default();
        let is_known = set.is_empty()
            || set.starts_with("opset")
            || set.starts_with("ie_internal")
            || set == "experimental";
        if !is_known {
            model.flag(Danger::Suspicious, "custom-operator", format!("{set}::{op}"), 0);
        }
        if ops.len() < 512 {
            ops.insert(op);
        }
    }
}

/// A declaration of entities: files and addresses that the parser fetches, and texts that multiply.
fn judge(declaration: &str, at: u64, model: &mut Model) {
    let upper = declaration.to_uppercase();
    let mut references = 0;
    for entity in upper.split("<!ENTITY").skip(1) {
        let body = entity.split('>').next().unwrap_or_default();
        let words: Vec<&str> = body.split_whitespace().collect();
        if words.iter().any(|word| *word == "SYSTEM" || *word == "PUBLIC") {
            let what: String = body.trim().chars().take(120).collect();
            model.flag(Danger::Unsafe, "xml-external-entity", what, at);
        }
        references += body.matches('&').count();
    }
    if references >= 4 {
        model.flag(Danger::Unsafe, "xml-entity-bomb", format!("{references} entities of entities"), at);
    }
    let outer = upper.split('[').next().unwrap_or_default();
    if outer.contains("SYSTEM") || outer.contains("PUBLIC") {
        model.flag(
            Danger::Suspicious,
            "xml-external-definition",
            outer.trim().chars().take(120).collect::<String>(),
            at,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, expected: Option<(&str, &str)>) {
        let found = read(&text.as_bytes().to_vec());
        let found = found.as_ref().map(|model| (model.format, model.verdict().unwrap_or_default()));
        assert_eq!(found, expected, "{text}");
    }

    const XXE: &str = r#"<?xml version="1.0"?><!DOCTYPE PMML [<!ENTITY x SYSTEM "file:///etc/hosts">]><PMML version="4.4"><Header>&x;</Header></PMML>"#;

    #[test]
    fn documents() {
        check(
            "<PMML version='4.4'><Header/><TreeModel functionName='regression'/></PMML>",
            Some(("pmml", "benign")),
        );
        check(
            "<?xml version='1.0'?><net name='m' version='11'><layers><layer type='Add' version='opset1'/></layers></net>",
            Some(("openvino", "benign")),
        );
        check(
            "<net name='m' version='11'><layers><layer type='Mine' version='extension'/></layers></net>",
            Some(("openvino", "suspicious")),
        );
        check(XXE, Some(("pmml", "unsafe")));
        check(
            "<!DOCTYPE p [<!ENTITY % x PUBLIC 'a' 'http://127.0.0.1/'> %x;]><PMML/>",
            Some(("pmml", "unsafe")),
        );
        check("<!DOCTYPE p [<!ENTITY a 'x'><!ENTITY b '&a;&a;&a;&a;&a;'>]><PMML/>", Some(("pmml", "unsafe")));
        check("<!DOCTYPE PMML SYSTEM 'pmml.dtd'><PMML/>", Some(("pmml", "suspicious")));
        check("<net version='1'/>", None);
        check("<project><net/></project>", None);
        check("<html></html>", None);
        check("hello", None);
        let wide: Vec<u8> =
            "\u{feff}".encode_utf16().chain(XXE.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        assert_eq!(read(&wide).and_then(|model| model.verdict()), Some("unsafe"));
        let deep = format!("<PMML>{}", "<a>".repeat(100_000));
        assert_eq!(read(&deep.into_bytes()).map(|model| model.format), Some("pmml"));
    }

    proptest! {
        #[test]
        fn mutations_do_not_panic(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let mut bytes = XXE.as_bytes().to_vec();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            read(&bytes);
        }
    }
}
