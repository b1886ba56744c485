//! What differs between two states of an asset, field by field, and because of what. Pure.

use crate::query::FieldChange;
use inventar_model::{
    Asset, AssetKind, Change, ChangeKind, Evidence, Place, Property, Relation, Report, Retirement, Value,
};
use std::collections::{BTreeMap, HashMap, HashSet};

/// The longest text of a value in a change.
const MAX_VALUE_CHARS: usize = 200;

/// The fields that differ, sorted. Evidence that only moved inside its file is no difference: a line added above
/// would otherwise change every asset below it.
pub(crate) fn fields(before: &Asset, after: &Asset) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    let mut scalar = |field: &str, before: Option<String>, after: Option<String>| {
        changes.push(FieldChange { field: field.into(), before, after });
    };
    if before.name != after.name {
        scalar("name", Some(cut(&before.name)), Some(cut(&after.name)));
    }
    if before.version != after.version {
        let text = |asset: &Asset| asset.version.as_ref().map(|version| cut(version.text()));
        scalar("version", text(before), text(after));
    }
    if before.usage() != after.usage() {
        scalar("usage", Some(before.usage().to_string()), Some(after.usage().to_string()));
    }
    if before.confidence() != after.confidence() {
        let percent = |asset: &Asset| Some(asset.confidence().percent().to_string());
        scalar("confidence", percent(before), percent(after));
    }
    if before.identifiers != after.identifiers {
        scalar("identifiers", None, None);
    }
    if unplaced(&before.evidence) != unplaced(&after.evidence) {
        scalar("evidence", None, None);
    }
    let mut properties: BTreeMap<&str, (Option<&Value>, Option<&Value>)> = BTreeMap::new();
    for Property { name, value } in &before.properties {
        properties.entry(name).or_default().0 = Some(value);
    }
    for Property { name, value } in &after.properties {
        properties.entry(name).or_default().1 = Some(value);
    }
    for (name, (before, after)) in properties {
        if before != after {
            scalar(&format!("property:{name}"), before.map(show), after.map(show));
        }
    }
    changes.sort_by(|a, b| a.field.cmp(&b.field));
    changes
}

/// Adds "relations" when the edges from an asset lead elsewhere, or differ in their properties.
pub(crate) fn add_relations(changes: &mut Vec<FieldChange>, before: &[&Relation], after: &[&Relation]) {
    let same = before.len() == after.len()
        && before
            .iter()
            .zip(after)
            .all(|(a, b)| a.kind == b.kind && a.target == b.target && a.properties == b.properties);
    if !same {
        changes.push(FieldChange { field: "relations".into(), before: None, after: None });
        changes.sort_by(|a, b| a.field.cmp(&b.field));
    }
}

/// Evidence without its position in the file, as a sorted list.
fn unplaced(evidence: &[Evidence]) -> Vec<Evidence> {
    let mut unplaced: Vec<Evidence> = evidence.to_vec();
    for evidence in &mut unplaced {
        if let Place::File { start_byte, end_byte, line, .. } = &mut evidence.place {
            (*start_byte, *end_byte, *line) = (0, 0, 0);
        }
    }
    unplaced.sort();
    unplaced
}

fn show(value: &Value) -> String {
    match value {
        Value::Text(text) | Value::Json(text) => cut(text),
        Value::Integer(number) => number.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Boolean(yes) => yes.to_string(),
        Value::Texts(texts) => cut(&texts.join(", ")),
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_VALUE_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Why things changed: the reason of the observation that each piece of evidence came or went with.
#[derive(Debug, Default)]
pub(crate) struct Reasons {
    by_evidence: HashMap<AssetKind, HashMap<Evidence, Retirement>>,
    any_source: bool,
    any_detector: bool,
}

impl Reasons {
    /// An observation that was opened or closed, and why.
    pub(crate) fn add(&mut self, report: &Report, reason: Retirement) {
        match reason {
            Retirement::Source => self.any_source = true,
            Retirement::Detector => self.any_detector = true,
        }
        for sighting in &report.assets {
            let of_kind = self.by_evidence.entry(sighting.kind.clone()).or_default();
            for evidence in &sighting.evidence {
                let known = of_kind.entry(evidence.clone()).or_insert(reason);
                // Of two observations with the same evidence, what the source did is the stronger statement.
                if reason == Retirement::Source {
                    *known = reason;
                }
            }
        }
    }

    /// The reason of a change between two states, of which at least one exists.
    pub(crate) fn of(&self, before: Option<&Asset>, after: Option<&Asset>) -> Retirement {
        let evidence = |asset: Option<&Asset>| -> HashSet<Evidence> {
            asset.into_iter().flat_map(|asset| asset.evidence.iter().cloned()).collect()
        };
        let (old, new) = (evidence(before), evidence(after));
        let of_kind = before.or(after).and_then(|asset| self.by_evidence.get(&asset.kind));
        let strongest = |evidence: &mut dyn Iterator<Item = &Evidence>| {
            evidence
                .filter_map(|evidence| of_kind?.get(evidence).copied())
                .min_by_key(|r| *r != Retirement::Source)
        };
        strongest(&mut old.symmetric_difference(&new)).or_else(|| strongest(&mut old.union(&new))).unwrap_or(
            if self.any_detector && !self.any_source { Retirement::Detector } else { Retirement::Source },
        )
    }
}

/// A change as the delta lists it.
pub(crate) fn change(
    asset: &Asset,
    change: ChangeKind,
    reason: Retirement,
    fields: &[FieldChange],
) -> Change {
    Change {
        uid: asset.uid,
        kind: asset.kind.clone(),
        name: asset.name.clone(),
        change,
        reason,
        fields: fields.iter().map(|field| field.field.clone()).collect(),
    }
}

/// The order of a delta: kind, name, id.
pub(crate) fn sort(changes: &mut [Change]) {
    changes.sort_by(|a, b| {
        (a.kind.rank(), &a.kind, &a.name, a.uid).cmp(&(b.kind.rank(), &b.kind, &b.name, b.uid))
    });
}

#[cfg(test)]
mod tests;
