//! The claim's literals are the imports of the catalogue and the words by which AI is spoken of in code.

use inventar_analysis::words::SPOKEN_WORDS;

/// What libraries of this language are spoken of by, beside what all languages have.
const WORDS: &[&str] = &[
    "@AiService",
    "@McpTool",
    "@SystemMessage",
    "@Tool",
    "AIAgent",
    "ChatModel",
    "McpClient",
    "McpServer",
    "SystemMessage",
];

#[test]
fn literals_are_those_of_the_catalogue() {
    let mut lines: Vec<String> = SPOKEN_WORDS.iter().chain(WORDS).map(|word| (*word).to_owned()).collect();
    for module in inventar_catalogue::literals("java") {
        lines.push(module.to_owned());
    }
    inventar_trial::literals::are_up_to_date(env!("CARGO_MANIFEST_DIR"), lines);
}
