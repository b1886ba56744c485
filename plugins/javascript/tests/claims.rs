//! The claim's literals are the packages of the catalogue and the words by which AI is spoken of in JavaScript.

/// Words of files that import no library themselves: settings, prompts, raw requests, tables of models.
const WORDS: &[&str] = &[
    "11434",
    "Act as a",
    "Agent(",
    "argsSchema",
    "LLM",
    "parametersSchema",
    "paramsSchema",
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
    "code_interpreter",
    "codestral",
    "cohere",
    "dall-e",
    "deepseek",
    "embedding",
    "file_search",
    "fim_suffix",
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
    "prompts = [",
    "prompts = {",
    "qwen",
    "registerTool",
    "replicate.com",
    "role\": \"system",
    "role: \"system",
    "role: 'system",
    "role:\"system",
    "role:'system",
    "server.prompt(",
    "server.resource(",
    "server.tool(",
    "server_label",
    "systemMessage",
    "web_search",
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
    inventar_trial::literals::are_up_to_date(env!("CARGO_MANIFEST_DIR"), lines);
}
