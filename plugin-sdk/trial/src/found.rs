//! An answer as lines of a table, which a test holds against what it expects.

use inventar_plugin_sdk::{Answer, Asset, AssetRef, Detector, File, Usage};
use std::fmt::Write;

/// What a detector says of a text.
pub fn scan<D: Detector>(path: &str, text: impl AsRef<[u8]>) -> Answer {
    D::scan(&D::Settings::default(), &File::of(path, text.as_ref()))
}

/// `kind name line` for each place, with the usage where it is not run time; then the gaps. Sorted.
pub fn places(answer: &Answer) -> Vec<String> {
    let mut lines: Vec<String> = answer.assets.iter().flat_map(places_of).collect();
    lines.extend(gaps(answer));
    lines.sort();
    lines
}

/// As [`places`], in the order of the answer and without libraries, which are in nearly every piece of code.
pub fn places_beside_libraries(answer: &Answer) -> Vec<String> {
    let others = answer.assets.iter().filter(|asset| !is_library(asset));
    others.flat_map(places_of).chain(gaps(answer)).collect()
}

/// `kind name line` for the first place of each library, as in [`places`].
pub fn libraries(answer: &Answer) -> Vec<String> {
    answer
        .assets
        .iter()
        .filter(|asset| is_library(asset))
        .filter_map(|asset| places_of(asset).next())
        .collect()
}

fn is_library(asset: &Asset) -> bool {
    matches!(asset.kind.as_str(), "sdk" | "framework" | "package" | "runtime")
}

fn places_of(asset: &Asset) -> impl Iterator<Item = String> + '_ {
    asset.evidence.iter().map(|seen| {
        let mut line = format!("{} {} {}", asset.kind, asset.name, seen.span().line);
        if seen.usage != Usage::Runtime {
            let _ = write!(line, " {}", format!("{:?}", seen.usage).to_ascii_lowercase());
        }
        line
    })
}

fn gaps(answer: &Answer) -> impl Iterator<Item = String> + '_ {
    answer.gaps.iter().map(|gap| format!("gap {:?}", gap.reason))
}

/// `kind name usage line` for the first place of each asset, in lower case. Sorted.
pub fn first_places(answer: &Answer) -> Vec<String> {
    let line = |asset: &Asset| {
        let seen = asset.evidence.first()?;
        Some(format!("{} {} {:?} {}", asset.kind, asset.name, seen.usage, seen.span().line).to_lowercase())
    };
    let mut lines: Vec<String> = answer.assets.iter().filter_map(line).collect();
    lines.sort();
    lines
}

/// `source kind target` for each edge: keys of the file's own assets, `scheme:value` of others. Sorted.
pub fn edges(answer: &Answer) -> Vec<String> {
    let end = |end: &AssetRef| match end {
        AssetRef::Local { key, .. } => key.clone(),
        AssetRef::Identifier(identifier) => format!("{}:{}", identifier.scheme, identifier.value),
    };
    let edge = |edge: &inventar_plugin_sdk::Relation| {
        format!("{} {} {}", end(&edge.source), edge.kind, end(&edge.target))
    };
    let mut lines: Vec<String> = answer.relations.iter().map(edge).collect();
    lines.sort();
    lines
}
