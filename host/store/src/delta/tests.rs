//! Field by field, and because of what.

use super::*;
use inventar_model::{Confidence, Identifier, Method, PluginId, Sighting, SourceName, Uid, Usage, Version};

fn seen(path: &str, line: u32, usage: Usage) -> Evidence {
    let place = Place::File { path: path.into(), start_byte: u64::from(line), end_byte: 99, line };
    let (method, confidence) = (Method::Parsed, Confidence::new(90));
    Evidence { place, rule: "call".into(), method, usage, confidence, snippet: None }
}

fn asset() -> Asset {
    let kind = AssetKind::new("agent").unwrap();
    Asset {
        uid: Uid::of(&SourceName::new("s").unwrap(), &kind, "x"),
        kind,
        name: "helper".into(),
        version: Some(Version::Exact("1.0".into())),
        identifiers: vec![Identifier::new("url", "https://a").unwrap()],
        properties: vec![Property::text("dtype", "bf16")],
        evidence: vec![seen("a.py", 3, Usage::Runtime)],
        plugins: vec![PluginId::new("a/b").unwrap()],
    }
}

/// `version 1.0→2.0`
fn check(edit: impl FnOnce(&mut Asset), expected: &[&str]) {
    let mut after = asset();
    edit(&mut after);
    let changes: Vec<String> = fields(&asset(), &after)
        .into_iter()
        .map(|change| match (change.before, change.after) {
            (None, None) => change.field,
            (before, after) => {
                let text = |value: Option<String>| value.unwrap_or_else(|| "∅".into());
                format!("{} {}→{}", change.field, text(before), text(after))
            }
        })
        .collect();
    assert_eq!(changes, expected);
}

#[test]
fn every_field_is_told() {
    check(|_| {}, &[]);
    check(|a| a.name = "other".into(), &["name helper→other"]);
    check(|a| a.version = Some(Version::Exact("2.0".into())), &["version 1.0→2.0"]);
    check(|a| a.version = Some(Version::Range("1.0".into())), &["version 1.0→1.0"]);
    check(|a| a.version = None, &["version 1.0→∅"]);
    check(|a| a.identifiers.clear(), &["identifiers"]);
    check(|a| a.properties[0] = Property::text("dtype", "f32"), &["property:dtype bf16→f32"]);
    check(
        |a| a.properties[0] = Property::text("licence", "mit"),
        &["property:dtype bf16→∅", "property:licence ∅→mit"],
    );
    check(
        |a| a.properties[0].value = Value::Texts(vec!["a".into(), "b".into()]),
        &["property:dtype bf16→a, b"],
    );
    check(|a| a.evidence[0].usage = Usage::Test, &["evidence", "usage runtime→test"]);
    check(|a| a.evidence[0].confidence = Confidence::new(50), &["confidence 90→50", "evidence"]);
    check(|a| a.evidence.push(seen("b.py", 1, Usage::Runtime)), &["evidence"]);
    check(
        |a| a.properties[0] = Property::text("dtype", "ü".repeat(300)),
        &[&format!("property:dtype bf16→{}…", "ü".repeat(200))],
    );
}

#[test]
fn a_move_inside_the_file_is_not_told() {
    check(|a| a.evidence[0] = seen("a.py", 77, Usage::Runtime), &[]);
    check(|a| a.evidence[0] = seen("b.py", 3, Usage::Runtime), &["evidence"]);
    // Two places that become one are a change, even if both only moved.
    check(|a| a.evidence.push(seen("a.py", 4, Usage::Runtime)), &["evidence"]);
}

fn said(evidence: Evidence) -> Report {
    let Asset { kind, name, .. } = asset();
    let sighting = Sighting {
        key: "k".into(),
        kind,
        name,
        version: None,
        identifiers: vec![],
        properties: vec![],
        evidence: vec![evidence],
    };
    Report { assets: vec![sighting], ..Report::default() }
}

#[test]
fn a_change_has_the_reason_of_the_evidence_that_differs() {
    let (a, b) = (seen("a.py", 3, Usage::Runtime), seen("b.py", 1, Usage::Runtime));
    let with = |evidence: &[&Evidence]| Asset {
        evidence: evidence.iter().map(|e| (*e).clone()).collect(),
        ..asset()
    };
    let mut reasons = Reasons::default();
    reasons.add(&said(a.clone()), Retirement::Detector);
    reasons.add(&said(b.clone()), Retirement::Source);
    let check = |before: Option<Asset>, after: Option<Asset>, expected| {
        assert_eq!(reasons.of(before.as_ref(), after.as_ref()), expected, "{before:?} {after:?}");
    };
    check(Some(with(&[&a])), None, Retirement::Detector);
    check(Some(with(&[&b])), None, Retirement::Source);
    check(None, Some(with(&[&a, &b])), Retirement::Source);
    check(Some(with(&[&b])), Some(with(&[&a, &b])), Retirement::Detector);
    check(Some(with(&[&a, &b])), Some(with(&[&a, &b])), Retirement::Source);
    // Of evidence that nobody touched, the run as a whole decides.
    check(Some(with(&[])), Some(with(&[])), Retirement::Source);
    let mut detector_only = Reasons::default();
    detector_only.add(&said(a), Retirement::Detector);
    assert_eq!(detector_only.of(Some(&with(&[])), None), Retirement::Detector);
}
