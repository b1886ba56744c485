//! Prompts, by where a text flows: an argument that is one, a template, a type that holds them.

use super::Look;
use crate::flow::{Found, Value};
use crate::outline::{Declares, Form, Range};
use crate::scan::Kind;
use inventar_analysis::Extent;
use inventar_analysis::prompt::{self, asset, instructs, is_prose, is_sentence, says_who};
use inventar_plugin_sdk::Asset;

impl Look<'_, '_, '_> {
    /// What stands where a system text is expected.
    pub(super) fn prompt_place(&mut self, value: Range, role: &'static str, rule: &'static str) {
        self.prompt_in(value, value.0, role, rule, 0);
    }

    fn prompt_in(&mut self, value: Range, place: u32, role: &'static str, rule: &'static str, depth: u8) {
        let all = self.flow.values(value);
        // `Instructions = instructions.ToString()`, where a builder was given the text.
        if depth == 0
            && !all
                .iter()
                .any(|found| matches!(found.value, Value::Text { .. } | Value::File(_) | Value::List(_)))
            && let Some(found) = self.built(value)
        {
            self.prompt_found(&found, place, role, rule);
            return;
        }
        for found in all {
            match &found.value {
                Value::Text { text, .. } if is_prose(text) => self.prompt_found(&found, place, role, rule),
                Value::List(items) if depth < 2 => {
                    for item in items.iter().take(8) {
                        self.prompt_in(*item, place, role, rule, depth + 1);
                    }
                }
                // Anthropic's `[]TextBlockParam{{Text: "…"}}`, Gemini's `genai.NewContentFromText("…")`.
                Value::Object(id) if depth < 3 => {
                    let id = *id;
                    let inner = self
                        .named(id, &["Text", "text", "Content", "content", "Parts", "parts", "Instructions"])
                        .or_else(|| self.outline().arguments(self.call(id)).first().map(|(_, value)| *value));
                    if let Some(inner) = inner {
                        self.prompt_in(inner, place, role, rule, depth + 1);
                    }
                }
                Value::Function(id) if depth < 2 => self.prompt_function(*id, place, role, rule),
                Value::File(path) => self.prompt_of_file(path, found.at, place, role),
                _ => {}
            }
        }
    }

    /// Whether what stands there tells somebody what to do, or is no text of this file.
    pub(super) fn instructs(&self, value: Range) -> bool {
        let found = self.flow.values(value);
        let mut texts = found.iter().filter_map(Found::text).peekable();
        texts.peek().is_none() || texts.any(|text| instructs(text) >= 1)
    }

    /// A text that the compiler takes from a file.
    pub(super) fn prompt_of_file(&mut self, path: &str, at: Extent, place: u32, role: &'static str) {
        let name = path.rsplit('/').next().unwrap_or(path);
        let key = prompt::key(at.start);
        let seen = self.seen_from(at, place, "embedded-prompt", 0, 85);
        self.out.see(&key, seen, |key| {
            Asset::new(key, "prompt", name).property("role", role).property("file", path)
        });
        self.given.push((place, key));
    }

    /// A function of this file that makes the text: the prompt stands where it is defined.
    fn prompt_function(&mut self, id: u32, place: u32, role: &'static str, rule: &'static str) {
        let outline = self.outline();
        let function = &outline.declarations[id as usize];
        let Some(text) = self.returned(id).and_then(|found| Some(found.text()?.to_owned())) else { return };
        if !is_prose(&text) {
            return;
        }
        let name = outline.tokens.text(function.name);
        let at = self.extent(function.name, function.name);
        let seen = self.seen(at, rule, 1, 85);
        let key = prompt::key(at.start);
        self.out.see(&key, seen, |key| asset(key, name, role, &text));
        self.given.push((place, key));
    }

    /// The first text that a function returns, where all of it is known.
    pub(super) fn returned_text(&self, id: u32) -> Option<String> {
        self.returned(id)?.whole().map(str::to_owned)
    }

    /// The first text that a function returns.
    pub(super) fn returned(&self, id: u32) -> Option<Found> {
        let outline = self.outline();
        let function = &outline.declarations[id as usize];
        if function.declares != Declares::Function || function.body.1 <= function.body.0 {
            return None;
        }
        let tokens = &outline.tokens;
        let text_of = |range: Range| self.flow.values(range).into_iter().find(|found| found.text().is_some());
        if !tokens.is(function.body.0, "{") {
            return text_of(function.body);
        }
        let (mut at, mut steps, mut last) = (function.body.0 + 1, 0, function.body.0 + 1);
        while at < function.body.1 && steps < 600 {
            if tokens.is(at, "return") {
                let mut end = at + 1;
                while end < function.body.1
                    && !tokens.is(end, ";")
                    && !(outline.language().newline_ends
                        && tokens.starts_line(end)
                        && end > at + 1
                        && !matches!(tokens.text(end), "." | "+"))
                {
                    end = tokens.after(end);
                }
                return text_of((at + 1, end));
            }
            if matches!(tokens.text(at), ";" | "}") {
                last = at + 1;
            }
            at = tokens.after(at);
            steps += 1;
        }
        text_of((last, function.body.1))
    }

    /// A user's message: only what is kept as a template or constant is a prompt.
    pub(super) fn template_place(&mut self, value: Range, rule: &'static str) {
        for found in self.flow.values(value) {
            let Some(text) = found.text() else { continue };
            let kept = found.hops > 0 && found.name.is_some();
            let is_kept = text.len() >= 60
                && is_prose(text)
                && kept
                && (instructs(text) >= 1 || text.len() >= 200 && text.contains('{'));
            if is_kept || is_form(text) {
                self.prompt_found(&found, value.0, "template", rule);
            }
        }
    }

    /// What a program says for its user: a prompt where it tells the model how to go about something.
    pub(super) fn said_place(&mut self, value: Range) {
        for found in self.flow.values(value) {
            // `user(u -> u.text("…").param("topic", topic))`.
            let inner = match found.value {
                Value::Object(id) => {
                    let outline = self.outline();
                    let first = self.call(self.call(id).root);
                    let text = outline.arguments(first).first().map(|(_, text)| *text);
                    text.filter(|_| outline.name(first) == "text").map(|text| self.flow.values(text))
                }
                _ => None,
            };
            for found in inner.unwrap_or_else(|| vec![found]) {
                let Some(text) = found.text().filter(|text| is_prose(text)) else { continue };
                let is_told = text.len() >= 60 && (instructs(text) >= 1 || text.contains(['\n', '{']));
                if is_told || is_form(text) {
                    self.prompt_found(&found, value.0, "template", "user-message");
                }
            }
        }
    }

    /// `subgraphWithTask(…) { markdown { +"…" } }`: the block behind a call, by its first sentence.
    pub(super) fn block_prompt(&mut self, id: u32) {
        let call = self.call(id);
        let tokens = &self.outline().tokens;
        // A call goes on to the end of its block.
        let open = tokens.after(call.open);
        if open >= call.close || !tokens.is(open, "{") {
            return;
        }
        let texts = (open + 1..call.close).take(400).filter(|at| tokens.kind(*at) == Kind::Text);
        let told = texts.flat_map(|at| self.flow.values((at, at + 1))).find(|found| {
            let text = found.text().unwrap_or_default();
            text.len() >= 40 && is_prose(text)
        });
        if let Some(found) = told {
            self.prompt_found(&found, open, "template", "prompt-block");
        }
    }

    /// `Prompt("Short", "Write a …")`: types that are called a prompt, and hold one.
    pub(super) fn prompt_by_name(&mut self, id: u32) {
        let call = self.call(id);
        let outline = self.outline();
        let path = outline.path(call);
        let is_type = |name: &str| name.starts_with(|c: char| c.is_ascii_uppercase());
        let holder = match (call.form, path.as_slice()) {
            (Form::New | Form::Literal, [.., of, name]) => Some(if is_type(name) { *name } else { *of }),
            (Form::New | Form::Literal, [name]) => Some(*name),
            // `Prompt::confirm("…")` makes none: a type makes one by itself, or by what is called so.
            (Form::Call, [.., name]) if is_type(name) => Some(*name),
            (Form::Call, [.., of, "new" | "from" | "of" | "apply" | "create"]) => Some(*of),
            _ => None,
        };
        let is_made =
            call.form != Form::Call || matches!(outline.language().name, "kotlin" | "rust" | "scala");
        if !is_made || !holder.is_some_and(is_prompt_type) {
            return;
        }
        let given = self.given_name(id, None, &["name", "Name", "title", "Title", "id"]);
        let arguments = outline.arguments(call);
        let first = arguments.first().and_then(|(_, value)| self.flow.first_text(*value));
        let name = given.or(first.filter(|first| super::marks::is_name(first)));
        for (_, value) in arguments.into_iter().take(12) {
            for found in self.flow.values(value) {
                if self.is_told_by_name(&found) {
                    self.prompt_guessed(&found, value.0, "prompt-type", name.as_deref());
                }
            }
        }
    }

    /// The text of a request, where it is written there.
    pub(super) fn prompt_sent(&mut self, value: Range) {
        let mut all = self.flow.values(value);
        if all.iter().all(|found| found.text().is_none()) {
            // `prompt = lines.ToString()`.
            all.extend(self.built(value));
        }
        for found in all {
            let is_new = !self.has_prompt(&found);
            if is_new && found.hops == 0 && found.text().is_some_and(is_sentence) {
                self.prompt_guessed(&found, value.0, "prompt-argument", None);
            }
        }
    }

    /// `settings.prompt = "…"`, `Prompt: "…"`, where no library says what it is for.
    pub(super) fn prompt_assigned(&mut self, value: Range) {
        for found in self.flow.values(value) {
            if found.hops == 0 && self.is_told_by_name(&found) {
                self.prompt_guessed(&found, value.0, "prompt-variable", None);
            }
        }
    }

    /// Whether a text is a prompt where only a name says that it is one, and was not seen yet. Without a library of AI it
    /// must say who the model is, or be filled in.
    fn is_told_by_name(&mut self, found: &Found) -> bool {
        let text = found.text().unwrap_or_default();
        found.instructs_by_name()
            && (says_who(text) || text.contains(['{', '\n']) || self.speaks_of_models())
            && !self.has_prompt(found)
    }

    /// Whether a text was seen as a prompt.
    pub(super) fn has_prompt(&self, found: &Found) -> bool {
        self.out.has(&prompt::key(found.at.start))
    }

    /// One text, where it is written.
    pub(super) fn prompt_found(&mut self, found: &Found, place: u32, role: &'static str, rule: &'static str) {
        self.prompt_named(found, place, role, rule, None, 90);
    }

    /// One text that only a name of the project's own says to be a prompt.
    pub(super) fn prompt_guessed(
        &mut self,
        found: &Found,
        place: u32,
        rule: &'static str,
        name: Option<&str>,
    ) {
        let confidence = if self.ai { 80 } else { 70 };
        self.prompt_named(found, place, "template", rule, name, confidence);
    }

    pub(super) fn prompt_named(
        &mut self,
        found: &Found,
        place: u32,
        role: &'static str,
        rule: &'static str,
        name: Option<&str>,
        confidence: u8,
    ) {
        let outline = self.outline();
        let text = found.text().unwrap_or_default();
        let held = found.name.filter(|_| found.hops > 0).or_else(|| self.bound.get(&found.token).copied());
        let name = match (name, held) {
            (Some(name), _) => name.to_owned(),
            (None, Some(held)) => outline.tokens.text(held).to_owned(),
            (None, None) => self.text_name(found.token, role),
        };
        let key = prompt::key(found.at.start);
        let seen = self.seen_from(found.at, place, rule, found.hops, confidence);
        self.out.see(&key, seen, |key| asset(key, &name, role, text));
        self.given.push((place, key));
    }

    /// Whose text it is: the function or type around.
    pub(super) fn text_name(&self, token: u32, role: &str) -> String {
        let outline = self.outline();
        // The innermost declaration by place: those of a file are few and in order.
        let before = outline.declarations.partition_point(|declaration| declaration.name < token);
        let around = outline.declarations[..before].iter().rev().take(64).find(|declaration| {
            declaration.body.1 >= token && !matches!(outline.tokens.text(declaration.keyword), "mod")
        });
        match around {
            Some(around) => format!("{} {role} prompt", outline.tokens.text(around.name)),
            None => format!("{role} prompt"),
        }
    }
}

/// Whether a type is called a prompt, and not one that a program shows to somebody.
fn is_prompt_type(name: &str) -> bool {
    /// What people are asked for at a screen.
    const SHOWN: &[&str] = &[
        "alert",
        "choice",
        "command",
        "confirm",
        "confirmation",
        "console",
        "credential",
        "credentials",
        "delete",
        "dialog",
        "input",
        "install",
        "login",
        "password",
        "permission",
        "question",
        "select",
        "selection",
        "shell",
        "terminal",
        "update",
        "user",
        "yes",
    ];
    let words = crate::names::words(name);
    ["Prompt", "PromptTemplate", "PromptConfig"].iter().any(|end| name.ends_with(end))
        && !words.iter().any(|word| SHOWN.contains(&word.as_str()))
}

/// Whether a short text is filled in over several lines: `Context:\n{}\n\nQuestion: {}`.
pub(super) fn is_form(text: &str) -> bool {
    text.contains('\n')
        && text.contains('{')
        && is_prose(text)
        && (text.matches('{').count() > 1 || is_sentence(text))
}
