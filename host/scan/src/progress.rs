//! How a scan tells the world how far it is.

use inventar_model::PluginId;
use inventar_runtime::LogLine;

/// Called from several threads, often; every method may do nothing.
pub trait Progress: Sync {
    /// So many files were seen by the walk so far.
    fn walked(&self, _files: u64) {}
    /// So many of so many files were read or recalled.
    fn inspected(&self, _done: u64, _total: u64) {}
    /// So many of so many linked files were asked about.
    fn linked(&self, _done: u64, _total: u64) {}
    /// A plugin said something (redacted).
    fn log(&self, _plugin: &PluginId, _line: &LogLine) {}
}

/// Nobody is watching.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {}
