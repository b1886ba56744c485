//! All plugins' claims as one question per file.
//!
//! One glob set answers for a path; files whose paths match the same claims form a *class*, and a class compiles what
//! its claims ask of the content (magic bytes, literals, regexes) once. So a `.py` file is searched for the literals
//! that matter in `.py` files, whoever asked for them, in one pass.

use crate::error::ScanError;
use crate::literals::{Literal, Literals};
use crate::platform::{TEXT_PROBE_BYTES, is_text};
use globset::{Candidate, GlobBuilder, GlobSet, GlobSetBuilder};
use inventar_runtime::{Claim, Hit, Manifest};
use regex::bytes::RegexBuilder;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Hits of one claim in one file beyond this many say nothing new: each is handed to the guest, who has the file.
pub(crate) const MAX_HITS: usize = 16;

/// What one detector wants to see: the claims of its manifest and what it may pull.
#[derive(Debug, Clone)]
pub struct Interest {
    /// For messages.
    pub plugin: String,
    /// Any of them makes a file a candidate.
    pub claims: Vec<Claim>,
    /// Globs of files that may be scanned because another file wants them.
    pub pulls: Vec<String>,
}

impl Interest {
    /// What a manifest says.
    pub fn of(manifest: &Manifest) -> Self {
        Self {
            plugin: manifest.id.to_string(),
            claims: manifest.claims.clone(),
            pulls: manifest.link.as_ref().map_or(vec![], |link| link.pulls.clone()),
        }
    }
}

/// A claim by position: which detector, which of its claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ClaimRef {
    pub(crate) detector: u16,
    pub(crate) claim: u16,
}

/// What a matched glob stands for.
#[derive(Debug, Clone, Copy)]
enum Asked {
    Claim(ClaimRef),
    Pull(u16),
}

/// The claims of all detectors, ready to be asked.
pub(crate) struct Claims {
    interests: Vec<Interest>,
    globs: GlobSet,
    asked: Vec<Asked>,
    /// Claims without a glob: they look at every file.
    everywhere: Vec<ClaimRef>,
    classes: Mutex<Classes>,
}

#[derive(Default)]
struct Classes {
    by_members: HashMap<(Vec<ClaimRef>, Vec<u16>), Arc<Class>>,
    /// What is searched for, by the claims that search: many classes differ in the others only.
    searches: Searches,
}

type Searches = HashMap<Vec<ClaimRef>, Arc<OnceLock<Search>>>;

/// A walking thread's memory of classes, so that the shared table is asked once per combination of globs.
#[derive(Default)]
pub(crate) struct ClassCache {
    globs: Vec<usize>,
    /// For files that are not ignored, and for those that are.
    by_globs: [HashMap<Vec<usize>, Option<Arc<Class>>>; 2],
}

/// Files that the same claims apply to.
pub(crate) struct Class {
    /// Sorted.
    pub(crate) claims: Vec<ClaimRef>,
    /// Detectors that may pull these files; sorted.
    pub(crate) pulls: Vec<u16>,
    /// Which of `claims` ask nothing of the content.
    pub(crate) by_path: Vec<ClaimRef>,
    magic: Vec<(ClaimRef, u64, Vec<u8>)>,
    /// Which of `claims` have literals or regexes.
    searching: Vec<ClaimRef>,
    search: Arc<OnceLock<Search>>,
    /// The smallest `max-size` that excludes nobody, per claim.
    pub(crate) max_size: Vec<(ClaimRef, u64)>,
}

/// The literals and regexes of some claims.
struct Search {
    literals: Literals,
    /// The claims that have literals.
    owners: Vec<ClaimRef>,
    regexes: Vec<(ClaimRef, regex::bytes::Regex)>,
}

impl Claims {
    /// Compiles globs; literals and regexes are compiled when the first file of a class is met, but checked here.
    pub(crate) fn new(interests: Vec<Interest>) -> Result<Self, ScanError> {
        let mut globs = GlobSetBuilder::new();
        let mut asked = Vec::new();
        let mut everywhere = Vec::new();
        for (detector, interest) in interests.iter().enumerate() {
            let bad = |claim: &str, message: String| ScanError::Claim {
                plugin: interest.plugin.clone(),
                claim: claim.to_owned(),
                message,
            };
            let detector = detector as u16;
            for (at, claim) in interest.claims.iter().enumerate() {
                let claim_ref = ClaimRef { detector, claim: at as u16 };
                for regex in &claim.regexes {
                    build_regex(regex).map_err(|error| bad(&claim.name, error.to_string()))?;
                }
                if claim.globs.is_empty() {
                    everywhere.push(claim_ref);
                }
                for glob in &claim.globs {
                    globs.add(build_glob(glob).map_err(|error| bad(&claim.name, error.to_string()))?);
                    asked.push(Asked::Claim(claim_ref));
                }
            }
            for glob in &interest.pulls {
                globs.add(build_glob(glob).map_err(|error| bad("link.pulls", error.to_string()))?);
                asked.push(Asked::Pull(detector));
            }
        }
        let globs = globs.build().map_err(|error| ScanError::Claim {
            plugin: "all".into(),
            claim: "globs".into(),
            message: error.to_string(),
        })?;
        Ok(Self { interests, globs, asked, everywhere, classes: Mutex::default() })
    }

    fn claim(&self, claim: ClaimRef) -> &Claim {
        &self.interests[claim.detector as usize].claims[claim.claim as usize]
    }

    /// The name a claim has in its manifest.
    pub(crate) fn name(&self, claim: ClaimRef) -> &str {
        &self.claim(claim).name
    }

    /// The class of a path; none: nobody wants it. An ignored file is wanted only by claims that say so.
    pub(crate) fn class(&self, path: &str, ignored: bool, cache: &mut ClassCache) -> Option<Arc<Class>> {
        self.globs.matches_candidate_into(&Candidate::new(path), &mut cache.globs);
        let by_globs = &mut cache.by_globs[usize::from(ignored)];
        if let Some(class) = by_globs.get(cache.globs.as_slice()) {
            return class.clone();
        }
        let mut claims = self.everywhere.clone();
        let mut pulls = Vec::new();
        for glob in &cache.globs {
            match self.asked[*glob] {
                Asked::Claim(claim) => claims.push(claim),
                Asked::Pull(detector) => pulls.push(detector),
            }
        }
        if ignored {
            claims.retain(|claim| self.claim(*claim).ignored);
            pulls.clear();
        }
        claims.sort();
        claims.dedup();
        pulls.sort();
        pulls.dedup();
        let class = (!claims.is_empty() || !pulls.is_empty()).then(|| {
            let mut classes = self.classes.lock().unwrap_or_else(PoisonError::into_inner);
            let members = (claims.clone(), pulls.clone());
            let Classes { by_members, searches } = &mut *classes;
            by_members
                .entry(members)
                .or_insert_with(|| Arc::new(self.make_class(claims, pulls, searches)))
                .clone()
        });
        by_globs.insert(cache.globs.clone(), class.clone());
        class
    }

    fn make_class(&self, claims: Vec<ClaimRef>, pulls: Vec<u16>, searches: &mut Searches) -> Class {
        let mut class = Class {
            by_path: vec![],
            magic: vec![],
            searching: vec![],
            search: Arc::default(),
            max_size: vec![],
            pulls,
            claims: vec![],
        };
        for &at in &claims {
            let claim = self.claim(at);
            if claim.literals.is_empty() && claim.regexes.is_empty() && claim.magic.is_empty() {
                class.by_path.push(at);
            }
            if !claim.literals.is_empty() || !claim.regexes.is_empty() {
                class.searching.push(at);
            }
            class.magic.extend(claim.magic.iter().map(|magic| (at, magic.offset, magic.bytes.clone())));
            class.max_size.extend(claim.max_size.map(|max| (at, max)));
        }
        class.search = searches.entry(class.searching.clone()).or_default().clone();
        class.claims = claims;
        class
    }

    /// Compiles the literals and regexes of a class, once.
    fn search<'a>(&self, class: &'a Class) -> &'a Search {
        class.search.get_or_init(|| {
            let (mut literals, mut owners) = (Vec::new(), Vec::new());
            for &at in &class.searching {
                let claim = self.claim(at);
                let ignore_case = claim.ignore_case;
                literals.extend(claim.literals.iter().map(|bytes| Literal {
                    bytes: bytes.clone(),
                    ignore_case,
                    claim: at,
                }));
                if !claim.literals.is_empty() {
                    owners.push(at);
                }
            }
            let mut regexes = Vec::new();
            for &at in &class.searching {
                // They compiled when the claims were read.
                let compiled = self.claim(at).regexes.iter().filter_map(|regex| build_regex(regex).ok());
                regexes.extend(compiled.map(|regex| (at, regex)));
            }
            Search { literals: Literals::new(literals), owners, regexes }
        })
    }

    /// Which claims of the class hold for this content, with what they matched. `content` is the file, or its head
    /// when `whole` is false: then literals and regexes are not asked.
    pub(crate) fn hits(&self, class: &Class, content: &[u8], whole: bool) -> Vec<(ClaimRef, Hit)> {
        let mut found = Found::of(self, class);
        for &claim in &class.by_path {
            found.add(claim, 0, 0);
        }
        for (claim, offset, bytes) in &class.magic {
            if holds_at(content, *offset, bytes) {
                found.add(*claim, *offset, offset + bytes.len() as u64);
            }
        }
        if class.searches() && whole && is_text(content) {
            let search = self.search(class);
            found.open = search.owners.clone();
            search.literals.each(content, |claim, start, end| {
                found.add(claim, start as u64, end as u64) || !found.open.is_empty()
            });
            for (claim, regex) in &search.regexes {
                for hit in regex.find_iter(content) {
                    if !found.add(*claim, hit.start() as u64, hit.end() as u64) {
                        break;
                    }
                }
            }
        }
        found.hits.sort_by_key(|(claim, at)| (*claim, at.start, at.end));
        found.hits
    }
}

impl Class {
    /// Whether the content must be read to its end to answer the claims.
    pub(crate) fn searches(&self) -> bool {
        !self.searching.is_empty()
    }

    /// How many first bytes tell whether anybody wants the rest.
    pub(crate) fn probe_bytes(&self) -> usize {
        let magic = usize::try_from(self.magic_bytes()).unwrap_or(usize::MAX);
        if self.searches() { magic.max(TEXT_PROBE_BYTES) } else { magic }
    }

    /// Whether, given its first bytes, any claim can hold for a file.
    pub(crate) fn may_hold(&self, head: &[u8]) -> bool {
        !self.by_path.is_empty()
            || self.magic.iter().any(|(_, offset, bytes)| holds_at(head, *offset, bytes))
            || self.searches() && is_text(head)
    }

    /// How many first bytes the magic of the class needs.
    pub(crate) fn magic_bytes(&self) -> u64 {
        self.magic
            .iter()
            .map(|(_, offset, bytes)| offset.saturating_add(bytes.len() as u64))
            .max()
            .unwrap_or(0)
    }

    /// The detectors that want literals or regexes searched for.
    pub(crate) fn searching(&self) -> impl Iterator<Item = u16> + '_ {
        self.searching.chunk_by(|a, b| a.detector == b.detector).map(|claims| claims[0].detector)
    }

    /// The detectors that have a claim in the class.
    pub(crate) fn detectors(&self) -> impl Iterator<Item = u16> + '_ {
        self.claims.chunk_by(|a, b| a.detector == b.detector).map(|claims| claims[0].detector)
    }
}

/// Hits, counted per claim.
struct Found<'a> {
    claims: &'a Claims,
    of: &'a [ClaimRef],
    /// How many hits each has of the claims in `of`.
    counts: Vec<usize>,
    /// Which of the claims that are searched for may have more.
    open: Vec<ClaimRef>,
    hits: Vec<(ClaimRef, Hit)>,
}

impl<'a> Found<'a> {
    fn of(claims: &'a Claims, class: &'a Class) -> Self {
        let counts = vec![0; class.claims.len()];
        Self { claims, of: &class.claims, counts, open: vec![], hits: vec![] }
    }

    /// False when the claim has enough hits already.
    fn add(&mut self, claim: ClaimRef, start: u64, end: u64) -> bool {
        let Ok(at) = self.of.binary_search(&claim) else { return false };
        if self.counts[at] == MAX_HITS {
            return false;
        }
        self.counts[at] += 1;
        if self.counts[at] == MAX_HITS {
            self.open.retain(|open| *open != claim);
        }
        self.hits.push((claim, Hit { claim: self.claims.name(claim).to_owned(), start, end }));
        true
    }
}

fn holds_at(content: &[u8], offset: u64, bytes: &[u8]) -> bool {
    let start = usize::try_from(offset).unwrap_or(usize::MAX);
    content.get(start..).is_some_and(|rest| rest.starts_with(bytes))
}

fn build_glob(glob: &str) -> Result<globset::Glob, globset::Error> {
    GlobBuilder::new(glob).literal_separator(true).backslash_escape(true).build()
}

fn build_regex(regex: &str) -> Result<regex::bytes::Regex, regex::Error> {
    RegexBuilder::new(regex).multi_line(true).size_limit(4 << 20).dfa_size_limit(8 << 20).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(name: &str, globs: &[&str], literals: &[&str]) -> Claim {
        Claim {
            name: name.into(),
            globs: globs.iter().map(|glob| (*glob).into()).collect(),
            literals: literals.iter().map(|literal| literal.as_bytes().to_vec()).collect(),
            ignore_case: false,
            regexes: vec![],
            magic: vec![],
            ignored: false,
            max_size: None,
        }
    }

    fn claims(claims: Vec<Claim>) -> Claims {
        Claims::new(vec![Interest { plugin: "a/b".into(), claims, pulls: vec![] }]).unwrap()
    }

    fn check(claims: &Claims, path: &str, content: &str, expected: &[(&str, u64)]) {
        let class = claims.class(path, false, &mut ClassCache::default());
        let hits = class.map_or(vec![], |class| claims.hits(&class, content.as_bytes(), true));
        let hits: Vec<(&str, u64)> = hits.iter().map(|(_, hit)| (hit.claim.as_str(), hit.start)).collect();
        assert_eq!(hits, expected, "{path}");
    }

    #[test]
    fn globs_then_literals() {
        let claims = claims(vec![
            claim("py", &["**/*.py"], &["openai", "open"]),
            claim("lock", &["**/uv.lock"], &[]),
            claim("all", &[], &["gpt-4"]),
        ]);
        check(&claims, "a/b.py", "import openai", &[("py", 7), ("py", 7)]);
        check(&claims, "a/b.py", "import os", &[]);
        check(&claims, "uv.lock", "", &[("lock", 0)]);
        check(&claims, "notes.txt", "use gpt-4", &[("all", 4)]);
        check(&claims, "a/b.py", "\0openai", &[]);
    }

    #[test]
    fn many_literals_and_case() {
        let words: Vec<String> = (0..500).map(|n| format!("word{n:03}")).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let mut many = claim("many", &["*"], &words);
        check(&claims(vec![many.clone()]), "x", "..word499", &[("many", 2)]);
        check(&claims(vec![many.clone()]), "x", "..WORD499", &[]);
        many.ignore_case = true;
        check(&claims(vec![many]), "x", "..WORD499", &[("many", 2)]);
    }

    #[test]
    fn hits_are_counted_per_claim_and_capped() {
        let claims = claims(vec![claim("a", &["*"], &["ab"]), claim("b", &["*"], &["zz"])]);
        let text = format!("{}zz", "ab".repeat(50_000));
        let class = claims.class("x", false, &mut ClassCache::default()).unwrap();
        let hits = claims.hits(&class, text.as_bytes(), true);
        assert_eq!(hits.len(), MAX_HITS + 1);
        assert_eq!(hits.last().unwrap().1.claim, "b");
    }

    #[test]
    fn ignored_files_belong_to_claims_that_say_so() {
        let mut env = claim("env", &["**/.env"], &[]);
        env.ignored = true;
        let claims = claims(vec![env, claim("any", &["**/.env"], &[])]);
        let class = |ignored| claims.class("a/.env", ignored, &mut ClassCache::default());
        assert_eq!(class(false).unwrap().claims.len(), 2);
        assert_eq!(class(true).unwrap().claims.len(), 1);
    }

    #[test]
    fn magic_and_regexes() {
        let mut magic = claim("gguf", &[], &[]);
        magic.magic = vec![inventar_runtime::Magic { offset: 1, bytes: b"GGUF".to_vec() }];
        let mut regex = claim("sk", &["*.txt"], &[]);
        regex.regexes = vec!["^key=[a-z]+$".into()];
        let claims = claims(vec![magic, regex]);
        check(&claims, "w.bin", "xGGUF", &[("gguf", 1)]);
        check(&claims, "w.bin", "GGUF", &[]);
        check(&claims, "a.txt", "x\nkey=abc\n", &[("sk", 2)]);
    }

    #[test]
    fn a_broken_regex_names_its_claim() {
        let mut broken = claim("broken", &["*"], &[]);
        broken.regexes = vec!["(".into()];
        let result =
            Claims::new(vec![Interest { plugin: "a/b".into(), claims: vec![broken], pulls: vec![] }]);
        let Err(error) = result else { panic!("it compiled") };
        assert!(error.to_string().contains("claim `broken` of plugin `a/b`"), "{error}");
    }
}
