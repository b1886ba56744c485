//! `setup.py` and `setup.cfg`. Of the first only literal lists are read: the file is a program, and this is no interpreter.

use crate::dependency::{Dependency, Manifest, usage_of_group};
use crate::python::requirement;
use inventar_plugin_sdk::Usage;
use std::ops::Range;

/// Reads the lists of a `setup.py`.
pub fn parse_py(text: &str) -> Manifest {
    let mut manifest = Manifest::default();
    for (name, usage) in [
        ("install_requires", Usage::Runtime),
        ("setup_requires", Usage::Development),
        ("tests_require", Usage::Test),
        ("extras_require", Usage::Optional),
    ] {
        let mut from = 0;
        while let Some(found) = text[from..].find(name) {
            let start = from + found;
            from = start + name.len();
            let rest = text[from..].trim_start_matches(['"', '\'']).trim_start();
            let Some(value) = rest.strip_prefix(['=', ':']).map(str::trim_start) else { continue };
            let open = text.len() - value.len();
            if value.starts_with(['[', '(', '{']) {
                from = read_list(text, open, name, usage, &mut manifest);
            }
        }
    }
    manifest.dependencies.sort_by_key(|dependency| dependency.at.start);
    manifest
}

/// Reads the texts of a bracket that opens at `open`; of a dictionary, each key names the extra of its list. Returns
/// where it closes.
fn read_list(text: &str, open: usize, scope: &str, usage: Usage, manifest: &mut Manifest) -> usize {
    let bytes = text.as_bytes();
    let is_dictionary = bytes[open] == b'{';
    let mut depth = 0_usize;
    let mut at = open;
    let mut extra = String::new();
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'[' | b'(' | b'{' => depth += 1,
            b']' | b')' | b'}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            b'#' => {
                at +=
                    bytes[at..].iter().position(|b| *b == b'\n').unwrap_or(bytes.len() - at).saturating_sub(1)
            }
            b'"' | b'\'' => {
                let Some(literal) = literal(bytes, at) else { return at + 1 };
                let value = text.get(literal.clone()).unwrap_or_default();
                at = literal.end;
                let is_key = is_dictionary && text[at + 1..].trim_start().starts_with(':');
                if is_key {
                    value.split(':').next().unwrap_or_default().clone_into(&mut extra);
                } else if let Some(parsed) = requirement::parse(value.trim()) {
                    let (usage, scope) = match extra.as_str() {
                        "" => (usage, scope.to_owned()),
                        name => (usage_of_group(name, usage), format!("extra:{name}")),
                    };
                    manifest.dependencies.push(Dependency::new(
                        parsed.name,
                        parsed.requirement,
                        usage,
                        &scope,
                        literal,
                    ));
                }
            }
            _ => {}
        }
        at += 1;
    }
    at
}

/// The inside of the text that a quote opens; its end is the closing quote.
fn literal(bytes: &[u8], open: usize) -> Option<Range<usize>> {
    let quote = bytes[open];
    let mut end = open + 1;
    loop {
        match bytes.get(end)? {
            b'\\' => end += 2,
            b'\n' => return None,
            byte if *byte == quote => return Some(open + 1..end),
            _ => end += 1,
        }
    }
}

/// Reads the lists of a `setup.cfg`.
pub fn parse_cfg(text: &str) -> Manifest {
    let mut manifest = Manifest::default();
    let mut section = "";
    let mut key = String::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let at = start;
        start += line.len();
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = trimmed.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name.trim();
            key.clear();
            continue;
        }
        let mut value = trimmed;
        if !line.starts_with([' ', '\t']) {
            let Some((name, rest)) = trimmed.split_once('=') else { continue };
            name.trim().clone_into(&mut key);
            value = rest.trim();
        }
        let (usage, scope) = match (section, key.as_str()) {
            ("options", "install_requires") => (Usage::Runtime, "install_requires".to_owned()),
            ("options", "setup_requires") => (Usage::Development, "setup_requires".to_owned()),
            ("options", "tests_require") => (Usage::Test, "tests_require".to_owned()),
            ("options.extras_require", extra) => {
                (usage_of_group(extra, Usage::Optional), format!("extra:{extra}"))
            }
            _ => continue,
        };
        let item = value.split(';').next().unwrap_or_default();
        if let Some(parsed) = requirement::parse(item.trim()) {
            let offset = at + line.find(item).unwrap_or(0);
            let at = offset..offset + item.trim_end().len();
            manifest.dependencies.push(Dependency::new(parsed.name, parsed.requirement, usage, &scope, at));
        }
    }
    manifest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(manifest: &Manifest, text: &str, expected: &[(&str, &str, Usage, usize)]) {
        let found: Vec<(&str, &str, Usage, usize)> = manifest
            .dependencies
            .iter()
            .map(|d| (&*d.name, d.requirement.text(), d.usage, text[..d.at.start].matches('\n').count() + 1))
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn literal_lists() {
        let text = "from setuptools import setup\nsetup(\n    install_requires=[\n        'openai>=1',  # it's here\n        \"langchain==0.3\",\n    ],\n    extras_require={\n        'gpu': ['torch'],\n        \"test\": [\"ragas\"],\n    },\n)\n";
        check(
            &parse_py(text),
            text,
            &[
                ("openai", ">=1", Usage::Runtime, 4),
                ("langchain", "0.3", Usage::Runtime, 5),
                ("torch", "", Usage::Optional, 8),
                ("ragas", "", Usage::Test, 9),
            ],
        );
    }

    #[test]
    fn what_is_computed_is_not_read() {
        for text in [
            "setup(install_requires=read('requirements.txt'))",
            "install_requires = ",
            "install_requires=['open",
            "install_requires=[",
        ] {
            assert_eq!(parse_py(text).dependencies, [], "{text}");
        }
    }

    #[test]
    fn setup_cfg() {
        let text = "[options]\ninstall_requires =\n    openai>=1; python_version > '3.8'\n    # no\n    mcp==1.0\npackages = find:\n[options.extras_require]\nall =\n    torch\n[mypy]\nx = openai\n";
        check(
            &parse_cfg(text),
            text,
            &[
                ("openai", ">=1", Usage::Runtime, 3),
                ("mcp", "1.0", Usage::Runtime, 5),
                ("torch", "", Usage::Optional, 9),
            ],
        );
    }
}
