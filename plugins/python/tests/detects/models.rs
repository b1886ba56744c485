//! Models, by the place they stand at.

use crate::{check, check_names};

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
fn models_of_an_enumeration() {
    check(
        "class ChatModel(str, Enum):\n    FAST = 'gpt-4o-mini'\n    GOOD = 'claude-sonnet-4-5'\nclass Plan(Enum):\n    FREE = 'free'",
        &["model-reference gpt-4o-mini 2", "model-reference claude-sonnet-4-5 3"],
    );
}
