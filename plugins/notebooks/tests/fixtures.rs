//! Every `fixtures/<case>/source`, scanned by the production host, against its `expected.txt`.

#[test]
fn fixtures() {
    inventar_testkit::fixtures(env!("CARGO_MANIFEST_DIR"));
}
