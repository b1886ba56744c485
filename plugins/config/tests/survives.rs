//! Hostile input costs no more than its bytes, and never the plugin.

use inventar_plugin_config::Config;
use inventar_trial::{any_bytes, any_pieces, cut_everywhere, holds};

/// One path of every reader and of every shape.
const PATHS: &[&str] = &[
    ".env",
    "application.properties",
    "Dockerfile",
    "Modelfile",
    "main.bicep",
    "main.tf",
    "config.toml",
    "config.json",
    "config.yaml",
    "docker-compose.yml",
    ".github/workflows/ci.yml",
    "chart/templates/a.yaml",
];

const SAMPLE: &str = "apiVersion: serving.kserve.io/v1\nkind: InferenceService\nmetadata: {name: x}\nservices:\n  a:\n    image: ollama/ollama:0.5\n    command: vllm serve org/model-7b --model gpt-4o\nresources:\n  b: {type: AWS::Bedrock::Agent}\nmodel: ${X:-gpt-4o}\nOPENAI_API_KEY=x\nFROM ollama/ollama\nRUN pip install openai \\\n  langchain\nresource \"aws_bedrock_guardrail\" \"g\" {\n  x = \"${var.y}\"\n}\n{{ if .x }}\nurl: https://api.openai.com/v1\n";

#[test]
fn truncation_at_every_byte() {
    for path in PATHS {
        cut_everywhere::<Config>(path, SAMPLE, 1);
    }
}

#[test]
fn floods() {
    let long = "x".repeat(5 << 20);
    let texts = [
        format!("model: \"{long}\"\n"),
        "a\0b: gpt-4o\n".to_owned(),
        "OPENAI_API_KEY=${OPENAI_API_KEY} ".repeat(50_000),
        "model: gpt-4o\n".repeat(50_000),
        "- {name: OPENAI_API_KEY, value: gpt-4o}\n".repeat(20_000),
        "[".repeat(100_000),
        "{\"a\":".repeat(100_000),
        "a {\n".repeat(20_000),
        "{{ x }} ".repeat(50_000),
        "RUN pip install openai && \\\n".repeat(30_000),
    ];
    for path in PATHS {
        for text in &texts {
            holds::<Config>(path, text.as_bytes());
        }
        holds::<Config>(path, b"model: \xff\xfe gpt-4o\n");
    }
}

#[test]
fn many_assets_are_cut_and_that_is_said() {
    let lines: String =
        (0..3_000).map(|n| format!("  - model: org/name-{n}b\n    temperature: 1\n")).collect();
    let answer = holds::<Config>("config.yaml", format!("llm:\n{lines}").as_bytes());
    assert!(
        answer.assets.len() <= 1_000 && !answer.gaps.is_empty(),
        "{} {:?}",
        answer.assets.len(),
        answer.gaps
    );
}

/// Pieces of such files.
const PIECES: &[&str] = &[
    "services:\n",
    "  a:\n",
    "    image: ollama/ollama\n",
    "    env:\n",
    "      - name: HF_TOKEN\n",
    "model: gpt-4o\n",
    "FROM ",
    "RUN pip install ",
    "openai ",
    "\\\n",
    "kind: Deployment\n",
    "apiVersion: v1\n",
    "---\n",
    "resource \"a\" \"b\" {\n",
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
    any_pieces::<Config>(PATHS, PIECES);
    any_bytes::<Config>(PATHS, 200);
}
