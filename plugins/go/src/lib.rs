//! Finds AI in Go code.
//!
//! The tokens of a file, and a light structure over them, come from `inventar-tokens`, and so does what all its languages
//! judge alike. This plugin knows what the libraries of its language are called and what they make: `rules`.
//!
//! ```
//! use inventar_plugin_go::Go;
//! use inventar_plugin_sdk::{Detector, File, NoSettings};
//!
//! let file = File::of("app.go", "package main\nimport openai \"github.com/sashabaranov/go-openai\"\nvar req = openai.ChatCompletionRequest{Model: openai.GPT4o}\n");
//! let answer = Go::scan(&NoSettings::default(), &file);
//! let seen: Vec<(&str, &str)> = answer.assets.iter().map(|asset| (&*asset.kind, &*asset.name)).collect();
//! assert_eq!(seen, [("sdk", "github.com/sashabaranov/go-openai"), ("model-reference", "gpt-4o")]);
//! ```

mod rules;

use inventar_plugin_sdk::{Answer, Detector, File, NoSettings};
use inventar_tokens::language;

/// The plugin.
#[derive(Debug)]
pub struct Go;

impl Detector for Go {
    type Settings = NoSettings;

    fn scan(_settings: &NoSettings, file: &File) -> Answer {
        inventar_tokens::inspect(file, &language::GO, &rules::DIALECT)
    }
}

inventar_plugin_sdk::detector!(Go);
