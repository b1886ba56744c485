//! Where plugins are loaded and what they share.

use crate::bytes::Bytes;
use crate::cache::Cache;
use crate::compile::Compiler;
use crate::component::{self, Check};
use crate::engine::{self, Engine, Shape};
use crate::error::{CompileError, LoadError, RuntimeError};
use crate::limits::Limits;
use crate::plugin::{BundledPlugin, Inner, Plugin, Stage, Trust};
use inventar_model::Digest;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};
use wasmtime::component::Component;

/// How a runtime is set up.
#[derive(Debug, Clone, Default)]
pub struct RuntimeConfig {
    /// What guests may use.
    pub limits: Limits,
    /// A folder for compiled code, made when it is first needed and private to its owner. None: compile every time.
    pub cache: Option<PathBuf>,
    /// Who compiles.
    pub compiler: Compiler,
}

/// Loads plugins. Cheap to make: the engine starts when the first plugin runs.
#[derive(Debug, Clone)]
pub struct Runtime(Arc<Shared>);

/// What the plugins of one runtime share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) limits: Arc<Limits>,
    compiler: Compiler,
    cache: Option<Cache>,
    detectors: OnceLock<Result<Engine, String>>,
    collectors: OnceLock<Result<Engine, String>>,
}

/// What running calls hold at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct InUse {
    /// Core instances.
    pub instances: u64,
    /// Linear memories.
    pub memories: u64,
    /// Tables.
    pub tables: u64,
}

impl Runtime {
    /// A runtime that has touched nothing yet.
    pub fn new(config: RuntimeConfig) -> Result<Self, RuntimeError> {
        Ok(Self(Arc::new(Shared {
            cache: config.cache.map(|folder| Cache::new(folder, config.limits.cache_bytes)),
            compiler: config.compiler,
            limits: Arc::new(config.limits),
            detectors: OnceLock::new(),
            collectors: OnceLock::new(),
        })))
    }

    /// Checks a component from somewhere: its form, its imports, its manifest, every instruction. It is compiled when
    /// it is first asked something.
    pub fn load(&self, component: &[u8], trust: Trust) -> Result<Plugin, LoadError> {
        let outline = component::outline(component, Check::Full, &self.0.limits)?;
        Ok(Plugin::new(Inner {
            runtime: Arc::clone(&self.0),
            digest: Digest::of(component),
            manifest: outline.manifest,
            imports: outline.imports,
            trust,
            size_bytes: component.len() as u64,
            stage: Mutex::new(Stage::Loaded { component: component.to_vec().into(), code: None }),
        }))
    }

    /// Takes a plugin that travelled inside the program. Its compiled code is used if it was made for this engine, else
    /// the component is compiled.
    pub fn load_bundled(&self, bundled: BundledPlugin) -> Plugin {
        Plugin::new(Inner {
            runtime: Arc::clone(&self.0),
            digest: bundled.digest,
            manifest: bundled.manifest,
            imports: bundled.imports,
            trust: Trust::Bundled,
            size_bytes: bundled.size_bytes,
            stage: Mutex::new(Stage::Loaded { component: bundled.component, code: Some(bundled.code) }),
        })
    }

    /// Compiles a component for the baseline CPU of this target: for the bundle, and for the child process that compiles.
    pub fn precompile(&self, component: &[u8]) -> Result<Vec<u8>, CompileError> {
        engine::compile(component, &self.0.limits)
    }

    /// What running calls hold; None before the first call, and where there was no room for a pool.
    pub fn in_use(&self) -> Option<InUse> {
        let metrics = self.0.detectors.get()?.as_ref().ok()?.wasmtime.pooling_allocator_metrics()?;
        Some(InUse {
            instances: metrics.core_instances(),
            memories: metrics.memories() as u64,
            tables: metrics.tables() as u64,
        })
    }
}

impl Shared {
    /// The engine for a shape, started when it is first needed.
    pub(crate) fn engine(&self, shape: Shape) -> Result<&Engine, RuntimeError> {
        let engine = match shape {
            Shape::Detectors => &self.detectors,
            Shape::Collectors => &self.collectors,
        };
        let engine =
            engine.get_or_init(|| Engine::new(&self.limits, shape).map_err(|error| error.to_string()));
        engine.as_ref().map_err(|message| RuntimeError::Engine(message.clone()))
    }

    /// Compiled code of a component: the program's own, the cache's, or new.
    pub(crate) fn code(
        &self,
        digest: &Digest,
        component: &Bytes,
        bundled: Option<&Bytes>,
        engine: &Engine,
    ) -> Result<Component, CompileError> {
        if let Some(code) = bundled.filter(|code| !code.is_empty()) {
            match engine.bundled(code) {
                Ok(component) => return Ok(component),
                Err(error) => tracing::debug!("the bundled code does not fit, compiling again: {error}"),
            }
        }
        let cached = self.cache.as_ref().and_then(|cache| cache.get(&engine.code_key(digest)));
        if let Some(code) = cached {
            match engine.trusted(&code) {
                Ok(component) => return Ok(component),
                Err(error) => tracing::debug!("the cached code does not fit, compiling again: {error}"),
            }
        }
        let code = self.compiler.compile(component, &self.limits)?;
        let compiled = engine.trusted(&code)?;
        if let Some(cache) = &self.cache {
            cache.put(&engine.code_key(digest), &code);
        }
        Ok(compiled)
    }
}
