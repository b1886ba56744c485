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

/// The links of one tar, and those of upper layers whose content was not met yet.
#[derive(Debug, Default)]
pub(crate) struct HardLinks {
    /// By the path of what they name.
    owed: HashMap<String, Vec<Linked>>,
    /// Links of this tar by path, so that a link to a link leads to the content.
    targets: HashMap<String, String>,
    /// Paths whose content this tar has and owes.
    due: HashSet<String>,
}

impl HardLinks {
    /// Where a link leads: the entry with the content.
    pub(crate) fn target<'a>(&'a self, target: &'a str) -> &'a str {
        self.targets.get(target).map_or(target, String::as_str)
    }

    /// A link is in this tar. What others owe to its own path, its target owes.
    pub(crate) fn add(&mut self, path: &str, target: &str) {
        if let Some(links) = self.owed.remove(path) {
            self.owed.entry(target.to_owned()).or_default().extend(links);
        }
        self.targets.insert(path.to_owned(), target.to_owned());
    }

    /// What is owed to links of a path.
    pub(crate) fn owed_to(&self, target: &str) -> &[Linked] {
        self.owed.get(target).map_or(&[], Vec::as_slice)
    }

    /// The content of `target` is to be read under a link's name.
    pub(crate) fn owe(&mut self, target: &str, link: Linked) {
        self.owed.entry(target.to_owned()).or_default().push(link);
    }

    /// This tar has the content of a path.
    pub(crate) fn meet(&mut self, path: &str) {
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
        Self { owed: self.owed, ..Self::default() }
    }

    /// Links to what was nowhere.
    pub(crate) fn broken(&self) -> impl Iterator<Item = (&str, &Linked)> {
        self.owed.iter().flat_map(|(target, links)| links.iter().map(|link| (target.as_str(), link)))
    }
}
