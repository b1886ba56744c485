//! What the libraries of JavaScript make: rows of [`inventar_analysis::calls`].

use inventar_analysis::calls::{Rule, Table};

/// The rule for the path of a callee.
pub(crate) fn rule(path: &str) -> Option<&'static Rule> {
    TABLE.rule(path)
}

/// Whether any rule may speak of a callee of that name.
pub(crate) fn is_known_name(last: &str) -> bool {
    TABLE.is_known_name(last)
}

const TABLE: Table = Table {
    rules: ROWS,
    factories: FACTORIES,
    separators: &['.', ':'],
    accepts: |root, path| {
        path.strip_prefix(root).is_some_and(|rest| {
            let is_whole = rest.starts_with([':', '/', '-', '.']);
            is_whole || root.starts_with('@') || root.ends_with(['/', ':'])
        })
    },
};

/// Methods of a class that make one.
const FACTORIES: &[&str] = &[
    "fromDocuments",
    "fromTexts",
    "fromExistingIndex",
    "fromExistingCollection",
    "fromExistingTable",
    "fromTemplate",
    "fromMessages",
    "fromAgentAndTools",
    "from",
    "fromDefaults",
    "initialize",
    "load",
    "create",
    "init",
    "fromVectorStore",
];

const ROWS: &[Rule] = inventar_analysis::calls! {
    "AIMessagePromptTemplate", "langchain|@langchain/|llamaindex|@llamaindex/" => Prompt("template"), Nothing;
    "AIProjectClient", "@azure/ai-projects" => Plain, Url;
    "Agent", "@openai/agents|@mastra/|@voltagent/|@strands-agents|ai:|@google/adk|@inngest/agent-kit|beeai-framework|@convex-dev/agent|@cloudflare/agents|@ibm-generative-ai|openai-agents|@iqai/adk|@cursor/|mcp-use|@agentic|@hashbrownai|agents:" => Agent, Nothing;
    "AgentExecutor", "langchain|@langchain/" => AgentAround("agent"), Nothing;
    "AgentWorkflow", "llamaindex|@llamaindex/" => Agent, Nothing;
    "AnalyticDBVectorStore", "langchain|@langchain/" => VectorStore, Nothing;
    "AnthropicAgent", "llamaindex|@llamaindex/" => Agent, Nothing;
    "AstraDBVectorStore", "langchain|@langchain/" => VectorStore, Nothing;
    "AstraDBVectorStore", "llamaindex|@llamaindex/" => VectorStore, Nothing;
    "AstraVector", "@mastra/" => VectorStore, Nothing;
    "AzureAISearchVectorStore", "langchain|@langchain/" => VectorStore, Nothing;
    "AzureAISearchVectorStore", "llamaindex|@llamaindex/" => VectorStore, Nothing;
    "BasicAgent", "@copilotkit/|@ag-ui/" => Agent, Nothing;
    "BuiltInAgent", "@copilotkit/|@ag-ui/" => Agent, Nothing;
    "CassandraStore", "langchain|@langchain/" => VectorStore, Nothing;
    "ChatOllama", "langchain|@langchain/" => Plain, Nothing;
    "ChatPromptTemplate", "langchain|@langchain/|llamaindex|@llamaindex/" => Prompt("template"), Nothing;
    "Chroma", "langchain|@langchain/" => VectorStore, Nothing;
    "ChromaClient", "chromadb" => VectorStore, Nothing;
    "ChromaVector", "@mastra/" => VectorStore, Nothing;
    "ChromaVectorStore", "llamaindex|@llamaindex/" => VectorStore, Nothing;
    "ClickHouseStore", "langchain|@langchain/" => VectorStore, Nothing;
    "Client", "@modelcontextprotocol/" => McpClient, Nothing;
    "CloseVectorNode", "langchain|@langchain/" => VectorStore, Nothing;
    "CloudClient", "chromadb" => VectorStore, Nothing;
    "CloudflareVector", "@mastra/" => VectorStore, Nothing;
    "CloudflareVectorizeStore", "langchain|@langchain/" => VectorStore, Nothing;
    "Codex", "@openai/codex-sdk" => Agent, Nothing;
    "ConvexVector", "@mastra/" => VectorStore, Nothing;
    "ConvexVectorStore", "langchain|@langchain/" => VectorStore, Nothing;
    "CopilotChat", "@copilotkit/" => Plain, Nothing;
    "CouchbaseVector", "@mastra/" => VectorStore, Nothing;
    "CreateMLCEngine", "@mlc-ai/web-llm" => Plain, Model;
    "CreateWebWorkerMLCEngine", "@mlc-ai/web-llm" => Plain, Model;
    "DuckDBVector", "@mastra/" => VectorStore, Nothing;
    "DynamicStructuredTool", "langchain|@langchain/|beeai" => Tool, Nothing;
    "DynamicTool", "langchain|@langchain/|beeai" => Tool, Nothing;
    "ElasticSearchVector", "@mastra/" => VectorStore, Nothing;
    "ElasticSearchVectorStore", "llamaindex|@llamaindex/" => VectorStore, Nothing;
    "ElasticVectorSearch", "langchain|@langchain/" => VectorStore, Nothing;
    "Eval", "braintrust" => Evaluation, Nothing;
    "Experimental_Agent", "ai:" => Agent, Nothing;
    "Experimental_ToolLoopAgent", "ai:" => Agent, Nothing;
    "FaissStore", "langchain|@langchain/" => VectorStore, Nothing;
    "FastMCP", "fastmcp" => McpServer, Nothing;
    "FewShotPromptTemplate", "langchain|@langchain/" => Prompt("prefix"), Nothing;
    "FunctionAgent", "llamaindex|@llamaindex/" => Agent, Nothing;
    "FunctionTool", "llamaindex|@llamaindex/|@google/adk|@iqai/adk" => Tool, Nothing;
    "GoogleVertexAIVectorStore", "langchain|@langchain/" => VectorStore, Nothing;
    "GuardrailsOpenAI", "@openai/guardrails" => Guardrail, Nothing;
    "HNSWLib", "langchain|@langchain/" => VectorStore, Nothing;
    "HttpAgent", "@copilotkit/|@ag-ui/" => Agent, Nothing;
    "HttpClient", "@zilliz/" => VectorStore, Nothing;
    "HumanMessagePromptTemplate", "langchain|@langchain/|llamaindex|@llamaindex/" => Prompt("template"), Nothing;
    "InMemoryVectorStore", "langchain|@langchain/" => VectorStore, Nothing;
    "Index", "@upstash/vector" => VectorStore, Nothing;
    "LLMAgent", "llamaindex|@llamaindex/" => Agent, Nothing;
    "LanceDB", "langchain|@langchain/" => VectorStore, Nothing;
    "LanceVectorStore", "@mastra/" => VectorStore, Nothing;
    "LangGraphAgent", "@copilotkit/|@ag-ui/" => Agent, Nothing;
    "LangGraphHttpAgent", "@copilotkit/|@ag-ui/" => Agent, Nothing;
    "LangGraphPlatformEndpoint", "@copilotkit/|@ag-ui/" => Agent, Nothing;
    "LanguageDetector", "@mastra/" => Guardrail, Nothing;
    "LibSQLVector", "@mastra/" => VectorStore, Nothing;
    "LibSQLVectorStore", "langchain|@langchain/" => VectorStore, Nothing;
    "LlmAgent", "@google/adk|@iqai/adk" => Agent, Nothing;
    "LocalIndex", "vectra" => VectorStore, Nothing;
    "LoopAgent", "@google/adk|@iqai/adk" => Agent, Nothing;
    "MCPClient", "@mastra/|mcp-use|mcp-client|llamaindex|@llamaindex/" => McpClient, Nothing;
    "MCPConfiguration", "@mastra/|mcp-use|mcp-client|llamaindex|@llamaindex/" => McpClient, Nothing;
    "MCPServer", "@modelcontextprotocol/|@mastra/mcp|mcp-framework|mcp-use|@genkit-ai/mcp|fastmcp|@clerk/mcp|tmcp|muppet" => McpServer, Nothing;
    "MCPServerSSE", "@openai/agents" => McpClient, Nothing;
    "MCPServerStdio", "@openai/agents" => McpClient, Nothing;
    "MCPServerStreamableHttp", "@openai/agents" => McpClient, Nothing;
    "MCPToolset", "@google/adk|@iqai/adk" => McpClient, Nothing;
    "MastraMCPClient", "@mastra/|mcp-use|mcp-client|llamaindex|@llamaindex/" => McpClient, Nothing;
    "MatchingEngine", "langchain|@langchain/" => VectorStore, Nothing;
    "McpClient", "@mastra/|mcp-use|mcp-client|llamaindex|@llamaindex/" => McpClient, Nothing;
    "McpServer", "@modelcontextprotocol/|@mastra/mcp|mcp-framework|mcp-use|@genkit-ai/mcp|fastmcp|@clerk/mcp|tmcp|muppet" => McpServer, Nothing;
    "McpServerBuilder", "@modelcontextprotocol/|@mastra/mcp|mcp-framework|mcp-use|@genkit-ai/mcp|fastmcp|@clerk/mcp|tmcp|muppet" => McpServer, Nothing;
    "McpToolset", "@google/adk|@iqai/adk" => McpClient, Nothing;
    "MemoryVectorStore", "langchain|@langchain/" => VectorStore, Nothing;
    "MessageGraph", "langchain|@langchain/|deepagents" => Agent, Nothing;
    "Milvus", "langchain|@langchain/" => VectorStore, Nothing;
    "MilvusClient", "@zilliz/" => VectorStore, Nothing;
    "MilvusVectorStore", "llamaindex|@llamaindex/" => VectorStore, Nothing;
    "ModelClient", "@azure-rest/ai-inference" => Plain, Url;
    "ModerationProcessor", "@mastra/" => Guardrail, Nothing;
    "MomentoVectorIndex", "langchain|@langchain/" => VectorStore, Nothing;
    "MongoDBAtlasVectorSearch", "langchain|@langchain/" => VectorStore, Nothing;
    "MongoDBAtlasVectorSearch", "llamaindex|@llamaindex/" => VectorStore, Nothing;
    "MongoDBVector", "@mastra/" => VectorStore, Nothing;
    "MultiServerMCPClient", "langchain|@langchain/" => McpClient, Nothing;
    "MyScaleStore", "langchain|@langchain/" => VectorStore, Nothing;
    "Neo4jVectorStore", "langchain|@langchain/" => VectorStore, Nothing;
    "NeonPostgres", "langchain|@langchain/" => VectorStore, Nothing;
    "OpenAIAgent", "llamaindex|@llamaindex/" => Agent, Nothing;
    "OpenAIClient", "@azure/openai" => Plain, Url;
    "OpenSearchVector", "@mastra/" => VectorStore, Nothing;
    "OpenSearchVectorStore", "langchain|@langchain/" => VectorStore, Nothing;
    "PGVectorStore", "langchain|@langchain/" => VectorStore, Nothing;
    "PGVectorStore", "llamaindex|@llamaindex/" => VectorStore, Nothing;
    "PIIDetector", "@mastra/" => Guardrail, Nothing;
    "ParallelAgent", "@google/adk|@iqai/adk" => Agent, Nothing;
    "PgVector", "@mastra/" => VectorStore, Nothing;
    "Pinecone", "@pinecone-database/" => VectorStore, Nothing;
    "PineconeClient", "@pinecone-database/" => VectorStore, Nothing;
    "PineconeStore", "langchain|@langchain/" => VectorStore, Nothing;
    "PineconeVector", "@mastra/" => VectorStore, Nothing;
    "PineconeVectorStore", "llamaindex|@llamaindex/" => VectorStore, Nothing;
    "PrismaVectorStore", "langchain|@langchain/" => VectorStore, Nothing;
    "PromptInjectionDetector", "@mastra/" => Guardrail, Nothing;
    "PromptTemplate", "langchain|@langchain/|llamaindex|@llamaindex/" => Prompt("template"), Nothing;
    "QdrantClient", "@qdrant/" => VectorStore, Nothing;
    "QdrantVector", "@mastra/" => VectorStore, Nothing;
    "QdrantVectorStore", "langchain|@langchain/" => VectorStore, Nothing;
    "QdrantVectorStore", "llamaindex|@llamaindex/" => VectorStore, Nothing;
    "QueryEngineTool", "llamaindex|@llamaindex/" => Tool, Nothing;
    "ReActAgent", "llamaindex|@llamaindex/" => Agent, Nothing;
    "RealtimeAgent", "@openai/agents" => Agent, Nothing;
    "RedisVectorStore", "langchain|@langchain/" => VectorStore, Nothing;
    "RocksetStore", "langchain|@langchain/" => VectorStore, Nothing;
    "S3Vectors", "@mastra/" => VectorStore, Nothing;
    "SearchClient", "@azure/search-documents" => VectorStore, Url;
    "SequentialAgent", "@google/adk|@iqai/adk" => Agent, Nothing;
    "Server", "@modelcontextprotocol/|@mastra/mcp|mcp-framework|mcp-use|@genkit-ai/mcp|fastmcp|@clerk/mcp|tmcp|muppet" => McpServer, Nothing;
    "SimpleVectorStore", "llamaindex|@llamaindex/" => VectorStore, Nothing;
    "SingleStoreVectorStore", "langchain|@langchain/" => VectorStore, Nothing;
    "StateGraph", "langchain|@langchain/|deepagents" => Agent, Nothing;
    "SupabaseVectorStore", "langchain|@langchain/" => VectorStore, Nothing;
    "SupabaseVectorStore", "llamaindex|@llamaindex/" => VectorStore, Nothing;
    "SystemMessage", "langchain|@langchain/" => Prompt("content"), Nothing;
    "SystemMessagePromptTemplate", "langchain|@langchain/" => Prompt("template"), Nothing;
    "SystemPromptScrubber", "@mastra/" => Guardrail, Nothing;
    "ToolLoopAgent", "ai:" => Agent, Nothing;
    "Turbopuffer", "@turbopuffer/" => VectorStore, Nothing;
    "TurbopufferVector", "@mastra/" => VectorStore, Nothing;
    "TurbopufferVectorStore", "langchain|@langchain/" => VectorStore, Nothing;
    "TypeORMVectorStore", "langchain|@langchain/" => VectorStore, Nothing;
    "Typesense", "langchain|@langchain/" => VectorStore, Nothing;
    "USearch", "langchain|@langchain/" => VectorStore, Nothing;
    "UnicodeNormalizer", "@mastra/" => Guardrail, Nothing;
    "UpstashVector", "@mastra/" => VectorStore, Nothing;
    "UpstashVectorStore", "langchain|@langchain/" => VectorStore, Nothing;
    "UpstashVectorStore", "llamaindex|@llamaindex/" => VectorStore, Nothing;
    "VectaraStore", "langchain|@langchain/" => VectorStore, Nothing;
    "VectorDatabase", "client-vector-search" => VectorStore, Nothing;
    "VectorStoreIndex", "llamaindex|@llamaindex/" => VectorStore, Nothing;
    "VercelPostgres", "langchain|@langchain/" => VectorStore, Nothing;
    "VoltAgentSupervisor", "@voltagent/" => Agent, Nothing;
    "VoyVectorStore", "langchain|@langchain/" => VectorStore, Nothing;
    "WeaviateStore", "langchain|@langchain/" => VectorStore, Nothing;
    "WeaviateVectorStore", "llamaindex|@llamaindex/" => VectorStore, Nothing;
    "Workflow", "llamaindex|@llamaindex/|@mastra/" => Agent, Nothing;
    "XataVectorSearch", "langchain|@langchain/" => VectorStore, Nothing;
    "Zep", "langchain|@langchain/" => VectorStore, Nothing;
    "ZepVectorStore", "langchain|@langchain/" => VectorStore, Nothing;
    "agent", "llamaindex|@llamaindex/" => Agent, Nothing;
    "applyPatchTool", "@openai/agents" => Tool, Nothing;
    "asTool", "@openai/agents|@langchain/|langchain" => Tool, Nothing;
    "betaTool", "@anthropic-ai/" => Tool, Nothing;
    "betaZodTool", "@anthropic-ai/" => Tool, Nothing;
    "client", "weaviate" => VectorStore, Nothing;
    "codeInterpreterTool", "@openai/agents" => Tool, Nothing;
    "computerTool", "@openai/agents" => Tool, Nothing;
    "connect", "@lancedb/|vectordb" => VectorStore, Nothing;
    "connectMcpServers", "@openai/agents" => McpClient, Nothing;
    "connectToCustom", "weaviate" => VectorStore, Nothing;
    "connectToLocal", "weaviate" => VectorStore, Nothing;
    "connectToWCS", "weaviate" => VectorStore, Nothing;
    "connectToWeaviateCloud", "weaviate" => VectorStore, Nothing;
    "create", "openai:OpenAI.fineTuning.jobs|openai:OpenAI.fine_tuning.jobs" => Training, Nothing;
    "create", "openai:OpenAI.moderations" => Guardrail, Nothing;
    "create", "openai:OpenAI.vectorStores|openai:OpenAI.beta.vectorStores" => VectorStore, Nothing;
    "createAgent", "@inngest/agent-kit|beeai|@openserv" => Agent, Nothing;
    "createAgent", "langchain|@langchain/|deepagents" => Agent, Nothing;
    "createDataset", "langfuse|@langfuse/|langsmith" => Dataset, Name;
    "createDeepAgent", "langchain|@langchain/|deepagents" => Agent, Nothing;
    "createFineTune", "openai" => Training, Nothing;
    "createGraphRAGTool", "@mastra/" => Tool, Nothing;
    "createJsonAgent", "langchain|@langchain/|deepagents" => Agent, Nothing;
    "createMCPClient", "ai:|ai/|@ai-sdk/mcp" => McpClient, Nothing;
    "createMcpClient", "@genkit-ai/mcp|genkitx-mcp|@strands-agents" => McpClient, Nothing;
    "createMcpHandler", "mcp-handler|@vercel/mcp-adapter|agents/|@genkit-ai/mcp|@hono/mcp|mcp-use" => McpServer, Nothing;
    "createMcpHost", "@genkit-ai/mcp|genkitx-mcp|@strands-agents" => McpClient, Nothing;
    "createMcpServer", "mcp-handler|@vercel/mcp-adapter|agents/|@genkit-ai/mcp|@hono/mcp|mcp-use" => McpServer, Nothing;
    "createModeration", "openai" => Guardrail, Nothing;
    "createNetwork", "@inngest/agent-kit" => Agent, Nothing;
    "createOpenAIFunctionsAgent", "langchain|@langchain/|deepagents" => Agent, Nothing;
    "createOpenAIToolsAgent", "langchain|@langchain/|deepagents" => Agent, Nothing;
    "createOpenApiAgent", "langchain|@langchain/|deepagents" => Agent, Nothing;
    "createReactAgent", "langchain|@langchain/|deepagents" => Agent, Nothing;
    "createRetrieverTool", "langchain|@langchain/" => Tool, Nothing;
    "createScorer", "@mastra/|@langfuse/" => Evaluation, Nothing;
    "createSdkMcpServer", "@anthropic-ai/" => McpServer, Nothing;
    "createSqlAgent", "langchain|@langchain/|deepagents" => Agent, Nothing;
    "createStructuredChatAgent", "langchain|@langchain/|deepagents" => Agent, Nothing;
    "createSupervisor", "langchain|@langchain/|deepagents" => Agent, Nothing;
    "createSwarm", "langchain|@langchain/|deepagents" => Agent, Nothing;
    "createTool", "@mastra/|@inngest/agent-kit|@voltagent/|@convex-dev/agent|@agentic|@hashbrownai|@iqai/adk|@copilotkit/|@composio" => Tool, Nothing;
    "createToolCallingAgent", "langchain|@langchain/|deepagents" => Agent, Nothing;
    "createVectorQueryTool", "@mastra/" => Tool, Nothing;
    "createVectorStoreAgent", "langchain|@langchain/|deepagents" => Agent, Nothing;
    "createWorkflow", "llamaindex|@llamaindex/|@mastra/" => Agent, Nothing;
    "createXmlAgent", "langchain|@langchain/|deepagents" => Agent, Nothing;
    "defineAgent", "genkit|@genkit-ai/|@livekit/agents|@arizeai" => Agent, Name;
    "defineFlow", "genkit|@genkit-ai/" => Flow, Name;
    "defineInputGuardrail", "@openai/agents" => Guardrail, Nothing;
    "defineOutputGuardrail", "@openai/agents" => Guardrail, Nothing;
    "definePrompt", "genkit|@genkit-ai/" => NamedPrompt, Nothing;
    "defineTool", "genkit|@genkit-ai/|@github/copilot-sdk|@openai/" => Tool, Name;
    "defineToolInputGuardrail", "@openai/agents" => Guardrail, Nothing;
    "defineToolOutputGuardrail", "@openai/agents" => Guardrail, Nothing;
    "dynamicTool", "ai:|@ai-sdk/" => Tool, Nothing;
    "dynamicTool", "genkit" => Tool, Nothing;
    "embedder", "@genkit-ai/|genkitx" => Plain, Model;
    "evalite", "evalite" => Evaluation, Nothing;
    "evaluate", "langsmith|promptfoo|@arizeai|deepeval" => Evaluation, Nothing;
    "evaluateComparative", "langsmith|promptfoo|@arizeai|deepeval" => Evaluation, Nothing;
    "experimental_createMCPClient", "ai:|ai/|@ai-sdk/mcp" => McpClient, Nothing;
    "experimental_createMcpHandler", "mcp-handler|@vercel/mcp-adapter|agents/|@genkit-ai/mcp|@hono/mcp|mcp-use" => McpServer, Nothing;
    "fileSearchTool", "@openai/agents" => Tool, Nothing;
    "fit", "@tensorflow/" => Training, Nothing;
    "fitDataset", "@tensorflow/" => Training, Nothing;
    "from_pretrained", "@xenova/transformers|@huggingface/transformers|kokoro-js|@kokoro" => Plain, Model;
    "gemini", "@genkit-ai/|genkitx" => Plain, Model;
    "gemini15Flash", "@genkit-ai/|genkitx" => Plain, Model;
    "generateObject", "ai:|ai/" => AgentLoop, Nothing;
    "generateText", "ai:|ai/" => AgentLoop, Nothing;
    "getDataset", "langfuse|@langfuse/" => Dataset, Name;
    "getGenerativeModel", "@google|firebase" => Plain, Nothing;
    "getPrompt", "langfuse|@langfuse/" => HubPrompt, Nothing;
    "halfvec", "drizzle-orm/pg-core" => VectorStore, Nothing;
    "hostedMcpTool", "@openai/agents" => McpClient, Nothing;
    "imageGenerationTool", "@openai/agents" => Tool, Nothing;
    "initChatModel", "langchain|@langchain/" => Plain, Model;
    "initDataset", "braintrust" => Dataset, Name;
    "initializeAgentExecutor", "langchain|@langchain/|deepagents" => Agent, Nothing;
    "initializeAgentExecutorWithOptions", "langchain|@langchain/|deepagents" => Agent, Nothing;
    "loadPrompt", "braintrust" => HubPrompt, Nothing;
    "mcp", "llamaindex|@llamaindex/" => McpClient, Nothing;
    "mcpClient", "@genkit-ai/mcp|genkitx-mcp|@strands-agents" => McpClient, Nothing;
    "model", "@genkit-ai/|genkitx" => Plain, Model;
    "multiAgent", "llamaindex|@llamaindex/" => Agent, Nothing;
    "pipeline", "@xenova/transformers|@huggingface/transformers" => Plain, SecondModel;
    "pull", "langchain/hub|@langchain/classic/hub" => HubPrompt, Nothing;
    "pullPrompt", "langsmith" => HubPrompt, Nothing;
    "query", "@anthropic-ai/claude-agent-sdk|@anthropic-ai/claude-code" => Agent, Nothing;
    "readDataset", "langsmith" => Dataset, Name;
    "run", "@fal-ai/" => Plain, Model;
    "run", "replicate|@cloudflare/ai" => Plain, Model;
    "runEvals", "@mastra/|@langfuse/" => Evaluation, Nothing;
    "runExperiment", "@mastra/|@langfuse/" => Evaluation, Nothing;
    "runTools", "openai" => AgentLoop, Nothing;
    "shellTool", "@openai/agents" => Tool, Nothing;
    "stream", "@fal-ai/" => Plain, Model;
    "streamObject", "ai:|ai/" => AgentLoop, Nothing;
    "streamText", "ai:|ai/" => AgentLoop, Nothing;
    "subscribe", "@fal-ai/" => Plain, Model;
    "tool", "ai:|@ai-sdk/|langchain|@langchain/|@openai/agents|@anthropic-ai/|llamaindex|@llamaindex/|@strands-agents|@google/adk|@voltagent/|@mastra/|@xsai/|@lmstudio/sdk|@cloudflare/|agents:|agents/" => Tool, Nothing;
    "trainNetwork", "ml5" => Training, Nothing;
    "useCopilotAction", "@copilotkit/" => Tool, Nothing;
    "useFrontendTool", "@copilotkit/" => Tool, Nothing;
    "vector", "drizzle-orm/pg-core" => VectorStore, Nothing;
    "voice.Agent", "@livekit/agents" => Agent, Nothing;
    "webSearchTool", "@openai/agents" => Tool, Nothing;
    "workflowFactory", "llamaindex|@llamaindex/" => Agent, Nothing;
    "zodFunction", "openai" => Tool, Nothing;
    "zodResponsesFunction", "openai" => Tool, Nothing;
};

#[cfg(test)]
mod tests {
    use super::*;
    use inventar_analysis::calls::Makes::{Agent, McpClient, McpServer, Tool, Training, VectorStore};

    #[test]
    fn paths() {
        for (path, expected) in [
            ("@langchain/pinecone:PineconeStore.fromDocuments", Some(VectorStore)),
            ("@langchain/langgraph:StateGraph", Some(Agent)),
            ("@openai/agents:Agent", Some(Agent)),
            ("@openai/agents-core:Agent", Some(Agent)),
            ("@modelcontextprotocol/sdk/server/mcp.js:McpServer", Some(McpServer)),
            ("@modelcontextprotocol/sdk/client/index.js:Client", Some(McpClient)),
            ("express:Server", None),
            ("ai:tool", Some(Tool)),
            ("aiken:tool", None),
            ("openai:OpenAI.chat.completions.create", None),
            ("redis:Client", None),
            ("openai:OpenAI.fineTuning.jobs.create", Some(Training)),
            ("openai:OpenAI.images.create", None),
        ] {
            assert_eq!(rule(path).map(|rule| rule.makes), expected, "{path}");
        }
    }

    #[test]
    fn sorted() {
        assert!(TABLE.is_sorted());
    }
}
