//! The claim's literals are the imports of the catalogue and the words by which AI is spoken of in code.

use std::fmt::Write;

/// Words of files that import no library themselves: settings, prompts, raw requests, tables of models.
const WORDS: &[&str] = &[
    "\"anthropic",
    "\"openai",
    "\"system\"",
    "Act as a",
    "HF_TOKEN",
    "LLM",
    "OpenAI",
    "RoleSystem",
    "SystemPrompt",
    "You are a",
    "Your task",
    "_API_KEY",
    "anthropic.com",
    "chat/completions",
    "claude-",
    "deepseek",
    "embedding-",
    "gemini-",
    "gemini/",
    "gpt-",
    "llama",
    "llm",
    "mistral",
    "ollama",
    "openai\"",
    "openai.com",
    "qwen",
    "systemPrompt",
    "system_prompt",
    "text-embedding",
    "whisper-",
    "your task",
];

#[test]
fn literals_are_those_of_the_catalogue() {
    let mut expected = String::new();
    let mut lines: Vec<String> = WORDS.iter().map(|word| (*word).to_owned()).collect();
    for module in inventar_catalogue::literals("go") {
        lines.push(format!("\"{module}"));
    }
    for family in inventar_catalogue::families().iter().filter(|family| family.ecosystem == "golang") {
        lines.push(format!("\"{}", family.prefix));
    }
    lines.sort();
    lines.dedup();
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
