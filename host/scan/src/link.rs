//! Phase two: gives a plugin the facts of the files that a file asked for.
//!
//! Wants are resolved against the paths of the source. A file that is reached and may be pulled is scanned even though
//! no claim matched it; a re-export is followed only for a name that somebody asked for, and each costs a hop. Then
//! every file with an answered want is asked about once more, with its closure of facts.
//!
//! Everything here is recomputed from the answers of phase one, which are cached; the guest is called only where the
//! closure of a file is not the one it was last time.

use crate::Limits;
use crate::ask::{Answered, Asked, fault_gap};
use crate::cache::{Cache, Key};
use crate::members::without_layer;
use crate::progress::Progress;
use crate::walk::Listed;
use crate::wire;
use inventar_model::{
    CoverageGap, Digest, GapReason, Part, Report, StampedGap, Subject, Unseen, Want, Wanted,
};
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

/// A want's paths beyond so many are not tried; see the contract.
const MAX_PATHS: usize = 16;

/// Where paths lead.
pub(crate) struct Paths<'a> {
    by_path: HashMap<&'a str, u32>,
    by_name: HashMap<&'a str, Vec<u32>>,
    listed: &'a [Listed],
}

impl<'a> Paths<'a> {
    /// Of all files that somebody could want.
    pub(crate) fn new(listed: &'a [Listed]) -> Self {
        let mut by_path = HashMap::with_capacity(listed.len());
        let mut by_name: HashMap<&str, Vec<u32>> = HashMap::new();
        for (at, file) in listed.iter().enumerate() {
            by_path.insert(without_layer(&file.path), at as u32);
            by_name.entry(file_name(&file.path)).or_default().push(at as u32);
        }
        Self { by_path, by_name, listed }
    }

    /// The best of a want's paths that is there and can answer.
    fn resolve(&self, want: &Want, from: u32, can_answer: impl Fn(u32) -> bool) -> Option<u32> {
        want.paths.iter().take(MAX_PATHS).find_map(|path| match path.strip_prefix("**/") {
            None => {
                self.by_path.get(without_layer(path)).copied().filter(|at| *at != from && can_answer(*at))
            }
            Some(end) => {
                let ends_so = |at: &&u32| {
                    let path = &*self.listed[**at as usize].path;
                    path.strip_suffix(end).is_some_and(|before| before.is_empty() || before.ends_with('/'))
                };
                let mut found = self.by_name.get(file_name(end)).into_iter().flatten().filter(ends_so);
                let (first, second) = (found.next(), found.next());
                first.copied().filter(|at| second.is_none() && *at != from && can_answer(*at))
            }
        })
    }
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// One detector's view of the source while linking.
pub(crate) struct Linker<'a> {
    pub(crate) detector: u16,
    pub(crate) hops: usize,
    pub(crate) listed: &'a [Listed],
    pub(crate) paths: &'a Paths<'a>,
    pub(crate) answers: &'a HashMap<(u16, u32), Answered>,
    /// Files that a claim of the detector matched.
    pub(crate) roots: &'a [u32],
    /// Files that were asked for and could not be answered.
    pub(crate) broken: &'a HashSet<u32>,
}

/// A name asked of a file: `None` asks for the whole file.
type Ask = (u32, Option<String>);

impl Linker<'_> {
    fn answer(&self, file: u32) -> Option<&Answered> {
        self.answers.get(&(self.detector, file))
    }

    fn can_answer(&self, file: u32) -> bool {
        self.answer(file).is_some()
            || self.listed[file as usize].class.pulls.contains(&self.detector)
            || self.broken.contains(&file)
    }

    fn resolve(&self, want: &Want, from: u32) -> Option<u32> {
        self.paths.resolve(want, from, |file| self.can_answer(file))
    }

    /// What a file itself needs.
    fn own_asks(&self, file: u32) -> impl Iterator<Item = Ask> + '_ {
        let wants = self.answer(file).map_or(&[][..], |answered| &answered.answer.wants);
        wants
            .iter()
            .filter(|want| want.serves.is_none())
            .filter_map(move |want| Some((self.resolve(want, file)?, want.name.clone())))
    }

    /// What a file needs of others to give out a name, as (the name there, where).
    fn asks_for(&self, file: u32, name: &str) -> impl Iterator<Item = (Option<String>, Option<u32>)> + '_ {
        let wants = self.answer(file).map_or(&[][..], |answered| &answered.answer.wants);
        let name = name.to_owned();
        wants.iter().filter_map(move |want| {
            let there = match want.serves.as_deref() {
                // "Everything from there": the name is the same on the other side.
                Some("*") => Some(name.clone()),
                Some(serves) if serves == name => want.name.clone(),
                _ => return None,
            };
            Some((there, self.resolve(want, file)))
        })
    }

    /// The files that must be scanned for the closure of `roots` to be complete up to `depth` hops, as far as that can
    /// be told from the answers there are. Called again after each round of scanning.
    pub(crate) fn missing(&self, depth: usize) -> Vec<u32> {
        let mut visited: HashSet<Ask> = HashSet::new();
        let mut level: Vec<Ask> = self.roots.iter().flat_map(|root| self.own_asks(*root)).collect();
        let mut missing = HashSet::new();
        for hop in 1..=depth.min(self.hops) {
            let mut next = Vec::new();
            for (file, name) in level {
                if !visited.insert((file, name.clone())) {
                    continue;
                }
                if self.answer(file).is_none() && !self.broken.contains(&file) {
                    missing.insert(file);
                } else if let Some(name) = name
                    && hop < self.hops
                {
                    next.extend(self.asks_for(file, &name).filter_map(|(there, at)| Some((at?, there))));
                }
            }
            level = next;
        }
        let mut missing: Vec<u32> = missing.into_iter().collect();
        missing.sort_unstable();
        missing
    }

    /// A file with its closure; none when nothing it wants is there.
    fn closure(&self, root: u32, limits: &Limits) -> Option<Closure> {
        let mut parts = vec![Gathered { file: root, wants: vec![] }];
        let mut at_part: HashMap<u32, u32> = HashMap::from([(root, 0)]);
        let mut closure =
            Closure { subject: Subject { parts: vec![] }, key: [0; 32], is_cut: false, is_broken: false };
        let mut bytes = 0;
        let mut queue: std::collections::VecDeque<(u32, usize, String)> = std::collections::VecDeque::new();
        let mut asked: HashSet<(u32, String)> = HashSet::new();

        let mut add = |file: u32, parts: &mut Vec<Gathered>, closure: &mut Closure| -> Option<u32> {
            if let Some(part) = at_part.get(&file) {
                return Some(*part);
            }
            let Some(answered) = self.answer(file) else {
                closure.is_broken |= self.broken.contains(&file);
                return None;
            };
            let size = wire::encode_facts(&answered.answer.facts).len();
            if parts.len() >= limits.max_parts || bytes + size > limits.max_facts_bytes {
                closure.is_cut = true;
                return None;
            }
            bytes += size;
            let part = parts.len() as u32;
            parts.push(Gathered { file, wants: vec![] });
            at_part.insert(file, part);
            Some(part)
        };

        let own = &self.answer(root)?.answer.wants;
        for want in own.iter().filter(|want| want.serves.is_none()) {
            let part = self.resolve(want, root).and_then(|file| add(file, &mut parts, &mut closure));
            parts[0].wants.push(Wanted { serves: None, name: want.name.clone(), part });
            if let (Some(part), Some(name)) = (part, &want.name) {
                queue.push_back((part, 1, name.clone()));
            }
        }
        while let Some((part, hop, name)) = queue.pop_front() {
            if part == 0 || !asked.insert((part, name.clone())) || hop >= self.hops {
                continue;
            }
            let file = parts[part as usize].file;
            for (there, at) in self.asks_for(file, &name).collect::<Vec<_>>() {
                let target = at.and_then(|file| add(file, &mut parts, &mut closure));
                parts[part as usize].wants.push(Wanted {
                    serves: Some(name.clone()),
                    name: there.clone(),
                    part: target,
                });
                if let (Some(target), Some(there)) = (target, there) {
                    queue.push_back((target, hop + 1, there));
                }
            }
        }
        if parts.len() == 1 {
            return closure.is_broken.then_some(closure);
        }
        closure.subject.parts = parts
            .into_iter()
            .filter_map(|gathered| {
                let facts = self.answer(gathered.file)?.answer.facts.clone();
                Some(Part {
                    path: self.listed[gathered.file as usize].path.to_string(),
                    facts,
                    wants: gathered.wants,
                })
            })
            .collect();
        Some(closure)
    }
}

/// A part being gathered.
struct Gathered {
    file: u32,
    wants: Vec<Wanted>,
}

/// A file with everything it asked for.
struct Closure {
    /// Without parts if nothing it wants is there.
    subject: Subject,
    key: Key,
    /// More was there than may be handed over.
    is_cut: bool,
    /// Something it wants could not be answered.
    is_broken: bool,
}

impl Closure {
    fn seal(mut self, asked: &Asked<'_>) -> Self {
        let parts: Vec<_> = self
            .subject
            .parts
            .iter()
            .map(|part| {
                let wants: Vec<_> =
                    part.wants.iter().map(|want| (&want.serves, &want.name, want.part)).collect();
                (&part.path, Digest::of(&wire::encode_facts(&part.facts)).as_bytes().to_vec(), wants)
            })
            .collect();
        let parts = postcard::to_stdvec(&parts).unwrap_or_default();
        self.key = *Digest::of_parts([b"link".as_slice(), &asked.key, &parts]).as_bytes();
        self
    }
}

/// What phase two found out.
#[derive(Default)]
pub(crate) struct Linked {
    /// By position in the listing.
    pub(crate) reports: HashMap<u32, Report>,
    pub(crate) encoded: HashMap<Key, Vec<u8>>,
    /// Files whose closure was cut.
    pub(crate) cuts: HashMap<u32, CoverageGap>,
    pub(crate) gaps: Vec<StampedGap>,
    pub(crate) unseen: Vec<Unseen>,
}

/// What [`link`] needs beside the linker.
pub(crate) struct LinkContext<'a> {
    pub(crate) asked: &'a Asked<'a>,
    pub(crate) old: &'a Cache,
    pub(crate) limits: &'a Limits,
    pub(crate) threads: usize,
    pub(crate) cancel: &'a AtomicBool,
    pub(crate) progress: &'a dyn Progress,
}

/// Asks the detector about every root with an answered want.
pub(crate) fn link(linker: &Linker<'_>, context: &LinkContext<'_>) -> Linked {
    let next = AtomicUsize::new(0);
    let done = AtomicU64::new(0);
    let threads = context.threads.min(linker.roots.len().div_ceil(16)).max(1);
    let work = || {
        const CHUNK: usize = 32;
        let mut out = Linked::default();
        let mut batch = Vec::new();
        loop {
            let start = next.fetch_add(CHUNK, Ordering::Relaxed);
            if start >= linker.roots.len() || context.cancel.load(Ordering::Relaxed) {
                break;
            }
            let roots = &linker.roots[start..linker.roots.len().min(start + CHUNK)];
            for root in roots {
                prepare(linker, context, *root, &mut batch, &mut out);
            }
            ask(linker, context, std::mem::take(&mut batch), &mut out);
            let done = done.fetch_add(roots.len() as u64, Ordering::Relaxed) + roots.len() as u64;
            context.progress.linked(done, linker.roots.len() as u64);
        }
        out
    };
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut linked = work();
        for other in others {
            let other = other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            linked.reports.extend(other.reports);
            linked.encoded.extend(other.encoded);
            linked.cuts.extend(other.cuts);
            linked.gaps.extend(other.gaps);
            linked.unseen.extend(other.unseen);
        }
        linked
    })
}

/// Takes a root's report from the cache, or puts its question into the batch.
fn prepare(
    linker: &Linker<'_>,
    context: &LinkContext<'_>,
    root: u32,
    batch: &mut Vec<(u32, Closure)>,
    out: &mut Linked,
) {
    let Some(closure) = linker.closure(root, context.limits) else { return };
    let asked = context.asked;
    let path = &linker.listed[root as usize].path;
    if closure.is_broken {
        out.unseen.push(asked.unseen(path));
    }
    if closure.is_cut {
        let detail =
            "it refers to more files than may be followed at once; what they say is only partly used";
        let reason = GapReason::TooLarge(context.limits.max_facts_bytes as u64);
        out.gaps.push(asked.gap(path, reason, detail.into()));
    }
    if closure.subject.parts.is_empty() {
        return;
    }
    let closure = closure.seal(asked);
    match context.old.links.get(&closure.key).and_then(|bytes| Some((bytes, wire::decode_report(bytes)?))) {
        Some((bytes, report)) => {
            out.encoded.insert(closure.key, bytes.clone());
            out.reports.insert(root, report);
        }
        None => batch.push((root, closure)),
    }
}

/// Asks about a batch, halving it as long as it fails.
fn ask(linker: &Linker<'_>, context: &LinkContext<'_>, batch: Vec<(u32, Closure)>, out: &mut Linked) {
    let asked = context.asked;
    let mut stack = vec![batch];
    while let Some(mut batch) = stack.pop() {
        if batch.is_empty() {
            continue;
        }
        let failed = |root: u32, reason: GapReason, detail: String, out: &mut Linked| {
            let path = &linker.listed[root as usize].path;
            out.gaps.push(asked.gap(path, reason, format!("while following its references: {detail}")));
            out.unseen.push(asked.unseen(path));
        };
        if asked.is_out(context.limits) {
            let detail = "the plugin failed too often in this run and was not asked";
            for (root, _) in batch {
                failed(root, GapReason::PluginFault("skipped".into()), detail.into(), out);
            }
            continue;
        }
        let subjects = batch.iter().map(|(_, closure)| closure.subject.clone()).collect();
        match asked.detector.plugin.link(&asked.detector.settings, subjects) {
            Ok(linked) => {
                asked.account(linked.guest, &linked.log, context.progress);
                let mut problems: HashMap<usize, (GapReason, String)> =
                    linked.problems.into_iter().map(|(at, reason, detail)| (at, (reason, detail))).collect();
                for (at, ((root, closure), report)) in batch.into_iter().zip(linked.reports).enumerate() {
                    match (report, problems.remove(&at)) {
                        (Some(report), problem) => {
                            if let Some((reason, detail)) = problem {
                                out.gaps.push(asked.gap(&linker.listed[root as usize].path, reason, detail));
                            }
                            out.encoded.insert(closure.key, wire::encode_report(&report));
                            out.reports.insert(root, report);
                        }
                        (None, Some((reason, detail))) => failed(root, reason, detail, out),
                        (None, None) => {
                            failed(root, GapReason::PluginFault("no answer".into()), "no answer".into(), out);
                        }
                    }
                }
            }
            Err(fault) => {
                asked.account(fault.guest, &fault.log, context.progress);
                asked.count_fault(batch.len());
                if let [(root, _)] = batch.as_slice() {
                    let (reason, detail) = fault_gap(&fault);
                    failed(*root, reason, detail, out);
                } else {
                    let half = batch.split_off(batch.len() / 2);
                    stack.push(half);
                    stack.push(batch);
                }
            }
        }
    }
}
