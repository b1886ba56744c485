//! Why we believe it.

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word used in the contract, the API and the database.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The value for a word.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use words;

words! {
    /// How the thing stands at a place, strongest first: an asset shows the strongest of its evidence.
    Usage {
        /// Part of what runs.
        Runtime = "runtime",
        /// Runs only with an extra or a switch.
        Optional = "optional",
        /// Used to build or develop.
        Development = "development",
        /// Used by tests or evaluations.
        Test = "test",
        /// In an example.
        Example = "example",
        /// In documentation.
        Docs = "docs",
        /// Only named, for example in a price table.
        Mentioned = "mentioned",
    }
}

words! {
    /// How it was learned.
    Method {
        /// A manifest or lock says so.
        Declared = "declared",
        /// A parser saw it.
        Parsed = "parsed",
        /// A value was followed to where it is used.
        Flow = "flow",
        /// A pattern matched.
        Matched = "matched",
        /// A file header says so.
        Header = "header",
        /// A service said so.
        Api = "api",
    }
}

/// How sure a rule is, 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Confidence(u8);

impl Confidence {
    /// Values above 100 become 100.
    pub const fn new(percent: u8) -> Self {
        Self(if percent > 100 { 100 } else { percent })
    }

    /// 0 to 100.
    pub const fn percent(self) -> u8 {
        self.0
    }

    /// The word shown to people.
    pub const fn label(self) -> &'static str {
        match self.0 {
            90.. => "certain",
            60..=89 => "likely",
            _ => "possible",
        }
    }
}

/// Where something was seen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// A range of a file.
    File {
        /// From the source root, '/'-separated; a member of an archive is `outer!inner`.
        path: String,
        /// First byte.
        start_byte: u64,
        /// The byte after the last.
        end_byte: u64,
        /// 1-based; 0 when the file has no lines.
        line: u32,
    },
    /// A recorded exchange with a service.
    Exchange(u64),
    /// A vendor's object path: an ARN, a self-link.
    Object(String),
}

/// One reason to believe in an asset, a relation or a finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Evidence {
    /// Where.
    pub place: Place,
    /// The plugin's rule that saw it.
    pub rule: String,
    /// How it was learned.
    pub method: Method,
    /// How the thing stands here.
    pub usage: Usage,
    /// How sure the rule is.
    pub confidence: Confidence,
    /// At most 512 bytes, redacted.
    pub snippet: Option<String>,
}

impl Evidence {
    /// The path, when the place is a file.
    pub fn path(&self) -> Option<&str> {
        match &self.place {
            Place::File { path, .. } => Some(path),
            Place::Exchange(_) | Place::Object(_) => None,
        }
    }

    /// The 1-based line, when the place is a line of a file.
    pub fn line(&self) -> Option<u32> {
        match self.place {
            Place::File { line, .. } if line > 0 => Some(line),
            _ => None,
        }
    }
}
