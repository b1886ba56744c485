//! Prints what the plugin says of the files of a folder, natively and without a host: `look_at_jvm FOLDER [--json]`.

use inventar_plugin_jvm::Jvm;
use inventar_trial::look;

fn main() -> std::io::Result<()> {
    look::detector::<Jvm>(|path, _| look::has_ending(path, &["java", "kt", "kts", "scala", "groovy"]))
}
