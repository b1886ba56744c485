//! One call of a guest: its store, its clocks, its caps, and the little it can call back.

use crate::bindings::{blobs, log, types};
use crate::collect::Collecting;
use crate::error::{FaultKind, LogLevel, LogLine};
use crate::limits::Limits;
use crate::platform::thread_cpu;
use crate::plugin::Blob;
use crate::redact;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use wasmtime::component::{Resource, ResourceTable};
use wasmtime::{ResourceLimiter, Store, UpdateDeadline};

/// What the host says when it ends a guest: the reason travels through wasmtime as the trap's cause.
#[derive(Debug)]
pub(crate) struct Stop {
    pub(crate) kind: FaultKind,
    pub(crate) message: String,
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Stop {}

pub(crate) fn stop<T>(kind: FaultKind, message: impl Into<String>) -> wasmtime::Result<T> {
    Err(wasmtime::Error::new(Stop { kind, message: message.into() }))
}

/// What one call may use.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    pub(crate) compute: Duration,
    pub(crate) call: Duration,
    pub(crate) memory: u64,
}

/// CPU time of a guest, whichever threads it runs on: whole polls of its call, without what the host did meanwhile.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    /// In nanoseconds: polls that are over.
    polled: AtomicU64,
    /// What the thread had used when the poll under way began.
    since: AtomicU64,
    /// What of it the host used.
    host: AtomicU64,
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

impl Meter {
    /// A call that begins on this thread.
    fn start() -> Arc<Self> {
        let meter = Self::default();
        meter.since.store(nanos(thread_cpu()), Ordering::Relaxed);
        Arc::new(meter)
    }

    fn guest(&self) -> Duration {
        let here = nanos(thread_cpu()).saturating_sub(self.since.load(Ordering::Relaxed));
        let all = self.polled.load(Ordering::Relaxed).saturating_add(here);
        Duration::from_nanos(all.saturating_sub(self.host.load(Ordering::Relaxed)))
    }

    fn add_host(&self, time: Duration) {
        self.host.fetch_add(nanos(time), Ordering::Relaxed);
    }
}

/// Whose time the polls of a future are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Payer {
    /// The call itself: each poll may be on another thread.
    Guest,
    /// Work of the host inside a poll of the call.
    Host,
}

/// A future whose CPU time is counted.
#[derive(Debug)]
pub(crate) struct Metered<F> {
    pub(crate) future: F,
    pub(crate) meter: Arc<Meter>,
    pub(crate) payer: Payer,
}

impl<F: Future + Unpin> Future for Metered<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let before = thread_cpu();
        if self.payer == Payer::Guest {
            self.meter.since.store(nanos(before), Ordering::Relaxed);
        }
        let result = Pin::new(&mut self.future).poll(context);
        let after = thread_cpu();
        let used = after.saturating_sub(before);
        match self.payer {
            Payer::Host => self.meter.add_host(used),
            Payer::Guest => {
                self.meter.polled.fetch_add(nanos(used), Ordering::Relaxed);
                self.meter.since.store(nanos(after), Ordering::Relaxed);
            }
        }
        result
    }
}

/// Both clocks of a call.
#[derive(Debug)]
struct Clocks {
    started: Instant,
    meter: Arc<Meter>,
    compute: Duration,
    call: Duration,
}

impl Clocks {
    fn guest(&self) -> Duration {
        self.meter.guest()
    }

    fn check(&self) -> wasmtime::Result<()> {
        if self.started.elapsed() >= self.call {
            return stop(FaultKind::Call, format!("the call took longer than {:?}", self.call));
        }
        if self.guest() >= self.compute {
            return stop(FaultKind::Compute, format!("the guest computed longer than {:?}", self.compute));
        }
        Ok(())
    }
}

/// A file that a guest reads piecewise. `pub` because the generated code re-exports it, inside its private module.
#[allow(unreachable_pub)]
pub struct OpenBlob(pub(crate) Box<dyn Blob>);

impl fmt::Debug for OpenBlob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OpenBlob").finish()
    }
}

/// The host's side of one call.
pub(crate) struct State {
    limits: Arc<Limits>,
    clocks: Clocks,
    memory_cap: u64,
    memory: u64,
    table_elements: u64,
    table: ResourceTable,
    host_calls: u64,
    blob_reads: u64,
    blob_bytes: u64,
    log: Log,
    pub(crate) collecting: Option<Collecting>,
}

#[derive(Debug, Default)]
struct Log {
    lines: Vec<LogLine>,
    bytes: usize,
    dropped: u64,
    written: u64,
}

impl State {
    /// A store with every cap in place, its clocks running.
    pub(crate) fn store(engine: &wasmtime::Engine, limits: &Arc<Limits>, budget: Budget) -> Store<Self> {
        let mut table = ResourceTable::new();
        table.set_max_capacity(limits.handles as usize);
        let clocks = Clocks {
            started: Instant::now(),
            meter: Meter::start(),
            compute: budget.compute,
            call: budget.call,
        };
        let state = Self {
            limits: Arc::clone(limits),
            clocks,
            memory_cap: budget.memory,
            memory: 0,
            table_elements: 0,
            table,
            host_calls: 0,
            blob_reads: 0,
            blob_bytes: 0,
            log: Log::default(),
            collecting: None,
        };
        let mut store = Store::new(engine, state);
        store.limiter(|state| state);
        store.set_hostcall_fuel(limits.hostcall_bytes);
        store.set_max_component_handles(limits.handles as usize);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(|context| {
            context.data().clocks.check()?;
            Ok(match context.data().collecting {
                // Other slices wait on the same thread.
                Some(_) => UpdateDeadline::Yield(1),
                None => UpdateDeadline::Continue(1),
            })
        });
        store
    }

    /// CPU time the guest used so far.
    pub(crate) fn guest_time(&self) -> Duration {
        self.clocks.guest()
    }

    pub(crate) fn meter(&self) -> Arc<Meter> {
        Arc::clone(&self.clocks.meter)
    }

    pub(crate) fn limits(&self) -> &Arc<Limits> {
        &self.limits
    }

    pub(crate) fn table(&mut self) -> &mut ResourceTable {
        &mut self.table
    }

    /// Hands a file to the guest.
    pub(crate) fn open(&mut self, blob: Box<dyn Blob>) -> Result<Resource<OpenBlob>, Stop> {
        self.table.push(OpenBlob(blob)).map_err(|_| Stop {
            kind: FaultKind::Handles,
            message: format!(
                "the batch has more large files than the {} handles of a call",
                self.limits.handles
            ),
        })
    }

    /// What was logged; the last line says how much was left out.
    pub(crate) fn take_log(&mut self) -> Vec<LogLine> {
        let mut lines = std::mem::take(&mut self.log.lines);
        if self.log.dropped > 0 {
            let message = format!("{} more log lines were dropped", self.log.dropped);
            lines.push(LogLine { level: LogLevel::Warn, message });
        }
        lines
    }

    /// Runs a host call: counted, its CPU time not charged to the guest, the clocks looked at before and after.
    pub(crate) fn host<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> wasmtime::Result<T>,
    ) -> wasmtime::Result<T> {
        self.host_calls += 1;
        if self.host_calls > self.limits.host_calls {
            return stop(FaultKind::HostCalls, format!("more than {} host calls", self.limits.host_calls));
        }
        self.clocks.check()?;
        let before = thread_cpu();
        let result = work(self);
        self.clocks.meter.add_host(thread_cpu().saturating_sub(before));
        let result = result?;
        self.clocks.check()?;
        Ok(result)
    }

    fn blob(&mut self, handle: &Resource<OpenBlob>) -> wasmtime::Result<&mut OpenBlob> {
        match self.table.get_mut(handle) {
            Ok(blob) => Ok(blob),
            Err(error) => stop(FaultKind::Handles, error.to_string()),
        }
    }
}

impl ResourceLimiter for State {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let total = self.memory.saturating_sub(current as u64).saturating_add(desired as u64);
        if total > self.memory_cap {
            let mib = self.memory_cap >> 20;
            return stop(FaultKind::Memory, format!("the guest asked for more than its {mib} MiB of memory"));
        }
        self.memory = total;
        Ok(true)
    }

    fn table_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let total = self.table_elements.saturating_sub(current as u64).saturating_add(desired as u64);
        if total > u64::from(self.limits.table_elements) {
            let cap = self.limits.table_elements;
            return stop(FaultKind::Tables, format!("the guest asked for more than {cap} table elements"));
        }
        self.table_elements = total;
        Ok(true)
    }

    fn instances(&self) -> usize {
        self.limits.instances as usize
    }

    fn tables(&self) -> usize {
        self.limits.tables as usize
    }

    fn memories(&self) -> usize {
        self.limits.memories as usize
    }
}

impl types::Host for State {}

impl log::Host for State {
    fn write(&mut self, level: log::Level, message: String) -> wasmtime::Result<()> {
        self.host(|state| {
            let limits = &state.limits;
            let log = &mut state.log;
            log.written += 1;
            if log.written > limits.log_flood {
                return stop(FaultKind::Log, format!("more than {} log lines", limits.log_flood));
            }
            if log.lines.len() as u64 >= u64::from(limits.log_lines) || log.bytes >= limits.log_bytes {
                log.dropped += 1;
                return Ok(());
            }
            let message = redact::line(&message, limits.log_line_bytes);
            log.bytes += message.len();
            log.lines.push(LogLine { level: lift_level(level), message });
            Ok(())
        })
    }
}

fn lift_level(level: log::Level) -> LogLevel {
    match level {
        log::Level::Trace => LogLevel::Trace,
        log::Level::Debug => LogLevel::Debug,
        log::Level::Info => LogLevel::Info,
        log::Level::Warn => LogLevel::Warn,
        log::Level::Error => LogLevel::Error,
    }
}

impl blobs::Host for State {}

impl blobs::HostBlob for State {
    fn size(&mut self, handle: Resource<OpenBlob>) -> wasmtime::Result<u64> {
        self.host(|state| Ok(state.blob(&handle)?.0.size()))
    }

    fn read(&mut self, handle: Resource<OpenBlob>, offset: u64, len: u32) -> wasmtime::Result<Vec<u8>> {
        self.host(|state| {
            state.blob_reads += 1;
            if state.blob_reads > state.limits.blob_reads {
                return stop(
                    FaultKind::BlobBytes,
                    format!("more than {} reads of files", state.limits.blob_reads),
                );
            }
            let len = len.min(state.limits.blob_read_bytes);
            let mut bytes = match state.blob(&handle)?.0.read(offset, len) {
                Ok(bytes) => bytes,
                Err(error) => return stop(FaultKind::Blob, format!("the file cannot be read: {error}")),
            };
            bytes.truncate(len as usize);
            state.blob_bytes += bytes.len() as u64;
            if state.blob_bytes > state.limits.blob_bytes {
                return stop(
                    FaultKind::BlobBytes,
                    format!("more than {} bytes read", state.limits.blob_bytes),
                );
            }
            Ok(bytes)
        })
    }

    fn drop(&mut self, handle: Resource<OpenBlob>) -> wasmtime::Result<()> {
        match self.table.delete(handle) {
            Ok(_) => Ok(()),
            Err(error) => stop(FaultKind::Handles, error.to_string()),
        }
    }
}
