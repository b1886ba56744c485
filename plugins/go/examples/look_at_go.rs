//! Prints what the plugin says of the files of a folder, natively and without a host: `look_at_go FOLDER [--json]`.

use inventar_plugin_go::Go;
use inventar_trial::look;

fn main() -> std::io::Result<()> {
    look::detector::<Go>(|path, _| look::has_ending(path, &["go"]))
}
