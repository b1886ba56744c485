//! The claim's literals are the imports of the catalogue and the words by which AI is spoken of in code.

use inventar_analysis::words::SPOKEN_WORDS;

/// What libraries of this language are spoken of by, beside what all languages have.
const WORDS: &[&str] = &[
    "AIAgent",
    "AIFunctionFactory",
    "AddAIAgent",
    "ChatHistory",
    "ChatRole.System",
    "IChatClient",
    "IEmbeddingGenerator",
    "KernelFunction",
    "McpClient",
    "McpServer",
    "[Description(\"",
    "phi-3",
    "phi3",
];

#[test]
fn literals_are_those_of_the_catalogue() {
    let mut lines: Vec<String> = SPOKEN_WORDS.iter().chain(WORDS).map(|word| (*word).to_owned()).collect();
    for module in inventar_catalogue::literals("csharp") {
        lines.push(format!("using {module}"));
        lines.push(format!("open {module}"));
        lines.push(format!("Imports {module}"));
    }
    inventar_trial::literals::are_up_to_date(env!("CARGO_MANIFEST_DIR"), lines);
}
