//! What is seen in files of assistants, definitions, flows and prompts, kind by kind.
#![allow(clippy::unwrap_used)]

mod prompts;

use inventar_plugin_agents::Agents;
use inventar_trial::found::{self, scan};

/// `kind name usage line`, sorted; the first place of each.
fn check(path: &str, text: &str, expected: &[&str]) {
    let mut expected: Vec<String> = expected.iter().map(|line| line.to_lowercase()).collect();
    expected.sort();
    assert_eq!(found::first_places(&scan::<Agents>(path, text)), expected, "{path}\n{text}");
}

fn edges(path: &str, text: &str) -> Vec<String> {
    found::edges(&scan::<Agents>(path, text))
}

#[test]
fn rules_and_skills() {
    check("CLAUDE.md", "# Rules\nUse gpt-4o never.\n", &["prompt CLAUDE.md development 1"]);
    check(".cursorrules", "Prefer claude-3-opus in code.", &["prompt .cursorrules development 1"]);
    check(
        ".cursor/rules/style.mdc",
        "---\ndescription: style\nglobs: [\"*.ts\"]\n---\nBe brief.\n",
        &["prompt .cursor/rules/style.mdc development 1"],
    );
    check(
        "skills/pdf/SKILL.md",
        "---\nname: pdf\ndescription: Read PDFs\nallowed-tools: Bash, Read\n---\n# PDF\n",
        &["prompt skills/pdf/SKILL.md development 2"],
    );
    check("examples/app/AGENTS.md", "# Agents\n", &["prompt examples/app/AGENTS.md example 1"]);
    check("AGENTS.md", "", &[]);
    check("README.md", "You are a helpful assistant.", &[]);
}

#[test]
fn tools_in_every_form() {
    let openai = r#"{"type": "function", "function": {"name": "get_weather", "description": "d",
  "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}}"#;
    check("weather.json", openai, &["tool get_weather runtime 1"]);
    check("tools.json", &format!("[{openai}]"), &["tool get_weather runtime 1"]);
    check(
        "request.json",
        r#"{"tools": [{"type": "function", "function": {"name": "now", "description": "The time"}}]}"#,
        &["tool now runtime 1"],
    );
    // An agent may say how it is used and what it gives.
    check(
        "helper.yaml",
        "name: helper\ninstructions: You are a helper of the user.\ntools: [search]\nusage: Ask it about orders\noutput: json\n",
        &["agent helper runtime 1", "prompt helper instructions runtime 2", "tool search runtime 3"],
    );
    check(
        "request.json",
        &format!("{{\"tools\": [{openai}], \"messages\": []}}"),
        &["tool get_weather runtime 1"],
    );
    check(
        "openai.yaml",
        "functions:\n  - name: get_weather\n    description: d\n    parameters:\n      type: object\n      properties: {}\n",
        &["tool get_weather runtime 2"],
    );
    check(
        "realtime.json",
        r#"{"session": {"tools": [{"type": "function", "name": "hang_up", "description": "d", "parameters": {"type": "object", "properties": {}}}]}}"#,
        &["tool hang_up runtime 1"],
    );
    check(
        "anthropic.json",
        r#"[{"name": "get_weather", "description": "d", "input_schema": {"type": "object", "properties": {}}}]"#,
        &["tool get_weather runtime 1"],
    );
    check(
        "gemini.yaml",
        "tools:\n- functionDeclarations:\n  - name: get_weather\n    description: d\n  - name: get_time\n",
        &["tool get_weather runtime 3", "tool get_time runtime 5"],
    );
    check(
        "mcp.json",
        r#"{"jsonrpc": "2.0", "result": {"tools": [{"name": "files/read", "inputSchema": {"type": "object"}}]}}"#,
        &["tool files/read runtime 1"],
    );
    check(
        "bedrock.json",
        r#"{"tools": [{"toolSpec": {"name": "top_song", "description": "d", "inputSchema": {"json": {"type": "object", "properties": {}}}}}]}"#,
        &["tool top_song runtime 1"],
    );
    check(
        "src/main/resources/my-tool-specs.json",
        "[{\"name\": \"fetch\", \"description\": \"d\", \"params\": [{\"name\": \"url\", \"type\": \"STRING\"}]},\n\
         {\"name\": \"now\", \"description\": \"d\", \"params\": []}]",
        &["tool fetch runtime 1", "tool now runtime 2"],
    );
    check(
        "cohere.yaml",
        "tools:\n  - name: search\n    description: d\n    parameter_definitions:\n      query: {type: str, required: true}\n",
        &["tool search runtime 2"],
    );
}

#[test]
fn what_has_names_and_parameters_beside_tools() {
    // The documentation of a library, of a command line, an API, prompts of MCP, an answer's form, a template of Azure.
    let params = r#"[{"name": "parse", "description": "d", "params": [{"name": "text", "type": "string"}]}]"#;
    check("docs.json", params, &[]);
    check("tooltips.json", params, &[]);
    check("cli.json", &params.replace("params", "arguments"), &[]);
    check("tools.json", &format!("{{\"prompts\": {}}}", params.replace("params", "arguments")), &[]);
    check(
        "api.json",
        r#"{"paths": {"/x": {"get": {"name": "x", "description": "d", "parameters": [{"name": "a", "in": "query", "type": "string"}]}}}}"#,
        &[],
    );
    check(
        "answer.json",
        r#"{"json_schema": {"name": "answer", "description": "d", "schema": {"type": "object", "properties": {"a": {"type": "string"}}}}}"#,
        &[],
    );
    check(
        "azuredeploy.json",
        r#"{"resources": [{"name": "x", "description": "d", "parameters": {"type": {"value": "object"}, "properties": {"value": {}}}}]}"#,
        &[],
    );
    // What was offered in conversations that are data.
    check(
        "train.json",
        r#"[{"messages": [], "tools": [{"name": "a_tool", "description": "d", "parameters": {"type": "object", "properties": {}}}]}]"#,
        &[],
    );
    check(
        "answer-1.json",
        r#"{"object": "response", "output": [], "tools": [{"type": "function", "name": "a_tool", "description": "d", "parameters": {"type": "object", "properties": {}}}]}"#,
        &[],
    );
    // Tips of a program, functions of a language and of a platform.
    check(
        "filters.json",
        r#"{"name": "blur", "description": "Blurs", "tooltip": "Blur", "parameters": {"radius": {"type": "float"}}}"#,
        &[],
    );
    check(
        "functions.json",
        r#"[{"name": "abs", "description": "Absolute value", "parameters": [{"name": "x", "type": "number"}]}]"#,
        &[],
    );
    check(
        "lib.json",
        r#"{"utility_functions": [{"name": "abs", "description": "d", "parameters": [{"name": "x", "type": "number"}]}]}"#,
        &[],
    );
    check(
        "service.json",
        r#"{"function": {"name": "resize", "description": "Resizes images", "runtime": "python3"}}"#,
        &[],
    );
    check(
        "calls.json",
        r#"{"tool_calls": [{"type": "function", "function": {"name": "a_tool", "arguments": "{}"}}]}"#,
        &[],
    );
}

#[test]
fn agents_and_commands_of_assistants() {
    check(
        ".claude/agents/review.md",
        "---\nname: reviewer\ndescription: Reviews\nmodel: claude-sonnet-4-5\ntools: Read, Grep\n---\nYou are a reviewer.\n",
        &["agent reviewer development 2", "model-reference claude-sonnet-4-5 development 4"],
    );
    check(
        "agents/x.agent.md",
        "---\ndescription: 'x'\nmodel: GPT-4.1 (copilot)\n---\nYou are x.\n",
        &["agent x development 1", "model-reference GPT-4.1 development 3"],
    );
    check(
        "plugins/dev/agents/a.md",
        "---\nname: explorer\ndescription: d\nmodel: sonnet\n---\nx\n",
        &["agent explorer development 2", "model-reference sonnet development 4"],
    );
    // No YAML, and read all the same.
    check(
        ".claude/agents/plan.md",
        "---\nname: planner\ndescription: Use it to plan. Example: user: \"plan: this\"\n  model: gpt-4o\nmodel: sonnet\n---\nYou plan.\n",
        &["agent planner development 2", "model-reference sonnet development 5"],
    );
    check("docs/agents/overview.md", "---\ntitle: Agents\n---\n# Agents\n", &[]);
    check("src/commands/build.md", "# build\n", &[]);
    check(
        ".claude/commands/fix.md",
        "---\ndescription: fix\n---\nFix the issue $ARGUMENTS\n",
        &["prompt .claude/commands/fix.md development 4"],
    );
    check(
        ".github/workflows/triage.md",
        "---\non: issues\nengine: claude\n---\nTriage it.\n",
        &["ci-agent triage development 1"],
    );
    check(".github/workflows/README.md", "# Workflows\n", &[]);
}

#[test]
fn settings_and_packages() {
    check("sweep.yaml", "branch: main\nrules:\n  - Write tests.\n", &["config sweep.yaml development 1"]);
    check("configs/sweep.yaml", "method: grid\nparameters:\n  epochs:\n    values: [2, 3]\n", &[]);
    check(
        ".claude/settings.json",
        "{\"model\": \"claude-opus-4-1\", \"permissions\": {\"allow\": [\"Bash(ls)\"], \"deny\": []}, \"hooks\": {\"PreToolUse\": []}}",
        &["config .claude/settings.json development 1", "model-reference claude-opus-4-1 development 1"],
    );
    let answer = scan::<Agents>(
        ".claude/settings.json",
        "{\"permissions\": {\"allow\": [\"Bash(ls)\"]}, \"hooks\": {\"Stop\": []}}",
    );
    let names: Vec<&str> = answer.assets[0].properties.iter().map(|property| &*property.name).collect();
    assert_eq!(names, ["product", "allows", "hooks"]);
    check(
        ".aider.conf.yml",
        "model: gpt-4o\nweak-model: gpt-4o-mini\n",
        &[
            "config .aider.conf.yml development 1",
            "model-reference gpt-4o development 1",
            "model-reference gpt-4o-mini development 2",
        ],
    );
    check(
        "p/.claude-plugin/plugin.json",
        "{\n  \"name\": \"tools\",\n  \"version\": \"1.0.0\"\n}",
        &["agent-plugin tools development 2"],
    );
    check("p/.claude-plugin/plugin.json", "{\"version\": \"1\"}", &[]);
    let answer = scan::<Agents>("opencode.json", "{\"model\": ");
    assert_eq!((answer.assets.len(), answer.gaps.len()), (0, 1));
}

#[test]
fn crews() {
    let agents = "researcher:\n  role: >\n    {topic} researcher\n  goal: Find what is new\n  backstory: >\n    You know where to look for it.\n  llm: openai/gpt-4o\n";
    check(
        "src/crew/config/agents.yaml",
        agents,
        &[
            "agent researcher runtime 1",
            "prompt researcher backstory runtime 5",
            "model-reference openai/gpt-4o runtime 7",
        ],
    );
    assert_eq!(
        edges("src/crew/config/agents.yaml", agents),
        ["agent:researcher uses model:openai/gpt-4o", "agent:researcher uses prompt:researcher backstory"]
    );
    check(
        "src/crew/config/tasks.yaml",
        "research:\n  description: Research {topic} for the user\n  expected_output: A list\n  agent: researcher\n",
        &["prompt research runtime 1"],
    );
}

#[test]
fn definitions() {
    check(
        "langgraph.json",
        "{\n  \"graphs\": {\n    \"support\": \"./a.py:graph\"\n  }\n}",
        &["agent support runtime 3"],
    );
    let team = "{\"provider\": \"autogen_agentchat.teams.RoundRobinGroupChat\", \"component_type\": \"team\", \"label\": \"Team\", \"config\": {\"participants\": [\n {\"provider\": \"autogen_agentchat.agents.AssistantAgent\", \"component_type\": \"agent\", \"config\": {\"name\": \"writer\", \"model_client\": {\"provider\": \"autogen_ext.models.openai.OpenAIChatCompletionClient\", \"component_type\": \"model\", \"config\": {\"model\": \"gpt-4o\"}}, \"system_message\": \"You write short texts.\"}}]}}";
    check(
        "team.json",
        team,
        &[
            "agent Team runtime 1",
            "agent writer runtime 2",
            "model-reference gpt-4o runtime 2",
            "prompt writer system_message runtime 2",
        ],
    );
    check(
        "agents/root_agent.yaml",
        "agent_class: LlmAgent\nname: root\nmodel: gemini-2.5-flash\ninstruction: |\n  You answer what the user asks about weather.\ntools:\n  - name: google_search\nsub_agents:\n  - config_path: a.yaml\n",
        &[
            "agent root runtime 2",
            "model-reference gemini-2.5-flash runtime 3",
            "prompt root instruction runtime 4",
            "tool google_search runtime 7",
        ],
    );
    check(
        "cagent.yaml",
        "agents:\n  root:\n    model: anthropic/claude-sonnet-4-0\n    description: Helper\n    instruction: You are a helper of the user.\n    toolsets:\n      - type: mcp\n",
        &[
            "agent root runtime 2",
            "model-reference anthropic/claude-sonnet-4-0 runtime 3",
            "prompt root instruction runtime 5",
        ],
    );
    check(
        "team.yaml",
        "models:\n  fast:\n    provider: openai\n    model: gpt-5-mini\nagents:\n  root:\n    model: fast\n    instruction: You are a helper of the user.\n",
        &[
            "agent root runtime 6",
            "model-reference gpt-5-mini runtime 4",
            "prompt root instruction runtime 8",
        ],
    );
    check(
        "appPackage/declarativeAgent.json",
        "{\n  \"$schema\": \"https://developer.microsoft.com/json-schemas/copilot/declarative-agent/v1.0/schema.json\",\n  \"name\": \"Helper\",\n  \"description\": \"d\",\n  \"instructions\": \"You are a helper. Answer the user's questions only.\",\n  \"conversation_starters\": []\n}",
        &["agent Helper runtime 3", "prompt Helper instructions runtime 5"],
    );
    check(
        "web/.well-known/agent-card.json",
        "{\n  \"name\": \"Travel\",\n  \"url\": \"https://a.example.net/a2a\",\n  \"protocolVersion\": \"0.3.0\",\n  \"capabilities\": {},\n  \"skills\": [{\"id\": \"book\", \"name\": \"Book\"}]\n}",
        &["agent Travel runtime 2"],
    );
    check(
        "promptfooconfig.yaml",
        "description: Compare\nproviders:\n  - openai:gpt-4o\n  - id: anthropic:messages:claude-3-5-sonnet-20241022\nprompts:\n  - \"Summarize this text: {{text}}\"\ntests: []\n",
        &[
            "evaluation Compare test 1",
            "model-reference openai:gpt-4o test 3",
            "model-reference claude-3-5-sonnet-20241022 test 4",
            "prompt promptfoo prompt test 6",
        ],
    );
    check(
        "openapi.json",
        "{\"paths\": {\"/a\": {\"name\": \"x\", \"instructions\": \"You are a b c\", \"tools\": []}}}",
        &[],
    );
    check("people.yaml", "people:\n  - name: Ann\n    role: engineer\n    goal: ship it\n", &[]);
}

#[test]
fn flows() {
    let n8n = "{\n  \"name\": \"Support\",\n  \"nodes\": [\n    {\"name\": \"AI Agent\", \"type\": \"@n8n/n8n-nodes-langchain.agent\", \"parameters\": {\"options\": {\"systemMessage\": \"You are a support agent.\"}}},\n    {\"name\": \"OpenAI\", \"type\": \"@n8n/n8n-nodes-langchain.lmChatOpenAi\", \"parameters\": {\"model\": {\"__rl\": true, \"value\": \"gpt-4o-mini\"}}},\n    {\"name\": \"Wiki\", \"type\": \"@n8n/n8n-nodes-langchain.toolWikipedia\", \"parameters\": {}},\n    {\"name\": \"Pinecone\", \"type\": \"@n8n/n8n-nodes-langchain.vectorStorePinecone\", \"parameters\": {}},\n    {\"name\": \"HTTP\", \"type\": \"n8n-nodes-base.httpRequest\", \"parameters\": {}}\n  ],\n  \"connections\": {}\n}";
    check(
        "workflows/support.json",
        n8n,
        &[
            "agent Support runtime 2",
            "agent AI Agent runtime 4",
            "prompt AI Agent systemMessage runtime 4",
            "model-reference gpt-4o-mini runtime 5",
            "tool Wiki runtime 6",
            "vector-store Pinecone runtime 7",
        ],
    );
    let dify = "app:\n  mode: advanced-chat\n  name: Helper\nkind: app\nworkflow:\n  graph:\n    nodes:\n      - data:\n          type: llm\n          title: Ask\n          model:\n            provider: openai\n            name: gpt-4o\n          prompt_template:\n            - role: system\n              text: You are a helpful assistant.\n      - data:\n          type: tool\n          title: Search\n          tool_name: tavily_search\n";
    check(
        "helper.yml",
        dify,
        &[
            "agent Helper runtime 3",
            "model-reference gpt-4o runtime 13",
            "prompt Ask text runtime 16",
            "tool tavily_search runtime 19",
        ],
    );
    let flowise = "{\n \"nodes\": [\n  {\"data\": {\"name\": \"chatOpenAI\", \"label\": \"ChatOpenAI\", \"category\": \"Chat Models\", \"inputParams\": [{\"name\": \"modelName\", \"default\": \"gpt-3.5-turbo\"}], \"inputs\": {\"modelName\": \"gpt-4o\"}}},\n  {\"data\": {\"name\": \"toolAgent\", \"label\": \"Tool Agent\", \"category\": \"Agents\", \"inputs\": {\"systemMessage\": \"You are a helpful AI assistant.\"}}}\n ],\n \"edges\": []\n}";
    check(
        "Simple Agent.json",
        flowise,
        &[
            "agent Simple Agent runtime 2",
            "model-reference gpt-4o runtime 3",
            "agent Tool Agent runtime 4",
            "prompt Tool Agent systemMessage runtime 4",
        ],
    );
    check(
        "workflows/plain.json",
        "{\"name\": \"Plain\", \"nodes\": [{\"name\": \"Ask\", \"type\": \"n8n-nodes-base.openAi\", \"parameters\": {\"model\": \"gpt-4\"}}], \"connections\": {}}",
        &["pipeline Plain runtime 1", "model-reference gpt-4 runtime 1"],
    );
    check("graph.json", "{\"nodes\": [{\"id\": 1}], \"edges\": []}", &[]);
}

#[test]
fn stores_of_langgraph() {
    check(
        "langgraph.json",
        "{\n\"graphs\": {\"a\": \"./a.py:g\"},\n\"store\": {\"index\": {\"embed\": \"openai:text-embedding-3-large\", \"dims\": 3072}}}",
        &["agent a runtime 2", "model-reference openai:text-embedding-3-large runtime 3"],
    );
    check("langgraph.json", "{\"store\": {\"index\": {\"embed\": \"./embed.py:aembed\"}}}", &[]);
}

#[test]
fn what_models_learn_from() {
    let record = |n: usize| {
        format!(
            "{{\"instruction\": \"Name the river of town {n}\", \"input\": \"\", \"output\": \"River {n}\"}}"
        )
    };
    let records: Vec<String> = (0..8).map(record).collect();
    check("data/rivers.json", &format!("[\n{}\n]", records.join(",\n")), &["dataset rivers.json runtime 1"]);
    check("data/rivers.jsonl", &records.join("\n"), &["dataset rivers.jsonl runtime 1"]);
    let talk = "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}, {\"role\": \"assistant\", \"content\": \"b\"}]}\n";
    check("data/talks.jsonl", &talk.repeat(6), &["dataset talks.jsonl runtime 1"]);
    check(
        "templates/rivers.json",
        "{\n\"description\": \"For towns.\",\n\"prompt_input\": \"Below is a question about a town.\\n{instruction}\\n{input}\",\n\"prompt_no_input\": \"Below is a question.\\n{instruction}\",\n\"response_split\": \"### Answer:\"\n}",
        &["prompt rivers.json runtime 3"],
    );
    // A cook's steps, steps of a flow, events.
    check("recipe.json", "[{\"instruction\": \"Stir\", \"output\": \"dough\"}]", &[]);
    let steps: String = (0..8)
        .map(|n| format!("{{\"name\": \"s{n}\", \"instruction\": \"Stir it\", \"output\": \"x\"}},"))
        .collect();
    check("steps.json", &format!("[{}]", steps.trim_end_matches(',')), &[]);
    check("events.jsonl", &"{\"messages\": 3}\n".repeat(9), &[]);
    check("form.json", "{\"response_split\": \"x\", \"a\": 1}", &[]);
    check(
        "mock.json",
        "{\"response_template\": \"Hello {{name}}, how do you do today?\", \"status\": 200}",
        &[],
    );
}
