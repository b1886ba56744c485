//! The claim's literals are the packages of the catalogue and the words by which AI is spoken of in JavaScript.

use std::fmt::Write;

/// Words of files that import no library themselves: settings, prompts, raw requests, tables of models.
const WORDS: &[&str] = &[
    "11434",
    "Act as a",
    "Agent(",
    "LLM",
    "PROMPT",
    "Prompt",
    "RequestSchema",
    "You are a",
    "You are the",
    "_API_KEY",
    "_MODEL",
    "anthropic",
    "chatModel",
    "chat/completions",
    "claude-",
    "codestral",
    "cohere",
    "dall-e",
    "deepseek",
    "embedding",
    "gemini",
    "generativelanguage",
    "gpt-",
    "groq",
    "huggingface",
    "inputSchema",
    "input_schema",
    "langchain",
    "llama",
    "llm",
    "mistral",
    "modelId",
    "modelName",
    "modelcontextprotocol",
    "o1-",
    "o3-",
    "o4-",
    "openai",
    "openrouter",
    "prompt:",
    "qwen",
    "registerTool",
    "replicate.com",
    "role\": \"system",
    "role: \"system",
    "role: 'system",
    "role:\"system",
    "role:'system",
    "systemMessage",
    "whisper",
    "your task",
    "Your task",
];

#[test]
fn literals_are_those_of_the_catalogue() {
    let mut lines: Vec<String> = WORDS.iter().map(|word| (*word).to_owned()).collect();
    for quote in ['"', '\''] {
        for module in inventar_catalogue::literals("javascript") {
            lines.push(format!("{quote}{module}{quote}"));
            lines.push(format!("{quote}{module}/"));
        }
        for family in inventar_catalogue::families() {
            if family.ecosystem == "npm" {
                lines.push(format!("{quote}{}", family.prefix));
            }
        }
    }
    lines.sort();
    lines.dedup();
    let mut expected = String::new();
    // A longer literal that starts with a shorter one adds nothing.
    let mut last: Option<String> = None;
    for line in lines {
        if last.as_ref().is_none_or(|last| !line.starts_with(last.as_str())) {
            let _ = writeln!(expected, "{line}");
            last = Some(line);
        }
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/literals.txt");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &expected).expect("the file is writable");
    }
    let actual = std::fs::read_to_string(path).expect("literals.txt is there");
    assert!(actual == expected, "literals.txt is out of date: run the test with UPDATE=1");
}
