//! What stands inside of what, and how much of it all is opened.
//!
//! An archive in an archive in an archive costs as one: depth, members and inflated bytes are counted together, so that
//! no nesting makes more of a file than its limits.

use crate::archive::Archive;
use crate::bytes::ReadAt;
use crate::claim;
use crate::format;
use crate::model::{Danger, Flag, Model, Unread};
use std::cell::Cell;
use std::rc::Rc;

/// Archives in archives.
const MAX_DEPTH: u32 = 4;
/// Members that are looked into, of all archives of one file.
const MAX_MEMBERS: u32 = 4_000;
/// Bytes that are inflated, of all archives of one file.
const MAX_INFLATED: u64 = 64 << 20;
/// Bytes that are inflated of one member.
pub const MAX_MEMBER: usize = 32 << 20;
/// Models that are listed of one archive.
const MAX_LISTED: usize = 256;

/// What may still be opened.
#[derive(Debug, Clone)]
pub struct Budget {
    depth: u32,
    members: Rc<Cell<u32>>,
    bytes: Rc<Cell<u64>>,
}

impl Default for Budget {
    fn default() -> Self {
        Self { depth: 0, members: Rc::new(Cell::new(MAX_MEMBERS)), bytes: Rc::new(Cell::new(MAX_INFLATED)) }
    }
}

impl Budget {
    /// One level further in; none at the last.
    pub fn deeper(&self) -> Option<Self> {
        (self.depth < MAX_DEPTH).then(|| Self { depth: self.depth + 1, ..self.clone() })
    }

    /// How many bytes may be inflated next.
    pub fn bytes(&self) -> usize {
        usize::try_from(self.bytes.get()).unwrap_or(MAX_MEMBER).min(MAX_MEMBER)
    }

    /// So many were.
    pub fn spend(&self, bytes: usize) {
        self.bytes.set(self.bytes.get().saturating_sub(bytes as u64));
    }

    /// Whether one more member may be looked into.
    pub fn member(&self) -> bool {
        let left = self.members.get();
        self.members.set(left.saturating_sub(1));
        left > 0
    }

    /// Whether this is the file itself.
    pub fn is_outermost(&self) -> bool {
        self.depth == 0
    }
}

/// Looks into a member, and makes what it says part of what the archive says.
pub fn look(name: &str, content: &dyn ReadAt, budget: &Budget, model: &mut Model) -> Option<Model> {
    look_cut(name, content, None, budget, model)
}

/// The same for a member of which only the first bytes were made.
pub fn look_cut(
    name: &str,
    content: &dyn ReadAt,
    cut: Option<u64>,
    budget: &Budget,
    model: &mut Model,
) -> Option<Model> {
    if !budget.member() {
        too_many(model);
        return None;
    }
    let Some(budget) = budget.deeper() else {
        let head = content.read_at(0, 512);
        if format::is_container(&head) || head.starts_with(b"\x80") {
            model.flag(Danger::Suspicious, "nested-too-deeply", name, 0);
        }
        return None;
    };
    let mut inner = format::inside(content, &budget);
    if let Some(limit) = cut {
        inner.cut(limit, format!("`{name}` is larger than is read"));
    }
    adopt(model, &inner, name, &content.read_at(0, claim::HEAD));
    Some(inner)
}

/// What an inner file says that matters for the outer one; its first bytes tell whether it is also a file of its own.
pub fn adopt(model: &mut Model, inner: &Model, member: &str, head: &[u8]) {
    let is_ours = !inner.flags.is_empty() && claim::is_ours(member, head);
    let mut globals = model.texts("globals");
    for global in inner.texts("globals") {
        if globals.len() < 100 && !globals.contains(&global) {
            globals.push(global);
        }
    }
    model.set("globals", globals);
    if inner.is_model() {
        let mut models = model.texts("models");
        if models.len() < MAX_LISTED {
            models.push(member.to_owned());
            models.extend(inner.texts("models").into_iter().map(|deeper| format!("{member}!{deeper}")));
            models.truncate(MAX_LISTED);
        }
        model.set("models", models);
    }
    for flag in inner.flags.iter() {
        let is_members_own = match &flag.member {
            Some(_) => claim::is_archive(member) && flag.is_members_own,
            None => is_ours,
        };
        let member = Some(match &flag.member {
            Some(deeper) => format!("{member}!{deeper}"),
            None => member.to_owned(),
        });
        model.flags.push(Flag { member, is_members_own, ..flag.clone() });
    }
    let room = 16usize.saturating_sub(model.unread.len());
    model.unread.extend(inner.unread.iter().take(room).cloned());
}

/// Says once that not all members were looked into.
pub fn too_many(model: &mut Model) {
    let unread =
        Unread::TooLarge(MAX_MEMBERS.into(), "the archive has more members than are looked into".into());
    if !model.unread.contains(&unread) {
        model.unread.push(unread);
    }
}

/// A path that leaves the folder an archive is unpacked in.
pub fn leaves_folder(name: &str) -> bool {
    name.starts_with(['/', '\\'])
        || name.split(['/', '\\']).any(|part| part == "..")
        || name.as_bytes().get(1) == Some(&b':')
        || name.contains('\0')
}

/// A description in an archive, as JSON.
pub fn json(archive: &Archive, name: &str, bytes: &dyn ReadAt, budget: &Budget) -> Option<serde_json::Value> {
    let content = archive.content(archive.find(name)?, bytes, budget.bytes()).0?;
    budget.spend(content.cost());
    serde_json::from_slice(&content.read_at(0, 8 << 20)).ok()
}
