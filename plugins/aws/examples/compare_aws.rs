//! Compares what the plugin finds at an emulator with an answer key.
//!
//! usage: compare_aws EXPECTED.json [URL] [REGION] [SERVICE,…]
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use inventar_plugin_aws::{Aws, Settings};
use inventar_plugin_sdk::collector::native::{Collected, collect, live};
use inventar_plugin_sdk::{AssetRef, Relation, Value as Property};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

#[path = "../tests/emulator/mod.rs"]
mod emulator;

fn arn_of(reference: &AssetRef) -> &str {
    match reference {
        AssetRef::Local { key, .. } => key,
        AssetRef::Identifier(identifier) => &identifier.value,
    }
}

fn text<'a>(relation: &'a Relation, name: &str) -> Option<&'a str> {
    relation.properties.iter().find(|property| property.name == name).and_then(|property| {
        match &property.value {
            Property::Text(text) => Some(text.as_str()),
            _ => None,
        }
    })
}

/// What an edge of the answer key is called here.
fn fits(relation: &Relation, kind: &str) -> bool {
    match kind.split_once(':').map_or((kind, None), |(kind, more)| (kind, Some(more))) {
        ("reads", _) => relation.kind == "uses" && text(relation, "access") == Some("read"),
        ("assumes", _) => relation.kind == "runs-as",
        ("trained-by", _) => relation.kind == "derived-from",
        ("in", _) => relation.kind == "instance-of",
        ("variant", variant) => relation.kind == "uses" && text(relation, "variant") == variant,
        ("uses", _) => relation.kind == "uses",
        ("invokes", _) => relation.kind == "calls",
        ("runs", _) => relation.kind == "uses",
        _ => false,
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let expected: Value = serde_json::from_str(&std::fs::read_to_string(&arguments[1]).unwrap()).unwrap();
    let url = arguments.get(2).cloned().unwrap_or_else(|| "http://127.0.0.1:5566".into());
    let regions: Vec<String> = arguments.get(3).cloned().into_iter().collect();
    let services: Vec<String> =
        arguments.get(4).map(|list| list.split(',').map(str::to_owned).collect()).unwrap_or_default();
    let calls = std::rc::Rc::new(std::cell::Cell::new(0_u64));
    let counter = calls.clone();
    let transport = live(move |request| {
        counter.set(counter.get() + 1);
        emulator::redirect(request, &url);
    });
    let started = Instant::now();
    let settings =
        move || Settings { regions: regions.clone(), services: services.clone(), home_region: None };
    let found = collect::<Aws>(settings, transport).unwrap();
    println!(
        "{} scopes, {} slices, {} calls, {} assets, {} relations, {:.1} s",
        found.scopes.len(),
        found.slices,
        calls.get(),
        found.assets.len(),
        found.relations.len(),
        started.elapsed().as_secs_f64()
    );
    report(&expected, &found);
}

fn report(expected: &Value, found: &Collected) {
    // An instance goes by its id in the answer key.
    let short = |arn: &str| arn.rsplit_once(":instance/").map_or(arn.to_owned(), |(_, id)| id.to_owned());
    let arns: BTreeSet<String> = found.assets.iter().map(|(_, asset)| short(&asset.key)).collect();
    let mut by_kind: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for asset in expected["assets"].as_array().unwrap() {
        let row = by_kind.entry(asset["type"].as_str().unwrap()).or_default();
        row.1 += 1;
        if arns.contains(asset["id"].as_str().unwrap()) {
            row.0 += 1;
        } else if row.1 - row.0 <= 2 {
            println!("missing {asset}");
        }
    }
    for (kind, (hits, all)) in &by_kind {
        println!("{kind:36} {hits:5} of {all:5}{}", if hits == all { "" } else { "   <<<" });
    }
    let mut edges: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut known: BTreeMap<(&str, &str), Vec<&Relation>> = BTreeMap::new();
    for (_, relation) in &found.relations {
        known.entry((arn_of(&relation.source), arn_of(&relation.target))).or_default().push(relation);
    }
    for edge in expected["edges"].as_array().unwrap() {
        let [from, kind, to] = [0, 1, 2].map(|n| edge[n].as_str().unwrap());
        let row = edges.entry(kind.split(':').next().unwrap().to_owned()).or_default();
        row.1 += 1;
        if known.get(&(from, to)).is_some_and(|found| found.iter().any(|relation| fits(relation, kind))) {
            row.0 += 1;
        } else if row.1 - row.0 <= 2 {
            println!("missing edge {edge}");
        }
    }
    for (kind, (hits, all)) in &edges {
        println!("edge {kind:31} {hits:5} of {all:5}{}", if hits == all { "" } else { "   <<<" });
    }
    let (mut right, mut all) = (0, 0);
    for endpoint in expected["assets"].as_array().unwrap().iter().filter(|asset| asset["canary"].is_object())
    {
        for (variant, weight) in endpoint["canary"].as_object().unwrap() {
            all += 1;
            right += usize::from(found.relations.iter().any(|(_, relation)| {
                arn_of(&relation.source) == endpoint["id"].as_str().unwrap()
                    && relation.kind == "serves"
                    && text(relation, "variant") == Some(variant)
                    && relation.properties.iter().any(|property| {
                        property.name == "weight"
                            && property.value == Property::Number(weight.as_f64().unwrap())
                    })
            }));
        }
    }
    println!("variant weights                      {right:5} of {all:5}");
    let decoy = |name: &str| name.starts_with("thumbnailer-") || name.starts_with("web-");
    let decoys: Vec<&str> = found
        .assets
        .iter()
        .filter(|(_, asset)| decoy(&asset.name))
        .map(|(_, asset)| asset.key.as_str())
        .collect();
    println!("decoys reported: {}", decoys.len());
    for key in decoys.iter().take(3) {
        println!("  {key}");
    }
    let wanted: BTreeSet<&str> =
        expected["assets"].as_array().unwrap().iter().map(|asset| asset["id"].as_str().unwrap()).collect();
    let mut more: BTreeMap<&str, (usize, &str)> = BTreeMap::new();
    for (_, asset) in found.assets.iter().filter(|(_, asset)| !wanted.contains(short(&asset.key).as_str())) {
        let row = more.entry(asset.kind.as_str()).or_insert((0, asset.key.as_str()));
        row.0 += 1;
    }
    for (kind, (count, example)) in more {
        println!("beside the key: {count:5} {kind:20} such as {example}");
    }
    let mut gaps: BTreeMap<String, usize> = BTreeMap::new();
    for gap in &found.gaps {
        *gaps.entry(format!("{} {:?} {}", gap.at, gap.reason, gap.detail)).or_default() += 1;
    }
    for (gap, count) in gaps {
        println!("gap {count:3} {gap}");
    }
    let partial: Vec<&str> =
        found.scopes.iter().filter(|(_, complete)| !complete).map(|(scope, _)| scope.id.as_str()).collect();
    println!("partial scopes: {partial:?}");
}
