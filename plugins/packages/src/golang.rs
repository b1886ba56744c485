//! `go.mod`: what it requires directly, at exactly the versions that are built.

use crate::dependency::{Dependency, Manifest, Requirement};
use inventar_plugin_sdk::Usage;

/// Reads a `go.mod`. Lines marked `// indirect` are others' dependencies.
pub fn parse(text: &str) -> Manifest {
    let mut manifest = Manifest::default();
    let mut in_block = false;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let at = start;
        start += line.len();
        let (content, comment) = line.split_once("//").unwrap_or((line, ""));
        let trimmed = content.trim();
        let required = if in_block {
            if trimmed == ")" {
                in_block = false;
                continue;
            }
            trimmed
        } else {
            match trimmed.strip_prefix("require") {
                Some(rest) if rest.trim_start().starts_with('(') => {
                    in_block = true;
                    continue;
                }
                Some(rest) if rest.starts_with([' ', '\t']) => rest.trim(),
                _ => continue,
            }
        };
        if comment.trim_start().starts_with("indirect") {
            continue;
        }
        let mut words = required.split_whitespace();
        let (Some(module), Some(version)) = (words.next(), words.next()) else { continue };
        let module = module.trim_matches('"');
        if version.starts_with('v') {
            let from = at + line.find(module).unwrap_or(0);
            let requirement = Requirement::Exact(version.to_owned());
            manifest.dependencies.push(Dependency::new(
                module,
                requirement,
                Usage::Runtime,
                "require",
                from..from + module.len(),
            ));
        }
    }
    // A module of the same repository is the project itself.
    let local: Vec<&str> = text
        .lines()
        .filter_map(|line| line.split_once("=>"))
        .filter(|(_, place)| place.trim_start().starts_with('.'))
        .filter_map(|(module, _)| module.trim_start().trim_start_matches("replace").split_whitespace().next())
        .collect();
    manifest.dependencies.retain(|dependency| !local.contains(&dependency.name.as_str()));
    manifest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements() {
        let text = "module example.com/app\n\ngo 1.23\n\nrequire github.com/openai/openai-go v1.2.0\n\nrequire (\n\tgithub.com/tmc/langchaingo v0.1.12\n\tgithub.com/ollama/ollama v0.5.0 // indirect\n\t// github.com/x/y v1.0.0\n\tcloud.google.com/go/vertexai v0.12.0 // used\n)\n\nrequire github.com/a/b v1.0.0\n\nreplace github.com/a/b => ../b\n";
        let found: Vec<(String, String, usize)> = parse(text)
            .dependencies
            .iter()
            .map(|d| {
                (
                    d.name.clone(),
                    d.requirement.text().to_owned(),
                    text[..d.at.start].matches('\n').count() + 1,
                )
            })
            .collect();
        let expected = [
            ("github.com/openai/openai-go", "v1.2.0", 5),
            ("github.com/tmc/langchaingo", "v0.1.12", 8),
            ("cloud.google.com/go/vertexai", "v0.12.0", 11),
        ];
        assert_eq!(found, expected.map(|(name, version, line)| (name.to_owned(), version.to_owned(), line)));
    }
}
