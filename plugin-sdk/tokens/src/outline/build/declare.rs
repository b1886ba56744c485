//! Declarations of functions and types.

use super::{Builder, Holds, generics_end};
use crate::language::{Marks, Word};
use crate::outline::{Binding, Declaration, Declares, Range, Slot, SlotKind};
use crate::scan::Kind;

/// A header is not longer.
const MAX_HEADER: u32 = 160;

impl Builder<'_> {
    /// `class X …{`, `type X struct {`, `impl T for X {`, `namespace A.B;`.
    pub(super) fn type_(&mut self, at: u32) {
        let keyword = self.tokens.text(at);
        let go = self.language.name == "go";
        let mut name = at + 1;
        let mut enumeration = keyword == "enum" || at > 0 && self.tokens.is(at - 1, "enum");
        if keyword == "namespace" || keyword == "mod" && self.tokens.is(name + 1, ";") {
            self.namespace(at);
            return;
        }
        if keyword == "impl" {
            match self.impl_name(at) {
                Some(found) => name = found,
                None => return,
            }
        } else if matches!(self.tokens.text(name), "class" | "struct") && keyword != "type" {
            enumeration |= keyword == "enum";
            name += 1;
        }
        if keyword == "object" && !self.tokens.is_word(name) {
            name = at;
        } else if !self.tokens.is_word(name) || self.tokens.is_for(name, Word::TYPE) && !go {
            return;
        }
        let (body, parameters) = self.type_body(name + 1);
        let Some(body) = body else {
            if parameters.is_none() {
                return;
            }
            self.add_type(at, name, enumeration, (name, name), parameters);
            return;
        };
        if go && !matches!(self.tokens.text(body - 1), "struct" | "interface") {
            return;
        }
        self.add_type(at, name, enumeration, (body, self.tokens.mate(body)), parameters);
    }

    fn add_type(
        &mut self,
        keyword: u32,
        name: u32,
        enumeration: bool,
        body: Range,
        parameters: Option<Range>,
    ) {
        let is_module = self.tokens.is(keyword, "mod");
        let declares = if enumeration { Declares::Enumeration } else { Declares::Type };
        let declaration = Declaration {
            declares: self.declares_tests_or(declares),
            keyword,
            name,
            header: (name + 1, body.0.max(name + 1)),
            body,
            within: self.frame().declaration,
            marks: self.marks_here(),
            parameters,
        };
        let id = self.declare(declaration);
        let holds = match () {
            () if is_module => Holds::File,
            () if enumeration => Holds::Constants,
            () => Holds::Members,
        };
        if self.tokens.is(body.0, "{") {
            self.known.insert(body.0, (holds, None, Some(id)));
        }
        if let Some((open, close)) = parameters {
            self.known.insert(open, (Holds::Parameters, None, Some(id)));
            let scope = if body.1 > body.0 { (open, body.1) } else { (open, close) };
            self.parameters(open, close, scope, true, Some(id));
        }
    }

    fn namespace(&mut self, at: u32) {
        let mut next = at + 1;
        let mut path = String::new();
        while next < at + 40 && (self.tokens.is_word(next) || self.tokens.is(next, ".")) {
            path.push_str(self.tokens.text(next));
            next += 1;
        }
        if self.package.is_empty() && self.language.marks == Marks::Bracket {
            self.package = path;
        }
        if self.tokens.is(next, "{") {
            self.known.insert(next, (Holds::File, None, None));
        }
    }

    /// The type that an `impl` is for.
    fn impl_name(&self, at: u32) -> Option<u32> {
        let mut next = at + 1;
        let mut name = None;
        while next < at + MAX_HEADER && next < self.tokens.len() {
            match self.tokens.text(next) {
                "<" => next = generics_end(&self.tokens, next)?,
                "{" | ";" | "where" => break,
                "for" => name = None,
                "dyn" | "mut" => {}
                _ if self.tokens.is_word(next) => name = Some(next),
                _ => {}
            }
            next += 1;
        }
        name
    }

    /// The body of a type whose header begins at a token, and the parameters of its constructor.
    fn type_body(&self, from: u32) -> (Option<u32>, Option<Range>) {
        let mut parameters = None;
        let mut at = from;
        for _ in 0..MAX_HEADER {
            match self.tokens.text(at) {
                "{" => return (Some(at), parameters),
                ";" | "" => return (None, parameters),
                "=" if self.language.newline_ends => return (None, parameters),
                "(" if parameters.is_none() && self.language.name != "go" && !self.language.raw_prefix => {
                    parameters = Some((at, self.tokens.mate(at)));
                }
                text if self.language.newline_ends && self.tokens.starts_line(at) && at > from => {
                    let goes_on =
                        matches!(text, ":" | "," | "extends" | "with" | "where" | "implements" | "(")
                            || matches!(self.tokens.text(at - 1), "," | ":" | "extends" | "with");
                    if !goes_on {
                        return (None, parameters);
                    }
                }
                _ => {}
            }
            at = self.tokens.after(at);
        }
        (None, parameters)
    }

    /// `func (r *R) name(…) T {`, `fn name<T>(…) -> T {`, `fun name(…): T = …`; whether it is one.
    pub(super) fn function(&mut self, at: u32) -> bool {
        let (name, open) = match self.language.name {
            "go" => self.go_header(at),
            _ => self.header(at),
        };
        let Some(open) = open else {
            // Scala's `def name: T = …`.
            if let Some(name) = name.filter(|_| self.language.brace_calls) {
                self.add_function(at, name, name, None);
                return true;
            }
            return false;
        };
        let close = self.tokens.mate(open);
        match name {
            Some(name) => self.add_function(at, name, close, Some((open, close))),
            None => {
                let body = self.function_body(close + 1).filter(|body| self.tokens.is(body.0, "{"));
                if let Some(body) = body {
                    self.known.insert(body.0, (Holds::Body, None, None));
                    self.known.insert(open, (Holds::Parameters, None, None));
                    self.parameters(open, close, body, false, self.frame().declaration);
                }
            }
        }
        true
    }

    fn go_header(&mut self, at: u32) -> (Option<u32>, Option<u32>) {
        let mut next = at + 1;
        if self.tokens.is(next, "(") {
            let behind = self.tokens.after(next);
            if !self.tokens.is_word(behind)
                || !self.tokens.is(behind + 1, "(")
                || self.tokens.starts_line(behind)
            {
                return (None, Some(next));
            }
            let (open, close) = (next, self.tokens.mate(next));
            self.known.insert(open, (Holds::Parameters, None, None));
            if let Some(body) = self.function_body(self.tokens.after(behind + 1)) {
                self.parameters(open, close, body, false, self.frame().declaration);
            }
            next = behind;
        }
        if !self.tokens.is_word(next) {
            return (None, None);
        }
        let mut open = next + 1;
        if self.tokens.is(open, "[") {
            open = self.tokens.after(open);
        }
        (Some(next), self.tokens.is(open, "(").then_some(open))
    }

    fn header(&self, at: u32) -> (Option<u32>, Option<u32>) {
        let mut name = None;
        let mut next = at + 1;
        while next < at + 60 && next < self.tokens.len() {
            match self.tokens.text(next) {
                "<" => match generics_end(&self.tokens, next) {
                    Some(end) => next = end,
                    None => break,
                },
                "[" => next = self.tokens.mate(next),
                "(" => return (name, Some(next)),
                "." => {}
                _ if self.tokens.is_word(next) && (name.is_none() || self.tokens.is(next - 1, ".")) => {
                    name = Some(next)
                }
                _ => break,
            }
            next += 1;
        }
        (name, None)
    }

    /// Where the body of a function is whose parameters end in front of a token.
    fn function_body(&self, from: u32) -> Option<Range> {
        let mut at = from;
        for _ in 0..MAX_HEADER {
            let text = self.tokens.text(at);
            let word = self.tokens.text(at.wrapping_sub(1));
            match text {
                "{" if matches!(word, "interface" | "struct") && self.language.name == "go" => {}
                "{" => return Some((at, self.tokens.mate(at))),
                "=" | "=>" if self.tokens.is(at + 1, "{") => return Some((at + 1, self.tokens.mate(at + 1))),
                "=" | "=>" => return Some((at + 1, self.expression_end(at + 1))),
                ";" | "" => return None,
                "," if self.language.raw_prefix || self.language.type_first => {}
                "," => return None,
                _ if self.tokens.kind(at) == Kind::Close => return None,
                _ if self.language.newline_ends
                    && self.tokens.starts_line(at)
                    && at > from
                    && !matches!(text, ":" | "->" | "where") =>
                {
                    return None;
                }
                _ if self.language.newline_ends
                    && self.tokens.starts_line(at)
                    && at == from
                    && !matches!(text, ":" | "->") =>
                {
                    return None;
                }
                _ => {}
            }
            at = self.tokens.after(at);
        }
        None
    }

    fn add_function(&mut self, keyword: u32, name: u32, behind: u32, parameters: Option<Range>) {
        let body = self.function_body(behind + 1).unwrap_or((behind, behind));
        let declaration = Declaration {
            declares: self.declares_tests_or(Declares::Function),
            keyword,
            name,
            header: (name + 1, body.0.max(name + 1)),
            body,
            within: self.frame().declaration,
            marks: self.marks_here(),
            parameters,
        };
        let id = self.declare(declaration);
        if self.tokens.is(body.0, "{") {
            self.known.insert(body.0, (Holds::Body, None, Some(id)));
        }
        if let Some((open, close)) = parameters {
            self.known.insert(open, (Holds::Parameters, None, Some(id)));
            let scope = if body.1 > body.0 { (open, body.1) } else { (open, close) };
            self.parameters(open, close, scope, false, Some(id));
        }
    }

    /// `String name(…) {` in languages where the type comes first; whether it is one.
    pub(super) fn method(&mut self, name: u32, open: u32) -> bool {
        if !self.language.type_first || name == 0 {
            return false;
        }
        let holds = self.frame().holds;
        let front = self.tokens.text(name - 1);
        let typed = self.tokens.is_word(name - 1) && !self.tokens.is_for(name - 1, Word::FLOW)
            || matches!(front, ">" | "]" | "?") && !self.tokens.is(name - 1, "=>")
            || matches!(front, "}" | "{" | ";") && holds == Holds::Members && self.is_constructor(name);
        if !typed
            || matches!(holds, Holds::Arguments | Holds::Fields | Holds::Constants)
                && !self.is_constant_section(name)
        {
            return false;
        }
        let close = self.tokens.mate(open);
        let behind = self.tokens.text(close + 1);
        let is_body = matches!(behind, "{" | "=>" | "throws" | "where" | ":");
        if !(is_body || holds == Holds::Members && matches!(behind, ";" | "default")) {
            return false;
        }
        self.add_function(name, name, close, Some((open, close)));
        self.push(Holds::Parameters, open, None, None);
        true
    }

    /// Behind the constants of a Java enumeration its methods follow.
    fn is_constant_section(&self, name: u32) -> bool {
        self.frame().holds == Holds::Constants && !matches!(self.tokens.text(name - 1), "{" | ",")
    }

    fn is_constructor(&self, name: u32) -> bool {
        let declaration = self.frame().declaration.map(|id| self.declarations[id as usize]);
        declaration.is_some_and(|declaration| self.tokens.text(declaration.name) == self.tokens.text(name))
    }

    /// The names and defaults of parameters.
    pub(super) fn parameters(
        &mut self,
        open: u32,
        close: u32,
        scope: Range,
        member: bool,
        within: Option<u32>,
    ) {
        let mut start = open + 1;
        let mut at = start;
        let mut count = 0;
        while at <= close && count < 64 {
            if at == close || self.tokens.is(at, ",") {
                if at > start {
                    self.parameter((start, at), scope, member, within);
                    count += 1;
                }
                start = at + 1;
            }
            // Type arguments have commas too.
            at = match self.tokens.text(at) {
                "<" => generics_end(&self.tokens, at).map_or(at + 1, |end| end + 1),
                _ => self.tokens.after(at),
            };
        }
    }

    fn parameter(&mut self, item: Range, scope: Range, member: bool, within: Option<u32>) {
        let mut equals = item.1;
        let mut colon = None;
        let mut at = item.0;
        let mut words = (None, None);
        while at < item.1 {
            match self.tokens.text(at) {
                "=" => {
                    equals = at;
                    break;
                }
                ":" if colon.is_none() => colon = Some(at),
                "@" => at += 1,
                _ if self.tokens.is_word(at) && !self.tokens.is_for(at, Word::MODIFIER) => {
                    words = (words.0.or(Some(at)), Some(at));
                }
                _ => {}
            }
            at = self.tokens.after(at);
        }
        let (name, typed) = match (self.language.type_first, colon, words) {
            (true, _, (Some(first), Some(last))) => (last, (first, last)),
            (false, Some(colon), _) if colon > item.0 && self.tokens.is_word(colon - 1) => {
                (colon - 1, (colon + 1, equals))
            }
            (false, None, (Some(first), _)) => (first, (first + 1, equals)),
            _ => return,
        };
        let value = (equals < item.1).then_some((equals + 1, item.1));
        let typed = (typed.1 > typed.0).then_some(typed);
        self.bindings.push(Binding { name, value, typed, scope, member, within });
        if let Some(value) = value {
            self.slots.push(Slot { name, value, kind: SlotKind::Default, owner: None, within });
        }
    }
}
