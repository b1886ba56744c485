//! The tables in which a language's detector says what its libraries make.

/// What a call makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Makes {
    /// An agent, a graph or crew of them.
    Agent,
    /// A tool, a function that a model may call.
    Tool,
    /// A vector store, or its client.
    Store,
    /// A server of the Model Context Protocol.
    McpServer,
    /// A client of one.
    McpClient,
    /// A prompt that a server offers.
    McpPrompt,
    /// A resource that a server offers.
    McpResource,
    /// The text of a system message.
    System,
    /// A text that becomes a message once values are filled in.
    Template,
    /// A guardrail.
    Guardrail,
    /// A run that trains.
    Training,
    /// A run that evaluates.
    Evaluation,
    /// A dataset.
    Dataset,
    /// Something whose arguments are enough.
    Plain,
}

/// A call of a known library.
///
/// It is found by the call's last name and accepted when what is in front leads to one of its roots, or, when that
/// cannot be told, when the file imports one.
#[derive(Debug)]
pub struct Rule {
    /// The last name.
    pub name: &'static str,
    /// Pieces of import paths, separated by `|`; empty: any.
    pub roots: &'static str,
    /// What it makes.
    pub makes: Makes,
    /// What its positional arguments are, separated by `,`: `model`, `name`, `url`, `key`, `system`, `template`, `said` (by the
    /// user, as the program has it), `tools`, `fn` (a function whose name is the tool's), `class`, `dataset`, `_`;
    /// `block` alone: what stands in the block behind the call is a prompt; `=name` alone: the tool's name, of a tool that a
    /// service has.
    pub arguments: &'static str,
}

/// A mark on a declaration: `@Tool`, `[KernelFunction]`, `#[tool]`.
#[derive(Debug)]
pub struct MarkRule {
    /// Its name.
    pub name: &'static str,
    /// As in [`Rule`].
    pub roots: &'static str,
    /// What the declaration is then, or with [`Makes::System`] what the mark's text is.
    pub makes: Makes,
}

/// A type that another one extends or implements.
#[derive(Debug)]
pub struct BaseRule {
    /// The name of the base.
    pub name: &'static str,
    /// As in [`Rule`].
    pub roots: &'static str,
    /// What a type with that base is.
    pub makes: Makes,
}

/// What a detector knows of the libraries of its language.
#[derive(Debug)]
pub struct Dialect {
    /// Calls, sorted by name.
    pub rules: &'static [Rule],
    /// Marks, sorted by name.
    pub marks: &'static [MarkRule],
    /// Bases, sorted by name.
    pub bases: &'static [BaseRule],
    /// By ASCII character, where the calls that begin with it begin: nearly every call is of a name without a rule.
    by_first: [u16; 129],
}

impl Dialect {
    /// From three tables, each sorted by name; names begin with an ASCII character.
    pub const fn new(rules: &'static [Rule], marks: &'static [MarkRule], bases: &'static [BaseRule]) -> Self {
        let mut by_first = [0; 129];
        let (mut first, mut at) = (0, 0);
        while first < by_first.len() {
            while at < rules.len() && (rules[at].name.as_bytes()[0] as usize) < first {
                at += 1;
            }
            by_first[first] = at as u16;
            first += 1;
        }
        Self { rules, marks, bases, by_first }
    }

    /// The rules for calls of that name.
    pub(crate) fn rules(&self, name: &str) -> &'static [Rule] {
        let Some(first) = name.bytes().next().filter(u8::is_ascii).map(usize::from) else { return &[] };
        let near = &self.rules[usize::from(self.by_first[first])..usize::from(self.by_first[first + 1])];
        let start = near.partition_point(|rule| rule.name < name);
        let len = near[start..].iter().take_while(|rule| rule.name == name).count();
        &near[start..start + len]
    }
}

/// Writes a table of calls: `"Name", "root|root" => Makes, "arguments";`.
#[macro_export]
macro_rules! calls {
    ($($name:literal, $roots:literal => $makes:ident, $arguments:literal;)*) => {
        &[$($crate::rules::Rule {
            name: $name, roots: $roots, makes: $crate::rules::Makes::$makes, arguments: $arguments,
        }),*]
    };
}

/// Writes a table of marks: `"Name", "root" => Makes;`.
#[macro_export]
macro_rules! marks {
    ($($name:literal, $roots:literal => $makes:ident;)*) => {
        &[$($crate::rules::MarkRule { name: $name, roots: $roots, makes: $crate::rules::Makes::$makes }),*]
    };
}

/// Writes a table of bases: `"Name", "root" => Makes;`.
#[macro_export]
macro_rules! bases {
    ($($name:literal, $roots:literal => $makes:ident;)*) => {
        &[$($crate::rules::BaseRule { name: $name, roots: $roots, makes: $crate::rules::Makes::$makes }),*]
    };
}
