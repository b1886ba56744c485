//! One record a line: assets, relations, findings, gaps, what was left out, and a summary at the end.

use super::View;
use super::record::{AssetRecord, FindingRecord, GapRecord, LeftOutRecord, RelationRecord, SummaryRecord};
use serde::Serialize;

/// The lines of each view.
pub(super) fn render(views: &[View<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    for view in views {
        render_one(view, &mut out);
    }
    out
}

fn render_one(view: &View<'_>, out: &mut Vec<u8>) {
    let inventory = view.inventory;
    let unsigned = view.unsigned();
    lines(out, inventory.assets.iter().map(|asset| AssetRecord::new(asset, &unsigned)));
    lines(out, inventory.relations.iter().map(RelationRecord::new));
    lines(out, inventory.findings.iter().map(FindingRecord::new));
    lines(out, inventory.gaps.iter().map(GapRecord::new));
    if let Some(run) = &view.run {
        lines(out, run.left_out.iter().map(LeftOutRecord::new));
        lines(out, [SummaryRecord::new(inventory, run)]);
    }
}

fn lines<T: Serialize>(out: &mut Vec<u8>, records: impl IntoIterator<Item = T>) {
    for record in records {
        // The records have text keys and finite numbers, and a vector takes every byte: this cannot fail.
        if serde_json::to_writer(&mut *out, &record).is_ok() {
            out.push(b'\n');
        }
    }
}
