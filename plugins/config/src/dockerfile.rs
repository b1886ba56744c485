//! Instructions that make an image, and Ollama's description of a model, which has the same form.

use crate::command::{self, Word};
use crate::look::Look;
use crate::settings::{Context, Place, assign};
use std::ops::Range;

/// One instruction with its words; comments and line continuations are passed over.
struct Instruction<'t> {
    name: String,
    words: Vec<Word<'t>>,
}

pub(crate) fn read(look: &mut Look<'_>, text: &str) {
    let mut stages: Vec<&str> = vec![];
    for instruction in instructions(text) {
        let words = &instruction.words;
        match instruction.name.as_str() {
            "FROM" => {
                let image = words.iter().find(|word| !word.text.starts_with("--"));
                if let Some(image) = image.filter(|image| !stages.contains(&image.text))
                    && let Some(reference) = crate::value::default_of(image.text)
                {
                    look.image(&reference, &image.at);
                }
                if let [.., as_word, stage] = &words[..]
                    && as_word.text.eq_ignore_ascii_case("as")
                {
                    stages.push(stage.text);
                }
            }
            "ENV" | "ARG" => variables(look, words),
            "RUN" | "CMD" | "ENTRYPOINT" => {
                command::interpret(look, words, command::Way { installs: true, ..Default::default() });
                for word in words.iter().filter(|word| word.text.contains("--mount=type=secret")) {
                    if let Some(name) = word.text.split("env=").nth(1) {
                        look.secret(name.split(',').next().unwrap_or(name), &word.at, false);
                    }
                }
            }
            "COPY" => {
                // `COPY --from=ghcr.io/…`: what is taken from an image is in this one.
                if let Some(from) = words.iter().find(|word| word.text.starts_with("--from=")) {
                    look.image(&from.text["--from=".len()..], &from.at);
                }
            }
            _ => {}
        }
    }
}

/// `ENV A=b C=d`, `ENV A b`, `ARG A`.
fn variables(look: &mut Look<'_>, words: &[Word<'_>]) {
    let context = Context::default();
    if let [name, value] = words
        && !name.text.contains('=')
        && !value.text.contains('=')
    {
        assign(look, &Place { name: name.text, at: &name.at, value_at: &value.at, context }, value.text);
        return;
    }
    for word in words {
        let (name, value) = word.text.split_once('=').unwrap_or((word.text, ""));
        let name_at = word.at.start..(word.at.start + name.len()).min(word.at.end);
        let value = value.trim_matches(['"', '\'']);
        assign(look, &Place { name, at: &name_at, value_at: &word.at, context }, value);
    }
}

pub(crate) fn modelfile(look: &mut Look<'_>, text: &str) {
    for instruction in instructions(text) {
        let Some(first) = instruction.words.first() else { continue };
        match instruction.name.as_str() {
            "FROM" => {
                look.model(first.text, &first.at, true, "modelfile");
            }
            "SYSTEM" | "TEMPLATE" => {
                let rest = &text[first.at.start.min(text.len())..];
                let inner = rest.trim_start_matches('"').split("\"\"\"").next().unwrap_or(rest);
                look.prompt("SYSTEM", inner, &first.at, instruction.name == "SYSTEM");
            }
            _ => {}
        }
    }
}

fn instructions(text: &str) -> Vec<Instruction<'_>> {
    let mut found: Vec<Instruction<'_>> = vec![];
    let mut goes_on = false;
    let mut until: Option<&str> = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let from = start;
        start += line.len();
        let trimmed = line.trim();
        if let Some(end) = until {
            // The body of a here-document.
            if trimmed == end {
                until = None;
            } else if let Some(last) = found.last_mut() {
                last.words.extend(words(text, from..start));
            }
            continue;
        }
        if trimmed.starts_with('#') || trimmed.is_empty() {
            continue;
        }
        let mut all = words(text, from..start);
        let continues = all.last().is_some_and(|last| matches!(last.text, "\\" | "`"));
        if continues {
            all.pop();
        }
        if goes_on {
            if let Some(last) = found.last_mut() {
                last.words.extend(all);
            }
        } else if !all.is_empty() {
            let name = all.remove(0).text.to_ascii_uppercase();
            until = here_document(trimmed).filter(|_| matches!(name.as_str(), "RUN" | "COPY"));
            found.push(Instruction { name, words: all });
        }
        goes_on = continues;
    }
    found
}

/// `RUN <<EOF`.
fn here_document(line: &str) -> Option<&str> {
    let rest = line.split_once("<<")?.1.trim_start_matches('-').trim_matches(['"', '\'']);
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
    (end > 0).then(|| &rest[..end])
}

/// Words of a range of the text, without quotes, brackets and commas of the form as a list.
fn words(text: &str, range: Range<usize>) -> Vec<Word<'_>> {
    let line = &text[range.clone()];
    line.split_whitespace()
        .map(|word| {
            let bare = word.trim_matches(['"', '\'', ',', '[', ']']);
            let bare = bare.strip_suffix('\\').filter(|rest| !rest.is_empty()).unwrap_or(bare);
            let from = bare.as_ptr() as usize - text.as_ptr() as usize;
            Word { text: bare, at: from..from + bare.len() }
        })
        .filter(|word| !word.text.is_empty())
        .collect()
}
