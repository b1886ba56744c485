//! Walking and matching alone, without plugins: what benchmarks measure and authors of claims try out.

use crate::claim::{Claims, Interest};
use crate::error::ScanError;
use crate::platform;
use crate::source::Source;
use crate::{Options, Silent, walk_with};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

/// What a probe counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Probe {
    /// Regular files the walk saw.
    pub files: u64,
    /// Files whose path a claim matched: those that were opened, if a claim asks for content.
    pub opened: u64,
    /// Files that a claim matched whole.
    pub candidates: u64,
    /// Bytes read.
    pub bytes: u64,
}

/// Walks a source and counts the files that match, reading and matching them as a scan does. With `read` false it
/// stops after walking and telling each file's identity.
pub fn probe(
    source: &Source,
    interests: Vec<Interest>,
    options: &Options,
    read: bool,
) -> Result<Probe, ScanError> {
    let claims = Claims::new(interests)?;
    let walked = walk_with(source, options, &Silent, &AtomicBool::new(false));
    let mut probe = Probe { files: walked.files_seen, ..Probe::default() };
    if !read {
        return Ok(probe);
    }
    let listing = walked.classify(&claims, options.threads.max(1));
    let next = AtomicUsize::new(0);
    let (opened, candidates, bytes) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    let work = || {
        let mut buffer = platform::Buffer::default();
        while let Some(listed) = listing.files.get(next.fetch_add(1, Ordering::Relaxed)) {
            let Ok(file) = platform::open_file(&source.dir, &listed.path) else { continue };
            opened.fetch_add(1, Ordering::Relaxed);
            let Ok(identity) = platform::FileIdentity::of_file(&file) else { continue };
            let len = identity.size.min(options.limits.max_search_bytes) as usize;
            let class = &listed.class;
            let filled = buffer.fill(&file, len, class.probe_bytes(), |head| class.may_hold(head));
            if let Ok(filled) = filled {
                bytes.fetch_add(buffer.bytes().len() as u64, Ordering::Relaxed);
                if filled != platform::Filled::Dismissed
                    && !claims.hits(&listed.class, buffer.bytes(), true).is_empty()
                {
                    candidates.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..options.threads.max(1) {
            scope.spawn(work);
        }
        work();
    });
    (probe.opened, probe.candidates, probe.bytes) =
        (opened.into_inner(), candidates.into_inner(), bytes.into_inner());
    Ok(probe)
}
