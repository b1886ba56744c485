//! Phase one: reads files, matches their content, and tells which plugins are to be asked about them.
//!
//! A file whose identity and claims are those of the last scan is not opened. One whose content is known is not handed
//! to a guest, but answered from the cache. The rest waits in batches (`ask`). What cannot be read is a gap, and what
//! nobody can answer for is unseen.

use crate::ask::{Answered, Asked, Batches, Body, Pending, ranges_digest};
use crate::cache::{Cache, FileRecord, Key, ReadRange, State};
use crate::claim::{ClaimRef, Claims};
use crate::members::Spool;
use crate::platform::{self, Buffer, FileIdentity, Filled};
use crate::progress::Progress;
use crate::source::Source;
use crate::walk::Listed;
use crate::{Limits, wire};
use cap_std::fs::File;
use inventar_model::{Answer, CoverageGap, Digest, GapReason, StampedGap, Unseen};
use inventar_runtime::Hit;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

/// What phase one found out.
#[derive(Default)]
pub(crate) struct Findings {
    /// By position in the listing.
    pub(crate) records: HashMap<u32, FileRecord>,
    /// By detector and position in the listing.
    pub(crate) answers: HashMap<(u16, u32), Answered>,
    /// Encoded answers by key, for the next scan.
    pub(crate) encoded: HashMap<Key, Vec<u8>>,
    pub(crate) gaps: Vec<StampedGap>,
    pub(crate) unseen: Vec<Unseen>,
    pub(crate) bytes_read: u64,
}

impl Findings {
    /// Adds what pulling found: new files, and new answers for files already known.
    pub(crate) fn add_pulled(&mut self, mut pulled: Findings) {
        for (file, record) in std::mem::take(&mut pulled.records) {
            match self.records.get_mut(&file) {
                Some(known) => {
                    known.content = known.content.or(record.content);
                    known
                        .states
                        .retain(|state| record.states.iter().all(|new| new.detector != state.detector));
                    known.states.extend(record.states);
                }
                None => {
                    self.records.insert(file, record);
                }
            }
        }
        self.absorb(pulled);
    }

    fn absorb(&mut self, other: Findings) {
        self.records.extend(other.records);
        self.answers.extend(other.answers);
        self.encoded.extend(other.encoded);
        self.gaps.extend(other.gaps);
        self.unseen.extend(other.unseen);
        self.bytes_read += other.bytes_read;
    }
}

/// Everything phase one needs to know.
pub(crate) struct Inspector<'a> {
    pub(crate) source: &'a Source,
    /// Where members of archives are.
    pub(crate) spool: Option<&'a Spool>,
    pub(crate) claims: &'a Claims,
    pub(crate) asked: &'a [Asked<'a>],
    pub(crate) listed: &'a [Listed],
    pub(crate) old: &'a Cache,
    pub(crate) old_files: &'a HashMap<&'a str, usize>,
    /// Detectors of the old cache, as positions in `asked`.
    pub(crate) renumbered: &'a [Option<u16>],
    pub(crate) limits: &'a Limits,
    pub(crate) threads: usize,
    pub(crate) cancel: &'a AtomicBool,
    pub(crate) progress: &'a dyn Progress,
    pub(crate) started_ns: i64,
}

/// What a worker is to do.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Job {
    /// The file is as it was: its answers are in the cache.
    Recall(u32),
    /// Read it, match it, ask.
    Inspect(u32),
    /// Ask a detector without a claim's match, because another file wants this one.
    Pull(u32, u16),
}

/// A file whose bytes, as far as somebody needs them, are in the worker's buffer.
struct Contents {
    identity: FileIdentity,
    whole: bool,
    file: File,
    /// The first bytes showed that no claim holds; the rest was not read.
    dismissed: bool,
}

impl<'a> Inspector<'a> {
    /// Whether the cache answers for a file without a look at its content.
    pub(crate) fn is_known(&self, at: u32) -> bool {
        let listed = &self.listed[at as usize];
        let Some(record) = self.record(at) else { return false };
        Some(record.identity) == listed.identity
            && record.ignored == listed.ignored
            && !record.fresh
            && listed.class.detectors().all(|detector| {
                self.state(record, detector).is_some_and(|state| {
                    !state.claimed || state.key.is_some_and(|key| self.old.answers.contains_key(&key))
                })
            })
    }

    pub(crate) fn record(&self, at: u32) -> Option<&'a FileRecord> {
        self.old_files.get(&*self.listed[at as usize].path).map(|at| &self.old.files[*at])
    }

    fn state(&self, record: &'a FileRecord, detector: u16) -> Option<&'a State> {
        record
            .states
            .iter()
            .find(|state| self.renumbered.get(state.detector as usize) == Some(&Some(detector)))
    }

    /// Opens a file, or the member of an archive.
    fn open(&self, listed: &Listed) -> std::io::Result<(File, FileIdentity)> {
        if let (Some(spooled), Some(spool), Some(identity)) = (&listed.spooled, self.spool, listed.identity) {
            return Ok((platform::open_file(&spool.dir, spooled)?, identity));
        }
        let file = platform::open_file(&self.source.dir, &listed.path)?;
        let identity = FileIdentity::of_file(&file)?;
        Ok((file, identity))
    }

    /// Does the jobs on all threads.
    pub(crate) fn run(&self, jobs: &[Job]) -> Findings {
        let next = AtomicUsize::new(0);
        let done = AtomicU64::new(0);
        let threads = self.threads.min(jobs.len().div_ceil(8)).max(1);
        std::thread::scope(|scope| {
            let work = || {
                let mut worker = Worker {
                    inspector: self,
                    out: Findings::default(),
                    batches: Batches::new(self),
                    buffer: Buffer::default(),
                };
                worker.work(jobs, &next, &done);
                worker.out
            };
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
            let mut findings = work();
            for other in others {
                // A panic in a worker is a bug of ours: it goes on in the caller.
                findings.absorb(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            }
            findings
        })
    }

    /// The old record under today's numbering of detectors.
    fn renumber(&self, record: &FileRecord) -> FileRecord {
        let states = record.states.iter().filter_map(|state| {
            let detector = (*self.renumbered.get(state.detector as usize)?)?;
            Some(State { detector, ..state.clone() })
        });
        let too_large = record
            .too_large
            .iter()
            .filter_map(|(detector, max)| Some(((*self.renumbered.get(*detector as usize)?)?, *max)));
        FileRecord { states: states.collect(), too_large: too_large.collect(), ..record.clone() }
    }

    /// The gaps that a known file has because of its size.
    fn known_gaps(&self, at: u32) -> Vec<StampedGap> {
        let Some(record) = self.record(at).filter(|record| !record.too_large.is_empty()) else {
            return vec![];
        };
        let record = self.renumber(record);
        let gap = |(detector, max): &(u16, u64)| {
            too_large_gap(&self.asked[*detector as usize], &record.path, record.identity.size, *max)
        };
        record.too_large.iter().map(gap).collect()
    }
}

struct Worker<'a, 'b> {
    inspector: &'b Inspector<'a>,
    out: Findings,
    batches: Batches<'a, 'b>,
    buffer: Buffer,
}

impl<'a> Worker<'a, '_> {
    fn work(&mut self, jobs: &[Job], next: &AtomicUsize, done: &AtomicU64) {
        /// Taken at once, so that threads do not meet at the counter.
        const CHUNK: usize = 16;
        loop {
            let start = next.fetch_add(CHUNK, Ordering::Relaxed);
            if start >= jobs.len() {
                break;
            }
            let chunk = &jobs[start..jobs.len().min(start + CHUNK)];
            if self.inspector.cancel.load(Ordering::Relaxed) {
                self.out.unseen.push(Unseen { path: String::new(), plugin: None });
                return;
            }
            for job in chunk {
                match *job {
                    Job::Recall(file) => self.recall(file),
                    Job::Inspect(file) => self.inspect(file),
                    Job::Pull(file, detector) => self.pull(file, detector),
                }
            }
            let done = done.fetch_add(chunk.len() as u64, Ordering::Relaxed) + chunk.len() as u64;
            self.inspector.progress.inspected(done, jobs.len() as u64);
        }
        self.batches.flush_all(&mut self.out);
    }

    fn recall(&mut self, file: u32) {
        let Some(record) = self.inspector.record(file) else { return self.inspect(file) };
        let record = self.inspector.renumber(record);
        let mut recalled = Vec::new();
        let class = &self.inspector.listed[file as usize].class;
        for state in
            record.states.iter().filter(|state| class.detectors().any(|detector| detector == state.detector))
        {
            if let (true, Some(key)) = (state.claimed, state.key) {
                match self.cached(&key) {
                    Some(answer) => recalled.push((state.detector, key, answer, content_of(&record, state))),
                    None => return self.inspect(file),
                }
            }
        }
        self.out.gaps.extend(self.inspector.known_gaps(file));
        for (detector, key, answer, content) in recalled {
            self.answered_from_cache(detector, file, key, answer, content);
        }
        self.out.records.insert(file, record);
    }

    fn cached(&self, key: &Key) -> Option<Answer> {
        wire::decode_answer(self.inspector.old.answers.get(key)?)
    }

    fn answered_from_cache(&mut self, detector: u16, file: u32, key: Key, answer: Answer, content: Digest) {
        let asked = &self.inspector.asked[detector as usize];
        asked.files.fetch_add(1, Ordering::Relaxed);
        asked.cached.fetch_add(1, Ordering::Relaxed);
        if let Some(bytes) = self.inspector.old.answers.get(&key) {
            self.out.encoded.insert(key, bytes.clone());
        }
        self.out.answers.insert((detector, file), Answered { answer, content });
    }

    fn inspect(&mut self, file: u32) {
        let inspector = self.inspector;
        let listed = &inspector.listed[file as usize];
        let class = &listed.class;
        let detectors: Vec<u16> = class.detectors().collect();
        let limits = inspector.limits;

        let size = listed.identity.map_or(0, |identity| identity.size);
        let too_large: Vec<(ClaimRef, u64)> =
            class.max_size.iter().copied().filter(|(_, max)| size > *max).collect();
        if !too_large.is_empty() && too_large.len() == class.claims.len() {
            self.keep_record(file, listed.identity, &detectors);
            for detector in detectors {
                self.too_large(file, detector, size, too_large[0].1);
            }
            return;
        }

        let inline_max =
            detectors.iter().map(|at| inspector.asked[*at as usize].inline_max).max().unwrap_or(0);
        let whole_max = if class.searches() { limits.max_search_bytes.max(inline_max) } else { inline_max };
        let head = detectors.iter().map(|at| inspector.asked[*at as usize].head).max().unwrap_or(0);
        let head = head.max(class.magic_bytes());
        let read = self.read(listed, whole_max, head, class.probe_bytes(), |head| class.may_hold(head));
        let contents = match read {
            Ok(contents) => contents,
            Err((reason, detail)) => return self.unreadable(listed, &detectors, reason, detail),
        };
        self.keep_record(file, Some(contents.identity), &detectors);
        if contents.dismissed {
            return;
        }
        if class.searches() && !contents.whole {
            for detector in class.searching() {
                self.too_large(file, detector, contents.identity.size, whole_max);
            }
        }

        let mut hits = inspector.claims.hits(class, self.buffer.bytes(), contents.whole);
        hits.retain(|(claim, _)| !too_large.iter().any(|(excluded, _)| excluded == claim));
        let mut matched: Vec<(u16, Vec<Hit>)> = Vec::new();
        for (claim, hit) in hits {
            match matched.last_mut() {
                Some((detector, hits)) if *detector == claim.detector => hits.push(hit),
                _ => matched.push((claim.detector, vec![hit])),
            }
        }
        self.hand_over(file, contents, matched, true);
    }

    fn pull(&mut self, file: u32, detector: u16) {
        let inspector = self.inspector;
        let listed = &inspector.listed[file as usize];
        if let Some(record) = inspector.record(file)
            && Some(record.identity) == listed.identity
            && !record.fresh
            && let Some(state) = inspector.state(record, detector)
            && let Some(key) = state.key
            && let Some(answer) = self.cached(&key)
        {
            let mut kept = FileRecord { states: vec![], too_large: vec![], ..record.clone() };
            kept.states.push(State { detector, ..state.clone() });
            self.answered_from_cache(detector, file, key, answer, content_of(record, state));
            self.out.records.insert(file, kept);
            return;
        }
        let asked = &inspector.asked[detector as usize];
        match self.read(listed, asked.inline_max, asked.head, usize::MAX, |_| true) {
            Ok(contents) => {
                self.keep_record(file, Some(contents.identity), &[]);
                self.hand_over(file, contents, vec![(detector, vec![])], false);
            }
            Err((reason, detail)) => self.unreadable(listed, &[detector], reason, detail),
        }
    }

    /// Hands a file to each detector it matched, or recalls what was answered for the same content.
    fn hand_over(&mut self, file: u32, contents: Contents, matched: Vec<(u16, Vec<Hit>)>, claimed: bool) {
        if matched.is_empty() {
            return;
        }
        let inspector = self.inspector;
        let listed = &inspector.listed[file as usize];
        let Contents { identity, whole, file: handle, .. } = contents;
        // Nobody else writes to the spool.
        let is_as_read =
            listed.spooled.is_some() || FileIdentity::of_file(&handle).is_ok_and(|now| now == identity);
        if !is_as_read {
            let detectors: Vec<u16> = matched.iter().map(|(detector, _)| *detector).collect();
            let detail = "the file changed while it was read; scan again";
            return self.unreadable(listed, &detectors, GapReason::Changed, detail.into());
        }
        let digest = whole.then(|| Digest::of(self.buffer.bytes()));
        let handle = Arc::new(handle);
        for (detector, hits) in matched {
            let asked = &inspector.asked[detector as usize];
            let inline = digest.filter(|_| identity.size <= asked.inline_max);
            let (key, content, recalled_ranges) = match inline {
                Some(digest) => (answer_key(asked, listed, digest.as_bytes()), digest, None),
                None => match self.unchanged_ranges(file, detector, identity.size, &handle) {
                    Some((key, ranges)) => (key, ranges_digest(identity.size, &ranges), Some(ranges)),
                    None => (large_key(asked, listed, &identity), Digest::of(b""), None),
                },
            };
            let recall = if inline.is_some() || recalled_ranges.is_some() { self.cached(&key) } else { None };
            let mut state = State { detector, claimed, key: Some(key), ranges: vec![] };
            if let Some(answer) = recall {
                state.ranges = recalled_ranges.unwrap_or_default();
                self.answered_from_cache(detector, file, key, answer, content);
                self.set_state(file, state, inline);
                continue;
            }
            self.set_state(file, state, inline);
            let body = match inline {
                Some(_) => Body::Whole(self.buffer.bytes().to_vec()),
                None => {
                    let bytes = self.buffer.bytes();
                    let head = bytes[..bytes.len().min(asked.head as usize)].to_vec();
                    Body::large(head, handle.clone(), identity.size)
                }
            };
            self.batches.add(detector, Pending { file, hits, body, key, content }, &mut self.out);
        }
    }

    /// The key and ranges of an earlier answer for a large file, if everything the guest read then is still there.
    fn unchanged_ranges(
        &self,
        file: u32,
        detector: u16,
        size: u64,
        handle: &File,
    ) -> Option<(Key, Vec<ReadRange>)> {
        let record = self.inspector.record(file)?;
        let state = self.inspector.state(record, detector)?;
        let key = state.key?;
        if record.identity.size != size || state.ranges.is_empty() || record.content.is_some() {
            return None;
        }
        let mut buffer = Vec::new();
        for known in &state.ranges {
            buffer.resize(known.len as usize, 0);
            let n = platform::read_at(handle, &mut buffer, known.offset).ok()?;
            if n != buffer.len() || Digest::of(&buffer).as_bytes() != &known.digest {
                return None;
            }
        }
        Some((key, state.ranges.clone()))
    }

    /// Notes that a file is too large for a detector. Its record is there already.
    fn too_large(&mut self, file: u32, detector: u16, size: u64, max: u64) {
        let listed = &self.inspector.listed[file as usize];
        self.out.gaps.push(too_large_gap(&self.inspector.asked[detector as usize], &listed.path, size, max));
        if let Some(record) = self.out.records.get_mut(&file) {
            record.too_large.push((detector, max));
        }
    }

    fn unreadable(&mut self, listed: &Listed, detectors: &[u16], reason: GapReason, detail: String) {
        for detector in detectors {
            let asked = &self.inspector.asked[*detector as usize];
            self.out.unseen.push(asked.unseen(&listed.path));
        }
        let retriable = true;
        let gap = CoverageGap { at: listed.path.to_string(), reason, detail, retriable };
        self.out.gaps.push(StampedGap { gap, plugin: None });
    }

    /// Remembers a file with the answer "not a candidate" for each detector, to be overwritten where it is one.
    fn keep_record(&mut self, file: u32, identity: Option<FileIdentity>, detectors: &[u16]) {
        let Some(identity) = identity else { return };
        let inspector = self.inspector;
        let states = detectors.iter().map(|detector| State {
            detector: *detector,
            claimed: false,
            key: None,
            ranges: vec![],
        });
        let record = FileRecord {
            path: inspector.listed[file as usize].path.to_string(),
            identity,
            ignored: inspector.listed[file as usize].ignored,
            fresh: identity.is_fresh(inspector.started_ns, inspector.limits.fresh_ns),
            content: None,
            states: states.collect(),
            too_large: vec![],
        };
        self.out.records.insert(file, record);
    }

    fn set_state(&mut self, file: u32, state: State, content: Option<Digest>) {
        if let Some(record) = self.out.records.get_mut(&file) {
            record.content = content.map(|digest| *digest.as_bytes()).or(record.content);
            match record.states.iter_mut().find(|known| known.detector == state.detector) {
                Some(known) => *known = state,
                None => record.states.push(state),
            }
        }
    }

    /// Reads a file whole if it has at most `whole_max` bytes, else its first `head` bytes, into the buffer: its `first`
    /// bytes, and the rest only if `go_on` says so of those.
    fn read(
        &mut self,
        listed: &Listed,
        whole_max: u64,
        head: u64,
        first: usize,
        go_on: impl FnOnce(&[u8]) -> bool,
    ) -> Result<Contents, (GapReason, String)> {
        let (file, identity) = self.inspector.open(listed).map_err(io_gap)?;
        let whole = identity.size <= whole_max;
        let len = if whole { identity.size } else { head.min(identity.size) };
        let len = usize::try_from(len).unwrap_or(0);
        let filled = self.buffer.fill(&file, len, first, go_on).map_err(io_gap)?;
        if filled == Filled::Short {
            return Err((GapReason::Changed, "the file became shorter while it was read; scan again".into()));
        }
        self.out.bytes_read += self.buffer.bytes().len() as u64;
        Ok(Contents { identity, whole, file, dismissed: filled == Filled::Dismissed })
    }
}

fn too_large_gap(asked: &Asked<'_>, path: &str, size: u64, max: u64) -> StampedGap {
    let detail = format!("{size} bytes; only files up to {max} bytes are looked at for this");
    asked.gap(path, GapReason::TooLarge(size), detail)
}

fn io_gap(error: std::io::Error) -> (GapReason, String) {
    let reason = match error.kind() {
        std::io::ErrorKind::PermissionDenied => GapReason::AccessDenied,
        std::io::ErrorKind::NotFound | std::io::ErrorKind::InvalidInput => GapReason::Changed,
        _ => GapReason::Other("cannot be read".into()),
    };
    (reason, format!("cannot read this file: {error}"))
}

/// A file's content as it was recorded: of a large one, what was read of it.
fn content_of(record: &FileRecord, state: &State) -> Digest {
    match record.content {
        Some(content) if state.ranges.is_empty() => Digest::from_bytes(content),
        _ => ranges_digest(record.identity.size, &state.ranges),
    }
}

fn answer_key(asked: &Asked<'_>, listed: &Listed, content: &Key) -> Key {
    let ignored = [u8::from(listed.ignored)];
    *Digest::of_parts([b"scan".as_slice(), &asked.key, listed.path.as_bytes(), &ignored, content]).as_bytes()
}

fn large_key(asked: &Asked<'_>, listed: &Listed, identity: &FileIdentity) -> Key {
    let identity = postcard::to_stdvec(identity).unwrap_or_default();
    answer_key(asked, listed, Digest::of_parts([b"large".as_slice(), &identity]).as_bytes())
}
