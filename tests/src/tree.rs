//! A folder to scan and everything around it.

use crate::ended::Ended;
use crate::program::{Running, program};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// A scratch folder with a tree to scan, a data folder and a home; all of it is gone when it is dropped.
#[derive(Debug)]
pub struct Workbench {
    scratch: TempDir,
    data: String,
}

/// The sample estate.
pub fn estate() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/estate")
}

impl Default for Workbench {
    fn default() -> Self {
        Self::new()
    }
}

impl Workbench {
    /// An empty tree.
    pub fn new() -> Self {
        let scratch = tempfile::Builder::new().prefix("inventar-story-").tempdir().expect("a scratch folder");
        let bench = Self { scratch, data: "data".into() };
        for folder in [bench.tree(), bench.path("home")] {
            fs::create_dir_all(folder).expect("a folder");
        }
        bench
    }

    /// A copy of the sample estate.
    pub fn with_estate() -> Self {
        let bench = Self::new();
        copy(&estate(), &bench.tree());
        bench
    }

    /// The folder that is scanned.
    pub fn tree(&self) -> PathBuf {
        self.path("tree")
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.path(&self.data)
    }

    /// From now on, another data folder: the program forgets everything.
    pub fn use_data(&mut self, name: &str) {
        name.clone_into(&mut self.data);
    }

    /// A path beside the tree.
    pub fn path(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    /// Writes a file of the tree, with the folders above it.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.tree().join(path);
        fs::create_dir_all(path.parent().expect("a folder above")).expect("a folder");
        fs::write(&path, content).unwrap_or_else(|error| panic!("cannot write {}: {error}", path.display()));
    }

    /// Removes a file of the tree.
    pub fn remove(&self, path: &str) {
        fs::remove_file(self.tree().join(path))
            .unwrap_or_else(|error| panic!("cannot remove {path}: {error}"));
    }

    /// Renames a file of the tree.
    pub fn rename(&self, from: &str, to: &str) {
        let to = self.tree().join(to);
        fs::create_dir_all(to.parent().expect("a folder above")).expect("a folder");
        fs::rename(self.tree().join(from), to)
            .unwrap_or_else(|error| panic!("cannot rename {from}: {error}"));
    }

    /// The program with arguments, in this workbench's world.
    pub fn command(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
        let mut command = Command::new(program());
        command
            .args(args)
            .current_dir(self.scratch.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.path("home"))
            .env("INVENTAR_DATA", self.data());
        command
    }

    /// Runs the program to its end.
    pub fn inventar(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Ended {
        self.end(self.command(args))
    }

    /// Runs a prepared command to its end.
    pub fn end(&self, mut command: Command) -> Ended {
        let output =
            command.output().unwrap_or_else(|error| panic!("cannot start {}: {error}", program().display()));
        Ended::of(output, self.scratch.path())
    }

    /// `inventar scan ./tree --source story`, with more arguments.
    pub fn scan(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Ended {
        self.end(self.scan_command(args))
    }

    /// The command of [`Workbench::scan`].
    pub fn scan_command(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
        let mut command = self.command(["scan", "./tree", "--source", "story"]);
        command.args(args);
        command
    }

    /// Starts a scan and comes back at once.
    pub fn start(&self, command: Command) -> Running {
        Running::start(command, self.scratch.path())
    }
}

/// Copies a folder with everything in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder to copy") {
        let entry = entry.expect("an entry");
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).expect("a copy");
        }
    }
}
