//! What is found in a piece of code, as a table: `kind name line usage`.

mod prompts;

use inventar_plugin_javascript::JavaScript;
use inventar_trial::found::{self, scan};

fn seen(path: &str, code: &str) -> Vec<String> {
    found::places_beside_libraries(&scan::<JavaScript>(path, code))
}

#[track_caller]
fn check(code: &str, expected: &[&str]) {
    assert_eq!(seen("app/main.ts", code), expected, "{code}");
}

#[test]
fn libraries() {
    let libraries = |code: &str| found::libraries(&scan::<JavaScript>("app/main.ts", code));
    for (code, expected) in [
        ("import OpenAI from 'openai'", "sdk openai 1"),
        ("import { streamText } from 'ai'", "framework ai 1"),
        ("import { HumanMessage } from '@langchain/core/messages'", "framework @langchain/core 1"),
        ("const { OpenAI } = require('openai')", "sdk openai 1"),
        ("const load = async () => (await import('openai')).OpenAI", "sdk openai 1 optional"),
        ("import type { Message } from 'ai'", "framework ai 1 development"),
        ("export { OpenAI } from 'openai'", "sdk openai 1"),
        ("import OpenAI from 'npm:openai@4'", "sdk openai 1"),
        ("import OpenAI from 'https://esm.sh/openai@4.2.0'", "sdk openai 1"),
        ("import { made } from '@ai-sdk/not-listed-yet'", "sdk @ai-sdk/not-listed-yet 1"),
        ("let client\ntry { client = require('chromadb') } catch {}", "package chromadb 2 optional"),
    ] {
        assert_eq!(libraries(code), [expected], "{code}");
    }
    assert!(libraries("import x from './openai'\nimport fs from 'node:fs'\nimport y from '@/ai'").is_empty());
}

#[test]
fn models_where_they_are_used() {
    for (code, name, line) in [
        ("const m = openai('gpt-4o')", "gpt-4o", 1),
        ("const m = openai.embedding('text-embedding-3-small')", "text-embedding-3-small", 1),
        ("const p = createOpenAI({})\nconst m = p('gpt-4o')", "gpt-4o", 2),
        ("const M = 'gpt-4o'\nopenai(M)", "gpt-4o", 1),
        ("openai(process.env.MODEL ?? 'gpt-4o-mini')", "gpt-4o-mini", 1),
        ("openai(fast ? 'gpt-4o-mini' : other)", "gpt-4o-mini", 1),
        ("const ask = (model = 'gpt-4.1') => openai(model)", "gpt-4.1", 1),
        ("const ask = ({ model = 'gpt-4.1' }) => openai(model)", "gpt-4.1", 1),
        ("function ask(name) { return openai(name) }\nask('gpt-4.1')", "gpt-4.1", 2),
        ("const C = { fast: { id: 'gpt-5-mini' } } as const\nopenai(C.fast.id)", "gpt-5-mini", 1),
        ("const C = { fast: 'gpt-5-mini' }\nopenai(C['fast'])", "gpt-5-mini", 1),
        ("enum M { Fast = 'gpt-5-mini' }\nopenai(M.Fast)", "gpt-5-mini", 1),
        ("class A { model = 'gpt-5'\n run() { return openai(this.model) } }", "gpt-5", 1),
        (
            "class A { constructor(private model = 'gpt-5') {}\n run() { return openai(this.model) } }",
            "gpt-5",
            1,
        ),
        ("const pick = () => 'gpt-5-nano'\nopenai(pick())", "gpt-5-nano", 1),
        ("const V = '4o'\nopenai(`gpt-${V}`)", "gpt-4o", 2),
        ("const S = z.object({ model: z.string().default('gpt-4o') })", "gpt-4o", 1),
        ("const [model, setModel] = useState('gpt-4o')\nopenai(model)", "gpt-4o", 1),
    ] {
        let code = format!("import {{ openai, createOpenAI }} from '@ai-sdk/openai'\n{code}");
        let expected = format!("model-reference {name} {}", line + 1);
        assert!(seen("app/main.ts", &code).contains(&expected), "{code}\n{:?}", seen("app/main.ts", &code));
    }
}

#[test]
fn models_of_other_clients() {
    for (code, name) in [
        (
            "import OpenAI from 'openai'\nconst c = new OpenAI()\nc.chat.completions.create({ model: 'gpt-4o' })",
            "gpt-4o",
        ),
        (
            "import A from '@anthropic-ai/sdk'\nnew A().messages.create({ model: 'claude-next-9' })",
            "claude-next-9",
        ),
        ("import { ChatOpenAI } from '@langchain/openai'\nnew ChatOpenAI({ model: 'my.tuned' })", "my.tuned"),
        (
            "import { generateText } from 'ai'\ngenerateText({ model: 'anthropic/claude-sonnet-4.5' })",
            "anthropic/claude-sonnet-4.5",
        ),
        (
            "import { pipeline } from '@huggingface/transformers'\npipeline('summarization', 'Xenova/distilbart')",
            "Xenova/distilbart",
        ),
        (
            "export const ask = (client) => client.chat.completions.create({ model: 'house-model-1' })",
            "house-model-1",
        ),
        (
            "import { Agent } from '@mastra/core/agent'\nnew Agent({ name: 'a', model: 'openai/gpt-4.1' })",
            "openai/gpt-4.1",
        ),
        ("import Replicate from 'replicate'\nnew Replicate().run('acme/draws', {})", "acme/draws"),
    ] {
        let found = seen("app/main.ts", code);
        assert!(
            found.iter().any(|line| line.starts_with(&format!("model-reference {name} "))),
            "{code}\n{found:?}"
        );
    }
}

#[test]
fn models_that_are_only_named() {
    check("if (model === 'gpt-4o') limit = 1", &["model-reference gpt-4o 1 mentioned"]);
    check("const PRICES = { 'gpt-4o': { inputCost: 1 } }", &["model-reference gpt-4o 1 mentioned"]);
    check("switch (m) { case 'gpt-4o': break }", &["model-reference gpt-4o 1 mentioned"]);
    check("model.startsWith('gpt-4')", &["model-reference gpt-4 1 mentioned"]);
    check("type Logo = 'mistral' | 'deepseek' | 'gpt-4o'", &[]);
    check("const m = { model: 'mock-model' }", &[]);
}

#[test]
fn models_that_a_user_picks_from() {
    for code in [
        "const list = [{ id: 'gpt-4o', name: 'Omni' }]",
        "const AVAILABLE_MODELS = ['gpt-4o']",
        "const s = z.enum(['gpt-4o', 'other'])",
        "const models = { fast: 'gpt-4o', slow: 'claude-opus-4-5' }",
        "const p = { 'gpt-4o': { name: 'Omni', provider: 'openai' } }",
        "const x = <SelectItem value='gpt-4o' />",
    ] {
        let found = seen("app/main.tsx", code);
        assert!(found.contains(&"model-reference gpt-4o 1".to_owned()), "{code}\n{found:?}");
    }
}

#[test]
fn endpoints() {
    check(
        "import OpenAI from 'openai'\nnew OpenAI({ baseURL: 'http://10.0.0.7:8000/v1' })",
        &["endpoint http://10.0.0.7:8000/v1 2"],
    );
    check(
        "import { createOpenAI } from '@ai-sdk/openai'\nconst URL = process.env.LLM_URL || 'https://openrouter.ai/api/v1'\ncreateOpenAI({ baseURL: URL })",
        &["endpoint https://openrouter.ai/api/v1 2"],
    );
    check(
        "fetch('https://api.openai.com/v1/chat/completions', { method: 'POST' })",
        &["endpoint https://api.openai.com/v1/chat/completions 1"],
    );
    check(
        "axios.post('https://llm.acme.io/v1/chat', { model: m, messages })",
        &["endpoint https://llm.acme.io/v1/chat 1"],
    );
    check(
        "fetch('https://llm.acme.io/v1/chat', { body: JSON.stringify({ model: 'acme-1', messages }) })",
        &["model-reference acme-1 1", "endpoint https://llm.acme.io/v1/chat 1"],
    );
    check(
        "import { gateway } from '@ai-sdk/gateway'\nconst m = gateway('openai/gpt-4o')",
        &["model-reference openai/gpt-4o 2", "endpoint https://ai-gateway.vercel.sh 2"],
    );
    check("const a = <a href='https://api.openai.com/docs'>x</a>\nfetch('https://example.com/x')", &[]);
}

#[test]
fn secrets() {
    check("const k = process.env.ANTHROPIC_API_KEY", &["secret-reference ANTHROPIC_API_KEY 1"]);
    check("const { ANTHROPIC_API_KEY } = process.env", &["secret-reference ANTHROPIC_API_KEY 1"]);
    check("Deno.env.get('OPENAI_API_KEY')", &["secret-reference OPENAI_API_KEY 1"]);
    check("import.meta.env.OPENAI_API_KEY", &["secret-reference OPENAI_API_KEY 1"]);
    check(
        "import OpenAI from 'openai'\nnew OpenAI({ apiKey: process.env.TEAM_KEY })",
        &["secret-reference TEAM_KEY 2"],
    );
    check(
        "import { GoogleGenerativeAI } from '@google/generative-ai'\nnew GoogleGenerativeAI(process.env.API_KEY).getGenerativeModel({ model: 'gemini-2.5-flash' })",
        &["secret-reference API_KEY 2", "model-reference gemini-2.5-flash 2"],
    );
    check(
        "export const env = createEnv({ server: { OPENAI_API_KEY: z.string() } })",
        &["secret-reference OPENAI_API_KEY 1"],
    );
    check("const a = process.env.AUTH_SECRET, b = process.env.BLOB_READ_WRITE_TOKEN", &[]);
}

#[test]
fn agents_and_tools() {
    check(
        "import { tool, streamText, stepCountIs } from 'ai'\nexport const getWeather = tool({ description: 'd', inputSchema: z.object({ city: z.string() }), execute })\nconst answer = streamText({ model, tools: { getWeather }, stopWhen: stepCountIs(3) })",
        &["tool getWeather 2", "agent answer 3"],
    );
    check(
        "import { createReactAgent } from '@langchain/langgraph/prebuilt'\nimport { tool } from '@langchain/core/tools'\nconst search = tool(async () => 1, { name: 'web_search' })\nconst agent = createReactAgent({ llm, tools: [search] })",
        &["tool web_search 3", "agent agent 4"],
    );
    check(
        "import { Agent, tool } from '@openai/agents'\nnew Agent({ name: 'Tutor', instructions: 'You help with homework.', tools: [] })",
        &["agent Tutor 2", "prompt system prompt 2"],
    );
    check(
        "import { createTool } from '@mastra/core/tools'\ncreateTool({ id: 'get-time', execute })",
        &["tool get-time 2"],
    );
    check(
        "const T = [{ type: 'function', function: { name: 'add', description: 'd', parameters: { type: 'object' } } }]",
        &["tool add 1"],
    );
    check(
        "import { StateGraph } from '@langchain/langgraph'\nconst graph = new StateGraph(S).addNode('a', a).compile()",
        &["agent main 2"],
    );
    check(
        "import { openai } from '@ai-sdk/openai'\nconst t = { web: openai.tools.webSearch({}) }",
        &["tool webSearch 2"],
    );
    check("import { Agent } from './mine'\nnew Agent({ name: 'mine' })\nnew HttpsAgent({})", &[]);
}

#[test]
fn mcp() {
    let sdk = "import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'\n";
    check(
        &format!(
            "{sdk}const server = new McpServer({{ name: 'files', version: '1' }})\nserver.registerTool('read', {{}}, async () => 1)\nserver.tool('list', {{}}, h)\nserver.prompt('review', () => 1)\nserver.registerResource('readme', 'file://readme', {{}}, h)"
        ),
        &["mcp-server files 2", "tool read 3", "tool list 4", "mcp-prompt review 5", "mcp-resource readme 6"],
    );
    check(
        "import { Server } from '@modelcontextprotocol/sdk/server/index.js'\nconst server = new Server({ name: 'old' })\nserver.setRequestHandler(ListToolsRequestSchema, async () => ({ tools: [{ name: 'echo', description: 'd', inputSchema: {} }] }))",
        &["mcp-server old 2", "tool echo 3"],
    );
    check(
        "import { FastMCP } from 'fastmcp'\nconst s = new FastMCP({ name: 'f' })\ns.addTool({ name: 'add', execute: async () => 1 })",
        &["mcp-server f 2", "tool add 3"],
    );
    check(
        "import { experimental_createMCPClient as create } from 'ai'\nconst c = await create({ transport: { type: 'sse' } })",
        &["mcp-client experimental_createMCPClient 2"],
    );
    check(
        "import { MCPClient } from '@mastra/mcp'\nconst mcp = new MCPClient({ servers: {\n  wikipedia: { command: 'npx', args: ['-y', 'wikipedia-mcp'] },\n  weather: { url: new URL('http://localhost:8080/sse') },\n} })",
        &["mcp-client MCPClient 2", "mcp-server wikipedia 3", "mcp-server weather 4"],
    );
    check(
        "export function start(server: any) { server.prompt('help', 'Says how', {}, async () => ({ messages: [] })) }",
        &["mcp-prompt help 1"],
    );
    check(
        "const argsSchema = z.object({ key: z.string() })\nexport const readTool = { name: 'read_file', description: 'Reads', argsSchema, handler: read }",
        &["tool read_file 2"],
    );
    check("const server = http.createServer()\nserver.tool('x')\nyargs.prompt('y', () => 1)", &[]);
}

#[test]
fn stores_and_evaluations() {
    check(
        "import { Pinecone } from '@pinecone-database/pinecone'\nconst p = new Pinecone()",
        &["vector-store Pinecone 2"],
    );
    check(
        "import { MemoryVectorStore } from 'langchain/vectorstores/memory'\nMemoryVectorStore.fromTexts(t, m, e)",
        &["vector-store MemoryVectorStore 2"],
    );
    check(
        "import { vector, pgTable } from 'drizzle-orm/pg-core'\npgTable('a', { e: vector('e', { dimensions: 3 }) })",
        &["vector-store pgvector 2"],
    );
    check("import { Eval } from 'braintrust'\nEval('project', {})", &["evaluation Eval 2"]);
}

#[test]
fn training_datasets_and_hosted_tools() {
    check(
        "import OpenAI from 'openai'\nconst c = new OpenAI()\nconst job = await c.fineTuning.jobs.create({ model: 'gpt-4o-mini', training_file: f })\nawait c.moderations.create({ input })",
        &["training-run job 3", "model-reference gpt-4o-mini 3", "guardrail moderations 4"],
    );
    check(
        "import { Langfuse } from 'langfuse'\nnew Langfuse().getDataset('questions')\nnew Langfuse().getPrompt('greet')",
        &["dataset questions 2", "prompt greet 3"],
    );
    check(
        "import { Tool } from '@rekog/mcp-nest'\nclass A { @Tool({ name: 'hello', description: 'd' })\n greet() {} }",
        &["tool hello 3"],
    );
    check(
        "import A from '@anthropic-ai/sdk'\nnew A().messages.create({ tools: [{ type: 'web_search_20250305', name: 'web_search' }] })",
        &["tool web_search 2"],
    );
}

#[test]
fn components() {
    for (path, code) in [
        (
            "a.vue",
            "<template><p>'</p></template>\n<script setup lang=\"ts\">\nconst MODEL: string = 'gpt-4o'\n</script>",
        ),
        ("a.svelte", "<script>\n\nconst MODEL = 'gpt-4o'\n</script>\n{#if x}{/if}"),
        ("a.astro", "---\n\nconst MODEL = 'gpt-4o'\n---\n<p>{MODEL}</p>"),
    ] {
        assert_eq!(seen(path, code), ["model-reference gpt-4o 3"], "{path}");
    }
}

#[test]
fn where_a_file_stands() {
    let code = "const MODEL = 'gpt-4o'";
    for (path, usage) in [
        ("src/a.test.ts", " test"),
        ("e2e/a.ts", " test"),
        ("src/__mocks__/a.ts", " test"),
        ("examples/a.ts", " example"),
        ("src/a.stories.tsx", " example"),
        ("docs/a.js", " docs"),
        ("a.ts", ""),
    ] {
        assert_eq!(seen(path, code), [format!("model-reference gpt-4o 1{usage}")], "{path}");
    }
    for path in ["node_modules/x/a.js", "src/vendor/a.js", "public/a.min.js", "types/a.d.ts"] {
        assert!(seen(path, code).is_empty(), "{path}");
    }
}

#[test]
fn what_cannot_be_read() {
    check("const a = = 1\nconst MODEL = 'gpt-4o'", &["model-reference gpt-4o 2"]);
    check("{% if x %}\nconst MODEL = 'gpt-4o'\n", &["model-reference gpt-4o 2"]);
    let deep = format!("x = {}{}\nMODEL = 'gpt-4o'", "(".repeat(5000), ")".repeat(5000));
    check(&deep, &["model-reference gpt-4o 2", "gap Unsupported(\"nesting this deep\")"]);
    let bundle = "var a=1;function b(c){return c?d(e):f}".repeat(1_000);
    check(&bundle, &["gap Unsupported(\"minified code\")"]);
    let binary = scan::<JavaScript>("a.ts", [0; 100]);
    assert_eq!(binary.gaps.len(), 1);
}

#[test]
fn fifty_thousand_matches_and_a_line_of_a_megabyte() {
    let message = "{ 'model': 'gpt-4o', 'role': 'system', 'content': 'You answer in one word.' },";
    inventar_trial::bounded::<JavaScript>("a.ts", "f({ model: 'gpt-4o' })\n", message);
}

#[test]
fn agents_of_frameworks_that_nobody_listed() {
    check(
        "import { Agent } from 'hive'\nconst a = new Agent({ name: 'Clerk', instructions: 'Answer what the guest asks.' })",
        &["agent Clerk 2", "prompt system prompt 2"],
    );
    check(
        "import { AIChatAgent } from 'agents/ai-chat-agent'\nimport { streamText, stepCountIs } from 'ai'\nexport class Desk extends AIChatAgent {\n  async onChatMessage() { const result = streamText({ tools: { a }, stopWhen: stepCountIs(5) }) }\n}",
        &["agent Desk 3"],
    );
    check("import { Agent } from 'https'\nconst a = new Agent({ name: 'a', keepAlive: true })", &[]);
}

#[test]
fn tools_and_servers_that_a_provider_runs() {
    check(
        "const tools = [{ type: 'web_search' }, { type: 'file_search', vector_store_ids: ids }]\ntools.push({ type: 'code_interpreter', container })",
        &["tool web_search 1", "tool file_search 1", "tool code_interpreter 2"],
    );
    check("const webSearchTool: T = { type: 'web_search' }", &["tool web_search 1"]);
    // Items of an answer have the same words.
    check("const item = { type: 'web_search_call' }\nconst tools = [{ type: 'file_search_call' }]", &[]);
    check("const shown = [{ type: 'web_search' }]\nconst made = { tool: { type: 'code_interpreter' } }", &[]);
    check(
        "export const servers = () => [{ type: 'mcp', server_label: 'Mail', connector_id: 'connector_gmail' }, { type: 'mcp', server_label: label, server_url: url }]",
        &["mcp-server Mail 1"],
    );
    check(
        "import OpenAI from 'openai'\nconst c = new OpenAI()\nawait c.vectorStores.create({ name })",
        &["vector-store OpenAI vector store 3"],
    );
}

#[test]
fn lists_of_tools_without_a_library() {
    check(
        "export const toolsList = [\n  { name: 'get_weather', description: 'The weather', parameters: { city: { type: 'string' } } },\n  { name: 'get_joke', description: 'A joke', parameters: {} },\n]",
        &["tool get_weather 2", "tool get_joke 3"],
    );
    check("export const rows = [{ name: 'a_b', description: 'c', parameters: { city: { kind: 1 } } }]", &[]);
}

#[test]
fn endpoints_in_templates() {
    check(
        "const url = id ? `https://api.openai.com/v1/files/${id}` : other\nrun(url)",
        &["endpoint https://api.openai.com/v1/files/{} 1"],
    );
    check("const url = `https://api.weather.test/${city}`\nrun(url)", &[]);
}

#[test]
fn agents_that_are_runnables_of_a_library() {
    check(
        "import { Runnable } from '@langchain/core/runnables'\nexport class DeskAgent extends Runnable {}\nexport class Desk extends Runnable {}",
        &["agent DeskAgent 2"],
    );
}

#[test]
fn resources_of_a_scheme_alone() {
    check(
        "import { Server } from '@modelcontextprotocol/sdk/server/index.js'\n\
         const server = new Server({ name: 'notes', version: '1.0.0' })\n\
         const templates = [{ uriTemplate: 'notes-viewer:', name: 'Viewer' }, { uriTemplate: '', name: 'None' }]\n\
         server.setRequestHandler(ListResourceTemplatesRequestSchema, async () => ({ resourceTemplates: templates }))\n\
         const prompt: Prompt = { name: 'server-prompt', description: 'How to use it', instructions: 'You use these tools.' }",
        &["mcp-server notes 2", "mcp-resource notes-viewer: 3", "prompt system prompt 5"],
    );
}

#[test]
fn prompts_that_a_server_keeps_in_a_table() {
    check(
        "import type { Prompt } from '@modelcontextprotocol/sdk/types.js'\nconst all = new Map<string, Prompt>()\nall.set('tide', {\n  name: 'tide', description: 'Tell when it turns', arguments: [{ name: 'harbour', required: true }],\n})\nconst command = { name: 'sail', description: 'd', arguments: [] }",
        &["mcp-prompt tide 3"],
    );
    check(
        "const command = { name: 'sail', description: 'd', arguments: [{ name: 'to', required: true }] }",
        &[],
    );
}

#[test]
fn models_that_are_looked_for() {
    check(
        "import OpenAI from 'openai'\nconst size = (id: string) => (id.includes('gpt-4o') ? 2 : 1)",
        &["model-reference gpt-4o 2 mentioned"],
    );
}
