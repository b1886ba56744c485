//! ONNX: the fields of `ModelProto` that describe, the shapes of the weights, and the files they are kept in.

use crate::bytes::{Broken, ReadAt};
use crate::model::{Danger, Model, Tensors, Unread};
use crate::protobuf::{Field, Message};
use std::collections::BTreeSet;

/// Fields looked at in one file.
const MAX_FIELDS: u64 = 8_000_000;
/// Graphs in attributes of nodes in graphs.
const MAX_DEPTH: u32 = 16;
/// The longest text that is kept.
const MAX_TEXT: u64 = 1024;
/// External files, domains, inputs and outputs that are listed.
const MAX_LISTED: usize = 64;

/// Whether a message looks like a `ModelProto`: a version, producer or opset in front, and a graph with its own shape.
pub fn is_onnx(bytes: &dyn ReadAt) -> bool {
    let mut message = Message::new(bytes, 0, bytes.size());
    let (mut has_version, mut has_graph, mut has_opset) = (false, false, false);
    for _ in 0..256 {
        match message.field() {
            Ok(Some((1, Field::Number(version)))) if (1..1000).contains(&version) => has_version = true,
            Ok(Some((5, Field::Number(_)))) => {}
            Ok(Some((2 | 3 | 4 | 6, field @ Field::Range { .. }))) => {
                if message.text(field, 1 << 20).is_none() {
                    return false;
                }
            }
            Ok(Some((7, field))) => has_graph = message.message(field).is_some_and(is_graph),
            Ok(Some((8, field))) => has_opset = message.message(field).is_some_and(|opset| is_opset(opset)),
            Ok(Some((14 | 20 | 25 | 26, Field::Range { .. }))) => {}
            Ok(None) => break,
            _ => return false,
        }
    }
    has_graph && (has_version || has_opset)
}

fn is_graph(mut graph: Message<'_>) -> bool {
    for _ in 0..64 {
        match graph.field() {
            Ok(Some((1 | 2 | 5 | 10 | 11 | 12 | 13 | 14 | 15 | 16, Field::Range { .. }))) => {}
            Ok(None) => return true,
            _ => return false,
        }
    }
    true
}

fn is_opset(mut opset: Message<'_>) -> bool {
    loop {
        match opset.field() {
            Ok(Some((1, Field::Range { .. }) | (2, Field::Number(_)))) => {}
            Ok(None) => return true,
            _ => return false,
        }
    }
}

/// Reads the model.
pub fn read(bytes: &dyn ReadAt) -> Model {
    let mut model = Model::new("onnx");
    let mut reader = Reader {
        tensors: Tensors::new(),
        external: BTreeSet::new(),
        domains: BTreeSet::new(),
        ops: BTreeSet::new(),
        odd_keys: BTreeSet::new(),
        fields: 0,
    };
    match reader.model(bytes, &mut model) {
        Ok(()) => model.is_judged = true,
        Err(Stop::Broken(broken)) => model.broken(broken.why.into_owned(), broken.at),
        Err(Stop::Limit) => model
            .unread
            .push(Unread::TooLarge(MAX_FIELDS, "the model has more fields than are looked at".into())),
    }
    reader.finish(&mut model);
    model
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
    tensors: Tensors,
    external: BTreeSet<String>,
    domains: BTreeSet<String>,
    ops: BTreeSet<String>,
    odd_keys: BTreeSet<String>,
    fields: u64,
}

impl Reader {
    fn count(&mut self) -> Result<(), Stop> {
        self.fields += 1;
        if self.fields > MAX_FIELDS { Err(Stop::Limit) } else { Ok(()) }
    }

    fn model(&mut self, bytes: &dyn ReadAt, model: &mut Model) -> Result<(), Stop> {
        let mut message = Message::new(bytes, 0, bytes.size());
        let mut producer_version = None;
        while let Some((number, field)) = message.field()? {
            self.count()?;
            match number {
                1 => model.set("ir_version", field.number().unwrap_or(0)),
                2 => model.set("producer", message.text(field, MAX_TEXT)),
                3 => producer_version = message.text(field, MAX_TEXT),
                5 => model.set("model_version", field.number().unwrap_or(0)),
                7 => {
                    if let Some(graph) = message.message(field) {
                        self.graph(graph, Some(model), 0)?;
                    }
                }
                8 => self.opset(message.message(field), model)?,
                14 => self.property(message.message(field), model)?,
                20 => {
                    // TrainingInfoProto: initialization and algorithm are graphs.
                    if let Some(mut info) = message.message(field) {
                        while let Some((number, field)) = info.field()? {
                            self.count()?;
                            if let (1 | 2, Some(graph)) = (number, info.message(field)) {
                                self.graph(graph, None, 1)?;
                            }
                        }
                    }
                }
                25 => {
                    if let Some(function) = message.message(field) {
                        self.function(function)?;
                    }
                }
                _ => {}
            }
        }
        model.set("producer_version", producer_version);
        Ok(())
    }

    fn opset(&mut self, opset: Option<Message<'_>>, model: &mut Model) -> Result<(), Stop> {
        let Some(mut opset) = opset else { return Ok(()) };
        let (mut domain, mut version) = (String::new(), 0);
        while let Some((number, field)) = opset.field()? {
            self.count()?;
            match number {
                1 => domain = opset.text(field, MAX_TEXT).unwrap_or_default(),
                2 => version = field.number().unwrap_or(0),
                _ => {}
            }
        }
        if matches!(domain.as_str(), "" | "ai.onnx") {
            model.set("opset", version);
        }
        self.domains.insert(domain);
        Ok(())
    }

    fn property(&mut self, entry: Option<Message<'_>>, model: &mut Model) -> Result<(), Stop> {
        let Some(mut entry) = entry else { return Ok(()) };
        let (mut key, mut value) = (None, None);
        while let Some((number, field)) = entry.field()? {
            self.count()?;
            match number {
                1 => key = entry.text(field, 128),
                2 => value = entry.text(field, MAX_TEXT),
                _ => {}
            }
        }
        if let (Some(key), Some(value)) = (key, value) {
            for known in ["license", "author", "base_model", "name", "task"] {
                if key.eq_ignore_ascii_case(known) {
                    model.set(
                        known,
                        if known == "base_model" {
                            vec![value.clone()].into()
                        } else {
                            serde_json::Value::from(value.clone())
                        },
                    );
                }
            }
        }
        Ok(())
    }

    fn graph(
        &mut self,
        mut graph: Message<'_>,
        mut model: Option<&mut Model>,
        depth: u32,
    ) -> Result<(), Stop> {
        if depth > MAX_DEPTH {
            return Err(Broken::new(0, "graphs are nested too deeply").into());
        }
        let (mut inputs, mut outputs) = (vec![], vec![]);
        while let Some((number, field)) = graph.field()? {
            self.count()?;
            match number {
                1 => {
                    if let Some(node) = graph.message(field) {
                        self.node(node, depth)?;
                    }
                }
                2 => {
                    if let Some(model) = model.as_deref_mut() {
                        model.set("graph_name", graph.text(field, MAX_TEXT));
                    }
                }
                5 => self.tensor(graph.message(field), true)?,
                11 => inputs.extend(self.value_name(graph.message(field))?),
                12 => outputs.extend(self.value_name(graph.message(field))?),
                15 => {
                    // SparseTensorProto: values and indices are tensors.
                    if let Some(mut sparse) = graph.message(field) {
                        while let Some((number, field)) = sparse.field()? {
                            self.count()?;
                            if let 1 | 2 = number {
                                self.tensor(sparse.message(field), number == 1)?;
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        if let Some(model) = model {
            inputs.truncate(MAX_LISTED);
            outputs.truncate(MAX_LISTED);
            model.set("inputs", inputs);
            model.set("outputs", outputs);
        }
        Ok(())
    }

    fn value_name(&mut self, value: Option<Message<'_>>) -> Result<Option<String>, Stop> {
        let Some(mut value) = value else { return Ok(None) };
        while let Some((number, field)) = value.field()? {
            self.count()?;
            if number == 1 {
                return Ok(value.text(field, 256));
            }
        }
        Ok(None)
    }

    fn node(&mut self, mut node: Message<'_>, depth: u32) -> Result<(), Stop> {
        let (mut domain, mut op) = (None, None);
        while let Some((number, field)) = node.field()? {
            self.count()?;
            match number {
                4 => op = node.text(field, 256),
                5 => {
                    if let Some(attribute) = node.message(field) {
                        self.attribute(attribute, depth)?;
                    }
                }
                7 => domain = node.text(field, 256),
                _ => {}
            }
        }
        let domain = domain.unwrap_or_default();
        if !is_known(&domain) && self.ops.len() < MAX_LISTED {
            self.ops.insert(format!("{domain}::{}", op.unwrap_or_default()));
        }
        if self.domains.len() < MAX_LISTED {
            self.domains.insert(domain);
        }
        Ok(())
    }

    fn attribute(&mut self, mut attribute: Message<'_>, depth: u32) -> Result<(), Stop> {
        while let Some((number, field)) = attribute.field()? {
            self.count()?;
            match number {
                5 | 10 => self.tensor(attribute.message(field), false)?,
                6 | 11 => {
                    if let Some(graph) = attribute.message(field) {
                        self.graph(graph, None, depth + 1)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn function(&mut self, mut function: Message<'_>) -> Result<(), Stop> {
        while let Some((number, field)) = function.field()? {
            self.count()?;
            match (number, function.message(field)) {
                (7, Some(node)) => self.node(node, 1)?,
                (11, Some(attribute)) => self.attribute(attribute, 1)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// A tensor's shape and type, and the file it is kept in; `counts`: it is a weight.
    fn tensor(&mut self, tensor: Option<Message<'_>>, counts: bool) -> Result<(), Stop> {
        let Some(mut tensor) = tensor else { return Ok(()) };
        let (mut shape, mut dtype) = (vec![], 0);
        while let Some((number, field)) = tensor.field()? {
            self.count()?;
            match number {
                1 => {
                    shape.extend(tensor.numbers(field, 64)?);
                    if shape.len() > 64 {
                        return Err(Broken::new(0, "a tensor has more than 64 dimensions").into());
                    }
                }
                2 => dtype = field.number().unwrap_or(0),
                13 => {
                    if let Some(mut entry) = tensor.message(field) {
                        let (mut key, mut value) = (None, None);
                        while let Some((number, field)) = entry.field()? {
                            match number {
                                1 => key = entry.text(field, 64),
                                2 => value = entry.text(field, 4096),
                                _ => {}
                            }
                        }
                        // Loaders once set whatever attribute the key names.
                        let known = ["location", "offset", "length", "checksum", "basepath"];
                        if key.as_deref().is_some_and(|key| !known.contains(&key))
                            && self.odd_keys.len() < MAX_LISTED
                        {
                            self.odd_keys.extend(key.clone());
                        }
                        if key.as_deref() == Some("location") && self.external.len() < MAX_LISTED {
                            self.external.extend(value);
                        }
                    }
                }
                _ => {}
            }
        }
        if counts {
            self.tensors.add(data_type(dtype), &shape);
        }
        Ok(())
    }

    fn finish(self, model: &mut Model) {
        self.tensors.describe(model);
        for location in &self.external {
            if leaves_folder(location) {
                model.flag(Danger::Unsafe, "external-data-traversal", location, 0);
            }
        }
        for key in &self.odd_keys {
            let danger = if key.starts_with("__") { Danger::Unsafe } else { Danger::Suspicious };
            model.flag(danger, "external-data-attribute", key, 0);
        }
        for op in &self.ops {
            let is_python = op.ends_with("::PyOp") || op.ends_with("::PythonOp");
            let danger = if is_python { Danger::Unsafe } else { Danger::Suspicious };
            model.flag(danger, if is_python { "python-operator" } else { "custom-operator" }, op, 0);
        }
        model.set("external_files", self.external.into_iter().collect::<Vec<_>>());
        if self.domains.len() > 1 || self.domains.iter().any(|domain| !domain.is_empty()) {
            model.set("domains", self.domains.into_iter().collect::<Vec<_>>());
        }
        model.set("custom_ops", self.ops.into_iter().collect::<Vec<_>>());
    }
}

/// Whether a place named in the model is outside the model's own folder.
fn leaves_folder(location: &str) -> bool {
    let is_absolute = location.starts_with(['/', '\\'])
        || location.as_bytes().get(1) == Some(&b':')
        || location.contains("://");
    is_absolute || location.split(['/', '\\']).any(|part| part == "..")
}

/// Domains whose operators the well-known runtimes bring. `ai.onnx.contrib` is not among them: it has one that runs
/// Python.
fn is_known(domain: &str) -> bool {
    matches!(
        domain,
        "" | "ai.onnx" | "ai.onnx.ml" | "ai.onnx.training" | "ai.onnx.preview.training" | "ai.onnx.preview"
    ) || [
        "com.microsoft",
        "org.pytorch",
        "pkg.onnxscript",
        "pkg.torch",
        "pkg.transformers",
        "ai.onnxruntime",
        "onnxscript.",
    ]
    .iter()
    .any(|known| domain.starts_with(known))
}

fn data_type(id: u64) -> &'static str {
    match id {
        1 => "F32",
        2 => "U8",
        3 => "I8",
        4 => "U16",
        5 => "I16",
        6 => "I32",
        7 => "I64",
        8 => "STRING",
        9 => "BOOL",
        10 => "F16",
        11 => "F64",
        12 => "U32",
        13 => "U64",
        14 => "C64",
        15 => "C128",
        16 => "BF16",
        17..=20 => "F8",
        21 => "U4",
        22 => "I4",
        23 => "F4",
        _ => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn varint(mut number: u64, out: &mut Vec<u8>) {
        while number >= 0x80 {
            out.push(number as u8 | 0x80);
            number >>= 7;
        }
        out.push(number as u8);
    }
    fn number(field: u64, value: u64) -> Vec<u8> {
        let mut out = vec![];
        varint(field << 3, &mut out);
        varint(value, &mut out);
        out
    }
    fn bytes(field: u64, value: &[u8]) -> Vec<u8> {
        let mut out = vec![];
        varint(field << 3 | 2, &mut out);
        varint(value.len() as u64, &mut out);
        out.extend(value);
        out
    }
    fn tensor(location: Option<&str>) -> Vec<u8> {
        let external = location
            .map(|location| bytes(13, &[bytes(1, b"location"), bytes(2, location.as_bytes())].concat()));
        [
            number(1, 3),
            number(1, 4),
            number(2, 1),
            bytes(8, b"w"),
            external.unwrap_or_else(|| bytes(9, &[0; 48])),
        ]
        .concat()
    }
    fn model(location: Option<&str>, domain: &str) -> Vec<u8> {
        let node = [bytes(4, b"MatMul"), bytes(7, domain.as_bytes())].concat();
        let graph =
            [bytes(1, &node), bytes(2, b"g"), bytes(5, &tensor(location)), bytes(11, &bytes(1, b"x"))]
                .concat();
        let opset = [bytes(1, b""), number(2, 17)].concat();
        [
            number(1, 8),
            bytes(2, b"pytorch"),
            bytes(7, &graph),
            bytes(8, &opset),
            bytes(14, &[bytes(1, b"license"), bytes(2, b"mit")].concat()),
        ]
        .concat()
    }

    #[test]
    fn what_a_model_says() {
        let model = model(None, "");
        assert!(is_onnx(&model));
        let model = read(&model);
        assert_eq!(model.number("opset"), Some(17));
        assert_eq!(model.number("parameters"), Some(12));
        assert_eq!(model.text("producer"), Some("pytorch"));
        assert_eq!(model.text("license"), Some("mit"));
        assert_eq!(model.text("graph_name"), Some("g"));
        assert_eq!(model.texts("inputs"), ["x"]);
        assert_eq!(model.verdict(), Some("benign"));
    }

    #[test]
    fn tricks() {
        for (location, domain, verdict) in [
            (Some("model.data"), "", "benign"),
            (Some("../../etc/passwd"), "", "unsafe"),
            (Some("/etc/passwd"), "", "unsafe"),
            (Some("a\\..\\..\\b"), "", "unsafe"),
            (None, "evil.ops", "suspicious"),
            (None, "com.microsoft", "benign"),
        ] {
            assert_eq!(read(&model(location, domain)).verdict(), Some(verdict), "{location:?} {domain}");
        }
        assert!(!is_onnx(&b"just some text".to_vec()));
        assert!(!is_onnx(&vec![]));
    }

    proptest! {
        #[test]
        fn mutations_do_not_panic(at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>()) {
            let mut bytes = model(Some("x"), "d");
            let at = at.index(bytes.len());
            bytes[at] = byte;
            is_onnx(&bytes);
            read(&bytes);
            bytes.truncate(cut.index(bytes.len()));
            is_onnx(&bytes);
            read(&bytes);
        }
    }
}
