//! Manifests whose dependencies are names of a table: `pubspec.yaml`, Julia's `Project.toml`, `pixi.toml`, `deno.json`.

use crate::dependency::{Dependency, Lock, Locked, Manifest, Problem, Requirement, usage_of_group};
use inventar_documents::{Entry, Format, Node, parse};
use inventar_plugin_sdk::Usage;

/// The tree of a text, or why there is none.
fn tree(text: &str, format: Format, manifest: &mut Manifest) -> Option<Node> {
    match parse(text, format) {
        Ok(root) => root,
        Err(broken) => {
            manifest.problems.push(Problem { at: broken.at, what: broken.why });
            None
        }
    }
}

fn push(
    manifest: &mut Manifest,
    entry: &Entry,
    name: &str,
    requirement: Requirement,
    usage: Usage,
    scope: &str,
) {
    manifest.dependencies.push(Dependency::new(name, requirement, usage, scope, entry.key_span.clone()));
}

/// Reads a `pubspec.yaml`.
pub fn pubspec(text: &str) -> Manifest {
    let mut manifest = Manifest::default();
    let Some(root) = tree(text, Format::Yaml, &mut manifest) else { return manifest };
    for (group, usage) in [
        ("dependencies", Usage::Runtime),
        ("dev_dependencies", Usage::Development),
        ("dependency_overrides", Usage::Runtime),
    ] {
        for entry in root.get(group).map(Node::entries).unwrap_or_default() {
            let version = entry.node.scalar().or_else(|| entry.node.get("version").and_then(Node::scalar));
            let requirement = match version {
                Some("any") => Requirement::Any,
                Some(text) if text.starts_with(|c: char| c.is_ascii_digit()) && !text.contains(' ') => {
                    Requirement::Exact(text.to_owned())
                }
                Some(text) => Requirement::Range(text.to_owned()),
                None if entry.node.get("git").is_some() => Requirement::Floating("git".to_owned()),
                None => Requirement::Any,
            };
            push(&mut manifest, entry, &entry.key, requirement, usage, group);
        }
    }
    manifest
}

/// Reads a `pubspec.lock`.
pub fn pubspec_lock(text: &str) -> Lock {
    let mut lock = Lock::default();
    match parse(text, Format::Yaml) {
        Ok(root) => {
            for entry in
                root.as_ref().and_then(|root| root.get("packages")).map(Node::entries).unwrap_or_default()
            {
                if let Some(version) = entry.node.get("version").and_then(Node::scalar) {
                    lock.entries.push(Locked {
                        name: entry.key.clone(),
                        version: version.to_owned(),
                        for_whom: String::new(),
                        at: entry.key_span.clone(),
                    });
                }
            }
        }
        Err(broken) => lock.problems.push(Problem { at: broken.at, what: broken.why }),
    }
    lock
}

/// Reads Julia's `Project.toml`: names of `[deps]`, `[weakdeps]` and `[extras]`, versions of `[compat]`.
pub fn julia(text: &str) -> Manifest {
    let mut manifest = Manifest::default();
    let Some(root) = tree(text, Format::Toml, &mut manifest) else { return manifest };
    let compat = root.get("compat");
    for (group, usage) in [("deps", Usage::Runtime), ("weakdeps", Usage::Optional), ("extras", Usage::Test)] {
        for entry in root.get(group).map(Node::entries).unwrap_or_default() {
            let version = compat.and_then(|compat| compat.get(&entry.key)).and_then(Node::scalar);
            let requirement = match version {
                None => Requirement::Any,
                Some(text) => match text.strip_prefix('=') {
                    Some(exact) => Requirement::Exact(exact.trim().to_owned()),
                    None => Requirement::Range(text.to_owned()),
                },
            };
            push(&mut manifest, entry, &entry.key, requirement, usage, group);
        }
    }
    manifest
}

/// Reads Julia's `Manifest.toml`: `[[deps.Flux]]` with a version.
pub fn julia_lock(text: &str) -> Lock {
    let mut lock = Lock::default();
    let mut name: Option<(&str, usize)> = None;
    crate::ruby::each_line(text, |start, line| {
        let trimmed = line.trim();
        if let Some(inner) = trimmed.strip_prefix("[[").and_then(|rest| rest.strip_suffix("]]")) {
            let bare = inner.strip_prefix("deps.").unwrap_or(inner);
            name = Some((bare, start + line.find(bare).unwrap_or(0)));
        } else if let Some(version) =
            trimmed.strip_prefix("version = \"").and_then(|rest| rest.strip_suffix('"'))
            && let Some((name, at)) = name.take()
        {
            lock.entries.push(Locked {
                name: name.to_owned(),
                version: version.to_owned(),
                for_whom: String::new(),
                at: at..at + name.len(),
            });
        }
    });
    lock
}

/// Reads a `pixi.toml`: conda packages and those of PyPI, of the workspace and of its features.
pub fn pixi(text: &str) -> Manifest {
    let mut manifest = Manifest::default();
    if let Some(root) = tree(text, Format::Toml, &mut manifest) {
        pixi_tables(&root, Usage::Runtime, "", &mut manifest);
        for feature in root.get("feature").map(Node::entries).unwrap_or_default() {
            let usage = usage_of_group(&feature.key, Usage::Optional);
            pixi_tables(&feature.node, usage, &feature.key, &mut manifest);
        }
    }
    manifest
}

fn pixi_tables(of: &Node, usage: Usage, feature: &str, manifest: &mut Manifest) {
    for group in ["dependencies", "pypi-dependencies", "host-dependencies", "build-dependencies"] {
        let usage = if group == "build-dependencies" { usage.at_most(Usage::Development) } else { usage };
        let scope = if feature.is_empty() { group.to_owned() } else { format!("feature:{feature}") };
        for entry in of.get(group).map(Node::entries).unwrap_or_default() {
            let name = crate::python::conda::renamed(&entry.key);
            let version = entry.node.scalar().or_else(|| entry.node.get("version").and_then(Node::scalar));
            let requirement = match version.map(str::trim) {
                None | Some("*" | "") => Requirement::Any,
                Some(text) => match text.strip_prefix("==") {
                    Some(exact) if !exact.contains(['*', ',']) => Requirement::Exact(exact.trim().to_owned()),
                    _ => Requirement::Range(text.to_owned()),
                },
            };
            push(manifest, entry, name, requirement, usage, &scope);
        }
    }
    // `[target.linux-64.dependencies]`.
    for target in of.get("target").map(Node::entries).unwrap_or_default() {
        pixi_tables(&target.node, usage, feature, manifest);
    }
}

/// Reads a `deno.json`, an import map: `"openai": "npm:openai@^4.1"`, `"jsr:@openai/openai@4"`.
pub fn deno(text: &str) -> Manifest {
    let mut manifest = Manifest::default();
    let Some(root) = tree(text, Format::Json, &mut manifest) else { return manifest };
    for entry in root.get("imports").map(Node::entries).unwrap_or_default() {
        let Some((name, version)) = entry.node.text().and_then(specifier) else { continue };
        let requirement = match version {
            None => Requirement::Any,
            Some(version)
                if version.starts_with(|c: char| c.is_ascii_digit()) && version.matches('.').count() == 2 =>
            {
                Requirement::Exact(version.to_owned())
            }
            Some(version) => Requirement::Range(version.to_owned()),
        };
        let at = entry.node.span.clone();
        manifest.dependencies.push(Dependency::new(name, requirement, Usage::Runtime, "imports", at));
    }
    manifest
}

/// Name and version of an `npm:` or `jsr:` specifier, or of a module of a content network.
fn specifier(text: &str) -> Option<(&str, Option<&str>)> {
    let bare = ["npm:", "jsr:", "https://esm.sh/", "https://cdn.skypack.dev/", "https://esm.run/"]
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme))?
        .trim_start_matches('/');
    let from = usize::from(bare.starts_with('@'));
    let cut = bare[from..].find('@').map(|cut| from + cut);
    let (name, version) = match cut {
        Some(cut) => (&bare[..cut], Some(&bare[cut + 1..])),
        None => (bare, None),
    };
    // What stands behind is a path inside.
    let parts = if from == 1 { 2 } else { 1 };
    let end = name.match_indices('/').nth(parts - 1).map_or(name.len(), |(at, _)| at);
    let name = if name[..end] == *"@openai/openai" { "openai" } else { &name[..end] };
    Some((name, version.map(|version| version.split(['/', '?']).next().unwrap_or(version))))
}

/// Reads a `deno.lock`: `"npm": {"openai@4.1.0_zod@3": {…}}`.
pub fn deno_lock(text: &str) -> Lock {
    let mut lock = Lock::default();
    match parse(text, Format::Json) {
        Ok(root) => {
            let npm =
                root.as_ref().and_then(|root| root.get("npm").or_else(|| root.get("packages")?.get("npm")));
            for entry in npm.map(Node::entries).unwrap_or_default() {
                let bare = entry.key.split('_').next().unwrap_or(&entry.key);
                if let Some((name, version)) = bare.rsplit_once('@').filter(|(name, _)| !name.is_empty()) {
                    lock.entries.push(Locked {
                        name: name.to_owned(),
                        version: version.to_owned(),
                        for_whom: String::new(),
                        at: entry.key_span.clone(),
                    });
                }
            }
        }
        Err(broken) => lock.problems.push(Problem { at: broken.at, what: broken.why }),
    }
    lock
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(manifest: Manifest) -> Vec<(String, Requirement, Usage)> {
        manifest.dependencies.into_iter().map(|d| (d.name, d.requirement, d.usage)).collect()
    }

    #[test]
    fn dart() {
        let text = "name: app\ndependencies:\n  flutter:\n    sdk: flutter\n  dart_openai: ^5.1.0\n  langchain: 0.7.6\ndev_dependencies:\n  mcp_dart: any\n";
        assert_eq!(
            seen(pubspec(text))[1..],
            [
                ("dart_openai".into(), Requirement::Range("^5.1.0".into()), Usage::Runtime),
                ("langchain".into(), Requirement::Exact("0.7.6".into()), Usage::Runtime),
                ("mcp_dart".into(), Requirement::Any, Usage::Development),
            ]
        );
        let lock = pubspec_lock(
            "packages:\n  dart_openai:\n    dependency: \"direct main\"\n    version: \"5.1.0\"\n",
        );
        assert_eq!((&*lock.entries[0].name, &*lock.entries[0].version), ("dart_openai", "5.1.0"));
    }

    #[test]
    fn julia_projects() {
        let text = "name = \"A\"\n[deps]\nFlux = \"587475ba\"\nOpenAI = \"e9f21f70\"\n[compat]\nFlux = \"0.14\"\nOpenAI = \"=0.9.0\"\n";
        assert_eq!(
            seen(julia(text)),
            [
                ("Flux".into(), Requirement::Range("0.14".into()), Usage::Runtime),
                ("OpenAI".into(), Requirement::Exact("0.9.0".into()), Usage::Runtime),
            ]
        );
        let lock = julia_lock(
            "[[deps.Flux]]\ndeps = [\"x\"]\nversion = \"0.14.2\"\n\n[[deps.Base64]]\nuuid = \"u\"\n",
        );
        assert_eq!((lock.entries.len(), &*lock.entries[0].version), (1, "0.14.2"));
    }

    #[test]
    fn pixi_workspaces() {
        let text = "[workspace]\nname = \"a\"\n[dependencies]\npytorch = \">=2\"\n[pypi-dependencies]\nopenai = \"==1.2.3\"\n[feature.test.dependencies]\nragas = { version = \"*\" }\n";
        assert_eq!(
            seen(pixi(text)),
            [
                ("torch".into(), Requirement::Range(">=2".into()), Usage::Runtime),
                ("openai".into(), Requirement::Exact("1.2.3".into()), Usage::Runtime),
                ("ragas".into(), Requirement::Any, Usage::Test),
            ]
        );
    }

    #[test]
    fn deno_imports() {
        let text = r#"{"imports": {"openai": "npm:openai@^4.1", "a": "npm:@anthropic-ai/sdk@0.30.1/x", "o": "jsr:@openai/openai@4.1.0", "l": "https://esm.sh/langchain@0.3.0", "std": "./x.ts"}}"#;
        assert_eq!(
            seen(deno(text)),
            [
                ("openai".into(), Requirement::Range("^4.1".into()), Usage::Runtime),
                ("@anthropic-ai/sdk".into(), Requirement::Exact("0.30.1".into()), Usage::Runtime),
                ("openai".into(), Requirement::Exact("4.1.0".into()), Usage::Runtime),
                ("langchain".into(), Requirement::Exact("0.3.0".into()), Usage::Runtime),
            ]
        );
        let lock = deno_lock(
            r#"{"version": "4", "npm": {"openai@4.77.0_zod@3.24": {}, "@anthropic-ai/sdk@0.30.1": {}}}"#,
        );
        let found: Vec<_> = lock.entries.iter().map(|e| (&*e.name, &*e.version)).collect();
        assert_eq!(found, [("openai", "4.77.0"), ("@anthropic-ai/sdk", "0.30.1")]);
    }
}
