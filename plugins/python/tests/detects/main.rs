//! What is found in a piece of code, as a table: `kind name line usage`.

mod agents;
mod endpoints;
mod models;

use inventar_plugin_python::Python;
use inventar_plugin_sdk::AssetRef;
use inventar_trial::found::{self, scan};

fn seen(path: &str, code: &str) -> Vec<String> {
    found::places_beside_libraries(&scan::<Python>(path, code))
}

#[track_caller]
fn check(code: &str, expected: &[&str]) {
    assert_eq!(seen("app/main.py", code), expected, "{code}");
}

#[test]
fn libraries() {
    let libraries = |code: &str| found::libraries(&scan::<Python>("app/main.py", code));
    for (code, expected) in [
        ("import openai", "sdk openai 1"),
        ("from google import genai", "sdk google-genai 1"),
        ("import os\nfrom langchain_openai.chat_models import ChatOpenAI as C", "sdk langchain-openai 2"),
        ("try:\n    import torch\nexcept ImportError:\n    torch = None", "framework torch 2 optional"),
        ("def f(kind):\n    if kind == 'a':\n        import anthropic", "sdk anthropic 3 optional"),
        ("if TYPE_CHECKING:\n    from anthropic import Anthropic", "sdk anthropic 2 development"),
        ("x = importlib.import_module('cohere')", "sdk cohere 1 optional"),
    ] {
        assert_eq!(libraries(code), [expected], "{code}");
    }
    assert!(libraries("from .openai import x\nimport os, re\nfrom agents import base").is_empty());
    assert_eq!(libraries("from agents import Agent, Runner"), ["framework openai-agents 1"]);
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
    let binary = scan::<Python>("a.py", [0; 100]);
    assert_eq!(binary.gaps.len(), 1);
}

#[test]
fn fifty_thousand_matches_and_a_line_of_a_megabyte() {
    let message = "{'model': 'gpt-4o', 'role': 'system', 'content': 'You answer in one word.'},";
    inventar_trial::bounded::<Python>("a.py", "f(model='gpt-4o')\n", message);
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
    let answer = scan::<Python>("app/main.py", code);
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
fn names_that_a_star_brings() {
    check("from crewai import *\na = Agent(role='Clerk', goal='g')", &["agent Clerk 2"]);
}
