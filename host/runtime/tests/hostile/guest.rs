//! From WebAssembly text to a plugin, and what every fall is checked for.

use inventar_runtime::{
    Blob, Candidate, Content, Fault, FaultKind, InUse, Limits, Manifest, Plugin, Runtime, RuntimeConfig,
    Trust, pack,
};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

pub(crate) const SCAN: &str = "inventar:discovery/detect@0.1.0#scan";
pub(crate) const LINK: &str = "inventar:discovery/link@0.1.0#link";

/// Where a guest's static data starts; the result of `scan` lies there.
pub(crate) const BASE: u32 = 1024;

/// Answers nothing, and properly: `ok([])`.
pub(crate) const NOTHING: &str = "(i32.store8 (i32.const 1024) (i32.const 0)) \
    (i32.store (i32.const 1028) (i32.const 0)) (i32.store (i32.const 1032) (i32.const 0)) (i32.const 1024)";

const BUMP: &str = r#"
    (global $next (mut i32) (i32.const 1572864))
    (func (export "cabi_realloc") (param $old i32) (param $had i32) (param $align i32) (param $size i32) (result i32)
        (local $at i32)
        (local.set $at (i32.and (i32.add (global.get $next) (i32.const 15)) (i32.const -16)))
        (global.set $next (i32.add (local.get $at) (local.get $size)))
        (local.get $at))
"#;

const IMPORTS: &str = r#"
    (import "inventar:discovery/log@0.1.0" "write" (func $log (param i32 i32 i32)))
    (import "inventar:discovery/blobs@0.1.0" "[method]blob.read" (func $read (param i32 i64 i32 i32)))
    (import "inventar:discovery/blobs@0.1.0" "[method]blob.size" (func $size (param i32) (result i64)))
    (import "inventar:discovery/blobs@0.1.0" "[resource-drop]blob" (func $drop (param i32)))
"#;

/// A module whose `scan` has this body; `$batch` points at the candidates.
pub(crate) fn scanning(body: &str) -> String {
    module(BUMP, "", body)
}

/// The same with more definitions.
pub(crate) fn scanning_with(extra: &str, body: &str) -> String {
    module(BUMP, extra, body)
}

/// The same with its own `cabi_realloc`.
pub(crate) fn allocating(realloc: &str) -> String {
    let realloc = format!(
        "(func (export \"cabi_realloc\") (param $old i32) (param $had i32) (param $align i32) (param $size i32) (result i32) {realloc})"
    );
    module(&realloc, "", NOTHING)
}

fn module(realloc: &str, extra: &str, body: &str) -> String {
    format!(
        r#"(module {IMPORTS} (memory (export "memory") 32) {realloc} {extra}
        (func $scan (export "{SCAN}") (param $settings i32) (param i32) (param $batch i32) (param $count i32) (result i32) {body}))"#
    )
}

pub(crate) fn manifest(world: &str) -> Manifest {
    let toml = format!(
        "schema = 1\nid = \"hostile/guest\"\nversion = \"0.1.0\"\nworld = \"{world}\"\ndescription = \"A guest\"\n\
         kinds = [\"sdk\"]\n[[claim]]\nname = \"all\"\nglobs = [\"**\"]\n"
    );
    Manifest::from_toml(&toml, |_| Err(io::ErrorKind::NotFound.into()))
        .expect("the manifest of the tests is valid")
}

/// A core module with the description of its world; `wit` is added to the contract's own package.
pub(crate) fn described(wat: &str, world: &str, more_wit: &str) -> Vec<u8> {
    let mut module = wat::parse_str(wat).unwrap_or_else(|error| panic!("{error}\n{wat}"));
    let mut resolve = Resolve::default();
    let contract = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../wit");
    let (mut package, _) = resolve.push_dir(contract).expect("the contract parses");
    if !more_wit.is_empty() {
        package = resolve.push_str("more.wit", more_wit).expect("the test's own WIT parses");
    }
    let world = resolve.select_world(&[package], Some(world)).expect("the world is there");
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)
        .expect("metadata is embedded");
    module
}

/// A component without a manifest.
pub(crate) fn bare(wat: &str, world: &str, more_wit: &str) -> Vec<u8> {
    let module = described(wat, world, more_wit);
    let encoder = ComponentEncoder::default().validate(true).module(&module);
    encoder.expect("the module suits its world").encode().expect("the component is made")
}

/// A packed detector.
pub(crate) fn component(wat: &str) -> Vec<u8> {
    pack(&described(wat, "detector", ""), &manifest("detector")).expect("the guest packs")
}

/// Limits that a hostile guest reaches at once.
pub(crate) fn low() -> Limits {
    Limits {
        compute: Duration::from_millis(30),
        compute_ceiling: Duration::from_millis(30),
        call: Duration::from_secs(600),
        tick: Duration::from_millis(1),
        memory_bytes: 4 << 20,
        memory_ceiling: 4 << 20,
        table_elements: 1_000,
        concurrent_calls: 2,
        hostcall_bytes: 256 << 10,
        host_calls: 2_000,
        handles: 4,
        blob_reads: 50,
        blob_bytes: 1 << 20,
        blob_read_bytes: 64 << 10,
        log_lines: 5,
        log_bytes: 1 << 10,
        log_line_bytes: 100,
        log_flood: 500,
        assets: 20,
        relations: 20,
        findings: 20,
        gaps: 20,
        evidence: 100,
        evidence_per_row: 20,
        ..Limits::default()
    }
}

pub(crate) fn runtime(limits: Limits) -> Runtime {
    Runtime::new(RuntimeConfig { limits, ..RuntimeConfig::default() }).expect("a runtime")
}

/// One small file.
pub(crate) fn file() -> Vec<Candidate> {
    vec![Candidate {
        path: "src/a.py".into(),
        hits: vec![],
        content: Content::Inline(b"import acme".to_vec()),
    }]
}

/// A large file of zeros that counts its readers, and how many of it there still are.
pub(crate) struct Zeros {
    pub(crate) size: u64,
    pub(crate) alive: Arc<AtomicUsize>,
    pub(crate) broken: bool,
}

impl Blob for Zeros {
    fn size(&self) -> u64 {
        self.size
    }

    fn read(&mut self, offset: u64, len: u32) -> io::Result<Vec<u8>> {
        if self.broken {
            return Err(io::Error::other("the disk is on fire"));
        }
        Ok(vec![0; self.size.saturating_sub(offset).min(u64::from(len)) as usize])
    }
}

impl Drop for Zeros {
    fn drop(&mut self) {
        self.alive.fetch_sub(1, Ordering::Relaxed);
    }
}

/// So many large files.
pub(crate) fn large(count: usize, alive: &Arc<AtomicUsize>, broken: bool) -> Vec<Candidate> {
    alive.fetch_add(count, Ordering::Relaxed);
    let blob = || Box::new(Zeros { size: 1 << 40, alive: Arc::clone(alive), broken });
    let candidate = |at| Candidate {
        path: format!("weights-{at}.bin"),
        hits: vec![],
        content: Content::Large { head: vec![0; 16], blob: blob() },
    };
    (0..count).map(candidate).collect()
}

/// A guest falls three times over the same limit; then another plugin answers and nothing is left of the first.
#[track_caller]
pub(crate) fn falls(wat: &str, kind: FaultKind) {
    falls_with(low(), &component(wat), kind, file);
}

#[track_caller]
pub(crate) fn falls_with(
    limits: Limits,
    component: &[u8],
    kind: FaultKind,
    batch: impl Fn() -> Vec<Candidate>,
) {
    let runtime = runtime(limits);
    let plugin = runtime.load(component, Trust::Unsigned).expect("the guest loads");
    for _ in 0..3 {
        let fault = plugin.scan("", batch()).expect_err("the guest answered");
        assert_eq!(fault.kind, kind, "{fault}");
        assert!(!fault.message.is_empty());
    }
    stands(&runtime);
}

/// A guest that hurts only itself: whatever it says, the host stands.
#[track_caller]
pub(crate) fn survives(component: &[u8]) -> Result<(), Fault> {
    let runtime = runtime(low());
    let plugin = runtime.load(component, Trust::Unsigned).expect("the guest loads");
    let result = plugin.scan("", file()).map(drop);
    stands(&runtime);
    result
}

/// Another plugin answers, and no slot is taken.
#[track_caller]
pub(crate) fn stands(runtime: &Runtime) {
    let good = good(runtime);
    let scanned = good.scan("", file()).expect("the good plugin still answers");
    assert_eq!(scanned.answers.len(), 1);
    assert!(scanned.answers[0].is_some(), "{:?}", scanned.problems);
    assert_eq!(runtime.in_use().unwrap_or_default(), InUse::default(), "something is left of a call");
}

/// A plugin that answers for its one file.
pub(crate) fn good(runtime: &Runtime) -> Plugin {
    let wat = crate::image::answering(|_, _| {});
    runtime.load(&component(&wat), Trust::Unsigned).expect("the good plugin loads")
}
