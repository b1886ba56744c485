//! Any text is survived, keys stay unique, places stay inside the file.

use inventar_plugin_rust::Rust;
use inventar_trial::code::{self, Sample};

const SAMPLES: &[Sample] = &[(
    "a.rs",
    r####"use rig::{completion::Prompt, providers::openai};
const PREAMBLE: &str = r#"You are a "helpful" assistant. Answer the question."#;
fn main<'a>() {
    let client = openai::Client::new(&std::env::var("OPENAI_API_KEY").expect("key"));
    let agent = client.agent("gpt-4o").preamble(PREAMBLE).tool(Adder).build();
    let body = serde_json::json!({"model": "gpt-4o-mini", "messages": [{"role": "system", "content": "You are a poet, always."}]});
}
"####,
)];

/// Pieces of code around AI.
const PIECES: &[&str] = &[
    "use rig::providers::openai;\n",
    "client.agent(",
    "#[tool]",
    "impl Tool for X ",
    "let ",
    "r#\"",
    "\"#",
    "json!({",
];

#[test]
fn cut_anywhere() {
    code::cut_anywhere::<Rust>(SAMPLES);
}

#[test]
fn hostile_files() {
    code::hostile_files::<Rust>(SAMPLES);
}

#[test]
fn bytes_that_are_no_text() {
    code::bytes_that_are_no_text::<Rust>(SAMPLES);
}

#[test]
fn any_pieces() {
    code::any_pieces::<Rust>(SAMPLES, PIECES);
}
