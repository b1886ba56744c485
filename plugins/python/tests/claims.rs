//! The claim's literals are the imports of the catalogue and the words by which AI is spoken of in Python.

/// Words of files that import no library themselves: settings, prompts, raw requests, tables of models.
const WORDS: &[&str] = &[
    "Agent(",
    "Agent:",
    "_API_KEY",
    "_MODEL",
    "_model",
    "_LLM",
    "_llm",
    "@mcp.",
    "@tool",
    ".tool(",
    "You are a",
    "Act as a",
    "your task",
    "Your task",
    "api_base",
    "api_key",
    "assistant",
    "base_url",
    "chat_model",
    "claude-",
    "codestral",
    "completions",
    "dall-e",
    "deepseek",
    "embedding",
    "from agents",
    "from_pretrained",
    "gemini",
    "gpt-",
    "import agents",
    "inputSchema",
    "input_schema",
    "llama",
    "llm",
    "LLM",
    "mistral",
    "model=",
    "model_id",
    "model_name",
    "o1-",
    "o3-",
    "o4-",
    "openai",
    "prompt",
    "PROMPT",
    "EndpointName",
    "ModelPackageGroupName",
    "models:/",
    "qwen",
    "role\": \"system",
    "role': 'system",
    "role=\"system",
    "sentence-transformers",
    "system_message",
    "whisper",
];

#[test]
fn literals_are_those_of_the_catalogue() {
    let mut lines: Vec<String> = WORDS.iter().map(|word| (*word).to_owned()).collect();
    for module in inventar_catalogue::literals("python") {
        lines.push(format!("import {module}"));
        lines.push(format!("from {module}"));
    }
    inventar_trial::literals::are_up_to_date(env!("CARGO_MANIFEST_DIR"), lines);
}
