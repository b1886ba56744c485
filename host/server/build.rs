//! Makes cargo notice that the console was built, rebuilt or removed.

fn main() {
    // Cargo rebuilds at every turn when it is told to watch something that does not exist.
    let watched =
        if std::path::Path::new("../../web/dist").exists() { "../../web/dist" } else { "../../web" };
    println!("cargo:rerun-if-changed={watched}");
    println!("cargo:rerun-if-changed=build.rs");
}
