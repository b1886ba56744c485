//! Finds AI in Rust code.
//!
//! The tokens of a file, and a light structure over them, come from `inventar-tokens`, and so does what all its languages
//! judge alike. This plugin knows what the libraries of its language are called and what they make: `rules`.
//!
//! ```
//! use inventar_plugin_rust::Rust;
//! use inventar_plugin_sdk::{Detector, File, NoSettings};
//!
//! let file = File::of("app.rs", "use rig::providers::openai;\nfn f(c: openai::Client) { let a = c.completion_model(\"gpt-4o\"); }");
//! let answer = Rust::scan(&NoSettings::default(), &file);
//! let seen: Vec<(&str, &str)> = answer.assets.iter().map(|asset| (&*asset.kind, &*asset.name)).collect();
//! assert_eq!(seen, [("framework", "rig-core"), ("model-reference", "gpt-4o")]);
//! ```

mod rules;

use inventar_plugin_sdk::{Answer, Detector, File, NoSettings};
use inventar_tokens::language;

/// The plugin.
#[derive(Debug)]
pub struct Rust;

impl Detector for Rust {
    type Settings = NoSettings;

    fn scan(_settings: &NoSettings, file: &File) -> Answer {
        inventar_tokens::inspect(file, &language::RUST, &rules::DIALECT)
    }
}

inventar_plugin_sdk::detector!(Rust);
