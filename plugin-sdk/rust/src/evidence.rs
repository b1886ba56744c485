//! Where something was seen, and how it stands there.

use std::ops::Range;

/// How the thing stands at a place, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Usage {
    /// Part of what runs.
    Runtime,
    /// Runs only with an extra or a switch.
    Optional,
    /// Used to build or develop.
    Development,
    /// Used by tests or evaluations.
    Test,
    /// In an example.
    Example,
    /// In documentation.
    Docs,
    /// Only named, for example in a price table.
    Mentioned,
}

impl Usage {
    /// What the place of a file says about everything in it: tests, examples and documentation are told by their
    /// folders and file names, in the conventions that languages share. `Runtime` where nothing says otherwise.
    pub fn of_path(path: &str) -> Self {
        let lower = path.to_ascii_lowercase();
        let mut folders: Vec<&str> = lower.split('/').collect();
        let file = folders.pop().unwrap_or_default();
        let stem = file.split('.').next().unwrap_or_default();
        let is_test_file = file.starts_with("test_")
            || stem.ends_with("_test")
            || stem == "conftest"
            || file.contains(".test.")
            || file.contains(".spec.")
            || (file.ends_with(".java") || file.ends_with(".kt") || file.ends_with(".cs"))
                && (stem.ends_with("test") || stem.ends_with("tests") || stem.ends_with("it"));
        let within = |names: &[&str]| folders.iter().any(|folder| names.contains(folder));
        if is_test_file
            || within(&[
                "test",
                "tests",
                "testing",
                "__tests__",
                "spec",
                "specs",
                "e2e",
                "testdata",
                "evals",
                "eval",
                "benchmark",
                "benchmarks",
                "fixtures",
                "integration_tests",
            ])
        {
            Self::Test
        } else if within(&[
            "examples",
            "example",
            "samples",
            "sample",
            "demo",
            "demos",
            "cookbook",
            "tutorials",
            "quickstart",
        ]) {
            Self::Example
        } else if within(&["docs", "doc", "documentation"])
            || file.ends_with(".md")
            || file.ends_with(".mdx")
            || file.ends_with(".rst")
        {
            Self::Docs
        } else {
            Self::Runtime
        }
    }

    /// The weaker of the two: a test inside an example is a test.
    pub fn at_most(self, other: Self) -> Self {
        self.max(other)
    }
}

/// How it was learned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// A manifest or lock says so.
    Declared,
    /// A parser saw it.
    Parsed,
    /// A value was followed to where it is used.
    Flow,
    /// A pattern matched.
    Matched,
    /// A file header says so.
    Header,
    /// A service said so.
    Api,
}

/// A range of one of the files in question.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// 0: the file itself; others only in `link`.
    pub part: u32,
    /// First byte.
    pub start: u64,
    /// The byte after the last.
    pub end: u64,
    /// 1-based; 0 when the file has no lines.
    pub line: u32,
}

impl Span {
    /// A range of the file itself.
    pub fn new(bytes: Range<usize>, line: u32) -> Self {
        Self { part: 0, start: bytes.start as u64, end: bytes.end as u64, line }
    }

    /// The same range in another part of a [`crate::Subject`].
    pub fn in_part(mut self, part: u32) -> Self {
        self.part = part;
        self
    }
}

/// Where something was seen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// In a file.
    File(Span),
    /// In the answer to a request, by its number in the host's record.
    Exchange(u64),
    /// At an object of a service, by the object's own name: an ARN, a self-link.
    Object(String),
}

/// One reason to believe in an asset, a relation or a finding.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// Where.
    pub place: Place,
    /// The rule that saw it; kebab-case, stable: people filter by it.
    pub rule: String,
    /// How it was learned.
    pub method: Method,
    /// How the thing stands here.
    pub usage: Usage,
    /// 0 to 100.
    pub confidence: u8,
    /// A line to show, at most 512 bytes; the host redacts it.
    pub snippet: Option<String>,
}

impl Evidence {
    /// Evidence without a snippet, with the confidence that the method has by itself.
    pub fn new(span: Span, rule: &str, method: Method, usage: Usage) -> Self {
        Self::at(Place::File(span), rule, method, usage)
    }

    /// [`Evidence::new`] for any place.
    pub fn at(place: Place, rule: &str, method: Method, usage: Usage) -> Self {
        let confidence = match method {
            Method::Declared | Method::Header | Method::Api => 95,
            Method::Parsed | Method::Flow => 90,
            Method::Matched => 70,
        };
        Self { place, rule: rule.to_owned(), method, usage, confidence, snippet: None }
    }

    /// The range of the file; an empty one at its start for what was not seen in a file.
    pub fn span(&self) -> &Span {
        const NONE: &Span = &Span { part: 0, start: 0, end: 0, line: 0 };
        match &self.place {
            Place::File(span) => span,
            Place::Exchange(_) | Place::Object(_) => NONE,
        }
    }

    /// Sets the confidence, 0 to 100.
    pub fn confidence(mut self, percent: u8) -> Self {
        self.confidence = percent.min(100);
        self
    }

    /// Shows a text; cut between words, at 240 bytes at most.
    pub fn snippet(mut self, text: &str) -> Self {
        self.snippet = Some(cut_behind(text, 240).to_owned());
        self
    }
}

/// Whether a word, an address or a key ends here.
fn ends_a_word(c: char) -> bool {
    c.is_whitespace() || "\"'`,;()[]{}<>".contains(c)
}

/// At most `max` bytes of a text, without the half word at the cut: the host recognises secrets by their whole form.
pub fn cut_behind(text: &str, max: usize) -> &str {
    if text.len() <= max {
        return text;
    }
    let cut = &text[..text.floor_char_boundary(max)];
    if text[cut.len()..].starts_with(ends_a_word) {
        return cut;
    }
    // One word alone is shown from its start, as far as it goes.
    cut.rfind(ends_a_word).map_or(cut, |at| &cut[..=at])
}

/// What is left of a text that begins in the middle of a line, without the half word at its start.
pub fn cut_before(text: &str) -> &str {
    text.find(ends_a_word).map_or("", |at| &text[at..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_of_a_path() {
        for (path, usage) in [
            ("app/main.py", Usage::Runtime),
            ("tests/test_app.py", Usage::Test),
            ("src/llm.test.ts", Usage::Test),
            ("src/test/java/AppTests.java", Usage::Test),
            ("pkg/client_test.go", Usage::Test),
            ("examples/chat/main.py", Usage::Example),
            ("docs/conf.py", Usage::Docs),
            ("README.md", Usage::Docs),
            ("contest/latest.py", Usage::Runtime),
        ] {
            assert_eq!(Usage::of_path(path), usage, "{path}");
        }
    }

    #[test]
    fn cuts_fall_between_words() {
        assert_eq!(cut_behind("short", 240), "short");
        assert_eq!(cut_behind("key = \"abcdef\"", 10), "key = \"");
        assert_eq!(cut_behind("abcdef ghi", 6), "abcdef");
        assert_eq!(cut_behind("abcdefghi", 6), "abcdef");
        assert_eq!(cut_before("ooks.example/abc\", b"), "\", b");
        assert_eq!(cut_before("abc"), "");
    }
}
