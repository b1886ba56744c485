//! Prints what the plugin says of the files of a folder, natively and without a host: `look_at_rust FOLDER [--json]`.

use inventar_plugin_rust::Rust;
use inventar_trial::look;

fn main() -> std::io::Result<()> {
    look::detector::<Rust>(|path, _| look::has_ending(path, &["rs"]))
}
