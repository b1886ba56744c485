//! What one source says of a thing leads to what the others say of it.

use crate::bench::*;
use inventar_model::*;
use inventar_store::{Basis, Link};

fn with(mut sighting: Sighting, scheme: &str, value: &str) -> Sighting {
    sighting.identifiers.push(Identifier::new(scheme, value).unwrap());
    sighting
}

fn edge(path: &str, key: &str, kind: &str, scheme: &str, value: &str) -> ReportedRelation {
    ReportedRelation {
        source: AssetRef::Local { path: path.into(), key: key.into() },
        kind: RelationKind::new(kind).unwrap(),
        target: AssetRef::Identifier(Identifier::new(scheme, value).unwrap()),
        properties: vec![],
        evidence: vec![],
    }
}

const CHURN: &str = "mlflow/model/churn/3";

/// A registry with a model of that name, and where its weights are.
fn registry(weights: &str) -> Report {
    Report {
        assets: vec![
            with(with(thing("model-version", "churn 3", "m//v", 1), "x-mlflow", "churn/3"), "name", CHURN),
            with(thing("config", "tracking", "m//v", 2), "env", "MLFLOW_TRACKING_URI"),
        ],
        relations: vec![edge("m//v", "model-version churn 3", "has-artifact", "url", weights)],
        ..Report::default()
    }
}

/// Code that loads a registered model, a registry that has it, and a cloud that serves its weights.
async fn estate() -> Bench {
    const WEIGHTS: &str = "s3://models/churn/3";
    let bench = Bench::new().await;
    let code = Report {
        assets: vec![
            thing("model-reference", "churn in code", "app.py", 1),
            with(sdk("mlflow", "app.py"), "env", "MLFLOW_TRACKING_URI"),
        ],
        relations: vec![edge("app.py", "model-reference churn in code", "resolves-to", "name", CHURN)],
        ..Report::default()
    };
    let cloud = Report {
        assets: vec![with(thing("model-artifact", "churn.tar", "c//a", 1), "url", WEIGHTS)],
        ..Report::default()
    };
    bench.record(&Look::at(1).of("code").report(PYTHON, "app.py", "1", code)).await;
    bench.record(&Look::at(2).of("mlflow").report(PYTHON, "m//v", "1", registry(WEIGHTS))).await;
    bench.record(&Look::at(3).of("aws").report(PYTHON, "c//a", "1", cloud)).await;
    bench
}

async fn check(bench: &Bench, source: &str, name: &str, expected: &[&str]) {
    let source = SourceName::new(source).unwrap();
    let inventory = bench.store.inventory(&source, None).await.unwrap().unwrap();
    let asset = inventory.assets.iter().find(|asset| asset.name == name).unwrap();
    let found = bench.store.elsewhere(asset.uid).await.unwrap();
    let told: Vec<String> = found
        .iter()
        .map(|there| {
            let link = match &there.link {
                Link::Same => "same".to_owned(),
                Link::To(kind) => format!("{kind} →"),
                Link::From(kind) => format!("{kind} ←"),
            };
            let basis = match there.basis {
                Basis::Exact => "exact".to_owned(),
                Basis::Name { of } => format!("one of {of}"),
            };
            format!("{link} {} in {} by {}, {basis}", there.name, there.source, there.identifier)
        })
        .collect();
    assert_eq!(told, expected, "{name}");
}

#[tokio::test]
async fn code_registry_and_cloud_are_joined_and_each_join_says_why() {
    let bench = estate().await;
    let weights = "has-artifact → churn.tar in aws by url:s3://models/churn/3, exact";
    let loads = "resolves-to ← churn in code in code by name:mlflow/model/churn/3, one of 1";
    let loaded = "resolves-to → churn 3 in mlflow by name:mlflow/model/churn/3, one of 1";
    let stored = "has-artifact ← churn 3 in mlflow by url:s3://models/churn/3, exact";
    check(&bench, "code", "churn in code", &[loaded]).await;
    check(&bench, "mlflow", "churn 3", &[weights, loads]).await;
    check(&bench, "aws", "churn.tar", &[stored]).await;
    // The same variable in two sources is not the same thing.
    check(&bench, "code", "mlflow", &[]).await;
    // What is gone joins nothing.
    bench.record(&Look::at(4).of("aws").report(PYTHON, "c//a", "2", Report::default())).await;
    check(&bench, "mlflow", "churn 3", &[loads]).await;
}

#[tokio::test]
async fn a_name_that_two_registries_gave_out_means_one_of_two_things() {
    let bench = estate().await;
    let other = registry("s3://elsewhere/churn/3");
    bench.record(&Look::at(4).of("mlflow-test").report(PYTHON, "m//v", "1", other)).await;
    let one = |source: &str| format!("resolves-to → churn 3 in {source} by name:{CHURN}, one of 2");
    check(&bench, "code", "churn in code", &[&one("mlflow"), &one("mlflow-test")]).await;
    // Neither is the other, though both have the name, the vendor's identifier and the variable.
    let loads = format!("resolves-to ← churn in code in code by name:{CHURN}, one of 2");
    check(&bench, "mlflow-test", "churn 3", &[&loads]).await;
    let weights = "has-artifact → churn.tar in aws by url:s3://models/churn/3, exact";
    check(&bench, "mlflow", "churn 3", &[weights, &loads]).await;
}

#[tokio::test]
async fn an_address_joins_as_far_as_it_is_the_same_place() {
    let bench = Bench::new().await;
    let calls = |url: &str| Report {
        assets: vec![with(thing("endpoint", "llm", "app.py", 1), "url", url)],
        ..Report::default()
    };
    for (at, (url, expected)) in [
        ("https://llm.acme.com/v1", Some("exact")),
        ("http://llm.acme.internal:8000/v1", Some("one of 1")),
        ("http://localhost:8000/v1", None),
        ("http://vllm:8000/v1", None),
        ("http://vllm.ml.svc.cluster.local:8000/v1", None),
    ]
    .into_iter()
    .enumerate()
    {
        let at = i64::try_from(at).unwrap();
        for (n, source) in ["here", "there"].into_iter().enumerate() {
            let look = Look::at(10 * at + i64::try_from(n).unwrap() + 1).of(source);
            bench.record(&look.report(PYTHON, "app.py", url, calls(url))).await;
        }
        let joined = expected.map(|basis| format!("same llm in there by url:{url}, {basis}"));
        check(&bench, "here", "llm", &joined.iter().map(String::as_str).collect::<Vec<_>>()).await;
    }
}

/// A scope that was listed in part: what was seen of it is as it is now, what was not seen is as it was.
#[tokio::test]
async fn a_partial_look_brings_what_it_saw_up_to_date() {
    let bench = Bench::new().await;
    let serving = |weights: &[(&str, i64)]| {
        let edge = |(model, weight): &(&str, i64)| {
            let mut edge = edge("s//e", "endpoint e", "serves", "arn", model);
            edge.properties.push(Property { name: "weight".into(), value: Value::Integer(*weight) });
            edge
        };
        Report {
            assets: vec![thing("endpoint", "e", "s//e", 1)],
            relations: weights.iter().map(edge).collect(),
            ..Report::default()
        }
    };
    bench.record(&Look::at(1).report(PYTHON, "s//e", "1", serving(&[("arn:a", 90), ("arn:b", 10)]))).await;
    let partial =
        Look::at(2).report(PYTHON, "s//e", "1", serving(&[("arn:a", 50)])).unseen("s//", Some(PYTHON));
    let recorded = bench.record(&partial).await;
    let weights: Vec<String> =
        recorded.inventory.relations.iter().map(|edge| format!("{:?}", edge.properties[0].value)).collect();
    assert_eq!(weights, ["Integer(50)", "Integer(10)"]);
}
