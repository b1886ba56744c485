//! `mix.exs` and `mix.lock`.

use crate::dependency::{Dependency, Lock, Locked, Manifest, Requirement, usage_of_group};
use crate::ruby::{each_line, quoted};
use inventar_plugin_sdk::Usage;

/// Reads a `mix.exs`: `{:openai_ex, "~> 0.5", only: :test}`.
pub fn manifest(text: &str) -> Manifest {
    let mut manifest = Manifest::default();
    each_line(text, |start, line| {
        if line.trim_start().starts_with('#') {
            return;
        }
        let Some(open) = line.find("{:") else { return };
        let rest = &line[open + 2..];
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let (name, rest) = rest.split_at(end);
        if name.is_empty() || !rest.trim_start().starts_with(',') {
            return;
        }
        let requirement = match quoted(rest).first().map(|(text, _)| *text) {
            Some(text) if rest.contains("git:") || rest.contains("github:") || rest.contains("path:") => {
                Requirement::Floating(text.to_owned())
            }
            Some(text) => match text.trim().strip_prefix("==") {
                Some(exact) => Requirement::Exact(exact.trim().to_owned()),
                None => Requirement::Range(text.trim().to_owned()),
            },
            None => Requirement::Any,
        };
        let usage = rest.split_once("only:").map_or(Usage::Runtime, |(_, only)| {
            let only = only.split(['}', ']']).next().unwrap_or(only);
            if only.contains(":prod") { Usage::Runtime } else { usage_of_group(only, Usage::Runtime) }
        });
        let from = start + open + 2;
        manifest.dependencies.push(Dependency::new(
            name,
            requirement,
            usage,
            "deps",
            from..from + name.len(),
        ));
    });
    manifest
}

/// Reads a `mix.lock`: `"name": {:hex, :name, "1.2.3", …}`.
pub fn lock(text: &str) -> Lock {
    let mut lock = Lock::default();
    each_line(text, |start, line| {
        let texts = quoted(line);
        if let ([(name, at), (version, _), ..], true) = (&texts[..], line.contains("{:hex,")) {
            let from = start + at;
            lock.entries.push(Locked {
                name: (*name).to_owned(),
                version: (*version).to_owned(),
                for_whom: String::new(),
                at: from..from + name.len(),
            });
        }
    });
    lock
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifests_and_locks() {
        let text = "defp deps do\n  [\n    {:openai_ex, \"~> 0.8\"},\n    # {:langchain, \"1\"},\n    {:nx, \"== 0.9.1\", only: [:dev, :test]},\n    {:jido, github: \"a/b\"}\n  ]\nend\n{:ok, x}\n";
        let found: Vec<_> =
            manifest(text).dependencies.into_iter().map(|d| (d.name, d.requirement, d.usage)).collect();
        assert_eq!(
            found[..3],
            [
                ("openai_ex".into(), Requirement::Range("~> 0.8".into()), Usage::Runtime),
                ("nx".into(), Requirement::Exact("0.9.1".into()), Usage::Test),
                ("jido".into(), Requirement::Floating("a/b".into()), Usage::Runtime),
            ]
        );
        let found = lock("%{\n  \"nx\": {:hex, :nx, \"0.9.2\", \"abc\", [:mix]},\n}\n").entries;
        assert_eq!((&*found[0].name, &*found[0].version), ("nx", "0.9.2"));
    }
}
