//! One token scanner for many languages, and what their detectors ask of a file.
//!
//! Go, Java, Kotlin, Scala, Groovy, C#, F#, Visual Basic and Rust write strings, comments, calls and declarations alike
//! enough that a table says the rest ([`language`]). From the tokens one pass makes a light structure, no syntax tree:
//!
//! ```text
//! text ── scan ──► tokens ── outline ──► imports · declarations · calls · named values · marks
//!                                              │
//!                                            flow ──► "what may stand here?", "what does this path lead to?"
//!                                              │
//!                look: libraries · marks and bases · what calls make · named places · messages · texts · keys · edges
//! ```
//!
//! A detector brings a [`rules::Dialect`]: what the libraries of its language are called and what they make.
//! [`inspect`] reads a file with it. Whether a text is a model, a prompt or an endpoint is decided by where its value
//! flows; the judgement itself is that of `inventar-analysis`, as for every other language.
//!
//! ```
//! use inventar_plugin_sdk::File;
//! use inventar_tokens::rules::{Dialect, Rule};
//! use inventar_tokens::{calls, inspect, language};
//!
//! const CALLS: &[Rule] = calls! { "NewTool", "mark3labs/mcp-go" => Tool, "name"; };
//! const DIALECT: Dialect = Dialect::new(CALLS, &[], &[]);
//!
//! let code = "package a\nimport \"github.com/mark3labs/mcp-go/mcp\"\nvar add = mcp.NewTool(\"add\")\n";
//! let answer = inspect(&File::of("a.go", code), &language::GO, &DIALECT);
//! let seen: Vec<&str> = answer.assets.iter().map(|asset| &*asset.name).collect();
//! assert_eq!(seen, ["github.com/mark3labs/mcp-go", "add"]);
//! ```
//!
//! | part | what it is |
//! |---|---|
//! | [`language`] | a table per language: strings, comments, what begins a declaration |
//! | [`scan`] | text to tokens, with the partner of every bracket |
//! | [`text`] | what a string says: without quotes and escapes, `{}` for its values |
//! | [`outline`] | tokens to imports, declarations, calls, named values, marks |
//! | [`rules`] | the tables that a detector brings |
//! | [`inspect`] | a file's answer |
//!
//! Everything is linear in the text: brackets are jumped over, looks ahead and back are bounded, values are followed
//! over a few names and within a budget for the file. Nothing recurses deeper than that.

mod flow;
pub mod language;
mod look;
mod names;
pub mod outline;
pub mod rules;
pub mod scan;
pub mod text;

pub use look::inspect;
