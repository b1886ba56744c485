//! Every cap on a guest, by name.

use std::time::Duration;

/// What one call of a guest may cost, and what a component may cost to compile. Tests set them low; an operator may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// CPU time inside the sandbox per call, when the manifest asks for nothing; time in host calls is not charged.
    pub compute: Duration,
    /// The most a manifest may ask for.
    pub compute_ceiling: Duration,
    /// The whole call on the clock on the wall, host calls included.
    pub call: Duration,
    /// How often the two clocks above are looked at.
    pub tick: Duration,

    /// As `call`, for a slice of a collector: it waits for services.
    pub slice: Duration,
    /// Requests of one slice.
    pub requests: u32,
    /// Requests of one slice that are under way at once.
    pub requests_at_once: usize,
    /// Bytes of one request, headers and body.
    pub request_bytes: usize,
    /// Scopes that a collector may list.
    pub scopes: usize,
    /// Bytes of a scope's id.
    pub scope_bytes: usize,
    /// Bytes of a cursor.
    pub cursor_bytes: usize,

    /// Bytes of linear memory per call, all memories together, when the manifest asks for nothing.
    pub memory_bytes: u64,
    /// The most a manifest may ask for.
    pub memory_ceiling: u64,
    /// Linear memories per call.
    pub memories: u32,
    /// Tables per call; a Rust component has three.
    pub tables: u32,
    /// Elements of all tables of a call together.
    pub table_elements: u32,
    /// Core instances per call; a Rust component has about five.
    pub instances: u32,
    /// Bytes of the native stack that a guest may use: half of what a thread of Rust has.
    pub stack_bytes: usize,
    /// Calls that may run at once; a further one waits. Also the size of the pool.
    pub concurrent_calls: u32,

    /// Bytes a guest may hand over in one host call or one return.
    pub hostcall_bytes: usize,
    /// Host calls of all kinds per call.
    pub host_calls: u64,
    /// Open handles per call.
    pub handles: u32,
    /// Reads of blobs per call.
    pub blob_reads: u64,
    /// Bytes a single read of a blob returns at most; a longer request is shortened.
    pub blob_read_bytes: u32,
    /// Bytes read from all blobs per call.
    pub blob_bytes: u64,
    /// Log lines kept per call; the rest is counted and dropped.
    pub log_lines: u32,
    /// Bytes of log kept per call.
    pub log_bytes: usize,
    /// Bytes of one log line; it is cut there.
    pub log_line_bytes: usize,
    /// Log lines after which the guest is stopped rather than cut.
    pub log_flood: u64,

    /// Assets per call.
    pub assets: usize,
    /// Relations per call.
    pub relations: usize,
    /// Findings per call.
    pub findings: usize,
    /// Gaps per call.
    pub gaps: usize,
    /// Pieces of evidence per call.
    pub evidence: usize,
    /// Pieces of evidence of one asset, relation or finding.
    pub evidence_per_row: usize,
    /// Properties of one asset, relation or finding, and facts of one file.
    pub properties_per_row: usize,
    /// Identifiers of one asset.
    pub identifiers: usize,
    /// Things one finding speaks of.
    pub about: usize,
    /// Bytes of one asset, relation or finding without its evidence.
    pub row_bytes: usize,
    /// Bytes of a key.
    pub key_bytes: usize,
    /// Bytes of a name or title; it is cut there.
    pub name_bytes: usize,
    /// Bytes of a property's name.
    pub property_name_bytes: usize,
    /// Bytes of a snippet; it is cut there.
    pub snippet_bytes: usize,
    /// Bytes of a gap's detail or a problem's message; it is cut there.
    pub detail_bytes: usize,
    /// Bytes of all facts of one file.
    pub facts_bytes: usize,
    /// Wants of one file.
    pub wants: usize,
    /// Paths of one want.
    pub want_paths: usize,
    /// Bytes of a path.
    pub path_bytes: usize,
    /// Nesting of a JSON value.
    pub json_depth: usize,

    /// Bytes of a component.
    pub component_bytes: u64,
    /// CPU seconds to compile one.
    pub compile_cpu_secs: u64,
    /// Wall time to compile one in a child process.
    pub compile_wall: Duration,
    /// Memory to compile one in a child process.
    pub compile_memory: u64,
    /// Bytes of compiled code.
    pub code_bytes: u64,
    /// Bytes of the folder of compiled code; the oldest go first.
    pub cache_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        const KIB: usize = 1 << 10;
        const MIB: u64 = 1 << 20;
        Self {
            compute: Duration::from_secs(5),
            compute_ceiling: Duration::from_secs(30),
            call: Duration::from_secs(60),
            tick: Duration::from_millis(10),
            slice: Duration::from_secs(600),
            requests: 2_000,
            requests_at_once: 8,
            request_bytes: 256 * KIB,
            scopes: 10_000,
            scope_bytes: 512,
            cursor_bytes: 64 * KIB,

            memory_bytes: 64 * MIB,
            memory_ceiling: 256 * MIB,
            memories: 1,
            tables: 8,
            table_elements: 20_000,
            instances: 16,
            stack_bytes: 1 << 20,
            concurrent_calls: 64,

            hostcall_bytes: 8 << 20,
            host_calls: 200_000,
            handles: 1_024,
            blob_reads: 65_536,
            blob_read_bytes: 1 << 20,
            blob_bytes: 256 * MIB,
            log_lines: 1_000,
            log_bytes: 64 * KIB,
            log_line_bytes: 4 * KIB,
            log_flood: 100_000,

            assets: 10_000,
            relations: 50_000,
            findings: 10_000,
            gaps: 10_000,
            evidence: 100_000,
            evidence_per_row: 2_000,
            properties_per_row: 256,
            identifiers: 32,
            about: 256,
            row_bytes: 16 * KIB,
            key_bytes: KIB,
            name_bytes: 512,
            property_name_bytes: 128,
            snippet_bytes: 512,
            detail_bytes: KIB,
            facts_bytes: 16 * KIB,
            wants: 2_000,
            want_paths: 16,
            path_bytes: 4 * KIB,
            json_depth: 32,

            component_bytes: 40 * MIB,
            compile_cpu_secs: 60,
            compile_wall: Duration::from_secs(120),
            compile_memory: 1 << 30,
            code_bytes: 256 * MIB,
            cache_bytes: 1 << 30,
        }
    }
}

impl Limits {
    /// The compute budget of a plugin that asked for so many milliseconds.
    pub(crate) fn compute_for(&self, asked_ms: Option<u32>) -> Duration {
        match asked_ms {
            Some(ms) => Duration::from_millis(ms.into()).min(self.compute_ceiling),
            None => self.compute,
        }
    }

    /// The memory of a plugin that asked for so many MiB.
    pub(crate) fn memory_for(&self, asked_mib: Option<u32>) -> u64 {
        match asked_mib {
            Some(mib) => (u64::from(mib) << 20).min(self.memory_ceiling),
            None => self.memory_bytes,
        }
    }
}
