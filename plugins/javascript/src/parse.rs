//! Text to a syntax tree.
//!
//! The parser gives up at some errors and then has no tree at all. A file with one, from a merge or a template, still
//! yields the rest: the statement around the error becomes blank and the parser tries again, a few times.

use crate::nesting::statement_around;
use crate::source::{Language, blank};
use oxc_allocator::Allocator;
use oxc_ast::ast::Program;
use oxc_parser::{ParseOptions, Parser, ParserReturn};
use oxc_span::SourceType;

/// How many statements of one file may be left out.
const ATTEMPTS: usize = 8;

/// What could be read.
#[derive(Debug)]
pub(crate) struct Parsed<'a> {
    pub(crate) program: Program<'a>,
    /// The first error that took a statement with it.
    pub(crate) error: Option<String>,
}

/// Parses; a file with errors yields what could be read.
pub(crate) fn parse<'a>(allocator: &'a Allocator, text: &'a str, language: Language) -> Parsed<'a> {
    // JavaScript with types (Flow, or by mistake) reads as TypeScript; `<T>x` is a cast in TypeScript only.
    let kinds = match language {
        Language::JavaScript => [SourceType::jsx().with_unambiguous(true), SourceType::tsx()],
        Language::TypeScript => [SourceType::ts(), SourceType::tsx()],
        Language::Tsx => [SourceType::tsx(), SourceType::ts()],
    };
    let mut first = once(allocator, text, kinds[0]);
    let mut kind = kinds[0];
    if is_broken(&first) {
        let second = once(allocator, text, kinds[1]);
        if second.diagnostics.len() < first.diagnostics.len() || first.panicked && !second.panicked {
            (first, kind) = (second, kinds[1]);
        }
    }
    let mut error = None;
    let mut text = text;
    for _ in 0..ATTEMPTS {
        if !first.panicked {
            break;
        }
        let message = first.diagnostics.first().map_or_else(String::new, |first| first.message.to_string());
        let at = first
            .diagnostics
            .iter()
            .flat_map(|diagnostic| diagnostic.labels.iter())
            .map(|label| label.offset() as usize)
            .max()
            .unwrap_or_default();
        error.get_or_insert(message);
        let mut bytes = text.as_bytes().to_vec();
        let (start, end) =
            line_of_another_language(&bytes, at).unwrap_or_else(|| statement_around(&bytes, at));
        blank(&mut bytes, start, end);
        let Ok(rest) = String::from_utf8(bytes) else { break };
        if rest.trim().is_empty() || rest == text {
            break;
        }
        text = allocator.alloc_str(&rest);
        first = once(allocator, text, kind);
    }
    Parsed { program: first.program, error }
}

/// A line that no statement starts with: `<<<<<<< HEAD` of a merge, `{% if %}` of a template.
fn line_of_another_language(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let at = at.min(bytes.len());
    let start = bytes[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    let end = bytes[at..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |newline| at + newline);
    let line = &bytes[start..end];
    ["<<<<<<<", "=======", ">>>>>>>", "|||||||", "{%", "{{", "<%"]
        .iter()
        .any(|mark| line.starts_with(mark.as_bytes()))
        .then_some((start, end))
}

fn is_broken(parsed: &ParserReturn<'_>) -> bool {
    parsed.panicked || !parsed.diagnostics.is_empty()
}

fn once<'a>(allocator: &'a Allocator, text: &'a str, kind: SourceType) -> ParserReturn<'a> {
    let options = ParseOptions {
        allow_return_outside_function: true,
        preserve_parens: false,
        enable_ident_hashes: false,
        ..ParseOptions::default()
    };
    Parser::new(allocator, text, kind).with_options(options).parse()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, language: Language, statements: usize) {
        let allocator = Allocator::default();
        let parsed = parse(&allocator, text, language);
        assert_eq!(parsed.program.body.len(), statements, "{text}: {:?}", parsed.error);
    }

    #[test]
    fn dialects() {
        check("const a = <b>c</b>", Language::JavaScript, 1);
        check("const a: string = b as any", Language::JavaScript, 1);
        check("const a = <string>b", Language::TypeScript, 1);
        check("const a = <b>{c as d}</b>", Language::Tsx, 1);
        check("const a = <b />", Language::TypeScript, 1);
        check("return 1", Language::JavaScript, 1);
        check("const a = await b", Language::JavaScript, 1);
        check("@a() class B { constructor(private readonly c: D) {} }", Language::TypeScript, 1);
    }

    #[test]
    fn errors_cost_a_statement() {
        check("const a = 1\n{% if x %}\nconst b = 2\n", Language::JavaScript, 2);
        check("const a = 1\nconst b = = 2\nconst c = 3\n", Language::TypeScript, 2);
        check(
            "import a from 'a'\n<<<<<<< HEAD\nlet b\n=======\nlet c\n>>>>>>> d\nlet e",
            Language::TypeScript,
            4,
        );
        check("const a = (", Language::TypeScript, 0);
    }
}
