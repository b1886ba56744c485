//! What the libraries of Rust make: calls, marks and bases.

use inventar_tokens::rules::{BaseRule, Dialect, MarkRule, Rule};
use inventar_tokens::{bases, calls, marks};

/// The dialect.
pub(crate) const DIALECT: Dialect = Dialect::new(CALLS, MARKS, BASES);

/// Calls, sorted by name.
const CALLS: &[Rule] = calls! {
    "ChatCompletionFunctions", "async_openai" => Tool, "";
    "ChatCompletionRequestSystemMessage", "async_openai" => System, "";
    "FunctionObject", "async_openai" => Tool, "";
    "FunctionTool", "async_openai" => Tool, "";
    "Tool", "rmcp" => Tool, "";
    "ToolDefinition", "rig" => Plain, "";
    "agent", "rig" => Agent, "model";
    "builder", "swiftide::agents::Agent" => Agent, "";
    "builder", "swiftide::chat_completion::ToolSpec" => Tool, "";
    "builder", "integrations::duckdb" => Store, "";
    "builder", "integrations::lancedb" => Store, "";
    "builder", "integrations::pgvector" => Store, "";
    "builder", "integrations::qdrant" => Store, "";
    "builder", "integrations::redis" => Store, "";
    "completion_model", "rig" => Plain, "model";
    "connect", "lancedb" => Store, "";
    "connect", "LanceDb" => Store, "";
    "content", "SystemMessage" => System, "system";
    "content", "DeveloperMessage" => System, "system";
    "content", "UserMessage" => Plain, "said";
    "dataset", "hf_hub" => Dataset, "dataset";
    "default", "FunctionObjectArgs" => Tool, "";
    "default", "FunctionArgs" => Tool, "";
    "default", "FunctionsArgs" => Tool, "";
    "embedding_model", "rig" => Plain, "model";
    "embeddings", "rig" => Plain, "model";
    "exec_chat", "genai" => Plain, "model";
    "exec_chat_stream", "genai" => Plain, "model";
    "extractor", "rig" => Plain, "model";
    "from", "SystemMessage" => System, "system";
    "from", "DeveloperMessage" => System, "system";
    "from_documents", "InMemoryVectorStore" => Store, "";
    "from_documents", "rig::vector_store" => Store, "";
    "from_pretrained", "tokenizers" => Plain, "model";
    "from_pretrained", "rust_bert" => Plain, "";
    "from_uri", "StreamableHttpClientTransport" => McpClient, "url";
    "from_uri", "SseClientTransport" => McpClient, "url";
    "from_url", "Qdrant" => Store, "url";
    "from_url", "qdrant_client" => Store, "url";
    "image_generation_model", "rig" => Plain, "model";
    "model", "hf_hub" => Plain, "model";
    "new", "AgentBuilder" => Agent, "";
    "new", "GenerationRequest" => Plain, "model";
    "new", "ChatMessageRequest" => Plain, "model";
    "new", "GenerateEmbeddingsRequest" => Plain, "model";
    "new", "TextModelBuilder" => Plain, "model";
    "new", "GgufModelBuilder" => Plain, "model";
    "new", "VisionModelBuilder" => Plain, "model";
    "new", "MultimodalModelBuilder" => Plain, "model";
    "new", "TokioChildProcess" => McpClient, "";
    "new", "StdioClient" => Plain, "";
    "new", "qdrant_client::Qdrant" => Store, "";
    "new", "rmcp::model::Tool" => Tool, "name";
    "new", "ollama_rs::Ollama" => Plain, "url";
    "new", "RawResource" => McpResource, "name";
    "new", "genai::chat::Tool" => Tool, "name";
    "new_system_message", "langchain_rust" => System, "system";
    "prompt", "swiftide" => Template, "template";
    "prompt", "rig" => Plain, "said";
    "start", "SseClientTransport" => McpClient, "url";
    "system", "ChatMessage" => System, "system";
    "system", "rig" => System, "system";
    "system", "Message" => System, "system";
    "transcription_model", "rig" => Plain, "model";
    "with_revision", "hf_hub" => Plain, "model";
};

/// Marks, sorted by name.
const MARKS: &[MarkRule] = marks! {
    "function", "ollama_rs" => Tool;
    "mcp_tool", "" => Tool;
    "prompt", "rmcp" => McpPrompt;
    "rig_tool", "" => Tool;
    "tool", "rmcp" => Tool;
    "tool", "rig" => Tool;
    "tool", "swiftide" => Tool;
    "tool", "mistralrs" => Tool;
    "tool_fn", "rmcp" => Tool;
};

/// Bases, sorted by name.
const BASES: &[BaseRule] = bases! {
    "ClientHandler", "rmcp" => McpClient;
    "ServerHandler", "rmcp" => McpServer;
    "ServerHandler", "rust_mcp_sdk" => McpServer;
    "Tool", "rig" => Tool;
    "Tool", "langchain_rust" => Tool;
    "ToolDyn", "rig" => Tool;
    "ToolEmbedding", "rig" => Tool;
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted() {
        assert!(CALLS.is_sorted_by_key(|rule| rule.name));
        assert!(MARKS.is_sorted_by_key(|rule| rule.name));
        assert!(BASES.is_sorted_by_key(|rule| rule.name));
    }
}
