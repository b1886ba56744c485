//! Any text is survived, keys stay unique, places stay inside the file.

use inventar_plugin_jvm::Jvm;
use inventar_trial::code::{self, Sample};

const SAMPLES: &[Sample] = &[
    (
        "A.java",
        r####"package app;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.service.AiServices;
class A {
    interface Assistant { @dev.langchain4j.service.SystemMessage("You are a polite assistant.") String chat(String text); }
    @Tool("Adds two numbers") int add(int a, int b) { return a + b; }
    void run() {
        var model = OpenAiChatModel.builder().apiKey(System.getenv("OPENAI_API_KEY")).modelName("gpt-4o").build();
        Assistant assistant = AiServices.builder(Assistant.class).chatModel(model).build();
    }
}
"####,
    ),
    (
        "A.kt",
        r####"package app
import ai.koog.agents.core.agent.AIAgent
import ai.koog.prompt.executor.clients.openai.OpenAIModels
import ai.koog.prompt.executor.llms.all.simpleOpenAIExecutor
fun main() {
    val agent = AIAgent(
        executor = simpleOpenAIExecutor(System.getenv("OPENAI_API_KEY") ?: "none"),
        llmModel = OpenAIModels.Chat.GPT4o,
        systemPrompt = "You are a helpful assistant. ${extra("}")}",
    )
}
"####,
    ),
];

/// Pieces of code around AI.
const PIECES: &[&str] = &[
    "import dev.langchain4j.model.openai.OpenAiChatModel;\n",
    "OpenAiChatModel.builder()",
    "@Tool(",
    "AiServices.create(",
    "val ",
    "fun ",
];

#[test]
fn cut_anywhere() {
    code::cut_anywhere::<Jvm>(SAMPLES);
}

#[test]
fn hostile_files() {
    code::hostile_files::<Jvm>(SAMPLES);
}

#[test]
fn bytes_that_are_no_text() {
    code::bytes_that_are_no_text::<Jvm>(SAMPLES);
}

#[test]
fn any_pieces() {
    code::any_pieces::<Jvm>(SAMPLES, PIECES);
}
