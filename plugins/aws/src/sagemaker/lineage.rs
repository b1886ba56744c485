//! Which training job wrote which weights.
//!
//! A job's weights lie below its output path, in a folder named after it. What is kept from slice to slice is a
//! fingerprint of name and path, eight characters a job; a model whose address has such a name below such a path was
//! trained by that job.

use crate::listing::Slice;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use std::collections::BTreeSet;

const MEMORY: &str = "outputs";
/// Characters a job: 48 bits.
const WIDTH: usize = 8;
/// Jobs that are remembered, the newest: a cursor has room for 64 KiB.
const MAX_JOBS: usize = 6_000;
/// Folders of an address that are looked at.
const MAX_SEGMENTS: usize = 16;

/// Remembers where a job writes.
pub(super) fn remember(slice: &mut Slice<'_>, job: &str, output: &str) {
    let known = slice.state.memory.entry(MEMORY.to_owned()).or_default();
    if known.len() < MAX_JOBS * WIDTH {
        known.push_str(&fingerprint(job, output.trim_end_matches('/')));
    }
}

/// The job that wrote to this address.
pub(super) fn trained_by(slice: &Slice<'_>, address: &str) -> Option<String> {
    let known = slice.state.memory.get(MEMORY)?;
    let known: BTreeSet<&str> =
        (0..known.len() / WIDTH).filter_map(|n| known.get(n * WIDTH..(n + 1) * WIDTH)).collect();
    find(&known, address)
}

fn find(known: &BTreeSet<&str>, address: &str) -> Option<String> {
    let path = address.strip_prefix("s3://")?;
    let ends: Vec<usize> =
        path.match_indices('/').map(|(at, _)| at + "s3://".len()).take(MAX_SEGMENTS).collect();
    let names: Vec<&str> = path.split('/').skip(1).take(MAX_SEGMENTS).collect();
    // The deepest folder first: the name of a job may be a folder of another's path.
    names.iter().rev().find_map(|name| {
        ends.iter()
            .any(|end| known.contains(fingerprint(name, &address[..*end]).as_str()))
            .then(|| (*name).to_owned())
    })
}

fn fingerprint(job: &str, output: &str) -> String {
    // FNV-1a.
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in job.bytes().chain([0]).chain(output.bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    let folded = hash ^ (hash >> 48);
    BASE64.encode(&folded.to_be_bytes()[2..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(job: &str, output: &str, address: &str, expected: bool) {
        let known = fingerprint(job, output.trim_end_matches('/'));
        assert_eq!(known.len(), WIDTH);
        let found = find(&BTreeSet::from([known.as_str()]), address);
        assert_eq!(found.as_deref(), expected.then_some(job), "{address}");
    }

    #[test]
    fn addresses() {
        check("job-1", "s3://b/out/", "s3://b/out/job-1/output/model.tar.gz", true);
        check("job-1", "s3://b", "s3://b/job-1/output/model.tar.gz", true);
        check("job-1", "s3://b/job-1/", "s3://b/job-1/blue/model.tar.gz", true);
        check("job-1", "s3://b/out/", "s3://b/other/job-1/output/model.tar.gz", false);
        check("job-1", "s3://b/out/", "s3://b/out/job-10/output/model.tar.gz", false);
        check("job-1", "s3://b/out/", "https://b/out/job-1", false);
    }
}
