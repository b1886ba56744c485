//! Any text, to the detector that the first byte says: no panic, and evidence within the text.
#![no_main]

use inventar_plugin_agents::Agents;
use inventar_plugin_config::Config;
use inventar_plugin_dotnet::Dotnet;
use inventar_plugin_go::Go;
use inventar_plugin_javascript::JavaScript;
use inventar_plugin_jvm::Jvm;
use inventar_plugin_mcp::Mcp;
use inventar_plugin_notebooks::Notebooks;
use inventar_plugin_packages::Packages;
use inventar_plugin_python::Python;
use inventar_plugin_rust::Rust;
use inventar_plugin_sdk::{Detector, File, Place};
use libfuzzer_sys::fuzz_target;

fn scan<D: Detector>(path: &str, text: &[u8]) {
    let answer = D::scan(&D::Settings::default(), &File::of(path, text));
    for seen in answer.assets.iter().flat_map(|asset| &asset.evidence) {
        if let Place::File(span) = &seen.place {
            assert!(span.start <= span.end && span.end <= text.len() as u64, "{path}: {seen:?}");
        }
    }
}

fuzz_target!(|input: &[u8]| {
    let Some((which, text)) = input.split_first() else { return };
    match which % 24 {
        0 => scan::<Python>("a.py", text),
        1 => scan::<JavaScript>("a.ts", text),
        2 => scan::<JavaScript>("a.tsx", text),
        3 => scan::<JavaScript>("a.vue", text),
        4 => scan::<Go>("a.go", text),
        5 => scan::<Jvm>("A.java", text),
        6 => scan::<Jvm>("A.kt", text),
        7 => scan::<Dotnet>("A.cs", text),
        8 => scan::<Rust>("a.rs", text),
        9 => scan::<Notebooks>("a.ipynb", text),
        10 => scan::<Config>("a.yaml", text),
        11 => scan::<Config>(".env", text),
        12 => scan::<Config>("Dockerfile", text),
        13 => scan::<Config>("main.tf", text),
        14 => scan::<Config>("application.properties", text),
        15 => scan::<Agents>("AGENTS.md", text),
        16 => scan::<Agents>("agents.yaml", text),
        17 => scan::<Mcp>(".mcp.json", text),
        18 => scan::<Packages>("requirements.txt", text),
        19 => scan::<Packages>("pyproject.toml", text),
        20 => scan::<Packages>("package.json", text),
        21 => scan::<Packages>("pom.xml", text),
        22 => scan::<Packages>("go.mod", text),
        _ => scan::<Packages>("yarn.lock", text),
    }
});
