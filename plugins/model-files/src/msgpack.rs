//! MessagePack, as flax writes parameters: nested tables with arrays as extension type 1.

use crate::bytes::{Broken, Cursor, ReadAt};
use crate::model::{Danger, Model, Tensors, Unread};
use crate::pickle;

/// Tables in tables.
const MAX_DEPTH: u32 = 64;
/// Values that are passed over.
const MAX_VALUES: u64 = 4_000_000;
/// Bytes in which a pickle is looked for.
const MAX_INNER: u64 = 1 << 20;

/// flax's extension types: an array, a complex number, a scalar.
const ARRAY: u8 = 1;

/// Reads flax' parameters. None: it is no table of texts to tables or arrays, to the end of the file.
pub fn read(bytes: &dyn ReadAt) -> Option<Model> {
    let head = bytes.read_at(0, 2);
    let is_table = matches!(head.first()?, 0x81..=0x8f | 0xde | 0xdf);
    let is_text = matches!(head.first()?, 0xde | 0xdf) || matches!(head.get(1)?, 0xa1..=0xbf | 0xd9);
    if !is_table || !is_text {
        return None;
    }
    let mut model = Model::new("flax-msgpack");
    let mut reader = Reader {
        cursor: Cursor::new(bytes, 0),
        bytes,
        values: 0,
        tensors: Tensors::new(),
        n_texts: 0,
        flags: vec![],
    };
    let ended = reader.value(0);
    // Without an array it is somebody else's MessagePack.
    if reader.tensors.count == 0 && reader.flags.is_empty() {
        return None;
    }
    match ended {
        Ok(()) => model.is_judged = true,
        Err(broken) if reader.values >= MAX_VALUES => {
            model.unread.push(Unread::TooLarge(MAX_VALUES, broken.why.into_owned()));
        }
        Err(broken) => model.broken(broken.why.into_owned(), broken.at),
    }
    model.set("framework", "flax");
    reader.tensors.describe(&mut model);
    for (what, at) in reader.flags {
        model.flag(Danger::Suspicious, "nested-pickle", what, at);
    }
    Some(model)
}

struct Reader<'a> {
    cursor: Cursor<'a>,
    bytes: &'a dyn ReadAt,
    values: u64,
    tensors: Tensors,
    n_texts: u64,
    flags: Vec<(String, u64)>,
}

impl Reader<'_> {
    fn big(&mut self, len: usize) -> Result<u64, Broken> {
        Ok(self.cursor.take(len)?.iter().fold(0, |all, byte| all << 8 | u64::from(*byte)))
    }

    fn value(&mut self, depth: u32) -> Result<(), Broken> {
        self.values += 1;
        if depth > MAX_DEPTH || self.values > MAX_VALUES {
            return Err(self.cursor.broken("it holds more than is read"));
        }
        let kind = self.cursor.byte()?;
        match kind {
            0x00..=0x7f | 0xe0..=0xff | 0xc0 | 0xc2 | 0xc3 => Ok(()),
            0x80..=0x8f => self.items(u64::from(kind & 0xf) * 2, depth),
            0x90..=0x9f => self.items(u64::from(kind & 0xf), depth),
            0xa0..=0xbf => self.text(u64::from(kind & 0x1f)),
            0xc4..=0xc6 => {
                let len = self.big(1 << (kind - 0xc4))?;
                self.binary(len)
            }
            0xc7..=0xc9 => {
                let len = self.big(1 << (kind - 0xc7))?;
                self.extension(len)
            }
            0xca | 0xce | 0xd2 => self.cursor.skip(4),
            0xcb | 0xcf | 0xd3 => self.cursor.skip(8),
            0xcc | 0xd0 => self.cursor.skip(1),
            0xcd | 0xd1 => self.cursor.skip(2),
            0xd4..=0xd8 => self.extension(1 << (kind - 0xd4)),
            0xd9..=0xdb => {
                let len = self.big(1 << (kind - 0xd9))?;
                self.text(len)
            }
            0xdc | 0xdd => {
                let count = self.big(if kind == 0xdc { 2 } else { 4 })?;
                self.items(count, depth)
            }
            0xde | 0xdf => {
                let count = self.big(if kind == 0xde { 2 } else { 4 })?;
                self.items(count.saturating_mul(2), depth)
            }
            _ => Err(self.cursor.broken("a value has no type")),
        }
    }

    fn items(&mut self, count: u64, depth: u32) -> Result<(), Broken> {
        if count > self.cursor.left() {
            return Err(self.cursor.broken("a list is longer than the file"));
        }
        (0..count).try_for_each(|_| self.value(depth + 1))
    }

    fn text(&mut self, len: u64) -> Result<(), Broken> {
        self.n_texts += 1;
        let at = self.cursor.at();
        self.cursor.skip(len)?;
        if len >= 8 {
            let text = self.cursor.peek_at(at, len.min(4096) as usize);
            for code in [&b"__import__("[..], b"os.system(", b"subprocess.", b"eval(", b"exec("] {
                if text.windows(code.len()).any(|window| window == code) && self.flags.len() < 16 {
                    self.flags.push((String::from_utf8_lossy(code).into_owned(), at));
                }
            }
        }
        Ok(())
    }

    fn binary(&mut self, len: u64) -> Result<(), Broken> {
        let at = self.cursor.at();
        self.cursor.skip(len)?;
        if (8..=MAX_INNER).contains(&len) && self.bytes.read_at(at, 1) == [0x80] {
            let inner = self.bytes.read_at(at, len as usize);
            let walk = pickle::walk(&inner).into_iter().flat_map(|walk| walk.globals);
            for global in walk.filter(|global| pickle::danger(&global.key, pickle::Use::Called).is_some()) {
                if self.flags.len() < 16 {
                    self.flags.push((global.name, at));
                }
            }
        }
        Ok(())
    }

    /// An array: its shape, its type's name, its bytes.
    fn extension(&mut self, len: u64) -> Result<(), Broken> {
        let kind = self.cursor.byte()?;
        let start = self.cursor.at();
        if len > self.cursor.left() {
            return Err(self.cursor.broken("an array goes past the end of the file"));
        }
        if kind == ARRAY {
            let mut inner = Cursor::new(self.bytes, start).until(start + len);
            if let Some((shape, dtype)) = array(&mut inner) {
                self.tensors.add(&dtype, &shape);
            }
        }
        self.cursor.skip(len)
    }
}

fn array(cursor: &mut Cursor<'_>) -> Option<(Vec<u64>, String)> {
    if cursor.byte().ok()? != 0x93 {
        return None;
    }
    let rank = cursor.byte().ok()?.checked_sub(0x90).filter(|rank| *rank < 16)?;
    let mut shape = vec![];
    for _ in 0..rank {
        let size = match cursor.byte().ok()? {
            small @ 0..=0x7f => {
                shape.push(small.into());
                continue;
            }
            0xcc => 1,
            0xcd => 2,
            0xce => 4,
            0xcf => 8,
            _ => return None,
        };
        shape.push(cursor.take(size).ok()?.iter().fold(0, |all, byte| all << 8 | u64::from(*byte)));
    }
    let len = match cursor.byte().ok()? {
        short @ 0xa0..=0xbf => usize::from(short & 0x1f),
        0xd9 => cursor.byte().ok()?.into(),
        _ => return None,
    };
    let name = String::from_utf8(cursor.take(len).ok()?.to_vec()).ok()?;
    Some((shape, dtype(&name)))
}

/// NumPy's name of a type in the spelling of weights.
fn dtype(name: &str) -> String {
    match name {
        "float64" => "F64",
        "float32" => "F32",
        "float16" => "F16",
        "bfloat16" | "V2" => "BF16",
        "int64" => "I64",
        "int32" => "I32",
        "int16" => "I16",
        "int8" => "I8",
        "uint8" => "U8",
        "uint32" => "U32",
        "bool" => "BOOL",
        other => other,
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn file() -> Vec<u8> {
        let mut out =
            b"\x81\xa6params\x81\xa6kernel\xc7\x16\x01\x93\x92\x02\x02\xa7float32\xc4\x08........".to_vec();
        let len = out.len() - out.iter().position(|byte| *byte == 0xc7).unwrap() - 3;
        let at = out.iter().position(|byte| *byte == 0xc7).unwrap() + 1;
        out[at] = len as u8;
        out
    }

    #[test]
    fn parameters() {
        let model = read(&file()).unwrap();
        assert_eq!((model.number("parameters"), model.verdict()), (Some(4), Some("benign")));
        assert_eq!(read(&b"\x81\xa1a\x01".to_vec()), None);
        let code = [&b"\x82"[..], &file()[1..], b"\xa1f\xb2__import__('os').x"].concat();
        assert_eq!(read(&code).and_then(|model| model.verdict()), Some("suspicious"));
    }

    proptest! {
        #[test]
        fn mutations_do_not_panic(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let mut bytes = file();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            read(&bytes);
        }
    }
}
