//! Tensors that a pickle describes, and arrays that stand between its opcodes.

use super::MAX_WALKED;
use super::machine::{End, MAX_PARTS, Machine};
use super::value::{Kind, Thing, Value};
use crate::bytes::Broken;
use crate::model::Danger;

/// Arrays in arrays of joblib.
const MAX_NESTED: u32 = 8;

impl Machine<'_> {
    pub(super) fn is_named(&self, value: Value, names: &[&str]) -> bool {
        let Kind::Global(index) = value.kind() else { return false };
        self.walk.globals.get(index as usize).is_some_and(|global| names.contains(&global.name.as_str()))
    }

    /// `_rebuild_tensor_v2(storage, offset, size, stride, …)`, where the storage is an id
    /// `("storage", class, key, device, elements)`.
    pub(super) fn tensor(&mut self, args: Value) {
        let storage = self.part(args, 0).and_then(|storage| match storage.kind() {
            Kind::Thing(index) => match self.things.get(index as usize)? {
                Thing::Persistent(id) => self.part(*id, 1),
                _ => None,
            },
            _ => None,
        });
        let dtype = match storage.map(Value::kind) {
            Some(Kind::Global(index)) => {
                let name = self.walk.globals.get(index as usize).map_or("", |global| global.name.as_str());
                storage_type(name.rsplit('.').next().unwrap_or_default())
            }
            _ => "unknown",
        };
        let shape: Option<Vec<u64>> = self.part(args, 2).and_then(|size| match size.kind() {
            Kind::Thing(index) => match self.things.get(index as usize)? {
                Thing::Tuple(dims) => dims
                    .iter()
                    .map(|dim| match dim.kind() {
                        Kind::Int(number) => u64::try_from(number).ok(),
                        _ => None,
                    })
                    .collect(),
                _ => None,
            },
            _ => None,
        });
        if let Some(shape) = shape {
            self.walk.tensors.add(dtype, &shape);
        }
    }

    /// BUILD gives an object its state; joblib's array wrapper then reads the array from the file itself.
    pub(super) fn build(&mut self, object: Value, state: Value, at: u64) -> Result<(), Broken> {
        if let Kind::Global(index) = object.kind() {
            // The attributes of a function or class are overwritten: it no longer does what its name says.
            let name =
                self.walk.globals.get(index as usize).map_or(String::new(), |global| global.name.clone());
            self.flag(Danger::Unsafe, "build-on-callable", name, at);
            return Ok(());
        }
        let Kind::Thing(index) = object.kind() else { return Ok(()) };
        let Some(Thing::Call { callee, args }) = self.things.get(index as usize) else { return Ok(()) };
        let wrapper = &["joblib.numpy_pickle.NumpyArrayWrapper"];
        let is_wrapper = self.is_named(*callee, wrapper)
            || self.part(*args, 0).is_some_and(|class| self.is_named(class, wrapper));
        if is_wrapper { self.raw_array(state) } else { Ok(()) }
    }

    fn raw_array(&mut self, state: Value) -> Result<(), Broken> {
        let Kind::Thing(index) = state.kind() else { return Ok(()) };
        let Some(Thing::Dict(entries)) = self.things.get(index as usize) else { return Ok(()) };
        let entries = entries.clone();
        let (mut elements, mut item, mut alignment) = (1u64, None, None);
        for pair in entries.chunks_exact(2) {
            match self.spelt(pair[0]).as_deref() {
                Some("shape") => {
                    for at in 0..MAX_PARTS {
                        if let Some(Kind::Int(dim)) = self.part(pair[1], at).map(Value::kind) {
                            elements = u64::try_from(dim)
                                .ok()
                                .and_then(|dim| elements.checked_mul(dim))
                                .ok_or_else(|| self.cursor.broken("the shape of an array overflows"))?;
                        }
                    }
                }
                Some("dtype") => item = self.item_size(pair[1]),
                Some("numpy_array_alignment_bytes") => {
                    if let Kind::Int(number) = pair[1].kind() {
                        alignment = Some(number);
                    }
                }
                _ => {}
            }
        }
        self.walk.raw_arrays += 1;
        match item {
            Some(0) => self.nested(),
            Some(size) => {
                if alignment.is_some() {
                    let padding = self.cursor.byte()?;
                    self.cursor.skip(padding.into())?;
                }
                let len = elements
                    .checked_mul(size)
                    .ok_or_else(|| self.cursor.broken("the size of an array overflows"))?;
                self.cursor.skip(len)
            }
            None => Err(self.cursor.broken("the type of an array is unknown")),
        }
    }

    /// Bytes of an element; 0 for objects, which are pickled in place.
    fn item_size(&mut self, dtype: Value) -> Option<u64> {
        let Kind::Thing(index) = dtype.kind() else { return None };
        let Some(Thing::Call { args, .. }) = self.things.get(index as usize) else { return None };
        let spec = self.part(*args, 0)?;
        let spec = self.spelt(spec)?;
        let spec = spec.trim_start_matches(['<', '>', '=', '|']);
        let (kind, size) = spec.split_at_checked(1)?;
        let size: u64 = size.parse().ok()?;
        match kind {
            "O" => Some(0),
            "U" => size.checked_mul(4),
            "b" | "i" | "u" | "f" | "c" | "S" | "V" | "M" | "m" if size > 0 => Some(size),
            "?" => Some(1),
            _ => None,
        }
    }

    /// An array of objects: a whole pickle between two opcodes.
    fn nested(&mut self) -> Result<(), Broken> {
        if self.depth >= MAX_NESTED {
            return Err(self.cursor.broken("pickles are nested too deeply"));
        }
        let stack = std::mem::take(&mut self.stack);
        let memo = std::mem::take(&mut self.memo);
        let things = std::mem::take(&mut self.things);
        let sizes = std::mem::take(&mut self.sizes);
        self.depth += 1;
        let end = loop {
            if self.stack.is_full() || self.cursor.bytes_read() > MAX_WALKED {
                return Err(self.cursor.broken("a nested pickle is larger than is walked"));
            }
            match self.step()? {
                None => {}
                Some(End::Stop(end)) => break end,
                Some(End::Limit(what)) => return Err(self.cursor.broken(what)),
            }
        };
        self.depth -= 1;
        (self.stack, self.memo) = (stack, memo);
        (self.things, self.sizes) = (things, sizes);
        self.cursor.seek(end);
        Ok(())
    }
}

fn storage_type(class: &str) -> &'static str {
    match class {
        "DoubleStorage" => "F64",
        "FloatStorage" => "F32",
        "HalfStorage" => "F16",
        "BFloat16Storage" => "BF16",
        "LongStorage" => "I64",
        "IntStorage" => "I32",
        "ShortStorage" => "I16",
        "CharStorage" => "I8",
        "ByteStorage" => "U8",
        "BoolStorage" => "BOOL",
        "ComplexFloatStorage" => "C64",
        "ComplexDoubleStorage" => "C128",
        "QInt8Storage" => "QI8",
        "QUInt8Storage" => "QU8",
        "QInt32Storage" => "QI32",
        _ => "unknown",
    }
}
