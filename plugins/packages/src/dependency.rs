//! What manifests and lock files say, whatever their format.

use inventar_plugin_sdk::{Usage, Version};
use std::ops::Range;

/// What a manifest asks of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Requirement {
    /// A pin: `==1.2.3`.
    Exact(String),
    /// A constraint: `>=1,<2`, `^1.0`.
    Range(String),
    /// A name that moves: `latest`, a branch, a URL.
    Floating(String),
    /// Another file says: a workspace, a parent, a catalogue of versions. With the variable that is written here, if any.
    Inherited(String),
    /// Nothing is asked.
    Any,
}

impl Requirement {
    /// As the contract states it.
    pub fn version(&self) -> Option<Version> {
        match self {
            Self::Exact(text) => Some(Version::Exact(text.clone())),
            Self::Range(text) => Some(Version::Range(text.clone())),
            Self::Floating(text) => Some(Version::Floating(text.clone())),
            Self::Inherited(_) | Self::Any => None,
        }
    }

    /// The text as written; empty where there is none.
    pub fn text(&self) -> &str {
        match self {
            Self::Exact(text) | Self::Range(text) | Self::Floating(text) => text,
            Self::Inherited(_) | Self::Any => "",
        }
    }
}

/// One line of a manifest: this project depends on that package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// As written; Maven's are `group:artifact`.
    pub name: String,
    /// What is asked of its version.
    pub requirement: Requirement,
    /// How it is used, as far as its group says.
    pub usage: Usage,
    /// The group, as the format calls it: `devDependencies`, `extra:gpu`, `test`.
    pub scope: String,
    /// Where: the name, or the whole requirement.
    pub at: Range<usize>,
    /// Whether the project itself asks for it; not so in compiled lists of everything.
    pub direct: bool,
}

impl Dependency {
    /// A direct dependency.
    pub fn new(
        name: impl Into<String>,
        requirement: Requirement,
        usage: Usage,
        scope: &str,
        at: Range<usize>,
    ) -> Self {
        Self { name: name.into(), requirement, usage, scope: scope.to_owned(), at, direct: true }
    }
}

/// A package at the version that a lock fixed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locked {
    /// As the lock writes it.
    pub name: String,
    /// Exactly.
    pub version: String,
    /// For whom: the range that led to it (yarn), the folder of the project that asked (npm, pnpm); else empty.
    pub for_whom: String,
    /// Where.
    pub at: Range<usize>,
}

/// Something that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where it begins.
    pub at: usize,
    /// What is wrong, in the parser's words.
    pub what: String,
}

/// A named value: a Maven property, a line of `gradle.properties`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// Where the value stands.
    pub at: Range<usize>,
}

/// Another manifest that this one includes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Include {
    /// Relative to the folder of the including file.
    pub path: String,
    /// Whether it only constrains versions (`-c`).
    pub constraint: bool,
}

/// Everything that was read of one manifest, complete or not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Manifest {
    /// In order.
    pub dependencies: Vec<Dependency>,
    /// Versions that other manifests may refer to: a workspace's, a parent's, a catalogue's. `for_whom` is the alias.
    pub offered: Vec<(Locked, Requirement)>,
    /// Named values that versions of other files refer to.
    pub variables: Vec<Variable>,
    /// Manifests it includes.
    pub includes: Vec<Include>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

/// Everything that was read of one lock file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lock {
    /// In order.
    pub entries: Vec<Locked>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

/// How a group's name says its members are used, in the words that ecosystems share; `otherwise` where it says nothing.
pub fn usage_of_group(group: &str, otherwise: Usage) -> Usage {
    let lower = group.to_ascii_lowercase();
    let mut words = lower.split(|c: char| !c.is_ascii_alphanumeric());
    let any =
        |names: &[&str]| lower.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| names.contains(&word));
    if any(&[
        "test",
        "tests",
        "testing",
        "ci",
        "e2e",
        "coverage",
        "eval",
        "evals",
        "evaluation",
        "benchmark",
        "bench",
    ]) {
        Usage::Test
    } else if any(&["doc", "docs", "documentation", "website"]) {
        Usage::Docs
    } else if any(&["example", "examples", "demo", "demos", "sample", "samples", "tutorial", "tutorials"]) {
        Usage::Example
    } else if words.any(|word| {
        matches!(
            word,
            "dev"
                | "develop"
                | "development"
                | "lint"
                | "linting"
                | "format"
                | "formatting"
                | "typing"
                | "types"
                | "mypy"
                | "build"
                | "release"
                | "tooling"
                | "precommit"
        )
    }) {
        Usage::Development
    } else {
        otherwise
    }
}
