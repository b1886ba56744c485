//! What opcodes leave on the stack: texts, and the pickles inside them; tuples, lists and dictionaries; names.
//!
//! Nothing is built. A value is an index into what was seen, and each kind of thing is kept up to a limit.

use super::{End, MAX_INNERS, MAX_LEVEL, MAX_NAME, MAX_PARTS, Machine, Step};
use crate::bytes::{Broken, Cursor};
use crate::model::Danger;
use crate::pickle::value::{Kind, Thing, Value};
use crate::pickle::{Global, Use, Walk, danger, inner, text};

/// Composites kept.
const MAX_THINGS: usize = 200_000;
/// Callables kept.
const MAX_GLOBALS: usize = 10_000;
/// Entries of a dictionary.
const MAX_ENTRIES: usize = 64;
/// Values a pickle may stand for, each counted as often as it is reached.
const MAX_EXPANDED: u64 = 1_000_000_000;
/// A text or bytes within which a pickle is looked for.
const MAX_INNER: u64 = 1 << 20;

impl Machine<'_> {
    // The stack, with errors that say where.

    pub(super) fn push(&mut self, value: Value) {
        self.stack.push(value);
    }

    pub(super) fn pop(&mut self) -> Result<Value, Broken> {
        self.stack.pop().ok_or_else(|| self.cursor.broken("the stack is empty"))
    }

    pub(super) fn top(&self) -> Result<Value, Broken> {
        self.stack.top().ok_or_else(|| self.cursor.broken("the stack is empty"))
    }

    pub(super) fn pop_n(&mut self, n: usize) -> Result<Vec<Value>, Broken> {
        self.stack.pop_n(n).ok_or_else(|| self.cursor.broken("the stack is empty"))
    }

    pub(super) fn pop_mark(&mut self) -> Result<Vec<Value>, Broken> {
        self.stack.pop_to_mark().ok_or_else(|| self.cursor.broken("there is no mark"))
    }

    pub(super) fn skipped(&mut self, len: u64) -> Result<(), Broken> {
        self.cursor.skip(len)?;
        self.push(Value::PLAIN);
        Ok(())
    }

    /// Bytes, and the pickle they may be: harmless until something loads it.
    pub(super) fn bytes(&mut self, at: u64, len: u64) -> Result<(), Broken> {
        self.look_inside(len, inner::of_bytes);
        self.cursor.skip(len)?;
        self.push(Value::bytes(at));
        Ok(())
    }

    pub(super) fn look_inside(&mut self, len: u64, decode: fn(&Cursor<'_>, u64, u64) -> Option<Vec<u8>>) {
        if !(8..=MAX_INNER).contains(&len)
            || len > self.cursor.left()
            || self.inners >= MAX_INNERS
            || self.level >= MAX_LEVEL
        {
            return;
        }
        // What no decoder starts with needs no second look.
        if !matches!(self.cursor.peek(), Some(0x80 | b'g' | b'8')) {
            return;
        }
        let at = self.cursor.at();
        let Some(inner) = decode(&self.cursor, at, len) else { return };
        self.inners += 1;
        let mut walk = Walk { tensors: crate::model::Tensors::new(), ..Walk::default() };
        let mut machine = Machine::new(&inner, &mut walk);
        machine.level = self.level + 1;
        let _ = machine.stream(0, MAX_INNER);
        for global in walk.globals {
            if danger(&global.key, Use::Called).is_some() {
                self.flag(Danger::Suspicious, "nested-pickle", &global.name, at);
                self.push_global(global.key, at);
                self.stack.pop();
            }
        }
        for flag in walk.flags {
            self.flag(Danger::Suspicious, flag.technique, flag.what, at);
        }
    }

    pub(super) fn texted(&mut self, at: u64, len: u64) -> Result<(), Broken> {
        self.look_inside(len, inner::of_text);
        const KEY: &[u8] = b"_sklearn_version";
        if len == KEY.len() as u64 || self.is_version_next {
            let bytes = self.cursor.peek_at(self.cursor.at(), len.min(64) as usize);
            if self.is_version_next && self.walk.sklearn_version.is_none() {
                self.walk.sklearn_version = String::from_utf8(bytes.clone()).ok();
            }
            self.is_version_next = bytes == KEY;
        }
        self.cursor.skip(len)?;
        self.push(Value::text(at));
        Ok(())
    }

    pub(super) fn put(&mut self, at: u64) -> Step {
        let top = self.top()?;
        let has_room = self.memo.put(at, top);
        Ok((!has_room).then_some(End::Limit("the pickle's memo grows beyond four million values")))
    }

    pub(super) fn get(&mut self, at: u64) -> Step {
        let value =
            self.memo.get(at).ok_or_else(|| self.cursor.broken(format!("the memo has nothing at {at}")))?;
        self.push(value);
        Ok(None)
    }

    // Composites.

    pub(in crate::pickle) fn thing(&mut self, thing: Thing) -> Value {
        if self.things.len() >= MAX_THINGS {
            return Value::LOST;
        }
        let size = match &thing {
            Thing::Tuple(items) => {
                items.iter().fold(1u64, |sum, item| sum.saturating_add(self.size_of(*item)))
            }
            _ => 1,
        };
        self.sizes.push(size);
        self.things.push(thing);
        Value::thing(self.things.len() - 1)
    }

    pub(super) fn tuple_of(&mut self, items: Vec<Value>) -> Value {
        if items.len() > MAX_PARTS || items.iter().all(|item| *item == Value::PLAIN) && !items.is_empty() {
            return Value::PLAIN;
        }
        self.thing(Thing::Tuple(items))
    }

    pub(super) fn tuple(&mut self, items: Vec<Value>) {
        let tuple = self.tuple_of(items);
        self.push(tuple);
    }

    /// Items join the collection on top.
    pub(super) fn grow(&mut self, items: &[Value], at: u64) -> Result<(), Broken> {
        match self.top()?.kind() {
            // `sys.path`, `sys.modules`: what belongs to the interpreter is changed.
            Kind::Global(index) => {
                let name =
                    self.walk.globals.get(index as usize).map_or(String::new(), |global| global.name.clone());
                self.flag(Danger::Unsafe, "changes-interpreter", name, at);
            }
            Kind::Thing(index) => {
                let more = items.iter().fold(0u64, |sum, item| sum.saturating_add(self.size_of(*item)));
                if let Some(size) = self.sizes.get_mut(index as usize) {
                    let before = *size;
                    *size = size.saturating_add(more);
                    if before < MAX_EXPANDED && *size >= MAX_EXPANDED {
                        self.flag(Danger::Suspicious, "expansion-bomb", "lists of the same lists", at);
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) fn size_of(&self, value: Value) -> u64 {
        match value.kind() {
            Kind::Thing(index) => self.sizes.get(index as usize).copied().unwrap_or(1),
            _ => 1,
        }
    }

    pub(super) fn entries(&mut self, items: &[Value], at: u64) -> Result<(), Broken> {
        self.grow(items, at)?;
        let top = self.top()?;
        if let Kind::Thing(index) = top.kind()
            && let Some(Thing::Dict(entries)) = self.things.get_mut(index as usize)
        {
            let room = (MAX_ENTRIES * 2).saturating_sub(entries.len());
            entries.extend(items.iter().take(room));
        }
        Ok(())
    }

    pub(in crate::pickle) fn part(&self, value: Value, at: usize) -> Option<Value> {
        match value.kind() {
            Kind::Thing(index) => match self.things.get(index as usize)? {
                Thing::Tuple(items) => items.get(at).copied(),
                _ => None,
            },
            _ => None,
        }
    }

    pub(in crate::pickle) fn spelt(&mut self, value: Value) -> Option<String> {
        let Kind::Text(at) = value.kind() else { return None };
        if self.texts.len() > MAX_GLOBALS {
            self.texts.clear();
        }
        let cursor = &self.cursor;
        self.texts.entry(at).or_insert_with(|| text::read(cursor, at)).clone()
    }

    // Names and calls.

    pub(super) fn name_lines(&mut self) -> Result<String, Broken> {
        let module = String::from_utf8_lossy(self.cursor.line(MAX_NAME)?).into_owned();
        let name = String::from_utf8_lossy(self.cursor.line(MAX_NAME)?).into_owned();
        if module.is_empty()
            || name.is_empty()
            || module.contains(char::is_control)
            || name.contains(char::is_control)
        {
            return Err(self.cursor.broken("a name is none"));
        }
        Ok(format!("{module}\0{name}"))
    }

    pub(in crate::pickle) fn push_global(&mut self, key: String, at: u64) {
        let index = match self.names.get(&key) {
            Some(index) => *index,
            None if self.walk.globals.len() >= MAX_GLOBALS => {
                self.flag(Danger::Suspicious, "too-many-globals", key.replace('\0', "."), at);
                return self.push(Value::PLAIN);
            }
            None => {
                let name = key.replace('\0', ".");
                self.walk.globals.push(Global {
                    key: key.clone(),
                    name,
                    at,
                    how: Use::Named,
                    is_excused: false,
                });
                self.names.insert(key, self.walk.globals.len() - 1);
                self.walk.globals.len() - 1
            }
        };
        self.push(Value::global(index));
    }

    pub(in crate::pickle) fn flag(
        &mut self,
        danger: Danger,
        technique: &'static str,
        what: impl Into<String>,
        at: u64,
    ) {
        self.walk.flags.add(danger, technique, what, at);
    }
}
