//! Conda's `environment.yml`: packages of its own channels, and pip's beneath them.

use crate::dependency::{Dependency, Manifest, Problem, Requirement};
use crate::python::requirement;
use granit_parser::{Event, Parser};
use inventar_plugin_sdk::Usage;

/// Conda's names that differ from those on PyPI.
const RENAMED: &[(&str, &str)] = &[
    ("pytorch", "torch"),
    ("pytorch-cpu", "torch"),
    ("pytorch-gpu", "torch"),
    ("lightgbm-python", "lightgbm"),
    ("py-xgboost", "xgboost"),
    ("faiss", "faiss-cpu"),
    ("huggingface_hub", "huggingface-hub"),
];

/// A conda package's name on PyPI.
pub(crate) fn renamed(name: &str) -> &str {
    RENAMED.iter().find(|(conda, _)| *conda == name).map_or(name, |(_, pypi)| pypi)
}

/// Reads an environment.
pub fn parse(text: &str) -> Manifest {
    let mut manifest = Manifest::default();
    // The keys on the way, each with whether its value is a list; and whether the next scalar of a mapping is a key.
    let mut depth = 0_usize;
    let mut key = String::new();
    let mut in_dependencies = None;
    let mut in_pip = None;
    let mut expects_key = vec![];
    for event in Parser::new_from_str(text) {
        let (event, span) = match event {
            Ok(event) => event,
            Err(error) => {
                let at = error.marker().byte_offset().unwrap_or(0).min(text.len());
                manifest.problems.push(Problem { at, what: error.info().to_owned() });
                break;
            }
        };
        match event {
            Event::MappingStart(..) => {
                depth += 1;
                expects_key.push(Some(true));
            }
            Event::SequenceStart(..) => {
                depth += 1;
                if key == "dependencies" && depth == 2 {
                    in_dependencies = Some(depth);
                } else if key == "pip" && in_dependencies.is_some() {
                    in_pip = Some(depth);
                }
                expects_key.push(None);
            }
            Event::MappingEnd | Event::SequenceEnd => {
                if in_pip == Some(depth) {
                    in_pip = None;
                }
                if in_dependencies == Some(depth) {
                    in_dependencies = None;
                }
                depth = depth.saturating_sub(1);
                expects_key.pop();
                if let Some(Some(expects)) = expects_key.last_mut() {
                    *expects = true;
                }
            }
            Event::Scalar(value, ..) => {
                if let Some(Some(expects)) = expects_key.last_mut() {
                    *expects = !*expects;
                    if !*expects {
                        key = value.into_owned();
                    }
                    continue;
                }
                let at = span.byte_range().filter(|at| text.get(at.clone()).is_some()).unwrap_or(0..0);
                if in_pip == Some(depth) {
                    if let Some(parsed) = requirement::parse(value.trim()) {
                        manifest.dependencies.push(Dependency::new(
                            parsed.name,
                            parsed.requirement,
                            Usage::Runtime,
                            "pip",
                            at,
                        ));
                    }
                } else if in_dependencies == Some(depth) {
                    let (name, requirement) = match_spec(&value);
                    manifest.dependencies.push(Dependency::new(
                        name,
                        requirement,
                        Usage::Runtime,
                        "conda",
                        at,
                    ));
                }
            }
            _ => {}
        }
    }
    manifest
}

/// `conda-forge::pytorch=2.1.0=py311`, `numpy>=1.2`, `tensorflow ==2.0`.
fn match_spec(spec: &str) -> (&str, Requirement) {
    let spec = spec.rsplit("::").next().unwrap_or(spec).trim();
    let end = spec.find(['=', '<', '>', '!', '~', ' ', '[']).unwrap_or(spec.len());
    let (name, version) = spec.split_at(end);
    let name = renamed(name);
    let version = version.split('[').next().unwrap_or_default().trim();
    let equals = version.len() - version.trim_start_matches('=').len();
    let plain = version.trim_start_matches('=').split('=').next().unwrap_or_default().trim();
    let requirement = match equals {
        _ if version.is_empty() => Requirement::Any,
        // `=2.1` is a prefix, `==2.1.0` and `=2.1.0=build` are pins.
        2 => Requirement::Exact(plain.to_owned()),
        1 if version.matches('=').count() > 1 => Requirement::Exact(plain.to_owned()),
        _ => Requirement::Range(version.to_owned()),
    };
    (name, requirement)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environments() {
        let text = "name: app\nchannels:\n  - pytorch\n  - openai\ndependencies:\n  - python=3.11\n  - conda-forge::pytorch=2.1.0=py3.11_0\n  - tensorflow==2.15.0\n  - scikit-learn>=1.3\n  - pip\n  - pip:\n      - openai==1.2.3\n      - -r more.txt\n      - langchain\nprefix: /opt\n";
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
            ("python", "=3.11", 6),
            ("torch", "2.1.0", 7),
            ("tensorflow", "2.15.0", 8),
            ("scikit-learn", ">=1.3", 9),
            ("pip", "", 10),
            ("openai", "1.2.3", 12),
            ("langchain", "", 14),
        ];
        assert_eq!(found, expected.map(|(name, version, line)| (name.to_owned(), version.to_owned(), line)));
    }

    #[test]
    fn broken_environments_tell_where() {
        let manifest = parse("dependencies:\n  - openai\n  - [unclosed\nx: {\n");
        assert_eq!(manifest.problems.len(), 1);
        assert_eq!(manifest.dependencies.len(), 1, "{manifest:?}");
    }
}
