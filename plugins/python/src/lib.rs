//! Finds AI in Python code.
//!
//! What is found, and how, is [`inventar_python`]'s, which notebooks share; here it becomes a plugin.
//!
//! ```
//! use inventar_plugin_python::Python;
//! use inventar_plugin_sdk::{Detector, File, NoSettings};
//!
//! let file = File::of("app.py", "from openai import OpenAI\nOpenAI().responses.create(model='gpt-4o', input='hi')\n");
//! let answer = Python::scan(&NoSettings::default(), &file);
//! let seen: Vec<(&str, &str)> = answer.assets.iter().map(|asset| (&*asset.kind, &*asset.name)).collect();
//! assert_eq!(seen, [("sdk", "openai"), ("model-reference", "gpt-4o")]);
//! ```

use inventar_plugin_sdk::{Answer, Detector, File, LinkingDetector, NoSettings, Subject};

/// The plugin.
#[derive(Debug)]
pub struct Python;

impl Detector for Python {
    type Settings = NoSettings;

    fn scan(_settings: &NoSettings, file: &File) -> Answer {
        inventar_python::scan(file)
    }
}

impl LinkingDetector for Python {
    fn link(_settings: &NoSettings, subject: &Subject) -> Answer {
        inventar_python::link(subject)
    }
}

inventar_plugin_sdk::linking_detector!(Python);
