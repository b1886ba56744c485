//! Finds AI in C#, F# and Visual Basic code.
//!
//! The tokens of a file, and a light structure over them, come from `inventar-tokens`, and so does what all its languages
//! judge alike. This plugin knows what the libraries of its language are called and what they make: `rules`.
//!
//! ```
//! use inventar_plugin_dotnet::Dotnet;
//! use inventar_plugin_sdk::{Detector, File, NoSettings};
//!
//! let file = File::of("App.cs", "using OpenAI.Chat;\nvar client = new ChatClient(\"gpt-4o\", key);");
//! let answer = Dotnet::scan(&NoSettings::default(), &file);
//! let seen: Vec<(&str, &str)> = answer.assets.iter().map(|asset| (&*asset.kind, &*asset.name)).collect();
//! assert_eq!(seen, [("sdk", "OpenAI"), ("model-reference", "gpt-4o")]);
//! ```

mod rules;

use inventar_plugin_sdk::{Answer, Detector, File, NoSettings};
use inventar_tokens::language;

/// The plugin.
#[derive(Debug)]
pub struct Dotnet;

impl Detector for Dotnet {
    type Settings = NoSettings;

    fn scan(_settings: &NoSettings, file: &File) -> Answer {
        let language = match file.name().rsplit('.').next().unwrap_or_default() {
            "fs" | "fsx" => &language::FSHARP,
            "vb" => &language::VISUAL_BASIC,
            _ => &language::CSHARP,
        };
        inventar_tokens::inspect(file, language, &rules::DIALECT)
    }
}

inventar_plugin_sdk::detector!(Dotnet);
