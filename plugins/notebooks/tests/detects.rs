//! What is found in a notebook, as a table: `kind name version line usage`.

mod jupyter;

use inventar_plugin_notebooks::Notebooks;
use inventar_plugin_sdk::{Answer, Detector, File, NoSettings, Usage, Version};
use jupyter::notebook;
use std::fmt::Write;

fn scan(path: &str, text: &str) -> Answer {
    Notebooks::scan(&NoSettings::default(), &File::of(path, text))
}

fn seen(answer: &Answer) -> Vec<String> {
    let mut lines = Vec::new();
    for asset in &answer.assets {
        for seen in &asset.evidence {
            let mut line = format!("{} {}", asset.kind, asset.name);
            match &asset.version {
                Some(Version::Exact(version)) => line += &format!("=={version}"),
                Some(Version::Range(range)) => line += &format!(" {range}"),
                Some(Version::Floating(name)) => line += &format!(" ~{name}"),
                None => {}
            }
            let _ = write!(line, " {}", seen.span().line);
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
fn check_of(language: &str, cells: &[&str], expected: &[&str]) {
    let text = notebook(language, cells);
    assert_eq!(seen(&scan("nb/a.ipynb", &text)), expected, "{cells:?}");
}

#[track_caller]
fn check(cells: &[&str], expected: &[&str]) {
    check_of("python", cells, expected);
}

#[test]
fn cells_are_one_program() {
    check(
        &[
            "from openai import OpenAI\nclient = OpenAI()\nMODEL = \"gpt-4o\"",
            "client.responses.create(model=MODEL, input=\"hi\")",
        ],
        &["sdk openai 7", "model-reference gpt-4o 9"],
    );
    check(
        &[
            "prompt = \"\"\"You are a \"careful\" reviewer.\nAnswer in \u{e9}\u{1f600}.\"\"\"\n",
            "import anthropic\nanthropic.Anthropic().messages.create(system=prompt, model='claude-3-5-haiku-latest')",
        ],
        &["sdk anthropic 15", "prompt prompt 7", "model-reference claude-3-5-haiku-latest 16"],
    );
}

#[test]
fn evidence_is_what_the_file_says() {
    let code =
        "# \u{e9}\u{1f600} \"x\"\nfrom openai import OpenAI\nOpenAI().responses.create(model=\"gpt-4o\")";
    let text = notebook("python", &[code]);
    let answer = scan("a.ipynb", &text);
    let model = answer.assets.iter().find(|asset| asset.name == "gpt-4o").expect("the model is seen");
    let seen = &model.evidence[0];
    assert_eq!(&text[seen.span().start as usize..seen.span().end as usize], "\\\"gpt-4o\\\"");
    assert_eq!(seen.span().line, 9);
    assert_eq!(seen.snippet.as_deref(), Some("OpenAI().responses.create(model=\"gpt-4o\")"));
}

#[test]
fn installs() {
    check(&["%pip install openai==1.60.0"], &["sdk openai==1.60.0 7"]);
    check(
        &["!pip install -qU 'openai>=1.0' rich\nimport openai"],
        &["sdk openai >=1.0 8", "sdk openai >=1.0 7"],
    );
    check(&["!{sys.executable} -m pip install openai"], &["sdk openai 7"]);
    check(
        &["if IN_COLAB:\n    !pip install openai\n    %pip install anthropic"],
        &["sdk openai 8", "sdk anthropic 9"],
    );
    check(&["pip install openai"], &["sdk openai 7"]);
    check(&["out = !pip install openai"], &["sdk openai 7"]);
    check(&["%%capture\n%pip install openai"], &["sdk openai 8"]);
    check(&["%%bash\npip install \\\n  openai anthropic"], &["sdk openai 9", "sdk anthropic 9"]);
    check(&["%%time\n%%bash\nuv pip install openai==1.2"], &["sdk openai==1.2 9"]);
    check(&["%conda install -c conda-forge openai=1.2.3 -y"], &["sdk openai==1.2.3 7"]);
    check(&["%%writefile requirements.txt\nopenai==1.0 # x\n-r more.txt\nnumpy"], &["sdk openai==1.0 8"]);
    check(&["# %pip install openai\nx = '''\n!pip install openai\n'''"], &[]);
    check(&["!pip uninstall -y openai\n!echo pip install"], &[]);
}

#[test]
fn magics_that_are_no_python() {
    check(
        &[
            "%load_ext autoreload\n%autoreload 2\n%matplotlib inline\nimport openai\nopenai?\n?openai\n!ls -la (x\n%time x = 1",
        ],
        &["sdk openai 10"],
    );
    for cell in [
        "%%html\nimport openai",
        "%%sql\nselect 'gpt-4o'",
        "%%javascript\nimport openai",
        "%%writefile a.md\nimport openai",
        "%%unheard_of\nimport openai",
    ] {
        check(&[cell], &[]);
    }
    check(&["%%writefile app/main.py\nimport openai"], &["sdk openai 8"]);
    check(&["%%timeit -n 3\nimport openai"], &["sdk openai 8"]);
    check(
        &["!ollama pull llama3.2\n!hf download --quiet acme/tuned-7b"],
        &["model-reference llama3.2 7", "model-reference acme/tuned-7b 8"],
    );
}

#[test]
fn keys_by_name_only() {
    for cell in [
        "%env OPENAI_API_KEY=sk-abcdef",
        "%set_env OPENAI_API_KEY sk-abcdef",
        "!export OPENAI_API_KEY=\"sk-abcdef\"",
        "%%bash\nexport OPENAI_API_KEY=sk-abcdef",
        "!OPENAI_API_KEY=sk-abcdef python x.py",
        "%env OPENAI_API_KEY",
    ] {
        let answer = scan("a.ipynb", &notebook("python", &[cell]));
        let names: Vec<&str> = answer.assets.iter().map(|asset| asset.name.as_str()).collect();
        assert_eq!(names, ["OPENAI_API_KEY"], "{cell}");
        assert!(!format!("{answer:?}").contains("abcdef"), "{cell}");
    }
    check(&["%env TOKENIZERS_PARALLELISM=false\n%env HOME"], &[]);
    check(&["!pip install --index-url https://u:sk-abcdef@x/simple openai"], &["sdk openai 7"]);
}

#[test]
fn a_broken_cell_costs_itself() {
    check(&["x = foo(\"\"\"unfinished", "import openai"], &["sdk openai 14"]);
    check(&["def f(:\n  ???", "import openai"], &["sdk openai 15"]);
}

#[test]
fn prose_outputs_and_attachments_are_not_read() {
    let text = r##"{"cells": [
        {"cell_type": "markdown", "source": "We use `gpt-4o`: import openai",
         "attachments": {"a": {"text/plain": "import openai"}}},
        {"cell_type": "raw", "source": "import openai"},
        {"cell_type": "code", "source": "print(1)", "outputs": [{"text": "import openai\nmodel=\"gpt-4o\""}]}],
        "metadata": {"title": "import openai"}}"##;
    assert_eq!(seen(&scan("a.ipynb", text)), [""; 0]);
}

#[test]
fn older_and_broken_notebooks() {
    let three = r#"{"metadata": {"name": ""}, "nbformat": 3, "worksheets": [{"cells": [
        {"cell_type": "code", "input": ["import openai\n"], "language": "python", "outputs": []},
        {"cell_type": "code", "input": ["import anthropic"], "language": "ruby"}]}]}"#;
    assert_eq!(seen(&scan("a.ipynb", three)), ["sdk openai 2"]);
    let whole = notebook("python", &["import openai"]);
    assert_eq!(seen(&scan("a.ipynb", &whole[..whole.len() - 60])), ["sdk openai 7", "gap Unparsable"]);
    assert_eq!(seen(&scan("a.ipynb", "<<<<<<< HEAD\n{}")), ["gap Unparsable"]);
    assert_eq!(seen(&scan("examples/a.ipynb", &whole)), ["sdk openai 7 example"]);
    assert_eq!(seen(&scan("a.ipynb", &format!("\u{feff}{whole}"))), ["sdk openai 7"]);
}

#[test]
fn other_languages() {
    check_of(
        "R",
        &[
            "library(keras)\ninstall.packages(c(\"openai\", \"x\"))\n# library(torch)\nreticulate::import('openai')",
        ],
        &["sdk keras 7", "sdk openai 8"],
    );
    check_of(
        "julia",
        &["using Flux, Plots\nusing Pkg; Pkg.add(\"OpenAI\")\nimport openai"],
        &["sdk Flux 7", "sdk OpenAI 8"],
    );
    check_of(
        "C#",
        &["#r \"nuget: Microsoft.SemanticKernel, 1.23.0\"\nusing Microsoft.SemanticKernel;"],
        &["framework Microsoft.SemanticKernel==1.23.0 7"],
    );
    check_of("scala", &["import openai"], &[]);
}

#[test]
fn exported_scripts() {
    let databricks = |magics: &str| format!("# Databricks notebook source\n{magics}");
    for (text, expected) in [
        (
            databricks("# MAGIC %pip install openai==1.2\n\n# COMMAND ----------\nimport openai\n"),
            &["sdk openai==1.2 5", "sdk openai==1.2 2"][..],
        ),
        (databricks("# MAGIC %sh\n# MAGIC pip install openai\n"), &["sdk openai 3"]),
        (databricks("# MAGIC %md\n# MAGIC pip install openai, or `gpt-4o`\n"), &[]),
        (
            "\"\"\"Automatically generated by Colab.\"\"\"\n!pip install openai\nimport openai\n".to_owned(),
            &["sdk openai 3", "sdk openai 2"],
        ),
        ("get_ipython().system('pip install openai')\n".to_owned(), &["sdk openai 1"]),
        (
            "get_ipython().run_line_magic('pip', 'install -q openai==1.2')\n".to_owned(),
            &["sdk openai==1.2 1"],
        ),
        ("import openai\n".to_owned(), &["sdk openai 1"]),
    ] {
        assert_eq!(seen(&scan("a.py", &text)), expected, "{text}");
    }
}

#[test]
fn what_other_files_hold_is_asked() {
    let code =
        "from openai import OpenAI\nfrom settings import MODEL\nOpenAI().responses.create(model=MODEL)";
    let answer = scan("nb/a.ipynb", &notebook("python", &[code]));
    let asks = |want: &inventar_plugin_sdk::Want| {
        want.name.as_deref() == Some("MODEL") && want.paths[0] == "nb/settings.py"
    };
    assert!(answer.wants.iter().any(asks));
    assert!(!answer.facts.is_empty());
}
