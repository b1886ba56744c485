//! Time, memory, tables, instances, stack.

use crate::guest::{
    LINK, NOTHING, component, falls, falls_with, file, good, low, manifest, runtime, scanning, scanning_with,
    stands,
};
use inventar_runtime::{Candidate, FaultKind, InUse, Limits, LoadError, Trust, pack};
use std::time::Duration;
use wasm_encoder::{ComponentSection, InstanceSection, Module, ModuleArg, ModuleSection, RawSection};

#[test]
fn an_endless_loop() {
    falls(&scanning("(loop $l (br $l)) unreachable"), FaultKind::Compute);
}

#[test]
fn an_endless_loop_in_the_start_function() {
    let wat = scanning_with("(func $start (loop $l (br $l))) (start $start)", NOTHING);
    falls(&wat, FaultKind::Compute);
}

#[test]
fn an_endless_loop_against_the_clock_on_the_wall() {
    let limits = Limits {
        compute_ceiling: Duration::from_secs(600),
        compute: Duration::from_secs(600),
        call: Duration::from_millis(20),
        ..low()
    };
    falls_with(limits, &component(&scanning("(loop $l (br $l)) unreachable")), FaultKind::Call, file);
}

#[test]
fn endless_calls_of_itself_through_a_table() {
    let extra = "(table 2 funcref) (elem (i32.const 0) $spin) (type $t (func)) (func $spin (loop $l (call_indirect (type $t) (i32.const 1)) (br $l)))";
    falls(&scanning_with(extra, "(call $spin) unreachable"), FaultKind::Trap);
}

#[test]
fn a_manifest_cannot_ask_for_more_than_the_ceiling() {
    let mut manifest = manifest("detector");
    manifest.limits.compute_ms = Some(600_000);
    manifest.limits.memory_mib = Some(4096);
    let module = |wat: &str| crate::guest::described(wat, "detector", "");
    let spinning = pack(&module(&scanning("(loop $l (br $l)) unreachable")), &manifest).unwrap();
    falls_with(low(), &spinning, FaultKind::Compute, file);
    let hoarding = scanning("(loop $l (drop (memory.grow (i32.const 1))) (br $l)) unreachable");
    falls_with(low(), &pack(&module(&hoarding), &manifest).unwrap(), FaultKind::Memory, file);
}

#[test]
fn a_manifest_may_ask_for_less() {
    let mut manifest = manifest("detector");
    manifest.limits.memory_mib = Some(3);
    let module =
        crate::guest::described(&scanning("(drop (memory.grow (i32.const 20))) unreachable"), "detector", "");
    falls_with(low(), &pack(&module, &manifest).unwrap(), FaultKind::Memory, file);
}

#[test]
fn memory_page_by_page() {
    falls(&scanning("(loop $l (drop (memory.grow (i32.const 1))) (br $l)) unreachable"), FaultKind::Memory);
}

#[test]
fn memory_all_at_once() {
    falls(&scanning("(drop (memory.grow (i32.const 65000))) unreachable"), FaultKind::Memory);
}

#[test]
fn memory_from_the_start() {
    let wat =
        scanning(NOTHING).replace("(memory (export \"memory\") 32)", "(memory (export \"memory\") 20000)");
    falls(&wat, FaultKind::Memory);
}

#[test]
fn a_table_from_the_start() {
    falls(&scanning_with("(table 1000000 funcref)", NOTHING), FaultKind::Tables);
}

#[test]
fn a_table_that_grows() {
    let body = "(loop $l (drop (table.grow $t (ref.null func) (i32.const 100))) (br $l)) unreachable";
    falls(&scanning_with("(table $t 1 funcref)", body), FaultKind::Tables);
}

#[test]
fn recursion_without_end() {
    let extra = "(func $down (param i64) (result i64) (i64.add (call $down (i64.add (local.get 0) (i64.const 1))) (local.get 0)))";
    falls(&scanning_with(extra, "(drop (call $down (i64.const 0))) unreachable"), FaultKind::Stack);
}

/// A component with more core modules in it, each instantiated so many times beside the real one.
fn with_more(core: &str, instances: u32) -> Vec<u8> {
    let mut component = component(&scanning(NOTHING));
    let modules = wasmparser::Parser::new(0).parse_all(&component);
    let mut depth = 0;
    let mut index = 0;
    for payload in modules {
        match payload.unwrap() {
            wasmparser::Payload::Version { .. } => depth += 1,
            wasmparser::Payload::End(_) => depth -= 1,
            wasmparser::Payload::ModuleSection { .. } if depth == 1 => index += 1,
            _ => {}
        }
    }
    let core = wat::parse_str(core).unwrap();
    // The encoder wants a module of its own making: one raw section a section.
    let mut module = Module::new();
    for payload in wasmparser::Parser::new(0).parse_all(&core) {
        if let Some((id, range)) = payload.unwrap().as_section() {
            module.section(&RawSection { id, data: &core[range] });
        }
    }
    ModuleSection(&module).append_to_component(&mut component);
    let mut section = InstanceSection::new();
    for _ in 0..instances {
        section.instantiate(index, Vec::<(String, ModuleArg)>::new());
    }
    section.append_to_component(&mut component);
    component
}

#[test]
fn many_instances() {
    falls_with(low(), &with_more("(module (func))", 40), FaultKind::Instances, file);
}

#[test]
fn many_memories() {
    falls_with(low(), &with_more("(module (memory 1))", 3), FaultKind::Memory, file);
}

#[test]
fn many_tables() {
    falls_with(low(), &with_more("(module (table 1 funcref))", 12), FaultKind::Tables, file);
}

#[test]
fn a_hundred_thousand_exports_are_only_many() {
    let exports: String = (0..100_000).map(|at| format!("(export \"e{at}\" (func 0))")).collect();
    let component = with_more(&format!("(module (func) {exports})"), 1);
    crate::guest::survives(&component).unwrap();
}

#[test]
fn a_huge_jump_table_is_only_large() {
    let targets = "0 ".repeat(50_000);
    let wat = scanning(&format!("(block (br_table {targets} (local.get $count))) {NOTHING}"));
    crate::guest::survives(&component(&wat)).unwrap();
}

#[test]
fn more_bytes_than_a_component_may_have() {
    let limits = Limits { component_bytes: 1_000, ..low() };
    let error = runtime(limits).load(&component(&scanning(NOTHING)), Trust::Unsigned).unwrap_err();
    assert!(matches!(error, LoadError::TooLarge { limit: 1_000, .. }), "{error}");
}

#[test]
fn code_larger_than_allowed() {
    let limits = Limits { code_bytes: 100, ..low() };
    let plugin = runtime(limits).load(&component(&scanning(NOTHING)), Trust::Unsigned).unwrap();
    let fault = plugin.scan("", file()).unwrap_err();
    assert_eq!(fault.kind, FaultKind::Compile, "{fault}");
}

/// The pool has two places; two hundred falls of every sort later both are free.
#[test]
fn two_hundred_falls_leave_every_place_free() {
    let runtime = runtime(low());
    let load = |wat: &str| runtime.load(&component(wat), Trust::Unsigned).unwrap();
    let guests = [
        (load(&scanning("unreachable")), FaultKind::Trap),
        (load(&scanning("(drop (memory.grow (i32.const 65000))) unreachable")), FaultKind::Memory),
        (load(&scanning("(i32.const -4)")), FaultKind::Abi),
        (load(&scanning_with("(func $f (call $f)) ", "(call $f) unreachable")), FaultKind::Stack),
        (load(&scanning("(call $drop (i32.const 77)) unreachable")), FaultKind::Handles),
    ];
    let good = good(&runtime);
    for round in 0..200 {
        let (guest, kind) = &guests[round % guests.len()];
        assert_eq!(guest.scan("", file()).unwrap_err().kind, *kind);
        if round % 20 == 0 {
            assert!(good.scan("", file()).is_ok());
        }
    }
    assert_eq!(runtime.in_use().unwrap_or_default(), InUse::default());
    stands(&runtime);
}

/// More threads than places: every call waits its turn, and none is refused.
#[test]
fn more_calls_than_places() {
    let runtime = runtime(low());
    let good = good(&runtime);
    let bad = runtime.load(&component(&scanning("unreachable")), Trust::Unsigned).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..10 {
                    assert!(good.scan("", file()).is_ok());
                    assert_eq!(bad.scan("", file()).unwrap_err().kind, FaultKind::Trap);
                }
            });
        }
    });
    stands(&runtime);
}

#[test]
fn a_batch_that_falls_alone_spoils_no_other_batch() {
    // Traps for a batch of two, answers for one.
    let wat = crate::image::answering(|_, _| {}).replace(
        "(i32.const 1024)))",
        "(if (i32.gt_u (local.get $count) (i32.const 1)) (then unreachable)) (i32.const 1024)))",
    );
    let runtime = runtime(low());
    let plugin = runtime.load(&component(&wat), Trust::Unsigned).unwrap();
    let two: Vec<Candidate> = file().into_iter().chain(file()).collect();
    assert_eq!(plugin.scan("", two).unwrap_err().kind, FaultKind::Trap);
    assert!(plugin.scan("", file()).unwrap().answers[0].is_some());
}

#[test]
fn a_loop_in_link() {
    let wat = scanning_with(
        &format!(
            "(func (export \"{LINK}\") (param i32 i32 i32 i32) (result i32) (loop $l (br $l)) unreachable)"
        ),
        NOTHING,
    );
    let module = crate::guest::described(&wat, "linking-detector", "");
    let runtime = runtime(low());
    let plugin =
        runtime.load(&pack(&module, &manifest("linking-detector")).unwrap(), Trust::Unsigned).unwrap();
    let part = inventar_model::Part { path: "a".into(), facts: vec![], wants: vec![] };
    let fault = plugin.link("", vec![inventar_model::Subject { parts: vec![part] }]).unwrap_err();
    assert_eq!(fault.kind, FaultKind::Compute);
    assert!(fault.kind.is_clock());
    stands(&runtime);
}
