//! Hostile input costs no more than its bytes, and never the plugin.
#![allow(clippy::unwrap_used)]

use inventar_plugin_agents::Agents;
use inventar_plugin_sdk::{Answer, Detector, File, NoSettings};
use proptest::prelude::*;

/// One path of every reader.
const PATHS: &[&str] = &[
    "CLAUDE.md",
    "SKILL.md",
    ".claude/agents/a.md",
    ".claude/settings.json",
    ".claude-plugin/plugin.json",
    ".roomodes",
    "langgraph.json",
    "agents.yaml",
    "promptfooconfig.yaml",
    "agent-card.json",
    "flow.json",
    "config.toml",
    "prompts/a.txt",
    "prompts/a.j2",
    "a.prompty",
];

const SAMPLE: &str = "---\nname: a\nmodel: gpt-4o\n---\nYou are a helper. Your task: answer only in JSON.\n{\"nodes\": [{\"data\": {\"inputs\": {\"modelName\": \"gpt-4o\"}, \"category\": \"Agents\"}}], \"edges\": []}\nresearcher:\n  role: r\n  goal: g\n  backstory: You know a lot of things.\ngraphs: {a: b}\n";

fn scan(path: &str, content: impl Into<Vec<u8>>) -> Answer {
    let content = content.into();
    let size = content.len() as u64;
    let answer = Agents::scan(&NoSettings::default(), &File::of(path, content));
    for asset in &answer.assets {
        assert!(!asset.evidence.is_empty(), "{path}: {}", asset.key);
        assert!(
            asset
                .evidence
                .iter()
                .all(|seen| seen.span().start <= seen.span().end && seen.span().end <= size.max(1)),
            "{path}: {asset:?}"
        );
    }
    answer
}

#[test]
fn truncation_at_every_byte() {
    for path in PATHS {
        for end in 0..SAMPLE.len() {
            scan(path, &SAMPLE[..end]);
        }
    }
}

#[test]
fn floods() {
    let long = "You are a helper. ".repeat(300_000);
    for path in PATHS {
        scan(path, long.as_str());
        scan(path, format!("system_prompt: \"{long}\"\n"));
        scan(path, "a\0b");
        scan(path, b"\xff\xfe name".to_vec());
        scan(path, "---\n".repeat(50_000));
        scan(path, "- {role: system, content: You are a helper}\n".repeat(20_000));
        scan(path, "[".repeat(100_000));
        scan(path, "{\"a\":".repeat(100_000));
        scan(path, "{% x %}{{ y }}".repeat(50_000));
    }
}

proptest! {
    #[test]
    fn anything(text in "[a-zA-Z0-9 :/${}\\[\\]\"'=|\\n\\\\#.,<>%é-]{0,200}", at in 0..PATHS.len()) {
        scan(PATHS[at], text);
    }

    #[test]
    fn pieces(words in proptest::collection::vec(0..12_usize, 0..40), at in 0..PATHS.len()) {
        let pieces = ["---\n", "name: a\n", "model: gpt-4o\n", "a:\n", "  role: r\n", "  goal: g\n", "  backstory: You are one of them\n",
            "tools: [x]\n", "instructions: You are a b\n", "nodes:\n", "edges: []\n", "- {role: system, content: a b c d}\n"];
        scan(PATHS[at], words.into_iter().map(|word| pieces[word]).collect::<String>());
    }
}
