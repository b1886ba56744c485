//! Prompts that no flow explains: constants and texts, told by what they are called and how they speak.

use super::Look;
use super::slots::role;
use crate::flow::{Found, Value};
use crate::outline::Range;
use crate::scan::Kind;
use crate::text;
use inventar_analysis::prompt::{self, asks, asset, instructs, is_prose, is_sentence, says_who};
use inventar_analysis::words::{self, Role};
use inventar_analysis::{Extent, Seen};
use inventar_plugin_sdk::Method;

impl Look<'_, '_, '_> {
    /// Constants that no flow here explains: told by how they speak.
    pub(super) fn constants(&mut self) {
        let outline = self.outline();
        for binding in &outline.bindings {
            let Some(value) = binding.value else {
                if let Some(path) = self.embedded_prompt(binding.name) {
                    let at = self.extent(binding.name, binding.name);
                    self.prompt_of_file(&path, at, binding.name, "template");
                }
                continue;
            };
            if !binding.member {
                self.local_prompt(binding.name, value);
                continue;
            }
            if outline.tokens.text(binding.name).to_ascii_lowercase().ends_with("prompts") {
                self.prompt_list(outline.tokens.text(binding.name), value);
            }
            if !outline.tokens.is(value.0, "(")
                && outline.tokens.kind(value.0) != Kind::Text
                && value.1 - value.0 > 40
            {
                continue;
            }
            for found in self.flow.values(value) {
                if found.hops > 0 {
                    continue;
                }
                let name = outline.tokens.text(binding.name);
                match &found.value {
                    Value::File(path) if self.ai && names_prompt(name) => {
                        self.prompt_of_file(path, found.at, value.0, "template");
                    }
                    _ => self.speaks(name, &found),
                }
            }
        }
    }

    /// The file that a variable of Go takes its prompt from.
    fn embedded_prompt(&self, name: u32) -> Option<String> {
        let is_named = (self.ai || !self.given.is_empty()) && names_prompt(self.outline().tokens.text(name));
        is_named.then(|| self.flow.embedded(name)).flatten()
    }

    /// `prompts := map[string]string{"title": "Write a title for …"}`: the texts of a list or table that is called so.
    fn prompt_list(&mut self, name: &str, value: Range) {
        const MAX_TOKENS: u32 = 600;
        let outline = self.outline();
        let tokens = &outline.tokens;
        let speaks = self.speaks_of_models();
        for at in value.0..value.1.min(value.0 + MAX_TOKENS) {
            let is_value = tokens.kind(at) == Kind::Text
                && tokens.text(at).len() >= 32
                && matches!(tokens.text(at.wrapping_sub(1)), ":" | "," | "{" | "(" | "[" | "=" | "to" | "=>");
            if !is_value || matches!(tokens.text(at + 1), ":" | "to" | "=>") {
                continue;
            }
            for found in self.flow.values((at, at + 1)) {
                let text = found.text().unwrap_or_default();
                let cues = instructs(text);
                let is_told = says_who(text) || cues >= if speaks || text.contains('\n') { 1 } else { 3 };
                if is_told && is_sentence(text) && !asks(text) && !self.has_prompt(&found) {
                    self.prompt_guessed(&found, at, "prompt-table", Some(name));
                }
            }
        }
    }

    /// `var prompt = $"Tell me …"`: a variable that is called so, where a library of AI is at work.
    fn local_prompt(&mut self, name: u32, value: Range) {
        let outline = self.outline();
        let word = outline.tokens.text(name);
        if word.ends_with("rompts") {
            self.prompt_list(word, value);
            return;
        }
        let is_named =
            word.ends_with("rompt") || word.ends_with("rompt_template") || word.ends_with("romptTemplate");
        if !is_named {
            return;
        }
        let speaks = self.speaks_of_models();
        let mut found = self.flow.values(value);
        if found.iter().all(|found| matches!(found.value, Value::Object(_))) {
            found = self.written_to(name, u32::MAX).into_iter().collect();
        }
        for found in found {
            let is_told = |text: &&str| match speaks {
                true => text.len() >= 100 || is_sentence(text) && text.contains(['\n', '{']),
                false => {
                    found.instructs_by_name() && says_who(text) || text.contains('\n') && instructs(text) >= 3
                }
            };
            let Some(text) = found.text().filter(|text| found.hops == 0 && is_told(text)) else { continue };
            if is_prose(text) && !asks(text) && !self.has_prompt(&found) {
                self.prompt_guessed(&found, name, "prompt-variable", Some(word));
            }
        }
    }

    /// `1 => "{assistant} answers briefly"`: what a file that is called prompts hands out by a choice or a key.
    pub(super) fn kept(&mut self, token: u32) {
        let outline = self.outline();
        let tokens = &outline.tokens;
        let before = tokens.text(token.wrapping_sub(1));
        let is_chosen = matches!(before, "=>" | "->")
            || before == "return" && matches!(tokens.text(token.wrapping_sub(2)), ":" | "=>" | "->" | "{")
            || before == ":" && tokens.kind(token.wrapping_sub(2)) == Kind::Text;
        if !is_chosen || self.is_shown(token) {
            return;
        }
        for found in self.flow.values((token, token + 1)) {
            let text = found.text().unwrap_or_default();
            let is_told = is_sentence(text) && !asks(text) && (text.contains('{') || instructs(text) >= 1);
            if is_told && !self.has_prompt(&found) {
                self.prompt_guessed(&found, token, "prompt-table", None);
            }
        }
    }

    /// A text that no flow has reached and that tells somebody who they are.
    pub(super) fn spoken(&mut self, token: u32) {
        const OPENINGS: &[&str] =
            &["ou are ", "ou're a", "our task", "ct as a", "our role", "our job", "our goal", "As an "];
        let outline = self.outline();
        let raw = outline.tokens.text(token);
        let head = &raw[..raw.floor_char_boundary(200)];
        if !words::has_any(head, OPENINGS) {
            return;
        }
        // A sum of texts is one prompt, and what is printed, logged or thrown is none.
        if outline.tokens.is(token.wrapping_sub(1), "+") || self.is_shown(token) {
            return;
        }
        // One sentence of many: the list is told where it is used.
        let is_text = |at: u32| outline.tokens.kind(at) == Kind::Text;
        if raw.len() < 300
            && outline.tokens.is(token.wrapping_sub(1), ",")
            && outline.tokens.is(token + 1, ",")
            && is_text(token.wrapping_sub(2))
            && is_text(token + 2)
        {
            return;
        }
        let (start, end) = outline.tokens.bytes(token, token);
        let key = prompt::key(start);
        if self.out.has(&key) {
            return;
        }
        let text = text::read(raw, outline.language()).text;
        let needed = if self.ai { 5 } else { 7 };
        if instructs(&text) < needed || !is_prose(&text) || text.len() < 60 {
            return;
        }
        let name = match self.bound.get(&token) {
            Some(name) => outline.tokens.text(*name).trim_matches('"').to_owned(),
            None => self.text_name(token, "template"),
        };
        let seen =
            Seen { method: Method::Matched, ..self.seen(Extent::new(start, end), "prompt-text", 0, 65) };
        self.out.see(&key, seen, |key| asset(key, &name, "template", &text));
        self.given.push((token, key));
    }

    fn is_shown(&self, token: u32) -> bool {
        const SHOWS: &[&str] = &[
            "print",
            "log",
            "error",
            "exception",
            "warn",
            "panic",
            "fatal",
            "description",
            "assert",
            "help",
            "write",
        ];
        let tokens = &self.outline().tokens;
        // `strings.Contains(text, "…")` looks for it.
        let is_sought =
            |back| matches!(tokens.text(token.wrapping_sub(back)), "Contains" | "contains" | "HasPrefix");
        if (2..=5).any(is_sought) {
            return true;
        }
        (1..=3).any(|back| {
            let word = tokens.text(token.wrapping_sub(back)).to_ascii_lowercase();
            words::has_any(&word, SHOWS)
        })
    }

    fn speaks(&mut self, name: &str, found: &Found) {
        let Some(text) = found.text().filter(|text| text.len() >= 30) else { return };
        let key = prompt::key(found.at.start);
        if self.out.has(&key) {
            return;
        }
        let cues = instructs(text);
        let lower = name.to_ascii_lowercase();
        // What is shown to people or describes a tool is no prompt of its own.
        const OTHER: &[&str] = &[
            "description",
            "usage",
            "help",
            "docs",
            "doctemplate",
            "schema",
            "html",
            "example",
            "_desc",
            "sql",
        ];
        let is_data = text.trim_start().starts_with(['{', '[', '<']) && cues < 6;
        if words::has_any(&lower, OTHER) || is_data {
            return;
        }
        let named = words::has_any(&lower, &["prompt", "instruction", "system", "template", "persona"]);
        // `CONTEXT_PROMPT = "Answer with this:\n%s"`, where AI is at work.
        let asked = self.ai && lower.ends_with("prompt") && is_sentence(text) && text.contains(['\n', '{']);
        let speaks = cues >= 4 || named && (cues >= 2 || cues == 1 && text.len() >= 200) || asked;
        if speaks && is_prose(text) && !matches!(role(name), Some((Role::Url, _))) {
            let at: Extent = found.at;
            let seen = Seen { method: Method::Matched, ..self.seen(at, "prompt-text", 0, 70) };
            self.out.see(&key, seen, |key| asset(key, name, "template", text));
        }
    }
}

/// Whether a name says that it holds a prompt.
fn names_prompt(name: &str) -> bool {
    words::has_any(&name.to_ascii_lowercase(), &["prompt", "instructions", "system_message", "systemmessage"])
}
