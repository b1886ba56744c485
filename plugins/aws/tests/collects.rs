//! What the plugin says of an account: from recordings, and from an emulator where there is one.
//!
//! `services.jsonl` is written by hand after the services' documentation and holds every call that the manifest allows;
//! `account.jsonl` was recorded at moto, filled by tests/seeds/aws_account.py. `INVENTAR_BLESS=1` writes what must be said
//! of the first; read it. With `INVENTAR_MOTO` (an address) and `INVENTAR_MOTO_EXPECTED` (what the seed printed) the
//! second is asked for again, and with `INVENTAR_RECORD` kept in that file.
#![allow(clippy::unwrap_used)]

mod emulator;
mod manifest;

use inventar_plugin_aws::{Aws, Settings};
use inventar_plugin_sdk::collector::native::{Collected, Recorder, Replay, collect, live};
use inventar_plugin_sdk::collector::{HttpError, Reason, Request, Response};
use inventar_plugin_sdk::{Asset, AssetRef, Relation, Value};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::rc::Rc;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/recordings");
const REGION: &str = "eu-west-1";

fn replay(name: &str) -> Replay {
    Replay::open(format!("{FOLDER}/{name}.jsonl")).unwrap()
}

fn settings() -> Settings {
    Settings { home_region: Some(REGION.into()), ..Settings::default() }
}

fn run(transport: impl FnMut(&Request) -> Result<Response, HttpError> + 'static) -> Collected {
    collect::<Aws>(settings, transport).unwrap()
}

/// Only the region of the emulator's seed.
fn run_here(transport: impl FnMut(&Request) -> Result<Response, HttpError> + 'static) -> Collected {
    collect::<Aws>(|| Settings { regions: vec![REGION.into()], ..settings() }, transport).unwrap()
}

/// One line a thing and an edge, in order.
fn told(collected: &Collected) -> String {
    let mut lines = BTreeSet::new();
    for (scope, asset) in &collected.assets {
        lines.insert(format!("{} | {}", collected.scopes[*scope].0.id, asset_line(asset)));
    }
    for (scope, relation) in &collected.relations {
        lines.insert(format!("{} | {}", collected.scopes[*scope].0.id, relation_line(relation)));
    }
    lines.into_iter().map(|line| line + "\n").collect()
}

fn asset_line(asset: &Asset) -> String {
    let mut line = format!("{} `{}`", asset.kind, asset.name);
    for identifier in &asset.identifiers {
        write!(line, " {}:{}", identifier.scheme, identifier.value).unwrap();
    }
    let known = ["account", "region", "resource-type"];
    for property in asset.properties.iter().filter(|property| !known.contains(&property.name.as_str())) {
        write!(line, " {}={}", property.name, value(&property.value)).unwrap();
    }
    line
}

fn relation_line(relation: &Relation) -> String {
    let mut line = format!("edge {} -{}-> {}", end(&relation.source), relation.kind, end(&relation.target));
    for property in &relation.properties {
        write!(line, " {}={}", property.name, value(&property.value)).unwrap();
    }
    line
}

fn end(reference: &AssetRef) -> &str {
    match reference {
        AssetRef::Local { key, .. } => key,
        AssetRef::Identifier(identifier) => &identifier.value,
    }
}

fn value(value: &Value) -> String {
    match value {
        Value::Text(text) | Value::Json(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Boolean(yes) => yes.to_string(),
        Value::Texts(texts) => format!("[{}]", texts.join(", ")),
    }
}

#[test]
fn every_service_is_told() {
    let collected = run(replay("services").transport());
    let told = told(&collected);
    let path = format!("{FOLDER}/services.expected.txt");
    if std::env::var_os("INVENTAR_BLESS").is_some() {
        std::fs::write(&path, &told).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap();
    for line in expected.lines() {
        assert!(told.contains(line), "missing: {line}");
    }
    for line in told.lines() {
        assert!(expected.contains(line), "unexpected: {line}");
    }
    assert!(collected.gaps.is_empty(), "{:?}", collected.gaps);
    assert!(collected.scopes.iter().all(|(_, is_complete)| *is_complete));
    assert!(collected.assets.iter().all(|(_, asset)| !asset.evidence.is_empty()));
    assert!(!format!("{collected:?}").contains("CANARY"), "a value of a variable left the plugin");
}

#[test]
fn two_runs_say_the_same() {
    let said = || format!("{:?}", run(replay("services").transport()));
    assert_eq!(said(), said());
}

#[test]
fn the_manifest_allows_exactly_what_is_asked() {
    let asked = Rc::new(RefCell::new(BTreeSet::new()));
    for recording in ["services", "account"] {
        let (mut replay, asked) = (replay(recording), asked.clone());
        let transport = move |request: &Request| {
            let operation = manifest::allowed(request);
            assert!(operation.is_some(), "the manifest does not allow {} {}", request.url, body(request));
            assert_eq!(request.credential.as_deref(), Some("aws"), "{}", request.url);
            asked.borrow_mut().extend(operation);
            replay.answer(request)
        };
        if recording == "account" {
            run_here(transport)
        } else {
            run(transport)
        };
    }
    let asked = asked.borrow();
    let idle: Vec<String> = manifest::operations()
        .into_iter()
        .filter(|operation| !asked.contains(operation))
        .map(|operation| format!("{}:{}", operation.service, operation.name))
        .collect();
    assert!(idle.is_empty(), "the manifest allows what no recording asks for: {idle:?}");
}

fn body(request: &Request) -> String {
    String::from_utf8_lossy(request.body.as_deref().unwrap_or_default()).into_owned()
}

/// Without any one action exactly the scopes of that service are partial, and the gap names the action.
#[test]
fn one_missing_action_is_one_gap() {
    let complete = run(replay("services").transport());
    for refused in manifest::operations() {
        if ["GetCallerIdentity", "DescribeRegions"].contains(&refused.name.as_str()) {
            continue;
        }
        let (mut replay, without) = (replay("services"), refused.clone());
        let collected = run(move |request| {
            if manifest::allowed(request).as_ref() == Some(&without) {
                let body = br#"{"__type":"AccessDeniedException","Message":"not authorized"}"#.to_vec();
                return Ok(Response { status: 403, headers: vec![], body, exchange: 0 });
            }
            replay.answer(request)
        });
        let partial: Vec<&str> = collected
            .scopes
            .iter()
            .filter(|(_, is_complete)| !is_complete)
            .map(|(scope, _)| scope.id.as_str())
            .collect();
        assert_eq!(partial.len(), 1, "without {refused:?}: {partial:?}");
        for gap in &collected.gaps {
            assert!(refused.actions.contains(&gap.at), "without {refused:?}: {gap:?}");
            assert_eq!(gap.reason, Reason::AccessDenied, "{gap:?}");
        }
        assert!(!collected.gaps.is_empty(), "without {refused:?}");
        let others = |collected: &Collected| -> BTreeSet<String> {
            told(collected).lines().filter(|line| !line.starts_with(partial[0])).map(str::to_owned).collect()
        };
        assert_eq!(others(&collected), others(&complete), "without {refused:?}");
    }
}

#[test]
fn a_refused_probe_says_what_to_do() {
    let refuse = |words: &'static str| {
        let mut replay = replay("services");
        move |request: &Request| {
            if body(request).contains(words) {
                let body =
                    b"<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>".to_vec();
                return Ok(Response { status: 403, headers: vec![], body, exchange: 0 });
            }
            replay.answer(request)
        }
    };
    let problem = collect::<Aws>(settings, refuse("DescribeRegions")).unwrap_err();
    assert_eq!(problem.code, "access-denied");
    assert!(
        problem.message.contains("ec2:DescribeRegions") && problem.message.contains("`regions`"),
        "{problem:?}"
    );
    let problem = collect::<Aws>(settings, refuse("GetCallerIdentity")).unwrap_err();
    assert!(problem.message.contains("sts:GetCallerIdentity"), "{problem:?}");
}

/// Answers that are not what they should be are gaps; nothing stops, nothing is complete that was not read.
#[test]
fn broken_answers_are_gaps() {
    let broken: &[(u16, &str)] = &[
        (200, "{"),
        (200, "[]"),
        (200, "null"),
        (200, "\"x\""),
        (200, r#"{"nextToken":"x","NextToken":"x"}"#),
        (500, r#"{"__type":"InternalFailure"}"#),
        (503, ""),
        (302, ""),
        (400, r#"{"__type":"ThrottlingException","message":"Rate exceeded"}"#),
    ];
    for (status, text) in broken {
        let mut replay = replay("services");
        let collected = run(move |request| {
            let is_probe = request.url.contains("sts.") || body(request).contains("DescribeRegions");
            if is_probe {
                return replay.answer(request);
            }
            let headers = vec![("x-amzn-requestid".to_owned(), "1".to_owned())];
            Ok(Response { status: *status, headers, body: text.as_bytes().to_vec(), exchange: 0 })
        });
        let is_answer = *status == 200 && serde_json::from_str::<serde_json::Value>(text).is_ok();
        for (scope, is_complete) in &collected.scopes {
            let is_xml = ["iam", "s3", "ec2"].iter().any(|service| scope.id.ends_with(service));
            assert_eq!(*is_complete, is_answer && !is_xml, "{status} {text}: {scope:?}");
        }
    }
}

/// A program that stands for AWS does not know every call: each is asked for once, not for every object.
#[test]
fn what_an_endpoint_does_not_have_is_asked_for_once() {
    let asked = Rc::new(RefCell::new(vec![]));
    let (seen, mut replay) = (Rc::clone(&asked), replay("services"));
    let transport = move |request: &Request| {
        let path = request.url.trim_start_matches("https://").split_once('/').map_or("", |(_, path)| path);
        let (status, kind, body) = match path.split('/').collect::<Vec<_>>().as_slice() {
            _ if request.url.contains("sts.") => return replay.answer(request),
            ["agents", ""] => (
                200,
                "application/json",
                r#"{"agentSummaries":[{"agentId":"A"},{"agentId":"B"},{"agentId":"C"}]}"#.into(),
            ),
            ["agents", id, ""] => {
                (200, "application/json", format!(r#"{{"agent":{{"agentId":"{id}","agentName":"{id}"}}}}"#))
            }
            ["agents", .., last, ""] => {
                seen.borrow_mut().push((*last).to_owned());
                if *last == "actiongroups" {
                    (500, "text/html; charset=utf-8", "<!doctype html><title>500</title>".into())
                } else {
                    (200, "application/json", "{}".into())
                }
            }
            _ => (200, "application/json", "{}".into()),
        };
        let headers = vec![("content-type".to_owned(), kind.to_owned())];
        Ok(Response { status, headers, body: body.into_bytes(), exchange: 0 })
    };
    let only = || Settings { regions: vec![REGION.into()], services: vec!["bedrock".into()], ..settings() };
    let collected = collect::<Aws>(only, transport).unwrap();
    let times = |what: &str| asked.borrow().iter().filter(|path| *path == what).count();
    assert_eq!((times("actiongroups"), times("agentaliases"), times("knowledgebases")), (1, 3, 3));
    let [gap] = collected.gaps.as_slice() else { panic!("{:?}", collected.gaps) };
    assert_eq!(gap.at, "bedrock:ListAgentActionGroups");
    assert!(matches!(gap.reason, Reason::Unsupported(_)), "{gap:?}");
    assert!(collected.scopes.iter().all(|(_, is_complete)| *is_complete));
}

/// Groups are asked for together, and those with many versions page by page.
#[test]
fn versions_of_several_groups_are_all_listed() {
    let mut replay = replay("services");
    let transport = move |request: &Request| {
        let asked: serde_json::Value = serde_json::from_str(&body(request)).unwrap_or_default();
        let target = request.headers.iter().find(|(name, _)| name == "x-amz-target");
        let arn = |what: &str| format!("arn:aws:sagemaker:{REGION}:123456789012:{what}");
        let answer = match target.map_or("", |(_, target)| target.as_str()) {
            _ if request.url.contains("sts.") => return replay.answer(request),
            "SageMaker.ListModelPackageGroups" => {
                let group = |n: usize| {
                    let name = format!("g{n}");
                    let arn = arn(&format!("model-package-group/{name}"));
                    serde_json::json!({ "ModelPackageGroupName": name, "ModelPackageGroupArn": arn })
                };
                serde_json::json!({ "ModelPackageGroupSummaryList": (0..20).map(group).collect::<Vec<_>>() })
            }
            "SageMaker.ListModelPackages" if asked["ModelPackageGroupName"].is_string() => {
                let group = asked["ModelPackageGroupName"].as_str().unwrap();
                let page = asked["NextToken"].as_str().map_or(1, |token| token.parse::<u64>().unwrap());
                // The nth group has n % 4 + 1 pages.
                let pages = group[1..].parse::<u64>().unwrap() % 4 + 1;
                serde_json::json!({
                    "ModelPackageSummaryList": [{
                        "ModelPackageArn": arn(&format!("model-package/{group}/{page}")),
                        "ModelPackageGroupName": group, "ModelPackageVersion": page,
                    }],
                    "NextToken": (page < pages).then(|| (page + 1).to_string()),
                })
            }
            _ => serde_json::json!({}),
        };
        Ok(Response { status: 200, headers: vec![], body: answer.to_string().into_bytes(), exchange: 0 })
    };
    let only = || Settings { regions: vec![REGION.into()], services: vec!["sagemaker".into()], ..settings() };
    let collected = collect::<Aws>(only, transport).unwrap();
    let versions: BTreeSet<&str> = collected
        .assets
        .iter()
        .filter(|(_, asset)| asset.kind == "model-version")
        .map(|(_, asset)| asset.name.as_str())
        .collect();
    let expected: BTreeSet<String> =
        (0..20).flat_map(|n| (1..=n % 4 + 1).map(move |page| format!("g{n}/{page}"))).collect();
    assert_eq!(versions, expected.iter().map(String::as_str).collect());
    let is_in = |relation: &&Relation| {
        let (from, to) = (end(&relation.source), end(&relation.target));
        let group = to.replace("model-package-group/", "model-package/");
        relation.kind == "instance-of" && from.rsplit_once('/').is_some_and(|(of, _)| of == group)
    };
    assert_eq!(
        collected.relations.iter().map(|(_, relation)| relation).filter(is_in).count(),
        expected.len()
    );
}

/// Everything that the seed says it made, and none of its decoys.
fn judge(collected: &Collected, expected: &str) {
    let expected: serde_json::Value = serde_json::from_str(expected).unwrap();
    let text = |of: &serde_json::Value, name: &str| of[name].as_str().unwrap().to_owned();
    let has = |kind: &str, arn: &str| {
        collected.assets.iter().any(|(_, asset)| asset.key == arn && asset.kind == kind)
    };
    for asset in expected["assets"].as_array().unwrap() {
        assert!(has(&text(asset, "kind"), &text(asset, "arn")), "missing {asset}");
    }
    for edge in expected["edges"].as_array().unwrap() {
        let found = collected.relations.iter().any(|(_, relation)| {
            end(&relation.source) == text(edge, "source")
                && relation.kind == text(edge, "kind")
                && end(&relation.target) == text(edge, "target")
                && edge.get("weight").and_then(serde_json::Value::as_f64).is_none_or(|weight| {
                    relation.properties.iter().any(|p| p.name == "weight" && p.value == Value::Number(weight))
                })
        });
        assert!(found, "missing {edge}");
    }
    for decoy in expected["decoys"].as_array().unwrap() {
        assert!(!collected.assets.iter().any(|(_, asset)| asset.key == decoy.as_str().unwrap()), "{decoy}");
    }
    assert!(
        collected.gaps.iter().all(|gap| matches!(gap.reason, Reason::Unsupported(_))),
        "{:?}",
        collected.gaps
    );
    assert!(collected.scopes.iter().all(|(_, is_complete)| *is_complete));
}

#[test]
fn a_recorded_emulator_is_told_completely() {
    let expected = std::fs::read_to_string(format!("{FOLDER}/account.expected.json")).unwrap();
    judge(&run_here(replay("account").transport()), &expected);
}

#[test]
fn a_real_emulator_is_told_completely() {
    let (Ok(url), Ok(expected)) = (std::env::var("INVENTAR_MOTO"), std::env::var("INVENTAR_MOTO_EXPECTED"))
    else {
        eprintln!("SKIP: INVENTAR_MOTO and INVENTAR_MOTO_EXPECTED are not set");
        return;
    };
    let expected = std::fs::read_to_string(expected).unwrap();
    let transport = live(move |request| emulator::redirect(request, &url));
    let collected = match std::env::var_os("INVENTAR_RECORD") {
        Some(path) => {
            let to = std::fs::File::create(path).unwrap();
            run_here(Recorder::new(transport, to).transport())
        }
        None => run_here(transport),
    };
    judge(&collected, &expected);
}
