//! Prints what the plugin says of the Python files of a folder, natively and without a host:
//! `look_at_python FOLDER [--json]`.

use inventar_plugin_python::Python;
use inventar_trial::look;

/// The files it reads.
const ENDINGS: &[&str] = &["py"];

fn main() -> std::io::Result<()> {
    look::linking_detector::<Python>(|path, _| look::has_ending(path, ENDINGS))
}
