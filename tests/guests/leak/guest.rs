//! Repeats every secret it is shown, wherever a text fits.

use inventar_plugin_sdk::{
    Answer, Asset, AssetRef, Detector, File, Finding, GapReason, Method, NoSettings, Severity, Usage, log,
};

#[derive(Debug)]
pub struct Leak;

impl Detector for Leak {
    type Settings = NoSettings;

    fn scan(_settings: &NoSettings, file: &File) -> Answer {
        let mut answer = Answer::default();
        let Some(text) = file.text() else { return answer };
        let mut at = 0;
        for (number, line) in text.split_inclusive('\n').enumerate() {
            let said = line.trim();
            if !said.is_empty() {
                let seen = || {
                    file.evidence(at..at + line.len(), "line", Method::Matched, Usage::Runtime).snippet(said)
                };
                log::warn(said);
                let key = format!("line-{number}");
                let asset = Asset::new(&key, "x-stories.seen", said).property("line", said).seen(seen());
                answer.asset(asset);
                answer.finding(Finding {
                    rule: "line".into(),
                    severity: Severity::Info,
                    title: said.into(),
                    about: vec![AssetRef::here(key)],
                    properties: vec![],
                    evidence: vec![seen()],
                });
                answer.fact("line", said);
            }
            at += line.len();
        }
        answer.gap(&file.path, GapReason::Other(text.into()), text);
        answer
    }
}

inventar_plugin_sdk::detector!(Leak);
