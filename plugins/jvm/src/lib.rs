//! Finds AI in Java and Kotlin code.
//!
//! The tokens of a file, and a light structure over them, come from `inventar-tokens`, and so does what all its languages
//! judge alike. This plugin knows what the libraries of its language are called and what they make (`rules`), and which
//! library of a build brings a module that code imports (`declared`).
//!
//! ```
//! use inventar_plugin_jvm::Jvm;
//! use inventar_plugin_sdk::{Detector, File, NoSettings};
//!
//! let file = File::of("App.java", "import dev.langchain4j.model.openai.OpenAiChatModel;\nclass App { Object m = OpenAiChatModel.builder().modelName(\"gpt-4o\").build(); }");
//! let answer = Jvm::scan(&NoSettings::default(), &file);
//! let seen: Vec<(&str, &str)> = answer.assets.iter().map(|asset| (&*asset.kind, &*asset.name)).collect();
//! assert_eq!(seen, [("sdk", "dev.langchain4j:langchain4j-open-ai"), ("model-reference", "gpt-4o")]);
//! ```

mod declared;
mod rules;

use inventar_plugin_sdk::{Answer, Detector, File, LinkingDetector, NoSettings, Subject};
use inventar_tokens::language;

/// The plugin.
#[derive(Debug)]
pub struct Jvm;

impl Detector for Jvm {
    type Settings = NoSettings;

    fn scan(_settings: &NoSettings, file: &File) -> Answer {
        if declared::is_build(file.name()) {
            return file.text().map(declared::libraries).unwrap_or_default();
        }
        let language = match file.name().rsplit('.').next().unwrap_or_default() {
            "kt" | "kts" => &language::KOTLIN,
            "scala" => &language::SCALA,
            "groovy" => &language::GROOVY,
            _ => &language::JAVA,
        };
        let mut answer = inventar_tokens::inspect(file, language, &rules::DIALECT);
        declared::ask(&file.path, &mut answer);
        answer
    }
}

impl LinkingDetector for Jvm {
    fn link(_settings: &NoSettings, subject: &Subject) -> Answer {
        declared::link(subject)
    }
}

inventar_plugin_sdk::linking_detector!(Jvm);
