//! The unpickler's loop: reads one opcode after the other, and does what it does to the stack.

mod values;

use super::Walk;
use super::stack::Stack;
use super::value::{Kind, Memo, Thing, Value};
use crate::bytes::{Broken, Cursor, ReadAt};
use crate::model::Danger;
use std::collections::HashMap;

/// Parts of a tuple.
pub(super) const MAX_PARTS: usize = 8;
/// The longest line of a text opcode.
const MAX_LINE: usize = 8 << 20;
/// The longest line of a name.
const MAX_NAME: usize = 4096;
/// Pickles in pickles in texts and bytes.
pub(super) const MAX_LEVEL: u32 = 3;
/// Pickles in texts and bytes of one file.
pub(super) const MAX_INNERS: u32 = 256;

/// How a stream ended.
pub(super) enum End {
    /// With STOP, here.
    Stop(u64),
    /// By one of our limits.
    Limit(&'static str),
}

/// What walks one stream after the other.
pub(super) struct Machine<'a> {
    bytes: &'a dyn ReadAt,
    pub(super) cursor: Cursor<'a>,
    pub(super) walk: &'a mut Walk,
    pub(super) stack: Stack,
    pub(super) memo: Memo,
    pub(super) things: Vec<Thing>,
    /// How many values each would be, written out: a list in a list in a list counts each time.
    pub(super) sizes: Vec<u64>,
    /// Names to indexes of `walk.globals`.
    names: HashMap<String, usize>,
    /// Names by the offset of the text that spells them: a class is named once for each object.
    texts: HashMap<u64, Option<String>>,
    globals_at_start: usize,
    is_version_next: bool,
    /// Of arrays of objects.
    pub(super) depth: u32,
    /// Of pickles in texts and bytes.
    pub(super) level: u32,
    pub(super) inners: u32,
}

type Step = Result<Option<End>, Broken>;

impl<'a> Machine<'a> {
    pub(super) fn new(bytes: &'a dyn ReadAt, walk: &'a mut Walk) -> Self {
        Self {
            bytes,
            cursor: Cursor::new(bytes, 0),
            walk,
            stack: Stack::default(),
            memo: Memo::default(),
            things: vec![],
            sizes: vec![],
            names: HashMap::new(),
            texts: HashMap::new(),
            globals_at_start: 0,
            is_version_next: false,
            depth: 0,
            level: 0,
            inners: 0,
        }
    }

    /// Whether the last stream named a callable.
    pub(super) fn named_since_start(&self) -> bool {
        self.walk.globals.len() > self.globals_at_start
    }

    /// Walks one stream.
    pub(super) fn stream(&mut self, at: u64, most: u64) -> Result<End, Broken> {
        self.cursor.seek(at);
        self.stack.clear();
        self.memo.clear();
        self.things.clear();
        self.sizes.clear();
        self.texts.clear();
        self.globals_at_start = self.walk.globals.len();
        loop {
            if self.cursor.bytes_read() > most {
                return Ok(End::Limit("the pickle has more opcodes than are walked"));
            }
            if self.stack.is_full() {
                return Ok(End::Limit("the pickle's stack grows beyond two million values"));
            }
            if let Some(end) = self.step()? {
                return Ok(end);
            }
        }
    }

    pub(super) fn step(&mut self) -> Step {
        let at = self.cursor.at();
        let opcode = self.cursor.byte()?;
        if self.walk.protocol.is_none() && BINARY.contains(&opcode) {
            self.walk.protocol = Some(1);
        }
        match opcode {
            b'.' => return self.stop(),
            b'(' => self.stack.mark(),
            b'0' if self.stack.is_at_mark() => self.stack.drop_mark(),
            b'0' => drop(self.pop()?),
            b'1' => drop(self.pop_mark()?),
            b'2' => {
                let top = self.top()?;
                self.push(top);
            }
            b'N' | 0x88 | 0x89 => self.push(Value::PLAIN),
            b'I' | b'L' => {
                let line = self.cursor.line(MAX_LINE)?;
                let is_number = !line.is_empty()
                    && line.iter().all(|byte| byte.is_ascii_hexdigit() || b"xXoOLl_+-. \r".contains(byte));
                let number =
                    std::str::from_utf8(line).ok().and_then(|line| line.trim_end_matches('L').parse().ok());
                if !is_number {
                    return Err(Broken::new(at, "a number is none"));
                }
                self.push(number.map_or(Value::PLAIN, Value::int));
            }
            b'F' => {
                let line = self.cursor.line(MAX_LINE)?;
                if std::str::from_utf8(line).ok().and_then(|line| line.trim().parse::<f64>().ok()).is_none() {
                    return Err(Broken::new(at, "a number is none"));
                }
                self.push(Value::PLAIN);
            }
            b'J' => {
                let number = self.cursor.i32()?;
                self.push(Value::int(number.into()));
            }
            b'K' => {
                let number = self.cursor.byte()?;
                self.push(Value::int(number.into()));
            }
            b'M' => {
                let number = self.cursor.u16()?;
                self.push(Value::int(number.into()));
            }
            b'G' => self.skipped(8)?,
            0x8a => {
                let len = self.cursor.byte()?;
                let is_magic = len == 10 && self.cursor.peek_at(self.cursor.at(), 10) == TORCH_MAGIC;
                self.walk.is_torch_legacy |= is_magic && self.walk.streams == 0;
                self.skipped(len.into())?;
            }
            0x8b => {
                let len = self.cursor.i32()?;
                let len = u64::try_from(len).map_err(|_| Broken::new(at, "a length is negative"))?;
                self.skipped(len)?;
            }
            b'S' | b'V' => {
                let line = self.cursor.line(MAX_LINE)?;
                let is_quoted = matches!(line.first(), Some(b'\'' | b'"'));
                if opcode == b'S' && !is_quoted {
                    return Err(Broken::new(at, "a text has no quotes"));
                }
                self.push(Value::text(at));
            }
            b'U' | 0x8c => {
                let len = self.cursor.byte()?;
                self.texted(at, len.into())?;
            }
            b'T' | b'X' => {
                let len = self.cursor.u32()?;
                self.texted(at, len.into())?;
            }
            0x8d => {
                let len = self.cursor.u64()?;
                self.texted(at, len)?;
            }
            b'C' => {
                let len = self.cursor.byte()?;
                self.bytes(at, len.into())?;
            }
            b'B' => {
                let len = self.cursor.u32()?;
                self.bytes(at, len.into())?;
            }
            0x8e | 0x96 => {
                let len = self.cursor.u64()?;
                self.bytes(at, len)?;
            }
            b']' => {
                let list = self.thing(Thing::List);
                self.push(list);
            }
            0x8f => self.push(Value::PLAIN),
            b'}' => {
                let dict = self.thing(Thing::Dict(vec![]));
                self.push(dict);
            }
            b')' => {
                let tuple = self.thing(Thing::Tuple(vec![]));
                self.push(tuple);
            }
            b'l' | 0x91 => {
                self.pop_mark()?;
                self.push(Value::PLAIN);
            }
            b'd' => {
                let items = self.pop_mark()?;
                let dict = self.thing(Thing::Dict(vec![]));
                self.push(dict);
                self.entries(&items, at)?;
            }
            b't' => {
                let items = self.pop_mark()?;
                self.tuple(items);
            }
            0x85..=0x87 => {
                let items = self.pop_n(usize::from(opcode - 0x84))?;
                self.tuple(items);
            }
            b'a' => {
                let item = self.pop()?;
                self.grow(&[item], at)?;
            }
            b'e' | 0x90 => {
                let items = self.pop_mark()?;
                self.grow(&items, at)?;
            }
            b's' => {
                let items = self.pop_n(2)?;
                self.entries(&items, at)?;
            }
            b'u' => {
                let items = self.pop_mark()?;
                self.entries(&items, at)?;
            }
            b'p' | b'g' => {
                let line = self.cursor.line(64)?;
                let number = std::str::from_utf8(line).ok().and_then(|line| line.trim().parse::<u64>().ok());
                let Some(number) = number else {
                    return Err(Broken::new(at, "a place of the memo is no number"));
                };
                return if opcode == b'p' { self.put(number) } else { self.get(number) };
            }
            b'q' | b'h' => {
                let number = self.cursor.byte()?.into();
                return if opcode == b'q' { self.put(number) } else { self.get(number) };
            }
            b'r' | b'j' => {
                let number = self.cursor.u32()?.into();
                return if opcode == b'r' { self.put(number) } else { self.get(number) };
            }
            0x94 => {
                let top = self.top()?;
                if !self.memo.memoize(top) {
                    return Ok(Some(End::Limit("the pickle's memo grows beyond four million values")));
                }
            }
            b'c' => {
                let name = self.name_lines()?;
                self.push_global(name, at);
            }
            0x93 => {
                let parts = self.pop_n(2)?;
                let name = self
                    .spelt(parts[0])
                    .zip(self.spelt(parts[1]))
                    .map(|(module, name)| format!("{module}\0{name}"));
                match name {
                    Some(name) => self.push_global(name, at),
                    // A name that only exists once the pickle runs.
                    None => {
                        self.flag(Danger::Unsafe, "computed-name", "STACK_GLOBAL", at);
                        self.push(Value::PLAIN);
                    }
                }
            }
            b'i' => {
                let name = self.name_lines()?;
                let items = self.pop_mark()?;
                let args = self.tuple_of(items);
                self.push_global(name, at);
                let callee = self.pop()?;
                self.call(callee, args, at);
            }
            b'o' => {
                let mut items = self.pop_mark()?;
                if items.is_empty() {
                    return Err(Broken::new(at, "nothing to call"));
                }
                let callee = items.remove(0);
                let args = self.tuple_of(items);
                self.call(callee, args, at);
            }
            b'R' => {
                let parts = self.pop_n(2)?;
                self.call(parts[0], parts[1], at);
            }
            0x81 => {
                let parts = self.pop_n(2)?;
                self.make(parts[0], parts[1], at);
            }
            0x92 => {
                let parts = self.pop_n(3)?;
                self.pass(parts[2]);
                self.make(parts[0], parts[1], at);
            }
            b'b' => {
                let state = self.pop()?;
                let object = self.top()?;
                self.build(object, state, at)?;
            }
            b'P' => {
                self.cursor.line(MAX_NAME)?;
                self.push(Value::PLAIN);
            }
            b'Q' => {
                let id = self.pop()?;
                // PyTorch's old format keeps a class so, with its source: `("module", class, file, source)`.
                let is_module =
                    self.part(id, 0).and_then(|kind| self.spelt(kind)).is_some_and(|kind| kind == "module");
                let loaded = match self.part(id, 1).filter(|_| is_module) {
                    Some(class) => class,
                    None => self.thing(Thing::Persistent(id)),
                };
                self.push(loaded);
            }
            0x80 => {
                let protocol = self.cursor.byte()?;
                if protocol > 5 {
                    return Err(Broken::new(at, format!("protocol {protocol} is unknown")));
                }
                if self.walk.streams == 0 && self.depth == 0 {
                    self.walk.protocol.get_or_insert(protocol);
                }
            }
            0x82..=0x84 => {
                let code = match opcode {
                    0x82 => self.cursor.byte()?.into(),
                    0x83 => self.cursor.u16()?.into(),
                    _ => self.cursor.u32()?,
                };
                self.flag(Danger::Suspicious, "extension-registry", format!("code {code}"), at);
                self.push(Value::PLAIN);
            }
            0x95 => drop(self.cursor.u64()?),
            0x97 => self.push(Value::PLAIN),
            0x98 => drop(self.top()?),
            _ => return Err(Broken::new(at, format!("the opcode {opcode:#04x} is unknown"))),
        }
        Ok(None)
    }

    fn stop(&mut self) -> Step {
        let result = self.pop()?;
        // PyTorch's third stream describes the machine, whatever the first computes its magic number with.
        if self.depth == 0 && self.walk.streams == 2 && self.has_key(result, "protocol_version") {
            self.walk.is_torch_legacy = true;
        }
        if self.depth == 0 && self.walk.class.is_none() {
            self.walk.class = self.class_of(result);
        }
        Ok(Some(End::Stop(self.cursor.at())))
    }

    fn has_key(&mut self, dict: Value, key: &str) -> bool {
        let Kind::Thing(index) = dict.kind() else { return false };
        let Some(Thing::Dict(entries)) = self.things.get(index as usize) else { return false };
        let keys: Vec<Value> = entries.iter().step_by(2).copied().collect();
        keys.into_iter().any(|name| self.spelt(name).as_deref() == Some(key))
    }

    fn class_of(&self, value: Value) -> Option<String> {
        let Kind::Thing(index) = value.kind() else { return None };
        let Thing::Call { callee, args } = self.things.get(index as usize)? else { return None };
        let Kind::Global(index) = callee.kind() else { return None };
        let name = &self.walk.globals.get(index as usize)?.name;
        if !matches!(name.as_str(), "copyreg._reconstructor" | "copy_reg._reconstructor") {
            return Some(name.clone());
        }
        let Kind::Global(index) = self.part(*args, 0)?.kind() else { return None };
        Some(self.walk.globals.get(index as usize)?.name.clone())
    }
}

impl std::fmt::Debug for Machine<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Machine")
            .field("size", &self.bytes.size())
            .field("at", &self.cursor.at())
            .finish_non_exhaustive()
    }
}

/// Opcodes that protocol 1 added; a stream without PROTO that has one is of that protocol.
const BINARY: &[u8] = b"GJKMTUX]})eujrqhQ1";

/// 0x1950a86a20f9469cfc6c, little-endian: the first stream of `torch.save` before 1.6.
const TORCH_MAGIC: &[u8] = &[0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
