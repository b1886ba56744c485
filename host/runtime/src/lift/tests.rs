//! Whatever a guest says: no panic, and what is taken over keeps every promise.

use super::*;
use proptest::prelude::*;
use proptest::sample::select;

const SECRET: &str = "ghp_0123456789abcdefghij0123456789abcdef";

/// Texts as guests have them, good and bad.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => select(vec!["acme", "gpt-4o", "pkg:pypi/acme", "src/a.py", "use", "1.2.3"]).prop_map(str::to_owned),
        2 => "[a-z]{1,12}",
        2 => "\\PC{0,40}",
        1 => any::<String>(),
        1 => (0..3000usize).prop_map(|len| "ü".repeat(len)),
        1 => "[a-z ]{0,8}".prop_map(|before| format!("{before}{SECRET}\u{1b}[2J\u{202e}")),
    ]
}

fn list<T: std::fmt::Debug>(item: impl Strategy<Value = T>) -> impl Strategy<Value = Vec<T>> {
    prop::collection::vec(item, 0..4)
}

fn value() -> impl Strategy<Value = types::Value> {
    prop_oneof![
        text().prop_map(types::Value::Text),
        any::<i64>().prop_map(types::Value::Integer),
        any::<f64>().prop_map(types::Value::Number),
        any::<bool>().prop_map(types::Value::Boolean),
        list(text()).prop_map(types::Value::Texts),
        text().prop_map(types::Value::Json),
        text().prop_map(|text| types::Value::Json(
            serde_json::json!({"api_key": text, "list": [text]}).to_string()
        )),
    ]
}

fn property() -> impl Strategy<Value = types::Property> {
    (text(), value()).prop_map(|(name, value)| types::Property { name, value })
}

fn identifier() -> impl Strategy<Value = types::Identifier> {
    let scheme = prop_oneof![4 => select(vec!["purl", "model", "path", "x-acme"]).prop_map(str::to_owned), 1 => text()];
    (scheme, text()).prop_map(|(scheme, value)| types::Identifier { scheme, value })
}

fn evidence() -> impl Strategy<Value = types::Evidence> {
    let span = (0..4u32, 0..20u64, 0..40u64, any::<u32>())
        .prop_map(|(part, start_byte, end_byte, line)| types::Span { part, start_byte, end_byte, line });
    let place = prop_oneof![
        9 => span.prop_map(types::Place::File),
        1 => any::<u64>().prop_map(types::Place::Exchange),
        1 => text().prop_map(types::Place::Object),
    ];
    let rule = prop_oneof![9 => Just("import-call".to_owned()), 1 => text()];
    (place, rule, 0..110u8, prop::option::of(text())).prop_map(|(place, rule, confidence, snippet)| {
        types::Evidence {
            place,
            rule,
            method: types::Method::Parsed,
            usage: types::Usage::Runtime,
            confidence,
            snippet,
        }
    })
}

fn asset() -> impl Strategy<Value = types::Asset> {
    let kind = prop_oneof![9 => select(vec!["sdk", "model-reference"]).prop_map(str::to_owned), 1 => text()];
    let version = prop::option::of(prop_oneof![
        text().prop_map(types::Version::Exact),
        text().prop_map(types::Version::Range),
        text().prop_map(types::Version::Floating),
    ]);
    (
        text(),
        kind,
        text(),
        version,
        list(identifier()),
        list(property()),
        prop::collection::vec(evidence(), 1..3),
    )
        .prop_map(|(key, kind, name, version, identifiers, properties, evidence)| types::Asset {
            key,
            kind,
            name,
            version,
            identifiers,
            properties,
            evidence,
        })
}

fn reference() -> impl Strategy<Value = types::AssetRef> {
    prop_oneof![
        (0..3u32, text()).prop_map(|(part, key)| types::AssetRef::Local(types::Local { part, key })),
        identifier().prop_map(types::AssetRef::Identifier),
    ]
}

fn relation() -> impl Strategy<Value = types::Relation> {
    let kind = prop_oneof![9 => Just("uses".to_owned()), 1 => text()];
    (reference(), kind, reference(), list(property()), list(evidence())).prop_map(
        |(source, kind, target, properties, evidence)| types::Relation {
            source,
            kind,
            target,
            properties,
            evidence,
        },
    )
}

fn finding() -> impl Strategy<Value = types::Finding> {
    (text(), list(reference()), list(property()), list(evidence())).prop_map(
        |(title, about, properties, evidence)| types::Finding {
            rule: "hard-coded".into(),
            severity: types::Severity::High,
            title,
            about,
            properties,
            evidence,
        },
    )
}

fn gap() -> impl Strategy<Value = types::CoverageGap> {
    (text(), text(), text()).prop_map(|(at, what, detail)| types::CoverageGap {
        at,
        reason: types::GapReason::Unsupported(what),
        detail,
        retriable: false,
    })
}

fn answer() -> impl Strategy<Value = detect::Answer> {
    let report = (list(asset()), list(relation()), list(finding()), list(gap())).prop_map(
        |(assets, relations, findings, gaps)| types::Report { id: 0, assets, relations, findings, gaps },
    );
    let want = (prop::option::of(text()), prop::option::of(text()), list(text()))
        .prop_map(|(serves, name, paths)| detect::Want { serves, name, paths });
    (report, list(property()), list(want)).prop_map(|(report, facts, wants)| detect::Answer {
        report,
        facts,
        wants,
    })
}

fn manifest() -> Manifest {
    let toml = "schema = 1\nid = \"a/b\"\nversion = \"0.1.0\"\nworld = \"detector\"\ndescription = \"d\"\n\
        kinds = [\"sdk\", \"model-reference\"]\n[[claim]]\nname = \"a\"\nglobs = [\"*\"]\n";
    Manifest::from_toml(toml, |_| Err(std::io::ErrorKind::NotFound.into())).unwrap()
}

/// Everything a page or a table will later rely on.
fn promises(answer: &Answer, manifest: &Manifest, limits: &Limits) -> Result<(), TestCaseError> {
    let shown = format!("{answer:?}");
    prop_assert!(!shown.contains("0123456789abcdefghij"), "a secret in {}", shown);
    prop_assert!(!shown.contains("\\u{1b}") && !shown.contains("\\u{202e}"), "{}", shown);
    let mut keys = BTreeSet::new();
    for asset in &answer.report.assets {
        prop_assert!(manifest.kinds.contains(&asset.kind));
        prop_assert!(keys.insert(&asset.key));
        prop_assert!(!asset.name.trim().is_empty() && asset.name.len() <= limits.name_bytes);
        prop_assert!(!asset.evidence.is_empty());
        for evidence in &asset.evidence {
            prop_assert!(evidence.snippet.as_ref().is_none_or(|text| text.len() <= limits.snippet_bytes));
            if let Place::File { path, start_byte, end_byte, .. } = &evidence.place {
                prop_assert_eq!(path, "src/a.py");
                prop_assert!(start_byte <= end_byte);
            }
        }
    }
    let rows = answer.report.assets.iter().map(|asset| &asset.properties).chain([&answer.facts]);
    for property in rows.flatten() {
        match &property.value {
            Value::Json(json) => prop_assert!(serde_json::from_str::<serde_json::Value>(json).is_ok()),
            Value::Number(number) => prop_assert!(number.is_finite()),
            _ => {}
        }
    }
    prop_assert!(answer.facts.iter().map(size).sum::<usize>() <= limits.facts_bytes);
    for path in answer.wants.iter().flat_map(|want| &want.paths) {
        prop_assert!(!path.starts_with('/') && !path.split('/').any(|part| part == ".."), "{}", path);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn what_is_taken_over_keeps_every_promise(answers in prop::collection::vec(answer(), 1..3)) {
        let (manifest, limits) = (manifest(), Limits { assets: 5, evidence: 8, ..Limits::default() });
        let mut lift = Lift::new(&limits, &manifest);
        for answer in answers {
            if let Ok(answer) = lift.answer(answer, "src/a.py") {
                promises(&answer, &manifest, &limits)?;
            }
        }
        prop_assert!(lift.assets <= 5 + 4);
    }

    /// One thing at a time, so that most of them are taken.
    #[test]
    fn single_assets(asset in asset()) {
        let (manifest, limits) = (manifest(), Limits::default());
        let report = types::Report { id: 0, assets: vec![asset], relations: vec![], findings: vec![], gaps: vec![] };
        let answer = detect::Answer { report, facts: vec![], wants: vec![] };
        if let Ok(answer) = Lift::new(&limits, &manifest).answer(answer, "src/a.py") {
            promises(&answer, &manifest, &limits)?;
        }
    }
}

#[test]
fn paths_inside_the_source() {
    for good in ["a", "a/b.py", "**/x/y.py", "a b/ü", ".env", "..a"] {
        assert!(is_inside(good, 100), "{good}");
    }
    for bad in [
        "",
        "/",
        "/a",
        "a/",
        "..",
        "a/..",
        "./a",
        "a//b",
        "**/",
        "**",
        "a\\b",
        "a\nb",
        "C:\\x",
        &"a".repeat(101),
    ] {
        assert!(!is_inside(bad, 100), "{bad}");
    }
}
