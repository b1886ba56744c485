//! What is reported of one file: assets by key, each once, with the places it was seen at.

use crate::endpoint;
use crate::model::Sighted;
use crate::names::Name;
use inventar_plugin_sdk::{
    Answer, Asset, AssetRef, Evidence, File, GapReason, Identifier, IntoValue, Method, Relation, Usage,
    cut_before, cut_behind,
};
use rustc_hash::{FxHashMap, FxHashSet};

/// More assets of one file are not reported, and that is said.
const MAX_ASSETS: usize = 1_000;
/// Longer keys come of texts that are no names.
const MAX_KEY: usize = 250;
/// More places of one asset are counted, not listed.
const MAX_PLACES: usize = 16;
/// More identifiers of one asset are not reported: the host takes twice as many.
const MAX_IDENTIFIERS: usize = 16;
/// More relations of one file are not reported.
const MAX_RELATIONS: usize = 2_000;

/// A piece of the text that was parsed, in bytes. A byte order mark before the text does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Extent {
    /// The first byte.
    pub start: u32,
    /// The byte behind the last.
    pub end: u32,
}

impl Extent {
    /// `start..end`.
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// Whether it has no byte.
    pub const fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// Whether `inner` lies in it.
    pub const fn contains(self, inner: Extent) -> bool {
        self.start <= inner.start && inner.end <= self.end
    }

    fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// One place of an asset.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    /// Where.
    pub at: Extent,
    /// Why it was taken for one: kebab-case, the same word in every language.
    pub rule: &'static str,
    /// How.
    pub method: Method,
    /// What it is used for there.
    pub usage: Usage,
    /// In per cent.
    pub confidence: u8,
}

/// Collects the answer for one file.
#[derive(Debug)]
pub struct Sightings<'f> {
    file: &'f File,
    answer: Answer,
    by_key: FxHashMap<String, usize>,
    places: FxHashMap<usize, u32>,
    edges: FxHashSet<(String, &'static str, String)>,
    left_out: bool,
}

impl<'f> Sightings<'f> {
    /// Of one file.
    pub fn new(file: &'f File) -> Self {
        Self {
            file,
            answer: Answer::default(),
            by_key: FxHashMap::default(),
            places: FxHashMap::default(),
            edges: FxHashSet::default(),
            left_out: false,
        }
    }

    /// Adds a place to the asset of that key, which `new` makes when it is the first.
    pub fn see(&mut self, key: &str, seen: Seen, new: impl FnOnce(String) -> Asset) {
        // Recovery from a syntax error leaves definitions without a name.
        let is_nameless = || key.split_once(':').is_some_and(|(_, name)| name.is_empty());
        if seen.at.is_empty() || is_nameless() || key.len() > MAX_KEY {
            return;
        }
        let at = match self.by_key.get(key) {
            Some(at) => *at,
            None if self.answer.assets.len() >= MAX_ASSETS => {
                self.left_out = true;
                return;
            }
            None => {
                self.answer.asset(new(key.to_owned()));
                self.by_key.insert(key.to_owned(), self.answer.assets.len() - 1);
                self.answer.assets.len() - 1
            }
        };
        let places = self.places.entry(at).or_default();
        *places += 1;
        if *places as usize > MAX_PLACES {
            return;
        }
        let range = seen.at.range();
        let evidence = self.evidence(range, seen);
        let asset = &mut self.answer.assets[at];
        if !asset.evidence.iter().any(|other| other.span() == evidence.span()) {
            asset.evidence.push(evidence);
        }
    }

    /// Adds a place to a model, with the edge to what has it; the key of its asset.
    pub fn model(&mut self, sighted: Sighted, seen: Seen) -> String {
        let key = sighted.key.clone();
        let home = sighted.home(&key);
        let served_as = sighted.served_as();
        self.see(&key, seen, |_| sighted.asset());
        if let (Some((scheme, value)), Some(at)) = (served_as, self.by_key.get(&key)) {
            let asset = &mut self.answer.assets[*at];
            let identifier = Identifier::new(scheme, value);
            if !asset.identifiers.contains(&identifier) && asset.identifiers.len() < MAX_IDENTIFIERS {
                asset.identifiers.push(identifier);
            }
        }
        if let Some(home) = home {
            self.leads(&key, home, seen);
        }
        key
    }

    /// Adds a place to the endpoint of a clean URL, with the edge to what has it; the key of its asset.
    pub fn endpoint(&mut self, url: &str, library: Option<&str>, seen: Seen) -> String {
        let key = endpoint::key(url);
        self.see(&key, seen, |key| endpoint::asset(key, url, library));
        if let Some(home) = endpoint::home(&key, url) {
            self.leads(&key, home, seen);
        }
        key
    }

    /// Adds a place to an endpoint that is called by name, with the edge to what has it; the key of its asset.
    pub fn named_endpoint(
        &mut self,
        name: &Name,
        written: &str,
        library: Option<&str>,
        seen: Seen,
    ) -> String {
        let key = endpoint::named_key(name);
        self.see(&key, seen, |key| endpoint::named(key, name, written, library));
        let home = Relation::new(AssetRef::here(&key), "resolves-to", name.reference());
        self.leads(&key, home, seen);
        key
    }

    /// An edge from an asset of this file to what is known by an identifier.
    pub fn leads(&mut self, from: &str, relation: Relation, seen: Seen) {
        if !self.has(from) || self.answer.relations.len() >= MAX_RELATIONS {
            return;
        }
        let AssetRef::Identifier(to) = &relation.target else { return };
        if self.edges.insert((from.to_owned(), "", format!("{} {}:{}", relation.kind, to.scheme, to.value))) {
            let evidence = self.evidence(seen.at.range(), seen);
            self.answer.relation(relation.seen(evidence));
        }
    }

    fn evidence(&self, range: std::ops::Range<usize>, seen: Seen) -> Evidence {
        // Not `File::evidence`: on a line of a megabyte it would look for the line's ends each time.
        let bytes = self.file.head();
        let bom = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        let (start, len) = ((range.start + bom).min(bytes.len()), bytes.len());
        let window = &bytes[start.saturating_sub(80)..(start + 160).min(len)];
        let before = start - start.saturating_sub(80);
        let from = window[..before].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let to =
            window[before..].iter().position(|byte| *byte == b'\n').map_or(window.len(), |at| before + at);
        let snippet = String::from_utf8_lossy(&window[from..to]);
        let starts_a_line = from > 0 || start == before;
        let snippet = if starts_a_line { &snippet } else { cut_before(&snippet) };
        let ends_a_line = to < window.len() || start + 160 >= len;
        let snippet =
            if ends_a_line { snippet } else { cut_behind(snippet, snippet.len().saturating_sub(1)) };
        Evidence::new(self.file.at(range), seen.rule, seen.method, seen.usage)
            .confidence(seen.confidence)
            .snippet(snippet.trim().trim_matches('\u{fffd}'))
    }

    /// Whether an asset has this key.
    pub fn has(&self, key: &str) -> bool {
        self.by_key.contains_key(key)
    }

    /// A key that no asset of this file has yet.
    pub fn fresh_key(&self, key: String) -> String {
        if !self.has(&key) {
            return key;
        }
        (2u32..).map(|n| format!("{key}#{n}")).find(|key| !self.has(key)).unwrap_or(key)
    }

    /// Adds a property to an asset that is there, once.
    pub fn property(&mut self, key: &str, name: &str, value: impl IntoValue) {
        if let Some(at) = self.by_key.get(key) {
            let asset = &mut self.answer.assets[*at];
            if asset.properties.iter().all(|property| property.name != name) {
                asset.properties.push(inventar_plugin_sdk::Property::new(name, value));
            }
        }
    }

    /// An edge between two assets of this file.
    pub fn edge(&mut self, from: &str, kind: &'static str, to: &str, seen: Seen) {
        if from == to || !self.has(from) || !self.has(to) || self.answer.relations.len() >= MAX_RELATIONS {
            return;
        }
        if self.edges.insert((from.to_owned(), kind, to.to_owned())) {
            let local = |key: &str| AssetRef::Local { part: 0, key: key.to_owned() };
            let range = seen.at.range();
            let evidence = self.evidence(range, seen);
            self.answer.relation(Relation::new(local(from), kind, local(to)).seen(evidence));
        }
    }

    /// What was seen so far, in order.
    pub fn assets(&self) -> &[Asset] {
        &self.answer.assets
    }

    /// The answer so far: for facts, wants and gaps.
    pub fn answer(&mut self) -> &mut Answer {
        &mut self.answer
    }

    /// Start, end (bytes of the file) and 1-based line of an extent.
    pub fn line(&self, at: Extent) -> (u64, u64, u32) {
        let span = self.file.at(at.range());
        (span.start, span.end, span.line)
    }

    /// The file.
    pub fn file(&self) -> &'f File {
        self.file
    }

    /// The answer, with what was left out as a gap.
    pub fn finish(mut self) -> Answer {
        for (at, places) in &self.places {
            if *places as usize > MAX_PLACES {
                let count = inventar_plugin_sdk::Property::new("places", *places);
                self.answer.assets[*at].properties.push(count);
            }
        }
        if self.left_out {
            let path = self.file.path.clone();
            let detail = format!("more than {MAX_ASSETS} assets; the rest is left out");
            self.answer.gap(&path, GapReason::Unsupported("a file of so many assets".to_owned()), detail);
        }
        self.answer
    }
}
