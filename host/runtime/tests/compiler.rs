//! Compiling in a child process. This test brings its own `main`, because it is its own child.
#![allow(clippy::unwrap_used)]

use inventar_runtime::{
    Candidate, Compiler, Content, FaultKind, Limits, Manifest, Runtime, RuntimeConfig, Trust, compile_stdin,
    pack,
};
use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Duration;
use wit_component::{StringEncoding, embed_component_metadata};

fn main() -> ExitCode {
    let limits = Limits::default();
    let verdict = match std::env::args().nth(1).as_deref() {
        Some("compile") => compile_stdin(&limits),
        Some("compile-in-little-memory") => compile_stdin(&Limits { compile_memory: 1 << 20, ..limits }),
        Some("print-rubbish") => {
            std::io::Write::write_all(&mut std::io::stdout(), b"rubbish").unwrap();
            return ExitCode::SUCCESS;
        }
        Some("hang") => loop {
            std::thread::park();
        },
        _ => {
            a_child_compiles();
            a_component_that_does_not_compile();
            a_child_that_hangs();
            a_child_that_runs_out_of_memory();
            a_child_that_prints_rubbish();
            a_child_that_is_not_there();
            return ExitCode::SUCCESS;
        }
    };
    match verdict {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn component() -> Vec<u8> {
    let wat = r#"(module (memory (export "memory") 1)
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))
        (func (export "inventar:discovery/detect@0.1.0#scan") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))"#;
    let mut module = wat::parse_str(wat).unwrap();
    let mut resolve = wit_parser::Resolve::default();
    let contract = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit");
    let (package, _) = resolve.push_dir(contract).unwrap();
    let world = resolve.select_world(&[package], Some("detector")).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    let manifest = "schema = 1\nid = \"a/b\"\nversion = \"1.0.0\"\nworld = \"detector\"\ndescription = \"d\"\n[[claim]]\nname = \"a\"\nglobs = [\"*\"]\n";
    pack(&module, &Manifest::from_toml(manifest, |_| Err(std::io::ErrorKind::NotFound.into())).unwrap())
        .unwrap()
}

/// Asks a plugin that a child of ours with this argument compiles.
fn ask(argument: &str, limits: Limits) -> Result<(), (FaultKind, String)> {
    let compiler = Compiler::Child(std::env::current_exe().unwrap(), vec![OsString::from(argument)]);
    let runtime = Runtime::new(RuntimeConfig { limits, compiler, ..RuntimeConfig::default() }).unwrap();
    let plugin = runtime.load(&component(), Trust::Unsigned).unwrap();
    let file = Candidate { path: "a".into(), hits: vec![], content: Content::Inline(vec![]) };
    plugin.scan("", vec![file]).map(drop).map_err(|fault| (fault.kind, fault.message))
}

fn a_child_compiles() {
    assert_eq!(ask("compile", Limits::default()), Ok(()));
}

fn a_component_that_does_not_compile() {
    let limits = Limits { compile_wall: Duration::from_secs(60), ..Limits::default() };
    let compiler = Compiler::Child(std::env::current_exe().unwrap(), vec![OsString::from("compile")]);
    let runtime = Runtime::new(RuntimeConfig { limits, compiler, ..RuntimeConfig::default() }).unwrap();
    // The bundle is believed in its outline, so what is wrong inside comes out when it is compiled.
    let mut broken = component();
    let at =
        broken.windows(4).position(|bytes| bytes == [0x41, 0x80, 0x20, 0x0b]).expect("the constant 4096");
    broken[at] = 0xff;
    let bundled = inventar_runtime::BundledPlugin::new(broken, vec![]).unwrap();
    let fault = runtime.load_bundled(bundled).prepare().unwrap_err();
    assert_eq!(fault.kind, FaultKind::Compile);
    assert!(fault.message.contains("does not compile"), "{fault}");
}

fn a_child_that_hangs() {
    let limits = Limits { compile_wall: Duration::from_millis(50), ..Limits::default() };
    let (kind, message) = ask("hang", limits).unwrap_err();
    assert_eq!(kind, FaultKind::Compile);
    assert!(message.contains("by the clock"), "{message}");
}

fn a_child_that_runs_out_of_memory() {
    let (kind, message) = ask("compile-in-little-memory", Limits::default()).unwrap_err();
    assert_eq!(kind, FaultKind::Compile, "{message}");
}

fn a_child_that_prints_rubbish() {
    let (kind, message) = ask("print-rubbish", Limits::default()).unwrap_err();
    assert_eq!(kind, FaultKind::Compile);
    assert!(message.contains("does not load"), "{message}");
}

fn a_child_that_is_not_there() {
    let compiler = Compiler::Child("/nonexistent/compiler".into(), vec![]);
    let runtime = Runtime::new(RuntimeConfig { compiler, ..RuntimeConfig::default() }).unwrap();
    let fault = runtime.load(&component(), Trust::Unsigned).unwrap().prepare().unwrap_err();
    assert!(fault.message.contains("cannot run the compiler process"), "{fault}");
}
