//! Further names of a tar's files.
//!
//! A hard link has no content of its own: it names an entry before it, in an image's layer perhaps one of a layer below.
//! Whoever sees that entry has seen the link. But the entry may be hidden by an upper layer, or have a name that nobody
//! asks for; then its content is owed to the link, and is read once more under the link's name.

use std::collections::{HashMap, HashSet};

/// A name that a link gives to content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Linked {
    /// The archive or layer that has the link.
    pub(crate) outer: String,
    /// The link's own path.
    pub(crate) path: String,
}

/// The most names that are kept of one content: a package manager's store gives some dozens.
const MAX_NAMES: usize = 1_000;

/// The links of one tar, and those of upper layers whose content was not met yet.
#[derive(Debug, Default)]
pub(crate) struct HardLinks {
    /// By the path of what they name.
    owed: HashMap<String, Vec<Linked>>,
    /// Links of this tar by path, so that a link to a link leads to the content.
    targets: HashMap<String, String>,
    /// Paths whose content this tar has and owes.
    due: HashSet<String>,
    /// Paths of this tar that have content.
    met: HashSet<String>,
    /// Whoever looks at what a link names sees the link: by that path, one of the links, until it is met.
    covered: HashMap<String, Linked>,
    /// A content with more names than are kept, and one of the others.
    crowded: Option<(String, Linked)>,
}

impl HardLinks {
    /// Where a link leads: the entry with the content.
    pub(crate) fn target<'a>(&'a self, target: &'a str) -> &'a str {
        self.targets.get(target).map_or(target, String::as_str)
    }

    /// A link is in this tar. What others owe to its own path, its target owes.
    pub(crate) fn add(&mut self, path: &str, target: &str) {
        if let Some(links) = self.owed.remove(path) {
            self.owe_all(target, links);
            // A tar has the content before its links.
            if self.met.contains(target) {
                self.due.insert(target.to_owned());
            }
        }
        if let Some(link) = self.covered.remove(path) {
            self.cover(target, link);
        }
        self.targets.insert(path.to_owned(), target.to_owned());
    }

    /// What is owed to links of a path.
    pub(crate) fn owed_to(&self, target: &str) -> &[Linked] {
        self.owed.get(target).map_or(&[], Vec::as_slice)
    }

    /// The content of `target` is to be read under a link's name.
    pub(crate) fn owe(&mut self, target: &str, link: Linked) {
        self.owe_all(target, vec![link]);
    }

    fn owe_all(&mut self, target: &str, mut links: Vec<Linked>) {
        let owed = self.owed.entry(target.to_owned()).or_default();
        if owed.len() < links.len() {
            std::mem::swap(owed, &mut links);
        }
        let room = MAX_NAMES.saturating_sub(owed.len());
        if let Some(other) = links.get(room) {
            self.crowded.get_or_insert_with(|| (target.to_owned(), other.clone()));
        }
        owed.extend(links.into_iter().take(room));
    }

    /// Nothing is to be read under this link's name, if there is what it names.
    pub(crate) fn cover(&mut self, target: &str, link: Linked) {
        if !self.met.contains(target) {
            self.covered.entry(target.to_owned()).or_insert(link);
        }
    }

    /// This tar has the content of a path.
    pub(crate) fn meet(&mut self, path: &str) {
        self.met.insert(path.to_owned());
        self.covered.remove(path);
        if self.owed.contains_key(path) {
            self.due.insert(path.to_owned());
        }
    }

    /// Whether this tar must be read once more.
    pub(crate) fn is_due(&self) -> bool {
        !self.due.is_empty()
    }

    /// The names under which the content of a path is to be read now.
    pub(crate) fn pay(&mut self, path: &str) -> Vec<Linked> {
        if self.due.remove(path) { self.owed.remove(path).unwrap_or_default() } else { vec![] }
    }

    /// What the next layer below may have.
    pub(crate) fn below(self) -> Self {
        Self { owed: self.owed, covered: self.covered, crowded: self.crowded, ..Self::default() }
    }

    /// A content with too many names: its path, and a link under whose name it is not read.
    pub(crate) fn crowded(&self) -> Option<(&str, &Linked)> {
        self.crowded.as_ref().map(|(target, link)| (target.as_str(), link))
    }

    /// Links to what was nowhere.
    pub(crate) fn broken(&self) -> impl Iterator<Item = (&str, &Linked)> {
        let owed = self.owed.iter().flat_map(|(target, links)| links.iter().map(move |link| (target, link)));
        owed.chain(&self.covered).map(|(target, link)| (target.as_str(), link))
    }
}
