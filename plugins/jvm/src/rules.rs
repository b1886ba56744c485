//! What the libraries of Java and Kotlin make: calls, marks and bases.

use inventar_tokens::rules::{BaseRule, Dialect, MarkRule, Rule};
use inventar_tokens::{bases, calls, marks};

/// The dialect.
pub(crate) const DIALECT: Dialect = Dialect::new(CALLS, MARKS, BASES);

/// Calls, sorted by name.
const CALLS: &[Rule] = calls! {
    "AIAgent", "ai.koog" => Agent, "";
    "AnthropicLLMClient", "ai.koog" => Plain, "key";
    "AssistantPromptTemplate", "org.springframework.ai" => Template, "template";
    "AsyncMcpToolCallbackProvider", "org.springframework.ai" => McpClient, "";
    "Builder", "dev.langchain4j.mcp.client" => McpClient, "";
    "ChatRequestDeveloperMessage", "com.azure.ai" => System, "system";
    "ChatRequestSystemMessage", "com.azure.ai" => System, "system";
    "Client", "io.modelcontextprotocol.kotlin" => McpClient, "";
    "FunctionalAIAgent", "ai.koog" => Agent, "";
    "GenerativeModel", "com.google.cloud.vertexai" => Plain, "model";
    "GenerativeModel", "com.google.ai.client.generativeai" => Plain, "model,key";
    "GoogleLLMClient", "ai.koog" => Plain, "key";
    "GraphAIAgent", "ai.koog" => Agent, "";
    "MilvusClientV2", "io.milvus" => Store, "";
    "MilvusServiceClient", "io.milvus" => Store, "";
    "ModelId", "com.aallam.openai" => Plain, "model";
    "OllamaClient", "ai.koog" => Plain, "url";
    "OpenAILLMClient", "ai.koog" => Plain, "key";
    "OpenAiApi", "org.springframework.ai" => Plain, "";
    "OpenAiService", "com.theokanning" => Plain, "key";
    "OpenRouterLLMClient", "ai.koog" => Plain, "key";
    "PineconeClient", "io.pinecone" => Store, "";
    "Prompt", "io.modelcontextprotocol.spec.McpSchema" => McpPrompt, "name";
    "PromptTemplate", "org.springframework.ai" => Template, "template";
    "PromptTemplate", "dev.langchain4j" => Template, "template";
    "QdrantClient", "io.qdrant" => Store, "";
    "Resource", "io.modelcontextprotocol.spec.McpSchema" => McpResource, "name";
    "Server", "io.modelcontextprotocol.kotlin" => McpServer, "name";
    "StateGraph", "langgraph4j" => Agent, "";
    "StateGraph", "com.alibaba.cloud.ai.graph" => Agent, "";
    "SyncMcpToolCallbackProvider", "org.springframework.ai" => McpClient, "";
    "SystemMessage", "dev.langchain4j" => System, "system";
    "SystemMessage", "org.springframework.ai" => System, "system";
    "SystemMessage", "com.theokanning" => System, "system";
    "SystemPromptTemplate", "org.springframework.ai" => System, "system";
    "Tool", "io.modelcontextprotocol.spec.McpSchema" => Tool, "name";
    "WeaviateClient", "io.weaviate" => Store, "";
    "a2aBuilder", "dev.langchain4j.agentic" => Agent, "url";
    "addPrompt", "io.modelcontextprotocol.kotlin" => McpPrompt, "name";
    "addResource", "io.modelcontextprotocol.kotlin" => McpResource, "name";
    "addTool", "io.modelcontextprotocol.kotlin" => Tool, "name";
    "agentBuilder", "dev.langchain4j.agentic" => Agent, "class";
    "aiAgent", "ai.koog" => Agent, "";
    "async", "io.modelcontextprotocol.server.McpServer" => McpServer, "";
    "async", "io.modelcontextprotocol.client.McpClient" => McpClient, "";
    "builder", "dev.langchain4j.service.AiServices" => Agent, "class";
    "builder", "com.google.adk.agents" => Agent, "";
    "builder", "com.microsoft.semantickernel.agents" => Agent, "";
    "builder", "dev.langchain4j.agent.tool.ToolSpecification" => Tool, "";
    "builder", "org.springframework.ai.tool.function.FunctionToolCallback" => Tool, "name";
    "builder", "org.springframework.ai.tool.method.MethodToolCallback" => Tool, "";
    "builder", "com.alibaba.cloud.ai.graph.agent" => Agent, "";
    "builder", "org.bsc.langgraph4j.agentexecutor" => Agent, "";
    "builder", "dev.langchain4j.mcp.McpToolProvider" => Plain, "";
    "builder", "com.openai.models.FunctionDefinition" => Tool, "";
    "builder", "com.anthropic.models.messages.Tool" => Tool, "";
    "builder", "FunctionDeclaration" => Tool, "";
    "builder", "dev.langchain4j.mcp.client.DefaultMcpClient" => McpClient, "";
    "builder", "io.modelcontextprotocol.spec.McpSchema.Tool" => Tool, "";
    "builder", "models.responses.FileSearchTool|assistants.FileSearchTool" => Tool, "=file_search";
    "builder", "models.responses.WebSearchTool" => Tool, "=web_search";
    "chat", "dev.langchain4j" => Plain, "said";
    "conditionalBuilder", "dev.langchain4j.agentic" => Agent, "class";
    "create", "dev.langchain4j.service.AiServices" => Agent, "class";
    "create", "com.google.adk.tools.FunctionTool" => Tool, "_,name";
    "create", "com.google.adk.tools.LongRunningFunctionTool" => Tool, "_,name";
    "createAgenticSystem", "dev.langchain4j.agentic" => Agent, "class";
    "defaultSseTransport", "ai.koog" => McpClient, "url";
    "embedContent", "com.google.genai" => Plain, "model";
    "from", "SystemMessage" => System, "system";
    "from", "SystemPromptTemplate" => System, "system";
    "from", "dev.langchain4j.model.input.PromptTemplate" => Template, "template";
    "fromMcpServer", "ai.koog" => McpClient, "";
    "fromTransport", "ai.koog" => McpClient, "";
    "function", "org.springframework.ai" => Tool, "name";
    "generate", "dev.langchain4j" => Plain, "said";
    "generateContent", "com.google.genai" => Plain, "model";
    "generateContentStream", "com.google.genai" => Plain, "model";
    "generateImages", "com.google.genai" => Plain, "model";
    "generateVideos", "com.google.genai" => Plain, "model";
    "generativeModel", "com.google.firebase" => Plain, "model";
    "getChatCompletions", "com.azure.ai" => Plain, "model";
    "getChatCompletionsStream", "com.azure.ai" => Plain, "model";
    "getEmbeddings", "com.azure.ai" => Plain, "known-model";
    "loopBuilder", "dev.langchain4j.agentic" => Agent, "class";
    "nodeLLMModerateMessage", "ai.koog" => Guardrail, "";
    "parallelBuilder", "dev.langchain4j.agentic" => Agent, "class";
    "sequenceBuilder", "dev.langchain4j.agentic" => Agent, "class";
    "simpleAnthropicExecutor", "ai.koog" => Plain, "key";
    "simpleChatAgent", "ai.koog" => Agent, "";
    "simpleGoogleAIExecutor", "ai.koog" => Plain, "key";
    "simpleOllamaAIExecutor", "ai.koog" => Plain, "url";
    "simpleOpenAIExecutor", "ai.koog" => Plain, "key";
    "simpleOpenRouterExecutor", "ai.koog" => Plain, "key";
    "simpleSingleRunAgent", "ai.koog" => Agent, "";
    "subgraphWithTask", "ai.koog" => Plain, "block";
    "subgraphWithVerification", "ai.koog" => Plain, "block";
    "subscribe", "ai.fal" => Plain, "model";
    "supervisorBuilder", "dev.langchain4j.agentic" => Agent, "class";
    "supervisorContext", "dev.langchain4j.agentic" => System, "system";
    "sync", "io.modelcontextprotocol.server.McpServer" => McpServer, "";
    "sync", "io.modelcontextprotocol.client.McpClient" => McpClient, "";
    "system", "ai.koog" => System, "system";
    "systemMessage", "dev.langchain4j" => System, "system";
    "text", "ai.chat.messages.SystemMessage" => System, "system";
    "text", "ai.chat.messages.UserMessage" => Plain, "said";
    "user", "org.springframework.ai" => Plain, "said";
    "user", "ai.koog" => Plain, "said";
    "withApiKey", "dev.langchain4j" => Plain, "key";
};

/// Marks, sorted by name.
const MARKS: &[MarkRule] = marks! {
    "Agent", "dev.langchain4j.agentic" => Agent;
    "Agent", "com.embabel" => Agent;
    "AiService", "dev.langchain4j" => Agent;
    "AiService", "io.micronaut.langchain4j" => Agent;
    "ConditionalAgent", "dev.langchain4j.agentic" => Agent;
    "DefineKernelFunction", "com.microsoft.semantickernel" => Tool;
    "Description", "org.springframework.context" => Tool;
    "EmbabelComponent", "com.embabel" => Agent;
    "LlmTool", "com.embabel" => Tool;
    "LoopAgent", "dev.langchain4j.agentic" => Agent;
    "McpPrompt", "" => McpPrompt;
    "McpResource", "" => McpResource;
    "McpTool", "" => Tool;
    "ParallelAgent", "dev.langchain4j.agentic" => Agent;
    "Prompt", "io.quarkiverse.mcp" => McpPrompt;
    "RegisterAiService", "io.quarkiverse.langchain4j" => Agent;
    "Resource", "io.quarkiverse.mcp" => McpResource;
    "ResourceTemplate", "io.quarkiverse.mcp" => McpResource;
    "SequenceAgent", "dev.langchain4j.agentic" => Agent;
    "SupervisorAgent", "dev.langchain4j.agentic" => Agent;
    "SystemMessage", "dev.langchain4j" => System;
    "SystemMessage", "io.quarkiverse.langchain4j" => System;
    "SystemMessage", "io.micronaut.langchain4j" => System;
    "Tool", "dev.langchain4j" => Tool;
    "Tool", "org.springframework.ai" => Tool;
    "Tool", "io.quarkiverse.mcp" => Tool;
    "Tool", "ai.koog" => Tool;
    "Tool", "org.springaicommunity" => Tool;
    "Tool", "io.micronaut.mcp" => Tool;
    "UserMessage", "dev.langchain4j" => Template;
    "UserMessage", "io.quarkiverse.langchain4j" => Template;
};

/// Bases, sorted by name.
const BASES: &[BaseRule] = bases! {
    "Agent", "akka.javasdk" => Agent;
    "EmbeddingStore", "dev.langchain4j" => Store;
    "SimpleTool", "ai.koog" => Tool;
    "Tool", "ai.koog.agents.core.tools" => Tool;
    "VectorStore", "org.springframework.ai" => Store;
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
