//! Looks at a cluster and compares with an answer key: `compare_kubernetes http://127.0.0.1:8001 expected.json [--token
//! TOKEN] [--record FILE]`. The address is plain HTTP: that of `kubectl proxy`.
//!
//! The answer key names assets by namespace and name; an asset with `canary` must split its traffic so, one with `model`
//! must lead to that model. Whatever is called `web-…` is no AI.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use inventar_plugin_kubernetes::{Kubernetes, Settings};
use inventar_plugin_sdk::collector::native::{Collected, Recorder, collect, live};
use inventar_plugin_sdk::{Asset, AssetRef, Relation, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

/// What the plugin takes for the address of the API server.
const CLUSTER: &str = "https://cluster.test";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let option =
        |name: &str| args.iter().position(|arg| arg == name).and_then(|at| args.get(at + 1)).cloned();
    let [endpoint, key, ..] = args.as_slice() else {
        println!(
            "usage: compare_kubernetes ENDPOINT EXPECTED.json [--token TOKEN] [--record FILE] [--namespace NAME]"
        );
        return ExitCode::FAILURE;
    };
    let (token, endpoint) = (option("--token"), endpoint.clone());
    // A recording is of a cluster, not of the proxy in front of it.
    let transport = live(move |request| {
        request.url = request.url.replacen(CLUSTER, &endpoint, 1);
        if let Some(token) = &token {
            request.headers.push(("authorization".to_owned(), format!("Bearer {token}")));
        }
    });
    let namespaces: Vec<String> = option("--namespace").into_iter().collect();
    let settings = move || Settings { endpoint: CLUSTER.to_owned(), namespaces: namespaces.clone() };
    let started = std::time::Instant::now();
    let collected = match option("--record") {
        Some(path) => {
            let file = std::fs::File::create(path).unwrap();
            let recorder = Recorder::new(transport, file);
            collect::<Kubernetes>(settings, recorder.transport())
        }
        None => collect::<Kubernetes>(settings, transport),
    };
    let collected = match collected {
        Ok(collected) => collected,
        Err(problem) => {
            println!("{}: {}", problem.code, problem.message);
            return ExitCode::FAILURE;
        }
    };
    println!("{} slices in {:?}", collected.slices, started.elapsed());
    for (scope, is_complete) in collected.scopes.iter().filter(|(_, is_complete)| !is_complete) {
        println!("not complete: {} {is_complete}", scope.id);
    }
    collected.gaps.iter().for_each(|gap| println!("gap at `{}`: {:?} {}", gap.at, gap.reason, gap.detail));
    let expected: serde_json::Value = serde_json::from_slice(&std::fs::read(key).unwrap()).unwrap();
    if Comparison::of(&collected).against(&expected) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

struct Comparison<'c> {
    /// By namespace and name.
    assets: BTreeMap<(String, String), Vec<&'c Asset>>,
    relations: Vec<&'c Relation>,
    keys: BTreeMap<&'c str, &'c Asset>,
}

fn text<'a>(asset: &'a Asset, name: &str) -> Option<&'a str> {
    asset.properties.iter().find(|property| property.name == name).and_then(|property| {
        match &property.value {
            Value::Text(text) => Some(text.as_str()),
            _ => None,
        }
    })
}

impl<'c> Comparison<'c> {
    fn of(collected: &'c Collected) -> Self {
        let mut assets: BTreeMap<(String, String), Vec<&Asset>> = BTreeMap::new();
        let mut kinds: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (_, asset) in &collected.assets {
            let namespace = text(asset, "namespace").unwrap_or_default().to_owned();
            assets.entry((namespace, asset.name.clone())).or_default().push(asset);
            kinds.entry(&asset.kind).or_default().insert(&asset.key);
        }
        let kinds: Vec<String> = kinds.iter().map(|(kind, keys)| format!("{kind} {}", keys.len())).collect();
        println!("{}; {} edges", kinds.join(", "), collected.relations.len());
        Self {
            assets,
            relations: collected.relations.iter().map(|(_, relation)| relation).collect(),
            keys: collected.assets.iter().map(|(_, asset)| (asset.key.as_str(), asset)).collect(),
        }
    }

    fn from(&self, id: &str) -> impl Iterator<Item = &&'c Relation> + use<'_, 'c> {
        let id = id.to_owned();
        self.relations.iter().filter(move |relation| match &relation.source {
            AssetRef::Identifier(identifier) => identifier.value == id,
            AssetRef::Local { key, .. } => *key == id,
        })
    }

    /// Every asset of the key, its model, its split; nothing that is no AI.
    fn against(&self, expected: &serde_json::Value) -> bool {
        let (mut found, mut missed) = (BTreeMap::<&str, usize>::new(), vec![]);
        let wanted = expected["assets"].as_array().unwrap();
        for want in wanted {
            let (kind, name) = (want["type"].as_str().unwrap(), want["name"].as_str().unwrap());
            let namespace = want["namespace"].as_str().unwrap_or_default();
            match self.assets.get(&(namespace.to_owned(), name.to_owned())) {
                None => missed.push(format!("{kind} {namespace}/{name}")),
                Some(assets) => match self.lacks(assets, want) {
                    None => *found.entry(kind).or_default() += 1,
                    Some(why) => missed.push(format!("{kind} {namespace}/{name}: {why}")),
                },
            }
        }
        println!("found {found:?}");
        missed.iter().take(20).for_each(|missed| println!("MISSED {missed}"));
        let decoys: Vec<&str> = self
            .assets
            .keys()
            .filter(|(namespace, name)| namespace == "web" || name.starts_with("web-"))
            .map(|(_, name)| name.as_str())
            .collect();
        decoys.iter().take(20).for_each(|decoy| println!("DECOY {decoy}"));
        // What no row of the key stands for: its own pods must not, they belong to their deployments.
        let pods = self.keys.keys().filter(|key| key.contains("/pod/")).count();
        println!(
            "{} of {}, {} decoys, {pods} pods by themselves",
            wanted.len() - missed.len(),
            wanted.len(),
            decoys.len()
        );
        missed.is_empty() && decoys.is_empty() && pods == 0
    }

    fn lacks(&self, assets: &[&Asset], want: &serde_json::Value) -> Option<String> {
        let edges: Vec<&&Relation> = assets.iter().flat_map(|asset| self.from(&asset.key)).collect();
        if let Some(model) = want["model"].as_str() {
            let leads = edges.iter().any(|edge| match &edge.target {
                AssetRef::Local { key, .. } => {
                    edge.kind == "serves"
                        && self.keys.get(key.as_str()).is_some_and(|asset| asset.name == model)
                }
                AssetRef::Identifier(_) => false,
            });
            if !leads {
                return Some(format!("no edge to {model}"));
            }
        }
        if let Some(canary) = want["canary"].as_i64() {
            let share = |role: &str| {
                let of = |edge: &&&&Relation| {
                    edge.properties
                        .iter()
                        .any(|property| property.name == "role" && property.value == Value::Text(role.into()))
                };
                edges.iter().find(of).and_then(|edge| {
                    edge.properties
                        .iter()
                        .find(|property| property.name == "weight")
                        .map(|weight| weight.value.clone())
                })
            };
            let shares = (share("canary"), share("primary"));
            if shares != (Some(Value::Integer(canary)), Some(Value::Integer(100 - canary))) {
                return Some(format!("traffic is split {shares:?}"));
            }
        }
        None
    }
}
