//! R: `DESCRIPTION` and `renv.lock`.

use crate::dependency::{Dependency, Manifest, Requirement};
use crate::json::{self, Step};
use crate::ruby::each_line;
use inventar_plugin_sdk::Usage;

/// Reads a `DESCRIPTION`: the packages of `Depends`, `Imports`, `LinkingTo` and `Suggests`.
pub fn description(text: &str) -> Manifest {
    let mut manifest = Manifest::default();
    if !text.lines().any(|line| line.starts_with("Package:"))
        && !text.lines().any(|line| line.starts_with("Imports:"))
    {
        return manifest;
    }
    let mut field: Option<(&str, Usage)> = None;
    each_line(text, |start, line| {
        let mut from = 0;
        if !line.starts_with([' ', '\t']) {
            let Some((name, rest)) = line.split_once(':') else { return };
            field = match name {
                "Depends" | "Imports" | "LinkingTo" => Some((name, Usage::Runtime)),
                "Suggests" | "Enhances" => Some((name, Usage::Optional)),
                _ => None,
            };
            from = line.len() - rest.len();
        }
        let Some((scope, usage)) = field else { return };
        for part in line[from..].split(',') {
            let trimmed = part.trim();
            let end = trimmed.find([' ', '(']).unwrap_or(trimmed.len());
            let (name, constraint) = trimmed.split_at(end);
            if name.is_empty() || name == "R" {
                continue;
            }
            let constraint = constraint.trim().trim_start_matches('(').trim_end_matches(')').trim();
            let requirement = match constraint.strip_prefix("==") {
                Some(exact) => Requirement::Exact(exact.trim().to_owned()),
                None if constraint.is_empty() => Requirement::Any,
                None => Requirement::Range(constraint.to_owned()),
            };
            let at = start + (name.as_ptr() as usize - line.as_ptr() as usize);
            manifest.dependencies.push(Dependency::new(name, requirement, usage, scope, at..at + name.len()));
        }
    });
    manifest
}

/// Reads a `renv.lock`: everything the project's library holds, asked for by the project or by others.
pub fn renv(text: &str) -> Manifest {
    let mut manifest = Manifest::default();
    let result = json::walk(text, |path, value| {
        if let ([Step::Key(section, _), Step::Key(name, at), Step::Key(field, _)], Some(version)) =
            (path, value.text())
            && section == "Packages"
            && field == "Version"
        {
            let requirement = Requirement::Exact(version.to_owned());
            let mut found = Dependency::new(name.as_ref(), requirement, Usage::Runtime, "renv", at.clone());
            found.direct = false;
            manifest.dependencies.push(found);
        }
    });
    manifest.problems.extend(result.err());
    manifest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields() {
        let text = "Package: app\nImports:\n    ellmer (>= 0.2.0),\n    dplyr\nSuggests: torch, keras3 (== 1.0)\nLicense: MIT\n";
        let found: Vec<_> =
            description(text).dependencies.into_iter().map(|d| (d.name, d.requirement, d.usage)).collect();
        assert_eq!(
            found,
            [
                ("ellmer".into(), Requirement::Range(">= 0.2.0".into()), Usage::Runtime),
                ("dplyr".into(), Requirement::Any, Usage::Runtime),
                ("torch".into(), Requirement::Any, Usage::Optional),
                ("keras3".into(), Requirement::Exact("1.0".into()), Usage::Optional),
            ]
        );
        assert!(description("a text that describes\n").dependencies.is_empty());
        let found = renv(
            r#"{"R": {"Version": "4"}, "Packages": {"torch": {"Package": "torch", "Version": "0.13.0"}}}"#,
        )
        .dependencies;
        assert_eq!((found.len(), &found[0].requirement), (1, &Requirement::Exact("0.13.0".into())));
    }
}
