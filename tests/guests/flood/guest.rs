//! Writes more log lines and rows than anybody can read.

use inventar_plugin_sdk::{Answer, Asset, Detector, File, Method, NoSettings, Usage, log};

#[derive(Debug)]
pub struct Flood;

impl Detector for Flood {
    type Settings = NoSettings;

    fn scan(_settings: &NoSettings, file: &File) -> Answer {
        let mut answer = Answer::default();
        if file.path.as_str().ends_with("lines.py") {
            for n in 0..200_000 {
                log::warn(&format!("line {n} of very many"));
            }
        }
        let rows = if file.path.as_str().ends_with("rows.py") { 400_000 } else { 1 };
        for n in 0..rows {
            let seen = file.evidence(0..1, "seen", Method::Matched, Usage::Runtime);
            answer.asset(Asset::new(format!("row-{n}"), "x-stories.seen", file.path.as_str()).seen(seen));
        }
        answer
    }
}

inventar_plugin_sdk::detector!(Flood);
