//! A loaded plugin, its questions and its answers.

use crate::bindings::{collect, detect, link};
use crate::bytes::Bytes;
use crate::call::{Budget, State, Stop};
use crate::component;
use crate::engine::{Engine, Shape};
use crate::error::{CompileError, Fault, FaultKind, LoadError, LogLine};
use crate::lift::{Lift, Refusal};
use crate::limits::Limits;
use crate::lower;
use crate::manifest::{Manifest, World};
use crate::redact;
use crate::runtime::Shared;
use inventar_model::{Answer, Digest, GapReason, Report, Subject};
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use wasmtime::Store;
use wasmtime::component::{Instance, InstancePre};

/// Who vouches for a plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Trust {
    /// It travelled inside the program.
    Bundled,
    /// Nobody: a file from somewhere.
    Unsigned,
}

/// A plugin that travels inside the program, with code that the build compiled for it.
#[derive(Debug, Clone)]
pub struct BundledPlugin {
    /// What it says of itself.
    pub manifest: Manifest,
    /// What it imports.
    pub imports: Vec<String>,
    /// Of the component.
    pub digest: Digest,
    /// Of the component.
    pub size_bytes: u64,
    /// The component; not asked for as long as the code fits.
    pub component: Bytes,
    /// What [`crate::Runtime::precompile`] made of it. As trusted as the program itself: it is loaded as it is. Empty,
    /// or made by another version: the component is compiled instead.
    pub code: Bytes,
}

impl BundledPlugin {
    /// Reads the outline of a component whose bytes are at hand. Its instructions are believed.
    pub fn new(component: Vec<u8>, code: Vec<u8>) -> Result<Self, LoadError> {
        let outline = component::outline(&component, component::Check::Outline, &Limits::default())?;
        Ok(Self {
            manifest: outline.manifest,
            imports: outline.imports,
            digest: Digest::of(&component),
            size_bytes: component.len() as u64,
            component: component.into(),
            code: code.into(),
        })
    }
}

/// A file to look at.
pub struct Candidate {
    /// From the source root, '/'-separated; a member of an archive is `outer!inner`.
    pub path: String,
    /// Why it is a candidate.
    pub hits: Vec<Hit>,
    /// Its bytes.
    pub content: Content,
}

impl fmt::Debug for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Candidate").field("path", &self.path).finish_non_exhaustive()
    }
}

/// Where a claim matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The claim's name in the manifest.
    pub claim: String,
    /// First byte.
    pub start: u64,
    /// The byte after the last.
    pub end: u64,
}

/// The bytes of a candidate.
pub enum Content {
    /// All of them.
    Inline(Vec<u8>),
    /// The first ones, and a way to the rest.
    Large {
        /// As many as the manifest's `head`.
        head: Vec<u8>,
        /// The rest.
        blob: Box<dyn Blob>,
    },
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inline(bytes) => write!(f, "Inline({} bytes)", bytes.len()),
            Self::Large { head, .. } => write!(f, "Large({} bytes at hand)", head.len()),
        }
    }
}

/// A file read piecewise. The caller records what is read; the runtime counts and caps it.
pub trait Blob: Send {
    /// All of it.
    fn size(&self) -> u64;

    /// Up to `len` bytes from any `offset`, fewer only at the end; `len` is at most [`crate::Limits::blob_read_bytes`].
    fn read(&mut self, offset: u64, len: u32) -> io::Result<Vec<u8>>;
}

/// A candidate without an answer: its index in the batch, the reason for its gap, and the detail.
pub type Problem = (usize, GapReason, String);

/// What a plugin answered to a batch.
#[derive(Debug, Clone, PartialEq)]
pub struct Scanned {
    /// In the order of the batch. None: no answer, or one that was refused; `problems` says why.
    pub answers: Vec<Option<Answer>>,
    /// One for every candidate without an answer.
    pub problems: Vec<Problem>,
    /// What the guest logged.
    pub log: Vec<LogLine>,
    /// CPU time spent in the sandbox.
    pub guest: Duration,
}

/// What a plugin answered to linked files.
#[derive(Debug, Clone, PartialEq)]
pub struct Linked {
    /// In the order of the batch; as in [`Scanned::answers`].
    pub reports: Vec<Option<Report>>,
    /// One for every subject without a report.
    pub problems: Vec<Problem>,
    /// What the guest logged.
    pub log: Vec<LogLine>,
    /// CPU time spent in the sandbox.
    pub guest: Duration,
}

/// A plugin that passed every check of [`crate::Runtime::load`]. Cheap to clone; calls may run at once on many threads.
#[derive(Clone)]
pub struct Plugin(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) runtime: Arc<Shared>,
    pub(crate) manifest: Manifest,
    pub(crate) digest: Digest,
    pub(crate) trust: Trust,
    pub(crate) imports: Vec<String>,
    pub(crate) size_bytes: u64,
    /// Compiled at the first call; locked while compiling, so that it happens once.
    pub(crate) stage: Mutex<Stage>,
}

/// How far a plugin has come.
pub(crate) enum Stage {
    /// Its bytes are kept until it is needed, and no longer.
    Loaded { component: Bytes, code: Option<Bytes> },
    /// Compiled, or known not to compile.
    Compiled(Result<Ready, String>),
}

/// A compiled plugin, its imports joined: ready to be instantiated.
#[derive(Clone)]
pub(crate) struct Ready {
    pub(crate) pre: InstancePre<State>,
    pub(crate) exports: Exports,
    /// Code that runs where it is mapped: it goes after what runs it.
    _code: Option<Bytes>,
}

/// Where the functions of a world are.
#[derive(Clone)]
pub(crate) enum Exports {
    Detector { detect: detect::GuestIndices, link: Option<link::GuestIndices> },
    Collector(collect::GuestIndices),
}

impl fmt::Debug for Plugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plugin")
            .field("id", &self.0.manifest.id)
            .field("digest", &self.0.digest)
            .finish_non_exhaustive()
    }
}

impl Plugin {
    pub(crate) fn new(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    /// What it says about itself.
    pub fn manifest(&self) -> &Manifest {
        &self.0.manifest
    }

    /// The digest of the component, manifest included.
    pub fn digest(&self) -> Digest {
        self.0.digest
    }

    /// Who vouches for it.
    pub fn trust(&self) -> Trust {
        self.0.trust
    }

    /// The size of the component.
    pub fn size_bytes(&self) -> u64 {
        self.0.size_bytes
    }

    /// The interfaces it imports, all of them harmless.
    pub fn imports(&self) -> Vec<String> {
        self.0.imports.clone()
    }

    /// Compiles it now rather than at the first call.
    pub fn prepare(&self) -> Result<(), Fault> {
        self.ready().map(drop)
    }

    /// Asks about files. A fresh instance answers and is dropped; whatever it does wrong ends here.
    ///
    /// `settings` is what [`Manifest::check_settings`] returned. Blocks until there is an answer or a limit is hit.
    pub fn scan(&self, settings: &str, batch: Vec<Candidate>) -> Result<Scanned, Fault> {
        let paths: Vec<String> = batch.iter().map(|candidate| candidate.path.clone()).collect();
        let (rows, log, guest) = self.call(|ready, store, instance| {
            let candidates = lower::candidates(store.data_mut(), batch).map_err(wasmtime::Error::new)?;
            let Exports::Detector { detect, .. } = &ready.exports else { return Err(wrong_question("scan")) };
            let guest = detect.load(&mut *store, instance)?;
            guest.call_scan(&mut *store, settings, &candidates)
        })?;
        let mut lift = Lift::new(&self.0.runtime.limits, &self.0.manifest);
        let mut sorted = Sorted::new(paths.len());
        for row in rows {
            let at = row.report.id as usize;
            let answer = match paths.get(at) {
                Some(path) => lift.answer(row, path),
                None => Err(Refusal::Call(format!("an answer for file {at} of {}", paths.len()))),
            };
            sorted.put(at, answer).map_err(|message| lift_fault(message, guest, &log))?;
        }
        let (answers, problems) = sorted.finish();
        Ok(Scanned { answers, problems, log, guest })
    }

    /// Asks about files whose wants were answered.
    pub fn link(&self, settings: &str, batch: Vec<Subject>) -> Result<Linked, Fault> {
        let paths: Vec<Vec<String>> = batch
            .iter()
            .map(|subject| subject.parts.iter().map(|part| part.path.clone()).collect())
            .collect();
        let (rows, log, guest) = self.call(|ready, store, instance| {
            let Exports::Detector { link: Some(link), .. } = &ready.exports else {
                return Err(wrong_question("link"));
            };
            let guest = link.load(&mut *store, instance)?;
            guest.call_link(&mut *store, settings, &lower::subjects(batch))
        })?;
        let mut lift = Lift::new(&self.0.runtime.limits, &self.0.manifest);
        let mut sorted = Sorted::new(paths.len());
        for row in rows {
            let at = row.id as usize;
            let report = match paths.get(at) {
                Some(parts) => lift.linked(row, parts),
                None => Err(Refusal::Call(format!("a report for file {at} of {}", paths.len()))),
            };
            sorted.put(at, report).map_err(|message| lift_fault(message, guest, &log))?;
        }
        let (reports, problems) = sorted.finish();
        Ok(Linked { reports, problems, log, guest })
    }

    /// One call in a store of its own.
    fn call<T>(
        &self,
        ask: impl FnOnce(
            &Ready,
            &mut Store<State>,
            &Instance,
        ) -> wasmtime::Result<Result<T, crate::bindings::types::Problem>>,
    ) -> Result<(T, Vec<LogLine>, Duration), Fault> {
        let ready = self.ready()?;
        let engine = self.engine()?;
        let _permit = engine.gate.enter();
        let limits = &self.0.runtime.limits;
        let mut store = State::store(&engine.wasmtime, limits, self.budget());
        let result = ready
            .pre
            .instantiate(&mut store)
            .map_err(|error| (true, error))
            .and_then(|instance| ask(&ready, &mut store, &instance).map_err(|error| (false, error)));
        let guest = store.data().guest_time();
        let log = store.data_mut().take_log();
        let (kind, message) = match result {
            Ok(Ok(rows)) => return Ok((rows, log, guest)),
            Ok(Err(problem)) => (FaultKind::Problem, format!("{}: {}", problem.code, problem.message)),
            Err((instantiating, error)) => classify(&error, instantiating),
        };
        Err(Fault { kind, message: redact::line(&message, limits.detail_bytes), guest, log })
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.0
    }

    /// What one call may use.
    pub(crate) fn budget(&self) -> Budget {
        let limits = &self.0.runtime.limits;
        let asked = self.0.manifest.limits;
        let is_collector = self.0.manifest.world == World::Collector;
        Budget {
            compute: limits.compute_for(asked.compute_ms),
            call: if is_collector { limits.slice } else { limits.call },
            memory: limits.memory_for(asked.memory_mib),
        }
    }

    fn shape(&self) -> Shape {
        match self.0.manifest.world {
            World::Detector | World::LinkingDetector => Shape::Detectors,
            World::Collector => Shape::Collectors,
        }
    }

    pub(crate) fn engine(&self) -> Result<&Engine, Fault> {
        self.0.runtime.engine(self.shape()).map_err(|error| compile_fault(&error))
    }

    pub(crate) fn ready(&self) -> Result<Ready, Fault> {
        let mut stage = self.0.stage.lock().unwrap_or_else(PoisonError::into_inner);
        let result = match &*stage {
            Stage::Compiled(result) => result.clone(),
            Stage::Loaded { component, code } => {
                let result = self.compile(component, code.as_ref()).map_err(|error| error.to_string());
                *stage = Stage::Compiled(result.clone());
                result
            }
        };
        drop(stage);
        result.map_err(|message| compile_fault(&message))
    }

    fn compile(&self, component: &Bytes, bundled: Option<&Bytes>) -> Result<Ready, CompileError> {
        let engine = self.0.runtime.engine(self.shape())?;
        let component = self.0.runtime.code(&self.0.digest, component, bundled, engine)?;
        let code = |error: wasmtime::Error| CompileError::Code(format!("{error:#}"));
        let pre = engine.linker.instantiate_pre(&component).map_err(code)?;
        let exports = match self.0.manifest.world {
            World::Collector => Exports::Collector(collect::GuestIndices::new(&pre).map_err(code)?),
            world => Exports::Detector {
                detect: detect::GuestIndices::new(&pre).map_err(code)?,
                link: match world {
                    World::LinkingDetector => Some(link::GuestIndices::new(&pre).map_err(code)?),
                    World::Detector | World::Collector => None,
                },
            },
        };
        Ok(Ready { pre, exports, _code: bundled.cloned() })
    }
}

/// The caller asked for what this plugin is not.
pub(crate) fn wrong_question(question: &str) -> wasmtime::Error {
    let message = format!("a plugin of this world does not answer `{question}`");
    wasmtime::Error::new(Stop { kind: FaultKind::Host, message })
}

/// The pool looks at a component's shape when its code is loaded: that is a limit, not a failure to compile.
pub(crate) fn compile_fault(error: &dyn fmt::Display) -> Fault {
    let message = redact::line(&error.to_string(), 1 << 10);
    let limit = kind_of(&message).filter(|_| message.contains("pooling allocator"));
    Fault { kind: limit.unwrap_or(FaultKind::Compile), message, guest: Duration::ZERO, log: vec![] }
}

pub(crate) fn lift_fault(message: String, guest: Duration, log: &[LogLine]) -> Fault {
    Fault { kind: FaultKind::Lift, message, guest, log: log.to_vec() }
}

/// What ended a call, by its cause: our own reason, a trap of wasmtime, or one of its messages.
pub(crate) fn classify(error: &wasmtime::Error, instantiating: bool) -> (FaultKind, String) {
    if let Some(stop) = error.downcast_ref::<Stop>() {
        return (stop.kind, stop.message.clone());
    }
    if let Some(trap) = error.downcast_ref::<wasmtime::Trap>() {
        return (trap_kind(*trap), trap.to_string());
    }
    let message = error.root_cause().to_string();
    let kind = kind_of(&message).unwrap_or(if instantiating { FaultKind::Link } else { FaultKind::Abi });
    (kind, message)
}

/// What wasmtime has no types for. It is pinned, and the hostile guests in `tests/` hold the words.
fn kind_of(message: &str) -> Option<FaultKind> {
    const WORDS: &[(&str, FaultKind)] = &[
        ("too much data is being copied between the host and the guest", FaultKind::HostcallBytes),
        // The store's counts, and the pool's when it is asked to hold what cannot fit.
        ("instance count too high", FaultKind::Instances),
        ("core module instances", FaultKind::Instances),
        ("memory count too high", FaultKind::Memory),
        ("linear memories", FaultKind::Memory),
        ("memory index", FaultKind::Memory),
        ("defined memories", FaultKind::Memory),
        ("table count too high", FaultKind::Tables),
        ("tables, which exceeds", FaultKind::Tables),
        ("table index", FaultKind::Tables),
        ("defined tables", FaultKind::Tables),
        ("handle", FaultKind::Handles),
        ("resource", FaultKind::Handles),
    ];
    WORDS.iter().find(|(words, _)| message.contains(words)).map(|(_, kind)| *kind)
}

fn trap_kind(trap: wasmtime::Trap) -> FaultKind {
    use wasmtime::Trap;
    match trap {
        Trap::StackOverflow => FaultKind::Stack,
        Trap::StringOutOfBounds
        | Trap::ListOutOfBounds
        | Trap::InvalidDiscriminant
        | Trap::InvalidChar
        | Trap::UnalignedPointer
        | Trap::CannotEnterComponent
        | Trap::CannotLeaveComponent => FaultKind::Abi,
        _ => FaultKind::Trap,
    }
}

/// Answers back in the order of the questions.
struct Sorted<T> {
    rows: Vec<Option<Result<T, String>>>,
}

impl<T> Sorted<T> {
    fn new(count: usize) -> Self {
        Self { rows: (0..count).map(|_| None).collect() }
    }

    /// A second answer for the same file spoils the first.
    fn put(&mut self, at: usize, row: Result<T, Refusal>) -> Result<(), String> {
        let row = match row {
            Ok(row) => Ok(row),
            Err(Refusal::Row(why)) => Err(why),
            Err(Refusal::Call(why)) => return Err(why),
        };
        if let Some(slot) = self.rows.get_mut(at) {
            *slot = Some(if slot.is_some() { Err("it was answered twice".to_owned()) } else { row });
        }
        Ok(())
    }

    fn finish(self) -> (Vec<Option<T>>, Vec<Problem>) {
        let mut problems = vec![];
        let rows = self.rows.into_iter().enumerate();
        let rows = rows.map(|(at, row)| {
            let why = match row {
                Some(Ok(row)) => return Some(row),
                Some(Err(why)) => format!("the plugin's answer was refused: {why}"),
                None => "the plugin gave no answer for this file".to_owned(),
            };
            problems.push((at, GapReason::PluginFault(FaultKind::Lift.as_str().to_owned()), why));
            None
        });
        (rows.collect(), problems)
    }
}
