//! A model that code loads, a registry has and a cloud serves: three sources, joined by edges that each say why.

use crate::real_services::{account, with_account};
use inventar_stories::{Ended, Workbench, rig};
use serde_json::Value;

/// Loads a model of the registry in three ways, and calls the endpoint that serves it.
pub(crate) const CODE: &str = r#"
import json
import os

import boto3
import mlflow

MODEL = "model-001"


def best():
    return mlflow.pyfunc.load_model(f"models:/{MODEL}@champion")


def pinned():
    return mlflow.pyfunc.load_model("models:/model-001/1")


def chosen():
    return mlflow.pyfunc.load_model(f"models:/{MODEL}/{os.environ['VERSION']}")


def score(rows):
    runtime = boto3.client("sagemaker-runtime", region_name="eu-west-1")
    return runtime.invoke_endpoint(EndpointName=MODEL, Body=json.dumps(rows))
"#;

fn run(bench: &Workbench, args: &[&str]) -> Ended {
    let login = std::env::var("INVENTAR_MLFLOW_LOGIN").unwrap_or_else(|_| "reader:testing".to_owned());
    let mut command = with_account(bench.command(args));
    command.env("MLFLOW_LOGIN", login);
    bench.end(command)
}

/// A repository with the code, and an account that serves the models of the registry.
fn estate(moto: &str) -> Workbench {
    let bench = Workbench::new();
    bench.write("scoring/app.py", CODE);
    run(&bench, &["scan", "tree", "--source", "code", "-q"]).expect(0);
    account(&bench, moto).expect(0);
    let scan = run(&bench, &["scan", "account", "-q"]);
    // The emulator does not have every service.
    assert!([0, 3].contains(&scan.code), "{scan}");
    bench
}

/// The registry of the seed: a real server where one runs, else what one answered.
pub(crate) fn registry(bench: &Workbench, name: &str) {
    let add = [
        "source",
        "add",
        name,
        "--plugin",
        "mlflow",
        "--credential",
        "login=env:MLFLOW_LOGIN,kind=basic",
        "--yes",
    ];
    match std::env::var("INVENTAR_MLFLOW").ok().filter(|_| name == "registry") {
        Some(server) => {
            let at = ["--endpoint", &server, "--allow-private", "127.0.0.1/32"];
            run(bench, &[&add[..], &at].concat()).expect(0);
            run(bench, &["scan", name, "-q"]).expect(0);
        }
        None => {
            run(bench, &[&add[..], &["--endpoint", "https://mlflow.acme.example"]].concat()).expect(0);
            run(bench, &["scan", name, "-q", "--replay", &recording(bench, name)]).expect(0);
        }
    }
}

/// Where what an MLflow server answered lies; another server keeps its weights elsewhere.
fn recording(bench: &Workbench, name: &str) -> String {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../plugins/mlflow/recordings/registry.jsonl");
    let answers = std::fs::read_to_string(file).unwrap();
    let place = format!("s3://acme-models-of-{name}/");
    let answers = if name == "registry" { answers } else { answers.replace("s3://acme-models/", &place) };
    let path = bench.path(&format!("{name}.jsonl"));
    std::fs::write(&path, answers).unwrap();
    path.to_str().unwrap().to_owned()
}

fn described(bench: &Workbench, source: &str, asset: &str) -> Value {
    let ended = run(bench, &["describe", asset, "--source", source, "-o", "json"]).expect(0);
    serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}\n{ended}"))
}

/// What other sources say of an asset, a line each: the edge, the asset there, the reason and what it is worth.
fn elsewhere(described: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let line = |there: &Value| {
        let edge = format!("{} {}", text(&there["link"]), text(&there["relation"]));
        let asset =
            format!("{}/{} in {}", text(&there["kind"]), text(&there["name"]), text(&there["source"]));
        let reason = format!("{}:{}", text(&there["because"]["scheme"]), text(&there["because"]["value"]));
        let worth = match there["one_of"].as_u64() {
            Some(of) => format!("{}, one of {of}", text(&there["basis"])),
            None => text(&there["basis"]),
        };
        format!("{} {asset} by {reason} ({worth})", edge.trim())
    };
    described["elsewhere"].as_array().unwrap().iter().map(line).collect()
}

/// The other ends of an asset's edges of that kind, each with its share of the traffic if it has one.
fn ends(described: &Value, edge: &str) -> Vec<String> {
    let relations = described["relations"].as_array().unwrap().iter();
    let line = |relation: &Value| {
        let name = relation["other"]["name"].as_str().unwrap_or_default();
        match relation["properties"]["share"].as_f64() {
            Some(share) => format!("{name} {share}"),
            None => name.to_owned(),
        }
    };
    let of_kind = relations.filter(|relation| relation["kind"] == edge && relation["direction"] == "out");
    let mut ends: Vec<String> = of_kind.map(line).collect();
    ends.sort();
    ends
}

/// The id of what an edge of that kind leads to.
fn uid_of(described: &Value, edge: &str) -> String {
    let relations = described["relations"].as_array().unwrap();
    let found = relations.iter().find(|relation| relation["kind"] == edge && relation["direction"] == "out");
    let uid = found.and_then(|relation| relation["other"]["uid"].as_str());
    uid.unwrap_or_else(|| panic!("no {edge} in {described}")).to_owned()
}

#[test]
fn what_code_loads_leads_to_the_registry_and_to_the_account_that_serves_it() {
    let Some(moto) = rig("INVENTAR_MOTO") else { return };
    let bench = estate(&moto);
    registry(&bench, "registry");

    // Code names a version, an alias, a model: the registry has all three.
    for (name, expected) in [
        (
            "models:/model-001/1",
            "out resolves-to model-version/model-001 in registry by name:mlflow/model/model-001/1 (name)",
        ),
        (
            "models:/model-001@champion",
            "out resolves-to model-reference/models:/model-001@champion in registry \
             by name:mlflow/model/model-001@champion (name)",
        ),
        (
            "models:/model-001",
            "out instance-of model-family/model-001 in registry by name:mlflow/model/model-001 (name)",
        ),
    ] {
        let reference = described(&bench, "code", &format!("model-reference/{name}"));
        assert_eq!(elsewhere(&reference), [expected]);
        assert_eq!(reference["asset"]["evidence"][0]["path"], "scoring/app.py");
    }

    // The endpoint is that of the account, which serves two variants of the registry's weights.
    let endpoint = described(&bench, "code", "endpoint/model-001");
    let called = "out resolves-to endpoint/model-001 in account by name:sagemaker/endpoint/model-001 (name)";
    assert_eq!(elsewhere(&endpoint), [called]);
    let there = described(&bench, "account", "endpoint/model-001");
    let calls = "in resolves-to endpoint/model-001 in code by name:sagemaker/endpoint/model-001 (name)";
    assert_eq!(elsewhere(&there), [calls]);
    assert_eq!(ends(&there, "serves"), ["model-001-a 0.9", "model-001-b 0.1"]);
    let served = described(&bench, "account", "model-version/model-001-a");
    // The same weights in both, and not only of one name.
    let weights = described(&bench, "account", &uid_of(&served, "has-artifact"));
    let same =
        "same model-artifact/acme-models/model-001/1 in registry by url:s3://acme-models/model-001/1 (exact)";
    assert_eq!(elsewhere(&weights), [same]);
}

#[test]
fn two_registries_with_a_model_of_one_name_stay_two() {
    let Some(moto) = rig("INVENTAR_MOTO") else { return };
    let bench = estate(&moto);
    registry(&bench, "registry");
    registry(&bench, "registry-of-research");

    let reference = described(&bench, "code", "model-reference/models:/model-001/1");
    let one = |source: &str| {
        format!(
            "out resolves-to model-version/model-001 in {source} by name:mlflow/model/model-001/1 (name, one of 2)"
        )
    };
    assert_eq!(elsewhere(&reference), [one("registry"), one("registry-of-research")]);
    // Neither is the other; and of the two only one has the weights that are served.
    for (source, is_served) in [("registry", true), ("registry-of-research", false)] {
        let family = described(&bench, source, "model-family/model-001");
        let from = "in instance-of model-reference/models:/model-001 in code by name:mlflow/model/model-001 (name, one of 2)";
        assert_eq!(elsewhere(&family), [from]);
        let bucket = if is_served { "acme-models".to_owned() } else { format!("acme-models-of-{source}") };
        let weights = described(&bench, source, &format!("model-artifact/{bucket}/model-001/1"));
        assert_eq!(!elsewhere(&weights).is_empty(), is_served, "{source}");
    }
    // For people, too.
    let shown =
        run(&bench, &["describe", "model-reference/models:/model-001/1", "--source", "code"]).expect(0);
    assert!(shown.stdout.contains("(one of 2 by name, name:mlflow/model/model-001/1)"), "{shown}");
}
