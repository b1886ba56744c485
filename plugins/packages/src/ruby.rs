//! `Gemfile`, `*.gemspec` and `Gemfile.lock`.

use crate::dependency::{Dependency, Lock, Locked, Manifest, Requirement, usage_of_group};
use inventar_plugin_sdk::Usage;

/// Reads a `Gemfile`: `gem "name", "~> 1.0"`, in groups or with one.
pub fn gemfile(text: &str) -> Manifest {
    let mut manifest = Manifest::default();
    let mut groups: Vec<Usage> = vec![];
    each_line(text, |at, line| {
        let trimmed = line.trim();
        if trimmed.starts_with("group ") && trimmed.ends_with(" do") {
            groups.push(usage_of_group(trimmed, Usage::Runtime));
        } else if trimmed.ends_with(" do") || trimmed.starts_with("if ") || trimmed.starts_with("unless ") {
            groups.push(Usage::Runtime);
        } else if trimmed == "end" {
            groups.pop();
        } else if trimmed.starts_with("gem ") || trimmed.starts_with("gem(") {
            let within = groups.iter().copied().fold(Usage::Runtime, Usage::at_most);
            let own = trimmed
                .split_once("group")
                .map_or(Usage::Runtime, |(_, group)| usage_of_group(group, Usage::Runtime));
            push(&mut manifest, text, at, line, within.at_most(own), "gem");
        }
    });
    manifest
}

/// Reads a `*.gemspec`: `spec.add_dependency "name", ">= 1"`.
pub fn gemspec(text: &str) -> Manifest {
    let mut manifest = Manifest::default();
    each_line(text, |at, line| {
        let scopes = [
            ("add_development_dependency", Usage::Development),
            ("add_runtime_dependency", Usage::Runtime),
            ("add_dependency", Usage::Runtime),
        ];
        if let Some((scope, usage)) = scopes.iter().find(|(scope, _)| line.contains(scope))
            && !line.trim_start().starts_with('#')
        {
            push(&mut manifest, text, at, line, *usage, scope);
        }
    });
    manifest
}

/// Adds the gem of a line: its first two quoted texts are name and requirement.
fn push(manifest: &mut Manifest, text: &str, at: usize, line: &str, usage: Usage, scope: &str) {
    let quoted = quoted(line);
    let Some((name, from)) = quoted.first() else { return };
    let requirement = match quoted.get(1).map(|(version, _)| *version) {
        Some(version) if is_version(version) => requirement(version),
        _ if line.contains("git:") || line.contains("github:") || line.contains("path:") => {
            Requirement::Floating("repository".to_owned())
        }
        _ => Requirement::Any,
    };
    let from = at + from;
    debug_assert!(text.get(from..from + name.len()) == Some(*name));
    manifest.dependencies.push(Dependency::new(*name, requirement, usage, scope, from..from + name.len()));
}

fn is_version(text: &str) -> bool {
    text.trim_start_matches(['~', '>', '<', '=', '!', ' ']).starts_with(|c: char| c.is_ascii_digit())
}

fn requirement(text: &str) -> Requirement {
    let plain = text.trim_start_matches('=').trim();
    if plain.starts_with(|c: char| c.is_ascii_digit()) {
        Requirement::Exact(plain.to_owned())
    } else {
        Requirement::Range(text.trim().to_owned())
    }
}

/// Reads a `Gemfile.lock`: `    name (1.2.3)` below `specs:`.
pub fn lock(text: &str) -> Lock {
    let mut lock = Lock::default();
    each_line(text, |at, line| {
        let Some(entry) = line.strip_prefix("    ").filter(|rest| !rest.starts_with(' ')) else { return };
        let Some((name, version)) = entry.trim_end().split_once(" (") else { return };
        let version = version.trim_end_matches(')');
        if version.starts_with(|c: char| c.is_ascii_digit()) {
            // `1.2.3-x86_64-linux` is the build for a platform.
            let version = version.split('-').next().unwrap_or(version).to_owned();
            let from = at + 4;
            lock.entries.push(Locked {
                name: name.to_owned(),
                version,
                for_whom: String::new(),
                at: from..from + name.len(),
            });
        }
    });
    lock.entries.dedup_by(|a, b| a.name == b.name && a.version == b.version);
    lock
}

/// Calls back with each line and where it begins.
pub(crate) fn each_line<'t>(text: &'t str, mut visit: impl FnMut(usize, &'t str)) {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        visit(start, line);
        start += line.len();
    }
}

/// The quoted texts of a line, each with its place in it.
pub(crate) fn quoted(line: &str) -> Vec<(&str, usize)> {
    let mut found = vec![];
    let mut at = 0;
    while let Some(open) = line[at..].find(['"', '\'']).map(|open| at + open) {
        let quote = &line[open..=open];
        let Some(close) = line[open + 1..].find(quote).map(|close| open + 1 + close) else { break };
        found.push((&line[open + 1..close], open + 1));
        at = close + 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(manifest: Manifest) -> Vec<(String, Requirement, Usage)> {
        manifest.dependencies.into_iter().map(|d| (d.name, d.requirement, d.usage)).collect()
    }

    #[test]
    fn manifests() {
        let text = "source \"https://rubygems.org\"\ngem \"ruby-openai\", \"~> 7.0\"\n# gem \"anthropic\"\ngem 'langchainrb', '0.19.5'\ngroup :development, :test do\n  gem \"ollama-ai\"\nend\ngem \"neighbor\", group: :test\ngem \"raix\", github: \"a/b\"\n";
        let exact = Requirement::Exact("0.19.5".into());
        assert_eq!(
            seen(gemfile(text)),
            [
                ("ruby-openai".into(), Requirement::Range("~> 7.0".into()), Usage::Runtime),
                ("langchainrb".into(), exact, Usage::Runtime),
                ("ollama-ai".into(), Requirement::Any, Usage::Test),
                ("neighbor".into(), Requirement::Any, Usage::Test),
                ("raix".into(), Requirement::Floating("repository".into()), Usage::Runtime),
            ]
        );
        let spec = "Gem::Specification.new do |s|\n  s.add_dependency \"openai\", \">= 1\"\n  s.add_development_dependency 'mcp'\nend\n";
        assert_eq!(seen(gemspec(spec))[1], ("mcp".into(), Requirement::Any, Usage::Development));
    }

    #[test]
    fn locks() {
        let text = "GEM\n  remote: https://rubygems.org/\n  specs:\n    ruby-openai (7.3.1)\n      faraday (>= 1)\n    onnxruntime (0.9.1-x86_64-linux)\n\nDEPENDENCIES\n  ruby-openai (~> 7.0)\n";
        let found: Vec<_> = lock(text).entries.into_iter().map(|e| (e.name, e.version)).collect();
        assert_eq!(
            found,
            [("ruby-openai".into(), "7.3.1".into()), ("onnxruntime".into(), "0.9.1".to_string())]
        );
    }
}
