//! Libraries of prompts: lists and tables of many, each with a title and a text that addresses a model.

use crate::look::Look;
use inventar_analysis::prompt::{is_prose, says_who};
use inventar_documents::Node;
use std::fmt::Write;
use std::ops::Range;

/// A few prompts are what a program uses, and are reported one by one; from here on they are something to choose from.
const LEAST_PROMPTS: usize = 5;

/// Of a longer library the first ones say what it is.
const MAX_PROMPTS: usize = 5_000;

/// What an item calls itself, and its text.
const TITLES: &[&str] = &["title", "name", "act", "persona", "label"];
const TEXTS: &[&str] = &["prompt", "content", "text", "template"];

/// A prompt of a library.
struct Prompt<'t> {
    text: &'t str,
    at: Range<usize>,
}

/// Whether a list is a library, which is then reported. What else is in it is none of the library.
pub(crate) fn list(look: &mut Look<'_>, items: &[Node]) -> bool {
    let prompts: Vec<Prompt<'_>> = items.iter().take(MAX_PROMPTS).filter_map(prompt).collect();
    // What is there for other things too is no library.
    prompts.len() * 2 > items.len().min(MAX_PROMPTS) && report(look, &prompts)
}

/// Whether an item of a library is one of its prompts.
pub(crate) fn is_prompt(item: &Node) -> bool {
    prompt(item).is_some()
}

fn prompt(item: &Node) -> Option<Prompt<'_>> {
    // An agent has more than a text.
    if item.any(&["tools", "model", "role"]).is_some() {
        return None;
    }
    let title = TITLES.iter().find_map(|key| item.entry(key)).filter(|entry| entry.node.text().is_some())?;
    let text = item.any(TEXTS)?.text()?;
    Some(Prompt { text, at: title.key_span.start..title.node.span.end })
}

/// Whether a text of comma-separated values is a library, which is then reported: `act,prompt`.
pub(crate) fn table(look: &mut Look<'_>, text: &str) -> bool {
    let mut rows = Rows { text, at: 0 };
    let Some(header) = rows.next() else { return false };
    let column = |names: &[&str]| {
        header.iter().position(|cell| names.iter().any(|name| cell.text.trim().eq_ignore_ascii_case(name)))
    };
    let (Some(title), Some(body)) = (column(TITLES), column(TEXTS)) else { return false };
    let rows: Vec<Vec<Cell>> = rows.take(MAX_PROMPTS).collect();
    let prompt = |row: &'_ Vec<Cell>| {
        let (title, body) = (row.get(title)?, row.get(body)?);
        Some((title.at.clone(), body.text.clone()))
    };
    let found: Vec<(Range<usize>, String)> = rows.iter().filter_map(prompt).collect();
    let prompts: Vec<Prompt<'_>> = found.iter().map(|(at, text)| Prompt { text, at: at.clone() }).collect();
    report(look, &prompts)
}

fn report(look: &mut Look<'_>, prompts: &[Prompt<'_>]) -> bool {
    let texts = prompts.iter().filter(|prompt| is_prose(prompt.text)).count();
    let address = prompts.iter().filter(|prompt| says_who(prompt.text)).count();
    // Posts and pages tell people what they must do; of prompts a good part says who the model is.
    if texts < LEAST_PROMPTS || address < 2 || address * 4 < prompts.len() {
        return false;
    }
    let mut whole = String::new();
    for prompt in prompts {
        let _ = writeln!(whole, "{}", prompt.text);
    }
    let name = look.path().rsplit('/').next().unwrap_or_default();
    let places = prompts.iter().map(|prompt| &prompt.at);
    look.library(name, &whole, places, prompts.len());
    true
}

struct Cell {
    text: String,
    at: Range<usize>,
}

/// Rows of comma-separated values; in quotes a cell may have commas and line ends, and a doubled quote is one.
struct Rows<'t> {
    text: &'t str,
    at: usize,
}

impl Iterator for Rows<'_> {
    type Item = Vec<Cell>;

    fn next(&mut self) -> Option<Vec<Cell>> {
        if self.at >= self.text.len() {
            return None;
        }
        let mut cells = vec![];
        loop {
            let start = self.at;
            let mut cell = String::new();
            let mut is_quoted = self.text[self.at..].starts_with('"');
            self.at += usize::from(is_quoted);
            let end = loop {
                let Some(c) = self.text[self.at..].chars().next() else { break None };
                self.at += c.len_utf8();
                match c {
                    '"' if is_quoted && self.text[self.at..].starts_with('"') => {
                        cell.push('"');
                        self.at += 1;
                    }
                    '"' if is_quoted => is_quoted = false,
                    ',' | '\n' if !is_quoted => break Some(c),
                    '\r' if !is_quoted => {}
                    _ => cell.push(c),
                }
            };
            let to = self.at - usize::from(end.is_some());
            cells.push(Cell { text: cell, at: start..to });
            if end != Some(',') {
                return Some(cells);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Rows;
    use proptest::prelude::*;

    fn rows(text: &str) -> Vec<Vec<String>> {
        Rows { text, at: 0 }.map(|row| row.into_iter().map(|cell| cell.text).collect()).collect()
    }

    #[test]
    fn cells() {
        assert_eq!(rows("a,b\r\nc,d"), [["a", "b"], ["c", "d"]]);
        assert_eq!(rows("\"a, \"\"b\"\"\nc\",d\n"), [["a, \"b\"\nc", "d"]]);
        assert_eq!(rows("a,\n"), [["a", ""]]);
        assert_eq!(rows("\"open,x"), [["open,x"]]);
        assert!(rows("").is_empty());
    }

    proptest! {
        #[test]
        fn places_are_of_the_text(text in "[a,\"\\n\\ré]{0,60}") {
            for cell in (Rows { text: &text, at: 0 }).flatten() {
                prop_assert!(text.get(cell.at).is_some());
            }
        }
    }
}
