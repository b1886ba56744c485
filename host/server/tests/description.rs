//! The API description that the console's client is made from is the one that the program serves.

use std::path::Path;

#[test]
fn the_description_beside_the_console_is_current() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/src/api/openapi.json");
    let served = inventar_server::description() + "\n";
    if std::env::var_os("INVENTAR_UPDATE").is_some() {
        std::fs::write(&file, &served).expect("the description can be written");
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        kept == served,
        "web/src/api/openapi.json is not what the handlers say; run this test with INVENTAR_UPDATE=1, \
         then `npm run schema` in web/"
    );
}
