//! What the manifest claims: models by their first bytes, whatever they are called, and no ordinary file.
#![allow(clippy::unwrap_used)]

use std::path::Path;

struct Magic {
    offset: usize,
    bytes: Vec<u8>,
}

/// The magic of every claim that has no globs.
fn magics() -> Vec<Magic> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("plugin.toml")).unwrap();
    let manifest: toml::Table = text.parse().unwrap();
    let claims = manifest["claim"].as_array().unwrap();
    let everywhere = claims.iter().filter(|claim| claim.get("globs").is_none());
    everywhere
        .flat_map(|claim| claim["magic"].as_array().unwrap())
        .map(|magic| {
            let hex = magic["bytes"].as_str().unwrap();
            let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
            Magic {
                offset: magic["offset"].as_integer().unwrap() as usize,
                bytes: (0..hex.len()).step_by(2).map(byte).collect(),
            }
        })
        .collect()
}

fn is_claimed(head: &[u8]) -> bool {
    magics().iter().any(|magic| head.get(magic.offset..).is_some_and(|rest| rest.starts_with(&magic.bytes)))
}

#[test]
fn models_under_any_name() {
    for head in [
        &b"GGUF\x03\0\0\0"[..],
        b"\x80\x04\x95\x1d\0",
        b"\x80\x02cos\nsystem\n",
        b"\x80\x02}q\0",
        b"\x80\x02\x8a\x0al\xfc",
        b"cos\nsystem\n(S'true'\ntR.",
        b"cposix\nsystem\n",
        b"c__builtin__\neval\n",
        b"csklearn.svm\nSVC\n",
        b"ccopy_reg\n_reconstructor\n",
        b"(dp0\nS'a'\n",
        b"(lp0\n",
        b"(ios\nsystem\n",
        b"]q\0(K\x01",
        b"PK\x03\x04\x14\0",
        b"7z\xbc\xaf\x27\x1c\0\x04",
        b"\x1f\x8b\x08\0",
        b"\x78\x9c\x6b",
        b"\xfd7zXZ\0",
        b"\x93NUMPY\x01\0",
        b"\x89HDF\r\n\x1a\n",
        b"\x1c\0\0\0TFL3",
        b"\x40\0\0\0\0\0\0\0{\"",
        b"\x08\x08\x12\x07pytorch",
        b"CBM1",
        b"tree\nversion=v4\n",
    ] {
        assert!(is_claimed(head), "{}", head.escape_ascii());
    }
    assert!(is_claimed(&[&[0; 257][..], b"ustar\0"].concat()));
}

#[test]
fn ordinary_files_are_not_opened() {
    for head in [
        &b"import os\n"[..],
        b"#!/bin/sh\n",
        b"{\n  \"name\": \"app\"",
        b"<?xml version=\"1.0\"?>",
        b"<!DOCTYPE html>",
        b"# Title\n",
        b"class Net:\n",
        b"const x = 1;\n",
        b"copyright 2026\n",
        b"(function () {\n",
        b"(defn main [])\n",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0",
        b"%PDF-1.7",
        b"package main\n",
        b"\n\n",
        b"",
    ] {
        assert!(!is_claimed(head), "{}", head.escape_ascii());
    }
}
