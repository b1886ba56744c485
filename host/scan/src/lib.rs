//! From a folder to observations: walk, match, inspect, link.
//!
//! ```text
//!   walk ──► match ──► inspect ──► link ──► Run
//!   every     claims    phase 1:    phase 2:  reports, gaps,
//!   entry     of all    one file    facts of  what was left out,
//!   once      plugins   at a time   others    what is unseen
//! ```
//!
//! The host walks, but for what is ignored (`rules`), and reads; plugins answer. All plugins' claims are one question
//! per file (`claim`), so a file is opened once however many plugins there are, and most are never opened (`inspect`).
//! Candidates go to guests in batches (`ask`); a guest that fails costs one file. Files that refer to others are asked
//! about once more with the facts of those (`link`). Every answer is cached under what it depends on (`cache`), so a
//! rescan costs what changed, and an incremental scan equals a cold one.
//!
//! ```no_run
//! use inventar_scan::{Options, Silent, Source, scan};
//!
//! let source = Source::open("src".as_ref(), None)?;
//! let outcome = scan(&source, &[], &Options::default(), &Silent, &Default::default())?;
//! println!("{} files, {} reports", outcome.run.files_seen, outcome.run.reports.len());
//! # Ok::<(), inventar_scan::ScanError>(())
//! ```
//!
//! What cannot be looked at is a [`inventar_model::StampedGap`], never an error; [`ScanError`] is for a scan that
//! could not begin. This crate cannot write to the database: it returns a [`inventar_model::Run`].

mod ask;
mod cache;
mod claim;
mod collect;
mod compressed;
mod error;
mod hard_links;
mod image;
mod inspect;
mod link;
mod literals;
mod members;
mod platform;
mod probe;
mod progress;
mod rules;
mod source;
mod walk;
mod wire;

pub use claim::Interest;
pub use collect::{CollectError, CollectLimits, CollectOptions, Collected, Collector, Line, Lines, collect};
pub use error::ScanError;
pub use image::ImageKind;
pub use members::{ARCHIVES, MAX_ARCHIVE_DEPTH};
pub use probe::{Probe, probe};
pub use progress::{Progress, Silent};
pub use rules::DEPENDENCY_FOLDERS;
pub use source::Source;

use ask::Asked;
use cache::{Cache, Snapshot, Stored};
use claim::Claims;
use inspect::{Findings, Inspector, Job};
use inventar_model::{
    Digest, FileReport, Gap, LeftOut, PluginUse, Report, Run, RunStatus, StampedGap, Timestamp, Unseen,
};
use inventar_runtime::{Plugin, Trust};
use link::{LinkContext, Linker, Paths};
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use walk::{WalkOptions, Walked};

/// A plugin as it takes part in a scan.
#[derive(Debug, Clone)]
pub struct Detector {
    /// The plugin.
    pub plugin: Plugin,
    /// Its settings as canonical JSON, checked against its schema; empty: none.
    pub settings: String,
}

/// How to scan.
#[derive(Debug, Clone)]
pub struct Options {
    /// Enter dependency and build folders, and apply no `.gitignore`.
    pub no_ignore: bool,
    /// Worker threads, at least one.
    pub threads: usize,
    /// The folder of the report cache; none: nothing is remembered.
    pub cache: Option<PathBuf>,
    /// The clock.
    pub clock: fn() -> Timestamp,
    /// Caps.
    pub limits: Limits,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            no_ignore: false,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            cache: None,
            clock: system_clock,
            limits: Limits::default(),
        }
    }
}

fn system_clock() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// What bounds a scan. Caps on a guest are the runtime's.
#[derive(Debug, Clone)]
pub struct Limits {
    /// A larger file is not searched for literals.
    pub max_search_bytes: u64,
    /// Files handed to a guest at once.
    pub max_batch_files: usize,
    /// Bytes handed to a guest at once; a larger single file goes alone.
    pub max_batch_bytes: usize,
    /// Pieces in which a guest may read one large file.
    pub max_ranges: usize,
    /// Files in one link, the file itself included.
    pub max_parts: usize,
    /// Bytes of facts in one link.
    pub max_facts_bytes: usize,
    /// Members of one archive or layer.
    pub max_members: usize,
    /// Bytes that one archive or layer may unpack to.
    pub max_unpacked_bytes: u64,
    /// Bytes of members that are kept for a closer look, all archives together.
    pub max_spool_bytes: u64,
    /// Single files a plugin may fail on before it is skipped.
    pub max_poisonous_files: u32,
    /// Calls a plugin may fail in before it is skipped, those with several files included.
    pub max_failed_calls: u32,
    /// A file changed within so many nanoseconds before a scan is read again by the next.
    pub fresh_ns: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_search_bytes: 16 << 20,
            max_batch_files: 64,
            max_batch_bytes: 4 << 20,
            max_ranges: 4096,
            max_parts: 64,
            max_facts_bytes: 1 << 20,
            max_members: 1_000_000,
            max_unpacked_bytes: 64 << 30,
            max_spool_bytes: 16 << 30,
            max_poisonous_files: 5,
            max_failed_calls: 40,
            fresh_ns: 2_000_000_000,
        }
    }
}

/// Wall time by stage.
#[derive(Debug, Clone, Copy, Default)]
pub struct Timing {
    /// Listing the source.
    pub walk: Duration,
    /// Loading the report cache.
    pub recall: Duration,
    /// Reading, matching, phase one.
    pub inspect: Duration,
    /// Phase two, pulls included.
    pub link: Duration,
    /// Saving the report cache.
    pub save: Duration,
}

/// A finished scan.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// What was seen.
    pub run: Run,
    /// What it took.
    pub timing: Timing,
    /// Nothing had changed since the last scan: no file was opened and no guest was called.
    pub unchanged: bool,
    /// Why the report cache could not be written, if it could not.
    pub cache_error: Option<String>,
}

/// Scans a source with some detectors. `cancel` may be set from another thread: what was answered until then is kept.
pub fn scan(
    source: &Source,
    detectors: &[Detector],
    options: &Options,
    progress: &dyn Progress,
    cancel: &AtomicBool,
) -> Result<Outcome, ScanError> {
    let started = (options.clock)();
    let mut timing = Timing::default();
    let asked: Vec<Asked<'_>> = detectors.iter().map(Asked::new).collect();

    let clock = Instant::now();
    let cache_file = options.cache.as_ref().map(|folder| cache::file_of(folder, &source.name));
    let (mut stored, walked) = std::thread::scope(|scope| {
        let opening = cache_file.as_ref().map(|path| scope.spawn(|| Stored::open(path)));
        let walked = match &source.image {
            Some(image) => Walked::of_image(&image.digest),
            None => walk_with(source, options, progress, cancel),
        };
        let stored = opening.map(|thread| thread.join().unwrap_or_default()).unwrap_or_default();
        (stored, walked)
    });
    timing.walk = clock.elapsed();
    let mut scan = Scan { source, options, asked: &asked, started, timing, members: 0 };
    if !cancel.load(Ordering::Relaxed)
        && let Some(run) = scan.unchanged(&stored.snapshot, &walked)
    {
        return Ok(Outcome { run, timing: scan.timing, unchanged: true, cache_error: None });
    }

    let clock = Instant::now();
    let claims =
        Claims::new(detectors.iter().map(|detector| Interest::of(detector.plugin.manifest())).collect())?;
    let old = stored.rest();
    let mut listing = walked.classify(&claims, options.threads.max(1));
    let expanded = members::expand(source, &claims, &listing.files, &options.limits, cancel);
    let mut members = expanded.map_err(ScanError::Spool)?;
    if let Some(members) = &mut members {
        listing.files.append(&mut members.files);
        scan.members = members.seen;
        progress.walked(walked.files_seen + members.seen);
    }
    scan.timing.recall = clock.elapsed();
    let old_files: HashMap<&str, usize> =
        old.files.iter().enumerate().map(|(at, record)| (record.path.as_str(), at)).collect();
    let renumbered: Vec<Option<u16>> = old
        .detectors
        .iter()
        .map(|key| asked.iter().position(|asked| asked.key == *key).map(|at| at as u16))
        .collect();
    let inspector = Inspector {
        source,
        spool: members.as_ref().map(|members| &members.spool),
        claims: &claims,
        asked: &asked,
        listed: &listing.files,
        old: &old,
        old_files: &old_files,
        renumbered: &renumbered,
        limits: &options.limits,
        threads: options.threads.max(1),
        cancel,
        progress,
        started_ns: started.0.saturating_mul(1_000_000),
    };

    let jobs = plan(&inspector);
    let clock = Instant::now();
    let mut findings = inspector.run(&jobs);
    scan.timing.inspect = clock.elapsed();

    let clock = Instant::now();
    let links = scan.link(&inspector, &mut findings, progress, cancel);
    scan.timing.link = clock.elapsed();

    let mut reports = Vec::new();
    let mut links_by_detector = links.reports;
    for ((detector, file), answered) in &mut findings.answers {
        let mut report = std::mem::take(&mut answered.answer.report);
        if let Some(link) = links_by_detector.remove(&(*detector, *file)) {
            report = report.linked_with(link);
        }
        if !report.is_empty() {
            reports.push(FileReport {
                plugin: asked[*detector as usize].id.clone(),
                path: listing.files[*file as usize].path.to_string(),
                content: answered.content,
                report,
            });
        }
    }
    reports.sort_by(|a, b| (&a.plugin, &a.path).cmp(&(&b.plugin, &b.path)));
    let encoded = wire::encode_file_reports(&reports);
    let digest = Digest::of(&encoded);
    let inspected: HashSet<u32> = findings.answers.keys().map(|(_, file)| *file).collect();
    let inspected = inspected.len() as u64;

    findings.gaps.extend(links.gaps);
    if let Some(members) = &members {
        findings.gaps.extend(members.gaps.iter().cloned());
    }
    findings.unseen.extend(links.unseen);
    let was_cancelled = cancel.load(Ordering::Relaxed);
    if was_cancelled {
        findings.unseen.push(Unseen { path: String::new(), plugin: None });
    }

    let declared = |gap: &StampedGap| gap.gap.class() == Gap::Declared;
    let is_whole =
        findings.unseen.is_empty() && walked.unseen.is_empty() && findings.gaps.iter().all(declared);
    let is_settled = !walked.has_changed_since(inspector.started_ns - options.limits.fresh_ns);
    let snapshot = if is_whole && is_settled && !was_cancelled {
        Snapshot {
            fingerprint: Some(walked.fingerprint),
            detectors: asked.iter().map(|asked| asked.key).collect(),
            inspected,
            members: scan.members,
            per_detector: asked.iter().map(|asked| asked.files.load(Ordering::Relaxed)).collect(),
            gaps: wire::encode_gaps(&findings.gaps),
            left_out: wire::encode_left_out(&listing.left_out),
            reports: encoded,
            reports_digest: *digest.as_bytes(),
        }
    } else {
        Snapshot::default()
    };
    let clock = Instant::now();
    let new = Cache {
        detectors: asked.iter().map(|asked| asked.key).collect(),
        files: std::mem::take(&mut findings.records).into_values().collect(),
        answers: std::mem::take(&mut findings.encoded),
        links: links.encoded,
    };
    let cache_error = match &cache_file {
        Some(path) if !was_cancelled => {
            new.save(&snapshot, path).err().map(|error| format!("{}: {error}", path.display()))
        }
        _ => None,
    };
    scan.timing.save = clock.elapsed();
    let bytes_read = findings.bytes_read;
    let run =
        scan.run(reports, digest, inspected, bytes_read, &walked, listing.left_out, findings, was_cancelled);
    Ok(Outcome { run, timing: scan.timing, unchanged: false, cache_error })
}

/// Walks with the options of a scan.
fn walk_with(source: &Source, options: &Options, progress: &dyn Progress, cancel: &AtomicBool) -> Walked {
    let walked = AtomicU64::new(0);
    let threads = options.threads.max(1);
    let seen = walk::walk(
        source,
        &WalkOptions { no_ignore: options.no_ignore, threads, cancel, walked: &walked, progress },
    );
    progress.walked(walked.into_inner());
    seen
}

/// What is to be done with each listed file.
fn plan(inspector: &Inspector<'_>) -> Vec<Job> {
    let wanted = |at: &u32| !inspector.listed[*at as usize].class.claims.is_empty();
    let job = |at| if inspector.is_known(at) { Job::Recall(at) } else { Job::Inspect(at) };
    (0..inspector.listed.len() as u32).filter(wanted).map(job).collect()
}

/// The parts of a scan that its end needs.
struct Scan<'a> {
    source: &'a Source,
    options: &'a Options,
    asked: &'a [Asked<'a>],
    started: Timestamp,
    timing: Timing,
    /// Members of archives that were seen.
    members: u64,
}

/// Links of all detectors.
#[derive(Default)]
struct Links {
    reports: HashMap<(u16, u32), Report>,
    encoded: HashMap<cache::Key, Vec<u8>>,
    gaps: Vec<StampedGap>,
    unseen: Vec<Unseen>,
}

impl Scan<'_> {
    /// The last scan's outcome once more, if this one cannot find anything else.
    fn unchanged(&mut self, snapshot: &Snapshot, walked: &Walked) -> Option<Run> {
        let is_same = snapshot.fingerprint == Some(walked.fingerprint)
            && walked.unseen.is_empty()
            && snapshot.detectors.iter().eq(self.asked.iter().map(|asked| &asked.key));
        if !is_same {
            return None;
        }
        let clock = Instant::now();
        let reports = wire::decode_file_reports(&snapshot.reports)?;
        let findings = Findings { gaps: wire::decode_gaps(&snapshot.gaps)?, ..Findings::default() };
        let left_out = wire::decode_left_out(&snapshot.left_out)?;
        for (asked, files) in self.asked.iter().zip(&snapshot.per_detector) {
            asked.files.store(*files, Ordering::Relaxed);
            asked.cached.store(*files, Ordering::Relaxed);
        }
        self.timing.recall = clock.elapsed();
        self.members = snapshot.members;
        let digest = Digest::from_bytes(snapshot.reports_digest);
        Some(self.run(reports, digest, snapshot.inspected, 0, walked, left_out, findings, false))
    }

    /// Pulls what is wanted, then links, one detector after the other.
    fn link(
        &self,
        inspector: &Inspector<'_>,
        findings: &mut Findings,
        progress: &dyn Progress,
        cancel: &AtomicBool,
    ) -> Links {
        let mut links = Links::default();
        let mut paths = None;
        for (detector, asked) in self.asked.iter().enumerate() {
            let Some(rules) = &asked.detector.plugin.manifest().link else { continue };
            let detector = detector as u16;
            let mut roots: Vec<u32> =
                findings.answers.keys().filter(|(by, _)| *by == detector).map(|(_, file)| *file).collect();
            roots.sort_unstable();
            let paths = paths.get_or_insert_with(|| Paths::new(inspector.listed));
            let hops = usize::from(rules.hops);
            for depth in 1..=hops {
                let broken = broken(findings, asked, inspector);
                let linker = Linker {
                    detector,
                    hops,
                    listed: inspector.listed,
                    paths,
                    answers: &findings.answers,
                    roots: &roots,
                    broken: &broken,
                };
                let missing = linker.missing(depth);
                if missing.is_empty() || cancel.load(Ordering::Relaxed) {
                    continue;
                }
                let jobs: Vec<Job> = missing.into_iter().map(|file| Job::Pull(file, detector)).collect();
                let pulled = inspector.run(&jobs);
                findings.add_pulled(pulled);
            }
            let broken = broken(findings, asked, inspector);
            let linker = Linker {
                detector,
                hops,
                listed: inspector.listed,
                paths,
                answers: &findings.answers,
                roots: &roots,
                broken: &broken,
            };
            let context = LinkContext {
                asked,
                old: inspector.old,
                limits: &self.options.limits,
                threads: inspector.threads,
                cancel,
                progress,
            };
            let linked = link::link(&linker, &context);
            links.reports.extend(linked.reports.into_iter().map(|(file, report)| ((detector, file), report)));
            for (file, gap) in linked.cuts {
                links.reports.entry((detector, file)).or_default().gaps.push(gap);
            }
            links.encoded.extend(linked.encoded);
            links.gaps.extend(linked.gaps);
            links.unseen.extend(linked.unseen);
        }
        links
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the ends of two ways through a scan meet here, and nowhere else"
    )]
    fn run(
        &self,
        reports: Vec<FileReport>,
        reports_digest: Digest,
        files_inspected: u64,
        bytes_read: u64,
        walked: &Walked,
        left_out: Vec<LeftOut>,
        findings: Findings,
        was_cancelled: bool,
    ) -> Run {
        let mut gaps = findings.gaps;
        gaps.extend(walked.gaps.iter().cloned());
        gaps.sort();
        gaps.dedup();
        let mut unseen = findings.unseen;
        unseen.extend(walked.unseen.iter().cloned());
        unseen.sort();
        unseen.dedup();
        let mut plugins: Vec<PluginUse> = self.asked.iter().map(plugin_use).collect();
        plugins.sort_by(|a, b| a.id.cmp(&b.id));
        let failed = |gap: &StampedGap| gap.gap.class() == Gap::Failure;
        let status = if was_cancelled {
            RunStatus::Interrupted
        } else if !unseen.is_empty() || gaps.iter().any(failed) {
            RunStatus::Partial
        } else {
            RunStatus::Complete
        };
        let revision = self.source.revision(reports.iter().map(|report| report.path.as_str()));
        Run {
            source: self.source.name.clone(),
            reports,
            reports_digest,
            gaps,
            status,
            revision,
            started: self.started,
            ended: (self.options.clock)(),
            plugins,
            files_seen: walked.files_seen + self.members,
            files_inspected,
            bytes_read,
            left_out,
            unseen,
        }
    }
}

fn plugin_use(asked: &Asked<'_>) -> PluginUse {
    let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    PluginUse {
        id: asked.id.clone(),
        version: asked.detector.plugin.manifest().version.clone(),
        digest: Digest::from_bytes(asked.key),
        signed: asked.detector.plugin.trust() != Trust::Unsigned,
        files: load(&asked.files),
        cached: load(&asked.cached),
        guest_micros: load(&asked.guest_micros),
    }
}

/// The files a detector was asked about in vain.
fn broken(findings: &Findings, asked: &Asked<'_>, inspector: &Inspector<'_>) -> HashSet<u32> {
    let failed: HashSet<&str> = findings
        .unseen
        .iter()
        .filter(|unseen| unseen.plugin.as_ref() == Some(&asked.id))
        .map(|unseen| unseen.path.as_str())
        .collect();
    if failed.is_empty() {
        return HashSet::new();
    }
    (0..inspector.listed.len() as u32)
        .filter(|at| failed.contains(&*inspector.listed[*at as usize].path))
        .collect()
}
