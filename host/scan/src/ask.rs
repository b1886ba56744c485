//! Asking detectors: files wait in batches, one for each detector, and a full batch goes to a fresh guest.
//!
//! A batch that fails is halved until the poisonous file is alone; that one becomes a gap, and everything else is
//! answered. A detector that fails too often is not asked any more in this run. A large file is not handed over: the
//! guest reads of it what it wants, and what it read is remembered, because its answer depends on nothing else.

use crate::cache::{Key, ReadRange};
use crate::inspect::{Findings, Inspector};
use crate::progress::Progress;
use crate::{Detector, Limits, platform, wire};
use cap_std::fs::File;
use inventar_model::{Answer, CoverageGap, Digest, GapReason, PluginId, StampedGap, Unseen};
use inventar_runtime::{Blob, Candidate, Content, Fault, Hit};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// A detector in this scan, with what it costs.
pub(crate) struct Asked<'a> {
    pub(crate) detector: &'a Detector,
    pub(crate) id: PluginId,
    /// Component and settings: what an answer depends on beside the file.
    pub(crate) key: Key,
    pub(crate) inline_max: u64,
    pub(crate) head: u64,
    pub(crate) files: AtomicU64,
    pub(crate) cached: AtomicU64,
    pub(crate) guest_micros: AtomicU64,
    /// Files (or subjects) that failed alone.
    poisonous: AtomicU32,
    /// Calls that failed, those with several files included.
    failed_calls: AtomicU32,
}

impl<'a> Asked<'a> {
    pub(crate) fn new(detector: &'a Detector) -> Self {
        let manifest = detector.plugin.manifest();
        let key = Digest::of_parts([
            b"inventar detector 0.1".as_slice(),
            detector.plugin.digest().as_bytes(),
            detector.settings.as_bytes(),
        ]);
        Self {
            detector,
            id: manifest.id.clone(),
            key: *key.as_bytes(),
            inline_max: manifest.inline_max,
            head: manifest.head,
            files: AtomicU64::new(0),
            cached: AtomicU64::new(0),
            guest_micros: AtomicU64::new(0),
            poisonous: AtomicU32::new(0),
            failed_calls: AtomicU32::new(0),
        }
    }

    /// Whether it failed so often that it is not asked any more in this run.
    pub(crate) fn is_out(&self, limits: &Limits) -> bool {
        self.poisonous.load(Ordering::Relaxed) >= limits.max_poisonous_files
            || self.failed_calls.load(Ordering::Relaxed) >= limits.max_failed_calls
    }

    /// Counts a failed call that had `n` files in it.
    pub(crate) fn count_fault(&self, n: usize) {
        self.failed_calls.fetch_add(1, Ordering::Relaxed);
        if n == 1 {
            self.poisonous.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Counts compute time and passes on what the guest said.
    pub(crate) fn account(
        &self,
        guest: std::time::Duration,
        log: &[inventar_runtime::LogLine],
        progress: &dyn Progress,
    ) {
        self.guest_micros.fetch_add(guest.as_micros() as u64, Ordering::Relaxed);
        for line in log {
            progress.log(&self.id, line);
        }
    }

    pub(crate) fn gap(&self, at: &str, reason: GapReason, detail: String) -> StampedGap {
        let retriable = matches!(reason, GapReason::TimedOut | GapReason::Changed | GapReason::AccessDenied);
        StampedGap {
            gap: CoverageGap { at: at.to_owned(), reason, detail, retriable },
            plugin: Some(self.id.clone()),
        }
    }

    pub(crate) fn unseen(&self, path: &str) -> Unseen {
        Unseen { path: path.to_owned(), plugin: Some(self.id.clone()) }
    }
}

/// What a fault of a plugin means for the file it happened on.
pub(crate) fn fault_gap(fault: &Fault) -> (GapReason, String) {
    let reason = if fault.kind.is_clock() {
        GapReason::TimedOut
    } else if fault.kind.is_limit() {
        GapReason::BudgetExhausted
    } else {
        GapReason::PluginFault(fault.kind.as_str().to_owned())
    };
    (reason, fault.message.clone())
}

/// A plugin's answer for a file.
pub(crate) struct Answered {
    pub(crate) answer: Answer,
    pub(crate) content: Digest,
}

/// A file on its way to a guest.
pub(crate) struct Pending {
    pub(crate) file: u32,
    pub(crate) hits: Vec<Hit>,
    pub(crate) body: Body,
    pub(crate) key: Key,
    pub(crate) content: Digest,
}

/// What is handed over of it.
pub(crate) enum Body {
    Whole(Vec<u8>),
    Large { head: Vec<u8>, file: Arc<File>, size: u64, reads: Reads },
}

/// What a guest read of a large file.
pub(crate) type Reads = Arc<Mutex<Vec<ReadRange>>>;

impl Body {
    /// Of a large file: its head now, and what the guest will read.
    pub(crate) fn large(head: Vec<u8>, file: Arc<File>, size: u64) -> Self {
        let reads = Arc::new(Mutex::new(vec![range(0, &head)]));
        Self::Large { head, file, size, reads }
    }

    fn len(&self) -> usize {
        match self {
            Self::Whole(bytes) => bytes.len(),
            Self::Large { head, .. } => head.len(),
        }
    }
}

/// The files that wait, by detector.
pub(crate) struct Batches<'a, 'b> {
    inspector: &'b Inspector<'a>,
    waiting: Vec<Vec<Pending>>,
}

impl<'a, 'b> Batches<'a, 'b> {
    pub(crate) fn new(inspector: &'b Inspector<'a>) -> Self {
        Self { inspector, waiting: inspector.asked.iter().map(|_| vec![]).collect() }
    }

    /// Adds a file to a detector's batch; asks when that is full.
    pub(crate) fn add(&mut self, detector: u16, pending: Pending, out: &mut Findings) {
        let limits = self.inspector.limits;
        let batch = &mut self.waiting[detector as usize];
        let bytes: usize = batch.iter().map(|pending| pending.body.len()).sum();
        let is_full = batch.len() >= limits.max_batch_files
            || !batch.is_empty() && bytes + pending.body.len() > limits.max_batch_bytes;
        if is_full {
            self.flush(detector, out);
        }
        self.waiting[detector as usize].push(pending);
    }

    /// Asks about everything that still waits.
    pub(crate) fn flush_all(&mut self, out: &mut Findings) {
        for detector in 0..self.waiting.len() {
            self.flush(detector as u16, out);
        }
    }

    /// Asks a detector about its batch, halving it as long as it fails.
    fn flush(&mut self, detector: u16, out: &mut Findings) {
        let inspector = self.inspector;
        let asked = &inspector.asked[detector as usize];
        let mut stack = vec![std::mem::take(&mut self.waiting[detector as usize])];
        while let Some(mut batch) = stack.pop() {
            if batch.is_empty() {
                continue;
            }
            if asked.is_out(inspector.limits) || inspector.cancel.load(Ordering::Relaxed) {
                for pending in batch {
                    self.not_asked(detector, pending.file, out);
                }
                continue;
            }
            let candidates = batch.iter().map(|pending| candidate(inspector, pending)).collect();
            match asked.detector.plugin.scan(&asked.detector.settings, candidates) {
                Ok(scanned) => {
                    asked.account(scanned.guest, &scanned.log, inspector.progress);
                    let mut problems: HashMap<usize, (GapReason, String)> = scanned
                        .problems
                        .into_iter()
                        .map(|(at, reason, detail)| (at, (reason, detail)))
                        .collect();
                    for (at, (pending, answer)) in batch.into_iter().zip(scanned.answers).enumerate() {
                        self.answered(detector, pending, answer, problems.remove(&at), out);
                    }
                }
                Err(fault) => {
                    asked.account(fault.guest, &fault.log, inspector.progress);
                    asked.count_fault(batch.len());
                    if batch.len() == 1 {
                        let (reason, detail) = fault_gap(&fault);
                        self.failed(detector, batch[0].file, reason, detail, out);
                    } else {
                        let half = batch.split_off(batch.len() / 2);
                        stack.push(half);
                        stack.push(batch);
                    }
                }
            }
        }
    }

    fn answered(
        &self,
        detector: u16,
        pending: Pending,
        answer: Option<Answer>,
        problem: Option<(GapReason, String)>,
        out: &mut Findings,
    ) {
        let asked = &self.inspector.asked[detector as usize];
        let Some(answer) = answer else {
            let (reason, detail) = problem.unwrap_or_else(|| {
                (GapReason::PluginFault("no answer".into()), "the plugin did not answer for this file".into())
            });
            return self.failed(detector, pending.file, reason, detail, out);
        };
        asked.files.fetch_add(1, Ordering::Relaxed);
        let mut content = pending.content;
        if let Body::Large { size, reads, .. } = &pending.body {
            let mut ranges = std::mem::take(&mut *reads.lock().unwrap_or_else(PoisonError::into_inner));
            ranges.sort_by_key(|range| (range.offset, range.len));
            ranges.dedup();
            content = ranges_digest(*size, &ranges);
            if let Some(record) = out.records.get_mut(&pending.file)
                && let Some(state) = record.states.iter_mut().find(|state| state.detector == detector)
            {
                state.ranges = ranges;
            }
        }
        out.encoded.insert(pending.key, wire::encode_answer(&answer));
        out.answers.insert((detector, pending.file), Answered { answer, content });
        if let Some((reason, detail)) = problem {
            let path = &self.inspector.listed[pending.file as usize].path;
            out.gaps.push(asked.gap(path, reason, detail));
        }
    }

    fn not_asked(&self, detector: u16, file: u32, out: &mut Findings) {
        let asked = &self.inspector.asked[detector as usize];
        if asked.is_out(self.inspector.limits) {
            let reason = GapReason::PluginFault("skipped".into());
            let detail = "the plugin failed too often in this run and was not asked about this file";
            self.failed(detector, file, reason, detail.into(), out);
        } else {
            out.unseen.push(asked.unseen(&self.inspector.listed[file as usize].path));
        }
    }

    fn failed(&self, detector: u16, file: u32, reason: GapReason, detail: String, out: &mut Findings) {
        let asked = &self.inspector.asked[detector as usize];
        let path = &self.inspector.listed[file as usize].path;
        out.gaps.push(asked.gap(path, reason, detail));
        out.unseen.push(asked.unseen(path));
    }
}

fn candidate(inspector: &Inspector<'_>, pending: &Pending) -> Candidate {
    let content = match &pending.body {
        Body::Whole(bytes) => Content::Inline(bytes.clone()),
        Body::Large { head, file, size, reads } => Content::Large {
            head: head.clone(),
            blob: Box::new(FileBlob {
                file: file.clone(),
                size: *size,
                reads: reads.clone(),
                max_ranges: inspector.limits.max_ranges,
            }),
        },
    };
    Candidate {
        path: inspector.listed[pending.file as usize].path.to_string(),
        hits: pending.hits.clone(),
        content,
    }
}

/// The digest of a large file: of what was read of it.
pub(crate) fn ranges_digest(size: u64, ranges: &[ReadRange]) -> Digest {
    let ranges = postcard::to_stdvec(ranges).unwrap_or_default();
    Digest::of_parts([b"ranges".as_slice(), &size.to_le_bytes(), &ranges])
}

pub(crate) fn range(offset: u64, bytes: &[u8]) -> ReadRange {
    ReadRange { offset, len: bytes.len() as u32, digest: *Digest::of(bytes).as_bytes() }
}

/// A guest's way to the bytes of one large file; remembers what it saw.
struct FileBlob {
    file: Arc<File>,
    size: u64,
    reads: Reads,
    max_ranges: usize,
}

impl Blob for FileBlob {
    fn size(&self) -> u64 {
        self.size
    }

    fn read(&mut self, offset: u64, len: u32) -> std::io::Result<Vec<u8>> {
        let len = u64::from(len).min(self.size.saturating_sub(offset));
        let mut bytes = vec![0; len as usize];
        let n = platform::read_at(&self.file, &mut bytes, offset)?;
        if n < bytes.len() {
            return Err(std::io::Error::new(
                std::io::ErrorKind::UnexpectedEof,
                "the file became shorter while it was read",
            ));
        }
        let mut reads = self.reads.lock().unwrap_or_else(PoisonError::into_inner);
        if reads.len() >= self.max_ranges {
            return Err(std::io::Error::other("the plugin reads this file in too many pieces"));
        }
        reads.push(range(offset, &bytes));
        Ok(bytes)
    }
}
