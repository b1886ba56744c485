//! One walk over a source: every entry once, and for each file who could want it.
//!
//! Hidden files are walked. Git-ignored files are walked too, but only claims that ask for them see them: what we look
//! for (environment files, client configurations, weights) is usually git-ignored. Folders that hold other people's
//! code or build results are not entered unless asked; links are never followed. Whatever is left out is counted
//! (`rules`), and whatever cannot be listed is a gap.

use crate::claim::{Claims, Class, ClassCache};
use crate::platform::{self, EntryKind, FileIdentity, FolderListing};
use crate::progress::Progress;
use crate::rules::{
    LeftOutBy, Rules, Verdict, is_build_folder, is_dependency_folder, read_ignore_file, rule, rules_above,
    rules_in,
};
use crate::source::Source;
use inventar_model::{CoverageGap, Digest, GapReason, LeftOut, StampedGap, Unseen};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// Folders deeper than this are a gap: nobody works there, and somebody may have built them to exhaust us.
const MAX_DEPTH: usize = 256;

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
        walked.left_out.append(part.left_out);
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
                (Vec::new(), LeftOutBy::default(), ClassCache::default());
            while let Some(folder) = self.folders.get(next.fetch_add(1, Ordering::Relaxed)) {
                folder.classify(claims, &mut classes, &mut files, &mut left_out);
            }
            (files, left_out)
        };
        let mut listing = Listing::default();
        let mut left_out = self.left_out.clone();
        for (mut files, more) in on_threads(threads.min(self.folders.len().div_ceil(64)), work) {
            listing.files.append(&mut files);
            left_out.append(more);
        }
        listing.left_out = left_out.into_list();
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
                left_out.add(rule::INVENTAR, &path);
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
                None if ignored => left_out.add(rule::GIT, &path),
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

/// A folder still to be listed.
struct Folder {
    /// From the root, without a trailing '/'; empty for the root.
    path: String,
    depth: usize,
    ignored: bool,
    rules: Option<Arc<Rules>>,
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
                EntryKind::Link => part.left_out.add(rule::LINK, &join(&folder.path, name)),
                EntryKind::Special => part.left_out.add(rule::SPECIAL, &join(&folder.path, name)),
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
            return part.left_out.add(rule::DEPENDENCY, &with_slash(&path));
        }
        let verdict = Rules::verdict(rules, &path, true);
        if verdict == Verdict::InventarIgnored {
            return part.left_out.add(rule::INVENTAR, &with_slash(&path));
        }
        let ignored = !self.options.no_ignore && (folder.ignored || verdict == Verdict::GitIgnored);
        if ignored && is_build_folder(name) {
            return part.left_out.add(rule::BUILD, &with_slash(&path));
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

/// The path of an entry.
fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { [folder, name].join("/") }
}

/// A folder's path as coverage shows it; the root's is empty.
fn with_slash(path: &str) -> String {
    if path.is_empty() { String::new() } else { format!("{path}/") }
}
