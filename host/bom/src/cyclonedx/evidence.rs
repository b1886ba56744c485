//! Why we believe it, in CycloneDX's words.

use super::document::{Evidence, Identity, IdentityMethod, Occurrence};
use super::plugin_ref;
use inventar_model::{Asset, Confidence, Method, Place};
use std::collections::BTreeMap;

/// `field` and `value` are what the evidence identifies the asset by.
pub(super) fn of(asset: &Asset, field: &'static str, value: String) -> Evidence {
    let mut methods: BTreeMap<(&'static str, &str), Confidence> = BTreeMap::new();
    for evidence in &asset.evidence {
        let best = methods.entry((technique(evidence.method), &evidence.rule)).or_insert(evidence.confidence);
        *best = evidence.confidence.max(*best);
    }
    let identity = Identity {
        field,
        confidence: share(asset.confidence()),
        concluded_value: value,
        methods: methods
            .into_iter()
            .map(|((technique, rule), confidence)| IdentityMethod {
                technique,
                confidence: share(confidence),
                value: rule.to_owned(),
            })
            .collect(),
        tools: asset.plugins.iter().map(|plugin| plugin_ref(plugin.as_str())).collect(),
    };
    Evidence { identity: vec![identity], occurrences: occurrences(asset) }
}

/// Every place, the strongest usage first.
pub(super) fn occurrences(asset: &Asset) -> Vec<Occurrence> {
    asset
        .evidence
        .iter()
        .map(|evidence| {
            let (location, offset) = match &evidence.place {
                Place::File { path, start_byte, .. } => (path.clone(), Some(*start_byte)),
                Place::Exchange(number) => (format!("exchange:{number}"), None),
                Place::Object(object) => (object.clone(), None),
            };
            let additional_context = format!(
                "rule={} method={} usage={} confidence={}",
                evidence.rule,
                evidence.method,
                evidence.usage,
                evidence.confidence.percent()
            );
            Occurrence { location, line: evidence.line(), offset, additional_context }
        })
        .collect()
}

fn technique(method: Method) -> &'static str {
    match method {
        Method::Declared => "manifest-analysis",
        Method::Parsed | Method::Flow | Method::Matched => "source-code-analysis",
        Method::Header => "binary-analysis",
        Method::Api => "other",
    }
}

/// 87 percent is 0.87.
fn share(confidence: Confidence) -> f64 {
    f64::from(confidence.percent()) / 100.0
}
