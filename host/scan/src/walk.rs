//! One walk over a source: every entry once, and for each file who could want it.
//!
//! Hidden files are walked. Git-ignored files are walked too, but only claims that ask for them see them: what we look
//! for (environment files, client configurations, weights) is usually git-ignored. Folders that hold other people's
//! code or build results are not entered unless asked; links are never followed. Whatever is left out is counted, and
//! whatever cannot be listed is a gap.

use crate::claim::{Claims, Class, ClassCache};
use crate::platform::{self, EntryKind, FileIdentity, FolderListing};
use crate::progress::Progress;
use crate::source::Source;
use cap_std::fs::Dir;
use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use inventar_model::{CoverageGap, Digest, GapReason, LeftOut, StampedGap, Unseen};
use std::collections::BTreeMap;
use std::io::Read;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
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

/// Whether a folder of this name holds other people's code.
pub(crate) fn is_dependency_folder(name: &str) -> bool {
    DEPENDENCY_FOLDERS.contains(&name)
}

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
    /// Its name in the spool, when it is a member of an archive.
    pub(crate) spooled: Option<Box<str>>,
}

/// What the walk saw, before anybody asks who could want it.
#[derive(Default)]
pub(crate) struct Walked {
    folders: Vec<FolderFiles>,
    /// Changes with the name, kind and identity of anything that was seen; does not depend on the order of folders.
    pub(crate) fingerprint: [u64; 4],
    pub(crate) files_seen: u64,
    pub(crate) gaps: Vec<StampedGap>,
    pub(crate) unseen: Vec<Unseen>,
    left_out: LeftOutBy,
    /// When the file that was changed last was changed.
    changed_ns: i64,
}

/// The files of one folder.
struct FolderFiles {
    /// As in [`Folder`].
    path: String,
    ignored: bool,
    rules: Option<Arc<Rules>>,
    /// Their names, one behind the other.
    names: String,
    /// Where each name ends, and what the file is.
    files: Vec<(usize, Option<FileIdentity>)>,
}

/// Who could want what the walk saw.
#[derive(Default)]
pub(crate) struct Listing {
    /// In no order.
    pub(crate) files: Vec<Listed>,
    pub(crate) left_out: Vec<LeftOut>,
}

/// By rule: how many, and some of them.
type LeftOutBy = BTreeMap<&'static str, (u64, Vec<String>)>;

/// How to walk.
pub(crate) struct WalkOptions<'a> {
    pub(crate) no_ignore: bool,
    pub(crate) threads: usize,
    pub(crate) cancel: &'a AtomicBool,
    pub(crate) walked: &'a AtomicU64,
    pub(crate) progress: &'a dyn Progress,
}

/// Walks a source.
pub(crate) fn walk(source: &Source, options: &WalkOptions<'_>) -> Walked {
    let queue = Queue::default();
    let (rules, above) = rules_above(source);
    queue.push(vec![Folder { path: String::new(), depth: 0, ignored: false, rules }]);
    let walker = Walker { source, options, queue: &queue };
    let parts = on_threads(options.threads, || walker.work());

    let mut walked = Walked::default();
    let how = [u8::from(options.no_ignore)];
    add_digest(&mut walked.fingerprint, &Digest::of_parts([above.as_bytes(), &how]));
    for mut part in parts {
        walked.folders.append(&mut part.folders);
        walked.files_seen += part.files_seen;
        walked.changed_ns = walked.changed_ns.max(part.changed_ns);
        walked.gaps.append(&mut part.gaps);
        walked.unseen.append(&mut part.unseen);
        for (sum, add) in walked.fingerprint.iter_mut().zip(part.fingerprint) {
            *sum = sum.wrapping_add(add);
        }
        add_left_out(&mut walked.left_out, part.left_out);
    }
    walked
}

impl Walked {
    /// Of an image, which has members and no files; `digest` is what tells it from others.
    pub(crate) fn of_image(digest: &Digest) -> Self {
        let mut walked = Self::default();
        add_digest(&mut walked.fingerprint, digest);
        walked
    }

    /// Whether any file was changed after that time.
    pub(crate) fn has_changed_since(&self, ns: i64) -> bool {
        self.changed_ns > ns
    }

    /// Tells for each file who could want it.
    pub(crate) fn classify(&self, claims: &Claims, threads: usize) -> Listing {
        let next = AtomicUsize::new(0);
        let work = || {
            let (mut files, mut left_out, mut classes) =
                (Vec::new(), LeftOutBy::new(), ClassCache::default());
            while let Some(folder) = self.folders.get(next.fetch_add(1, Ordering::Relaxed)) {
                folder.classify(claims, &mut classes, &mut files, &mut left_out);
            }
            (files, left_out)
        };
        let mut listing = Listing::default();
        let mut left_out = self.left_out.clone();
        for (mut files, more) in on_threads(threads.min(self.folders.len().div_ceil(64)), work) {
            listing.files.append(&mut files);
            add_left_out(&mut left_out, more);
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
}

impl FolderFiles {
    fn classify(
        &self,
        claims: &Claims,
        classes: &mut ClassCache,
        listed: &mut Vec<Listed>,
        left_out: &mut LeftOutBy,
    ) {
        let mut start = 0;
        for (end, identity) in &self.files {
            let path = join(&self.path, &self.names[start..*end]);
            start = *end;
            let verdict = Rules::verdict(self.rules.as_ref(), &path, false);
            if verdict == Verdict::InventarIgnored {
                leave_out(left_out, rule::INVENTAR, &path);
                continue;
            }
            let ignored = self.ignored || verdict == Verdict::GitIgnored;
            match claims.class(&path, ignored, classes) {
                Some(class) => {
                    listed.push(Listed {
                        path: path.into(),
                        ignored,
                        class,
                        identity: *identity,
                        spooled: None,
                    });
                }
                None if ignored => leave_out(left_out, rule::GIT, &path),
                None => {}
            }
        }
    }
}

/// Runs `work` on so many threads, this one among them; what each gave.
fn on_threads<T: Send>(threads: usize, work: impl Fn() -> T + Sync) -> Vec<T> {
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(&work)).collect();
        let mut all = vec![work()];
        // A panic in a thread is a bug of ours: it goes on in the caller.
        all.extend(
            others
                .into_iter()
                .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))),
        );
        all
    })
}

fn add_digest(sums: &mut [u64; 4], digest: &Digest) {
    for (sum, chunk) in sums.iter_mut().zip(digest.as_bytes().chunks_exact(8)) {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(chunk);
        *sum = sum.wrapping_add(u64::from_le_bytes(bytes));
    }
}

fn leave_out(left_out: &mut LeftOutBy, rule: &'static str, path: &str) {
    let (count, examples) = left_out.entry(rule).or_default();
    *count += 1;
    if examples.len() < MAX_EXAMPLES {
        examples.push(path.to_owned());
    }
}

fn add_left_out(all: &mut LeftOutBy, more: LeftOutBy) {
    for (rule, (count, examples)) in more {
        let entry = all.entry(rule).or_default();
        entry.0 += count;
        entry.1.extend(examples);
    }
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
/// Also their texts.
fn rules_above(source: &Source) -> (Option<Arc<Rules>>, String) {
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
    options: &'a WalkOptions<'a>,
    queue: &'a Queue,
}

/// What one thread saw.
#[derive(Default)]
struct Part {
    folders: Vec<FolderFiles>,
    fingerprint: [u64; 4],
    files_seen: u64,
    gaps: Vec<StampedGap>,
    unseen: Vec<Unseen>,
    left_out: LeftOutBy,
    changed_ns: i64,
    /// Used again for each folder.
    listing: FolderListing,
    print: Vec<u8>,
}

impl Part {
    fn gap(&mut self, at: &str, reason: GapReason, detail: String) {
        let retriable = matches!(reason, GapReason::AccessDenied | GapReason::Changed);
        let gap = CoverageGap { at: at.to_owned(), reason, detail, retriable };
        self.gaps.push(StampedGap { gap, plugin: None });
    }
}

impl Walker<'_> {
    fn work(&self) -> Part {
        let mut part = Part::default();
        while let Some(folder) = self.queue.next() {
            if self.options.cancel.load(Ordering::Relaxed) {
                part.unseen.push(Unseen { path: with_slash(&folder.path), plugin: None });
            } else {
                self.list(folder, &mut part);
            }
            self.queue.done();
        }
        part
    }

    fn list(&self, folder: Folder, part: &mut Part) {
        let at = with_slash(&folder.path);
        let mut listing = std::mem::take(&mut part.listing);
        if let Err(error) = self.try_list(folder, &mut listing, part) {
            let reason = match error.kind() {
                std::io::ErrorKind::PermissionDenied => GapReason::AccessDenied,
                std::io::ErrorKind::NotFound => GapReason::Changed,
                _ => GapReason::Other(error.kind().to_string()),
            };
            let at_name = if at.is_empty() { "./" } else { &at };
            part.gap(at_name, reason, format!("cannot list this folder: {error}"));
            part.unseen.push(Unseen { path: at, plugin: None });
        }
        part.listing = listing;
    }

    fn try_list(&self, folder: Folder, listing: &mut FolderListing, part: &mut Part) -> std::io::Result<()> {
        let dir = platform::open_folder(&self.source.dir, &folder.path)?;
        listing.read(&dir)?;
        let read = |name: &str| match listing.entries().any(|entry| entry.name == name) {
            true => read_ignore_file(&dir, name),
            false => String::new(),
        };
        let git = if self.options.no_ignore { String::new() } else { read(".gitignore") };
        let rules = rules_in(&folder.path, &git, &read(".inventarignore"), folder.rules.clone());

        // What the fingerprint is of: everything that decides what a scan does here.
        let mut print = std::mem::take(&mut part.print);
        print.clear();
        print.extend_from_slice(folder.path.as_bytes());
        print.extend_from_slice(&[0, u8::from(folder.ignored)]);
        let mut folders = Vec::new();
        let mut seen = FolderFiles {
            path: String::new(),
            ignored: folder.ignored,
            rules: None,
            names: String::new(),
            files: vec![],
        };
        for entry in listing.entries() {
            print.extend_from_slice(entry.name.as_encoded_bytes());
            print.extend_from_slice(&[0, entry.kind as u8]);
            let Some(name) = entry.name.to_str() else {
                let shown = format!("{}{}", with_slash(&folder.path), entry.name.to_string_lossy());
                let reason = GapReason::Unsupported("file name".into());
                part.gap(&shown, reason, "its name is not UTF-8; rename it to have it looked at".into());
                continue;
            };
            match entry.kind {
                EntryKind::File => {
                    let identity = FileIdentity::of_entry(&dir, entry.name).ok();
                    if let Some(identity) = &identity {
                        identity.write_to(&mut print);
                        part.changed_ns = part.changed_ns.max(identity.changed_ns());
                    }
                    seen.names.push_str(name);
                    seen.files.push((seen.names.len(), identity));
                }
                EntryKind::Folder => {
                    self.enter(&folder, join(&folder.path, name), name, rules.as_ref(), &mut folders, part);
                }
                EntryKind::Link => leave_out(&mut part.left_out, rule::LINK, &join(&folder.path, name)),
                EntryKind::Special => leave_out(&mut part.left_out, rule::SPECIAL, &join(&folder.path, name)),
            }
        }
        add_digest(&mut part.fingerprint, &Digest::of(&print));
        part.print = print;
        let files = seen.files.len() as u64;
        if files > 0 {
            part.folders.push(FolderFiles { path: folder.path, rules, ..seen });
        }
        part.files_seen += files;
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
        if !self.options.no_ignore && is_dependency_folder(name) {
            return leave_out(&mut part.left_out, rule::DEPENDENCY, &with_slash(&path));
        }
        let verdict = Rules::verdict(rules, &path, true);
        if verdict == Verdict::InventarIgnored {
            return leave_out(&mut part.left_out, rule::INVENTAR, &with_slash(&path));
        }
        let ignored = !self.options.no_ignore && (folder.ignored || verdict == Verdict::GitIgnored);
        if ignored && BUILD_FOLDERS.contains(&name) {
            return leave_out(&mut part.left_out, rule::BUILD, &with_slash(&path));
        }
        if folder.depth == MAX_DEPTH {
            let at = with_slash(&path);
            part.gap(
                &at,
                GapReason::BudgetExhausted,
                format!("folders deeper than {MAX_DEPTH} are not entered"),
            );
            part.unseen.push(Unseen { path: at, plugin: None });
            return;
        }
        folders.push(Folder { path, depth: folder.depth + 1, ignored, rules: rules.cloned() });
    }
}

/// An ignore file's text; one that cannot be read ignores nothing.
fn read_ignore_file(dir: &Dir, name: &str) -> String {
    let mut text = String::new();
    if let Ok(file) = platform::open_file(dir, name)
        && file.take(MAX_IGNORE_FILE_BYTES).read_to_string(&mut text).is_err()
    {
        text.clear();
    }
    text
}

/// The path of an entry.
fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { [folder, name].join("/") }
}

/// A folder's path as coverage shows it; the root's is empty.
fn with_slash(path: &str) -> String {
    if path.is_empty() { String::new() } else { format!("{path}/") }
}
