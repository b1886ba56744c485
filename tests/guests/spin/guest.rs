//! Never comes back.

use inventar_plugin_sdk::{Answer, Detector, File, NoSettings, log};

#[derive(Debug)]
pub struct Spin;

impl Detector for Spin {
    type Settings = NoSettings;

    fn scan(_settings: &NoSettings, file: &File) -> Answer {
        log::warn(&format!("spinning on {}", file.path));
        let mut n: u64 = file.path.len() as u64;
        loop {
            n = std::hint::black_box(n.wrapping_mul(31).wrapping_add(7));
        }
    }
}

inventar_plugin_sdk::detector!(Spin);
