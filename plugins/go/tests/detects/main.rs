//! What is found in a piece of code, as a table: `kind name line usage`.

mod prompts;

use inventar_plugin_go::Go;
use inventar_trial::found::{self, scan};

fn seen(path: &str, code: &str) -> Vec<String> {
    found::places(&scan::<Go>(path, code))
}

#[track_caller]
fn check(code: &str, expected: &[&str]) {
    assert_eq!(seen("app/main.go", code), expected, "{code}");
}

/// Edges between assets of the file, by their keys.
fn edges(code: &str) -> Vec<String> {
    found::edges(&scan::<Go>("app/main.go", code))
}

#[test]
fn clients_models_and_prompts() {
    check(
        r#"package main

import (
	"context"
	"os"

	openai "github.com/sashabaranov/go-openai"
)

const systemPrompt = `You are a weather assistant.
Answer in one sentence.`

func ask(ctx context.Context) {
	config := openai.DefaultConfig(os.Getenv("OPENAI_API_KEY"))
	config.BaseURL = "https://openrouter.ai/api/v1"
	client := openai.NewClientWithConfig(config)
	client.CreateChatCompletion(ctx, openai.ChatCompletionRequest{
		Model: openai.GPT4oMini,
		Messages: []openai.ChatCompletionMessage{
			{Role: openai.ChatMessageRoleSystem, Content: systemPrompt},
			{Role: openai.ChatMessageRoleUser, Content: "hi"},
		},
	})
}
"#,
        &[
            "endpoint https://openrouter.ai/api/v1 15",
            "model-reference gpt-4o-mini 18",
            "prompt systemPrompt 10",
            "sdk github.com/sashabaranov/go-openai 7",
            "secret-reference OPENAI_API_KEY 14",
        ],
    );
    check(
        r#"package main

import (
	"github.com/openai/openai-go/v2"
	"github.com/openai/openai-go/v2/option"
)

func ask() {
	client := openai.NewClient(option.WithAPIKey(os.Getenv("MY_KEY")), option.WithBaseURL("http://gpu:8000/v1"))
	client.Chat.Completions.New(ctx, openai.ChatCompletionNewParams{
		Messages: []openai.ChatCompletionMessageParamUnion{openai.SystemMessage("Be brief and polite, always.")},
		Model:    openai.ChatModelGPT4o,
		Tools: []openai.ChatCompletionToolParam{{Function: openai.FunctionDefinitionParam{Name: "get_weather"}}},
	})
}
"#,
        &[
            "endpoint http://gpu:8000/v1 9",
            "model-reference gpt-4o 12",
            "prompt ask system prompt 11",
            "sdk github.com/openai/openai-go/v2 4",
            "secret-reference MY_KEY 9",
            "tool get_weather 13",
        ],
    );
    check(
        r#"package main

import "github.com/anthropics/anthropic-sdk-go"

func ask() {
	client.Messages.New(ctx, anthropic.MessageNewParams{
		Model:  anthropic.ModelClaudeSonnet4_20250514,
		System: []anthropic.TextBlockParam{{Text: "You answer with a haiku."}},
	})
}
"#,
        &[
            "model-reference claude-sonnet-4-20250514 7",
            "prompt ask system prompt 8",
            "sdk github.com/anthropics/anthropic-sdk-go 3",
        ],
    );
}

#[test]
fn defaults_of_flags_and_variables() {
    check(
        r#"package cmd

func init() {
	rootCmd.Flags().StringVarP(&model, "model", "m", "anthropic/claude-sonnet-4-5", "the model")
	flag.StringVar(&other, "fallback_model", "gpt-4o-mini", "the other model")
	viper.SetDefault("llm.model", "gemini-2.5-pro")
	url := getEnv("OLLAMA_HOST", "http://localhost:11434")
	name := cmp.Or(os.Getenv("CHAT_MODEL"), "llama3.2")
	defaultModel := "mistral-large-latest"
}
"#,
        &[
            "endpoint http://localhost:11434 7",
            "model-reference anthropic/claude-sonnet-4-5 4",
            "model-reference gemini-2.5-pro 6",
            "model-reference gpt-4o-mini 5",
            "model-reference llama3.2 8",
            "model-reference mistral-large-latest 9",
        ],
    );
}

#[test]
fn agents_and_tools() {
    check(
        r#"package main

import (
	"github.com/cloudwego/eino/adk"
	"github.com/cloudwego/eino/components/tool/utils"
	"github.com/cloudwego/eino-ext/components/model/openai"
)

func build() {
	search, _ := utils.InferTool("search_book", "Finds books", searchBook)
	cm, _ := openai.NewChatModel(ctx, &openai.ChatModelConfig{Model: "gpt-4.1", APIKey: os.Getenv("OPENAI_API_KEY")})
	a, _ := adk.NewChatModelAgent(ctx, &adk.ChatModelAgentConfig{
		Name:        "Librarian",
		Instruction: "You recommend books to readers.",
		Model:       cm,
	})
}
"#,
        &[
            "agent Librarian 12",
            "framework github.com/cloudwego/eino 4",
            "framework github.com/cloudwego/eino-ext/components/model/openai 6",
            "model-reference gpt-4.1 11",
            "prompt build system prompt 14",
            "secret-reference OPENAI_API_KEY 11",
            "tool search_book 10",
        ],
    );
    check(
        r#"package main

import (
	"github.com/firebase/genkit/go/ai"
	"github.com/firebase/genkit/go/genkit"
)

func main() {
	g := genkit.Init(ctx, genkit.WithDefaultModel("googleai/gemini-2.5-flash"))
	weather := genkit.DefineTool(g, "getWeather", "Gets weather", func(ctx *ai.ToolContext, in In) (string, error) { return "", nil })
	genkit.Generate(ctx, g, ai.WithSystem("You are a friendly pirate."), ai.WithTools(weather))
}
"#,
        &[
            "framework github.com/firebase/genkit/go 4",
            "model-reference googleai/gemini-2.5-flash 9",
            "prompt main system prompt 11",
            "tool getWeather 10",
        ],
    );
}

#[test]
fn context_protocol() {
    check(
        r#"package main

import (
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

func main() {
	s := server.NewMCPServer("Calculator", "1.0.0", server.WithToolCapabilities(false))
	s.AddTool(mcp.NewTool("calculate", mcp.WithDescription("Adds")), handle)
	s.AddResource(mcp.NewResource("docs://readme", "README"), read)
	s.AddPrompt(mcp.NewPrompt("greeting"), greet)
	s.AddResource(mcp.NewResource("team://"+team+"/users", "Users"), users)
	s.AddResource(mcp.Resource{URI: "queue://overview", Name: "Queues"}, queues)
}
"#,
        &[
            "mcp-prompt greeting 12",
            "mcp-resource docs://readme 11",
            "mcp-resource queue://overview 14",
            "mcp-resource team://{}/users 13",
            "mcp-server Calculator 9",
            "sdk github.com/mark3labs/mcp-go 4",
            "tool calculate 10",
        ],
    );
    check(
        r#"package main

import "github.com/modelcontextprotocol/go-sdk/mcp"

func main() {
	server := mcp.NewServer(&mcp.Implementation{Name: "greeter", Version: "v1"}, nil)
	mcp.AddTool(server, &mcp.Tool{Name: "greet", Description: "say hi"}, SayHi)
	client := mcp.NewClient(&mcp.Implementation{Name: "caller"}, nil)
}
"#,
        &[
            "mcp-client caller 8",
            "mcp-server greeter 6",
            "sdk github.com/modelcontextprotocol/go-sdk 3",
            "tool greet 7",
        ],
    );
}

#[test]
fn what_is_only_named() {
    // A table of prices, comparisons and messages use nothing.
    check(
        r#"package main

var prices = map[string]float64{"gpt-4o": 2.5, "claude-3-opus": 15}

func is(model string) bool {
	if strings.HasPrefix(model, "gpt-3.5-turbo") || model == "o3-mini" {
		log.Printf("use %s", "gemini-1.5-pro")
	}
	return false
}
"#,
        &[
            "model-reference claude-3-opus 3 mentioned",
            "model-reference gemini-1.5-pro 7 mentioned",
            "model-reference gpt-3.5-turbo 6 mentioned",
            "model-reference gpt-4o 3 mentioned",
            "model-reference o3-mini 6 mentioned",
        ],
    );
    check(
        "package main\n\n// openai.GPT4o \"gpt-4o\"\n/* os.Getenv(\"OPENAI_API_KEY\") */\nvar x = 1\n",
        &[],
    );
    assert_eq!(
        seen("pkg/a_test.go", "package a\nvar model = \"gpt-4o\"\n"),
        ["model-reference gpt-4o 2 test"]
    );
}

#[test]
fn raw_requests() {
    check(
        r#"package main

const base = "https://api.openai.com/v1"

func ask() {
	req, _ := http.NewRequest("POST", base+"/chat/completions", body)
	payload := map[string]any{"model": "gpt-4o", "messages": []map[string]string{{"role": "system", "content": "You are a terse assistant."}}}
	http.Post(fmt.Sprintf("http://%s/api/generate", "gpu:11434"), "application/json", nil)
}
"#,
        &[
            "endpoint http://gpu:11434/api/generate 8",
            "endpoint https://api.openai.com/v1 3",
            "endpoint https://api.openai.com/v1/chat/completions 6",
            "model-reference gpt-4o 7",
            "prompt ask system prompt 7",
        ],
    );
}

#[test]
fn relations() {
    assert_eq!(
        edges(
            r#"package main

import "github.com/cloudwego/eino/adk"

func build() {
	a, _ := adk.NewChatModelAgent(ctx, &adk.ChatModelAgentConfig{Name: "Poet", Instruction: "You write short poems."})
}
"#
        ),
        ["agent:Poet imports package:github.com/cloudwego/eino", "agent:Poet uses prompt:158"]
    );
}

#[test]
fn what_the_client_of_a_library_is_set_to() {
    check(
        r#"package main

import "github.com/sashabaranov/go-openai"

const proxyURL = "http://localhost:4000/v1"

func client(key string) *openai.Client {
	config := openai.DefaultConfig(key)
	config.BaseURL = proxyURL
	return openai.NewClientWithConfig(config)
}
"#,
        &["endpoint http://localhost:4000/v1 5", "sdk github.com/sashabaranov/go-openai 3"],
    );
}

#[test]
fn tools_of_libraries_that_no_table_lists() {
    // A package that is called `mcp` has the protocol's words; a tool is what has a name, a description and a call.
    check(
        r#"package main

import (
	"github.com/acme/server/pkg/mcp"
	"github.com/tmc/langchaingo/llms"
)

func list() any {
	return kit.NewTool(&mcp.Tool{Name: "list-pods"}, handle)
}

func ask() any {
	return kit.NewPrompt(mcp.Prompt{Name: "pods"}, handle)
}

type Search struct{}

func (s *Search) Name() string                                            { return "search" }
func (s *Search) Description() string                                     { return "Searches" }
func (s *Search) Call(ctx context.Context, input string) (string, error) { return "", nil }

type Job struct{}

func (j Job) Name() string                  { return "job" }
func (j Job) Run(ctx context.Context) error { return nil }
"#,
        &[
            "framework github.com/tmc/langchaingo 5",
            "mcp-prompt pods 13",
            "tool Search 16",
            "tool list-pods 9",
        ],
    );
}

#[test]
fn agents_and_tools_that_no_table_lists() {
    check(
        r#"package main

import "github.com/acme/swarm"

func main() {
	agent := &swarm.Agent{Name: "Clerk", Instructions: "You take orders and answer questions about them."}
	worker := &swarm.Agent{Name: "Worker"}
	tools := []Tool{{Name: "list_orders", Description: "Lists orders", InputSchema: schema}}
	form := Field{Name: "title", Description: "What it is called"}
	served := []ServerTools{{Name: "get_order", Description: "Gets an order", Handler: getOrder}}
	routes := []Route{{Name: "orders", Description: "Orders", Handler: orders}}
}
"#,
        &["agent Clerk 6", "prompt main system prompt 6", "tool get_order 10", "tool list_orders 8"],
    );
}

#[test]
fn defaults_in_tags_and_names_of_other_files() {
    check(
        r#"package main

//go:embed read.md
var readPrompt string

type Config struct {
	BaseURL string `env:"OPENAI_BASE_URL" envDefault:"https://api.openai.com/v1"`
	Site    string `env:"SITE" envDefault:"https://acme.io"`
}

var Read = ToolDefinition{Name: ToolNameReadFile, Description: readPrompt, InputSchema: schema}
var Row = Definition{Name: RowName, Description: "A row"}
"#,
        &["endpoint https://api.openai.com/v1 7", "prompt read.md 4", "tool read_file 11"],
    );
}

#[test]
fn what_only_looks_like_ai() {
    check(
        r#"package main

func initialize() any {
	return protocol.InitializeResult{ServerInfo: &protocol.ServerInfo{Name: "langls"}}
}

func validate(msgs []string) ValidationResult {
	return ValidationResult{Model: "users", Messages: msgs}
}

func list(info MethodInfo, fullName string) any {
	return []ToolDefinition{
		{Name: fullName, Description: "What it is", InputSchema: schema},
		{Name: info.MethodName, Description: "What it is", InputSchema: schema},
	}
}

func checkPrompt(p string) error {
	if p == "" {
		return failure(p, "the prompt must not be empty; provide a text of ten characters or more")
	}
	return nil
}

func complete(cmd *Command) {
	generateCompletion(cmd, "Generate the autocompletion script for the specified shell")
	question := promptui.Prompt{Label: "You must make sure that the output folder is empty, and do not use it for anything else. Go on?"}
}
"#,
        &[],
    );
}

#[test]
fn servers_that_say_which_version_they_speak() {
    check(
        r#"package main

func initialize() any {
	return map[string]any{
		"protocolVersion": "2025-03-26",
		"capabilities":    map[string]any{"tools": map[string]any{}},
		"serverInfo":      map[string]any{"name": "ledger", "version": "1"},
	}
}
"#,
        &["mcp-server ledger 7"],
    );
}

#[test]
fn stores_of_ones_own() {
    check(
        r#"package main

import "github.com/acme/notes/internal/qdrant"

func open() {
	client, err := qdrant.NewClient("localhost", 6333, "notes")
}
"#,
        &["vector-store qdrant 6"],
    );
    check(
        r#"package vectors

type VectorStore struct{ rows []row }

func (s *VectorStore) Add(id string, vector []float32) {}

func (s *VectorStore) Search(vector []float32, n int) []string { return nearest(s.rows, cosineSimilarity) }
"#,
        &["vector-store VectorStore 3"],
    );
    // A list of arrows, and one that nothing is searched in.
    check(
        "package draw\n\ntype VectorIndex struct{}\n\nfunc (v *VectorIndex) Add(x, y int) {}\n\nfunc (v *VectorIndex) Draw() {}\n",
        &[],
    );
}
