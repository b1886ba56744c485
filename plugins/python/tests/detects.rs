//! What is found in a piece of code, as a table: `kind name line usage`.

use inventar_plugin_python::Python;
use inventar_plugin_sdk::{AssetRef, Detector, File, NoSettings, Usage};
use std::fmt::Write;

fn seen(path: &str, code: &str) -> Vec<String> {
    let answer = Python::scan(&NoSettings::default(), &File::of(path, code.as_bytes()));
    let mut lines = Vec::new();
    for asset in &answer.assets {
        // Libraries are in nearly every case; they have a table of their own.
        if matches!(asset.kind.as_str(), "sdk" | "framework" | "package" | "runtime") {
            continue;
        }
        for seen in &asset.evidence {
            let mut line = format!("{} {} {}", asset.kind, asset.name, seen.span().line);
            if seen.usage != Usage::Runtime {
                let _ = write!(line, " {}", format!("{:?}", seen.usage).to_ascii_lowercase());
            }
            lines.push(line);
        }
    }
    lines.extend(answer.gaps.iter().map(|gap| format!("gap {:?}", gap.reason)));
    lines
}

#[track_caller]
fn check(code: &str, expected: &[&str]) {
    assert_eq!(seen("app/main.py", code), expected, "{code}");
}

#[test]
fn libraries() {
    let libraries = |code: &str| -> Vec<String> {
        let answer = Python::scan(&NoSettings::default(), &File::of("app/main.py", code.as_bytes()));
        let line = |asset: &inventar_plugin_sdk::Asset| {
            let seen = &asset.evidence[0];
            format!(
                "{} {} {}",
                asset.name,
                seen.span().line,
                format!("{:?}", seen.usage).to_ascii_lowercase()
            )
        };
        answer.assets.iter().filter(|asset| asset.key.starts_with("package:")).map(line).collect()
    };
    for (code, expected) in [
        ("import openai", "openai 1 runtime"),
        ("from google import genai", "google-genai 1 runtime"),
        ("import os\nfrom langchain_openai.chat_models import ChatOpenAI as C", "langchain-openai 2 runtime"),
        ("try:\n    import torch\nexcept ImportError:\n    torch = None", "torch 2 optional"),
        ("def f(kind):\n    if kind == 'a':\n        import anthropic", "anthropic 3 optional"),
        ("if TYPE_CHECKING:\n    from anthropic import Anthropic", "anthropic 2 development"),
        ("x = importlib.import_module('cohere')", "cohere 1 optional"),
    ] {
        assert_eq!(libraries(code), [expected], "{code}");
    }
    assert!(libraries("from .openai import x\nimport os, re\nfrom agents import base").is_empty());
    assert_eq!(libraries("from agents import Agent, Runner"), ["openai-agents 1 runtime"]);
}

#[test]
fn models_where_they_are_used() {
    let openai = |code: &str| format!("from openai import OpenAI\nc = OpenAI()\n{code}\n");
    for (code, name, line) in [
        ("c.chat.completions.create(model='gpt-4o', messages=m)", "gpt-4o", 3),
        ("M = 'gpt-4o'\nc.responses.create(model=M)", "gpt-4o", 3),
        ("c.responses.create(model=os.getenv('M', 'gpt-4o-mini'))", "gpt-4o-mini", 3),
        ("c.responses.create(model=given or 'o3')", "o3", 3),
        ("def ask(model='gpt-4.1'):\n    c.responses.create(model=model)", "gpt-4.1", 3),
        ("def ask(name):\n    c.responses.create(model=name)\nask('gpt-4.1')", "gpt-4.1", 5),
        (
            "class A:\n    model = 'gpt-5'\n    def f(self):\n        c.responses.create(model=self.model)",
            "gpt-5",
            4,
        ),
        ("D = {'fast': {'id': 'gpt-5-mini'}}\nc.responses.create(model=D['fast']['id'])", "gpt-5-mini", 3),
        ("def pick():\n    return 'gpt-5-nano'\nc.responses.create(model=pick())", "gpt-5-nano", 4),
        ("P = 'openai/'\nc.responses.create(model=f'{P}gpt-4o')", "openai/gpt-4o", 4),
        ("k = {'model': 'gpt-4o'}\nc.responses.create(**k)", "gpt-4o", 3),
        ("class E(str, Enum):\n    A = 'gpt-4o'\nc.responses.create(model=E.A.value)", "gpt-4o", 4),
        ("c.embeddings.create(model='in-house-embedder')", "in-house-embedder", 3),
        ("p.add_argument('--model', default='gpt-4o')\nargs = p.parse_args()", "gpt-4o", 3),
        (
            "@click.option('--model', default='gpt-4o')\ndef run(model):\n    c.responses.create(model=model)",
            "gpt-4o",
            3,
        ),
    ] {
        check(&openai(code), &[&format!("model-reference {name} {line}")]);
    }
}

#[test]
fn models_of_many_libraries() {
    for (code, name) in [
        (
            "from langchain.chat_models import init_chat_model\ninit_chat_model('openai:gpt-4o')",
            "openai:gpt-4o",
        ),
        (
            "import litellm\nlitellm.completion('anthropic/claude-3-5-sonnet-20240620')",
            "anthropic/claude-3-5-sonnet-20240620",
        ),
        (
            "from sentence_transformers import SentenceTransformer\nSentenceTransformer('all-MiniLM-L6-v2')",
            "all-MiniLM-L6-v2",
        ),
        ("from transformers import AutoModel\nAutoModel.from_pretrained('acme/tuned-7b')", "acme/tuned-7b"),
        (
            "from transformers import pipeline\npipeline('summarization', model='facebook/bart-large-cnn')",
            "facebook/bart-large-cnn",
        ),
        ("import google.generativeai as genai\ngenai.GenerativeModel('gemini-1.5-pro')", "gemini-1.5-pro"),
        (
            "import boto3\nb = boto3.client('bedrock-runtime')\nb.converse(modelId='anthropic.claude-3-haiku-20240307-v1:0')",
            "anthropic.claude-3-haiku-20240307-v1:0",
        ),
        ("import dspy\ndspy.LM('openai/gpt-4o-mini')", "openai/gpt-4o-mini"),
        ("import ollama\nollama.chat(model='llama3.2', messages=[])", "llama3.2"),
    ] {
        let lines = code.lines().count();
        check(code, &[&format!("model-reference {name} {lines}")]);
    }
}

#[test]
fn repositories_of_a_hub() {
    let download =
        |rest: &str| format!("from huggingface_hub import snapshot_download\nsnapshot_download({rest})");
    check(&download("'acme/tuned-7b'"), &["model-reference acme/tuned-7b 2"]);
    check(&download("repo_id='acme/answers', repo_type='dataset'"), &["dataset acme/answers 2"]);
    check(&download("'acme/answers', repo_type='dataset'"), &["dataset acme/answers 2"]);
    check(&download("repo_id='acme/demo', repo_type='space'"), &[]);
}

#[test]
fn models_that_are_only_mentioned() {
    for code in [
        "PRICES = {'gpt-4o': 0.0025}",
        "if model == 'gpt-4o': pass",
        "NO_TEMPERATURE = ['gpt-4o']",
        "if name.startswith('gpt-4o'): pass",
        "TABLE = ((('gpt-4o',), 2.5, 10.0),)",
        "INFO = {'gpt-4o': {'name': 'GPT', 'max_tokens': 4096}}",
    ] {
        check(code, &["model-reference gpt-4o 1 mentioned"]);
    }
    check(
        "ALIASES = {'gpt-4o': 'gpt-4o-2024-08-06', 'o3-mini': 'o3-mini-2025-01-31'}",
        &[
            "model-reference gpt-4o 1 mentioned",
            "model-reference gpt-4o-2024-08-06 1 mentioned",
            "model-reference o3-mini 1 mentioned",
            "model-reference o3-mini-2025-01-31 1 mentioned",
        ],
    );
    // Documentation, comments and paths are none at all.
    check("'''Uses gpt-4o.'''\n# gpt-4o\nlog('using gpt-4o now')\nopen('gpt-4o.json')", &[]);
}

#[test]
fn models_of_settings_and_registries() {
    check("FAST_LLM = 'openai:gpt-4o-mini'", &["model-reference openai:gpt-4o-mini 1"]);
    check(
        "C = {'EMBEDDING': 'openai:text-embedding-3-small'}",
        &["model-reference openai:text-embedding-3-small 1"],
    );
    check(
        "class S(BaseSettings):\n    chat_model: str = Field(default='gpt-4o')",
        &["model-reference gpt-4o 2"],
    );
    check(
        "A = {'big': 'gpt-4o', 'small': 'gpt-4o-mini'}",
        &["model-reference gpt-4o 1", "model-reference gpt-4o-mini 1"],
    );
    check("class Order(models.Model):\n    model = 'user'\n    engine = 'postgres'", &[]);
    check("model = 'resnet'\nmodel_type = 'large'", &[]);
}

#[test]
fn endpoints() {
    check(
        "from openai import OpenAI\nOpenAI(base_url='http://10.0.0.7:8000/v1', api_key='x')",
        &["endpoint http://10.0.0.7:8000/v1 2"],
    );
    check(
        "from openai import OpenAI\nURL = os.getenv('LLM_URL', 'https://openrouter.ai/api/v1')\nOpenAI(base_url=URL)",
        &["endpoint https://openrouter.ai/api/v1 2"],
    );
    check(
        "requests.post('https://api.openai.com/v1/chat/completions', json=body)",
        &["endpoint https://api.openai.com/v1/chat/completions 1"],
    );
    check(
        "httpx.post('https://llm.acme.io/v1/chat', json={'model': m, 'messages': x})",
        &["endpoint https://llm.acme.io/v1/chat 1"],
    );
    check(
        "from langchain_ollama import ChatOllama\nChatOllama(base_url=os.environ['OLLAMA_BASE_URL'])",
        &["endpoint OLLAMA_BASE_URL 2"],
    );
    check(
        "from langchain_community.document_loaders import RecursiveUrlLoader\nRecursiveUrlLoader(url='https://python.langchain.com/docs')",
        &[],
    );
    check("from llama_index.core.llms import ImageBlock\nImageBlock(url='https://picsum.photos/1')", &[]);
    check(
        "requests.get('https://example.com/x')\nDOCS = 'https://platform.openai.com/docs'\nrequests.get(url)",
        &[],
    );
}

#[test]
fn secrets() {
    check("k = os.environ['ANTHROPIC_API_KEY']", &["secret-reference ANTHROPIC_API_KEY 1"]);
    check(
        "from openai import OpenAI\nOpenAI(api_key=os.getenv('TEAM_KEY'))",
        &["secret-reference TEAM_KEY 2"],
    );
    check("class S(BaseSettings):\n    openai_api_key: str", &["secret-reference OPENAI_API_KEY 2"]);
    check(
        "class S(BaseSettings):\n    OPENAI_API_KEY: str\n    FALLBACK_API_KEY: str\n    STRIPE_API_KEY: str",
        &["secret-reference OPENAI_API_KEY 2", "secret-reference FALLBACK_API_KEY 3"],
    );
    check("class S(BaseSettings):\n    STORE_API_KEY: str", &[]);
    check(
        "a = os.getenv('GOOGLE_CX_KEY')\nb = os.environ['STRIPE_API_KEY']\nc = os.getenv('DATABASE_URL')",
        &[],
    );
    check("from openai import OpenAI\nOpenAI(api_key='sk-not-a-name')", &[]);
}

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
fn stores_and_data() {
    check(
        "from langchain_community.vectorstores import FAISS\nFAISS.from_texts(t, e)",
        &["vector-store FAISS 2"],
    );
    check(
        "from datasets import load_dataset\nload_dataset('squad')\nload_dataset('csv', data_files=f)",
        &["dataset squad 2"],
    );
    check("from trl import SFTTrainer\ndef tune():\n    SFTTrainer(model=m)", &["training-run tune 3"]);
}

#[test]
fn where_a_file_stands() {
    let code = "MODEL = 'gpt-4o'";
    for (path, usage) in
        [("tests/test_a.py", " test"), ("examples/a.py", " example"), ("docs/a.py", " docs"), ("a.py", "")]
    {
        assert_eq!(seen(path, code), [format!("model-reference gpt-4o 1{usage}")], "{path}");
    }
    assert_eq!(
        seen("a.py", "'''Runs the benchmark.'''\nMODEL = 'gpt-4o'"),
        ["model-reference gpt-4o 2 test"]
    );
}

#[test]
fn what_cannot_be_read() {
    check("print 'python 2'\nMODEL = 'gpt-4o'", &["model-reference gpt-4o 2"]);
    check("{% if x %}\nMODEL = 'gpt-4o'\n{% endif %}", &["model-reference gpt-4o 2"]);
    let deep = format!("x = {}{}\nMODEL = 'gpt-4o'", "(".repeat(5000), ")".repeat(5000));
    check(&deep, &["model-reference gpt-4o 2", "gap Unsupported(\"nesting this deep\")"]);
    let binary = Python::scan(&NoSettings::default(), &File::of("a.py", vec![0; 100]));
    assert_eq!(binary.gaps.len(), 1);
}

#[test]
fn fifty_thousand_matches_and_a_line_of_a_megabyte() {
    let many = "f(model='gpt-4o')\n".repeat(50_000);
    let found = seen("a.py", &many);
    assert!(
        found.iter().any(|line| line.starts_with("model-reference gpt-4o")) && found.len() < 40,
        "{}",
        found.len()
    );
    let line = format!(
        "x = [{}]",
        "{'model': 'gpt-4o', 'role': 'system', 'content': 'You answer in one word.'},".repeat(14_000)
    );
    assert!(seen("a.py", &line).len() < 1_100);
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
fn stores_of_haystack_and_agno() {
    check(
        "from haystack_integrations.document_stores.opensearch import OpenSearchDocumentStore\nfrom agno.vectordb.pgvector import PgVector\na = OpenSearchDocumentStore(hosts=h)\nb = PgVector(table_name='pages')\n",
        &["vector-store OpenSearchDocumentStore 3", "vector-store PgVector 4"],
    );
}

/// References to what services call by name, as `name → the edge`.
#[track_caller]
fn check_names(code: &str, expected: &[&str]) {
    let answer = Python::scan(&NoSettings::default(), &File::of("app/main.py", code.as_bytes()));
    let lines: Vec<String> = answer
        .relations
        .iter()
        .filter_map(|edge| {
            let (AssetRef::Local { key, .. }, AssetRef::Identifier(to)) = (&edge.source, &edge.target) else {
                return None;
            };
            let from = answer.assets.iter().find(|asset| asset.key == *key).expect("an asset of the file");
            Some(format!("{} {}: {} {}:{}", from.kind, from.name, edge.kind, to.scheme, to.value))
        })
        .collect();
    assert_eq!(lines, expected, "{code}");
}

#[test]
fn registered_models() {
    let churn = "model-reference models:/churn: instance-of name:mlflow/model/churn";
    let third = "model-reference models:/churn/3: resolves-to name:mlflow/model/churn/3";
    let best = "model-reference models:/churn@best: resolves-to name:mlflow/model/churn@best";
    let live = "model-reference models:/churn/Production: resolves-to name:mlflow/model/churn/Production";
    for (code, expected) in [
        ("mlflow.pyfunc.load_model('models:/churn/3')", third),
        ("mlflow.sklearn.load_model(model_uri='models:/churn@best')", best),
        ("N = 'churn'\nmlflow.pyfunc.load_model(f'models:/{N}/production')", live),
        ("def f(version):\n    mlflow.pyfunc.load_model(f'models:/churn/{version}')", churn),
        ("mlflow.pyfunc.spark_udf(spark, 'models:/churn/3')", third),
        ("mlflow.register_model(uri, 'churn')", churn),
        ("mlflow.register_model(model_uri=uri, name='churn')", churn),
        ("mlflow.sklearn.log_model(m, 'model', registered_model_name='churn')", churn),
        ("c = mlflow.MlflowClient()\nc.get_model_version_by_alias('churn', 'best')", best),
        ("c = mlflow.MlflowClient()\nc.get_model_version(name='churn', version=3)", third),
        ("class A:\n    def f(self):\n        self.c.get_latest_versions('churn')", churn),
        ("URI = {'uri': 'models:/churn/3'}", third),
        (
            "mlflow.pyfunc.load_model('runs:/0123456789abcdef0123456789abcdef/model')",
            "model-reference runs:/0123456789abcdef0123456789abcdef: derived-from name:mlflow/run/0123456789abcdef0123456789abcdef",
        ),
    ] {
        check_names(&format!("import mlflow\n{code}\n"), &[expected]);
    }
    for code in [
        "mlflow.pyfunc.load_model('models/churn')",
        "mlflow.pyfunc.load_model(path)",
        "def f(name):\n    mlflow.pyfunc.load_model(f'models:/{name}/3')",
        "uri.startswith('models:/')",
        "keras.models.load_model('churn.keras')",
    ] {
        check_names(&format!("import mlflow, keras\n{code}\n"), &[]);
    }
    check_names("class C:\n    pass\nC().get_model_version('churn', 3)\n", &[]);
}

#[test]
fn endpoints_by_name() {
    let fraud = "endpoint Fraud: resolves-to name:sagemaker/endpoint/fraud";
    for code in [
        "boto3.client('sagemaker-runtime').invoke_endpoint(EndpointName='Fraud', Body=b)",
        "N = 'Fraud'\nself.runtime.invoke_endpoint_async(EndpointName=N, InputLocation=b)",
        "a = {'EndpointName': 'Fraud', 'Body': b}\nclient.invoke_endpoint(**a)",
        "client.create_endpoint(EndpointName='Fraud', EndpointConfigName=c)",
        "from sagemaker.predictor import Predictor\nPredictor('Fraud')",
        "from sagemaker.huggingface import HuggingFaceModel\nm = HuggingFaceModel(role=r)\nm.deploy(endpoint_name='Fraud')",
        "from langchain_aws import SagemakerEndpoint\nSagemakerEndpoint(endpoint_name='Fraud')",
    ] {
        check_names(&format!("import boto3\n{code}\n"), &[fraud]);
    }
    for code in [
        "client.create_endpoint(EndpointName='Fraud', ModelArn=m)",
        "client.invoke_endpoint(EndpointName=f'{stage}-fraud')",
        "client.invoke_endpoint(EndpointName='<name>')",
        "router.register(endpoint_name='Fraud')",
    ] {
        check_names(&format!("import boto3\n{code}\n"), &[]);
    }
    check_names(
        "import requests\nrequests.post('https://runtime.sagemaker.eu-west-1.amazonaws.com/endpoints/fraud/invocations', data=b)\n",
        &[
            "endpoint https://runtime.sagemaker.eu-west-1.amazonaws.com/endpoints/fraud/invocations: resolves-to name:sagemaker/endpoint/fraud",
        ],
    );
    check_names(
        "import sagemaker\nm = sagemaker.Model()\nm.register(model_package_group_name='Churn')\nsm.create_model_package_group(ModelPackageGroupName='churn')\n",
        &["model-reference Churn: instance-of name:sagemaker/model-package-group/churn"],
    );
    check(
        "import boto3, os\nboto3.client('x').invoke_endpoint(EndpointName=os.environ['LIVE'])\n",
        &["endpoint LIVE 2"],
    );
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
fn models_of_an_enumeration() {
    check(
        "class ChatModel(str, Enum):\n    FAST = 'gpt-4o-mini'\n    GOOD = 'claude-sonnet-4-5'\nclass Plan(Enum):\n    FREE = 'free'",
        &["model-reference gpt-4o-mini 2", "model-reference claude-sonnet-4-5 3"],
    );
}

#[test]
fn endpoints_in_parts() {
    check(
        "url = f'https://api.openai.com/v1/files/{file}'\nsend(f'https://api.weather.test/{city}')\nsend(f'https://openrouter.ai/api/v1/{path}')",
        &["endpoint https://api.openai.com/v1/files/{} 1", "endpoint https://openrouter.ai/api/v1/{} 3"],
    );
    check(
        "from crawl4ai import AsyncWebCrawler\nasync def f():\n    async with AsyncWebCrawler() as crawler:\n        await crawler.arun(url='https://www.news.test/start')",
        &[],
    );
}

#[test]
fn names_that_a_star_brings() {
    check("from crewai import *\na = Agent(role='Clerk', goal='g')", &["agent Clerk 2"]);
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
fn servers_of_models_by_their_address() {
    check(
        "judge = make_judge('http://localhost:8001/v1', 'Qwen/Qwen3-14B')\nurls = ['http://localhost:8100/query']",
        &["endpoint http://localhost:8001/v1 1", "model-reference Qwen/Qwen3-14B 1"],
    );
    check("users = get('http://localhost:8001/v1')", &[]);
}
