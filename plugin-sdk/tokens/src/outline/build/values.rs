//! Names and what they are given.

use super::{Builder, Holds, generics_start};
use crate::language::Word;
use crate::outline::{Binding, Form, Range, Slot, SlotKind};
use crate::scan::Kind;

impl Builder<'_> {
    /// `val name: T`, `const Name T`, `let mut name`.
    pub(super) fn value(&mut self, at: u32) {
        let mut name = at + 1;
        while matches!(self.tokens.text(name), "mut" | "ref") {
            name += 1;
        }
        if self.tokens.is(name, "(") && self.language.name == "go" {
            self.known.insert(name, (Holds::Group, None, None));
            return;
        }
        if !self.tokens.is_word(name) || matches!(self.tokens.text(name), "fn" | "func" | "unsafe" | "val") {
            return;
        }
        let typed = match self.tokens.text(name + 1) {
            ":" => Some((name + 2, self.type_end(name + 2))),
            _ if self.language.name == "go"
                && self.tokens.is_word(name + 1)
                && !self.tokens.starts_line(name + 1)
                || self.language.name == "go" && matches!(self.tokens.text(name + 1), "*" | "[") =>
            {
                Some((name + 1, self.type_end(name + 1)))
            }
            _ => None,
        };
        self.bind(name, None, typed);
        let id = (self.bindings.len() - 1) as u32;
        self.frame_mut().pending = Some(id);
    }

    fn bind(&mut self, name: u32, value: Option<Range>, typed: Option<Range>) {
        let frame = self.frame();
        let member = matches!(frame.holds, Holds::File | Holds::Members | Holds::Constants | Holds::Group);
        let scope = if frame.holds == Holds::Arguments { (frame.open, frame.close) } else { frame.scope };
        let within = frame.declaration;
        self.bindings.push(Binding { name, value, typed, scope, member, within });
    }

    fn type_end(&self, from: u32) -> u32 {
        let mut at = from;
        while at < from + 60 && at < self.tokens.len() {
            if matches!(self.tokens.text(at), "=" | ";" | "," | "by" | "{")
                || self.tokens.kind(at) == Kind::Close
                || self.language.newline_ends && self.tokens.starts_line(at) && at > from
            {
                break;
            }
            at = self.tokens.after(at);
        }
        at
    }

    fn slot(&mut self, name: u32, value: Range, kind: SlotKind, owner: Option<u32>) {
        if value.1 > value.0 {
            let within = self.frame().declaration;
            self.slots.push(Slot { name, value, kind, owner, within });
        }
    }

    /// `"name": value`, `"name" to value`.
    pub(super) fn key(&mut self, name: u32, value: u32) {
        let end = self.expression_end(value);
        let owner = self.frame().inside;
        self.slot(name, (value, end), SlotKind::Key, owner);
    }

    /// What stands in front of a `=`.
    pub(super) fn assign(&mut self, at: u32) {
        let Some(mut before) = at.checked_sub(1) else { return };
        // `uri ??= …`.
        if before > 0 && self.tokens.is(before, "??") {
            before -= 1;
        }
        let value = (at + 1, self.expression_end(at + 1));
        let frame = *self.frame();
        if let Some(pending) = frame.pending
            && self.is_statement_level()
        {
            let binding = &mut self.bindings[pending as usize];
            if binding.value.is_none() {
                binding.value = Some(value);
                let name = binding.name;
                self.slot(name, value, SlotKind::Value, None);
                return;
            }
        }
        let word = self.tokens.is_word(before);
        match frame.holds {
            Holds::Parameters => {}
            Holds::Arguments | Holds::Fields => {
                let front = before.wrapping_sub(1);
                let first = self.tokens.kind(front) == Kind::Open || self.tokens.is(front, ",");
                if word && first {
                    let kind =
                        if frame.holds == Holds::Fields { SlotKind::Field } else { SlotKind::Argument };
                    self.slot(before, value, kind, frame.call);
                } else if self.tokens.is(before, "]") {
                    self.indexed(before, value, frame.call);
                }
            }
            Holds::Group => {
                if self.tokens.is_word(frame.head) {
                    self.bind(frame.head, Some(value), None);
                    self.slot(frame.head, value, SlotKind::Value, None);
                }
            }
            _ => self.assigned(before, at, value),
        }
    }

    fn assigned(&mut self, before: u32, at: u32, value: Range) {
        match self.tokens.kind(before) {
            Kind::Word if self.tokens.is(at, ":=") => {
                // `client, err := …`.
                let mut first = before;
                let mut all = vec![before];
                while first >= 2
                    && self.tokens.is(first - 1, ",")
                    && self.tokens.is_word(first - 2)
                    && all.len() < 8
                {
                    first -= 2;
                    all.push(first);
                }
                for name in all {
                    self.bind(name, (name == first).then_some(value), None);
                }
                self.slot(first, value, SlotKind::Value, None);
            }
            // `fun title(): String = "…"`: the type of what a function hands out.
            Kind::Word
                if self.tokens.is(before.wrapping_sub(1), ":")
                    && self.tokens.is(before.wrapping_sub(2), ")")
                    && !self.language.type_first => {}
            Kind::Word => {
                let front = before.wrapping_sub(1);
                match self.tokens.text(front) {
                    "." | "?." | "::" => {
                        if matches!(self.tokens.text(front.wrapping_sub(1)), "this" | "self") {
                            self.own_member(before, value);
                        }
                    }
                    text if self.language.type_first => {
                        let typed = match text {
                            ">" => generics_start(&self.tokens, front)
                                .map(|open| (open.saturating_sub(1), before)),
                            "]" | "?" => Some((self.tokens.mate(front).saturating_sub(1), before)),
                            "var" | "final" | "def" | "const" => None,
                            _ if self.tokens.is_word(front) && !self.tokens.is_for(front, Word::FLOW) => {
                                Some((self.path_start(front), before))
                            }
                            _ => None,
                        };
                        self.bind(before, Some(value), typed);
                    }
                    _ => self.bind(before, Some(value), None),
                }
                self.slot(before, value, SlotKind::Value, None);
            }
            Kind::Close if self.tokens.is(before, "]") => {
                let owner = self.frame().inside;
                self.indexed(before, value, owner);
            }
            // `public string Model { get; set; } = "…"`.
            Kind::Close if self.tokens.is(before, "}") => {
                let name = self.tokens.mate(before).wrapping_sub(1);
                if self.tokens.is_word(name) {
                    self.bind(name, Some(value), None);
                    self.slot(name, value, SlotKind::Value, None);
                }
            }
            _ => {}
        }
    }

    /// `this.name = value`: a member of the type around.
    fn own_member(&mut self, name: u32, value: Range) {
        let around = self.frames.iter().rev().find(|frame| frame.holds == Holds::Members);
        let Some(around) = around.copied() else { return };
        self.bindings.push(Binding {
            name,
            value: Some(value),
            typed: None,
            scope: around.scope,
            member: true,
            within: around.declaration,
        });
    }

    fn path_start(&self, last: u32) -> u32 {
        let mut at = last;
        while at >= 2
            && matches!(self.tokens.text(at - 1), "." | "::")
            && self.tokens.is_word(at - 2)
            && last - at < 20
        {
            at -= 2;
        }
        at
    }

    /// `payload["model"] = value`.
    fn indexed(&mut self, close: u32, value: Range, owner: Option<u32>) {
        let open = self.tokens.mate(close);
        if self.tokens.kind(open + 1) == Kind::Text && open + 2 == close {
            self.slot(open + 1, value, SlotKind::Key, owner);
        }
    }

    /// `name: value` in a literal or a list of arguments; `name: Type` in a type.
    pub(super) fn colon(&mut self, at: u32) {
        let Some(before) = at.checked_sub(1) else { return };
        let frame = *self.frame();
        let front = before.wrapping_sub(1);
        let first = self.tokens.kind(front) == Kind::Open || self.tokens.is(front, ",");
        match (frame.holds, self.tokens.kind(before)) {
            (Holds::Fields, Kind::Word) if first && self.language.colon_fields => {
                let value = (at + 1, self.expression_end(at + 1));
                self.slot(before, value, SlotKind::Field, frame.call);
            }
            (Holds::Fields | Holds::Arguments, Kind::Text) if first => self.key(before, at + 1),
            (Holds::Arguments, Kind::Word) if first && self.language.type_first => {
                let value = (at + 1, self.expression_end(at + 1));
                let of_literal =
                    frame.call.is_some_and(|call| self.calls[call as usize].form == Form::Literal);
                self.slot(
                    before,
                    value,
                    if of_literal { SlotKind::Field } else { SlotKind::Argument },
                    frame.call,
                );
            }
            (Holds::Members, Kind::Word) if self.language.raw_prefix && !frame_is_impl(self, &frame) => {
                let end = self.type_end(at + 1);
                self.bind(before, None, Some((at + 1, end)));
            }
            _ => {}
        }
    }

    /// `private ChatClient client;`: a member without a value.
    pub(super) fn field(&mut self, at: u32) {
        let Some(name) = at.checked_sub(1) else { return };
        let frame = *self.frame();
        if !self.language.type_first
            || frame.holds != Holds::Members
            || !self.tokens.is_word(name)
            || name <= frame.head
        {
            return;
        }
        let front = name - 1;
        let typed = match self.tokens.text(front) {
            ">" => generics_start(&self.tokens, front).map(|open| (open.saturating_sub(1), name)),
            _ if self.tokens.is_word(front)
                && !self.tokens.is_for(front, Word::FLOW)
                && !self.tokens.is_for(front, Word::MODIFIER) =>
            {
                Some((self.path_start(front), name))
            }
            _ => None,
        };
        if let Some(typed) = typed {
            self.bind(name, None, Some(typed));
        }
    }

    /// `client *openai.Client` in a Go struct.
    pub(super) fn go_member(&mut self, at: u32) {
        let frame = *self.frame();
        if self.language.name != "go"
            || frame.holds != Holds::Members
            || !self.tokens.is_word(at)
            || self.tokens.is(at + 1, "(")
        {
            return;
        }
        let end = self.type_end(at + 1);
        if end > at + 1 {
            self.bind(at, None, Some((at + 1, end)));
        }
    }
}

fn frame_is_impl(builder: &Builder<'_>, frame: &super::Frame) -> bool {
    frame.declaration.is_some_and(|id| {
        let keyword = builder.declarations[id as usize].keyword;
        matches!(builder.tokens.text(keyword), "impl" | "trait")
    })
}
