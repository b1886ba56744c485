//! The pass that makes an outline.

mod calls;
mod declare;
mod values;

use super::{Binding, Call, Declaration, Declares, Form, Import, Outline, Range, Slot, imports};
use crate::language::{Language, Marks, Word};
use crate::scan::{Kind, Tokens};
use rustc_hash::FxHashMap;

/// What a bracket holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    /// The file, a module, a namespace.
    File,
    /// The body of a function, a block.
    Body,
    /// The body of a type.
    Members,
    /// The body of an enumeration.
    Constants,
    /// Go's `const ( … )`.
    Group,
    /// The arguments of a call or mark.
    Arguments,
    /// The fields or elements of a literal.
    Fields,
    /// Parameters of a declaration.
    Parameters,
    /// Anything else.
    Other,
}

#[derive(Debug, Clone, Copy)]
struct Frame {
    holds: Holds,
    open: u32,
    close: u32,
    call: Option<u32>,
    /// The call whose arguments this is in.
    inside: Option<u32>,
    declaration: Option<u32>,
    /// Among which tokens a name declared here means what it is given.
    scope: Range,
    /// The first token of the statement.
    head: u32,
    /// The next token begins a statement.
    fresh: bool,
    /// The marks in front of the statement begin here.
    marks_from: u32,
    /// The token behind the last mark.
    behind_mark: u32,
    /// The value that the statement declares, waiting for its `=`.
    pending: Option<u32>,
}

#[derive(Debug)]
struct Builder<'t> {
    tokens: Tokens<'t>,
    language: &'static Language,
    imports: Vec<Import>,
    package: String,
    calls: Vec<Call>,
    slots: Vec<Slot>,
    bindings: Vec<Binding>,
    declarations: Vec<Declaration>,
    marks: Vec<u32>,
    by_open: FxHashMap<u32, u32>,
    frames: Vec<Frame>,
    /// Brackets that a declaration or mark further in front has spoken for.
    known: FxHashMap<u32, (Holds, Option<u32>, Option<u32>)>,
}

/// The outline of a file.
pub(super) fn outline(tokens: Tokens<'_>) -> Outline<'_> {
    let mut builder = Builder {
        language: tokens.language,
        imports: vec![],
        package: String::new(),
        calls: vec![],
        slots: vec![],
        bindings: vec![],
        declarations: vec![],
        marks: vec![],
        by_open: FxHashMap::default(),
        frames: vec![],
        known: FxHashMap::default(),
        tokens,
    };
    builder.run();
    let (by_name, named) = by_name(&builder.tokens, &builder.bindings);
    let mut declared = FxHashMap::default();
    for (id, declaration) in builder.declarations.iter().enumerate() {
        let name = builder.tokens.text(declaration.name);
        // `struct X` says more of X than `impl X`.
        if builder.tokens.is(declaration.keyword, "impl") {
            declared.entry(name).or_insert(id as u32);
        } else if declared
            .get(name)
            .is_none_or(|before| builder.tokens.is(builder.declarations[*before as usize].keyword, "impl"))
        {
            declared.insert(name, id as u32);
        }
    }
    Outline {
        tokens: builder.tokens,
        imports: builder.imports,
        package: builder.package,
        calls: builder.calls,
        slots: builder.slots,
        bindings: builder.bindings,
        declarations: builder.declarations,
        marks: builder.marks,
        by_name,
        named,
        by_open: builder.by_open,
        declared,
    }
}

/// The bindings of each name as a range of one list, by place.
fn by_name<'t>(tokens: &Tokens<'t>, bindings: &[Binding]) -> (FxHashMap<&'t str, Range>, Vec<u32>) {
    let mut ranges: FxHashMap<&str, Range> = FxHashMap::default();
    for binding in bindings {
        ranges.entry(tokens.text(binding.name)).or_default().1 += 1;
    }
    let mut start = 0;
    for (from, to) in ranges.values_mut() {
        let len = *to;
        (*from, *to) = (start, start);
        start += len;
    }
    let mut order: Vec<u32> = (0..bindings.len() as u32).collect();
    order.sort_by_key(|id| bindings[*id as usize].name);
    let mut named = vec![0; bindings.len()];
    for id in order {
        if let Some((_, to)) = ranges.get_mut(tokens.text(bindings[id as usize].name)) {
            named[*to as usize] = id;
            *to += 1;
        }
    }
    (ranges, named)
}

impl Builder<'_> {
    fn run(&mut self) {
        let len = self.tokens.len();
        self.frames.push(Frame {
            holds: Holds::File,
            open: 0,
            close: len,
            call: None,
            inside: None,
            declaration: None,
            scope: (0, len),
            head: 0,
            fresh: true,
            marks_from: 0,
            behind_mark: 0,
            pending: None,
        });
        let mut at = 0;
        while at < len {
            self.leave(at);
            self.statement(at);
            let next = match self.tokens.kind(at) {
                Kind::Word => self.word(at),
                Kind::Mark => self.mark(at),
                Kind::Open => {
                    self.open(at);
                    at + 1
                }
                _ => at + 1,
            };
            at = next.max(at + 1);
        }
    }

    fn frame(&self) -> &Frame {
        // The file's own frame is never left.
        &self.frames[self.frames.len() - 1]
    }

    fn frame_mut(&mut self) -> &mut Frame {
        let last = self.frames.len() - 1;
        &mut self.frames[last]
    }

    /// Leaves the brackets that end in front of or at a token.
    fn leave(&mut self, at: u32) {
        while self.frames.len() > 1 && self.frame().close <= at {
            let left = self.frames.pop();
            let ends = left.is_some_and(|left| {
                matches!(
                    left.holds,
                    Holds::Body | Holds::Members | Holds::Constants | Holds::File | Holds::Other
                ) && self.tokens.is(left.open, "{")
            });
            if ends {
                self.frame_mut().fresh = true;
            }
        }
    }

    fn is_statement_level(&self) -> bool {
        matches!(
            self.frame().holds,
            Holds::File | Holds::Body | Holds::Members | Holds::Constants | Holds::Group | Holds::Other
        )
    }

    /// Whether a statement begins at a token.
    fn statement(&mut self, at: u32) {
        let newline = self.language.newline_ends
            && self.tokens.starts_line(at)
            && self.is_statement_level()
            && !self.goes_on(at);
        let marks = self.marks.len() as u32;
        let behind_mark = at > 0 && self.frame().behind_mark == at;
        if !(self.frame().fresh || newline || behind_mark)
            || self.tokens.kind(at) == Kind::Close
            || self.tokens.is(at, ";")
        {
            return;
        }
        let frame = self.frame_mut();
        frame.fresh = false;
        frame.head = at;
        frame.pending = None;
        if !behind_mark {
            frame.marks_from = marks;
        }
        self.go_member(at);
    }

    /// Whether the line that begins at a token goes on with the statement before.
    fn goes_on(&self, at: u32) -> bool {
        matches!(self.tokens.text(at), "." | "?." | "?:" | "+" | "||" | "&&" | "??" | "|>" | "::" | "=")
            || at > 0
                && matches!(
                    self.tokens.text(at - 1),
                    "=" | "+" | "," | "||" | "&&" | "?:" | "??" | "->" | "=>" | "." | "|>" | ":=" | "?."
                )
    }

    fn word(&mut self, at: u32) -> u32 {
        let text = self.tokens.text(at);
        let behind_path = at > 0 && matches!(self.tokens.text(at - 1), "." | "::" | "?.");
        if self.frame().head == at || self.tokens.is_for(at.saturating_sub(1), Word::MODIFIER) {
            if let Some((found, next)) = imports::read(&self.tokens, at) {
                self.imports.extend(found);
                self.frame_mut().fresh = true;
                return next;
            }
            if text == "package" && self.language.name != "go" {
                return self.package(at);
            }
        }
        if behind_path {
            return at + 1;
        }
        if self.tokens.is_for(at, Word::FUNCTION) && self.function(at) {
            return at + 1;
        }
        if self.tokens.is_for(at, Word::TYPE) {
            self.type_(at);
        } else if self.tokens.is_for(at, Word::VALUE) {
            self.value(at);
        } else if text == "to" && at > 0 && self.tokens.kind(at - 1) == Kind::Text {
            self.key(at - 1, at + 1);
        }
        at + 1
    }

    fn package(&mut self, at: u32) -> u32 {
        let mut next = at + 1;
        while next < self.tokens.len() && next - at < 40 && (next == at + 1 || !self.tokens.starts_line(next))
        {
            match self.tokens.text(next) {
                "." => self.package.push('.'),
                text if self.tokens.is_word(next) => self.package.push_str(text),
                _ => break,
            }
            next += 1;
        }
        self.frame_mut().fresh = true;
        next
    }

    fn mark(&mut self, at: u32) -> u32 {
        match self.tokens.text(at) {
            ";" => {
                self.field(at);
                self.frame_mut().fresh = true;
            }
            "=" | ":=" => self.assign(at),
            ":" => self.colon(at),
            "=>" if self.frame().holds == Holds::Members && self.tokens.is_word(at - 1) => self.assign(at),
            "->" if at > 0 && self.tokens.kind(at - 1) == Kind::Text => self.key(at - 1, at + 1),
            "@" if self.language.marks == Marks::At && self.tokens.is_word(at + 1) => {
                return self.at_mark(at);
            }
            "#" if self.language.marks == Marks::HashBracket => return self.hash_mark(at),
            _ => {}
        }
        at + 1
    }

    fn push(&mut self, holds: Holds, open: u32, call: Option<u32>, declaration: Option<u32>) {
        let parent = *self.frame();
        let own = matches!(holds, Holds::Body | Holds::Members | Holds::Constants);
        let close = self.tokens.mate(open);
        self.frames.push(Frame {
            holds,
            open,
            close: close.max(open + 1),
            call,
            inside: if own && call.is_none() { None } else { call.or(parent.inside) },
            declaration: declaration.or(parent.declaration),
            scope: if holds == Holds::Group { parent.scope } else { (open, close) },
            head: open + 1,
            fresh: true,
            marks_from: self.marks.len() as u32,
            behind_mark: 0,
            pending: None,
        });
    }

    fn open(&mut self, at: u32) {
        if let Some((holds, call, declaration)) = self.known.get(&at).copied() {
            self.push(holds, at, call, declaration);
            return;
        }
        match self.tokens.text(at) {
            "(" => self.parenthesis(at),
            "{" => self.brace(at),
            _ => self.bracket(at),
        }
    }

    /// Where the expression ends that begins at a token.
    fn expression_end(&self, start: u32) -> u32 {
        let mut at = start;
        for _ in 0..400 {
            if at >= self.tokens.len() || self.tokens.kind(at) == Kind::Close {
                break;
            }
            if matches!(self.tokens.text(at), ";" | ",") {
                break;
            }
            if at > start && self.language.newline_ends && self.tokens.starts_line(at) && !self.goes_on(at) {
                break;
            }
            at = self.tokens.after(at);
        }
        at.min(self.tokens.len())
    }

    fn is_tests(&self, marks: Range) -> bool {
        (marks.0..marks.1).any(|mark| {
            let call = &self.calls[self.marks[mark as usize] as usize];
            self.tokens.is(call.name, "cfg")
                && (call.open..call.close).take(6).any(|at| self.tokens.is(at, "test"))
                || self.tokens.is(call.name, "test")
        })
    }

    fn declare(&mut self, declaration: Declaration) -> u32 {
        self.declarations.push(declaration);
        (self.declarations.len() - 1) as u32
    }

    fn marks_here(&self) -> Range {
        (self.frame().marks_from, self.marks.len() as u32)
    }

    fn declares_tests_or(&self, declares: Declares) -> Declares {
        if self.language.marks == Marks::HashBracket && self.is_tests(self.marks_here()) {
            Declares::Tests
        } else {
            declares
        }
    }

    fn add_call(&mut self, call: Call) -> u32 {
        self.calls.push(call);
        let id = (self.calls.len() - 1) as u32;
        if call.root == u32::MAX {
            self.calls[id as usize].root = id;
        }
        self.by_open.insert(call.open, id);
        id
    }
}

/// The token of `>` that closes a `<`, when what is between reads like types.
pub(super) fn generics_end(tokens: &Tokens<'_>, open: u32) -> Option<u32> {
    let mut depth = 0u32;
    let mut at = open;
    while at < open + 64 && at < tokens.len() {
        match tokens.text(at) {
            "<" => depth += 1,
            ">" => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            "," | "." | "?" | "::" | "&" | "*" | "[" | "]" | "(" | ")" | "->" | "+" | ":" | "=" | "?."
            | "?[" => {}
            _ if matches!(tokens.kind(at), Kind::Word | Kind::Character | Kind::Number) => {}
            _ => return None,
        }
        at += 1;
    }
    None
}

/// The token of `<` that a `>` closes, likewise.
fn generics_start(tokens: &Tokens<'_>, close: u32) -> Option<u32> {
    let mut depth = 0u32;
    let mut at = close;
    loop {
        match tokens.text(at) {
            ">" => depth += 1,
            "<" => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            "," | "." | "?" | "::" | "&" | "*" | "[" | "]" | "(" | ")" | "_" | "->" => {}
            _ if matches!(tokens.kind(at), Kind::Word | Kind::Character | Kind::Number) => {}
            _ => return None,
        }
        if at == 0 || close - at > 64 {
            return None;
        }
        at -= 1;
    }
}

/// A form of call whose words come first.
fn is_call_form(form: Form) -> bool {
    matches!(form, Form::New | Form::Call)
}
