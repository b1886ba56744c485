//! Any file is survived, keys stay unique, places stay inside the file and say what was found.

mod jupyter;

use inventar_plugin_notebooks::Notebooks;
use inventar_plugin_sdk::{Answer, Detector, File, NoSettings};
use jupyter::{notebook, quoted};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

fn holds(path: &str, bytes: &[u8]) -> Answer {
    let answer = Notebooks::scan(&NoSettings::default(), &File::of(path, bytes.to_vec()));
    let mut keys = BTreeSet::new();
    for asset in &answer.assets {
        assert!(keys.insert(&asset.key), "{} twice", asset.key);
        assert!(!asset.evidence.is_empty() && !asset.name.is_empty());
        for seen in &asset.evidence {
            assert!(seen.span().start <= seen.span().end && seen.span().end <= bytes.len() as u64, "{asset:?}");
            let before = &bytes[..seen.span().start as usize];
            let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
            assert_eq!(seen.span().line as usize, line, "{asset:?}");
        }
    }
    answer
}

const CELLS: &[&str] = &[
    "%pip install -q openai==1.60.0 \\\n  'langchain>=0.3'\n!export OPENAI_API_KEY=x",
    "from openai import OpenAI\nclient = OpenAI()\nprompt = \"\"\"You are a \"caf\u{e9}\" \u{1f600}.\n\"\"\"",
    "client.responses.create(model='gpt-4o', instructions=prompt)",
    "%%bash\npip install anthropic && ollama pull llama3.2",
    "%%writefile app.py\nimport anthropic",
];

#[test]
fn every_truncation() {
    let text = notebook("python", CELLS);
    for end in 0..text.len() {
        holds("a.ipynb", &text.as_bytes()[..end]);
    }
    assert!(holds("a.ipynb", text.as_bytes()).assets.len() >= 6);
}

#[test]
fn hostile_notebooks_cost_little() {
    let cell = |source: &str| format!(r#"{{"cells": [{{"cell_type": "code", "source": {source}}}]}}"#);
    let line = quoted(&format!("x = '{}'", "a".repeat(5_000_000)));
    let matches = quoted(&"!pip install openai anthropic\n".repeat(25_000));
    let variables = quoted(&"%env OPENAI_API_KEY=1\n".repeat(50_000));
    let escapes = format!("\"{}\"", "\\n".repeat(1_000_000));
    let halves = format!("\"{}\"", "\\ud83d".repeat(300_000));
    let nested = format!("{}1{}", "[".repeat(200_000), "]".repeat(200_000));
    let brackets = quoted(&format!("%%bash\n{}", "{(".repeat(200_000)));
    let many = format!("[{}]", vec!["\"\\n\""; 200_000].join(","));
    for (name, text) in [
        ("line", cell(&line)),
        ("matches", cell(&matches)),
        ("variables", cell(&variables)),
        ("escapes", cell(&escapes)),
        ("halves", cell(&halves)),
        ("nested", cell(&nested)),
        ("brackets", cell(&brackets)),
        ("many", cell(&many)),
        ("outputs", format!(r#"{{"cells": [{{"cell_type": "code", "outputs": {nested}, "source": "x"}}]}}"#)),
        (
            "cells",
            format!(
                r#"{{"cells": [{}]}}"#,
                vec![r#"{"cell_type": "code", "source": "x = ("}"#; 30_000].join(",")
            ),
        ),
        ("nul", "\0".repeat(100_000)),
    ] {
        let began = Instant::now();
        holds("a.ipynb", text.as_bytes());
        // Natively and without optimisation; a quadratic step would take minutes.
        assert!(began.elapsed() < Duration::from_secs(60), "{name} took {:?}", began.elapsed());
    }
}

/// Pieces of cells, put together at random.
fn pieces() -> impl Strategy<Value = String> {
    let words: Vec<&'static str> = vec![
        "%pip install openai==1.2\n",
        "!pip install ",
        "openai",
        "'langchain>=1'",
        "%%bash\n",
        "%%writefile a.py\n",
        "%env OPENAI_API_KEY=",
        "!{",
        "}",
        "from openai import OpenAI\n",
        "model=",
        "'gpt-4o'",
        "\"\"\"",
        "(",
        ")",
        "\n",
        "\\\n",
        "#",
        "?",
        "??",
        "%",
        "!",
        "\u{e9}",
        "\u{1f600}",
        "x = !ls",
        "pip install torch\n",
        "git+https://a/b/transformers@c",
        "[",
        "]",
        ">",
        ";",
        "&&",
        "\t",
        "    ",
        "if x:\n",
    ];
    prop::collection::vec(prop::sample::select(words), 0..60).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        holds("a.ipynb", &bytes);
        holds("a.py", &bytes);
    }

    #[test]
    fn any_cells(cells in prop::collection::vec(pieces(), 0..5), language in prop::sample::select(vec!["python", "R", "julia", "C#"])) {
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        let text = notebook(language, &cells);
        let once = holds("nb/a.ipynb", text.as_bytes());
        prop_assert_eq!(once, holds("nb/a.ipynb", text.as_bytes()));
    }

    #[test]
    fn any_script(code in pieces()) {
        holds("a.py", format!("# MAGIC {code}").as_bytes());
        holds("a.py", format!("'''Automatically generated by Colab.'''\n{code}").as_bytes());
        holds("a.py", format!("get_ipython().{code}").as_bytes());
    }

    #[test]
    fn damaged_notebooks(at in 0usize..3000, put in prop::collection::vec(any::<u8>(), 0..8), cut in 0usize..20) {
        let mut bytes = notebook("python", CELLS).into_bytes();
        let at = at.min(bytes.len());
        let end = (at + cut).min(bytes.len());
        bytes.splice(at..end, put);
        holds("a.ipynb", &bytes);
    }
}
