//! The claim's literals are the imports of the catalogue and the words by which AI is spoken of in code.

/// Words of files that import no library themselves: settings, prompts, raw requests, tables of models.
const WORDS: &[&str] = &[
    "AIAgent",
    "AIFunctionFactory",
    "Act as a",
    "AddAIAgent",
    "Anthropic",
    "ChatHistory",
    "ChatRole.System",
    "HF_TOKEN",
    "IChatClient",
    "IEmbeddingGenerator",
    "InputSchema",
    "KernelFunction",
    "LLM",
    "Llm",
    "McpClient",
    "McpServer",
    "Ollama",
    "OpenAI",
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
    "llama",
    "llm",
    "mistral",
    "ollama",
    "openai",
    "phi-3",
    "phi3",
    "qwen",
    "systemPrompt",
    "text-embedding",
    "whisper-",
    "your task",
];

#[test]
fn literals_are_those_of_the_catalogue() {
    let mut lines: Vec<String> = WORDS.iter().map(|word| (*word).to_owned()).collect();
    for module in inventar_catalogue::literals("csharp") {
        lines.push(format!("using {module}"));
        lines.push(format!("open {module}"));
        lines.push(format!("Imports {module}"));
    }
    inventar_trial::literals::are_up_to_date(env!("CARGO_MANIFEST_DIR"), lines);
}
