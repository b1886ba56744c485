//! The one engine: what it is set to, how many calls run at once, who moves its clock.

use crate::bindings;
use crate::bytes::Bytes;
use crate::call::State;
use crate::error::{CompileError, RuntimeError};
use crate::limits::Limits;
use crate::platform;
use inventar_model::Digest;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use wasmtime::component::{Component, HasSelf, Linker};
use wasmtime::{Config, InstanceAllocationStrategy, PoolingAllocationConfig};

/// What compiled code and the engine that runs it must agree on: the feature set of `component::FEATURES`, epochs, and
/// wasmtime's default reservation of 4 GiB a memory, which is what lets it leave out bounds checks.
fn config(limits: &Limits) -> Config {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .max_wasm_stack(limits.stack_bytes)
        .async_stack_size(limits.stack_bytes.saturating_add(1 << 20))
        .wasm_component_model(true)
        .wasm_simd(false)
        .wasm_relaxed_simd(false)
        .wasm_tail_call(false)
        .wasm_multi_memory(false)
        .wasm_memory64(false)
        // Nobody reads a guest's back-trace; without the tables for it the code is a third smaller.
        .wasm_backtrace_max_frames(None)
        .generate_address_map(false)
        .native_unwind_info(false);
    platform::run_where_mapped(&mut config);
    config
}

/// Compiles for the baseline CPU of this target: what comes out may be shipped.
pub(crate) fn compile(component: &[u8], limits: &Limits) -> Result<Vec<u8>, CompileError> {
    let engine = compiler(limits)?;
    let code = engine
        .precompile_component(component)
        .map_err(|error| CompileError::Refused(format!("{error:#}")))?;
    if code.len() as u64 > limits.code_bytes {
        return Err(CompileError::TooLarge(limits.code_bytes));
    }
    Ok(code)
}

fn compiler(limits: &Limits) -> Result<wasmtime::Engine, RuntimeError> {
    let mut config = config(limits);
    config.target(&platform::target()).map_err(engine_error)?;
    wasmtime::Engine::new(&config).map_err(engine_error)
}

fn engine_error(error: wasmtime::Error) -> RuntimeError {
    RuntimeError::Engine(format!("{error:#}"))
}

/// Who an engine is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Short calls that never wait, in slots of a pool.
    Detectors,
    /// Calls that mostly wait, many at once: each takes only the memory it touches.
    Collectors,
}

/// The engine with everything a call needs. Made when the first plugin of its shape runs.
pub(crate) struct Engine {
    pub(crate) wasmtime: wasmtime::Engine,
    pub(crate) linker: Linker<State>,
    pub(crate) gate: Arc<Gate>,
    pooled: bool,
    ticker: Option<JoinHandle<()>>,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("pooled", &self.pooled).finish_non_exhaustive()
    }
}

impl Engine {
    pub(crate) fn new(limits: &Limits, shape: Shape) -> Result<Self, RuntimeError> {
        let on_demand = || wasmtime::Engine::new(&config(limits)).map_err(engine_error);
        let (wasmtime, pooled) = match shape {
            Shape::Collectors => (on_demand()?, false),
            Shape::Detectors => match pooled(limits) {
                Ok(engine) => (engine, true),
                Err(error) => {
                    tracing::debug!("no room for a pool of instances, one call at a time: {error:#}");
                    (on_demand()?, false)
                }
            },
        };
        let mut linker = Linker::new(&wasmtime);
        bindings::types::add_to_linker::<_, HasSelf<_>>(&mut linker, own).map_err(engine_error)?;
        bindings::log::add_to_linker::<_, HasSelf<_>>(&mut linker, own).map_err(engine_error)?;
        match shape {
            Shape::Detectors => {
                bindings::blobs::add_to_linker::<_, HasSelf<_>>(&mut linker, own).map_err(engine_error)?;
            }
            Shape::Collectors => {
                bindings::http::add_to_linker::<_, HasSelf<_>>(&mut linker, own).map_err(engine_error)?;
                bindings::sink::add_to_linker::<_, HasSelf<_>>(&mut linker, own).map_err(engine_error)?;
            }
        }
        // Where address space is too short for a pool, it may hold one memory and not two. How many slices wait at once
        // is decided by who schedules them: the gate of collectors only counts.
        let gate = Arc::new(Gate::new(match shape {
            Shape::Collectors => u32::MAX,
            Shape::Detectors if pooled => limits.concurrent_calls.max(1),
            Shape::Detectors => 1,
        }));
        let ticker = tick(wasmtime.clone(), Arc::clone(&gate), limits.tick)?;
        Ok(Self { wasmtime, linker, gate, pooled, ticker: Some(ticker) })
    }

    /// What compiled code of a component is kept under: everything that decides whether it would be the same again.
    pub(crate) fn code_key(&self, component: &Digest) -> Digest {
        let mut settings = Hashed(blake3::Hasher::new());
        self.wasmtime.precompile_compatibility_hash().hash(&mut settings);
        let settings = settings.0.finalize();
        Digest::of_parts([
            b"inventar code".as_slice(),
            component.as_bytes(),
            env!("CARGO_PKG_VERSION").as_bytes(),
            platform::target().as_bytes(),
            settings.as_bytes(),
        ])
    }

    /// Loads code that travelled inside the program: in place where it is mapped, else a copy. The caller keeps the bytes
    /// until the component is gone.
    #[allow(unsafe_code)]
    pub(crate) fn bundled(&self, code: &Bytes) -> Result<Component, CompileError> {
        let Some(pages) = code.pages() else { return self.trusted(code) };
        // SAFETY: as for `trusted`, and the mapping is private and unchanged for as long as `code` lives, which
        // `plugin::Ready` holds beside the component.
        unsafe { Component::deserialize_raw(&self.wasmtime, pages) }
            .map_err(|error| CompileError::Code(format!("{error:#}")))
    }

    /// Loads code that this program compiled.
    #[allow(unsafe_code)]
    pub(crate) fn trusted(&self, code: &[u8]) -> Result<Component, CompileError> {
        // SAFETY: `deserialize` requires code that wasmtime made and nobody altered. The three callers have it from the
        // program's own pack (as trusted as the program), from a file whose keyed digest was checked over these very
        // bytes, or straight from the compiler. Nothing that a plugin's author wrote gets here.
        unsafe { Component::deserialize(&self.wasmtime, code) }
            .map_err(|error| CompileError::Code(format!("{error:#}")))
    }
}

/// Lets `std::hash::Hash` feed a digest that is the same in every process.
struct Hashed(blake3::Hasher);

impl Hasher for Hashed {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Not used: the digest is taken whole.
    fn finish(&self) -> u64 {
        0
    }
}

/// The host functions work on the whole state of a call.
fn own(state: &mut State) -> &mut State {
    state
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.gate.stop();
        if let Some(ticker) = self.ticker.take() {
            // A ticker that panicked has nothing left to end.
            let _ = ticker.join();
        }
    }
}

/// Memory that a slot keeps from call to call.
const KEPT_BYTES: usize = 8 << 20;

/// Slots for `concurrent_calls` calls of the largest shape that the limits allow. What the pool could refuse, the
/// store's limiter refuses first and with a reason.
fn pooled(limits: &Limits) -> wasmtime::Result<wasmtime::Engine> {
    let calls = limits.concurrent_calls.max(1);
    // A slot a thread and one to change plugins with: more keep memory and save no time.
    let warm = std::thread::available_parallelism().map_or(2, usize::from) as u32 + 1;
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(calls)
        .total_core_instances(calls.saturating_mul(limits.instances))
        .total_memories(calls.saturating_mul(limits.memories))
        .total_tables(calls.saturating_mul(limits.tables))
        .total_stacks(calls)
        .max_core_instances_per_component(limits.instances)
        .max_memories_per_component(limits.memories)
        .max_tables_per_component(limits.tables)
        .max_memories_per_module(limits.memories)
        .max_tables_per_module(limits.tables)
        .table_elements(limits.table_elements as usize)
        .max_unused_warm_slots(warm)
        // The next call in a slot finds its pages wiped but there: wiping is cheaper than faulting them in again.
        .linear_memory_keep_resident(KEPT_BYTES)
        .table_keep_resident(1 << 20);
    let mut config = config(limits);
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    wasmtime::Engine::new(&config)
}

/// Counts the calls that run: lets no more in than the pool has slots, and lets the ticker rest when there are none.
#[derive(Debug)]
pub(crate) struct Gate {
    most: u32,
    /// Protects two numbers and is held for nothing else.
    state: Mutex<GateState>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct GateState {
    running: u32,
    stopped: bool,
}

/// A running call; dropping it lets the next one in.
#[derive(Debug)]
pub(crate) struct Permit<'a>(&'a Gate);

impl Gate {
    fn new(most: u32) -> Self {
        Self { most, state: Mutex::default(), changed: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, GateState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn enter(&self) -> Permit<'_> {
        let mut state = self.lock();
        while state.running >= self.most {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.running += 1;
        if state.running == 1 {
            self.changed.notify_all();
        }
        Permit(self)
    }

    fn stop(&self) {
        self.lock().stopped = true;
        self.changed.notify_all();
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        let was_full = state.running == self.0.most;
        state.running -= 1;
        if was_full {
            self.0.changed.notify_all();
        }
    }
}

/// Moves the engine's epoch while calls run, so that each of them looks at its clocks.
fn tick(
    engine: wasmtime::Engine,
    gate: Arc<Gate>,
    period: std::time::Duration,
) -> Result<JoinHandle<()>, RuntimeError> {
    let run = move || {
        let mut state = gate.lock();
        while !state.stopped {
            state = if state.running == 0 {
                gate.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
            } else {
                drop(state);
                std::thread::sleep(period);
                engine.increment_epoch();
                gate.lock()
            };
        }
    };
    std::thread::Builder::new()
        .name("inventar-epochs".into())
        .spawn(run)
        .map_err(|error| RuntimeError::Engine(error.to_string()))
}
