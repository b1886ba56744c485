//! Every fixture, changed in a thousand ways: no reader panics, overflows or says more than it may.
#![allow(clippy::unwrap_used)]

use inventar_plugin_model_files::ModelFiles;
use inventar_plugin_sdk::{Content, Detector, File, Value};
use std::path::{Path, PathBuf};

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, out) } else { out.push(path) }
    }
}

/// xorshift: the same numbers everywhere.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below.max(1) as u64) as usize
    }
}

/// Bytes that readers trip over: ends of ranges, opcodes, quotes and braces.
const BYTES: &[u8] = &[0, 1, 0x7f, 0x80, 0xff, b'.', b'(', b'{', b'}', b'[', b'"', b'R', 0x93, 0x95, 8];

fn mutate(bytes: &mut Vec<u8>, numbers: &mut Numbers) {
    match numbers.next(6) {
        0 => bytes.truncate(numbers.next(bytes.len())),
        1 => {
            let at = numbers.next(bytes.len());
            let end = (at + 8).min(bytes.len());
            bytes[at..end].fill(0xff);
        }
        2 => {
            let (from, to) = (numbers.next(bytes.len()), numbers.next(bytes.len()));
            let part = bytes[from.min(to)..from.max(to)].to_vec();
            bytes.splice(to..to, part);
            bytes.truncate(1 << 16);
        }
        _ => {
            for _ in 0..=numbers.next(4) {
                let at = numbers.next(bytes.len());
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = BYTES[numbers.next(BYTES.len())];
                }
            }
        }
    }
}

fn check(path: &str, bytes: Vec<u8>, head: usize) {
    let content = if head == 0 { Content::Whole(bytes) } else { Content::Memory { head, bytes } };
    let answer = ModelFiles::scan(&Default::default(), &File::new(path, vec![], content));
    for asset in &answer.assets {
        assert!(!asset.evidence.is_empty() && asset.name.len() <= 512);
        for property in &asset.properties {
            let size = match &property.value {
                Value::Text(text) | Value::Json(text) => text.len(),
                Value::Texts(texts) => texts.iter().map(|text| text.len() + 1).sum(),
                _ => 0,
            };
            assert!(size <= 16 << 10, "{path}: {} has {size} bytes", property.name);
        }
    }
    assert!(answer.gaps.len() <= 64 && answer.findings.len() <= 2);
}

#[test]
fn mutated_fixtures() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut paths = vec![];
    files(&fixtures, &mut paths);
    paths.retain(|path| path.file_name().is_none_or(|name| name != "expected.txt"));
    paths.sort();
    assert!(paths.len() >= 20);
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    for path in paths {
        let seed = std::fs::read(&path).unwrap();
        let name = path.strip_prefix(&fixtures).unwrap().to_str().unwrap();
        for round in 0..300 {
            let mut bytes = seed.clone();
            for _ in 0..=numbers.next(3) {
                mutate(&mut bytes, &mut numbers);
            }
            check(name, bytes, if round % 3 == 0 { 16 } else { 0 });
        }
    }
}

#[test]
fn truncated_at_every_byte() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut paths = vec![];
    files(&fixtures, &mut paths);
    for path in paths {
        let bytes = std::fs::read(&path).unwrap();
        if path.file_name().is_some_and(|name| name == "expected.txt") || bytes.len() > 4096 {
            continue;
        }
        let name = path.strip_prefix(&fixtures).unwrap().to_str().unwrap();
        for end in 0..bytes.len() {
            check(name, bytes[..end].to_vec(), 0);
        }
    }
}

#[test]
fn hostile_content_ends_in_time() {
    let line = vec![b'{'; 5 << 20];
    let matches = "{{ x.__class__ }}".repeat(50_000);
    let templates = format!("{{\"chat_template\": \"{matches}\"}}");
    for name in [
        "model.bin",
        "tokenizer_config.json",
        "config.json",
        "chat_template.jinja",
        "README.md",
        "MLmodel",
        "m.pmml",
    ] {
        for bytes in [
            line.clone(),
            templates.clone().into_bytes(),
            matches.clone().into_bytes(),
            "[".repeat(1 << 20).into_bytes(),
            vec![0; 1 << 20],
            b"\xff\xfe{\0".repeat(1 << 16),
            [&b"---\n"[..], &b"- ".repeat(1 << 17)].concat(),
            [&b"\x80\x04"[..], &b"cos\nsystem\nN\x85R0".repeat(50_000)].concat(),
        ] {
            check(name, bytes, 0);
        }
    }
}
