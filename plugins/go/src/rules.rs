//! What the libraries of Go make: calls, marks and bases.

use inventar_tokens::rules::{BaseRule, Dialect, MarkRule, Rule};
use inventar_tokens::{bases, calls, marks};

/// The dialect.
pub(crate) const DIALECT: Dialect = Dialect::new(CALLS, MARKS, BASES);

/// Calls, sorted by name.
const CALLS: &[Rule] = calls! {
    "CodeInterpreterToolParam", "openai/openai-go" => Tool, "=code_interpreter";
    "CountTokens", "google.golang.org/genai" => Plain, "_,known-model";
    "DefaultAzureConfig", "go-openai" => Plain, "key,url";
    "DefaultConfig", "go-openai" => Plain, "key";
    "DefineInterruptTool", "firebase/genkit" => Tool, "_,name";
    "DefineModel", "firebase/genkit" => Plain, "";
    "DefinePrompt", "firebase/genkit" => Plain, "";
    "DefineRetriever", "firebase/genkit" => Plain, "";
    "DefineTool", "firebase/genkit" => Tool, "_,name";
    "DefineToolWithInputSchema", "firebase/genkit" => Tool, "_,name";
    "DeveloperMessage", "openai/openai-go" => System, "system";
    "EmbedContent", "google.golang.org/genai" => Plain, "_,model";
    "EmbeddingModel", "generative-ai-go" => Plain, "model";
    "FileSearchToolParam", "openai/openai-go" => Tool, "=file_search";
    "FunctionDeclaration", "genai" => Tool, "";
    "FunctionDeclaration", "cloud.google.com/go/vertexai" => Tool, "";
    "FunctionDefinition", "go-openai" => Tool, "";
    "FunctionDefinition", "tmc/langchaingo" => Tool, "";
    "FunctionDefinitionParam", "openai/openai-go" => Tool, "";
    "FunctionToolParam", "openai/openai-go" => Tool, "";
    "GenerateContent", "google.golang.org/genai" => Plain, "_,model";
    "GenerateContentStream", "google.golang.org/genai" => Plain, "_,model";
    "GenerateFromSinglePrompt", "tmc/langchaingo" => Plain, "_,_,said";
    "GenerateImages", "google.golang.org/genai" => Plain, "_,model";
    "GenerateVideos", "google.golang.org/genai" => Plain, "_,model";
    "GenerativeModel", "generative-ai-go" => Plain, "model";
    "GenerativeModel", "vertexai" => Plain, "model";
    "GoogleAIModel", "firebase/genkit" => Plain, "_,model";
    "GoogleAIModelRef", "firebase/genkit" => Plain, "model";
    "InferEnhancedTool", "cloudwego/eino" => Tool, "name,_,fn";
    "InferOptionableTool", "cloudwego/eino" => Tool, "name,_,fn";
    "InferStreamTool", "cloudwego/eino" => Tool, "name,_,fn";
    "InferTool", "cloudwego/eino" => Tool, "name,_,fn";
    "Initialize", "tmc/langchaingo/agents" => Agent, "";
    "InvokeModelInput", "aws-sdk-go-v2/service/bedrock" => Plain, "";
    "LookupModel", "firebase/genkit" => Plain, "_,known-model";
    "ModelRef", "firebase/genkit" => Plain, "model";
    "New", "tmc/langchaingo/vectorstores" => Store, "";
    "New", "google.golang.org/adk/agent" => Agent, "";
    "New", "google.golang.org/adk/tool/functiontool" => Tool, "_,fn";
    "New", "google.golang.org/adk/tool/mcptoolset" => McpClient, "";
    "New", "milvus-io" => Store, "";
    "New", "cloudwego/eino/adk/prebuilt" => Agent, "";
    "New", "cloudwego/eino-ext/adk" => Agent, "";
    "NewAgent", "charmbracelet/fantasy|charm.land/fantasy" => Agent, "";
    "NewAgent", "cloudwego/eino" => Agent, "";
    "NewAgentTool", "charmbracelet/fantasy|charm.land/fantasy" => Tool, "name";
    "NewBuilder", "foxy-contexts" => McpServer, "";
    "NewChatModelAgent", "cloudwego/eino" => Agent, "";
    "NewChatPromptTemplate", "tmc/langchaingo" => Plain, "";
    "NewClient", "sashabaranov/go-openai" => Plain, "key";
    "NewClient", "google/generative-ai-go" => Plain, "";
    "NewClient", "modelcontextprotocol/go-sdk" => McpClient, "name";
    "NewClient", "mark3labs/mcp-go" => McpClient, "";
    "NewClient", "qdrant/go-client" => Store, "";
    "NewClient", "pinecone-io/" => Store, "";
    "NewClient", "weaviate/weaviate-go-client" => Store, "";
    "NewClient", "milvus" => Store, "";
    "NewClient", "cohere-ai" => Plain, "";
    "NewClientWithConfig", "go-openai" => Plain, "";
    "NewClientWithInfo", "metoro-io/mcp-golang" => McpClient, "";
    "NewClientWithOrg", "go-openai" => Plain, "key";
    "NewConversationalAgent", "tmc/langchaingo" => Agent, "";
    "NewDB", "philippgille/chromem-go" => Store, "";
    "NewEnhancedTool", "cloudwego/eino" => Tool, "name";
    "NewFunctionDeclaration", "genai" => Tool, "name";
    "NewGraph", "cloudwego/eino" => Agent, "";
    "NewGrpcClient", "milvus" => Store, "";
    "NewHTTPClient", "chroma" => Store, "";
    "NewHumanMessagePromptTemplate", "tmc/langchaingo" => Template, "template";
    "NewInProcessClient", "mark3labs/mcp-go" => McpClient, "";
    "NewIndexer", "cloudwego/eino-ext/components/indexer" => Store, "";
    "NewLoopAgent", "cloudwego/eino" => Agent, "";
    "NewMCPServer", "mark3labs/mcp-go" => McpServer, "name";
    "NewModel", "google.golang.org/adk" => Plain, "_,model";
    "NewMultiAgent", "cloudwego/eino" => Agent, "";
    "NewOAuthSSEClient", "mark3labs/mcp-go" => McpClient, "url";
    "NewOAuthStreamableHttpClient", "mark3labs/mcp-go" => McpClient, "url";
    "NewOneShotAgent", "tmc/langchaingo" => Agent, "";
    "NewOpenAIFunctionsAgent", "tmc/langchaingo" => Agent, "";
    "NewParallelAgent", "cloudwego/eino" => Agent, "";
    "NewParallelAgentTool", "charmbracelet/fantasy|charm.land/fantasy" => Tool, "name";
    "NewPersistentDB", "philippgille/chromem-go" => Store, "";
    "NewPrompt", "mark3labs/mcp-go" => McpPrompt, "name";
    "NewPromptTemplate", "tmc/langchaingo" => Template, "template";
    "NewResource", "mark3labs/mcp-go" => McpResource, "name";
    "NewResourceTemplate", "mark3labs/mcp-go" => McpResource, "name";
    "NewRetriever", "cloudwego/eino-ext/components/retriever" => Store, "";
    "NewSSEMCPClient", "mark3labs/mcp-go" => McpClient, "url";
    "NewSequentialAgent", "cloudwego/eino" => Agent, "";
    "NewServer", "modelcontextprotocol/go-sdk" => McpServer, "name";
    "NewServer", "metoro-io/mcp-golang" => McpServer, "";
    "NewServer", "ThinkInAIXYZ/go-mcp" => McpServer, "";
    "NewStdioMCPClient", "mark3labs/mcp-go" => McpClient, "";
    "NewStdioMCPClientWithOptions", "mark3labs/mcp-go" => McpClient, "";
    "NewStore", "tmc/langchaingo/vectorstores" => Store, "";
    "NewStreamTool", "cloudwego/eino" => Tool, "name";
    "NewStreamableHttpClient", "mark3labs/mcp-go" => McpClient, "url";
    "NewSupervisor", "cloudwego/eino" => Agent, "";
    "NewSystemMessagePromptTemplate", "tmc/langchaingo" => System, "system";
    "NewTool", "firebase/genkit" => Tool, "name";
    "NewTool", "mark3labs/mcp-go" => Tool, "name";
    "NewTool", "cloudwego/eino" => Tool, "name";
    "NewToolWithRawSchema", "mark3labs/mcp-go" => Tool, "name";
    "NewWorkflow", "cloudwego/eino" => Agent, "";
    "Prompt", "modelcontextprotocol/go-sdk" => McpPrompt, "";
    "Prompt", "/mcp" => McpPrompt, "";
    "RegisterPrompt", "metoro-io/mcp-golang" => McpPrompt, "name";
    "RegisterResource", "metoro-io/mcp-golang" => McpResource, "name";
    "RegisterTool", "metoro-io/mcp-golang" => Tool, "name,_,fn";
    "Resource", "modelcontextprotocol/go-sdk" => McpResource, "";
    "Resource", "/mcp" => McpResource, "";
    "ResourceTemplate", "modelcontextprotocol/go-sdk" => McpResource, "";
    "ResourceTemplate", "/mcp" => McpResource, "";
    "SystemAgenticMessage", "cloudwego/eino" => System, "system";
    "SystemMessage", "openai/openai-go" => System, "system";
    "SystemMessage", "cloudwego/eino" => System, "system";
    "Tool", "modelcontextprotocol/go-sdk" => Tool, "";
    "Tool", "mark3labs/mcp-go" => Tool, "";
    "Tool", "/mcp" => Tool, "";
    "ToolFunction", "ollama/ollama" => Tool, "";
    "ToolInfo", "cloudwego/eino" => Tool, "";
    "ToolParam", "anthropic-sdk-go" => Tool, "";
    "UserMessage", "cloudwego/eino" => Plain, "said";
    "UserMessage", "openai/openai-go" => Plain, "said";
    "VertexAIModel", "firebase/genkit" => Plain, "_,model";
    "WebSearchToolParam", "openai/openai-go" => Tool, "=web_search";
    "WithPrompt", "firebase/genkit" => Template, "template";
};

/// Marks, sorted by name.
const MARKS: &[MarkRule] = marks! {};

/// Bases, sorted by name.
const BASES: &[BaseRule] = bases! {};

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
