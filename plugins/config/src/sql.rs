//! SQL that makes a database keep vectors.

use crate::look::Look;

/// The first statement that asks for the extension.
pub(crate) fn read(look: &mut Look<'_>, text: &str) {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let at = start..start + line.trim_end().len();
        start += line.len();
        if makes_vectors(line) {
            look.vector_store("pgvector", "postgresql", &at);
            return;
        }
    }
}

/// `CREATE EXTENSION IF NOT EXISTS vector`, in any case and with quotes.
fn makes_vectors(line: &str) -> bool {
    let lower = line.to_ascii_lowercase().replace(['"', '\''], "");
    let mut words = lower.trim_start().trim_end_matches([';', '\n', '\r']).split_whitespace();
    words.next() == Some("create")
        && words.next() == Some("extension")
        && words
            .find(|word| !matches!(*word, "if" | "not" | "exists"))
            .is_some_and(|name| matches!(name.trim_end_matches(';'), "vector" | "pgvector" | "vectors"))
}
