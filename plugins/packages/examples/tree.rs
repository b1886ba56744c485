//! Scans a folder with this plugin alone, in the sandbox: `cargo run -p inventar-plugin-packages --example tree -- FOLDER`.
#![allow(clippy::print_stdout)]

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("which folder?")?;
    let plugin = inventar_testkit::load(env!("CARGO_MANIFEST_DIR").as_ref())?;
    let outcome = inventar_testkit::scan(&plugin, "", folder.as_ref(), |_| ())?;
    print!("{}", inventar_testkit::listing(&inventar_testkit::inventory(&outcome)));
    Ok(())
}
