//! Notebooks as Jupyter writes them.

use std::fmt::Write;

/// A text as a JSON string.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_ascii() && !c.is_ascii_control() => out.push(c),
            c => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| {
                let _ = write!(out, "\\u{unit:04x}");
            }),
        }
    }
    out + "\""
}

/// A notebook with one line of code a line; the first is in line 7.
pub(crate) fn notebook(language: &str, cells: &[&str]) -> String {
    let cells: Vec<String> = cells
        .iter()
        .map(|cell| {
            let lines: Vec<String> =
                cell.split_inclusive('\n').map(|line| format!("    {}", quoted(line))).collect();
            let lines = lines.join(",\n");
            format!("  {{\n   \"cell_type\": \"code\",\n   \"outputs\": [],\n   \"source\": [\n{lines}\n   ]\n  }}")
        })
        .collect();
    format!(
        "{{\n \"cells\": [\n{}\n ],\n \"metadata\": {{\"kernelspec\": {{\"language\": \"{language}\", \"name\": \"x\"}}}},\n \"nbformat\": 4\n}}\n",
        cells.join(",\n")
    )
}
