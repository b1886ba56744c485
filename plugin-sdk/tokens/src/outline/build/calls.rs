//! Calls, literals and marks.

use super::{Builder, Holds, generics_start, is_call_form};
use crate::language::{Marks, Word};
use crate::outline::{Call, Form};
use crate::scan::Kind;

/// A path in front of a bracket.
#[derive(Debug, Clone, Copy)]
struct Path {
    first: u32,
    name: u32,
    start: u32,
    receiver: Option<u32>,
    new: bool,
}

impl Builder<'_> {
    /// The word that a bracket behind it is called on; type arguments between are passed over.
    fn callee(&self, open: u32) -> Option<u32> {
        let before = open.checked_sub(1)?;
        if self.tokens.is_word(before) {
            return Some(before);
        }
        if !self.tokens.is(before, ">") {
            return None;
        }
        let mut before = generics_start(&self.tokens, before)?.checked_sub(1)?;
        if self.tokens.is(before, "::") {
            before = before.checked_sub(1)?;
        }
        self.tokens.is_word(before).then_some(before)
    }

    /// The path that ends in a word.
    fn path(&self, name: u32) -> Path {
        let tokens = &self.tokens;
        let mut path = Path { first: name, name, start: name, receiver: None, new: false };
        for _ in 0..12 {
            let Some(dot) = path.first.checked_sub(1) else { break };
            if !matches!(tokens.text(dot), "." | "::" | "?.") {
                break;
            }
            let mut before = match dot.checked_sub(1) {
                Some(before) => before,
                None => break,
            };
            while before > 0 && matches!(tokens.text(before), "?" | "!" | "!!") {
                before -= 1;
            }
            match tokens.kind(before) {
                Kind::Word => path.first = before,
                Kind::Close => {
                    path.start = tokens.mate(before);
                    if let Some(receiver) = self.by_open.get(&tokens.mate(before)) {
                        path.receiver = Some(*receiver);
                        path.start = self.calls[*receiver as usize].start;
                    }
                    return path;
                }
                Kind::Text => {
                    path.start = before;
                    return path;
                }
                _ if tokens.is(before, ">") => {
                    let word = generics_start(tokens, before).and_then(|open| open.checked_sub(1));
                    let word = word.map(|at| if tokens.is(at, "::") { at.saturating_sub(1) } else { at });
                    match word {
                        Some(at) if tokens.is_word(at) => path.first = at,
                        _ => break,
                    }
                }
                _ => break,
            }
        }
        path.start = path.first;
        if path.first > 0 && matches!(tokens.text(path.first - 1), "new" | "New") {
            path.new = true;
            path.start = path.first - 1;
        }
        path
    }

    fn call(&mut self, path: Path, form: Form, open: u32) -> u32 {
        let frame = self.frame();
        let call = Call {
            form,
            first: path.first,
            name: path.name,
            start: path.start,
            open,
            close: self.tokens.mate(open),
            receiver: path.receiver,
            root: path.receiver.map_or(u32::MAX, |receiver| self.calls[receiver as usize].root),
            inside: frame.inside,
            within: frame.declaration,
        };
        self.add_call(call)
    }

    pub(super) fn parenthesis(&mut self, at: u32) {
        let before = at.wrapping_sub(1);
        let (name, is_macro) = if at >= 2
            && self.tokens.is(before, "!")
            && self.tokens.is_word(at - 2)
            && self.language.raw_prefix
        {
            (Some(at - 2), true)
        } else {
            (self.callee(at), false)
        };
        let Some(name) = name else {
            self.push(Holds::Other, at, None, None);
            return;
        };
        let text = self.tokens.text(name);
        // `new()` of C# takes its type from where it stands.
        let bare_new = text == "new" && self.language.marks == Marks::Bracket;
        let behind_dot = name > 0 && matches!(self.tokens.text(name - 1), "." | "::" | "?.");
        if self.tokens.is_for(name, Word::FLOW) && !bare_new && !behind_dot {
            self.push(Holds::Other, at, None, None);
            return;
        }
        if !is_macro && self.method(name, at) {
            return;
        }
        let path = self.path(name);
        let constant = self.frame().holds == Holds::Constants
            && path.first == name
            && name > 0
            && (matches!(self.tokens.text(name - 1), "{" | ",") || self.frame().behind_mark == name);
        let form = match () {
            () if is_macro => Form::Macro,
            () if constant => Form::Constant,
            () if path.new || bare_new => Form::New,
            () => Form::Call,
        };
        let id = self.call(path, form, at);
        self.push(Holds::Arguments, at, Some(id), None);
    }

    pub(super) fn bracket(&mut self, at: u32) {
        if at >= 2 && self.tokens.is(at - 1, "!") && self.tokens.is_word(at - 2) && self.language.raw_prefix {
            let path = self.path(at - 2);
            let id = self.call(path, Form::Macro, at);
            self.push(Holds::Arguments, at, Some(id), None);
            return;
        }
        if self.language.marks == Marks::Bracket && self.is_bracket_mark(at) {
            self.bracket_marks(at);
            return;
        }
        self.push(Holds::Other, at, None, None);
    }

    pub(super) fn brace(&mut self, at: u32) {
        let before = at.wrapping_sub(1);
        let frame = *self.frame();
        let text = self.tokens.text(before);
        if frame.holds == Holds::Fields && frame.call.is_some() && matches!(text, "{" | "," | ":" | "[" | "=")
        {
            self.nested_literal(at, frame.call);
            return;
        }
        if self.tokens.is(before, "!") && self.language.raw_prefix && at >= 2 && self.tokens.is_word(at - 2) {
            let path = self.path(at - 2);
            let id = self.call(path, Form::Macro, at);
            self.push(Holds::Fields, at, Some(id), None);
            return;
        }
        // `json!({ … })`.
        let of_macro = if frame.holds == Holds::Other && self.tokens.is(frame.open, "[") {
            frame.inside
        } else {
            frame.call
        };
        if of_macro.is_some_and(|call| self.calls[call as usize].form == Form::Macro)
            && matches!(text, "(" | "[" | ":" | "," | "{")
        {
            self.push(Holds::Fields, at, of_macro, None);
            return;
        }
        if self.language.brace_literals && self.literal(at) {
            return;
        }
        if self.language.marks == Marks::Bracket && self.initialiser(at) {
            return;
        }
        if self.language.brace_calls && self.block(at) {
            return;
        }
        self.push(Holds::Other, at, None, None);
    }

    /// `{…}` inside a literal has the literal's own type.
    fn nested_literal(&mut self, at: u32, outer: Option<u32>) {
        let Some(outer) = outer.map(|outer| self.calls[outer as usize]) else { return };
        let path = Path { first: outer.first, name: outer.name, start: at, receiver: None, new: false };
        let id = self.call(path, Form::Literal, at);
        self.push(Holds::Fields, at, Some(id), None);
        // `{ "key", value }` of a dictionary.
        if self.tokens.kind(at + 1) == Kind::Text && self.tokens.is(at + 2, ",") {
            self.key(at + 1, at + 3);
        }
    }

    /// Go's and Rust's `Type{…}`.
    fn literal(&mut self, at: u32) -> bool {
        let before = at.wrapping_sub(1);
        // `map[string]interface{}{`.
        let name = match self.tokens.kind(before) {
            Kind::Word => Some(before),
            Kind::Close if self.tokens.is(before, "}") => {
                let word = self.tokens.mate(before).wrapping_sub(1);
                matches!(self.tokens.text(word), "interface" | "struct").then_some(word)
            }
            Kind::Close if self.tokens.is(before, "]") => {
                self.tokens.mate(before).checked_sub(1).filter(|at| self.tokens.is_word(*at))
            }
            _ if self.tokens.is(before, ">") => self.callee(at),
            _ => None,
        };
        let Some(name) = name else { return false };
        let path = self.path(name);
        let text = self.tokens.text(name);
        let is_rust = self.language.raw_prefix;
        let before_path = path.first.wrapping_sub(1);
        let front = self.tokens.text(before_path);
        let list = !is_rust
            && (front == "]"
                || matches!(front, "*" | "&") && self.tokens.is(before_path.wrapping_sub(1), "]"));
        if !list {
            let head = self.tokens.text(self.frame().head);
            let in_flow = self.tokens.is_for(self.frame().head, Word::FLOW)
                && head != "return"
                && head != "go"
                && head != "defer"
                && head != "case"
                && !matches!(self.frame().holds, Holds::Arguments | Holds::Fields);
            let lower = is_rust && !text.starts_with(|c: char| c.is_ascii_uppercase());
            let flow_front =
                self.tokens.is_for(before_path, Word::FLOW) && !matches!(front, "return" | "break" | "else");
            if in_flow
                || lower
                || flow_front
                || front == "->"
                || self.tokens.is_for(name, Word::FLOW)
                || matches!(text, "struct" | "interface" | "default" | "type")
                    && self.tokens.kind(before) == Kind::Word
            {
                return false;
            }
        }
        let map = list && {
            let open = self.tokens.mate(if front == "]" { before_path } else { before_path.wrapping_sub(1) });
            self.tokens.is(open.wrapping_sub(1), "map")
        };
        let id = self.call(path, if list && !map { Form::List } else { Form::Literal }, at);
        self.push(Holds::Fields, at, Some(id), None);
        true
    }

    /// C#'s `new X { … }` and `new X(…) { … }`.
    fn initialiser(&mut self, at: u32) -> bool {
        let before = at.wrapping_sub(1);
        if self.tokens.is(before, ")") {
            let made = self.by_open.get(&self.tokens.mate(before)).copied();
            if let Some(id) = made.filter(|id| self.calls[*id as usize].form == Form::New) {
                self.by_open.insert(at, id);
                self.calls[id as usize].close = self.tokens.mate(at);
                self.push(Holds::Fields, at, Some(id), None);
                return true;
            }
            return false;
        }
        let (name, list) = if self.tokens.is(before, "]") {
            let open = self.tokens.mate(before);
            match self.callee(open) {
                Some(name) => (name, true),
                None => return false,
            }
        } else {
            match self.callee(at) {
                Some(name) => (name, false),
                None => return false,
            }
        };
        let path = self.path(name);
        let is_new = path.new || self.tokens.is(name, "new");
        if !is_new && !self.tokens.is(name, "with") {
            return false;
        }
        let id = self.call(path, if list { Form::List } else { Form::New }, at);
        self.push(Holds::Fields, at, Some(id), None);
        true
    }

    /// Kotlin's `f { … }` and `f(…) { … }`.
    fn block(&mut self, at: u32) -> bool {
        let before = at.wrapping_sub(1);
        if self.tokens.is(before, ")") {
            let made = self.by_open.get(&self.tokens.mate(before)).copied();
            let Some(id) = made.filter(|id| is_call_form(self.calls[*id as usize].form)) else {
                return false;
            };
            self.by_open.insert(at, id);
            self.calls[id as usize].close = self.tokens.mate(at);
            self.push(Holds::Body, at, Some(id), None);
            return true;
        }
        let Some(name) = self.callee(at) else { return false };
        let text = self.tokens.text(name);
        if self.tokens.starts_line(at)
            || self.tokens.is_for(name, Word::FLOW)
            || self.tokens.is_for(name, Word::MODIFIER)
            || self.tokens.is_for(name, Word::TYPE)
            || matches!(text, "get" | "set" | "init" | "static" | "this" | "super" | "it")
        {
            return false;
        }
        let path = self.path(name);
        let id = self.call(path, Form::Block, at);
        self.push(Holds::Body, at, Some(id), None);
        true
    }

    fn add_mark(&mut self, path: Path, open: u32) {
        let id = self.call(path, Form::Mark, open);
        if self.tokens.kind(open) != Kind::Open {
            self.calls[id as usize].close = open;
        } else {
            self.known.insert(open, (Holds::Arguments, Some(id), None));
        }
        self.marks.push(id);
    }

    /// `@Name(…)`, `@field:Name`.
    pub(super) fn at_mark(&mut self, at: u32) -> u32 {
        let mut name = at + 1;
        if self.tokens.is(name, "interface") {
            return at + 1;
        }
        if self.tokens.is(name + 1, ":") && self.tokens.is_word(name + 2) {
            name += 2;
        }
        let first = name;
        while self.tokens.is(name + 1, ".") && self.tokens.is_word(name + 2) && name - first < 20 {
            name += 2;
        }
        let has_arguments = self.tokens.is(name + 1, "(")
            && self.tokens.get(name + 1).map(|open| open.start) == self.tokens.get(name).map(|word| word.end)
            || self.tokens.is(name + 1, "(") && !self.language.newline_ends;
        let open = if has_arguments { name + 1 } else { name };
        self.add_mark(Path { first, name, start: at, receiver: None, new: false }, open);
        let behind = self.tokens.after(open);
        self.frame_mut().behind_mark = behind;
        name + 1
    }

    /// `#[name(…)]`, `#[a::b(…)]`, `#![…]`.
    pub(super) fn hash_mark(&mut self, at: u32) -> u32 {
        let bracket = if self.tokens.is(at + 1, "!") { at + 2 } else { at + 1 };
        if !self.tokens.is(bracket, "[") {
            return at + 1;
        }
        self.known.insert(bracket, (Holds::Other, None, None));
        let behind = self.tokens.after(bracket);
        self.frame_mut().behind_mark = behind;
        let first = bracket + 1;
        let mut name = first;
        while self.tokens.is(name + 1, "::") && self.tokens.is_word(name + 2) && name - first < 20 {
            name += 2;
        }
        if self.tokens.is_word(name) {
            let open = if self.tokens.is(name + 1, "(") { name + 1 } else { name };
            self.add_mark(Path { first, name, start: at, receiver: None, new: false }, open);
        }
        bracket
    }

    /// Whether a `[` begins attributes, and not a collection or an index.
    fn is_bracket_mark(&self, at: u32) -> bool {
        let front = self.tokens.text(at.wrapping_sub(1));
        let place = at == 0 || matches!(front, "{" | "}" | ";" | "]" | "(" | ",") || self.frame().head == at;
        let inside = self.tokens.is_word(at + 1);
        let behind = self.tokens.mate(at) + 1;
        let declares =
            self.tokens.is_word(behind) || self.tokens.is(behind, "[") || self.tokens.is(behind, "<");
        place && inside && declares && !matches!(self.frame().holds, Holds::Fields)
    }

    fn bracket_marks(&mut self, at: u32) {
        let close = self.tokens.mate(at);
        let mut next = at + 1;
        while next < close {
            // `assembly: X`.
            if self.tokens.is(next + 1, ":") {
                next += 2;
            }
            let first = next;
            let mut name = first;
            while self.tokens.is(name + 1, ".") && self.tokens.is_word(name + 2) && name - first < 20 {
                name += 2;
            }
            if !self.tokens.is_word(name) {
                break;
            }
            let mut open = name;
            if self.tokens.is(name + 1, "<") {
                let end = super::generics_end(&self.tokens, name + 1).unwrap_or(name);
                if self.tokens.is(end + 1, "(") {
                    open = end + 1;
                }
            } else if self.tokens.is(name + 1, "(") {
                open = name + 1;
            }
            self.add_mark(Path { first, name, start: first, receiver: None, new: false }, open);
            next = self.tokens.after(open);
            if !self.tokens.is(next, ",") {
                break;
            }
            next += 1;
        }
        self.frame_mut().behind_mark = close + 1;
        self.push(Holds::Other, at, None, None);
    }
}
