//! The answer key of a seed, and what of it is in the records of a scan.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// No more faults than this are named.
const NAMED: usize = 5;

/// Names of what the seed makes and what is no AI.
const DECOYS: &[&str] = &["thumbnailer-", "web-"];

pub(super) struct Key(Value);

impl Key {
    pub(super) fn read(file: &Path) -> Result<Self> {
        Ok(Self(serde_json::from_slice(&fs::read(file)?)?))
    }

    fn rows(&self, name: &str) -> Result<&Vec<Value>> {
        self.0[name].as_array().with_context(|| format!("the answer key has no {name}"))
    }

    /// Every asset, edge and weight of the key, and none of the decoys; in words how many.
    pub(super) fn judge(&self, records: &str) -> Result<String> {
        let found = Found::read(records)?;
        let (assets, edges) = (self.rows("assets")?, self.rows("edges")?);
        let mut wrong = vec![];
        let mut weights = 0;
        for asset in assets {
            let id = text(&asset["id"]);
            if !found.ids.contains(id) {
                wrong.push(format!("{id} is missing"));
            }
            for (variant, weight) in asset["canary"].as_object().into_iter().flatten() {
                weights += 1;
                if !found.serves(id, variant, weight) {
                    wrong.push(format!("{id} has no variant {variant} of weight {weight}"));
                }
            }
        }
        for edge in edges {
            let [from, kind, to] = [0, 1, 2].map(|n| text(&edge[n]));
            if !found.between(from, to).any(|relation| fits(relation, kind)) {
                wrong.push(format!("{from} -{kind}-> {to} is missing"));
            }
        }
        let wanted: BTreeSet<&str> = assets.iter().map(|asset| text(&asset["id"])).collect();
        let is_decoy = |(name, kind, ids): &&(String, String, BTreeSet<String>)| {
            // An instance without a GPU has no name of its own.
            let is_host = kind == "host" && !ids.iter().any(|id| wanted.contains(id.as_str()));
            is_host || DECOYS.iter().any(|decoy| name.starts_with(decoy))
        };
        wrong.extend(found.assets.iter().filter(is_decoy).map(|(name, ..)| format!("{name} is no AI")));
        if wrong.is_empty() {
            return Ok(format!("{} assets, {} edges, {weights} weights", assets.len(), edges.len()));
        }
        bail!("{} faults: {}", wrong.len(), wrong[..wrong.len().min(NAMED)].join("; "))
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Whether a relation is what the key calls by this word.
fn fits(relation: &Value, word: &str) -> bool {
    let (word, more) = word.split_once(':').unwrap_or((word, ""));
    let (kind, properties) = (text(&relation["kind"]), &relation["properties"]);
    match word {
        "reads" => kind == "uses" && properties["access"] == "read",
        "assumes" => kind == "runs-as",
        "trained-by" => kind == "derived-from",
        "in" => kind == "instance-of",
        "variant" => kind == "uses" && properties["variant"] == more,
        "uses" | "runs" => kind == "uses",
        "invokes" => kind == "calls",
        _ => false,
    }
}

/// The records of a scan.
struct Found {
    /// Name, kind and what each is known by.
    assets: Vec<(String, String, BTreeSet<String>)>,
    ids: BTreeSet<String>,
    /// By where they leave and where they lead.
    relations: BTreeMap<(String, String), Vec<Value>>,
}

impl Found {
    fn read(records: &str) -> Result<Self> {
        let mut found = Self { assets: vec![], ids: BTreeSet::new(), relations: BTreeMap::new() };
        let mut by_uid: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut relations = vec![];
        for line in records.lines() {
            let record: Value = serde_json::from_str(line)?;
            match text(&record["record"]) {
                "asset" => {
                    let identifiers = record["identifiers"].as_array().into_iter().flatten();
                    let ids: BTreeSet<String> =
                        identifiers.map(|identifier| short(text(&identifier["value"]))).collect();
                    found.ids.extend(ids.iter().cloned());
                    by_uid.insert(text(&record["uid"]).to_owned(), ids.clone());
                    found.assets.push((text(&record["name"]).into(), text(&record["kind"]).into(), ids));
                }
                "relation" => relations.push(record),
                _ => {}
            }
        }
        let ends = |end: &Value| match end {
            Value::String(uid) => by_uid.get(uid).cloned().unwrap_or_default(),
            other => BTreeSet::from([short(text(&other["value"]))]),
        };
        for relation in relations {
            for from in ends(&relation["source"]) {
                for to in ends(&relation["target"]) {
                    found.relations.entry((from.clone(), to)).or_default().push(relation.clone());
                }
            }
        }
        Ok(found)
    }

    fn between(&self, from: &str, to: &str) -> impl Iterator<Item = &Value> {
        self.relations.get(&(from.to_owned(), to.to_owned())).into_iter().flatten()
    }

    /// Whether an endpoint serves by a variant of this weight.
    fn serves(&self, from: &str, variant: &str, weight: &Value) -> bool {
        let first = (from.to_owned(), String::new());
        let leaving = self.relations.range(first..).take_while(|((source, _), _)| source == from);
        leaving.flat_map(|(_, relations)| relations).any(|relation| {
            let properties = &relation["properties"];
            relation["kind"] == "serves"
                && properties["variant"] == variant
                && properties["weight"].as_f64() == weight.as_f64()
        })
    }
}

/// An instance goes by its id in the key.
fn short(id: &str) -> String {
    id.rsplit_once(":instance/").map_or(id, |(_, id)| id).to_owned()
}
