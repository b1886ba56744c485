//! Chat templates: Jinja that runs wherever the model is talked to.
//!
//! A template is cut and evaluated as far as it is constant, so that `'__cla' ~ 'ss__'` is what it is; what matters is
//! which attributes it reaches, which functions it calls, and what it says when the user says a certain word.
//! Searching for words in the text finds neither. The crate `minijinja` has a parser, but not Jinja2's: it refuses
//! adjacent texts and unknown tags, which real templates have, and which is where one would hide.

mod expression;
mod lexer;
mod names;

use crate::model::{Danger, Model};
use expression::{Known, Reader};
use lexer::{MAX_TEMPLATE, Piece, Token};
use names::Access;
use std::collections::HashMap;

/// Judges a template that stands at a byte offset under a key.
pub fn judge(template: &str, key: &str, at: u64, model: &mut Model) {
    if template.len() > MAX_TEMPLATE {
        model.unread.push(crate::model::Unread::TooLarge(
            MAX_TEMPLATE as u64,
            format!("`{key}` is longer than is read"),
        ));
        return;
    }
    let before = model.flags.len();
    let mut judge =
        Judge { names: HashMap::new(), found: vec![], hidden: None, conditions: vec![], is_broken: None };
    for piece in lexer::pieces(template) {
        judge.piece(piece);
    }
    let mut seen: Vec<String> = vec![];
    for (access, offset) in judge.found {
        if seen.len() < 8 && !seen.contains(&access.what) {
            seen.push(access.what.clone());
            let danger = if access.is_unsafe { Danger::Unsafe } else { Danger::Suspicious };
            model.flag(danger, "template-injection", format!("{key}: {}", access.what), at + offset as u64);
        }
    }
    if let Some((what, offset)) = judge.hidden {
        model.flag(Danger::Suspicious, "poisoned-template", format!("{key}: {what}"), at + offset as u64);
    }
    if let (Some(offset), true) = (judge.is_broken, model.flags.len() == before) {
        model.unread.push(crate::model::Unread::Unsupported(format!(
            "`{key}` is no Jinja that we understand (at {offset})"
        )));
    }
    if model.flags.len() > before {
        model.set("finding_key", key);
    }
}

struct Judge {
    names: HashMap<String, Known>,
    found: Vec<(Access, usize)>,
    hidden: Option<(String, usize)>,
    /// The open blocks: whether each is reached only by a word of the user's.
    conditions: Vec<bool>,
    is_broken: Option<usize>,
}

/// Variables that are remembered.
const MAX_NAMES: usize = 1024;

impl Judge {
    fn piece(&mut self, piece: Piece<'_>) {
        match piece {
            Piece::Raw(text) => self.says(text, 0),
            Piece::Print(tokens, at) => {
                let (_, texts) = self.read(&tokens, at);
                texts.iter().for_each(|text| self.says(text, at));
            }
            Piece::Statement(tokens, at) => self.statement(&tokens, at),
            Piece::Broken(at) => self.is_broken = Some(at),
        }
    }

    fn read(&mut self, tokens: &[Token], at: usize) -> (Known, Vec<String>) {
        let mut reader = Reader::new(tokens, &self.names);
        let value = reader.all();
        let (accesses, texts, is_broken) = (reader.accesses, reader.texts, reader.is_broken);
        self.found.extend(accesses.into_iter().map(|access| (access, at)));
        self.found.truncate(256);
        if is_broken {
            self.is_broken.get_or_insert(at);
        }
        (value, texts)
    }

    fn says(&mut self, text: &str, at: usize) {
        if let Some(words) = names::hides(text) {
            self.hidden.get_or_insert((words.to_owned(), at));
        } else if self.conditions.last() == Some(&true) && names::is_prose(text) {
            self.hidden.get_or_insert(("a sentence that a word of the user's calls up".to_owned(), at));
        }
    }

    fn statement(&mut self, tokens: &[Token], at: usize) {
        let Some((Token::Name(word), rest)) = tokens.split_first() else { return };
        match word.as_str() {
            "if" | "elif" => {
                let is_triggered = is_triggered(rest);
                self.read(rest, at);
                if word == "elif" {
                    self.conditions.pop();
                }
                self.conditions.push(is_triggered);
            }
            "else" => {
                if let Some(last) = self.conditions.last_mut() {
                    *last = false;
                }
            }
            "endif" => drop(self.conditions.pop()),
            "for" => {
                let to = rest.iter().position(|token| matches!(token, Token::Name(word) if word == "in"));
                let Some(to) = to else { return drop(self.read(rest, at)) };
                let (over, _) = self.read(&rest[to + 1..], at);
                // Whatever is dangerous among the items is what the variable may be.
                if let (Known::List(items), [Token::Name(name)]) = (over, &rest[..to]) {
                    let is_odd =
                        |item: &&Known| matches!(item, Known::Text(text) if names::in_text(text).is_some());
                    let item = items.iter().find(is_odd).or(items.last()).cloned().unwrap_or(Known::Nothing);
                    self.remember(name, item);
                }
            }
            "set" => {
                let to = rest.iter().position(|token| matches!(token, Token::Operator("=")));
                let Some(to) = to else { return drop(self.read(rest, at)) };
                self.read(&rest[..to], at);
                let (value, texts) = self.read(&rest[to + 1..], at);
                texts.iter().for_each(|text| self.says(text, at));
                match (&rest[..to], value) {
                    ([Token::Name(name)], value) => self.remember(name, value),
                    (targets, Known::List(items)) => {
                        let names = targets.iter().filter_map(|token| match token {
                            Token::Name(name) => Some(name),
                            _ => None,
                        });
                        let pairs: Vec<_> = names.cloned().zip(items).collect();
                        pairs.into_iter().for_each(|(name, value)| self.remember(&name, value));
                    }
                    _ => {}
                }
            }
            "include" | "import" | "from" | "extends" => {
                self.found.push((Access { what: format!("{{% {word} %}}"), is_unsafe: false }, at));
                self.read(rest, at);
            }
            _ => drop(self.read(rest, at)),
        }
    }

    fn remember(&mut self, name: &str, value: Known) {
        if self.names.len() < MAX_NAMES || self.names.contains_key(name) {
            self.names.insert(name.to_owned(), value);
        }
    }
}

/// `'word' in message['content']`
fn is_triggered(tokens: &[Token]) -> bool {
    let is_word = |token: &Token| matches!(token, Token::Text(text) if names::is_trigger(text));
    let speaks_of_content = tokens
        .iter()
        .any(|token| matches!(token, Token::Text(text) | Token::Name(text) if text == "content"));
    speaks_of_content
        && tokens
            .windows(2)
            .any(|pair| is_word(&pair[0]) && matches!(&pair[1], Token::Name(word) if word == "in"))
}

#[cfg(test)]
mod tests;
