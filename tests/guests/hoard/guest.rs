//! Takes memory until there is none.

use inventar_plugin_sdk::{Answer, Detector, File, NoSettings};

#[derive(Debug)]
pub struct Hoard;

impl Detector for Hoard {
    type Settings = NoSettings;

    fn scan(_settings: &NoSettings, _file: &File) -> Answer {
        let mut kept: Vec<Vec<u8>> = Vec::new();
        loop {
            kept.push(std::hint::black_box(vec![1; 1 << 20]));
        }
    }
}

inventar_plugin_sdk::detector!(Hoard);
