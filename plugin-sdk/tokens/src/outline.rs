//! Tokens to a light structure: declarations, calls, named values and where they belong.
//!
//! It is no syntax tree. One pass over the tokens keeps a stack of open brackets, each with what it is (the arguments of
//! a call, the body of a type, a literal), and notes what detectors ask for. What it does not understand it passes over.

mod build;
mod imports;

use crate::language::Language;
use crate::scan::{Kind, Tokens};
use rustc_hash::FxHashMap;

/// A range of tokens; the second is behind the last.
pub type Range = (u32, u32);

/// One name that an import brings in.
#[derive(Debug, Clone)]
pub struct Import {
    /// What the file calls it; empty when all names of the path come in.
    pub alias: String,
    /// What is imported, with the separators of the language.
    pub path: String,
    /// Everything below the path.
    pub all: bool,
    /// Its tokens.
    pub at: Range,
}

impl Import {
    fn one(alias: &str, path: String, at: Range) -> Self {
        Self { alias: alias.to_owned(), path, all: false, at }
    }
}

/// What a call is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `f(…)`.
    Call,
    /// `new F(…)`.
    New,
    /// `f!(…)`.
    Macro,
    /// `F{…}`, `new F { … }`.
    Literal,
    /// `[]F{…}`, `new[] { … }`.
    List,
    /// `f { … }`.
    Block,
    /// `@F(…)`, `[F(…)]`, `#[f(…)]`.
    Mark,
    /// `F(…)` in an enumeration.
    Constant,
}

/// A call, or what is like one.
#[derive(Debug, Clone, Copy)]
pub struct Call {
    /// How it is written.
    pub form: Form,
    /// The first word of the path before the bracket, as far as it goes back to what it is called on.
    pub first: u32,
    /// The last word of the path.
    pub name: u32,
    /// The first token of the whole expression: of a chain, where the chain begins.
    pub start: u32,
    /// The bracket; of a mark without one the last word.
    pub open: u32,
    /// Its partner.
    pub close: u32,
    /// The call on whose result this one is called.
    pub receiver: Option<u32>,
    /// The first call of the chain.
    pub root: u32,
    /// The call whose arguments it stands in.
    pub inside: Option<u32>,
    /// The declaration that it stands in.
    pub within: Option<u32>,
}

/// What a slot is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotKind {
    /// `name = value`.
    Value,
    /// An argument with a name.
    Argument,
    /// A field of a literal.
    Field,
    /// `"name": value`.
    Key,
    /// The default of a parameter.
    Default,
}

/// A place with a name and a value.
#[derive(Debug, Clone, Copy)]
pub struct Slot {
    /// The token of the name: a word, or the string of a key.
    pub name: u32,
    /// The value.
    pub value: Range,
    /// What it is.
    pub kind: SlotKind,
    /// The call or literal that it belongs to.
    pub owner: Option<u32>,
    /// The declaration that it stands in.
    pub within: Option<u32>,
}

/// What a name stands for.
#[derive(Debug, Clone, Copy)]
pub struct Binding {
    /// The token of the name.
    pub name: u32,
    /// What it is given.
    pub value: Option<Range>,
    /// Its type as written.
    pub typed: Option<Range>,
    /// The tokens among which the name means this.
    pub scope: Range,
    /// Of a type or of the file, and not of a function.
    pub member: bool,
    /// The declaration that it stands in.
    pub within: Option<u32>,
}

/// What a declaration declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Declares {
    /// A function or method.
    Function,
    /// A class, interface, struct, trait, module …
    Type,
    /// An enumeration.
    Enumeration,
    /// Code that is only there for tests.
    Tests,
}

/// A function or type.
#[derive(Debug, Clone, Copy)]
pub struct Declaration {
    /// What it is.
    pub declares: Declares,
    /// The word that begins it: `class`, `impl`; of a method in a language without such a word its name.
    pub keyword: u32,
    /// Its name.
    pub name: u32,
    /// Between name and body: parameters, bases.
    pub header: Range,
    /// Brackets of the body, or the expression that is it; empty when there is none.
    pub body: Range,
    /// The declaration around it.
    pub within: Option<u32>,
    /// Its marks: from and to, in [`Outline::marks`].
    pub marks: Range,
    /// Brackets of the parameters.
    pub parameters: Option<Range>,
}

/// A file's structure.
#[derive(Debug)]
pub struct Outline<'t> {
    /// The tokens.
    pub tokens: Tokens<'t>,
    /// What is imported.
    pub imports: Vec<Import>,
    /// The package or namespace of the file.
    pub package: String,
    /// Calls, literals and marks, by place.
    pub calls: Vec<Call>,
    /// Named values, by place.
    pub slots: Vec<Slot>,
    /// Names.
    pub bindings: Vec<Binding>,
    /// Functions and types.
    pub declarations: Vec<Declaration>,
    /// The calls that are marks, by place.
    pub marks: Vec<u32>,
    /// Of each name, where its bindings are in `named`.
    by_name: FxHashMap<&'t str, Range>,
    /// Bindings, those of one name together and by place.
    named: Vec<u32>,
    by_open: FxHashMap<u32, u32>,
    declared: FxHashMap<&'t str, u32>,
}

/// More candidates for a name are not compared.
const MAX_SAME_NAME: usize = 24;

impl<'t> Outline<'t> {
    /// Reads a text.
    pub fn of(source: &'t str, language: &'static Language) -> Self {
        build::outline(Tokens::of(source, language))
    }

    /// The language.
    pub fn language(&self) -> &'static Language {
        self.tokens.language
    }

    /// The call that a bracket belongs to.
    pub fn call_at(&self, bracket: u32) -> Option<u32> {
        self.by_open.get(&bracket).or_else(|| self.by_open.get(&self.tokens.mate(bracket))).copied()
    }

    /// The bindings of a name, by place.
    fn named(&self, name: &str) -> &[u32] {
        self.by_name.get(name).map_or(&[], |(from, to)| &self.named[*from as usize..*to as usize])
    }

    /// What a name means at a place: of several the innermost, of these the last before the place.
    pub fn binding(&self, name: &str, at: u32) -> Option<&Binding> {
        let all = self.named(name);
        let before = all.partition_point(|id| self.bindings[*id as usize].name < at);
        let near = all[..before].iter().rev().take(MAX_SAME_NAME);
        let far = all[before..].iter().take(MAX_SAME_NAME);
        let mut best: Option<&Binding> = None;
        for (late, id) in near.map(|id| (false, id)).chain(far.map(|id| (true, id))) {
            let binding = &self.bindings[*id as usize];
            if binding.name == at || binding.scope.0 > at || binding.scope.1 < at || late && !binding.member {
                continue;
            }
            let size = |binding: &Binding| binding.scope.1 - binding.scope.0;
            if best.is_none_or(|best| size(binding) < size(best)) {
                best = Some(binding);
            }
        }
        best
    }

    /// The declaration of a type or function by its name, wherever in the file.
    pub fn declaration(&self, name: &str) -> Option<&Declaration> {
        self.declared.get(name).map(|id| &self.declarations[*id as usize])
    }

    /// A binding that belongs to a type of this file.
    pub fn member(&self, of: &str, name: &str) -> Option<&Binding> {
        self.named(name).iter().take(MAX_SAME_NAME).map(|id| &self.bindings[*id as usize]).find(|binding| {
            binding.member
                && binding
                    .within
                    .is_some_and(|within| self.tokens.is(self.declarations[within as usize].name, of))
        })
    }

    /// The declarations around a place, innermost first.
    pub fn around(&self, within: Option<u32>) -> impl Iterator<Item = (u32, &Declaration)> {
        let mut next = within;
        std::iter::from_fn(move || {
            let id = next?;
            let declaration = &self.declarations[id as usize];
            next = declaration.within;
            Some((id, declaration))
        })
        .take(32)
    }

    /// The function around a place.
    pub fn function(&self, within: Option<u32>) -> Option<&Declaration> {
        self.around(within).map(|(_, around)| around).find(|around| around.declares == Declares::Function)
    }

    /// The arguments of a call: name where it has one, and value.
    pub fn arguments(&self, call: &Call) -> Vec<(Option<u32>, Range)> {
        let mut all = Vec::new();
        if self.tokens.kind(call.open) != Kind::Open || call.close <= call.open {
            return all;
        }
        for (start, end) in self.items(call.open, call.close) {
            let named = self.tokens.is_word(start)
                && matches!(self.tokens.text(start + 1), "=" | ":")
                && end > start + 2;
            if named {
                all.push((Some(start), (start + 2, end)));
            } else {
                all.push((None, (start, end)));
            }
        }
        all
    }

    /// The last words of what a type extends or implements, or of the trait that it is given; without what stands in the
    /// brackets of a constructor or of type arguments.
    pub fn bases(&self, declaration: &Declaration) -> Vec<u32> {
        const MAX_BASES: usize = 40;
        // `impl Trait for Name`.
        let (mut at, to) = match self.tokens.text(declaration.keyword) {
            "impl" => (declaration.keyword + 1, declaration.name),
            _ => declaration.header,
        };
        let mut all = Vec::new();
        while at < to && all.len() < MAX_BASES {
            at = match self.tokens.text(at) {
                "(" => self.tokens.after(at),
                // What bounds the type's own parameters.
                "where" => break,
                "<" => build::generics_end(&self.tokens, at).unwrap_or(at) + 1,
                _ => {
                    if self.tokens.is_word(at) && !matches!(self.tokens.text(at + 1), "." | "::") {
                        all.push(at);
                    }
                    at + 1
                }
            };
        }
        all
    }

    /// What stands between a bracket's commas.
    pub fn items(&self, open: u32, close: u32) -> Vec<Range> {
        let mut all = Vec::new();
        let mut start = open + 1;
        let mut at = start;
        while at < close && all.len() < 256 {
            if self.tokens.is(at, ",") {
                if at > start {
                    all.push((start, at));
                }
                start = at + 1;
            }
            at = self.tokens.after(at);
        }
        if start < close && all.len() < 256 {
            all.push((start, close));
        }
        all
    }

    /// The words of the path that a call calls, first to last; without those of the call it is called on.
    pub fn path(&self, call: &Call) -> Vec<&'t str> {
        self.words((call.first, call.name + 1))
    }

    /// The words of a path.
    pub fn words(&self, range: Range) -> Vec<&'t str> {
        let mut words = Vec::new();
        let mut at = range.0;
        while at < range.1 && words.len() < 16 {
            if self.tokens.is_word(at) {
                words.push(self.tokens.text(at));
            } else if self.tokens.is(at, "<") {
                at = build::generics_end(&self.tokens, at).unwrap_or(at);
            }
            at += 1;
        }
        words
    }

    /// The name of a call.
    pub fn name(&self, call: &Call) -> &'t str {
        self.tokens.text(call.name)
    }
}
