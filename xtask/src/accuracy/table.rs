//! The page of several scores.

use super::score::{Fault, Figures, Score, Wrong, sum};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// A Markdown table: a row a tree, then a row a type over all trees.
pub fn table(scores: &[Score]) -> String {
    let trees = scores.iter().map(|score| (score.tree.as_str(), score.total()));
    let types: BTreeSet<&str> =
        scores.iter().flat_map(|score| score.by_type.keys()).map(String::as_str).collect();
    let over_all = |name: &&str| sum(scores.iter().filter_map(|score| score.by_type.get(*name).copied()));
    let types = types.iter().map(|name| (*name, over_all(name)));
    let all = sum(scores.iter().map(Score::total));
    let trees = part("tree", trees.collect());
    let types = part("type", types.chain([("**all**", all)]).collect());
    format!("{trees}\n{types}")
}

fn part(head: &str, rows: Vec<(&str, Figures)>) -> String {
    let mut text = format!(
        "| {head} | core | recall | reported | precision | traps hit | versions | status wrong |\n|---|---:|---:|---:|---:|---:|---:|---:|\n"
    );
    for (name, figures) in rows {
        let Figures { core, found, reported, right, traps, traps_hit, .. } = figures;
        let Figures { versions, versions_right, status_wrong, .. } = figures;
        let recall = shown(core, figures.recall());
        let precision = shown(reported, figures.precision());
        _ = writeln!(
            text,
            "| {name} | {found}/{core} | {recall} | {right}/{reported} | {precision} | {traps_hit}/{traps} | \
             {versions_right}/{versions} | {status_wrong} |"
        );
    }
    text
}

/// A share of nothing is no figure.
fn shown(whole: u64, share: f64) -> String {
    if whole == 0 { "–".to_owned() } else { format!("{share:.3}") }
}

/// Everything that is wrong, a line each; nothing for a tree without fault.
pub fn faults(scores: &[Score]) -> String {
    let mut text = String::new();
    for score in scores {
        for Fault { wrong, id, asset_type, name, at } in &score.faults {
            let word = match wrong {
                Wrong::Miss => "MISS",
                Wrong::Extra => "EXTRA",
                Wrong::Trap => "TRAP",
                Wrong::Version => "VERSION",
                Wrong::Status => "STATUS",
            };
            let row = if id.is_empty() { &score.tree } else { id };
            _ = writeln!(text, "{word} {row} {asset_type} `{name}` {at}");
        }
    }
    text
}
