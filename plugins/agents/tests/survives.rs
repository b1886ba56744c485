//! Hostile input costs no more than its bytes, and never the plugin.

use inventar_plugin_agents::Agents;
use inventar_trial::{any_bytes, any_pieces, cut_everywhere, holds};

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

#[test]
fn truncation_at_every_byte() {
    for path in PATHS {
        cut_everywhere::<Agents>(path, SAMPLE, 1);
    }
}

#[test]
fn floods() {
    let long = "You are a helper. ".repeat(300_000);
    let texts = [
        long.clone(),
        format!("system_prompt: \"{long}\"\n"),
        "a\0b".to_owned(),
        "---\n".repeat(50_000),
        "- {role: system, content: You are a helper}\n".repeat(20_000),
        "[".repeat(100_000),
        "{\"a\":".repeat(100_000),
        "{% x %}{{ y }}".repeat(50_000),
    ];
    for path in PATHS {
        for text in &texts {
            holds::<Agents>(path, text.as_bytes());
        }
        holds::<Agents>(path, b"\xff\xfe name");
    }
}

/// Pieces of such files.
const PIECES: &[&str] = &[
    "---\n",
    "name: a\n",
    "model: gpt-4o\n",
    "a:\n",
    "  role: r\n",
    "  goal: g\n",
    "  backstory: You are one of them\n",
    "tools: [x]\n",
    "instructions: You are a b\n",
    "nodes:\n",
    "edges: []\n",
    "- {role: system, content: a b c d}\n",
    "[",
    "]",
    "{",
    "${",
    "}",
    "\"",
    "'",
    "=",
    ": ",
    "|",
    "#",
    "/",
    ",",
    "<",
    ">",
    "%",
    "-",
    " ",
    "\n",
    "\\",
    "x",
    "é",
];

#[test]
fn any_text() {
    any_pieces::<Agents>(PATHS, PIECES);
    any_bytes::<Agents>(PATHS, 200);
}
