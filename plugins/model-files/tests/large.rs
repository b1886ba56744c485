//! A file of gigabytes costs what its header costs.
#![allow(clippy::unwrap_used)]

use inventar_plugin_model_files::bytes::ReadAt;
use inventar_plugin_model_files::format;
use inventar_plugin_model_files::model::Model;
use std::cell::Cell;

/// Some bytes in a sea of zeros.
struct Sparse {
    parts: Vec<(u64, Vec<u8>)>,
    size: u64,
    read: Cell<u64>,
}

impl ReadAt for Sparse {
    fn size(&self) -> u64 {
        self.size
    }
    fn read_at(&self, offset: u64, len: usize) -> Vec<u8> {
        let end = offset.saturating_add(len as u64).min(self.size);
        let mut out = vec![0; end.saturating_sub(offset) as usize];
        self.read.set(self.read.get() + out.len() as u64);
        for (start, bytes) in &self.parts {
            let (from, to) = (offset.max(*start), end.min(start + bytes.len() as u64));
            if from < to {
                out[(from - offset) as usize..(to - offset) as usize]
                    .copy_from_slice(&bytes[(from - start) as usize..(to - start) as usize]);
            }
        }
        out
    }
}

fn check(parts: Vec<(u64, Vec<u8>)>, size: u64, most: u64) -> Model {
    let bytes = Sparse { parts, size, read: Cell::new(0) };
    let model = format::read(&bytes);
    assert!(bytes.read.get() <= most, "{}: {} of {size} bytes were read", model.format, bytes.read.get());
    assert_eq!(*model.flags, [], "{}", model.format);
    assert_eq!(model.unread, [], "{}", model.format);
    model
}

const GIB: u64 = 1 << 30;

#[test]
fn safetensors() {
    let header = format!(r#"{{"w":{{"dtype":"F16","shape":[{}],"data_offsets":[0,{}]}}}}"#, GIB, 2 * GIB);
    let file = [&(header.len() as u64).to_le_bytes()[..], header.as_bytes()].concat();
    let size = file.len() as u64 + 2 * GIB;
    assert_eq!(check(vec![(0, file)], size, 128 << 10).number("parameters"), Some(GIB));
}

#[test]
fn gguf_with_a_vocabulary() {
    let text = |text: &str| [&(text.len() as u64).to_le_bytes()[..], text.as_bytes()].concat();
    let mut file = b"GGUF\x03\0\0\0".to_vec();
    file.extend(1u64.to_le_bytes());
    file.extend(1u64.to_le_bytes());
    file.extend(text("tokenizer.ggml.tokens"));
    file.extend([9u32.to_le_bytes(), 8u32.to_le_bytes()].concat());
    file.extend(128_000u64.to_le_bytes());
    for at in 0..128_000 {
        file.extend(text(&format!("token{at}")));
    }
    file.extend(text("w"));
    file.extend(1u32.to_le_bytes());
    file.extend(GIB.to_le_bytes());
    file.extend(1u32.to_le_bytes());
    file.extend(0u64.to_le_bytes());
    let most = file.len() as u64 + (1 << 20);
    let size = file.len() as u64 + 2 * GIB + 32;
    let model = check(vec![(0, file)], size, most);
    assert_eq!((model.number("vocab_size"), model.number("parameters")), (Some(128_000), Some(GIB)));
}

#[test]
fn onnx_with_its_weights_inside() {
    fn varint(mut number: u64) -> Vec<u8> {
        let mut out = vec![];
        while number >= 0x80 {
            out.push(number as u8 | 0x80);
            number >>= 7;
        }
        out.push(number as u8);
        out
    }
    let field = |number: u64, len: u64| [varint(number << 3 | 2), varint(len)].concat();
    let dims = [vec![0x08], varint(GIB / 4), vec![0x10, 1]].concat();
    let raw = field(9, GIB);
    let tensor = dims.len() as u64 + raw.len() as u64 + GIB;
    let in_graph = field(5, tensor);
    let graph = in_graph.len() as u64 + tensor;
    let file = [vec![0x08, 8], field(7, graph), in_graph, dims, raw].concat();
    let size = file.len() as u64 + GIB;
    let model = check(vec![(0, file)], size, 512 << 10);
    assert_eq!((model.format, model.number("parameters")), ("onnx", Some(GIB / 4)));
}

#[test]
fn pickle_with_bytes() {
    let mut file = b"\x80\x05\x8e".to_vec();
    file.extend(GIB.to_le_bytes());
    let end = file.len() as u64 + GIB;
    let model = check(vec![(0, file), (end, b".".to_vec())], end + 1, 512 << 10);
    assert_eq!((model.format, model.verdict()), ("pickle", Some("benign")));
}

#[test]
fn numpy() {
    let header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({},), }}", GIB / 4);
    let file = [b"\x93NUMPY\x01\0", &(header.len() as u16).to_le_bytes()[..], header.as_bytes()].concat();
    let size = file.len() as u64 + GIB;
    check(vec![(0, file)], size, 128 << 10);
}

#[test]
fn torch_archive() {
    let local = |name: &str, size: u32| {
        let mut out = b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0".to_vec();
        out.extend(0u32.to_le_bytes());
        out.extend([size.to_le_bytes(), size.to_le_bytes()].concat());
        out.extend([(name.len() as u16).to_le_bytes(), [0, 0]].concat());
        out.extend(name.as_bytes());
        out
    };
    let central = |name: &str, size: u32, crc: u32, at: u32| {
        let mut out = b"PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0\0\0".to_vec();
        out.extend(crc.to_le_bytes());
        out.extend([size.to_le_bytes(), size.to_le_bytes()].concat());
        out.extend((name.len() as u16).to_le_bytes());
        out.extend([0; 12]);
        out.extend(at.to_le_bytes());
        out.extend(name.as_bytes());
        out
    };
    let pickle = b"\x80\x02N.";
    let mut front = local("m/data.pkl", pickle.len() as u32);
    front.extend(pickle);
    let tensor_at = front.len() as u32;
    front.extend(local("m/data/0", GIB as u32));
    let directory_at = front.len() as u64 + GIB;
    let crc = crc32(pickle);
    let mut back = central("m/data.pkl", pickle.len() as u32, crc, 0);
    back.extend(central("m/data/0", GIB as u32, 0, tensor_at));
    let len = back.len() as u32;
    back.extend(b"PK\x05\x06\0\0\0\0\x02\0\x02\0");
    back.extend(len.to_le_bytes());
    back.extend((directory_at as u32).to_le_bytes());
    back.extend([0, 0]);
    let size = directory_at + back.len() as u64;
    let model = check(vec![(0, front), (directory_at, back)], size, 1 << 20);
    assert_eq!((model.format, model.verdict()), ("pytorch-zip", Some("benign")));
}

/// CRC-32 bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = !0u32;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    !crc
}
