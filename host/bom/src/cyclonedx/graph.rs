//! Who depends on whom, and how much of it we know.

use super::document::{Composition, Dependency};
use inventar_model::{Asset, Inventory, Target, Uid};
use std::collections::{BTreeMap, BTreeSet};

/// One node per `bom-ref`; an empty one says that it is known to have none. Everything hangs on the root.
pub(super) fn dependencies(inventory: &Inventory, root: &str) -> Vec<Dependency> {
    let mut edges: BTreeMap<Uid, BTreeSet<Uid>> =
        inventory.assets.iter().map(|asset| (asset.uid, BTreeSet::new())).collect();
    let known: BTreeSet<Uid> = edges.keys().copied().collect();
    for relation in &inventory.relations {
        if let Target::Asset(target) = relation.target
            && known.contains(&target)
            && let Some(targets) = edges.get_mut(&relation.source)
        {
            targets.insert(target);
        }
    }

    let mut nodes = vec![Dependency { bom_ref: root.to_owned(), depends_on: texts(&tops(&edges)) }];
    nodes.extend(
        edges
            .iter()
            .map(|(uid, targets)| Dependency { bom_ref: uid.to_string(), depends_on: texts(targets) }),
    );
    nodes.sort_by(|a, b| a.bom_ref.cmp(&b.bom_ref));
    nodes
}

/// The fewest assets from which every other can be reached: those that nothing points at, and one of each cycle.
fn tops(edges: &BTreeMap<Uid, BTreeSet<Uid>>) -> BTreeSet<Uid> {
    let pointed_at: BTreeSet<Uid> = edges.values().flatten().copied().collect();
    let (inner, outer): (Vec<Uid>, Vec<Uid>) =
        edges.keys().copied().partition(|uid| pointed_at.contains(uid));
    let mut tops = BTreeSet::new();
    let mut reached = BTreeSet::new();
    for uid in outer.into_iter().chain(inner) {
        if !reached.insert(uid) {
            continue;
        }
        tops.insert(uid);
        let mut open = vec![uid];
        while let Some(next) = open.pop() {
            open.extend(edges.get(&next).into_iter().flatten().filter(|target| reached.insert(**target)));
        }
    }
    tops
}

/// How complete the list is: of the source, of files with gaps, and of what others made.
pub(super) fn compositions(inventory: &Inventory, root: &str, complete: bool) -> Vec<Composition> {
    let all = if complete && inventory.gaps.is_empty() { "complete" } else { "incomplete" };
    let mut compositions = vec![Composition {
        aggregate: all,
        assemblies: vec![root.to_owned()],
        dependencies: vec![root.to_owned()],
    }];

    let troubled: BTreeSet<&str> = inventory.gaps.iter().map(|stamped| stamped.gap.at.as_str()).collect();
    let partial: BTreeSet<Uid> = inventory
        .assets
        .iter()
        .filter(|asset| {
            asset.evidence.iter().any(|evidence| evidence.path().is_some_and(|at| troubled.contains(at)))
        })
        .map(|asset| asset.uid)
        .collect();
    if !partial.is_empty() {
        compositions.push(Composition {
            aggregate: "incomplete",
            assemblies: texts(&partial),
            dependencies: vec![],
        });
    }

    let foreign: BTreeSet<Uid> =
        inventory.assets.iter().filter(|asset| is_made_elsewhere(asset)).map(|asset| asset.uid).collect();
    if !foreign.is_empty() {
        let refs = texts(&foreign.difference(&partial).copied().collect());
        compositions.push(Composition {
            aggregate: "unknown",
            assemblies: refs,
            dependencies: texts(&foreign),
        });
    }
    compositions
}

/// What such a thing is made of is not in the source.
fn is_made_elsewhere(asset: &Asset) -> bool {
    asset
        .identifiers
        .iter()
        .any(|identifier| matches!(identifier.scheme(), "purl" | "hf" | "model" | "oci" | "url"))
}

fn texts(uids: &BTreeSet<Uid>) -> Vec<String> {
    uids.iter().map(Uid::to_string).collect()
}
