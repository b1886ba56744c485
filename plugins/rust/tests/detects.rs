//! What is found in a piece of code, as a table: `kind name line usage`.

use inventar_plugin_rust::Rust;
use inventar_trial::found::{self, scan};

fn seen(path: &str, code: &str) -> Vec<String> {
    found::places(&scan::<Rust>(path, code))
}

#[track_caller]
fn check(code: &str, expected: &[&str]) {
    assert_eq!(seen("src/main.rs", code), expected, "{code}");
}

/// Edges between assets of the file, by their keys.
fn edges(code: &str) -> Vec<String> {
    found::edges(&scan::<Rust>("src/main.rs", code))
}

#[test]
fn rig() {
    check(
        r##"use rig::{
    completion::{Prompt, ToolDefinition},
    providers::{self, openai},
    tool::Tool,
};

const PREAMBLE: &str = r#"You are a "calculator" for schools."#;

struct Adder;

impl Tool for Adder {
    const NAME: &'static str = "add";
    type Error = MathError;
}

#[tokio::main]
async fn main() -> Result<(), anyhow::Error> {
    let client = openai::Client::from_env();
    let calculator = client.agent(openai::GPT_4O).preamble(PREAMBLE).tool(Adder).build();
    let embedder = client.embedding_model("text-embedding-3-small");
    let poet = providers::anthropic::Client::new(&std::env::var("ANTHROPIC_API_KEY")?)
        .agent("claude-sonnet-4-0")
        .preamble("You write haikus only.")
        .build();
    Ok(())
}
"##,
        &[
            "agent calculator 19",
            "agent poet 22",
            "framework rig-core 1",
            "model-reference claude-sonnet-4-0 22",
            "model-reference gpt-4o 19",
            "model-reference text-embedding-3-small 20",
            "prompt PREAMBLE 7",
            "prompt main system prompt 23",
            "secret-reference ANTHROPIC_API_KEY 21",
            "tool add 11",
        ],
    );
}

#[test]
fn what_an_agent_hands_out_is_not_its_name() {
    check(
        r#"use rig::providers::openai;

async fn translate(client: &openai::Client, text: &str) -> String {
    let answer = client.agent("gpt-4o").build().prompt(text).await;
    answer.unwrap_or_default()
}
"#,
        &["agent translate 4", "framework rig-core 1", "model-reference gpt-4o 4"],
    );
}

#[test]
fn async_openai() {
    check(
        r#"use async_openai::{config::OpenAIConfig, types::{ChatCompletionRequestSystemMessageArgs, CreateChatCompletionRequestArgs}, Client};

async fn ask() {
    let config = OpenAIConfig::new().with_api_base("http://localhost:8000/v1").with_api_key(std::env::var("LLM_TOKEN").unwrap_or_default());
    let client = Client::with_config(config);
    let request = CreateChatCompletionRequestArgs::default()
        .model("gpt-4o")
        .messages([ChatCompletionRequestSystemMessageArgs::default().content("You answer in Latin only.").build()?.into()])
        .build()?;
}
"#,
        &[
            "endpoint http://localhost:8000/v1 4",
            "model-reference gpt-4o 7",
            "prompt ask system prompt 8",
            "sdk async-openai 1",
            "secret-reference LLM_TOKEN 4",
        ],
    );
}

#[test]
fn context_protocol() {
    check(
        r#"use rmcp::{ServerHandler, tool, tool_router, tool_handler};

#[derive(Clone)]
pub struct Counter;

#[tool_router]
impl Counter {
    #[tool(description = "Increments")]
    async fn increment(&self) -> Result<CallToolResult, McpError> { Ok(()) }

    #[tool(name = "get_value", description = "The value")]
    fn value(&self) -> i32 { 1 }
}

#[tool_handler]
impl ServerHandler for Counter {
    fn get_info(&self) -> ServerInfo {
        ServerInfo { instructions: Some("This server counts things for you.".to_string()), ..Default::default() }
    }
}
"#,
        &[
            "mcp-server Counter 16",
            "prompt get_info system prompt 18",
            "sdk rmcp 1",
            "tool get_value 12",
            "tool increment 9",
        ],
    );
}

#[test]
fn local_models_and_requests() {
    check(
        r#"use clap::Parser;
use hf_hub::api::sync::Api;

#[derive(Parser)]
struct Args {
    #[arg(long, default_value = "gpt-4o-mini")]
    model: String,
    #[arg(long, env = "OPENAI_API_KEY")]
    key: String,
}

async fn run(args: Args) {
    let repo = Api::new()?.model("sentence-transformers/all-MiniLM-L6-v2".to_string());
    let url = format!("{}/v1/messages", "https://api.anthropic.com");
    client.post(&url).json(&serde_json::json!({"model": "claude-3-5-haiku-latest", "messages": [{"role": "system", "content": "You are a poet, always."}]})).send().await?;
}
"#,
        &[
            "endpoint https://api.anthropic.com 14",
            "endpoint https://api.anthropic.com/v1/messages 14",
            "model-reference claude-3-5-haiku-latest 15",
            "model-reference gpt-4o-mini 6",
            "model-reference sentence-transformers/all-MiniLM-L6-v2 13",
            "prompt run system prompt 15",
            "sdk hf-hub 2",
            "secret-reference OPENAI_API_KEY 8",
        ],
    );
}

#[test]
fn what_is_only_named() {
    check(
        r#"pub const GPT_4O: &str = "gpt-4o";
fn price(model: &str) -> f64 {
    match model { "gpt-4o-mini" => 0.1, _ if model.starts_with("o3-mini") => 1.0, _ => 0.0 }
}
fn life<'a>(x: &'a str) -> char { 'a' } // "gpt-4"
"#,
        &[
            "model-reference gpt-4o 1 mentioned",
            "model-reference gpt-4o-mini 3 mentioned",
            "model-reference o3-mini 3 mentioned",
        ],
    );
    check(
        "use rig::providers::openai;\n#[cfg(test)]\nmod tests {\n    fn f() { let a = client.agent(\"gpt-4o\").build(); }\n}\n",
        &["agent a 4 test", "framework rig-core 1", "model-reference gpt-4o 4 test"],
    );
}

#[test]
fn relations() {
    assert_eq!(
        edges(
            "use rig::providers::openai;\nfn f() { let poet = openai::Client::from_env().agent(\"gpt-4o\").preamble(\"You write poems only.\").build(); }\n"
        ),
        [
            "agent:poet imports package:rig-core",
            "agent:poet uses model:openai/gpt-4o",
            "agent:poet uses prompt:100"
        ]
    );
}

#[test]
fn swiftide() {
    check(
        r#"use swiftide::agents::Agent;
use swiftide::chat_completion::ToolSpec;
use swiftide::integrations::duckdb::Duckdb;
use swiftide::traits::SimplePrompt;

#[derive(Tool, Clone)]
#[tool(description = "Runs the tests", param(name = "x", description = "y"))]
pub struct RunTests {
    command: String,
}

async fn work(llm: &dyn SimplePrompt, query: &str) {
    let coder = Agent::builder().llm(&llm).build().unwrap();
    let spec = ToolSpec::builder().name("delegate").build().unwrap();
    let index = Duckdb::builder().build().unwrap();
    llm.prompt(format!("Give a short title for the following query:\n{query}").into()).await;
    responder.system_message(&format!("Could not start: {query}"));
    let rules = ["Think before you act", "You are not to guess, you must research", "Be brief"];
    let router = OpenRouterConfig::builder().site_url("https://github.com/acme/app").build();
}

fn prompt() -> String {
    indoc::formatdoc! {"
        Summarize the conversation. You must only include the summary in your response.
    "}
}
"#,
        &[
            "agent coder 13",
            "framework swiftide 1",
            "prompt prompt template prompt 23",
            "prompt work template prompt 16",
            "tool delegate 14",
            "tool run_tests 8",
            "vector-store Duckdb 15",
        ],
    );
}

#[test]
fn keys_that_say_where_they_are() {
    check(
        "fn keys() { ask(\"env:ANTHROPIC_API_KEY\"); ask(\"env:HOME\"); }\n",
        &["secret-reference ANTHROPIC_API_KEY 1"],
    );
}

#[test]
fn prompts_that_are_built_in() {
    check(
        "use rig::providers::openai;\nconst REVIEW_PROMPT: &str = include_str!(\"../prompts/review.md\");\nconst LOGO: &str = include_str!(\"logo.txt\");\nfn f(c: openai::Client) { let a = c.agent(\"gpt-4o\").preamble(include_str!(\"poet.txt\")).build(); }\n",
        &[
            "agent a 4",
            "framework rig-core 1",
            "model-reference gpt-4o 4",
            "prompt poet.txt 4",
            "prompt review.md 2",
        ],
    );
}

#[test]
fn servers_of_ones_own() {
    check(
        r#"fn list() -> Listed {
    let tools = vec![ToolDescription { name: "hash".into(), description: "Hashes".into(), input_schema: schema() }];
    let prompts = vec![Prompt { name: "ask_time".to_string(), description: None, arguments: None }];
    let templates = vec![ResourceTemplate { name: "zone".to_string(), uri_template: "https://acme.io/{zone}".to_string() }];
    let form = Field { name: "title".into(), description: "What it is called".into() };
}
"#,
        &["mcp-prompt ask_time 3", "mcp-resource https://acme.io/{zone} 4", "tool hash 2"],
    );
}

#[test]
fn bodies_of_requests() {
    check(
        r#"async fn ask(client: reqwest::Client, question: &str) {
    let body = serde_json::json!({
        "model": "claude-3-5-sonnet-20241022",
        "system": "You are terse and write only code.",
        "messages": [{"role": "user", "content": question}],
        "tools": [{"name": "run_command", "description": "Runs it", "input_schema": {}}],
    });
    client.post("https://api.anthropic.com/v1/messages").json(&body).send().await;
}
"#,
        &[
            "endpoint https://api.anthropic.com/v1/messages 8",
            "model-reference claude-3-5-sonnet-20241022 3",
            "prompt ask system prompt 4",
            "tool run_command 6",
        ],
    );
}

#[test]
fn servers_and_databases_without_a_library() {
    check(
        r#"const SERVER_NAME: &str = "notes";

fn initialize() -> InitializeResponse {
    let store = std::env::var("STORE").unwrap_or_else(|_| "http://127.0.0.1:19530".to_string());
    InitializeResponse { protocolVersion: VERSION.into(), serverInfo: ServerInfo { name: SERVER_NAME.to_string(), version: "1".into() } }
}
"#,
        &["endpoint http://127.0.0.1:19530 4", "mcp-server notes 5", "vector-store milvus 4"],
    );
}

#[test]
fn what_own_functions_ask() {
    check(
        r#"async fn sort(client: &Client, message: &str) -> String {
    let text = format!("{message}\n\nSay in one word what the message above is about.");
    let store = std::env::var("QDRANT_URL").unwrap();
    log_llm("The model is asked now and will answer soon");
    ask_llm(client, "Answer without any explanation at all", &text).await
}
"#,
        &["prompt sort template prompt 5", "prompt text 2", "vector-store qdrant 3"],
    );
}

#[test]
fn messages_of_own_types() {
    check(
        r#"fn start() -> Vec<ChatMessage> {
    vec![ChatMessage::new("system", "Speak like a sailor and keep to the weather."), Row::new("system", "The disk of this system is full.")]
}
"#,
        &["prompt start system prompt 2"],
    );
}

#[test]
fn own_requests_and_own_modules() {
    check(
        r#"mod anthropic;
mod gemini;

fn ask(messages: Vec<Message>) -> ChatRequest {
    let backend = anthropic::Anthropic::new(config);
    ChatRequest { model: "quest-giver".to_string(), messages, stream: false }
}

fn near(db: &Client) -> String {
    format!("SELECT text FROM notes ORDER BY embedding <-> $1::vector LIMIT {}", 5)
}

fn format() -> Value {
    json!({ "chat_format": "llama2" })
}
"#,
        &["model-reference quest-giver 6", "vector-store pgvector 10"],
    );
}

#[test]
fn names_of_ones_own() {
    check(
        r#"use async_openai as openai;
use openai::Client;

struct Options {
    #[clap(long, default_value = "openhermes2.5-mistral:7b-q6_K")]
    ollama_model: String,
}

fn look(picture: &str) -> Value {
    json!({ "model": "llava", "prompt": "Describe this picture in full detail", "images": [picture] })
}
"#,
        &[
            "model-reference llava 10",
            "model-reference openhermes2.5-mistral:7b-q6_K 5",
            "prompt look template prompt 10",
            "sdk async-openai 1",
        ],
    );
}

#[test]
fn what_only_looks_like_the_protocol_or_vectors() {
    check(
        r#"fn initialize() -> InitializeResult {
    InitializeResult {
        capabilities: capabilities(),
        server_info: Some(ServerInfo { name: "toml-language-server".to_owned(), version: None }),
    }
}

fn invoice() -> Invoice {
    Invoice { client_info: ClientInfo { name: "Acme GmbH" }, total: 12 }
}

fn member(out: &mut String, ty: &str) {
    writeln!(out, "  std::vector<{}> items; // see boost::container::vector", ty);
}

fn sure() -> bool {
    Prompt::confirm("All files in the output folder will be deleted. Make sure you have a copy, and do not stop this. Go on?")
}
"#,
        &[],
    );
}

#[test]
fn casts_to_vectors() {
    for query in [
        "SELECT id FROM notes ORDER BY seen::vector <-> near LIMIT 3",
        "INSERT INTO notes VALUES (1, '[1,2]'::vector)",
    ] {
        check(&format!("fn f() {{ run(\"{query}\"); }}\n"), &["vector-store pgvector 1"]);
    }
}

#[test]
fn tables_of_prompts() {
    let code = r#"fn choose(style: u8) -> &'static str {
    match style {
        0 => "none",
        1 => "{assistant} answers briefly and stays with what is known.",
        _ => "unknown style, choose one of the others",
    }
}
"#;
    assert_eq!(seen("src/prompts.rs", code), ["prompt choose template prompt 4"]);
    assert_eq!(seen("src/labels.rs", code), [""; 0]);
}

#[test]
fn weights_in_files() {
    check(
        r#"use whisper_rs::WhisperContext;

fn load() {
    let context = WhisperContext::new("models/ggml-tiny.en.bin");
    let other = path.ends_with(".gguf");
    let firmware = "boards/firmware-2.bin";
}
"#,
        &["model-reference ggml-tiny.en.bin 4", "runtime whisper-rs 1"],
    );
}

#[test]
fn functions_of_older_requests() {
    check(
        r#"use async_openai::types::ChatCompletionFunctionsArgs;

fn leave() -> ChatCompletionFunctions {
    ChatCompletionFunctionsArgs::default().name("end_call").description("Ends the call.").build()
}
"#,
        &["sdk async-openai 1", "tool end_call 4"],
    );
}

#[test]
fn prompts_in_variables_without_a_library() {
    check(
        r#"fn talk(input: &str) {
    let mut prompt = "A chat between a curious reader and an artificial intelligence assistant. The assistant answers only from the notes.".to_owned();
    let prompt_file = "A chat between two readers, kept in a file of its own so that it can be read again later.";
    let mut other_prompt = String::new();
    other_prompt.push_str("Type the name of the file, and make sure that it can be read by everybody in the group: ");
}
"#,
        &["prompt prompt 2"],
    );
}

#[test]
fn no_cast_is_a_vector_of_a_database() {
    check("fn f() { run(\"- ::vector and others\"); run(\"the path is geometry::vector here\"); }\n", &[]);
}

#[test]
fn keys_in_one_word() {
    check(
        "fn f() { ask(env::var(\"CHATGPTTOKEN\"), env::var(\"CLAUDEKEY\"), env::var(\"DONKEY\"), env::var(\"MAILTOKEN\")); }\n",
        &["secret-reference CHATGPTTOKEN 1", "secret-reference CLAUDEKEY 1"],
    );
}
