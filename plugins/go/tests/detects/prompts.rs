//! Prompts, and messages that are one.

use super::check;

#[test]
fn prompts_by_what_holds_them() {
    check(
        r#"package main

import openai "github.com/sashabaranov/go-openai"

func request(diff string) openai.ChatCompletionRequest {
	return openai.ChatCompletionRequest{Messages: []openai.ChatCompletionMessage{
		{Role: openai.ChatMessageRoleAssistant, Content: "You are a helpful assistant."},
		{Role: openai.ChatMessageRoleAssistant, Content: "Of course, here it is."},
	}}
}

func reviewPrompt() string {
	return "Review the following change. Only report what must be mended, and respond in one list."
}

//go:embed prompts/triage.txt
var triagePrompt string

//go:embed logo.txt
var logo string

func reviewTitle() string {
	return "Review the following change. Only report what must be mended, and respond in one list."
}
"#,
        &[
            "prompt request template prompt 7",
            "prompt reviewPrompt template prompt 13",
            "prompt triage.txt 17",
            "sdk github.com/sashabaranov/go-openai 3",
        ],
    );
}

#[test]
fn messages_of_templates() {
    check(
        r#"package main

import (
	"github.com/cloudwego/eino/components/prompt"
	"github.com/cloudwego/eino/schema"
)

func template() prompt.ChatTemplate {
	return prompt.FromMessages(schema.FString,
		schema.SystemMessage("You answer questions about birds."),
		schema.UserMessage(`Use the notes to answer the question, and say when they do not help.

{notes}

{question}`))
}
"#,
        &[
            "framework github.com/cloudwego/eino 4",
            "prompt template system prompt 10",
            "prompt template template prompt 11",
        ],
    );
}

#[test]
fn prompts_that_are_written_piece_by_piece() {
    check(
        r#"package prompts

func SummaryPrompt(messages []string) string {
	var out strings.Builder
	out.WriteString("You are an assistant. Summarize the following messages in one sentence.\n")
	return out.String()
}

func is(prompt string) bool {
	return strings.Contains(prompt, "you are an assistant that determines whether you must answer the user")
}
"#,
        &["prompt SummaryPrompt template prompt 5"],
    );
}

#[test]
fn prompts_that_are_written_or_filled_in() {
    check(
        r#"package main

import openai "github.com/sashabaranov/go-openai"

func buildPrompt(rows []string) string {
	var sb strings.Builder
	sb.WriteString("Summarize the following rows for somebody who must decide on them:\n")
	return sb.String()
}

func ask(notes, question string) openai.ChatCompletionMessage {
	return openai.ChatCompletionMessage{
		Role:    openai.ChatMessageRoleUser,
		Content: fmt.Sprintf("NOTES:\n%s\n\nQUESTION: %s", notes, question),
	}
}

func greet(name string) openai.ChatCompletionMessage {
	return openai.ChatCompletionMessage{Role: openai.ChatMessageRoleUser, Content: "Hello " + name}
}
"#,
        &[
            "prompt ask template prompt 14",
            "prompt buildPrompt template prompt 7",
            "sdk github.com/sashabaranov/go-openai 3",
        ],
    );
}

#[test]
fn tables_of_prompts_and_makers_of_messages() {
    check(
        r#"package main

var prompts = map[string]string{
	"summary": "Summarize the following document in three sentences, and do not add anything:\n%s",
	"name":    "Enter the name of the document and press the key that stands below it",
}

func start(question string) []Message {
	screen := NewSystemMessage("The system will be down on Sunday evening")
	return []Message{NewSystemMessage("You are a clerk in a small shop."), NewUserMessage(question)}
}
"#,
        &["prompt prompts 4", "prompt start system prompt 10"],
    );
}
