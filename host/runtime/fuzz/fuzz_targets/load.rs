//! Any bytes offered as a plugin: refused, or loaded, asked, and its answer lifted. Seed it with packed plugins.
#![no_main]

use inventar_runtime::{Candidate, Content, Limits, Runtime, RuntimeConfig, Trust};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use std::time::Duration;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let compute = Duration::from_millis(50);
    let limits = Limits { compute, compute_ceiling: compute, memory_ceiling: 16 << 20, ..Limits::default() };
    Runtime::new(RuntimeConfig { limits, ..RuntimeConfig::default() }).expect("a runtime")
});

fuzz_target!(|bytes: &[u8]| {
    let Ok(plugin) = RUNTIME.load(bytes, Trust::Unsigned) else { return };
    let content = Content::Inline(b"import openai\n".to_vec());
    let file = Candidate { path: "src/a.py".into(), hits: vec![], content };
    if let Ok(scanned) = plugin.scan("", vec![file]) {
        let answered = scanned.answers.iter().flatten().count();
        assert_eq!(answered + scanned.problems.len(), 1, "one file: an answer or a problem");
    }
});
