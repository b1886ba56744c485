//! Other languages' cells: the packages they load or install, where that is plain to see.

use crate::magic::Magics;
use inventar_plugin_sdk::{Asset, Version};
use std::ops::Range;

/// R: `library(x)`, `require("x")`, `x::y`, `install.packages(c("x", "y"))`.
pub(crate) fn r(magics: &mut Magics<'_>, text: &str) {
    for (start, line) in lines(text) {
        let code = line.split('#').next().unwrap_or_default();
        for call in ["library(", "require(", "requireNamespace(", "install.packages(", "pak::pkg_install("] {
            for (at, _) in code.match_indices(call) {
                let open = at + call.len();
                let inner = code[open..].split(')').next().unwrap_or_default();
                let several = call.contains("install");
                for (from, name) in names(inner) {
                    package(magics, "cran", name, start + open + from, None);
                    if !several {
                        break;
                    }
                }
            }
        }
        for (at, _) in code.match_indices("::") {
            let from = code[..at].rfind(|c: char| !is_name(c)).map_or(0, |before| before + 1);
            package(magics, "cran", code.get(from..at).unwrap_or_default(), start + from, None);
        }
    }
}

/// Julia: `using A, B`, `import A: f`, `Pkg.add("A")`, `Pkg.add(["A", "B"])`.
pub(crate) fn julia(magics: &mut Magics<'_>, text: &str) {
    for (start, line) in lines(text) {
        let code = line.split('#').next().unwrap_or_default();
        let trimmed = code.trim_start();
        if let Some(rest) = trimmed.strip_prefix("using ").or_else(|| trimmed.strip_prefix("import ")) {
            let from = code.len() - rest.len();
            let listed = rest.split(':').next().unwrap_or_default();
            for (at, name) in names(listed) {
                package(magics, "julia", name.split('.').next().unwrap_or(name), start + from + at, None);
            }
        }
        if let Some(at) = code.find("Pkg.add(") {
            let open = at + "Pkg.add(".len();
            for (from, name) in names(&code[open..]) {
                package(magics, "julia", name, start + open + from, None);
            }
        }
    }
}

/// C#: `#r "nuget: Microsoft.SemanticKernel, 1.23.0"`.
pub(crate) fn csharp(magics: &mut Magics<'_>, text: &str) {
    for (start, line) in lines(text) {
        let Some(rest) = line.trim_start().strip_prefix("#r") else { continue };
        let Some(rest) = rest.trim_start().strip_prefix("\"nuget:") else { continue };
        let from = line.len() - rest.len();
        let inner = rest.split('"').next().unwrap_or_default();
        let mut parts = inner.split(',');
        let Some(written) = parts.next() else { continue };
        let name = written.trim();
        let version = parts.next().map(str::trim).filter(|version| !version.is_empty());
        let version = version.map(|version| {
            let exact = version.starts_with(|c: char| c.is_ascii_digit()) && !version.contains('*');
            if exact { Version::Exact(version.to_owned()) } else { Version::Floating(version.to_owned()) }
        });
        let at = start + from + (written.len() - written.trim_start().len());
        package(magics, "nuget", name, at, version);
    }
}

/// More lines are not read.
const MAX_LINES: usize = 200_000;

fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    text.split_inclusive('\n').take(MAX_LINES).map(move |line| {
        let at = start;
        start += line.len();
        (at, line)
    })
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_')
}

/// Runs of the letters of names, with their places; `c` of R's `c(…)` is none.
fn names(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split(|c: char| !is_name(c)).filter_map(move |name| {
        let from = at;
        at += name.len();
        // What ended the name is one character of any length.
        at += text[at..].chars().next().map_or(0, char::len_utf8);
        (name.len() > 1).then_some((from, name))
    })
}

fn package(magics: &mut Magics<'_>, ecosystem: &str, name: &str, at: usize, version: Option<Version>) {
    let Some(known) = inventar_catalogue::package(ecosystem, name) else { return };
    // R and Julia tell `openai` from `OpenAI`.
    if ecosystem != "nuget" && known.name != name {
        return;
    }
    let place: Range<usize> = at..at + name.len();
    magics.package(&known.purl(), place, version, |key| {
        Asset::new(key, known.kind, known.name)
            .identifier("purl", known.purl())
            .property("ecosystem", ecosystem)
            .property("category", known.category)
            .maybe("provider", known.provider)
    });
}
