//! Whatever the catalogue knows is claimed: a file that names it reaches the plugin.
#![allow(clippy::unwrap_used)]

use inventar_catalogue::{
    ci_tools, container_images, endpoints, model_families, resource_types, secret_begins, secrets,
};

fn literals() -> Vec<String> {
    include_str!("../literals.txt").lines().map(str::to_owned).collect()
}

fn claimed(literals: &[String], text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    literals.iter().any(|literal| text.contains(literal.as_str()))
}

#[test]
fn what_the_catalogue_knows_is_claimed() {
    let literals = literals();
    let mut missing = vec![];
    for name in secrets().iter().map(|secret| secret.name) {
        if !claimed(&literals, name) {
            missing.push(name.to_owned());
        }
    }
    for begin in secret_begins() {
        if !claimed(&literals, &format!("{begin}_PROD_TOKEN")) {
            missing.push(begin.to_owned());
        }
    }
    for entry in endpoints() {
        if !claimed(&literals, &entry.host.replace('*', "x")) {
            missing.push(entry.host.to_owned());
        }
    }
    for entry in container_images() {
        // Names too short to be claimed alone stand beside `image`.
        if entry.name.len() > 5 && !claimed(&literals, entry.name) {
            missing.push(entry.name.to_owned());
        }
    }
    for entry in resource_types() {
        let in_file = match (entry.dialect, entry.name.split_once('/')) {
            ("kubernetes", Some((group, kind))) => format!("apiVersion: {group}/v1\nkind: {kind}\n"),
            _ => entry.name.to_owned(),
        };
        if !claimed(&literals, &in_file) {
            missing.push(entry.name.to_owned());
        }
    }
    for tool in ci_tools().filter(|tool| tool.pattern.contains('/')) {
        if !claimed(&literals, tool.pattern) {
            missing.push(tool.pattern.to_owned());
        }
    }
    assert!(missing.is_empty(), "add to literals.txt: {missing:#?}");
}

#[test]
fn the_models_of_great_makers_are_claimed() {
    let literals = literals();
    let makers = [
        "openai",
        "anthropic",
        "google",
        "meta",
        "mistral",
        "alibaba",
        "deepseek",
        "cohere",
        "amazon",
        "xai",
    ];
    let patterns: Vec<String> = model_families()
        .into_iter()
        .filter(|family| {
            makers.contains(&family.provider) && matches!(family.kind, "chat" | "reasoning" | "embedding")
        })
        .flat_map(|family| family.patterns)
        .filter(|pattern| pattern.contains('-'))
        .collect();
    let missing: Vec<&String> = patterns.iter().filter(|pattern| !claimed(&literals, pattern)).collect();
    assert!(missing.len() * 50 <= patterns.len(), "{} of {}: {missing:?}", missing.len(), patterns.len());
}

#[test]
fn literals_are_lower_case_and_telling() {
    for literal in literals() {
        assert!(literal.len() >= 3 && literal == literal.to_ascii_lowercase(), "{literal}");
    }
}

#[test]
fn what_is_copied_to_be_filled_in_is_claimed() {
    let manifest = include_str!("../plugin.toml");
    for ending in ["yaml", "yml", "toml", "json", "ini", "properties"] {
        for example in inventar_plugin_config::format::EXAMPLES {
            let glob = format!("\"**/*.{ending}{example}\"");
            assert!(manifest.contains(&glob), "add {glob} to the claim `settings` of plugin.toml");
        }
    }
}
