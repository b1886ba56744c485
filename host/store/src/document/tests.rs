//! `decode ∘ encode = id`, for anything a plugin may say.

use super::*;
use inventar_model::*;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z/.]{0,12}", any::<String>()]
}

fn identifier() -> impl Strategy<Value = Identifier> {
    (prop_oneof!["purl", "model", "path", "x-acme"], "[^\\p{C}]{1,20}")
        .prop_filter_map("an identifier", |(scheme, value)| Identifier::new(scheme, value).ok())
}

fn version() -> impl Strategy<Value = Version> {
    prop_oneof![
        text().prop_map(Version::Exact),
        text().prop_map(Version::Range),
        text().prop_map(Version::Floating)
    ]
}

fn property() -> impl Strategy<Value = Property> {
    let value = prop_oneof![
        text().prop_map(Value::Text),
        any::<i64>().prop_map(Value::Integer),
        any::<f64>().prop_filter("a number", |number| number.is_finite()).prop_map(Value::Number),
        any::<bool>().prop_map(Value::Boolean),
        vec(text(), 0..3).prop_map(Value::Texts),
        text().prop_map(Value::Json),
    ];
    (text(), value).prop_map(|(name, value)| Property { name, value })
}

fn evidence() -> impl Strategy<Value = Evidence> {
    let place = prop_oneof![
        (text(), any::<u64>(), any::<u64>(), any::<u32>())
            .prop_map(|(path, start_byte, end_byte, line)| Place::File { path, start_byte, end_byte, line }),
        any::<u64>().prop_map(Place::Exchange),
        text().prop_map(Place::Object),
    ];
    let method = proptest::sample::select(Method::ALL);
    let usage = proptest::sample::select(Usage::ALL);
    (place, text(), method, usage, 0..=100u8, option::of(text())).prop_map(
        |(place, rule, method, usage, confidence, snippet)| Evidence {
            place,
            rule,
            method,
            usage,
            confidence: Confidence::new(confidence),
            snippet,
        },
    )
}

fn kind() -> impl Strategy<Value = AssetKind> {
    proptest::sample::select(vec!["sdk", "mcp-server", "x-acme.flow"])
        .prop_map(|kind| AssetKind::new(kind).unwrap())
}

fn reference() -> impl Strategy<Value = AssetRef> {
    prop_oneof![
        (text(), text()).prop_map(|(path, key)| AssetRef::Local { path, key }),
        identifier().prop_map(AssetRef::Identifier),
    ]
}

fn sighting() -> impl Strategy<Value = Sighting> {
    let lists = (vec(identifier(), 0..3), vec(property(), 0..3), vec(evidence(), 0..3));
    (text(), kind(), text(), option::of(version()), lists).prop_map(
        |(key, kind, name, version, (identifiers, properties, evidence))| Sighting {
            key,
            kind,
            name,
            version,
            identifiers,
            properties,
            evidence,
        },
    )
}

fn gap() -> impl Strategy<Value = CoverageGap> {
    let reason = prop_oneof![
        Just(GapReason::AccessDenied),
        option::of(any::<u64>()).prop_map(GapReason::RateLimited),
        any::<u64>().prop_map(GapReason::TooLarge),
        text().prop_map(GapReason::Unsupported),
        text().prop_map(GapReason::PluginFault),
        text().prop_map(GapReason::Other),
        Just(GapReason::Changed),
    ];
    (text(), reason, text(), any::<bool>()).prop_map(|(at, reason, detail, retriable)| CoverageGap {
        at,
        reason,
        detail,
        retriable,
    })
}

fn any_report() -> impl Strategy<Value = Report> {
    let relation = (reference(), reference(), vec(property(), 0..2), vec(evidence(), 0..2)).prop_map(
        |(source, target, properties, evidence)| ReportedRelation {
            source,
            kind: RelationKind::new("uses").unwrap(),
            target,
            properties,
            evidence,
        },
    );
    let severity = proptest::sample::select(Severity::ALL);
    let finding = (text(), severity, text(), vec(reference(), 0..2), vec(evidence(), 0..2)).prop_map(
        |(rule, severity, title, about, evidence)| ReportedFinding {
            rule,
            severity,
            title,
            about,
            properties: vec![],
            evidence,
        },
    );
    (vec(sighting(), 0..4), vec(relation, 0..3), vec(finding, 0..3), vec(gap(), 0..3))
        .prop_map(|(assets, relations, findings, gaps)| Report { assets, relations, findings, gaps })
}

proptest! {
    #[test]
    fn reports_come_back(report in any_report()) {
        let document = Document::of_report(&report);
        prop_assert_eq!(&super::report(&document.text).unwrap(), &report);
        prop_assert_eq!(Document::of_report(&report), document);
    }

    #[test]
    fn what_was_merged_comes_back(report in any_report()) {
        let source = SourceName::new("s").unwrap();
        let plugin = PluginId::new("a/b").unwrap();
        let file = FileReport { plugin, path: "f".into(), content: Digest::of(b""), report };
        let inventory = Inventory::merge(&source, &[file], &[]);
        for asset in &inventory.assets {
            prop_assert_eq!(&super::asset(asset.uid, &Document::of_asset(asset).text).unwrap(), asset);
        }
        for relation in &inventory.relations {
            let edge = edge(&Document::of_relation(relation).text).unwrap();
            prop_assert_eq!(&edge.properties, &relation.properties);
            prop_assert_eq!(&edge.evidence, &relation.evidence);
        }
        for finding in &inventory.findings {
            prop_assert_eq!(&super::finding(&Document::of_finding(finding).text).unwrap(), finding);
        }
    }
}

#[test]
fn foreign_documents_are_refused() {
    for bad in [
        "",
        "7",
        r#"{"assets":[{"key":"k","kind":"no such kind","name":"n"}]}"#,
        r#"{"gaps":[{"at":"a","reason":"no such reason","detail":"","retriable":false}]}"#,
    ] {
        assert!(report(bad).is_err(), "{bad}");
    }
}
