//! `pyproject.toml`: PEP 621, PEP 735, and what Poetry, PDM, uv and Hatch add; `Pipfile` is of the same kind.

use crate::dependency::{Dependency, Manifest, Requirement, usage_of_group};
use crate::python::requirement;
use crate::toml_tree::{self, Table, members, table, text, texts};
use inventar_plugin_sdk::Usage;
use std::ops::Range;
use toml::de::DeValue;

/// Reads a `pyproject.toml`.
pub fn parse(source: &str) -> Manifest {
    let (root, problems) = toml_tree::parse(source);
    let mut manifest = Manifest { problems, ..Manifest::default() };
    if let Some(project) = table(&root, "project") {
        add_all(&mut manifest, texts(get(project, "dependencies")), Usage::Runtime, "dependencies");
        for (extra, _, value) in table(project, "optional-dependencies").into_iter().flat_map(members) {
            let usage = usage_of_group(extra, Usage::Optional);
            add_all(&mut manifest, texts(Some(value)), usage, &format!("extra:{extra}"));
        }
    }
    if let Some(build) = table(&root, "build-system") {
        add_all(&mut manifest, texts(get(build, "requires")), Usage::Development, "build-system");
    }
    for (group, _, value) in table(&root, "dependency-groups").into_iter().flat_map(members) {
        add_all(
            &mut manifest,
            texts(Some(value)),
            usage_of_group(group, Usage::Development),
            &format!("group:{group}"),
        );
    }
    if let Some(tool) = table(&root, "tool") {
        poetry(tool, &mut manifest);
        for group in ["pixi.dependencies", "pixi.pypi-dependencies"] {
            for (name, at, value) in table(tool, group).into_iter().flat_map(members) {
                let version =
                    value.as_str().or_else(|| value.as_table().and_then(|table| text(table, "version")));
                let requirement = version.map_or(Requirement::Any, requirement::version_of);
                let name = super::conda::renamed(name);
                manifest.dependencies.push(Dependency::new(name, requirement, Usage::Runtime, group, at));
            }
        }
        for (group, _, value) in table(tool, "pdm.dev-dependencies").into_iter().flat_map(members) {
            add_all(
                &mut manifest,
                texts(Some(value)),
                usage_of_group(group, Usage::Development),
                &format!("group:{group}"),
            );
        }
        if let Some(uv) = table(tool, "uv") {
            add_all(
                &mut manifest,
                texts(get(uv, "dev-dependencies")),
                Usage::Development,
                "dev-dependencies",
            );
        }
        for (name, _, value) in table(tool, "hatch.envs").into_iter().flat_map(members) {
            let usage =
                usage_of_group(name, if name == "default" { Usage::Development } else { Usage::Optional });
            for key in ["dependencies", "extra-dependencies"] {
                let list = value.as_table().and_then(|env| get(env, key));
                add_all(&mut manifest, texts(list), usage, &format!("env:{name}"));
            }
        }
    }
    let own: Vec<String> = own_names(&root);
    let purl = |name: &str| inventar_catalogue::purl("pypi", name);
    manifest.dependencies.retain(|dependency| !own.contains(&purl(&dependency.name)));
    manifest.dependencies.sort_by_key(|dependency| dependency.at.start);
    manifest
}

/// The project itself (`app[all]` asks for its own extras) and what uv takes from the same repository.
fn own_names(root: &Table<'_>) -> Vec<String> {
    let project = ["project", "tool.poetry"].iter().filter_map(|path| text(table(root, path)?, "name"));
    let sources =
        table(root, "tool.uv.sources").into_iter().flat_map(members).filter_map(|(name, _, source)| {
            let source = source.as_table()?;
            (toml_tree::is_true(source, "workspace") || source.contains_key("path")).then_some(name)
        });
    project.chain(sources).map(|name| inventar_catalogue::purl("pypi", name)).collect()
}

/// Reads the block of a script: its dependencies stand at the top.
pub fn parse_script(source: &str) -> Manifest {
    let (root, problems) = toml_tree::parse(source);
    let mut manifest = Manifest { problems, ..Manifest::default() };
    add_all(&mut manifest, texts(get(&root, "dependencies")), Usage::Runtime, "script");
    manifest
}

/// Reads a `Pipfile`.
pub fn parse_pipfile(source: &str) -> Manifest {
    let (root, problems) = toml_tree::parse(source);
    let mut manifest = Manifest { problems, ..Manifest::default() };
    for (section, _, value) in members(&root) {
        let usage = match section {
            "source" | "requires" | "scripts" | "pipenv" => continue,
            "packages" => Usage::Runtime,
            other => usage_of_group(other, Usage::Optional),
        };
        add_table(&mut manifest, value, usage, section, requirement::version_of);
    }
    manifest
}

fn poetry(tool: &Table<'_>, manifest: &mut Manifest) {
    let Some(poetry) = table(tool, "poetry") else { return };
    let mut add = |value: Option<&DeValue<'_>>, usage, scope: &str| {
        if let Some(value) = value {
            add_table(manifest, value, usage, scope, requirement::poetry_version);
        }
    };
    add(get(poetry, "dependencies"), Usage::Runtime, "dependencies");
    add(get(poetry, "dev-dependencies"), Usage::Development, "dev-dependencies");
    for (group, _, value) in table(poetry, "group").into_iter().flat_map(members) {
        let Some(value) = value.as_table() else { continue };
        let otherwise = if toml_tree::is_true(value, "optional") { Usage::Optional } else { Usage::Runtime };
        add(get(value, "dependencies"), usage_of_group(group, otherwise), &format!("group:{group}"));
    }
}

fn get<'t, 'a>(table: &'t Table<'a>, key: &str) -> Option<&'t DeValue<'a>> {
    table.get(key).map(|value| value.get_ref())
}

/// Adds requirements as PEP 508 writes them.
fn add_all<'t>(
    manifest: &mut Manifest,
    list: impl Iterator<Item = (&'t str, Range<usize>)>,
    usage: Usage,
    scope: &str,
) {
    for (line, at) in list {
        if let Some(parsed) = requirement::parse(line.trim()) {
            manifest.dependencies.push(Dependency::new(parsed.name, parsed.requirement, usage, scope, at));
        }
    }
}

/// Adds `name = "version"` and `name = { version = "…", optional = true }`.
fn add_table(
    manifest: &mut Manifest,
    value: &DeValue<'_>,
    usage: Usage,
    scope: &str,
    version: fn(&str) -> Requirement,
) {
    for (name, at, value) in value.as_table().into_iter().flat_map(members) {
        if name == "python" {
            continue;
        }
        // Several constraints for several platforms: the first stands for all.
        let value =
            value.as_array().and_then(|list| list.first().map(|first| first.get_ref())).unwrap_or(value);
        let (requirement, optional) = match value {
            DeValue::String(text) => (version(text), false),
            DeValue::Table(entry) if entry.contains_key("path") => continue,
            DeValue::Table(entry) => {
                let requirement = match (text(entry, "version"), text(entry, "git").or(text(entry, "url"))) {
                    (Some(text), _) => version(text),
                    (None, Some(place)) => Requirement::Floating(place.to_owned()),
                    (None, None) => Requirement::Any,
                };
                (requirement, toml_tree::is_true(entry, "optional"))
            }
            _ => continue,
        };
        let usage = if optional { usage.at_most(Usage::Optional) } else { usage };
        manifest.dependencies.push(Dependency::new(name, requirement, usage, scope, at));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(manifest: &Manifest, text: &str, expected: &[(&str, &str, Usage, &str, usize)]) {
        let found: Vec<(&str, &str, Usage, &str, usize)> = manifest
            .dependencies
            .iter()
            .map(|d| {
                (
                    &*d.name,
                    d.requirement.text(),
                    d.usage,
                    &*d.scope,
                    text[..d.at.start].matches('\n').count() + 1,
                )
            })
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn pep_621_and_735() {
        let text = r#"[project]
name = "app"
dependencies = [
    "openai>=1.0",
    "mcp==1.2.0", # pinned
]
[project.optional-dependencies]
anthropic = ["anthropic>=0.30"]
dev = ["pytest", "ragas"]
[dependency-groups]
test = ["deepeval==1.0", {include-group = "lint"}]
[build-system]
requires = ["hatchling"]
[tool.uv]
dev-dependencies = ["langfuse", "app[anthropic]", "langgraph-sdk"]
sources.langgraph-sdk = { workspace = true }
[tool.hatch.envs.docs]
dependencies = ["tiktoken"]
"#;
        check(
            &parse(text),
            text,
            &[
                ("openai", ">=1.0", Usage::Runtime, "dependencies", 4),
                ("mcp", "1.2.0", Usage::Runtime, "dependencies", 5),
                ("anthropic", ">=0.30", Usage::Optional, "extra:anthropic", 8),
                ("pytest", "", Usage::Development, "extra:dev", 9),
                ("ragas", "", Usage::Development, "extra:dev", 9),
                ("deepeval", "1.0", Usage::Test, "group:test", 11),
                ("hatchling", "", Usage::Development, "build-system", 13),
                ("langfuse", "", Usage::Development, "dev-dependencies", 15),
                ("tiktoken", "", Usage::Docs, "env:docs", 18),
            ],
        );
    }

    #[test]
    fn poetry() {
        let text = r#"[tool.poetry.dependencies]
python = "^3.11"
openai = "^1.0"
cohere = { version = "5.1.0", optional = true }
mcp = { git = "https://github.com/a/b.git", branch = "main" }
[tool.poetry.group.dev.dependencies]
ragas = "*"
[tool.poetry.group.agents.dependencies]
crewai = "0.30.0"
"#;
        check(
            &parse(text),
            text,
            &[
                ("openai", "^1.0", Usage::Runtime, "dependencies", 3),
                ("cohere", "5.1.0", Usage::Optional, "dependencies", 4),
                ("mcp", "https://github.com/a/b.git", Usage::Runtime, "dependencies", 5),
                ("ragas", "", Usage::Development, "group:dev", 7),
                ("crewai", "0.30.0", Usage::Runtime, "group:agents", 9),
            ],
        );
    }

    #[test]
    fn pipfiles() {
        let text = "[packages]\nopenai = \"==1.0.0\"\nlangchain = {version = \">=0.1\", extras = [\"all\"]}\n[dev-packages]\nragas = \"*\"\n[requires]\npython_version = \"3.12\"\n";
        check(
            &parse_pipfile(text),
            text,
            &[
                ("openai", "1.0.0", Usage::Runtime, "packages", 2),
                ("langchain", ">=0.1", Usage::Runtime, "packages", 3),
                ("ragas", "", Usage::Development, "dev-packages", 5),
            ],
        );
    }

    #[test]
    fn what_is_broken_does_not_hide_the_rest() {
        let text = "[project]\ndependencies = [\"openai\"]\n[tool.poetry\nx = \n";
        let manifest = parse(text);
        assert_eq!(manifest.problems.len(), 1);
        assert_eq!(manifest.dependencies.len(), 1);
    }
}
