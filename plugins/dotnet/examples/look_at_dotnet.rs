//! Prints what the plugin says of the files of a folder, natively and without a host: `look_at_dotnet FOLDER [--json]`.

use inventar_plugin_dotnet::Dotnet;
use inventar_trial::look;

fn main() -> std::io::Result<()> {
    look::detector::<Dotnet>(|path, _| look::has_ending(path, &["cs", "fs", "fsx", "vb"]))
}
