//! What the walk leaves out: by the name of a folder, by git's ignore files, and by `.inventarignore`.
//!
//! Git's rules hide a file from claims that do not ask for ignored ones; `.inventarignore` hides it from all. The
//! nearest ignore file that speaks of a path decides, for each of the two separately. Whatever is left out is counted
//! under the name of its rule, with some examples.

use crate::platform;
use crate::source::Source;
use cap_std::fs::Dir;
use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use inventar_model::LeftOut;
use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;

/// Longer ignore files are cut.
const MAX_IGNORE_FILE_BYTES: u64 = 1 << 20;
/// Shown per rule of what was left out.
const MAX_EXAMPLES: usize = 20;

/// The ignore files that apply in a folder, nearest first.
pub(crate) struct Rules {
    git: Gitignore,
    inventar: Gitignore,
    outer: Option<Arc<Rules>>,
}

/// What the ignore files say of a path.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Keep,
    GitIgnored,
    InventarIgnored,
}

impl Rules {
    /// The nearest rule that speaks of the path decides, separately for each kind of ignore file.
    pub(crate) fn verdict(rules: Option<&Arc<Rules>>, path: &str, is_folder: bool) -> Verdict {
        let ask = |pick: fn(&Rules) -> &Gitignore| {
            let mut at = rules;
            while let Some(rules) = at {
                match pick(rules).matched(path, is_folder) {
                    Match::Ignore(_) => return true,
                    Match::Whitelist(_) => return false,
                    Match::None => at = rules.outer.as_ref(),
                }
            }
            false
        };
        if ask(|rules| &rules.inventar) {
            Verdict::InventarIgnored
        } else if ask(|rules| &rules.git) {
            Verdict::GitIgnored
        } else {
            Verdict::Keep
        }
    }
}

/// The rules of the repository's folders above the source. Paths inside the source are what they are asked about, so
/// each file is taken as if it stood at the source's root, with rules anchored elsewhere left out.
/// Also their texts.
pub(crate) fn rules_above(source: &Source) -> (Option<Arc<Rules>>, String) {
    let (mut outer, mut texts) = (None, String::new());
    for folder in source.folders_above() {
        let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap_or_default();
        let unanchored = |text: String| {
            let lines = text
                .lines()
                .filter(|line| !line.trim_start_matches('!').trim_end_matches(['/', ' ']).contains('/'));
            lines.collect::<Vec<_>>().join("\n")
        };
        let (git, inventar) = (unanchored(read(".gitignore")), unanchored(read(".inventarignore")));
        texts.extend([&git, "\0", &inventar, "\0"]);
        outer = rules_in("", &git, &inventar, outer);
    }
    (outer, texts)
}

/// The rules of a folder: its own ignore files before those of the folders around it.
pub(crate) fn rules_in(
    folder: &str,
    git: &str,
    inventar: &str,
    outer: Option<Arc<Rules>>,
) -> Option<Arc<Rules>> {
    if git.is_empty() && inventar.is_empty() {
        return outer;
    }
    let build = |text: &str| {
        let mut builder = GitignoreBuilder::new(folder);
        for line in text.lines() {
            if let Err(error) = builder.add_line(None, line) {
                tracing::debug!(%error, folder, "a line of an ignore file is not a pattern");
            }
        }
        builder.build().unwrap_or_else(|_| Gitignore::empty())
    };
    Some(Arc::new(Rules { git: build(git), inventar: build(inventar), outer }))
}

/// An ignore file's text; one that cannot be read ignores nothing.
pub(crate) fn read_ignore_file(dir: &Dir, name: &str) -> String {
    let mut text = String::new();
    if let Ok(file) = platform::open_file(dir, name)
        && file.take(MAX_IGNORE_FILE_BYTES).read_to_string(&mut text).is_err()
    {
        text.clear();
    }
    text
}

/// Installed dependencies, caches and version control: never ours to report.
pub const DEPENDENCY_FOLDERS: &[&str] = &[
    ".git",
    ".hg",
    ".svn",
    ".jj",
    "node_modules",
    "bower_components",
    "jspm_packages",
    "site-packages",
    "dist-packages",
    ".venv",
    "__pycache__",
    ".tox",
    ".nox",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".gradle",
    ".terraform",
    ".next",
    ".nuxt",
    ".svelte-kit",
    ".turbo",
    ".parcel-cache",
    ".yarn",
    ".pnpm-store",
    ".ipynb_checkpoints",
    ".eggs",
    "Pods",
    ".dart_tool",
];
/// Build results, when the project ignores them.
const BUILD_FOLDERS: &[&str] = &[
    "target",
    "build",
    "dist",
    "out",
    "bin",
    "obj",
    "venv",
    "env",
    "vendor",
    "coverage",
    "htmlcov",
    "wheels",
    "_build",
    "site",
    "public",
    "tmp",
    "logs",
    "artifacts",
    ".cache",
];

/// Whether a folder of this name holds other people's code.
pub(crate) fn is_dependency_folder(name: &str) -> bool {
    DEPENDENCY_FOLDERS.contains(&name)
}

/// Whether an ignored folder of this name holds what a build made.
pub(crate) fn is_build_folder(name: &str) -> bool {
    BUILD_FOLDERS.contains(&name)
}

/// Rules by which the walk leaves things out, as people see them.
pub(crate) mod rule {
    pub(crate) const DEPENDENCY: &str = "dependency-folder";
    pub(crate) const BUILD: &str = "ignored-build-folder";
    pub(crate) const GIT: &str = "gitignored";
    pub(crate) const INVENTAR: &str = "inventarignored";
    pub(crate) const LINK: &str = "symbolic-link";
    pub(crate) const SPECIAL: &str = "special-file";
}

/// How many were left out by each rule, and some of them.
#[derive(Default, Clone)]
pub(crate) struct LeftOutBy(BTreeMap<&'static str, (u64, Vec<String>)>);

impl LeftOutBy {
    /// Counts a path.
    pub(crate) fn add(&mut self, rule: &'static str, path: &str) {
        let (count, examples) = self.0.entry(rule).or_default();
        *count += 1;
        if examples.len() < MAX_EXAMPLES {
            examples.push(path.to_owned());
        }
    }

    /// Adds what another thread left out.
    pub(crate) fn append(&mut self, more: Self) {
        for (rule, (count, examples)) in more.0 {
            let entry = self.0.entry(rule).or_default();
            entry.0 += count;
            entry.1.extend(examples);
        }
    }

    /// As it is shown.
    pub(crate) fn into_list(self) -> Vec<LeftOut> {
        let shown = |(rule, (count, mut examples)): (&str, (u64, Vec<String>))| {
            examples.sort();
            examples.truncate(MAX_EXAMPLES);
            LeftOut { rule: rule.to_owned(), count, examples }
        };
        self.0.into_iter().map(shown).collect()
    }
}
