//! One walk over a source: every entry once, and for each file who could want it.
//!
//! Hidden files are walked. Git-ignored files are walked too, but only claims that ask for them see them: what we look
//! for (environment files, client configurations, weights) is usually git-ignored. Folders that hold other people's
//! code or build results are not entered unless asked; links are never followed. Whatever is left out is counted, and
//! whatever cannot be listed is a gap.

use crate::claim::{Claims, Class, ClassCache};
use crate::platform::FileIdentity;
use crate::progress::Progress;
use crate::source::Source;
use cap_std::fs::Dir;
use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use inventar_model::{CoverageGap, Digest, GapReason, LeftOut, StampedGap, Unseen};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::Read;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// Folders deeper than this are a gap: nobody works there, and somebody may have built them to exhaust us.
const MAX_DEPTH: usize = 256;
/// Longer ignore files are cut.
const MAX_IGNORE_FILE_BYTES: u64 = 1 << 20;
/// Shown per rule of what was left out.
const MAX_EXAMPLES: usize = 20;

/// Installed dependencies, caches and version control: never ours to report.
const DEPENDENCY_FOLDERS: &[&str] = &[
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

/// Rules by which the walk leaves things out, as people see them.
mod rule {
    pub(super) const DEPENDENCY: &str = "dependency-folder";
    pub(super) const BUILD: &str = "ignored-build-folder";
    pub(super) const GIT: &str = "gitignored";
    pub(super) const INVENTAR: &str = "inventarignored";
    pub(super) const LINK: &str = "symbolic-link";
    pub(super) const SPECIAL: &str = "special-file";
}

/// A file that somebody could want.
pub(crate) struct Listed {
    pub(crate) path: Box<str>,
    /// Git ignores it; only claims that say so see it.
    pub(crate) ignored: bool,
    pub(crate) class: Arc<Class>,
    /// None: it could not be told; whoever reads it will say why.
    pub(crate) identity: Option<FileIdentity>,
}

/// What the walk saw.
#[derive(Default)]
pub(crate) struct Listing {
    /// In no order.
    pub(crate) files: Vec<Listed>,
    /// A digest of the paths in `files`, and whether they are ignored, that does not depend on their order.
    pub(crate) paths_digest: [u64; 4],
    pub(crate) files_seen: u64,
    pub(crate) left_out: Vec<LeftOut>,
    pub(crate) gaps: Vec<StampedGap>,
    pub(crate) unseen: Vec<Unseen>,
}

/// How to walk.
pub(crate) struct WalkOptions<'a> {
    pub(crate) no_ignore: bool,
    pub(crate) threads: usize,
    pub(crate) cancel: &'a AtomicBool,
    pub(crate) walked: &'a AtomicU64,
    pub(crate) progress: &'a dyn Progress,
}

/// Walks a source.
pub(crate) fn walk(source: &Source, claims: &Claims, options: &WalkOptions<'_>) -> Listing {
    let queue = Queue::default();
    queue.push(vec![Folder { path: String::new(), depth: 0, ignored: false, rules: rules_above(source) }]);
    let walker = Walker { source, claims, options, queue: &queue };
    let mut parts: Vec<Part> = std::thread::scope(|scope| {
        let threads: Vec<_> = (1..options.threads).map(|_| scope.spawn(|| walker.work())).collect();
        let mut parts = vec![walker.work()];
        // A panic in a walking thread is a bug of ours: it goes on in the caller.
        parts.extend(
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))),
        );
        parts
    });

    let mut listing = Listing::default();
    let mut left_out: BTreeMap<&'static str, (u64, Vec<String>)> = BTreeMap::new();
    for part in &mut parts {
        listing.files.append(&mut part.listing.files);
        listing.files_seen += part.listing.files_seen;
        listing.gaps.append(&mut part.listing.gaps);
        listing.unseen.append(&mut part.listing.unseen);
        for (sum, add) in listing.paths_digest.iter_mut().zip(part.listing.paths_digest) {
            *sum = sum.wrapping_add(add);
        }
        for (rule, (count, examples)) in std::mem::take(&mut part.left_out) {
            let entry = left_out.entry(rule).or_default();
            entry.0 += count;
            entry.1.extend(examples);
        }
    }
    listing.left_out = left_out
        .into_iter()
        .map(|(rule, (count, mut examples))| {
            examples.sort();
            examples.truncate(MAX_EXAMPLES);
            LeftOut { rule: rule.to_owned(), count, examples }
        })
        .collect();
    listing
}

/// A folder still to be listed.
struct Folder {
    /// From the root, without a trailing '/'; empty for the root.
    path: String,
    depth: usize,
    ignored: bool,
    rules: Option<Arc<Rules>>,
}

/// The ignore files that apply in a folder, nearest first.
struct Rules {
    git: Gitignore,
    inventar: Gitignore,
    outer: Option<Arc<Rules>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Keep,
    GitIgnored,
    InventarIgnored,
}

impl Rules {
    /// The nearest rule that speaks of the path decides, separately for each kind of ignore file.
    fn verdict(rules: Option<&Arc<Rules>>, path: &str, is_folder: bool) -> Verdict {
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
fn rules_above(source: &Source) -> Option<Arc<Rules>> {
    let mut outer = None;
    for folder in source.folders_above() {
        let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap_or_default();
        let unanchored = |text: String| {
            let lines = text
                .lines()
                .filter(|line| !line.trim_start_matches('!').trim_end_matches(['/', ' ']).contains('/'));
            lines.collect::<Vec<_>>().join("\n")
        };
        outer = rules_in("", &unanchored(read(".gitignore")), &unanchored(read(".inventarignore")), outer);
    }
    outer
}

/// The rules of a folder: its own ignore files before those of the folders around it.
fn rules_in(folder: &str, git: &str, inventar: &str, outer: Option<Arc<Rules>>) -> Option<Arc<Rules>> {
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

/// Folders to list, shared by the walking threads.
#[derive(Default)]
struct Queue {
    state: Mutex<QueueState>,
    changed: Condvar,
}

#[derive(Default)]
struct QueueState {
    folders: Vec<Folder>,
    busy: usize,
}

impl Queue {
    fn push(&self, folders: Vec<Folder>) {
        if !folders.is_empty() {
            self.state.lock().unwrap_or_else(PoisonError::into_inner).folders.extend(folders);
            self.changed.notify_all();
        }
    }

    /// The next folder; none when all are listed.
    fn next(&self) -> Option<Folder> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(folder) = state.folders.pop() {
                state.busy += 1;
                return Some(folder);
            }
            if state.busy == 0 {
                self.changed.notify_all();
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn done(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.busy -= 1;
        if state.busy == 0 && state.folders.is_empty() {
            self.changed.notify_all();
        }
    }
}

struct Walker<'a> {
    source: &'a Source,
    claims: &'a Claims,
    options: &'a WalkOptions<'a>,
    queue: &'a Queue,
}

/// What one thread saw.
#[derive(Default)]
struct Part {
    listing: Listing,
    left_out: BTreeMap<&'static str, (u64, Vec<String>)>,
    classes: ClassCache,
}

impl Part {
    fn leave_out(&mut self, rule: &'static str, path: &str) {
        let (count, examples) = self.left_out.entry(rule).or_default();
        *count += 1;
        if examples.len() < MAX_EXAMPLES {
            examples.push(path.to_owned());
        }
    }

    fn gap(&mut self, at: &str, reason: GapReason, detail: String) {
        let retriable = matches!(reason, GapReason::AccessDenied | GapReason::Changed);
        let gap = CoverageGap { at: at.to_owned(), reason, detail, retriable };
        self.listing.gaps.push(StampedGap { gap, plugin: None });
    }
}

impl Walker<'_> {
    fn work(&self) -> Part {
        let mut part = Part::default();
        while let Some(folder) = self.queue.next() {
            if self.options.cancel.load(Ordering::Relaxed) {
                part.listing.unseen.push(Unseen { path: with_slash(&folder.path), plugin: None });
            } else {
                self.list(&folder, &mut part);
            }
            self.queue.done();
        }
        part
    }

    fn list(&self, folder: &Folder, part: &mut Part) {
        if let Err(error) = self.try_list(folder, part) {
            let at = with_slash(&folder.path);
            let reason = match error.kind() {
                std::io::ErrorKind::PermissionDenied => GapReason::AccessDenied,
                std::io::ErrorKind::NotFound => GapReason::Changed,
                _ => GapReason::Other(error.kind().to_string()),
            };
            let at_name = if at.is_empty() { "./" } else { &at };
            part.gap(at_name, reason, format!("cannot list this folder: {error}"));
            part.listing.unseen.push(Unseen { path: at, plugin: None });
        }
    }

    fn try_list(&self, folder: &Folder, part: &mut Part) -> std::io::Result<()> {
        let root = &self.source.dir;
        let dir = if folder.path.is_empty() { root.try_clone()? } else { root.open_dir(&folder.path)? };
        let mut entries = Vec::new();
        let (mut has_git, mut has_inventar) = (false, false);
        for entry in dir.entries()? {
            let entry = entry?;
            let name = entry.file_name();
            has_git |= name == ".gitignore";
            has_inventar |= name == ".inventarignore";
            entries.push((name, entry.file_type()?));
        }
        let read = |there: bool, name: &str| if there { read_ignore_file(&dir, name) } else { String::new() };
        let git = read(has_git && !self.options.no_ignore, ".gitignore");
        let inventar = read(has_inventar, ".inventarignore");
        let rules = rules_in(&folder.path, &git, &inventar, folder.rules.clone());

        let mut folders = Vec::new();
        let mut files = 0;
        for (name, kind) in entries {
            let Some(name_text) = name.to_str() else {
                let shown = format!("{}{}", with_slash(&folder.path), name.to_string_lossy());
                let reason = GapReason::Unsupported("file name".into());
                part.gap(&shown, reason, "its name is not UTF-8; rename it to have it looked at".into());
                continue;
            };
            let path = if folder.path.is_empty() {
                name_text.to_owned()
            } else {
                format!("{}/{name_text}", folder.path)
            };
            if kind.is_symlink() {
                part.leave_out(rule::LINK, &path);
            } else if kind.is_dir() {
                self.enter(folder, path, name_text, rules.as_ref(), &mut folders, part);
            } else if kind.is_file() {
                files += 1;
                self.file(&dir, folder, path, &name, rules.as_ref(), part);
            } else {
                part.leave_out(rule::SPECIAL, &path);
            }
        }
        part.listing.files_seen += files;
        let walked = self.options.walked.fetch_add(files, Ordering::Relaxed) + files;
        self.options.progress.walked(walked);
        self.queue.push(folders);
        Ok(())
    }

    /// Decides whether a sub-folder is walked.
    fn enter(
        &self,
        folder: &Folder,
        path: String,
        name: &str,
        rules: Option<&Arc<Rules>>,
        folders: &mut Vec<Folder>,
        part: &mut Part,
    ) {
        if !self.options.no_ignore && DEPENDENCY_FOLDERS.contains(&name) {
            return part.leave_out(rule::DEPENDENCY, &with_slash(&path));
        }
        let verdict = Rules::verdict(rules, &path, true);
        if verdict == Verdict::InventarIgnored {
            return part.leave_out(rule::INVENTAR, &with_slash(&path));
        }
        let ignored = !self.options.no_ignore && (folder.ignored || verdict == Verdict::GitIgnored);
        if ignored && BUILD_FOLDERS.contains(&name) {
            return part.leave_out(rule::BUILD, &with_slash(&path));
        }
        if folder.depth == MAX_DEPTH {
            let at = with_slash(&path);
            part.gap(
                &at,
                GapReason::BudgetExhausted,
                format!("folders deeper than {MAX_DEPTH} are not entered"),
            );
            part.listing.unseen.push(Unseen { path: at, plugin: None });
            return;
        }
        folders.push(Folder { path, depth: folder.depth + 1, ignored, rules: rules.cloned() });
    }

    fn file(
        &self,
        dir: &Dir,
        folder: &Folder,
        path: String,
        name: &OsStr,
        rules: Option<&Arc<Rules>>,
        part: &mut Part,
    ) {
        let verdict = Rules::verdict(rules, &path, false);
        if verdict == Verdict::InventarIgnored {
            return part.leave_out(rule::INVENTAR, &path);
        }
        let ignored = !self.options.no_ignore && (folder.ignored || verdict == Verdict::GitIgnored);
        let Some(class) = self.claims.class(&path, ignored, &mut part.classes) else {
            if ignored {
                part.leave_out(rule::GIT, &path);
            }
            return;
        };
        let digest = Digest::of_parts([path.as_bytes(), &[u8::from(ignored)]]);
        for (sum, chunk) in part.listing.paths_digest.iter_mut().zip(digest.as_bytes().chunks_exact(8)) {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(chunk);
            *sum = sum.wrapping_add(u64::from_le_bytes(bytes));
        }
        let identity = FileIdentity::of_entry(dir, name).ok();
        part.listing.files.push(Listed { path: path.into(), ignored, class, identity });
    }
}

/// An ignore file's text; one that cannot be read ignores nothing.
fn read_ignore_file(dir: &Dir, name: &str) -> String {
    let mut text = String::new();
    if let Ok(file) = crate::platform::open_file(dir, name)
        && file.take(MAX_IGNORE_FILE_BYTES).read_to_string(&mut text).is_err()
    {
        text.clear();
    }
    text
}

/// A folder's path as coverage shows it; the root's is empty.
fn with_slash(path: &str) -> String {
    if path.is_empty() { String::new() } else { format!("{path}/") }
}
