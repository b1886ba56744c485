//! Prompts, by where a text flows: the system message of a conversation, an argument that is one, a template.

use super::Look;
use super::slots::role;
use crate::flow::{Found, Value};
use crate::outline::{Declares, Form, Range, SlotKind};
use crate::scan::Kind;
use crate::text;
use inventar_analysis::prompt::{asks, asset, instructs, is_prose, is_sentence, says_who};
use inventar_analysis::words::{self, Role};
use inventar_analysis::{Extent, Seen};
use inventar_plugin_sdk::{Asset, Method};

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
    fn prompt_of_file(&mut self, path: &str, at: Extent, place: u32, role: &'static str) {
        let name = path.rsplit('/').next().unwrap_or(path);
        let key = format!("prompt:{}", at.start);
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
        let key = format!("prompt:{}", at.start);
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
            let is_new = !self.out.has(&format!("prompt:{}", found.at.start));
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
            && !self.out.has(&format!("prompt:{}", found.at.start))
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
        let key = format!("prompt:{}", found.at.start);
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

    pub(super) fn is_system(&self, value: Range) -> Option<bool> {
        let tokens = &self.outline().tokens;
        if value.1 == value.0 + 1 && tokens.kind(value.0) == Kind::Text {
            let text = text::read(tokens.text(value.0), self.outline().language()).text;
            return match text.as_str() {
                "system" | "developer" | "System" => Some(true),
                "user" | "human" => Some(false),
                _ => None,
            };
        }
        if value.1 - value.0 > 12 {
            return None;
        }
        let speaks = (value.0..value.1).any(|at| {
            words::has_any(
                tokens.text(at),
                &["ystem", "YSTEM", "eveloper", "EVELOPER", "ser", "SER", "uman", "UMAN"],
            )
        });
        if !speaks {
            return None;
        }
        // `openai.ChatMessageRoleSystem`, `ChatRole.System`, `Role::System`.
        let last = (value.0..value.1).rev().find(|at| {
            tokens.is_word(*at)
                && !matches!(
                    tokens.text(*at),
                    "into" | "to_string" | "toString" | "value" | "getValue" | "name" | "lowercase"
                )
        })?;
        // Behind it at most what a role is called: `SystemColor` is none.
        let mut words = crate::names::words(tokens.text(last));
        while words
            .last()
            .is_some_and(|word| matches!(word.as_str(), "role" | "message" | "msg" | "type" | "chat"))
        {
            words.pop();
        }
        let is = |word: &str| words.last().is_some_and(|other| other == word);
        match () {
            () if is("system") || is("developer") => Some(true),
            () if is("user") || is("human") => Some(false),
            () => None,
        }
    }

    /// `{Role: "system", Content: "…"}` in any spelling.
    pub(super) fn messages(&mut self) {
        let outline = self.outline();
        for (id, slot) in outline.slots.iter().enumerate() {
            let name = outline.tokens.text(slot.name).trim_matches('"').to_ascii_lowercase();
            if name != "role" || slot.kind == SlotKind::Value && slot.owner.is_none() {
                continue;
            }
            let system = self.is_system(slot.value);
            if system.is_none() && !self.is_assistant(slot.value) {
                continue;
            }
            let from = id.saturating_sub(2);
            let content = outline.slots[from..].iter().take(6).find(|other| {
                let name = outline.tokens.text(other.name).trim_matches('"').to_ascii_lowercase();
                other.owner == slot.owner
                    && matches!(name.as_str(), "content" | "parts" | "text" | "multicontent")
                    && (other.name > slot.name || other.value.1 <= slot.name)
                    && slot.name.abs_diff(other.name) < 4_000
            });
            let Some(content) = content else { continue };
            match system {
                Some(true) => self.prompt_place(content.value, "system", "system-message"),
                Some(false) => self.template_place(content.value, "user-message"),
                None => self.role_given(content.value),
            }
        }
    }

    /// `openai.ChatMessageRoleAssistant`, `"assistant"`.
    fn is_assistant(&self, value: Range) -> bool {
        let tokens = &self.outline().tokens;
        value.1 - value.0 <= 12
            && (value.0..value.1).any(|at| tokens.text(at).to_ascii_lowercase().contains("assistant"))
    }

    /// What the assistant is made to have said: a prompt where that tells it who it is.
    fn role_given(&mut self, value: Range) {
        for found in self.flow.values(value) {
            if found.text().is_some_and(|text| is_prose(text) && instructs(text) >= 4) {
                self.prompt_found(&found, value.0, "template", "assistant-message");
            }
        }
    }

    /// `new ChatMessage(ChatRole.System, "…")`, `llms.TextParts(llms.ChatMessageTypeSystem, "…")`, `("system", "…")`.
    pub(super) fn system_call(&mut self, id: u32) {
        let call = self.call(id);
        let outline = self.outline();
        if !matches!(call.form, Form::Call | Form::New | Form::Macro) || call.close <= call.open + 2 {
            return;
        }
        // `.role(Role::System).content("…")`.
        if matches!(outline.name(call), "role" | "Role") {
            let content = self.named(id, &["content", "text"]);
            if let Some(content) = content
                && self.is_system((call.open + 1, call.close)) == Some(true)
            {
                self.prompt_place(content, "system", "system-message");
            }
            return;
        }
        if !outline.tokens.is_word(call.open + 1) && outline.tokens.kind(call.open + 1) != Kind::Text {
            return;
        }
        let comma = (call.open + 2..call.close.min(call.open + 10)).find(|at| outline.tokens.is(*at, ","));
        let Some(comma) = comma else { return };
        let Some(system) = self.is_system((call.open + 1, comma)) else { return };
        let telling =
            matches!(outline.tokens.text(call.open + 1), "ChatRole" | "AuthorRole" | "ChatMessageRole");
        let ai = self.is_ai(id).unwrap_or(self.ai || telling);
        let arguments = outline.arguments(call);
        // `Message::new("system", "…")` of a project that has no library.
        let of_message =
            outline.path(call).iter().any(|part| words::has_any(part, &["essage", "Msg", "msg"]));
        match arguments.get(1).filter(|_| ai || system && of_message) {
            Some((_, content)) if system => self.prompt_place(*content, "system", "system-message"),
            Some((_, content)) => self.said_place(*content),
            None => {}
        }
    }

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
                if is_told
                    && is_sentence(text)
                    && !asks(text)
                    && !self.out.has(&format!("prompt:{}", found.at.start))
                {
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
            if is_prose(text) && !asks(text) && !self.out.has(&format!("prompt:{}", found.at.start)) {
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
            if is_told && !self.out.has(&format!("prompt:{}", found.at.start)) {
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
        let key = format!("prompt:{start}");
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
        let key = format!("prompt:{}", found.at.start);
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

/// Whether a name says that it holds a prompt.
fn names_prompt(name: &str) -> bool {
    words::has_any(&name.to_ascii_lowercase(), &["prompt", "instructions", "system_message", "systemmessage"])
}
