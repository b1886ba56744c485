//! Agents, and what they are told and given: prompts, tools, servers.

use crate::check;

#[test]
fn prompts() {
    let system = "You translate what the user says.";
    check(&format!("m = [{{'role': 'system', 'content': '{system}'}}]"), &["prompt system prompt 1"]);
    check(
        &format!("T = '{system}'\ndef f():\n    return [{{'role': 'system', 'content': T}}]"),
        &["prompt T 1"],
    );
    check(
        &format!("m = [{{'role': MessageRole.SYSTEM, 'content': [{{'type': 'text', 'text': '{system}'}}]}}]"),
        &["prompt system prompt 1"],
    );
    check(&format!("m = dict(role='system', content='{system}')"), &["prompt system prompt 1"]);
    check(
        &format!("import anthropic\nanthropic.Anthropic().messages.create(system='{system}', model=m)"),
        &["prompt system prompt 2"],
    );
    check(
        &format!(
            "from langchain_core.prompts import ChatPromptTemplate\nChatPromptTemplate.from_messages([('system', '{system}')])"
        ),
        &["prompt system prompt 2"],
    );
    check("from langchain import hub\nhub.pull('rlm/rag-prompt')", &["prompt rlm/rag-prompt 2"]);
    check(
        "def make_prompt(q):\n    return f'''You are a careful reviewer. Respond only with JSON. You must answer the following question and {q} nothing else at all, please.'''",
        &["prompt make_prompt 1"],
    );
    check(
        "m = [{'role': 'user', 'content': 'What is the weather like?'}]\nHELP = 'You must give a file name to this command.'",
        &[],
    );
}

#[test]
fn agents_and_tools() {
    check(
        "from langgraph.prebuilt import create_react_agent\nfrom langchain_core.tools import tool\n@tool\ndef search(q: str): ...\nagent = create_react_agent('openai:gpt-4o', tools=[search])",
        &["tool search 4", "agent agent 5", "model-reference openai:gpt-4o 5"],
    );
    check(
        "from crewai import Agent, Crew\na = Agent(role='Analyst', goal='g', backstory='You look at numbers all day long.')\nCrew(agents=[a])",
        &["agent Analyst 2", "prompt system prompt 2", "agent Crew 3"],
    );
    check(
        "from autogen import ConversableAgent\nx = {'w': ConversableAgent(name='Writer', llm_config={'config_list': [{'model': 'gpt-4o'}]})}",
        &["agent Writer 2", "model-reference gpt-4o 2"],
    );
    check(
        "T = [{'type': 'function', 'function': {'name': 'add', 'description': 'd', 'parameters': {'type': 'object'}}}]",
        &["tool add 1"],
    );
    check(
        "from langchain.tools import BaseTool\nclass Clock(BaseTool):\n    name: str = 'clock'\n    description: str = 'tells the time'",
        &["tool clock 2"],
    );
    check(
        "from langgraph.prebuilt import create_react_agent\nP = 'Look things up twice.'\na = create_react_agent(m, prompt=P)",
        &["agent a 3", "prompt P 2"],
    );
    check("from agents import Agent\nAgent(name='mine')", &[]);
    // An agent's class under another name is no tool of the list that holds it.
    check(
        "from autogen_agentchat.agents import AssistantAgent\nA = AssistantAgent\nfirst = AssistantAgent('writer', model_client=c)\nrun(tools=[first, A])",
        &["agent writer 3"],
    );
    check("HEADERS = {'User-Agent': 'x'}\nclass UserAgent: pass", &[]);
}

#[test]
fn signatures() {
    check(
        "import dspy\nclass Sort(dspy.Signature):\n    \"\"\"Sort a letter to a bank by what it asks for.\"\"\"\n    letter: str = dspy.InputField()\nclass Bare(dspy.Signature):\n    x: str = dspy.InputField()",
        &["prompt Sort 3"],
    );
}

#[test]
fn mcp() {
    check(
        "from mcp.server.fastmcp import FastMCP\nmcp = FastMCP('Files')\n@mcp.tool()\ndef read(p: str): ...\n@mcp.prompt()\ndef review(): ...\n@mcp.resource('file://{p}')\ndef get(p): ...",
        &["tool read 4", "mcp-prompt review 6", "mcp-resource file://{p} 8", "mcp-server Files 2"],
    );
    check(
        "from langchain_mcp_adapters.client import MultiServerMCPClient\nMultiServerMCPClient({})",
        &["mcp-client MultiServerMCPClient 2"],
    );
}

#[test]
fn what_frameworks_are_handed() {
    check(
        "from crewai import Task\ndef plan(agent):\n    return Task(\n        description='Plan the trip of {guest} for a week',\n        agent=agent,\n    )\n",
        &["prompt plan template prompt 4"],
    );
    check("from celery import Task\nt = Task(description='Plan the trip of the guest for a week')\n", &[]);
    check(
        "from langchain_core.prompts import SystemMessagePromptTemplate\nopening = SystemMessagePromptTemplate.from_template('Greet the guest by name')\n",
        &["prompt system prompt 2"],
    );
    check(
        "from langchain_core.tools import tool\ndef weigh(parcel):\n    return 1\nscales = tool(weigh)\n@tool('count')\ndef count_parcels():\n    pass\n",
        &["tool count 6", "tool weigh 4"],
    );
    check(
        "from llama_index.core.tools import FunctionTool\ndef weigh(): pass\ndef count(): pass\ndef make(given):\n    tools = [FunctionTool.from_defaults(fn=fn) for fn in [weigh, count]]\n    return FunctionTool.from_defaults(fn=given)\n",
        &["tool weigh 5", "tool count 5"],
    );
}

#[test]
fn mcp_servers_that_are_classes_or_entries() {
    check(
        "from mcp.server.fastmcp import FastMCP\nclass Depot(FastMCP):\n    def __init__(self, name: str = 'depot'):\n        super().__init__(name)\n    def setup(self):\n        def find(): pass\n        self.tool(find, name='depot-find')\n        self.add_tool(find)\n",
        &["mcp-server depot 2", "tool depot-find 7", "tool find 8"],
    );
    check("class Depot(Base):\n    def setup(self):\n        self.tool(find, name='depot-find')\n", &[]);
    check(
        "from langchain_mcp_adapters.client import MultiServerMCPClient\nclient = MultiServerMCPClient({\n    'parcels': {'command': 'python', 'args': ['p.py']},\n    'rates': {'url': u, 'transport': 'sse'},\n})\n",
        &["mcp-client MultiServerMCPClient 2", "mcp-server parcels 3", "mcp-server rates 4"],
    );
}

#[test]
fn schemas_in_a_wrapper() {
    check(
        "from strands.types.tools import ToolUse\nTOOL_SPEC = {'name': 'weigh', 'description': 'Weighs.', 'inputSchema': {'json': {'type': 'object'}}}\n",
        &["tool weigh 2"],
    );
}

#[test]
fn an_agent_that_was_configured_is_no_tool() {
    let code = "from langchain.agents import create_agent\nfrom langgraph_supervisor import create_supervisor\nclerk = create_agent(model=m, name='clerk').with_config(tags=['quiet'])\nboss = create_supervisor([clerk], model=m)\n";
    check(code, &["agent clerk 3", "agent boss 4"]);
}

#[test]
fn agents_of_frameworks_that_nobody_listed() {
    check(
        "from hive import Agent\ndef book(room): pass\nclerk = Agent(name='Clerk', instructions='Answer what the guest asks.', functions=[book])",
        &["agent Clerk 3", "prompt system prompt 3", "tool book 2"],
    );
    check(
        "from hive import Agent\ndef book(room): pass\nclerk = Agent(name='Clerk', description='Answers guests.', functions=[book])",
        &["agent Clerk 3", "tool book 2"],
    );
    check("from http_client import UserAgent\na = UserAgent(name='a', version='1')", &[]);
    check("class Agent:\n    pass\na = Agent(name='Collector', instructions='Call before you send.')", &[]);
}

#[test]
fn tools_of_providers_and_lists_that_grow() {
    check(
        "from google import genai\ngenai.Client().models.generate_content(model='gemini-2.5-flash', contents=q, config={'tools': [{'google_search': {}}]})",
        &["model-reference gemini-2.5-flash 2", "tool google_search 2"],
    );
    check(
        "from langchain_community.tools import BraveSearch\ntools = []\nif key:\n    tools.append(BraveSearch(api_key=key))",
        &["tool BraveSearch 4"],
    );
    check(
        "from langgraph.func import entrypoint\n@entrypoint()\ndef triage(inputs):\n    return inputs",
        &["agent triage 3"],
    );
}

#[test]
fn agents_of_the_claude_agent_sdk() {
    check(
        "from claude_agent_sdk import AgentDefinition, create_sdk_mcp_server\nagents = {'clerk': AgentDefinition(description='d', prompt='Answer what the guest asks.', model='haiku')}\nserver = create_sdk_mcp_server(name='desk', version='1', tools=[])",
        &["agent clerk 2", "model-reference haiku 2", "prompt system prompt 2", "mcp-server desk 3"],
    );
}

#[test]
fn tools_that_are_made_for_each_of_something() {
    check(
        "from llama_index.core.tools import FunctionTool, QueryEngineTool\ndef make(name):\n    def look(q): pass\n    a = FunctionTool.from_defaults(name=f'look_in_{name}', fn=look)\n    summary_tool = QueryEngineTool.from_defaults(query_engine=e, description='…')\n    b = FunctionTool.from_defaults(name=given, fn=look)",
        &["tool look_in_{} 4", "tool summary_tool 5"],
    );
}

#[test]
fn tools_of_a_gateway_and_servers_of_a_provider() {
    check(
        "TARGET = {'mcp': {'tools': [{'name': 'get_news', 'description': 'News', 'inputSchema': {'type': 'object'}}]}}",
        &["tool get_news 1"],
    );
    check(
        "x = {'type': 'mcp', 'server_label': 'docs', 'server_url': url}\ny = {'type': 'mcp', 'server_label': 'docs'}",
        &["mcp-server docs 1"],
    );
    check(
        "from openai import OpenAI\nclient = OpenAI()\nstore = client.vector_stores.create(name='x')",
        &["vector-store OpenAI vector store 3"],
    );
}

#[test]
fn prompts_of_any_language_and_in_functions() {
    check(
        "from strands import Agent\nclass A:\n    def make(self):\n        return Agent(name='a', system_prompt=self.told())\n    def told(self):\n        return '재무 분석 전문가로서 투자 분석을 수행합니다.'",
        &["agent a 4", "prompt told 5"],
    );
    let text = "Here is a page.\\nPage: {page}\\n\\nSay in one sentence what it is about, and reply with that sentence only and nothing else.";
    check(
        &format!(
            "import openai\ndef ask(client, page):\n    prompt = f'{text}'\n    return client.run(prompt)"
        ),
        &["prompt prompt 3"],
    );
    check(&format!("def ask(client, page):\n    prompt = f'{text}'\n    return client.run(prompt)"), &[]);
    // Beside what the system says it is only a message.
    check(
        &format!(
            "import openai\ndef ask(client, page):\n    prompt = f'{text}'\n    return client.run([{{'role': 'system', 'content': 'You answer in one sentence.'}}, {{'role': 'user', 'content': prompt}}])"
        ),
        &["prompt ask system prompt 4"],
    );
}

#[test]
fn agents_that_are_modules_of_a_library() {
    check(
        "import dspy\nclass QueryAgent(dspy.Module):\n    def forward(self, q): pass",
        &["agent QueryAgent 2"],
    );
    check("import dspy\nclass Ranker(dspy.Module):\n    def forward(self, q): pass", &[]);
    check("from smolagents import Model\nclass FakeAgent(Model): pass\nclass DeskAgent(Model): pass", &[]);
}

#[test]
fn prompts_that_ask_for_the_middle() {
    check(
        "import openai\ndef complete(before, after):\n    prompt = f'<PRE> {before} <SUF>{after} <MID>'\n    return openai.run(prompt)",
        &["prompt complete template prompt 3"],
    );
    check(
        "import openai\ndef build(before, after):\n    return '<fim_prefix>' + before + '<fim_suffix>' + after + '<fim_middle>'",
        &["prompt build template prompt 3"],
    );
    check("import openai\ndef page(code):\n    prompt = f'<PRE>{code}</PRE>'\n    return prompt", &[]);
    check("import openai\nTOKENS = ['<fim_prefix>', '<fim_suffix>', '<fim_middle>']", &[]);
}

#[test]
fn clients_of_mcp_on_a_library_s_base() {
    check(
        "from agents.mcp import MCPServerStdio\nclass Desk(MCPServerStdio):\n    def __init__(self):\n        super().__init__(params={'command': 'desk'})",
        &["mcp-client Desk 2"],
    );
    check("from .mcp import MCPServerStdio\nclass Desk(MCPServerStdio): pass", &[]);
}

#[test]
fn prompts_that_a_function_of_the_project_is_asked_with() {
    check(
        "from app.ask import generate\nasync def sum_up(rows):\n    prompt = f\"\"\"You are analyzing what was found out about tides.\n\n{rows}\n\nName the three most important trends, and reply with a summary.\"\"\"\n    return await generate(prompt)",
        &["prompt prompt 3"],
    );
    check(
        "def ask(rows):\n    prompt = f\"\"\"{rows} rows are going to be removed from the table for good, with all that refers to them.\nGo on?\"\"\"\n    return input(prompt)",
        &[],
    );
}
