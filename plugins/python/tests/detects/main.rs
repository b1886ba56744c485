//! What is found in a piece of code, as a table: `kind name line usage`.

mod agents;
mod endpoints;
mod models;

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
fn names_that_a_star_brings() {
    check("from crewai import *\na = Agent(role='Clerk', goal='g')", &["agent Clerk 2"]);
}
