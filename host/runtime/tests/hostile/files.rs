//! Files that are no plugin, or not the plugin they say.

use crate::guest::{
    NOTHING, bare, component, described, file, low, manifest, runtime, scanning, scanning_with, stands,
};
use inventar_runtime::{BundledPlugin, LoadError, PackError, Runtime, Trust, pack};
use proptest::prelude::*;
use wasm_encoder::{ComponentSection, CustomSection};

#[track_caller]
fn refused(bytes: &[u8], why: &str) -> LoadError {
    let error = runtime(low()).load(bytes, Trust::Unsigned).expect_err("it loaded");
    assert!(error.to_string().contains(why), "{error} should say {why:?}");
    error
}

fn with_section(mut component: Vec<u8>, name: &str, data: &[u8]) -> Vec<u8> {
    CustomSection { name: name.into(), data: data.into() }.append_to_component(&mut component);
    component
}

fn with_manifest(component: Vec<u8>, json: &str) -> Vec<u8> {
    with_section(component, "inventar:manifest", json.as_bytes())
}

fn plain() -> Vec<u8> {
    bare(&scanning(NOTHING), "detector", "")
}

/// A guest that calls a function of some interface beyond the contract.
fn reaching_out(wit: &str, module: &str, function: &str) -> Vec<u8> {
    let import = format!("(import \"{module}\" \"{function}\" (func $out))");
    let wat =
        scanning(&format!("(call $out) {NOTHING}")).replacen("(module", &format!("(module {import}"), 1);
    bare(&wat, "reaching", wit)
}

#[test]
fn what_is_no_component() {
    refused(b"", "an empty file");
    refused(b"(component)", "WebAssembly text");
    refused(b"PK\x03\x04", "a zip archive");
    refused(b"#!/bin/sh", "something else");
    refused(&described(&scanning(NOTHING), "detector", ""), "a core WebAssembly module");
    let compiled = runtime(low()).precompile(&plain()).unwrap();
    refused(&compiled, "compiled code");
}

#[test]
fn imports_beyond_the_contract() {
    let inside = "package inventar:test; world reaching { include inventar:discovery/detector@0.1.0; import out: interface { steal: func(); } }";
    let component = with_manifest(reaching_out(inside, "out", "steal"), &manifest("detector").to_json());
    assert!(matches!(refused(&component, "imports `out`"), LoadError::Import(_)));
    let wasi = "package inventar:test; world reaching { include inventar:discovery/detector@0.1.0; import wasi:sockets/tcp@0.2.0; } \
        package wasi:sockets@0.2.0 { interface tcp { connect: func(); } }";
    let component = with_manifest(
        reaching_out(wasi, "wasi:sockets/tcp@0.2.0", "connect"),
        &manifest("detector").to_json(),
    );
    refused(&component, "imports `wasi:sockets/tcp@0.2.0`");
    let next = "package inventar:test; world reaching { include inventar:discovery/detector@0.1.0; import inventar:discovery/log@0.2.0; } \
        package inventar:discovery@0.2.0 { interface log { steal: func(); } }";
    let component = with_manifest(
        reaching_out(next, "inventar:discovery/log@0.2.0", "steal"),
        &manifest("detector").to_json(),
    );
    assert!(matches!(refused(&component, "built for contract 0.2.0"), LoadError::Track { .. }));
}

#[test]
fn packing_refuses_what_loading_refuses() {
    let import = "(import \"inventar:discovery/sink@0.1.0\" \"progress\" (func $out (param i64 i32 i64)))";
    let wat = scanning(NOTHING).replacen("(module", &format!("(module {import}"), 1);
    let wit = "package inventar:test; world reaching { include inventar:discovery/detector@0.1.0; import inventar:discovery/sink@0.1.0; }";
    let error = pack(&described(&wat, "reaching", wit), &manifest("detector")).unwrap_err();
    assert!(matches!(error, PackError::Load(LoadError::Import(_))), "{error}");
    assert!(matches!(pack(b"\0asm", &manifest("detector")).unwrap_err(), PackError::Encode(_)));
    // Plain WASI, as a program for `wasm32-wasip1` has it.
    let import = "(import \"wasi_snapshot_preview1\" \"proc_exit\" (func $exit (param i32)))";
    let wat = scanning(NOTHING).replacen("(module", &format!("(module {import}"), 1);
    assert!(pack(&described(&wat, "detector", ""), &manifest("detector")).is_err());
}

#[test]
fn manifests() {
    let json = manifest("detector").to_json();
    assert!(matches!(refused(&plain(), "no manifest"), LoadError::NoManifest));
    let two = with_manifest(with_manifest(plain(), &json), &json);
    assert!(matches!(refused(&two, "2 manifests"), LoadError::Manifests(2)));
    refused(&with_section(plain(), "inventar:manifest", b"\xff"), "not UTF-8");
    refused(&with_manifest(plain(), "{"), "cannot read the manifest");
    refused(&with_manifest(plain(), &json.replace("\"schema\":1", "\"schema\":9")), "manifest schema 9");
    refused(&with_manifest(plain(), &" ".repeat(2 << 20)), "more than");
    // One inside a nested module is nobody's.
    let nested =
        scanning_with("", NOTHING).replacen("(module", "(module (@custom \"inventar:manifest\" \"{}\")", 1);
    refused(&bare(&nested, "detector", ""), "no manifest");
}

#[test]
fn worlds() {
    let linking = manifest("linking-detector").to_json();
    assert!(matches!(refused(&with_manifest(plain(), &linking), "is a `detector`"), LoadError::World { .. }));
    let json = linking.replace("linking-detector", "collector");
    refused(&with_manifest(plain(), &json), "a collector claims no files");
    let collector = r#"{"schema":1,"id":"a/b","version":"1.0.0","world":"collector","description":"d","kinds":[],"egress":[{"service":"s","hosts":["{endpoint}"],"operations":["List GET /"],"reason":"r"}]}"#;
    refused(&with_manifest(plain(), collector), "the manifest says `collector`");
    refused(&with_manifest(plain(), &collector.replace("egress", "ingress")), "may call nothing");
    let nothing = bare("(module)", "empty", "package inventar:test; world empty {}");
    refused(&with_manifest(nothing, &manifest("detector").to_json()), "no single world");
}

#[test]
fn features_beyond_what_rust_emits() {
    let json = manifest("detector").to_json();
    let with = |extra: &str| with_manifest(bare(&scanning_with(extra, NOTHING), "detector", ""), &json);
    for extra in [
        "(memory 1) (memory 1)",
        "(func (drop (v128.const i32x4 0 0 0 0)))",
        "(func (return_call $scan (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)) )",
        "(type $s (struct (field i32)))",
        "(tag $t)",
    ] {
        let wat = scanning_with(extra, NOTHING);
        // The encoder itself may refuse it first.
        let module = described(&wat, "detector", "");
        if pack(&module, &manifest("detector")).is_ok() {
            refused(&with(extra), "not valid");
        }
    }
}

#[test]
fn every_cut_of_a_component() {
    let component = component(&scanning(NOTHING));
    let runtime = runtime(low());
    for end in (0..component.len()).step_by(7) {
        assert!(runtime.load(&component[..end], Trust::Unsigned).is_err(), "cut at {end}");
    }
    stands(&runtime);
}

#[test]
fn bundled_code_that_does_not_fit_is_compiled_again() {
    let runtime = runtime(low());
    let component = component(&crate::image::answering(|_, _| {}));
    for code in [vec![], b"rubbish".to_vec(), component.clone(), other_settings(&component)] {
        let bundled = BundledPlugin::new(component.clone(), code).unwrap();
        let plugin = runtime.load_bundled(bundled);
        assert_eq!(plugin.trust(), Trust::Bundled);
        assert!(plugin.scan("", file()).unwrap().answers[0].is_some());
    }
    stands(&runtime);
}

/// The same component as an engine without epochs would compile it.
fn other_settings(component: &[u8]) -> Vec<u8> {
    wasmtime::Engine::default().precompile_component(component).unwrap()
}

#[test]
fn bundled_code_is_used_as_it_is() {
    let runtime = runtime(low());
    let [one, other] = [component(&crate::image::answering(|_, _| {})), component(&scanning("unreachable"))];
    // The component traps, its code does not: the code is what runs.
    let code = runtime.precompile(&one).unwrap();
    let plugin = runtime.load_bundled(BundledPlugin::new(other, code).unwrap());
    assert!(plugin.scan("", file()).is_ok());
}

fn load_and_ask(runtime: &Runtime, bytes: &[u8]) {
    if let Ok(plugin) = runtime.load(bytes, Trust::Unsigned) {
        let _ = plugin.scan("", file());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn flipped_bytes(flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut component = component(&crate::image::answering(|image, answer| {
            answer.assets = image.assets(&[crate::image::Asset::default()]);
        }));
        for (at, value) in flips {
            let at = at.index(component.len());
            component[at] = value;
        }
        let runtime = runtime(low());
        load_and_ask(&runtime, &component);
        stands(&runtime);
    }

    #[test]
    fn random_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let runtime = runtime(low());
        prop_assert!(runtime.load(&bytes, Trust::Unsigned).is_err());
        let header = [b"\0asm\x0d\0\x01\0".as_slice(), &bytes].concat();
        prop_assert!(runtime.load(&header, Trust::Unsigned).is_err());
    }
}
