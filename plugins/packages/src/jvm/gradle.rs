//! `build.gradle` and `build.gradle.kts`. They are programs; read are the calls that name a module literally, and the
//! accessors of a version catalogue (`libs.openai.java`).

use crate::dependency::{Dependency, Manifest, Requirement, Variable};
use crate::jvm::pom::version_of;
use inventar_plugin_sdk::Usage;
use std::collections::BTreeMap;

/// Reads a build file. A dependency by accessor has the accessor as its name, from `libs.` on.
pub fn parse(text: &str) -> Manifest {
    let mut manifest = Manifest::default();
    let values = variables(text);
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let at = start;
        start += line.len();
        let code = line.trim_start();
        if code.starts_with("//") || code.starts_with('*') {
            continue;
        }
        let configuration = code.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        let rest = &code[configuration.len()..];
        // `implementation platform(…)` and Spring's `mavenBom` import the versions of many modules, and no code.
        let is_bill = configuration == "mavenBom"
            || ["platform(", "platform (", "Platform("].iter().any(|call| rest.contains(call));
        let Some(usage) = usage_of(configuration).or(is_bill.then_some(Usage::Runtime)) else { continue };
        let configuration = if is_bill { "import" } else { configuration };
        let offset = at + (line.len() - rest.len());
        if let Some((name, requirement, place)) =
            literal(rest, &values).or_else(|| named_arguments(rest, &values))
        {
            let place = offset + place.start..offset + place.end;
            manifest.dependencies.push(Dependency::new(name, requirement, usage, configuration, place));
        } else if let Some(found) =
            rest.find("libs.").filter(|found| !rest[..*found].ends_with(|c: char| c.is_ascii_alphanumeric()))
        {
            let accessor: String = rest[found..]
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_'))
                .collect();
            let accessor = accessor.trim_end_matches(".get").trim_end_matches('.').to_owned();
            let place = offset + found..offset + found + accessor.len();
            manifest.dependencies.push(Dependency::new(
                accessor,
                Requirement::Inherited(String::new()),
                usage,
                configuration,
                place,
            ));
        }
    }
    manifest
}

fn usage_of(configuration: &str) -> Option<Usage> {
    let lower = configuration.to_ascii_lowercase();
    let ends = |suffixes: &[&str]| suffixes.iter().any(|suffix| lower.ends_with(suffix));
    if !ends(&[
        "implementation",
        "api",
        "compileonly",
        "runtimeonly",
        "compile",
        "runtime",
        "kapt",
        "ksp",
        "annotationprocessor",
        "developmentonly",
        "debugimplementation",
        "classpath",
    ]) {
        return None;
    }
    Some(if lower.contains("test") {
        Usage::Test
    } else if matches!(
        lower.as_str(),
        "kapt" | "ksp" | "annotationprocessor" | "developmentonly" | "classpath"
    ) {
        Usage::Development
    } else {
        Usage::Runtime
    })
}

type Found = (String, Requirement, std::ops::Range<usize>);

/// `'group:artifact:version'` in any quotes.
fn literal(rest: &str, values: &BTreeMap<String, String>) -> Option<Found> {
    let open = rest.find(['\'', '"'])?;
    let quote = rest.as_bytes()[open] as char;
    let inside = &rest[open + 1..];
    let inside = &inside[..inside.find(quote)?];
    let mut parts = inside.split(':');
    let (group, artifact) = (parts.next()?, parts.next()?);
    if group.is_empty() || artifact.is_empty() || group.contains(' ') || group.contains('/') {
        return None;
    }
    let requirement = match parts.next() {
        None | Some("") => Requirement::Inherited(String::new()),
        Some(version) => version_of(&resolve(version, values)),
    };
    let at = open + 1..open + 1 + group.len() + 1 + artifact.len();
    Some((format!("{group}:{artifact}"), requirement, at))
}

/// `group: 'g', name: 'a', version: 'v'` and `group = "g", name = "a"`.
fn named_arguments(rest: &str, values: &BTreeMap<String, String>) -> Option<Found> {
    let argument = |name: &str| {
        let found = rest.find(name)?;
        let value = rest[found + name.len()..].trim_start().strip_prefix([':', '='])?.trim_start();
        let quote = value.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
        let value = value[1..].split(quote).next()?;
        Some((value, rest.len() - rest[found..].len()))
    };
    let (group, _) = argument("group")?;
    let (artifact, at) = argument("name")?;
    let requirement = match argument("version") {
        None => Requirement::Inherited(String::new()),
        Some((version, _)) => version_of(&resolve(version, values)),
    };
    Some((format!("{group}:{artifact}"), requirement, at..at + "name".len()))
}

/// `def x = '1'`, `val x = "1"`, `ext.x = '1'`, `x = "1"`, `set("x", "1")`.
fn variables(text: &str) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    for line in text.lines() {
        let code = line.trim();
        if let Some(rest) = code.strip_prefix("set(").or_else(|| code.strip_prefix("extra.set(")) {
            let mut quoted = rest.split(['\'', '"']).skip(1).step_by(2);
            if let (Some(name), Some(value)) = (quoted.next(), quoted.next()) {
                values.insert(name.to_owned(), value.to_owned());
            }
            continue;
        }
        let Some((left, right)) = code.split_once('=') else { continue };
        let right = right.trim();
        let Some(quote) = right.chars().next().filter(|c| matches!(c, '\'' | '"')) else { continue };
        let Some(value) = right[1..].split(quote).next() else { continue };
        let left = left.trim().trim_end_matches(']').trim_end_matches(['"', '\'']);
        let name: String = left
            .rsplit(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'))
            .next()
            .unwrap_or_default()
            .to_owned();
        if !name.is_empty() && value.len() <= 64 {
            values.insert(name, value.to_owned());
        }
    }
    values
}

/// `$x`, `${x}`, `${versions.x}`, `${property("x")}`; what is not known stays.
fn resolve(text: &str, values: &BTreeMap<String, String>) -> String {
    let Some(reference) = text.strip_prefix('$') else { return text.to_owned() };
    let inner = reference.trim_start_matches('{').trim_end_matches('}');
    let inner = inner.trim_end_matches([')', ']', '"', '\'']);
    let name = inner
        .rsplit(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'))
        .next()
        .unwrap_or_default();
    values.get(name).cloned().unwrap_or_else(|| text.to_owned())
}

/// `gradle.properties`: what looks like a version.
pub fn properties(text: &str) -> Vec<Variable> {
    let mut variables = vec![];
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let at = start;
        start += line.len();
        let Some((name, value)) = line.split_once('=') else { continue };
        if !line.trim_start().starts_with('#') && name.contains("ersion") {
            let at = at..at + line.trim_end().len();
            variables.push(Variable { name: name.trim().to_owned(), value: value.trim().to_owned(), at });
        }
    }
    variables
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, Requirement, Usage, usize)]) {
        let manifest = parse(text);
        let found: Vec<_> = manifest
            .dependencies
            .iter()
            .map(|d| {
                (d.name.clone(), d.requirement.clone(), d.usage, text[..d.at.start].matches('\n').count() + 1)
            })
            .collect();
        let expected: Vec<_> =
            expected.iter().map(|(a, b, c, d)| ((*a).to_owned(), b.clone(), *c, *d)).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn groovy_and_kotlin() {
        let exact = |v: &str| Requirement::Exact(v.into());
        check(
            "def lc = '1.0.1'\next {\n  set('springAiVersion', \"1.0.0\")\n}\ndependencies {\n  implementation 'com.openai:openai-java:2.0.0'\n  implementation \"dev.langchain4j:langchain4j:$lc\"\n  implementation platform(\"org.springframework.ai:spring-ai-bom:1.0.0\")\n  testImplementation group: 'io.qdrant', name: 'client', version: '1.9.0'\n  // implementation 'x:y:1'\n  implementation 'org.springframework.ai:spring-ai-starter-model-openai'\n}\ndependencyManagement {\n  imports {\n    mavenBom \"dev.langchain4j:langchain4j-bom:${lc}\"\n    mavenBomish 'x:y:1'\n  }\n}\n",
            &[
                ("com.openai:openai-java", exact("2.0.0"), Usage::Runtime, 6),
                ("dev.langchain4j:langchain4j", exact("1.0.1"), Usage::Runtime, 7),
                ("org.springframework.ai:spring-ai-bom", exact("1.0.0"), Usage::Runtime, 8),
                ("io.qdrant:client", exact("1.9.0"), Usage::Test, 9),
                (
                    "org.springframework.ai:spring-ai-starter-model-openai",
                    Requirement::Inherited(String::new()),
                    Usage::Runtime,
                    11,
                ),
                ("dev.langchain4j:langchain4j-bom", exact("1.0.1"), Usage::Runtime, 15),
            ],
        );
        check(
            "val v = \"0.4.0\"\ndependencies {\n    implementation(\"io.modelcontextprotocol:kotlin-sdk:${v}\")\n    api(libs.openai.java)\n    implementation(enforcedPlatform(libs.spring.ai.bom))\n    implementation(\"ai.koog:koog-agents:1.+\")\n    implementation(project(\":core\"))\n}\n",
            &[
                ("io.modelcontextprotocol:kotlin-sdk", exact("0.4.0"), Usage::Runtime, 3),
                ("libs.openai.java", Requirement::Inherited(String::new()), Usage::Runtime, 4),
                ("libs.spring.ai.bom", Requirement::Inherited(String::new()), Usage::Runtime, 5),
                ("ai.koog:koog-agents", Requirement::Range("1.+".into()), Usage::Runtime, 6),
            ],
        );
    }
}
