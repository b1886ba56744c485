//! A lock of 20 MB, in the sandbox, within the memory that the manifest asks for.

use std::fmt::Write as _;
use std::fs;

#[test]
fn a_large_lock_is_read_in_the_sandbox() {
    let plugin = inventar_testkit::load(env!("CARGO_MANIFEST_DIR").as_ref()).expect("the plugin builds");
    let tree = tempfile::tempdir().expect("a folder");
    fs::write(tree.path().join("package.json"), r#"{"dependencies": {"openai": "^4.0.0"}}"#)
        .expect("written");
    let mut lock = String::from("{\n  \"lockfileVersion\": 3,\n  \"packages\": {\n");
    for number in 0..90_000 {
        let _ = write!(
            lock,
            "    \"node_modules/package-{number}\": {{\n      \"version\": \"1.{number}.0\",\n      \"resolved\": \"https://registry.npmjs.org/package-{number}/-/package-{number}-1.{number}.0.tgz\",\n      \"license\": \"MIT\"\n    }},\n"
        );
    }
    lock.push_str("    \"node_modules/openai\": {\n      \"version\": \"4.104.0\"\n    }\n  }\n}\n");
    assert!(lock.len() > 15 << 20);
    fs::write(tree.path().join("package-lock.json"), &lock).expect("written");

    let outcome = inventar_testkit::scan(&plugin, "", tree.path(), |_| ()).expect("the scan ends");
    let inventory = inventar_testkit::inventory(&outcome);
    assert!(inventory.gaps.is_empty(), "{:?}", inventory.gaps);
    let versions: Vec<Option<&str>> = inventory
        .assets
        .iter()
        .map(|asset| asset.version.as_ref().and_then(|version| version.exact()))
        .collect();
    assert_eq!(versions, [Some("4.104.0")]);
}
