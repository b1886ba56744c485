//! What a file is, by its bytes alone, and what its reader says of it.

use crate::archive::{Archive, Member, ends_with};
use crate::bytes::{Blocks, ReadAt};
use crate::model::{Danger, Model, Unread};
use crate::{gguf, layers, numpy, onnx, pickle, safetensors, tarball};

/// Archives in archives, pickles in archives.
const MAX_DEPTH: u32 = 4;
/// A wrapped file is inflated up to here.
const MAX_INFLATED: usize = 32 << 20;
/// A TorchScript source is searched up to here.
const MAX_SCRIPT: usize = 4 << 20;
/// Members of one archive that are looked into, beyond those that a format calls for.
const MAX_LOOKED_INTO: usize = 2_000;

/// Reads any file. The format is `unknown` when it is nothing we know.
pub fn read(bytes: &dyn ReadAt) -> Model {
    at_depth(&Blocks::new(bytes), 0)
}

fn at_depth(bytes: &dyn ReadAt, depth: u32) -> Model {
    let head = bytes.read_at(0, 4096);
    if head.starts_with(b"GGUF") {
        return gguf::read(bytes);
    }
    if safetensors::is_safetensors(&head) {
        return safetensors::read(bytes);
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return zip(bytes, depth);
    }
    if head.starts_with(b"\x93NUMPY") {
        return numpy::read(bytes);
    }
    if tarball::is_tar(&head) {
        return tarball::read(bytes);
    }
    for (format, offset, magic) in MAGICS {
        if head.get(*offset..).is_some_and(|head| head.starts_with(magic)) {
            let mut model = Model::new(format);
            if *format == "7z" {
                model.unread.push(Unread::Unsupported("7z archives are not opened".into()));
            }
            if *format == "hdf5" && is_keras(bytes) {
                model.format = "keras-h5";
                model.set("framework", "keras");
                layers::keras_in_hdf5(bytes, &mut model);
            }
            return model;
        }
    }
    if let Some(model) = wrapped(bytes, &head, depth) {
        return model;
    }
    if let Some(walk) = pickle::walk(bytes) {
        return of_pickle(&walk);
    }
    if onnx::is_onnx(bytes) {
        return onnx::read(bytes);
    }
    let is_text = !head.is_empty()
        && !head.contains(&0)
        && std::str::from_utf8(&head[..head.len().saturating_sub(4)]).is_ok();
    Model::new(if is_text { "text" } else { "unknown" })
}

/// Formats that are told by a few bytes and not read further.
const MAGICS: &[(&str, usize, &[u8])] = &[
    ("ggml-legacy", 0, b"tjgg"),
    ("ggml-legacy", 0, b"fmgg"),
    ("ggml-legacy", 0, b"lmgg"),
    ("ggml-legacy", 0, b"algg"),
    ("hdf5", 0, b"\x89HDF\r\n\x1a\n"),
    ("tflite", 4, b"TFL3"),
    ("7z", 0, b"7z\xbc\xaf\x27\x1c"),
    ("executorch", 4, b"ET12"),
    ("catboost", 0, b"CBM1"),
];

fn is_keras(bytes: &dyn ReadAt) -> bool {
    let head = bytes.read_at(0, 64 << 10);
    head.windows(13).any(|window| window == b"keras_version")
        || head.windows(12).any(|window| window == b"model_config")
}

fn of_pickle(walk: &pickle::Walk) -> Model {
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

/// A gzip or zlib stream with a pickle inside, as joblib and pandas write and read them.
fn wrapped(bytes: &dyn ReadAt, head: &[u8], depth: u32) -> Option<Model> {
    let is_zlib = head.first() == Some(&0x78) && matches!(head.get(1), Some(0x01 | 0x5e | 0x9c | 0xda));
    let packed = if head.starts_with(b"\x1f\x8b\x08") {
        bytes.read_at(gzip_header(head)?, MAX_INFLATED)
    } else if is_zlib {
        bytes.read_at(2, MAX_INFLATED)
    } else {
        return None;
    };
    let inner = match miniz_oxide::inflate::decompress_to_vec_with_limit(&packed, MAX_INFLATED) {
        Ok(inner) => inner,
        Err(failed) => failed.output,
    };
    let walk = (depth < MAX_DEPTH).then(|| pickle::walk(&inner)).flatten()?;
    let mut model = of_pickle(&walk);
    if inner.len() >= MAX_INFLATED {
        model.unread.push(Unread::TooLarge(
            MAX_INFLATED as u64,
            "the compressed pickle is larger than is inflated".into(),
        ));
    }
    model.set("compression", if is_zlib { "zlib" } else { "gzip" });
    Some(model)
}

/// Where the compressed data of a gzip file begins.
fn gzip_header(head: &[u8]) -> Option<u64> {
    let flags = *head.get(3)?;
    let mut at = 10;
    if flags & 4 != 0 {
        let len = head.get(at..at + 2)?;
        at += 2 + usize::from(u16::from_le_bytes([len[0], len[1]]));
    }
    for flag in [8, 16] {
        if flags & flag != 0 {
            at += head.get(at..)?.iter().position(|byte| *byte == 0)? + 1;
        }
    }
    Some(at as u64 + if flags & 2 != 0 { 2 } else { 0 })
}

fn zip(bytes: &dyn ReadAt, depth: u32) -> Model {
    let archive = match Archive::open(bytes) {
        Ok(archive) => archive,
        Err(broken) => {
            let mut model = Model::new("zip");
            model.broken(broken.why.into_owned(), broken.at);
            return model;
        }
    };
    let mut model = Model::new(kind(&archive));
    model.flags.extend(archive.flags.iter().cloned());
    if archive.is_cut {
        model.unread.push(Unread::TooLarge(
            archive.members.len() as u64,
            "the archive has more members than are listed".into(),
        ));
    }
    match model.format {
        "pytorch-zip" | "torchscript" => {
            model.set("framework", if model.format == "torchscript" { "torchscript" } else { "pytorch" })
        }
        "keras" => keras(&archive, bytes, &mut model),
        "skops" => {
            if let Some(content) =
                archive.find("schema.json").and_then(|member| archive.content(member, bytes).0)
            {
                layers::skops(&content, &mut model);
            }
        }
        _ => {}
    }
    members(&archive, bytes, depth, &mut model);
    model
}

fn kind(archive: &Archive) -> &'static str {
    let has = |end: &str| archive.find(end).is_some();
    let is_top = |name: &str| archive.members.iter().any(|member| member.name == name);
    let suspects = || archive.flags.iter().filter(|flag| flag.technique == "member-name-differs");
    // PyTorch's members stand in a folder of the archive's name, or beside a version.
    let is_torch = archive.members.iter().any(|member| member.name.ends_with("/data.pkl"))
        || is_top("data.pkl") && is_top("version");
    if is_torch || suspects().any(|flag| flag.what.ends_with("/data.pkl")) {
        let is_script =
            has("constants.pkl") || archive.members.iter().any(|member| member.name.contains("/code/"));
        return if is_script { "torchscript" } else { "pytorch-zip" };
    }
    if is_top("MAR-INF/MANIFEST.json") {
        "torchserve-mar"
    } else if is_top("config.json") && is_top("metadata.json") {
        "keras"
    } else if is_top("schema.json") {
        "skops"
    } else if !archive.members.is_empty()
        && archive.members.iter().all(|member| member.name.ends_with(".npy"))
    {
        "npz"
    } else {
        "zip"
    }
}

/// Looks into the members that could hold a pickle or a model.
fn members(archive: &Archive, bytes: &dyn ReadAt, depth: u32, model: &mut Model) {
    let is_torch = matches!(model.format, "pytorch-zip" | "torchscript");
    let mut elements = Some(0u64);
    for member in archive.members.iter().take(MAX_LOOKED_INTO) {
        // PyTorch's tensors: `archive/data/17`.
        let is_tensor = is_torch
            && member.name.rsplit('/').nth(1) == Some("data")
            && !ends_with(&member.name, "data.pkl");
        if is_tensor || member.size == 0 {
            continue;
        }
        if is_torch && member.name.contains("/code/") && member.name.ends_with(".py") {
            script(archive, member, bytes, model);
            continue;
        }
        let (content, wrong) = archive.content(member, bytes);
        if let Some(technique) = wrong {
            model.flag(Danger::Suspicious, technique, &member.name, 0);
        }
        let Some(content) = content else { continue };
        let head = content.read_at(0, 8);
        if head.starts_with(b"\x93NUMPY") {
            let inner = numpy::read(&content);
            elements = elements.zip(inner.number("parameters")).and_then(|(sum, more)| sum.checked_add(more));
            adopt(model, inner, &member.name);
        } else if head.starts_with(b"PK\x03\x04") && depth < MAX_DEPTH {
            let inner = at_depth(&content, depth + 1);
            adopt(model, inner, &member.name);
        } else if let Some(walk) = pickle::walk(&content) {
            let is_main = ends_with(&member.name, "data.pkl");
            pickle::describe(&walk, Some(&member.name), model);
            model.metadata.remove("protocol");
            if is_main || model.format == "zip" {
                model.is_judged = true;
            }
        } else if head.starts_with(b"GGUF") {
            adopt(model, at_depth(&content, depth + 1), &member.name);
        }
    }
    if archive.members.len() > MAX_LOOKED_INTO {
        model.unread.push(Unread::TooLarge(
            MAX_LOOKED_INTO as u64,
            "the archive has more members than are looked into".into(),
        ));
    }
    if let ("npz", Some(elements)) = (model.format, elements) {
        model.set("parameters", elements);
        model.is_judged = true;
    }
    if matches!(model.format, "zip") {
        model.is_judged = true;
    }
}

/// Operators of TorchScript that read and write files.
const FILE_OPERATORS: &[&str] =
    &["aten.save(", "aten.from_file(", "torch.save(", "torch.from_file(", "aten::save", "aten::from_file"];

fn script(archive: &Archive, member: &Member, bytes: &dyn ReadAt, model: &mut Model) {
    let (content, wrong) = archive.content(member, bytes);
    if let Some(technique) = wrong {
        model.flag(Danger::Suspicious, technique, &member.name, 0);
    }
    let Some(content) = content else { return };
    let code = content.read_at(0, MAX_SCRIPT);
    for operator in FILE_OPERATORS {
        if let Some(at) = code.windows(operator.len()).position(|window| window == operator.as_bytes()) {
            let name = operator.trim_end_matches('(');
            model.flag(
                Danger::Unsafe,
                "torchscript-file-operator",
                format!("{name} in {}", member.name),
                at as u64,
            );
        }
    }
}

/// What an inner file says that matters for the outer one.
fn adopt(model: &mut Model, inner: Model, member: &str) {
    let mut globals = model.texts("globals");
    globals.extend(inner.texts("globals"));
    model.set("globals", globals);
    for mut flag in inner.flags {
        flag.member = Some(match flag.member {
            Some(deeper) => format!("{member}!{deeper}"),
            None => member.to_owned(),
        });
        if model.flags.len() < 64 {
            model.flags.push(flag);
        }
    }
    model.unread.extend(inner.unread);
}

fn keras(archive: &Archive, bytes: &dyn ReadAt, model: &mut Model) {
    model.set("framework", "keras");
    if let Some(content) = archive.find("config.json").and_then(|member| archive.content(member, bytes).0) {
        layers::keras(&content, model);
    }
    let Some(member) = archive.find("metadata.json") else { return };
    let Some(content) = archive.content(member, bytes).0 else { return };
    if let Ok(serde_json::Value::Object(metadata)) = serde_json::from_slice(&content.read_at(0, 64 << 10))
        && let Some(version) = metadata.get("keras_version")
    {
        model.set("keras_version", version.clone());
    }
}
