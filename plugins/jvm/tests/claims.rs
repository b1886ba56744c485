//! The claim's literals are the imports of the catalogue and the words by which AI is spoken of in code.

/// Words of files that import no library themselves: settings, prompts, raw requests, tables of models.
const WORDS: &[&str] = &[
    "@AiService",
    "@McpTool",
    "@SystemMessage",
    "@Tool",
    "AIAgent",
    "Act as a",
    "Anthropic",
    "ChatModel",
    "HF_TOKEN",
    "LLM",
    "Llm",
    "McpClient",
    "McpServer",
    "Ollama",
    "OpenAI",
    "OpenAi",
    "SYSTEM_PROMPT",
    "SystemMessage",
    "SystemPrompt",
    "You are a",
    "Your task",
    "_API_KEY",
    "anthropic",
    "chat/completions",
    "claude-",
    "deepseek",
    "gemini-",
    "gpt-",
    "inputSchema",
    "llama",
    "llm",
    "mistral",
    "ollama",
    "openai",
    "qwen",
    "systemPrompt",
    "system_prompt",
    "text-embedding",
    "whisper-",
    "your task",
];

#[test]
fn literals_are_those_of_the_catalogue() {
    let mut lines: Vec<String> = WORDS.iter().map(|word| (*word).to_owned()).collect();
    for module in inventar_catalogue::literals("java") {
        lines.push(module.to_owned());
    }
    inventar_trial::literals::are_up_to_date(env!("CARGO_MANIFEST_DIR"), lines);
}
