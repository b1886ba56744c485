//! Prints what the plugin says of the files of a folder, natively and without a host: `settings FOLDER [--json]`.

use inventar_plugin_config::{Config, format::Reader};
use inventar_trial::look;

fn main() -> std::io::Result<()> {
    let literals: Vec<&str> = include_str!("../literals.txt").lines().collect();
    look::detector::<Config>(|path, content| {
        let text = String::from_utf8_lossy(content).to_lowercase();
        Reader::of(path).is_some()
            && content.len() <= 1 << 20
            && literals.iter().any(|literal| text.contains(literal))
    })
}
