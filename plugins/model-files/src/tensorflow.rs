//! TensorFlow's saved models and graphs: which operators run, and which of them touch files.

use crate::bytes::{Broken, ReadAt};
use crate::container::leaves_folder;
use crate::keras;
use crate::model::{Danger, Model, Unread};
use crate::protobuf::{Field, Message};
use std::collections::BTreeMap;

/// Fields looked at in one file.
const MAX_FIELDS: u64 = 8_000_000;
/// Names of operators that are kept.
const MAX_OPS: usize = 1024;
/// A layer's description in the object graph.
const MAX_METADATA: u64 = 4 << 20;

/// Operators with which a graph reads or writes files of its choosing, or calls Python.
const UNSAFE: &[&str] = &[
    "EagerPyFunc",
    "ExperimentalSqlDataset",
    "LoadLibrary",
    "MatchingFiles",
    "MatchingFilesDataset",
    "PyFunc",
    "PyFuncStateless",
    "ReadFile",
    "SqlDataset",
    "WriteFile",
];

/// Operators that open what they are given: in a model that only computes they are out of place.
const ODD: &[&str] = &[
    "CreateSummaryDbWriter",
    "CreateSummaryFileWriter",
    "DebugIdentityV2",
    "DebugIdentityV3",
    "FixedLengthRecordDataset",
    "FixedLengthRecordDatasetV2",
    "FixedLengthRecordReaderV2",
    "RpcCall",
    "RpcClient",
    "RpcServer",
    "SaveDatasetV2",
    "TextLineDataset",
    "TextLineReader",
    "TextLineReaderV2",
    "TFRecordDataset",
    "TFRecordDatasetV2",
    "TFRecordReader",
    "TFRecordReaderV2",
    "TryRpc",
    "WholeFileReader",
    "WholeFileReaderV2",
];

/// How dangerous an operator is, TFLite's and ONNX's wrappers included.
pub fn danger(op: &str) -> Option<Danger> {
    if UNSAFE.contains(&op) { Some(Danger::Unsafe) } else { ODD.contains(&op).then_some(Danger::Suspicious) }
}

/// Reads a saved model, a meta graph, a graph, or Keras' metadata. None: it is none.
pub fn read(bytes: &dyn ReadAt) -> Option<Model> {
    let format = probe(bytes)?;
    let mut model = Model::new(format);
    model.set("framework", "tensorflow");
    let mut reader = Reader { ops: BTreeMap::new(), fields: 0 };
    let message = Message::new(bytes, 0, bytes.size());
    let result = match format {
        "tf-savedmodel" => reader.saved(message, &mut model),
        "tf-metagraph" => reader.meta(message, &mut model),
        "tf-keras-metadata" => reader.keras(message, &mut model),
        _ => reader.graph(message, &mut model),
    };
    match result {
        Ok(()) => model.is_judged = true,
        Err(Stop::Broken(broken)) => model.broken(broken.why.into_owned(), broken.at),
        Err(Stop::Limit) => {
            model
                .unread
                .push(Unread::TooLarge(MAX_FIELDS, "the graph has more fields than are looked at".into()));
        }
    }
    reader.finish(&mut model);
    Some(model)
}

/// What the first fields look like.
fn probe(bytes: &dyn ReadAt) -> Option<&'static str> {
    let mut message = Message::new(bytes, 0, bytes.size());
    match message.field().ok()?? {
        (1, Field::Number(1)) => {
            let (2, field @ Field::Range { .. }) = message.field().ok()?? else { return None };
            is_meta(message.message(field)?).then_some("tf-savedmodel")
        }
        // A version of 0 is not written.
        (2, field @ Field::Range { .. }) => is_meta(message.message(field)?).then_some("tf-savedmodel"),
        (1, field @ Field::Range { .. }) => {
            if is_meta(Message::new(bytes, 0, bytes.size())) {
                return Some("tf-metagraph");
            }
            if is_node(message.message(field)?) {
                return Some("tf-graphdef");
            }
            is_keras_node(message.message(field)?).then_some("tf-keras-metadata")
        }
        _ => None,
    }
}

/// A graph between a description and collections.
fn is_meta(mut meta: Message<'_>) -> bool {
    let mut has_graph = false;
    for _ in 0..16 {
        match meta.field() {
            Ok(Some((2, field @ Field::Range { .. }))) => {
                let Some(mut graph) = meta.message(field) else { return false };
                has_graph = match graph.field() {
                    Ok(Some((1, node @ Field::Range { .. }))) => graph.message(node).is_some_and(is_node),
                    Ok(Some((2 | 4, Field::Range { .. }))) | Ok(None) => true,
                    _ => false,
                };
            }
            Ok(Some((1 | 3..=8, Field::Range { .. }))) => {}
            Ok(None) => break,
            _ => return false,
        }
    }
    has_graph
}

fn is_node(mut node: Message<'_>) -> bool {
    let is_word = |text: Option<String>| {
        text.is_some_and(|text| {
            !text.is_empty()
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_./>-\\:".contains(&byte))
        })
    };
    let (mut has_name, mut has_op) = (false, false);
    loop {
        match node.field() {
            Ok(Some((1, field @ Field::Range { .. }))) => has_name = is_word(node.text(field, 4096)),
            Ok(Some((2, field @ Field::Range { .. }))) => {
                let op = node.text(field, 256);
                has_op = op
                    .as_ref()
                    .is_some_and(|op| op.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'));
                has_op &= is_word(op);
            }
            Ok(Some((3..=7, Field::Range { .. }))) => {}
            Ok(None) => return has_name && has_op,
            _ => return false,
        }
    }
}

fn is_keras_node(mut node: Message<'_>) -> bool {
    let mut has_text = false;
    loop {
        match node.field() {
            Ok(Some((2, Field::Number(_)))) => {}
            Ok(Some((3, field @ Field::Range { .. }))) => {
                has_text |= node.text(field, 1024).is_some_and(|path| path.starts_with("root"))
            }
            Ok(Some((4, field @ Field::Range { .. }))) => {
                has_text |= node.text(field, 256).is_some_and(|kind| kind.starts_with("_tf_keras"))
            }
            Ok(Some((1 | 5 | 6, Field::Range { .. }))) => {}
            Ok(None) => return has_text,
            _ => return false,
        }
    }
}

enum Stop {
    Broken(Broken),
    Limit,
}

impl From<Broken> for Stop {
    fn from(broken: Broken) -> Self {
        Self::Broken(broken)
    }
}

struct Reader {
    /// Operators, and where each is first used.
    ops: BTreeMap<String, u64>,
    fields: u64,
}

impl Reader {
    fn next(&mut self, message: &mut Message<'_>) -> Result<Option<(u32, Field)>, Stop> {
        self.fields += 1;
        if self.fields > MAX_FIELDS { Err(Stop::Limit) } else { Ok(message.field()?) }
    }

    fn saved(&mut self, mut saved: Message<'_>, model: &mut Model) -> Result<(), Stop> {
        while let Some((number, field)) = self.next(&mut saved)? {
            if let (2, Some(meta)) = (number, saved.message(field)) {
                self.meta(meta, model)?;
            }
        }
        Ok(())
    }

    fn meta(&mut self, mut meta: Message<'_>, model: &mut Model) -> Result<(), Stop> {
        while let Some((number, field)) = self.next(&mut meta)? {
            let Some(mut inner) = meta.message(field) else { continue };
            match number {
                1 => {
                    let mut tags = model.texts("tags");
                    while let Some((number, field)) = self.next(&mut inner)? {
                        match number {
                            4 => tags.extend(inner.text(field, 256).filter(|_| tags.len() < 32)),
                            5 => model.set("tf_version", inner.text(field, 64)),
                            _ => {}
                        }
                    }
                    model.set("tags", tags);
                }
                2 => self.graph(inner, model)?,
                5 => {
                    let mut signatures = model.texts("signatures");
                    while let Some((number, field)) = self.next(&mut inner)? {
                        if number == 1 && signatures.len() < 32 {
                            signatures.extend(inner.text(field, 256));
                        }
                    }
                    model.set("signatures", signatures);
                }
                6 => {
                    while let Some((number, field)) = self.next(&mut inner)? {
                        if let (2, Some(name)) = (number, inner.text(field, 4096))
                            && leaves_folder(&name)
                        {
                            model.flag(Danger::Unsafe, "asset-path-traversal", name, field.start());
                        }
                    }
                }
                7 => self.objects(inner, model)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// The object graph, in which Keras keeps what its layers are.
    fn objects(&mut self, mut graph: Message<'_>, model: &mut Model) -> Result<(), Stop> {
        while let Some((number, field)) = self.next(&mut graph)? {
            let Some(mut node) = graph.message(field).filter(|_| number == 1) else { continue };
            while let Some((number, field)) = self.next(&mut node)? {
                let Some(mut user) = node.message(field).filter(|_| number == 4) else { continue };
                while let Some((number, field)) = self.next(&mut user)? {
                    if number == 3 {
                        layer(user.text(field, MAX_METADATA), field.start(), model);
                    }
                }
            }
        }
        Ok(())
    }

    fn keras(&mut self, mut metadata: Message<'_>, model: &mut Model) -> Result<(), Stop> {
        model.set("framework", "keras");
        while let Some((number, field)) = self.next(&mut metadata)? {
            let Some(mut node) = metadata.message(field).filter(|_| number == 1) else { continue };
            while let Some((number, field)) = self.next(&mut node)? {
                if number == 5 {
                    layer(node.text(field, MAX_METADATA), field.start(), model);
                }
            }
        }
        Ok(())
    }

    fn graph(&mut self, mut graph: Message<'_>, model: &mut Model) -> Result<(), Stop> {
        while let Some((number, field)) = self.next(&mut graph)? {
            match (number, graph.message(field)) {
                (1, Some(node)) => self.node(node, model)?,
                (2, Some(mut library)) => {
                    while let Some((number, field)) = self.next(&mut library)? {
                        let Some(mut function) = library.message(field).filter(|_| number == 1) else {
                            continue;
                        };
                        while let Some((number, field)) = self.next(&mut function)? {
                            if let (3, Some(node)) = (number, function.message(field)) {
                                self.node(node, model)?;
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn node(&mut self, mut node: Message<'_>, model: &mut Model) -> Result<(), Stop> {
        let mut prints = false;
        while let Some((number, field)) = self.next(&mut node)? {
            match number {
                2 => {
                    let Some(op) = node.text(field, 256) else { continue };
                    prints = op == "PrintV2";
                    if !self.ops.contains_key(&op) && self.ops.len() < MAX_OPS {
                        self.ops.insert(op, field.start());
                    }
                }
                5 if prints => {
                    // An attribute `output_stream` of `file://…`.
                    let mut attribute = match node.message(field) {
                        Some(attribute) => attribute,
                        None => continue,
                    };
                    while let Some((number, value)) = self.next(&mut attribute)? {
                        let Some(mut value) = attribute.message(value).filter(|_| number == 2) else {
                            continue;
                        };
                        while let Ok(Some((number, field))) = value.field() {
                            if let (2, Some(text)) = (number, value.text(field, 1024))
                                && text.starts_with("file://")
                            {
                                model.flag(
                                    Danger::Unsafe,
                                    "file-operator",
                                    format!("PrintV2 to {text}"),
                                    field.start(),
                                );
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn finish(self, model: &mut Model) {
        let mut flagged = model.texts("ops_flagged");
        for (op, at) in &self.ops {
            if let Some(danger) = danger(op) {
                let technique = if op.contains("PyFunc") { "python-operator" } else { "file-operator" };
                model.flag(danger, technique, op, *at);
                flagged.push(op.clone());
            }
        }
        model.set("ops_flagged", flagged);
        model.set("ops", self.ops.into_keys().take(256).collect::<Vec<_>>());
    }
}

fn layer(text: Option<String>, at: u64, model: &mut Model) {
    let Some(tree) = text.and_then(|text| serde_json::from_str(&text).ok()) else { return };
    let before = model.flags.len();
    let architecture = model.metadata.get("architecture").cloned();
    keras::describe(&tree, model);
    if let Some(architecture) = architecture {
        model.set("architecture", architecture);
    }
    model.flags[before..].iter_mut().for_each(|flag| flag.at = at);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn field(number: u8, body: &[u8]) -> Vec<u8> {
        assert!(body.len() < 128);
        [&[number << 3 | 2, body.len() as u8], body].concat()
    }
    fn node(op: &str) -> Vec<u8> {
        field(1, &[field(1, b"x"), field(2, op.as_bytes())].concat())
    }
    fn saved(graph: &[u8]) -> Vec<u8> {
        let info = field(1, &[field(4, b"serve"), field(5, b"2.15.0")].concat());
        [&[8, 1][..], &field(2, &[info, field(2, graph)].concat())].concat()
    }

    #[test]
    fn graphs() {
        for (bytes, format, verdict) in [
            (saved(&node("MatMul")), "tf-savedmodel", "benign"),
            (saved(&node("WriteFile")), "tf-savedmodel", "unsafe"),
            (saved(&node("TextLineDataset")), "tf-savedmodel", "suspicious"),
            (node("MatMul"), "tf-graphdef", "benign"),
            (node("EagerPyFunc"), "tf-graphdef", "unsafe"),
            // In a function of the library.
            (
                [
                    node("MatMul"),
                    field(2, &field(1, &field(3, &[field(1, b"f"), field(2, b"ReadFile")].concat()))),
                ]
                .concat(),
                "tf-graphdef",
                "unsafe",
            ),
            (
                field(
                    1,
                    &[&[16, 1][..], &field(3, b"root"), &field(5, br#"{"class_name":"Lambda"}"#)].concat(),
                ),
                "tf-keras-metadata",
                "unsafe",
            ),
        ] {
            let model = read(&bytes).unwrap();
            assert_eq!((model.format, model.verdict()), (format, Some(verdict)), "{:?}", model.flags);
        }
        let model = read(&saved(&node("MatMul"))).unwrap();
        assert_eq!(
            (model.text("tf_version"), model.texts("tags")),
            (Some("2.15.0"), vec!["serve".to_owned()])
        );
        assert_eq!(read(&b"hello world".to_vec()), None);
    }

    proptest! {
        #[test]
        fn mutations_do_not_panic(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let mut bytes = saved(&node("MatMul"));
            let at = at.index(bytes.len());
            bytes[at] = byte;
            read(&bytes);
        }
    }
}
