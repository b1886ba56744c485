//! What the plugin says of a server: from a recording, and from a real one where there is one.
//!
//! `INVENTAR_MLFLOW` is a server's address, `INVENTAR_MLFLOW_LOGIN` its `user:password` and `INVENTAR_MLFLOW_EXPECTED` what
//! tests/seeds/mlflow_registry.py printed when it filled it. With `INVENTAR_RECORD` the exchanges go to that file.
#![allow(clippy::unwrap_used)]

use base64::Engine;
use inventar_plugin_mlflow::{Mlflow, Settings};
use inventar_plugin_sdk::collector::native::{Collected, Recorder, Replay, collect, live};
use inventar_plugin_sdk::collector::{HttpError, Reason, Request, Response};
use inventar_plugin_sdk::{Asset, AssetRef, Value};
use std::collections::BTreeSet;
use std::fs::File;

const ENDPOINT: &str = "https://mlflow.acme.example/";
const RECORDING: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/recordings/registry.jsonl");
const EXPECTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/recordings/registry.expected.json");

fn settings() -> Settings {
    Settings { endpoint: ENDPOINT.into(), ..Settings::default() }
}

fn run(transport: impl FnMut(&Request) -> Result<Response, HttpError> + 'static) -> Collected {
    collect::<Mlflow>(settings, transport).unwrap()
}

fn of_kind<'a>(collected: &'a Collected, kind: &'a str) -> impl Iterator<Item = &'a Asset> {
    collected.assets.iter().map(|(_, asset)| asset).filter(move |asset| asset.kind == kind)
}

fn identifiers(collected: &Collected, kind: &str, scheme: &str) -> BTreeSet<String> {
    let all = of_kind(collected, kind).flat_map(|asset| &asset.identifiers);
    all.filter(|id| id.scheme == scheme).map(|id| id.value.clone()).collect()
}

fn edges(collected: &Collected, kind: &str) -> usize {
    collected.relations.iter().filter(|(_, relation)| relation.kind == kind).count()
}

/// Everything that the seed says it made, and nothing else of those kinds.
fn judge(collected: &Collected, expected: &str) {
    let expected: serde_json::Value = serde_json::from_str(expected).unwrap();
    let wanted = |key: &str| -> BTreeSet<String> {
        expected[key].as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    };
    let all = |parts: &[&BTreeSet<String>]| parts.iter().copied().flatten().cloned().collect::<BTreeSet<_>>();
    assert_eq!(identifiers(collected, "model-family", "x-mlflow"), wanted("models"));
    assert_eq!(identifiers(collected, "model-version", "x-mlflow"), wanted("versions"));
    assert_eq!(identifiers(collected, "training-run", "x-mlflow-run"), wanted("runs"));
    assert_eq!(identifiers(collected, "dataset-version", "x-mlflow-dataset"), wanted("datasets"));
    assert_eq!(identifiers(collected, "model-artifact", "x-mlflow-logged-model"), wanted("logged_models"));
    let prompt_versions: BTreeSet<String> = ["greeting/1", "greeting/2"].map(String::from).into();
    assert_eq!(identifiers(collected, "prompt", "x-mlflow"), all(&[&wanted("prompts"), &prompt_versions]));

    // What code writes behind `models:/` is the name by which it finds them here.
    let named = |kind: &str| -> BTreeSet<String> {
        let bare = |name: String| name.trim_start_matches("mlflow/model/").to_owned();
        identifiers(collected, kind, "name").into_iter().map(bare).collect()
    };
    let aliased =
        wanted("aliases").iter().filter_map(|alias| Some(alias.split_once('=')?.0.to_owned())).collect();
    assert_eq!(named("model-family"), wanted("models"));
    assert_eq!(named("model-reference"), aliased);
    assert!(wanted("versions").is_subset(&named("model-version")));
    assert!(named("prompt").is_empty());

    let version_of = |key: &str| key.rsplit('/').next().unwrap_or_default().to_owned();
    let aliases: BTreeSet<String> = collected
        .relations
        .iter()
        .filter(|(_, relation)| relation.kind == "resolves-to")
        .map(|(_, relation)| match (&relation.source, &relation.target) {
            (AssetRef::Local { key: from, .. }, AssetRef::Local { key: to, .. }) => {
                format!("{}={}", from.trim_start_matches("alias/"), version_of(to))
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(aliases, wanted("aliases"));
    assert_eq!(of_kind(collected, "model-reference").count(), aliases.len());

    let (versions, runs) = (wanted("versions").len(), wanted("runs").len());
    assert_eq!(edges(collected, "trained-on"), runs);
    assert_eq!(edges(collected, "has-artifact"), versions);
    // A version from its run, a logged model from its run.
    assert_eq!(edges(collected, "derived-from"), versions + wanted("logged_models").len());
    let of = wanted("datasets").len() + versions + prompt_versions.len();
    assert_eq!(edges(collected, "instance-of"), of);
    assert!(collected.gaps.is_empty(), "{:?}", collected.gaps);
    assert!(collected.scopes.iter().all(|(_, is_complete)| *is_complete), "{:?}", collected.scopes);
    assert!(collected.assets.iter().all(|(_, asset)| !asset.evidence.is_empty()));
}

#[test]
fn a_recorded_server_is_told_completely() {
    let collected = run(Replay::open(RECORDING).unwrap().transport());
    judge(&collected, &std::fs::read_to_string(EXPECTED).unwrap());
    let run = of_kind(&collected, "training-run").find(|run| run.name == "model-000-run-1").unwrap();
    let property = |name: &str| {
        run.properties.iter().find(|property| property.name == name).map(|property| property.value.clone())
    };
    assert_eq!(property("parameters"), Some(Value::Json(r#"{"depth":"1","learning_rate":"0.01"}"#.into())));
    assert_eq!(property("metrics"), Some(Value::Json(r#"{"auc":0.51}"#.into())));
    assert_eq!(property("source"), Some(Value::Text("train.py".into())));
    let text = format!("{:?}", collected.assets);
    assert!(!text.contains("Greet"), "the text of a prompt is kept");
}

#[test]
fn two_replays_say_the_same() {
    let said = || format!("{:?}", run(Replay::open(RECORDING).unwrap().transport()));
    assert_eq!(said(), said());
}

/// Replays with another status for one path; returns the gaps and the scopes that are not complete.
fn refused(path: &'static str, status: u16) -> (Vec<(String, Reason)>, Vec<String>) {
    let mut replay = Replay::open(RECORDING).unwrap();
    let collected = run(move |request| {
        let mut answer = replay.answer(request)?;
        if request.url.contains(path) {
            (answer.status, answer.body) = (status, br#"{"error_code":"PERMISSION_DENIED"}"#.to_vec());
        }
        Ok(answer)
    });
    let gaps = collected.gaps.into_iter().map(|gap| (gap.at, gap.reason)).collect();
    let partial = collected.scopes.into_iter().filter(|(_, is_complete)| !is_complete);
    (gaps, partial.map(|(scope, _)| scope.id).collect())
}

#[test]
fn what_is_refused_is_named_and_the_rest_goes_on() {
    let denied = |at: &str| (at.to_owned(), Reason::AccessDenied);
    assert_eq!(
        refused("/model-versions/search", 403),
        (vec![denied("mlflow:SearchModelVersions"); 2], vec!["mlflow/registry".to_owned()])
    );
    let (gaps, partial) = refused("/runs/search", 403);
    assert!(gaps.iter().all(|gap| *gap == denied("mlflow:SearchRuns")) && !gaps.is_empty());
    assert!(partial.iter().all(|scope| scope.starts_with("mlflow/experiments/")), "{partial:?}");
    // An older server has no gateway, no logged models and no scorers: nothing is missing.
    for path in ["/gateway/", "/logged-models/", "/scorers/", "/datasets/search", "/traces/"] {
        assert_eq!(refused(path, 404), (vec![], vec![]), "{path}");
    }
    let (gaps, _) = refused("/logged-models/", 500);
    assert!(!gaps.is_empty());
}

#[test]
fn a_login_that_may_nothing_is_told_what_to_do() {
    let transport = |_: &Request| Ok(Response { status: 403, headers: vec![], body: vec![], exchange: 0 });
    let problem = collect::<Mlflow>(settings, transport).unwrap_err();
    assert_eq!(problem.code, "access-denied");
    assert!(problem.message.contains("READ"), "{}", problem.message);
    let problem = collect::<Mlflow>(Settings::default, transport).unwrap_err();
    assert_eq!(problem.code, "no-endpoint");
}

#[test]
fn a_real_server_is_told_completely() {
    let Ok(server) = std::env::var("INVENTAR_MLFLOW") else {
        eprintln!("SKIP a real MLflow server: INVENTAR_MLFLOW is not set");
        return;
    };
    let login = std::env::var("INVENTAR_MLFLOW_LOGIN").unwrap_or_default();
    let expected = std::env::var("INVENTAR_MLFLOW_EXPECTED").unwrap();
    let login = base64::engine::general_purpose::STANDARD.encode(login);
    let transport = live(move |request| {
        request.url = request.url.replacen(ENDPOINT.trim_end_matches('/'), &server, 1);
        if request.credential.is_some() {
            request.headers.push(("authorization".into(), format!("Basic {login}")));
        }
    });
    let collected = match std::env::var("INVENTAR_RECORD") {
        Ok(path) => run(Recorder::new(transport, File::create(path).unwrap()).transport()),
        Err(_) => run(transport),
    };
    judge(&collected, &std::fs::read_to_string(expected).unwrap());
}
