//! TensorFlow Lite: a FlatBuffer of operators, tensors and buffers, read table by table.
//!
//! The flatbuffers crate reads by a generated schema and from memory; nine fields of five tables are wanted here, and
//! a model may be larger than what comes inline.

mod operators;

use crate::bytes::{Broken, ReadAt};
use crate::model::{Danger, Model, Tensors};
use crate::tensorflow;
use std::collections::BTreeSet;

/// Tensors, operators and buffers that are looked at.
const MAX_ITEMS: u32 = 1 << 20;
/// The longest name.
const MAX_TEXT: u32 = 4096;

/// Custom operators of well-known kernels, which read what they are given and nothing else.
const KNOWN: &[&str] = &[
    "AudioSpectrogram",
    "Convolution2DTransposeBias",
    "MaxPoolingWithArgmax2D",
    "MaxUnpooling2D",
    "Mfcc",
    "NumericVerify",
    "TFLite_Detection_PostProcess",
    "TFSentencepieceTokenizeOp",
    "edgetpu-custom-op",
    "ethos-u",
    "custom_call.TFLite_Detection_PostProcess",
    "Predict",
    "Normalize",
    "SentencepieceTokenizer",
    "WhitespaceTokenize",
    "RaggedTensorToTensor",
    "NGrams",
    "AvgPool3D",
    "MaxPool3D",
];

/// Reads the model.
pub fn read(bytes: &dyn ReadAt) -> Model {
    let mut model = Model::new("tflite");
    model.set("framework", "tflite");
    match describe(&Buffer(bytes), &mut model) {
        Ok(()) => model.is_judged = true,
        Err(broken) => model.broken(broken.why.into_owned(), broken.at),
    }
    model
}

struct Buffer<'a>(&'a dyn ReadAt);

/// A table: where it is, where its vtable is, and how long that is.
#[derive(Clone, Copy)]
struct Table {
    at: u64,
    vtable: u64,
    len: u16,
}

/// A vector: where its first element is, and how many there are.
#[derive(Clone, Copy)]
struct Vector {
    at: u64,
    len: u32,
}

impl Buffer<'_> {
    fn array<const N: usize>(&self, at: u64) -> Result<[u8; N], Broken> {
        self.0.read_at(at, N).try_into().map_err(|_| Broken::new(at, "an offset leads out of the file"))
    }
    fn u32(&self, at: u64) -> Result<u32, Broken> {
        Ok(u32::from_le_bytes(self.array(at)?))
    }

    fn table(&self, at: u64) -> Result<Table, Broken> {
        let back = i64::from(i32::from_le_bytes(self.array(at)?));
        let vtable = at.checked_add_signed(-back).ok_or_else(|| Broken::new(at, "a table has no fields"))?;
        let len = u16::from_le_bytes(self.array(vtable)?);
        Ok(Table { at, vtable, len })
    }

    /// Where a field's value is.
    fn field(&self, table: Table, number: u16) -> Result<Option<u64>, Broken> {
        let slot = 4 + 2 * number;
        if slot + 2 > table.len {
            return Ok(None);
        }
        let offset = u16::from_le_bytes(self.array(table.vtable + u64::from(slot))?);
        Ok((offset > 0).then(|| table.at + u64::from(offset)))
    }

    /// What a field's offset leads to.
    fn target(&self, table: Table, number: u16) -> Result<Option<u64>, Broken> {
        let Some(at) = self.field(table, number)? else { return Ok(None) };
        Ok(Some(at + u64::from(self.u32(at)?)))
    }

    fn vector(&self, table: Table, number: u16) -> Result<Option<Vector>, Broken> {
        let Some(at) = self.target(table, number)? else { return Ok(None) };
        let len = self.u32(at)?;
        if len > MAX_ITEMS && u64::from(len) > self.0.size() {
            return Err(Broken::new(at, "a list is longer than the file"));
        }
        Ok(Some(Vector { at: at + 4, len }))
    }

    fn text(&self, table: Table, number: u16) -> Result<Option<String>, Broken> {
        let Some(text) = self.vector(table, number)? else { return Ok(None) };
        let bytes = self.0.read_at(text.at, text.len.min(MAX_TEXT) as usize);
        Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
    }

    fn tables(&self, table: Table, number: u16) -> Result<Vec<Table>, Broken> {
        let Some(vector) = self.vector(table, number)? else { return Ok(vec![]) };
        if vector.len > MAX_ITEMS {
            return Err(Broken::new(vector.at, "a list has too many items"));
        }
        if u64::from(vector.len) * 4 > self.0.size() {
            return Err(Broken::new(vector.at, "a list is longer than the file"));
        }
        (0..vector.len)
            .map(|index| {
                let at = vector.at + 4 * u64::from(index);
                self.table(at + u64::from(self.u32(at)?))
            })
            .collect()
    }
}

fn describe(buffer: &Buffer<'_>, model: &mut Model) -> Result<(), Broken> {
    let root = buffer.table(buffer.u32(0)?.into())?;
    if let Some(at) = buffer.field(root, 0)? {
        model.set("schema_version", buffer.u32(at)?);
    }
    model.set("description", buffer.text(root, 3)?);
    let (mut ops, mut custom) = (BTreeSet::new(), BTreeSet::new());
    for code in buffer.tables(root, 1)? {
        let old = buffer
            .field(code, 0)?
            .map(|at| buffer.array::<1>(at))
            .transpose()?
            .map_or(0, |[code]| u32::from(code));
        let new = buffer.field(code, 3)?.map(|at| buffer.u32(at)).transpose()?.unwrap_or(0);
        let builtin = old.max(new);
        match buffer.text(code, 1)? {
            Some(name) if builtin == operators::CUSTOM || !name.is_empty() => {
                judge(&name, code.at, model);
                custom.insert(name);
            }
            _ => drop(ops.insert(operators::name(builtin))),
        }
    }
    model.set("ops", ops.into_iter().collect::<Vec<_>>());
    model.set("custom_ops", custom.into_iter().take(256).collect::<Vec<_>>());
    let mut is_filled = vec![];
    for data in buffer.tables(root, 4)? {
        let inside = buffer.vector(data, 0)?;
        if let Some(inside) = inside.filter(|inside| inside.at + u64::from(inside.len) > buffer.0.size()) {
            return Err(Broken::new(inside.at, "a buffer goes past the end of the file"));
        }
        // Large models keep their data behind the FlatBuffer.
        let behind =
            buffer.field(data, 2)?.map(|at| buffer.array::<8>(at)).transpose()?.map_or(0, u64::from_le_bytes);
        is_filled.push(inside.is_some_and(|inside| inside.len > 0) || behind > 1);
    }
    let mut tensors = Tensors::new();
    for graph in buffer.tables(root, 2)? {
        for tensor in buffer.tables(graph, 0)? {
            let data = buffer.field(tensor, 2)?.map(|at| buffer.u32(at)).transpose()?.unwrap_or(0);
            if !is_filled.get(data as usize).copied().unwrap_or(false) {
                continue;
            }
            let dtype = buffer
                .field(tensor, 1)?
                .map(|at| buffer.array::<1>(at))
                .transpose()?
                .map_or(0, |[dtype]| dtype);
            let mut shape = vec![];
            if let Some(dims) = buffer.vector(tensor, 0)? {
                for index in 0..dims.len.min(16) {
                    shape.push(buffer.u32(dims.at + 4 * u64::from(index))?.into());
                }
            }
            tensors.add(operators::dtype(dtype), &shape);
        }
    }
    tensors.describe(model);
    Ok(())
}

fn judge(name: &str, at: u64, model: &mut Model) {
    if KNOWN.contains(&name) {
        return;
    }
    match name.strip_prefix("Flex") {
        // TensorFlow's own operators, run by its delegate.
        Some(op) => {
            if let Some(danger) = tensorflow::danger(op) {
                model.flag(danger, "file-operator", name, at);
            }
        }
        None => model.flag(Danger::Suspicious, "custom-operator", name, at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A model with one custom operator of that name.
    fn file(name: &str) -> Vec<u8> {
        let mut out = vec![];
        let word = |number: u32| number.to_le_bytes();
        out.extend(word(24)); // the root table
        out.extend(b"TFL3");
        out.extend([8, 0, 8, 0, 0, 0, 4, 0]); // its vtable: field 1 at 4
        out.extend([0; 8]);
        out.extend(word(16)); // back to the vtable at 8
        out.extend(word(4)); // to the vector at 32
        out.extend(word(1));
        out.extend(word(12)); // to the code's table at 48
        out.extend([8, 0, 8, 0, 0, 0, 4, 0]); // at 40: its vtable
        out.extend(word(8));
        out.extend(word(4)); // to the text at 56
        out.extend(word(name.len() as u32));
        out.extend(name.as_bytes());
        out
    }

    #[test]
    fn operators() {
        for (name, verdict) in [
            ("TFLite_Detection_PostProcess", "benign"),
            ("FlexErf", "benign"),
            ("FlexWriteFile", "unsafe"),
            ("Mine", "suspicious"),
        ] {
            let model = read(&file(name));
            assert_eq!(model.verdict(), Some(verdict), "{name} {:?}", model.unread);
            assert_eq!(model.texts("custom_ops"), [name]);
        }
        assert_eq!(read(&b"\xff\xff\xff\xffTFL3".to_vec()).verdict(), Some("suspicious"));
    }

    proptest! {
        #[test]
        fn mutations_do_not_panic(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let mut bytes = file("Mine");
            let at = at.index(bytes.len());
            bytes[at] = byte;
            read(&bytes);
        }
    }
}
