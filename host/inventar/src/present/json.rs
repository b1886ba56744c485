//! Everything as one JSON document.

use super::View;
use super::record::Document;

/// The document, indented.
pub(super) fn render(view: &View<'_>) -> Vec<u8> {
    // Text keys and finite numbers: this cannot fail.
    let mut out = serde_json::to_vec_pretty(&Document::new(view)).unwrap_or_default();
    out.push(b'\n');
    out
}
