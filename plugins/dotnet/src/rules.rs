//! What the libraries of .NET make: calls, marks and bases.

use inventar_tokens::rules::{BaseRule, Dialect, MarkRule, Rule};
use inventar_tokens::{bases, calls, marks};

/// The dialect.
pub(crate) const DIALECT: Dialect = Dialect::new(CALLS, MARKS, BASES);

/// Calls, sorted by name.
const CALLS: &[Rule] = calls! {
    "AIProjectClient", "Azure.AI" => Plain, "url";
    "AddAIAgent", "Microsoft.Agents|Microsoft.Extensions.Hosting" => Agent, "name,system";
    "AddAmazonBedrockChatCompletion", "Microsoft.SemanticKernel" => Plain, "model";
    "AddAzureAIInferenceChatCompletion", "Microsoft.SemanticKernel" => Plain, "model";
    "AddAzureOpenAIChatClient", "Microsoft.SemanticKernel" => Plain, "model,url,key";
    "AddAzureOpenAIChatCompletion", "Microsoft.SemanticKernel" => Plain, "model,url,key";
    "AddAzureOpenAIClient", "" => Plain, "";
    "AddAzureOpenAIEmbeddingGenerator", "Microsoft.SemanticKernel" => Plain, "model,url,key";
    "AddAzureOpenAITextEmbeddingGeneration", "Microsoft.SemanticKernel" => Plain, "model,url,key";
    "AddBedrockChatCompletionService", "Microsoft.SemanticKernel" => Plain, "model";
    "AddDeveloperMessage", "Microsoft.SemanticKernel" => System, "system";
    "AddGoogleAIEmbeddingGeneration", "Microsoft.SemanticKernel" => Plain, "model,key";
    "AddGoogleAIGeminiChatCompletion", "Microsoft.SemanticKernel" => Plain, "model,key";
    "AddHuggingFaceChatCompletion", "Microsoft.SemanticKernel" => Plain, "model";
    "AddHuggingFaceTextGeneration", "Microsoft.SemanticKernel" => Plain, "model";
    "AddMcpServer", "" => McpServer, "";
    "AddMistralChatCompletion", "Microsoft.SemanticKernel" => Plain, "model,key";
    "AddOllamaApiClient", "" => Plain, "";
    "AddOllamaChatCompletion", "Microsoft.SemanticKernel" => Plain, "model,url";
    "AddOllamaTextEmbeddingGeneration", "Microsoft.SemanticKernel" => Plain, "model,url";
    "AddOnnxRuntimeGenAIChatCompletion", "Microsoft.SemanticKernel" => Plain, "model";
    "AddOpenAIChatClient", "Microsoft.SemanticKernel" => Plain, "model,key";
    "AddOpenAIChatCompletion", "Microsoft.SemanticKernel" => Plain, "model,key";
    "AddOpenAIClient", "" => Plain, "";
    "AddOpenAIEmbeddingGenerator", "Microsoft.SemanticKernel" => Plain, "model,key";
    "AddOpenAITextEmbeddingGeneration", "Microsoft.SemanticKernel" => Plain, "model,key";
    "AddOpenAITextToImage", "Microsoft.SemanticKernel" => Plain, "key";
    "AddQdrantClient", "" => Store, "";
    "AddSystemMessage", "Microsoft.SemanticKernel" => System, "system";
    "AddSystemMessageWithTokenCount", "Microsoft.SemanticKernel" => System, "system";
    "AddUserMessage", "Microsoft.SemanticKernel" => Plain, "said";
    "AddVertexAIGeminiChatCompletion", "Microsoft.SemanticKernel" => Plain, "model";
    "AgentGroupChat", "Microsoft.SemanticKernel.Agents|Microsoft.SemanticKernel" => Agent, "";
    "AggregatorAgent", "Microsoft.SemanticKernel.Agents|Microsoft.SemanticKernel" => Agent, "";
    "AnthropicClient", "Anthropic" => Plain, "";
    "AnthropicClientAgent", "AutoGen" => Agent, "_,name";
    "AsAIAgent", "" => Agent, "system,name";
    "AsChatClient", "" => Plain, "model";
    "AsEmbeddingGenerator", "" => Plain, "model";
    "AsIChatClient", "" => Plain, "model";
    "AsIEmbeddingGenerator", "" => Plain, "known-model";
    "AssistantAgent", "AutoGen" => Agent, "name";
    "AudioClient", "OpenAI" => Plain, "model,key";
    "AzureAIAgent", "Microsoft.SemanticKernel.Agents|Microsoft.SemanticKernel" => Agent, "";
    "AzureAISearchToolDefinition", "Azure.AI" => Tool, "=azure_ai_search";
    "AzureOpenAIChatCompletionService", "Microsoft.SemanticKernel" => Plain, "model,url,key";
    "AzureOpenAIClient", "Azure.AI.OpenAI|OpenAI" => Plain, "url,key";
    "AzureOpenAITextEmbeddingGenerationService", "Microsoft.SemanticKernel" => Plain, "model,url,key";
    "BingGroundingToolDefinition", "Azure.AI" => Tool, "=bing_grounding";
    "ChatClient", "OpenAI.Chat" => Plain, "model,key";
    "ChatClientAgent", "Microsoft.Agents.AI|Microsoft.Extensions.AI" => Agent, "_,system,name";
    "ChatCompletionAgent", "Microsoft.SemanticKernel.Agents|Microsoft.SemanticKernel" => Agent, "";
    "ChatCompletionsClient", "Azure.AI.Inference" => Plain, "url,key";
    "ChatHistory", "Microsoft.SemanticKernel" => System, "system";
    "ChatRequestSystemMessage", "Azure.AI" => System, "system";
    "ChromaClient", "Chroma" => Store, "";
    "ChromaMemoryStore", "Microsoft.SemanticKernel" => Store, "url";
    "CodeInterpreterToolDefinition", "Azure.AI|OpenAI" => Tool, "=code_interpreter";
    "CompleteChat", "OpenAI" => Plain, "said";
    "CompleteChatAsync", "OpenAI" => Plain, "said";
    "ConcurrentOrchestration", "Microsoft.SemanticKernel.Agents|Microsoft.SemanticKernel" => Agent, "";
    "ConversableAgent", "AutoGen" => Agent, "name";
    "Create", "AIFunctionFactory" => Tool, "fn,name";
    "Create", "McpServerTool" => Tool, "fn";
    "Create", "McpServerPrompt" => McpPrompt, "";
    "CreateAIAgent", "" => Agent, "system,name";
    "CreateAgent", "Azure.AI" => Agent, "model";
    "CreateAgentAsync", "Azure.AI" => Agent, "model";
    "CreateAssistant", "OpenAI" => Agent, "model";
    "CreateAssistantAsync", "OpenAI" => Agent, "model";
    "CreateAsync", "McpClient|McpClientFactory" => McpClient, "";
    "CreateCodeInterpreter", "ToolDefinition|OpenAI" => Tool, "=code_interpreter";
    "CreateCodeInterpreterTool", "ResponseTool|OpenAI" => Tool, "=code_interpreter";
    "CreateFileSearch", "ToolDefinition|OpenAI" => Tool, "=file_search";
    "CreateFileSearchTool", "ResponseTool|OpenAI" => Tool, "=file_search";
    "CreateFromMethod", "KernelFunctionFactory" => Tool, "fn,name";
    "CreateFromPrompt", "KernelFunctionFactory" => Template, "template";
    "CreateFunctionFromMethod", "Microsoft.SemanticKernel" => Tool, "fn,name";
    "CreateFunctionFromPrompt", "Microsoft.SemanticKernel" => Template, "template";
    "CreateFunctionTool", "ChatTool|ResponseTool|OpenAI" => Tool, "name";
    "CreatePlanAsync", "Microsoft.SemanticKernel" => Template, "_,template";
    "CreateSystemMessage", "OpenAI" => System, "system";
    "CreateWebSearchTool", "ResponseTool|OpenAI" => Tool, "=web_search";
    "DeveloperChatMessage", "OpenAI" => System, "system";
    "EmbeddingClient", "OpenAI" => Plain, "model,key";
    "EmbeddingsClient", "Azure.AI.Inference" => Plain, "url,key";
    "ExecuteAsync", "Microsoft.SemanticKernel.Planning" => Template, "_,template";
    "FileSearchToolDefinition", "Azure.AI|OpenAI" => Tool, "=file_search";
    "Fit", "Microsoft.ML" => Training, "";
    "FunctionToolDefinition", "Azure.AI|OpenAI" => Tool, "name";
    "GeminiChatAgent", "AutoGen" => Agent, "name";
    "GetAssistantClient", "OpenAI" => Plain, "";
    "GetAudioClient", "" => Plain, "model";
    "GetChatClient", "" => Plain, "model";
    "GetChatMessageContentAsync", "Microsoft.SemanticKernel" => Template, "template";
    "GetChatMessageContentsAsync", "Microsoft.SemanticKernel" => Template, "template";
    "GetEmbeddingClient", "" => Plain, "model";
    "GetImageClient", "" => Plain, "model";
    "GetOpenAIResponseClient", "" => Plain, "model";
    "GetResponseAsync", "Microsoft.Extensions.AI" => Plain, "said";
    "GetResponsesClient", "" => Plain, "model";
    "GetStreamingChatMessageContentsAsync", "Microsoft.SemanticKernel" => Template, "template";
    "GetStreamingResponseAsync", "Microsoft.Extensions.AI" => Plain, "said";
    "GroupChatOrchestration", "Microsoft.SemanticKernel.Agents|Microsoft.SemanticKernel" => Agent, "";
    "HandoffOrchestration", "Microsoft.SemanticKernel.Agents|Microsoft.SemanticKernel" => Agent, "";
    "HostedCodeInterpreterTool", "Microsoft.Extensions.AI|Microsoft.Agents" => Tool, "=code_interpreter";
    "HostedFileSearchTool", "Microsoft.Extensions.AI|Microsoft.Agents" => Tool, "=file_search";
    "HostedWebSearchTool", "Microsoft.Extensions.AI|Microsoft.Agents" => Tool, "=web_search";
    "ImageClient", "OpenAI" => Plain, "model,key";
    "InvokePromptAsync", "Microsoft.SemanticKernel" => Template, "template";
    "InvokePromptStreamingAsync", "Microsoft.SemanticKernel" => Template, "template";
    "MagenticOrchestration", "Microsoft.SemanticKernel.Agents|Microsoft.SemanticKernel" => Agent, "";
    "MilvusClient", "Milvus" => Store, "url";
    "OllamaAgent", "AutoGen" => Agent, "_,name";
    "OllamaApiClient", "OllamaSharp|Microsoft.Extensions.AI" => Plain, "url,model";
    "OllamaChatClient", "Microsoft.Extensions.AI" => Plain, "url,model";
    "OllamaEmbeddingGenerator", "Microsoft.Extensions.AI" => Plain, "url,model";
    "OpenAIAssistantAgent", "Microsoft.SemanticKernel.Agents|Microsoft.SemanticKernel" => Agent, "";
    "OpenAIChatAgent", "AutoGen" => Agent, "_,name";
    "OpenAIChatCompletionService", "Microsoft.SemanticKernel" => Plain, "model,key";
    "OpenAIClient", "OpenAI|Microsoft.Extensions.AI" => Plain, "key";
    "OpenAIClientOptions", "OpenAI" => Plain, "";
    "OpenAIResponseAgent", "Microsoft.SemanticKernel.Agents|Microsoft.SemanticKernel" => Agent, "";
    "OpenAIResponseClient", "OpenAI" => Plain, "model,key";
    "OpenAITextEmbeddingGenerationService", "Microsoft.SemanticKernel" => Plain, "model,key";
    "PersistentAgentsClient", "Azure.AI" => Plain, "url";
    "PineconeClient", "Pinecone" => Store, "";
    "QdrantClient", "Qdrant" => Store, "url";
    "QdrantMemoryStore", "Microsoft.SemanticKernel" => Store, "url";
    "ResponsesClient", "OpenAI" => Plain, "model,key";
    "RunAsync", "Microsoft.Agents" => Plain, "said";
    "RunStreamingAsync", "Microsoft.Agents" => Plain, "said";
    "SemanticKernelAgent", "AutoGen" => Agent, "_,name";
    "SequentialOrchestration", "Microsoft.SemanticKernel.Agents|Microsoft.SemanticKernel" => Agent, "";
    "StdioClientTransport", "ModelContextProtocol" => Plain, "";
    "SystemChatMessage", "OpenAI" => System, "system";
    "UseVector", "" => Store, "";
    "UserProxyAgent", "AutoGen" => Agent, "name";
    "VolatileMemoryStore", "Microsoft.SemanticKernel" => Store, "";
    "WorkflowBuilder", "Microsoft.Agents" => Agent, "";
};

/// Marks, sorted by name.
const MARKS: &[MarkRule] = marks! {
    "AIFunction", "" => Tool;
    "Function", "AutoGen" => Tool;
    "KernelFunction", "" => Tool;
    "McpServerPrompt", "" => McpPrompt;
    "McpServerResource", "" => McpResource;
    "McpServerTool", "" => Tool;
};

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
