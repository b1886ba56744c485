//! NuGet: project files, `packages.config`, `Directory.Packages.props`, `packages.lock.json`.

use crate::dependency::{Dependency, Lock, Locked, Manifest, Requirement};
use crate::json::{self, Step};
use crate::xml::{self, Element};
use inventar_plugin_sdk::Usage;

/// Reads `*.csproj`, `*.fsproj`, `*.vbproj`, `Directory.Build.props` and `Directory.Packages.props`.
pub fn parse_project(source: &str) -> Manifest {
    let (root, problem) = xml::parse(source);
    let mut manifest = Manifest { problems: problem.into_iter().collect(), ..Manifest::default() };
    let elements = root.descendants();
    let properties: Vec<(&str, &str)> = elements
        .iter()
        .filter(|element| element.name == "PropertyGroup")
        .flat_map(|group| {
            group.children.iter().map(|property| (property.name.as_str(), property.text.as_str()))
        })
        .collect();
    for element in &elements {
        let Some(name) = element.attribute("Include").or_else(|| element.attribute("Update")) else {
            continue;
        };
        let at = place_of(source, element, name);
        let requirement = version(element, &properties);
        match element.name.as_str() {
            "PackageReference" | "GlobalPackageReference" if element.attribute("Include").is_some() => {
                let private = element.attribute("PrivateAssets").or_else(|| element.text_of("PrivateAssets"));
                let usage = if private.is_some_and(|assets| assets.eq_ignore_ascii_case("all")) {
                    Usage::Development
                } else {
                    Usage::Runtime
                };
                manifest.dependencies.push(Dependency::new(name, requirement, usage, &element.name, at));
            }
            "PackageVersion" => {
                let version = requirement.text().to_owned();
                let offered =
                    Locked { name: name.to_owned(), version, for_whom: name.to_ascii_lowercase(), at };
                manifest.offered.push((offered, requirement));
            }
            _ => {}
        }
    }
    manifest.dependencies.sort_by_key(|dependency| dependency.at.start);
    manifest
}

/// Reads a `packages.config`.
pub fn parse_packages_config(source: &str) -> Manifest {
    let (root, problem) = xml::parse(source);
    let mut manifest = Manifest { problems: problem.into_iter().collect(), ..Manifest::default() };
    for element in root.descendants() {
        if let (true, Some(id)) = (element.name == "package", element.attribute("id")) {
            let requirement = element
                .attribute("version")
                .map_or(Requirement::Any, |text| Requirement::Exact(text.to_owned()));
            let development = element.attribute("developmentDependency") == Some("true");
            let usage = if development { Usage::Development } else { Usage::Runtime };
            manifest.dependencies.push(Dependency::new(
                id,
                requirement,
                usage,
                "packages.config",
                place_of(source, element, id),
            ));
        }
    }
    manifest.dependencies.sort_by_key(|dependency| dependency.at.start);
    manifest
}

/// Reads a `packages.lock.json`: what the project asked for itself.
pub fn parse_lock(text: &str) -> Lock {
    let mut lock = Lock::default();
    let mut direct = false;
    let result = json::walk(text, |path, value| {
        let [Step::Key(top, _), Step::Key(..), Step::Key(name, at), Step::Key(field, _)] = path else {
            return;
        };
        if top != "dependencies" {
            return;
        }
        match (field.as_ref(), value.text()) {
            ("type", Some(kind)) => direct = kind == "Direct",
            ("resolved", Some(version)) if direct => {
                let known = lock.entries.iter().any(|entry| entry.name == *name && entry.version == version);
                if !known {
                    let (name, version) = (name.to_string(), version.to_owned());
                    lock.entries.push(Locked { name, version, for_whom: String::new(), at: at.clone() });
                }
            }
            _ => {}
        }
    });
    lock.problems.extend(result.err());
    lock
}

/// NuGet takes the lowest version that a reference allows, so that a plain one is what is built.
fn version(element: &Element, properties: &[(&str, &str)]) -> Requirement {
    let text = ["VersionOverride", "Version"]
        .iter()
        .find_map(|name| element.attribute(name).or_else(|| element.text_of(name)));
    let Some(text) = text else { return Requirement::Inherited(String::new()) };
    let text = match text.strip_prefix("$(").and_then(|rest| rest.strip_suffix(')')) {
        Some(name) => {
            properties.iter().find(|(property, _)| *property == name).map_or(text, |(_, value)| value)
        }
        None => text,
    };
    let pin = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).filter(|pin| !pin.contains(','));
    if text.is_empty() || text.contains("$(") {
        Requirement::Inherited(text.to_owned())
    } else if let Some(pin) = pin {
        Requirement::Exact(pin.trim().to_owned())
    } else if text.contains('*') || text.starts_with(['[', '(']) {
        Requirement::Range(text.to_owned())
    } else {
        Requirement::Exact(text.to_owned())
    }
}

/// Where a value stands in the tag of its element.
fn place_of(source: &str, element: &Element, value: &str) -> std::ops::Range<usize> {
    let tag = source.get(element.at.clone()).unwrap_or_default();
    let from = element.at.start + tag.find(value).unwrap_or(0);
    from..(from + value.len()).min(element.at.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(manifest: &Manifest, text: &str, expected: &[(&str, Requirement, Usage, usize)]) {
        let found: Vec<_> = manifest
            .dependencies
            .iter()
            .map(|d| (&*d.name, d.requirement.clone(), d.usage, text[..d.at.start].matches('\n').count() + 1))
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn projects() {
        let text = "<Project Sdk=\"Microsoft.NET.Sdk\">\n  <PropertyGroup><SkVersion>1.30.0</SkVersion></PropertyGroup>\n  <ItemGroup>\n    <PackageReference Include=\"OpenAI\" Version=\"2.1.0\" />\n    <PackageReference Include=\"Microsoft.SemanticKernel\" Version=\"$(SkVersion)\" />\n    <PackageReference Include=\"Azure.AI.OpenAI\" />\n    <PackageReference Include=\"Anthropic.SDK\" Version=\"5.*\">\n      <PrivateAssets>all</PrivateAssets>\n    </PackageReference>\n    <PackageReference Include=\"OllamaSharp\"><Version>[4.0.0]</Version></PackageReference>\n  </ItemGroup>\n</Project>\n";
        check(
            &parse_project(text),
            text,
            &[
                ("OpenAI", Requirement::Exact("2.1.0".into()), Usage::Runtime, 4),
                ("Microsoft.SemanticKernel", Requirement::Exact("1.30.0".into()), Usage::Runtime, 5),
                ("Azure.AI.OpenAI", Requirement::Inherited(String::new()), Usage::Runtime, 6),
                ("Anthropic.SDK", Requirement::Range("5.*".into()), Usage::Development, 7),
                ("OllamaSharp", Requirement::Exact("4.0.0".into()), Usage::Runtime, 10),
            ],
        );
    }

    #[test]
    fn central_versions_and_packages_config() {
        let text = "<Project>\n<ItemGroup>\n<PackageVersion Include=\"OpenAI\" Version=\"2.1.0\" />\n</ItemGroup>\n</Project>";
        let manifest = parse_project(text);
        assert_eq!((manifest.dependencies.len(), &*manifest.offered[0].0.version), (0, "2.1.0"));
        let text = "<packages>\n  <package id=\"Microsoft.ML\" version=\"3.0.1\" targetFramework=\"net48\" />\n</packages>";
        check(
            &parse_packages_config(text),
            text,
            &[("Microsoft.ML", Requirement::Exact("3.0.1".into()), Usage::Runtime, 2)],
        );
    }

    #[test]
    fn locks() {
        let text = r#"{"version": 1, "dependencies": {"net8.0": {"OpenAI": {"type": "Direct", "requested": "[2.1.0, )", "resolved": "2.1.0"}, "Tiktoken": {"type": "Transitive", "resolved": "1.0.0"}}}}"#;
        let found: Vec<(String, String)> =
            parse_lock(text).entries.into_iter().map(|e| (e.name, e.version)).collect();
        assert_eq!(found, [("OpenAI".into(), "2.1.0".into())]);
    }
}
