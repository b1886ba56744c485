//! The suite for languages that are read as tokens: Go, those of the JVM and of .NET, Rust.
//!
//! ```text
//! const SAMPLES: &[Sample] = &[("a.go", "package main …")];
//!
//! #[test] fn cut_anywhere()         { code::cut_anywhere::<Go>(SAMPLES) }
//! #[test] fn hostile_files()        { code::hostile_files::<Go>(SAMPLES) }
//! #[test] fn bytes_that_are_no_text() { code::bytes_that_are_no_text::<Go>(SAMPLES) }
//! #[test] fn any_pieces()           { code::any_pieces::<Go>(SAMPLES, &["openai.", …]) }
//! ```

use crate::{cut_everywhere, holds, within};
use inventar_plugin_sdk::Detector;
use std::time::Duration;

/// A path, and code in which the detector finds something.
pub type Sample = (&'static str, &'static str);

/// Each sample says something, and survives any cut.
#[track_caller]
pub fn cut_anywhere<D: Detector>(samples: &[Sample]) {
    for (path, code) in samples {
        assert!(!holds::<D>(path, code.as_bytes()).assets.is_empty(), "{path}");
        cut_everywhere::<D>(path, code, 3);
    }
}

/// Long lines, long chains, deep nesting, what never ends: each costs no more than its bytes.
#[track_caller]
pub fn hostile_files<D: Detector>(samples: &[Sample]) {
    let (path, code) = samples[0];
    let again = |text: &str, times: usize| format!("{code}\n{}", text.repeat(times));
    let nested =
        |open: &str, close: &str| format!("{code}\nx = {}{}", open.repeat(100_000), close.repeat(100_000));
    for text in [
        again("x", 900_000),
        again("f(\"gpt-4o\", \"gpt-4o\");\n", 30_000),
        again("model = model + model;\n", 40_000),
        format!("{code}\nx := a{};\n", ".model(\"gpt-4o\")".repeat(50_000)),
        "\"".repeat(300_000),
        "r#".repeat(300_000),
        "$\"{".repeat(200_000),
        "a<".repeat(300_000),
        "[A(\"x\")]\n@B(\"y\")\n#[c(d)]\n".repeat(20_000),
        "class A { void f(int a, int b) { } func g(x int) {} fn h(x: u8) {} }\n".repeat(8_000),
        nested("(", ")"),
        nested("{", "}"),
        nested("f(", ")"),
        nested("[", ""),
        nested("/*", ""),
        nested("x ? (", ")"),
        nested("X{a: ", "}"),
    ] {
        within::<D>(Duration::from_secs(20), path, &text);
    }
}

/// A byte that is not UTF-8 or a mark in front changes nothing; a file that is no text says nothing.
#[track_caller]
pub fn bytes_that_are_no_text<D: Detector>(samples: &[Sample]) {
    let (path, code) = samples[0];
    let n_assets = holds::<D>(path, code.as_bytes()).assets.len();
    let mut latin = code.as_bytes().to_vec();
    latin.extend(b"\n// caf\xe9\n");
    assert_eq!(holds::<D>(path, &latin).assets.len(), n_assets);
    let mut marked = b"\xef\xbb\xbf".to_vec();
    marked.extend(code.as_bytes());
    assert_eq!(holds::<D>(path, &marked).assets.len(), n_assets);
    assert!(holds::<D>(path, b"\xff\xfe\x00").assets.is_empty());
    assert_eq!(holds::<D>(path, b"\xff\x00").gaps.len(), 1);
}

/// Pieces of code around AI, those of the language among them, and any bytes.
#[track_caller]
pub fn any_pieces<D: Detector>(samples: &[Sample], own: &[&'static str]) {
    let paths: Vec<&'static str> = samples.iter().map(|(path, _)| *path).collect();
    let pieces: Vec<&'static str> = own.iter().chain(PIECES).copied().collect();
    crate::any_pieces::<D>(&paths, &pieces);
    crate::any_bytes::<D>(&paths, 400);
}

/// What all these languages are made of.
const PIECES: &[&str] = &[
    "\"gpt-4o\"",
    "\"You are a helpful assistant. Answer the question.\"",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "<",
    ">",
    ".",
    "::",
    "=",
    ":=",
    ":",
    ";",
    ",",
    "\n",
    " ",
    "x",
    "model",
    "Model",
    "system",
    "role",
    "\"system\"",
    "content",
    "return ",
    "new ",
    "func ",
    "fn ",
    "class ",
    "if ",
    "else ",
    "+",
    "??",
    "?",
    "\"",
    "'",
    "`",
    "$\"{",
    "}\"",
    "#",
    "@",
    "!",
    "&",
    "*",
    "=>",
    "->",
    "os.Getenv(",
    "std::env::var(",
    "\"OPENAI_API_KEY\"",
    "\"https://api.openai.com/v1\"",
    "\\",
    "é",
    "\"\"\"",
];
