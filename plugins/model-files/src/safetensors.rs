//! safetensors: eight bytes of length, a JSON header, the tensors.
//!
//! The `safetensors` crate refuses what we must describe (an overlap, a hole, a length past the end), and wants the
//! whole file; so the header is read here, streamed through serde so that a million tensors cost no tree.

use crate::bytes::{MAX_TAKE, ReadAt};
use crate::model::{Danger, Model, Tensors, Unread};
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, de};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Tensors whose ranges are kept to look for overlaps: 16 bytes each.
const MAX_TENSORS: usize = 500_000;
/// Metadata shown: keys, and bytes of each value.
const MAX_METADATA: usize = 64;
const MAX_VALUE: usize = 512;

/// The first bytes of a safetensors file: a length, then `{`. A length that is a lie still makes it one, a text whose
/// ninth character is a brace does not.
pub fn is_safetensors(head: &[u8]) -> bool {
    let Some((length, rest)) = head.split_first_chunk::<8>() else { return false };
    let is_text = length.iter().all(|byte| (9..127).contains(byte));
    let is_sane = u64::from_le_bytes(*length) < 1 << 32;
    rest.starts_with(b"{") && is_sane || rest.starts_with(b"{\"") && !is_text
}

/// Reads the header.
pub fn read(bytes: &dyn ReadAt) -> Model {
    let mut model = Model::new("safetensors");
    model.is_judged = true;
    let mut length = [0; 8];
    length.copy_from_slice(&bytes.read_at(0, 8));
    let length = u64::from_le_bytes(length);
    let room = bytes.size() - 8;
    if length > room {
        model.broken(format!("the header of {length} bytes goes past the end of the file"), 0);
        return model;
    }
    if length > MAX_TAKE as u64 {
        model
            .unread
            .push(Unread::TooLarge(MAX_TAKE as u64, "the safetensors header is larger than 16 MiB".into()));
        return model;
    }
    let text = bytes.read_at(8, length as usize);
    let header: Header = match serde_json::from_slice(&text) {
        Ok(header) => header,
        Err(error) => {
            model.broken(format!("the header is not what it should be: {error}"), 8);
            return model;
        }
    };
    describe(&header, room - length, &mut model);
    model
}

fn describe(header: &Header, data: u64, model: &mut Model) {
    let mut tensors = Tensors::new();
    for tensor in &header.tensors {
        let elements = tensors.add(&tensor.dtype, &tensor.shape);
        let bits = bits(&tensor.dtype).and_then(|bits| elements?.checked_mul(bits));
        let (start, end) = tensor.range;
        if elements.is_none() || end < start || end > data {
            model.flag(Danger::Suspicious, "tensor-out-of-bounds", &tensor.name, 8);
        } else if bits.is_some_and(|bits| bits.div_ceil(8) != end - start) {
            model.flag(Danger::Suspicious, "tensor-size-mismatch", &tensor.name, 8);
        }
    }
    tensors.describe(model);
    if header.is_cut {
        let why = format!("the header has more than {MAX_TENSORS} tensors");
        model.unread.push(Unread::TooLarge(MAX_TENSORS as u64, why));
    } else {
        layout(header, data, model);
    }
    for name in &header.repeated {
        model.flag(Danger::Suspicious, "duplicate-key", name, 8);
    }
    if let Some(quantisation) = quantisation(&header.tensors) {
        model.set("quantisation", quantisation);
    }
    if header.tensors.iter().any(|tensor| is_lora(&tensor.name)) {
        model.set("adapter_type", "lora");
        model.set("type", "adapter");
    }
    metadata(&header.metadata, model);
}

/// Tensors must lie behind each other without overlap or hole, to the end.
fn layout(header: &Header, data: u64, model: &mut Model) {
    let mut ranges: Vec<(u64, u64)> = header.tensors.iter().map(|tensor| tensor.range).collect();
    ranges.sort_unstable();
    let mut at = 0;
    for (start, end) in ranges {
        if start < at {
            return model.flag(
                Danger::Suspicious,
                "overlapping-tensors",
                format!("at data offset {start}"),
                8,
            );
        }
        if start > at {
            return model.flag(Danger::Suspicious, "hole-between-tensors", format!("at data offset {at}"), 8);
        }
        at = end;
    }
    if at < data {
        model.flag(
            Danger::Suspicious,
            "trailing-bytes",
            format!("{} bytes behind the last tensor", data - at),
            8,
        );
    }
}

fn metadata(entries: &BTreeMap<String, String>, model: &mut Model) {
    let shown: serde_json::Map<_, _> = entries
        .iter()
        .filter(|(key, value)| key.len() <= 64 && value.len() <= MAX_VALUE)
        .take(MAX_METADATA)
        .map(|(key, value)| (key.clone(), value.clone().into()))
        .collect();
    model.set("metadata", shown);
    let get = |key: &str| entries.get(key).filter(|value| value.len() <= MAX_VALUE).cloned();
    let first = |keys: &[&str]| keys.iter().find_map(|key| get(key));
    let framework = get("format").map(|format| match format.as_str() {
        "pt" => "pytorch".to_owned(),
        "tf" => "tensorflow".to_owned(),
        "np" => "numpy".to_owned(),
        _ => format,
    });
    for (key, value) in [
        ("framework", framework),
        ("architecture", first(&["modelspec.architecture", "general.architecture"])),
        ("license", first(&["modelspec.license", "license"])),
        ("name", first(&["modelspec.title", "ss_output_name", "name"])),
        ("model_version", get("modelspec.version")),
    ] {
        if let Some(value) = value {
            model.set(key, value);
        }
    }
    // Trainers name what they started from: a model, else a file.
    let base = first(&["modelspec.base_model", "base_model", "ss_base_model_version", "ss_sd_model_name"]);
    model.set("base_model", base.into_iter().map(|name| strip_weights(&name).to_owned()).collect::<Vec<_>>());
    for (key, value) in entries {
        let low = value.get(..value.len().min(65_536)).unwrap_or_default();
        if ["__import__", "os.system", "subprocess.", "eval(", "exec("].iter().any(|code| low.contains(code))
        {
            model.flag(Danger::Suspicious, "code-in-metadata", key, 8);
        }
    }
}

fn strip_weights(name: &str) -> &str {
    ["safetensors", "ckpt", "pt", "bin"]
        .iter()
        .find_map(|extension| name.strip_suffix(extension)?.strip_suffix('.'))
        .unwrap_or(name)
}

fn is_lora(name: &str) -> bool {
    ["lora_A.", "lora_B.", "lora_up.", "lora_down.", ".lora_A", ".lora_B"]
        .iter()
        .any(|part| name.contains(part))
}

/// What the names of quantised layers' parts say.
fn quantisation(tensors: &[Tensor]) -> Option<&'static str> {
    let any = |test: &dyn Fn(&Tensor) -> bool| tensors.iter().any(test);
    let ends = |end: &'static str| any(&move |tensor: &Tensor| tensor.name.ends_with(end));
    if ends(".qweight") && ends(".g_idx") {
        Some("gptq")
    } else if ends(".qweight") && ends(".qzeros") {
        Some("awq")
    } else if any(&|tensor| tensor.name.contains(".quant_state.bitsandbytes__")) {
        Some("bitsandbytes-4bit")
    } else if ends(".SCB") {
        Some("bitsandbytes-8bit")
    } else if any(&|tensor| tensor.dtype.starts_with("F8_")) {
        Some("fp8")
    } else if ends(".weight_packed") {
        Some("compressed-tensors")
    } else {
        None
    }
}

fn bits(dtype: &str) -> Option<u64> {
    Some(match dtype {
        "BOOL" | "U8" | "I8" | "F8_E5M2" | "F8_E4M3" | "F8_E8M0" | "F8_E4M3FNUZ" | "F8_E5M2FNUZ" => 8,
        "I16" | "U16" | "F16" | "BF16" => 16,
        "I32" | "U32" | "F32" => 32,
        "I64" | "U64" | "F64" | "C64" => 64,
        "C128" => 128,
        "F4" | "I4" | "U4" => 4,
        "F6_E2M3" | "F6_E3M2" => 6,
        _ => return None,
    })
}

#[derive(Debug, Default)]
struct Header {
    tensors: Vec<Tensor>,
    metadata: BTreeMap<String, String>,
    repeated: Vec<String>,
    is_cut: bool,
}

#[derive(Debug)]
struct Tensor {
    name: String,
    dtype: String,
    shape: Vec<u64>,
    range: (u64, u64),
}

#[derive(Deserialize)]
struct Described {
    dtype: String,
    shape: Vec<u64>,
    data_offsets: (u64, u64),
}

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Header;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of tensors")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Header, A::Error> {
                let mut header = Header::default();
                let mut names = BTreeSet::new();
                while let Some(name) = map.next_key::<String>()? {
                    if header.tensors.len() >= MAX_TENSORS {
                        header.is_cut = true;
                        map.next_value::<IgnoredAny>()?;
                        continue;
                    }
                    if name == "__metadata__" {
                        header.metadata = map
                            .next_value()
                            .map_err(|_| de::Error::custom("`__metadata__` is not a table of texts"))?;
                    } else {
                        let Described { dtype, shape, data_offsets } = map.next_value()?;
                        header.tensors.push(Tensor { name: name.clone(), dtype, shape, range: data_offsets });
                    }
                    if !names.insert(name.clone()) && header.repeated.len() < 8 {
                        header.repeated.push(name);
                    }
                }
                Ok(header)
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn file(header: &str, data: usize) -> Vec<u8> {
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend_from_slice(header.as_bytes());
        bytes.resize(bytes.len() + data, 0);
        bytes
    }

    fn techniques(bytes: Vec<u8>) -> Vec<&'static str> {
        read(&bytes).flags.iter().map(|flag| flag.technique).collect()
    }

    #[test]
    fn what_a_header_says() {
        let header = r#"{"__metadata__":{"format":"pt"},"a":{"dtype":"BF16","shape":[2,3],"data_offsets":[0,12]},"b":{"dtype":"F32","shape":[],"data_offsets":[12,16]}}"#;
        let model = read(&file(header, 16));
        assert_eq!(model.verdict(), Some("benign"));
        assert_eq!(model.number("parameters"), Some(7));
        assert_eq!(model.texts("dtypes"), ["BF16", "F32"]);
        assert_eq!(model.text("framework"), Some("pytorch"));
    }

    #[test]
    fn tricks() {
        let one = |dtype: &str, shape: &str, range: &str| {
            format!(r#"{{"a":{{"dtype":"{dtype}","shape":{shape},"data_offsets":{range}}}}}"#)
        };
        for (header, data, technique) in [
            (one("U8", "[4]", "[0,4]"), 5, "trailing-bytes"),
            (one("U8", "[4]", "[1,5]"), 5, "hole-between-tensors"),
            (one("U8", "[4]", "[0,9]"), 5, "tensor-out-of-bounds"),
            (one("U8", "[5]", "[0,4]"), 4, "tensor-size-mismatch"),
            (one("F32", "[18446744073709551615,4]", "[0,4]"), 4, "tensor-out-of-bounds"),
            (one("U8", "[0]", "[18446744073709551615,0]"), 0, "tensor-out-of-bounds"),
            (
                format!(
                    "{},{}",
                    one("U8", "[2]", "[0,2]").trim_end_matches('}').to_owned() + "}",
                    &one("U8", "[2]", "[1,3]")[1..].replace("\"a\"", "\"b\"")
                ),
                3,
                "overlapping-tensors",
            ),
            (
                format!(
                    "{},{}",
                    one("U8", "[2]", "[0,2]").trim_end_matches('}').to_owned() + "}",
                    &one("U8", "[1]", "[2,3]")[1..]
                ),
                3,
                "duplicate-key",
            ),
            ("[".repeat(5000), 0, "malformed"),
            (r#"{"a":3}"#.into(), 0, "malformed"),
        ] {
            assert!(techniques(file(&header, data)).contains(&technique), "{technique}: {header}");
        }
        let mut long = file("{}", 0);
        long[7] = 0xff;
        assert_eq!(techniques(long), ["malformed"]);
    }

    proptest! {
        #[test]
        fn nothing_panics(length in prop_oneof![any::<u64>(), 0u64..200], rest in proptest::collection::vec(any::<u8>(), 0..200)) {
            let bytes = [&length.to_le_bytes()[..], &rest].concat();
            read(&bytes);
        }

        #[test]
        fn mutations_do_not_panic(at in 0usize..150, byte in any::<u8>()) {
            let header = r#"{"__metadata__":{"format":"pt"},"a":{"dtype":"BF16","shape":[2,3],"data_offsets":[0,12]}}"#;
            let mut bytes = file(header, 12);
            let at = at % bytes.len();
            bytes[at] = byte;
            read(&bytes);
        }
    }
}
