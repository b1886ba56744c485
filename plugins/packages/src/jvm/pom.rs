//! Maven's `pom.xml`.

use crate::dependency::{Dependency, Include, Locked, Manifest, Requirement, Variable};
use crate::xml::{self, Element};
use inventar_plugin_sdk::Usage;
use std::collections::BTreeMap;

/// Reads a project: its dependencies with their versions as far as it knows them itself. What only a parent or an
/// imported bill of materials knows is `Inherited`; the parent is an include.
pub fn parse(source: &str) -> Manifest {
    let (root, problem) = xml::parse(source);
    let mut manifest = Manifest { problems: problem.into_iter().collect(), ..Manifest::default() };
    let Some(project) = root.child("project") else { return manifest };

    let mut values: BTreeMap<String, String> = BTreeMap::new();
    for property in project.child("properties").into_iter().flat_map(|properties| &properties.children) {
        let (name, value) = (property.name.clone(), property.text.clone());
        if name.contains("ersion") && value.len() <= 64 {
            let at = property.at.clone();
            manifest.variables.push(Variable { name: name.clone(), value: value.clone(), at });
        }
        values.insert(name, value);
    }
    for name in ["version", "groupId"] {
        let own = project.text_of(name).or_else(|| project.child("parent")?.text_of(name));
        if let Some(text) = own {
            values.insert(format!("project.{name}"), text.to_owned());
        }
    }
    if let Some(parent) = project.child("parent") {
        let path = parent.text_of("relativePath").unwrap_or("../pom.xml");
        if !path.is_empty() {
            let path = if path.ends_with(".xml") {
                path.to_owned()
            } else {
                format!("{}/pom.xml", path.trim_end_matches('/'))
            };
            manifest.includes.push(Include { path, constraint: true });
        }
    }

    for dependency in project
        .child("dependencyManagement")
        .and_then(|m| m.child("dependencies"))
        .into_iter()
        .flat_map(|d| d.all("dependency"))
    {
        if let Some((name, requirement, at)) = coordinates(dependency, &values)
            && !matches!(&requirement, Requirement::Inherited(variable) if variable.is_empty())
        {
            // A bill of materials: the one place that says which release of a framework's many modules is in use.
            if dependency.text_of("scope") == Some("import") {
                let bill =
                    Dependency::new(name.clone(), requirement.clone(), Usage::Runtime, "import", at.clone());
                manifest.dependencies.push(bill);
            }
            let offered = Locked { version: requirement.text().to_owned(), for_whom: name.clone(), name, at };
            manifest.offered.push((offered, requirement));
        }
    }
    add(project, Usage::Runtime, "", &values, &mut manifest);
    for profile in project.child("profiles").into_iter().flat_map(|profiles| profiles.all("profile")) {
        let id = profile.text_of("id").unwrap_or_default();
        add(profile, Usage::Optional, id, &values, &mut manifest);
    }
    manifest
}

fn add(
    owner: &Element,
    usage: Usage,
    profile: &str,
    values: &BTreeMap<String, String>,
    manifest: &mut Manifest,
) {
    for dependency in owner.child("dependencies").into_iter().flat_map(|list| list.all("dependency")) {
        let Some((name, mut requirement, at)) = coordinates(dependency, values) else { continue };
        if requirement == Requirement::Inherited(String::new())
            && let Some((_, managed)) = manifest.offered.iter().find(|(offered, _)| offered.name == name)
        {
            requirement = managed.clone();
        }
        let scope = dependency.text_of("scope").unwrap_or("compile");
        let mut usage = match scope {
            "test" => Usage::Test,
            "import" => continue,
            _ => usage,
        };
        if dependency.text_of("optional") == Some("true") {
            usage = usage.at_most(Usage::Optional);
        }
        let scope =
            if profile.is_empty() { scope.to_owned() } else { format!("{scope} in profile {profile}") };
        manifest.dependencies.push(Dependency::new(name, requirement, usage, &scope, at));
    }
}

/// `group:artifact`, its version, and where the artifact's name stands.
fn coordinates(
    dependency: &Element,
    values: &BTreeMap<String, String>,
) -> Option<(String, Requirement, std::ops::Range<usize>)> {
    let group = resolve(dependency.text_of("groupId")?, values);
    // A module of the same group is the project itself.
    if values.get("project.groupId") == Some(&group) {
        return None;
    }
    let artifact = dependency.child("artifactId")?;
    if artifact.text.is_empty() {
        return None;
    }
    let requirement = match dependency.text_of("version") {
        None | Some("") => Requirement::Inherited(String::new()),
        Some(text) => version_of(&resolve(text, values)),
    };
    Some((format!("{group}:{}", artifact.text), requirement, artifact.at.clone()))
}

/// What a resolved or unresolved version asks.
pub fn version_of(text: &str) -> Requirement {
    if text.contains('$') {
        Requirement::Inherited(text.to_owned())
    } else if text.starts_with(['[', '(']) || text.contains('+') && text.ends_with('+') {
        Requirement::Range(text.to_owned())
    } else if text.ends_with("-SNAPSHOT")
        || matches!(text, "LATEST" | "RELEASE" | "latest.release" | "latest.integration")
    {
        Requirement::Floating(text.to_owned())
    } else {
        Requirement::Exact(text.to_owned())
    }
}

/// Replaces `${name}`, a few times: values may name others.
fn resolve(text: &str, values: &BTreeMap<String, String>) -> String {
    let mut text = text.to_owned();
    for _ in 0..4 {
        let Some(start) = text.find("${") else { break };
        let Some(end) = text[start..].find('}').map(|end| start + end) else { break };
        let Some(value) = values.get(&text[start + 2..end]) else { break };
        text.replace_range(start..=end, value);
        if text.len() > 512 {
            break;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn projects() {
        let text = "<project>\n<parent><groupId>g</groupId><version>1</version></parent>\n<properties><lc4j.version>1.0.1</lc4j.version></properties>\n<dependencyManagement><dependencies>\n<dependency><groupId>org.springframework.ai</groupId><artifactId>spring-ai-bom</artifactId><version>1.0.0</version><type>pom</type><scope>import</scope></dependency>\n<dependency><groupId>io.qdrant</groupId><artifactId>client</artifactId><version>1.9.0</version></dependency>\n</dependencies></dependencyManagement>\n<dependencies>\n<dependency><groupId>dev.langchain4j</groupId><artifactId>langchain4j</artifactId><version>${lc4j.version}</version></dependency>\n<dependency><groupId>org.springframework.ai</groupId><artifactId>spring-ai-starter-model-openai</artifactId></dependency>\n<dependency><groupId>io.qdrant</groupId><artifactId>client</artifactId></dependency>\n<dependency><groupId>com.openai</groupId><artifactId>openai-java</artifactId><version>[1,2)</version><scope>test</scope></dependency>\n<dependency><groupId>ai.djl</groupId><artifactId>api</artifactId><version>${other}</version><optional>true</optional></dependency>\n</dependencies>\n</project>\n";
        let manifest = parse(text);
        let found: Vec<_> = manifest
            .dependencies
            .iter()
            .map(|d| (&*d.name, d.requirement.clone(), d.usage, text[..d.at.start].matches('\n').count() + 1))
            .collect();
        assert_eq!(
            found,
            [
                (
                    "org.springframework.ai:spring-ai-bom",
                    Requirement::Exact("1.0.0".into()),
                    Usage::Runtime,
                    5
                ),
                ("dev.langchain4j:langchain4j", Requirement::Exact("1.0.1".into()), Usage::Runtime, 9),
                (
                    "org.springframework.ai:spring-ai-starter-model-openai",
                    Requirement::Inherited(String::new()),
                    Usage::Runtime,
                    10
                ),
                ("io.qdrant:client", Requirement::Exact("1.9.0".into()), Usage::Runtime, 11),
                ("com.openai:openai-java", Requirement::Range("[1,2)".into()), Usage::Test, 12),
                ("ai.djl:api", Requirement::Inherited("${other}".into()), Usage::Optional, 13),
            ]
        );
        assert_eq!(manifest.includes[0].path, "../pom.xml");
        let variable = &manifest.variables[0];
        assert_eq!((&*variable.name, &*variable.value), ("lc4j.version", "1.0.1"));
    }
}
