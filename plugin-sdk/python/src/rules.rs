//! What the libraries of Python make: rows of [`inventar_analysis::calls`].

use inventar_analysis::calls::{Rule, Table};

/// The rule for the path of a callee.
pub(crate) fn rule(path: &str) -> Option<&'static Rule> {
    TABLE.rule(path)
}

/// Whether any rule may speak of a callee of that name.
pub(crate) fn is_known_name(last: &str) -> bool {
    TABLE.is_known_name(last)
}

/// Decorators that make a function a tool.
pub(crate) fn is_tool_decorator(last: &str, path: Option<&str>) -> bool {
    match last {
        "tool" | "function_tool" | "tool_plain" | "kernel_function" | "ai_function" | "beta_tool"
        | "beta_async_tool" | "register_for_llm" | "register_tool" | "function_schema" | "llm_tool" => {
            path.is_none_or(|path| !path.starts_with("pytest"))
        }
        _ => false,
    }
}

const TABLE: Table = Table {
    rules: ROWS,
    factories: FACTORIES,
    separators: &['.'],
    accepts: |root, path| path.starts_with(root),
};

/// Methods of a class that make one.
const FACTORIES: &[&str] = &[
    "from_documents",
    "afrom_documents",
    "from_texts",
    "afrom_texts",
    "from_existing_index",
    "from_embeddings",
    "load_local",
    "from_params",
    "from_defaults",
    "from_function",
    "from_template",
    "from_tools",
    "from_llm",
    "from_dict",
    "from_client",
    "from_vector_store",
    "from_agent_and_tools",
    "from_existing_collection",
    "create",
    "from_connection_string",
    "from_langchain",
    "from_agent",
    "from_host",
];

const ROWS: &[Rule] = inventar_analysis::calls! {
    "Agent", "agents|openai_agents|pydantic_ai|crewai|agno|phi.|google.adk|strands|livekit|haystack|mcp_agent|browser_use|beeai|letta|ag2|autogen|smolagents|semantic_kernel|camel|griptape|atomic_agents|fast_agent|upsonic|agency_swarm|swarm|uagents|inngest|cognee|controlflow|marvin|langroid|dynamiq|swarms|portia" => Agent, Nothing;
    "AgentDefinition", "claude_agent_sdk|claude_code_sdk" => Agent, Nothing;
    "AgentExecutor", "langchain" => AgentAround("agent"), Nothing;
    "AgentExecutorIterator", "langchain" => AgentAround("agent_executor"), Nothing;
    "AgentGroupChat", "semantic_kernel" => Agent, Nothing;
    "AgentRunner", "llama_index" => Agent, Nothing;
    "AgentWorkflow", "llama_index" => Agent, Nothing;
    "AnalyticDB", "langchain" => VectorStore, Nothing;
    "Annoy", "langchain" => VectorStore, Nothing;
    "AnnoyIndex", "annoy" => VectorStore, Nothing;
    "AssistantAgent", "autogen|ag2|camel|agentscope|qwen_agent" => Agent, Name;
    "AstraDB", "langchain|haystack" => VectorStore, Nothing;
    "AstraDBVectorStore", "langchain|llama_index" => VectorStore, Nothing;
    "AsyncMilvusClient", "pymilvus" => VectorStore, Url;
    "AsyncQdrantClient", "qdrant" => VectorStore, Url;
    "AutoTrain", "autotrain" => Training, Nothing;
    "AzureAIAgent", "semantic_kernel" => Agent, Nothing;
    "AzureAISearchDocumentStore", "haystack" => VectorStore, Nothing;
    "AzureAISearchVectorStore", "llama_index" => VectorStore, Nothing;
    "AzureAssistantAgent", "semantic_kernel" => Agent, Nothing;
    "AzureCosmosDBVectorSearch", "langchain" => VectorStore, Nothing;
    "AzureSearch", "langchain" => VectorStore, Nothing;
    "BM25Retriever", "langchain|llama_index" => Plain, Nothing;
    "BedrockAgent", "semantic_kernel" => Agent, Nothing;
    "BedrockModel", "strands" => Plain, Model;
    "BigQueryVectorStore", "langchain" => VectorStore, Nothing;
    "CaptainAgent", "autogen|ag2" => Agent, Name;
    "Cassandra", "langchain" => VectorStore, Nothing;
    "CassandraVectorStore", "llama_index" => VectorStore, Nothing;
    "ChatAgent", "camel|langroid|agent_framework|llama_stack" => Agent, Nothing;
    "ChatCompletionAgent", "semantic_kernel" => Agent, Nothing;
    "ChatMessagePromptTemplate", "langchain" => Prompt("template"), Nothing;
    "ChatOllama", "langchain" => Plain, Model;
    "ChatPromptTemplate", "langchain|llama_index" => Prompt("template"), Nothing;
    "Chroma", "langchain" => VectorStore, Nothing;
    "ChromaDb", "agno|phi." => VectorStore, Nothing;
    "ChromaDocumentStore", "haystack" => VectorStore, Nothing;
    "ChromaVectorStore", "llama_index" => VectorStore, Nothing;
    "Clickhouse", "langchain" => VectorStore, Nothing;
    "Client", "fastmcp" => McpClient, Url;
    "Client", "chromadb|weaviate" => VectorStore, Nothing;
    "ClientSession", "mcp" => McpClient, Nothing;
    "CodeAgent", "smolagents" => Agent, Nothing;
    "CodeExecutorAgent", "autogen|ag2" => Agent, Name;
    "CompiledStateGraph", "langgraph" => Agent, Nothing;
    "ConversableAgent", "autogen|ag2" => Agent, Name;
    "Crew", "crewai" => Agent, Nothing;
    "CrossEncoder", "sentence_transformers" => Plain, Model;
    "CustomVectorStore", "llama_index" => VectorStore, Nothing;
    "DPOTrainer", "trl" => Training, Nothing;
    "DashVector", "langchain" => VectorStore, Nothing;
    "DataParallelPPOActor", "verl" => Training, Nothing;
    "DatabricksVectorSearch", "langchain|databricks" => VectorStore, Nothing;
    "DeepLake", "langchain" => VectorStore, Nothing;
    "DocArrayInMemorySearch", "langchain" => VectorStore, Nothing;
    "DuckDB", "langchain" => VectorStore, Nothing;
    "ElasticVectorSearch", "langchain" => VectorStore, Nothing;
    "ElasticsearchDocumentStore", "haystack" => VectorStore, Nothing;
    "ElasticsearchStore", "langchain|llama_index" => VectorStore, Nothing;
    "EphemeralClient", "chromadb" => VectorStore, Nothing;
    "FAISS", "langchain" => VectorStore, Nothing;
    "FaissVectorStore", "llama_index" => VectorStore, Nothing;
    "FastMCP", "mcp|fastmcp" => McpServer, Name;
    "FewShotPromptTemplate", "langchain" => Prompt("prefix"), Nothing;
    "FlagModel", "FlagEmbedding" => Plain, Model;
    "FlagReranker", "FlagEmbedding" => Plain, Model;
    "FunctionAgent", "llama_index" => Agent, Nothing;
    "FunctionCallingAgent", "llama_index" => Agent, Nothing;
    "FunctionTool", "llama_index|autogen|google.adk|agents|azure|semantic_kernel|camel" => Tool, Function;
    "GPTAssistantAgent", "autogen|ag2" => Agent, Name;
    "GRPOTrainer", "trl" => Training, Nothing;
    "GenerativeModel", "google|vertexai" => Plain, Model;
    "GraphFlow", "autogen" => Agent, Nothing;
    "GroupChat", "autogen|ag2" => Agent, Nothing;
    "GroupChatManager", "autogen|ag2" => Agent, Nothing;
    "Guard", "guardrails" => Guardrail, Nothing;
    "GuardrailsOutputParser", "langchain" => Guardrail, Nothing;
    "HttpClient", "chromadb" => VectorStore, Nothing;
    "HuggingFaceEmbedding", "llama_index" => Plain, Model;
    "HuggingFaceEndpoint", "langchain" => Plain, Nothing;
    "HumanMessagePromptTemplate", "langchain" => Prompt("template"), Nothing;
    "InMemoryDocumentStore", "haystack" => VectorStore, Nothing;
    "InMemoryVectorStore", "langchain" => VectorStore, Nothing;
    "InferenceClient", "huggingface_hub" => Plain, Model;
    "InferenceClientModel", "smolagents" => Plain, Model;
    "InputGuardrail", "agents" => Guardrail, Nothing;
    "KNNVectorStore", "langchain" => VectorStore, Nothing;
    "LLM", "vllm" => Plain, Model;
    "LLM", "crewai" => Plain, Model;
    "LLMChain", "langchain" => Plain, Nothing;
    "LLMRails", "nemoguardrails" => Guardrail, Nothing;
    "LM", "dspy" => Plain, Model;
    "LanceDB", "langchain" => VectorStore, Nothing;
    "LanceDBVectorStore", "llama_index" => VectorStore, Nothing;
    "LanceDb", "agno|phi." => VectorStore, Nothing;
    "Lantern", "langchain" => VectorStore, Nothing;
    "LiteLLMModel", "smolagents" => Plain, Model;
    "Llama", "llama_cpp" => Plain, Model;
    "LlamaGuard", "llama" => Guardrail, Nothing;
    "LlmAgent", "google.adk" => Agent, Nothing;
    "LoopAgent", "google.adk" => Agent, Nothing;
    "MCPClient", "strands|mcp_use|smolagents|llama_index|beeai" => McpClient, Nothing;
    "MCPServerHTTP", "pydantic_ai" => McpClient, Url;
    "MCPServerSse", "agents" => McpClient, Nothing;
    "MCPServerStdio", "agents|pydantic_ai" => McpClient, Nothing;
    "MCPServerStreamableHTTP", "pydantic_ai" => McpClient, Url;
    "MCPServerStreamableHttp", "agents" => McpClient, Nothing;
    "MCPTools", "agno" => McpClient, Nothing;
    "MCPToolset", "google.adk" => McpClient, Nothing;
    "MagenticOneGroupChat", "autogen" => Agent, Nothing;
    "Marqo", "langchain" => VectorStore, Nothing;
    "McpToolset", "google.adk" => McpClient, Nothing;
    "McpWorkbench", "autogen" => McpClient, Nothing;
    "Milvus", "langchain|agno.vectordb" => VectorStore, Nothing;
    "MilvusClient", "pymilvus" => VectorStore, Url;
    "MilvusDocumentStore", "haystack|milvus_haystack" => VectorStore, Nothing;
    "MilvusVectorStore", "llama_index" => VectorStore, Nothing;
    "MongoDBAtlasDocumentStore", "haystack" => VectorStore, Nothing;
    "MongoDBAtlasVectorSearch", "langchain|llama_index" => VectorStore, Nothing;
    "MultiServerMCPClient", "langchain_mcp" => McpClient, Nothing;
    "MultimodalConversableAgent", "autogen|ag2" => Agent, Name;
    "MultimodalWebSurfer", "autogen" => Agent, Name;
    "MyScale", "langchain" => VectorStore, Nothing;
    "Neo4jVector", "langchain" => VectorStore, Nothing;
    "OpenAIAgent", "llama_index" => Agent, Nothing;
    "OpenAIAssistantAgent", "llama_index|semantic_kernel|autogen" => Agent, Nothing;
    "OpenAIServerModel", "smolagents" => Plain, Model;
    "OpenSearchDocumentStore", "haystack" => VectorStore, Nothing;
    "OpenSearchVectorSearch", "langchain" => VectorStore, Url;
    "OpensearchVectorStore", "llama_index" => VectorStore, Nothing;
    "OutputGuardrail", "agents" => Guardrail, Nothing;
    "PGVector", "langchain" => VectorStore, Nothing;
    "PGVectorStore", "llama_index|langchain" => VectorStore, Nothing;
    "PPOTrainer", "trl" => Training, Nothing;
    "ParallelAgent", "google.adk" => Agent, Nothing;
    "PersistentClient", "chromadb" => VectorStore, Nothing;
    "PgVector", "agno|phi." => VectorStore, Nothing;
    "PgvectorDocumentStore", "haystack" => VectorStore, Nothing;
    "Pinecone", "pinecone|langchain" => VectorStore, Nothing;
    "PineconeDb", "agno|phi." => VectorStore, Nothing;
    "PineconeDocumentStore", "haystack" => VectorStore, Nothing;
    "PineconeVectorStore", "langchain|llama_index" => VectorStore, Nothing;
    "PipelineTool", "smolagents|transformers" => Tool, Nothing;
    "Prompt", "llama_index" => Prompt("template"), Nothing;
    "PromptAgent", "agentscope" => Agent, Nothing;
    "PromptTemplate", "langchain|llama_index" => Prompt("template"), Nothing;
    "Qdrant", "langchain|agno.vectordb|phi.vectordb" => VectorStore, Nothing;
    "QdrantClient", "qdrant" => VectorStore, Url;
    "QdrantDocumentStore", "haystack" => VectorStore, Nothing;
    "QdrantVectorStore", "langchain|llama_index" => VectorStore, Nothing;
    "QueryEngineTool", "llama_index" => Tool, Nothing;
    "RAGPretrainedModel", "ragatouille" => Plain, Model;
    "ReAct", "dspy" => Agent, Nothing;
    "ReActAgent", "llama_index|agentscope|beeai" => Agent, Nothing;
    "Redis", "langchain_community.vectorstores|langchain.vectorstores" => VectorStore, Nothing;
    "RedisVectorStore", "langchain|llama_index" => VectorStore, Nothing;
    "RestrictToTopic", "guardrails" => Guardrail, Nothing;
    "RetrieveAssistantAgent", "autogen|ag2" => Agent, Name;
    "RetrieveUserProxyAgent", "autogen|ag2" => Agent, Name;
    "RewardTrainer", "trl" => Training, Nothing;
    "RoundRobinGroupChat", "autogen" => Agent, Nothing;
    "SFTTrainer", "trl" => Training, Nothing;
    "SKLearnVectorStore", "langchain" => VectorStore, Nothing;
    "SelectorGroupChat", "autogen" => Agent, Nothing;
    "SentenceTransformer", "sentence_transformers" => Plain, Model;
    "Seq2SeqTrainer", "transformers" => Training, Nothing;
    "SequentialAgent", "google.adk" => Agent, Nothing;
    "Server", "mcp" => McpServer, Name;
    "SimpleVectorStore", "llama_index" => VectorStore, Nothing;
    "SingleStoreDB", "langchain" => VectorStore, Nothing;
    "SocietyOfMindAgent", "autogen|ag2" => Agent, Name;
    "StateGraph", "langgraph" => Agent, Nothing;
    "StdioServerParameters", "mcp" => McpClient, Nothing;
    "StructuredTool", "langchain" => Tool, Nothing;
    "SupabaseVectorStore", "langchain|llama_index" => VectorStore, Nothing;
    "Swarm", "autogen|swarm" => Agent, Nothing;
    "SystemMessage", "langchain|autogen|azure|semantic_kernel|mistral" => Prompt("content"), Nothing;
    "SystemMessagePromptTemplate", "langchain" => Prompt("template"), Nothing;
    "SystemPromptPart", "pydantic_ai" => Prompt("content"), Nothing;
    "TFDistilBertModel", "transformers" => Plain, Model;
    "Task", "crewai" => Prompt("description"), Nothing;
    "TextEmbedding", "fastembed" => Plain, Model;
    "Tigris", "langchain" => VectorStore, Nothing;
    "Tool", "langchain|mcp|pydantic_ai|agents|haystack|smolagents" => Tool, Nothing;
    "ToolCallingAgent", "smolagents" => Agent, Nothing;
    "Trainer", "transformers" => Training, Nothing;
    "TransformersModel", "smolagents" => Plain, Model;
    "TransientAssistantAgent", "autogen" => Agent, Name;
    "Typesense", "langchain" => VectorStore, Nothing;
    "USearch", "langchain" => VectorStore, Nothing;
    "UpstashVectorStore", "langchain" => VectorStore, Nothing;
    "UserProxyAgent", "autogen|ag2" => Agent, Name;
    "VDMS", "langchain" => VectorStore, Nothing;
    "Vald", "langchain" => VectorStore, Nothing;
    "Vectara", "langchain" => VectorStore, Nothing;
    "VectorStoreIndex", "llama_index" => VectorStore, Nothing;
    "VertexAI", "langchain" => Plain, Model;
    "Vespa", "langchain|vespa" => VectorStore, Nothing;
    "VespaStore", "langchain" => VectorStore, Nothing;
    "Weaviate", "langchain|agno.vectordb" => VectorStore, Nothing;
    "WeaviateClient", "weaviate" => VectorStore, Nothing;
    "WeaviateDocumentStore", "haystack" => VectorStore, Nothing;
    "WeaviateVectorStore", "langchain|llama_index" => VectorStore, Nothing;
    "WhisperModel", "faster_whisper" => Plain, Model;
    "Workflow", "llama_index|agno" => Agent, Nothing;
    "Zilliz", "langchain" => VectorStore, Nothing;
    "acompletion", "litellm" => Plain, Model;
    "assert_test", "deepeval" => Evaluation, Nothing;
    "completion", "litellm" => Plain, Model;
    "connect", "lancedb" => VectorStore, Nothing;
    "connect_to_custom", "weaviate" => VectorStore, Nothing;
    "connect_to_local", "weaviate" => VectorStore, Nothing;
    "connect_to_wcs", "weaviate" => VectorStore, Nothing;
    "connect_to_weaviate_cloud", "weaviate" => VectorStore, Nothing;
    "create", "openai.OpenAI.vector_stores|openai.AsyncOpenAI.vector_stores" => VectorStore, Nothing;
    "create_agent", "langchain|letta|llama_stack" => Agent, Model;
    "create_conversational_retrieval_agent", "langchain" => Agent, Nothing;
    "create_csv_agent", "langchain" => Agent, Nothing;
    "create_deep_agent", "deepagents" => Agent, Nothing;
    "create_json_agent", "langchain" => Agent, Nothing;
    "create_json_chat_agent", "langchain" => Agent, Nothing;
    "create_model", "timm" => Plain, Model;
    "create_openai_functions_agent", "langchain" => Agent, Nothing;
    "create_openai_tools_agent", "langchain" => Agent, Nothing;
    "create_openapi_agent", "langchain" => Agent, Nothing;
    "create_pandas_dataframe_agent", "langchain" => Agent, Nothing;
    "create_react_agent", "langchain|langgraph" => Agent, Model;
    "create_sdk_mcp_server", "claude_agent_sdk|claude_code_sdk" => McpServer, Name;
    "create_self_ask_with_search_agent", "langchain" => Agent, Nothing;
    "create_sql_agent", "langchain" => Agent, Nothing;
    "create_structured_chat_agent", "langchain" => Agent, Nothing;
    "create_supervisor", "langgraph" => Agent, Nothing;
    "create_swarm", "langgraph" => Agent, Nothing;
    "create_tool_calling_agent", "langchain" => Agent, Nothing;
    "create_xml_agent", "langchain" => Agent, Nothing;
    "embedding", "litellm" => Plain, Model;
    "evaluate", "ragas|deepeval|langsmith|mlflow.genai" => Evaluation, Nothing;
    "from_openapi", "fastmcp" => McpServer, Nothing;
    "from_pretrained", "transformers|diffusers|peft|optimum|unsloth|sentence_transformers|timm|open_clip|torch|auto_gptq|awq|adapters|setfit|colbert|gliner|parler_tts|audiocraft|TTS|mlx|timesfm|chronos|span_marker|keybert|spacy|flair|nemo|speechbrain|pyannote|outlines|vllm|FlagEmbedding" => Plain, Model;
    "from_provider", "instructor" => Plain, Model;
    "hf_hub_download", "huggingface_hub" => Plain, Model;
    "hub_download", "huggingface_hub" => Plain, Model;
    "init_chat_model", "langchain" => Plain, Model;
    "init_embeddings", "langchain" => Plain, Model;
    "initialize_agent", "langchain" => Agent, Nothing;
    "load_dataset", "datasets" => Dataset, Name;
    "load_model", "whisper|mlx_whisper" => Plain, Model;
    "pipeline", "transformers" => Plain, SecondModel;
    "pull", "langchain.hub|langchainhub|langchain_hub" => HubPrompt, Nothing;
    "pull_prompt", "langsmith" => HubPrompt, Nothing;
    "snapshot_download", "huggingface_hub" => Plain, Model;
    "sse_client", "mcp" => McpClient, Url;
    "stdio_client", "mcp" => McpClient, Nothing;
    "streamable_http_client", "mcp" => McpClient, Url;
    "streamablehttp_client", "mcp" => McpClient, Url;
    "tool", "langchain|strands" => Tool, Function;
};

#[cfg(test)]
mod tests {
    use super::*;
    use inventar_analysis::calls::Makes::{Agent, McpClient, McpServer, Plain, Prompt, VectorStore};

    #[test]
    fn paths() {
        for (path, expected) in [
            ("langchain_community.vectorstores.FAISS.from_texts", Some(VectorStore)),
            ("langgraph.graph.StateGraph", Some(Agent)),
            ("agents.Agent", Some(Agent)),
            ("mcp.server.fastmcp.FastMCP", Some(McpServer)),
            ("mcp.server.Server", Some(McpServer)),
            ("fastapi.Server", None),
            ("fastmcp.Client", Some(McpClient)),
            ("chromadb.Client", Some(VectorStore)),
            ("redis.Redis", None),
            ("haystack_integrations.document_stores.opensearch.OpenSearchDocumentStore", Some(VectorStore)),
            ("agno.vectordb.pgvector.PgVector", Some(VectorStore)),
            ("celery.Task", None),
            ("langchain_core.prompts.SystemMessagePromptTemplate.from_template", Some(Prompt("template"))),
            ("transformers.AutoModel.from_pretrained", Some(Plain)),
        ] {
            assert_eq!(rule(path).map(|rule| rule.makes), expected, "{path}");
        }
    }

    #[test]
    fn sorted() {
        assert!(TABLE.is_sorted());
    }
}
