//! What the scanner must know of a language: how comments and strings are written and what ends a statement.

/// How strings with values in them are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interpolation {
    /// Strings hold no values.
    None,
    /// `"$name ${expression}"`.
    Dollar,
    /// `$"{expression}"`.
    DollarPrefix,
    /// `s"$name ${expression}"`, with `s`, `f` or `raw` in front.
    WordPrefix,
}

/// What a single quote begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quote {
    /// A character.
    Character,
    /// A character, or a lifetime, label or type variable.
    CharacterOrTick,
    /// A string.
    Text,
    /// A comment to the end of the line.
    Comment,
}

/// What three double quotes begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Triple {
    /// An empty string and one more.
    None,
    /// A text block with escapes.
    Escaped,
    /// A text block without escapes; any number of quotes above two ends with as many.
    Raw,
}

/// How declarations are marked for frameworks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marks {
    /// Not at all.
    None,
    /// `@Name(…)`.
    At,
    /// `[Name(…)]`.
    Bracket,
    /// `#[name(…)]`.
    HashBracket,
}

/// What an import looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Imports {
    /// `import alias "path"`, alone and in a list.
    Go,
    /// `import a.b.C`, `import a.b.{C, D => E}`, `import a.b.C as D`.
    Jvm,
    /// `using A.B;`, `open A.B`, `Imports A.B`.
    Dotnet,
    /// `use a::{b, c::*};`.
    Rust,
}

/// A language, as far as its tokens tell.
#[derive(Debug)]
pub struct Language {
    /// As the catalogue spells it for imports.
    pub name: &'static str,
    /// Block comments nest.
    pub nested_comments: bool,
    /// `(* … *)` is a comment.
    pub paren_comments: bool,
    /// A line that begins with `#` is for the compiler or the shell.
    pub hash_lines: bool,
    /// A backtick begins a string without escapes; else an identifier.
    pub backtick_text: bool,
    /// `r#"…"#`, `b"…"`.
    pub raw_prefix: bool,
    /// `@"…"` with `""` for a quote.
    pub verbatim_prefix: bool,
    /// Every string is so: `"say ""yes"""`.
    pub doubled_quotes: bool,
    /// What a single quote begins.
    pub quote: Quote,
    /// What three double quotes begin.
    pub triple: Triple,
    /// How strings hold values.
    pub interpolation: Interpolation,
    /// The end of a line ends a statement.
    pub newline_ends: bool,
    /// How declarations are marked.
    pub marks: Marks,
    /// What an import looks like.
    pub imports: Imports,
    /// `name: value` gives a field of a literal its value: `Config{Model: "…"}`.
    pub colon_fields: bool,
    /// `Type {` in an expression is a literal of that type.
    pub brace_literals: bool,
    /// `name { … }` is a call whose argument is a block.
    pub brace_calls: bool,
    /// The type stands before the name: `String name`.
    pub type_first: bool,
    /// Words that begin the declaration of a function.
    pub function_words: &'static [&'static str],
    /// Words that begin the declaration of a type or what else holds declarations.
    pub type_words: &'static [&'static str],
    /// Words that begin the declaration of a value.
    pub value_words: &'static [&'static str],
    /// Words before which a `(` calls nothing, and after which no `{` is a literal.
    pub flow_words: &'static [&'static str],
    /// Words that may stand before a declaration.
    pub modifiers: &'static [&'static str],
}

/// What a word is for in its language; nothing for a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Word(u8);

impl Word {
    /// It begins the declaration of a function.
    pub const FUNCTION: Self = Self(1);
    /// It begins the declaration of a type.
    pub const TYPE: Self = Self(1 << 1);
    /// It begins the declaration of a value.
    pub const VALUE: Self = Self(1 << 2);
    /// A `(` behind it calls nothing.
    pub const FLOW: Self = Self(1 << 3);
    /// It may stand before a declaration.
    pub const MODIFIER: Self = Self(1 << 4);

    /// Whether it is for that, among others.
    pub fn is(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// The words of a language, to look one up at the price of a shift: nearly every word of a file is a name.
#[derive(Debug)]
pub(crate) struct Words {
    language: &'static Language,
    /// By the first byte, the lengths that there are.
    lengths: [u32; 128],
}

impl Words {
    pub(crate) fn of(language: &'static Language) -> Self {
        let mut lengths = [0u32; 128];
        for (words, _) in Self::lists(language) {
            for word in words {
                if let Some(lengths) = word.bytes().next().and_then(|first| lengths.get_mut(first as usize)) {
                    *lengths |= 1 << word.len().min(31);
                }
            }
        }
        Self { language, lengths }
    }

    fn lists(language: &'static Language) -> [(&'static [&'static str], Word); 5] {
        [
            (language.function_words, Word::FUNCTION),
            (language.type_words, Word::TYPE),
            (language.value_words, Word::VALUE),
            (language.flow_words, Word::FLOW),
            (language.modifiers, Word::MODIFIER),
        ]
    }

    /// What a word is for.
    pub(crate) fn word(&self, text: &[u8]) -> Word {
        let lengths = text.first().and_then(|first| self.lengths.get(*first as usize)).copied().unwrap_or(0);
        if lengths >> text.len().min(31) & 1 == 0 {
            return Word::default();
        }
        let of = Self::lists(self.language)
            .into_iter()
            .filter(|(words, _)| words.iter().any(|word| word.as_bytes() == text));
        Word(of.fold(0, |all, (_, word)| all | word.0))
    }
}

/// Go.
pub const GO: Language = Language {
    name: "go",
    nested_comments: false,
    paren_comments: false,
    hash_lines: false,
    backtick_text: true,
    raw_prefix: false,
    verbatim_prefix: false,
    doubled_quotes: false,
    quote: Quote::Character,
    triple: Triple::None,
    interpolation: Interpolation::None,
    newline_ends: true,
    marks: Marks::None,
    imports: Imports::Go,
    colon_fields: true,
    brace_literals: true,
    brace_calls: false,
    type_first: false,
    function_words: &["func"],
    type_words: &["type"],
    value_words: &["var", "const"],
    flow_words: &["if", "for", "switch", "select", "return", "case", "go", "defer", "range", "else", "func"],
    modifiers: &[],
};

/// Java.
pub const JAVA: Language = Language {
    name: "java",
    nested_comments: false,
    paren_comments: false,
    hash_lines: false,
    backtick_text: false,
    raw_prefix: false,
    verbatim_prefix: false,
    doubled_quotes: false,
    quote: Quote::Character,
    triple: Triple::Escaped,
    interpolation: Interpolation::None,
    newline_ends: false,
    marks: Marks::At,
    imports: Imports::Jvm,
    colon_fields: false,
    brace_literals: false,
    brace_calls: false,
    type_first: true,
    function_words: &[],
    type_words: &["class", "interface", "enum", "record"],
    value_words: &[],
    flow_words: &[
        "if",
        "for",
        "while",
        "switch",
        "return",
        "catch",
        "else",
        "throw",
        "new",
        "do",
        "try",
        "synchronized",
        "case",
        "assert",
        "yield",
        "instanceof",
        "extends",
        "implements",
        "throws",
    ],
    modifiers: &[
        "public",
        "private",
        "protected",
        "static",
        "final",
        "abstract",
        "default",
        "sealed",
        "native",
        "transient",
        "volatile",
        "strictfp",
    ],
};

/// Kotlin.
pub const KOTLIN: Language = Language {
    name: "kotlin",
    nested_comments: true,
    triple: Triple::Raw,
    interpolation: Interpolation::Dollar,
    newline_ends: true,
    brace_calls: true,
    type_first: false,
    function_words: &["fun"],
    type_words: &["class", "interface", "object"],
    value_words: &["val", "var"],
    flow_words: &[
        "if", "for", "while", "when", "return", "catch", "else", "throw", "do", "try", "in", "is", "as",
        "finally", "by",
    ],
    modifiers: &[
        "public",
        "private",
        "protected",
        "internal",
        "override",
        "open",
        "abstract",
        "final",
        "suspend",
        "inline",
        "data",
        "sealed",
        "companion",
        "lateinit",
        "const",
        "operator",
        "enum",
        "annotation",
    ],
    ..JAVA
};

/// Scala.
pub const SCALA: Language = Language {
    name: "scala",
    interpolation: Interpolation::WordPrefix,
    quote: Quote::CharacterOrTick,
    function_words: &["def"],
    type_words: &["class", "trait", "object"],
    value_words: &["val", "var"],
    flow_words: &[
        "if", "for", "while", "match", "return", "catch", "else", "throw", "do", "try", "case", "yield",
        "new", "extends", "with", "finally",
    ],
    ..KOTLIN
};

/// Groovy.
pub const GROOVY: Language = Language {
    name: "groovy",
    nested_comments: false,
    hash_lines: true,
    quote: Quote::Text,
    triple: Triple::Escaped,
    type_first: true,
    function_words: &["def"],
    type_words: &["class", "interface", "enum", "trait"],
    value_words: &["def"],
    flow_words: JAVA.flow_words,
    modifiers: JAVA.modifiers,
    ..KOTLIN
};

/// C#.
pub const CSHARP: Language = Language {
    name: "csharp",
    hash_lines: true,
    verbatim_prefix: true,
    triple: Triple::Raw,
    interpolation: Interpolation::DollarPrefix,
    marks: Marks::Bracket,
    imports: Imports::Dotnet,
    type_words: &["class", "interface", "enum", "record", "struct", "namespace"],
    flow_words: &[
        "if", "for", "foreach", "while", "switch", "return", "catch", "else", "throw", "new", "do", "try",
        "lock", "using", "case", "await", "nameof", "typeof", "sizeof", "when", "in", "is", "as", "yield",
        "default", "checked", "fixed", "where", "and", "or", "not",
    ],
    modifiers: &[
        "public",
        "private",
        "protected",
        "internal",
        "static",
        "readonly",
        "sealed",
        "abstract",
        "virtual",
        "override",
        "async",
        "const",
        "partial",
        "required",
        "extern",
        "unsafe",
        "volatile",
        "file",
    ],
    ..JAVA
};

/// F#.
pub const FSHARP: Language = Language {
    name: "fsharp",
    nested_comments: true,
    paren_comments: true,
    quote: Quote::CharacterOrTick,
    newline_ends: true,
    type_first: false,
    function_words: &["member"],
    type_words: &["type", "module", "namespace"],
    value_words: &["let", "use"],
    flow_words: &["if", "then", "else", "match", "with", "for", "while", "do", "new", "fun", "return", "in"],
    modifiers: &["static", "private", "public", "internal", "mutable", "rec"],
    ..CSHARP
};

/// Visual Basic.
pub const VISUAL_BASIC: Language = Language {
    name: "dotnet",
    verbatim_prefix: false,
    doubled_quotes: true,
    quote: Quote::Comment,
    triple: Triple::None,
    newline_ends: true,
    marks: Marks::None,
    type_first: false,
    function_words: &["Function", "Sub"],
    type_words: &["Class", "Module", "Interface", "Structure"],
    value_words: &["Dim", "Const"],
    flow_words: &["If", "For", "While", "Select", "Return", "Catch", "Else", "Throw", "New", "Then", "Case"],
    modifiers: &["Public", "Private", "Friend", "Shared", "Protected", "ReadOnly"],
    ..CSHARP
};

/// Rust.
pub const RUST: Language = Language {
    name: "rust",
    nested_comments: true,
    raw_prefix: true,
    quote: Quote::CharacterOrTick,
    marks: Marks::HashBracket,
    imports: Imports::Rust,
    colon_fields: true,
    brace_literals: true,
    function_words: &["fn"],
    type_words: &["struct", "enum", "trait", "impl", "mod", "union"],
    value_words: &["let", "const", "static"],
    flow_words: &[
        "if", "for", "while", "match", "return", "else", "loop", "in", "impl", "struct", "enum", "trait",
        "mod", "union", "unsafe", "move", "as", "where", "dyn", "async", "await", "break",
    ],
    modifiers: &["pub", "async", "unsafe", "extern", "const", "default"],
    triple: Triple::None,
    ..GO_LIKE
};

/// What Rust takes of Go's table without saying so.
const GO_LIKE: Language = Language { backtick_text: false, newline_ends: false, ..GO };
