//! Tries a detector natively, without host or sandbox: in tests with hostile input, by hand on a folder.
//!
//! A detector meets files that nobody finished, files that somebody built to exhaust it, and files that are no text.
//! [`holds`] asks it about one and panics if the answer breaks the contract; the suites ask about many.
//!
//! ```
//! use inventar_plugin_sdk::{Answer, Detector, File, NoSettings};
//!
//! struct Nothing;
//! impl Detector for Nothing {
//!     type Settings = NoSettings;
//!     fn scan(_: &NoSettings, _: &File) -> Answer {
//!         Answer::default()
//!     }
//! }
//!
//! inventar_trial::cut_everywhere::<Nothing>("a.py", "import openai", 1);
//! inventar_trial::any_bytes::<Nothing>(&["a.py"], 400);
//! ```
//!
//! | part | what for |
//! |---|---|
//! | [`holds`], [`within`] | one file: what every answer keeps, and in what time |
//! | [`bounded`] | a file with one match tens of thousands of times |
//! | [`cut_everywhere`], [`any_bytes`], [`any_pieces`], [`damaged`] | many files made from a sample, from pieces, from nothing |
//! | [`code`] | the suite for languages with braces, which are read as tokens |
//! | [`tree`] | what the host does around a plugin: scans the files of a tree, resolves wants, links |
//! | [`found`] | an answer as lines of a table |
//! | [`literals`] | whether a claim's literals are those of the catalogue |
//! | [`look`] | prints what a detector says of a folder |
//!
//! This is for native tests, which are quick; whether a plugin does the same in the sandbox and under a real walk is what
//! `inventar-testkit` tells.

pub mod code;
pub mod found;
pub mod literals;
pub mod look;
pub mod tree;

use inventar_plugin_sdk::{Answer, Detector, File, Want};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// The host's limits for one file that a detector could break by itself.
const MAX_KEY_BYTES: usize = 256;
const MAX_FACT_NAME_BYTES: usize = 128;
const MAX_FACTS: usize = 256;
const MAX_WANTS: usize = 128;
const MAX_WANT_PATHS: usize = 16;
const MAX_FACTS_BYTES: usize = 40 << 10;

/// The detector's answer for a file; panics if it breaks the contract: keys are unique, every asset has a name and
/// evidence, every place is inside the file and on the line it says, facts and wants stay within their limits.
#[track_caller]
pub fn holds<D: Detector>(path: &str, bytes: &[u8]) -> Answer {
    let answer = D::scan(&D::Settings::default(), &File::of(path, bytes.to_vec()));
    let mut keys = BTreeSet::new();
    let line_ends: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at] == b'\n').collect();
    for asset in &answer.assets {
        assert!(keys.insert(&asset.key), "{path}: {} twice", asset.key);
        assert!(!asset.name.is_empty() && !asset.key.is_empty(), "{path}: {asset:?}");
        assert!(asset.key.len() <= MAX_KEY_BYTES, "{path}: {asset:?}");
        assert!(!asset.evidence.is_empty(), "{path}: {} has no evidence", asset.key);
        for seen in &asset.evidence {
            let span = seen.span();
            assert!(span.start <= span.end && span.end <= bytes.len() as u64, "{path}: {asset:?}");
            let lines_before = line_ends.partition_point(|end| *end < span.start as usize);
            assert_eq!(span.line as usize, lines_before + 1, "{path}: {asset:?}");
        }
    }
    for fact in &answer.facts {
        assert!(!fact.name.is_empty() && fact.name.len() <= MAX_FACT_NAME_BYTES, "{path}: {fact:?}");
    }
    let is_whole = |want: &Want| {
        want.name.as_ref().is_none_or(|name| !name.is_empty()) && want.paths.len() <= MAX_WANT_PATHS
    };
    assert!(answer.wants.iter().all(is_whole), "{path}: {:?}", answer.wants);
    assert!(
        answer.facts.len() <= MAX_FACTS && answer.wants.len() <= MAX_WANTS,
        "{path}: too many facts or wants"
    );
    let size = |fact: &inventar_plugin_sdk::Property| fact.name.len() + format!("{:?}", fact.value).len();
    assert!(answer.facts.iter().map(size).sum::<usize>() < MAX_FACTS_BYTES, "{path}: facts are too large");
    answer
}

/// As [`holds`], in at most that time. Choose it for a native build without optimisation on a busy machine, where a
/// linear step takes seconds and a quadratic one minutes.
#[track_caller]
pub fn within<D: Detector>(limit: Duration, path: &str, text: &str) -> Answer {
    let start = Instant::now();
    let answer = holds::<D>(path, text.as_bytes());
    let head = &text[..text.floor_char_boundary(40)];
    assert!(start.elapsed() < limit, "{path}: {:?} for {head:?}…", start.elapsed());
    answer
}

/// A statement in which `gpt-4o` is found, and an item of a list in which a prompt is, so often that they fill a file of a
/// megabyte, the items on one line: the answer stays small.
#[track_caller]
pub fn bounded<D: Detector>(path: &str, statement: &str, item: &str) {
    let times = |text: &str| text.repeat((1 << 20) / text.len());
    let many = found::places_beside_libraries(&holds::<D>(path, times(statement).as_bytes()));
    let is_found = many.iter().any(|line| line.starts_with("model-reference gpt-4o "));
    assert!(is_found && many.len() < 40, "{path}: {} places", many.len());
    let line = format!("x = [{}]", times(item));
    let places = found::places_beside_libraries(&holds::<D>(path, line.as_bytes())).len();
    assert!(places < 1_100, "{path}: {places} places on one line");
}

/// A sample without its end, and without its beginning, cut at every so many bytes.
#[track_caller]
pub fn cut_everywhere<D: Detector>(path: &str, sample: &str, step: usize) {
    for at in (0..=sample.len()).step_by(step) {
        holds::<D>(path, &sample.as_bytes()[..at]);
        holds::<D>(path, &sample.as_bytes()[at..]);
    }
}

/// At most so many bytes, any of them.
#[track_caller]
pub fn any_bytes<D: Detector>(paths: &[&'static str], max: usize) {
    let paths = prop::sample::select(paths.to_vec());
    proptest!(ProptestConfig::with_cases(300), |(path in paths, bytes in prop::collection::vec(any::<u8>(), 0..max))| {
        holds::<D>(path, &bytes);
    });
}

/// Pieces of what a detector looks for, put together at random; equal files have equal answers.
#[track_caller]
pub fn any_pieces<D: Detector>(paths: &[&'static str], pieces: &[&'static str]) {
    let paths = prop::sample::select(paths.to_vec());
    proptest!(ProptestConfig::with_cases(300), |(path in paths, text in joined(pieces, 120))| {
        let once = holds::<D>(path, text.as_bytes());
        prop_assert_eq!(once, holds::<D>(path, text.as_bytes()));
    });
}

/// Parts of a long sample with something put in or taken out.
#[track_caller]
pub fn damaged<D: Detector>(path: &str, sample: &[u8]) {
    let from = 0..sample.len();
    proptest!(ProptestConfig::with_cases(300), |(from in from, len in 0..4_000_usize, at in 0..4_000_usize, cut in 0..20_usize, put in ".{0,6}")| {
        let mut part = sample[from..sample.len().min(from + len)].to_vec();
        let at = at.min(part.len());
        let end = part.len().min(at + cut);
        part.splice(at..end, put.bytes());
        holds::<D>(path, &part);
    });
}

/// Texts of at most so many of these pieces.
pub fn joined(pieces: &[&'static str], max: usize) -> impl Strategy<Value = String> + use<> {
    prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..max).prop_map(|pieces| pieces.concat())
}
