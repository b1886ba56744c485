//! What a file is, by its bytes alone, and what its reader says of it.

use crate::bytes::{Blocks, ReadAt};
use crate::container::Budget;
use crate::model::{Danger, Model, Unread};
use crate::{
    gguf, hdf5, json, keras, msgpack, numpy, onnx, pickle, protos, safetensors, sevenz, tarball, tensorflow,
    text, tflite, wrapped, xml, zip,
};

/// Reads any file. The format is `unknown` or `text` when it is nothing we know.
pub fn read(bytes: &dyn ReadAt) -> Model {
    inside(&Blocks::new(bytes), &Budget::default())
}

/// Reads a file, or a member of one.
pub fn inside(bytes: &dyn ReadAt, budget: &Budget) -> Model {
    let head = bytes.read_at(0, 4096);
    if head.starts_with(b"GGUF") {
        return gguf::read(bytes);
    }
    if safetensors::is_safetensors(&head) {
        return safetensors::read(bytes);
    }
    if is_zip(&head) {
        return zip::read(bytes, budget);
    }
    if head.starts_with(b"\x93NUMPY") {
        return numpy::read(bytes);
    }
    if tarball::is_tar(&head) {
        return tarball::read(bytes, budget);
    }
    if head.starts_with(b"7z\xbc\xaf\x27\x1c") {
        return sevenz::read(bytes, budget);
    }
    if head.get(4..8) == Some(b"TFL3") {
        return tflite::read(bytes);
    }
    if head.starts_with(b"\x7fELF") || head.starts_with(b"MZ") {
        return program(bytes, budget);
    }
    for (format, offset, magic, is_data) in MAGICS {
        if head.get(*offset..).is_some_and(|head| head.starts_with(magic)) {
            let mut model = Model::new(format);
            model.is_judged = *is_data;
            model.set("format", *format);
            return model;
        }
    }
    if head.starts_with(b"\x89HDF\r\n\x1a\n") || hdf5::superblock(bytes).is_some() {
        return keras::hdf5(bytes);
    }
    if let Some(model) = wrapped::read(bytes, &head, budget) {
        return model;
    }
    let is_text = is_text(&head);
    let document = || is_text.then(|| json::read(bytes).or_else(|| text::read(bytes))).flatten();
    if let Some(model) = xml::read(bytes).or_else(document) {
        return model;
    }
    if let Some(walk) = pickle::walk(bytes) {
        return of_pickle(&walk);
    }
    if onnx::is_onnx(bytes) {
        return onnx::read(bytes);
    }
    let proto = || tensorflow::read(bytes).or_else(|| protos::read(bytes)).or_else(|| msgpack::read(bytes));
    if let Some(model) = (!is_text).then(proto).flatten() {
        return model;
    }
    // An archive's directory is at its end: anything may stand in front.
    let tail = bytes.read_at(bytes.size().saturating_sub(22), 22);
    if tail.starts_with(b"PK\x05\x06") {
        return zip::read(bytes, budget);
    }
    Model::new(if is_text { "text" } else { "unknown" })
}

/// Formats that are told by a few bytes and not read further: where they stand, and whether they hold data alone. What
/// is a program of its own kind is not judged.
const MAGICS: &[(&str, usize, &[u8], bool)] = &[
    ("ggml-legacy", 0, b"tjgg", true),
    ("ggml-legacy", 0, b"fmgg", true),
    ("ggml-legacy", 0, b"lmgg", true),
    ("ggml-legacy", 0, b"algg", true),
    ("executorch", 4, b"ET12", false),
    ("catboost", 0, b"CBM1", true),
    ("tensorrt", 0, b"ftrt", false),
    ("tensorrt", 0, b"ptrt", false),
    ("rknn", 0, b"RKNN", false),
    ("fasttext", 0, b"\xba\x16\x4f\x2f", true),
    ("xgboost-binary", 0, b"binf", true),
    ("xgboost-ubj", 0, b"{L\0\0\0\0\0\0\0\x07learner", true),
    ("xgboost-ubj", 0, b"{L\0\0\0\0\0\0\0\x07version", true),
];

fn is_zip(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06")
}

fn is_text(head: &[u8]) -> bool {
    let is_control = |byte: &u8| matches!(byte, 0..=8 | 14..=26 | 28..=31);
    !head.is_empty()
        && !head.iter().any(is_control)
        && std::str::from_utf8(&head[..head.len().saturating_sub(4)]).is_ok()
}

/// Whether something stands inside.
pub fn is_container(head: &[u8]) -> bool {
    is_zip(head) || tarball::is_tar(head) || head.starts_with(b"7z\xbc\xaf") || wrapped::is_wrapped(head)
}

/// Whether the first bytes of a member make it worth opening: most members of most archives are texts and pictures.
pub fn is_worth_opening(head: &[u8]) -> bool {
    const MAGIC: &[&[u8]] =
        &[b"GGUF", b"\x93NUMPY", b"\x89HDF", b"\x7fELF", b"ftrt", b"CBM1", b"tree\nversion="];
    let head = &head[..head.len().min(512)];
    MAGIC.iter().any(|magic| head.starts_with(magic))
        || is_container(head)
        || safetensors::is_safetensors(head)
        || head.get(4..8) == Some(b"TFL3")
        || matches!(head, [0x80, 0..=5, ..])
        || matches!(head, [8, 1..=20, 0x12 | 0x1a | 0x3a | 0x42, ..] | [0x81..=0x8f, 0xa1..=0xbf, ..])
        || pickle::may_be(head)
        || is_text(head) && is_document(head)
}

/// A description that a loader acts on.
fn is_document(head: &[u8]) -> bool {
    let has = |text: &[u8]| head.windows(text.len()).any(|window| window == text);
    let starts_json = head.trim_ascii_start().starts_with(b"{");
    let keys: [&[u8]; 7] = [
        b"chat_template",
        b"auto_map",
        b"\"learner\"",
        b"class_name",
        b"weight_map",
        b"tokenizer_class",
        b"architectures",
    ];
    starts_json && keys.iter().any(|key| has(key))
        || has(b"<PMML")
        || has(b"<net ")
        || has(b"<!ENTITY")
        || has(b"flavors:")
}

/// A pickle on its own, as a model.
pub fn of_pickle(walk: &pickle::Walk) -> Model {
    let is_joblib = walk.globals.iter().any(|global| global.name.starts_with("joblib.numpy_pickle."));
    let mut model = Model::new(match (walk.is_torch_legacy, is_joblib) {
        (true, _) => "pytorch-legacy",
        (_, true) => "joblib",
        _ => "pickle",
    });
    model.is_judged = true;
    pickle::describe(walk, None, &mut model);
    if walk.is_torch_legacy {
        model.set("framework", "pytorch");
    }
    model
}

/// A program that carries its model behind it, as llamafile does.
fn program(bytes: &dyn ReadAt, budget: &Budget) -> Model {
    let mut model = Model::new("unknown");
    let tail = bytes.read_at(bytes.size().saturating_sub(64 << 10), 64 << 10);
    if !tail.windows(4).any(|window| window == b"PK\x05\x06") {
        return model;
    }
    let inner = zip::read(bytes, budget);
    let has_model = inner.texts("models").iter().any(|name| !name.contains('!'))
        || inner.metadata.contains_key("globals");
    if !has_model {
        return model;
    }
    model.format = "llamafile";
    model.is_judged = true;
    model.set("models", inner.texts("models"));
    model.set("globals", inner.texts("globals"));
    model.flags.extend(inner.flags.into_iter().filter(|flag| flag.technique != "prefix-bytes"));
    let unread = inner.unread.into_iter().filter(|unread| !matches!(unread, Unread::Broken(_)));
    model.unread.extend(unread);
    model.flag(Danger::Suspicious, "executable-model", "the model is a program", 0);
    model
}
