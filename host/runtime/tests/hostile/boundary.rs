//! The boundary between guest and host: pointers, lengths, discriminants, texts, handles, host calls.

use crate::guest::{
    NOTHING, allocating, component, falls, falls_with, file, large, low, runtime, scanning, scanning_with,
    stands, survives,
};
use crate::image::{Asset, Evidence, answering, returning, words};
use inventar_runtime::{FaultKind, Limits, LogLevel, Trust};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The handle of the first candidate's blob.
const HANDLE: &str = "(i32.load offset=32 (local.get $batch))";

/// Falls over a limit with one large file, which is let go.
#[track_caller]
fn falls_reading(body: &str, kind: FaultKind) {
    let alive = Arc::new(AtomicUsize::new(0));
    falls_with(low(), &component(&scanning(body)), kind, || large(1, &alive, false));
    assert_eq!(alive.load(Ordering::Relaxed), 0, "a file is still open");
}

#[test]
fn allocations() {
    falls(&allocating("(loop $l (br $l)) unreachable"), FaultKind::Compute);
    falls(&allocating("unreachable"), FaultKind::Trap);
    falls(&allocating("(i32.const -1)"), FaultKind::Abi);
    falls(&allocating("(i32.const 2097150)"), FaultKind::Abi);
    falls(&allocating("(i32.const 4097)"), FaultKind::Abi);
    falls(
        &allocating("(call $log (i32.const 1) (i32.const 0) (i32.const 1)) (i32.const 4096)"),
        FaultKind::Abi,
    );
    falls(&allocating("(loop $l (drop (memory.grow (i32.const 1))) (br $l)) unreachable"), FaultKind::Memory);
}

#[test]
fn an_allocator_that_gives_the_same_place_twice_hurts_its_guest() {
    let _ = survives(&component(&allocating("(i32.const 65536)")));
}

#[test]
fn result_pointers() {
    falls(&scanning("(i32.const -4)"), FaultKind::Abi);
    falls(&scanning("(i32.const 2097140)"), FaultKind::Abi);
    falls(&scanning("(i32.const 1025)"), FaultKind::Abi);
}

#[test]
fn lengths() {
    let list = |at: u32, len: u32| returning(move |_| [vec![0; 4], words(&[(at, len)])].concat());
    falls(&list(2048, u32::MAX), FaultKind::Abi);
    falls(&list(2048, u32::MAX / 52 + 1), FaultKind::Abi);
    falls(&list(2097000, 1_000), FaultKind::Abi);
    falls(&list(2049, 1), FaultKind::Abi);
    falls(&list(u32::MAX - 51, 1), FaultKind::Abi);
    // In bounds, and more than one return may carry.
    falls(&list(2048, 20_000), FaultKind::HostcallBytes);
}

#[test]
fn texts() {
    let problem = |bytes: &'static [u8]| {
        returning(move |image| {
            let text = image.bytes(bytes);
            [vec![1, 0, 0, 0], words(&[text, text])].concat()
        })
    };
    falls(&problem(b"\xff\xfe"), FaultKind::Abi);
    falls(&problem(b"\xed\xa0\x80"), FaultKind::Abi);
    falls(&problem(b"fine"), FaultKind::Problem);
    let lone = |len: u32| returning(move |_| [vec![1, 0, 0, 0], words(&[(2048, len), (2048, 0)])].concat());
    falls(&lone(1_000_000), FaultKind::HostcallBytes);
    falls(&lone(u32::MAX), FaultKind::Abi);
    falls(
        &scanning("(call $log (i32.const 1) (i32.const 0) (i32.const 1000000)) unreachable"),
        FaultKind::HostcallBytes,
    );
    falls(
        &scanning("(call $log (i32.const 1) (i32.const 2097151) (i32.const 2)) unreachable"),
        FaultKind::Abi,
    );
}

#[test]
fn discriminants() {
    falls(&returning(|_| vec![7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), FaultKind::Abi);
    falls(&scanning("(call $log (i32.const 99) (i32.const 0) (i32.const 1)) unreachable"), FaultKind::Abi);
    let evidence = |bend: fn(&mut Evidence)| {
        answering(move |image, answer| {
            let mut evidence = Evidence::default();
            bend(&mut evidence);
            answer.assets = image.assets(&[Asset { evidence: &[evidence], ..Asset::default() }]);
        })
    };
    falls(&evidence(|evidence| evidence.method = 6), FaultKind::Abi);
    falls(&evidence(|evidence| evidence.usage = 255), FaultKind::Abi);
    falls(&evidence(|evidence| evidence.place = 3), FaultKind::Abi);
    let version = answering(|image, answer| {
        answer.assets = image.assets(&[Asset { version: Some((3, "1")), ..Asset::default() }]);
    });
    falls(&version, FaultKind::Abi);
    let value = answering(|image, answer| answer.facts = image.properties(&[("a", 6, [0; 8])]));
    falls(&value, FaultKind::Abi);
}

#[test]
fn traps() {
    falls(&scanning("unreachable"), FaultKind::Trap);
    falls(&scanning("(i32.div_u (i32.const 1) (i32.const 0))"), FaultKind::Trap);
    falls(&scanning("(i32.load (i32.const -4))"), FaultKind::Trap);
    falls(&scanning("(memory.fill (i32.const 0) (i32.const 1) (i32.const -1)) unreachable"), FaultKind::Trap);
}

#[test]
fn after_the_return() {
    let post = |body: &str| {
        let extra = format!("(func (export \"cabi_post_{}\") (param i32) {body})", crate::guest::SCAN);
        scanning_with(&extra, NOTHING)
    };
    falls(&post("unreachable"), FaultKind::Trap);
    falls(&post("(loop $l (br $l))"), FaultKind::Compute);
    falls(&post("(call $log (i32.const 1) (i32.const 0) (i32.const 1))"), FaultKind::Abi);
}

#[test]
fn handles() {
    falls(&scanning("(drop (call $size (i32.const 12345))) unreachable"), FaultKind::Handles);
    falls(&scanning("(call $drop (i32.const 0)) unreachable"), FaultKind::Handles);
    falls_reading(&format!("(call $drop {HANDLE}) (call $drop {HANDLE}) unreachable"), FaultKind::Handles);
    falls_reading(
        &format!("(call $drop {HANDLE}) (drop (call $size {HANDLE})) unreachable"),
        FaultKind::Handles,
    );
    let read = "(i64.const 0) (i32.const 16) (i32.const 512)";
    falls_reading(
        &format!("(call $drop {HANDLE}) (call $read {HANDLE} {read}) unreachable"),
        FaultKind::Handles,
    );
}

#[test]
fn more_large_files_than_handles() {
    let alive = Arc::new(AtomicUsize::new(0));
    falls_with(low(), &component(&scanning(NOTHING)), FaultKind::Handles, || large(5, &alive, false));
    assert_eq!(alive.load(Ordering::Relaxed), 0);
}

#[test]
fn files_that_a_guest_keeps_or_falls_with_are_let_go() {
    falls_reading("unreachable", FaultKind::Trap);
    let alive = Arc::new(AtomicUsize::new(0));
    let runtime = runtime(low());
    let keeper = runtime.load(&component(&scanning(NOTHING)), Trust::Unsigned).unwrap();
    keeper.scan("", large(4, &alive, false)).unwrap();
    assert_eq!(alive.load(Ordering::Relaxed), 0);
    stands(&runtime);
}

#[test]
fn reads() {
    let forever = |offset: &str, len: &str| {
        // What is read lands behind the arguments, always at the same place.
        format!(
            "(loop $l (global.set $next (i32.const 1900000)) (call $read {HANDLE} (i64.const {offset}) (i32.const {len}) (i32.const 512)) (br $l)) unreachable"
        )
    };
    // Many small ones, and few that ask for everything there is.
    falls_reading(&forever("0", "1"), FaultKind::BlobBytes);
    falls_reading(&forever("0", "-1"), FaultKind::BlobBytes);
    falls_reading(&forever("-1", "-1"), FaultKind::BlobBytes);
    // Into the guest's own code's result, outside its memory.
    falls_reading(
        &format!("(call $read {HANDLE} (i64.const 0) (i32.const 16) (i32.const -8)) unreachable"),
        FaultKind::Abi,
    );
}

#[test]
fn a_file_that_cannot_be_read() {
    let alive = Arc::new(AtomicUsize::new(0));
    let read = format!("(call $read {HANDLE} (i64.const 0) (i32.const 16) (i32.const 512)) unreachable");
    falls_with(low(), &component(&scanning(&read)), FaultKind::Blob, || large(1, &alive, true));
    assert_eq!(alive.load(Ordering::Relaxed), 0);
}

#[test]
fn endless_cheap_calls() {
    falls_reading(
        &format!("(loop $l (drop (call $size {HANDLE})) (br $l)) unreachable"),
        FaultKind::HostCalls,
    );
    let log = "(loop $l (call $log (i32.const 1) (i32.const 0) (i32.const 1)) (br $l)) unreachable";
    falls(&scanning(log), FaultKind::Log);
    let patient = Limits { log_flood: u64::MAX, ..low() };
    falls_with(patient, &component(&scanning(log)), FaultKind::HostCalls, file);
}

#[test]
fn log_lines_are_counted_cut_and_redacted() {
    let secret = "\u{1b}[31mtoken ghp_0123456789abcdefghij0123456789abcdef";
    let bytes: String = secret.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    let extra = format!("(data (i32.const 4096) \"{bytes}\")");
    let lines = format!("(call $log (i32.const 3) (i32.const 4096) (i32.const {}))", secret.len());
    let long = "(call $log (i32.const 4) (i32.const 8192) (i32.const 2000))";
    let wat = scanning_with(&extra, &format!("{lines} {} {NOTHING}", long.repeat(9)));
    let plugin = runtime(low()).load(&component(&wat), Trust::Unsigned).unwrap();
    let log = plugin.scan("", vec![]).unwrap().log;
    assert_eq!(log[0].level, LogLevel::Warn);
    assert_eq!(log[0].message, "\u{fffd}[31mtoken ghp_…[redacted]");
    assert!(log[1].message.len() <= 100, "{:?}", log[1]);
    assert_eq!(log.len(), 6);
    assert_eq!(log[5].message, "5 more log lines were dropped");
}

#[test]
fn a_fall_keeps_what_was_logged_before() {
    let wat = scanning("(call $log (i32.const 3) (i32.const 4096) (i32.const 3)) unreachable");
    let plugin = runtime(low()).load(&component(&wat), Trust::Unsigned).unwrap();
    assert_eq!(plugin.scan("", file()).unwrap_err().log.len(), 1);
}
