//! How a scan or a collection tells the world how far it is.

use inventar_model::{Ended, PluginId, Scope, Spent, Standstill};
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
    /// A collection goes on that was stopped when it was so far and had cost that.
    fn resumed(&self, _at: &Standstill, _spent: &Spent) {}
    /// So many of so many scopes have ended.
    fn scopes(&self, _done: u64, _total: u64) {}
    /// A scope is being listed: so much of so much, in the plugin's own count.
    fn listed(&self, _scope: &Scope, _done: u64, _total: Option<u64>) {}
    /// A scope has ended, and why if it is not complete.
    fn ended(&self, _scope: &Scope, _how: Ended, _why: &str) {}
    /// What everything has cost so far.
    fn spent(&self, _spent: &Spent) {}
}

/// Nobody is watching.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {}
