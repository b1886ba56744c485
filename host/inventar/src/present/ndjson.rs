//! One record a line: assets, relations, findings, gaps, what was left out, and a summary at the end.

use super::View;
use super::record::{AssetRecord, FindingRecord, GapRecord, LeftOutRecord, RelationRecord, SummaryRecord};
use serde::Serialize;

/// The lines of a view.
pub(super) fn render(view: &View<'_>) -> Vec<u8> {
    let inventory = view.inventory;
    let unsigned = view.unsigned();
    let mut out = Vec::new();
    lines(&mut out, inventory.assets.iter().map(|asset| AssetRecord::new(asset, &unsigned)));
    lines(&mut out, inventory.relations.iter().map(RelationRecord::new));
    lines(&mut out, inventory.findings.iter().map(FindingRecord::new));
    lines(&mut out, inventory.gaps.iter().map(GapRecord::new));
    if let Some(run) = &view.run {
        lines(&mut out, run.left_out.iter().map(LeftOutRecord::new));
        lines(&mut out, [SummaryRecord::new(inventory, run)]);
    }
    out
}

fn lines<T: Serialize>(out: &mut Vec<u8>, records: impl IntoIterator<Item = T>) {
    for record in records {
        // The records have text keys and finite numbers, and a vector takes every byte: this cannot fail.
        if serde_json::to_writer(&mut *out, &record).is_ok() {
            out.push(b'\n');
        }
    }
}
