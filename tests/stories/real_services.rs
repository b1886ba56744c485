//! The same against real servers: an account in moto, collections in Chroma. `cargo xtask test` starts and fills them.

use inventar_stories::{Ended, Workbench, rig};
use serde_json::Value;
use std::process::Command;

/// What the seed says must be found.
fn expected(variable: &str) -> Option<Value> {
    let file = std::env::var_os(format!("{variable}_EXPECTED"))?;
    let text = std::fs::read_to_string(file).unwrap();
    Some(serde_json::from_str(&text).unwrap())
}

/// Credentials as moto takes them; what else the variables say is nobody's business.
pub(crate) fn with_account(mut command: Command) -> Command {
    command.envs([("AWS_ACCESS_KEY_ID", "testing"), ("AWS_SECRET_ACCESS_KEY", "testing")]);
    command
}

/// Connects the account of the seed.
pub(crate) fn account(bench: &Workbench, moto: &str) -> Ended {
    let add = [
        "source",
        "add",
        "account",
        "--plugin",
        "aws",
        "--endpoint",
        moto,
        "--allow-private",
        "127.0.0.1/32",
    ];
    // The emulator knows all regions; the seed is in one.
    let rest = ["--credential", "aws=env:AWS", "--setting", "regions=eu-west-1", "--yes"];
    bench.end(with_account(bench.command([&add[..], &rest[..]].concat())))
}

fn run(bench: &Workbench, args: &[&str]) -> Ended {
    bench.end(with_account(bench.command(args)))
}

fn arns(scan: &Ended) -> Vec<String> {
    let of = |asset: &Value| asset["identifiers"].as_array().cloned().unwrap_or_default();
    let identifiers = scan.of_sort("asset");
    let identifiers = identifiers.iter().flat_map(of).filter(|identifier| identifier["scheme"] == "arn");
    identifiers.filter_map(|identifier| identifier["value"].as_str().map(str::to_owned)).collect()
}

#[test]
fn an_account_is_listed_to_the_last_asset() {
    let Some(moto) = rig("INVENTAR_MOTO") else { return };
    let mut bench = Workbench::new();
    let added = account(&bench, &moto).expect(0);
    assert!(added.stdout.contains("sagemaker"), "{added}");
    // The plugin asks who we are, and the credential for itself: no call goes untold.
    let test = run(&bench, &["source", "test", "account", "-o", "json"]).expect(0);
    let test: Value = serde_json::from_str(&test.stdout).unwrap();
    assert_eq!((&test["calls"], &test["token_calls"]), (&1.into(), &1.into()), "{test}");
    let scan = run(&bench, &["scan", "account", "-o", "ndjson"]);
    // The emulator does not have every service; what it lacks is said, and everything else is there.
    assert!([0, 3].contains(&scan.code), "{scan}");
    all_of_the_seed(&scan);
    let again = run(&bench, &["scan", "account", "-o", "ndjson"]);
    assert_eq!(again.stdout, scan.stdout);

    // Three of ten answers ask to wait, one of twenty fails: it takes longer, and finds the same.
    bench.use_data("in a storm");
    account(&bench, &moto).expect(0);
    let storm = run(&bench, &["scan", "account", "-o", "ndjson", "--fault", "throttle=0.3,error=0.05"]);
    assert!([0, 3].contains(&storm.code), "{storm}");
    all_of_the_seed(&storm.says(&["throttled"]));
}

/// Everything that the seed made is there, and nothing that is no AI.
fn all_of_the_seed(scan: &Ended) {
    let Some(expected) = expected("INVENTAR_MOTO") else { return };
    let found = arns(scan);
    let arn = |value: &Value| value["arn"].as_str().or(value.as_str()).unwrap_or_default().to_owned();
    let of = |key: &str| expected[key].as_array().into_iter().flatten().map(arn).collect::<Vec<String>>();
    let missing: Vec<String> = of("assets").into_iter().filter(|arn| !found.contains(arn)).collect();
    assert!(missing.is_empty(), "{} are missing: {missing:#?}\n{scan}", missing.len());
    let decoys: Vec<String> = of("decoys").into_iter().filter(|arn| found.contains(arn)).collect();
    assert!(decoys.is_empty(), "these are no AI: {decoys:#?}");
}

#[test]
fn collections_of_a_vector_store_are_listed() {
    let Some(chroma) = rig("INVENTAR_CHROMA") else { return };
    let bench = Workbench::new();
    let add = ["source", "add", "vectors", "--plugin", "vector-stores", "--endpoint", &chroma, "--yes"];
    run(&bench, &[&add[..], &["--allow-private", "127.0.0.1/32"]].concat()).expect(0);
    let scan = run(&bench, &["scan", "vectors", "-o", "ndjson"]).expect(0);
    for collection in
        expected("INVENTAR_CHROMA").iter().flat_map(|key| key["collections"].as_array().unwrap())
    {
        let name = collection["name"].as_str().unwrap();
        let is_it = |asset: &Value| asset["name"].as_str().is_some_and(|found| found.ends_with(name));
        assert!(scan.of_sort("asset").iter().any(is_it), "no {name}\n{scan}");
    }
    assert_eq!(scan.summary()["status"], "complete");
    let replay = bench.path("vectors.jsonl");
    let replay = replay.to_str().unwrap();
    run(&bench, &["plugin", "record", "vectors", "-o", replay]).expect(0);
    let replayed = run(&bench, &["scan", "vectors", "-o", "ndjson", "--replay", replay]).expect(0);
    assert_eq!(replayed.stdout, scan.stdout);
}
