//! Panics on one file and is honest about the others.

use inventar_plugin_sdk::{Answer, Asset, Detector, File, Method, NoSettings, Usage};

#[derive(Debug)]
pub struct Trap;

impl Detector for Trap {
    type Settings = NoSettings;

    fn scan(_settings: &NoSettings, file: &File) -> Answer {
        assert!(!file.path.ends_with("poison.py"), "this file is poison to me");
        let mut answer = Answer::default();
        let seen = file.evidence(0..1, "seen", Method::Matched, Usage::Runtime);
        answer.asset(Asset::new("seen", "x-stories.seen", file.path.as_str()).seen(seen));
        answer
    }
}

inventar_plugin_sdk::detector!(Trap);
