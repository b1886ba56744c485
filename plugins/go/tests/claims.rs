//! The claim's literals are the imports of the catalogue and the words by which AI is spoken of in code.

/// Words of files that import no library themselves: settings, prompts, raw requests, tables of models.
const WORDS: &[&str] = &[
    "\"anthropic",
    "\"openai",
    "\"system\"",
    "Act as a",
    "HF_TOKEN",
    "InputSchema",
    "LLM",
    "OpenAI",
    "PROMPT",
    "RoleSystem",
    "SystemPrompt",
    "Tools{",
    "Tool{",
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
    "rompt = \"",
    "rompt = `",
    "rompt string = ",
    "rompt: \"",
    "rompt: `",
    "systemPrompt",
    "system_prompt",
    "text-embedding",
    "whisper-",
    "your task",
];

#[test]
fn literals_are_those_of_the_catalogue() {
    let mut lines: Vec<String> = WORDS.iter().map(|word| (*word).to_owned()).collect();
    for module in inventar_catalogue::literals("go") {
        lines.push(format!("\"{module}"));
    }
    for family in inventar_catalogue::families().iter().filter(|family| family.ecosystem == "golang") {
        lines.push(format!("\"{}", family.prefix));
    }
    inventar_trial::literals::are_up_to_date(env!("CARGO_MANIFEST_DIR"), lines);
}
