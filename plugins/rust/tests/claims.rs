//! The claim's literals are the imports of the catalogue and the words by which AI is spoken of in code.

/// Words of files that import no library themselves: settings, prompts, raw requests, tables of models.
const WORDS: &[&str] = &[
    "Act as a",
    "Anthropic",
    "HF_TOKEN",
    "LLM",
    "Ollama",
    "OpenAI",
    "Role::System",
    "SYSTEM_PROMPT",
    "ToolDescription",
    "You are a",
    "Your task",
    "_API_KEY",
    "anthropic",
    "chat/completions",
    "claude-",
    "deepseek",
    "embedding_model",
    "from_pretrained",
    "gemini-",
    "gpt-",
    "input_schema",
    "llama",
    "llm",
    "mistral",
    "ollama",
    "openai",
    "preamble(",
    "qwen",
    "system_prompt",
    "text-embedding",
    "whisper-",
    "your task",
];

#[test]
fn literals_are_those_of_the_catalogue() {
    let mut lines: Vec<String> = WORDS.iter().map(|word| (*word).to_owned()).collect();
    for module in inventar_catalogue::literals("rust") {
        lines.push(format!("use {module}"));
        lines.push(format!(" {module}::"));
        lines.push(format!("({module}::"));
    }
    inventar_trial::literals::are_up_to_date(env!("CARGO_MANIFEST_DIR"), lines);
}
