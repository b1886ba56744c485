//! Every `fixtures/<case>/source` against its `expected.txt`: scanned, linked as the host links, a line a thing.
#![allow(clippy::unwrap_used)]

use inventar_plugin_model_files::ModelFiles;
use inventar_plugin_sdk::{
    Answer, AssetRef, Detector, File, LinkingDetector, NoSettings, Part, Subject, Value, Wanted,
};
use std::collections::BTreeMap;
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
        AssetRef::Local { part, key } => format!("{part}.{key}"),
        AssetRef::Identifier(id) => format!("{}:{}", id.scheme, id.value),
    }
}

fn render(answer: &Answer) -> String {
    let mut out = String::new();
    for asset in &answer.assets {
        let ids: Vec<String> =
            asset.identifiers.iter().map(|id| format!("{}:{}", id.scheme, id.value)).collect();
        let shown = asset.properties.iter().filter(|property| property.name != "metadata");
        let properties: Vec<String> =
            shown.map(|property| format!("{}={}", property.name, value(&property.value))).collect();
        let seen: Vec<String> = asset
            .evidence
            .iter()
            .map(|e| format!("{}:{}..{} {}", e.span.part, e.span.start, e.span.end, e.rule))
            .collect();
        writeln!(
            out,
            "{} {} <{}> {{{}}} @ {}",
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
    for finding in &answer.findings {
        writeln!(out, "finding {} {:?} {}", finding.rule, finding.severity, finding.title).unwrap();
    }
    for gap in &answer.gaps {
        writeln!(out, "gap {:?} {}", gap.reason, gap.detail).unwrap();
    }
    out
}

/// Scans every file and links each over what its wants reach, one hop.
fn inventory(source: &Path) -> String {
    let mut paths = vec![];
    files(source, &mut paths);
    let mut answers = BTreeMap::new();
    for path in paths {
        let name = path.strip_prefix(source).unwrap().to_str().unwrap().to_owned();
        let bytes = std::fs::read(&path).unwrap();
        answers.insert(name.clone(), ModelFiles::scan(&NoSettings {}, &File::of(&name, bytes)));
    }
    let mut out = String::new();
    for (name, answer) in &answers {
        write!(out, "# {name}\n{}", render(answer)).unwrap();
        let mut parts = vec![Part { path: name.clone(), facts: answer.facts.clone(), wants: vec![] }];
        let mut wanted = vec![];
        for want in &answer.wants {
            let found = want.paths.iter().find_map(|path| Some((path, answers.get(path)?)));
            let part = found.map(|(path, answer)| {
                parts.push(Part { path: path.clone(), facts: answer.facts.clone(), wants: vec![] });
                parts.len() as u32 - 1
            });
            wanted.push(Wanted { serves: None, name: None, part });
        }
        if parts.len() > 1 {
            parts[0].wants = wanted;
            write!(out, "## linked\n{}", render(&ModelFiles::link(&NoSettings {}, &Subject { parts })))
                .unwrap();
        }
    }
    out
}

#[test]
fn every_fixture_says_what_is_expected() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut cases: Vec<PathBuf> =
        std::fs::read_dir(fixtures).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() >= 6);
    let mut wrong = vec![];
    for case in cases {
        let found = inventory(&case.join("source"));
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
