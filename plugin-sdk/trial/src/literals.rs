//! A claim's literals that are made of a table: the file is compared with what the table gives, and written on request.

use std::fmt::Write;
use std::path::Path;

/// Panics if `literals.txt` of a plugin's folder is not made of these; with `UPDATE=1` in the environment it is written
/// first. A longer literal that starts with a shorter one adds nothing, and is left out.
#[track_caller]
pub fn are_up_to_date(plugin_dir: &str, mut literals: Vec<String>) {
    literals.sort();
    literals.dedup();
    let mut expected = String::new();
    let mut last: Option<String> = None;
    for literal in literals {
        if last.as_ref().is_none_or(|last| !literal.starts_with(last.as_str())) {
            let _ = writeln!(expected, "{literal}");
            last = Some(literal);
        }
    }
    let path = Path::new(plugin_dir).join("literals.txt");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &expected).expect("literals.txt is writable");
    }
    let actual = std::fs::read_to_string(&path).expect("literals.txt is there");
    assert!(actual == expected, "literals.txt is out of date: run the test with UPDATE=1");
}
