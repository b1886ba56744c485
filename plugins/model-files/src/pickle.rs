//! Pickles, walked opcode by opcode as CPython's unpickler would, without building a value.
//!
//! What a pickle can do is call what it can name, so the walk keeps track of names: through memo and stack, escapes
//! and odd opcodes, streams behind streams, and the raw arrays that joblib puts between opcodes. Everything else is
//! passed over. Memory is bounded whatever the file says: a value is eight bytes, a text is its offset.

mod arrays;
mod callees;
mod calls;
mod inner;
mod lists;
mod machine;
mod stack;
mod text;
mod value;

pub use calls::{Danger, Use, danger, is_running, is_standard};

use crate::bytes::{Broken, ReadAt};
use crate::model::{Flags, Model, Tensors, Unread};
use machine::{End, Machine};

/// The most bytes of pickle that are walked; what is skipped (tensors, long texts) does not count.
const MAX_WALKED: u64 = 192 << 20;
/// Streams behind each other that are walked.
const MAX_STREAMS: usize = 4096;
/// Zeros between two streams.
const MAX_PADDING: u64 = 1 << 20;

/// A callable that a pickle names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Global {
    /// Module and attribute, a NUL between them: `os.path` + `join` is not `os` + `path.join`.
    pub key: String,
    /// `module.name`, as spelt in the stream.
    pub name: String,
    /// Where it is first named.
    pub at: u64,
    /// How it is used.
    pub how: Use,
    /// It is called, and harmless with what it is given.
    pub is_excused: bool,
}

impl Global {
    /// What it is in a model. None: it may be there.
    pub fn danger(&self) -> Option<(Danger, &'static str)> {
        if self.is_excused && self.how == Use::Named { None } else { danger(&self.key, self.how) }
    }
}

/// What a walk has seen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Walk {
    /// Of the first stream; none when it has no PROTO opcode.
    pub protocol: Option<u8>,
    /// In the order in which they are named.
    pub globals: Vec<Global>,
    /// PyTorch's tensors.
    pub tensors: Tensors,
    /// The class of the outermost object.
    pub class: Option<String>,
    /// `_sklearn_version`.
    pub sklearn_version: Option<String>,
    /// Arrays stored between the opcodes, as joblib does.
    pub raw_arrays: u64,
    /// How many streams ended with STOP.
    pub streams: usize,
    /// Where the last stream ended.
    pub end: u64,
    /// What is wrong.
    pub flags: Flags,
    /// Why the walk ended before the file did.
    pub stopped: Option<Stopped>,
    /// The first stream is PyTorch's magic number.
    pub is_torch_legacy: bool,
}

/// Why a walk ended early.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stopped {
    /// The unpickler would stop here with an error; what came before has happened.
    Broken(Broken),
    /// One of our limits.
    Limit(&'static str),
}

/// Walks every stream. None: this is no pickle.
pub fn walk(bytes: &dyn ReadAt) -> Option<Walk> {
    walk_at(bytes, 0)
}

/// The same for a pickle in so many others.
fn walk_at(bytes: &dyn ReadAt, level: u32) -> Option<Walk> {
    let mut walk = Walk { tensors: Tensors::new(), ..Walk::default() };
    let mut machine = Machine::new(bytes, &mut walk);
    machine.level = level;
    let mut at = 0;
    let size = bytes.size();
    while at < size && machine.walk.streams < MAX_STREAMS {
        match machine.stream(at, MAX_WALKED) {
            Ok(End::Stop(end)) => {
                machine.walk.streams += 1;
                machine.walk.end = end;
                // What follows the fifth stream of a PyTorch file is tensors.
                if machine.walk.is_torch_legacy && machine.walk.streams == 5 {
                    break;
                }
                at = next_stream(bytes, end);
            }
            Ok(End::Limit(limit)) => {
                machine.walk.stopped = Some(Stopped::Limit(limit));
                break;
            }
            Err(broken) if machine.walk.streams > 0 && !machine.named_since_start() => {
                // Trailing bytes that are no pickle.
                let _ = broken;
                break;
            }
            Err(broken) => {
                machine.walk.end = broken.at;
                machine.walk.stopped = Some(Stopped::Broken(broken));
                break;
            }
        }
    }
    is_pickle(&walk, bytes).then_some(walk)
}

/// A stream that starts with PROTO is a pickle whatever follows. Without it anything could be one: it must come to
/// its STOP at the end of the file, or name a callable on the way.
fn is_pickle(walk: &Walk, bytes: &dyn ReadAt) -> bool {
    let head = bytes.read_at(0, 2);
    if head.first() == Some(&0x80) && head.get(1).is_some_and(|protocol| *protocol <= 5) {
        return walk.streams > 0
            || !walk.globals.is_empty()
            || matches!(walk.stopped, Some(Stopped::Limit(_)))
            || bytes.size() > 4;
    }
    let is_whole = walk.streams > 0 && walk.end == bytes.size() && bytes.size() > 2;
    is_whole || walk.globals.iter().any(|global| global.how == Use::Called || walk.streams > 0)
}

/// Whether first bytes without a protocol may be a pickle: its first opcodes are, and one of them names something.
pub fn may_be(head: &[u8]) -> bool {
    if !matches!(
        head.first(),
        Some(
            b'(' | b'c'
                | b'}'
                | b']'
                | b')'
                | b'I'
                | b'S'
                | b'V'
                | b'L'
                | b'F'
                | b'N'
                | b'K'
                | b'J'
                | b'M'
                | b'X'
                | b'U'
                | b'T'
                | b'G'
                | 0x80
                | 0x8c
                | 0x95
        )
    ) {
        return false;
    }
    let mut walk = Walk { tensors: Tensors::new(), ..Walk::default() };
    let head = head.to_vec();
    let mut machine = Machine::new(&head, &mut walk);
    let ended = machine.stream(0, MAX_WALKED);
    match ended {
        Ok(End::Stop(_)) => true,
        Ok(End::Limit(_)) => true,
        // Cut off in an opcode, or broken behind something that was named.
        Err(broken) => broken.at >= head.len() as u64 || !walk.globals.is_empty(),
    }
}

fn next_stream(bytes: &dyn ReadAt, end: u64) -> u64 {
    let mut at = end;
    while at < bytes.size() && at - end < MAX_PADDING {
        let block = bytes.read_at(at, 64 << 10);
        match block.iter().position(|byte| *byte != 0) {
            Some(offset) => return at + offset as u64,
            None if block.is_empty() => break,
            None => at += block.len() as u64,
        }
    }
    bytes.size()
}

/// The most callables that are listed.
const MAX_LISTED: usize = 100;

/// Writes what a walk has seen into a model.
pub fn describe(walk: &Walk, member: Option<&str>, model: &mut Model) {
    if member.is_none() {
        model.set("protocol", walk.protocol.unwrap_or(0));
    }
    let mut names = model.texts("globals");
    names.extend(walk.globals.iter().map(|global| global.name.clone()));
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    names.truncate(MAX_LISTED);
    model.set("globals", names);
    walk.tensors.describe(model);
    let is_class = |class: &&String| {
        class.rsplit('.').next().is_some_and(|name| name.starts_with(|c: char| c.is_ascii_uppercase()))
    };
    if let Some(class) = walk.class.as_ref().filter(is_class) {
        model.set("model_class", class.clone());
        if let Some(framework) = framework(class) {
            model.set("framework", framework);
        }
    }
    if let Some(version) = &walk.sklearn_version {
        model.set("sklearn_version", version.clone());
    }
    let mut flags = walk.flags.clone();
    for global in &walk.globals {
        if let Some((danger, technique)) = global.danger() {
            flags.add(danger, technique, global.name.clone(), global.at);
        }
    }
    for mut flag in flags {
        flag.member = member.map(str::to_owned);
        model.flags.push(flag);
    }
    match &walk.stopped {
        Some(Stopped::Broken(broken)) => model.broken(format!("the pickle stops: {}", broken.why), broken.at),
        Some(Stopped::Limit(what)) => model.unread.push(Unread::TooLarge(MAX_WALKED, (*what).to_owned())),
        None => {}
    }
}

fn framework(class: &str) -> Option<&'static str> {
    Some(match class.split('.').next()? {
        "sklearn" => "scikit-learn",
        "xgboost" => "xgboost",
        "lightgbm" => "lightgbm",
        "catboost" => "catboost",
        "torch" | "torchvision" => "pytorch",
        "keras" | "tensorflow" => "keras",
        "statsmodels" => "statsmodels",
        "transformers" => "transformers",
        "spacy" => "spacy",
        "prophet" => "prophet",
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
