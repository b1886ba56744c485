//! Real keys lie about in real trees. None of them may come to rest in a database, a cache, an output or a log, not even
//! when a plugin repeats everything it is shown.
//!
//! The canaries are put together when the story runs: what looks like a key in a repository sets off everybody's alarms.

use inventar_stories::{Ended, Server, Workbench, guest};
use std::fs;
use std::path::Path;

/// A secret: what a variable that holds it is called, what is before it, and how long it is.
struct Shape {
    key: &'static str,
    before: &'static str,
    secret: Secret,
    after: &'static str,
}

enum Secret {
    Alphanumeric(usize),
    Hex(usize),
    Base64(usize),
}

const fn shape(key: &'static str, before: &'static str, secret: Secret, after: &'static str) -> Shape {
    Shape { key, before, secret, after }
}

use Secret::{Alphanumeric, Base64, Hex};

const SHAPES: &[Shape] = &[
    // Tokens that name their issuer.
    shape("OPENAI_API_KEY", "sk-", Alphanumeric(48), ""),
    shape("OPENAI_PROJECT_KEY", "sk-proj-", Alphanumeric(96), ""),
    shape("ANTHROPIC_API_KEY", "sk-ant-api03-", Alphanumeric(93), "-AA"),
    shape("OPENROUTER_API_KEY", "sk-or-v1-", Hex(64), ""),
    shape("LANGFUSE_SECRET_KEY", "sk-lf-", Hex(32), ""),
    shape("HF_TOKEN", "hf_", Alphanumeric(34), ""),
    shape("GROQ_API_KEY", "gsk_", Alphanumeric(52), ""),
    shape("REPLICATE_API_TOKEN", "r8_", Alphanumeric(37), ""),
    shape("PERPLEXITY_API_KEY", "pplx-", Alphanumeric(48), ""),
    shape("XAI_API_KEY", "xai-", Alphanumeric(80), ""),
    shape("NVIDIA_API_KEY", "nvapi-", Alphanumeric(64), ""),
    shape("PINECONE_API_KEY", "pcsk_", Alphanumeric(60), ""),
    shape("LANGSMITH_API_KEY", "lsv2_pt_", Hex(32), "_0123456789"),
    shape("GOOGLE_API_KEY", "AIza", Alphanumeric(35), ""),
    shape("AWS_ACCESS_KEY_ID", "AKIA", Alphanumeric(16), ""),
    shape("GITHUB_TOKEN", "ghp_", Alphanumeric(36), ""),
    shape("GITHUB_PAT", "github_pat_", Alphanumeric(82), ""),
    shape("GITLAB_TOKEN", "glpat-", Alphanumeric(20), ""),
    shape("SLACK_BOT_TOKEN", "xoxb-", Alphanumeric(40), ""),
    shape("SLACK_WEBHOOK", "https://hooks.slack.com/services/T00000000/B00000000/", Alphanumeric(24), ""),
    shape("STRIPE_SECRET_KEY", "sk_live_", Alphanumeric(32), ""),
    shape("SENDGRID_API_KEY", "SG.abcdefghijklmnopqrstuv.", Alphanumeric(43), ""),
    shape("NPM_TOKEN", "npm_", Alphanumeric(36), ""),
    shape("PYPI_TOKEN", "pypi-AgEIcHlwaS5vcmc", Alphanumeric(80), ""),
    shape("DATABRICKS_TOKEN", "dapi", Hex(32), ""),
    shape("SESSION_JWT", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.", Base64(43), ""),
    // Credentials in addresses.
    shape("DATABASE_URL", "postgres://app:", Alphanumeric(24), "@db.example:5432/app"),
    shape("MONGODB_URI", "mongodb+srv://app:", Alphanumeric(24), "@cluster.example/app"),
    shape("REDIS_URL", "redis://:", Alphanumeric(24), "@cache.example:6379/0"),
    shape("GATEWAY_URL", "https://user:", Alphanumeric(24), "@llm.example/v1"),
    shape(
        "AZURE_STORAGE_CONNECTION_STRING",
        "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=",
        Base64(86),
        "==",
    ),
    shape("AUTHORIZATION", "Bearer ", Alphanumeric(44), ""),
    // Values that only a name beside them gives away.
    shape("AWS_SECRET_ACCESS_KEY", "", Base64(40), ""),
    shape("AZURE_OPENAI_API_KEY", "", Hex(32), ""),
    shape("COHERE_API_KEY", "", Alphanumeric(40), ""),
    shape("WANDB_API_KEY", "", Hex(40), ""),
    shape("DB_PASSWORD", "", Alphanumeric(20), ""),
    shape("CLIENT_SECRET", "", Alphanumeric(36), ""),
];

struct Canary {
    key: &'static str,
    /// As it stands in a file.
    value: String,
    /// What must appear nowhere.
    needle: String,
    /// Whether it can be told from any other word without a name beside it.
    recognisable: bool,
}

impl Canary {
    /// What stands where nothing says that it is a secret: there, only a shape can tell.
    fn bare(&self) -> &str {
        if self.recognisable { &self.value } else { "nothing" }
    }
}

fn canaries() -> Vec<Canary> {
    let one = |(n, shape): (usize, &Shape)| {
        let (length, alphabet): (usize, &[u8]) = match shape.secret {
            Alphanumeric(length) => (length, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
            Hex(length) => (length, b"0123456789abcdef"),
            Base64(length) => (length, b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"),
        };
        let mut state = 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(n as u64 + 1);
        let secret: String = (0..length)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                char::from(alphabet[(state >> 33) as usize % alphabet.len()])
            })
            .collect();
        // A part is too much already.
        let needle = secret[..secret.len().min(12)].to_owned();
        Canary {
            key: shape.key,
            value: format!("{}{secret}{}", shape.before, shape.after),
            needle,
            recognisable: !shape.before.is_empty(),
        }
    };
    SHAPES.iter().enumerate().map(one).collect()
}

fn json(value: &str) -> String {
    serde_json::to_string(value).unwrap()
}

/// The canaries in every sort of file that people put keys into.
fn seed(bench: &Workbench, canaries: &[Canary]) {
    let each = |line: &dyn Fn(&Canary) -> String| canaries.iter().map(line).collect::<Vec<_>>();
    bench.write(".env", each(&|c| format!("{}={}", c.key, c.value)).join("\n"));
    bench.write(
        "deploy/compose.yaml",
        format!(
            "services:\n  app:\n    environment:\n{}\n",
            each(&|c| format!("      {}: {}", c.key, json(&c.value))).join("\n")
        ),
    );
    bench.write(
        "config/settings.json",
        format!(
            "{{\n{}\n}}\n",
            each(&|c| format!("  {}: {}", json(&c.key.to_lowercase()), json(&c.value))).join(",\n")
        ),
    );
    bench.write(
        "config/settings.toml",
        each(&|c| format!("{} = {}", c.key.to_lowercase(), json(&c.value))).join("\n"),
    );

    let constants = each(&|c| format!("{} = {}", c.key, json(&c.value))).join("\n");
    let uses = each(&|c| {
        format!(
            "client = OpenAI(api_key={v}, base_url={bare}, default_headers={{\"Authorization\": {v}}})",
            v = json(&c.value),
            bare = json(c.bare())
        )
    });
    let python = format!(
        "import os\nfrom openai import OpenAI\n{constants}\nos.environ[\"OPENAI_API_KEY\"] = OPENAI_API_KEY\n{}\n",
        uses.join("\n")
    );
    bench.write("app/keys.py", &python);
    let models = each(&|c| {
        format!(
            "OpenAI().chat.completions.create(model={}, messages=[])  # {}={}",
            json(c.bare()),
            c.key,
            c.value
        )
    });
    bench.write(
        "app/models.py",
        format!("from openai import OpenAI\nfrom app.keys import OPENAI_API_KEY\n{}\n", models.join("\n")),
    );
    bench.write(
        "app/client.ts",
        each(&|c| format!("export const {} = {};", c.key, json(&c.value))).join("\n"),
    );
    let cell: Vec<String> = python.lines().map(|line| format!("{line}\n")).collect();
    let notebook = serde_json::json!({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [
        {"cell_type": "code", "source": cell, "outputs": [{"output_type": "stream", "name": "stdout", "text": cell}], "metadata": {}, "execution_count": null}
    ]});
    bench.write("explore.ipynb", notebook.to_string());

    bench.write(".cursor/mcp.json", servers(canaries, |c| &c.value).to_string());
    // Here an argument stands on a line of its own, away from the flag before it.
    bench.write(".mcp.json", serde_json::to_string_pretty(&servers(canaries, Canary::bare)).unwrap());
    bench.write(
        "requirements.txt",
        each(&|c| format!("openai @ https://user:{}@packages.example/openai.whl", c.needle)).join("\n"),
    );
    bench.write("package.json", serde_json::json!({"dependencies": {"openai": format!("git+https://{}@git.example/openai.git", canaries[15].value)}}).to_string());
    let config = serde_json::json!({"architectures": ["X"], "model_type": "llama", "_name_or_path": canaries[0].value, "hf_token": canaries[5].value});
    bench.write("model/config.json", config.to_string());
    bench.write(
        "model/README.md",
        format!("---\nlicense: mit\nbase_model: acme/{}\n---\n{constants}\n", canaries[5].value),
    );
}

/// A local and a remote server for each canary.
fn servers(canaries: &[Canary], argument: impl Fn(&Canary) -> &str) -> serde_json::Value {
    let local = canaries.iter().map(|c| {
        let flag = format!("--{}={}", c.key.to_lowercase(), c.value);
        let args = ["-y", "some-server", &flag, "--token", argument(c)];
        let server = serde_json::json!({ "command": "npx", "args": args, "env": { c.key: c.value } });
        (format!("local-{}", c.key.to_lowercase()), server)
    });
    let remote = canaries.iter().map(|c| {
        let headers =
            serde_json::json!({ "Authorization": format!("Bearer {}", c.value), "X-Api-Key": c.value });
        let url = format!("https://mcp.example/sse?api_key={}", c.value);
        (format!("remote-{}", c.key.to_lowercase()), serde_json::json!({ "url": url, "headers": headers }))
    });
    let servers: serde_json::Map<String, serde_json::Value> = local.chain(remote).collect();
    serde_json::json!({ "mcpServers": servers })
}

/// Every place where a text could have come to rest, with its name.
fn resting_places(bench: &Workbench, runs: &[(&str, Ended)]) -> Vec<(String, Vec<u8>)> {
    let mut places = Vec::new();
    fn add(folder: &Path, places: &mut Vec<(String, Vec<u8>)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                add(&path, places);
            } else {
                places.push((path.display().to_string(), fs::read(&path).unwrap()));
            }
        }
    }
    add(&bench.data(), &mut places);
    add(&bench.path("home"), &mut places);
    for (name, run) in runs {
        places.push((format!("stdout of {name}"), run.stdout.clone().into_bytes()));
        places.push((format!("stderr of {name}"), run.stderr.clone().into_bytes()));
    }
    places
}

/// Which canaries lie where, with what is around them.
fn found(canaries: &[Canary], places: &[(String, Vec<u8>)]) -> Vec<String> {
    let mut found = Vec::new();
    for (name, content) in places {
        let text = String::from_utf8_lossy(content);
        for canary in canaries {
            if let Some(at) = text.find(&canary.needle) {
                let start = text[..at].char_indices().rev().nth(60).map_or(0, |(start, _)| start);
                let around: String = text[start..].chars().take(110).collect();
                found.push(format!("{} in {name}: …{}…", canary.key, around.escape_debug()));
            }
        }
    }
    found
}

fn story(more: &[&str]) {
    let canaries = canaries();
    assert!(canaries.len() >= 30);
    let bench = Workbench::new();
    seed(&bench, &canaries);
    let mut runs = Vec::new();
    for format in ["table", "json", "ndjson", "csv", "cyclonedx"] {
        for log in ["text", "json"] {
            let args = [&["-o", format, "-vv", "--log-format", log], more].concat();
            runs.push(("scan", bench.scan(args)));
        }
    }
    let assets = runs[4].1.of_sort("asset");
    assert!(assets.len() >= 10, "hardly anything was found: {}", runs[4].1);
    for args in [
        vec!["get", "all", "-o", "table"],
        vec!["get", "all", "-o", "json"],
        vec!["coverage", "-o", "json"],
        vec!["bom", "generate", "--spec", "1.6"],
        vec!["diff", "-o", "json"],
        vec!["doctor"],
    ] {
        runs.push((args[0], bench.inventar(&args)));
    }
    let uids: Vec<&str> = assets.iter().filter_map(|asset| asset["uid"].as_str()).take(20).collect();
    for uid in &uids {
        runs.push(("describe", bench.inventar(["describe", uid])));
    }
    let mut places = resting_places(&bench, &runs);
    let server = Server::start(&bench);
    for path in [
        "/api/v1/assets?limit=200",
        "/api/v1/coverage?source=story",
        "/api/v1/facets",
        "/api/v1/changes?source=story",
    ] {
        places.push((path.to_owned(), server.get(path, &[]).1.into_bytes()));
    }
    for uid in uids {
        let path = format!("/api/v1/assets/{uid}");
        places.push((path.clone(), server.get(&path, &[]).1.into_bytes()));
    }
    let found = found(&canaries, &places);
    assert!(found.is_empty(), "{} secrets came out:\n{}", found.len(), found.join("\n"));
}

#[test]
fn first_party_plugins() {
    story(&[]);
}

/// Whatever a plugin says passes the same redaction.
#[test]
fn a_plugin_that_repeats_everything() {
    let leak = guest("leak");
    story(&["--plugin", leak.to_str().unwrap()]);
}
