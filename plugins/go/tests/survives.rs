//! Any text is survived, keys stay unique, places stay inside the file.

use inventar_plugin_go::Go;
use inventar_trial::code::{self, Sample};

const SAMPLES: &[Sample] = &[(
    "a.go",
    r####"package main

import (
	"os"

	"github.com/mark3labs/mcp-go/mcp"
	openai "github.com/sashabaranov/go-openai"
)

const prompt = `You are a helpful assistant. Answer the question.`

func main() {
	c := openai.NewClient(os.Getenv("OPENAI_API_KEY"))
	c.CreateChatCompletion(ctx, openai.ChatCompletionRequest{
		Model:    openai.GPT4o,
		Messages: []openai.ChatCompletionMessage{{Role: openai.ChatMessageRoleSystem, Content: prompt}},
	})
	s.AddTool(mcp.NewTool("add", mcp.WithDescription("Adds")), handle)
}
"####,
)];

/// Pieces of code around AI.
const PIECES: &[&str] = &[
    "import openai \"github.com/openai/openai-go\"\n",
    "openai.",
    "&mcp.Tool{Name: ",
    "server.NewMCPServer(",
    "const (\n",
];

#[test]
fn cut_anywhere() {
    code::cut_anywhere::<Go>(SAMPLES);
}

#[test]
fn hostile_files() {
    code::hostile_files::<Go>(SAMPLES);
}

#[test]
fn bytes_that_are_no_text() {
    code::bytes_that_are_no_text::<Go>(SAMPLES);
}

#[test]
fn any_pieces() {
    code::any_pieces::<Go>(SAMPLES, PIECES);
}
