//! Prints what the plugin says of the JavaScript and TypeScript files of a folder, natively and without a host:
//! `look_at_javascript FOLDER [--json]`.

use inventar_plugin_javascript::JavaScript;
use inventar_trial::look;

/// The files it reads.
const ENDINGS: &[&str] = &["js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx", "vue", "svelte", "astro"];

fn main() -> std::io::Result<()> {
    look::linking_detector::<JavaScript>(|path, _| look::has_ending(path, ENDINGS))
}
