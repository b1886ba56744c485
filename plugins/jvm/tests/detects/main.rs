//! What is found in a piece of code, as a table: `kind name line usage`.

mod prompts;

use inventar_plugin_jvm::Jvm;
use inventar_trial::found::{self, scan};

fn seen(path: &str, code: &str) -> Vec<String> {
    found::places(&scan::<Jvm>(path, code))
}

#[track_caller]
fn check(code: &str, expected: &[&str]) {
    assert_eq!(seen("src/main/java/app/App.java", code), expected, "{code}");
}

/// Edges between assets of the file, by their keys.
fn edges(code: &str) -> Vec<String> {
    found::edges(&scan::<Jvm>("src/main/java/app/App.java", code))
}

#[test]
fn langchain4j() {
    check(
        r#"package app;

import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.SystemMessage;
import dev.langchain4j.store.embedding.qdrant.QdrantEmbeddingStore;

class App {
    private static final String KEY = System.getenv("OPENAI_API_KEY");

    interface Assistant {
        @SystemMessage("You are a polite assistant of a bank.")
        String chat(String text);
    }

    static class Calculator {
        @Tool("Adds two numbers")
        double add(@P("first") double a, double b) { return a + b; }

        @Tool(name = "square_root", value = "The root")
        double root(double x) { return x; }
    }

    void run() {
        var model = OpenAiChatModel.builder().baseUrl("http://gpu:8080/v1").apiKey(KEY).modelName("gpt-4o-mini").build();
        var store = QdrantEmbeddingStore.builder().host("localhost").collectionName("docs").build();
        Assistant assistant = AiServices.builder(Assistant.class).chatModel(model).tools(new Calculator()).build();
    }
}
"#,
        &[
            "agent Assistant 29",
            "endpoint http://gpu:8080/v1 27",
            "framework dev.langchain4j:langchain4j 3",
            "model-reference gpt-4o-mini 27",
            "package dev.langchain4j:langchain4j-qdrant 8",
            "prompt Assistant system prompt 14",
            "sdk dev.langchain4j:langchain4j-open-ai 5",
            "secret-reference OPENAI_API_KEY 11",
            "tool add 20",
            "tool square_root 23",
            "vector-store QdrantEmbeddingStore 28",
        ],
    );
}

#[test]
fn spring_ai() {
    check(
        r#"package com.example.demo;

import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.openai.OpenAiChatOptions;
import org.springframework.ai.openai.api.OpenAiApi;
import org.springframework.ai.tool.annotation.Tool;

class Controller {
    private final ChatClient chatClient;
    @Value("${OPENAI_API_KEY}") String key;

    Controller(ChatClient.Builder builder) {
        this.chatClient = builder.defaultSystem("""
            You are a helpful travel agent.
            Keep it short.
            """).defaultOptions(OpenAiChatOptions.builder().model(OpenAiApi.ChatModel.GPT_4_O.getValue()).build()).build();
    }

    String ask(String text) {
        return chatClient.prompt().system("You speak like a pirate.").user(text).call().content();
    }

    @Tool(description = "The time")
    String now() { return ""; }
}
"#,
        &[
            "framework org.springframework.ai:spring-ai-client-chat 3",
            "framework org.springframework.ai:spring-ai-model 6",
            "model-reference gpt-4o 16",
            "prompt Controller system prompt 13",
            "prompt ask system prompt 20",
            "sdk org.springframework.ai:spring-ai-openai 4",
            "secret-reference OPENAI_API_KEY 10",
            "tool now 24",
        ],
    );
}

#[test]
fn makers_sdks() {
    check(
        r#"import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.models.ChatModel;
import com.openai.models.chat.completions.ChatCompletionCreateParams;

class A {
    void f() {
        OpenAIClient client = OpenAIOkHttpClient.builder().apiKey(System.getenv("TEAM_OPENAI_KEY")).build();
        var params = ChatCompletionCreateParams.builder().model(ChatModel.GPT_4_1).addSystemMessage("Answer in rhymes, please.").build();
    }
}
"#,
        &[
            "model-reference gpt-4.1 9",
            "prompt f system prompt 9",
            "sdk com.openai:openai-java 1",
            "secret-reference TEAM_OPENAI_KEY 8",
        ],
    );
    check(
        r#"import com.google.adk.agents.LlmAgent;
import com.google.adk.tools.FunctionTool;

class A {
    static final LlmAgent ROOT = LlmAgent.builder()
        .name("weather_agent")
        .model("gemini-2.0-flash")
        .instruction("You answer questions about the weather.")
        .tools(FunctionTool.create(A.class, "getWeather"))
        .build();
}
"#,
        &[
            "agent weather_agent 5",
            "framework com.google.adk:google-adk 1",
            "model-reference gemini-2.0-flash 7",
            "prompt A system prompt 8",
            "tool getWeather 9",
        ],
    );
}

#[test]
fn kotlin() {
    assert_eq!(
        seen(
            "src/main/kotlin/App.kt",
            r#"package app

import ai.koog.agents.core.agent.AIAgent
import ai.koog.agents.core.tools.annotations.Tool
import ai.koog.prompt.dsl.prompt
import ai.koog.prompt.executor.clients.anthropic.AnthropicModels

class Switch {
    @Tool
    @LLMDescription("Switches")
    fun switchLight(on: Boolean): String = "ok"
}

val ask = prompt("ask") {
    system("You are a calculator.")
    user("1 + 1")
}

suspend fun main() {
    val key = System.getenv("ANTHROPIC_API_KEY") ?: error("no key")
    val house = AIAgent(
        executor = executor,
        llmModel = AnthropicModels.Sonnet_4,
        systemPrompt = "You control a ${kind("}")} house.",
    )
}
"#
        ),
        [
            "agent house 21",
            "framework ai.koog:koog-agents 3",
            "model-reference claude-sonnet-4 23",
            "prompt main system prompt 24",
            "prompt system prompt 15",
            "secret-reference ANTHROPIC_API_KEY 20",
            "tool switchLight 11",
        ]
    );
}

#[test]
fn context_protocol() {
    check(
        r#"import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.server.McpServer;
import org.springaicommunity.mcp.annotation.McpTool;

class A {
    void f() {
        var server = McpServer.sync(transport).serverInfo("weather", "1.0").build();
        var client = McpClient.sync(transport).build();
    }

    @McpTool(name = "forecast", description = "The forecast")
    String tomorrow() { return ""; }
}
"#,
        &[
            "mcp-client McpClient 8",
            "mcp-server weather 7",
            "sdk io.modelcontextprotocol.sdk:mcp 1",
            "tool forecast 12",
        ],
    );
}

#[test]
fn what_is_only_named() {
    // An enumeration offers; somebody else chooses.
    check(
        r#"enum ChatModel {
    GPT_4_O("gpt-4o"), O1("o1-mini");
    private final String value;
    ChatModel(String value) { this.value = value; }
    static final String DEFAULT_MODEL = "gpt-4.1";
}
"#,
        &[
            "model-reference gpt-4.1 5",
            "model-reference gpt-4o 2 mentioned",
            "model-reference o1-mini 2 mentioned",
        ],
    );
    check("/** @Tool gpt-4o */ class A { String a = \"assistant\"; @Tool int x() { return 1; } }", &[]);
    assert_eq!(
        seen("src/test/java/ATests.java", "class A { String model = \"gpt-4o\"; }"),
        ["model-reference gpt-4o 1 test"]
    );
    // The folders of a package are no folders of the project.
    assert_eq!(
        seen("src/main/java/com/example/demo/A.java", "class A { String model = \"gpt-4o\"; }"),
        ["model-reference gpt-4o 1"]
    );
}

#[test]
fn relations() {
    assert_eq!(
        edges(
            r#"import dev.langchain4j.service.AiServices;
class A {
    Object a = AiServices.builder(Poet.class).systemMessageProvider(x -> "You write short poems only.").build();
}
"#
        ),
        ["agent:Poet imports package:dev.langchain4j:langchain4j"]
    );
}

#[test]
fn constants_and_bases() {
    assert_eq!(
        seen(
            "src/main/kotlin/app/Rag.kt",
            r#"package app

import ai.koog.agents.core.dsl.extension.nodeLLMModerateMessage
import ai.koog.prompt.executor.clients.openai.OpenAIModels
import ai.koog.rag.vector.JVMFileVectorStorage

class Rag(provider: Any) {
    fun maps() = McpToolRegistryProvider.defaultSseTransport("http://localhost:9011")
    fun embedder() = LLMEmbedder(provider, OpenAIModels.Embeddings.TextEmbedding3Small)
    fun storage() = JVMFileVectorStorage(path)
    val moderate by nodeLLMModerateMessage(name = "moderate")
    val find by subgraphWithTask<Trip, Places>(tools = maps, llmModel = model) { trip ->
        markdown {
            header(1, "Task")
            +"Find places that are worth a visit on the way, and use the maps."
        }
    }
}
"#
        ),
        [
            "endpoint http://localhost:9011 8",
            "framework ai.koog:koog-agents 3",
            "guardrail nodeLLMModerateMessage 11",
            "mcp-client McpToolRegistryProvider 8",
            "model-reference text-embedding-3-small 9",
            "prompt Rag template prompt 15",
            "vector-store JVMFileVectorStorage 10",
        ]
    );
    check(
        r#"package app;

import akka.javasdk.agent.Agent;

class Greeter extends Agent {
    private static final String SYSTEM = "You are a helpful assistant that teaches greetings in other languages.";
}
"#,
        &["agent Greeter 5", "prompt SYSTEM 6"],
    );
}

#[test]
fn what_describes_and_what_names() {
    check(
        r#"package app;

import dev.langchain4j.agent.tool.Tool;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.context.annotation.Description;

class App {
    @Tool("adds") int sum(int a, int b) { return a + b; }
    @Bean @Description("Get the weather of a place") Function<Request, Response> currentWeather() { return null; }
    String ask(ChatClient client) {
        return client.prompt().user(u -> u.text("Tell me a joke about {topic} that nobody has heard so far, please.").param("topic", "cats")).call().content();
    }
}
"#,
        &[
            "framework dev.langchain4j:langchain4j 3",
            "framework org.springframework.ai:spring-ai-client-chat 4",
            "prompt ask template prompt 11",
            "tool currentWeather 9",
            "tool sum 8",
        ],
    );
}

/// A server of Quarkus is made by its marks alone, and is called like its module.

#[test]
fn servers_without_a_call() {
    let code = r#"package app;

import io.quarkiverse.mcp.server.Tool;

class Weather {
    @Tool(description = "Tells the weather")
    String forecast(String town) { return ""; }
}
"#;
    assert_eq!(
        seen("weather/src/main/java/app/Weather.java", code),
        ["mcp-server weather 5", "sdk io.quarkiverse.mcp:quarkus-mcp-server-sse 3", "tool forecast 7"]
    );
}

#[test]
fn lists_of_models() {
    let code = r#"class Shared {
    val modelIds: MutableSet<String> = mutableSetOf("", "opus", "acme-1")
    val host: String = "http://localhost:11434/"
    val modes = setOf("sonnet")
}
"#;
    assert_eq!(
        seen("src/main/kotlin/app/Shared.kt", code),
        ["endpoint http://localhost:11434 3", "model-reference opus 2"]
    );
}

#[test]
fn tools_of_an_own_interface() {
    check(
        r#"package app;

class WriteFile implements AgentTool {
    @Override
    public String toolId() { return "FILE_WRITE"; }

    @Override
    public Result execute(Map<String, Object> params) { return null; }
}

class Hammer implements Gear {
    public Result execute(Map<String, Object> params) { return null; }
}
"#,
        &["tool FILE_WRITE 3"],
    );
}

#[test]
fn stores_that_are_handed_in_or_made_here() {
    check(
        r#"package app;

import io.quarkiverse.langchain4j.pgvector.PgVectorEmbeddingStore;

class Notes {
    private final PgVectorEmbeddingStore store;
}
"#,
        &[
            "framework io.quarkiverse.langchain4j:quarkus-langchain4j-core 3",
            "vector-store PgVectorEmbeddingStore 6",
        ],
    );
    check(
        r#"package app;

import dev.langchain4j.store.embedding.EmbeddingStore;

class Shelf implements EmbeddingStore<Note> {
}
"#,
        &["framework dev.langchain4j:langchain4j 3", "vector-store Shelf 5"],
    );
}

#[test]
fn tools_that_a_server_registers_in_its_own_words() {
    let code = r#"import io.modelcontextprotocol.kotlin.sdk.server.Server

fun Server.registerTools() {
    mcpTool<ReadNotes>("Reads the notes of a day.") { notes(day) }
    mcpTool(
        "list_days",
        "Lists the days that have notes."
    ) {
        days()
    }
    callTool("list_days", "again")
    mcpTool<I>(description)
}
"#;
    assert_eq!(
        seen("src/main/kotlin/app/Tools.kt", code),
        ["sdk io.modelcontextprotocol:kotlin-sdk 1", "tool list_days 5", "tool read_notes 4"]
    );
}

#[test]
fn keys_of_an_own_shape() {
    let code = r#"import ai.koog.prompt.executor.llms.all.simpleOpenAIExecutor
import ai.koog.prompt.executor.llms.all.simpleGoogleAIExecutor

fun make(keys: Keys, door: Door) {
    val one = simpleOpenAIExecutor(keys.openai ?: error("no key"))
    val two = simpleGoogleAIExecutor(door.key)
}
"#;
    assert_eq!(
        seen("src/main/kotlin/app/Make.kt", code),
        ["framework ai.koog:koog-agents 1", "secret-reference keys.openai 5"]
    );
}

#[test]
fn local_routes_that_any_program_has() {
    let code = |model: &str| {
        format!(
            "suspend fun report() {{\n    val model = \"{model}\"\n    client.post(\"http://localhost:8080/reports/generate\")\n}}\n"
        )
    };
    assert_eq!(seen("src/main/kotlin/app/Report.kt", &code("monthly")), [""; 0]);
    assert_eq!(
        seen("src/main/kotlin/app/Report.kt", &code("gpt-4o")),
        ["endpoint http://localhost:8080/reports/generate 3", "model-reference gpt-4o 2"]
    );
}

#[test]
fn stores_are_counted_once() {
    check(
        r#"package app;

import io.quarkiverse.langchain4j.pgvector.PgVectorEmbeddingStore;

class Notes {
    private final PgVectorEmbeddingStore store;
    String host = System.getenv("QDRANT_HOST");
}
"#,
        &[
            "framework io.quarkiverse.langchain4j:quarkus-langchain4j-core 3",
            "vector-store PgVectorEmbeddingStore 6",
        ],
    );
}

#[test]
fn what_takes_a_tool_is_none() {
    let code = r#"import io.modelcontextprotocol.kotlin.sdk.server.Server

class ToolPanel(private val tool: BaseTool) : Panel() {
    fun run() {}
}

fun <TTool : Any> Server.add() {
    registerTool<TTool>()
    registerTool<TTSTool>()
}
"#;
    assert_eq!(
        seen("src/main/kotlin/app/Panel.kt", code),
        ["sdk io.modelcontextprotocol:kotlin-sdk 1", "tool tts_tool 9"]
    );
}

#[test]
fn settings_that_plugins_read() {
    check(
        r#"package app;

class Client {
    Client(Plugin plugin, Properties properties) {
        this.key = plugin.getConfig().getString("openai.api-key", "");
        this.other = properties.getProperty("gemini.token");
        this.title = message("settings.openai.token");
        this.map = plugin.getConfig().getString("map.api-key");
    }
}
"#,
        &["secret-reference gemini.token 6", "secret-reference openai.api-key 5"],
    );
}

#[test]
fn defaults_of_values_that_are_injected() {
    check(
        r#"package app;

class Gateway {
    @Value("${app.embedding.model-name:embeddinggemma:300m}") String embedder;
    @Value("${app.display-name:gpt-4o}") String title;
}
"#,
        &["model-reference embeddinggemma:300m 4"],
    );
}
