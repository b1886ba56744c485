//! What is found in a piece of code, as a table: `kind name line usage`.

use inventar_plugin_dotnet::Dotnet;
use inventar_trial::found::{self, scan};

fn seen(path: &str, code: &str) -> Vec<String> {
    found::places(&scan::<Dotnet>(path, code))
}

#[track_caller]
fn check(code: &str, expected: &[&str]) {
    assert_eq!(seen("src/App/Program.cs", code), expected, "{code}");
}

/// Edges between assets of the file, by their keys.
fn edges(code: &str) -> Vec<String> {
    found::edges(&scan::<Dotnet>("src/App/Program.cs", code))
}

#[test]
fn semantic_kernel() {
    check(
        r#"using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.Agents;
using Microsoft.SemanticKernel.ChatCompletion;

var builder = Kernel.CreateBuilder();
builder.AddOpenAIChatCompletion(modelId: "gpt-4o", apiKey: Environment.GetEnvironmentVariable("OPENAI_API_KEY")!);
builder.AddAzureOpenAIChatCompletion("gpt-4o-mini", config["AzureOpenAI:Endpoint"], config["AzureOpenAI:ApiKey"]);
ChatHistory history = new("""
    You are a librarian.
    "Quotes" stay.
    """);
ChatCompletionAgent agent = new()
{
    Name = "Critic",
    Instructions = $"You criticise texts in {Style} style.",
    Kernel = kernel,
};

public class TimePlugin
{
    [KernelFunction("get_time"), Description("The time")]
    public string Now(string zone) => DateTime.Now.ToString();

    [KernelFunction]
    public async Task<string> SearchAsync(string query) { return query; }
}
"#,
        &[
            "agent Critic 12",
            "endpoint AzureOpenAI:Endpoint 7",
            "framework Microsoft.SemanticKernel 1",
            "framework Microsoft.SemanticKernel.Agents.Core 2",
            "model-reference gpt-4o 6",
            "model-reference gpt-4o-mini 7",
            "prompt system prompt 15",
            "prompt system prompt 8",
            "secret-reference AzureOpenAI:ApiKey 7",
            "secret-reference OPENAI_API_KEY 6",
            "tool SearchAsync 25",
            "tool get_time 22",
        ],
    );
}

#[test]
fn extensions_ai() {
    check(
        r#"using Microsoft.Extensions.AI;
using OpenAI;

class Chat
{
    const string Model = "gpt-4.1-mini";
    static readonly Uri Base = new("https://api.groq.com/openai/v1");

    async Task Run()
    {
        IChatClient client = new OpenAIClient(key).GetChatClient(Model).AsIChatClient();
        IChatClient local = new OllamaApiClient(new Uri("http://localhost:11434/"), "llama3.2");
        var options = new ChatOptions { Tools = [AIFunctionFactory.Create(GetWeather), AIFunctionFactory.Create(() => 1, "roll_dice")] };
        await client.GetResponseAsync([new ChatMessage(ChatRole.System, "You answer in one word."), new(ChatRole.User, "hi")], options);
    }

    string GetWeather(string city) => "rain";
}
"#,
        &[
            "endpoint http://localhost:11434 12",
            "endpoint https://api.groq.com/openai/v1 7",
            "framework Microsoft.Extensions.AI 1",
            "model-reference gpt-4.1-mini 6",
            "model-reference llama3.2 12",
            "prompt Run system prompt 14",
            "sdk OpenAI 2",
            "tool GetWeather 13",
            "tool roll_dice 13",
        ],
    );
}

#[test]
fn context_protocol() {
    check(
        r#"using ModelContextProtocol.Server;
using ModelContextProtocol.Client;

builder.Services.AddMcpServer().WithStdioServerTransport().WithToolsFromAssembly();
var client = await McpClient.CreateAsync(transport);

[McpServerToolType]
public static class EchoTools
{
    [McpServerTool(Name = "echo"), Description("Echoes")]
    public static string Echo(string message) => message;

    [McpServerPrompt]
    public static string Greet() => "hi";

    [McpServerResource(UriTemplate = "config://app")]
    public static string Config() => "";
}
"#,
        &[
            "mcp-client McpClient 5",
            "mcp-prompt Greet 14",
            "mcp-resource config://app 17",
            "mcp-server App 4",
            "sdk ModelContextProtocol 1",
            "tool echo 11",
        ],
    );
}

#[test]
fn other_dialects() {
    assert_eq!(
        seen(
            "src/a.fs",
            "module A\nopen OpenAI.Chat\n(* \"gpt-4\" *)\nlet model = \"gpt-4o\"\nlet key = Environment.GetEnvironmentVariable(\"OPENAI_API_KEY\")\n"
        ),
        ["model-reference gpt-4o 4", "sdk OpenAI 2", "secret-reference OPENAI_API_KEY 5"]
    );
    assert_eq!(
        seen("src/a.vb", "Imports OpenAI.Chat\n' model = \"gpt-4\"\nDim model = \"gpt-4o\"\n"),
        ["model-reference gpt-4o 3", "sdk OpenAI 1"]
    );
}

#[test]
fn what_is_only_named() {
    check(
        r#"using System;
class Prices
{
    static readonly Dictionary<string, double> Costs = new() { ["gpt-4o"] = 2.5, { "o3-mini", 1.1 } };
    bool Is(string m) => m.StartsWith("gpt-3.5-turbo") || m == "claude-3-opus";
    #region gpt-4
    // [KernelFunction] "gpt-4"
    string s = @"C:\models\";
}
"#,
        &[
            "model-reference claude-3-opus 5 mentioned",
            "model-reference gpt-3.5-turbo 5 mentioned",
            "model-reference gpt-4o 4 mentioned",
            "model-reference o3-mini 4 mentioned",
        ],
    );
    assert_eq!(
        seen("test/App.Tests/A.cs", "class A { string model = \"gpt-4o\"; }"),
        ["model-reference gpt-4o 1 test"]
    );
}

#[test]
fn relations() {
    assert_eq!(
        edges(
            r#"using Microsoft.SemanticKernel.Agents;
var a = new ChatCompletionAgent { Name = "Poet", Instructions = "You write short poems only." };
"#
        ),
        ["agent:Poet imports package:Microsoft.SemanticKernel.Agents.Core", "agent:Poet uses prompt:103"]
    );
}

#[test]
fn imports_for_the_whole_project() {
    // What `GlobalUsings.cs` imports no other file says.
    check(
        r#"var builder = Kernel.CreateBuilder().AddOpenAIChatCompletion("gpt-4o", key);
var messages = new List<ChatMessage> { new ChatMessage(ChatRole.System, "You count sheep for a living.") };
var own = new Converter("gpt-4.1", "You are never read as a prompt");
"#,
        &["model-reference gpt-4.1 3", "model-reference gpt-4o 1", "prompt system prompt 2"],
    );
}

#[test]
fn prompts_and_what_only_looks_like_one() {
    check(
        r#"using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.Agents;

class App
{
    async Task Main(Kernel kernel, IChatCompletionService chat)
    {
        var prompt = $"Tell me an interesting fact of the world about an event that took place on {today}. Be sure to mention the date.";
        var result = await chat.GetChatMessageContentsAsync(prompt, settings, kernel);
        WriteLine(SystemColor, "Do you have another question? Type exit to quit.");
        AggregatorAgent trip = new(CreateChat) { Name = "TripPlanner" };
        builder.WithMemoryStore(new VolatileMemoryStore());
    }

    async Task Plan()
    {
        var planPrompt = "Find a race to run and a hotel close to where it starts, and say for both where they are to be found.";
        await planner.GoAsync(planPrompt);
        var namePrompt = "Enter the name of the file that everything that was found so far is to be written to, without its folder:";
    }
}
"#,
        &[
            "agent TripPlanner 11",
            "framework Microsoft.SemanticKernel 1",
            "framework Microsoft.SemanticKernel.Agents.Core 2",
            "prompt planPrompt 17",
            "prompt prompt 8",
            "vector-store VolatileMemoryStore 12",
        ],
    );
}

#[test]
fn messages_of_users() {
    check(
        r#"using Microsoft.Extensions.AI;

class Thread(IChatClient client)
{
    void Ask(string question)
    {
        messages.Add(new(ChatRole.User, $$"""
            Give an answer using ONLY information from the manuals.
            Question: {{question}}
            """));
        messages.Add(new(ChatRole.User, question));
        messages.Add(new(ChatRole.User, "What is the weather like today?"));
    }
}
"#,
        &["framework Microsoft.Extensions.AI 1", "prompt Ask template prompt 7"],
    );
}

#[test]
fn prompts_of_servers() {
    check(
        r#"using ModelContextProtocol.Protocol;

static class Prompts
{
    const string Health = "health_check";

    static IReadOnlyList<Prompt> Build() =>
        [
            new Prompt
            {
                Name = Health,
                Description = "Say how the queues are.",
            },
        ];
}
"#,
        &["mcp-prompt health_check 11", "sdk ModelContextProtocol 1"],
    );
}

#[test]
fn tools_from_a_loop_have_their_names_elsewhere() {
    check(
        r#"using Microsoft.Extensions.AI;

static class Tools
{
    static void Add(IServiceCollection services, params Delegate[] tools)
    {
        foreach (var tool in tools)
        {
            services.AddSingleton(AIFunctionFactory.Create(tool));
        }
        services.AddSingleton(AIFunctionFactory.Create(ReadMail));
    }
}
"#,
        &["framework Microsoft.Extensions.AI 1", "tool ReadMail 11"],
    );
}

#[test]
fn prompts_that_are_assigned() {
    check(
        r#"class Settings
{
    public Settings()
    {
        prompt = "As an interpreter of many years, you can translate any sentence into {0}. " +
                 "You must not change what it says, and you will only write the translation.";
        greeting = "You can change the language in the settings, and you must restart the program then.";
    }
}
"#,
        &["prompt prompt 5"],
    );
}

#[test]
fn vectors_in_a_database() {
    check("options.UseNpgsql(connection, o => o.UseVector());", &["vector-store pgvector 1"]);
}

#[test]
fn what_is_said_to_a_model() {
    check(
        r#"using Microsoft.SemanticKernel.ChatCompletion;

class Chat
{
    private const string CONTEXT_PROMPT = "Use these notes for your answer:\n{0}";

    void Ask(ChatHistory chat, string question)
    {
        var prompt = new StringBuilder($"""
            Answer the question that stands here:
            {question}
            Use the notes that stand behind it, and nothing else:
            """);
        chat.AddUserMessage($"""
            Put the question into other words:
            {question}
            """ + Style);
    }
}
"#,
        &[
            "framework Microsoft.SemanticKernel 1",
            "prompt Ask template prompt 14",
            "prompt CONTEXT_PROMPT 5",
            "prompt prompt 9",
        ],
    );
}

#[test]
fn keys_of_the_configuration() {
    check(
        r#"using Azure.AI.OpenAI;

var key = builder.Configuration["AzureOpenAI:ApiKey"];
var other = builder.Configuration["Weather:ApiKey"];
var title = labels["OpenAI:ApiKey"];
"#,
        &["sdk Azure.AI.OpenAI 1", "secret-reference AzureOpenAI:ApiKey 3"],
    );
}

#[test]
fn keys_without_a_library() {
    check(
        r#"class Service(IConfiguration _config)
{
    string key = config["Gemini:ApiKey"];
    string other = _config.GetValue<string>("AzureOpenAiApiKey");
    string weather = config["Weather:ApiKey"];
}
"#,
        &["secret-reference AzureOpenAiApiKey 4", "secret-reference Gemini:ApiKey 3"],
    );
}

#[test]
fn agents_by_their_base_and_prompt() {
    check(
        r#"namespace App;

public class PlanningAgent : BaseAgent
{
    protected override string GenerateSystemPrompt(Request request)
    {
        return @"You are a planner. You must answer with a list of steps, and only with those.";
    }
}

public class ParkingAgent : BaseAgent
{
    public string Name() { return "Parking"; }
}
"#,
        &["agent PlanningAgent 3", "prompt GenerateSystemPrompt template prompt 7"],
    );
}

#[test]
fn methods_that_are_described_for_a_model() {
    check(
        r#"using System.ComponentModel;

public class Notes
{
    [Description("Writes a note down.")]
    private async Task<string> TakeNote([Description("What it is called")] string title, string text) { return "ok"; }

    [Description("Lists all notes.")]
    public string ListNotes() { return ""; }

    [Browsable(true), Description("Shown in the designer")]
    public string Title(string name) { return name; }

    private string Other(string name) { return name; }
}
"#,
        &["tool ListNotes 9", "tool TakeNote 6"],
    );
    // Commands of a chat, routes of a server, words of an enumeration.
    check(
        r#"using System.ComponentModel;

[ApiController]
public class Orders : ControllerBase
{
    [HttpGet, Description("Gets an order")]
    public Order Get([Description("Its number")] int id) { return null; }

    [Command("ban"), Description("Bans somebody")]
    public async Task Ban([Description("Who it is")] string user) { }
}

public enum State
{
    [Description("Has not begun")] New,
}

public class Form
{
    [Description("Name of the form")]
    public string Name { get; set; }
}
"#,
        &[],
    );
}

#[test]
fn tools_that_a_service_has() {
    check(
        r#"using OpenAI.Assistants;

class Clerk
{
    void Make(AssistantCreationOptions options)
    {
        options.Tools.Add(ToolDefinition.CreateFileSearch());
        options.Tools.Add(new CodeInterpreterToolDefinition());
        options.Files.Add(Search.CreateIndex());
    }
}
"#,
        &["sdk OpenAI 1", "tool code_interpreter 8", "tool file_search 7"],
    );
}

#[test]
fn instructions_that_are_put_together() {
    check(
        r#"using OpenAI.Assistants;

class Clerk
{
    void Make(string notes)
    {
        var text = new StringBuilder();
        text.AppendLine("Talk between a clerk and somebody who orders.");
        text.AppendLine(notes);
        var options = new AssistantCreationOptions { Instructions = text.ToString() };
    }
}
"#,
        &["prompt Make system prompt 8", "sdk OpenAI 1"],
    );
}

#[test]
fn prompts_that_a_function_fills_in() {
    check(
        r#"class Data
{
    public static string CreateReportPrompt(Report report, string rules) => $"""
        {rules}

        ## Report
        - Title: {report.Title}
        - Author: {report.Author}

        Provide a list of what is missing, and who must mend it until the next one is written.
        """;

    public string ShellPrompt() => $"{user}@{host}: provide a command, or press a key to go back to where you have been";
}
"#,
        &["prompt CreateReportPrompt template prompt 3"],
    );
}

#[test]
fn requests_that_ask_no_model() {
    check(
        r#"class Billing
{
    object Make() => new GenerateInvoiceRequest { Model = "invoice-v2", Stream = true };
    object Room() => new ChatRoomRequest { Model = "room-3", Messages = all };
    object Ask() => new ChatRequest { Model = "house-writer", Messages = all };
}
"#,
        &["model-reference house-writer 5"],
    );
}

#[test]
fn tools_of_drawing_programs() {
    check(
        r#"class EraserTool : ITool { public void Execute(Canvas canvas) { } }
class ToolBox : Panel<BaseTool> { public void Execute() { } }
"#,
        &[],
    );
    check(
        r#"using Microsoft.Extensions.AI;
class SearchTool : ITool { public Task<string> ExecuteAsync(string words) { return null; } }
"#,
        &["framework Microsoft.Extensions.AI 1", "tool SearchTool 2"],
    );
}

#[test]
fn texts_that_are_put_together_and_sent() {
    check(
        r#"class Client
{
    async Task Send(string letters)
    {
        var text = new StringBuilder();
        text.AppendLine("Tell who wrote these letters, and when they were sent.");
        await client.PostAsJsonAsync(url, new { model = "phi3:mini", prompt = text.ToString() });
        await AskModelAsync("Say in two sentences what these letters are about: " + letters);
        await LoadModelAsync("Say in two sentences what these letters are about: " + letters);
    }

    string BuildSystemPrompt(string name) => "You are " + name + ", a guide in a museum of arts.";
}
"#,
        &[
            "model-reference phi3:mini 7",
            "prompt BuildSystemPrompt template prompt 12",
            "prompt Send template prompt 6",
            "prompt Send template prompt 8",
        ],
    );
}
