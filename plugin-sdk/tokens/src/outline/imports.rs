//! Imports, as each language writes them.

use super::Import;
use crate::language::Imports;
use crate::scan::{Kind, Tokens};

/// A longer path is none.
const MAX_PATH: usize = 600;

/// The statement that begins at a token, if it is an import: its names, and the token behind it.
pub(super) fn read(tokens: &Tokens<'_>, at: u32) -> Option<(Vec<Import>, u32)> {
    match tokens.language.imports {
        Imports::Go if tokens.is(at, "import") => Some(go(tokens, at)),
        Imports::Jvm if tokens.is(at, "import") => Some(jvm(tokens, at)),
        Imports::Dotnet if matches!(tokens.text(at), "using" | "open" | "Imports") => dotnet(tokens, at),
        Imports::Dotnet if tokens.is(at, "global") && tokens.is(at + 1, "using") => dotnet(tokens, at + 1),
        Imports::Rust if tokens.is(at, "use") => Some(rust(tokens, at)),
        Imports::Rust if tokens.is(at, "extern") && tokens.is(at + 1, "crate") => {
            let alias = if tokens.is(at + 3, "as") { at + 4 } else { at + 2 };
            let import = Import::one(tokens.text(alias), tokens.text(at + 2).to_owned(), (at, alias + 1));
            Some((vec![import], alias + 1))
        }
        _ => None,
    }
}

fn go(tokens: &Tokens<'_>, at: u32) -> (Vec<Import>, u32) {
    let mut found = Vec::new();
    let list = tokens.is(at + 1, "(");
    let (mut next, end) =
        if list { (at + 2, tokens.mate(at + 1)) } else { (at + 1, (at + 3).min(tokens.len())) };
    while next < end {
        let aliased = tokens.kind(next) != Kind::Text;
        let path = if aliased { next + 1 } else { next };
        if tokens.kind(path) == Kind::Text {
            let text = tokens.text(path).trim_matches(['"', '`']);
            let alias = if aliased { tokens.text(next) } else { go_name(text) };
            let import = Import::one(alias, text.to_owned(), (path, path + 1));
            found.push(Import { all: alias == ".", ..import });
            if !list {
                return (found, path + 1);
            }
            next = path;
        }
        next += 1;
    }
    (found, end + 1)
}

/// What Go code calls a package by default: the last part of its path that is no version, without `go-` and `-go`.
fn go_name(path: &str) -> &str {
    let is_version = |part: &str| {
        part.strip_prefix('v')
            .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()))
    };
    let mut parts = path.rsplit('/').filter(|part| !is_version(part));
    let last = parts.next().unwrap_or(path);
    let last = last.split(".v").next().unwrap_or(last);
    let last = last.strip_prefix("go-").unwrap_or(last);
    let last = last.strip_suffix("-go").or_else(|| last.strip_suffix(".go")).unwrap_or(last);
    let last = last.strip_suffix("-sdk").or_else(|| last.strip_suffix("_go")).unwrap_or(last);
    if matches!(last, "sdk" | "go") { parts.next().unwrap_or(last) } else { last }
}

fn jvm(tokens: &Tokens<'_>, at: u32) -> (Vec<Import>, u32) {
    let mut next = at + 1;
    if matches!(tokens.text(next), "static" | "given") {
        next += 1;
    }
    let (mut path, mut last, mut all) = (String::new(), "", false);
    while next < tokens.len() && path.len() < MAX_PATH {
        match tokens.text(next) {
            "_" | "*" => all = true,
            "{" => return braces(tokens, at, next, &path),
            _ if tokens.is_word(next) => {
                last = tokens.text(next).trim_matches('`');
                path.push_str(last);
            }
            _ => break,
        }
        next += 1;
        if !tokens.is(next, ".") {
            break;
        }
        path.push('.');
        next += 1;
    }
    if matches!(tokens.text(next), "as" | "=>") {
        last = tokens.text(next + 1);
        next += 2;
    }
    let path = path.trim_end_matches('.').to_owned();
    let import = Import::one(if all { "" } else { last }, path, (at, next));
    (vec![Import { all, ..import }], next)
}

/// Scala's `a.b.{C, D => E}`.
fn braces(tokens: &Tokens<'_>, at: u32, open: u32, path: &str) -> (Vec<Import>, u32) {
    let close = tokens.mate(open);
    let mut found = Vec::new();
    for inner in (open + 1..close).take(512) {
        if tokens.is_word(inner) && matches!(tokens.text(inner - 1), "{" | ",") {
            let name = tokens.text(inner);
            let renamed = matches!(tokens.text(inner + 1), "=>" | "as");
            let alias = if renamed { tokens.text(inner + 2) } else { name };
            let all = name == "_";
            let path = if all { path.trim_end_matches('.').to_owned() } else { format!("{path}{name}") };
            found.push(Import { all, ..Import::one(if all { "" } else { alias }, path, (at, close + 1)) });
        }
    }
    (found, close + 1)
}

fn dotnet(tokens: &Tokens<'_>, at: u32) -> Option<(Vec<Import>, u32)> {
    let mut next = at + 1;
    if matches!(tokens.text(next), "static" | "unsafe" | "type") {
        next += 1;
    }
    let mut alias = "";
    if tokens.is_word(next) && tokens.is(next + 1, "=") {
        alias = tokens.text(next);
        next += 2;
    }
    let mut path = String::new();
    // `using var x = …` and `using (…)` dispose of something.
    while tokens.is_word(next) && path.len() < MAX_PATH {
        path.push_str(tokens.text(next));
        next += 1;
        if !matches!(tokens.text(next), "." | "::") {
            break;
        }
        path.push('.');
        next += 1;
    }
    let newline = tokens.language.newline_ends && (tokens.starts_line(next) || next >= tokens.len());
    let ends = matches!(tokens.text(next), ";" | "<") || newline;
    let import = Import::one(alias, path, (at, next));
    (!import.path.is_empty() && ends).then(|| (vec![Import { all: alias.is_empty(), ..import }], next))
}

/// A tree of paths, walked with a stack of prefixes.
fn rust(tokens: &Tokens<'_>, at: u32) -> (Vec<Import>, u32) {
    let mut tree = Tree { at, ..Tree::default() };
    let mut next = at + 1;
    while next < tokens.len() && next - at < 4_000 {
        match tokens.text(next) {
            ";" => {
                tree.end(next);
                break;
            }
            "{" => {
                tree.prefixes.push(tree.path.len());
                tree.last.clear();
            }
            "," => tree.end(next),
            "}" => {
                tree.end(next);
                tree.prefixes.pop();
                tree.path.truncate(tree.prefixes.last().copied().unwrap_or(0));
            }
            "::" => tree.path.push_str("::"),
            "*" => {
                tree.all = true;
                tree.end(next);
            }
            "as" => {
                tree.last = tokens.text(next + 1).to_owned();
                next += 1;
            }
            word if tokens.is_word(next) && tree.path.len() < MAX_PATH => {
                tree.last = word.to_owned();
                tree.path.push_str(word);
            }
            _ => break,
        }
        next += 1;
    }
    (tree.found, next + 1)
}

#[derive(Debug, Default)]
struct Tree {
    at: u32,
    found: Vec<Import>,
    prefixes: Vec<usize>,
    path: String,
    last: String,
    all: bool,
}

impl Tree {
    /// A name of the tree ends; the path goes back to where its braces began.
    fn end(&mut self, next: u32) {
        if (!self.last.is_empty() || self.all) && self.found.len() < 512 {
            let path = self.path.trim_end_matches("::self").trim_end_matches("::");
            // `a::b::{self}` is called b.
            let alias =
                if self.last == "self" { path.rsplit("::").next().unwrap_or_default() } else { &*self.last };
            let import = Import::one(if self.all { "" } else { alias }, path.to_owned(), (self.at, next));
            self.found.push(Import { all: self.all, ..import });
        }
        self.last.clear();
        self.all = false;
        self.path.truncate(self.prefixes.last().copied().unwrap_or(0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::{CSHARP, GO, JAVA, KOTLIN, Language, RUST, SCALA};

    fn check(language: &'static Language, text: &str, expected: &[(&str, &str)]) {
        let tokens = Tokens::of(text, language);
        let found = read(&tokens, 0).map(|(found, _)| found).unwrap_or_default();
        let found: Vec<(&str, &str)> = found.iter().map(|import| (&*import.alias, &*import.path)).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn forms() {
        check(
            &GO,
            "import \"github.com/openai/openai-go/v2\"",
            &[("openai", "github.com/openai/openai-go/v2")],
        );
        check(
            &GO,
            "import (\n\t\"os\"\n\n\toai \"github.com/sashabaranov/go-openai\"\n)\n",
            &[("os", "os"), ("oai", "github.com/sashabaranov/go-openai")],
        );
        check(
            &GO,
            "import \"github.com/anthropics/anthropic-sdk-go\"",
            &[("anthropic", "github.com/anthropics/anthropic-sdk-go")],
        );
        check(
            &GO,
            "import \"github.com/modelcontextprotocol/go-sdk/mcp\"",
            &[("mcp", "github.com/modelcontextprotocol/go-sdk/mcp")],
        );
        check(&JAVA, "import static a.b.C.D;", &[("D", "a.b.C.D")]);
        check(&JAVA, "import a.b.*;", &[("", "a.b")]);
        check(&KOTLIN, "import a.b.C as X\nimport d.E", &[("X", "a.b.C")]);
        check(&KOTLIN, "import a.b.C\nval x = 1", &[("C", "a.b.C")]);
        check(&SCALA, "import a.b.{C, D => E}", &[("C", "a.b.C"), ("E", "a.b.D")]);
        check(&CSHARP, "using A.B;", &[("", "A.B")]);
        check(&CSHARP, "global using X = A.B;", &[("X", "A.B")]);
        check(&CSHARP, "using var x = y;", &[]);
        check(&CSHARP, "using (x) {}", &[]);
        check(
            &RUST,
            "use a::{self, b::{C, d::*}, E as F};",
            &[("a", "a"), ("C", "a::b::C"), ("", "a::b::d"), ("F", "a::E")],
        );
        check(&RUST, "use a::b::C;", &[("C", "a::b::C")]);
    }
}
