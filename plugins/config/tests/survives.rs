//! Hostile input costs no more than its bytes, and never the plugin.
#![allow(clippy::unwrap_used)]

use inventar_plugin_config::Config;
use inventar_plugin_sdk::{Answer, Detector, File, NoSettings};
use proptest::prelude::*;

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

fn scan(path: &str, content: impl Into<Vec<u8>>) -> Answer {
    let content = content.into();
    let size = content.len() as u64;
    let answer = Config::scan(&NoSettings::default(), &File::of(path, content));
    for asset in &answer.assets {
        assert!(!asset.evidence.is_empty(), "{path}: {}", asset.key);
        assert!(
            asset.evidence.iter().all(|seen| seen.span().start <= seen.span().end && seen.span().end <= size),
            "{path}"
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
    let long = "x".repeat(5 << 20);
    for path in PATHS {
        scan(path, format!("model: \"{long}\"\n"));
        scan(path, "a\0b: gpt-4o\n");
        scan(path, b"model: \xff\xfe gpt-4o\n".to_vec());
        scan(path, "OPENAI_API_KEY=${OPENAI_API_KEY} ".repeat(50_000));
        scan(path, "model: gpt-4o\n".repeat(50_000));
        scan(path, "- {name: OPENAI_API_KEY, value: gpt-4o}\n".repeat(20_000));
        scan(path, "[".repeat(100_000));
        scan(path, "{\"a\":".repeat(100_000));
        scan(path, "a {\n".repeat(20_000));
        scan(path, "{{ x }} ".repeat(50_000));
        scan(path, "RUN pip install openai && \\\n".repeat(30_000));
    }
}

#[test]
fn many_assets_are_cut_and_that_is_said() {
    let lines: String =
        (0..3_000).map(|n| format!("  - model: org/name-{n}b\n    temperature: 1\n")).collect();
    let answer = scan("config.yaml", format!("llm:\n{lines}"));
    assert!(
        answer.assets.len() <= 1_000 && !answer.gaps.is_empty(),
        "{} {:?}",
        answer.assets.len(),
        answer.gaps
    );
}

proptest! {
    #[test]
    fn anything(text in "[a-zA-Z0-9 :/${}\\[\\]\"'=|\\n\\\\#.,<>%é-]{0,200}", at in 0..PATHS.len()) {
        scan(PATHS[at], text);
    }

    #[test]
    fn pieces(words in proptest::collection::vec(0..14_usize, 0..40), at in 0..PATHS.len()) {
        let pieces = ["services:\n", "  a:\n", "    image: ollama/ollama\n", "    env:\n", "      - name: HF_TOKEN\n", "model: gpt-4o\n",
            "FROM ", "RUN pip install ", "openai ", "\\\n", "kind: Deployment\n", "apiVersion: v1\n", "---\n", "resource \"a\" \"b\" {\n"];
        scan(PATHS[at], words.into_iter().map(|word| pieces[word]).collect::<String>());
    }
}
