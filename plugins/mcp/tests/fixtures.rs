//! Every `fixtures/<case>/source` against its `expected.txt`: one line an asset, relation or gap.
#![allow(clippy::unwrap_used)]

use inventar_plugin_mcp::Mcp;
use inventar_plugin_sdk::{Answer, AssetRef, Detector, File, NoSettings, Value, Version};
use std::fmt::Write;
use std::path::{Path, PathBuf};

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() { files(&path, out) } else { out.push(path) }
    }
}

fn value(value: &Value) -> String {
    match value {
        Value::Text(text) | Value::Json(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Boolean(yes) => yes.to_string(),
        Value::Texts(texts) => format!("[{}]", texts.join(", ")),
    }
}

fn reference(reference: &AssetRef) -> String {
    match reference {
        AssetRef::Local { key, .. } => key.clone(),
        AssetRef::Identifier(id) => format!("{}:{}", id.scheme, id.value),
    }
}

fn render(answer: &Answer) -> String {
    let mut out = String::new();
    for asset in &answer.assets {
        let version = match &asset.version {
            None => String::new(),
            Some(Version::Exact(text)) => format!(" ={text}"),
            Some(Version::Range(text)) => format!(" ~{text}"),
            Some(Version::Floating(text)) => format!(" ?{text}"),
        };
        let ids: Vec<String> =
            asset.identifiers.iter().map(|id| format!("{}:{}", id.scheme, id.value)).collect();
        let properties: Vec<String> = asset
            .properties
            .iter()
            .map(|property| format!("{}={}", property.name, value(&property.value)))
            .collect();
        let seen: Vec<String> = asset
            .evidence
            .iter()
            .map(|e| format!("{}:{}..{} {:?}", e.span.line, e.span.start, e.span.end, e.usage))
            .collect();
        writeln!(
            out,
            "{} {}{version} <{}> {{{}}} @ {}",
            asset.kind,
            asset.name,
            ids.join(" "),
            properties.join("; "),
            seen.join(", ")
        )
        .unwrap();
    }
    for relation in &answer.relations {
        writeln!(out, "{} {} {}", reference(&relation.source), relation.kind, reference(&relation.target))
            .unwrap();
    }
    for gap in &answer.gaps {
        writeln!(out, "gap {:?} {}", gap.reason, gap.detail).unwrap();
    }
    out
}

#[test]
fn every_fixture_says_what_is_expected() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut cases: Vec<PathBuf> =
        std::fs::read_dir(fixtures).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() >= 10);
    let mut wrong = vec![];
    for case in cases {
        let source = case.join("source");
        let mut paths = vec![];
        files(&source, &mut paths);
        let mut found = String::new();
        for path in paths {
            let name = path.strip_prefix(&source).unwrap().to_str().unwrap().to_owned();
            let answer = Mcp::scan(&NoSettings {}, &File::of(&name, std::fs::read(&path).unwrap()));
            for secret in ["s3cr3t", "hunter2"] {
                assert!(!format!("{answer:?}").contains(secret), "{name} shows a secret");
            }
            write!(found, "# {name}\n{}", render(&answer)).unwrap();
        }
        let expected = case.join("expected.txt");
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&expected, &found).unwrap();
        }
        if std::fs::read_to_string(&expected).unwrap_or_default() != found {
            wrong.push(format!("{}:\n{found}", case.display()));
        }
    }
    assert!(wrong.is_empty(), "BLESS=1 rewrites expected.txt\n{}", wrong.join("\n"));
}
