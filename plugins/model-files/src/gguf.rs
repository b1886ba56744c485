//! GGUF: counts, key-value pairs, tensor descriptions; the tensors themselves are never touched.
//!
//! The crates that read GGUF do not build for the sandbox (research of 2026) or read whole arrays into memory; a
//! vocabulary of a quarter of a million words is passed over here without keeping one.

mod types;

use crate::bytes::{Broken, Cursor, ReadAt};
use crate::model::{Danger, Model, Tensors, Unread};
use crate::template;
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};

/// Key-value pairs and tensors that are read.
const MAX_ENTRIES: u64 = 1 << 20;
/// Array elements passed over in one file.
const MAX_ELEMENTS: u64 = 1 << 24;
/// The longest text that is kept.
const MAX_TEXT: u64 = 4 << 10;
/// Keys that begin so hold templates.
const TEMPLATE: &str = "tokenizer.chat_template";
/// The longest template that is read.
const MAX_TEMPLATE: u64 = 1 << 20;
/// Texts of an array that are kept.
const MAX_KEPT: u64 = 64;
/// Dimensions of a tensor, as in the reference reader.
const MAX_DIMS: u32 = 4;
/// Arrays in arrays.
const MAX_DEPTH: u32 = 4;

/// Reads the headers.
pub fn read(bytes: &dyn ReadAt) -> Model {
    let mut model = Model::new("gguf");
    let mut reader = Reader { cursor: Cursor::new(bytes, 4), is_big: false, elements: 0 };
    match reader.header(&mut model) {
        Ok(()) => model.is_judged = true,
        Err(Stop::Broken(broken)) => model.broken(broken.why.into_owned(), broken.at),
        Err(Stop::Limit(limit, what)) => model.unread.push(Unread::TooLarge(limit, what.to_owned())),
    }
    model
}

enum Stop {
    Broken(Broken),
    Limit(u64, &'static str),
}

impl From<Broken> for Stop {
    fn from(broken: Broken) -> Self {
        Self::Broken(broken)
    }
}

struct Reader<'a> {
    cursor: Cursor<'a>,
    is_big: bool,
    elements: u64,
}

impl Reader<'_> {
    fn header(&mut self, model: &mut Model) -> Result<(), Stop> {
        let version = self.cursor.array::<4>()?;
        self.is_big = version[0] == 0 && version[3] != 0;
        let version = if self.is_big { u32::from_be_bytes(version) } else { u32::from_le_bytes(version) };
        if !(1..=3).contains(&version) {
            model.unread.push(Unread::Unsupported(format!("GGUF version {version}")));
            return Ok(());
        }
        model.set("gguf_version", version);
        let (n_tensors, n_pairs) = match version {
            1 => (u64::from(self.u32()?), u64::from(self.u32()?)),
            _ => (self.u64()?, self.u64()?),
        };
        // A pair takes at least 13 bytes, a tensor 24: a count beyond that is a lie, and once crashed readers.
        if n_pairs > self.cursor.left() / 13 || n_tensors > self.cursor.left() / 24 {
            return Err(self.cursor.broken("it announces more entries than it has room for").into());
        }
        if n_pairs > MAX_ENTRIES || n_tensors > MAX_ENTRIES {
            return Err(Stop::Limit(MAX_ENTRIES, "more entries than are read"));
        }
        let mut pairs = BTreeMap::new();
        let result = self.pairs(n_pairs, version, &mut pairs, model);
        describe(&pairs, model);
        result?;
        self.tensors(n_tensors, version, &pairs, model)
    }

    fn pairs(
        &mut self,
        count: u64,
        version: u32,
        pairs: &mut BTreeMap<String, Json>,
        model: &mut Model,
    ) -> Result<(), Stop> {
        let mut seen = BTreeSet::new();
        for _ in 0..count {
            let at = self.cursor.at();
            let Json::String(key) = self.text(version)? else {
                return Err(Broken::new(at, "a key is not a short text").into());
            };
            let kind = self.u32()?;
            let is_template = key.starts_with(TEMPLATE);
            if is_template && kind == 8 {
                self.template(&key, version, model)?;
                pairs.insert("has_chat_template".into(), true.into());
                if !seen.insert(key.clone()) {
                    model.flag(Danger::Suspicious, "duplicate-key", &key, at);
                }
                continue;
            }
            let value = self.value(kind, version, 0)?;
            if !seen.insert(key.clone()) {
                model.flag(Danger::Suspicious, "duplicate-key", &key, at);
            }
            if is_template {
                // A list of templates, or of their names.
                for item in value["items"].as_array().into_iter().flatten().filter_map(Json::as_str) {
                    template::judge(item, &key, at, model);
                }
            }
            if !value.is_null() && pairs.len() < 4096 {
                pairs.insert(key, value);
            }
        }
        Ok(())
    }

    /// A chat template: whoever talks to the model runs it.
    fn template(&mut self, key: &str, version: u32, model: &mut Model) -> Result<(), Stop> {
        let len = if version == 1 { u64::from(self.u32()?) } else { self.u64()? };
        let at = self.cursor.at();
        if len > MAX_TEMPLATE {
            self.cursor.skip(len)?;
            model.unread.push(Unread::TooLarge(MAX_TEMPLATE, format!("`{key}` is longer than is read")));
            return Ok(());
        }
        let text = String::from_utf8_lossy(self.cursor.take(len as usize)?).into_owned();
        template::judge(&text, key, at, model);
        Ok(())
    }

    /// A scalar, a short text, the first texts of an array; null for what is passed over. Arrays of anything leave
    /// their length at `n`.
    fn value(&mut self, kind: u32, version: u32, depth: u32) -> Result<Json, Stop> {
        Ok(match kind {
            0 => self.cursor.byte()?.into(),
            1 => (self.cursor.byte()? as i8).into(),
            2 => (self.number(2)? as u16).into(),
            3 => (self.number(2)? as u16 as i16).into(),
            4 => self.u32()?.into(),
            5 => (self.u32()? as i32).into(),
            6 => json!(f32::from_bits(self.u32()?)),
            7 => (self.cursor.byte()? != 0).into(),
            8 => self.text(version)?,
            9 => self.list(version, depth)?,
            10 => self.u64()?.into(),
            11 => (self.u64()? as i64).into(),
            12 => json!(f64::from_bits(self.u64()?)),
            _ => return Err(self.cursor.broken(format!("a value has the unknown type {kind}")).into()),
        })
    }

    fn list(&mut self, version: u32, depth: u32) -> Result<Json, Stop> {
        let kind = self.u32()?;
        let count = if version == 1 { u64::from(self.u32()?) } else { self.u64()? };
        if depth >= MAX_DEPTH {
            return Err(self.cursor.broken("arrays are nested too deeply").into());
        }
        let size = match kind {
            0 | 1 | 7 => 1,
            2 | 3 => 2,
            4..=6 => 4,
            10..=12 => 8,
            8 if version == 1 => 4,
            8 => 8,
            9 => 12,
            _ => {
                return Err(self
                    .cursor
                    .broken(format!("an array has elements of the unknown type {kind}"))
                    .into());
            }
        };
        if count.checked_mul(size).is_none_or(|bytes| bytes > self.cursor.left()) {
            return Err(self.cursor.broken("an array is longer than the file").into());
        }
        if !matches!(kind, 8 | 9) {
            self.cursor.skip(count * size)?;
            return Ok(json!({ "n": count }));
        }
        self.elements += count;
        if self.elements > MAX_ELEMENTS {
            return Err(Stop::Limit(MAX_ELEMENTS, "more array elements than are read"));
        }
        let mut kept = vec![];
        for at in 0..count {
            let value = if kind == 8 { self.text(version)? } else { self.list(version, depth + 1)? };
            if at < MAX_KEPT && count <= MAX_KEPT {
                kept.push(value);
            }
        }
        Ok(json!({ "n": count, "items": kept }))
    }

    /// A text; null when it is too long to keep or not UTF-8.
    fn text(&mut self, version: u32) -> Result<Json, Stop> {
        let len = if version == 1 { u64::from(self.u32()?) } else { self.u64()? };
        if len > MAX_TEXT {
            self.cursor.skip(len)?;
            return Ok(Json::Null);
        }
        let text = self.cursor.take(len as usize)?;
        Ok(std::str::from_utf8(text).map_or(Json::Null, Json::from))
    }

    fn tensors(
        &mut self,
        count: u64,
        version: u32,
        pairs: &BTreeMap<String, Json>,
        model: &mut Model,
    ) -> Result<(), Stop> {
        let mut tensors = Tensors::new();
        let mut last = 0u64;
        let mut is_known = true;
        for _ in 0..count {
            let at = self.cursor.at();
            self.text(version)?;
            let n_dims = self.u32()?;
            if n_dims > MAX_DIMS {
                return Err(Broken::new(at, format!("a tensor has {n_dims} dimensions")).into());
            }
            let mut shape = vec![];
            for _ in 0..n_dims {
                shape.push(if version == 1 { u64::from(self.u32()?) } else { self.u64()? });
            }
            let kind = types::tensor(self.u32()?);
            let offset = self.u64()?;
            let name = kind.map_or("unknown", |kind| kind.name);
            let elements = tensors.add(name, &shape);
            match (elements, kind) {
                (None, _) => return Err(Broken::new(at, "the shape of a tensor overflows").into()),
                (_, None) => is_known = false,
                (Some(elements), Some(kind)) => {
                    let end = elements
                        .div_ceil(kind.elements)
                        .checked_mul(kind.bytes)
                        .and_then(|size| offset.checked_add(size));
                    let Some(end) = end else {
                        return Err(Broken::new(at, "the offset of a tensor overflows").into());
                    };
                    last = last.max(end);
                }
            }
        }
        tensors.describe(model);
        if model.text("quantisation").is_none()
            && let Some(main) = tensors.main_type()
        {
            model.set("quantisation", main);
        }
        let alignment = pairs.get("general.alignment").and_then(Json::as_u64).unwrap_or(32).clamp(1, 1 << 20);
        let data = self.cursor.at().div_ceil(alignment).saturating_mul(alignment);
        let size = self.cursor.at() + self.cursor.left();
        if is_known && count > 0 && data.saturating_add(last) > size {
            model.broken("its tensors go past the end of the file", self.cursor.at());
        }
        Ok(())
    }

    fn number(&mut self, len: usize) -> Result<u64, Broken> {
        let bytes = self.cursor.take(len)?;
        let fold = |all: u64, byte: &u8| all << 8 | u64::from(*byte);
        Ok(if self.is_big { bytes.iter().fold(0, fold) } else { bytes.iter().rev().fold(0, fold) })
    }
    fn u32(&mut self) -> Result<u32, Broken> {
        Ok(self.number(4)? as u32)
    }
    fn u64(&mut self) -> Result<u64, Broken> {
        self.number(8)
    }
}

fn describe(pairs: &BTreeMap<String, Json>, model: &mut Model) {
    let text = |key: &str| pairs.get(key).and_then(Json::as_str).map(str::to_owned);
    let texts = |key: &str| match pairs.get(key) {
        Some(Json::String(one)) => vec![one.clone()],
        Some(list) => list["items"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Json::as_str)
            .map(str::to_owned)
            .collect(),
        None => vec![],
    };
    let architecture = text("general.architecture");
    let of_architecture =
        |key: &str| pairs.get(&format!("{}.{key}", architecture.as_deref()?)).and_then(Json::as_u64);
    for (key, from) in [
        ("name", "general.name"),
        ("license", "general.license"),
        ("size_label", "general.size_label"),
        ("type", "general.type"),
        ("adapter_type", "adapter.type"),
        ("tokenizer", "tokenizer.ggml.model"),
        ("organization", "general.organization"),
        ("quantized_by", "general.quantized_by"),
        ("finetune", "general.finetune"),
        ("model_version", "general.version"),
        ("repo_url", "general.repo_url"),
    ] {
        if let Some(value) = text(from) {
            model.set(key, value);
        }
    }
    for (key, from) in [
        ("context_length", "context_length"),
        ("embedding_length", "embedding_length"),
        ("block_count", "block_count"),
        ("expert_count", "expert_count"),
    ] {
        if let Some(value) = of_architecture(from) {
            model.set(key, value);
        }
    }
    if let Some(count) = pairs.get("general.file_type").and_then(Json::as_u64) {
        model.set(
            "quantisation",
            types::file(count).map_or_else(|| format!("file type {count}"), str::to_owned),
        );
    }
    if let Some(count) = pairs.get("tokenizer.ggml.tokens").and_then(|list| list["n"].as_u64()) {
        model.set("vocab_size", count);
    }
    if let Some(count) = pairs.get("split.count").and_then(Json::as_u64).filter(|count| *count > 1) {
        model.set("shards", count);
    }
    let base: Vec<String> =
        (0..pairs.get("general.base_model.count").and_then(Json::as_u64).unwrap_or(0).min(16))
            .filter_map(|at| {
                let part = |key: &str| text(&format!("general.base_model.{at}.{key}"));
                part("repo_url").map(|url| hub_id(&url).to_owned()).or_else(|| part("name"))
            })
            .collect();
    model.set("base_model", base);
    let datasets: Vec<String> = match pairs.get("general.dataset.count").and_then(Json::as_u64) {
        Some(count) => (0..count.min(64))
            .filter_map(|at| {
                let part = |key: &str| text(&format!("general.dataset.{at}.{key}"));
                part("repo_url")
                    .map(|url| hub_id(&url).trim_start_matches("datasets/").to_owned())
                    .or_else(|| part("name"))
            })
            .collect(),
        None => texts("general.datasets"),
    };
    model.set("datasets", datasets);
    model.set("languages", texts("general.languages"));
    model.set("tags", texts("general.tags"));
    if pairs.contains_key("has_chat_template") {
        model.set("chat_template", true);
    }
    if let Some(architecture) = architecture {
        model.set("architecture", architecture);
    }
}

/// `org/name` of a hub's address.
fn hub_id(url: &str) -> &str {
    url.split_once("huggingface.co/")
        .or_else(|| url.split_once("hf.co/"))
        .map_or(url, |(_, id)| id.trim_end_matches('/'))
}

#[cfg(test)]
mod tests;
