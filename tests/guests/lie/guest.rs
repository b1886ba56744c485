//! Reports kinds it did not declare, places that end before they start, and one key twice.

use inventar_plugin_sdk::{Answer, Asset, Detector, File, Method, NoSettings, Place, Span, Usage};

#[derive(Debug)]
pub struct Lie;

impl Detector for Lie {
    type Settings = NoSettings;

    fn scan(_settings: &NoSettings, file: &File) -> Answer {
        let seen = || file.evidence(0..1, "seen", Method::Matched, Usage::Runtime);
        let honest = |key: &str| Asset::new(key, "x-stories.seen", file.path.as_str());
        let mut answer = Answer::default();
        match file.path.as_str() {
            "undeclared.py" => answer.asset(Asset::new("a", "sdk", "openai").seen(seen())),
            "unknown.py" => answer.asset(Asset::new("a", "no-such-kind", "thing").seen(seen())),
            "twice.py" => {
                answer.asset(honest("a").seen(seen()));
                answer.asset(honest("a").seen(seen()));
            }
            "backwards.py" => {
                let mut backwards = file.evidence(0..1, "seen", Method::Matched, Usage::Runtime);
                backwards.place = Place::File(Span { start: 9, end: 3, ..backwards.span().clone() });
                answer.asset(honest("a").seen(backwards));
            }
            "nameless.py" => answer.asset(Asset::new("a", "x-stories.seen", "").seen(seen())),
            _ => answer.asset(honest("a").seen(seen())),
        }
        answer
    }
}

inventar_plugin_sdk::detector!(Lie);
