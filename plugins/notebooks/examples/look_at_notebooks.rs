//! Prints what the plugin says of the notebooks of a folder, natively and without a host: `look_at_notebooks FOLDER`.

use inventar_plugin_notebooks::Notebooks;
use inventar_trial::look;

fn main() -> std::io::Result<()> {
    look::detector::<Notebooks>(|path, _| look::has_ending(path, &["ipynb"]))
}
