//! Everything as one JSON document.

use super::View;
use super::record::Document;

/// The document, indented; of several sources a list of them.
pub(super) fn render(views: &[View<'_>]) -> Vec<u8> {
    let documents: Vec<Document<'_>> = views.iter().map(Document::new).collect();
    // Text keys and finite numbers: this cannot fail.
    let mut out = match documents.as_slice() {
        [document] => serde_json::to_vec_pretty(document),
        documents => serde_json::to_vec_pretty(documents),
    }
    .unwrap_or_default();
    out.push(b'\n');
    out
}
